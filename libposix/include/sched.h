/*
 * sched.h - scheduling, and clone(2).
 */
#ifndef _SCHED_H
#define _SCHED_H

#include <stddef.h>
#include <sys/types.h>
#include <uapi/sched.h>

#define CPU_SETSIZE 1024

typedef struct {
	unsigned long bits[CPU_SETSIZE / 64];
} cpu_set_t;

#define CPU_ZERO(set)	  ((void)(*(set) = (cpu_set_t){ { 0 } }))
#define CPU_SET(n, set)	  ((void)((set)->bits[(n) / 64] |= 1ul << ((n) % 64)))
#define CPU_CLR(n, set)	  ((void)((set)->bits[(n) / 64] &= ~(1ul << ((n) % 64))))
#define CPU_ISSET(n, set) ((int)(((set)->bits[(n) / 64] >> ((n) % 64)) & 1))

int sched_yield(void);
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);

/* Runs fn(arg) on the stack that ends at `stack`; what it returns is the child's status. */
int clone(int (*fn)(void *), void *stack, int flags, void *arg, pid_t *ptid, void *tls,
	  pid_t *ctid);

#endif
