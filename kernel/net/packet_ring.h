/* Inside of the rings of packet sockets: packet_ring.c and packet_blocks.c. */
#ifndef NET_PACKET_RING_H
#define NET_PACKET_RING_H

#include "alloc/page.h"
#include "net/packet.h"

struct vmobject;

struct packet_ring {
	struct vmobject *obj; /* [I] referenced; every page is there */
	struct page **pages; /* [I] referenced */
	u64 nr_pages; /* [I] */
	u32 block_size, frame_size, frames_per_block, frames; /* [I] */
	u32 head; /* [q] the next frame to fill; [s] of a ring that sends: to send */
	u32 reserve; /* [I] */
	int version; /* [I] TPACKET_V* */
	bool raw; /* [I] frames have their link header */
	bool vnet; /* [I] and the header of PACKET_VNET_HDR before it */
	struct packet_sock *ps; /* [I] referenced by the timer */
	atomic_t users; /* of a ring that sends: the socket, and who is sending from it */
	/* Of TPACKET_V3. */
	struct net_timer timer; /* gives a block that is not full to the program */
	u64 timeout; /* [I] ns */
	u32 blocks, priv, features; /* [I] */
	u32 block; /* [q] the one that is being filled */
	u32 next, last; /* [q] in it: where the next frame goes, where the last one is */
	u32 in_block; /* [q] frames in it */
	u32 timed; /* [q] the block that the timer saw when it was set */
	u64 seq; /* [q] of the next block */
	bool frozen; /* [q] the program has all blocks */
	bool dead; /* [q] no socket has it any more */
};

static inline void *packet_ring_at(const struct packet_ring *r, u64 off)
{
	return (u8 *)page_to_virt(r->pages[off / PAGE_SIZE]) + off % PAGE_SIZE;
}
void packet_ring_write(struct packet_ring *r, u64 off, const void *src, u32 n);
void packet_ring_copy(struct packet_ring *r, u64 to, const struct packet *p, u32 off, u32 n);
/* Where the frame and its network header go behind a header of so many bytes; false: too far. */
bool packet_ring_place(const struct packet_ring *r, u32 header, const struct packet_seen *seen,
		       u32 *mac, u32 *net);
void packet_ring_vnet(struct packet_ring *r, u64 frame_at,
		      const struct packet *p); /* if it is asked for */
u64 packet_ring_frame(const struct packet_ring *r, u32 i); /* where it is */
void packet_ring_read(const struct packet_ring *r, u64 off, void *dst, u32 n);
void packet_ring_last(struct packet_ring *r); /* the timer was the last to know it */

/* --- packet_blocks.c --- */
/* Where frames begin in a block whose program keeps priv bytes at its start. */
static inline u64 packet_block_start(u64 priv)
{
	return sizeof(struct tpacket_block_desc) + ((priv + 7) & ~7UL);
}
void packet_blocks_start(struct packet_ring *r, struct packet_sock *ps,
			 const struct tpacket_req3 *q);
bool packet_blocks_stop(struct packet_ring *r); /* false: its timer ends it */
bool packet_blocks_put(struct packet_ring *r, struct packet *p, u32 off, u32 n,
		       const struct packet_seen *seen);
bool packet_blocks_ready(const struct packet_ring *r);
bool packet_blocks_room(const struct packet_ring *r);
#endif
