/*
 * How fast TCP is on a bad path, in virtual time: what loss, disorder and doubles leave of a transfer that is held
 * back by its window alone. No figure hangs on the host's speed; each is the same in every run. Held:
 *
 *	CUBIC is about as fast as Reno at least, which is what RFC 9438 4.3 is for;
 *	neither is far from 1.22 segments / (RTT x sqrt(loss)) (RFC 3819 8.5.1), or, where the window is so small
 *	that losses can only be found by a timeout, from what was measured when this was written.
 *
 * And SO_MAX_PACING_RATE: who is told a rate that the path could carry sends at that rate, to a few parts in a
 * hundred, with losses and without.
 *
 *	test_tcp_rate [-v]
 */
#include "tcp_world.h"

#include <err.h>

#include "lib/string.h"

#define RUNS	4
#define SECONDS 10

struct bad_path {
	const char *name;
	u32 delay_us, loss, reorder, dup; /* one way; of 10,000 */
	u32 least; /* kbit/s */
	u64 pace; /* bytes a second; 0: no limit */
};
/* The wires of tests/net/iperf.py, whose late frames are 2 ms later than others. */
static const struct bad_path paths[] = {
	{ "1% lost, RTT 10 ms", 5000, 100, 0, 0, 10000, 0 },
	{ "5% lost, RTT 20 ms", 10000, 500, 0, 0, 1800, 0 },
	{ "5% lost, RTT 1 ms", 500, 500, 0, 0, 16000, 0 },
	{ "5% lost, 5% late, 2% twice, RTT 1 ms", 500, 500, 500, 200, 16000, 0 },
	{ "1% lost, 20% late, RTT 4 ms", 2000, 100, 2000, 0, 20000, 0 },
};

static const struct bad_path paced[] = {
	{ "100 kB/s, RTT 10 ms", 5000, 0, 0, 0, 0, 100000 },
	{ "1 MB/s, RTT 1 ms", 500, 0, 0, 0, 0, 1000000 },
	{ "10 MB/s, RTT 10 ms", 5000, 0, 0, 0, 0, 10000000 },
	{ "100 kB/s, 1% lost, RTT 10 ms", 5000, 100, 0, 0, 0, 100000 },
};

static u8 data[1 << 16];

static struct socket *accept_one(struct socket *listener)
{
	struct socket *sk;

	do {
		world_step(world_now + NSEC_PER_MSEC);
		sk = listener->ops->accept(listener, 0);
	} while (IS_ERR(sk));
	return sk;
}

/* Bytes that arrive in SECONDS. */
static u64 transfer(const struct bad_path *path, const char *algorithm, u64 seed, u64 *timeouts)
{
	struct socket *listener, *from, *to;
	u64 got = 0, end;
	ssize_t n;

	world_seed(seed);
	world_start(seed, 2, false);
	tcp_sysctl.congestion = algorithm;
	world_link.delay = path->delay_us * NSEC_PER_USEC;
	world_link.late = 2 * NSEC_PER_MSEC;
	world_link.per_byte = 20;
	listener = world_socket(1);
	world_bind(listener, 1, 80);
	listener->ops->listen(listener, 1);
	from = world_socket(0);
	if (path->pace) {
		from->max_pacing_rate = path->pace;
		tcp_sk(from)->paced = true;
	}
	world_connect(from, 1, 80);
	to = accept_one(listener);
	world_link.loss = path->loss;
	world_link.reorder = path->reorder;
	world_link.dup = path->dup;
	for (end = world_now + SECONDS * NSEC_PER_SEC; world_now < end;) {
		while (world_send(from, data, sizeof(data), 0) > 0)
			;
		while ((n = world_recv(to, data, sizeof(data), 0)) > 0)
			got += (u64)n;
		world_step(world_now + NSEC_PER_MSEC);
	}
	*timeouts += tcp_stat(world_net(0), TCPS_TIMEOUTS);
	world_link.loss = 0;
	world_close(from);
	world_close(to);
	world_close(listener);
	while (world_step(world_now + 1000 * NSEC_PER_SEC))
		;
	world_end();
	return got;
}

/* kbit/s */
static u64 rate(const struct bad_path *path, const char *algorithm, bool verbose)
{
	u64 got = 0, timeouts = 0;

	for (u64 seed = 1; seed <= RUNS; seed++)
		got += transfer(path, algorithm, seed, &timeouts);
	got = got * 8 / 1000 / SECONDS / RUNS;
	if (verbose)
		printf("%s: %s %lu kbit/s, %lu timeouts\n", path->name, algorithm, got, timeouts);
	return got;
}

int main(int argc, char **argv)
{
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");
	int bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		u64 reno = rate(&paths[i], "reno", verbose),
		    cubic = rate(&paths[i], "cubic", verbose);
		bool ok = reno >= paths[i].least && cubic >= paths[i].least &&
			  cubic * 5 >= reno * 4;

		printf("%s tcp_rate: %s\n", ok ? "ok" : "FAIL", paths[i].name);
		if (!ok)
			printf("reno %lu, cubic %lu, wanted %u kbit/s\n", reno, cubic,
			       paths[i].least);
		bad += !ok;
	}
	for (size_t i = 0; i < ARRAY_SIZE(paced); i++) {
		u64 want = paced[i].pace * 8 / 1000, got = rate(&paced[i], "cubic", verbose);
		bool ok = got * 100 >= want * 93 && got * 100 <= want * 103;

		printf("%s tcp_rate: paced, %s\n", ok ? "ok" : "FAIL", paced[i].name);
		if (!ok)
			printf("%lu of %lu kbit/s\n", got, want);
		bad += !ok;
	}
	return bad != 0;
}
