/*
 * ps - the processes (XCU ps).
 */
#include "common/common.h"
#include "common/proc.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>

static const char help[] =
	"usage: ps [-A | -e | -a | -x | -p PID,... | -t TTY | -u USER] [-f | -l | -o NAME[=TITLE],...] [PID...],\n"
	"       or ps aux\n"
	"Print the processes of this terminal and user, or those named.\n"
	"  -e, -A  all;  -a  all with a terminal\n"
	"  -f, -l  more of each;  -o  only these: pid ppid pgid sid user uid tty stat pri ni nlwp psr vsz rss\n"
	"          time etime stime comm args pcpu pmem\n";

struct column {
	const char *name, *title;
	int width; /* negative: to the left */
};

static const struct column known[] = {
	{ "pid", "PID", 7 },
	{ "ppid", "PPID", 7 },
	{ "pgid", "PGID", 7 },
	{ "pgrp", "PGRP", 7 },
	{ "sid", "SID", 7 },
	{ "sess", "SESS", 7 },
	{ "user", "USER", -8 },
	{ "uid", "UID", 5 },
	{ "euser", "USER", -8 },
	{ "tty", "TTY", -8 },
	{ "tt", "TT", -8 },
	{ "stat", "STAT", -4 },
	{ "state", "S", 1 },
	{ "s", "S", 1 },
	{ "pri", "PRI", 3 },
	{ "ni", "NI", 3 },
	{ "nice", "NI", 3 },
	{ "nlwp", "NLWP", 4 },
	{ "thcount", "THCNT", 5 },
	{ "psr", "PSR", 3 },
	{ "vsz", "VSZ", 6 },
	{ "rss", "RSS", 5 },
	{ "time", "TIME", 8 },
	{ "etime", "ELAPSED", 11 },
	{ "stime", "STIME", 5 },
	{ "start", "START", 5 },
	{ "comm", "COMMAND", -15 },
	{ "ucmd", "CMD", -15 },
	{ "args", "COMMAND", -27 },
	{ "cmd", "CMD", -27 },
	{ "command", "COMMAND", -27 },
	{ "pcpu", "%CPU", 4 },
	{ "%cpu", "%CPU", 4 },
	{ "pmem", "%MEM", 4 },
	{ "%mem", "%MEM", 4 },
};

static struct column columns[40];
static int count;
static double now_up;
static long ticks;
static unsigned long long total_memory;

static void add_columns(const char *list)
{
	char *copy = need(strdup(list));

	for (char *s = strtok(copy, ", "); s; s = strtok(NULL, ", ")) {
		char *title = strchr(s, '=');
		bool found = false;

		if (title)
			*title++ = 0;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !found; i++) {
			if (strcmp(known[i].name, s))
				continue;
			found = true;
			if (count == 39)
				errx(1, "too many columns");
			columns[count] = known[i];
			if (title)
				columns[count].title = title;
			count++;
		}
		if (!found)
			errx(1, "%s: no column", s);
	}
}

static void time_text(char *out, size_t size, unsigned long s, bool days)
{
	if (days && s >= 86400)
		snprintf(out, size, "%lu-%02lu:%02lu:%02lu", s / 86400, s / 3600 % 24, s / 60 % 60,
			 s % 60);
	else if (days && s < 3600)
		snprintf(out, size, "%02lu:%02lu", s / 60, s % 60);
	else
		snprintf(out, size, "%02lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void value(const struct process *p, const char *name, char *out, size_t size)
{
	unsigned long used = p->utime + p->stime;
	double age = now_up - (double)p->start / (double)ticks;
	time_t began = time(NULL) - (time_t)age;
	char stat[8];

	if (!strcmp(name, "pid"))
		snprintf(out, size, "%d", (int)p->pid);
	else if (!strcmp(name, "ppid"))
		snprintf(out, size, "%d", (int)p->ppid);
	else if (!strcmp(name, "pgid") || !strcmp(name, "pgrp"))
		snprintf(out, size, "%d", (int)p->pgrp);
	else if (!strcmp(name, "sid") || !strcmp(name, "sess"))
		snprintf(out, size, "%d", (int)p->session);
	else if (!strcmp(name, "user") || !strcmp(name, "euser"))
		snprintf(out, size, "%s", user_name(p->uid));
	else if (!strcmp(name, "uid"))
		snprintf(out, size, "%u", p->uid);
	else if (name[0] == 't' && name[1] == 't')
		snprintf(out, size, "%s", terminal_name(p->tty));
	else if (!strcmp(name, "stat")) {
		snprintf(stat, sizeof(stat), "%c%s%s%s%s", p->state,
			 p->nice < 0 ? "<" :
			 p->nice > 0 ? "N" :
				       "",
			 p->session == p->pid ? "s" : "", p->threads > 1 ? "l" : "",
			 p->tpgid == p->pgrp ? "+" : "");
		snprintf(out, size, "%s", stat);
	} else if (!strcmp(name, "state") || !strcmp(name, "s"))
		snprintf(out, size, "%c", p->state);
	else if (!strcmp(name, "pri"))
		snprintf(out, size, "%ld", 39 - p->priority);
	else if (!strcmp(name, "ni") || !strcmp(name, "nice"))
		snprintf(out, size, "%ld", p->nice);
	else if (!strcmp(name, "nlwp") || !strcmp(name, "thcount"))
		snprintf(out, size, "%ld", p->threads);
	else if (!strcmp(name, "psr"))
		snprintf(out, size, "%d", p->hart);
	else if (!strcmp(name, "vsz"))
		snprintf(out, size, "%lu", p->size);
	else if (!strcmp(name, "rss"))
		snprintf(out, size, "%lu", p->rss);
	else if (!strcmp(name, "time"))
		time_text(out, size, used / (unsigned long)ticks, false);
	else if (!strcmp(name, "etime"))
		time_text(out, size, age > 0 ? (unsigned long)age : 0, true);
	else if (!strcmp(name, "stime") || !strcmp(name, "start"))
		strftime(out, size, age > 86400 ? "%b%d" : "%H:%M", localtime(&began));
	else if (!strcmp(name, "comm") || !strcmp(name, "ucmd"))
		snprintf(out, size, "%s", p->name);
	else if (strstr(name, "cpu"))
		snprintf(out, size, "%.1f", age > 0 ? (double)used * 100 / (double)ticks / age : 0);
	else if (strstr(name, "mem"))
		snprintf(out, size, "%.1f",
			 total_memory ? (double)p->rss * 100 / (double)total_memory : 0);
	else
		snprintf(out, size, "%s", p->command);
}

static void check_list(const char *list)
{
	if (!*list || list[strspn(list, "0123456789, ")])
		errx(1, "%s: not a list of process numbers", list);
}

/* Whether the list, of numbers between commas and blanks, has it. */
static bool listed(const char *list, pid_t pid)
{
	while (*(list += strspn(list, ", "))) {
		char *end;

		if (strtol(list, &end, 10) == pid)
			return true;
		list = end;
	}
	return false;
}

static void put(const char *text, const struct column *c, bool last)
{
	int w = abs(c->width);

	if (!*c->title)
		w = 0;
	if (c->width > 0)
		printf("%*s", w, text);
	else if (last)
		fputs(text, stdout);
	else
		printf("%-*s", w, text);
	putchar(last ? '\n' : ' ');
}

int main(int argc, char **argv)
{
	bool all = false, terminals = false, any_terminal = false;
	const char *pids = NULL, *tty = NULL, *user = NULL;
	struct process *list;
	dev_t own_tty = 0;
	bool titles = false;
	int opt, n;
	char *mem, text[1024];
	uid_t uid = geteuid();

	help_option(argc, argv, help);
	if (argc > 1 && isalpha((unsigned char)argv[1][0])) {
		bool u = strchr(argv[1], 'u');

		all = strchr(argv[1], 'x') || strchr(argv[1], 'a');
		add_columns(u ? "user,pid,pcpu,pmem,vsz,rss,tty,stat,start,time,args" :
				"pid,tty,stat,time,args");
		optind = 2;
	}
	while ((opt = getopt(argc, argv, "AeaxflFwo:p:t:u:U:")) != -1) {
		switch (opt) {
		case 'A':
		case 'e':
		case 'x':
			all = true;
			break;
		case 'a':
			terminals = true;
			break;
		case 'f':
		case 'F':
			add_columns("user,pid,ppid,pcpu,stime,tty,time,cmd");
			break;
		case 'l':
			add_columns("s,uid,pid,ppid,pri,ni,vsz,rss,tty,time,ucmd");
			break;
		case 'o':
			add_columns(optarg);
			break;
		case 'p':
			pids = optarg;
			break;
		case 't':
			tty = optarg;
			break;
		case 'u':
		case 'U':
			user = optarg;
			if (!user_id(optarg, &uid))
				errx(1, "%s: no user", optarg);
			break;
		case 'w':
			break;
		default:
			usage(help, 1);
		}
	}
	if (pids)
		check_list(pids);
	for (int k = optind; k < argc; k++)
		check_list(argv[k]);
	if (!count)
		add_columns("pid,tty,time,ucmd");
	ticks = sysconf(_SC_CLK_TCK);
	ticks = ticks > 0 ? ticks : 100;
	now_up = uptime_seconds();
	mem = proc_text("/proc/meminfo");
	total_memory = meminfo(mem, "MemTotal");
	free(mem);
	n = processes(&list);
	for (int i = 0; i < n; i++)
		if (list[i].pid == getpid())
			own_tty = list[i].tty;
	for (int i = 0; i < count; i++)
		titles |= *columns[i].title != 0;
	for (int i = 0; i < count && titles; i++)
		put(columns[i].title, &columns[i], i == count - 1);
	for (int i = 0; i < n; i++) {
		struct process *p = &list[i];
		bool want;

		want = all || (terminals && p->tty) || (pids && listed(pids, p->pid)) ||
		       (user && p->uid == uid);
		for (int k = optind; k < argc; k++)
			want |= listed(argv[k], p->pid);
		if (tty)
			want |= !strcmp(terminal_name(p->tty),
					strncmp(tty, "/dev/", 5) ? tty : tty + 5);
		if (!terminals && !pids && !user && !tty && optind == argc)
			want |= p->uid == uid && p->tty == own_tty;
		if (!want)
			continue;
		any_terminal = true;
		for (int k = 0; k < count; k++) {
			value(p, columns[k].name, text, sizeof(text));
			put(text, &columns[k], k == count - 1);
		}
	}
	free(list);
	return finish(!any_terminal);
}
