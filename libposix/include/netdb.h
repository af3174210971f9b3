/*
 * netdb.h - names of hosts and services: POSIX, getaddrinfo(3), getnameinfo(3). Known are numbers,
 * /etc/hosts, /etc/services, and what the servers of /etc/resolv.conf answer.
 */
#ifndef _NETDB_H
#define _NETDB_H

#include <features.h>
#include <netinet/in.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

struct addrinfo {
	int ai_flags, ai_family, ai_socktype, ai_protocol;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname; /* of the first in the list, with AI_CANONNAME */
	struct addrinfo *ai_next;
};

struct hostent {
	char *h_name, **h_aliases;
	int h_addrtype, h_length;
	char **h_addr_list;
};
#if __MISC_VISIBLE
#define h_addr h_addr_list[0]
#endif

struct netent {
	char *n_name, **n_aliases;
	int n_addrtype;
	uint32_t n_net;
};

struct servent {
	char *s_name, **s_aliases;
	int s_port;
	char *s_proto;
};

struct protoent {
	char *p_name, **p_aliases;
	int p_proto;
};

#define AI_PASSIVE	0x01
#define AI_CANONNAME	0x02
#define AI_NUMERICHOST	0x04
#define AI_V4MAPPED	0x08
#define AI_ALL		0x10
#define AI_ADDRCONFIG	0x20
#define AI_NUMERICSERV	0x400

#define NI_NUMERICHOST	0x01
#define NI_NUMERICSERV	0x02
#define NI_NOFQDN	0x04
#define NI_NAMEREQD	0x08
#define NI_DGRAM	0x10
#define NI_NUMERICSCOPE 0x20
#if __MISC_VISIBLE
#define NI_MAXHOST 1025
#define NI_MAXSERV 32
#endif

#define EAI_BADFLAGS (-1)
#define EAI_NONAME   (-2)
#define EAI_AGAIN    (-3)
#define EAI_FAIL     (-4)
#if __MISC_VISIBLE
#define EAI_NODATA (-5)
#endif
#define EAI_FAMILY   (-6)
#define EAI_SOCKTYPE (-7)
#define EAI_SERVICE  (-8)
#define EAI_MEMORY   (-10)
#define EAI_SYSTEM   (-11)
#define EAI_OVERFLOW (-12)

#if __MISC_VISIBLE
#define EAI_ADDRFAMILY (-9)
#define EAI_INPROGRESS (-100)

#define HOST_NOT_FOUND 1
#define TRY_AGAIN      2
#define NO_RECOVERY    3
#define NO_DATA	       4
#define NO_ADDRESS     NO_DATA
#define NETDB_INTERNAL (-1)
#define NETDB_SUCCESS  0

#define h_errno	       (*__h_errno_location())
#endif
int *__h_errno_location(void) __attribute__((const));

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **list);
void freeaddrinfo(struct addrinfo *list);
int getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t hostlen,
		char *service, socklen_t servicelen, int flags);
const char *gai_strerror(int code);

struct hostent *gethostbyname(const char *name);
#if __MISC_VISIBLE
struct hostent *gethostbyname2(const char *name, int family);
#endif
struct hostent *gethostbyaddr(const void *addr, socklen_t len, int family);
#if __MISC_VISIBLE
int gethostbyname_r(const char *name, struct hostent *host, char *buf, size_t size,
		    struct hostent **out, int *err);
int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buf, size_t size,
		     struct hostent **out, int *err);
int gethostbyaddr_r(const void *addr, socklen_t len, int family, struct hostent *host, char *buf,
		    size_t size, struct hostent **out, int *err);
#endif
void sethostent(int stay);
void endhostent(void);
struct hostent *gethostent(void);
#if __MISC_VISIBLE
void herror(const char *text);
const char *hstrerror(int err);
#endif

void setservent(int stay);
void endservent(void);
struct servent *getservent(void);
struct servent *getservbyname(const char *name, const char *proto);
struct servent *getservbyport(int port, const char *proto);
#if __MISC_VISIBLE
int getservbyname_r(const char *name, const char *proto, struct servent *serv, char *buf,
		    size_t size, struct servent **out);
int getservbyport_r(int port, const char *proto, struct servent *serv, char *buf, size_t size,
		    struct servent **out);
#endif

void setprotoent(int stay);
void endprotoent(void);
struct protoent *getprotoent(void);
struct protoent *getprotobyname(const char *name);
struct protoent *getprotobynumber(int proto);

void setnetent(int stay);
void endnetent(void);
struct netent *getnetent(void);
struct netent *getnetbyname(const char *name);
struct netent *getnetbyaddr(uint32_t net, int family);

#ifdef __cplusplus
}
#endif

#endif
