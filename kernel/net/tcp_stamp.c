/*
 * TCP: when the last byte of a write was queued, sent and acknowledged (SO_TIMESTAMPING of socket(7)).
 * The packet of the send queue that has the byte bears the wish; the error queue tells (inet_error.c).
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/errqueue.h>
#include <uapi/netlink.h>
#include <uapi/tcp.h>

#include "lib/string.h"

/* The end of what was written just now; some or all of it may be on its way by now. */
void tcp_stamp_tail(struct tcp_sock *ts, u32 flags)
{
	struct packet *tail = tcp_snd_tail(ts);
	u8 stamps = (flags & SOF_TIMESTAMPING_TX_SOFTWARE ? PACKET_STAMP_SENT : 0) |
		    (flags & SOF_TIMESTAMPING_TX_SCHED ? PACKET_STAMP_SCHED : 0) |
		    (flags & SOF_TIMESTAMPING_TX_ACK ? PACKET_STAMP_ACK : 0);

	if (!stamps || !tail)
		return;
	tail->stamps |= stamps;
	tail->stamp_key = tcp_cb(tail)->seq + tail->len - 1;
}

static void forget_sender(struct packet *p)
{
	socket_put(p->sk);
	p->sk = NULL;
	p->uncharge = NULL;
}

/* p carries what `data` of the queue has. */
void tcp_stamp_segment(struct tcp_sock *ts, struct packet *p, const struct packet *data)
{
	p->stamps = data->stamps & (PACKET_STAMP_SENT | PACKET_STAMP_SCHED);
	if (!p->stamps)
		return;
	p->stamp_key = data->stamp_key;
	p->sk = socket_get(&ts->inet.sk);
	p->uncharge = forget_sender;
}

/* [l] Some or all of p was acknowledged; before it, una was. */
void tcp_stamp_acked(struct tcp_sock *ts, struct packet *p, u32 una, int ttl)
{
	if (before(p->stamp_key, una) || !before(p->stamp_key, ts->snd_una))
		return;
	p->stamps &= (u8)~PACKET_STAMP_ACK;
	inet_queue_stamp(&ts->inet, p, p->stamp_key, SCM_TSTAMP_ACK, ttl);
}

int tcp_stamp_base(struct socket *sk, u32 flags)
{
	struct tcp_sock *ts = tcp_sk(sk);
	int err = 0;

	spin_lock(&sk->lock);
	if (tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
		err = -EINVAL;
	else
		WRITE_ONCE(sk->stamp_id,
			   flags & SOF_TIMESTAMPING_OPT_ID_TCP ? ts->write_seq : ts->snd_una);
	spin_unlock(&sk->lock);
	return err;
}

/* One attribute; those of 8 bytes are aligned by an empty one before them. The length. */
static u32 put_attr(u8 *buf, u32 at, u16 type, u64 v, u32 size)
{
	struct nlattr a = { .nla_len = (u16)(sizeof(a) + size), .nla_type = type };
	struct nlattr pad = { .nla_len = sizeof(pad), .nla_type = TCP_NLA_PAD };

	if (size == 8 && at % 8 == 0) {
		memcpy(buf + at, &pad, sizeof(pad));
		at += (u32)sizeof(pad);
	}
	memcpy(buf + at, &a, sizeof(a));
	memset(buf + at + sizeof(a), 0, 4);
	memcpy(buf + at + sizeof(a), &v, size);
	return at + (u32)ALIGN_UP(sizeof(a) + size, 4UL);
}

/* What it says may be out of date: the lock is held by some callers and not by others. */
u32 tcp_stamp_stats(struct socket *sk, void *buf, int ttl)
{
	struct tcp_sock *ts = tcp_sk(sk);
	const struct {
		u16 type;
		u8 size;
		u64 v;
	} a[] = {
		{ TCP_NLA_BUSY, 8, tcp_chrono_ns(ts, TCP_CHRONO_NONE) / NSEC_PER_USEC },
		{ TCP_NLA_RWND_LIMITED, 8, tcp_chrono_ns(ts, TCP_CHRONO_RWND) / NSEC_PER_USEC },
		{ TCP_NLA_SNDBUF_LIMITED, 8, tcp_chrono_ns(ts, TCP_CHRONO_SNDBUF) / NSEC_PER_USEC },
		{ TCP_NLA_DATA_SEGS_OUT, 8, ts->data_segs_out },
		{ TCP_NLA_TOTAL_RETRANS, 8, ts->total_retrans },
		{ TCP_NLA_PACING_RATE, 8, tcp_pacing_rate(ts) },
		{ TCP_NLA_DELIVERY_RATE, 8, tcp_delivery_rate(ts) },
		{ TCP_NLA_SND_CWND, 4, ts->cwnd },
		{ TCP_NLA_REORDERING, 4, ts->reordering },
		{ TCP_NLA_MIN_RTT, 4, ts->min_rtt_us ? ts->min_rtt_us : ~0U },
		{ TCP_NLA_RECUR_RETRANS, 1, ts->retransmits },
		{ TCP_NLA_DELIVERY_RATE_APP_LMT, 1, ts->rate.limited },
		{ TCP_NLA_SND_SSTHRESH, 4, ts->ssthresh },
		{ TCP_NLA_DELIVERED, 4, ts->delivered },
		{ TCP_NLA_DELIVERED_CE, 4, ts->delivered_ce },
		{ TCP_NLA_SNDQ_SIZE, 4, ts->write_seq - ts->snd_una },
		{ TCP_NLA_CA_STATE, 1, ts->ca_state },
		{ TCP_NLA_BYTES_SENT, 8, ts->bytes_sent },
		{ TCP_NLA_BYTES_RETRANS, 8, ts->bytes_retrans },
		{ TCP_NLA_DSACK_DUPS, 4, ts->dsack_dups },
		{ TCP_NLA_REORD_SEEN, 4, ts->reord_seen },
		{ TCP_NLA_SRTT, 4, ts->srtt_us >> 3 },
		{ TCP_NLA_TIMEOUT_REHASH, 2, 0 },
		{ TCP_NLA_BYTES_NOTSENT, 4, ts->write_seq - ts->snd_nxt },
		{ TCP_NLA_EDT, 8, ts->last_sent },
		{ TCP_NLA_TTL, 1, (u64)ttl },
		{ TCP_NLA_REHASH, 4, 0 },
	};
	u32 n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(a); i++)
		if (a[i].type != TCP_NLA_TTL || ttl >= 0)
			n = put_attr(buf, n, a[i].type, a[i].v, a[i].size);
	return n;
}
