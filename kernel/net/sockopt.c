/*
 * The options that all sockets have: socket(7), SOL_SOCKET. Each is a word of
 * its own, stored and read whole, so no lock is needed.
 */
#include "net/socket.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/filter.h>
#include <uapi/if.h>
#include <uapi/sock_diag.h>
#include <uapi/time.h>

#include "core/cred.h"
#include "core/random.h"
#include "core/time.h"
#include "dev/netdev.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/net.h"
#include "net/reuse.h"

#define MIN_SNDBUF 4608u
#define MIN_RCVBUF 2304u

u32 sock_wmem_default = 212992, sock_rmem_default = 212992;
u32 sock_wmem_max = 212992, sock_rmem_max = 212992;
u32 sock_optmem_max = 131072;
int somaxconn = SOMAXCONN;

/* Options that are one bit. */
static const struct {
	int name;
	enum socket_option bit;
} switches[] = {
	{ SO_DEBUG, OPT_DEBUG },	 { SO_REUSEADDR, OPT_REUSEADDR },
	{ SO_REUSEPORT, OPT_REUSEPORT }, { SO_DONTROUTE, OPT_DONTROUTE },
	{ SO_BROADCAST, OPT_BROADCAST }, { SO_KEEPALIVE, OPT_KEEPALIVE },
	{ SO_OOBINLINE, OPT_OOBINLINE }, { SO_NO_CHECK, OPT_NO_CHECK },
	{ SO_PASSCRED, OPT_PASSCRED },	 { SO_RXQ_OVFL, OPT_RXQ_OVFL },
	{ SO_ZEROCOPY, OPT_ZEROCOPY },	 { SO_PASSPIDFD, OPT_PASSPIDFD },
	{ SO_PASSSEC, OPT_PASSSEC },	 { SO_SELECT_ERR_QUEUE, OPT_SELECT_ERR_QUEUE },
	{ SO_NOFCS, OPT_NOFCS },	 { SO_WIFI_STATUS, OPT_WIFI_STATUS },
	{ SO_RCVMARK, OPT_RCVMARK },
};

static int switch_of(int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (switches[i].name == name)
			return switches[i].bit;
	return -1;
}

/* The kernel keeps the double of what is asked for, for its own data: socket(7). */
static void set_buffer(u32 *buf, int val, u32 most, u32 least)
{
	u32 n = min((u32)max(val, 0), most);

	WRITE_ONCE(*buf, max(n * 2, least));
}

static int set_timeout(u64 *timeo, const void __user *val, int len)
{
	struct timeval tv;

	if (len < (int)sizeof(tv))
		return -EINVAL;
	if (copy_from_user(&tv, val, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	if (tv.tv_sec < 0)
		WRITE_ONCE(*timeo, 1); /* as Linux: a wait that ends at once */
	else if ((u64)tv.tv_sec >= (U64_MAX >> 2) / NSEC_PER_SEC)
		WRITE_ONCE(*timeo, 0);
	else
		WRITE_ONCE(*timeo, (u64)tv.tv_sec * NSEC_PER_SEC + (u64)tv.tv_usec * 1000);
	return 0;
}

static int set_linger(struct socket *sk, const void __user *val, int len)
{
	struct linger l;

	if (len < (int)sizeof(l))
		return -EINVAL;
	if (copy_from_user(&l, val, sizeof(l)))
		return -EFAULT;
	if (l.l_onoff)
		WRITE_ONCE(sk->linger, l.l_linger);
	socket_switch(sk, OPT_LINGER, l.l_onoff != 0);
	return 0;
}

static void lock_buffer(struct socket *sk, u32 which)
{
	__atomic_fetch_or(&sk->buf_lock, which, __ATOMIC_RELAXED);
}

/* --- devices: only what comes by it, and nothing goes by another --- */

static int bind_to_device(struct socket *sk, const void __user *val, int len)
{
	char name[IFNAMSIZ] = { 0 };
	struct netdev *d;

	if (READ_ONCE(sk->bound_dev) && !net_capable(sk->net, CAP_NET_RAW))
		return -EPERM;
	if (copy_from_user(name, val, (size_t)min(len, IFNAMSIZ - 1)))
		return -EFAULT;
	d = name[0] ? netdev_find(sk->net, name) : NULL;
	if (name[0] && !d)
		return -ENODEV;
	WRITE_ONCE(sk->bound_dev, d ? d->ifindex : 0);
	return 0;
}

static int get_device(const struct socket *sk, void __user *val, int __user *ulen)
{
	char name[IFNAMSIZ];
	struct netdev *d;
	u32 len;

	if (!READ_ONCE(sk->bound_dev))
		return put_user_u32(0, (u32 __user *)ulen);
	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if (len < IFNAMSIZ)
		return -EINVAL;
	d = netdev_by_index(sk->net, READ_ONCE(sk->bound_dev));
	if (!d)
		return -ENODEV;
	strlcpy(name, d->name, sizeof(name));
	return sockopt_put(val, ulen, name, (int)strlen(name) + 1);
}

/* --- SO_MAX_PACING_RATE: an unsigned int, or a long --- */

static int set_pacing(struct socket *sk, const void __user *val, int len)
{
	u32 word;
	u64 rate;

	if (len < (int)sizeof(word))
		return -EINVAL;
	if (get_user_u32(&word, val))
		return -EFAULT;
	rate = word == ~0u ? ~0ul : word;
	if (len >= (int)sizeof(rate) && copy_from_user(&rate, val, sizeof(rate)))
		return -EFAULT;
	WRITE_ONCE(sk->max_pacing_rate, rate);
	return 0;
}

static int get_pacing(const struct socket *sk, void __user *val, int __user *ulen)
{
	u64 rate = READ_ONCE(sk->max_pacing_rate);
	u32 word = (u32)min(rate, (u64)~0u), len;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	return len >= sizeof(rate) ? sockopt_put(val, ulen, &rate, sizeof(rate)) :
				     sockopt_put(val, ulen, &word, sizeof(word));
}

/* MSG_ZEROCOPY is of TCP and UDP. */
static bool can_lend(const struct socket *sk)
{
	return (sk->family == AF_INET || sk->family == AF_INET6) &&
	       ((sk->type == SOCK_STREAM && sk->protocol == SOL_TCP) ||
		(sk->type == SOCK_DGRAM && sk->protocol == SOL_UDP));
}

/* The options that take a number. */
static int set_number(struct socket *sk, int name, int val)
{
	int bit = switch_of(name);

	switch (name) {
	case SO_DEBUG:
		if (val && !capable(CAP_NET_ADMIN))
			return -EACCES;
		break;
	case SO_REUSEPORT:
		if (val && sk->family != AF_INET && sk->family != AF_INET6)
			return -EOPNOTSUPP;
		break;
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		lock_buffer(sk, name == SO_SNDBUFFORCE ? SOCK_SNDBUF_LOCK : SOCK_RCVBUF_LOCK);
		if (name == SO_SNDBUFFORCE)
			set_buffer(&sk->sndbuf, val, 0x3fffffff, MIN_SNDBUF);
		else
			set_buffer(&sk->rcvbuf, val, 0x3fffffff, MIN_RCVBUF);
		return 0;
	case SO_SNDBUF:
		lock_buffer(sk, SOCK_SNDBUF_LOCK);
		set_buffer(&sk->sndbuf, val, READ_ONCE(sock_wmem_max), MIN_SNDBUF);
		wake_up_all(&sk->writers);
		return 0;
	case SO_RCVBUF:
		lock_buffer(sk, SOCK_RCVBUF_LOCK);
		set_buffer(&sk->rcvbuf, val, READ_ONCE(sock_rmem_max), MIN_RCVBUF);
		return 0;
	case SO_RCVLOWAT:
		WRITE_ONCE(sk->rcvlowat, val < 0 ? 0x7fffffff : max(val, 1));
		return 0;
	case SO_PRIORITY:
		if ((val < 0 || val > 6) && !net_capable(sk->net, CAP_NET_ADMIN) &&
		    !net_capable(sk->net, CAP_NET_RAW))
			return -EPERM;
		WRITE_ONCE(sk->priority, (u32)val);
		return 0;
	case SO_MARK:
		if (!net_capable(sk->net, CAP_NET_ADMIN) && !net_capable(sk->net, CAP_NET_RAW))
			return -EPERM;
		WRITE_ONCE(sk->mark, (u32)val);
		return 0;
	case SO_PEEK_OFF:
		if (sk->protocol != SOL_TCP && sk->family != AF_UNIX && sk->type != SOCK_DGRAM)
			return -EOPNOTSUPP;
		if (val < -1)
			return -EINVAL;
		WRITE_ONCE(sk->peek_off, val);
		return 0;
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
	case SO_TIMESTAMPING:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_NEW:
	case SO_TIMESTAMPING_NEW:
		return sock_set_stamps(sk, name, val);
	case SO_ZEROCOPY:
		if (!can_lend(sk))
			return -EOPNOTSUPP;
		if (val < 0 || val > 1)
			return -EINVAL;
		break;
	case SO_BUF_LOCK:
		if (val & ~(SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK))
			return -EINVAL;
		WRITE_ONCE(sk->buf_lock, (u32)val);
		return 0;
	case SO_BINDTOIFINDEX:
		if (READ_ONCE(sk->bound_dev) && !net_capable(sk->net, CAP_NET_RAW))
			return -EPERM;
		if (val < 0)
			return -EINVAL;
		WRITE_ONCE(sk->bound_dev, val);
		return 0;
	case SO_INCOMING_CPU:
		WRITE_ONCE(sk->incoming_cpu, val);
		if (val >= 0)
			WRITE_ONCE(reuse_by_hart, true);
		return 0;
	case SO_RESERVE_MEM: /* of a memory controller's: there is none */
		return val < 0 ? -EINVAL : -EOPNOTSUPP;
	case SO_CNX_ADVICE: /* the way that is known is a bad one: option_changed forgets it */
		return 0;
	case SO_BSDCOMPAT:
		return 0;
	case SO_DETACH_FILTER:
		return socket_detach_filter(sk);
	case SO_LOCK_FILTER:
		if (sk->filter_locked && !val)
			return -EPERM;
		WRITE_ONCE(sk->filter_locked, val != 0);
		return 0;
	default:
		if (bit < 0)
			return -ENOPROTOOPT;
		break;
	}
	socket_switch(sk, (enum socket_option)bit, val != 0);
	return 0;
}

int socket_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len)
{
	int err = 0;
	u32 number;

	if (len < 0)
		return -EINVAL;
	if (level != SOL_SOCKET)
		return sk->ops->setsockopt ? sk->ops->setsockopt(sk, level, name, val, len) :
					     -EOPNOTSUPP;
	switch (name) {
	case SO_BINDTODEVICE:
		err = bind_to_device(sk, val, len);
		break;
	case SO_MAX_PACING_RATE:
		err = set_pacing(sk, val, len);
		break;
	case SO_LINGER:
		return set_linger(sk, val, len);
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		return set_timeout(&sk->rcvtimeo, val, len);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		return set_timeout(&sk->sndtimeo, val, len);
	case SO_ATTACH_FILTER:
		return socket_attach_filter(sk, val, len);
	case SO_ATTACH_REUSEPORT_CBPF:
		return reuse_attach(sk, val, len);
	default:
		if (len < (int)sizeof(number))
			return -EINVAL;
		if (get_user_u32(&number, val))
			return -EFAULT;
		err = name == SO_DETACH_REUSEPORT_BPF ? reuse_detach(sk) :
							set_number(sk, name, (int)number);
		break;
	}
	if (!err && sk->ops->option_changed)
		sk->ops->option_changed(sk, name);
	return err;
}

int sockopt_put(void __user *val, int __user *ulen, const void *v, int n)
{
	u32 len;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	len = min(len, (u32)n);
	if (copy_to_user(val, v, len))
		return -EFAULT;
	return put_user_u32(len, (u32 __user *)ulen);
}

static int get_number(struct socket *sk, int name, int *v)
{
	int bit = switch_of(name);

	switch (name) {
	case SO_TYPE:
		*v = sk->type;
		break;
	case SO_DOMAIN:
		*v = sk->family;
		break;
	case SO_PROTOCOL:
		*v = sk->protocol;
		break;
	case SO_ERROR:
		*v = -socket_take_error(sk);
		break;
	case SO_SNDBUF:
		*v = (int)READ_ONCE(sk->sndbuf);
		break;
	case SO_RCVBUF:
		*v = (int)READ_ONCE(sk->rcvbuf);
		break;
	case SO_RCVLOWAT:
		*v = READ_ONCE(sk->rcvlowat);
		break;
	case SO_SNDLOWAT:
		*v = 1;
		break;
	case SO_PRIORITY:
		*v = (int)READ_ONCE(sk->priority);
		break;
	case SO_MARK:
		*v = (int)READ_ONCE(sk->mark);
		break;
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_NEW:
		*v = sock_get_stamps(sk, name);
		break;
	case SO_PEEK_OFF:
		if (sk->protocol != SOL_TCP && sk->family != AF_UNIX && sk->type != SOCK_DGRAM)
			return -EOPNOTSUPP;
		*v = READ_ONCE(sk->peek_off);
		break;
	case SO_BSDCOMPAT:
	case SO_RESERVE_MEM:
		*v = 0;
		break;
	case SO_BUF_LOCK:
		*v = (int)READ_ONCE(sk->buf_lock);
		break;
	case SO_BINDTOIFINDEX:
		*v = READ_ONCE(sk->bound_dev);
		break;
	case SO_INCOMING_CPU:
		*v = READ_ONCE(sk->incoming_cpu);
		break;
	case SO_BPF_EXTENSIONS:
		*v = SKF_AD_MAX;
		break;
	case SO_LOCK_FILTER:
		*v = READ_ONCE(sk->filter_locked);
		break;
	default:
		if (bit < 0)
			return -ENOPROTOOPT;
		*v = socket_option(sk, (enum socket_option)bit);
		break;
	}
	return 0;
}

static int get_timeout(u64 ns, void __user *val, int __user *len)
{
	struct timeval tv = {
		.tv_sec = (s64)(ns / NSEC_PER_SEC),
		.tv_usec = (s64)(ns % NSEC_PER_SEC / 1000),
	};

	return sockopt_put(val, len, &tv, sizeof(tv));
}

/* A number that is given at the first question. */
static u64 cookie_of(u64 *cookie, atomic_long_t *last)
{
	u64 mine, none = 0;

	if (!__atomic_load_n(cookie, __ATOMIC_RELAXED)) {
		mine = (u64)atomic_long_inc_return(last);
		__atomic_compare_exchange_n(cookie, &none, mine, false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	}
	return __atomic_load_n(cookie, __ATOMIC_RELAXED);
}

u64 socket_cookie(struct socket *sk)
{
	static atomic_long_t last;

	return cookie_of(&sk->cookie, &last);
}

static int get_net_cookie(struct socket *sk, void __user *val, int __user *ulen)
{
	static atomic_long_t last;
	u64 cookie;
	u32 len;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if (len != sizeof(cookie))
		return -EINVAL;
	cookie = cookie_of(&sk->net->cookie, &last);
	return sockopt_put(val, ulen, &cookie, sizeof(cookie));
}

/* SO_PEERNAME: getpeername(2) in another form, which takes no partial address. */
static int get_peername(struct socket *sk, void __user *val, int __user *ulen)
{
	struct sockaddr_storage addr;
	int n = sk->ops->getname(sk, &addr, true);
	u32 len;

	if (n < 0)
		return -ENOTCONN;
	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if (n < (int)len)
		return -EINVAL;
	return sockopt_put(val, ulen, &addr, n);
}

void socket_meminfo(struct socket *sk, u32 m[])
{
	u32 received = 0, sent = 0;

	memset(m, 0, SK_MEMINFO_VARS * sizeof(*m));
	if (sk->ops->memory)
		sk->ops->memory(sk, &received, &sent);
	m[SK_MEMINFO_RMEM_ALLOC] = received;
	m[SK_MEMINFO_RCVBUF] = READ_ONCE(sk->rcvbuf);
	m[SK_MEMINFO_WMEM_ALLOC] = sent;
	m[SK_MEMINFO_SNDBUF] = READ_ONCE(sk->sndbuf);
}

int socket_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len)
{
	u32 memory[SK_MEMINFO_VARS];
	struct so_timestamping stamping = { 0 };
	struct linger l;
	u64 cookie;
	int err, v = 0;

	if (level != SOL_SOCKET)
		return sk->ops->getsockopt ? sk->ops->getsockopt(sk, level, name, val, len) :
					     -EOPNOTSUPP;
	switch (name) {
	case SO_LINGER:
		l.l_onoff = socket_option(sk, OPT_LINGER);
		l.l_linger = READ_ONCE(sk->linger);
		return sockopt_put(val, len, &l, sizeof(l));
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		return get_timeout(READ_ONCE(sk->rcvtimeo), val, len);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		return get_timeout(READ_ONCE(sk->sndtimeo), val, len);
	case SO_TIMESTAMPING:
	case SO_TIMESTAMPING_NEW:
		stamping.flags = sock_get_stamps(sk, name);
		return sockopt_put(val, len, &stamping, sizeof(stamping));
	case SO_PEERNAME:
		return get_peername(sk, val, len);
	case SO_BINDTODEVICE:
		return get_device(sk, val, len);
	case SO_MAX_PACING_RATE:
		return get_pacing(sk, val, len);
	case SO_NETNS_COOKIE:
		return get_net_cookie(sk, val, len);
	case SO_ATTACH_FILTER: /* the same number as SO_GET_FILTER */
		return socket_get_filter(sk, val, len);
	case SO_MEMINFO:
		socket_meminfo(sk, memory);
		return sockopt_put(val, len, memory, sizeof(memory));
	case SO_COOKIE:
		if (get_user_u32((u32 *)&v, (u32 __user *)len))
			return -EFAULT;
		if (v < (int)sizeof(cookie))
			return -EINVAL;
		cookie = socket_cookie(sk);
		return sockopt_put(val, len, &cookie, sizeof(cookie));
	case SO_PEERPIDFD:
		if (sk->family != AF_UNIX)
			return -ENODATA;
		fallthrough;
	case SO_ACCEPTCONN:
	case SO_PEERCRED:
	case SO_PEERGROUPS:
	case SO_PEERSEC:
		if (!sk->ops->getsockopt)
			return -ENOPROTOOPT;
		return sk->ops->getsockopt(sk, level, name, val, len);
	default:
		err = get_number(sk, name, &v);
		return err ? err : sockopt_put(val, len, &v, sizeof(v));
	}
}
