/*
 * netinet/ip_icmp.h - control messages: RFC 792.
 */
#ifndef _NETINET_IP_ICMP_H
#define _NETINET_IP_ICMP_H

#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdint.h>
#include <uapi/icmp.h>

#endif
