/*
 * getnameinfo.c - an address becomes the names of a host and a service: getnameinfo(3).
 */
#include "names.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The name that is asked for the name of an address: RFC 1035 section 3.5, RFC 3596 section 2.5. */
static void reverse_name(const struct found *f, char *name)
{
	const unsigned char *a = f->addr;

	if (f->family == AF_INET) {
		sprintf(name, "%d.%d.%d.%d.in-addr.arpa", a[3], a[2], a[1], a[0]);
		return;
	}
	for (int i = 15; i >= 0; i--)
		name += sprintf(name, "%x.%x.", a[i] & 15, a[i] >> 4);
	strcpy(name, "ip6.arpa");
}

/* 1 and the name; 0: it has none; EAI_AGAIN and the like. */
static int from_servers(const struct found *f, char *name)
{
	unsigned char *a = malloc(ANSWER_MOST);
	const unsigned char *data;
	size_t at = 0, size;
	struct resolver r;
	int n, type, ok = 0;

	if (!a)
		return EAI_MEMORY;
	reverse_name(f, name);
	__resolver_read(&r);
	n = __resolver_ask(&r, name, T_PTR, a, ANSWER_MOST);
	while (n > 0 && !ok && (type = __dns_record(a, (size_t)n, &at, name, &data, &size)) >= 0)
		ok = type == T_PTR && dn_expand(a, a + n, data, name, NAME_MOST) > 0;
	free(a);
	if (n == EAI_SYSTEM)
		n = EAI_AGAIN;
	return n < 0 && n != EAI_NONAME && n != EAI_NODATA ? n : ok;
}

static void cut_domain(char *name)
{
	char host[NAME_MOST], *domain;

	if (gethostname(host, sizeof(host)))
		return;
	domain = strchr(host, '.');
	name = strchr(name, '.');
	if (domain && name && !strcmp(domain, name))
		*name = '\0';
}

static int host_name(const struct found *f, int flags, char *out, size_t room)
{
	char name[NAME_MOST + IF_NAMESIZE + 1], device[IF_NAMESIZE];
	int got = 0;

	if (!(flags & NI_NUMERICHOST)) {
		got = __hosts_name(f, name, NAME_MOST);
		if (!got)
			got = from_servers(f, name);
		if (got > 0 && (flags & NI_NOFQDN))
			cut_domain(name);
	}
	if (got <= 0) {
		if (flags & NI_NAMEREQD)
			return got ? got : EAI_NONAME;
		inet_ntop(f->family, f->addr, name, sizeof(name));
		if (f->scope && if_indextoname(f->scope, device))
			strcat(strcat(name, "%"), device);
		else if (f->scope)
			sprintf(name + strlen(name), "%%%u", f->scope);
	}
	return strlcpy(out, name, room) < room ? 0 : EAI_OVERFLOW;
}

int getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t hostlen,
		char *service, socklen_t servicelen, int flags)
{
	struct found f = { .family = addr->sa_family };
	char name[NI_MAXSERV];
	int port, code = 0;

	if (f.family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *a = (const void *)addr;

		memcpy(f.addr, &a->sin_addr, 4);
		port = ntohs(a->sin_port);
	} else if (f.family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
		const struct sockaddr_in6 *a = (const void *)addr;

		memcpy(f.addr, &a->sin6_addr, 16);
		f.scope = a->sin6_scope_id;
		port = ntohs(a->sin6_port);
	} else {
		return EAI_FAMILY;
	}
	if ((!host || !hostlen) && (!service || !servicelen))
		return EAI_NONAME;
	if (host && hostlen)
		code = host_name(&f, flags, host, hostlen);
	if (code || !service || !servicelen)
		return code;
	if ((flags & NI_NUMERICSERV) ||
	    !__service_name(port, flags & NI_DGRAM ? "udp" : "tcp", name, sizeof(name)))
		sprintf(name, "%d", port);
	return strlcpy(service, name, servicelen) < servicelen ? 0 : EAI_OVERFLOW;
}
