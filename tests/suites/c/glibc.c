/*
 * A dynamic glibc program: the loader, dlopen and thread-local storage, pthreads of every kind,
 * locale, stdio, malloc, signals and time as glibc does them. What it prints is the same on every
 * run; status 0 when all of it held.
 */
#define _GNU_SOURCE
#include "check.h"

#include <dlfcn.h>
#include <fenv.h>
#include <grp.h>
#include <langinfo.h>
#include <link.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <pwd.h>
#include <regex.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define THREADS 8

extern char **environ;
static _Thread_local int local = 5;

int host_value(int n)
{
	return n * 1000 + local;
}

/* ---- the loader ---- */

static int count_object(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	CHECK(info->dlpi_phnum > 0);
	++*(int *)data;
	return 0;
}

static void *in_thread(void *run)
{
	local = 7;
	return (void *)(long)((int (*)(int))run)(3);
}

static void loader(void)
{
	int objects = 0;
	Dl_info where;
	pthread_t t;
	void *result;

	dl_iterate_phdr(count_object, &objects);
	CHECK(objects >= 3);
	CHECK(getauxval(AT_PAGESZ) == 4096 && getauxval(AT_SECURE) == 0 && getauxval(AT_PHDR));
	void *h = dlopen("/suite/plugin.so", RTLD_NOW | RTLD_LOCAL);
	if (!h) {
		printf("dlopen: %s\n", dlerror());
		exit(1);
	}
	int (*run)(int) = (int (*)(int))dlsym(h, "plugin_run");
	CHECK(run);
	printf("tls %d\n", run(1));
	printf("tls %d\n", run(2));
	CHECK(!pthread_create(&t, NULL, in_thread, (void *)run));
	CHECK(!pthread_join(t, &result));
	printf("tls of another thread %ld, of this %d\n", (long)result,
	       *(int *)dlsym(h, "plugin_tls"));
	CHECK(dladdr((void *)run, &where) && strstr(where.dli_fname, "plugin.so"));
	printf("missing: %s\n", dlsym(h, "no_such_symbol") ? "found" : strrchr(dlerror(), ':') + 2);
	CHECK(!dlclose(h));
	h = dlopen("/suite/no-such.so", RTLD_LAZY);
	printf("no such object: %s\n", h ? "opened" : strrchr(dlerror(), ':') + 2);
	double (*cosine)(double) = (double (*)(double))dlsym(RTLD_DEFAULT, "cos");
	printf("cos(0) %g\n", cosine ? cosine(0) : -1);
}

/* ---- threads ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static int counter, serials, destroyed, onces, turn;

static void key_gone(void *v)
{
	__atomic_add_fetch(&destroyed, (int)(long)v, __ATOMIC_SEQ_CST);
}

static void just_once(void)
{
	onces++;
}

static void *worker(void *arg)
{
	long me = (long)arg;

	pthread_setspecific(key, (void *)(me + 1));
	pthread_once(&once, just_once);
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		local++;
	}
	for (int i = 0; i < 20; i++) {
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serials, 1, __ATOMIC_SEQ_CST);
		if (i % 8 == me) {
			pthread_rwlock_wrlock(&rwlock);
			counter += 10;
			pthread_rwlock_unlock(&rwlock);
		} else {
			pthread_rwlock_rdlock(&rwlock);
			pthread_rwlock_unlock(&rwlock);
		}
	}
	for (int round = 0; round < 10; round++) {
		pthread_mutex_lock(&mutex);
		while (turn != round * THREADS + me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	sem_post(&semaphore);
	return (void *)(long)local;
}

static void unlock(void *m)
{
	pthread_mutex_unlock(m);
}

static void *cancelled(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	sem_post(&semaphore);
	for (;;)
		pause();
	pthread_cleanup_pop(1);
	return NULL;
}

static void *takes_and_dies(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}

static struct timespec in_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Mutexes with priority inheritance: plain, robust, with a condition; the kernel does the waiting. */
static pthread_mutex_t inherits;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static int told, heard;

static void *listener(void *arg)
{
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&inherits);
		counter++;
		pthread_mutex_unlock(&inherits);
	}
	pthread_mutex_lock(&inherits);
	while (!told)
		pthread_cond_wait(&news, &inherits);
	heard++;
	pthread_mutex_unlock(&inherits);
	return arg;
}

static void inheriting(void)
{
	pthread_mutexattr_t ma;
	pthread_t t[THREADS], other;
	struct timespec until;

	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(!pthread_mutex_init(&inherits, &ma));
	counter = 0;
	for (long i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&t[i], NULL, listener, NULL));
	pthread_mutex_lock(&inherits);
	told = 1;
	pthread_cond_broadcast(&news);
	pthread_mutex_unlock(&inherits);
	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_join(t[i], NULL));
	printf("inheriting: counter %d, heard %d, ", counter, heard);
	pthread_mutex_lock(&inherits);
	printf("%s, ", strerror(pthread_mutex_lock(&inherits)));
	pthread_mutex_unlock(&inherits);
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_NORMAL);
	pthread_mutexattr_setrobust(&ma, PTHREAD_MUTEX_ROBUST);
	CHECK(!pthread_mutex_init(&inherits, &ma));
	CHECK(!pthread_create(&other, NULL, takes_and_dies, &inherits) &&
	      !pthread_join(other, NULL));
	printf("%s, ", strerror(pthread_mutex_lock(&inherits)));
	printf("made consistent %d, ", pthread_mutex_consistent(&inherits));
	pthread_mutex_unlock(&inherits);
	CHECK(!pthread_create(&other, NULL, takes_and_dies, &inherits) &&
	      !pthread_join(other, NULL));
	pthread_mutex_lock(&inherits);
	pthread_mutex_unlock(&inherits);
	until = in_ms(15);
	printf("left so: %s\n", strerror(pthread_mutex_timedlock(&inherits, &until)));
}

static void threads(void)
{
	pthread_t t[THREADS], other;
	pthread_attr_t attr;
	pthread_mutexattr_t ma;
	pthread_mutex_t special;
	void *result;
	long sum = 0;

	CHECK(!pthread_barrier_init(&barrier, NULL, THREADS) &&
	      !pthread_key_create(&key, key_gone));
	CHECK(!sem_init(&semaphore, 0, 0) && !pthread_attr_init(&attr));
	CHECK(!pthread_attr_setstacksize(&attr, 256 << 10) &&
	      !pthread_attr_setguardsize(&attr, 8192));
	for (long i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&t[i], &attr, worker, (void *)i));
	for (int i = 0; i < THREADS; i++)
		CHECK(!sem_wait(&semaphore));
	for (int i = 0; i < THREADS; i++) {
		CHECK(!pthread_join(t[i], &result));
		sum += (long)result;
	}
	printf("threads: counter %d, locals %ld, serials %d, destroyed %d, once %d, turns %d\n",
	       counter, sum, serials, destroyed, onces, turn);

	CHECK(!pthread_create(&other, NULL, cancelled, NULL) && !sem_wait(&semaphore));
	CHECK(!pthread_cancel(other) && !pthread_join(other, &result));
	printf("cancelled %d, mutex free %d\n", result == PTHREAD_CANCELED,
	       !pthread_mutex_trylock(&mutex));
	struct timespec until = in_ms(15);
	printf("timedwait: %s\n", strerror(pthread_cond_timedwait(&cond, &mutex, &until)));
	until = in_ms(15);
	printf("timedlock: %s\n", strerror(pthread_mutex_timedlock(&mutex, &until)));
	pthread_mutex_unlock(&mutex);
	until = in_ms(15);
	printf("sem_timedwait: %d, %s\n", sem_timedwait(&semaphore, &until), strerror(errno));

	pthread_mutexattr_init(&ma);
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&special, &ma);
	pthread_mutex_lock(&special);
	printf("error check: %s\n", strerror(pthread_mutex_lock(&special)));
	pthread_mutex_unlock(&special);
	pthread_mutexattr_settype(&ma, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutexattr_setrobust(&ma, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&special, &ma);
	CHECK(!pthread_create(&other, NULL, takes_and_dies, &special) &&
	      !pthread_join(other, NULL));
	printf("robust: %s, ", strerror(pthread_mutex_lock(&special)));
	printf("made consistent %d\n", pthread_mutex_consistent(&special));
	pthread_mutex_unlock(&special);

	inheriting();

	/* a mutex and a condition in memory that a child shares */
	struct shared {
		pthread_mutex_t m;
		pthread_cond_t c;
		int value;
	} *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_condattr_t ca;
	int status;
	CHECK(s != MAP_FAILED);
	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&ca);
	pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->m, &ma);
	pthread_cond_init(&s->c, &ca);
	fflush(stdout);
	pid_t child = fork();
	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&s->m);
		while (s->value % 2 != (child == 0))
			pthread_cond_wait(&s->c, &s->m);
		s->value++;
		pthread_cond_signal(&s->c);
		pthread_mutex_unlock(&s->m);
	}
	if (!child)
		_exit(3);
	CHECK(waitpid(child, &status, 0) == child);
	printf("shared with a process: %d, exit %d\n", s->value, WEXITSTATUS(status));
}

/* ---- text ---- */

static int by_length(const void *a, const void *b)
{
	return (int)strlen(*(char *const *)a) - (int)strlen(*(char *const *)b);
}

static void text(void)
{
	wchar_t wide[32];
	char buf[128], *words[] = { "barrels", "ship", "voyage", "a", "atlas" };
	regex_t re;
	regmatch_t m[3];
	struct lconv *lc;

	CHECK(setlocale(LC_ALL, "C.UTF-8"));
	lc = localeconv();
	printf("%s, point '%s', width %zu\n", nl_langinfo(CODESET), lc->decimal_point, MB_CUR_MAX);
	size_t n = mbstowcs(wide, "na\xc3\xafve \xe2\x82\xac", 32);
	printf("wide %zu, U+%04X, upper U+%04X, alpha %d\n", n, (unsigned)wide[6],
	       (unsigned)towupper(wide[2]), !!iswalpha(wide[2]));
	printf("%ls|%8.3f|%-6d|%#x|%'d|%a|%5.2s|\n", wide, 3.14159, 42, 0xbeef, 1234567, 0.1,
	       "abcdef");
	printf("%.17g %g %e %Lg %zd %hhd %jd %p\n", 0.1, 1e300 * 1e10, 12345.678, 1.5L, (ssize_t)-1,
	       (char)300, (intmax_t)INT64_MIN, (void *)0x1234);
	setlocale(LC_ALL, "C");
	CHECK(snprintf(buf, (size_t)strtol("8", NULL, 10), "%s", "truncated") == 9 &&
	      !strcmp(buf, "truncat"));
	int a;
	double d;
	char w[16];
	CHECK(sscanf("17 2.5e3 word rest", "%d %lf %15s", &a, &d, w) == 3);
	printf("scanned %d %g %s; strtol %ld, strtod %g\n", a, d, w, strtol("0x7fz", NULL, 16),
	       strtod("-.5e-3", NULL));
	CHECK(!regcomp(&re, "([a-z]+)@([a-z.]+)", REG_EXTENDED) &&
	      !regexec(&re, "to: cook@plover.sea now", 3, m, 0));
	printf("regex %d..%d, %d..%d\n", m[1].rm_so, m[1].rm_eo, m[2].rm_so, m[2].rm_eo);
	regfree(&re);
	qsort(words, 5, sizeof(*words), by_length);
	printf("sorted %s .. %s; %s\n", words[0], words[4], strsignal(SIGSEGV));
	struct tm tm = { .tm_year = 126, .tm_mon = 1, .tm_mday = 31 };
	setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
	tzset();
	time_t t = mktime(&tm);
	strftime(buf, sizeof(buf), "%A %d %B %Y %H:%M %Z", localtime(&t));
	printf("%s = %lld\n", buf, (long long)t);
	struct passwd *pw = getpwnam("user");
	struct group *gr = getgrgid(5);
	printf("user %d %s, group %s\n", pw ? (int)pw->pw_uid : -1, pw ? pw->pw_dir : "?",
	       gr ? gr->gr_name : "?");
	fesetround(FE_UPWARD);
	volatile double third = 1.0;
	third /= 3;
	printf("rounded up %.17g, sqrt %.15g, tgamma %.10g\n", third, sqrt(2), tgamma(5.5));
	fesetround(FE_TONEAREST);
}

/* ---- files, memory, processes ---- */

static void files(void)
{
	char line[256], name[] = "/tmp/glibc-XXXXXX";
	int lines = 0, status;
	FILE *f = fopen("/data/voyage.txt", "r");

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		lines++;
	CHECK(!fseek(f, -13, SEEK_END) && fgets(line, sizeof(line), f));
	printf("%d lines, %ld bytes, ends %s", lines, ftell(f), line);
	fclose(f);
	int fd = mkstemp(name);
	CHECK(fd >= 0 && (f = fdopen(fd, "w+")));
	setvbuf(f, NULL, _IOFBF, 300);
	for (int i = 0; i < 10000; i++)
		fprintf(f, "%d\n", i);
	rewind(f);
	long sum = 0;
	for (int v; fscanf(f, "%d", &v) == 1;)
		sum += v;
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	CHECK(map != MAP_FAILED);
	memcpy(map, "mapped", 6);
	CHECK(pread(fd, line, 6, 4096) == 6);
	printf("sum %ld, file sees %.6s\n", sum, line);
	fclose(f);
	unlink(name);
	f = popen("tr a-z A-Z | sed 's/^/> /'", "w");
	CHECK(f);
	fflush(stdout);
	fputs("through a shell\n", f);
	printf("pclose %d, system %d\n", pclose(f), WEXITSTATUS(system("exit 4")));
	char *argv[] = { "sh", "-c", "echo spawned with $0 $1; exit 6", "zero", "one", NULL };
	pid_t pid;
	fflush(stdout);
	CHECK(!posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) &&
	      waitpid(pid, &status, 0) == pid);
	printf("exit %d; no program: %s\n", WEXITSTATUS(status),
	       strerror(posix_spawn(&pid, "/no/program", NULL, NULL, argv, environ)));
}

static void memory(void)
{
	char *p[200];
	unsigned seed = 1;

	for (int i = 0; i < 200; i++)
		p[i] = NULL;
	for (int i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		int k = (int)(seed >> 16) % 200;
		size_t n = 1 + (seed >> 8) % (i % 50 ? 3000 : 300000);

		CHECK(!p[k] || p[k][0] == (char)k);
		p[k] = realloc(p[k], n);
		CHECK(p[k]);
		p[k][0] = p[k][n - 1] = (char)k;
	}
	for (int i = 0; i < 200; i++)
		free(p[i]);
	void *aligned;
	CHECK(!posix_memalign(&aligned, 1 << 16, 100) && !((uintptr_t)aligned & 0xffff));
	free(aligned);
	volatile size_t huge = (size_t)1 << 60;
	CHECK(!malloc(huge) && errno == ENOMEM);
	puts("heap held");
}

static sigjmp_buf jump;
static volatile sig_atomic_t seen;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = sig;
	CHECK(info->si_addr == (void *)0x123450);
	siglongjmp(jump, 1);
}

static void on_usr(int sig)
{
	seen = sig;
}

static ucontext_t main_context, other_context;

static void coroutine(void)
{
	for (int i = 0; i < 3; i++) {
		printf("coroutine %d\n", i);
		swapcontext(&other_context, &main_context);
	}
}

static void signals(void)
{
	static char stack[64 << 10];
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	sigset_t set;
	int got;

	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(jump, 1))
		*(volatile int *)0x123450 = 1;
	printf("caught %s\n", strsignal(seen));
	signal(SIGSEGV, SIG_DFL);
	signal(SIGUSR1, on_usr);
	raise(SIGUSR1);
	printf("caught %s\n", strsignal(seen));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_kill(pthread_self(), SIGUSR2);
	CHECK(!sigwait(&set, &got) && got == SIGUSR2);
	timer_t timer;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct itimerspec when = { .it_value.tv_nsec = 5000000 };
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &timer) && !timer_settime(timer, 0, &when, NULL));
	CHECK(!sigwait(&set, &got));
	printf("timer sent %s\n", strsignal(got));
	timer_delete(timer);
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = stack;
	other_context.uc_stack.ss_size = sizeof(stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, coroutine, 0);
	for (int i = 0; i < 4; i++)
		swapcontext(&main_context, &other_context);
}

static void at_end(void)
{
	puts("all done");
}

int main(int argc, char **argv)
{
	CHECK(argc == 1 && strstr(argv[0], "glibc"));
	atexit(at_end);
	loader();
	threads();
	text();
	files();
	memory();
	signals();
	return 0;
}
