/*
 * id.c - who a process is: numbers, sessions. Changes of user and group are in setid.c.
 */
#include "../internal/syscall.h"

#include <unistd.h>

pid_t getpid(void)
{
	return (pid_t)SC(__NR_getpid);
}

pid_t getppid(void)
{
	return (pid_t)SC(__NR_getppid);
}

pid_t gettid(void)
{
	return (pid_t)SC(__NR_gettid);
}

uid_t getuid(void)
{
	return (uid_t)SC(__NR_getuid);
}

uid_t geteuid(void)
{
	return (uid_t)SC(__NR_geteuid);
}

gid_t getgid(void)
{
	return (gid_t)SC(__NR_getgid);
}

gid_t getegid(void)
{
	return (gid_t)SC(__NR_getegid);
}

int getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
	return (int)RET(SC(__NR_getresuid, real, effective, saved));
}

int getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
	return (int)RET(SC(__NR_getresgid, real, effective, saved));
}

int getgroups(int count, gid_t *list)
{
	return (int)RET(SC(__NR_getgroups, count, list));
}

pid_t getpgid(pid_t pid)
{
	return (pid_t)RET(SC(__NR_getpgid, pid));
}

int setpgid(pid_t pid, pid_t pgrp)
{
	return (int)RET(SC(__NR_setpgid, pid, pgrp));
}

pid_t getsid(pid_t pid)
{
	return (pid_t)RET(SC(__NR_getsid, pid));
}

pid_t setsid(void)
{
	return (pid_t)RET(SC(__NR_setsid));
}

pid_t getpgrp(void)
{
	return getpgid(0);
}

pid_t setpgrp(void)
{
	return setpgid(0, 0);
}
