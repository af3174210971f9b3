/*
 * lock_tree.h - the locks of one inode, in two trees: by place, to find who stands in the way, and by
 * owner, to find what that owner has there already. Both take logarithmic time. All functions with
 * inode->lock held; they allocate and free nothing. lock.c, whose trees these are, has the rest.
 */
#ifndef FS_LOCK_TREE_H
#define FS_LOCK_TREE_H

#include <types.h>

#include "fs/lock.h"
#include "lib/list.h"
#include "lib/rbtree.h"

/* How far some locks reach, and how far those of anybody but owner[0]. NULL: nobody. */
struct reach {
	const void *owner[2];
	u64 end[2];
};

struct file_lock {
	struct rb_node place, own; /* [inode->lock] */
	struct reach all, writers; /* [inode->lock] of the subtree by place */
	struct list_head sleepers; /* [inode->lock] whom it keeps waiting */
	enum lock_kind kind; /* [I] */
	bool write; /* [I] exclusive */
	u64 start, end; /* [inode->lock] bytes, both included */
	void *owner; /* [I] a struct files or a struct file; compared, not followed */
	int pid; /* [I] who set it */
};

struct inode_locks {
	struct rb_root by_place[2]; /* [inode->lock] record and OFD locks; flock locks */
	struct rb_root by_owner; /* [inode->lock] by owner, kind and start */
	struct list_head leases; /* [inode->lock] fs/lease.c */
	struct waitq lease_q; /* who waits for one of them to go */
	struct inode *inode; /* [I] */
	struct list_head link; /* [inodes_mutex] */
};

bool lock_have(struct inode *i); /* i->locks is there from now on; false: no memory */
/* The leases of one inode, for lock_for_each; false: fn had enough. */
bool lease_lines(struct inode_locks *ls, struct lock_line *line, lock_line_fn fn, void *arg);
void lock_tree_insert(struct inode_locks *ls, struct file_lock *l);
void lock_tree_erase(struct inode_locks *ls, struct file_lock *l);
/* A lock becomes shorter, at its start or at its end. */
void lock_tree_set_start(struct inode_locks *ls, struct file_lock *l, u64 start);
void lock_tree_set_end(struct file_lock *l, u64 end);
/* The next in the order of owners; NULL. */
struct file_lock *lock_tree_next(struct file_lock *l);
/* The first lock at or after key in the order of owners. */
struct file_lock *lock_tree_at(struct inode_locks *ls, const struct file_lock *key);
bool lock_same_owner(const struct file_lock *l, const struct file_lock *key);
/* The first lock of key's owner and kind that ends at key->start or behind; NULL. */
struct file_lock *lock_tree_first(struct inode_locks *ls, const struct file_lock *key);
/*
 * What stands in the way of l: the first by place. Record and OFD locks see each other; flock locks
 * only their own kind.
 */
struct file_lock *lock_tree_conflict(struct inode_locks *ls, const struct file_lock *l);
#endif
