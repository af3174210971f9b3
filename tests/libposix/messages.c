/* Messages and headers taken apart and made: name servers' (ns_*, res_*), options of IPv6 (inet6_opt_*, inet6_rth_*), base 64. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A question for www.example.org, an alias, two addresses, a server and an additional record. */
static const unsigned char answer[] = {
	0x12, 0x34, 0x85, 0xb3, 0,   1,	  0,   3,    0, 1,   0,	  1,   3, 'w', 'w', 'w',
	7,    'e',  'x',  'a',	'm', 'p', 'l', 'e',  3, 'o', 'r', 'g', 0, 0,   1,   0,
	1,    0xc0, 12,	  0,	5,   0,	  1,   0,    0, 14,  16,  0,   4, 1,   'a', 0xc0,
	16,   0xc0, 45,	  0,	1,   0,	  1,   0x80, 0, 0,   60,  0,   4, 192, 0,   2,
	1,    0xc0, 45,	  0,	1,   0,	  1,   0,    0, 0,   60,  0,   4, 192, 0,   2,
	2,    0xc0, 16,	  0,	2,   0,	  1,   0,    0, 0,   1,	  0,   5, 2,   'n', 's',
	0xc0, 16,   0,	  0,	41,  16,  0,   0,    0, 0,   0,	  0,   0,
};

static void show(const char *what, int got)
{
	if (got < 0)
		printf("%s: %d %s\n", what, got, strerror(errno));
	else
		printf("%s: %d\n", what, got);
	errno = 0;
}

static void records(void)
{
	static const ns_sect order[] = { ns_s_qd, ns_s_an, ns_s_ns, ns_s_ar };
	ns_msg m;
	ns_rr rr;

	show("initparse", ns_initparse(answer, sizeof(answer), &m));
	printf("id %x, %d bytes, counts %d %d %d %d, flags", ns_msg_id(m), (int)ns_msg_size(m),
	       ns_msg_count(m, ns_s_qd), ns_msg_count(m, ns_s_an), ns_msg_count(m, ns_s_ns),
	       ns_msg_count(m, ns_s_ar));
	for (int f = ns_f_qr; f < ns_f_max; f++)
		printf(" %d", ns_msg_getflag(m, (ns_flag)f));
	printf("\n");
	for (int s = 0; s < 4; s++) {
		for (int i = 0; i <= ns_msg_count(m, order[s]); i++) {
			int got = ns_parserr(&m, order[s], i, &rr);

			show("parserr", got);
			if (got)
				continue;
			printf("  %s type %d class %d ttl %u length %d", ns_rr_name(rr),
			       ns_rr_type(rr), ns_rr_class(rr), (unsigned)ns_rr_ttl(rr),
			       ns_rr_rdlen(rr));
			if (ns_rr_type(rr) == ns_t_a && ns_rr_rdlen(rr) == 4)
				printf(" %s", inet_ntoa(*(struct in_addr *)ns_rr_rdata(rr)));
			if (ns_rr_type(rr) == ns_t_cname || ns_rr_type(rr) == ns_t_ns) {
				char name[NS_MAXDNAME];

				show(" name",
				     ns_name_uncompress(ns_msg_base(m), ns_msg_end(m),
							ns_rr_rdata(rr), name, sizeof(name)));
				printf("  %s", name);
			}
			printf("\n");
		}
	}
	/* one after another, and backwards */
	for (int i = 0; i < 4; i++)
		show("next", ns_parserr(&m, ns_s_an, -1, &rr));
	show("second", ns_parserr(&m, ns_s_an, 1, &rr));
	printf("%s\n", inet_ntoa(*(struct in_addr *)ns_rr_rdata(rr)));
	show("first", ns_parserr(&m, ns_s_an, 0, &rr));
	show("no section", ns_parserr(&m, (ns_sect)7, 0, &rr));
	for (int cut = 1; cut < (int)sizeof(answer); cut += 7)
		show("cut", ns_initparse(answer, (int)sizeof(answer) - cut, &m));
	show("skiprr", ns_skiprr(answer + 12, answer + sizeof(answer), ns_s_qd, 1));
	show("skiprr", ns_skiprr(answer + 33, answer + sizeof(answer), ns_s_an, 3));
	show("skiprr", ns_skiprr(answer + 33, answer + sizeof(answer), ns_s_an, 9));
}

static void numbers(void)
{
	unsigned char buf[16] = { 0 }, *p = buf;
	const unsigned char *q = buf;
	unsigned a, b;
	unsigned long c;

	NS_PUT16(0x1234, p);
	NS_PUT32(0xdeadbeef, p);
	printf("%d: %02x%02x%02x%02x%02x%02x\n", (int)(p - buf), buf[0], buf[1], buf[2], buf[3],
	       buf[4], buf[5]);
	NS_GET16(a, q);
	NS_GET32(c, q);
	printf("%x %lx, %d\n", a, c, (int)(q - buf));
	q = answer + 12;
	show("skip", ns_name_skip(&q, answer + sizeof(answer)));
	printf("%d\n", (int)(q - answer));
	b = ns_get16(q);
	printf("%u %lu\n", b, ns_get32(q));
	q = answer + 12;
	show("skip", ns_name_skip(&q, answer + 20));
}

static void questions(void)
{
	static const char *const names[] = { "www.example.org",
					     "a",
					     ".",
					     "",
					     "a..b",
					     "-a.b",
					     "a-.b",
					     "a_b.c",
					     "*.a.b",
					     "a b.c",
					     "x.y@z.w",
					     "joe.example.org",
					     "a.b.",
					     "an-other.name",
					     "1.2.3.4",
					     "joe!.example.org",
					     "a.-b" };
	unsigned char q[512];

	for (int type = 1; type < 400; type += 256) {
		int n = res_mkquery(QUERY, "www.example.org", C_IN, type, NULL, 0, NULL, q,
				    sizeof(q));

		printf("mkquery %d:", n);
		for (int i = 2; i < n; i++)
			printf(" %02x", q[i]);
		printf("\n");
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		printf("\"%s\": host %d owner %d mail %d any %d\n", names[i], res_hnok(names[i]),
		       res_ownok(names[i]), res_mailok(names[i]), res_dnok(names[i]));
	{
		struct __res_state st = { 0 };

		printf("ninit %d:", res_ninit(&st));
		printf(" %d servers, port %d, retrans %d, retry %d, ndots %d, first search %s, options %lx\n",
		       st.nscount, ntohs(st.nsaddr.sin_port), st.retrans, st.retry, st.ndots,
		       st.dnsrch[0] ? st.dnsrch[0] : "none", st.options & (RES_INIT | RES_DEFAULT));
		/* nobody listens: refused at once */
		st.nscount = 1;
		st.nsaddr = (struct sockaddr_in){ .sin_family = AF_INET,
						  .sin_port = htons(9),
						  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		st.retry = 1;
		printf("nquery %d", res_nquery(&st, "www.example.org", C_IN, T_A, q, sizeof(q)));
		printf(" h_errno %d %d\n", h_errno, st.res_h_errno);
		res_nclose(&st);
	}
}

/* A name server on the loopback that knows one address of every name, as long as that: the port. */
static in_port_t serve(int questions, pid_t *pid)
{
	static const unsigned char record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0 };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	socklen_t len = sizeof(a);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned char m[512];

	ioctl(s, SIOCSIFFLAGS, &lo);
	if (bind(s, (struct sockaddr *)&a, len) || getsockname(s, (struct sockaddr *)&a, &len))
		perror("bind");
	*pid = fork();
	while (!*pid && questions--) {
		struct sockaddr_in from;
		int n, name;

		len = sizeof(from);
		n = (int)recvfrom(s, m, 300, 0, (struct sockaddr *)&from, &len);
		name = dn_skipname(m + 12, m + n);
		m[2] |= 0x80;
		m[7] = 1;
		m[11] = 0;
		n = 12 + name + 4; /* without an additional record */
		memcpy(m + n, record, sizeof(record));
		m[n + sizeof(record)] = (unsigned char)name;
		sendto(s, m, (size_t)n + sizeof(record) + 1, 0, (struct sockaddr *)&from, len);
	}
	if (!*pid)
		_exit(0);
	close(s);
	return a.sin_port;
}

static void told(const char *what, const unsigned char *m, int n)
{
	printf("%s: %d bytes, the name's %d\n", what, n, n > 0 ? m[n - 1] : 0);
}

/* The functions without a state ask whom _res names, once it is made ready. */
static void own_state(void)
{
	unsigned char q[512], m[512];
	pid_t pid;
	int n;

	printf("init %d", res_init());
	printf(" %d\n", (_res.options & RES_INIT) != 0);
	_res.nscount = 1;
	_res.retry = 1;
	_res.nsaddr = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_port = serve(5, &pid),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	_res.dnsrch[0] = "lan.test";
	_res.dnsrch[1] = NULL;
	told("query", m, res_query("www.example.org", C_IN, T_A, m, sizeof(m)));
	told("search", m, res_search("www", C_IN, T_A, m, sizeof(m)));
	_res.options &= ~(unsigned long)(RES_DNSRCH | RES_DEFNAMES);
	told("search, no domains", m, res_search("www", C_IN, T_A, m, sizeof(m)));
	told("querydomain", m, res_querydomain("a", "b.c", C_IN, T_A, m, sizeof(m)));
	n = res_mkquery(QUERY, "x.y", C_IN, T_A, NULL, 0, NULL, q, sizeof(q));
	told("send", m, res_send(q, n, m, sizeof(m)));
	waitpid(pid, NULL, 0);
}

/* Which kinds of sockets getaddrinfo gives to who asks for a type, a protocol, or both. */
static void kinds(void)
{
	static const int types[] = { 0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, 77 },
			 protocols[] = { 0,
					 IPPROTO_TCP,
					 IPPROTO_UDP,
					 IPPROTO_UDPLITE,
					 IPPROTO_SCTP,
					 IPPROTO_ICMP,
					 200 };
	static const char *const services[] = { NULL, "80" };

	for (int s = 0; s < 2; s++)
		for (int t = 0; t < 6; t++)
			for (int p = 0; p < 7; p++) {
				struct addrinfo hints = { .ai_flags = AI_NUMERICHOST |
								      AI_NUMERICSERV,
							  .ai_socktype = types[t],
							  .ai_protocol = protocols[p] },
						*list = NULL;
				int code = getaddrinfo("1.2.3.4", services[s], &hints, &list);

				printf("type %d protocol %d service %s: %d", types[t], protocols[p],
				       services[s] ? services[s] : "none", code);
				for (const struct addrinfo *a = code ? NULL : list; a;
				     a = a->ai_next)
					printf(" %d/%d", a->ai_socktype, a->ai_protocol);
				printf("\n");
				if (!code)
					freeaddrinfo(list);
			}
}

static void base64(void)
{
	static const char *const texts[] = { "",	 "Zg==",      "Zm8=",  "Zm9v",
					     "Zm9vYg==", " Z m 8 = ", "Zg=",   "Zg",
					     "Z",	 "Zh==",      "Zm9=",  "Zm9vYmFy",
					     "Zm9v!",	 "====",      "Zm8=a", "Zm8==" };
	unsigned char data[16];
	char text[32];

	for (int n = 0; n <= 7; n++) {
		int got = b64_ntop((const unsigned char *)"foobar\xff", n, text, sizeof(text));

		printf("ntop %d \"%s\"\n", got, text);
	}
	printf("ntop %d %d\n", b64_ntop(answer, 3, text, 4), b64_ntop(answer, 3, text, 5));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int got = b64_pton(texts[i], data, sizeof(data));

		printf("pton \"%s\" %d", texts[i], got);
		for (int k = 0; k < got; k++)
			printf(" %02x", data[k]);
		printf("\n");
	}
	printf("pton %d %d\n", b64_pton("Zm9vYmFy", data, 5), b64_pton("Zm9vYmFy", data, 6));
}

static void options(void)
{
	unsigned char buf[64];
	void *data;
	uint8_t type;
	socklen_t len;
	int at;

	memset(buf, 0xee, sizeof(buf));
	show("init", inet6_opt_init(buf, 32));
	show("init", inet6_opt_init(NULL, 0));
	show("init", inet6_opt_init(buf, 7));
	show("init", inet6_opt_init(buf, 0));
	show("init", inet6_opt_init(buf, 32));
	at = inet6_opt_append(buf, 32, 2, 5, 2, 2, &data);
	show("append", at);
	show("value", inet6_opt_set_val(data, 0, "ab", 2));
	at = inet6_opt_append(buf, 32, at, 0xc2, 4, 4, &data);
	show("append", at);
	show("value", inet6_opt_set_val(data, 0, "cdef", 4));
	at = inet6_opt_append(buf, 32, at, 9, 8, 8, &data);
	show("append", at);
	memset(data, 'x', 8);
	show("too long", inet6_opt_append(buf, 32, at, 9, 16, 8, &data));
	show("pad", inet6_opt_append(buf, 32, at, 1, 2, 1, &data));
	show("align 3", inet6_opt_append(buf, 32, at, 9, 4, 3, &data));
	show("align 8 of 4", inet6_opt_append(buf, 32, at, 9, 4, 8, &data));
	show("256", inet6_opt_append(buf, 32, at, 9, 256, 1, &data));
	show("measured", inet6_opt_append(NULL, 0, 2, 9, 8, 8, NULL));
	show("finish", inet6_opt_finish(NULL, 0, 11));
	at = inet6_opt_finish(buf, 32, at);
	show("finish", at);
	for (int i = 0; i < at; i++)
		printf("%02x%s", buf[i], i % 8 == 7 ? "\n" : " ");
	for (at = 0; (at = inet6_opt_next(buf, 32, at, &type, &len, &data)) > 0;)
		printf("next %d: type %d, %d bytes at %d\n", at, type, (int)len,
		       (int)((char *)data - (char *)buf));
	show("end", at);
	at = inet6_opt_find(buf, 32, 0, 0xc2, &len, &data);
	show("find", at);
	show("get", inet6_opt_get_val(data, 0, &type, 1));
	printf("%c %d\n", type, (int)len);
	show("find", inet6_opt_find(buf, 32, at, 5, &len, &data));
	buf[3] = 200;
	show("spoilt", inet6_opt_next(buf, 32, 0, &type, &len, &data));
}

static void routes(void)
{
	unsigned char buf[200], back[200];
	struct in6_addr a;
	char text[64];

	printf("space %d %d %d %d\n", inet6_rth_space(IPV6_RTHDR_TYPE_0, 3),
	       inet6_rth_space(IPV6_RTHDR_TYPE_0, 128), inet6_rth_space(1, 3),
	       inet6_rth_space(IPV6_RTHDR_TYPE_0, 0));
	printf("init %d %d\n", inet6_rth_init(buf, 50, IPV6_RTHDR_TYPE_0, 3) != NULL,
	       inet6_rth_init(buf, sizeof(buf), IPV6_RTHDR_TYPE_0, 3) != NULL);
	for (int i = 0; i < 4; i++) {
		inet_pton(AF_INET6, "2001:db8::", &a);
		a.s6_addr[15] = (unsigned char)(i + 1);
		show("add", inet6_rth_add(buf, &a));
	}
	show("segments", inet6_rth_segments(buf));
	show("reverse", inet6_rth_reverse(buf, back));
	show("reverse", inet6_rth_reverse(buf, buf));
	printf("same %d\n", memcmp(buf, back, 56));
	for (int i = -1; i < 4; i++) {
		struct in6_addr *p = inet6_rth_getaddr(buf, i);

		printf("%d: %s\n", i, p ? inet_ntop(AF_INET6, p, text, sizeof(text)) : "none");
	}
	printf("left %d, length %d\n", ((struct ip6_rthdr *)buf)->ip6r_segleft,
	       ((struct ip6_rthdr *)buf)->ip6r_len);
	buf[2] = 2;
	show("segments", inet6_rth_segments(buf));
}

int main(void)
{
	records();
	numbers();
	questions();
	own_state();
	kinds();
	base64();
	options();
	routes();
	return 0;
}
