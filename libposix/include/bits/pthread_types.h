/*
 * bits/pthread_types.h - the types of threads, here because <sys/types.h> and <pthread.h> both give
 * them. What is all zero is what the static initialisers make.
 */
#ifndef _BITS_PTHREAD_TYPES_H
#define _BITS_PTHREAD_TYPES_H

typedef unsigned long pthread_t;
typedef unsigned int pthread_key_t;
typedef int pthread_once_t;
typedef volatile int pthread_spinlock_t;

typedef struct {
	int __lock; /* 0, 1, 2: taken and waited for; or the owner's number as futex(2) has it */
	unsigned int __count; /* recursive: how often; PRIO_PROTECT: the priority before */
	int __owner;
	int __old; /* PRIO_PROTECT: what to go back to */
	int __kind; /* type, protocol and so on: mutex.h of the library */
	int __state; /* robust: consistent, or not any more */
	void *__list[2]; /* robust: next, previous */
} pthread_mutex_t;

typedef struct {
	unsigned int __seq; /* a signal or broadcast adds one */
	unsigned int __waiters;
	unsigned int __users; /* who may still touch it; bit 31: destroy waits for them */
	int __clock;
	int __shared;
	int __pad[7];
} pthread_cond_t;

typedef struct {
	unsigned int __state; /* readers, or the writer's bit */
	unsigned int __waiting; /* who sleeps */
	unsigned int __writers; /* of these, who wants to write */
	unsigned int __seq; /* what they sleep on */
	int __shared;
	int __owner;
	int __pad[8];
} pthread_rwlock_t;

typedef struct {
	unsigned int __limit, __count, __round, __leaving;
	int __shared;
	int __pad[3];
} pthread_barrier_t;

typedef struct __pthread_attr {
	unsigned long __stack_size, __guard_size;
	void *__stack;
	int __detached, __inherit, __policy, __priority, __scope;
	unsigned long __cpu_size;
	void *__cpus;
	unsigned long __pad;
} pthread_attr_t;

typedef struct {
	unsigned int __kind;
} pthread_mutexattr_t;

typedef struct {
	int __shared, __clock;
} pthread_condattr_t;

typedef struct {
	int __shared, __prefer;
} pthread_rwlockattr_t;

typedef struct {
	int __shared;
} pthread_barrierattr_t;

#endif
