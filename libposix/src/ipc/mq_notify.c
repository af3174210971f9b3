/*
 * mq_notify.c - mq_notify(2). For SIGEV_THREAD the kernel sends 32 bytes of ours
 * to a netlink socket, the last of them telling why; a thread waits there, once.
 */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <mqueue.h>
#include <sys/socket.h>
#include <unistd.h>

#define COOKIE 32
#define WOKEN  1 /* in the last byte */

struct notice {
	void (*fn)(sigval_t);
	sigval_t value;
	int fd;
	volatile int ready;
};

static void *helper(void *arg)
{
	struct notice *given = arg, n = *given;
	unsigned char cookie[COOKIE];
	sigset_t none = 0;
	ssize_t got;

	__atomic_store_n(&given->ready, 1, __ATOMIC_RELEASE);
	__futex_wake(&given->ready, 1, 0);
	do {
		got = recv(n.fd, cookie, sizeof(cookie), MSG_NOSIGNAL | MSG_WAITALL);
	} while (got < 0 && errno == EINTR);
	close(n.fd);
	__signals_restore(&none);
	if (got == COOKIE && cookie[COOKIE - 1] == WOKEN)
		n.fn(n.value);
	return NULL;
}

static int notify_thread(mqd_t mq, const struct sigevent *event)
{
	struct notice n = { .fn = event->sigev_notify_function, .value = event->sigev_value };
	static const char cookie[COOKIE];
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD };
	pthread_attr_t attr;
	sigset_t old;
	pthread_t t;
	int err;

	n.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (n.fd < 0)
		return -1;
	if (event->sigev_notify_attributes)
		attr = *event->sigev_notify_attributes;
	else
		pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* The kernel takes the descriptor from the number and the bytes from the value. */
	ev.sigev_signo = n.fd;
	ev.sigev_value.sival_ptr = (void *)cookie;
	if (RET(SC(__NR_mq_notify, mq, &ev)) < 0) {
		err = errno;
		close(n.fd);
		errno = err;
		return -1;
	}
	__signals_block(&old);
	err = pthread_create(&t, &attr, helper, &n);
	__signals_restore(&old);
	if (err) {
		SC(__NR_mq_notify, mq, NULL);
		close(n.fd);
		return (int)RET(-EAGAIN);
	}
	while (!__atomic_load_n(&n.ready, __ATOMIC_ACQUIRE))
		__futex_wait(&n.ready, 0, CLOCK_REALTIME, NULL, 0);
	return 0;
}

int mq_notify(mqd_t mq, const struct sigevent *event)
{
	if (event && event->sigev_notify == SIGEV_THREAD)
		return notify_thread(mq, event);
	return (int)RET(SC(__NR_mq_notify, mq, event));
}
