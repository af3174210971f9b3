/*
 * bits/pthread_types.h - the objects of threads, opaque, in the sizes of the psABI.
 */
#ifndef _BITS_PTHREAD_TYPES_H
#define _BITS_PTHREAD_TYPES_H

typedef unsigned long pthread_t;
typedef unsigned int pthread_key_t;
typedef int pthread_once_t;
typedef int pthread_spinlock_t;

typedef struct {
	int __attr;
} pthread_mutexattr_t;

typedef struct {
	int __attr;
} pthread_condattr_t;

typedef struct {
	int __attr[2];
} pthread_rwlockattr_t;

typedef struct {
	int __attr;
} pthread_barrierattr_t;

typedef union {
	int __i[14];
	unsigned long __s[7];
} pthread_attr_t;

typedef union {
	int __i[10];
	void *volatile __p[5];
} pthread_mutex_t;

typedef union {
	int __i[12];
	void *volatile __p[6];
} pthread_cond_t;

typedef union {
	int __i[14];
	void *volatile __p[7];
} pthread_rwlock_t;

typedef union {
	int __i[8];
	void *volatile __p[4];
} pthread_barrier_t;

#endif
