/*
 * net/route.h - the old way to routes: ioctl(2) with SIOCADDRT.
 */
#ifndef _NET_ROUTE_H
#define _NET_ROUTE_H

#include <features.h>
#include <netinet/in.h>
#include <uapi/sockios.h>

/* The flags that no route of Linux's has had for long. */
#define RTF_REINSTATE 0x0008
#define RTF_DYNAMIC   0x0010
#define RTF_MODIFIED  0x0020
#define RTF_MSS	      RTF_MTU
#define RTF_WINDOW    0x0080
#define RTF_IRTT      0x0100

#endif
