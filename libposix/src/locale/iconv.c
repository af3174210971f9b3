/*
 * iconv.c - conversion between encodings (POSIX iconv): each is a pair of functions that
 * read one character and write one, over Unicode. UTF-16 and UTF-32 without LE or BE read
 * a byte order mark and write one, big endian.
 */
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#define MORE	(-1) /* a character that is not all there */
#define INVALID (-2)
#define NO_ROOM (-3)

enum encoding { ASCII, LATIN1, UTF8, UTF16, UTF16LE, UTF16BE, UTF32, UTF32LE, UTF32BE, UCS2, WIDE };

static const struct name {
	char text[16];
	enum encoding is;
} names[] = {
	{ "ascii", ASCII },	{ "usascii", ASCII },	{ "ansix341968", ASCII },
	{ "iso646us", ASCII },	{ "latin1", LATIN1 },	{ "iso88591", LATIN1 },
	{ "l1", LATIN1 },	{ "utf8", UTF8 },	{ "utf16", UTF16 },
	{ "utf16le", UTF16LE }, { "utf16be", UTF16BE }, { "utf32", UTF32 },
	{ "utf32le", UTF32LE }, { "utf32be", UTF32BE }, { "ucs2", UCS2 },
	{ "ucs2le", UTF16LE },	{ "ucs2be", UTF16BE },	{ "ucs4", UTF32BE },
	{ "ucs4le", UTF32LE },	{ "ucs4be", UTF32BE },	{ "wchart", WIDE },
};

struct converter {
	enum encoding from, to;
	int from_begun, to_begun; /* byte order marks are behind us */
	int from_little;
	int translit, ignore;
};

/* -1 when nobody knows it. Letters, digits count; signs between them don't. */
static int find(const char *name, struct converter *c)
{
	char plain[16];
	size_t n = 0;

	for (; *name && strncmp(name, "//", 2); name++) {
		char l = *name | 32;

		if ((*name >= '0' && *name <= '9') || (l >= 'a' && l <= 'z')) {
			if (n + 1 == sizeof(plain))
				return -1;
			plain[n++] = *name >= '0' && *name <= '9' ? *name : l;
		}
	}
	plain[n] = 0;
	c->translit |= strcasestr(name, "//TRANSLIT") != NULL;
	c->ignore |= strcasestr(name, "//IGNORE") != NULL;
	if (!n)
		return UTF8; /* that of the locale */
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i].text, plain))
			return names[i].is;
	return -1;
}

iconv_t iconv_open(const char *to, const char *from)
{
	struct converter c = { 0 }, *made;
	int t = find(to, &c), f = find(from, &c);

	if (t < 0 || f < 0) {
		errno = EINVAL;
		return (iconv_t)-1;
	}
	made = malloc(sizeof(*made));
	if (!made)
		return (iconv_t)-1;
	*made = c;
	made->to = (enum encoding)t;
	made->from = (enum encoding)f;
	return made;
}

int iconv_close(iconv_t cd)
{
	free(cd);
	return 0;
}

static uint32_t unit(const unsigned char *p, int bytes, int little)
{
	uint32_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[little ? bytes - 1 - i : i];
	return v;
}

static int get_utf8(const unsigned char *p, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int len = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;

	if (!len)
		return INVALID;
	*c = len == 1 ? *p : *p & (0x7fu >> len);
	for (int i = 1; i < len; i++) {
		if ((size_t)i >= n)
			return MORE;
		if ((p[i] & 0xc0) != 0x80)
			return INVALID;
		*c = *c << 6 | (p[i] & 0x3f);
		/* Too long a form, a surrogate or too much shows in the second byte. */
		if (i == 1 && len > 2) {
			uint32_t low = *c << 6 * (len - 2);

			if (low + (1u << 6 * (len - 2)) <= least[len] || low - 0xd800 < 0x800 ||
			    low > 0x10ffff)
				return INVALID;
		}
	}
	return len;
}

/* One character from p: the bytes it takes, or MORE or INVALID. */
static int get(struct converter *c, const unsigned char *p, size_t n, uint32_t *out)
{
	int little = c->from_little;
	uint32_t low;

	switch (c->from) {
	case ASCII:
		*out = *p;
		return *p < 128 ? 1 : INVALID;
	case LATIN1:
		*out = *p;
		return 1;
	case UTF8:
		return get_utf8(p, n, out);
	case WIDE:
	case UTF32LE:
	case UTF32BE:
	case UTF32:
		if (n < 4)
			return MORE;
		if (c->from != UTF32)
			little = c->from != UTF32BE;
		*out = unit(p, 4, little);
		return *out > 0x10ffff || *out - 0xd800 < 0x800 ? INVALID : 4;
	default:
		if (n < 2)
			return MORE;
		if (c->from != UTF16)
			little = c->from != UTF16BE;
		*out = unit(p, 2, little);
		if (*out - 0xd800 >= 0x800)
			return 2;
		if (c->from == UCS2 || *out >= 0xdc00)
			return INVALID;
		if (n < 4)
			return MORE;
		low = unit(p + 2, 2, little);
		if (low - 0xdc00 >= 0x400)
			return INVALID;
		*out = ((*out - 0xd7c0) << 10) + (low - 0xdc00);
		return 4;
	}
}

static void put_unit(unsigned char *p, uint32_t v, int bytes, int little)
{
	for (int i = 0; i < bytes; i++)
		p[little ? i : bytes - 1 - i] = (unsigned char)(v >> 8 * i);
}

static int put_utf8(unsigned char *p, uint32_t c)
{
	int len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (int i = len - 1; i > 0; i--, c >>= 6)
		p[i] = (unsigned char)(0x80 | (c & 0x3f));
	p[0] = (unsigned char)(len == 1 ? c : (0xf00u >> len & 0xff) | c);
	return len;
}

/* One character to buf (of 8 bytes): how many, or INVALID when `to` has it not. */
static int put(struct converter *c, uint32_t v, unsigned char *buf)
{
	int little = c->to == UTF16LE || c->to == UTF32LE || c->to == WIDE || c->to == UCS2;
	int n = 0;

	switch (c->to) {
	case ASCII:
	case LATIN1:
		if (v >= (c->to == ASCII ? 128u : 256u))
			return INVALID;
		*buf = (unsigned char)v;
		return 1;
	case UTF8:
		return put_utf8(buf, v);
	case UTF32:
	case UTF32LE:
	case UTF32BE:
	case WIDE:
		if (c->to == UTF32 && !c->to_begun) {
			put_unit(buf, 0xfeff, 4, 0);
			n = 4;
		}
		put_unit(buf + n, v, 4, little);
		return n + 4;
	default:
		if (c->to == UTF16 && !c->to_begun) {
			put_unit(buf, 0xfeff, 2, 0);
			n = 2;
		}
		if (v < 0x10000) {
			put_unit(buf + n, v, 2, little);
			return n + 2;
		}
		if (c->to == UCS2)
			return INVALID;
		put_unit(buf + n, 0xd7c0 + (v >> 10), 2, little);
		put_unit(buf + n + 2, 0xdc00 | (v & 0x3ff), 2, little);
		return n + 4;
	}
}

/* A byte order mark at the begin of UTF-16 or UTF-32: the bytes it takes, or MORE. */
static int byte_order(struct converter *c, const unsigned char *p, size_t n)
{
	int bytes = c->from == UTF16 ? 2 : 4;

	if (c->from_begun || (c->from != UTF16 && c->from != UTF32))
		return 0;
	if (n < (size_t)bytes)
		return MORE;
	c->from_begun = 1;
	if (unit(p, bytes, 0) == 0xfeff)
		return bytes;
	if (unit(p, bytes, 1) == 0xfeff) {
		c->from_little = 1;
		return bytes;
	}
	return 0;
}

static size_t fail(int why)
{
	errno = why == MORE ? EINVAL : why == INVALID ? EILSEQ : E2BIG;
	return (size_t)-1;
}

size_t iconv(iconv_t cd, char **restrict in, size_t *restrict inleft, char **restrict out,
	     size_t *restrict outleft)
{
	struct converter *c = cd;
	size_t inexact = 0;

	if (!in || !*in) {
		c->from_begun = c->to_begun = c->from_little = 0;
		return 0;
	}
	while (*inleft) {
		const unsigned char *p = (const unsigned char *)*in;
		int mark = byte_order(c, p, *inleft), took = 0, made = 0;
		unsigned char buf[8];
		uint32_t v = 0;

		if (mark < 0)
			return fail(MORE);
		if (!mark) {
			took = get(c, p, *inleft, &v);
			if (took == INVALID && c->ignore)
				took = 1;
			else if (took < 0)
				return fail(took);
			else
				made = put(c, v, buf);
		}
		if (made == INVALID) {
			/* A character that `to` lacks is replaced, and counted. */
			inexact++;
			made = c->ignore ? 0 : put(c, c->translit ? '?' : '*', buf);
		}
		if ((size_t)made > *outleft)
			return fail(NO_ROOM);
		memcpy(*out, buf, (size_t)made);
		c->to_begun |= made > 0;
		*out += made;
		*outleft -= (size_t)made;
		*in += mark + took;
		*inleft -= (size_t)(mark + took);
	}
	return inexact;
}
