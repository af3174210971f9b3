/*
 * Leases (lease.h). They hang off the inode beside its locks (lock_tree.h); inode->lock guards them.
 * A lease that is in somebody's way is marked, its owner is signalled, and it goes, or becomes a
 * read lease, when its owner says so or after lease_break_time.
 */
#include "fs/lease.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "fs/async.h"
#include "fs/internal.h"
#include "fs/lock_tree.h"

int leases_enable = 1, lease_break_time = 45;

struct lease {
	struct list_head link; /* [inode->lock] */
	struct file *file; /* [I] whose it is; not referenced: it goes with the file */
	int fd; /* [inode->lock] by which it was asked for */
	int type; /* [inode->lock] F_RDLCK, F_WRLCK */
	int target; /* [inode->lock] what it is to become; type: nobody is in its way */
	u64 deadline; /* [inode->lock] when it becomes that without its owner */
	int pid; /* [I] */
};

static struct lease *find(const struct inode *i, const struct file *f)
{
	struct lease *l;

	list_for_each_entry(l, &i->locks->leases, link)
		if (l->file == f)
			return l;
	return NULL;
}

/* l becomes a lease of that type; F_UNLCK: none, and is freed. Who waits looks again. */
static void become(struct inode *i, struct lease *l, int type)
{
	l->type = l->target = type;
	if (type == F_UNLCK) {
		async_disown(l->file);
		list_del(&l->link);
		kfree(l);
	}
	wake_up_all(&i->locks->lease_q);
}

/* Those that had time enough to give way do. */
static void expire(struct inode *i)
{
	struct lease *l, *n;

	list_for_each_entry_safe(l, n, &i->locks->leases, link)
		if (l->target != l->type && now_mono() >= l->deadline)
			become(i, l, l->target);
}

/* A lease in the way of who opens to write, or to read; NULL. */
static struct lease *in_the_way(const struct inode *i, bool write)
{
	struct lease *l;

	list_for_each_entry(l, &i->locks->leases, link)
		if (write || l->type == F_WRLCK)
			return l;
	return NULL;
}

/* Asks all that are in the way to give it, if they were not asked yet. */
static void ask_all(struct inode *i, bool write)
{
	int seconds = READ_ONCE(lease_break_time);
	u64 deadline = seconds ? now_mono() + (u64)seconds * NSEC_PER_SEC : WAIT_FOREVER;
	struct lease *l;

	list_for_each_entry(l, &i->locks->leases, link) {
		int target = write ? F_UNLCK : F_RDLCK;

		if ((!write && l->type != F_WRLCK) || l->target == target || l->target == F_UNLCK)
			continue;
		l->target = target;
		l->deadline = deadline;
		async_signal(l->file, l->fd, POLL_MSG);
	}
}

/* Waits until nothing is in the way: 0 or -ERESTARTSYS. */
static int wait_for_all(struct inode *i, bool write)
{
	struct waitq *q = &i->locks->lease_q;
	struct waiter w;
	int err = 0;

	waiter_init(&w);
	for (;;) {
		const struct lease *l;
		u64 deadline = 0;

		wait_prepare(q, &w, TASK_INTERRUPTIBLE);
		spin_lock(&i->lock);
		expire(i);
		l = in_the_way(i, write);
		if (l)
			deadline = l->deadline;
		spin_unlock(&i->lock);
		if (!l)
			break;
		err = wait_sleep(deadline);
		if (err && err != -ETIMEDOUT)
			break;
		err = 0;
	}
	wait_finish(q, &w);
	return err;
}

int lease_break_slow(struct inode *i, int flags)
{
	bool write = (flags & O_ACCMODE) != O_RDONLY, blocked;

	if (list_empty(&i->locks->leases))
		return 0;
	spin_lock(&i->lock);
	expire(i);
	blocked = in_the_way(i, write);
	if (blocked)
		ask_all(i, write);
	spin_unlock(&i->lock);
	if (!blocked)
		return 0;
	return flags & O_NONBLOCK ? -EWOULDBLOCK : wait_for_all(i, write);
}

void lease_release_slow(struct file *f)
{
	struct inode *i = f->inode;
	struct lease *l;

	if (list_empty(&i->locks->leases))
		return;
	spin_lock(&i->lock);
	l = find(i, f);
	if (l)
		become(i, l, F_UNLCK);
	spin_unlock(&i->lock);
}

int lease_get(struct file *f)
{
	struct inode *i = f->inode;
	const struct lease *l;
	int type = F_UNLCK;

	if (!READ_ONCE(i->locks))
		return type;
	spin_lock(&i->lock);
	expire(i);
	l = find(i, f);
	if (l)
		type = l->target;
	spin_unlock(&i->lock);
	return type;
}

/* Has anybody the file open in a way that forbids f a lease of this type? */
static bool is_in_use(const struct file *f, int type)
{
	const struct inode *i = f->inode;
	int writers = (f->mode & FMODE_WRITE) != 0;

	if (type == F_RDLCK)
		return atomic_read(&i->writers) > 0;
	return atomic_read(&i->writers) != writers ||
	       atomic_read(&i->readers) != (!writers && (f->mode & FMODE_READ));
}

/* Do the leases of others, or one that is being taken from f, forbid this one? */
static bool is_leased(struct inode *i, const struct file *f, int type)
{
	const struct lease *l;

	list_for_each_entry(l, &i->locks->leases, link)
		if (l->file != f && (type == F_WRLCK || l->target == F_UNLCK))
			return true;
	return false;
}

static int grant(struct file *f, int fd, int type)
{
	struct lease *fresh = kzalloc(sizeof(*fresh), 0), *l;
	struct inode *i = f->inode;
	int err = -ENOMEM;

	if (!fresh || !lock_have(i) || async_claim(f))
		goto out;
	err = -EAGAIN;
	spin_lock(&i->lock);
	expire(i);
	if (is_in_use(f, type) || is_leased(i, f, type))
		goto out_unlock;
	err = 0;
	l = find(i, f);
	if (l) {
		l->fd = fd;
		become(i, l, type);
		goto out_unlock;
	}
	*fresh = (struct lease){
		.file = f, .fd = fd, .type = type, .target = type, .pid = proc_pid(current->proc)
	};
	list_add_tail(&fresh->link, &i->locks->leases);
	/* Who opens it now either sees the lease or was counted before. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (is_in_use(f, type)) {
		list_del(&fresh->link);
		err = -EAGAIN;
	} else {
		fresh = NULL;
	}
out_unlock:
	spin_unlock(&i->lock);
out:
	kfree(fresh);
	return err;
}

static int give_back(struct file *f)
{
	struct inode *i = f->inode;
	struct lease *l;

	if (!READ_ONCE(i->locks))
		return -EAGAIN;
	spin_lock(&i->lock);
	l = find(i, f);
	if (l)
		become(i, l, F_UNLCK);
	spin_unlock(&i->lock);
	return l ? 0 : -EAGAIN;
}

int lease_set(struct file *f, int fd, int type)
{
	if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
		return -EINVAL;
	if (current->cred->fsuid != f->inode->uid && !capable(CAP_LEASE))
		return -EACCES;
	if (!S_ISREG(f->inode->mode))
		return -EINVAL;
	if (type == F_UNLCK)
		return give_back(f);
	return READ_ONCE(leases_enable) ? grant(f, fd, type) : -EINVAL;
}

bool lease_lines(struct inode_locks *ls, struct lock_line *line, lock_line_fn fn, void *arg)
{
	const struct lease *l;
	bool more = true;

	spin_lock(&ls->inode->lock);
	list_for_each_entry(l, &ls->leases, link) {
		line->nr++;
		line->waits = false;
		line->kind = l->target != l->type ? LOCK_LEASE_BREAKING : LOCK_LEASE;
		line->type = l->target;
		line->pid = l->pid;
		line->start = 0;
		line->end = S64_MAX;
		more = fn(line, arg);
		if (!more)
			break;
	}
	spin_unlock(&ls->inode->lock);
	return more;
}
