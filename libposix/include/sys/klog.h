/*
 * sys/klog.h - the kernel's log: syslog(2).
 */
#ifndef _SYS_KLOG_H
#define _SYS_KLOG_H

#ifdef __cplusplus
extern "C" {
#endif

int klogctl(int type, char *buf, int len);

#ifdef __cplusplus
}
#endif

#endif
