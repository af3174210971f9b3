/*
 * uapi/if_arp.h - kinds of devices, as ARP numbers them (and some that have no ARP).
 */
#ifndef UAPI_IF_ARP_H
#define UAPI_IF_ARP_H

#define ARPHRD_ETHER	1
#define ARPHRD_LOOPBACK 772
#define ARPHRD_VOID	0xffff
#define ARPHRD_NONE	0xfffe

#endif
