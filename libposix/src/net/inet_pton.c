/*
 * inet_pton.c - addresses from text: inet_pton(3), RFC 4291 section 2.2.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

const struct in6_addr in6addr_any;
const struct in6_addr in6addr_loopback = { .s6_addr[15] = 1 };

static int parse_v4(const char *s, unsigned char out[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned v = 0;
		int digits = 0;

		while (*s >= '0' && *s <= '9') {
			if (digits && !v)
				return 0; /* no leading zeros */
			v = v * 10 + (unsigned)(*s++ - '0');
			if (++digits > 3 || v > 255)
				return 0;
		}
		if (!digits || *s != (i < 3 ? '.' : '\0'))
			return 0;
		out[i] = (unsigned char)v;
		s += i < 3;
	}
	return 1;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_v6(const char *s, unsigned char out[16])
{
	unsigned char a[16] = { 0 };
	int n = 0, gap = -1;

	if (*s == ':' && *++s != ':')
		return 0;
	while (*s) {
		unsigned v = 0;
		int digits = 0;

		if (*s == ':') {
			if (gap >= 0)
				return 0;
			gap = n;
			s++;
			continue;
		}
		if (n >= 16)
			return 0;
		if (n <= 12 && parse_v4(s, a + n)) {
			n += 4;
			break;
		}
		for (; hex(*s) >= 0; s++) {
			v = v << 4 | (unsigned)hex(*s);
			if (++digits > 4)
				return 0;
		}
		if (!digits)
			return 0;
		a[n++] = (unsigned char)(v >> 8);
		a[n++] = (unsigned char)v;
		if (*s == ':' && !*++s)
			return 0;
		else if (s[-1] != ':' && *s)
			return 0;
	}
	if (gap < 0 ? n != 16 : n > 14)
		return 0;
	memset(out, 0, 16);
	if (gap < 0)
		gap = n;
	memcpy(out, a, (size_t)gap);
	memcpy(out + 16 - (n - gap), a + gap, (size_t)(n - gap));
	return 1;
}

int inet_pton(int family, const char *text, void *addr)
{
	if (family == AF_INET)
		return parse_v4(text, addr);
	if (family == AF_INET6)
		return parse_v6(text, addr);
	errno = EAFNOSUPPORT;
	return -1;
}
