/*
 * uapi/socket.h - sockets: families, types, options, messages, addresses.
 *
 * struct msghdr is what sendmsg(2) takes, which Linux calls user_msghdr.
 */
#ifndef UAPI_SOCKET_H
#define UAPI_SOCKET_H

#include <uapi/types.h>
#include <uapi/uio.h>

#define AF_UNSPEC      0
#define AF_UNIX	       1
#define AF_LOCAL       1
#define AF_INET	       2
#define AF_INET6       10
#define AF_BRIDGE      7
#define AF_NETLINK     16
#define AF_PACKET      17
#define AF_ALG	       38
#define AF_VSOCK       40
#define AF_MAX	       46

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_RDM       4
#define SOCK_SEQPACKET 5
#define SOCK_PACKET    10
#define SOCK_CLOEXEC   02000000
#define SOCK_NONBLOCK  00004000

#define SHUT_RD	       0
#define SHUT_WR	       1
#define SHUT_RDWR      2

#define SOMAXCONN      4096

typedef unsigned short sa_family_t;
typedef unsigned int socklen_t;

struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

#define _K_SS_MAXSIZE 128

struct sockaddr_storage {
	sa_family_t ss_family;
	char ss_pad_[_K_SS_MAXSIZE - sizeof(sa_family_t) - sizeof(unsigned long)];
	unsigned long ss_align_;
};

#define UNIX_PATH_MAX 108

struct sockaddr_un {
	sa_family_t sun_family;
	char sun_path[UNIX_PATH_MAX];
};

struct in_addr {
	__u32 s_addr; /* big-endian */
};

struct sockaddr_in {
	sa_family_t sin_family;
	__u16 sin_port; /* big-endian */
	struct in_addr sin_addr;
	unsigned char sin_zero[8];
};

struct in6_addr {
	union {
		__u8 s6_addr[16];
		__u16 s6_addr16[8];
		__u32 s6_addr32[4];
	};
};

struct sockaddr_in6 {
	sa_family_t sin6_family;
	__u16 sin6_port; /* big-endian */
	__u32 sin6_flowinfo; /* big-endian */
	struct in6_addr sin6_addr;
	__u32 sin6_scope_id;
};

struct msghdr {
	void __user *msg_name;
	int msg_namelen;
	struct iovec __user *msg_iov;
	unsigned long msg_iovlen;
	void __user *msg_control;
	unsigned long msg_controllen;
	unsigned int msg_flags;
};

struct mmsghdr {
	struct msghdr msg_hdr;
	unsigned int msg_len;
};

struct cmsghdr {
	unsigned long cmsg_len; /* this header included */
	int cmsg_level;
	int cmsg_type;
};

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS 2
#define SCM_PIDFD	4

#if UAPI_KERNEL
struct ucred {
	__u32 pid;
	__u32 uid;
	__u32 gid;
};

UAPI_SIZE(struct ucred, 12);
#endif

struct linger {
	int l_onoff;
	int l_linger;
};

#define MSG_OOB			   0x1
#define MSG_PEEK		   0x2
#define MSG_DONTROUTE		   0x4
#define MSG_CTRUNC		   0x8
#define MSG_TRUNC		   0x20
#define MSG_DONTWAIT		   0x40
#define MSG_EOR			   0x80
#define MSG_WAITALL		   0x100
#define MSG_CONFIRM		   0x800
#define MSG_ERRQUEUE		   0x2000
#define MSG_NOSIGNAL		   0x4000
#define MSG_MORE		   0x8000
#define MSG_WAITFORONE		   0x10000
#define MSG_ZEROCOPY		   0x4000000
#define MSG_FASTOPEN		   0x20000000
#define MSG_CMSG_CLOEXEC	   0x40000000

#define SOL_SOCKET		   1
#define SOL_IP			   0
#define SOL_TCP			   6
#define SOL_UDP			   17
#define SOL_IPV6		   41
#define SOL_PACKET		   263
#define SOL_NETLINK		   270

#define SO_DEBUG		   1
#define SO_REUSEADDR		   2
#define SO_TYPE			   3
#define SO_ERROR		   4
#define SO_DONTROUTE		   5
#define SO_BROADCAST		   6
#define SO_SNDBUF		   7
#define SO_RCVBUF		   8
#define SO_KEEPALIVE		   9
#define SO_OOBINLINE		   10
#define SO_NO_CHECK		   11
#define SO_PRIORITY		   12
#define SO_LINGER		   13
#define SO_BSDCOMPAT		   14
#define SO_REUSEPORT		   15
#define SO_PASSCRED		   16
#define SO_PEERCRED		   17
#define SO_RCVLOWAT		   18
#define SO_SNDLOWAT		   19
#define SO_RCVTIMEO		   20
#define SO_SNDTIMEO		   21
#define SO_BINDTODEVICE		   25
#define SO_ATTACH_FILTER	   26
#define SO_DETACH_FILTER	   27
#define SO_PEERNAME		   28
#define SO_TIMESTAMP		   29
#define SO_ACCEPTCONN		   30
#define SO_PEERSEC		   31
#define SO_SNDBUFFORCE		   32
#define SO_RCVBUFFORCE		   33
#define SO_PASSSEC		   34
#define SO_TIMESTAMPNS		   35
#define SO_MARK			   36
#define SO_TIMESTAMPING		   37
#define SO_PROTOCOL		   38
#define SO_DOMAIN		   39
#define SO_RXQ_OVFL		   40
#define SO_WIFI_STATUS		   41
#define SO_PEEK_OFF		   42
#define SO_NOFCS		   43
#define SO_LOCK_FILTER		   44
#define SO_SELECT_ERR_QUEUE	   45
#define SO_BUSY_POLL		   46
#define SO_MAX_PACING_RATE	   47
#define SO_BPF_EXTENSIONS	   48
#define SO_INCOMING_CPU		   49
#define SO_ATTACH_BPF		   50
#define SO_DETACH_BPF		   SO_DETACH_FILTER
#define SO_ATTACH_REUSEPORT_CBPF   51
#define SO_ATTACH_REUSEPORT_EBPF   52
#define SO_CNX_ADVICE		   53
#define SCM_TIMESTAMPING_OPT_STATS 54
#define SO_MEMINFO		   55
#define SO_INCOMING_NAPI_ID	   56
#define SO_COOKIE		   57
#define SO_PEERGROUPS		   59
#define SO_ZEROCOPY		   60
#define SO_TXTIME		   61
#define SO_BINDTOIFINDEX	   62
#define SO_TIMESTAMP_NEW	   63
#define SO_TIMESTAMPNS_NEW	   64
#define SO_TIMESTAMPING_NEW	   65
#define SO_RCVTIMEO_NEW		   66
#define SO_SNDTIMEO_NEW		   67
#define SO_DETACH_REUSEPORT_BPF	   68
#define SO_PREFER_BUSY_POLL	   69
#define SO_BUSY_POLL_BUDGET	   70
#define SO_NETNS_COOKIE		   71
#define SO_BUF_LOCK		   72
#define SOCK_SNDBUF_LOCK	   1
#define SOCK_RCVBUF_LOCK	   2
#define SO_RESERVE_MEM		   73
#define SO_TXREHASH		   74
#define SO_RCVMARK		   75
#define SO_PASSPIDFD		   76
#define SO_PEERPIDFD		   77

#define SIOCATMARK		   0x8905
#define SIOCOUTQNSD		   0x894b

#define SIOCUNIXFILE		   0x89e0

#define SIOCGIFNAME		   0x8910
#define SIOCGIFCONF		   0x8912
#define SIOCGIFFLAGS		   0x8913
#define SIOCSIFFLAGS		   0x8914
#define SIOCGIFADDR		   0x8915
#define SIOCSIFADDR		   0x8916
#define SIOCGIFNETMASK		   0x891b
#define SIOCGIFMTU		   0x8921
#define SIOCGIFHWADDR		   0x8927
#define SIOCSIFHWADDR		   0x8924
#define SIOCGIFINDEX		   0x8933

UAPI_SIZE(struct sockaddr, 16);
UAPI_SIZE(struct sockaddr_storage, 128);
UAPI_SIZE(struct sockaddr_un, 110);
UAPI_SIZE(struct sockaddr_in, 16);
UAPI_SIZE(struct sockaddr_in6, 28);
UAPI_SIZE(struct msghdr, 56);
UAPI_OFFSET(struct msghdr, msg_iov, 16);
UAPI_OFFSET(struct msghdr, msg_flags, 48);
UAPI_SIZE(struct mmsghdr, 64);
UAPI_SIZE(struct cmsghdr, 16);

#endif
