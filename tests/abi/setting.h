/* The first line of a setting. */
#ifndef ABI_SETTING_H
#define ABI_SETTING_H

#include "abi.h"

/* Without its newline, or the error's name. Two results are good at a time. */
static char *setting(const char *path)
{
	static char text[2][128];
	static int turn;
	char *t = text[turn ^= 1];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, t, 127);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return strcpy(t, ename(errno));
	t[n] = 0;
	t[strcspn(t, "\n")] = 0;
	return t;
}

#endif
