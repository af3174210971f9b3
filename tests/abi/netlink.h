/*
 * What the programs about netlink(7) share: a socket, a request that is put together attribute by attribute,
 * and what an answer holds.
 */
#ifndef ABI_NETLINK_H
#define ABI_NETLINK_H

#include "abi.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static char answer[32768];

static int nl_socket(int protocol)
{
	return MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
}

static void set(int s, int option, int v)
{
	if (setsockopt(s, SOL_NETLINK, option, &v, sizeof(v)))
		say("option %d: %s\n", option, ename(errno));
}

/* A request: header, family header, then what add() put. */
static struct {
	struct nlmsghdr h;
	char body[1024];
} req;

static void begin(int type, int flags, const void *header, size_t n)
{
	memset(&req, 0, sizeof(req));
	req.h.nlmsg_type = type;
	req.h.nlmsg_flags = NLM_F_REQUEST | flags;
	req.h.nlmsg_seq = 77;
	req.h.nlmsg_len = NLMSG_LENGTH(n);
	memcpy(req.body, header, n);
}

static void add(int type, const void *data, size_t n)
{
	struct rtattr *a = (void *)((char *)&req + NLMSG_ALIGN(req.h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(n);
	memcpy(RTA_DATA(a), data, n);
	req.h.nlmsg_len = NLMSG_ALIGN(req.h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void ask(int s)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (sendto(s, &req, req.h.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0)
		say("send: %s\n", ename(errno));
}

static const struct rtattr *attr(const struct nlmsghdr *h, size_t header, int type)
{
	const struct rtattr *a = (const void *)((const char *)NLMSG_DATA(h) + NLMSG_ALIGN(header));
	int left = h->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(header));

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}
#endif
