/*
 * sysconf.c - limits and options at run time: sysconf(3).
 */
#include "../internal/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define NONE (-1) /* no limit, or no such option: no error */

static long limit(int what)
{
	struct rlimit lim;

	if (getrlimit(what, &lim) || lim.rlim_cur == RLIM_INFINITY)
		return NONE;
	return (long)lim.rlim_cur;
}

static long memory(int what)
{
	struct sysinfo si;
	unsigned long n;

	if (sysinfo(&si))
		return NONE;
	n = what == _SC_PHYS_PAGES ? si.totalram : si.freeram + si.bufferram;
	return (long)(n * si.mem_unit / __libc.page_size);
}

static long processors(int what)
{
	cpu_set_t set;

	(void)what;
	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}

/* Those that could be switched on too: "0-3" of /sys. */
static long processors_there(void)
{
	int fd = open("/sys/devices/system/cpu/possible", O_RDONLY | O_CLOEXEC);
	char text[32], *end;
	long from, to = -1;
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (n <= 0)
		return processors(0);
	text[n] = '\0';
	from = to = strtol(text, &end, 10);
	if (*end == '-')
		to = strtol(end + 1, NULL, 10);
	return to - from + 1;
}

long sysconf(int what)
{
	switch (what) {
	case _SC_ARG_MAX:
		return ARG_MAX;
	case _SC_CHILD_MAX:
		return limit(RLIMIT_NPROC);
	case _SC_OPEN_MAX:
		return limit(RLIMIT_NOFILE);
	case _SC_SIGQUEUE_MAX:
		return limit(RLIMIT_SIGPENDING);
	case _SC_CLK_TCK:
		return 100;
	case _SC_NGROUPS_MAX:
		return NGROUPS_MAX;
	case _SC_STREAM_MAX:
		return 16;
	case _SC_TZNAME_MAX:
		return 6;
	case _SC_PAGESIZE:
		return (long)__libc.page_size;
	case _SC_PHYS_PAGES:
	case _SC_AVPHYS_PAGES:
		return memory(what);
	case _SC_NPROCESSORS_ONLN:
		return processors(what);
	case _SC_NPROCESSORS_CONF:
		return processors_there();
	case _SC_IOV_MAX:
		return 1024;
	case _SC_LINE_MAX:
		return 2048;
	case _SC_HOST_NAME_MAX:
		return 64;
	case _SC_LOGIN_NAME_MAX:
		return 256;
	case _SC_TTY_NAME_MAX:
		return 32;
	case _SC_SYMLOOP_MAX:
		return 40;
	case _SC_GETGR_R_SIZE_MAX:
	case _SC_GETPW_R_SIZE_MAX:
		return 1024;
	case _SC_THREAD_DESTRUCTOR_ITERATIONS:
		return PTHREAD_DESTRUCTOR_ITERATIONS;
	case _SC_THREAD_KEYS_MAX:
		return PTHREAD_KEYS_MAX;
	case _SC_THREAD_STACK_MIN:
		return PTHREAD_STACK_MIN;
	case _SC_RTSIG_MAX:
		return SIGRTMAX - SIGRTMIN + 1;
	case _SC_SEM_VALUE_MAX:
		return SEM_VALUE_MAX;
	case _SC_MQ_PRIO_MAX:
		return 32768;
	case _SC_DELAYTIMER_MAX:
		return INT_MAX;
	case _SC_AIO_PRIO_DELTA_MAX:
		return 0;
	case _SC_BC_BASE_MAX:
	case _SC_BC_SCALE_MAX:
		return 99;
	case _SC_BC_DIM_MAX:
		return 2048;
	case _SC_BC_STRING_MAX:
		return 1000;
	case _SC_COLL_WEIGHTS_MAX:
		return 2;
	case _SC_EXPR_NEST_MAX:
		return 32;
	case _SC_RE_DUP_MAX:
		return 255;
	case _SC_NZERO:
		return 20;
	case _SC_ATEXIT_MAX:
		return INT_MAX;
	case _SC_MINSIGSTKSZ:
	case _SC_SIGSTKSZ: {
		long least = (long)getauxval(AT_MINSIGSTKSZ);

		if (least < MINSIGSTKSZ)
			least = MINSIGSTKSZ;
		return what == _SC_MINSIGSTKSZ ? least : 4 * least;
	}
	case _SC_JOB_CONTROL:
	case _SC_SAVED_IDS:
	case _SC_REGEXP:
	case _SC_SHELL:
	case _SC_XOPEN_UNIX:
	case _SC_XOPEN_ENH_I18N:
	case _SC_XOPEN_SHM:
	case _SC_XOPEN_REALTIME:
	case _SC_XOPEN_REALTIME_THREADS:
	case _SC_V6_LP64_OFF64:
	case _SC_V7_LP64_OFF64:
		return 1;
	case _SC_XOPEN_VERSION:
		return _XOPEN_VERSION;
	case _SC_VERSION:
	case _SC_REALTIME_SIGNALS:
	case _SC_PRIORITY_SCHEDULING:
	case _SC_TIMERS:
	case _SC_ASYNCHRONOUS_IO:
	case _SC_PRIORITIZED_IO:
	case _SC_SYNCHRONIZED_IO:
	case _SC_FSYNC:
	case _SC_MAPPED_FILES:
	case _SC_MEMLOCK:
	case _SC_MEMLOCK_RANGE:
	case _SC_MEMORY_PROTECTION:
	case _SC_MESSAGE_PASSING:
	case _SC_SEMAPHORES:
	case _SC_SHARED_MEMORY_OBJECTS:
	case _SC_THREADS:
	case _SC_THREAD_SAFE_FUNCTIONS:
	case _SC_THREAD_ATTR_STACKADDR:
	case _SC_THREAD_ATTR_STACKSIZE:
	case _SC_THREAD_PRIORITY_SCHEDULING:
	case _SC_THREAD_PRIO_INHERIT:
	case _SC_THREAD_PRIO_PROTECT:
	case _SC_THREAD_PROCESS_SHARED:
	case _SC_THREAD_ROBUST_PRIO_INHERIT:
	case _SC_ADVISORY_INFO:
	case _SC_BARRIERS:
	case _SC_CLOCK_SELECTION:
	case _SC_CPUTIME:
	case _SC_THREAD_CPUTIME:
	case _SC_MONOTONIC_CLOCK:
	case _SC_READER_WRITER_LOCKS:
	case _SC_SPIN_LOCKS:
	case _SC_SPAWN:
	case _SC_TIMEOUTS:
	case _SC_IPV6:
	case _SC_RAW_SOCKETS:
	case _SC_2_VERSION:
	case _SC_2_C_BIND:
		return _POSIX_VERSION;
	case _SC_AIO_LISTIO_MAX:
	case _SC_AIO_MAX:
	case _SC_MQ_OPEN_MAX:
	case _SC_SEM_NSEMS_MAX:
	case _SC_TIMER_MAX:
	case _SC_THREAD_THREADS_MAX:
	case _SC_PASS_MAX:
	case _SC_2_C_DEV:
	case _SC_2_FORT_DEV:
	case _SC_2_FORT_RUN:
	case _SC_2_SW_DEV:
	case _SC_2_LOCALEDEF:
	case _SC_2_CHAR_TERM:
	case _SC_2_UPE:
	case _SC_2_PBS:
	case _SC_2_PBS_ACCOUNTING:
	case _SC_2_PBS_CHECKPOINT:
	case _SC_2_PBS_LOCATE:
	case _SC_2_PBS_MESSAGE:
	case _SC_2_PBS_TRACK:
	case _SC_V6_ILP32_OFF32:
	case _SC_V6_ILP32_OFFBIG:
	case _SC_V6_LPBIG_OFFBIG:
	case _SC_V7_ILP32_OFF32:
	case _SC_V7_ILP32_OFFBIG:
	case _SC_V7_LPBIG_OFFBIG:
	case _SC_XOPEN_UUCP:
	case _SC_XOPEN_CRYPT:
	case _SC_XOPEN_STREAMS:
	case _SC_SPORADIC_SERVER:
	case _SC_THREAD_SPORADIC_SERVER:
	case _SC_THREAD_ROBUST_PRIO_PROTECT:
	case _SC_TYPED_MEMORY_OBJECTS:
	case _SC_TRACE:
	case _SC_TRACE_EVENT_FILTER:
	case _SC_TRACE_INHERIT:
	case _SC_TRACE_LOG:
	case _SC_TRACE_NAME_MAX:
	case _SC_TRACE_SYS_MAX:
	case _SC_TRACE_USER_EVENT_MAX:
	case _SC_SS_REPL_MAX:
	case _SC_TRACE_EVENT_NAME_MAX:
	case _SC_LEVEL1_ICACHE_SIZE:
	case _SC_LEVEL1_DCACHE_SIZE:
	case _SC_LEVEL1_DCACHE_LINESIZE:
		return NONE;
	default:
		errno = EINVAL;
		return -1;
	}
}

int getpagesize(void)
{
	return (int)__libc.page_size;
}

int getdtablesize(void)
{
	long n = limit(RLIMIT_NOFILE);

	return n < 0 || n > INT_MAX ? INT_MAX : (int)n;
}

int issetugid(void)
{
	return __libc.secure;
}
