/* Raw sockets and ping sockets over the loopback: raw(7), icmp(7). */
#include "inet.h"
#include <grp.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <linux/icmp.h>

static void raw(void)
{
	struct icmphdr echo = { .type = ICMP_ECHO };
	struct sockaddr_in lo = at("127.0.0.1", 0);
	struct icmp_filter f = { 1 << ICMP_ECHOREPLY }, g;
	socklen_t n = sizeof(g);
	int s = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)), t, u;

	SECTION("raw");
	name_of(s);
	R(send(s, "x", 1, 0));
	echo.un.echo.id = htons(77);
	echo.checksum = inet_sum(&echo, sizeof(echo));
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	show_packet("request", s);
	show_packet("reply", s);
	show_packet("no more", s);
	echo.checksum = 1;
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	show_packet("with a wrong sum", s);
	show_packet("no reply", s);
	echo.checksum = 0;
	echo.checksum = inet_sum(&echo, sizeof(echo));

	SECTION("ICMP_FILTER");
	R(getsockopt(s, SOL_RAW, ICMP_FILTER, &g, &n));
	say("filter %#x length %d\n", g.data, n);
	R(setsockopt(s, SOL_RAW, ICMP_FILTER, &f, sizeof(f)));
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	show_packet("request", s);
	show_packet("filtered", s);
	t = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
	R(setsockopt(t, SOL_RAW, ICMP_FILTER, &f, sizeof(f)));

	SECTION("other protocols");
	u = MUST(socket(AF_INET, SOCK_RAW, 253));
	R(connect(u, (struct sockaddr *)&lo, sizeof(lo)));
	name_of(u);
	R(send(u, "abcd", 4, 0));
	show_packet("253", u);
	R(bind(u, (struct sockaddr *)&lo, sizeof(lo)));
	close(u);
	u = MUST(socket(AF_INET, SOCK_RAW, 254));
	lo = at("9.9.9.9", 0);
	R(bind(u, (struct sockaddr *)&lo, sizeof(lo)));
	lo = at("127.0.0.7", 0);
	R(bind(u, (struct sockaddr *)&lo, sizeof(lo)));
	name_of(u);
	close(u);
	close(t);
	close(s);
}

static void own_header(void)
{
	struct {
		struct iphdr ip;
		char data[4];
	} p = { .ip = { .version = 4, .ihl = 5, .ttl = 9, .protocol = 253, .tos = 8 } };
	struct sockaddr_in lo = at("127.0.0.1", 0);
	int s = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_RAW)), t, v = 0;
	socklen_t n = sizeof(v);

	SECTION("IP_HDRINCL");
	R(getsockopt(s, SOL_IP, IP_HDRINCL, &v, &n));
	say("on: %d\n", v);
	t = MUST(socket(AF_INET, SOCK_RAW, 253));
	inet_pton(AF_INET, "127.0.0.1", &p.ip.daddr);
	R(sendto(s, &p, sizeof(p), 0, (struct sockaddr *)&lo, sizeof(lo)));
	show_packet("its own", t);
	inet_pton(AF_INET, "127.0.0.3", &p.ip.saddr);
	R(sendto(s, &p, sizeof(p), 0, (struct sockaddr *)&lo, sizeof(lo)));
	show_packet("its source", t);
	R(sendto(s, &p, 10, 0, (struct sockaddr *)&lo, sizeof(lo)));
	p.ip.ihl = 15;
	R(sendto(s, &p, sizeof(p), 0, (struct sockaddr *)&lo, sizeof(lo)));
	R(recv(s, &p, sizeof(p), MSG_DONTWAIT));
	close(s);
	close(t);
}

static void own_header6(void)
{
	static const struct {
		int family, type, protocol;
	} others[] = { { AF_INET6, SOCK_DGRAM, 0 },
		       { AF_INET6, SOCK_STREAM, 0 },
		       { AF_INET, SOCK_RAW, 253 } };
	struct {
		struct ip6_hdr ip;
		char data[4];
	} p = { .ip = { .ip6_flow = htonl(0x60812345), .ip6_plen = htons(4), .ip6_nxt = 253,
			.ip6_hlim = 9 },
		.data = "abc" };
	struct sockaddr_in6 lo = at6("::1", 0);
	int s = MUST(socket(AF_INET6, SOCK_RAW, IPPROTO_RAW)), t, v = 0, on = 1;
	static char big[70000];
	socklen_t n = sizeof(v);
	char got[64];

	SECTION("IPV6_HDRINCL");
	R(getsockopt(s, SOL_IPV6, IPV6_HDRINCL, &v, &n));
	say("on: %d\n", v);
	t = MUST(socket(AF_INET6, SOCK_RAW, 253));
	R(getsockopt(t, SOL_IPV6, IPV6_HDRINCL, &v, &n));
	say("on: %d\n", v);
	R(setsockopt(t, SOL_IPV6, 49, &on, sizeof(on))); /* IPV6_RECVPKTINFO */
	R(setsockopt(t, SOL_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)));
	p.ip.ip6_src = p.ip.ip6_dst = lo.sin6_addr;
	for (int i = 0; i < 2; i++) {
		R(sendto(s, &p, sizeof(p), 0, (void *)&lo, sizeof(lo)));
		R(recv(t, got, sizeof(got), MSG_DONTWAIT));
		say("%.3s\n", got);
		p.ip.ip6_src.s6_addr[15] = 7; /* nobody's */
	}
	R(sendto(s, &p, sizeof(p) - 4, 0, (void *)&lo, sizeof(lo)));
	R(sendto(s, &p, 39, 0, (void *)&lo, sizeof(lo)));
	R(sendto(s, big, 65537, 0, (void *)&lo, sizeof(lo)));
	R(setsockopt(s, SOL_IPV6, IPV6_HDRINCL, &v, 3));
	R(setsockopt(s, SOL_IPV6, IPV6_HDRINCL, NULL, 4));
	v = 0;
	R(setsockopt(s, SOL_IPV6, IPV6_HDRINCL, &v, sizeof(v)));
	R(setsockopt(t, SOL_RAW, IPV6_HDRINCL, &on, sizeof(on)));
	R(getsockopt(t, SOL_RAW, IPV6_HDRINCL, &v, &n));
	say("on: %d\n", v);
	p.ip.ip6_src = p.ip.ip6_dst;
	R(sendto(t, &p, sizeof(p), 0, (void *)&lo, sizeof(lo)));
	while (recv(t, got, sizeof(got), MSG_DONTWAIT) > 0)
		say("%.3s\n", got);
	for (unsigned i = 0; i < 3; i++) {
		int o = MUST(socket(others[i].family, others[i].type, others[i].protocol));

		R(setsockopt(o, SOL_IPV6, IPV6_HDRINCL, &on, sizeof(on)));
		R(getsockopt(o, SOL_IPV6, IPV6_HDRINCL, &v, &n));
		close(o);
	}
	close(s);
	close(t);
}

static void record_route(void)
{
	static const unsigned char rr[] = { 7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct icmphdr echo = { .type = ICMP_ECHO };
	struct sockaddr_in lo = at("127.0.0.1", 0);
	int s = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	unsigned char buf[100];

	SECTION("record route");
	echo.checksum = inet_sum(&echo, sizeof(echo));
	R(setsockopt(s, SOL_IP, IP_OPTIONS, rr, sizeof(rr)));
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	for (int i = 0; i < 2; i++) {
		R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
		say("ihl %d:", buf[0] & 15);
		for (int k = 20; k < (buf[0] & 15) * 4 && k < 40; k++)
			say(" %d", buf[k]);
		say("\n");
	}
	close(s);
}


static void rights(void)
{
	int st;

	SECTION("rights");
	if (!fork()) {
		setgroups(0, NULL);
		setresgid(2000, 2000, 2000);
		setresuid(1000, 1000, 1000);
		R(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
		R(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
		struct sockaddr_in a = at("127.0.0.1", 80);
		int s = socket(AF_INET, SOCK_DGRAM, 0);
		R(bind(s, (struct sockaddr *)&a, sizeof(a)));
		int one = 1;
		R(setsockopt(s, SOL_IP, IP_TRANSPARENT, &one, sizeof(one)));
		R(setsockopt(s, SOL_SOCKET, SO_MARK, &one, sizeof(one)));
		R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
		R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 1));
		_exit(0);
	}
	wait(&st);
}

int main(void)
{
	lo_up();
	raw();
	own_header();
	own_header6();
	record_route();
	rights();
	return 0;
}
