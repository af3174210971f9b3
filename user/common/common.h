/*
 * common.h - what several of our programs need and libposix has no name for.
 */
#ifndef USER_COMMON_H
#define USER_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* `--help` as the only argument prints the text and ends the program with 0. */
void help_option(int argc, char **argv, const char *text);
/* The same for a program that has no other option: one ends it with that status. The first operand's place. */
int no_options(int argc, char **argv, const char *text, int status);

/*
 * getopt(3), where a letter has long names too: "quiet=q silent=q lines=n". What takes an argument is in `letters`. One
 * that has no letter has a number there, and what follows it in `letters` behind it: "color=\1::".
 */
int option(int argc, char **argv, const char *letters, const char *names);

/* The text to standard error, and the end with that status: it was called wrongly. */
_Noreturn void usage(const char *text, int status);

/* Ends a program's main: what was written must have gone out. */
int finish(int status);

/* The last part of a path, "/" for "///"; it points into the path. */
const char *base_name(const char *path);

/* "folder/name" in new memory. Memory that can't be had ends the program here and below. */
char *path_join(const char *folder, const char *name);
void *need(void *p);

/* A file to read, standard input for "-". NULL after a warning. */
FILE *open_input(const char *name);
void close_input(FILE *f);

/* All bytes from one descriptor to another; -1 and errno, `*wrote` says which side failed. */
int copy_fd(int from, int to, bool *wrote);
int write_all(int fd, const void *data, size_t n);

/* A number of the range, with k M G T (of 1024) behind it if `units`; else the program ends with 1. */
long long number_arg(const char *text, long long low, long long high, bool units);

/*
 * A time as `date --help` says it may be written, in this zone or UTC where it names none; else the program ends
 * with 1.
 */
struct timespec when_is(const char *text, bool utc);

/* 1023, 1.5K, 12M: as `ls -h`; in a buffer of 8. */
char *human_size(unsigned long long n, char *out);

/* A user's or group's name, or the number; in memory of its own until the next call. */
const char *user_name(uid_t uid);
const char *group_name(gid_t gid);
/* The other way; false when there is none. */
bool user_id(const char *name, uid_t *out);
bool group_id(const char *name, gid_t *out);
gid_t user_group(uid_t uid); /* the user's own; -1 for nobody's */

/* Patterns of names, as --exclude and its like give them one by one; `flags` are fnmatch's. */
struct globs {
	const char **glob;
	size_t n;
};
void globs_add(struct globs *g, const char *glob);
bool globs_match(const struct globs *g, const char *name, int flags);

/* A question on standard error; whether the answer begins with y. */
bool confirm(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A tree from `path` down. `visit` sees each folder before (WALK_FOLDER) and after (WALK_LEFT) what is in
 * it, everything else once. Links are followed never, where `path` is one, or always. What can't be read is
 * WALK_ERROR, with errno. `skip` set in WALK_FOLDER leaves out what is in it. Names come sorted if asked.
 */
enum walk_event { WALK_FILE, WALK_FOLDER, WALK_LEFT, WALK_ERROR };
enum { WALK_FOLLOW_FIRST = 1, WALK_FOLLOW = 2, WALK_SORTED = 4, WALK_ONE_DEVICE = 8 };
struct walk {
	const char *path, *name;
	struct stat st;
	int depth;
	bool skip;
	void *arg;
};
void walk(const char *path, int flags, void (*visit)(struct walk *, enum walk_event), void *arg);

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
 * machine) that listens if it is a stream. -1 and errno; a name that is unknown ends the program,
 * with dial_status.
 */
extern int dial_status; /* 1 */
int dial(const char *host, const char *service, int family, int type);
int announce(const char *host, const char *service, int family, int type);

/* Reap every child that has ended; 1 while there are children left, else 0. */
int reap_all(void);

/* SIGTERM to all others, time to end, SIGKILL, sync, then reboot(2). Does not return. */
_Noreturn void shut_down(int command, int patience_ms);

#endif
