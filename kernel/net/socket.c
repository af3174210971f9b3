/*
 * The socket layer: from file to protocol. See socket.h.
 *
 * A socket's file is one of a mount of its own, "socket:[INODE]". The file
 * holds a reference to the socket; the socket knows its file without one.
 */
#include "net/socket.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/sockios.h>

#include "core/sched.h"
#include "core/time.h"
#include "fs/async.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/printf.h"
#include "mm/usercopy.h"
#include "dev/netdev.h"
#include "net/inet.h"
#include "net/devioctl.h"
#include "net/net.h"
#include "net/netlink.h"
#include "net/packet.h"
#include "net/rtnetlink.h"
#include "net/tun.h"
#include "net/unix.h"
#include "sync/log.h"

static const struct socket_family *const families[] = {
	&unix_family, &inet_family, &inet6_family, &netlink_family, &packet_family,
};

static struct mount *socket_mount;
static atomic_t open_sockets;
static const struct file_system socket_fs = { .name = "sockfs", .flags = FS_NODEV };
static const struct file_ops socket_fops;

void net_init(void)
{
	if (pseudo_mount(&socket_fs, 0x534f434b, &socket_mount))
		panic("sockets: out of memory at boot");
	unix_init();
	packet_init();
	net_context_init();
	if (net_create(&init_net))
		panic("network: out of memory at boot");
	if (netlink_net_init(&init_net))
		panic("netlink: out of memory at boot");
	init_net.news = &rtnetlink_news;
	tun_init();
}

struct socket *socket_create(int family, int type, int protocol)
{
	if (family < 0 || family >= AF_MAX)
		return ERR_PTR(-EAFNOSUPPORT);
	if (type < 0 || type > SOCK_PACKET)
		return ERR_PTR(-EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i]->family == family)
			return families[i]->create(type, protocol);
	return ERR_PTR(-EAFNOSUPPORT);
}

struct file *socket_file(struct socket *sk, int flags)
{
	struct file *f = pseudo_file(socket_mount, "socket:", S_IFSOCK | 0777, &socket_fops, sk,
				     O_RDWR | (flags & O_NONBLOCK));
	char name[32];

	if (IS_ERR(f)) {
		sk->ops->release(sk);
		return f;
	}
	snprintf(name, sizeof(name), "socket:[%lu]", f->inode->ino);
	d_rename_pseudo(f->path.dentry, name);
	f->mode |= FMODE_STREAM | FMODE_NOWAIT;
	WRITE_ONCE(sk->file, f);
	atomic_inc(&open_sockets);
	return f;
}

int socket_count(void)
{
	return atomic_read(&open_sockets);
}

struct socket *file_socket(const struct file *f)
{
	return f->ops == &socket_fops ? f->priv : NULL;
}

u64 socket_deadline(const struct socket *sk, unsigned msg_flags, u64 timeo)
{
	const struct file *f = READ_ONCE(sk->file);

	if ((msg_flags & MSG_DONTWAIT) || (f && (f->flags & O_NONBLOCK)))
		return 0;
	return timeo ? now_mono() + timeo : WAIT_FOREVER;
}

ssize_t socket_sendmsg(struct file *f, struct message *m)
{
	struct socket *sk = f->priv;

	m->deadline = socket_deadline(sk, m->flags, READ_ONCE(sk->sndtimeo));
	return sk->ops->sendmsg(sk, m);
}

ssize_t socket_recvmsg(struct file *f, struct message *m)
{
	struct socket *sk = f->priv;

	m->deadline = socket_deadline(sk, m->flags, READ_ONCE(sk->rcvtimeo));
	return sk->ops->recvmsg(sk, m);
}

static ssize_t socket_read(struct file *f, struct iter *it, u64 *pos)
{
	struct message m = { .data = it, .flags = it->rwf & RWF_NOWAIT ? MSG_DONTWAIT : 0 };

	(void)pos;
	return it->count ? socket_recvmsg(f, &m) : 0;
}

static ssize_t socket_write(struct file *f, struct iter *it, u64 *pos)
{
	const struct socket *sk = f->priv;
	struct message m = { .data = it, .flags = it->rwf & RWF_NOWAIT ? MSG_DONTWAIT : 0 };

	(void)pos;
	if (it->rwf & RWF_MORE)
		m.flags |= MSG_MORE;
	if (sk->type == SOCK_SEQPACKET)
		m.flags |= MSG_EOR;
	return socket_sendmsg(f, &m);
}

static u32 socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *sk = f->priv;

	poll_wait(f, &sk->readers, pt);
	poll_wait(f, &sk->writers, pt);
	return sk->ops->poll(sk, f, pt);
}

/* As F_SETOWN of fcntl(2): who < 0 is a group. */
static long set_owner(struct file *f, const int __user *arg)
{
	int who;

	if (get_user_u32((u32 *)&who, (const u32 __user *)arg))
		return -EFAULT;
	if (who == S32_MIN)
		return -EINVAL;
	return async_set_owner(f, who < 0 ? F_OWNER_PGRP : F_OWNER_PID, who < 0 ? -who : who);
}

static long get_owner(struct file *f, int __user *arg)
{
	struct f_owner_ex o;

	async_get_owner(f, &o);
	return put_user_u32((u32)(o.type == F_OWNER_PGRP ? -o.pid : o.pid), (u32 __user *)arg);
}

static long socket_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct socket *sk = f->priv;
	long ret;

	if (cmd == FIOSETOWN || cmd == SIOCSPGRP)
		return set_owner(f, (const int __user *)arg);
	if (cmd == FIOGETOWN || cmd == SIOCGPGRP)
		return get_owner(f, (int __user *)arg);
	ret = sk->ops->ioctl ? sk->ops->ioctl(sk, cmd, arg) : -ENOTTY;

	/* Devices may be asked about on any socket: netdevice(7). */
	if (ret == -ENOTTY)
		ret = dev_ioctl(current_net(), cmd, arg);
	net_run();
	return ret;
}

static int socket_mmap(struct file *f, struct file_map *m)
{
	struct socket *sk = f->priv;

	return sk->ops->mmap ? sk->ops->mmap(sk, m) : -ENODEV;
}

static void socket_release(struct file *f)
{
	struct socket *sk = f->priv;

	WRITE_ONCE(sk->file, NULL);
	atomic_dec(&open_sockets);
	sk->ops->release(sk);
	net_run(); /* groups that it was in were left */
}

static struct list_head *socket_asyncs(struct file *f)
{
	struct socket *sk = f->priv;

	return &sk->asyncs;
}

static const struct file_ops socket_fops = {
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.mmap = socket_mmap,
	.release = socket_release,
	.asyncs = socket_asyncs,
};
