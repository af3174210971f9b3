/*
 * setid.c - other users and groups: setuid(2) and its family. The kernel changes one
 * thread, POSIX the process: every thread makes the call. One that fails where
 * another didn't would leave rights behind: the process ends.
 */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <unistd.h>

struct change {
	long number, args[3];
	long result;
	int made;
};

static void make(void *arg)
{
	struct change *c = arg;
	long raw = SC(c->number, c->args[0], c->args[1], c->args[2]);

	if (c->made && (raw < 0) != (c->result < 0))
		abort();
	c->result = raw;
	c->made = 1;
}

static int change(long number, long a, long b, long d)
{
	struct change c = { .number = number, .args = { a, b, d } };

	__synccall(make, &c);
	return (int)RET(c.result);
}

int setuid(uid_t uid)
{
	return change(__NR_setuid, uid, 0, 0);
}

int setgid(gid_t gid)
{
	return change(__NR_setgid, gid, 0, 0);
}

int setreuid(uid_t real, uid_t effective)
{
	return change(__NR_setreuid, real, effective, 0);
}

int setregid(gid_t real, gid_t effective)
{
	return change(__NR_setregid, real, effective, 0);
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return change(__NR_setresuid, real, effective, saved);
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	return change(__NR_setresgid, real, effective, saved);
}

int seteuid(uid_t uid)
{
	return setresuid((uid_t)-1, uid, (uid_t)-1);
}

int setegid(gid_t gid)
{
	return setresgid((gid_t)-1, gid, (gid_t)-1);
}

int setgroups(size_t count, const gid_t *list)
{
	return change(__NR_setgroups, (long)count, (long)list, 0);
}

int setfsuid(uid_t uid)
{
	return (int)SC(__NR_setfsuid, uid);
}

int setfsgid(gid_t gid)
{
	return (int)SC(__NR_setfsgid, gid);
}
