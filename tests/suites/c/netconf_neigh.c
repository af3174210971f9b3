/*
 * netconf_neigh.c - who is asked for whom: ARP, neighbour discovery, tests of addresses.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/* Somebody has had one link address, and now, it is said, has another one. */
static void two_claims(void)
{
	sh(IP "neigh flush dev v0 10.9.0.3");
	arp(1, all, ours, "10.9.0.3", "10.9.0.1");
	count(arp_reply);
	usleep(50000);
	arp(2, theirs, other, "10.9.0.3", "10.9.0.1");
	echo4(theirs, other, "10.9.0.3", "10.9.0.1", 0x11, 16);
	emit();
	printf("%s", seen(reply4) ? memcmp(in, other, 6) ? "first" : "last" : "none");
}

/* What nobody asked for: who has an address. */
static void advert_to_all(const char *who)
{
	nd(136, all, other, who, "ff02::1", who, 0x20, 2);
	put16(out, 0x3333);
	put16(out + 2, 0);
	put16(out + 4, 1);
	emit();
}

static void two_claims6(void)
{
	sh(IP "-6 neigh flush dev v0 fd00::3");
	nd(135, theirs, ours, "fd00::3", "fd00::1", "fd00::1", 0, 1);
	emit();
	count(advert);
	advert_to_all("fd00::3");
	echo6(theirs, ours, "fd00::3", "fd00::1", 0x11);
	emit();
	printf("%s", seen(reply6) ? memcmp(in, other, 6) ? "first" : "last" : "none");
}

static void untracked(void)
{
	sh(IP "-6 neigh flush dev v0 fd00::5");
	advert_to_all("fd00::5");
	echo6(theirs, other, "fd00::5", "fd00::1", 0x11);
	emit();
	printf("%s", seen(reply6) ? "known" : "asks");
}

static void pvlan(void)
{
	arp(1, theirs, ours, "10.9.0.2", "10.9.0.77");
	printf("%s", yes(count(arp_reply)));
}

static int asks_for_9(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0806 && get16(f + 20) == 1 && f[41] == 9;
}

/* How often somebody who is not there is asked for. */
static void unanswered(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	int s = socket(AF_INET, SOCK_DGRAM, 0), n = 0;

	inet_pton(AF_INET, "10.9.0.9", &a.sin_addr);
	sh(IP "neigh flush dev v0 10.9.0.9");
	drain();
	sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	while (next(asks_for_9, 900))
		n++;
	printf("%d", n);
	close(s);
}

/* How often all are asked when who was asked alone did not answer. */
static void reprobed(void)
{
	int n = 0;

	drain();
	sh(IP "neigh replace 10.9.0.9 lladdr 02:00:00:00:00:09 nud probe dev v0");
	while (next(asks_for_9, 900))
		n += in[0] == 255;
	printf("%d", n);
}

static void solicited_alone(void)
{
	nd(135, theirs, ours, "fd00::2", "fd00::1", "fd00::1", 0, 0);
	emit();
	printf("%s", seen(advert) ? in_len > 78 ? "with" : "without" : "none");
}

static void class_of_advert(void)
{
	nd(135, theirs, ours, "fd00::2", "fd00::1", "fd00::1", 0, 0);
	emit();
	printf("%x", seen(advert) ? (unsigned)(get16(in + 14) >> 4 & 0xff) : 0x999);
}

static void in_pieces(void)
{
	u8 *p = nd(135, theirs, ours, "fd00::2", "fd00::1", "fd00::1", 0, 0);

	/* A header of fragments, with all of it in one. */
	memmove(p + 8, p, 24);
	memset(p, 0, 8);
	p[0] = IPPROTO_ICMPV6;
	put16(p + 4, 77);
	out[20] = IPPROTO_FRAGMENT;
	put16(out + 18, 32);
	out_len += 8;
	emit();
	printf("%s", yes(count(advert)));
}

static void test_with_nonce(void)
{
	drain();
	sh(IP "addr add fd00::99/64 dev v0");
	printf("%s", next(dad, 5000) ? in_len > 78 ? "with" : "without" : "none");
	sh(IP "addr del fd00::99/64 dev v0");
}

static void told_of_address(void)
{
	drain();
	sh(IP "addr add fd00::98/64 dev v0");
	printf("%s %s", yes(next(dad, 5000)), yes(next(advert, 2500)));
	sh(IP "addr del fd00::98/64 dev v0");
}

static void tests_of_address(void)
{
	int n = 0;

	drain();
	sh(IP "addr add fd00::97/64 dev v0");
	while (found(IP "-6 addr show dev v0 tentative | grep -q fd00::97"))
		n += next(dad, 100);
	printf("%d", n + count(dad));
	sh(IP "addr del fd00::97/64 dev v0");
}

static int about_v0(const u8 *f, int n)
{
	static const u8 mine[4] = { 10, 10, 0, 1 };

	return n >= 42 && get16(f + 12) == 0x0806 && !memcmp(f + 28, mine, 4) &&
	       !memcmp(f + 38, mine, 4);
}

static void told_of_device(void)
{
	int before = wire;

	sh(IP "link set w0 down");
	wire = open_wire("w1");
	sh(IP "link set w0 up");
	printf("%s", yes(next(about_v0, 900)));
	close(wire);
	wire = before;
}

/* --- what waits, and for how long --- */

/* n datagrams to somebody at 10.9.0.x; x: 0: each to another one. */
static void datagrams(int n, int x)
{
	static const char bytes[1000];
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	for (int i = 0; i < n; i++) {
		a.sin_addr.s_addr = htonl(0x0a090000u + (unsigned)(x ? x : 100 + i));
		sendto(s, bytes, sizeof(bytes), 0, (struct sockaddr *)&a, sizeof(a));
	}
	close(s);
}

static int to_discard(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_UDP && get16(f + 36) == 9;
}

/* Of twenty for one who is not known yet. */
static void waiting(void)
{
	int n;

	put("ipv4/neigh/v0/mcast_solicit", "100");
	sh(IP "neigh flush dev v0 10.9.0.9");
	drain();
	datagrams(20, 9);
	CHECK(next(asks_for_9, 20000));
	arp(2, theirs, other, "10.9.0.9", "10.9.0.1");
	n = count(to_discard);
	printf("%s", n == 20 ? "all" : n > 0 ? "some" : "none");
	put("ipv4/neigh/v0/mcast_solicit", "3");
	sh(IP "neigh flush dev v0 10.9.0.9");
}

static void asked_later(void)
{
	sh(IP "neigh replace 10.9.0.9 lladdr 02:00:00:00:00:09 nud stale dev v0");
	drain();
	datagrams(1, 9);
	printf("%s", next(asks_for_9, 2500) ? "soon" : "later");
	sh(IP "neigh flush dev v0 10.9.0.9");
}

static char asked[40];

/* For one of forty strangers, the first time. */
static int asks(const u8 *f, int n)
{
	int i = n >= 42 && get16(f + 12) == 0x0806 && get16(f + 20) == 1 ? f[41] - 100 : -1;

	return i >= 0 && i < 40 && !asked[i]++;
}

/* After how many strangers there is no room for more. */
static void strangers(void)
{
	int n;

	memset(asked, 0, sizeof(asked));
	drain();
	datagrams(40, 0);
	n = count(asks);
	printf("%s", n == 40 ? "all" : n < 20 ? "few" : "some");
	while (next(NULL, 900)) /* until none is asked for any more */
		continue;
	sh(IP "neigh flush dev v0");
}

/* How often programs are asked for an address before the link is. */
static void programs_asked(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_NEIGH };
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), n = 0;
	struct nlmsghdr *h;
	char msg[8192];
	ssize_t got;

	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)));
	sh(IP "neigh flush dev v0 10.9.0.9");
	drain();
	datagrams(1, 9);
	CHECK(next(asks_for_9, 20000));
	while ((got = recv(s, msg, sizeof(msg), MSG_DONTWAIT)) > 0)
		for (h = (void *)msg; NLMSG_OK(h, (unsigned)got); h = NLMSG_NEXT(h, got))
			n += h->nlmsg_type == RTM_GETNEIGH;
	printf("%d", n);
	close(s);
	while (next(asks_for_9, 900))
		continue;
}

static const struct netconf_case cases[] = {
	{ "ipv4/neigh/v0/locktime", { "0", "100000" }, two_claims },
	{ "ipv4/conf/v0/proxy_arp_pvlan", { "0", "1" }, pvlan },
	{ "ipv4/neigh/v0/mcast_solicit", { "1", "3" }, unanswered },
	{ "ipv4/neigh/v0/mcast_resolicit", { "0", "2" }, reprobed },
	{ "ipv6/conf/v0/force_tllao", { "0", "1" }, solicited_alone },
	{ "ipv6/conf/v0/ndisc_tclass", { "0", "64", "256" }, class_of_advert },
	{ "ipv6/conf/v0/suppress_frag_ndisc", { "1", "0" }, in_pieces },
	{ "ipv6/conf/v0/drop_unsolicited_na", { "0", "1" }, two_claims6 },
	{ "ipv6/conf/v0/accept_untracked_na", { "0", "1" }, untracked },
	{ "ipv6/conf/v0/enhanced_dad", { "1", "0" }, test_with_nonce },
	{ "ipv6/conf/v0/ndisc_notify", { "0", "1" }, told_of_address },
	{ "ipv6/conf/v0/dad_transmits", { "1", "3", "0" }, tests_of_address },
	{ "ipv4/conf/w0/arp_notify", { "0", "1" }, told_of_device },
	{ "ipv4/neigh/v0/unres_qlen_bytes", { "212992", "4000" }, waiting },
	{ "ipv4/neigh/v0/delay_first_probe_time", { "5", "1" }, asked_later },
	{ "ipv4/neigh/v0/app_solicit", { "0", "2" }, programs_asked },
	{ "ipv4/neigh/default/gc_thresh3", { "1024", "12" }, strangers },
};

NETCONF_TABLE(netconf_neigh, "neighbours");
