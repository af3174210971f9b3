/*
 * sys/prctl.h - settings of the calling process or thread (prctl(2)).
 */
#ifndef _SYS_PRCTL_H
#define _SYS_PRCTL_H

#include <uapi/prctl.h>

int prctl(int option, ...);

#endif
