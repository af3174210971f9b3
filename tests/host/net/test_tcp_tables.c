/*
 * What connections share: the table of listeners, which grows; a listener that goes before its connections;
 * memory and orphans, which count for all networks together.
 *
 *	test_tcp_tables
 */
#include "tcp_world.h"

#include <err.h>
#include <uapi/in.h>

#include "lib/string.h"

#define LISTENERS 1000

static void check(bool ok, int line, const char *what)
{
	if (ok)
		return;
	printf("FAIL tcp_tables, line %d: %s\n", line, what);
	exit(1);
}
#define CHECK(what) check(what, __LINE__, #what)

static struct socket *listener(unsigned host, u16 port)
{
	struct socket *sk = world_socket(host);

	CHECK(!world_bind(sk, host, port));
	CHECK(!sk->ops->listen(sk, 5));
	return sk;
}

static void wait_ms(u64 ms)
{
	for (u64 end = world_now + ms * NSEC_PER_MSEC; world_step(end);)
		;
}

/* A client on host 0 of port on host 1; NULL: refused. */
static struct socket *client(u16 port)
{
	struct socket *sk = world_socket(0);

	CHECK(world_connect(sk, 1, port) == -EINPROGRESS);
	wait_ms(20);
	if (tcp_sk(sk)->state == TCP_ESTABLISHED)
		return sk;
	CHECK(socket_take_error(sk) == -ECONNREFUSED);
	world_close(sk);
	return NULL;
}

static struct tcp_counts counts(unsigned host)
{
	struct tcp_counts c;

	tcp_count(world_net(host), &c);
	return c;
}

static void many_listeners(void)
{
	static struct socket *all[LISTENERS];
	struct socket *from, *to;
	u32 size = world_net(1)->tcp->listeners->size;

	for (u16 i = 0; i < LISTENERS; i++)
		all[i] = listener(1, 1000 + i);
	CHECK(world_net(1)->tcp->listeners->size > size);
	CHECK(world_net(1)->tcp->listeners->size >= LISTENERS / 2);
	for (u16 i = 0; i < LISTENERS; i += 37) {
		from = client(1000 + i);
		CHECK(from);
		to = all[i]->ops->accept(all[i], 0);
		CHECK(!IS_ERR(to));
		world_close(from);
		world_close(to);
	}
	for (u16 i = 0; i < LISTENERS; i += 2)
		world_close(all[i]);
	for (u16 i = 0; i < 20; i++) {
		from = client(1000 + i);
		CHECK(!from == !(i & 1));
		if (from)
			world_close(from);
	}
	for (u16 i = 1; i < LISTENERS; i += 2)
		world_close(all[i]);
}

static void listener_goes_first(void)
{
	struct socket *l = listener(1, 80), *from = client(80), *to;

	CHECK(from);
	to = l->ops->accept(l, 0);
	CHECK(!IS_ERR(to));
	CHECK(counts(1).inuse == 2);
	world_close(l);
	wait_ms(1);
	CHECK(counts(1).inuse == 1);
	CHECK(world_send(to, "word", 4, 0) == 4);
	world_close(to);
	world_close(from);
}

/* Buffers of one network leave less to the others. */
static void memory_of_all(void)
{
	static u8 data[60000];
	struct socket *l = listener(1, 80), *from = client(80), *to;

	to = l->ops->accept(l, 0);
	CHECK(!IS_ERR(to));
	world_link.loss = 10000;
	CHECK(world_send(from, data, sizeof(data), 0) > 0);
	CHECK(counts(0).mem > 0);
	CHECK(counts(0).mem == counts(1).mem);
	world_close(from);
	CHECK(counts(0).orphans == 1 && counts(1).orphans == 1);
	/* One more is one too many, whichever network's it is: it ends at its first timeout. */
	tcp_sysctl.max_orphans = 1;
	CHECK(world_send(to, data, 1000, 0) == 1000);
	world_close(to);
	CHECK(counts(1).orphans <= 1);
	world_link.loss = 0;
	world_close(l);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "many listeners", many_listeners },
	{ "a listener goes first", listener_goes_first },
	{ "memory of all", memory_of_all },
};

int main(void)
{
	const struct tcp_sysctl usual = tcp_sysctl;

	for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
		tcp_sysctl = usual;
		world_start(i + 1, 2, false);
		tests[i].run();
		while (world_step(world_now + 300 * NSEC_PER_SEC))
			;
		CHECK(!counts(0).mem && !counts(0).orphans && !counts(0).inuse && !counts(1).inuse);
		world_end();
		CHECK(!world_allocations);
		printf("ok tcp_tables: %s\n", tests[i].name);
	}
	return 0;
}
