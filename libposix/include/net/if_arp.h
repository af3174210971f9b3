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

#define ARPOP_REQUEST 1
#define ARPOP_REPLY   2
#ifndef ARPHRD_ETHER
#define ARPHRD_ETHER 1
#endif

struct arphdr {
	uint16_t ar_hrd, ar_pro;
	uint8_t ar_hln, ar_pln;
	uint16_t ar_op;
};

#ifdef __cplusplus
}
#endif

#endif
