/*
 * helpers.c - what tests share: children, files, time, memory.
 */
#include "tests.h"

#include <bits/tls.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <uapi/futex.h>
#include <unistd.h>

pid_t spawn(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork: %m");
	return pid;
}

int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			fail("waitpid(%d): %m", pid);
	return status;
}

void kill_all(const pid_t *pids, int n)
{
	for (int i = 0; i < n; i++)
		CHECK(!kill(pids[i], SIGKILL));
	for (int i = 0; i < n; i++)
		CHECK(WTERMSIG(wait_for(pids[i])) == SIGKILL);
}

void wait_ok(pid_t pid)
{
	int status = wait_for(pid);

	if (status)
		fail("a child ended with wait status %#x", status);
}

int status_in_child(void (*fn)(void))
{
	pid_t pid = spawn();

	if (!pid) {
		fn();
		_exit(0);
	}
	return wait_for(pid);
}

void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n || close(fd))
		fail("%s: %m", path);
}

char *read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t n = 0, room = 4096;
	char *text = malloc(room + 1);
	ssize_t got;

	if (fd < 0 || !text)
		fail("%s: %m", path);
	while ((got = read(fd, text + n, room - n)) > 0) {
		n += (size_t)got;
		if (n == room) {
			room *= 2;
			text = realloc(text, room + 1);
			if (!text)
				fail("%s: %m", path);
		}
	}
	if (got < 0)
		fail("%s: %m", path);
	close(fd);
	text[n] = 0;
	return text;
}

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void sleep_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		continue;
}

void *wild_pointer(uintptr_t address)
{
	return (void *)address;
}

char *guarded(size_t n)
{
	char *p = mmap(NULL, n + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + 4096, n, PROT_READ | PROT_WRITE) || munmap(p, 4096) ||
	    munmap(p + 4096 + n, 4096))
		fail("guarded memory: %m");
	return p + 4096;
}

static long sum_of(const char *text)
{
	static const char *const fields[] = { "MemFree:", "Buffers:", "Cached:", "SReclaimable:" };
	long sum = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *at = strstr(text, fields[i]);

		if (at && (at == text || at[-1] == '\n'))
			sum += atol(at + strlen(fields[i]));
	}
	return sum;
}

/* Read until it stands still: what a process held may be freed after its end is seen. */
long free_kib(void)
{
	char text[4096];
	long last = -1;

	for (int i = 0; i < 25; i++) {
		int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		long now;

		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return 0;
		text[n] = 0;
		now = sum_of(text);
		if (now <= last)
			return now;
		last = now;
		sleep_ms(10);
	}
	return last;
}

#define STACK 65536

/* The stack's upper end holds the thread-local block. */
void thread_start(struct thread *t, int (*fn)(void *), void *arg)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	char *top;

	t->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(t->stack != MAP_FAILED);
	top = t->stack + STACK - __tls_size();
	if (clone(fn, top, flags, arg, &t->tid, __tls_make(top), &t->tid) < 0)
		fail("clone: %m");
}

void thread_join(struct thread *t)
{
	int tid;

	/* CLEARTID wakes with a futex that is not private. */
	while ((tid = __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE)))
		syscall(__NR_futex, &t->tid, FUTEX_WAIT, tid, 0, 0, 0);
	munmap(t->stack, STACK);
}

void become_user(void)
{
	if (setgid(1234) || setuid(1234))
		fail("setuid: %m");
}

void copy_self(const char *to)
{
	static char buf[65536];
	int in = open("/proc/self/exe", O_RDONLY),
	    out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n;

	CHECK(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		CHECK(write(out, buf, (size_t)n) == n);
	CHECK(!n && !close(in) && !close(out));
}
