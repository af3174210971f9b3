/* The stack: growth, its limit, overflow as a signal on another stack. */
#include "abi.h"
#include <sys/resource.h>

static int deep(int n)
{
	volatile char page[4096];

	page[0] = n;
	return n ? deep(n - 1) + page[0] - page[0] + 1 : 0;
}

static void overflow(void)
{
	say("%d\n", deep(1 << 28));
}

static void on_overflow(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	say("%s on the other stack\n", sname(sig));
	_exit(7);
}

static void overflow_handled(void)
{
	static char other[65536];
	stack_t ss = { .ss_sp = other, .ss_size = sizeof(other) };
	struct sigaction sa = { .sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	say("%d\n", deep(1 << 28));
}

static void small_limit(void)
{
	struct rlimit rl = { 256 * 1024, RLIM_INFINITY };
	char *argv[] = { "stack", "grow", NULL }, *envp[] = { NULL };

	setrlimit(RLIMIT_STACK, &rl);
	execve("/abi/stack", argv, envp);
}

/* Writes far below the stack of a child by way of /proc: whose limit counts? */
static void from_outside(const char *what, rlim_t mine, rlim_t its)
{
	struct rlimit rl = { its, RLIM_INFINITY }, old;
	int ready[2], fd;
	char *low, name[40];
	pid_t pid;

	MUST(getrlimit(RLIMIT_STACK, &old));
	MUST(pipe(ready));
	pid = MUST(fork());
	if (!pid) {
		MUST(setrlimit(RLIMIT_STACK, &rl));
		low = (char *)&rl - (6 << 20);
		write(ready[1], &low, sizeof(low));
		pause();
	}
	read(ready[0], &low, sizeof(low));
	rl.rlim_cur = mine;
	MUST(setrlimit(RLIMIT_STACK, &rl));
	snprintf(name, sizeof(name), "/proc/%d/mem", pid);
	fd = MUST(open(name, O_RDWR));
	ssize_t n = pwrite(fd, "x", 1, (off_t)low);
	say("%s: %s\n", what, n == 1 ? "ok" : ename(errno));
	MUST(setrlimit(RLIMIT_STACK, &old));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
	close(ready[0]);
	close(ready[1]);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "grow")) {
		say("%d\n", deep(20));
		say("%d\n", deep(2000));
		return 0;
	}
	struct rlimit rl;
	getrlimit(RLIMIT_STACK, &rl);
	say("soft %ld\n", (long)rl.rlim_cur);
	say("1000 pages: %d\n", deep(1000));
	in_child("overflow", overflow);
	in_child("overflow, handled", overflow_handled);
	in_child("limit of 256 KiB", small_limit);
	/* the kernel too may be the first to touch a page of the stack */
	char room[400000];
	int fd = open("/dev/zero", O_RDONLY);
	R(read(fd, room, sizeof(room)));
	say("%d\n", room[12345]);
	from_outside("the writer's limit is small", 64 << 10, 8 << 20);
	from_outside("the owner's limit is small", 8 << 20, 64 << 10);
	return 0;
}
