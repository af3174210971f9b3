/*
 * libposix-text-tests - the C library's text: encodings, wide streams, iconv, floating point,
 * patterns, time zone files, memory streams against what the standards say, one line a
 * group. What tests/libposix compares with glibc isn't repeated.
 */
#include "libposix-check.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <fts.h>
#include <iconv.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <mntent.h>
#include <monetary.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <time.h>
#include <uchar.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/* How one call of mbrtowc ends. */
static long decode(const char *s, wchar_t *wc)
{
	mbstate_t st = { 0 };

	*wc = 0;
	return (long)mbrtowc(wc, s, strlen(s), &st);
}

static void test_utf8(void)
{
	static const char *const bad[] = {
		"\xc0\x80",	    "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf0\x80\x80\x80", "\xff",	    "\x80",	    "\xc3("
	};
	char mb[MB_LEN_MAX];
	mbstate_t st = { 0 };
	char16_t c16;
	wchar_t wc;

	CHECK(!strcmp(setlocale(LC_CTYPE, "C.UTF-8"), "C.UTF-8"));
	CHECK(MB_CUR_MAX == 4 && !strcmp(nl_langinfo(CODESET), "UTF-8"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		errno = 0;
		CHECK(decode(bad[i], &wc) == -1 && errno == EILSEQ);
	}
	CHECK(decode("\xc3\xa9", &wc) == 2 && wc == 0xe9);
	CHECK(decode("\xf4\x8f\xbf\xbf", &wc) == 4 && wc == 0x10ffff);
	CHECK(decode("\xe4\xb8", &wc) == -2);
	/* Every character there and back, byte by byte. */
	for (wchar_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 977) {
		size_t n = wcrtomb(mb, c, NULL), k = (size_t)-2;

		if (c >= 0xd800 && c < 0xe000) {
			CHECK(n == (size_t)-1);
			continue;
		}
		for (size_t i = 0; i < n; i++)
			k = mbrtowc(&wc, mb + i, 1, &st);
		CHECK(k == 1 && wc == c);
	}
	CHECK(mbrtoc16(&c16, "\xf0\x9f\x98\x80", 4, &st) == 4 && c16 == 0xd83d);
	CHECK(mbrtoc16(&c16, "", 0, &st) == (size_t)-3 && c16 == 0xde00);
	CHECK(towupper(0xe9) == 0xc9 && towlower(0x416) == 0x436 && iswalpha(0x4e2d) &&
	      !iswalpha(0x3000));
	CHECK(iswspace(0x3000) && !iswspace(0xa0) && iswpunct(0x2026));
	CHECK(wcwidth(0x4e2d) == 2 && wcwidth(0x301) == 0 && wcwidth('a') == 1 && wcwidth(7) == -1);
	setlocale(LC_ALL, "C");
	CHECK(MB_CUR_MAX == 1 && decode("\xc3", &wc) == 1 && wctob((wint_t)wc) == 0xc3 &&
	      !iswalpha((wint_t)wc));
}

static void test_locales(void)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL), old;

	CHECK(utf8 && !setlocale(LC_ALL, "xx_YY"));
	CHECK(!newlocale(LC_ALL_MASK, "nowhere", NULL) && errno == ENOENT);
	old = uselocale(utf8);
	CHECK(old == LC_GLOBAL_LOCALE && MB_CUR_MAX == 4);
	CHECK(uselocale(LC_GLOBAL_LOCALE) == utf8 && MB_CUR_MAX == 1);
	freelocale(utf8);
	setlocale(LC_CTYPE, "C.UTF-8");
	CHECK(!!strstr(setlocale(LC_ALL, NULL), "LC_CTYPE=C.UTF-8;LC_NUMERIC=C"));
	CHECK(!!setlocale(LC_ALL, setlocale(LC_ALL, NULL)));
	setlocale(LC_ALL, "C");
	CHECK(!strcmp(localeconv()->decimal_point, "."));
}

/* Convert all of `text`; the result's length, or -1 and errno. */
static long convert(const char *to, const char *from, const char *text, size_t n, char out[64])
{
	char in[64], *i = in, *o = out;
	size_t left = 64, r;
	iconv_t cd = iconv_open(to, from);

	if (cd == (iconv_t)-1)
		return -2;
	memcpy(in, text, n);
	r = iconv(cd, &i, &n, &o, &left);
	iconv_close(cd);
	return r == (size_t)-1 ? -1 : o - out;
}

static void test_iconv(void)
{
	char out[64];

	CHECK(convert("UTF-16LE", "UTF-8", "a\xf0\x9f\x98\x80", 5, out) == 6 &&
	      !memcmp(out, "a\0\x3d\xd8\x00\xde", 6));
	CHECK(convert("utf8", "UTF-16",
		      "\xff\xfe"
		      "a\0",
		      4, out) == 1 &&
	      out[0] == 'a');
	CHECK(convert("UTF-32", "UTF-8", "a", 1, out) == 8 &&
	      !memcmp(out, "\0\0\xfe\xff\0\0\0a", 8));
	CHECK(convert("UTF-8", "latin1", "\xe9", 1, out) == 2 && !memcmp(out, "\xc3\xa9", 2));
	errno = 0;
	CHECK(convert("UTF-8", "UTF-8", "a\xe4\xb8", 3, out) == -1 && errno == EINVAL);
	CHECK(convert("UTF-8", "UTF-8", "a\xff", 2, out) == -1 && errno == EILSEQ);
	CHECK(convert("ASCII//TRANSLIT", "UTF-8", "\xc3\xa9", 2, out) == 1 && out[0] == '?');
	CHECK(convert("UTF-8", "KOI-9", "", 0, out) == -2);
}

static void test_wide_streams(void)
{
	FILE *f = tmpfile();
	wchar_t *text, line[8], word[8];
	size_t size;
	int n;

	setlocale(LC_CTYPE, "C.UTF-8");
	CHECK(f && fwide(f, 0) == 0 && fputws(L"\u00e9\u4e2d x 42\n", f) >= 0 && fwide(f, 0) > 0);
	CHECK(ftell(f) == 11);
	rewind(f);
	CHECK(fgetwc(f) == 0xe9 && ungetwc(0xdf, f) == 0xdf && fgetwc(f) == 0xdf);
	CHECK(fwscanf(f, L"%ls x %d", word, &n) == 2 && !wcscmp(word, L"\u4e2d") && n == 42);
	CHECK(fgetws(line, 8, f) && !wcscmp(line, L"\n") && fgetwc(f) == WEOF && feof(f));
	fclose(f);
	f = open_wmemstream(&text, &size);
	CHECK(fwprintf(f, L"%5ls|%.1s|%c", L"\u00e9", "\xc3\xa9x", 'c') == 9);
	fclose(f);
	CHECK(size == 9 && !wcscmp(text, L"    \u00e9|\u00e9|c"));
	free(text);
	/* A character cut off by the end. */
	f = fmemopen((void *)"a\xe4\xb8", 3, "r");
	CHECK(fgetwc(f) == 'a' && fgetwc(f) == WEOF && ferror(f));
	fclose(f);
	setlocale(LC_ALL, "C");
}

/* Every kind of exponent there and back through 17 digits, and through %a. */
static void test_floats(void)
{
	unsigned long seed = 1;
	char text[64], *end;

	for (int i = 0; i < 4000; i++) {
		union {
			unsigned long bits;
			double d;
		} u, v;

		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		u.bits = seed;
		if ((u.bits >> 52 & 0x7ff) == 0x7ff)
			continue;
		snprintf(text, sizeof(text), i & 1 ? "%.17g" : "%a", u.d);
		v.d = strtod(text, &end);
		if (v.bits != u.bits || *end) {
			fail_at(__LINE__, text);
			return;
		}
	}
	snprintf(text, sizeof(text), "%.40Lg", 0.1L);
	CHECK(!strcmp(text, "0.1000000000000000000000000000000000048148"));
	snprintf(text, sizeof(text), "%La", __LDBL_MAX__);
	CHECK(strtold(text, NULL) == __LDBL_MAX__);
	CHECK(strtold("1e-4965", NULL) > 0 && strtold("1e-4970", NULL) == 0);
	CHECK(strtod("179769313486231580793e289", NULL) == __builtin_inf());
	CHECK(snprintf(NULL, 0, "%.1000000f", 0.5) == 1000002);
}

static int matches(const char *pattern, int flags, const char *text, long so, long eo)
{
	regmatch_t m[2];
	regex_t re;
	int ok;

	if (regcomp(&re, pattern, flags))
		return 0;
	ok = !regexec(&re, text, 2, m, 0) && m[0].rm_so == so && m[0].rm_eo == eo;
	regfree(&re);
	return ok;
}

static void test_regex(void)
{
	char *text = malloc(30001);
	regmatch_t m[3];
	regex_t re;

	setlocale(LC_CTYPE, "C.UTF-8");
	CHECK(matches("^.$", REG_EXTENDED, "\xe4\xb8\xad", 0, 3));
	CHECK(matches("[\xc3\xa0-\xc3\xbf]+", REG_EXTENDED, "x\xc3\xa9\xc3\xa8y", 1, 5));
	CHECK(matches("\xc3\x89", REG_ICASE, "\xc3\xa9", 0, 2));
	setlocale(LC_ALL, "C");
	/* POSIX: the first part as long as it can be, whatever the order of the choices. */
	CHECK(!regcomp(&re, "(a|ab)(c|bcd)?", REG_EXTENDED));
	CHECK(!regexec(&re, "abcd", 3, m, 0) && m[0].rm_eo == 4 && m[1].rm_eo == 1);
	regfree(&re);
	/* What would take a backtracking matcher the age of the universe. */
	memset(text, 'a', 30000);
	text[30000] = 0;
	CHECK(!regcomp(&re, "(a*)*b|(a|aa)+$", REG_EXTENDED));
	CHECK(!regexec(&re, text, 1, m, 0) && m[0].rm_so == 0 && m[0].rm_eo == 30000);
	regfree(&re);
	CHECK(!regcomp(&re, "(x+x+)+y", REG_EXTENDED | REG_NOSUB));
	memset(text, 'x', 30000);
	CHECK(regexec(&re, text, 0, NULL, 0) == REG_NOMATCH);
	regfree(&re);
	free(text);
	CHECK(fnmatch("*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		      0) == FNM_NOMATCH);
}

/* A zone file made by hand: one change, from +1:00 to +2:00, then a rule. */
static void test_zone_file(void)
{
	static const unsigned char head[44] = { 'T', 'Z',      'i',	 'f',
						'2', [35] = 1, [39] = 2, [43] = 8 };
	static const unsigned char types[] = { 0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0x1c, 0x20, 1, 4 };
	static const unsigned char when[] = { 0, 0, 0, 0, 0x59, 0x68, 0x2f, 0x00 };
	time_t before = 1500000000 - 86400, after = 1500000000 + 86400, late = 2000000000;
	FILE *f = fopen("/tmp/zone", "w");
	static const unsigned char empty[44] = { 'T', 'Z', 'i', 'f', '2', [39] = 1, [43] = 1 };
	static const unsigned char one[7] = { 0 };
	struct tm tm;

	fwrite(empty, 1, sizeof(empty), f);
	fwrite(one, 1, sizeof(one), f);
	fwrite(head, 1, sizeof(head), f);
	fwrite(when, 1, sizeof(when), f);
	fputc(1, f);
	fwrite(types, 1, sizeof(types), f);
	fwrite("AAA\0BBB", 1, 8, f);
	fputs("\nCCC-3\n", f);
	fclose(f);
	setenv("TZ", ":/tmp/zone", 1);
	CHECK(localtime_r(&before, &tm) && tm.tm_gmtoff == 3600 && !strcmp(tm.tm_zone, "AAA"));
	CHECK(localtime(&late) && localtime_r(&late, &tm) && tm.tm_gmtoff == 10800);
	(void)after;
	setenv("TZ", "UTC0", 1);
	tzset();
	unlink("/tmp/zone");
}

struct item {
	int n;
	TAILQ_ENTRY(item) link;
};

static void test_others(void)
{
	TAILQ_HEAD(list, item) list = TAILQ_HEAD_INITIALIZER(list);
	struct item items[4] = { { .n = 0 }, { .n = 1 }, { .n = 2 }, { .n = 3 } }, *it;
	char *roots[] = { (char *)"/tmp/ftsdir", NULL }, buf[64], path[PATH_MAX];
	char line[] = "/dev/a\\040b /mnt ext4 rw,noauto 0 1\n";
	struct mntent *m;
	int sum = 0, seen = 0;
	FTSENT *e;
	FILE *f;
	FTS *fts;

	for (int i = 0; i < 4; i++)
		TAILQ_INSERT_TAIL(&list, &items[i], link);
	TAILQ_REMOVE(&list, &items[1], link);
	TAILQ_FOREACH_REVERSE(it, &list, list, link)
	sum = sum * 10 + it->n;
	CHECK(sum == 320);
	f = fmemopen(line, sizeof(line) - 1, "r");
	m = getmntent(f);
	CHECK(m && !strcmp(m->mnt_fsname, "/dev/a b") && m->mnt_passno == 1 &&
	      hasmntopt(m, "noauto"));
	endmntent(f);
	mkdir("/tmp/ftsdir", 0755);
	mkdir("/tmp/ftsdir/d", 0755);
	close(open("/tmp/ftsdir/d/f", O_CREAT | O_WRONLY, 0644));
	fts = fts_open(roots, FTS_PHYSICAL, NULL);
	while (fts && (e = fts_read(fts)))
		seen = seen * 16 + e->fts_info;
	CHECK(seen == 0x11866);
	if (fts)
		fts_close(fts);
	unlink("/tmp/ftsdir/d/f");
	rmdir("/tmp/ftsdir/d");
	rmdir("/tmp/ftsdir");
	CHECK(strfmon(buf, sizeof(buf), "[%=*#6.2n][%8i]", 12.345, -1.5) == 22);
	CHECK(!strcmp(buf, "[ ****12.35][   -1.50]"));
	CHECK(!strcmp(realpath("/proc/../tmp/.", path), "/tmp"));
}

static const struct check_group groups[] = {
	{ "encodings", test_utf8 },	  { "locales", test_locales },
	{ "iconv", test_iconv },	  { "wide-streams", test_wide_streams },
	{ "floats", test_floats },	  { "regex", test_regex },
	{ "zone-files", test_zone_file }, { "others", test_others },
};

int main(int argc, char **argv)
{
	return CHECK_GROUPS("libposix-text-tests", groups, argc, argv);
}
