/*
 * trap.c - signals and the actions for them (XCU 2.12, trap).
 */
#include "sh.h"
#include "common/signals.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIGNALS 65

/* [0] is EXIT. NULL: what the system does; "": ignored. */
static char *actions[SIGNALS], *of_parent[SIGNALS];
static bool started_ignored[SIGNALS], parents_known;
static volatile bool arrived[SIGNALS];
static bool interactive;
volatile bool trap_pending;
volatile int got_interrupt;

static void on_signal(int sig)
{
	if (sig == SIGINT && !actions[SIGINT])
		got_interrupt = 1;
	if (actions[sig]) {
		arrived[sig] = true;
		trap_pending = true;
	}
}

static void install(int sig)
{
	struct sigaction act = { .sa_handler = SIG_DFL };

	sigemptyset(&act.sa_mask);
	if (actions[sig])
		act.sa_handler = *actions[sig] ? on_signal : SIG_IGN;
	else if (interactive && sig == SIGINT)
		act.sa_handler = on_signal;
	else if (interactive && (sig == SIGQUIT || sig == SIGTERM))
		act.sa_handler = SIG_IGN;
	else if (options[O_MONITOR] && (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU))
		act.sa_handler = SIG_IGN;
	else if (sig == SIGCHLD)
		act.sa_handler = on_signal;
	if (sig == SIGCHLD)
		act.sa_flags = SA_RESTART;
	sigaction(sig, &act, NULL);
}

void signals_interactive(bool on)
{
	struct sigaction old;

	interactive = on;
	if (on)
		for (int sig = 1; sig < SIGNALS; sig++)
			started_ignored[sig] = false;
	else if (!in_subshell)
		for (int sig = 1; sig < SIGNALS; sig++)
			started_ignored[sig] = !sigaction(sig, NULL, &old) &&
					       old.sa_handler == SIG_IGN;
	for (int sig = SIGINT; sig <= SIGTERM; sig++)
		if ((sig == SIGINT || sig == SIGQUIT || sig == SIGTERM) && !started_ignored[sig])
			install(sig);
	install(SIGCHLD);
	if (in_subshell && !on) {
		/* what job control ignored is the child's again */
		options[O_MONITOR] = false;
		install(SIGTSTP);
		install(SIGTTIN);
		install(SIGTTOU);
	}
}

/* A list that runs in the background without job control (XCU 2.11). */
void signals_background(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
}

/* A subshell keeps what is ignored; the rest is as it was at the start. */
void traps_subshell(void)
{
	if (trap_any())
		for (int sig = 0; sig < SIGNALS; sig++) {
			free(of_parent[sig]);
			of_parent[sig] = actions[sig] ? copy(actions[sig]) : NULL;
			parents_known = true;
		}
	for (int sig = 0; sig < SIGNALS; sig++) {
		arrived[sig] = false;
		if (!actions[sig] || !*actions[sig])
			continue;
		free(actions[sig]);
		actions[sig] = NULL;
		if (sig)
			install(sig);
	}
	trap_pending = false;
}

bool trap_any(void)
{
	for (int sig = 0; sig < SIGNALS; sig++)
		if (actions[sig] && *actions[sig])
			return true;
	return false;
}

int trap_signal_pending(void)
{
	for (int sig = 1; sig < SIGNALS; sig++)
		if (arrived[sig] && actions[sig] && *actions[sig])
			return sig;
	return 0;
}

static void run_action(int sig)
{
	char *action = copy(actions[sig]);
	int saved = status, line = run_line, outer = trap_status;
	enum skip skip = skipping;

	skipping = SKIP_NONE;
	trap_status = status;
	eval_string(action, 0);
	trap_status = outer;
	free(action);
	run_line = line;
	if (!skipping) {
		skipping = skip;
		status = saved;
	}
}

void trap_run(void)
{
	trap_pending = false;
	for (int sig = 1; sig < SIGNALS; sig++) {
		if (!arrived[sig])
			continue;
		arrived[sig] = false;
		if (actions[sig] && *actions[sig])
			run_action(sig);
	}
}

int trap_run_exit(int st)
{
	char *action = actions[0];
	struct handler h;
	int error;

	actions[0] = NULL;
	if (!action || !*action)
		return st;
	handler_push(&h);
	error = sigsetjmp(h.jump, 0);
	if (!error) {
		skipping = SKIP_NONE;
		tested = 0;
		trap_status = st;
		eval_string(action, 0);
		handler_pop(&h);
		return st;
	}
	handler_caught(&h);
	return error;
}

static void show(char *const *list, int sig)
{
	if (!list[sig])
		return;
	fputs("trap -- ", stdout);
	print_quoted(stdout, list[sig]);
	printf(" %s\n", sig ? signal_by_number(sig) : "EXIT");
}

static int set_action(const char *action, const char *name)
{
	int sig = signal_by_name(name);

	if (sig < 0) {
		complain("trap: bad trap: %s", name);
		return 1;
	}
	if (parents_known) {
		for (int i = 0; i < SIGNALS; i++) {
			free(of_parent[i]);
			of_parent[i] = NULL;
		}
		parents_known = false;
	}
	if (started_ignored[sig])
		return 0;
	free(actions[sig]);
	actions[sig] = action ? copy(action) : NULL;
	if (sig && sig != SIGKILL && sig != SIGSTOP)
		install(sig);
	return 0;
}

int builtin_trap(int argc, char **argv)
{
	int i = 1, st = 0;
	bool print = false;
	const char *action;

	if (i < argc && !strcmp(argv[i], "-p")) {
		print = true;
		i++;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i == argc || print) {
		char *const *list = parents_known ? of_parent : actions;

		if (i == argc)
			for (int sig = 0; sig < SIGNALS; sig++)
				show(list, sig);
		for (; i < argc; i++)
			if (signal_by_name(argv[i]) >= 0)
				show(list, signal_by_name(argv[i]));
		return 0;
	}
	/* a number first, or one word: all of them go back */
	if (isdigit((unsigned char)*argv[i]) || i + 1 == argc) {
		action = NULL;
	} else {
		action = strcmp(argv[i], "-") ? argv[i] : NULL;
		i++;
	}
	for (; i < argc; i++)
		st |= set_action(action, argv[i]);
	return st;
}
