/* netinet/udp.h - the options of UDP: udp(7). */
#ifndef _NETINET_UDP_H
#define _NETINET_UDP_H

#include <features.h>
#include <stdint.h>
#include <uapi/udp.h>

/* The header of a datagram (RFC 768), under the BSDs' names and Linux's. */
struct udphdr {
	union {
		struct {
			uint16_t uh_sport, uh_dport, uh_ulen, uh_sum;
		};
		struct {
			uint16_t source, dest, len, check;
		};
	};
};

#define SOL_UDP 17

#endif
