/*
 * netconf.c - what the words of net.ipv4 and net.ipv6 change. netconf.sh has made a pair of devices, v0 with
 * addresses and v1 without: frames that this program sends by v1 are received by v0, and what v0 sends it
 * sees on v1. Each case writes a word, does the same for each value, and prints what came of it. The cases are in
 * files of their own, by subject.
 *
 *	netconf [WORD]	only names that have it in them
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

#include <sched.h>

int main(int argc, char **argv)
{
	static const struct netconf_table *const tables[] = { &netconf_neigh,  &netconf_icmp,
							      &netconf_router, &netconf_group,
							      &netconf_tcp,    &netconf_peer,
							      &netconf_port };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	CHECK(!sched_setaffinity(0, sizeof(one), &one));
	wire = open_wire("v1");
	while (next(NULL, 2000)) /* v0's own groups and addresses: until all is told */
		continue;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		printf("== %s\n", tables[i]->title);
		walk(tables[i]->cases, tables[i]->n, argc > 1 ? argv[1] : "", drain);
	}
	return 0;
}
