/*
 * packetdrill's shared-library interface onto our TCP, compiled for the host, with a virtual clock:
 *
 *	LD_PRELOAD=libtarn_tcp.so packetdrill --so_filename=build/host/libtarn_tcp.so SCRIPT
 *
 * packetdrill itself is built elsewhere; the table of calls below is laid out as it expects it. Three
 * calls it makes past the table, whatever the descriptor: close, when a script ends, getsockopt for
 * what its assertions read, and sendfile. So the library stands before the C library, too, and has those.
 */
#include "packetdrill.h"

#include <err.h>
#include <uapi/epoll.h>
#include <uapi/fcntl.h>
#include <uapi/in.h>
#include <uapi/ioctl.h>
#include <uapi/sock_diag.h>

#include "core/sched.h"
#include "fs/epoll.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "waitq.h"

struct packetdrill_interface {
	void *userdata;
	void (*free)(void *u);
	int (*socket)(void *u, int domain, int type, int protocol);
	int (*bind)(void *u, int fd, const void *addr, u32 len);
	int (*listen)(void *u, int fd, int backlog);
	int (*accept)(void *u, int fd, void *addr, u32 *len);
	int (*connect)(void *u, int fd, const void *addr, u32 len);
	ssize_t (*read)(void *u, int fd, void *buf, size_t n);
	ssize_t (*readv)(void *u, int fd, const struct iovec *iov, int n);
	ssize_t (*recv)(void *u, int fd, void *buf, size_t n, int flags);
	ssize_t (*recvfrom)(void *u, int fd, void *buf, size_t n, int flags, void *addr, u32 *len);
	ssize_t (*recvmsg)(void *u, int fd, struct msghdr *msg, int flags);
	ssize_t (*write)(void *u, int fd, const void *buf, size_t n);
	ssize_t (*writev)(void *u, int fd, const struct iovec *iov, int n);
	ssize_t (*send)(void *u, int fd, const void *buf, size_t n, int flags);
	ssize_t (*sendto)(void *u, int fd, const void *buf, size_t n, int flags, const void *addr,
			  u32 len);
	ssize_t (*sendmsg)(void *u, int fd, const struct msghdr *msg, int flags);
	int (*fcntl)(void *u, int fd, int cmd, ...);
	int (*ioctl)(void *u, int fd, unsigned long request, ...);
	int (*close)(void *u, int fd);
	int (*shutdown)(void *u, int fd, int how);
	int (*getsockopt)(void *u, int fd, int level, int name, void *val, u32 *len);
	int (*setsockopt)(void *u, int fd, int level, int name, const void *val, u32 len);
	int (*poll)(void *u, struct pollfd_host *fds, unsigned long n, int timeout);
	int (*netdev_send)(void *u, const void *buf, size_t n);
	int (*netdev_receive)(void *u, void *buf, size_t *n, long long *usecs);
	int (*usleep)(void *u, unsigned usec);
	int (*gettimeofday)(void *u, struct timeval_host *tv, void *tz);
	int (*epoll_create)(void *u, int size);
	int (*epoll_ctl)(void *u, int ep, int op, int fd, void *event);
	int (*epoll_wait)(void *u, int ep, void *events, int n, int timeout);
	int (*pipe)(void *u, int fds[2]);
	int (*splice)(void *u, int in, s64 *off_in, int out, s64 *off_out, size_t n,
		      unsigned flags);
};
__attribute__((visibility("default"))) void
packetdrill_interface_init(const char *flags, struct packetdrill_interface *ifc);

extern int (*world_wait)(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline);

/* --- descriptors --- */

static struct pd_entry table[64];

struct pd_entry *pd_entry(int fd)
{
	unsigned i = (unsigned)fd - PD_FD_FIRST;

	return i < ARRAY_SIZE(table) && table[i].used ? &table[i] : NULL;
}

int pd_new_entry(void)
{
	int i = 0;

	while (table[i].used)
		i++;
	table[i] = (struct pd_entry){ .used = true };
	return PD_FD_FIRST + i;
}

static u32 poll_socket(struct file *f, struct poll_table *pt)
{
	struct socket *sk = f->priv;

	poll_wait(f, &sk->readers, pt);
	poll_wait(f, &sk->writers, pt);
	return sk->ops->poll(sk, f, pt);
}

static const struct file_ops socket_fops = { .poll = poll_socket };

u32 file_poll(struct file *f, struct poll_table *pt)
{
	return f->ops->poll(f, pt);
}

struct file *anon_file(const char *name __unused, const struct file_ops *ops, void *priv,
		       int flags __unused)
{
	struct file *f = calloc(1, sizeof(*f));

	f->ops = ops;
	f->priv = priv;
	spin_init(&f->lock, RANK_FS, "file");
	list_init(&f->epoll_links);
	return f;
}

void cond_resched(void)
{
}

static int new_fd(struct socket *sk)
{
	int fd = pd_new_entry();
	struct file *f = &pd_entry(fd)->file;

	pd_entry(fd)->sk = sk;
	f->ops = &socket_fops;
	f->priv = sk;
	spin_init(&f->lock, RANK_FS, "file");
	list_init(&f->epoll_links);
	sk->file = f;
	return fd;
}

/* --- the calls --- */

struct socket *pd_begin(int fd)
{
	struct pd_entry *e;

	pd_lock();
	pd_settings_read();
	e = pd_entry(fd);
	return e ? e->sk : NULL;
}

static u64 deadline(struct socket *sk, int flags, u64 timeo)
{
	if ((flags & MSG_DONTWAIT) || (sk->file && (sk->file->flags & O_NONBLOCK)))
		return 0;
	return timeo ? world_now + timeo : WAIT_FOREVER;
}

static int pd_socket(void *u, int domain, int type, int protocol)
{
	struct socket *sk;

	(void)u;
	(void)protocol;
	pd_lock();
	if ((type & 0xf) != SOCK_STREAM)
		return (int)pd_done(-EPROTONOSUPPORT);
	pd_settings_read();
	sk = tcp_create(world_net(0), (u16)domain, SOCK_STREAM, IPPROTO_TCP);
	if (type & SOCK_NONBLOCK) {
		int fd = new_fd(sk);

		pd_entry(fd)->file.flags |= O_NONBLOCK;
		return (int)pd_done(fd);
	}
	return (int)pd_done(new_fd(sk));
}

static int pd_bind(void *u, int fd, const void *addr, u32 len)
{
	struct socket *sk = pd_begin(fd);
	struct sockaddr_storage ss = { 0 };

	(void)u;
	memcpy(&ss, addr, min(len, (u32)sizeof(ss)));
	return (int)pd_done(sk ? sk->ops->bind(sk, &ss, (int)len) : -EBADF);
}

static int pd_listen(void *u, int fd, int backlog)
{
	struct socket *sk = pd_begin(fd);

	(void)u;
	return (int)pd_done(sk ? sk->ops->listen(sk, backlog) : -EBADF);
}

static int pd_accept(void *u, int fd, void *addr, u32 *len)
{
	struct socket *sk = pd_begin(fd), *got;
	struct sockaddr_storage ss;
	int n;

	(void)u;
	if (!sk)
		return (int)pd_done(-EBADF);
	got = sk->ops->accept(sk, deadline(sk, 0, sk->rcvtimeo));
	if (IS_ERR(got))
		return (int)pd_done(PTR_ERR(got));
	n = new_fd(got);
	if (addr) {
		int l = got->ops->accept_name(got, &ss);

		if (l > 0) {
			memcpy(addr, &ss, min(*len, (u32)l));
			*len = (u32)l;
		}
	}
	return (int)pd_done(n);
}

static int pd_connect(void *u, int fd, const void *addr, u32 len)
{
	struct socket *sk = pd_begin(fd);
	struct sockaddr_storage ss = { 0 };

	(void)u;
	memcpy(&ss, addr, min(len, (u32)sizeof(ss)));
	return (int)pd_done(
		sk ? sk->ops->connect(sk, &ss, (int)len, deadline(sk, 0, sk->sndtimeo)) : -EBADF);
}

static ssize_t move(int fd, const struct iovec *iov, unsigned n, int flags, bool out,
		    struct message *m)
{
	struct socket *sk = pd_begin(fd);
	struct iter it = { .kind = ITER_KERNEL, .nr_segs = n, .iov = iov };

	if (!sk)
		return pd_done(-EBADF);
	for (unsigned i = 0; i < n; i++)
		it.count += iov[i].iov_len;
	m->data = &it;
	m->flags = (unsigned)flags;
	m->deadline = deadline(sk, flags, out ? sk->sndtimeo : sk->rcvtimeo);
	return pd_done(out				? sk->ops->sendmsg(sk, m) :
		       it.count || flags & MSG_ERRQUEUE ? sk->ops->recvmsg(sk, m) :
							  0);
}

static ssize_t one(int fd, void *buf, size_t n, int flags, bool out)
{
	struct iovec iov = { buf, n };
	struct message m = { 0 };

	return move(fd, &iov, 1, flags, out, &m);
}

static ssize_t pd_read(void *u, int fd, void *buf, size_t n)
{
	(void)u;
	return one(fd, buf, n, 0, false);
}

static ssize_t pd_readv(void *u, int fd, const struct iovec *iov, int n)
{
	struct message m = { 0 };

	(void)u;
	return move(fd, iov, (unsigned)n, 0, false, &m);
}

ssize_t pd_recv(void *u, int fd, void *buf, size_t n, int flags)
{
	(void)u;
	return one(fd, buf, n, flags, false);
}

static ssize_t pd_recvfrom(void *u, int fd, void *buf, size_t n, int flags, void *addr, u32 *len)
{
	(void)addr;
	(void)len;
	return pd_recv(u, fd, buf, n, flags);
}

static ssize_t pd_recvmsg(void *u, int fd, struct msghdr *msg, int flags)
{
	struct message m = { .room = msg->msg_control, .room_len = msg->msg_controllen };
	ssize_t ret;

	(void)u;
	ret = move(fd, msg->msg_iov, (unsigned)msg->msg_iovlen, flags, false, &m);
	if (ret < 0)
		return ret;
	msg->msg_flags = m.out_flags;
	msg->msg_controllen -= m.room_len;
	return ret;
}

static ssize_t pd_write(void *u, int fd, const void *buf, size_t n)
{
	(void)u;
	return one(fd, (void *)(unsigned long)buf, n, 0, true);
}

static ssize_t pd_writev(void *u, int fd, const struct iovec *iov, int n)
{
	struct message m = { 0 };

	(void)u;
	return move(fd, iov, (unsigned)n, 0, true, &m);
}

static ssize_t pd_send(void *u, int fd, const void *buf, size_t n, int flags)
{
	(void)u;
	return one(fd, (void *)(unsigned long)buf, n, flags, true);
}

static ssize_t pd_sendto(void *u, int fd, const void *buf, size_t n, int flags, const void *addr,
			 u32 len)
{
	struct iovec iov = { (void *)(unsigned long)buf, n };
	struct sockaddr_storage ss = { 0 };
	struct message m = { 0 };

	(void)u;
	if (addr) {
		memcpy(&ss, addr, min(len, (u32)sizeof(ss)));
		m.name = &ss;
		m.name_len = (int)len;
	}
	return move(fd, &iov, 1, flags, true, &m);
}

static ssize_t pd_sendmsg(void *u, int fd, const struct msghdr *msg, int flags)
{
	struct message m = { .name = msg->msg_name,
			     .name_len = msg->msg_namelen,
			     .control = msg->msg_control,
			     .control_len = msg->msg_controllen };

	(void)u;
	return move(fd, msg->msg_iov, (unsigned)msg->msg_iovlen, flags, true, &m);
}

static int pd_fcntl(void *u, int fd, int cmd, ...)
{
	struct pd_entry *e = pd_entry(fd);
	va_list ap;
	int arg;

	(void)u;
	va_start(ap, cmd);
	arg = va_arg(ap, int);
	va_end(ap);
	pd_lock();
	if (!e)
		return (int)pd_done(-EBADF);
	if (cmd == F_GETFL)
		return (int)pd_done((int)e->file.flags | O_RDWR);
	if (cmd != F_SETFL)
		return (int)pd_done(-EINVAL);
	e->file.flags = (u32)arg & O_NONBLOCK;
	return (int)pd_done(0);
}

static int pd_ioctl(void *u, int fd, unsigned long request, ...)
{
	struct socket *sk = pd_begin(fd);
	va_list ap;
	void *arg;

	(void)u;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	return (int)pd_done(sk ? sk->ops->ioctl(sk, (unsigned)request, (unsigned long)arg) :
				 -EBADF);
}

static int pd_close(void *u, int fd)
{
	struct socket *sk = pd_begin(fd);
	struct pd_entry *e = pd_entry(fd);

	(void)u;
	if (!e)
		return (int)pd_done(-EBADF);
	e->used = false;
	if (e->epoll) {
		e->epoll->ops->release(e->epoll);
		free(e->epoll);
	} else if (sk) {
		epoll_file_gone(&e->file);
		sk->file = NULL;
		sk->ops->release(sk);
	}
	return (int)pd_done(0);
}

static int pd_shutdown(void *u, int fd, int how)
{
	struct socket *sk = pd_begin(fd);

	(void)u;
	return (int)pd_done(sk ? sk->ops->shutdown(sk, (unsigned)how + 1) : -EBADF);
}

static int pd_setsockopt(void *u, int fd, int level, int name, const void *val, u32 len)
{
	struct socket *sk = pd_begin(fd);

	(void)u;
	if (!sk)
		return (int)pd_done(-EBADF);
	if (level == SOL_SOCKET)
		return (int)pd_done(socket_setsockopt(sk, level, name, val, (int)len));
	if (level == SOL_IP && name == IP_TOS) {
		((struct inet_socket *)sk)->tos = *(const u8 *)val;
		return (int)pd_done(0);
	}
	if (level == SOL_IP && name == IP_MTU_DISCOVER) {
		((struct inet_socket *)sk)->pmtudisc = *(const u8 *)val;
		return (int)pd_done(0);
	}
	if (level == SOL_IP || level == SOL_IPV6)
		return (int)pd_done(0);
	return (int)pd_done(sk->ops->setsockopt(sk, level, name, val, (int)len));
}

static int pd_getsockopt(void *u, int fd, int level, int name, void *val, u32 *len)
{
	struct socket *sk = pd_begin(fd);

	(void)u;
	if (!sk)
		return (int)pd_done(-EBADF);
	if (level == SOL_SOCKET)
		return (int)pd_done(socket_getsockopt(sk, level, name, val, (int *)len));
	return (int)pd_done(sk->ops->getsockopt(sk, level, name, val, (int *)len));
}

/* --- packets --- */

static int pd_send_packet(void *u, const void *buf, size_t n)
{
	(void)u;
	pd_lock();
	pd_settings_read();
	pd_device_input(buf, n);
	world_settle();
	pd_counters_write();
	pd_let_go();
	return (int)pd_done(0);
}

static int pd_receive(void *u, void *buf, size_t *n, long long *usecs)
{
	u64 limit;
	struct pd_sent *f;

	(void)u;
	pd_lock();
	pd_settings_read();
	pd_let_go();
	limit = world_now + 200 * NSEC_PER_SEC;
	while (list_empty(&pd_sent_list) && world_step(limit))
		pd_let_go();
	*n = 0;
	*usecs = (long long)((world_now + world_epoch) / NSEC_PER_USEC);
	if (!list_empty(&pd_sent_list)) {
		f = list_first_entry(&pd_sent_list, struct pd_sent, link);
		list_del(&f->link);
		*n = f->len;
		memcpy(buf, f->bytes, f->len);
		*usecs = (long long)((f->at + world_epoch) / NSEC_PER_USEC);
		free(f);
	}
	return (int)pd_done(0);
}

/* --- the calls that pass the table by --- */

#define RTLD_NEXT ((void *)-1l)
void *dlsym(void *handle, const char *name);
__attribute__((visibility("default"))) int close(int fd);
__attribute__((visibility("default"))) int getsockopt(int fd, int level, int name, void *val,
						      u32 *len);
__attribute__((visibility("default"))) ssize_t sendfile(int out, int in, s64 *off, size_t n);
ssize_t pread(int fd, void *buf, size_t n, s64 off);

ssize_t sendfile(int to, int from, s64 *off, size_t n)
{
	ssize_t (*next)(int to, int from, s64 *off, size_t n) = dlsym(RTLD_NEXT, "sendfile");
	static u8 bytes[65536];
	ssize_t ret;

	if (!pd_entry(to))
		return next(to, from, off, n);
	ret = pread(from, bytes, min(n, sizeof(bytes)), *off);
	if (ret > 0)
		ret = one(to, bytes, (size_t)ret, 0, true);
	if (ret > 0)
		*off += ret;
	return ret;
}

int close(int fd)
{
	int (*next)(int fd) = dlsym(RTLD_NEXT, "close");

	return pd_entry(fd) ? pd_close(NULL, fd) : next(fd);
}

int getsockopt(int fd, int level, int name, void *val, u32 *len)
{
	int (*next)(int fd, int level, int name, void *val, u32 *len) =
		dlsym(RTLD_NEXT, "getsockopt");
	u32 asked = *len;
	int ret;

	if (!pd_entry(fd))
		return next(fd, level, name, val, len);
	ret = pd_getsockopt(NULL, fd, level, name, val, len);
	/* A packetdrill that knows members of later kernels insists on having them. */
	if (!ret && level == IPPROTO_TCP && name == TCP_INFO && *len < asked) {
		memset((u8 *)val + *len, 0, asked - *len);
		*len = asked;
	}
	return ret;
}

static void pd_free(void *u)
{
	(void)u;
}

void packetdrill_interface_init(const char *flags, struct packetdrill_interface *ifc)
{
	(void)flags;
	world_start(42, 1, false);
	pd_device_start();
	epoll_init();
	world_wait = pd_wait;
	world_epoch = 1000000 * NSEC_PER_SEC;
	*ifc = (struct packetdrill_interface){
		.free = pd_free,
		.socket = pd_socket,
		.bind = pd_bind,
		.listen = pd_listen,
		.accept = pd_accept,
		.connect = pd_connect,
		.read = pd_read,
		.readv = pd_readv,
		.recv = pd_recv,
		.recvfrom = pd_recvfrom,
		.recvmsg = pd_recvmsg,
		.write = pd_write,
		.writev = pd_writev,
		.send = pd_send,
		.sendto = pd_sendto,
		.sendmsg = pd_sendmsg,
		.fcntl = pd_fcntl,
		.ioctl = pd_ioctl,
		.close = pd_close,
		.shutdown = pd_shutdown,
		.getsockopt = pd_getsockopt,
		.setsockopt = pd_setsockopt,
		.poll = pd_poll,
		.netdev_send = pd_send_packet,
		.netdev_receive = pd_receive,
		.usleep = pd_usleep,
		.gettimeofday = pd_gettimeofday,
		.epoll_create = pd_epoll_create,
		.epoll_ctl = pd_epoll_ctl,
		.epoll_wait = pd_epoll_wait,
		.pipe = pd_pipe,
		.splice = pd_splice,
	};
}
