/*
 * Ethernet frames (IEEE 802.3, RFC 894): the header in front of every packet of an Ethernet device.
 */
#ifndef NET_WIRE_ETH_H
#define NET_WIRE_ETH_H

#include <types.h>
#include <compiler.h>

#define ETH_ALEN    6
#define ETH_HLEN    14
#define ETH_P_LOOP  0x0060
#define ETH_P_IP    0x0800
#define ETH_P_ARP   0x0806
#define ETH_P_IPV6  0x86dd
#define ETH_P_ALL   0x0003
#define ETH_P_802_3 0x0001

/* ARPHRD_* of netdevice(7). */
#define ARPHRD_ETHER	1
#define ARPHRD_LOOPBACK 772
#define ARPHRD_NONE	0xfffe

struct eth_header {
	u8 dst[ETH_ALEN], src[ETH_ALEN];
	be16 type;
} __packed;

static_assert(sizeof(struct eth_header) == ETH_HLEN, "Ethernet's header");
#endif
