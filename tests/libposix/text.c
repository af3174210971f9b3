/*
 * text.c - strings and characters: string.h, ctype.h, wchar.h, wctype.h in the C locale
 * (glibc's static programs have no other).
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
					sum = sum * 31 + (unsigned char)a[i] +
					      7u * (unsigned char)b[i];
				b[sb + n] = 0;
				memset(b + sb, 'x', (size_t)n);
				sum += strlen(b + sb) + (memchr(b + sb, 0, 200) == b + sb + n);
				sum += (unsigned long)(strchr(b + sb, 'y') == NULL) +
				       strnlen(b + sb, 5);
			}
	printf("%lx\n", sum);
	printf("%d %d %d %d\n", sign(strcmp("abc", "abd")), sign(strcmp("a", "")),
	       sign(strncmp("abc", "abd", 2)), sign(memcmp("\x80", "\x7f", 1)));
	printf("%s %s %s\n", strstr("the quick brown fox", "quick"), strstr("aaaaaaaab", "aaab"),
	       strstr("x", "y") ? "y" : "none");
	printf("%s %s\n", (char *)memmem("abcabcabd", 9, "abcabd", 6),
	       strcasestr("HayStack", "sTA"));
	printf("%zu %zu %s %s\n", strspn("aabbc", "ab"), strcspn("hello, you", ", "),
	       strpbrk("a=b;c", ";="), strrchr("a/b/c", '/'));
	strcpy(a, "one,two;;three");
	for (char *save, *p = strtok_r(a, ",;", &save); p; p = strtok_r(NULL, ",;", &save))
		printf("[%s]", p);
	strcpy(a, "a:b::c");
	for (char *s = a, *p; (p = strsep(&s, ":"));)
		printf("<%s>", p);
	printf("\n%s", strncpy(memset(a, 'z', 10), "ab", 5));
	printf(" %td %s %s\n", stpcpy(a, "four") - a, strncat(strcpy(b, "ab"), "cdef", 2),
	       (char *)memccpy(a, "x:y", ':', 3) ? "found" : "no");
	printf("%d %d %d %d %d\n", sign(strverscmp("a9", "a10")), sign(strverscmp("a01", "a1")),
	       sign(strverscmp("a.9", "a.09")), sign(strverscmp("000", "00")),
	       sign(strverscmp("x", "x")));
	printf("%s|%s|%s\n", strerror(0), strerror(ENOENT), strerror(4242));
}

static void classes(void)
{
	unsigned long sums[14] = { 0 };

	for (int c = 0; c < 128; c++) {
		int is[14] = { isalnum(c), isalpha(c),	isblank(c),	 iscntrl(c),	 isdigit(c),
			       isgraph(c), islower(c),	isprint(c),	 ispunct(c),	 isspace(c),
			       isupper(c), isxdigit(c), toupper(c) != c, tolower(c) != c };

		for (int i = 0; i < 14; i++)
			sums[i] = sums[i] * 3 + (is[i] != 0);
	}
	for (int i = 0; i < 14; i++)
		printf("%lx ", sums[i]);
	putchar('\n');
}

static void wide(void)
{
	wchar_t w[32];
	const char *src = "plain text";
	mbstate_t st = { 0 };

	printf("%d %ls %zu %ls\n", sign(wcscmp(L"ab", L"b")), wcsstr(L"aabaabaaab", L"aaab"),
	       wcscspn(L"xyz", L"zy"), wcsrchr(L"a.b.c", L'.'));
	printf("%zd ", (ssize_t)mbsrtowcs(w, &src, 32, &st));
	printf("%ls %d %d %zu\n", w, sign(wcscasecmp(L"AB", L"ab")), sign(wmemcmp(L"x", L"y", 1)),
	       wcslen(wcsncat(wcscpy(w, L"ab"), L"cdef", 3)));
	for (wchar_t *save, *t = wcstok(wcscpy(w, L"a b,,c"), L" ,", &save); t;
	     t = wcstok(NULL, L" ,", &save))
		printf("[%ls]", t);
	for (wint_t c = 0; c < 128; c++)
		printf("%d", iswalpha(c) != 0 | (iswpunct(c) != 0) << 1 | (iswspace(c) != 0) << 2);
	printf("\n%zu %d %d\n", MB_CUR_MAX, btowc('a'), wctob(L'z'));
}

int main(void)
{
	strings();
	classes();
	printf("%s %s\n", setlocale(LC_ALL, NULL), setlocale(LC_ALL, "xx_YY") ? "?" : "none");
	wide();
	return 0;
}
