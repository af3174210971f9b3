/*
 * Unix sockets: what they are asked: poll(2), ioctl(2), options of SOL_SOCKET that are theirs alone,
 * what their queues hold. unix(7). Locks: unix.h.
 */
#include "net/unix.h"

#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/termios.h>

#include "core/task.h"
#include "core/userns.h"
#include "fs/internal.h"
#include "fs/files.h"
#include "fs/notify.h"
#include "fs/poll.h"
#include "mm/usercopy.h"
#include "net/net.h"

static u32 common_poll(const struct unix_sock *u)
{
	u32 ev = 0, shutdown = READ_ONCE(u->sk.shutdown);

	if (READ_ONCE(u->sk.err))
		ev |= EPOLLERR;
	if (shutdown == SHUT_BOTH)
		ev |= EPOLLHUP;
	if (shutdown & SHUT_RECEIVE)
		ev |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(u->queued))
		ev |= EPOLLIN | EPOLLRDNORM;
	if (u->sk.type != SOCK_DGRAM && READ_ONCE(u->state) == UNIX_CLOSED)
		ev |= EPOLLHUP;
	return ev;
}

u32 unix_stream_poll(struct socket *sk, struct file *f, struct poll_table *pt)
{
	const struct unix_sock *u = to_unix(sk);
	u32 ev = common_poll(u);

	(void)f;
	(void)pt;
	if (READ_ONCE(u->state) != UNIX_LISTENING && unix_writable(u))
		ev |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return READ_ONCE(u->oob) ? ev | EPOLLPRI : ev;
}

u32 unix_packet_poll(struct socket *sk, struct file *f, struct poll_table *pt)
{
	struct unix_sock *u = to_unix(sk), *peer = NULL;
	u32 ev = common_poll(u);
	bool room = unix_writable(u) && READ_ONCE(u->state) != UNIX_LISTENING;

	(void)f;
	if (!room || (pt && !(pt->events & (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND))))
		return ev;
	spin_lock(&sk->lock);
	if (u->peer)
		peer = unix_get(u->peer);
	spin_unlock(&sk->lock);
	if (peer) {
		if (unix_queue_full(u, peer))
			room = unix_relay(u, peer);
		unix_put(peer);
	}
	return room ? ev | EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND : ev;
}

long unix_ioctl(struct socket *sk, unsigned cmd, unsigned long arg)
{
	struct unix_sock *u = to_unix(sk);
	struct file *f;
	u32 n = 0;

	switch (cmd) {
	case FIONREAD:
		spin_lock(&sk->lock);
		if (u->state == UNIX_LISTENING) {
			spin_unlock(&sk->lock);
			return -EINVAL;
		}
		if (sk->type == SOCK_DGRAM && !list_empty(&u->queue))
			n = list_first_entry(&u->queue, struct unix_msg, link)->len;
		else if (sk->type != SOCK_DGRAM)
			n = u->queued_bytes;
		spin_unlock(&sk->lock);
		return put_user_u32(n, (u32 __user *)arg);
	case TIOCOUTQ:
		return put_user_u32((u32)atomic_read(&u->wmem), (u32 __user *)arg);
	case SIOCATMARK:
		if (sk->type != SOCK_STREAM)
			return -EOPNOTSUPP;
		return put_user_u32(unix_at_mark(u), (u32 __user *)arg);
	case SIOCUNIXFILE:
		if (!net_capable(sk->net, CAP_NET_ADMIN))
			return -EPERM;
		if (!u->path.dentry)
			return -ENOENT;
		f = file_open_path(&u->path, O_PATH);
		return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, O_CLOEXEC);
	default:
		return -ENOTTY;
	}
}

/* As many as there is room for was checked. */
static int put_groups(void __user *val, int __user *ulen, const struct cred *c)
{
	u32 bytes = c->ngroups * (u32)sizeof(c->groups[0]);

	for (u32 i = 0; i < c->ngroups; i++)
		if (put_user_u32(gid_shown(current_user_ns(), c->groups[i]), (u32 __user *)val + i))
			return -EFAULT;
	return put_user_u32(bytes, (u32 __user *)ulen) ? -EFAULT : 0;
}

static int peer_pidfd(struct unix_sock *u, void __user *val, int __user *ulen)
{
	struct file *f = NULL;
	struct pid *p;
	int fd, err;

	spin_lock(&u->sk.lock);
	p = u->maker.pid ? pid_get(u->maker.pid) : NULL;
	spin_unlock(&u->sk.lock);
	if (!p)
		return -ENODATA;
	fd = READ_ONCE(p->proc) ? notify_pidfd(p, 0, &f) : -EINVAL;
	pid_put(p);
	if (fd < 0)
		return fd;
	err = sockopt_put(val, ulen, &fd, sizeof(fd));
	if (err) {
		fd_unreserve(fd);
		file_put(f);
		return err;
	}
	fd_install(fd, f);
	return 0;
}

int unix_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *ulen)
{
	struct unix_sock *u = to_unix(sk);
	int on = READ_ONCE(u->state) == UNIX_LISTENING, err;
	struct cred *groups;
	struct ucred c;
	u32 len, want;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (name) {
	case SO_ACCEPTCONN:
		return sockopt_put(val, ulen, &on, sizeof(on));
	case SO_PEERCRED:
		spin_lock(&sk->lock);
		c = u->maker.groups ? u->maker.cred : (struct ucred){ 0, ~0u, ~0u };
		spin_unlock(&sk->lock);
		c = ucred_shown(c);
		return sockopt_put(val, ulen, &c, sizeof(c));
	case SO_PEERGROUPS:
		spin_lock(&sk->lock);
		groups = u->maker.groups ? cred_get(u->maker.groups) : NULL;
		spin_unlock(&sk->lock);
		if (!groups)
			return -ENODATA;
		want = groups->ngroups * (u32)sizeof(groups->groups[0]);
		if (get_user_u32(&len, (u32 __user *)ulen))
			err = -EFAULT;
		else if (len < want)
			err = put_user_u32(want, (u32 __user *)ulen) ? -EFAULT : -ERANGE;
		else
			err = put_groups(val, ulen, groups);
		cred_put(groups);
		return err;
	case SO_PEERPIDFD:
		return peer_pidfd(u, val, ulen);
	default:
		return -ENOPROTOOPT;
	}
}

void unix_memory(struct socket *sk, u32 *received, u32 *sent)
{
	struct unix_sock *u = to_unix(sk);

	*received = READ_ONCE(u->queued_bytes);
	*sent = (u32)atomic_read(&u->wmem);
}
