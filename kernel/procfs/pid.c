/*
 * /proc/PID and /proc/PID/task/TID: the tables, and the small files. Larger
 * ones are in pid_*.c. A file under task/ is about the thread, one above it
 * about the whole process. What belongs to another task is reached as its owner
 * says: mm, files, fs under task->lock, credentials under RCU.
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/vmap.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/userns.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "mm/vm.h"
#include "proc/posix_timer.h"
#include "proc/proc.h"

#define OOM_ADJ_MAX 15 /* of oom_adj, the older scale; its -17 means never */
#define OOM_ADJ_OFF (-17)

static const struct node thread_dir;

/* --- threads -------------------------------------------------------------------- */

static int task_lookup(const struct subject *s, const char *name, struct place *to)
{
	s64 nr = name_to_number(name, (u64)S32_MAX);
	struct task *t = nr > 0 ? pid_task_get(pid_find_in(s->pidns, (int)nr)) : NULL;
	int err = -ENOENT;

	if (!t)
		return err;
	if (t->proc == s->task->proc) {
		to->node = &thread_dir;
		to->pid = pid_get(t->pid);
		to->thread = true;
		err = 0;
	}
	task_put(t);
	return err;
}

/* Threads in order of their numbers, though the list is not. */
static bool task_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	struct proc *p = s->task->proc;
	struct pid *best = NULL;
	struct task *t;
	int best_nr = 0;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	list_for_each_entry(t, &p->threads, thread_link) {
		int nr = pid_nr_in(t->pid, s->pidns);

		if ((u64)nr >= *key && (!best || nr < best_nr)) {
			best = t->pid;
			best_nr = nr;
		}
	}
	if (best)
		pid_get(best);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	if (!best)
		return false;
	*key = (u64)best_nr;
	snprintf(name, NAME_DYNAMIC_MAX, "%d", best_nr);
	to->node = &thread_dir;
	to->pid = best;
	to->thread = true;
	return true;
}

static u32 task_count(const struct subject *s)
{
	return READ_ONCE(s->task->proc->nr_threads);
}

/* ptrace(2): who may look into the process. */
bool pid_may(const struct subject *s)
{
	return ptrace_may_access(s->task, false);
}

/* --- names and sizes ---------------------------------------------------------------- */

static int comm_show(struct text *out, const struct subject *s)
{
	char comm[TASK_COMM_LEN];

	spin_lock(&s->task->lock);
	memcpy(comm, s->task->comm, sizeof(comm));
	spin_unlock(&s->task->lock);
	text_printf(out, "%s\n", comm);
	return 0;
}

static int comm_store(const struct subject *s, char *text, size_t n __unused)
{
	if (s->task->proc != current->proc)
		return -EINVAL;
	task_set_comm(s->task, text);
	return 0;
}

static int limits_show(struct text *out, const struct subject *s)
{
	static const struct {
		const char *name, *unit;
	} rows[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", NULL },
		[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};
	struct rlimit lim[RLIM_NLIMITS];
	unsigned long irq;
	struct sighand *sh = sighand_lock(s->task->proc, &irq);

	memcpy(lim, s->task->proc->rlimits, sizeof(lim));
	sighand_unlock(sh, irq);
	text_printf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		const u64 v[2] = { lim[i].rlim_cur, lim[i].rlim_max };

		text_printf(out, "%-25s ", rows[i].name);
		for (unsigned k = 0; k < 2; k++) {
			if (v[k] == RLIM_INFINITY)
				text_printf(out, "%-20s ", "unlimited");
			else
				text_printf(out, "%-20lu ", v[k]);
		}
		if (rows[i].unit)
			text_printf(out, "%-10s\n", rows[i].unit);
		else
			text_puts(out, "\n");
	}
	return 0;
}

static int personality_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%08x\n", s->task->proc->personality);
	return 0;
}

/* proc(5): "running", or the call it sleeps in with arguments, stack and program counter. */
static int syscall_show(struct text *out, const struct subject *s)
{
	struct task *t = s->task;
	const struct trapframe *tf = task_frame(t);

	vmap_sync(); /* its stack may be younger than what this hart remembers */
	if (t != current &&
	    (READ_ONCE(t->state) == TASK_RUNNING || READ_ONCE(t->state) == TASK_DEAD)) {
		text_puts(out, "running\n");
		return 0;
	}
	text_printf(out, "%d 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx\n", (int)t->syscall_nr,
		    tf->orig_a0, tf->a1, tf->a2, tf->a3, tf->a4, tf->a5, tf->sp, tf->pc);
	return 0;
}

/* The process's, or under task/ the thread's alone. */
static int io_show(struct text *out, const struct subject *s)
{
	struct io_counts io = s->task->io;
	unsigned long irq;

	if (!s->thread) {
		irq = spin_lock_irqsave(&proc_tree_lock);
		usage_io(s->task->proc, &io);
		spin_unlock_irqrestore(&proc_tree_lock, irq);
	}
	text_printf(out, "rchar: %lu\nwchar: %lu\n", io.rchar, io.wchar);
	text_printf(out, "syscr: %lu\nsyscw: %lu\n", io.syscr, io.syscw);
	text_printf(out, "read_bytes: %lu\n", io.read_bytes);
	text_printf(out, "write_bytes: %lu\n", io.write_bytes);
	text_printf(out, "cancelled_write_bytes: %lu\n", io.cancelled_write_bytes);
	return 0;
}

/* proc(5): timer_create(2)'s timers, the newest first. */
static int timers_show(struct text *out, const struct subject *s)
{
	static const char *const ways[] = {
		[SIGEV_SIGNAL] = "signal", [SIGEV_NONE] = "none", [SIGEV_THREAD] = "thread"
	};
	struct posix_timer_info t;
	int id = S32_MAX;

	while ((id = posix_timer_below(s->task->proc, id, &t)) >= 0) {
		text_printf(out, "ID: %d\nsignal: %d/%016lx\n", id, t.signo,
			    (__force unsigned long)t.value.sival_ptr);
		text_printf(out, "notify: %s/%s.%d\nClockID: %d\n",
			    ways[t.notify & ~SIGEV_THREAD_ID],
			    t.notify & SIGEV_THREAD_ID ? "tid" : "pid", pid_nr_in(t.pid, s->pidns),
			    t.clock);
		pid_put(t.pid);
		id--;
		cond_resched();
	}
	return 0;
}

static int timerslack_show(struct text *out, const struct subject *s)
{
	if (s->task != current && !task_capable(s->task, CAP_SYS_NICE))
		return -EPERM;
	text_printf(out, "%lu\n", s->task->timer_slack);
	return 0;
}

static int timerslack_store(const struct subject *s, char *text, size_t n __unused)
{
	u64 v;
	int err = parse_u64(text + (*text == '+'), 10, &v);

	if (err)
		return err;
	if (s->task != current && !task_capable(s->task, CAP_SYS_NICE))
		return -EPERM;
	s->task->timer_slack = v ? v : s->task->default_slack;
	return 0;
}

/* Linux clears statistics that it gathers when it is asked to; here there are none. */
static int sched_store(const struct subject *s __unused, char *text __unused, size_t n __unused)
{
	return 0;
}

/* The children that the thread made and not yet waited for, as proc(5) says of task/TID/children. */
static int children_show(struct text *out, const struct subject *s)
{
	enum { BATCH = 64 };
	const struct proc *c;
	int nr[BATCH], tid = task_tid(s->task);
	unsigned seen = 0, n;

	do {
		unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
		unsigned at = 0;

		n = 0;
		list_for_each_entry(c, &s->task->proc->children, sibling) {
			if (c->parent_tid != tid || at++ < seen)
				continue;
			if (n == BATCH)
				break;
			nr[n++] = pid_nr_in(c->pid, s->pidns);
		}
		spin_unlock_irqrestore(&proc_tree_lock, irq);
		for (unsigned i = 0; i < n; i++)
			text_printf(out, "%d ", nr[i]);
		seen += n;
	} while (n == BATCH);
	return 0;
}

static const struct node children_file = NODE_FILE("children", children_show);

static int thread_lookup(const struct subject *s, const char *name, struct place *to)
{
	if (!str_equal(name, children_file.name))
		return -ENOENT;
	to->node = &children_file;
	to->pid = pid_get(s->task->pid);
	return 0;
}

/* What a thread has and a process has not. */
static bool thread_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	if (*key)
		return false;
	strlcpy(name, children_file.name, NAME_DYNAMIC_MAX);
	to->node = &children_file;
	to->pid = pid_get(s->task->pid);
	return true;
}

/* --- who goes when memory is out ---------------------------------------------------------- */

static int oom_score_show(struct text *out, const struct subject *s)
{
	s64 adj = s->task->proc->oom_score_adj, points = 0;
	struct mm *mm = task_mm_get(s->task);
	struct page_stats mem;

	page_stats(&mem);
	if (mm && adj > -1000) {
		points = (s64)(mm_rss(mm) + READ_ONCE(mm->nr_tables)) +
			 (s64)(mem.total / 1000) * adj;
		points = (1000 + points * 1000 / (s64)max(mem.total, 1UL)) * 2 / 3;
	}
	if (mm)
		mm_put(mm);
	text_printf(out, "%ld\n", max(points, 0L));
	return 0;
}

static int coredump_filter_show(struct text *out, const struct subject *s)
{
	struct mm *mm = task_mm_get(s->task);

	if (mm) {
		text_printf(out, "%08x\n", mm->dump_filter);
		mm_put(mm);
	}
	return 0;
}

static int coredump_filter_store(const struct subject *s, char *text, size_t n __unused)
{
	struct mm *mm;
	u32 filter;
	int err = parse_u32(text + (*text == '+'), 0, &filter);

	if (err)
		return err;
	mm = task_mm_get(s->task);
	if (!mm)
		return -ESRCH;
	WRITE_ONCE(mm->dump_filter, filter & DUMP_ALL);
	mm_put(mm);
	return 0;
}

static int oom_score_adj_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%d\n", s->task->proc->oom_score_adj);
	return 0;
}

static int oom_adj_show(struct text *out, const struct subject *s)
{
	int v = s->task->proc->oom_score_adj;

	text_printf(out, "%d\n", v == 1000 ? OOM_ADJ_MAX : v * -OOM_ADJ_OFF / 1000);
	return 0;
}

static struct mutex adj_lock = MUTEX_INIT(adj_lock); /* who sets a process's and its sharers' */

static void give_adj(struct proc *p, int v, bool min)
{
	WRITE_ONCE(p->oom_score_adj, v);
	if (min)
		WRITE_ONCE(p->oom_score_adj_min, v);
}

/* The same for the other processes in mm. */
static void give_sharers(struct mm *mm, const struct proc *p, int v, bool min)
{
	struct task *t;

	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (READ_ONCE(t->mm) == mm && t->proc != p && t->proc != init_proc &&
		    !READ_ONCE(t->vfork_waiting))
			give_adj(t->proc, v, min);
}

/*
 * proc(5): who has CAP_SYS_RESOURCE sets the minimum, too, below which others may not go. By the older
 * file (legacy) they may not go below what it is, and the minimum stays. Other processes that run in the
 * same memory die with this one, so the value is theirs as well; not a child of vfork(2), which is about
 * to leave it.
 */
static int set_oom_adj(const struct subject *s, int v, bool legacy)
{
	struct proc *p = s->task->proc;
	bool may = capable(CAP_SYS_RESOURCE), vfork = READ_ONCE(s->task->vfork_waiting);
	struct mm *mm = vfork ? NULL : task_mm_get(s->task);
	int err = 0;

	mutex_lock(&adj_lock);
	if (!may && v < (legacy ? p->oom_score_adj : p->oom_score_adj_min)) {
		err = -EACCES;
	} else {
		give_adj(p, v, may && !legacy);
		if (mm)
			give_sharers(mm, p, v, may && !legacy);
	}
	mutex_unlock(&adj_lock);
	if (mm)
		mm_put(mm);
	return err;
}

#define ADJ_MAX 12 /* bytes of it that are read */

/* What a store of n bytes says of its success. */
static int adj_stored(int err, size_t n)
{
	return err ? err : (int)min(n, (size_t)ADJ_MAX);
}

static int parse_adj(char *text, int *v)
{
	s64 number;
	int err = text_number(text, ADJ_MAX, 0, &number);

	if (err || number < S32_MIN || number > S32_MAX)
		return err ? err : -ERANGE;
	*v = (int)number;
	return 0;
}

static int oom_score_adj_store(const struct subject *s, char *text, size_t n)
{
	int v, err = parse_adj(text, &v);

	if (!err)
		err = v < -1000 || v > 1000 ? -EINVAL : set_oom_adj(s, v, false);
	return adj_stored(err, n);
}

static int oom_adj_store(const struct subject *s, char *text, size_t n)
{
	int v, err = parse_adj(text, &v);

	if (!err && (v < -16 || v > OOM_ADJ_MAX) && v != OOM_ADJ_OFF)
		err = -EINVAL;
	if (!err)
		err = set_oom_adj(s, v == OOM_ADJ_MAX ? 1000 : v * 1000 / -OOM_ADJ_OFF, true);
	return adj_stored(err, n);
}

/* --- the tables ------------------------------------------------------------------------------ */

/* Where the end is 0, and any position may be written to. */
#define NODE_VALUE(nm, md, get, put)                                                          \
	{                                                                                     \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SEEKS_END, .show = (get), \
		.store = (put)                                                                \
	}
#define NODE_PRIVATE(nm, md, fn)                                                   \
	{                                                                          \
		.name = (nm), .mode = S_IFREG | (md), .may = pid_may, .show = (fn) \
	}
/* What is seen is the memory that the process had at open. */
#define NODE_SPACE(nm, md, fn)                                                         \
	{                                                                              \
		.name = (nm), .mode = S_IFREG | (md), .space = pid_space, .show = (fn) \
	}
#define NODE_TEXT(nm, str)                                                                 \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | 0444, .show = constant_show, .data = (str) \
	}
#define NODE_RW(nm, md, get, put)                                                   \
	{                                                                           \
		.name = (nm), .mode = S_IFREG | (md), .show = (get), .store = (put) \
	}
#define NODE_JUMP(nm, fn)                                                                    \
	{                                                                                    \
		.name = (nm), .mode = S_IFLNK | 0777, .may = pid_may, .link = pid_path_link, \
		.follow = (fn)                                                               \
	}
#define NODE_NAMES(nm, md, flag, find, step)                                             \
	{                                                                                \
		.name = (nm), .mode = S_IFDIR | (md), .flags = (flag), .lookup = (find), \
		.next = (step)                                                           \
	}

/* user_namespaces(7) */
#define NODE_MAP(nm, kind)                                                                         \
	{                                                                                          \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_ONCE, .show = pid_id_map_show, \
		.store = pid_id_map_store, .data = (&(const enum id_kind){ (kind) })               \
	}
/* namespaces(7) */
#define NODE_MOUNT_LIST(nm, md, ask, fn)                                                  \
	{                                                                                 \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_MOUNTS, .may = (ask), \
		.show = (fn), .follow = pid_root_follow                                   \
	}
#define NODE_NS(nm, type)                                                                    \
	{                                                                                    \
		.name = (nm), .mode = S_IFLNK | 0777, .may = pid_may, .link = pid_path_link, \
		.follow = pid_ns_follow, .data = (&(enum ns_type){ (type) })                 \
	}

static const struct node ns_table[] = {
	NODE_NS("ipc", NS_IPC),
	NODE_NS("mnt", NS_MNT),
	NODE_NS("net", NS_NET),
	NODE_NS("pid", NS_PID),
	NODE_NS("pid_for_children", NS_PID_CHILDREN),
	NODE_NS("time", NS_TIME),
	NODE_NS("time_for_children", NS_TIME_CHILDREN),
	NODE_NS("user", NS_USER),
	NODE_NS("uts", NS_UTS),
	{ .name = NULL },
};

#define PROCESS_ROWS 4

static const struct node table[] = {
	/* A process's alone. */
	NODE_MOUNT_LIST("mountstats", 0400, pid_may, pid_mountstats_show),
	{
		.name = "task",
		.mode = S_IFDIR | 0555,
		.guard = proc_guard,
		.lookup = task_lookup,
		.next = task_next,
		.count = task_count,
	},
	NODE_FILE("timers", timers_show),
	NODE_RW("timerslack_ns", 0666, timerslack_show, timerslack_store),
	/* From here on a thread's too. */
	{ .name = "auxv",
	  .mode = S_IFREG | 0400,
	  .flags = NODE_SEEKS_END,
	  .space = pid_space,
	  .show = pid_auxv_show },
	NODE_TEXT("cgroup", "0::/\n"),
	{ .name = "clear_refs", .mode = S_IFREG | 0200, .store = pid_clear_refs_store },
	NODE_VALUE("cmdline", 0444, pid_cmdline_show, NULL),
	NODE_RW("comm", 0644, comm_show, comm_store),
	NODE_VALUE("coredump_filter", 0644, coredump_filter_show, coredump_filter_store),
	NODE_TEXT("cpuset", "/\n"),
	NODE_JUMP("cwd", pid_cwd_follow),
	{ .name = "environ",
	  .mode = S_IFREG | 0400,
	  .flags = NODE_SEEKS_END,
	  .space = pid_space,
	  .show = pid_environ_show },
	NODE_JUMP("exe", pid_exe_follow),
#ifdef DEBUG
	{ .name = "fail-nth", .mode = S_IFREG | 0644, .fops = &pid_fail_fops },
#endif
	{ .name = "fd",
	  .mode = S_IFDIR | 0500,
	  .flags = NODE_GROUP | NODE_COUNTED,
	  .lookup = pid_fd_lookup,
	  .next = pid_fd_next,
	  .count = pid_fd_count },
	NODE_NAMES("fdinfo", 0555, NODE_GROUP, pid_fdinfo_lookup, pid_fdinfo_next),
	NODE_MAP("gid_map", ID_GROUP),
	NODE_PRIVATE("io", 0400, io_show),
	NODE_FILE("limits", limits_show),
	{ .name = "loginuid",
	  .mode = S_IFREG | 0644,
	  .flags = NODE_SEEKS_END | NODE_ONCE,
	  .show = pid_loginuid_show,
	  .store = pid_loginuid_store },
	NODE_NAMES("map_files", 0500, NODE_GROUP, pid_map_files_lookup, pid_map_files_next),
	{ .name = "maps",
	  .mode = S_IFREG | 0444,
	  .space = pid_space,
	  .show = pid_maps_show,
	  .ioctl = pid_maps_ioctl },
	{ .name = "mem", .mode = S_IFREG | 0600, .fops = &pid_mem_fops },
	NODE_MOUNT_LIST("mountinfo", 0444, NULL, pid_mountinfo_show),
	NODE_MOUNT_LIST("mounts", 0444, NULL, pid_mounts_show),
	{ .name = "net", .mode = S_IFDIR | 0555, .flags = NODE_OF_NET, .sub = net_table },
	{ .name = "ns", .mode = S_IFDIR | 0511, .sub = ns_table },
	NODE_SPACE("numa_maps", 0444, pid_numa_maps_show),
	NODE_VALUE("oom_adj", 0644, oom_adj_show, oom_adj_store),
	NODE_FILE("oom_score", oom_score_show),
	NODE_VALUE("oom_score_adj", 0644, oom_score_adj_show, oom_score_adj_store),
	{ .name = "pagemap", .mode = S_IFREG | 0400, .fops = &pid_pagemap_fops },
	NODE_PRIVATE("personality", 0400, personality_show),
	NODE_MAP("projid_map", ID_PROJECT),
	NODE_JUMP("root", pid_root_follow),
	NODE_RW("sched", 0644, pid_sched_show, sched_store),
	NODE_FILE("schedstat", pid_schedstat_show),
	NODE_VALUE("sessionid", 0444, pid_sessionid_show, NULL),
	{ .name = "setgroups",
	  .mode = S_IFREG | 0644,
	  .flags = NODE_ONCE,
	  .show = pid_setgroups_show,
	  .store = pid_setgroups_store },
	NODE_SPACE("smaps", 0444, pid_smaps_show),
	NODE_SPACE("smaps_rollup", 0444, pid_smaps_rollup_show),
	{ .name = "stack", .mode = S_IFREG | 0400, .show = pid_stack_show },
	NODE_FILE("stat", pid_stat_show),
	NODE_FILE("statm", pid_statm_show),
	NODE_FILE("status", pid_status_show),
	NODE_PRIVATE("syscall", 0400, syscall_show),
	NODE_RW("timens_offsets", 0644, pid_timens_show, pid_timens_store),
	NODE_MAP("uid_map", ID_USER),
	NODE_FILE("wchan", pid_wchan_show),
	{ .name = NULL },
};

const struct node pid_dir = { .name = "PID",
			      .mode = S_IFDIR | 0555,
			      .flags = NODE_PROCESS | NODE_OF_TASK,
			      .guard = proc_guard,
			      .sub = table };
static const struct node thread_dir = {
	.name = "TID",
	.mode = S_IFDIR | 0555,
	.flags = NODE_PROCESS | NODE_OF_TASK,
	.sub = table + PROCESS_ROWS,
	.lookup = thread_lookup,
	.next = thread_next,
};
