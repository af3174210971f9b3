/*
 * common.h - what several of our programs need and libposix has no name for.
 */
#ifndef USER_COMMON_H
#define USER_COMMON_H

/* `--help` as the only argument prints the text and ends the program with 0. */
void help_option(int argc, char **argv, const char *text);

/*
 * Mount `type` on `path`, making the folder when it can be made. A path that
 * has something mounted already stays as it is. 0, or -1 with errno.
 */
int mount_once(const char *type, const char *path, const char *options);

/* /proc, /dev, /dev/pts, /dev/shm and /sys: what programs of Linux expect. Failures are ignored. */
void mount_basics(void);

/* Brings the loopback device up, with its addresses. Failures are ignored. */
void raise_loopback(void);

/*
 * A socket of `type` connected to a host's service, or one bound to it (host NULL: all of this
 * machine) that listens if it is a stream. -1 and errno; a name that is unknown ends the program.
 */
int dial(const char *host, const char *service, int family, int type);
int announce(const char *host, const char *service, int family, int type);

/* Reap every child that has ended; 1 while there are children left, else 0. */
int reap_all(void);

/* SIGTERM to all others, time to end, SIGKILL, sync, then reboot(2). Does not return. */
_Noreturn void shut_down(int command, int patience_ms);

#endif
