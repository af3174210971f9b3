/*
 * When packets came and went: SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING and SIOCGSTAMP of
 * socket(7). What a device says of packets that it sends goes to the error queue (inet_error.c).
 * Each option is a word stored whole: no locks.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/in.h>
#include <uapi/sockios.h>
#include <uapi/time.h>

#include "core/cred.h"
#include "core/time.h"
#include "dev/netdev.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/net.h"
#include "net/socket.h"

#define KNOWN 0x3ffffu /* the flags of SO_TIMESTAMPING that Linux 6.12 knows */
/* Of these, what one message can ask for with its control data. */
#define RECORD                                                                                     \
	(SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED | \
	 SOF_TIMESTAMPING_TX_ACK)

static struct timespec to_timespec(u64 ns)
{
	return (struct timespec){ (s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC) };
}

static struct timeval to_timeval(u64 ns)
{
	return (struct timeval){ (s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC / 1000) };
}

/* --- options --- */

/* From now on packets are stamped when they come, for as long as the socket lives. */
static void want_stamps(struct socket *sk)
{
	if (!__atomic_exchange_n(&sk->stamping, 1, __ATOMIC_RELAXED))
		__atomic_fetch_add(&net_stamps, 1, __ATOMIC_RELAXED);
}

static int set_timestamping(struct socket *sk, u32 val)
{
	u32 had = READ_ONCE(sk->timestamping);
	int err;

	if (val & ~KNOWN)
		return -EINVAL;
	if (val & SOF_TIMESTAMPING_OPT_ID_TCP && !(val & SOF_TIMESTAMPING_OPT_ID))
		return -EINVAL;
	if (val & ~had & SOF_TIMESTAMPING_OPT_ID) {
		err = sk->ops->stamp_base ? sk->ops->stamp_base(sk, val) : 0;
		if (err)
			return err;
		if (!sk->ops->stamp_base)
			__atomic_store_n(&sk->stamp_id, 0, __ATOMIC_RELAXED);
	}
	/* By another clock than the card's own: of which no card here has one. */
	if (val & SOF_TIMESTAMPING_BIND_PHC)
		return READ_ONCE(sk->bound_dev) ? -EINVAL : -EOPNOTSUPP;
	if (val & SOF_TIMESTAMPING_OPT_STATS && !(val & SOF_TIMESTAMPING_OPT_TSONLY))
		return -EINVAL;
	WRITE_ONCE(sk->timestamping, val);
	if (val & SOF_TIMESTAMPING_RX_SOFTWARE)
		want_stamps(sk);
	return 0;
}

int sock_set_stamps(struct socket *sk, int name, int val)
{
	bool ns = name == SO_TIMESTAMPNS || name == SO_TIMESTAMPNS_NEW;
	int err = 0;

	if (name == SO_TIMESTAMPING || name == SO_TIMESTAMPING_NEW) {
		err = set_timestamping(sk, (u32)val);
		if (err)
			return err;
		socket_switch(sk, OPT_TSTAMP_NEW, name == SO_TIMESTAMPING_NEW);
		return 0;
	}
	/* One of the two, or none. */
	socket_switch(sk, OPT_TIMESTAMP, val && !ns);
	socket_switch(sk, OPT_TIMESTAMPNS, val && ns);
	if (val) {
		socket_switch(sk, OPT_TSTAMP_NEW,
			      name == SO_TIMESTAMP_NEW || name == SO_TIMESTAMPNS_NEW);
		want_stamps(sk);
	}
	return 0;
}

int sock_get_stamps(const struct socket *sk, int name)
{
	bool is_new = socket_option(sk, OPT_TSTAMP_NEW);

	switch (name) {
	case SO_TIMESTAMP:
		return socket_option(sk, OPT_TIMESTAMP) && !is_new;
	case SO_TIMESTAMPNS:
		return socket_option(sk, OPT_TIMESTAMPNS) && !is_new;
	case SO_TIMESTAMP_NEW: /* of both kinds, as Linux has it */
		return (socket_option(sk, OPT_TIMESTAMP) || socket_option(sk, OPT_TIMESTAMPNS)) &&
		       is_new;
	case SO_TIMESTAMPNS_NEW:
		return socket_option(sk, OPT_TIMESTAMPNS) && is_new;
	default:
		return name == SO_TIMESTAMPING || is_new ? (int)READ_ONCE(sk->timestamping) : 0;
	}
}

/* --- of what came --- */

/* SIOCGSTAMP tells of the last packet that a program was given. */
static void remember(struct socket *sk, u64 stamp)
{
	if (socket_option(sk, OPT_GSTAMP))
		WRITE_ONCE(sk->last_stamp, stamp);
	else if (READ_ONCE(sk->last_stamp) == STAMP_NONE)
		WRITE_ONCE(sk->last_stamp, 0);
}

void sock_recv_stamps(struct socket *sk, u64 stamp, bool error, struct message *m)
{
	u32 flags = READ_ONCE(sk->timestamping);
	bool is_new = socket_option(sk, OPT_TSTAMP_NEW);
	u64 at = stamp ? stamp : now_real();
	struct scm_timestamping all = { .ts[0] = to_timespec(stamp) };
	struct timespec ts = to_timespec(at);
	struct timeval tv = to_timeval(at);

	if (socket_option(sk, OPT_TIMESTAMPNS))
		cmsg_put(m, SOL_SOCKET, is_new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS, &ts,
			 sizeof(ts));
	else if (socket_option(sk, OPT_TIMESTAMP))
		cmsg_put(m, SOL_SOCKET, is_new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP, &tv, sizeof(tv));
	if (flags & SOF_TIMESTAMPING_SOFTWARE && stamp &&
	    (!(flags & SOF_TIMESTAMPING_OPT_RX_FILTER) || flags & SOF_TIMESTAMPING_RX_SOFTWARE ||
	     error))
		cmsg_put(m, SOL_SOCKET, is_new ? SO_TIMESTAMPING_NEW : SO_TIMESTAMPING, &all,
			 sizeof(all));
	if (!error)
		remember(sk, stamp);
}

long sock_ioctl_stamp(struct socket *sk, unsigned cmd, unsigned long arg)
{
	bool ns = cmd == SIOCGSTAMPNS || cmd == SIOCGSTAMPNS_NEW;
	struct timespec ts;
	struct timeval tv;
	u64 at;

	socket_switch(sk, OPT_GSTAMP, true);
	want_stamps(sk);
	at = READ_ONCE(sk->last_stamp);
	if (at == STAMP_NONE)
		return -ENOENT;
	if (!at) {
		at = now_real();
		WRITE_ONCE(sk->last_stamp, at);
	}
	ts = to_timespec(at);
	tv = to_timeval(at);
	return ns ? copy_to_user((void __user *)arg, &ts, sizeof(ts)) :
		    copy_to_user((void __user *)arg, &tv, sizeof(tv));
}

/* --- of what is sent --- */

void sock_stamp_tx(struct socket *sk, u32 flags, struct packet *p)
{
	p->stamps = (flags & SOF_TIMESTAMPING_TX_SOFTWARE ? PACKET_STAMP_SENT : 0) |
		    (flags & SOF_TIMESTAMPING_TX_SCHED ? PACKET_STAMP_SCHED : 0);
	/* A stamp by the device counts too, though no device gives it. */
	if (flags & RECORD & ~SOF_TIMESTAMPING_TX_ACK && flags & SOF_TIMESTAMPING_OPT_ID)
		p->stamp_key = __atomic_fetch_add(&sk->stamp_id, 1, __ATOMIC_RELAXED);
}

int sock_send_cmsg(const struct cmsghdr *c, struct sock_send *s)
{
	u32 v;

	switch (c->cmsg_type) {
	case SO_MARK:
	case SO_TIMESTAMPING:
	case SO_TIMESTAMPING_NEW:
		if (c->cmsg_type == SO_MARK && !net_capable(current_net(), CAP_NET_ADMIN) &&
		    !net_capable(current_net(), CAP_NET_RAW))
			return -EPERM;
		if (c->cmsg_len != sizeof(*c) + sizeof(v))
			return -EINVAL;
		memcpy(&v, cmsg_data(c), sizeof(v));
		if (c->cmsg_type == SO_MARK) {
			s->mark = v;
			return 0;
		}
		if (v & ~(u32)RECORD)
			return -EINVAL;
		s->stamps = (s->stamps & ~(u32)RECORD) | v;
		return 0;
	case SCM_RIGHTS:
	case SCM_CREDENTIALS:
		return 0;
	default:
		return -EINVAL;
	}
}
