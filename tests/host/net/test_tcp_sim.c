/*
 * TCP against itself: two hosts, a network that does all that networks do, programs that behave
 * well and badly. Each run comes from a seed: what the link does, how large buffers and segments
 * are, who closes when and how.
 *
 * Held in every run: bytes arrive once, in order, unchanged; who closed in order has sent all of
 * it; every connection ends, within bounds of virtual time; nothing is left in memory.
 *
 *	test_tcp_sim [SEEDS [FIRST]]	SEEDS runs of each kind (200), from seed FIRST on
 *	test_tcp_sim -s SEED -k KIND	one run again, told in full
 */
#include "tcp_world.h"

#include <err.h>
#include <uapi/epoll.h>

#include "fs/poll.h"
#include "lib/string.h"

#define PERIOD 65521 /* of the stream: a prime, so that no segment size hides a shift */
#define CHUNK  20000
#define HOURS  (3600 * NSEC_PER_SEC)

static u8 stream[2][PERIOD + CHUNK];
static bool verbose, failed;
static u64 the_seed;
static unsigned the_kind;

static const char *const kinds[] = {
	"plain",
	"half-close",
	"reset by the client",
	"reset by the server",
	"the server stops reading for a while",
	"the server stops reading for ever",
	"both open",
	"the client vanishes",
	"fast network",
	"no memory now and then",
	"small buffers",
	"idle and keepalive",
	"closed and shut down at any moment",
	"little memory for all",
};
enum kind {
	PLAIN,
	HALF_CLOSE,
	RESET_CLIENT,
	RESET_SERVER,
	PAUSE,
	STALL,
	BOTH_OPEN,
	VANISH,
	FAST,
	NO_MEMORY,
	SMALL,
	KEEPALIVE,
	LEAVE,
	LITTLE_MEMORY,
	NR_KINDS,
};

static void fail(const char *what)
{
	if (!failed)
		printf("FAIL tcp_sim: %s (%s); again: build/host/test_tcp_sim -s %lu -k %u\n", what,
		       kinds[the_kind], the_seed, the_kind);
	failed = true;
}

/* --- one end --- */

struct end {
	const char *name;
	struct socket *sk; /* NULL: closed, or not yet open */
	unsigned dir; /* which stream it sends */
	u64 to_send, sent, got, reset_at;
	u64 read_from, read_until; /* it does not read in between */
	u64 leave_at, gone_at; /* LEAVE: it does something about its end, and the rest; 0: never */
	bool shut, eof, dead, reset, close_early, was;
	u32 max_read, max_write;
};

static void set_buffer(struct socket *sk, u32 sndbuf, u32 rcvbuf)
{
	if (sndbuf) {
		sk->sndbuf = sndbuf;
		sk->buf_lock |= SOCK_SNDBUF_LOCK;
	}
	if (rcvbuf) {
		sk->rcvbuf = rcvbuf;
		sk->buf_lock |= SOCK_RCVBUF_LOCK;
	}
}

/* Some send no faster than they are told to: no so slow that it would pass for silence. */
static void set_pace(struct socket *sk, bool paced)
{
	if (!paced)
		return;
	sk->max_pacing_rate = 10000000 + world_random(100000000);
	tcp_sk(sk)->paced = true;
}

static void set_linger0(struct socket *sk)
{
	sk->options |= 1u << OPT_LINGER;
	sk->linger = 0;
}

static void gone(struct end *e, const char *why)
{
	if (verbose)
		printf("%lu.%06lu %s: %s; sent %lu, got %lu\n", world_now / NSEC_PER_SEC,
		       world_now / 1000 % 1000000, e->name, why, e->sent, e->got);
	world_close(e->sk);
	e->sk = NULL;
}

static void write_some(struct end *e)
{
	while (e->sent < e->to_send) {
		size_t n = min(min(e->to_send - e->sent, (u64)CHUNK), (u64)e->max_write);
		ssize_t ret = world_send(e->sk, stream[e->dir] + e->sent % PERIOD, n,
					 world_chance(500) ? MSG_MORE : 0);

		if (ret == -EAGAIN || ret == -ENOBUFS)
			return;
		if (ret < 0) {
			e->dead = true;
			return;
		}
		e->sent += (u64)ret;
		if (world_chance(3000))
			return;
	}
	if (!e->shut) {
		e->shut = true;
		e->sk->ops->shutdown(e->sk, SHUT_SEND);
	}
}

static void read_some(struct end *e)
{
	static u8 buf[CHUNK];

	for (;;) {
		size_t n = min(e->max_read, (u32)CHUNK);
		ssize_t ret = world_recv(e->sk, buf, n, 0);

		if (ret == -EAGAIN)
			return;
		if (ret == 0) {
			e->eof = true;
			return;
		}
		if (ret < 0) {
			e->dead = true;
			return;
		}
		if (memcmp(buf, stream[!e->dir] + e->got % PERIOD, (size_t)ret))
			fail("bytes are wrong");
		e->got += (u64)ret;
		if (world_chance(3000))
			return;
	}
}

/* What a program may do in whatever state it finds its connection. */
static void leave(struct end *e)
{
	struct sockaddr_storage none = { 0 };
	u32 how = world_random(6);

	e->leave_at = 0;
	if (verbose)
		printf("%lu.%06lu %s: leaves, %u, in state %u\n", world_now / NSEC_PER_SEC,
		       world_now / 1000 % 1000000, e->name, how, tcp_sk(e->sk)->state);
	switch (how) {
	case 0:
		gone(e, "closes");
		break;
	case 1:
		set_linger0(e->sk);
		gone(e, "resets");
		break;
	case 2: /* connect(2) to nowhere */
		e->sk->ops->connect(e->sk, &none, sizeof(none), 0);
		gone(e, "disconnects");
		break;
	default:
		e->shut = e->shut || how != 3;
		e->sk->ops->shutdown(e->sk, how - 2);
		break;
	}
}

static void act(struct end *e)
{
	u32 ev;

	if (e->sk && e->leave_at && world_now >= e->leave_at)
		leave(e);
	if (e->sk && e->gone_at && world_now >= e->gone_at)
		gone(e, "has had enough");
	if (!e->sk)
		return;
	ev = e->sk->ops->poll(e->sk, NULL, NULL);
	if (e->reset && e->got + e->sent >= e->reset_at) {
		set_linger0(e->sk);
		gone(e, "resets");
		return;
	}
	if (ev & EPOLLERR) {
		e->dead = true;
	} else {
		if (!e->eof && (world_now < e->read_from || world_now >= e->read_until) &&
		    (ev & (EPOLLIN | EPOLLHUP)))
			read_some(e);
		if (!e->dead && (ev & EPOLLOUT) && !e->shut)
			write_some(e);
	}
	if (e->dead)
		gone(e, "failed");
	else if (e->close_early && e->shut && e->sk)
		gone(e, "closes with data unread");
	else if (e->eof && e->shut)
		gone(e, "done");
}

/* --- a run --- */

static struct end client, server;
static struct socket *listener;
static u64 listener_until; /* it is closed then; 0: when it is no longer wanted */
static u64 vanish_at;

static bool vanished(unsigned from __unused, const struct tcp_header *h, u32 len)
{
	if (verbose)
		printf("%lu.%06lu %u: %s%s%s%s%s seq %u ack %u win %u len %u\n",
		       world_now / NSEC_PER_SEC, world_now / 1000 % 1000000, from,
		       h->flags & TCP_SYN ? "S" : "", h->flags & TCP_FIN ? "F" : "",
		       h->flags & TCP_RST ? "R" : "", h->flags & TCP_PSH ? "P" : "",
		       h->flags & TCP_ACK ? "." : "", be32_to_cpu(h->seq), be32_to_cpu(h->ack),
		       be16_to_cpu(h->window), len - (u32)(h->off >> 4) * 4);
	return !vanish_at || world_now < vanish_at;
}

static u32 pick(const u32 *of, unsigned n)
{
	return of[world_random(n)];
}

static void set_link(enum kind kind, bool v6)
{
	static const u32 mtus[] = { 1500, 1500, 1500, 576, 296, 9000 };
	static const u32 delays[] = { 50, 1000, 10000, 50000, 300000 };
	static const u32 rates[] = { 0, 0, 0, 50, 200, 300, 500, 1000 };

	world_link.mtu = v6 ? 1280 + world_random(8000) : pick(mtus, ARRAY_SIZE(mtus));
	if (!v6 && world_chance(500))
		world_link.mtu = 128; /* the least that holds a segment of TCP_MIN_MSS */
	world_link.delay = pick(delays, ARRAY_SIZE(delays)) * NSEC_PER_USEC;
	if (world_chance(5000))
		world_link.loss = pick(rates, ARRAY_SIZE(rates));
	if (world_chance(4000))
		world_link.dup = pick(rates, ARRAY_SIZE(rates));
	if (world_chance(4000))
		world_link.reorder = pick(rates, ARRAY_SIZE(rates)) * 2;
	if (world_chance(2000))
		world_link.corrupt = pick(rates, ARRAY_SIZE(rates)) / 2;
	if (world_chance(3000))
		world_link.jitter = world_link.delay / (1 + world_random(8));
	if (world_chance(3000)) {
		world_link.per_byte = 100 + world_random(8000);
		world_link.queue = 5 + world_random(100);
	}
	if (world_chance(2000))
		world_link.mark = pick(rates, ARRAY_SIZE(rates));
	if (kind == FAST)
		world_link = (struct world_link){ .mtu = 65535, .whole = true, .delay = 10000 };
}

static void set_sysctls(void)
{
	tcp_sysctl.sack = world_chance(8000);
	tcp_sysctl.timestamps = world_chance(8000);
	tcp_sysctl.window_scaling = world_chance(8000);
	tcp_sysctl.ecn = world_chance(3000) ? 1 : 2;
	tcp_sysctl.congestion = world_chance(5000) ? "cubic" : "reno";
	/* Cookies hold only for the first segment to come after the SYN-ACK, so it must come first. */
	tcp_sysctl.syncookies = 1;
	tcp_sysctl.mem[2] = the_kind == LITTLE_MEMORY ? 20 + (int)world_random(100) : 1 << 14;
	tcp_sysctl.mem[1] = tcp_sysctl.mem[2] / 2;
	tcp_sysctl.mem[0] = tcp_sysctl.mem[1] / 2;
	if (!world_link.loss && !world_link.reorder && !world_link.jitter && !world_link.corrupt &&
	    !world_link.mark && !world_link.queue && world_chance(1000))
		tcp_sysctl.syncookies = 2;
}

static void set_ends(enum kind kind)
{
	static const u32 amounts[] = { 0, 1, 1000, 30000, 200000, 1000000 };
	u32 moments,
		slow = world_link.per_byte || world_link.loss > 400 || world_link.delay > 40000000;

	client = (struct end){ .name = "client", .dir = 0 };
	server = (struct end){ .name = "server", .dir = 1 };
	client.to_send = pick(amounts, slow ? 4 : ARRAY_SIZE(amounts));
	server.to_send = pick(amounts, slow ? 4 : ARRAY_SIZE(amounts));
	client.max_write = 1 + world_random(CHUNK);
	server.max_write = 1 + world_random(CHUNK);
	client.max_read = 1 + world_random(CHUNK);
	server.max_read = 1 + world_random(CHUNK);
	if (world_chance(2000))
		client.max_write = 1 + world_random(10);
	if (client.max_write < 20)
		client.to_send = min(client.to_send, 3000UL);
	vanish_at = listener_until = 0;
	switch (kind) {
	case RESET_CLIENT:
		client.reset = true;
		client.reset_at = world_random(60000);
		break;
	case RESET_SERVER:
		server.reset = true;
		server.reset_at = world_random(60000);
		break;
	case PAUSE:
		server.read_from = world_now + world_random(1000) * NSEC_PER_MSEC;
		server.read_until = server.read_from + world_random(100) * NSEC_PER_SEC;
		break;
	case STALL:
		server.read_from = world_now + world_random(1000) * NSEC_PER_MSEC;
		server.read_until = ~0UL;
		server.close_early = true;
		break;
	case VANISH:
		vanish_at = world_now + world_random(2000) * NSEC_PER_MSEC;
		break;
	case FAST:
		client.to_send *= 4;
		break;
	case LEAVE:
		/* From the handshake on: the first round trips are where most states are. */
		moments = world_chance(5000) ? 40 : 400;
		client.leave_at = world_now + 1 + world_random(moments) * world_link.delay / 4;
		server.leave_at = world_now + 1 + world_random(moments) * world_link.delay / 4;
		client.gone_at = client.leave_at + world_random(100) * world_link.delay;
		server.gone_at = server.leave_at + world_random(100) * world_link.delay;
		listener_until = world_chance(5000) ? server.leave_at : 0;
		break;
	default:
		break;
	}
}

static bool wants_all(enum kind kind)
{
	return kind == PLAIN || kind == HALF_CLOSE || kind == PAUSE || kind == BOTH_OPEN ||
	       kind == FAST || kind == SMALL || kind == KEEPALIVE || kind == LITTLE_MEMORY;
}

static void accept_one(void)
{
	struct socket *sk;

	if (listener && listener_until && world_now >= listener_until) {
		world_close(listener);
		listener = NULL;
	}
	if (!listener || server.sk || server.was)
		return;
	sk = listener->ops->accept(listener, 0);
	world_settle();
	if (IS_ERR(sk))
		return;
	server.sk = sk;
	server.was = true;
}

static void open_both(enum kind kind)
{
	u32 sndbuf = 0, rcvbuf = 0;
	bool paced = world_chance(1500);
	int err;

	if (kind == SMALL || world_chance(2000)) {
		sndbuf = 4608 + world_random(8000);
		rcvbuf = 2304 + world_random(20000);
	}
	client.sk = world_socket(0);
	set_buffer(client.sk, sndbuf, rcvbuf);
	set_pace(client.sk, paced);
	if (kind == KEEPALIVE) {
		client.sk->options |= 1u << OPT_KEEPALIVE;
		tcp_sk(client.sk)->keep_idle = 2000;
		tcp_sk(client.sk)->keep_intvl = 1000;
		tcp_sk(client.sk)->keep_cnt = 20;
	}
	if (kind == BOTH_OPEN) {
		listener = NULL;
		server.sk = world_socket(1);
		server.was = true;
		set_buffer(server.sk, sndbuf, rcvbuf);
		set_pace(server.sk, paced);
		world_bind(client.sk, 0, 1000);
		world_bind(server.sk, 1, 2000);
		err = world_connect(server.sk, 0, 1000);
		if (err != -EINPROGRESS)
			fail("connect");
		err = world_connect(client.sk, 1, 2000);
	} else {
		listener = world_socket(1);
		set_buffer(listener, sndbuf, rcvbuf);
		set_pace(listener, paced);
		if (world_bind(listener, 1, 80) || listener->ops->listen(listener, 5))
			fail("listen");
		err = world_connect(client.sk, 1, 80);
	}
	if (err != -EINPROGRESS)
		fail("connect does not wait");
}

/*
 * So bad that orphans run out of retries (tcp_orphan_retries), or so little memory that they are
 * ended; then the RST may be lost as well, and nobody tells who only waits.
 */
static bool may_break(enum kind kind)
{
	return world_link.loss + world_link.mark + world_link.corrupt >= 1000 ||
	       kind == LITTLE_MEMORY;
}

static void check_ends(enum kind kind, const struct end *e, const struct end *other)
{
	if (e->sk && verbose) {
		const struct tcp_sock *ts = tcp_sk(e->sk);

		printf("%s: state %u sent %lu got %lu eof %u shut %u; una %u nxt %u write %u wnd %u cwnd %u "
		       "out %u; rcv_nxt %u copied %u wnd %u rmem %u wmem %u timer %u\n",
		       e->name, ts->state, e->sent, e->got, e->eof, e->shut, ts->snd_una,
		       ts->snd_nxt, ts->write_seq, ts->snd_wnd, ts->cwnd, ts->packets_out,
		       ts->rcv_nxt, ts->copied_seq, ts->rcv_wnd, ts->rmem, ts->wmem, ts->rexmit);
	}
	if (e->sk)
		fail("an end did not finish in time");
	if (e->got > other->sent)
		fail("more arrived than was sent");
	/* A connection may break when the network is too bad, but it must not lie. */
	if (wants_all(kind) && e->eof && (e->got != other->to_send || !other->shut))
		fail("the end of the stream came early");
	if (wants_all(kind) && e->dead && !may_break(kind))
		fail("a connection broke");
}

/* When a program does something by itself, next. */
static u64 next_wish(u64 end)
{
	const u64 wishes[] = { client.leave_at,	  client.gone_at,   server.leave_at, server.gone_at,
			       server.read_until, server.read_from, listener_until };

	for (unsigned i = 0; i < ARRAY_SIZE(wishes); i++)
		if (wishes[i] > world_now)
			end = min(end, wishes[i]);
	return end;
}

/*
 * How long nothing may arrive while there is something to send and somebody who reads, ns: on a
 * network that loses nothing, no timer but that of delayed ACKs and corks may be waited for; where
 * it loses little, some timeouts in a row.
 */
static u64 longest_silence(void)
{
	u32 bad = world_link.loss + world_link.corrupt + world_link.mark +
		  (world_link.queue ? 1000 : 0);
	u64 trip = 2 * (world_link.delay + world_link.jitter) +
		   2 * world_link.mtu * world_link.per_byte;

	/* What comes too early may find no room, and is lost then. */
	if (!bad && !world_link.reorder && !world_link.jitter)
		return 2 * NSEC_PER_SEC + 5 * trip;
	return bad <= 300 ? 240 * NSEC_PER_SEC : HOURS;
}

static void check_silence(u64 since)
{
	if (server.read_until != ~0UL)
		since = max(since, server.read_until);
	if (world_now > since && world_now - since > longest_silence() &&
	    (client.sk || server.sk)) {
		if (verbose)
			printf("silence of %lu ms, %lu allowed\n",
			       (world_now - since) / NSEC_PER_MSEC,
			       longest_silence() / NSEC_PER_MSEC);
		fail("it stood still");
	}
}

/*
 * tcp_mem holds for both together, but for what may not be refused and is taken in steps of 16 pages,
 * and for what it costs to keep segments apart that were written as one (256 bytes each).
 */
static void check_memory(void)
{
	u64 limit = (u64)tcp_sysctl.mem[2],
	    most = limit + limit * 256 / (world_link.mtu - 40) + 2 * 3 * 16;
	struct tcp_counts c;

	tcp_count(world_net(0), &c);
	if (c.mem > most)
		fail("buffers grow beyond tcp_mem");
}

static u64 total_steps;

static void run(enum kind kind, u64 seed)
{
	u64 end, steps = 0, idle = 0, done = 0, progress;
	struct tcp_counts c;
	bool v6;

	the_seed = seed;
	the_kind = kind;
	failed = false;
	world_seed(seed * 64 + kind);
	v6 = world_chance(3000);
	world_start(seed * 64 + kind + 1, 2, v6);
	set_link(kind, v6);
	set_sysctls();
	set_ends(kind);
	world_tap = vanished;
	if (verbose)
		printf("mtu %u delay %lu jitter %lu per byte %lu queue %u loss %u dup %u reorder %u "
		       "corrupt %u mark %u; sack %d timestamps %d scaling %d\n",
		       world_link.mtu, world_link.delay, world_link.jitter, world_link.per_byte,
		       world_link.queue, world_link.loss, world_link.dup, world_link.reorder,
		       world_link.corrupt, world_link.mark, tcp_sysctl.sack, tcp_sysctl.timestamps,
		       tcp_sysctl.window_scaling);
	open_both(kind);
	end = world_now + 3 * HOURS;
	progress = world_now;
	while (!failed && (client.sk || server.sk || (listener && !server.was))) {
		if (kind == NO_MEMORY && world_fail_in < 0 && world_chance(200))
			world_fail_in = world_random(30);
		accept_one();
		act(&client);
		act(&server);
		if (kind == LITTLE_MEMORY)
			check_memory();
		/*
		 * A program that had something to do does the rest soon, whatever the network does.
		 * Nothing under way any more: the programs get some more turns.
		 */
		if (done != client.got + client.sent + server.got + server.sent) {
			idle = 0;
			if (wants_all(kind))
				check_silence(progress);
			progress = world_now;
			world_step(min(end, world_now + NSEC_PER_MSEC));
		} else if (world_step(next_wish(end))) {
			idle = 0;
		} else if (++idle > 100) {
			break;
		}
		done = client.got + client.sent + server.got + server.sent;
		if (++steps > 3000000) {
			fail("no progress");
			break;
		}
	}
	world_fail_in = -1;
	if (server.sk && kind == STALL)
		gone(&server, "gives up");
	/* Nobody tells who only listens, or waits: its program has to. */
	if (server.sk && !failed &&
	    (kind == VANISH || kind == RESET_CLIENT || kind == NO_MEMORY || kind == LEAVE ||
	     may_break(kind))) {
		server.dead = true;
		gone(&server, "is told");
	}
	if (client.sk && !failed &&
	    (kind == VANISH || kind == RESET_SERVER || kind == STALL || kind == NO_MEMORY ||
	     kind == LEAVE || may_break(kind))) {
		client.dead = true;
		gone(&client, "is told");
	}
	check_ends(kind, &client, &server);
	check_ends(kind, &server, &client);
	if (client.sk)
		world_close(client.sk);
	if (server.sk)
		world_close(server.sk);
	if (listener)
		world_close(listener);
	listener = NULL;
	/* What is left in FIN-WAIT, LAST-ACK and TIME-WAIT goes by its timers. */
	while (!failed && world_step(end + 12 * HOURS))
		if (++steps > 6000000)
			fail("it never ends");
	tcp_count(world_net(0), &c);
	if (c.inuse || c.tw || c.orphans || c.established || c.mem)
		fail("the client's host has something left");
	tcp_count(world_net(1), &c);
	if (c.inuse || c.tw || c.orphans || c.established || c.mem)
		fail("the server's host has something left");
	total_steps += steps;
	if (failed)
		exit(1);
	world_end();
	if (world_allocations)
		fail("memory is left over");
	if (failed)
		exit(1);
}

int main(int argc, char **argv)
{
	u64 seeds = 200, first = 1, seed = 0;
	int kind = -1;

	world_seed(4711);
	for (unsigned d = 0; d < 2; d++)
		for (unsigned i = 0; i < PERIOD; i++)
			stream[d][i] = (u8)world_random(256);
	for (unsigned d = 0; d < 2; d++)
		memcpy(stream[d] + PERIOD, stream[d], CHUNK);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-s") && i + 1 < argc)
			seed = (u64)strtol(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "-k") && i + 1 < argc)
			kind = atoi(argv[++i]);
		else if (i == 1)
			seeds = (u64)strtol(argv[i], NULL, 10);
		else
			first = (u64)strtol(argv[i], NULL, 10);
	}
	if (seed) {
		verbose = true;
		run((enum kind)max(kind, 0), seed);
		return 0;
	}
	for (unsigned k = 0; k < NR_KINDS; k++) {
		if (kind >= 0 && k != (unsigned)kind)
			continue;
		for (u64 s = first; s < first + seeds; s++)
			run((enum kind)k, s);
		printf("ok tcp_sim: %s\n", kinds[k]);
	}
	return 0;
}
