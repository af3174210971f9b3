/*
 * shm_path.h - names of POSIX shared memory and semaphores are files of /dev/shm.
 */
#ifndef LIBPOSIX_SHM_PATH_H
#define LIBPOSIX_SHM_PATH_H

#include <limits.h>

#define SHM_PATH (NAME_MAX + 16)

/* `out`, or NULL with errno EINVAL or ENAMETOOLONG. */
char *__shm_path(const char *name, const char *prefix, char out[SHM_PATH]);

#endif
