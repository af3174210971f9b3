/*
 * netconf_router.c - routers: asked for, and what they say.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

/* From a router, with n bytes of options behind what is said of it. */
static u8 *router(const char *src, unsigned lifetime, int n)
{
	u8 *p;

	eth(all, other, 0x86dd);
	put16(out, 0x3333);
	put16(out + 2, 0);
	put16(out + 4, 1);
	p = ip6(src, "ff02::1", IPPROTO_ICMPV6, 255, 16 + n);
	p[0] = 134;
	put16(p + 6, lifetime);
	return p;
}

static void said(u8 *p, int n)
{
	l4_sum(p, 16 + n, IPPROTO_ICMPV6, 2);
	emit();
	count(advert);
	usleep(100000); /* Tarn does what it says in a task */
}

static void more_specific(void)
{
	u8 *p = router("fe80::77", 1800, 16);

	p[16] = 24;
	p[17] = 2;
	p[18] = 48;
	put16(p + 20, 0);
	put16(p + 22, 600);
	inet_pton(AF_INET6, "fd01::", p + 24);
	p[16 + 1] = 2;
	said(p, 16);
	printf("%s", yes(found(IP "-6 route show dev v0 | grep -q fd01::/48")));
	sh(IP "-6 route flush proto ra");
}

static void short_router(void)
{
	said(router("fe80::77", 60, 0), 0);
	printf("%s", yes(found(IP "-6 route show default | grep -q fe80::77")));
	sh(IP "-6 route flush proto ra");
}

static void prefix(unsigned valid)
{
	u8 *p = router("fe80::77", 0, 32);

	p[16] = 3;
	p[17] = 4;
	p[18] = 64;
	p[19] = 0xc0;
	put16(p + 22, valid);
	put16(p + 26, valid);
	inet_pton(AF_INET6, "fd02::", p + 32);
	said(p, 32);
}

static void shortened(void)
{
	prefix(20000);
	prefix(100);
	printf("%s",
	       found(IP
		     "-6 addr show dev v0 | grep -A1 fd02: | grep -q 'valid_lft [0-9]\\{1,3\\}sec'") ?
		       "short" :
		       "long");
	sh(IP "-6 addr flush dev v0 to fd02::/64");
}

static void with_prefix(void)
{
	prefix(20000);
	printf("%s", yes(found(IP "-6 addr show dev v0 | grep -q fd02:")));
	sh(IP "-6 addr flush dev v0 to fd02::/64");
	sh(IP "-6 route flush proto ra");
	sh(IP "-6 route flush proto kernel fd02::/64");
}

static void long_enough(void)
{
	put("ipv6/conf/v0/accept_ra_rt_info_max_plen", "64");
	more_specific();
	put("ipv6/conf/v0/accept_ra_rt_info_max_plen", "0");
}

/* What the router made of a word, which then is as it was. */
static void became(const char *word, const char *before)
{
	char now[20];

	get(word, now, sizeof(now));
	printf("%s", now);
	put(word, before);
}

static void told_hops(void)
{
	u8 *p = router("fe80::77", 0, 0);

	p[4] = 30;
	said(p, 0);
	became("ipv6/conf/v0/hop_limit", "64");
}

static void told_mtu(void)
{
	u8 *p = router("fe80::77", 0, 8);

	p[16] = 5;
	p[17] = 1;
	put16(p + 22, 1400);
	said(p, 8);
	became("ipv6/conf/v0/mtu", "1500");
}

static void preferred(void)
{
	u8 *p = router("fe80::77", 600, 0);

	p[5] = 8;
	said(p, 0);
	printf("%s", yes(found(IP "-6 route show default | grep -q 'pref high'")));
	sh(IP "-6 route flush proto ra");
}

static void metric(void)
{
	said(router("fe80::77", 600, 0), 0);
	printf("%s %s", yes(found(IP "-6 route show default | grep -q 'metric 1024'")),
	       yes(found(IP "-6 route show default | grep -q 'metric 77'")));
	sh(IP "-6 route flush proto ra");
}

static int solicits(const u8 *f, int n)
{
	return icmp6_of(f, n, 133);
}

/* w0 is raised anew, and seen on w1. */
static int raised(const char *solicitations)
{
	int before = wire;

	sh(IP "link set w0 down");
	put("ipv6/conf/w0/router_solicitations", solicitations);
	wire = open_wire("w1");
	sh(IP "link set w0 up");
	return before;
}

static void lowered(int before)
{
	put("ipv6/conf/w0/router_solicitations", "0");
	close(wire);
	wire = before;
}

/* How often routers are asked for within so many ms after the first time. */
static void solicited(long ms)
{
	int before = raised("3"), n = next(solicits, 10000);

	for (long end = now_ms() + ms; n && now_ms() < end;)
		n += next(solicits, end - now_ms());
	printf("%d", n);
	lowered(before);
}

static void solicited_again(void)
{
	solicited(1700);
}

/* Is the third question as far from the second one as that from the first? */
static void solicited_late(void)
{
	int before;
	long second;

	put("ipv6/conf/w0/router_solicitation_interval", "1");
	before = raised("3");
	CHECK(next(solicits, 20000) && next(solicits, 20000));
	second = now_ms();
	CHECK(next(solicits, 20000));
	printf("%s", now_ms() - second < 1400 ? "soon" : "later");
	lowered(before);
	put("ipv6/conf/w0/router_solicitation_interval", "4");
}

static void solicited_soon(void)
{
	int before = raised("1");

	printf("%s", next(solicits, 1900) ? "soon" : "later");
	lowered(before);
}

static void kept(void)
{
	sh(IP "addr add fd05::1/64 dev w0 nodad");
	sh(IP "link set w0 down");
	printf("%s", yes(found(IP "-6 addr show dev w0 | grep -q fd05::1")));
	sh(IP "link set w0 up");
	sh(IP "-6 addr flush dev w0 to fd05::/64");
}

/* From where w0 sends that has no address of its own for what is far. */
static void source_of_w0(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	int s = socket(AF_INET6, SOCK_DGRAM, 0);
	socklen_t len = sizeof(a);

	sh(IP "route add fd07::/64 dev w0");
	inet_pton(AF_INET6, "fd07::9", &a.sin6_addr);
	CHECK(!connect(s, (void *)&a, sizeof(a)) && !getsockname(s, (void *)&a, &len));
	printf("%s", IN6_IS_ADDR_LINKLOCAL(&a.sin6_addr) ? "its own" : "another's");
	close(s);
	sh(IP "route del fd07::/64 dev w0");
}

static const struct netconf_case cases[] = {
	{ "ipv6/conf/v0/accept_ra_rt_info_max_plen", { "0", "64" }, more_specific },
	{ "ipv6/conf/v0/accept_ra_min_lft", { "0", "100" }, short_router },
	{ "ipv6/conf/v0/ra_honor_pio_life", { "0", "1" }, shortened },
	{ "ipv6/conf/v0/accept_ra_defrtr", { "1", "0" }, short_router },
	{ "ipv6/conf/v0/accept_ra_rt_info_min_plen", { "0", "64" }, long_enough },
	{ "ipv6/conf/v0/accept_ra_rtr_pref", { "1", "0" }, preferred },
	{ "ipv6/conf/v0/ra_defrtr_metric", { "1024", "77", "0" }, metric },
	{ "ipv6/conf/v0/accept_ra_pinfo", { "1", "0" }, with_prefix },
	{ "ipv6/conf/v0/autoconf", { "1", "0" }, with_prefix },
	{ "ipv6/conf/v0/accept_ra_min_hop_limit", { "1", "40" }, told_hops },
	{ "ipv6/conf/v0/accept_ra_mtu", { "1", "0" }, told_mtu },
	{ "ipv6/conf/w0/keep_addr_on_down", { "0", "1" }, kept },
	{ "ipv6/conf/w0/use_oif_addrs_only", { "0", "1" }, source_of_w0 },
	{ "ipv6/conf/w0/router_solicitation_interval", { "1", "4" }, solicited_again },
	{ "ipv6/conf/w0/router_solicitation_max_interval", { "1", "3600" }, solicited_late },
	{ "ipv6/conf/w0/router_solicitation_delay", { "1", "3" }, solicited_soon },
};

NETCONF_TABLE(netconf_router, "routers");
