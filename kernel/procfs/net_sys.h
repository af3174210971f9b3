/*
 * /proc/sys/net: what its files share (ip-sysctl). A row names a word of a network's own settings; the
 * folders conf/DEV and neigh/DEV, which devices come and go from, are made of the same rows.
 */
#ifndef PROCFS_NET_SYS_H
#define PROCFS_NET_SYS_H

#include "net/inet.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/neigh.h"
#include "net/tcp.h"
#include "procfs/net.h"
#include "procfs/sysctl.h"

/* What a row's word is part of. */
enum room {
	ROOM_IP4,
	ROOM_IP6,
	ROOM_CONF4,
	ROOM_CONF6,
	ROOM_NEIGH4,
	ROOM_NEIGH6,
	ROOM_TCP,
	ROOM_TCP_ALL,
	ROOM_SOCK
};

struct word {
	u8 room, n; /* n: words in a row, 0 as 1 */
	u16 offset;
	u16 unit; /* how much of the word 1 in the file is; 0 as 1 */
	bool is_unsigned; /* an unsigned word, of any value */
	int min, max;
	void (*changed)(struct net *net, u64 arg, int was, int now); /* net->mutex held */
};

/* The args of the folders of devices: all, the default, or a device's number from 2 on. */
enum { CONF_ALL, CONF_DEFAULT, CONF_DEVICES };

int net_word_show(struct text *out, const struct subject *s);
int net_word_store(const struct subject *s, char *text, size_t n);

/* A file of each network's own, and the folders. */
#define NODE_NET_SYS(nm, md, get, put, what)                                               \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SYSCTL | NODE_NETWORK, \
		.show = (get), .store = (put), .data = (what)                              \
	}
#define NODE_WORDS(nm, rm, type, field, least, most, ...)                    \
	NODE_NET_SYS(nm, 0644, net_word_show, net_word_store,                \
		     (&(const struct word){ .room = (rm),                    \
					    .offset = offsetof(type, field), \
					    .min = (least),                  \
					    .max = (most),                   \
					    __VA_ARGS__ }))
#define WORD(nm, rm, type, field, least, most, fn) \
	NODE_WORDS(nm, rm, type, field, least, most, .changed = (fn))
#define WORDS(nm, rm, type, field, count, least, most) \
	NODE_WORDS(nm, rm, type, field, least, most, .n = (count))
#define WORD_UNIT(nm, rm, type, field, size) \
	NODE_WORDS(nm, rm, type, field, 0, S32_MAX / (size), .unit = (size))
#define CONF4(nm)		    WORD(#nm, ROOM_CONF4, struct ip4_conf, nm, 0, S32_MAX, NULL)
#define CONF4_NOT_DONE(nm)	    WORD(#nm, ROOM_CONF4, struct ip4_conf, not_done, 0, 0, NULL)
#define CONF6(nm)		    WORD(#nm, ROOM_CONF6, struct ip6_conf, nm, S32_MIN, S32_MAX, NULL)
#define IP4(nm, field, least, most) WORD(nm, ROOM_IP4, struct ip4_net, field, least, most, NULL)
#define IP6(nm, field, least, most) WORD(nm, ROOM_IP6, struct ip6_net, field, least, most, NULL)
/* On or off, and what counts from 0. */
#define IP4_SWITCH(nm, field)	IP4(nm, field, 0, 1)
#define IP6_SWITCH(nm, field)	IP6(nm, field, 0, 1)
#define IP4_COUNT(nm, field)	IP4(nm, field, 0, S32_MAX)
#define IP6_COUNT(nm, field)	IP6(nm, field, 0, S32_MAX)
#define TCP_IN(nm, least, most) WORD("tcp_" #nm, ROOM_TCP, struct tcp_sysctl, nm, least, most, NULL)
#define TCP(nm)			TCP_IN(nm, 0, S32_MAX)
#define TCP_BYTE(nm)		TCP_IN(nm, 0, 255)

/* The folders of devices: conf's of both versions, neigh's of both. */
enum { DIR_CONF4, DIR_CONF6, DIR_NEIGH4, DIR_NEIGH6 };
int net_conf_lookup(const struct subject *s, const char *name, struct place *to);
bool net_conf_next(const struct subject *s, u64 *key, char *name, struct place *to);
#define NODE_DEVICES(nm, which)                                                                 \
	{                                                                                       \
		.name = (nm), .mode = S_IFDIR | 0555, .flags = NODE_SYSCTL | NODE_NETWORK,      \
		.lookup = net_conf_lookup, .next = net_conf_next, .data = (const void *)(which) \
	}
#define NODE_SUB(nm, table)                                                                \
	{                                                                                  \
		.name = (nm), .mode = S_IFDIR | 0555, .flags = NODE_SYSCTL | NODE_NETWORK, \
		.sub = (table)                                                             \
	}

/* What a change of ip_forward brings with it. */
void net_ip_forward(struct net *net, u64 arg, int was, int now);
#endif
