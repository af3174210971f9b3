/* oom_score_adj and oom_adj (proc(5)): who may lower them how far, who inherits them, and who shares them. */
#include "abi.h"

static const char *const SCORE = "/proc/self/oom_score_adj", *const OLD = "/proc/self/oom_adj";

static void show(const char *what)
{
	char a[20] = "?", b[20] = "?";
	int fd = MUST(open(SCORE, O_RDONLY)), old = MUST(open(OLD, O_RDONLY));

	a[read(fd, a, 19) - 1] = 0;
	b[read(old, b, 19) - 1] = 0;
	say("%s: %s, %s\n", what, a, b);
	close(fd);
	close(old);
}

static void put(int fd, const char *text)
{
	long n = pwrite(fd, text, strlen(text), 0);

	say("%s: %s\n", text, n < 0 ? ename(errno) : "ok");
}

static void wait_for(int pid)
{
	int st;

	MUST(waitpid(pid, &st, 0));
	if (st)
		say("status %x\n", st);
}

/* What a plain user may do, in files that root opened. */
static void as_user(void)
{
	int pid = MUST(fork()), fd, old;

	if (pid) {
		wait_for(pid);
		return;
	}
	fd = MUST(open(SCORE, O_RDWR));
	old = MUST(open(OLD, O_RDWR));
	MUST(setresuid(1000, 1000, 1000));
	show("has");
	put(fd, "600");
	put(fd, "100");
	put(fd, "0");
	put(fd, "-1");
	put(fd, "-300");
	put(fd, "-500");
	put(fd, "-501");
	put(fd, "300");
	put(old, "5");
	put(old, "3");
	put(old, "-1");
	show("then");
	put(fd, "-500");
	put(old, "-17");
	put(old, "-8");
	show("at last");
	pid = MUST(fork());
	if (!pid) {
		show("a child");
		_exit(0);
	}
	wait_for(pid);
	_exit(0);
}

static int shared(void *what)
{
	int fd = MUST(open(SCORE, O_RDWR));

	show(what);
	put(fd, "77");
	close(fd);
	return 0;
}

static char stack[2][65536] __attribute__((aligned(16)));

static int idle(void *go)
{
	char c;

	close(((int *)go)[1]);
	read(((int *)go)[0], &c, 1);
	show("who shares the memory");
	return 0;
}

static void score(const char *text)
{
	int fd = MUST(open(SCORE, O_RDWR));

	put(fd, text);
	close(fd);
}

static void old_score(const char *text)
{
	int fd = MUST(open(OLD, O_RDWR));

	put(fd, text);
	close(fd);
}

int main(void)
{
	int go[2], pid;

	SECTION("a minimum of 0");
	as_user();
	SECTION("set to 500");
	score("500");
	as_user();
	SECTION("set to -500");
	score("-500");
	as_user();
	SECTION("by the older file");
	score("0");
	old_score("-8");
	as_user();
	SECTION("a child with the same memory");
	score("0");
	pid = MUST(clone(shared, stack[0] + sizeof(stack[0]), CLONE_VM | SIGCHLD, "child"));
	wait_for(pid);
	show("parent");
	score("0");
	MUST(pipe(go));
	pid = MUST(clone(idle, stack[1] + sizeof(stack[1]), CLONE_VM | SIGCHLD, go));
	score("-44");
	MUST(write(go[1], "x", 1));
	wait_for(pid);
	as_user();
	SECTION("by vfork");
	score("0");
	pid = MUST(clone(shared, stack[0] + sizeof(stack[0]), CLONE_VM | CLONE_VFORK | SIGCHLD, "child"));
	wait_for(pid);
	show("parent");
	SECTION("a copy");
	pid = MUST(clone(shared, stack[0] + sizeof(stack[0]), SIGCHLD, "child"));
	wait_for(pid);
	show("parent");
	return 0;
}
