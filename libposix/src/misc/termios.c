/*
 * termios.c - terminals (POSIX chapter 11) over the tty's ioctls. The kernel's
 * structure is the one of the ABI; the library's is the same.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int tcgetattr(int fd, struct termios *t)
{
	return ioctl(fd, TCGETS, t);
}

int tcsetattr(int fd, int when, const struct termios *t)
{
	if (when < TCSANOW || when > TCSAFLUSH) {
		errno = EINVAL;
		return -1;
	}
	return ioctl(fd, TCSETS + (unsigned long)when, t);
}

int tcgetwinsize(int fd, struct winsize *ws)
{
	return ioctl(fd, TIOCGWINSZ, ws);
}

int tcsetwinsize(int fd, const struct winsize *ws)
{
	return ioctl(fd, TIOCSWINSZ, ws);
}

/* Raw mode as termios(3) lists it. */
void cfmakeraw(struct termios *t)
{
	t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	t->c_oflag &= ~(tcflag_t)OPOST;
	t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}

/* Both directions have one speed, in c_cflag. */
speed_t cfgetospeed(const struct termios *t)
{
	return t->c_cflag & CBAUD;
}

speed_t cfgetispeed(const struct termios *t)
{
	return cfgetospeed(t);
}

int cfsetospeed(struct termios *t, speed_t speed)
{
	if (speed & ~(speed_t)CBAUD) {
		errno = EINVAL;
		return -1;
	}
	t->c_cflag = (t->c_cflag & ~(tcflag_t)CBAUD) | speed;
	return 0;
}

/* B0 means the speed of the other direction. */
int cfsetispeed(struct termios *t, speed_t speed)
{
	return speed ? cfsetospeed(t, speed) : 0;
}

/* A constant, or the number of bits in a second that it stands for. */
int cfsetspeed(struct termios *t, speed_t speed)
{
	static const struct {
		speed_t code, bits;
	} speeds[] = {
		{ B0, 0 },
		{ B50, 50 },
		{ B75, 75 },
		{ B110, 110 },
		{ B134, 134 },
		{ B150, 150 },
		{ B200, 200 },
		{ B300, 300 },
		{ B600, 600 },
		{ B1200, 1200 },
		{ B1800, 1800 },
		{ B2400, 2400 },
		{ B4800, 4800 },
		{ B9600, 9600 },
		{ B19200, 19200 },
		{ B38400, 38400 },
		{ B57600, 57600 },
		{ B115200, 115200 },
		{ B230400, 230400 },
		{ B460800, 460800 },
		{ B500000, 500000 },
		{ B576000, 576000 },
		{ B921600, 921600 },
		{ B1000000, 1000000 },
		{ B1152000, 1152000 },
		{ B1500000, 1500000 },
		{ B2000000, 2000000 },
		{ B2500000, 2500000 },
		{ B3000000, 3000000 },
		{ B3500000, 3500000 },
		{ B4000000, 4000000 },
	};

	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speed == speeds[i].code || speed == speeds[i].bits)
			return cfsetospeed(t, speeds[i].code);
	errno = EINVAL;
	return -1;
}

/* TCSBRK with a value that is not 0 sends no break and waits for the output. */
int tcdrain(int fd)
{
	return (int)RET(SCC(__NR_ioctl, fd, TCSBRK, 1));
}

int tcsendbreak(int fd, int duration)
{
	(void)duration;
	return ioctl(fd, TCSBRK, 0);
}

int tcflush(int fd, int queue)
{
	return ioctl(fd, TCFLSH, queue);
}

int tcflow(int fd, int action)
{
	return ioctl(fd, TCXONC, action);
}

pid_t tcgetsid(int fd)
{
	int sid;

	return ioctl(fd, TIOCGSID, &sid) ? -1 : sid;
}

pid_t tcgetpgrp(int fd)
{
	int pgrp;

	return ioctl(fd, TIOCGPGRP, &pgrp) ? -1 : pgrp;
}

int tcsetpgrp(int fd, pid_t pgrp)
{
	return ioctl(fd, TIOCSPGRP, &pgrp);
}
