/*
 * Extended attributes: setxattr(2), getxattr(2), listxattr(2), removexattr(2). The rules are in
 * fs/xattr.c.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/limits.h>

#include "alloc/slab.h"
#include "fs/files.h"
#include "fs/xattr.h"
#include "mm/usercopy.h"

/* Where the attribute is: by name (following links or not), or of an open file. */
struct where {
	const char __user *upath; /* NULL: fd */
	int fd;
	bool follow;
};

static int find(const struct where *w, struct path *p)
{
	struct file *f;

	if (w->upath || w->fd < 0)
		return user_path(AT_FDCWD, w->upath, w->follow ? LOOKUP_FOLLOW : 0, p);
	f = fd_get(w->fd);
	if (!f)
		return -EBADF;
	*p = f->path;
	path_get(p);
	file_put(f);
	return 0;
}

/* What changes attributes looks at its other arguments before the name of a file, but behind a descriptor. */
static bool is_open(int fd)
{
	struct file *f = fd_get(fd);

	if (f)
		file_put(f);
	return f;
}

static int copy_name(char name[XATTR_NAME_MAX + 1], const char __user *uname)
{
	ssize_t n = strncpy_from_user(name, uname, XATTR_NAME_MAX + 1);

	if (n == 0 || n == -ENAMETOOLONG)
		return -ERANGE;
	return n < 0 ? (int)n : 0;
}

static long do_set(const struct where *w, const char __user *uname, const void __user *uvalue,
		   size_t size, int flags)
{
	char name[XATTR_NAME_MAX + 1];
	struct path p;
	void *value = NULL;
	long ret;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	ret = copy_name(name, uname);
	if (ret)
		return ret;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (size) {
		value = memdup_user(uvalue, size);
		if (IS_ERR(value))
			return PTR_ERR(value);
	}
	ret = find(w, &p);
	if (!ret) {
		ret = vfs_setxattr(&p, name, value, size, flags);
		path_put(&p);
	}
	kfree(value);
	return ret;
}

/* The buffer of a get or list: n is cut to the limit, and asking for the size needs none. */
static int make_buffer(size_t *n, size_t limit, char **buf)
{
	*buf = NULL;
	*n = min(*n, limit);
	if (!*n)
		return 0;
	*buf = kzalloc(*n, 0);
	return *buf ? 0 : -ENOMEM;
}

static long do_get(const struct where *w, const char __user *uname, void __user *uvalue,
		   size_t size)
{
	char name[XATTR_NAME_MAX + 1], *buf = NULL;
	struct path p;
	long ret = find(w, &p);

	if (ret)
		return ret;
	ret = copy_name(name, uname);
	if (!ret)
		ret = make_buffer(&size, XATTR_SIZE_MAX, &buf);
	if (!ret)
		ret = vfs_getxattr(&p, name, buf, size);
	path_put(&p);
	if (ret > 0 && size && copy_to_user(uvalue, buf, (size_t)ret))
		ret = -EFAULT;
	kfree(buf);
	return ret;
}

static long do_list(const struct where *w, void __user *ulist, size_t size)
{
	struct path p;
	char *buf;
	long ret = make_buffer(&size, XATTR_LIST_MAX, &buf);

	if (ret)
		return ret;
	ret = find(w, &p);
	if (!ret) {
		ret = vfs_listxattr(&p, buf, size);
		path_put(&p);
	}
	if (ret > 0 && size && copy_to_user(ulist, buf, (size_t)ret))
		ret = -EFAULT;
	kfree(buf);
	return ret;
}

static long do_remove(const struct where *w, const char __user *uname)
{
	char name[XATTR_NAME_MAX + 1];
	struct path p;
	long ret = copy_name(name, uname);

	if (ret)
		return ret;
	ret = find(w, &p);
	if (!ret) {
		ret = vfs_removexattr(&p, name);
		path_put(&p);
	}
	return ret;
}

long sys_setxattr(const char __user *path, const char __user *name, const void __user *v, size_t n,
		  int flags)
{
	return do_set(&(struct where){ path, -1, true }, name, v, n, flags);
}

long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *v, size_t n,
		   int flags)
{
	return do_set(&(struct where){ path, -1, false }, name, v, n, flags);
}

long sys_fsetxattr(int fd, const char __user *name, const void __user *v, size_t n, int flags)
{
	return !is_open(fd) ? -EBADF :
			      do_set(&(struct where){ NULL, fd, false }, name, v, n, flags);
}

long sys_getxattr(const char __user *path, const char __user *name, void __user *v, size_t n)
{
	return do_get(&(struct where){ path, -1, true }, name, v, n);
}

long sys_lgetxattr(const char __user *path, const char __user *name, void __user *v, size_t n)
{
	return do_get(&(struct where){ path, -1, false }, name, v, n);
}

long sys_fgetxattr(int fd, const char __user *name, void __user *v, size_t n)
{
	return fd < 0 ? -EBADF : do_get(&(struct where){ NULL, fd, false }, name, v, n);
}

long sys_listxattr(const char __user *path, void __user *list, size_t n)
{
	return do_list(&(struct where){ path, -1, true }, list, n);
}

long sys_llistxattr(const char __user *path, void __user *list, size_t n)
{
	return do_list(&(struct where){ path, -1, false }, list, n);
}

long sys_flistxattr(int fd, void __user *list, size_t n)
{
	return fd < 0 ? -EBADF : do_list(&(struct where){ NULL, fd, false }, list, n);
}

long sys_removexattr(const char __user *path, const char __user *name)
{
	return do_remove(&(struct where){ path, -1, true }, name);
}

long sys_lremovexattr(const char __user *path, const char __user *name)
{
	return do_remove(&(struct where){ path, -1, false }, name);
}

long sys_fremovexattr(int fd, const char __user *name)
{
	return !is_open(fd) ? -EBADF : do_remove(&(struct where){ NULL, fd, false }, name);
}
