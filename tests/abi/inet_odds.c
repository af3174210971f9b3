/*
 * Urgent data and its signal (F_SETOWN, SIOCATMARK), IP_LOCAL_PORT_RANGE, filters of groups as they are
 * asked for, and the ioctls of netdevice(7) on the loopback.
 */
#include "inet.h"
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <netinet/tcp.h>

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

static volatile int signals, last_fd, last_code;

static void on_urgent(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	(void)sig;
	signals++;
	last_fd = si->si_fd;
	last_code = si->si_code;
}

static int mark(int s)
{
	int v = -1;

	return ioctl(s, SIOCATMARK, &v) ? -errno : v;
}

static void urgent(void)
{
	struct sigaction sa = { .sa_sigaction = on_urgent, .sa_flags = SA_SIGINFO };
	int p[2], n, one = 1;
	char buf[20];

	SECTION("urgent data");
	pair(p);
	sigaction(SIGURG, &sa, NULL);
	sigaction(SIGRTMIN, &sa, NULL);
	MUST(send(p[0], "u", 1, MSG_OOB));
	sleep_ms(50);
	say("without owner: %d signals, poll %#x\n", signals, revents(p[1]) & (POLLPRI | POLLIN));
	R(recv(p[1], buf, 1, MSG_OOB));
	R(recv(p[1], buf, 1, MSG_OOB));
	R(fcntl(p[1], F_SETOWN, getpid()));
	say("owner is this process: %d\n", fcntl(p[1], F_GETOWN) == getpid());
	MUST(send(p[0], "abc", 3, MSG_OOB));
	sleep_ms(50);
	say("%d signals, poll %#x, mark %d\n", signals, revents(p[1]) & (POLLPRI | POLLIN),
	    mark(p[1]));
	R(ioctl(p[1], SIOCINQ, &n));
	say("%d to be read\n", n);
	R(recv(p[1], buf, sizeof(buf), 0));
	say("mark %d\n", mark(p[1]));
	R(recv(p[1], buf, sizeof(buf), MSG_OOB));
	say("%c\n", buf[0]);
	R(recv(p[1], buf, sizeof(buf), MSG_DONTWAIT));
	/* in line, by another signal */
	MUST(setsockopt(p[1], SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)));
	R(fcntl(p[1], F_SETSIG, SIGRTMIN));
	MUST(send(p[0], "xyz", 3, MSG_OOB));
	MUST(send(p[0], "more", 4, 0));
	sleep_ms(50);
	say("%d signals, the descriptor %s, code %d\n", signals, last_fd == p[1] ? "told" : "not told",
	    last_code);
	R(recv(p[1], buf, 1, MSG_OOB));
	R(recv(p[1], buf, sizeof(buf), 0));
	say("mark %d\n", mark(p[1]));
	R(recv(p[1], buf, sizeof(buf), 0));
	say("%.5s mark %d\n", buf, mark(p[1]));
	/* the owner may be asked for by ioctl, too */
	n = 0;
	R(ioctl(p[1], SIOCGPGRP, &n));
	say("%d\n", n == getpid());
	n = 0;
	R(ioctl(p[1], SIOCSPGRP, &n));
	say("%d\n", fcntl(p[1], F_GETOWN));
	MUST(send(p[0], "z", 1, MSG_OOB));
	sleep_ms(50);
	say("%d signals\n", signals);
	close(p[0]);
	close(p[1]);
}

static int in_range(int type, unsigned range)
{
	struct sockaddr_in a = at("127.0.0.1", 0);
	int s = MUST(socket(AF_INET, type, 0)), port;

	MUST(setsockopt(s, SOL_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range)));
	if (bind(s, (struct sockaddr *)&a, sizeof(a))) {
		say("bind: %s\n", ename(errno));
		return s;
	}
	port = port_of(s);
	say("within: %d\n", port >= (int)(range & 0xffff) && port <= (int)(range >> 16));
	return s;
}

static void ports(void)
{
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0)), v;
	unsigned r = 40000 | 39000u << 16;
	socklen_t n = sizeof(v);

	SECTION("range of ports");
	R(setsockopt(s, SOL_IP, IP_LOCAL_PORT_RANGE, &r, sizeof(r)));
	R(setsockopt(s, SOL_IP, IP_LOCAL_PORT_RANGE, &r, 2));
	r = 40000 | 40001u << 16;
	R(setsockopt(s, SOL_IP, IP_LOCAL_PORT_RANGE, &r, sizeof(r)));
	R(getsockopt(s, SOL_IP, IP_LOCAL_PORT_RANGE, &v, &n));
	say("%#x\n", v);
	for (int i = 0; i < 3; i++)
		in_range(SOCK_DGRAM, r);
	for (int i = 0; i < 3; i++)
		in_range(SOCK_STREAM, r);
	close(s);
	s = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	R(setsockopt(s, SOL_IP, IP_LOCAL_PORT_RANGE, &r, sizeof(r)));
	close(s);
}

static void filters(void)
{
	struct {
		struct group_filter f;
		struct sockaddr_storage more[3];
	} g, h;
	struct group_req join = { .gr_interface = 1 };
	struct ip_mreq_source old = { 0 };
	int s = bound("0.0.0.0", 5501), t = bound6("::", 5502);
	struct sockaddr_in a = at("239.7.7.7", 0);
	struct sockaddr_in6 a6 = at6("ff12::77", 0);
	socklen_t n;

	SECTION("filters of groups");
	memset(&g, 0, sizeof(g));
	memcpy(&g.f.gf_group, &a, sizeof(a));
	g.f.gf_interface = 1;
	n = sizeof(g);
	R(getsockopt(s, SOL_IP, MCAST_MSFILTER, &g, &n));
	memcpy(&join.gr_group, &a, sizeof(a));
	R(setsockopt(s, SOL_IP, MCAST_JOIN_GROUP, &join, sizeof(join)));
	g.f.gf_numsrc = 3;
	n = sizeof(g);
	R(getsockopt(s, SOL_IP, MCAST_MSFILTER, &g, &n));
	say("mode %d sources %d length %d\n", g.f.gf_fmode, g.f.gf_numsrc, n);
	g.f.gf_fmode = MCAST_INCLUDE;
	g.f.gf_numsrc = 3;
	for (int i = 0; i < 3; i++) {
		struct sockaddr_in src = at("10.0.0.1", 0);

		src.sin_addr.s_addr = htonl(0x0a000001 + i);
		memcpy(&g.f.gf_slist[i], &src, sizeof(src));
	}
	R(setsockopt(s, SOL_IP, MCAST_MSFILTER, &g, GROUP_FILTER_SIZE(3)));
	for (int room = 0; room <= 4; room++) {
		memset(&h, 0, sizeof(h));
		h.f.gf_interface = 1;
		h.f.gf_group = g.f.gf_group;
		h.f.gf_numsrc = room;
		n = sizeof(h);
		say("%d ", getsockopt(s, SOL_IP, MCAST_MSFILTER, &h, &n));
		say("mode %d sources %d length %d family %d last %#x\n", h.f.gf_fmode,
		    h.f.gf_numsrc, n, h.f.gf_slist[0].ss_family,
		    room ? ntohl(((struct sockaddr_in *)&h.f.gf_slist[(room < 3 ? room : 3) - 1])
					 ->sin_addr.s_addr) :
			   0);
	}
	n = 10;
	R(getsockopt(s, SOL_IP, MCAST_MSFILTER, &h, &n));
	old.imr_multiaddr = a.sin_addr;
	(void)old;
	memset(&g, 0, sizeof(g));
	memcpy(&join.gr_group, &a6, sizeof(a6));
	R(setsockopt(t, SOL_IPV6, MCAST_JOIN_GROUP, &join, sizeof(join)));
	memcpy(&g.f.gf_group, &a6, sizeof(a6));
	g.f.gf_interface = 1;
	g.f.gf_fmode = MCAST_EXCLUDE;
	g.f.gf_numsrc = 1;
	a6 = at6("2001:db8::5", 0);
	memcpy(&g.f.gf_slist[0], &a6, sizeof(a6));
	R(setsockopt(t, SOL_IPV6, MCAST_MSFILTER, &g, GROUP_FILTER_SIZE(1)));
	memset(&g.f.gf_slist, 0, sizeof(g.f.gf_slist));
	g.f.gf_fmode = 9;
	n = sizeof(g);
	R(getsockopt(t, SOL_IPV6, MCAST_MSFILTER, &g, &n));
	say("mode %d sources %d length %d family %d\n", g.f.gf_fmode, g.f.gf_numsrc, n,
	    g.f.gf_slist[0].ss_family);
	g.f.gf_group.ss_family = AF_INET;
	n = sizeof(g);
	R(getsockopt(t, SOL_IPV6, MCAST_MSFILTER, &g, &n));
	close(s);
	close(t);
}

static void show_flags(int s, struct ifreq *r)
{
	MUST(ioctl(s, SIOCGIFFLAGS, r));
	say("flags %#x\n", r->ifr_flags & 0xffff);
}

static void address(int s, unsigned long get, const char *what, struct ifreq *r)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&r->ifr_addr;

	if (ioctl(s, get, r))
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: family %d %s\n", what, sin->sin_family, inet_ntoa(sin->sin_addr));
}

static void devices(void)
{
	struct ifreq r = { .ifr_name = "lo" }, many[32];
	struct sockaddr_in a = at("10.99.0.1", 0);
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), n = -1, p[2];
	struct ifconf c = { sizeof(many), { (char *)many } };
	static const int mtus[] = { 65536, -1, 70000, 5000, 65536 };
	char buf[10];

	SECTION("a device's ioctls");
	show_flags(s, &r);
	R(ioctl(s, SIOCGIFINDEX, &r));
	memset(r.ifr_name, 0, IFNAMSIZ);
	R(ioctl(s, SIOCGIFNAME, &r));
	say("%s\n", r.ifr_name);
	r.ifr_ifindex = 9999;
	R(ioctl(s, SIOCGIFNAME, &r));
	strcpy(r.ifr_name, "lo");
	for (size_t i = 0; i < ARRAY_SIZE(mtus); i++) {
		r.ifr_mtu = mtus[i];
		R(ioctl(s, SIOCSIFMTU, &r));
		R(ioctl(s, SIOCGIFMTU, &r));
		say("%d\n", r.ifr_mtu);
	}
	R(ioctl(s, SIOCGIFHWADDR, &r));
	say("type %d\n", r.ifr_hwaddr.sa_family);
	R(ioctl(s, SIOCGIFTXQLEN, &r));
	say("%d\n", r.ifr_qlen);
	r.ifr_qlen = 77;
	R(ioctl(s, SIOCSIFTXQLEN, &r));
	R(ioctl(s, SIOCGIFTXQLEN, &r));
	say("%d\n", r.ifr_qlen);
	r.ifr_qlen = 1000;
	R(ioctl(s, SIOCSIFTXQLEN, &r));
	R(ioctl(s, SIOCGIFMETRIC, &r));
	say("%d\n", r.ifr_metric);
	r.ifr_metric = 5;
	R(ioctl(s, SIOCSIFMETRIC, &r));
	address(s, SIOCGIFADDR, "address", &r);
	address(s, SIOCGIFNETMASK, "mask", &r);
	address(s, SIOCGIFBRDADDR, "broadcast", &r);
	address(s, SIOCGIFDSTADDR, "destination", &r);
	/* another address, by a name of its own */
	strcpy(r.ifr_name, "lo:7");
	address(s, SIOCGIFADDR, "no address yet", &r);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	R(ioctl(s, SIOCSIFADDR, &r));
	address(s, SIOCGIFADDR, "address", &r);
	address(s, SIOCGIFNETMASK, "mask", &r);
	a = at("255.255.255.0", 0);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	R(ioctl(s, SIOCSIFNETMASK, &r));
	address(s, SIOCGIFNETMASK, "mask", &r);
	a = at("255.0.255.0", 0);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	R(ioctl(s, SIOCSIFNETMASK, &r));
	R(ioctl(s, SIOCGIFCONF, &c));
	for (unsigned i = 0; i < c.ifc_len / sizeof(many[0]); i++)
		if (!strncmp(many[i].ifr_name, "lo", 2))
			say("%s %s\n", many[i].ifr_name,
			    inet_ntoa(((struct sockaddr_in *)&many[i].ifr_addr)->sin_addr));
	c.ifc_buf = NULL;
	R(ioctl(s, SIOCGIFCONF, &c) < 0);
	say("%d entries at least\n", c.ifc_len >= (int)(2 * sizeof(many[0])));
	a = at("0.0.0.0", 0);
	strcpy(r.ifr_name, "lo:7");
	memcpy(&r.ifr_addr, &a, sizeof(a));
	R(ioctl(s, SIOCSIFADDR, &r));
	address(s, SIOCGIFADDR, "address", &r);
	strcpy(r.ifr_name, "abi9");
	R(ioctl(s, SIOCGIFFLAGS, &r));
	R(ioctl(s, SIOCGIFMTU, &r));
	R(ioctl(s, SIOCGIFMTU, (void *)8));
	/* bytes that wait */
	R(ioctl(s, SIOCINQ, &n));
	R(ioctl(s, SIOCOUTQ, &n));
	say("%d\n", n);
	pair(p);
	MUST(send(p[0], "12345", 5, 0));
	sleep_ms(50);
	R(ioctl(p[1], SIOCINQ, &n));
	say("%d\n", n);
	R(ioctl(p[0], SIOCOUTQ, &n));
	say("%d\n", n);
	R(ioctl(p[0], SIOCOUTQNSD, &n));
	say("%d\n", n);
	MUST(read(p[1], buf, 2));
	R(ioctl(p[1], SIOCINQ, &n));
	say("%d\n", n);
	R(ioctl(p[1], SIOCINQ, (void *)8));
	if (!setuid(1234)) {
		strcpy(r.ifr_name, "lo");
		r.ifr_mtu = 1300;
		R(ioctl(s, SIOCSIFMTU, &r));
		R(ioctl(s, SIOCGIFMTU, &r));
		r.ifr_flags = 0;
		R(ioctl(s, SIOCSIFFLAGS, &r));
	}
	close(s);
}

int main(void)
{
	lo_up();
	urgent();
	ports();
	filters();
	in_child("devices", devices);
	return 0;
}
