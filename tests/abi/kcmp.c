/* kcmp(2): what two tasks share; and /proc/PID files that show a stopped process. */
#include "abi.h"
#include <linux/kcmp.h>
#include <sys/epoll.h>

static const char *same(long r)
{
	return r == 0 ? "same" : r == 1 || r == 2 ? "other" : ename(errno);
}

#define KCMP(a, b, type, x, y)                                                                       \
	(errno = 0, say("%s: %s\n", #type " " #x " " #y, same(syscall(SYS_kcmp, a, b, type, x, y))))

static void all(const char *what, pid_t a, pid_t b)
{
	SECTION(what);
	KCMP(a, b, KCMP_VM, 0, 0);
	KCMP(a, b, KCMP_FILES, 0, 0);
	KCMP(a, b, KCMP_FS, 0, 0);
	KCMP(a, b, KCMP_SIGHAND, 0, 0);
	KCMP(a, b, KCMP_IO, 0, 0);
	KCMP(a, b, KCMP_SYSVSEM, 0, 0);
	KCMP(a, b, KCMP_FILE, 1, 1);
}

int main(void)
{
	int fds[2], status, me = getpid();
	char c;

	MUST(pipe(fds));
	int copy = MUST(dup(fds[0]));
	int self = MUST(open("/proc/self/exe", O_RDONLY));
	int again = MUST(open("/proc/self/exe", O_RDONLY));
	all("itself", me, me);
	SECTION("files");
	KCMP(me, me, KCMP_FILE, fds[0], copy);
	KCMP(me, me, KCMP_FILE, fds[0], fds[1]);
	KCMP(me, me, KCMP_FILE, self, again);
	long one = syscall(SYS_kcmp, me, me, KCMP_FILE, self, again);
	long two = syscall(SYS_kcmp, me, me, KCMP_FILE, again, self);
	say("both orders agree: %d\n", one + two == 3);
	KCMP(me, me, KCMP_FILE, 900, 0);
	KCMP(me, me, KCMP_FILE, 0, 900);
	KCMP(me, me, KCMP_FILE, -1, 0);
	KCMP(me, 999999, KCMP_VM, 0, 0);
	KCMP(0, me, KCMP_VM, 0, 0);
	KCMP(me, me, 8, 0, 0);
	KCMP(me, me, -1, 0, 0);

	pid_t pid = MUST(fork());
	if (pid == 0) {
		read(fds[0], &c, 1);
		_exit(0);
	}
	all("a child", me, pid);
	KCMP(me, pid, KCMP_FILE, fds[0], copy);
	SECTION("epoll");
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = MUST(epoll_create1(0));
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	struct kcmp_epoll_slot slot = { ep, fds[0], 0 };
	KCMP(me, me, KCMP_EPOLL_TFD, copy, (long)&slot);
	KCMP(me, me, KCMP_EPOLL_TFD, fds[1], (long)&slot);
	slot.toff = 1;
	KCMP(me, me, KCMP_EPOLL_TFD, copy, (long)&slot);
	slot.toff = 0;
	slot.tfd = 77;
	KCMP(me, me, KCMP_EPOLL_TFD, copy, (long)&slot);
	slot.efd = fds[0];
	KCMP(me, me, KCMP_EPOLL_TFD, copy, (long)&slot);
	slot.efd = 900;
	KCMP(me, me, KCMP_EPOLL_TFD, copy, (long)&slot);
	KCMP(me, me, KCMP_EPOLL_TFD, copy, 8L);
	SECTION("permission");
	pid_t user = MUST(fork());
	if (user == 0) {
		setresuid(1000, 1000, 1000);
		KCMP(getpid(), pid, KCMP_VM, 0, 0);
		KCMP(getpid(), getpid(), KCMP_VM, 0, 0);
		_exit(0);
	}
	waitpid(user, &status, 0);
	write(fds[1], "x", 1);
	waitpid(pid, &status, 0);
	return 0;
}
