/* sys/un.h - addresses of Unix sockets: unix(7). */
#ifndef _SYS_UN_H
#define _SYS_UN_H

#include <sys/socket.h>

#endif
