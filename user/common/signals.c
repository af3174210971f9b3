/*
 * signals.c - signals by name and number.
 */
#include "signals.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {
	[SIGHUP] = "HUP",   [SIGINT] = "INT",	    [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
	[SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",	    [SIGBUS] = "BUS",	[SIGFPE] = "FPE",
	[SIGKILL] = "KILL", [SIGUSR1] = "USR1",	    [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",	    [SIGTERM] = "TERM", [SIGSTKFLT] = "STKFLT",
	[SIGCHLD] = "CHLD", [SIGCONT] = "CONT",	    [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
	[SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU",	    [SIGURG] = "URG",	[SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
	[SIGIO] = "IO",	    [SIGPWR] = "PWR",	    [SIGSYS] = "SYS",
};

#define NAMES ((int)(sizeof(names) / sizeof(names[0])))

const char *signal_by_number(int sig)
{
	return sig > 0 && sig < NAMES ? names[sig] : NULL;
}

int signal_by_name(const char *name)
{
	if (isdigit((unsigned char)*name)) {
		int n = atoi(name);

		return name[strspn(name, "0123456789")] || n > 64 ? -1 : n;
	}
	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	if (!strcasecmp(name, "EXIT"))
		return 0;
	if (!strcasecmp(name, "POLL"))
		return SIGIO;
	for (int i = 1; i < NAMES; i++)
		if (names[i] && !strcasecmp(names[i], name))
			return i;
	return -1;
}
