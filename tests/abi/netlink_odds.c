/*
 * rtnetlink(7), what is seldom looked at: echoes of what was asked for and numbers of news, lifetimes of
 * addresses, dumps that something changed under, headers that are judged strictly, how IPv6 addresses are
 * made (addr_gen_mode, stable_secret), net.ipv4.route.
 */
#include "netlink.h"
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>

static unsigned port_of(int s)
{
	struct sockaddr_nl a;
	socklen_t len = sizeof(a);

	MUST(getsockname(s, (void *)&a, &len));
	return a.nl_pid;
}

/* What there is to be read: kinds, numbers, and whose. */
static void show(const char *what, int s, unsigned mine)
{
	for (;;) {
		ssize_t n = recv(s, answer, sizeof(answer), MSG_DONTWAIT);
		struct nlmsghdr *h = (void *)answer;

		if (n < 0)
			return;
		for (; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
			const struct nlmsgerr *e = NLMSG_DATA(h);
			const struct rtattr *text = NULL;

			if (h->nlmsg_type == NLMSG_ERROR && (h->nlmsg_flags & NLM_F_ACK_TLVS))
				text = attr(h, sizeof(*e) + (h->nlmsg_flags & NLM_F_CAPPED ?
								     0 : e->msg.nlmsg_len - sizeof(e->msg)), NLMSGERR_ATTR_MSG);
			say("%s: type %u seq %u port %s%s%s%s%s\n", what, h->nlmsg_type, h->nlmsg_seq,
			    h->nlmsg_pid == mine ? "mine" : h->nlmsg_pid ? "another's" : "0",
			    h->nlmsg_type == NLMSG_ERROR ? " " : "",
			    h->nlmsg_type != NLMSG_ERROR ? "" : e->error ? ename(-e->error) : "ok",
			    text ? ": " : "", text ? (const char *)RTA_DATA(text) : "");
			if (h->nlmsg_type == NLMSG_DONE)
				return;
		}
	}
}

static void addr4(int type, int flags, const char *ip, int bits, unsigned valid, unsigned preferred)
{
	struct ifaddrmsg m = { .ifa_family = AF_INET, .ifa_prefixlen = bits, .ifa_index = 1 };
	struct ifa_cacheinfo c = { .ifa_valid = valid, .ifa_prefered = preferred };
	unsigned char a[4];

	sscanf(ip, "%hhu.%hhu.%hhu.%hhu", a, a + 1, a + 2, a + 3);
	begin(type, flags, &m, sizeof(m));
	add(IFA_LOCAL, a, 4);
	if (valid)
		add(IFA_CACHEINFO, &c, sizeof(c));
}

static void route4(int type, int flags)
{
	struct rtmsg m = { .rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_table = RT_TABLE_MAIN,
			   .rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST };
	unsigned oif = 1;

	begin(type, flags, &m, sizeof(m));
	add(RTA_DST, "\xc0\xa8\x37\0", 4);
	add(RTA_OIF, &oif, 4);
}

static void echoes(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE };
	int s = nl_socket(NETLINK_ROUTE), news = nl_socket(NETLINK_ROUTE);
	unsigned mine;

	MUST(bind(news, (void *)&a, sizeof(a)));
	a.nl_groups = 0;
	MUST(bind(s, (void *)&a, sizeof(a)));
	mine = port_of(s);
	addr4(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, "10.55.0.1", 24, 0, 0);
	ask(s);
	show("new", s, mine);
	show("news of it", news, mine);
	addr4(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK | NLM_F_ECHO, "10.55.0.2", 24, 0, 0);
	ask(s);
	show("new, echoed", s, mine);
	show("news of it", news, mine);
	addr4(RTM_DELADDR, NLM_F_ECHO, "10.55.0.2", 24, 0, 0);
	ask(s);
	show("gone, echoed", s, mine);
	show("news of it", news, mine);
	addr4(RTM_DELADDR, NLM_F_ECHO | NLM_F_ACK, "10.55.0.77", 24, 0, 0);
	ask(s);
	show("none", s, mine);
	show("news of it", news, mine);
	route4(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_ECHO);
	ask(s);
	show("a route, echoed", s, mine);
	show("news of it", news, mine);
	route4(RTM_DELROUTE, NLM_F_ACK);
	ask(s);
	show("gone", s, mine);
	show("news of it", news, mine);
	close(s);
	close(news);
}

/* One of lo's, as a dump has it. */
static void show_addr4(int s, const char *what, const char *ip)
{
	struct ifaddrmsg m = { .ifa_family = AF_INET };
	unsigned char a[4];
	int found = 0;

	sscanf(ip, "%hhu.%hhu.%hhu.%hhu", a, a + 1, a + 2, a + 3);
	begin(RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
	ask(s);
	for (int more = 1; more;) {
		ssize_t n = MUST(recv(s, answer, sizeof(answer), 0));

		for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
			const struct rtattr *local = attr(h, sizeof(m), IFA_LOCAL);

			if (h->nlmsg_type != RTM_NEWADDR) {
				more = 0;
				break;
			}
			if (memcmp(RTA_DATA(local), a, 4))
				continue;
			const struct ifa_cacheinfo *c = RTA_DATA(attr(h, sizeof(m), IFA_CACHEINFO));

			found = 1;
			say("%s: flags %#x valid %d preferred %d\n", what,
			    *(unsigned *)RTA_DATA(attr(h, sizeof(m), IFA_FLAGS)),
			    c->ifa_valid == ~0u ? -1 : (int)(c->ifa_valid + 99) / 100,
			    c->ifa_prefered == ~0u ? -1 : (int)(c->ifa_prefered + 99) / 100);
		}
	}
	if (!found)
		say("%s: none\n", what);
}

static void lend(int s, unsigned valid, unsigned preferred, int flags)
{
	addr4(RTM_NEWADDR, NLM_F_CREATE | NLM_F_ACK | flags, "10.55.1.1", 24, valid, preferred);
	ask(s);
	show("lent", s, 0);
}

static void lifetimes(void)
{
	int s = nl_socket(NETLINK_ROUTE), i;

	lend(s, 100, 200, 0);
	lend(s, 200, 100, 0);
	show_addr4(s, "200, 100", "10.55.1.1");
	lend(s, 300, 0, 0);
	lend(s, 300, 0, NLM_F_REPLACE);
	show_addr4(s, "300, 0", "10.55.1.1");
	lend(s, ~0u, 100, NLM_F_REPLACE);
	show_addr4(s, "for ever, 100", "10.55.1.1");
	lend(s, ~0u, 0, NLM_F_REPLACE);
	show_addr4(s, "for ever, 0", "10.55.1.1");
	lend(s, 2, 1, NLM_F_REPLACE);
	/* It goes, some time. */
	for (i = 0; i < 3000; i++) {
		addr4(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, "10.55.1.1", 24, 0, 0);
		ask(s);
		recv(s, answer, sizeof(answer), 0);
		if (!((struct nlmsgerr *)NLMSG_DATA((struct nlmsghdr *)answer))->error)
			break;
		sleep_ms(10);
	}
	say("it went: %d\n", i > 50 && i < 3000);
	addr4(RTM_DELADDR, NLM_F_ACK, "10.55.1.1", 24, 0, 0);
	ask(s);
	show("gone", s, 0);
	close(s);
}

/* While a reader has read one part of a dump, an address more. */
static void torn(int change)
{
	struct ifaddrmsg m = { .ifa_family = AF_INET };
	int s = nl_socket(NETLINK_ROUTE), other = nl_socket(NETLINK_ROUTE), before = 0, after = 0, parts = 0;

	begin(RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
	ask(s);
	for (int more = 1; more;) {
		ssize_t n = MUST(recv(s, answer, 4096, 0));

		for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_flags & NLM_F_DUMP_INTR)
				parts > 1 ? after++ : before++;
			more = h->nlmsg_type == RTM_NEWADDR;
		}
		/* Some parts are written ahead of the reader. */
		if (++parts == 1 && change) {
			addr4(RTM_NEWADDR, NLM_F_CREATE | NLM_F_ACK, "10.57.0.1", 32, 0, 0);
			ask(other);
			recv(other, answer, sizeof(answer), 0);
		}
	}
	say("in parts %d, torn %d\n", parts > 2, before + after > 0);
	close(s);
	close(other);
}

static void dumps(void)
{
	int s = nl_socket(NETLINK_ROUTE);
	char ip[32];

	for (int i = 0; i < 600; i++) {
		snprintf(ip, sizeof(ip), "10.56.%d.%d", i / 200, i % 200 + 1);
		addr4(RTM_NEWADDR, NLM_F_CREATE | NLM_F_ACK, ip, 32, 0, 0);
		ask(s);
		recv(s, answer, sizeof(answer), 0);
	}
	torn(0);
	torn(1);
	for (int i = 0; i < 600; i++) {
		snprintf(ip, sizeof(ip), "10.56.%d.%d", i / 200, i % 200 + 1);
		addr4(RTM_DELADDR, NLM_F_ACK, ip, 32, 0, 0);
		ask(s);
		recv(s, answer, sizeof(answer), 0);
	}
	addr4(RTM_DELADDR, NLM_F_ACK, "10.57.0.1", 32, 0, 0);
	ask(s);
	show("the last", s, 0);
	close(s);
}

/* How a dump that is asked for wrongly ends. */
static void judged(int s, const char *what)
{
	ask(s);
	for (int more = 1; more;) {
		ssize_t n = recv(s, answer, sizeof(answer), 0);

		if (n < 0)
			break;
		for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
			const struct rtattr *text = NULL;
			int err = 0;

			if (h->nlmsg_type == NLMSG_ERROR) {
				err = ((struct nlmsgerr *)NLMSG_DATA(h))->error;
			} else if (h->nlmsg_type == NLMSG_DONE) {
				err = *(int *)NLMSG_DATA(h);
				if (h->nlmsg_flags & NLM_F_ACK_TLVS)
					text = attr(h, sizeof(int), NLMSGERR_ATTR_MSG);
			} else {
				continue;
			}
			more = 0;
			say("%s: %s%s%s\n", what, err ? ename(-err) : "ok", text ? ": " : "",
			    text ? (const char *)RTA_DATA(text) : "");
		}
	}
}

static void strictly(void)
{
	struct ifaddrmsg a = { .ifa_family = AF_INET };
	struct ifinfomsg l = { 0 };
	struct rtmsg r = { .rtm_family = AF_INET };
	int s = nl_socket(NETLINK_ROUTE);
	unsigned v = 77;

	for (int strict = 0; strict < 2; strict++) {
		set(s, NETLINK_EXT_ACK, 1);
		if (strict)
			set(s, NETLINK_GET_STRICT_CHK, 1);
		a.ifa_prefixlen = 8;
		begin(RTM_GETADDR, NLM_F_DUMP, &a, sizeof(a));
		judged(s, "address, prefix length");
		a.ifa_prefixlen = 0;
		a.ifa_index = 999;
		begin(RTM_GETADDR, NLM_F_DUMP, &a, sizeof(a));
		judged(s, "address, no such device");
		a.ifa_index = 0;
		begin(RTM_GETADDR, NLM_F_DUMP, &a, 1);
		judged(s, "address, short header");
		begin(RTM_GETADDR, NLM_F_DUMP, &a, sizeof(a));
		add(IFA_LABEL, "lo", 3);
		judged(s, "address, label");
		l.ifi_type = 1;
		begin(RTM_GETLINK, NLM_F_DUMP, &l, sizeof(l));
		judged(s, "link, type");
		l.ifi_type = 0;
		l.ifi_index = 1;
		begin(RTM_GETLINK, NLM_F_DUMP, &l, sizeof(l));
		judged(s, "link, index");
		l.ifi_index = 0;
		r.rtm_scope = 5;
		begin(RTM_GETROUTE, NLM_F_DUMP, &r, sizeof(r));
		judged(s, "route, scope");
		r.rtm_scope = 0;
		begin(RTM_GETROUTE, NLM_F_DUMP, &r, sizeof(r));
		add(RTA_TABLE, &v, 4);
		judged(s, "route, no such table");
		begin(RTM_GETROUTE, NLM_F_DUMP, &r, sizeof(r));
		add(RTA_PRIORITY, &v, 4);
		judged(s, "route, metric");
		begin(RTM_GETNEIGH, NLM_F_DUMP, &a, 1);
		if (strict)
			judged(s, "neighbours, short header");
		begin(RTM_GETRULE, NLM_F_DUMP, &r, sizeof(r));
		judged(s, "rules");
	}
	close(s);
}

static void set_text(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	say("%s < %s: ", strrchr(path, '/') + 1, text);
	R(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void show_text(const char *path)
{
	char buf[100];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	if (n < 0)
		say("%s: %s\n", path, ename(errno));
	else
		say("%s: %.*s", path, (int)n, buf);
	close(fd);
}

static void gen_mode(int s, unsigned char mode)
{
	struct ifinfomsg i = { .ifi_index = 1 };
	struct {
		struct rtattr outer, inner;
		struct rtattr attr;
		unsigned char mode, pad[3];
	} a = { { sizeof(a), 0 }, { sizeof(a) - 4, AF_INET6 }, { 5, IFLA_INET6_ADDR_GEN_MODE }, mode, { 0 } };

	begin(RTM_SETLINK, NLM_F_ACK, &i, sizeof(i));
	add(IFLA_AF_SPEC, &a.inner, sizeof(a) - 4);
	ask(s);
	say("mode %d ", mode);
	show("set", s, 0);
}

#define CONF "/proc/sys/net/ipv6/conf/"

static void identifiers(void)
{
	int s = nl_socket(NETLINK_ROUTE);

	show_text(CONF "lo/addr_gen_mode");
	show_text(CONF "lo/stable_secret");
	show_text(CONF "lo/use_tempaddr");
	show_text(CONF "default/use_tempaddr");
	show_text(CONF "default/temp_valid_lft");
	show_text(CONF "default/temp_prefered_lft");
	show_text(CONF "default/max_desync_factor");
	show_text(CONF "default/regen_max_retry");
	show_text(CONF "default/max_addresses");
	set_text(CONF "lo/addr_gen_mode", "2");
	set_text(CONF "lo/addr_gen_mode", "4");
	gen_mode(s, 2);
	gen_mode(s, 9);
	gen_mode(s, 1);
	show_text(CONF "lo/addr_gen_mode");
	gen_mode(s, 3);
	show_text(CONF "lo/addr_gen_mode");
	set_text(CONF "lo/stable_secret", "nonsense");
	set_text(CONF "lo/stable_secret", "2001:db8::1:f");
	show_text(CONF "lo/stable_secret");
	show_text(CONF "lo/addr_gen_mode");
	set_text(CONF "lo/addr_gen_mode", "0");
	gen_mode(s, 2);
	show_text(CONF "lo/addr_gen_mode");
	set_text(CONF "lo/addr_gen_mode", "0");
	show_text("/proc/sys/net/ipv4/conf/lo/tag");
	set_text("/proc/sys/net/ipv4/conf/lo/tag", "42");
	show_text("/proc/sys/net/ipv4/conf/lo/tag");
	set_text("/proc/sys/net/ipv4/conf/lo/tag", "0");
	show_text("/proc/sys/net/ipv4/route/mtu_expires");
	show_text("/proc/sys/net/ipv4/route/min_pmtu");
	show_text("/proc/sys/net/ipv6/route/mtu_expires");
	show_text("/proc/sys/net/ipv6/idgen_retries");
	show_text("/proc/sys/net/ipv4/route/flush");
	set_text("/proc/sys/net/ipv4/route/flush", "-1");
	close(s);
}

/* What lo cannot have changed is refused. */
static void fixed(void)
{
	struct ifinfomsg i = { .ifi_index = 1 };
	const struct {
		const char *what;
		int type;
		unsigned value;
		int len;
	} rows[] = {
		{ "another network, by process", IFLA_NET_NS_PID, getpid(), 4 },
		{ "a master that is none", IFLA_MASTER, 1, 4 },
		{ "a master that is not there", IFLA_MASTER, 99999, 4 },
		{ "no master", IFLA_MASTER, 0, 4 },
		{ "a carrier", IFLA_CARRIER, 1, 1 },
		{ "no carrier", IFLA_CARRIER, 0, 1 },
		{ "down for protocols", IFLA_PROTO_DOWN, 1, 1 },
		{ "not down for protocols", IFLA_PROTO_DOWN, 0, 1 },
		{ "the largest segments it has", IFLA_GSO_MAX_SIZE, 65536, 4 },
		{ "larger ones than there are", IFLA_GSO_MAX_SIZE, 1 << 30, 4 },
		{ "as many segments as it has", IFLA_GSO_MAX_SEGS, 65535, 4 },
		{ "more than there are", IFLA_GSO_MAX_SEGS, 65536, 4 },
		{ "the usual link mode", IFLA_LINKMODE, 0, 1 },
		{ "a broadcast address", IFLA_BROADCAST, 0, 6 },
	};
	int s = nl_socket(NETLINK_ROUTE);

	for (unsigned k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		unsigned value[2] = { rows[k].value };

		begin(RTM_SETLINK, NLM_F_ACK, &i, sizeof(i));
		add(rows[k].type, value, rows[k].len);
		ask(s);
		show(rows[k].what, s, port_of(s));
	}
	close(s);
}

int main(void)
{
	struct ifinfomsg up = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	int s = nl_socket(NETLINK_ROUTE);

	begin(RTM_NEWLINK, NLM_F_ACK, &up, sizeof(up));
	ask(s);
	show("lo", s, 0);
	SECTION("echoes");
	echoes();
	SECTION("lifetimes");
	lifetimes();
	SECTION("dumps");
	dumps();
	SECTION("strict");
	strictly();
	SECTION("identifiers");
	identifiers();
	SECTION("fixed");
	fixed();
	return 0;
}
