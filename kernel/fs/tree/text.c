/*
 * Growing texts; see text.h.
 */
#include "fs/tree/text.h"

#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "lib/printf.h"

#define TEXT_FIRST 1024
#define TEXT_HEAP \
	(32UL << 10) /* up to it from the heap; more from the kernel map, a page at a time */
#define TEXT_MAX (64UL << 20)

static void release(char *buf, size_t size)
{
	if (size > TEXT_HEAP)
		vmap_free(buf, size);
	else
		kfree(buf);
}

char *text_room(struct text *t, size_t n)
{
	size_t want = t->size ? t->size : TEXT_FIRST;
	char *buf;

	if (t->failed)
		return NULL;
	if (n <= t->size - t->len)
		return t->buf + t->len;
	while (want - t->len < n && want < TEXT_MAX)
		want *= 2;
	if (want - t->len < n)
		buf = NULL;
	else
		buf = want > TEXT_HEAP ? vmap_alloc(want) : kmalloc(want, 0);
	if (!buf) {
		t->failed = true;
		return NULL;
	}
	if (t->buf) {
		memcpy(buf, t->buf, t->len);
		release(t->buf, t->size);
	}
	t->buf = buf;
	t->size = want;
	return buf + t->len;
}

void text_put(struct text *t, const void *p, size_t n)
{
	char *to = text_room(t, n);

	if (!to)
		return;
	memcpy(to, p, n);
	t->len += n;
}

void text_printf(struct text *t, const char *fmt, ...)
{
	size_t left = t->size - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf ? t->buf + t->len : NULL, left, fmt, ap);
	va_end(ap);
	if ((size_t)n >= left) {
		if (!text_room(t, (size_t)n + 1))
			return;
		va_start(ap, fmt);
		vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
		va_end(ap);
	}
	if (!t->failed)
		t->len += (size_t)n;
}

void text_escape(struct text *t, const char *s, const char *set)
{
	for (; *s; s++) {
		if (*s == '\\' || strchr(set, *s))
			text_printf(t, "\\%03o", (u8)*s);
		else
			text_put(t, s, 1);
	}
}

void text_bit_list(struct text *t, u64 bits)
{
	const char *sep = "";

	for (unsigned i = 0; i < 64; i++) {
		unsigned last = i;

		if (!(bits >> i & 1))
			continue;
		while (last < 63 && (bits >> (last + 1) & 1))
			last++;
		if (last > i)
			text_printf(t, "%s%u-%u", sep, i, last);
		else
			text_printf(t, "%s%u", sep, i);
		sep = ",";
		i = last;
	}
}

void text_bit_mask(struct text *t, u64 bits, unsigned n)
{
	if (n > 32)
		text_printf(t, "%0*x,", (int)DIV_ROUND_UP(n - 32, 4), (u32)(bits >> 32));
	text_printf(t, "%0*x", n > 32 ? 8 : (int)DIV_ROUND_UP(n, 4), (u32)bits);
}

void text_pad(struct text *t, size_t start, size_t col)
{
	while (!t->failed && t->len - start < col)
		text_put(t, " ", 1);
}

void text_free(struct text *t)
{
	if (t->buf)
		release(t->buf, t->size);
	*t = (struct text){ 0 };
}
