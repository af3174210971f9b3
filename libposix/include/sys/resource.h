/*
 * sys/resource.h - limits, usage, priorities.
 */
#ifndef _SYS_RESOURCE_H
#define _SYS_RESOURCE_H

#include <features.h>
#include <sys/types.h>
#include <uapi/resource.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long rlim_t;

#define RLIM_SAVED_CUR RLIM_INFINITY
#define RLIM_SAVED_MAX RLIM_INFINITY
#define RLIM_NLIMITS   16
#define RLIMIT_OFILE   RLIMIT_NOFILE

int getrlimit(int what, struct rlimit *lim);
int setrlimit(int what, const struct rlimit *lim);
#if __MISC_VISIBLE
int prlimit(pid_t pid, int what, const struct rlimit *lim, struct rlimit *old);
#endif
int getrusage(int who, struct rusage *usage);
int getpriority(int which, id_t who);
int setpriority(int which, id_t who, int prio);

#if __MISC_VISIBLE
#define rlimit64    rlimit
#define getrlimit64 getrlimit
#define setrlimit64 setrlimit
#endif

#ifdef __cplusplus
}
#endif

#endif
