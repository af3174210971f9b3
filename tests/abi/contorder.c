/*
 * What SIGCONT makes known, in which order and by whom: of a stopped process, of a seized tracee that
 * listens, and of one whose stop is not complete because a thread of it cannot stop yet.
 */
#include "abi.h"
#include <pthread.h>
#include <sys/ptrace.h>

static const char *codes[] = { "0", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED", "CONTINUED" };

static void next(const char *what)
{
	struct timespec t = { 10, 0 };
	sigset_t set;
	siginfo_t si;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigtimedwait(&set, &si, &t) < 0)
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: %s, status %d\n", what, codes[si.si_code], si.si_status);
}

static int state_of(pid_t pid, pid_t tid)
{
	char path[64], buf[256] = "", *s;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	if (read(fd, buf, sizeof(buf) - 1) < 0)
		buf[0] = '\0';
	close(fd);
	s = strrchr(buf, ')');
	return s ? s[2] : 0;
}

static void waits(pid_t pid, pid_t tid, int state)
{
	while (state_of(pid, tid) != state)
		usleep(1000);
}

static void sleeper(void)
{
	for (;;)
		pause();
}

static pid_t begin(void)
{
	pid_t pid = MUST(fork());

	if (!pid)
		sleeper();
	return pid;
}

static void end(pid_t pid)
{
	sigset_t set;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while (sigtimedwait(&set, NULL, &(struct timespec){ 0, 0 }) > 0)
		;
}

static void plain(void)
{
	pid_t pid = begin();
	siginfo_t si = { 0 };

	kill(pid, SIGSTOP);
	next("stopped");
	kill(pid, SIGCONT);
	next("continued");
	R(waitid(P_PID, pid, &si, WCONTINUED | WSTOPPED));
	say("waited: %s, status %d\n", codes[si.si_code], si.si_status);
	end(pid);
}

/* Only who comes first counts: a signal that is pending is not pending twice. */
static void listening(int times)
{
	int other = 0;

	for (int i = 0; i < times; i++) {
		struct timespec t = { 10, 0 };
		pid_t pid = begin();
		sigset_t set;
		siginfo_t si;
		int status;

		sigemptyset(&set);
		sigaddset(&set, SIGCHLD);
		MUST(ptrace(PTRACE_SEIZE, pid, 0, 0));
		kill(pid, SIGSTOP);
		MUST(waitpid(pid, &status, __WALL));
		MUST(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
		MUST(waitpid(pid, &status, __WALL));
		MUST(ptrace(PTRACE_LISTEN, pid, 0, 0));
		while (sigtimedwait(&set, NULL, &(struct timespec){ 0, 0 }) > 0)
			;
		kill(pid, SIGCONT);
		MUST(sigtimedwait(&set, &si, &t));
		other += si.si_code != CLD_CONTINUED;
		end(pid);
	}
	say("first another than CONTINUED: %d\n", other);
}

static volatile pid_t *shared;

static void *vforks(void *arg)
{
	(void)arg;
	shared[0] = (pid_t)syscall(SYS_gettid);
	if (!vfork()) {
		shared[1] = getpid();
		while (!shared[2])
			usleep(1000);
		_exit(0);
	}
	return NULL;
}

/* A thread waits for a child of vfork(2): it takes no part in a stop before that child has gone. */
static void incomplete(void)
{
	siginfo_t si = { 0 };
	pid_t pid, waiter;

	shared[0] = shared[1] = shared[2] = 0;
	pid = MUST(fork());
	if (!pid) {
		pthread_t t;

		setpgid(0, 0);
		pthread_create(&t, NULL, vforks, NULL);
		sleeper();
	}
	while (!shared[1])
		usleep(1000);
	waiter = shared[0];
	waits(pid, waiter, 'D');
	kill(pid, SIGSTOP);
	waits(pid, pid, 'T');
	say("not stopped yet: %d\n", waitpid(pid, NULL, WUNTRACED | WNOHANG));
	kill(pid, SIGCONT);
	next("continued");
	say("waited: %d", waitid(P_PID, pid, &si, WCONTINUED | WSTOPPED | WNOHANG));
	say(" %s, status %d\n", codes[si.si_code], si.si_status);
	waits(pid, pid, 'S');
	shared[2] = 1;
	end(pid);
}

int main(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	SECTION("stopped");
	plain();
	SECTION("a listening tracee");
	listening(100);
	SECTION("a stop that is not complete");
	incomplete();
	return 0;
}
