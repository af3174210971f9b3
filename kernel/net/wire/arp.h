/*
 * ARP for IPv4 over Ethernet, RFC 826.
 */
#ifndef NET_WIRE_ARP_H
#define NET_WIRE_ARP_H

#include <types.h>
#include <compiler.h>

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_packet {
	be16 hardware, protocol; /* ARPHRD_ETHER, ETH_P_IP */
	u8 hardware_len, protocol_len; /* 6, 4 */
	be16 op;
	u8 sender_mac[6];
	be32 sender;
	u8 target_mac[6];
	be32 target;
} __packed;

static_assert(sizeof(struct arp_packet) == 28, "ARP's packet");
#endif
