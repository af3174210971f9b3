/*
 * sched.c - how and where a thread runs: policy, priority, processors, its name
 * and its clock.
 */
#include "list.h"

#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The thread's number, or 0: there is none such. The list is locked when it is found. */
static int find_locked(pthread_t thread)
{
	struct thread *t;

	__threads_lock();
	t = __threads_find(thread);
	if (t && t->tid)
		return t->tid;
	__threads_unlock();
	return 0;
}

int pthread_getschedparam(pthread_t thread, int *__restrict policy,
			  struct sched_param *__restrict param)
{
	int tid = find_locked(thread);
	long raw;

	if (!tid)
		return ESRCH;
	raw = SC(__NR_sched_getparam, tid, param);
	if (!raw) {
		raw = SC(__NR_sched_getscheduler, tid);
		*policy = (int)raw;
	}
	__threads_unlock();
	return raw < 0 ? (int)-raw : 0;
}

int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *param)
{
	int tid = find_locked(thread);
	long raw;

	if (!tid)
		return ESRCH;
	raw = SC(__NR_sched_setscheduler, tid, policy, param);
	__threads_unlock();
	return (int)-raw;
}

int pthread_setschedprio(pthread_t thread, int priority)
{
	struct sched_param param = { .sched_priority = priority };
	int tid = find_locked(thread);
	long raw;

	if (!tid)
		return ESRCH;
	raw = SC(__NR_sched_setparam, tid, &param);
	__threads_unlock();
	return (int)-raw;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
	int tid = find_locked(thread);
	long raw;

	if (!tid)
		return ESRCH;
	raw = SC(__NR_sched_getaffinity, tid, size, set);
	__threads_unlock();
	if (raw < 0)
		return (int)-raw;
	memset((char *)set + raw, 0, size - (size_t)raw);
	return 0;
}

int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	int tid = find_locked(thread);
	long raw;

	if (!tid)
		return ESRCH;
	raw = SC(__NR_sched_setaffinity, tid, size, set);
	__threads_unlock();
	return (int)-raw;
}

/* The number of a thread's processor-time clock: ~tid above three bits (per thread, scheduled). */
int pthread_getcpuclockid(pthread_t thread, clockid_t *clock)
{
	int tid = find_locked(thread);

	if (!tid)
		return ESRCH;
	*clock = (clockid_t)(~(unsigned int)tid << 3 | 6);
	__threads_unlock();
	return 0;
}

static int open_comm(int tid, int flags)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
	return open(path, flags | O_CLOEXEC);
}

int pthread_setname_np(pthread_t thread, const char *name)
{
	size_t n = strnlen(name, 16);
	int fd, tid, err = 0;

	if (n > 15)
		return ERANGE;
	if (thread == (pthread_t)__self())
		return (int)-SC(__NR_prctl, PR_SET_NAME, name, 0, 0, 0);
	tid = find_locked(thread);
	if (!tid)
		return ESRCH;
	fd = open_comm(tid, O_WRONLY);
	if (fd < 0 || write(fd, name, n) < 0)
		err = errno;
	if (fd >= 0)
		close(fd);
	__threads_unlock();
	return err;
}

int pthread_getname_np(pthread_t thread, char *name, size_t size)
{
	int fd, tid, err = 0;
	ssize_t n = 0;

	if (size < 16)
		return ERANGE;
	if (thread == (pthread_t)__self())
		return (int)-SC(__NR_prctl, PR_GET_NAME, name, 0, 0, 0);
	tid = find_locked(thread);
	if (!tid)
		return ESRCH;
	fd = open_comm(tid, O_RDONLY);
	if (fd < 0 || (n = read(fd, name, size)) < 0)
		err = errno;
	else
		name[n ? n - 1 : 0] = '\0';
	if (fd >= 0)
		close(fd);
	__threads_unlock();
	return err;
}

pid_t pthread_gettid_np(pthread_t thread)
{
	int tid = find_locked(thread);

	if (!tid)
		return -1;
	__threads_unlock();
	return tid;
}
