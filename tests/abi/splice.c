/*
 * splice(2), tee(2), vmsplice(2), sendfile(2): every pair of kinds of files, flags, positions, how much
 * one call moves, and what pages do that two have.
 */
#include "inet.h"
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/un.h>

static char big[1 << 20];

static void fill(char *buf, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		buf[i] = seed >> 16;
	}
}

static int file_of(const char *name, size_t n)
{
	int fd = MUST(open(name, O_CREAT | O_TRUNC | O_RDWR, 0644));

	if (n)
		MUST(write(fd, big, n));
	MUST(lseek(fd, 0, SEEK_SET));
	return fd;
}

static int in_pipe(int fd)
{
	int n = -1;

	ioctl(fd, FIONREAD, &n);
	return n;
}

/* Reads n bytes and says whether they are those of buf. */
static void expect(const char *what, int fd, const char *buf, size_t n)
{
	static char got[1 << 20];
	size_t have = 0;

	while (have < n) {
		ssize_t r = read(fd, got + have, n - have);

		if (r <= 0) {
			say("%s: %s after %zu\n", what, r ? ename(errno) : "end", have);
			return;
		}
		have += r;
	}
	say("%s: %zu bytes, %s\n", what, n, memcmp(got, buf, n) ? "other ones" : "the same");
}

static void kinds(void)
{
	struct {
		const char *name;
		int fd;
	} k[] = {
		{ "file", file_of("kinds", 10000) },
		{ "append", MUST(open("kinds2", O_CREAT | O_RDWR | O_APPEND, 0644)) },
		{ "path", MUST(open("kinds", O_PATH)) },
		{ "folder", MUST(open(".", O_RDONLY)) },
		{ "zero", MUST(open("/dev/zero", O_RDWR)) },
		{ "unix", MUST(socket(AF_UNIX, SOCK_STREAM, 0)) },
		{ "eventfd", MUST(eventfd(1, 0)) },
		{ "epoll", MUST(epoll_create1(0)) },
		{ "timerfd", MUST(timerfd_create(CLOCK_MONOTONIC, 0)) },
		{ "memfd", MUST(memfd_create("m", 0)) },
	};
	int p[2], q[2];

	SECTION("kinds");
	MUST(pipe(p));
	MUST(pipe(q));
	MUST(write(k[9].fd, "memory", 6));
	lseek(k[9].fd, 0, SEEK_SET);
	for (size_t i = 0; i < ARRAY_SIZE(k); i++) {
		ssize_t n = splice(k[i].fd, NULL, p[1], NULL, 5, 0);

		say("%s to pipe %zd %s;", k[i].name, n, n < 0 ? ename(errno) : "");
		MUST(write(q[1], "abcde", 5));
		n = splice(q[0], NULL, k[i].fd, NULL, 5, SPLICE_F_NONBLOCK);
		say(" from pipe %zd %s, %d left;", n, n < 0 ? ename(errno) : "", in_pipe(q[0]));
		while (in_pipe(q[0]) > 0)
			MUST(read(q[0], big, 100));
		n = splice(k[i].fd, NULL, k[0].fd, NULL, 5, 0);
		say(" to file %zd %s\n", n, n < 0 ? ename(errno) : "");
		close(k[i].fd);
	}
	say("%d in the pipe\n", in_pipe(p[0]));
	fill(big, sizeof(big), 1);
}

static void arguments(void)
{
	int f = file_of("args", 100), p[2], q[2], e = file_of("empty", 0);
	loff_t at = 10, neg = -1;

	SECTION("arguments");
	MUST(pipe(p));
	MUST(pipe(q));
	R(splice(f, NULL, p[1], NULL, 0, 0x100));
	R(splice(f, NULL, p[1], NULL, 1, 0x100));
	R(splice(-1, NULL, p[1], NULL, 0, 0));
	R(splice(-1, NULL, p[1], NULL, 1, 0));
	R(splice(f, NULL, -1, NULL, 1, 0));
	R(splice(f, &at, p[1], &at, 1, 0));
	R(splice(p[0], &at, f, NULL, 1, 0));
	R(splice(p[0], &at, f, (void *)8, 1, 0));
	R(splice(f, (void *)8, p[1], NULL, 1, 0));
	R(splice(f, &neg, p[1], NULL, 1, 0));
	R(splice(f, NULL, p[0], NULL, 1, 0));
	R(splice(p[1], NULL, f, NULL, 1, 0));
	R(splice(p[0], NULL, p[1], NULL, 1, 0));
	R(splice(p[0], NULL, f, NULL, 1, SPLICE_F_NONBLOCK));
	R(splice(e, NULL, p[1], NULL, 1, 0));
	R(splice(f, &at, p[1], NULL, 20, 0));
	say("at %lld, file at %lld\n", (long long)at, (long long)lseek(f, 0, SEEK_CUR));
	expect("from 10", p[0], big + 10, 20);
	R(splice(f, NULL, p[1], NULL, 200, 0));
	say("file at %lld\n", (long long)lseek(f, 0, SEEK_CUR));
	expect("from 0", p[0], big, 100);
	R(tee(p[0], q[1], 0, 0x100));
	R(tee(p[0], q[1], 0, 0));
	R(tee(-1, q[1], 0, 0));
	R(tee(-1, q[1], 1, 0));
	R(tee(p[0], p[1], 1, 0));
	R(tee(f, q[1], 1, 0));
	R(tee(p[1], q[1], 1, 0));
	R(tee(p[0], q[1], 1, SPLICE_F_NONBLOCK));
	R(vmsplice(p[1], NULL, 0, 0x100));
	R(vmsplice(p[1], NULL, 0, 0));
	R(vmsplice(p[1], NULL, 1, 0));
	R(vmsplice(-1, NULL, 0, 0));
	R(vmsplice(f, &(struct iovec){ big, 10 }, 1, 0));
	R(vmsplice(f, &(struct iovec){ big, 0 }, 1, 0));
	R(vmsplice(p[0], &(struct iovec){ big, 10 }, 1, SPLICE_F_NONBLOCK));
	R(vmsplice(p[1], &(struct iovec){ (void *)16, 10 }, 1, 0));
	R(vmsplice(p[1], &(struct iovec){ big, 10 }, 1025, 0));
	close(p[1]);
	R(splice(p[0], NULL, f, NULL, 1, 0));
	R(splice(p[0], NULL, q[1], NULL, 1, 0));
	R(tee(p[0], q[1], 1, 0));
	R(vmsplice(p[0], &(struct iovec){ big, 10 }, 1, 0));
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	close(q[0]);
	R(splice(f, &at, q[1], NULL, 1, 0));
	R(vmsplice(q[1], &(struct iovec){ big, 10 }, 1, 0));
	R(sendfile(q[1], f, &at, 1));
	signal(SIGPIPE, SIG_DFL);
	close(q[1]);
	close(f);
	close(e);
}

/* How much goes at a time, and what the pipe is full of. */
static void amounts(void)
{
	int f = file_of("amount", 300000), g = file_of("amount2", 0), p[2], q[2];
	loff_t at = 100;
	ssize_t n;

	SECTION("amounts");
	MUST(pipe(p));
	MUST(pipe(q));
	R(splice(f, NULL, p[1], NULL, 300000, 0));
	say("%d in the pipe\n", in_pipe(p[0]));
	R(splice(f, NULL, p[1], NULL, 1, SPLICE_F_NONBLOCK));
	say("writable %d\n", revents(p[1]) & POLLOUT);
	R(tee(p[0], q[1], 5000, 0));
	R(splice(p[0], NULL, q[1], NULL, 5000, 0));
	say("%d and %d\n", in_pipe(p[0]), in_pipe(q[0]));
	expect("teed", q[0], big, 5000);
	expect("moved", q[0], big, 5000);
	R(splice(p[0], NULL, g, NULL, 100000, 0));
	say("%d left, file at %lld\n", in_pipe(p[0]), (long long)lseek(g, 0, SEEK_CUR));
	lseek(g, 0, SEEK_SET);
	expect("written", g, big + 5000, 60536);
	n = splice(f, &at, p[1], NULL, 300000, 0);
	say("unaligned: %d\n", n > 60000 && n <= 65536);
	expect("unaligned", p[0], big + 100, n);
	MUST(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
	at = 0;
	R(splice(f, &at, p[1], NULL, 300000, 0));
	at = 7;
	R(splice(p[0], NULL, g, &at, 300000, 0));
	say("at %lld\n", (long long)at);
	lseek(g, 7, SEEK_SET);
	expect("written", g, big, 300000);
	/* one byte each: a slot each when spliced, one page when written */
	for (n = 0; n < 20; n++) {
		at = n;
		if (splice(f, &at, q[1], NULL, 1, SPLICE_F_NONBLOCK) != 1)
			break;
	}
	say("%zd bytes spliced: %s\n", n, ename(errno));
	expect("bytes", q[0], big, n);
	close(f);
	close(g);
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}

/* Pages that two have are changed by neither. */
static void sharing(void)
{
	int f = file_of("share", 100), p[2], q[2];
	char *mem = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);
	struct iovec v[2] = { { mem + PAGE - 3, 6 }, { mem + 3 * PAGE, 0 } };
	char buf[128] = { 0 };

	SECTION("shared pages");
	MUST(pipe(p));
	MUST(pipe(q));
	/* what is written behind a spliced page does not get into the file */
	MUST(splice(f, &(loff_t){ 0 }, p[1], NULL, 100, 0));
	MUST(write(p[1], "tail", 4));
	expect("spliced", p[0], big, 100);
	expect("written", p[0], "tail", 4);
	say("size %lld\n", (long long)lseek(f, 0, SEEK_END));
	/* nor into the other pipe of tee(2) */
	MUST(write(p[1], "one", 3));
	MUST(tee(p[0], q[1], 3, 0));
	MUST(write(p[1], "two", 3));
	MUST(write(q[1], "2nd", 3));
	expect("first pipe", p[0], "onetwo", 6);
	expect("second pipe", q[0], "one2nd", 6);
	/* user memory stays the user's */
	strcpy(mem + PAGE - 3, "before");
	R(vmsplice(p[1], v, 2, 0));
	memcpy(mem + PAGE - 3, "behind", 6);
	R(read(p[0], buf, sizeof(buf)));
	say("%s\n", buf);
	strcpy(mem, "mine");
	v[0] = (struct iovec){ mem, 5 };
	R(vmsplice(p[1], v, 1, SPLICE_F_GIFT));
	munmap(mem, 4 * PAGE);
	expect("unmapped", p[0], "mine", 5);
	/* a page of a file shows what is written to it afterwards */
	MUST(splice(f, &(loff_t){ 0 }, p[1], NULL, 4, 0));
	MUST(pwrite(f, "NEW!", 4, 0));
	R(read(p[0], buf, 4));
	say("%.4s\n", buf);
	MUST(write(p[1], "to memory", 10));
	v[0] = (struct iovec){ buf, 3 };
	v[1] = (struct iovec){ buf + 50, 50 };
	R(vmsplice(p[0], v, 2, 0));
	say("%.3s|%s\n", buf, buf + 50);
	close(f);
	close(p[0]);
	close(p[1]);
	close(q[0]);
	close(q[1]);
}

static void packets(void)
{
	int p[2], q[2], s[2], n = 0;
	char buf[100];

	SECTION("packets");
	MUST(pipe2(p, O_DIRECT));
	MUST(pipe(q));
	MUST(write(p[1], "abcdef", 6));
	MUST(write(p[1], "ghi", 3));
	R(splice(p[0], NULL, q[1], NULL, 4, 0));
	R(read(p[0], buf, 1));
	say("%d left\n", in_pipe(p[0]));
	R(splice(p[0], NULL, q[1], NULL, 100, 0));
	R(read(q[0], buf, 100));
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	MUST(write(q[1], big, 5000));
	MUST(write(q[1], big, 100));
	R(splice(q[0], NULL, s[0], NULL, 6000, 0));
	while (recv(s[1], big, 10000, MSG_DONTWAIT) >= 0)
		n++;
	say("%d datagrams\n", n);
	MUST(send(s[0], big, 5000, 0));
	R(splice(s[1], NULL, q[1], NULL, 100, 0));
	R(splice(s[1], NULL, q[1], NULL, 100, SPLICE_F_NONBLOCK | 0 * fcntl(s[1], F_SETFL, O_NONBLOCK)));
	fill(big, sizeof(big), 1);
}

/* From a file through a pipe into a socket and out of it again. */
static void through(const char *what, int s[2])
{
	int f = file_of("through", sizeof(big)), g = file_of("through2", 0), p[2], q[2], status;
	size_t done = 0;
	ssize_t n = 0;
	pid_t pid;

	SECTION(what);
	MUST(pipe(p));
	MUST(pipe(q));
	pid = MUST(fork());
	if (!pid) {
		close(s[1]);
		for (done = 0; done < sizeof(big); done += n) {
			n = splice(f, NULL, p[1], NULL, sizeof(big) - done, SPLICE_F_MORE);
			for (ssize_t left = n; left > 0;) {
				ssize_t k = splice(p[0], NULL, s[0], NULL, left, SPLICE_F_MORE);

				if (k <= 0)
					_exit(1);
				left -= k;
			}
		}
		_exit(0);
	}
	close(s[0]);
	while ((n = splice(s[1], NULL, q[1], NULL, 1 << 16, 0)) > 0) {
		for (ssize_t left = n; left > 0;)
			left -= MUST(splice(q[0], NULL, g, NULL, left, 0));
		done += n;
	}
	MUST(waitpid(pid, &status, 0));
	say("%zu bytes, sender %s, last %zd\n", done, wait_text(status), n);
	lseek(g, 0, SEEK_SET);
	expect("arrived", g, big, sizeof(big));
	close(s[1]);
	close(f);
	close(g);
}

static void sockets(void)
{
	int s[2], p[2], f = file_of("sock", 20000);
	char buf[10];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	through("a Unix socket", s);
	pair(s);
	through("TCP", s);
	SECTION("odds of sockets");
	pair(s);
	MUST(pipe(p));
	MUST(fcntl(s[1], F_SETFL, O_NONBLOCK));
	R(splice(s[1], NULL, p[1], NULL, 100, 0));
	MUST(write(p[1], "hello", 5));
	R(splice(p[0], NULL, s[0], NULL, 3, 0));
	R(splice(p[0], NULL, s[0], NULL, 100, 0));
	sleep_ms(50);
	R(splice(s[1], NULL, p[1], NULL, 4, 0));
	expect("first", p[0], "hell", 4);
	R(read(s[1], buf, 10));
	shutdown(s[0], SHUT_WR);
	MUST(write(p[1], "gone", 4));
	signal(SIGPIPE, SIG_IGN);
	R(splice(p[0], NULL, s[0], NULL, 4, 0));
	say("%d left\n", in_pipe(p[0]));
	sleep_ms(50);
	R(splice(s[1], NULL, p[1], NULL, 4, 0));
	/* sendfile(2), the last part of which does not wait for more */
	pair(s);
	R(sendfile(s[0], f, NULL, 100000));
	expect("sent", s[1], big, 20000);
	R(sendfile(s[0], f, NULL, 10));
	R(sendfile(p[1], f, &(off_t){ 5 }, 10));
	R(sendfile(f, p[0], NULL, 10));
	R(sendfile(f, s[1], NULL, 10));
	close(f);
}

/* A splice that waits: woken by data, by the other end's going, by a signal. */
static void on_alarm(int sig)
{
	(void)sig;
}

static void waiting(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	int p[2], q[2], f = file_of("wait", 100000);
	pid_t pid;

	SECTION("waiting");
	MUST(pipe(p));
	MUST(pipe(q));
	pid = MUST(fork());
	if (!pid) {
		sleep_ms(100);
		MUST(write(p[1], "late", 4));
		_exit(0);
	}
	R(splice(p[0], NULL, q[1], NULL, 100, 0));
	MUST(waitpid(pid, NULL, 0));
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	R(splice(p[0], NULL, q[1], NULL, 100, 0));
	setitimer(ITIMER_REAL, &soon, NULL);
	R(tee(p[0], q[1], 100, 0));
	MUST(splice(f, NULL, p[1], NULL, 65536, 0));
	setitimer(ITIMER_REAL, &soon, NULL);
	R(splice(f, NULL, p[1], NULL, 1, 0));
	pid = MUST(fork());
	if (!pid) {
		sleep_ms(100);
		MUST(read(p[0], big, 4096));
		_exit(0);
	}
	R(splice(f, NULL, p[1], NULL, 1, 0));
	MUST(waitpid(pid, NULL, 0));
	fcntl(q[0], F_SETFL, O_NONBLOCK);
	MUST(read(q[0], big, 100));
	R(splice(q[0], NULL, p[1], NULL, 1, 0));
}

int main(void)
{
	char dir[] = "/tmp/spliceXXXXXX";

	lo_up();
	fill(big, sizeof(big), 1);
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	kinds();
	arguments();
	amounts();
	sharing();
	packets();
	sockets();
	waiting();
	return 0;
}
