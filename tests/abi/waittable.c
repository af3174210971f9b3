/* wait4(2) and waitid(2) by table: who is waited for, with which options, and in which state the child is. */
#include "table.h"
#include <sys/resource.h>

enum state { NONE, RUNNING, EXITED, KILLED, STOPPED, CONTINUED, CLONED, STATES };

static const char *const states[] = { "none", "running", "exited", "killed", "stopped", "continued", "cloned" };

static pid_t child; /* 0: there is none */
static int childfd = -1;

static pid_t make(enum state s)
{
	siginfo_t si;
	pid_t pid;

	child = 0;
	childfd = -1;
	if (s == NONE)
		return 0;
	child = pid = s == CLONED ? syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L) : fork();
	if (!pid) {
		if (s == EXITED || s == CLONED)
			_exit(7);
		for (;;)
			pause();
	}
	MUST(pid);
	switch (s) {
	case EXITED:
	case CLONED:
		waitid(P_PID, pid, &si, WEXITED | WNOWAIT | __WALL);
		break;
	case KILLED:
		kill(pid, SIGTERM);
		waitid(P_PID, pid, &si, WEXITED | WNOWAIT);
		break;
	case STOPPED:
	case CONTINUED:
		kill(pid, SIGSTOP);
		waitid(P_PID, pid, &si, WSTOPPED | WNOWAIT);
		if (s == STOPPED)
			break;
		kill(pid, SIGCONT);
		waitid(P_PID, pid, &si, WCONTINUED | WNOWAIT);
		break;
	default:
		break;
	}
	childfd = MUST(syscall(SYS_pidfd_open, pid, 0));
	return pid;
}

static void unmake(void)
{
	if (child) {
		kill(child, SIGKILL);
		waitpid(child, NULL, __WALL);
		close(childfd);
	}
}

static const struct {
	const char *name;
	int options;
} options[] = {
	{ "0", 0 },
	{ "EXITED", WEXITED },
	{ "UNTRACED", WUNTRACED },
	{ "CONTINUED", WCONTINUED },
	{ "EXITED|STOPPED|CONTINUED", WEXITED | WSTOPPED | WCONTINUED },
	{ "NOWAIT", WNOWAIT },
	{ "EXITED|NOWAIT", WEXITED | WNOWAIT },
	{ "WALL", __WALL },
	{ "WCLONE", __WCLONE },
	{ "WALL|WCLONE", __WALL | __WCLONE },
	{ "EXITED|WALL", WEXITED | __WALL },
	{ "EXITED|WCLONE", WEXITED | __WCLONE },
	{ "EXITED|WNOTHREAD", WEXITED | __WNOTHREAD },
	{ "EXITED|16", WEXITED | 16 },
	{ "EXITED|bit 28", WEXITED | 1 << 28 },
};

static const char *whose(long r, pid_t pid)
{
	if (r > 0)
		return r == pid ? "child" : "other";
	return outcome(r);
}

static void wait4s(enum state s)
{
	for (size_t o = 0; o < ARRAY_SIZE(options); o++) {
		word("wait4 %s %s:", states[s], options[o].name);
		for (int who = 0; who < 6; who++) {
			pid_t ids[] = { -1, child ? child : 99999, 0, -getpgrp(), -child - 99999, INT32_MIN };
			int st = 0x1234;
			long r = syscall(SYS_wait4, ids[who], &st, options[o].options | WNOHANG, NULL);

			word(" %s", whose(r, child));
			if (r > 0) {
				word("(%x)", st);
				unmake();
				make(s);
			}
		}
		end_line();
	}
}

static void waitids(enum state s)
{
	for (size_t o = 0; o < ARRAY_SIZE(options); o++) {
		word("waitid %s %s:", states[s], options[o].name);
		for (int who = 0; who < 12; who++) {
			const struct {
				int type, id;
			} ids[] = { { P_ALL, 0 },	  { P_ALL, -5 },     { P_PID, child },     { P_PID, 0 },
				    { P_PID, -1 },	  { P_PGID, 0 },     { P_PGID, getpgrp() }, { P_PGID, -1 },
				    { P_PIDFD, childfd }, { P_PIDFD, 0 }, { P_PIDFD, -1 },     { 4, 0 } };
			siginfo_t si;
			long r;

			memset(&si, 0x55, sizeof(si));
			r = syscall(SYS_waitid, ids[who].type, ids[who].id, &si, options[o].options | WNOHANG, NULL);
			word(" %s", outcome(r));
			if (!r && si.si_pid) {
				word("(%d,%d,%x)", si.si_code, si.si_signo, si.si_status);
				unmake();
				make(s);
			}
		}
		end_line();
	}
}

static void pointers(void)
{
	struct rusage ru;
	siginfo_t si;
	int st;

	for (int i = 0; i < 9; i++) {
		pid_t pid = make(i < 6 ? EXITED : RUNNING);
		void *bad = (void *)8;

		word("place %d:", i % 3);
		if (i % 6 < 3)
			word(" %s", whose(syscall(SYS_wait4, pid, i % 3 == 1 ? bad : &st, WNOHANG, i % 3 == 2 ? bad : &ru), pid));
		else
			word(" %s", outcome(syscall(SYS_waitid, P_PID, pid, i % 3 == 1 ? bad : &si, WEXITED | WNOHANG,
						    i % 3 == 2 ? bad : &ru)));
		word(" then %s", whose(syscall(SYS_wait4, pid, NULL, WNOHANG, NULL), pid));
		unmake();
		end_line();
	}
	for (int i = 0; i < 2; i++) {
		pid_t pid = make(EXITED);

		word("nothing:");
		if (i)
			word(" %s", whose(syscall(SYS_wait4, pid, NULL, 0, NULL), pid));
		else
			word(" %s", whose(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL), pid));
		end_line();
		unmake();
	}
}

int main(void)
{
	for (enum state s = 0; s < STATES; s++) {
		make(s);
		wait4s(s);
		waitids(s);
		unmake();
	}
	pointers();
	return 0;
}
