/* net/if.h - network devices by name and number: POSIX; netdevice(7). */
#ifndef _NET_IF_H
#define _NET_IF_H

#include <sys/socket.h>
#include <uapi/if.h>

#define IF_NAMESIZE IFNAMSIZ

unsigned if_nametoindex(const char *name); /* 0: none */
char *if_indextoname(unsigned index, char *name); /* NULL: none */

#endif
