/*
 * net/route.h - the old way to routes: ioctl(2) with SIOCADDRT.
 */
#ifndef _NET_ROUTE_H
#define _NET_ROUTE_H

#include <features.h>
#include <netinet/in.h>
#include <uapi/sockios.h>

#endif
