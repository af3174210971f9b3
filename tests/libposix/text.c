/*
 * text.c - strings, characters and encodings: string.h, ctype.h, wchar.h, wctype.h, iconv,
 * in the C locale and in C.UTF-8.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>
#include <wctype.h>

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void strings(void)
{
	static char a[4096], b[4096];
	unsigned long sum = 0;

	/* Every alignment and length, against the bytes one by one. */
	for (int sa = 0; sa < 9; sa++)
		for (int sb = 0; sb < 9; sb++)
			for (int n = 0; n < 90; n++) {
				for (int i = 0; i < 200; i++) {
					a[i] = (char)(i * 7 + sa);
					b[i] = (char)(i * 3 + sb);
				}
				memcpy(a + sa, b + sb, (size_t)n);
				memmove(a + 20 + sa, a + sb, (size_t)n);
				memset(b + sb, n, (size_t)n);
				for (int i = 0; i < 200; i++)
					sum = sum * 31 + (unsigned char)a[i] + 7u * (unsigned char)b[i];
				b[sb + n] = 0;
				memset(b + sb, 'x', (size_t)n);
				sum += strlen(b + sb) + (memchr(b + sb, 0, 200) == b + sb + n);
				sum += (unsigned long)(strchr(b + sb, 'y') == NULL) + strnlen(b + sb, 5);
			}
	printf("%lx\n", sum);
	printf("%d %d %d %d\n", sign(strcmp("abc", "abd")), sign(strcmp("a", "")), sign(strncmp("abc", "abd", 2)), sign(memcmp("\x80", "\x7f", 1)));
	printf("%s %s %s\n", strstr("the quick brown fox", "quick"), strstr("aaaaaaaab", "aaab"), strstr("x", "y") ? "y" : "none");
	printf("%s %s\n", (char *)memmem("abcabcabd", 9, "abcabd", 6), strcasestr("HayStack", "sTA"));
	printf("%zu %zu %s %s\n", strspn("aabbc", "ab"), strcspn("hello, you", ", "), strpbrk("a=b;c", ";="), strrchr("a/b/c", '/'));
	strcpy(a, "one,two;;three");
	for (char *save, *p = strtok_r(a, ",;", &save); p; p = strtok_r(NULL, ",;", &save))
		printf("[%s]", p);
	strcpy(a, "a:b::c");
	for (char *s = a, *p; (p = strsep(&s, ":"));)
		printf("<%s>", p);
	printf("\n%s", strncpy(memset(a, 'z', 10), "ab", 5));
	printf(" %td %s %s\n", stpcpy(a, "four") - a, strncat(strcpy(b, "ab"), "cdef", 2), (char *)memccpy(a, "x:y", ':', 3) ? "found" : "no");
	printf("%d %d %d %d %d\n", sign(strverscmp("a9", "a10")), sign(strverscmp("a01", "a1")), sign(strverscmp("a.9", "a.09")),
	       sign(strverscmp("000", "00")), sign(strverscmp("x", "x")));
	printf("%s|%s|%s\n", strerror(0), strerror(ENOENT), strerror(4242));
}

static void classes(void)
{
	unsigned long sums[14] = { 0 };

	for (int c = 0; c < 128; c++) {
		int is[14] = { isalnum(c), isalpha(c), isblank(c), iscntrl(c), isdigit(c), isgraph(c), islower(c), isprint(c),
			       ispunct(c), isspace(c), isupper(c), isxdigit(c), toupper(c) != c, tolower(c) != c };

		for (int i = 0; i < 14; i++)
			sums[i] = sums[i] * 3 + (is[i] != 0);
	}
	for (int i = 0; i < 14; i++)
		printf("%lx ", sums[i]);
	putchar('\n');
}

static void wide(void)
{
	static const wchar_t some[] = { L'a', L'Z', L'5', L' ', L'é', L'É', L'ß', L'ж', L'Ж', L'中', L'!', L'…', 0x301, 0x3000, 0xa0, 0x7f, 0x1f600 };

	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		wint_t c = (wint_t)some[i];

		printf("%x: %d%d%d%d%d%d %x %x %d\n", c, !!iswalpha(c), !!iswupper(c), !!iswdigit(c), !!iswspace(c), !!iswcntrl(c), !!iswprint(c),
		       towupper(c), towlower(c), wcwidth((wchar_t)c));
	}
	printf("%d %ls %zu %ls\n", sign(wcscmp(L"ab", L"b")), wcsstr(L"aabaabaaab", L"aaab"), wcscspn(L"xyz", L"zy"), wcsrchr(L"a.b.c", L'.'));
	printf("%d %d\n", wcswidth(L"a中é", 3), sign(wcscasecmp(L"ÀB", L"àb")));
}

static void encodings(void)
{
	static const char *const t[] = { "abc", "é", "中文", "\xf0\x9f\x98\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8", "a\x80", "\xff" };
	mbstate_t st;
	wchar_t w[16];
	char mb[32];
	const wchar_t *ws = L"é中x";
	char16_t c16[2];

	printf("%s %zu\n", nl_langinfo(CODESET), MB_CUR_MAX);
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const char *s = t[i];
		wchar_t wc = 0;
		size_t k, n;

		memset(&st, 0, sizeof(st));
		errno = 0;
		k = mbrtowc(&wc, s, strlen(s), &st);
		memset(&st, 0, sizeof(st));
		n = mbsrtowcs(w, &s, 16, &st);
		printf("%zd %x | %zd %d\n", (ssize_t)k, k < 5 ? (unsigned)wc : 0, (ssize_t)n, errno);
	}
	/* Byte by byte. */
	memset(&st, 0, sizeof(st));
	for (const char *p = "\xe4\xb8\xad"; *p; p++)
		printf("%zd ", (ssize_t)mbrtowc(w, p, 1, &st));
	memset(&st, 0, sizeof(st));
	printf("%zd %s ", (ssize_t)wcsrtombs(mb, &ws, sizeof(mb), &st), mb);
	printf("%d %d ", wctomb(mb, 0x20ac), wctomb(mb, (wchar_t)0x110000));
	memset(&st, 0, sizeof(st));
	printf("%zd %x ", (ssize_t)mbrtoc16(c16, "\xf0\x9f\x98\x80", 4, &st), c16[0]);
	printf("%zd %x\n", (ssize_t)mbrtoc16(c16 + 1, "", 0, &st), c16[1]);
	printf("|%5s|%.2s|%5ls|%.3ls|%lc|\n", "é", "éa", L"é", L"éé", (wint_t)L'中');
}

static void convert(const char *to, const char *from, const char *text, size_t n)
{
	char out[64], *o = out, in[64], *i = in;
	size_t left = sizeof(out), inleft = n, r;
	iconv_t cd = iconv_open(to, from);

	if (cd == (iconv_t)-1) {
		printf("%s<-%s: %d\n", to, from, errno);
		return;
	}
	memcpy(in, text, n);
	errno = 0;
	r = iconv(cd, &i, &inleft, &o, &left);
	printf("%s<-%s %zd %d %zu:", to, from, (ssize_t)r, errno, inleft);
	for (char *p = out; p < o; p++)
		printf(" %02x", (unsigned char)*p);
	putchar('\n');
	iconv_close(cd);
}

int main(void)
{
	strings();
	classes();
	printf("%s ", setlocale(LC_ALL, NULL));
	printf("%s ", setlocale(LC_CTYPE, "C.UTF-8"));
	printf("%s\n", setlocale(LC_ALL, "xx_YY") ? "?" : "none");
	wide();
	encodings();
	convert("UTF-16LE", "UTF-8", "a\xc3\xa9\xf0\x9f\x98\x80", 7);
	convert("UTF-32BE", "UTF-8", "a\xe4\xb8\xad", 4);
	convert("UTF-8", "ISO-8859-1", "\xe9\xff", 2);
	convert("ISO-8859-1", "UTF-8", "\xc3\xa9\xc3\xbf", 4);
	convert("UTF-8", "UTF-16", "\xff\xfe\x61\x00\x3d\xd8\x00\xde", 8);
	convert("UTF-8", "UTF-16BE", "\x00\x61\xd8\x3d", 4);
	convert("UTF-8", "UTF-8", "a\xff" "b", 3);
	convert("UTF-8", "UTF-8", "a\xe4\xb8", 3);
	convert("ASCII", "UTF-8", "abc", 3);
	return 0;
}
