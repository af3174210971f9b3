/*
 * /proc/sys/kernel: proc(5), "sysctl".
 */
#include "procfs/sysctl.h"

#include <uapi/errno.h>
#include <uapi/prctl.h>

#include "core/pidns.h"
#include "core/random.h"
#include "core/sched.h"
#include "core/userns.h"
#include "fs/devfs/kmsg.h"
#include "fs/pty.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "lib/parse.h"
#include "proc/acct.h"
#include "proc/coredump.h"
#include "proc/namespace.h"
#include "proc/proc.h"
#include "proc/seccomp.h"
#include "proc/uts.h"
#include "proc/yama.h"
#include "sync/lockstat.h"
#include "sync/log.h"

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

static const char *const kmsg_words[] = {
	[KMSG_RATELIMIT] = "ratelimit", [KMSG_ON] = "on", [KMSG_OFF] = "off"
};
static spinlock_t sysctl_lock = SPINLOCK_INIT(RANK_FS, "sysctl");
static char kmsg_word[16] = "ratelimit"; /* [sysctl_lock] as it was written */

static int devkmsg_show(struct text *out, const struct subject *s __unused)
{
	char word[sizeof(kmsg_word)];

	spin_lock(&sysctl_lock);
	memcpy(word, kmsg_word, sizeof(word));
	spin_unlock(&sysctl_lock);
	text_printf(out, "%s\n", word);
	return 0;
}

/* A word and one more byte, which was meant to be a newline. */
static int devkmsg_store(const struct subject *s __unused, char *text, size_t n)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kmsg_words); i++) {
		if (n != strlen(kmsg_words[i]) + 1 || strncmp(text, kmsg_words[i], n - 1) != 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		spin_lock(&sysctl_lock);
		strlcpy(kmsg_word, text, sizeof(kmsg_word));
		spin_unlock(&sysctl_lock);
		WRITE_ONCE(kmsg_writers, (int)i);
		return 0;
	}
	return -EINVAL;
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

static int acct_store(const struct subject *s __unused, char *text, size_t n)
{
	int *const words[] = { &acct_resume, &acct_suspend, &acct_interval };

	return sysctl_store_ints(words, ARRAY_SIZE(words), text, n);
}

/*
 * Of the four the first, the level of the console, is looked at; lines without a level are warnings here,
 * and the least and the first level of the console say nothing.
 */
static int kept_message_level = LOG_WARNING, kept_least_level = 1, kept_first_level = 7;

static int printk_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%d\t%d\t%d\t%d\n", console_loglevel, kept_message_level, kept_least_level,
		    kept_first_level);
	return 0;
}

static int printk_store(const struct subject *s __unused, char *text, size_t n)
{
	int *const words[] = { &console_loglevel, &kept_message_level, &kept_least_level,
			       &kept_first_level };

	return sysctl_store_ints(words, ARRAY_SIZE(words), text, n);
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

/* Who gets SIGINT when Ctrl-Alt-Del is pressed, where that does not restart the machine; no driver has such keys. */
static struct pid *cad_pid; /* [sysctl_lock] referenced; NULL: the first process */

static s64 cad_get(void)
{
	s64 nr;

	spin_lock(&sysctl_lock);
	nr = cad_pid ? pid_here(cad_pid) : 1;
	spin_unlock(&sysctl_lock);
	return nr;
}

static int cad_set(s64 nr)
{
	struct pid *p = nr > 0 ? pid_find_get((int)nr) : NULL, *old;

	if (!p)
		return -ESRCH;
	spin_lock(&sysctl_lock);
	old = cad_pid;
	cad_pid = p;
	spin_unlock(&sysctl_lock);
	if (old)
		pid_put(old);
	return 0;
}

static const struct number cad_number = {
	.get = cad_get, .set = cad_set, .min = S32_MIN, .max = S32_MAX
};

/* Flags of what may be wrong with the kernel: those that are told stay; Linux's Documentation, tainted-kernels. */
#define TAINT_FLAGS 0x7ffffUL
static u64 taints; /* [atomic] */

static s64 taints_get(void)
{
	return (s64)READ_ONCE(taints);
}

static int taints_set(s64 v)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	__atomic_or_fetch(&taints, (u64)v & TAINT_FLAGS, __ATOMIC_RELAXED);
	return 0;
}

static const struct number taints_number = { .get = taints_get, .set = taints_set, .full = true };

/* These are what they are, whatever is written. */
static s64 zero_get(void)
{
	return 0;
}

static int ignored_set(s64 v __unused)
{
	return 0;
}

static int ignored_store(const struct subject *s __unused, char *text __unused, size_t n __unused)
{
	return 0;
}

static const struct number msgmni_number = { .get = zero_get, .set = ignored_set, .max = 1 };

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

/* Names with one blank between them, up to where there is none. What is allowed is never logged. */
static int actions_logged_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	u32 mask = 0;

	text[strcspn(text, "\n")] = '\0';
	for (char *p = text; *p && *p != ' ';) {
		size_t len = strcspn(p, " ");
		unsigned i = 0;

		while (i < SECCOMP_ACTIONS - 1 && (strlen(seccomp_action_names[i]) != len ||
						   strncmp(seccomp_action_names[i], p, len) != 0))
			i++;
		if (i == SECCOMP_ACTIONS - 1)
			return -EINVAL;
		mask |= 1U << i;
		p += len;
		p += *p == ' ';
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
static int kept_writes_strict = 1;
static int kept_sysrq = 438; /* what keys may do; /proc/sysrq-trigger always may, as on Linux */
static int kept_no_modules = 1; /* there are none, and that stays */

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

#define NODE_IGNORES(nm, text)                                                                     \
	{                                                                                          \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_SYSCTL, .show = constant_show, \
		.store = ignored_store, .data = (text)                                             \
	}

static const struct node random_table[] = {
	NODE_SYS("boot_id", boot_id_show),
	NODE_SYS("entropy_avail", entropy_show),
	NODE_CONST("poolsize", "256\n"),
	NODE_IGNORES("urandom_min_reseed_secs", "60\n"),
	NODE_SYS("uuid", uuid_show),
	NODE_IGNORES("write_wakeup_threshold", "256\n"),
	{ .name = NULL },
};

static const struct node seccomp_table[] = {
	NODE_SYS("actions_avail", actions_avail_show),
	{ .name = "actions_logged",
	  .mode = S_IFREG | 0644,
	  .flags = NODE_SYSCTL | NODE_EMPTY,
	  .show = actions_logged_show,
	  .store = actions_logged_store },
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

const struct node sys_kernel_table[] = {
	NODE_STORE("acct", 0644, acct_show, acct_store),
	NODE_CONST("arch", "riscv64\n"),
	NODE_NUMBER("auto_msgmni", 0644, &msgmni_number),
	NODE_NUMBER("cad_pid", 0600, &cad_number),
	NODE_CONST("cap_last_cap", STRINGIFY(CAP_LAST_CAP) "\n"),
	NODE_STORE("core_pattern", 0644, core_pattern_show, core_pattern_store),
	NODE_INT("core_pipe_limit", &kept_core_pipe, S32_MIN, S32_MAX),
	NODE_INT("core_uses_pid", &core_uses_pid, S32_MIN, S32_MAX),
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
	NODE_INT("modules_disabled", &kept_no_modules, 1, 1),
	NODE_CONST("ngroups_max", "65536\n"),
	NODE_UTS("osrelease", 0444, release),
	NODE_UTS("ostype", 0444, sysname),
	{ .name = "ns_last_pid",
	  .mode = S_IFREG | 0666,
	  .flags = NODE_SYSCTL,
	  .show = number_show,
	  .store = last_pid_store,
	  .data = &last_pid_number },
	NODE_INT("overflowgid", &overflow_gid, 0, 65535),
	NODE_INT("overflowuid", &overflow_uid, 0, 65535),
	NODE_INT("panic", &panic_timeout, S32_MIN, S32_MAX),
	NODE_INT("pid_max", &pid_max, 301, 4194304),
	NODE_STORE("printk", 0644, printk_show, printk_store),
	NODE_INT("print-fatal-signals", &kept_fatal_signals, S32_MIN, S32_MAX),
	NODE_INT("printk_delay", &kept_printk_delay, 0, 10000),
	NODE_STORE("printk_devkmsg", 0644, devkmsg_show, devkmsg_store),
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
	NODE_INT("sysrq", &kept_sysrq, S32_MIN, S32_MAX),
	NODE_NUMBER("tainted", 0644, &taints_number),
	NODE_INT("task_delayacct", &kept_delayacct, 0, 1),
	NODE_NUMBER("threads-max", 0644, &threads_number),
	NODE_INT("unprivileged_userns_clone", &user_ns_unprivileged, S32_MIN, S32_MAX),
	NODE_UTS("version", 0444, version),
	NODE_SYS_DIR("yama", yama_table),
	{ .name = NULL },
};
