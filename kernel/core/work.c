/*
 * Work queues (core/work.h): one list, one thread, in order of arrival.
 * queue_lock guards the list and the link of each queued work.
 */
#include "core/work.h"

#include <atomic.h>
#include <compiler.h>
#include <err.h>

#include "core/sched.h"
#include "core/task.h"
#include "core/wait.h"
#include "sync/log.h"
#include "sync/spinlock.h"

static spinlock_t queue_lock = SPINLOCK_INIT(RANK_WORK, "work");
static LIST_HEAD(queue); /* [queue_lock] */
static struct task *worker; /* [boot] */

void work_init(struct work *w, void (*fn)(struct work *))
{
	list_init(&w->link);
	w->fn = fn;
}

bool work_queue(struct work *w)
{
	unsigned long flags = spin_lock_irqsave(&queue_lock);
	bool fresh = list_empty(&w->link);

	if (fresh)
		list_add_tail(&w->link, &queue);
	spin_unlock_irqrestore(&queue_lock, flags);
	if (fresh && worker)
		wake_task(worker, TASK_INTERRUPTIBLE);
	return fresh;
}

/* The next work, no longer queued (it may be queued again while it runs); NULL. */
static struct work *take(void)
{
	unsigned long flags = spin_lock_irqsave(&queue_lock);
	struct work *w = list_first_entry_or_null(&queue, struct work, link);

	if (w)
		list_del_init(&w->link);
	spin_unlock_irqrestore(&queue_lock, flags);
	return w;
}

static void work_thread(void *arg __unused)
{
	struct work *w;

	for (;;) {
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
		smp_mb();
		w = take();
		if (!w) {
			wait_sleep(WAIT_FOREVER);
			continue;
		}
		WRITE_ONCE(current->state, TASK_RUNNING);
		w->fn(w);
		cond_resched();
	}
}

struct flush {
	struct work work;
	struct task *task; /* [i] */
	bool done; /* [a] stored with release by the worker, last */
};

/*
 * The flusher's stack may be gone once done is stored; its task is freed only after a grace
 * period.
 */
static void flush_done(struct work *w)
{
	struct flush *f = container_of(w, struct flush, work);
	struct task *t = f->task;

	smp_store_release(&f->done, true);
	wake_task(t, TASK_UNINTERRUPTIBLE);
}

void work_flush(void)
{
	struct flush f = { .task = current, .done = false };

	work_init(&f.work, flush_done);
	work_queue(&f.work);
	for (;;) {
		WRITE_ONCE(current->state, TASK_UNINTERRUPTIBLE);
		smp_mb();
		if (smp_load_acquire(&f.done))
			break;
		wait_sleep(WAIT_FOREVER);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
}

void workqueue_init(void)
{
	worker = kthread_start(work_thread, NULL, "kworker");
	if (IS_ERR(worker))
		panic("no memory for the work thread");
}
