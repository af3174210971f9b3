/*
 * Tasks and processes. A task is a thread, the thing that is scheduled; a
 * struct proc is what its threads share as a process (POSIX: thread group).
 * The other shared parts hang off the task by pointer and belong to rooms to
 * the right: they are opaque here.
 *
 * Locks: [s] the run-queue lock, [t] proc_tree_lock, [g] sighand->lock,
 * [c] only by the task itself, [a] atomic, [i] immutable after creation,
 * [m] task->lock, [P] pi_graph, [w] a word that is stored and read whole, at any time.
 * Wait queues, timers and rcu_heads have rules of their own.
 */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include <types.h>
#include <atomic.h>
#include <uapi/resource.h>
#include "arch/riscv/thread.h"
#include "core/cred.h"
#include "core/ptrace.h"
#include "core/rcu.h"
#include "core/signal.h"
#include "core/time.h"
#include "core/wait.h"
#include "debug/tracepoint.h"
#include "lib/list.h"
#include "lib/radix.h"
#include "lib/rbtree.h"
#include "sync/spinlock.h"

struct mm;
struct pi_waiter;
struct files;
struct fs_ctx;
struct sem_undo_list;
struct tty;
struct file;
struct seccomp_filter;
struct key;
struct ns;
struct pid_ns;

/* task->state */
#define TASK_RUNNING	     0 /* running or on a run queue */
#define TASK_INTERRUPTIBLE   1 /* sleeps; any signal wakes */
#define TASK_UNINTERRUPTIBLE 2 /* sleeps; only a wake wakes */
#define TASK_KILLABLE	     4 /* sleeps; fatal signals wake */
#define TASK_STOPPED	     8 /* job control; SIGCONT or SIGKILL wakes */
#define TASK_TRACED	     16
#define TASK_DEAD	     32 /* never runs again */
#define TASK_IDLE	     64 /* as TASK_UNINTERRUPTIBLE, and counts as no load */

/* A process-, group- or session id: a number and who bears it. */
enum pid_type { PID_TASK, PID_PROC, PID_PGRP, PID_SESSION, PID_TYPES };
struct pid {
	atomic_t refs; /* [a] */
	int nr; /* [i] 1 .. pid_max; somebody else's once nobody bears it */
	int own; /* [i] its number in ns */
	struct pid_ns *ns; /* [i] core/pidns.h: referenced; NULL: that of boot */
	u64 ino; /* [i] nobody else's ever: in pidfs and in /proc */
	struct task *task; /* [t] the task with this tid, or NULL */
	struct proc *proc; /* [t] the process with this pid, or NULL */
	/* [t] PID_PGRP: procs by pgrp_link; PID_SESSION: by session_link */
	struct list_head members[PID_TYPES];
	struct waitq pidfd_wait; /* woken when proc becomes a zombie */
	struct rcu_head rcu;
	int nrs[]; /* [i] its numbers in the namespaces below boot's, down to ns */
};

enum ns_type {
	NS_MNT,
	NS_UTS,
	NS_IPC,
	NS_USER,
	NS_NET,
	NS_PID,
	NS_TIME,
	NS_TIME_CHILDREN,
	NS_PID_CHILDREN,
	NS_TYPES
}; /* core/ns.h */

#define TASK_COMM_LEN 16

/* SCHED_DEADLINE: what was asked for, and how much of it was had (core/sched_deadline.c). */
struct dl_params {
	u64 runtime, deadline, period; /* ns */
	u64 flags; /* SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN */
};
struct dl_entity {
	struct dl_params p; /* [s] */
	u64 deadline; /* [s] now_mono() of this period's */
	s64 left; /* [s] ns of runtime until then */
	bool throttled; /* [s] it waits for its next period */
	bool overrun; /* [s] SIGXCPU is due */
};

/* Scheduling entity (core/sched.c). */
struct sched_entity {
	struct rb_node node; /* [s] in the fair tree, or of the deadline class */
	struct list_head rt_link; /* [s] in a real-time list */
	u64 vruntime; /* [s] weighted ns */
	u64 exec_start; /* [s] now_mono() at last accounting */
	u64 sum_exec; /* [s] ns on a hart */
	u64 run_base; /* [c] while it runs: what sum_exec is ahead of now_mono() */
	u32 weight; /* [s] from nice: 1024 is nice 0 */
	u8 policy; /* [s] SCHED_* */
	u8 rt_prio; /* [s] 1..99, RT_DEADLINE, 0 fair; as it counts now, a boost included */
	u8 own_rt_prio; /* [s] without the boost */
	s8 nice; /* [s] -20..19, its own */
	bool on_rq; /* [s] */
	u8 stall; /* [c] STALL_* (core/psi.h) */
	s64 boost; /* [s] priority inherited (core/pi.h), as task_prio; PRIO_NONE */
	s64 urgency; /* [s] who of two real-time tasks comes first: the greater; 0 fair */
	struct dl_entity *dl; /* [s] once it was of SCHED_DEADLINE */
	u64 slice_end; /* [s] RR and fair preemption: sum_exec at which the turn ends */
	u64 turn_start; /* [s] sum_exec at which it began */
	u64 woken_at; /* [s] sum_exec at its last wake: RLIMIT_RTTIME */
	u64 wake_stamp; /* [c] now_mono() of its first wake of another since its sleep; 0 none */
	u32 wake_gap; /* [c] ns it tends to go on for after such a wake before it sleeps */
	bool reset_on_fork; /* [s] SCHED_RESET_ON_FORK */
	u64 stime_est; /* [s] ns of kernel time as sampled; written by self */
	u64 slice; /* [s] ns asked for by sched_setattr(2); 0 the default */
	u64 queued_at; /* [s] when it last began to wait for its hart */
	u64 wait_ns, turns; /* [s] that it waited, and how often it got the hart */
};

/* What was moved through descriptors, and from disks: /proc/PID/io, proc(5). */
struct io_counts {
	u64 rchar, wchar; /* bytes */
	u64 syscr, syscw; /* calls */
	u64 read_bytes; /* from disks */
	u64 write_bytes; /* that will go there */
	u64 cancelled_write_bytes; /* that went away before */
};
static inline void io_counts_add(struct io_counts *to, const struct io_counts *n)
{
	to->rchar += n->rchar;
	to->wchar += n->wchar;
	to->syscr += n->syscr;
	to->syscw += n->syscw;
	to->read_bytes += n->read_bytes;
	to->write_bytes += n->write_bytes;
	to->cancelled_write_bytes += n->cancelled_write_bytes;
}

struct proc { /* a process */
	atomic_t refs; /* [a] */
	struct pid *pid; /* [i] tgid */
	struct task *leader; /* [t] */
	/* By task->thread_link: changed with [t] and [g] held, read with either. */
	struct list_head threads;
	unsigned nr_threads; /* [t] live ones, and zombies that a tracer waits for */
	unsigned nr_tracees; /* [t] of its threads; read without too */
	atomic_t live; /* [a] threads that have not begun exit */

	struct proc *parent; /* [t] who gets SIGCHLD and waits; RCU to read */
	struct list_head children; /* [t] by sibling; the parent itself walks it under RCU */
	struct list_head sibling; /* [t] */
	struct list_head all_link; /* [t] in all_procs, until it is reaped */
	struct pid *pgrp, *session; /* [t] */
	struct list_head pgrp_link, session_link; /* [t] */
	struct tty *tty; /* [t] controlling terminal, referenced; fs/tty.c */
	/* [t] Foreground group of its terminal, which was hung up; a leader's. */
	struct pid *hup_pgrp;
	bool session_leader; /* [t] */
	bool did_exec; /* [t] setpgid(2) EACCES */

	struct sighand *sighand; /* [i] until exec unshares it */
	struct sigpending pending; /* [g] process-directed */
	struct list_head births; /* [g] of struct signal_birth */
	unsigned timed_hart; /* [g] whose thread was told of used CPU time last */
	struct waitq signalfd_wait; /* woken at every post */
	struct waitq child_wait; /* parent sleeps here in wait4 */
	int exit_signal; /* [t] to the parent; 0 none */
	bool dumping; /* [g] its core is being written, and no SIGKILL came, which ends that */
	struct core_threads *core; /* [g] while it is: proc/coredump_threads.h */
	bool group_exit; /* [g] all threads must exit with group_code */
	int group_code; /* [g] wait(2) status */
	int exit_code; /* [t] wait(2) status once zombie: group_code, or of who ended last */
	bool zombie; /* [t] leader and all threads are dead */
	bool waited; /* [t] a waiter claimed it */
	bool unwaited; /* [i] the kernel started it: it goes when it ends */
	int stop_sig; /* [g] nonzero: group stop in progress or done */
	unsigned stop_count; /* [g] threads yet to stop */
	bool stop_report, cont_report; /* [g] unclaimed for waitid */
	int cont_due; /* [g] SIGCONT ended a stop: CLD_*, the first thread to look tells it; 0 */
	unsigned stop_seq; /* [g] counts group stops; see task->stop_seen */
	bool stop_armed; /* [g] signal_dequeue gave out a stop signal; SIGCONT, SIGKILL clear it */
	int parent_tid; /* [t] the parent's thread that made it or took it over (__WNOTHREAD, PR_SET_PDEATHSIG) */
	struct task *exec_task; /* [g] a thread that waits in exec until it is alone */

	struct rlimit rlimits[RLIM_NLIMITS]; /* [g] */
	/* ns of dead threads, [g]; once `summed` of all up to their last switches, [a] */
	u64 utime, stime;
	bool summed; /* [g] set for good when CPU time is first looked at often */
	u64 cutime, cstime; /* [t] ns of waited-for children */
	/* [t] Of dead threads and, c, of waited-for children. */
	u64 min_flt, maj_flt, cmin_flt, cmaj_flt;
	u64 nvcsw, nivcsw, cnvcsw, cnivcsw;
	struct io_counts io; /* [t] of dead threads and waited-for children */
	u64 maxrss, cmaxrss; /* pages */
	u64 start_time; /* [i] now_mono() */
	u32 personality; /* [w] */
	u8 dumpable; /* [w] DUMP_* */
	bool child_subreaper; /* [w] */
	struct user_ns *exec_user; /* [w] RCU: where its program began; referenced */
	u32 membarrier; /* [a] MEMBARRIER_CMD_* it registered for */
	struct timer real_timer; /* ITIMER_REAL / alarm; the itimers are core/itimer.c's */
	u64 real_expires, real_interval; /* [g] ns; expires 0: off */
	struct cpu_itimer {
		struct timer timer; /* looks whether the CPU time is reached yet */
		u64 expires, interval; /* [g] ns of CPU time; expires 0: off */
	} cpu_itimers[2]; /* ITIMER_VIRTUAL, ITIMER_PROF */
	struct timer limit_timer; /* looks whether RLIMIT_CPU is reached */
	struct radix_tree posix_timers; /* [g] by number; proc/posix_timer.c */
	int next_timer_id; /* [g] */
	/* [a] What weighs when memory is out, and how low who has no CAP_SYS_RESOURCE may set it. */
	int oom_score_adj, oom_score_adj_min;
	struct rcu_head rcu;
};

struct task { /* a thread */
	struct thread thread; /* must be first: tp and the assembly */

	u32 state; /* [s] TASK_*; the task itself sets sleep states */
	bool on_cpu; /* [a] running or being switched from */
	struct sched_entity se;
	u64 cpus_allowed; /* [s] mask of logical harts */
	struct timer sleep_timer; /* wait_sleep's deadline */
	atomic_t refs; /* [a] */
	spinlock_t lock; /* guards [m] */
	void *kstack; /* [i] lowest address; NULL for idle tasks' boot stacks */

	struct pid *pid; /* [i] tid */
	struct proc *proc; /* [i] NULL for kernel threads */
	struct list_head thread_link; /* [t] and [g], in proc->threads */
	struct list_head all_link; /* [t] in all_tasks */

	struct mm *mm; /* [m] written by self; NULL for kernel threads and after exit */
	struct files *files; /* [m] */
	struct fs_ctx *fs; /* [m] root, cwd, umask */
	struct ns *ns[NS_TYPES]; /* [m] written by self; NULL: that of boot */
	struct cred *cred; /* [c] written by self, RCU to read */
	bool parent; /* [t] made a process, or took one over: some may bear it as parent_tid */
	bool no_new_privs; /* [g] only ever set; by seccomp(2) for the other threads too */
	bool nproc_exceeded; /* [c] set*uid(2) took it past RLIMIT_NPROC: execve(2) EAGAIN */
	u8 seccomp_mode; /* [g] SECCOMP_MODE_*; proc/seccomp.h */
	int pdeath_signal; /* [w] */
	struct seccomp_filter *seccomp; /* [g] the newest of its filters */
	u32 seccomp_filters; /* [g] how many */

	ksigset_t blocked; /* [g] written by self */
	ksigset_t saved_mask; /* [c] sigsuspend, ppoll: restored unless a signal frame takes it */
	bool restore_mask; /* [c] */
	ksigset_t sigwait; /* [g] sigtimedwait(2) waits for these: they wake it though blocked */
	struct sigpending pending; /* [g] thread-directed */
	unsigned stop_seen; /* [g] group stop it joined; has to while proc->stop_seq is another */
	stack_t altstack; /* [c] */
	struct ptrace pt;
	struct { /* [c] -ERESTART_RESTARTBLOCK: what restart_syscall(2) runs */
		long (*fn)(struct task *t);
		u64 args[6];
	} restart;

	struct pi_waiter *pi_blocked; /* [P] core/pi.h: what it waits for */
	struct rb_root_cached pi_held; /* [P] struct pi_lock it owns and others wait for */
	u8 futex_state; /* [P] FUTEX_* of proc/futex.h: may it become an owner? */
	u32 __user *clear_child_tid; /* [c] set_tid_address */
	void __user *robust_list; /* [c] */
	u64 robust_len; /* [c] */
	struct sem_undo_list *sem_undo; /* [c] what SEM_UNDO did; NULL: nothing (ipc/sem_undo.c) */
	void __user *rseq; /* [c] others ask whether there is one */
	u32 rseq_len, rseq_sig; /* [c] */
	u64 *cids; /* [c] while it has a concurrency id: the mask of its memory's, with cid_bit set */
	u64 cid_bit; /* [c] */
	struct waitq *vfork_done; /* [m] parent waits until exec or exit */
	bool vfork_waiting; /* [m] */

	char comm[TASK_COMM_LEN]; /* [m] */
	u32 flags; /* [c] TF_* */
	int exit_code; /* [c] before it leaves the threads' list, [t] after */
	u64 utime, stime; /* [s] ns up to the last switch: ask task_cputime (core/sched.h) */
	u64 min_flt, maj_flt, nvcsw, nivcsw; /* [c] */
	struct io_counts io; /* [c] */
	u64 start_time; /* [i] */
	/* Which part of its time is the kernel's (core/sched_load.c); [c], but under [s]: */
	u64 time_stamp; /* sum_exec at the kernel entry measured now, or where the gap began, [s] */
	u64 acct_began,
		acct_kernel; /* the window: sum_exec at its begin, ns of kernel time in it */
	u64 acct_mean; /* [s] ns an entry, in the window before */
	u32 acct_window, acct_left; /* entries that are measured in a row; of them to come */
	u32 acct_gap; /* [s] entries that are not measured after them; 0: it is within a window */
	u32 acct_skip; /* of those to come */
	bool acct_inside; /* [s] the entry measured now has not ended */
	u8 acct; /* [s] ACCT_* */
	u32 syscall_nr; /* [c] in progress, for the tracer and /proc */
	u64 timer_slack; /* [c] ns */
	u64 default_slack; /* [i] what PR_SET_TIMERSLACK 0 goes back to: the parent's */
	u16 ioprio; /* [w] ioprio_set(2) */
	u32 loginuid, sessionid; /* [c] the same in /proc; U32_MAX: not set */
	u8 mce_kill; /* [c] PR_MCE_KILL_* as PR_MCE_KILL_GET tells it; nothing here has such faults */
	bool io_flusher; /* [c] PR_SET_IO_FLUSHER */
	bool fencei; /* [w] FENCE.I on every hart it comes to: PR_RISCV_SET_ICACHE_FLUSH_CTX */
	struct { /* [c] PR_SET_SYSCALL_USER_DISPATCH, while WORK_DISPATCH is set */
		u64 start, len;
		u8 __user *selector;
	} dispatch;
	struct key *session_offer; /* [a] a child's session keyring, to be its own: keys/ */
	struct file **dying; /* [c] fs/open.c: it is in file_put; more to put */
	u16 mempolicy; /* [c] of set_mempolicy(2) */
	struct rcu_head rcu;
#ifdef DEBUG
	u32 fail_nth; /* [w] its allocation to come that fails; 0: none (procfs/pid_fail.c) */
#endif
};

#define ACCT_FIRST    256 /* entries of a new task's first window */
#define ACCT_KERNEL   1u /* all its time is the kernel's */
#define ACCT_SUM      2u /* its process keeps the sum */

#define TF_KTHREAD    (1u << 0)
#define TF_EXITING    (1u << 1)
#define TF_IDLE	      (1u << 2)
#define TF_FORKNOEXEC (1u << 3)
#define TF_OF_INIT    (1u << 4) /* still runs pid 1's program: what it does is not traced */
#define TF_POSTCORE   (1u << 5) /* its exit has begun: no part of a core to come; changed with [g] */

/*
 * Priority as one number, the least the most urgent: below 0 the first deadline first, 99 - real-time
 * priority, then PRIO_FAIR + nice; a boost (core/pi.h) counts.
 */
#define PRIO_FAIR   120
#define PRIO_NONE   140
#define RT_DEADLINE 100 /* se.rt_prio above all that are SCHED_FIFO's and SCHED_RR's */
static inline s64 task_prio(const struct task *t)
{
	if (t->se.rt_prio)
		return t->se.rt_prio < RT_DEADLINE ? 99 - t->se.rt_prio : -t->se.urgency;
	return min((s64)PRIO_FAIR + t->se.nice, t->se.boost);
}

extern spinlock_t proc_tree_lock; /* irqsave: signals are posted from timers */
/* Changed with [t], walked under RCU: whoever is born meanwhile is at the end. */
extern struct list_head all_tasks, all_procs;
extern struct proc *init_proc; /* pid 1 */

/* Does p end without delay? One that leaves a core may take long. */
static inline bool proc_ending(const struct proc *p)
{
	return READ_ONCE(p->group_exit) && !READ_ONCE(p->dumping);
}

/*
 * Does the host hear of t's calls and signals (`strace` on the command line)? As under ptrace(2), a
 * signal that t ignores then still disturbs it. Process 1, and its forks before they exec, are
 * left alone.
 */
static inline bool task_straced(const struct task *t)
{
	return unlikely(strace_on) && t->proc != init_proc && !(t->flags & TF_OF_INIT);
}

static inline struct task *task_get(struct task *t)
{
	atomic_inc(&t->refs);
	return t;
}
/*
 * Birth (proc/clone.c, kthread_start). task_alloc: zeroed but for its own kernel stack, refs 1,
 * empty lists, timers and pending set, lock, state TASK_UNINTERRUPTIBLE; thread.kstack_top set;
 * pid, proc, cred and the shared parts NULL. proc_alloc: zeroed but for refs 1, empty lists, wait
 * queues, timers; pid, sighand and parent NULL. NULL without memory. The first reference is the
 * creator's, given back by whoever unlinks the task (wait4, a thread's exit); wake_new_task takes
 * the scheduler's own. task_put frees what the task owns itself (stack, pending) and puts pid, cred
 * and proc if set; proc_put: pid, pgrp, session and sighand if set.
 */
struct task *task_alloc(void);
struct proc *proc_alloc(void);
void task_put(struct task *t); /* frees stack and all at the last one, after a grace period */
void proc_put(struct proc *p);
static inline struct proc *proc_get(struct proc *p)
{
	atomic_inc(&p->refs);
	return p;
}

/* Pids (core/pid.c). */
/*
 * For a birth in ns. want: n numbers to be given, in ns and in those above it; elsewhere it is the next
 * free. ERR_PTR(-EAGAIN | -EEXIST | -EINVAL | -EPERM | -ENOMEM).
 */
struct pid *pid_alloc(struct pid_ns *ns, const int *want, unsigned n);
void pid_put(struct pid *p);
static inline struct pid *pid_get(struct pid *p)
{
	atomic_inc(&p->refs);
	return p;
}
bool pid_in_use(const struct pid *p); /* a task, a process, a group or a session bears it */
/* proc_tree_lock held: one of those let go of it. The last one gives the number back. */
void pid_left(struct pid *p);
/* What has the number nr where current lives. */
struct pid *pid_find(int nr); /* RCU: no reference taken; NULL if none */
struct pid *pid_find_get(int nr); /* referenced, or NULL */
struct pid *pid_find_in(const struct pid_ns *ns, int nr); /* likewise in ns; RCU */
/* Who bears it, referenced; NULL: nobody any more, or p is NULL. */
struct task *pid_task_get(const struct pid *p);
struct proc *pid_proc_get(const struct pid *p);
struct task *task_find_get(int tid); /* referenced, or NULL */
struct proc *proc_find_get(int pid); /* referenced, or NULL; zombies included */
/* Next process of ns with a number >= nr, referenced, in order; NULL at the end (procfs readdir). */
struct proc *proc_next_get(struct pid_ns *ns, int nr);
struct task *task_next_get(int nr); /* the next thread, likewise, by the kernel's numbers */
extern int pid_max;
extern const struct radix_ops radix_rcu_ops; /* kmalloc; freed after a grace period */
int pid_newest(void); /* the number given last where current lives; /proc/loadavg */
int pid_set_newest(int nr); /* the next is the first free one behind it; -EINVAL: beyond pid_max */

/* As the kernel numbers them; programs are told pid_here (core/pidns.h). */
static inline int task_tid(const struct task *t)
{
	return t->pid ? t->pid->nr : 0;
}
static inline int proc_pid(const struct proc *p)
{
	return p->pid->nr;
}

/*
 * Interval timers of p, by ITIMER_* number, in ns: value is what is left, 0 is off. set returns the
 * old ones. Checked numbers. No lock held.
 */
void itimer_get(struct proc *p, int which, u64 *value, u64 *interval);
void itimer_set(struct proc *p, int which, u64 value, u64 interval, u64 *old_value,
		u64 *old_interval);
void itimer_init(struct proc *p); /* proc_alloc */
void itimer_exit(struct proc *p); /* the last thread exits: all off */
/* [g] p's RLIMIT_CPU or RLIMIT_RTTIME is new, or a thread is real-time: looked after from now on. */
void itimer_limit(struct proc *p);
/* When is CPU time of p, ns ahead, reached at the earliest? ns from now. */
u64 cpu_time_wait(const struct proc *p, u64 ns);

u64 rlimit_get(int resource); /* current's soft limit; RLIM_INFINITY = ~0 */

void task_set_comm(struct task *t, const char *name); /* cut to 15 bytes */

/*
 * Counts per real user, against RLIMIT_NPROC and others. charge: the new count, or 0
 * when it would pass limit (or memory is out). Any context.
 */
enum user_count {
	/* Each user namespace has limits of these: /proc/sys/user. The first are those of enum ns_type. */
	USER_NAMESPACES,
	USER_INOTIFY_INSTANCES = USER_NAMESPACES + NS_TIME + 1,
	USER_INOTIFY_WATCHES,
	USER_FANOTIFY_GROUPS,
	USER_FANOTIFY_MARKS,
	USER_LIMITS,
	USER_NPROC = USER_LIMITS,
	USER_SIGPENDING,
	USER_PIPE_PAGES,
	USER_EPOLL_WATCHES,
	USER_INFLIGHT,
	USER_SHM_LOCKED, /* pages: RLIMIT_MEMLOCK */
	USER_MQ_BYTES, /* RLIMIT_MSGQUEUE */
	USER_LENT_PAGES, /* by MSG_ZEROCOPY: RLIMIT_MEMLOCK */
	USER_COUNTS
};
u64 user_charge(u32 uid, enum user_count what, u64 limit);
void user_uncharge(u32 uid, enum user_count what);
u64 user_charge_n(u32 uid, enum user_count what, u64 n, u64 limit); /* n at once, or none */
void user_uncharge_n(u32 uid, enum user_count what, u64 n);
u64 user_count_read(u32 uid, enum user_count what);
#endif
