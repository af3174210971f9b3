/*
 * ipc.c - System V IPC and POSIX queues under storms: many at one object, which goes meanwhile.
 *
 * Nothing may be lost, given twice, or left behind: sums are counted, and the kernel is asked at the
 * end how many objects there are.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IPC_CREAT  01000
#define IPC_NOWAIT 04000
#define IPC_RMID   0
#define SEM_UNDO   0x1000
#define GETVAL	   12
#define SETVAL	   16
#define USED	   14 /* SHM_INFO */
#define SEM_INFO   19
#define MSG_INFO   12

struct op {
	unsigned short num;
	short op, flags;
};

struct msg {
	long type;
	long value;
};

static long semop(long id, int num, int op, int flags)
{
	struct op o = { (unsigned short)num, (short)op, (short)flags };

	return syscall(__NR_semop, id, &o, 1);
}

static long sem_make(int n)
{
	long id = syscall(__NR_semget, 0, n, 0600);

	CHECK(id >= 0);
	return id;
}

/* Objects of a kind that exist. */
static int used_sems(void)
{
	int info[10];

	CHECK(syscall(__NR_semctl, 0, 0, SEM_INFO, info) >= 0);
	return info[7];
}

static int used_queues(void)
{
	int info[8];

	CHECK(syscall(__NR_msgctl, 0, MSG_INFO, info) >= 0);
	return info[0];
}

static int used_segments(void)
{
	int info[12];

	CHECK(syscall(__NR_shmctl, 0, USED, info) >= 0);
	return info[0];
}

static long *shared_words(void)
{
	long *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void wait_all(void)
{
	while (wait(NULL) > 0)
		continue;
}

static void killed(pid_t pid)
{
	int status;

	CHECK(!kill(pid, SIGKILL));
	status = wait_for(pid);
	if (!WIFSIGNALED(status))
		fail("a child ended with wait status %#x", status);
}

static void one_ok(void)
{
	int status;

	CHECK(wait(&status) > 0);
	if (status)
		fail("a child ended with wait status %#x", status);
}

/* ---- semaphores --------------------------------------------------------------------------- */

/* A lock whose holders are killed: SEM_UNDO gives it back each time, and only once. */
static void sem_killed_holders(void)
{
	long id = sem_make(1), *inside = shared_words();
	pid_t pids[6];

	CHECK(!syscall(__NR_semctl, id, 0, SETVAL, 1l));
	for (int round = 0; round < 25; round++) {
		*inside = 0;
		for (int i = 0; i < 6; i++) {
			pids[i] = spawn();
			if (pids[i])
				continue;
			for (;;) {
				if (semop(id, 0, -1, SEM_UNDO))
					_exit(1);
				if (__atomic_fetch_add(inside, 1, __ATOMIC_SEQ_CST) > 5)
					_exit(2); /* more than were killed in there */
				__atomic_fetch_sub(inside, 1, __ATOMIC_SEQ_CST);
				if (semop(id, 0, 1, SEM_UNDO))
					_exit(3);
			}
		}
		sleep_ms(3);
		for (int i = 0; i < 6; i++) {
			killed(pids[i]);
		}
		CHECK(syscall(__NR_semctl, id, 0, GETVAL, 0) == 1);
	}
	CHECK(!syscall(__NR_semctl, id, 0, IPC_RMID, 0));
	CHECK(!used_sems());
}

/* Tokens go round a ring of semaphores: each mover takes one here and puts it there at once. */
static void sem_ring(void)
{
	enum { RING = 5, MOVERS = 10, MOVES = 300 };
	long id = sem_make(RING), sum = 0;

	for (int i = 0; i < RING; i++)
		CHECK(!syscall(__NR_semctl, id, i, SETVAL, 2l));
	for (int m = 0; m < MOVERS; m++) {
		if (spawn())
			continue;
		for (int i = 0; i < MOVES; i++) {
			unsigned short at = (unsigned short)((m + i) % RING);
			unsigned short to = (unsigned short)((at + 1) % RING);
			struct op ops[2] = { { at, -1, SEM_UNDO }, { to, 1, SEM_UNDO } };

			if (syscall(__NR_semop, id, ops, 2))
				_exit(1);
			ops[0] = (struct op){ to, -1, SEM_UNDO };
			ops[1] = (struct op){ at, 1, SEM_UNDO };
			if (syscall(__NR_semop, id, ops, 2))
				_exit(1);
		}
		_exit(0);
	}
	for (int m = 0; m < MOVERS; m++)
		one_ok();
	for (int i = 0; i < RING; i++)
		sum += syscall(__NR_semctl, id, i, GETVAL, 0);
	CHECK(sum == 2 * RING);
	CHECK(!syscall(__NR_semctl, id, 0, IPC_RMID, 0));
	CHECK(!used_sems());
}

/* Waiters, changers and enders, and the set removed under all of them. */
static void sem_removed(void)
{
	for (int round = 0; round < 40; round++) {
		long id = sem_make(3);

		for (int i = 0; i < 8; i++) {
			struct op ops[2] = { { 0, -1, SEM_UNDO },
					     { 1, (short)(i % 2 ? -1 : 1), SEM_UNDO } };

			if (spawn())
				continue;
			while (!syscall(__NR_semop, id, ops, 2) && !semop(id, 0, 1, SEM_UNDO))
				continue;
			_exit(errno != EIDRM && errno != EINVAL);
		}
		for (int i = 0; i < 20; i++)
			semop(id, i % 2, 1, 0);
		CHECK(!syscall(__NR_semctl, id, 0, IPC_RMID, 0));
		for (int i = 0; i < 8; i++)
			one_ok();
	}
	CHECK(!used_sems());
}

/* ---- message queues --------------------------------------------------------------------------- */

/* Each message arrives once, by type and by any. */
static void msg_sums(void)
{
	enum { SENDERS = 4, EACH = 400 };
	long id = syscall(__NR_msgget, 0, 0600), *sum = shared_words();
	struct msg m;

	CHECK(id >= 0);
	for (int s = 0; s < SENDERS; s++) {
		if (spawn())
			continue;
		for (long i = 1; i <= EACH; i++) {
			m = (struct msg){ s + 1, i };
			if (syscall(__NR_msgsnd, id, &m, sizeof(m.value), 0))
				_exit(1);
		}
		_exit(0);
	}
	for (int r = 0; r < SENDERS; r++) {
		if (spawn())
			continue;
		for (int i = 0; i < EACH; i++) {
			if (syscall(__NR_msgrcv, id, &m, sizeof(m.value), r % 2 ? r + 1l : -1l - r,
				    0) < 0)
				_exit(errno != EIDRM && errno != EINVAL);
			__atomic_fetch_add(&sum[0], m.value, __ATOMIC_SEQ_CST);
			if (__atomic_add_fetch(&sum[1], 1, __ATOMIC_SEQ_CST) == SENDERS * EACH)
				syscall(__NR_msgctl, id, IPC_RMID, 0);
		}
		_exit(0);
	}
	/* A receiver of types up to r may have taken another's: the rest is ours. */
	while (syscall(__NR_msgrcv, id, &m, sizeof(m.value), 0, 0) >= 0) {
		__atomic_fetch_add(&sum[0], m.value, __ATOMIC_SEQ_CST);
		if (__atomic_add_fetch(&sum[1], 1, __ATOMIC_SEQ_CST) == SENDERS * EACH)
			break;
	}
	syscall(__NR_msgctl, id, IPC_RMID, 0);
	wait_all();
	CHECK(sum[0] == SENDERS * EACH * (EACH + 1l) / 2);
	CHECK(!used_queues());
}

/* Full queues, empty queues, killed waiters, removal. */
static void msg_removed(void)
{
	for (int round = 0; round < 40; round++) {
		static char big[4096 + sizeof(long)];
		long id = syscall(__NR_msgget, 0, 0600);
		pid_t first = 0;

		CHECK(id >= 0);
		*(long *)big = 1;
		for (int i = 0; i < 8; i++) {
			pid_t pid = spawn();

			first = i ? first : pid;
			if (pid)
				continue;
			for (;;) {
				long r = i % 2 ? syscall(__NR_msgsnd, id, big, 4096, 0) :
						 syscall(__NR_msgrcv, id, big, 4096, 0, 0);

				if (r < 0)
					_exit(errno != EIDRM && errno != EINVAL);
			}
		}
		sleep_ms(2);
		kill(first, SIGKILL);
		CHECK(!syscall(__NR_msgctl, id, IPC_RMID, 0));
		wait_for(first);
		for (int i = 1; i < 8; i++)
			one_ok();
	}
	CHECK(!used_queues());
}

/* ---- shared memory ----------------------------------------------------------------------------- */

static void one_segment(unsigned int *seed)
{
	size_t n = (size_t)(rand_r(seed) % 8 + 1) * 4096;
	long id = syscall(__NR_shmget, 0, n, 0600);
	char *p;

	if (id < 0)
		return;
	p = (char *)syscall(__NR_shmat, id, 0, 0);
	CHECK(p != (void *)-1);
	if (rand_r(seed) % 2)
		CHECK(!syscall(__NR_shmctl, id, IPC_RMID, 0));
	p[n - 1] = 1;
	if (!fork()) {
		p[0] = 1;
		if (rand_r(seed) % 2)
			munmap(p, 4096);
		_exit(0);
	}
	if (rand_r(seed) % 2)
		CHECK(!syscall(__NR_shmdt, p) || n == 4096);
	syscall(__NR_shmctl, id, IPC_RMID, 0);
	wait(NULL);
}

/* Segments made, attached, shared by fork, cut and removed by many, some of them killed. */
static void shm_storm(void)
{
	pid_t pids[8];

	for (int i = 0; i < 8; i++) {
		unsigned int seed = (unsigned int)i + 1;

		pids[i] = spawn();
		if (pids[i])
			continue;
		for (int k = 0; k < 60; k++)
			one_segment(&seed);
		_exit(0);
	}
	for (int i = 0; i < 8; i++)
		wait_ok(pids[i]);
	CHECK(!used_segments());
}

/* All attach to one segment while it is removed: whoever got it has it. */
static void shm_removed(void)
{
	for (int round = 0; round < 60; round++) {
		long id = syscall(__NR_shmget, 0, 8192, 0600);
		int *first = (int *)syscall(__NR_shmat, id, 0, 0);

		CHECK(id >= 0 && first != (void *)-1);
		*first = round;
		for (int i = 0; i < 6; i++) {
			if (spawn())
				continue;
			syscall(__NR_shmdt, first);
			for (int k = 0; k < 20; k++) {
				int *p = (int *)syscall(__NR_shmat, id, 0, 0);

				if (p == (void *)-1)
					_exit(errno != EINVAL && errno != EIDRM);
				if (*p != round || syscall(__NR_shmdt, p))
					_exit(1);
			}
			_exit(0);
		}
		CHECK(!syscall(__NR_shmctl, id, IPC_RMID, 0));
		CHECK(!syscall(__NR_shmdt, first));
		for (int i = 0; i < 6; i++)
			one_ok();
	}
	CHECK(!used_segments());
}

/* ---- POSIX message queues ------------------------------------------------------------------------ */

static int mq_make(const char *name, long messages)
{
	long attr[8] = { 0, messages, sizeof(long), 0 };
	int fd = (int)syscall(__NR_mq_open, name, O_CREAT | O_EXCL | O_RDWR, 0600, attr);

	CHECK(fd >= 0);
	CHECK(!syscall(__NR_mq_unlink, name));
	return fd;
}

static void mq_sums(void)
{
	enum { SENDERS = 4, EACH = 400 };
	int fd = mq_make("sums", 3);
	long *sum = shared_words(), v;

	for (int s = 0; s < SENDERS; s++) {
		if (spawn())
			continue;
		for (v = 1; v <= EACH; v++)
			if (syscall(__NR_mq_timedsend, fd, &v, sizeof(v), v % 5, NULL))
				_exit(1);
		_exit(0);
	}
	for (int r = 0; r < SENDERS; r++) {
		if (spawn())
			continue;
		for (int i = 0; i < EACH; i++) {
			if (syscall(__NR_mq_timedreceive, fd, &v, sizeof(v), NULL, NULL) !=
			    sizeof(v))
				_exit(1);
			__atomic_fetch_add(sum, v, __ATOMIC_SEQ_CST);
		}
		_exit(0);
	}
	for (int i = 0; i < 2 * SENDERS; i++)
		one_ok();
	CHECK(*sum == SENDERS * EACH * (EACH + 1l) / 2);
	close(fd);
}

static volatile int notified;

static void on_notify(int sig)
{
	(void)sig;
	notified++;
}

/* Deadlines, signals and kills at a full and at an empty queue; and who is told of a message. */
static void mq_storm(void)
{
	int fd = mq_make("storm", 2);
	struct sigaction sa = { .sa_handler = on_notify };
	pid_t pids[6];
	long v = 1;

	CHECK(!sigaction(SIGUSR1, &sa, NULL));
	for (int round = 0; round < 15; round++) {
		for (int i = 0; i < 6; i++) {
			pids[i] = spawn();
			if (pids[i])
				continue;
			for (;;) {
				int event[16] = { 0, 0, SIGUSR1, 0 };
				struct timespec soon;

				clock_gettime(CLOCK_REALTIME, &soon);
				soon.tv_nsec = (soon.tv_nsec + 100000) % 1000000000;
				syscall(__NR_mq_notify, fd, event);
				if (i % 2)
					syscall(__NR_mq_timedsend, fd, &v, sizeof(v), i, &soon);
				else
					syscall(__NR_mq_timedreceive, fd, &v, sizeof(v), NULL,
						&soon);
			}
		}
		sleep_ms(4);
		for (int i = 0; i < 6; i++) {
			killed(pids[i]);
		}
	}
	close(fd);
}

const struct test ipc_tests[] = {
	{ "sem-killed-holders", sem_killed_holders, 60 },
	{ "sem-ring", sem_ring, 60 },
	{ "sem-removed", sem_removed, 60 },
	{ "msg-sums", msg_sums, 60 },
	{ "msg-removed", msg_removed, 60 },
	{ "shm-storm", shm_storm, 60 },
	{ "shm-removed", shm_removed, 60 },
	{ "mq-sums", mq_sums, 60 },
	{ "mq-storm", mq_storm, 60 },
	{ NULL, NULL, 0 },
};
