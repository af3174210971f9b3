/*
 * Namespaces as files: /proc/PID/ns and what setns(2) takes, namespaces(7), ioctl_nsfs(2). There is
 * one namespace of mounts, and of the other kinds none: as a Linux built without them has it. Nothing
 * changes after boot, so nothing is locked.
 */
#include "fs/nsfs.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/ioctl.h>
#include <uapi/sched.h>

#include "core/cred.h"
#include "core/sched.h"
#include "fs/files.h"
#include "fs/internal.h"
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

#define MNT_NS_INO	       0xf0000001UL /* as of the first one on Debian's Linux */
#define MNT_NS_NAME	       "mnt:[4026531841]"
#define MNT_NS_ID	       1UL /* NS_GET_MNTNS_ID */

static struct path mount_ns; /* [boot] */

static long nsfs_ioctl(struct file *f __unused, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case NS_GET_NSTYPE:
		return CLONE_NEWNS;
	case NS_GET_USERNS:
		return -EPERM;
	case NS_GET_PARENT:
	case NS_GET_OWNER_UID:
	case NS_GET_PID_FROM_PIDNS:
	case NS_GET_TGID_FROM_PIDNS:
	case NS_GET_PID_IN_PIDNS:
	case NS_GET_TGID_IN_PIDNS:
		return -EINVAL;
	case NS_GET_MNTNS_ID:
		return put_user_u64(MNT_NS_ID, (u64 __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int nsfs_open(struct inode *i __unused, struct file *f)
{
	return f->mode & FMODE_WRITE ? -EPERM : 0;
}

static const struct file_ops nsfs_ops = {
	.open = nsfs_open,
	.ioctl = nsfs_ioctl,
};
static const struct file_system nsfs = { .name = "nsfs", .flags = FS_NODEV };

void nsfs_init(void)
{
	struct mount *m;
	struct inode *i;

	if (pseudo_mount(&nsfs, 0x6e736673, &m))
		panic("namespaces: out of memory at boot");
	i = inode_alloc(m->sb);
	if (!i)
		panic("namespaces: out of memory at boot");
	i->mode = S_IFREG | 0444;
	i->ino = MNT_NS_INO;
	i->ops = m->sb->root->inode->ops;
	i->fops = &nsfs_ops;
	mount_ns = (struct path){ m, d_alloc_pseudo(m->sb, MNT_NS_NAME, i) };
	if (!mount_ns.dentry)
		panic("namespaces: out of memory at boot");
}

void mount_ns_path(struct path *out)
{
	*out = mount_ns;
	path_get(out);
}

bool file_is_mount_ns(const struct file *f)
{
	return f->ops == &nsfs_ops;
}

int mount_ns_enter(void)
{
	struct fs_ctx *fs = current->fs;
	struct path root = init_root, cwd = init_root;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_CHROOT))
		return -EPERM;
	if (atomic_read(&fs->refs) != 1)
		return -EINVAL;
	path_get(&root);
	path_get(&cwd);
	fs_ctx_set(&fs->root, &root);
	fs_ctx_set(&fs->cwd, &cwd);
	return 0;
}
