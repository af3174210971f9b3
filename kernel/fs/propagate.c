/*
 * Shared subtrees, mount_namespaces(7): mounts that are peers of one group each get what is mounted
 * or unmounted below any of them, and slaves what is below their master. Who gets things is found by
 * going from a mount to its peers, their slaves, the peers of those... (targets). All under
 * mount_mutex [m]; `target`, `copy` and `batch` of a mount mean something during one change only.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/sched.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/mount.h"

int mount_group_new(void)
{
	static int last; /* [m] */

	last = last == S32_MAX ? 1 : last + 1;
	return last;
}

static struct mount *next_peer(struct mount *m)
{
	return list_next_entry(m, peers);
}

/* --- what a mount is --- */

static void leave_master(struct mount *m)
{
	list_del_init(&m->slave_link);
	m->master = NULL;
}

/* Who takes over m's slaves, and becomes its master: a peer, best with the same root. NULL: nobody. */
static struct mount *successor(struct mount *m)
{
	struct mount *p = next_peer(m), *best = p;

	if (p == m)
		return m->master;
	for (; p != m; p = next_peer(p))
		if (p->root == m->root)
			return p;
	return best;
}

static void make_slave(struct mount *m)
{
	struct mount *master = successor(m), *s, *n;

	list_del_init(&m->peers);
	m->group = 0;
	list_for_each_entry_safe(s, n, &m->slaves, slave_link) {
		leave_master(s);
		if (master) {
			s->master = master;
			list_add_tail(&s->slave_link, &master->slaves);
		}
	}
	leave_master(m);
	if (master) {
		m->master = master;
		list_add(&m->slave_link, &master->slaves);
	}
}

void mount_set_type(struct mount *m, u32 type)
{
	if (type == MS_SHARED) {
		if (!m->group)
			m->group = mount_group_new();
		m->unbindable = false;
		return;
	}
	make_slave(m);
	if (type == MS_SLAVE)
		return;
	leave_master(m);
	m->unbindable = type == MS_UNBINDABLE;
}

bool mount_reachable(const struct mount *m, const struct path *root)
{
	struct path at = { (struct mount *)m, m->root };

	while (at.mnt != root->mnt && mount_up_rcu(at.mnt, &at))
		;
	return at.mnt == root->mnt && d_is_ancestor(root->dentry, at.dentry);
}

int mount_dominator(struct mount *m, struct mnt_ns *ns, const struct path *root)
{
	for (struct mount *g = m->master; g; g = g->master) {
		struct mount *p = g;

		do {
			if (p->ns == ns && mount_reachable(p, root))
				return p->group;
			p = next_peer(p);
		} while (p != g);
	}
	return 0;
}

/* --- who gets what --- */

static void add_group(struct mount *m, struct list_head *to)
{
	struct mount *p = m;

	if (!list_empty(&m->target))
		return;
	do {
		p->copy = NULL;
		list_add_tail(&p->target, to);
		p = next_peer(p);
	} while (p != m);
}

/* m's whole group first; masters before slaves, those of one group beside each other. */
static void find_targets(struct mount *m, struct list_head *to)
{
	struct mount *t, *s;

	list_init(to);
	add_group(m, to);
	list_for_each_entry(t, to, target)
		list_for_each_entry(s, &t->slaves, slave_link)
			add_group(s, to);
}

static void forget_targets(struct list_head *to)
{
	struct mount *t, *n;

	list_for_each_entry_safe(t, n, to, target) {
		t->copy = NULL;
		if (t->ns)
			t->ns->pending = 0;
		list_del_init(&t->target);
	}
}

/* What came to t's group already, or NULL. */
static struct mount *copy_in_group(struct mount *t)
{
	struct mount *p = t;

	do {
		if (p->copy)
			return p->copy;
		p = next_peer(p);
	} while (p != t);
	return NULL;
}

/* The copy for t, of what came to its peers, else to the next of its masters that got something. */
static struct mount *copy_for(struct mount *t)
{
	struct mount *from = copy_in_group(t);
	unsigned how = COPY_SHARED;

	if (!from) {
		how = COPY_SLAVE | (t->group ? COPY_SHARED : 0);
		for (struct mount *g = t->master; g && !from; g = g->master)
			from = copy_in_group(g);
	}
	return mount_copy_tree(from, from->root, how);
}

int propagate_copies(struct mount *dest, struct dentry *d, struct mount *m, struct list_head *out)
{
	struct list_head targets;
	struct mount *t, *c;
	int count = (int)mount_count(m), err = 0;

	find_targets(dest, &targets);
	dest->copy = m;
	list_for_each_entry(t, &targets, target) {
		if (t == dest || !t->ns || !d_is_ancestor(t->root, d))
			continue;
		t->ns->pending += count;
		c = t->ns->nr + t->ns->pending > mount_max ? ERR_PTR(-ENOSPC) : copy_for(t);
		err = IS_ERR(c) ? (int)PTR_ERR(c) : d_set_mounted(d, true);
		if (err) {
			if (!IS_ERR(c))
				mount_drop_tree(c, false);
			break;
		}
		t->copy = c;
		c->goes_to = t;
		list_add_tail(&c->batch, out);
		cond_resched();
	}
	forget_targets(&targets);
	while (err && !list_empty(out)) {
		c = list_first_entry(out, struct mount, batch);
		list_del_init(&c->batch);
		d_set_mounted(d, false);
		mount_drop_tree(c, false);
	}
	return err;
}

/* --- and who loses it --- */

/* Has m nothing below it that stays, but for what is over it? */
static bool nothing_stays(struct mount *m)
{
	struct mount *c;

	list_for_each_entry(c, &m->children, sibling)
		if (c != m->over && !c->marked)
			return false;
	return true;
}

/* It goes, and what is over it takes its place, or that of the highest above it that goes as well. */
static void let_fall(struct mount *m, struct list_head *batch)
{
	struct mount *top = m->over, *parent, *there;
	struct dentry *d;
	struct path was, mine;

	while (m->parent != m && m->parent->marked)
		m = m->parent;
	parent = m->parent;
	if (parent == m) { /* it fell before, with another on top: this one goes, too */
		for (struct mount *p = top; p; p = mount_next(p, top)) {
			p->marked = true;
			list_move_tail(&p->batch, batch);
		}
		return;
	}
	there = mount_at(parent, m->mountpoint);
	d = m->mountpoint;
	d_keep_mounted(d);
	mount_change_begin();
	mount_unlink(top, &was);
	mount_unlink(there, &mine);
	mount_link(top, parent, d);
	mount_change_end();
	path_put(&was);
	path_put(&mine);
}

void propagate_umount(struct list_head *batch)
{
	struct list_head maybe = LIST_HEAD_INIT(maybe), targets;
	struct mount *m, *t, *c, *n;
	bool more = true;

	list_for_each_entry(m, batch, batch) {
		if (m->parent == m || (!m->parent->group && list_empty(&m->parent->slaves)))
			continue;
		find_targets(m->parent, &targets);
		list_for_each_entry(t, &targets, target) {
			c = t == m->parent || !t->ns ? NULL : mount_at(t, m->mountpoint);
			if (c && !c->marked && list_empty(&c->batch) && !(c->locked & MOUNT_LOCKED))
				list_add_tail(&c->batch, &maybe);
		}
		forget_targets(&targets);
		cond_resched();
	}
	while (more) { /* until none of the rest may go: one that has something below it stays */
		more = false;
		list_for_each_entry_safe(c, n, &maybe, batch) {
			if (!nothing_stays(c))
				continue;
			c->marked = more = true;
			list_move_tail(&c->batch, batch);
		}
	}
	list_for_each_entry_safe(c, n, &maybe, batch)
		list_del_init(&c->batch);
	list_for_each_entry(c, batch, batch)
		if (c->over && !c->over->marked)
			let_fall(c, batch);
}

bool propagate_busy(struct mount *m, int refs)
{
	struct list_head targets;
	struct mount *t, *c;
	bool busy = !list_empty(&m->children) || atomic_read(&m->refs) > refs;

	if (busy || m->parent == m)
		return busy;
	find_targets(m->parent, &targets);
	list_for_each_entry(t, &targets, target) {
		c = t == m->parent || !t->ns ? NULL : mount_at(t, m->mountpoint);
		if (!c || (!list_empty(&c->children) && !(c->over && nothing_stays(c))))
			continue;
		busy = atomic_read(&c->refs) > 1 + (c->over ? 1 : 0);
		if (busy)
			break;
	}
	forget_targets(&targets);
	return busy;
}
