/*
 * Options of socket(7) that few programs set: what each kind of socket says of many values, as root and without
 * privileges; SO_NETNS_COOKIE, SO_MAX_PACING_RATE in both lengths, SO_SELECT_ERR_QUEUE, SO_BINDTOIFINDEX.
 */
#include "inet.h"
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <sys/un.h>

#define O(name) { name, #name }

static const struct {
	int name;
	const char *text;
} options[] = {
	O(SO_BINDTOIFINDEX),	O(SO_INCOMING_CPU),   O(SO_PASSSEC),
	O(SO_SELECT_ERR_QUEUE), O(SO_NOFCS),	      O(SO_WIFI_STATUS),
	O(SO_CNX_ADVICE),	O(SO_RESERVE_MEM),    O(SO_DETACH_REUSEPORT_BPF),
	O(SO_DETACH_BPF),	O(SO_MAX_PACING_RATE), O(SO_NETNS_COOKIE),
	O(SO_MEMINFO),		O(SO_COOKIE),	      O(SO_BPF_EXTENSIONS),
	O(SO_BUF_LOCK),		O(SO_RCVMARK),
};

/* What walk() found: kinds that are as the first are told in a word. */
static char told[16384], first[16384];

__attribute__((format(printf, 1, 2))) static void tell(const char *fmt, ...)
{
	size_t n = strlen(told);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told + n, sizeof(told) - n, fmt, ap);
	va_end(ap);
}

static void get(int s, int name)
{
	int v = 0;
	socklen_t n = sizeof(v);
	int r = getsockopt(s, SOL_SOCKET, name, &v, &n);

	if (r < 0)
		tell(" get %s", ename(errno));
	else
		tell(" get %d/%d", v, n);
}

static void walk(int s)
{
	told[0] = 0;
	static const int values[] = { 1, 0, -1, 2, 99, 1000000 };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		tell("%s:", options[i].text);
		get(s, options[i].name);
		for (size_t k = 0; k < ARRAY_SIZE(values); k++) {
			int r = setsockopt(s, SOL_SOCKET, options[i].name, &values[k], sizeof(int));

			tell(" %d", values[k]);
			if (r < 0)
				tell(" %s", ename(errno));
			get(s, options[i].name);
		}
		tell(", short");
		if (setsockopt(s, SOL_SOCKET, options[i].name, values, 2) < 0)
			tell(" %s", ename(errno));
		if (setsockopt(s, SOL_SOCKET, options[i].name, NULL, sizeof(int)) < 0)
			tell(" null %s", ename(errno));
		tell("\n");
	}
	if (!strcmp(told, first)) {
		say("the same\n");
		return;
	}
	for (char *p = told, *end; *p; p = end + 1) {
		end = strchr(p, '\n');
		say("%.*s\n", (int)(end - p), p);
	}
	memcpy(first, told, sizeof(told));
}

static void kinds(void)
{
	static const struct {
		int family, type, protocol;
		const char *text;
	} kinds[] = {
		{ AF_INET, SOCK_STREAM, 0, "TCP" },	{ AF_INET6, SOCK_STREAM, 0, "TCP, IPv6" },
		{ AF_INET, SOCK_DGRAM, 0, "UDP" },	{ AF_INET6, SOCK_DGRAM, 0, "UDP, IPv6" },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP, "raw" }, { AF_UNIX, SOCK_STREAM, 0, "Unix stream" },
		{ AF_UNIX, SOCK_DGRAM, 0, "Unix datagram" }, { AF_NETLINK, SOCK_RAW, 0, "netlink" },
		{ AF_PACKET, SOCK_RAW, 0, "packet" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int s = MUST(socket(kinds[i].family, kinds[i].type, kinds[i].protocol));

		SECTION(kinds[i].text);
		walk(s);
		close(s);
	}
}

static void nobody(void)
{
	int one = 1, none = 0, s, t;

	s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	t = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(setuid(1000));
	walk(t);
	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &none, sizeof(none)));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &one, sizeof(one)));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &one, sizeof(one)));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &none, sizeof(none)));
}

static void cookies(void)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), u = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	unsigned long long a = 0, b = 0, c = 0;
	socklen_t n = sizeof(a);

	R(getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &a, &n));
	say("%u bytes, %s\n", n, a ? "a number" : "none");
	R(getsockopt(u, SOL_SOCKET, SO_NETNS_COOKIE, &b, &n));
	say("%s\n", a == b ? "the same" : "another");
	n = 16;
	R(getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &b, &n));
	MUST(unshare(CLONE_NEWNET));
	R(getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &b, &(socklen_t){ 8 }));
	say("%s\n", a == b ? "the same" : "another");
	close(s);
	s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &c, &(socklen_t){ 8 }));
	say("%s\n", a == c ? "the same" : "another");
}

static void rate_is(int s)
{
	unsigned long l = 0;
	unsigned v = 0;
	socklen_t n = sizeof(l);
	struct tcp_info i;

	getsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &l, &n);
	say("rate %#lx/%u", l, n);
	n = 4;
	getsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &v, &n);
	say(" %#x/%u", v, n);
	n = sizeof(i);
	if (!getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n))
		say(" info %#llx", (unsigned long long)i.tcpi_max_pacing_rate);
	say("\n");
}

static void rates(void)
{
	static const unsigned long values[] = { 12345, 1ul << 32, 0xffffffff, 0, ~0ul, 77 };
	unsigned v = 5000;

	for (int k = 0; k < 2; k++) {
		int s = MUST(socket(AF_INET, k ? SOCK_DGRAM : SOCK_STREAM, 0));

		rate_is(s);
		R(setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &v, sizeof(v)));
		rate_is(s);
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			R(setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &values[i],
				     sizeof(values[i])));
			rate_is(s);
		}
		v = ~0u;
		R(setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &v, sizeof(v)));
		rate_is(s);
		R(setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &v, 6));
		rate_is(s);
		close(s);
	}
}

/* poll(2) tells of the error queue in one more word. */
static void errors(void)
{
	int s = bound("127.0.0.1", 0), one = 1, none = 0;
	struct sockaddr_in to = at("127.0.0.1", 9);

	MUST(setsockopt(s, SOL_IP, IP_RECVERR, &one, sizeof(one)));
	R(sendto(s, "x", 1, 0, (void *)&to, sizeof(to)));
	say("%#x\n", revents(s));
	R(setsockopt(s, SOL_SOCKET, SO_SELECT_ERR_QUEUE, &one, sizeof(one)));
	say("%#x\n", revents(s));
	R(recv(s, &one, 1, 0)); /* the error itself; the queue stays */
	say("%#x\n", revents(s));
	R(setsockopt(s, SOL_SOCKET, SO_SELECT_ERR_QUEUE, &none, sizeof(none)));
	say("%#x\n", revents(s));
	close(s);
}

/* What comes and what goes by the device of that number. */
static void device(void)
{
	int s = bound("127.0.0.1", 0), lo = (int)if_nametoindex("lo"), none = 0, other = 99;
	struct sockaddr_in to = at("127.0.0.1", port_of(s));
	char name[IFNAMSIZ] = "";
	socklen_t n = sizeof(name);
	char c;

	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &lo, sizeof(lo)));
	R(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	say("%s\n", name);
	R(sendto(s, "a", 1, 0, (void *)&to, sizeof(to)));
	R(recv(s, &c, 1, MSG_DONTWAIT));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &other, sizeof(other)));
	n = sizeof(name);
	R(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	R(sendto(s, "b", 1, 0, (void *)&to, sizeof(to)));
	R(recv(s, &c, 1, MSG_DONTWAIT));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &none, sizeof(none)));
	R(sendto(s, "c", 1, 0, (void *)&to, sizeof(to)));
	R(recv(s, &c, 1, MSG_DONTWAIT));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	n = sizeof(other);
	R(getsockopt(s, SOL_SOCKET, SO_BINDTOIFINDEX, &other, &n));
	say("%s\n", other == lo ? "lo" : "another");
	close(s);
}

/* A frame without its check sequence: no device here could send it. */
static void frames(void)
{
	int s = MUST(socket(AF_PACKET, SOCK_RAW, 0)), one = 1, none = 0;
	struct sockaddr_ll {
		unsigned short family, protocol;
		int index;
		unsigned char rest[12];
	} to = { AF_PACKET, 0, (int)if_nametoindex("lo"), { 0 } };
	char frame[60] = { 0 };

	R(setsockopt(s, SOL_SOCKET, SO_NOFCS, &one, sizeof(one)));
	R(sendto(s, frame, sizeof(frame), 0, (void *)&to, 20));
	R(setsockopt(s, SOL_SOCKET, SO_NOFCS, &none, sizeof(none)));
	R(sendto(s, frame, sizeof(frame), 0, (void *)&to, 20));
	close(s);
}

/* Who set a buffer keeps it as it is, and may give it back. */
static void buffers(void)
{
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0)), size = 30000, v;
	struct timeval t = { 3, 500000 };
	socklen_t n;

	for (int i = 0; i < 4; i++) {
		n = sizeof(v);
		R(getsockopt(s, SOL_SOCKET, SO_BUF_LOCK, &v, &n));
		say("%d\n", v);
		v = 0;
		if (i == 2)
			R(setsockopt(s, SOL_SOCKET, SO_BUF_LOCK, &v, sizeof(v)));
		else
			R(setsockopt(s, SOL_SOCKET, i ? SO_RCVBUF : SO_SNDBUF, &size, sizeof(size)));
	}
	R(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO_NEW, &t, sizeof(t)));
	n = sizeof(t);
	R(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, memset(&t, 0, sizeof(t)), &n));
	say("%ld.%06ld\n", (long)t.tv_sec, (long)t.tv_usec);
	R(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)));
	n = sizeof(t);
	R(getsockopt(s, SOL_SOCKET, SO_SNDTIMEO_NEW, memset(&t, 0, sizeof(t)), &n));
	say("%ld.%06ld, %u bytes\n", (long)t.tv_sec, (long)t.tv_usec, n);
	close(s);
}

static void mark_of(int s)
{
	char c, room[64];
	struct iovec v = { &c, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = room,
			    .msg_controllen = sizeof(room) };

	R(recvmsg(s, &m, MSG_DONTWAIT));
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
		say("level %d type %d length %zu: %u\n", h->cmsg_level, h->cmsg_type,
		    (size_t)h->cmsg_len, *(unsigned *)CMSG_DATA(h));
}

static void marks(void)
{
	int s = bound("127.0.0.1", 0), t = bound("127.0.0.1", 0), mark = 77, one = 1;
	struct sockaddr_in to = at("127.0.0.1", port_of(s));

	MUST(setsockopt(t, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	R(sendto(t, "x", 1, 0, (void *)&to, sizeof(to)));
	mark_of(s);
	R(setsockopt(s, SOL_SOCKET, SO_RCVMARK, &one, sizeof(one)));
	R(sendto(t, "x", 1, 0, (void *)&to, sizeof(to)));
	mark_of(s);
	close(s);
	close(t);
}

/* A connected socket looks for its way anew, and finds it. */
static void advice(void)
{
	int p[2], one = 1;
	char c = 0;

	pair(p);
	R(setsockopt(p[0], SOL_SOCKET, SO_CNX_ADVICE, &one, sizeof(one)));
	R(write(p[0], "x", 1));
	R(read(p[1], &c, 1));
	say("%c\n", c);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	lo_up();
	kinds();
	SECTION("without privileges");
	in_child("nobody", nobody);
	SECTION("rates");
	rates();
	SECTION("the error queue");
	errors();
	SECTION("devices");
	device();
	SECTION("frames");
	frames();
	SECTION("buffers");
	buffers();
	SECTION("marks");
	marks();
	SECTION("advice");
	advice();
	SECTION("networks");
	cookies();
	return 0;
}
