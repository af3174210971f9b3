/*
 * The tree of mounts: which file system hangs where. Interface: mount.h. The tree and its hash are
 * read under RCU by the path walk, which looks again when mount_seq says that something changed
 * meanwhile, and written under mount_mutex (sleeping) with mount_lock around each change. What is
 * taken off the tree loses its last reference after the mutex is let go, and its memory after a
 * grace period that nobody waits for.
 */
#include "fs/mount.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "fs/internal.h"
#include "fs/nsfs.h"
#include "lib/hash.h"
#include "lib/string.h"

#define MOUNT_HASH_BITS 9

static spinlock_t mount_lock = SPINLOCK_INIT(RANK_MOUNT, "mount");
static u32 mount_seq; /* [M] odd while something changes */
static struct mutex mount_mutex = MUTEX_INIT(mount_mutex); /* one change at a time */
static struct hlist_head hash[1 << MOUNT_HASH_BITS]; /* [M] */
static struct list_head dead = LIST_HEAD_INIT(dead); /* [m] off the tree, to be put */
static atomic_long_t last_id;
int mount_max = 100000; /* Linux's */

void mounts_lock(void)
{
	mutex_lock(&mount_mutex);
}

void mounts_unlock(void)
{
	struct list_head going = LIST_HEAD_INIT(going);
	struct mount *m, *n;

	list_splice_init(&dead, &going);
	mutex_unlock(&mount_mutex);
	list_for_each_entry_safe(m, n, &going, sibling) {
		mount_put(m);
		cond_resched();
	}
}

/* --- reading under RCU --- */

static u32 read_begin(void)
{
	return __atomic_load_n(&mount_seq, __ATOMIC_ACQUIRE);
}

static bool read_again(u32 seq)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return unlikely(seq & 1) || unlikely(READ_ONCE(mount_seq) != seq);
}

static struct hlist_head *bucket(const struct mount *parent, const struct dentry *d)
{
	return &hash[hash_index(hash_mix(hash_ptr(parent), (u64)d), MOUNT_HASH_BITS)];
}

struct mount *mount_lookup_rcu(struct mount *parent, struct dentry *d)
{
	struct mount *m, *found;
	u32 seq;

	do {
		seq = read_begin();
		found = NULL;
		if (d == parent->root) {
			m = READ_ONCE(READ_ONCE(parent->base)->top);
			found = m != parent ? m : NULL;
		} else {
			hlist_for_each_entry(m, bucket(parent, d), hash_link) {
				if (READ_ONCE(m->parent) == parent &&
				    READ_ONCE(m->mountpoint) == d) {
					found = READ_ONCE(m->top);
					break;
				}
			}
		}
	} while (read_again(seq));
	return found;
}

bool mount_up_rcu(const struct mount *m, struct path *up)
{
	u32 seq;

	do {
		seq = read_begin();
		up->mnt = READ_ONCE(m->parent);
		up->dentry = READ_ONCE(m->mountpoint);
	} while (read_again(seq));
	return up->mnt != m;
}

/* --- life --- */

static void mount_free_rcu(struct rcu_head *h)
{
	struct mount *m = container_of(h, struct mount, rcu);

	kfree(m->devname);
	kfree(m);
}

void mount_put(struct mount *m)
{
	if (unlikely(READ_ONCE(m->expiring)))
		WRITE_ONCE(m->expiring, false);
	mount_put_unused(m);
}

void mount_put_unused(struct mount *m)
{
	if (!atomic_dec_and_test(&m->refs))
		return;
	d_put(m->root);
	super_put(m->sb);
	call_rcu(&m->rcu, mount_free_rcu);
}

struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname, u64 flags)
{
	struct mount *m = kzalloc(sizeof(*m), 0);

	if (!m)
		return NULL;
	m->devname = kstrdup(devname ? devname : "none");
	if (!m->devname) {
		kfree(m);
		return NULL;
	}
	atomic_set(&m->refs, 1);
	atomic_inc(&sb->refs);
	m->sb = sb;
	m->root = d_get(root);
	m->parent = m->base = m->top = m;
	m->mountpoint = m->root;
	m->flags = flags;
	m->id = (u64)atomic_long_inc_return(&last_id);
	list_init(&m->link);
	list_init(&m->children);
	list_init(&m->sibling);
	list_init(&m->peers);
	list_init(&m->slaves);
	list_init(&m->slave_link);
	list_init(&m->target);
	list_init(&m->batch);
	return m;
}

/* --- changes --- */

void mount_change_begin(void)
{
	spin_lock(&mount_lock);
	__atomic_store_n(&mount_seq, mount_seq + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

void mount_change_end(void)
{
	__atomic_store_n(&mount_seq, mount_seq + 1, __ATOMIC_RELEASE);
	spin_unlock(&mount_lock);
}

/* m, and what is over it, are of the stack of that base now: at its top. */
static void set_base(struct mount *m, struct mount *base)
{
	for (;; m = m->over) {
		WRITE_ONCE(m->base, base);
		if (!m->over)
			break;
	}
	WRITE_ONCE(base->top, m);
}

void mount_link(struct mount *m, struct mount *parent, struct dentry *d)
{
	atomic_inc(&parent->refs);
	m->parent = parent;
	m->mountpoint = d_get(d);
	list_add_tail(&m->sibling, &parent->children);
	if (d == parent->root)
		parent->over = m;
	set_base(m, d == parent->root ? parent->base : m);
	hlist_add_head(&m->hash_link, bucket(parent, d));
}

void mount_unlink(struct mount *m, struct path *was)
{
	struct mount *parent = m->parent;

	*was = (struct path){ NULL, NULL };
	if (parent == m)
		return;
	*was = (struct path){ parent, m->mountpoint };
	if (parent->over == m) {
		parent->over = NULL;
		WRITE_ONCE(parent->base->top, parent);
		set_base(m, m);
	}
	hlist_del(&m->hash_link);
	list_del_init(&m->sibling);
	WRITE_ONCE(m->parent, m);
	WRITE_ONCE(m->mountpoint, m->root);
	d_set_mounted(was->dentry, false);
}

int mount_hang(struct mount *m, struct mount *parent, struct dentry *d)
{
	int err = d_set_mounted(d, true);

	if (err)
		return err;
	mount_change_begin();
	mount_link(m, parent, d);
	mount_change_end();
	return 0;
}

/* Takes m off the tree. Its references from that go, but for the last one: mounts_unlock's. */
static void detach(struct mount *m)
{
	struct path was;

	mount_set_type(m, MS_PRIVATE);
	if (m->ns)
		mnt_ns_del(m);
	m->locked &= ~MOUNT_LOCKED;
	mount_change_begin();
	mount_unlink(m, &was);
	mount_change_end();
	path_put(&was);
	list_add_tail(&m->sibling, &dead);
}

void mount_drop_tree(struct mount *m, bool propagate)
{
	struct list_head batch = LIST_HEAD_INIT(batch);

	for (struct mount *p = m; p; p = mount_next(p, m)) {
		p->marked = true;
		list_add_tail(&p->batch, &batch);
	}
	if (propagate)
		propagate_umount(&batch);
	while (!list_empty(&batch)) { /* leaves first */
		m = list_last_entry(&batch, struct mount, batch);
		list_del_init(&m->batch);
		m->marked = false;
		detach(m);
		cond_resched();
	}
}

/* --- looking, with mount_mutex held --- */

struct mount *mount_next(struct mount *m, struct mount *top)
{
	if (!list_empty(&m->children))
		return list_first_entry(&m->children, struct mount, sibling);
	for (; m != top; m = m->parent)
		if (m->sibling.next != &m->parent->children)
			return list_next_entry(m, sibling);
	return NULL;
}

/* The same, without what is below m. */
static struct mount *next_beside(struct mount *m, struct mount *top)
{
	for (; m != top; m = m->parent)
		if (m->sibling.next != &m->parent->children)
			return list_next_entry(m, sibling);
	return NULL;
}

unsigned mount_count(struct mount *top)
{
	unsigned n = 0;

	for (struct mount *m = top; m; m = mount_next(m, top))
		n++;
	return n;
}

bool mount_below(const struct mount *m, const struct mount *top)
{
	for (; m != top; m = m->parent)
		if (m->parent == m)
			return false;
	return true;
}

struct mount *mount_at(struct mount *parent, const struct dentry *d)
{
	struct mount *m;

	if (d == parent->root)
		return parent->over;
	hlist_for_each_entry(m, bucket(parent, d), hash_link)
		if (m->parent == parent && m->mountpoint == d)
			return m;
	return NULL;
}

/* --- copies --- */

struct mount *mount_copy(struct mount *m, struct dentry *root, unsigned how)
{
	struct mount *c = mount_alloc(m->sb, root, m->devname, m->flags);

	if (!c)
		return ERR_PTR(-ENOMEM);
	c->locked = m->locked;
	if ((how & COPY_SLAVE) || ((how & COPY_SLAVE_SHARED) && m->group)) {
		c->master = m;
		list_add(&c->slave_link, &m->slaves);
	} else if (!(how & COPY_PRIVATE)) {
		c->unbindable = m->unbindable;
		if (m->group || (how & COPY_SHARED)) {
			c->group = m->group;
			list_add(&c->peers, &m->peers);
		}
		if (m->master) {
			c->master = m->master;
			list_add(&c->slave_link, &m->slave_link);
		}
	}
	if ((how & COPY_SHARED) && !c->group)
		c->group = mount_group_new();
	return c;
}

/* Is it left out of a copy of what it hangs in? */
static bool left_out(const struct mount *m, unsigned how)
{
	return (!(how & COPY_UNBINDABLE) && m->unbindable) ||
	       (!(how & COPY_NS_FILES) && mount_is_ns_file(m->root));
}

/* What hangs below `from`, from its folder `root` on, is copied to hang below `to`. */
static int copy_children(struct mount *from, struct dentry *root, struct mount *to, unsigned how)
{
	struct mount *m = mount_next(from, from), *at = from, *c;
	int err;

	while (m) {
		if ((m->parent == from && !d_is_ancestor(root, m->mountpoint)) ||
		    left_out(m, how)) {
			if (m->unbindable && (m->locked & MOUNT_LOCKED) && !(how & COPY_UNBINDABLE))
				return -EPERM;
			m = next_beside(m, from);
			continue;
		}
		for (; at != m->parent; at = at->parent)
			to = to->parent;
		c = mount_copy(m, m->root, how);
		if (IS_ERR(c))
			return (int)PTR_ERR(c);
		err = mount_hang(c, to, m->mountpoint);
		if (err) {
			mount_drop_tree(c, false);
			return err;
		}
		at = m;
		to = c;
		m = mount_next(m, from);
		cond_resched();
	}
	return 0;
}

struct mount *mount_copy_tree(struct mount *m, struct dentry *root, unsigned how)
{
	struct mount *c;
	int err;

	if (left_out(m, how))
		return ERR_PTR(-EINVAL);
	c = mount_copy(m, root, how);
	if (IS_ERR(c))
		return c;
	c->locked &= ~MOUNT_LOCKED;
	err = copy_children(m, root, c, how);
	if (!err)
		return c;
	mount_drop_tree(c, false);
	return ERR_PTR(err);
}

/* --- names that go, mount_namespaces(7): who sees a mount there hinders it, others lose theirs --- */

bool mounts_here(const struct dentry *d)
{
	struct mount *m;
	bool found = false;

	mounts_lock();
	for (unsigned i = 0; i < ARRAY_SIZE(hash) && !found; i++)
		hlist_for_each_entry(m, &hash[i], hash_link)
			found |= m->mountpoint == d && mount_is_ours(m);
	mounts_unlock();
	return found;
}

void mounts_leave(const struct dentry *d)
{
	struct mount *m;

	mounts_lock();
	for (unsigned i = 0; i < ARRAY_SIZE(hash);) {
		hlist_for_each_entry(m, &hash[i], hash_link)
			if (m->mountpoint == d)
				break;
		if (m)
			mount_drop_tree(m, false); /* and look again: the list has changed */
		else
			i++;
	}
	mounts_unlock();
}
