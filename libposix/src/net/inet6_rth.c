/*
 * inet6_rth.c - routing headers of type 0 made and read: RFC 3542 section 7. (RFC 5095 forbids to route by them; the calls
 * stay.)
 */
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <string.h>

static struct in6_addr *addresses(const void *header)
{
	return (struct in6_addr *)((char *)header + sizeof(struct ip6_rthdr0));
}

static int count(const void *header)
{
	const struct ip6_rthdr *h = header;

	return h->ip6r_type || h->ip6r_len & 1 ? -1 : h->ip6r_len / 2;
}

socklen_t inet6_rth_space(int type, int segments)
{
	if (type != IPV6_RTHDR_TYPE_0 || segments < 0 || segments > 127)
		return 0;
	return (socklen_t)(sizeof(struct ip6_rthdr0) + (size_t)segments * sizeof(struct in6_addr));
}

void *inet6_rth_init(void *header, socklen_t size, int type, int segments)
{
	socklen_t need = inet6_rth_space(type, segments);
	struct ip6_rthdr *h = header;

	if (!need || size < need)
		return NULL;
	memset(h, 0, need);
	h->ip6r_len = (uint8_t)(2 * segments);
	h->ip6r_type = (uint8_t)type;
	return h;
}

int inet6_rth_add(void *header, const struct in6_addr *addr)
{
	struct ip6_rthdr *h = header;

	if (h->ip6r_segleft >= count(h))
		return -1;
	addresses(h)[h->ip6r_segleft++] = *addr;
	return 0;
}

/* `out` may be `in`. */
int inet6_rth_reverse(const void *in, void *out)
{
	int n = count(in);

	if (n < 0)
		return -1;
	memmove(out, in, sizeof(struct ip6_rthdr0) + (size_t)n * sizeof(struct in6_addr));
	for (int i = 0; i < n / 2; i++) {
		struct in6_addr first = addresses(out)[i];

		addresses(out)[i] = addresses(out)[n - 1 - i];
		addresses(out)[n - 1 - i] = first;
	}
	((struct ip6_rthdr *)out)->ip6r_segleft = (uint8_t)n;
	return 0;
}

int inet6_rth_segments(const void *header)
{
	return count(header);
}

struct in6_addr *inet6_rth_getaddr(const void *header, int i)
{
	return i < 0 || i >= count(header) ? NULL : addresses(header) + i;
}
