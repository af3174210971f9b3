/* eventfd: counter, semaphore, blocking, limits. */
#include "abi.h"
#include <poll.h>
#include <sys/eventfd.h>

static void fdinfo(int fd)
{
	char buf[512], *p;

	read_fdinfo(fd, buf, sizeof(buf));
	p = strstr(buf, "eventfd-");
	say("%s", p ? p : "none\n");
}

int main(void)
{
	uint64_t v;
	int fd = MUST(eventfd(3, EFD_NONBLOCK));
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };

	SECTION("counter");
	R(read(fd, &v, 8));
	say("%lu\n", v);
	R(read(fd, &v, 8));
	v = 10;
	R(write(fd, &v, 8));
	R(write(fd, &v, 8));
	R(read(fd, &v, 100) == 8);
	say("%lu\n", v);
	SECTION("limits");
	v = -1;
	R(write(fd, &v, 8));
	v = 0xfffffffffffffffe;
	R(write(fd, &v, 8));
	v = 1;
	R(write(fd, &v, 8));
	R(poll(&p, 1, 0));
	say("full %x\n", p.revents);
	R(read(fd, &v, 8));
	say("%lx\n", v);
	R(poll(&p, 1, 0));
	say("empty %x\n", p.revents);
	v = 0;
	R(write(fd, &v, 8));
	R(read(fd, &v, 8));
	R(read(fd, &v, 7));
	R(write(fd, &v, 7));
	R(read(fd, (void *)8, 8));
	R(lseek(fd, 0, SEEK_SET));
	R(pread(fd, &v, 8, 0));
	R(eventfd(0, 0x10));
	SECTION("semaphore");
	fd = MUST(eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC));
	for (int i = 0; i < 4; i++) {
		v = 99;
		R(read(fd, &v, 8));
		say("%lu\n", v);
	}
	SECTION("blocking");
	fd = MUST(eventfd(0, 0));
	pid_t pid = MUST(fork());
	if (!pid) {
		sleep_ms(40);
		v = 7;
		write(fd, &v, 8);
		_exit(0);
	}
	R(read(fd, &v, 8));
	say("%lu\n", v);
	waitpid(pid, NULL, 0);
	v = 0xfffffffffffffffe;
	R(write(fd, &v, 8));
	pid = MUST(fork());
	if (!pid) {
		sleep_ms(40);
		read(fd, &v, 8);
		_exit(0);
	}
	v = 5;
	R(write(fd, &v, 8));
	waitpid(pid, NULL, 0);
	R(read(fd, &v, 8));
	say("%lu\n", v);
	SECTION("fdinfo");
	int a = MUST(eventfd(18, EFD_SEMAPHORE)), b = MUST(eventfd(0x1234567, 0));
	fdinfo(a);
	fdinfo(b);
	v = 1;
	write(b, &v, 8);
	read(a, &v, 8);
	close(fd);
	fd = MUST(eventfd(0, 0)); /* the number that became free */
	fdinfo(fd);
	fdinfo(a);
	fdinfo(b);
	return 0;
}
