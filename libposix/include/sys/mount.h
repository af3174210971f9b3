/*
 * sys/mount.h - mount(2) and umount(2), and the newer calls for file systems.
 */
#ifndef _SYS_MOUNT_H
#define _SYS_MOUNT_H

#include <features.h>
#include <stddef.h>
#include <uapi/ioctl.h>
#include <uapi/mount.h>
#if !UAPI_LINUX && __has_include(<linux/mount.h>)
#include <linux/mount.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct mount_attr;

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount(const char *target);
int umount2(const char *target, int flags);
int fsopen(const char *type, unsigned int flags);
int fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux);
int fsmount(int fd, unsigned int flags, unsigned int attr);
int fspick(int dir, const char *path, unsigned int flags);
int open_tree(int dir, const char *path, unsigned int flags);
int move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned int flags);
int mount_setattr(int dir, const char *path, unsigned int flags, struct mount_attr *attr,
		  size_t size);

#ifdef __cplusplus
}
#endif

#endif
