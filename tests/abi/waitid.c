/* waitid(2) in all its ways, wait4(2)'s options, and pidfds: open, poll, wait, signal, getfd. */
#include "abi.h"
#include <poll.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/resource.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define THREAD O_EXCL

static pid_t kid(int code)
{
	pid_t pid = MUST(fork());

	if (pid == 0) {
		if (code < 0)
			for (;;)
				pause();
		_exit(code);
	}
	return pid;
}

/* One that pauses, with a number that is free. */
static pid_t kid_numbered(pid_t nr)
{
	struct clone_args ca = {
		.exit_signal = SIGCHLD,
		.set_tid = (unsigned long)&nr,
		.set_tid_size = 1,
	};
	pid_t pid = MUST(syscall(SYS_clone3, &ca, sizeof(ca)));

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void show(const char *what, int which, int id, int options, pid_t pid)
{
	siginfo_t si;

	memset(&si, 0x55, sizeof(si));
	errno = 0;
	long r = syscall(SYS_waitid, which, id, &si, options, NULL);
	if (r < 0)
		say("%s: %s\n", what, ename(errno));
	else if (!si.si_pid)
		say("%s: nothing, signo %d code %d uid %d status %d\n", what, si.si_signo, si.si_code,
		    si.si_uid, si.si_status);
	else
		say("%s: %s code %d status %d uid %d errno %d pid %s\n", what, sname(si.si_signo),
		    si.si_code, si.si_status, si.si_uid, si.si_errno,
		    si.si_pid == pid ? "right" : "other");
}

static void test_who(void)
{
	SECTION("whom");
	pid_t pid = kid(3);

	show("P_PID", P_PID, pid, WEXITED, pid);
	show("P_PID again", P_PID, pid, WEXITED, pid);
	pid = kid(4);
	show("P_ALL", P_ALL, 0, WEXITED, pid);
	pid = kid(5);
	show("P_PGID 0", P_PGID, 0, WEXITED, pid);
	pid = kid(6);
	show("P_PGID own", P_PGID, getpgrp(), WEXITED, pid);
	pid = kid(7);
	setpgid(pid, pid);
	show("P_PGID 0", P_PGID, 0, WEXITED | WNOHANG, pid);
	show("P_PGID of its own", P_PGID, pid, WEXITED, pid);
	show("P_ALL none", P_ALL, 0, WEXITED, 0);
	show("P_PID 0", P_PID, 0, WEXITED, 0);
	show("P_PID -1", P_PID, -1, WEXITED, 0);
	show("P_PGID -1", P_PGID, -1, WEXITED, 0);
	show("P_PID nobody's", P_PID, 999999, WEXITED, 0);
	show("P_PID not mine", P_PID, getppid(), WEXITED, 0);
	show("which 4", 4, 0, WEXITED, 0);
	show("no kind", P_ALL, 0, WNOHANG, 0);
	show("bad option", P_ALL, 0, WEXITED | 0x100, 0);
	show("P_PIDFD bad", P_PIDFD, 900, WEXITED, 0);
	show("P_PIDFD no pidfd", P_PIDFD, 1, WEXITED, 0);
	show("P_PIDFD -1", P_PIDFD, -1, WEXITED, 0);
	R(wait4(-1, NULL, 0x100, NULL));
	R(wait4(INT32_MIN, NULL, 0, NULL));
	R(wait4(999999, NULL, 0, NULL));
	R(wait4(-999999, NULL, 0, NULL));
}

static void test_states(void)
{
	SECTION("stopped, continued, killed");
	pid_t pid = kid(-1);

	show("nothing yet", P_PID, pid, WEXITED | WSTOPPED | WCONTINUED | WNOHANG, pid);
	kill(pid, SIGSTOP);
	show("exited only", P_PID, pid, WEXITED | WNOHANG, pid);
	show("stopped, kept", P_PID, pid, WSTOPPED | WNOWAIT, pid);
	show("stopped", P_PID, pid, WSTOPPED, pid);
	show("stopped again", P_PID, pid, WSTOPPED | WNOHANG, pid);
	kill(pid, SIGCONT);
	show("continued, kept", P_PID, pid, WCONTINUED | WNOWAIT, pid);
	show("continued", P_PID, pid, WCONTINUED, pid);
	show("continued again", P_PID, pid, WCONTINUED | WNOHANG, pid);
	kill(pid, SIGKILL);
	show("killed, kept", P_PID, pid, WEXITED | WNOWAIT, pid);
	show("killed, stopped only", P_PID, pid, WSTOPPED | WNOHANG, pid);
	show("killed", P_PID, pid, WEXITED, pid);
	SECTION("a result that cannot be stored");
	pid = kid(1);
	sleep_ms(50);
	R(syscall(SYS_waitid, P_PID, pid, 8, WEXITED, NULL));
	R(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL));
	pid = kid(1);
	struct rusage ru;
	memset(&ru, 0x55, sizeof(ru));
	OK(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, &ru));
	say("usage %d\n", ru.ru_nswap == 0 && ru.ru_maxrss < 100000);
	SECTION("clone children");
	pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (pid == 0)
		_exit(2);
	sleep_ms(50);
	show("plain", P_ALL, 0, WEXITED | WNOHANG, pid);
	show("__WCLONE", P_ALL, 0, WEXITED | __WCLONE, pid);
	pid = kid(2);
	show("__WCLONE", P_PID, pid, WEXITED | __WCLONE, pid);
	show("__WALL", P_PID, pid, WEXITED | __WALL, pid);
}

static void *thread_waits(void *arg)
{
	show("__WNOTHREAD", P_PID, *(pid_t *)arg, WEXITED | __WNOTHREAD, 0);
	show("without", P_PID, *(pid_t *)arg, WEXITED, *(pid_t *)arg);
	return NULL;
}

static void ready(const char *what, int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
	int r = poll(&p, 1, 0);

	say("%s: %d %x\n", what, r, p.revents);
}

static void *sleeper(void *arg)
{
	*(pid_t *)arg = syscall(SYS_gettid);
	sleep_ms(300);
	return NULL;
}

static void test_pidfd(void)
{
	SECTION("pidfd");
	pid_t pid = kid(-1), tid = 0;
	int fd = MUST(syscall(SYS_pidfd_open, pid, 0));
	int nb = MUST(syscall(SYS_pidfd_open, pid, O_NONBLOCK));
	siginfo_t si;
	pthread_t t;
	char link[64], path[64];

	say("flags %x %x, close on exec %d\n", fcntl(fd, F_GETFL) & O_NONBLOCK, fcntl(nb, F_GETFL) & O_NONBLOCK,
	    fcntl(fd, F_GETFD));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = 0;
	say("%s\n", link);
	ready("alive", fd);
	show("WNOHANG", P_PIDFD, fd, WEXITED | WNOHANG, pid);
	show("nonblocking", P_PIDFD, nb, WEXITED, pid);
	show("nonblocking and WNOHANG", P_PIDFD, nb, WEXITED | WNOHANG, pid);
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	R(syscall(SYS_pidfd_send_signal, fd, 65, NULL, 0));
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 8));
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 3));
	R(syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0));
	R(syscall(SYS_pidfd_send_signal, 900, 0, NULL, 0));
	memset(&si, 0, sizeof(si));
	si.si_signo = SIGUSR1;
	si.si_code = SI_USER;
	R(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, &si, 0));
	R(syscall(SYS_pidfd_send_signal, fd, SIGUSR2, &si, 0));
	R(syscall(SYS_process_mrelease, fd, 1));
	R(syscall(SYS_process_mrelease, fd, 0));
	R(syscall(SYS_process_mrelease, 1, 0));
	OK(syscall(SYS_pidfd_getfd, fd, 1, 0));
	R(syscall(SYS_pidfd_getfd, fd, 900, 0));
	R(syscall(SYS_pidfd_getfd, fd, 1, 1));
	R(syscall(SYS_pidfd_getfd, 1, 1, 0));
	OK(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	struct pollfd p = { fd, POLLIN, 0 };
	R(poll(&p, 1, -1));
	say("revents %x\n", p.revents);
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	R(syscall(SYS_pidfd_getfd, fd, 1, 0));
	R(syscall(SYS_process_mrelease, fd, 0));
	show("end, kept", P_PIDFD, fd, WEXITED | WNOWAIT, pid);
	show("end", P_PIDFD, nb, WEXITED, pid);
	ready("reaped", fd);
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	R(syscall(SYS_pidfd_getfd, fd, 1, 0));
	show("reaped", P_PIDFD, fd, WEXITED, pid);
	R(syscall(SYS_pidfd_open, pid, 0));
	pid_t again = kid_numbered(pid);

	say("the same number %d\n", again == pid);
	R(kill(again, 0));
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	R(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
	R(syscall(SYS_pidfd_getfd, fd, 1, 0));
	R(syscall(SYS_process_mrelease, fd, 0));
	show("another's number", P_PIDFD, fd, WEXITED | WNOHANG, pid);
	ready("another's number", fd);
	MUST(kill(again, SIGKILL));
	MUST(waitpid(again, NULL, 0));
	R(syscall(SYS_pidfd_open, 0, 0));
	R(syscall(SYS_pidfd_open, -1, 0));
	R(syscall(SYS_pidfd_open, getpid(), 1));
	close(fd);
	close(nb);

	SECTION("pidfd of a thread");
	pthread_create(&t, NULL, sleeper, &tid);
	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		sched_yield();
	R(syscall(SYS_pidfd_open, tid, 0));
	fd = MUST(syscall(SYS_pidfd_open, tid, THREAD));
	ready("alive", fd);
	p.fd = fd;
	R(poll(&p, 1, -1));
	pthread_join(t, NULL);
	sleep_ms(20);
	ready("gone", fd);
	R(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	close(fd);
	SECTION("children of another thread");
	pid = kid(1);
	pthread_create(&t, NULL, thread_waits, &pid);
	pthread_join(t, NULL);
}

int main(void)
{
	test_who();
	test_states();
	test_pidfd();
	return 0;
}
