/*
 * spawn.c - posix_spawn(3). The child shares the parent's memory until it runs
 * the program (CLONE_VM | CLONE_VFORK), on a stack of its own, with all signals
 * off and no handler set; the parent sleeps meanwhile.
 */
#include "spawn_actions.h"

#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK 65536 /* beside what the arguments of a script take */

struct job {
	const char *path;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attr;
	char *const *argv, *const *envp;
	int search;
	sigset_t mask; /* the parent's */
	volatile int err;
};

static void set_signals(const struct job *j)
{
	struct sigaction act, dfl = { .sa_handler = SIG_DFL };
	sigset_t want = j->attr && (j->attr->__flags & POSIX_SPAWN_SETSIGDEF) ? j->attr->__default :
										0;

	for (int sig = 1; sig <= _NSIG; sig++) {
		if (SC(__NR_rt_sigaction, sig, NULL, &act, 8))
			continue;
		if (act.sa_handler == SIG_DFL)
			continue;
		/* Handlers must be gone before any signal is let in: they would run here. */
		if (act.sa_handler != SIG_IGN || (want & 1ul << (sig - 1)))
			SC(__NR_rt_sigaction, sig, &dfl, NULL, 8);
	}
}

static long apply_attr(const posix_spawnattr_t *a)
{
	long err = 0;

	if (a->__flags & POSIX_SPAWN_SETSID)
		err = SC(__NR_setsid);
	if (err >= 0 && (a->__flags & POSIX_SPAWN_SETPGROUP))
		err = SC(__NR_setpgid, 0, a->__pgroup);
	if (err >= 0 && (a->__flags & POSIX_SPAWN_SETSCHEDULER))
		err = SC(__NR_sched_setscheduler, 0, a->__policy, &a->__param);
	else if (err >= 0 && (a->__flags & POSIX_SPAWN_SETSCHEDPARAM))
		err = SC(__NR_sched_setparam, 0, &a->__param);
	if (err >= 0 && (a->__flags & POSIX_SPAWN_RESETIDS)) {
		err = SC(__NR_setgid, SC(__NR_getgid));
		if (err >= 0)
			err = SC(__NR_setuid, SC(__NR_getuid));
	}
	return err < 0 ? err : 0;
}

static long apply_action(const struct spawn_action *a)
{
	long fd, err;

	switch (a->what) {
	case SPAWN_CLOSE:
		SC(__NR_close, a->fd);
		return 0;
	case SPAWN_DUP2:
		if (a->fd == a->to) { /* only: stay open over exec */
			long flags = SC(__NR_fcntl, a->fd, F_GETFD);

			return flags < 0 ? flags :
					   SC(__NR_fcntl, a->fd, F_SETFD, flags & ~FD_CLOEXEC);
		}
		fd = SC(__NR_dup3, a->fd, a->to, 0);
		return fd < 0 ? fd : 0;
	case SPAWN_OPEN:
		fd = SC(__NR_openat, AT_FDCWD, a->path, a->flags, a->mode);
		if (fd < 0 || fd == a->fd)
			return fd < 0 ? fd : 0;
		err = SC(__NR_dup3, fd, a->fd, 0);
		SC(__NR_close, fd);
		return err < 0 ? err : 0;
	case SPAWN_CHDIR:
		return SC(__NR_chdir, a->path);
	case SPAWN_FCHDIR:
		return SC(__NR_fchdir, a->fd);
	default: /* SPAWN_CLOSEFROM */
		return SC(__NR_close_range, a->fd, ~0u, 0);
	}
}

static int child(void *arg)
{
	struct job *j = arg;
	const posix_spawnattr_t *attr = j->attr;
	sigset_t mask = j->mask;
	long err = 0;

	set_signals(j);
	if (attr)
		err = apply_attr(attr);
	for (struct spawn_action *a = j->actions ? j->actions->__first : NULL; !err && a;
	     a = a->next)
		err = apply_action(a);
	if (!err) {
		if (attr && (attr->__flags & POSIX_SPAWN_SETSIGMASK))
			mask = attr->__mask;
		__signals_restore(&mask);
		if (j->search)
			execvpe(j->path, j->argv, j->envp);
		else
			execve(j->path, j->argv, j->envp);
		err = -errno;
	}
	j->err = (int)-err;
	_exit(127);
}

static int spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const *argv, char *const *envp, int search)
{
	struct job j = { path, actions, attr, argv, envp ? envp : environ, search, 0, 0 };
	size_t size = STACK;
	int saved = errno;
	pid_t made;
	char *stack;

	for (char *const *a = argv; *a; a++)
		size += sizeof(*a);
	size = (size + 4095) & -4096ul;
	stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack == MAP_FAILED)
		return ENOMEM;
	__signals_block(&j.mask);
	made = clone(child, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, &j, NULL, NULL, NULL);
	if (made < 0)
		j.err = errno;
	else if (j.err)
		SC(__NR_wait4, made, NULL, 0, NULL);
	__signals_restore(&j.mask);
	munmap(stack, size);
	errno = saved;
	if (!j.err && pid)
		*pid = made;
	return j.err;
}

int posix_spawn(pid_t *__restrict pid, const char *__restrict path,
		const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *__restrict attr,
		char *const *__restrict argv, char *const *__restrict envp)
{
	return spawn(pid, path, actions, attr, argv, envp, 0);
}

int posix_spawnp(pid_t *__restrict pid, const char *__restrict file,
		 const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *__restrict attr, char *const *__restrict argv,
		 char *const *__restrict envp)
{
	return spawn(pid, file, actions, attr, argv, envp, 1);
}
