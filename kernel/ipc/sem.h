/*
 * System V semaphores: semget(2), semop(2), semctl(2). All may sleep; -errno as the manual
 * pages say.
 */
#ifndef IPC_SEM_H
#define IPC_SEM_H

#include <types.h>
#include <uapi/ipc.h>
#include "ipc/ids.h"

struct task;

#define SEMOP_FEW 16 /* operations that need no memory */

long sem_get(int key, int nsems, int flags);
/* deadline: absolute, monotonic; -EAGAIN then. A signal: -EINTR, never restarted. */
int sem_op(int id, const struct sembuf *ops, unsigned n, u64 deadline);
/* cmd IPC_STAT, SEM_STAT or SEM_STAT_ANY: 0 or the identifier. */
long sem_stat(int id, int cmd, struct semid64_ds *ds);
int sem_set(int id, const struct semid64_ds *ds); /* IPC_SET */
int sem_remove(int id); /* IPC_RMID */
int sem_info(int cmd, struct seminfo *info); /* IPC_INFO, SEM_INFO: the highest index */
long sem_ask(int id, int num, int cmd); /* GETVAL, GETPID, GETNCNT, GETZCNT */
int sem_set_value(int id, int num, int value); /* SETVAL */
/* GETALL, SETALL. How many there are: -errno, with the permission that `want` says. */
int sem_count(int id, u32 want);
int sem_get_all(int id, u16 *values, unsigned n); /* -EIDRM when there are not n (any more) */
int sem_set_all(int id, const u16 *values, unsigned n);
/* The first set at *index or above, for /proc: its identifier, and *index; -1: none. */
int sem_next(u64 *index, struct semid64_ds *ds);

/* clone(2): t, not yet running, shares current's undo list (CLONE_SYSVSEM) or has none. */
int sem_undo_clone(struct task *t, bool share); /* 0 or -ENOMEM */
/* t's list is let go (exit, unshare, a clone that fails); the last who does undoes it. Sleeps. */
void sem_undo_exit(struct task *t);
#endif
