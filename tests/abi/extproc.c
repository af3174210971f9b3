/* EXTPROC with packet mode, TIOCSTI by its sysctl, the device numbers of terminals. */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
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

static void show(const char *who, int fd)
{
	char buf[100];
	struct pollfd p = { fd, POLLIN | POLLPRI, 0 };

	poll(&p, 1, 200);
	sleep_ms(30);
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	ssize_t n = read(fd, buf, sizeof(buf));
	fcntl(fd, F_SETFL, O_RDWR);
	say("%s:", who);
	if (n < 0)
		say(" %s", ename(errno));
	for (ssize_t i = 0; i < n; i++)
		say(" %02x", (unsigned char)buf[i]);
	say("\n");
}

static void set(int fd, tcflag_t on, tcflag_t off)
{
	struct termios t;

	MUST(tcgetattr(fd, &t));
	t.c_lflag = (t.c_lflag & ~off) | on;
	MUST(tcsetattr(fd, TCSANOW, &t));
}

static void extproc(void)
{
	int m = master(), s = MUST(open(name, O_RDWR | O_NOCTTY)), one = 1;

	R(ioctl(m, TIOCPKT, &one));
	set(s, EXTPROC, 0);
	show("master", m);
	MUST(write(m, "ab\003\177\r\n\004", 7));
	show("slave", s);
	show("master", m);
	MUST(write(m, "half", 4));
	show("slave", s);
	MUST(write(s, "out\n", 4));
	show("master", m);
	set(s, 0, ECHO);
	show("master", m);
	MUST(write(m, "left", 4));
	sleep_ms(50);
	set(s, ECHO, EXTPROC);
	show("master", m);
	show("slave", s);
	set(s, 0, ECHO);
	show("master", m);
	MUST(write(m, "no\177w\n", 5));
	show("slave", s);
	set(s, EXTPROC, ICANON);
	show("master", m);
	MUST(write(m, "\003x", 2));
	show("slave", s);
	close(s);
	close(m);
}

static void sti(const char *who)
{
	int m = master();

	pid_t pid = fork();
	if (!pid) {
		setsid();
		int s = MUST(open(name, O_RDWR));
		set(s, 0, ICANON | ECHO);
		say("%s: %s\n", who, ioctl(s, TIOCSTI, "x") ? ename(errno) : "ok");
		if (strcmp(who, "root")) {
			MUST(setresuid(1000, 1000, 1000));
			say("%s without rights: %s\n", who, ioctl(s, TIOCSTI, "y") ? ename(errno) : "ok");
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	close(m);
}

static void numbers(void)
{
	int m = master(), s = MUST(open(name, O_RDWR | O_NOCTTY)), nr;
	unsigned int dev = 0;

	sscanf(name, "/dev/pts/%d", &nr);
	R(ioctl(s, TIOCGDEV, &dev));
	say("major %d minor %s\n", major(dev), (int)minor(dev) == nr ? "its own" : "another");
	R(ioctl(m, TIOCGDEV, &dev));
	say("major %d minor %s\n", major(dev), (int)minor(dev) == nr ? "its own" : "another");
	pid_t pid = fork();
	if (!pid) {
		char text[600], *at;
		int fd, got;

		setsid();
		MUST(ioctl(s, TIOCSCTTY, 0));
		fd = MUST(open("/dev/tty", O_RDWR));
		dev = 0;
		R(ioctl(fd, TIOCGDEV, &dev));
		say("major %d minor %s\n", major(dev), (int)minor(dev) == nr ? "its own" : "another");
		fd = MUST(open("/proc/self/stat", O_RDONLY));
		text[MUST(read(fd, text, sizeof(text) - 1))] = 0;
		at = strrchr(text, ')');
		MUST(sscanf(at, ") %*c %*d %*d %*d %d", &got) == 1 ? 0 : -1);
		say("tty_nr %s\n", got == (int)(136 << 8 | nr) ? "its own" : "another");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

int main(void)
{
	char value[8] = "";

	if (access("/dev/pts/ptmx", F_OK)) {
		mkdir("/dev/pts", 0755);
		MUST(mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666"));
	}
	SECTION("EXTPROC");
	extproc();
	SECTION("TIOCSTI");
	int fd = MUST(open("/proc/sys/dev/tty/legacy_tiocsti", O_RDWR));
	MUST(read(fd, value, sizeof(value) - 1));
	say("legacy_tiocsti %s", value);
	sti("root");
	sti("off");
	OK(pwrite(fd, "1", 1, 0));
	sti("on");
	OK(pwrite(fd, "0", 1, 0));
	SECTION("numbers");
	numbers();
	return 0;
}
