/*
 * Files by number: name_to_handle_at(2), open_by_handle_at(2). Argument checking; fs/handle.c knows
 * the files.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/task.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/handle.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define MAX_HANDLE_SZ 128
#define NO_HANDLE     255 /* handle_type of one that there was no room for */

struct handle_head { /* struct file_handle but for its bytes */
	u32 bytes;
	s32 type;
};

static long put_handle(void __user *uhandle, u32 room, const struct fid *fid)
{
	struct handle_head h = { fid->bytes, fid->type };
	bool fits = fid->bytes <= room;

	if (!fits)
		h.type = NO_HANDLE;
	if (copy_to_user(uhandle, &h, sizeof(h)) ||
	    (fits && copy_to_user((char __user *)uhandle + sizeof(h), fid->data, fid->bytes)))
		return -EFAULT;
	return fits ? 0 : -EOVERFLOW;
}

static long name_to_handle(const struct path *p, void __user *uhandle, void __user *umount_id,
			   unsigned long flags)
{
	struct handle_head h;
	struct fid fid;
	long err;

	if (!(flags & AT_HANDLE_FID) && !(p->dentry->sb->fs->flags & FS_HANDLES))
		return -EOPNOTSUPP;
	if (copy_from_user(&h, uhandle, sizeof(h)))
		return -EFAULT;
	if (h.bytes > MAX_HANDLE_SZ)
		return -EINVAL;
	err = flags & AT_HANDLE_FID ? inode_fid(p->dentry->inode, &fid) :
				      dentry_fid(p->dentry, &fid);
	if (err)
		return err;
	if (flags & AT_HANDLE_MNT_ID_UNIQUE ? put_user_u64(MOUNT_ID_BASE + p->mnt->id, umount_id) :
					      put_user_u32((u32)mount_id(p->mnt), umount_id))
		return -EFAULT;
	return put_handle(uhandle, h.bytes, &fid);
}

long sys_name_to_handle_at(int dfd, const char __user *upath, void __user *uhandle,
			   void __user *umount_id, unsigned long flags)
{
	struct path p;
	long err;

	flags = (u32)flags;
	if (flags & ~(unsigned long)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | AT_HANDLE_FID |
				     AT_HANDLE_MNT_ID_UNIQUE))
		return -EINVAL;
	err = user_path(dfd, upath,
			(flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
				(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			&p);
	if (err)
		return err;
	err = name_to_handle(&p, uhandle, umount_id, flags);
	path_put(&p);
	return err;
}

/* The file of a user's handle, on the mount. */
static int handle_to_path(struct mount *m, const void __user *uhandle, struct path *out)
{
	struct handle_head h;
	struct fid fid = { .type = 0 };

	if (!ns_capable(m->sb->user, CAP_DAC_READ_SEARCH))
		return -EPERM;
	if (copy_from_user(&h, uhandle, sizeof(h)))
		return -EFAULT;
	if (!h.bytes || h.bytes > MAX_HANDLE_SZ)
		return -EINVAL;
	fid.bytes = (u8)min(h.bytes, (u32)sizeof(fid.data));
	if (copy_from_user(fid.data, (const char __user *)uhandle + sizeof(h), fid.bytes))
		return -EFAULT;
	if (h.type < 0 || h.type >= NO_HANDLE || !(m->sb->fs->flags & FS_HANDLES))
		return -ESTALE;
	fid.type = (u8)h.type;
	return fid_path(m, &fid, out);
}

long sys_open_by_handle_at(int mount_fd, void __user *uhandle, int flags)
{
	struct path at, p;
	struct file *f;
	int err;

	if (mount_fd == AT_FDCWD) {
		fs_ctx_cwd(&at);
	} else {
		f = fd_get(mount_fd);
		if (!f)
			return -EBADF;
		at = f->path;
		path_get(&at);
		file_put(f);
	}
	err = handle_to_path(at.mnt, uhandle, &p);
	path_put(&at);
	if (err)
		return err;
	if (flags & (O_CREAT | __O_TMPFILE))
		f = ERR_PTR(-EINVAL);
	else if ((flags & O_DIRECTORY) && !S_ISDIR(p.dentry->inode->mode))
		f = ERR_PTR(-ENOTDIR);
	else
		f = file_open_path(&p, (flags & ~(O_EXCL | O_CLOEXEC)) | O_LARGEFILE);
	path_put(&p);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, (u32)flags & O_CLOEXEC);
}
