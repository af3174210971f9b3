/*
 * sys/sem.h - System V semaphores.
 */
#ifndef _SYS_SEM_H
#define _SYS_SEM_H

#include <features.h>
#include <sys/ipc.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct semid_ds {
	struct ipc_perm sem_perm;
	time_t sem_otime, sem_ctime;
	unsigned short sem_nsems; /* to the kernel a long */
	unsigned short __pad[3];
	unsigned long __unused3, __unused4;
};

/* The fourth argument of semctl; programs declare it themselves. */
#define _SEM_SEMUN_UNDEFINED 1

int semctl(int id, int number, int cmd, ...);
int semget(key_t key, int count, int flags);
int semop(int id, struct sembuf *ops, size_t count);
#if __MISC_VISIBLE
int semtimedop(int id, struct sembuf *ops, size_t count, const struct timespec *timeout);
#endif

#ifdef __cplusplus
}
#endif

#endif
