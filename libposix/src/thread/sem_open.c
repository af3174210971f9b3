/*
 * sem_open.c - named semaphores: files of /dev/shm, mapped. A process that opens
 * one again gets the same address, as POSIX asks.
 */
#include "../internal/libc.h"
#include "../internal/shm_path.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct open_sem {
	struct open_sem *next;
	sem_t *sem;
	dev_t dev;
	ino_t ino;
	int users;
};

static int open_lock; /* guards the list */
static struct open_sem *opened;

/* Maps what fd is open on; what is open already is counted. fd is closed. */
static sem_t *attach(int fd)
{
	struct open_sem *o;
	sem_t *sem = SEM_FAILED;
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		goto out;
	__lock(&open_lock);
	for (o = opened; o; o = o->next)
		if (o->ino == st.st_ino && o->dev == st.st_dev)
			break;
	if (o) {
		o->users++;
		sem = o->sem;
		goto out_unlock;
	}
	if (st.st_size < (off_t)sizeof(sem_t)) {
		errno = EINVAL;
		goto out_unlock;
	}
	o = malloc(sizeof(*o));
	p = o ? mmap(NULL, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (p == MAP_FAILED) {
		free(o);
		goto out_unlock;
	}
	sem = p;
	*o = (struct open_sem){ opened, sem, st.st_dev, st.st_ino, 1 };
	opened = o;
out_unlock:
	__unlock(&open_lock);
out:
	close(fd);
	return sem;
}

/* A new file with the semaphore in it, made under another name: it is there as a whole or not. */
static int create(const char *path, mode_t mode, unsigned int value)
{
	char temp[64];
	sem_t sem;
	int fd, err;

	if (value > SEM_VALUE_MAX) {
		errno = EINVAL;
		return -1;
	}
	memset(&sem, 0, sizeof(sem));
	sem_init(&sem, 1, value);
	snprintf(temp, sizeof(temp), "/dev/shm/.sem.%d.%lx", getpid(), (unsigned long)&sem);
	fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode & 0666);
	if (fd < 0)
		return -1;
	err = write(fd, &sem, sizeof(sem)) != sizeof(sem) || link(temp, path);
	unlink(temp);
	if (!err)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

sem_t *sem_open(const char *name, int flags, ...)
{
	unsigned int value = 0;
	char path[SHM_PATH];
	mode_t mode = 0;
	va_list ap;
	int fd;

	if (!__shm_path(name, "sem.", path))
		return SEM_FAILED;
	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		value = va_arg(ap, unsigned int);
		va_end(ap);
	}
	for (;;) {
		if (!(flags & O_CREAT) || !(flags & O_EXCL)) {
			fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
			if (fd >= 0)
				return attach(fd);
			if (errno != ENOENT || !(flags & O_CREAT))
				return SEM_FAILED;
		}
		fd = create(path, mode, value);
		if (fd >= 0)
			return attach(fd);
		if (errno != EEXIST || (flags & O_EXCL))
			return SEM_FAILED;
	}
}

int sem_close(sem_t *s)
{
	struct open_sem **at, *o;

	__lock(&open_lock);
	for (at = &opened; (o = *at); at = &o->next)
		if (o->sem == s)
			break;
	if (o && --o->users == 0) {
		*at = o->next;
		munmap(s, sizeof(*s));
		free(o);
	}
	__unlock(&open_lock);
	if (o)
		return 0;
	errno = EINVAL;
	return -1;
}

int sem_unlink(const char *name)
{
	char path[SHM_PATH];

	return __shm_path(name, "sem.", path) ? unlink(path) : -1;
}
