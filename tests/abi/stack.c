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
	return 0;
}
