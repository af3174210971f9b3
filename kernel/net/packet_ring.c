/*
 * The ring of a packet socket (packet(7), PACKET_RX_RING, TPACKET_V2): frames in memory that the
 * program maps. A frame is the kernel's or the program's by its tp_status, which is stored last.
 * Blocks are only arithmetic here: pages need not lie side by side.
 *
 * Locks: [q] the socket's queue_lock. [I] does not change.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/vmobject.h"
#include "net/packet.h"

#define MAX_BYTES (256UL << 20)

struct packet_ring {
	struct vmobject *obj; /* [I] referenced; every page is there */
	struct page **pages; /* [I] referenced */
	u64 nr_pages; /* [I] */
	u32 block_size, frame_size, frames_per_block, frames; /* [I] */
	u32 head; /* [q] the next frame to fill */
	u32 reserve; /* [I] */
	bool raw; /* [I] frames have their link header */
	bool losing; /* [q] some were lost since the last one that was put */
};

void packet_ring_free(struct packet_ring *r)
{
	if (!r)
		return;
	for (u64 i = 0; r->pages && i < r->nr_pages; i++)
		if (r->pages[i])
			page_put(r->pages[i]);
	kfree(r->pages);
	if (r->obj)
		vmobject_put(r->obj);
	kfree(r);
}

static int check(const struct packet_sock *ps, const struct tpacket_req *q)
{
	u32 per_block;

	if (ps->version != TPACKET_V2 || !q->tp_block_size || q->tp_block_size % PAGE_SIZE ||
	    q->tp_frame_size < TPACKET2_HDRLEN + ps->reserve ||
	    q->tp_frame_size % TPACKET_ALIGNMENT)
		return -EINVAL;
	per_block = q->tp_block_size / q->tp_frame_size;
	if (!per_block || (u64)per_block * q->tp_block_nr != q->tp_frame_nr)
		return -EINVAL;
	return (u64)q->tp_block_size * q->tp_block_nr > MAX_BYTES ? -ENOMEM : 0;
}

static struct packet_ring *create(const struct packet_sock *ps, const struct tpacket_req *q)
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
	r->raw = ps->sk.type == SOCK_RAW;
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
	return r;

out_free:
	packet_ring_free(r);
	return NULL;
}

int packet_ring_set(struct packet_sock *ps, const struct tpacket_req *req)
{
	struct packet_ring *r = NULL, *old;
	int err;

	if (req->tp_block_nr) {
		if (ps->ring)
			return -EBUSY;
		err = check(ps, req);
		if (err)
			return err;
		r = create(ps, req);
		if (!r)
			return -ENOMEM;
	} else if (req->tp_frame_nr) {
		return -EINVAL;
	}
	spin_lock(&ps->queue_lock);
	old = ps->ring;
	WRITE_ONCE(ps->ring, r);
	spin_unlock(&ps->queue_lock);
	packet_ring_free(old); /* who has it mapped keeps the memory */
	return 0;
}

int packet_ring_map(struct packet_sock *ps, struct file_map *m)
{
	struct packet_ring *r = ps->ring;

	if (!r || m->pgoff || m->len != r->nr_pages << PAGE_SHIFT)
		return -EINVAL;
	vmobject_get(r->obj);
	m->obj = r->obj;
	return 0;
}

/* --- frames --- */

static u64 frame_offset(const struct packet_ring *r, u32 i)
{
	return (u64)(i / r->frames_per_block) * r->block_size +
	       (u64)(i % r->frames_per_block) * r->frame_size;
}

static void *at(const struct packet_ring *r, u64 off)
{
	return (u8 *)page_to_virt(r->pages[off / PAGE_SIZE]) + off % PAGE_SIZE;
}

static void put(struct packet_ring *r, u64 off, const void *src, u32 n)
{
	while (n) {
		u32 k = min(n, (u32)(PAGE_SIZE - off % PAGE_SIZE));

		memcpy(at(r, off), src, k);
		src = (const u8 *)src + k;
		off += k;
		n -= k;
	}
}

static u32 *status(const struct packet_ring *r, u32 i)
{
	return at(r, frame_offset(r, i)); /* aligned, so in one page */
}

bool packet_ring_ready(const struct packet_ring *r)
{
	u32 last = r->head ? r->head - 1 : r->frames - 1;

	return smp_load_acquire(status(r, last)) != TP_STATUS_KERNEL;
}

bool packet_ring_put(struct packet_ring *r, const struct packet *p, u32 off, u32 n,
		     const struct packet_seen *seen)
{
	u64 frame = frame_offset(r, r->head);
	struct tpacket2_hdr h = { .tp_len = seen->len };
	u32 mac, net, where;

	if (smp_load_acquire(status(r, r->head)) != TP_STATUS_KERNEL) {
		r->losing = true;
		return false;
	}
	/* Where Linux puts it: the network header is aligned. */
	if (r->raw) {
		net = (u32)TPACKET_ALIGN(TPACKET2_HDRLEN + max((u32)seen->net, 16u)) + r->reserve;
		mac = net - seen->net;
	} else {
		mac = net = (u32)TPACKET_ALIGN(TPACKET2_HDRLEN) + 16 + r->reserve;
	}
	if (mac >= r->frame_size || net > 0xffff)
		return false;
	n = min(n, r->frame_size - mac);
	for (u32 done = 0; done < n;) {
		u32 k;

		where = (u32)((frame + mac + done) % PAGE_SIZE);
		k = min(n - done, (u32)PAGE_SIZE - where);
		packet_read(p, off + done, at(r, frame + mac + done), k);
		done += k;
	}
	h.tp_snaplen = n;
	h.tp_mac = (u16)mac;
	h.tp_net = (u16)net;
	h.tp_sec = (u32)(p->stamp / NSEC_PER_SEC);
	h.tp_nsec = (u32)(p->stamp % NSEC_PER_SEC);
	put(r, frame, &h, sizeof(h));
	put(r, frame + TPACKET_ALIGN(sizeof(h)), &seen->from, sizeof(seen->from));
	smp_store_release(status(r, r->head), seen->status | TP_STATUS_TS_SOFTWARE |
						      (r->losing ? TP_STATUS_LOSING : 0));
	r->losing = false;
	r->head = (r->head + 1) % r->frames;
	return true;
}
