/*
 * Futexes (proc/futex.h). A waiter stands in a hash bucket under a key: the id
 * of the page-cache object and the offset of the word for shared mappings, else
 * the address space and the address. Keys are only compared, never followed; nothing
 * else ever bears the id of an object that is gone.
 *
 * Locks: bucket->lock ([b]) guards the list and the bucket and key of the waiters in
 * it. Two buckets are locked in order of address. Below it only the look at the user
 * word nests (page-table lock) and waking a task.
 *
 * No wake is lost. The waiter announces itself in bucket->waiters, then, holding
 * the lock, reads the word and queues itself. A waker has changed the word
 * before it calls. If it finds waiters == 0 (each side fences between its store and its load),
 * the waiter reads the new value and does not sleep. Else it takes the lock: before
 * the waiter did, and then again the waiter reads the new value; or after, and
 * then it finds the waiter queued. A queued waiter has set its sleeping state
 * before it drops the lock, so the wake ends its sleep wherever it is.
 */
#include "proc/futex.h"

#include <atomic.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/futex.h>

#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "lib/hash.h"
#include "lib/list.h"
#include "mm/usercopy.h"
#include "mm/vm.h"

#define BUCKET_BITS 8

struct key {
	u64 owner; /* a vmobject's id, or the address of the struct mm, which a waiter's task keeps */
	u64 index; /* page number in it */
	u32 offset; /* in the page; bit 0: not a private futex, the two never meet */
};

static struct bucket {
	spinlock_t lock;
	atomic_t waiters; /* [a] queued or about to be */
	struct list_head list; /* [b] of waiter, in order of arrival */
} __aligned(64) buckets[1 << BUCKET_BITS];

struct futex_waiter {
	struct list_head link; /* [b] */
	struct bucket *bucket; /* [b] of the old and of the new one when requeued */
	struct key key; /* [b] */
	struct task *task;
	u32 bitset;
	bool queued; /* [b]; once false nobody but the waiter looks at this */
};

void futex_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_init(&buckets[i].lock, RANK_FUTEX, "futex");
		list_init(&buckets[i].list);
	}
}

static int get_key(struct futex_word w, struct key *k)
{
	u64 addr = (__force u64)w.addr;
	u64 object, index;
	int err;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!user_range_ok(w.addr, sizeof(u32)))
		return -EFAULT;
	err = vm_futex_key(current->mm, addr, w.shared, &object, &index);
	if (err)
		return err;
	k->owner = object ? object : (u64)current->mm;
	k->index = object ? index : addr >> PAGE_SHIFT;
	k->offset = (addr & (PAGE_SIZE - 1)) | w.shared;
	return 0;
}

static bool same_key(const struct key *a, const struct key *b)
{
	return a->offset == b->offset && a->index == b->index && a->owner == b->owner;
}

static struct bucket *bucket_of(const struct key *k)
{
	u64 h = hash_mix(hash_mix(hash64(k->owner), k->index), k->offset);

	return &buckets[hash_index(h, BUCKET_BITS)];
}

/* ---- waiting ---- */

/* Reads the word under the lock; queues and sets the sleeping state if it is val. */
static int queue_if_equal(struct futex_word word, u32 val, struct futex_waiter *w)
{
	for (;;) {
		int err = get_key(word, &w->key);
		struct bucket *b;
		u32 now;

		if (err)
			return err;
		b = bucket_of(&w->key);
		atomic_fetch_add(&b->waiters, 1);
		spin_lock(&b->lock);
		err = user_load32_nofault(&now, word.addr);
		if (!err && now == val) {
			w->bucket = b;
			w->queued = true;
			list_add_tail(&w->link, &b->list);
			WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
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
	list_del(&w->link);
	atomic_dec(&w->bucket->waiters);
	smp_store_release(&w->queued, false);
}

/* True: w was still queued, nobody woke it. */
static bool unqueue(struct futex_waiter *w)
{
	while (smp_load_acquire(&w->queued)) {
		struct bucket *b = READ_ONCE(w->bucket);
		bool mine;

		spin_lock(&b->lock);
		/* A requeue may have moved it while we waited for the lock. */
		mine = w->queued && w->bucket == b;
		if (mine)
			unqueue_locked(w);
		spin_unlock(&b->lock);
		if (mine)
			return true;
	}
	return false;
}

/* The deadline as monotonic time, by the real-time clock's present setting. */
static u64 mono_deadline(const struct futex_timeout *t)
{
	u64 now, mono, left;

	if (t->when == TIME_FOREVER || !t->realtime)
		return t->when;
	now = now_real();
	mono = now_mono();
	left = t->when > now ? t->when - now : 0;
	return left < TIME_FOREVER - 1 - mono ? mono + left : TIME_FOREVER - 1;
}

/*
 * Sleeps until woken (0, or an error that came too late to matter), or the error. The state is
 * set.
 */
static int sleep_queued(struct futex_waiter *w, const struct futex_timeout *timeout)
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
		smp_mb();
		if (!READ_ONCE(w->queued) || err)
			break;
		err = wait_sleep(mono_deadline(timeout));
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
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
	struct futex_waiter w = { .task = current, .bitset = bitset };
	u64 *a = current->restart.args;
	int err;

	if (!bitset)
		return -EINVAL;
	err = queue_if_equal(word, val, &w);
	if (err)
		return err;
	err = sleep_queued(&w, &timeout);
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

/* [b] */
static long wake_matching(struct bucket *b, const struct key *k, int nr, u32 bitset,
			  struct wake_list *wakes)
{
	struct futex_waiter *w, *next;
	long woken = 0;

	list_for_each_entry_safe(w, next, &b->list, link) {
		if (!same_key(&w->key, k) || !(w->bitset & bitset))
			continue;
		wake_waiter(w, wakes);
		if (++woken >= nr)
			break;
	}
	return woken;
}

static long wake_key(const struct key *k, int nr, u32 bitset)
{
	struct bucket *b = bucket_of(k);
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
	struct key k;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_key(w, &k);
	return err ? err : wake_key(&k, nr, bitset);
}

static void lock_two(struct bucket *a, struct bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock);
}

static void unlock_two(struct bucket *a, struct bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Both buckets [b]. */
static long move_waiters(struct bucket *from, const struct key *k, struct bucket *to,
			 const struct key *new_key, int nr_wake, int nr_move,
			 struct wake_list *wakes)
{
	struct futex_waiter *w, *next;
	LIST_HEAD(moved);
	long woken = 0, n = 0;

	list_for_each_entry_safe(w, next, &from->list, link) {
		if (!same_key(&w->key, k))
			continue;
		if (woken < nr_wake) {
			wake_waiter(w, wakes);
			woken++;
			continue;
		}
		if (n >= nr_move)
			break;
		n++;
		w->key = *new_key;
		if (from != to) {
			atomic_dec(&from->waiters);
			atomic_inc(&to->waiters);
			WRITE_ONCE(w->bucket, to);
		}
		list_move_tail(&w->link, &moved);
	}
	list_splice_tail(&moved, &to->list);
	return woken + n;
}

long futex_requeue(struct futex_word from, struct futex_word to, int nr_wake, int nr_move,
		   const u32 *cmp)
{
	struct wake_list wakes;
	struct bucket *b1, *b2;
	struct key k1, k2;
	long n;
	int err;
	u32 now;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	wakes.n = 0;
	for (;;) {
		err = get_key(from, &k1);
		if (!err)
			err = get_key(to, &k2);
		if (err)
			return err;
		b1 = bucket_of(&k1);
		b2 = bucket_of(&k2);
		smp_mb();
		lock_two(b1, b2);
		err = cmp ? user_load32_nofault(&now, from.addr) : 0;
		if (!err)
			break;
		unlock_two(b1, b2);
		err = fault_in_user(from.addr, sizeof(u32), false);
		if (err)
			return err;
	}
	if (cmp && now != *cmp)
		n = -EAGAIN;
	else
		n = move_waiters(b1, &k1, b2, &k2, nr_wake, nr_move, &wakes);
	unlock_two(b1, b2);
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
	struct key k1, k2;
	long woken;
	int err = get_key(w1, &k1);

	if (!err)
		err = get_key(w2, &k2);
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
	if (err)
		woken += wake_key(&k2, nr2, FUTEX_BITSET_MATCH_ANY);
	return woken;
}

/* ---- the end of a thread ---- */

static void wake_shared(u32 __user *addr)
{
	futex_wake((struct futex_word){ .addr = addr, .shared = true }, 1, FUTEX_BITSET_MATCH_ANY);
}

/* A lock that t held or was about to take: marks it, wakes one waiter. False: bad memory. */
static bool owner_died(struct task *t, u64 addr, bool pending, bool pi)
{
	u32 __user *p = (u32 __user *)addr;
	u32 val, old;

	if (addr % sizeof(u32) || get_user_u32(&val, p))
		return false;
	for (;;) {
		if (pending && !pi && !val) {
			/* It may have died between its unlock and its wake. */
			wake_shared(p);
			return true;
		}
		if ((val & FUTEX_TID_MASK) != (u32)task_tid(t))
			return true;
		if (user_atomic32(p, UATOMIC_CMPXCHG, (val & FUTEX_WAITERS) | FUTEX_OWNER_DIED, val,
				  &old))
			return false;
		if (old == val)
			break;
		val = old;
	}
	if (!pi && (val & FUTEX_WAITERS))
		wake_shared(p);
	return true;
}

/* The entries of a robust list are user addresses; bit 0 marks a priority-inheritance lock. */
static void walk_robust_list(struct task *t)
{
	u64 head = (__force u64)t->robust_list, entry, next, pending;
	struct robust_list_head h;

	if (copy_from_user(&h, t->robust_list, sizeof(h)))
		return;
	entry = (__force u64)h.list.next;
	pending = (__force u64)h.list_op_pending;
	for (int n = 0; (entry & ~1UL) != head && n < ROBUST_LIST_LIMIT; n++) {
		u64 addr = entry & ~1UL;
		bool more = !get_user_u64(&next, (u64 __user *)addr);

		if (addr != (pending & ~1UL) &&
		    !owner_died(t, addr + (u64)h.futex_offset, false, entry & 1))
			return;
		if (!more)
			return;
		entry = next;
		cond_resched();
	}
	if (pending & ~1UL)
		owner_died(t, (pending & ~1UL) + (u64)h.futex_offset, true, pending & 1);
}

void futex_release(struct task *t)
{
	u32 __user *tidp = t->clear_child_tid;

	if (t->robust_list)
		walk_robust_list(t);
	t->robust_list = NULL;
	t->clear_child_tid = NULL;
	/* Whoever is alone in its memory has nobody to tell. */
	if (tidp && atomic_read(&t->mm->users) > 1 && !put_user_u32(0, tidp))
		wake_shared(tidp);
}
