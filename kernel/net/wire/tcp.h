/*
 * TCP on the wire: RFC 9293 3.1; options of RFC 7323, 2018, 7413.
 */
#ifndef NET_WIRE_TCP_H
#define NET_WIRE_TCP_H

#include <compiler.h>
#include <types.h>

struct tcp_header {
	be16 source, dest;
	be32 seq, ack;
	u8 off; /* length in 32-bit words in the upper four bits */
	u8 flags;
	be16 window;
	be16 check;
	be16 urgent;
} __packed __aligned(2);
static_assert(sizeof(struct tcp_header) == 20, "RFC 9293");
static_assert(offsetof(struct tcp_header, check) == 16, "RFC 9293");

#define TCP_FIN		   0x01
#define TCP_SYN		   0x02
#define TCP_RST		   0x04
#define TCP_PSH		   0x08
#define TCP_ACK		   0x10
#define TCP_URG		   0x20
#define TCP_ECE		   0x40
#define TCP_CWR		   0x80

#define TCP_OPT_END	   0
#define TCP_OPT_NOP	   1
#define TCP_OPT_MSS	   2
#define TCP_OPT_WSCALE	   3
#define TCP_OPT_SACK_OK	   4
#define TCP_OPT_SACK	   5
#define TCP_OPT_TIMESTAMPS 8
#define TCP_OPT_FASTOPEN   34
#define TCP_OPT_EXP	   254 /* fast open's first number, with this magic (RFC 7413, RFC 6994) */
#define TCP_EXP_FASTOPEN   0xf989

#define TCP_MAX_OPTIONS	   40
#define TCP_MAX_WSCALE	   14
#endif
