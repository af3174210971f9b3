/* net/if.h - network devices by name and number: POSIX; netdevice(7). */
#ifndef _NET_IF_H
#define _NET_IF_H

#include <features.h>
#include <sys/socket.h>
#include <uapi/if.h>

/* linux/libc-compat.h: linux/if.h need not define these again. */
#define __UAPI_DEF_IF_IFCONF				     0
#define __UAPI_DEF_IF_IFMAP				     0
#define __UAPI_DEF_IF_IFNAMSIZ				     0
#define __UAPI_DEF_IF_IFREQ				     0
#define __UAPI_DEF_IF_NET_DEVICE_FLAGS			     0
#define __UAPI_DEF_IF_NET_DEVICE_FLAGS_LOWER_UP_DORMANT_ECHO 0

#define IF_NAMESIZE					     IFNAMSIZ

#ifdef __cplusplus
extern "C" {
#endif

struct if_nameindex {
	unsigned if_index; /* 0 ends the list */
	char *if_name;
};

unsigned if_nametoindex(const char *name); /* 0: none */
char *if_indextoname(unsigned index, char *name); /* NULL: none */
struct if_nameindex *if_nameindex(void); /* NULL and errno; if_freenameindex frees it */
void if_freenameindex(struct if_nameindex *list);

#ifdef __cplusplus
}
#endif

#endif
