/*
 * sysinfo.c - what the machine has: sysinfo(2), uname(2), random bytes, loads.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

int sysinfo(struct sysinfo *info)
{
	return (int)RET(SC(__NR_sysinfo, info));
}

int uname(struct utsname *uts)
{
	return (int)RET(SC(__NR_uname, uts));
}

ssize_t getrandom(void *dst, size_t n, unsigned int flags)
{
	return RET(SCC(__NR_getrandom, dst, n, flags));
}

int getentropy(void *dst, size_t n)
{
	if (n > 256) {
		errno = EIO;
		return -1;
	}
	for (char *at = dst; n;) {
		long got = SC(__NR_getrandom, at, n, 0);

		if (got == -EINTR)
			continue;
		if (got < 0)
			return (int)RET(got);
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

int getloadavg(double *out, int count)
{
	struct sysinfo si;

	if (count < 0 || sysinfo(&si))
		return -1;
	if (count > 3)
		count = 3;
	for (int i = 0; i < count; i++)
		out[i] = (double)si.loads[i] / (1 << SI_LOAD_SHIFT);
	return count;
}

int get_nprocs(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int get_nprocs_conf(void)
{
	return (int)sysconf(_SC_NPROCESSORS_CONF);
}

long get_phys_pages(void)
{
	return sysconf(_SC_PHYS_PAGES);
}

long get_avphys_pages(void)
{
	return sysconf(_SC_AVPHYS_PAGES);
}
