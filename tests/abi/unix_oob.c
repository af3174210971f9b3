/* Urgent data on Unix streams: MSG_OOB, SO_OOBINLINE, SIOCATMARK, POLLPRI, SIGURG. */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef SIOCATMARK
#define SIOCATMARK 0x8905
#endif

static int s[2];

static void fresh(const char *what)
{
	SECTION(what);
	if (s[0])
		close(s[0]), close(s[1]);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
}

static void put(const char *text, int flags)
{
	ssize_t n = send(s[0], text, strlen(text), flags);

	if (n < 0)
		say("send %s: %s\n", text, ename(errno));
	else if (n != (ssize_t)strlen(text))
		say("send %s: %zd\n", text, n);
}

static void get(size_t n, int flags)
{
	char buf[100] = "";
	struct iovec v = { buf, n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	ssize_t r = recvmsg(s[1], &m, flags | MSG_DONTWAIT);

	say("recv%s%s%s %zu: ", flags & MSG_OOB ? " urgent" : "", flags & MSG_PEEK ? " peek" : "",
	    flags & MSG_WAITALL ? " all" : "", n);
	if (r < 0)
		say("%s\n", ename(errno));
	else
		say("%zd \"%s\" flags %x\n", r, buf, m.msg_flags);
}

static void state(void)
{
	struct pollfd p = { s[1], POLLIN | POLLPRI | POLLRDBAND | POLLRDHUP, 0 };
	int mark = -1, bytes = -1;

	ioctl(s[1], SIOCATMARK, &mark);
	ioctl(s[1], FIONREAD, &bytes);
	poll(&p, 1, 0);
	say("at mark %d, bytes %d, poll %x\n", mark, bytes, p.revents);
}

static volatile sig_atomic_t urgent, code;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	urgent++;
	code = si->si_code;
}

static void inline_on(void)
{
	int on = 1;

	MUST(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
}

static void signals(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	fresh("SIGURG");
	MUST(sigaction(SIGURG, &sa, NULL));
	put("a", MSG_OOB);
	say("without an owner: %d\n", urgent);
	MUST(fcntl(s[1], F_SETOWN, getpid()));
	put("b", MSG_OOB);
	say("with one: %d code %d\n", urgent, code == SI_KERNEL);
	put("c", 0);
	say("no urgent data: %d\n", urgent);
	MUST(fcntl(s[1], F_SETSIG, SIGUSR1));
	put("d", MSG_OOB);
	say("always SIGURG: %d\n", urgent);
	MUST(fcntl(s[1], F_SETOWN, 0));
	put("e", MSG_OOB);
	say("nobody's again: %d\n", urgent);
}

/* Who waits for bytes is not woken up by an urgent one; one who polls is. */
static void receiver(const char *what, int flags)
{
	char c;

	fresh(what);
	pid_t pid = MUST(fork());
	if (!pid) {
		R(recv(s[1], &c, 1, flags));
		say("%c\n", c);
		_exit(0);
	}
	sleep_ms(50);
	put("u", MSG_OOB);
	sleep_ms(50);
	put("v", 0);
	waitpid(pid, NULL, 0);
}

static void waiting(void)
{
	struct epoll_event ev = { .events = EPOLLPRI | EPOLLET };
	int ep = MUST(epoll_create1(0));

	fresh("waiting");
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &ev));
	R(epoll_wait(ep, &ev, 1, 0));
	put("x", 0);
	R(epoll_wait(ep, &ev, 1, 0));
	put("y", MSG_OOB);
	R(epoll_wait(ep, &ev, 1, 0));
	say("events %x\n", ev.events);
	R(epoll_wait(ep, &ev, 1, 0));
	close(ep);

	receiver("a reader", 0);
	receiver("one who peeks", MSG_PEEK);
	state();
}

int main(void)
{
	int fd[2];
	char c;

	fresh("one byte");
	state();
	get(1, MSG_OOB);
	put("a", MSG_OOB);
	state();
	get(1, MSG_OOB | MSG_PEEK);
	state();
	get(0, MSG_OOB | MSG_PEEK);
	get(10, MSG_OOB);
	state();
	get(1, MSG_OOB);
	get(10, MSG_PEEK);
	get(10, 0);
	state();

	fresh("the last of several");
	put("hello", MSG_OOB);
	state();
	get(2, 0);
	state();
	get(10, MSG_PEEK);
	get(10, 0);
	state();
	get(1, MSG_OOB | MSG_PEEK);
	get(10, 0);
	state();
	get(1, MSG_OOB);

	fresh("received first");
	put("hello", MSG_OOB);
	put("world", 0);
	get(1, MSG_OOB);
	state();
	get(20, MSG_PEEK);
	get(20, 0);
	state();
	get(20, MSG_PEEK);
	state();
	get(20, 0);
	state();

	fresh("not received");
	put("hello", MSG_OOB);
	put("world", 0);
	get(20, 0);
	state();
	get(20, MSG_PEEK);
	get(20, 0);
	state();

	fresh("all of it");
	put("hello", MSG_OOB);
	put("world", 0);
	get(10, MSG_WAITALL);
	get(10, MSG_WAITALL);

	fresh("two");
	put("ab", MSG_OOB);
	put("cd", MSG_OOB);
	put("ef", 0);
	state();
	get(1, MSG_OOB);
	state();
	get(20, 0);
	state();
	get(20, 0);
	state();

	fresh("two, both received");
	put("a", MSG_OOB);
	get(1, MSG_OOB);
	put("b", MSG_OOB);
	state();
	get(1, MSG_OOB);
	state();
	put("c", 0);
	state();
	get(20, 0);
	state();

	fresh("a mark, then another");
	put("a", MSG_OOB);
	get(1, MSG_OOB);
	put("b", MSG_OOB);
	state();
	get(20, MSG_PEEK);
	get(20, 0);
	state();

	fresh("a mark, bytes, another");
	put("xa", MSG_OOB);
	get(1, MSG_OOB);
	put("yb", MSG_OOB);
	put("z", 0);
	get(20, 0);
	state();
	get(20, 0);
	state();
	get(20, 0);
	state();

	fresh("inline");
	inline_on();
	put("hello", MSG_OOB);
	put("world", 0);
	state();
	get(1, MSG_OOB);
	get(20, MSG_PEEK);
	get(20, 0);
	state();
	get(20, MSG_PEEK);
	get(20, 0);
	state();

	fresh("inline afterwards");
	put("hello", MSG_OOB);
	put("world", 0);
	get(5, 0);
	inline_on();
	state();
	get(20, 0);
	state();

	fresh("refused");
	R(send(s[0], "", 0, MSG_OOB));
	MUST(shutdown(s[1], SHUT_RD));
	R(send(s[0], "a", 1, MSG_OOB | MSG_NOSIGNAL));
	R(send(s[0], "ab", 2, MSG_OOB | MSG_NOSIGNAL));
	int alone = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), mark = 7;
	R(send(alone, "a", 1, MSG_OOB | MSG_NOSIGNAL));
	R(recv(alone, &c, 1, MSG_OOB));
	R(ioctl(alone, SIOCATMARK, &mark));
	say("mark %d\n", mark);
	R(ioctl(alone, SIOCATMARK, 8));
	for (int i = 0; i < 2; i++) {
		MUST(socketpair(AF_UNIX, i ? SOCK_SEQPACKET : SOCK_DGRAM, 0, fd));
		R(send(fd[0], "a", 1, MSG_OOB));
		R(recv(fd[1], &c, 1, MSG_OOB));
		R(ioctl(fd[1], SIOCATMARK, &mark));
		say("mark %d\n", mark);
	}

	fresh("the end");
	put("a", MSG_OOB);
	close(s[1]);
	R(recv(s[0], &c, 1, 0));
	s[1] = dup(s[0]);
	fresh("the end, received");
	put("a", MSG_OOB);
	get(1, MSG_OOB);
	close(s[1]);
	R(recv(s[0], &c, 1, 0));
	s[1] = dup(s[0]);
	fresh("the sender's end");
	put("ab", MSG_OOB);
	MUST(shutdown(s[0], SHUT_WR));
	state();
	get(1, MSG_OOB);
	get(20, 0);
	get(20, 0);
	state();

	signals();
	waiting();
	return 0;
}
