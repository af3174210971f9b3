/*
 * Event counters: eventfd(2). The count is guarded by e->lock, which is also
 * held while deciding to wake. Each has the lowest number that no other has;
 * ids_mutex guards which are taken.
 */
#include "fs/eventfd.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/eventfd.h>
#include <uapi/fcntl.h>
#include <uapi/uio.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/bitmap.h"
#include "lib/printf.h"
#include "lib/string.h"

#define COUNT_MAX (~0UL - 1)

struct eventfd {
	spinlock_t lock; /* RANK_FS */
	u64 count; /* [lock] */
	int id; /* [I] among those there are, for fdinfo */
	bool semaphore; /* [I] */
	struct waitq q;
};

static const struct file_ops eventfd_fops;

static struct mutex ids_mutex = MUTEX_INIT(ids_mutex);
static unsigned long *ids, nr_ids; /* [ids_mutex] a map that grows: which are taken */
static unsigned long next_id; /* [ids_mutex] none below it is free */

static int id_take(void)
{
	unsigned long id, *more;

	mutex_lock(&ids_mutex);
	id = find_next_zero_bit(ids, nr_ids, next_id);
	if (id == nr_ids) {
		more = kzalloc((nr_ids / 64 * 2 + 1) * sizeof(*more), 0);
		if (!more) {
			mutex_unlock(&ids_mutex);
			return -ENOMEM;
		}
		memcpy(more, ids, nr_ids / 8);
		kfree(ids);
		ids = more;
		nr_ids = nr_ids * 2 + 64;
	}
	bitmap_set(ids, id, 1);
	next_id = id + 1;
	mutex_unlock(&ids_mutex);
	return (int)id;
}

static void id_give(int id)
{
	mutex_lock(&ids_mutex);
	bitmap_clear(ids, (unsigned long)id, 1);
	next_id = min(next_id, (unsigned long)id);
	mutex_unlock(&ids_mutex);
}

struct file *eventfd_create(u32 count, int flags)
{
	struct eventfd *e = kzalloc(sizeof(*e), 0);
	struct file *f;

	if (!e)
		return ERR_PTR(-ENOMEM);
	e->id = id_take();
	if (e->id < 0) {
		kfree(e);
		return ERR_PTR(-ENOMEM);
	}
	spin_init(&e->lock, RANK_FS, "eventfd");
	waitq_init(&e->q);
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	f = anon_file("anon_inode:[eventfd]", &eventfd_fops, e,
		      O_RDWR | (flags & EFD_NONBLOCK ? O_NONBLOCK : 0));
	if (IS_ERR(f)) {
		id_give(e->id);
		kfree(e);
	} else {
		f->mode |= FMODE_STREAM | FMODE_NOWAIT;
	}
	return f;
}

/* Waits with e->lock held (dropped meanwhile) until `ready`, or returns why not. */
static int wait_locked(struct eventfd *e, bool nonblock, bool (*ready)(struct eventfd *e, u64 arg),
		       u64 arg)
{
	int err = 0;

	while (!ready(e, arg) && !err) {
		struct waiter w;

		if (nonblock)
			return -EAGAIN;
		waiter_init(&w);
		wait_prepare(&e->q, &w, TASK_INTERRUPTIBLE);
		spin_unlock(&e->lock);
		err = wait_sleep(WAIT_FOREVER);
		wait_finish(&e->q, &w);
		spin_lock(&e->lock);
	}
	return err;
}

static bool can_read(struct eventfd *e, u64 arg __unused)
{
	return e->count > 0;
}

static bool can_write(struct eventfd *e, u64 arg)
{
	return arg <= COUNT_MAX - e->count;
}

static ssize_t eventfd_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct eventfd *e = f->priv;
	u64 value;
	int err;

	if (it->count < sizeof(value))
		return -EINVAL;
	spin_lock(&e->lock);
	err = wait_locked(e, (f->flags & O_NONBLOCK) || (it->rwf & RWF_NOWAIT), can_read, 0);
	if (err) {
		spin_unlock(&e->lock);
		return err;
	}
	value = e->semaphore ? 1 : e->count;
	e->count -= value;
	spin_unlock(&e->lock);
	wake_up_key(&e->q, EPOLLOUT);
	return iter_copy_to(it, &value, sizeof(value)) == sizeof(value) ? (ssize_t)sizeof(value) :
									  -EFAULT;
}

static ssize_t eventfd_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct eventfd *e = f->priv;
	u64 value;
	int err;

	if (it->rwf) /* pwritev2(2) with flags */
		return -EOPNOTSUPP;
	if (it->count != sizeof(value))
		return -EINVAL;
	if (iter_copy_from(it, &value, sizeof(value)) != sizeof(value))
		return -EFAULT;
	if (value == ~0UL)
		return -EINVAL;
	spin_lock(&e->lock);
	err = wait_locked(e, f->flags & O_NONBLOCK, can_write, value);
	if (!err)
		e->count += value;
	spin_unlock(&e->lock);
	if (err)
		return err;
	wake_up_key(&e->q, EPOLLIN);
	return sizeof(value);
}

static u32 eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->priv;
	u64 count;

	poll_wait(f, &e->q, pt);
	count = READ_ONCE(e->count);
	return (count > 0 ? EPOLLIN : 0) | (count < COUNT_MAX ? EPOLLOUT : 0);
}

static void eventfd_release(struct file *f)
{
	struct eventfd *e = f->priv;

	id_give(e->id);
	kfree(e);
}

static int eventfd_fdinfo(struct file *f, char *buf, size_t n)
{
	struct eventfd *e = f->priv;

	return scnprintf(buf, n, "eventfd-count: %16lx\neventfd-id: %d\neventfd-semaphore: %d\n",
			 READ_ONCE(e->count), e->id, e->semaphore);
}

static const struct file_ops eventfd_fops = {
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.llseek = noop_llseek,
	.release = eventfd_release,
	.show_fdinfo = eventfd_fdinfo,
};

bool file_is_eventfd(const struct file *f)
{
	return f->ops == &eventfd_fops;
}

void eventfd_signal(struct file *f)
{
	struct eventfd *e = f->priv;

	spin_lock(&e->lock);
	if (e->count < COUNT_MAX + 1)
		e->count++;
	spin_unlock(&e->lock);
	wake_up_key(&e->q, EPOLLIN);
}
