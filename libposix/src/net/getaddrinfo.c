/*
 * getaddrinfo.c - a host's name and a service's become addresses: getaddrinfo(3).
 */
#include "names.h"

#include <errno.h>
#include <ifaddrs.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS                                                                                \
	(AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG | \
	 AI_NUMERICSERV)

/* Kinds of sockets, in the order in which they are given to who wants any; some only to who asks for them. */
static const struct kind {
	int type, protocol;
	const char *name; /* in /etc/services; NULL: there are none for it */
	int if_asked;
} kinds[] = {
	{ SOCK_STREAM, IPPROTO_TCP, "tcp", 0 },	       { SOCK_DGRAM, IPPROTO_UDP, "udp", 0 },
	{ SOCK_DGRAM, IPPROTO_UDPLITE, "udplite", 1 }, { SOCK_STREAM, IPPROTO_SCTP, "sctp", 1 },
	{ SOCK_SEQPACKET, IPPROTO_SCTP, "sctp", 1 },   { SOCK_RAW, 0, NULL, 0 },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int __number(const char *text, struct found *out)
{
	const char *percent = strchr(text, '%');
	char head[INET6_ADDRSTRLEN], *end;

	out->scope = 0;
	out->family = AF_INET;
	if (inet_pton(AF_INET, text, out->addr) == 1)
		return 1;
	out->family = AF_INET6;
	if (!percent)
		return inet_pton(AF_INET6, text, out->addr) == 1;
	if ((size_t)(percent - text) >= sizeof(head))
		return 0;
	memcpy(head, text, (size_t)(percent - text));
	head[percent - text] = '\0';
	out->scope = (unsigned)strtoul(percent + 1, &end, 10);
	if (*end)
		out->scope = if_nametoindex(percent + 1);
	return out->scope && inet_pton(AF_INET6, head, out->addr) == 1;
}

/* No name: the loopback, or with AI_PASSIVE all of this machine. */
static int nameless(int family, int passive, struct found *out)
{
	int n = 0;

	for (int pass = 0; pass < 2; pass++) {
		int version = pass == passive ? AF_INET6 : AF_INET;

		if (family && family != version)
			continue;
		out[n] = (struct found){ .family = version };
		if (!passive && version == AF_INET6)
			out[n].addr[15] = 1;
		else if (!passive)
			memcpy(out[n].addr, "\x7f\0\0\1", 4);
		n++;
	}
	return n;
}

/* The addresses of one answer. */
static int gather(const unsigned char *a, size_t len, int type, struct found *out, int room,
		  char *canon)
{
	char name[NAME_MOST];
	const unsigned char *data;
	size_t at = 0, size, want = type == T_A ? 4 : 16;
	int n = 0, got;

	while (n < room && (got = __dns_record(a, len, &at, name, &data, &size)) >= 0) {
		if (got != type || size != want)
			continue;
		out[n] = (struct found){ .family = type == T_A ? AF_INET : AF_INET6 };
		memcpy(out[n++].addr, data, size);
		strlcpy(canon, name, NAME_MOST);
	}
	return n;
}

static int from_servers(const char *name, int family, struct found *out, char *canon)
{
	unsigned char *a = malloc(ANSWER_MOST);
	int n = 0, code = EAI_NONAME, got;
	char full[NAME_MOST];
	struct resolver r;

	if (!a)
		return EAI_MEMORY;
	__resolver_read(&r);
	for (int i = 0; !n && code != EAI_AGAIN && code != EAI_SYSTEM &&
			__resolver_candidate(&r, name, i, full);
	     i++) {
		for (int pass = 0; pass < 2; pass++) {
			int type = pass ? T_AAAA : T_A;

			if (family && family != (pass ? AF_INET6 : AF_INET))
				continue;
			got = __resolver_ask(&r, full, type, a, ANSWER_MOST);
			if (got >= 0) {
				n += gather(a, (size_t)got, type, out + n, ADDRS_MOST - n, canon);
				got = EAI_NODATA;
			}
			if (code == EAI_NONAME || got == EAI_AGAIN || got == EAI_SYSTEM)
				code = got;
		}
	}
	free(a);
	return n ? n : code;
}

static int from_names(const char *host, int family, int flags, struct found *out, char *canon)
{
	int n = 1;

	strlcpy(canon, host, NAME_MOST);
	if (__number(host, &out[0]))
		return !family || family == out[0].family ? 1 : EAI_FAMILY;
	if ((flags & AI_NUMERICHOST) || strlen(host) >= NAME_MOST || !*host)
		return EAI_NONAME;
	n = __hosts_addrs(host, family, out, canon);
	if (!n && !strcasecmp(host, "localhost")) /* RFC 6761: nobody else is asked */
		n = nameless(family, 0, out);
	if (!n)
		n = from_servers(host, family, out, canon);
	if (n > 1)
		__order(out, n);
	return n;
}

/* AI_V4MAPPED: IPv4's addresses for a socket of IPv6. */
static int map_all(struct found *list, int n)
{
	for (int i = 0; i < n; i++) {
		if (list[i].family == AF_INET6)
			continue;
		memcpy(list[i].addr + 12, list[i].addr, 4);
		memset(list[i].addr, 0, 10);
		list[i].addr[10] = list[i].addr[11] = 0xff;
		list[i].family = AF_INET6;
	}
	return n;
}

/* AI_ADDRCONFIG: only families of which the machine has an address besides the loopback's. */
static int configured(struct found *list, int n)
{
	int has4 = 0, has6 = 0, kept = 0;
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return n;
	for (struct ifaddrs *a = all; a; a = a->ifa_next) {
		has4 |= !(a->ifa_flags & IFF_LOOPBACK) && a->ifa_addr->sa_family == AF_INET;
		has6 |= !(a->ifa_flags & IFF_LOOPBACK) && a->ifa_addr->sa_family == AF_INET6;
	}
	freeifaddrs(all);
	if (!has4 && !has6)
		return n;
	for (int i = 0; i < n; i++)
		if (list[i].family == AF_INET ? has4 : has6)
			list[kept++] = list[i];
	return kept ? kept : EAI_NONAME;
}

static int find_hosts(const char *host, const struct addrinfo *hints, struct found *out,
		      char *canon)
{
	int family = hints->ai_family, flags = hints->ai_flags, n;
	int both = family == AF_INET6 && (flags & AI_V4MAPPED) && (flags & AI_ALL);

	if (!host)
		return nameless(family, !!(flags & AI_PASSIVE), out);
	n = from_names(host, both ? AF_UNSPEC : family, flags, out, canon);
	if (n < 0 && family == AF_INET6 && (flags & AI_V4MAPPED) && !both)
		n = from_names(host, AF_INET, flags, out, canon);
	if (n > 0 && family == AF_INET6)
		n = map_all(out, n);
	if (n > 0 && (flags & AI_ADDRCONFIG))
		n = configured(out, n);
	return n;
}

/*
 * The service's port for each kind of socket, -1: not of that kind. Who asks for a type or a protocol gets the
 * first that fits. The count; EAI_SERVICE, EAI_SOCKTYPE, EAI_SYSTEM.
 */
static int find_ports(const char *service, const struct addrinfo *hints, int ports[KINDS])
{
	unsigned long number = 0;
	char *end = NULL;
	int n = 0, asked = hints->ai_socktype || hints->ai_protocol, found = 0;

	if (service) {
		number = strtoul(service, &end, 10);
		if (!*service || number > 65535)
			return EAI_SERVICE;
		if (*end && (hints->ai_flags & AI_NUMERICSERV))
			return EAI_NONAME;
	}
	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *k = &kinds[i];

		ports[i] = -1;
		if (asked ? found : k->if_asked)
			continue;
		if ((hints->ai_socktype && hints->ai_socktype != k->type) ||
		    (hints->ai_protocol && k->protocol && hints->ai_protocol != k->protocol))
			continue;
		found = 1;
		if (service && asked && !k->name)
			continue;
		if (!service || !*end)
			ports[i] = (int)number;
		else if (k->name)
			ports[i] = __service_port(service, k->name);
		if (ports[i] == EAI_SYSTEM)
			return EAI_SYSTEM;
		n += ports[i] >= 0;
	}
	return n ? n : !found && hints->ai_socktype ? EAI_SOCKTYPE : EAI_SERVICE;
}

static struct addrinfo *make(const struct found *f, const struct addrinfo *hints,
			     const struct kind *k, int port)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in6 addr;
	} *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->info.ai_family = f->family;
	a->info.ai_flags = hints->ai_flags;
	a->info.ai_socktype = k->type;
	a->info.ai_protocol = k->protocol ? k->protocol : hints->ai_protocol;
	a->info.ai_addr = (struct sockaddr *)&a->addr;
	a->addr.sin6_family = (sa_family_t)f->family;
	a->addr.sin6_port = htons((uint16_t)port); /* in the same place in both */
	if (f->family == AF_INET) {
		memcpy(&((struct sockaddr_in *)&a->addr)->sin_addr, f->addr, 4);
		a->info.ai_addrlen = sizeof(struct sockaddr_in);
	} else {
		memcpy(&a->addr.sin6_addr, f->addr, 16);
		a->addr.sin6_scope_id = f->scope;
		a->info.ai_addrlen = sizeof(a->addr);
	}
	return &a->info;
}

static int check_hints(const struct addrinfo *h)
{
	if (h->ai_flags & ~FLAGS)
		return EAI_BADFLAGS;
	return h->ai_family && h->ai_family != AF_INET && h->ai_family != AF_INET6 ? EAI_FAMILY : 0;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	static const struct addrinfo nothing;
	struct found found[ADDRS_MOST];
	struct addrinfo *first = NULL, **tail = &first;
	char canon[NAME_MOST] = "";
	int ports[KINDS], n, code;

	if (!hints)
		hints = &nothing;
	if (!host && !service)
		return EAI_NONAME;
	if ((hints->ai_flags & AI_CANONNAME) && !host)
		return EAI_BADFLAGS;
	code = check_hints(hints);
	if (code)
		return code;
	n = find_ports(service, hints, ports);
	if (n > 0)
		n = find_hosts(host, hints, found, canon);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		for (size_t k = 0; k < KINDS; k++) {
			if (ports[k] < 0)
				continue;
			*tail = make(&found[i], hints, &kinds[k], ports[k]);
			if (!*tail)
				goto out_of_memory;
			tail = &(*tail)->ai_next;
		}
	}
	if (hints->ai_flags & AI_CANONNAME) {
		first->ai_canonname = strdup(canon);
		if (!first->ai_canonname)
			goto out_of_memory;
	}
	*list = first;
	return 0;

out_of_memory:
	freeaddrinfo(first);
	return EAI_MEMORY;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;

		free(list->ai_canonname);
		free(list);
		list = next;
	}
}
