/*
 * proc.c - processes as /proc shows them (proc(5)).
 */
#include "proc.h"
#include "common.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

char *proc_text(const char *path)
{
	FILE *f = fopen(path, "re");
	char *s = NULL;
	size_t n = 0, room = 0, got;

	if (!f)
		return NULL;
	do {
		if (n + 1 >= room)
			s = need(realloc(s, room = room * 2 + 4096));
		got = fread(s + n, 1, room - n - 1, f);
		n += got;
	} while (got);
	s[n] = 0;
	fclose(f);
	return s;
}

unsigned long long meminfo(const char *text, const char *name)
{
	size_t n = strlen(name);

	while (text) {
		if (!strncmp(text, name, n) && text[n] == ':')
			return strtoull(text + n + 1, NULL, 10);
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return 0;
}

double uptime_seconds(void)
{
	char *s = proc_text("/proc/uptime");
	double v = s ? strtod(s, NULL) : 0;

	free(s);
	return v;
}

const char *terminal_name(dev_t dev)
{
	static char name[32];
	unsigned int a = major(dev), b = minor(dev);

	if (!dev)
		return "?";
	if (a >= 136 && a < 144)
		snprintf(name, sizeof(name), "pts/%u", (a - 136) * 256 + b);
	else if (a == 4 && b >= 64)
		snprintf(name, sizeof(name), "ttyS%u", b - 64);
	else if (a == 4)
		snprintf(name, sizeof(name), "tty%u", b);
	else if (a == 229)
		snprintf(name, sizeof(name), "hvc%u", b);
	else
		snprintf(name, sizeof(name), "%u:%u", a, b);
	return name;
}

static void command_of(struct process *p)
{
	char path[64];
	FILE *f;
	size_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)p->pid);
	f = fopen(path, "re");
	if (f) {
		n = fread(p->command, 1, sizeof(p->command) - 1, f);
		fclose(f);
	}
	while (n && !p->command[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		if (!isprint((unsigned char)p->command[i]) && (signed char)p->command[i] >= 0)
			p->command[i] = ' ';
	p->command[n] = 0;
	if (!n)
		snprintf(p->command, sizeof(p->command), "[%s]", p->name);
}

static bool read_process(struct process *p, const char *pid)
{
	char path[300], *text, *open, *close;
	long v[40] = { 0 };
	struct stat st;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	text = proc_text(path);
	open = text ? strchr(text, '(') : NULL;
	close = text ? strrchr(text, ')') : NULL;
	if (!open || !close) {
		free(text);
		return false;
	}
	memset(p, 0, sizeof(*p));
	p->pid = atoi(text);
	snprintf(p->name, sizeof(p->name), "%.*s", (int)(close - open - 1), open + 1);
	p->state = close[2];
	for (char *s = close + 3; n < 40 && *s;) {
		char *end;

		v[n++] = (long)strtoull(s, &end, 10);
		if (end == s)
			break;
		s = end;
	}
	p->ppid = (pid_t)v[0];
	p->pgrp = (pid_t)v[1];
	p->session = (pid_t)v[2];
	p->tty = (dev_t)v[3];
	p->tpgid = (pid_t)v[4];
	p->utime = (unsigned long)v[10];
	p->stime = (unsigned long)v[11];
	p->priority = v[14];
	p->nice = v[15];
	p->threads = v[16];
	p->start = (unsigned long long)v[18];
	p->size = (unsigned long)v[19] / 1024;
	p->rss = (unsigned long)v[20] * ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
	p->hart = (int)v[35];
	free(text);
	snprintf(path, sizeof(path), "/proc/%s", pid);
	p->uid = stat(path, &st) ? 0 : st.st_uid;
	command_of(p);
	return true;
}

static int by_pid(const void *a, const void *b)
{
	return ((const struct process *)a)->pid - ((const struct process *)b)->pid;
}

int processes(struct process **out)
{
	struct process *list = NULL;
	int n = 0, room = 0;
	struct dirent *d;
	DIR *dir = opendir("/proc");

	if (!dir)
		err(1, "/proc");
	while ((d = readdir(dir))) {
		if (!isdigit((unsigned char)d->d_name[0]))
			continue;
		if (n == room)
			list = need(realloc(list, (size_t)(room = room * 2 + 64) * sizeof(*list)));
		n += read_process(&list[n], d->d_name);
	}
	closedir(dir);
	if (n)
		qsort(list, (size_t)n, sizeof(*list), by_pid);
	*out = list;
	return n;
}
