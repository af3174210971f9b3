/*
 * libposix-tests - the C library against what the standards say, one line a
 * group. It also compiles against any other libc, to see whether that agrees.
 */
#include "libposix-check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <resolv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- printf ---------------------------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
prints(int line, const char *want, const char *fmt, ...)
{
	char buf[200], text[280];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n == (int)strlen(want) && !strcmp(buf, want))
		return;
	snprintf(text, sizeof(text), "\"%s\" gave \"%s\" (%d), not \"%s\"", fmt, buf, n, want);
	fail_at(line, text);
}

#define PRINTS(want, ...) prints(__LINE__, want, __VA_ARGS__)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat"

static void printf_integers(void)
{
	PRINTS("0 1 -1 2147483647 -2147483648", "%d %d %i %d %d", 0, 1, -1, INT_MAX, INT_MIN);
	PRINTS("9223372036854775807 -9223372036854775808", "%ld %lld", LONG_MAX, LLONG_MIN);
	PRINTS("4294967295 18446744073709551615", "%u %lu", UINT_MAX, ULONG_MAX);
	PRINTS("ff FF 0xff 0XFF 0", "%x %X %#x %#X %#x", 255, 255, 255, 255, 0);
	PRINTS("10 010 0 0", "%o %#o %#o %o", 8, 8, 0, 0);
	PRINTS("   42|42   |00042|+42| 42", "%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42);
	PRINTS("  -42|-42  |-0042", "%5d|%-5d|%05d", -42, -42, -42);
	PRINTS("00042|   00042|00042   |   +0042", "%.5d|%8.5d|%-8.5d|%+8.4d", 42, 42, 42, 42);
	PRINTS("|x|", "%.0d|x|", 0);
	PRINTS("0|00000", "%.1d|%.5d", 0, 0);
	PRINTS("    0x2a|0x2a    |0x00002a", "%#8x|%-#8x|%#08x", 42, 42, 42);
	PRINTS("0x0000002a", "%#.8x", 42);
	PRINTS("     042", "%08.3d", 42);
	PRINTS("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, 255, 65535, 65535);
	PRINTS("-5 5 7 -9", "%zd %zu %jd %td", (ssize_t)-5, (size_t)5, (intmax_t)7, (ptrdiff_t)-9);
	PRINTS("   7|7   |  007", "%*d|%-*d|%*.*d", 4, 7, 4, 7, 5, 3, 7);
	PRINTS("7   |7", "%*d|%.*d", -4, 7, -1, 7);
	PRINTS("0x1234", "%p", (void *)0x1234);
	PRINTS("1 2 3", "%" PRId64 " %" PRIu32 " %" PRIx8, (int64_t)1, (uint32_t)2, 3);
}

static void printf_text(void)
{
	char buf[8];
	int at = -1;

	PRINTS("hello|  hi|hi  |he|  he", "%s|%4s|%-4s|%.2s|%4.2s", "hello", "hi", "hi", "hello",
	       "hello");
	PRINTS("a%b|  x|x  ", "%c%%%c|%3c|%-3c", 'a', 'b', 'x', 'x');
	PRINTS("||", "|%.0s|", "abc");
	PRINTS("abc", "%.3s", "abcdef");
	PRINTS("", "%s", "");
	errno = ENOENT;
	PRINTS("No such file or directory", "%m");
	CHECK(snprintf(buf, sizeof(buf), "abcd%nef", &at) == 6 && at == 4);
	CHECK(snprintf(buf, sizeof(buf), "0123456789") == 10 && !strcmp(buf, "0123456"));
	CHECK(snprintf(NULL, 0, "%s", "0123456789") == 10);
	CHECK(snprintf(buf, 1, "x") == 1 && !buf[0]);
}

#pragma GCC diagnostic pop

/* ---- strings --------------------------------------------------------------------------- */

static void memory(void)
{
	char a[300], b[300];

	for (size_t from = 0; from < 20; from++) {
		for (size_t to = 0; to < 20; to++) {
			for (size_t n = 0; n < 70; n += 3) {
				for (int i = 0; i < 300; i++) {
					a[i] = (char)i;
					b[i] = (char)-i;
				}
				memcpy(b + to, a + from, n);
				for (int i = 0; i < 300; i++) {
					int in = i >= (int)to && i < (int)(to + n);

					CHECK(b[i] == (in ? a[i - (int)to + (int)from] : (char)-i));
				}
				memmove(a + to, a + from, n);
				for (size_t i = 0; i < n; i++)
					CHECK(a[to + i] == (char)(from + i));
				memset(b + to, 0x5a, n);
				for (size_t i = 0; i < 300; i++)
					if (i >= to && i < to + n)
						CHECK(b[i] == 0x5a);
				CHECK(to == 0 || b[to - 1] == (char)-(int)(to - 1));
			}
		}
	}
	CHECK(memcmp("abc", "abd", 3) < 0 && memcmp("abc", "abd", 2) == 0);
	CHECK(memcmp("\xff", "\x01", 1) > 0);
	CHECK(memchr("abcabc", 'c', 6) && !memchr("abcabc", 'd', 6) && !memchr("abc", 'c', 2));
}

static void strings(void)
{
	char buf[40], *save, *p;
	const char *text = "abcabc";

	CHECK(strlen("") == 0 && strlen("abc") == 3 && strnlen("abcdef", 3) == 3);
	CHECK(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && !strcmp("", ""));
	CHECK(strcmp("a\x80", "a\x7f") > 0 && strcmp("a", "ab") < 0);
	CHECK(!strncmp("abc", "abd", 2) && strncmp("abc", "abd", 3) < 0);
	CHECK(!strcasecmp("HeLLo", "hEllO") && strncasecmp("ABCx", "abcy", 4) < 0);
	CHECK(strchr(text, 'b') == text + 1 && strrchr(text, 'b') == text + 4);
	CHECK(strchr(text, 0) == text + 6 && !strchr(text, 'z') && !strrchr(text, 'z'));
	CHECK(strstr(text, "ca") == text + 2 && strstr(text, "") == text && !strstr(text, "cc"));
	CHECK(strspn("aabbc", "ab") == 4 && strcspn("aabbc", "cb") == 2 && strcspn("abc", "") == 3);
	CHECK(strpbrk(text, "cb") == text + 1 && !strpbrk(text, "xyz"));
	memset(buf, 'x', sizeof(buf));
	strncpy(buf, "abc", 6);
	CHECK(!memcmp(buf, "abc\0\0\0x", 7));
	strcpy(buf, "one");
	strcat(buf, "two");
	strncat(buf, "three", 2);
	CHECK(!strcmp(buf, "onetwoth"));
	strcpy(buf, "  a,b;;c ");
	CHECK(!strcmp(strtok_r(buf, " ,;", &save), "a") &&
	      !strcmp(strtok_r(NULL, " ,;", &save), "b"));
	CHECK(!strcmp(strtok_r(NULL, " ,;", &save), "c") && !strtok_r(NULL, " ,;", &save));
	strcpy(buf, "a,,b");
	p = buf;
	CHECK(!strcmp(strsep(&p, ","), "a") && !strcmp(strsep(&p, ","), ""));
	CHECK(!strcmp(strsep(&p, ","), "b") && !p && !strsep(&p, ","));
	p = strdup("copy");
	CHECK(p && !strcmp(p, "copy"));
	free(p);
	p = strndup("copy", 2);
	CHECK(p && !strcmp(p, "co"));
	free(p);
	CHECK(!strcmp(strerror(EACCES), "Permission denied") && !strcmp(strerror(0), "Success"));
	CHECK(!strcmp(strsignal(SIGSEGV), "Segmentation fault"));
	CHECK(ffs(0) == 0 && ffs(8) == 4 && ffs(INT_MIN) == 32);
}

static void characters(void)
{
	int counts[6] = { 0 };

	for (int c = -1; c < 256; c++) {
		counts[0] += !!isalpha(c);
		counts[1] += !!isdigit(c);
		counts[2] += !!isspace(c);
		counts[3] += !!ispunct(c);
		counts[4] += !!isprint(c);
		counts[5] += !!iscntrl(c);
	}
	CHECK(counts[0] == 52 && counts[1] == 10 && counts[2] == 6);
	CHECK(counts[3] == 32 && counts[4] == 95 && counts[5] == 33);
	CHECK(toupper('a') == 'A' && tolower('Z') == 'z' && toupper('1') == '1');
}

/* ---- numbers --------------------------------------------------------------------------- */

static void reads(int line, const char *s, int base, long want, size_t used, int err)
{
	char *end;
	long got;

	errno = 0;
	got = strtol(s, &end, base);
	if (got != want || (size_t)(end - s) != used || errno != err) {
		char text[200];

		snprintf(text, sizeof(text), "strtol(\"%s\", %d) gave %ld, %zu used, errno %d", s,
			 base, got, (size_t)(end - s), errno);
		fail_at(line, text);
	}
}

#define READS(...) reads(__LINE__, __VA_ARGS__)

static void conversions(void)
{
	char *end;

	READS("42", 10, 42, 2, 0);
	READS("  -42x", 10, -42, 5, 0);
	READS("+7", 10, 7, 2, 0);
	READS("0x1F", 0, 31, 4, 0);
	READS("0x1F", 16, 31, 4, 0);
	READS("0xg", 16, 0, 1, 0);
	READS("017", 0, 15, 3, 0);
	READS("zz", 36, 1295, 2, 0);
	READS("", 10, 0, 0, 0);
	READS("-", 10, 0, 0, 0);
	READS("9223372036854775807", 10, LONG_MAX, 19, 0);
	READS("9223372036854775808", 10, LONG_MAX, 19, ERANGE);
	READS("-9223372036854775808", 10, LONG_MIN, 20, 0);
	READS("-9223372036854775809", 10, LONG_MIN, 20, ERANGE);
	READS("99999999999999999999999", 10, LONG_MAX, 23, ERANGE);
	errno = 0;
	CHECK(strtoul("18446744073709551615", &end, 10) == ULONG_MAX && !errno && !*end);
	CHECK(strtoul("18446744073709551616", NULL, 10) == ULONG_MAX && errno == ERANGE);
	CHECK(strtoul("-1", NULL, 10) == ULONG_MAX);
	CHECK(atoi("12abc") == 12 && atol("-5") == -5);
	CHECK(div(7, -2).quot == -3 && div(7, -2).rem == 1 && labs(-3) == 3);
}

static int by_int(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void sorting(void)
{
	int v[500], key;
	unsigned int seed = 7;

	for (int n = 0; n < 500; n += 37) {
		for (int i = 0; i < n; i++)
			v[i] = rand_r(&seed) % 100;
		qsort(v, (size_t)n, sizeof(*v), by_int);
		for (int i = 1; i < n; i++)
			CHECK(v[i - 1] <= v[i]);
	}
	for (int i = 0; i < 500; i++)
		v[i] = 2 * i;
	for (key = -1; key < 1001; key++) {
		int *p = bsearch(&key, v, 500, sizeof(*v), by_int);

		CHECK(key % 2 || key < 0 || key > 998 ? !p : p && *p == key);
	}
}

/* ---- memory and environment ------------------------------------------------------------ */

static void allocation(void)
{
	void *blocks[200];
	volatile size_t big = PTRDIFF_MAX;
	char *p = NULL, *q;

	for (size_t i = 0; i < 200; i++) {
		blocks[i] = calloc(1, i * i + 1);
		CHECK(blocks[i] && ((uintptr_t)blocks[i] & 15) == 0);
		for (size_t k = 0; k < i * i + 1; k++)
			CHECK(!((char *)blocks[i])[k]);
		memset(blocks[i], (int)i, i * i + 1);
	}
	for (size_t i = 0; i < 200; i++) {
		blocks[i] = realloc(blocks[i], i * i * 3 + 1);
		for (size_t k = 0; k < i * i + 1; k++)
			CHECK(((unsigned char *)blocks[i])[k] == i);
	}
	for (size_t i = 0; i < 200; i += 2)
		free(blocks[i]);
	for (size_t i = 1; i < 200; i += 2)
		free(blocks[i]);
	errno = 0;
	CHECK(!malloc(big) && errno == ENOMEM);
	errno = 0;
	CHECK(!calloc(big, 4) && errno == ENOMEM);
	CHECK(!reallocarray(NULL, big, 4));
	for (size_t align = 16; align <= 4096; align *= 2) {
		CHECK(!posix_memalign((void **)&p, align, 100) &&
		      ((uintptr_t)p & (align - 1)) == 0);
		free(p);
	}
	CHECK(posix_memalign((void **)&p, 24, 8) == EINVAL);
	p = malloc(0);
	q = malloc(0);
	CHECK(p && q && p != q);
	free(p);
	free(q);
	free(NULL);
}

static void environment(void)
{
	static char put[] = "LT_PUT=1";
	char name[16];

	CHECK(!getenv("LT_NONE"));
	CHECK(!setenv("LT_A", "1", 0) && !strcmp(getenv("LT_A"), "1"));
	CHECK(!setenv("LT_A", "2", 0) && !strcmp(getenv("LT_A"), "1"));
	CHECK(!setenv("LT_A", "3", 1) && !strcmp(getenv("LT_A"), "3"));
	CHECK(!putenv(put) && !strcmp(getenv("LT_PUT"), "1"));
	put[7] = '2';
	CHECK(!strcmp(getenv("LT_PUT"), "2"));
	CHECK(!unsetenv("LT_A") && !getenv("LT_A") && !unsetenv("LT_A"));
	errno = 0;
	CHECK(setenv("A=B", "x", 1) == -1 && errno == EINVAL && setenv("", "x", 1) == -1);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "LT_%d", i);
		CHECK(!setenv(name, name, 1));
	}
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "LT_%d", i);
		CHECK(getenv(name) && !strcmp(getenv(name), name));
	}
}

/* ---- streams --------------------------------------------------------------------------- */

static char path[64];

static void streams(void)
{
	char line[100], *text = NULL;
	size_t room = 0;
	FILE *f = fopen(path, "w+");
	long at;

	CHECK(f);
	for (int i = 0; i < 2000; i++)
		CHECK(fprintf(f, "line %d\n", i) > 0);
	CHECK(!fseek(f, 0, SEEK_SET));
	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		CHECK(getline(&text, &room, f) == (ssize_t)strlen(line) && !strcmp(text, line));
	}
	CHECK(getline(&text, &room, f) == -1 && feof(f) && !ferror(f));
	free(text);
	rewind(f);
	CHECK(!feof(f) && fgetc(f) == 'l' && ungetc('L', f) == 'L' && fgetc(f) == 'L');
	CHECK(fgets(line, 4, f) && !strcmp(line, "ine") && ftell(f) == 4);
	at = ftell(f);
	/* Reading, then writing at the same place, then reading it. */
	CHECK(!fseek(f, at, SEEK_SET) && fputs("XYZ", f) >= 0 && ftell(f) == at + 3);
	CHECK(!fseek(f, 0, SEEK_SET) && fgets(line, 100, f) && !strcmp(line, "lineXYZline 1\n"));
	CHECK(!fclose(f));

	f = fopen(path, "a");
	CHECK(f && fputs("end", f) >= 0 && !fclose(f));
	f = fopen(path, "r");
	CHECK(!fseek(f, -3, SEEK_END) && fread(line, 1, 100, f) == 3 && !memcmp(line, "end", 3));
	errno = 0;
	CHECK(fputc('x', f) == EOF && ferror(f) && errno == EBADF);
	clearerr(f);
	CHECK(!ferror(f) && !fclose(f));
	errno = 0;
	CHECK(!fopen("/nonexistent/x", "r") && errno == ENOENT);
	CHECK(!fopen(path, "q") && errno == EINVAL);
	CHECK(!fopen(path, "wx") && errno == EEXIST);
}

static void buffering(void)
{
	int fds[2];
	char buf[64];
	FILE *f;

	CHECK(!pipe(fds) && fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	f = fdopen(fds[1], "w");
	CHECK(f && fputs("waits", f) >= 0 && read(fds[0], buf, 64) == -1);
	CHECK(!fflush(f) && read(fds[0], buf, 64) == 5);
	CHECK(!setvbuf(f, NULL, _IOLBF, 0) && fputs("one\ntwo", f) >= 0);
	CHECK(read(fds[0], buf, 64) >= 4 && !memcmp(buf, "one\n", 4));
	CHECK(!fflush(f));
	while (read(fds[0], buf, 64) > 0)
		continue;
	CHECK(!setvbuf(f, NULL, _IONBF, 0) && fputs("now", f) >= 0 && read(fds[0], buf, 64) == 3);
	CHECK(!fclose(f) && read(fds[0], buf, 64) == 0);
	close(fds[0]);
}

static void folders(void)
{
	struct dirent *e;
	int n = 0;
	DIR *d;

	CHECK(!unlink(path) && !mkdir(path, 0700));
	for (int i = 0; i < 50; i++) {
		char name[100];

		snprintf(name, sizeof(name), "%s/%d", path, i);
		CHECK(close(open(name, O_CREAT | O_WRONLY, 0600)) == 0);
	}
	d = opendir(path);
	CHECK(d);
	for (int round = 0; round < 2; round++) {
		n = 0;
		while ((e = readdir(d)))
			n += e->d_name[0] != '.';
		CHECK(n == 50);
		rewinddir(d);
	}
	closedir(d);
	for (int i = 0; i < 50; i++) {
		char name[100];

		snprintf(name, sizeof(name), "%s/%d", path, i);
		CHECK(!remove(name));
	}
	CHECK(!remove(path) && !opendir(path) && errno == ENOENT);
}

/* ---- time, options, jumps, processes --------------------------------------------------- */

static void calendar(void)
{
	static const struct {
		time_t t;
		const char *text;
	} table[] = {
		{ 0, "1970-01-01 00:00:00 Thu 001" },
		{ 951782400, "2000-02-29 00:00:00 Tue 060" },
		{ 951868799, "2000-02-29 23:59:59 Tue 060" },
		{ 1767225600, "2026-01-01 00:00:00 Thu 001" },
		{ 4107542400, "2100-03-01 00:00:00 Mon 060" },
		{ -1, "1969-12-31 23:59:59 Wed 365" },
		{ -2203891200, "1900-03-01 00:00:00 Thu 060" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct tm tm;
		char text[64];

		CHECK(gmtime_r(&table[i].t, &tm) && timegm(&tm) == table[i].t);
		CHECK(strftime(text, sizeof(text), "%F %T %a %j", &tm) == strlen(table[i].text));
		if (strcmp(text, table[i].text))
			fail_at(__LINE__, text);
	}
	for (time_t t = -100000000000; t < 100000000000; t += 86399 * 997) {
		struct tm tm;

		CHECK(gmtime_r(&t, &tm) && timegm(&tm) == t);
	}
}

static void options(void)
{
	static const struct option longs[] = { { "alpha", no_argument, NULL, 'a' },
					       { "beta", required_argument, NULL, 'b' },
					       { NULL, 0, NULL, 0 } };
	char *argv[] = { (char *)"x",
			 (char *)"-ab",
			 (char *)"one",
			 (char *)"--beta=two",
			 (char *)"--alpha",
			 (char *)"-bz",
			 (char *)"--be",
			 (char *)"three",
			 (char *)"--",
			 (char *)"-a",
			 NULL };
	const char *want = "ab(one)b(two)ab(z)b(three)";
	char got[64] = "";
	int c;

	optind = 1;
	opterr = 0;
	while ((c = getopt_long(10, argv, "ab:", longs, NULL)) != -1) {
		size_t n = strlen(got);

		snprintf(got + n, sizeof(got) - n, optarg ? "%c(%s)" : "%c", c, optarg);
	}
	CHECK(!strcmp(got, want) && optind == 9);

	char *bad[] = { (char *)"x", (char *)"-q", (char *)"--none", (char *)"-b", NULL };

	optind = 1;
	CHECK(getopt_long(4, bad, "ab:", longs, NULL) == '?' && optopt == 'q');
	CHECK(getopt_long(4, bad, "ab:", longs, NULL) == '?');
	CHECK(getopt_long(4, bad, ":ab:", longs, NULL) == ':' && optopt == 'b');
	CHECK(getopt_long(4, bad, "ab:", longs, NULL) == -1 && optind == 4);
}

static jmp_buf env;

static void jump(int n);
static void (*volatile next)(int n) = jump;

/* Ten frames deep, by a pointer so that they are real ones. */
static void jump(int n)
{
	if (n)
		next(n - 1);
	else
		longjmp(env, 0);
}

static void jumps(void)
{
	volatile int times = 0;
	double keep = 1.5;
	int got = setjmp(env);

	if (!times++)
		jump(10);
	CHECK(got == 1 && times == 2 && keep == 1.5);
}

static void at_exit_one(void)
{
	fputs("1", stdout);
}

static void at_exit_two(void)
{
	fputs("2", stdout);
}

/* What exit does: the functions in reverse, then the streams. */
static void endings(void)
{
	char buf[16];
	int fds[2], status;
	pid_t pid;

	CHECK(!pipe(fds));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(fds[1], 1);
		atexit(at_exit_one);
		atexit(at_exit_two);
		fputs("0", stdout);
		exit(5);
	}
	close(fds[1]);
	CHECK(read(fds[0], buf, 16) == 3 && !memcmp(buf, "021", 3));
	close(fds[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 5);
	pid = fork();
	if (!pid)
		abort();
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	      WTERMSIG(status) == SIGABRT);
	pid = fork();
	if (!pid) {
		setenv("PATH", "/nonexistent:/proc/self", 1);
		close(1);
		execlp("exe", "libposix-tests", "--help", (char *)NULL);
		_exit(9);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 0);
	pid = fork();
	if (!pid) {
		execlp("no-such-program", "x", (char *)NULL);
		_exit(errno == ENOENT ? 3 : 4);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
}

/* ---- the network ----------------------------------------------------------------------- */

/* Names in messages of name servers: whatever a server sends. */
static void dns_names(void)
{
	static const unsigned char msg[] = {
		1,    'a', 2,	 'b', 'c', 0, /* 0: a.bc */
		1,    'x', 0xc0, 0, /* 6: x.a.bc */
		0xc0, 10, /* 10: itself */
		0xc0, 14,  0xc0, 12, /* 12: round and round */
		0x80, 1,   0, /* 16: no kind of label */
		5,    'c', 'u',	 't', /* 19: longer than the message */
	};
	const unsigned char *end = msg + sizeof(msg);
	char name[20];

	CHECK(dn_expand(msg, end, msg, name, sizeof(name)) == 6 && !strcmp(name, "a.bc"));
	CHECK(dn_expand(msg, end, msg + 6, name, sizeof(name)) == 4 && !strcmp(name, "x.a.bc"));
	CHECK(dn_expand(msg, end, msg + 5, name, sizeof(name)) == 1 && !*name);
	CHECK(dn_expand(msg, end, msg + 6, name, 5) == -1);
	CHECK(dn_expand(msg, end, msg + 10, name, sizeof(name)) == -1);
	CHECK(dn_expand(msg, end, msg + 12, name, sizeof(name)) == -1);
	CHECK(dn_expand(msg, end, msg + 16, name, sizeof(name)) == -1);
	CHECK(dn_expand(msg, end, msg + 19, name, sizeof(name)) == -1);
	CHECK(dn_expand(msg, end, end, name, sizeof(name)) == -1);
}

/* Several messages by one call, a descriptor beside them, and the macros that walk control data. */
static void messages(void)
{
	char in[2][4] = { "one", "two" }, out[2][4] = { "" };
	struct iovec from[2] = { { in[0], 4 }, { in[1], 4 } },
		     to[2] = { { out[0], 4 }, { out[1], 4 } };
	struct mmsghdr send[2] = { { .msg_hdr = { .msg_iov = from, .msg_iovlen = 1 } },
				   { .msg_hdr = { .msg_iov = from + 1, .msg_iovlen = 1 } } };
	struct mmsghdr got[2] = { { .msg_hdr = { .msg_iov = to, .msg_iovlen = 1 } },
				  { .msg_hdr = { .msg_iov = to + 1, .msg_iovlen = 1 } } };
	_Alignas(8) char room[CMSG_SPACE(4) + CMSG_SPACE(4)] = { 0 };
	struct msghdr *h = &send[0].msg_hdr;
	struct cmsghdr *c;
	int fds[2];

	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	CHECK(sendmmsg(fds[0], send, 2, 0) == 2 && send[1].msg_len == 4);
	CHECK(recvmmsg(fds[1], got, 2, 0, NULL) == 2 && !memcmp(in, out, 8));
	h->msg_control = room;
	h->msg_controllen = sizeof(room);
	c = CMSG_FIRSTHDR(h);
	for (int i = 0; i < 2; i++, c = CMSG_NXTHDR(h, c)) {
		CHECK(c);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(4);
		memcpy(CMSG_DATA(c), fds + i, 4);
	}
	CHECK(!c && sendmsg(fds[0], h, 0) == 4);
	memset(room, 0, sizeof(room));
	got[0].msg_hdr.msg_control = room;
	got[0].msg_hdr.msg_controllen = sizeof(room);
	CHECK(recvmsg(fds[1], &got[0].msg_hdr, 0) == 4);
	c = CMSG_FIRSTHDR(&got[0].msg_hdr);
	CHECK(c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(8));
	CHECK(c && !CMSG_NXTHDR(&got[0].msg_hdr, c));
	for (int i = 0; c && i < 2; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + 4 * i, 4);
		CHECK(!close(fd));
	}
	CHECK(!close(fds[0]) && !close(fds[1]));
}

static const struct check_group groups[] = {
	{ "printf-integers", printf_integers },
	{ "printf-text", printf_text },
	{ "memory", memory },
	{ "strings", strings },
	{ "characters", characters },
	{ "conversions", conversions },
	{ "sorting", sorting },
	{ "allocation", allocation },
	{ "environment", environment },
	{ "streams", streams },
	{ "buffering", buffering },
	{ "folders", folders },
	{ "calendar", calendar },
	{ "options", options },
	{ "jumps", jumps },
	{ "endings", endings },
	{ "dns-names", dns_names },
	{ "messages", messages },
};

int main(int argc, char **argv)
{
	snprintf(path, sizeof(path), "/tmp/libposix-tests-%d", getpid());
	return CHECK_GROUPS("libposix-tests", groups, argc, argv);
}
