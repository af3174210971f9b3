/*
 * sys/un.h - addresses of Unix sockets: unix(7).
 */
#ifndef _SYS_UN_H
#define _SYS_UN_H

#include <features.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __MISC_VISIBLE
#define SUN_LEN(s) \
	(__builtin_offsetof(struct sockaddr_un, sun_path) + __builtin_strlen((s)->sun_path))
#endif

#ifdef __cplusplus
}
#endif

#endif
