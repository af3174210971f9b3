/*
 * Inside of the options: what inet_opt.c (IPv4's and SOL_SOCKET's) and inet6_opt.c share.
 */
#ifndef NET_INET_OPT_H
#define NET_INET_OPT_H

#include "net/inet.h"

void inet_set_flag(struct inet_socket *is, enum inet_flag f, bool on);
/* An option that is a word of the socket, as it is asked for. */
struct inet_word {
	u8 name, size;
	u16 off;
};
#define INET_WORD(opt, member)                                 \
	{                                                      \
		opt, sizeof_field(struct inet_socket, member), \
			offsetof(struct inet_socket, member)   \
	}
/* false: it is none of these. */
bool inet_get_word(const struct inet_socket *is, const struct inet_word *words, size_t n, int name,
		   int *v);
/* The device that IPv4's old structures name by an address. -ENODEV; 0: none is named. */
int inet_device_of(struct inet_socket *is, u32 addr);
/* Options of groups (inet_group.c), RFC 3678's of either version; -ENOPROTOOPT: none of them. */
int inet_set_mcast(struct inet_socket *is, int level, int name, const void __user *val, int len);
/* MRT_INIT and its like of multicast routers, which this kernel is not. */
static inline bool inet_mroute_option(int name)
{
	return name >= 200 && name <= 212;
}
/* IP_MSFILTER, MCAST_MSFILTER: the filter that was set. */
int inet_get_filter(struct inet_socket *is, int level, int name, void __user *val,
		    int __user *ulen);
int inet_path_mtu(struct inet_socket *is); /* to where it is connected; -ENOTCONN */

/* --- ipv6_ext.c: extension headers --- */
struct inet_send;
int inet6_set_ext(struct inet_socket *is, int name, const void __user *val, int len);
int inet6_get_ext(struct inet_socket *is, int name, void __user *val, int __user *ulen);
int inet6_send_ext(const struct cmsghdr *c, struct inet_send *s); /* 0, -EINVAL, -EPERM */
int inet6_build_ext(struct inet_socket *is, struct inet_send *s); /* 0 or -ENOBUFS */
void inet6_recv_ext(struct inet_socket *is, struct packet *p, struct message *m);
void inet6_recv_old(struct inet_socket *is, struct packet *p, struct message *m);

int inet6_setsockopt(struct inet_socket *is, int name, const void __user *val, int len);
int inet6_getsockopt(struct inet_socket *is, int name, void __user *val, int __user *len);
#endif
