/*
 * Archives made by hand, byte by byte, for what no tar program writes.
 */
#include <stdarg.h>
#include "test_tar.h"

static void die(void)
{
	printf("out of memory\n");
	exit(1);
}

void build_start(struct build *b)
{
	memset(b, 0, sizeof(*b));
}

void build_free(struct build *b)
{
	free(b->data);
	build_start(b);
}

u8 *build_block(struct build *b)
{
	if (b->len + TAR_BLOCK > b->cap) {
		b->cap = b->cap ? b->cap * 2 : 1 << 14;
		b->data = realloc(b->data, b->cap);
		if (!b->data)
			die();
	}
	memset(b->data + b->len, 0, TAR_BLOCK);
	b->len += TAR_BLOCK;
	return b->data + b->len - TAR_BLOCK;
}

void build_bytes(struct build *b, const void *p, size_t n)
{
	const u8 *from = p;

	while (n) {
		size_t part = n < TAR_BLOCK ? n : TAR_BLOCK;

		memcpy(build_block(b), from, part);
		from += part;
		n -= part;
	}
}

void put_octal(u8 *f, size_t n, u64 v)
{
	f[n - 1] = '\0';
	for (size_t i = n - 1; i-- > 0; v >>= 3)
		f[i] = (u8)('0' + (v & 7));
}

void put_base256(u8 *f, size_t n, s64 v)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		f[i] = (u8)v;
	f[0] |= 0x80;
}

void build_sum(u8 *h, bool signed_sum)
{
	s64 sum = 0;

	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += signed_sum ? (s8)h[i] : h[i];
	put_octal(h + 148, 7, (u64)sum & 0777777);
}

static void put_text(u8 *f, size_t n, const char *s)
{
	memcpy(f, s, strnlen(s, n));
}

u8 *build_header(struct build *b, const struct hdr *h)
{
	u8 *p = build_block(b);
	const char *magic = h->magic ? h->magic : "";

	put_text(p, 100, h->name);
	put_octal(p + 100, 8, h->mode ? h->mode : 0644);
	put_octal(p + 108, 8, 0);
	put_octal(p + 116, 8, 0);
	put_octal(p + 124, 12, h->size);
	put_octal(p + 136, 12, (u64)h->mtime);
	p[156] = h->type ? h->type : '0';
	if (h->link)
		put_text(p + 157, 100, h->link);
	if (!strcmp(magic, "gnu"))
		memcpy(p + 257, "ustar  ", 8);
	else if (strcmp(magic, "v7"))
		memcpy(p + 257, "ustar\00000", 8);
	if (h->prefix)
		put_text(p + 345, 155, h->prefix);
	build_sum(p, h->signed_sum);
	return p;
}

void build_file(struct build *b, const char *name, const char *data)
{
	struct hdr h = { .name = name, .size = strlen(data) };

	build_header(b, &h);
	build_bytes(b, data, strlen(data));
}

void build_dir(struct build *b, const char *name)
{
	struct hdr h = { .name = name, .type = '5', .mode = 0755 };

	build_header(b, &h);
}

void build_link(struct build *b, u8 type, const char *name, const char *target)
{
	struct hdr h = { .name = name, .type = type, .link = target };

	build_header(b, &h);
}

void build_gnu_name(struct build *b, u8 type, const char *name)
{
	struct hdr h = {
		.name = "././@LongLink", .type = type, .size = strlen(name) + 1, .magic = "gnu"
	};

	build_header(b, &h);
	build_bytes(b, name, strlen(name) + 1);
}

void build_pax_raw(struct build *b, u8 type, const void *p, size_t n)
{
	struct hdr h = { .name = "pax_header", .type = type, .size = n };

	build_header(b, &h);
	build_bytes(b, p, n);
}

void build_pax(struct build *b, int type, ...)
{
	size_t cap = 1 << 20, n = 0;
	char *text = malloc(cap);
	const char *rec;
	va_list ap;

	if (!text)
		die();
	va_start(ap, type);
	while ((rec = va_arg(ap, const char *))) {
		size_t len = strlen(rec) + 3;

		/* The length counts its own digits. */
		while (len != strlen(rec) + 2 + (size_t)snprintf(NULL, 0, "%zu", len))
			len++;
		n += (size_t)snprintf(text + n, cap - n, "%zu %s\n", len, rec);
	}
	va_end(ap);
	build_pax_raw(b, (u8)type, text, n);
	free(text);
}

void build_end(struct build *b)
{
	build_block(b);
	build_block(b);
}
