/*
 * The trees of an inode's locks (lock_tree.h).
 *
 * By place, a node knows how far the locks of its subtree reach, and how far those of anybody but
 * the owner who reaches farthest; and the same of exclusive locks alone. So a subtree that has
 * nothing of others in a range is passed by in one step.
 */
#include "fs/lock_tree.h"

#include <compiler.h>

static void extend(struct reach *r, const void *owner, u64 end)
{
	if (r->owner[0] == owner) {
		r->end[0] = max(r->end[0], end);
	} else if (!r->owner[0] || end > r->end[0]) {
		r->owner[1] = r->owner[0];
		r->end[1] = r->end[0];
		r->owner[0] = owner;
		r->end[0] = end;
	} else if (!r->owner[1] || end > r->end[1]) {
		r->owner[1] = owner;
		r->end[1] = end;
	}
}

static void extend_by(struct reach *r, const struct reach *sub)
{
	for (unsigned k = 0; k < 2 && sub->owner[k]; k++)
		extend(r, sub->owner[k], sub->end[k]);
}

/* Does a lock of anybody but owner reach start? */
static bool reaches(const struct reach *r, const void *owner, u64 start)
{
	unsigned k = r->owner[0] == owner;

	return r->owner[k] && r->end[k] >= start;
}

static struct file_lock *by_place(struct rb_node *n)
{
	return rb_entry_safe(n, struct file_lock, place);
}

static void update_place(struct rb_node *n)
{
	struct file_lock *l = by_place(n), *sub[2] = { by_place(n->left), by_place(n->right) };

	l->all = l->writers = (struct reach){ 0 };
	extend(&l->all, l->owner, l->end);
	if (l->write)
		extend(&l->writers, l->owner, l->end);
	for (unsigned k = 0; k < 2; k++) {
		if (sub[k]) {
			extend_by(&l->all, &sub[k]->all);
			extend_by(&l->writers, &sub[k]->writers);
		}
	}
}

static struct rb_root *places(struct inode_locks *ls, enum lock_kind kind)
{
	return &ls->by_place[kind == LOCK_FLOCK];
}

static void insert_place(struct inode_locks *ls, struct file_lock *l)
{
	struct rb_root *root = places(ls, l->kind);
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = l->start < by_place(parent)->start ? &parent->left : &parent->right;
	}
	rb_insert(root, &l->place, parent, link, update_place);
}

/* Orders (owner, kind, start). */
static bool before(const struct file_lock *a, const struct file_lock *b)
{
	if (a->owner != b->owner)
		return a->owner < b->owner;
	return a->kind != b->kind ? a->kind < b->kind : a->start < b->start;
}

void lock_tree_insert(struct inode_locks *ls, struct file_lock *l)
{
	struct rb_node **link = &ls->by_owner.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = before(l, rb_entry(parent, struct file_lock, own)) ? &parent->left :
									    &parent->right;
	}
	rb_insert(&ls->by_owner, &l->own, parent, link, NULL);
	insert_place(ls, l);
}

struct file_lock *lock_tree_next(struct file_lock *l)
{
	return rb_entry_safe(rb_next(&l->own), struct file_lock, own);
}

struct file_lock *lock_tree_at(struct inode_locks *ls, const struct file_lock *key)
{
	struct rb_node *n = ls->by_owner.node;
	struct file_lock *found = NULL;

	while (n) {
		struct file_lock *l = rb_entry(n, struct file_lock, own);

		if (before(l, key)) {
			n = n->right;
		} else {
			found = l;
			n = n->left;
		}
	}
	return found;
}

bool lock_same_owner(const struct file_lock *l, const struct file_lock *key)
{
	return l && l->owner == key->owner && l->kind == key->kind;
}

struct file_lock *lock_tree_first(struct inode_locks *ls, const struct file_lock *key)
{
	struct file_lock *l = lock_tree_at(ls, key), *prev;
	struct rb_node *n = l ? rb_prev(&l->own) : rb_last(&ls->by_owner);

	prev = rb_entry_safe(n, struct file_lock, own);
	if (lock_same_owner(prev, key) && prev->end >= key->start)
		return prev;
	return lock_same_owner(l, key) ? l : NULL;
}

struct file_lock *lock_tree_conflict(struct inode_locks *ls, const struct file_lock *l)
{
	struct file_lock *o = by_place(places(ls, l->kind)->node), *left;

	while (o) {
		left = by_place(o->place.left);
		if (left && reaches(l->write ? &left->all : &left->writers, l->owner, l->start)) {
			/* if what reaches this far begins too late, so does all to the right */
			o = left;
			continue;
		}
		if (o->start > l->end)
			return NULL;
		if (o->owner != l->owner && (o->write || l->write) && o->end >= l->start)
			return o;
		o = by_place(o->place.right);
	}
	return NULL;
}

void lock_tree_erase(struct inode_locks *ls, struct file_lock *l)
{
	rb_erase(&ls->by_owner, &l->own, NULL);
	rb_erase(places(ls, l->kind), &l->place, update_place);
}

void lock_tree_set_start(struct inode_locks *ls, struct file_lock *l, u64 start)
{
	rb_erase(places(ls, l->kind), &l->place, update_place);
	l->start = start; /* its order among its owner's stays */
	insert_place(ls, l);
}

void lock_tree_set_end(struct file_lock *l, u64 end)
{
	l->end = end;
	rb_update_path(&l->place, update_place);
}
