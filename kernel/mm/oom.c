/*
 * Memory is out and nothing could be reclaimed: one process dies, so that the
 * machine does not. The largest one goes, with oom_score_adj as proc(5) has it:
 * each point weighs a thousandth of memory, -1000 excepts. Never process 1.
 *
 * Whoever asked waits a moment and tries again; while a victim is on its way out no other is
 * chosen, for two seconds at most.
 */
#include <uapi/signal.h>
#include "core/rcu.h"
#include "core/signal.h"
#include "core/time.h"
#include "mm/internal.h"

#define WAIT_NS	    (10 * NSEC_PER_MSEC)
#define PATIENCE_NS (2 * NSEC_PER_SEC)
#define NAMES	    4096 /* of the name cache, taken back at a time */

static u64 last_kill; /* now_mono() */

/*
 * Under RCU: pages that killing the task's process would free, adjusted; 0: not to be killed. The
 * task may drop its space meanwhile, which then stays for a grace period. *rss: its pages.
 */
u64 oom_points(const struct task *t, u64 total, u64 *rss)
{
	const struct mm *mm = READ_ONCE(t->mm);
	const struct proc *p = t->proc;
	s64 score;

	if (!mm || !p || p == init_proc || p->oom_score_adj <= -1000)
		return 0;
	*rss = mm_rss(mm);
	score = (s64)(*rss + READ_ONCE(mm->nr_tables)) + (s64)(total / 1000) * p->oom_score_adj;
	return score > 0 ? (u64)score : 1;
}

/* A referenced victim; NULL: none, or one is dying already (*wait). */
static struct proc *choose(u64 now, bool *wait, u64 *pages)
{
	struct page_stats s;
	struct proc *victim = NULL;
	struct task *t;
	u64 worst = 0;

	page_stats(&s);
	*wait = false;
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		u64 rss = 0, bad = oom_points(t, s.total, &rss);

		if (bad && READ_ONCE(t->proc->group_exit)) {
			*wait |= now - READ_ONCE(last_kill) < PATIENCE_NS;
			continue;
		}
		if (bad <= worst)
			continue;
		worst = bad;
		victim = t->proc;
		*pages = rss;
	}
	if (*wait)
		victim = NULL;
	if (victim) {
		proc_get(victim);
		WRITE_ONCE(last_kill, now);
	}
	return victim;
}

void oom_kill(void)
{
	u64 now = now_mono(), pages = 0, names = 0;
	struct page_stats before, after;
	struct proc *p;
	siginfo_t si;
	bool wait;

	/*
	 * Names that nobody holds go before a process does. Their memory comes after a grace period,
	 * and so does that of names which another took back just now.
	 */
	page_stats(&before);
	if (reclaim_shrink)
		names = reclaim_shrink(NAMES);
	synchronize_rcu();
	page_drain();
	page_stats(&after);
	if (names || after.free > before.free)
		return;
	p = choose(now, &wait, &pages);
	if (p) {
		pr_err("out of memory: killing process %d, which has %lu KiB", proc_pid(p),
		       pages << (PAGE_SHIFT - 10));
		siginfo_init(&si, SIGKILL, SI_KERNEL);
		signal_send_proc(p, &si);
		proc_put(p);
	}
	if (!fatal_signal_pending(current))
		sleep_until(now + WAIT_NS, TASK_KILLABLE);
}
