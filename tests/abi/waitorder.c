/* Whose news wait(2) tells first when there is more than one: children in order of birth, traced by their parent or not. */
#include "abi.h"
#include <sys/ptrace.h>

enum { EXITED, STOPPED, TRAPPED, TRACED_EXITED, KINDS };
static const char *const kinds[] = { "exited", "stopped", "trapped", "traced and exited" };

static char state_of(pid_t pid)
{
	char path[40], buf[300], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");

	p = f && fgets(buf, sizeof(buf), f) ? strrchr(buf, ')') : NULL;
	if (f)
		fclose(f);
	return p ? p[2] : '-';
}

static void until(pid_t pid, char state)
{
	while (state_of(pid) != state)
		sleep_ms(1);
}

/* A child with news of that kind, untold yet. */
static pid_t child(int kind)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		for (;;)
			pause();
	}
	until(pid, 'S');
	if (kind == TRAPPED || kind == TRACED_EXITED)
		MUST(ptrace(PTRACE_SEIZE, pid, 0, 0));
	if (kind == TRAPPED)
		MUST(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	else
		MUST(kill(pid, kind == STOPPED ? SIGSTOP : SIGKILL));
	until(pid, kind == STOPPED ? 'T' : kind == TRAPPED ? 't' : 'Z');
	return pid;
}

static void first_of(int one, int two, int group)
{
	pid_t pids[2] = { child(one), 0 };
	siginfo_t si;

	pids[1] = child(two);
	say("%s, %s:", kinds[one], kinds[two]);
	for (int n = 0; n < 2; n++) {
		int options = WEXITED | WSTOPPED;

		si.si_pid = 0;
		MUST(waitid(group ? P_PGID : P_ALL, 0, &si, options | WNOWAIT));
		say(" %s", si.si_pid == pids[0] ? "first" : si.si_pid == pids[1] ? "second" : "none");
		MUST(waitid(P_PID, si.si_pid, &si, options));
	}
	say("\n");
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, __WALL);
	}
}

int main(void)
{
	for (int group = 0; group < 2; group++)
		for (int i = 0; i < KINDS; i++)
			for (int j = 0; j < KINDS; j++)
				first_of(i, j, group);
	return 0;
}
