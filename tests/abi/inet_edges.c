/*
 * Sockets at their edges: datagrams after shutdown(2), addresses of one version on sockets of the other, options
 * that give more than a number, ioctls of cards on devices that are none, and what rtnetlink(7) dumps of things
 * that there are none of.
 */
#include "inet.h"
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>

static void after_shutdown(const char *what, int family, const void *peer, socklen_t n)
{
	int s = MUST(socket(family, SOCK_DGRAM, 0));
	char b;

	SECTION(what);
	R(shutdown(s, SHUT_RDWR));
	R(recv(s, &b, 1, MSG_DONTWAIT));
	R(recv(s, &b, 1, 0));
	R(send(s, "x", 1, 0));
	R(sendto(s, "x", 1, 0, peer, n));
	R(connect(s, peer, n));
	R(send(s, "x", 1, 0));
	R(recv(s, &b, 1, MSG_DONTWAIT | MSG_PEEK));
	R(recv(s, &b, 1, MSG_PEEK));
	say("%x\n", revents(s));
	close(s);
}

/* A socket of IPv6 with a name, and peers of both versions. */
static void versions(const char *name, int type)
{
	static const char *const peers[] = { "::1", "::ffff:127.0.0.1", "::", "fe80::1" };

	say("bound to %s\n", name);
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		struct sockaddr_in6 me = at6(name, 0), to = at6(peers[i], 9);
		int s = MUST(socket(AF_INET6, type | SOCK_NONBLOCK, 0));

		say("%s:\n", peers[i]);
		OK(bind(s, (struct sockaddr *)&me, sizeof(me)));
		if (type == SOCK_DGRAM && i + 1 < ARRAY_SIZE(peers))
			OK(sendto(s, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)));
		OK(connect(s, (struct sockaddr *)&to, sizeof(to)));
		close(s);
	}
}

static void long_options(void)
{
	int p[2], s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	struct so_timestamping st = { -1, -1 };
	/* struct tcp_info from tcpi_delivered_ce on: older headers end before */
	enum { DELIVERED_CE = 188, RCV_WND = 232, REHASH = 236, TOTAL_RTO = 240, INFO = 248 };
	unsigned char i[INFO + 8];
	socklen_t n = sizeof(st);
	int v;

	SECTION("options that are no number");
	R(setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &(int){ SOF_TIMESTAMPING_SOFTWARE }, 4));
	R(getsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &st, &n));
	say("%d %d, %u bytes\n", st.flags, st.bind_phc, n);
	n = 4;
	R(getsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &v, &n));
	say("%d, %u bytes\n", v, n);
	st = (struct so_timestamping){ SOF_TIMESTAMPING_BIND_PHC | SOF_TIMESTAMPING_SOFTWARE, 0 };
	R(setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &st, sizeof(st)));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	R(setsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &st, sizeof(st)));
	n = sizeof(st);
	R(getsockopt(s, SOL_SOCKET, SO_TIMESTAMPING, &st, &n));
	say("%d\n", st.flags);
	close(s);
	pair(p);
	memset(i, 0xff, sizeof(i));
	n = sizeof(i);
	R(getsockopt(p[0], IPPROTO_TCP, TCP_INFO, i, &n));
	memcpy(&v, i + RCV_WND, sizeof(v));
	say("%u bytes, a window of %s\n", n, v > 0 ? "some" : "none");
	memcpy(&v, i + DELIVERED_CE, sizeof(v));
	say("delivered with CE: %d\n", v);
	for (int k = REHASH; k < INFO; k++)
		say("%d%s", i[k], k + 1 < INFO ? " " : "\n");
	n = sizeof(v);
	R(getsockopt(p[0], IPPROTO_TCP, 43 /* TCP_IS_MPTCP */, &v, &n));
	say("%d\n", v);
	R(setsockopt(p[0], IPPROTO_TCP, 43, &v, sizeof(v)));
	close(p[0]);
	close(p[1]);
}

static void card_ioctls(void)
{
	static const struct {
		unsigned long cmd;
		const char *text;
	} cmds[] = {
		{ SIOCGMIIPHY, "SIOCGMIIPHY" },	    { SIOCGMIIREG, "SIOCGMIIREG" },
		{ SIOCSMIIREG, "SIOCSMIIREG" },	    { SIOCGHWTSTAMP, "SIOCGHWTSTAMP" },
		{ SIOCGIFMAP, "SIOCGIFMAP" },
	};
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	SECTION("a card's ioctls");
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		char data[64] = { 0 };
		struct ifreq r = { .ifr_name = "lo" };
		long err;

		r.ifr_data = data;
		err = ioctl(s, cmds[i].cmd, &r) < 0 ? errno : 0;
		say("%s: %s", cmds[i].text, err ? ename((int)err) : "ok");
		strcpy(r.ifr_name, "nosuch");
		r.ifr_data = data;
		err = ioctl(s, cmds[i].cmd, &r) < 0 ? errno : 0;
		say(", of no device: %s\n", err ? ename((int)err) : "ok");
	}
	close(s);
}

/* How many messages a dump has before its end, or the error that it ends with. */
static void dump(const char *what, int type, int family)
{
	struct {
		struct nlmsghdr h;
		struct rtmsg m;
		char room[32];
	} q = { .h = { .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
	int s = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), n, found = 0, err = 1;
	static char buf[32768];

	q.h.nlmsg_len = NLMSG_LENGTH(type == RTM_GETLINK ? sizeof(struct ifinfomsg) : sizeof(q.m));
	q.m.rtm_family = family;
	MUST(send(s, &q, q.h.nlmsg_len, 0));
	while (err == 1 && (n = recv(s, buf, sizeof(buf), 0)) > 0)
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				err = *(int *)NLMSG_DATA(h);
			else
				found++;
		}
	say("%s: %s, %s\n", what, found ? "some" : "none", err ? ename(-err) : "the end");
	close(s);
}

int main(void)
{
	struct sockaddr_in v4 = at("127.0.0.1", 9);
	struct sockaddr_in6 v6 = at6("::1", 9);

	lo_up();
	after_shutdown("UDP", AF_INET, &v4, sizeof(v4));
	after_shutdown("UDP over IPv6", AF_INET6, &v6, sizeof(v6));
	SECTION("UDP of one version to the other");
	versions("::ffff:127.0.0.1", SOCK_DGRAM);
	versions("::1", SOCK_DGRAM);
	versions("::", SOCK_DGRAM);
	SECTION("TCP of one version to the other");
	versions("::ffff:127.0.0.1", SOCK_STREAM);
	versions("::1", SOCK_STREAM);
	long_options();
	card_ioctls();
	SECTION("dumps");
	dump("links", RTM_GETLINK, AF_UNSPEC);
	dump("ports of bridges", RTM_GETLINK, AF_BRIDGE);
	dump("multicast routes", RTM_GETROUTE, RTNL_FAMILY_IPMR);
	dump("multicast routes of IPv6", RTM_GETROUTE, RTNL_FAMILY_IP6MR);
	return 0;
}
