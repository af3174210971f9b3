/* suspend.c - waiting for requests, taking them back, giving many: aio_suspend(3), lio_listio(3). */
#include "aio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

int aio_cancel(int fd, struct aiocb *cb)
{
	int result = AIO_ALLDONE;
	struct job **at, *j;
	struct queue *q;

	if (fcntl(fd, F_GETFD) < 0)
		return -1;
	if (cb && cb->aio_fildes != fd) {
		errno = EINVAL;
		return -1;
	}
	pthread_mutex_lock(&__aio_mutex);
	q = __aio_queue(fd);
	if (q) {
		for (at = &q->first; (j = *at);) {
			if (cb && j->cb != cb) {
				at = &j->next;
				continue;
			}
			*at = j->next;
			__aio_finish(j, ECANCELED, -1);
			result = AIO_CANCELED;
		}
		if (q->running && (!cb || q->running->cb == cb))
			result = AIO_NOTCANCELED;
	}
	pthread_mutex_unlock(&__aio_mutex);
	return result;
}

static void unlock(void *arg)
{
	(void)arg;
	pthread_mutex_unlock(&__aio_mutex);
}

/* Whether (all) one of the list is done, or there is none in it. */
static int settled(const struct aiocb *const list[], int count, int all)
{
	int busy = 0, done = 0;

	for (int i = 0; i < count; i++) {
		if (!list[i])
			continue;
		if (aio_error(list[i]) == EINPROGRESS)
			busy++;
		else
			done++;
	}
	return !busy || (!all && done);
}

static int wait_for(const struct aiocb *const list[], int count, const struct timespec *until,
		    int all)
{
	int err = 0;

	pthread_mutex_lock(&__aio_mutex);
	pthread_cleanup_push(unlock, NULL);
	while (!err && !settled(list, count, all)) {
		if (until)
			err = pthread_cond_timedwait(&__aio_done, &__aio_mutex, until);
		else
			err = pthread_cond_wait(&__aio_done, &__aio_mutex);
	}
	pthread_cleanup_pop(1);
	return err;
}

int aio_suspend(const struct aiocb *const list[], int count, const struct timespec *timeout)
{
	struct timespec until;
	int err;

	if (count < 0) {
		errno = EINVAL;
		return -1;
	}
	if (timeout) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += timeout->tv_sec;
		until.tv_nsec += timeout->tv_nsec;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
	}
	err = wait_for(list, count, timeout ? &until : NULL, 0);
	if (!err)
		return 0;
	errno = err == ETIMEDOUT ? EAGAIN : err;
	return -1;
}

int lio_listio(int mode, struct aiocb *__restrict const *__restrict list, int count,
	       struct sigevent *__restrict event)
{
	struct aio_list *told = NULL;
	int failed = 0, given = 0;

	if ((mode != LIO_WAIT && mode != LIO_NOWAIT) || count < 0) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < count; i++)
		given += list[i] && list[i]->aio_lio_opcode != LIO_NOP;
	if (mode == LIO_NOWAIT && event && event->sigev_notify != SIGEV_NONE) {
		if (!given) {
			__aio_notify(event);
			return 0;
		}
		told = malloc(sizeof(*told));
		if (!told) {
			errno = EAGAIN;
			return -1;
		}
		*told = (struct aio_list){ given + 1, *event };
	}
	for (int i = 0; i < count; i++) {
		int op;

		if (!list[i] || list[i]->aio_lio_opcode == LIO_NOP)
			continue;
		op = list[i]->aio_lio_opcode;
		if (op != LIO_READ && op != LIO_WRITE) {
			list[i]->__error = EINVAL;
			list[i]->__result = -1;
		} else if (!__aio_submit(list[i], op == LIO_READ ? JOB_READ : JOB_WRITE, told)) {
			continue;
		}
		failed = 1;
		if (told) {
			pthread_mutex_lock(&__aio_mutex);
			told->left--;
			pthread_mutex_unlock(&__aio_mutex);
		}
	}
	if (told) {
		/* One was counted for this function itself. */
		pthread_mutex_lock(&__aio_mutex);
		if (--told->left == 0) {
			__aio_notify(&told->event);
			free(told);
		}
		pthread_mutex_unlock(&__aio_mutex);
	}
	if (mode == LIO_WAIT && wait_for((const struct aiocb *const *)list, count, NULL, 1))
		return -1;
	for (int i = 0; mode == LIO_WAIT && i < count; i++)
		if (list[i] && list[i]->aio_lio_opcode != LIO_NOP && aio_error(list[i]))
			failed = 1;
	if (failed)
		errno = EIO;
	return failed ? -1 : 0;
}
