/*
 * The log's reader (core/klog.h). Lines come from everywhere, with any lock held, so nobody is woken
 * by one: who reads looks now and then, and a timer does for those who poll.
 */
#include "core/klog.h"

#include <err.h>
#include <uapi/errno.h>

#include "core/mutex.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "sync/log.h"

#define LOOK_NS (50 * NSEC_PER_MSEC)

static struct mutex taking = MUTEX_INIT(taking);
static u64 taken; /* [taking] bytes of the log; peeked at */
static struct timer look;
struct waitq klog_wait = WAITQ_INIT(klog_wait);

size_t klog_unread(void)
{
	u64 pos = READ_ONCE(taken), begin = pos;
	char buf[64];

	while (log_read(&pos, buf, sizeof(buf)))
		;
	return pos - begin;
}

static bool any_news(void *arg __unused)
{
	u64 pos = READ_ONCE(taken);
	char c;

	return log_read(&pos, &c, 1) != 0;
}

static void look_for_news(struct timer *t)
{
	if (any_news(NULL))
		wake_up_all(&klog_wait);
	if (waitq_active(&klog_wait))
		timer_start(t, now_mono() + LOOK_NS);
}

void klog_init(void)
{
	timer_init(&look, look_for_news);
}

void klog_watch(void)
{
	timer_start(&look, now_mono() + LOOK_NS);
}

long klog_read(char *buf, size_t n, bool nonblock)
{
	struct waiter w;
	size_t got;
	int err = 0;

	waiter_init(&w);
	for (;;) {
		mutex_lock(&taking);
		got = log_read(&taken, buf, n);
		mutex_unlock(&taking);
		if (got || nonblock || err)
			break;
		wait_prepare(&klog_wait, &w, TASK_INTERRUPTIBLE);
		if (!any_news(NULL))
			err = wait_sleep(now_mono() + LOOK_NS);
		wait_finish(&klog_wait, &w);
		err = err == -ETIMEDOUT ? 0 : err;
	}
	return got ? (long)got : err ? err : -EAGAIN;
}
