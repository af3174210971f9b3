/* What devioctl.c and devioctl_route.c share; inet_ioctl is in inet.h. All may sleep. */
#ifndef NET_DEVIOCTL_H
#define NET_DEVIOCTL_H

#include "net/inet.h"

/* Requests about devices, of any socket whose protocol does not know them. -ENOTTY: none of these. */
long dev_ioctl(struct net *net, unsigned cmd, unsigned long arg);
long route4_ioctl(struct net *net, unsigned cmd, unsigned long arg); /* SIOCADDRT, SIOCDELRT */
long route6_ioctl(struct net *net, unsigned cmd, unsigned long arg);
long arp_ioctl(struct net *net, unsigned cmd, unsigned long arg); /* SIOC[GSD]ARP: arp(7) */
#endif
