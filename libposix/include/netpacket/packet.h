/*
 * netpacket/packet.h - frames of a device: packet(7).
 */
#ifndef _NETPACKET_PACKET_H
#define _NETPACKET_PACKET_H

#include <features.h>
#include <uapi/if_packet.h>

#endif
