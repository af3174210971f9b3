/*
 * sys/ioctl.h - requests to devices.
 */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

#include <features.h>
#include <uapi/ioctl.h>
#include <uapi/sockios.h>
#include <uapi/termios.h>

/* A device's own requests (SIOCDEVPRIVATE), and one that no driver here takes. */
#define SIOCSIFMAP	 0x8971
#define SIOCPROTOPRIVATE 0x89e0
#define SIOCDEVPRIVATE	 0x89f0

#ifdef __cplusplus
extern "C" {
#endif

int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
