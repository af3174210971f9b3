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

static uint64_t row_thread(uint64_t n)
{
	return time_calls(op_thread, n);
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

static uint64_t row_fork(uint64_t n)
{
	return time_calls(op_fork, n);
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

static uint64_t row_exec_static(uint64_t n)
{
	return time_calls(op_exec_static, n);
}

static void op_exec_glibc(void)
{
	fork_exec(DYNAMIC);
}

static uint64_t row_exec_glibc(uint64_t n)
{
	return time_calls(op_exec_glibc, n);
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

static uint64_t row_spawn(uint64_t n)
{
	return time_calls(op_spawn, n);
}

const struct row process_rows[] = {
	{ "thread", 400, 300, row_thread },
	{ "fork", 120, 80, row_fork },
	{ "exec-static", 80, 50, row_exec_static },
	{ "exec-glibc", 40, 30, row_exec_glibc },
	{ "spawn", 90, 60, row_spawn },
	{ NULL, 0, 0, NULL },
};
