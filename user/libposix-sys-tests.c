/*
 * libposix-sys-tests - the C library's heap, signals, processes and files against what the standards say. It also
 * compiles against any other libc, to see whether that agrees.
 */
#include "libposix-check.h"

#include <aio.h>
#include <crypt.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <mqueue.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <utmpx.h>

static _Atomic int counter;
static char trace[64];
static sem_t sem;

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, arg)) {
		puts("no thread");
		exit(1);
	}
	return t;
}

static void *joined(pthread_t t)
{
	void *result = (void *)-2;

	CHECK(!pthread_join(t, &result));
	return result;
}

/* ---- the heap ---------------------------------------------------------------------------------- */

/* How a child ends that does this. */
static int fate(void (*fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void free_twice(void)
{
	char *volatile a = malloc(100), *volatile b = malloc(100);

	free(a);
	free(b);
	free(a);
}

static void write_beyond(void)
{
	char *volatile a = malloc(200000);

	memset(a, 1, malloc_usable_size(a) + 8);
	free(a);
}

static void free_inside(void)
{
	char *volatile a = malloc(100);

	free(a + 16);
}

static void *churn(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	unsigned char *block[64] = { 0 };
	size_t size[64] = { 0 };

	for (int i = 0; i < 3000; i++) {
		int k = (int)((seed = seed * 1103515245 + 12345) >> 16) & 63;

		for (size_t j = 0; j < size[k]; j += 97)
			CHECK(block[k][j] == k);
		size[k] = (seed >> 8) % (i % 50 ? 600 : 40000);
		block[k] = realloc(block[k], size[k] + 1);
		CHECK(block[k] != NULL);
		memset(block[k], k, size[k]);
	}
	for (int k = 0; k < 64; k++)
		free(block[k]);
	return NULL;
}

static void test_heap(void)
{
	pthread_t t[4];
	char *p, *q;
	void *out;

	for (size_t align = 8; align <= 1 << 20; align *= 2) {
		for (size_t size = 1; size < 40000; size = size * 3 + 7) {
			CHECK(!posix_memalign(&out, align, size));
			CHECK(((uintptr_t)out & (align - 1)) == 0);
			CHECK(malloc_usable_size(out) >= size);
			memset(out, 1, size);
			free(out);
		}
	}
	CHECK(posix_memalign(&out, 3, 10) == EINVAL);
	for (size_t size = 0; size < 300000; size = size * 2 + 1) {
		p = malloc(size);
		CHECK(((uintptr_t)p & 15) == 0 && malloc_usable_size(p) >= size);
		memset(p, 7, size);
		q = realloc(p, size + 5000);
		for (size_t i = 0; i < size; i++)
			CHECK(q[i] == 7);
		free(q);
	}
	p = malloc(3 << 20);
	p[0] = 1;
	p[(3 << 20) - 1] = 2;
	p = realloc(p, 9 << 20);
	CHECK(p[0] == 1 && p[(3 << 20) - 1] == 2);
	p = realloc(p, 100);
	CHECK(p[0] == 1);
	free(p);
	p = calloc(1000, 77);
	for (int i = 0; i < 77000; i++)
		CHECK(!p[i]);
	free(p);
	out = (void *)(uintptr_t)PTRDIFF_MAX;
	CHECK(!malloc((size_t)out + 1) && errno == ENOMEM);
	CHECK(!calloc((size_t)out, 4) && errno == ENOMEM);
	for (long i = 0; i < 4; i++)
		t[i] = start(churn, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(fate(free_twice) == SIGABRT);
	CHECK(fate(write_beyond) == SIGABRT);
	CHECK(fate(free_inside) == SIGABRT);
}

/* ---- signals, timers ------------------------------------------------------------------------------ */

static volatile sig_atomic_t got_signal, got_value;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	got_signal = sig;
	got_value = info->si_value.sival_int;
}

static void on_timer(union sigval value)
{
	counter += value.sival_int;
	sem_post(&sem);
}

static void test_signals(void)
{
	struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct itimerspec it = { .it_value.tv_nsec = 1000000, .it_interval.tv_nsec = 1000000 };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD,
			       .sigev_notify_function = on_timer,
			       .sigev_value.sival_int = 1 };
	union sigval value = { .sival_int = 77 };
	char name[SIG2STR_MAX];
	sigset_t set, old;
	timer_t timer;
	int sig;

	CHECK(SIGRTMIN == 34 && SIGRTMAX == 64);
	sigemptyset(&set);
	CHECK(sigaddset(&set, 0) == -1 && errno == EINVAL && sigaddset(&set, 65) == -1);
	sigaction(SIGRTMIN, &act, NULL);
	CHECK(!sigqueue(getpid(), SIGRTMIN, value) && got_signal == SIGRTMIN && got_value == 77);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	CHECK(!sigpending(&old) && sigismember(&old, SIGUSR1));
	CHECK(!sigwait(&set, &sig) && sig == SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	CHECK(pthread_kill(pthread_self(), 0) == 0);
	CHECK(!sig2str(SIGTERM, name) && !strcmp(name, "TERM"));
	CHECK(!str2sig("RTMIN+2", &sig) && sig == SIGRTMIN + 2);
	CHECK(!strcmp(strsignal(SIGSEGV), "Segmentation fault"));

	counter = 0;
	sem_init(&sem, 0, 0);
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &timer));
	CHECK(!timer_settime(timer, 0, &it, NULL));
	for (int i = 0; i < 3; i++)
		sem_wait(&sem);
	CHECK(counter >= 3 && !timer_delete(timer));
}

/* ---- processes ---------------------------------------------------------------------------------------- */

static void before(void)
{
	strcat(trace, "1");
}

static void after(void)
{
	strcat(trace, "2");
}

static void test_process(void)
{
	char *argv[] = { (char *)"exe", (char *)"--help", NULL }, buf[300] = "";
	posix_spawn_file_actions_t actions;
	int status = 0, out[2];
	pid_t pid;

	trace[0] = 0;
	CHECK(!pthread_atfork(before, after, after));
	CHECK(fate(after) == 0);
	CHECK(!strcmp(trace, "12"));
	CHECK(!pipe(out));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addclose(&actions, out[0]);
	CHECK(!posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ));
	close(out[1]);
	CHECK(read(out[0], buf, sizeof(buf) - 1) > 0 && !strncmp(buf, "usage: libposix-sys-", 20));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(out[0]);
	CHECK(posix_spawn(&pid, "/none", NULL, NULL, argv, environ) == ENOENT);
	posix_spawn_file_actions_destroy(&actions);
	CHECK(execlp("", "", (char *)NULL) == -1 && errno == ENOENT);
	CHECK(!access("/", F_OK) && access("/none", F_OK) == -1 && errno == ENOENT);
	CHECK(sysconf(_SC_PAGESIZE) == 4096 && sysconf(-5) == -1 && errno == EINVAL);
}

/* ---- files and so on -------------------------------------------------------------------------------- */

static ucontext_t main_context, other_context;

static void other(int a, int b)
{
	counter = a * b;
	swapcontext(&other_context, &main_context);
	counter++;
}

static void test_files(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	char path[40], buf[64] = "", stack[16384];
	struct aiocb cb = { .aio_buf = (char *)"hello", .aio_nbytes = 5 };
	const struct aiocb *list[] = { &cb };
	struct timeval tv = { 0, 1000 };
	unsigned int priority;
	int fd, m, s;
	fd_set set;
	mqd_t mq;

	snprintf(path, sizeof(path), "/tmp/libposix-sys-%d", getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	cb.aio_fildes = fd;
	CHECK(!aio_write(&cb));
	while (aio_error(&cb) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	CHECK(!aio_error(&cb) && aio_return(&cb) == 5);
	CHECK(pread(fd, buf, 64, 0) == 5 && !memcmp(buf, "hello", 5));
	CHECK(lockf(fd, F_TLOCK, 0) == 0);
	close(fd);
	unlink(path);

	mq_unlink("/libposix-sys");
	mq = mq_open("/libposix-sys", O_RDWR | O_CREAT, 0600, &attr);
	CHECK(mq >= 0 && !mq_send(mq, "low", 4, 1) && !mq_send(mq, "high", 5, 9));
	CHECK(mq_receive(mq, buf, 16, &priority) == 5 && priority == 9 && !strcmp(buf, "high"));
	CHECK(!mq_close(mq) && !mq_unlink("/libposix-sys"));

	CHECK(!openpty(&m, &s, NULL, NULL, NULL) && isatty(s));
	CHECK(!ttyname_r(s, buf, sizeof(buf)) && !strncmp(buf, "/dev/pts/", 9));
	CHECK(write(m, "line\n", 5) == 5 && read(s, buf, 64) == 5);
	FD_ZERO(&set);
	FD_SET(s, &set);
	CHECK(select(s + 1, &set, NULL, NULL, &tv) == 0 && !FD_ISSET(s, &set));
	close(m);
	close(s);

	counter = 0;
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = stack;
	other_context.uc_stack.ss_size = sizeof(stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, (void (*)(void))other, 2, 6, 7);
	swapcontext(&main_context, &other_context);
	CHECK(counter == 42);
	swapcontext(&main_context, &other_context);
	CHECK(counter == 43);
}

/* What the BSDs have and glibc does not: the number of the error is given. */
static void test_errors(void)
{
	int out[2], status;
	char text[200] = "";
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	CHECK(!pipe(out));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(out[1], 2);
		errno = EPERM;
		warnc(ENOENT, "%d", 1);
		errc(7, EINTR, "%d", 2);
	}
	close(out[1]);
	while ((got = read(out[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	close(out[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
	CHECK(strstr(text, ": 1: No such file or directory\n") &&
	      strstr(text, ": 2: Interrupted system call\n"));
}

/* What this library does without, and says so. */
static void test_refusals(void)
{
	struct utmpx line = { .ut_type = USER_PROCESS, .ut_line = "tty1", .ut_user = "root" };
	struct crypt_data data = { 0 };
	char block[64] = { 1 };

	errno = 0;
	CHECK(!crypt("secret", "$6$salt") && errno == ENOSYS);
	errno = 0;
	CHECK(!crypt_r("secret", "ab", &data) && errno == ENOSYS);
	errno = 0;
	setkey(block);
	CHECK(errno == ENOSYS);
	errno = 0;
	encrypt(block, 0);
	CHECK(errno == ENOSYS && block[0] == 1);
	/* nobody is logged in, and nobody can be */
	setutxent();
	CHECK(!getutxent() && !getutxid(&line) && !getutxline(&line));
	errno = 0;
	CHECK(!pututxline(&line) && errno == ENOTSUP);
	CHECK(!getutxline(&line));
	errno = 0;
	CHECK(utmpxname("/tmp/utmp") == -1 && errno == ENOTSUP);
	updwtmpx("/tmp/wtmp", &line);
	CHECK(access("/tmp/wtmp", F_OK) && access("/tmp/utmp", F_OK));
	endutxent();
	setutent();
	CHECK(!getutent() && !getutid(&line) && !getutline(&line));
	errno = 0;
	CHECK(!pututline(&line) && errno == ENOTSUP);
	CHECK(utmpname("/tmp/utmp") == -1);
	login(&line);
	CHECK(logout("tty1") == 0);
	logwtmp("tty1", "root", "");
	updwtmp("/tmp/wtmp", &line);
	CHECK(access("/tmp/wtmp", F_OK));
	endutent();
}

static const struct check_group groups[] = {
	{ "heap", test_heap },	 { "signals", test_signals }, { "process", test_process },
	{ "files", test_files }, { "errors", test_errors },   { "refusals", test_refusals },
};

int main(int argc, char **argv)
{
	return CHECK_GROUPS("libposix-sys-tests", groups, argc, argv);
}
