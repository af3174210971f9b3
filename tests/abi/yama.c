/*
 * Yama: /proc/sys/kernel/yama/ptrace_scope at 0, 1 and 2, for an ordinary user and for who may, and whom
 * PR_SET_PTRACER lets in. (At 3 it would stay until the next boot.)
 */
#include "abi.h"
#include <sys/prctl.h>
#include <sys/ptrace.h>

#define SCOPE "/proc/sys/kernel/yama/ptrace_scope"

static char word[] = "there";

static void scope(const char *text)
{
	int fd = open(SCOPE, O_RDWR);
	ssize_t n = write(fd, text, strlen(text));

	say("scope %s: %s\n", text, n < 0 ? ename(errno) : "ok");
	close(fd);
}

static void ordinary(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	MUST(prctl(PR_SET_DUMPABLE, 1));
}

/* A process that lets `tracer` in and waits; out of its pipe comes a byte when it has. */
static pid_t target(unsigned long tracer, int user)
{
	int fds[2];
	pid_t pid;
	char c;

	MUST(pipe(fds));
	pid = MUST(fork());
	if (!pid) {
		if (user)
			ordinary();
		if (tracer)
			MUST(prctl(PR_SET_PTRACER, tracer));
		MUST(write(fds[1], "", 1));
		for (;;)
			pause();
	}
	MUST(read(fds[0], &c, 1));
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Each way into pid. */
static void reach(const char *what, pid_t pid)
{
	char buf[8] = "", path[64];
	struct iovec to = { buf, 5 }, from = { word, 5 };
	int fd, other = 0, st;

	say("%s: read %s", what, process_vm_readv(pid, &to, 1, &from, 1, 0) < 0 ? ename(errno) : buf);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY);
	say(", mem %s", fd < 0 ? ename(errno) : "ok");
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	fd = open(path, O_RDONLY);
	say(", maps %s", fd < 0 ? ename(errno) : "ok");
	close(fd);
	fd = syscall(SYS_pidfd_open, pid, 0);
	other = syscall(SYS_pidfd_getfd, fd, 1, 0);
	say(", getfd %s", other < 0 ? ename(errno) : "ok");
	close(other);
	close(fd);
	if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0) {
		say(", attach %s\n", ename(errno));
		return;
	}
	waitpid(pid, &st, __WALL);
	say(", attach ok\n");
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

static pid_t child, cousin, open_to_all, open_to_us;

static void grandchild(void)
{
	reach("a grandchild of the one let in", open_to_us);
}

static void as_user(void)
{
	pid_t mine;

	ordinary();
	mine = target(0, 0);
	reach("child", mine);
	end(mine);
	reach("cousin", cousin);
	reach("open to all", open_to_all);
	reach("open to our parent", open_to_us);
	in_child("in it", grandchild);
	reach("self", getpid());
}

static void traceme(void)
{
	R(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static void traced_by_user(void)
{
	ordinary();
	in_child("traced", traceme);
}

static void closes_again(void)
{
	R(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY));
	R(prctl(PR_SET_PTRACER, getppid()));
	R(prctl(PR_SET_PTRACER, 0));
	R(prctl(PR_SET_PTRACER, 99999999));
}

static void writes(void)
{
	ordinary();
	scope("1");
}

static void each(const char *text)
{
	scope(text);
	cousin = target(0, 1);
	open_to_all = target(PR_SET_PTRACER_ANY, 1);
	open_to_us = target(getpid(), 1);
	in_child("as a user", as_user);
	in_child("a user's", traced_by_user);
	child = target(0, 1);
	reach("root", child);
	end(child);
	in_child("root's", traceme);
	end(cousin);
	end(open_to_all);
	end(open_to_us);
}

int main(void)
{
	SECTION("0");
	each("0");
	SECTION("1");
	each("1");
	in_child("closes", closes_again);
	SECTION("2");
	each("2");
	SECTION("writing");
	in_child("a user", writes);
	scope("4");
	scope("-1");
	scope("0");
	return 0;
}
