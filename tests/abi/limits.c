/* Running out: processes, memory, descriptors, with others going on; and all is given back. */
#include "abi.h"
#include <sys/resource.h>

static void fork_until(void)
{
	struct rlimit rl = { 20, 20 };
	int n = 0, st, clean = 0;
	int p[2];

	MUST(setrlimit(RLIMIT_NPROC, &rl));
	MUST(setgid(3000));
	MUST(setuid(3000));
	MUST(pipe(p));
	for (;;) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (!pid) {
			char c;
			close(p[1]);
			read(p[0], &c, 1);
			_exit(3);
		}
		n++;
	}
	say("%d children, then %s\n", n, ename(errno));
	close(p[1]);
	while (wait(&st) > 0)
		clean += WIFEXITED(st) && WEXITSTATUS(st) == 3;
	say("all ended well %d\n", clean == n);
	say("fork works again %d\n", (n = fork()) >= 0);
	if (!n)
		_exit(0);
	wait(NULL);
}

static void address_space(void)
{
	struct rlimit rl = { 64 << 20, RLIM_INFINITY };
	int n = 0;

	MUST(setrlimit(RLIMIT_AS, &rl));
	while (mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		n++;
	say("some maps %d, then %s\n", n > 8 && n <= 16, ename(errno));
	void *p = malloc(32 << 20);
	say("malloc %s\n", p ? "ok" : ename(errno));
}

static void storm(void)
{
	/* many short lives, a few at a time */
	int st, bad = 0;

	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < 8; i++)
			if (!MUST(fork())) {
				char *m = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
				memset(m, i, 64 * PAGE);
				int fd = open("/dev/null", O_RDWR);
				_exit(fd < 0 || m[100] != i);
			}
		while (wait(&st) > 0)
			bad += st != 0;
	}
	say("bad %d\n", bad);
}

static void deep_fork(void)
{
	for (int i = 0; i < 60; i++) {
		pid_t pid = fork();
		int st;
		if (pid < 0)
			_exit(200);
		if (pid) {
			waitpid(pid, &st, 0);
			_exit(WEXITSTATUS(st) + 1);
		}
	}
	_exit(0);
}

int main(void)
{
	SECTION("processes");
	in_child("RLIMIT_NPROC", fork_until);
	SECTION("address space");
	in_child("RLIMIT_AS", address_space);
	SECTION("storm");
	in_child("storm", storm);
	in_child("sixty deep", deep_fork);
	SECTION("more than there is");
	/* overcommit refuses what can never be, and lets a sparse big one stand */
	void *p = mmap(NULL, 1UL << 36, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	say("64 GiB in writing: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	p = mmap(NULL, 1UL << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	say("64 GiB reserved: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	p = mmap(NULL, 1UL << 36, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	say("64 GiB without reserve: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	if (p != MAP_FAILED) {
		((char *)p)[1UL << 35] = 1;
		say("one page of it %d\n", ((char *)p)[1UL << 35]);
	}
	return 0;
}
