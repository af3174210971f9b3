/*
 * order.c - which of several addresses to try first: RFC 6724 section 6, as far as a program can
 * know. The kernel says whether there is a route, and which source it would take.
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Section 2.1: prefixes, their precedence and label. */
static const struct policy {
	unsigned char prefix[16];
	unsigned char bits, precedence, label;
} policies[] = {
	{ { [15] = 1 }, 128, 50, 0 },  { { [10] = 0xff, 0xff }, 96, 35, 4 },
	{ { 0x20, 0x02 }, 16, 30, 2 }, { { 0x20, 0x01 }, 32, 5, 5 },
	{ { 0xfc }, 7, 3, 13 },	       { { 0xfe, 0xc0 }, 10, 1, 11 },
	{ { 0x3f, 0xfe }, 16, 1, 12 }, { { 0 }, 96, 1, 3 },
	{ { 0 }, 0, 40, 1 },
};

static int common_bits(const unsigned char *a, const unsigned char *b, int most)
{
	int n = 0;

	while (n < most && !((a[n / 8] ^ b[n / 8]) & 0x80 >> n % 8))
		n++;
	return n;
}

static const struct policy *policy_of(const unsigned char *a)
{
	const struct policy *p = policies;

	while (common_bits(a, p->prefix, 128) < p->bits)
		p++;
	return p;
}

/* RFC 4291 section 2.7, and section 3.2 for IPv4. */
static int scope_of(const unsigned char *a)
{
	const struct in6_addr *in6 = (const void *)a;

	if (IN6_IS_ADDR_V4MAPPED(in6))
		return a[12] == 127 || (a[12] == 169 && a[13] == 254) ? 2 : 14;
	if (IN6_IS_ADDR_MULTICAST(in6))
		return a[1] & 15;
	if (IN6_IS_ADDR_LINKLOCAL(in6) || IN6_IS_ADDR_LOOPBACK(in6))
		return 2;
	return IN6_IS_ADDR_SITELOCAL(in6) ? 5 : 14;
}

static void mapped(const struct found *f, unsigned char out[16])
{
	memset(out, 0, 16);
	if (f->family == AF_INET6) {
		memcpy(out, f->addr, 16);
	} else {
		out[10] = out[11] = 0xff;
		memcpy(out + 12, f->addr, 4);
	}
}

/* The source that the kernel would take to there. 0: it knows no way. */
static int source_for(const struct found *f, unsigned char out[16])
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(9),
				   .sin6_scope_id = f->scope };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	int is4 = f->family == AF_INET, ok = 0;
	struct sockaddr *a = is4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t len = is4 ? sizeof(v4) : sizeof(v6);
	int fd = socket(f->family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	struct found source = { .family = f->family };

	if (fd < 0)
		return 0;
	memcpy(is4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr, f->addr, is4 ? 4 : 16);
	if (!connect(fd, a, len) && !getsockname(fd, a, &len)) {
		memcpy(source.addr, is4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr,
		       is4 ? 4 : 16);
		mapped(&source, out);
		ok = 1;
	}
	close(fd);
	return ok;
}

/* One number holds rules 1, 2, 5, 6, 8 and 9, the first in the highest bits. */
static int rank_of(const struct found *f)
{
	unsigned char to[16], from[16];
	const struct policy *p;
	int scope;

	mapped(f, to);
	p = policy_of(to);
	scope = scope_of(to);
	if (!source_for(f, from))
		return p->precedence << 12 | (15 - scope) << 8;
	return 1 << 30 | (scope_of(from) == scope) << 29 |
	       (policy_of(from)->label == p->label) << 28 | p->precedence << 12 |
	       (15 - scope) << 8 | (f->family == AF_INET6 ? common_bits(to, from, 128) : 0);
}

void __order(struct found *list, int n)
{
	struct found one;
	int k;

	for (int i = 0; i < n; i++)
		list[i].rank = rank_of(&list[i]);
	for (int i = 1; i < n; i++) { /* equal ones stay in order */
		one = list[i];
		for (k = i; k > 0 && list[k - 1].rank < one.rank; k--)
			list[k] = list[k - 1];
		list[k] = one;
	}
}
