/*
 * virtio-net on the host: a device that is honest, one that lies in every field, one that breaks its
 * ring; many queue pairs, few descriptors, no memory. In the end no page and no packet is left.
 */
#include "test_virtio_net.h"

#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/rcu.h"
#include "core/time.h"
#include "dev/flow.h"
#include "dev/gro.h"
#include "dev/netdev.h"
#include "drivers/virtio/net.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "net/net.h"

#include "t.h"

/* --- the tests' own --- */

static void settle(void)
{
	for (unsigned i = 0; i < 10; i++) {
		net_run();
		run_work();
	}
}

static void free_got(void)
{
	while (nr_got)
		packet_free(got[--nr_got]);
}

#define BASIC (F_MAC | F_MRG_RXBUF | F_STATUS)
#define ALL \
	(BASIC | F_CSUM | F_GUEST_CSUM | F_GUEST_TSO4 | F_GUEST_TSO6 | F_HOST_TSO4 | F_HOST_TSO6)

static void net_start(u64 features, unsigned queue_max)
{
	kernel_reset();
	net_model_reset();
	packet_init();
	model.id = VIRTIO_ID_NET;
	model.features |= features;
	model.queue_max = queue_max;
	memcpy(model.config, "\x52\x54\0\x12\x34\x56\x01\0\x02\0", 10);
	CHECK_EQ(model_probe(), 0);
	CHECK(registered);
	CHECK_EQ(device.ops->open(&device), 0);
	settle();
}

/* The device goes; everything has come back. */
static void net_end(void)
{
	struct vnet *n = device.priv;

	free_got();
	n->vd->driver->config_changed(n->vd);
	model.wont_agree = true; /* it does not come up again */
	work_queue(&n->reset_work);
	run_work();
	net_model_forget_work();
	CHECK_EQ(pages_live, 0);
	CHECK_EQ(packets_live, 0);
	CHECK_EQ(device.refs.v, 2); /* the driver's and the register's */
	CHECK(locks_free());
}

/* A frame as the device writes it: TCP over IPv4 with n bytes, its number in them. */
static u32 make_frame(u8 *f, u32 n, u8 number)
{
	memset(f, 0, 54);
	memcpy(f, "\x52\x54\0\x12\x34\x56", 6);
	put_be16(f + 12, ETH_TYPE_IPV4);
	f[14] = 0x45;
	put_be16(f + 16, (u16)(40 + n));
	f[23] = PROTO_TCP;
	f[26] = number;
	put_le16(f + 24, csum_fold(csum_bytes(f + 14, 20, 0)));
	f[46] = 0x50;
	f[47] = TCP_ACK | TCP_PSH;
	memset(f + 54, number, n);
	return 54 + n;
}

static u8 *filled[40]; /* the buffers of the last frame */
static unsigned interrupts; /* that the device would have sent, since it was set to 0 */

/* Does a device interrupt that has moved its index of what is used from `before`? Virtio 1.2, 2.7.7.2. */
static void ask_interrupt(unsigned index, u16 before)
{
	const struct model_queue *q = &model.q[index];
	u16 now = q->used[1], event = q->avail[2 + q->num];

	if (model.accepted & EVENT_IDX)
		interrupts += (u16)(now - event - 1) < (u16)(now - before);
	else
		interrupts += !(q->avail[0] & 1);
}

/* Puts header and frame into as many buffers as it takes. False: there are none. */
static bool deliver(const u8 *header, const u8 *frame, u32 n, int buffers)
{
	u8 h[VNET_HEADER];
	u16 before = model.q[0].used[1];
	u32 done = 0, used = 0;
	struct chain c[40];

	do {
		u32 room = RX_BUFFER - (used ? 0 : VNET_HEADER);

		if (used == 40 || !model_next(0, &c[used]))
			return false;
		CHECK_EQ(c[used].in, 1);
		CHECK_EQ(c[used].segs[0].len, RX_BUFFER);
		filled[used] = seg_data(&c[used], 0);
		room = min(room, n - done);
		memcpy(seg_data(&c[used], 0) + (used ? 0 : VNET_HEADER), frame + done, room);
		done += room;
		used++;
	} while (done < n);
	memcpy(h, header, sizeof(h));
	put_le16(h + 10, (u16)(buffers < 0 ? used : (u32)buffers));
	memcpy(seg_data(&c[0], 0), h, sizeof(h));
	for (u32 i = 0, left = n + VNET_HEADER; i < used; i++) {
		model_use(0, c[i].head, min(left, RX_BUFFER));
		left -= min(left, RX_BUFFER);
	}
	ask_interrupt(0, before);
	return true;
}

static const u8 plain[VNET_HEADER];
static u8 frame[70000];

static void receives(void)
{
	net_start(ALL | INDIRECT | EVENT_IDX, 256);
	CHECK_EQ(device.addr[0], 0x52);
	CHECK(device.carrier);
	for (u32 n = 0; n < 60000; n = n * 3 / 2 + 7) {
		u32 len = make_frame(frame, n, (u8)(n + 1));

		CHECK(deliver(plain, frame, len, -1));
		model_interrupt();
		settle();
		CHECK_EQ(nr_got, 1);
		if (nr_got) {
			static u8 copy[70000];

			CHECK_EQ(got[0]->len, len);
			packet_read(got[0], 0, copy, len);
			CHECK(!memcmp(copy, frame, len));
			/* Headers are in one piece; payload of large frames stays where it was. */
			CHECK(packet_linear(got[0]) >= 54);
			CHECK(len <= 256 || packet_linear(got[0]) == 54);
		}
		free_got();
	}
	net_end();
}

/* More frames than there were buffers at first: the driver gives more of them. */
static void grows(void)
{
	unsigned before, after, all = 0;

	net_start(BASIC | EVENT_IDX, 256);
	before = (u16)(model.q[0].avail[1] - model.q[0].taken);
	CHECK(before >= 8 && before <= 40);
	for (unsigned round = 0; round < 12; round++) {
		u32 len = make_frame(frame, 100, (u8)round);

		while (deliver(plain, frame, len, -1))
			all++;
		model_interrupt();
		settle();
		CHECK(nr_got <= all);
		free_got();
	}
	after = (u16)(model.q[0].avail[1] - model.q[0].taken);
	CHECK_EQ(before, 16);
	CHECK_EQ(after, 128);
	CHECK_EQ(stats.rx_packets, all);
	net_end();
}

static void offloads(void)
{
	static const u8 csum[VNET_HEADER] = { 1, 0, 0, 0, 0, 0, 34, 0, 16, 0 };
	static const u8 valid[VNET_HEADER] = { 2 };
	static const u8 tso[VNET_HEADER] = { 1, 1, 54, 0, 0x20, 3, 34, 0, 16, 0 };
	u32 len;

	net_start(ALL | EVENT_IDX, 256);
	len = make_frame(frame, 500, 9);
	CHECK(deliver(csum, frame, len, -1) && deliver(valid, frame, len, -1));
	len = make_frame(frame, 20000, 9);
	CHECK(deliver(tso, frame, len, -1));
	model_interrupt();
	settle();
	CHECK_EQ(nr_got, 3);
	if (nr_got == 3) {
		CHECK_EQ(got[0]->csum, CSUM_PARTIAL);
		CHECK_EQ(got[0]->head + got[0]->csum_start - got[0]->data, 34);
		CHECK_EQ(got[0]->csum_offset, 16);
		CHECK_EQ(got[1]->csum, CSUM_VERIFIED);
		CHECK_EQ(got[2]->gso, GSO_TCP4);
		CHECK_EQ(got[2]->gso_size, 800);
		CHECK_EQ(got[2]->gso_segs, 25);
	}
	net_end();
}

/* Any bytes in the header, any length, any number of buffers: nothing is read that is not there. */
static void lies(void)
{
	for (unsigned round = 0; round < 400 && !t.failed; round++) {
		net_start(t_below(2) ? ALL : BASIC, t_below(2) ? 256 : 64);
		for (unsigned i = 0; i < 20; i++) {
			struct chain c;
			u8 h[VNET_HEADER];
			u32 len = make_frame(frame, (u32)t_below(3000), (u8)i);

			for (unsigned k = 0; k < sizeof(h); k++)
				h[k] = t_below(3) ? 0 : (u8)t_random();
			for (unsigned k = (unsigned)t_below(4); k; k--)
				frame[t_below(60)] = (u8)t_random();
			if (t_below(3)) {
				deliver(h, frame, len, t_below(2) ? -1 : (int)t_below(20));
			} else if (model_next(0, &c)) {
				memcpy(seg_data(&c, 0), h, sizeof(h));
				model_use(0, c.head,
					  t_below(2) ? (u32)t_random() : (u32)t_below(30));
			}
			if (t_below(2))
				model_interrupt();
			settle();
			for (unsigned k = 0; k < nr_got; k++) {
				u32 sum = packet_sum(got[k], 0, got[k]->len, 0);

				(void)sum;
				packet_finish_csum(got[k]);
			}
			free_got();
		}
		net_end();
	}
}

/* A ring that returns what it does not have: the device is reset, and works again. */
static void breaks(void)
{
	u32 len;

	net_start(ALL | EVENT_IDX, 64);
	model_use(0, 1000, 100);
	model_interrupt();
	settle();
	CHECK_EQ(model.resets, 3); /* at the start, and now to stop it and to start it anew */
	len = make_frame(frame, 300, 1);
	CHECK(deliver(plain, frame, len, -1));
	model_interrupt();
	settle();
	CHECK_EQ(nr_got, 1);
	net_end();
	/* One that does not stop keeps what it has, and no more is done with it. */
	net_start(ALL | EVENT_IDX, 64);
	model.wont_reset = true;
	model_use(0, 1000, 100);
	model_interrupt();
	settle();
	CHECK(pages_live > 0);
}

/* --- sending --- */

static unsigned uncharged;

static void uncharge(struct packet *p __unused)
{
	uncharged++;
}

static void send(u32 n, unsigned frags, enum packet_csum csum, enum packet_gso gso)
{
	u32 len = make_frame(frame, n, 5), linear = frags ? 54 : len, at = linear;
	struct packet *p = packet_alloc((u32)t_below(40), linear);

	memcpy(packet_put(p, linear), frame, linear);
	for (unsigned i = 0; i < frags; i++) {
		u32 k = min(len - at, (u32)PAGE_SIZE);
		struct page *page = page_alloc(0, 0);

		memcpy(page_to_virt(page), frame + at, k);
		packet_add_frag(p, page, 0, k);
		at += k;
	}
	p->mac = (u16)packet_headroom(p);
	p->transport = (u16)(packet_headroom(p) + 34);
	p->csum = csum;
	p->csum_start = p->transport;
	p->csum_offset = 16;
	p->gso = gso;
	p->gso_size = 1000;
	p->uncharge = uncharge;
	packet_set_dev(p, &device);
	device.ops->transmit(&device, p);
	CHECK(locks_free());
}

/* The device takes one; its bytes behind the header are compared with `frame`. */
static bool take_sent(u32 n, u8 flags, u8 gso)
{
	static u8 bytes[70000];
	struct chain c;
	u32 len = 0;
	u16 before;

	if (!model_next(1, &c))
		return false;
	CHECK_EQ(c.in, 0);
	for (unsigned i = 0; i < c.out; i++) {
		memcpy(bytes + len, seg_data(&c, i), c.segs[i].len);
		len += c.segs[i].len;
	}
	CHECK_EQ(len, VNET_HEADER + 54 + n);
	before = model.q[1].used[1];
	CHECK(!memcmp(bytes + VNET_HEADER, frame, 54 + n));
	CHECK_EQ(bytes[0], flags);
	CHECK_EQ(bytes[1], gso);
	if (flags) {
		CHECK_EQ(get_le16(bytes + 6), 34);
		CHECK_EQ(get_le16(bytes + 8), 16);
	}
	if (gso) {
		CHECK_EQ(get_le16(bytes + 2), 54);
		CHECK_EQ(get_le16(bytes + 4), 1000);
	}
	model_use(1, c.head, 0);
	ask_interrupt(1, before);
	return true;
}

static void sends(void)
{
	static const u64 features[] = { ALL, ALL | INDIRECT, ALL | EVENT_IDX | INDIRECT };

	for (unsigned f = 0; f < ARRAY_SIZE(features); f++) {
		uncharged = 0;
		net_start(features[f], 256);
		send(400, 0, CSUM_NONE, GSO_NONE);
		CHECK(take_sent(400, 0, 0));
		send(400, 1, CSUM_PARTIAL, GSO_NONE);
		CHECK(take_sent(400, 1, 0));
		send(40000, 10, CSUM_PARTIAL, GSO_TCP4);
		CHECK(take_sent(40000, 1, 1));
		CHECK(uncharged < 3);
		/* Nobody sends or receives: a timer takes back what was sent. */
		CHECK(pass_time(10 * NSEC_PER_MSEC));
		settle();
		CHECK_EQ(uncharged, 3);
		CHECK_EQ(stats.tx_packets, 3);
		net_end();
	}
}

/* The device writes into what a packet has, and reads from it: payload is not moved. */
static void no_copies(void)
{
	struct page *page[3];
	struct packet *p;
	struct chain c;

	net_start(ALL | INDIRECT | EVENT_IDX, 256);
	for (u32 n = 1000; n < 30000; n += 9000) {
		CHECK(deliver(plain, frame, make_frame(frame, n, 1), -1));
		model_interrupt();
		settle();
		CHECK_EQ(nr_got, 1);
		p = got[0];
		for (unsigned i = 0; p && i < p->nr_frags; i++)
			CHECK((u8 *)page_to_virt(p->frag[i].page) + p->frag[i].off ==
			      filled[i] + (i ? 0 : VNET_HEADER + 54));
		CHECK(p->nr_frags && !p->more);
		free_got();
	}
	p = packet_alloc(40, 54);
	memcpy(packet_put(p, 54), frame, 54);
	for (unsigned i = 0; i < 3; i++) {
		page[i] = page_alloc(0, 0);
		CHECK(packet_add_frag(p, page[i], 8 * i, 1000));
	}
	packet_set_dev(p, &device);
	device.ops->transmit(&device, p);
	CHECK(model_next(1, &c));
	CHECK_EQ(c.out, 4);
	for (unsigned i = 0; i < 3; i++)
		CHECK(seg_data(&c, i + 1) == (u8 *)page_to_virt(page[i]) + 8 * i);
	model_use(1, c.head, 0);
	net_end();
}

static unsigned to_come;

static void one_more(void)
{
	if (to_come) {
		to_come--;
		CHECK(deliver(plain, frame, make_frame(frame, 100, (u8)to_come), -1));
	}
}

/* One interrupt for a burst: while frames are taken none is asked for, and none for what is sent. */
static void moderates(void)
{
	static const u64 features[] = { BASIC, BASIC | EVENT_IDX };

	for (unsigned f = 0; f < ARRAY_SIZE(features); f++) {
		net_start(features[f], 256);
		on_got = one_more;
		for (unsigned burst = 1; burst <= 3; burst++) {
			interrupts = 0;
			to_come = 41;
			one_more();
			CHECK_EQ(interrupts, 1);
			model_interrupt();
			for (unsigned i = 0; i < 10; i++)
				settle();
			CHECK_EQ(to_come, 0);
			CHECK_EQ(nr_got, 41);
			CHECK_EQ(interrupts, 1);
			free_got();
		}
		on_got = NULL;
		interrupts = 0;
		for (unsigned i = 0; i < 100; i++) {
			send(100, 0, CSUM_NONE, GSO_NONE);
			CHECK(take_sent(100, 0, 0));
		}
		CHECK(interrupts <= 1); /* event indexes begin with the first */
		net_end();
	}
	/* A full ring: one, when half of it is free again. */
	net_start(BASIC | EVENT_IDX, 8);
	device.txqlen = 20;
	interrupts = 0;
	for (unsigned i = 0; i < 12; i++)
		send(100, 0, CSUM_NONE, GSO_NONE);
	for (unsigned i = 0; i < 8; i++)
		CHECK(take_sent(100, 0, 0));
	CHECK_EQ(interrupts, 1);
	net_end();
}

/* More than the ring holds: all is sent in the end, and in order; more than the queue: lost. */
static void full(void)
{
	unsigned sent = 0;

	net_start(BASIC, 8);
	uncharged = 0;
	device.txqlen = 20;
	for (unsigned i = 0; i < 50; i++)
		send(100, i % 3, CSUM_NONE, GSO_NONE);
	CHECK(stats.tx_dropped > 10 && stats.tx_dropped < 30);
	for (unsigned i = 0; i < 60; i++) {
		if (take_sent(100, 0, 0)) {
			sent++;
			continue;
		}
		model_interrupt();
		settle();
	}
	CHECK_EQ(sent + stats.tx_dropped, 50);
	pass_time(10 * NSEC_PER_MSEC);
	settle();
	CHECK_EQ(uncharged, 50);
	/* What is under way when the device is reset comes back too. */
	send(100, 2, CSUM_NONE, GSO_NONE);
	send(100, 2, CSUM_NONE, GSO_NONE);
	net_end();
	CHECK_EQ(uncharged, 52);
}

static void let_pass(u64 ns)
{
	for (u64 done = 0; done < ns; done += 10 * NSEC_PER_MSEC) {
		pass_time(10 * NSEC_PER_MSEC);
		settle();
	}
}

/* A device that stops sending: after five seconds of a full ring it is reset, and then sends again. */
static void stalls(void)
{
	unsigned sent = 0;

	net_start(BASIC | EVENT_IDX, 8);
	uncharged = 0;
	send(100, 0, CSUM_NONE, GSO_NONE);
	let_pass(8 * NSEC_PER_SEC);
	CHECK_EQ(model.resets, 1); /* slow, but there is room */
	for (unsigned i = 0; i < 20; i++)
		send(100, 0, CSUM_NONE, GSO_NONE);
	let_pass(4 * NSEC_PER_SEC);
	CHECK_EQ(model.resets, 1);
	CHECK(take_sent(100, 0, 0)); /* one went: it is patient anew */
	let_pass(4 * NSEC_PER_SEC);
	CHECK_EQ(model.resets, 1);
	device.carrier = false; /* nothing goes out, and nothing should */
	let_pass(8 * NSEC_PER_SEC);
	CHECK_EQ(model.resets, 1);
	device.carrier = true;
	let_pass(6 * NSEC_PER_SEC);
	CHECK_EQ(model.resets, 3); /* to stop it, and to start it anew */
	CHECK_EQ(stats.tx_errors, 1);
	CHECK_EQ(uncharged, 21);
	for (unsigned i = 0; i < 20; i++)
		send(100, 0, CSUM_NONE, GSO_NONE);
	for (unsigned i = 0; i < 40; i++) {
		sent += take_sent(100, 0, 0);
		model_interrupt();
		settle();
	}
	CHECK_EQ(sent, 20);
	net_end();
}

/* --- the control queue --- */

static void control(void)
{
	u8 mac[6] = { 2, 1, 1, 1, 1, 1 };

	net_start(ALL | F_CTRL_VQ | F_CTRL_MAC | F_CTRL_RX | F_ANNOUNCE, 64);
	/* Nobody answers: the command fails, the device is reset. */
	CHECK_EQ(device.ops->set_mac(&device, mac), -EIO);
	run_work();
	CHECK_EQ(model.resets, 3);
	model.config[6] = 0;
	model.irq_status |= 2;
	model_interrupt();
	run_work();
	CHECK(!device.carrier);
	model.config[6] = 3; /* up, and announce */
	model.irq_status |= 2;
	model_interrupt();
	run_work();
	CHECK(device.carrier);
	CHECK_EQ(device_events[NETDEV_ANNOUNCE], 1);
	net_end();
}

/* Several pairs, of which as many are used as there are harts. */
static void pairs(void)
{
	struct vnet *n;

	nr_harts = 3;
	kernel_reset();
	model.id = VIRTIO_ID_NET;
	model.features |= BASIC | F_CTRL_VQ | F_MQ;
	model.config[8] = 5;
	CHECK_EQ(model_probe(), 0);
	n = device.priv;
	CHECK_EQ(n->nr_pairs, 3);
	CHECK(model.q[4].ready && model.q[5].ready && !model.q[6].ready && model.q[10].ready);
	/* A control queue that was promised and is not there. */
	kernel_reset();
	model.id = VIRTIO_ID_NET;
	model.features |= BASIC | F_CTRL_VQ | F_MQ;
	model.config[8] = 5;
	model.nr_queues = 10;
	CHECK_EQ(model_probe(), 0);
	n = device.priv;
	CHECK_EQ(n->nr_pairs, 1);
	nr_harts = 1;
}

/* Without memory: at each allocation of the probe, and while it runs. */
static void no_memory(void)
{
	u32 len;

	for (long at = 0; at < 12; at++) {
		long before;

		kernel_reset();
		model.id = VIRTIO_ID_NET;
		model.features |= ALL | F_CTRL_VQ;
		packet_init();
		pages_live = 0;
		fail_after = at;
		registered = false;
		before = live_allocations;
		model_probe();
		fail_after = -1;
		if (!registered)
			CHECK(live_allocations - before <= 1); /* the virtio_device stays */
	}
	net_start(ALL, 64);
	no_pages = true;
	for (unsigned i = 0; i < 30; i++) {
		len = make_frame(frame, 3000, 1);
		while (deliver(plain, frame, len, -1))
			model_interrupt();
		settle();
		free_got();
	}
	no_pages = false;
	/* Memory is there again: so are buffers, in a while. */
	CHECK(pass_time(100 * NSEC_PER_MSEC));
	settle();
	CHECK(deliver(plain, frame, make_frame(frame, 3000, 1), -1));
	net_end();
}

int main(void)
{
	pool_init();
	RUN(receives);
	RUN(grows);
	RUN(offloads);
	RUN(lies);
	RUN(breaks);
	RUN(sends);
	RUN(no_copies);
	RUN(moderates);
	RUN(full);
	RUN(stalls);
	RUN(control);
	RUN(pairs);
	RUN(no_memory);
	return t_done();
}
