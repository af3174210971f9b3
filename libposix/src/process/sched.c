/*
 * sched.c - the scheduler as a process sees it: yielding, affinity, niceness,
 * limits and usage.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

int sched_yield(void)
{
	return (int)RET(SC(__NR_sched_yield));
}

/* The kernel returns how many bytes it wrote; the function returns 0. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	long n = RET(SC(__NR_sched_getaffinity, pid, size, set));

	if (n < 0)
		return -1;
	for (size_t i = (size_t)n; i < size; i++)
		((char *)set)[i] = 0;
	return 0;
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	return (int)RET(SC(__NR_sched_setaffinity, pid, size, set));
}

int getrlimit(int what, struct rlimit *lim)
{
	return (int)RET(SC(__NR_prlimit64, 0, what, 0, lim));
}

int setrlimit(int what, const struct rlimit *lim)
{
	return (int)RET(SC(__NR_prlimit64, 0, what, lim, 0));
}

int getrusage(int who, struct rusage *usage)
{
	return (int)RET(SC(__NR_getrusage, who, usage));
}

/* The raw call counts from 40 down to 1, so that no value looks like an error. */
int getpriority(int which, id_t who)
{
	long n = RET(SC(__NR_getpriority, which, who));

	return n < 0 ? -1 : (int)(20 - n);
}

int setpriority(int which, id_t who, int prio)
{
	return (int)RET(SC(__NR_setpriority, which, who, prio));
}

int nice(int step)
{
	int now;

	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	if (now == -1 && errno)
		return -1;
	if (setpriority(PRIO_PROCESS, 0, now + step))
		return -1;
	return getpriority(PRIO_PROCESS, 0);
}
