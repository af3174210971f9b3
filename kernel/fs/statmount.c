/*
 * statmount(2) and listmount(2): what /proc/PID/mountinfo tells, one mount at a time and as numbers.
 * The mounts of a namespace are looked at under mount_mutex; texts are copied out after it.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/statfs.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "fs/tree/text.h"
#include "mm/usercopy.h"

struct look {
	struct path root; /* the caller's, or of the namespace asked for */
	struct mnt_ns *ns;
	struct ns *held;
};

/* The namespace that is asked for and what is to be seen from. 0, -ENOENT, -EPERM. */
static int look_begin(struct look *l, u64 ns_id)
{
	l->held = NULL;
	l->ns = current_mnt_ns();
	if (!ns_id || ns_id == l->ns->id) {
		fs_ctx_root(&l->root);
		return 0;
	}
	l->ns = mnt_ns_find_get(ns_id);
	if (!l->ns)
		return -ENOENT;
	l->held = l->ns != &first_mnt_ns ? &l->ns->ns : NULL;
	if (!mnt_ns_may_admin(l->ns)) {
		if (l->held)
			ns_put(l->held);
		return -ENOENT;
	}
	mounts_lock();
	l->root = (struct path){ l->ns->root, l->ns->root->root };
	path_get(&l->root);
	mounts_unlock();
	path_cross(&l->root);
	return 0;
}

static void look_end(struct look *l)
{
	path_put(&l->root);
	if (l->held)
		ns_put(l->held);
}

/* [m] */
static struct mount *find_mount(struct mnt_ns *ns, u64 id)
{
	struct mount *m;

	list_for_each_entry(m, &ns->mounts, link)
		if (m->id == id)
			return m;
	return NULL;
}

/* [m] Is it where the caller can come to, or may he see all? */
static bool may_see(const struct look *l, const struct mount *m)
{
	return mount_reachable(m, &l->root) || mnt_ns_may_admin(l->ns);
}

static void fill_propagation(struct statmount *s, struct mount *m, const struct look *l, u64 want)
{
	if (want & STATMOUNT_MNT_BASIC) {
		s->mask |= STATMOUNT_MNT_BASIC;
		s->mnt_id = MOUNT_ID_BASE + m->id;
		s->mnt_parent_id = MOUNT_ID_BASE + m->parent->id;
		s->mnt_id_old = (u32)mount_id(m);
		s->mnt_parent_id_old = (u32)mount_id(m->parent);
		s->mnt_attr = mount_flags_attr(m->flags);
		s->mnt_propagation = m->group ? MS_SHARED : 0;
		if (m->master)
			s->mnt_propagation |= MS_SLAVE;
		if (m->unbindable)
			s->mnt_propagation |= MS_UNBINDABLE;
		if (!s->mnt_propagation)
			s->mnt_propagation = MS_PRIVATE;
		s->mnt_peer_group = (u64)m->group;
		s->mnt_master = m->master ? (u64)m->master->group : 0;
	}
	if (want & STATMOUNT_PROPAGATE_FROM) {
		s->mask |= STATMOUNT_PROPAGATE_FROM;
		if (m->master)
			s->propagate_from = (u64)mount_dominator(m, l->ns, &l->root);
	}
}

/* Where the text that comes now begins. */
static u32 text_at(struct statmount *s, u64 bit, struct text *t)
{
	s->mask |= bit;
	return (u32)t->len;
}

void mount_put_root(struct text *out, const struct mount *m, char *buf)
{
	const struct dentry *d = m->root;
	char *p = buf + PATH_MAX - 1;

	*p = '\0';
	if (d->flags & D_NOCACHE) { /* a namespace: mnt:[4026531841] */
		text_escape(out, d->name, " \t\n#");
		return;
	}
	while (d != m->sb->root && d != d->parent && (size_t)(p - buf) > d->len) {
		p -= d->len;
		memcpy(p, d->name, d->len);
		*--p = '/';
		d = d->parent;
	}
	text_escape(out, *p ? p : "/", " \t\n#");
}

static void fill_texts(struct statmount *s, struct mount *m, const struct look *l, u64 want,
		       struct text *t, char *page)
{
	struct path at = { m, m->root };
	bool away;
	char *place;

	if (want & STATMOUNT_FS_TYPE) {
		s->fs_type = text_at(s, STATMOUNT_FS_TYPE, t);
		text_put(t, m->sb->fs->name, strlen(m->sb->fs->name) + 1);
	}
	if (want & STATMOUNT_MNT_ROOT) {
		s->mnt_root = text_at(s, STATMOUNT_MNT_ROOT, t);
		mount_put_root(t, m, page);
		text_put(t, "", 1);
	}
	if (want & STATMOUNT_MNT_POINT) {
		s->mnt_point = text_at(s, STATMOUNT_MNT_POINT, t);
		place = d_path(&at, &l->root, page, PATH_MAX, &away);
		text_escape(t, IS_ERR(place) || away ? "" : place, " \t\n");
		text_put(t, "", 1);
	}
	if ((want & STATMOUNT_MNT_OPTS) && m->sb->ops->show_options) {
		int n = m->sb->ops->show_options(m->sb, page, PATH_MAX);

		if (n > 1) { /* without the first comma */
			s->mnt_opts = text_at(s, STATMOUNT_MNT_OPTS, t);
			text_put(t, page + 1, min((size_t)n, PATH_MAX - 1UL) - 1);
			text_put(t, "", 1);
		}
	}
}

static void fill(struct statmount *s, struct mount *m, const struct look *l, u64 want)
{
	struct statfs st;
	struct path p = { m, m->root };

	if ((want & STATMOUNT_SB_BASIC) && !vfs_statfs(&p, &st)) {
		s->mask |= STATMOUNT_SB_BASIC;
		s->sb_dev_major = DEV_MAJOR(m->sb->dev);
		s->sb_dev_minor = DEV_MINOR(m->sb->dev);
		s->sb_magic = (u64)st.f_type;
		s->sb_flags = (u32)m->sb->flags &
			      (MS_RDONLY | MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME);
	}
	fill_propagation(s, m, l, want);
	if (want & STATMOUNT_MNT_NS_ID) {
		s->mask |= STATMOUNT_MNT_NS_ID;
		s->mnt_ns_id = m->ns->id;
	}
}

static long put_statmount(struct statmount *s, struct text *t, char __user *ubuf, size_t size)
{
	size_t total = sizeof(*s) + t->len;

	if (t->failed)
		return -ENOMEM;
	if (t->len && total > size)
		return -EOVERFLOW;
	s->size = (u32)total;
	if (copy_to_user(ubuf, s, min(size, sizeof(*s))) ||
	    (t->len && copy_to_user(ubuf + sizeof(*s), t->buf, t->len)))
		return -EFAULT;
	return 0;
}

long vfs_statmount(const struct mnt_id_req *req, void __user *ubuf, size_t size)
{
	struct statmount *s = kzalloc(sizeof(*s), 0);
	char *page = kmalloc(PATH_MAX, 0);
	struct text t = { .buf = NULL };
	struct mount *m;
	struct look l;
	long err = -ENOMEM;

	if (!s || !page)
		goto out;
	err = look_begin(&l, req->mnt_ns_id);
	if (err)
		goto out;
	mounts_lock();
	m = find_mount(l.ns, req->mnt_id - MOUNT_ID_BASE);
	err = !m ? -ENOENT : !may_see(&l, m) ? -EPERM : 0;
	if (!err) {
		fill(s, m, &l, req->param);
		fill_texts(s, m, &l, req->param, &t, page);
	}
	mounts_unlock();
	look_end(&l);
	if (!err)
		err = put_statmount(s, &t, ubuf, size);
out:
	text_free(&t);
	kfree(page);
	kfree(s);
	return err;
}

/* Up to n of what is below `from`, behind the id *last: they go to ids, *last moves. [m] */
static size_t list_some(const struct look *l, const struct path *from, bool itself, u64 *last,
			bool reverse, u64 *ids, size_t n)
{
	struct list_head *at = reverse ? l->ns->mounts.prev : l->ns->mounts.next;
	size_t done = 0;

	for (; at != &l->ns->mounts && done < n; at = reverse ? at->prev : at->next) {
		struct mount *m = list_entry(at, struct mount, link);

		if (*last && (reverse ? m->id >= *last : m->id <= *last))
			continue;
		if ((m == from->mnt && !itself) || !mount_reachable(m, from))
			continue;
		ids[done++] = MOUNT_ID_BASE + m->id;
		*last = m->id;
	}
	return done;
}

long vfs_listmount(const struct mnt_id_req *req, u64 __user *uids, size_t n, bool reverse)
{
	size_t part = PAGE_SIZE / sizeof(u64);
	bool all = req->mnt_id == LSMT_ROOT;
	u64 last = req->param ? req->param - MOUNT_ID_BASE : 0;
	u64 *ids = kmalloc(PAGE_SIZE, 0);
	size_t done = 0, more = part;
	struct path from;
	struct look l;
	long err = ids ? look_begin(&l, req->mnt_ns_id) : -ENOMEM;

	if (err)
		goto out;
	while (done < n && more == part && !err) {
		mounts_lock();
		from = l.root;
		if (!all) {
			from.mnt = find_mount(l.ns, req->mnt_id - MOUNT_ID_BASE);
			from.dentry = from.mnt ? from.mnt->root : NULL;
		}
		err = !from.mnt ? -ENOENT : !may_see(&l, from.mnt) ? -EPERM : 0;
		more = err ? 0 :
			     list_some(&l, &from, all, &last, reverse, ids, min(part, n - done));
		mounts_unlock();
		if (!err && more && copy_to_user(uids + done, ids, more * sizeof(u64)))
			err = -EFAULT;
		done += more;
		cond_resched();
	}
	look_end(&l);
out:
	kfree(ids);
	return err ? err : (long)done;
}
