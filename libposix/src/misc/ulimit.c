/* ulimit.c - ulimit(3): the limit of a file's size in units of 512 bytes. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <ulimit.h>

static long units(rlim_t bytes)
{
	return bytes / 512 > LONG_MAX ? LONG_MAX : (long)(bytes / 512);
}

long ulimit(int what, ...)
{
	struct rlimit lim;
	va_list ap;
	long n;

	switch (what) {
	case UL_GETFSIZE:
		return getrlimit(RLIMIT_FSIZE, &lim) ? -1 : units(lim.rlim_cur);
	case UL_SETFSIZE:
		va_start(ap, what);
		n = va_arg(ap, long);
		va_end(ap);
		lim.rlim_cur = lim.rlim_max =
			(unsigned long)n > RLIM_INFINITY / 512 ? RLIM_INFINITY : (rlim_t)n * 512;
		return setrlimit(RLIMIT_FSIZE, &lim) ? -1 : n;
	case __UL_OPENMAX:
		return getrlimit(RLIMIT_NOFILE, &lim) ? -1 : (long)lim.rlim_cur;
	default:
		errno = EINVAL;
		return -1;
	}
}
