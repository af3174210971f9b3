/*
 * inflate.c - gzip files to what they hold (RFC 1951, RFC 1952).
 */
#include "deflate.h"
#include "digest.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 32768

struct reader {
	FILE *in, *out;
	uint32_t bits;
	int count;
	unsigned char window[WINDOW];
	size_t at; /* in the window */
	uint32_t crc, bytes;
	const char *bad;
	jmp_buf jump;
};

/* Codes of each length, and the symbols by code (RFC 1951, 3.2.2). */
struct huffman {
	uint16_t count[16], symbol[288];
};

static _Noreturn void fail(struct reader *r, const char *what)
{
	r->bad = what;
	longjmp(r->jump, 1);
}

static int byte(struct reader *r)
{
	int c = getc(r->in);

	if (c == EOF)
		fail(r, "unexpected end of file");
	return c;
}

static uint32_t bits(struct reader *r, int n)
{
	uint32_t v;

	while (r->count < n) {
		r->bits |= (uint32_t)byte(r) << r->count;
		r->count += 8;
	}
	v = r->bits & ((1u << n) - 1);
	r->bits >>= n;
	r->count -= n;
	return v;
}

static void flush(struct reader *r)
{
	r->crc = crc32(r->crc, r->window, r->at);
	r->bytes += (uint32_t)r->at;
	if (fwrite(r->window, 1, r->at, r->out) != r->at)
		fail(r, "the output can't be written");
	r->at = 0;
}

static void put(struct reader *r, int c)
{
	r->window[r->at++] = (unsigned char)c;
	if (r->at == WINDOW)
		flush(r);
}

static void build(struct reader *r, struct huffman *h, const unsigned char *lengths, int n)
{
	uint16_t offset[16];
	int left = 1;

	memset(h->count, 0, sizeof(h->count));
	for (int i = 0; i < n; i++)
		h->count[lengths[i]]++;
	h->count[0] = 0;
	for (int len = 1; len < 16; len++) {
		left = left * 2 - h->count[len];
		if (left < 0)
			fail(r, "invalid compressed data");
	}
	offset[1] = 0;
	for (int len = 1; len < 15; len++)
		offset[len + 1] = (uint16_t)(offset[len] + h->count[len]);
	for (int i = 0; i < n; i++)
		if (lengths[i])
			h->symbol[offset[lengths[i]]++] = (uint16_t)i;
}

static int decode(struct reader *r, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;

	for (int len = 1; len < 16; len++) {
		code |= (int)bits(r, 1);
		if (code - first < h->count[len])
			return h->symbol[index + code - first];
		index += h->count[len];
		first = (first + h->count[len]) << 1;
		code <<= 1;
	}
	fail(r, "invalid compressed data");
}

static void block(struct reader *r, const struct huffman *lit, const struct huffman *dist,
		  size_t *total)
{
	static const uint16_t base[] = { 3,  4,	 5,  6,	  7,   8,   9,	 10,  11, 13,
					 15, 17, 19, 23,  27,  31,  35,	 43,  51, 59,
					 67, 83, 99, 115, 131, 163, 195, 227, 258 };
	static const unsigned char extra[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
					       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };

	for (;;) {
		int s = decode(r, lit);
		size_t length, distance;

		if (s == 256)
			return;
		if (s < 256) {
			put(r, s);
			++*total;
			continue;
		}
		s -= 257;
		if (s > 28)
			fail(r, "invalid compressed data");
		length = base[s] + bits(r, extra[s]);
		s = decode(r, dist);
		if (s > 29)
			fail(r, "invalid compressed data");
		distance = s < 4 ? (size_t)s + 1 :
				   ((size_t)(2 + (s & 1)) << (s / 2 - 1)) + 1 + bits(r, s / 2 - 1);
		if (distance > *total)
			fail(r, "invalid compressed data");
		*total += length;
		while (length--)
			put(r, r->window[(r->at - distance) & (WINDOW - 1)]);
	}
}

static void dynamic(struct reader *r, struct huffman *lit, struct huffman *dist)
{
	static const unsigned char order[] = { 16, 17, 18, 0, 8,  7, 9,	 6, 10, 5,
					       11, 4,  12, 3, 13, 2, 14, 1, 15 };
	int nlit = (int)bits(r, 5) + 257, ndist = (int)bits(r, 5) + 1, ncode = (int)bits(r, 4) + 4,
	    n = 0;
	unsigned char lengths[320] = { 0 };
	struct huffman code;

	for (int i = 0; i < ncode; i++)
		lengths[order[i]] = (unsigned char)bits(r, 3);
	build(r, &code, lengths, 19);
	memset(lengths, 0, sizeof(lengths));
	while (n < nlit + ndist) {
		int s = decode(r, &code), repeat = 1, value = s;

		if (s == 16) {
			if (!n)
				fail(r, "invalid compressed data");
			value = lengths[n - 1];
			repeat = 3 + (int)bits(r, 2);
		} else if (s > 16) {
			value = 0;
			repeat = s == 17 ? 3 + (int)bits(r, 3) : 11 + (int)bits(r, 7);
		}
		if (n + repeat > nlit + ndist)
			fail(r, "invalid compressed data");
		while (repeat--)
			lengths[n++] = (unsigned char)value;
	}
	if (nlit > 286)
		fail(r, "invalid compressed data");
	build(r, lit, lengths, nlit);
	build(r, dist, lengths + nlit, ndist);
}

static void fixed(struct reader *r, struct huffman *lit, struct huffman *dist)
{
	unsigned char lengths[288];

	for (int i = 0; i < 288; i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	build(r, lit, lengths, 288);
	memset(lengths, 5, 30);
	build(r, dist, lengths, 30);
}

static void inflate(struct reader *r)
{
	static struct huffman lit, dist;
	size_t total = 0;
	bool last;

	r->bits = 0;
	r->count = 0;
	do {
		unsigned int kind;

		last = bits(r, 1);
		kind = bits(r, 2);
		if (kind == 0) {
			unsigned int n;

			r->bits = 0;
			r->count = 0;
			n = bits(r, 16);
			if ((bits(r, 16) ^ n) != 0xffff)
				fail(r, "invalid compressed data");
			total += n;
			while (n--)
				put(r, byte(r));
			continue;
		}
		if (kind == 1)
			fixed(r, &lit, &dist);
		else if (kind == 2)
			dynamic(r, &lit, &dist);
		else
			fail(r, "invalid compressed data");
		block(r, &lit, &dist, &total);
	} while (!last);
}

static uint32_t number(struct reader *r)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v |= (uint32_t)byte(r) << 8 * i;
	return v;
}

/* The header behind its first two bytes. */
static void header(struct reader *r)
{
	int flags;

	if (byte(r) != 8)
		fail(r, "unknown method");
	flags = byte(r);
	for (int i = 0; i < 6; i++)
		byte(r);
	if (flags & 4) {
		int n = byte(r);

		n |= byte(r) << 8;
		while (n--)
			byte(r);
	}
	for (int bit = 8; bit <= 16; bit *= 2)
		if (flags & bit)
			while (byte(r))
				continue;
	if (flags & 2) {
		byte(r);
		byte(r);
	}
}

const char *gzip_read(FILE *in, FILE *out)
{
	struct reader *r = calloc(1, sizeof(*r));
	const char *bad = NULL;
	volatile bool any = false; /* lives over the jump */
	int c;

	if (!r)
		return "out of memory";
	r->in = in;
	r->out = out;
	if (setjmp(r->jump)) {
		bad = r->bad;
		free(r);
		return bad;
	}
	while ((c = getc(in)) != EOF) {
		if (c != 0x1f || getc(in) != 0x8b) {
			/* zeros behind the last member are padding */
			if (any && !c)
				continue;
			fail(r, any ? "trailing garbage ignored" : "not in gzip format");
		}
		any = true;
		r->crc = r->bytes = 0;
		r->at = 0;
		header(r);
		inflate(r);
		flush(r);
		if (number(r) != r->crc)
			fail(r, "crc error");
		if (number(r) != r->bytes)
			fail(r, "length error");
	}
	free(r);
	return any ? NULL : "unexpected end of file";
}
