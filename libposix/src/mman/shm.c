/*
 * shm.c - POSIX shared memory: files of /dev/shm.
 */
#include "../internal/shm_path.h"
#include "../internal/syscall.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int shm_open(const char *name, int flags, mode_t mode)
{
	char path[SHM_PATH];

	if (!__shm_path(name, "", path))
		return -1;
	/* Unlike open(2) this is no cancellation point. */
	return (int)RET(SC(__NR_openat, AT_FDCWD, path, flags | O_NOFOLLOW | O_CLOEXEC, mode));
}

int shm_unlink(const char *name)
{
	char path[SHM_PATH];

	return __shm_path(name, "", path) ? unlink(path) : -1;
}
