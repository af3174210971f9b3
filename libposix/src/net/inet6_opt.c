/*
 * inet6_opt.c - options of hop-by-hop and destination headers made and read: RFC 3542 section 10, RFC 8200 section 4.2.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

enum { PAD1, PADN };

/* So many bytes of nothing at p. */
static void pad(uint8_t *p, int n)
{
	if (n == 1) {
		*p = PAD1;
	} else if (n > 1) {
		*p++ = PADN;
		*p++ = (uint8_t)(n - 2);
		memset(p, 0, (size_t)n - 2);
	}
}

int inet6_opt_init(void *buf, socklen_t size)
{
	uint8_t *p = buf;

	if (p) {
		if (!size || size % 8 || size / 8 > 256)
			return -1;
		p[1] = (uint8_t)(size / 8 - 1);
	}
	return 2;
}

int inet6_opt_append(void *buf, socklen_t size, int at, uint8_t type, socklen_t len, uint8_t align,
		     void **data)
{
	uint8_t *p = buf;
	int fill;

	if (at < 2 || type <= PADN || len > 255 || !align || align > 8 || align & (align - 1) ||
	    align > len)
		return -1;
	fill = -(at + 2) & (align - 1);
	if (p) {
		if ((size_t)at + (size_t)fill + 2 + len > size)
			return -1;
		pad(p + at, fill);
		p += at + fill;
		p[0] = type;
		p[1] = (uint8_t)len;
		*data = p + 2;
	}
	return at + fill + 2 + (int)len;
}

int inet6_opt_finish(void *buf, socklen_t size, int at)
{
	int fill;

	if (at < 2)
		return -1;
	fill = -at & 7;
	if (buf) {
		if ((size_t)at + (size_t)fill > size)
			return -1;
		pad((uint8_t *)buf + at, fill);
	}
	return at + fill;
}

int inet6_opt_set_val(void *data, int at, void *value, socklen_t len)
{
	memcpy((char *)data + at, value, len);
	return at + (int)len;
}

int inet6_opt_get_val(void *data, int at, void *value, socklen_t len)
{
	memcpy(value, (char *)data + at, len);
	return at + (int)len;
}

/* The next option that is no padding, or the next of type `want`, if that is one. */
static int next(void *buf, socklen_t size, int at, int want, uint8_t *type, socklen_t *len,
		void **data)
{
	uint8_t *p = buf;

	if (!at)
		at = 2;
	else if (at < 2)
		return -1;
	while ((socklen_t)at < size) {
		int n = p[at] == PAD1 ? 0 : 2, body = 0;

		if (n) {
			if ((socklen_t)at + 2 > size)
				return -1;
			body = p[at + 1];
			if ((size_t)at + 2 + (size_t)body > size)
				return -1;
		}
		if (want < 0 ? p[at] > PADN : p[at] == want) {
			*type = p[at];
			*len = (socklen_t)body;
			*data = p + at + n;
			return n ? at + n + body : at + 1;
		}
		at += n ? n + body : 1;
	}
	return -1;
}

int inet6_opt_next(void *buf, socklen_t size, int at, uint8_t *type, socklen_t *len, void **data)
{
	return next(buf, size, at, -1, type, len, data);
}

int inet6_opt_find(void *buf, socklen_t size, int at, uint8_t type, socklen_t *len, void **data)
{
	return next(buf, size, at, type, &type, len, data);
}
