/*
 * sys/eventfd.h - a counter to wait for (eventfd(2)).
 */
#ifndef _SYS_EVENTFD_H
#define _SYS_EVENTFD_H

#include <uapi/eventfd.h>

int eventfd(unsigned int value, int flags);

#endif
