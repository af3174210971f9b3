/*
 * Core files: core(5). core_dump() has current's process, which dies of signo, leave one where
 * RLIMIT_CORE, PR_SET_DUMPABLE and /proc/sys/kernel/core_pattern let it; the wait status says
 * whether there is one, and the process ends in any case. A pattern that begins with | names a program, which is run by root and
 * reads the core; RLIMIT_CORE is not asked.
 */
#ifndef PROC_COREDUMP_H
#define PROC_COREDUMP_H

#include <types.h>
#include <uapi/signal.h>

#include "sync/spinlock.h"

#define CORE_NAME_MAX 128

extern char core_pattern[CORE_NAME_MAX]; /* [core_lock] */
extern spinlock_t core_lock;
extern int core_uses_pid; /* proc(5); any time */

void core_dump(int signo, const siginfo_t *si);

#endif
