/*
 * packetdrill's shared-library interface onto our TCP, compiled for the host, with a virtual clock:
 *
 *	packetdrill --so_filename=build/host/libtarn_tcp.so SCRIPT
 *
 * packetdrill itself is built elsewhere; the table of calls below is laid out as it expects it. Its
 * main thread lets time pass (usleep, gettimeofday, a wait for a packet); a second one makes the
 * calls that wait. One lock guards all; who waits is let go only by the thread that moves time, and
 * time stands still until it waits again or is done: so a run is the same each time.
 *
 * TARN_SYSCTL in the environment names a file of lines "net.ipv4.NAME=VALUE...", read whenever a
 * socket is made.
 */
#include "tcp_world.h"

#include <err.h>
#include <uapi/epoll.h>
#include <uapi/fcntl.h>
#include <uapi/in.h>
#include <uapi/ioctl.h>

#include "fs/poll.h"
#include "lib/string.h"

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

/* Of libc, as far as needed. */
int *__errno_location(void);
char *getenv(const char *name);
void *fopen(const char *name, const char *mode);
char *fgets(char *s, int n, void *f);
int fclose(void *f);
int sscanf(const char *s, const char *fmt, ...);
typedef struct {
	u64 room[8];
} lock_t;
int pthread_mutex_lock(lock_t *l);
int pthread_mutex_unlock(lock_t *l);
int pthread_cond_wait(lock_t *c, lock_t *l);
int pthread_cond_broadcast(lock_t *c);

extern int (*world_wait)(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline);

static lock_t big_lock, changed;
static u64 epoch; /* what gettimeofday says is world_now + this */

/* --- who waits --- */

static struct waiting {
	bool used, go, moving;
	struct socket *sk;
	bool (*ready)(void *sk);
	u64 deadline;
} waits[8];

static int wait_here(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline)
{
	struct waiting *w = waits;

	(void)q;
	if (ready(sk))
		return 0;
	if (!deadline)
		return -EAGAIN;
	while (w->used)
		w++;
	*w = (struct waiting){ .used = true, .sk = sk, .ready = ready, .deadline = deadline };
	pthread_cond_broadcast(&changed);
	while (!w->go)
		pthread_cond_wait(&changed, &big_lock);
	w->used = false;
	return ready(sk) ? 0 : -EAGAIN;
}

static bool running; /* the other thread, let go */

static void let_go(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
		struct waiting *w = &waits[i];

		if (!w->used || w->go || !(w->ready(w->sk) || world_now >= w->deadline))
			continue;
		w->go = true;
		running = true;
		pthread_cond_broadcast(&changed);
		while (running)
			pthread_cond_wait(&changed, &big_lock);
	}
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
	struct socket *sk;
	struct file file;
	bool used;
} table[64];

static struct entry *entry(int fd)
{
	return fd >= 0 && fd < (int)ARRAY_SIZE(table) && table[fd].used ? &table[fd] : NULL;
}

static int new_fd(struct socket *sk)
{
	int fd = 3;

	while (table[fd].used)
		fd++;
	table[fd] = (struct entry){ .sk = sk, .used = true };
	sk->file = &table[fd].file;
	return fd;
}

static long done(long ret)
{
	static const struct waiting none;

	world_settle();
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

/* --- settings --- */

static void read_sysctls(void)
{
	const char *name = getenv("TARN_SYSCTL");
	void *f = name ? fopen(name, "r") : NULL;
	char line[200], key[100];
	long a, b, c;
	static const struct {
		const char *name;
		int *at;
	} ints[] = {
		{ "tcp_abort_on_overflow", &tcp_sysctl.abort_on_overflow },
		{ "tcp_adv_win_scale", &tcp_sysctl.adv_win_scale },
		{ "tcp_base_mss", &tcp_sysctl.base_mss },
		{ "tcp_challenge_ack_limit", &tcp_sysctl.challenge_ack_limit },
		{ "tcp_dsack", &tcp_sysctl.dsack },
		{ "tcp_early_retrans", &tcp_sysctl.early_retrans },
		{ "tcp_ecn", &tcp_sysctl.ecn },
		{ "tcp_fastopen", &tcp_sysctl.fastopen },
		{ "tcp_fin_timeout", &tcp_sysctl.fin_timeout },
		{ "tcp_frto", &tcp_sysctl.frto },
		{ "tcp_invalid_ratelimit", &tcp_sysctl.invalid_ratelimit },
		{ "tcp_keepalive_intvl", &tcp_sysctl.keepalive_intvl },
		{ "tcp_keepalive_probes", &tcp_sysctl.keepalive_probes },
		{ "tcp_keepalive_time", &tcp_sysctl.keepalive_time },
		{ "tcp_max_reordering", &tcp_sysctl.max_reordering },
		{ "tcp_min_snd_mss", &tcp_sysctl.min_snd_mss },
		{ "tcp_min_tso_segs", &tcp_sysctl.min_tso_segs },
		{ "tcp_moderate_rcvbuf", &tcp_sysctl.moderate_rcvbuf },
		{ "tcp_mtu_probing", &tcp_sysctl.mtu_probing },
		{ "tcp_orphan_retries", &tcp_sysctl.orphan_retries },
		{ "tcp_recovery", &tcp_sysctl.recovery },
		{ "tcp_reordering", &tcp_sysctl.reordering },
		{ "tcp_retries1", &tcp_sysctl.retries1 },
		{ "tcp_retries2", &tcp_sysctl.retries2 },
		{ "tcp_rfc1337", &tcp_sysctl.rfc1337 },
		{ "tcp_sack", &tcp_sysctl.sack },
		{ "tcp_slow_start_after_idle", &tcp_sysctl.slow_start_after_idle },
		{ "tcp_stdurg", &tcp_sysctl.stdurg },
		{ "tcp_syn_linear_timeouts", &tcp_sysctl.syn_linear_timeouts },
		{ "tcp_syn_retries", &tcp_sysctl.syn_retries },
		{ "tcp_synack_retries", &tcp_sysctl.synack_retries },
		{ "tcp_syncookies", &tcp_sysctl.syncookies },
		{ "tcp_thin_linear_timeouts", &tcp_sysctl.thin_linear_timeouts },
		{ "tcp_timestamps", &tcp_sysctl.timestamps },
		{ "tcp_tso_win_divisor", &tcp_sysctl.tso_win_divisor },
		{ "tcp_tw_reuse", &tcp_sysctl.tw_reuse },
		{ "tcp_window_scaling", &tcp_sysctl.window_scaling },
	};

	while (f && fgets(line, sizeof(line), f)) {
		char word[32];
		u32 k[4];

		if (sscanf(line, "net.ipv4.tcp_rmem=%ld %ld %ld", &a, &b, &c) == 3) {
			tcp_sysctl.rmem[0] = (int)a;
			tcp_sysctl.rmem[1] = (int)b;
			tcp_sysctl.rmem[2] = (int)c;
		} else if (sscanf(line, "net.ipv4.tcp_wmem=%ld %ld %ld", &a, &b, &c) == 3) {
			tcp_sysctl.wmem[0] = (int)a;
			tcp_sysctl.wmem[1] = (int)b;
			tcp_sysctl.wmem[2] = (int)c;
		} else if (sscanf(line, "net.ipv4.tcp_congestion_control=%31s", word) == 1) {
			if (tcp_cong_find(word))
				tcp_sysctl.congestion = tcp_cong_find(word);
		} else if (sscanf(line, "net.ipv4.tcp_fastopen_key=%x-%x-%x-%x", &k[0], &k[1],
				  &k[2], &k[3]) == 4) {
			memcpy(world_net(0)->tcp->fastopen_key, k, 16);
		} else if (sscanf(line, "net.ipv4.%99[a-z0-9_]=%li", key, &a) == 2) {
			for (unsigned i = 0; i < ARRAY_SIZE(ints); i++)
				if (!strcmp(ints[i].name, key))
					*ints[i].at = (int)a;
			if (!strcmp(key, "tcp_notsent_lowat"))
				tcp_sysctl.notsent_lowat = (unsigned)a;
		}
	}
	if (f)
		fclose(f);
}

static struct socket *begin(int fd)
{
	struct entry *e;

	pthread_mutex_lock(&big_lock);
	read_sysctls();
	e = entry(fd);
	return e ? e->sk : NULL;
}

static u64 deadline(struct socket *sk, int flags, u64 timeo)
{
	if ((flags & MSG_DONTWAIT) || (sk->file && (sk->file->flags & O_NONBLOCK)))
		return 0;
	return timeo ? world_now + timeo : WAIT_FOREVER;
}

/* --- the calls --- */

static int pd_socket(void *u, int domain, int type, int protocol)
{
	struct socket *sk;

	(void)u;
	(void)protocol;
	pthread_mutex_lock(&big_lock);
	if ((type & 0xf) != SOCK_STREAM)
		return (int)done(-EPROTONOSUPPORT);
	read_sysctls();
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
	struct message m = { .name = msg->msg_name, .name_len = msg->msg_namelen };

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

	(void)u;
	if (!sk)
		return (int)done(-EBADF);
	table[fd].used = false;
	sk->file = NULL;
	sk->ops->release(sk);
	return (int)done(0);
}

static int pd_shutdown(void *u, int fd, int how)
{
	struct socket *sk = begin(fd);

	(void)u;
	return (int)done(sk ? sk->ops->shutdown(sk, (unsigned)how + 1) : -EBADF);
}

static int sol_socket(struct socket *sk, int name, const void *val, u32 len)
{
	const struct linger *l = val;
	int v = *(const int *)val;

	(void)len;
	switch (name) {
	case SO_LINGER:
		if (l->l_onoff) {
			sk->options |= 1u << OPT_LINGER;
			sk->linger = l->l_linger;
		} else {
			sk->options &= ~(1u << OPT_LINGER);
		}
		return 0;
	case SO_REUSEADDR:
		sk->options |= 1u << OPT_REUSEADDR;
		return 0;
	case SO_KEEPALIVE:
		sk->options &= ~(1u << OPT_KEEPALIVE);
		sk->options |= (u32) !!v << OPT_KEEPALIVE;
		break;
	case SO_OOBINLINE:
		sk->options &= ~(1u << OPT_OOBINLINE);
		sk->options |= (u32) !!v << OPT_OOBINLINE;
		return 0;
	case SO_RCVLOWAT:
		sk->rcvlowat = max(v, 1);
		break;
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		sk->sndbuf = max((u32)v * 2, 4608U);
		break;
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		sk->rcvbuf = max((u32)v * 2, 2304U);
		break;
	case SO_RCVTIMEO:
	case SO_SNDTIMEO: {
		const struct timeval_host *tv = val;
		u64 ns = (u64)tv->sec * NSEC_PER_SEC + (u64)tv->usec * NSEC_PER_USEC;

		*(name == SO_RCVTIMEO ? &sk->rcvtimeo : &sk->sndtimeo) = ns;
		return 0;
	}
	default:
		return -ENOPROTOOPT;
	}
	sk->ops->option_changed(sk, name);
	return 0;
}

static int pd_setsockopt(void *u, int fd, int level, int name, const void *val, u32 len)
{
	struct socket *sk = begin(fd);

	(void)u;
	if (!sk)
		return (int)done(-EBADF);
	if (level == SOL_SOCKET)
		return (int)done(sol_socket(sk, name, val, len));
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
	int v = 0;

	(void)u;
	if (!sk)
		return (int)done(-EBADF);
	if (level != SOL_SOCKET || name == SO_ACCEPTCONN)
		return (int)done(sk->ops->getsockopt(sk, level, name, val, (int *)len));
	if (name == 55) { /* SO_MEMINFO */
		memset(val, 0, *len);
		return (int)done(0);
	}
	if (name == SO_ERROR)
		v = -socket_take_error(sk);
	else if (name == SO_SNDBUF)
		v = (int)sk->sndbuf;
	else if (name == SO_RCVBUF)
		v = (int)sk->rcvbuf;
	else if (name == SO_RCVLOWAT)
		v = sk->rcvlowat;
	else if (name == SO_LINGER)
		v = (sk->options >> OPT_LINGER) & 1;
	else
		return (int)done(-ENOPROTOOPT);
	*(int *)val = v;
	*len = 4;
	return (int)done(0);
}

static int count_ready(struct pollfd_host *fds, unsigned long n)
{
	int ready = 0;

	for (unsigned long i = 0; i < n; i++) {
		struct entry *e = entry(fds[i].fd);
		u32 ev = e ? e->sk->ops->poll(e->sk, &e->file, NULL) : 0x20;

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

/* --- packets --- */

struct sent {
	struct list_head link;
	u64 at;
	u32 len;
	u8 bytes[];
};
static LIST_HEAD(sent_list);

static u32 fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static u32 sum_of(const u8 *p, u32 n, u32 sum)
{
	for (u32 i = 0; i + 1 < n; i += 2)
		sum += get_le16(p + i);
	return n & 1 ? sum + p[n - 1] : sum;
}

static int out(struct net *net, struct packet *p, const struct ip_send *s)
{
	u32 n = ip_header_len(&s->dst, 0), len = n + p->len;
	struct sent *f = calloc(1, sizeof(*f) + len);
	u8 *b = f->bytes;
	static u16 id;
	u32 sum;

	(void)net;
	f->at = world_now;
	f->len = len;
	packet_read(p, 0, b + n, p->len);
	packet_free(p);
	if (n == 20) {
		b[0] = 0x45;
		b[1] = s->tos;
		put_be16(b + 2, (u16)len);
		put_be16(b + 4, ++id);
		put_be16(b + 6, s->df ? 0x4000 : 0);
		b[8] = s->ttl ? s->ttl : 64;
		b[9] = IPPROTO_TCP;
		memcpy(b + 12, &s->src.s6_addr[12], 4);
		memcpy(b + 16, &s->dst.s6_addr[12], 4);
		put_le16(b + 10, (u16)~fold(sum_of(b, 20, 0)));
	} else {
		put_be32(b, 6u << 28 | (u32)s->tos << 20);
		put_be16(b + 4, (u16)(len - n));
		b[6] = IPPROTO_TCP;
		b[7] = 64;
		memcpy(b + 8, &s->src, 16);
		memcpy(b + 24, &s->dst, 16);
	}
	put_le16(b + n + 16, 0);
	sum = ip_pseudo_sum(&s->src, &s->dst, IPPROTO_TCP, len - n);
	put_le16(b + n + 16, (u16)~fold(sum_of(b + n, len - n, sum)));
	list_add_tail(&f->link, &sent_list);
	return 0;
}

/* Of ICMP: which error, about which of our segments. */
static void icmp_in(bool v6, const u8 *icmp, u32 n)
{
	struct ip_error e = { .type = icmp[0], .code = icmp[1] };
	static const u16 v4_errors[] = { ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED,
					 EMSGSIZE,    EOPNOTSUPP,   ENETUNREACH, EHOSTDOWN,
					 ENONET,      ENETUNREACH,  EHOSTUNREACH };
	struct in6_addr src = { 0 }, dst = { 0 };
	const u8 *ip = icmp + 8, *tcp = ip + (v6 ? 40 : (ip[0] & 0xf) * 4);

	if (n < 8 + (v6 ? 40 : 20) + 8)
		return;
	if (v6) {
		memcpy(&src, ip + 8, 16);
		memcpy(&dst, ip + 24, 16);
		if (e.type == 1)
			e.err = e.code == 4 ? ECONNREFUSED :
				e.code == 1 ? EACCES :
				e.code == 3 ? EHOSTUNREACH :
					      ENETUNREACH;
		else if (e.type == 2)
			e.err = EMSGSIZE, e.info = get_be32(icmp + 4);
		else
			return;
	} else {
		src = addr_from_v4((__force be32)get_le32(ip + 12));
		dst = addr_from_v4((__force be32)get_le32(ip + 16));
		if (e.type == 3 && e.code < ARRAY_SIZE(v4_errors))
			e.err = v4_errors[e.code];
		else if (e.type == 11)
			e.err = EHOSTUNREACH;
		else
			return;
		e.info = get_be16(icmp + 6);
	}
	tcp_protocol.error(world_net(0), &src, &dst, tcp, 8, 1, &e);
}

static int pd_send_packet(void *u, const void *buf, size_t n)
{
	const u8 *b = buf;
	struct in6_addr src = { 0 }, dst = { 0 };
	u32 header, len;
	u8 proto, tos;

	(void)u;
	pthread_mutex_lock(&big_lock);
	if (b[0] >> 4 == 4) {
		header = (b[0] & 0xf) * 4U;
		len = get_be16(b + 2);
		proto = b[9];
		tos = b[1];
		src = addr_from_v4((__force be32)get_le32(b + 12));
		dst = addr_from_v4((__force be32)get_le32(b + 16));
	} else {
		header = 40;
		len = 40U + get_be16(b + 4);
		proto = b[6];
		tos = (u8)(get_be16(b) >> 4);
		memcpy(&src, b + 8, 16);
		memcpy(&dst, b + 24, 16);
	}
	len = min(len, (u32)n);
	if (proto == IPPROTO_TCP)
		world_in(world_net(0), &src, &dst, b + header, len - header, tos, CSUM_NONE);
	else if (proto == IPPROTO_ICMP || proto == 58)
		icmp_in(proto == 58, b + header, len - header);
	world_settle();
	let_go();
	return (int)done(0);
}

static int pd_receive(void *u, void *buf, size_t *n, long long *usecs)
{
	u64 limit;
	struct sent *f;

	(void)u;
	pthread_mutex_lock(&big_lock);
	let_go();
	limit = world_now + 200 * NSEC_PER_SEC;
	while (list_empty(&sent_list) && world_step(limit))
		let_go();
	*n = 0;
	*usecs = (long long)((world_now + epoch) / NSEC_PER_USEC);
	if (!list_empty(&sent_list)) {
		f = list_first_entry(&sent_list, struct sent, link);
		list_del(&f->link);
		*n = f->len;
		memcpy(buf, f->bytes, f->len);
		*usecs = (long long)((f->at + epoch) / NSEC_PER_USEC);
		free(f);
	}
	return (int)done(0);
}

static int pd_usleep(void *u, unsigned usec)
{
	(void)u;
	pthread_mutex_lock(&big_lock);
	pass(world_now + (u64)usec * NSEC_PER_USEC);
	return (int)done(0);
}

static int pd_gettimeofday(void *u, struct timeval_host *tv, void *tz)
{
	u64 t;

	(void)u;
	(void)tz;
	pthread_mutex_lock(&big_lock);
	t = world_now + epoch;
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
	world_out = out;
	world_wait = wait_here;
	world_link.mtu = 1500;
	epoch = 1000000 * NSEC_PER_SEC;
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
	};
}
