/*
 * netconf_group.c - groups: what routers are told of them, and how many sources they may have.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

static u8 asked_group[16];

static const u8 *ip4_payload(const u8 *f)
{
	return f + 14 + (f[14] & 15) * 4;
}

static int report4(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_IGMP && f[38] == 0x22 &&
	       f[46] == 4 && !memcmp(f + 50, asked_group, 4);
}

static int report6(const u8 *f, int n)
{
	return n >= 90 && f[20] == IPPROTO_HOPOPTS && f[62] == 143 && f[70] == 4 &&
	       !memcmp(f + 74, asked_group, 16);
}

static int igmp(const u8 *f, int n)
{
	static const u8 group[4] = { 239, 1, 2, 3 };

	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_IGMP &&
	       (!memcmp(f + 30, group, 4) || !memcmp(ip4_payload(f) + 12, group, 4));
}

static int mld(const u8 *f, int n)
{
	return n >= 86 && get16(f + 12) == 0x86dd && f[20] == IPPROTO_HOPOPTS &&
	       (f[62] == 143 ? !memcmp(f + 74, asked_group, 16) : !memcmp(f + 70, asked_group, 16));
}

/* Reports of a group that is joined on w0, raised anew, until there are no more for a while; kind: of the last. */
static int joined(const char *group, match *want, int *kind)
{
	struct group_req r = { .gr_interface = if_nametoindex("w0") };
	int before = wire, six = !!strchr(group, ':'),
	    s = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), n = 0;
	struct sockaddr_in *a4 = (void *)&r.gr_group;
	struct sockaddr_in6 *a6 = (void *)&r.gr_group;

	sh(IP "link set w0 down");
	sh(IP "link set w0 up");
	wire = open_wire("w1");
	for (int i = 0; i < 100 && next(NULL, 900); i++) /* its own groups */
		continue;
	r.gr_group.ss_family = six ? AF_INET6 : AF_INET;
	inet_pton(six ? AF_INET6 : AF_INET, group,
		  six ? (void *)&a6->sin6_addr : (void *)&a4->sin_addr);
	memcpy(asked_group, six ? (void *)&a6->sin6_addr : (void *)&a4->sin_addr, six ? 16 : 4);
	CHECK(!setsockopt(s, six ? SOL_IPV6 : SOL_IP, MCAST_JOIN_GROUP, &r, sizeof(r)));
	for (*kind = 0; next(want, 900); n++)
		*kind = six ? in[62] : *ip4_payload(in);
	close(s);
	close(wire);
	wire = before;
	return n;
}

static void reports(const char *group)
{
	int kind;

	printf("%d", joined(group, strchr(group, ':') ? report6 : report4, &kind));
}

static void reports_v4(void)
{
	reports("239.1.2.3");
}

static void reports_link(void)
{
	reports("224.0.0.77");
}

static void reports_v6(void)
{
	reports("ff05::77");
}

/* Of which kind the reports are, and how many come. */
static void kind_of_reports4(void)
{
	int kind, n = joined("239.1.2.3", igmp, &kind);

	printf("kind %d, %d times", kind, n);
}

static void kind_of_reports6(void)
{
	int kind, n = joined("ff05::77", mld, &kind);

	printf("kind %d, %d times", kind, n);
}

/* How many sources a socket may name for a group; twenty are tried. */
static void sources(int family, int level, const char *group, const char *source)
{
	struct group_source_req r = { .gsr_interface = if_nametoindex("v0") };
	int s = socket(family, SOCK_DGRAM, 0), n = 0;

	r.gsr_group.ss_family = r.gsr_source.ss_family = (unsigned short)family;
	for (; n < 20; n++) {
		char text[64];

		snprintf(text, sizeof(text), source, n + 1);
		if (family == AF_INET) {
			inet_pton(family, group, &((struct sockaddr_in *)&r.gsr_group)->sin_addr);
			inet_pton(family, text, &((struct sockaddr_in *)&r.gsr_source)->sin_addr);
		} else {
			inet_pton(family, group, &((struct sockaddr_in6 *)&r.gsr_group)->sin6_addr);
			inet_pton(family, text, &((struct sockaddr_in6 *)&r.gsr_source)->sin6_addr);
		}
		if (setsockopt(s, level, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)))
			break;
	}
	printf("%d %s", n, n < 20 ? strerror(errno) : "");
	close(s);
}

static void sources4(void)
{
	sources(AF_INET, SOL_IP, "239.9.9.9", "10.9.0.%d");
}

static void sources6(void)
{
	sources(AF_INET6, SOL_IPV6, "ff05::99", "fd00::1%02d");
}

static const struct netconf_case cases[] = {
	{ "ipv4/igmp_qrv", { "1", "2", "4", "0" }, reports_v4 },
	{ "ipv4/igmp_link_local_mcast_reports", { "0", "1" }, reports_link },
	{ "ipv6/mld_qrv", { "1", "2", "4" }, reports_v6 },
	{ "ipv4/igmp_max_msf", { "10", "3" }, sources4 },
	{ "ipv6/mld_max_msf", { "64", "12" }, sources6 },
	{ "ipv4/conf/w0/force_igmp_version", { "0", "1", "2", "3" }, kind_of_reports4 },
	{ "ipv6/conf/w0/force_mld_version", { "0", "1", "2" }, kind_of_reports6 },
};

NETCONF_TABLE(netconf_group, "groups");
