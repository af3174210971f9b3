/*
 * inet.c - addresses as text (inet_pton(3), RFC 5952), devices by name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

/* RFC 5952: the longest run of at least two zero groups is cut out, the first of equal ones. */
static void format_v6(const unsigned char *a, char *text)
{
	int best = -1, longest = 1;

	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && !a[2 * (i + n)] && !a[2 * (i + n) + 1])
			n++;
		if (n > longest) {
			longest = n;
			best = i;
		}
	}
	if (best == 0 && (longest == 6 || (longest == 5 && a[10] == 0xff && a[11] == 0xff))) {
		sprintf(text, "::%s%d.%d.%d.%d", longest == 5 ? "ffff:" : "", a[12], a[13], a[14],
			a[15]);
		return;
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			text += sprintf(text, "::");
			i += longest - 1;
			continue;
		}
		text += sprintf(text, "%s%x", i && i != best + longest ? ":" : "",
				a[2 * i] << 8 | a[2 * i + 1]);
	}
	*text = '\0';
}

const char *inet_ntop(int family, const void *addr, char *text, socklen_t n)
{
	const unsigned char *a = addr;
	char buf[INET6_ADDRSTRLEN];

	if (family == AF_INET) {
		sprintf(buf, "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
	} else if (family == AF_INET6) {
		format_v6(a, buf);
	} else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (strlen(buf) >= n) {
		errno = ENOSPC;
		return NULL;
	}
	return strcpy(text, buf);
}

static int device_ioctl(unsigned long cmd, struct ifreq *r)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret, saved;

	if (fd < 0)
		return -1;
	ret = ioctl(fd, cmd, r);
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}

unsigned if_nametoindex(const char *name)
{
	struct ifreq r = { 0 };

	strlcpy(r.ifr_name, name, sizeof(r.ifr_name));
	return device_ioctl(SIOCGIFINDEX, &r) ? 0 : (unsigned)r.ifr_ifindex;
}

char *if_indextoname(unsigned index, char *name)
{
	struct ifreq r = { .ifr_ifindex = (int)index };

	return device_ioctl(SIOCGIFNAME, &r) ? NULL : strcpy(name, r.ifr_name);
}
