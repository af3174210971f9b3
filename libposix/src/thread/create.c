/*
 * create.c - pthread_create(3) and the end of a thread: pthread_exit(3).
 */
#include "list.h"

#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <bits/tls.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

#define STACK_MOST  (8ul << 20)
#define STACK_LEAST 16384

static size_t default_stack; /* 0: not asked yet */
static size_t default_guard;

/* As big as the main thread's may become, within reason. */
static size_t default_stack_size(void)
{
	struct rlimit lim;
	size_t n = default_stack;

	if (n)
		return n;
	n = STACK_MOST;
	if (!getrlimit(RLIMIT_STACK, &lim) && lim.rlim_cur < n)
		n = lim.rlim_cur;
	default_stack = n < STACK_LEAST ? STACK_LEAST : n;
	return default_stack;
}

int pthread_getattr_default_np(pthread_attr_t *attr)
{
	*attr = (pthread_attr_t){ .__stack_size = default_stack_size(),
				  .__guard_size = default_guard ? default_guard :
								  __libc.page_size };
	return 0;
}

int pthread_setattr_default_np(const pthread_attr_t *attr)
{
	if (attr->__stack)
		return EINVAL;
	if (attr->__stack_size)
		default_stack = attr->__stack_size;
	default_guard = attr->__guard_size;
	return 0;
}

_Noreturn static void end(void)
{
	struct thread *self = __self();
	sigset_t old;
	int was;

	__signals_block(&old);
	if (__heap_thread_exit)
		__heap_thread_exit();
	if (__dl_thread_exit)
		__dl_thread_exit();
	if (__atomic_sub_fetch(&__threads_alive, 1, __ATOMIC_ACQ_REL) == 0) {
		__atomic_store_n(&__threads_alive, 1, __ATOMIC_RELAXED);
		__signals_restore(&old);
		exit(0);
	}
	/* From here on nobody finds a detached thread; a joinable one waits to be found. */
	__threads_lock();
	was = self->detach;
	self->detach = was == DETACHED ? JOINED : EXITED;
	if (was == DETACHED) {
		__threads_remove(self);
		__stack_put(self);
	}
	__threads_unlock();
	for (;;)
		SC(__NR_exit, 0);
}

_Noreturn void pthread_exit(void *result)
{
	struct thread *self = __self();
	struct __cleanup *c;

	self->cancel_disabled = 1;
	self->cancel_async = 0;
	self->result = result;
	while ((c = self->cleanups)) {
		self->cleanups = c->__next;
		c->__fn(c->__arg);
	}
	if (__dtors_run)
		__dtors_run();
	if (__keys_run)
		__keys_run();
	end();
}

static int run(void *arg)
{
	struct thread *self = arg;

	if (self->start_wait) {
		while (!__atomic_load_n(&self->start_ok, __ATOMIC_ACQUIRE))
			__futex_wait(&self->start_ok, 0, CLOCK_REALTIME, NULL, 0);
		if (self->start_ok == 2) {
			self->detach = DETACHED;
			end();
		}
	}
	__signals_restore(&self->start_mask);
	pthread_exit(self->start(self->arg));
}

/* The control block of a thread that gets its stack from the program: at the top of that. */
static struct thread *on_stack_of(const pthread_attr_t *attr)
{
	char *top = (char *)attr->__stack + attr->__stack_size;
	size_t tls = (__tls_size() + 15) & -16ul;
	struct thread *t;

	if (tls > attr->__stack_size / 2)
		return __stack_get(attr->__stack_size, 0);
	t = (struct thread *)__tls_make((void *)(((uintptr_t)top - tls) & -16ul)) - 1;
	t->stack = attr->__stack;
	t->stack_size = attr->__stack_size;
	return t;
}

/* Explicit scheduling and affinity, set while the new thread waits. */
static int set_scheduling(struct thread *t, const pthread_attr_t *attr)
{
	struct sched_param param = { .sched_priority = attr->__priority };
	long err = 0;

	if (attr->__inherit == PTHREAD_EXPLICIT_SCHED)
		err = SC(__NR_sched_setscheduler, t->tid, attr->__policy, &param);
	if (!err && attr->__cpus)
		err = SC(__NR_sched_setaffinity, t->tid, attr->__cpu_size, attr->__cpus);
	return err < 0 ? (int)-err : 0;
}

int __pthread_start(pthread_t *out, const pthread_attr_t *given, void *(*start)(void *), void *arg,
		    int c11)
{
	struct thread *self = __self(), *t;
	pthread_attr_t attr;
	sigset_t old;
	void *stack;
	long pid;
	int err = 0;

	if (given)
		attr = *given;
	else
		pthread_getattr_default_np(&attr);
	if (!attr.__stack_size)
		attr.__stack_size = default_stack_size();
	t = attr.__stack ? on_stack_of(&attr) : __stack_get(attr.__stack_size, attr.__guard_size);
	if (!t)
		return EAGAIN;
	t->start = start;
	t->arg = arg;
	t->c11 = (unsigned char)c11;
	t->detach = attr.__detached ? DETACHED : JOINABLE;
	t->robust.list.next = &t->robust.list;
	t->locale = self->locale;
	t->start_wait = attr.__inherit == PTHREAD_EXPLICIT_SCHED || attr.__cpus;
	/* Below the control block, if that is on this stack at all. */
	stack = t->map ? (char *)t->stack + t->stack_size : (char *)t;
	if (!t->map && ((char *)t < (char *)t->stack || (char *)t > (char *)stack))
		stack = (char *)t->stack + t->stack_size;
	stack = (void *)((uintptr_t)stack & -16ul);

	__threaded = 1;
	__signals_block(&old);
	t->start_mask = old & ~(1ul << (SIGCANCEL - 1) | 1ul << (SIGALL - 1));
	__threads_lock();
	if (__dl_tls_late)
		__dl_tls_late(t);
	__atomic_add_fetch(&__threads_alive, 1, __ATOMIC_RELAXED);
	pid = clone(run, stack, FLAGS, t, &t->tid, t + 1, &t->tid);
	if (pid > 0) {
		__threads_add(t);
	} else {
		__atomic_sub_fetch(&__threads_alive, 1, __ATOMIC_RELAXED);
		t->tid = 0;
		__stack_put(t);
		err = EAGAIN;
	}
	__threads_unlock();
	__signals_restore(&old);
	if (err)
		return err;
	*out = (pthread_t)t;
	if (t->start_wait) {
		err = set_scheduling(t, &attr);
		__atomic_store_n(&t->start_ok, err ? 2 : 1, __ATOMIC_RELEASE);
		__futex_wake(&t->start_ok, 1, 0);
	}
	return err;
}

int pthread_create(pthread_t *__restrict out, const pthread_attr_t *__restrict attr,
		   void *(*start)(void *), void *__restrict arg)
{
	int saved = errno, err = __pthread_start(out, attr, start, arg, 0);

	errno = saved;
	return err;
}
