/*
 * thread.h - the control block of a thread. It lies right below the thread
 * pointer, tp (psABI, TLS variant I), so that thread-local variables begin at tp.
 *
 * Fields without a mark belong to the thread itself.
 *   [l] the list's lock    [a] atomic    [i] written before the thread runs
 */
#ifndef LIBPOSIX_THREAD_H
#define LIBPOSIX_THREAD_H

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <uapi/futex.h>

#define SIGCANCEL    32 /* cancellation; in helper threads: a timer */
#define SIGALL	     33 /* all threads make a call: synccall.c */

#define HEAP_CLASSES 32 /* of malloc's sizes */

enum detach { JOINABLE, DETACHED, EXITED, JOINED };

struct heap_cache {
	void *free[HEAP_CLASSES];
	unsigned char count[HEAP_CLASSES];
};

struct dtor { /* of a thread_local object of C++ */
	struct dtor *next;
	void (*fn)(void *);
	void *arg;
};

struct thread {
	struct thread *next, *prev; /* [l] a ring of all threads */
	void **keys; /* pthread_setspecific's values, NULL: none yet */
	struct __cleanup *cleanups;
	struct dtor *dtors;
	void *locale; /* uselocale(3), NULL: the global one */
	struct robust_list_head robust;
	int tid; /* [a] the kernel clears it when the thread is gone */
	int errno_value;
	int h_errno_value;
	volatile int cancel; /* [a] somebody asked for the end */
	volatile unsigned char cancel_disabled, cancel_async;
	volatile unsigned char cancel_masked; /* being cancelled: no second time */
	unsigned char c11; /* result is an int */
	unsigned char start_wait; /* [i] wait for scheduling parameters */
	unsigned char keys_used;
	volatile int detach; /* [a] enum detach */
	volatile int start_ok; /* [a] 0: wait, 1: run, 2: end at once */
	void *(*start)(void *); /* [i] */
	void *arg; /* [i] */
	void *result;
	void *map; /* [i] what to unmap at the end; NULL: not ours */
	size_t map_size; /* [i] */
	void *stack; /* [i] its low end, the guard not counted */
	size_t stack_size; /* [i] */
	size_t guard_size; /* [i] */
	sigset_t start_mask; /* [i] */
	/* ldso/tls.c: this thread's blocks of objects; NULL: none yet, or a static program. */
	struct dtv *dtv;
	struct heap_cache *heap;
	struct timer_call *timer; /* of a SIGEV_THREAD helper */
	uintptr_t stack_guard;
	unsigned long spare[2];
};

_Static_assert(sizeof(struct thread) % 16 == 0, "tp stays aligned");

static inline struct thread *__self(void)
{
	uintptr_t tp;

	__asm__("mv %0, tp" : "=r"(tp));
	return (struct thread *)tp - 1;
}

/* Whether there was ever a second thread: until then locks are free of charge. */
extern int __threaded;

/* list.c: all threads. The lock keeps a thread's control block mapped too. */
extern struct thread *__threads;
void __threads_lock(void);
void __threads_unlock(void);

/* cancel.c */
_Noreturn void __cancel_now(void);
void __cancel_check(void); /* pthread_testcancel */
long __cancel_call(long n, long a, long b, long c, long d, long e, long f);

/* A pause for a word that may change: 0, or an errno value (ETIMEDOUT, EINTR, EAGAIN). `until`
 * is a point of the clock, NULL: for ever. The c form is a cancellation point. */
int __futex_wait(volatile void *word, int value, int clock, const struct timespec *until,
		 int shared);
int __futex_wait_c(volatile void *word, int value, int clock, const struct timespec *until,
		   int shared);
void __futex_wake(volatile void *word, int count, int shared);

/* All signals but SIGALL off, and on again. */
void __signals_block(sigset_t *old);
void __signals_restore(const sigset_t *old);

/* key.c, malloc.c, dtor.c: what a thread leaves behind. Weak: NULL when not linked. */
void __keys_run(void) __attribute__((weak));
void __heap_thread_exit(void) __attribute__((weak));
void __dtors_run(void) __attribute__((weak));
void __dl_thread_exit(void) __attribute__((weak));

/* The dynamic loader's, weak too. A thread that is made but not in the ring yet has its variables of objects
 * that were loaded meanwhile set; the object that holds this address stays loaded. */
void __dl_tls_late(struct thread *t) __attribute__((weak));
void __dl_keep(const void *in) __attribute__((weak));

/* fork: 0 before, 1 in the parent, 2 in the child. */
void __heap_fork(int when) __attribute__((weak));
void __atfork_run(int when) __attribute__((weak));
void __stdio_fork(int when) __attribute__((weak));
void __dl_fork(int when) __attribute__((weak));
void __threads_fork_child(void);

/* synccall.c: fn(arg) on every thread of the process, one after the other. */
void __synccall(void (*fn)(void *), void *arg);

#endif
