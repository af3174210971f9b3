/* Addresses from the command line (ip=), once the devices are there. Task context; sleeps. */
#ifndef NET_IPCONFIG_H
#define NET_IPCONFIG_H

#include <types.h>

struct net;
void ipconfig(struct net *net);
extern be32 ipconfig_dns[2]; /* [boot] name servers it names; 0: none */
#endif
