/*
 * exit.c - exit(3) and its relatives. What was given to atexit(3) and
 * __cxa_atexit (the C++ ABI) runs in the reverse order, each once, those added
 * meanwhile included.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK 64

int __cxa_atexit(void (*fn)(void *), void *arg, void *object);
void __cxa_finalize(void *object);
void *__dso_handle __attribute__((weak, visibility("hidden")));

struct exit_fn {
	void (*fn)(void *); /* NULL: has run */
	void *arg;
	void *object;
};

struct block {
	struct block *next; /* older ones */
	int count;
	struct exit_fn fns[BLOCK];
};

/* [exit_lock] guards both lists. */
static int exit_lock;
static struct block first, *newest = &first;
static void (*quick[32])(void);
static int quick_count;
static int exiting; /* [a] the number of the thread that is at it */

int __cxa_atexit(void (*fn)(void *), void *arg, void *object)
{
	struct block *b;
	int err = -1;

	__lock(&exit_lock);
	b = newest;
	if (b->count == BLOCK) {
		/* Not from malloc: that may be the program's own. */
		b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);
		if (b == MAP_FAILED)
			goto out;
		b->next = newest;
		newest = b;
	}
	b->fns[b->count++] = (struct exit_fn){ fn, arg, object };
	err = 0;
out:
	__unlock(&exit_lock);
	return err;
}

static void call_plain(void *fn)
{
	union {
		void *p;
		void (*fn)(void);
	} u = { fn };

	u.fn();
}

int atexit(void (*fn)(void))
{
	union {
		void (*fn)(void);
		void *p;
	} u = { fn };

	return __cxa_atexit(call_plain, u.p, NULL);
}

/* The functions of one object, or (NULL) of all. */
void __cxa_finalize(void *object)
{
	struct exit_fn f;
	struct block *b;
	int i;

again:
	__lock(&exit_lock);
	for (b = newest; b; b = b->next) {
		for (i = b->count - 1; i >= 0; i--) {
			f = b->fns[i];
			if (!f.fn || (object && f.object != object))
				continue;
			b->fns[i].fn = NULL;
			if (!object) {
				b->count = i;
				newest = b;
			}
			__unlock(&exit_lock);
			f.fn(f.arg);
			goto again;
		}
	}
	__unlock(&exit_lock);
}

int at_quick_exit(void (*fn)(void))
{
	int full;

	__lock(&exit_lock);
	full = quick_count == (int)(sizeof(quick) / sizeof(quick[0]));
	if (!full)
		quick[quick_count++] = fn;
	__unlock(&exit_lock);
	return full ? -1 : 0;
}

_Noreturn void quick_exit(int status)
{
	while (quick_count)
		quick[--quick_count]();
	_exit(status);
}

/* Programs without stdio link this one instead of flushing anything. */
static void no_stdio(void)
{
}

void __stdio_exit(void) __attribute__((weak, alias("no_stdio")));

_Noreturn void exit(int status)
{
	int none = 0, me = __self()->tid;

	/* One thread ends the process; another that comes meanwhile waits for that. */
	if (!__atomic_compare_exchange_n(&exiting, &none, me, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE) &&
	    none != me)
		for (;;)
			SC(__NR_ppoll, 0, 0, 0, 0, 8);
	if (__dtors_run)
		__dtors_run();
	__cxa_finalize(NULL);
	__run_fini();
	__stdio_exit();
	_exit(status);
}

_Noreturn void _exit(int status)
{
	for (;;)
		SC(__NR_exit_group, status);
}

_Noreturn void _Exit(int status)
{
	_exit(status);
}
