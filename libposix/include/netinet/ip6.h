/*
 * netinet/ip6.h - the header of IPv6: RFC 8200.
 */
#ifndef _NETINET_IP6_H
#define _NETINET_IP6_H

#include <netinet/in.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ip6_hdr {
	union {
		struct ip6_hdrctl {
			uint32_t ip6_un1_flow;
			uint16_t ip6_un1_plen;
			uint8_t ip6_un1_nxt, ip6_un1_hlim;
		} ip6_un1;
		uint8_t ip6_un2_vfc;
	} ip6_ctlun;
	struct in6_addr ip6_src, ip6_dst;
};
#define ip6_vfc	 ip6_ctlun.ip6_un2_vfc
#define ip6_flow ip6_ctlun.ip6_un1.ip6_un1_flow
#define ip6_plen ip6_ctlun.ip6_un1.ip6_un1_plen
#define ip6_nxt	 ip6_ctlun.ip6_un1.ip6_un1_nxt
#define ip6_hlim ip6_ctlun.ip6_un1.ip6_un1_hlim
#define ip6_hops ip6_hlim

/* Extension headers, section 4; lengths in units of eight bytes, without the first eight. */
struct ip6_ext {
	uint8_t ip6e_nxt, ip6e_len;
};

struct ip6_hbh {
	uint8_t ip6h_nxt, ip6h_len;
};

struct ip6_dest {
	uint8_t ip6d_nxt, ip6d_len;
};

struct ip6_rthdr {
	uint8_t ip6r_nxt, ip6r_len, ip6r_type, ip6r_segleft;
};

struct ip6_rthdr0 {
	uint8_t ip6r0_nxt, ip6r0_len, ip6r0_type, ip6r0_segleft;
	uint32_t ip6r0_reserved; /* the addresses follow */
};

struct ip6_frag {
	uint8_t ip6f_nxt, ip6f_reserved;
	uint16_t ip6f_offlg;
	uint32_t ip6f_ident;
};
#define IP6F_OFF_MASK	   0xf8ff /* in the network's order */
#define IP6F_RESERVED_MASK 0x0600
#define IP6F_MORE_FRAG	   0x0100

struct ip6_opt {
	uint8_t ip6o_type, ip6o_len;
};
#define IP6OPT_TYPE(o)	      ((o)&0xc0)
#define IP6OPT_TYPE_SKIP      0x00
#define IP6OPT_TYPE_DISCARD   0x40
#define IP6OPT_TYPE_FORCEICMP 0x80
#define IP6OPT_TYPE_ICMP      0xc0
#define IP6OPT_TYPE_MUTABLE   0x20
#define IP6OPT_PAD1	      0
#define IP6OPT_PADN	      1
#define IP6OPT_JUMBO	      0xc2
#define IP6OPT_JUMBO_LEN      6
#define IP6OPT_ROUTER_ALERT   5

#ifdef __cplusplus
}
#endif

#endif
