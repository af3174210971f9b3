/*
 * landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2): argument checking. The
 * work is in fs/landlock.c.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "fs/files.h"
#include "fs/landlock.h"
#include "mm/usercopy.h"

long sys_landlock_create_ruleset(void __user *uattr, size_t size, unsigned long flags)
{
	struct landlock_ruleset_attr attr = { 0 };
	struct file *f;
	long err;

	flags = (u32)flags;
	if (flags)
		return flags == LANDLOCK_CREATE_RULESET_VERSION && !uattr && !size ? LANDLOCK_ABI :
										     -EINVAL;
	if (!uattr)
		return -EFAULT;
	if (size < sizeof(attr.handled_access_fs))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&attr, sizeof(attr), uattr, size);
	if (err)
		return err;
	if ((attr.handled_access_fs & ~LANDLOCK_FS_ALL) ||
	    (attr.handled_access_net & ~LANDLOCK_NET_ALL) || (attr.scoped & ~LANDLOCK_SCOPE_ALL))
		return -EINVAL;
	if (!attr.handled_access_fs && !attr.handled_access_net && !attr.scoped)
		return -ENOMSG;
	f = landlock_ruleset_file(&attr);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, O_CLOEXEC);
}

static struct file *ruleset_get(int fd)
{
	struct file *f = fd_get(fd);

	if (!f)
		return ERR_PTR(-EBADF);
	if (landlock_is_ruleset(f))
		return f;
	file_put(f);
	return ERR_PTR(-EBADFD);
}

static long add_rule(struct file *f, int type, const void __user *uattr)
{
	struct landlock_path_beneath_attr path;
	struct landlock_net_port_attr port;

	switch (type) {
	case LANDLOCK_RULE_PATH_BENEATH:
		if (copy_from_user(&path, uattr, sizeof(path)))
			return -EFAULT;
		return landlock_add_path(f, path.allowed_access, path.parent_fd);
	case LANDLOCK_RULE_NET_PORT:
		if (copy_from_user(&port, uattr, sizeof(port)))
			return -EFAULT;
		return landlock_add_port(f, port.allowed_access, port.port);
	default:
		return -EINVAL;
	}
}

long sys_landlock_add_rule(int fd, int type, void __user *uattr, unsigned long flags)
{
	struct file *f;
	long ret;

	if ((u32)flags)
		return -EINVAL;
	f = ruleset_get(fd);
	if (IS_ERR(f))
		return PTR_ERR(f);
	ret = add_rule(f, type, uattr);
	file_put(f);
	return ret;
}

long sys_landlock_restrict_self(int fd, unsigned long flags)
{
	struct file *f;
	long ret;

	if (!current->no_new_privs && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if ((u32)flags)
		return -EINVAL;
	f = ruleset_get(fd);
	if (IS_ERR(f))
		return PTR_ERR(f);
	ret = landlock_restrict(f);
	file_put(f);
	return ret;
}
