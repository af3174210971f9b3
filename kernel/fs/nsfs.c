/*
 * Namespaces as files: /proc/PID/ns and what setns(2) takes, namespaces(7), ioctl_nsfs(2). Each look
 * at one makes an inode of its own, which holds the namespace (i->priv); device and number say
 * which it is. Nothing here changes, so nothing is locked.
 */
#include "fs/nsfs.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "core/cred.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "lib/printf.h"
#include "mm/usercopy.h"
#include "sync/log.h"

/* <linux/nsfs.h> */
#define NS_GET_USERNS	       _IO(0xb7, 1)
#define NS_GET_PARENT	       _IO(0xb7, 2)
#define NS_GET_NSTYPE	       _IO(0xb7, 3)
#define NS_GET_OWNER_UID       _IO(0xb7, 4)
#define NS_GET_MNTNS_ID	       _IOR(0xb7, 5, __u64)
#define NS_GET_PID_FROM_PIDNS  _IOR(0xb7, 6, int)
#define NS_GET_TGID_FROM_PIDNS _IOR(0xb7, 7, int)
#define NS_GET_PID_IN_PIDNS    _IOR(0xb7, 8, int)
#define NS_GET_TGID_IN_PIDNS   _IOR(0xb7, 9, int)

static struct mount *ns_mount; /* [boot] */

static int nsfs_open(struct inode *i __unused, struct file *f)
{
	return f->mode & FMODE_WRITE ? -EPERM : 0;
}

int ns_fd(struct ns *n)
{
	struct path p;
	struct file *f;
	int fd = ns_path(n, &p);

	if (fd)
		return fd;
	f = file_open_path(&p, O_RDONLY);
	path_put(&p);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	fd = fd_reserve(0, O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	else
		fd_install(fd, f);
	return fd;
}

/* The user namespace that n belongs to, if it is current's or below. */
static int give_owner(const struct ns *n)
{
	struct user_ns *u = n->owner;

	if (n == &first_ns[NS_USER] || !user_ns_within(u, current_user_ns()))
		return -EPERM;
	return ns_fd(ns_get(u ? &u->ns : &first_ns[NS_USER]));
}

static int give_parent(struct ns *n)
{
	struct ns *parent = pid_ns_parent_get(n);

	return IS_ERR(parent) ? (int)PTR_ERR(parent) : ns_fd(parent);
}

/* A number of a task in ns as current's, or the other way round: NS_GET_*PID*, ioctl_nsfs(2). */
static int translate_pid(unsigned cmd, const struct pid_ns *ns, int nr)
{
	bool from = cmd == NS_GET_PID_FROM_PIDNS || cmd == NS_GET_TGID_FROM_PIDNS;
	bool tgid = cmd == NS_GET_TGID_FROM_PIDNS || cmd == NS_GET_TGID_IN_PIDNS;
	struct task *t = pid_task_get(from ? pid_find_in(ns, nr) : pid_find(nr));
	const struct pid *p;

	if (!t)
		return -ESRCH;
	p = tgid ? t->proc->pid : t->pid;
	nr = from ? pid_here(p) : pid_nr_in(p, ns);
	task_put(t);
	return nr ? nr : -ESRCH;
}

static long nsfs_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	const struct ns *n = f->inode->priv;

	switch (cmd) {
	case NS_GET_NSTYPE:
		return ns_flag[n->type];
	case NS_GET_PARENT:
		return n->type == NS_USER ? give_owner(n) :
		       n->type == NS_PID  ? give_parent((struct ns *)n) :
					    -EINVAL;
	case NS_GET_USERNS:
		return give_owner(n);
	case NS_GET_OWNER_UID:
		if (n->type != NS_USER)
			return -EINVAL;
		return put_user_u32(n == &first_ns[NS_USER] ?
					    uid_shown(current_user_ns(), 0) :
					    uid_shown(current_user_ns(),
						      user_ns_of((struct ns *)n)->uid),
				    (u32 __user *)arg);
	case NS_GET_PID_FROM_PIDNS:
	case NS_GET_TGID_FROM_PIDNS:
	case NS_GET_PID_IN_PIDNS:
	case NS_GET_TGID_IN_PIDNS:
		return n->type == NS_PID ? translate_pid(cmd, pid_ns_of((struct ns *)n), (int)arg) :
					   -EINVAL;
	case NS_GET_MNTNS_ID:
		return n->type == NS_MNT ? put_user_u64(mnt_ns_of(n)->id, (u64 __user *)arg) :
					   -EINVAL;
	default:
		return -ENOTTY;
	}
}

static void nsfs_evict(struct inode *i)
{
	if (i->priv)
		ns_put(i->priv);
}

static const struct file_ops nsfs_ops = {
	.open = nsfs_open,
	.ioctl = nsfs_ioctl,
};
static const struct super_ops nsfs_super_ops = { .evict_inode = nsfs_evict,
						 .statfs = pseudo_statfs };
static const struct file_system nsfs = { .name = "nsfs", .flags = FS_NODEV };

void nsfs_init(void)
{
	if (pseudo_mount(&nsfs, 0x6e736673, &ns_mount))
		panic("namespaces: out of memory at boot");
	ns_mount->sb->ops = &nsfs_super_ops;
}

int ns_path(struct ns *n, struct path *out)
{
	static const char *const names[NS_TYPES] = {
		[NS_MNT] = "mnt", [NS_UTS] = "uts", [NS_IPC] = "ipc",	[NS_USER] = "user",
		[NS_NET] = "net", [NS_PID] = "pid", [NS_TIME] = "time",
	};
	struct inode *i = inode_alloc(ns_mount->sb);
	struct dentry *d;
	char name[24];

	if (!i) {
		ns_put(n);
		return -ENOMEM;
	}
	i->priv = n;
	i->mode = S_IFREG | 0444;
	i->attr = FS_IMMUTABLE_FL;
	i->ino = n->ino;
	i->ops = ns_mount->sb->root->inode->ops;
	i->fops = &nsfs_ops;
	snprintf(name, sizeof(name), "%s:[%u]", names[n->type], n->ino);
	d = d_alloc_pseudo(ns_mount->sb, name, i);
	if (!d) {
		inode_put(i);
		return -ENOMEM;
	}
	atomic_inc(&ns_mount->refs);
	*out = (struct path){ ns_mount, d };
	return 0;
}

struct ns *file_ns(const struct file *f)
{
	return f->ops == &nsfs_ops ? f->inode->priv : NULL;
}

bool d_is_ns_file(const struct dentry *d)
{
	return d->sb == ns_mount->sb && d->inode->fops == &nsfs_ops;
}

bool mount_is_ns_file(const struct dentry *d)
{
	return d_is_ns_file(d) && ((struct ns *)d->inode->priv)->type == NS_MNT;
}

bool mnt_ns_loops(const struct dentry *d)
{
	return mount_is_ns_file(d) && mnt_ns_of(d->inode->priv)->id <= current_mnt_ns()->id;
}
