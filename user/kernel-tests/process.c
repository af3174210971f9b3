/*
 * process.c - fork, wait, process groups and sessions, limits.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void exit_status(void)
{
	for (int i = 0; i < 60; i++) {
		pid_t pid = spawn();

		if (!pid)
			_exit(i * 5);
		CHECK(wait_for(pid) == (i * 5 & 255) << 8);
	}
	FAILS(ECHILD, wait(NULL));
}

/* Many at once; each status comes exactly once. */
static void fork_many(void)
{
	char seen[100] = { 0 };
	int status;

	for (int i = 0; i < 100; i++)
		if (!spawn())
			_exit(i);
	for (int i = 0; i < 100; i++) {
		CHECK(wait(&status) > 0);
		CHECK(WIFEXITED(status) && !seen[WEXITSTATUS(status)]++);
	}
	FAILS(ECHILD, wait(NULL));
}

static void fork_tree(void)
{
	pid_t pids[2];

	/* Five levels of two: 62 processes that fork and wait at the same time. */
	for (int depth = 0; depth < 5; depth++) {
		for (int i = 0; i < 2; i++) {
			pids[i] = spawn();
			if (!pids[i])
				break;
		}
		if (!pids[0] || !pids[1])
			continue;
		wait_ok(pids[0]);
		wait_ok(pids[1]);
		return;
	}
}

static void wait_options(void)
{
	int go[2], status;
	pid_t pid;
	char c;

	CHECK(!pipe(go));
	pid = spawn();
	if (!pid) {
		close(go[1]);
		read(go[0], &c, 1);
		_exit(7);
	}
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	CHECK(waitpid(-1, &status, WNOHANG) == 0);
	CHECK(waitpid(0, &status, WNOHANG) == 0);
	FAILS(ECHILD, waitpid(pid + 1000, &status, 0));
	FAILS(EINVAL, waitpid(pid, &status, 0x1000));
	CHECK(write(go[1], "x", 1) == 1);

	siginfo_t si = { 0 };

	CHECK(!waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT));
	CHECK(si.si_pid == pid && si.si_status == 7 && si.si_code == CLD_EXITED);
	CHECK(si.si_signo == SIGCHLD);
	CHECK(wait_for(pid) == 7 << 8);
	FAILS(ECHILD, waitpid(pid, &status, 0));
}

static void wait_group(void)
{
	pid_t a = spawn();

	if (!a) {
		setpgid(0, 0);
		_exit(1);
	}
	setpgid(a, a);

	pid_t b = spawn();

	if (!b)
		_exit(2);
	int status;

	CHECK(waitpid(-a, &status, 0) == a && WEXITSTATUS(status) == 1);
	FAILS(ECHILD, waitpid(-a, &status, 0));
	CHECK(waitpid(0, &status, 0) == b && WEXITSTATUS(status) == 2);
}

static void usage_of_child(void)
{
	struct rusage ru = { 0 };
	int status;
	pid_t pid = spawn();

	if (!pid) {
		long end = now_ms() + 60;

		while (now_ms() < end)
			continue;
		_exit(0);
	}
	CHECK(wait4(pid, &status, 0, &ru) == pid && !status);
	CHECK(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec + ru.ru_utime.tv_usec + ru.ru_stime.tv_usec >
	      5000);
}

/* The nearest reaper becomes the parent of an orphan. */
static void orphan(void)
{
	int fds[2];
	pid_t pid, seen[2];

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		pid_t parent = getpid();

		if (spawn())
			_exit(0);
		seen[0] = parent;
		for (int i = 0; i < 500 && getppid() == parent; i++)
			sleep_ms(2);
		seen[1] = getppid();
		write(fds[1], seen, sizeof(seen));
		_exit(0);
	}
	wait_ok(pid);
	CHECK(read(fds[0], seen, sizeof(seen)) == sizeof(seen));
	CHECK(seen[0] == pid);
	CHECK(seen[1] == getppid() || seen[1] == 1);
}

/* A zombie keeps its pid and can be signalled, and goes at wait. */
static void zombie(void)
{
	pid_t pid = spawn();
	siginfo_t si;

	if (!pid)
		_exit(0);
	CHECK(!waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT));
	CHECK(!kill(pid, 0));
	CHECK(!kill(pid, SIGKILL));
	CHECK(wait_for(pid) == 0);
	FAILS(ESRCH, kill(pid, 0));
}

static void groups_and_sessions(void)
{
	pid_t pid;

	CHECK(getpgrp() == getpid());
	FAILS(EPERM, setsid());
	FAILS(ESRCH, setpgid(999999, 0));
	FAILS(EINVAL, setpgid(0, -1));
	FAILS(EPERM, setpgid(0, 999999));
	pid = spawn();
	if (!pid) {
		CHECK(getpgrp() == getppid());
		CHECK(setsid() == getpid());
		CHECK(getsid(0) == getpid() && getpgrp() == getpid());
		FAILS(EPERM, setpgid(0, 0));
		CHECK(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
		_exit(0);
	}
	wait_ok(pid);
}

/* A user's own limit of processes. */
static void fork_limit(void)
{
	pid_t pid = spawn();

	if (!pid) {
		struct rlimit lim = { 20, 20 };
		int n = 0;

		/* It signals its whole group in the end: not the test's. */
		setpgid(0, 0);
		CHECK(!setrlimit(RLIMIT_NPROC, &lim));
		become_user();
		for (;; n++) {
			pid = fork();
			if (pid < 0)
				break;
			if (!pid) {
				pause();
				_exit(0);
			}
			CHECK(n < 20);
		}
		CHECK(errno == EAGAIN);
		CHECK(n >= 15);
		signal(SIGTERM, SIG_IGN);
		kill(0, SIGTERM);
		_exit(0);
	}
	wait_ok(pid);
}

/* Fork until the kernel refuses or 1,000 are there; all can be ended. */
static void fork_until_refused(void)
{
	static pid_t pids[1000];
	int n;

	for (n = 0; n < 1000; n++) {
		pids[n] = fork();
		if (pids[n] < 0)
			break;
		if (!pids[n]) {
			for (;;)
				pause();
		}
	}
	if (n < 1000)
		CHECK(errno == EAGAIN || errno == ENOMEM);
	CHECK(n > 50);
	kill_all(pids, n);
}

/* What is shared and what is a copy after fork. */
static void fork_copies(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile int mine = 1;
	pid_t pid;
	int fd;

	CHECK(shared != MAP_FAILED);
	make_file("f", "0123456789");
	fd = open("f", O_RDONLY);
	pid = spawn();
	if (!pid) {
		char c;

		mine = 2;
		*shared = 3;
		CHECK(read(fd, &c, 1) == 1 && c == '0');
		CHECK(!chdir("/"));
		umask(0);
		_exit(0);
	}
	wait_ok(pid);
	CHECK(mine == 1 && *shared == 3);
	CHECK(lseek(fd, 0, SEEK_CUR) == 1);
	CHECK(!access("f", F_OK));
	CHECK(umask(022) == 022);
}

static void getpid_and_parent(void)
{
	pid_t me = getpid(), pid = spawn();

	if (!pid) {
		CHECK(getppid() == me);
		CHECK(getpid() != me && getpid() == gettid());
		_exit(0);
	}
	wait_ok(pid);
	CHECK(getpid() == me);
}

/* clone(2) takes any eight bits as the signal: what is none is not sent, and __WALL finds the child. */
static void exit_signals(void)
{
	for (long bits = 65; bits < 256; bits += 10) {
		pid_t pid = (pid_t)syscall(__NR_clone, bits, 0, 0, 0, 0);
		int status = 0;

		CHECK(pid >= 0);
		if (!pid)
			_exit(3);
		CHECK(waitpid(pid, &status, __WALL) == pid && status == 3 << 8);
	}
}

#define PID_MAX	   "/proc/sys/kernel/pid_max"
#define FEW	   "500"
#define FIRST	   300 /* of the numbers that go round */
#define ROUND_TRIP 600

static void write_pid_max(const char *text)
{
	int fd = open(PID_MAX, O_WRONLY);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd));
}

/* The first child's pidfd and folder stay open while another child gets its number. */
static void go_round(void)
{
	bool again = false;
	int first_fd = -1;
	pid_t first = 0;
	char name[32];

	for (int i = 0; i < ROUND_TRIP && !again; i++) {
		pid_t pid = spawn();
		int fd;

		if (!pid)
			for (;;)
				pause();
		fd = (int)syscall(__NR_pidfd_open, pid, 0);
		CHECK(fd >= 0);
		if (!first && pid >= FIRST) {
			first = pid;
			first_fd = fd;
			snprintf(name, sizeof(name), "/proc/%d", pid);
			CHECK(open(name, O_RDONLY | O_DIRECTORY) >= 0);
			snprintf(name, sizeof(name), "/proc/%d/stat", pid);
		} else if (pid == first) {
			again = true;
			FAILS(ESRCH, syscall(__NR_pidfd_send_signal, first_fd, SIGTERM, NULL, 0));
			CHECK(!access(name, F_OK));
		}
		kill(pid, SIGKILL);
		CHECK(wait_for(pid) == SIGKILL);
	}
	CHECK(again);
}

/* A number is free again when its process is, whoever has a descriptor of that. */
static void numbers_of_the_dead(void)
{
	char *was = read_file(PID_MAX);
	int status;

	write_pid_max(FEW);
	status = status_in_child(go_round);
	write_pid_max(was);
	CHECK(status == 0);
	free(was);
}

const struct test process_tests[] = {
	{ "pidfd-numbers", numbers_of_the_dead, 120 },
	{ "exit-status", exit_status, 0 },
	{ "fork-many", fork_many, 0 },
	{ "fork-tree", fork_tree, 0 },
	{ "fork-copies", fork_copies, 0 },
	{ "getpid", getpid_and_parent, 0 },
	{ "wait-options", wait_options, 0 },
	{ "wait-group", wait_group, 0 },
	{ "wait-usage", usage_of_child, 0 },
	{ "exit-signal", exit_signals, 0 },
	{ "orphan", orphan, 0 },
	{ "zombie", zombie, 0 },
	{ "sessions", groups_and_sessions, 0 },
	{ "fork-limit", fork_limit, 0 },
	{ "fork-until-refused", fork_until_refused, 90 },
	{ NULL, NULL, 0 },
};
