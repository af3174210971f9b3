/*
 * sched.c - the scheduler as a process sees it: policies, affinity, niceness, limits and usage.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <unistd.h>

int sched_yield(void)
{
	return (int)RET(SC(__NR_sched_yield));
}

int sched_get_priority_max(int policy)
{
	return (int)RET(SC(__NR_sched_get_priority_max, policy));
}

int sched_get_priority_min(int policy)
{
	return (int)RET(SC(__NR_sched_get_priority_min, policy));
}

int sched_getparam(pid_t pid, struct sched_param *param)
{
	return (int)RET(SC(__NR_sched_getparam, pid, param));
}

int sched_setparam(pid_t pid, const struct sched_param *param)
{
	return (int)RET(SC(__NR_sched_setparam, pid, param));
}

int sched_getscheduler(pid_t pid)
{
	return (int)RET(SC(__NR_sched_getscheduler, pid));
}

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param)
{
	return (int)RET(SC(__NR_sched_setscheduler, pid, policy, param));
}

int sched_rr_get_interval(pid_t pid, struct timespec *time)
{
	return (int)RET(SC(__NR_sched_rr_get_interval, pid, time));
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	return (int)RET(SC(__NR_sched_setaffinity, pid, size, set));
}

int getcpu(unsigned int *cpu, unsigned int *node)
{
	return (int)RET(SC(__NR_getcpu, cpu, node, 0));
}

int getrlimit(int what, struct rlimit *lim)
{
	return (int)RET(SC(__NR_prlimit64, 0, what, 0, lim));
}

int setrlimit(int what, const struct rlimit *lim)
{
	return (int)RET(SC(__NR_prlimit64, 0, what, lim, 0));
}

int prlimit(pid_t pid, int what, const struct rlimit *lim, struct rlimit *old)
{
	return (int)RET(SC(__NR_prlimit64, pid, what, lim, old));
}

int getrusage(int who, struct rusage *usage)
{
	return (int)RET(SC(__NR_getrusage, who, usage));
}

int setpriority(int which, id_t who, int prio)
{
	return (int)RET(SC(__NR_setpriority, which, who, prio));
}

/* The kernel returns how many bytes it wrote; the function returns 0. */
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	long n = RET(SC(__NR_sched_getaffinity, pid, size, set));

	if (n < 0)
		return -1;
	memset((char *)set + n, 0, size - (size_t)n);
	return 0;
}

int sched_getcpu(void)
{
	unsigned int cpu;

	return getcpu(&cpu, NULL) ? -1 : (int)cpu;
}

/* The raw call counts from 40 down to 1, so that no value looks like an error. */
int getpriority(int which, id_t who)
{
	long n = RET(SC(__NR_getpriority, which, who));

	return n < 0 ? -1 : (int)(20 - n);
}

int nice(int step)
{
	int now;

	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	if (now == -1 && errno)
		return -1;
	if (setpriority(PRIO_PROCESS, 0, now + step)) {
		if (errno == EACCES)
			errno = EPERM;
		return -1;
	}
	return getpriority(PRIO_PROCESS, 0);
}

clock_t times(struct tms *buf)
{
	return SC(__NR_times, buf);
}

int __cpu_count(size_t size, const cpu_set_t *set)
{
	const unsigned char *byte = (const unsigned char *)set;
	int n = 0;

	for (size_t i = 0; i < size; i++)
		n += __builtin_popcount(byte[i]);
	return n;
}

void __cpu_combine(size_t size, cpu_set_t *out, const cpu_set_t *a, const cpu_set_t *b, int op)
{
	const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
	unsigned char *to = (unsigned char *)out;

	for (size_t i = 0; i < size; i++)
		to[i] = op == '&' ? x[i] & y[i] : op == '|' ? x[i] | y[i] : x[i] ^ y[i];
}
