/*
 * The kernel around virtio-net in its tests (test_virtio_net_kernel.c).
 */
#ifndef TEST_VIRTIO_NET_H
#define TEST_VIRTIO_NET_H

#include "dev/netdev.h"
#include "test_virtio.h"

extern unsigned pages_live, packets_live; /* since net_model_reset */
extern unsigned nr_harts;
extern bool no_pages; /* there are none to be had */
extern struct netdev device; /* the one that the driver made */
extern struct netdev_stats stats;
extern bool registered;
extern struct packet *got[512]; /* what was received, in order */
extern unsigned nr_got;
extern void (*on_got)(void); /* called for each; NULL: nothing is */
extern unsigned device_events[8]; /* how many, by enum netdev_event */

void pool_init(void); /* once */
void net_model_reset(void);
void net_model_forget_work(void); /* what is queued for the network contexts */
#endif
