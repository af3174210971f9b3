/*
 * Locks with priority inheritance in futex words (futex(2), "Priority-inheritance futexes";
 * proc/futex.h). The word holds the owner's tid; who finds it taken sets FUTEX_WAITERS and comes
 * here. While somebody waits there is a struct pi_futex in the tree of the word's bucket, which ties
 * owner and waiters into the graph of core/pi.c. An unlock with waiters gives the lock to the first
 * of them: it writes his tid and wakes him. When an owner ends instead, the next one writes the word
 * himself, in his own memory.
 *
 * Locks: the bucket's ([b]) guards the word against other operations of the kernel and what hangs
 * off the key; pi_graph nests in it for changes of the graph. A struct pi_futex belongs to those who
 * wait (refs); its owner is alive, for he gives it up in futex_pi_release.
 */
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/time.h"
#include "mm/usercopy.h"
#include "proc/futex_impl.h"

enum { TAKEN = 1, AGAIN = 2 }; /* answers of take() beside 0: to be waited for, and errors */

static struct waitq leaving_wait = WAITQ_INIT(leaving_wait); /* futex_state is no more LEAVING */

/* ---- struct pi_futex; all [b] ---- */

static void free_rcu_fn(struct rcu_head *h)
{
	kfree(container_of(h, struct pi_futex, rcu));
}

static void set_owner(struct pi_futex *f, struct task *t)
{
	unsigned long flags = spin_lock_irqsave(&pi_graph);

	pi_set_owner(&f->lock, t);
	spin_unlock_irqrestore(&pi_graph, flags);
}

/* f goes when nobody needs it. */
static void drop(struct pi_futex *f)
{
	if (f->refs)
		return;
	set_owner(f, NULL);
	futex_erase(f->bucket, &f->n);
	call_rcu(&f->rcu, free_rcu_fn);
}

/* A new one that `owner` owns: 0, -ENOMEM, or AGAIN when the owner is leaving. */
static int create(struct futex_bucket *b, const struct futex_key *k, struct task *owner,
		  struct pi_futex **made)
{
	struct pi_futex *f = kzalloc(sizeof(*f), 0);
	unsigned long flags;
	bool alive;

	if (!f)
		return -ENOMEM;
	f->n.key = *k;
	f->bucket = b;
	pi_lock_init(&f->lock);
	flags = spin_lock_irqsave(&pi_graph);
	alive = owner->futex_state == FUTEX_ALIVE;
	if (alive)
		pi_set_owner(&f->lock, owner);
	spin_unlock_irqrestore(&pi_graph, flags);
	if (!alive) {
		kfree(f);
		return AGAIN;
	}
	atomic_inc(&b->waiters);
	futex_insert(b, &f->n);
	*made = f;
	return 0;
}

/* The word names an owner: makes him one. *leaving: who is to be waited for, referenced. */
static int find_owner(struct futex_bucket *b, const struct futex_key *k, u32 __user *addr, u32 val,
		      struct pi_futex **made, struct task **leaving)
{
	struct task *owner = task_find_get((int)(val & FUTEX_TID_MASK));
	u32 now;
	int err;

	if (owner && !owner->proc) {
		task_put(owner);
		return -EPERM;
	}
	err = owner ? create(b, k, owner, made) : AGAIN;
	if (err == AGAIN && owner && READ_ONCE(owner->futex_state) == FUTEX_LEAVING) {
		*leaving = owner;
		return AGAIN;
	}
	if (owner)
		task_put(owner);
	if (err != AGAIN)
		return err;
	/* He is gone. If he left word of it, it is another now. */
	if (user_load32_nofault(&now, addr))
		return -EFAULT;
	return now == val ? -ESRCH : AGAIN;
}

/*
 * t wants the lock whose word is at addr. TAKEN: it is t's. 0: *f is to be waited for. Or -EFAULT
 * (fault it in for writing), AGAIN, or an error. mark: others will wait for t.
 */
static int take(struct futex_bucket *b, const struct futex_key *k, u32 __user *addr, struct task *t,
		bool mark, struct pi_futex **f, struct task **leaving)
{
	struct futex_node *n;
	u32 val, old, new;
	int err = user_load32_nofault(&val, addr);

	if (err)
		return err;
	if ((val & FUTEX_TID_MASK) == (u32)t->pid->own)
		return -EDEADLK;
	n = futex_first(b, k);
	if (n) {
		if (n->order)
			return -EINVAL; /* who waits for it as for a plain word */
		*f = container_of(n, struct pi_futex, n);
		if ((*f)->died || ((val & FUTEX_OWNER_DIED) && !(val & FUTEX_TID_MASK)))
			return 0;
		return (val & FUTEX_TID_MASK) == (u32)(*f)->lock.owner->pid->own ? 0 : -EINVAL;
	}
	if (val & FUTEX_TID_MASK)
		new = val | FUTEX_WAITERS;
	else
		new = (val & FUTEX_OWNER_DIED) | (mark ? FUTEX_WAITERS : 0) | (u32)t->pid->own;
	err = user_cmpxchg32_nofault(addr, val, new, &old);
	if (err)
		return err;
	if (old != val)
		return AGAIN;
	return val & FUTEX_TID_MASK ? find_owner(b, k, addr, new, f, leaving) : TAKEN;
}

static void unblock(struct pi_futex_waiter *w)
{
	unsigned long flags = spin_lock_irqsave(&pi_graph);

	pi_unblock(&w->pi);
	spin_unlock_irqrestore(&pi_graph, flags);
}

/* Does the word still name the owner? An exec may have passed by since take() looked at it. */
static int check_owner(const struct pi_futex *f, u32 __user *addr)
{
	u32 val;

	if (user_load32_nofault(&val, addr))
		return -EFAULT;
	return (val & FUTEX_TID_MASK) == (u32)f->lock.owner->pid->own ? 0 : AGAIN;
}

/*
 * w, which stands nowhere, waits for f, whose word is at addr. 0, -EDEADLK, -EFAULT, or AGAIN: its
 * owner began to leave since create() and may have looked already at what he holds, to which f
 * belongs with the first waiter.
 */
static int block(struct pi_futex *f, u32 __user *addr, struct pi_futex_waiter *w)
{
	unsigned long flags = spin_lock_irqsave(&pi_graph);
	bool held = pi_first(&f->lock) || f->lock.owner->futex_state == FUTEX_ALIVE;
	int err = held ? pi_block(&f->lock, &w->pi) : AGAIN;

	spin_unlock_irqrestore(&pi_graph, flags);
	if (!err && !f->refs) {
		err = check_owner(f, addr);
		if (err)
			unblock(w);
	}
	if (!err) {
		f->refs++;
		w->lock = f;
		w->w.queued = true;
		WRITE_ONCE(w->w.bucket, f->bucket);
	}
	drop(f);
	return err;
}

/* The lock is w's; he is woken once the bucket is unlocked. */
static struct task *hand_over(struct pi_futex *f, struct pi_futex_waiter *w)
{
	unsigned long flags = spin_lock_irqsave(&pi_graph);
	struct task *t = w->pi.task;

	pi_unblock(&w->pi);
	pi_set_owner(&f->lock, t);
	spin_unlock_irqrestore(&pi_graph, flags);
	smp_store_release(&w->w.queued, false);
	return t;
}

static struct pi_futex_waiter *first_waiter(const struct pi_futex *f)
{
	struct pi_waiter *w = pi_first(&f->lock);

	return w ? container_of(w, struct pi_futex_waiter, pi) : NULL;
}

/* ---- locking ---- */

static void init_waiter(struct pi_futex_waiter *w, const struct futex_key *to)
{
	*w = (struct pi_futex_waiter){ .w.task = current, .w.pi = w, .pi.task = current, .to = to };
	w->w.bitset = FUTEX_BITSET_MATCH_ANY;
}

static bool has_left(void *t)
{
	return READ_ONCE(((struct task *)t)->futex_state) != FUTEX_LEAVING;
}

/* What take() wants done before it is tried once more, no lock held: 0 or an error. */
static int before_again(int err, u32 __user *addr, struct task *leaving)
{
	if (err == -EFAULT)
		return fault_in_user(addr, sizeof(u32), true);
	if (leaving) {
		wait_until(&leaving_wait, has_left, leaving, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		task_put(leaving);
	}
	cond_resched();
	return 0;
}

/* [b] One step of writing the word for current, to whom a dead owner's lock came. */
static int adopt(struct pi_futex *f, u32 __user *addr)
{
	u32 mine = (u32)current->pid->own | FUTEX_WAITERS | FUTEX_OWNER_DIED, val, old;
	int err = user_load32_nofault(&val, addr);

	if (!err)
		err = user_cmpxchg32_nofault(addr, val, mine, &old);
	if (err)
		return err;
	if (old != val)
		return AGAIN;
	f->died = false;
	return 0;
}

/* After the sleep that ended with err, if not 0: what became of w. No lock held. */
static long settle(struct pi_futex_waiter *w, u32 __user *addr, int err)
{
	struct futex_bucket *b = futex_lock_waiter(&w->w);
	struct pi_futex *f = w->lock;
	struct pi_futex_waiter *next;
	struct task *wake = NULL;

	if (w->w.queued) {
		unblock(w);
	} else {
		err = 0;
		while (f->died && (err = adopt(f, addr)) != 0) {
			spin_unlock(&b->lock);
			err = before_again(err, addr, NULL);
			spin_lock(&b->lock);
			if (err)
				break;
		}
		/* Its word is out of reach: somebody else's turn. */
		next = err ? first_waiter(f) : NULL;
		if (next)
			wake = hand_over(f, next);
	}
	f->refs--;
	drop(f);
	spin_unlock(&b->lock);
	if (wake)
		wake_task(wake, TASK_INTERRUPTIBLE);
	return err;
}

long futex_lock_pi(struct futex_word word, struct futex_timeout timeout, bool try)
{
	struct pi_futex_waiter w;
	long err;

	init_waiter(&w, NULL);
	for (;;) {
		struct task *leaving = NULL;
		struct pi_futex *f = NULL;
		struct futex_bucket *b;
		struct futex_key key;

		err = futex_get_key(word, &key);
		if (err)
			return err;
		b = futex_bucket_of(&key);
		spin_lock(&b->lock);
		err = take(b, &key, word.addr, current, false, &f, &leaving);
		if (!err && try) {
			drop(f);
			err = -EAGAIN;
		} else if (!err) {
			err = block(f, word.addr, &w);
		}
		spin_unlock(&b->lock);
		if (err == TAKEN)
			return 0;
		if (err != AGAIN && err != -EFAULT)
			break;
		err = before_again((int)err, word.addr, leaving);
		if (err)
			return err;
	}
	if (err)
		return err;
	err = settle(&w, word.addr, futex_sleep(&w.w, 1, &timeout));
	return err == -ERESTARTSYS ? -ERESTARTNOINTR : err;
}

/* One attempt: 0, AGAIN, -EFAULT, or an error; *wake: who has it now. */
static int unlock_once(struct futex_word word, struct task **wake)
{
	struct pi_futex_waiter *next = NULL;
	u32 val, old, new = 0;
	struct futex_bucket *b;
	struct futex_node *n;
	struct futex_key key;
	int err;

	if (get_user_u32(&val, word.addr))
		return -EFAULT;
	if ((val & FUTEX_TID_MASK) != (u32)current->pid->own)
		return -EPERM;
	err = futex_get_key(word, &key);
	if (err)
		return err;
	b = futex_bucket_of(&key);
	spin_lock(&b->lock);
	n = futex_first(b, &key);
	if (n) {
		struct pi_futex *f = container_of(n, struct pi_futex, n);

		err = -EINVAL;
		if (n->order || f->lock.owner != current)
			goto out;
		next = first_waiter(f);
	}
	if (next)
		new = (u32)next->pi.task->pid->own | FUTEX_WAITERS;
	err = user_cmpxchg32_nofault(word.addr, val, new, &old);
	if (err)
		goto again;
	if (old != val) {
		/* FUTEX_WAITERS may have come; anything else the program meddled with. */
		bool mine = (old & FUTEX_TID_MASK) == (val & FUTEX_TID_MASK);

		err = next ? (mine ? AGAIN : -EINVAL) : -EAGAIN;
		goto out;
	}
	if (next)
		*wake = hand_over(next->lock, next);
out:
	spin_unlock(&b->lock);
	return err;
again:
	spin_unlock(&b->lock);
	return fault_in_user(word.addr, sizeof(u32), true) ? -EFAULT : AGAIN;
}

long futex_unlock_pi(struct futex_word word)
{
	struct task *wake = NULL;
	int err;

	do {
		err = unlock_once(word, &wake);
	} while (err == AGAIN);
	if (wake)
		wake_task(wake, TASK_INTERRUPTIBLE);
	return err;
}

/* ---- from a word to a lock ---- */

long futex_wait_requeue_pi(struct futex_word word, u32 val, struct futex_timeout timeout,
			   struct futex_word to)
{
	struct pi_futex_waiter w;
	struct futex_bucket *b;
	struct futex_key key;
	bool granted, moved;
	int err, why;

	if (word.addr == to.addr)
		return -EINVAL;
	err = futex_get_key(to, &key);
	if (err)
		return err;
	init_waiter(&w, &key);
	err = futex_queue_if_equal(word, val, &w.w);
	if (err)
		return err;
	why = futex_same_key(&w.w.n.key, &key) ? -EINVAL : futex_sleep(&w.w, 1, &timeout);
	b = futex_lock_waiter(&w.w);
	granted = !w.w.queued;
	moved = w.lock;
	if (!granted && !moved) {
		futex_erase(b, &w.w.n);
		w.w.queued = false;
	}
	spin_unlock(&b->lock);
	if (moved) {
		why = (int)settle(&w, to.addr, why);
		/* Not again: the word has changed, and the lock is not had. */
		return why == -ERESTARTSYS ? -EAGAIN : why;
	}
	if (granted)
		return 0;
	return why == -ERESTARTSYS ? -ERESTARTNOINTR : why;
}

/* Both buckets [b]: w, the first of its word, gets or waits for the lock. As take(), but TAKEN or 0. */
static int move_one(struct futex_bucket *from, struct futex_bucket *to, const struct futex_key *key,
		    u32 __user *addr, struct pi_futex_waiter *w, bool mark, struct task **leaving)
{
	struct pi_futex *f = NULL;
	int err = take(to, key, addr, w->w.task, mark, &f, leaving);

	if (err == 0)
		err = block(f, addr, w);
	if (err == 0 || err == TAKEN)
		futex_erase(from, &w->w.n);
	return err;
}

/* A round until no waiter is left, enough are moved, or something is to be done with no lock held. */
static int move_round(struct futex_word from, struct futex_word to, int nr_move, const u32 *cmp,
		      long *n, struct task **leaving)
{
	struct futex_bucket *b1, *b2;
	struct futex_key k1, k2;
	struct wake_list wakes = { .n = 0 };
	struct futex_node *node;
	int err = futex_get_key(from, &k1);
	u32 now;

	if (!err)
		err = futex_get_key(to, &k2);
	if (!err && futex_same_key(&k1, &k2))
		err = -EINVAL;
	if (err)
		return err;
	b1 = futex_bucket_of(&k1);
	b2 = futex_bucket_of(&k2);
	futex_lock_two(b1, b2);
	if (cmp && user_load32_nofault(&now, from.addr)) {
		futex_unlock_two(b1, b2);
		return fault_in_user(from.addr, sizeof(u32), false) ? -EFAULT : AGAIN;
	}
	err = cmp && now != *cmp ? -EAGAIN : 0;
	if (cmp && !err) /* the lock's word is looked at, whether anybody waits or not */
		err = user_load32_nofault(&now, to.addr);
	while (!err && *n - 1 < nr_move && (node = futex_first(b1, &k1)) != NULL) {
		struct pi_futex_waiter *w =
			node->order ? container_of(node, struct futex_waiter, n)->pi : NULL;

		if (!w || !futex_same_key(w->to, &k2)) {
			err = -EINVAL;
			break;
		}
		err = move_one(b1, b2, &k2, to.addr, w, nr_move > 0, leaving);
		if (err == TAKEN) {
			struct task *t = w->w.task;

			smp_store_release(&w->w.queued, false);
			wake_later(&wakes, t, TASK_INTERRUPTIBLE);
			err = 0;
		}
		if (!err)
			++*n;
	}
	futex_unlock_two(b1, b2);
	wake_list_run(&wakes, TASK_INTERRUPTIBLE);
	if (err == -EFAULT)
		return fault_in_user(to.addr, sizeof(u32), true) ? -EFAULT : AGAIN;
	return err;
}

long futex_requeue_pi(struct futex_word from, struct futex_word to, int nr_wake, int nr_move,
		      u32 cmp)
{
	long n = 0;
	int err;

	if (nr_wake != 1 || nr_move < 0 || from.addr == to.addr)
		return -EINVAL;
	do {
		struct task *leaving = NULL;

		err = move_round(from, to, nr_move, n ? NULL : &cmp, &n, &leaving);
		if (err == AGAIN)
			before_again(AGAIN, NULL, leaving);
	} while (err == AGAIN);
	return err ? err : n;
}

/* ---- the end of an owner ---- */

void futex_set_state(struct task *t, u8 state)
{
	unsigned long flags = spin_lock_irqsave(&pi_graph);

	WRITE_ONCE(t->futex_state, state);
	spin_unlock_irqrestore(&pi_graph, flags);
	if (state != FUTEX_LEAVING)
		wake_up_all(&leaving_wait);
}

void futex_pi_release(struct task *t)
{
	for (;;) {
		unsigned long flags = spin_lock_irqsave(&pi_graph);
		struct pi_lock *l = pi_first_held(t);
		struct task *wake = NULL;
		struct futex_bucket *b;
		struct pi_futex *f;

		spin_unlock_irqrestore(&pi_graph, flags);
		if (!l)
			return;
		/* It may be given up by those who wait at any time, but is not reused before we sleep. */
		f = container_of(l, struct pi_futex, lock);
		b = f->bucket;
		spin_lock(&b->lock);
		if (f->lock.owner == t) {
			f->died = true;
			wake = hand_over(f, first_waiter(f));
		}
		spin_unlock(&b->lock);
		if (wake)
			wake_task(wake, TASK_INTERRUPTIBLE);
	}
}
