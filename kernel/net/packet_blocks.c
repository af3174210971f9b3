/*
 * TPACKET_V3 (packet(7), packet_ring.h): frames of any size fill a block; a full one, or one in which
 * there is something when the time is over, goes to the program, and comes back by its block_status.
 * When the program has all of them, the queue is frozen: frames are lost until it gives one back.
 *
 * Locks: [q] the socket's queue_lock.
 */
#include <compiler.h>
#include <uapi/epoll.h>

#include "core/time.h"
#include "dev/flow.h"
#include "lib/string.h"
#include "net/packet_ring.h"

#define DEFAULT_TIMEOUT 8 /* ms */

static u64 block_offset(const struct packet_ring *r, u32 block)
{
	return (u64)block * r->block_size;
}

/* Its head: within one page. */
static struct tpacket_block_desc *head_of(const struct packet_ring *r, u32 block)
{
	return packet_ring_at(r, block_offset(r, block));
}

static bool in_use(const struct packet_ring *r, u32 block)
{
	return smp_load_acquire(&head_of(r, block)->hdr.bh1.block_status) & TP_STATUS_USER;
}

/* [q] The block is the kernel's: it is filled from its start. */
static void open_block(struct packet_ring *r)
{
	u32 start = (u32)packet_block_start(r->priv);
	u64 now = now_real();

	*head_of(r, r->block) = (struct tpacket_block_desc){
		.version = TPACKET_V3,
		.offset_to_priv = sizeof(struct tpacket_block_desc),
		.hdr.bh1.offset_to_first_pkt = start,
		.hdr.bh1.blk_len = start,
		.hdr.bh1.seq_num = r->seq++,
		.hdr.bh1.ts_first_pkt = { (u32)(now / NSEC_PER_SEC), (u32)(now % NSEC_PER_SEC) },
	};
	r->next = start;
	r->last = 0;
	r->in_block = 0;
	r->frozen = false;
}

/* [q] The block goes to the program, and the next one is filled, if it is there. */
static void close_block(struct packet_ring *r, u32 status)
{
	struct tpacket_hdr_v1 *h = &head_of(r, r->block)->hdr.bh1;
	const u32 none = 0;
	u32 when[2];
	u64 now = now_real();

	if (r->in_block) { /* the last frame has no next one; its time is the block's */
		u64 last = block_offset(r, r->block) + r->last;

		packet_ring_write(r, last, &none, sizeof(none));
		/* A word does not lie across pages. */
		when[0] = *(u32 *)packet_ring_at(r, last + offsetof(struct tpacket3_hdr, tp_sec));
		when[1] = *(u32 *)packet_ring_at(r, last + offsetof(struct tpacket3_hdr, tp_nsec));
		h->ts_last_pkt = (struct tpacket_bd_ts){ when[0], when[1] };
	} else {
		h->ts_last_pkt = (struct tpacket_bd_ts){ (u32)(now / NSEC_PER_SEC),
							 (u32)(now % NSEC_PER_SEC) };
	}
	h->num_pkts = r->in_block;
	h->blk_len = r->next;
	if (r->ps->stats.tp_drops)
		status |= TP_STATUS_LOSING;
	smp_store_release(&h->block_status, TP_STATUS_USER | status);
	wake_up_key(&r->ps->sk.readers, EPOLLIN | EPOLLRDNORM);
	r->block = (r->block + 1) % r->blocks;
	if (in_use(r, r->block)) {
		r->frozen = true;
		r->ps->freezes++;
	} else {
		open_block(r);
	}
}

static void expired(struct net_timer *t)
{
	struct packet_ring *r = container_of(t, struct packet_ring, timer);
	struct packet_sock *ps = r->ps;
	bool dead;

	spin_lock(&ps->queue_lock);
	dead = r->dead;
	if (!dead) {
		if (r->frozen && !in_use(r, r->block))
			open_block(r);
		else if (!r->frozen && r->timed == r->block && r->in_block)
			close_block(r, TP_STATUS_BLK_TMO);
		r->timed = r->block;
		net_timer_start(&r->timer, now_mono() + r->timeout);
	}
	spin_unlock(&ps->queue_lock);
	if (dead) {
		packet_ring_last(r);
		socket_put(&ps->sk);
	}
}

void packet_blocks_start(struct packet_ring *r, struct packet_sock *ps,
			 const struct tpacket_req3 *q)
{
	socket_get(&ps->sk);
	r->blocks = q->tp_block_nr;
	r->priv = q->tp_sizeof_priv;
	r->features = q->tp_feature_req_word;
	r->timeout =
		(q->tp_retire_blk_tov ? q->tp_retire_blk_tov : DEFAULT_TIMEOUT) * NSEC_PER_MSEC;
	r->seq = 1;
	open_block(r);
	net_timer_init(&r->timer, expired);
	net_timer_start(&r->timer, now_mono() + r->timeout);
}

bool packet_blocks_stop(struct packet_ring *r)
{
	struct packet_sock *ps = r->ps;
	bool stopped;

	spin_lock(&ps->queue_lock);
	r->dead = true;
	stopped = net_timer_cancel(&r->timer);
	spin_unlock(&ps->queue_lock);
	if (stopped)
		socket_put(&ps->sk);
	return stopped;
}

/* [q] n bytes in the block that is filled, or in the next one: where they begin. 0: no room. */
static u64 take_room(struct packet_ring *r, u32 n)
{
	u64 at;

	if (r->frozen) {
		if (in_use(r, r->block))
			return 0;
		open_block(r);
	}
	if (r->next + n >= r->block_size) {
		close_block(r, 0);
		if (r->frozen)
			return 0;
	}
	at = block_offset(r, r->block) + r->next;
	r->last = r->next;
	r->next += n;
	r->in_block++;
	return at;
}

bool packet_blocks_put(struct packet_ring *r, struct packet *p, u32 off, u32 n,
		       const struct packet_seen *seen)
{
	u32 most = r->block_size - (u32)packet_block_start(r->priv), mac, net, total;
	struct tpacket3_hdr h = {
		.tp_len = seen->len,
		.tp_sec = (u32)(p->stamp / NSEC_PER_SEC),
		.tp_nsec = (u32)(p->stamp % NSEC_PER_SEC),
		.tp_status = seen->status | seen->stamped,
	};
	u64 at;

	if (!packet_ring_place(r, TPACKET3_HDRLEN, seen, &mac, &net))
		return false;
	mac = min(mac, most);
	n = min(n, most - mac);
	total = ALIGN_UP(mac + n, 8u);
	at = take_room(r, total);
	if (!at)
		return false;
	if (r->features & TP_FT_REQ_FILL_RXHASH)
		h.hv1.tp_rxhash = packet_flow_network(p);
	h.tp_next_offset = total;
	h.tp_snaplen = n;
	h.tp_mac = (u16)mac;
	h.tp_net = (u16)net;
	packet_ring_copy(r, at + mac, p, off, n);
	packet_ring_vnet(r, at + mac, p);
	packet_ring_write(r, at, &h, sizeof(h));
	packet_ring_write(r, at + TPACKET_ALIGN(sizeof(h)), &seen->from, sizeof(seen->from));
	return true;
}

bool packet_blocks_ready(const struct packet_ring *r)
{
	return in_use(r, r->block ? r->block - 1 : r->blocks - 1);
}

bool packet_blocks_room(const struct packet_ring *r)
{
	return !r->frozen || !in_use(r, r->block);
}
