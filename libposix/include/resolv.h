/*
 * resolv.h - questions to name servers, resolver(3): what getaddrinfo asks is asked through these.
 */
#ifndef _RESOLV_H
#define _RESOLV_H

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* A question into buf, and one that is made already sent. The length, or -1. */
int res_mkquery(int op, const char *name, int cls, int type, const unsigned char *data, int len,
		const unsigned char *unused, unsigned char *buf, int room);
int res_send(const unsigned char *question, int len, unsigned char *answer, int room);
int res_querydomain(const char *name, const char *domain, int cls, int type, unsigned char *answer,
		    int room);

/* How long a name is, with what it points to left out; -1: it is none. */
int dn_skipname(const unsigned char *at, const unsigned char *end);

/* A name into a message, shortened by pointing to those of the list dn (NULL: don't). */
int dn_comp(const char *name, unsigned char *at, int room, unsigned char **dn,
	    unsigned char **last);

#ifdef __cplusplus
}
#endif

#endif
