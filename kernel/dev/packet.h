/*
 * Packet buffers: one frame on its way through the machine, handed from room to room without a
 * copy of its payload. The first bytes, where headers are, are linear, with headroom before them;
 * what follows may lie in pages, each with a reference.
 *
 *	head      data               tail   end
 *	|headroom |linear bytes ......|room  |   then frag[0], frag[1], ...; then the packets of `more`
 *
 * A packet has one owner, so it needs no lock. Who wants a second one clones: pages are shared
 * (and from then on read-only for both), the linear part is copied.
 */
#ifndef DEV_PACKET_H
#define DEV_PACKET_H

#include <types.h>
#include "alloc/page.h"
#include "lib/list.h"

struct netdev;
struct socket;
struct iter;

#define PACKET_MAX_FRAGS 17 /* 64 KiB in pages, not aligned */
/* What is kept free before the payload: link, IPv6 and its options, TCP and its options. */
#define PACKET_HEADROOM 192

struct packet_frag {
	struct page *page;
	u32 off, len;
};

/* What is known of the checksum of the transport header. */
enum packet_csum {
	CSUM_NONE, /* receive: to be verified; send: is in the packet */
	CSUM_VERIFIED, /* receive: somebody vouches for it (the device, the loopback) */
	/*
	 * The sum of the pseudo header stands in it: finish from csum_start on. One that is received
	 * so never was on a wire: as good as verified.
	 */
	CSUM_PARTIAL,
};

enum packet_gso { GSO_NONE, GSO_TCP4, GSO_TCP6, GSO_UDP };

/*
 * Pages that a program lent (MSG_ZEROCOPY of send(2)), and may write to at any time: the last packet
 * that refers to them gives them back.
 */
struct packet_loan {
	atomic_t refs; /* packets, and who makes it */
	bool copied; /* [w] some of it was copied after all */
	void (*done)(struct packet_loan *l); /* the last one went, where packet_free may be called */
};

/* Times of a packet's way that its sender asks for: SO_TIMESTAMPING of socket(7). */
#define PACKET_STAMP_SCHED 1 /* given to the device's queue */
#define PACKET_STAMP_SENT  2 /* given to the device */
#define PACKET_STAMP_ACK   4 /* TCP: all of it was acknowledged */

/* PACKET_HOST ... of packet(7): whom a received frame was for. */
enum packet_for { FOR_HOST, FOR_BROADCAST, FOR_MULTICAST, FOR_OTHER, FOR_OUTGOING };

struct packet {
	struct list_head link; /* in its owner's queue */
	struct netdev *dev; /* received by, or to be sent by; referenced as long as the packet is */
	u8 *head, *data, *tail, *end;
	u32 len; /* bytes in all: linear, frags, more */
	u16 nr_frags;
	u8 csum; /* enum packet_csum */
	u8 gso; /* enum packet_gso */
	u16 gso_size; /* payload bytes a segment */
	u16 gso_segs;
	u16 csum_start, csum_offset; /* from head; from csum_start: CSUM_PARTIAL */
	u16 mac, network, transport; /* where the headers begin, from head; 0 not known */
	u16 protocol; /* ETH_P_*, host order */
	u8 whom; /* enum packet_for */
	u8 priority;
	bool flow_hashed;
	u32 flow; /* a hash of addresses and ports, if flow_hashed */
	u32 mark;
	u64 stamp; /* now_real() ns at receipt or sending; 0 not taken */
	/* Whose buffer it counts against, and what gives the charge back when it is freed. */
	struct socket *sk;
	u32 charged; /* bytes: what it takes of memory, packet_truesize when it was charged */
	void (*uncharge)(struct packet *p);
	u32 stamp_key; /* by what sk is told of its stamps */
	u8 stamps; /* PACKET_STAMP_*: of what its sk is still to be told (net_stamp) */
	struct packet_loan *loan; /* a program lent its pages; a reference. NULL: they are ours */
	struct packet *more; /* GRO: packets whose payload follows; next by their `more` */
	u8 cb[72] __aligned(8); /* the owner's own */
	struct packet_frag frag[PACKET_MAX_FRAGS]; /* nr_frags are valid */
};

void packet_init(void); /* at boot, before any of the others */
/* A packet with an empty linear part: headroom, and room for n bytes after it; its cb is zero. NULL: no memory. */
struct packet *packet_alloc(u32 headroom, u32 n);
void packet_free(struct packet *p); /* NULL allowed. Any context without interrupts off */
void packet_free_list(struct list_head *list); /* all of a queue, by their link */
struct packet *packet_clone(const struct packet *p); /* without owner and charge; NULL */
void packet_set_dev(struct packet *p, struct netdev *d); /* and its reference; NULL: none */
/* The headers' places of `from` for `to`, whose linear part has them so many bytes further on. */
void packet_set_offsets(struct packet *to, const struct packet *from, s32 moved);
/* to refers to pages of from: it has a share of the loan. */
static inline void packet_share_loan(struct packet *to, const struct packet *from)
{
	to->loan = from->loan;
	if (to->loan)
		atomic_inc(&to->loan->refs);
}
/* to, one of the pieces of from, is what stands for it: in its sender's buffer, and for stamps. */
static inline void packet_hand_over(struct packet *to, struct packet *from)
{
	to->sk = from->sk;
	to->charged = from->charged;
	to->uncharge = from->uncharge;
	to->stamps = from->stamps;
	to->stamp_key = from->stamp_key;
	from->uncharge = NULL;
	from->sk = NULL;
}
void packet_loan_put(struct packet_loan *l); /* NULL allowed */
/* From here on the bytes do not change: what is lent is copied. false: no memory. */
bool packet_own(struct packet *p);
/* Memory it takes, for socket buffers' limits. */
u32 packet_truesize(const struct packet *p);

static inline u32 packet_linear(const struct packet *p)
{
	return (u32)(p->tail - p->data);
}
static inline u32 packet_headroom(const struct packet *p)
{
	return (u32)(p->data - p->head);
}
static inline u32 packet_tailroom(const struct packet *p)
{
	return (u32)(p->end - p->tail);
}
/* n more bytes before the data; there must be headroom (packet_need_headroom). */
static inline void *packet_push(struct packet *p, u32 n)
{
	p->len += n;
	return p->data -= n;
}
/* n more bytes at the end of the linear part; there must be room, and no frags. */
static inline void *packet_put(struct packet *p, u32 n)
{
	u8 *at = p->tail;

	p->len += n;
	p->tail += n;
	return at;
}
/* The first n bytes in one piece at p->data (from frags if need be), or NULL: too short, no memory. */
void *packet_pull_up(struct packet *p, u32 n);
/* n bytes off the front: linear ones first, then frags. n <= p->len. */
void packet_drop_front(struct packet *p, u32 n);
void packet_trim(struct packet *p, u32 len); /* to len bytes, if longer */
bool packet_need_headroom(struct packet *p, u32 n); /* false: no memory */
/* Adds a piece of a page and takes over the reference. false: no more frags. */
bool packet_add_frag(struct packet *p, struct page *page, u32 off, u32 len);

static inline u8 *packet_mac(const struct packet *p)
{
	return p->head + p->mac;
}
static inline void *packet_network(const struct packet *p)
{
	return p->head + p->network;
}
static inline void *packet_transport(const struct packet *p)
{
	return p->head + p->transport;
}

/* Copies n bytes at off out of it; they must be there. */
void packet_read(const struct packet *p, u32 off, void *dst, u32 n);
/* To a reader's memory, from off on; bytes copied, short at a fault. May sleep. */
size_t packet_copy_to_iter(const struct packet *p, u32 off, struct iter *it, size_t n);
/* The same for a stream: pages are given, where the reader collects them; then it may be less. */
size_t packet_give_to_iter(const struct packet *p, u32 off, struct iter *it, size_t n);
/*
 * Appends n bytes from a writer's memory, in pages (the last frag's page is filled first, if
 * the packet alone has it). 0, or what it ended at: -EFAULT, -ENOBUFS, -EMSGSIZE (no more frags). May
 * sleep.
 */
int packet_append_iter(struct packet *p, struct iter *it, size_t n);

/*
 * The same with a loan: refers to the writer's pages. Bytes; short at a fault or without frags.
 */
size_t packet_lend_iter(struct packet *p, struct iter *it, size_t n);

/* What it is made of, piece by piece from byte off on; it must not change meanwhile. */
struct packet_walk {
	const struct packet *p;
	unsigned piece; /* 0: the linear part; the next one */
	u32 skip;
};
void packet_walk_start(struct packet_walk *w, const struct packet *p, u32 off);
bool packet_walk_next(struct packet_walk *w, u8 **at, u32 *n); /* false: that was all */

/*
 * Checksums: sums are of 16-bit words as they lie in memory, 32 bits wide with the carries kept;
 * csum_fold makes of one what is stored in a header as it is (get_le16, put_le16, or a be16 field).
 */
static inline u32 csum_add(u32 a, u32 b)
{
	a += b;
	return a + (a < b);
}
static inline u16 csum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16) ~((sum & 0xffff) + (sum >> 16));
}
u32 csum_bytes(const void *p, size_t n, u32 sum);
/* The sum of the pseudo header of n bytes of proto behind this IPv4 or IPv6 header. */
u32 csum_pseudo(const void *ip, u8 proto, u32 n);
/* The Internet checksum (RFC 1071) of n bytes at off, added to sum; not folded. */
u32 packet_sum(const struct packet *p, u32 off, u32 n, u32 sum);
bool packet_finish_csum(struct packet *p); /* CSUM_PARTIAL made whole; false: no memory */
/*
 * Cuts a GSO packet (p->network and p->transport are known) into frames of its gso_size, headers
 * and all, onto list; they share its pages and are CSUM_PARTIAL. The last one has its charge. p is
 * freed in all cases. 0, -ENOMEM, -EINVAL (headers that are not what gso says).
 */
int packet_segment(struct packet *p, struct list_head *list);
#endif
