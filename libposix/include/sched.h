/*
 * sched.h - scheduling: POSIX, and Linux's sched_setaffinity(2), clone(2), unshare(2), cpuset(3).
 */
#ifndef _SCHED_H
#define _SCHED_H

#include <features.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>
#include <uapi/sched.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __MISC_VISIBLE
#define CPU_SETSIZE 1024
#endif

typedef struct {
	unsigned long bits[1024 / 64];
} cpu_set_t;

#if __MISC_VISIBLE
#define CPU_ALLOC_SIZE(n)     (((size_t)(n) + 63) / 64 * 8)
#define CPU_ALLOC(n)	      ((cpu_set_t *)__builtin_calloc(1, CPU_ALLOC_SIZE(n)))
#define CPU_FREE(set)	      __builtin_free(set)
#define CPU_ZERO_S(size, set) ((void)__builtin_memset(set, 0, size))
#endif
#define __CPU_WORD(n, set)	(((unsigned long *)(set))[(n) / 64])
#define __CPU_IF(n, size, what) ((size_t)(n) / 8 < (size) ? (what) : 0)
#if __MISC_VISIBLE
#define CPU_SET_S(n, size, set)	   __CPU_IF(n, size, __CPU_WORD(n, set) |= 1ul << ((n) % 64))
#define CPU_CLR_S(n, size, set)	   __CPU_IF(n, size, __CPU_WORD(n, set) &= ~(1ul << ((n) % 64)))
#define CPU_ISSET_S(n, size, set)  __CPU_IF(n, size, (int)(__CPU_WORD(n, set) >> ((n) % 64) & 1))
#define CPU_COUNT_S(size, set)	   __cpu_count(size, set)
#define CPU_EQUAL_S(size, a, b)	   (!__builtin_memcmp(a, b, size))
#define CPU_AND_S(size, out, a, b) __cpu_combine(size, out, a, b, '&')
#define CPU_OR_S(size, out, a, b)  __cpu_combine(size, out, a, b, '|')
#define CPU_XOR_S(size, out, a, b) __cpu_combine(size, out, a, b, '^')
#define CPU_ZERO(set)		   CPU_ZERO_S(sizeof(cpu_set_t), set)
#define CPU_SET(n, set)		   ((void)CPU_SET_S(n, sizeof(cpu_set_t), set))
#define CPU_CLR(n, set)		   ((void)CPU_CLR_S(n, sizeof(cpu_set_t), set))
#define CPU_ISSET(n, set)	   CPU_ISSET_S(n, sizeof(cpu_set_t), set)
#define CPU_COUNT(set)		   CPU_COUNT_S(sizeof(cpu_set_t), set)
#define CPU_EQUAL(a, b)		   CPU_EQUAL_S(sizeof(cpu_set_t), a, b)
#define CPU_AND(out, a, b)	   CPU_AND_S(sizeof(cpu_set_t), out, a, b)
#define CPU_OR(out, a, b)	   CPU_OR_S(sizeof(cpu_set_t), out, a, b)
#define CPU_XOR(out, a, b)	   CPU_XOR_S(sizeof(cpu_set_t), out, a, b)
#endif
int __cpu_count(size_t size, const cpu_set_t *set);
void __cpu_combine(size_t size, cpu_set_t *out, const cpu_set_t *a, const cpu_set_t *b, int op);

int sched_yield(void);
int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);
int sched_getparam(pid_t pid, struct sched_param *param);
int sched_setparam(pid_t pid, const struct sched_param *param);
int sched_getscheduler(pid_t pid);
int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param);
int sched_rr_get_interval(pid_t pid, struct timespec *time);
#if __MISC_VISIBLE
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
int sched_getcpu(void);
int getcpu(unsigned int *cpu, unsigned int *node);
int unshare(int flags);
int setns(int fd, int type);

/* Runs fn(arg) on the stack that ends at `stack`; what it returns is the child's status.
 * The rest: pid_t *parent_tid, void *tls, pid_t *child_tid. */
int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
#endif

#ifdef __cplusplus
}
#endif

#endif
