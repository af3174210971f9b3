/*
 * test_lib_string.c - memory and string functions under all alignments.
 *
 * Operands lie against the end of heap blocks, so that ASan sees any overrun.
 */
#include "tests/host/t.h"
#include "lib/string.h"

#include <uapi/errno.h>

#define AREA 320

static u8 *area, *model;

static void fill(u8 *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (u8)t_random();
}

static bool same(const u8 *a, const u8 *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static void copying(void)
{
	for (size_t n = 0; n <= 170; n = n < 40 ? n + 1 : n + 13) {
		for (size_t from = 0; from < 8; from++) {
			for (size_t to = 0; to < 8; to++) {
				/* Blocks that end exactly where the operands end. */
				u8 *src = malloc(from + n + 1), *dst = malloc(to + n + 1);

				fill(src, from + n);
				fill(dst, to);
				model[0] = to ? dst[to - 1] : 0;
				CHECK_EQ(memcpy(dst + to, src + from, n), dst + to);
				CHECK(same(dst + to, src + from, n));
				CHECK(!to || dst[to - 1] == model[0]);
				free(src);
				free(dst);
			}
		}
	}
}

static void exact_blocks(void)
{
	for (size_t n = 1; n < 100; n++) {
		for (size_t to = 0; to < 8; to++) {
			u8 *src = malloc(n), *dst = malloc(to + n);

			fill(src, n);
			memcpy(dst + to, src, n);
			CHECK(same(dst + to, src, n));
			CHECK_EQ(memcmp(dst + to, src, n), 0);
			memset(dst + to, 7, n);
			CHECK(dst[to] == 7 && dst[to + n - 1] == 7);
			free(src);
			free(dst);
		}
	}
}

static void moving(void)
{
	for (int i = 0; i < 60000 && !t.failed; i++) {
		size_t n = t_below(i % 2 ? 40 : 150), from = t_below(AREA - n);
		size_t to = i % 3 ? t_below(AREA - n) : min_t(size_t, from + t_below(9), AREA - n);

		fill(area, AREA);
		for (size_t k = 0; k < AREA; k++)
			model[k] = k >= to && k < to + n ? area[from + k - to] : area[k];
		CHECK_EQ(memmove(area + to, area + from, n), area + to);
		CHECK(same(area, model, AREA));
	}
}

static void setting(void)
{
	for (size_t from = 0; from < 9; from++) {
		for (size_t n = 0; n < 200; n++) {
			fill(area, AREA);
			for (size_t k = 0; k < AREA; k++)
				model[k] = k >= from && k < from + n ? 0xa5 : area[k];
			CHECK_EQ(memset(area + from, 0x1a5, n), area + from);
			CHECK(same(area, model, AREA));
			CHECK(memchr_inv(area + from, 0xa5, n) == NULL);
			if (n) {
				size_t odd = from + t_below(n);

				area[odd] = 1;
				CHECK_EQ(memchr_inv(area + from, 0xa5, n), area + odd);
			}
		}
	}
}

static void comparing(void)
{
	for (int i = 0; i < 40000 && !t.failed; i++) {
		size_t n = 1 + t_below(60), a = t_below(16), b = 100 + t_below(16);
		size_t odd = t_below(n);
		u8 x = (u8)t_random(), y = (u8)t_random();
		int got;

		fill(area + a, n);
		for (size_t k = 0; k < n; k++)
			area[b + k] = area[a + k];
		CHECK_EQ(memcmp(area + a, area + b, n), 0);
		area[a + odd] = x;
		area[b + odd] = y;
		if (odd + 1 < n)
			area[a + n - 1] ^= 0xff;
		got = memcmp(area + a, area + b, n);
		if (x != y)
			CHECK_EQ(got < 0, x < y);
		CHECK_EQ(memcmp(area + a, area + b, odd), 0);
	}
}

static void searching(void)
{
	for (int i = 0; i < 40000 && !t.failed; i++) {
		size_t n = t_below(70), off = t_below(8);
		u8 c = (u8)t_below(4);
		u8 *first = NULL, *last = NULL;

		for (size_t k = 0; k < n; k++) {
			area[off + k] = (u8)(t_below(20) ? 0x80 + t_below(2) : t_below(4));
			if (area[off + k] == c) {
				first = first ? first : area + off + k;
				last = area + off + k;
			}
		}
		area[off + n] = c;
		CHECK_EQ(memchr(area + off, c, n), first);
		CHECK_EQ(memrchr(area + off, c, n), last);
	}
}

static void lengths(void)
{
	for (size_t off = 0; off < 9; off++) {
		for (size_t n = 0; n < 60; n++) {
			char *s = malloc(off + n + 1);

			for (size_t k = 0; k < off + n; k++)
				s[k] = (char)(1 + t_below(255));
			s[off + n] = 0;
			CHECK_EQ(strlen(s + off), n);
			CHECK_EQ(strnlen(s + off, n), n);
			CHECK_EQ(strnlen(s + off, n + 9), n);
			CHECK_EQ(strnlen(s + off, n / 2), n / 2);
			free(s);
		}
	}
}

static void comparing_strings(void)
{
	CHECK_EQ(strcmp("abc", "abc"), 0);
	CHECK(strcmp("abc", "abd") < 0 && strcmp("abd", "abc") > 0);
	CHECK(strcmp("ab", "abc") < 0 && strcmp("", "a") < 0 && strcmp("a", "") > 0);
	CHECK(strcmp("a\x80", "a\x7f") > 0);
	CHECK_EQ(strncmp("abcX", "abcY", 3), 0);
	CHECK(strncmp("abcX", "abcY", 4) < 0);
	CHECK_EQ(strncmp("ab\0x", "ab\0y", 4), 0);
	CHECK_EQ(strncmp("a", "b", 0), 0);
	CHECK_EQ(strcasecmp("HeLLo", "hEllO"), 0);
	CHECK(strcasecmp("a", "B") < 0);
	CHECK_EQ(strncasecmp("ABx", "aby", 2), 0);
	CHECK(str_starts_with("prefix", "pre") && !str_starts_with("pr", "pre"));
	CHECK(str_equal("a", "a") && !str_equal("a", "b"));
}

static void finding(void)
{
	const char *s = "/usr/lib/x";

	CHECK_EQ(strchr(s, '/'), s);
	CHECK_EQ(strrchr(s, '/'), s + 8);
	CHECK_EQ(strchr(s, 0), s + 10);
	CHECK_EQ(strrchr(s, 0), s + 10);
	CHECK(strchr(s, 'q') == NULL && strrchr(s, 'q') == NULL);
	CHECK_EQ(strchrnul(s, 'q'), s + 10);
	CHECK_EQ(strstr(s, "lib"), s + 5);
	CHECK_EQ(strstr(s, ""), s);
	CHECK(strstr(s, "libx") == NULL && strstr("aab", "aaab") == NULL);
	CHECK_EQ(strstr("aaab", "aab") != NULL, 1);
	CHECK_EQ(memmem("a\0b\0c", 5, "\0c", 2) != NULL, 1);
	CHECK_EQ(strspn("112a", "12"), 3);
	CHECK_EQ(strcspn("abc,d", ",;"), 3);
	CHECK_EQ(strpbrk(s, "bl"), s + 5);
	CHECK(strpbrk(s, "Q") == NULL);
}

static void splitting(void)
{
	char text[] = "a,bc,,d", *s = text;

	CHECK_STR(strsep(&s, ","), "a");
	CHECK_STR(strsep(&s, ","), "bc");
	CHECK_STR(strsep(&s, ","), "");
	CHECK_STR(strsep(&s, ","), "d");
	CHECK(s == NULL && strsep(&s, ",") == NULL);
}

static void bounded_copies(void)
{
	char *buf = malloc(6);

	CHECK_EQ(strlcpy(buf, "abc", 6), 3);
	CHECK_STR(buf, "abc");
	CHECK_EQ(strlcat(buf, "defg", 6), 7);
	CHECK_STR(buf, "abcde");
	CHECK_EQ(strlcat(buf, "x", 3), 4);
	CHECK_EQ(strlcpy(buf, "123456789", 6), 9);
	CHECK_STR(buf, "12345");
	CHECK_EQ(strlcpy(NULL, "abc", 0), 3);
	CHECK_EQ(strscpy(buf, "abcde", 6), 5);
	CHECK_STR(buf, "abcde");
	CHECK_EQ(strscpy(buf, "abcdef", 6), -E2BIG);
	CHECK_STR(buf, "abcde");
	CHECK_EQ(strscpy(buf, "a", 0), -E2BIG);
	memzero_explicit(buf, 6);
	CHECK(memchr_inv(buf, 0, 6) == NULL);
	free(buf);
}

int main(void)
{
	area = malloc(AREA);
	model = malloc(AREA);
	RUN(copying);
	RUN(exact_blocks);
	RUN(moving);
	RUN(setting);
	RUN(comparing);
	RUN(searching);
	RUN(lengths);
	RUN(comparing_strings);
	RUN(finding);
	RUN(splitting);
	RUN(bounded_copies);
	free(area);
	free(model);
	return t_done();
}
