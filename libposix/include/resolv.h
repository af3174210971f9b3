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
 * The length of the answer, of which no more than the room is kept, or -1 with h_errno: no such name, no record
 * of that type, or no server that answers. res_search tries the domains of /etc/resolv.conf too.
 */
int res_query(const char *name, int cls, int type, unsigned char *answer, int room);
int res_search(const char *name, int cls, int type, unsigned char *answer, int room);

/*
 * Read resolv.conf into _res, which says from here on what this thread asks, and whom. Without it the file is read for
 * each question.
 */
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

/*
 * The same with what is asked, and how, in a state of the caller's: res_ninit reads resolv.conf into it, and it may be changed
 * then. Servers with addresses of IPv6 are in _u._ext, each beside an entry of nsaddr_list that has no family.
 */
#define MAXNS	     3
#define MAXDNSRCH    6
#define RES_TIMEOUT  5
#define RES_DFLRETRY 2

#define RES_INIT     0x0001 /* the state is in use */
#define RES_USEVC    0x0008 /* ask over TCP */
#define RES_IGNTC    0x0020 /* an answer that was cut short will do */
#define RES_RECURSE  0x0040
#define RES_DEFNAMES 0x0080 /* res_nsearch tries the first domain for names without a dot */
#define RES_DNSRCH   0x0200 /* and all of them for others */
#define RES_DEFAULT  (RES_RECURSE | RES_DEFNAMES | RES_DNSRCH)

struct __res_state {
	int retrans, retry; /* seconds to wait; how often each server is asked */
	unsigned long options;
	int nscount;
	struct sockaddr_in nsaddr_list[MAXNS];
#define nsaddr nsaddr_list[0]
	unsigned short id;
	char *dnsrch[MAXDNSRCH + 1];
	char defdname[256]; /* the text that dnsrch points into */
	unsigned ndots : 4;
	int res_h_errno;
	union {
		struct {
			struct sockaddr_in6 nsaddrs[MAXNS];
		} _ext;
	} _u;
};
typedef struct __res_state *res_state;

/* This thread's: that of the functions without a state, once it is in use (RES_INIT). */
struct __res_state *__res_state(void);
#define _res (*__res_state())

int res_ninit(res_state st);
void res_nclose(res_state st);
int res_nquery(res_state st, const char *name, int cls, int type, unsigned char *answer, int room);
int res_nsearch(res_state st, const char *name, int cls, int type, unsigned char *answer, int room);
int res_nquerydomain(res_state st, const char *name, const char *domain, int cls, int type,
		     unsigned char *answer, int room);
int res_nmkquery(res_state st, int op, const char *name, int cls, int type,
		 const unsigned char *data, int len, const unsigned char *unused,
		 unsigned char *buf, int room);
int res_nsend(res_state st, const unsigned char *question, int len, unsigned char *answer,
	      int room);

/* Is it a name of a host (RFC 952, 1123), of a mailbox's domain, of anything that has a record? 1 or 0. */
int res_hnok(const char *name);
int res_ownok(const char *name);
int res_mailok(const char *name);
int res_dnok(const char *name);

/* Base 64 (RFC 4648 section 4): what was written, or -1: no room, or no such text. */
int b64_ntop(const unsigned char *data, size_t len, char *text, size_t room);
int b64_pton(const char *text, unsigned char *data, size_t room);

/* How long a name is, with what it points to left out; -1: it is none. */
int dn_skipname(const unsigned char *at, const unsigned char *end);

/* A name into a message, shortened by pointing to those of the list dn (NULL: don't). */
int dn_comp(const char *name, unsigned char *at, int room, unsigned char **dn,
	    unsigned char **last);

#ifdef __cplusplus
}
#endif

#endif
