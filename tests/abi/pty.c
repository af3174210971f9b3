/* Pseudo-terminals: devpts, locks, modes on both ends, packet mode, sizes, the ends of a pair. */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>

static char name[64];

static int master(void)
{
	int fd = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY)), zero = 0, nr;

	MUST(ioctl(fd, TIOCSPTLCK, &zero));
	MUST(ioctl(fd, TIOCGPTN, &nr));
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	return fd;
}

static void show(int fd, int flags)
{
	char buf[300], out[1300];
	size_t o = 0;
	int old = fcntl(fd, F_GETFL);
	struct pollfd p = { fd, POLLIN | POLLPRI, 0 };

	poll(&p, 1, 200);
	sleep_ms(30); /* Linux carries it over in pieces */
	fcntl(fd, F_SETFL, old | O_NONBLOCK | flags);
	ssize_t n = read(fd, buf, sizeof(buf));
	if (n < 0) {
		say("  read: %s\n", ename(errno));
	} else {
		for (ssize_t i = 0; i < n; i++)
			o += (size_t)snprintf(out + o, 5, buf[i] >= ' ' && buf[i] < 127 ? "%c" : "\\%02x",
					      (unsigned char)buf[i]);
		say("  read %zd: %.*s\n", n, (int)o, out);
	}
	fcntl(fd, F_SETFL, old);
}

static void events(const char *what, int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI, 0 };

	poll(&p, 1, 0);
	say("%s: poll %x\n", what, p.revents);
}

static void put(int fd, const char *s)
{
	if (write(fd, s, strlen(s)) != (ssize_t)strlen(s))
		say("write %s: %s\n", s, ename(errno));
}

static void raw(int fd)
{
	struct termios t;

	MUST(tcgetattr(fd, &t));
	cfmakeraw(&t);
	MUST(tcsetattr(fd, TCSANOW, &t));
}

int main(void)
{
	struct winsize ws = { 0 };
	struct statfs sf;
	struct termios t;
	struct stat st;
	int m, s, nr = 0, one = 1;

	mkdir("/dev/pts", 0755);
	int r = mount("devpts", "/dev/pts", "devpts", 0, "mode=0620,ptmxmode=0666");
	say("mounted %d\n", r == 0 || errno == EBUSY);
	MUST(statfs("/dev/pts", &sf));
	say("magic %lx\n", (unsigned long)sf.f_type);
	R(open("/dev/pts/7777", O_RDWR));
	R(mkdir("/dev/pts/x", 0777));
	R(open("/dev/pts/x", O_RDWR | O_CREAT, 0600));
	R(unlink("/dev/pts/ptmx"));

	SECTION("opening");
	m = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	R(ioctl(m, TIOCGPTN, &nr));
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	R(ioctl(m, TIOCGPTLCK, &one));
	say("locked %d\n", one);
	R(open(name, O_RDWR | O_NOCTTY));
	one = 0;
	R(ioctl(m, TIOCSPTLCK, &one));
	MUST(stat(name, &st));
	say("%o %u:%u uid %u gid %u\n", st.st_mode, major(st.st_rdev), minor(st.st_rdev) == (unsigned)nr,
	    st.st_uid, st.st_gid);
	s = MUST(open(name, O_RDWR | O_NOCTTY));
	R(isatty(m));
	R(isatty(s));
	R(ioctl(s, TIOCGPTN, &nr));
	R(ioctl(s, TIOCSPTLCK, &one));
	R(lseek(m, 0, SEEK_SET));
	MUST(tcgetattr(m, &t));
	say("%x %x %x %x\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
	for (int i = 0; i < 17; i++)
		say("%02x ", t.c_cc[i]);
	say("\n");
	int m2 = master();
	say("another number %d\n", strcmp(name, "/dev/pts/0") != 0);
	close(m2);
	R(open(name, O_RDWR));

	SECTION("lines and echo");
	put(m, "hello\n");
	show(s, 0);
	show(m, 0);
	put(s, "out\n");
	show(m, 0);
	put(m, "ab\x7f" "c\x15xyz\n");
	show(s, 0);
	show(m, 0);
	put(m, "half");
	show(s, 0);
	put(m, "\x04");
	show(s, 0);
	put(m, "\x04");
	show(s, 0);
	show(m, 0);
	events("slave", s);
	events("master", m);
	put(m, "q\n");
	sleep_ms(30);
	int n = 0;
	R(ioctl(s, FIONREAD, &n));
	say("%d\n", n);
	R(ioctl(m, FIONREAD, &n));
	say("%d\n", n);
	R(ioctl(s, TIOCOUTQ, &n));
	say("%d\n", n);
	events("slave", s);
	events("master", m);
	show(s, 0);
	show(m, 0);

	SECTION("raw");
	raw(m);
	put(m, "\x03" "abc\r\n");
	show(s, 0);
	put(s, "x\ny");
	show(m, 0);
	R(tcdrain(s));
	R(tcflush(s, TCIOFLUSH));
	R(tcflush(m, 77));

	SECTION("sizes");
	R(ioctl(s, TIOCGWINSZ, &ws));
	say("%u %u\n", ws.ws_row, ws.ws_col);
	ws = (struct winsize){ 24, 80, 1, 2 };
	R(ioctl(m, TIOCSWINSZ, &ws));
	ws.ws_row = 0;
	R(ioctl(s, TIOCGWINSZ, &ws));
	say("%u %u %u %u\n", ws.ws_row, ws.ws_col, ws.ws_xpixel, ws.ws_ypixel);

	SECTION("packet mode");
	MUST(tcgetattr(s, &t));
	t.c_iflag = ICRNL | IXON;
	t.c_lflag = ICANON | ISIG;
	t.c_oflag = 0;
	t.c_cc[VSTOP] = 19;
	t.c_cc[VSTART] = 17;
	MUST(tcsetattr(s, TCSANOW, &t));
	one = 1;
	R(ioctl(m, TIOCPKT, &one));
	R(ioctl(m, TIOCGPKT, &n));
	say("%d\n", n);
	R(ioctl(s, TIOCPKT, &one));
	show(m, 0);
	put(s, "data");
	events("master", m);
	show(m, 0);
	MUST(tcflush(s, TCIFLUSH));
	events("master", m);
	show(m, 0);
	put(m, "\x13");
	show(m, 0);
	put(m, "\x11");
	show(m, 0);
	MUST(tcflow(s, TCOOFF));
	MUST(tcflow(s, TCOON));
	show(m, 0);
	t.c_cc[VSTOP] = 1;
	MUST(tcsetattr(s, TCSANOW, &t));
	show(m, 0);
	t.c_cc[VSTOP] = 19;
	MUST(tcsetattr(s, TCSANOW, &t));
	show(m, 0);
	put(s, "d");
	MUST(tcflush(s, TCIFLUSH));
	show(m, 0);
	show(m, 0);
	one = 0;
	R(ioctl(m, TIOCPKT, &one));

	SECTION("stopped output");
	MUST(tcflow(s, TCOOFF));
	fcntl(s, F_SETFL, O_RDWR | O_NONBLOCK);
	events("slave", s);
	MUST(tcflow(s, TCOON));
	put(s, "on");
	show(m, 0);

	SECTION("peer");
	int p;
	p = MUST(ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
	R(fcntl(p, F_GETFD));
	put(p, "p");
	show(m, 0);
	R(ioctl(p, TIOCEXCL));
	R(ioctl(p, TIOCGEXCL, &n));
	say("%d\n", n);
	R(ioctl(p, TIOCNXCL));
	close(p);

	SECTION("the slave closes");
	m2 = master();
	events("never open", m2);
	s = MUST(open(name, O_RDWR | O_NOCTTY));
	put(s, "last words");
	close(s);
	events("closed", m2);
	show(m2, 0);
	show(m2, 0);
	R(write(m2, "x", 1));
	s = MUST(open(name, O_RDWR | O_NOCTTY));
	events("open again", m2);
	show(m2, 0);

	SECTION("the master closes");
	put(s, "unread");
	close(m2);
	events("slave", s);
	show(s, 0);
	R(write(s, "x", 1));
	R(tcgetattr(s, &t));
	R(ioctl(s, TIOCSPGRP, &one));
	R(open(name, O_RDWR | O_NOCTTY));
	R(fstat(s, &st));
	return 0;
}
