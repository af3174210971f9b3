/*
 * gethostby.c - the old forms of names and addresses: gethostbyname(3),
 * gethostbyaddr(3), over getaddrinfo and getnameinfo.
 */
#include "names.h"
#include "pack.h"

#include "../internal/thread.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

int *__h_errno_location(void)
{
	return &__self()->h_errno_value;
}

int __old_error(int code)
{
	switch (code) {
	case EAI_NONAME:
		return HOST_NOT_FOUND;
	case EAI_NODATA:
		return NO_DATA;
	case EAI_AGAIN:
		return TRY_AGAIN;
	case EAI_MEMORY:
	case EAI_SYSTEM:
		return NETDB_INTERNAL;
	default:
		return NO_RECOVERY;
	}
}

/* As with all *_r functions: an errno value, 0 with *out NULL: not found. */
static int fill(struct hostent *host, char *buf, size_t size, struct hostent **out, int *err,
		const char *name, const struct addrinfo *list, int family)
{
	struct pack p = { buf, size, 0 };
	size_t length = family == AF_INET6 ? 16 : 4, count = 0;

	for (const struct addrinfo *a = list; a; a = a->ai_next)
		count++;
	host->h_addrtype = family;
	host->h_length = (int)length;
	host->h_addr_list = __pack_list(&p, count);
	host->h_aliases = __pack_list(&p, 0);
	host->h_name = __pack_text(&p, name);
	count = 0;
	for (const struct addrinfo *a = list; a && !p.full; a = a->ai_next) {
		const void *from = family == AF_INET6 ?
					   (void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr :
					   (void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr;

		host->h_addr_list[count++] = __pack_bytes(&p, from, length, 8);
	}
	if (p.full) {
		*err = NETDB_INTERNAL;
		return ERANGE;
	}
	*out = host;
	*err = 0;
	return 0;
}

int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buf, size_t size,
		     struct hostent **out, int *err)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_CANONNAME };
	struct addrinfo *list;
	int code;

	*out = NULL;
	code = getaddrinfo(name, NULL, &hints, &list);
	if (code) {
		*err = __old_error(code);
		return *err == NETDB_INTERNAL ? errno : 0;
	}
	code = fill(host, buf, size, out, err, list->ai_canonname ? list->ai_canonname : name, list,
		    family);
	freeaddrinfo(list);
	return code;
}

int gethostbyname_r(const char *name, struct hostent *host, char *buf, size_t size,
		    struct hostent **out, int *err)
{
	return gethostbyname2_r(name, AF_INET, host, buf, size, out, err);
}

int gethostbyaddr_r(const void *addr, socklen_t len, int family, struct hostent *host, char *buf,
		    size_t size, struct hostent **out, int *err)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = { 0 };
	struct addrinfo one = { .ai_addr = &a.any };
	char name[NI_MAXHOST];
	int code;

	*out = NULL;
	a.any.sa_family = (sa_family_t)family;
	if (family == AF_INET && len == 4) {
		memcpy(&a.v4.sin_addr, addr, 4);
	} else if (family == AF_INET6 && len == 16) {
		memcpy(&a.v6.sin6_addr, addr, 16);
	} else {
		*err = NO_RECOVERY;
		return EINVAL;
	}
	code = getnameinfo(&a.any, family == AF_INET ? sizeof(a.v4) : sizeof(a.v6), name,
			   sizeof(name), NULL, 0, NI_NAMEREQD);
	if (code) {
		*err = __old_error(code);
		return *err == NETDB_INTERNAL ? errno : 0;
	}
	return fill(host, buf, size, out, err, name, &one, family);
}

/* The forms without a buffer have one, which the next call uses again. */
static struct hostent host;
static char room[4096];

struct hostent *gethostbyname2(const char *name, int family)
{
	struct hostent *out = NULL;

	if (gethostbyname2_r(name, family, &host, room, sizeof(room), &out, &h_errno))
		return NULL;
	return out;
}

struct hostent *gethostbyname(const char *name)
{
	return gethostbyname2(name, AF_INET);
}

struct hostent *gethostbyaddr(const void *addr, socklen_t len, int family)
{
	struct hostent *out = NULL;

	if (gethostbyaddr_r(addr, len, family, &host, room, sizeof(room), &out, &h_errno))
		return NULL;
	return out;
}

const char *hstrerror(int err)
{
	switch (err) {
	case 0:
		return "Resolver Error 0 (no error)";
	case HOST_NOT_FOUND:
		return "Unknown host";
	case TRY_AGAIN:
		return "Host name lookup failure";
	case NO_RECOVERY:
		return "Unknown server error";
	case NO_DATA:
		return "No address associated with name";
	default:
		return "Unknown resolver error";
	}
}

void herror(const char *text)
{
	fprintf(stderr, "%s%s%s\n", text ? text : "", text ? ": " : "", hstrerror(h_errno));
}
