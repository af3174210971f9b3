/*
 * libc.h - what the parts of libposix know of each other.
 */
#ifndef LIBPOSIX_LIBC_H
#define LIBPOSIX_LIBC_H

#include <stddef.h>
#include <stdint.h>

/* Set once by __libc_start, then read only. */
struct libc {
	const uint64_t *auxv; /* pairs of type and value, ended by AT_NULL */
	size_t page_size;
	int secure; /* set-user-ID and its like: don't trust the environment */
};

extern struct libc __libc;

/* start.c: environment, auxiliary vector, thread-local storage, from the kernel's initial stack. */
void __libc_prepare(long *stack);

/* static/init.c or ldso/init.c: constructors; destructors at exit. */
void __run_init(int argc, char **argv, char **envp);
void __run_fini(void);

/* tls.c: the main thread's control block and variables; before it errno does not exist. */
void __tls_init(void);

/* exit.c: run atexit functions, then flush what stdio holds. */
void __stdio_exit(void);

/* vdso.c: the address of a function of the vDSO, or NULL. */
void *__vdso_sym(const char *name);

/*
 * lock.c - a lock for short sections of the library, 0 when free. Sleeps in
 * futex(2) when it is held; not recursive, not for signal handlers. Costs
 * nothing while there is one thread.
 */
void __lock(int *lock);
void __unlock(int *lock);

#endif
