/*
 * The first mounts, at boot, and the start of the room. As on Linux there is an empty file system
 * under the root, `rootfs`, so that the root is a mount like others: pivot_root(2) may move it.
 * Nothing here is called after boot.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/statfs.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/aio.h"
#include "fs/epoll.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/loop.h"
#include "fs/memfd.h"
#include "fs/mount.h"
#include "fs/notify.h"
#include "fs/nsfs.h"
#include "fs/pipe.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"

/*
 * Mounts a kernel file system on a directory of the root, made in memory when the archive has none.
 */
static void mount_own(const char *fstype, const char *dir)
{
	struct path on;
	int err = vfs_mkdir(AT_FDCWD, dir, 0755);

	if (err && err != -EEXIST) {
		pr_warn("vfs: no %s: error %d", dir, -err);
		return;
	}
	err = path_lookup(AT_FDCWD, dir, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &on);
	if (err) {
		pr_warn("vfs: %s is no directory: error %d", dir, -err);
		return;
	}
	err = vfs_mount(fstype, &on, fstype, 0, NULL);
	if (err)
		pr_warn("vfs: %s on %s: error %d", fstype, dir, -err);
	path_put(&on);
}

/* The disk that `root=` names ("/dev/vda"); without the word the first there is, if any. */
static struct block_device *root_disk(void)
{
	struct block_device *bd;
	char name[64];
	const char *base;

	if (cmdline_get("root", name, sizeof(name)) <= 0)
		return block_first();
	base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	bd = block_find(base);
	if (!bd && block_first())
		panic("no root file system: root=%s names no disk (there is %s)", name,
		      block_first()->name);
	return bd;
}

struct path init_root;

static const struct super_ops rootfs_ops = { .statfs = pseudo_statfs };
static const struct file_system rootfs_type = { .name = "rootfs", .flags = FS_NODEV | FS_ATTRS };

/* A mount of a type that hangs nowhere yet. ERR_PTR. */
static struct mount *make_mount(const struct file_system *fs, const char *source, const char *data)
{
	struct super *sb = super_get(fs, source, 0, data);
	struct mount *m;

	if (IS_ERR(sb))
		return ERR_CAST(sb);
	m = mount_alloc(sb, sb->root, source, MS_RELATIME);
	super_put(sb);
	return m ? m : ERR_PTR(-ENOMEM);
}

struct mount *mount_kernel(const char *fstype)
{
	struct mount *m = make_mount(fs_find(fstype), NULL, NULL);

	if (!IS_ERR(m))
		m->flags |= MOUNT_INTERNAL;
	return m;
}

int mount_root(void)
{
	struct block_device *bd = root_disk();
	struct mount *m = make_mount(fs_find("tarfs"), bd ? bd->name : NULL, "initrd"), *under;

	if (IS_ERR(m))
		panic("no root file system: the archive%s%s can't be mounted (error %ld)",
		      bd ? " on " : "", bd ? bd->name : "", -PTR_ERR(m));
	if (pseudo_mount(&rootfs_type, RAMFS_MAGIC, &under))
		panic("no root file system: out of memory");
	under->sb->ops = &rootfs_ops;
	mounts_lock();
	first_mnt_ns.root = under;
	mnt_ns_add(&first_mnt_ns, under);
	if (mount_hang(m, under, under->root))
		panic("no root file system: out of memory");
	mnt_ns_add(&first_mnt_ns, m);
	mounts_unlock();
	init_root.mnt = m;
	init_root.dentry = m->root;
	path_get(&init_root);
	current->fs = fs_ctx_create(&init_root);
	current->files = files_create();
	if (!current->fs || !current->files)
		panic("no root file system: out of memory");
	mount_own("devtmpfs", "/dev");
	mount_own("proc", "/proc");
	mount_own("sysfs", "/sys");
	return 0;
}

void vfs_init(void)
{
	dcache_init();
	inode_init();
	open_init();
	anon_init();
	epoll_init();
	pipe_init();
	memfd_init();
	nsfs_init();
	notify_init();
	reclaim_shrink = dcache_shrink;
	aio_init();
	memdev_init();
	loop_init();
	tty_lines_init();
}
