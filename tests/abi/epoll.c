/* epoll: level, edge, one-shot, nesting, errors. */
#include "abi.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep;

static void show(const char *what)
{
	struct epoll_event ev[8];
	int n = epoll_wait(ep, ev, 8, 0);

	say("%s: %d", what, n);
	for (int i = 0; i < n; i++)
		say(" [%llu %x]", (unsigned long long)ev[i].data.u64, ev[i].events);
	say("\n");
}

static int ctl(int op, int fd, unsigned events, unsigned long data)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	return epoll_ctl(ep, op, fd, &ev);
}

int main(void)
{
	int p[2], q[2];
	char buf[70000];
	struct epoll_event ev[8];

	SECTION("creation");
	R(epoll_create(0));
	R(epoll_create1(0x1));
	ep = MUST(epoll_create1(EPOLL_CLOEXEC));
	R(fcntl(ep, F_GETFD));
	MUST(pipe2(p, O_NONBLOCK));
	MUST(pipe2(q, O_NONBLOCK));
	SECTION("control");
	R(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
	R(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
	R(ctl(EPOLL_CTL_MOD, p[1], EPOLLOUT, 2));
	R(ctl(EPOLL_CTL_DEL, p[1], 0, 0));
	R(ctl(EPOLL_CTL_ADD, 99, EPOLLIN, 1));
	R(ctl(EPOLL_CTL_ADD, ep, EPOLLIN, 1));
	R(ctl(99, p[1], EPOLLIN, 1));
	R(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], ev));
	R(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (void *)8));
	R(epoll_ctl(99, EPOLL_CTL_ADD, p[1], ev));
	int file = MUST(open("f", O_CREAT | O_RDWR, 0644));
	R(ctl(EPOLL_CTL_ADD, file, EPOLLIN, 1));
	R(ctl(EPOLL_CTL_ADD, open(".", O_RDONLY), EPOLLIN, 1));
	R(ctl(EPOLL_CTL_ADD, open("/dev/null", O_RDWR), EPOLLIN, 1));
	SECTION("level");
	show("empty");
	write(p[1], "ab", 2);
	show("ready");
	show("still");
	read(p[0], buf, 1);
	show("one left");
	read(p[0], buf, 1);
	show("none");
	SECTION("edge");
	R(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 3));
	show("empty");
	write(p[1], "ab", 2);
	show("ready");
	show("again");
	write(p[1], "c", 1);
	show("more");
	read(p[0], buf, 1);
	show("after a read");
	R(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 4));
	show("after MOD");
	read(p[0], buf, 10);
	SECTION("one-shot");
	R(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 5));
	write(p[1], "a", 1);
	show("ready");
	show("disabled");
	write(p[1], "b", 1);
	show("disabled");
	R(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 6));
	show("armed");
	read(p[0], buf, 10);
	SECTION("write side, hang-up, error");
	R(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 7));
	show("writable");
	while (write(p[1], buf, 4096) > 0)
		;
	show("full");
	while (read(p[0], buf, sizeof(buf)) > 0)
		;
	show("drained");
	R(ctl(EPOLL_CTL_ADD, q[0], 0, 8));
	R(ctl(EPOLL_CTL_ADD, q[1], 0, 9));
	show("no events asked");
	int d = dup(q[1]);
	close(q[1]);
	show("closed, a duplicate is open");
	close(d);
	show("closed for good");
	close(q[0]);
	show("the closed one is gone");
	MUST(pipe(q));
	R(ctl(EPOLL_CTL_ADD, q[1], EPOLLOUT, 10));
	close(q[0]);
	show("no reader");
	R(ctl(EPOLL_CTL_DEL, q[1], 0, 0));
	SECTION("fairness");
	int efd[6];
	for (int i = 0; i < 6; i++) {
		efd[i] = eventfd(1, 0);
		MUST(ctl(EPOLL_CTL_ADD, efd[i], EPOLLIN, 20 + i));
	}
	int seen = 0;
	for (int i = 0; i < 3; i++) {
		int n = epoll_wait(ep, ev, 2, 0);
		for (int k = 0; k < n; k++)
			seen |= 1 << (ev[k].data.u64 - 20);
	}
	say("all seen, two at a time: %x\n", seen);
	for (int i = 0; i < 6; i++)
		close(efd[i]);
	SECTION("nesting");
	int outer = MUST(epoll_create1(0)), e = MUST(eventfd(0, 0));
	struct epoll_event in = { .events = EPOLLIN, .data.u64 = 30 };
	R(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &in));
	R(ctl(EPOLL_CTL_ADD, outer, EPOLLIN, 31));
	R(epoll_wait(outer, ev, 8, 0));
	MUST(ctl(EPOLL_CTL_ADD, e, EPOLLIN, 32));
	eventfd_write(e, 1);
	R(epoll_wait(outer, ev, 8, 0));
	say("[%llu]\n", (unsigned long long)ev[0].data.u64);
	eventfd_read(e, &(eventfd_t){ 0 });
	R(epoll_wait(outer, ev, 8, 0));
	int chain[12], up = 0, down = 0;
	for (int i = 0; i < 12; i++)
		chain[i] = MUST(epoll_create1(0));
	while (down < 11 && !epoll_ctl(chain[down], EPOLL_CTL_ADD, chain[down + 1], &in))
		down++;
	say("chain grown at its end: %s\n", down < 6 ? "bounded" : "without end");
	while (up + down < 10 && !epoll_ctl(chain[10 - up], EPOLL_CTL_ADD, chain[11 - up], &in))
		up++;
	say("chain grown at its head: %s\n", up < 6 ? "bounded" : "without end");
	SECTION("waiting");
	long long before = now_ms();
	R(epoll_wait(ep, ev, 8, 40));
	say("waited %d\n", now_ms() - before >= 39);
	pid_t pid = MUST(fork());
	if (!pid) {
		sleep_ms(40);
		eventfd_write(e, 5);
		_exit(0);
	}
	R(epoll_wait(ep, ev, 8, 5000));
	say("[%llu %x]\n", (unsigned long long)ev[0].data.u64, ev[0].events);
	waitpid(pid, NULL, 0);
	pid = MUST(fork());
	if (!pid) {
		eventfd_read(e, &(eventfd_t){ 0 });
		sleep_ms(30);
		eventfd_write(e, 1);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	R(epoll_pwait(ep, ev, 8, 1000, NULL));
	R(syscall(SYS_epoll_pwait2, ep, ev, 8, &(struct timespec){ 0, 0 }, NULL, 8));
	R(syscall(SYS_epoll_pwait2, ep, ev, 8, &(struct timespec){ 0, 1000000000 }, NULL, 8));
	R(epoll_wait(ep, ev, 0, 0));
	R(epoll_wait(ep, ev, -1, 0));
	R(epoll_wait(ep, (void *)8, 8, 0));
	R(epoll_wait(p[0], ev, 8, 0));
	R(epoll_wait(99, ev, 8, 0));
	R(read(ep, buf, 8));
	SECTION("exclusive");
	int x = MUST(eventfd(0, 0));
	R(ctl(EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE, 40));
	R(ctl(EPOLL_CTL_MOD, x, EPOLLIN, 40));
	R(ctl(EPOLL_CTL_ADD, eventfd(0, 0), EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 41));
	return 0;
}
