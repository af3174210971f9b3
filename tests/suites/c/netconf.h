/*
 * netconf.h - the words of /proc/sys/net for netconf.c and netconf_sock.c: put, get, and the table's walk.
 */
#ifndef SUITE_NETCONF_H
#define SUITE_NETCONF_H

#include "check.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define IP "/usr/sbin/ip -c=never " /* the shell may have one of its own */

void put(const char *name, const char *value);
void get(const char *name, char *value, size_t size);
void sh(const char *command);
long now_ms(void);

struct netconf_case {
	const char *word, *values[5];
	void (*fn)(void);
};

/* Each word that has `only` in it with each of its values; before: called before each. */
void walk(const struct netconf_case *cases, size_t n, const char *only, void (*before)(void));

#endif
