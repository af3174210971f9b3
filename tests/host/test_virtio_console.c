/*
 * The virtio console and random drivers on the host: devices that are honest and devices that
 * lie; and what all drivers leave behind when memory runs out.
 */
#include "test_virtio.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/time.h"
#include "fs/internal.h"
#include "lib/string.h"

#include "t.h"

/* --- what is left behind when memory runs out --- */

/* Probes with each allocation failing in turn; only the virtio_device itself may stay. */
static void probe_without_memory(u32 id, u64 features)
{
	for (long n = 0;; n++) {
		kernel_reset();
		model.id = id;
		model.features |= features;
		model.config[4] = 3; /* ports of a console */
		model.nr_queues = 8;
		fail_after = n;
		model_probe();
		if (fail_after >= 0)
			break; /* it needed no more than n */
		CHECK(live_allocations <= 1);
		CHECK(!(model.status & 4));
		CHECK(locks_free());
	}
	CHECK(model.status & 4);
}

static void probes_without_memory(void)
{
	probe_without_memory(VIRTIO_ID_BLOCK, INDIRECT);
	probe_without_memory(VIRTIO_ID_CONSOLE, MANY_PORTS);
	probe_without_memory(VIRTIO_ID_RNG, 0);
}

/* --- a console --- */

static void note_port(struct port *p)
{
	the_port = p;
	nr_ports_added++;
}

static void tell_control(u32 id, u16 event, u16 value, const char *name, u32 len)
{
	struct chain c;

	CHECK(model_next(2, &c));
	memset(seg_data(&c, 0), 0, 8);
	memcpy(seg_data(&c, 0), &id, 4);
	memcpy(seg_data(&c, 0) + 4, &event, 2);
	memcpy(seg_data(&c, 0) + 6, &value, 2);
	if (name)
		memcpy(seg_data(&c, 0) + 8, name, strlen(name));
	model_use(2, c.head, len);
	model_interrupt();
	run_work();
}

/* The value of the last message of that kind that the driver sent; -1: none. */
static int sent(u16 event)
{
	struct chain c;
	int value = -1;

	while (model_next(3, &c)) {
		u8 *m = seg_data(&c, 0);

		if (*(u16 *)(m + 4) == event)
			value = *(u16 *)(m + 6);
		model_use(3, c.head, 0);
	}
	return value;
}

enum { ADD = 1, REMOVE = 2, PORT_READY = 3, PORT_OPEN = 6, NAME = 7 };

static void console_start(void)
{
	kernel_reset();
	port_added = note_port;
	model.id = VIRTIO_ID_CONSOLE;
	model.features |= MANY_PORTS;
	model.config[4] = 3;
	model.nr_queues = 8;
	CHECK_EQ(model_probe(), 0);
	CHECK_EQ(sent(0), 1);
}

/* Port 1: queues 4 and 5. */
static void console_with_port(void)
{
	console_start();
	tell_control(1, ADD, 1, NULL, 8);
	CHECK_EQ(sent(PORT_READY), 1);
	CHECK_EQ(nr_ports_added, 0);
	tell_control(1, NAME, 1, "one", 11);
	CHECK_EQ(nr_ports_added, 1);
	CHECK(the_port);
	CHECK_STR(the_port->name, "one");
	tell_control(1, PORT_OPEN, 1, NULL, 8);
	CHECK(the_port->ops->connected(the_port));
	the_port->ops->open(the_port, true);
	CHECK_EQ(sent(PORT_OPEN), 1);
}

static u8 text[70000];

static bool host_sends(u8 c, u32 n, u32 len)
{
	struct chain chain;

	if (!model_next(4, &chain))
		return false;
	CHECK_EQ(chain.in, 1);
	CHECK(n <= chain.segs[0].len);
	memset(seg_data(&chain, 0), c, n);
	model_use(4, chain.head, len);
	return true;
}

static void console_honest(void)
{
	struct chain c;
	unsigned n;

	console_with_port();
	/* in, with an end: what came before the close is read, then there is no more */
	for (n = 0; host_sends((u8)('a' + n), 100, 100); n++)
		continue;
	CHECK_EQ(n, 4); /* the back-pressure */
	tell_control(1, PORT_OPEN, 0, NULL, 8);
	CHECK(!the_port->ops->connected(the_port));
	CHECK_EQ(the_port->ops->readable(the_port), 400);
	CHECK_EQ(the_port->ops->read(the_port, text, 150), 150);
	CHECK_EQ(text[99], 'a');
	CHECK_EQ(text[100], 'b');
	CHECK(host_sends('z', 1, 1));
	CHECK_EQ(the_port->ops->read(the_port, text, sizeof(text)), 251);
	CHECK_EQ(the_port->ops->read(the_port, text, sizeof(text)), 0);
	/* out */
	tell_control(1, PORT_OPEN, 1, NULL, 8);
	for (n = 0; the_port->ops->write(the_port, "x", 1); n++)
		continue;
	CHECK_EQ(n, 4);
	CHECK(!the_port->ops->writable(the_port));
	CHECK(!the_port->ops->drained(the_port));
	while (model_next(5, &c)) {
		CHECK_EQ(*seg_data(&c, 0), 'x');
		model_use(5, c.head, 0);
	}
	model_interrupt();
	CHECK(the_port->ops->writable(the_port));
	CHECK(the_port->ops->drained(the_port));
	tell_control(1, REMOVE, 1, NULL, 8);
	CHECK(!the_port->ops->connected(the_port));
}

/* It says it wrote more than there is room for: as much as fits, and nothing of the kernel's. */
static void console_that_says_too_much(void)
{
	size_t n;

	console_with_port();
	CHECK(host_sends('a', 4, ~0u));
	model_interrupt();
	n = the_port->ops->read(the_port, text, sizeof(text));
	CHECK_EQ(n, 8192);
	CHECK_EQ(text[3], 'a');
	for (size_t i = 4; i < n; i++)
		CHECK_EQ(text[i], 0);
	CHECK_EQ(the_port->ops->readable(the_port), 0);
}

static void console_with_wild_messages(void)
{
	console_with_port();
	tell_control(7, ADD, 1, NULL, 8);
	tell_control(~0u, PORT_OPEN, 1, NULL, 8);
	tell_control(1, 99, 1, NULL, 8);
	tell_control(1, PORT_OPEN, 0, NULL, 7); /* too short to be one */
	CHECK(the_port->ops->connected(the_port));
	tell_control(1, NAME, 1, "two", 11); /* its name is in use */
	CHECK_STR(the_port->name, "one");
	tell_control(1, ADD, 1, NULL, 8); /* once more */
	CHECK_EQ(nr_ports_added, 1);
	tell_control(2, ADD, 1, NULL, 8);
	tell_control(
		2, NAME, 1,
		"a name that has no end within the sixty-three characters that there are for it",
		~0u);
	CHECK_EQ(nr_ports_added, 2);
	CHECK_EQ(strlen(the_port->name), 63);
}

/* It returns what it does not have: every port is closed, and it is stopped. */
static void console_that_lies(void)
{
	for (unsigned queue = 2; queue < 6; queue++) {
		unsigned resets;

		console_with_port();
		resets = model.resets;
		CHECK_EQ(the_port->ops->write(the_port, "x", 1), 1);
		model_use(queue, 15, 1);
		model_interrupt();
		if (queue == 3) { /* looked at when a message is sent */
			the_port->ops->open(the_port, false);
			model_interrupt();
		}
		CHECK(!the_port->ops->connected(the_port));
		run_work();
		CHECK_EQ(model.resets, resets + 1);
		CHECK_EQ(the_port->ops->read(the_port, text, 10), 0);
	}
}

static void console_without_ports(void)
{
	kernel_reset();
	model.id = VIRTIO_ID_CONSOLE;
	model.features |= MANY_PORTS;
	model_probe();
	CHECK(!(model.status & 4));
	CHECK_EQ(live_allocations, 1);
	kernel_reset();
	model.id = VIRTIO_ID_CONSOLE;
	model.features |= MANY_PORTS;
	model.config[4] = 31; /* and queues for three */
	model.nr_queues = 8;
	model_probe();
	CHECK(!(model.status & 4));
	CHECK_EQ(live_allocations, 1);
}

/* A port without memory for its buffers is not there, and leaves nothing. */
static void port_without_memory(void)
{
	for (long n = 0; n < 9; n++) {
		long before;

		console_start();
		tell_control(1, NAME, 1, "one", 11);
		before = live_allocations;
		fail_after = n;
		tell_control(1, ADD, 1, NULL, 8);
		fail_after = -1;
		CHECK_EQ(sent(PORT_READY), 0);
		CHECK_EQ(live_allocations, before);
		CHECK_EQ(nr_ports_added, 0);
	}
}

/* The same for the file that shows it. */
static void port_file_without_memory(void)
{
	struct port p = { .name = "one" };

	tty_lines_init();
	for (long n = 0; n < 3; n++) {
		long before = live_allocations;

		nr_chardevs = 0;
		fail_after = n;
		port_added(&p);
		CHECK_EQ(nr_chardevs, n == 2);
		CHECK_EQ(live_allocations - before, n == 2 ? 2 : 0);
	}
}

/* --- random numbers --- */

static void rng_start(void)
{
	kernel_reset();
	model.id = VIRTIO_ID_RNG;
	CHECK_EQ(model_probe(), 0);
}

static void rng_lengths(void)
{
	struct chain c;

	rng_start();
	CHECK(model_next(0, &c));
	CHECK_EQ(c.segs[0].len, 64);
	model_use(0, c.head, 3); /* less than a seed: it is asked again */
	model_interrupt();
	CHECK_EQ(random_bits, 24);
	CHECK(model_next(0, &c));
	model_use(0, c.head, ~0u);
	model_interrupt();
	CHECK_EQ(random_bits, 24 + 512);
	CHECK(!model_next(0, &c));
	CHECK(pass_time(301 * NSEC_PER_SEC));
	CHECK(model_next(0, &c));
	model_use(0, 5, 64); /* never heard of */
	model_interrupt();
	CHECK_EQ(random_bits, 24 + 512);
}

int main(void)
{
	RUN(probes_without_memory);
	RUN(console_honest);
	RUN(console_that_says_too_much);
	RUN(console_with_wild_messages);
	RUN(console_that_lies);
	RUN(console_without_ports);
	RUN(port_without_memory);
	RUN(port_file_without_memory);
	RUN(rng_lengths);
	return t_done();
}
