/* poll, ppoll, pselect: readiness of files, pipes, folders; time-outs; errors. */
#include "abi.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>

static volatile int handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

int main(void)
{
	int p[2], file = MUST(open("f", O_CREAT | O_RDWR, 0644)), null = MUST(open("/dev/null", O_RDWR));
	int dir = MUST(open(".", O_RDONLY));
	long long before;
	struct timespec ts;

	MUST(pipe(p));
	SECTION("readiness");
	struct pollfd v[] = {
		{ file, POLLIN | POLLOUT, 0 }, { null, POLLIN | POLLOUT, 0 }, { dir, POLLIN | POLLOUT, 0 },
		{ p[0], POLLIN, 0 }, { p[1], POLLOUT, 0 }, { -1, POLLIN, 77 }, { 99, POLLIN, 0 },
		{ p[0], 0, 0 }, { p[1], POLLIN, 0 },
	};
	R(poll(v, ARRAY_SIZE(v), 0));
	for (unsigned i = 0; i < ARRAY_SIZE(v); i++)
		say(" %x", v[i].revents);
	say("\n");
	write(p[1], "x", 1);
	R(poll(v + 3, 1, -1));
	say("%x\n", v[3].revents);
	SECTION("time");
	struct pollfd e = { p[0], POLLIN, 0 };
	char c;
	read(p[0], &c, 1);
	before = now_ms();
	R(poll(&e, 1, 50));
	say("waited %d\n", now_ms() - before >= 49);
	before = now_ms();
	R(poll(NULL, 0, 30));
	say("waited %d\n", now_ms() - before >= 29);
	R(poll(&e, 1, 0));
	ts = (struct timespec){ 0, 20000000 };
	R(syscall(SYS_ppoll, &e, 1, &ts, NULL, 8));
	say("time left is written back: %ld %ld\n", (long)ts.tv_sec, ts.tv_nsec);
	ts = (struct timespec){ 0, 1000000000 };
	R(syscall(SYS_ppoll, &e, 1, &ts, NULL, 8));
	ts = (struct timespec){ -1, 0 };
	R(syscall(SYS_ppoll, &e, 1, &ts, NULL, 8));
	SECTION("woken");
	pid_t pid = MUST(fork());
	if (!pid) {
		sleep_ms(40);
		write(p[1], "y", 1);
		_exit(0);
	}
	R(poll(&e, 1, 5000));
	say("%x\n", e.revents);
	waitpid(pid, NULL, 0);
	read(p[0], &c, 1);
	pid = MUST(fork());
	if (!pid) {
		close(p[0]);
		sleep_ms(40);
		_exit(0);
	}
	close(p[1]);
	R(poll(&e, 1, 5000));
	say("%x\n", e.revents);
	waitpid(pid, NULL, 0);
	SECTION("errors");
	R(poll((void *)8, 1, 0));
	struct rlimit rl;
	getrlimit(RLIMIT_NOFILE, &rl);
	R(poll(v, rl.rlim_cur + 1, 0));
	R(poll(v, -1, 0));
	R(poll(NULL, 0, 0));
	SECTION("pselect");
	MUST(pipe(p));
	fd_set r, w;
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	ts = (struct timespec){ 0, 0 };
	R(pselect(64, &r, &w, NULL, &ts, NULL));
	say("%d %d\n", FD_ISSET(p[0], &r) != 0, FD_ISSET(p[1], &w) != 0);
	FD_SET(p[0], &r);
	before = now_ms();
	ts = (struct timespec){ 0, 30000000 };
	R(pselect(64, &r, NULL, NULL, &ts, NULL));
	say("waited %d set %d\n", now_ms() - before >= 29, FD_ISSET(p[0], &r) != 0);
	FD_SET(60, &r);
	R(pselect(64, &r, NULL, NULL, &ts, NULL));
	R(pselect(-1, NULL, NULL, NULL, &ts, NULL));
	R(pselect(0, NULL, NULL, NULL, &ts, NULL));
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	FD_SET(p[1], &r);
	R(pselect(p[0] + 1, &r, NULL, NULL, &ts, NULL));
	say("beyond nfds untouched %d\n", FD_ISSET(p[1], &r) != 0);
	SECTION("the mask during the wait");
	sigset_t block, none;
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	e.fd = p[0];
	R(ppoll(&e, 1, &(struct timespec){ 5, 0 }, &none));
	say("handled %d\n", handled);
	raise(SIGUSR1);
	R(pselect(0, NULL, NULL, NULL, &(struct timespec){ 5, 0 }, &none));
	say("handled %d\n", handled);
	raise(SIGUSR1);
	R(ppoll(&e, 1, &(struct timespec){ 0, 1000000 }, &block));
	say("handled %d\n", handled);
	return 0;
}
