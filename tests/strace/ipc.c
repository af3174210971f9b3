/*
 * Traced by programs.py: calls of System V IPC and of POSIX queues that work, so that what comes back
 * is shown too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void segments(void)
{
	int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0640);
	struct shmid_ds ds;
	char *p = shmat(id, NULL, SHM_RDONLY);

	shmctl(id, IPC_STAT, &ds);
	ds.shm_perm.mode = 0604;
	shmctl(id, IPC_SET, &ds);
	shmctl(id, SHM_LOCK, NULL);
	shmctl(id, IPC_RMID, NULL);
	shmdt(p);
	shmget(0x1234, 1, 0);
}

static void semaphores(void)
{
	int id = semget(0x5a5a0001, 2, IPC_CREAT | IPC_EXCL | 0600);
	struct sembuf ops[2] = { { 0, 2, SEM_UNDO }, { 1, 0, IPC_NOWAIT } };
	struct timespec soon = { 0, 1000000 };

	semop(id, ops, 2);
	ops[0].sem_op = -3;
	semtimedop(id, ops, 1, &soon);
	syscall(SYS_semctl, id, 0, GETVAL, 0);
	syscall(SYS_semctl, id, 1, SETVAL, 7);
	syscall(SYS_semctl, id, 0, IPC_RMID, 0);
}

static void messages(void)
{
	int id = msgget(IPC_PRIVATE, 0600);
	struct msqid_ds ds;
	struct {
		long type;
		char text[40];
	} m = { 3, "a message" };

	msgsnd(id, &m, 9, IPC_NOWAIT);
	msgrcv(id, &m, sizeof(m.text), -5, MSG_NOERROR);
	msgrcv(id, &m, sizeof(m.text), 0, IPC_NOWAIT);
	msgctl(id, IPC_STAT, &ds);
	msgctl(id, IPC_SET, &ds);
	msgctl(id, IPC_RMID, NULL);
}

static void queues(void)
{
	struct mq_attr a = { .mq_maxmsg = 2, .mq_msgsize = 16 }, old;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int q = mq_open("/traced", O_RDWR | O_CREAT, 0600, &a);
	struct timespec past = { 1, 0 };
	char buf[16];
	unsigned prio;

	mq_getattr(q, &a);
	mq_notify(q, &ev);
	mq_notify(q, NULL);
	mq_send(q, "hello", 5, 3);
	mq_timedreceive(q, buf, sizeof(buf), &prio, &past);
	mq_timedreceive(q, buf, sizeof(buf), &prio, &past);
	a.mq_flags = O_NONBLOCK;
	mq_setattr(q, &a, &old);
	mq_receive(q, buf, sizeof(buf), NULL);
	mq_unlink("/traced");
}

int main(void)
{
	segments();
	semaphores();
	messages();
	queues();
	return 0;
}
