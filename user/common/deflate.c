/*
 * deflate.c - files to gzip files (RFC 1951, RFC 1952): matches by hash chains, and for each block the
 * shorter of Huffman codes of its own and the fixed ones.
 */
#include "deflate.h"
#include "digest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW	32768
#define INPUT	(WINDOW * 4)
#define SYMBOLS 16384
#define NONE	0xffffffff

struct writer {
	FILE *in, *out;
	unsigned char data[INPUT];
	size_t n, at; /* bytes there are, and done with */
	uint32_t base; /* position of data[0] in the file */
	uint32_t head[32768], chain[WINDOW];
	uint16_t literal[SYMBOLS], distance[SYMBOLS]; /* distance 0: the literal; else a length */
	size_t count;
	uint32_t bits;
	int bit_count, depth;
	uint32_t crc, bytes;
	bool ended;
};

struct code {
	uint16_t code[288];
	unsigned char length[288];
};

static const uint16_t length_base[] = { 3,  4,	5,  6,	 7,   8,   9,	10,  11, 13,
					15, 17, 19, 23,	 27,  31,  35,	43,  51, 59,
					67, 83, 99, 115, 131, 163, 195, 227, 258 };
static const unsigned char length_extra[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
					      2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };

static void put_bits(struct writer *w, uint32_t v, int n)
{
	w->bits |= v << w->bit_count;
	w->bit_count += n;
	while (w->bit_count >= 8) {
		putc((int)(w->bits & 255), w->out);
		w->bits >>= 8;
		w->bit_count -= 8;
	}
}

/* Huffman codes go most significant bit first. */
static void put_code(struct writer *w, const struct code *c, int s)
{
	uint32_t v = 0;

	for (int i = 0; i < c->length[s]; i++)
		v |= (uint32_t)(c->code[s] >> (c->length[s] - 1 - i) & 1) << i;
	put_bits(w, v, c->length[s]);
}

static int length_symbol(unsigned int length)
{
	int s = 28;

	while (length_base[s] > length)
		s--;
	return s;
}

static int distance_symbol(unsigned int distance)
{
	int s = 0, bit = 0;

	distance--;
	if (distance < 4)
		return (int)distance;
	while (distance >> bit > 1)
		bit++;
	s = bit * 2 + (int)(distance >> (bit - 1) & 1);
	return s;
}

/* ---- codes ------------------------------------------------------------------------------- */

static void assign(struct code *c, int n)
{
	uint16_t count[17] = { 0 }, next[17] = { 0 };

	for (int i = 0; i < n; i++)
		count[c->length[i]]++;
	count[0] = 0;
	for (int len = 1; len < 17; len++)
		next[len] = (uint16_t)((next[len - 1] + count[len - 1]) << 1);
	for (int i = 0; i < n; i++)
		if (c->length[i])
			c->code[i] = next[c->length[i]]++;
}

/*
 * Lengths of at most `most` bits by how often symbols come: the two rarest become one, again and again;
 * when a code gets too long the counts are made more alike.
 */
static void lengths(const uint32_t *freq, int n, int most, struct code *c)
{
	static uint32_t weight[600];
	static int parent[600];
	uint32_t f[288];

	memcpy(f, freq, (size_t)n * sizeof(*f));
	for (;;) {
		int used = 0, nodes, longest = 0;
		bool live[600] = { false };

		memset(c, 0, sizeof(*c));
		for (int i = 0; i < n; i++) {
			weight[i] = f[i];
			live[i] = f[i] != 0;
			used += live[i];
		}
		if (used < 2) {
			for (int i = 0; i < n; i++)
				c->length[i] = f[i] != 0;
			if (!used)
				c->length[0] = 1;
			break;
		}
		nodes = n;
		for (int left = used; left > 1; left--) {
			int a = -1, b = -1;

			for (int i = 0; i < nodes; i++) {
				if (!live[i])
					continue;
				if (a < 0 || weight[i] < weight[a]) {
					b = a;
					a = i;
				} else if (b < 0 || weight[i] < weight[b]) {
					b = i;
				}
			}
			live[a] = live[b] = false;
			parent[a] = parent[b] = nodes;
			weight[nodes] = weight[a] + weight[b];
			live[nodes++] = true;
		}
		for (int i = 0; i < n; i++) {
			int len = 0;

			if (!f[i])
				continue;
			for (int k = i; k != nodes - 1; k = parent[k])
				len++;
			c->length[i] = (unsigned char)(len > 255 ? 255 : len);
			longest = len > longest ? len : longest;
		}
		if (longest <= most)
			break;
		for (int i = 0; i < n; i++)
			f[i] = f[i] ? f[i] / 2 + 1 : 0;
	}
	assign(c, n);
}

static void fixed_codes(struct code *lit, struct code *dist)
{
	memset(lit, 0, sizeof(*lit));
	memset(dist, 0, sizeof(*dist));
	for (int i = 0; i < 288; i++)
		lit->length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	memset(dist->length, 5, 30);
	assign(lit, 288);
	assign(dist, 30);
}

/* ---- blocks ------------------------------------------------------------------------------ */

static void put_symbols(struct writer *w, const struct code *lit, const struct code *dist)
{
	for (size_t i = 0; i < w->count; i++) {
		unsigned int d = w->distance[i], l = w->literal[i];
		int s;

		if (!d) {
			put_code(w, lit, (int)l);
			continue;
		}
		s = length_symbol(l);
		put_code(w, lit, 257 + s);
		put_bits(w, l - length_base[s], length_extra[s]);
		s = distance_symbol(d);
		put_code(w, dist, s);
		if (s > 3)
			put_bits(w, d - 1 - ((unsigned int)(2 + (s & 1)) << (s / 2 - 1)),
				 s / 2 - 1);
	}
	put_code(w, lit, 256);
}

/* The lengths of both codes, runs made short (RFC 1951, 3.2.7): symbols and what is behind them. */
static int run_lengths(const struct code *lit, int nlit, const struct code *dist, int ndist,
		       unsigned char *symbol, unsigned char *more)
{
	unsigned char all[320];
	int n = 0;

	memcpy(all, lit->length, (size_t)nlit);
	memcpy(all + nlit, dist->length, (size_t)ndist);
	for (int i = 0; i < nlit + ndist;) {
		int run = 1;

		while (i + run < nlit + ndist && all[i + run] == all[i])
			run++;
		if (!all[i] && run >= 3) {
			run = run > 138 ? 138 : run;
			symbol[n] = run < 11 ? 17 : 18;
			more[n++] = (unsigned char)(run - (run < 11 ? 3 : 11));
		} else if (i && all[i] == all[i - 1] && run >= 3) {
			run = run > 6 ? 6 : run;
			symbol[n] = 16;
			more[n++] = (unsigned char)(run - 3);
		} else {
			run = 1;
			symbol[n] = all[i];
			more[n++] = 0;
		}
		i += run;
	}
	return n;
}

static unsigned long cost(const uint32_t *freq, int n, const struct code *c)
{
	unsigned long sum = 0;

	for (int i = 0; i < n; i++)
		sum += (unsigned long)freq[i] * c->length[i];
	return sum;
}

static void put_block(struct writer *w, bool last)
{
	static const unsigned char order[] = { 16, 17, 18, 0, 8,  7, 9,	 6, 10, 5,
					       11, 4,  12, 3, 13, 2, 14, 1, 15 };
	static const int extra[] = { 2, 3, 7 };
	static struct code lit, dist, code, flit, fdist;
	uint32_t lfreq[288] = { 0 }, dfreq[30] = { 0 }, cfreq[19] = { 0 };
	unsigned char symbol[320], more[320];
	int nlit = 286, ndist = 30, ncode = 19, n;
	unsigned long own;

	for (size_t i = 0; i < w->count; i++) {
		if (w->distance[i]) {
			lfreq[257 + length_symbol(w->literal[i])]++;
			dfreq[distance_symbol(w->distance[i])]++;
		} else {
			lfreq[w->literal[i]]++;
		}
	}
	lfreq[256] = 1;
	lengths(lfreq, 286, 15, &lit);
	lengths(dfreq, 30, 15, &dist);
	while (nlit > 257 && !lit.length[nlit - 1])
		nlit--;
	while (ndist > 1 && !dist.length[ndist - 1])
		ndist--;
	n = run_lengths(&lit, nlit, &dist, ndist, symbol, more);
	for (int i = 0; i < n; i++)
		cfreq[symbol[i]]++;
	lengths(cfreq, 19, 7, &code);
	while (ncode > 4 && !code.length[order[ncode - 1]])
		ncode--;
	own = cost(lfreq, 286, &lit) + cost(dfreq, 30, &dist) + cost(cfreq, 19, &code) + 14 +
	      3 * (unsigned long)ncode + 2 * cfreq[16] + 3 * cfreq[17] + 7 * cfreq[18];
	fixed_codes(&flit, &fdist);
	put_bits(w, last, 1);
	if (cost(lfreq, 286, &flit) + cost(dfreq, 30, &fdist) <= own) {
		put_bits(w, 1, 2);
		put_symbols(w, &flit, &fdist);
	} else {
		put_bits(w, 2, 2);
		put_bits(w, (uint32_t)(nlit - 257), 5);
		put_bits(w, (uint32_t)(ndist - 1), 5);
		put_bits(w, (uint32_t)(ncode - 4), 4);
		for (int i = 0; i < ncode; i++)
			put_bits(w, code.length[order[i]], 3);
		for (int i = 0; i < n; i++) {
			put_code(w, &code, symbol[i]);
			if (symbol[i] > 15)
				put_bits(w, more[i], extra[symbol[i] - 16]);
		}
		put_symbols(w, &lit, &dist);
	}
	w->count = 0;
}

/* ---- matches ----------------------------------------------------------------------------- */

static void fill(struct writer *w)
{
	size_t got;

	if (w->at > INPUT - WINDOW && !w->ended) {
		size_t gone = w->at - WINDOW;

		memmove(w->data, w->data + gone, w->n - gone);
		w->n -= gone;
		w->at -= gone;
		w->base += (uint32_t)gone;
	}
	while (!w->ended && w->n < INPUT) {
		got = fread(w->data + w->n, 1, INPUT - w->n, w->in);
		if (!got)
			w->ended = true;
		w->crc = crc32(w->crc, w->data + w->n, got);
		w->bytes += (uint32_t)got;
		w->n += got;
	}
}

static uint32_t hash(const unsigned char *p)
{
	return ((uint32_t)p[0] << 10 ^ (uint32_t)p[1] << 5 ^ p[2]) * 2654435761u >> 17;
}

static void remember(struct writer *w, size_t at)
{
	uint32_t h, here = w->base + (uint32_t)at;

	if (at + 3 > w->n)
		return;
	h = hash(w->data + at);
	w->chain[here & (WINDOW - 1)] = w->head[h];
	w->head[h] = here;
}

static unsigned int longest(const struct writer *w, size_t at, unsigned int *distance)
{
	uint32_t here = w->base + (uint32_t)at, p;
	unsigned int best = 0, most = w->n - at > 258 ? 258 : (unsigned int)(w->n - at);
	int tries = w->depth;

	if (most < 3)
		return 0;
	for (p = w->head[hash(w->data + at)]; p != NONE && tries-- > 0;
	     p = w->chain[p & (WINDOW - 1)]) {
		const unsigned char *a = w->data + at, *b;
		unsigned int n = 0;

		if (here - p > WINDOW - 300 || p < w->base || p >= here)
			break;
		b = w->data + (p - w->base);
		while (n < most && a[n] == b[n])
			n++;
		if (n > best) {
			best = n;
			*distance = here - p;
			if (n == most)
				break;
		}
	}
	return best >= 3 ? best : 0;
}

static void deflate(struct writer *w)
{
	unsigned int distance = 0, next_distance = 0;

	for (;;) {
		unsigned int n;

		if (w->at + 300 > w->n)
			fill(w);
		if (w->at == w->n)
			break;
		n = longest(w, w->at, &distance);
		remember(w, w->at);
		/* a longer match one further on is worth a literal */
		if (n && n < 32 && w->depth > 8 && longest(w, w->at + 1, &next_distance) > n)
			n = 0;
		if (!n) {
			w->literal[w->count] = w->data[w->at++];
			w->distance[w->count++] = 0;
		} else {
			w->literal[w->count] = (uint16_t)n;
			w->distance[w->count++] = (uint16_t)distance;
			for (unsigned int i = 1; i < n; i++)
				remember(w, w->at + i);
			w->at += n;
		}
		if (w->count == SYMBOLS)
			put_block(w, false);
	}
	put_block(w, true);
	if (w->bit_count)
		put_bits(w, 0, 8 - w->bit_count);
}

static void put_number(FILE *out, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		putc((int)(v >> 8 * i & 255), out);
}

int gzip_write(FILE *in, FILE *out, int level, const char *name, uint32_t mtime)
{
	struct writer *w = calloc(1, sizeof(*w));
	int bad;

	if (!w)
		return -1;
	w->in = in;
	w->out = out;
	w->depth = 1 << (level > 9 ? 9 : level);
	memset(w->head, 0xff, sizeof(w->head));
	memset(w->chain, 0xff, sizeof(w->chain));
	fwrite(name ? "\037\213\010\010" : "\037\213\010\0", 1, 4, out);
	put_number(out, mtime);
	fwrite(level == 9 ? "\002\003" : level == 1 ? "\004\003" : "\0\003", 1, 2, out);
	if (name)
		fwrite(name, 1, strlen(name) + 1, out);
	deflate(w);
	put_number(out, w->crc);
	put_number(out, w->bytes);
	bad = ferror(out) || ferror(in);
	free(w);
	return bad ? -1 : 0;
}
