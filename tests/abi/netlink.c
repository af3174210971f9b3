/* netlink(7) and rtnetlink(7): sockets, ports, options, acknowledgements, dumps, groups; mq_notify(3) over one. */
#include "netlink.h"
#include <linux/sock_diag.h>
#include <mqueue.h>
#include <net/if.h>
#include <net/if_arp.h>

static void show_error(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	size_t at = sizeof(*e) + (h->nlmsg_flags & NLM_F_CAPPED ? 0 : e->msg.nlmsg_len - sizeof(e->msg));
	const struct rtattr *text = h->nlmsg_flags & NLM_F_ACK_TLVS ? attr(h, at, NLMSGERR_ATTR_MSG) : NULL;

	say("answer: %s, seq %u, flags %#x, %u bytes%s%s\n", e->error ? ename(-e->error) : "ok",
	    h->nlmsg_seq, h->nlmsg_flags, text ? 0 : h->nlmsg_len, text ? ": " : "",
	    text ? (const char *)RTA_DATA(text) : "");
}

static unsigned u32_of(const struct rtattr *a)
{
	return a ? *(const unsigned *)RTA_DATA(a) : 0;
}

static void show_link(const struct nlmsghdr *h)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);
	const struct rtattr *name = attr(h, sizeof(*i), IFLA_IFNAME), *mac = attr(h, sizeof(*i), IFLA_ADDRESS);

	if (strcmp(RTA_DATA(name), "lo"))
		return;
	say("%s index %d type %d flags %#x mtu %u qlen %u address %zu stats %zu %zu change %#x\n",
	    (const char *)RTA_DATA(name), i->ifi_index, i->ifi_type, i->ifi_flags,
	    u32_of(attr(h, sizeof(*i), IFLA_MTU)), u32_of(attr(h, sizeof(*i), IFLA_TXQLEN)),
	    mac ? RTA_PAYLOAD(mac) : 0, RTA_PAYLOAD(attr(h, sizeof(*i), IFLA_STATS)),
	    RTA_PAYLOAD(attr(h, sizeof(*i), IFLA_STATS64)) >= 200 ? (size_t)200 : 0, i->ifi_change);
	say("operstate %d carrier %d min %u max %u qdisc %s\n",
	    *(unsigned char *)RTA_DATA(attr(h, sizeof(*i), IFLA_OPERSTATE)),
	    *(unsigned char *)RTA_DATA(attr(h, sizeof(*i), IFLA_CARRIER)),
	    u32_of(attr(h, sizeof(*i), IFLA_MIN_MTU)), u32_of(attr(h, sizeof(*i), IFLA_MAX_MTU)),
	    (const char *)RTA_DATA(attr(h, sizeof(*i), IFLA_QDISC)));
}

/* Everything that is there to be read. */
static void show_answers(int s)
{
	for (;;) {
		ssize_t n = recv(s, answer, sizeof(answer), MSG_DONTWAIT);
		struct nlmsghdr *h = (void *)answer;

		if (n < 0) {
			if (errno != EAGAIN)
				say("recv: %s\n", ename(errno));
			return;
		}
		for (; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_ERROR)
				show_error(h);
			else if (h->nlmsg_type == NLMSG_DONE)
				say("done, flags %#x, %d\n", h->nlmsg_flags, *(int *)NLMSG_DATA(h));
			else if (h->nlmsg_type == RTM_NEWLINK)
				show_link(h);
			else
				say("type %d\n", h->nlmsg_type);
		}
	}
}

static void sockets(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(a);
	int s, t, v;

	SECTION("sockets");
	R(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
	R(socket(AF_NETLINK, SOCK_RAW, -1));
	R(socket(AF_NETLINK, SOCK_RAW, 99));
	R(socket(AF_NETLINK, SOCK_RAW, 17));
	s = nl_socket(NETLINK_ROUTE);
	t = nl_socket(NETLINK_ROUTE);
	R(getsockname(s, (void *)&a, &len));
	say("length %d family %d port %u groups %u\n", (int)len, a.nl_family, a.nl_pid, a.nl_groups);
	R(bind(s, (void *)&a, 11));
	a.nl_groups = RTMGRP_LINK;
	R(bind(s, (void *)&a, sizeof(a)));
	R(getsockname(s, (void *)&a, &len));
	say("port is the process %d, groups %u\n", a.nl_pid == (unsigned)getpid(), a.nl_groups);
	R(bind(t, (void *)&a, sizeof(a)));
	a.nl_pid = 0;
	R(bind(t, (void *)&a, sizeof(a)));
	R(getsockname(t, (void *)&a, &len));
	say("another's port is no process %d\n", (int)a.nl_pid < -4000);
	a.nl_pid = 5;
	R(bind(t, (void *)&a, sizeof(a)));
	R(getpeername(t, (void *)&a, &len));
	say("peer %u %u\n", a.nl_pid, a.nl_groups);
	R(listen(s, 1));
	R(accept(s, NULL, NULL));
	R(shutdown(s, SHUT_RD));
	R(send(s, "", 0, 0));
	R(send(s, "x", 1, MSG_OOB));
	len = sizeof(v);
	R(getsockopt(s, SOL_NETLINK, NETLINK_PKTINFO, &v, &len));
	say("%d, length %d\n", v, (int)len);
	set(s, NETLINK_PKTINFO, 1);
	R(getsockopt(s, SOL_NETLINK, NETLINK_PKTINFO, &v, &len));
	say("%d\n", v);
	len = 2;
	R(getsockopt(s, SOL_NETLINK, NETLINK_PKTINFO, &v, &len));
	R(getsockopt(s, SOL_NETLINK, 99, &v, &len));
	set(s, 99, 1);
	set(s, NETLINK_ADD_MEMBERSHIP, 0);
	set(s, NETLINK_ADD_MEMBERSHIP, 1000);
	set(s, NETLINK_ADD_MEMBERSHIP, RTNLGRP_IPV6_ROUTE);
	unsigned groups[4] = { 0 };
	len = sizeof(groups);
	R(getsockopt(s, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, groups, &len));
	say("%#x, length %d\n", groups[0], (int)len);
	set(s, NETLINK_DROP_MEMBERSHIP, RTNLGRP_IPV6_ROUTE);
	R(getsockopt(s, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, groups, &len));
	say("%#x\n", groups[0]);
	R(setsockopt(s, SOL_SOCKET + 5, 1, &v, sizeof(v)));
	close(s);
	close(t);
}

static void links(void)
{
	struct ifinfomsg i = { .ifi_family = AF_UNSPEC, .ifi_index = 1 };
	int s = nl_socket(NETLINK_ROUTE), mtu;

	SECTION("lo");
	i.ifi_flags = i.ifi_change = IFF_UP;
	begin(RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	ask(s);
	show_answers(s);
	i.ifi_flags = i.ifi_change = 0;
	begin(RTM_GETLINK, 0, &i, sizeof(i));
	ask(s);
	show_answers(s);
	begin(RTM_GETLINK, NLM_F_ACK, &i, sizeof(i));
	ask(s);
	show_answers(s);
	begin(RTM_GETLINK, NLM_F_DUMP, &i, sizeof(struct rtgenmsg));
	ask(s);
	show_answers(s);
	i.ifi_index = 0;
	begin(RTM_GETLINK, 0, &i, sizeof(i));
	add(IFLA_IFNAME, "lo", 3);
	ask(s);
	show_answers(s);

	SECTION("errors");
	begin(RTM_GETLINK, 0, &i, sizeof(i));
	ask(s);
	show_answers(s);
	begin(RTM_GETLINK, 0, &i, sizeof(i));
	add(IFLA_IFNAME, "nosuch0", 8);
	ask(s);
	show_answers(s);
	i.ifi_index = 4000;
	begin(RTM_GETLINK, 0, &i, sizeof(i));
	ask(s);
	show_answers(s);
	set(s, NETLINK_CAP_ACK, 1);
	ask(s);
	show_answers(s);
	begin(RTM_GETLINK, 0, &i, sizeof(i));
	req.h.nlmsg_type = 2000;
	ask(s);
	show_answers(s);
	req.h.nlmsg_type = 3;
	req.h.nlmsg_flags |= NLM_F_ACK;
	ask(s);
	show_answers(s);
	i.ifi_index = 1;
	begin(RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	req.h.nlmsg_flags &= ~NLM_F_REQUEST;
	ask(s);
	show_answers(s);
	begin(RTM_DELLINK, NLM_F_ACK, &i, sizeof(i));
	ask(s);
	show_answers(s);
	set(s, NETLINK_EXT_ACK, 1);
	begin(RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	mtu = -1;
	add(IFLA_MTU, &mtu, sizeof(mtu));
	ask(s);
	show_answers(s);
	begin(RTM_NEWLINK, NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE, &i, sizeof(i));
	ask(s);
	show_answers(s);
	/* Two in one, the first without an answer. */
	begin(RTM_NEWLINK, 0, &i, sizeof(i));
	struct nlmsghdr *second = (void *)((char *)&req + req.h.nlmsg_len);
	memcpy(second, &req, req.h.nlmsg_len);
	second->nlmsg_flags |= NLM_F_ACK;
	second->nlmsg_seq = 78;
	struct iovec iov = { &req, req.h.nlmsg_len * 2 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	R(sendmsg(s, &m, 0));
	show_answers(s);

	SECTION("groups");
	int t = nl_socket(NETLINK_ROUTE);
	set(t, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK);
	mtu = 60000;
	begin(RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	add(IFLA_MTU, &mtu, sizeof(mtu));
	ask(s);
	show_answers(s);
	ssize_t n = recv(t, answer, sizeof(answer), MSG_DONTWAIT);
	struct nlmsghdr *h = (void *)answer;
	say("told %d, mtu %u\n", n > 0 ? h->nlmsg_type : 0,
	    n > 0 ? u32_of(attr(h, sizeof(i), IFLA_MTU)) : 0);
	while (recv(t, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		;
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	MUST(bind(t, (void *)&a, sizeof(a)));
	set(t, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK);
	mtu = 65536;
	begin(RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	add(IFLA_MTU, &mtu, sizeof(mtu));
	ask(s);
	show_answers(s);
	n = recv(t, answer, sizeof(answer), MSG_DONTWAIT);
	say("told %d, mtu %u\n", n > 0 ? h->nlmsg_type : 0,
	    n > 0 ? u32_of(attr(h, sizeof(i), IFLA_MTU)) : 0);
	close(t);
	close(s);
}

static void unprivileged(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct ifinfomsg i = { .ifi_index = 1 };
	int s, u;

	MUST(setuid(65534));
	s = nl_socket(NETLINK_ROUTE);
	begin(RTM_NEWLINK, NLM_F_ACK, &i, sizeof(i));
	ask(s);
	show_answers(s);
	R(bind(s, (void *)&a, sizeof(a)));
	a.nl_groups = 0;
	a.nl_pid = 1;
	R(connect(s, (void *)&a, sizeof(a)));
	u = nl_socket(NETLINK_USERSOCK);
	a.nl_pid = 0;
	a.nl_groups = 1;
	R(bind(u, (void *)&a, sizeof(a)));
	set(u, NETLINK_ADD_MEMBERSHIP, 1);
	set(s, NETLINK_LISTEN_ALL_NSID, 1);
}

static void programs(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_pid = 4242 }, from;
	int s = nl_socket(NETLINK_USERSOCK), t = nl_socket(NETLINK_USERSOCK), one = 1, size = 1;
	char buf[64], control[256];
	struct iovec iov = { buf, 4 };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1 };
	socklen_t len = sizeof(from);

	SECTION("between programs");
	R(sendto(t, "hello", 5, 0, (void *)&a, sizeof(a)));
	MUST(bind(s, (void *)&a, sizeof(a)));
	R(sendto(t, "hello", 5, 0, (void *)&a, sizeof(a)));
	R(recv(s, buf, 2, MSG_PEEK | MSG_TRUNC));
	R(recvmsg(s, &m, 0));
	say("flags %#x, from the process %d, groups %u, length %d\n", m.msg_flags,
	    from.nl_pid == (unsigned)getpid(), from.nl_groups, (int)m.msg_namelen);
	MUST(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	set(s, NETLINK_PKTINFO, 1);
	set(s, NETLINK_ADD_MEMBERSHIP, 3);
	a.nl_pid = 0;
	a.nl_groups = 4;
	R(sendto(t, "all", 3, 0, (void *)&a, sizeof(a)));
	m.msg_control = control;
	m.msg_controllen = sizeof(control);
	R(recvmsg(s, &m, 0));
	say("groups %u\n", from.nl_groups);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level == SOL_NETLINK)
			say("group %u\n", ((struct nl_pktinfo *)CMSG_DATA(c))->group);
		else
			say("credentials %d\n", ((struct ucred *)CMSG_DATA(c))->pid == getpid());
	}
	a.nl_groups = 0;
	R(sendto(t, "kernel", 6, 0, (void *)&a, sizeof(a)));
	a.nl_pid = 4242;
	R(connect(t, (void *)&a, sizeof(a)));
	R(getpeername(t, (void *)&from, &len));
	say("peer %u\n", from.nl_pid);
	R(send(t, "connected", 9, 0));
	R(recv(s, buf, sizeof(buf), 0));

	SECTION("too much");
	MUST(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	int sent = 0;
	while (send(t, buf, sizeof(buf), MSG_DONTWAIT) == sizeof(buf) && sent < 1000)
		sent++;
	say("stopped with %s, some %d\n", ename(errno), sent > 0 && sent < 20);
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	int got = 0;
	while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) == sizeof(buf))
		got++;
	say("all came %d\n", got == sent);
	R(send(t, "again", 5, MSG_DONTWAIT));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	close(s);
	close(t);
}

/* What glibc's mq_notify does beneath SIGEV_THREAD. */
static void notify(void)
{
	int s = nl_socket(NETLINK_ROUTE);
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 8 };
	mqd_t q = MUST(mq_open("/abi-netlink", O_RDWR | O_CREAT, 0600, &attr));
	unsigned char cookie[32];
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD, .sigev_signo = s };

	SECTION("mq_notify");
	for (int i = 0; i < 32; i++)
		cookie[i] = i + 100;
	ev.sigev_value.sival_ptr = cookie;
	R(syscall(SYS_mq_notify, q, &ev));
	R(syscall(SYS_mq_notify, q, &ev));
	R(mq_send(q, "x", 1, 0));
	memset(cookie, 0, sizeof(cookie));
	R(recv(s, cookie, sizeof(cookie), 0));
	say("%d %d %d\n", cookie[0], cookie[30], cookie[31]);
	R(syscall(SYS_mq_notify, q, &ev));
	R(syscall(SYS_mq_notify, q, NULL));
	R(recv(s, cookie, sizeof(cookie), 0));
	say("%d\n", cookie[31]);
	ev.sigev_signo = q;
	R(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = 999;
	R(syscall(SYS_mq_notify, q, &ev));
	close(s);
	mq_unlink("/abi-netlink");
}

static void others(void)
{
	struct {
		unsigned char family, protocol;
	} d = { 200, 0 };
	int s = nl_socket(NETLINK_SOCK_DIAG);
	struct rtgenmsg g = { .rtgen_family = AF_UNIX };

	SECTION("sock_diag and what is not there");
	begin(SOCK_DIAG_BY_FAMILY, NLM_F_ACK, &d, sizeof(d));
	ask(s);
	show_answers(s);
	begin(99, NLM_F_ACK, &d, sizeof(d));
	ask(s);
	show_answers(s);
	close(s);
	s = nl_socket(NETLINK_ROUTE);
	begin(RTM_GETRULE, NLM_F_DUMP, &g, sizeof(g));
	ask(s);
	show_answers(s);
	close(s);
}

int main(void)
{
	sockets();
	links();
	SECTION("unprivileged");
	in_child("child", unprivileged);
	programs();
	notify();
	others();
	return 0;
}
