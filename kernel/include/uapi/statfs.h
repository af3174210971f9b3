/*
 * uapi/statfs.h - statfs(2) and the file systems' magic numbers.
 */
#ifndef UAPI_STATFS_H
#define UAPI_STATFS_H

#include <uapi/types.h>

#if UAPI_KERNEL
typedef struct {
	int val[2];
} __kernel_fsid_t;

struct statfs {
	long f_type;
	long f_bsize;
	long f_blocks;
	long f_bfree;
	long f_bavail;
	long f_files;
	long f_ffree;
	__kernel_fsid_t f_fsid;
	long f_namelen;
	long f_frsize;
	long f_flags;
	long f_spare[4];
};

UAPI_SIZE(struct statfs, 120);
UAPI_OFFSET(struct statfs, f_fsid, 56);
UAPI_OFFSET(struct statfs, f_flags, 80);
#endif

#define TMPFS_MAGIC	      0x01021994
#define PROC_SUPER_MAGIC      0x9fa0
#define SYSFS_MAGIC	      0x62656572
#define DEVPTS_SUPER_MAGIC    0x1cd1
#define PIPEFS_MAGIC	      0x50495045
#define SOCKFS_MAGIC	      0x534f434b
#define ANON_INODE_FS_MAGIC   0x09041934
#define RAMFS_MAGIC	      0x858458f6
#define EXT4_SUPER_MAGIC      0xef53
#define CGROUP2_SUPER_MAGIC   0x63677270
#define OVERLAYFS_SUPER_MAGIC 0x794c7630

#endif
