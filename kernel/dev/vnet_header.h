/*
 * The header that virtio-net (virtio 1.2, 5.1.6) and TAP devices (IFF_VNET_HDR) put before a frame:
 * what is left to do of its checksum, and of its segments.
 */
#ifndef DEV_VNET_HEADER_H
#define DEV_VNET_HEADER_H

#include "dev/packet.h"

/* Little-endian. TAP's is the first ten bytes of it by default. */
struct vnet_header {
	u8 flags, gso_type;
	u16 hdr_len, gso_size, csum_start, csum_offset, num_buffers;
};
static_assert(sizeof(struct vnet_header) == 12, "virtio 5.1.6");

/*
 * Puts what h says into p, a frame that has arrived, whose headers are linear. False: it makes no
 * sense, and the frame is to be dropped. ethernet: else it begins with IP.
 */
bool vnet_header_apply(struct packet *p, const struct vnet_header *h, bool ethernet);
/* The header of a frame to be sent. ecn: the receiver knows of segments with CWR. */
void vnet_header_of(const struct packet *p, bool ecn, struct vnet_header *h);
#endif
