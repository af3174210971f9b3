/* fork and the wait family: statuses, options, errors. */
#include "abi.h"

static void status_of(int code)
{
	int st = -1;
	pid_t pid = MUST(fork());

	if (!pid)
		_exit(code);
	say("exit(%d) gives ", code);
	MUST(waitpid(pid, &st, 0));
	say("%s, raw 0x%x\n", wait_text(st), st);
}

static void killed_by(int sig)
{
	int st = -1;
	pid_t pid = MUST(fork());

	if (!pid) {
		signal(sig, SIG_DFL);
		for (;;)
			pause();
	}
	MUST(kill(pid, sig));
	MUST(waitpid(pid, &st, 0));
	say("%s gives %s, raw 0x%x\n", sname(sig), wait_text(st), st & ~0x80);
}

static void stop_and_continue(void)
{
	int st = -1;
	pid_t pid = MUST(fork());

	if (!pid)
		for (;;)
			pause();
	R(waitpid(-1, &st, WNOHANG));
	MUST(kill(pid, SIGSTOP));
	say("stop: same pid %d", waitpid(pid, &st, WUNTRACED) == pid);
	say(" %s raw 0x%x\n", wait_text(st), st);
	R(waitpid(pid, &st, WNOHANG | WUNTRACED));
	MUST(kill(pid, SIGCONT));
	say("continue: same pid %d", waitpid(pid, &st, WCONTINUED) == pid);
	say(" %s raw 0x%x\n", wait_text(st), st);
	MUST(kill(pid, SIGSTOP));
	MUST(waitpid(pid, &st, WUNTRACED));
	MUST(kill(pid, SIGKILL));
	say("kill while stopped: same pid %d", waitpid(pid, &st, 0) == pid);
	say(" %s\n", wait_text(st));
}

static void waitid_forms(void)
{
	siginfo_t si;
	pid_t pid = MUST(fork());

	if (!pid)
		_exit(42);
	memset(&si, 0, sizeof(si));
	R(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	say("code %d status %d signo %s pid ok %d\n", si.si_code == CLD_EXITED, si.si_status,
	    sname(si.si_signo), si.si_pid == pid);
	memset(&si, 0, sizeof(si));
	R(waitid(P_ALL, 0, &si, WEXITED));
	say("code %d status %d\n", si.si_code == CLD_EXITED, si.si_status);
	R(waitid(P_ALL, 0, &si, WEXITED));
	R(waitid(P_PID, pid, &si, WEXITED));
	R(waitid(P_ALL, 0, &si, 0));
	R(waitid(P_ALL, 0, &si, WEXITED | 0x40));
	R(waitid((idtype_t)77, 0, &si, WEXITED));

	pid = MUST(fork());
	if (!pid)
		for (;;)
			pause();
	memset(&si, 0xff, sizeof(si));
	R(waitid(P_PID, pid, &si, WEXITED | WNOHANG));
	say("nothing yet: signo %d pid %d\n", si.si_signo, si.si_pid);
	MUST(kill(pid, SIGTERM));
	R(waitid(P_PID, pid, &si, WEXITED));
	say("killed %d by %s\n", si.si_code == CLD_KILLED, sname(si.si_status));
}

static void groups(void)
{
	int st;
	pid_t a = MUST(fork());

	if (!a) {
		setpgid(0, 0);
		_exit(1);
	}
	setpgid(a, a);
	R(waitpid(0, &st, WNOHANG) == -1 ? errno == ECHILD : -2);
	say("by group %d, ", waitpid(-a, &st, 0) == a);
	say("%s\n", wait_text(st));
	R(waitpid(-a, &st, 0));
}

static void orphans_and_order(void)
{
	int st, got[4] = { 0 };
	pid_t kids[4];

	for (int i = 0; i < 4; i++) {
		kids[i] = MUST(fork());
		if (!kids[i])
			_exit(10 + i);
	}
	for (int i = 0; i < 4; i++) {
		pid_t p = wait(&st);
		for (int k = 0; k < 4; k++)
			if (kids[k] == p)
				got[k] = WEXITSTATUS(st);
	}
	say("four: %d %d %d %d\n", got[0], got[1], got[2], got[3]);
	R(wait(&st));
}

static void ignored_sigchld(void)
{
	int st;

	signal(SIGCHLD, SIG_IGN);
	pid_t pid = MUST(fork());
	if (!pid)
		_exit(3);
	R(waitpid(pid, &st, 0));
	signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
	int st;

	SECTION("statuses");
	status_of(0);
	status_of(1);
	status_of(255);
	status_of(256);
	status_of(-1);
	killed_by(SIGKILL);
	killed_by(SIGTERM);
	killed_by(SIGABRT);
	killed_by(SIGUSR1);
	killed_by(SIGRTMIN + 3);
	SECTION("stop, continue");
	stop_and_continue();
	SECTION("waitid");
	waitid_forms();
	SECTION("groups");
	groups();
	SECTION("many");
	orphans_and_order();
	ignored_sigchld();
	SECTION("errors");
	R(waitpid(-1, &st, 0));
	R(waitpid(1, &st, 0));
	R(waitpid(-1, &st, 0x100));
	R(waitpid(INT32_MIN, &st, 0));
	R(waitpid(999999, &st, WNOHANG));
	R(kill(999999, 0));
	R(kill(getpid(), 65));
	R(kill(getpid(), -1));
	R(kill(getpid(), 0));
	say("ppid of child is me: ");
	pid_t me = getpid(), pid = MUST(fork());
	if (!pid)
		_exit(getppid() == me);
	MUST(waitpid(pid, &st, 0));
	say("%s\n", wait_text(st));
	return 0;
}
