/*
 * names.h - what getaddrinfo(3), getnameinfo(3) and res_query(3) are made of.
 */
#ifndef LIBPOSIX_NAMES_H
#define LIBPOSIX_NAMES_H

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stddef.h>
#include <stdio.h>

#define ADDRS_MOST  48
#define NAME_MOST   256
#define ANSWER_MOST 4096
#define WORDS_MOST  36

/* An address that a name has. */
struct found {
	int family;
	unsigned scope;
	unsigned char addr[16];
	int rank; /* order.c's */
};

/* The words of a file's next line that has some, comments cut; their number, or -1: the end. */
int __words(FILE *f, char *line, int size, char *words[WORDS_MOST]);

/* Whether errno says that the machine or the process lacks something: then no file or server was asked. */
int __lacking(void);

/* A numeric address, with a scope after % (a device's name or number). 1, or 0: it is none. */
int __number(const char *text, struct found *out);

/* hosts.c: /etc/hosts. The count; 0: not there; EAI_SYSTEM with errno. */
int __hosts_addrs(const char *name, int family, struct found *out, char *canon);
/* The name of an address. 1, or 0: it has none there. */
int __hosts_name(const struct found *of, char *name, size_t room);

/* services.c: /etc/services. The port in the machine's order, or -1, or EAI_SYSTEM with errno; 1, or 0: it has no name. */
int __service_port(const char *name, const char *protocol);
int __service_name(int port, const char *protocol, char *name, size_t room);

/* dns.c: messages of RFC 1035. A question and its length, or 0: the name can't be one. */
size_t __dns_question(unsigned char *q, const char *name, int type, unsigned short id);
/* Does the message answer that question? */
int __dns_answers(const unsigned char *a, size_t len, const unsigned char *q, size_t qlen);
/*
 * The next record of an answer: *at starts at 0 and moves; -1 when there are no more. The name goes
 * to `name` (NAME_MOST), the data's place and length to *data and *n. The type is returned.
 */
int __dns_record(const unsigned char *a, size_t len, size_t *at, char *name,
		 const unsigned char **data, size_t *n);

/*
 * resolver.c: ask the servers of /etc/resolv.conf. The answer's length; EAI_NONAME, EAI_NODATA,
 * EAI_AGAIN, EAI_FAIL, EAI_SYSTEM with errno.
 */
struct resolver {
	int nr_servers;
	struct found servers[3];
	char search[NAME_MOST]; /* domains with a blank between them */
	int ndots, seconds, attempts;
	unsigned short ports[3]; /* of the servers; 0: 53 */
	int only_tcp, cut_will_do;
};

void __resolver_read(struct resolver *r);
/* To the domains that are searched, unless there is no room for it. */
void __resolver_add_domain(struct resolver *r, const char *domain);
int __resolver_ask(const struct resolver *r, const char *name, int type, unsigned char *a,
		   int room);
/* The n-th name to ask for `name`, by its dots and the search list, in `full`; 0: no more. */
int __resolver_candidate(const struct resolver *r, const char *name, int n, char full[NAME_MOST]);

/* res_state.c: as st says, which is made ready if it is not. */
void __resolver_from(struct resolver *r, struct __res_state *st);

/* res_query.c: resolver(3)'s, by what r says. */
int __res_ask(const struct resolver *r, const char *name, int cls, int type, unsigned char *answer,
	      int room);
int __res_search(const struct resolver *r, const char *name, int cls, int type,
		 unsigned char *answer, int room);
int __res_send(const struct resolver *r, const unsigned char *question, int len,
	       unsigned char *answer, int room);

/* gethostby.c: EAI_* as h_errno. */
int __old_error(int code);

/* order.c: RFC 6724, which address to try first. */
void __order(struct found *list, int n);

#endif
