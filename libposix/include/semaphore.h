/*
 * semaphore.h - POSIX semaphores; the named ones are files of /dev/shm.
 */
#ifndef _SEMAPHORE_H
#define _SEMAPHORE_H

#include <features.h>
#include <fcntl.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEM_FAILED ((sem_t *)0)
#ifndef SEM_VALUE_MAX
#define SEM_VALUE_MAX 0x7fffffff
#endif

typedef struct {
	volatile unsigned long __word; /* the value, and above it how many wait */
	int __shared;
	int __pad[5];
} sem_t;

int sem_init(sem_t *s, int shared, unsigned int value);
int sem_destroy(sem_t *s);
sem_t *sem_open(const char *name, int flags, ...);
int sem_close(sem_t *s);
int sem_unlink(const char *name);
int sem_wait(sem_t *s);
int sem_trywait(sem_t *s);
int sem_timedwait(sem_t *__restrict s, const struct timespec *__restrict until);
#if __MISC_VISIBLE
int sem_clockwait(sem_t *__restrict s, clockid_t clock, const struct timespec *__restrict until);
#endif
int sem_post(sem_t *s);
int sem_getvalue(sem_t *__restrict s, int *__restrict value);

#ifdef __cplusplus
}
#endif

#endif
