/*
 * Futexes (proc/futex.h). A waiter stands in a hash bucket under a key: the id
 * of the page-cache object and the offset of the word for shared mappings, else
 * the address space and the address. Keys are only compared, never followed; nothing
 * else ever bears the id of an object that is gone. A bucket is a tree, so that
 * thousands who wait for one word do not slow those who wait for another. Of one
 * key real-time tasks come first, by priority, the others in order of arrival.
 *
 * Locks: bucket->lock ([b]) guards the tree and the bucket and key of the waiters in
 * it. Two buckets are locked in order of address. Below it only the look at the user
 * word nests (page-table lock), pi_graph, and waking a task.
 *
 * No wake is lost. The waiter announces itself in bucket->waiters, then, holding
 * the lock, reads the word and queues itself. A waker has changed the word
 * before it calls. If it finds waiters == 0 (each side fences between its store and its load),
 * the waiter reads the new value and does not sleep. Else it takes the lock: before
 * the waiter did, and then again the waiter reads the new value; or after, and
 * then it finds the waiter queued. A queued waiter sets its sleeping state before it
 * looks whether it still is, so the wake ends its sleep wherever it is.
 */
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/sched.h"
#include "core/time.h"
#include "lib/hash.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/futex_impl.h"
#include "sync/log.h"

#define BUCKET_BITS_MIN 8 /* and 128 buckets a hart beyond two */

static struct futex_bucket *buckets; /* [boot] */
static unsigned bucket_bits; /* [boot] */

void futex_init(void)
{
	bucket_bits = BUCKET_BITS_MIN;
	while (1U << bucket_bits < 128 * nr_harts)
		bucket_bits++;
	buckets = kzalloc(sizeof(*buckets) << bucket_bits, 0);
	if (!buckets)
		panic("no memory for futexes");
	for (unsigned i = 0; i < 1U << bucket_bits; i++)
		spin_init(&buckets[i].lock, RANK_FUTEX, "futex");
}

int futex_get_key(struct futex_word w, struct futex_key *k)
{
	u64 addr = (__force u64)w.addr;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!user_range_ok(w.addr, sizeof(u32)))
		return -EFAULT;
	k->owner = (u64)current->mm;
	k->index = addr >> PAGE_SHIFT;
	k->offset = (addr & (PAGE_SIZE - 1)) | w.shared;
	return w.shared ? vm_futex_key(current->mm, addr, &k->owner, &k->index) : 0;
}

bool futex_same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->offset == b->offset && a->index == b->index && a->owner == b->owner;
}

struct futex_bucket *futex_bucket_of(const struct futex_key *k)
{
	u64 h = hash_mix(k->owner, k->index << PAGE_SHIFT | k->offset);

	return &buckets[hash_index(h, bucket_bits)];
}

/* ---- the tree of a bucket; all [b] ---- */

static struct futex_node *node_of(struct rb_node *n)
{
	return rb_entry_safe(n, struct futex_node, node);
}

/* Does n come before (key, order)? */
static bool comes_before(const struct futex_node *n, const struct futex_key *k, u64 order)
{
	if (n->key.owner != k->owner)
		return n->key.owner < k->owner;
	if (n->key.index != k->index)
		return n->key.index < k->index;
	if (n->key.offset != k->offset)
		return n->key.offset < k->offset;
	return n->order < order;
}

struct futex_node *futex_first(const struct futex_bucket *b, const struct futex_key *k)
{
	struct rb_node *at = b->tree.node;
	struct futex_node *found = NULL;

	while (at) {
		if (comes_before(node_of(at), k, 0)) {
			at = at->right;
		} else {
			found = node_of(at);
			at = at->left;
		}
	}
	return found && futex_same_key(&found->key, k) ? found : NULL;
}

static struct futex_node *futex_next(struct futex_node *n)
{
	struct futex_node *next = node_of(rb_next(&n->node));

	return next && futex_same_key(&next->key, &n->key) ? next : NULL;
}

void futex_insert(struct futex_bucket *b, struct futex_node *n)
{
	struct rb_node **link = &b->tree.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = comes_before(node_of(parent), &n->key, n->order) ? &parent->right :
									  &parent->left;
	}
	rb_insert(&b->tree, &n->node, parent, link, NULL);
}

static struct futex_waiter *waiter_of(struct futex_node *n)
{
	return container_of(n, struct futex_waiter, n);
}

/* Puts w behind those of its key that are as urgent. */
static void queue(struct futex_bucket *b, struct futex_waiter *w)
{
	u64 class = (u64)clamp(task_prio(w->task), -1L, 100L) + 2;

	w->n.order = class << 56 | ++b->arrivals;
	WRITE_ONCE(w->bucket, b);
	futex_insert(b, &w->n);
}

/* ---- waiting ---- */

int futex_queue_if_equal(struct futex_word word, u32 val, struct futex_waiter *w)
{
	for (;;) {
		int err = futex_get_key(word, &w->n.key);
		struct futex_bucket *b;
		u32 now;

		if (err)
			return err;
		b = futex_bucket_of(&w->n.key);
		atomic_fetch_add(&b->waiters, 1);
		spin_lock(&b->lock);
		err = user_load32_nofault(&now, word.addr);
		if (!err && now == val) {
			w->queued = true;
			queue(b, w);
			spin_unlock(&b->lock);
			return 0;
		}
		spin_unlock(&b->lock);
		atomic_dec(&b->waiters);
		if (!err)
			return -EAGAIN;
		err = fault_in_user(word.addr, sizeof(u32), false);
		if (err)
			return err;
	}
}

/* [b] */
static void unqueue_locked(struct futex_waiter *w)
{
	futex_erase(w->bucket, &w->n);
	smp_store_release(&w->queued, false);
}

struct futex_bucket *futex_lock_waiter(struct futex_waiter *w)
{
	for (;;) {
		struct futex_bucket *b = READ_ONCE(w->bucket);

		spin_lock(&b->lock);
		/* A requeue may have moved it while we waited for the lock. */
		if (w->bucket == b)
			return b;
		spin_unlock(&b->lock);
	}
}

/* True: w was still queued, nobody woke it. */
static bool unqueue(struct futex_waiter *w)
{
	struct futex_bucket *b;
	bool mine;

	if (!smp_load_acquire(&w->queued))
		return false;
	b = futex_lock_waiter(w);
	mine = w->queued;
	if (mine)
		unqueue_locked(w);
	spin_unlock(&b->lock);
	return mine;
}

/* The deadline as monotonic time, by the real-time clock's present setting. */
static noinline u64 mono_deadline(const struct futex_timeout *t)
{
	u64 now = now_real(), mono = now_mono(), left = t->when > now ? t->when - now : 0;

	return left < TIME_FOREVER - 1 - mono ? mono + left : TIME_FOREVER - 1;
}

static bool all_queued(const struct futex_waiter *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!READ_ONCE(w[i].queued))
			return false;
	return true;
}

int futex_sleep(const struct futex_waiter *w, unsigned n, const struct futex_timeout *timeout)
{
	bool steps = timeout->realtime && timeout->when != TIME_FOREVER;
	struct waiter step;
	int err = 0;

	/* A step of the clock wakes the sleeper, who then counts afresh. */
	if (steps) {
		waiter_init(&step);
		waitq_add(&time_set_wait, &step);
	}
	for (;;) {
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
		smp_mb();
		if (!all_queued(w, n) || err)
			break;
		err = wait_sleep(steps ? mono_deadline(timeout) : timeout->when);
		if (steps && !err)
			waitq_add(&time_set_wait, &step);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
	if (steps)
		waitq_remove(&time_set_wait, &step);
	return err;
}

static long restart_wait(struct task *t)
{
	const u64 *a = t->restart.args;
	struct futex_word w = { .addr = (u32 __user *)a[0], .shared = a[4] & 1 };
	struct futex_timeout timeout = { .when = a[3], .realtime = a[4] >> 1 & 1 };

	return futex_wait(w, (u32)a[1], (u32)a[2], timeout);
}

long futex_wait(struct futex_word word, u32 val, u32 bitset, struct futex_timeout timeout)
{
	struct futex_waiter w; /* the rest is set when it queues */
	u64 *a = current->restart.args;
	int err;

	if (!bitset)
		return -EINVAL;
	w.task = current;
	w.pi = NULL;
	w.bitset = bitset;
	err = futex_queue_if_equal(word, val, &w);
	if (err)
		return err;
	err = futex_sleep(&w, 1, &timeout);
	if (!unqueue(&w))
		return 0;
	if (err != -ERESTARTSYS || timeout.when == TIME_FOREVER)
		return err;
	current->restart.fn = restart_wait;
	a[0] = (__force u64)word.addr;
	a[1] = val;
	a[2] = bitset;
	a[3] = timeout.when;
	a[4] = (u64)word.shared | (u64)timeout.realtime << 1;
	return -ERESTART_RESTARTBLOCK;
}

/* The n of w leave their queues. The last that was woken, or -1. */
static long unqueue_all(struct futex_waiter *w, unsigned n)
{
	long woken = -1;

	for (unsigned i = 0; i < n; i++)
		if (!unqueue(&w[i]))
			woken = (long)i;
	return woken;
}

long futex_wait_many(const struct futex_wanted *v, unsigned n, struct futex_timeout timeout)
{
	struct futex_waiter *w = kzalloc(n * sizeof(*w), 0);
	unsigned queued = 0;
	long woken;
	int err = 0;

	if (!w)
		return -ENOMEM;
	/* A bad address is told before a value that differs. */
	for (unsigned i = 0; i < n && !err; i++)
		err = futex_get_key(v[i].word, &w[i].n.key);
	while (queued < n && !err) {
		w[queued].task = current;
		w[queued].bitset = FUTEX_BITSET_MATCH_ANY;
		err = futex_queue_if_equal(v[queued].word, v[queued].val, &w[queued]);
		if (!err)
			queued++;
	}
	if (!err)
		err = futex_sleep(w, n, &timeout);
	woken = unqueue_all(w, queued);
	kfree(w);
	return woken >= 0 ? woken : err;
}

/* ---- waking ---- */

/*
 * [b] The waiter's stack may be gone after unqueue_locked; its task is not before a grace
 * period. It is woken when the bucket is unlocked: the harts that want this lock spin, and a wake
 * is longer than all else that is done under it.
 */
static void wake_waiter(struct futex_waiter *w, struct wake_list *wakes)
{
	struct task *t = w->task;

	unqueue_locked(w);
	wake_later(wakes, t, TASK_INTERRUPTIBLE);
}

/* A lock with inheritance, or who is to be moved to one: not to be woken in this way. */
static bool is_pi(const struct futex_node *n)
{
	return !n->order || container_of(n, struct futex_waiter, n)->pi;
}

/* [b] How many, or -EINVAL. */
static long wake_matching(struct futex_bucket *b, const struct futex_key *k, int nr, u32 bitset,
			  struct wake_list *wakes)
{
	struct futex_node *n = futex_first(b, k), *next;
	long woken = 0;

	for (; n; n = next) {
		bool meant;

		if (is_pi(n))
			return -EINVAL;
		meant = waiter_of(n)->bitset & bitset;
		next = meant && woken + 1 >= nr ? NULL : futex_next(n);
		if (meant) {
			wake_waiter(waiter_of(n), wakes);
			woken++;
		}
	}
	return woken;
}

static long wake_key(const struct futex_key *k, int nr, u32 bitset)
{
	struct futex_bucket *b = futex_bucket_of(k);
	struct wake_list wakes;
	long woken;

	smp_mb();
	if (!atomic_read(&b->waiters))
		return 0;
	wakes.n = 0;
	spin_lock(&b->lock);
	woken = wake_matching(b, k, nr, bitset, &wakes);
	spin_unlock(&b->lock);
	wake_list_run(&wakes, TASK_INTERRUPTIBLE);
	return woken;
}

long futex_wake(struct futex_word w, int nr, u32 bitset)
{
	struct futex_key k;
	int err;

	if (!bitset)
		return -EINVAL;
	err = futex_get_key(w, &k);
	return err || !nr ? err : wake_key(&k, nr, bitset);
}

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock);
}

void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Both buckets [b]. */
static long move_waiters(struct futex_bucket *from, const struct futex_key *k,
			 struct futex_bucket *to, const struct futex_key *new_key, int nr_wake,
			 int nr_move, struct wake_list *wakes)
{
	struct futex_node *n = futex_first(from, k), *next;
	bool same = futex_same_key(k, new_key);
	long woken = 0, moved = 0;

	for (; n; n = next) {
		next = futex_next(n);
		if (woken >= nr_wake && moved >= nr_move)
			break;
		if (is_pi(n))
			return -EINVAL;
		if (woken < nr_wake) {
			wake_waiter(waiter_of(n), wakes);
			woken++;
			continue;
		}
		moved++;
		if (same)
			continue;
		futex_erase(from, n);
		n->key = *new_key;
		atomic_inc(&to->waiters);
		queue(to, waiter_of(n));
	}
	return woken + moved;
}

long futex_requeue(struct futex_word from, struct futex_word to, int nr_wake, int nr_move,
		   const u32 *cmp)
{
	struct wake_list wakes;
	struct futex_bucket *b1, *b2;
	struct futex_key k1, k2;
	long n;
	int err;
	u32 now;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	wakes.n = 0;
	for (;;) {
		err = futex_get_key(from, &k1);
		if (!err)
			err = futex_get_key(to, &k2);
		if (err)
			return err;
		b1 = futex_bucket_of(&k1);
		b2 = futex_bucket_of(&k2);
		smp_mb();
		futex_lock_two(b1, b2);
		err = cmp ? user_load32_nofault(&now, from.addr) : 0;
		if (!err)
			break;
		futex_unlock_two(b1, b2);
		err = fault_in_user(from.addr, sizeof(u32), false);
		if (err)
			return err;
	}
	if (cmp && now != *cmp)
		n = -EAGAIN;
	else
		n = move_waiters(b1, &k1, b2, &k2, nr_wake, nr_move, &wakes);
	futex_unlock_two(b1, b2);
	wake_list_run(&wakes, TASK_INTERRUPTIBLE);
	return n;
}

static int sign_extend12(u32 v)
{
	return (int)(v << 20) >> 20;
}

static int op_compare(u32 old, u32 encoded)
{
	int a = (int)old, b = sign_extend12(encoded & 0xfff);

	switch (encoded >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return a == b;
	case FUTEX_OP_CMP_NE:
		return a != b;
	case FUTEX_OP_CMP_LT:
		return a < b;
	case FUTEX_OP_CMP_GE:
		return a >= b;
	case FUTEX_OP_CMP_LE:
		return a <= b;
	case FUTEX_OP_CMP_GT:
		return a > b;
	default:
		return -ENOSYS;
	}
}

/*
 * The word is changed before the buckets are locked: who waits for w2 reads it under
 * the lock, so this is the order of a program that stores and then wakes.
 */
long futex_wake_op(struct futex_word w1, struct futex_word w2, int nr, int nr2, u32 encoded)
{
	static const enum uatomic_op ops[] = {
		[FUTEX_OP_SET] = UATOMIC_SET, [FUTEX_OP_ADD] = UATOMIC_ADD,
		[FUTEX_OP_OR] = UATOMIC_OR,   [FUTEX_OP_ANDN] = UATOMIC_ANDN,
		[FUTEX_OP_XOR] = UATOMIC_XOR,
	};
	u32 op = encoded >> 28 & 7, old;
	int arg = sign_extend12(encoded >> 12 & 0xfff);
	struct futex_key k1, k2;
	long woken;
	int err = futex_get_key(w1, &k1);

	if (!err)
		err = futex_get_key(w2, &k2);
	if (err)
		return err;
	if (encoded >> 28 & FUTEX_OP_OPARG_SHIFT)
		arg = (int)(1U << (arg & 31));
	if (op >= ARRAY_SIZE(ops))
		return -ENOSYS;
	err = user_atomic32(w2.addr, ops[op], (u32)arg, 0, &old);
	if (err)
		return err;
	err = op_compare(old, encoded);
	if (err < 0)
		return err;
	woken = wake_key(&k1, nr, FUTEX_BITSET_MATCH_ANY);
	if (woken >= 0 && err) {
		long more = wake_key(&k2, nr2, FUTEX_BITSET_MATCH_ANY);

		woken = more < 0 ? more : woken + more;
	}
	return woken;
}
