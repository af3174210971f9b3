/*
 * resolv.h - questions to name servers, resolver(3): what getaddrinfo asks is asked through these.
 */
#ifndef _RESOLV_H
#define _RESOLV_H

#include <arpa/nameser.h>
#include <sys/types.h>

/*
 * The length of the answer, of which no more than the room is kept, or -1: no such name, no record
 * of that type, or no server that answers. res_search tries the domains of /etc/resolv.conf too.
 */
int res_query(const char *name, int cls, int type, unsigned char *answer, int room);
int res_search(const char *name, int cls, int type, unsigned char *answer, int room);

/* Forget what /etc/resolv.conf said. Here nothing is to be done: it is read for each question. */
int res_init(void);

/* The name at `at` of a message, with dots. What it takes there, or -1: it isn't one. */
int dn_expand(const unsigned char *msg, const unsigned char *end, const unsigned char *at,
	      char *name, int room);

#endif
