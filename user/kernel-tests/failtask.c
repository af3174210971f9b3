/*
 * failtask.c - calls on tasks, credentials, signals and timers while memory is short (failnth.c).
 */
#include "failnth.h"
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <uapi/filter.h>
#include <uapi/futex.h>
#include <uapi/seccomp.h>
#include <unistd.h>

static long call_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid;
}

static void undo_fork(long pid)
{
	wait_ok((pid_t)pid);
}

static char stack[65536] __attribute__((aligned(16)));
static int thread_id;

static int end_at_once(void *arg)
{
	(void)arg;
	return 0;
}

static long call_thread(void)
{
	return clone(end_at_once, stack + sizeof(stack),
		     CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			     CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		     NULL, &thread_id, NULL, &thread_id);
}

static void undo_thread(long tid)
{
	int now;

	(void)tid;
	while ((now = __atomic_load_n(&thread_id, __ATOMIC_ACQUIRE)))
		CALL(futex, &thread_id, FUTEX_WAIT, now, 0, 0, 0);
}

static long call_vfork(void)
{
	return clone(end_at_once, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL,
		     NULL, NULL, NULL);
}

/*
 * A child that goes on with our count once we watch it: 0 in the child; its number, and its switch in
 * *fd.
 */
static pid_t spawn_counted(int *fd)
{
	char path[40], byte;
	int gate[2];
	unsigned int n = get_nth(switch_fd);
	pid_t pid;

	set_nth(0);
	CHECK(!pipe(gate));
	pid = spawn();
	if (!pid) {
		close(gate[1]);
		CHECK(!no_switch() && read(gate[0], &byte, 1) == 0);
		set_nth(n);
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/fail-nth", pid);
	*fd = open(path, O_RDWR | O_CLOEXEC);
	CHECK(*fd >= 0 && !close(gate[0]) && !close(gate[1]));
	return pid;
}

/* The program that exec began goes on with the count, to its end and through its exit. */
static long call_exec(void)
{
	int status, fd;
	pid_t pid = spawn_counted(&fd);

	if (!pid) {
		execv("/proc/self/exe",
		      (char *[]){ (char *)"usertests", (char *)"--exit", (char *)"0", NULL });
		_exit(100 + errno);
	}
	status = wait_for(pid);
	set_nth(get_nth(fd));
	close(fd);
	if (!status)
		return 0;
	/* Past the point of no return there is nobody who could be told. */
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSEGV))
		errno = ENOMEM;
	else if (WIFEXITED(status) && WEXITSTATUS(status) > 100)
		errno = WEXITSTATUS(status) - 100;
	else
		fail("exec: wait status %#x", status);
	return -1;
}

/* Whatever fails, exit ends the process. */
static long call_exit(void)
{
	int fd;
	pid_t pid = spawn_counted(&fd);

	if (!pid)
		_exit(0);
	wait_ok(pid);
	set_nth(get_nth(fd));
	close(fd);
	return 0;
}

static long call_seccomp(void)
{
	struct sock_filter f[] = { { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW } };
	struct sock_fprog prog = { 1, f };

	return CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

static long call_setgroups(void)
{
	static const unsigned int groups[40] = { 1, 2, 3 };

	return CALL(setgroups, 40, groups);
}

static long call_setuid(void)
{
	return CALL(setresuid, 5, 5, 0);
}

static long call_setsid(void)
{
	return setsid();
}

static long call_pidfd(void)
{
	return CALL(pidfd_open, getpid(), 0);
}

/* It needs no memory: a signal without a value is never lost. */
static long call_kill(void)
{
	signal(SIGUSR1, SIG_IGN);
	return kill(getpid(), SIGUSR1);
}

static long call_sigqueue(void)
{
	siginfo_t si = { 0 };
	sigset_t set;
	long got;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	si.si_signo = SIGRTMIN;
	si.si_code = SI_QUEUE;
	got = CALL(rt_sigqueueinfo, getpid(), SIGRTMIN, &si);
	return got;
}

static void undo_sigqueue(long got)
{
	struct timespec now = { 0 };
	sigset_t set;

	(void)got;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK(sigtimedwait(&set, NULL, &now) == SIGRTMIN);
}

static int timer_id;

static long call_timer(void)
{
	return CALL(timer_create, CLOCK_MONOTONIC, NULL, &timer_id);
}

static void undo_timer(long got)
{
	(void)got;
	CHECK(!CALL(timer_delete, timer_id));
}

static int futex_word;

static long call_futex(void)
{
	struct timespec t = { 0, 100000 };
	long got = CALL(futex, &futex_word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &t, 0, 0);

	return got < 0 && errno == ETIMEDOUT ? 0 : got;
}

static long call_futex_shared(void)
{
	struct timespec t = { 0, 100000 };
	long got = CALL(futex, (int *)failnth_shared + 64, FUTEX_WAIT, 0, &t, 0, 0);

	return got < 0 && errno == ETIMEDOUT ? 0 : got;
}

/* Held by a task that is not us: process 1's number, which never unlocks it. */
static int pi_word;

static long call_futex_pi(void)
{
	struct timespec t = { 1, 0 };
	long got;

	pi_word = 0;
	got = CALL(futex, &pi_word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, &t, 0, 0);
	return got ? got : CALL(futex, &pi_word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, 0, 0, 0);
}

const struct work failnth_tasks[] = {
	{ .name = "fork", .call = call_fork, .undo = undo_fork },
	{ .name = "clone of a thread", .call = call_thread, .undo = undo_thread },
	{ .name = "vfork", .call = call_vfork, .undo = undo_fork },
	{ .name = "execve", .call = call_exec },
	{ .name = "exit", .call = call_exit },
	{ .name = "seccomp", .call = call_seccomp, .in_child = 1 },
	{ .name = "setgroups", .call = call_setgroups, .in_child = 1 },
	{ .name = "setresuid", .call = call_setuid, .in_child = 1 },
	{ .name = "setsid", .call = call_setsid, .in_child = 1 },
	{ .name = "pidfd_open", .call = call_pidfd, .undo = failnth_close },
	{ .name = "kill", .call = call_kill },
	{ .name = "rt_sigqueueinfo", .call = call_sigqueue, .undo = undo_sigqueue },
	{ .name = "timer_create", .call = call_timer, .undo = undo_timer },
	{ .name = "futex wait", .call = call_futex },
	{ .name = "shared futex wait", .call = call_futex_shared },
	{ .name = "futex lock_pi", .call = call_futex_pi },
	{ .name = NULL },
};
