/*
 * proc.h - processes as /proc shows them.
 */
#ifndef USER_COMMON_PROC_H
#define USER_COMMON_PROC_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid, ppid, pgrp, session, tpgid;
	uid_t uid;
	dev_t tty;
	char name[64], state;
	long nice, threads, priority;
	unsigned long utime, stime; /* in ticks */
	unsigned long long start; /* ticks after boot */
	unsigned long size, rss; /* KiB */
	int hart;
	char command[512]; /* with arguments, or [name] */
};

/* All of them by pid, in new memory; the count. */
int processes(struct process **out);

/* "pts/0", "ttyS0", "?" */
const char *terminal_name(dev_t dev);

/* A file of /proc as one text in new memory, or NULL. */
char *proc_text(const char *path);

/* A value of /proc/meminfo in KiB. */
unsigned long long meminfo(const char *text, const char *name);

/* Seconds since boot. */
double uptime_seconds(void);

#endif
