/*
 * The ring of a packet socket (packet(7), PACKET_RX_RING and PACKET_TX_RING, of which it has one): memory
 * that the program maps. packet_send.c sends what it has put there. For what comes TPACKET_V1 and V2 have
 * frames of one size, each the kernel's or the program's by its tp_status. TPACKET_V3 (packet_blocks.c)
 * fills whole blocks with frames of any size. Blocks are only arithmetic here: pages need not lie side
 * by side.
 *
 * Locks: [q] the socket's queue_lock. [I] does not change.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "dev/vnet_header.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/vmobject.h"
#include "net/packet_ring.h"

#define MAX_BYTES (256UL << 20)
/* Bytes before the address of a frame, of either version. */
#define HEAD TPACKET_ALIGN(sizeof(struct tpacket2_hdr))
static_assert(HEAD == TPACKET_ALIGN(sizeof(struct tpacket_hdr)), "V1's head is as long as V2's");

static void destroy(struct packet_ring *r)
{
	for (u64 i = 0; r->pages && i < r->nr_pages; i++)
		if (r->pages[i])
			page_put(r->pages[i]);
	kfree(r->pages);
	if (r->obj)
		vmobject_put(r->obj);
	kfree(r);
}

void packet_ring_free(struct packet_ring *r)
{
	/* The timer of the blocks may be about to run: then it does this. */
	if (r && (r->version != TPACKET_V3 || packet_blocks_stop(r)))
		destroy(r);
}

void packet_ring_last(struct packet_ring *r)
{
	destroy(r);
}

static int check(const struct packet_sock *ps, const struct tpacket_req3 *q)
{
	bool blocks = ps->version == TPACKET_V3;
	u64 least = (blocks ? TPACKET3_HDRLEN : TPACKET2_HDRLEN) + (u64)ps->reserve;
	u32 per_block;

	if ((int)q->tp_block_size <= 0 || q->tp_block_size % PAGE_SIZE ||
	    q->tp_frame_size < least || q->tp_frame_size % TPACKET_ALIGNMENT)
		return -EINVAL;
	if (blocks && q->tp_block_size < packet_block_start(q->tp_sizeof_priv) + least)
		return -EINVAL;
	per_block = q->tp_block_size / q->tp_frame_size;
	if (!per_block || (u64)per_block * q->tp_block_nr != q->tp_frame_nr)
		return -EINVAL;
	return (u64)q->tp_block_size * q->tp_block_nr > MAX_BYTES ? -ENOMEM : 0;
}

static struct packet_ring *create(struct packet_sock *ps, const struct tpacket_req3 *q, bool sends)
{
	struct packet_ring *r = kzalloc(sizeof(*r), 0);
	u64 bytes = (u64)q->tp_block_size * q->tp_block_nr;

	if (!r)
		return NULL;
	r->nr_pages = bytes / PAGE_SIZE;
	r->block_size = q->tp_block_size;
	r->frame_size = q->tp_frame_size;
	r->frames_per_block = q->tp_block_size / q->tp_frame_size;
	r->frames = q->tp_frame_nr;
	r->reserve = ps->reserve;
	r->vnet = ps->vnet;
	r->raw = ps->sk.type == SOCK_RAW;
	r->version = ps->version;
	r->ps = ps;
	r->pages = kcalloc(r->nr_pages, sizeof(*r->pages));
	r->obj = vmobject_create_anon(bytes);
	if (!r->pages || !r->obj)
		goto out_free;
	for (u64 i = 0; i < r->nr_pages; i++) {
		struct page *page = vmobject_page(r->obj, i);

		if (IS_ERR(page))
			goto out_free;
		r->pages[i] = page;
	}
	atomic_set(&r->users, 1);
	if (r->version == TPACKET_V3 && !sends)
		packet_blocks_start(r, ps, q);
	return r;

out_free:
	destroy(r);
	return NULL;
}

void packet_ring_put_sender(struct packet_ring *r)
{
	if (r && atomic_dec_and_test(&r->users))
		destroy(r);
}

int packet_ring_set(struct packet_sock *ps, const struct tpacket_req3 *req, bool sends)
{
	struct packet_ring **place = sends ? &ps->sends : &ps->ring, *r = NULL, *old;
	int err;

	if (req->tp_block_nr) {
		if (*place)
			return -EBUSY;
		if (ps->ring || ps->sends)
			return -EOPNOTSUPP;
		err = check(ps, req);
		if (err)
			return err;
		if (sends &&
		    (req->tp_retire_blk_tov || req->tp_sizeof_priv || req->tp_feature_req_word))
			return -EINVAL;
		r = create(ps, req, sends);
		if (!r)
			return -ENOMEM;
	} else if (req->tp_frame_nr) {
		return -EINVAL;
	}
	spin_lock(&ps->queue_lock);
	old = *place;
	WRITE_ONCE(*place, r);
	spin_unlock(&ps->queue_lock);
	if (sends)
		packet_ring_put_sender(old);
	else
		packet_ring_free(old); /* who has it mapped keeps the memory */
	return 0;
}

int packet_ring_map(struct packet_sock *ps, struct file_map *m)
{
	struct packet_ring *r = ps->ring ? ps->ring : ps->sends;

	if (!r || m->pgoff || m->len != r->nr_pages << PAGE_SHIFT)
		return -EINVAL;
	vmobject_get(r->obj);
	m->obj = r->obj;
	return 0;
}

/* --- frames --- */

u64 packet_ring_frame(const struct packet_ring *r, u32 i)
{
	return (u64)(i / r->frames_per_block) * r->block_size +
	       (u64)(i % r->frames_per_block) * r->frame_size;
}

void packet_ring_write(struct packet_ring *r, u64 off, const void *src, u32 n)
{
	while (n) {
		u32 k = min(n, (u32)(PAGE_SIZE - off % PAGE_SIZE));

		memcpy(packet_ring_at(r, off), src, k);
		src = (const u8 *)src + k;
		off += k;
		n -= k;
	}
}

void packet_ring_read(const struct packet_ring *r, u64 off, void *dst, u32 n)
{
	while (n) {
		u32 k = min(n, (u32)(PAGE_SIZE - off % PAGE_SIZE));

		memcpy(dst, packet_ring_at(r, off), k);
		dst = (u8 *)dst + k;
		off += k;
		n -= k;
	}
}

void packet_ring_copy(struct packet_ring *r, u64 to, const struct packet *p, u32 off, u32 n)
{
	for (u32 done = 0; done < n;) {
		u32 k = min(n - done, (u32)(PAGE_SIZE - (to + done) % PAGE_SIZE));

		packet_read(p, off + done, packet_ring_at(r, to + done), k);
		done += k;
	}
}

bool packet_ring_place(const struct packet_ring *r, u32 header, const struct packet_seen *seen,
		       u32 *mac, u32 *net)
{
	if (r->raw) {
		*net = (u32)TPACKET_ALIGN(header + max((u32)seen->net, 16u)) + r->reserve +
		       (r->vnet ? PACKET_VNET_SIZE : 0);
		*mac = *net - seen->net;
	} else {
		*mac = *net = (u32)TPACKET_ALIGN(header) + 16 + r->reserve;
	}
	return *net <= 0xffff;
}

void packet_ring_vnet(struct packet_ring *r, u64 frame_at, const struct packet *p)
{
	struct vnet_header h;

	if (!r->vnet)
		return;
	vnet_header_of(p, false, &h);
	packet_ring_write(r, frame_at - PACKET_VNET_SIZE, &h, PACKET_VNET_SIZE);
}

/* The low half of V1's word: there is nothing in the other one. */
static u32 *status(const struct packet_ring *r, u32 i)
{
	return packet_ring_at(r, packet_ring_frame(r, i)); /* aligned, so in one page */
}

bool packet_ring_ready(const struct packet_ring *r)
{
	u32 last = r->head ? r->head - 1 : r->frames - 1;

	if (r->version == TPACKET_V3)
		return packet_blocks_ready(r);
	return smp_load_acquire(status(r, last)) != TP_STATUS_KERNEL;
}

bool packet_ring_room(const struct packet_ring *r)
{
	return r->version == TPACKET_V3 ? packet_blocks_room(r) :
					  smp_load_acquire(status(r, r->head)) == TP_STATUS_KERNEL;
}

/* What stands before a frame; its state is stored when all is there. */
static void write_head(struct packet_ring *r, u64 frame, const struct packet *p, u32 len, u32 kept,
		       u16 mac, u16 net)
{
	u32 sec = (u32)(p->stamp / NSEC_PER_SEC), ns = (u32)(p->stamp % NSEC_PER_SEC);
	struct tpacket_hdr h1 = { 0, len, kept, mac, net, sec, ns / 1000 };
	struct tpacket2_hdr h2 = { .tp_len = len,
				   .tp_snaplen = kept,
				   .tp_mac = mac,
				   .tp_net = net,
				   .tp_sec = sec,
				   .tp_nsec = ns };

	if (r->version == TPACKET_V1)
		packet_ring_write(r, frame, &h1, sizeof(h1));
	else
		packet_ring_write(r, frame, &h2, sizeof(h2));
}

bool packet_ring_put(struct packet_ring *r, struct packet *p, u32 off, u32 n,
		     const struct packet_seen *seen)
{
	u64 frame = packet_ring_frame(r, r->head);
	u32 mac, net;

	if (r->version == TPACKET_V3)
		return packet_blocks_put(r, p, off, n, seen);
	if (smp_load_acquire(status(r, r->head)) != TP_STATUS_KERNEL)
		return false;
	/* Where Linux puts it: the network header is aligned. */
	if (!packet_ring_place(r, TPACKET2_HDRLEN, seen, &mac, &net) || mac >= r->frame_size)
		return false;
	n = min(n, r->frame_size - mac);
	packet_ring_copy(r, frame + mac, p, off, n);
	packet_ring_vnet(r, frame + mac, p);
	write_head(r, frame, p, seen->len, n, (u16)mac, (u16)net);
	packet_ring_write(r, frame + HEAD, &seen->from, sizeof(seen->from));
	/* Till it reads the statistics a program is told that something was lost. */
	smp_store_release(status(r, r->head),
			  seen->status | seen->stamped |
				  (r->ps->stats.tp_drops ? TP_STATUS_LOSING : 0));
	r->head = (r->head + 1) % r->frames;
	return true;
}
