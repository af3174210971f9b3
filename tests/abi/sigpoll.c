/* Signals when descriptors become ready: O_ASYNC, F_SETOWN(_EX), F_SETSIG; what the siginfo tells. */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>

static sigset_t set;
static int rd, wr;

static void show(const char *what)
{
	struct timespec none = { 0, 20000000 };
	siginfo_t si;
	int r, n = 0;

	say("%s:", what);
	while ((r = sigtimedwait(&set, &si, &none)) > 0 && n++ < 8) {
		if (si.si_code > 0 && si.si_code != SI_KERNEL)
			say(" %s code %d band %lx fd %d;", sname(r), si.si_code, (unsigned long)si.si_band,
			    si.si_fd == rd ? 1 : si.si_fd == wr ? 2 : si.si_fd);
		else
			say(" %s code %d pid %d;", sname(r), si.si_code, si.si_pid);
	}
	say("\n");
}

static void put(void)
{
	write(wr, "x", 1);
}

static void get(void)
{
	char c[64];

	read(rd, c, sizeof(c));
}

static void not_mine(void)
{
	MUST(setuid(1000));
	R(fcntl(rd, F_SETOWN, getppid()));
	R(fcntl(rd, F_SETFL, O_ASYNC));
	put();
}

int main(void)
{
	struct f_owner_ex o;
	int p[2], on = 1;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	MUST(pipe(p));
	rd = p[0];
	wr = p[1];

	SECTION("settings");
	R(fcntl(rd, F_GETOWN));
	R(fcntl(rd, F_GETSIG));
	R(fcntl(rd, F_SETOWN, 999999));
	R(fcntl(rd, F_SETSIG, 65));
	R(fcntl(rd, F_SETSIG, -1));
	R(fcntl(rd, F_SETOWN, getpid()));
	R(fcntl(rd, F_GETOWN) == getpid());
	R(fcntl(rd, F_GETOWN_EX, &o));
	say("%d %d\n", o.type, o.pid == getpid());
	R(fcntl(rd, F_SETOWN, -getpgrp()));
	R(fcntl(rd, F_GETOWN_EX, &o));
	say("%d %d\n", o.type, o.pid == getpgrp());
	o.type = 7;
	R(fcntl(rd, F_SETOWN_EX, &o));

	SECTION("not before O_ASYNC");
	MUST(fcntl(rd, F_SETOWN, getpid()));
	put();
	show("off");
	R(fcntl(rd, F_SETFL, O_ASYNC));
	R(fcntl(rd, F_GETFL) & O_ASYNC);
	put();
	show("SIGIO");
	get();
	show("a read tells readers nothing");

	SECTION("a signal of one's own");
	R(fcntl(rd, F_SETSIG, SIGRTMIN + 1));
	R(fcntl(rd, F_GETSIG));
	put();
	put();
	show("two writes");
	R(fcntl(rd, F_SETSIG, SIGCHLD));
	put();
	show("SIGCHLD");
	R(fcntl(rd, F_SETSIG, SIGRTMIN + 1));
	get();
	o = (struct f_owner_ex){ F_OWNER_TID, gettid() };
	R(fcntl(rd, F_SETOWN_EX, &o));
	put();
	show("thread");
	R(fcntl(rd, F_SETOWN, 0));
	put();
	show("nobody");
	get();

	SECTION("the other end");
	R(fcntl(wr, F_SETOWN, getpid()));
	R(fcntl(wr, F_SETSIG, SIGRTMIN + 1));
	R(ioctl(wr, FIOASYNC, &on));
	put();
	show("a write tells writers nothing");
	get();
	show("a read");
	on = 0;
	R(ioctl(wr, FIOASYNC, &on));
	put();
	get();
	show("off");
	R(fcntl(rd, F_SETOWN, getpid()));
	in_child("without permission", not_mine);
	sigtimedwait(&set, NULL, &(struct timespec){ 0, 20000000 });
	show("owner named by another");
	R(fcntl(rd, F_SETOWN, getpid()));
	get();
	close(wr);
	show("the writer is gone");

	SECTION("others");
	int fd = MUST(open("/dev/null", O_RDONLY));
	R(fcntl(fd, F_SETFL, O_ASYNC));
	R(fcntl(fd, F_GETFL) & O_ASYNC);
	on = 1;
	R(ioctl(fd, FIOASYNC, &on));
	return 0;
}
