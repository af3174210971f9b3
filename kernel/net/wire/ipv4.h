/*
 * The header of IPv4, RFC 791, and its options.
 */
#ifndef NET_WIRE_IPV4_H
#define NET_WIRE_IPV4_H

#include <types.h>
#include <compiler.h>

struct ipv4_header {
	u8 version_ihl; /* 4, and the length in words of 32 bits */
	u8 tos;
	be16 len; /* header and payload */
	be16 id;
	be16 frag; /* IPV4_DF, IPV4_MF, and the offset in units of 8 bytes */
	u8 ttl;
	u8 proto;
	be16 sum;
	be32 src, dst;
} __packed __aligned(2);

#define IPV4_DF		  0x4000u
#define IPV4_MF		  0x2000u
#define IPV4_OFFSET	  0x1fffu
#define IPV4_MAX_OPTIONS  40

#define IPV4_OPT_END	  0
#define IPV4_OPT_NOP	  1
#define IPV4_OPT_RR	  7 /* record route */
#define IPV4_OPT_TS	  68 /* timestamp */
#define IPV4_OPT_SECURITY 130
#define IPV4_OPT_LSRR	  131 /* loose, strict source route */
#define IPV4_OPT_CIPSO	  134
#define IPV4_OPT_SSRR	  137
#define IPV4_OPT_RA	  148 /* router alert, RFC 2113 */
#define IPV4_OPT_COPIED	  0x80 /* goes into every fragment */

static_assert(sizeof(struct ipv4_header) == 20, "IPv4's header");
static_assert(offsetof(struct ipv4_header, src) == 12, "IPv4's header");
#endif
