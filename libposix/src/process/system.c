/*
 * system.c - system(3): a command for /bin/sh, waited for. The caller ignores
 * SIGINT and SIGQUIT meanwhile and lets SIGCHLD wait, as POSIX says. A thread
 * that is cancelled here ends its command first.
 */
#include "../internal/libc.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int users_lock; /* guards the rest: several threads may be at it */
static int users;
static struct sigaction old_int, old_quit;

static void ignore_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	__lock(&users_lock);
	if (!users++) {
		sigaction(SIGINT, &ignore, &old_int);
		sigaction(SIGQUIT, &ignore, &old_quit);
	}
	__unlock(&users_lock);
}

static void restore_signals(void)
{
	__lock(&users_lock);
	if (!--users) {
		sigaction(SIGINT, &old_int, NULL);
		sigaction(SIGQUIT, &old_quit, NULL);
	}
	__unlock(&users_lock);
}

static void cancelled(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	restore_signals();
}

int system(const char *command)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)command, NULL };
	posix_spawnattr_t attr;
	sigset_t block, old, reset;
	int status = -1, err;
	pid_t pid;

	if (!command)
		return access("/bin/sh", X_OK) == 0;
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, &old);
	ignore_signals();
	sigemptyset(&reset);
	if (old_int.sa_handler != SIG_IGN)
		sigaddset(&reset, SIGINT);
	if (old_quit.sa_handler != SIG_IGN)
		sigaddset(&reset, SIGQUIT);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &old);
	posix_spawnattr_setsigdefault(&attr, &reset);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	err = posix_spawn(&pid, "/bin/sh", NULL, &attr, argv, environ);
	if (err) {
		status = err == EAGAIN || err == ENOMEM ? -1 : 127 << 8;
	} else {
		pthread_cleanup_push(cancelled, &pid);
		while (waitpid(pid, &status, 0) < 0) {
			if (errno != EINTR) {
				err = errno;
				status = -1;
				break;
			}
		}
		pthread_cleanup_pop(0);
	}
	restore_signals();
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (status == -1 && err)
		errno = err;
	return status;
}
