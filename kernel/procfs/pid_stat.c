/*
 * /proc/PID/stat, statm, status, sched and schedstat: proc(5). What they say is gathered
 * once under proc_tree_lock and sighand->lock, then written without locks.
 */
#include "procfs/procfs.h"

#include "arch/riscv/cpu.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/timens.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/tty_core.h"
#include "mm/vm.h"
#include "proc/proc.h"

#define TICK_NS (NSEC_PER_SEC / 100) /* USER_HZ */

struct about {
	char comm[TASK_COMM_LEN];
	char state;
	int ppid, tracer, pgrp, session, tty_pgrp, exit_signal, exit_code;
	u64 tty;
	unsigned threads;
	ksigset_t pending, shared, blocked, ignored, caught;
	u64 rss_limit, sigq_limit;
	struct usage use, children;
};

static char state_char(const struct task *t, bool stays)
{
	switch (READ_ONCE(t->state)) {
	case TASK_RUNNING:
		return 'R';
	case TASK_INTERRUPTIBLE:
		return 'S';
	case TASK_STOPPED:
		return 'T';
	case TASK_TRACED:
		return 't';
	case TASK_IDLE:
		return 'I';
	case TASK_DEAD:
		return stays ? 'Z' : 'X';
	default:
		return 'D';
	}
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'T':
		return "stopped";
	case 't':
		return "tracing stop";
	case 'I':
		return "idle";
	case 'Z':
		return "zombie";
	case 'X':
		return "dead";
	default:
		return "disk sleep";
	}
}

/* [g] */
static void gather_signals(struct about *a, const struct task *t, const struct proc *p,
			   const struct sighand *sh)
{
	a->pending = t->pending.set;
	a->shared = p->pending.set;
	a->blocked = t->blocked;
	for (int i = 0; i < 64; i++) {
		if (sh->action[i].handler == (void *)SIG_IGN)
			a->ignored |= 1UL << i;
		else if (sh->action[i].handler != (void *)SIG_DFL)
			a->caught |= 1UL << i;
	}
	a->rss_limit = p->rlimits[RLIMIT_RSS].rlim_cur;
	a->sigq_limit = p->rlimits[RLIMIT_SIGPENDING].rlim_cur;
}

static void gather(struct about *a, const struct subject *s)
{
	struct task *t = s->task;
	struct proc *p = t->proc;
	struct sighand *sh;
	unsigned long irq, irq2;

	memset(a, 0, sizeof(*a));
	if (s->thread)
		usage_thread(t, &a->use);
	else
		usage_self(p, &a->use);
	usage_children(p, &a->children);
	spin_lock(&t->lock);
	memcpy(a->comm, t->comm, sizeof(a->comm));
	spin_unlock(&t->lock);

	irq = spin_lock_irqsave(&proc_tree_lock);
	a->state = state_char(t, p->leader == t || t->pt.zombie);
	a->tracer = t->pt.tracer ? pid_nr_in(t->pt.tracer->pid, s->pidns) : 0;
	a->ppid = p->parent && p->parent != p ? pid_nr_in(p->parent->pid, s->pidns) : 0;
	a->pgrp = p->pgrp ? pid_nr_in(p->pgrp, s->pidns) : 0;
	a->session = p->session ? pid_nr_in(p->session, s->pidns) : 0;
	a->tty_pgrp = -1;
	if (p->tty) {
		a->tty = p->tty->cd.dev;
		a->tty_pgrp = p->tty->pgrp ? pid_nr_in(p->tty->pgrp, s->pidns) : 0;
	}
	a->threads = p->nr_threads;
	a->exit_signal = s->thread && p->leader != t ? -1 : p->exit_signal;
	a->exit_code = s->thread ? t->exit_code : p->exit_code;
	sh = sighand_lock(p, &irq2);
	gather_signals(a, t, p, sh);
	sighand_unlock(sh, irq2);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

static u64 text_pages(const struct mm *mm)
{
	return (ALIGN_UP(mm->code_end, PAGE_SIZE) - (mm->code_start & PAGE_MASK)) >> PAGE_SHIFT;
}

/* --- stat ----------------------------------------------------------------------------- */

static int priority(const struct task *t)
{
	return (int)max(task_prio(t), -1L) - 100;
}

int pid_stat_show(struct text *out, const struct subject *s)
{
	struct task *t = s->task;
	struct mm *mm = task_mm_get(t);
	bool all = ptrace_may_access(t, false);
	struct about a;

	gather(&a, s);
	text_printf(out, "%d (", pid_nr_in(t->pid, s->pidns));
	text_escape(out, a.comm, "\n");
	text_printf(out, ") %c %d %d %d %lu %d %u %lu %lu %lu %lu", a.state, a.ppid, a.pgrp,
		    a.session, a.tty ? dev_encode(a.tty) : 0, a.tty_pgrp, task_flags(t, mm),
		    a.use.min_flt, s->thread ? 0 : a.children.min_flt, a.use.maj_flt,
		    s->thread ? 0 : a.children.maj_flt);
	text_printf(out, " %lu %lu %lu %lu %d %d %u 0 %lu", a.use.utime / TICK_NS,
		    a.use.stime / TICK_NS, a.children.utime / TICK_NS, a.children.stime / TICK_NS,
		    priority(t), t->se.nice, a.threads,
		    (t->start_time + (u64)timens_boot()) / TICK_NS);
	text_printf(out, " %lu %lu %lu", mm ? mm->total_pages << PAGE_SHIFT : 0,
		    mm ? mm_rss(mm) : 0, a.rss_limit);
	text_printf(out, " %lu %lu %lu 0 0", mm ? all ? mm->code_start : 1 : 0,
		    mm ? all ? mm->code_end : 1 : 0, mm && all ? mm->stack_top : 0);
	text_printf(out, " %lu %lu %lu %lu", a.pending & 0x7fffffff, a.blocked & 0x7fffffff,
		    a.ignored & 0x7fffffff, a.caught & 0x7fffffff);
	text_printf(out, " %d 0 0 %d %u %u %u 0 0 0", a.state != 'R', a.exit_signal, t->thread.hart,
		    t->se.own_rt_prio, t->se.policy);
	if (mm && all)
		text_printf(out, " %lu %lu %lu %lu %lu %lu %lu", mm->data_start, mm->data_end,
			    mm->brk_start, mm->arg_start, mm->arg_end, mm->env_start, mm->env_end);
	else
		text_puts(out, " 0 0 0 0 0 0 0");
	text_printf(out, " %d\n", all ? a.exit_code : 0);
	if (mm)
		mm_put(mm);
	return 0;
}

int pid_statm_show(struct text *out, const struct subject *s)
{
	struct mm *mm = task_mm_get(s->task);

	if (!mm) {
		text_puts(out, "0 0 0 0 0 0 0\n");
		return 0;
	}
	text_printf(out, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_pages, mm_rss(mm),
		    (u64)atomic_long_read(&mm->rss_file) + (u64)atomic_long_read(&mm->rss_shmem),
		    text_pages(mm), mm->data_pages + mm->stack_pages);
	mm_put(mm);
	return 0;
}

/* --- status ------------------------------------------------------------------------------- */

static void kb(struct text *out, const char *label, u64 pages)
{
	text_printf(out, "%s:\t%8lu kB\n", label, pages << (PAGE_SHIFT - 10));
}

static void put_memory(struct text *out, struct mm *mm)
{
	u64 anon = (u64)atomic_long_read(&mm->rss_anon),
	    file = (u64)atomic_long_read(&mm->rss_file);
	u64 shmem = (u64)atomic_long_read(&mm->rss_shmem), text = text_pages(mm);
	u64 rss = mm_rss(mm);

	kb(out, "VmPeak", mm->total_max);
	kb(out, "VmSize", mm->total_pages);
	kb(out, "VmLck", mm->locked_pages);
	kb(out, "VmPin", 0);
	kb(out, "VmHWM", max(rss, mm->rss_max));
	kb(out, "VmRSS", rss);
	kb(out, "RssAnon", anon);
	kb(out, "RssFile", file);
	kb(out, "RssShmem", shmem);
	kb(out, "VmData", mm->data_pages);
	kb(out, "VmStk", mm->stack_pages);
	kb(out, "VmExe", text);
	kb(out, "VmLib", mm->exec_pages - min(text, mm->exec_pages));
	kb(out, "VmPTE", READ_ONCE(mm->nr_tables));
	kb(out, "VmSwap", 0);
	kb(out, "HugetlbPages", 0);
}

static void put_ids(struct text *out, struct task *t, const struct user_ns *u)
{
	const struct cred *c = smp_load_acquire(&t->cred); /* RCU: nothing here sleeps */
	u32 n;

	text_printf(out, "Uid:\t%u\t%u\t%u\t%u\n", uid_shown(u, c->uid), uid_shown(u, c->euid),
		    uid_shown(u, c->suid), uid_shown(u, c->fsuid));
	text_printf(out, "Gid:\t%u\t%u\t%u\t%u\n", gid_shown(u, c->gid), gid_shown(u, c->egid),
		    gid_shown(u, c->sgid), gid_shown(u, c->fsgid));
	n = 0;
	spin_lock(&t->lock);
	if (t->files)
		n = READ_ONCE(t->files->table)->max;
	spin_unlock(&t->lock);
	text_printf(out, "FDSize:\t%u\nGroups:\t", n);
	for (u32 i = 0; i < c->ngroups; i++)
		text_printf(out, "%s%u", i ? " " : "", gid_shown(u, c->groups[i]));
	text_puts(out, " \n");
}

/* [t] pid as the tree's namespace and those below it down to the task's own number it. */
static void put_numbers(struct text *out, const char *label, const struct pid *pid,
			const struct subject *s)
{
	const struct pid_ns *below[PID_NS_LEVELS];
	unsigned n = 0;

	text_printf(out, "%s:\t%d", label, pid ? pid_nr_in(pid, s->pidns) : 0);
	for (const struct pid_ns *ns = s->task->pid->ns; ns && ns != s->pidns; ns = ns->parent)
		below[n++] = ns;
	while (n--)
		text_printf(out, "\t%d", pid ? pid_nr_in(pid, below[n]) : 0);
	text_puts(out, "\n");
}

static void put_caps(struct text *out, struct task *t)
{
	const struct cred *c = smp_load_acquire(&t->cred);
	const u64 caps[] = { c->cap_inheritable, c->cap_permitted, c->cap_effective,
			     c->cap_bounding, c->cap_ambient };
	static const char names[][4] = { "Inh", "Prm", "Eff", "Bnd", "Amb" };

	for (unsigned i = 0; i < ARRAY_SIZE(caps); i++)
		text_printf(out, "Cap%s:\t%016lx\n", names[i], caps[i]);
}

static void put_harts(struct text *out, const char *label, u64 mask, unsigned n)
{
	text_printf(out, "%s:\t", label);
	text_bit_mask(out, mask, n);
	text_printf(out, "\n%s_list:\t", label);
	text_bit_list(out, mask);
	text_puts(out, "\n");
}

int pid_status_show(struct text *out, const struct subject *s)
{
	struct task *t = s->task;
	struct proc *p = t->proc;
	struct mm *mm = task_mm_get(t);
	u32 umask = ~0u;
	unsigned long irq;
	struct about a;

	gather(&a, s);
	spin_lock(&t->lock);
	if (t->fs)
		umask = t->fs->umask;
	spin_unlock(&t->lock);
	text_puts(out, "Name:\t");
	text_escape(out, a.comm, "\n");
	text_puts(out, "\n");
	if (umask != ~0u)
		text_printf(out, "Umask:\t%#04o\n", umask);
	text_printf(out, "State:\t%c (%s)\n", a.state, state_name(a.state));
	text_printf(out, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n",
		    pid_nr_in(p->pid, s->pidns), pid_nr_in(t->pid, s->pidns), a.ppid, a.tracer);
	put_ids(out, t, s->opener->user);
	irq = spin_lock_irqsave(&proc_tree_lock);
	put_numbers(out, "NStgid", p->pid, s);
	put_numbers(out, "NSpid", t->pid, s);
	put_numbers(out, "NSpgid", p->pgrp, s);
	put_numbers(out, "NSsid", p->session, s);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	text_puts(out, "Kthread:\t0\n");
	if (mm) {
		put_memory(out, mm);
		text_printf(out, "CoreDumping:\t%d\nTHP_enabled:\t%d\n", READ_ONCE(p->core) != NULL,
			    !(mm->flags & MM_THP_DISABLE));
		mm_put(mm);
	}
	text_printf(out, "Threads:\t%u\nSigQ:\t%lu/%lu\n", a.threads,
		    user_count_read(smp_load_acquire(&t->cred)->uid, USER_SIGPENDING),
		    a.sigq_limit);
	text_printf(
		out,
		"SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		a.pending, a.shared, a.blocked, a.ignored, a.caught);
	put_caps(out, t);
	text_printf(out, "NoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t%u\n", t->no_new_privs,
		    t->seccomp_mode, t->seccomp_filters);
	text_puts(out,
		  "Speculation_Store_Bypass:\tunknown\nSpeculationIndirectBranch:\tunsupported\n");
	put_harts(out, "Cpus_allowed", t->cpus_allowed & ((1UL << nr_harts) - 1), nr_harts);
	put_harts(out, "Mems_allowed", 1, 1);
	text_printf(out, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		    t->nvcsw, t->nivcsw);
	return 0;
}

/* --- sched ------------------------------------------------------------------------------------ */

static void ms(struct text *out, const char *label, u64 ns)
{
	text_printf(out, "%-45s:%14lu.%06lu\n", label, ns / NSEC_PER_MSEC, ns % NSEC_PER_MSEC);
}

int pid_sched_show(struct text *out, const struct subject *s)
{
	struct task *t = s->task;
	struct about a;

	gather(&a, s);
	text_printf(out, "%s (%d, #threads: %u)\n", a.comm, pid_nr_in(t->pid, s->pidns), a.threads);
	text_puts(out, "-------------------------------------------------------------------\n");
	ms(out, "se.exec_start", t->se.exec_start);
	ms(out, "se.vruntime", t->se.vruntime);
	ms(out, "se.sum_exec_runtime", sched_runtime(t));
	text_printf(out, "%-45s:%21lu\n", "nr_switches", t->nvcsw + t->nivcsw);
	text_printf(out, "%-45s:%21lu\n", "nr_voluntary_switches", t->nvcsw);
	text_printf(out, "%-45s:%21lu\n", "nr_involuntary_switches", t->nivcsw);
	text_printf(out, "%-45s:%21u\n", "se.load.weight", t->se.weight);
	text_printf(out, "%-45s:%21u\n", "policy", t->se.policy);
	text_printf(out, "%-45s:%21d\n", "prio", priority(t) + 100);
	if (t->se.policy == SCHED_DEADLINE) {
		text_printf(out, "%-45s:%21ld\n", "dl.runtime", t->se.dl->left);
		text_printf(out, "%-45s:%21lu\n", "dl.deadline", t->se.dl->deadline);
	}
	return 0;
}

/* ns on a hart, ns that it waited for one, and how often it got one. */
int pid_schedstat_show(struct text *out, const struct subject *s)
{
	struct task *t = s->task;

	text_printf(out, "%lu %lu %lu\n", sched_runtime(t), t->se.wait_ns, t->se.turns);
	return 0;
}
