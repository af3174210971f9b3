/*
 * Accounting, load averages, and which hart a task goes to.
 *
 * A woken task goes to its last hart if that is idle, else to an idle one, else
 * it queues. But waking an idle hart costs an interprocessor interrupt, and it is
 * for nothing when the waker is about to sleep itself, as in a pipe's or futex'
 * ping-pong. Wakers are known by their habit (se.wake_gap): who usually sleeps
 * within SOON_NS of a wake keeps the woken task on its own hart. A wrong guess lasts
 * one slice: then push_balance gives the task to an idle hart.
 */
#include "core/sched_impl.h"

#include "arch/riscv/cpu.h"

#define BALANCE_NS  (4 * NSEC_PER_MSEC)
#define LOAD_PERIOD (5 * NSEC_PER_SEC)
#define LOAD_SHIFT  11
#define WINDOW	    16 /* kernel entries measured one after the other */
#define GAP_MOST    256 /* then up to this many are not: one in 8 is */
#define RARE_NS \
	(WINDOW * 16 * NSEC_PER_USEC) /* a window that long: entries are few, all are measured */

static u64 load_avg[3]; /* [load_timer] fixed point, LOAD_SHIFT */
static struct timer load_timer;

/* ---- time ---- */

void account(struct rq *rq)
{
	struct task *t = rq->curr;
	/* Another hart's clock may be a tick behind the one that was here last. */
	u64 now = max(now_mono(), rq->clock), ns = now - t->se.exec_start;

	rq->clock = now;
	t->se.exec_start = now;
	if (t == rq->idle) {
		rq->idle_ns += ns;
		if (rq->nr_running | rq->nr_stalled)
			psi_charge(rq, ns);
		return;
	}
	if (unlikely(rq->nr_stalled))
		psi_charge(rq, ns);
	else if (rq->nr_running > 1)
		rq->psi_ns[PSI_CPU * 2] += ns;
	t->se.sum_exec += ns;
	if (is_rt(t))
		rt_charge(rq, t, ns);
	else
		fair_charge(rq, t, ns);
}

/* [s] ns of kernel time that the gap's entries so far took, by the window before it. */
static u64 gap_kernel(const struct task *t, u64 total)
{
	u32 gap = t->acct_gap, left = READ_ONCE(t->acct_skip), n = left <= gap ? gap - left : gap;

	/* The counter goes below 0 at the entry that ends the gap. */
	if (!gap || total <= t->time_stamp)
		return 0;
	return min(n * t->acct_mean, total - t->time_stamp);
}

/* Neither part ever goes back, whatever the sample says. */
void account_split(struct rq *rq, struct task *t)
{
	u64 total = t->se.sum_exec, kernel = t->se.stime_est, utime;
	u32 how = t->acct;

	if (t == rq->idle)
		return;
	if (unlikely(how & ACCT_KERNEL))
		kernel = total;
	else if (!smp_load_acquire(&t->acct_inside))
		kernel += gap_kernel(t, total);
	else if (total > t->time_stamp)
		kernel += total - t->time_stamp;
	utime = total - max(t->stime, min(kernel, total - t->utime));
	rq->user_ns += utime - t->utime;
	rq->system_ns += total - utime - t->stime;
	if (unlikely(how & ACCT_SUM)) {
		__atomic_fetch_add(&t->proc->utime, utime - t->utime, __ATOMIC_RELAXED);
		__atomic_fetch_add(&t->proc->stime, total - utime - t->stime, __ATOMIC_RELAXED);
	}
	t->utime = utime;
	t->stime = total - utime;
}

/* Locks t's queue and brings its account up to date. */
static struct rq *lock_accounted(struct task *t, unsigned long *flags)
{
	struct rq *rq;

	*flags = irq_save();
	rq = rq_lock_task(t);
	if (rq->curr == t)
		account(rq);
	return rq;
}

static void unlock_accounted(struct rq *rq, unsigned long flags)
{
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

u64 sched_runtime(struct task *t)
{
	unsigned long flags;
	struct rq *rq = lock_accounted(t, &flags);
	u64 ns = t->se.sum_exec;

	unlock_accounted(rq, flags);
	return ns;
}

void task_cputime(struct task *t, u64 *utime, u64 *stime)
{
	unsigned long flags;
	struct rq *rq = lock_accounted(t, &flags);

	account_split(rq, t);
	*utime = t->utime;
	*stime = t->stime;
	unlock_accounted(rq, flags);
}

/* What the harts run of p becomes part of its sum. */
static void bring_up_to_date(const struct proc *p)
{
	for (unsigned h = 0; h < nr_harts; h++) {
		struct rq *rq = &runqueues[h];
		unsigned long flags = irq_save();

		/* No grace period ends meanwhile. */
		if (READ_ONCE(READ_ONCE(rq->curr)->proc) == p) {
			spin_lock(&rq->lock);
			account(rq);
			account_split(rq, rq->curr);
			spin_unlock(&rq->lock);
		}
		irq_restore(flags);
	}
}

void proc_sum_cputime(struct proc *p)
{
	struct task *t;

	if (p->summed)
		return;
	list_for_each_entry(t, &p->threads, thread_link) {
		unsigned long flags;
		struct rq *rq = lock_accounted(t, &flags);

		account_split(rq, t);
		__atomic_fetch_add(&p->utime, t->utime, __ATOMIC_RELAXED);
		__atomic_fetch_add(&p->stime, t->stime, __ATOMIC_RELAXED);
		t->acct = ACCT_SUM;
		unlock_accounted(rq, flags);
	}
	smp_store_release(&p->summed, true);
}

void proc_cputime(struct proc *p, u64 *utime, u64 *stime)
{
	unsigned long flags;
	struct sighand *s;
	struct task *t;

	if (smp_load_acquire(&p->summed)) {
		bring_up_to_date(p);
		*utime = __atomic_load_n(&p->utime, __ATOMIC_RELAXED);
		*stime = __atomic_load_n(&p->stime, __ATOMIC_RELAXED);
		return;
	}
	s = sighand_lock(p, &flags);
	*utime = p->utime;
	*stime = p->stime;
	list_for_each_entry(t, &p->threads, thread_link) {
		u64 u, k;

		task_cputime(t, &u, &k);
		*utime += u;
		*stime += k;
	}
	sighand_unlock(s, flags);
}

u64 proc_runtime(struct proc *p)
{
	u64 utime, stime;

	proc_cputime(p, &utime, &stime);
	return utime + stime;
}

/* sum_exec as it would be after account(), but no account is brought up to date. t is current. */
static u64 runtime_now(const struct task *t)
{
	return now_mono() + t->se.run_base;
}

/* Whoever sees that it is inside, without a lock, sees the stamp. */
void account_enter_slow(struct task *t)
{
	u64 now = runtime_now(t);

	t->acct_skip = 0;
	if (t->acct_gap) {
		struct rq *rq = this_rq();

		spin_lock(&rq->lock);
		t->se.stime_est += gap_kernel(t, now);
		t->acct_gap = 0;
		spin_unlock(&rq->lock);
	}
	if (!t->acct_left) {
		t->acct_left = t->acct_window;
		t->acct_began = now;
		t->acct_kernel = 0;
	}
	t->time_stamp = now;
	smp_store_release(&t->acct_inside, true);
}

/*
 * How long a gap is, is left to chance, that is to the clock: a program's own rhythm must not decide
 * which of its calls are measured.
 */
static u32 gap_after(const struct task *t, u64 now)
{
	return now - t->acct_began >= RARE_NS * (t->acct_window / WINDOW) ?
		       0 :
		       (u32)(now * 0x9e3779b97f4a7c15ULL >> 32) % GAP_MOST;
}

/* What was running up in account_split becomes part of the estimate, in one step for others. */
void account_leave_slow(struct task *t)
{
	u64 now =
		max(runtime_now(t), t->time_stamp); /* another hart's clock may be a tick behind */
	struct rq *rq = this_rq();

	spin_lock(&rq->lock);
	t->se.stime_est += now - t->time_stamp;
	t->acct_kernel += now - t->time_stamp;
	t->acct_inside = false;
	if (--t->acct_left == 0) {
		t->acct_mean = t->acct_kernel / t->acct_window;
		t->acct_gap = t->acct_skip = gap_after(t, now);
		t->time_stamp = now;
		t->acct_window = WINDOW;
	}
	spin_unlock(&rq->lock);
}

/* ---- load ---- */

static void load_tick(struct timer *timer)
{
	/* 2^11 * exp(-5 s / 1, 5, 15 min) */
	static const u64 decay[3] = { 1884, 2014, 2037 };
	s64 active = 0;

	for (unsigned h = 0; h < nr_harts; h++)
		active += (s64)READ_ONCE(runqueues[h].nr_running) +
			  READ_ONCE(runqueues[h].nr_uninterruptible);
	active = max(active, 0L) << LOAD_SHIFT;
	for (unsigned i = 0; i < 3; i++) {
		u64 sum = load_avg[i] * decay[i] + (u64)active * ((1 << LOAD_SHIFT) - decay[i]);

		/* Rounded towards where it goes, so that it arrives. */
		if ((u64)active >= load_avg[i])
			sum += (1 << LOAD_SHIFT) - 1;
		WRITE_ONCE(load_avg[i], sum >> LOAD_SHIFT);
	}
	timer_start(timer, timer->expires + LOAD_PERIOD);
}

void load_init(void)
{
	timer_init(&load_timer, load_tick);
	timer_start(&load_timer, now_mono() + LOAD_PERIOD);
}

void sched_stats(struct sched_stats *s)
{
	*s = (struct sched_stats){ .forks = __atomic_load_n(&total_forks, __ATOMIC_RELAXED) };
	for (unsigned h = 0; h < nr_harts; h++) {
		struct rq *rq = &runqueues[h];
		unsigned long flags = spin_lock_irqsave(&rq->lock);

		account(rq);
		account_split(rq, rq->curr);
		s->switches += rq->switches;
		s->run_ns[h] = rq->user_ns + rq->system_ns;
		s->wait_ns[h] = rq->wait_ns;
		s->turns[h] = rq->turns;
		s->running += rq->nr_running;
		s->iowait_ns[h] = rq->psi_ns[PSI_IO * 2 + PSI_FULL];
		s->idle_ns[h] = rq->idle_ns - s->iowait_ns[h];
		s->blocked += rq->nr_io;
		s->user_ns[h] = rq->user_ns;
		s->system_ns[h] = rq->system_ns;
		spin_unlock_irqrestore(&rq->lock, flags);
	}
	for (unsigned i = 0; i < 3; i++)
		s->load[i] = READ_ONCE(load_avg[i]);
}

/* ---- where to ---- */

static bool hart_idle(unsigned h)
{
	return READ_ONCE(runqueues[h].nr_running) == 0;
}

/*
 * The hart where a real-time task would push out the least: idle, fair, or a lower priority. Who
 * waits there, on the way to an idle hart too, counts as if it ran.
 */
static unsigned select_rt(const struct task *t, unsigned prev, u64 mask)
{
	unsigned best = prev;
	s64 least = t->se.urgency;

	for (unsigned h = 0; h < nr_harts; h++) {
		s64 top = hart_idle(h) ? -1 : rt_top(&runqueues[h]);

		if ((mask & BIT(h)) && (top < least || (top == least && h == prev))) {
			best = h;
			least = top;
		}
	}
	return best;
}

/* Interrupts off: the answer may involve this hart. It may be out of date when it is used. */
unsigned select_hart(struct task *t, unsigned prev, bool stay)
{
	u64 mask = READ_ONCE(t->cpus_allowed) & sched_online(), idle;
	unsigned me = hart_id();

	if (!mask)
		return me; /* none of the allowed harts is present */
	if (!(mask & BIT(prev)))
		prev = mask & BIT(me) ? me : ctz64(mask);
	if (is_rt(t))
		return select_rt(t, prev, mask);
	if (stay && (mask & BIT(me)) && READ_ONCE(runqueues[me].nr_running) <= 1)
		return me;
	if (hart_idle(prev))
		return prev;
	if ((mask & BIT(me)) && hart_idle(me))
		return me;
	idle = 0;
	for (unsigned h = 0; h < nr_harts; h++)
		if ((mask & BIT(h)) && hart_idle(h))
			idle |= BIT(h);
	if (idle)
		return ctz64(idle);
	if ((mask & BIT(me)) &&
	    READ_ONCE(runqueues[prev].nr_running) > READ_ONCE(runqueues[me].nr_running) + 1)
		return me;
	return prev;
}

/* A queued task of rq that may run on `hart`: the real-time first. [s] */
static struct task *movable(struct rq *rq, unsigned hart)
{
	struct rb_node *node;
	struct task *t = rt_movable(rq, hart);

	if (t)
		return t;
	for (node = rb_first_cached(&rq->fair); node; node = rb_next(node)) {
		t = rb_entry(node, struct task, se.node);
		if (hart_allowed(t, hart))
			return t;
	}
	return NULL;
}

/*
 * Takes the first of `from` that may run here, if it is real-time and so urgent; above < 0: any.
 * The other queue is only tried: it may be trying for ours.
 */
static struct task *steal_from(struct rq *rq, struct rq *from, s64 above)
{
	struct task *t;

	if (!spin_trylock(&from->lock)) {
		rq->contended = true;
		return NULL;
	}
	t = above < 0 ? movable(from, rq->hart) : rt_movable(from, rq->hart);
	if (t && t->se.urgency > above) {
		account(from);
		detach_queued(from, t);
		t->se.vruntime += rq->min_vruntime - from->min_vruntime;
		set_task_hart(t, rq->hart);
	} else {
		t = NULL;
	}
	spin_unlock(&from->lock);
	return t;
}

/*
 * The most urgent that may come here, though others may have changed meanwhile. Who is alone on an
 * idle hart is about to run there.
 */
struct task *steal_rt(struct rq *rq, s64 above)
{
	u64 tried = BIT(rq->hart);

	for (;;) {
		struct task *t;
		unsigned from = rq->hart;
		s64 most = above;

		for (unsigned h = 0; h < nr_harts; h++) {
			const struct rq *other = &runqueues[h];
			s64 urgency = tried & BIT(h) ? 0 : rt_waiting(other);

			if (urgency > most && READ_ONCE(other->nr_running) > 1) {
				most = urgency;
				from = h;
			}
		}
		if (most == above)
			return NULL;
		t = steal_from(rq, &runqueues[from], above);
		if (t)
			return t;
		tried |= BIT(from);
	}
}

/* rq runs dry. */
struct task *steal_task(struct rq *rq)
{
	struct task *t = steal_rt(rq, 0);
	struct rq *from = NULL;
	unsigned most = 1;

	if (t)
		return t;
	for (unsigned h = 0; h < nr_harts; h++) {
		unsigned n = READ_ONCE(runqueues[h].nr_running);

		if (h != rq->hart && n > most) {
			most = n;
			from = &runqueues[h];
		}
	}
	return from ? steal_from(rq, from, -1) : NULL;
}

void push_balance(struct rq *rq)
{
	struct task *t = NULL;
	unsigned least = rq->hart;
	u64 now = now_mono();

	if (now < rq->balanced + BALANCE_NS && rq->balanced)
		return;
	rq->balanced = now;
	for (unsigned h = 0; h < nr_harts; h++)
		if ((sched_online() & BIT(h)) &&
		    READ_ONCE(runqueues[h].load) < READ_ONCE(runqueues[least].load))
			least = h;
	if (least == rq->hart)
		return;
	spin_lock(&rq->lock);
	if (rq->nr_running > 1)
		t = movable(rq, least);
	/* It must make the two clearly more alike. */
	if (t && (is_rt(t) ? hart_idle(least) :
			     READ_ONCE(runqueues[least].load) + t->se.weight + t->se.weight / 2 <=
				     rq->load)) {
		account(rq);
		detach_queued(rq, t);
		t->se.vruntime -= rq->min_vruntime;
		set_task_hart(t, least);
	} else {
		t = NULL;
	}
	spin_unlock(&rq->lock);
	if (t)
		place_task(t, false);
}
