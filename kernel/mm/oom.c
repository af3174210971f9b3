/*
 * Memory is out and nothing could be reclaimed: one process dies, so that the
 * machine does not. The largest one goes, with oom_score_adj as proc(5) has it:
 * each point weighs a thousandth of memory, -1000 excepts. Never process 1.
 *
 * Whoever asked waits a moment and tries again; while a victim is on its way out no other is
 * chosen, for two seconds at most; and none as long as a space is being given up, for that goes on
 * without memory, and who does it is no more to be seen with one.
 */
#include <uapi/signal.h>
#include "core/rcu.h"
#include "core/signal.h"
#include "core/time.h"
#include "mm/internal.h"

#define WAIT_NS	    (10 * NSEC_PER_MSEC)
#define PATIENCE_NS (2 * NSEC_PER_SEC)
#define NAMES	    4096 /* of the name cache, taken back at a time */

int oom_kill_asker, oom_panic, oom_dump_tasks = 1;
static u64 last_kill; /* now_mono() */
static atomic_long_t kills;
static atomic_t choosing; /* one at a time: the next one sees the victim on its way */

u64 oom_kills(void)
{
	return (u64)atomic_long_read(&kills);
}

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

/*
 * A referenced victim, *mm its space, to be compared only; NULL: none, or one is dying already (*wait).
 */
static struct proc *choose(u64 now, bool *wait, u64 *pages, struct mm **mm)
{
	struct page_stats s;
	struct proc *victim = NULL;
	struct task *t;
	u64 worst = 0;

	page_stats(&s);
	*wait = atomic_read(&mm_going);
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		u64 rss = 0, bad = oom_points(t, s.total, &rss);

		if (bad && proc_ending(t->proc)) {
			/* Signed: another may have chosen since we looked at the clock. */
			*wait |= (s64)(now - READ_ONCE(last_kill)) < (s64)PATIENCE_NS;
			continue;
		}
		if (bad <= worst)
			continue;
		worst = bad;
		victim = t->proc;
		*mm = t->mm;
		*pages = rss;
	}
	if (victim && READ_ONCE(oom_kill_asker) && current->proc &&
	    (worst = oom_points(current, s.total, pages)) > 0) {
		victim = current->proc;
		*mm = current->mm;
	}
	if (*wait)
		victim = NULL;
	if (victim) {
		proc_get(victim);
		WRITE_ONCE(last_kill, now);
	}
	return victim;
}

/* Under RCU: what memory is used for, and by whom, if that is a sixteenth of the victim's or more. */
static void report(u64 pages)
{
	struct page_stats s;
	struct task *t;

	page_stats(&s);
	pr_err("out of memory: of %lu KiB %lu free, %lu of programs, %lu of files, %lu shared or tmpfs",
	       s.total << 2, s.free << 2, s.anon << 2, pagecache_pages() << 2,
	       pagecache_pinned() << 2);
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		u64 rss = 0, bad = oom_points(t, s.total, &rss);

		if (READ_ONCE(oom_dump_tasks) && bad && t == t->proc->leader && rss >= pages / 16)
			pr_info("[%7d] %9lu KiB, oom_score_adj %5d: %s", proc_pid(t->proc),
				rss << 2, t->proc->oom_score_adj, t->comm);
	}
}

/* The victim, and whoever has the same memory: it comes free only when all of them let go. */
static void kill_sharers(struct proc *victim, const struct mm *mm)
{
	struct task *t;
	siginfo_t si;

	siginfo_init(&si, SIGKILL, SI_KERNEL);
	signal_send_proc(victim, &si);
	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (mm && READ_ONCE(t->mm) == mm && t->proc && t->proc != victim &&
		    t->proc != init_proc && !proc_ending(t->proc))
			signal_send_proc(t->proc, &si);
}

void oom_kill(void)
{
	u64 now = now_mono(), pages = 0, names = 0;
	struct page_stats before, after;
	struct mm *mm = NULL;
	struct proc *p;
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
	if (names || after.free > before.free || after.free > after.low)
		return;
	p = NULL;
	if (!atomic_fetch_add(&choosing, 1))
		p = choose(now, &wait, &pages, &mm);
	if (p) {
		if (READ_ONCE(oom_panic))
			panic("out of memory, and vm.panic_on_oom is set");
		report(pages);
		pr_err("out of memory: killing process %d, which has %lu KiB", proc_pid(p),
		       pages << (PAGE_SHIFT - 10));
		atomic_long_inc(&kills);
		kill_sharers(p, mm);
		proc_put(p);
	}
	atomic_dec(&choosing);
	if (!fatal_signal_pending(current))
		sleep_until(now + WAIT_NS, TASK_KILLABLE);
}
