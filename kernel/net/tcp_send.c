/*
 * TCP: from a writer's memory to the send queue (RFC 9293 3.9.1.2, send(2), tcp(7)).
 *
 * The bytes are put into pages with no spinlock held, one writer at a time (send_mutex); then
 * they are appended to the queue's last packet, or to new ones. Pages of the page cache
 * (sendfile(2)) are referred to, not copied. Locking: tcp_impl.h.
 */
#include "net/tcp_impl.h"

#include <err.h>
#include <uapi/epoll.h>

#include "alloc/page.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "lib/string.h"

void tcp_purge_send(struct tcp_sock *ts)
{
	struct packet *p, *n;

	list_for_each_entry_safe(p, n, &ts->sndq, link) {
		list_del(&p->link);
		tcp_mem_uncharge(ts, tcp_cb(p)->truesize);
		packet_free(p);
	}
	list_init(&ts->sent);
	ts->send_head = NULL;
	ts->wmem = 0;
	tcp_chrono_stop(ts, TCP_CHRONO_BUSY);
	tcp_clear_counts(ts);
	ts->snd_nxt = ts->write_seq;
	tcp_rexmit_clear(ts);
}

static u32 notsent(const struct tcp_sock *ts)
{
	return READ_ONCE(ts->write_seq) - READ_ONCE(ts->snd_nxt);
}

static u32 notsent_limit(const struct tcp_sock *ts)
{
	u32 n = READ_ONCE(ts->notsent_lowat);

	return n ? n : ts->tn->conf->notsent_lowat;
}

/* Room for more at all. */
static bool has_room(void *sk)
{
	const struct tcp_sock *ts = tcp_sk(sk);

	return READ_ONCE(ts->wmem) < READ_ONCE(ts->inet.sk.sndbuf) &&
	       notsent(ts) < notsent_limit(ts);
}

bool tcp_writable(const struct tcp_sock *ts)
{
	u32 used = READ_ONCE(ts->wmem), buf = READ_ONCE(ts->inet.sk.sndbuf);

	/* A third is free; with a limit on what is not yet sent, half of that. */
	if (used >= buf || buf - used < used >> 1)
		return false;
	return notsent(ts) < notsent_limit(ts) &&
	       (notsent_limit(ts) == ~0U || notsent(ts) << 1 < notsent_limit(ts));
}

void tcp_write_space(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;

	if (!sock_buf_locked(&ts->inet.sk, SOCK_SNDBUF_LOCK) && sk->nospace &&
	    ts->packets_out < ts->cwnd)
		tcp_expand_sndbuf(ts);
	if (likely(!READ_ONCE(sk->nospace)) || !tcp_writable(ts))
		return;
	tcp_chrono_stop(ts, TCP_CHRONO_SNDBUF);
	socket_wake_out(sk);
}

/* --- bytes into pages: no spinlock --- */

struct pieces {
	struct packet_frag frag[PACKET_MAX_FRAGS];
	unsigned n;
	u32 len;
	struct packet_loan *loan; /* they are a program's pages (MSG_ZEROCOPY); NULL: ours */
};

/* The frags need no beginning. */
static void pieces_init(struct pieces *ps)
{
	ps->n = ps->len = 0;
	ps->loan = NULL;
}

static void drop_pieces(struct pieces *ps)
{
	while (ps->n)
		page_put(ps->frag[--ps->n].page);
}

static void take_pieces(struct pieces *ps, struct iter *it, u32 want)
{
	while (ps->n < PACKET_MAX_FRAGS && ps->len < want && it->count) {
		const struct page_piece *from = it->pieces;
		u32 len =
			(u32)min(min(from->len - it->seg_off, it->count), (size_t)(want - ps->len));

		page_get(from->page);
		ps->frag[ps->n++] =
			(struct packet_frag){ from->page, from->off + (u32)it->seg_off, len };
		ps->len += len;
		iter_advance(it, len);
	}
}

static int pin_pages(struct pieces *ps, struct iter *it, u32 want)
{
	struct page_piece p;

	while (ps->n < PACKET_MAX_FRAGS && ps->len < want && it->count) {
		if (!iter_pin(it, want - ps->len, &p))
			return -EFAULT;
		ps->frag[ps->n++] = (struct packet_frag){ p.page, p.off, p.len };
		ps->len += p.len;
	}
	return 0;
}

/* [s] Up to `want` bytes from it. 0, -EFAULT, -ENOMEM; what came so far stands in ps. */
static int gather(struct tcp_sock *ts, struct pieces *ps, struct iter *it, u32 want)
{
	ps->n = 0;
	ps->len = 0;
	if (it->kind == ITER_PIECES) {
		take_pieces(ps, it, want);
		return 0;
	}
	if (ps->loan)
		return pin_pages(ps, it, want);
	while (ps->n < PACKET_MAX_FRAGS && ps->len < want && it->count) {
		u32 len, got;

		if (!ts->wpage) {
			ts->wpage = page_alloc(0, PA_USER);
			ts->wpage_off = 0;
			if (!ts->wpage)
				return -ENOMEM;
		}
		len = (u32)min((size_t)min((u32)PAGE_SIZE - ts->wpage_off, want - ps->len),
			       it->count);
		got = (u32)iter_copy_from(it, (u8 *)page_to_virt(ts->wpage) + ts->wpage_off, len);
		if (got) {
			page_get(ts->wpage);
			ps->frag[ps->n++] = (struct packet_frag){ ts->wpage, ts->wpage_off, got };
			ps->len += got;
			ts->wpage_off += got;
		}
		if (got < len)
			return -EFAULT;
		if (ts->wpage_off == PAGE_SIZE) {
			page_put(ts->wpage);
			ts->wpage = NULL;
		}
	}
	return 0;
}

/* --- pages into the queue --- */

static bool may_append(struct tcp_sock *ts, const struct packet *tail, u32 goal)
{
	const struct tcp_cb *cb;

	if (!tail || !ts->send_head || tail->len >= goal)
		return false;
	cb = tcp_cb(tail);
	return !cb->eor && !(cb->flags & (TCP_SYN | TCP_FIN));
}

static void grow(struct tcp_sock *ts, struct packet *p, u32 n)
{
	struct tcp_cb *cb = tcp_cb(p);

	cb->end_seq += n;
	cb->truesize += n;
	ts->wmem += n;
	ts->write_seq += n;
	tcp_mem_charge(ts, n, true);
}

/* Of a piece as much as p takes; bytes. The reference goes over with the last of them. */
static u32 append_piece(struct packet *p, struct packet_frag *f, u32 most)
{
	struct packet_frag *last = p->nr_frags ? &p->frag[p->nr_frags - 1] : NULL;
	u32 n = min(f->len, most);

	if (last && last->page == f->page && last->off + last->len == f->off) {
		last->len += n;
		p->len += n;
	} else {
		page_get(f->page);
		if (!packet_add_frag(p, f->page, f->off, n)) {
			page_put(f->page);
			return 0;
		}
	}
	f->off += n;
	f->len -= n;
	return n;
}

/* [l] All pieces; -ENOMEM: some are left in ps. */
static int enqueue(struct tcp_sock *ts, struct pieces *ps, u32 goal)
{
	struct packet *tail = tcp_snd_tail(ts);
	unsigned i = 0;

	while (i < ps->n) {
		u32 n = 0;

		if (may_append(ts, tail, goal) && tail->loan == ps->loan) {
			n = append_piece(tail, &ps->frag[i], goal - tail->len);
			if (!n) { /* it has as many pieces as it can */
				tcp_cb(tail)->flags |= TCP_PSH;
				ts->pushed_seq = ts->write_seq;
			}
		}
		if (!n) {
			tail = packet_alloc(0, 0);
			if (!tail)
				break;
			/* Its cb is zero. */
			tcp_cb(tail)->seq = tcp_cb(tail)->end_seq = ts->write_seq;
			tcp_cb(tail)->segs = 1;
			tail->loan = ps->loan;
			if (ps->loan)
				atomic_inc(&ps->loan->refs);
			tcp_entail(ts, tail);
			continue;
		}
		grow(ts, tail, n);
		if (!ps->frag[i].len)
			page_put(ps->frag[i++].page);
	}
	if (i < ps->n) {
		memmove(ps->frag, ps->frag + i, (ps->n - i) * sizeof(ps->frag[0]));
		ps->n -= i;
		return -ENOMEM;
	}
	ps->n = 0;
	return 0;
}

/* --- the call --- */

static bool can_send(void *sk)
{
	return has_room(sk) || READ_ONCE(((struct socket *)sk)->err) ||
	       (READ_ONCE(((struct socket *)sk)->shutdown) & SHUT_SEND);
}

static bool connect_over(void *sk)
{
	return !tcp_state_in(tcp_sk(sk), F(TCP_SYN_SENT) | F(TCP_SYN_RECV)) ||
	       READ_ONCE(((struct socket *)sk)->err);
}

/* Waits with neither lock nor mutex held; both are taken again. */
static int wait_with(struct tcp_sock *ts, bool (*ready)(void *), u64 deadline)
{
	struct socket *sk = &ts->inet.sk;
	int err;

	spin_unlock(&sk->lock);
	mutex_unlock(&ts->send_mutex);
	net_run();
	err = socket_wait(&sk->writers, sk, ready, deadline);
	mutex_lock(&ts->send_mutex);
	spin_lock(&sk->lock);
	return err;
}

/* [l] 0 when data may be queued. */
static int check_state(struct tcp_sock *ts, u64 deadline)
{
	struct socket *sk = &ts->inet.sk;
	int err;

	while (!tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT))) {
		if (ts->state == TCP_SYN_RECV && ts->fastopen_of)
			break;
		err = socket_take_error(sk);
		if (err)
			return err;
		if (!tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV)))
			return -EPIPE;
		if (!deadline)
			return -EAGAIN;
		ts->write_pending++;
		err = wait_with(ts, connect_over, deadline);
		ts->write_pending--;
		if (err)
			return err;
	}
	return READ_ONCE(sk->err) || (sk->shutdown & SHUT_SEND) ? -EPIPE : 0;
}

/* [l] Until there is room for more. */
static int wait_room(struct tcp_sock *ts, u64 deadline)
{
	u64 until = deadline;
	int err;

	WRITE_ONCE(ts->inet.sk.nospace, true);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (has_room(&ts->inet.sk)) { /* memory of all lacks: look again soon */
		if (!deadline)
			return -EAGAIN;
		until = min(deadline, now_mono() + 50 * NSEC_PER_MSEC);
		spin_unlock(&ts->inet.sk.lock);
		net_run();
		err = sleep_until(until, TASK_INTERRUPTIBLE);
		spin_lock(&ts->inet.sk.lock);
		if (err == -ERESTARTSYS)
			return deadline == WAIT_FOREVER ? err : -EINTR;
		return until == deadline ? -EAGAIN : 0;
	}
	return wait_with(ts, can_send, deadline);
}

static void push_now(struct tcp_sock *ts, u32 mss, int nonagle)
{
	struct packet *tail = tcp_snd_tail(ts);

	if (ts->send_head && tail) {
		tcp_cb(tail)->flags |= TCP_PSH;
		ts->pushed_seq = ts->write_seq;
	}
	tcp_push(ts, mss, nonagle);
}

/* The end of a call: what it queued goes, if it may. */
static void push_end(struct tcp_sock *ts, u32 mss, unsigned flags)
{
	int nonagle = ts->nonagle;
	struct packet *tail = tcp_snd_tail(ts);

	if (!ts->send_head)
		return;
	if (flags & MSG_OOB) {
		ts->snd_up = ts->write_seq;
		ts->urg_mode = true;
	}
	if ((flags & MSG_EOR) && tail)
		tcp_cb(tail)->eor = true;
	if (!(flags & MSG_MORE) || ts->write_seq - ts->pushed_seq > ts->max_window >> 1) {
		tcp_cb(tail)->flags |= TCP_PSH;
		ts->pushed_seq = ts->write_seq;
	}
	if (flags & MSG_MORE)
		nonagle = TCP_NAGLE_CORK;
	tcp_push(ts, mss, nonagle);
}

/* [l] A loan for a call with MSG_ZEROCOPY; NULL: it is none. ERR_PTR(-ENOBUFS). */
static struct packet_loan *lend(struct tcp_sock *ts, const struct message *m, size_t done)
{
	const struct packet *tail = tcp_snd_tail(ts);
	struct packet_loan *loan;

	if (likely(!(m->flags & MSG_ZEROCOPY)) || !(m->data->count + done) ||
	    !socket_option(&ts->inet.sk, OPT_ZEROCOPY))
		return NULL;
	loan = inet_lend(&ts->inet, m->data->count + done, tail ? tail->loan : NULL);
	return loan ? loan : ERR_PTR(-ENOBUFS);
}

/* [l] Can the device take pages from anywhere? */
static bool scatters(struct tcp_sock *ts)
{
	return !inet_route(&ts->inet, &ts->inet.remote) && ts->inet.route.dev->features & NETDEV_SG;
}

/* [l] [s] Bytes sent, or -errno when none were. stamps: SOF_TIMESTAMPING_*. */
static ssize_t send_all(struct tcp_sock *ts, struct message *m, size_t done, u32 stamps)
{
	struct packet_loan *loan = lend(ts, m, done);
	struct socket *sk = &ts->inet.sk;
	struct iter *it = m->data;
	struct pieces ps;
	u32 mss = 0, goal, want;
	struct packet *tail;
	int err = 0;

	pieces_init(&ps);
	if (!it->count && !done)
		return check_state(ts, m->deadline);
	if (IS_ERR(loan))
		return done ? (ssize_t)done : PTR_ERR(loan);
	while (it->count) {
		err = check_state(ts, m->deadline);
		if (err)
			break;
		if (unlikely(loan) && scatters(ts))
			ps.loan = loan;
		mss = tcp_current_mss(ts);
		goal = m->flags & MSG_OOB ? mss : tcp_size_goal(ts, mss);
		tail = tcp_snd_tail(ts);
		want = may_append(ts, tail, goal) ? goal - tail->len : 0;
		if ((!want && !has_room(sk)) ||
		    (ts->wmem > (u32)ts->tn->conf->wmem[0] && tcp_mem_over())) {
			if (done)
				push_now(ts, mss, TCP_NAGLE_PUSH);
			if (has_room(sk) && !tcp_mem_over())
				continue;
			err = wait_room(ts, m->deadline);
			if (err)
				break;
			continue;
		}
		if (!want)
			want = goal;
		spin_unlock(&sk->lock);
		err = gather(ts, &ps, it, want);
		spin_lock(&sk->lock);
		if (ps.n &&
		    (READ_ONCE(sk->err) || (sk->shutdown & SHUT_SEND) || ts->state == TCP_CLOSE)) {
			drop_pieces(&ps);
			err = -EPIPE;
			break;
		}
		if (ps.n) {
			u32 before_it = ts->write_seq;

			if (enqueue(ts, &ps, goal)) {
				drop_pieces(&ps);
				err = -ENOMEM;
			}
			done += ts->write_seq - before_it;
		}
		if (err)
			break;
		tail = tcp_snd_tail(ts);
		if (!it->count || (m->flags & MSG_OOB) || (tail && tail->len < goal))
			continue;
		if (ts->write_seq - ts->pushed_seq > ts->max_window >> 1)
			push_now(ts, mss, TCP_NAGLE_PUSH);
		else if (tail == ts->send_head)
			tcp_push_one(ts, mss);
	}
	if (unlikely(loan)) {
		if (!ps.loan)
			loan->copied = true;
		inet_lend_end(loan, done);
	}
	if (done && unlikely(stamps))
		tcp_stamp_tail(ts, stamps);
	if (done && ts->state != TCP_CLOSE)
		push_end(ts, mss ? mss : tcp_current_mss(ts), m->flags);
	if (err == -ENOMEM)
		err = -ENOBUFS;
	return done ? (ssize_t)done : err;
}

static int broken(struct socket *sk, unsigned flags)
{
	int err = socket_take_error(sk);
	siginfo_t si;

	if (err)
		return err;
	if (!(flags & MSG_NOSIGNAL)) {
		siginfo_user(&si, SIGPIPE, SI_USER);
		signal_send_task(current, &si);
	}
	return -EPIPE;
}

/* What the control data ask for. 0 or -EINVAL. */
static int send_cmsgs(const struct message *m, struct sock_send *s)
{
	const struct cmsghdr *c;
	size_t off = 0;

	while ((c = cmsg_next(m, &off)))
		if (IS_ERR(c) || (c->cmsg_level == SOL_SOCKET && sock_send_cmsg(c, s)))
			return -EINVAL;
	return 0;
}

ssize_t tcp_sendmsg(struct socket *sk, struct message *m)
{
	struct sock_send s = { .stamps = READ_ONCE(sk->timestamping) };
	struct tcp_sock *ts = tcp_sk(sk);
	size_t done = 0;
	ssize_t ret;
	int err = 0;

	if (unlikely(m->control_len) && send_cmsgs(m, &s))
		return -EINVAL;
	mutex_lock(&ts->send_mutex);
	spin_lock(&sk->lock);
	if (unlikely((m->flags & MSG_FASTOPEN) || ts->defer_connect))
		err = tcp_fastopen_send(ts, m, &done);
	if (unlikely(err == -EINPROGRESS && done)) {
		m->data->count = 0; /* the rest is for another call */
		err = 0;
	}
	if (!err)
		tcp_rate_check_limited(ts);
	ret = err ? err : send_all(ts, m, done, s.stamps);
	/* Who waits for an edge must not miss that the queue is empty. */
	if (ret == -EAGAIN && !ts->send_head && !ts->packets_out)
		tcp_write_space(ts);
	spin_unlock(&sk->lock);
	mutex_unlock(&ts->send_mutex);
	net_run();
	return ret == -EPIPE ? broken(sk, m->flags) : ret;
}

/* --- fast open, the client's part (RFC 7413 4.1.1) --- */

/* The SYN's payload: as much as is sure to fit (RFC 7413 4.2.1). Bytes. [l] [s] */
static u32 queue_syn_data(struct tcp_sock *ts, struct iter *it)
{
	struct pieces ps;
	u32 room, len = 0;
	u16 mss = 0;

	pieces_init(&ps);
	if (!tcp_fastopen_known(ts, &mss))
		return 0;
	ts->mss_clamp = mss ? mss : ts->advmss;
	if (ts->user_mss)
		ts->mss_clamp = min(ts->mss_clamp, ts->user_mss);
	/* Room for options that others on the path may put in. */
	room = tcp_sync_mss(ts, ts->pmtu_cookie) + ts->header_opts;
	room -= min(room, (u32)TCP_MAX_OPTIONS);
	spin_unlock(&ts->inet.sk.lock);
	gather(ts, &ps, it, room);
	spin_lock(&ts->inet.sk.lock);
	if (ts->state == TCP_SYN_SENT && ps.n) {
		u32 before_it = ts->write_seq;

		enqueue(ts, &ps, room);
		len = ts->write_seq - before_it;
		if (len)
			tcp_cb(tcp_snd_tail(ts))->flags |= TCP_PSH;
	}
	drop_pieces(&ps);
	return len;
}

/*
 * [l] [s] The first data of a connection goes with its SYN; who may wait does so until there is a
 * connection. *sent: bytes of it. 0 or -errno; -EINPROGRESS, too, when *sent is not 0.
 */
int tcp_fastopen_send(struct tcp_sock *ts, struct message *m, size_t *sent)
{
	bool more;
	int err;

	if (!(ts->tn->conf->fastopen & 1) ||
	    (m->name && m->name_len >= (int)sizeof(sa_family_t) && m->name->ss_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (!ts->defer_connect) {
		if (ts->connecting == 1 && tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV)))
			return -EALREADY;
		if (ts->connecting == 1 && ts->state != TCP_CLOSE) {
			ts->connecting = 2;
			return 0;
		}
		if (ts->connecting || ts->state != TCP_CLOSE)
			return -EISCONN;
		if (!m->name)
			return -EINVAL;
		err = tcp_start_connect(ts, m->name, m->name_len);
		if (err)
			return err;
		ts->connecting = 1;
	}
	ts->defer_connect = false;
	*sent = queue_syn_data(ts, m->data);
	ts->syn_data = *sent != 0;
	more = m->data->count;
	err = tcp_send_syn(ts);
	if (err) {
		tcp_fail(ts, -err);
		return err;
	}
	if (!m->deadline)
		return -EINPROGRESS;
	ts->write_pending += more;
	err = wait_with(ts, connect_over, m->deadline);
	ts->write_pending -= more;
	if (err)
		return err == -EAGAIN ? -EINPROGRESS : err;
	return tcp_connect_result(ts);
}
