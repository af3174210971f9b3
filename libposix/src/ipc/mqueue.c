/*
 * mqueue.c - POSIX message queues: mq_overview(7). Names have one slash, at their
 * beginning, which the kernel doesn't want to see.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <mqueue.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

mqd_t mq_open(const char *name, int flags, ...)
{
	struct mq_attr *attr = NULL;
	mode_t mode = 0;
	va_list ap;

	if (*name != '/')
		return (mqd_t)RET(-EINVAL);
	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		attr = va_arg(ap, struct mq_attr *);
		va_end(ap);
	}
	return (mqd_t)RET(SC(__NR_mq_open, name + 1, flags, mode, attr));
}

int mq_close(mqd_t mq)
{
	return (int)RET(SC(__NR_close, mq));
}

int mq_unlink(const char *name)
{
	long raw;

	if (*name != '/')
		return (int)RET(-EINVAL);
	raw = SC(__NR_mq_unlink, name + 1);
	return (int)RET(raw == -EPERM ? -EACCES : raw);
}

int mq_setattr(mqd_t mq, const struct mq_attr *__restrict attr, struct mq_attr *__restrict old)
{
	return (int)RET(SC(__NR_mq_getsetattr, mq, attr, old));
}

int mq_getattr(mqd_t mq, struct mq_attr *attr)
{
	return mq_setattr(mq, NULL, attr);
}

int mq_timedsend(mqd_t mq, const char *msg, size_t n, unsigned int priority,
		 const struct timespec *until)
{
	return (int)RET(SCC(__NR_mq_timedsend, mq, msg, n, priority, until));
}

int mq_send(mqd_t mq, const char *msg, size_t n, unsigned int priority)
{
	return mq_timedsend(mq, msg, n, priority, NULL);
}

ssize_t mq_timedreceive(mqd_t mq, char *__restrict msg, size_t n, unsigned int *__restrict priority,
			const struct timespec *__restrict until)
{
	return RET(SCC(__NR_mq_timedreceive, mq, msg, n, priority, until));
}

ssize_t mq_receive(mqd_t mq, char *msg, size_t n, unsigned int *priority)
{
	return mq_timedreceive(mq, msg, n, priority, NULL);
}
