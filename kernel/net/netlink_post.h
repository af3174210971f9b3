/*
 * Netlink sockets as mq_notify(3) uses them: something to send plain bytes to. Apart from
 * netlink.h, whose struct message is another one than System V's.
 */
#ifndef NET_NETLINK_POST_H
#define NET_NETLINK_POST_H

#include <types.h>

struct file;
struct socket;

/* The file's netlink socket, referenced. ERR_PTR(-ENOTSOCK, -EINVAL). */
struct socket *netlink_of_file(const struct file *f);
void netlink_post(struct socket *sk, const void *data, u32 n); /* any spinlock may be held */
void netlink_put(struct socket *sk);
#endif
