/*
 * c11.c - C11's threads (7.26) over POSIX's: the answers have other names.
 */
#include "list.h"

#include <errno.h>
#include <sched.h>
#include <threads.h>

static int answer(int err)
{
	switch (err) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ENOMEM:
	case EAGAIN:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	default:
		return thrd_error;
	}
}

/* The function gives an int where a POSIX thread's gives a pointer: in the same register. */
int thrd_create(thrd_t *thread, thrd_start_t start, void *arg)
{
	union {
		thrd_start_t c11;
		void *(*posix)(void *);
	} fn = { start };

	return answer(__pthread_start(thread, NULL, fn.posix, arg, 1));
}

int thrd_equal(thrd_t a, thrd_t b)
{
	return a == b;
}

thrd_t thrd_current(void)
{
	return pthread_self();
}

int thrd_sleep(const struct timespec *time, struct timespec *left)
{
	int err = clock_nanosleep(CLOCK_REALTIME, 0, time, left);

	return err == EINTR ? -1 : err ? -2 : 0;
}

void thrd_yield(void)
{
	sched_yield();
}

_Noreturn void thrd_exit(int result)
{
	pthread_exit((void *)(long)result);
}

int thrd_detach(thrd_t thread)
{
	return answer(pthread_detach(thread));
}

int thrd_join(thrd_t thread, int *result)
{
	void *value;
	int err = pthread_join(thread, &value);

	if (!err && result)
		*result = (int)(long)value;
	return answer(err);
}

int mtx_init(mtx_t *m, int type)
{
	*m = (mtx_t){ .__kind = type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : 0 };
	return thrd_success;
}

int mtx_lock(mtx_t *m)
{
	return answer(pthread_mutex_lock(m));
}

int mtx_timedlock(mtx_t *__restrict m, const struct timespec *__restrict until)
{
	return answer(pthread_mutex_timedlock(m, until));
}

int mtx_trylock(mtx_t *m)
{
	return answer(pthread_mutex_trylock(m));
}

int mtx_unlock(mtx_t *m)
{
	return answer(pthread_mutex_unlock(m));
}

void mtx_destroy(mtx_t *m)
{
	pthread_mutex_destroy(m);
}

void call_once(once_flag *flag, void (*fn)(void))
{
	pthread_once(flag, fn);
}

int cnd_init(cnd_t *c)
{
	return answer(pthread_cond_init(c, NULL));
}

int cnd_signal(cnd_t *c)
{
	return answer(pthread_cond_signal(c));
}

int cnd_broadcast(cnd_t *c)
{
	return answer(pthread_cond_broadcast(c));
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
	return answer(pthread_cond_wait(c, m));
}

int cnd_timedwait(cnd_t *__restrict c, mtx_t *__restrict m, const struct timespec *__restrict until)
{
	return answer(pthread_cond_timedwait(c, m, until));
}

void cnd_destroy(cnd_t *c)
{
	pthread_cond_destroy(c);
}

int tss_create(tss_t *key, tss_dtor_t destroy)
{
	return answer(pthread_key_create(key, destroy));
}

void tss_delete(tss_t key)
{
	pthread_key_delete(key);
}

int tss_set(tss_t key, void *value)
{
	return answer(pthread_setspecific(key, value));
}

void *tss_get(tss_t key)
{
	return pthread_getspecific(key);
}
