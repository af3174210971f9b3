/*
 * id.c - who a process is: ids, groups, sessions, host name, identity of the
 * machine.
 */
#include "../internal/syscall.h"

#include <string.h>
#include <sys/utsname.h>
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

int setuid(uid_t uid)
{
	return (int)RET(SC(__NR_setuid, uid));
}

int setgid(gid_t gid)
{
	return (int)RET(SC(__NR_setgid, gid));
}

pid_t getpgid(pid_t pid)
{
	return (pid_t)RET(SC(__NR_getpgid, pid));
}

pid_t getpgrp(void)
{
	return getpgid(0);
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

int uname(struct utsname *uts)
{
	return (int)RET(SC(__NR_uname, uts));
}

int sethostname(const char *name, size_t len)
{
	return (int)RET(SC(__NR_sethostname, name, len));
}

int gethostname(char *name, size_t size)
{
	struct utsname uts;

	if (uname(&uts))
		return -1;
	strlcpy(name, uts.nodename, size);
	return 0;
}
