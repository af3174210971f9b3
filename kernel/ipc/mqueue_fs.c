/*
 * The file system "mqueue": the names of POSIX message queues, mq_overview(7). There is one a
 * namespace, which
 * exists before anybody mounts it (on /dev/mqueue), for mq_open(2) needs no mount. Its folder is
 * memfs's; only regular files are made in it, each a queue.
 *
 * Locks: the folder's rwsem; the number of queues is atomic.
 */
#include "ipc/mqueue.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/resource.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "fs/internal.h"
#include "ipc/ids.h"
#include "ipc/mqueue_room.h"
#include "lib/string.h"
#include "sync/log.h"

#define MQUEUE_MAGIC 0x19800202
#define FILE_SIZE    80 /* of a queue and of a name, as stat(2) tells */
#define NAME_SIZE    20
/* What Linux counts against RLIMIT_MSGQUEUE besides the bytes: see getrlimit(2). */
#define PER_MESSAGE  48
#define PER_PRIORITY 48

static struct inode_ops mq_dir_ops; /* [boot] */
static const struct inode_ops mq_file_ops = { .lookup = NULL };
static atomic_long_t mq_queues; /* [a] that exist, of all namespaces */

/* mq_open(3)'s limits: -EINVAL; -EMFILE past RLIMIT_MSGQUEUE. Charges q. */
static int set_limits(struct mq_queue *q, const struct mq_attr *attr)
{
	bool free_choice = capable(CAP_SYS_RESOURCE);
	u64 extra;

	q->maxmsg = min(READ_ONCE(ipc_ns()->mq_msg_max), READ_ONCE(ipc_ns()->mq_msg_default));
	q->msgsize =
		min(READ_ONCE(ipc_ns()->mq_msgsize_max), READ_ONCE(ipc_ns()->mq_msgsize_default));
	if (attr) {
		q->maxmsg = attr->mq_maxmsg;
		q->msgsize = attr->mq_msgsize;
	}
	if (q->maxmsg <= 0 || q->msgsize <= 0 ||
	    q->maxmsg > (free_choice ? MQ_MSG_HARD : READ_ONCE(ipc_ns()->mq_msg_max)) ||
	    q->msgsize > (free_choice ? MQ_MSGSIZE_HARD : READ_ONCE(ipc_ns()->mq_msgsize_max)))
		return -EINVAL;
	extra = (u64)q->maxmsg * PER_MESSAGE + min((u64)q->maxmsg, MQ_PRIO_MAX) * PER_PRIORITY;
	q->uid = current->cred->uid;
	if (!user_charge_n(q->uid, USER_MQ_BYTES, (u64)q->maxmsg * (u64)q->msgsize + extra,
			   rlimit_get(RLIMIT_MSGQUEUE)))
		return -EMFILE;
	q->charge = (u64)q->maxmsg * (u64)q->msgsize + extra;
	return 0;
}

/* A queue under the negative d. dir's rwsem is held for writing. */
static int make(struct inode *dir, struct dentry *d, u32 mode, const struct mq_attr *attr)
{
	struct mq_queue *q;
	struct inode *i;
	int err;

	if (atomic_long_read(&mq_queues) >= READ_ONCE(ipc_ns()->mq_queues_max) &&
	    !capable(CAP_SYS_RESOURCE))
		return -ENOSPC;
	q = kzalloc(sizeof(*q), 0);
	if (!q)
		return -ENOMEM;
	mq_queue_init(q);
	err = set_limits(q, attr);
	if (err) {
		kfree(q);
		return err;
	}
	i = inode_alloc(dir->sb);
	if (!i) {
		mq_queue_free(q);
		return -ENOMEM;
	}
	inode_init_owner(i, NULL, S_IFREG | (mode & 07777));
	i->ops = &mq_file_ops;
	i->fops = &mq_fops;
	i->pages.size = FILE_SIZE;
	i->priv = q;
	atomic_long_inc(&mq_queues);
	err = memdir_add(dir->priv, d->name, d->len, i);
	if (err) {
		inode_put(i);
		return err;
	}
	dir->pages.size += NAME_SIZE;
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	d_instantiate(d, i);
	return 0;
}

static int make_file(struct inode *dir, struct dentry *d, u32 mode, u64 rdev __unused,
		     const char *target __unused)
{
	return S_ISREG(mode) ? make(dir, d, mode, NULL) : -EPERM;
}

static int unlink(struct inode *dir, struct dentry *d)
{
	int err = memfs_dir_ops.unlink(dir, d);

	if (!err)
		dir->pages.size -= NAME_SIZE;
	return err;
}

static void evict(struct inode *i)
{
	if (S_ISDIR(i->mode)) {
		memfs_evict(i);
		return;
	}
	mq_queue_free(i->priv);
	atomic_long_dec(&mq_queues);
}

static int mq_statfs(struct super *sb __unused, struct statfs *st)
{
	st->f_type = MQUEUE_MAGIC;
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	return 0;
}

static const struct super_ops mq_super_ops = { .evict_inode = evict, .statfs = mq_statfs };

static struct super *new_super(const struct file_system *fs)
{
	struct super *sb = memfs_super(fs, &mq_super_ops, 01777);

	if (!IS_ERR(sb)) {
		sb->root->inode->ops = &mq_dir_ops;
		sb->root->inode->pages.size = 2 * NAME_SIZE;
	}
	return sb;
}

/* What is mounted is current's namespace's. */
static struct super *mq_make_super(const struct file_system *fs __unused,
				   const char *source __unused, u64 flags __unused,
				   const char *data __unused)
{
	struct super *sb = ipc_ns()->mq_mount->sb;

	atomic_inc(&sb->refs);
	return sb;
}

static struct user_ns *mq_owner(void)
{
	return ipc_ns()->ns.owner;
}

static const struct file_system mqueue_type = {
	.name = "mqueue",
	.flags = FS_NODEV | FS_NOEXEC | FS_USERNS,
	.mount = mq_make_super,
	.owner = mq_owner,
};
FILE_SYSTEM(mqueue_type);

int mq_ns_init(struct ipc_ns *n)
{
	struct super *sb;

	n->mq_queues_max = 256;
	n->mq_msg_max = n->mq_msg_default = 10;
	n->mq_msgsize_max = n->mq_msgsize_default = 8192;
	mq_dir_ops = (struct inode_ops){ .lookup = memfs_dir_ops.lookup,
					 .make = make_file,
					 .unlink = unlink };
	sb = new_super(&mqueue_type);
	if (IS_ERR(sb))
		return (int)PTR_ERR(sb);
	n->mq_mount = mount_alloc(sb, sb->root, mqueue_type.name, 0);
	super_put(sb);
	if (!n->mq_mount)
		return -ENOMEM;
	n->mq_mount->id = -1;
	return 0;
}

void mq_ns_exit(struct ipc_ns *n)
{
	mount_put(n->mq_mount);
}

/* ---- by name ---- */

/* A name is one component, and the folder is searched for it. */
static int check_name(const char *name)
{
	if (strchr(name, '/') || str_equal(name, ".") || str_equal(name, ".."))
		return -EACCES;
	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	return inode_permission(ipc_ns()->mq_mount, ipc_ns()->mq_mount->root->inode, MAY_EXEC);
}

/* d is what the name stands for; it is made, or may be opened. The folder is locked. */
static int find_or_make(struct dentry *d, int flags, u32 mode, const struct mq_attr *attr)
{
	static const int access[] = {
		[O_RDONLY] = MAY_READ, [O_WRONLY] = MAY_WRITE, [O_RDWR] = MAY_READ | MAY_WRITE
	};
	struct inode *dir = ipc_ns()->mq_mount->root->inode;
	int err;

	if (!d->inode) {
		if (!(flags & O_CREAT))
			return -ENOENT;
		err = inode_permission(ipc_ns()->mq_mount, dir, MAY_WRITE | MAY_EXEC);
		return err ? err : make(dir, d, mode, attr);
	}
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission(ipc_ns()->mq_mount, d->inode, access[flags & O_ACCMODE]);
}

static struct file *open_dentry(struct dentry *d, int flags)
{
	static const u32 modes[] = { [O_RDONLY] = FMODE_READ,
				     [O_WRONLY] = FMODE_WRITE,
				     [O_RDWR] = FMODE_READ | FMODE_WRITE,
				     [O_ACCMODE] = 0 };
	u32 fmode = modes[flags & O_ACCMODE];
	struct path p = { ipc_ns()->mq_mount, d };
	struct file *f;
	int err;

	if (flags & O_PATH)
		return file_open_path(&p, flags);
	err = fmode & FMODE_WRITE ? inode_get_write(d->inode) : 0;
	if (err)
		return ERR_PTR(err);
	f = file_alloc(&p, fmode | FMODE_PREAD,
		       (u32)flags & ~(u32)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC),
		       &mq_fops);
	if (IS_ERR(f) && (fmode & FMODE_WRITE))
		inode_put_write(d->inode);
	return f;
}

struct file *mq_open_file(const char *name, int flags, u32 mode, const struct mq_attr *attr)
{
	struct dentry *root = ipc_ns()->mq_mount->root, *d;
	struct file *f;
	int err = check_name(name);

	if (err)
		return ERR_PTR(err);
	rwsem_write_lock(&root->inode->rwsem);
	d = dir_lookup_locked(root, name, strlen(name));
	err = IS_ERR(d) ? (int)PTR_ERR(d) : find_or_make(d, flags, mode, attr);
	rwsem_write_unlock(&root->inode->rwsem);
	f = err ? ERR_PTR(err) : open_dentry(d, flags);
	if (!IS_ERR(d))
		d_put(d);
	return f;
}

int mq_unlink_name(const char *name)
{
	const struct path dir = { ipc_ns()->mq_mount, ipc_ns()->mq_mount->root };
	int err = check_name(name);

	return err ? err : vfs_remove_at(&dir, name, strlen(name), false, false);
}
