/* A plain C program, built three ways: dynamic glibc, static musl, static glibc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>

static void check(const char *what, int good)
{
	printf("%s %s\n", good ? "ok" : "FAIL", what);
}

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static __thread int local = 3;
static int at_exit_ran;

static void *thread(void *arg)
{
	local += *(int *)arg;
	return (void *)(long)local;
}

static void leaving(void)
{
	at_exit_ran = 1;
	printf("atexit\n");
}

static jmp_buf jump;

static void on_segv(int sig)
{
	(void)sig;
	siglongjmp(jump, 1);
}

int main(int argc, char **argv)
{
	char buf[200], *line = NULL;
	size_t n = 0;
	int values[1000], lines = 0, ten = 10;
	pthread_t t;
	void *r;

	setlocale(LC_ALL, "C");
	check("arguments", argc == 2 && !strcmp(argv[1], "argument"));
	snprintf(buf, sizeof(buf), "%5.2f %d %s %x %-4c| %g %lld", 3.14159, -42, "text", 255, 'q', 1e100, 1LL << 40);
	printf("%s\n", buf);
	double d = 0;
	check("scanf", sscanf("17 2.5 word", "%d %lf %s", &values[0], &d, buf) == 3 && values[0] == 17 && d == 2.5);
	check("math", fabs(sin(1.0) - 0.8414709848078965) < 1e-15 && pow(2, 0.5) == sqrt(2) && floor(-1.5) == -2);
	FILE *f = fopen("/data/words", "r");
	while (f && getline(&line, &n, f) > 0)
		lines++;
	printf("lines %d\n", lines);
	check("seek", f && fseek(f, 0, SEEK_END) == 0 && ftell(f) > 1000);
	check("no such file", !fopen("/none", "r") && errno == ENOENT);
	printf("%s\n", strerror(ENOENT));
	f = tmpfile();
	check("tmpfile", f && fputs("temporary", f) >= 0 && (rewind(f), fgets(buf, 100, f)) && !strcmp(buf, "temporary"));
	for (int i = 0; i < 1000; i++)
		values[i] = (i * 7919) % 1000;
	qsort(values, 1000, sizeof(int), by_value);
	int sorted = 1;
	for (int i = 0; i < 1000; i++)
		sorted &= values[i] == i;
	check("qsort", sorted);
	char *blocks[200];
	for (int i = 0; i < 200; i++)
		memset(blocks[i] = malloc(i * 1000 + 1), i, i * 1000 + 1);
	int kept = 1;
	for (int i = 0; i < 200; i++) {
		kept &= blocks[i][i * 1000] == (char)i;
		free(blocks[i]);
	}
	check("malloc", kept);
	pthread_create(&t, NULL, thread, &ten);
	pthread_join(t, &r);
	check("thread-local", (long)r == 13 && local == 3);
	signal(SIGSEGV, on_segv);
	if (!sigsetjmp(jump, 1)) {
		*(volatile int *)0 = 0;
		check("fault", 0);
	} else {
		check("fault", 1);
	}
	struct tm tm;
	time_t when = 86400 * 365;
	gmtime_r(&when, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M", &tm);
	printf("%s\n", buf);
	FILE *p = popen("echo through popen; exit 2", "r");
	check("popen", p && fgets(buf, 100, p) && !strcmp(buf, "through popen\n") && WEXITSTATUS(pclose(p)) == 2);
	check("system", WEXITSTATUS(system("exit 5")) == 5);
	int entries = 0;
	DIR *dir = opendir("/data");
	for (struct dirent *e; dir && (e = readdir(dir));)
		entries += e->d_name[0] != '.';
	printf("entries %d\n", entries);
	check("setenv", !setenv("X", "y", 1) && !strcmp(getenv("X"), "y"));
#ifdef DYNAMIC
	double (*cosine)(double) = (double (*)(double))dlsym(RTLD_DEFAULT, "cos");
	check("dlsym", cosine && cosine(0) == 1.0);
	void *lib = dlopen("libm.so.6", RTLD_NOW);
	check("dlopen", lib != NULL);
#endif
	atexit(leaving);
	printf("done\n");
	return 7;
}
