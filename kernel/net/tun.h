/*
 * TUN and TAP devices: /dev/net/tun.
 */
#ifndef NET_TUN_H
#define NET_TUN_H

void tun_init(void);
#endif
