/*
 * uapi/uio.h - readv(2), preadv2(2), process_vm_readv.
 */
#ifndef UAPI_UIO_H
#define UAPI_UIO_H

#include <uapi/types.h>

struct iovec {
	void __user *iov_base;
	unsigned long iov_len;
};

#define UIO_FASTIOV  8
#define UIO_MAXIOV   1024

#define RWF_HIPRI    0x00000001
#define RWF_DSYNC    0x00000002
#define RWF_SYNC     0x00000004
#define RWF_NOWAIT   0x00000008
#define RWF_APPEND   0x00000010
#define RWF_NOAPPEND 0x00000020

UAPI_SIZE(struct iovec, 16);

#endif
