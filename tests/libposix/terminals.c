/* Terminals as programs use them: openpty, forkpty, login_tty, modes, speeds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#define SAY(...) (printf(__VA_ARGS__), putchar('\n'))

static const char *error_of(int bad)
{
	return bad ? strerrorname_np(errno) : "ok";
}

/* What the other end writes until that character, or until it ends (-1). */
static void until(int fd, int last)
{
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c != '\r')
			putchar(c);
		if (c == last)
			return;
	}
	SAY("end: %s", strerrorname_np(errno));
}

static void speeds(void)
{
	static const speed_t some[] = { B0, B50, B134, B9600, B38400, B115200, B4000000 };
	static const speed_t wrong[] = { 9600, 115200, 12345, 1, 0x1000, 017 };
	struct termios t = { .c_cflag = CS7 | PARENB | CREAD,
			     .c_iflag = ICRNL | IXON | BRKINT,
			     .c_oflag = OPOST | ONLCR,
			     .c_lflag = ICANON | ECHO | ISIG | IEXTEN };

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		int bad = cfsetspeed(&t, some[i]);

		SAY("cfsetspeed %o: %s %o %o", some[i], error_of(bad), cfgetospeed(&t),
		    cfgetispeed(&t));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int bad;

		cfsetspeed(&t, B300);
		bad = cfsetspeed(&t, wrong[i]);
		SAY("cfsetspeed of %u: %s %o", wrong[i], error_of(bad), cfgetospeed(&t));
		bad = cfsetospeed(&t, wrong[i]);
		SAY("cfsetospeed of %u: %s %o", wrong[i], error_of(bad), cfgetospeed(&t));
	}
	cfsetospeed(&t, B19200);
	SAY("one for both %o %o", cfgetospeed(&t), cfgetispeed(&t));
	cfsetispeed(&t, B1200);
	SAY("and back %o %o", cfgetospeed(&t), cfgetispeed(&t));
	cfsetispeed(&t, B0);
	SAY("B0 for input: as output %o", cfgetospeed(&t));
	cfmakeraw(&t);
	SAY("raw %o %o %o %o, %d %d", t.c_iflag & 0777777, t.c_oflag, t.c_cflag & ~CBAUD, t.c_lflag,
	    t.c_cc[VMIN], t.c_cc[VTIME]);
}

static void pairs(void)
{
	struct winsize ws = { .ws_row = 11, .ws_col = 22, .ws_xpixel = 33, .ws_ypixel = 44 }, got;
	struct termios t, back;
	char name[64], buf[20] = "";
	int m, s, r;

	SAY("openpty %s", error_of(openpty(&m, &s, name, NULL, &ws)));
	SAY("%d %d", !strcmp(name, ttyname(s)), !strcmp(name, ptsname(m)));
	SAY("%d %d %d", isatty(m), isatty(s), tcgetattr(s, &t));
	r = ioctl(s, TIOCGWINSZ, &got);
	SAY("size %s %d %d %d %d", error_of(r), got.ws_row, got.ws_col, got.ws_xpixel,
	    got.ws_ypixel);
	cfmakeraw(&t);
	t.c_cc[VMIN] = 3;
	SAY("tcsetattr %s", error_of(tcsetattr(s, TCSANOW, &t)));
	SAY("%d: %s", 7, error_of(tcsetattr(s, 7, &t)));
	tcgetattr(s, &back);
	SAY("same %d", t.c_iflag == back.c_iflag && t.c_oflag == back.c_oflag &&
			       t.c_lflag == back.c_lflag &&
			       !memcmp(t.c_cc, back.c_cc, sizeof(t.c_cc)));
	write(m, "a\003\r", 3);
	r = (int)read(s, buf, sizeof(buf));
	SAY("raw read %d %x %x", r, buf[1], buf[2]);
	SAY("drain %s flush %s flow %s", error_of(tcdrain(s)), error_of(tcflush(s, TCIOFLUSH)),
	    error_of(tcflow(s, TCOON)));
	SAY("flush %s flow %s", error_of(tcflush(s, 9)), error_of(tcflow(s, 9)));
	r = tcgetsid(s);
	SAY("tcgetsid %s", error_of(r < 0));
	close(s);
	close(m);
	/* modes and size from the caller */
	SAY("openpty %s", error_of(openpty(&m, &s, NULL, &t, NULL)));
	tcgetattr(s, &back);
	SAY("raw %d", !(back.c_lflag & (ICANON | ECHO)) && !(back.c_oflag & OPOST));
	close(m);
	r = (int)read(s, buf, 1);
	SAY("hung up %d", r);
	close(s);
	r = tcgetattr(s, &t);
	SAY("closed %s", error_of(r));
	SAY("%s", error_of(posix_openpt(O_RDWR | O_NOCTTY) < 0));
}

static void children(void)
{
	struct winsize ws = { .ws_row = 5, .ws_col = 6 }, got = { 0 };
	struct termios t;
	char line[100], name[64] = "";
	int m, s, status;
	pid_t pid = forkpty(&m, name, NULL, &ws);

	if (!pid) {
		ioctl(0, TIOCGWINSZ, &got);
		printf("in the child: leads %d, terminal's session %d, in front %d, size %d %d, %d\n",
		       getsid(0) == getpid(), tcgetsid(0) == getpid(), tcgetpgrp(0) == getpid(),
		       got.ws_row, got.ws_col, !strcmp(ttyname(1), ttyname(2)));
		fgets(line, sizeof(line), stdin);
		printf("told %s", line);
		fflush(stdout);
		_exit(12);
	}
	SAY("forkpty %s, named %d", error_of(pid < 0), !strncmp(name, "/dev/pts/", 9));
	until(m, '\n');
	write(m, "something\n", 10);
	until(m, -1);
	waitpid(pid, &status, 0);
	SAY("exit %d", WEXITSTATUS(status));
	close(m);
	/* the interrupt character goes to the child, and closing hangs up */
	for (int i = 0; i < 2; i++) {
		pid = forkpty(&m, NULL, NULL, NULL);
		if (!pid) {
			signal(SIGHUP, SIG_DFL);
			signal(SIGINT, SIG_DFL);
			write(1, "!", 1);
			for (;;)
				pause();
		}
		read(m, line, 1);
		if (i)
			write(m, "\003", 1);
		else
			close(m);
		waitpid(pid, &status, 0);
		SAY("signal %d", WTERMSIG(status));
		if (i)
			close(m);
	}
	openpty(&m, &s, NULL, NULL, NULL);
	pid = fork();
	if (!pid) {
		close(m);
		if (login_tty(s))
			_exit(1);
		tcgetattr(0, &t);
		printf("logged in %d %d %d %d\n", isatty(0), isatty(2), fcntl(s, F_GETFD),
		       open("/dev/tty", O_RDWR) >= 0);
		fflush(stdout);
		_exit(0);
	}
	close(s);
	until(m, -1);
	waitpid(pid, &status, 0);
	SAY("exit %d", WEXITSTATUS(status));
	SAY("no terminal: %s", error_of(login_tty(open("/dev/null", O_RDWR))));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "mode=0620,ptmxmode=0666");
	speeds();
	pairs();
	children();
	return 0;
}
