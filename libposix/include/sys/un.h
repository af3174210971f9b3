/*
 * sys/un.h - addresses of Unix sockets: unix(7).
 */
#ifndef _SYS_UN_H
#define _SYS_UN_H

#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SUN_LEN(s) \
	(__builtin_offsetof(struct sockaddr_un, sun_path) + __builtin_strlen((s)->sun_path))

#ifdef __cplusplus
}
#endif

#endif
