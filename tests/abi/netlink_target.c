/* rtnetlink(7) asked about another network by its number: IFLA_TARGET_NETNSID and IFA_TARGET_NETNSID, in dumps and
 * single requests, of sockets that are strict (NETLINK_GET_STRICT_CHK) and of others. */
#include "netlink.h"
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

static void words(const struct nlmsghdr *h, size_t skip)
{
	const struct rtattr *t = h->nlmsg_flags & NLM_F_ACK_TLVS ? attr(h, skip, NLMSGERR_ATTR_MSG) : NULL;

	say("%s%s\n", t ? ": " : "", t ? (const char *)RTA_DATA(t) : "");
}

/* One message of an answer. True: it is the last. */
static int message(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const struct ifinfomsg *i = NLMSG_DATA(h);
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	const struct rtattr *t, *a;
	char text[64] = "";

	switch (h->nlmsg_type) {
	case NLMSG_ERROR:
		say("  error %s", e->error ? ename(-e->error) : "none");
		words(h, sizeof(*e) + (h->nlmsg_flags & NLM_F_CAPPED ? 0 : e->msg.nlmsg_len - sizeof(e->msg)));
		return 1;
	case NLMSG_DONE:
		say("  done %d", *(const int *)NLMSG_DATA(h));
		words(h, sizeof(int));
		return 1;
	case RTM_NEWLINK:
		t = attr(h, sizeof(*i), IFLA_TARGET_NETNSID);
		say("  link %d %s target %d\n", i->ifi_index, i->ifi_flags & IFF_UP ? "up" : "down",
		    t ? *(const int *)RTA_DATA(t) : -1);
		return !(h->nlmsg_flags & NLM_F_MULTI);
	case RTM_NEWADDR:
		t = attr(h, sizeof(*m), IFA_TARGET_NETNSID);
		a = attr(h, sizeof(*m), IFA_ADDRESS);
		inet_ntop(m->ifa_family, RTA_DATA(a), text, sizeof(text));
		say("  address %s of %d target %d\n", text, m->ifa_index, t ? *(const int *)RTA_DATA(t) : -1);
		return !(h->nlmsg_flags & NLM_F_MULTI);
	default:
		say("  type %u\n", h->nlmsg_type);
		return 0;
	}
}

static void answers(const char *what, int s)
{
	ask(s);
	say("%s\n", what);
	for (;;) {
		ssize_t n = recv(s, answer, sizeof(answer), 0);
		const struct nlmsghdr *h = (void *)answer;

		if (n < 0) {
			say("  %s\n", ename(errno));
			return;
		}
		for (; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n))
			if (message(h))
				return;
	}
}

static void links(const char *what, int s, int flags, int id, int extra)
{
	struct ifinfomsg i = { .ifi_index = flags & NLM_F_DUMP ? 0 : 1 };

	begin(RTM_GETLINK, flags, &i, sizeof(i));
	if (id >= -1)
		add(IFLA_TARGET_NETNSID, &id, 4);
	if (extra)
		add(IFLA_IFNAME, "lo", 3);
	answers(what, s);
}

static void addresses(const char *what, int s, int family, int index, int id, int extra)
{
	struct ifaddrmsg m = { .ifa_family = family, .ifa_index = index };

	begin(RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
	if (id >= -1)
		add(IFA_TARGET_NETNSID, &id, 4);
	if (extra)
		add(IFA_ADDRESS, "\177\0\0\1", 4);
	answers(what, s);
}

static void one_address(const char *what, int s, int id)
{
	struct ifaddrmsg m = { .ifa_family = AF_INET6, .ifa_index = 1 };

	begin(RTM_GETADDR, 0, &m, sizeof(m));
	add(IFA_ADDRESS, &in6addr_loopback, 16);
	if (id >= -1)
		add(IFA_TARGET_NETNSID, &id, 4);
	answers(what, s);
}

static void all(int s)
{
	links("links, here", s, NLM_F_DUMP, -2, 0);
	links("links, there", s, NLM_F_DUMP, 5, 0);
	links("links, nowhere", s, NLM_F_DUMP, 9, 0);
	links("links, number -1", s, NLM_F_DUMP, -1, 0);
	links("links by name", s, NLM_F_DUMP, 5, 1);
	links("link, there", s, 0, 5, 0);
	links("link, nowhere", s, 0, 9, 0);
	addresses("IPv4, there", s, AF_INET, 0, 5, 0);
	addresses("IPv4, nowhere", s, AF_INET, 0, 9, 0);
	addresses("IPv4 of 1, there", s, AF_INET, 1, 5, 0);
	addresses("IPv4 of 7, there", s, AF_INET, 7, 5, 0);
	addresses("IPv4 by address", s, AF_INET, 0, 5, 1);
	addresses("IPv6, there", s, AF_INET6, 0, 5, 0);
	addresses("IPv6, nowhere", s, AF_INET6, 0, 9, 0);
	addresses("both, there", s, AF_UNSPEC, 0, 5, 0);
	one_address("one address, there", s, 5);
	one_address("one address, nowhere", s, 9);
	one_address("one address, here", s, -2);
}

static void lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(ioctl(fd, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
}

static void name_it(int s, pid_t pid, int id)
{
	struct rtgenmsg g = { AF_UNSPEC };

	begin(RTM_NEWNSID, NLM_F_ACK, &g, sizeof(g));
	add(NETNSA_PID, &pid, 4);
	add(NETNSA_NSID, &id, 4);
	answers("it is number 5 here", s);
}

int main(void)
{
	int s, ready[2], go[2];
	char byte;
	pid_t pid;

	MUST(unshare(CLONE_NEWNET));
	MUST(pipe(ready));
	MUST(pipe(go));
	pid = fork();
	if (!pid) {
		MUST(unshare(CLONE_NEWNET));
		lo_up();
		MUST(write(ready[1], "x", 1));
		close(go[1]);
		read(go[0], &byte, 1);
		_exit(0);
	}
	MUST(read(ready[0], &byte, 1));
	s = nl_socket(NETLINK_ROUTE);
	set(s, NETLINK_EXT_ACK, 1);
	name_it(s, pid, 5);
	all(s);
	say("strict\n");
	set(s, NETLINK_GET_STRICT_CHK, 1);
	all(s);
	close(go[1]);
	waitpid(pid, NULL, 0);
	return 0;
}
