/*
 * pty.h - pseudo-terminals: openpty(3).
 */
#ifndef _PTY_H
#define _PTY_H

#include <sys/ioctl.h>
#include <termios.h>

#ifdef __cplusplus
extern "C" {
#endif

int openpty(int *master, int *slave, char *name, const struct termios *t, const struct winsize *ws);
int forkpty(int *master, char *name, const struct termios *t, const struct winsize *ws);

#ifdef __cplusplus
}
#endif

#endif
