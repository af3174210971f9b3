/* netinet/udp.h - the options of UDP: udp(7). */
#ifndef _NETINET_UDP_H
#define _NETINET_UDP_H

#include <uapi/udp.h>

#endif
