/*
 * uapi/sockios.h - ioctl(2) of sockets about devices, addresses, routes and ARP: netdevice(7), and what
 * they take besides struct ifreq (if.h).
 */
#ifndef UAPI_SOCKIOS_H
#define UAPI_SOCKIOS_H

#include <uapi/socket.h>

#define FIOSETOWN	 0x8901
#define SIOCSPGRP	 0x8902
#define FIOGETOWN	 0x8903
#define SIOCGPGRP	 0x8904
#define SIOCGSTAMP	 0x8906 /* struct timeval */
#define SIOCGSTAMPNS	 0x8907 /* struct timespec */
#define SIOCGSTAMP_NEW	 0x80108906
#define SIOCGSTAMPNS_NEW 0x80108907

#define SIOCADDRT	 0x890b
#define SIOCDELRT	 0x890c
#define SIOCGIFDSTADDR	 0x8917
#define SIOCSIFDSTADDR	 0x8918
#define SIOCGIFBRDADDR	 0x8919
#define SIOCSIFBRDADDR	 0x891a
#define SIOCSIFNETMASK	 0x891c
#define SIOCGIFMETRIC	 0x891d
#define SIOCSIFMETRIC	 0x891e
#define SIOCSIFMTU	 0x8922
#define SIOCSIFNAME	 0x8923
#define SIOCSIFHWADDR	 0x8924
#define SIOCADDMULTI	 0x8931
#define SIOCDELMULTI	 0x8932
#define SIOCDIFADDR	 0x8936
#define SIOCGIFTXQLEN	 0x8942
#define SIOCSIFTXQLEN	 0x8943
#define SIOCETHTOOL	 0x8946
#define SIOCDARP	 0x8953
#define SIOCGARP	 0x8954
#define SIOCSARP	 0x8955
#define SIOCGMIIPHY	 0x8947
#define SIOCGMIIREG	 0x8948
#define SIOCSMIIREG	 0x8949
#define SIOCGIFMAP	 0x8970
#define SIOCSHWTSTAMP	 0x89b0
#define SIOCGHWTSTAMP	 0x89b1

struct rtentry {
	unsigned long rt_pad1;
	struct sockaddr rt_dst;
	struct sockaddr rt_gateway;
	struct sockaddr rt_genmask;
	unsigned short rt_flags;
	short rt_pad2;
	unsigned long rt_pad3;
	void __user *rt_pad4_;
	short rt_metric; /* one more than it */
	char __user *rt_dev;
	unsigned long rt_mtu;
	unsigned long rt_window;
	unsigned short rt_irtt;
};
#define RTF_UP	      0x0001
#define RTF_GATEWAY   0x0002
#define RTF_HOST      0x0004
#define RTF_MTU	      0x0040
#define RTF_REJECT    0x0200
#define RTF_DEFAULT   0x00010000
#define RTF_ADDRCONF  0x00040000
#define RTF_NONEXTHOP 0x00200000
#define RTF_EXPIRES   0x00400000

struct in6_rtmsg {
	struct in6_addr rtmsg_dst;
	struct in6_addr rtmsg_src;
	struct in6_addr rtmsg_gateway;
	__u32 rtmsg_type;
	__u16 rtmsg_dst_len;
	__u16 rtmsg_src_len;
	__u32 rtmsg_metric;
	unsigned long rtmsg_info;
	__u32 rtmsg_flags;
	int rtmsg_ifindex;
};

struct in6_ifreq {
	struct in6_addr ifr6_addr;
	__u32 ifr6_prefixlen;
	int ifr6_ifindex;
};

struct arpreq {
	struct sockaddr arp_pa;
	struct sockaddr arp_ha;
	int arp_flags;
	struct sockaddr arp_netmask;
	char arp_dev[16];
};
#define ATF_COM		 0x02
#define ATF_PERM	 0x04
#define ATF_PUBL	 0x08
#define ATF_NETMASK	 0x20

#define ETHTOOL_GDRVINFO 0x3
#define ETHTOOL_GLINK	 0xa

struct ethtool_value {
	__u32 cmd;
	__u32 data;
};

struct ethtool_drvinfo {
	__u32 cmd;
	char driver[32];
	char version[32];
	char fw_version[32];
	char bus_info[32];
	char erom_version[32];
	char reserved2[12];
	__u32 n_priv_flags;
	__u32 n_stats;
	__u32 testinfo_len;
	__u32 eedump_len;
	__u32 regdump_len;
};

UAPI_SIZE(struct rtentry, 120);
UAPI_SIZE(struct in6_rtmsg, 80);
UAPI_SIZE(struct in6_ifreq, 24);
UAPI_SIZE(struct arpreq, 68);
UAPI_SIZE(struct ethtool_drvinfo, 196);

#endif
