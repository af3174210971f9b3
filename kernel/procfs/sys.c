/*
 * /proc/sys: proc(5), "sysctl". A value that Linux lets the administrator
 * change is writable here where the change would mean something; others have a
 * mode without w, which in this tree binds root too (EACCES).
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>
#include <uapi/prctl.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/random.h"
#include "core/sched.h"
#include "fs/aio.h"
#include "fs/files.h"
#include "fs/lease.h"
#include "fs/memfd.h"
#include "fs/mount.h"
#include "fs/notify.h"
#include "fs/pipe.h"
#include "fs/pty.h"
#include "fs/tty.h"
#include "fs/userfaultfd.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "lib/parse.h"
#include "mm/vm.h"
#include "mm/vmobject.h"
#include "net/unix.h"
#include "proc/acct.h"
#include "proc/coredump.h"
#include "proc/proc.h"
#include "proc/seccomp.h"
#include "proc/uts.h"
#include "proc/yama.h"
#include "sync/lockstat.h"
#include "sync/log.h"

#define NODE_SYS_DIR(nm, table)                                                            \
	{                                                                                  \
		.name = (nm), .mode = S_IFDIR | 0555, .flags = NODE_SYSCTL, .sub = (table) \
	}
#define NODE_CONST(nm, text)                                                                       \
	{                                                                                          \
		.name = (nm), .mode = S_IFREG | 0444, .flags = NODE_SYSCTL, .show = constant_show, \
		.data = (text)                                                                     \
	}
#define NODE_STORE(nm, md, get, set)                                                       \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SYSCTL, .show = (get), \
		.store = (set)                                                             \
	}
#define NODE_SYS(nm, fn) NODE_STORE(nm, 0444, fn, NULL)
#define NODE_WORD(nm, where)                                                            \
	{                                                                               \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_SYSCTL,             \
		.show = sysvipc_word_show, .store = sysvipc_word_store, .data = (where) \
	}
#define NODE_UTS(nm, md, field)                                                               \
	{                                                                                     \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SYSCTL, .show = uts_show, \
		.store = (md)&0222 ? uts_store : NULL, .data = first_uts.field                \
	}

/* --- names -------------------------------------------------------------------- */

/* The row's field, as current's namespace has it. */
static char *uts_field(const struct subject *s)
{
	return (char *)uts_name() + ((const char *)s->node->data - (const char *)&first_uts);
}

static int uts_show(struct text *out, const struct subject *s)
{
	char name[__NEW_UTS_LEN + 1];

	spin_lock(&uts_lock);
	memcpy(name, uts_field(s), sizeof(name));
	spin_unlock(&uts_lock);
	text_printf(out, "%s\n", name);
	return 0;
}

static int uts_store(const struct subject *s, char *text, size_t n __unused)
{
	char name[__NEW_UTS_LEN + 1] = { 0 };

	text[strcspn(text, "\n")] = '\0';
	strlcpy(name, text, sizeof(name));
	spin_lock(&uts_lock);
	memcpy(uts_field(s), name, sizeof(name));
	spin_unlock(&uts_lock);
	return 0;
}

/* --- core files --------------------------------------------------------------------- */

static int core_pattern_show(struct text *out, const struct subject *s __unused)
{
	char pattern[CORE_NAME_MAX];

	spin_lock(&core_lock);
	memcpy(pattern, core_pattern, sizeof(pattern));
	spin_unlock(&core_lock);
	text_printf(out, "%s\n", pattern);
	return 0;
}

static int core_pattern_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	text[strcspn(text, "\n")] = '\0';
	spin_lock(&core_lock);
	strlcpy(core_pattern, text, sizeof(core_pattern));
	spin_unlock(&core_lock);
	return 0;
}

/* --- kernel/random ---------------------------------------------------------------- */

static void put_uuid(struct text *out, u8 id[16])
{
	id[6] = (u8)((id[6] & 0x0f) | 0x40); /* RFC 9562: version 4, its variant */
	id[8] = (u8)((id[8] & 0x3f) | 0x80);
	for (unsigned i = 0; i < 16; i++)
		text_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
	text_puts(out, "\n");
}

static int uuid_show(struct text *out, const struct subject *s __unused)
{
	u8 id[16];

	random_bytes(id, sizeof(id));
	put_uuid(out, id);
	return 0;
}

static int boot_id_show(struct text *out, const struct subject *s __unused)
{
	static spinlock_t lock = SPINLOCK_INIT(RANK_FS, "boot id");
	static u8 boot_id[16]; /* [lock] */
	static bool made; /* [lock] */
	u8 id[16];

	random_bytes(id, sizeof(id));
	spin_lock(&lock);
	if (!made)
		memcpy(boot_id, id, sizeof(id));
	made = true;
	memcpy(id, boot_id, sizeof(id));
	spin_unlock(&lock);
	put_uuid(out, id);
	return 0;
}

static int entropy_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%u\n", random_entropy());
	return 0;
}

/* --- kernel ------------------------------------------------------------------------ */

static s64 threads_get(void)
{
	return proc_max_threads();
}

static int threads_set(s64 v)
{
	WRITE_ONCE(proc_threads_max, (int)v);
	return 0;
}

static int acct_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%d\t%d\t%d\n", acct_resume, acct_suspend, acct_interval);
	return 0;
}

static int acct_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	int *const words[] = { &acct_resume, &acct_suspend, &acct_interval };
	const char *p = text;
	s64 v;

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		p += strspn(p, " \t\n");
		if (!*p)
			break;
		if (scan_s64(&p, 0, &v) || v < S32_MIN || v > S32_MAX)
			return -EINVAL;
		WRITE_ONCE(*words[i], (int)v);
	}
	return 0;
}

static int printk_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%d\t%d\t1\t7\n", console_loglevel, LOG_WARNING);
	return 0;
}

/* The first of the four is the level of the console; the others are what they are. */
static int printk_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	const char *p = text + strspn(text, " \t\n");
	s64 v;

	if (scan_s64(&p, 0, &v) || (*p && !isspace_(*p)) || v < S32_MIN || v > S32_MAX)
		return -EINVAL;
	WRITE_ONCE(console_loglevel, (int)v);
	return 0;
}

static s64 last_pid_get(void)
{
	return pid_newest();
}

static int last_pid_set(s64 v)
{
	return pid_set_newest((int)v);
}

static const struct number last_pid_number = { .get = last_pid_get,
					       .set = last_pid_set,
					       .max = S32_MAX };

static int last_pid_store(const struct subject *s, char *text, size_t n)
{
	return capable(CAP_SYS_ADMIN) || capable(CAP_CHECKPOINT_RESTORE) ?
		       number_store(s, text, n) :
		       -EPERM;
}

static const struct number threads_number = {
	.get = threads_get, .set = threads_set, .min = 1, .max = 0x3fffffff
};

/* sched(7). Of each period real-time tasks get no more than the runtime; -1: all of it. */
static s64 rt_period_get(void)
{
	return READ_ONCE(sched_rt_period_us);
}

static int rt_period_set(s64 v)
{
	if (READ_ONCE(sched_rt_runtime_us) > v)
		return -EINVAL;
	if (!sched_limits_hold(v, READ_ONCE(sched_rt_runtime_us)))
		return -EBUSY;
	WRITE_ONCE(sched_rt_period_us, v);
	return 0;
}

static s64 rt_runtime_get(void)
{
	return READ_ONCE(sched_rt_runtime_us);
}

static int rt_runtime_set(s64 v)
{
	if (v > READ_ONCE(sched_rt_period_us))
		return -EINVAL;
	if (!sched_limits_hold(READ_ONCE(sched_rt_period_us), v))
		return -EBUSY;
	WRITE_ONCE(sched_rt_runtime_us, v);
	return 0;
}

static s64 rr_slice_get(void)
{
	return (s64)(READ_ONCE(sched_rr_slice) / NSEC_PER_MSEC);
}

/* 0 or less: the default. */
static int rr_slice_set(s64 v)
{
	WRITE_ONCE(sched_rr_slice, (u64)(v > 0 ? v : 100) * NSEC_PER_MSEC);
	return 0;
}

static const struct number rt_period_number = {
	.get = rt_period_get, .set = rt_period_set, .min = 1, .max = S32_MAX
};
static const struct number rt_runtime_number = {
	.get = rt_runtime_get, .set = rt_runtime_set, .min = -1, .max = S32_MAX
};
static const struct number rr_slice_number = {
	.get = rr_slice_get, .set = rr_slice_set, .min = S32_MIN, .max = S32_MAX
};

/* --- vm ------------------------------------------------------------------------------- */

/* proc(5): 1 page cache, 2 dentries and inodes, 4 only says: be silent. */
static int drop_caches_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	u32 what;

	if (parse_u32(text, 0, &what) || what < 1 || what > 4)
		return -EINVAL;
	if (what & 2)
		dcache_shrink(~0UL);
	/* A page that was used since the last look gets another round, a mapped one yet another. */
	for (unsigned round = 0; (what & 1) && round < 3; round++)
		reclaim_pages(pagecache_pages());
	return 0;
}

static int swappiness = 60; /* there is nothing to swap to */

static s64 commit_ratio_get(void)
{
	return READ_ONCE(vm_overcommit_ratio);
}

/* Of ratio and kbytes the one that was written last counts; the other reads as 0. */
static int commit_ratio_set(s64 v)
{
	WRITE_ONCE(vm_overcommit_ratio, (int)v);
	WRITE_ONCE(vm_overcommit_kbytes, 0);
	return 0;
}

static s64 commit_kbytes_get(void)
{
	return (s64)READ_ONCE(vm_overcommit_kbytes);
}

static int commit_kbytes_set(s64 v)
{
	WRITE_ONCE(vm_overcommit_kbytes, (u64)v);
	WRITE_ONCE(vm_overcommit_ratio, 0);
	return 0;
}

static const struct number commit_ratio_number = {
	.get = commit_ratio_get, .set = commit_ratio_set, .min = S32_MIN, .max = S32_MAX
};
/* Of a ratio and its bytes, likewise, the one that was written last counts. */
static s64 dirty_ratio_get(void)
{
	return READ_ONCE(vm_dirty_ratio);
}

static int dirty_ratio_set(s64 v)
{
	WRITE_ONCE(vm_dirty_ratio, (int)v);
	WRITE_ONCE(vm_dirty_bytes, 0);
	return 0;
}

static s64 dirty_bytes_get(void)
{
	return (s64)READ_ONCE(vm_dirty_bytes);
}

static int dirty_bytes_set(s64 v)
{
	WRITE_ONCE(vm_dirty_bytes, (u64)v);
	WRITE_ONCE(vm_dirty_ratio, 0);
	return 0;
}

static s64 dirty_back_ratio_get(void)
{
	return READ_ONCE(vm_dirty_background_ratio);
}

static int dirty_back_ratio_set(s64 v)
{
	WRITE_ONCE(vm_dirty_background_ratio, (int)v);
	WRITE_ONCE(vm_dirty_background_bytes, 0);
	return 0;
}

static s64 dirty_back_bytes_get(void)
{
	return (s64)READ_ONCE(vm_dirty_background_bytes);
}

static int dirty_back_bytes_set(s64 v)
{
	WRITE_ONCE(vm_dirty_background_bytes, (u64)v);
	WRITE_ONCE(vm_dirty_background_ratio, 0);
	return 0;
}

static s64 dirty_writeback_get(void)
{
	return READ_ONCE(dirty_writeback_interval);
}

static int dirty_writeback_set(s64 v)
{
	WRITE_ONCE(dirty_writeback_interval, (int)v);
	writeback_retime();
	return 0;
}

static int dirtytime_expire = 43200; /* access times alone are written with the rest */

static const struct number dirty_ratio_number = { .get = dirty_ratio_get,
						  .set = dirty_ratio_set,
						  .max = 100 };
static const struct number dirty_bytes_number = {
	.get = dirty_bytes_get, .set = dirty_bytes_set, .min = 2 * PAGE_SIZE, .max = S64_MAX
};
static const struct number dirty_back_ratio_number = { .get = dirty_back_ratio_get,
						       .set = dirty_back_ratio_set,
						       .max = 100 };
static const struct number dirty_back_bytes_number = {
	.get = dirty_back_bytes_get, .set = dirty_back_bytes_set, .min = 1, .max = S64_MAX
};
static const struct number dirty_writeback_number = { .get = dirty_writeback_get,
						      .set = dirty_writeback_set,
						      .max = S32_MAX };
static const struct number commit_kbytes_number = { .get = commit_kbytes_get,
						    .set = commit_kbytes_set,
						    .max = S64_MAX };

static int min_free_show(struct text *out, const struct subject *s __unused)
{
	struct page_stats mem;

	page_stats(&mem);
	text_printf(out, "%lu\n", mem.reserve << (PAGE_SHIFT - 10));
	return 0;
}

/* --- fs ---------------------------------------------------------------------------------- */

struct slab_count {
	const char *name;
	u64 used, total;
};

static void find_slab(const char *name, size_t size __unused, u64 used, u64 total, void *arg)
{
	struct slab_count *c = arg;

	if (str_equal(name, c->name)) {
		c->used = used;
		c->total = total;
	}
}

static int file_nr_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%ld\t0\t%ld\n", file_count(), READ_ONCE(file_max));
	return 0;
}

static s64 file_max_get(void)
{
	return READ_ONCE(file_max);
}

static int file_max_set(s64 v)
{
	WRITE_ONCE(file_max, v);
	return 0;
}

static s64 pipe_size_get(void)
{
	return READ_ONCE(pipe_max_size);
}

static s64 aio_max_get(void)
{
	return (s64)READ_ONCE(aio_max_nr);
}

static int aio_max_set(s64 v)
{
	WRITE_ONCE(aio_max_nr, (u64)v);
	return 0;
}

static s64 aio_nr_get(void)
{
	return (s64)aio_nr();
}

static const struct number aio_max_number = {
	.get = aio_max_get, .set = aio_max_set, .min = 0, .max = S64_MAX
};
static const struct number aio_nr_number = { .get = aio_nr_get };

static const struct number file_max_number = { .get = file_max_get,
					       .set = file_max_set,
					       .max = S64_MAX };
static const struct number pipe_size_number = { .get = pipe_size_get,
						.set = pipe_set_max_size,
						.max = 1L << 31 };

static int inode_nr_show(struct text *out, const struct subject *s)
{
	struct slab_count c = { .name = "inode" };

	slab_for_each(find_slab, &c);
	text_printf(out, "%lu\t%lu%s\n", c.total, c.total - min(c.used, c.total),
		    str_equal(s->node->name, "inode-state") ? "\t0\t0\t0\t0\t0" : "");
	return 0;
}

static int dentry_state_show(struct text *out, const struct subject *s __unused)
{
	struct slab_count c = { .name = "dentry" };

	slab_for_each(find_slab, &c);
	text_printf(out, "%lu\t%lu\t45\t0\t0\t0\n", c.used, 0UL);
	return 0;
}

/* --- seccomp(2) -------------------------------------------------------------------------- */

static void put_actions(struct text *out, u32 mask)
{
	const char *sep = "";

	for (unsigned i = 0; i < SECCOMP_ACTIONS; i++) {
		if (!(mask >> i & 1))
			continue;
		text_printf(out, "%s%s", sep, seccomp_action_names[i]);
		sep = " ";
	}
	text_puts(out, "\n");
}

static int actions_avail_show(struct text *out, const struct subject *s __unused)
{
	put_actions(out, ~0U);
	return 0;
}

static int actions_logged_show(struct text *out, const struct subject *s __unused)
{
	put_actions(out, READ_ONCE(seccomp_logged));
	return 0;
}

/* Names between blanks. What is allowed is never logged. */
static int actions_logged_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	u32 mask = 0;

	for (char *p = text + strspn(text, " \n"); *p;) {
		size_t len = strcspn(p, " \n");
		unsigned i = 0;

		while (i < SECCOMP_ACTIONS - 1 && (strlen(seccomp_action_names[i]) != len ||
						   strncmp(seccomp_action_names[i], p, len) != 0))
			i++;
		if (i == SECCOMP_ACTIONS - 1)
			return -EINVAL;
		mask |= 1U << i;
		p += len;
		p += strspn(p, " \n");
	}
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	WRITE_ONCE(seccomp_logged, mask);
	return 0;
}

/* --- the tables ------------------------------------------------------------------------------ */

/* Kept, and without effect: what they turn on Linux is not there, or is always as it should be. */
static int kept_core_pipe, kept_ctrl_alt_del = 1, kept_delayacct, kept_fatal_signals,
			   kept_printk_delay;
static int kept_writes_strict = 1, kept_autoload = 1, kept_layout, kept_cluster = 3,
	   kept_unfairness = 5;
static int kept_stat = 1, kept_pressure = 100, kept_zones;

static s64 scope_get(void)
{
	return READ_ONCE(ptrace_scope);
}

/* At its highest it stays. */
static int scope_set(s64 v)
{
	if (!capable(CAP_SYS_PTRACE))
		return -EPERM;
	if (READ_ONCE(ptrace_scope) == 3 && v != 3)
		return -EINVAL;
	WRITE_ONCE(ptrace_scope, (int)v);
	return 0;
}

static const struct number scope_number = { .get = scope_get, .set = scope_set, .max = 3 };

static const struct node yama_table[] = {
	NODE_NUMBER("ptrace_scope", 0644, &scope_number),
	{ .name = NULL },
};

static const struct node random_table[] = {
	NODE_SYS("boot_id", boot_id_show),
	NODE_SYS("entropy_avail", entropy_show),
	NODE_CONST("poolsize", "256\n"),
	NODE_SYS("uuid", uuid_show),
	{ .name = NULL },
};

static const struct node seccomp_table[] = {
	NODE_SYS("actions_avail", actions_avail_show),
	NODE_STORE("actions_logged", 0644, actions_logged_show, actions_logged_store),
	{ .name = NULL },
};

static int pty_nr_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%d\n", pty_count());
	return 0;
}

static const struct node pty_table[] = {
	NODE_INT("max", &pty_max, 0, S32_MAX),
	NODE_SYS("nr", pty_nr_show),
	{ .name = NULL },
};

static const struct node kernel_table[] = {
	NODE_STORE("acct", 0644, acct_show, acct_store),
	NODE_CONST("arch", "riscv64\n"),
	NODE_CONST("auto_msgmni", "0\n"),
	NODE_CONST("cad_pid", "1\n"),
	NODE_CONST("cap_last_cap", STRINGIFY(CAP_LAST_CAP) "\n"),
	NODE_STORE("core_pattern", 0644, core_pattern_show, core_pattern_store),
	NODE_INT("core_pipe_limit", &kept_core_pipe, S32_MIN, S32_MAX),
	NODE_INT("core_uses_pid", &core_uses_pid, 0, 1),
	NODE_INT("ctrl-alt-del", &kept_ctrl_alt_del, S32_MIN, S32_MAX),
	NODE_INT("dmesg_restrict", &dmesg_restrict, 0, 1),
	NODE_UTS("domainname", 0644, domainname),
	NODE_UTS("hostname", 0644, nodename),
	NODE_SYS_DIR("keys", keys_table),
	NODE_IPC("msg_next_id", &first_ipc.msg.next_id, 0, S32_MAX),
	NODE_IPC("msgmax", &first_ipc.msg_max, 0, S32_MAX),
	NODE_IPC("msgmnb", &first_ipc.msg_mnb, 0, S32_MAX),
	NODE_IPC("msgmni", &first_ipc.msg.limit, 0, IPC_MNI),
	NODE_INT("kptr_restrict", &kptr_restrict, 0, 2),
#ifdef DEBUG
	NODE_INT("lock_stat", &lockstat_on, 0, 1),
#endif
	NODE_CONST("modules_disabled", "1\n"),
	NODE_CONST("ngroups_max", "65536\n"),
	NODE_UTS("osrelease", 0444, release),
	NODE_UTS("ostype", 0444, sysname),
	{ .name = "ns_last_pid",
	  .mode = S_IFREG | 0666,
	  .flags = NODE_SYSCTL,
	  .show = number_show,
	  .store = last_pid_store,
	  .data = &last_pid_number },
	NODE_CONST("overflowgid", "65534\n"),
	NODE_CONST("overflowuid", "65534\n"),
	NODE_CONST("panic", "0\n"),
	NODE_INT("pid_max", &pid_max, 301, 4194304),
	NODE_STORE("printk", 0644, printk_show, printk_store),
	NODE_INT("print-fatal-signals", &kept_fatal_signals, S32_MIN, S32_MAX),
	NODE_INT("printk_delay", &kept_printk_delay, 0, 10000),
	NODE_CONST("printk_devkmsg", "on\n"),
	NODE_SYS_DIR("pty", pty_table),
	NODE_SYS_DIR("random", random_table),
	NODE_INT("randomize_va_space", &vm_randomize, S32_MIN, S32_MAX),
	NODE_NUMBER("sched_rr_timeslice_ms", 0644, &rr_slice_number),
	NODE_INT("sched_deadline_period_max_us", &sched_dl_period_max_us, 1, S32_MAX),
	NODE_INT("sched_deadline_period_min_us", &sched_dl_period_min_us, 1, S32_MAX),
	NODE_NUMBER("sched_rt_period_us", 0644, &rt_period_number),
	NODE_NUMBER("sched_rt_runtime_us", 0644, &rt_runtime_number),
	NODE_SYS_DIR("seccomp", seccomp_table),
	NODE_STORE("sem", 0644, sysvipc_sem_show, sysvipc_sem_store),
	NODE_IPC("sem_next_id", &first_ipc.sem.next_id, 0, S32_MAX),
	NODE_IPC("shm_next_id", &first_ipc.shm.next_id, 0, S32_MAX),
	NODE_NUMBER("shm_rmid_forced", 0644, &rmid_forced_number),
	NODE_WORD("shmall", &first_ipc.shm_all),
	NODE_WORD("shmmax", &first_ipc.shm_max),
	NODE_IPC("shmmni", &first_ipc.shm.limit, 0, IPC_MNI),
	NODE_INT("sysctl_writes_strict", &kept_writes_strict, -1, 1),
	NODE_CONST("tainted", "0\n"),
	NODE_INT("task_delayacct", &kept_delayacct, 0, 1),
	NODE_NUMBER("threads-max", 0644, &threads_number),
	NODE_UTS("version", 0444, version),
	NODE_SYS_DIR("yama", yama_table),
	{ .name = NULL },
};

static const struct node vm_table[] = {
	NODE_INT("admin_reserve_kbytes", &vm_admin_reserve, 0, S32_MAX),
	NODE_NUMBER("dirty_background_bytes", 0644, &dirty_back_bytes_number),
	NODE_NUMBER("dirty_background_ratio", 0644, &dirty_back_ratio_number),
	NODE_NUMBER("dirty_bytes", 0644, &dirty_bytes_number),
	NODE_INT("dirty_expire_centisecs", &dirty_expire_interval, 0, S32_MAX),
	NODE_NUMBER("dirty_ratio", 0644, &dirty_ratio_number),
	NODE_NUMBER("dirty_writeback_centisecs", 0644, &dirty_writeback_number),
	NODE_INT("dirtytime_expire_seconds", &dirtytime_expire, 0, S32_MAX),
	NODE_STORE("drop_caches", 0200, NULL, drop_caches_store),
	NODE_INT("legacy_va_layout", &kept_layout, 0, S32_MAX),
	NODE_INT("max_map_count", &vm_max_map_count, 0, S32_MAX),
	NODE_INT("memfd_noexec", &memfd_noexec, 0, MEMFD_NOEXEC_ENFORCED),
	NODE_SYS("min_free_kbytes", min_free_show),
	NODE_INT("mmap_min_addr", &vm_min_addr, 0, S32_MAX),
	NODE_CONST("nr_hugepages", "0\n"),
	NODE_CONST("nr_overcommit_hugepages", "0\n"),
	NODE_INT("oom_dump_tasks", &oom_dump_tasks, 0, S32_MAX),
	NODE_INT("oom_kill_allocating_task", &oom_kill_asker, 0, S32_MAX),
	NODE_NUMBER("overcommit_kbytes", 0644, &commit_kbytes_number),
	NODE_INT("overcommit_memory", &vm_overcommit, 0, 2),
	NODE_NUMBER("overcommit_ratio", 0644, &commit_ratio_number),
	NODE_INT("page-cluster", &kept_cluster, 0, 31),
	NODE_INT("panic_on_oom", &oom_panic, 0, 2),
	NODE_INT("page_lock_unfairness", &kept_unfairness, 0, S32_MAX),
	NODE_INT("stat_interval", &kept_stat, S32_MIN, S32_MAX),
	NODE_INT("swappiness", &swappiness, 0, 200),
	NODE_INT("unprivileged_userfaultfd", &userfaultfd_unprivileged, 0, 1),
	NODE_INT("user_reserve_kbytes", &vm_user_reserve, 0, S32_MAX),
	NODE_INT("vfs_cache_pressure", &kept_pressure, 0, S32_MAX),
	NODE_INT("zone_reclaim_mode", &kept_zones, 0, S32_MAX),
	{ .name = NULL },
};

static const struct node inotify_table[] = {
	NODE_INT("max_queued_events", &notify_max_queued, 0, S32_MAX),
	NODE_INT("max_user_instances", &notify_max_instances, 0, S32_MAX),
	NODE_INT("max_user_watches", &notify_max_watches, 0, S32_MAX),
	{ .name = NULL },
};

static const struct node fanotify_table[] = {
	NODE_INT("max_queued_events", &fanotify_max_queued, 0, S32_MAX),
	NODE_INT("max_user_groups", &fanotify_max_groups, 0, S32_MAX),
	NODE_INT("max_user_marks", &fanotify_max_marks, 0, S32_MAX),
	{ .name = NULL },
};

static const struct node fs_table[] = {
	NODE_SYS("dentry-state", dentry_state_show),
	NODE_NUMBER("aio-max-nr", 0644, &aio_max_number),
	NODE_NUMBER("aio-nr", 0444, &aio_nr_number),
	NODE_INT("dir-notify-enable", &notify_dnotify, S32_MIN, S32_MAX),
	NODE_SYS_DIR("fanotify", fanotify_table),
	NODE_NUMBER("file-max", 0644, &file_max_number),
	NODE_SYS("file-nr", file_nr_show),
	NODE_SYS("inode-nr", inode_nr_show),
	NODE_SYS("inode-state", inode_nr_show),
	NODE_SYS_DIR("inotify", inotify_table),
	NODE_INT("lease-break-time", &lease_break_time, S32_MIN, S32_MAX),
	NODE_INT("leases-enable", &leases_enable, S32_MIN, S32_MAX),
	NODE_INT("mount-max", &mount_max, 1, S32_MAX),
	NODE_SYS_DIR("mqueue", sys_mqueue_table),
	NODE_INT("nr_open", &files_nr_open, 64, 0x7fffffc0),
	NODE_CONST("overflowgid", "65534\n"),
	NODE_CONST("overflowuid", "65534\n"),
	NODE_NUMBER("pipe-max-size", 0644, &pipe_size_number),
	NODE_INT("pipe-user-pages-hard", &pipe_user_pages_hard, 0, S32_MAX),
	NODE_INT("pipe-user-pages-soft", &pipe_user_pages_soft, 0, S32_MAX),
	NODE_INT("protected_fifos", &protected_fifos, 0, 2),
	NODE_INT("protected_hardlinks", &protected_hardlinks, 0, 1),
	NODE_INT("protected_regular", &protected_regular, 0, 2),
	NODE_INT("protected_symlinks", &protected_symlinks, 0, 1),
	{ .name = NULL },
};

static const struct node core_table[] = {
	NODE_INT("rmem_default", (int *)&sock_rmem_default, 2304, S32_MAX),
	NODE_INT("rmem_max", (int *)&sock_rmem_max, 2304, S32_MAX),
	NODE_INT("somaxconn", &somaxconn, 0, S32_MAX),
	NODE_INT("wmem_default", (int *)&sock_wmem_default, 4608, S32_MAX),
	NODE_INT("wmem_max", (int *)&sock_wmem_max, 4608, S32_MAX),
	{ .name = NULL },
};

static const struct node unix_table[] = {
	NODE_INT("max_dgram_qlen", &unix_max_dgram_qlen, 0, S32_MAX),
	{ .name = NULL },
};

static const struct node net_sys_table[] = {
	NODE_SYS_DIR("core", core_table),
	NODE_SYS_DIR("ipv4", net_ipv4_table),
	NODE_SYS_DIR("ipv6", net_ipv6_table),
	NODE_SYS_DIR("unix", unix_table),
	{ .name = NULL },
};

static const struct node dev_tty_table[] = {
	NODE_INT("ldisc_autoload", &kept_autoload, 0, 1),
	NODE_INT("legacy_tiocsti", &tty_legacy_tiocsti, 0, 1),
	{ .name = NULL },
};

static const struct node dev_table[] = {
	NODE_SYS_DIR("tty", dev_tty_table),
	{ .name = NULL },
};

const struct node sys_table[] = {
	NODE_SYS_DIR("dev", dev_table),	      NODE_SYS_DIR("fs", fs_table),
	NODE_SYS_DIR("kernel", kernel_table), NODE_SYS_DIR("net", net_sys_table),
	NODE_SYS_DIR("vm", vm_table),	      { .name = NULL },
};
