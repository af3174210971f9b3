/* Groups on the loopback: ip(7), IP_ADD_MEMBERSHIP and what belongs to it; RFC 3678. */
#include "inet.h"

static int receiver(int port)
{
	struct sockaddr_in a = at("0.0.0.0", port);
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), one = 1;

	MUST(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static int count(int s)
{
	char buf[16];
	int n = 0;

	while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

static void joining(void)
{
	struct ip_mreqn r = { .imr_ifindex = 1 };
	struct ip_mreq old;
	int s = receiver(6001);

	SECTION("join and leave");
	inet_pton(AF_INET, "1.2.3.4", &r.imr_multiaddr);
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	R(setsockopt(s, SOL_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)));
	inet_pton(AF_INET, "239.1.1.1", &r.imr_multiaddr);
	R(setsockopt(s, SOL_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)));
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, 4));
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	R(setsockopt(s, SOL_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)));
	old.imr_multiaddr = r.imr_multiaddr;
	inet_pton(AF_INET, "127.0.0.1", &old.imr_interface);
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &old, sizeof(old)));
	R(setsockopt(s, SOL_IP, IP_DROP_MEMBERSHIP, &old, sizeof(old)));
	inet_pton(AF_INET, "9.9.9.9", &old.imr_interface);
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &old, sizeof(old)));
	r.imr_ifindex = 99;
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	r.imr_ifindex = 1;
	for (int i = 0; i < 22; i++) {
		r.imr_multiaddr.s_addr = htonl(0xef020000 + i);
		if (setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)) < 0) {
			say("group %d: %s\n", i, ename(errno));
			break;
		}
	}
	close(s);
}

static void sending(void)
{
	struct ip_mreqn r = { .imr_ifindex = 1 };
	struct sockaddr_in g = at("239.1.1.1", 6001), a;
	int s = receiver(6001), t = receiver(6001), u = MUST(socket(AF_INET, SOCK_DGRAM, 0)), zero = 0;
	struct in_addr out;
	socklen_t n = sizeof(out);

	SECTION("send");
	R(setsockopt(u, SOL_IP, IP_MULTICAST_IF, &r, sizeof(r)));
	R(getsockopt(u, SOL_IP, IP_MULTICAST_IF, &out, &n));
	say("%#x length %d\n", ntohl(out.s_addr), n);
	R(sendto(u, "x", 1, 0, (struct sockaddr *)&g, sizeof(g)));
	say("nobody joined: %d %d\n", count(s), count(t));
	r.imr_multiaddr = g.sin_addr;
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	R(sendto(u, "x", 1, 0, (struct sockaddr *)&g, sizeof(g)));
	say("one joined: %d %d\n", count(s), count(t));
	R(setsockopt(t, SOL_IP, IP_MULTICAST_ALL, &zero, sizeof(zero)));
	R(sendto(u, "x", 1, 0, (struct sockaddr *)&g, sizeof(g)));
	say("the other wants only its own: %d %d\n", count(s), count(t));
	R(setsockopt(t, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	R(sendto(u, "x", 1, 0, (struct sockaddr *)&g, sizeof(g)));
	say("both joined: %d %d\n", count(s), count(t));
	R(setsockopt(u, SOL_IP, IP_MULTICAST_LOOP, &zero, sizeof(zero)));
	R(sendto(u, "x", 1, 0, (struct sockaddr *)&g, sizeof(g)));
	say("no loop: %d %d\n", count(s), count(t));
	a = at("239.1.1.1", 6002);
	close(s);
	s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(u, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	say("bound to the group: %d\n", count(s));
	R(connect(u, (struct sockaddr *)&a, sizeof(a)));
	R(send(u, "x", 1, 0));
	say("connected: %d\n", count(s));
	R(setsockopt(u, SOL_IP, IP_MULTICAST_IF, "\x09\x09\x09\x09", 4));
	R(setsockopt(u, SOL_IP, IP_MULTICAST_IF, "\x7f\x00\x00\x01", 4));
	n = sizeof(out);
	R(getsockopt(u, SOL_IP, IP_MULTICAST_IF, &out, &n));
	say("%#x\n", ntohl(out.s_addr));
	close(s);
	close(t);
	close(u);
}

static void from(const char *ip, const struct sockaddr_in *g)
{
	struct ip_mreqn r = { .imr_ifindex = 1 };
	struct sockaddr_in a = at(ip, 0);
	int u = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(bind(u, (struct sockaddr *)&a, sizeof(a)));
	MUST(setsockopt(u, SOL_IP, IP_MULTICAST_IF, &r, sizeof(r)));
	MUST(sendto(u, "x", 1, 0, (struct sockaddr *)g, sizeof(*g)));
	close(u);
}

static void both(int s, const struct sockaddr_in *g)
{
	int one, two;

	from("127.0.0.1", g);
	one = count(s);
	from("127.0.0.2", g);
	two = count(s);
	say("from .1: %d, from .2: %d\n", one, two);
}

static void sources(void)
{
	struct sockaddr_in g = at("239.1.1.5", 6005);
	struct ip_mreqn r = { .imr_ifindex = 1 };
	struct ip_mreq_source q;
	char buf[64];
	struct ip_msfilter *f = (struct ip_msfilter *)buf;
	socklen_t n;
	int s = receiver(6005);

	SECTION("sources");
	memset(&q, 0, sizeof(q));
	q.imr_multiaddr = g.sin_addr;
	inet_pton(AF_INET, "127.0.0.1", &q.imr_interface);
	inet_pton(AF_INET, "127.0.0.1", &q.imr_sourceaddr);
	R(setsockopt(s, SOL_IP, IP_BLOCK_SOURCE, &q, sizeof(q)));
	R(setsockopt(s, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	R(setsockopt(s, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	both(s, &g);
	R(setsockopt(s, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	inet_pton(AF_INET, "127.0.0.2", &q.imr_sourceaddr);
	R(setsockopt(s, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	both(s, &g);
	n = sizeof(buf);
	memset(buf, 0, sizeof(buf));
	f->imsf_multiaddr = g.sin_addr;
	inet_pton(AF_INET, "127.0.0.1", &f->imsf_interface);
	f->imsf_numsrc = 8;
	R(getsockopt(s, SOL_IP, IP_MSFILTER, f, &n));
	say("mode %d sources %d length %d\n", f->imsf_fmode, f->imsf_numsrc, n);
	R(setsockopt(s, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	both(s, &g);
	inet_pton(AF_INET, "127.0.0.1", &q.imr_sourceaddr);
	R(setsockopt(s, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	R(setsockopt(s, SOL_IP, IP_DROP_SOURCE_MEMBERSHIP, &q, sizeof(q)));
	r.imr_multiaddr = g.sin_addr;
	R(setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)));
	both(s, &g);
	R(setsockopt(s, SOL_IP, IP_BLOCK_SOURCE, &q, sizeof(q)));
	both(s, &g);
	R(setsockopt(s, SOL_IP, IP_UNBLOCK_SOURCE, &q, sizeof(q)));
	both(s, &g);
	R(setsockopt(s, SOL_IP, IP_UNBLOCK_SOURCE, &q, sizeof(q)));
	memset(buf, 0, sizeof(buf));
	f->imsf_multiaddr = g.sin_addr;
	inet_pton(AF_INET, "127.0.0.1", &f->imsf_interface);
	f->imsf_fmode = MCAST_INCLUDE;
	f->imsf_numsrc = 1;
	inet_pton(AF_INET, "127.0.0.2", &f->imsf_slist[0]);
	R(setsockopt(s, SOL_IP, IP_MSFILTER, f, IP_MSFILTER_SIZE(1)));
	both(s, &g);
	close(s);
}

int main(void)
{
	lo_up();
	joining();
	sending();
	sources();
	return 0;
}
