/*
 * termios.h - terminals.
 */
#ifndef _TERMIOS_H
#define _TERMIOS_H

#include <features.h>
#include <sys/types.h>
#include <uapi/termios.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VSUSP_DEFAULT 032

int tcgetattr(int fd, struct termios *t);
int tcsetattr(int fd, int when, const struct termios *t);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int tcgetwinsize(int fd, struct winsize *ws);
int tcsetwinsize(int fd, const struct winsize *ws);
#endif
#if __MISC_VISIBLE
void cfmakeraw(struct termios *t);
int cfsetspeed(struct termios *t, speed_t speed);
#endif
int cfsetispeed(struct termios *t, speed_t speed);
int cfsetospeed(struct termios *t, speed_t speed);
speed_t cfgetispeed(const struct termios *t);
speed_t cfgetospeed(const struct termios *t);
int tcdrain(int fd);
int tcflush(int fd, int queue);
int tcflow(int fd, int action);
int tcsendbreak(int fd, int duration);
pid_t tcgetsid(int fd);

#ifdef __cplusplus
}
#endif

#endif
