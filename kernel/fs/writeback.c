/*
 * When dirty files are written back: the list of them that each super has, the thread that goes
 * through it every few seconds, and what fsync(2), sync(2) and syncfs(2) do.
 *
 * A file system takes part by giving its page cache vmobject_ops.write and inode_dirtied as
 * vmobject_ops.dirtied. The list holds an inode that has a name; one without lives as long as
 * somebody else has it.
 *
 * Locks: sb->dirty_lock guards the list (it nests inside a vmobject's lock); sb->writeback lets one walk of
 * it run at a time, so that who waits for it has waited for all.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "core/sched.h"
#include "core/time.h"
#include "core/wait.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "sync/log.h"

#define CENTISECOND (NSEC_PER_SEC / 100)

int dirty_writeback_interval = 500, dirty_expire_interval = 3000;

static struct {
	struct waitq q;
	u32 some; /* [a] something is dirty, as far as known */
	u32 hurry; /* [a] too much is */
	u32 retimed; /* [a] the interval is another one */
} flusher = { .q = WAITQ_INIT(flusher.q) };

static u32 centiseconds(void)
{
	return (u32)(now_mono() / CENTISECOND);
}

static void flusher_note(u32 *what)
{
	if (__atomic_exchange_n(what, 1, __ATOMIC_SEQ_CST))
		return;
	wake_up_all(&flusher.q);
}

static void too_much(void)
{
	flusher_note(&flusher.hurry);
}

void writeback_note(void)
{
	flusher_note(&flusher.some);
}

void inode_dirtied(struct vmobject *obj)
{
	struct inode *i = obj->owner;
	struct super *sb = i->sb;

	spin_lock(&sb->dirty_lock);
	if (list_empty(&i->dirty_link)) {
		i->dirty_at = centiseconds();
		list_add_tail(&i->dirty_link, &sb->dirty);
		if (READ_ONCE(i->nlink)) {
			i->dirty_held = true;
			inode_get(i);
		}
	}
	spin_unlock(&sb->dirty_lock);
	writeback_note();
}

/* True: a reference was the list's, and is the caller's now. */
static bool take_off(struct inode *i, bool stays)
{
	struct super *sb = i->sb;
	bool held;

	spin_lock(&sb->dirty_lock);
	held = i->dirty_held;
	i->dirty_held = false;
	if (!stays)
		list_del_init(&i->dirty_link);
	spin_unlock(&sb->dirty_lock);
	return held;
}

void inode_undirty(struct inode *i)
{
	take_off(i, false);
}

void inode_unhold(struct inode *i)
{
	if (READ_ONCE(i->dirty_held) && take_off(i, true))
		inode_put(i);
}

/* The first on the list, referenced, now the last; NULL: it is going, and on the list no more. */
static struct inode *next_dirty(struct super *sb)
{
	struct inode *i = NULL;

	spin_lock(&sb->dirty_lock);
	if (!list_empty(&sb->dirty)) {
		i = list_first_entry(&sb->dirty, struct inode, dirty_link);
		if (atomic_inc_not_zero(&i->refs)) {
			list_move_tail(&i->dirty_link, &sb->dirty);
		} else {
			list_del_init(&i->dirty_link);
			i = NULL;
		}
	}
	spin_unlock(&sb->dirty_lock);
	return i;
}

void inode_settle(struct inode *i)
{
	struct vmobject *obj = &i->pages;
	bool held = false;

	spin_lock(&obj->lock);
	if (!radix_tagged(&obj->pages, OBJ_TAG_DIRTY))
		held = take_off(i, false);
	else
		i->dirty_at = centiseconds();
	spin_unlock(&obj->lock);
	if (held)
		inode_put(i);
}

void super_drop_dirty(struct super *sb)
{
	struct inode *i;

	while ((i = next_dirty(sb)) != NULL || !list_empty(&sb->dirty)) {
		if (!i)
			continue;
		if (take_off(i, false))
			inode_put(i);
		inode_put(i);
	}
}

int super_write_data(struct super *sb, u32 age)
{
	u32 start = centiseconds();
	struct list_head *l;
	unsigned n = 0;
	int err = 0;

	mutex_lock(&sb->writeback);
	spin_lock(&sb->dirty_lock);
	list_for_each(l, &sb->dirty)
		n++;
	spin_unlock(&sb->dirty_lock);
	for (; n; n--) {
		struct inode *i = next_dirty(sb);
		int failed;

		if (!i)
			continue;
		if ((s32)(start - i->dirty_at) >= (s32)age) {
			failed = vmobject_writeback(&i->pages, 0, S64_MAX);
			if (failed && failed != -ENOMEM)
				vmobject_failed(&sb->error, failed);
			if (failed)
				err = failed;
			inode_settle(i);
		}
		inode_put(i);
		cond_resched();
	}
	mutex_unlock(&sb->writeback);
	return err;
}

int super_sync(struct super *sb)
{
	int err = super_write_data(sb, 0), later = sb->ops->sync ? sb->ops->sync(sb) : 0;

	return err ? err : later;
}

/* --- the thread --- */

static void flush_super(struct super *sb, void *arg)
{
	bool *more = arg, hurry = READ_ONCE(flusher.hurry);

	if (list_empty(&sb->dirty) && !sb->ops->commit)
		return;
	super_write_data(sb, hurry ? 0 : (u32)READ_ONCE(dirty_expire_interval));
	if (sb->ops->commit && sb->ops->commit(sb))
		*more = true;
	if (!list_empty(&sb->dirty))
		*more = true;
}

void writeback_retime(void)
{
	flusher_note(&flusher.retimed);
}

static bool roused(void *arg __unused)
{
	return READ_ONCE(flusher.hurry) || READ_ONCE(flusher.retimed);
}

static bool has_work(void *arg __unused)
{
	return READ_ONCE(flusher.some) || READ_ONCE(flusher.hurry);
}

static void flush_forever(void *arg __unused)
{
	for (;;) {
		u64 interval = (u64)READ_ONCE(dirty_writeback_interval) * CENTISECOND;
		bool more = false;

		wait_until(&flusher.q, has_work, NULL, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		wait_until(&flusher.q, roused, NULL, TASK_UNINTERRUPTIBLE,
			   interval ? now_mono() + interval : WAIT_FOREVER);
		if (__atomic_exchange_n(&flusher.retimed, 0, __ATOMIC_SEQ_CST) &&
		    !READ_ONCE(flusher.hurry))
			continue;
		__atomic_store_n(&flusher.some, 0, __ATOMIC_SEQ_CST);
		supers_for_each(flush_super, &more);
		__atomic_store_n(&flusher.hurry, 0, __ATOMIC_SEQ_CST);
		if (more)
			WRITE_ONCE(flusher.some, 1);
	}
}

void writeback_start(void)
{
	static u32 started; /* [a] */
	struct task *t;

	if (__atomic_exchange_n(&started, 1, __ATOMIC_SEQ_CST))
		return;
	t = kthread_start(flush_forever, NULL, "flush");
	if (IS_ERR(t)) {
		__atomic_store_n(&started, 0, __ATOMIC_SEQ_CST);
		pr_warn("write-back: no memory for its thread");
		return;
	}
	writeback_wanted = too_much;
}

/* --- the calls --- */

static void sync_one(struct super *sb, void *arg __unused)
{
	super_sync(sb);
}

void fs_sync_all(void)
{
	supers_for_each(sync_one, NULL);
}

static void finish_one(struct super *sb, void *arg __unused)
{
	if (sb->ops->finish)
		sb->ops->finish(sb);
}

void fs_finish(void)
{
	fs_sync_all();
	supers_for_each(finish_one, NULL);
}

static int file_error(struct file *f, struct vmobject *obj)
{
	int err;

	if (likely(READ_ONCE(obj->error) == f->error_since))
		return 0;
	spin_lock(&f->lock);
	err = vmobject_error_since(&obj->error, &f->error_since);
	spin_unlock(&f->lock);
	return err;
}

int file_writeback(struct file *f, struct vmobject *obj, u64 start, u64 end)
{
	int err = vmobject_writeback(obj, start, end), told = file_error(f, obj);

	return told ? told : err;
}

int file_fsync(struct file *f, u64 start, u64 end, bool datasync)
{
	return f->ops->fsync ? f->ops->fsync(f, start, end, datasync) : -EINVAL;
}

/* The pages of a block device are not those of its node (blockfile.c). */
int file_sync_range(struct file *f, u64 start, u64 end)
{
	if (S_ISBLK(f->inode->mode))
		return file_fsync(f, start, end, true);
	return file_writeback(f, &f->inode->pages, start, end);
}

int file_syncfs(struct file *f)
{
	struct super *sb = f->path.dentry->sb;
	int err = super_sync(sb), told;

	spin_lock(&f->lock);
	told = vmobject_error_since(&sb->error, &f->super_error_since);
	spin_unlock(&f->lock);
	return told ? told : err;
}
