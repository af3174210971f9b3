/*
 * list.h - the ring of threads, for those who make, find and end them. All but
 * __threads_find's callers' answers need the list's lock (thread.h).
 */
#ifndef LIBPOSIX_THREAD_LIST_H
#define LIBPOSIX_THREAD_LIST_H

#include "../internal/thread.h"

void __threads_add(struct thread *t);
void __threads_remove(struct thread *t);
struct thread *__threads_find(pthread_t thread); /* NULL: no such thread */

extern int __threads_alive; /* [a] threads that didn't end yet */

/* create.c: pthread_create, and the same for C11. */
int __pthread_start(pthread_t *out, const pthread_attr_t *given, void *(*start)(void *), void *arg,
		    int c11);

/* stack.c: memory for a thread: guard, stack, variables, control block. NULL: none. */
struct thread *__stack_get(size_t stack_size, size_t guard_size);
void __stack_put(struct thread *t); /* with the list's lock, when t->tid is or will be 0 */

#endif
