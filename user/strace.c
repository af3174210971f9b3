/*
 * strace - the system calls of a program, by ptrace(2).
 */
#include "common/common.h"
#include "common/signals.h"

#include <err.h>
#include <errno.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: strace [-f] [-c] [-o FILE] [-e NAME,...] [-s BYTES] [-t] [-p PID | COMMAND [ARGUMENT...]]\n"
	"Run the command, or attach to PID, and print each system call with its arguments and result.\n"
	"  -f  its children, too\n"
	"  -c  only a table of how often each was called\n"
	"  -o  to FILE;  -e  only these calls;  -s  so much of strings (32);  -t  with the time\n";

/* Names of flags (bits) or of values (one of them), and what stands behind a number of no name. */
struct word {
	unsigned long value;
	const char *name;
};
struct set {
	bool flags;
	const char *other;
	const struct word *words;
};
#define STRACE_SETS
#include <strace_calls.h>
#undef STRACE_SETS

static const struct call {
	const char *name, *kinds;
	unsigned char sets[6];
} calls[] = {
#include <strace_calls.h>
};

#define CALLS	      (sizeof(calls) / sizeof(calls[0]))
#define RESULT_COLUMN 39

struct task {
	struct task *next;
	pid_t pid;
	bool in_call, fresh;
	unsigned long number, args[6];
	char *path; /* of execve, whose memory is gone when it has succeeded */
	int length; /* that the call was given for an address of a socket */
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

static void put_set(const struct set *set, unsigned long v)
{
	const char *between = "";
	unsigned long left = v;

	for (const struct word *w = set->words; w->name; w++) {
		if (v == w->value && (!v || !set->flags)) {
			fputs(w->name, out);
			return;
		}
		if (set->flags && w->value && (left & w->value) == w->value) {
			fprintf(out, "%s%s", between, w->name);
			between = "|";
			left &= ~w->value;
		}
	}
	if (!*between && (v || !set->flags))
		fprintf(out, "%#lx%s", v, set->other);
	else if (left || !*between)
		fprintf(out, left ? "%s%#lx" : "%s0", between, left);
}

static void put_open(unsigned long v)
{
	static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };

	fputs(modes[v & O_ACCMODE], out);
	if (v & ~(unsigned long)O_ACCMODE) {
		putc('|', out);
		put_set(&sets[SET_OPEN], v & ~(unsigned long)O_ACCMODE);
	}
}

static void put_clone(unsigned long v)
{
	const char *sig = signal_by_number((int)(v & 0xff));

	if (v & ~0xfful)
		put_set(&sets[SET_CLONE_FLAGS], v & ~0xfful);
	if (v & 0xff && sig)
		fprintf(out, "%sSIG%s", v & ~0xfful ? "|" : "", sig);
	else if (v & 0xff || !v)
		fprintf(out, "%s%lu", v & ~0xfful ? "|" : "", v & 0xff);
}

/* fcntl's third argument; false: its command has none. */
static void put_fcntl(const unsigned long *a)
{
	if (a[1] == F_SETFD)
		put_set(&sets[SET_FD], a[2]);
	else if (a[1] == F_SETFL)
		put_open(a[2]);
	else if (a[1] == F_DUPFD || a[1] == F_DUPFD_CLOEXEC || a[1] == F_SETPIPE_SZ)
		fprintf(out, "%ld", (long)a[2]);
	else
		fprintf(out, "%#lx", a[2]);
}

static void put_stat(const struct stat *st)
{
	static const char *const kinds[] = {
		[1] = "S_IFIFO", [2] = "S_IFCHR",  [4] = "S_IFDIR",   [6] = "S_IFBLK",
		[8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK", [15] = NULL
	};
	const char *kind = kinds[st->st_mode >> 12 & 15];

	fputs("{st_mode=", out);
	if (kind)
		fprintf(out, "%s|", kind);
	for (int i = 0; i < 3; i++)
		if (st->st_mode & 04000u >> i)
			fprintf(out, "%s|", i == 0 ? "S_ISUID" : i == 1 ? "S_ISGID" : "S_ISVTX");
	fprintf(out, "%#03o, ", st->st_mode & 0777);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		fprintf(out, "st_rdev=makedev(%#x, %#x), ...}", major(st->st_rdev),
			minor(st->st_rdev));
	else
		fprintf(out, "st_size=%lld, ...}", (long long)st->st_size);
}

static void put_address(pid_t pid, unsigned long at, size_t n)
{
	union {
		struct sockaddr_storage all;
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} u;
	char text[64];

	memset(&u, 0, sizeof(u));
	n = n > sizeof(u) ? sizeof(u) : n;
	if (!at || n < sizeof(u.any.sa_family) || peek(pid, at, (char *)&u, n) < n) {
		fprintf(out, at ? "%#lx" : "NULL", at);
		return;
	}
	fputs("{sa_family=", out);
	put_set(&sets[SET_FAMILY], u.any.sa_family);
	if (u.any.sa_family == AF_INET && n >= sizeof(u.in)) {
		fprintf(out, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")",
			ntohs(u.in.sin_port),
			inet_ntop(AF_INET, &u.in.sin_addr, text, sizeof(text)));
	} else if (u.any.sa_family == AF_INET6 && n >= sizeof(u.in6)) {
		fprintf(out,
			", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", "
			"&sin6_addr), sin6_scope_id=%u",
			ntohs(u.in6.sin6_port), ntohl(u.in6.sin6_flowinfo),
			inet_ntop(AF_INET6, &u.in6.sin6_addr, text, sizeof(text)),
			u.in6.sin6_scope_id);
	} else if (u.any.sa_family == AF_UNIX && n > offsetof(struct sockaddr_un, sun_path)) {
		const char *path = u.un.sun_path;
		size_t room = n - offsetof(struct sockaddr_un, sun_path);

		/* An abstract name begins with a NUL. */
		fprintf(out, ", sun_path=%s", *path ? "" : "@");
		put_bytes(path + !*path, *path ? strnlen(path, room) : room - 1, false);
	}
	putc('}', out);
}

static int peek_int(pid_t pid, unsigned long at)
{
	int v = 0;

	return at && peek(pid, at, (char *)&v, sizeof(v)) == sizeof(v) ? v : 0;
}

/* A structure that the call was given, or filled if it succeeded: else its address. */
static void put_struct(const struct task *t, char kind, const unsigned long *a, int i, long result)
{
	struct timespec when;
	struct stat st;
	bool sleeps = t->number == __NR_nanosleep || t->number == __NR_clock_nanosleep;
	bool filled = strchr("rSA", kind) ? result >= 0 : true;

	/* What is left of a sleep is told when it was disturbed. */
	if (kind == 'r' && sleeps)
		filled = result == -EINTR || result == -516;

	if (kind == 'a' || (kind == 'A' && filled)) {
		int n = kind == 'a' ? (int)a[i + 1] : peek_int(t->pid, a[i + 1]);

		put_address(t->pid, a[i],
			    n > 0 ? (size_t)(kind == 'A' && n > t->length ? t->length : n) : 0);
	} else if (kind == 'L' && a[i] && result >= 0) {
		int n = peek_int(t->pid, a[i]);

		fprintf(out, n == t->length ? "[%d]" : "[%d => %d]", t->length, n);
	} else if (kind == 'S' && filled &&
		   peek(t->pid, a[i], (char *)&st, sizeof(st)) == sizeof(st)) {
		put_stat(&st);
	} else if (strchr("tr", kind) && a[i] && filled &&
		   peek(t->pid, a[i], (char *)&when, sizeof(when)) == sizeof(when)) {
		fprintf(out, "{tv_sec=%lld, tv_nsec=%ld}", (long long)when.tv_sec,
			(long)when.tv_nsec);
	} else {
		fprintf(out, a[i] ? "%#lx" : "NULL", a[i]);
	}
}

static void put_argument(const struct task *t, const struct call *c, int i, long result)
{
	const unsigned long *a = t->args;
	char kind = c ? c->kinds[i] : 'x';

	switch (kind) {
	case 'f':
		put_set(&sets[c->sets[i]], (unsigned)a[i]);
		break;
	case 'O':
		put_open((unsigned)a[i]);
		break;
	case 'C':
		put_clone(a[i]);
		break;
	case 'F':
		put_fcntl(a);
		break;
	case 'T':
		put_set(&sets[SET_SOCKET_TYPE], a[i] & 15);
		if (a[i] & ~15ul) {
			putc('|', out);
			put_set(&sets[SET_SOCKFLAGS], (unsigned)a[i] & ~15u);
		}
		break;
	case 'h':
		fprintf(out, "%#lx", a[i]);
		break;
	case 't':
	case 'r':
	case 'S':
	case 'a':
	case 'A':
	case 'L':
		put_struct(t, kind, a, i, result);
		break;
	case 's':
		if (t->path && !i)
			fputs(t->path, out);
		else
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
		fprintf(out, "%#03lo", a[i]);
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

/* An argument that this call does not look at. */
static bool left_out(const struct task *t, const struct call *c, int i)
{
	const unsigned long *a = t->args;

	if (!c || i != (int)strlen(c->kinds) - 1)
		return false;
	if (c->kinds[i] == 'F')
		return strchr((char[]){ F_GETFD, F_GETFL, F_GETOWN, 11, 0 }, (int)a[1]) &&
		       a[1] < 128;
	return c->kinds[i] == 'o' && i && c->kinds[i - 1] == 'O' && !(a[i - 1] & O_CREAT) &&
	       (a[i - 1] & O_TMPFILE) != O_TMPFILE;
}

static void put_error(int number)
{
	static const char *const restarts[] = { "SYS (To be restarted if SA_RESTART is set)",
						"NOINTR (To be restarted)",
						"NOHAND (To be restarted if no handler)", NULL,
						"_RESTARTBLOCK (Interrupted by signal)" };
	const size_t n = sizeof(error_names) / sizeof(*error_names);
	const char *name = (size_t)number < n ? error_names[number] : NULL;

	if (number >= 512 && number <= 516 && restarts[number - 512])
		fprintf(out, "? ERESTART%s\n", restarts[number - 512]);
	else if (name)
		fprintf(out, "-1 %s (%s)\n", name, strerror(number));
	else
		fprintf(out, "-1 (errno %d)\n", number);
}

static void put_call(const struct task *t, bool ended, long result)
{
	unsigned long number = t->number;
	const struct call *c = number < CALLS && calls[number].name ? &calls[number] : NULL;
	char unknown[32];
	const char *name = c ? c->name : unknown;
	FILE *file = out, *line;
	char *text;
	size_t n;

	snprintf(unknown, sizeof(unknown), "syscall_%lu", number);
	if (c) {
		counts[number]++;
		errors[number] += ended && result < 0 && result > -4096;
	}
	if (counting || !chosen(name))
		return;
	line = need(open_memstream(&text, &n));
	out = line;
	put_head(t->pid);
	fprintf(out, "%s(", name);
	for (int i = 0; i < 6 && (!c || c->kinds[i]) && !left_out(t, c, i); i++) {
		if (i)
			fputs(", ", out);
		put_argument(t, c, i, ended ? result : -1);
	}
	putc(')', out);
	fclose(line);
	out = file;
	fprintf(out, "%-*s = ", RESULT_COLUMN, text);
	free(text);
	if (!ended)
		fputs("?\n", out);
	else if (result < 0 && result > -4096)
		put_error((int)-result);
	else if (strstr(" mmap brk mremap shmat ", name) && strlen(name) > 2)
		fprintf(out, "%#lx\n", (unsigned long)result);
	else
		fprintf(out, "%ld\n", result);
}

static void keep_path(struct task *t)
{
	FILE *file = out;
	size_t n;

	free(t->path);
	out = need(open_memstream(&t->path, &n));
	put_string(t->pid, t->args[0]);
	fclose(out);
	out = file;
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
		if (t->number == __NR_execve)
			keep_path(t);
		for (int i = 0; i < 6 && t->number < CALLS && calls[t->number].name; i++) {
			if (!calls[t->number].kinds[i])
				break;
			if (calls[t->number].kinds[i] == 'L')
				t->length = peek_int(t->pid, t->args[i]);
		}
		/* these do not come back */
		if (t->number == __NR_exit || t->number == __NR_exit_group)
			put_call(t, false, 0);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->in_call) {
		put_call(t, true, (long)info.exit.rval);
		free(t->path);
		t->path = NULL;
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
