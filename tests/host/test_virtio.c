/*
 * virtio queues on the host, against a device that is honest and one that lies.
 */
#include "test_virtio.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "t.h"

#define RAW_ID 99

static struct virtqueue *raw;
static struct virtio_device *raw_device;

static int raw_probe(struct virtio_device *d)
{
	raw_device = d;
	raw = virtio_queue(d, 0, 64);
	return PTR_ERR_OR_ZERO(raw);
}

static void raw_interrupt(struct virtio_device *d __unused)
{
}

VIRTIO_DRIVER(raw_driver) = {
	.name = "raw", .device_id = RAW_ID, .probe = raw_probe, .interrupt = raw_interrupt
};

static void raw_start(u64 features)
{
	kernel_reset();
	model.id = RAW_ID;
	model.features |= features;
	raw = NULL;
	CHECK_EQ(model_probe(), 0);
	CHECK(raw && !IS_ERR(raw));
}

static void raw_end(void)
{
	virtio_reset(raw_device);
	vq_free(raw);
	CHECK_EQ(live_allocations, 1); /* the device */
}

static u8 bytes[64];
static const struct vq_seg segs[] = {
	{ (u64)0, 1 }, { (u64)0, 2 }, { (u64)0, 3 }, { (u64)0, 4 }, { (u64)0, 5 },
	{ (u64)0, 6 }, { (u64)0, 7 }, { (u64)0, 8 }, { (u64)0, 9 },
};

/* A chain of n segments whose token says its number. */
static int put(unsigned n, unsigned out, u64 number)
{
	return vq_add(raw, segs, out, n - out, bytes + number);
}

static s64 got(u32 *len)
{
	u8 *p = vq_get(raw, len);

	return p ? p - bytes : -1;
}

/* Chains of all lengths, in any order back, past the wrap of the 16-bit indexes. */
static void honest(u64 features)
{
	struct chain flying[8];
	u64 number[8];
	unsigned n = 0;

	raw_start(features);
	for (unsigned turn = 0; turn < 140000 && !t.failed; turn++) {
		if (n < 8 && t_below(2)) {
			unsigned want = 1 + (unsigned)t_below(4), out = (unsigned)t_below(want + 1);
			u64 name = t_below(64);
			int err;

			fail_after = t_below(4) ? -1 : 0; /* a table of its own, or in the ring */
			err = put(want, out, name);
			fail_after = -1;
			vq_kick(raw);
			if (err) {
				CHECK_EQ(err, -ENOSPC);
				CHECK(n > 0);
				continue;
			}
			CHECK(model_next(0, &flying[n]));
			CHECK_EQ(flying[n].out, out);
			CHECK_EQ(flying[n].in, want - out);
			for (unsigned i = 0; i < want; i++)
				CHECK_EQ(flying[n].segs[i].len, i + 1);
			number[n++] = name;
		} else if (n) {
			unsigned which = (unsigned)t_below(n);
			u32 len;

			model_use(0, flying[which].head, turn);
			CHECK_EQ(got(&len), number[which]);
			CHECK_EQ(len, turn);
			flying[which] = flying[--n];
			number[which] = number[n];
		}
		if (!n) {
			CHECK_EQ(raw->nr_free, raw->num);
			CHECK_EQ(got(NULL), -1);
		}
	}
	CHECK(!raw->broken);
	raw_end();
}

static void queue_in_the_ring(void)
{
	honest(0);
}

static void queue_with_tables(void)
{
	honest(INDIRECT | EVENT_IDX);
}

/* A device that wants no word until the third chain gets none before; then one. */
static void queue_notifies_when_asked(void)
{
	raw_start(EVENT_IDX);
	model.q[0].used[2 + 4 * 8] = 2; /* avail_event */
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(put(1, 1, i), 0);
		vq_kick(raw);
		CHECK_EQ(model.q[0].notified, 0);
	}
	CHECK_EQ(put(1, 1, 2), 0);
	vq_kick(raw);
	CHECK_EQ(model.q[0].notified, 1);
	vq_kick(raw);
	CHECK_EQ(model.q[0].notified, 1);
	vq_notify(raw);
	CHECK_EQ(model.q[0].notified, 2);
	CHECK(!vq_arm(raw));
	model_use(0, 0, 0);
	CHECK(vq_arm(raw));
	raw_end();
}

/* The queue is given up: nothing comes out, and what was in flight can be taken back once. */
static void given_up(unsigned in_flight)
{
	CHECK_EQ(got(NULL), -1);
	CHECK(raw->broken);
	CHECK(!vq_arm(raw));
	virtio_reset(raw_device);
	while (vq_take_back(raw))
		in_flight--;
	CHECK_EQ(in_flight, 0);
	CHECK_EQ(raw->nr_free, raw->num);
	raw_end();
}

static void lie_number_out_of_range(void)
{
	static const u32 wild[] = { 8, 9, 0xffff, 0x10000, 0x80000000, ~0u };

	for (unsigned i = 0; i < ARRAY_SIZE(wild); i++) {
		raw_start(0);
		CHECK_EQ(put(2, 1, 1), 0);
		model_use(0, wild[i], 1);
		given_up(1);
	}
}

static void lie_number_inside_a_chain(void)
{
	raw_start(0);
	CHECK_EQ(put(3, 1, 1), 0);
	model_use(0, 1, 1);
	given_up(1);
}

static void lie_number_twice(void)
{
	raw_start(INDIRECT);
	CHECK_EQ(put(3, 1, 1), 0);
	CHECK_EQ(put(3, 1, 2), 0);
	model_use(0, 0, 1);
	model_use(0, 0, 1);
	CHECK_EQ(got(NULL), 1);
	given_up(1);
}

/* The index runs ahead: the ring's old entries name a chain that is in flight once more. */
static void lie_index_ahead(void)
{
	for (unsigned ahead = 2; ahead < 9; ahead++) {
		raw_start(0);
		CHECK_EQ(put(1, 0, 1), 0);
		model_use(0, 0, 1);
		CHECK_EQ(got(NULL), 1);
		CHECK_EQ(put(1, 0, 2), 0);
		model.q[0].used[1] = (u16)(model.q[0].used[1] + ahead);
		given_up(1);
	}
	raw_start(0);
	CHECK_EQ(put(1, 0, 1), 0);
	model.q[0].used[1] = 0xffff; /* backwards */
	given_up(1);
}

/* The device writes into the table: how long a chain is, we know ourselves. */
static void lie_in_the_table(void)
{
	raw_start(0);
	CHECK_EQ(put(2, 1, 1), 0);
	CHECK_EQ(put(2, 1, 2), 0);
	for (unsigned i = 0; i < 8; i++) {
		model.q[0].desc[i].flags |= 1;
		model.q[0].desc[i].next = i < 4 ? 0 : 0xffff;
	}
	model_use(0, 0, 1);
	model_use(0, 2, 1);
	CHECK_EQ(got(NULL), 1);
	CHECK_EQ(got(NULL), 2);
	CHECK_EQ(raw->nr_free, 8);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(put(1, 1, i), 0);
	CHECK_EQ(put(1, 1, 9), -ENOSPC);
	raw_end();
}

static void device_that_does_not_agree(void)
{
	kernel_reset();
	model.id = RAW_ID;
	raw = NULL;
	model.wont_agree = true;
	model_probe();
	CHECK(!raw && !(model.status & 4));
	model.wont_agree = false;
	model.status = 0x0f;
	model.wont_reset = true;
	model_probe();
	CHECK(!raw);
	model.wont_reset = false;
	model.features = 0; /* a legacy device */
	model_probe();
	CHECK(!raw);
	model.id = 1234;
	CHECK_EQ(model_probe(), -ENODEV);
	CHECK_EQ(live_allocations, 3);
}

int main(void)
{
	RUN(queue_in_the_ring);
	RUN(queue_with_tables);
	RUN(queue_notifies_when_asked);
	RUN(lie_number_out_of_range);
	RUN(lie_number_inside_a_chain);
	RUN(lie_number_twice);
	RUN(lie_index_ahead);
	RUN(lie_in_the_table);
	RUN(device_that_does_not_agree);
	return t_done();
}
