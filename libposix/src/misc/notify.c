/*
 * notify.c - descriptors that tell of things: eventfd(2), signalfd(2), timerfd_create(2),
 * inotify(7), fanotify(7), pidfd_open(2), memfd_create(2).
 */
#include "../internal/syscall.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int eventfd(unsigned int value, int flags)
{
	return (int)RET(SC(__NR_eventfd2, value, flags));
}

int signalfd(int fd, const sigset_t *set, int flags)
{
	return (int)RET(SC(__NR_signalfd4, fd, set, 8, flags));
}

int timerfd_create(int clock, int flags)
{
	return (int)RET(SC(__NR_timerfd_create, clock, flags));
}

int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
	return (int)RET(SC(__NR_timerfd_settime, fd, flags, value, old));
}

int timerfd_gettime(int fd, struct itimerspec *value)
{
	return (int)RET(SC(__NR_timerfd_gettime, fd, value));
}

int inotify_init1(int flags)
{
	return (int)RET(SC(__NR_inotify_init1, flags));
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	return (int)RET(SC(__NR_inotify_add_watch, fd, path, mask));
}

int inotify_rm_watch(int fd, int watch)
{
	return (int)RET(SC(__NR_inotify_rm_watch, fd, watch));
}

int fanotify_init(unsigned int flags, unsigned int event_flags)
{
	return (int)RET(SC(__NR_fanotify_init, flags, event_flags));
}

int fanotify_mark(int fd, unsigned int flags, uint64_t mask, int dir, const char *path)
{
	return (int)RET(SC(__NR_fanotify_mark, fd, flags, mask, dir, path));
}

int pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)RET(SC(__NR_pidfd_open, pid, flags));
}

int pidfd_getfd(int pidfd, int fd, unsigned int flags)
{
	return (int)RET(SC(__NR_pidfd_getfd, pidfd, fd, flags));
}

int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)
{
	return (int)RET(SC(__NR_pidfd_send_signal, pidfd, sig, info, flags));
}

int memfd_create(const char *name, unsigned int flags)
{
	return (int)RET(SC(__NR_memfd_create, name, flags));
}

int inotify_init(void)
{
	return inotify_init1(0);
}

int eventfd_read(int fd, eventfd_t *value)
{
	return read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value)
{
	return write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : -1;
}
