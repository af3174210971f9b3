/*
 * IPv6 on the wire: its header and extension headers (RFC 8200), ICMPv6 (RFC 4443), neighbour
 * discovery (RFC 4861, 4862), MLD (RFC 2710, 3810). Addresses are bytes, since frames are aligned
 * to 2 only.
 */
#ifndef NET_WIRE_IPV6_H
#define NET_WIRE_IPV6_H

#include <types.h>
#include <compiler.h>

struct ipv6_header {
	be32 flow; /* version 6, traffic class, flow label */
	be16 payload; /* bytes behind this header */
	u8 next, hops;
	u8 src[16], dst[16];
} __packed __aligned(2);

#define IPV6_HLEN    40
#define IPV6_MIN_MTU 1280

/* Hop-by-hop, destination options and routing headers begin so; len in units of 8 beyond 8. */
struct ipv6_ext {
	u8 next, len;
	u8 data[6];
} __packed;

struct ipv6_frag {
	u8 next, reserved;
	be16 off; /* in units of 8 << 3; IPV6_MF */
	be32 id;
} __packed __aligned(2);
#define IPV6_MF		      1u
#define IPV6_FRAG_OFF	      0xfff8u

#define IPV6_TLV_PAD1	      0
#define IPV6_TLV_PADN	      1
#define IPV6_TLV_ROUTER_ALERT 5
#define IPV6_TLV_JUMBO	      194

struct icmp6_header {
	u8 type, code;
	be16 sum;
	union {
		be32 rest; /* MTU, pointer, the flags of an advertisement */
		struct {
			be16 id, seq;
		} echo;
	};
} __packed __aligned(2);

enum {
	ICMP6_DST_UNREACH = 1,
	ICMP6_PACKET_TOO_BIG,
	ICMP6_TIME_EXCEEDED,
	ICMP6_PARAM_PROB,
	ICMP6_INFO = 128, /* from here on no errors */
	ICMP6_ECHO_REQUEST = 128,
	ICMP6_ECHO_REPLY,
	MLD_QUERY,
	MLD_REPORT,
	MLD_DONE,
	ND_ROUTER_SOLICIT,
	ND_ROUTER_ADVERT,
	ND_NEIGHBOR_SOLICIT,
	ND_NEIGHBOR_ADVERT,
	ND_REDIRECT,
	MLD2_REPORT = 143,
};
/* Codes of ICMP6_DST_UNREACH, _TIME_EXCEEDED, _PARAM_PROB. */
enum { UNREACH6_NOROUTE, UNREACH6_ADMIN, UNREACH6_SCOPE, UNREACH6_ADDR, UNREACH6_PORT };
enum { EXCEED6_HOPS, EXCEED6_REASSEMBLY };
enum { PARAM6_HEADER, PARAM6_NEXT_HEADER, PARAM6_OPTION, PARAM6_CHAIN };

/* Neighbour solicitation and advertisement; options follow. */
struct nd_neighbor {
	struct icmp6_header icmp;
	u8 target[16];
} __packed __aligned(2);
#define ND_ADVERT_ROUTER    0x80000000u /* in the advertisement's icmp.rest */
#define ND_ADVERT_SOLICITED 0x40000000u
#define ND_ADVERT_OVERRIDE  0x20000000u

struct nd_router_advert {
	u8 type, code;
	be16 sum;
	u8 hop_limit;
	u8 flags; /* managed 0x80, other 0x40, preference 0x18 (RFC 4191) */
	be16 lifetime; /* seconds; 0: no default router */
	be32 reachable, retrans; /* ms; 0: not said */
} __packed __aligned(2);

struct nd_redirect {
	struct icmp6_header icmp;
	u8 target[16], dst[16];
} __packed __aligned(2);

enum {
	ND_OPT_SOURCE_MAC = 1,
	ND_OPT_TARGET_MAC,
	ND_OPT_PREFIX,
	ND_OPT_REDIRECTED,
	ND_OPT_MTU,
	ND_OPT_NONCE = 14,
	ND_OPT_ROUTE = 24,
	ND_OPT_RDNSS,
};
struct nd_opt {
	u8 type, len; /* len in units of 8, this header included */
	u8 data[6];
} __packed;
struct nd_opt_prefix {
	u8 type, len, prefix_len;
	u8 flags; /* on-link 0x80, autonomous 0x40 */
	be32 valid, preferred, reserved;
	u8 prefix[16];
} __packed __aligned(2);

struct mld_header {
	struct icmp6_header icmp; /* rest: the maximum response code, in its first half */
	u8 group[16];
} __packed __aligned(2);
/* What a query of MLDv2 has more. */
struct mld2_query {
	u8 s_qrv, qqic;
	be16 nr_sources;
} __packed __aligned(2);
struct mld2_record {
	u8 type, aux_len;
	be16 nr_sources;
	u8 group[16];
} __packed __aligned(2);
enum {
	MLD2_IS_INCLUDE = 1,
	MLD2_IS_EXCLUDE,
	MLD2_TO_INCLUDE,
	MLD2_TO_EXCLUDE,
	MLD2_ALLOW,
	MLD2_BLOCK
};

static_assert(sizeof(struct ipv6_header) == 40, "IPv6's header");
static_assert(sizeof(struct ipv6_frag) == 8, "IPv6's fragment header");
static_assert(sizeof(struct icmp6_header) == 8, "ICMPv6's header");
static_assert(sizeof(struct nd_neighbor) == 24, "a neighbour solicitation");
static_assert(sizeof(struct nd_router_advert) == 16, "a router advertisement");
static_assert(sizeof(struct nd_redirect) == 40, "a redirect");
static_assert(sizeof(struct nd_opt_prefix) == 32, "the prefix option");
static_assert(sizeof(struct mld_header) == 24, "MLD's header");
static_assert(sizeof(struct mld2_record) == 20, "MLDv2's record");
#endif
