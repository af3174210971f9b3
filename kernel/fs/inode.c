/*
 * Inodes: life, permissions, attributes. An inode lives while referenced (by
 * dentries and files); at the last reference the file system's evict_inode
 * frees what it hung on it, then its pages go, and after a grace period the
 * structure (path walk looks at modes under RCU).
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/acl.h"
#include "fs/fileattr.h"
#include "fs/fs.h"
#include "fs/handle.h"
#include "fs/internal.h"
#include "fs/notify.h"
#include "fs/xattr.h"
#include "fs/memfd.h"
#include "lib/string.h"

static struct slab_cache *inode_slab;

void inode_init(void)
{
	inode_slab = slab_create("inode", sizeof(struct inode), 64);
}

ktimespec now_ktimespec(void)
{
	u64 t = now_real();

	return (ktimespec){ .sec = (s64)(t / NSEC_PER_SEC), .nsec = (u32)(t % NSEC_PER_SEC) };
}

/*
 * glibc's and the kernel's 64-bit form: minor 7..0, major 11..0, minor 31..8, major 31..12
 * (makedev(3)).
 */
u64 dev_encode(u64 dev)
{
	u64 ma = DEV_MAJOR(dev), mi = DEV_MINOR(dev);

	return (mi & 0xff) | (ma & 0xfff) << 8 | (mi & ~0xffUL) << 12 | (ma & ~0xfffUL) << 32;
}

u64 dev_decode(u64 abi)
{
	u64 ma = (abi >> 8 & 0xfff) | (abi >> 32 & ~0xfffUL);
	u64 mi = (abi & 0xff) | (abi >> 12 & 0xffffff00UL);

	return MKDEV(ma, mi);
}

struct inode *inode_alloc(struct super *sb)
{
	struct inode *i = slab_zalloc(inode_slab);

	if (!i)
		return NULL;
	atomic_set(&i->refs, 1);
	i->sb = sb;
	i->nlink = 1;
	i->ino = (u64)atomic_long_inc_return(&sb->next_ino);
	atomic_long_inc(&sb->inodes);
	i->atime = i->mtime = i->ctime = i->btime = now_ktimespec();
	rwsem_init(&i->rwsem);
	spin_init(&i->lock, RANK_INODE, "inode");
	list_init(&i->sb_link);
	list_init(&i->dirty_link);
	vmobject_init(&i->pages, NULL, i, false);
	return i;
}

void inode_get(struct inode *i)
{
	atomic_inc(&i->refs);
}

static void free_rcu(struct rcu_head *h)
{
	struct inode *i = container_of(h, struct inode, rcu);

	if (unlikely(i->acl))
		acl_free(i);
	slab_free(inode_slab, i);
}

void inode_put(struct inode *i)
{
	struct super *sb;

	if (!i || !atomic_dec_and_test(&i->refs))
		return;
	sb = i->sb;
	if (unlikely(i->handle))
		handle_forget_inode(i);
	lock_inode_gone(i);
	notify_inode_gone(i);
	vmobject_destroy(&i->pages);
	if (!list_empty(&i->dirty_link))
		inode_undirty(i);
	if (sb->ops->evict_inode)
		sb->ops->evict_inode(i);
	call_rcu(&i->rcu, free_rcu);
	if (atomic_long_dec_and_test(&sb->inodes))
		wake_up_all(&sb->idle); /* sb stays for a grace period */
}

void inode_init_owner(struct inode *i, const struct inode *dir, u32 mode)
{
	const struct cred *c = current->cred;

	i->uid = c->fsuid;
	if (dir && (dir->mode & S_ISGID)) {
		i->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			 !cred_in_group(c, dir->gid) && !inode_capable(dir, CAP_FSETID))
			mode &= ~(u32)S_ISGID;
	} else {
		i->gid = c->fsgid;
	}
	i->mode = mode;
	if (dir && unlikely(dir->attr & INODE_INHERITS) && !S_ISLNK(mode))
		acl_inherit(i, (struct inode *)dir);
}

int generic_permission(struct inode *i, int mask)
{
	const struct cred *c = current->cred;
	u32 mode = READ_ONCE(i->mode);
	u32 bits;

	if (c->fsuid == i->uid)
		bits = mode >> 6;
	else if (unlikely(READ_ONCE(i->acl)) && (mode & 070))
		bits = acl_allows(i, mask) ? 7 : 0;
	else if (cred_in_group(c, i->gid))
		bits = mode >> 3;
	else
		bits = mode;
	if (((u32)mask & ~bits & 7) == 0)
		return 0;
	/*
	 * capabilities(7): CAP_DAC_OVERRIDE runs only what somebody may run; directories are
	 * searched and read.
	 */
	if (S_ISDIR(mode)) {
		if (inode_capable(i, CAP_DAC_OVERRIDE) ||
		    (!(mask & MAY_WRITE) && inode_capable(i, CAP_DAC_READ_SEARCH)))
			return 0;
		return -EACCES;
	}
	if ((!(mask & MAY_EXEC) || (mode & 0111)) && inode_capable(i, CAP_DAC_OVERRIDE))
		return 0;
	if (mask == MAY_READ && inode_capable(i, CAP_DAC_READ_SEARCH))
		return 0;
	return -EACCES;
}

int inode_permission(struct mount *m, struct inode *i, int mask)
{
	if ((mask & MAY_WRITE) && m && ((READ_ONCE(m->flags) | i->sb->flags) & MS_RDONLY) &&
	    (S_ISREG(i->mode) || S_ISDIR(i->mode) || S_ISLNK(i->mode)))
		return -EROFS;
	if ((mask & MAY_WRITE) && unlikely(READ_ONCE(i->attr) & FS_IMMUTABLE_FL))
		return -EPERM;
	return i->ops->permission ? i->ops->permission(i, mask) : generic_permission(i, mask);
}

bool inode_capable(const struct inode *i, int cap)
{
	return own_capable(cap) && ids_known(current_user_ns(), i->uid, i->gid);
}

int attrs_owner(struct attrs *a, u32 uid, u32 gid)
{
	*a = (struct attrs){ .uid = kuid_of(current_user_ns(), uid),
			     .gid = kgid_of(current_user_ns(), gid) };
	a->valid = (uid != NO_ID ? ATTR_UID : 0) | (gid != NO_ID ? ATTR_GID : 0);
	if ((uid != NO_ID && a->uid == NO_ID) || (gid != NO_ID && a->gid == NO_ID))
		return -EINVAL;
	return 0;
}

/* May current act as the owner of i? */
bool inode_owner_or_capable(const struct inode *i)
{
	return current->cred->fsuid == i->uid || inode_capable(i, CAP_FOWNER);
}

int generic_setattr(struct inode *i, const struct attrs *a)
{
	if (a->valid & ATTR_SIZE) {
		if (!S_ISREG(i->mode))
			return -EINVAL;
		vmobject_resize(&i->pages, a->size);
	}
	spin_lock(&i->lock);
	if (a->valid & ATTR_UID)
		i->uid = a->uid;
	if (a->valid & ATTR_GID)
		i->gid = a->gid;
	if (a->valid & ATTR_MODE)
		WRITE_ONCE(i->mode, (i->mode & S_IFMT) | (a->mode & 07777));
	if (a->valid & ATTR_ATIME)
		i->atime = a->atime;
	if (a->valid & ATTR_MTIME)
		i->mtime = a->mtime;
	if (a->valid & ATTR_CTIME)
		i->ctime = a->ctime;
	spin_unlock(&i->lock);
	return 0;
}

static void to_timespec(struct timespec *to, const ktimespec *t)
{
	to->tv_sec = t->sec;
	to->tv_nsec = t->nsec;
}

int generic_getattr(struct inode *i, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_dev = dev_encode(i->sb->dev);
	st->st_ino = i->ino;
	st->st_nlink = i->nlink;
	st->st_mode = i->mode;
	st->st_uid = uid_shown(current_user_ns(), i->uid);
	st->st_gid = gid_shown(current_user_ns(), i->gid);
	st->st_rdev = dev_encode(i->rdev);
	st->st_size = (long)inode_size(i);
	st->st_blksize = (int)inode_block_size(i);
	st->st_blocks =
		(long)((i->pages.pinned ? i->pages.nr_pages * PAGE_SIZE : inode_size(i)) + 511) /
		512;
	spin_lock(&i->lock);
	to_timespec(&st->st_atim, &i->atime);
	to_timespec(&st->st_mtim, &i->mtime);
	to_timespec(&st->st_ctim, &i->ctime);
	spin_unlock(&i->lock);
	return 0;
}

/* Checks of chmod(2), chown(2), truncate(2), utimensat(2) for the attributes asked for. */
static int may_change(struct path *p, struct attrs *a)
{
	struct inode *i = p->dentry->inode;
	const struct cred *c = current->cred;

	if (a->valid & ATTR_FORCE)
		return 0;
	if ((READ_ONCE(p->mnt->flags) | i->sb->flags) & MS_RDONLY)
		return -EROFS;
	if (inode_fixed(i) && ((a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID)) ||
			       ((a->valid & (ATTR_ATIME | ATTR_MTIME)) &&
				((i->attr & FS_IMMUTABLE_FL) ||
				 !((a->valid & ATTR_ATIME_NOW) && (a->valid & ATTR_MTIME_NOW))))))
		return -EPERM;
	if ((a->valid & ATTR_UID) && !(c->fsuid == i->uid && a->uid == i->uid) &&
	    !inode_capable(i, CAP_CHOWN))
		return -EPERM;
	if ((a->valid & ATTR_GID) &&
	    !(c->fsuid == i->uid && (a->gid == i->gid || cred_in_group(c, a->gid))) &&
	    !inode_capable(i, CAP_CHOWN))
		return -EPERM;
	if (a->valid & ATTR_MODE) {
		if (!inode_owner_or_capable(i))
			return -EPERM;
		if (!cred_in_group(c, a->valid & ATTR_GID ? a->gid : i->gid) &&
		    !inode_capable(i, CAP_FSETID))
			a->mode &= ~(u32)S_ISGID;
	}
	if (a->valid & (ATTR_ATIME | ATTR_MTIME)) {
		bool both_now = (a->valid & ATTR_ATIME_NOW) && (a->valid & ATTR_MTIME_NOW);

		if (!inode_owner_or_capable(i)) {
			if (!both_now)
				return -EPERM;
			return inode_permission(p->mnt, i, MAY_WRITE);
		}
	}
	return 0;
}

static void inode_drop_caps(struct inode *i)
{
	if (i->xattrs && i->ops->removexattr)
		i->ops->removexattr(i, FILE_CAPS);
}

int inode_change(struct path *p, struct attrs *a)
{
	struct inode *i = p->dentry->inode;
	ktimespec now = now_ktimespec();
	u32 asked = a->valid;
	int err;

	if (a->valid & ATTR_ATIME_NOW)
		a->atime = now;
	if (a->valid & ATTR_MTIME_NOW)
		a->mtime = now;
	if (!(a->valid & ATTR_CTIME)) {
		a->valid |= ATTR_CTIME;
		a->ctime = now;
	}
	rwsem_write_lock(&i->rwsem);
	err = may_change(p, a);
	if (!err && unlikely(i->seals))
		err = memfd_may_change(i, a);
	if (!err) {
		/* chown(2), truncate(2): set-id bits go when the owner or the contents change. */
		if ((a->valid & (ATTR_UID | ATTR_GID)) && !(a->valid & ATTR_MODE) &&
		    !S_ISDIR(i->mode)) {
			u32 kill = S_ISUID | ((i->mode & S_IXGRP) ? S_ISGID : 0);

			inode_drop_caps(i);
			if (i->mode & kill) {
				a->valid |= ATTR_MODE;
				a->mode = i->mode & ~kill & 07777;
			}
		}
		if (a->valid & ATTR_SIZE) {
			a->valid |= ATTR_MTIME;
			a->mtime = now;
		}
		err = i->ops->setattr ? i->ops->setattr(i, a) : generic_setattr(i, a);
		if (!err && (a->valid & ATTR_MODE) && unlikely(i->acl))
			acl_chmod(i);
	}
	rwsem_write_unlock(&i->rwsem);
	if (!err && notify_any())
		notify_changed(p->dentry, asked);
	return err;
}

void inode_drop_setid(struct inode *i)
{
	u32 kill = (i->mode & S_ISUID) |
		   ((i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) ? S_ISGID : 0);

	inode_drop_caps(i);
	if (!kill || !S_ISREG(i->mode) || capable(CAP_FSETID))
		return;
	WRITE_ONCE(i->mode, i->mode & ~kill);
}

static bool earlier(const ktimespec *a, const ktimespec *b)
{
	return a->sec != b->sec ? a->sec < b->sec : a->nsec < b->nsec;
}

void inode_touch(struct inode *i, u32 which)
{
	ktimespec now = now_ktimespec();

	spin_lock(&i->lock);
	if (which & ATTR_ATIME)
		i->atime = now;
	if (which & ATTR_MTIME)
		i->mtime = now;
	if (which & ATTR_CTIME)
		i->ctime = now;
	spin_unlock(&i->lock);
	if (i->ops->touched)
		i->ops->touched(i, which);
}

bool inode_access_due(const struct mount *m, const struct inode *i)
{
	u64 flags = READ_ONCE(m->flags) | i->sb->flags;

	if ((flags & (MS_RDONLY | MS_NOATIME)) || (i->attr & FS_NOATIME_FL) ||
	    ((flags & MS_NODIRATIME) && S_ISDIR(i->mode)))
		return false;
	/* relatime, as mount(8) has it: only if not newer than a change, or older than a day. */
	return !(flags & MS_RELATIME) || !earlier(&i->mtime, &i->atime) ||
	       !earlier(&i->ctime, &i->atime) ||
	       now_real() >= (u64)(i->atime.sec + 86400) * NSEC_PER_SEC;
}

void inode_accessed(const struct mount *m, struct inode *i)
{
	if (inode_access_due(m, i))
		inode_touch(i, ATTR_ATIME);
}

/* writers counts writers up and executions down, never both: ETXTBSY of execve(2) and open(2). */
int inode_deny_write(struct inode *i)
{
	int old = atomic_read(&i->writers);

	do {
		if (old > 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&i->writers, &old, old - 1));
	return 0;
}

void inode_allow_write(struct inode *i)
{
	atomic_inc(&i->writers);
}

int inode_get_write(struct inode *i)
{
	int old = atomic_read(&i->writers);

	do {
		if (old < 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&i->writers, &old, old + 1));
	return 0;
}

void inode_put_write(struct inode *i)
{
	atomic_dec(&i->writers);
}
