/*
 * net/if.h - network devices, as netdevice(7) has them. Structures are the kernel's own.
 */
#ifndef _NET_IF_H
#define _NET_IF_H

#include <sys/socket.h>
#include <uapi/if.h>

#endif
