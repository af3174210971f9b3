/*
 * storm.c - everything at once, many times, and the free memory before and after.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOST_KIB 256

static void one_exec(void)
{
	execv("/proc/self/exe",
	      (char *[]){ (char *)"usertests", (char *)"--exit", (char *)"0", NULL });
	fail("exec: %m");
}

static void one_map(unsigned int *seed)
{
	size_t n = ((size_t)rand_r(seed) % 64 + 1) * 4096;
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       (rand_r(seed) % 2 ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (size_t at = 0; at < n; at += 4096)
		p[at] = 1;
	if (rand_r(seed) % 2)
		CHECK(!munmap(p, n));
}

static void one_pipe(void)
{
	static char buf[8192];
	int fds[2];

	CHECK(!pipe(fds));
	CHECK(write(fds[1], buf, sizeof(buf)) == sizeof(buf));
	CHECK(read(fds[0], buf, sizeof(buf)) == sizeof(buf));
	close(fds[0]);
	close(fds[1]);
}

static void one_file(unsigned int who)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "storm-%u", who);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0 && write(fd, name, sizeof(name)) == sizeof(name) && !close(fd));
	CHECK(!unlink(name));
}

/* `workers` processes, each doing `steps` random things. */
static void storm(unsigned int workers, int steps)
{
	pid_t pids[8];

	for (unsigned int w = 0; w < workers; w++) {
		pids[w] = spawn();
		if (!pids[w]) {
			unsigned int seed = w + 1;

			for (int i = 0; i < steps; i++) {
				int what = rand_r(&seed) % 8;
				pid_t pid;

				if (what < 2) {
					one_map(&seed);
					continue;
				}
				if (what < 4) {
					one_pipe();
					continue;
				}
				if (what == 4) {
					one_file(w);
					continue;
				}
				pid = spawn();
				if (!pid) {
					if (what == 5)
						one_exec();
					if (what == 6)
						for (;;)
							pause();
					one_map(&seed);
					_exit(0);
				}
				if (what == 6)
					kill(pid, SIGKILL);
				wait_for(pid);
			}
			_exit(0);
		}
	}
	for (unsigned int w = 0; w < workers; w++)
		wait_ok(pids[w]);
}

/* One storm fills the caches; the ones after it may not take any more. */
static void lost_memory(void)
{
	long before, lost = 0;

	storm(4, 60);
	for (int i = 0; i < 4; i++) {
		before = free_kib();
		storm(4, 80);
		lost = before - free_kib();
		if (lost <= LOST_KIB)
			return;
	}
	fail("%ld KiB less free memory after each of 4 storms", lost);
}

static void fork_exec_storm(void)
{
	pid_t pids[4];

	for (int w = 0; w < 4; w++) {
		pids[w] = spawn();
		if (!pids[w]) {
			for (int i = 0; i < 25; i++) {
				pid_t pid = spawn();

				if (!pid)
					one_exec();
				wait_ok(pid);
			}
			_exit(0);
		}
	}
	for (int w = 0; w < 4; w++)
		wait_ok(pids[w]);
}

const struct test storm_tests[] = {
	{ "storm-fork-exec", fork_exec_storm, 90 },
	{ "storm-memory", lost_memory, 180 },
	{ NULL, NULL, 0 },
};
