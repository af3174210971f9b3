/*
 * TCP: from the receive queue to a reader's memory (RFC 9293 3.9.1.3, recv(2), tcp(7)).
 *
 * Readers take turns by recv_mutex and copy without the spinlock: packets are appended meanwhile,
 * but what was in the queue when the reader looked stays. Locking: tcp_impl.h.
 */
#include "net/tcp_impl.h"

#include "lib/string.h"
#include "mm/iter.h"

u32 tcp_inq(const struct tcp_sock *ts)
{
	return READ_ONCE(ts->rcv_nxt) - READ_ONCE(ts->copied_seq) - READ_ONCE(ts->fin_seen);
}

bool tcp_readable(const struct tcp_sock *ts, int target)
{
	u32 avail = READ_ONCE(ts->rcv_nxt) - READ_ONCE(ts->copied_seq);

	if (!avail)
		return false;
	if (avail >= (u32)target)
		return true;
	/* So much will never be there. */
	return READ_ONCE(ts->rmem) > READ_ONCE(ts->inet.sk.rcvbuf) ||
	       tcp_offered_window(ts) <= READ_ONCE(ts->rcv_mss);
}

/* RFC 9293 3.8.6.2.2: an ACK when the window has grown by much, or two segments wait for one. */
void tcp_cleanup_rbuf(struct tcp_sock *ts, u32 copied)
{
	bool now = false;

	if (ts->state == TCP_CLOSE)
		return;
	if (ts->ack & TCP_ACK_SCHED) {
		now = ts->rcv_nxt - ts->rcv_wup > ts->rcv_mss ||
		      (copied &&
		       ((ts->ack & TCP_ACK_PUSHED2) ||
			((ts->ack & TCP_ACK_PUSHED) && !tcp_in_pingpong(ts))) &&
		       !ts->rmem);
	}
	if (copied && !now && !(ts->inet.sk.shutdown & SHUT_RECEIVE)) {
		u32 offered = tcp_offered_window(ts);

		if (2 * offered <= ts->window_clamp) {
			u32 window = tcp_desired_window(ts);

			now = window && window >= 2 * offered;
		}
	}
	if (now)
		tcp_send_ack(ts);
}

/* MSG_OOB */
static ssize_t recv_urgent(struct tcp_sock *ts, struct message *m)
{
	struct socket *sk = &ts->inet.sk;
	ssize_t ret;
	u8 byte;

	spin_lock(&sk->lock);
	byte = (u8)ts->urg_data;
	if (socket_option(sk, OPT_OOBINLINE) || !ts->urg_data || ts->urg_data == TCP_URG_READ) {
		ret = -EINVAL;
	} else if (ts->state == TCP_CLOSE && !ts->fin_seen) {
		ret = -ENOTCONN;
	} else if (ts->urg_data & TCP_URG_VALID) {
		if (!(m->flags & MSG_PEEK))
			ts->urg_data = TCP_URG_READ;
		m->out_flags |= MSG_OOB;
		ret = 1;
	} else {
		ret = ts->state == TCP_CLOSE || (sk->shutdown & SHUT_RECEIVE) ? 0 : -EAGAIN;
	}
	spin_unlock(&sk->lock);
	if (ret != 1)
		return ret;
	if (!m->data->count) {
		m->out_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(m->flags & MSG_TRUNC) && iter_copy_to(m->data, &byte, 1) != 1)
		return -EFAULT;
	return 1;
}

/* What one look at the queue says. */
struct look {
	u32 end; /* data is there up to here */
	u32 urgent; /* and an urgent byte here, if has_urgent */
	bool has_urgent, inline_urgent;
	u64 stamp; /* when the last of what was copied came; 0: not known */
};

/*
 * [r] Copies from *seq on, as much as there is and `want` allows; advances *seq, which passes over
 * an urgent byte that is not in line. Bytes copied, or -EFAULT.
 */
static ssize_t copy_out(struct tcp_sock *ts, struct message *m, struct look *l, u32 *seq,
			size_t want)
{
	ssize_t done = 0;
	struct packet *p;

	if (list_empty(&ts->rcvq))
		return 0;
	list_for_each_entry(p, &ts->rcvq, link) {
		u32 start = tcp_cb(p)->seq, end;

		/* The last one may grow under our eyes: what it had when we looked is ours. */
		end = READ_ONCE(tcp_cb(p)->end_seq);
		if (after(end, l->end))
			end = l->end;
		while (before(*seq, end) && want) {
			u32 n = (u32)min((size_t)(end - *seq), want);
			size_t got;

			if (l->has_urgent && l->urgent - *seq < n) {
				n = l->urgent - *seq;
				if (!n) {
					if (done)
						return done;
					if (!l->inline_urgent) {
						++*seq;
						continue;
					}
					n = (u32)min((size_t)(end - *seq), want);
				}
			}
			if (m->flags & MSG_TRUNC)
				got = n;
			else
				got = packet_give_to_iter(p, *seq - start, m->data, n);
			*seq += (u32)got;
			done += (ssize_t)got;
			if (got && tcp_cb(p)->stamp)
				l->stamp = tcp_cb(p)->stamp;
			want -= got;
			if (got < n)
				return done ? done : -EFAULT;
			if (l->has_urgent && l->urgent == *seq)
				return done;
		}
		if (!want || !before(end, l->end) || p->link.next == &ts->rcvq)
			break;
	}
	return done;
}

/* [r] [l] What was read leaves the queue; onto a list, to be freed without the lock. */
static void take_off(struct tcp_sock *ts, u32 seq, u32 copied, struct list_head *gone)
{
	WRITE_ONCE(ts->copied_seq, seq);
	if (ts->urg_data && after(seq, ts->urg_seq))
		ts->urg_data = 0;
	while (!list_empty(&ts->rcvq)) {
		struct packet *p = list_first_entry(&ts->rcvq, struct packet, link);
		const struct tcp_cb *cb = tcp_cb(p);

		if (after(cb->end_seq, seq))
			break;
		ts->rmem -= cb->truesize;
		tcp_mem_uncharge(ts, cb->truesize);
		list_move_tail(&p->link, gone);
	}
	tcp_space_adjust(ts);
	tcp_cleanup_rbuf(ts, copied);
}

static void free_list(struct list_head *gone)
{
	struct packet *p, *n;

	list_for_each_entry_safe(p, n, gone, link)
		packet_free(p);
}

static bool something(void *sk)
{
	const struct tcp_sock *ts = tcp_sk(sk);

	return READ_ONCE(ts->rcv_nxt) != READ_ONCE(ts->wait_seq) || READ_ONCE(ts->inet.sk.err) ||
	       (READ_ONCE(ts->inet.sk.shutdown) & SHUT_RECEIVE) || tcp_state_in(ts, F(TCP_CLOSE));
}

static void tell_inq(struct tcp_sock *ts, struct message *m)
{
	int inq;

	if (likely(!READ_ONCE(ts->inq)))
		return;
	inq = (int)tcp_inq(ts);
	if (!inq && (READ_ONCE(ts->inet.sk.shutdown) & SHUT_RECEIVE))
		inq = 1; /* the end can be read */
	cmsg_put(m, SOL_TCP, TCP_CM_INQ, &inq, sizeof(inq));
}

/* [l] Nothing more to copy: is that the end? 1: go on waiting, 0: the end, -errno. */
static int ended(struct tcp_sock *ts, size_t done)
{
	struct socket *sk = &ts->inet.sk;

	if (done)
		return READ_ONCE(sk->err) || ts->state == TCP_CLOSE ||
				       (sk->shutdown & SHUT_RECEIVE) ?
			       0 :
			       1;
	if (ts->fin_seen)
		return 0;
	if (READ_ONCE(sk->err))
		return socket_take_error(sk);
	if (sk->shutdown & SHUT_RECEIVE)
		return 0;
	if (ts->state == TCP_CLOSE)
		return -ENOTCONN;
	return 1;
}

static ssize_t receive(struct tcp_sock *ts, struct message *m, u64 *stamp)
{
	struct socket *sk = &ts->inet.sk;
	bool peek = m->flags & MSG_PEEK;
	size_t done = 0, want = m->data->count, target;
	int peek_off = READ_ONCE(sk->peek_off), err = 0;
	LIST_HEAD(gone);
	struct look l = { 0 };
	u32 seq;

	target = m->flags & MSG_WAITALL ? want : min((size_t)READ_ONCE(sk->rcvlowat), want);
	if (!target)
		target = 1;
	spin_lock(&sk->lock);
	if (ts->state == TCP_LISTEN) {
		spin_unlock(&sk->lock);
		return -ENOTCONN;
	}
	seq = ts->copied_seq;
	if (peek && peek_off >= 0)
		seq += (u32)peek_off;
	for (;;) {
		ssize_t n = 0;

		l.end = ts->rcv_nxt - ts->fin_seen;
		l.has_urgent = ts->urg_data != 0;
		l.urgent = ts->urg_seq;
		l.inline_urgent = socket_option(sk, OPT_OOBINLINE);
		if (!peek && before(seq, ts->copied_seq))
			seq = ts->copied_seq; /* another reader was here while we waited */
		if (before(seq, l.end)) {
			u32 from = seq;

			/* Reading stops at urgent data, and begins again behind it; splice(2) does not. */
			if (l.has_urgent && l.urgent == seq &&
			    (done || m->data->kind == ITER_COLLECT))
				break;
			spin_unlock(&sk->lock);
			n = copy_out(ts, m, &l, &seq, want - done);
			spin_lock(&sk->lock);
			if (!peek && seq != from)
				take_off(ts, seq, seq - from, &gone);
			if (n < 0) {
				err = (int)n;
				break;
			}
			done += (size_t)n;
			if (n && l.has_urgent && l.urgent == seq)
				break;
			if (done >= want)
				break;
			if (seq != from)
				continue; /* perhaps more came */
		}
		if (done >= target)
			break;
		err = ended(ts, done);
		if (err <= 0)
			break;
		err = 0;
		if (!m->deadline) {
			err = -EAGAIN;
			break;
		}
		if (!peek)
			tcp_cleanup_rbuf(ts, (u32)done);
		WRITE_ONCE(ts->wait_seq, ts->rcv_nxt);
		spin_unlock(&sk->lock);
		mutex_unlock(&ts->recv_mutex);
		net_run();
		err = socket_wait(&sk->readers, sk, something, m->deadline);
		mutex_lock(&ts->recv_mutex);
		spin_lock(&sk->lock);
		if (err)
			break;
	}
	if (peek && peek_off >= 0 && done)
		WRITE_ONCE(sk->peek_off, peek_off + (int)done);
	else if (!peek && peek_off > 0 && done)
		WRITE_ONCE(sk->peek_off, max(peek_off - (int)done, 0));
	spin_unlock(&sk->lock);
	free_list(&gone);
	*stamp = l.stamp;
	return done ? (ssize_t)done : err;
}

ssize_t tcp_recvmsg(struct socket *sk, struct message *m)
{
	struct tcp_sock *ts = tcp_sk(sk);
	ssize_t ret;
	u64 stamp;

	m->name_len = 0;
	if (unlikely(m->flags & MSG_ERRQUEUE))
		return inet_recv_error(&ts->inet, m);
	if (unlikely(m->flags & MSG_OOB))
		return recv_urgent(ts, m);
	mutex_lock(&ts->recv_mutex);
	ret = receive(ts, m, &stamp);
	mutex_unlock(&ts->recv_mutex);
	net_run();
	if (unlikely(ret > 0 && stamp))
		sock_recv_stamps(sk, stamp, false, m);
	if (ret >= 0)
		tell_inq(ts, m);
	return ret;
}
