/*
 * uapi/tcp.h - the options of tcp(7), and what TCP_INFO tells.
 */
#ifndef UAPI_TCP_H
#define UAPI_TCP_H

#include <uapi/types.h>

#define TCP_NODELAY		 1
#define TCP_MAXSEG		 2
#define TCP_CORK		 3
#define TCP_KEEPIDLE		 4
#define TCP_KEEPINTVL		 5
#define TCP_KEEPCNT		 6
#define TCP_SYNCNT		 7
#define TCP_LINGER2		 8
#define TCP_DEFER_ACCEPT	 9
#define TCP_WINDOW_CLAMP	 10
#define TCP_INFO		 11
#define TCP_QUICKACK		 12
#define TCP_CONGESTION		 13
#define TCP_MD5SIG		 14
#define TCP_THIN_LINEAR_TIMEOUTS 16
#define TCP_THIN_DUPACK		 17
#define TCP_USER_TIMEOUT	 18
#define TCP_REPAIR		 19
#define TCP_REPAIR_QUEUE	 20
#define TCP_QUEUE_SEQ		 21
#define TCP_REPAIR_OPTIONS	 22
#define TCP_FASTOPEN		 23
#define TCP_TIMESTAMP		 24
#define TCP_NOTSENT_LOWAT	 25
#define TCP_CC_INFO		 26
#define TCP_SAVE_SYN		 27
#define TCP_SAVED_SYN		 28
#define TCP_REPAIR_WINDOW	 29
#define TCP_FASTOPEN_CONNECT	 30
#define TCP_ULP			 31
#define TCP_MD5SIG_EXT		 32
#define TCP_FASTOPEN_KEY	 33
#define TCP_FASTOPEN_NO_COOKIE	 34
#define TCP_ZEROCOPY_RECEIVE	 35
#define TCP_INQ			 36
#define TCP_TX_DELAY		 37
#define TCP_IS_MPTCP		 43
#define TCP_CM_INQ		 TCP_INQ

#define TCPI_OPT_TIMESTAMPS	 1
#define TCPI_OPT_SACK		 2
#define TCPI_OPT_WSCALE		 4
#define TCPI_OPT_ECN		 8
#define TCPI_OPT_ECN_SEEN	 16
#define TCPI_OPT_SYN_DATA	 32

/* tcpi_fastopen_client_fail */
#define TFO_STATUS_UNSPEC      0
#define TFO_COOKIE_UNAVAILABLE 1
#define TFO_DATA_NOT_ACKED     2
#define TFO_SYN_RETRANSMITTED  3

struct tcp_info {
	__u8 tcpi_state;
	__u8 tcpi_ca_state;
	__u8 tcpi_retransmits;
	__u8 tcpi_probes;
	__u8 tcpi_backoff;
	__u8 tcpi_options;
	__u8 tcpi_snd_wscale : 4, tcpi_rcv_wscale : 4;
	__u8 tcpi_delivery_rate_app_limited : 1, tcpi_fastopen_client_fail : 2;

	__u32 tcpi_rto; /* times of this block: microseconds */
	__u32 tcpi_ato;
	__u32 tcpi_snd_mss;
	__u32 tcpi_rcv_mss;

	__u32 tcpi_unacked;
	__u32 tcpi_sacked;
	__u32 tcpi_lost;
	__u32 tcpi_retrans;
	__u32 tcpi_fackets;

	__u32 tcpi_last_data_sent; /* milliseconds ago */
	__u32 tcpi_last_ack_sent;
	__u32 tcpi_last_data_recv;
	__u32 tcpi_last_ack_recv;

	__u32 tcpi_pmtu;
	__u32 tcpi_rcv_ssthresh;
	__u32 tcpi_rtt; /* microseconds */
	__u32 tcpi_rttvar;
	__u32 tcpi_snd_ssthresh;
	__u32 tcpi_snd_cwnd;
	__u32 tcpi_advmss;
	__u32 tcpi_reordering;

	__u32 tcpi_rcv_rtt;
	__u32 tcpi_rcv_space;

	__u32 tcpi_total_retrans;

	__u64 tcpi_pacing_rate;
	__u64 tcpi_max_pacing_rate;
	__u64 tcpi_bytes_acked;
	__u64 tcpi_bytes_received;
	__u32 tcpi_segs_out;
	__u32 tcpi_segs_in;

	__u32 tcpi_notsent_bytes;
	__u32 tcpi_min_rtt;
	__u32 tcpi_data_segs_in;
	__u32 tcpi_data_segs_out;

	__u64 tcpi_delivery_rate;

	__u64 tcpi_busy_time;
	__u64 tcpi_rwnd_limited;
	__u64 tcpi_sndbuf_limited;

	__u32 tcpi_delivered;
	__u32 tcpi_delivered_ce;

	__u64 tcpi_bytes_sent;
	__u64 tcpi_bytes_retrans;
	__u32 tcpi_dsack_dups;
	__u32 tcpi_reord_seen;

	__u32 tcpi_rcv_ooopack;

	__u32 tcpi_snd_wnd;
	__u32 tcpi_rcv_wnd;

	__u32 tcpi_rehash;

	__u16 tcpi_total_rto;
	__u16 tcpi_total_rto_recoveries;
	__u32 tcpi_total_rto_time; /* milliseconds */
};

/* Attributes of SCM_TIMESTAMPING_OPT_STATS. */
#if UAPI_LINUX
enum {
	TCP_NLA_PAD,
	TCP_NLA_BUSY,
	TCP_NLA_RWND_LIMITED,
	TCP_NLA_SNDBUF_LIMITED,
	TCP_NLA_DATA_SEGS_OUT,
	TCP_NLA_TOTAL_RETRANS,
	TCP_NLA_PACING_RATE,
	TCP_NLA_DELIVERY_RATE,
	TCP_NLA_SND_CWND,
	TCP_NLA_REORDERING,
	TCP_NLA_MIN_RTT,
	TCP_NLA_RECUR_RETRANS,
	TCP_NLA_DELIVERY_RATE_APP_LMT,
	TCP_NLA_SNDQ_SIZE,
	TCP_NLA_CA_STATE,
	TCP_NLA_SND_SSTHRESH,
	TCP_NLA_DELIVERED,
	TCP_NLA_DELIVERED_CE,
	TCP_NLA_BYTES_SENT,
	TCP_NLA_BYTES_RETRANS,
	TCP_NLA_DSACK_DUPS,
	TCP_NLA_REORD_SEEN,
	TCP_NLA_SRTT,
	TCP_NLA_TIMEOUT_REHASH,
	TCP_NLA_BYTES_NOTSENT,
	TCP_NLA_EDT,
	TCP_NLA_TTL,
	TCP_NLA_REHASH,
};
#endif

UAPI_SIZE(struct tcp_info, 248);
UAPI_OFFSET(struct tcp_info, tcpi_rto, 8);
UAPI_OFFSET(struct tcp_info, tcpi_pacing_rate, 104);
UAPI_OFFSET(struct tcp_info, tcpi_snd_wnd, 228);
UAPI_OFFSET(struct tcp_info, tcpi_total_rto, 240);

#endif
