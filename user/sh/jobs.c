/*
 * jobs.c - children: forking them, waiting for them, and job control (XCU 2.11, XBD 11.1).
 */
#include "sh.h"
#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum state { RUNNING, STOPPED, DONE };

struct proc {
	pid_t pid;
	int st;
	enum state state;
};

struct job {
	struct job *next; /* by number */
	int number; /* 0: not in the table yet */
	pid_t group;
	int n, started;
	struct proc *procs;
	char *text;
	bool changed, controlled, background;
	unsigned int recent; /* the highest is the current job */
};

static struct job *jobs;
static unsigned int clock_of_jobs;
static int tty = -1;
static pid_t own_group;
pid_t last_background;

static enum state state_of(const struct job *j)
{
	enum state s = DONE;

	for (int i = 0; i < j->started; i++) {
		if (j->procs[i].state == RUNNING)
			return RUNNING;
		if (j->procs[i].state == STOPPED)
			s = STOPPED;
	}
	return s;
}

static int last_status(const struct job *j)
{
	int result = 0;

	for (int i = 0; i < j->started; i++) {
		int st = j->procs[i].st, code;

		code = WIFEXITED(st)  ? WEXITSTATUS(st) :
		       WIFSTOPPED(st) ? 128 + WSTOPSIG(st) :
					128 + WTERMSIG(st);
		if (i == j->started - 1 && (code || !options[O_PIPEFAIL]))
			result = code;
		else if (options[O_PIPEFAIL] && code)
			result = code;
	}
	return result;
}

static void job_free(struct job *j)
{
	for (struct job **at = &jobs; *at; at = &(*at)->next) {
		if (*at == j) {
			*at = j->next;
			break;
		}
	}
	free(j->procs);
	free(j->text);
	free(j);
}

struct job *job_new(const char *text, int procs)
{
	struct job *j = must(calloc(1, sizeof(*j))), **at = &jobs;

	j->n = procs;
	j->procs = must(calloc((size_t)procs, sizeof(*j->procs)));
	j->text = copy(text ? text : "");
	j->number = 1;
	j->controlled = options[O_MONITOR] && text;
	j->recent = ++clock_of_jobs;
	/* the lowest number above all that live, as others do */
	for (; *at; at = &(*at)->next)
		if ((*at)->number >= j->number)
			j->number = (*at)->number + 1;
	*at = j;
	return j;
}

void jobs_forget(void)
{
	while (jobs) {
		struct job *j = jobs;

		jobs = j->next;
		free(j->procs);
		free(j->text);
		free(j);
	}
}

static void to_front(pid_t group)
{
	sigset_t set, old;

	if (tty < 0)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &old);
	tcsetpgrp(tty, group);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void start_child(struct job *j, bool background)
{
	bool controlled = j->controlled, first = !j->started;
	pid_t group = j->group;

	if (controlled) {
		setpgid(0, group);
		if (!background)
			to_front(group ? group : getpid());
	}
	in_subshell = true;
	trap_status = -1;
	handler = NULL;
	signals_interactive(false);
	traps_subshell();
	if (background && !controlled) {
		signals_background();
		if (first) {
			int fd = open("/dev/null", O_RDONLY);

			if (fd > 0) {
				dup2(fd, 0);
				close(fd);
			}
		}
	}
	if (tty >= 0)
		close(tty);
	tty = -1;
	options[O_MONITOR] = options[O_INTERACTIVE] = false;
	jobs_forget();
	temp_mark();
}

pid_t job_fork(struct job *j, bool background)
{
	struct proc *p = &j->procs[j->started];
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		int reason = errno;

		if (!j->started)
			job_free(j);
		fail(2, "Cannot fork: %s", strerror(reason));
	}
	if (!pid) {
		start_child(j, background);
		return 0;
	}
	if (j->controlled) {
		if (!j->group)
			j->group = pid;
		setpgid(pid, j->group);
	}
	p->pid = pid;
	p->state = RUNNING;
	j->started++;
	return pid;
}

/* ---- telling ----------------------------------------------------------------------------- */

static struct job *nth_recent(int back)
{
	struct job *found = NULL;
	unsigned int below = ~0u;

	for (; back >= 0; back--) {
		found = NULL;
		for (struct job *j = jobs; j; j = j->next)
			if (j->background && j->recent < below &&
			    (!found || j->recent > found->recent))
				found = j;
		if (!found)
			return NULL;
		below = found->recent;
	}
	return found;
}

static char mark_of(const struct job *j)
{
	return j == nth_recent(0) ? '+' : j == nth_recent(1) ? '-' : ' ';
}

static void describe(const struct proc *p, char *out, size_t size)
{
	if (p->state == RUNNING) {
		snprintf(out, size, "Running");
	} else if (p->state == STOPPED) {
		int sig = WSTOPSIG(p->st);

		snprintf(out, size, "%s",
			 sig == SIGTTIN ? "Stopped (tty input)" :
			 sig == SIGTTOU ? "Stopped (tty output)" :
			 sig == SIGSTOP ? "Stopped (signal)" :
					  "Stopped");
	} else if (WIFSIGNALED(p->st)) {
		snprintf(out, size, "%s%s", strsignal(WTERMSIG(p->st)),
			 WCOREDUMP(p->st) ? " (core dumped)" : "");
	} else if (WEXITSTATUS(p->st)) {
		snprintf(out, size, "Done(%d)", WEXITSTATUS(p->st));
	} else {
		snprintf(out, size, "Done");
	}
}

/* With pids: one line a process. */
static void show(FILE *f, struct job *j, bool pids)
{
	char text[80], head[32];
	const struct proc *p = &j->procs[j->started - 1];

	/* a stopped or running member says more than the last */
	for (int i = 0; i < j->started; i++)
		if (j->procs[i].state == state_of(j))
			p = &j->procs[i];
	if (pids) {
		for (int i = 0; i < j->started; i++) {
			describe(&j->procs[i], text, sizeof(text));
			snprintf(head, sizeof(head), i ? "      " : "[%d] %c ", j->number,
				 mark_of(j));
			fprintf(f, "%s%d %-26s %s\n", head, (int)j->procs[i].pid, text,
				i ? "" : j->text);
		}
	} else {
		describe(p, text, sizeof(text));
		snprintf(head, sizeof(head), "[%d] %c ", j->number, mark_of(j));
		fprintf(f, "%s%-26s %s\n", head, text, j->text);
	}
	j->changed = false;
}

/* ---- waiting ----------------------------------------------------------------------------- */

static void note(pid_t pid, int st)
{
	for (struct job *j = jobs; j; j = j->next) {
		for (int i = 0; i < j->started; i++) {
			struct proc *p = &j->procs[i];

			if (p->pid != pid || p->state == DONE)
				continue;
			p->st = st;
			p->state = WIFSTOPPED(st) ? STOPPED : WIFCONTINUED(st) ? RUNNING : DONE;
			j->changed = true;
			return;
		}
	}
}

/* Whether a child was heard of. */
static bool collect(int flags)
{
	int st;
	pid_t pid = waitpid(-1, &st, flags | (options[O_MONITOR] ? WUNTRACED : 0));

	if (pid <= 0)
		return false;
	note(pid, st);
	return true;
}

/* What ended it, for a person and in a script's log alike; nothing for what is usual. */
static void tell_signal(const struct job *j)
{
	int st = j->procs[j->started - 1].st;

	if (!WIFSIGNALED(st) || WTERMSIG(st) == SIGPIPE)
		return;
	if (WTERMSIG(st) == SIGINT) {
		if (options[O_INTERACTIVE])
			fputc('\n', stderr);
		return;
	}
	fprintf(stderr, "%s%s\n", strsignal(WTERMSIG(st)), WCOREDUMP(st) ? " (core dumped)" : "");
}

static int finish(struct job *j, bool tell)
{
	int result = last_status(j);

	if (state_of(j) == STOPPED) {
		j->background = true;
		j->recent = ++clock_of_jobs;
		if (options[O_INTERACTIVE]) {
			fputc('\n', stderr);
			show(stderr, j, false);
		}
		return result;
	}
	if (tell)
		tell_signal(j);
	job_free(j);
	return result;
}

int job_wait(struct job *j)
{
	struct termios modes;
	bool controlled = j->controlled, had = controlled && tty >= 0 && !tcgetattr(tty, &modes);
	bool interrupted, unusual;
	int result, st;

	while (state_of(j) == RUNNING)
		if (!collect(0) && errno != EINTR)
			break;
	/* nobody left to wait for: somebody else took the status */
	if (state_of(j) == RUNNING)
		for (int i = 0; i < j->started; i++)
			j->procs[i].state = DONE;
	if (controlled)
		to_front(own_group);
	st = j->procs[j->started - 1].st;
	unusual = WIFSIGNALED(st) || WIFSTOPPED(st);
	interrupted = controlled && WIFSIGNALED(st) && WTERMSIG(st) == SIGINT;
	if (had && unusual)
		tcsetattr(tty, TCSADRAIN, &modes);
	result = finish(j, true);
	if (interrupted)
		raise(SIGINT);
	return result;
}

void job_background(struct job *j)
{
	j->background = true;
	last_background = j->procs[j->started - 1].pid;
	if (options[O_INTERACTIVE])
		fprintf(stderr, "[%d] %d\n", j->number, (int)last_background);
}

void jobs_notify(bool all)
{
	struct job *next;

	while (collect(WNOHANG))
		continue;
	for (struct job *j = jobs; j; j = next) {
		next = j->next;
		if (!j->background || (!j->changed && !all))
			continue;
		if (options[O_INTERACTIVE] && j->changed)
			show(stderr, j, false);
		if (state_of(j) == DONE && options[O_INTERACTIVE])
			job_free(j);
	}
}

bool jobs_stopped(void)
{
	for (struct job *j = jobs; j; j = j->next)
		if (state_of(j) == STOPPED)
			return true;
	return false;
}

/* ---- naming jobs ------------------------------------------------------------------------- */

static struct job *job_find(const char *s)
{
	struct job *found = NULL;

	if (*s != '%') {
		for (struct job *j = jobs; j; j = j->next)
			for (int i = 0; i < j->started; i++)
				if (j->procs[i].pid == atoi(s))
					return j;
		return NULL;
	}
	s++;
	if (!*s || !strcmp(s, "%") || !strcmp(s, "+"))
		return nth_recent(0);
	if (!strcmp(s, "-"))
		return nth_recent(1);
	for (struct job *j = jobs; j; j = j->next) {
		if (s[strspn(s, "0123456789")] == 0) {
			if (j->number == atoi(s))
				return j;
		} else if (*s == '?' ? strstr(j->text, s + 1) != NULL :
				       !strncmp(j->text, s, strlen(s))) {
			if (found)
				fail(2, "%%%s: ambiguous", s);
			found = j;
		}
	}
	return found;
}

static struct job *job_named(const char *name, const char *what)
{
	struct job *j = job_find(name);

	if (!j)
		fail(2, "%s: No such job: %s", what, name);
	return j;
}

int builtin_jobs(int argc, char **argv)
{
	struct opts o = { 0 };
	bool pids = false, only = false;
	struct job *next;
	int c;

	while ((c = opt_next(&o, argc, argv, "lp"))) {
		if (c == '?')
			return 2;
		*(c == 'l' ? &pids : &only) = true;
	}
	while (collect(WNOHANG))
		continue;
	for (struct job *j = jobs; j; j = next) {
		next = j->next;
		if (!j->background)
			continue;
		if (o.at < argc) {
			bool named = false;

			for (int i = o.at; i < argc; i++)
				named |= job_named(argv[i], "jobs") == j;
			if (!named)
				continue;
		}
		if (only)
			printf("%d\n", (int)j->procs[0].pid);
		else
			show(stdout, j, pids);
		if (state_of(j) == DONE && !only)
			job_free(j);
	}
	return 0;
}

static void resume(struct job *j)
{
	for (int i = 0; i < j->started; i++)
		if (j->procs[i].state == STOPPED)
			j->procs[i].state = RUNNING;
	j->changed = false;
	j->recent = ++clock_of_jobs;
	kill(-j->group, SIGCONT);
}

int builtin_fg(int argc, char **argv)
{
	bool front = argv[0][0] == 'f';
	int st = 0, i = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	do {
		struct job *j = job_named(i < argc ? argv[i] : "%%", argv[0]);

		if (!j->controlled)
			fail(2, "%s: job %d was not started under job control", argv[0], j->number);
		if (front) {
			printf("%s\n", j->text);
			fflush(stdout);
			to_front(j->group);
			j->background = false;
			resume(j);
			st = job_wait(j);
		} else {
			resume(j);
			last_background = j->procs[j->started - 1].pid;
			printf("[%d] %s\n", j->number, j->text);
		}
	} while (++i < argc);
	return st;
}

/* Until the job (all of them for NULL) is done; 0, or the signal whose trap came first. */
static int wait_for(struct job *j)
{
	sigset_t all, old;
	int sig = 0;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	for (;;) {
		bool running = false;

		while (collect(WNOHANG))
			continue;
		for (struct job *k = jobs; k; k = k->next)
			running |= (!j || k == j) && k->background && state_of(k) == RUNNING;
		sig = trap_signal_pending();
		if (!running || sig)
			break;
		sigsuspend(&old);
		if (got_interrupt && options[O_INTERACTIVE]) {
			got_interrupt = 0;
			sig = SIGINT;
			break;
		}
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return sig;
}

int builtin_wait(int argc, char **argv)
{
	int st = 0, sig, i = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;
	struct job *next;

	if (i >= argc) {
		sig = wait_for(NULL);
		for (struct job *j = jobs; j && !sig; j = next) {
			next = j->next;
			if (j->background && state_of(j) == DONE && !options[O_INTERACTIVE])
				job_free(j);
		}
		return sig ? 128 + sig : 0;
	}
	for (; i < argc; i++) {
		struct job *j = job_find(argv[i]);

		if (argv[i][0] != '%' && argv[i][strspn(argv[i], "0123456789")]) {
			complain("wait: %s: not a pid or job", argv[i]);
			return 2;
		}
		if (!j || !j->background) {
			st = 127;
			continue;
		}
		sig = wait_for(j);
		if (sig)
			return 128 + sig;
		st = last_status(j);
		if (state_of(j) == DONE)
			job_free(j);
	}
	return st;
}

static int kill_list(int argc, char **argv, int i)
{
	if (i == argc) {
		for (int sig = 1; sig < 65; sig++)
			if (signal_by_number(sig))
				printf("%s\n", signal_by_number(sig));
		return 0;
	}
	for (; i < argc; i++) {
		int n = atoi(argv[i]);

		if (argv[i][strspn(argv[i], "0123456789")] == 0) {
			n = n > 128 ? n - 128 : n;
			if (!n)
				puts("EXIT");
			else if (signal_by_number(n))
				puts(signal_by_number(n));
			else
				return 1;
		} else if (signal_by_name(argv[i]) >= 0) {
			printf("%d\n", signal_by_name(argv[i]));
		} else {
			return 1;
		}
	}
	return 0;
}

int builtin_kill(int argc, char **argv)
{
	int sig = SIGTERM, i = 1, st = 0;

	if (i < argc && argv[i][0] == '-' && argv[i][1]) {
		const char *name = argv[i] + 1;

		if (!strcmp(name, "l") || !strcmp(name, "L"))
			return kill_list(argc, argv, i + 1);
		if (*name == 's' || *name == 'n') {
			if (!name[1] || !strcmp(name, "s"))
				name = ++i < argc ? argv[i] : "";
			else if (signal_by_name(name) < 0)
				name++;
		}
		i++;
		if (strcmp(name, "-")) {
			sig = signal_by_name(name);
			if (sig < 0) {
				complain("kill: invalid signal number or name: %s", name);
				return 2;
			}
		}
		if (i < argc && !strcmp(argv[i], "--"))
			i++;
	}
	if (i >= argc) {
		complain("usage: kill [-s SIGNAL | -SIGNAL] PID|%%JOB..., or kill -l [STATUS]");
		return 2;
	}
	for (; i < argc; i++) {
		pid_t pid;
		char *end;

		if (argv[i][0] == '%') {
			struct job *j = job_named(argv[i], "kill");

			pid = j->controlled ? -j->group : j->procs[j->started - 1].pid;
		} else {
			pid = (pid_t)strtol(argv[i], &end, 10);
			if (*end || end == argv[i]) {
				complain("kill: Illegal number: %s", argv[i]);
				return 2;
			}
		}
		if (kill(pid, sig)) {
			complain("kill: %s: %s", argv[i], strerror(errno));
			st = 1;
		}
	}
	return st;
}

/* ---- on and off -------------------------------------------------------------------------- */

void job_control(bool on)
{
	if (on == (tty >= 0))
		return;
	if (!on) {
		signal(SIGTSTP, SIG_DFL);
		signal(SIGTTIN, SIG_DFL);
		signal(SIGTTOU, SIG_DFL);
		close(tty);
		tty = -1;
		return;
	}
	for (int fd = 2; fd >= 0 && tty < 0; fd--)
		if (isatty(fd))
			tty = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (tty < 0) {
		tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
		if (tty >= 0 && tty < 10) {
			int high = fcntl(tty, F_DUPFD_CLOEXEC, 10);

			close(tty);
			tty = high;
		}
	}
	if (tty < 0 || tcgetpgrp(tty) < 0) {
		if (tty >= 0)
			close(tty);
		tty = -1;
		if (options[O_INTERACTIVE]) {
			complain("can't access tty; job control turned off");
			options[O_MONITOR] = false;
		}
		return;
	}
	/* until somebody puts us in front */
	while (options[O_INTERACTIVE] && tcgetpgrp(tty) != getpgrp())
		kill(0, SIGTTIN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	own_group = getpgrp();
	if (options[O_INTERACTIVE] && own_group != getpid()) {
		if (!setpgid(0, 0))
			own_group = getpid();
		to_front(own_group);
	}
}
