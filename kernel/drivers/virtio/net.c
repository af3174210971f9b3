/*
 * virtio-net's frames (net.h). Receiving: an interrupt has the pair's work run on its home hart, which
 * takes frames within a budget and asks for the next interrupt only when none is left. Buffers are
 * halves of pages: few at first, more when the device uses most of them at once. A small frame is
 * copied and its buffer given back; of others the headers are copied and the rest is passed on as it
 * lies. Sending: the queue is chosen by flow; what was sent is taken back by the next who sends, by
 * who receives, or a millisecond later, and only a full ring asks for an interrupt.
 *
 * The device is believed nothing: lengths are cut to what it was given, offsets must lie within the
 * headers, and if it returns what it does not have it is reset.
 */
#include "drivers/virtio/net.h"

#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "dev/flow.h"
#include "dev/vnet_header.h"
#include "lib/string.h"
#include "sync/log.h"

#define RX_BUDGET  64 /* frames before others have their turn */
#define RX_COPY	   256 /* a frame of so many bytes is copied */
#define RX_HEADERS 128 /* of a larger one, when its headers are not known */
#define RX_FEW	   16
#define RX_GSO	   40 /* a 64 KiB segment must have room */
#define REAP_NS	   NSEC_PER_MSEC
#define STARVED_NS (20 * NSEC_PER_MSEC)
#define WATCH_NS   (5 * NSEC_PER_SEC) /* as Linux's watchdog has it */

static void broken(struct vnet *n)
{
	vnet_restart(n, "the device does what it may not");
}

/* --- receive buffers: a token is the page and which half of it --- */

static void *token(struct page *page, unsigned half)
{
	return (void *)((u64)page | half);
}

static struct page *token_page(void *t)
{
	return (struct page *)((u64)t & ~1UL);
}

static u32 token_offset(void *t)
{
	return (u32)((u64)t & 1) * (u32)(PAGE_SIZE / 2) + RX_SHIFT;
}

/* Gives a buffer to the device, with its reference. */
static bool post(struct vnet_pair *q, void *t)
{
	struct vq_seg seg = { page_to_phys(token_page(t)) + token_offset(t), RX_BUFFER };

	if (vq_add(q->rx, &seg, 0, 1, t)) {
		page_put(token_page(t));
		return false;
	}
	q->posted++;
	return true;
}

static void refill(struct vnet_pair *q)
{
	while (q->posted < q->want) {
		struct page *page = q->half;
		unsigned half = page != NULL;

		q->half = NULL;
		if (!page) {
			page = page_alloc(0, 0);
			if (!page)
				break;
			page_get(page);
			q->half = page;
		}
		if (!post(q, token(page, half)))
			break;
	}
	vq_kick(q->rx);
}

/* --- receiving --- */

/* Adds n bytes of a buffer behind what p has, with its reference. */
static void add_buffer(struct packet *p, struct page *page, u32 off, u32 n)
{
	struct packet *q = p;

	while (q->more)
		q = q->more;
	if (q == p && packet_add_frag(p, page, off, n))
		return;
	/* More pieces than a packet has room for: the rest follows in another. */
	if (q != p && packet_add_frag(q, page, off, n)) {
		p->len += n;
		return;
	}
	q->more = packet_alloc(0, 0);
	if (!q->more || !packet_add_frag(q->more, page, off, n)) {
		page_put(page);
		return;
	}
	p->len += n;
}

/* The next buffer that the device has filled, with n of its bytes; NULL: none. */
static void *next_buffer(struct vnet_pair *q, u32 *n)
{
	void *t = vq_get(q->rx, n);

	if (!t)
		return NULL;
	q->posted--;
	q->taken++;
	*n = min(*n, RX_BUFFER);
	return t;
}

/* A packet of a frame that begins with n bytes, header included, in buffer t, which is used up. */
static struct packet *first_part(struct vnet_pair *q, void *t, u32 n, bool alone)
{
	u8 *at = (u8 *)page_to_virt(token_page(t)) + token_offset(t) + VNET_HEADER;
	u32 linear, len = n - VNET_HEADER;
	struct packet *p;
	struct flow f;

	if (alone && len <= RX_COPY)
		linear = len;
	else if (flow_read(at, min(len, 2 * (u32)RX_HEADERS), true, &f) && f.payload > f.transport)
		linear = f.payload;
	else
		linear = min(len, (u32)RX_HEADERS);
	p = packet_alloc(PACKET_HEADROOM / 2, linear + 64);
	if (p) {
		memcpy(packet_put(p, linear), at, linear);
		packet_set_dev(p, q->net->dev);
	}
	if (p && linear < len)
		add_buffer(p, token_page(t), token_offset(t) + VNET_HEADER + linear, len - linear);
	else
		post(q, t);
	return p;
}

/* Takes one frame. False: there is none. */
static bool receive(struct vnet_pair *q)
{
	struct netdev_stats *stats = netdev_stats(q->net->dev);
	struct vnet_header h;
	struct packet *p = NULL;
	bool bad;
	u32 n, want = 0;
	void *t = next_buffer(q, &n);

	if (!t)
		return false;
	memcpy(&h, (u8 *)page_to_virt(token_page(t)) + token_offset(t), sizeof(h));
	bad = n < VNET_HEADER + ETH_HEADER;
	if (!bad && (q->net->vd->features & F_MRG_RXBUF)) {
		bad = !h.num_buffers || h.num_buffers > q->rx->num;
		want = bad ? 0 : h.num_buffers - 1u;
	}
	if (bad) {
		post(q, t);
	} else {
		p = first_part(q, t, n, !want);
		if (!p)
			stats->rx_dropped++;
	}
	while (want--) {
		t = next_buffer(q, &n);
		if (!t) {
			bad = true;
			break;
		}
		if (p)
			add_buffer(p, token_page(t), token_offset(t), n);
		else
			post(q, t);
	}
	if (bad || (p && !vnet_header_apply(p, &h, true))) {
		stats->rx_errors++;
		packet_free(p);
	} else if (p) {
		netdev_receive_gro(p);
	}
	return true;
}

/* --- sending --- */

/* What was sent is freed. [q] */
static void take_back_sent(struct vnet_pair *q)
{
	struct packet *p;

	while ((p = vq_get(q->tx, NULL))) {
		q->in_flight--;
		q->stalled = 0;
		packet_free(p);
	}
	if (q->tx->broken)
		broken(q->net);
}

/* p onto the ring; its header stands before it. -ENOSPC: full. [q] */
static int put(struct vnet_pair *q, struct packet *p)
{
	unsigned n = 0;
	int err;

	q->segs[n++] = (struct vq_seg){ virt_to_phys(p->data), packet_linear(p) };
	for (unsigned i = 0; i < p->nr_frags; i++)
		q->segs[n++] = (struct vq_seg){ page_to_phys(p->frag[i].page) + p->frag[i].off,
						p->frag[i].len };
	err = vq_add(q->tx, q->segs, n, 0, p);
	if (!err) {
		q->in_flight++;
		netdev_count_sent(q->net->dev, p->len - VNET_HEADER);
	}
	return err;
}

/* Those that wait, as far as there is room; for the others an interrupt is asked for. [q] */
static void put_waiting(struct vnet_pair *q)
{
	for (;;) {
		while (q->nr_waiting) {
			struct packet *p = list_first_entry(&q->waiting, struct packet, link);

			if (put(q, p))
				break;
			list_del_init(&p->link);
			q->nr_waiting--;
		}
		vq_kick(q->tx);
		if (!q->nr_waiting) {
			vq_disarm(q->tx);
			return;
		}
		if (!vq_arm_after(q->tx, q->in_flight / 2))
			return;
		take_back_sent(q);
	}
}

/* The pair's work will run once more, without an interrupt. [q] */
static void look_again(struct vnet_pair *q, u64 ns)
{
	if (q->reaping)
		return;
	q->reaping = true;
	net_timer_start(&q->reap, now_mono() + ns);
}

/* A device whose ring is full and who takes nothing for seconds is told of, and started anew. [q] */
static void watch(struct vnet_pair *q)
{
	struct netdev *d = q->net->dev;

	if (!q->nr_waiting || !READ_ONCE(d->carrier)) {
		q->stalled = 0;
	} else if (!q->stalled) {
		q->stalled = now_mono();
	} else if (now_mono() - q->stalled >= WATCH_NS) {
		pr_err("%s: NETDEV WATCHDOG: transmit queue %u timed out %lu ms", d->name,
		       (unsigned)(q - q->net->pair), WATCH_NS / NSEC_PER_MSEC);
		netdev_stats(d)->tx_errors++;
		q->stalled = 0;
		vnet_restart(q->net, "it sends nothing");
	}
}

static void reap(struct vnet_pair *q)
{
	spin_lock(&q->lock);
	if (!q->net->down) {
		take_back_sent(q);
		if (q->nr_waiting)
			put_waiting(q);
		watch(q);
		if (q->in_flight)
			look_again(q, REAP_NS);
		else if (q->net->filled && q->posted < RX_FEW / 2)
			look_again(q, STARVED_NS); /* memory may be there again */
	}
	spin_unlock(&q->lock);
}

static void reap_due(struct net_timer *t)
{
	struct vnet_pair *q = container_of(t, struct vnet_pair, reap);

	spin_lock(&q->lock);
	q->reaping = false;
	spin_unlock(&q->lock);
	net_work_queue_on(&q->work, q->hart);
}

/* Puts the device's header before the frame. False: no memory. */
static bool push_header(struct vnet *n, struct packet *p)
{
	struct vnet_header h;

	/* A ring without indirect tables must have room for all pieces. */
	if (!(n->vd->features & VIRTIO_F_INDIRECT_DESC) && p->nr_frags + 1u > n->pair[0].tx->num &&
	    !packet_pull_up(p, p->len))
		return false;
	if (!packet_need_headroom(p, VNET_HEADER))
		return false;
	vnet_header_of(p, n->vd->features & F_HOST_ECN, &h);
	memcpy(packet_push(p, VNET_HEADER), &h, VNET_HEADER);
	return true;
}

void vnet_transmit(struct netdev *d, struct packet *p)
{
	struct vnet *n = d->priv;
	struct vnet_pair *q = &n->pair[0];

	if (n->nr_pairs > 1)
		q = &n->pair[packet_flow(p, true) % n->nr_pairs];
	if (!push_header(n, p)) {
		netdev_stats(d)->tx_dropped++;
		packet_free(p);
		return;
	}
	spin_lock(&q->lock);
	if (!n->down)
		take_back_sent(q);
	if (n->down || q->nr_waiting >= READ_ONCE(d->txqlen)) {
		spin_unlock(&q->lock);
		netdev_stats(d)->tx_dropped++;
		packet_free(p);
		return;
	}
	if (!q->nr_waiting && !put(q, p)) {
		vq_kick(q->tx);
	} else {
		list_add_tail(&p->link, &q->waiting);
		q->nr_waiting++;
		put_waiting(q);
	}
	look_again(q, REAP_NS);
	spin_unlock(&q->lock);
}

/* --- the pair's work --- */

static void pair_work(struct net_work *w)
{
	struct vnet_pair *q = container_of(w, struct vnet_pair, work);
	unsigned budget = RX_BUDGET;

	if (READ_ONCE(q->net->down))
		return;
	vq_disarm(q->rx);
	q->taken = 0;
	while (budget && receive(q))
		budget--;
	netdev_flush();
	/* The device came near the end of its buffers: it shall have more. */
	if (q->taken > q->want / 4 * 3 && q->want < q->rx->num)
		q->want = min(q->want * 2, (unsigned)q->rx->num);
	if (READ_ONCE(q->net->filled))
		refill(q);
	reap(q);
	if (q->rx->broken)
		broken(q->net);
	else if (!budget || vq_arm(q->rx))
		net_work_queue_on(w, q->hart);
}

void vnet_interrupt(struct virtio_device *vd)
{
	struct vnet *n = vd->priv;

	for (unsigned i = 0; i < n->nr_pairs; i++) {
		struct vnet_pair *q = &n->pair[i];

		if (vq_pending(q->rx) || vq_pending(q->tx))
			net_work_queue_on(&q->work, q->hart);
	}
}

/* --- a pair's life --- */

bool vnet_pair_init(struct vnet *n, unsigned i)
{
	struct vnet_pair *q = &n->pair[i];

	q->net = n;
	q->hart = i % nr_harts;
	net_work_init(&q->work, pair_work);
	net_timer_init(&q->reap, reap_due);
	spin_init(&q->lock, RANK_NETDEV, "virtio-net");
	list_init(&q->waiting);
	q->rx = virtio_queue(n->vd, 2 * i, VNET_RING);
	q->tx = virtio_queue(n->vd, 2 * i + 1, VNET_RING);
	if (IS_ERR(q->rx) || IS_ERR(q->tx))
		return false;
	vq_disarm(q->tx); /* the next one who sends sees what was sent */
	q->want = n->vd->features & (F_GUEST_TSO4 | F_GUEST_TSO6) ? RX_GSO : RX_FEW;
	q->want = min(q->want, (unsigned)q->rx->num);
	return true;
}

void vnet_pair_empty(struct vnet_pair *q)
{
	LIST_HEAD(gone);
	struct packet *p;
	void *t;

	while (!IS_ERR_OR_NULL(q->rx) && (t = vq_take_back(q->rx)))
		page_put(token_page(t));
	if (q->half)
		page_put(q->half);
	q->half = NULL;
	q->posted = 0;
	spin_lock(&q->lock);
	while (!IS_ERR_OR_NULL(q->tx) && (p = vq_take_back(q->tx)))
		list_add_tail(&p->link, &gone);
	list_splice_tail_init(&q->waiting, &gone);
	q->in_flight = q->nr_waiting = 0;
	spin_unlock(&q->lock);
	packet_free_list(&gone);
}

void vnet_pair_free(struct vnet_pair *q)
{
	if (!q->net) /* it did not come so far */
		return;
	net_timer_cancel(&q->reap);
	vnet_pair_empty(q);
	vq_free(q->rx);
	vq_free(q->tx);
}
