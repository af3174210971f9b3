/*
 * names.c - what signals are called: strsignal(3), psignal(3), and by their short
 * names sig2str(3), str2sig(3).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *text;
} table[] = {
	[SIGHUP] = { "HUP", "Hangup" },
	[SIGINT] = { "INT", "Interrupt" },
	[SIGQUIT] = { "QUIT", "Quit" },
	[SIGILL] = { "ILL", "Illegal instruction" },
	[SIGTRAP] = { "TRAP", "Trace/breakpoint trap" },
	[SIGABRT] = { "ABRT", "Aborted" },
	[SIGBUS] = { "BUS", "Bus error" },
	[SIGFPE] = { "FPE", "Floating point exception" },
	[SIGKILL] = { "KILL", "Killed" },
	[SIGUSR1] = { "USR1", "User defined signal 1" },
	[SIGSEGV] = { "SEGV", "Segmentation fault" },
	[SIGUSR2] = { "USR2", "User defined signal 2" },
	[SIGPIPE] = { "PIPE", "Broken pipe" },
	[SIGALRM] = { "ALRM", "Alarm clock" },
	[SIGTERM] = { "TERM", "Terminated" },
	[SIGSTKFLT] = { "STKFLT", "Stack fault" },
	[SIGCHLD] = { "CHLD", "Child exited" },
	[SIGCONT] = { "CONT", "Continued" },
	[SIGSTOP] = { "STOP", "Stopped (signal)" },
	[SIGTSTP] = { "TSTP", "Stopped" },
	[SIGTTIN] = { "TTIN", "Stopped (tty input)" },
	[SIGTTOU] = { "TTOU", "Stopped (tty output)" },
	[SIGURG] = { "URG", "Urgent I/O condition" },
	[SIGXCPU] = { "XCPU", "CPU time limit exceeded" },
	[SIGXFSZ] = { "XFSZ", "File size limit exceeded" },
	[SIGVTALRM] = { "VTALRM", "Virtual timer expired" },
	[SIGPROF] = { "PROF", "Profiling timer expired" },
	[SIGWINCH] = { "WINCH", "Window changed" },
	[SIGIO] = { "POLL", "I/O possible" },
	[SIGPWR] = { "PWR", "Power failure" },
	[SIGSYS] = { "SYS", "Bad system call" },
};
#define NAMED ((int)(sizeof(table) / sizeof(table[0])))

char *strsignal(int sig)
{
	static __thread char text[40];

	if (sig > 0 && sig < NAMED)
		return (char *)table[sig].text;
	if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		snprintf(text, sizeof(text), "Real-time signal %d", sig - SIGRTMIN);
	else
		snprintf(text, sizeof(text), "Unknown signal %d", sig);
	return text;
}

void psignal(int sig, const char *text)
{
	int saved = errno;

	fprintf(stderr, "%s%s%s\n", text ? text : "", text && *text ? ": " : "", strsignal(sig));
	errno = saved;
}

void psiginfo(const siginfo_t *info, const char *text)
{
	psignal(info->si_signo, text);
}

const char *sigabbrev_np(int sig)
{
	return sig > 0 && sig < NAMED ? table[sig].name : NULL;
}

const char *sigdescr_np(int sig)
{
	return sig > 0 && sig < NAMED ? table[sig].text : NULL;
}

int sig2str(int sig, char *name)
{
	int least = SIGRTMIN, most = SIGRTMAX;

	if (sig > 0 && sig < NAMED) {
		strcpy(name, table[sig].name);
		return 0;
	}
	if (sig < least || sig > most)
		return -1;
	if (sig == least || sig == most)
		strcpy(name, sig == least ? "RTMIN" : "RTMAX");
	else if (sig <= (least + most) / 2)
		sprintf(name, "RTMIN+%d", sig - least);
	else
		sprintf(name, "RTMAX-%d", most - sig);
	return 0;
}

int str2sig(const char *__restrict name, int *__restrict sig)
{
	char *end;
	long n;

	for (int i = 1; i < NAMED; i++) {
		if (!strcmp(name, table[i].name)) {
			*sig = i;
			return 0;
		}
	}
	if (!strncmp(name, "RTMIN", 5) && (!name[5] || name[5] == '+')) {
		n = SIGRTMIN + strtol(name + 5, &end, 10);
	} else if (!strncmp(name, "RTMAX", 5) && (!name[5] || name[5] == '-')) {
		n = SIGRTMAX + strtol(name + 5, &end, 10);
	} else {
		n = strtol(name, &end, 10);
		if (!*name || n < 1 || n > 64 || *end)
			return -1;
		*sig = (int)n;
		return 0;
	}
	if (*end || n < SIGRTMIN || n > SIGRTMAX)
		return -1;
	*sig = (int)n;
	return 0;
}
