/* uapi/sock_diag.h - sock_diag(7): what ss(8) asks of sockets. */
#ifndef UAPI_SOCK_DIAG_H
#define UAPI_SOCK_DIAG_H

#include <uapi/types.h>

#define TCPDIAG_GETSOCK	    18
#define SOCK_DIAG_BY_FAMILY 20
#define SOCK_DESTROY	    21

struct sock_diag_req {
	__u8 sdiag_family;
	__u8 sdiag_protocol;
};

enum {
	SK_MEMINFO_RMEM_ALLOC,
	SK_MEMINFO_RCVBUF,
	SK_MEMINFO_WMEM_ALLOC,
	SK_MEMINFO_SNDBUF,
	SK_MEMINFO_FWD_ALLOC,
	SK_MEMINFO_WMEM_QUEUED,
	SK_MEMINFO_OPTMEM,
	SK_MEMINFO_BACKLOG,
	SK_MEMINFO_DROPS,
	SK_MEMINFO_VARS,
};

/* --- AF_UNIX --- */
struct unix_diag_req {
	__u8 sdiag_family;
	__u8 sdiag_protocol;
	__u16 pad;
	__u32 udiag_states;
	__u32 udiag_ino;
	__u32 udiag_show;
	__u32 udiag_cookie[2];
};

#define UDIAG_SHOW_NAME	   0x01
#define UDIAG_SHOW_VFS	   0x02
#define UDIAG_SHOW_PEER	   0x04
#define UDIAG_SHOW_ICONS   0x08
#define UDIAG_SHOW_RQLEN   0x10
#define UDIAG_SHOW_MEMINFO 0x20
#define UDIAG_SHOW_UID	   0x40

struct unix_diag_msg {
	__u8 udiag_family;
	__u8 udiag_type;
	__u8 udiag_state;
	__u8 pad;
	__u32 udiag_ino;
	__u32 udiag_cookie[2];
};

enum {
	UNIX_DIAG_NAME,
	UNIX_DIAG_VFS,
	UNIX_DIAG_PEER,
	UNIX_DIAG_ICONS,
	UNIX_DIAG_RQLEN,
	UNIX_DIAG_MEMINFO,
	UNIX_DIAG_SHUTDOWN,
	UNIX_DIAG_UID,
};

struct unix_diag_vfs {
	__u32 udiag_vfs_ino;
	__u32 udiag_vfs_dev;
};

struct unix_diag_rqlen {
	__u32 udiag_rqueue;
	__u32 udiag_wqueue;
};

/* --- AF_INET, AF_INET6 --- */
struct inet_diag_sockid {
	__u16 idiag_sport; /* big-endian, as the addresses */
	__u16 idiag_dport;
	__u32 idiag_src[4];
	__u32 idiag_dst[4];
	__u32 idiag_if;
	__u32 idiag_cookie[2];
};
#define INET_DIAG_NOCOOKIE (~0U)

struct inet_diag_req_v2 {
	__u8 sdiag_family;
	__u8 sdiag_protocol;
	__u8 idiag_ext;
	__u8 pad;
	__u32 idiag_states;
	struct inet_diag_sockid id;
};

struct inet_diag_msg {
	__u8 idiag_family;
	__u8 idiag_state;
	__u8 idiag_timer;
	__u8 idiag_retrans;
	struct inet_diag_sockid id;
	__u32 idiag_expires;
	__u32 idiag_rqueue;
	__u32 idiag_wqueue;
	__u32 idiag_uid;
	__u32 idiag_inode;
};

enum { INET_DIAG_REQ_BYTECODE = 1, INET_DIAG_REQ_SK_BPF_STORAGES, INET_DIAG_REQ_PROTOCOL };
#define INET_DIAG_REQ_MAX 3

struct inet_diag_bc_op {
	unsigned char code;
	unsigned char yes;
	unsigned short no;
};
enum {
	INET_DIAG_BC_NOP,
	INET_DIAG_BC_JMP,
	INET_DIAG_BC_S_GE,
	INET_DIAG_BC_S_LE,
	INET_DIAG_BC_D_GE,
	INET_DIAG_BC_D_LE,
	INET_DIAG_BC_AUTO,
	INET_DIAG_BC_S_COND,
	INET_DIAG_BC_D_COND,
	INET_DIAG_BC_DEV_COND,
	INET_DIAG_BC_MARK_COND,
	INET_DIAG_BC_S_EQ,
	INET_DIAG_BC_D_EQ,
	INET_DIAG_BC_CGROUP_COND,
};
struct inet_diag_hostcond {
	__u8 family;
	__u8 prefix_len;
	int port;
	__u32 addr[];
};
struct inet_diag_markcond {
	__u32 mark;
	__u32 mask;
};

enum {
	INET_DIAG_MEMINFO = 1,
	INET_DIAG_INFO,
	INET_DIAG_VEGASINFO,
	INET_DIAG_CONG,
	INET_DIAG_TOS,
	INET_DIAG_TCLASS,
	INET_DIAG_SKMEMINFO,
	INET_DIAG_SHUTDOWN,
	INET_DIAG_PROTOCOL = 10,
	INET_DIAG_SKV6ONLY,
	INET_DIAG_MARK = 15,
};

struct inet_diag_meminfo {
	__u32 idiag_rmem;
	__u32 idiag_wmem;
	__u32 idiag_fmem;
	__u32 idiag_tmem;
};

struct packet_diag_req {
	__u8 sdiag_family;
	__u8 sdiag_protocol;
	__u16 pad;
	__u32 pdiag_ino;
	__u32 pdiag_show;
	__u32 pdiag_cookie[2];
};

#define PACKET_SHOW_INFO     0x00000001
#define PACKET_SHOW_MCLIST   0x00000002
#define PACKET_SHOW_RING_CFG 0x00000004
#define PACKET_SHOW_FANOUT   0x00000008
#define PACKET_SHOW_MEMINFO  0x00000010
#define PACKET_SHOW_FILTER   0x00000020

struct packet_diag_msg {
	__u8 pdiag_family;
	__u8 pdiag_type;
	__u16 pdiag_num;
	__u32 pdiag_ino;
	__u32 pdiag_cookie[2];
};

enum {
	PACKET_DIAG_INFO,
	PACKET_DIAG_MCLIST,
	PACKET_DIAG_UID = 5,
	PACKET_DIAG_MEMINFO,
};

struct packet_diag_info {
	__u32 pdi_index;
	__u32 pdi_version;
	__u32 pdi_reserve;
	__u32 pdi_copy_thresh;
	__u32 pdi_tstamp;
	__u32 pdi_flags;
};

struct netlink_diag_req {
	__u8 sdiag_family;
	__u8 sdiag_protocol;
	__u16 pad;
	__u32 ndiag_ino;
	__u32 ndiag_show;
	__u32 ndiag_cookie[2];
};

#define NDIAG_PROTO_ALL	   ((__u8)~0)
#define NDIAG_SHOW_MEMINFO 0x00000001
#define NDIAG_SHOW_GROUPS  0x00000002
#define NDIAG_SHOW_FLAGS   0x00000008

struct netlink_diag_msg {
	__u8 ndiag_family;
	__u8 ndiag_type;
	__u8 ndiag_protocol;
	__u8 ndiag_state;
	__u32 ndiag_portid;
	__u32 ndiag_dst_portid;
	__u32 ndiag_dst_group;
	__u32 ndiag_ino;
	__u32 ndiag_cookie[2];
};

enum {
	NETLINK_DIAG_MEMINFO,
	NETLINK_DIAG_GROUPS,
};

UAPI_SIZE(struct packet_diag_req, 20);
UAPI_SIZE(struct packet_diag_msg, 16);
UAPI_SIZE(struct netlink_diag_req, 20);
UAPI_SIZE(struct netlink_diag_msg, 28);
UAPI_SIZE(struct unix_diag_req, 24);
UAPI_SIZE(struct unix_diag_msg, 16);
UAPI_SIZE(struct inet_diag_req_v2, 56);
UAPI_SIZE(struct inet_diag_msg, 72);

#endif
