/*
 * netinet/if_ether.h - Ethernet: addresses, types and frames.
 */
#ifndef _NETINET_IF_ETHER_H
#define _NETINET_IF_ETHER_H

#include <features.h>
#include <net/if_arp.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ETH_ALEN      6
#define ETH_HLEN      14
#define ETH_ZLEN      60
#define ETH_DATA_LEN  1500
#define ETH_FRAME_LEN 1514
#if __MISC_VISIBLE
#define ETHER_ADDR_LEN ETH_ALEN
#define ETHER_HDR_LEN  ETH_HLEN
#define ETHERMTU       ETH_DATA_LEN
#endif
#define ETH_P_LOOP  0x0060
#define ETH_P_IP    0x0800
#define ETH_P_ARP   0x0806
#define ETH_P_8021Q 0x8100
#define ETH_P_IPV6  0x86dd
#define ETH_P_ALL   0x0003
#if __MISC_VISIBLE
#define ETHERTYPE_IP   ETH_P_IP
#define ETHERTYPE_ARP  ETH_P_ARP
#define ETHERTYPE_IPV6 ETH_P_IPV6
#define ETHERTYPE_VLAN ETH_P_8021Q
#endif

struct ethhdr {
	uint8_t h_dest[ETH_ALEN];
	uint8_t h_source[ETH_ALEN];
	uint16_t h_proto;
};

#if __MISC_VISIBLE
struct ether_addr {
	uint8_t ether_addr_octet[ETH_ALEN];
};

struct ether_header {
	uint8_t ether_dhost[ETH_ALEN];
	uint8_t ether_shost[ETH_ALEN];
	uint16_t ether_type;
};

struct ether_arp {
	struct arphdr ea_hdr;
	uint8_t arp_sha[ETH_ALEN];
	uint8_t arp_spa[4];
	uint8_t arp_tha[ETH_ALEN];
	uint8_t arp_tpa[4];
};
#define arp_hrd ea_hdr.ar_hrd
#define arp_pro ea_hdr.ar_pro
#define arp_hln ea_hdr.ar_hln
#define arp_pln ea_hdr.ar_pln
#define arp_op	ea_hdr.ar_op
#endif

#ifdef __cplusplus
}
#endif

#endif
