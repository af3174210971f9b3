/* signalfd4: what a read tells of each source, masks, inheritance, polling, epoll, fdinfo. */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

static int sfd(int fd, const sigset_t *set, size_t n, int flags)
{
	return (int)syscall(SYS_signalfd4, fd, set, n, flags);
}

static sigset_t set_of(int a, int b, int c)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, a);
	if (b)
		sigaddset(&s, b);
	if (c)
		sigaddset(&s, c);
	return s;
}

static void show(const struct signalfd_siginfo *i)
{
	say("  %s errno %d code %d pid %s uid %u fd %d tid %u band %u overrun %u status %d int %d ptr %lx addr %lx call %lx/%d\n",
	    sname((int)i->ssi_signo), i->ssi_errno, i->ssi_code,
	    !i->ssi_pid ? "0" :
	    i->ssi_pid == (unsigned)getpid() ? "self" : "other",
	    i->ssi_uid, i->ssi_fd, i->ssi_tid, i->ssi_band, i->ssi_overrun, i->ssi_status, i->ssi_int,
	    (unsigned long)i->ssi_ptr, (unsigned long)i->ssi_addr, (unsigned long)i->ssi_call_addr,
	    i->ssi_syscall);
}

static void drain(int fd)
{
	struct signalfd_siginfo i[4];
	ssize_t n;

	while ((n = read(fd, i, sizeof(i))) > 0) {
		say("read %zd\n", n);
		for (int k = 0; k < n / (int)sizeof(*i); k++)
			show(&i[k]);
	}
	say("then %s\n", n < 0 ? ename(errno) : "end");
}

static void fdinfo(int fd)
{
	char buf[512], *p;

	read_fdinfo(fd, buf, sizeof(buf));
	p = strstr(buf, "sigmask");
	say("%s", p ? p : "none\n");
}

int main(void)
{
	sigset_t mask, all = set_of(SIGUSR1, SIGUSR2, SIGRTMIN + 2);
	struct signalfd_siginfo i;
	struct pollfd p;
	union sigval v;
	int fd, st;

	sigaddset(&all, SIGCHLD);
	sigaddset(&all, SIGALRM);
	sigprocmask(SIG_BLOCK, &all, NULL);
	mask = set_of(SIGUSR1, SIGKILL, SIGSTOP);

	SECTION("errors");
	R(sfd(-1, &mask, 4, 0));
	R(sfd(-1, (void *)8, 8, 0));
	R(sfd(-1, &mask, 8, 1));
	R(sfd(99, &mask, 8, 0));
	R(sfd(0, &mask, 8, 0));
	fd = MUST(sfd(-1, &mask, 8, SFD_NONBLOCK | SFD_CLOEXEC));
	R(fcntl(fd, F_GETFD));
	say("%lx\n", MUST(fcntl(fd, F_GETFL)) & ~O_LARGEFILE);
	R(read(fd, &i, 127));
	R(read(fd, &i, 128));
	R(write(fd, &i, 128));
	R(lseek(fd, 3, SEEK_SET));
	R(pread(fd, &i, 128, 0));
	fdinfo(fd);

	SECTION("kill, mask change");
	MUST(kill(getpid(), SIGUSR1));
	MUST(kill(getpid(), SIGUSR1));
	MUST(kill(getpid(), SIGUSR2));
	drain(fd);
	mask = set_of(SIGUSR2, SIGRTMIN + 2, SIGALRM);
	R(sfd(fd, &mask, 8, 0) == fd);
	fdinfo(fd);
	drain(fd);

	SECTION("values, in order");
	for (int k = 0; k < 5; k++) {
		v = (union sigval){ .sival_ptr = (void *)(100L + k) }; /* all of it is carried */
		MUST(sigqueue(getpid(), SIGRTMIN + 2, v));
	}
	v.sival_ptr = (void *)0x1234567890UL;
	MUST(sigqueue(getpid(), SIGUSR2, v));
	drain(fd);

	SECTION("thread, timers");
	MUST(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2));
	drain(fd);
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2, .sigev_value.sival_int = 77 };
	struct itimerspec its = { .it_value.tv_nsec = 1 };
	timer_t t;
	MUST(timer_create(CLOCK_MONOTONIC, &ev, &t));
	MUST(timer_settime(t, 0, &its, NULL));
	p = (struct pollfd){ fd, POLLIN, 0 };
	R(poll(&p, 1, 5000));
	drain(fd);
	timer_delete(t);
	struct itimerval itv = { .it_value.tv_usec = 1000 };
	MUST(setitimer(ITIMER_REAL, &itv, NULL));
	R(poll(&p, 1, 5000));
	drain(fd);

	SECTION("children");
	mask = set_of(SIGCHLD, 0, 0);
	int cfd = MUST(sfd(-1, &mask, 8, 0));
	pid_t pid = MUST(fork());
	if (!pid)
		_exit(9);
	R(read(cfd, &i, sizeof(i)));
	show(&i);
	say("its pid %d\n", i.ssi_pid == (unsigned)pid);
	waitpid(pid, &st, 0);
	pid = MUST(fork());
	if (!pid) {
		pause();
		_exit(0);
	}
	kill(pid, SIGSTOP);
	R(read(cfd, &i, sizeof(i)));
	show(&i);
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	R(read(cfd, &i, sizeof(i)));
	show(&i);

	SECTION("a child reads its own");
	mask = set_of(SIGUSR1, 0, 0);
	MUST(sfd(fd, &mask, 8, 0));
	MUST(kill(getpid(), SIGUSR1));
	pid = MUST(fork());
	if (!pid) {
		p.revents = 0;
		R(poll(&p, 1, 0));
		R(read(fd, &i, sizeof(i)));
		kill(getpid(), SIGUSR1);
		R(poll(&p, 1, 0));
		drain(fd);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	R(poll(&p, 1, 0));
	drain(fd);

	SECTION("epoll");
	int ep = MUST(epoll_create1(0));
	struct epoll_event e = { EPOLLIN, { .u32 = 5 } };
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
	R(epoll_wait(ep, &e, 1, 0));
	MUST(kill(getpid(), SIGUSR1));
	R(epoll_wait(ep, &e, 1, 1000));
	say("%x %u\n", e.events, e.data.u32);
	drain(fd);
	R(epoll_wait(ep, &e, 1, 0));
	/* The watch of a process that is gone. */
	pid = MUST(fork());
	if (!pid) {
		mask = set_of(SIGUSR2, 0, 0);
		int mine = sfd(-1, &mask, 8, 0);
		e.data.u32 = 6;
		e.events = EPOLLIN;
		epoll_ctl(ep, EPOLL_CTL_ADD, mine, &e);
		kill(getpid(), SIGUSR2);
		R(epoll_wait(ep, &e, 1, 1000));
		_exit(0);
	}
	waitpid(pid, &st, 0);
	R(epoll_wait(ep, &e, 1, 0));

	SECTION("blocking");
	mask = set_of(SIGUSR1, 0, 0);
	int bfd = MUST(sfd(-1, &mask, 8, 0));
	pid = MUST(fork());
	if (!pid) {
		sleep_ms(40);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	R(read(bfd, &i, sizeof(i)));
	show(&i);
	waitpid(pid, &st, 0);
	return 0;
}
