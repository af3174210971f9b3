/*
 * Namespaces of mounts: mount_namespaces(7). Each has a tree of its own, whose mounts are on a list by
 * id. That of boot is static; NS_MNT of a task is NULL there. Mounts that hang nowhere yet
 * (open_tree(2), fsmount(2)) have an anonymous one, which is nobody's and ends with their file. What
 * is changed here is mount_mutex's [m].
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "fs/nsfs.h"
#include "fs/poll.h"

static struct list_head all = LIST_HEAD_INIT(all); /* [m] but the anonymous; by id */
static u64 last_id = 1; /* [m] */

struct mnt_ns first_mnt_ns = {
	.id = 1,
	.mounts = LIST_HEAD_INIT(first_mnt_ns.mounts),
	.wait = WAITQ_INIT(first_mnt_ns.wait),
	.all_link = LIST_HEAD_INIT(first_mnt_ns.all_link),
};

struct mnt_ns *mnt_ns_of(const struct ns *n)
{
	return !n || n == &first_ns[NS_MNT] ? &first_mnt_ns : container_of(n, struct mnt_ns, ns);
}

static struct user_ns *mnt_ns_owner(const struct mnt_ns *ns)
{
	return ns->ns.owner; /* NULL of the first */
}

bool mnt_ns_may_admin(const struct mnt_ns *ns)
{
	return ns_capable(mnt_ns_owner(ns), CAP_SYS_ADMIN);
}

/* --- which mounts are in one, [m] --- */

void mnt_ns_touch(struct mnt_ns *ns)
{
	if (!ns)
		return;
	ns->event++;
	wake_up_all(&ns->wait);
}

void mnt_ns_add(struct mnt_ns *ns, struct mount *tree)
{
	for (struct mount *m = tree; m; m = mount_next(m, tree)) {
		struct list_head *at = ns->mounts.prev;

		if (m->ns)
			mnt_ns_del(m);
		while (at != &ns->mounts && list_entry(at, struct mount, link)->id > m->id)
			at = at->prev;
		list_add(&m->link, at);
		m->ns = ns;
		ns->nr++;
	}
	mnt_ns_touch(ns);
}

void mnt_ns_del(struct mount *m)
{
	struct mnt_ns *ns = m->ns;

	list_del_init(&m->link);
	m->ns = NULL;
	ns->nr--;
	mnt_ns_touch(ns);
}

/* --- life --- */

/* One that nobody else was told of: not by ns_put(). */
static void drop_ns(struct mnt_ns *ns)
{
	user_ns_put(ns->ns.owner);
	kfree(ns);
}

/* Nobody is in it any more, nor has it open. */
static void mnt_ns_free(struct ns *n)
{
	struct mnt_ns *ns = mnt_ns_of(n);

	mounts_lock();
	list_del(&ns->all_link);
	mount_drop_tree(ns->root, false);
	mounts_unlock();
	kfree(ns); /* ns_put() sees to the owner */
}

static struct mnt_ns *mnt_ns_alloc(struct user_ns *owner)
{
	struct mnt_ns *ns = kzalloc(sizeof(*ns), 0);

	if (!ns)
		return NULL;
	ns_init(&ns->ns, NS_MNT, owner, mnt_ns_free);
	list_init(&ns->mounts);
	list_init(&ns->all_link);
	waitq_init(&ns->wait);
	return ns;
}

struct mnt_ns *mnt_ns_anon(struct mount *tree)
{
	struct mnt_ns *ns = mnt_ns_alloc(current_user_ns());

	if (!ns)
		return NULL;
	ns->anon = true;
	ns->root = tree;
	mnt_ns_add(ns, tree);
	return ns;
}

void mnt_ns_anon_put(struct mnt_ns *ns)
{
	if (ns->nr)
		mount_drop_tree(ns->root, false);
	drop_ns(ns);
}

void mnt_ns_dissolve(struct mount *m)
{
	mounts_lock();
	if (m->ns && m->ns->anon && m->ns->root == m)
		mnt_ns_anon_put(m->ns);
	mounts_unlock();
}

/* The mounts of a tree can't be parted by who has less to say than those who made them. */
static void lock_tree(struct mount *tree)
{
	for (struct mount *m = tree; m; m = mount_next(m, tree)) {
		m->locked |= MOUNT_ATIME | (m->flags & MOUNT_SECURE);
		if (m != tree)
			m->locked |= MOUNT_LOCKED;
	}
}

static bool covered(const struct mount *m)
{
	const struct mount *c;

	list_for_each_entry(c, &m->children, sibling)
		if (c->locked & MOUNT_LOCKED)
			return true;
	return false;
}

/* [m] One that is seen there whole, whose locks m keeps; it gets them. */
static bool seen_already(struct mnt_ns *ns, struct mount *m)
{
	struct mount *v;

	list_for_each_entry(v, &ns->mounts, link) {
		u64 locked = (v->locked & (MS_RDONLY | MOUNT_ATIME)) | (v->sb->flags & MS_RDONLY);

		if (v->sb->fs != m->sb->fs || v->root != v->sb->root || covered(v) ||
		    (locked & MS_RDONLY & ~m->flags) ||
		    ((locked & MOUNT_ATIME) && ((v->flags ^ m->flags) & MOUNT_ATIME)))
			continue;
		m->locked |= locked;
		return true;
	}
	return false;
}

int mount_may_reveal(struct mount *m)
{
	struct mnt_ns *ns = current_mnt_ns();
	bool may;

	if (!mnt_ns_owner(ns) || !(m->sb->fs->flags & FS_REVEALS))
		return 0;
	mounts_lock();
	may = seen_already(ns, m);
	if (!may)
		mount_drop_tree(m, false);
	mounts_unlock();
	return may ? 0 : -EPERM;
}

/* *p, which is at a mount of the old tree, goes to its copy; what it was is put later. */
static void go_over(struct path *p, struct mount *old, struct mount *new, struct path *was)
{
	if (p->mnt != old)
		return;
	*was = *p;
	p->mnt = new;
	path_get(p);
}

struct ns *mount_unshare(struct user_ns *owner, struct fs_ctx *fs)
{
	struct mnt_ns *old = current_mnt_ns(), *ns = mnt_ns_alloc(owner);
	bool less = mnt_ns_owner(old) != owner;
	struct path root = { NULL, NULL }, cwd = { NULL, NULL };
	struct mount *p, *q;

	if (!ns)
		return ERR_PTR(-ENOMEM);
	mounts_lock();
	q = old->nr > mount_max ? ERR_PTR(-ENOSPC) :
				  mount_copy_tree(old->root, old->root->root,
						  COPY_UNBINDABLE | (less ? COPY_SLAVE_SHARED : 0));
	if (IS_ERR(q)) {
		mounts_unlock();
		drop_ns(ns);
		return ERR_CAST(q);
	}
	ns->root = q;
	ns->id = ++last_id;
	list_add_tail(&ns->all_link, &all);
	if (less)
		lock_tree(q);
	mnt_ns_add(ns, q);
	spin_lock(&fs->lock);
	for (p = old->root; p && q; p = mount_next(p, old->root)) {
		if (p->root != q->root || (p->parent != p && p->mountpoint != q->mountpoint))
			continue; /* one that was left out */
		go_over(&fs->root, p, q, &root);
		go_over(&fs->cwd, p, q, &cwd);
		q = mount_next(q, ns->root);
	}
	spin_unlock(&fs->lock);
	mounts_unlock();
	path_put(&root);
	path_put(&cwd);
	return &ns->ns;
}

int mount_ns_enter(struct ns *n)
{
	struct mnt_ns *ns = mnt_ns_of(n);
	struct fs_ctx *fs = current->fs;
	struct path root, cwd;

	if (atomic_read(&fs->refs) != 1)
		return -EINVAL;
	mounts_lock();
	root = (struct path){ ns->root, ns->root->root };
	path_get(&root);
	mounts_unlock();
	path_cross(&root);
	cwd = root;
	path_get(&cwd);
	ns_enter(NS_MNT, ns_get(n));
	fs_ctx_set(&fs->root, &root);
	fs_ctx_set(&fs->cwd, &cwd);
	return 0;
}

bool current_chrooted(void)
{
	struct mnt_ns *ns = current_mnt_ns();
	struct path root, own;
	bool same;

	mounts_lock();
	root = (struct path){ ns->root, ns->root->root };
	path_get(&root);
	mounts_unlock();
	path_cross(&root);
	fs_ctx_root(&own);
	same = own.mnt == root.mnt && own.dentry == root.dentry;
	path_put(&own);
	path_put(&root);
	return !same;
}

/* --- looking --- */

struct mnt_ns *mnt_ns_find_get(u64 id)
{
	struct mnt_ns *ns, *found = NULL;

	if (id == first_mnt_ns.id)
		return &first_mnt_ns;
	mounts_lock();
	list_for_each_entry(ns, &all, all_link) {
		if (ns->id == id && atomic_inc_not_zero(&ns->ns.refs)) {
			found = ns;
			break;
		}
	}
	mounts_unlock();
	return found;
}

void mounts_for_each(struct mnt_ns *ns, u64 from, bool (*fn)(struct mount *m, void *arg), void *arg)
{
	struct mount *m;

	mounts_lock();
	list_for_each_entry(m, &ns->mounts, link)
		if (m->id >= from && !fn(m, arg))
			break;
	mounts_unlock();
}
