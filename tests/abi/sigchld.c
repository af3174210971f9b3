/* SIGCHLD: siginfo of each kind of end, SA_NOCLDSTOP, SA_NOCLDWAIT, the exit signal of clone. */
#include "abi.h"

static volatile int got, code, status, pid_right, uid;
static volatile pid_t kid;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	got++;
	code = si->si_code;
	status = si->si_status;
	pid_right = si->si_pid == kid;
	uid = si->si_uid;
}

static const char *code_name(int c)
{
	static const char *names[] = { "?", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED", "CONTINUED" };

	return c >= 0 && c < 7 ? names[c] : "other";
}

static void wait_for(int n)
{
	for (int i = 0; i < 2000 && got < n; i++)
		sleep_ms(1);
	say("signals %d, code %s status %d pid %d uid %d\n", got, code_name(code), status, pid_right, uid);
	got = 0;
}

static void start(void (*fn)(void))
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	kid = MUST(fork());
	if (!kid) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		fn();
		_exit(0);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void exits(void)
{
	_exit(17);
}

static void sleeps(void)
{
	for (;;)
		pause();
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART };
	int st;

	sigaction(SIGCHLD, &sa, NULL);
	SECTION("exit");
	start(exits);
	wait_for(1);
	R(waitpid(kid, &st, 0) == kid);
	SECTION("killed");
	start(sleeps);
	kill(kid, SIGTERM);
	wait_for(1);
	R(waitpid(kid, &st, 0) == kid);
	SECTION("stopped, continued, killed");
	start(sleeps);
	kill(kid, SIGSTOP);
	wait_for(1);
	kill(kid, SIGCONT);
	wait_for(1);
	kill(kid, SIGKILL);
	wait_for(1);
	R(waitpid(kid, &st, 0) == kid);
	SECTION("SA_NOCLDSTOP");
	sa.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &sa, NULL);
	start(sleeps);
	kill(kid, SIGSTOP);
	R(waitpid(kid, &st, WUNTRACED) == kid);
	sleep_ms(20);
	say("signals %d\n", got);
	kill(kid, SIGKILL);
	wait_for(1);
	R(waitpid(kid, &st, 0) == kid);
	SECTION("SA_NOCLDWAIT");
	sa.sa_flags |= SA_NOCLDWAIT;
	sigaction(SIGCHLD, &sa, NULL);
	start(exits);
	wait_for(1);
	R(waitpid(kid, &st, 0));
	SECTION("exit signal of clone");
	sa.sa_flags = SA_SIGINFO | SA_RESTART;
	sigaction(SIGCHLD, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	kid = MUST(syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0));
	if (!kid)
		_exit(3);
	for (int i = 0; i < 500 && !got; i++)
		sleep_ms(1);
	say("signals %d\n", got);
	R(waitpid(kid, &st, 0));
	R(waitpid(kid, &st, __WCLONE) == kid);
	kid = MUST(syscall(SYS_clone, 0, 0, 0, 0, 0));
	if (!kid)
		_exit(4);
	R(waitpid(kid, &st, __WALL) == kid);
	say("%s\n", wait_text(st));
	return 0;
}
