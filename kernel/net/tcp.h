/*
 * TCP (RFC 9293): what the rest of the house knows of it. The parts of it among themselves: see
 * tcp_impl.h.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include <types.h>
#include <uapi/socket.h>
#include <uapi/tcp.h>

struct net;
struct socket;

/* RFC 7413 4.1.2: cookies are made with the first; those made with the second are good, too. */
struct tcp_fastopen_keys {
	u8 key[2][16];
	u8 n;
};
/* Those of a network (net.ipv4.tcp_fastopen_key); listeners may have their own. */
void tcp_fastopen_keys(struct net *net, struct tcp_fastopen_keys *keys);
void tcp_fastopen_set_keys(struct net *net, const struct tcp_fastopen_keys *keys);

/* As /proc/net/tcp and TCP_INFO number them. */
enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
	TCP_NEW_SYN_RECV, /* a connection that is still a request */
};

/* net.ipv4.tcp_*; each a word, stored and read whole. Times in the units of the file. */
struct tcp_sysctl {
	int abort_on_overflow, adv_win_scale, challenge_ack_limit, dsack, early_retrans, ecn,
		ecn_fallback, fastopen, fin_timeout, invalid_ratelimit, keepalive_intvl,
		keepalive_probes, keepalive_time, max_orphans, max_reordering, max_syn_backlog,
		max_tw_buckets, min_snd_mss, base_mss, moderate_rcvbuf, mtu_probing, orphan_retries,
		recovery, reordering, retries1, retries2, rfc1337, sack, slow_start_after_idle,
		stdurg, syn_linear_timeouts, syn_retries, synack_retries, syncookies, timestamps,
		tso_win_divisor, tw_reuse, window_scaling, frto, min_tso_segs, thin_linear_timeouts,
		rto_min_us, fwmark_accept, min_rtt_wlen, mtu_probe_floor, pingpong_thresh,
		probe_interval, probe_threshold, reflect_tos, shrink_window,
		workaround_signed_windows, pacing_ca_ratio, pacing_ss_ratio;
	int rto_max_ms;
	unsigned notsent_lowat;
	int rmem[3], wmem[3]; /* bytes: least, at first, most */
	int mem[3]; /* pages: below it no pressure, above it pressure, most */
	const char *congestion; /* of a table of names: see tcp_cong_find */
};
/* Those of every network that has no own ones. mem and max_orphans count for all networks. */
extern struct tcp_sysctl tcp_sysctl;
struct tcp_sysctl *tcp_conf(struct net *net);
int tcp_conf_own(struct net *net); /* from now on, and like after boot; 0 or -ENOMEM */

/* Counters of /proc/net/snmp and netstat; one table a net. */
enum tcp_stat {
	TCPS_ACTIVE_OPENS,
	TCPS_PASSIVE_OPENS,
	TCPS_ATTEMPT_FAILS,
	TCPS_ESTAB_RESETS,
	TCPS_IN_SEGS,
	TCPS_OUT_SEGS,
	TCPS_RETRANS_SEGS,
	TCPS_IN_ERRS,
	TCPS_OUT_RSTS,
	TCPS_IN_CSUM_ERRORS,
	TCPS_SYNCOOKIES_SENT,
	TCPS_SYNCOOKIES_RECV,
	TCPS_SYNCOOKIES_FAILED,
	TCPS_TW,
	TCPS_TW_RECYCLED,
	TCPS_PAWS_ESTAB,
	TCPS_DELAYED_ACKS,
	TCPS_LISTEN_OVERFLOWS,
	TCPS_LISTEN_DROPS,
	TCPS_TIMEOUTS,
	TCPS_LOSS_PROBES,
	TCPS_FAST_RETRANS,
	TCPS_SLOW_START_RETRANS,
	TCPS_RCV_PRUNED,
	TCPS_RCV_COLLAPSED,
	TCPS_BACKLOG_DROP,
	TCPS_ABORT_ON_DATA,
	TCPS_ABORT_ON_CLOSE,
	TCPS_ABORT_ON_MEMORY,
	TCPS_ABORT_ON_TIMEOUT,
	TCPS_ABORT_ON_LINGER,
	TCPS_DSACK_RECV,
	TCPS_DSACK_SENT,
	TCPS_CHALLENGE_ACK,
	TCPS_REQ_DROPPED,
	TCPS_OFO_QUEUE,
	TCPS_ORIG_DATA_SENT,
	TCPS_FASTOPEN_PASSIVE,
	TCPS_FASTOPEN_ACTIVE,
	TCPS_KEEPALIVE,
	TCPS_OUT_OF_WINDOW_ICMPS,
	TCPS_NR,
};
u64 tcp_stat(struct net *net, enum tcp_stat s);
/* Numbers of /proc/net/sockstat. mem: pages. */
struct tcp_counts {
	u64 inuse, orphans, tw, alloc, mem, established;
};
void tcp_count(struct net *net, struct tcp_counts *c);
u32 tcp_sock_size(void); /* bytes of a socket's structure */

int tcp_net_init(struct net *net); /* net->tcp; 0 or -ENOMEM */
void tcp_net_stop(struct net *net);
void tcp_net_destroy(struct net *net); /* no socket is left in it */

/* A socket of AF_INET or AF_INET6; ERR_PTR. */
struct socket *tcp_create(struct net *net, u16 family, int type, int protocol);

/* One row of what ss(8) and /proc/net/tcp show. */
struct tcp_row {
	u16 family;
	u8 state; /* enum tcp_state */
	struct in6_addr local, remote;
	u16 local_port, remote_port;
	int bound_dev;
	u32 rx_queue, tx_queue; /* a listener: accept queue, backlog */
	u8 timer, retransmits,
		probes; /* timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME-WAIT, 4 probe */
	u64 timer_left; /* ns */
	u32 uid;
	u64 inode;
	u32 refs;
	bool v6only;
	u32 shutdown;
	struct socket *sk; /* NULL: a request or TIME-WAIT. Valid during the call */
};
/* fn for each, under RCU, no lock held; false from fn ends it. */
void tcp_for_each(struct net *net, bool (*fn)(const struct tcp_row *row, void *arg), void *arg);
void tcp_get_info(struct socket *sk, struct tcp_info *info);
const char *tcp_get_congestion(struct socket *sk);
/* Ends the connection as by a RST that came: sock_diag's SOCK_DESTROY. */
void tcp_destroy_socket(struct socket *sk, int err);
/* "reno cubic" */
const char *tcp_cong_names(void);
const char *tcp_cong_find(const char *name); /* the table's own spelling, or NULL */
#endif
