/*
 * trace.c - ptrace(2) in storms: tracers that come, go and are killed, at processes that fork,
 * start threads, exec and end meanwhile. What each call answers is compared with Linux in
 * tests/abi; here nothing may hang, leak or fall over.
 */
#include "tests.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRACEME = 0, CONT = 7, ATTACH = 16, DETACH = 17, SYSCALL = 24 };
enum { SETOPTIONS = 0x4200, GETREGSET = 0x4204, SEIZE = 0x4206, INTERRUPT = 0x4207 };
enum { O_FORK = 2, O_CLONE = 8, O_EXEC = 0x10, O_EXIT = 0x40, O_EXITKILL = 1 << 20 };
#define WALL	0x40000000

#define SLOTS	8
#define TRACERS 3
#define ENDS	60 /* of targets */

static volatile pid_t *slots;

static long trace(long request, pid_t pid, long addr, long data)
{
	return syscall(__NR_ptrace, request, pid, addr, data);
}

static int ends(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++)
		syscall(__NR_getppid);
	return 0;
}

static _Noreturn void target(unsigned seed)
{
	char name[] = "true", *argv[] = { name, NULL }, *envp[] = { NULL };
	struct thread t[2];
	pid_t pid;

	for (unsigned n = 0; n < 25; n++) {
		switch ((seed + n) % 5) {
		case 0:
			syscall(__NR_getppid);
			break;
		case 1:
			for (int i = 0; i < 2; i++)
				thread_start(&t[i], ends, NULL);
			for (int i = 0; i < 2; i++)
				thread_join(&t[i]);
			break;
		case 2:
			pid = fork();
			if (!pid)
				_exit(0);
			if (pid > 0)
				waitpid(pid, NULL, 0);
			break;
		case 3:
			usleep(300);
			break;
		default:
			if (n + seed % 7 > 20)
				execve("/bin/true", argv, envp);
		}
	}
	_exit(0);
}

/* Attach to somebody, look at some stops, let go, or leave that to death. */
static _Noreturn void tracer(unsigned seed)
{
	unsigned long regs[32];
	struct iovec iov = { regs, sizeof(regs) };
	int status;

	for (unsigned n = seed; n < seed + 60; n++) {
		pid_t pid = slots[n % SLOTS];

		if (n % 2 ? trace(ATTACH, pid, 0, 0) :
			    trace(SEIZE, pid, 0, O_FORK | O_CLONE | O_EXIT))
			continue;
		if (n % 2 == 0)
			trace(INTERRUPT, pid, 0, 0);
		for (unsigned stops = 0;; stops++) {
			pid_t got = waitpid(-1, &status, WALL);

			if (got < 0)
				break;
			if (!WIFSTOPPED(status)) {
				if (got == pid)
					break;
				continue;
			}
			iov.iov_len = sizeof(regs);
			trace(GETREGSET, got, 1, (long)&iov);
			if (stops > n % 20 && got == pid) {
				if (n % 11 == 10)
					_exit(0);
				if (!trace(DETACH, got, 0, 0))
					break;
			}
			trace(n % 3 ? SYSCALL : CONT, got, 0, 0);
		}
	}
	_exit(0);
}

static pid_t start(void (*fn)(unsigned), unsigned seed)
{
	pid_t pid = spawn();

	if (!pid)
		fn(seed);
	return pid;
}

static void come_and_go(void)
{
	pid_t tracers[TRACERS], pid;
	unsigned seed = 1, ended = 0;

	slots = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(slots != MAP_FAILED);
	for (int i = 0; i < SLOTS; i++)
		slots[i] = start(target, seed++);
	for (int i = 0; i < TRACERS; i++)
		tracers[i] = start(tracer, seed++ * 17);
	while (ended < ENDS) {
		pid = wait(NULL);
		CHECK(pid > 0);
		for (int i = 0; i < SLOTS; i++)
			if (slots[i] == pid) {
				ended++;
				slots[i] = start(target, seed++);
			}
		for (int i = 0; i < TRACERS; i++)
			if (tracers[i] == pid)
				tracers[i] = start(tracer, seed++ * 17);
		if (ended % 16 == 15)
			kill(tracers[ended / 16 % TRACERS], SIGKILL);
	}
	for (int i = 0; i < TRACERS; i++)
		kill(tracers[i], SIGKILL);
	for (int i = 0; i < SLOTS; i++)
		kill(slots[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	CHECK(errno == ECHILD);
	munmap((void *)slots, 4096);
}

/* Every thread and child that is born is seen, and its end as well. */
static void all_are_told(void)
{
	int status, born = 0, ended = 0, leaving = 0;
	pid_t pid = spawn(), got;

	if (!pid) {
		struct thread t[3];

		CHECK(!trace(TRACEME, 0, 0, 0));
		kill(getpid(), SIGSTOP);
		for (int round = 0; round < 10; round++) {
			for (int i = 0; i < 3; i++)
				thread_start(&t[i], ends, NULL);
			pid_t kid = fork();
			if (!kid)
				_exit(0);
			waitpid(kid, NULL, 0);
			for (int i = 0; i < 3; i++)
				thread_join(&t[i]);
		}
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	CHECK(!trace(SETOPTIONS, pid, 0, O_FORK | O_CLONE | O_EXIT));
	CHECK(!trace(CONT, pid, 0, 0));
	while ((got = waitpid(-1, &status, WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			ended++;
			continue;
		}
		switch (status >> 16) {
		case 1:
		case 3:
			born++;
			break;
		case 6:
			leaving++;
		}
		trace(CONT, got, 0, WSTOPSIG(status) == SIGCHLD ? SIGCHLD : 0);
	}
	CHECK(errno == ECHILD);
	if (born != 40 || ended != 41 || leaving != 41)
		fail("%d were born, %d announced their end, %d ended", born, leaving, ended);
}

/* A tracer is killed at any moment: what it traced goes on, or dies where that was asked for. */
static void tracer_killed(void)
{
	for (unsigned n = 0; n < 60; n++) {
		pid_t pid = spawn();
		int status;

		if (!pid)
			for (;;)
				syscall(__NR_getppid);
		pid_t other = spawn();
		if (!other) {
			if (trace(SEIZE, pid, 0, n % 2 ? O_EXITKILL : 0))
				_exit(1);
			trace(INTERRUPT, pid, 0, 0);
			while (waitpid(pid, &status, WALL) == pid && WIFSTOPPED(status))
				trace(SYSCALL, pid, 0, 0);
			_exit(1);
		}
		usleep(500 + n * 37 % 3000);
		kill(other, SIGKILL);
		CHECK(waitpid(other, &status, 0) == other);
		if (n % 2 == 0)
			kill(pid, SIGKILL);
		else if (!kill(pid, 0))
			kill(pid, n % 4 == 1 ? SIGKILL : SIGTERM);
		CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	}
}

const struct test trace_tests[] = {
	{ "trace-come-and-go", come_and_go, 120 },
	{ "trace-all-are-told", all_are_told, 60 },
	{ "trace-tracer-killed", tracer_killed, 60 },
	{ NULL, NULL, 0 },
};
