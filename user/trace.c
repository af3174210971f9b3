/*
 * trace - what the kernel does while a program runs, as a timeline: scheduling, system calls, page faults,
 * interrupts, disk and network, in the JSON that ui.perfetto.dev and chrome://tracing show.
 *
 * It reads the kernel's trace by tracefs (/sys/kernel/tracing, mounted if it is not), so it does the same
 * on Linux. A lane stands for each hart, and one for each task with its calls. Only root may.
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: trace [-l] [-t] [-b KB] [-e EVENT,...] [-o FILE] [COMMAND [ARGUMENT...]]\n"
	"Run a command and write what the kernel did meanwhile as JSON for ui.perfetto.dev. Without a command:\n"
	"until it is interrupted.\n"
	"  -b KB     memory for the trace of each hart, if none was made yet\n"
	"  -e EVENT  only these, by name or by system: sched, raw_syscalls, block/block_rq_issue\n"
	"  -l        list the events\n"
	"  -o FILE   there instead of trace.json; - is standard output\n"
	"  -t        the kernel's lines as they are, not JSON\n";

#define FOLDER "/sys/kernel/tracing"
#define LANES  4096 /* tasks that are told apart */
#define READS  16 /* between two looks whether the command runs */

static FILE *out;
static bool plain, first = true;
static double last;
static int own; /* what we do ourselves is not shown */

/* What a task is in, by its number modulo LANES. */
static struct lane {
	int pid;
	char name[17];
	bool called;
	long number; /* of the call */
	double since;
} lanes[LANES];
/* What a hart runs. */
static struct {
	bool known;
	int pid;
	char name[17];
	double since, irq;
	char irq_name[40];
} harts[64];

static volatile sig_atomic_t done;

static void on_signal(int sig)
{
	(void)sig;
	done = 1;
}

/* ---- control ----------------------------------------------------------------------------- */

static int put(const char *file, const char *text)
{
	char path[160];
	int fd, status;

	snprintf(path, sizeof(path), FOLDER "/%s", file);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0)
		return -1;
	status = write_all(fd, text, strlen(text));
	close(fd);
	return status;
}

static void must_put(const char *file, const char *text)
{
	if (put(file, text))
		err(1, FOLDER "/%s", file);
}

/* The folder of an event, or of a system of events, by the name somebody typed. */
static void enable(const char *name)
{
	char file[128], *colon;
	int n = snprintf(file, sizeof(file), "events/%s/enable", name);

	if (n >= (int)sizeof(file))
		errx(1, "%s: no such event", name);
	colon = strchr(file, ':');
	if (colon)
		*colon = '/';
	if (!put(file, "1"))
		return;
	if (put("set_event", name))
		errx(1, "%s: no such event (trace -l lists them)", name);
}

static void list_events(void)
{
	int fd = open(FOLDER "/available_events", O_RDONLY);
	bool wrote;

	if (fd < 0 || copy_fd(fd, 1, &wrote))
		err(1, FOLDER "/available_events");
	close(fd);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_string(const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < 32)
			fprintf(out, "\\u%04x", (unsigned char)*s);
		else
			putc(*s, out);
	}
	putc('"', out);
}

enum { HARTS = 1, TASKS, DISKS };

/* The beginning of an event: of a lane, with a name; the caller adds and closes. */
static void begin_event(const char *phase, int pid, int tid, double ts, const char *name)
{
	fprintf(out,
		"%s{\"ph\":\"%s\",\"pid\":%d,\"tid\":%d,\"ts\":%.3f,\"name\":", first ? "" : ",\n",
		phase, pid, tid, ts);
	first = false;
	put_string(name);
}

static void put_slice(int pid, int tid, double from, double to, const char *name, const char *key,
		      const char *value)
{
	begin_event("X", pid, tid, from, name);
	fprintf(out, ",\"dur\":%.3f,\"args\":{", to - from);
	if (key) {
		fprintf(out, "\"%s\":", key);
		put_string(value);
	}
	fputs("}}", out);
}

static void put_instant(int pid, int tid, double ts, const char *name, const char *fields)
{
	begin_event("i", pid, tid, ts, name);
	fputs(",\"s\":\"t\",\"args\":{\"fields\":", out);
	put_string(fields);
	fputs("}}", out);
}

static void put_name(const char *what, int pid, int tid, const char *name)
{
	begin_event("M", pid, tid, 0, what);
	fputs(",\"args\":{\"name\":", out);
	put_string(name);
	fputs("}}", out);
}

static struct lane *lane_of(int pid)
{
	struct lane *l = &lanes[pid % LANES];

	if (l->pid != pid)
		*l = (struct lane){ .pid = pid };
	return l;
}

static void name_lane(int pid, const char *name)
{
	struct lane *l = lane_of(pid);

	if (!pid || !strcmp(l->name, name) || !strcmp(name, "<...>"))
		return;
	snprintf(l->name, sizeof(l->name), "%s", name);
	put_name("thread_name", TASKS, pid, name);
}

static const char *call_name(long number)
{
	static const struct {
		const char *name, *arguments;
		unsigned char sets[6];
	} calls[] = {
#include <strace_calls.h>
	};
	static char text[32];

	if (number >= 0 && number < (long)(sizeof(calls) / sizeof(*calls)) && calls[number].name)
		return calls[number].name;
	snprintf(text, sizeof(text), "call %ld", number);
	return text;
}

/* ---- events ------------------------------------------------------------------------------ */

/* A line's parts. */
struct line {
	char name[17], event[64];
	int pid, hart;
	double time; /* microseconds */
	const char *fields;
};

static bool read_line(char *text, struct line *l)
{
	char *hart = text, *dash, *colon;
	int used = 0;

	do
		hart = strstr(hart + 1, " [");
	while (hart && (!isdigit((unsigned char)hart[2]) || hart[5] != ']'));
	if (text[0] == '#' || !hart)
		return false;
	*hart = 0;
	dash = strrchr(text, '-');
	if (!dash)
		return false;
	*dash = 0;
	text += strspn(text, " ");
	snprintf(l->name, sizeof(l->name), "%s", text);
	l->pid = atoi(dash + 1);
	l->hart = atoi(hart + 2);
	/* Between the hart and the time are flags, which older kernels leave out. */
	if (sscanf(hart + 6, " %*[^0-9: ] %lf:%n", &l->time, &used) < 1 || !used)
		if (sscanf(hart + 6, "%lf:%n", &l->time, &used) < 1 || !used)
			return false;
	l->time *= 1e6;
	text = hart + 6 + used;
	text += strspn(text, " ");
	colon = strchr(text, ':');
	if (!colon || (size_t)(colon - text) >= sizeof(l->event))
		return false;
	*colon = 0;
	strcpy(l->event, text);
	l->fields = colon + 1 + strspn(colon + 1, " ");
	return l->hart >= 0 && l->hart < 64;
}

/* The text or number behind "key=", up to the next blank or to `end`. */
static const char *field(const char *fields, const char *key, const char *end, char *value,
			 size_t room)
{
	const char *at = strstr(fields, key), *stop;

	*value = 0;
	if (!at)
		return value;
	at += strlen(key);
	stop = strstr(at, end);
	snprintf(value, room, "%.*s", stop ? (int)(stop - at) : (int)strlen(at), at);
	return value;
}

static void end_call(struct lane *l, double now, const char *result)
{
	if (l->called)
		put_slice(TASKS, l->pid, l->since, now, call_name(l->number),
			  result ? "result" : NULL, result);
	l->called = false;
}

static void do_switch(const struct line *l)
{
	char name[17], state[16], number[16];
	int pid;

	field(l->fields, "next_comm=", " next_pid=", name, sizeof(name));
	pid = atoi(field(l->fields, "next_pid=", " ", number, sizeof(number)));
	field(l->fields, "prev_state=", " ", state, sizeof(state));
	if (harts[l->hart].known && harts[l->hart].pid)
		put_slice(HARTS, l->hart, harts[l->hart].since, l->time, harts[l->hart].name,
			  "state", state);
	harts[l->hart].known = true;
	harts[l->hart].pid = pid;
	harts[l->hart].since = l->time;
	snprintf(harts[l->hart].name, sizeof(harts[0].name), "%s", name);
	name_lane(pid, name);
	if (*state == 'X' || *state == 'Z')
		end_call(lane_of(l->pid), l->time, NULL);
}

static void do_block(const struct line *l, bool begin)
{
	char name[64], sector[40];
	const char *at = strstr(l->fields, "() ");
	int n = (int)strcspn(l->fields, "(");

	/* DEVICE OPERATION [BYTES] () SECTOR + SECTORS */
	snprintf(sector, sizeof(sector), "%.*s", at ? (int)strcspn(at + 3, " ") : 0,
		 at ? at + 3 : "");
	n = (int)strcspn(l->fields, " ");
	n += 1 + (int)strcspn(l->fields + n + 1, " ");
	snprintf(name, sizeof(name), "%.*s", n, l->fields);
	begin_event(begin ? "b" : "e", DISKS, 0, l->time, name);
	fprintf(out, ",\"cat\":\"block\",\"id\":\"%s\",\"args\":{\"fields\":", sector);
	put_string(l->fields);
	fputs("}}", out);
}

static void do_event(const struct line *l)
{
	struct lane *lane = lane_of(l->pid);
	char text[40];

	last = l->time;
	if (l->pid == own &&
	    (!strncmp(l->event, "sys_", 4) || !strcmp(l->event, "page_fault_user")))
		return;
	name_lane(l->pid, l->name);
	if (!strcmp(l->event, "sched_switch")) {
		do_switch(l);
	} else if (!strcmp(l->event, "sys_enter")) {
		lane->called = true;
		lane->number = strtol(field(l->fields, "NR ", " ", text, sizeof(text)), NULL, 10);
		lane->since = l->time;
	} else if (!strcmp(l->event, "sys_exit")) {
		end_call(lane, l->time, field(l->fields, "= ", "\n", text, sizeof(text)));
	} else if (!strcmp(l->event, "sched_process_exit")) {
		end_call(lane, l->time, NULL);
		put_instant(TASKS, l->pid, l->time, "exits", l->fields);
	} else if (!strcmp(l->event, "irq_handler_entry")) {
		harts[l->hart].irq = l->time;
		field(l->fields, "name=", "\n", harts[l->hart].irq_name, sizeof(harts[0].irq_name));
	} else if (!strcmp(l->event, "irq_handler_exit")) {
		if (harts[l->hart].irq_name[0])
			put_slice(HARTS, l->hart, harts[l->hart].irq, l->time,
				  harts[l->hart].irq_name, "exit", l->fields);
		harts[l->hart].irq_name[0] = 0;
	} else if (!strcmp(l->event, "block_rq_issue") || !strcmp(l->event, "block_rq_complete")) {
		do_block(l, !strcmp(l->event, "block_rq_issue"));
	} else {
		put_instant(TASKS, l->pid, l->time, l->event, l->fields);
	}
}

/* What is still open when the trace ends. */
static void end_all(void)
{
	put_name("process_name", HARTS, 0, "harts");
	put_name("process_name", TASKS, 0, "tasks");
	put_name("process_name", DISKS, 0, "disks");
	for (int h = 0; h < 64; h++) {
		char name[16];

		if (!harts[h].known)
			continue;
		snprintf(name, sizeof(name), "hart %d", h);
		put_name("thread_name", HARTS, h, name);
		if (harts[h].pid)
			put_slice(HARTS, h, harts[h].since, last, harts[h].name, NULL, NULL);
	}
	for (int i = 0; i < LANES; i++)
		end_call(&lanes[i], last, NULL);
}

/* ---- the trace --------------------------------------------------------------------------- */

/*
 * What trace_pipe has now; the beginning of a line is kept for the next time. Reading is traced, too, so
 * only when tracing is off (`all`) does it have an end.
 */
static void drain(int pipe, bool all)
{
	static char buf[65536];
	static size_t have;
	ssize_t n;

	for (int i = 0; all || i < READS; i++) {
		char *at = buf, *end;

		n = read(pipe, buf + have, sizeof(buf) - 1 - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		buf[have] = 0;
		if (plain) {
			fwrite(buf, 1, have, out);
			have = 0;
			continue;
		}
		while ((end = memchr(at, '\n', (size_t)(buf + have - at)))) {
			struct line l;

			*end = 0;
			if (read_line(at, &l))
				do_event(&l);
			at = end + 1;
		}
		have -= (size_t)(at - buf);
		memmove(buf, at, have);
		if (have == sizeof(buf) - 1)
			have = 0;
	}
}

static pid_t start(char **argv)
{
	pid_t pid;
	int go[2];
	char c;

	if (pipe(go))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		close(go[1]);
		if (read(go[0], &c, 1) == 1)
			execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	close(go[0]);
	must_put("tracing_on", "1");
	if (write(go[1], "x", 1) != 1)
		warn("pipe");
	close(go[1]);
	return pid;
}

/* Until the command ends, or somebody interrupts; its status. */
static int follow(int pipe, pid_t pid)
{
	int status = 0;

	while (!done) {
		drain(pipe, false);
		if (pid && waitpid(pid, &status, WNOHANG) == pid)
			break;
		usleep(20000);
	}
	must_put("tracing_on", "0");
	drain(pipe, true);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *name = NULL, *size = NULL,
		   *events = "sched,raw_syscalls,exceptions,irq,block,net";
	struct sigaction act = { .sa_handler = on_signal };
	bool list = false;
	char *names;
	int opt, pipe, status;
	pid_t pid = 0;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "+b:e:lo:t")) != -1) {
		switch (opt) {
		case 'b':
			size = optarg;
			break;
		case 'e':
			events = optarg;
			break;
		case 'l':
			list = true;
			break;
		case 'o':
			name = optarg;
			break;
		case 't':
			plain = true;
			break;
		default:
			usage(help, 2);
		}
	}
	if (access(FOLDER "/trace", F_OK) && mount("tracefs", FOLDER, "tracefs", 0, NULL))
		err(1, FOLDER);
	if (list) {
		list_events();
		return 0;
	}
	must_put("tracing_on", "0");
	must_put("events/enable", "0");
	if (size)
		must_put("buffer_size_kb", size);
	pipe = open(FOLDER "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe < 0)
		err(1, FOLDER "/trace_pipe");
	name = name ? name : plain ? "-" : "trace.json";
	own = getpid();
	out = strcmp(name, "-") ? fopen(name, "we") : stdout;
	if (!out)
		err(1, "%s", name);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGPIPE, &act, NULL);
	names = need(strdup(events));
	for (char *e = strtok(names, ","); e; e = strtok(NULL, ","))
		enable(e);
	free(names);
	if (!plain)
		fputs("{\"traceEvents\":[\n", out);
	put("trace", "");
	if (argv[optind])
		pid = start(argv + optind);
	else
		must_put("tracing_on", "1");
	status = follow(pipe, pid);
	must_put("events/enable", "0");
	must_put("tracing_on", "1");
	if (!plain) {
		end_all();
		fputs("\n],\"displayTimeUnit\":\"ns\"}\n", out);
	}
	if (fclose(out))
		err(1, "%s", name);
	return status;
}
