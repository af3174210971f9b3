/*
 * nc - carries stdin to the network, and what comes from there to stdout: TCP, UDP and Unix sockets,
 * as client or as server.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static const char help[] =
	"usage: nc [-46dnuv] [-w SECONDS] HOST PORT   connect\n"
	"       nc [-46v] -z HOST PORT[-PORT]         say which ports somebody listens on\n"
	"       nc -l [-46dkuv] [HOST] PORT            wait for one (-l -p PORT is the same)\n"
	"       nc -U [-dlkuv] PATH                   the same with Unix sockets\n"
	"  -4 -6       only IPv4, only IPv6\n"
	"  -d          stdin is not read\n"
	"  -k          after a connection wait for the next\n"
	"  -n          HOST is a number\n"
	"  -u          datagrams\n"
	"  -v          say what happens\n"
	"  -w SECONDS  after the end of stdin, wait only so long for what comes\n";

static int family, verbose, deaf, type = SOCK_STREAM, patience = -1;

/* Something of stdin to the network. 1; 0: there is no more; -1: the network failed. */
static int from_stdin(int fd)
{
	static char buf[65536];
	ssize_t n = read(0, buf, sizeof(buf));

	if (n <= 0)
		return 0;
	if (!write_all(fd, buf, (size_t)n))
		return 1;
	warn("network");
	return -1;
}

/* Something of the network to stdout, with the same results. */
static int to_stdout(int fd)
{
	static char buf[65536];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		warn("network");
	if (n > 0 && write_all(1, buf, (size_t)n))
		err(1, "stdout");
	if (n < 0)
		return -1;
	return n > 0 || type == SOCK_DGRAM;
}

/*
 * Both directions until the other side has no more to say, and what is there of stdin has gone. 0, or
 * 1: something went wrong.
 */
static int carry(int fd)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
			       { .fd = deaf ? -1 : 0, .events = POLLIN } };
	int more = 1, ready;

	for (;;) {
		ready = poll(p, 2, patience < 0 || p[1].fd >= 0 ? -1 : patience * 1000);
		if (ready < 0)
			err(1, "poll");
		if (!ready)
			return 0; /* nothing came for long enough */
		if (p[0].revents) {
			more = to_stdout(fd);
			if (more <= 0)
				break;
		}
		if (p[1].revents) {
			int got = from_stdin(fd);

			if (got < 0)
				return 1;
			if (got)
				continue;
			p[1].fd = -1;
			if (type == SOCK_STREAM)
				shutdown(fd, SHUT_WR);
		}
	}
	while (!more && p[1].fd >= 0 && poll(p + 1, 1, 0) > 0 && from_stdin(fd) > 0)
		continue;
	return more < 0;
}

static void tell(const char *what, const struct sockaddr *a, socklen_t len)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (verbose && !getnameinfo(a, len, host, sizeof(host), port, sizeof(port),
				    NI_NUMERICHOST | NI_NUMERICSERV))
		fprintf(stderr, "nc: %s %s port %s\n", what, host, port);
	else if (verbose)
		fprintf(stderr, "nc: %s\n", what);
}

static int unix_socket(const char *path, int listening)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (strlcpy(a.sun_path, path, sizeof(a.sun_path)) >= sizeof(a.sun_path))
		errx(1, "%s: too long for a socket", path);
	if (fd < 0 || (listening ? bind : connect)(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    (listening && type == SOCK_STREAM && listen(fd, 16)))
		err(1, "%s", path);
	return fd;
}

/* A datagram's sender becomes the other side; the datagram is still there to be read. */
static int await_datagram(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (recvfrom(fd, NULL, 0, MSG_PEEK, (struct sockaddr *)&a, &len) < 0)
		err(1, "receive");
	tell("datagrams from", (struct sockaddr *)&a, len);
	if (len > sizeof(sa_family_t) && connect(fd, (struct sockaddr *)&a, len))
		err(1, "connect");
	return carry(fd);
}

static int serve(int fd, int again)
{
	struct sockaddr_storage a;
	int bad = 0;

	do {
		socklen_t len = sizeof(a);
		int one;

		if (type == SOCK_DGRAM)
			return await_datagram(fd);
		one = accept4(fd, (struct sockaddr *)&a, &len, SOCK_CLOEXEC);
		if (one < 0)
			err(1, "accept");
		tell("connection from", (struct sockaddr *)&a, len);
		bad = carry(one);
		close(one);
	} while (again);
	return bad;
}

/* Each port of "80" or "80-90" that lets us in; 0 when one did. */
static int scan(const char *host, const char *ports)
{
	char *end, port[12];
	long from = strtol(ports, &end, 10), to = *end == '-' ? strtol(end + 1, &end, 10) : from;
	int found = 0;

	if (*end || from < 1 || to > 65535 || from > to)
		errx(2, "%s: not a range of ports", ports);
	for (long i = from; i <= to; i++) {
		int fd;

		snprintf(port, sizeof(port), "%ld", i);
		fd = dial(host, port, family, SOCK_STREAM);
		if (fd >= 0)
			printf("%s %s open\n", host, port);
		else if (verbose)
			warn("%s %s", host, port);
		found |= fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	return !found;
}

int main(int argc, char **argv)
{
	const char *host = NULL, *port = NULL;
	int opt, fd, listening = 0, again = 0, zero = 0, local = 0, rest;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "46dklnp:uUvw:z")) != -1) {
		switch (opt) {
		case '4':
		case '6':
			family = opt == '4' ? AF_INET : AF_INET6;
			break;
		case 'd':
			deaf = 1;
			break;
		case 'k':
			again = 1;
			break;
		case 'l':
			listening = 1;
			break;
		case 'n': /* numbers are taken as such anyway */
			break;
		case 'p':
			port = optarg;
			break;
		case 'u':
			type = SOCK_DGRAM;
			break;
		case 'U':
			local = 1;
			break;
		case 'v':
			verbose = 1;
			break;
		case 'w':
			patience = atoi(optarg);
			break;
		case 'z':
			zero = 1;
			break;
		default:
			fputs(help, stderr);
			return 2;
		}
	}
	rest = argc - optind;
	if (rest > 0 && !port)
		port = argv[optind + --rest];
	if (rest > 0 && !local)
		host = argv[optind + --rest];
	if (rest || !port || (!listening && !local && !host)) {
		fputs(help, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (zero && host)
		return scan(host, port);
	if (local)
		fd = unix_socket(port, listening);
	else
		fd = (listening ? announce : dial)(host, port, family, type);
	if (fd < 0)
		err(1, "%s %s", host ? host : "*", port);
	if (listening)
		return serve(fd, again);
	if (verbose)
		fprintf(stderr, "nc: connected\n");
	return carry(fd);
}
