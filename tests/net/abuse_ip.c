/*
 * The layers below TCP under abuse, from a link whose other end we are. One machine each:
 *
 *	abuse_ip fragments N	N pieces of packets that never become whole, of IPv4 and IPv6
 *	abuse_ip storm N	N hosts ask by ARP and ND, and N that do not exist are sent to
 */
#include "abuse.h"

#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define PORT	 7000
#define MF	 0x2000
#define THRESH	 262144
#define FRAGMENT 44

static struct in6_addr six(uint32_t host)
{
	struct in6_addr a = { .s6_addr = { 0xfd, 7 } };

	put_u32(&a.s6_addr[12], host);
	return a;
}

/* --- fragments --- */

static int udp_socket(int family)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct sockaddr_in a4 = at(OURS, PORT);
	int s = (int)MUST(socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0));

	if (family == AF_INET6)
		a.sin6_addr = six(1);
	MUST(bind(s, family == AF_INET ? (struct sockaddr *)&a4 : (struct sockaddr *)&a,
		  family == AF_INET ? sizeof(a4) : sizeof(a)));
	return s;
}

/* Part `which` of a datagram of 2,000 bytes in two pieces. */
static void piece(int v6, uint32_t from, unsigned id, int which)
{
	static uint8_t data[2000], whole[2008], frag[1500];
	struct in6_addr src = six(from), dst = six(1), pseudo[2] = { src, dst };
	uint8_t four[8];
	int at = which ? 1000 : 0, n = which ? 1008 : 1000;

	put_u32(four, OURS + from);
	put_u32(four + 4, OURS);
	make_udp(whole, v6 ? (void *)pseudo : four, v6 ? 32 : 8, 9, PORT, data, sizeof(data));
	if (!v6) {
		put_ip4(OURS + from, OURS, IPPROTO_UDP, id, (which ? 0 : MF) | (unsigned)at / 8,
			whole + at, n);
		return;
	}
	memset(frag, 0, 8);
	frag[0] = IPPROTO_UDP;
	put_u16(frag + 2, (unsigned)at | !which);
	put_u32(frag + 4, id);
	memcpy(frag + 8, whole + at, (size_t)n);
	put_ip6(&src, &dst, FRAGMENT, frag, n + 8);
}

static int arrived(int s)
{
	char buf[3000];

	return recv(s, buf, sizeof(buf), 0) == 2000;
}

static void bomb(int v6, int n)
{
	const char *file = v6 ? "/proc/net/sockstat6" : "/proc/net/sockstat",
		   *row = v6 ? "FRAG6:" : "FRAG:";
	int s = udp_socket(v6 ? AF_INET6 : AF_INET), through = 0, tries = 0;
	long most = 0, used, before = free_kib();

	set(v6 ? "ipv6/ip6frag_high_thresh" : "ipv4/ipfrag_high_thresh", "262144");
	piece(v6, 3, 1, 0);
	for (int i = 0; i < n; i++) {
		piece(v6, 4 + rnd() % 60000, rnd() & 0xffff, 0);
		if (i % (n / 10) == 0) {
			/* Who sends all of it gets it through. */
			piece(v6, 2, 100 + (unsigned)i, 0);
			piece(v6, 2, 100 + (unsigned)i, 1);
			usleep(1000);
			through += arrived(s);
			tries++;
		}
		used = figure(file, row, "memory");
		most = used > most ? used : most;
	}
	CHECK(most <= THRESH + 8192, "pieces took %ld bytes, %d are allowed", most, THRESH);
	CHECK(most > THRESH / 2, "pieces took %ld bytes only", most);
	CHECK(through == tries, "%d of %d whole ones came through", through, tries);
	/* The oldest went first. */
	piece(v6, 3, 1, 1);
	usleep(1000);
	CHECK(!arrived(s), "the oldest piece was kept");
	rest(62);
	CHECK(figure(file, row, "inuse") == 0 && figure(file, row, "memory") == 0,
	      "pieces are kept for more than a minute");
	close(s);
	memory_is_back(before, 512);
	printf("ok fragments of IPv%d\n", v6 ? 6 : 4);
}

/* --- ARP and ND --- */

static int neighbours(int family)
{
	struct {
		struct nlmsghdr h;
		struct ndmsg m;
	} ask = { { sizeof(ask), RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 },
		  { .ndm_family = (unsigned char)family } };
	int s = (int)MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), n = 0, done = 0;
	static char buf[65536];

	MUST(send(s, &ask, sizeof(ask), 0));
	while (!done) {
		int left = (int)MUST(recv(s, buf, sizeof(buf), 0));

		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, (unsigned)left);
		     h = NLMSG_NEXT(h, left)) {
			done |= h->nlmsg_type == NLMSG_DONE;
			n += h->nlmsg_type == RTM_NEWNEIGH;
		}
	}
	close(s);
	return n;
}

static void frame_arp(uint32_t sender, uint32_t target, int op)
{
	uint8_t a[28] = { 0, 1, 8, 0, 6, 4, 0, (uint8_t)op, 2, 0, 0, 1 };

	put_u16(a + 12, sender & 0xffff);
	put_u32(a + 14, sender);
	put_u32(a + 24, target);
	put_frame(ETH_P_ARP, a, sizeof(a));
}

static void solicit(uint32_t from)
{
	uint8_t m[32] = { 135 };
	struct in6_addr src = six(from), dst = six(1), pseudo[2] = { src, dst };

	memcpy(m + 8, &dst, 16);
	m[24] = 1;
	m[25] = 1;
	m[26] = 2;
	put_u32(m + 28, from);
	put_u16(m + 2, ~sum_of(m, 32, sum_of(pseudo, 32, IPPROTO_ICMPV6 + 32)) & 0xffff);
	put_ip6(&src, &dst, IPPROTO_ICMPV6, m, 32);
}

static int pings(void)
{
	uint8_t m[16] = { 8 }, frame[2048];

	put_u16(m + 4, 77);
	put_u16(m + 2, ~sum_of(m, 16, 0) & 0xffff);
	put_ip4(OURS + 1, OURS, IPPROTO_ICMP, 1, 0, m, 16);
	for (double end = now() + 5; now() < end;) {
		ssize_t n = read(wire, frame, sizeof(frame));

		if (n > 14 && get_u16(frame + 12) == ETH_P_ARP)
			answer_arp(frame);
		if (n >= 14 + 36 && get_u16(frame + 12) == ETH_P_IP &&
		    frame[14 + 9] == IPPROTO_ICMP && frame[14 + 20] == 0 &&
		    get_u32(frame + 14 + 16) == OURS + 1)
			return 1;
		if (n <= 0)
			usleep(1000);
	}
	return 0;
}

static void storm(int n)
{
	int s = (int)MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)),
	    s6 = (int)MUST(socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0)), most = 0, most6 = 0,
	    have;
	long before;

	set("ipv4/neigh/default/gc_thresh1", "32");
	set("ipv4/neigh/default/gc_thresh2", "64");
	set("ipv4/neigh/default/gc_thresh3", "128");
	set("ipv6/neigh/default/gc_thresh1", "32");
	set("ipv6/neigh/default/gc_thresh2", "64");
	set("ipv6/neigh/default/gc_thresh3", "128");
	CHECK(pings(), "no answer to a ping before");
	before = free_kib();
	for (int i = 0; i < n; i++) {
		frame_arp(OURS + 2 + rnd() % 60000, OURS, 1);
		frame_arp(OURS + 2 + rnd() % 60000, OURS, 2);
		solicit(10 + rnd() % 60000);
		if (i % 64 == 0) {
			rest(.001);
			have = neighbours(AF_INET);
			most = have > most ? have : most;
			have = neighbours(AF_INET6);
			most6 = have > most6 ? have : most6;
		}
	}
	/* The multicast groups of the device have entries of their own. */
	CHECK(most <= 130 && most6 <= 136, "%d and %d neighbours", most, most6);
	CHECK(most > 30 && most6 > 30, "only %d and %d neighbours", most, most6);
	rest(1);
	CHECK(pings(), "no answer to a ping after the storm");
	printf("ok storm from outside: %d and %d neighbours at most\n", most, most6);
	/* Programs here that send to all there is; nobody answers. */
	most = most6 = 0;
	for (int i = 0; i < n; i++) {
		struct sockaddr_in a = at(OURS + 256 + rnd() % 60000, 9);
		struct sockaddr_in6 b = { .sin6_family = AF_INET6,
					  .sin6_port = htons(9),
					  .sin6_addr = six(0x10000 + rnd() % 60000) };

		sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
		sendto(s6, "x", 1, 0, (struct sockaddr *)&b, sizeof(b));
		if (i % 64 == 0) {
			char frame[2048];

			while (read(wire, frame, sizeof(frame)) > 0)
				;
			have = neighbours(AF_INET);
			most = have > most ? have : most;
			have = neighbours(AF_INET6);
			most6 = have > most6 ? have : most6;
		}
	}
	CHECK(most <= 130 && most6 <= 136, "%d and %d neighbours", most, most6);
	rest(10);
	CHECK(pings(), "no answer to a ping after sending to nobody");
	memory_is_back(before, 512);
	printf("ok storm from here: %d and %d neighbours at most\n", most, most6);
	close(s);
	close(s6);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 1000;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "fragments")) {
		link_up(0);
		bomb(0, n);
		bomb(1, n);
	} else if (!strcmp(what, "storm")) {
		link_up(1);
		storm(n);
	} else {
		return 2;
	}
	return 0;
}
