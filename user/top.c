/*
 * top - the busiest processes and each hart, again and again.
 */
#include "common/common.h"
#include "common/proc.h"

#include <err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: top [-b] [-d SECONDS] [-n TIMES] [-s c|m|p|t]\n"
	"Show the harts and the busiest processes, each SECONDS (2) anew. Keys: q ends, c m p t sort by\n"
	"processor, memory, pid, time; 1 shows each hart or their sum.\n"
	"  -b  one text after the other, for files\n";

#define HARTS 64

struct use {
	unsigned long long user, system, idle, wait;
};

struct row {
	struct process *p;
	double share;
};

static struct use before[HARTS + 1], now[HARTS + 1];
static int harts;
static struct process *old;
static int old_count;
static char order = 'c';
static bool each = true, batch;
static struct termios modes;
static long ticks = 100;

static void read_harts(void)
{
	char *text = proc_text("/proc/stat"), *line = text;
	int n = 0;

	memcpy(before, now, sizeof(now));
	for (; line && !strncmp(line, "cpu", 3) && n <= HARTS; n++) {
		unsigned long long v[8] = { 0 };

		sscanf(line + strcspn(line, " "), "%llu %llu %llu %llu %llu %llu %llu %llu", &v[0],
		       &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]);
		now[n] = (struct use){ v[0] + v[1], v[2] + v[5] + v[6], v[3], v[4] };
		line = strchr(line, '\n');
		line += line != NULL;
	}
	harts = n - 1;
	free(text);
}

static void show_hart(const char *name, const struct use *a, const struct use *b)
{
	double user = (double)(b->user - a->user), system = (double)(b->system - a->system);
	double idle = (double)(b->idle - a->idle), wait = (double)(b->wait - a->wait);
	double sum = user + system + idle + wait;

	sum = sum > 0 ? sum : 1;
	printf("%-8s %5.1f user %5.1f system %5.1f idle %5.1f wait  ", name, user * 100 / sum,
	       system * 100 / sum, idle * 100 / sum, wait * 100 / sum);
	for (int i = 0; i < 20; i++)
		putchar(i < (int)(user * 20 / sum)	      ? '#' :
			i < (int)((user + system) * 20 / sum) ? '+' :
								'.');
	fputs(batch ? "\n" : "\033[K\r\n", stdout);
}

static unsigned long used_before(pid_t pid)
{
	for (int i = 0; i < old_count; i++)
		if (old[i].pid == pid)
			return old[i].utime + old[i].stime;
	return 0;
}

static int compare(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	unsigned long ta = a->p->utime + a->p->stime, tb = b->p->utime + b->p->stime;

	if (order == 'm' && a->p->rss != b->p->rss)
		return a->p->rss < b->p->rss ? 1 : -1;
	if (order == 't' && ta != tb)
		return ta < tb ? 1 : -1;
	if (order == 'c' && a->share != b->share)
		return a->share < b->share ? 1 : -1;
	return a->p->pid - b->p->pid;
}

static void show(double passed, int rows, int width)
{
	const char *end = batch ? "\n" : "\033[K\r\n";
	struct process *list;
	struct row *row;
	unsigned long long total, available;
	char *mem = proc_text("/proc/meminfo"), *load = proc_text("/proc/loadavg"), when[32],
	     name[16];
	time_t t = time(NULL);
	double loads[3] = { 0 };
	int n = processes(&list), running = 0, line = 0;

	row = need(calloc((size_t)n + 1, sizeof(*row)));
	for (int i = 0; i < n; i++) {
		unsigned long used = list[i].utime + list[i].stime, was = used_before(list[i].pid);

		row[i].p = &list[i];
		row[i].share = passed > 0 && used > was ?
				       (double)(used - was) * 100 / (double)ticks / passed :
				       0;
		running += list[i].state == 'R';
	}
	qsort(row, (size_t)n, sizeof(*row), compare);
	if (!batch)
		fputs("\033[H", stdout);
	strftime(when, sizeof(when), "%H:%M:%S", localtime(&t));
	if (load)
		sscanf(load, "%lf %lf %lf", &loads[0], &loads[1], &loads[2]);
	printf("top %s  up %.0f s, load %.2f %.2f %.2f, %d processes, %d running%s", when,
	       uptime_seconds(), loads[0], loads[1], loads[2], n, running, end);
	line++;
	if (each) {
		for (int i = 0; i < harts; i++, line++) {
			snprintf(name, sizeof(name), "hart %d", i);
			show_hart(name, &before[i + 1], &now[i + 1]);
		}
	} else {
		show_hart("harts", &before[0], &now[0]);
		line++;
	}
	total = meminfo(mem, "MemTotal");
	available = meminfo(mem, "MemAvailable");
	printf("memory   %llu KiB, %llu used, %llu free, %llu cached%s%s", total, total - available,
	       meminfo(mem, "MemFree"), meminfo(mem, "Cached"), end, end);
	printf("%7s %-8s %3s %8s %8s %s %3s %5s %9s %s%s", "PID", "USER", "NI", "SIZE", "RES", "S",
	       "HRT", "%CPU", "TIME", "COMMAND", end);
	line += 4;
	for (int i = 0; i < n && (batch || line < rows); i++, line++) {
		const struct process *p = row[i].p;
		unsigned long s = (p->utime + p->stime) * 100 / (unsigned long)ticks;

		printf("%7d %-8.8s %3ld %8lu %8lu %c %3d %5.1f %3lu:%02lu.%02lu %.*s%s",
		       (int)p->pid, user_name(p->uid), p->nice, p->size, p->rss, p->state, p->hart,
		       row[i].share, s / 6000, s / 100 % 60, s % 100, width > 62 ? width - 62 : 1,
		       p->command,
		       i + 1 < n && (batch || line + 1 < rows) ? end :
		       batch				       ? "\n" :
								 "\033[K");
	}
	if (!batch)
		fputs("\033[J", stdout);
	fflush(stdout);
	free(row);
	free(old);
	old = list;
	old_count = n;
	free(mem);
	free(load);
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void restore(void)
{
	tcsetattr(0, TCSANOW, &modes);
	fputs("\033[?25h\n", stdout);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	double pause = 2;
	long times = -1;
	int opt;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "bd:n:s:")) != -1) {
		switch (opt) {
		case 'b':
			batch = true;
			break;
		case 'd':
			pause = strtod(optarg, NULL);
			break;
		case 'n':
			times = (long)number_arg(optarg, 1, 1 << 30, false);
			break;
		case 's':
			order = *optarg;
			break;
		default:
			usage(help, 1);
		}
	}
	if (sysconf(_SC_CLK_TCK) > 0)
		ticks = sysconf(_SC_CLK_TCK);
	if (!batch && isatty(0) && !tcgetattr(0, &modes)) {
		struct termios raw = modes;

		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(0, TCSANOW, &raw);
		atexit(restore);
		fputs("\033[2J\033[?25l", stdout);
	}
	read_harts();
	for (double shown = 0; times; times -= times > 0) {
		struct pollfd key = { .fd = 0, .events = POLLIN };
		struct winsize size = { .ws_row = 24, .ws_col = 80 };
		double at = seconds_now(), passed = shown > 0 ? at - shown : 0;
		char c;

		if (isatty(1))
			ioctl(1, TIOCGWINSZ, &size);
		if (passed > 0)
			read_harts();
		show(passed, size.ws_row ? size.ws_row : 24,
		     batch	 ? 512 :
		     size.ws_col ? size.ws_col :
				   80);
		if (times == 1)
			break;
		if (batch) {
			struct timespec t = { .tv_sec = (time_t)pause,
					      .tv_nsec = (long)((pause - (double)(time_t)pause) *
								1e9) };

			nanosleep(&t, NULL);
		} else if (poll(&key, 1, (int)(pause * 1000)) > 0) {
			if (read(0, &c, 1) != 1 || c == 'q')
				return 0;
			if (strchr("cmpt", c))
				order = c;
			if (c == '1')
				each = !each;
		}
		shown = at;
	}
	return finish(0);
}
