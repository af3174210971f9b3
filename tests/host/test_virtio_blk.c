/*
 * The virtio disk on the host: a device that is honest, one that lies, one that is silent.
 */
#include "test_virtio.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/time.h"
#include "lib/string.h"

#include "t.h"

#define FLUSH	(1ULL << 9)
#define SEG_MAX (1ULL << 2)

struct request {
	struct block_request rq;
	struct block_seg seg;
	unsigned done;
	u8 data[1024];
};
static struct request requests[40];

static void request_done(struct block_request *rq)
{
	struct request *r = rq->private;

	CHECK(locks_free());
	r->done++;
}

static struct request *submit(unsigned i, enum block_op op)
{
	struct request *r = &requests[i];

	r->seg = (struct block_seg){ r->data, sizeof(r->data) };
	r->rq = (struct block_request){ .op = op,
					.sector = i,
					.segs = &r->seg,
					.nr_segs = op == BLOCK_FLUSH ? 0 : 1,
					.status = 77,
					.done = request_done,
					.private = r };
	r->done = 0;
	the_disk->ops->submit(the_disk, &r->rq);
	return r;
}

static void disk_start(u64 features)
{
	kernel_reset();
	model.id = VIRTIO_ID_BLOCK;
	model.features |= features;
	model.config[1] = 1; /* 256 sectors */
	CHECK_EQ(model_probe(), 0);
	CHECK(the_disk);
}

/* The device does the next request and says so. */
static bool answer(u8 status, u32 len)
{
	struct chain c;

	if (!model_next(0, &c))
		return false;
	*seg_data(&c, c.out + c.in - 1) = status;
	model_use(0, c.head, len);
	return true;
}

static void disk_honest(void)
{
	struct request *r;
	struct chain c;

	disk_start(FLUSH | INDIRECT | EVENT_IDX);
	CHECK_EQ(the_disk->sectors, 256);
	r = submit(3, BLOCK_READ);
	CHECK(model_next(0, &c));
	CHECK_EQ(c.out, 1);
	CHECK_EQ(c.in, 2);
	CHECK_EQ(*(u32 *)seg_data(&c, 0), 0);
	CHECK_EQ(*(u64 *)(seg_data(&c, 0) + 8), 3);
	memset(seg_data(&c, 1), 'r', 1024);
	*seg_data(&c, 2) = 0;
	model_use(0, c.head, 1025);
	CHECK_EQ(r->done, 0);
	model_interrupt();
	CHECK_EQ(r->done, 1);
	CHECK_EQ(r->rq.status, 0);
	CHECK_EQ(r->data[1023], 'r');
	r = submit(4, BLOCK_WRITE);
	CHECK(model_next(0, &c));
	CHECK_EQ(c.out, 2);
	CHECK_EQ(c.in, 1);
	*seg_data(&c, 2) = 0;
	model_use(0, c.head, 1);
	r = submit(5, BLOCK_FLUSH);
	CHECK(answer(0, 1));
	model_interrupt();
	CHECK_EQ(requests[4].rq.status, 0);
	CHECK_EQ(r->rq.status, 0);
}

/* More requests than the ring has places: each is answered once, in the end. */
static void disk_full_ring(void)
{
	static const u64 features[] = { 0, INDIRECT };

	for (unsigned f = 0; f < ARRAY_SIZE(features); f++) {
		unsigned answered = 0;

		disk_start(features[f]);
		for (unsigned i = 0; i < ARRAY_SIZE(requests); i++)
			submit(i, i % 2 ? BLOCK_READ : BLOCK_WRITE);
		while (answer(0, 1025)) {
			answered++;
			if (t_below(3) == 0)
				model_interrupt();
			if (!model.q[0].ready || model.q[0].taken == model.q[0].avail[1])
				model_interrupt();
		}
		CHECK_EQ(answered, ARRAY_SIZE(requests));
		for (unsigned i = 0; i < ARRAY_SIZE(requests); i++) {
			CHECK_EQ(requests[i].done, 1);
			CHECK_EQ(requests[i].rq.status, 0);
		}
	}
}

static void disk_errors(void)
{
	static const struct {
		u8 status;
		u32 len;
		int want;
	} rows[] = {
		{ 0, 1025, 0 },	     { 0, 1024, 0 },	    { 0, ~0u, 0 }, /* more than fits */
		{ 1, 1025, -EIO },   { 2, 1, -EOPNOTSUPP }, { 3, 1025, -EIO },
		{ 255, 1025, -EIO }, { 0, 1023, -EIO },	    { 0, 0, -EIO }, /* it read less */
	};

	disk_start(0);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct request *r = submit(i, BLOCK_READ);

		CHECK(answer(rows[i].status, rows[i].len));
		model_interrupt();
		CHECK_EQ(r->done, 1);
		CHECK_EQ(r->rq.status, rows[i].want);
	}
}

/* Ways of a device to do no work; what it was given comes back with EIO, and it can begin anew. */
static void silent(struct request *r __unused)
{
	CHECK(pass_time(31 * NSEC_PER_SEC));
	run_work();
	CHECK_EQ(model.resets, 1); /* the one of probe: the first round only looks */
	CHECK(pass_time(31 * NSEC_PER_SEC));
}

static void wild(struct request *r __unused)
{
	model_use(0, 77, 1);
	model_interrupt();
}

static void twice(struct request *r)
{
	CHECK(answer(0, 1025));
	model_use(0, 0, 1025);
	model_interrupt();
	CHECK_EQ(r->done, 1);
	CHECK_EQ(r->rq.status, 0);
}

static void disk_starts_anew(void (*trouble)(struct request *r), u64 features)
{
	struct request *r;
	unsigned i;

	disk_start(features);
	for (i = 0; i < 20; i++)
		submit(i, BLOCK_READ);
	trouble(&requests[0]);
	run_work();
	CHECK(model.resets > 1);
	for (i = 0; i < 20; i++) {
		CHECK_EQ(requests[i].done, 1);
		if (i || trouble != twice)
			CHECK_EQ(requests[i].rq.status, -EIO);
	}
	for (i = 0; i < 20; i++) {
		r = submit(i, BLOCK_READ);
		CHECK(answer(0, 1025));
		model_interrupt();
		CHECK_EQ(r->done, 1);
		CHECK_EQ(r->rq.status, 0);
	}
	CHECK_EQ(model.status, 15);
}

static void disk_that_is_silent(void)
{
	disk_starts_anew(silent, 0);
	disk_starts_anew(silent, INDIRECT | EVENT_IDX);
}

static void disk_that_returns_wild_numbers(void)
{
	disk_starts_anew(wild, 0);
	disk_starts_anew(wild, INDIRECT);
}

static void disk_that_returns_twice(void)
{
	disk_starts_anew(twice, 0);
	disk_starts_anew(twice, INDIRECT);
}

/* One that is slow, but not that slow, is left alone. */
static void disk_that_is_slow(void)
{
	disk_start(0);
	for (unsigned i = 0; i < 30; i++) {
		struct request *r = submit(0, BLOCK_READ);

		pass_time(29 * NSEC_PER_SEC);
		run_work();
		CHECK(answer(0, 1025));
		model_interrupt();
		CHECK_EQ(r->rq.status, 0);
	}
	CHECK_EQ(model.resets, 1);
	CHECK(pass_time(31 * NSEC_PER_SEC));
	CHECK(!pass_time(31 * NSEC_PER_SEC)); /* nothing in flight: no watchdog */
}

/* One that will not stop keeps what it has; later requests fail at once. */
static void disk_that_does_not_stop(void)
{
	struct request *r;

	disk_start(0);
	r = submit(0, BLOCK_READ);
	model.wont_reset = true;
	wild(r);
	run_work();
	CHECK_EQ(r->done, 0);
	r = submit(1, BLOCK_READ);
	CHECK_EQ(r->done, 1);
	CHECK_EQ(r->rq.status, -EIO);
	model_interrupt();
	pass_time(31 * NSEC_PER_SEC);
	CHECK(!pass_time(31 * NSEC_PER_SEC));
}

/* One that is another after the reset is not used. */
static void disk_that_comes_back_different(void)
{
	for (unsigned how = 0; how < 3; how++) {
		struct request *r;

		disk_start(INDIRECT);
		r = submit(0, BLOCK_READ);
		if (how == 0)
			model.features &= ~INDIRECT;
		else if (how == 1)
			model.queue_max = 4;
		else
			model.wont_agree = true;
		wild(r);
		run_work();
		CHECK_EQ(r->done, 1);
		CHECK_EQ(r->rq.status, -EIO);
		CHECK(!(model.status & 4));
		r = submit(1, BLOCK_READ);
		CHECK_EQ(r->done, 1);
		CHECK_EQ(r->rq.status, -EIO);
	}
}

/* What the configuration says is bounded. */
static void disk_that_boasts(void)
{
	kernel_reset();
	model.id = VIRTIO_ID_BLOCK;
	model.features |= SEG_MAX;
	memset(model.config, 0xff, sizeof(model.config));
	CHECK_EQ(model_probe(), 0);
	CHECK(the_disk && the_disk->sectors * SECTOR_SIZE / SECTOR_SIZE == the_disk->sectors);
	CHECK(the_disk && the_disk->max_segs <= 6);
	kernel_reset();
	model.id = VIRTIO_ID_BLOCK;
	model.queue_max = 2; /* no place for a request */
	model_probe();
	CHECK(!the_disk);
	CHECK_EQ(live_allocations, 1);
}

int main(void)
{
	RUN(disk_honest);
	RUN(disk_full_ring);
	RUN(disk_errors);
	RUN(disk_that_is_silent);
	RUN(disk_that_returns_wild_numbers);
	RUN(disk_that_returns_twice);
	RUN(disk_that_is_slow);
	RUN(disk_that_does_not_stop);
	RUN(disk_that_comes_back_different);
	RUN(disk_that_boasts);
	return t_done();
}
