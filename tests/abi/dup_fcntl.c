/* dup, dup3, fcntl: descriptor numbers, flags, limits. */
#include "abi.h"
#include <sys/resource.h>

int main(void)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR | O_TRUNC, 0644));

	SECTION("dup");
	R(fd);
	R(dup(fd));
	R(dup2(fd, 10));
	R(dup2(fd, fd));
	R(dup2(fd, 10));
	R(dup3(fd, 11, O_CLOEXEC));
	R(fcntl(11, F_GETFD));
	R(fcntl(10, F_GETFD));
	R(dup3(fd, fd, 0));
	R(dup3(fd, 12, 0x4));
	R(dup(99));
	R(dup(-1));
	R(dup2(99, 5));
	R(dup2(fd, -1));
	R(dup2(fd, 1 << 20));
	R(dup2(99, 99));
	SECTION("shared offset");
	R(write(fd, "0123456789", 10));
	R(lseek(10, 0, SEEK_CUR));
	R(lseek(10, 3, SEEK_SET));
	R(lseek(fd, 0, SEEK_CUR));
	SECTION("F_DUPFD");
	R(fcntl(fd, F_DUPFD, 20));
	R(fcntl(fd, F_DUPFD, 20));
	R(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	R(fcntl(5, F_GETFD));
	R(fcntl(fd, F_DUPFD, -1));
	R(fcntl(fd, F_DUPFD, 1 << 20));
	SECTION("flags");
	R(fcntl(fd, F_SETFD, FD_CLOEXEC));
	R(fcntl(fd, F_GETFD));
	R(fcntl(fd, F_SETFD, 0xfe));
	R(fcntl(fd, F_GETFD));
	say("flags %o\n", fcntl(fd, F_GETFL));
	R(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	say("flags %o\n", fcntl(fd, F_GETFL));
	say("of the duplicate %o\n", fcntl(10, F_GETFL));
	R(fcntl(fd, F_SETFL, O_WRONLY | O_CREAT | O_EXCL));
	say("flags %o\n", fcntl(fd, F_GETFL));
	R(fcntl(fd, 9999));
	R(fcntl(99, F_GETFD));
	int p = MUST(open("f", O_PATH));
	say("O_PATH flags %o\n", fcntl(p, F_GETFL));
	char c;
	R(read(p, &c, 1));
	R(fchmod(p, 0600));
	R(fcntl(p, F_SETFL, 0));
	R(close(p));
	SECTION("append");
	R(fcntl(fd, F_SETFL, O_APPEND));
	R(lseek(fd, 0, SEEK_SET));
	R(write(fd, "ab", 2));
	R(lseek(fd, 0, SEEK_CUR));
	SECTION("close");
	R(close(fd));
	R(close(fd));
	R(close(-1));
	R(open("f", O_RDONLY) == fd);
	R(syscall(SYS_close_range, 10, 30, 0));
	R(fcntl(10, F_GETFD));
	R(fcntl(11, F_GETFD));
	R(syscall(SYS_close_range, 3, 2, 0));
	R(syscall(SYS_close_range, 3, ~0U, 4 /* CLOEXEC */));
	R(fcntl(3, F_GETFD));
	R(syscall(SYS_close_range, 3, ~0U, 8));
	R(syscall(SYS_close_range, 3, ~0U, 0));
	SECTION("limit");
	struct rlimit rl = { 8, 8 };
	R(setrlimit(RLIMIT_NOFILE, &rl));
	int last = -1, n;
	while ((n = open("/dev/null", O_RDONLY)) >= 0)
		last = n;
	say("last %d then %s\n", last, ename(errno));
	R(dup(0));
	R(dup2(0, 8));
	R(dup2(0, 7));
	R(fcntl(0, F_DUPFD, 8));
	int fds[2];
	R(pipe(fds));
	close(7);
	R(pipe(fds));
	R(dup(0));
	return 0;
}
