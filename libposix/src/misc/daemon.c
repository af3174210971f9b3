/* daemon.c - daemon(3): on in the background, away from the terminal. */
#include <fcntl.h>
#include <unistd.h>

int daemon(int no_chdir, int no_close)
{
	int fd = -1, err = 0;

	if (!no_close) {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -1;
	}
	switch (fork()) {
	case -1:
		if (fd >= 0)
			close(fd);
		return -1;
	case 0:
		break;
	default:
		_exit(0);
	}
	if (setsid() < 0)
		return -1;
	if (!no_chdir && chdir("/"))
		return -1;
	for (int i = 0; !no_close && i < 3; i++)
		err |= dup2(fd, i) < 0;
	if (fd > 2)
		close(fd);
	return err ? -1 : 0;
}
