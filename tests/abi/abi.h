/*
 * What the ABI programs share: printing results so that two kernels can be compared.
 *
 * Each program prints what the kernel answered, errors by name, and nothing that changes from run to
 * run (no addresses, pids, times). The same binary runs on Debian's Linux, where its output is recorded
 * in NAME.expected, and on Tarn. Output goes straight to fd 1, so that a fork repeats nothing.
 */
#ifndef ABI_H
#define ABI_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

__attribute__((format(printf, 1, 2))) static inline void say(const char *fmt, ...)
{
	char buf[4096];
	va_list ap;
	int saved = errno;

	va_start(ap, fmt);
	int n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 1)
		n = sizeof(buf) - 1;
	for (int at = 0; at < n;) {
		ssize_t w = write(1, buf + at, n - at);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			_exit(99);
		at += w;
	}
	errno = saved;
}

/* The name of an errno value: "ENOENT". */
static inline const char *ename(int e)
{
	static char other[16];
	const char *name = strerrorname_np(e);

	if (name)
		return name;
	snprintf(other, sizeof(other), "E%d", e);
	return other;
}

/* The name of a signal: "SIGSEGV". */
static inline const char *sname(int sig)
{
	static char buf[2][24];
	static int turn;
	char *b = buf[turn ^= 1];
	const char *name = sigabbrev_np(sig);

	if (name)
		snprintf(b, 24, "SIG%s", name);
	else if (sig >= 32 && sig <= 64)
		snprintf(b, 24, "SIGRT%d", sig);
	else
		snprintf(b, 24, "signal %d", sig);
	return b;
}

static inline void show_result(const char *what, long r)
{
	if (r == -1)
		say("%s = -1 %s\n", what, ename(errno));
	else
		say("%s = %ld\n", what, r);
}

static inline void show_ok(const char *what, long r)
{
	if (r == -1)
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: ok\n", what);
}

/* R(call): the call as written and its result. OK(call): only whether it failed, and how. */
#define R(call) (errno = 0, show_result(#call, (long)(call)))
#define OK(call) (errno = 0, show_ok(#call, (long)(call)))
/* The call must work: the rest makes no sense without. */
#define MUST(call)                                                                                 \
	({                                                                                         \
		long must_r = (long)(call);                                                        \
		if (must_r == -1) {                                                                \
			say("%s:%d: %s: %s\n", __FILE__, __LINE__, #call, ename(errno));           \
			_exit(98);                                                                 \
		}                                                                                  \
		must_r;                                                                            \
	})
#define SECTION(text) say("-- %s\n", text)

/* How a process ended, as a text. */
static inline const char *wait_text(int status)
{
	static char buf[64];

	if (WIFEXITED(status))
		snprintf(buf, sizeof(buf), "exit %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(buf, sizeof(buf), "killed by %s", sname(WTERMSIG(status)));
	else if (WIFSTOPPED(status))
		snprintf(buf, sizeof(buf), "stopped by %s", sname(WSTOPSIG(status)));
	else if (WIFCONTINUED(status))
		snprintf(buf, sizeof(buf), "continued");
	else
		snprintf(buf, sizeof(buf), "status 0x%x", status);
	return buf;
}

/* Run fn in a child; say how it ended. */
static inline void in_child(const char *what, void (*fn)(void))
{
	int status = 0;
	pid_t pid = MUST(fork());

	if (pid == 0) {
		fn();
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	say("%s: %s\n", what, wait_text(status));
}

static inline void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

/* Until the thread or process sleeps, and not just for a moment on its way there; 0: not told yet. */
static inline void until_asleep(const volatile int *tid)
{
	char path[64], buf[600], *p;

	for (int i = 0, looks = 0; i < 5000 && looks < 10; i++) {
		snprintf(path, sizeof(path), "/proc/%d/stat", *tid);
		FILE *f = *tid ? fopen(path, "r") : NULL;
		int asleep = f && fgets(buf, sizeof(buf), f) && (p = strrchr(buf, ')')) && p[2] == 'S';

		if (f)
			fclose(f);
		looks = asleep ? looks + 1 : 0;
		sleep_ms(1);
	}
}

static inline long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* What /proc tells of a descriptor. */
static inline void read_fdinfo(int fd, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	int f = MUST(open(path, O_RDONLY));
	ssize_t n = MUST(read(f, buf, size - 1));

	buf[n] = 0;
	close(f);
}

/* A file of /proc/sysvipc: of each line its length, key, and columns 22 to `to`. */
static inline void show_sysvipc(const char *path, int to)
{
	char line[256];
	FILE *f = fopen(path, "r");

	fgets(line, sizeof(line), f);
	say("%s", line);
	while (fgets(line, sizeof(line), f)) {
		say("%zu ", strlen(line));
		line[10] = 0;
		line[to] = 0;
		say("%s|%s\n", line, line + 22);
	}
	fclose(f);
}

/* Make a file of this content. */
static inline void put_file(const char *name, const void *data, size_t len, mode_t mode)
{
	int fd = MUST(open(name, O_CREAT | O_TRUNC | O_WRONLY, mode));

	if (write(fd, data, len) != (ssize_t)len)
		say("short write to %s\n", name);
	close(fd);
	chmod(name, mode);
}

/* Writes text in one go: write(2)'s result, -1 too when path can't be opened; errno says why. */
static inline long put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err;
	long n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	err = errno;
	close(fd);
	errno = err;
	return n;
}

#endif
