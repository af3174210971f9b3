/*
 * ICMP, RFC 792, and IGMP, RFC 1112, 2236 and 3376, which share their head.
 */
#ifndef NET_WIRE_ICMP_H
#define NET_WIRE_ICMP_H

#include <types.h>
#include <compiler.h>

struct icmp_header {
	u8 type, code;
	be16 sum;
	union {
		struct {
			be16 id, seq; /* echo, timestamp */
		} echo;
		struct {
			be16 unused, mtu; /* fragmentation needed, RFC 1191 */
		} frag;
		be32 gateway; /* redirect */
		u8 pointer; /* parameter problem */
		be32 rest;
	};
} __packed __aligned(2);

struct igmp_header {
	u8 type, max_resp;
	be16 sum;
	be32 group;
} __packed __aligned(2);

/* A query of IGMPv3 (RFC 3376, 4.1): what follows the above. */
struct igmp3_query {
	u8 s_qrv, qqic;
	be16 nr_sources;
	be32 sources[];
} __packed __aligned(2);

struct igmp3_record {
	u8 type, aux_len;
	be16 nr_sources;
	be32 group;
	be32 sources[];
} __packed __aligned(2);

/* A report of version 3: its group word is two halves. */
struct igmp3_report {
	u8 type, unused;
	be16 sum;
	be16 unused2, nr_records;
} __packed __aligned(2);

#define IGMP_QUERY     0x11
#define IGMP_V1_REPORT 0x12
#define IGMP_V2_REPORT 0x16
#define IGMP_V2_LEAVE  0x17
#define IGMP_V3_REPORT 0x22

static_assert(sizeof(struct icmp_header) == 8, "ICMP's header");
static_assert(sizeof(struct igmp_header) == 8, "IGMP's header");
static_assert(sizeof(struct igmp3_record) == 8, "IGMPv3's record");
#endif
