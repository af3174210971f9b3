/*
 * usertests - many small programs against the kernel, each with a name.
 *
 * Every test runs in its own process and folder; a test that does not end is
 * killed. After each, the free memory must be what it was: a difference counts
 * when it comes again each time the test is repeated.
 */
#include "tests.h"
#include "../common/common.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: usertests [-l] [-m] [-t] [-d FOLDER] [-r N] [NAME...]\n"
	"Test the kernel that this runs on: all tests, or those whose name begins with a NAME.\n"
	"  -l  list the names\n"
	"  -m  don't compare free memory\n"
	"  -t  tell how long each took\n"
	"  -d  where to make files (/tmp)\n"
	"  -r  repeat everything N times\n"
	"Prints `ok NAME` or `FAIL NAME: why` for each, and a last line with the counts.\n"
	"As process 1 it mounts /proc and /dev first and powers off after.\n";

#define LEAK_KIB  256
#define LEAK_RUNS 6

static const struct test *const families[] = {
	ipc_tests,     process_tests, exec_tests,	 memory_tests,	  fault_tests,
	file_tests,    lock_tests,    mount_tests,	 name_tests,	  pipe_tests,
	pointer_tests, signal_tests,  thread_tests,	 system_tests,	  fsrace_tests,
	storm_tests,   race_tests,    unix_tests,	 inet_tests,	  notify_tests,
	listen_tests,  cred_tests,    timer_tests,	 futex_tests,	  area_tests,
	trace_tests,   failnth_tests, threadstorm_tests, namespace_tests, huge_tests,
	key_tests,     model_tests,   deadline_tests,	 tangle_tests,
};

static const char *top = "/tmp";
static char folder[200];
static int report; /* in a test: where fail() writes */

/* ---- for the tests ----------------------------------------------------------------------- */

static _Noreturn void give_up(const char *text)
{
	dprintf(report, "%s\n", text);
	_exit(1);
}

_Noreturn void fail(const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	give_up(text);
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	fail("%s:%d: %s (errno %d, %m)", file, line, what, errno);
}

void check_refused(const char *file, int line, const char *what, long got, int want)
{
	int err = errno;

	if (got != -1)
		fail("%s:%d: %s gave %ld, not errno %d (%s)", file, line, what, got, want,
		     strerror(want));
	if (err != want)
		fail("%s:%d: %s gave errno %d (%s), not %d", file, line, what, err, strerror(err),
		     want);
}

/* ---- one test ---------------------------------------------------------------------------- */

static void remove_tree(const char *path)
{
	struct dirent *e;
	DIR *d;

	if (!unlink(path) || errno == ENOENT)
		return;
	d = opendir(path);
	if (d) {
		/* Deep trees are taken apart from within: their paths may be too long. */
		if (!fchdir(dirfd(d))) {
			while ((e = readdir(d)))
				if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
					remove_tree(e->d_name);
			chdir("..");
		}
		closedir(d);
	}
	rmdir(path);
}

static _Noreturn void child(const struct test *t, int fd)
{
	sigset_t none;

	report = fd;
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir(folder))
		fail("%s: %m", folder);
	umask(022);
	t->run();
	_exit(0);
}

/* Wait for the child's end, or kill its group when the time is up. 1: it ended by itself. */
static int await(pid_t pid, int seconds, int *status)
{
	long end = now_ms() + seconds * 1000l;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		struct timespec step = { .tv_nsec = 100000000 };
		pid_t ended;

		while ((ended = waitpid(-1, status, WNOHANG)) > 0)
			if (ended == pid)
				return 1;
		if (now_ms() > end) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			return 0;
		}
		sigtimedwait(&set, NULL, &step);
	}
}

/* What the test left running, orphans included (we are their reaper). */
static void sweep(pid_t group)
{
	kill(-group, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	for (int i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) == 0; i++) {
		kill(-group, SIGKILL);
		sleep_ms(20);
	}
}

/* What the OOM killer thinks of us, proc_pid_oom_score_adj(5), and make it so. */
static int oom_adjustment(void)
{
	FILE *f = fopen("/proc/self/oom_score_adj", "re");
	int n = 0;

	if (f) {
		if (fscanf(f, "%d", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n;
}

static void oom_adjust(int n)
{
	FILE *f;

	if (oom_adjustment() == n)
		return;
	f = fopen("/proc/self/oom_score_adj", "we");
	if (f) {
		fprintf(f, "%d", n);
		fclose(f);
	}
}

/* Run it once; 0, or 1 with the reason in `why`. */
static int run_once(const struct test *t, char *why, size_t size)
{
	int seconds = t->seconds ? t->seconds : 30;
	int pipe_fds[2], status, in_time, adjustment = oom_adjustment();
	ssize_t n;
	pid_t pid;

	snprintf(folder, sizeof(folder), "%s/usertests-%d", top, getpid());
	if (mkdir(folder, 0777))
		err(1, "%s", folder);
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		child(t, pipe_fds[1]);
	close(pipe_fds[1]);
	in_time = await(pid, seconds, &status);
	sweep(pid);
	/* a test that asked the killer to spare us may have ended before it took that back */
	oom_adjust(adjustment);
	n = read(pipe_fds[0], why, size - 1);
	close(pipe_fds[0]);
	remove_tree(folder);
	if (chdir("/"))
		err(1, "/");
	if (n > 0) {
		why[n] = 0;
		why[strcspn(why, "\n")] = 0; /* the first one's words */
		return 1;
	}
	if (!in_time)
		snprintf(why, size, "not finished after %d s", seconds);
	else if (WIFSIGNALED(status))
		snprintf(why, size, "ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		snprintf(why, size, "exit status %d", WEXITSTATUS(status));
	else
		return 0;
	return 1;
}

static int check_memory = 1, tell_time;

static int run_test(const struct test *t, char *why, size_t size)
{
	long lost = 0, least;

	for (int i = 0; i < LEAK_RUNS; i++) {
		long before = check_memory ? free_kib() : 0;

		if (run_once(t, why, size))
			return 1;
		/* On a busy host thousands of dead tasks take their time to be freed, but it goes on. */
		least = LONG_MAX;
		for (int wait = 0; wait < 20; wait++) {
			lost = check_memory ? before - free_kib() : 0;
			if (lost <= LEAK_KIB)
				return 0;
			if (lost < least) {
				least = lost;
				wait = 0;
			}
			sleep_ms(100);
		}
	}
	snprintf(why, size, "%ld KiB less free memory after each of %d runs", lost, LEAK_RUNS);
	return 1;
}

/* ---- all --------------------------------------------------------------------------------- */

static int wanted(const struct test *t, char **names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (!strncmp(t->name, *names, strlen(*names)))
			return 1;
	return 0;
}

static void run_all(char **names, int list, int *passed, int *failed)
{
	char why[600];
	long began;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		for (const struct test *t = families[i]; t->name; t++) {
			if (!wanted(t, names))
				continue;
			if (list) {
				puts(t->name);
				continue;
			}
			began = now_ms();
			if (run_test(t, why, sizeof(why))) {
				printf("FAIL %s: %s\n", t->name, why);
				++*failed;
			} else {
				printf(tell_time ? "ok %s (%ld ms)\n" : "ok %s\n", t->name,
				       now_ms() - began);
				++*passed;
			}
			fflush(stdout);
		}
	}
}

static void be_init(void)
{
	mount_basics();
	mount_once("tmpfs", "/tmp", "mode=1777");
	setvbuf(stdout, NULL, _IOLBF, 0);
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0, list = 0, repeat = 1, opt;
	char byte;
	char **names;
	sigset_t set;

	help_option(argc, argv, help);
	if (argc == 3 && !strcmp(argv[1], "--exit"))
		return atoi(argv[2]); /* what the exec tests run */
	if (argc == 2 && !strcmp(argv[1], "--wait"))
		return read(0, &byte, 1) != 0;
	while ((opt = getopt(argc, argv, "lmtd:r:")) != -1) {
		switch (opt) {
		case 'l':
			list = 1;
			break;
		case 'm':
			check_memory = 0;
			break;
		case 't':
			tell_time = 1;
			break;
		case 'd':
			top = optarg;
			break;
		case 'r':
			repeat = atoi(optarg);
			break;
		default:
			fputs(help, stderr);
			return 2;
		}
	}
	names = argv + optind;
	if (getpid() == 1) {
		be_init();
		/* The kernel hands down words of its command line: they are no names. */
		names = argv + argc;
	}

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	while (repeat-- > 0)
		run_all(names, list, &passed, &failed);
	if (!list)
		printf("usertests: %d passed, %d failed\n", passed, failed);
	fflush(stdout);
	if (getpid() == 1) {
		sync();
		reboot(RB_POWER_OFF);
	}
	return failed || (!list && !passed);
}
