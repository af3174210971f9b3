/* ptrace(2): PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_LISTEN, and group stops under both ways to attach. */
#include "abi.h"
#include <pthread.h>
#include <sys/ptrace.h>

static pid_t sleeper(void)
{
	pid_t pid = MUST(fork());

	if (pid == 0) {
		for (;;)
			pause();
	}
	sleep_ms(50);
	return pid;
}

static void news(const char *what, pid_t pid)
{
	int status = 0;
	siginfo_t si;
	pid_t got = waitpid(pid, &status, __WALL);

	if (got != pid) {
		say("%s: %d %s\n", what, (int)got, ename(errno));
		return;
	}
	say("%s: %s event %d", what, wait_text(status & 0xffff), status >> 16);
	if (WIFSTOPPED(status)) {
		errno = 0;
		memset(&si, 0, sizeof(si));
		if (ptrace(PTRACE_GETSIGINFO, pid, 0, &si))
			say(" %s", ename(errno));
		else
			say(" %s code 0x%x", sname(si.si_signo), si.si_code);
	}
	say("\n");
}

static void quiet(const char *what, pid_t pid)
{
	int status = 0;

	sleep_ms(100);
	say("%s: %d\n", what, (int)waitpid(pid, &status, __WALL | WNOHANG));
}

static char state_of(pid_t pid)
{
	char path[64], line[300];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f || !fgets(line, sizeof(line), f))
		return '?';
	fclose(f);
	return strrchr(line, ')')[2];
}

static void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, __WALL) == pid && !WIFSIGNALED(status))
		;
	say("end: %s\n", wait_text(status));
}

static void test_seize(void)
{
	SECTION("seize and interrupt");
	pid_t pid = sleeper();

	OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	quiet("nothing stops", pid);
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	news("interrupt", pid);
	OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	news("interrupt again", pid);
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	kill(pid, SIGWINCH);
	news("signal", pid);
	OK(ptrace(PTRACE_LISTEN, pid, 0, 0));
	OK(ptrace(PTRACE_CONT, pid, 0, SIGWINCH));
	end(pid);
}

static void test_listen(void)
{
	SECTION("group stop of a seized process");
	pid_t pid = sleeper();

	MUST(ptrace(PTRACE_SEIZE, pid, 0, 0));
	kill(pid, SIGSTOP);
	news("delivery", pid);
	MUST(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
	news("group stop", pid);
	OK(ptrace(PTRACE_LISTEN, pid, 0, 0));
	quiet("listening", pid);
	say("state %c\n", state_of(pid));
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	news("interrupt", pid);
	OK(ptrace(PTRACE_LISTEN, pid, 0, 0));
	kill(pid, SIGCONT);
	news("continued", pid);
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	news("delivery", pid);
	MUST(ptrace(PTRACE_CONT, pid, 0, SIGCONT));
	quiet("runs", pid);
	say("state %c\n", state_of(pid));
	end(pid);
}

/* It stays stopped without a tracer, until SIGCONT. */
static void let_go(pid_t pid)
{
	MUST(ptrace(PTRACE_DETACH, pid, 0, 0));
	sleep_ms(100);
	say("state %c\n", state_of(pid));
	kill(pid, SIGCONT);
	sleep_ms(100);
	say("state %c\n", state_of(pid));
	end(pid);
}

static void test_run_in_stop(void)
{
	SECTION("let run in a group stop");
	pid_t pid = sleeper();

	MUST(ptrace(PTRACE_ATTACH, pid, 0, 0));
	news("attach", pid);
	MUST(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
	news("group stop", pid);
	say("state %c\n", state_of(pid));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	quiet("runs", pid);
	say("state %c\n", state_of(pid));
	kill(pid, SIGSTOP);
	news("delivery", pid);
	MUST(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
	news("group stop", pid);
	let_go(pid);
}

static void test_attach_stopped(void)
{
	SECTION("attach to a stopped process");
	int status;
	pid_t pid = sleeper();

	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	say("%s\n", wait_text(status));
	OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	news("attach", pid);
	say("state %c\n", state_of(pid));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	news("the signal", pid);
	MUST(ptrace(PTRACE_DETACH, pid, 0, 0));
	sleep_ms(100);
	say("state %c\n", state_of(pid));
	OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	news("seize", pid);
	let_go(pid);
}

static void test_detach_signal(void)
{
	SECTION("detach with a signal");
	pid_t pid = sleeper();
	int status;

	MUST(ptrace(PTRACE_ATTACH, pid, 0, 0));
	news("attach", pid);
	MUST(ptrace(PTRACE_DETACH, pid, 0, SIGTERM));
	waitpid(pid, &status, 0);
	say("%s\n", wait_text(status));
	pid = sleeper();
	MUST(ptrace(PTRACE_ATTACH, pid, 0, 0));
	news("attach", pid);
	MUST(ptrace(PTRACE_DETACH, pid, 0, 0));
	sleep_ms(50);
	say("state %c\n", state_of(pid));
	end(pid);
}

static void *waits(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* All threads join a group stop, each in a stop of its own. */
static void test_threads(void)
{
	SECTION("group stop with threads");
	pid_t tids[2] = { 0, 0 };
	int fds[2], status;

	MUST(pipe(fds));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		pthread_t t;

		pthread_create(&t, NULL, waits, NULL);
		sleep_ms(20);
		write(fds[1], "x", 1);
		waits(NULL);
	}
	char c;
	read(fds[0], &c, 1);
	tids[0] = pid;
	/* its only other thread has the next number that is one of its */
	for (pid_t t = pid + 1; t < pid + 64 && !tids[1]; t++)
		if (!syscall(SYS_tgkill, pid, t, 0))
			tids[1] = t;
	MUST(ptrace(PTRACE_SEIZE, tids[0], 0, 0));
	MUST(ptrace(PTRACE_SEIZE, tids[1], 0, 0));
	kill(pid, SIGSTOP);
	/* one of them gets the signal */
	pid_t got = waitpid(-1, &status, __WALL);
	say("%s event %d\n", wait_text(status & 0xffff), status >> 16);
	MUST(ptrace(PTRACE_CONT, got, 0, SIGSTOP));
	for (int i = 0; i < 2; i++) {
		waitpid(tids[i], &status, __WALL);
		say("%s event %d\n", wait_text(status & 0xffff), status >> 16);
		MUST(ptrace(PTRACE_LISTEN, tids[i], 0, 0));
	}
	kill(pid, SIGCONT);
	for (int i = 0; i < 2; i++) {
		waitpid(tids[i], &status, __WALL);
		say("%s event %d\n", wait_text(status & 0xffff), status >> 16);
	}
	kill(pid, SIGKILL);
	waitpid(tids[1], &status, __WALL);
	say("thread: %s\n", wait_text(status));
	waitpid(tids[0], &status, __WALL);
	say("leader: %s\n", wait_text(status));
}

int main(void)
{
	test_seize();
	test_listen();
	test_run_in_stop();
	test_attach_stopped();
	test_detach_signal();
	test_threads();
	return 0;
}
