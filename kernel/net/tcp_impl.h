/*
 * TCP among its own files: what each has for the others.
 *
 * Locking: tcp_sock.h. Functions whose first argument is a struct tcp_sock want [l] held unless they
 * say otherwise.
 */
#ifndef NET_TCP_IMPL_H
#define NET_TCP_IMPL_H

#include "net/tcp_sock.h"

/* ns: no wait for an ACK is longer. */
static inline u64 tcp_rto_max(const struct tcp_sock *ts)
{
	u32 ms = READ_ONCE(ts->rto_max);

	return (ms ? ms : (u32)READ_ONCE(ts->tn->conf->rto_max_ms)) * NSEC_PER_MSEC;
}

/* Traffic goes back and forth, so an ACK can wait for the answer: net.ipv4.tcp_pingpong_thresh. */
static inline bool tcp_in_pingpong(const struct tcp_sock *ts)
{
	return ts->pingpong >= READ_ONCE(ts->tn->conf->pingpong_thresh);
}
static inline void tcp_enter_pingpong(struct tcp_sock *ts)
{
	ts->pingpong = (u8)READ_ONCE(ts->tn->conf->pingpong_thresh);
}

static inline void tcp_count_stat(struct tcp_net *tn, enum tcp_stat s)
{
	__atomic_fetch_add(&tn->stats[s], 1, __ATOMIC_RELAXED);
}

/* --- tcp_hash.c --- */
u32 tcp_key_hash(const struct tcp_net *tn, const struct tcp_key *k);
/* RCU. NULL: none. */
struct tcp_node *tcp_find(struct tcp_net *tn, const struct tcp_key *k, int ifindex);
struct tcp_sock *tcp_find_listener(struct tcp_net *tn, const struct tcp_segment *seg);
int tcp_hash_add(struct tcp_net *tn,
		 struct tcp_node *n); /* 0, -EADDRINUSE: its key is there, -ENOMEM */
void tcp_hash_del(struct tcp_net *tn, struct tcp_node *n); /* no-op if it is not in it */
/* One takes the other's place. false: old was no longer in the table. */
bool tcp_hash_replace(struct tcp_net *tn, struct tcp_node *old, struct tcp_node *n);
struct tcp_listeners *tcp_listeners_alloc(u32 size); /* NULL: no memory */
void tcp_listen_add(struct tcp_sock *ts);
void tcp_listen_del(struct tcp_sock *ts);
spinlock_t *tcp_share_lock(struct socket *sk, bool *there); /* an operation; no lock held */
/*
 * Chooses a port if none is bound, and puts ts, whose key is ready but for that, into the table. If
 * a TIME-WAIT makes way for it, write_seq and ts_recent are set. 0, -EADDRNOTAVAIL, -ENOMEM.
 */
int tcp_hash_connect(struct tcp_sock *ts);
u32 tcp_isn(const struct tcp_net *tn, const struct tcp_key *k);
u32 tcp_ts_offset(const struct tcp_net *tn, const struct tcp_key *k);

/* At boot, before any socket: each file's slab, which may not fail later. */
void tcp_slab_init(void);
void tcp_request_slab_init(void);
void tcp_tw_slab_init(void);

/* --- tcp.c, tcp_end.c --- */
struct tcp_sock *tcp_alloc(struct net *net, u16 family);
void tcp_set_state(struct tcp_sock *ts, u8 state);
void tcp_forget_addr(struct tcp_sock *ts); /* the local one that connect(2) gave it */
void tcp_done(struct tcp_sock *ts); /* CLOSED; the caller holds a reference or is in RCU */
void tcp_fail(struct tcp_sock *ts, int err); /* tcp_done, and err to whoever waits */
void tcp_reset_received(struct tcp_sock *ts);
bool tcp_too_many_orphans(struct tcp_sock *ts, int shift);
void tcp_child_abort(struct tcp_sock *child); /* nobody will accept it. No lock held */
void tcp_disconnect(struct tcp_sock *ts); /* RST if need be, and like new; mutexes held too */
void tcp_time_wait(struct tcp_sock *ts, u8 state, u64 ns); /* its end goes on without it */
u64 tcp_fin_time(const struct tcp_sock *ts);
void tcp_release(struct socket *sk);
int tcp_shutdown(struct socket *sk, unsigned how);
int tcp_start_connect(struct tcp_sock *ts, const struct sockaddr_storage *addr, int len);
int tcp_connect_result(struct tcp_sock *ts); /* of a handshake that is over: 0 or -errno */
static inline bool tcp_state_in(const struct tcp_sock *ts, u32 mask)
{
	return mask >> READ_ONCE(ts->state) & 1;
}
#define F(s) (1u << (s))

/* --- tcp_buf.c: memory --- */
/* Of all networks: who may make networks shall not so come to more of it. */
extern struct tcp_budget {
	atomic_long_t bytes; /* in buffers */
	atomic_t orphans;
	bool pressure; /* [w] bytes are beyond tcp_mem[1], and have not yet been below tcp_mem[0] */
} tcp_budget;
/* Takes n bytes of the system's; false: there are none (then nothing was taken). */
bool tcp_mem_charge(struct tcp_sock *ts, u32 n, bool force);
void tcp_mem_uncharge(struct tcp_sock *ts, u32 n);
void tcp_mem_release(struct tcp_sock *ts); /* what is reserved, too */
bool tcp_mem_over(void); /* beyond tcp_mem[2] */
void tcp_init_buffers(struct tcp_sock *ts); /* when it is established */
void tcp_expand_sndbuf(struct tcp_sock *ts);
u32 tcp_space(const struct tcp_sock *ts); /* that a window may promise */
u32 tcp_full_space(const struct tcp_sock *ts);
void tcp_initial_window(const struct tcp_sock *ts, u32 mss, bool scaling, u32 *wnd,
			u32 *window_clamp, u8 *wscale);
void tcp_grow_for_ooo(struct tcp_sock *ts);
void tcp_space_adjust(struct tcp_sock *ts); /* a reader has taken data */
void tcp_rcv_rtt_ts(struct tcp_sock *ts, const struct tcp_segment *seg);
void tcp_rcv_rtt(struct tcp_sock *ts, u64 now);
void tcp_grow_window(struct tcp_sock *ts, const struct tcp_segment *seg);
u32 tcp_truesize(const struct packet *p);
void tcp_chrono_start(struct tcp_sock *ts, enum tcp_chrono what);
void tcp_chrono_stop(struct tcp_sock *ts, enum tcp_chrono what);
u64 tcp_chrono_ns(const struct tcp_sock *ts, enum tcp_chrono what); /* TCP_CHRONO_NONE: all of it */

/* --- tcp_send.c, tcp_recv.c --- */
ssize_t tcp_sendmsg(struct socket *sk, struct message *m);
ssize_t tcp_recvmsg(struct socket *sk, struct message *m);
void tcp_purge_send(struct tcp_sock *ts);
void tcp_write_space(struct tcp_sock *ts); /* wakes writers if there is room enough */
bool tcp_writable(const struct tcp_sock *ts); /* as poll(2) says */
u32 tcp_inq(const struct tcp_sock *ts); /* bytes to read */
bool tcp_readable(const struct tcp_sock *ts, int target);
void tcp_cleanup_rbuf(struct tcp_sock *ts, u32 copied); /* the window moved: tell the peer? */
int tcp_fastopen_send(struct tcp_sock *ts, struct message *m, size_t *sent);

/* --- tcp_pace.c: bytes a second; ~0 no limit --- */
/* The window in a round trip, and some more. */
u64 tcp_window_rate(const struct tcp_sock *ts, u32 mss);
u64 tcp_pacing_rate(const struct tcp_sock *ts);
bool tcp_pacing_waits(struct tcp_sock *ts); /* no data may go yet; tcp_pacing_timeout will send it */
void tcp_pacing_sent(struct tcp_sock *ts, u32 len, u64 now);
void tcp_pacing_timeout(struct tcp_sock *ts);

/* --- tcp_out.c --- */
u32 tcp_sync_mss(struct tcp_sock *ts, u32 pmtu);
u32 tcp_current_mss(struct tcp_sock *ts);
u32 tcp_size_goal(struct tcp_sock *ts, u32 mss);
u32 tcp_advertise_mss(struct tcp_sock *ts);
u32 tcp_least_advmss(struct net *net, bool v4); /* net.ipv4.route.min_adv_mss, net.ipv6's */
void tcp_push(struct tcp_sock *ts, u32 mss, int nonagle); /* sends what may be sent */
void tcp_push_pending(struct tcp_sock *ts);
bool tcp_write_xmit(struct tcp_sock *ts, u32 mss, int nonagle, int push_one); /* true: all waits */
void tcp_push_one(struct tcp_sock *ts, u32 mss);
int tcp_retransmit(struct tcp_sock *ts, struct packet *p, u32 segs); /* up to so many segments */
void tcp_xmit_retransmit_queue(struct tcp_sock *ts);
int tcp_transmit(struct tcp_sock *ts, struct packet *p);
void tcp_after_idle(struct tcp_sock *ts); /* before something new goes */
/* Cuts p at len bytes; what follows becomes a packet of its own. 0 or -ENOMEM. */
int tcp_fragment(struct tcp_sock *ts, struct packet *p, u32 len, u32 mss);
u32 tcp_segs(const struct packet *p, u32 mss);
struct packet *tcp_queue_flag(struct tcp_sock *ts, u8 flags); /* SYN or FIN, to the queue's end */
void tcp_entail(struct tcp_sock *ts, struct packet *p);
void tcp_data_sent(struct tcp_sock *ts, struct packet *p); /* the first of what was not yet sent */
/* Of payload, options that each segment has taken off. */
u32 tcp_mtu_to_mss(const struct tcp_sock *ts, u32 mtu);
void tcp_send_fin(struct tcp_sock *ts);
void tcp_send_ack(struct tcp_sock *ts);
void tcp_send_probe(struct tcp_sock *ts, bool urgent); /* an old sequence number */
int tcp_write_wakeup(struct tcp_sock *ts);
void tcp_send_active_reset(struct tcp_sock *ts);
int tcp_send_syn(struct tcp_sock *ts);
void tcp_send_child_synack(struct tcp_sock *ts); /* fast open's: it is in no queue */
u16 tcp_select_window(struct tcp_sock *ts);
u32 tcp_desired_window(struct tcp_sock *ts);
u32 tcp_offered_window(const struct tcp_sock *ts); /* what is left of it */
/* What a SYN says besides (RFC 9293 3.7.1, RFC 7323 2, 3, RFC 2018 2, RFC 7413 4.1.1). */
struct tcp_syn_options {
	u32 mss, tsval, tsecr;
	bool ts, sack, scale, fastopen, fastopen_exp;
	u8 wscale, cookie_len;
	const u8 *cookie;
};
u32 tcp_syn_options(const struct tcp_syn_options *o, u8 *at); /* bytes, a multiple of 4 */
/* Fills in the checksum and sends a segment with the header at p->data. */
int tcp_send_packet(struct net *net, struct packet *p, struct ip_send *s); /* proto is set */
/* Replies of nobody's: a header of its own. */
void tcp_reply_reset(const struct tcp_segment *seg, u32 mark);
struct tcp_reply {
	u32 seq, ack, tsval, tsecr;
	u16 window;
	u8 flags, tos;
	bool ts;
	u32 mark;
	int oif;
};
void tcp_reply(const struct tcp_segment *seg, const struct tcp_reply *r);
static inline u32 tcp_time_ms(void)
{
	return (u32)(now_mono() / NSEC_PER_MSEC);
}
static inline u32 tcp_in_flight(const struct tcp_sock *ts)
{
	return ts->packets_out - (ts->sacked_out + ts->lost_out) + ts->retrans_out;
}
static inline u32 tcp_wnd_end(const struct tcp_sock *ts)
{
	return ts->snd_una + ts->snd_wnd;
}
static inline struct packet *tcp_rtx_head(const struct tcp_sock *ts)
{
	struct packet *p = list_first_entry_or_null(&ts->sndq, struct packet, link);

	return p == ts->send_head ? NULL : p;
}
static inline struct packet *tcp_snd_tail(const struct tcp_sock *ts)
{
	return list_empty(&ts->sndq) ? NULL : list_last_entry(&ts->sndq, struct packet, link);
}
/* The packet after p among those that were sent; NULL: none. */
static inline struct packet *tcp_rtx_next(const struct tcp_sock *ts, const struct packet *p)
{
	struct packet *n;

	if (p->link.next == &ts->sndq)
		return NULL;
	n = list_entry(p->link.next, struct packet, link);
	return n == ts->send_head ? NULL : n;
}

/* --- tcp_mtu.c --- */
void tcp_mtup_init(struct tcp_sock *ts); /* when it is established */
int tcp_mtu_probe(struct tcp_sock *ts, u32 mss);
void tcp_mtup_acked(struct tcp_sock *ts);
bool tcp_mtup_lost(struct tcp_sock *ts);
void tcp_mtup_black_hole(struct tcp_sock *ts);

/* --- tcp_in.c --- */
void tcp_input(struct net *net, struct packet *p);
/* To whoever it is for. RCU, no lock held. */
void tcp_deliver(struct tcp_net *tn, struct tcp_segment *seg);
void tcp_parse_options(const struct tcp_sysctl *conf, const u8 *at, u32 n, bool syn,
		       struct tcp_options *o);
/* A segment for ts; what it makes due is sent. */
void tcp_receive(struct tcp_sock *ts, struct tcp_segment *seg);
bool tcp_validate(struct tcp_sock *ts, struct tcp_segment *seg); /* in window, no RST, no SYN */
void tcp_store_ts_recent(struct tcp_sock *ts, const struct tcp_segment *seg);
void tcp_replace_ts_recent(struct tcp_sock *ts, const struct tcp_segment *seg); /* if it is due */
void tcp_after_data(struct tcp_sock *ts); /* sends what may be sent, acknowledges */
void tcp_rcv_syn_sent(struct tcp_sock *ts, struct tcp_segment *seg); /* tcp_state.c */
void tcp_rcv_by_state(struct tcp_sock *ts, struct tcp_segment *seg);
void tcp_send_challenge_ack(struct tcp_sock *ts);
/* Answers to one peer: is another due too soon after the last (tcp_invalid_ratelimit)? */
bool tcp_reply_limited(const struct tcp_net *tn, u32 *last_ms);
/*
 * Of an ACK to a segment with old numbers or stamps. Never with data: that is no answer to an answer, and its sender
 * learns by each DSACK what arrived twice (RFC 2883).
 */
bool tcp_oow_limited(const struct tcp_net *tn, const struct tcp_segment *seg, u32 *last_ms);
void tcp_ack_scheduled(struct tcp_sock *ts); /* ACK now or later, as is due */
void tcp_finish_connect(struct tcp_sock *ts);
void tcp_init_transfer(struct tcp_sock *ts);
void tcp_enter_quickack(struct tcp_sock *ts, u32 max);
void tcp_measure_rcv_mss(struct tcp_sock *ts, const struct tcp_segment *seg);
bool tcp_paws_reject(u32 ts_recent, u64 ts_recent_at, u32 tsval, bool rst);

/* --- tcp_data.c: what is received, in order and out of it --- */
void tcp_data_queue(struct tcp_sock *ts, struct tcp_segment *seg);
void tcp_queue_in_order(struct tcp_sock *ts, struct tcp_segment *seg);
void tcp_fin(struct tcp_sock *ts);
void tcp_urgent(struct tcp_sock *ts, struct tcp_segment *seg);
bool tcp_room_for(struct tcp_sock *ts, u32 truesize);
void tcp_purge_receive(struct tcp_sock *ts);
void tcp_send_dupack(struct tcp_sock *ts, const struct tcp_segment *seg);
void tcp_data_ready(struct tcp_sock *ts);
void tcp_ecn_check(struct tcp_sock *ts, const struct tcp_segment *seg); /* a mark on data */
void tcp_event_data_recv(struct tcp_sock *ts, const struct tcp_segment *seg);

/* --- tcp_rate.c: how fast it is delivered --- */
struct tcp_ack;
void tcp_rate_sent(struct tcp_sock *ts, struct tcp_cb *cb); /* before it counts in packets_out */
void tcp_rate_delivered(struct tcp_sock *ts, struct tcp_cb *cb, struct tcp_ack *a);
void tcp_rate_sample(struct tcp_sock *ts, const struct tcp_ack *a); /* an ACK was looked at */
void tcp_rate_check_limited(struct tcp_sock *ts); /* somebody writes: had we run out of data? */
u64 tcp_delivery_rate(const struct tcp_sock *ts); /* bytes/s; 0: not yet known */

/* --- tcp_ack.c --- */
struct tcp_ack {
	u32 flag; /* TCP_F_* */
	u32 prior_una, prior_fack, prior_out;
	u32 acked, sacked; /* segments newly so */
	u64 first_sackt, last_sackt, first_ackt, last_ackt; /* when what was so was sent; 0 none */
	u32 reord; /* the lowest sequence number that came late */
	u64 now;
	long rtt_us; /* -1: none */
	u32 lost_before, delivered_before;
	bool ece;
	struct tcp_rate_sample {
		u8 from; /* enum tcp_rate_from; TCP_RATE_NONE: there is none */
		u32 end_seq, delivered, delivered_us, send_us;
		u64 sent_at;
	} rate;
};
#define TCP_F_DATA	    0x01 /* the segment had data */
#define TCP_F_WIN	    0x02 /* it updated the window */
#define TCP_F_DATA_ACKED    0x04
#define TCP_F_RETRANS_ACKED 0x08
#define TCP_F_SYN_ACKED	    0x10
#define TCP_F_DATA_SACKED   0x20
#define TCP_F_LOST_RETRANS  0x80
#define TCP_F_SLOW	    0x100
#define TCP_F_ORIG_SACKED   0x200 /* what was never sent again was SACKed */
#define TCP_F_UNA_ADVANCED  0x400
#define TCP_F_DSACK	    0x800
#define TCP_F_SET_TIMER	    0x1000
#define TCP_F_SACK_RENEG    0x2000
#define TCP_F_NO_CHALLENGE  0x8000
#define TCP_F_NOT_DUP	    (TCP_F_DATA | TCP_F_WIN | TCP_F_DATA_ACKED | TCP_F_SYN_ACKED)
/* 1 acceptable, 0 old, -1 not acceptable. flag: TCP_F_SLOW: not from the fast path. */
int tcp_ack_in(struct tcp_sock *ts, struct tcp_segment *seg, u32 flag);
void tcp_rtt_sample(struct tcp_sock *ts, u32 us); /* RFC 6298 */
void tcp_set_rto(struct tcp_sock *ts);
void tcp_rearm_rto(struct tcp_sock *ts);
u32 tcp_update_window(struct tcp_sock *ts, const struct tcp_segment *seg, u32 ack);

/* --- tcp_sack.c --- */
void tcp_sack_in(struct tcp_sock *ts, const struct tcp_segment *seg, struct tcp_ack *a);
void tcp_mark_lost(struct tcp_sock *ts, struct packet *p);
void tcp_note_reordering(struct tcp_sock *ts, u32 low_seq);
void tcp_reno_add(struct tcp_sock *ts, u32 dups);
void tcp_reno_remove(struct tcp_sock *ts, u32 acked);
void tcp_sack_note_new(struct tcp_sock *ts, u32 seq, u32 end_seq); /* receiver's blocks */
void tcp_sack_remove(struct tcp_sock *ts);
void tcp_dsack_set(struct tcp_sock *ts, u32 seq, u32 end_seq);
void tcp_dsack_extend(struct tcp_sock *ts, u32 seq,
		      u32 end_seq); /* keeps what it has if there is a gap */
void tcp_sack_forget(struct tcp_sock *ts); /* what the last blocks said */
void tcp_clear_counts(struct tcp_sock *ts); /* nothing is under way */

/* --- tcp_recover.c --- */
void tcp_recover(struct tcp_sock *ts, struct tcp_ack *a, u32 dups, int *rexmit);
void tcp_enter_loss(struct tcp_sock *ts);
void tcp_enter_cwr(struct tcp_sock *ts);
bool tcp_undo_recovery(struct tcp_sock *ts); /* takes it back if it was in vain; true: it stays */
void tcp_enter_recovery(struct tcp_sock *ts, bool ece);
void tcp_cwnd_reduction(struct tcp_sock *ts, u32 newly_acked, u32 newly_lost, u32 flag);
void tcp_simple_retransmit(struct tcp_sock *ts); /* the MTU is smaller (RFC 1191 6.5) */
void tcp_retransmit_lost(struct tcp_sock *ts); /* what is marked so, and congestion was not why */
static inline bool tcp_in_reduction(const struct tcp_sock *ts)
{
	return (F(TCP_CA_CWR) | F(TCP_CA_RECOVERY)) >> ts->ca_state & 1;
}

/* --- tcp_rack.c --- */
static inline bool tcp_rack_sent_after(u64 t1, u64 t2, u32 seq1, u32 seq2)
{
	return t1 > t2 || (t1 == t2 && after(seq1, seq2));
}
bool tcp_rack_mark_lost(struct tcp_sock *ts); /* something is lost or may be soon */
void tcp_rack_advance(struct tcp_sock *ts, u8 sacked, u32 end_seq, u64 sent_at);
void tcp_rack_update_window(struct tcp_sock *ts);
void tcp_rack_timeout(struct tcp_sock *ts);
bool tcp_schedule_probe(struct tcp_sock *ts, bool advancing);
void tcp_send_loss_probe(struct tcp_sock *ts);
void tcp_process_tlp_ack(struct tcp_sock *ts, u32 ack, u32 flag);

/* --- tcp_timer.c --- */
void tcp_timers_init(struct tcp_sock *ts);
void tcp_timer_set(struct tcp_sock *ts, enum tcp_timer t, u64 at); /* absolute; 0: not */
void tcp_rexmit_set(struct tcp_sock *ts, enum tcp_rexmit what, u64 in); /* ns from now */
void tcp_rexmit_at(struct tcp_sock *ts, enum tcp_rexmit what, u64 at); /* absolute */
void tcp_rexmit_clear(struct tcp_sock *ts);
void tcp_timers_stop(struct tcp_sock *ts);
void tcp_check_probe_timer(struct tcp_sock *ts);
void tcp_send_probe0(struct tcp_sock *ts);
u64 tcp_probe_interval(const struct tcp_sock *ts, u64 most);
u64 tcp_keep_idle(const struct tcp_sock *ts); /* ns */
u64 tcp_keep_intvl(const struct tcp_sock *ts);
int tcp_keep_cnt(const struct tcp_sock *ts);
void tcp_keepalive_start(struct tcp_sock *ts, u64 in); /* ns */
void tcp_set_keepalive(struct tcp_sock *ts, bool on);

/* --- tcp_cong.c, tcp_cubic.c --- */
struct tcp_cong {
	const char *name;
	void (*init)(struct tcp_sock *ts);
	u32 (*ssthresh)(struct tcp_sock *ts); /* after a loss */
	void (*avoid)(struct tcp_sock *ts, u32 ack, u32 acked); /* the window may grow */
	void (*state)(struct tcp_sock *ts, u8 ca); /* NULL allowed */
	void (*acked)(struct tcp_sock *ts, u32 segs, long rtt_us); /* NULL allowed */
	void (*restart)(struct tcp_sock *ts); /* sends again after a pause; NULL allowed */
};
extern const struct tcp_cong tcp_reno, tcp_cubic;
const struct tcp_cong *tcp_cong_by_name(const char *name); /* NULL: none */
void tcp_cong_init(struct tcp_sock *ts);
void tcp_ca_set(struct tcp_sock *ts, u8 ca);
u32 tcp_slow_start(struct tcp_sock *ts, u32 acked); /* what is left of acked */
void tcp_avoid_ai(struct tcp_sock *ts, u32 w, u32 acked);
u32 tcp_current_ssthresh(const struct tcp_sock *ts);
bool tcp_is_cwnd_limited(const struct tcp_sock *ts);
u32 tcp_init_cwnd(const struct tcp_sock *ts);
static inline bool tcp_in_slow_start(const struct tcp_sock *ts)
{
	return ts->cwnd < ts->ssthresh;
}
static inline bool tcp_in_initial_slowstart(const struct tcp_sock *ts)
{
	return ts->ssthresh >= TCP_INFINITE;
}

/* --- tcp_stamp.c --- */
void tcp_stamp_tail(struct tcp_sock *ts, u32 flags); /* flags: SOF_TIMESTAMPING_* */
void tcp_stamp_segment(struct tcp_sock *ts, struct packet *p, const struct packet *data);
void tcp_stamp_acked(struct tcp_sock *ts, struct packet *p, u32 una, int ttl);
int tcp_stamp_base(struct socket *sk, u32 flags);
u32 tcp_stamp_stats(struct socket *sk, void *buf, int ttl);

/* --- tcp_listen.c, tcp_syn.c, tcp_cookie.c --- */
int tcp_listen(struct socket *sk, int backlog);
struct socket *tcp_accept(struct socket *sk, u64 deadline);
void tcp_listen_stop(struct tcp_sock *ts); /* no lock held */
/* A segment for a listener that is no connection's. RCU, no lock held. */
void tcp_listener_receive(struct tcp_sock *ts, struct tcp_segment *seg);
void tcp_request_receive(struct tcp_req *req, struct tcp_segment *seg);
void tcp_fastopen_done(struct tcp_sock *ts); /* its handshake is over */
void tcp_request_error(struct tcp_req *req, u32 seq);
void tcp_send_synack(struct tcp_req *req); /* [L] or nobody else knows it */
/* [L] A connected socket from a request; hashed, in nobody's queue. NULL. */
struct tcp_sock *tcp_make_child(struct tcp_sock *l, struct tcp_req *req);
/* [L] Into the accept queue; the listener is woken when it may be accepted. */
void tcp_queue_child(struct tcp_sock *l, struct tcp_sock *child);
/* RFC 4987 3.6: a sequence number that holds the MSS, and what it held. */
u32 tcp_cookie_make(struct tcp_net *tn, const struct tcp_segment *seg, u16 *mss);
u16 tcp_cookie_check(struct tcp_net *tn, const struct tcp_segment *seg); /* 0: it is none */
u32 tcp_cookie_tsval(const struct tcp_req *req); /* and a timestamp that holds the options */
bool tcp_cookie_options(const struct tcp_segment *seg, struct tcp_req *req);
void tcp_request_kill(struct tcp_req *req); /* [L] it leaves the table and the list */
/*
 * [L] The cookie that seg's sender is to have, 8 bytes to out. Whether the one it has is good; *old is
 * set if it was made with the key before.
 */
bool tcp_fastopen_cookie(const struct tcp_net *tn, const struct tcp_listen *l,
			 const struct tcp_segment *seg, u8 *out, bool *old);
/* What a SYN-ACK says of the server. */
void tcp_fastopen_learn(struct tcp_sock *ts, const struct tcp_segment *seg);
/* May data go with the SYN? Fills in the cookie, and *mss, unless NULL, if it is known. */
bool tcp_fastopen_known(struct tcp_sock *ts, u16 *mss);
void tcp_fastopen_forget(struct tcp_net *tn); /* all that servers said */

/* --- tcp_wait.c --- */
/* A segment for the end of a connection. true: it is a SYN that a listener may have. */
bool tcp_tw_receive(struct tcp_tw *tw, struct tcp_segment *seg);
bool tcp_tw_reusable(struct tcp_node *n, struct tcp_sock *by);
void tcp_tw_kill(struct tcp_tw *tw); /* it leaves the table */

/* --- tcp_opt.c --- */
int tcp_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len);
int tcp_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len);
void tcp_option_changed(struct socket *sk, int name); /* of SOL_SOCKET */
long tcp_ioctl(struct socket *sk, unsigned cmd, unsigned long arg);
#endif
