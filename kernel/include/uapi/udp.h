/*
 * uapi/udp.h - the options of udp(7).
 */
#ifndef UAPI_UDP_H
#define UAPI_UDP_H

#define UDP_CORK	 1
#define UDP_ENCAP	 100
#define UDP_NO_CHECK6_TX 101
#define UDP_NO_CHECK6_RX 102
#define UDP_SEGMENT	 103
#define UDP_GRO		 104

#endif
