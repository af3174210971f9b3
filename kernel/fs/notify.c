/*
 * Change notification (notify.h): groups and marks, and how an event finds them. What a group does
 * with an event is in inotify.c, fanotify.c and dnotify.c.
 */
#include "fs/notify.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/userns.h"
#include "fs/async.h"
#include "fs/internal.h"
#include "fs/poll.h"

#define BATCH 64 /* marks that go under one hold of notify_lock */

spinlock_t notify_lock = SPINLOCK_INIT(RANK_FS, "notify");
int notify_marks; /* [N] */
static u32 last_cookie; /* [N] of a move */

/* --- groups --- */

void notify_group_init(struct notify_group *g, const struct notify_ops *ops, unsigned max)
{
	g->ops = ops;
	atomic_set(&g->refs, 1);
	g->uid = current->cred->euid;
	g->user = user_ns_get(current_user_ns());
	g->max = max;
	list_init(&g->marks);
	list_init(&g->queue);
	list_init(&g->asyncs);
	waitq_init(&g->q);
}

void notify_group_get(struct notify_group *g)
{
	atomic_inc(&g->refs);
}

void notify_group_put(struct notify_group *g)
{
	if (atomic_dec_and_test(&g->refs))
		g->ops->free(g);
}

void notify_group_close(struct notify_group *g)
{
	bool more = true;

	while (more) {
		LIST_HEAD(dead);

		spin_lock(&notify_lock);
		g->closed = true;
		for (unsigned n = 0; n < BATCH && !list_empty(&g->marks); n++)
			notify_mark_out(list_first_entry(&g->marks, struct notify_mark, group_link),
					&dead);
		more = !list_empty(&g->marks);
		spin_unlock(&notify_lock);
		notify_bury(&dead);
		cond_resched();
	}
}

bool notify_queue(struct notify_group *g, struct notify_item *item)
{
	bool fits = item && g->len < g->max;

	if (!fits)
		item = g->overflow;
	if (g->closed || (!fits && !list_empty(&item->link)))
		return false;
	list_add_tail(&item->link, &g->queue);
	g->len++;
	wake_up_key(&g->q, EPOLLIN | EPOLLRDNORM);
	async_tell(&g->asyncs, POLL_IN);
	return fits;
}

void notify_unqueue(struct notify_group *g, struct notify_item *item)
{
	list_del_init(&item->link);
	g->len--;
}

static bool has_events(void *arg)
{
	return !list_empty(&((struct notify_group *)arg)->queue);
}

int notify_wait(struct notify_group *g, struct file *f)
{
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_until(&g->q, has_events, g, TASK_INTERRUPTIBLE, WAIT_FOREVER);
}

u32 notify_poll(struct file *f, struct poll_table *pt)
{
	struct notify_group *g = f->priv;

	poll_wait(f, &g->q, pt);
	return has_events(g) ? EPOLLIN | EPOLLRDNORM : 0;
}

struct list_head *notify_asyncs(struct file *f)
{
	return &((struct notify_group *)f->priv)->asyncs;
}

/* --- marks --- */

static struct watched **watches_of(enum watched_kind kind, void *object)
{
	switch (kind) {
	case WATCHED_MOUNT:
		return &((struct mount *)object)->watches;
	case WATCHED_SUPER:
		return &((struct super *)object)->watches;
	default:
		return &((struct inode *)object)->watches;
	}
}

static void free_watched(struct rcu_head *h)
{
	kfree(container_of(h, struct watched, rcu));
}

static void sum_up(struct watched *w)
{
	const struct notify_mark *m;
	u32 mask = 0;

	list_for_each_entry(m, &w->marks, object_link)
		mask |= m->mask | m->ignore |
			(m->ignore && !(m->flags & MARK_SURVIVES) ? FAN_MODIFY : 0);
	WRITE_ONCE(w->mask, mask);
}

void notify_mark_changed(struct notify_mark *m)
{
	sum_up(m->on);
}

struct notify_mark *notify_find(struct notify_group *g, enum watched_kind kind, void *object)
{
	const struct watched *w = *watches_of(kind, object);
	struct notify_mark *m;

	if (w)
		list_for_each_entry(m, &w->marks, object_link)
			if (m->group == g)
				return m;
	return NULL;
}

int notify_mark_add(struct notify_mark *m, enum watched_kind kind, void *object)
{
	struct watched *fresh = kzalloc(sizeof(*fresh), 0), *w;
	struct watched **at = watches_of(kind, object);
	int err = 0;

	if (!fresh)
		return -ENOMEM;
	spin_lock(&notify_lock);
	if (notify_find(m->group, kind, object)) {
		err = -EEXIST;
		goto out;
	}
	w = *at;
	if (!w) {
		w = fresh;
		fresh = NULL;
		list_init(&w->marks);
		list_init(&w->super_link);
		w->kind = kind;
		w->object = object;
		if (kind == WATCHED_INODE)
			list_add(&w->super_link, &((struct inode *)object)->sb->watched);
		__atomic_store_n(at, w, __ATOMIC_RELEASE);
	}
	m->on = w;
	if (kind == WATCHED_INODE && !(m->flags & MARK_EVICTABLE)) {
		m->inode = object;
		inode_get(m->inode);
	}
	list_add_tail(&m->object_link, &w->marks);
	list_add(&m->group_link, &m->group->marks);
	notify_group_get(m->group);
	sum_up(w);
	WRITE_ONCE(notify_marks, notify_marks + 1);
out:
	spin_unlock(&notify_lock);
	kfree(fresh);
	return err;
}

void notify_mark_out(struct notify_mark *m, struct list_head *dead)
{
	struct watched *w = m->on;

	if (m->group->ops->left)
		m->group->ops->left(m);
	list_del(&m->object_link);
	list_move_tail(&m->group_link, dead);
	m->on = NULL;
	WRITE_ONCE(notify_marks, notify_marks - 1);
	if (!list_empty(&w->marks)) {
		sum_up(w);
		return;
	}
	WRITE_ONCE(*watches_of(w->kind, w->object), NULL);
	list_del(&w->super_link);
	call_rcu(&w->rcu, free_watched);
}

void notify_bury(struct list_head *dead)
{
	struct notify_mark *m, *n;

	list_for_each_entry_safe(m, n, dead, group_link) {
		if (m->charge >= 0)
			user_ns_uncharge(m->group->user, m->group->uid, (enum user_count)m->charge);
		notify_group_put(m->group);
		inode_put(m->inode);
		kfree(m);
	}
}

/* What was watched goes: its marks with it. */
static void forget(enum watched_kind kind, void *object)
{
	struct watched **at = watches_of(kind, object);
	LIST_HEAD(dead);

	if (likely(!READ_ONCE(*at)))
		return;
	spin_lock(&notify_lock);
	while (*at)
		notify_mark_out(list_first_entry(&(*at)->marks, struct notify_mark, object_link),
				&dead);
	spin_unlock(&notify_lock);
	notify_bury(&dead);
}

/* --- giving out --- */

/* Notes the marks of w, and lists their groups, those of high rank first. */
static void collect(const struct watched *w, enum notify_hit by, struct list_head *groups)
{
	struct notify_mark *m;

	if (!w)
		return;
	list_for_each_entry(m, &w->marks, object_link) {
		struct notify_group *g = m->group, *o;

		g->hit[by] = m;
		if (g->is_hit)
			continue;
		g->is_hit = true;
		list_for_each_entry(o, groups, hit_link)
			if (o->rank < g->rank)
				break;
		list_add_tail(&g->hit_link, &o->hit_link);
	}
}

static void give_out(struct notify_event *e)
{
	LIST_HEAD(groups);
	LIST_HEAD(dead);
	LIST_HEAD(spare);
	struct notify_group *g, *n;

	e->dead = &dead;
	e->spare = &spare;
	spin_lock(&notify_lock);
	collect(e->inode->sb->watches, HIT_SUPER, &groups);
	if (e->path)
		collect(e->path->mnt->watches, HIT_MOUNT, &groups);
	if (e->mask & NOTIFY_DIRENT) {
		collect(e->dir->watches, HIT_SELF, &groups);
		if (e->move)
			collect(e->move->to->watches, HIT_TO, &groups);
	} else {
		if (e->dir)
			collect(e->dir->watches, HIT_PARENT, &groups);
		collect(e->inode->watches, HIT_SELF, &groups);
	}
	list_for_each_entry_safe(g, n, &groups, hit_link) {
		g->ops->hear(g, e);
		g->is_hit = false;
		for (unsigned k = 0; k < NOTIFY_HITS; k++)
			g->hit[k] = NULL;
	}
	spin_unlock(&notify_lock);
	notify_bury(&dead);
	fanotify_spare(&spare);
}

/* What the marks of an object want. No lock: what comes to be just now need not be heard of. */
static u32 wants(struct watched *const *at)
{
	const struct watched *w = __atomic_load_n(at, __ATOMIC_ACQUIRE);

	return w ? READ_ONCE(w->mask) : 0;
}

/* Something happened to i, whose name d is; path: through an open file. */
static void tell(const struct path *path, struct dentry *d, struct inode *i, u32 mask,
		 struct list_head *asks)
{
	u32 here = wants(&i->watches) | wants(&i->sb->watches) |
		   (path ? wants(&path->mnt->watches) : 0);
	struct dentry *parent = READ_ONCE(d->parent);
	u32 above = parent != d ? wants(&parent->inode->watches) : 0;
	struct notify_event e = { .mask = mask, .inode = i, .path = path, .asks = asks };
	char name[NAME_MAX + 1];

	if (!(above & FAN_EVENT_ON_CHILD))
		above = 0;
	if (!(mask & (here | above)))
		return;
	if (S_ISDIR(i->mode))
		e.mask |= IN_ISDIR;
	if (parent != d && ((above & mask) || (here & FAN_EVENT_ON_CHILD))) {
		e.dir = d_parent_and_name(d, name, &e.len);
		e.name = name;
	}
	e.unlinked = path && parent != d && !(READ_ONCE(d->flags) & (D_HASHED | D_NOCACHE));
	give_out(&e);
	inode_put(e.dir);
}

void notify_file_slow(struct file *f, u32 mask)
{
	if (!(f->mode & (FMODE_PATH | FMODE_NONOTIFY)))
		tell(&f->path, f->path.dentry, f->inode, mask, NULL);
}

int notify_ask_slow(struct file *f, u32 mask)
{
	LIST_HEAD(asks);

	if (f->mode & (FMODE_PATH | FMODE_NONOTIFY))
		return 0;
	tell(&f->path, f->path.dentry, f->inode, mask, &asks);
	return list_empty(&asks) ? 0 : fanotify_answers(&asks);
}

void notify_dentry_slow(struct dentry *d, u32 mask)
{
	tell(NULL, d, d->inode, mask, NULL);
}

void notify_inode_slow(struct inode *i, u32 mask)
{
	struct notify_event e = { .mask = mask, .inode = i };

	if (!(mask & (wants(&i->watches) | wants(&i->sb->watches))))
		return;
	if (S_ISDIR(i->mode))
		e.mask |= IN_ISDIR;
	give_out(&e);
}

void notify_name_slow(struct inode *dir, const char *name, size_t len, struct inode *i, u32 mask)
{
	struct notify_event e = { .mask = mask, .inode = i, .dir = dir, .name = name, .len = len };

	if (!(mask & (wants(&dir->watches) | wants(&dir->sb->watches))))
		return;
	if (S_ISDIR(i->mode))
		e.mask |= IN_ISDIR;
	give_out(&e);
}

void notify_moved(const struct notify_move *m)
{
	u32 is_dir = S_ISDIR(m->inode->mode) ? IN_ISDIR : 0;
	struct notify_event e = { .mask = FAN_RENAME | is_dir,
				  .inode = m->inode,
				  .dir = m->from,
				  .name = m->old_name,
				  .len = m->old_len,
				  .move = m };

	if (!notify_any())
		return;
	give_out(&e);
	e.move = NULL;
	e.mask = IN_MOVED_FROM | is_dir;
	spin_lock(&notify_lock);
	e.cookie = ++last_cookie;
	spin_unlock(&notify_lock);
	give_out(&e);
	e.mask = IN_MOVED_TO | is_dir;
	e.dir = m->to;
	e.name = m->new_name;
	e.len = m->new_len;
	give_out(&e);
	if (m->over)
		notify_inode(m->over, IN_ATTRIB);
	notify_inode(m->inode, IN_MOVE_SELF);
}

void notify_changed(struct dentry *d, u32 valid)
{
	u32 times = valid & (ATTR_ATIME | ATTR_MTIME);
	u32 mask = 0;

	if (valid & (ATTR_UID | ATTR_GID | ATTR_MODE))
		mask |= IN_ATTRIB;
	if (valid & ATTR_SIZE)
		mask |= IN_MODIFY;
	if (times == (ATTR_ATIME | ATTR_MTIME))
		mask |= IN_ATTRIB;
	else if (times)
		mask |= times == ATTR_ATIME ? IN_ACCESS : IN_MODIFY;
	if (mask)
		notify_dentry(d, mask);
}

/* --- ends --- */

void notify_removed(struct inode *i)
{
	notify_inode_slow(i, IN_DELETE_SELF);
	forget(WATCHED_INODE, i);
}

void notify_inode_gone(struct inode *i)
{
	forget(WATCHED_INODE, i);
}

void notify_mount_gone(struct mount *m)
{
	forget(WATCHED_MOUNT, m);
}

/* An inode of sb that is watched, referenced; NULL. */
static struct inode *next_watched(struct super *sb)
{
	struct inode *i = NULL;

	spin_lock(&notify_lock);
	while (!i && !list_empty(&sb->watched)) {
		const struct watched *w =
			list_first_entry(&sb->watched, struct watched, super_link);

		i = w->object;
		if (atomic_inc_not_zero(&i->refs))
			break;
		i = NULL; /* its last holder is about to forget its marks */
		spin_unlock(&notify_lock);
		cond_resched();
		spin_lock(&notify_lock);
	}
	spin_unlock(&notify_lock);
	return i;
}

void notify_super_gone(struct super *sb)
{
	struct inode *i;

	while ((i = next_watched(sb))) {
		notify_inode_slow(i, IN_UNMOUNT);
		forget(WATCHED_INODE, i);
		inode_put(i);
		cond_resched();
	}
	forget(WATCHED_SUPER, sb);
}

void notify_init(void)
{
	/* As Linux has it: what they keep may take a hundredth of the memory. */
	u64 n = ram_pages / 100 * PAGE_SIZE /
		(sizeof(struct notify_mark) + 2 * sizeof(struct inode));

	n = min(max(n, (u64)8192), (u64)1048576);
	user_limits_first[USER_INOTIFY_WATCHES] = user_limits_first[USER_FANOTIFY_MARKS] = (int)n;
}
