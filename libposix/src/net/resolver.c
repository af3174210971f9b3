/*
 * resolver.c - asks name servers: resolv.conf(5), RFC 1035 section 4.2. Over UDP; an answer that was
 * cut short is asked for again over TCP. The servers are tried in turn, each `attempts` times.
 */
#include "names.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PORT	 53
#define QUESTION 300
#define RCODE(a) ((a)[3] & 0xf)

static int option(const char *word, const char *name, int most, int old)
{
	size_t n = strlen(name);
	int v;

	if (strncmp(word, name, n))
		return old;
	v = atoi(word + n);
	return v < most ? v : most;
}

void __resolver_add_domain(struct resolver *r, const char *domain)
{
	if (strlen(r->search) + strlen(domain) + 1 >= sizeof(r->search))
		return;
	strcat(r->search, domain);
	strcat(r->search, " ");
}

void __resolver_read(struct resolver *r)
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	char line[512], *words[WORDS_MOST];
	int count;

	*r = (struct resolver){ .ndots = 1, .seconds = 5, .attempts = 2 };
	while (f && (count = __words(f, line, sizeof(line), words)) > 0) {
		if (!strcmp(words[0], "nameserver") && count > 1 && r->nr_servers < 3)
			r->nr_servers += __number(words[1], &r->servers[r->nr_servers]);
		if (!strcmp(words[0], "search") || !strcmp(words[0], "domain")) {
			r->search[0] = '\0';
			for (int i = 1; i < count; i++)
				__resolver_add_domain(r, words[i]);
		}
		for (int i = 1; !strcmp(words[0], "options") && i < count; i++) {
			r->ndots = option(words[i], "ndots:", 15, r->ndots);
			r->seconds = option(words[i], "timeout:", 30, r->seconds);
			r->attempts = option(words[i], "attempts:", 5, r->attempts);
		}
	}
	if (f)
		fclose(f);
	if (!r->nr_servers)
		r->nr_servers = __number("127.0.0.1", &r->servers[0]);
}

int __resolver_candidate(const struct resolver *r, const char *name, int n, char full[NAME_MOST])
{
	const char *at = r->search;
	int dots = 0;
	size_t len = strlen(name);

	for (const char *p = name; *p; p++)
		dots += *p == '.';
	if (len && name[len - 1] == '.')
		at = ""; /* the whole name is given */
	if (dots >= r->ndots || !*at) {
		if (!n)
			return strlcpy(full, name, NAME_MOST) < NAME_MOST;
		n--;
	}
	while (*at) {
		int one = (int)strcspn(at, " ");

		if (!n--)
			return snprintf(full, NAME_MOST, "%s.%.*s", name, one, at) < NAME_MOST;
		at += one + (at[one] == ' ');
	}
	if (!n && dots < r->ndots && *r->search && (!len || name[len - 1] != '.'))
		return strlcpy(full, name, NAME_MOST) < NAME_MOST;
	return 0;
}

/* A socket connected to the server, which waits so long for what it sends and gets. */
static int open_to(const struct found *server, int port, int type, int seconds)
{
	struct timeval limit = { .tv_sec = seconds };
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = { 0 };
	int fd = socket(server->family, type | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (server->family == AF_INET) {
		a.v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
		memcpy(&a.v4.sin_addr, server->addr, 4);
	} else {
		a.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					      .sin6_port = htons(port),
					      .sin6_scope_id = server->scope };
		memcpy(&a.v6.sin6_addr, server->addr, 16);
	}
	if (!connect(fd, &a.any, server->family == AF_INET ? sizeof(a.v4) : sizeof(a.v6)))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* One question over UDP. The answer's length; -1: none came; EAI_SYSTEM: it could not be asked. */
static int ask_udp(const struct found *server, int port, const unsigned char *q, size_t qlen,
		   int seconds, unsigned char *a, int room)
{
	int fd = open_to(server, port, SOCK_DGRAM, seconds), n = -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long until = now_ms() + 1000 * seconds, left;

	if (fd < 0)
		return __lacking() ? EAI_SYSTEM : -1;
	if (send(fd, q, qlen, MSG_NOSIGNAL) == (ssize_t)qlen) {
		while (n < 0 && (left = until - now_ms()) > 0 && poll(&p, 1, (int)left) > 0) {
			n = (int)recv(fd, a, (size_t)room, 0);
			if (n < 0)
				break; /* refused */
			if (!__dns_answers(a, (size_t)n, q, qlen))
				n = -1;
		}
	}
	close(fd);
	return n;
}

/* All n bytes, or 0. */
static int receive_all(int fd, unsigned char *p, int n)
{
	for (int got; n > 0; n -= got, p += got) {
		got = (int)recv(fd, p, (size_t)n, 0);
		if (got <= 0)
			return 0;
	}
	return 1;
}

/* The same over TCP: each message has its length before it. */
static int ask_tcp(const struct found *server, int port, const unsigned char *q, size_t qlen,
		   int seconds, unsigned char *a, int room)
{
	unsigned char out[QUESTION + 2] = { (unsigned char)(qlen >> 8), (unsigned char)qlen };
	int fd = open_to(server, port, SOCK_STREAM, seconds), n = -1;
	unsigned char size[2];

	if (fd < 0)
		return __lacking() ? EAI_SYSTEM : -1;
	memcpy(out + 2, q, qlen);
	if (send(fd, out, qlen + 2, MSG_NOSIGNAL) == (ssize_t)qlen + 2 &&
	    receive_all(fd, size, 2)) {
		n = size[0] << 8 | size[1];
		if (n > room)
			n = room;
		if (!receive_all(fd, a, n) || !__dns_answers(a, (size_t)n, q, qlen))
			n = -1;
	}
	close(fd);
	return n;
}

int __resolver_ask(const struct resolver *r, const char *name, int type, unsigned char *a, int room)
{
	unsigned char q[QUESTION];
	int code = EAI_AGAIN;
	unsigned short id;
	size_t qlen;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return EAI_FAIL;
	qlen = __dns_question(q, name, type, id);
	if (!qlen || room < QUESTION)
		return EAI_NONAME;
	for (int i = 0; i < r->attempts * r->nr_servers; i++) {
		const struct found *server = &r->servers[i % r->nr_servers];
		int port = r->ports[i % r->nr_servers] ? r->ports[i % r->nr_servers] : PORT;
		int n = -1;

		if (!r->only_tcp)
			n = ask_udp(server, port, q, qlen, r->seconds, a, room);
		if (r->only_tcp || (n >= 0 && a[2] & 2 && !r->cut_will_do))
			n = ask_tcp(server, port, q, qlen, r->seconds, a, room);
		if (n == EAI_SYSTEM)
			return n;
		if (n < 0)
			continue;
		if (RCODE(a) == 3)
			return EAI_NONAME;
		if (!RCODE(a))
			return a[6] || a[7] ? n : EAI_NODATA;
		code = RCODE(a) == 2 ? EAI_AGAIN : EAI_FAIL;
	}
	return code;
}
