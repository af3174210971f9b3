/*
 * The socket calls: arguments in, addresses and headers out. What they do is in
 * kernel/net/.
 */
#include <syscalls.h>

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/time.h>

#include "alloc/slab.h"
#include "core/time.h"
#include "dev/netdev.h"
#include "fs/files.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/socket.h"
#include "syscall/timespec.h"

/* Where SOCK_STREAM and its like stand in socket(2)'s type; the rest are flags. */
#define TYPE_MASK 0xf

static int address_in(struct sockaddr_storage *addr, const void __user *uaddr, int len)
{
	if (len < 0 || len > (int)sizeof(*addr))
		return -EINVAL;
	memset(addr, 0, sizeof(*addr));
	return copy_from_user(addr, uaddr, (size_t)len);
}

/* accept(2): the address is cut to the room; its true length is told. */
static int address_out(const struct sockaddr_storage *addr, int len, void __user *uaddr,
		       int __user *ulen)
{
	u32 room;

	if (get_user_u32(&room, (u32 __user *)ulen))
		return -EFAULT;
	if ((int)room < 0)
		return -EINVAL;
	if (copy_to_user(uaddr, addr, (size_t)min((int)room, len)))
		return -EFAULT;
	return put_user_u32((u32)len, (u32 __user *)ulen);
}

static int check_type(int *type, int *flags)
{
	*flags = (*type & SOCK_NONBLOCK ? O_NONBLOCK : 0) | (*type & SOCK_CLOEXEC ? O_CLOEXEC : 0);
	if (*type & ~(TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	*type &= TYPE_MASK;
	return 0;
}

long sys_socket(int domain, unsigned long utype, int protocol)
{
	int type = (int)utype, flags, err = check_type(&type, &flags);
	struct socket *sk;
	struct file *f;

	if (err)
		return err;
	sk = socket_create(domain, type, protocol);
	if (IS_ERR(sk))
		return PTR_ERR(sk);
	f = socket_file(sk, flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, (u32)flags & O_CLOEXEC);
}

/* Two files that are connected to each other. 0 or -errno. */
static int make_pair(int domain, int type, int protocol, int flags, struct file *ends[2])
{
	struct socket *a = socket_create(domain, type, protocol), *b;
	int err;

	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	b = socket_create(domain, type, protocol);
	if (IS_ERR(b)) {
		a->ops->release(a);
		return (int)PTR_ERR(b);
	}
	err = a->ops->socketpair ? a->ops->socketpair(a, b) : -EOPNOTSUPP;
	if (err) {
		a->ops->release(a);
		b->ops->release(b);
		return err;
	}
	ends[0] = socket_file(a, flags);
	ends[1] = socket_file(b, flags);
	for (int i = 0; i < 2; i++) {
		if (!IS_ERR(ends[i]))
			continue;
		if (!IS_ERR(ends[!i]))
			file_put(ends[!i]);
		return (int)PTR_ERR(ends[i]);
	}
	return 0;
}

long sys_socketpair(int domain, unsigned long utype, int protocol, int __user *fds)
{
	int type = (int)utype, flags, err = check_type(&type, &flags), fd[2];
	struct file *ends[2];

	if (err)
		return err;
	fd[0] = fd_reserve(0, (u32)flags & O_CLOEXEC);
	if (fd[0] < 0)
		return fd[0];
	fd[1] = fd_reserve(0, (u32)flags & O_CLOEXEC);
	if (fd[1] < 0) {
		fd_unreserve(fd[0]);
		return fd[1];
	}
	err = copy_to_user(fds, fd, sizeof(fd));
	if (!err)
		err = make_pair(domain, type, protocol, flags, ends);
	if (err) {
		fd_unreserve(fd[0]);
		fd_unreserve(fd[1]);
		return err;
	}
	fd_install(fd[0], ends[0]);
	fd_install(fd[1], ends[1]);
	return 0;
}

long sys_bind(struct file *f, void __user *uaddr, int len)
{
	struct socket *sk = file_socket(f);
	struct sockaddr_storage addr;
	int err = address_in(&addr, uaddr, len);

	return err ? err : sk->ops->bind(sk, &addr, len);
}

long sys_connect(struct file *f, void __user *uaddr, int len)
{
	struct socket *sk = file_socket(f);
	struct sockaddr_storage addr;
	int err = address_in(&addr, uaddr, len);

	if (err)
		return err;
	return sk->ops->connect(sk, &addr, len, socket_deadline(sk, 0, READ_ONCE(sk->sndtimeo)));
}

long sys_listen(struct file *f, int backlog)
{
	struct socket *sk = file_socket(f);
	int most = READ_ONCE(somaxconn);

	if ((unsigned)backlog > (unsigned)most)
		backlog = most;
	return sk->ops->listen ? sk->ops->listen(sk, backlog) : -EOPNOTSUPP;
}

static long do_accept(struct socket *sk, void __user *uaddr, int __user *ulen, int flags)
{
	int fd = fd_reserve(0, flags & SOCK_CLOEXEC ? O_CLOEXEC : 0), len;
	struct sockaddr_storage addr;
	struct socket *got;
	struct file *f;
	long err;

	if (fd < 0)
		return fd;
	got = sk->ops->accept ?
		      sk->ops->accept(sk, socket_deadline(sk, 0, READ_ONCE(sk->rcvtimeo))) :
		      ERR_PTR(-EOPNOTSUPP);
	f = IS_ERR(got) ? ERR_CAST(got) : socket_file(got, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0);
	if (IS_ERR(f)) {
		fd_unreserve(fd);
		return PTR_ERR(f);
	}
	if (uaddr) {
		len = got->ops->accept_name ? got->ops->accept_name(got, &addr) :
					      got->ops->getname(got, &addr, true);
		err = len < 0 ? -ECONNABORTED : address_out(&addr, len, uaddr, ulen);
		if (err) {
			fd_unreserve(fd);
			file_put(f);
			return err;
		}
	}
	fd_install(fd, f);
	return fd;
}

long sys_accept4(struct file *f, void __user *uaddr, void __user *ulen, unsigned long flags)
{
	struct socket *sk = file_socket(f);

	if ((int)flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	return sk ? do_accept(sk, uaddr, ulen, (int)flags) : -ENOTSOCK;
}

long sys_accept(struct file *f, void __user *uaddr, void __user *ulen)
{
	return sys_accept4(f, uaddr, ulen, 0);
}

static long get_name(struct file *f, void __user *uaddr, int __user *ulen, bool peer)
{
	struct socket *sk = file_socket(f);
	struct sockaddr_storage addr;
	int len = sk->ops->getname(sk, &addr, peer);

	return len < 0 ? len : address_out(&addr, len, uaddr, ulen);
}

long sys_getsockname(struct file *f, void __user *uaddr, void __user *ulen)
{
	return get_name(f, uaddr, ulen, false);
}

long sys_getpeername(struct file *f, void __user *uaddr, void __user *ulen)
{
	return get_name(f, uaddr, ulen, true);
}

long sys_shutdown(struct file *f, int how)
{
	struct socket *sk = file_socket(f);

	return how < SHUT_RD || how > SHUT_RDWR ? -EINVAL :
						  sk->ops->shutdown(sk, (unsigned)how + 1);
}

long sys_setsockopt(struct file *f, int level, int name, void __user *val, int len)
{
	long ret = socket_setsockopt(file_socket(f), level, name, val, len);

	net_run(); /* of groups the link is told */
	return ret;
}

long sys_getsockopt(struct file *f, int level, int name, void __user *val, void __user *len)
{
	return socket_getsockopt(file_socket(f), level, name, val, len);
}

/* --- one buffer --- */

long sys_sendto(struct file *f, const void __user *buf, size_t len, unsigned long flags,
		void __user *uaddr, int addrlen)
{
	struct message m = { .flags = (unsigned)flags };
	struct sockaddr_storage addr;
	struct iter it;
	int err = 0;

	iter_user(&it, buf, min(len, MAX_RW_COUNT));
	m.data = &it;
	if (!user_range_ok(buf, it.count))
		return -EFAULT;
	if (uaddr) {
		err = address_in(&addr, uaddr, addrlen);
		m.name = addrlen ? &addr : NULL;
		m.name_len = addrlen;
	}
	return err ? err : socket_sendmsg(f, &m);
}

long sys_recvfrom(struct file *f, void __user *buf, size_t len, unsigned long flags,
		  void __user *uaddr, void __user *ulen)
{
	struct message m = { .flags = (unsigned)flags };
	struct sockaddr_storage addr;
	struct iter it;
	ssize_t ret;
	int err;

	iter_user(&it, buf, min(len, MAX_RW_COUNT));
	m.data = &it;
	m.name = uaddr ? &addr : NULL;
	ret = user_range_ok(buf, it.count) ? socket_recvmsg(f, &m) : -EFAULT;
	if (ret < 0 || !uaddr)
		return ret;
	err = address_out(&addr, m.name_len, uaddr, ulen);
	return err ? err : ret;
}

/* --- headers --- */

/* A user's struct msghdr in kernel form. */
struct header {
	struct msghdr user;
	struct sockaddr_storage name;
	struct iovec fast[8], *heap;
	struct iter it;
	struct message m;
};

static int header_in(struct header *h, const struct msghdr __user *umsg, unsigned long flags)
{
	h->heap = NULL;
	memset(&h->m, 0, sizeof(h->m));
	if (copy_from_user(&h->user, umsg, sizeof(h->user)))
		return -EFAULT;
	if (!h->user.msg_name)
		h->user.msg_namelen = 0;
	if (h->user.msg_namelen < 0)
		return -EINVAL;
	if (h->user.msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	h->m.data = &h->it;
	h->m.flags = (unsigned)flags;
	return iter_import_iovec(&h->it, h->user.msg_iov, h->user.msg_iovlen, h->fast, &h->heap);
}

long sys_sendmsg(struct file *f, void __user *umsg, unsigned long flags)
{
	struct header h;
	void *control = NULL;
	long ret = header_in(&h, umsg, flags);
	int len = min(h.user.msg_namelen, (int)sizeof(h.name));

	if (ret)
		goto out;
	if (len) {
		ret = address_in(&h.name, h.user.msg_name, len);
		h.m.name = &h.name;
		h.m.name_len = len;
	}
	if (!ret && h.user.msg_controllen > READ_ONCE(sock_optmem_max))
		ret = -ENOBUFS;
	if (!ret && h.user.msg_controllen) {
		control = memdup_user(h.user.msg_control, h.user.msg_controllen);
		if (IS_ERR(control)) {
			ret = PTR_ERR(control) == -ENOMEM ? -ENOBUFS : PTR_ERR(control);
			control = NULL;
		}
		h.m.control = control;
		h.m.control_len = h.user.msg_controllen;
	}
	if (!ret)
		ret = socket_sendmsg(f, &h.m);
	kfree(control);
out:
	kfree(h.heap);
	return ret;
}

long sys_recvmsg(struct file *f, void __user *to, unsigned long flags)
{
	struct msghdr __user *umsg = to;
	struct header h;
	long ret = header_in(&h, umsg, flags);
	int err = 0;

	if (!ret) {
		h.m.name = h.user.msg_name ? &h.name : NULL;
		h.m.room = h.user.msg_control;
		h.m.room_len = h.user.msg_controllen;
		ret = socket_recvmsg(f, &h.m);
	}
	kfree(h.heap);
	if (ret < 0)
		return ret;
	if (h.user.msg_name)
		err = address_out(&h.name, h.m.name_len, h.user.msg_name,
				  (int __user *)&umsg->msg_namelen);
	h.m.out_flags |= h.m.flags & MSG_CMSG_CLOEXEC;
	if (!err)
		err = put_user_u32(h.m.out_flags, (u32 __user *)&umsg->msg_flags);
	if (!err)
		err = put_user_u64(h.user.msg_controllen - h.m.room_len,
				   (u64 __user *)&umsg->msg_controllen);
	return err ? err : ret;
}

long sys_sendmmsg(struct file *f, void __user *umsgs, unsigned int n, unsigned long flags)
{
	struct mmsghdr __user *msg = umsgs;
	unsigned done = 0;
	long ret = 0;

	n = min(n, (unsigned)UIO_MAXIOV);
	for (; done < n; done++, msg++) {
		ret = sys_sendmsg(f, &msg->msg_hdr, flags);
		if (ret >= 0 && put_user_u32((u32)ret, &msg->msg_len))
			ret = -EFAULT;
		if (ret < 0)
			break;
	}
	return done ? done : ret;
}

/* recvmmsg(2): the timeout is looked at after each message; an error behind one is kept. */
static long receive_many(struct file *f, struct mmsghdr __user *msg, unsigned n,
			 unsigned long flags, u64 deadline)
{
	struct socket *sk = file_socket(f);
	unsigned done = 0;
	long ret = sk ? socket_take_error(sk) : -ENOTSOCK;

	for (; !ret && done < n; done++, msg++) {
		long got = sys_recvmsg(f, &msg->msg_hdr, flags & ~MSG_WAITFORONE);

		if (got >= 0 && put_user_u32((u32)got, &msg->msg_len))
			got = -EFAULT;
		if (got < 0) {
			ret = got;
			break;
		}
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (now_mono() >= deadline) {
			done++;
			break;
		}
	}
	if (!done)
		return ret;
	if (ret < 0 && ret != -EAGAIN)
		socket_set_error(sk, (int)-ret);
	return done;
}

long sys_recvmmsg(int fd, void __user *umsgs, unsigned int n, unsigned long flags,
		  const void __user *utimeout)
{
	u64 deadline = WAIT_FOREVER, ns;
	struct fdref r;
	long ret;

	if (utimeout) {
		ret = get_timespec(&ns, utimeout);
		if (ret)
			return ret;
		deadline = deadline_after(ns);
	}
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	ret = receive_many(r.file, umsgs, min(n, (unsigned)UIO_MAXIOV), flags, deadline);
	fd_drop(r);
	if (ret > 0 && utimeout) {
		u64 now = now_mono();

		if (put_timespec(deadline > now ? deadline - now : 0, (void __user *)utimeout))
			ret = -EFAULT;
	}
	return ret;
}
