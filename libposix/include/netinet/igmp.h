/*
 * netinet/igmp.h - the Internet Group Management Protocol, versions 1 and 2 (RFC 2236).
 */
#ifndef _NETINET_IGMP_H
#define _NETINET_IGMP_H

#include <netinet/in.h>
#include <stdint.h>

struct igmp {
	uint8_t igmp_type;
	uint8_t igmp_code; /* of a query: tenths of a second to answer in */
	uint16_t igmp_cksum;
	struct in_addr igmp_group;
};

#define IGMP_MINLEN		   8

#define IGMP_MEMBERSHIP_QUERY	   0x11
#define IGMP_V1_MEMBERSHIP_REPORT  0x12
#define IGMP_DVMRP		   0x13
#define IGMP_PIM		   0x14
#define IGMP_TRACE		   0x15
#define IGMP_V2_MEMBERSHIP_REPORT  0x16
#define IGMP_V2_LEAVE_GROUP	   0x17
#define IGMP_MTRACE_RESP	   0x1e
#define IGMP_MTRACE		   0x1f

#define IGMP_MAX_HOST_REPORT_DELAY 10 /* seconds */

#endif
