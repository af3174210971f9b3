/*
 * sys/resource.h - limits, usage, priorities.
 */
#ifndef _SYS_RESOURCE_H
#define _SYS_RESOURCE_H

#include <sys/types.h>
#include <uapi/resource.h>

typedef unsigned long rlim_t;

int getrlimit(int what, struct rlimit *lim);
int setrlimit(int what, const struct rlimit *lim);
int getrusage(int who, struct rusage *usage);
int getpriority(int which, id_t who);
int setpriority(int which, id_t who, int prio);

#endif
