/*
 * Mounts: which file system hangs where. The tree and its hash are read under
 * RCU by the path walk and written under mount_mutex (sleeping) with
 * mount_lock around each change. What is taken off the tree loses its last
 * reference after the mutex is let go, and its memory after a grace period that
 * nobody waits for.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/wait.h"
#include "fs/epoll.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/landlock.h"
#include "fs/memfd.h"
#include "fs/nsfs.h"
#include "fs/pipe.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"

#define MOUNT_HASH_BITS 9

static spinlock_t mount_lock = SPINLOCK_INIT(RANK_MOUNT, "mount");
static struct mutex mount_mutex = MUTEX_INIT(mount_mutex); /* one change at a time */
static struct hlist_head hash[1 << MOUNT_HASH_BITS]; /* [M] */
static struct list_head all = LIST_HEAD_INIT(all); /* [M] in mount order */
static struct list_head supers = LIST_HEAD_INIT(supers); /* [M] */
static int next_id = 1; /* [M] */
static int nr_mounts; /* [M] in `all` */
int mount_max = 100000; /* Linux's */
struct waitq mounts_wait = WAITQ_INIT(mounts_wait);
unsigned mounts_changes;
static atomic_long_t next_anon_dev;
struct path init_root;

extern const struct file_system *const __file_systems_start[], *const __file_systems_end[];

static void mounts_changed(void)
{
	WRITE_ONCE(mounts_changes, mounts_changes + 1);
	wake_up_all(&mounts_wait);
}

static const struct file_system *fs_find(const char *name)
{
	for (const struct file_system *const *f = __file_systems_start; f < __file_systems_end; f++)
		if (str_equal((*f)->name, name))
			return *f;
	return NULL;
}

void fs_for_each(void (*fn)(const struct file_system *fs, void *arg), void *arg)
{
	for (const struct file_system *const *f = __file_systems_start; f < __file_systems_end; f++)
		fn(*f, arg);
}

struct super *super_alloc(const struct file_system *fs, const struct super_ops *ops, void *priv)
{
	struct super *sb = kzalloc(sizeof(*sb), 0);

	if (!sb)
		return NULL;
	atomic_set(&sb->refs, 1);
	sb->fs = fs;
	sb->ops = ops;
	sb->priv = priv;
	sb->dev = MKDEV(0, (u32)atomic_long_inc_return(&next_anon_dev));
	mutex_init(&sb->rename_mutex);
	waitq_init(&sb->idle);
	spin_lock(&mount_lock);
	list_add_tail(&sb->link, &supers);
	spin_unlock(&mount_lock);
	return sb;
}

static bool no_inodes(void *arg)
{
	struct super *sb = arg;

	return atomic_long_read(&sb->inodes) == 0;
}

static void super_free_rcu(struct rcu_head *h)
{
	kfree(container_of(h, struct super, rcu));
}

void super_put(struct super *sb)
{
	if (!atomic_dec_and_test(&sb->refs))
		return;
	spin_lock(&mount_lock);
	list_del(&sb->link);
	spin_unlock(&mount_lock);
	if (sb->root) {
		dcache_drop_super(sb);
		d_put(sb->root);
	}
	if (sb->ops->let_go)
		sb->ops->let_go(sb);
	/* Another hart may still be at an inode that it put last, and ask sb->ops about it. */
	wait_until(&sb->idle, no_inodes, sb, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
	if (sb->ops->unmount)
		sb->ops->unmount(sb);
	call_rcu(&sb->rcu, super_free_rcu); /* the path walk looks at its flags */
}

static struct hlist_head *bucket(const struct mount *parent, const struct dentry *d)
{
	return &hash[hash_index(hash_mix(hash_ptr(parent), (u64)d), MOUNT_HASH_BITS)];
}

struct mount *mount_lookup_rcu(struct mount *parent, struct dentry *d)
{
	struct mount *m;

	if (d == parent->root) {
		m = READ_ONCE(READ_ONCE(parent->base)->top);
		return m != parent ? m : NULL;
	}
	hlist_for_each_entry(m, bucket(parent, d), hash_link)
		if (m->parent == parent && m->mountpoint == d)
			return READ_ONCE(m->top);
	return NULL;
}

static void mount_free_rcu(struct rcu_head *h)
{
	struct mount *m = container_of(h, struct mount, rcu);

	kfree(m->devname);
	kfree(m);
}

void mount_put(struct mount *m)
{
	int expiring = READ_ONCE(m->expiring);

	if (unlikely(expiring))
		WRITE_ONCE(m->expiring, expiring - 1);
	if (!atomic_dec_and_test(&m->refs))
		return;
	d_put(m->root);
	super_put(m->sb);
	call_rcu(&m->rcu, mount_free_rcu);
}

struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname, u64 flags)
{
	struct mount *m = kzalloc(sizeof(*m), 0);

	if (!m)
		return NULL;
	m->devname = kstrdup(devname ? devname : "none");
	if (!m->devname) {
		kfree(m);
		return NULL;
	}
	atomic_set(&m->refs, 1);
	atomic_inc(&sb->refs);
	m->sb = sb;
	m->root = d_get(root);
	m->parent = m->base = m->top = m;
	m->mountpoint = m->root;
	m->flags = flags;
	list_init(&m->link);
	list_init(&m->children);
	list_init(&m->sibling);
	return m;
}

/*
 * Hangs m on a place, or (NULL) makes it the first. 0; -EINVAL, -ENOENT: the place is gone
 * meanwhile; -ENOSPC. mount_mutex held.
 */
static int attach(struct mount *m, const struct path *on)
{
	int err;

	if (nr_mounts >= mount_max)
		return -ENOSPC;
	if (on) {
		if (list_empty(&on->mnt->link)) /* detached, or never anywhere (pipes) */
			return -EINVAL;
		err = d_set_mounted(on->dentry, true);
		if (err)
			return err;
	}
	spin_lock(&mount_lock);
	if (on) {
		path_get(on);
		m->parent = on->mnt;
		m->mountpoint = on->dentry;
		list_add_tail(&m->sibling, &on->mnt->children);
		if (on->dentry == on->mnt->root) {
			m->base = on->mnt->base;
			__atomic_store_n(&m->base->top, m, __ATOMIC_RELEASE);
		} else {
			hlist_add_head(&m->hash_link, bucket(on->mnt, on->dentry));
		}
	}
	m->id = next_id++;
	list_add_tail(&m->link, &all);
	nr_mounts++;
	spin_unlock(&mount_lock);
	mounts_changed();
	return 0;
}

/*
 * Takes m, which has no children, off the tree; mount_mutex held. Its references from the tree go,
 * but for the last one: m is added to *dead for put_all.
 */
static void detach(struct mount *m, struct list_head *dead)
{
	struct path on = { m->parent, m->mountpoint };

	spin_lock(&mount_lock);
	if (m->base == m) {
		hlist_del(&m->hash_link);
	} else {
		WRITE_ONCE(m->base->top, m->parent);
		WRITE_ONCE(m->base, m);
	}
	list_del(&m->sibling);
	list_del_init(&m->link);
	nr_mounts--;
	/* before mountpoint: step_dotdot reads them the other way round */
	WRITE_ONCE(m->parent, m);
	__atomic_store_n(&m->mountpoint, m->root, __ATOMIC_RELEASE);
	spin_unlock(&mount_lock);
	d_set_mounted(on.dentry, false);
	mounts_changed();
	path_put(&on);
	list_add_tail(&m->sibling, dead);
}

/* m and all that is mounted somewhere below it, leaves first. mount_mutex held. */
static void detach_tree(struct mount *m, struct list_head *dead)
{
	struct mount *leaf = m, *parent;

	for (;;) {
		while (!list_empty(&leaf->children))
			leaf = list_first_entry(&leaf->children, struct mount, sibling);
		parent = leaf->parent;
		detach(leaf, dead);
		if (leaf == m)
			return;
		leaf = parent;
		cond_resched();
	}
}

/* Lets go of what was detached: a file system may end. No lock held. */
static void put_all(struct list_head *dead)
{
	struct mount *m, *n;

	list_for_each_entry_safe(m, n, dead, sibling) {
		mount_put(m);
		cond_resched();
	}
}

/* The super of a FS_SINGLE type, if it is mounted already: referenced. */
static struct super *single_super(const struct file_system *fs)
{
	struct super *sb;

	spin_lock(&mount_lock);
	list_for_each_entry(sb, &supers, link) {
		if (sb->fs == fs && sb->root && atomic_inc_not_zero(&sb->refs)) {
			spin_unlock(&mount_lock);
			return sb;
		}
	}
	spin_unlock(&mount_lock);
	return NULL;
}

/* A mount of a file system, not attached yet. ERR_PTR. */
static struct mount *make_mount(const char *source, const char *fstype, u64 flags, const char *data)
{
	const struct file_system *fs = fs_find(fstype);
	struct super *sb;
	struct mount *m;

	if (!fs)
		return ERR_PTR(-ENODEV);
	sb = fs->flags & FS_SINGLE ? single_super(fs) : NULL;
	if (!sb)
		sb = fs->mount(fs, source, flags, data);
	if (IS_ERR(sb))
		return ERR_CAST(sb);
	m = mount_alloc(sb, sb->root, source, flags);
	super_put(sb);
	return m ? m : ERR_PTR(-ENOMEM);
}

#define MNT_FLAGS \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME)

static int bind(const char *source, const struct path *on)
{
	struct path from;
	struct mount *m;
	int err = path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from);

	if (err)
		return err;
	if (S_ISDIR(from.dentry->inode->mode) != S_ISDIR(on->dentry->inode->mode)) {
		err = -ENOTDIR;
		goto out;
	}
	m = mount_alloc(from.mnt->sb, from.dentry, from.mnt->devname, from.mnt->flags);
	if (!m) {
		err = -ENOMEM;
		goto out;
	}
	err = attach(m, on);
	if (err)
		mount_put(m);
out:
	path_put(&from);
	return err;
}

/* A new file system on a place. mount_mutex held. */
static int mount_new(const char *source, const struct path *on, const char *fstype, u64 flags,
		     const char *data)
{
	struct mount *m = make_mount(source, fstype, flags & MNT_FLAGS, data);
	int err;

	if (IS_ERR(m))
		return (int)PTR_ERR(m);
	if (on->dentry == on->mnt->root && on->mnt->sb == m->sb)
		err = -EBUSY;
	else if (S_ISDIR(on->dentry->inode->mode) != S_ISDIR(m->root->inode->mode))
		err = -ENOTDIR;
	else
		err = attach(m, on);
	if (err)
		mount_put(m);
	return err;
}

int vfs_mount(const char *source, const struct path *place, const char *fstype, u64 flags,
	      const char *data)
{
	struct path here = *place, *on = &here;
	int err = landlock_may_mount();

	if (err)
		return err;
	/* The links of /proc that jump are none to mount on: they come and go. */
	if (S_ISLNK(place->dentry->inode->mode) && place->dentry->inode->ops->follow)
		return -ENOENT;

	path_get(on);
	mutex_lock(&mount_mutex);
	if (!(flags & MS_REMOUNT))
		path_cross(on); /* something may have come over it */
	if (flags & MS_REMOUNT) {
		if (on->dentry != on->mnt->root)
			err = -EINVAL;
		else
			WRITE_ONCE(on->mnt->flags, flags & MNT_FLAGS);
	} else if (flags & MS_BIND) {
		err = source ? bind(source, on) : -EINVAL;
	} else if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) {
		err = flags & (MS_SHARED | MS_SLAVE) ? -EINVAL :
						       0; /* every mount here is private */
	} else if (flags & MS_MOVE) {
		err = -EINVAL;
	} else if (!fstype) {
		err = -EINVAL;
	} else {
		err = mount_new(source, on, fstype, flags, data);
	}
	mutex_unlock(&mount_mutex);
	path_put(on);
	return err;
}

int vfs_umount(const struct path *p, int flags)
{
	struct list_head dead = LIST_HEAD_INIT(dead);
	struct mount *m = p->mnt;
	int err = landlock_may_mount();

	if (err)
		return err;
	mutex_lock(&mount_mutex);
	if (p->dentry != m->root || m->parent == m) {
		err = -EINVAL;
	} else if (!(flags & MNT_DETACH) &&
		   /* one reference from the tree, one from p */
		   (!list_empty(&m->children) || atomic_read(&m->refs) > 2)) {
		err = -EBUSY;
	} else if ((flags & MNT_EXPIRE) && !m->expiring) {
		m->expiring = 2;
		err = -EAGAIN;
	} else {
		if (m->sb->ops->sync)
			m->sb->ops->sync(m->sb);
		detach_tree(m, &dead);
	}
	mutex_unlock(&mount_mutex);
	put_all(&dead);
	return err;
}

void mounts_for_each(int from, bool (*fn)(struct mount *m, void *arg), void *arg)
{
	struct mount *m;

	mutex_lock(&mount_mutex);
	list_for_each_entry(m, &all, link)
		if (m->id >= from && !fn(m, arg))
			break;
	mutex_unlock(&mount_mutex);
}

void fs_sync_all(void)
{
	struct mount *m;

	mutex_lock(&mount_mutex);
	list_for_each_entry(m, &all, link)
		if (m->sb->ops->sync)
			m->sb->ops->sync(m->sb);
	mutex_unlock(&mount_mutex);
}

struct mount *mount_kernel(const char *fstype)
{
	struct mount *m = make_mount(NULL, fstype, 0, NULL);

	if (!IS_ERR(m))
		m->id = -1;
	return m;
}

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

int mount_root(void)
{
	struct block_device *bd = root_disk();
	struct mount *m = make_mount(bd ? bd->name : NULL, "tarfs", 0, "initrd");

	if (IS_ERR(m))
		panic("no root file system: the archive%s%s can't be mounted (error %ld)",
		      bd ? " on " : "", bd ? bd->name : "", -PTR_ERR(m));
	attach(m, NULL);
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
	reclaim_shrink = dcache_shrink;
	memdev_init();
	tty_lines_init();
}
