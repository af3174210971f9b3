/*
 * TCP: the options of tcp(7), TCP_INFO, the ioctls of tcp(7). What is not supported (TCP_REPAIR,
 * TCP_MD5SIG, TCP_TX_DELAY, TCP_ZEROCOPY_RECEIVE, upper-layer protocols) is refused.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/ioctl.h>
#include <uapi/termios.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define CA_NAME_MAX	16
#define MAX_KEEPIDLE	32767
#define MAX_KEEPINTVL	32767
#define MAX_KEEPCNT	127
#define MAX_SYNCNT	127
#define MAX_WINDOW	32767
#define FIN_TIMEOUT_MAX 120
#define MIN_CLAMP	1152

/* TCP_DEFER_ACCEPT: seconds as a number of SYN-ACKs, and back. */
static u8 seconds_to_tries(int seconds)
{
	int period = 1, timeout = 1, tries = 1;

	if (seconds <= 0)
		return 0;
	while (seconds > period && tries < 255) {
		tries++;
		timeout = min(timeout << 1, 120);
		period += timeout;
	}
	return (u8)tries;
}

static int tries_to_seconds(u8 tries)
{
	int period = 0, timeout = 1;

	for (; tries; tries--) {
		period += timeout;
		timeout = min(timeout << 1, 120);
	}
	return period;
}

static int set_congestion(struct tcp_sock *ts, const void __user *val, int len)
{
	const struct tcp_cong *c;
	char name[CA_NAME_MAX];
	ssize_t n;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_user(name, val, (size_t)min(len, CA_NAME_MAX - 1));
	if (n == -EFAULT)
		return -EFAULT;
	name[n < 0 ? min(len, CA_NAME_MAX - 1) : n] = 0;
	c = tcp_cong_by_name(name);
	if (!c)
		return -ENOENT;
	spin_lock(&ts->inet.sk.lock);
	if (c != ts->cong) {
		ts->cong = c;
		if (!tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
			tcp_cong_init(ts);
	}
	spin_unlock(&ts->inet.sk.lock);
	return 0;
}

static int set_fastopen_key(struct tcp_sock *ts, const void __user *val, int len)
{
	struct tcp_fastopen_keys keys;
	int err = 0;

	if (len != sizeof(keys.key[0]) && len != sizeof(keys.key))
		return -EINVAL;
	if (copy_from_user(keys.key, val, (size_t)len))
		return -EFAULT;
	keys.n = (u8)((unsigned)len / sizeof(keys.key[0]));
	spin_lock(&ts->inet.sk.lock);
	if (!ts->listen)
		ts->listen = kzalloc(sizeof(*ts->listen), 0);
	if (ts->listen)
		ts->listen->keys = keys;
	else
		err = -ENOMEM;
	spin_unlock(&ts->inet.sk.lock);
	return err;
}

static int get_fastopen_key(struct tcp_sock *ts, void __user *val, int __user *len)
{
	struct tcp_fastopen_keys keys;

	spin_lock(&ts->inet.sk.lock);
	keys = ts->listen ? ts->listen->keys : (struct tcp_fastopen_keys){ .n = 0 };
	spin_unlock(&ts->inet.sk.lock);
	return sockopt_put(val, len, keys.key, keys.n * sizeof(keys.key[0]));
}

static void set_quickack(struct tcp_sock *ts, int val)
{
	if (!val) {
		tcp_enter_pingpong(ts);
		return;
	}
	ts->pingpong = 0;
	if (tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT)) && (ts->ack & TCP_ACK_SCHED)) {
		ts->ack |= TCP_ACK_PUSHED;
		tcp_cleanup_rbuf(ts, 1);
		if (!(val & 1))
			tcp_enter_pingpong(ts);
	}
}

static int set_keepidle(struct tcp_sock *ts, int val)
{
	u64 elapsed;

	if (val < 1 || val > MAX_KEEPIDLE)
		return -EINVAL;
	ts->keep_idle = (u32)val * 1000;
	if (socket_option(&ts->inet.sk, OPT_KEEPALIVE) &&
	    !tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN))) {
		elapsed = now_mono() - max(ts->last_rcv, ts->last_acked);
		tcp_keepalive_start(ts,
				    tcp_keep_idle(ts) > elapsed ? tcp_keep_idle(ts) - elapsed : 0);
	}
	return 0;
}

static int set_fastopen(struct tcp_sock *ts, int val)
{
	if (val < 0 || !tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
		return -EINVAL;
	if (!ts->listen) {
		ts->listen = kzalloc(sizeof(*ts->listen), 0);
		if (!ts->listen)
			return -ENOMEM;
	}
	ts->listen->fastopen_max = min((u32)val, (u32)READ_ONCE(somaxconn));
	return 0;
}

/* A switch that is 0 or 1. */
static int set_bool(bool *at, int val)
{
	if (val < 0 || val > 1)
		return -EINVAL;
	*at = val;
	return 0;
}

/* [l] */
static int set_number(struct tcp_sock *ts, int name, int val)
{
	switch (name) {
	case TCP_MAXSEG:
		if (val && (val < TCP_MIN_MSS || val > MAX_WINDOW))
			return -EINVAL;
		ts->user_mss = (u32)val;
		return 0;
	case TCP_NODELAY:
		if (val) {
			ts->nonagle |= TCP_NAGLE_OFF;
			if (ts->send_head)
				tcp_push(ts, tcp_current_mss(ts), ts->nonagle | TCP_NAGLE_PUSH);
		} else {
			ts->nonagle &= (u8)~TCP_NAGLE_OFF;
		}
		return 0;
	case TCP_CORK:
		if (val) {
			ts->nonagle |= TCP_NAGLE_CORK;
		} else {
			ts->nonagle &= (u8)~TCP_NAGLE_CORK;
			if (ts->send_head)
				tcp_push(ts, tcp_current_mss(ts),
					 ts->nonagle |
						 (ts->nonagle & TCP_NAGLE_OFF ? TCP_NAGLE_PUSH :
										0));
		}
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		return set_bool(&ts->thin_lto, val);
	case TCP_THIN_DUPACK:
		return val < 0 || val > 1 ? -EINVAL : 0;
	case TCP_KEEPIDLE:
		return set_keepidle(ts, val);
	case TCP_KEEPINTVL:
		if (val < 1 || val > MAX_KEEPINTVL)
			return -EINVAL;
		ts->keep_intvl = (u32)val * 1000;
		return 0;
	case TCP_KEEPCNT:
		if (val < 1 || val > MAX_KEEPCNT)
			return -EINVAL;
		ts->keep_cnt = (u8)val;
		return 0;
	case TCP_SYNCNT:
		if (val < 1 || val > MAX_SYNCNT)
			return -EINVAL;
		ts->syn_retries = (u8)val;
		return 0;
	case TCP_LINGER2:
		ts->linger2 = val < 0 ? -1 : min(val, FIN_TIMEOUT_MAX);
		return 0;
	case TCP_DEFER_ACCEPT:
		ts->defer_accept = seconds_to_tries(val);
		return 0;
	case TCP_WINDOW_CLAMP:
		if (!val && ts->state != TCP_CLOSE)
			return -EINVAL;
		ts->window_clamp = val ? (u32)max(val, MIN_CLAMP) : 0;
		if (val && !tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
			ts->rcv_ssthresh =
				min(max(ts->rcv_wnd, ts->rcv_ssthresh), ts->window_clamp);
		return 0;
	case TCP_QUICKACK:
		set_quickack(ts, val);
		return 0;
	case TCP_USER_TIMEOUT:
		if (val < 0)
			return -EINVAL;
		ts->user_timeout = (u32)val;
		return 0;
	case TCP_FASTOPEN:
		return set_fastopen(ts, val);
	case TCP_FASTOPEN_CONNECT:
		if (val < 0 || val > 1)
			return -EINVAL;
		if (!(ts->tn->conf->fastopen & 1))
			return -EOPNOTSUPP;
		if (ts->state != TCP_CLOSE)
			return -EINVAL;
		ts->fastopen_connect = val;
		return 0;
	case TCP_FASTOPEN_NO_COOKIE:
		if (!tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
			return -EINVAL;
		return set_bool(&ts->fastopen_no_cookie, val);
	case TCP_NOTSENT_LOWAT:
		WRITE_ONCE(ts->notsent_lowat, (u32)val);
		tcp_write_space(ts);
		return 0;
	case TCP_SAVE_SYN:
		if (val < 0 || val > 2)
			return -EINVAL;
		ts->save_syn = val;
		return 0;
	case TCP_INQ:
		return set_bool(&ts->inq, val);
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_QUEUE_SEQ:
	case TCP_REPAIR_OPTIONS:
	case TCP_REPAIR_WINDOW:
	case TCP_TIMESTAMP:
		return -EPERM;
	default:
		return -ENOPROTOOPT;
	}
}

int tcp_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len)
{
	struct tcp_sock *ts = tcp_sk(sk);
	u32 number;
	int err;

	if (level != SOL_TCP)
		return inet_setsockopt(sk, level, name, val, len);
	switch (name) {
	case TCP_CONGESTION:
		return set_congestion(ts, val, len);
	case TCP_ULP:
		return len < 1 ? -EINVAL : -ENOENT;
	case TCP_FASTOPEN_KEY:
		return set_fastopen_key(ts, val, len);
	default:
		break;
	}
	if (len < (int)sizeof(number))
		return -EINVAL;
	if (get_user_u32(&number, val))
		return -EFAULT;
	spin_lock(&sk->lock);
	err = set_number(ts, name, (int)number);
	spin_unlock(&sk->lock);
	net_run();
	return err;
}

void tcp_option_changed(struct socket *sk, int name)
{
	struct tcp_sock *ts = tcp_sk(sk);

	inet_option_changed(sk, name);
	spin_lock(&sk->lock);
	if (name == SO_MAX_PACING_RATE) {
		if (READ_ONCE(sk->max_pacing_rate) != ~0ul)
			ts->paced = true;
	} else if (name == SO_KEEPALIVE) {
		tcp_set_keepalive(ts, socket_option(sk, OPT_KEEPALIVE));
	} else if (name == SO_SNDBUF || name == SO_SNDBUFFORCE) {
		tcp_write_space(ts);
	} else if (name == SO_RCVLOWAT) {
		tcp_data_ready(ts);
	}
	spin_unlock(&sk->lock);
}

/* --- asking --- */

static u32 ms_since(u64 t, u64 now)
{
	return t ? (u32)((now - t) / NSEC_PER_MSEC) : (u32)(now / NSEC_PER_MSEC);
}

void tcp_get_info(struct socket *sk, struct tcp_info *i)
{
	struct tcp_sock *ts = tcp_sk(sk);
	u64 now = now_mono();

	memset(i, 0, sizeof(*i));
	spin_lock(&sk->lock);
	i->tcpi_state = ts->state;
	i->tcpi_reordering = ts->reordering;
	i->tcpi_snd_cwnd = ts->cwnd;
	i->tcpi_max_pacing_rate = READ_ONCE(sk->max_pacing_rate);
	i->tcpi_pacing_rate = tcp_pacing_rate(ts);
	if (ts->state == TCP_LISTEN) {
		/* accept queue, backlog */
		i->tcpi_unacked = ts->listen->nr_accept;
		i->tcpi_sacked = ts->listen->backlog;
		spin_unlock(&sk->lock);
		return;
	}
	i->tcpi_ca_state = ts->ca_state;
	i->tcpi_retransmits = ts->retransmits;
	i->tcpi_probes = ts->probes_out;
	i->tcpi_backoff = ts->backoff;
	i->tcpi_options =
		(u8)((ts->ts_ok ? TCPI_OPT_TIMESTAMPS : 0) | (ts->sack_ok ? TCPI_OPT_SACK : 0) |
		     (ts->wscale_ok ? TCPI_OPT_WSCALE : 0) |
		     (ts->ecn & TCP_ECN_OK ? TCPI_OPT_ECN : 0) |
		     (ts->ecn & TCP_ECN_SEEN ? TCPI_OPT_ECN_SEEN : 0) |
		     (ts->syn_data_acked ? TCPI_OPT_SYN_DATA : 0));
	i->tcpi_snd_wscale = ts->snd_wscale & 0xf;
	i->tcpi_rcv_wscale = ts->rcv_wscale & 0xf;
	i->tcpi_fastopen_client_fail = ts->fastopen_fail & 3;
	i->tcpi_rto = (u32)(ts->rto / NSEC_PER_USEC);
	i->tcpi_ato = (u32)(ts->ato / NSEC_PER_USEC);
	i->tcpi_snd_mss = ts->mss_cache;
	i->tcpi_rcv_mss = ts->rcv_mss;
	i->tcpi_unacked = ts->packets_out;
	i->tcpi_sacked = ts->sacked_out;
	i->tcpi_lost = ts->lost_out;
	i->tcpi_retrans = ts->retrans_out;
	i->tcpi_last_data_sent = ms_since(ts->last_sent_data, now);
	i->tcpi_last_data_recv = ms_since(ts->last_rcv, now);
	i->tcpi_last_ack_recv = ms_since(ts->last_acked, now);
	i->tcpi_pmtu = ts->pmtu_cookie;
	i->tcpi_rcv_ssthresh = ts->rcv_ssthresh;
	i->tcpi_rtt = ts->srtt_us >> 3;
	i->tcpi_rttvar = ts->mdev_us >> 2;
	i->tcpi_snd_ssthresh = ts->ssthresh;
	i->tcpi_advmss = ts->advmss;
	i->tcpi_rcv_rtt = ts->drs.rtt_us >> 3;
	i->tcpi_rcv_space = ts->drs.space;
	i->tcpi_total_retrans = ts->total_retrans;
	i->tcpi_bytes_acked = ts->bytes_acked;
	i->tcpi_bytes_received = ts->bytes_received;
	i->tcpi_segs_out = ts->segs_out;
	i->tcpi_segs_in = ts->segs_in;
	i->tcpi_notsent_bytes = ts->write_seq - ts->snd_nxt;
	i->tcpi_min_rtt = ts->min_rtt_us ? ts->min_rtt_us : ~0U;
	i->tcpi_data_segs_in = ts->data_segs_in;
	i->tcpi_data_segs_out = ts->data_segs_out;
	i->tcpi_busy_time = tcp_chrono_ns(ts, TCP_CHRONO_NONE) / NSEC_PER_USEC;
	i->tcpi_rwnd_limited = tcp_chrono_ns(ts, TCP_CHRONO_RWND) / NSEC_PER_USEC;
	i->tcpi_sndbuf_limited = tcp_chrono_ns(ts, TCP_CHRONO_SNDBUF) / NSEC_PER_USEC;
	i->tcpi_delivery_rate = tcp_delivery_rate(ts);
	i->tcpi_delivery_rate_app_limited = ts->rate.limited;
	i->tcpi_delivered = ts->delivered;
	i->tcpi_bytes_sent = ts->bytes_sent;
	i->tcpi_bytes_retrans = ts->bytes_retrans;
	i->tcpi_dsack_dups = ts->dsack_dups;
	i->tcpi_reord_seen = ts->reord_seen;
	i->tcpi_rcv_ooopack = ts->ooo_packets;
	i->tcpi_snd_wnd = ts->snd_wnd;
	i->tcpi_rcv_wnd = ts->rcv_wnd;
	i->tcpi_delivered_ce = ts->delivered_ce;
	i->tcpi_total_rto = ts->total_rto;
	i->tcpi_total_rto_recoveries = ts->total_rto_recoveries;
	i->tcpi_total_rto_time = ts->total_rto_ms;
	if (ts->rto_began)
		i->tcpi_total_rto_time += ms_since(ts->rto_began, now);
	spin_unlock(&sk->lock);
}

const char *tcp_get_congestion(struct socket *sk)
{
	return tcp_sk(sk)->cong->name;
}

static int get_saved_syn(struct tcp_sock *ts, void __user *val, int __user *ulen)
{
	u8 *syn;
	u32 len, n;
	int err;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	spin_lock(&ts->inet.sk.lock);
	syn = ts->saved_syn;
	n = ts->saved_syn_len;
	if (syn && len < n)
		syn = NULL;
	else
		ts->saved_syn = NULL;
	spin_unlock(&ts->inet.sk.lock);
	if (!syn && ts->saved_syn)
		return put_user_u32(n, (u32 __user *)ulen) ? -EFAULT : -EINVAL;
	err = syn && copy_to_user(val, syn, n) ? -EFAULT :
						 put_user_u32(syn ? n : 0, (u32 __user *)ulen);
	kfree(syn);
	return err;
}

static int get_number(struct tcp_sock *ts, int name, int *v)
{
	const struct tcp_listen *l = READ_ONCE(ts->listen);

	switch (name) {
	case TCP_MAXSEG:
		*v = (int)ts->mss_cache;
		if (ts->user_mss && tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
			*v = (int)ts->user_mss;
		break;
	case TCP_NODELAY:
		*v = !!(ts->nonagle & TCP_NAGLE_OFF);
		break;
	case TCP_CORK:
		*v = !!(ts->nonagle & TCP_NAGLE_CORK);
		break;
	case TCP_KEEPIDLE:
		*v = (int)(tcp_keep_idle(ts) / NSEC_PER_SEC);
		break;
	case TCP_KEEPINTVL:
		*v = (int)(tcp_keep_intvl(ts) / NSEC_PER_SEC);
		break;
	case TCP_KEEPCNT:
		*v = tcp_keep_cnt(ts);
		break;
	case TCP_SYNCNT:
		*v = ts->syn_retries ? ts->syn_retries : ts->tn->conf->syn_retries;
		break;
	case TCP_LINGER2:
		*v = ts->linger2 ? ts->linger2 : ts->tn->conf->fin_timeout;
		break;
	case TCP_DEFER_ACCEPT:
		*v = tries_to_seconds(ts->defer_accept);
		break;
	case TCP_WINDOW_CLAMP:
		*v = (int)ts->window_clamp;
		break;
	case TCP_QUICKACK:
		*v = !tcp_in_pingpong(ts);
		break;
	case TCP_USER_TIMEOUT:
		*v = (int)ts->user_timeout;
		break;
	case TCP_FASTOPEN:
		*v = l ? (int)l->fastopen_max : 0;
		break;
	case TCP_FASTOPEN_CONNECT:
		*v = ts->fastopen_connect;
		break;
	case TCP_FASTOPEN_NO_COOKIE:
		*v = ts->fastopen_no_cookie;
		break;
	case TCP_TIMESTAMP:
		*v = (int)(tcp_time_ms() + ts->ts_offset);
		break;
	case TCP_NOTSENT_LOWAT:
		*v = (int)ts->notsent_lowat;
		break;
	case TCP_SAVE_SYN:
		*v = ts->save_syn;
		break;
	case TCP_INQ:
		*v = ts->inq;
		break;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*v = ts->thin_lto;
		break;
	case TCP_THIN_DUPACK:
	case TCP_REPAIR:
	case TCP_TX_DELAY:
	case TCP_IS_MPTCP:
		*v = 0;
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

int tcp_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len)
{
	struct tcp_sock *ts = tcp_sk(sk);
	char ca[CA_NAME_MAX] = { 0 };
	struct tcp_info info;
	u32 n;
	int v, err;

	if (level == SOL_SOCKET && name == SO_ACCEPTCONN) {
		v = tcp_state_in(ts, F(TCP_LISTEN));
		return sockopt_put(val, len, &v, sizeof(v));
	}
	if (level != SOL_TCP && level != SOL_SOCKET && level != SOL_IP && sk->family == AF_INET)
		return -EOPNOTSUPP;
	if (level != SOL_TCP)
		return inet_getsockopt(sk, level, name, val, len);
	switch (name) {
	case TCP_INFO:
		tcp_get_info(sk, &info);
		return sockopt_put(val, len, &info, sizeof(info));
	case TCP_CONGESTION:
		strscpy(ca, ts->cong->name, sizeof(ca));
		return sockopt_put(val, len, ca, sizeof(ca));
	case TCP_CC_INFO:
		return put_user_u32(0, (u32 __user *)len); /* neither tells anything */
	case TCP_ULP:
		return put_user_u32(0, (u32 __user *)len);
	case TCP_SAVED_SYN:
		return tcp_state_in(ts, F(TCP_LISTEN)) ? -EINVAL : get_saved_syn(ts, val, len);
	case TCP_FASTOPEN_KEY:
		return get_fastopen_key(ts, val, len);
	default:
		break;
	}
	if (get_user_u32(&n, (u32 __user *)len))
		return -EFAULT;
	if ((int)n < 0)
		return -EINVAL;
	err = get_number(ts, name, &v);
	return err ? err : sockopt_put(val, len, &v, sizeof(v));
}

/* --- ioctl --- */

long tcp_ioctl(struct socket *sk, unsigned cmd, unsigned long arg)
{
	struct tcp_sock *ts = tcp_sk(sk);
	bool listening = tcp_state_in(ts, F(TCP_LISTEN)),
	     opening = tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV));
	u32 n;

	switch (cmd) {
	case FIONREAD:
		if (listening)
			return -EINVAL;
		spin_lock(&sk->lock);
		n = opening ? 0 : tcp_inq(ts);
		/* Up to urgent data, where a read would stop. */
		if (n && ts->urg_data && !socket_option(sk, OPT_OOBINLINE) &&
		    !before(ts->urg_seq, ts->copied_seq) && before(ts->urg_seq, ts->rcv_nxt))
			n = ts->urg_seq - ts->copied_seq;
		spin_unlock(&sk->lock);
		break;
	case SIOCATMARK:
		n = ts->urg_data && ts->urg_seq == READ_ONCE(ts->copied_seq);
		break;
	case TIOCOUTQ:
		if (listening)
			return -EINVAL;
		n = opening ? 0 : READ_ONCE(ts->write_seq) - READ_ONCE(ts->snd_una);
		break;
	case SIOCOUTQNSD:
		if (listening)
			return -EINVAL;
		n = opening ? 0 : READ_ONCE(ts->write_seq) - READ_ONCE(ts->snd_nxt);
		break;
	default:
		return inet_ioctl(sk, cmd, arg);
	}
	return put_user_u32(n, (u32 __user *)arg);
}
