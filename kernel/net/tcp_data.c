/*
 * TCP: payload, in order and out of it, urgent data, FIN (RFC 9293 3.10.7.4, sixth to eighth
 * step).
 *
 * The receive queue is appended to here and emptied by a reader that holds recv_mutex but not the
 * lock: what is in it is only ever added to, at its end. Locking: tcp_impl.h.
 */
#include "net/tcp_impl.h"

#include <uapi/epoll.h>
#include <uapi/signal.h>

#include "alloc/page.h"
#include "fs/async.h"
#include "lib/string.h"

#define MERGE_MOST 2048 /* bytes: larger ones stay packets of their own */

u32 tcp_truesize(const struct packet *p)
{
	u32 n = (u32)(p->end - p->head) + TCP_OVERHEAD;

	for (unsigned i = 0; i < p->nr_frags; i++)
		n += p->frag[i].len;
	for (const struct packet *m = p->more; m; m = m->more)
		n += (u32)(m->end - m->head) + TCP_OVERHEAD;
	return n;
}

static void uncharge(struct tcp_sock *ts, const struct tcp_cb *cb)
{
	ts->rmem -= cb->truesize;
	tcp_mem_uncharge(ts, cb->truesize);
}

static void drop_queue(struct tcp_sock *ts, struct list_head *queue)
{
	struct packet *p, *n;

	list_for_each_entry_safe(p, n, queue, link) {
		list_del(&p->link);
		uncharge(ts, tcp_cb(p));
		packet_free(p);
	}
}

static void drop_ooo(struct tcp_sock *ts)
{
	drop_queue(ts, &ts->oooq);
	ts->ooo_tree.node = NULL;
	ts->nr_sacks = 0;
}

void tcp_purge_receive(struct tcp_sock *ts)
{
	drop_queue(ts, &ts->rcvq);
	drop_ooo(ts);
}

/* p leaves those that are out of order. */
static void leave_ooo(struct tcp_sock *ts, struct packet *p)
{
	list_del(&p->link);
	rb_erase(&ts->ooo_tree, &tcp_cb(p)->ooo, NULL);
	uncharge(ts, tcp_cb(p));
}

/* Out-of-order data may be thrown away again (RFC 2018 8), the last first. */
static void prune(struct tcp_sock *ts, u32 want)
{
	u32 freed = 0;

	tcp_count_stat(ts->tn, TCPS_RCV_PRUNED);
	while (!list_empty(&ts->oooq) && freed < want) {
		struct packet *p = list_last_entry(&ts->oooq, struct packet, link);

		leave_ooo(ts, p);
		freed += tcp_cb(p)->truesize;
		packet_free(p);
	}
	ts->nr_sacks = 0; /* what is left will be told of when more of it comes */
}

bool tcp_room_for(struct tcp_sock *ts, u32 truesize)
{
	if (ts->rmem <= READ_ONCE(ts->inet.sk.rcvbuf) && tcp_mem_charge(ts, truesize, false)) {
		tcp_mem_uncharge(ts, truesize);
		return true;
	}
	/* One packet is always taken when there is nothing to read: else nothing moves. */
	if (list_empty(&ts->rcvq) && list_empty(&ts->oooq))
		return !tcp_mem_over() || truesize < 4096;
	prune(ts, truesize + (READ_ONCE(ts->inet.sk.rcvbuf) >> 3));
	if (ts->rmem > READ_ONCE(ts->inet.sk.rcvbuf))
		return false;
	if (!tcp_mem_charge(ts, truesize, false))
		return false;
	tcp_mem_uncharge(ts, truesize);
	return true;
}

/* p, small, becomes part of the queue's last packet if that is easy. */
static bool merge(struct tcp_sock *ts, struct packet *p, u32 end_seq)
{
	struct packet *tail;
	struct tcp_cb *cb;
	struct packet_frag *last;
	u32 len = p->len, n = packet_linear(p), more = 0;

	if (list_empty(&ts->rcvq) || len > MERGE_MOST || p->more)
		return false;
	tail = list_last_entry(&ts->rcvq, struct packet, link);
	cb = tcp_cb(tail);
	if (cb->end_seq != end_seq - len || tail->more)
		return false;
	if (n == len) {
		if (tail->nr_frags || packet_tailroom(tail) < n)
			return false;
		memcpy(packet_put(tail, n), p->data, n);
		goto merged;
	}
	if (n || p->nr_frags != 1)
		return false;
	last = tail->nr_frags ? &tail->frag[tail->nr_frags - 1] : NULL;
	if (last && last->page == p->frag[0].page && last->off + last->len == p->frag[0].off) {
		/* Written one after the other into one page at the other end. */
		last->len += len;
		tail->len += len;
	} else {
		page_get(p->frag[0].page);
		if (!packet_add_frag(tail, p->frag[0].page, p->frag[0].off, len)) {
			page_put(p->frag[0].page);
			return false;
		}
		cb->dense = false; /* its last page is another's */
		more = 64;
	}
merged:
	more += n ? 0 : len;
	cb->truesize += more;
	if (p->stamp)
		cb->stamp = p->stamp;
	ts->rmem += more;
	tcp_mem_charge(ts, more, true);
	cb->end_seq = end_seq;
	return true;
}

/* A piece of memory at the queue's end for n bytes at most; *n: what it takes. NULL: none. */
static u8 *dense_room(struct tcp_sock *ts, u32 *n)
{
	struct packet *tail = NULL;
	struct packet_frag *last;
	struct page *page;
	u32 more = PAGE_SIZE;

	if (!list_empty(&ts->rcvq))
		tail = list_last_entry(&ts->rcvq, struct packet, link);
	if (tail && tcp_cb(tail)->dense) {
		last = &tail->frag[tail->nr_frags - 1];
		if (last->len < PAGE_SIZE) {
			*n = min(*n, (u32)PAGE_SIZE - last->len);
			return (u8 *)page_to_virt(last->page) + last->len;
		}
	}
	if (tcp_mem_over())
		return NULL;
	page = page_alloc(0, 0);
	if (!page)
		return NULL;
	if (!tail || !tcp_cb(tail)->dense || tail->nr_frags == PACKET_MAX_FRAGS) {
		tail = packet_alloc(0, 0);
		if (!tail) {
			page_put(page);
			return NULL;
		}
		*tcp_cb(tail) = (struct tcp_cb){ .seq = ts->rcv_nxt,
						 .end_seq = ts->rcv_nxt,
						 .dense = true,
						 .stamp = now_real() };
		more += tcp_truesize(tail);
		list_add_tail(&tail->link, &ts->rcvq);
	}
	packet_add_frag(tail, page, 0, 0);
	tcp_cb(tail)->truesize += more;
	ts->rmem += more;
	tcp_mem_charge(ts, more, true);
	*n = min(*n, (u32)PAGE_SIZE);
	return page_to_virt(page);
}

/*
 * p's bytes go where they cost no more than themselves: behind each other, into pages. How many;
 * fewer than p has when memory is short.
 */
static u32 append_dense(struct tcp_sock *ts, const struct packet *p)
{
	u32 done = 0;

	while (done < p->len) {
		u32 n = p->len - done;
		u8 *to = dense_room(ts, &n);
		struct packet *tail;

		if (!to)
			break;
		packet_read(p, done, to, n);
		tail = list_last_entry(&ts->rcvq, struct packet, link);
		tail->frag[tail->nr_frags - 1].len += n;
		tail->len += n;
		done += n;
		ts->bytes_received += n;
		ts->rcv_nxt += n;
		WRITE_ONCE(tcp_cb(tail)->end_seq, ts->rcv_nxt);
	}
	return done;
}

/*
 * A window is half of the buffer, for a byte may cost two. Small segments cost more: once they take
 * much of it, bytes are all that is kept of them. Else what was promised could not be held.
 */
static bool too_dear(const struct tcp_sock *ts, const struct packet *p)
{
	return ts->rmem > READ_ONCE(ts->inet.sk.rcvbuf) >> 2 && tcp_truesize(p) > 2 * p->len;
}

/* p's payload begins at rcv_nxt and ends at end_seq. p is gone, or in the queue. */
static void append(struct tcp_sock *ts, struct packet *p, u32 end_seq)
{
	u32 seq;

	if (unlikely(too_dear(ts, p)))
		packet_drop_front(p, append_dense(ts, p));
	if (!p->len) {
		packet_free(p);
		return;
	}
	seq = ts->rcv_nxt;
	ts->bytes_received += end_seq - seq;
	ts->rcv_nxt = end_seq;
	if (merge(ts, p, end_seq)) {
		packet_free(p);
		return;
	}
	*tcp_cb(p) = (struct tcp_cb){
		.seq = seq, .end_seq = end_seq, .truesize = tcp_truesize(p), .stamp = p->stamp
	};
	ts->rmem += tcp_cb(p)->truesize;
	tcp_mem_charge(ts, tcp_cb(p)->truesize, true);
	list_add_tail(&p->link, &ts->rcvq);
}

void tcp_queue_in_order(struct tcp_sock *ts, struct tcp_segment *seg)
{
	struct packet *p = seg->p;

	seg->p = NULL;
	append(ts, p, seg->seq + seg->len);
}

void tcp_data_ready(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;

	if ((waitq_active(&sk->readers) || !list_empty(&sk->asyncs)) &&
	    (tcp_readable(ts, READ_ONCE(sk->rcvlowat)) || (sk->shutdown & SHUT_RECEIVE)))
		socket_wake_in(sk, EPOLLIN | EPOLLRDNORM);
}

/* The peer sends no more. */
void tcp_fin(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;

	ts->rcv_nxt++;
	ts->fin_seen = true;
	ts->ack |= TCP_ACK_SCHED;
	WRITE_ONCE(sk->shutdown, sk->shutdown | SHUT_RECEIVE);
	drop_ooo(ts); /* there is nothing behind a FIN, and nothing to tell of what came twice */
	ts->dsack_due = false;
	switch (ts->state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		tcp_set_state(ts, TCP_CLOSE_WAIT);
		tcp_enter_pingpong(ts);
		break;
	case TCP_FIN_WAIT1:
		tcp_send_ack(ts);
		tcp_set_state(ts, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		tcp_send_ack(ts);
		tcp_time_wait(ts, TCP_TIME_WAIT, TCP_TW_LEN);
		break;
	default:
		break;
	}
	if (!ts->orphan) {
		wake_up_all(&sk->readers);
		async_tell(&sk->asyncs, POLL_IN);
		if (sk->shutdown == SHUT_BOTH || ts->state == TCP_CLOSE)
			wake_up_all(&sk->writers);
	}
}

/* --- out of order --- */

/* What has become in order moves over. */
static void drain_ooo(struct tcp_sock *ts)
{
	struct packet *p, *n;

	list_for_each_entry_safe(p, n, &ts->oooq, link) {
		struct tcp_cb cb = *tcp_cb(p);
		bool fin = cb.flags & TCP_FIN;
		u32 data_end = cb.end_seq - fin;

		if (after(cb.seq, ts->rcv_nxt))
			break;
		leave_ooo(ts, p);
		if (!after(data_end, ts->rcv_nxt)) {
			if (before(cb.seq, data_end))
				tcp_dsack_extend(ts, cb.seq, data_end);
			packet_free(p);
		} else {
			if (before(cb.seq, ts->rcv_nxt))
				packet_drop_front(p, ts->rcv_nxt - cb.seq);
			append(ts, p, data_end);
		}
		if (fin && ts->rcv_nxt == data_end && !ts->fin_seen) {
			tcp_fin(ts);
			return;
		}
	}
}

static struct packet *ooo_entry(struct rb_node *n)
{
	return container_of((void *)container_of(n, struct tcp_cb, ooo), struct packet, cb);
}

/* The last that begins no later than seq, or NULL; and where in the tree one of seq belongs. */
static struct packet *find_ooo(struct tcp_sock *ts, u32 seq, struct rb_node **parent,
			       struct rb_node ***link)
{
	struct packet *found = NULL;

	*parent = NULL;
	*link = &ts->ooo_tree.node;
	while (**link) {
		struct packet *p = ooo_entry(**link);

		*parent = **link;
		if (after(tcp_cb(p)->seq, seq)) {
			*link = &(*parent)->left;
		} else {
			found = p;
			*link = &(*parent)->right;
		}
	}
	return found;
}

static void queue_ooo(struct tcp_sock *ts, struct tcp_segment *seg)
{
	struct packet *p = seg->p, *at, *n;
	struct rb_node *parent, **link;
	u32 seq = seg->seq, end = seg->end_seq;

	ts->ack |= TCP_ACK_SCHED;
	if (!tcp_room_for(ts, tcp_truesize(p)))
		return; /* the ACK says what is missing */
	tcp_count_stat(ts->tn, TCPS_OFO_QUEUE);
	ts->ooo_packets += p->gso_segs ? p->gso_segs : 1;
	at = find_ooo(ts, seq, &parent, &link);
	if (at) {
		const struct tcp_cb *cb = tcp_cb(at);

		if (!before(cb->end_seq, end)) { /* it is all there */
			tcp_dsack_set(ts, seq, end);
			tcp_sack_note_new(ts, seq, end);
			return;
		}
		if (cb->seq == seq) { /* less than this one: replaced */
			tcp_dsack_set(ts, seq, cb->end_seq);
			leave_ooo(ts, at);
			packet_free(at);
			at = find_ooo(ts, seq, &parent, &link);
		} else if (after(cb->end_seq, seq)) { /* it begins in the middle */
			tcp_dsack_set(ts, seq, cb->end_seq);
			packet_drop_front(p, cb->end_seq - seq);
			seq = cb->end_seq; /* behind at, and before the next one or covering it */
		}
	}
	seg->p = NULL;
	*tcp_cb(p) = (struct tcp_cb){ .seq = seq,
				      .end_seq = end,
				      .flags = seg->flags & TCP_FIN,
				      .truesize = tcp_truesize(p),
				      .stamp = p->stamp };
	ts->rmem += tcp_cb(p)->truesize;
	tcp_mem_charge(ts, tcp_cb(p)->truesize, true);
	list_add(&p->link, at ? &at->link : &ts->oooq);
	rb_insert(&ts->ooo_tree, &tcp_cb(p)->ooo, parent, link, NULL);
	/* What it covers of those behind it goes. */
	for (at = p; at->link.next != &ts->oooq;) {
		n = list_next_entry(at, link);
		if (!after(end, tcp_cb(n)->seq))
			break;
		if (before(end, tcp_cb(n)->end_seq)) {
			tcp_dsack_set(ts, tcp_cb(n)->seq, end);
			/* The later one keeps its own; the new one gives up its end. */
			packet_trim(p, tcp_cb(n)->seq - seq);
			tcp_cb(p)->end_seq = tcp_cb(n)->seq;
			tcp_cb(p)->flags = 0;
			break;
		}
		tcp_dsack_set(ts, tcp_cb(n)->seq, tcp_cb(n)->end_seq);
		leave_ooo(ts, n);
		packet_free(n);
	}
	tcp_sack_note_new(ts, seq, end);
	tcp_grow_for_ooo(ts);
}

/* Of the past, or beyond the window: nothing to be had, but the peer should know where we are. */
static void out_of_window(struct tcp_sock *ts)
{
	tcp_enter_quickack(ts, TCP_MAX_QUICKACKS);
	ts->ack |= TCP_ACK_SCHED;
}

void tcp_send_dupack(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	if (seg->end_seq != seg->seq && before(seg->seq, ts->rcv_nxt)) {
		u32 end = after(seg->end_seq, ts->rcv_nxt) ? ts->rcv_nxt : seg->end_seq;

		tcp_enter_quickack(ts, TCP_MAX_QUICKACKS);
		if (ts->sack_ok)
			tcp_dsack_set(ts, seg->seq, end);
	}
	tcp_send_ack(ts);
}

void tcp_data_queue(struct tcp_sock *ts, struct tcp_segment *seg)
{
	bool fin = seg->flags & TCP_FIN, was_ooo = !list_empty(&ts->oooq);

	if (seg->seq == seg->end_seq)
		return;
	if (ts->fin_seen) { /* all of it is old, or rubbish */
		if (!after(seg->end_seq, ts->rcv_nxt))
			tcp_dsack_set(ts, seg->seq, seg->end_seq);
		out_of_window(ts);
		return;
	}
	if (!after(seg->end_seq, ts->rcv_nxt)) {
		tcp_dsack_set(ts, seg->seq, seg->end_seq);
		out_of_window(ts);
		return;
	}
	if (!before(seg->seq, ts->rcv_nxt + tcp_offered_window(ts)) &&
	    !(seg->seq == ts->rcv_nxt && !seg->len)) {
		out_of_window(ts);
		return;
	}
	if (after(seg->seq, ts->rcv_nxt)) {
		tcp_ecn_check(ts, seg);
		queue_ooo(ts, seg);
		return;
	}
	if (before(seg->seq, ts->rcv_nxt)) {
		u32 old = ts->rcv_nxt - seg->seq;

		tcp_dsack_set(ts, seg->seq, ts->rcv_nxt);
		packet_drop_front(seg->p, min(old, seg->len));
		seg->len -= min(old, seg->len);
		seg->seq = ts->rcv_nxt;
	}
	if (seg->len) {
		tcp_event_data_recv(ts, seg);
		if (tcp_room_for(ts, tcp_truesize(seg->p))) {
			tcp_queue_in_order(ts, seg);
		} else if (append_dense(ts, seg->p) < seg->len) {
			/* What is offered is not refused (RFC 9293 3.8.6) but for want of memory. */
			ts->ack |= TCP_ACK_SCHED | TCP_ACK_NOW | TCP_ACK_NO_ROOM;
			tcp_data_ready(ts);
			return;
		}
	}
	if (fin) {
		if (!tcp_offered_window(ts)) /* which it shall not repeat */
			ts->ack |= TCP_ACK_NOW;
		tcp_fin(ts);
	}
	if (was_ooo && ts->state != TCP_CLOSE) {
		drain_ooo(ts);
		/* A gap is closed: RFC 5681 4.2. */
		if (list_empty(&ts->oooq))
			ts->ack |= TCP_ACK_NOW;
	}
	tcp_sack_remove(ts);
	tcp_data_ready(ts);
}

/* --- urgent data (RFC 9293 3.8.5, RFC 6093) --- */

static void note_urgent(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	struct file *f = READ_ONCE(ts->inet.sk.file);
	u32 at = seg->urgent;

	if (at && !ts->tn->conf->stdurg)
		at--;
	at += seg->seq;
	if (after(ts->copied_seq, at) || before(at, ts->rcv_nxt))
		return;
	if (ts->urg_data && !after(at, ts->urg_seq))
		return;
	if (f)
		async_urgent(f);
	wake_up_key(&ts->inet.sk.readers, EPOLLPRI);
	/* The urgent byte before it is where reading goes on: it is not data either. */
	if (ts->urg_data && ts->urg_seq == ts->copied_seq && ts->copied_seq != ts->rcv_nxt &&
	    !socket_option(&ts->inet.sk, OPT_OOBINLINE))
		WRITE_ONCE(ts->copied_seq, ts->copied_seq + 1);
	ts->urg_data = TCP_URG_NOTYET;
	ts->urg_seq = at;
}

void tcp_urgent(struct tcp_sock *ts, struct tcp_segment *seg)
{
	u32 off;
	u8 byte;

	if (seg->flags & TCP_URG)
		note_urgent(ts, seg);
	if (ts->urg_data != TCP_URG_NOTYET || !seg->p)
		return;
	off = ts->urg_seq - seg->seq;
	if (off >= seg->len)
		return;
	packet_read(seg->p, off, &byte, 1);
	ts->urg_data = TCP_URG_VALID | byte;
	if (!ts->orphan)
		wake_up_key(&ts->inet.sk.readers, EPOLLIN | EPOLLRDNORM | EPOLLPRI);
}
