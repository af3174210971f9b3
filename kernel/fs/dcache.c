/*
 * The dentry cache: names already looked up, positive and negative.
 *
 * A hash of (parent, name) is read without locks under RCU; a count that
 * d_move changes tells a reader that a name moved under it, and it looks
 * again. Writers hold dcache_lock. A dentry nobody references stays hashed on
 * the unused list until memory is short; its count then goes from 0 to
 * D_DYING, after which lookups no longer see it.
 */
#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/fs.h"
#include "fs/handle.h"
#include "fs/internal.h"
#include "fs/notify.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "sync/log.h"
#include "sync/spinlock.h"

#define DCACHE_BITS 14
#define D_DYING	    (-1000000)

static spinlock_t dcache_lock = SPINLOCK_INIT(RANK_DCACHE, "dcache");
static struct hlist_head *table; /* [dcache_lock], read under RCU */
static struct list_head unused = LIST_HEAD_INIT(unused); /* [dcache_lock] oldest first */
static u64 nr_unused; /* [dcache_lock] */
static u32 move_seq; /* [dcache_lock] odd while a name changes */
static struct slab_cache *dentry_slab;

void dcache_init(void)
{
	table = kcalloc(1UL << DCACHE_BITS, sizeof(*table));
	dentry_slab = slab_create("dentry", sizeof(struct dentry), 64);
	if (!table || !dentry_slab)
		panic("dcache: out of memory at boot");
}

static u32 name_hash(const struct dentry *parent, const char *name, size_t len)
{
	return (u32)(hash_bytes(name, len, (u64)parent) >> 32);
}

static struct hlist_head *bucket(u32 hash)
{
	return &table[hash >> (32 - DCACHE_BITS)];
}

static int set_name(struct dentry *d, const char *name, size_t len)
{
	char *to = d->inline_name;

	if (len >= DNAME_INLINE) {
		to = kmalloc(len + 1, 0);
		if (!to)
			return -ENOMEM;
	}
	memcpy(to, name, len);
	to[len] = '\0';
	d->name = to;
	d->len = (u32)len;
	return 0;
}

static struct dentry *alloc(struct super *sb, const char *name, size_t len)
{
	struct dentry *d = slab_zalloc(dentry_slab);

	if (!d)
		return NULL;
	if (set_name(d, name, len)) {
		slab_free(dentry_slab, d);
		return NULL;
	}
	atomic_set(&d->refs, 1);
	d->sb = sb;
	list_init(&d->children);
	list_init(&d->sibling);
	list_init(&d->lru);
	hlist_node_init(&d->hash_link);
	return d;
}

struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len)
{
	struct dentry *d = alloc(parent->sb, name, len);

	if (!d)
		return NULL;
	d->parent = d_get(parent);
	d->hash = name_hash(parent, name, len);
	spin_lock(&dcache_lock);
	list_add(&d->sibling, &parent->children);
	spin_unlock(&dcache_lock);
	return d;
}

struct dentry *d_alloc_root(struct super *sb, struct inode *root)
{
	struct dentry *d = alloc(sb, "/", 1);

	if (!d) {
		inode_put(root);
		return NULL;
	}
	d->parent = d;
	d->inode = root;
	return d;
}

struct dentry *d_alloc_pseudo(struct super *sb, const char *name, struct inode *i)
{
	struct dentry *d = alloc(sb, name, strlen(name));

	if (!d)
		return NULL;
	d->parent = d;
	d->inode = i;
	d->flags = D_NOCACHE;
	return d;
}

void d_rename_pseudo(struct dentry *d, const char *name)
{
	d->len = (u32)strlcpy(d->inline_name, name, DNAME_INLINE);
}

struct dentry *d_get(struct dentry *d)
{
	atomic_inc(&d->refs);
	return d;
}

bool d_get_live(struct dentry *d)
{
	int old = atomic_read(&d->refs);

	while (old >= 0)
		if (atomic_try_cmpxchg(&d->refs, &old, old + 1))
			return true;
	return false;
}

static void free_rcu(struct rcu_head *h)
{
	struct dentry *d = container_of(h, struct dentry, rcu);

	if (d->name != d->inline_name)
		kfree((void *)d->name);
	slab_free(dentry_slab, d);
}

struct inode *d_parent_and_name(struct dentry *d, char *name, size_t *len)
{
	struct inode *dir;

	spin_lock(&dcache_lock);
	dir = d->parent->inode;
	inode_get(dir);
	*len = d->len;
	memcpy(name, d->name, d->len + 1UL);
	spin_unlock(&dcache_lock);
	return dir;
}

static void unhash_locked(struct dentry *d)
{
	if (d->flags & D_HASHED) {
		hlist_del_init(&d->hash_link);
		d->flags &= ~D_HASHED;
	}
}

static void lru_remove_locked(struct dentry *d)
{
	if (!list_empty(&d->lru)) {
		list_del_init(&d->lru);
		nr_unused--;
	}
}

/*
 * Takes d apart: count at D_DYING, dcache_lock held and released here.
 * Returns the parent, whose reference the caller now drops.
 */
static struct dentry *kill_locked(struct dentry *d)
{
	struct dentry *parent = d->parent != d ? d->parent : NULL;
	struct inode *inode = d->inode;

	unhash_locked(d);
	lru_remove_locked(d);
	if (!list_empty(&d->sibling))
		list_del_init(&d->sibling);
	spin_unlock(&dcache_lock);
	if (inode) {
		if (notify_any() && !inode->nlink)
			notify_removed(inode);
		inode_put(inode);
	}
	call_rcu(&d->rcu, free_rcu);
	return parent;
}

void d_put(struct dentry *d)
{
	while (d) {
		int old = atomic_read(&d->refs);

		/*
		 * The common case: others hold it, or it stays cached and is on the list already.
		 */
		while (old > 1)
			if (atomic_try_cmpxchg(&d->refs, &old, old - 1))
				return;
		/*
		 * On the list it stays until it is freed, and only a holder of a reference
		 * unhashes.
		 */
		if (old == 1 && !list_empty(&d->lru) &&
		    (READ_ONCE(d->flags) & (D_HASHED | D_NOCACHE)) == D_HASHED &&
		    atomic_cmpxchg(&d->refs, 1, 0) == 1)
			return;
		spin_lock(&dcache_lock);
		if (!atomic_dec_and_test(&d->refs)) {
			spin_unlock(&dcache_lock);
			return;
		}
		if ((d->flags & D_HASHED) && !(d->flags & D_NOCACHE)) {
			if (list_empty(&d->lru)) {
				list_add_tail(&d->lru, &unused);
				nr_unused++;
			}
			spin_unlock(&dcache_lock);
			return;
		}
		if (atomic_cmpxchg(&d->refs, 0, D_DYING) != 0) {
			spin_unlock(&dcache_lock);
			return;
		}
		d = kill_locked(d);
	}
}

void d_instantiate(struct dentry *d, struct inode *i)
{
	spin_lock(&dcache_lock);
	__atomic_store_n(&d->inode, i, __ATOMIC_RELEASE);
	spin_unlock(&dcache_lock);
}

void d_drop(struct dentry *d)
{
	spin_lock(&dcache_lock);
	unhash_locked(d);
	spin_unlock(&dcache_lock);
}

struct dentry *d_lookup_rcu(struct dentry *parent, const char *name, size_t len)
{
	u32 hash = name_hash(parent, name, len);
	struct dentry *d;
	u32 seq;

	do {
		seq = __atomic_load_n(&move_seq, __ATOMIC_ACQUIRE);
		hlist_for_each_entry(d, bucket(hash), hash_link) {
			if (d->hash == hash && READ_ONCE(d->parent) == parent && d->len == len &&
			    memcmp(READ_ONCE(d->name), name, len) == 0)
				break;
		}
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (unlikely(seq & 1) || unlikely(READ_ONCE(move_seq) != seq));
	return d;
}

struct dentry *d_lookup(struct dentry *parent, const char *name, size_t len)
{
	for (;;) {
		struct dentry *d = d_lookup_rcu(parent, name, len);

		if (!d || d_get_live(d))
			return d;
		/* Being freed: off the hash as soon as the killer lets the lock go. */
		spin_lock(&dcache_lock);
		spin_unlock(&dcache_lock);
	}
}

void d_delete(struct dentry *d)
{
	/* Whoever holds it open goes on with the inode; the name is looked up afresh. */
	spin_lock(&dcache_lock);
	if (d->inode && S_ISDIR(d->inode->mode))
		d->flags |= D_DEAD;
	unhash_locked(d);
	spin_unlock(&dcache_lock);
	if (unlikely(d->flags & D_MOUNTED))
		mounts_leave(d);
	if (unlikely(d->flags & D_HANDLE))
		handle_forget(d);
}

struct old_name {
	struct rcu_head rcu;
	char *name;
};

static void free_name_rcu(struct rcu_head *h)
{
	struct old_name *o = container_of(h, struct old_name, rcu);

	kfree(o->name);
	kfree(o);
}

/* Frees a long name after a grace period; one that can't be queued waits here for it. */
static void retire_name(const char *name)
{
	struct old_name *o = kmalloc(sizeof(*o), 0);

	if (o) {
		o->name = (char *)name;
		call_rcu(&o->rcu, free_name_rcu);
		return;
	}
	synchronize_rcu();
	kfree((void *)name);
}

/* Between the two, readers of names look again. dcache_lock held. */
static void move_begin(void)
{
	__atomic_store_n(&move_seq, move_seq + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void move_end(void)
{
	__atomic_store_n(&move_seq, move_seq + 1, __ATOMIC_RELEASE);
}

int d_move_prepare(const char *name, size_t len, char **heap)
{
	*heap = NULL;
	if (len < DNAME_INLINE)
		return 0;
	*heap = kmalloc(len + 1, 0);
	if (!*heap)
		return -ENOMEM;
	memcpy(*heap, name, len);
	(*heap)[len] = '\0';
	return 0;
}

/*
 * Puts d under a parent by its name, in the tree and the hash. dcache_lock held, between move_begin
 * and move_end.
 */
static void replant_locked(struct dentry *d, struct dentry *parent)
{
	d->parent = parent;
	d->hash = name_hash(parent, d->name, d->len);
	list_del_init(&d->sibling);
	list_add(&d->sibling, &parent->children);
	hlist_add_head(&d->hash_link, bucket(d->hash));
	d->flags |= D_HASHED;
}

void d_move(struct dentry *d, struct dentry *new_parent, const char *name, size_t len, char *heap)
{
	const char *old = d->name != d->inline_name ? d->name : NULL;
	struct dentry *old_parent = d->parent;

	d_get(new_parent);
	spin_lock(&dcache_lock);
	move_begin();
	unhash_locked(d);
	if (heap) {
		d->name = heap;
	} else {
		memcpy(d->inline_name, name, len);
		d->inline_name[len] = '\0';
		d->name = d->inline_name;
	}
	d->len = (u32)len;
	replant_locked(d, new_parent);
	move_end();
	spin_unlock(&dcache_lock);
	d_put(old_parent);
	if (old)
		retire_name(old);
}

void d_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *pa = a->parent, *pb = b->parent;
	const char *na = a->name, *nb = b->name;
	bool a_inline = na == a->inline_name, b_inline = nb == b->inline_name;
	char keep[DNAME_INLINE];

	spin_lock(&dcache_lock);
	move_begin();
	unhash_locked(a);
	unhash_locked(b);
	memcpy(keep, a->inline_name, sizeof(keep));
	memcpy(a->inline_name, b->inline_name, sizeof(keep));
	memcpy(b->inline_name, keep, sizeof(keep));
	a->name = b_inline ? a->inline_name : nb;
	b->name = a_inline ? b->inline_name : na;
	swap(a->len, b->len);
	replant_locked(a, pb); /* each takes over the other's reference on its parent */
	replant_locked(b, pa);
	move_end();
	spin_unlock(&dcache_lock);
}

bool d_is_ancestor(const struct dentry *a, const struct dentry *d)
{
	for (;; d = READ_ONCE(d->parent)) {
		if (d == a)
			return true;
		if (d == READ_ONCE(d->parent))
			return false;
	}
}

int d_set_mounted(struct dentry *d, bool mounted)
{
	int err = 0;

	spin_lock(&dcache_lock);
	if (!mounted)
		d->flags &= --d->mounts ? ~0U : ~D_MOUNTED;
	else if ((d->flags & (D_GOING | D_DEAD | D_NOMOUNT)) ||
		 (d->parent != d && !(d->flags & (D_HASHED | D_NOCACHE))))
		err = -ENOENT;
	else if (d->mounts++ == 0)
		d->flags |= D_MOUNTED;
	spin_unlock(&dcache_lock);
	return err;
}

void d_set_handle(struct dentry *d)
{
	spin_lock(&dcache_lock);
	d->flags |= D_HANDLE;
	spin_unlock(&dcache_lock);
}

void d_keep_mounted(struct dentry *d)
{
	spin_lock(&dcache_lock);
	d->mounts++;
	d->flags |= D_MOUNTED;
	spin_unlock(&dcache_lock);
}

int d_remove_begin(struct dentry *d)
{
	bool mounted;

	spin_lock(&dcache_lock);
	mounted = d->flags & D_MOUNTED;
	d->flags |= D_GOING;
	spin_unlock(&dcache_lock);
	if (likely(!mounted) || !mounts_here(d))
		return 0;
	d_keep(d);
	return -EBUSY;
}

void d_keep(struct dentry *d)
{
	spin_lock(&dcache_lock);
	d->flags &= ~D_GOING;
	spin_unlock(&dcache_lock);
}

/*
 * Frees up to n dentries that nobody references, oldest first. Task context. Those of the list that are in use
 * go to its end: the lock is let go of between runs of them, not for each.
 */
u64 dcache_shrink(u64 n)
{
	u64 done = 0, in_use = 0; /* one after another */

	spin_lock(&dcache_lock);
	while (done < n && !list_empty(&unused)) {
		struct dentry *d = list_first_entry(&unused, struct dentry, lru);

		if (atomic_cmpxchg(&d->refs, 0, D_DYING) == 0) {
			d_put(kill_locked(d));
			done++;
			in_use = 0;
			spin_lock(&dcache_lock);
			continue;
		}
		list_move_tail(&d->lru, &unused);
		if (++in_use >= nr_unused)
			break;
		if (in_use % 64 == 0) {
			spin_unlock(&dcache_lock);
			spin_lock(&dcache_lock);
		}
	}
	spin_unlock(&dcache_lock);
	return done;
}

u64 dcache_unused(void)
{
	return READ_ONCE(nr_unused);
}

void d_named(struct dentry *d)
{
	if (likely(!(READ_ONCE(d->flags) & D_LINKABLE)))
		return;
	spin_lock(&dcache_lock);
	d->flags &= ~D_LINKABLE;
	spin_unlock(&dcache_lock);
}

void d_drop_children(struct dentry *d)
{
	struct dentry *c;

restart:
	spin_lock(&dcache_lock);
	list_for_each_entry(c, &d->children, sibling) {
		unhash_locked(c); /* who still holds it lets it go for good */
		if (atomic_cmpxchg(&c->refs, 0, D_DYING) == 0) {
			d_put(kill_locked(c));
			goto restart;
		}
	}
	spin_unlock(&dcache_lock);
}

/* The next child of d that the walk below has not been at. */
static struct dentry *next_to_drop(struct dentry *d)
{
	struct dentry *c = list_first_entry_or_null(&d->children, struct dentry, sibling);

	return c && !(c->flags & D_DROPPED) ? c : NULL;
}

/*
 * Takes the dentries of sb out of the cache, for unmounting: nobody looks names up in it any more.
 * One walk over the tree; each dentry is unhashed with a reference held, so that it goes when that
 * is put, or when whoever else holds one for a moment (dcache_shrink) puts that.
 */
void dcache_drop_super(struct super *sb)
{
	struct dentry *d = d_get(sb->root), *c, *parent;

	for (;;) {
		spin_lock(&dcache_lock);
		c = next_to_drop(d);
		if (c) {
			d_get(c); /* it is on its parent's list, so it is not dying */
			unhash_locked(c);
			c->flags |= D_DROPPED;
			list_move_tail(&c->sibling, &d->children);
		}
		spin_unlock(&dcache_lock);
		if (c) {
			d = c;
			continue;
		}
		if (d == sb->root)
			break;
		parent = d->parent; /* referenced on the way down */
		d_put(d);
		d = parent;
		cond_resched();
	}
	d_put(d);
}

/* Puts s before *p, not running over start. */
static bool prepend(char **p, const char *start, const char *s, size_t n)
{
	if ((size_t)(*p - start) < n)
		return false;
	*p -= n;
	memcpy(*p, s, n);
	return true;
}

char *d_path(const struct path *path, const struct path *root, char *buf, size_t n,
	     bool *unreachable)
{
	const struct dentry *d = path->dentry;
	const struct mount *m = path->mnt;
	char *p = buf + n;
	bool ok = prepend(&p, buf, "", 1);
	bool gone = d->parent != d && !(d->flags & D_HASHED) && !(d->flags & D_NOCACHE);

	*unreachable = false;
	if (gone)
		ok = ok && prepend(&p, buf, " (deleted)", 10);
	if (d->parent == d && (d->flags & D_NOCACHE)) /* pipe:[N], anon_inode:[X] */
		return ok && prepend(&p, buf, d->name, d->len) ? p : ERR_PTR(-ENAMETOOLONG);
	spin_lock(&dcache_lock);
	while (ok && !(d == root->dentry && m == root->mnt)) {
		if (d == m->root || d == d->parent) {
			const struct mount *base = READ_ONCE(m->base);
			struct path up;

			/* Of a stack on one place, to the lowest; but root may be one of them. */
			if (READ_ONCE(base->parent) != base &&
			    !(root->mnt && READ_ONCE(root->mnt->base) == base))
				m = base;
			if (!mount_up_rcu(m, &up)) {
				*unreachable = root->mnt != NULL &&
					       !(d == root->dentry && m == root->mnt);
				break;
			}
			d = up.dentry;
			m = up.mnt;
			continue;
		}
		ok = prepend(&p, buf, d->name, d->len) && prepend(&p, buf, "/", 1);
		d = d->parent;
	}
	spin_unlock(&dcache_lock);
	if (ok && (*p == '\0' || (gone && *p == ' ')))
		ok = prepend(&p, buf, "/", 1);
	return ok ? p : ERR_PTR(-ENAMETOOLONG);
}

struct dentry *d_hash_unique(struct dentry *d)
{
	struct dentry *other;

	spin_lock(&dcache_lock);
	hlist_for_each_entry(other, bucket(d->hash), hash_link) {
		if (other->hash == d->hash && other->parent == d->parent && other->len == d->len &&
		    memcmp(other->name, d->name, d->len) == 0 && d_get_live(other)) {
			spin_unlock(&dcache_lock);
			d_put(d);
			return other;
		}
	}
	if (!(d->flags & D_NOCACHE)) {
		hlist_add_head(&d->hash_link, bucket(d->hash));
		d->flags |= D_HASHED;
	}
	spin_unlock(&dcache_lock);
	return d;
}
