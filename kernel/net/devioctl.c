/*
 * The calls of netdevice(7) on sockets of AF_INET and AF_INET6.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>

#include "core/cred.h"
#include "mm/usercopy.h"
#include "net/inet.h"

static int flags_ioctl(struct net *net, unsigned cmd, struct ifreq *r)
{
	struct netdev *d;
	int err = 0;

	r->ifr_name[IFNAMSIZ - 1] = 0;
	mutex_lock(&net->mutex);
	d = netdev_find(net, r->ifr_name);
	if (!d)
		err = -ENODEV;
	else if (cmd == SIOCGIFFLAGS)
		r->ifr_flags = (short)netdev_flags(d);
	else
		err = netdev_set_flags(d, (u32)(u16)r->ifr_flags, 0xffff & ~(u32)IFF_LOOPBACK);
	mutex_unlock(&net->mutex);
	return err;
}

long inet_ioctl(struct socket *sk, unsigned cmd, unsigned long arg)
{
	struct ifreq __user *user = (struct ifreq __user *)arg;
	struct ifreq r;
	int err;

	if (cmd != SIOCGIFFLAGS && cmd != SIOCSIFFLAGS)
		return -ENOTTY;
	if (copy_from_user(&r, user, sizeof(r)))
		return -EFAULT;
	if (cmd == SIOCSIFFLAGS && !capable(CAP_NET_ADMIN))
		return -EPERM;
	err = flags_ioctl(inet_sk(sk)->net, cmd, &r);
	if (!err && copy_to_user(user, &r, sizeof(r)))
		err = -EFAULT;
	return err;
}
