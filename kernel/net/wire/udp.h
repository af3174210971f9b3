/*
 * The header of UDP, RFC 768.
 */
#ifndef NET_WIRE_UDP_H
#define NET_WIRE_UDP_H

#include <types.h>
#include <compiler.h>

struct udp_header {
	be16 src, dst;
	be16 len; /* header and payload; 0 in a jumbogram */
	be16 sum; /* 0: none */
} __packed __aligned(2);

static_assert(sizeof(struct udp_header) == 8, "UDP's header");
#endif
