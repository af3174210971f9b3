/*
 * netdb.c - getaddrinfo: numbers, /etc/hosts, and DNS (RFC 1035) over UDP to the servers of
 * /etc/resolv.conf.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SERVERS_MOST 3
#define ANSWERS_MOST 8
#define TRIES	     2
#define WAIT_MS	     3000
enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28 };

struct found {
	int family;
	unsigned char addr[16];
};

/* The lines of a file that hold a word and what follows: fn for each, until it is not 0. */
static int hosts_lookup(const char *name, int family, struct found *out)
{
	FILE *f = fopen("/etc/hosts", "re");
	char line[512], *save, *word, *addr;
	int n = 0;

	while (f && n < ANSWERS_MOST && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "#\n")] = '\0';
		addr = strtok_r(line, " \t", &save);
		while (addr && (word = strtok_r(NULL, " \t", &save))) {
			if (strcmp(word, name))
				continue;
			out[n].family = strchr(addr, ':') ? AF_INET6 : AF_INET;
			if ((!family || family == out[n].family) &&
			    inet_pton(out[n].family, addr, out[n].addr) == 1)
				n++;
			break;
		}
	}
	if (f)
		fclose(f);
	return n;
}

static int read_servers(struct sockaddr_in *servers)
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	char line[256], *save, *word;
	int n = 0;

	while (f && n < SERVERS_MOST && fgets(line, sizeof(line), f)) {
		word = strtok_r(line, " \t\n", &save);
		if (!word || strcmp(word, "nameserver"))
			continue;
		word = strtok_r(NULL, " \t\n", &save);
		servers[n] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(53) };
		if (word && inet_pton(AF_INET, word, &servers[n].sin_addr) == 1)
			n++;
	}
	if (f)
		fclose(f);
	return n;
}

/* A question; its length, or 0: the name can't be one. */
static size_t make_query(unsigned char *q, const char *name, int type, unsigned short id)
{
	unsigned char *at = q + 12;

	memset(q, 0, 12);
	q[0] = (unsigned char)(id >> 8);
	q[1] = (unsigned char)id;
	q[2] = 1; /* recursion desired */
	q[5] = 1;
	while (*name) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63 || (size_t)(at - q) + n > 250)
			return 0;
		*at++ = (unsigned char)n;
		memcpy(at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	*at++ = 0;
	*at++ = 0;
	*at++ = (unsigned char)type;
	*at++ = 0;
	*at++ = 1;
	return (size_t)(at - q);
}

static const unsigned char *skip_name(const unsigned char *at, const unsigned char *end)
{
	while (at < end && *at) {
		if (*at >= 0xc0)
			return at + 2;
		at += *at + 1;
	}
	return at + 1;
}

/* The addresses in an answer; -1: there is no such name. */
static int read_answer(const unsigned char *a, size_t len, int type, struct found *out, int room)
{
	const unsigned char *end = a + len, *at = a + 12;
	int answers = a[6] << 8 | a[7], n = 0;

	if (a[3] & 0xf)
		return (a[3] & 0xf) == 3 ? -1 : 0;
	at = skip_name(at, end) + 4;
	for (int i = 0; i < answers && at < end && n < room; i++) {
		size_t size;
		int got;

		at = skip_name(at, end);
		if (end - at < 10)
			break;
		got = at[0] << 8 | at[1];
		size = (size_t)(at[8] << 8 | at[9]);
		at += 10;
		if ((size_t)(end - at) < size)
			break;
		if (got == type && size == (type == TYPE_A ? 4 : 16)) {
			out[n].family = type == TYPE_A ? AF_INET : AF_INET6;
			memcpy(out[n++].addr, at, size);
		}
		at += size;
	}
	return n;
}

/* One question to one server. The count; -1: no such name; -2: no answer. */
static int ask(const struct sockaddr_in *server, const char *name, int type, struct found *out,
	       int room)
{
	unsigned char q[300], a[1500];
	unsigned short id;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), n = -2;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len;
	ssize_t got;

	getrandom(&id, sizeof(id), 0);
	len = make_query(q, name, type, id);
	if (fd >= 0 && len && !connect(fd, (const struct sockaddr *)server, sizeof(*server)) &&
	    send(fd, q, len, 0) == (ssize_t)len) {
		while (n == -2 && poll(&p, 1, WAIT_MS) > 0) {
			got = recv(fd, a, sizeof(a), 0);
			if (got < 0)
				break;
			if (got >= 12 && a[0] == q[0] && a[1] == q[1] && (a[2] & 0x80))
				n = read_answer(a, (size_t)got, type, out, room);
		}
	}
	if (fd >= 0)
		close(fd);
	return len ? n : -1;
}

static int dns_lookup(const char *name, int family, struct found *out)
{
	struct sockaddr_in servers[SERVERS_MOST];
	int count = read_servers(servers), n = 0, heard = 0;

	for (int pass = 0; pass < 2; pass++) {
		int type = pass ? TYPE_AAAA : TYPE_A, got = -2;

		if (family && family != (pass ? AF_INET6 : AF_INET))
			continue;
		for (int i = 0; i < TRIES * count && got == -2; i++)
			got = ask(&servers[i % count], name, type, out + n, ANSWERS_MOST - n);
		heard |= got != -2;
		if (got > 0)
			n += got;
	}
	return n ? n : heard ? EAI_NONAME : EAI_AGAIN;
}

static int lookup(const char *name, const struct addrinfo *hints, struct found *out)
{
	int n;

	if (!name) {
		out[0] = (struct found){ .family = hints->ai_family == AF_INET6 ? AF_INET6 :
										  AF_INET };
		if (hints->ai_flags & AI_PASSIVE)
			return 1;
		if (out[0].family == AF_INET6)
			out[0].addr[15] = 1;
		else
			inet_pton(AF_INET, "127.0.0.1", out[0].addr);
		return 1;
	}
	for (int pass = 0; pass < 2; pass++) {
		out[0].family = pass ? AF_INET6 : AF_INET;
		if (inet_pton(out[0].family, name, out[0].addr) == 1)
			return hints->ai_family && hints->ai_family != out[0].family ? EAI_FAMILY :
										       1;
	}
	if (hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	n = hosts_lookup(name, hints->ai_family, out);
	if (n)
		return n;
	if (!strcmp(name, "localhost"))
		return lookup(NULL, &(struct addrinfo){ .ai_family = hints->ai_family }, out);
	return dns_lookup(name, hints->ai_family, out);
}

static struct addrinfo *make(const struct found *f, const struct addrinfo *hints, unsigned port)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in6 addr;
	} *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->info.ai_family = f->family;
	a->info.ai_socktype = hints->ai_socktype ? hints->ai_socktype : SOCK_STREAM;
	a->info.ai_protocol = hints->ai_protocol;
	a->info.ai_addr = (struct sockaddr *)&a->addr;
	a->addr.sin6_family = (sa_family_t)f->family;
	a->addr.sin6_port = htons((uint16_t)port); /* in the same place in both */
	if (f->family == AF_INET) {
		memcpy(&((struct sockaddr_in *)&a->addr)->sin_addr, f->addr, 4);
		a->info.ai_addrlen = sizeof(struct sockaddr_in);
	} else {
		memcpy(&a->addr.sin6_addr, f->addr, 16);
		a->info.ai_addrlen = sizeof(a->addr);
	}
	return &a->info;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	static const struct addrinfo nothing;
	struct found found[ANSWERS_MOST];
	struct addrinfo **tail = list;
	unsigned long port = 0;
	char *end;
	int n;

	*list = NULL;
	if (!hints)
		hints = &nothing;
	if (!host && !service)
		return EAI_NONAME;
	if (service) {
		port = strtoul(service, &end, 10);
		if (*end || port > 65535)
			return EAI_SERVICE;
	}
	n = lookup(host, hints, found);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		*tail = make(&found[i], hints, (unsigned)port);
		if (!*tail) {
			freeaddrinfo(*list);
			return EAI_MEMORY;
		}
		tail = &(*tail)->ai_next;
	}
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;

		free(list);
		list = next;
	}
}

const char *gai_strerror(int code)
{
	switch (code) {
	case 0:
		return "no error";
	case EAI_NONAME:
		return "no such name";
	case EAI_AGAIN:
		return "no name server answers";
	case EAI_FAMILY:
		return "the address is of another family";
	case EAI_SERVICE:
		return "services are numbers here";
	case EAI_MEMORY:
		return "out of memory";
	default:
		return "failed";
	}
}
