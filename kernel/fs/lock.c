/*
 * File locks (lock.h): fcntl_locking(2), flock(2).
 *
 * An inode that has or had locks has a struct inode_locks, guarded by inode->lock. Record locks
 * (POSIX) belong to a descriptor table, open-file-description locks and flock locks to an open
 * file. The locks that one owner has of one kind never overlap. Each lock is in two trees: by its
 * place and by its owner (lock_tree.h).
 *
 * A sleeper hangs on the lock in its way. When that lock goes or changes, the sleeper is taken
 * off and tries again from the start; it owns nothing while it sleeps.
 *
 * Deadlock (POSIX record locks only): a sleeper is in a hash by its owner and tells whom it waits
 * for; that is void once it is taken off the lock. sleepers_lock ranks above inode->lock.
 */
#include "fs/lock.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/task.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/lock_tree.h"
#include "lib/hash.h"

#define BATCH	  64 /* locks that go, or are told, under one hold of inode->lock */
#define CHAIN_MAX 64 /* owners waiting one for another, as far as a deadlock is looked for */
#define HASH_BITS 6

struct sleeper {
	struct list_head link; /* [inode->lock] of its lock's sleepers; empty: it tries again */
	struct hlist_node hash_link; /* [sleepers_lock] */
	struct file_lock *want; /* [I] */
	void *blocker; /* [sleepers_lock] whose record lock it waits for; NULL: none now */
	struct waitq q;
};

static struct mutex inodes_mutex = MUTEX_INIT(inodes_mutex);
static struct list_head inodes = LIST_HEAD_INIT(inodes); /* [inodes_mutex] */
static spinlock_t sleepers_lock = SPINLOCK_INIT(RANK_FS, "lock sleepers");
static struct hlist_head sleepers[1 << HASH_BITS]; /* [sleepers_lock] */

static struct file_lock *new_lock(enum lock_kind kind, void *owner, bool write, u64 start, u64 end)
{
	struct file_lock *l = kmalloc(sizeof(*l), 0);

	if (l) {
		list_init(&l->sleepers);
		l->kind = kind;
		l->owner = owner;
		l->write = write;
		l->start = start;
		l->end = end;
		l->pid = kind == LOCK_OFD ? -1 : proc_pid(current->proc);
	}
	return l;
}

bool lock_have(struct inode *i)
{
	struct inode_locks *fresh;

	if (likely(READ_ONCE(i->locks)))
		return true;
	fresh = kzalloc(sizeof(*fresh), 0);
	if (!fresh)
		return false;
	fresh->inode = i;
	list_init(&fresh->leases);
	waitq_init(&fresh->lease_q);
	mutex_lock(&inodes_mutex);
	if (!i->locks) {
		list_add_tail(&fresh->link, &inodes);
		__atomic_store_n(&i->locks, fresh, __ATOMIC_RELEASE);
		fresh = NULL;
	}
	mutex_unlock(&inodes_mutex);
	kfree(fresh);
	return true;
}

/* Nobody has i any more, so there are no locks on it. */
void lock_inode_gone(struct inode *i)
{
	if (likely(!i->locks))
		return;
	mutex_lock(&inodes_mutex);
	list_del(&i->locks->link);
	mutex_unlock(&inodes_mutex);
	kfree(i->locks);
}

/* o goes or changes: whom it kept waiting tries again. */
static void wake_sleepers(struct file_lock *o)
{
	while (!list_empty(&o->sleepers)) {
		struct sleeper *s = list_first_entry(&o->sleepers, struct sleeper, link);

		list_del_init(&s->link);
		spin_lock(&sleepers_lock);
		s->blocker = NULL;
		spin_unlock(&sleepers_lock);
		wake_up_all(&s->q);
	}
}

static void drop(struct inode_locks *ls, struct file_lock *o)
{
	wake_sleepers(o);
	lock_tree_erase(ls, o);
	kfree(o);
}

/*
 * Takes [l->start, l->end] out of o, another lock of the same owner. What lies behind, if o is cut
 * in two, becomes *spare.
 */
static void cut(struct inode_locks *ls, struct file_lock *o, const struct file_lock *l,
		struct file_lock **spare)
{
	u64 end = o->end;

	if (o->start >= l->start && end <= l->end) {
		drop(ls, o);
		return;
	}
	wake_sleepers(o);
	if (o->start >= l->start) {
		lock_tree_set_start(ls, o, l->end + 1);
		return;
	}
	lock_tree_set_end(o, l->start - 1);
	if (end > l->end) {
		(*spare)->write = o->write;
		(*spare)->start = l->end + 1;
		(*spare)->end = end;
		lock_tree_insert(ls, *spare);
		*spare = NULL;
	}
}

/*
 * Gives l's range to l's owner, whose other locks are cut or merged so that none overlap; l is
 * inserted and
 * *spare perhaps, then it is NULL.
 */
static void apply(struct inode_locks *ls, struct file_lock *l, struct file_lock **spare)
{
	struct file_lock touching = { .owner = l->owner, .kind = l->kind }, *o, *n;

	touching.start = l->start - (l->start > 0);
	for (o = lock_tree_first(ls, &touching); lock_same_owner(o, l) && o->start <= l->end + 1;
	     o = n) {
		n = lock_tree_next(o);
		if (o->write == l->write) { /* touching ranges of one type become one */
			l->start = min(l->start, o->start);
			l->end = max(l->end, o->end);
			drop(ls, o);
		} else if (o->start <= l->end && o->end >= l->start) {
			cut(ls, o, l, spare);
		}
	}
	lock_tree_insert(ls, l);
}

/*
 * Takes away what the owner has of [l->start, l->end]: some, then false with l->start moved, or
 * all.
 */
static bool unlock_some(struct inode_locks *ls, struct file_lock *l, struct file_lock **spare)
{
	struct file_lock *o = lock_tree_first(ls, l), *n;

	for (unsigned k = 0; lock_same_owner(o, l) && o->start <= l->end; o = n) {
		if (k++ == BATCH) {
			l->start = o->start;
			return false;
		}
		n = lock_tree_next(o);
		cut(ls, o, l, spare);
	}
	return true;
}

/* --- taking, waiting, releasing --- */

static void unlock(struct inode *i, struct file_lock *l, struct file_lock **spare)
{
	bool done = false;

	while (!done) {
		spin_lock(&i->lock);
		done = unlock_some(i->locks, l, spare);
		spin_unlock(&i->lock);
		cond_resched();
	}
}

static noinline void release_all(struct inode *i, void *owner, enum lock_kind kind)
{
	struct file_lock all = { .owner = owner, .kind = kind, .end = U64_MAX };

	unlock(i, &all, NULL);
}

/* All that an owner has of a kind, when it goes. */
static void release(struct file *f, void *owner, enum lock_kind kind)
{
	const struct inode_locks *ls = __atomic_load_n(&f->inode->locks, __ATOMIC_ACQUIRE);

	if (unlikely(ls && !rb_empty(&ls->by_owner)))
		release_all(f->inode, owner, kind);
}

void lock_release_owner_slow(struct file *f, void *owner)
{
	release(f, owner, LOCK_RECORD);
}

void lock_release_file_slow(struct file *f)
{
	release(f, f, LOCK_OFD);
	release(f, f, LOCK_FLOCK);
}

static struct hlist_head *sleepers_of(const void *owner)
{
	return &sleepers[hash_index(hash_ptr(owner), HASH_BITS)];
}

/* Would `owner`, waiting for `blocker`, wait for itself in the end? sleepers_lock held. */
static bool deadlock(const void *owner, const void *blocker)
{
	for (unsigned depth = 0; blocker && depth < CHAIN_MAX; depth++) {
		const void *next = NULL;
		struct sleeper *s;

		if (blocker == owner)
			return true;
		hlist_for_each_entry(s, sleepers_of(blocker), hash_link) {
			/* While it is blocked, want stays. */
			if (s->blocker && s->want->owner == blocker) {
				next = s->blocker;
				break;
			}
		}
		blocker = next;
	}
	return false;
}

/*
 * One try. 0: done, l is in. -EAGAIN: somebody is in the way, and s, if given, hangs on that lock.
 * -EDEADLK.
 */
static int try_lock(struct inode *i, struct file_lock *l, struct file_lock **spare,
		    struct sleeper *s)
{
	struct file_lock *o;
	int err = 0;

	spin_lock(&i->lock);
	o = lock_tree_conflict(i->locks, l);
	if (!o) {
		apply(i->locks, l, spare);
	} else {
		err = -EAGAIN;
		if (s) {
			list_move_tail(&s->link, &o->sleepers);
			spin_lock(&sleepers_lock);
			s->blocker = l->kind == LOCK_RECORD && o->kind == LOCK_RECORD ? o->owner :
											NULL;
			if (deadlock(l->owner, s->blocker)) {
				s->blocker = NULL;
				err = -EDEADLK;
			}
			spin_unlock(&sleepers_lock);
		}
	}
	spin_unlock(&i->lock);
	return err;
}

/* Waits until l can be had: 0, -EDEADLK, -ERESTARTSYS. */
static int wait_lock(struct inode *i, struct file_lock *l, struct file_lock **spare)
{
	struct sleeper s = { .want = l };
	struct waiter w;
	int err;

	list_init(&s.link);
	waitq_init(&s.q);
	waiter_init(&w);
	spin_lock(&sleepers_lock);
	hlist_add_head(&s.hash_link, sleepers_of(l->owner));
	spin_unlock(&sleepers_lock);
	for (;;) {
		wait_prepare(&s.q, &w, TASK_INTERRUPTIBLE);
		err = try_lock(i, l, spare, &s);
		if (err != -EAGAIN)
			break;
		err = wait_sleep(WAIT_FOREVER);
		if (err)
			break;
	}
	wait_finish(&s.q, &w);
	/* Also lets a waker be done with s. */
	spin_lock(&i->lock);
	list_del(&s.link);
	spin_unlock(&i->lock);
	spin_lock(&sleepers_lock);
	hlist_del(&s.hash_link);
	spin_unlock(&sleepers_lock);
	return err;
}

/* Takes l, whose memory passes to the inode, or frees it. */
static int take(struct inode *i, struct file_lock *l, struct file_lock *spare, bool wait)
{
	int err = wait ? wait_lock(i, l, &spare) : try_lock(i, l, &spare, NULL);

	if (err)
		kfree(l);
	kfree(spare);
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
	bool known = fl->l_type == F_RDLCK || fl->l_type == F_WRLCK;
	bool own = fl->l_type == F_UNLCK; /* F_OFD_GETLK: which lock does f itself have there? */
	struct inode_locks *ls;
	int err;

	if (!known && !is_ofd(cmd))
		return -EINVAL;
	err = to_range(f, fl, &want.start, &want.end);
	if (err)
		return err;
	if ((!known && !own) || (is_ofd(cmd) && fl->l_pid))
		return -EINVAL;
	want.write = fl->l_type == F_WRLCK;
	fl->l_type = F_UNLCK;
	ls = __atomic_load_n(&f->inode->locks, __ATOMIC_ACQUIRE);
	if (!ls)
		return 0;
	spin_lock(&f->inode->lock);
	o = own ? lock_tree_first(ls, &want) : lock_tree_conflict(ls, &want);
	if (o && o->start <= want.end) {
		fl->l_type = o->write ? F_WRLCK : F_RDLCK;
		fl->l_whence = SEEK_SET;
		fl->l_start = (long)o->start;
		fl->l_len = o->end == S64_MAX ? 0 : (long)(o->end - o->start + 1);
		fl->l_pid = o->pid < 0 ? o->pid : nr_here(o->pid);
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
	if (fl->l_type == F_UNLCK && !READ_ONCE(f->inode->locks))
		return 0;
	l = new_lock(kind, owner, fl->l_type == F_WRLCK, start, end);
	spare = new_lock(kind, owner, false, 0, 0); /* for what an unlocking cuts in two */
	if (!l || !spare || !lock_have(f->inode)) {
		kfree(l);
		kfree(spare);
		return -ENOLCK;
	}
	if (fl->l_type == F_UNLCK) {
		unlock(f->inode, l, &spare);
		kfree(l);
		kfree(spare);
		return 0;
	}
	return take(f->inode, l, spare, wait);
}

/* --- flock(2) --- */

int lock_flock(struct file *f, int op, bool wait)
{
	struct file_lock all = { .owner = f, .kind = LOCK_FLOCK, .end = S64_MAX }, *l;
	struct inode *i = f->inode;
	bool same;

	if (op == LOCK_UN && !READ_ONCE(i->locks))
		return 0;
	if (!lock_have(i))
		return -ENOLCK;
	/*
	 * A changed lock is given up first, then asked for anew: flock(2), "not guaranteed to be
	 * atomic".
	 */
	spin_lock(&i->lock);
	l = lock_tree_first(i->locks, &all);
	same = l && op != LOCK_UN && l->write == (op == LOCK_EX);
	if (l && !same)
		drop(i->locks, l);
	spin_unlock(&i->lock);
	if (same || op == LOCK_UN)
		return 0;
	l = new_lock(LOCK_FLOCK, f, op == LOCK_EX, 0, S64_MAX);
	return l ? take(i, l, NULL, wait) : -ENOLCK;
}

/* --- /proc/locks --- */

static bool tell(const struct file_lock *l, struct lock_line *line, lock_line_fn fn, void *arg)
{
	line->kind = l->kind;
	line->type = l->write ? F_WRLCK : F_RDLCK;
	line->pid = l->pid;
	line->owner = l->owner;
	line->start = l->start;
	line->end = l->end;
	return fn(line, arg);
}

/* A lock, and who waits for it to go. False: fn had enough. */
static bool tell_all(const struct file_lock *l, struct lock_line *line, lock_line_fn fn, void *arg)
{
	struct sleeper *s;

	line->nr++;
	line->waits = false;
	if (!tell(l, line, fn, arg))
		return false;
	line->waits = true;
	list_for_each_entry(s, &l->sleepers, link)
		if (!tell(s->want, line, fn, arg))
			return false;
	return true;
}

static bool tell_inode(struct inode_locks *ls, struct lock_line *line, lock_line_fn fn, void *arg)
{
	struct file_lock from = { .owner = NULL }, *l;
	bool more = true;

	line->inode = ls->inode;
	do {
		spin_lock(&ls->inode->lock);
		l = lock_tree_at(ls, &from);
		for (unsigned k = 0; l && more && k < BATCH; k++) {
			more = tell_all(l, line, fn, arg);
			l = lock_tree_next(l);
		}
		if (l)
			from = (struct file_lock){ .owner = l->owner,
						   .kind = l->kind,
						   .start = l->start };
		spin_unlock(&ls->inode->lock);
		cond_resched();
	} while (l && more);
	return more;
}

void lock_for_each(lock_line_fn fn, void *arg)
{
	struct lock_line line = { .nr = 0 };
	struct inode_locks *ls;

	mutex_lock(&inodes_mutex);
	list_for_each_entry(ls, &inodes, link)
		if (!tell_inode(ls, &line, fn, arg) || !lease_lines(ls, &line, fn, arg))
			break;
	mutex_unlock(&inodes_mutex);
}
