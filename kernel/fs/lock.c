/*
 * File locks (lock.h): fcntl_locking(2), flock(2).
 *
 * An inode has one list of all its locks, guarded by inode->lock. Record locks (POSIX) belong to a
 * descriptor table, open-file-description locks and flock locks to an open file. A sleeper waits on
 * inode->lock_wait, which every change that may let somebody go wakes as a whole; so a waiter tries again
 * from the start and owns nothing while it sleeps.
 *
 * Deadlock (POSIX record locks only): each sleeper is on the list `sleepers` with who it waits for. The
 * entry is out of date once the lock it names is gone, so a change of an inode's locks voids the entries
 * of that inode before anybody else looks; sleepers_lock ranks above inode->lock.
 */
#include "fs/lock.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/wait.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "lib/list.h"

enum lock_kind { LOCK_RECORD, LOCK_OFD, LOCK_FLOCK };

struct file_lock {
	struct list_head link; /* [inode->lock] */
	enum lock_kind kind; /* [I] */
	bool write; /* [inode->lock] exclusive */
	u64 start, end; /* [inode->lock] bytes, both included */
	void *owner; /* [I] a struct files or a struct file; compared, not followed */
	int pid; /* [I] who set it */
};

struct sleeper {
	struct list_head link; /* [sleepers_lock] */
	struct inode *inode;
	void *owner; /* who sleeps */
	void *blocker; /* [sleepers_lock] whose lock it waits for; NULL: out of date */
};

static spinlock_t sleepers_lock = SPINLOCK_INIT(RANK_FS, "lock sleepers");
static struct list_head sleepers = LIST_HEAD_INIT(sleepers); /* [sleepers_lock] */

static struct file_lock *new_lock(enum lock_kind kind, void *owner, bool write, u64 start, u64 end)
{
	struct file_lock *l = kmalloc(sizeof(*l), 0);

	if (l) {
		list_init(&l->link);
		l->kind = kind;
		l->owner = owner;
		l->write = write;
		l->start = start;
		l->end = end;
		l->pid = kind == LOCK_OFD ? -1 : proc_pid(current->proc);
	}
	return l;
}

/* Some lock of i went or shrank: whoever waits tries again. inode->lock held. */
static void locks_changed(struct inode *i)
{
	struct sleeper *s;

	spin_lock(&sleepers_lock);
	list_for_each_entry(s, &sleepers, link)
		if (s->inode == i)
			s->blocker = NULL;
	spin_unlock(&sleepers_lock);
	wake_up_all(&i->lock_wait);
}

static void drop(struct file_lock *l)
{
	list_del(&l->link);
	kfree(l);
}

/* Removes what an owner has of these kinds. */
static void release(struct inode *i, void *owner, bool records)
{
	struct file_lock *l, *n;
	bool any = false;

	if (likely(list_empty(&i->flocks)))
		return;
	spin_lock(&i->lock);
	list_for_each_entry_safe(l, n, &i->flocks, link) {
		if (l->owner == owner && (l->kind == LOCK_RECORD) == records) {
			drop(l);
			any = true;
		}
	}
	if (any)
		locks_changed(i);
	spin_unlock(&i->lock);
}

void lock_release_owner(struct file *f, void *owner)
{
	release(f->inode, owner, true);
}

void lock_release_file(struct file *f)
{
	release(f->inode, f, false);
}

/* What stands in the way of l. Record and OFD locks see each other; flock locks only their own kind. inode->lock held. */
static struct file_lock *conflict(struct inode *i, const struct file_lock *l)
{
	struct file_lock *o;

	list_for_each_entry(o, &i->flocks, link)
		if ((o->kind == LOCK_FLOCK) == (l->kind == LOCK_FLOCK) && o->owner != l->owner &&
		    (o->write || l->write) && o->start <= l->end && l->start <= o->end)
			return o;
	return NULL;
}

/* Would `owner`, waiting for `blocker`, wait for itself in the end? */
static bool deadlock(void *owner, void *blocker)
{
	for (unsigned depth = 0; blocker && depth < 64; depth++) {
		struct sleeper *s, *found = NULL;

		if (blocker == owner)
			return true;
		list_for_each_entry(s, &sleepers, link) {
			if (s->owner == blocker && s->blocker) {
				found = s;
				break;
			}
		}
		if (!found)
			return false;
		blocker = found->blocker;
	}
	return false;
}

/*
 * Gives l's range to l's owner: existing locks of that owner are cut, split or merged so that none overlap.
 * l is linked (or, to unlock, freed); spare serves a split and is freed if unused. inode->lock held.
 */
static void apply(struct inode *i, struct file_lock *l, struct file_lock *spare, bool unlock)
{
	struct file_lock *o, *n;
	bool changed = false;

	list_for_each_entry_safe(o, n, &i->flocks, link) {
		if (o->kind != l->kind || o->owner != l->owner)
			continue;
		if (!unlock && o->write == l->write) {
			/* Touching ranges of one type become one. */
			if (o->start > l->end + 1 || l->start > o->end + 1)
				continue;
			l->start = min(l->start, o->start);
			l->end = max(l->end, o->end);
			drop(o);
			continue;
		}
		if (o->start > l->end || l->start > o->end)
			continue;
		changed = true;
		if (o->start < l->start && o->end > l->end) {
			*spare = *o;
			spare->start = l->end + 1;
			o->end = l->start - 1;
			list_add_tail(&spare->link, &i->flocks);
			spare = NULL;
		} else if (o->start < l->start) {
			o->end = l->start - 1;
		} else if (o->end > l->end) {
			o->start = l->end + 1;
		} else {
			drop(o);
		}
	}
	if (unlock)
		kfree(l);
	else
		list_add_tail(&l->link, &i->flocks);
	kfree(spare);
	if (changed)
		locks_changed(i);
}

/*
 * One try. 0: done, l and spare are gone. -EAGAIN: somebody is in the way. -EDEADLK. When s is given, it is
 * (still) on the list of sleepers and told whom it waits for.
 */
static int try_lock(struct inode *i, struct file_lock *l, struct file_lock *spare,
		    struct sleeper *s)
{
	struct file_lock *o;
	int err = 0;

	spin_lock(&i->lock);
	o = conflict(i, l);
	if (!o) {
		apply(i, l, spare, false);
	} else {
		err = -EAGAIN;
		if (s) {
			spin_lock(&sleepers_lock);
			s->blocker = o->kind == LOCK_RECORD ? o->owner : NULL;
			if (deadlock(s->owner, s->blocker))
				err = -EDEADLK;
			spin_unlock(&sleepers_lock);
		}
	}
	spin_unlock(&i->lock);
	return err;
}

/* Waits until l can be had. Takes over l and spare, whatever comes. */
static int wait_lock(struct inode *i, struct file_lock *l, struct file_lock *spare)
{
	struct sleeper s = { .inode = i, .owner = l->owner };
	bool watch = l->kind == LOCK_RECORD;
	struct waiter w;
	int err;

	if (watch) {
		spin_lock(&sleepers_lock);
		list_add_tail(&s.link, &sleepers);
		spin_unlock(&sleepers_lock);
	}
	waiter_init(&w);
	for (;;) {
		wait_prepare(&i->lock_wait, &w, TASK_INTERRUPTIBLE);
		err = try_lock(i, l, spare, watch ? &s : NULL);
		if (err != -EAGAIN)
			break;
		err = wait_sleep(WAIT_FOREVER);
		if (err)
			break;
	}
	wait_finish(&i->lock_wait, &w);
	if (watch) {
		spin_lock(&sleepers_lock);
		list_del(&s.link);
		spin_unlock(&sleepers_lock);
	}
	if (err) {
		kfree(l);
		kfree(spare);
	}
	return err;
}

/* --- fcntl(2) --- */

/* struct flock's range as first and last byte. -EINVAL, -EOVERFLOW. */
static int to_range(const struct file *f, const struct flock *fl, u64 *start, u64 *end)
{
	s64 base, from;

	switch (fl->l_whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = (s64)f->pos;
		break;
	case SEEK_END:
		base = (s64)inode_size(f->inode);
		break;
	default:
		return -EINVAL;
	}
	if (fl->l_start > S64_MAX - base)
		return -EOVERFLOW;
	from = base + fl->l_start;
	if (from < 0)
		return -EINVAL;
	*start = (u64)from;
	*end = S64_MAX;
	if (fl->l_len > 0) {
		if (fl->l_len - 1 > S64_MAX - from)
			return -EOVERFLOW;
		*end = (u64)(from + fl->l_len - 1);
	} else if (fl->l_len < 0) {
		if (from + fl->l_len < 0)
			return -EINVAL;
		*end = (u64)(from - 1);
		*start = (u64)(from + fl->l_len);
	}
	return 0;
}

static bool is_ofd(int cmd)
{
	return cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;
}

int lock_get(struct file *f, int cmd, struct flock *fl)
{
	struct file_lock want = { .kind = is_ofd(cmd) ? LOCK_OFD : LOCK_RECORD,
				  .owner = is_ofd(cmd) ? (void *)f : (void *)current->files },
			 *o;
	int err;

	if (fl->l_type != F_RDLCK && fl->l_type != F_WRLCK)
		return -EINVAL;
	err = to_range(f, fl, &want.start, &want.end);
	if (err)
		return err;
	if (is_ofd(cmd) && fl->l_pid)
		return -EINVAL;
	want.write = fl->l_type == F_WRLCK;
	spin_lock(&f->inode->lock);
	o = conflict(f->inode, &want);
	fl->l_type = F_UNLCK;
	if (o) {
		fl->l_type = o->write ? F_WRLCK : F_RDLCK;
		fl->l_whence = SEEK_SET;
		fl->l_start = (long)o->start;
		fl->l_len = o->end == S64_MAX ? 0 : (long)(o->end - o->start + 1);
		fl->l_pid = o->pid;
	}
	spin_unlock(&f->inode->lock);
	return 0;
}

int lock_set(struct file *f, int cmd, const struct flock *fl)
{
	enum lock_kind kind = is_ofd(cmd) ? LOCK_OFD : LOCK_RECORD;
	void *owner = is_ofd(cmd) ? (void *)f : (void *)current->files;
	bool wait = cmd == F_SETLKW || cmd == F_OFD_SETLKW;
	struct file_lock *l, *spare;
	u64 start, end;
	int err;

	err = to_range(f, fl, &start, &end);
	if (err)
		return err;
	if (fl->l_type != F_RDLCK && fl->l_type != F_WRLCK && fl->l_type != F_UNLCK)
		return -EINVAL;
	if ((fl->l_type == F_RDLCK && !(f->mode & FMODE_READ)) ||
	    (fl->l_type == F_WRLCK && !(f->mode & FMODE_WRITE)))
		return -EBADF;
	if (is_ofd(cmd) && fl->l_pid)
		return -EINVAL;
	if (fl->l_type == F_UNLCK && list_empty(&f->inode->flocks))
		return 0;
	l = new_lock(kind, owner, fl->l_type == F_WRLCK, start, end);
	spare = new_lock(kind, owner, false, 0, 0);
	if (!l || !spare) {
		kfree(l);
		kfree(spare);
		return -ENOLCK;
	}
	if (fl->l_type == F_UNLCK) {
		spin_lock(&f->inode->lock);
		apply(f->inode, l, spare, true);
		spin_unlock(&f->inode->lock);
		return 0;
	}
	if (wait)
		return wait_lock(f->inode, l, spare);
	err = try_lock(f->inode, l, spare, NULL);
	if (err) {
		kfree(l);
		kfree(spare);
	}
	return err;
}

/* --- flock(2) --- */

int lock_flock(struct file *f, int op, bool wait)
{
	struct inode *i = f->inode;
	struct file_lock *l, *o, *n;
	bool same = false, dropped = false;
	int err;

	/* A changed lock is given up first, then asked for anew: flock(2), "not guaranteed to be atomic". */
	spin_lock(&i->lock);
	list_for_each_entry_safe(o, n, &i->flocks, link) {
		if (o->kind != LOCK_FLOCK || o->owner != f)
			continue;
		if (op != LOCK_UN && o->write == (op == LOCK_EX)) {
			same = true;
		} else {
			drop(o);
			dropped = true;
		}
	}
	if (dropped)
		locks_changed(i);
	spin_unlock(&i->lock);
	if (same || op == LOCK_UN)
		return 0;
	l = new_lock(LOCK_FLOCK, f, op == LOCK_EX, 0, S64_MAX);
	if (!l)
		return -ENOLCK;
	if (wait)
		return wait_lock(i, l, NULL);
	err = try_lock(i, l, NULL, NULL);
	if (err)
		kfree(l);
	return err;
}
