/* Packet sockets over the loopback: packet(7), socket filters, the mapped ring. */
#include "abi.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <poll.h>
#ifndef IFF_UP
#define IFF_UP 1
#endif
#include <sys/ioctl.h>
#include <sys/socket.h>

#define TYPE 0x88b5 /* for experiments: IEEE 802 */
#define LO   1

static int up(int on)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} q = { .h = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_NEWLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.i = { .ifi_index = LO, .ifi_flags = on ? IFF_UP : 0, .ifi_change = IFF_UP } };
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	char buf[4096];

	send(s, &q, sizeof(q), 0);
	recv(s, buf, sizeof(buf), 0);
	close(s);
	return ((struct nlmsgerr *)NLMSG_DATA(buf))->error;
}

static struct sockaddr_ll ll(int type, int ifindex)
{
	return (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_protocol = htons(type),
				     .sll_ifindex = ifindex, .sll_halen = 6,
				     .sll_addr = { 2, 0, 0, 0, 0, 9 } };
}

static int result(const char *what, long r)
{
	say("%s: %s\n", what, r < 0 ? ename(errno) : "ok");
	return r;
}

static void count(const char *what, long r)
{
	if (r < 0)
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: %ld\n", what, r);
}

/* What is there to be received, at most `most` frames of our type; others are passed over. */
static void show(const char *what, int s, int most)
{
	struct pollfd p = { s, POLLIN, 0 };
	unsigned char b[256];

	while (most && poll(&p, 1, 500) > 0) {
		struct sockaddr_ll from;
		socklen_t n = sizeof(from);
		ssize_t r = recvfrom(s, b, sizeof(b), MSG_TRUNC, (void *)&from, &n);

		if (r < 0) {
			say("%s: %s\n", what, ename(errno));
			return;
		}
		if (from.sll_protocol != htons(TYPE))
			continue;
		most--;
		say("%s: %zd bytes, first %02x, family %d index %d type %d packet %d addr %d:%02x..%02x, %u\n",
		    what, r, b[0], from.sll_family, from.sll_ifindex, from.sll_hatype, from.sll_pkttype,
		    from.sll_halen, from.sll_addr[0], from.sll_addr[5], n);
	}
	if (most)
		say("%s: %d fewer\n", what, most);
}

static void errors(void)
{
	struct sockaddr_ll a = ll(TYPE, 99);
	int s, v = 7;
	socklen_t n = sizeof(v);
	char frame[70000] = { 0 };

	result("stream", socket(AF_PACKET, SOCK_STREAM, 0));
	s = socket(AF_PACKET, SOCK_RAW, htons(TYPE));
	result("bind to no device", bind(s, (void *)&a, sizeof(a)));
	a.sll_ifindex = LO;
	result("bind too short", bind(s, (void *)&a, sizeof(a) - 1));
	a.sll_family = AF_INET;
	result("bind of a family", bind(s, (void *)&a, sizeof(a)));
	a = ll(TYPE, 99);
	result("send to no device", sendto(s, frame, 60, 0, (void *)&a, sizeof(a)));
	a.sll_ifindex = LO;
	result("send to a short address", sendto(s, frame, 60, 0, (void *)&a, 10));
	result("send when down", sendto(s, frame, 60, 0, (void *)&a, sizeof(a)));
	say("up %d\n", up(1));
	result("send too much", sendto(s, frame, 65536 + 15, 0, (void *)&a, sizeof(a)));
	result("send too little", sendto(s, frame, 13, 0, (void *)&a, sizeof(a)));
	result("send without a place", send(s, frame, 60, 0));
	result("out of band", sendto(s, frame, 60, MSG_OOB, (void *)&a, sizeof(a)));
	result("listen", listen(s, 1));
	result("connect", connect(s, (void *)&a, sizeof(a)));
	n = sizeof(a);
	result("peer", getpeername(s, (void *)&a, &n));
	n = sizeof(v);
	result("unknown option", setsockopt(s, SOL_PACKET, 77, &v, n));
	result("unknown option", getsockopt(s, SOL_PACKET, 77, &v, &n));
	result("another level", setsockopt(s, 999, 1, &v, n));
	result("short option", setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &v, 3));
	result("recv with flags", recv(s, frame, 10, MSG_OOB));
	result("nothing there", recv(s, frame, 10, MSG_DONTWAIT));
	close(s);
}

static void names(void)
{
	int s = socket(AF_PACKET, SOCK_RAW, htons(TYPE));
	struct sockaddr_ll a = { 0 };
	socklen_t n = sizeof(a);

	getsockname(s, (void *)&a, &n);
	say("unbound: %u family %d protocol %04x index %d halen %d\n", n, a.sll_family,
	    ntohs(a.sll_protocol), a.sll_ifindex, a.sll_halen);
	a = ll(TYPE, LO);
	result("bind", bind(s, (void *)&a, sizeof(a)));
	n = sizeof(a);
	getsockname(s, (void *)&a, &n);
	say("bound: %u family %d protocol %04x index %d halen %d type %d\n", n, a.sll_family,
	    ntohs(a.sll_protocol), a.sll_ifindex, a.sll_halen, a.sll_hatype);
	int v = 0;
	n = sizeof(v);
	getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &n);
	say("protocol %04x\n", v);
	close(s);
}

static int hear(int type, int protocol, int ifindex)
{
	int s = socket(AF_PACKET, type, htons(protocol));
	struct sockaddr_ll a = ll(protocol, ifindex);

	if (ifindex)
		bind(s, (void *)&a, sizeof(a));
	return s;
}

static void passing(void)
{
	int all = hear(SOCK_RAW, ETH_P_ALL, LO), one = hear(SOCK_RAW, TYPE, 0);
	int dgram = hear(SOCK_DGRAM, TYPE, LO), other = hear(SOCK_RAW, TYPE + 1, 0);
	int quiet = hear(SOCK_RAW, ETH_P_ALL, 0), v = 1;
	int raw = socket(AF_PACKET, SOCK_RAW, 0), cooked = socket(AF_PACKET, SOCK_DGRAM, 0);
	unsigned char frame[60] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, TYPE >> 8, TYPE & 255, 0x77 };
	struct sockaddr_ll a = ll(TYPE, LO);
	struct tpacket_stats st;
	socklen_t n = sizeof(st);

	result("ignore outgoing", setsockopt(quiet, SOL_PACKET, PACKET_IGNORE_OUTGOING, &v, sizeof(v)));
	count("raw", sendto(raw, frame, 60, 0, (void *)&a, sizeof(a)));
	count("cooked", sendto(cooked, frame + 14, 10, 0, (void *)&a, sizeof(a)));
	show("all", all, 4);
	show("quiet", quiet, 2);
	show("one", one, 2);
	show("dgram", dgram, 2);
	show("other", other, 0);
	result("statistics", getsockopt(all, SOL_PACKET, PACKET_STATISTICS, &st, &n));
	say("%u packets, %u drops, %u bytes\n", st.tp_packets, st.tp_drops, n);
	getsockopt(all, SOL_PACKET, PACKET_STATISTICS, &st, &n);
	say("then %u packets\n", st.tp_packets);
	/* To everybody, to a group, to itself. */
	for (int i = 0; i < 3; i++) {
		memset(frame, i == 0 ? 0xff : 0, 6);
		frame[0] = i == 1 ? 1 : frame[0];
		sendto(raw, frame, 60, 0, (void *)&a, sizeof(a));
		show("whom", one, 1);
	}
	close(all), close(one), close(dgram), close(other), close(quiet), close(raw), close(cooked);
}

static void looking(void)
{
	int s = hear(SOCK_RAW, TYPE, LO), raw = socket(AF_PACKET, SOCK_RAW, 0), v = 1, k = 0;
	unsigned char frame[60] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, TYPE >> 8, TYPE & 255, 0x77 };
	struct sockaddr_ll a = ll(TYPE, LO);
	char b[100], control[256];
	struct iovec iov = { b, 20 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct tpacket_auxdata aux;

	result("auxdata", setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &v, sizeof(v)));
	sendto(raw, frame, 60, 0, (void *)&a, sizeof(a));
	poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 1000);
	ioctl(s, FIONREAD, &k);
	say("there: %d\n", k);
	count("peek", recv(s, b, 30, MSG_PEEK));
	count("peek, how much", recv(s, b, 30, MSG_PEEK | MSG_TRUNC));
	count("recv", recv(s, b, 30, 0));
	sendto(raw, frame, 60, 0, (void *)&a, sizeof(a));
	poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 1000);
	count("recvmsg", recvmsg(s, &m, 0));
	say("flags %#x\n", m.msg_flags);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		say("cmsg %d %d: status %#x len %u snaplen %u mac %u net %u\n", c->cmsg_level, c->cmsg_type,
		    aux.tp_status, aux.tp_len, aux.tp_snaplen, aux.tp_mac, aux.tp_net);
	}
	result("gone", recv(s, b, 30, MSG_DONTWAIT));
	close(s), close(raw);
}

static void filter(int s, unsigned n, struct sock_filter *f, const char *what)
{
	struct sock_fprog p = { n, f };

	result(what, setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p)));
}

#define FILTER(s, what, ...)                                                         \
	do {                                                                         \
		struct sock_filter f_[] = { __VA_ARGS__ };                           \
		filter(s, ARRAY_SIZE(f_), f_, what);                                 \
	} while (0)

static void filters(void)
{
	int s = hear(SOCK_RAW, TYPE, LO), d = hear(SOCK_DGRAM, TYPE, LO), raw = socket(AF_PACKET, SOCK_RAW, 0);
	unsigned char frame[60] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, TYPE >> 8, TYPE & 255, 0x77, 3, 9 };
	struct sockaddr_ll a = ll(TYPE, LO);
	struct sock_filter room[8];
	socklen_t n;
	int v = 1;

	static const struct {
		const char *what;
		struct sock_filter f[6];
		unsigned n;
	} rows[] = {
		{ "keep 20", { BPF_STMT(BPF_RET | BPF_K, 20) }, 1 },
		{ "byte 14", { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14), BPF_STMT(BPF_RET | BPF_A, 0) }, 2 },
		{ "half 12", { BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 63),
			       BPF_STMT(BPF_RET | BPF_A, 0) }, 3 },
		{ "indirect", { BPF_STMT(BPF_LDX | BPF_IMM, 15), BPF_STMT(BPF_LD | BPF_B | BPF_IND, 1),
				BPF_STMT(BPF_RET | BPF_A, 0) }, 3 },
		{ "header length", { BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14), BPF_STMT(BPF_MISC | BPF_TXA, 0),
				     BPF_STMT(BPF_RET | BPF_A, 0) }, 3 },
		{ "remainder", { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 50),
				 BPF_STMT(BPF_RET | BPF_A, 0) }, 3 },
		{ "length", { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 5),
			      BPF_STMT(BPF_RET | BPF_A, 0) }, 3 },
		{ "protocol", { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
				BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 31), BPF_STMT(BPF_RET | BPF_A, 0) }, 3 },
		{ "device", { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX),
			      BPF_STMT(BPF_RET | BPF_A, 0) }, 2 },
		{ "network", { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + 2), BPF_STMT(BPF_RET | BPF_A, 0) }, 2 },
		{ "link", { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_LL_OFF + 11), BPF_STMT(BPF_RET | BPF_A, 0) }, 2 },
		{ "not there", { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 1000), BPF_STMT(BPF_RET | BPF_K, 30) }, 2 },
		{ "none", { BPF_STMT(BPF_RET | BPF_K, 0) }, 1 },
	};

	result("detach nothing", setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v)));
	FILTER(s, "no return", BPF_STMT(BPF_LD | BPF_IMM, 1));
	FILTER(s, "jump too far", BPF_STMT(BPF_JMP | BPF_JA, 5), BPF_STMT(BPF_RET | BPF_K, 0));
	FILTER(s, "by zero", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0));
	FILTER(s, "unknown", BPF_STMT(0x8f, 0), BPF_STMT(BPF_RET | BPF_K, 0));
	filter(s, 0, room, "empty");
	filter(s, 5000, room, "too long");
	result("short", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &v, sizeof(v)));
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		filter(s, rows[i].n, (struct sock_filter *)rows[i].f, rows[i].what);
		filter(d, rows[i].n, (struct sock_filter *)rows[i].f, rows[i].what);
		sendto(raw, frame, 60, 0, (void *)&a, sizeof(a));
		for (int k = 0; k < 2; k++) {
			int fd = k ? d : s;
			char b[100];
			ssize_t r = poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, i < ARRAY_SIZE(rows) - 2 ? 500 : 0) > 0 ?
					    recv(fd, b, sizeof(b), MSG_DONTWAIT) : -1;

			say("  %s: %zd\n", k ? "dgram" : "raw", r);
		}
	}
	n = 0;
	result("how long", getsockopt(s, SOL_SOCKET, SO_GET_FILTER, room, &n));
	say("%u\n", n);
	n = 8;
	result("get", getsockopt(s, SOL_SOCKET, SO_GET_FILTER, room, &n));
	say("%u: %#x %u\n", n, room[0].code, room[0].k);
	result("detach", setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v)));
	FILTER(s, "again", BPF_STMT(BPF_RET | BPF_K, 20));
	result("lock", setsockopt(s, SOL_SOCKET, SO_LOCK_FILTER, &v, sizeof(v)));
	result("detach", setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v)));
	FILTER(s, "another", BPF_STMT(BPF_RET | BPF_K, 20));
	v = 0;
	result("unlock", setsockopt(s, SOL_SOCKET, SO_LOCK_FILTER, &v, sizeof(v)));
	n = sizeof(v);
	getsockopt(s, SOL_SOCKET, SO_LOCK_FILTER, &v, &n);
	say("locked %d\n", v);
	close(s), close(d), close(raw);
}

/* Filters of datagram sockets see the header of UDP, too. */
static void datagrams(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = socket(AF_INET, SOCK_DGRAM, 0), to = socket(AF_INET, SOCK_DGRAM, 0), v = 0;
	socklen_t n = sizeof(a);
	char b[100] = "abcdefgh";

	bind(s, (void *)&a, sizeof(a));
	getsockname(s, (void *)&a, &n);
	for (int i = 0; i < 4; i++) {
		if (i == 0)
			FILTER(s, "keep 12", BPF_STMT(BPF_RET | BPF_K, 12));
		else if (i == 1)
			FILTER(s, "length", BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), BPF_STMT(BPF_RET | BPF_A, 0));
		else if (i == 2)
			FILTER(s, "less than the header", BPF_STMT(BPF_RET | BPF_K, 3));
		else
			FILTER(s, "the third letter", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 10),
			       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'x', 0, 1), BPF_STMT(BPF_RET | BPF_K, 99),
			       BPF_STMT(BPF_RET | BPF_K, 0));
		sendto(to, b, 8, 0, (void *)&a, sizeof(a));
		if (i < 3)
			poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 500);
		count("got", recv(s, b + 50, 40, MSG_DONTWAIT | MSG_TRUNC));
	}
	setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &v, sizeof(v));
	sendto(to, b, 8, 0, (void *)&a, sizeof(a));
	count("got", recv(s, b + 50, 40, 0));
	close(s), close(to);
}

static void members(void)
{
	struct packet_mreq r = { .mr_ifindex = 99, .mr_type = PACKET_MR_PROMISC };
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	result("member of no device", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof(r)));
	r.mr_ifindex = LO;
	result("promiscuous", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof(r)));
	result("twice", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof(r)));
	result("drop", setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &r, sizeof(r)));
	result("drop", setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &r, sizeof(r)));
	result("drop", setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &r, sizeof(r)));
	r.mr_alen = 7;
	result("long address", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof(r)));
	result("short", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &r, 5));
	close(s);
}

static void ring(int type)
{
	int s = hear(type, TYPE, LO), raw = socket(AF_PACKET, SOCK_RAW, 0), v = TPACKET_V2;
	struct tpacket_req q = { .tp_block_size = 4096, .tp_block_nr = 2, .tp_frame_size = 1024, .tp_frame_nr = 8 };
	unsigned char frame[60] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, TYPE >> 8, TYPE & 255, 0x77, 3, 9 };
	struct sockaddr_ll a = ll(TYPE, LO);
	struct tpacket_stats st;
	socklen_t n = sizeof(v);
	unsigned char *map;

	result("header length", getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &n));
	say("%d\n", v);
	v = TPACKET_V2;
	result("version", setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
	result("no ring", (long)mmap(NULL, 8192, PROT_READ, MAP_SHARED, s, 0));
	q.tp_frame_size = 20;
	result("small frames", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	q.tp_frame_size = 1024;
	q.tp_frame_nr = 7;
	result("wrong sum", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	q.tp_frame_nr = 8;
	q.tp_block_size = 1000;
	result("odd blocks", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	q.tp_block_size = 4096;
	result("ring", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	result("again", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	v = TPACKET_V1;
	result("another version", setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
	if (result("map", map == MAP_FAILED ? -1 : 0))
		return;
	result("map less", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0));
	say("poll %d\n", poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 0));
	for (int i = 0; i < 10; i++)
		sendto(raw, frame, 60, 0, (void *)&a, sizeof(a));
	poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 1000);
	for (int i = 0; i < 8; i += 5) {
		volatile struct tpacket2_hdr *h = (void *)(map + i * 1024);
		struct sockaddr_ll *from = (void *)(map + i * 1024 + TPACKET_ALIGN(sizeof(*h)));

		say("frame %d: status %#x len %u snaplen %u mac %u net %u first %02x, index %d type %04x packet %d, time %d\n",
		    i, h->tp_status & ~(TP_STATUS_TS_SOFTWARE | TP_STATUS_LOSING), h->tp_len, h->tp_snaplen, h->tp_mac, h->tp_net,
		    map[i * 1024 + h->tp_mac], from->sll_ifindex, ntohs(from->sll_protocol), from->sll_pkttype,
		    h->tp_sec > 0);
	}
	n = sizeof(st);
	getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &n);
	say("%u packets, %u drops\n", st.tp_packets, st.tp_drops);
	for (int i = 0; i < 8; i++)
		((volatile struct tpacket2_hdr *)(map + i * 1024))->tp_status = TP_STATUS_KERNEL;
	say("poll %d\n", poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 0));
	munmap(map, 8192);
	memset(&q, 0, sizeof(q));
	result("no ring", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	close(s), close(raw);
}

/* The oldest form of it: TPACKET_V1, with microseconds. */
static void first_ring(int type)
{
	int s = hear(type, TYPE, LO), raw = socket(AF_PACKET, SOCK_RAW, 0);
	struct tpacket_req q = { .tp_block_size = 4096, .tp_block_nr = 1, .tp_frame_size = 48, .tp_frame_nr = 85 };
	unsigned char frame[60] = { 2, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 7, TYPE >> 8, TYPE & 255, 0x77, 3, 9 };
	struct sockaddr_ll a = ll(TYPE, LO);
	struct tpacket_stats st;
	socklen_t n = sizeof(st);
	unsigned char *map;

	result("small frames", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	q.tp_frame_size = 1024;
	q.tp_frame_nr = 4;
	result("ring", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
	if (result("map", map == MAP_FAILED ? -1 : 0))
		return;
	for (int i = 0; i < 6; i++)
		sendto(raw, frame, 60, 0, (void *)&a, sizeof(a));
	poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 1000);
	for (int i = 0; i < 4; i++) {
		volatile struct tpacket_hdr *h = (void *)(map + i * 1024);
		struct sockaddr_ll *from = (void *)(map + i * 1024 + TPACKET_ALIGN(sizeof(*h)));

		say("frame %d: status %#lx len %u snaplen %u mac %u net %u first %02x, type %04x, time %d %d\n", i,
		    h->tp_status & ~(TP_STATUS_TS_SOFTWARE | TP_STATUS_LOSING), h->tp_len, h->tp_snaplen, h->tp_mac,
		    h->tp_net, map[i * 1024 + h->tp_mac], ntohs(from->sll_protocol), h->tp_sec > 0,
		    h->tp_usec < 1000000);
		h->tp_status = TP_STATUS_KERNEL;
	}
	getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &n);
	say("%u packets, %u drops\n", st.tp_packets, st.tp_drops);
	sendto(raw, frame, 50, 0, (void *)&a, sizeof(a));
	poll(&(struct pollfd){ s, POLLIN, 0 }, 1, 1000);
	say("then %#lx, %u\n", ((struct tpacket_hdr *)map)->tp_status & 1, ((struct tpacket_hdr *)map)->tp_len);
	munmap(map, 4096);
	close(s), close(raw);
}

static void unprivileged(void)
{
	if (fork() == 0) {
		setgid(1000);
		setuid(1000);
		result("unprivileged", socket(AF_PACKET, SOCK_RAW, 0));
		result("unprivileged", socket(AF_PACKET, SOCK_DGRAM, 0));
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	up(0);
	errors();
	names();
	passing();
	looking();
	filters();
	datagrams();
	members();
	ring(SOCK_RAW);
	ring(SOCK_DGRAM);
	first_ring(SOCK_RAW);
	first_ring(SOCK_DGRAM);
	unprivileged();
	return 0;
}
