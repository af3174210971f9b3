/*
 * inotify(7): a group whose marks are watches of inodes, known by numbers, and whose events are read
 * as they came. notify_lock guards all but what is set when it is made.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "fs/handle.h"
#include "fs/internal.h"
#include "fs/notify.h"
#include "fs/notify_impl.h"
#include "lib/printf.h"
#include "lib/radix.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define OUTPUT_BITS (IN_ALL_EVENTS | IN_ISDIR | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED)

int notify_max_queued = 16384;

struct inotify_item {
	struct notify_item item;
	int wd;
	u32 mask, cookie;
	u32 len; /* of name; 0: none */
	char name[];
};

struct inotify {
	struct notify_group group;
	struct radix_tree watches; /* [N] by number */
	int last_wd; /* [N] */
	struct inotify_item overflow;
};

static const struct file_ops inotify_fops;

static struct inotify *inotify_of(struct notify_group *g)
{
	return container_of(g, struct inotify, group);
}

/* --- events --- */

/* Like the newest that waits? Then that will do for both. */
static bool is_repeated(const struct notify_group *g, const struct inotify_item *n)
{
	const struct inotify_item *o;

	if (list_empty(&g->queue))
		return false;
	o = container_of(list_last_entry(&g->queue, struct notify_item, link), struct inotify_item,
			 item);
	return !(o->mask & IN_IGNORED) && o->mask == n->mask && o->wd == n->wd &&
	       o->len == n->len && memcmp(o->name, n->name, n->len) == 0;
}

static void queue_event(struct notify_mark *m, u32 mask, u32 cookie, const char *name, size_t len)
{
	struct inotify_item *n = kmalloc(sizeof(*n) + len + 1, 0);

	if (!n) {
		notify_queue(m->group, NULL);
		return;
	}
	list_init(&n->item.link);
	n->wd = m->wd;
	n->mask = mask;
	n->cookie = cookie;
	n->len = (u32)len;
	memcpy(n->name, name, len);
	n->name[len] = '\0';
	if (is_repeated(m->group, n) || !notify_queue(m->group, &n->item))
		kfree(n);
}

static void hear_one(struct notify_mark *m, const struct notify_event *e, bool named)
{
	u32 mask = e->mask;

	if (!m || !(e->mask & m->mask & ~(u32)IN_ISDIR) ||
	    (e->unlinked && (m->flags & MARK_EXCL_UNLINK)))
		return;
	if (mask & (IN_DELETE_SELF | IN_MOVE_SELF)) /* as it ever was on Linux */
		mask &= ~(u32)IN_ISDIR;
	queue_event(m, mask, e->cookie, e->name, named ? e->len : 0);
	if (m->flags & MARK_ONESHOT)
		notify_mark_out(m, e->dead);
}

static void inotify_hear(struct notify_group *g, const struct notify_event *e)
{
	struct notify_mark *parent = g->hit[HIT_PARENT];

	if (parent && (parent->mask & FAN_EVENT_ON_CHILD))
		hear_one(parent, e, true);
	hear_one(g->hit[HIT_SELF], e, e->mask & NOTIFY_DIRENT);
}

static void inotify_left(struct notify_mark *m)
{
	queue_event(m, IN_IGNORED, 0, "", 0);
	radix_del(&inotify_of(m->group)->watches, (u64)m->wd);
}

static void inotify_free(struct notify_group *g)
{
	user_ns_uncharge(g->user, g->uid, USER_INOTIFY_INSTANCES);
	user_ns_put(g->user);
	kfree(inotify_of(g));
}

static const struct notify_ops inotify_ops = {
	.hear = inotify_hear,
	.left = inotify_left,
	.free = inotify_free,
};

/* --- the calls --- */

struct file *inotify_create(int flags)
{
	struct inotify *in = kzalloc(sizeof(*in), 0);
	struct file *f;

	if (!in)
		return ERR_PTR(-ENOMEM);
	notify_group_init(&in->group, &inotify_ops, (unsigned)READ_ONCE(notify_max_queued));
	radix_init(&in->watches, &radix_rcu_ops);
	list_init(&in->overflow.item.link);
	in->overflow.wd = -1;
	in->overflow.mask = IN_Q_OVERFLOW;
	in->group.overflow = &in->overflow.item;
	if (!user_ns_charge(in->group.user, in->group.uid, USER_INOTIFY_INSTANCES)) {
		user_ns_put(in->group.user);
		kfree(in);
		return ERR_PTR(-EMFILE);
	}
	f = anon_file("anon_inode:inotify", &inotify_fops, in,
		      O_RDONLY | (flags & IN_NONBLOCK ? O_NONBLOCK : 0));
	if (IS_ERR(f))
		notify_group_put(&in->group);
	else
		f->mode |= FMODE_STREAM;
	return f;
}

static u32 watch_mask(const struct inode *i, u32 arg)
{
	return IN_UNMOUNT | (S_ISDIR(i->mode) ? FAN_EVENT_ON_CHILD : 0) | (arg & IN_ALL_EVENTS);
}

static u32 watch_flags(u32 arg)
{
	return (arg & IN_ONESHOT ? MARK_ONESHOT : 0) |
	       (arg & IN_EXCL_UNLINK ? MARK_EXCL_UNLINK : 0);
}

static int change_watch(struct notify_mark *m, const struct inode *i, u32 arg)
{
	if (arg & IN_MASK_CREATE)
		return -EEXIST;
	if (!(arg & IN_MASK_ADD))
		m->mask = m->flags = 0;
	m->mask |= watch_mask(i, arg);
	m->flags |= watch_flags(arg);
	notify_mark_changed(m);
	return m->wd;
}

/* Gives m its number. */
static int number_watch(struct inotify *in, struct notify_mark *m)
{
	int err;

	spin_lock(&notify_lock);
	do /* numbers come again only when all have been used */
		in->last_wd = in->last_wd == S32_MAX ? 1 : in->last_wd + 1;
	while (radix_get(&in->watches, (u64)in->last_wd));
	m->wd = in->last_wd;
	err = radix_set(&in->watches, (u64)m->wd, m);
	spin_unlock(&notify_lock);
	return err;
}

/* A new watch: its number; -ENOSPC, -ENOMEM; -EEXIST: there is one. */
static int new_watch(struct inotify *in, struct inode *i, u32 arg)
{
	struct notify_mark *m = kzalloc(sizeof(*m), 0);
	int err = -ENOMEM, wd;

	if (!m)
		return err;
	m->group = &in->group;
	m->mask = watch_mask(i, arg);
	m->flags = watch_flags(arg);
	m->charge = USER_INOTIFY_WATCHES;
	err = number_watch(in, m);
	if (err)
		goto out;
	wd = m->wd;
	err = -ENOSPC;
	if (!user_ns_charge(in->group.user, in->group.uid, USER_INOTIFY_WATCHES))
		goto out_number;
	err = notify_mark_add(m, WATCHED_INODE, i);
	if (!err)
		return wd;
	user_ns_uncharge(in->group.user, in->group.uid, USER_INOTIFY_WATCHES);
out_number:
	spin_lock(&notify_lock);
	radix_del(&in->watches, (u64)wd);
	spin_unlock(&notify_lock);
out:
	kfree(m);
	return err;
}

static int add_watch(struct inotify *in, struct inode *i, u32 arg)
{
	struct notify_mark *m;
	int wd;

	do {
		spin_lock(&notify_lock);
		m = notify_find(&in->group, WATCHED_INODE, i);
		wd = m ? change_watch(m, i, arg) : 0;
		spin_unlock(&notify_lock);
		if (!wd)
			wd = new_watch(in, i, arg);
	} while (wd == -EEXIST && !(arg & IN_MASK_CREATE));
	return wd;
}

int inotify_add(struct file *f, const char *name, u32 arg)
{
	unsigned look = (arg & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
			(arg & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0);
	struct path p;
	int ret;

	if (f->ops != &inotify_fops || ((arg & IN_MASK_ADD) && (arg & IN_MASK_CREATE)))
		return -EINVAL;
	ret = path_lookup(AT_FDCWD, name, look, &p);
	if (ret)
		return ret;
	ret = inode_permission(p.mnt, p.dentry->inode, MAY_READ);
	if (!ret)
		ret = add_watch(f->priv, p.dentry->inode, arg);
	path_put(&p);
	return ret;
}

int inotify_remove(struct file *f, int wd)
{
	struct inotify *in = f->priv;
	struct notify_mark *m;
	LIST_HEAD(dead);

	if (f->ops != &inotify_fops)
		return -EINVAL;
	spin_lock(&notify_lock);
	m = wd > 0 ? radix_get(&in->watches, (u64)wd) : NULL;
	if (m && m->on)
		notify_mark_out(m, &dead);
	else
		m = NULL;
	spin_unlock(&notify_lock);
	notify_bury(&dead);
	return m ? 0 : -EINVAL;
}

/* --- the file --- */

static size_t name_room(const struct inotify_item *n)
{
	return n->len ? ALIGN_UP(n->len + 1UL, sizeof(struct inotify_event)) : 0;
}

/* Takes the oldest event, if it is there and fits: NULL; -EINVAL. */
static struct inotify_item *take(struct notify_group *g, size_t room)
{
	struct inotify_item *n = NULL;

	spin_lock(&notify_lock);
	if (!list_empty(&g->queue)) {
		n = container_of(list_first_entry(&g->queue, struct notify_item, link),
				 struct inotify_item, item);
		if (sizeof(struct inotify_event) + name_room(n) > room)
			n = ERR_PTR(-EINVAL);
		else
			notify_unqueue(g, &n->item);
	}
	spin_unlock(&notify_lock);
	return n;
}

static void free_item(struct notify_group *g, struct inotify_item *n)
{
	if (&n->item != g->overflow)
		kfree(n);
}

static ssize_t put_event(struct iter *it, const struct inotify_item *n)
{
	struct inotify_event e = { .wd = n->wd,
				   .mask = n->mask & OUTPUT_BITS,
				   .cookie = n->cookie,
				   .len = (u32)name_room(n) };

	if (iter_copy_to(it, &e, sizeof(e)) != sizeof(e) ||
	    iter_copy_to(it, n->name, n->len) != n->len ||
	    iter_zero(it, e.len - n->len) != e.len - n->len)
		return -EFAULT;
	return (ssize_t)(sizeof(e) + e.len);
}

static ssize_t inotify_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct notify_group *g = f->priv;
	ssize_t done = 0, n;

	for (;;) {
		struct inotify_item *e = take(g, it->count);

		if (!e && !done) {
			n = notify_wait(g, f);
			if (n)
				return n;
			continue;
		}
		if (IS_ERR_OR_NULL(e))
			return done ? done : PTR_ERR(e);
		n = put_event(it, e);
		free_item(g, e);
		if (n < 0)
			return n;
		done += n;
	}
}

static long inotify_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct notify_group *g = f->priv;
	struct inotify_item *n;
	int bytes = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	spin_lock(&notify_lock);
	list_for_each_entry(n, &g->queue, item.link)
		bytes += (int)(sizeof(struct inotify_event) + name_room(n));
	spin_unlock(&notify_lock);
	return copy_to_user((int __user *)arg, &bytes, sizeof(bytes)) ? -EFAULT : 0;
}

static void inotify_release(struct file *f)
{
	struct notify_group *g = f->priv;
	struct inotify_item *n;

	notify_group_close(g);
	while ((n = take(g, ~0UL)))
		free_item(g, n);
	radix_clear(&inotify_of(g)->watches);
	notify_group_put(g);
}

int notify_put_fid(struct inode *i, char *buf, size_t n)
{
	struct fid fid;
	int len;

	if (inode_fid(i, &fid))
		return 0;
	len = scnprintf(buf, n, "fhandle-bytes:%x fhandle-type:%x f_handle:", fid.bytes, fid.type);
	for (unsigned k = 0; k < fid.bytes; k++)
		len += scnprintf(buf + len, n - (size_t)len, "%02x", ((u8 *)fid.data)[k]);
	return len;
}

static int inotify_fdinfo(struct file *f, char *buf, size_t n)
{
	struct notify_group *g = f->priv;
	const struct notify_mark *m;
	size_t len = 0;

	spin_lock(&notify_lock);
	list_for_each_entry(m, &g->marks, group_link) {
		struct inode *i = m->inode;

		len += (size_t)scnprintf(
			buf + len, n - len, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:0 ",
			m->wd, i->ino, notify_sdev(i->sb),
			(m->mask & IN_ALL_EVENTS) | (m->flags & MARK_ONESHOT ? IN_ONESHOT : 0) |
				(m->flags & MARK_EXCL_UNLINK ? IN_EXCL_UNLINK : 0));
		len += (size_t)notify_put_fid(i, buf + len, n - len);
		len += (size_t)scnprintf(buf + len, n - len, "\n");
	}
	spin_unlock(&notify_lock);
	return (int)len;
}

static const struct file_ops inotify_fops = {
	.read = inotify_read,
	.poll = notify_poll,
	.ioctl = inotify_ioctl,
	.llseek = noop_llseek,
	.release = inotify_release,
	.show_fdinfo = inotify_fdinfo,
	.asyncs = notify_asyncs,
};
