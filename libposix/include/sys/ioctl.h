/*
 * sys/ioctl.h - requests to devices.
 */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

#include <features.h>
#include <uapi/ioctl.h>
#include <uapi/sockios.h>
#include <uapi/termios.h>

#ifdef __cplusplus
extern "C" {
#endif

int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
