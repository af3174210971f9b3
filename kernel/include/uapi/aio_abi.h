/*
 * uapi/aio_abi.h - io_setup(2) and its family.
 */
#ifndef UAPI_AIO_ABI_H
#define UAPI_AIO_ABI_H

#include <uapi/types.h>

enum {
	IOCB_CMD_PREAD = 0,
	IOCB_CMD_PWRITE = 1,
	IOCB_CMD_FSYNC = 2,
	IOCB_CMD_FDSYNC = 3,
	IOCB_CMD_POLL = 5,
	IOCB_CMD_NOOP = 6,
	IOCB_CMD_PREADV = 7,
	IOCB_CMD_PWRITEV = 8,
};
#define IOCB_FLAG_RESFD	 1
#define IOCB_FLAG_IOPRIO 2

struct io_event {
	__u64 data;
	__u64 obj;
	__s64 res;
	__s64 res2;
};

struct iocb {
	__u64 aio_data;
	__u32 aio_key;
	__u32 aio_rw_flags;
	__u16 aio_lio_opcode;
	__s16 aio_reqprio;
	__u32 aio_fildes;
	__u64 aio_buf;
	__u64 aio_nbytes;
	__s64 aio_offset;
	__u64 aio_reserved2;
	__u32 aio_flags;
	__u32 aio_resfd;
};

#define AIO_RING_MAGIC 0xa10a10a1
struct aio_ring {
	__u32 id;
	__u32 nr; /* events there is room for */
	__u32 head; /* programs may move it, too */
	__u32 tail;
	__u32 magic;
	__u32 compat_features;
	__u32 incompat_features;
	__u32 header_length;
	struct io_event events[];
};

#endif
