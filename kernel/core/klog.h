/*
 * The kernel log as one reader takes it, so that nothing is read twice: syslog(2),
 * SYSLOG_ACTION_READ, and /proc/kmsg (proc(5)).
 */
#ifndef CORE_KLOG_H
#define CORE_KLOG_H

#include <types.h>
#include "core/wait.h"

/* At most n bytes, which are taken; sleeps until there are some. -EAGAIN with nonblock, -ERESTARTSYS. */
long klog_read(char *buf, size_t n, bool nonblock);
size_t klog_unread(void);
/* Who waits here for more calls klog_watch then: the log itself wakes nobody. */
extern struct waitq klog_wait;
void klog_watch(void);
void klog_init(void);
#endif
