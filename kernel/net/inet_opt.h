/*
 * Inside of the options: what inet_opt.c (IPv4's and SOL_SOCKET's) and inet6_opt.c share.
 */
#ifndef NET_INET_OPT_H
#define NET_INET_OPT_H

#include "net/inet.h"

void inet_set_flag(struct inet_socket *is, enum inet_flag f, bool on);
/* An option's number: an int, or, of shorter ones, a byte. 0 or -EFAULT. */
int inet_opt_number(const void __user *val, int len, int *v);
/* RFC 3678's options by group, of either version; -ENOPROTOOPT: none of them. */
int inet_set_mcast(struct inet_socket *is, int level, int name, const void __user *val, int len);
/* MRT_INIT and its like of multicast routers, which this kernel is not. */
static inline bool inet_mroute_option(int name)
{
	return name >= 200 && name <= 212;
}
int inet_path_mtu(struct inet_socket *is); /* to where it is connected; -ENOTCONN */

int inet6_setsockopt(struct inet_socket *is, int name, const void __user *val, int len);
int inet6_getsockopt(struct inet_socket *is, int name, void __user *val, int __user *len);
#endif
