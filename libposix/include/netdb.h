/*
 * netdb.h - names of hosts: POSIX getaddrinfo. Known are numbers, /etc/hosts, and what the servers
 * of /etc/resolv.conf answer; services are numbers.
 */
#ifndef _NETDB_H
#define _NETDB_H

#include <netinet/in.h>
#include <sys/socket.h>

struct addrinfo {
	int ai_flags, ai_family, ai_socktype, ai_protocol;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;
	struct addrinfo *ai_next;
};

#define AI_PASSIVE     0x01
#define AI_NUMERICHOST 0x04

#define EAI_NONAME     (-2)
#define EAI_AGAIN      (-3)
#define EAI_FAIL       (-4)
#define EAI_FAMILY     (-6)
#define EAI_SERVICE    (-8)
#define EAI_MEMORY     (-10)

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
		struct addrinfo **list);
void freeaddrinfo(struct addrinfo *list);
const char *gai_strerror(int code);

#endif
