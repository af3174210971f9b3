/*
 * TCP among its own files.
 *
 * A connection is a struct tcp_sock. What waits to be acknowledged or sent is a list of packets
 * whose payload lies in pages; a transmission makes a small packet that refers to them. A
 * handshake is a struct tcp_req until it is complete, the end of a connection a struct tcp_tw. All
 * three stand in one table by addresses and ports and are freed after a grace period, so that an
 * arriving segment needs neither a lock nor a reference to find them.
 *
 * Locks: [l] sk->lock; [r] recv_mutex, too, to take from the head of the receive queue, so that
 * a reader copies without the spinlock; [s] send_mutex: one writer at a time; [b] the bucket's
 * lock in the table; [L] the listener's sk->lock; [I] immutable, [a] atomic, [w] a word stored and
 * read whole. A listener's lock is taken before its child's.
 * Functions whose first argument is a struct tcp_sock want [l] held unless they say otherwise.
 *
 * Times are ns of now_mono(); round trips in microseconds.
 */
#ifndef NET_TCP_IMPL_H
#define NET_TCP_IMPL_H

#include <atomic.h>
#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include "core/rcu.h"
#include "core/time.h"
#include "lib/rbtree.h"
#include "net/inet.h"
#include "net/tcp.h"
#include "net/wire/tcp.h"

struct tcp_sock;
struct tcp_cong;

#define TCP_RTO_MIN	  (200 * NSEC_PER_MSEC)
#define TCP_RTO_INIT	  NSEC_PER_SEC
#define TCP_DELACK_MIN	  (40 * NSEC_PER_MSEC)
#define TCP_DELACK_MAX	  (200 * NSEC_PER_MSEC)
#define TCP_ATO_MIN	  (40 * NSEC_PER_MSEC)
#define TCP_TICK	  (8 * NSEC_PER_MSEC) /* the least that a loss timer waits */
#define TCP_TW_LEN	  (60 * NSEC_PER_SEC)
#define TCP_PAWS_24DAYS	  (60UL * 60 * 24 * 24) /* seconds after which a timestamp says nothing */
#define TCP_PAWS_MSL	  60 /* seconds */
#define TCP_MIN_MSS	  88
#define TCP_DEFAULT_MSS	  536
#define TCP_INIT_CWND	  10
#define TCP_MAX_QUICKACKS 16
#define TCP_INFINITE	  0x7fffffffU
#define TCP_MAX_HEADER	  320 /* what a sender's buffer counts for headers */
#define TCP_OVERHEAD	  256 /* and for a packet itself */
#define TCP_MAX_SACKS	  4

static inline bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}
static inline bool after(u32 a, u32 b)
{
	return before(b, a);
}
/* a <= s <= b */
static inline bool between(u32 s, u32 a, u32 b)
{
	return b - a >= s - a;
}

/* --- the table --- */

enum tcp_kind { TCP_KIND_SOCK, TCP_KIND_REQ, TCP_KIND_TW };

struct tcp_key {
	struct in6_addr local, remote;
	u16 local_port, remote_port;
	int dev; /* bound to; 0 any */
};

struct tcp_node {
	struct hlist_node link; /* [b] */
	u32 hash; /* [I] once in the table */
	u8 kind; /* [I] enum tcp_kind */
	struct tcp_key key; /* [I] once in the table */
};

/* --- segments as they arrive --- */

struct tcp_sack {
	u32 start, end;
};

struct tcp_options {
	bool ts, sack_ok, wscale_ok, fastopen, fastopen_exp;
	u8 wscale, nr_sacks, cookie_len;
	u16 mss; /* 0: not given */
	u32 tsval, tsecr;
	const u8 *cookie; /* in the packet */
	struct tcp_sack sack[TCP_MAX_SACKS];
};

struct tcp_segment {
	struct net *net;
	struct packet *p; /* payload only; NULL once somebody took it */
	struct in6_addr src, dst;
	u16 sport, dport;
	int ifindex;
	u32 seq, end_seq, ack; /* end_seq: SYN and FIN counted */
	u32 len; /* of payload */
	u16 window, urgent;
	u8 flags; /* TCP_FIN ... */
	u8 tos, ttl;
	u8 header_len;
	u64 now; /* when its connection's turn came: tcp_receive */
	u32 tw_isn; /* of the TIME-WAIT that a SYN ends; 0: none */
	struct tcp_options opt;
};

/* Of a packet in a queue, in its cb. */
struct tcp_cb {
	u32 seq, end_seq;
	u32 truesize; /* what it counts */
	u8 flags; /* TCP_SYN, TCP_FIN, TCP_PSH */
	u8 sacked; /* TCPCB_* */
	bool eor; /* nothing is glued to its end */
	bool dense; /* receive: its bytes were copied together, into pages that are its own */
	u8 retrans; /* times it was sent again, up to 255 */
	u32 mss; /* of its segments */
	u32 segs; /* pcount */
	union {
		struct {
			struct list_head sent; /* by time of sending, while not acknowledged */
			u64 sent_at;
		};
		struct rb_node ooo; /* receive: in ooo_tree */
	};
	u64 stamp; /* receive: now_real() at arrival */
};
#define TCPCB_SACKED  1 /* the peer has it */
#define TCPCB_RETRANS 2 /* sent again, that copy is under way */
#define TCPCB_LOST    4
#define TCPCB_EVER    8 /* was ever sent again */

static inline struct tcp_cb *tcp_cb(const struct packet *p)
{
	static_assert(sizeof(struct tcp_cb) <= sizeof(p->cb), "cb is too small");
	return (struct tcp_cb *)p->cb;
}

/* --- connections --- */

enum tcp_ca { TCP_CA_OPEN, TCP_CA_DISORDER, TCP_CA_CWR, TCP_CA_RECOVERY, TCP_CA_LOSS };

#define TCP_ACK_SCHED	   1 /* something is to be acknowledged */
#define TCP_ACK_TIMER	   2 /* the delayed-ACK timer is set */
#define TCP_ACK_PUSHED	   4
#define TCP_ACK_PUSHED2	   8
#define TCP_ACK_NOW	   16
#define TCP_ACK_NO_ROOM	   32 /* memory is short: no window */

#define TCP_NAGLE_OFF	   1
#define TCP_NAGLE_CORK	   2
#define TCP_NAGLE_PUSH	   4

#define TCP_ECN_OK	   1
#define TCP_ECN_QUEUE_CWR  2
#define TCP_ECN_DEMAND_CWR 4
#define TCP_ECN_SEEN	   8

#define TCP_URG_NOTYET	   0x100
#define TCP_URG_VALID	   0x200
#define TCP_URG_READ	   0x400

/* What a connection that has something to send waits for; the last that is true counts. */
enum tcp_chrono {
	TCP_CHRONO_NONE,
	TCP_CHRONO_BUSY,
	TCP_CHRONO_RWND,
	TCP_CHRONO_SNDBUF,
	TCP_CHRONO_NR
};

/* TCP_T_FIN: there was no memory for the FIN. */
enum tcp_timer { TCP_T_REXMIT, TCP_T_DELACK, TCP_T_KEEPALIVE, TCP_T_FIN, TCP_T_NR };
/* What the first of them stands for. */
enum tcp_rexmit { TCP_R_NONE, TCP_R_RTO, TCP_R_PROBE, TCP_R_TLP, TCP_R_REORDER };

/* Of a listener. */
struct tcp_listen {
	struct list_head requests; /* [l] struct tcp_req */
	struct list_head accept; /* [l] children by accept_link */
	u32 nr_requests, nr_young, nr_accept, backlog; /* [l] */
	u32 fastopen_max, nr_fastopen; /* [l] */
	bool flood_told;
	u8 cookie_key[16];
	bool has_key;
};

struct tcp_sock {
	struct inet_socket inet; /* first */
	struct tcp_node node;
	struct tcp_net *tn; /* [I] */
	u8 state; /* [l], read at any time; enum tcp_state */
	u8 connecting; /* [l] 0 no, 1 connect(2) is under way, 2 connected */
	bool orphan; /* [l] no file any more, and counted */
	bool conn_ref; /* [l] in the table, or listening: a reference */
	bool port_held; /* [l] */
	bool keep_port, keep_addr; /* [l] bind(2) asked for them */
	struct mutex send_mutex, recv_mutex;
	struct rcu_head rcu;
	struct list_head all; /* [tn->all_lock] */

	/* Sending. [l] */
	struct list_head sndq; /* packets, sent ones first */
	struct packet *send_head; /* the first that was never sent; NULL: all were */
	struct list_head sent; /* by cb->sent */
	struct page *wpage; /* [s] where the next small write goes */
	u32 wpage_off; /* [s] */
	u32 snd_una, snd_nxt, snd_wnd, snd_wl1, snd_sml, snd_up, write_seq, pushed_seq;
	u32 max_window, high_seq, retrans_stamp_ms;
	bool urg_mode;
	u8 nonagle; /* TCP_NAGLE_* */
	u32 wmem; /* bytes in sndq with overhead */
	u32 notsent_lowat; /* [w] 0: the sysctl */
	u64 retrans_stamp; /* when the first of an episode was sent; 0: none */
	u64 last_sent, last_sent_data, last_acked;
	u32 mss_cache, mss_clamp, user_mss, advmss, pmtu_cookie;
	struct { /* tcp_mtu.c; MTUs */
		bool on;
		u32 low, high; /* passes; may pass */
		u32 size, start, end; /* the probe under way: 0 none; sequence numbers */
		u64 since;
	} mtup;
	u8 header_opts; /* bytes of options on every segment */
	u8 snd_wscale, rcv_wscale;
	bool ts_ok, sack_ok, wscale_ok, dsack_peer;
	u8 ecn; /* TCP_ECN_* */

	/* What is under way, in segments. [l] */
	u32 packets_out, sacked_out, lost_out, retrans_out, max_packets_out, cwnd_usage_seq;
	bool cwnd_limited;
	u32 delivered, delivered_ce, lost;

	/* Congestion. [l] */
	const struct tcp_cong *cong;
	u64 cong_priv[12];
	u32 cwnd, ssthresh, cwnd_cnt, cwnd_clamp, prior_cwnd, prior_ssthresh, cwnd_used;
	u64 cwnd_stamp;
	u32 prr_delivered, prr_out;
	u32 reordering, reord_seen;
	u8 ca_state; /* enum tcp_ca */
	u8 dsack_seen;
	/* tcp_sack.c: what the last blocks said was looked at, up to this packet of the queue. */
	u8 nr_sack_told;
	struct tcp_sack sack_told[TCP_MAX_SACKS];
	struct packet *sack_at; /* NULL: the first */
	u32 undo_marker, fack; /* fack: the highest end that was SACKed, or snd_una */
	int undo_retrans;
	bool frto;
	u32 tlp_high_seq;
	bool tlp_retrans;
	struct { /* RFC 8985 */
		u64 sent_at;
		u32 end_seq, rtt_us, last_delivered;
		u8 steps, persist;
		bool advanced, dsack_seen;
	} rack;

	/* Round trips and timers. [l] */
	u32 srtt_us, mdev_us, mdev_max_us, rttvar_us, rtt_seq; /* srtt: eightfold, mdev: fourfold */
	u32 min_rtt_us;
	u64 min_rtt_at;
	u64 rto; /* ns, backed off */
	u8 backoff, retransmits, probes_out;
	u8 rexmit; /* enum tcp_rexmit */
	u64 at[TCP_T_NR]; /* by enum tcp_timer; 0: not set */
	u64 timer_at; /* when the one timer rings; 0: not set */
	u64 probes_start;
	struct net_timer timer;

	/* Receiving. [l] */
	struct list_head rcvq; /* packets in order [l], from its head also [r] */
	struct list_head oooq; /* packets, by seq */
	struct rb_root ooo_tree; /* the same: whoever sends in the worst order costs no more */
	u32 rcv_nxt, rcv_wup, rcv_wnd, rcv_ssthresh, window_clamp, copied_seq /* [r] too */;
	u32 irs, iss;
	bool fin_seen;
	u32 rmem; /* bytes in rcvq and oooq with overhead */
	u32 rcv_mss, last_seg;
	bool compressed_ack;
	u8 ack; /* TCP_ACK_* */
	u8 quick, pingpong;
	u64 ato, last_rcv, keepalive_from;
	u32 ts_recent, ts_offset, last_oow_ack_ms;
	u64 ts_recent_at; /* s */
	u32 last_ack_sent, tsecr_last;
	struct tcp_sack sacks[TCP_MAX_SACKS], dsack;
	u8 nr_sacks;
	bool dsack_due;
	u16 urg_data;
	u32 urg_seq;
	struct { /* dynamic right-sizing */
		u32 rtt_us, rtt_seq, space, copied;
		u64 rtt_at, at;
	} drs;

	/* Options. [l] or [w] */
	u32 keep_idle, keep_intvl, user_timeout, rto_max; /* ms; 0: the sysctl */
	u8 keep_cnt, syn_retries, defer_accept;
	int linger2; /* s; 0: the sysctl; -1: none */
	bool save_syn, inq, fastopen_connect, fastopen_no_cookie, thin_lto, sndbuf_locked,
		rcvbuf_locked, quickack_off, syn_data, syn_data_acked, defer_connect;
	bool fo_option; /* the next SYN asks for a cookie, or has one */
	bool syn_fastopen; /* a SYN did so */
	u8 write_pending; /* writers who wait for the handshake */
	u16 saved_syn_len;
	u8 *saved_syn; /* kfree */
	u8 fastopen_fail;
	u8 cookie[16], cookie_len;
	bool cookie_exp;
	int err_soft;
	u32 wait_seq; /* [w] what a reader has already seen */

	/* A listener, and its children while nobody accepted them. */
	struct tcp_listen *listen; /* [l] NULL: does not listen */
	struct tcp_sock *parent; /* [parent's l] referenced; NULL: accepted, or none */
	struct list_head accept_link; /* [parent's l] */
	bool fastopen_child; /* counts in the parent's nr_fastopen; the SYN-ACK is not acknowledged */
	u64 synack_at;

	/* Counters. [l] */
	u64 bytes_acked, bytes_received, bytes_sent, bytes_retrans;
	u32 segs_in, segs_out, data_segs_in, data_segs_out, total_retrans, dsack_dups, ooo_packets;
	u64 chrono_at, chrono_sum[TCP_CHRONO_NR]; /* since when, and how long before */
	u8 chrono; /* enum tcp_chrono */
	u32 mem_reserved; /* bytes of tn->mem not yet used */
};

static inline struct tcp_sock *tcp_sk(struct socket *sk)
{
	return (struct tcp_sock *)sk;
}
static inline struct socket *tcp_socket(struct tcp_sock *ts)
{
	return &ts->inet.sk;
}
static inline struct tcp_sock *tcp_node_sock(struct tcp_node *n)
{
	return container_of(n, struct tcp_sock, node);
}

/* A handshake: SYN came, SYN-ACK was sent. */
struct tcp_req {
	struct tcp_node node;
	struct list_head link; /* [L] in the listener's requests; empty: it is over */
	struct tcp_sock *listener; /* [I] referenced */
	u32 iss, irs; /* [I] */
	u32 rcv_wnd, window; /* [I] offered; the peer's */
	u32 ts_recent, ts_offset; /* [L] [I] */
	u64 started, last_sent; /* [I] [L] */
	u16 mss; /* [I] peer's */
	u8 snd_wscale, rcv_wscale, tos;
	bool ts_ok, sack_ok, wscale_ok, ecn, acked, fastopen_cookie;
	u8 timeouts, sent; /* [L] */
	struct in6_addr dst; /* [I] the address it is sent from, if the node's is any */
	int ifindex;
	u8 cookie[16], cookie_len;
	bool cookie_exp, is_cookie;
	u32 last_oow_ms; /* [L] */
	u8 *saved_syn;
	u16 saved_syn_len;
	atomic_t refs; /* [a] table and list: 1, timer: 1 */
	struct net_timer timer;
	struct rcu_head rcu;
};

/* A connection that is over: RFC 9293 3.6.1. Also one in FIN-WAIT-2 that nobody has open. */
struct tcp_tw {
	struct tcp_node node;
	struct tcp_net *tn;
	struct port_wait port;
	spinlock_t lock; /* RANK_SOCKET */
	u8 state; /* [lock] TCP_TIME_WAIT, TCP_FIN_WAIT2 */
	bool dead; /* [lock] */
	u8 rcv_wscale, tos;
	bool ts_ok;
	u32 rcv_nxt, snd_nxt, rcv_wnd; /* [lock] */
	u32 ts_recent, ts_offset; /* [lock] [I] */
	u32 last_oow_ms; /* [lock] */
	u64 ts_recent_at; /* s */
	u64 expires;
	atomic_t refs;
	struct net_timer timer;
	struct rcu_head rcu;
};

#define TCP_HASH_BITS	   12
#define TCP_HASH_LOCKS	   64
#define TCP_LISTENERS	   64 /* buckets at first */
#define TCP_LISTENERS_MOST 16384

/* What clients know of a server (RFC 7413 4.1.3). */
struct tcp_fastopen_server {
	struct in6_addr addr;
	u16 mss; /* 0: an empty place */
	u8 cookie[16], len; /* len 0: none */
	bool exp; /* it came with the option of the experiment */
	u8 try_exp; /* asked for in vain: 1 that option is next, 2 it was tried, too */
};

/* Listeners by address, if they have one, and port. */
struct tcp_listeners {
	struct rcu_head rcu;
	u32 size; /* [I] a power of two */
	struct hlist_head bucket[];
};

struct tcp_net {
	struct net *net; /* [I] */
	struct tcp_sysctl *conf; /* [I] its words [w] */
	struct port_table *ports; /* [I] */
	struct hlist_head *table; /* [b] RCU; 1 << TCP_HASH_BITS, made when first used */
	spinlock_t locks[TCP_HASH_LOCKS]; /* RANK_NET_TABLE: [b] by hash */
	struct tcp_listeners *listeners; /* [listen_lock] RCU */
	spinlock_t listen_lock; /* RANK_NET_TABLE */
	u32 nr_listeners; /* [listen_lock] */
	u32 listen_moves; /* [listen_lock] odd: they are being moved to a larger table */
	spinlock_t all_lock; /* RANK_NET_TABLE */
	struct list_head all; /* [all_lock] every socket */
	atomic_t nr_sockets, nr_orphans, nr_tw, nr_established;
	atomic_long_t mem; /* bytes in all buffers */
	bool pressure; /* [w] */
	atomic_t challenge_left; /* RFC 5961 10 */
	u64 challenge_at; /* [w] s */
	u64 secret[4]; /* [I] sequence numbers, timestamps; cookies */
	u8 fastopen_key[16];
	struct tcp_fastopen_server fastopen_cache[16]; /* [all_lock] */
	unsigned fastopen_next;
	u32 port_salt[64]; /* [w] RFC 6056 3.3.4: how far the ports to some destinations are used */
	u64 stats[TCPS_NR]; /* [a] */
};

/* ns: no wait for an ACK is longer. */
static inline u64 tcp_rto_max(const struct tcp_sock *ts)
{
	u32 ms = READ_ONCE(ts->rto_max);

	return (ms ? ms : (u32)READ_ONCE(ts->tn->conf->rto_max_ms)) * NSEC_PER_MSEC;
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
/* Takes n bytes of the system's; false: there are none (then nothing was taken). */
bool tcp_mem_charge(struct tcp_sock *ts, u32 n, bool force);
void tcp_mem_uncharge(struct tcp_sock *ts, u32 n);
void tcp_mem_release(struct tcp_sock *ts); /* what is reserved, too */
bool tcp_mem_over(const struct tcp_net *tn); /* beyond tcp_mem[2] */
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

/* --- tcp_out.c --- */
u32 tcp_sync_mss(struct tcp_sock *ts, u32 pmtu);
u32 tcp_current_mss(struct tcp_sock *ts);
u32 tcp_size_goal(struct tcp_sock *ts, u32 mss);
u32 tcp_advertise_mss(struct tcp_sock *ts);
void tcp_push(struct tcp_sock *ts, u32 mss, int nonagle); /* sends what may be sent */
void tcp_push_pending(struct tcp_sock *ts);
bool tcp_write_xmit(struct tcp_sock *ts, u32 mss, int nonagle, int push_one); /* true: all waits */
void tcp_push_one(struct tcp_sock *ts, u32 mss);
int tcp_retransmit(struct tcp_sock *ts, struct packet *p, u32 segs); /* up to so many segments */
void tcp_xmit_retransmit_queue(struct tcp_sock *ts);
int tcp_transmit(struct tcp_sock *ts, struct packet *p, bool clone);
void tcp_after_idle(struct tcp_sock *ts); /* before something new goes */
/* Cuts p at len bytes; what follows becomes a packet of its own. 0 or -ENOMEM. */
int tcp_fragment(struct tcp_sock *ts, struct packet *p, u32 len, u32 mss);
u32 tcp_segs(const struct packet *p, u32 mss);
struct packet *tcp_queue_flag(struct tcp_sock *ts, u8 flags); /* SYN or FIN, to the queue's end */
void tcp_entail(struct tcp_sock *ts, struct packet *p);
void tcp_data_sent(struct tcp_sock *ts, struct packet *p); /* the first of what was not yet sent */
/* Of payload, options that each segment has taken off. */
u32 tcp_mtu_to_mss(const struct tcp_sock *ts, u32 mtu);
u32 tcp_mss_to_mtu(const struct tcp_sock *ts, u32 mss);
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
int tcp_send_packet(struct net *net, struct packet *p, const struct in6_addr *src,
		    const struct in6_addr *dst, const struct route *route, u8 ttl, u8 tos, bool df,
		    u32 flow_label);
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
/* An ACK to a bad segment: too soon after another? */
bool tcp_oow_limited(const struct tcp_net *tn, u32 *last_ms);
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
void tcp_fastopen_cookie(const struct tcp_net *tn, const struct tcp_listen *l,
			 const struct in6_addr *src, const struct in6_addr *dst, u8 *cookie);
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
