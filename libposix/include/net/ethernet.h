/*
 * net/ethernet.h - Ethernet's numbers.
 */
#ifndef _NET_ETHERNET_H
#define _NET_ETHERNET_H

#include <netinet/if_ether.h>

#endif
