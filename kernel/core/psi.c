/*
 * Pressure (core/psi.h): the times that account() has the run queues keep, made into the machine's;
 * their averages, every two seconds, and the triggers of poll(2).
 *
 * Locks: [p] psi.lock, taken in interrupts too; run queues are locked within it. [s] rq->lock. [I] never changes.
 */
#include "core/psi.h"

#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/sched_impl.h"
#include "lib/string.h"

#define PERIOD	   (2 * NSEC_PER_SEC) /* of the averages */
#define SHIFT	   11
#define ONE	   (1UL << SHIFT)
#define LOOKS	   10 /* in a window of a trigger */
#define LOOK_MIN   (4 * NSEC_PER_MSEC) /* between two looks */
#define WINDOW_MAX (10 * NSEC_PER_SEC)

struct psi_trigger {
	struct list_head link; /* [p] */
	unsigned state; /* [I] */
	u64 threshold, window; /* [I] ns */
	bool slow; /* [I] looked at with the averages */
	u64 begin, base; /* [p] when its window began, and the total then */
	u64 before; /* [p] what the window before that lost */
	u64 seen; /* [p] the total at the last look */
	u64 told; /* [p] when it fired; 0: never */
	bool due; /* [p] it is to fire once its window is over */
	u32 event; /* [a] */
	struct waitq wait;
};

static struct {
	spinlock_t lock;
	struct {
		u64 ns[PSI_STATES], busy;
	} seen[MAX_HARTS]; /* [p] at the last look */
	u64 total[PSI_STATES]; /* [p] ns */
	u64 base[PSI_STATES], since; /* [p] total, and the time, at the last averages */
	u64 avg[PSI_STATES][3]; /* [p] percent, fixed point, SHIFT */
	struct list_head triggers; /* [p] */
	struct timer average, look;
} psi = { .lock = SPINLOCK_INIT(RANK_PSI, "psi"), .triggers = LIST_HEAD_INIT(psi.triggers) };

/* ---- what the run queues count; [s] ---- */

void psi_charge(struct rq *rq, u64 ns)
{
	unsigned running = rq->nr_running, memory = rq->nr_memory + rq->nr_memory_running;
	bool idle = rq->curr == rq->idle;

	if (running > !idle)
		rq->psi_ns[PSI_CPU * 2] += ns;
	if (rq->nr_io)
		rq->psi_ns[PSI_IO * 2] += ns;
	if (rq->nr_io && !running)
		rq->psi_ns[PSI_IO * 2 + PSI_FULL] += ns;
	if (memory)
		rq->psi_ns[PSI_MEMORY * 2] += ns;
	if (memory && running == rq->nr_memory_running)
		rq->psi_ns[PSI_MEMORY * 2 + PSI_FULL] += ns;
	if (idle)
		rq->psi_idle_ns += ns;
}

void psi_count(struct rq *rq, int by)
{
	rq->nr_memory_running += (unsigned)by;
	rq->nr_stalled += (unsigned)by;
}

static void count_asleep(struct rq *rq, u8 stall, int by)
{
	if (stall & STALL_IO)
		WRITE_ONCE(rq->nr_io, rq->nr_io + (unsigned)by);
	if (stall & STALL_MEMORY)
		rq->nr_memory += (unsigned)by;
	rq->nr_stalled += (unsigned)by;
}

void psi_sleeps(struct rq *rq, const struct task *t)
{
	count_asleep(rq, t->se.stall, 1);
}

void psi_wakes(struct rq *rq, const struct task *t)
{
	account(rq);
	count_asleep(rq, t->se.stall, -1);
}

static void set_stall(u8 stall)
{
	struct task *t = current;
	unsigned long flags;
	struct rq *rq;

	if (!((t->se.stall ^ stall) & STALL_MEMORY)) {
		t->se.stall = stall;
		return;
	}
	flags = irq_save();
	rq = this_rq();
	spin_lock(&rq->lock);
	account(rq);
	t->se.stall = stall;
	psi_count(rq, stall & STALL_MEMORY ? 1 : -1);
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

u8 psi_stall_begin(u8 why)
{
	u8 before = current->se.stall;

	set_stall(before | why);
	return before;
}

void psi_stall_end(u8 before)
{
	set_stall(before);
}

/* ---- the machine's times; [p] ---- */

/* Weights in units of 1024 ns, so that products of seconds fit. */
static void collect(void)
{
	u64 sum[PSI_STATES] = { 0 }, weights = 0;

	for (unsigned h = 0; h < nr_harts; h++) {
		struct rq *rq = &runqueues[h];
		u64 busy, weight;

		if (!(sched_online() & BIT(h)))
			continue;
		spin_lock(&rq->lock);
		account(rq);
		busy = rq->clock - rq->idle_ns + rq->psi_idle_ns;
		weight = (busy - psi.seen[h].busy) >> 10;
		for (unsigned s = 0; s < PSI_STATES; s++) {
			sum[s] += (rq->psi_ns[s] - psi.seen[h].ns[s]) * weight;
			psi.seen[h].ns[s] = rq->psi_ns[s];
		}
		spin_unlock(&rq->lock);
		psi.seen[h].busy = busy;
		weights += weight;
	}
	for (unsigned s = 0; weights && s < PSI_STATES; s++)
		psi.total[s] += sum[s] / weights;
}

static void average(u64 now)
{
	/* 2^11 * exp(-2 s / 10, 60, 300 s) */
	static const u64 decay[3] = { 1677, 1981, 2034 };
	u64 period = max(now - psi.since, 1UL);

	for (unsigned s = 0; s < PSI_STATES; s++) {
		u64 lost = min(psi.total[s] - psi.base[s], period);
		u64 percent = lost * 100 * ONE / period;

		psi.base[s] = psi.total[s];
		for (unsigned i = 0; i < 3; i++) {
			u64 *avg = &psi.avg[s][i];
			u64 next = *avg * decay[i] + percent * (ONE - decay[i]);

			/* Rounded towards where it goes, so that it arrives. */
			*avg = (next + (percent >= *avg ? ONE - 1 : 0)) >> SHIFT;
		}
	}
	psi.since = now;
}

void psi_read(enum psi_resource what, struct psi_line lines[2])
{
	unsigned long flags = spin_lock_irqsave(&psi.lock);

	collect();
	for (unsigned full = 0; full < 2; full++) {
		unsigned s = what * 2 + full;

		for (unsigned i = 0; i < 3; i++)
			lines[full].avg[i] = (u32)(psi.avg[s][i] * 100 >> SHIFT);
		lines[full].total_us = psi.total[s] / NSEC_PER_USEC;
	}
	spin_unlock_irqrestore(&psi.lock, flags);
}

/* ---- triggers ---- */

/*
 * What was lost in a window that ends now: in the one that began at t->begin, and of the one before it
 * as much as is not over yet. [p]
 */
static u64 lost_in_window(struct psi_trigger *t, u64 now, u64 total)
{
	u64 lost = total - t->base, age = now - t->begin;

	if (age > t->window) {
		t->begin = now;
		t->base = total;
		t->before = lost;
		return lost;
	}
	return lost + t->before * ((t->window - age) / NSEC_PER_USEC) / (t->window / NSEC_PER_USEC);
}

/* [p] */
static void look_at(struct psi_trigger *t, u64 now)
{
	u64 total = psi.total[t->state];

	if (t->seen != total) {
		t->seen = total;
		t->due |= lost_in_window(t, now, total) >= t->threshold;
	}
	if (!t->due || (t->told && now < t->told + t->window))
		return;
	t->due = false;
	t->told = now;
	if (!xchg(&t->event, 1))
		wake_up_key(&t->wait, EPOLLPRI);
}

/* The triggers of one kind; how long until they are to be looked at again, or TIME_FOREVER. [p] */
static u64 look_at_all(u64 now, bool slow)
{
	u64 wait = TIME_FOREVER;
	struct psi_trigger *t;

	list_for_each_entry(t, &psi.triggers, link) {
		if (t->slow != slow)
			continue;
		look_at(t, now);
		wait = min(wait, max(t->window / LOOKS, LOOK_MIN));
	}
	return wait;
}

static void average_tick(struct timer *timer)
{
	unsigned long flags = spin_lock_irqsave(&psi.lock);
	u64 now = now_mono();

	collect();
	average(now);
	look_at_all(now, true);
	timer_start(timer, now + PERIOD);
	spin_unlock_irqrestore(&psi.lock, flags);
}

/* Goes on while there are triggers of the privileged. [p] */
static void look_fast(u64 now)
{
	u64 wait = look_at_all(now, false);

	if (wait != TIME_FOREVER)
		timer_start(&psi.look, now + wait);
}

static void look_tick(struct timer *timer __unused)
{
	unsigned long flags = spin_lock_irqsave(&psi.lock);

	collect();
	look_fast(now_mono());
	spin_unlock_irqrestore(&psi.lock, flags);
}

/* As sscanf's %u: blanks, then digits; of a number that is too long the lowest bits. */
static bool scan_number(const char **p, u32 *v)
{
	while (**p == ' ' || (**p >= '\t' && **p <= '\r'))
		++*p;
	if (**p < '0' || **p > '9')
		return false;
	for (*v = 0; **p >= '0' && **p <= '9'; ++*p)
		*v = *v * 10 + (u32)(**p - '0');
	return true;
}

struct psi_trigger *psi_trigger_new(enum psi_resource what, const char *text, bool privileged)
{
	bool full = strncmp(text, "full", 4) == 0;
	const char *p = text + 4;
	u32 threshold_us, window_us;
	struct psi_trigger *t;
	unsigned long flags;
	u64 window;

	if (!full && strncmp(text, "some", 4) != 0)
		return ERR_PTR(-EINVAL);
	if (!scan_number(&p, &threshold_us) || !scan_number(&p, &window_us))
		return ERR_PTR(-EINVAL);
	window = window_us * NSEC_PER_USEC;
	if (window > WINDOW_MAX || (!privileged && window % PERIOD))
		return ERR_PTR(-EINVAL);
	if (!threshold_us || threshold_us > window_us)
		return ERR_PTR(-EINVAL);
	t = kzalloc(sizeof(*t), 0);
	if (!t)
		return ERR_PTR(-ENOMEM);
	t->state = what * 2 + (full ? PSI_FULL : 0);
	t->threshold = threshold_us * NSEC_PER_USEC;
	t->window = window;
	t->slow = !privileged;
	waitq_init(&t->wait);
	flags = spin_lock_irqsave(&psi.lock);
	collect();
	t->begin = now_mono();
	t->base = t->seen = psi.total[t->state];
	list_add_tail(&t->link, &psi.triggers);
	if (privileged)
		look_fast(t->begin);
	spin_unlock_irqrestore(&psi.lock, flags);
	return t;
}

void psi_trigger_free(struct psi_trigger *t)
{
	unsigned long flags = spin_lock_irqsave(&psi.lock);

	list_del(&t->link);
	spin_unlock_irqrestore(&psi.lock, flags);
	kfree(t);
}

struct waitq *psi_trigger_wait(struct psi_trigger *t)
{
	return &t->wait;
}

bool psi_trigger_taken(struct psi_trigger *t)
{
	return xchg(&t->event, 0) != 0;
}

void psi_init(void)
{
	timer_init(&psi.average, average_tick);
	timer_init(&psi.look, look_tick);
	psi.since = now_mono();
	timer_start(&psi.average, psi.since + PERIOD);
}
