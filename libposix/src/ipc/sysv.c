/*
 * sysv.c - System V's shared memory, semaphores and queues: sysvipc(7).
 */
#include "../internal/syscall.h"

#include <stdarg.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>

key_t ftok(const char *path, int id)
{
	struct stat st;

	if (stat(path, &st))
		return -1;
	return (key_t)((st.st_ino & 0xffff) | (st.st_dev & 0xff) << 16 |
		       ((unsigned int)id & 0xffu) << 24);
}

void *shmat(int id, const void *addr, int flags)
{
	return (void *)RET(SC(__NR_shmat, id, addr, flags));
}

int semctl(int id, int number, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)RET(SC(__NR_semctl, id, number, cmd, arg));
}

int shmctl(int id, int cmd, struct shmid_ds *buf)
{
	return (int)RET(SC(__NR_shmctl, id, cmd, buf));
}

int shmdt(const void *addr)
{
	return (int)RET(SC(__NR_shmdt, addr));
}

int shmget(key_t key, size_t size, int flags)
{
	return (int)RET(SC(__NR_shmget, key, size, flags));
}

int semget(key_t key, int count, int flags)
{
	return (int)RET(SC(__NR_semget, key, count, flags));
}

int semtimedop(int id, struct sembuf *ops, size_t count, const struct timespec *timeout)
{
	return (int)RET(SC(__NR_semtimedop, id, ops, count, timeout));
}

int semop(int id, struct sembuf *ops, size_t count)
{
	return (int)RET(SC(__NR_semtimedop, id, ops, count, 0));
}

int msgctl(int id, int cmd, struct msqid_ds *buf)
{
	return (int)RET(SC(__NR_msgctl, id, cmd, buf));
}

int msgget(key_t key, int flags)
{
	return (int)RET(SC(__NR_msgget, key, flags));
}

ssize_t msgrcv(int id, void *msg, size_t size, long type, int flags)
{
	return RET(SCC(__NR_msgrcv, id, msg, size, type, flags));
}

int msgsnd(int id, const void *msg, size_t size, int flags)
{
	return (int)RET(SCC(__NR_msgsnd, id, msg, size, flags));
}
