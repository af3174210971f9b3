/*
 * What uname(2) says, for the call, /proc/sys/kernel and the boot banner.
 */
#ifndef PROC_UTS_H
#define PROC_UTS_H

#include <uapi/utsname.h>
#include "sync/spinlock.h"

extern struct utsname uts; /* [uts_lock] nodename and domainname; the rest is constant */
extern spinlock_t uts_lock;
#endif
