/*
 * uapi/dirent.h - getdents64(2).
 */
#ifndef UAPI_DIRENT_H
#define UAPI_DIRENT_H

#include <uapi/types.h>

/* d_reclen counts the whole record, the name's NUL and padding to 8 included. */
struct linux_dirent64 {
	__u64 d_ino;
	__s64 d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

#define DT_UNKNOWN 0
#define DT_FIFO	   1
#define DT_CHR	   2
#define DT_DIR	   4
#define DT_BLK	   6
#define DT_REG	   8
#define DT_LNK	   10
#define DT_SOCK	   12
#define DT_WHT	   14

UAPI_OFFSET(struct linux_dirent64, d_reclen, 16);
UAPI_OFFSET(struct linux_dirent64, d_name, 19);

#endif
