/*
 * Rows of threads and processes: made, replaced by another program, ended, waited for.
 */
#include "bench.h"

#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

#define TINY	"/bench/tiny" /* static, no C library: exits at once */
#define DYNAMIC "/bench/dynamic" /* dynamic glibc: main returns 0 */

static char *const no_env[] = { NULL };

static void *thread(void *arg)
{
	return arg;
}

static void op_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, thread, NULL) || pthread_join(t, NULL))
		give_up("a thread");
}

static void op_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		give_up("fork");
	wait_child(pid);
}

static void fork_exec(const char *path)
{
	char *argv[] = { (char *)path, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execve(path, argv, no_env);
		_exit(127);
	}
	if (pid < 0)
		give_up("fork");
	wait_child(pid);
}

static void op_exec_static(void)
{
	fork_exec(TINY);
}

static void op_exec_glibc(void)
{
	fork_exec(DYNAMIC);
}

static void op_spawn(void)
{
	char *argv[] = { TINY, NULL };
	pid_t pid;

	errno = posix_spawn(&pid, TINY, NULL, NULL, argv, no_env);
	if (errno)
		give_up("posix_spawn");
	wait_child(pid);
}

const struct row process_rows[] = {
	{ "thread", 400, 300, .op = op_thread },
	{ "fork", 120, 80, .op = op_fork },
	{ "exec-static", 80, 50, .op = op_exec_static },
	{ "exec-glibc", 40, 30, .op = op_exec_glibc },
	{ "spawn", 90, 60, .op = op_spawn },
	{ .name = NULL },
};
