/* uapi/netlink.h - netlink(7): messages, attributes, the options of its sockets. */
#ifndef UAPI_NETLINK_H
#define UAPI_NETLINK_H

#include <uapi/types.h>

#define NETLINK_ROUTE		 0
#define NETLINK_USERSOCK	 2
#define NETLINK_SOCK_DIAG	 4
#define NETLINK_KOBJECT_UEVENT	 15
#define NETLINK_GENERIC		 16
#define MAX_LINKS		 32

#define NETLINK_ADD_MEMBERSHIP	 1
#define NETLINK_DROP_MEMBERSHIP	 2
#define NETLINK_PKTINFO		 3
#define NETLINK_BROADCAST_ERROR	 4
#define NETLINK_NO_ENOBUFS	 5
#define NETLINK_LISTEN_ALL_NSID	 8
#define NETLINK_LIST_MEMBERSHIPS 9
#define NETLINK_CAP_ACK		 10
#define NETLINK_EXT_ACK		 11
#define NETLINK_GET_STRICT_CHK	 12

struct sockaddr_nl {
	unsigned short nl_family;
	unsigned short nl_pad;
	__u32 nl_pid; /* of the socket; 0: the kernel */
	__u32 nl_groups; /* the first 32, a bit each */
};

struct nl_pktinfo {
	__u32 group;
};

struct nlmsghdr {
	__u32 nlmsg_len; /* this header included */
	__u16 nlmsg_type;
	__u16 nlmsg_flags;
	__u32 nlmsg_seq;
	__u32 nlmsg_pid;
};

#define NLMSG_NOOP	    1
#define NLMSG_ERROR	    2
#define NLMSG_DONE	    3
#define NLMSG_OVERRUN	    4
#define NLMSG_MIN_TYPE	    0x10

#define NLM_F_REQUEST	    0x01
#define NLM_F_MULTI	    0x02
#define NLM_F_ACK	    0x04
#define NLM_F_ECHO	    0x08
#define NLM_F_DUMP_INTR	    0x10
#define NLM_F_DUMP_FILTERED 0x20
/* Of a request to get: */
#define NLM_F_ROOT  0x100
#define NLM_F_MATCH 0x200
#define NLM_F_DUMP  0x300
/* Of one to make: */
#define NLM_F_REPLACE 0x100
#define NLM_F_EXCL    0x200
#define NLM_F_CREATE  0x400
#define NLM_F_APPEND  0x800
/* Of an answer NLMSG_ERROR: */
#define NLM_F_CAPPED   0x100
#define NLM_F_ACK_TLVS 0x200

struct nlmsgerr {
	int error;
	struct nlmsghdr msg;
};

enum {
	NLMSGERR_ATTR_MSG = 1,
	NLMSGERR_ATTR_OFFS,
};

struct nlattr {
	__u16 nla_len; /* this header included, padding not */
	__u16 nla_type;
};

#define NLA_F_NESTED	    (1 << 15)
#define NLA_F_NET_BYTEORDER (1 << 14)
#define NLA_TYPE_MASK	    ~(NLA_F_NESTED | NLA_F_NET_BYTEORDER)

UAPI_SIZE(struct sockaddr_nl, 12);
UAPI_SIZE(struct nlmsghdr, 16);
UAPI_SIZE(struct nlmsgerr, 20);
UAPI_SIZE(struct nlattr, 4);

#endif
