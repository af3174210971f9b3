/*
 * dial.c - a name and a service become a connected or a listening socket.
 */
#include "common.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

int dial_status = 1;

/* The first address that works; the errno of the last that did not stays. */
static int first_socket(struct addrinfo *list, int (*use)(int, const struct addrinfo *))
{
	int fd = -1, saved;

	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && use(fd, a)) {
			saved = errno;
			close(fd);
			errno = saved;
			fd = -1;
		}
	}
	freeaddrinfo(list);
	return fd;
}

static int use_connect(int fd, const struct addrinfo *a)
{
	return connect(fd, a->ai_addr, a->ai_addrlen);
}

static int use_bind(int fd, const struct addrinfo *a)
{
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, a->ai_addr, a->ai_addrlen))
		return -1;
	return a->ai_socktype == SOCK_STREAM ? listen(fd, 16) : 0;
}

static struct addrinfo *look_up(const char *host, const char *service, struct addrinfo hints)
{
	struct addrinfo *list;
	int code = getaddrinfo(host, service, &hints, &list);

	if (code)
		errx(dial_status, "%s %s: %s", host ? host : "*", service, gai_strerror(code));
	return list;
}

int dial(const char *host, const char *service, int family, int type)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = type };

	return first_socket(look_up(host, service, hints), use_connect);
}

int announce(const char *host, const char *service, int family, int type)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = type,
				  .ai_flags = AI_PASSIVE };

	/* one socket of IPv6 serves both */
	if (!host && !family) {
		int fd;

		hints.ai_family = AF_INET6;
		fd = first_socket(look_up(host, service, hints), use_bind);
		if (fd >= 0)
			return fd;
		hints.ai_family = AF_INET;
	}
	return first_socket(look_up(host, service, hints), use_bind);
}
