/*
 * mount.c - the system as a whole: mount(2) and the newer calls for file systems,
 * reboot(2), swapon(2), the kernel's log, accounting.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <sys/acct.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <unistd.h>

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data)
{
	return (int)RET(SC(__NR_mount, source, target, type, flags, data));
}

int umount2(const char *target, int flags)
{
	return (int)RET(SC(__NR_umount2, target, flags));
}

int fsopen(const char *type, unsigned int flags)
{
	return (int)RET(SC(__NR_fsopen, type, flags));
}

int fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux)
{
	return (int)RET(SC(__NR_fsconfig, fd, cmd, key, value, aux));
}

int fsmount(int fd, unsigned int flags, unsigned int attr)
{
	return (int)RET(SC(__NR_fsmount, fd, flags, attr));
}

int fspick(int dir, const char *path, unsigned int flags)
{
	return (int)RET(SC(__NR_fspick, dir, path, flags));
}

int open_tree(int dir, const char *path, unsigned int flags)
{
	return (int)RET(SC(__NR_open_tree, dir, path, flags));
}

int move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags)
{
	return (int)RET(SC(__NR_move_mount, from_dir, from, to_dir, to, flags));
}

int mount_setattr(int dir, const char *path, unsigned int flags, struct mount_attr *attr,
		  size_t size)
{
	return (int)RET(SC(__NR_mount_setattr, dir, path, flags, attr, size));
}

int swapon(const char *path, int flags)
{
	return (int)RET(SC(__NR_swapon, path, flags));
}

int swapoff(const char *path)
{
	return (int)RET(SC(__NR_swapoff, path));
}

int quotactl(int cmd, const char *special, int id, char *addr)
{
	return (int)RET(SC(__NR_quotactl, cmd, special, id, addr));
}

int klogctl(int type, char *buf, int len)
{
	return (int)RET(SC(__NR_syslog, type, buf, len));
}

int acct(const char *path)
{
	return (int)RET(SC(__NR_acct, path));
}

int vhangup(void)
{
	return (int)RET(SC(__NR_vhangup));
}

int umount(const char *target)
{
	return umount2(target, 0);
}

/* The two magic numbers say that the caller means it (reboot(2)). */
int reboot(int command)
{
	return (int)RET(SC(__NR_reboot, 0xfee1dead, 672274793, command, 0));
}
