/*
 * net/route.h - the old way to routes: ioctl(2) with SIOCADDRT.
 */
#ifndef _NET_ROUTE_H
#define _NET_ROUTE_H

#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RTF_UP	    0x0001
#define RTF_GATEWAY 0x0002
#define RTF_HOST    0x0004
#define RTF_REJECT  0x0200

struct rtentry {
	unsigned long rt_pad1;
	struct sockaddr rt_dst, rt_gateway, rt_genmask;
	unsigned short rt_flags;
	short rt_pad2;
	unsigned long rt_pad3;
	void *rt_pad4;
	short rt_metric;
	char *rt_dev;
	unsigned long rt_mtu, rt_window;
	unsigned short rt_irtt;
};

#ifdef __cplusplus
}
#endif

#endif
