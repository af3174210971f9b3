/*
 * What a frame says of the flow it belongs to: where its headers are, and a hash of addresses and
 * ports. For the device rooms, which do not speak the protocols: receive queues, joining and cutting
 * of segments. Nothing here is verified but that it lies within the bytes given.
 */
#ifndef DEV_FLOW_H
#define DEV_FLOW_H

#include <types.h>
#include <byteorder.h>
#include "dev/packet.h"

#define ETH_HEADER     14u
#define ETH_TYPE_IPV4  0x0800
#define ETH_TYPE_ARP   0x0806
#define ETH_TYPE_IPV6  0x86dd
#define PROTO_TCP      6
#define PROTO_UDP      17
#define TCP_HEADER_MIN 20u
#define TCP_CSUM       16 /* where the checksum is */
#define UDP_HEADER     8u
#define UDP_CSUM       6
#define TCP_FIN	       0x01
#define TCP_SYN	       0x02
#define TCP_RST	       0x04
#define TCP_PSH	       0x08
#define TCP_ACK	       0x10
#define TCP_URG	       0x20
#define TCP_CWR	       0x80

static inline u32 tcp_header_len(const u8 *th)
{
	return (th[12] >> 4) * 4u;
}

struct flow {
	u16 protocol; /* of the network layer: ETH_TYPE_* */
	u8 proto; /* of the transport; 0: none that is known, or a fragment */
	bool plain; /* IPv4 without options or IPv6 without extension headers, no fragment */
	u16 network, transport, payload; /* offsets; payload: behind all headers that are known */
	u32 hash; /* of addresses, and of ports if there are any */
};

/* Reads the n first bytes of a frame; ethernet: else it begins with IP. False: not IP, too short. */
bool flow_read(const u8 *frame, u32 n, bool ethernet, struct flow *f);
/* The hash of a packet to be sent, p->data at the link header; kept in it. */
u32 packet_flow(struct packet *p, bool ethernet);
/* The same hash of any packet whose network header is known; not kept. */
u32 packet_flow_network(const struct packet *p);
#endif
