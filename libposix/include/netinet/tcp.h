/* netinet/tcp.h - the options of TCP: tcp(7). */
#ifndef _NETINET_TCP_H
#define _NETINET_TCP_H

#include <features.h>
#include <stdint.h>
#include <uapi/tcp.h>

#if __MISC_VISIBLE
/* tcpi_state */
enum {
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
};

#define TCPOPT_EOL	      0
#define TCPOPT_NOP	      1
#define TCPOPT_MAXSEG	      2
#define TCPOLEN_MAXSEG	      4
#define TCPOPT_WINDOW	      3
#define TCPOLEN_WINDOW	      3
#define TCPOPT_SACK_PERMITTED 4
#define TCPOPT_SACK	      5
#define TCPOPT_TIMESTAMP      8
#define TCPOLEN_TIMESTAMP     10
#define TCP_MSS		      512
#define TCP_MAXWIN	      65535
#define TCP_MAX_WINSHIFT      14
#define SOL_TCP		      6

typedef uint32_t tcp_seq;

#define TH_FIN	0x01
#define TH_SYN	0x02
#define TH_RST	0x04
#define TH_PUSH 0x08
#define TH_ACK	0x10
#define TH_URG	0x20

/* The header of a segment (RFC 9293), under the BSDs' names and Linux's. */
struct tcphdr {
	union {
		struct {
			uint16_t th_sport, th_dport;
			tcp_seq th_seq, th_ack;
			uint8_t th_x2 : 4, th_off : 4;
			uint8_t th_flags;
			uint16_t th_win, th_sum, th_urp;
		};
		struct {
			uint16_t source, dest;
			uint32_t seq, ack_seq;
			uint16_t res1 : 4, doff : 4, fin : 1, syn : 1, rst : 1, psh : 1, ack : 1,
				urg : 1, res2 : 2;
			uint16_t window, check, urg_ptr;
		};
	};
};
#endif

#endif
