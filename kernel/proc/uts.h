/*
 * What uname(2) says, for the call, /proc/sys/kernel and the boot banner; uts_namespaces(7).
 */
#ifndef PROC_UTS_H
#define PROC_UTS_H

#include <uapi/utsname.h>
#include "core/userns.h"
#include "sync/spinlock.h"

#define UTS_RELEASE_REST "-tarn" /* behind the version of Linux whose behaviour it is */

extern struct utsname first_uts; /* that of boot */
extern spinlock_t uts_lock;

struct utsname *
uts_name(void); /* current's. [uts_lock] nodename and domainname; the rest is constant */
struct user_ns *uts_owner(void); /* of current's */
struct ns *uts_unshare(struct user_ns *owner); /* a copy of current's; ERR_PTR(-ENOMEM) */
#endif
