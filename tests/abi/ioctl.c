/* ioctls on what is no terminal; FIONREAD, FIONBIO, FIOCLEX; the devices null, zero, full. */
#include "abi.h"
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
	int p[2], file = MUST(open("f", O_CREAT | O_RDWR, 0644)), n = -1, on = 1;
	int null = MUST(open("/dev/null", O_RDWR)), zero = MUST(open("/dev/zero", O_RDWR));
	struct termios t;
	struct winsize ws;
	char buf[64];

	MUST(pipe(p));
	SECTION("not a terminal");
	R(isatty(file));
	R(isatty(p[0]));
	R(isatty(null));
	R(isatty(99));
	R(tcgetattr(file, &t));
	R(ioctl(p[0], TIOCGWINSZ, &ws));
	R(ioctl(null, TCGETS, &t));
	R(ioctl(file, TIOCSPGRP, &n));
	R(ioctl(99, TCGETS, &t));
	R(ioctl(file, 0x1234, 0));
	R(open("/dev/tty", O_RDWR));
	SECTION("for all files");
	R(ioctl(file, FIOCLEX));
	R(fcntl(file, F_GETFD));
	R(ioctl(file, FIONCLEX));
	R(fcntl(file, F_GETFD));
	R(ioctl(p[0], FIONBIO, &on));
	R(fcntl(p[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
	R(ioctl(p[0], FIONBIO, (void *)8));
	R(ioctl(p[0], FIONREAD, &n));
	say("%d\n", n);
	write(p[1], "abc", 3);
	R(ioctl(p[0], FIONREAD, &n));
	say("%d\n", n);
	write(file, "hello", 5);
	lseek(file, 2, SEEK_SET);
	R(ioctl(file, FIONREAD, &n));
	say("%d\n", n);
	SECTION("devices");
	R(read(null, buf, 10));
	R(write(null, buf, 10));
	R(lseek(null, 100, SEEK_SET));
	buf[3] = 'x';
	R(read(zero, buf, 10));
	say("%d\n", buf[3]);
	R(write(zero, buf, 10));
	int full = MUST(open("/dev/full", O_RDWR));
	R(write(full, buf, 10));
	R(read(full, buf, 10));
	R(open("/dev/none", O_RDWR));
	return 0;
}
