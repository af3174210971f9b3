/*
 * streams.c - stdio: buffers, positions, pushing back, memory streams, cookies, lines;
 * search.h, sorting and pseudo-random numbers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <search.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static void files(void)
{
	FILE *f = tmpfile();
	char buf[64], *line = NULL;
	size_t room = 0;
	ssize_t n;
	fpos_t pos;

	fputs("first\nsecond line\nthird", f);
	printf("%ld ", ftell(f));
	rewind(f);
	while ((n = getline(&line, &room, f)) >= 0)
		printf("%zd<%.*s> ", n, (int)strcspn(line, "\n"), line);
	printf("%d %d ", feof(f), ferror(f));
	clearerr(f);
	fseek(f, 6, SEEK_SET);
	fgetpos(f, &pos);
	printf("%s", fgets(buf, sizeof(buf), f));
	printf("%d %d %ld ", ungetc('X', f), fgetc(f), ftell(f));
	ungetc('Y', f);
	printf("%ld ", ftell(f));
	fseek(f, -3, SEEK_END);
	printf("%zu ", fread(buf, 1, sizeof(buf), f));
	fsetpos(f, &pos);
	printf("%c ", getc(f));
	fseek(f, 0, SEEK_CUR);
	fputs("ZZ", f);
	fflush(f);
	rewind(f);
	n = (ssize_t)fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = 0;
	for (char *p = buf; *p; p++)
		putchar(*p == '\n' ? '/' : *p);
	printf(" %d\n", fseek(f, -100, SEEK_CUR));
	fclose(f);
	free(line);
	errno = 0;
	printf("%d ", fopen("/tmp/none/x", "r") == NULL);
	printf("%d ", errno);
	printf("%d %d\n", fopen("/tmp/x", "q") == NULL, errno);
}

static void buffers(void)
{
	FILE *f = fopen("/tmp/streams", "w+");
	char own[64], back[64] = "";

	setvbuf(f, own, _IOFBF, sizeof(own));
	fputs("hello", f);
	printf("%d %d ", __fwriting(f) != 0, __flbf(f));
	fflush(f);
	fclose(f);
	f = fopen("/tmp/streams", "a+");
	fputs(" more", f);
	printf("%ld ", ftell(f));
	rewind(f);
	printf("%s ", fgets(back, sizeof(back), f));
	fclose(f);
	f = fopen("/tmp/streams", "r");
	errno = 0;
	printf("%d %d %d\n", fputc('x', f), errno, ferror(f) != 0);
	f = freopen("/tmp/streams", "w", f);
	printf("%d\n", fprintf(f, "%d\n", 7));
	fclose(f);
	unlink("/tmp/streams");
}

static void memory(void)
{
	char fixed[8] = "abcdefg", *out;
	wchar_t *wout;
	size_t size;
	FILE *f = fmemopen(fixed, sizeof(fixed), "r+");

	printf("%c%c ", getc(f), getc(f));
	fseek(f, 0, SEEK_CUR);
	fputs("XY", f);
	fclose(f);
	printf("%.8s ", fixed);
	f = open_memstream(&out, &size);
	fprintf(f, "%d-%s", 42, "x");
	fflush(f);
	printf("%s %zu ", out, size);
	fputc('Q', f);
	fclose(f);
	printf("%s %zu ", out, size);
	free(out);
	f = open_wmemstream(&wout, &size);
	fwprintf(f, L"%ls%d", L"w", 5);
	fclose(f);
	printf("%ls %zu\n", wout, size);
	free(wout);
}

static ssize_t cookie_write(void *cookie, const char *buf, size_t n)
{
	printf("{%s:%.*s}", (char *)cookie, (int)n, buf);
	return (ssize_t)n;
}

static void others(void)
{
	FILE *f = fopencookie((void *)"jar", "w", (cookie_io_functions_t){ .write = cookie_write });

	fputs("text", f);
	fclose(f);
	f = tmpfile();
	printf("%d ", fwide(f, 0));
	fputws(L"wide\n", f);
	printf("%d %ld ", fwide(f, 0) > 0, ftell(f));
	rewind(f);
	printf("%c ", (char)fgetwc(f));
	ungetwc(L'W', f);
	for (int i = 0; i < 6; i++)
		printf("%x ", fgetwc(f));
	putchar('\n');
	fclose(f);
}

static int by_int(const void *a, const void *b)
{
	return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static void act(const void *node, VISIT v, int depth)
{
	(void)depth;
	if (v == postorder || v == leaf)
		printf("%d ", **(int *const *)node);
}

static void tables(void)
{
	static int v[1000], keys[50];
	void *root = NULL;
	unsigned long sum = 0;
	ENTRY *found;

	srandom(42);
	for (int i = 0; i < 1000; i++)
		v[i] = (int)random();
	qsort(v, 1000, sizeof(*v), by_int);
	for (int i = 1; i < 1000; i++)
		sum = sum * 31 + (unsigned)v[i] + (v[i] < v[i - 1]);
	printf("%lx %d\n", sum, bsearch(&v[77], v, 1000, sizeof(*v), by_int) == &v[77]);
	for (int i = 0; i < 50; i++) {
		keys[i] = i * 37 % 50;
		tsearch(&keys[i], &root, by_int);
	}
	for (int i = 0; i < 50; i += 3)
		tdelete(&keys[i], &root, by_int);
	twalk(root, act);
	printf("%d\n", tfind(&keys[1], &root, by_int) != NULL);
	hcreate(30);
	hsearch((ENTRY){ (char *)"one", (void *)1 }, ENTER);
	hsearch((ENTRY){ (char *)"two", (void *)2 }, ENTER);
	found = hsearch((ENTRY){ (char *)"two", NULL }, FIND);
	printf("%ld %d\n", (long)found->data,
	       hsearch((ENTRY){ (char *)"six", NULL }, FIND) == NULL);
	hdestroy();
	srand48(7);
	printf("%ld %ld %ld %.15g\n", lrand48(), mrand48(), random(), drand48());
	printf("%ld %s %s\n", a64l("zA/"), l64a(123456), gcvt(3.25, 4, (char[32]){ 0 }));
}

int main(void)
{
	files();
	buffers();
	memory();
	others();
	tables();
	return 0;
}
