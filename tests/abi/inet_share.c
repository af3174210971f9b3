/*
 * Who of those that share a port by SO_REUSEPORT gets what comes: by the word of a program
 * (SO_ATTACH_REUSEPORT_CBPF), or who asked for this processor (SO_INCOMING_CPU). SO_MAX_PACING_RATE slows TCP down.
 */
#include "inet.h"
#include <linux/filter.h>
#include <netinet/tcp.h>

#define MEMBERS 3

static const int on = 1;

static int member(int type, int port, int listens)
{
	struct sockaddr_in a = at("127.0.0.1", port);
	int s = MUST(socket(AF_INET, type, 0));

	MUST(setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	MUST(bind(s, (void *)&a, sizeof(a)));
	if (listens)
		MUST(listen(s, 20));
	return s;
}

static int attach(int s, unsigned n, struct sock_filter *f)
{
	struct sock_fprog prog = { .len = (unsigned short)n, .filter = f };

	return setsockopt(s, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog));
}

/* The payload's first byte. */
static int attach_byte(int s)
{
	struct sock_filter f[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_STMT(BPF_RET | BPF_A, 0) };

	return attach(s, 2, f);
}

static int attach_number(int s, unsigned k)
{
	struct sock_filter f[] = { BPF_STMT(BPF_RET | BPF_K, k) };

	return attach(s, 1, f);
}

static int attach_special(int s, unsigned what)
{
	struct sock_filter f[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + what),
				   BPF_STMT(BPF_RET | BPF_A, 0) };

	return attach(s, 2, f);
}

/* From so many ports a datagram with this first byte. */
static void send_to(int ports, unsigned char byte, int port)
{
	unsigned char data[4] = { byte, 1, 2, 3 };
	struct sockaddr_in to = at("127.0.0.1", port);

	for (int i = 0; i < ports; i++) {
		int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

		MUST(sendto(s, data, sizeof(data), 0, (void *)&to, sizeof(to)));
		close(s);
	}
}

static int waiting_in(int s)
{
	unsigned char got[4];
	int n = 0;

	while (recv(s, got, sizeof(got), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

/* Who got how many of them. */
static void send_from(int ports, unsigned char byte, int port, const int *m, int n)
{
	send_to(ports, byte, port);
	for (int i = 0; i < n; i++)
		say(" %d", waiting_in(m[i]));
	say("\n");
}

/* How many they got together. */
static void total_of(int ports, unsigned char byte, int port, const int *m, int n)
{
	int total = 0, most = 0;

	send_to(ports, byte, port);
	for (int i = 0; i < n; i++) {
		int got = waiting_in(m[i]);

		total += got;
		most = got > most ? got : most;
	}
	say(" %d in all, %s\n", total, most == total ? "to one" : "to several");
}

static void programs_udp(void)
{
	int port, m[MEMBERS + 1], s;

	SECTION("UDP: a program");
	s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(attach_byte(s));
	R(setsockopt(s, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	close(s);
	s = bound("127.0.0.1", 0);
	R(attach_byte(s));
	R(setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	R(attach_byte(s));
	R(setsockopt(s, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	close(s);
	m[0] = member(SOCK_DGRAM, 0, 0);
	port = port_of(m[0]);
	for (int i = 1; i < MEMBERS; i++)
		m[i] = member(SOCK_DGRAM, port, 0);
	R(setsockopt(m[1], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	R(attach_byte(m[1]));
	for (unsigned char b = 0; b < MEMBERS; b++)
		send_from(10, b, port, m, MEMBERS);
	total_of(60, 200, port, m, MEMBERS); /* none of that number: as without */
	SECTION("another in its place, and none");
	R(attach_number(m[2], 1));
	send_from(10, 0, port, m, MEMBERS);
	R(setsockopt(m[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	R(setsockopt(m[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	total_of(60, 0, port, m, MEMBERS);
	SECTION("one goes: the last takes its place; one comes");
	R(attach_byte(m[1]));
	close(m[0]);
	send_from(10, 0, port, m + 1, MEMBERS - 1);
	send_from(10, 1, port, m + 1, MEMBERS - 1);
	m[0] = member(SOCK_DGRAM, port, 0);
	send_from(10, 2, port, m, MEMBERS);
	SECTION("programs that are refused");
	R(attach(m[0], 0, NULL));
	{
		struct sock_filter bad[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) };

		R(attach(m[0], 1, bad)); /* does not end */
	}
	R(setsockopt(m[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &on, sizeof(on)));
	R(setsockopt(m[0], SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)));
	R(attach_byte(m[0]));
	R(attach_byte(m[1]));
	send_from(10, 2, port, m, MEMBERS);
	SECTION("one that has a program of its own does not join");
	m[MEMBERS] = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(setsockopt(m[MEMBERS], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	R(attach_number(m[MEMBERS], 3));
	{
		struct sockaddr_in a = at("127.0.0.1", port);

		R(bind(m[MEMBERS], (void *)&a, sizeof(a)));
		R(setsockopt(m[MEMBERS], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
		R(bind(m[MEMBERS], (void *)&a, sizeof(a)));
	}
	send_from(10, 1, port, m, MEMBERS);
	for (int i = 0; i <= MEMBERS; i++)
		close(m[i]);
	SECTION("one that has a program before others join");
	m[0] = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(setsockopt(m[0], SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
	R(attach_number(m[0], 1));
	{
		struct sockaddr_in a = at("127.0.0.1", 0);

		MUST(bind(m[0], (void *)&a, sizeof(a)));
	}
	port = port_of(m[0]);
	m[1] = member(SOCK_DGRAM, port, 0);
	m[2] = member(SOCK_DGRAM, port, 0);
	send_from(10, 9, port, m, MEMBERS);
	SECTION("what a program may ask of a packet");
	R(attach_special(m[0], SKF_AD_PROTOCOL));
	total_of(60, 0, port, m, MEMBERS);
	R(attach_special(m[0], SKF_AD_PKTTYPE));
	send_from(10, 9, port, m, MEMBERS);
	R(attach_special(m[0], SKF_AD_CPU));
	send_from(10, 9, port, m, MEMBERS);
	for (int i = 0; i < MEMBERS; i++)
		close(m[i]);
}

/* So many connections; which of the listeners has how many. */
static void connect_to(int n, int port, const int *m)
{
	struct sockaddr_in to = at("127.0.0.1", port);

	for (int i = 0; i < n; i++) {
		int s = MUST(socket(AF_INET, SOCK_STREAM, 0));

		MUST(connect(s, (void *)&to, sizeof(to)));
		MUST(setsockopt(s, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 },
				sizeof(struct linger)));
		close(s);
	}
	for (int i = 0; i < MEMBERS; i++) {
		int count = 0, s;

		while (fcntl(m[i], F_SETFL, O_NONBLOCK), (s = accept(m[i], NULL, NULL)) >= 0) {
			count++;
			close(s);
		}
		say(" %d", count);
	}
	say("\n");
}

static void programs_tcp(void)
{
	int m[MEMBERS], port;

	SECTION("TCP: a program");
	m[0] = member(SOCK_STREAM, 0, 1);
	port = port_of(m[0]);
	for (int i = 1; i < MEMBERS; i++)
		m[i] = member(SOCK_STREAM, port, 1);
	for (unsigned i = 0; i < MEMBERS; i++) {
		R(attach_number(m[0], i));
		connect_to(5, port, m);
	}
	R(shutdown(m[1], SHUT_RD)); /* it listens no more: the last has its place */
	R(attach_number(m[0], 1));
	connect_to(5, port, m);
	R(listen(m[1], 20));
	R(attach_number(m[0], 2));
	connect_to(5, port, m);
	R(setsockopt(m[2], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	R(setsockopt(m[2], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &on, sizeof(on)));
	for (int i = 0; i < MEMBERS; i++)
		close(m[i]);
}

static void processors(void)
{
	int m[MEMBERS], port, cpu = 0, other = 1, p[2], v = -2;
	socklen_t n = sizeof(v);
	char c;

	for (int k = 0; k < 2; k++) {
		int type = k ? SOCK_STREAM : SOCK_DGRAM;

		SECTION(k ? "TCP: processors" : "UDP: processors");
		m[0] = member(type, 0, k);
		port = port_of(m[0]);
		for (int i = 1; i < MEMBERS; i++)
			m[i] = member(type, port, k);
		R(setsockopt(m[0], SOL_SOCKET, SO_INCOMING_CPU, &other, sizeof(other)));
		R(setsockopt(m[1], SOL_SOCKET, SO_INCOMING_CPU, &cpu, sizeof(cpu)));
		if (k)
			connect_to(20, port, m);
		else
			send_from(20, 0, port, m, MEMBERS);
		R(setsockopt(m[1], SOL_SOCKET, SO_INCOMING_CPU, &other, sizeof(other)));
		R(setsockopt(m[2], SOL_SOCKET, SO_INCOMING_CPU, &cpu, sizeof(cpu)));
		if (k)
			connect_to(20, port, m);
		else
			send_from(20, 0, port, m, MEMBERS);
		for (int i = 0; i < MEMBERS; i++)
			close(m[i]);
	}
	SECTION("where a connection's last segment came");
	pair(p);
	MUST(write(p[0], "x", 1));
	MUST(read(p[1], &c, 1));
	R(getsockopt(p[1], SOL_SOCKET, SO_INCOMING_CPU, &v, &n));
	say("%d\n", v);
	close(p[0]);
	close(p[1]);
}

/* How long it takes n bytes to get there, in ms. */
static long long transfer(int from, int to, int n)
{
	static char buf[64 << 10];
	long long start = now_ms();

	MUST(fcntl(from, F_SETFL, O_NONBLOCK));
	for (int sent = 0, got = 0; got < n;) {
		struct pollfd p[2] = { { from, sent < n ? POLLOUT : 0, 0 }, { to, POLLIN, 0 } };
		ssize_t k;

		poll(p, 2, -1);
		if (p[0].revents & POLLOUT) {
			k = n - sent < (int)sizeof(buf) ? n - sent : (int)sizeof(buf);
			k = write(from, buf, (size_t)k);
			sent += k > 0 ? (int)k : 0;
		}
		if (p[1].revents & POLLIN) {
			k = read(to, buf, sizeof(buf));
			got += k > 0 ? (int)k : 0;
		}
	}
	return now_ms() - start;
}

static void pacing(void)
{
	int p[2], l = listener(5), mss = 1000;
	struct sockaddr_in a = at("127.0.0.1", port_of(l));
	unsigned rate = 100000, none = ~0u;

	SECTION("SO_MAX_PACING_RATE");
	p[0] = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(setsockopt(p[0], IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)));
	R(setsockopt(p[0], SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	MUST(connect(p[0], (void *)&a, sizeof(a)));
	p[1] = MUST(accept(l, NULL, NULL));
	/* Ten segments go as they like, and a last burst is not waited for; the rest needs its time. */
	say("110,000 bytes at 100,000 a second: %s\n",
	    transfer(p[0], p[1], 110000) >= 600 ? "in about a second, or more" : "too fast");
	rate = 50000;
	R(setsockopt(p[0], SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	say("and 50,000 at 50,000: %s\n",
	    transfer(p[0], p[1], 50000) >= 600 ? "in about a second, or more" : "too fast");
	R(setsockopt(p[0], SOL_SOCKET, SO_MAX_PACING_RATE, &none, sizeof(none)));
	/* At the old limit it would take 40 s. */
	say("and 2,000,000 without a limit: %s\n",
	    transfer(p[0], p[1], 2000000) < 30000 ? "soon" : "too slow");
	close(p[0]);
	close(p[1]);
	/* An accepted connection has its listener's. */
	rate = 60000;
	R(setsockopt(l, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	MUST(setsockopt(l, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)));
	p[0] = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(p[0], (void *)&a, sizeof(a)));
	p[1] = MUST(accept(l, NULL, NULL));
	{
		unsigned v = 0;
		socklen_t n = sizeof(v);

		R(getsockopt(p[1], SOL_SOCKET, SO_MAX_PACING_RATE, &v, &n));
		say("%u\n", v);
	}
	say("70,000 bytes at 60,000: %s\n",
	    transfer(p[1], p[0], 70000) >= 600 ? "in about a second, or more" : "too fast");
	close(p[0]);
	close(p[1]);
	close(l);
}

int main(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
	lo_up();
	programs_udp();
	programs_tcp();
	pacing();
	processors();
	return 0;
}
