/*
 * pty.c - pseudo-terminals: posix_openpt(3), openpty(3), forkpty(3), pts(4).
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utmp.h>

int posix_openpt(int flags)
{
	int fd = open("/dev/ptmx", flags);

	if (fd < 0 && errno == ENOSPC)
		errno = EAGAIN;
	return fd;
}

/* The kernel gives the slave its owner and mode when it makes it. */
int grantpt(int fd)
{
	unsigned int n;

	return ioctl(fd, TIOCGPTN, &n) ? -1 : 0;
}

int unlockpt(int fd)
{
	int locked = 0;

	return ioctl(fd, TIOCSPTLCK, &locked);
}

int ptsname_r(int fd, char *name, size_t size)
{
	unsigned int n;

	if (!name)
		return EINVAL;
	if (ioctl(fd, TIOCGPTN, &n))
		return errno;
	return (size_t)snprintf(name, size, "/dev/pts/%u", n) < size ? 0 : ERANGE;
}

char *ptsname(int fd)
{
	static char name[32];
	int err = ptsname_r(fd, name, sizeof(name));

	if (!err)
		return name;
	errno = err;
	return NULL;
}

int openpty(int *master, int *slave, char *name, const struct termios *t, const struct winsize *ws)
{
	char path[32];
	int m, s;

	m = posix_openpt(O_RDWR | O_NOCTTY);
	if (m < 0)
		return -1;
	if (unlockpt(m) || ptsname_r(m, path, sizeof(path)))
		goto out;
	s = open(path, O_RDWR | O_NOCTTY);
	if (s < 0)
		goto out;
	if (t)
		tcsetattr(s, TCSANOW, t);
	if (ws)
		tcsetwinsize(s, ws);
	if (name)
		strcpy(name, path);
	*master = m;
	*slave = s;
	return 0;
out:
	close(m);
	return -1;
}

int login_tty(int fd)
{
	setsid();
	if (ioctl(fd, TIOCSCTTY, 0))
		return -1;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	return 0;
}

int forkpty(int *master, char *name, const struct termios *t, const struct winsize *ws)
{
	int m, s;
	pid_t pid;

	if (openpty(&m, &s, name, t, ws))
		return -1;
	pid = fork();
	if (!pid) {
		close(m);
		if (login_tty(s))
			_exit(1);
		return 0;
	}
	close(s);
	if (pid < 0)
		close(m);
	else
		*master = m;
	return pid;
}
