/*
 * Between netdev.c and gro.c: the two halves of netdev_receive.
 */
#ifndef DEV_GRO_H
#define DEV_GRO_H

#include "dev/packet.h"

bool netdev_count_received(struct packet *p); /* false: the device is down, and p is gone */
void netdev_deliver(struct packet *p); /* reads its link header and hands it on */
#endif
