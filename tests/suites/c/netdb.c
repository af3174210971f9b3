/*
 * netdb.c - names and addresses as a C library gives them: getaddrinfo, getnameinfo, res_query,
 * getifaddrs, if_nameindex, inet_*. Built with glibc, musl and libposix; each prints on Tarn what it
 * prints on Linux.
 *
 * The program is its own name server: a child answers at 127.0.0.1, port 53, from the table below,
 * over UDP and TCP. It writes the files of /etc that it wants, and gives lo addresses of its own.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG 40 /* addresses of big.test: more than a datagram of 512 bytes holds */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- the name server --------------------------------------------------------------------- */

enum { FAILED = 2, NO_NAME = 3 }; /* RFC 1035 section 4.1.1 */

static const struct record {
	const char *name;
	int type;
	const char *value;
} records[] = {
	{ "one.test", T_A, "10.1.2.1" },
	{ "two.test", T_A, "10.1.2.10" },
	{ "two.test", T_A, "10.1.2.11" },
	{ "six.test", T_AAAA, "fd00::6" },
	{ "both.test", T_A, "10.1.2.20" },
	{ "both.test", T_AAAA, "fd00::20" },
	{ "far.test", T_A, "10.1.2.30" },
	{ "far.test", T_AAAA, "2001:db8::30" }, /* there is no route to it */
	{ "alias.test", T_CNAME, "both.test" },
	{ "mail.test", T_MX, "one.test" },
	{ "mail.test", T_TXT, "some text" },
	{ "10.2.1.10.in-addr.arpa", T_PTR, "two.test" },
	{ "6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", T_PTR,
	  "six.test" },
	{ "deep.sub.test", T_A, "10.1.2.77" },
};
#define RECORDS (sizeof(records) / sizeof(records[0]))

static unsigned char *put_name(unsigned char *at, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");

		*at++ = (unsigned char)n;
		memcpy(at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	*at++ = 0;
	return at;
}

static unsigned char *put_u16(unsigned char *at, unsigned v)
{
	*at++ = (unsigned char)(v >> 8);
	*at++ = (unsigned char)v;
	return at;
}

static unsigned char *put_record(unsigned char *at, const char *name, int type, const char *value)
{
	unsigned char *len;

	/* the name of the question stands at 12 */
	at = name ? put_name(at, name) : put_u16(at, 0xc00c);
	at = put_u16(put_u16(at, (unsigned)type), C_IN);
	at = put_u16(put_u16(at, 0), 300);
	len = at;
	at += 2;
	if (type == T_A || type == T_AAAA) {
		inet_pton(type == T_A ? AF_INET : AF_INET6, value, at);
		at += type == T_A ? 4 : 16;
	} else if (type == T_TXT) {
		*at++ = (unsigned char)strlen(value);
		memcpy(at, value, strlen(value));
		at += strlen(value);
	} else {
		if (type == T_MX)
			at = put_u16(at, 10);
		at = put_name(at, value);
	}
	put_u16(len, (unsigned)(at - len - 2));
	return at;
}

/* The answer to the question in `a`, made there; its length. */
static size_t answer(unsigned char *a, size_t len, int udp)
{
	char name[256] = "", *n = name;
	unsigned char *p = a + 12, *end;
	int type, answers = 0, known = 0;

	while (p < a + len && *p && n - name + *p + 2 < (long)sizeof(name)) {
		n += sprintf(n, "%s%.*s", n > name ? "." : "", *p, (char *)p + 1);
		p += *p + 1;
	}
	type = p[1] << 8 | p[2];
	end = p + 5;
	a[2] = 0x84 | (a[2] & 1);
	a[3] = 0x80;
	memset(a + 6, 0, 6);
	if (!strcmp(name, "fail.test")) {
		a[3] |= FAILED;
		return (size_t)(end - a);
	}
	if (!strcmp(name, "big.test") && type == T_A) {
		known = 1;
		for (int i = 0; i < BIG && !udp; i++, answers++) {
			char text[20];

			sprintf(text, "10.1.3.%d", i);
			end = put_record(end, NULL, T_A, text);
		}
		if (udp)
			a[2] |= 2; /* the answer is cut */
	}
	for (size_t i = 0; i < RECORDS; i++) {
		const struct record *r = &records[i];

		if (strcasecmp(r->name, name))
			continue;
		known = 1;
		if (r->type == type || r->type == T_CNAME) {
			end = put_record(end, NULL, r->type, r->value);
			answers++;
		}
		for (size_t k = 0; r->type == T_CNAME && k < RECORDS; k++) {
			if (strcmp(records[k].name, r->value) || records[k].type != type)
				continue;
			end = put_record(end, r->value, type, records[k].value);
			answers++;
		}
	}
	a[7] = (unsigned char)answers;
	if (!known && strcmp(name, "empty.test") && strcmp(name, "big.test"))
		a[3] |= NO_NAME;
	return (size_t)(end - a);
}

static int bound(int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, type, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("name server");
	return fd;
}

static int read_all(int fd, unsigned char *to, size_t n)
{
	for (ssize_t got; n; n -= (size_t)got, to += got) {
		got = read(fd, to, n);
		if (got <= 0)
			return 0;
	}
	return 1;
}

/* A connection: questions with their length before them, until the client has enough. */
static void serve_tcp(int fd)
{
	unsigned char buf[4098];

	while (read_all(fd, buf, 2)) {
		size_t n = (size_t)(buf[0] << 8 | buf[1]), half;

		if (n < 16 || n > 512 || !read_all(fd, buf + 2, n))
			break;
		n = answer(buf + 2, n, 0);
		put_u16(buf, (unsigned)n);
		half = n / 2; /* in two pieces, as it may come */
		send(fd, buf, half, MSG_NOSIGNAL);
		send(fd, buf + half, n + 2 - half, MSG_NOSIGNAL);
	}
}

static void serve(int udp, int tcp)
{
	struct pollfd p[2] = { { .fd = udp, .events = POLLIN }, { .fd = tcp, .events = POLLIN } };
	unsigned char buf[4098];

	signal(SIGCHLD, SIG_IGN);
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents) {
			struct sockaddr_in from;
			socklen_t len = sizeof(from);
			ssize_t n = recvfrom(udp, buf, 512, 0, (struct sockaddr *)&from, &len);

			if (n > 16)
				sendto(udp, buf, answer(buf, (size_t)n, 1), 0,
				       (struct sockaddr *)&from, len);
		}
		if (p[1].revents) {
			int fd = accept(tcp, NULL, NULL);

			if (!fork()) {
				serve_tcp(fd);
				_exit(0);
			}
			close(fd);
		}
	}
}

/* ---- what is asked ----------------------------------------------------------------------- */

static const char *code_name(int code)
{
	switch (code) {
	case EAI_BADFLAGS:
		return "EAI_BADFLAGS";
	case EAI_NONAME:
		return "EAI_NONAME";
	case EAI_AGAIN:
		return "EAI_AGAIN";
	case EAI_FAIL:
		return "EAI_FAIL";
	case -5:
		return "EAI_NODATA";
	case EAI_FAMILY:
		return "EAI_FAMILY";
	case EAI_SOCKTYPE:
		return "EAI_SOCKTYPE";
	case EAI_SERVICE:
		return "EAI_SERVICE";
	case EAI_OVERFLOW:
		return "EAI_OVERFLOW";
	case EAI_SYSTEM:
		return errno == EMFILE ? "EMFILE" : "EAI_SYSTEM";
	default:
		return gai_strerror(code);
	}
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		die(path);
}

static void resolv_conf(const char *text)
{
	write_file("/etc/resolv.conf", text);
	res_init();
}

static const char *text_of(const struct sockaddr *a)
{
	static char text[100], addr[INET6_ADDRSTRLEN];

	if (a->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)a;

		inet_ntop(AF_INET, &in->sin_addr, addr, sizeof(addr));
		sprintf(text, "%s:%d", addr, ntohs(in->sin_port));
	} else if (a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)a;

		inet_ntop(AF_INET6, &in6->sin6_addr, addr, sizeof(addr));
		sprintf(text, "[%s%%%u]:%d", addr, in6->sin6_scope_id, ntohs(in6->sin6_port));
	} else {
		sprintf(text, "family %d", a->sa_family);
	}
	return text;
}

static void ask(const char *host, const char *service, int family, int type, int flags)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = type, .ai_flags = flags };
	struct addrinfo *list;
	int code = getaddrinfo(host, service, &hints, &list), n = 0;

	printf("%s %s family %d type %d flags %x:", host ? host : "-", service ? service : "-",
	       family, type, (unsigned)flags);
	if (code) {
		printf(" %s\n", code_name(code));
		return;
	}
	if (list->ai_canonname)
		printf(" (%s)", list->ai_canonname);
	for (struct addrinfo *a = list; a; a = a->ai_next)
		if (n++ < 6)
			printf(" %s/%d/%d", text_of(a->ai_addr), a->ai_socktype, a->ai_protocol);
	printf(n > 6 ? " ... %d in all\n" : "\n", n);
	freeaddrinfo(list);
}

#define STREAM(host, flags) ask(host, "80", AF_UNSPEC, SOCK_STREAM, flags)

static void numbers(void)
{
	static const char *const v4[] = { "1.2.3.4",  "1.2.3.256", "1.2.3",
					  "01.2.3.4", "1.2.3.4x",  "" };
	static const char *const v6[] = { "::",
					  "::1",
					  "1::2::3",
					  "fe80::1",
					  "1:2:3:4:5:6:7:8",
					  "1:2:3:4:5:6:1.2.3.4",
					  "12345::",
					  "::ffff:1.2.3.4",
					  ":1",
					  "1:" };
	static const char *const old[] = { "127.1",	 "0x7f.1",     "0177.0.0.1", "1.2.65535",
					   "4294967295", "4294967296", "1.256.1.1",  "a" };
	struct in6_addr a6;
	struct in_addr a;
	char text[64];

	puts("== numbers");
	for (size_t i = 0; i < sizeof(v4) / sizeof(v4[0]); i++)
		printf("%s %d\n", v4[i], inet_pton(AF_INET, v4[i], &a));
	for (size_t i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		int ok = inet_pton(AF_INET6, v6[i], &a6);

		printf("%s %d %s\n", v6[i], ok, ok ? inet_ntop(AF_INET6, &a6, text, 64) : "");
	}
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		int ok = inet_aton(old[i], &a);

		printf("%s %d %s\n", old[i], ok, ok ? inet_ntoa(a) : "");
	}
	errno = 0;
	printf("%d %d", !inet_ntop(AF_INET6, &in6addr_loopback, text, 3), errno == ENOSPC);
	printf(" %d %d\n", inet_pton(AF_UNIX, "x", text), errno == EAFNOSUPPORT);
}

static void numeric(void)
{
	puts("== numeric hosts and services");
	ask("10.1.2.3", "80", AF_UNSPEC, 0, 0);
	ask("::1", "53", AF_UNSPEC, SOCK_DGRAM, AI_NUMERICHOST);
	ask("fe80::1%lo", NULL, AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
	ask("fe80::1%1", NULL, AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
	ask("one.test", "80", AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
	ask("10.1.2.3", "80", AF_INET6, SOCK_STREAM, AI_V4MAPPED);
	ask(NULL, "80", AF_INET, SOCK_STREAM, AI_PASSIVE);
	ask(NULL, "80", AF_INET6, SOCK_STREAM, AI_PASSIVE);
	ask(NULL, "80", AF_INET, SOCK_STREAM, 0);
	ask(NULL, NULL, AF_UNSPEC, SOCK_STREAM, 0);
	ask("::1", "80", 77, SOCK_STREAM, 0);
	ask("::1", "80", AF_UNSPEC, SOCK_STREAM, 1 << 20);
	ask("::1", "www", AF_UNSPEC, SOCK_STREAM, 0);
	ask("::1", "http", AF_UNSPEC, SOCK_STREAM, 0);
	ask("::1", "syslog", AF_UNSPEC, SOCK_DGRAM, 0);
	ask("::1", "syslog", AF_UNSPEC, SOCK_STREAM, 0);
	ask("::1", "www", AF_UNSPEC, SOCK_STREAM, AI_NUMERICSERV);
	ask("::1", "nothing", AF_UNSPEC, SOCK_STREAM, 0);
}

static void hosts(void)
{
	puts("== /etc/hosts");
	STREAM("hosty", 0);
	STREAM("HOSTY", AI_CANONNAME);
	STREAM("hostalias", AI_CANONNAME);
	ask("hosty", "80", AF_INET, SOCK_STREAM, 0);
	ask("hosty", "80", AF_INET6, SOCK_STREAM, 0);
	STREAM("localhost", 0);
}

static void names(void)
{
	puts("== name servers");
	STREAM("one.test", 0);
	STREAM("One.Test.", AI_CANONNAME);
	STREAM("two.test", 0);
	STREAM("six.test", 0);
	STREAM("both.test", 0);
	STREAM("far.test", 0);
	STREAM("alias.test", AI_CANONNAME);
	STREAM("big.test", 0);
	ask("six.test", "80", AF_INET, SOCK_STREAM, 0);
	ask("one.test", "80", AF_INET6, SOCK_STREAM, AI_V4MAPPED);
	ask("both.test", "80", AF_INET6, SOCK_STREAM, AI_V4MAPPED | AI_ALL);
	STREAM("none.test", 0);
	STREAM("empty.test", 0);
	STREAM("fail.test", 0);
	STREAM("deep.sub", 0);
	resolv_conf("search nowhere.test test\nnameserver 127.0.0.1\noptions timeout:1\n");
	puts("-- with a search list");
	STREAM("one", 0);
	STREAM("one.test", 0);
	STREAM("deep.sub", 0);
	STREAM("one.", 0);
	resolv_conf("nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions timeout:1\n");
	puts("-- where nobody listens at the first server");
	STREAM("one.test", 0);
	resolv_conf("nameserver 127.0.0.2\noptions timeout:1 attempts:1\n");
	puts("-- where nobody listens at all");
	STREAM("one.test", 0);
	STREAM("hosty", 0);
	resolv_conf("nameserver 127.0.0.1\n");
}

static void reverse(const char *addr, int port, int flags, size_t room)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int is6 = inet_pton(AF_INET6, addr, &v6.sin6_addr) == 1, code;
	char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";

	inet_pton(AF_INET, addr, &v4.sin_addr);
	if (is6 && !strncmp(addr, "fe80", 4))
		v6.sin6_scope_id = 1;
	code = getnameinfo(is6 ? (void *)&v6 : (void *)&v4, is6 ? sizeof(v6) : sizeof(v4), host,
			   (socklen_t)room, service, sizeof(service), flags);
	printf("%s %d %x: %s %s\n", addr, port, (unsigned)flags, code ? code_name(code) : host,
	       code ? "" : service);
}

static void reverses(void)
{
	struct sockaddr none = { .sa_family = 77 };
	char host[10];

	puts("== getnameinfo");
	reverse("10.1.2.10", 80, 0, 100);
	reverse("10.1.2.10", 80, NI_NUMERICHOST | NI_NUMERICSERV, 100);
	reverse("10.1.2.99", 514, NI_DGRAM, 100);
	reverse("10.1.2.99", 514, NI_NAMEREQD, 100);
	reverse("fd00::6", 7, 0, 100);
	reverse("fd00::50", 81, 0, 100);
	reverse("10.1.2.50", 7, NI_DGRAM, 100);
	reverse("fe80::1", 0, NI_NUMERICHOST | NI_NUMERICSERV, 100);
	reverse("10.1.2.10", 80, NI_NUMERICHOST, 5);
	printf("%s\n", code_name(getnameinfo(&none, sizeof(none), host, sizeof(host), NULL, 0, 0)));
}

static void queries(void)
{
	static const struct {
		const char *name;
		int type;
	} table[] = { { "one.test", T_A },	{ "mail.test", T_MX },	  { "mail.test", T_TXT },
		      { "alias.test", T_AAAA }, { "none.test", T_A },	  { "empty.test", T_A },
		      { "big.test", T_A },	{ "alias.test", T_CNAME } };
	unsigned char a[4096];
	char name[256];

	puts("== res_query");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int n = res_query(table[i].name, C_IN, table[i].type, a, sizeof(a));

		printf("%s %d: %d bytes", table[i].name, table[i].type, n);
		if (n > 0)
			printf(", %d answers, rcode %d, name of %d bytes", a[6] << 8 | a[7],
			       a[3] & 15, dn_expand(a, a + n, a + 12, name, sizeof(name)));
		printf(n > 0 ? " %s\n" : "\n", name);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void devices(void)
{
	struct if_nameindex *index = if_nameindex();
	struct ifaddrs *list;
	char name[IF_NAMESIZE], *lines[32];
	int n = 0;

	puts("== devices");
	for (struct if_nameindex *i = index; i && i->if_index; i++)
		if (!strcmp(i->if_name, "lo"))
			printf("%u %s\n", i->if_index, i->if_name);
	if (index)
		if_freenameindex(index);
	printf("%u %s", if_nametoindex("lo"), if_indextoname(1, name));
	printf(" %u %d", if_nametoindex("nosuch"), errno == ENODEV);
	printf(" %d %d\n", !if_indextoname(4711, name), errno == ENXIO);
	if (getifaddrs(&list))
		die("getifaddrs");
	for (struct ifaddrs *a = list; a && n < 32; a = a->ifa_next) {
		char line[300];
		size_t at;

		if (!a->ifa_addr || strncmp(a->ifa_name, "lo", 2))
			continue;
		at = (size_t)sprintf(line, "%s flags %x %s", a->ifa_name, a->ifa_flags,
				     text_of(a->ifa_addr));
		if (a->ifa_netmask)
			at += (size_t)sprintf(line + at, " mask %s", text_of(a->ifa_netmask));
		if (a->ifa_addr->sa_family == AF_PACKET && a->ifa_data)
			at += (size_t)sprintf(line + at, " with numbers");
		else if (a->ifa_addr->sa_family != AF_PACKET && a->ifa_dstaddr)
			at += (size_t)sprintf(line + at, " to %s", text_of(a->ifa_dstaddr));
		lines[n++] = strdup(line);
	}
	freeifaddrs(list);
	qsort(lines, (size_t)n, sizeof(*lines), by_text);
	for (int i = 0; i < n; i++)
		puts(lines[i]);
}

/* Files that are there but can't be opened, and no socket: that is not "no such name". */
static void without_descriptors(void)
{
	struct rlimit was, none;
	int fd = dup(0);

	puts("== no descriptor left");
	getrlimit(RLIMIT_NOFILE, &was);
	none = was;
	none.rlim_cur = (rlim_t)fd;
	close(fd);
	setrlimit(RLIMIT_NOFILE, &none);
	STREAM("hosty", 0);
	STREAM("localhost", 0);
	STREAM("one.test", 0);
	STREAM("10.1.2.3", 0);
	ask("10.1.2.3", "www", AF_UNSPEC, SOCK_STREAM, 0);
	reverse("10.1.2.50", 7, NI_NAMEREQD, 100);
	reverse("10.1.2.10", 80, 0, 100);
	setrlimit(RLIMIT_NOFILE, &was);
}

/* lo up, with 10.1.2.3/16 and fd00::3/64. */
static void raise_lo(void)
{
	struct {
		struct in6_addr addr;
		unsigned prefix;
		int index;
	} r6 = { .prefix = 64, .index = 1 };
	struct ifreq r = { .ifr_flags = IFF_UP | IFF_RUNNING };
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;
	int s4 = socket(AF_INET, SOCK_DGRAM, 0), s6 = socket(AF_INET6, SOCK_DGRAM, 0);

	strcpy(r.ifr_name, "lo");
	if (ioctl(s4, SIOCSIFFLAGS, &r))
		die("lo up");
	strcpy(r.ifr_name, "lo:1");
	*in = (struct sockaddr_in){ .sin_family = AF_INET };
	inet_pton(AF_INET, "10.1.2.3", &in->sin_addr);
	if (ioctl(s4, SIOCSIFADDR, &r))
		die("address");
	inet_pton(AF_INET, "255.255.0.0", &in->sin_addr);
	if (ioctl(s4, 0x891c /* SIOCSIFNETMASK */, &r))
		die("mask");
	inet_pton(AF_INET6, "fd00::3", &r6.addr);
	if (ioctl(s6, SIOCSIFADDR, &r6) && errno != EEXIST) /* another of the programs was here */
		die("address of IPv6");
	close(s4);
	close(s6);
}

int main(void)
{
	int udp, tcp;
	pid_t server;

	setvbuf(stdout, NULL, _IOLBF, 0);
	raise_lo();
	write_file("/etc/hosts", "# hosts\n127.0.0.1 localhost\n::1 localhost\n"
				 "10.1.2.50 hosty hostalias # a comment\nfd00::50\thosty\n");
	write_file("/etc/services", "echo 7/tcp\necho 7/udp\nwww 80/tcp http\nsyslog 514/udp\n");
	write_file("/etc/protocols", "tcp 6 TCP\nudp 17 UDP\n");
	write_file("/etc/nsswitch.conf", "hosts: files dns\nservices: files\n");
	write_file("/etc/host.conf", "multi on\n");
	resolv_conf("nameserver 127.0.0.1\n");
	udp = bound(SOCK_DGRAM);
	tcp = bound(SOCK_STREAM);
	if (listen(tcp, 10))
		die("listen");
	server = fork();
	if (!server) {
		serve(udp, tcp);
		_exit(0);
	}
	close(udp);
	close(tcp);
	numbers();
	numeric();
	hosts();
	names();
	reverses();
	queries();
	devices();
	without_descriptors();
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}
