/*
 * packetdrill's shared-library interface onto our TCP, compiled for the host, with a virtual clock:
 *
 *	packetdrill --so_filename=build/host/libtarn_tcp.so SCRIPT
 *
 * packetdrill itself is built elsewhere; the table of calls below is laid out as it expects it. Its
 * main thread lets time pass (usleep, gettimeofday, a wait for a packet); a second one makes the
 * calls that wait. One lock guards all; who waits is let go only by the thread that moves time, and
 * time stands still until it waits again or is done: so a run is the same each time.
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

struct timeval_host {
	long sec, usec;
};
struct pollfd_host {
	int fd;
	short events, revents;
};

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

int usleep(unsigned us);
typedef struct {
	u64 room[8];
} lock_t;
int pthread_mutex_lock(lock_t *l);
int pthread_mutex_unlock(lock_t *l);
int pthread_cond_wait(lock_t *c, lock_t *l);
int pthread_cond_broadcast(lock_t *c);

extern int (*world_wait)(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline);

static lock_t big_lock, changed;

/* --- who waits --- */

static bool running; /* the other thread, let go */

static struct waiting {
	bool used, go, woken;
	struct socket *sk;
	bool (*ready)(void *sk);
	u64 deadline;
	struct waiter waiter;
} waits[8];

static bool wake_here(struct waiter *w, u32 key __unused)
{
	((struct waiting *)w->arg)->woken = true;
	return true;
}

/* q NULL: ready() is to be asked whenever something has happened. */
static int wait_here(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline)
{
	struct waiting *w = waits;

	if (ready(sk))
		return 0;
	if (!deadline)
		return -EAGAIN;
	while (w->used)
		w++;
	*w = (struct waiting){ .used = true, .sk = sk, .ready = ready, .deadline = deadline };
	waiter_init_fn(&w->waiter, wake_here, w);
	if (q)
		waitq_add(q, &w->waiter);
	else
		w->woken = true;
	running = false;
	pthread_cond_broadcast(&changed);
	while (!w->go)
		pthread_cond_wait(&changed, &big_lock);
	if (q)
		waitq_remove(q, &w->waiter);
	w->used = false;
	return ready(sk) ? 0 : -EAGAIN;
}

static unsigned asked; /* how often for the time of day */
static bool owed; /* the other thread has yet to take packetdrill's own lock */

/* The other thread's turn. */
static void breathe(unsigned us)
{
	pthread_mutex_unlock(&big_lock);
	usleep(us);
	pthread_mutex_lock(&big_lock);
}

static void let_go(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
		struct waiting *w = &waits[i];

		if (!w->used || w->go ||
		    !((w->woken && w->ready(w->sk)) || world_now >= w->deadline))
			continue;
		w->go = true;
		running = true;
		pthread_cond_broadcast(&changed);
		while (running)
			pthread_cond_wait(&changed, &big_lock);
		/* It notes the time before that goes on. */
		for (unsigned was = asked, n = 0; was == asked && n < 100; n++)
			breathe(2000);
		owed = true;
	}
}

static bool was_woken(void *sk __unused)
{
	return waitq_woken;
}

int wait_sleep(u64 deadline)
{
	return wait_here(NULL, NULL, was_woken, deadline) ? -ETIMEDOUT : 0;
}

/* Time passes until `at`. */
static void pass(u64 at)
{
	let_go();
	while (world_step(at))
		let_go();
}

/* --- descriptors --- */

static struct entry {
	bool used;
	struct socket *sk;
	struct file file, *epoll;
	bool pipe;
} table[64];

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

static struct entry *entry(int fd)
{
	return fd >= 0 && fd < (int)ARRAY_SIZE(table) && table[fd].used ? &table[fd] : NULL;
}

static int new_entry(void)
{
	int fd = 3;

	while (table[fd].used)
		fd++;
	table[fd] = (struct entry){ .used = true };
	return fd;
}

static int new_fd(struct socket *sk)
{
	int fd = new_entry();
	struct file *f = &table[fd].file;

	table[fd].sk = sk;
	f->ops = &socket_fops;
	f->priv = sk;
	spin_init(&f->lock, RANK_FS, "file");
	list_init(&f->epoll_links);
	sk->file = f;
	return fd;
}

static long done(long ret)
{
	static const struct waiting none;

	world_settle();
	pd_counters_write();
	running = false;
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++)
		if (!waits[i].used)
			waits[i] = none;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&big_lock);
	if (ret >= 0)
		return ret;
	*__errno_location() = (int)-ret;
	return -1;
}

/* --- the calls --- */

static struct socket *begin(int fd)
{
	struct entry *e;

	pthread_mutex_lock(&big_lock);
	pd_settings_read();
	e = entry(fd);
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
	pthread_mutex_lock(&big_lock);
	if ((type & 0xf) != SOCK_STREAM)
		return (int)done(-EPROTONOSUPPORT);
	pd_settings_read();
	sk = tcp_create(world_net(0), (u16)domain, SOCK_STREAM, IPPROTO_TCP);
	if (type & SOCK_NONBLOCK) {
		int fd = new_fd(sk);

		table[fd].file.flags |= O_NONBLOCK;
		return (int)done(fd);
	}
	return (int)done(new_fd(sk));
}

static int pd_bind(void *u, int fd, const void *addr, u32 len)
{
	struct socket *sk = begin(fd);
	struct sockaddr_storage ss = { 0 };

	(void)u;
	memcpy(&ss, addr, min(len, (u32)sizeof(ss)));
	return (int)done(sk ? sk->ops->bind(sk, &ss, (int)len) : -EBADF);
}

static int pd_listen(void *u, int fd, int backlog)
{
	struct socket *sk = begin(fd);

	(void)u;
	return (int)done(sk ? sk->ops->listen(sk, backlog) : -EBADF);
}

static int pd_accept(void *u, int fd, void *addr, u32 *len)
{
	struct socket *sk = begin(fd), *got;
	struct sockaddr_storage ss;
	int n;

	(void)u;
	if (!sk)
		return (int)done(-EBADF);
	got = sk->ops->accept(sk, deadline(sk, 0, sk->rcvtimeo));
	if (IS_ERR(got))
		return (int)done(PTR_ERR(got));
	n = new_fd(got);
	if (addr) {
		int l = got->ops->accept_name(got, &ss);

		if (l > 0) {
			memcpy(addr, &ss, min(*len, (u32)l));
			*len = (u32)l;
		}
	}
	return (int)done(n);
}

static int pd_connect(void *u, int fd, const void *addr, u32 len)
{
	struct socket *sk = begin(fd);
	struct sockaddr_storage ss = { 0 };

	(void)u;
	memcpy(&ss, addr, min(len, (u32)sizeof(ss)));
	return (int)done(sk ? sk->ops->connect(sk, &ss, (int)len, deadline(sk, 0, sk->sndtimeo)) :
			      -EBADF);
}

static ssize_t move(int fd, const struct iovec *iov, unsigned n, int flags, bool out,
		    struct message *m)
{
	struct socket *sk = begin(fd);
	struct iter it = { .kind = ITER_KERNEL, .nr_segs = n, .iov = iov };

	if (!sk)
		return done(-EBADF);
	for (unsigned i = 0; i < n; i++)
		it.count += iov[i].iov_len;
	m->data = &it;
	m->flags = (unsigned)flags;
	m->deadline = deadline(sk, flags, out ? sk->sndtimeo : sk->rcvtimeo);
	return done(out				     ? sk->ops->sendmsg(sk, m) :
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

static ssize_t pd_recv(void *u, int fd, void *buf, size_t n, int flags)
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
	struct entry *e = entry(fd);
	va_list ap;
	int arg;

	(void)u;
	va_start(ap, cmd);
	arg = va_arg(ap, int);
	va_end(ap);
	pthread_mutex_lock(&big_lock);
	if (!e)
		return (int)done(-EBADF);
	if (cmd == F_GETFL)
		return (int)done((int)e->file.flags | O_RDWR);
	if (cmd != F_SETFL)
		return (int)done(-EINVAL);
	e->file.flags = (u32)arg & O_NONBLOCK;
	return (int)done(0);
}

static int pd_ioctl(void *u, int fd, unsigned long request, ...)
{
	struct socket *sk = begin(fd);
	va_list ap;
	void *arg;

	(void)u;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	return (int)done(sk ? sk->ops->ioctl(sk, (unsigned)request, (unsigned long)arg) : -EBADF);
}

static int pd_close(void *u, int fd)
{
	struct socket *sk = begin(fd);
	struct entry *e = entry(fd);

	(void)u;
	if (!e)
		return (int)done(-EBADF);
	e->used = false;
	if (e->epoll) {
		e->epoll->ops->release(e->epoll);
		free(e->epoll);
	} else if (sk) {
		epoll_file_gone(&e->file);
		sk->file = NULL;
		sk->ops->release(sk);
	}
	return (int)done(0);
}

static int pd_shutdown(void *u, int fd, int how)
{
	struct socket *sk = begin(fd);

	(void)u;
	return (int)done(sk ? sk->ops->shutdown(sk, (unsigned)how + 1) : -EBADF);
}

static int pd_setsockopt(void *u, int fd, int level, int name, const void *val, u32 len)
{
	struct socket *sk = begin(fd);

	(void)u;
	if (!sk)
		return (int)done(-EBADF);
	if (level == SOL_SOCKET)
		return (int)done(socket_setsockopt(sk, level, name, val, (int)len));
	if (level == SOL_IP && name == IP_TOS) {
		((struct inet_socket *)sk)->tos = *(const u8 *)val;
		return (int)done(0);
	}
	if (level == SOL_IP && name == IP_MTU_DISCOVER) {
		((struct inet_socket *)sk)->pmtudisc = *(const u8 *)val;
		return (int)done(0);
	}
	if (level == SOL_IP || level == SOL_IPV6)
		return (int)done(0);
	return (int)done(sk->ops->setsockopt(sk, level, name, val, (int)len));
}

static int pd_getsockopt(void *u, int fd, int level, int name, void *val, u32 *len)
{
	struct socket *sk = begin(fd);

	(void)u;
	if (!sk)
		return (int)done(-EBADF);
	if (level == SOL_SOCKET)
		return (int)done(socket_getsockopt(sk, level, name, val, (int *)len));
	return (int)done(sk->ops->getsockopt(sk, level, name, val, (int *)len));
}

static int count_ready(struct pollfd_host *fds, unsigned long n)
{
	int ready = 0;

	for (unsigned long i = 0; i < n; i++) {
		struct entry *e = entry(fds[i].fd);
		u32 ev = e && e->sk ? e->sk->ops->poll(e->sk, &e->file, NULL) : 0x20;

		fds[i].revents =
			(short)(ev & ((u32)(u16)fds[i].events | EPOLLERR | EPOLLHUP | 0x20));
		ready += fds[i].revents != 0;
	}
	return ready;
}

static struct {
	struct pollfd_host *fds;
	unsigned long n;
} polled;

static bool poll_ready(void *sk)
{
	(void)sk;
	return count_ready(polled.fds, polled.n) != 0;
}

static int pd_poll(void *u, struct pollfd_host *fds, unsigned long n, int timeout)
{
	int ready;

	(void)u;
	pthread_mutex_lock(&big_lock);
	ready = count_ready(fds, n);
	if (!ready && timeout) {
		polled.fds = fds;
		polled.n = n;
		wait_here(NULL, NULL, poll_ready,
			  timeout < 0 ? WAIT_FOREVER : world_now + (u64)timeout * NSEC_PER_MSEC);
		ready = count_ready(fds, n);
	}
	return (int)done(ready);
}

/* --- epoll, pipes --- */

/* As the C library of the machine that packetdrill runs on has it. */
struct epoll_event_host {
	u32 events;
	u64 data;
} __attribute__((packed));

static int pd_epoll_create(void *u, int size)
{
	int fd;

	(void)u;
	(void)size;
	pthread_mutex_lock(&big_lock);
	fd = new_entry();
	table[fd].epoll = epoll_create_file();
	return (int)done(fd);
}

static int pd_epoll_ctl(void *u, int ep, int op, int fd, void *event)
{
	struct socket *sk = begin(fd);
	const struct epoll_event_host *h = event;
	struct epoll_event ev = { 0 };
	struct entry *e = entry(ep);

	(void)u;
	if (!e || !e->epoll || !sk)
		return (int)done(-EBADF);
	if (h)
		ev = (struct epoll_event){ .events = h->events, .data = h->data };
	return (int)done(epoll_control(e->epoll, op, fd, &table[fd].file, &ev));
}

static int pd_epoll_wait(void *u, int ep, void *events, int n, int timeout)
{
	struct epoll_event_host *h = events;
	struct epoll_event got[16];
	struct entry *e;
	int ret;

	(void)u;
	begin(-1);
	e = entry(ep);
	if (!e || !e->epoll)
		return (int)done(-EBADF);
	ret = epoll_wait_file(e->epoll, got, min(n, (int)ARRAY_SIZE(got)),
			      timeout < 0 ? WAIT_FOREVER :
			      timeout	  ? world_now + (u64)timeout * NSEC_PER_MSEC :
					    0);
	for (int i = 0; i < ret; i++)
		h[i] = (struct epoll_event_host){ got[i].events, got[i].data };
	return (int)done(ret);
}

/* What goes into a pipe is not looked at. */
static int pd_pipe(void *u, int fds[2])
{
	(void)u;
	pthread_mutex_lock(&big_lock);
	for (int i = 0; i < 2; i++) {
		fds[i] = new_entry();
		table[fds[i]].pipe = true;
	}
	return (int)done(0);
}

static int pd_splice(void *u, int in, s64 *off_in, int out, s64 *off_out, size_t n, unsigned flags)
{
	static u8 bytes[65536];
	struct entry *e = entry(out);

	(void)off_in;
	(void)off_out;
	if (!e || !e->pipe || !entry(in) || !entry(in)->sk) {
		*__errno_location() = EINVAL;
		return -1;
	}
	return (int)pd_recv(u, in, bytes, min(n, sizeof(bytes)), (int)flags ? MSG_DONTWAIT : 0);
}

/* --- packets --- */

static int pd_send_packet(void *u, const void *buf, size_t n)
{
	(void)u;
	pthread_mutex_lock(&big_lock);
	pd_settings_read();
	pd_device_input(buf, n);
	world_settle();
	pd_counters_write();
	let_go();
	return (int)done(0);
}

static int pd_receive(void *u, void *buf, size_t *n, long long *usecs)
{
	u64 limit;
	struct pd_sent *f;

	(void)u;
	pthread_mutex_lock(&big_lock);
	pd_settings_read();
	let_go();
	limit = world_now + 200 * NSEC_PER_SEC;
	while (list_empty(&pd_sent_list) && world_step(limit))
		let_go();
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
	return (int)done(0);
}

static int pd_usleep(void *u, unsigned usec)
{
	(void)u;
	pthread_mutex_lock(&big_lock);
	pd_settings_read();
	if (owed) /* packetdrill has let go of it while it sleeps */
		breathe(20000);
	owed = false;
	pass(world_now + (u64)usec * NSEC_PER_USEC);
	return (int)done(0);
}

static int pd_gettimeofday(void *u, struct timeval_host *tv, void *tz)
{
	u64 t;

	(void)u;
	(void)tz;
	pthread_mutex_lock(&big_lock);
	asked++;
	t = world_now + world_epoch;
	tv->sec = (long)(t / NSEC_PER_SEC);
	tv->usec = (long)(t % NSEC_PER_SEC / NSEC_PER_USEC);
	/* Whoever looks at the clock in a loop wants it to move. */
	pass(world_now + 10 * NSEC_PER_USEC);
	return (int)done(0);
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
	world_wait = wait_here;
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
