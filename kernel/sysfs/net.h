/*
 * Network devices in sysfs.
 */
#ifndef SYSFS_NET_H
#define SYSFS_NET_H

#include "fs/tree/tree.h"

/* Of the folder of the devices, and, where the row's data is not NULL, of that of the links to them. */
int sysfs_net_lookup(const struct subject *s, const char *name, struct place *to);
bool sysfs_net_next(const struct subject *s, u64 *key, char *name, struct place *to);

/* The link in a device's folder to its class. */
const char *sysfs_subsystem(const struct subject *s, char *buf, size_t n);
#define NODE_SUBSYSTEM(nm)                                                                         \
	{                                                                                          \
		.name = "subsystem", .mode = S_IFLNK | 0777, .link = sysfs_subsystem, .data = (nm) \
	}
#endif
