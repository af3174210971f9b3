/*
 * ping - asks a host whether it is there: ICMP echo (RFC 792, RFC 4443), through a ping socket
 * (icmp(7)), which needs no privilege where net.ipv4.ping_group_range allows it, or a raw one.
 */
#include "common/common.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "usage: ping [-c COUNT] [-i SECONDS] [-s BYTES] HOST\n";

#define ECHO4	    8
#define ECHO4_REPLY 0
#define ECHO6	    128
#define ECHO6_REPLY 129
#define WAIT_MS	    1000

struct echo {
	uint8_t type, code;
	uint16_t sum, id, seq;
	uint64_t sent;
	uint8_t data[65000];
};

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static uint16_t checksum(const void *p, size_t n)
{
	const uint16_t *w = p;
	uint32_t sum = 0;

	for (; n > 1; n -= 2)
		sum += *w++;
	if (n)
		sum += *(const uint8_t *)w;
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* A reply to seq within a second: its round trip in us; 0: none. */
static uint64_t await(int fd, int v6, int raw, uint16_t seq, size_t *bytes)
{
	static uint8_t buf[66000];
	uint64_t until = now_us() + WAIT_MS * 1000;

	for (;;) {
		uint64_t now = now_us();
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct echo *e = (struct echo *)buf;
		ssize_t n;

		if (now >= until || poll(&p, 1, (int)((until - now) / 1000) + 1) <= 0)
			return 0;
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0) {
			warn("receive");
			return 0;
		}
		if (raw && !v6)
			e = (struct echo *)(buf + (buf[0] & 15) * 4);
		if ((uint8_t *)e + 16 > buf + n || e->type != (v6 ? ECHO6_REPLY : ECHO4_REPLY) ||
		    e->seq != htons(seq))
			continue;
		*bytes = (size_t)(buf + n - (uint8_t *)e);
		now = now_us() - e->sent;
		return now ? now : 1;
	}
}

int main(int argc, char **argv)
{
	unsigned long count = 4, interval = 1, size = 56, got = 0;
	static struct echo e;
	struct addrinfo *a;
	char text[INET6_ADDRSTRLEN];
	int opt, code, fd, v6, raw = 0;
	const void *addr;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "c:i:s:")) != -1) {
		unsigned long v = optarg ? strtoul(optarg, NULL, 10) : 0;

		if (opt == '?') {
			fputs(help, stderr);
			return 2;
		}
		*(opt == 'c' ? &count : opt == 'i' ? &interval : &size) = v;
	}
	if (optind + 1 != argc || size < 8 || size > sizeof(e.data)) {
		fputs(help, stderr);
		return 2;
	}
	code = getaddrinfo(argv[optind], NULL, &(struct addrinfo){ .ai_socktype = SOCK_DGRAM }, &a);
	if (code)
		errx(1, "%s: %s", argv[optind], gai_strerror(code));
	v6 = a->ai_family == AF_INET6;
	fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (fd < 0) {
		raw = 1;
		fd = socket(a->ai_family, SOCK_RAW | SOCK_CLOEXEC,
			    v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	}
	if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen))
		err(1, "%s", argv[optind]);
	addr = v6 ? (void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr :
		    (void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr;
	printf("%s is %s\n", argv[optind], inet_ntop(a->ai_family, addr, text, sizeof(text)));
	for (unsigned long i = 1; i <= count; i++) {
		size_t bytes;
		uint64_t us;

		e = (struct echo){ .type = v6 ? ECHO6 : ECHO4,
				   .id = htons((uint16_t)getpid()),
				   .seq = htons((uint16_t)i),
				   .sent = now_us() };
		e.sum = checksum(&e, size + 8);
		if (send(fd, &e, size + 8, 0) < 0)
			warn("send");
		us = await(fd, v6, raw, (uint16_t)i, &bytes);
		if (us)
			printf("%lu: %zu bytes in %lu.%03lu ms\n", i, bytes, us / 1000, us % 1000);
		else
			printf("%lu: no answer\n", i);
		got += us != 0;
		fflush(stdout);
		if (i < count && us)
			sleep((unsigned)interval);
	}
	printf("%lu asked, %lu answered\n", count, got);
	return !got;
}
