/*
 * The lockup detector (lockup.h). Each hart has a timer that beats, five times in the limit. At a
 * beat it looks at itself, which finds a task that keeps the hart in the kernel, and at the next hart,
 * whose beats stop when it has interrupts off.
 *
 * Hosts stop a hart for long: so what counts are beats that were taken, not time alone. A task is stuck
 * when five beats in turn found it without a pass through schedule(), to which every beat has asked it;
 * the next hart, when it took no beat in ten of ours.
 *
 * A machine that idles has no beats: a hart stops them when neither it nor the next one works, and
 * takes them up again when it leaves idle. One that works wakes the hart that watches it.
 *
 * No lock: a hart writes its own watch, others read what is [a].
 */
#include "core/lockup.h"

#include <atomic.h>

#include "arch/riscv/trap.h"
#include "core/sched_impl.h"
#include "core/task.h"
#include "core/time.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"
#include "sync/spinlock.h"
#include "sync/stack.h"

#define SECONDS	   20
#define SOFT_BEATS 5 /* of its own */
#define HARD_BEATS 10 /* of the hart that watches */
#define DEPTH	   16 /* of the stack that is kept */
#define ANSWERING  (~0u)

bool lockup_idle[MAX_HARTS];

static struct watch {
	struct timer timer;
	u64 beats; /* [a] */
	bool asleep; /* [a] the timer is not set */
	u64 passes; /* through schedule(), at the last beat */
	unsigned stuck; /* beats since the last pass */
	u64 next_beats; /* of the next hart, when they last changed */
	unsigned missed; /* own beats since then */
	/* What the last beat saw, for the hart that finds this one stuck. */
	u64 time, stack[DEPTH]; /* [a] */
	unsigned depth; /* [a] */
	int tid; /* [a] */
	char comm[TASK_COMM_LEN]; /* [a] */
} __aligned(64) watches[MAX_HARTS];

static u64 period; /* [boot] ns; 0: no detector */
static u32 reporting; /* [a] */
static u32 asked; /* [a] hart + 1 that is to tell where it is; ANSWERING: it does */

void hart_print_task(unsigned hart, const struct task *t)
{
	if (t->flags & TF_IDLE)
		printk(LOG_EMERG, "hart %u: idle", hart);
	else
		printk(LOG_EMERG, "hart %u: task %d (%.*s)%s", hart, task_tid(t), TASK_COMM_LEN,
		       t->comm, t->flags & TF_KTHREAD ? ", of the kernel" : "");
}

/* --- telling --- */

void lockup_answer(void)
{
	u32 me = hart_id() + 1;

	if (likely(READ_ONCE(asked) != me) ||
	    !__atomic_compare_exchange_n(&asked, &me, ANSWERING, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		return;
	hart_print_task(hart_id(), current);
	stack_print(NULL, (u64)__builtin_frame_address(0));
	smp_store_release(&asked, 0);
}

/* Until the question is settled, or for some time. */
static bool settled(void)
{
	u64 since = now_mono();

	while (smp_load_acquire(&asked)) {
		if (now_mono() - since > 2 * NSEC_PER_SEC)
			return false;
		hart_check_halt();
		cpu_relax();
	}
	return true;
}

static void ask(unsigned h)
{
	const struct watch *w = &watches[h];
	u32 who = h + 1;

	smp_store_release(&asked, who);
	hart_kick(h);
	if (settled())
		return;
	if (!__atomic_compare_exchange_n(&asked, &who, 0, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		settled();
		return;
	}
	printk(LOG_EMERG, "hart %u: does not answer; %lu s ago: task %d (%.*s)", h,
	       (now_mono() - READ_ONCE(w->time)) / NSEC_PER_SEC, READ_ONCE(w->tid), TASK_COMM_LEN,
	       w->comm);
	stack_print_kept(w->stack, READ_ONCE(w->depth));
}

/* Where every hart is, this one first. False: somebody is just telling. */
static noinline bool report(const char *kind, unsigned hart, u64 seconds)
{
	if (xchg(&reporting, 1))
		return false;
	printk(LOG_EMERG, "%s lockup: hart %u, for %lu s", kind, hart, seconds);
	hart_print_task(hart_id(), current);
	stack_print(NULL, (u64)__builtin_frame_address(0));
	for (unsigned i = 1; i < nr_harts; i++)
		ask((hart_id() + i) % nr_harts);
	spin_held_print();
	smp_store_release(&reporting, 0);
	return true;
}

/* --- looking --- */

static void look_at_self(struct watch *w, bool busy)
{
	u64 passes = this_rq()->passes;

	if (!busy || passes != w->passes)
		w->stuck = 0;
	else if (w->stuck < SOFT_BEATS && ++w->stuck == SOFT_BEATS &&
		 !report("soft", hart_id(), SOFT_BEATS * period / NSEC_PER_SEC))
		w->stuck--;
	w->passes = passes;
	if (busy)
		__atomic_fetch_or(&current->thread.work, WORK_RESCHED, __ATOMIC_SEQ_CST);
}

static void look_at_next(struct watch *w, unsigned next)
{
	u64 beats = READ_ONCE(watches[next].beats);

	if (beats != w->next_beats || READ_ONCE(watches[next].asleep))
		w->missed = 0;
	else if (w->missed < HARD_BEATS && ++w->missed == HARD_BEATS &&
		 !report("hard", next, HARD_BEATS * period / NSEC_PER_SEC))
		w->missed--;
	w->next_beats = beats;
}

static void keep(struct watch *w)
{
	WRITE_ONCE(w->time, now_mono());
	WRITE_ONCE(w->tid, task_tid(current));
	memcpy(w->comm, current->comm, sizeof(w->comm));
	WRITE_ONCE(w->depth, stack_keep((u64)__builtin_frame_address(0), U64_MAX, w->stack, DEPTH));
}

/* The harts stand in a ring: each watches the next one. */
static unsigned watched_by(unsigned h)
{
	return (h + 1) % nr_harts;
}

static void wake_watcher(unsigned h)
{
	unsigned watcher = (h + nr_harts - 1) % nr_harts;

	if (READ_ONCE(watches[watcher].asleep))
		hart_kick(watcher);
}

static void beat(struct timer *t)
{
	struct watch *w = container_of(t, struct watch, timer);
	unsigned me = hart_id(), next = watched_by(me);
	bool busy = !(current->flags & TF_IDLE);

	WRITE_ONCE(w->beats, w->beats + 1);
	WRITE_ONCE(lockup_idle[me], !busy);
	keep(w);
	look_at_self(w, busy);
	if (next != me)
		look_at_next(w, next);
	if (busy)
		wake_watcher(me);
	else
		WRITE_ONCE(w->asleep, true);
	smp_mb(); /* it says that it is busy before it looks for a watcher that sleeps */
	if (busy || !READ_ONCE(lockup_idle[next])) {
		WRITE_ONCE(w->asleep, false);
		timer_start(t, now_mono() + period);
	}
}

void lockup_wake(bool working)
{
	unsigned me = hart_id();
	struct watch *w = &watches[me];

	WRITE_ONCE(lockup_idle[me], !working);
	if (w->asleep && (working || !READ_ONCE(lockup_idle[watched_by(me)]))) {
		WRITE_ONCE(w->asleep, false);
		timer_start(&w->timer, now_mono() + period);
	}
	if (working) {
		smp_mb();
		wake_watcher(me);
	}
}

void lockup_init(void)
{
	period = cmdline_u64("lockup", SECONDS) * NSEC_PER_SEC / SOFT_BEATS;
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		timer_init(&watches[h].timer, beat);
		watches[h].asleep = true;
		lockup_idle[h] = period != 0;
	}
}
