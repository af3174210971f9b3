/*
 * scsi/sg.h - commands handed through to a SCSI device (ioctl SG_IO), version 3 of the interface.
 */
#ifndef _SCSI_SG_H
#define _SCSI_SG_H

#include <stddef.h>

typedef struct sg_iovec {
	void *iov_base;
	size_t iov_len;
} sg_iovec_t;

/* A command, and what came of it. Lengths are in bytes, times in milliseconds. */
typedef struct sg_io_hdr {
	int interface_id; /* 'S' */
	int dxfer_direction; /* SG_DXFER_ */
	unsigned char cmd_len;
	unsigned char mx_sb_len; /* room for sense data */
	unsigned short iovec_count; /* 0: dxferp is the data, not a list */
	unsigned int dxfer_len;
	void *dxferp;
	unsigned char *cmdp;
	unsigned char *sbp;
	unsigned int timeout;
	unsigned int flags; /* SG_FLAG_ */
	int pack_id;
	void *usr_ptr;
	/* from here on the answer */
	unsigned char status;
	unsigned char masked_status;
	unsigned char msg_status;
	unsigned char sb_len_wr;
	unsigned short host_status;
	unsigned short driver_status;
	int resid; /* bytes that were not moved */
	unsigned int duration;
	unsigned int info; /* SG_INFO_ */
} sg_io_hdr_t;

#define SG_DXFER_NONE	       -1
#define SG_DXFER_TO_DEV	       -2
#define SG_DXFER_FROM_DEV      -3
#define SG_DXFER_TO_FROM_DEV   -4

#define SG_FLAG_DIRECT_IO      1
#define SG_FLAG_LUN_INHIBIT    2
#define SG_FLAG_NO_DXFER       0x10000

#define SG_INFO_OK_MASK	       0x1
#define SG_INFO_OK	       0x0
#define SG_INFO_CHECK	       0x1
#define SG_INFO_DIRECT_IO_MASK 0x6
#define SG_INFO_INDIRECT_IO    0x0
#define SG_INFO_DIRECT_IO      0x2
#define SG_INFO_MIXED_IO       0x4

struct sg_scsi_id {
	int host_no, channel, scsi_id, lun;
	int scsi_type; /* TYPE_ of scsi/scsi.h */
	short h_cmd_per_lun, d_queue_depth;
	int unused[2];
};

typedef struct sg_req_info {
	char req_state; /* 0: free, 1: written, 2: ready to be read */
	char orphan, sg_io_owned, problem;
	int pack_id;
	void *usr_ptr;
	unsigned int duration;
	int unused;
} sg_req_info_t;

#define SG_SET_TIMEOUT	      0x2201
#define SG_GET_TIMEOUT	      0x2202 /* the result, in clock ticks */
#define SG_EMULATED_HOST      0x2203
#define SG_SET_TRANSFORM      0x2204
#define SG_GET_TRANSFORM      0x2205
#define SG_GET_COMMAND_Q      0x2270
#define SG_SET_COMMAND_Q      0x2271
#define SG_GET_RESERVED_SIZE  0x2272
#define SG_SET_RESERVED_SIZE  0x2275
#define SG_GET_SCSI_ID	      0x2276
#define SG_SET_FORCE_LOW_DMA  0x2279
#define SG_GET_LOW_DMA	      0x227a
#define SG_SET_FORCE_PACK_ID  0x227b
#define SG_GET_PACK_ID	      0x227c
#define SG_GET_NUM_WAITING    0x227d
#define SG_SET_DEBUG	      0x227e
#define SG_GET_SG_TABLESIZE   0x227f
#define SG_GET_VERSION_NUM    0x2282
#define SG_NEXT_CMD_LEN	      0x2283
#define SG_SCSI_RESET	      0x2284
#define SG_IO		      0x2285
#define SG_GET_REQUEST_TABLE  0x2286
#define SG_SET_KEEP_ORPHAN    0x2287
#define SG_GET_KEEP_ORPHAN    0x2288

#define SG_SCSI_RESET_NOTHING 0
#define SG_SCSI_RESET_DEVICE  1
#define SG_SCSI_RESET_BUS     2
#define SG_SCSI_RESET_HOST    3

#endif
