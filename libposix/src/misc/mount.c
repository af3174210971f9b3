/*
 * mount.c - the system as a whole: mount(2), umount(2), reboot(2), sysinfo(2),
 * random bytes.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <unistd.h>

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data)
{
	return (int)RET(SC(__NR_mount, source, target, type, flags, data));
}

int umount2(const char *target, int flags)
{
	return (int)RET(SC(__NR_umount2, target, flags));
}

int umount(const char *target)
{
	return umount2(target, 0);
}

/* The two magic numbers say that the caller means it (reboot(2)). */
int reboot(int command)
{
	return (int)RET(SC(__NR_reboot, 0xfee1dead, 672274793, command, 0));
}

int sysinfo(struct sysinfo *info)
{
	return (int)RET(SC(__NR_sysinfo, info));
}

ssize_t getrandom(void *dst, size_t n, unsigned int flags)
{
	return RET(SC(__NR_getrandom, dst, n, flags));
}

long sysconf(int what)
{
	struct sysinfo si;

	switch (what) {
	case _SC_PAGESIZE:
		return (long)__libc.page_size;
	case _SC_CLK_TCK:
		return 100;
	case _SC_OPEN_MAX:
		return 1024;
	case _SC_PHYS_PAGES:
		return sysinfo(&si) ? -1 : (long)(si.totalram * si.mem_unit / __libc.page_size);
	case _SC_NPROCESSORS_ONLN: {
		unsigned long mask[16] = { 0 };
		long n = 0;

		if (SC(__NR_sched_getaffinity, 0, sizeof(mask), mask) < 0)
			return 1;
		for (unsigned int i = 0; i < 16; i++)
			n += __builtin_popcountl(mask[i]);
		return n;
	}
	default:
		errno = EINVAL;
		return -1;
	}
}

int getpagesize(void)
{
	return (int)__libc.page_size;
}
