/*
 * stack.c - stacks of threads. Of what ended a few are kept for those to come;
 * the kernel clears a thread's tid when it doesn't run on its stack any more, so
 * a detached thread can leave its own here.
 */
#include "list.h"

#include "../internal/libc.h"

#include <bits/tls.h>
#include <sys/mman.h>

#define KEEP 8

/* [list lock] the newest first, by next */
static struct thread *kept;

int __threads_alive = 1;

static size_t round_up(size_t n)
{
	return (n + __libc.page_size - 1) & -__libc.page_size;
}

static struct thread *find_kept(size_t stack_size, size_t guard_size)
{
	struct thread *t, **at;

	for (at = &kept; (t = *at); at = &t->next) {
		if (t->stack_size != stack_size || t->guard_size != guard_size ||
		    __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE))
			continue;
		*at = t->next;
		return t;
	}
	return NULL;
}

struct thread *__stack_get(size_t stack_size, size_t guard_size)
{
	size_t tls = round_up(__tls_size()), whole;
	struct thread *t;
	char *map;

	stack_size = round_up(stack_size);
	guard_size = round_up(guard_size);
	__threads_lock();
	t = find_kept(stack_size, guard_size);
	__threads_unlock();
	if (t) {
		map = t->map;
		whole = t->map_size;
	} else {
		if (__builtin_add_overflow(stack_size, guard_size + tls, &whole))
			return NULL;
		map = mmap(NULL, whole, guard_size ? PROT_NONE : PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
		if (map == MAP_FAILED)
			return NULL;
		if (guard_size &&
		    mprotect(map + guard_size, whole - guard_size, PROT_READ | PROT_WRITE)) {
			munmap(map, whole);
			return NULL;
		}
	}
	t = (struct thread *)__tls_make(map + whole - tls) - 1;
	t->map = map;
	t->map_size = whole;
	t->stack = map + guard_size;
	t->stack_size = stack_size;
	t->guard_size = guard_size;
	return t;
}

/* Beyond KEEP the oldest that nobody runs on go back to the kernel. */
void __stack_put(struct thread *t)
{
	struct thread **at, *old;
	int n = 0;

	if (!t->map)
		return;
	t->next = kept;
	kept = t;
	for (at = &kept; (old = *at);) {
		if (++n <= KEEP || __atomic_load_n(&old->tid, __ATOMIC_ACQUIRE)) {
			at = &old->next;
			continue;
		}
		*at = old->next;
		munmap(old->map, old->map_size);
	}
}
