/*
 * aio.h - what the files of aio(7) share: a queue of jobs for each descriptor.
 */
#ifndef LIBPOSIX_AIO_H
#define LIBPOSIX_AIO_H

#include <aio.h>
#include <pthread.h>

enum { JOB_READ, JOB_WRITE, JOB_DATASYNC, JOB_SYNC };

struct aio_list { /* of lio_listio: told of when all are done */
	int left;
	struct sigevent event;
};

struct job {
	struct job *next;
	struct aiocb *cb;
	int op, append;
	struct aio_list *list;
};

struct queue {
	struct queue *next;
	int fd;
	struct job *first, *running;
	pthread_cond_t more;
};

extern pthread_mutex_t __aio_mutex; /* guards all of it */
extern pthread_cond_t __aio_done; /* some job has ended */

struct queue *__aio_queue(int fd); /* NULL: it has no jobs */
int __aio_submit(struct aiocb *cb, int op, struct aio_list *list);
void __aio_finish(struct job *j, int err, ssize_t result);
void __aio_notify(const struct sigevent *ev);

#endif
