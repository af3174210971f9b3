/*
 * /proc/sys: proc(5), "sysctl". A value that Linux lets the administrator
 * change is writable here where the change would mean something; others have a
 * mode without w, which in this tree binds root too (EACCES).
 */
#include "procfs/sysctl.h"

#include "alloc/slab.h"
#include "core/userns.h"
#include "dev/netdev.h"
#include "fs/aio.h"
#include "fs/epoll.h"
#include "fs/files.h"
#include "fs/lease.h"
#include "fs/mount.h"
#include "fs/notify.h"
#include "fs/pipe.h"
#include "fs/tty.h"
#include "net/unix.h"

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

static const struct number aio_max_number = { .get = aio_max_get,
					      .set = aio_max_set,
					      .full = true };
static const struct number aio_nr_number = { .get = aio_nr_get };

static const struct number file_max_number = { .get = file_max_get,
					       .set = file_max_set,
					       .max = S64_MAX };
static const struct number pipe_size_number = {
	.get = pipe_size_get, .set = pipe_set_max_size, .full = true, .rest = true
};

static s64 watches_get(void)
{
	return (s64)READ_ONCE(epoll_max_watches);
}

static int watches_set(s64 v)
{
	WRITE_ONCE(epoll_max_watches, (u64)v);
	return 0;
}

static const struct number watches_number = { .get = watches_get,
					      .set = watches_set,
					      .max = S64_MAX };

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
	text_printf(out, "%lu\t%lu\t45\t0\t0\t0\n", c.used, dcache_unused());
	return 0;
}

/* --- the tables ------------------------------------------------------------------------------ */

/* Kept, and without effect: what they turn on Linux is not there, or is always as it should be. */
static int kept_autoload = 1;
static int kept_overflow_uid = 65534,
	   kept_overflow_gid = 65534; /* for file systems with numbers of 16 bits */

static const struct node inotify_table[] = {
	NODE_INT("max_queued_events", &notify_max_queued, 0, S32_MAX),
	NODE_INT("max_user_instances", &user_limits_first[USER_INOTIFY_INSTANCES], 0, S32_MAX),
	NODE_INT("max_user_watches", &user_limits_first[USER_INOTIFY_WATCHES], 0, S32_MAX),
	{ .name = NULL },
};

static const struct node epoll_table[] = {
	NODE_NUMBER("max_user_watches", 0644, &watches_number),
	{ .name = NULL },
};

static const struct node fanotify_table[] = {
	NODE_INT("max_queued_events", &fanotify_max_queued, 0, S32_MAX),
	NODE_INT("max_user_groups", &user_limits_first[USER_FANOTIFY_GROUPS], 0, S32_MAX),
	NODE_INT("max_user_marks", &user_limits_first[USER_FANOTIFY_MARKS], 0, S32_MAX),
	{ .name = NULL },
};

static const struct number nr_open_number = {
	.word = &files_nr_open, .min = 64, .max = 0x7fffffc0, .rest = true
};

static const struct node fs_table[] = {
	NODE_SYS("dentry-state", dentry_state_show),
	NODE_NUMBER("aio-max-nr", 0644, &aio_max_number),
	NODE_NUMBER("aio-nr", 0444, &aio_nr_number),
	NODE_INT("dir-notify-enable", &notify_dnotify, S32_MIN, S32_MAX),
	NODE_SYS_DIR("epoll", epoll_table),
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
	NODE_NUMBER("nr_open", 0644, &nr_open_number),
	NODE_INT("overflowgid", &kept_overflow_gid, 0, 65535),
	NODE_INT("overflowuid", &kept_overflow_uid, 0, 65535),
	NODE_NUMBER("pipe-max-size", 0644, &pipe_size_number),
	NODE_WIDE("pipe-user-pages-hard", &pipe_user_pages_hard),
	NODE_WIDE("pipe-user-pages-soft", &pipe_user_pages_soft),
	NODE_INT("protected_fifos", &protected_fifos, 0, 2),
	NODE_INT("protected_hardlinks", &protected_hardlinks, 0, 1),
	NODE_INT("protected_regular", &protected_regular, 0, 2),
	NODE_INT("protected_symlinks", &protected_symlinks, 0, 1),
	NODE_INT("suid_dumpable", &suid_dumpable, 0, 2),
	{ .name = NULL },
};

static const struct node core_table[] = {
	NODE_INT("netdev_max_backlog", (int *)&netdev_max_backlog, S32_MIN, S32_MAX),
	NODE_INT("optmem_max", (int *)&sock_optmem_max, 0, S32_MAX),
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

/* --- user: what each user may have, in the reader's user namespace ---------------------------- */

static void *own_limit(const void *word)
{
	return user_limits(current_user_ns()) + ((const int *)word - user_limits_first);
}

#define NODE_LIMIT(nm, what)                                                                 \
	{                                                                                    \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_SYSCTL | NODE_USERS,     \
		.show = number_show, .store = number_store,                                  \
		.data = (&(const struct number){                                             \
			.word = &user_limits_first[what], .of = own_limit, .max = S32_MAX }) \
	}

static const struct node user_table[] = {
	NODE_LIMIT("max_fanotify_groups", USER_FANOTIFY_GROUPS),
	NODE_LIMIT("max_fanotify_marks", USER_FANOTIFY_MARKS),
	NODE_LIMIT("max_inotify_instances", USER_INOTIFY_INSTANCES),
	NODE_LIMIT("max_inotify_watches", USER_INOTIFY_WATCHES),
	NODE_LIMIT("max_ipc_namespaces", USER_NAMESPACES + NS_IPC),
	NODE_LIMIT("max_mnt_namespaces", USER_NAMESPACES + NS_MNT),
	NODE_LIMIT("max_net_namespaces", USER_NAMESPACES + NS_NET),
	NODE_LIMIT("max_pid_namespaces", USER_NAMESPACES + NS_PID),
	NODE_LIMIT("max_time_namespaces", USER_NAMESPACES + NS_TIME),
	NODE_LIMIT("max_user_namespaces", USER_NAMESPACES + NS_USER),
	NODE_LIMIT("max_uts_namespaces", USER_NAMESPACES + NS_UTS),
	{ .name = NULL },
};

const struct node sys_table[] = {
	NODE_SYS_DIR("dev", dev_table),
	NODE_SYS_DIR("fs", fs_table),
	NODE_SYS_DIR("kernel", sys_kernel_table),
	NODE_SYS_DIR("net", net_sys_table),
	NODE_SYS_DIR("user", user_table),
	NODE_SYS_DIR("vm", sys_vm_table),
	{ .name = NULL },
};
