/*
 * procfs: /proc, proc(5). The root: files about the machine, one directory for
 * each process. Its tables are root.c's, sys.c's and pid.c's; the machinery is
 * fs/tree's.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "lib/printf.h"

#define PROC_SUPER_MAGIC 0x9fa0

static const char *self_link(const struct subject *s, char *buf, size_t n)
{
	int nr = current->proc ? pid_nr_in(current->proc->pid, s->pidns) : 0;

	if (!nr)
		return ERR_PTR(-ENOENT);
	snprintf(buf, n, "%d", nr);
	return buf;
}

static const char *thread_self_link(const struct subject *s, char *buf, size_t n)
{
	int nr = current->proc ? pid_nr_in(current->proc->pid, s->pidns) : 0;

	if (!nr)
		return ERR_PTR(-ENOENT);
	snprintf(buf, n, "%d/task/%d", nr, pid_nr_in(current->pid, s->pidns));
	return buf;
}

static const char *mounts_link(const struct subject *s __unused, char *buf, size_t n __unused)
{
	strlcpy(buf, "self/mounts", n);
	return buf;
}

static const char *net_link(const struct subject *s __unused, char *buf, size_t n)
{
	strlcpy(buf, "self/net", n);
	return buf;
}

/* Threads are found by number too, though only processes are listed (proc(5), /proc/tid). */
static int pid_lookup(const struct subject *s, const char *name, struct place *to)
{
	s64 nr = name_to_number(name, (u64)S32_MAX);
	struct pid *pid = nr > 0 ? pid_find_in(s->pidns, (int)nr) : NULL;

	if (!pid || !atomic_inc_not_zero(&pid->refs))
		return -ENOENT;
	if (!READ_ONCE(pid->task) || !proc_finds(s->sb, pid)) {
		pid_put(pid);
		return -ENOENT;
	}
	to->node = &pid_dir;
	to->pid = pid;
	return 0;
}

static bool pid_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	struct proc *p;

	for (;; ++*key) {
		p = *key > (u64)S32_MAX ? NULL : proc_next_get(s->pidns, (int)*key);
		if (!p)
			return false;
		if (proc_lists(s->sb, p->pid))
			break;
		*key = (u64)pid_nr_in(p->pid, s->pidns);
		proc_put(p);
	}
	*key = (u64)pid_nr_in(p->pid, s->pidns);
	snprintf(name, NAME_DYNAMIC_MAX, "%lu", *key);
	to->node = &pid_dir;
	to->pid = pid_get(p->pid);
	proc_put(p);
	return true;
}

#define SELF_ROWS 2

static const struct node root_table[] = {
	/* There with subset=pid too. */
	{ .name = "self", .mode = S_IFLNK | 0777, .link = self_link },
	{ .name = "thread-self", .mode = S_IFLNK | 0777, .link = thread_self_link },
	NODE_FILE("buddyinfo", buddyinfo_show),
	NODE_FILE("cmdline", cmdline_show),
	{ .name = "cgroups",
	  .mode = S_IFREG | 0444,
	  .show = constant_show,
	  .data = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n" },
	NODE_FILE("consoles", consoles_show),
	NODE_FILE("cpuinfo", cpuinfo_show),
	NODE_FILE("devices", devices_show),
	NODE_FILE("diskstats", diskstats_show),
	{ .name = "execdomains",
	  .mode = S_IFREG | 0444,
	  .show = constant_show,
	  .data = "0-0\tLinux           \t[kernel]\n" },
	{ .name = "fb", .mode = S_IFREG | 0444, .show = constant_show, .data = "" },
	NODE_FILE("filesystems", filesystems_show),
	NODE_FILE("interrupts", interrupts_show),
	NODE_DIR("irq", proc_irq_table),
	NODE_FILE("kallsyms", kallsyms_show),
	NODE_FILE("key-users", key_users_show),
	NODE_FILE("keys", keys_show),
	{ .name = "kmsg", .mode = S_IFREG | 0400, .fops = &proc_kmsg_fops },
	{ .name = "kpagecgroup", .mode = S_IFREG | 0400, .fops = &page_words_fops },
	{ .name = "kpagecount", .mode = S_IFREG | 0400, .fops = &page_words_fops },
	{ .name = "kpageflags", .mode = S_IFREG | 0400, .fops = &page_words_fops },
	NODE_FILE("loadavg", loadavg_show),
#ifdef DEBUG
	{ .name = "lock_stat",
	  .mode = S_IFREG | 0600,
	  .show = lock_stat_show,
	  .store = lock_stat_store },
#endif
	NODE_FILE("locks", locks_show),
	NODE_FILE("meminfo", meminfo_show),
	NODE_FILE("misc", misc_show),
	{ .name = "modules", .mode = S_IFREG | 0444, .show = constant_show, .data = "" },
	{ .name = "mounts", .mode = S_IFLNK | 0777, .link = mounts_link },
	{ .name = "net", .mode = S_IFLNK | 0777, .link = net_link },
	NODE_FILE("partitions", partitions_show),
	NODE_DIR("pressure", proc_pressure_table),
	NODE_FILE("schedstat", schedstat_show),
	{ .name = "slabinfo", .mode = S_IFREG | 0400, .show = slabinfo_show },
	NODE_FILE("stat", stat_show),
	NODE_FILE("swaps", swaps_show),
	NODE_DIR("sys", sys_table),
	NODE_DIR("sysvipc", sysvipc_table),
	{ .name = "sysrq-trigger", .mode = S_IFREG | 0200, .store = sysrq_store },
	NODE_DIR("tty", proc_tty_table),
	NODE_FILE("uptime", uptime_show),
	NODE_FILE("version", version_show),
	NODE_FILE("vmstat", vmstat_show),
	NODE_FILE("zoneinfo", zoneinfo_show),
	{ .name = NULL },
};

static unsigned root_rows(const struct subject *s)
{
	return proc_pids_only(s->sb) ? SELF_ROWS : ~0U;
}

static const struct node root_dir = {
	.name = "/",
	.mode = S_IFDIR | 0555,
	.flags = NODE_MACHINE,
	.sub = root_table,
	.rows = root_rows,
	.lookup = pid_lookup,
	.next = pid_next,
};

static struct super *proc_mount(const struct file_system *fs, const char *source __unused,
				u64 flags __unused, const char *data)
{
	struct proc_options *o = proc_options_new(data);
	struct super *sb;

	if (IS_ERR(o))
		return ERR_CAST(o);
	sb = tree_mount(fs, &root_dir, PROC_SUPER_MAGIC, current_pid_ns(), &proc_options, o);
	if (IS_ERR(sb))
		kfree(o);
	return sb;
}

static struct user_ns *proc_owner(void)
{
	return ns_of_pid_ns(current_pid_ns())->owner;
}

static const struct file_system proc_fs = {
	.name = "proc",
	.flags = FS_NODEV | FS_NOEXEC | FS_NO_PERM_EVENTS | FS_USERNS | FS_REVEALS | FS_BLOCKS_1K,
	.mount = proc_mount,
	.option = proc_option,
	.owner = proc_owner,
};
FILE_SYSTEM(proc_fs);
