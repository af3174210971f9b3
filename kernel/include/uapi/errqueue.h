/*
 * uapi/errqueue.h - what stands on a socket's error queue: IP_RECVERR of ip(7).
 */
#ifndef UAPI_ERRQUEUE_H
#define UAPI_ERRQUEUE_H

#include <uapi/time.h>
#include <uapi/types.h>

struct sock_ee_data_rfc4884 {
	__u16 len;
	__u8 flags;
	__u8 reserved;
};

struct sock_extended_err {
	__u32 ee_errno;
	__u8 ee_origin;
	__u8 ee_type;
	__u8 ee_code;
	__u8 ee_pad;
	__u32 ee_info;
	union {
		__u32 ee_data;
		struct sock_ee_data_rfc4884 ee_rfc4884;
	};
	/* the address of who complains follows */
};

struct scm_timestamping {
	struct timespec ts[3]; /* by the system's clock, none, by the device's */
};

/* SO_TIMESTAMPING: linux/net_tstamp.h. */
#if UAPI_LINUX
struct so_timestamping {
	int flags;
	int bind_phc;
};
#endif
#define SOF_TIMESTAMPING_TX_HARDWARE   (1 << 0)
#define SOF_TIMESTAMPING_TX_SOFTWARE   (1 << 1)
#define SOF_TIMESTAMPING_RX_SOFTWARE   (1 << 3)
#define SOF_TIMESTAMPING_SOFTWARE      (1 << 4)
#define SOF_TIMESTAMPING_OPT_ID	       (1 << 7)
#define SOF_TIMESTAMPING_TX_SCHED      (1 << 8)
#define SOF_TIMESTAMPING_TX_ACK	       (1 << 9)
#define SOF_TIMESTAMPING_OPT_CMSG      (1 << 10)
#define SOF_TIMESTAMPING_OPT_TSONLY    (1 << 11)
#define SOF_TIMESTAMPING_OPT_STATS     (1 << 12)
#define SOF_TIMESTAMPING_BIND_PHC      (1 << 15)
#define SOF_TIMESTAMPING_OPT_ID_TCP    (1 << 16)
#define SOF_TIMESTAMPING_OPT_RX_FILTER (1 << 17)

/* ee_info of SO_EE_ORIGIN_TIMESTAMPING. */
#define SCM_TSTAMP_SND		   0
#define SCM_TSTAMP_SCHED	   1
#define SCM_TSTAMP_ACK		   2

#define SO_EE_CODE_ZEROCOPY_COPIED 1

#define SO_EE_ORIGIN_NONE	   0
#define SO_EE_ORIGIN_LOCAL	   1
#define SO_EE_ORIGIN_ICMP	   2
#define SO_EE_ORIGIN_ICMP6	   3
#define SO_EE_ORIGIN_TXSTATUS	   4
#define SO_EE_ORIGIN_TIMESTAMPING  4
#define SO_EE_ORIGIN_ZEROCOPY	   5

UAPI_SIZE(struct sock_extended_err, 16);
UAPI_SIZE(struct scm_timestamping, 48);

#endif
