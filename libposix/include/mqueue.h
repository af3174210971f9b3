/*
 * mqueue.h - POSIX message queues: mq_overview(7).
 */
#ifndef _MQUEUE_H
#define _MQUEUE_H

#include <features.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>
#include <uapi/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int mqd_t;

mqd_t mq_open(const char *name, int flags, ...);
int mq_close(mqd_t mq);
int mq_unlink(const char *name);
int mq_getattr(mqd_t mq, struct mq_attr *attr);
int mq_setattr(mqd_t mq, const struct mq_attr *__restrict attr, struct mq_attr *__restrict old);
int mq_notify(mqd_t mq, const struct sigevent *event);
int mq_send(mqd_t mq, const char *msg, size_t n, unsigned int priority);
int mq_timedsend(mqd_t mq, const char *msg, size_t n, unsigned int priority,
		 const struct timespec *until);
ssize_t mq_receive(mqd_t mq, char *msg, size_t n, unsigned int *priority);
ssize_t mq_timedreceive(mqd_t mq, char *__restrict msg, size_t n, unsigned int *__restrict priority,
			const struct timespec *__restrict until);

#ifdef __cplusplus
}
#endif

#endif
