/*
 * sys/kd.h - a console's keyboard and display (ioctl_console(2)), as Linux's own header has them.
 */
#ifndef _SYS_KD_H
#define _SYS_KD_H

#include <linux/kd.h>

#endif
