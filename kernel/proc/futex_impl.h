/*
 * What the files of futexes share: keys, buckets, and those who wait (proc/futex.c tells the
 * protocol). [b] is the lock of the bucket that the key hashes to.
 */
#ifndef PROC_FUTEX_IMPL_H
#define PROC_FUTEX_IMPL_H

#include <atomic.h>
#include <uapi/futex.h>

#include "core/pi.h"
#include "core/wait.h"
#include "lib/rbtree.h"
#include "proc/futex.h"

struct futex_key {
	u64 owner; /* a vmobject's id, or the address of the struct mm, which a waiter's task keeps */
	u64 index; /* page number in it */
	u32 offset; /* in the page; bit 0: not a private futex, the two never meet */
};

struct futex_bucket {
	spinlock_t lock;
	atomic_t waiters; /* [a] in the tree, or about to be */
	struct rb_root tree; /* [b] of futex_node, by key and order */
	u64 arrivals; /* [b] */
} __aligned(64);

/* In a bucket's tree stands a lock with inheritance (order 0), or who waits for a word. */
struct futex_node {
	struct rb_node node; /* [b] */
	struct futex_key key; /* [b] */
	u64 order; /* [b] among those of its key: real-time priority, then arrival */
};

struct futex_waiter {
	struct futex_node n;
	struct futex_bucket *bucket; /* [b] of the old and of the new one when requeued */
	struct task *task;
	struct pi_futex_waiter *pi; /* [i] FUTEX_WAIT_REQUEUE_PI; else NULL */
	u32 bitset;
	bool queued; /* [b]; once false nobody but the waiter looks at this */
};

/* A lock in user memory that somebody waits for. Freed after a grace period. */
struct pi_futex {
	struct futex_node n;
	struct futex_bucket *bucket; /* [i] */
	struct pi_lock lock; /* changed with [b] held too */
	unsigned refs; /* [b] who waits, and who was given it and has not looked yet */
	bool died; /* [b] its owner ended: the word is still to be written by the next */
	struct rcu_head rcu;
};

struct pi_futex_waiter {
	struct futex_waiter w; /* queued: the lock is not its own yet */
	struct pi_waiter pi;
	struct pi_futex *lock; /* [b] what it waits for; NULL: still for the word */
	const struct futex_key *to; /* [i] FUTEX_WAIT_REQUEUE_PI: where it expects to be moved */
};

int futex_get_key(struct futex_word w, struct futex_key *k);
bool futex_same_key(const struct futex_key *a, const struct futex_key *b);
struct futex_bucket *futex_bucket_of(const struct futex_key *k);
/* The first one of a key, or NULL. [b] */
struct futex_node *futex_first(const struct futex_bucket *b, const struct futex_key *k);
void futex_insert(struct futex_bucket *b, struct futex_node *n); /* [b] */
/* [b] */
static inline void futex_erase(struct futex_bucket *b, struct futex_node *n)
{
	rb_erase(&b->tree, &n->node, NULL);
	atomic_dec(&b->waiters);
}
void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b);

/* Queues w if *word is val: 0, -EAGAIN, -EFAULT, -EINVAL. */
int futex_queue_if_equal(struct futex_word word, u32 val, struct futex_waiter *w);
/* Sleeps while all n of w are queued: 0, or why it woke. */
int futex_sleep(const struct futex_waiter *w, unsigned n, const struct futex_timeout *timeout);
/* Locks the bucket that w stands in. */
struct futex_bucket *futex_lock_waiter(struct futex_waiter *w);

/* t leaves: each lock that others wait for goes to the first of them. */
void futex_pi_release(struct task *t);
/* t may own such locks, no longer, or never again. */
void futex_set_state(struct task *t, u8 state);
#endif
