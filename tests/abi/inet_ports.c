/*
 * Ports of TCP: who may bind to one that somebody has or had (socket(7), SO_REUSEADDR, TIME-WAIT), and
 * which ones connect(2) chooses (ip_local_port_range of ip(7), tcp_tw_reuse).
 */
#include "abi.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#define RANGE "/proc/sys/net/ipv4/ip_local_port_range"

static void lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(ioctl(s, SIOCSIFFLAGS, &r));
	close(s);
}

static struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static int port_of(int s)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	MUST(getsockname(s, (struct sockaddr *)&a, &n));
	return ntohs(a.sin_port);
}

static void set(int s, int level, int option)
{
	int one = 1;

	MUST(setsockopt(s, level, option, &one, sizeof(one)));
}

#define ADDR  1
#define PORT  2

static int tcp(int reuse)
{
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0));

	if (reuse & ADDR)
		set(s, SOL_SOCKET, SO_REUSEADDR);
	if (reuse & PORT)
		set(s, SOL_SOCKET, SO_REUSEPORT);
	return s;
}

static int bind_to(int s, const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port);

	return bind(s, (struct sockaddr *)&a, sizeof(a));
}

static int connect_to(int s, const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port);

	return connect(s, (struct sockaddr *)&a, sizeof(a));
}

static const char *result(int r)
{
	return r < 0 ? ename(errno) : "ok";
}

static int listener(int reuse, const char *ip, int port)
{
	int s = tcp(reuse);

	MUST(bind_to(s, ip, port));
	MUST(listen(s, 100));
	return s;
}

/* A connection that ends; the side that closes first waits. */
static void use(int l, int client, int server_first)
{
	int s;
	char c;

	MUST(connect_to(client, "127.0.0.1", port_of(l)));
	s = MUST(accept(l, NULL, NULL));
	if (server_first) {
		close(s);
		read(client, &c, 1);
		close(client);
	} else {
		close(client);
		read(s, &c, 1);
		close(s);
	}
	usleep(50000);
}

static void try_bind(const char *what, int reuse, const char *ip, int port)
{
	int s = tcp(reuse);

	say("  %s%s%s: %s\n", what, reuse & ADDR ? ", SO_REUSEADDR" : "",
	    reuse & PORT ? ", SO_REUSEPORT" : "", result(bind_to(s, ip, port)));
	close(s);
}

/* bind(2) to a port whose connections are over, but not for long. */
static void after_the_end(int reuse)
{
	int l = listener(reuse, "127.0.0.1", 0), port = port_of(l);

	use(l, tcp(0), 1);
	close(l);
	say("the server's port in TIME-WAIT%s%s\n", reuse & ADDR ? ", SO_REUSEADDR" : "",
	    reuse & PORT ? ", SO_REUSEPORT" : "");
	for (int i = 0; i < 4; i++)
		try_bind("the same address", i, "127.0.0.1", port);
	try_bind("all addresses", 0, "0.0.0.0", port);
	try_bind("all addresses", ADDR, "0.0.0.0", port);
	try_bind("another address", 0, "127.0.0.2", port);
}

static void clients_port(void)
{
	int l = listener(0, "127.0.0.1", 0), c = tcp(ADDR), port;

	MUST(bind_to(c, "127.0.0.1", 0));
	port = port_of(c);
	use(l, c, 0);
	say("the client's port in TIME-WAIT\n");
	try_bind("bind", 0, "127.0.0.1", port);
	try_bind("bind", ADDR, "127.0.0.1", port);
	/* By tcp_tw_reuse's default over the loopback, from the next second on. */
	sleep(2);
	c = tcp(ADDR);
	say("  bind: %s\n", result(bind_to(c, "127.0.0.1", port)));
	say("  connect: %s\n", result(connect_to(c, "127.0.0.1", port_of(l))));
	close(c);
	close(l);
}

/* While a connection has it. */
static void in_use(int reuse)
{
	int l = listener(0, "127.0.0.1", 0), c = tcp(reuse), port;

	MUST(connect_to(c, "127.0.0.1", port_of(l)));
	port = port_of(c);
	say("the port of a client%s\n", reuse ? ", SO_REUSEADDR" : "");
	try_bind("the same address", 0, "127.0.0.1", port);
	try_bind("the same address", ADDR, "127.0.0.1", port);
	try_bind("all addresses", ADDR, "0.0.0.0", port);
	try_bind("another address", 0, "127.0.0.2", port);
	close(c);
	close(l);
}

static void write_range(const char *text)
{
	int fd = MUST(open(RANGE, O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

/* Four ports for all. */
static void few_ports(void)
{
	char before[64];
	int fd = MUST(open(RANGE, O_RDONLY)), n = MUST(read(fd, before, sizeof(before) - 1));
	int a, b, s[32], k = 0, r, good;

	before[n] = 0;
	close(fd);
	a = listener(0, "127.0.0.1", 21001);
	b = listener(0, "127.0.0.1", 21002);
	write_range("40000 40003");

	for (good = 0; k < 10; good++) {
		s[k] = tcp(0);
		r = connect_to(s[k++], "127.0.0.1", 21001);
		if (r)
			break;
	}
	say("to one destination: %d, then %s\n", good, result(r));
	for (good = 0; k < 20; good++) {
		s[k] = tcp(0);
		r = connect_to(s[k++], "127.0.0.1", 21002);
		if (r)
			break;
	}
	say("to another one: %d, then %s\n", good, result(r));
	for (good = 0; k < 30; good++) {
		s[k] = tcp(0);
		set(s[k], SOL_IP, IP_BIND_ADDRESS_NO_PORT);
		MUST(bind_to(s[k], "127.0.0.5", 0));
		r = connect_to(s[k++], "127.0.0.1", 21001);
		if (r)
			break;
	}
	say("from another address: %d, then %s\n", good, result(r));
	try_bind("any port, the same address", 0, "127.0.0.1", 0);
	try_bind("any port, the same address", ADDR, "127.0.0.1", 0);
	try_bind("any port, all addresses", 0, "0.0.0.0", 0);
	try_bind("any port, a new address", 0, "127.0.0.9", 0);
	try_bind("one of them", ADDR, "127.0.0.1", 40002);
	try_bind("one of them, a new address", 0, "127.0.0.9", 40002);
	/* One that failed is as good as new. */
	say("the last one, to nobody: %s\n", result(connect_to(s[k - 1], "127.0.0.1", 21003)));
	while (k)
		close(s[--k]);

	/* What was bound is not for connect(2) to choose. */
	write_range("40010 40013");
	s[k++] = tcp(0);
	MUST(bind_to(s[0], "127.0.0.9", 40011));
	for (good = 0; k < 10; good++) {
		s[k] = tcp(0);
		r = connect_to(s[k++], "127.0.0.1", 21001);
		if (r)
			break;
	}
	say("one of the ports is bound: %d, then %s\n", good, result(r));
	while (k)
		close(s[--k]);
	write_range(before);
	close(a);
	close(b);
}

/* connect(2) again after it failed, and after a disconnect: the local address is chosen anew. */
static void again(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in name;
	socklen_t n = sizeof(name);
	int l = listener(0, "127.0.0.3", 0), m = listener(0, "127.0.0.1", 0), s = tcp(0);

	R(connect_to(s, "127.0.0.3", 1));
	R(connect_to(s, "127.0.0.3", port_of(l)));
	R(connect(s, &none, sizeof(none)));
	MUST(getsockname(s, (struct sockaddr *)&name, &n));
	say("after a disconnect: %s, port %s\n", inet_ntoa(name.sin_addr), name.sin_port ? "kept" : "0");
	R(connect_to(s, "127.0.0.1", port_of(m)));
	close(s);
	s = tcp(0);
	MUST(bind_to(s, "127.0.0.7", 0));
	R(connect_to(s, "127.0.0.3", port_of(l)));
	R(connect(s, &none, sizeof(none)));
	n = sizeof(name);
	MUST(getsockname(s, (struct sockaddr *)&name, &n));
	say("bound, after a disconnect: %s, port %s\n", inet_ntoa(name.sin_addr),
	    name.sin_port ? "kept" : "0");
	close(s);
	close(l);
	close(m);
}

int main(void)
{
	lo_up();
	after_the_end(0);
	after_the_end(ADDR);
	after_the_end(PORT);
	clients_port();
	in_use(0);
	in_use(ADDR);
	few_ports();
	again();
	return 0;
}
