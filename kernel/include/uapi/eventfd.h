/*
 * uapi/eventfd.h - eventfd(2), timerfd_create(2), pidfd_open(2).
 */
#ifndef UAPI_EVENTFD_H
#define UAPI_EVENTFD_H

#include <uapi/ioctl.h>

#define EFD_SEMAPHORE		1
#define EFD_CLOEXEC		02000000
#define EFD_NONBLOCK		00004000

#define TFD_TIMER_ABSTIME	1
#define TFD_TIMER_CANCEL_ON_SET (1 << 1)
#define TFD_CLOEXEC		02000000
#define TFD_NONBLOCK		00004000

#define TFD_IOC_SET_TICKS	_IOW('T', 0, __u64)

/* ioctl_pidfd(2): namespaces of the process, from IPC's to UTS's. */
#define PIDFS_IOCTL_MAGIC	0xff
#define PIDFD_GET_IPC_NAMESPACE _IO(PIDFS_IOCTL_MAGIC, 2)
#define PIDFD_GET_UTS_NAMESPACE _IO(PIDFS_IOCTL_MAGIC, 10)
#define PIDFD_NONBLOCK		00004000

#endif
