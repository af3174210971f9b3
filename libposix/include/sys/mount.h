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
#if !UAPI_LINUX && __has_include(<asm/ioctl.h>)
/* What block devices are asked: programs expect it here without linux/fs.h, which may come before or behind. */
#include <asm/ioctl.h>
#undef BLKROSET
#undef BLKROGET
#undef BLKRRPART
#undef BLKGETSIZE
#undef BLKFLSBUF
#undef BLKRASET
#undef BLKRAGET
#undef BLKFRASET
#undef BLKFRAGET
#undef BLKSECTSET
#undef BLKSECTGET
#undef BLKSSZGET
#undef BLKBSZGET
#undef BLKBSZSET
#undef BLKGETSIZE64
#define BLKROSET     _IO(0x12, 93)
#define BLKROGET     _IO(0x12, 94)
#define BLKRRPART    _IO(0x12, 95)
#define BLKGETSIZE   _IO(0x12, 96)
#define BLKFLSBUF    _IO(0x12, 97)
#define BLKRASET     _IO(0x12, 98)
#define BLKRAGET     _IO(0x12, 99)
#define BLKFRASET    _IO(0x12, 100)
#define BLKFRAGET    _IO(0x12, 101)
#define BLKSECTSET   _IO(0x12, 102)
#define BLKSECTGET   _IO(0x12, 103)
#define BLKSSZGET    _IO(0x12, 104)
#define BLKBSZGET    _IOR(0x12, 112, size_t)
#define BLKBSZSET    _IOW(0x12, 113, size_t)
#define BLKGETSIZE64 _IOR(0x12, 114, size_t)
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
