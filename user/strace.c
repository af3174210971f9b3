/*
 * strace - the system calls of a program, by ptrace(2).
 */
#include "common/common.h"
#include "common/signals.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: strace [-f] [-c] [-o FILE] [-e NAME,...] [-s BYTES] [-t] [-p PID | COMMAND [ARGUMENT...]]\n"
	"Run the command, or attach to PID, and print each system call with its arguments and result.\n"
	"  -f  its children, too\n"
	"  -c  only a table of how often each was called\n"
	"  -o  to FILE;  -e  only these calls;  -s  so much of strings (32);  -t  with the time\n";

static const struct call {
	const char *name, *kinds;
} calls[] = {
#include <strace_calls.h>
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

struct task {
	struct task *next;
	pid_t pid;
	bool in_call, fresh;
	unsigned long number, args[6];
};

static struct task *tasks;
static bool follow, counting, times;
static size_t most = 32;
static const char *only;
static FILE *out;
static unsigned long counts[CALLS], errors[CALLS];
static pid_t main_pid;
static int main_status;

static struct task *task_of(pid_t pid)
{
	struct task *t;

	for (t = tasks; t; t = t->next)
		if (t->pid == pid)
			return t;
	t = need(calloc(1, sizeof(*t)));
	t->pid = pid;
	t->fresh = true;
	t->next = tasks;
	return tasks = t;
}

static void forget(pid_t pid)
{
	for (struct task **at = &tasks; *at; at = &(*at)->next) {
		struct task *t = *at;

		if (t->pid != pid)
			continue;
		*at = t->next;
		free(t);
		return;
	}
}

static size_t peek(pid_t pid, unsigned long at, char *buf, size_t n)
{
	struct iovec here = { buf, n }, there = { (void *)at, n };
	ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);
	size_t done = 0;

	if (got >= 0)
		return (size_t)got;
	while (done < n) {
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, (void *)(at + done), NULL);
		if (errno)
			break;
		memcpy(buf + done, &word, n - done < sizeof(word) ? n - done : sizeof(word));
		done += sizeof(word);
	}
	return done < n ? done : n;
}

static void put_bytes(const char *s, size_t n, bool cut)
{
	static const char codes[] = "\n\t\r\"\\\v\f", letters[] = "ntr\"\\vf";

	putc('"', out);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		const char *found = c ? strchr(codes, c) : NULL;

		if (found)
			fprintf(out, "\\%c", letters[found - codes]);
		else if (c < 32 || c > 126)
			fprintf(out,
				i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9' ? "\\%03o" : "\\%o",
				c);
		else
			putc(c, out);
	}
	fputs(cut ? "\"..." : "\"", out);
}

static void put_string(pid_t pid, unsigned long at)
{
	char buf[4096];
	size_t n = 0, page = 4096 - at % 4096;
	char *end = NULL;

	if (!at) {
		fputs("NULL", out);
		return;
	}
	while (n < sizeof(buf) && !end) {
		size_t want = sizeof(buf) - n < page ? sizeof(buf) - n : page,
		       got = peek(pid, at + n, buf + n, want);

		if (!got)
			break;
		end = memchr(buf + n, 0, got);
		n += got;
		page = 4096;
	}
	if (!n) {
		fprintf(out, "%#lx", at);
		return;
	}
	n = end ? (size_t)(end - buf) : n;
	put_bytes(buf, n, !end);
}

static void put_data(pid_t pid, unsigned long at, long n)
{
	char buf[4096];
	size_t want = n < 0 ? 0 : (size_t)n, got;

	if (!at || n < 0) {
		fprintf(out, at ? "%#lx" : "NULL", at);
		return;
	}
	got = want > most ? most : want;
	got = got > sizeof(buf) ? sizeof(buf) : got;
	if (got && peek(pid, at, buf, got) < got)
		fprintf(out, "%#lx", at);
	else
		put_bytes(buf, got, want > got);
}

static void put_argument(const struct task *t, char kind, const unsigned long *a, int i,
			 long result)
{
	switch (kind) {
	case 's':
		put_string(t->pid, a[i]);
		break;
	case 'd':
		if ((int)a[i] == -100)
			fputs("AT_FDCWD", out);
		else
			fprintf(out, "%d", (int)a[i]);
		break;
	case 'i':
		fprintf(out, "%ld", (long)a[i]);
		break;
	case 'u':
		fprintf(out, "%lu", a[i]);
		break;
	case 'o':
		fprintf(out, "%#lo", a[i]);
		break;
	case 'b':
		put_data(t->pid, a[i], i < 5 ? (long)a[i + 1] : 0);
		break;
	case 'B':
		put_data(t->pid, a[i], result);
		break;
	default:
		if (a[i])
			fprintf(out, "%#lx", a[i]);
		else
			fputs("NULL" + (kind != 'x') * 4, out);
		break;
	}
}

static bool chosen(const char *name)
{
	size_t n = strlen(name);

	for (const char *s = only; s && *s; s += strcspn(s, ","), s += *s == ',')
		if (!strncmp(s, name, n) && (!s[n] || s[n] == ','))
			return true;
	return !only;
}

static void put_head(pid_t pid)
{
	char when[16];
	time_t now = time(NULL);

	if (follow && (tasks && tasks->next))
		fprintf(out, "[pid %5d] ", (int)pid);
	if (times) {
		strftime(when, sizeof(when), "%H:%M:%S ", localtime(&now));
		fputs(when, out);
	}
}

static void put_call(const struct task *t, bool ended, long result)
{
	unsigned long number = t->number;
	const struct call *c = number < CALLS && calls[number].name ? &calls[number] : NULL;
	char unknown[32];
	const char *name = c ? c->name : unknown;

	snprintf(unknown, sizeof(unknown), "syscall_%lu", number);
	if (c) {
		counts[number]++;
		errors[number] += ended && result < 0 && result > -4096;
	}
	if (counting || !chosen(name))
		return;
	put_head(t->pid);
	fprintf(out, "%s(", name);
	for (int i = 0; i < 6 && (!c || c->kinds[i]); i++) {
		if (i)
			fputs(", ", out);
		put_argument(t, c ? c->kinds[i] : 'x', t->args, i, ended ? result : -1);
	}
	if (!ended)
		fputs(") = ?\n", out);
	else if (result < 0 && result > -4096)
		fprintf(out, ") = -1 errno %ld (%s)\n", -result, strerror((int)-result));
	else if (result > 0x10000 || result < 0)
		fprintf(out, ") = %#lx\n", (unsigned long)result);
	else
		fprintf(out, ") = %ld\n", result);
}

static void at_call(struct task *t)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, (void *)sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		t->number = info.entry.nr;
		for (int i = 0; i < 6; i++)
			t->args[i] = info.entry.args[i];
		t->in_call = true;
		/* these do not come back */
		if (t->number == __NR_exit || t->number == __NR_exit_group)
			put_call(t, false, 0);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->in_call) {
		put_call(t, true, (long)info.exit.rval);
		t->in_call = false;
	}
}

static void ended(pid_t pid, int st)
{
	if (!counting) {
		put_head(pid);
		if (WIFEXITED(st))
			fprintf(out, "+++ exited with %d +++\n", WEXITSTATUS(st));
		else
			fprintf(out, "+++ killed by SIG%s +++\n",
				signal_by_number(WTERMSIG(st)) ? signal_by_number(WTERMSIG(st)) :
								 "?");
	}
	if (pid == main_pid)
		main_status = st;
	forget(pid);
}

static void stopped(pid_t pid, int st)
{
	const long options =
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
		(follow ? PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE : 0);
	struct task *t = task_of(pid);
	int sig = WSTOPSIG(st);

	if (t->fresh) {
		t->fresh = false;
		ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options);
		sig = sig == SIGSTOP || sig == SIGTRAP ? 0 : sig;
	} else if (sig == (SIGTRAP | 0x80)) {
		at_call(t);
		sig = 0;
	} else if (st >> 16) {
		sig = 0;
	} else if (sig == SIGTRAP) {
		sig = 0;
	} else if (!counting) {
		put_head(pid);
		fprintf(out, "--- SIG%s ---\n",
			signal_by_number(sig) ? signal_by_number(sig) : "?");
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig);
}

static void show_counts(void)
{
	fprintf(out, "%9s %9s %s\n", "calls", "errors", "syscall");
	for (;;) {
		size_t best = CALLS;

		for (size_t i = 0; i < CALLS; i++)
			if (counts[i] && (best == CALLS || counts[i] > counts[best]))
				best = i;
		if (best == CALLS)
			return;
		fprintf(out, "%9lu %9lu %s\n", counts[best], errors[best], calls[best].name);
		counts[best] = 0;
	}
}

int main(int argc, char **argv)
{
	pid_t pid = 0;
	int opt, st;

	help_option(argc, argv, help);
	out = stderr;
	while ((opt = getopt(argc, argv, "+fcto:e:s:p:")) != -1) {
		switch (opt) {
		case 'f':
			follow = true;
			break;
		case 'c':
			counting = true;
			break;
		case 't':
			times = true;
			break;
		case 'o':
			out = fopen(optarg, "we");
			if (!out)
				err(1, "%s", optarg);
			break;
		case 'e':
			only = strncmp(optarg, "trace=", 6) ? optarg : optarg + 6;
			break;
		case 's':
			most = (size_t)number_arg(optarg, 0, 4096, false);
			break;
		case 'p':
			pid = (pid_t)number_arg(optarg, 1, 1 << 30, false);
			break;
		default:
			usage(help, 1);
		}
	}
	if (pid) {
		if (ptrace(PTRACE_ATTACH, pid, NULL, NULL))
			err(1, "%d", (int)pid);
	} else {
		if (optind == argc)
			usage(help, 1);
		pid = fork();
		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
			raise(SIGSTOP);
			execvp(argv[optind], argv + optind);
			warn("%s", argv[optind]);
			_exit(errno == ENOENT ? 127 : 126);
		}
		signal(SIGINT, SIG_IGN);
	}
	main_pid = pid;
	task_of(pid);
	while ((pid = waitpid(-1, &st, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(st))
			stopped(pid, st);
		else
			ended(pid, st);
	}
	if (counting)
		show_counts();
	fflush(out);
	if (WIFSIGNALED(main_status))
		return 128 + WTERMSIG(main_status);
	return WEXITSTATUS(main_status);
}
