/*
 * ifaddrs.c - getifaddrs(3), by two questions of rtnetlink(7): the devices, then their addresses.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <uapi/if_packet.h>
#include <uapi/rtnetlink.h>
#include <unistd.h>

#define ROOM	 (32 << 10) /* more than any part of a dump */
#define ALIGN(n) (((n) + 3u) & ~3u)

/* An entry and what it points to, in one block. */
struct entry {
	struct ifaddrs a;
	char name[IF_NAMESIZE];
	union address {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_ll ll;
	} addr, mask, other;
	struct rtnl_link_stats stats;
	int index; /* of a device */
};

struct list {
	struct entry *first, **tail;
};

static void set_address(union address *to, int family, const void *data, size_t n, int index)
{
	to->any.sa_family = (sa_family_t)family;
	if (family == AF_INET && n >= 4)
		memcpy(&to->v4.sin_addr, data, 4);
	if (family != AF_INET6 || n < 16)
		return;
	memcpy(&to->v6.sin6_addr, data, 16);
	if (IN6_IS_ADDR_LINKLOCAL(&to->v6.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&to->v6.sin6_addr))
		to->v6.sin6_scope_id = (unsigned)index;
}

static void set_mask(struct entry *e, int family, unsigned bits)
{
	unsigned char *m = family == AF_INET ? (unsigned char *)&e->mask.v4.sin_addr :
					       e->mask.v6.sin6_addr.s6_addr;

	e->mask.any.sa_family = (sa_family_t)family;
	e->a.ifa_netmask = &e->mask.any;
	for (; bits >= 8; bits -= 8)
		*m++ = 0xff;
	if (bits)
		*m = (unsigned char)(0xff << (8 - bits));
}

static void set_link(union address *to, const struct ifinfomsg *m, const void *data, size_t n)
{
	to->ll = (struct sockaddr_ll){ .sll_family = AF_PACKET,
				       .sll_ifindex = m->ifi_index,
				       .sll_hatype = m->ifi_type,
				       .sll_halen = (unsigned char)n };
	memcpy(to->ll.sll_addr, data, n < 8 ? n : 8);
}

static void link_attribute(struct entry *e, const struct ifinfomsg *m, int type, const void *data,
			   size_t n)
{
	switch (type) {
	case IFLA_IFNAME:
		strlcpy(e->name, data, sizeof(e->name));
		break;
	case IFLA_ADDRESS:
		set_link(&e->addr, m, data, n);
		break;
	case IFLA_BROADCAST:
		set_link(&e->other, m, data, n);
		e->a.ifa_broadaddr = &e->other.any;
		break;
	case IFLA_STATS:
		memcpy(&e->stats, data, n < sizeof(e->stats) ? n : sizeof(e->stats));
		e->a.ifa_data = &e->stats;
		break;
	}
}

/* With a peer, IFA_LOCAL is ours and IFA_ADDRESS the peer's; else both are ours. */
static void addr_attribute(struct entry *e, const struct ifaddrmsg *m, int type, const void *data,
			   size_t n)
{
	union address *to = &e->addr;

	switch (type) {
	case IFA_LABEL:
		strlcpy(e->name, data, sizeof(e->name));
		break;
	case IFA_ADDRESS:
		if (e->a.ifa_addr) {
			to = &e->other;
			e->a.ifa_dstaddr = &to->any;
		}
		e->a.ifa_addr = &e->addr.any;
		set_address(to, m->ifa_family, data, n, (int)m->ifa_index);
		break;
	case IFA_LOCAL:
		if (e->a.ifa_addr) {
			e->other = e->addr;
			e->a.ifa_dstaddr = &e->other.any;
		}
		e->a.ifa_addr = &e->addr.any;
		set_address(to, m->ifa_family, data, n, (int)m->ifa_index);
		break;
	case IFA_BROADCAST:
		set_address(&e->other, m->ifa_family, data, n, (int)m->ifa_index);
		e->a.ifa_broadaddr = &e->other.any;
		break;
	}
}

/* The device that an address is of: they are first in the list. */
static const struct entry *device(const struct list *l, int index)
{
	const struct entry *e = l->first;

	while (e && e->index != index)
		e = (const struct entry *)e->a.ifa_next;
	return e;
}

static int add(struct list *l, const struct nlmsghdr *h)
{
	const struct ifinfomsg *link = (const void *)(h + 1);
	const struct ifaddrmsg *addr = (const void *)(h + 1);
	int is_link = h->nlmsg_type == RTM_NEWLINK;
	size_t at = sizeof(*h) + (is_link ? sizeof(*link) : sizeof(*addr));
	const struct entry *of = is_link ? NULL : device(l, (int)addr->ifa_index);
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		return -1;
	*l->tail = e;
	l->tail = (struct entry **)&e->a.ifa_next;
	e->a.ifa_name = e->name;
	if (is_link) {
		e->index = link->ifi_index;
		e->a.ifa_flags = link->ifi_flags;
		e->a.ifa_addr = &e->addr.any;
		set_link(&e->addr, link, "", 0);
	} else if (of) {
		e->a.ifa_flags = of->a.ifa_flags;
		strcpy(e->name, of->name);
	}
	while (at + sizeof(struct nlattr) <= h->nlmsg_len) {
		const struct nlattr *n = (const void *)((const char *)h + at);

		if (n->nla_len < sizeof(*n) || at + n->nla_len > h->nlmsg_len)
			break;
		if (is_link)
			link_attribute(e, link, n->nla_type, n + 1, n->nla_len - sizeof(*n));
		else
			addr_attribute(e, addr, n->nla_type, n + 1, n->nla_len - sizeof(*n));
		at += ALIGN(n->nla_len);
	}
	if (!is_link)
		set_mask(e, addr->ifa_family, addr->ifa_prefixlen);
	return 0;
}

/* Ask for all of a kind, and add what comes. */
static int dump(int fd, int type, struct list *l, char *buf)
{
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} q = { .h = { .nlmsg_len = sizeof(q),
		       .nlmsg_type = (unsigned short)type,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		       .nlmsg_seq = (unsigned)type } };

	if (send(fd, &q, sizeof(q), 0) < 0)
		return -1;
	for (;;) {
		ssize_t n = recv(fd, buf, ROOM, 0);
		struct nlmsghdr *h = (struct nlmsghdr *)buf;

		if (n < 0)
			return -1;
		for (; n >= (ssize_t)sizeof(*h) && h->nlmsg_len <= (size_t)n &&
		       h->nlmsg_len >= sizeof(*h);
		     n -= ALIGN(h->nlmsg_len), h = (void *)((char *)h + ALIGN(h->nlmsg_len))) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR) {
				errno = -((struct nlmsgerr *)(h + 1))->error;
				return -1;
			}
			if (add(l, h))
				return -1;
		}
	}
}

int getifaddrs(struct ifaddrs **list)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), saved;
	struct list l = { .tail = &l.first };
	char *buf = malloc(ROOM);
	int bad = fd < 0 || !buf || dump(fd, RTM_GETLINK, &l, buf) ||
		  dump(fd, RTM_GETADDR, &l, buf);

	saved = errno;
	free(buf);
	if (fd >= 0)
		close(fd);
	if (bad)
		freeifaddrs((struct ifaddrs *)l.first);
	else
		*list = (struct ifaddrs *)l.first;
	errno = saved;
	return bad ? -1 : 0;
}

void freeifaddrs(struct ifaddrs *list)
{
	while (list) {
		struct ifaddrs *next = list->ifa_next;

		free(list);
		list = next;
	}
}
