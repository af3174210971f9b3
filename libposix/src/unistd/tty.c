/*
 * tty.c - terminals as files: isatty(3), ttyname(3), cuserid(3), getpass(3), getlogin(3).
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

int isatty(int fd)
{
	struct winsize ws;

	return ioctl(fd, TIOCGWINSZ, &ws) == 0;
}

int ttyname_r(int fd, char *name, size_t size)
{
	char link[32], path[64];
	struct stat a, b;
	ssize_t n;

	if (!isatty(fd))
		return errno == EBADF ? EBADF : ENOTTY;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return errno;
	path[n] = '\0';
	if ((size_t)n >= size)
		return ERANGE;
	if (stat(path, &a) || fstat(fd, &b) || a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return ENODEV;
	strcpy(name, path);
	return 0;
}

char *ttyname(int fd)
{
	static char name[64];
	int err = ttyname_r(fd, name, sizeof(name));

	if (!err)
		return name;
	errno = err;
	return NULL;
}

char *ctermid(char *name)
{
	static char own[] = "/dev/tty";

	return name ? strcpy(name, own) : own;
}

/* The name of the user whose rights the process has; an empty one when there is none. */
char *cuserid(char *name)
{
	static char own[L_cuserid];
	char buf[1024], *to = name ? name : own;
	struct passwd pw, *found;

	*to = '\0';
	if (!getpwuid_r(geteuid(), &pw, buf, sizeof(buf), &found) && found)
		strlcpy(to, pw.pw_name, L_cuserid);
	return to;
}

char *getpass(const char *prompt)
{
	static char password[128];
	struct termios old, quiet;
	ssize_t n;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	tcgetattr(fd, &old);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_lflag |= ICANON;
	tcsetattr(fd, TCSAFLUSH, &quiet);
	dprintf(fd, "%s", prompt);
	n = read(fd, password, sizeof(password) - 1);
	if (n > 0 && password[n - 1] == '\n')
		n--;
	password[n > 0 ? n : 0] = '\0';
	tcsetattr(fd, TCSAFLUSH, &old);
	dprintf(fd, "\n");
	close(fd);
	return n < 0 ? NULL : password;
}

/* There is no record of logins: what the environment says. */
char *getlogin(void)
{
	char *name = getenv("LOGNAME");

	if (!name)
		errno = ENXIO;
	return name;
}

int getlogin_r(char *name, size_t size)
{
	const char *login = getlogin();

	if (!login)
		return ENXIO;
	return strlcpy(name, login, size) < size ? 0 : ERANGE;
}
