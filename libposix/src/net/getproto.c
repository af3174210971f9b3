/*
 * getproto.c - protocols: getprotobyname(3) and its family, from a table of those
 * there are; networks by name, of which there are none.
 */
#include <netdb.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *alias;
	int number;
} table[] = {
	{ "ip", "IP", 0 },
	{ "icmp", "ICMP", 1 },
	{ "igmp", "IGMP", 2 },
	{ "ipencap", "IP-ENCAP", 4 },
	{ "tcp", "TCP", 6 },
	{ "egp", "EGP", 8 },
	{ "udp", "UDP", 17 },
	{ "ipv6", "IPv6", 41 },
	{ "ipv6-route", "IPv6-Route", 43 },
	{ "ipv6-frag", "IPv6-Frag", 44 },
	{ "gre", "GRE", 47 },
	{ "esp", "IPSEC-ESP", 50 },
	{ "ah", "IPSEC-AH", 51 },
	{ "ipv6-icmp", "IPv6-ICMP", 58 },
	{ "ipv6-nonxt", "IPv6-NoNxt", 59 },
	{ "ipv6-opts", "IPv6-Opts", 60 },
	{ "ospf", "OSPFIGP", 89 },
	{ "sctp", "SCTP", 132 },
	{ "udplite", "UDPLite", 136 },
	{ "raw", "RAW", 255 },
};
#define COUNT ((int)(sizeof(table) / sizeof(table[0])))

static int at;
static struct protoent one;
static char *aliases[2];

static struct protoent *give(int i)
{
	aliases[0] = (char *)table[i].alias;
	one = (struct protoent){ (char *)table[i].name, aliases, table[i].number };
	return &one;
}

void setprotoent(int stay)
{
	(void)stay;
	at = 0;
}

void endprotoent(void)
{
	at = 0;
}

struct protoent *getprotoent(void)
{
	return at < COUNT ? give(at++) : NULL;
}

struct protoent *getprotobyname(const char *name)
{
	for (int i = 0; i < COUNT; i++)
		if (!strcmp(name, table[i].name) || !strcmp(name, table[i].alias))
			return give(i);
	return NULL;
}

struct protoent *getprotobynumber(int proto)
{
	for (int i = 0; i < COUNT; i++)
		if (proto == table[i].number)
			return give(i);
	return NULL;
}

void setnetent(int stay)
{
	(void)stay;
}

void endnetent(void)
{
}

struct netent *getnetent(void)
{
	return NULL;
}

struct netent *getnetbyname(const char *name)
{
	(void)name;
	return NULL;
}

struct netent *getnetbyaddr(uint32_t net, int family)
{
	(void)net;
	(void)family;
	return NULL;
}

void sethostent(int stay)
{
	(void)stay;
}

void endhostent(void)
{
}

struct hostent *gethostent(void)
{
	return NULL;
}
