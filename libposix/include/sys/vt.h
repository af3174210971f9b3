/*
 * sys/vt.h - virtual terminals of a console (ioctl_console(2)), as Linux's own header has them.
 */
#ifndef _SYS_VT_H
#define _SYS_VT_H

#include <linux/vt.h>

#endif
