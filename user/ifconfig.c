/*
 * ifconfig - shows the network devices and their addresses, and sets them: netdevice(7). Asking goes
 * through getifaddrs(3), setting through the ioctls that this program is as old as.
 */
#include "common/common.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <uapi/if_packet.h>
#include <uapi/rtnetlink.h>
#include <uapi/sockios.h>
#include <unistd.h>

static const char help[] =
	"usage: ifconfig [-a] [DEVICE]           show those that are up (-a: all), or one\n"
	"       ifconfig DEVICE WORD...          set, in the order of the words:\n"
	"  up  down  mtu N  hw MAC\n"
	"  ADDRESS[/BITS]  netmask MASK  broadcast ADDRESS      of IPv4\n"
	"  add ADDRESS/BITS  del ADDRESS/BITS                   of IPv6\n";

static const char *const flag_names[] = { "UP",		 "BROADCAST",  "DEBUG",	  "LOOPBACK",
					  "POINTOPOINT", "NOTRAILERS", "RUNNING", "NOARP",
					  "PROMISC",	 "ALLMULTI",   "MASTER",  "SLAVE",
					  "MULTICAST" };

static int sock;

static void device_ioctl(unsigned long cmd, struct ifreq *r)
{
	if (ioctl(sock, cmd, r))
		err(1, "%s", r->ifr_name);
}

/* ---- showing ----------------------------------------------------------------------------- */

static unsigned bits_of(const struct sockaddr *mask)
{
	const unsigned char *m =
		mask->sa_family == AF_INET ?
			(const void *)&((const struct sockaddr_in *)mask)->sin_addr :
			(const void *)&((const struct sockaddr_in6 *)mask)->sin6_addr;
	unsigned n = 0, most = mask->sa_family == AF_INET ? 32 : 128;

	while (n < most && m[n / 8] & 0x80 >> n % 8)
		n++;
	return n;
}

static void show_device(const struct ifaddrs *a)
{
	const struct sockaddr_ll *ll = (const void *)a->ifa_addr;
	const struct rtnl_link_stats *s = a->ifa_data;
	struct ifreq r = { 0 };
	const char *comma = "";

	strlcpy(r.ifr_name, a->ifa_name, sizeof(r.ifr_name));
	device_ioctl(SIOCGIFMTU, &r);
	printf("%s: flags <", a->ifa_name);
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++) {
		if (!(a->ifa_flags & 1u << i))
			continue;
		printf("%s%s", comma, flag_names[i]);
		comma = ",";
	}
	printf(">, mtu %d\n", r.ifr_mtu);
	if (ll->sll_halen == 6 && !(a->ifa_flags & IFF_LOOPBACK))
		printf("\tether %02x:%02x:%02x:%02x:%02x:%02x\n", ll->sll_addr[0], ll->sll_addr[1],
		       ll->sll_addr[2], ll->sll_addr[3], ll->sll_addr[4], ll->sll_addr[5]);
	if (s)
		printf("\treceived %u packets, %u bytes; sent %u packets, %u bytes; %u errors, %u lost\n",
		       s->rx_packets, s->rx_bytes, s->tx_packets, s->tx_bytes,
		       s->rx_errors + s->tx_errors, s->rx_dropped + s->tx_dropped);
}

static void show_address(const struct ifaddrs *a)
{
	char text[INET6_ADDRSTRLEN];
	const struct sockaddr_in *in = (const void *)a->ifa_addr;
	const struct sockaddr_in6 *in6 = (const void *)a->ifa_addr;
	int v4 = in->sin_family == AF_INET;

	inet_ntop(in->sin_family, v4 ? (const void *)&in->sin_addr : &in6->sin6_addr, text,
		  sizeof(text));
	printf("\t%s %s/%u", v4 ? "inet" : "inet6", text, bits_of(a->ifa_netmask));
	in = (const void *)a->ifa_dstaddr;
	if (v4 && in && !(a->ifa_flags & IFF_LOOPBACK))
		printf(" %s %s", a->ifa_flags & IFF_BROADCAST ? "broadcast" : "to",
		       inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)));
	putchar('\n');
}

static int of_device(const struct ifaddrs *a, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(a->ifa_name, name, n) && (!a->ifa_name[n] || a->ifa_name[n] == ':');
}

static int show(const char *name, int all)
{
	struct ifaddrs *list;
	int shown = 0;

	if (getifaddrs(&list))
		err(1, "devices");
	for (struct ifaddrs *d = list; d; d = d->ifa_next) {
		if (d->ifa_addr->sa_family != AF_PACKET)
			continue;
		if (name ? strcmp(name, d->ifa_name) : !all && !(d->ifa_flags & IFF_UP))
			continue;
		show_device(d);
		shown = 1;
		for (struct ifaddrs *a = list; a; a = a->ifa_next)
			if (a->ifa_addr->sa_family != AF_PACKET && of_device(a, d->ifa_name))
				show_address(a);
	}
	freeifaddrs(list);
	if (name && !shown)
		errx(1, "%s: no such device", name);
	return 0;
}

/* ---- setting ----------------------------------------------------------------------------- */

static void set_flags(struct ifreq *r, int set, int clear)
{
	device_ioctl(SIOCGIFFLAGS, r);
	r->ifr_flags = (short)((r->ifr_flags | set) & ~clear);
	device_ioctl(SIOCSIFFLAGS, r);
}

static void set_v4(struct ifreq *r, unsigned long cmd, const char *text)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&r->ifr_addr;

	*in = (struct sockaddr_in){ .sin_family = AF_INET };
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
		errx(2, "%s: not an address of IPv4", text);
	device_ioctl(cmd, r);
}

/* The number behind the slash, which is cut off; -1: there is none. */
static int cut_bits(char *text, int most)
{
	char *slash = strchr(text, '/'), *end;
	long bits;

	if (!slash)
		return -1;
	*slash = '\0';
	bits = strtol(slash + 1, &end, 10);
	if (*end || !slash[1] || bits < 0 || bits > most)
		errx(2, "%s: from 0 to %d bits", slash + 1, most);
	return (int)bits;
}

static void set_address(struct ifreq *r, char *text)
{
	int bits = cut_bits(text, 32);
	struct in_addr mask = { .s_addr = bits > 0 ? htonl(~0u << (32 - bits)) : 0 };
	char mask_text[INET_ADDRSTRLEN];

	set_v4(r, SIOCSIFADDR, text);
	if (bits < 0)
		return;
	set_v4(r, SIOCSIFNETMASK, inet_ntop(AF_INET, &mask, mask_text, sizeof(mask_text)));
}

static void change_v6(const char *name, char *text, unsigned long cmd)
{
	int bits = cut_bits(text, 128), s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct in6_ifreq r = { .ifr6_ifindex = (int)if_nametoindex(name),
			       .ifr6_prefixlen = bits < 0 ? 128 : (unsigned)bits };

	if (inet_pton(AF_INET6, text, &r.ifr6_addr) != 1)
		errx(2, "%s: not an address of IPv6", text);
	if (s < 0 || ioctl(s, cmd, &r))
		err(1, "%s: %s", name, text);
	close(s);
}

static void set_mac(struct ifreq *r, const char *text)
{
	unsigned char *mac = (unsigned char *)r->ifr_hwaddr.sa_data;
	char *end;

	r->ifr_hwaddr = (struct sockaddr){ .sa_family = 1 }; /* Ethernet */
	for (int i = 0; i < 6; i++) {
		mac[i] = (unsigned char)strtoul(text, &end, 16);
		if (end != text + 2 || *end != (i < 5 ? ':' : '\0'))
			errx(2, "%s: not an address of Ethernet", text);
		text = end + 1;
	}
	device_ioctl(SIOCSIFHWADDR, r);
}

static int set(const char *name, char **words)
{
	struct ifreq r = { 0 };

	if (strlcpy(r.ifr_name, name, sizeof(r.ifr_name)) >= sizeof(r.ifr_name))
		errx(1, "%s: no such device", name);
	for (; *words; words++) {
		char *word = words[0], *value = words[1];
		int plain = !strcmp(word, "up") || !strcmp(word, "down") ||
			    strchr("0123456789", *word);

		if (!plain && !value)
			errx(2, "%s: what?", word);
		if (!strcmp(word, "up"))
			set_flags(&r, IFF_UP | IFF_RUNNING, 0);
		else if (!strcmp(word, "down"))
			set_flags(&r, 0, IFF_UP);
		else if (plain)
			set_address(&r, word);
		else if (!strcmp(word, "netmask"))
			set_v4(&r, SIOCSIFNETMASK, value);
		else if (!strcmp(word, "broadcast"))
			set_v4(&r, SIOCSIFBRDADDR, value);
		else if (!strcmp(word, "add") || !strcmp(word, "del"))
			change_v6(name, value, *word == 'a' ? SIOCSIFADDR : SIOCDIFADDR);
		else if (!strcmp(word, "hw"))
			set_mac(&r, value);
		else if (!strcmp(word, "mtu")) {
			r.ifr_mtu = atoi(value);
			device_ioctl(SIOCSIFMTU, &r);
		} else {
			errx(2, "%s: no such word", word);
		}
		words += !plain;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int all = 0, c;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "+a")) != -1) { /* up to the device */
		if (c != 'a')
			usage(help, 2);
		all = 1;
	}
	argc -= optind - 1;
	argv += optind - 1;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		err(1, "socket");
	if (argc > 2)
		return set(argv[1], argv + 2);
	return show(argc > 1 ? argv[1] : NULL, all);
}
