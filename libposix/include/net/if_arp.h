/*
 * net/if_arp.h - the address resolution protocol.
 */
#ifndef _NET_IF_ARP_H
#define _NET_IF_ARP_H

#include <features.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uapi/if_arp.h>
#include <uapi/sockios.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARPOP_REQUEST  1
#define ARPOP_REPLY    2
#define ARPOP_RREQUEST 3
#define ARPOP_RREPLY   4

/* Kinds of which no driver here is, that programs know the names of. */
#define ARPHRD_NETROM	  0
#define ARPHRD_EETHER	  2
#define ARPHRD_AX25	  3
#define ARPHRD_IEEE802	  6
#define ARPHRD_INFINIBAND 32
#define ARPHRD_SLIP	  256
#define ARPHRD_CSLIP	  257
#define ARPHRD_SLIP6	  258
#define ARPHRD_CSLIP6	  259
#define ARPHRD_PPP	  512
#define ARPHRD_HDLC	  513
#define ARPHRD_TUNNEL	  768
#define ARPHRD_TUNNEL6	  769
#define ARPHRD_SIT	  776
#define ARPHRD_IPGRE	  778
#define ARPHRD_IEEE80211  801

struct arphdr {
	uint16_t ar_hrd, ar_pro;
	uint8_t ar_hln, ar_pln;
	uint16_t ar_op;
};

#ifdef __cplusplus
}
#endif

#endif
