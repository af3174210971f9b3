/*
 * What TCP knows: of a segment, of a connection, of a handshake, of an end, of a network.
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
 *
 * Times are ns of now_mono(); round trips in microseconds.
 */
#ifndef NET_TCP_SOCK_H
#define NET_TCP_SOCK_H

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
	union {
		u64 stamp; /* receive: now_real() at arrival */
		struct { /* tcp_rate.c: what was so when it was sent */
			u32 rate_delivered, rate_delivered_us;
		};
	};
	u32 rate_first_sent_us;
	u8 rate; /* enum tcp_rate_from */
};
enum tcp_rate_from { TCP_RATE_NONE, TCP_RATE_SENT, TCP_RATE_LIMITED /* with too little to send */ };
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
enum tcp_timer { TCP_T_REXMIT, TCP_T_DELACK, TCP_T_KEEPALIVE, TCP_T_FIN, TCP_T_PACE, TCP_T_NR };
/* What the first of them stands for. */
enum tcp_rexmit { TCP_R_NONE, TCP_R_RTO, TCP_R_PROBE, TCP_R_TLP, TCP_R_REORDER };

/* Of a listener. */
struct tcp_listen {
	struct list_head requests; /* [l] struct tcp_req */
	struct list_head accept; /* [l] children by accept_link */
	u32 nr_requests, nr_young, nr_accept, backlog; /* [l] */
	u32 fastopen_max, nr_fastopen; /* [l] */
	bool flood_told;
	struct tcp_fastopen_keys keys; /* of its own; n 0: the network's */
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
	bool paced; /* SO_MAX_PACING_RATE was set: */
	u64 pace_at; /* no data before this time */
	u32 mss_cache, mss_clamp, user_mss, advmss, pmtu_cookie;
	u32 sticky_len; /* bytes of IP options or extension headers in each packet */
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
		u32 end_seq, rtt_us, dsack_round;
		u8 steps, persist;
		bool advanced, dsack_seen;
	} rack;
	struct { /* tcp_rate.c */
		u32 first_sent_us,
			delivered_us; /* of the sample that is taken; of the last delivery */
		u32 app_limited; /* until so many are delivered; 0: it is not */
		u32 segs, us; /* the last good sample; us 0: none yet */
		bool limited; /* it was taken while there was too little to send */
	} rate;

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
	bool save_syn, inq, fastopen_connect, fastopen_no_cookie, thin_lto, quickack_off, syn_data,
		syn_data_acked, defer_connect;
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
	struct list_head accept_link; /* [the listener's l] empty: accepted, or no child */
	/*
	 * [l] The listener of one that fast open made, while its SYN-ACK is not acknowledged:
	 * referenced, and counts in its nr_fastopen. NULL: it is no such.
	 */
	struct tcp_sock *fastopen_of;
	u64 synack_at;

	/* Counters. [l] */
	u64 bytes_acked, bytes_received, bytes_sent, bytes_retrans;
	u32 segs_in, segs_out, data_segs_in, data_segs_out, total_retrans, dsack_dups, ooo_packets;
	u16 total_rto, total_rto_recoveries; /* timeouts; the first of each row of them */
	u32 total_rto_ms; /* how long they lasted */
	u64 rto_began; /* when the last row began, ns; 0: it is over */
	u64 chrono_at, chrono_sum[TCP_CHRONO_NR]; /* since when, and how long before */
	u8 chrono; /* enum tcp_chrono */
	u32 mem_reserved; /* of tcp_budget.bytes, not yet used */
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
	u32 mark; /* [I] its own, or the SYN's */
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
	atomic_t nr_sockets, nr_tw, nr_established;
	atomic_t challenge_left; /* RFC 5961 10 */
	u64 challenge_at; /* [w] s */
	u64 secret[4]; /* [I] sequence numbers, timestamps; cookies */
	struct tcp_fastopen_keys fastopen_keys; /* [all_lock] */
	struct tcp_fastopen_server fastopen_cache[16]; /* [all_lock] */
	unsigned fastopen_next;
	u32 port_salt[64]; /* [w] RFC 6056 3.3.4: how far the ports to some destinations are used */
	u64 stats[TCPS_NR]; /* [a] */
};
#endif
