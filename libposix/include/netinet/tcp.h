/* netinet/tcp.h - the options of TCP: tcp(7). */
#ifndef _NETINET_TCP_H
#define _NETINET_TCP_H

#include <uapi/tcp.h>

#endif
