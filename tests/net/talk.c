/*
 * The guest's side of what is tried over a wire (test_peer.py, test_two.py): steps, one a word,
 * done in turn, each with a line that says how it went. Then it waits to be ended.
 *
 *	talk [WHO,PORT,WHAT[,N]]...
 *
 * WHO is `serve` (accept one connection) or an address to connect to; link-local IPv6 ones with %DEVICE.
 * WHAT: exchange  N bytes each way at once, those that come compared; then both have said FIN
 *       send      N bytes, FIN, until the other side says FIN
 *       slow      N bytes that come, of which none is read until the window has been shut
 *       end       read until the end, and say what it was
 *       hear      the other side's FIN, then N bytes sent behind it
 *       reset     close with SO_LINGER of 0 seconds
 *       unread    close when something has come that was not read
 *       late      read to FIN, then write until that fails
 *       flood     datagrams until none goes out for a second, and then until one does
 *       udp       N datagrams, sent (a first one until it is answered) or returned
 * The bytes are a generator's: `WHO` that connects sends those of seed 1, who serves those of 2.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct stream {
	uint64_t state;
	unsigned left; /* bytes of state not yet given */
};

static uint8_t next_byte(struct stream *s)
{
	if (!s->left) {
		s->state = s->state * 6364136223846793005ull + 1442695040888963407ull;
		s->left = 8;
	}
	return (uint8_t)(s->state >> (64 - 8 * s->left--));
}

static const char *name_of(int err)
{
	return err ? strerrorname_np(err) : "end";
}

/* WHO and a port as an address; IPv4's are mapped, so that one family does. */
static bool address(char *who, const char *port, struct sockaddr_in6 *at)
{
	char text[64], *device = strchr(who, '%');

	*at = (struct sockaddr_in6){ .sin6_family = AF_INET6,
				     .sin6_port = htons((uint16_t)atoi(port)) };
	if (!strcmp(who, "serve"))
		return true;
	if (device)
		at->sin6_scope_id = if_nametoindex(device + 1);
	snprintf(text, sizeof(text), "%s%.*s",
		 strchr(who, ':') ? "" : "::ffff:", device ? (int)(device - who) : (int)strlen(who),
		 who);
	return inet_pton(AF_INET6, text, &at->sin6_addr) == 1;
}

/* A socket that is connected, or (serve, UDP) bound. Who is to be served may not be there yet. */
static int setup(char *who, const char *port, int type)
{
	int s, fd, one = 1, tries = 300;
	struct sockaddr_in6 at;

	if (!address(who, port, &at)) {
		printf("%s is no address: ", who);
		return -1;
	}
	if (!strcmp(who, "serve")) {
		s = socket(AF_INET6, type, 0);
		setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(s, (void *)&at, sizeof(at)) || (type == SOCK_STREAM && listen(s, 8))) {
			printf("bind: %s\n", name_of(errno));
			return -1;
		}
		if (type == SOCK_DGRAM)
			return s;
		fd = accept(s, NULL, NULL);
		close(s);
		return fd;
	}
	for (;;) {
		s = socket(AF_INET6, type, 0);
		if (!connect(s, (void *)&at, sizeof(at)))
			return s;
		close(s);
		if ((errno != ECONNREFUSED && errno != EADDRNOTAVAIL && errno != EHOSTUNREACH) ||
		    !--tries)
			return -1;
		if (!strchr(who, ':'))
			return -1;
		usleep(100000); /* the other machine is still booting, or the address is being tested */
	}
}

/* Sends `out` bytes and FIN, compares what comes until FIN. 0 or an errno; *came: bytes. */
static int exchange(int fd, long out, int serve, long *came)
{
	struct stream to = { serve ? 2 : 1, 0 }, from = { serve ? 1 : 2, 0 };
	static uint8_t in[65536], buf[65536];
	size_t have = 0, at = 0;
	int finished = 0, ended = 0;

	*came = 0;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (!finished || !ended) {
		struct pollfd p = { fd, (ended ? 0 : POLLIN) | (finished ? 0 : POLLOUT), 0 };
		ssize_t n;

		poll(&p, 1, -1);
		if (!ended && (p.revents & (POLLIN | POLLHUP | POLLERR))) {
			n = read(fd, in, sizeof(in));
			if (n < 0 && errno != EAGAIN)
				return errno;
			ended = !n;
			for (ssize_t i = 0; i < n; i++, ++*came) {
				if (in[i] != next_byte(&from)) {
					printf("byte %ld is wrong: ", *came);
					return EBADMSG;
				}
			}
		}
		if (finished || !(p.revents & POLLOUT))
			continue;
		if (at == have) {
			have = out < (long)sizeof(buf) ? (size_t)out : sizeof(buf);
			for (at = 0; at < have; at++)
				buf[at] = next_byte(&to);
			at = 0;
		}
		n = have ? write(fd, buf + at, have - at) : 0;
		if (n < 0 && errno != EAGAIN)
			return errno;
		if (n > 0) {
			at += (size_t)n;
			out -= n;
		}
		if (!out) {
			finished = 1;
			shutdown(fd, SHUT_WR);
		}
	}
	return 0;
}

/* Until nothing more comes in, though there is more to come; then all of it. */
static int slow(int fd, long all, long *came)
{
	struct stream from = { 1, 0 };
	uint8_t buf[4096];
	int queued = -1, was = -2;
	ssize_t n;

	while (queued <= 0 || queued != was) {
		was = queued;
		usleep(300000);
		ioctl(fd, FIONREAD, &queued);
	}
	printf("%s, ", queued < all ? "held back" : "all came");
	for (*came = 0; (n = read(fd, buf, sizeof(buf))) > 0; *came += n) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != next_byte(&from))
				return EBADMSG;
	}
	return n < 0 ? errno : 0;
}

static int send_all(int fd, long n)
{
	struct stream to = { 1, 0 };
	uint8_t buf[1000];

	while (n) {
		size_t part = n < (long)sizeof(buf) ? (size_t)n : sizeof(buf);

		for (size_t i = 0; i < part; i++)
			buf[i] = next_byte(&to);
		if (write(fd, buf, part) != (ssize_t)part)
			return errno;
		n -= (long)part;
	}
	return 0;
}

static int read_all(int fd, long *came)
{
	char buf[4096];
	ssize_t n;

	for (*came = 0; (n = read(fd, buf, sizeof(buf))) > 0; *came += n)
		;
	return n < 0 ? errno : 0;
}

/* Datagrams may be lost: each is sent until it is answered, or (serve) answered until one is empty. */
static int udp(int fd, long count, int serve, long *came)
{
	struct sockaddr_storage from;
	char buf[2048], want[1000];

	for (*came = 0;;) {
		socklen_t size = sizeof(from);
		ssize_t n;

		if (!serve) {
			int len = *came < count ?
					  snprintf(want, sizeof(want), "datagram %ld", *came) :
					  0;
			struct pollfd p = { fd, POLLIN, 0 };

			send(fd, want, (size_t)len, 0);
			if (*came == count)
				return 0;
			if (poll(&p, 1, 200) < 1)
				continue;
			n = recv(fd, buf, sizeof(buf), 0);
			*came += n == len && !memcmp(buf, want, (size_t)len);
			continue;
		}
		n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &size);
		if (n <= 0)
			return n < 0 ? errno : 0;
		++*came;
		sendto(fd, buf, (size_t)n, 0, (void *)&from, size);
	}
}

/* By several sockets: the buffer of one is less than the card's ring takes. */
static int flood(int fd)
{
	struct sockaddr_in6 at;
	socklen_t n = sizeof(at);
	struct pollfd p[8];
	int ready;

	getpeername(fd, (void *)&at, &n);
	for (int i = 0; i < 8; i++) {
		p[i] = (struct pollfd){ socket(AF_INET6, SOCK_DGRAM, 0), POLLOUT, 0 };
		connect(p[i].fd, (void *)&at, n);
	}
	while ((ready = poll(p, 8, 1000)) > 0) {
		for (int i = 0; i < 8; i++)
			send(p[i].fd, "flood", 5, MSG_DONTWAIT);
	}
	printf("stuck, ");
	if (!ready)
		ready = poll(p, 8, -1);
	return ready < 0 ? errno : 0;
}

static void step(char *word)
{
	char *who = strsep(&word, ","), *port = strsep(&word, ","), *what = strsep(&word, ",");
	long n = word ? atol(word) : 0, came = 0;
	int serve = !strcmp(who, "serve"), err = 0, fd;
	struct linger now = { 1, 0 };
	bool datagrams;
	char c;

	printf("%s: ", what ? what : "?");
	datagrams = what && (!strcmp(what, "udp") || !strcmp(what, "flood"));
	fd = what ? setup(who, port, datagrams ? SOCK_DGRAM : SOCK_STREAM) : -1;
	if (fd < 0) {
		printf("no connection: %s\n", name_of(errno));
		return;
	}
	if (!strcmp(what, "exchange")) {
		err = exchange(fd, n, serve, &came);
	} else if (!strcmp(what, "send")) {
		err = send_all(fd, n);
		shutdown(fd, SHUT_WR);
		err = err ? err : read_all(fd, &came);
	} else if (!strcmp(what, "slow")) {
		err = slow(fd, n, &came);
	} else if (!strcmp(what, "end")) {
		err = read_all(fd, &came);
	} else if (!strcmp(what, "hear")) {
		err = read_all(fd, &came);
		err = err ? err : send_all(fd, n);
	} else if (!strcmp(what, "reset")) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	} else if (!strcmp(what, "unread")) {
		err = recv(fd, &c, 1, MSG_PEEK) == 1 ? 0 : errno;
	} else if (!strcmp(what, "late")) {
		err = read_all(fd, &came);
		while (!err)
			err = write(fd, "x", 1) == 1 ? usleep(10000) : errno;
	} else if (!strcmp(what, "udp")) {
		err = udp(fd, n, serve, &came);
	} else if (!strcmp(what, "flood")) {
		err = flood(fd);
	} else {
		printf("unknown, ");
	}
	close(fd);
	if (!datagrams)
		printf("%ld bytes, ", came);
	puts(name_of(err));
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++)
		step(argv[i]);
	pause();
	return 0;
}
