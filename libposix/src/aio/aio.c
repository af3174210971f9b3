/*
 * aio.c - asynchronous reads and writes (aio(7)) by threads: each descriptor with
 * requests has one, which does them in order, and ends when there is nothing to
 * do for a while. So writes of one descriptor follow each other, as POSIX wants
 * of O_APPEND, and an aio_fsync comes after what was asked before.
 *
 * Locking: aio_mutex guards the queues; aio_done is told of each end.
 */
#include "aio.h"

#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

pthread_mutex_t __aio_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t __aio_done = PTHREAD_COND_INITIALIZER;

static struct queue *queues;

static ssize_t perform(struct job *j)
{
	struct aiocb *cb = j->cb;
	void *buf = (void *)cb->aio_buf;
	ssize_t n;

	switch (j->op) {
	case JOB_READ:
		n = pread(cb->aio_fildes, buf, cb->aio_nbytes, cb->aio_offset);
		if (n < 0 && errno == ESPIPE)
			n = read(cb->aio_fildes, buf, cb->aio_nbytes);
		return n;
	case JOB_WRITE:
		if (j->append)
			return write(cb->aio_fildes, buf, cb->aio_nbytes);
		n = pwrite(cb->aio_fildes, buf, cb->aio_nbytes, cb->aio_offset);
		if (n < 0 && errno == ESPIPE)
			n = write(cb->aio_fildes, buf, cb->aio_nbytes);
		return n;
	case JOB_DATASYNC:
		return fdatasync(cb->aio_fildes);
	default:
		return fsync(cb->aio_fildes);
	}
}

static void *call_function(void *arg)
{
	struct sigevent ev = *(struct sigevent *)arg;

	free(arg);
	ev.sigev_notify_function(ev.sigev_value);
	return NULL;
}

void __aio_notify(const struct sigevent *ev)
{
	if (ev->sigev_notify == SIGEV_SIGNAL && ev->sigev_signo) {
		siginfo_t info;

		memset(&info, 0, sizeof(info));
		info.si_signo = ev->sigev_signo;
		info.si_code = SI_ASYNCIO;
		info.si_pid = getpid();
		info.si_uid = getuid();
		info.si_value = ev->sigev_value;
		SC(__NR_rt_sigqueueinfo, info.si_pid, info.si_signo, &info);
	} else if (ev->sigev_notify == SIGEV_THREAD) {
		struct sigevent *copy = malloc(sizeof(*copy));
		pthread_attr_t attr;
		pthread_t t;

		if (!copy)
			return;
		*copy = *ev;
		if (ev->sigev_notify_attributes)
			attr = *ev->sigev_notify_attributes;
		else
			pthread_attr_init(&attr);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		if (pthread_create(&t, &attr, call_function, copy))
			free(copy);
	}
}

/* With the mutex held: the job has its end, and is told of. It is freed. */
void __aio_finish(struct job *j, int err, ssize_t result)
{
	struct aiocb *cb = j->cb;
	struct sigevent ev = cb->aio_sigevent;
	struct aio_list *list = j->list;

	cb->__result = result;
	cb->__job = NULL;
	__atomic_store_n(&cb->__error, err, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&__aio_done);
	free(j);
	__aio_notify(&ev);
	if (list && --list->left == 0) {
		__aio_notify(&list->event);
		free(list);
	}
}

static void drop_queue(struct queue *q)
{
	struct queue **at = &queues;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	pthread_cond_destroy(&q->more);
	free(q);
}

static void *serve(void *arg)
{
	struct queue *q = arg;
	struct timespec until;
	struct job *j;
	ssize_t n;
	int err, idle;

	pthread_mutex_lock(&__aio_mutex);
	for (;;) {
		idle = 0;
		while (!q->first && idle != ETIMEDOUT) {
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_sec++;
			idle = pthread_cond_timedwait(&q->more, &__aio_mutex, &until);
		}
		j = q->first;
		if (!j)
			break;
		q->first = j->next;
		q->running = j;
		pthread_mutex_unlock(&__aio_mutex);
		n = perform(j);
		err = n < 0 ? errno : 0;
		pthread_mutex_lock(&__aio_mutex);
		q->running = NULL;
		__aio_finish(j, err, n);
	}
	drop_queue(q);
	pthread_mutex_unlock(&__aio_mutex);
	return NULL;
}

struct queue *__aio_queue(int fd)
{
	struct queue *q = queues;

	while (q && q->fd != fd)
		q = q->next;
	return q;
}

/* The descriptor's queue, made with its thread if there is none. With the mutex held. */
static struct queue *get_queue(int fd)
{
	struct queue *q = __aio_queue(fd);
	pthread_attr_t attr;
	sigset_t old;
	pthread_t t;
	int err;

	if (q)
		return q;
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->fd = fd;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 65536);
	__signals_block(&old);
	err = pthread_create(&t, &attr, serve, q);
	__signals_restore(&old);
	if (err) {
		free(q);
		return NULL;
	}
	q->next = queues;
	queues = q;
	return q;
}

int __aio_submit(struct aiocb *cb, int op, struct aio_list *list)
{
	int flags = fcntl(cb->aio_fildes, F_GETFL), err = 0;
	struct job *j, **at;
	struct queue *q;

	if (flags < 0)
		err = EBADF;
	else if (op > JOB_WRITE && (flags & O_ACCMODE) == O_RDONLY)
		err = EBADF;
	else if (op <= JOB_WRITE && (cb->aio_reqprio < 0 || cb->aio_nbytes > SSIZE_MAX))
		err = EINVAL;
	else if (op <= JOB_WRITE && cb->aio_offset < 0 && !(flags & O_APPEND) &&
		 lseek(cb->aio_fildes, 0, SEEK_CUR) >= 0)
		err = EINVAL;
	if (err) {
		cb->__error = err;
		cb->__result = -1;
		errno = err;
		return -1;
	}
	j = malloc(sizeof(*j));
	if (!j)
		goto out_again;
	*j = (struct job){ .cb = cb, .op = op, .append = flags & O_APPEND, .list = list };
	pthread_mutex_lock(&__aio_mutex);
	q = get_queue(cb->aio_fildes);
	if (!q) {
		pthread_mutex_unlock(&__aio_mutex);
		free(j);
		goto out_again;
	}
	cb->__job = j;
	cb->__error = EINPROGRESS;
	for (at = &q->first; *at; at = &(*at)->next)
		continue;
	*at = j;
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&__aio_mutex);
	return 0;

out_again:
	cb->__error = EAGAIN;
	cb->__result = -1;
	errno = EAGAIN;
	return -1;
}

int aio_read(struct aiocb *cb)
{
	return __aio_submit(cb, JOB_READ, NULL);
}

int aio_write(struct aiocb *cb)
{
	return __aio_submit(cb, JOB_WRITE, NULL);
}

int aio_fsync(int op, struct aiocb *cb)
{
	if (op != O_SYNC && op != O_DSYNC) {
		errno = EINVAL;
		return -1;
	}
	return __aio_submit(cb, op == O_SYNC ? JOB_SYNC : JOB_DATASYNC, NULL);
}

int aio_error(const struct aiocb *cb)
{
	return __atomic_load_n(&cb->__error, __ATOMIC_ACQUIRE);
}

ssize_t aio_return(struct aiocb *cb)
{
	if (cb->__error == EINPROGRESS) {
		errno = EINVAL;
		return -1;
	}
	return cb->__result;
}
