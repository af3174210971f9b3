/*
 * dhcp - asks the network for an address: RFC 2131, options of RFC 2132.
 *
 * Sets the address, its mask, the default route and the MTU of a device, and writes
 * /etc/resolv.conf. Then it stays in the background, renews the lease when half of it is over, and
 * takes the address away when it ends.
 */
#include "common/common.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <uapi/sockios.h>
#include <unistd.h>

static const char help[] = "usage: dhcp [-fq1] [-t SECONDS] [DEVICE]\n"
			   "Configures DEVICE (the first that is Ethernet) from a DHCP server.\n"
			   "  -f          stay in the foreground and say what happens\n"
			   "  -q          say nothing\n"
			   "  -1          end when there is a lease; it is not renewed\n"
			   "  -t SECONDS  give up without an answer after so long (30; 0: never)\n";

#define SERVER_PORT   67
#define CLIENT_PORT   68
#define COOKIE	      0x63825363u
#define BROADCAST     0x8000
#define FOREVER	      0xffffffffu
#define OPTIONS_SPACE 312

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE };
enum {
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_HOSTNAME = 12,
	OPT_DOMAIN = 15,
	OPT_MTU = 26,
	OPT_BROADCAST = 28,
	OPT_ADDRESS = 50,
	OPT_LEASE,
	OPT_OVERLOAD,
	OPT_TYPE,
	OPT_SERVER,
	OPT_WANTED,
	OPT_SIZE = 57,
	OPT_T1,
	OPT_T2,
	OPT_CLIENT = 61,
	OPT_END = 255,
};

/* RFC 2131, figure 1. Numbers are big-endian. */
struct message {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16], sname[64], file[128];
	uint32_t cookie;
	uint8_t options[OPTIONS_SPACE];
};
_Static_assert(sizeof(struct message) == 552, "DHCP's message");

struct lease {
	uint32_t address, server, mask, router, broadcast; /* big-endian */
	uint32_t dns[3];
	unsigned nr_dns;
	uint32_t seconds, t1, t2;
	unsigned mtu;
	char domain[64];
};

static const char *device;
static uint8_t mac[6];
static int quiet, verbose;

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* --- options --- */

static uint8_t *put(uint8_t *at, uint8_t type, const void *data, size_t n)
{
	at[0] = type;
	at[1] = (uint8_t)n;
	memcpy(at + 2, data, n);
	return at + 2 + n;
}

static const uint8_t *find_in(const uint8_t *at, size_t n, uint8_t type, size_t *len)
{
	const uint8_t *end = at + n;

	while (at < end && *at != OPT_END) {
		if (!*at) {
			at++;
			continue;
		}
		if (end - at < 2 || end - at < 2 + at[1])
			break;
		if (*at == type) {
			*len = at[1];
			return at + 2;
		}
		at += 2 + at[1];
	}
	return NULL;
}

/* RFC 2131 4.1: options may go on in the fields of file and server's name. */
static const uint8_t *find(const struct message *m, size_t n, uint8_t type, size_t *len)
{
	const uint8_t *found =
		find_in(m->options, n - offsetof(struct message, options), type, len);
	const uint8_t *more;
	size_t k;

	if (found || type == OPT_OVERLOAD)
		return found;
	more = find(m, n, OPT_OVERLOAD, &k);
	if (more && k == 1 && (*more & 1))
		found = find_in(m->file, sizeof(m->file), type, len);
	if (!found && more && k == 1 && (*more & 2))
		found = find_in(m->sname, sizeof(m->sname), type, len);
	return found;
}

static uint32_t find_u32(const struct message *m, size_t n, uint8_t type)
{
	size_t len;
	const uint8_t *at = find(m, n, type, &len);
	uint32_t v = 0;

	if (at && len >= 4)
		memcpy(&v, at, 4);
	return v;
}

/* --- messages --- */

static void send_message(int fd, uint8_t type, uint32_t xid, const struct lease *l, uint32_t ciaddr,
			 uint32_t to, uint16_t secs)
{
	static const uint8_t wanted[] = { OPT_MASK,	 OPT_ROUTER, OPT_DNS, OPT_DOMAIN, OPT_MTU,
					  OPT_BROADCAST, OPT_LEASE,  OPT_T1,  OPT_T2 };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(SERVER_PORT) };
	struct message m = { .op = 1, .htype = 1, .hlen = 6, .xid = xid, .secs = htons(secs) };
	uint16_t size = htons(sizeof(m));
	uint8_t client[7] = { 1 }, *at;
	char host[65];

	m.flags = ciaddr ? 0 : htons(BROADCAST);
	m.ciaddr = ciaddr;
	memcpy(m.chaddr, mac, sizeof(mac));
	m.cookie = htonl(COOKIE);
	memcpy(client + 1, mac, sizeof(mac));
	at = put(m.options, OPT_TYPE, &type, 1);
	at = put(at, OPT_CLIENT, client, sizeof(client));
	at = put(at, OPT_SIZE, &size, sizeof(size));
	if (type != RELEASE)
		at = put(at, OPT_WANTED, wanted, sizeof(wanted));
	if (l->address && !ciaddr)
		at = put(at, OPT_ADDRESS, &l->address, 4);
	if (l->server && !ciaddr && type == REQUEST)
		at = put(at, OPT_SERVER, &l->server, 4);
	if (!gethostname(host, sizeof(host)) && host[0] && strlen(host) < sizeof(host))
		at = put(at, OPT_HOSTNAME, host, strlen(host));
	*at = OPT_END;
	a.sin_addr.s_addr = to;
	if (sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&a, sizeof(a)) < 0 && verbose)
		warn("%s: send", device);
}

/* An answer to xid before the deadline: its length; 0: none came. */
static size_t receive(int fd, uint32_t xid, time_t until, struct message *m, uint8_t *type)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		time_t left = until - now();
		const uint8_t *at;
		ssize_t n;
		size_t len;

		if (left < 0)
			return 0;
		if (poll(&p, 1, (int)(left > 60 ? 60 : left) * 1000 + 100) <= 0)
			continue;
		n = recv(fd, m, sizeof(*m), 0);
		if (n < (ssize_t)offsetof(struct message, options) + 4 || m->op != 2 ||
		    m->xid != xid || m->cookie != htonl(COOKIE) || memcmp(m->chaddr, mac, 6))
			continue;
		at = find(m, (size_t)n, OPT_TYPE, &len);
		if (!at || len != 1)
			continue;
		*type = *at;
		return (size_t)n;
	}
}

static void read_lease(const struct message *m, size_t n, struct lease *l)
{
	const uint8_t *at;
	size_t len;

	memset(l, 0, sizeof(*l));
	l->address = m->yiaddr;
	l->server = find_u32(m, n, OPT_SERVER);
	l->mask = find_u32(m, n, OPT_MASK);
	l->router = find_u32(m, n, OPT_ROUTER);
	l->broadcast = find_u32(m, n, OPT_BROADCAST);
	l->seconds = find(m, n, OPT_LEASE, &len) ? ntohl(find_u32(m, n, OPT_LEASE)) : FOREVER;
	l->t1 = ntohl(find_u32(m, n, OPT_T1));
	l->t2 = ntohl(find_u32(m, n, OPT_T2));
	if (!l->t1 || l->t1 >= l->seconds)
		l->t1 = l->seconds / 2;
	if (!l->t2 || l->t2 >= l->seconds || l->t2 < l->t1)
		l->t2 = l->seconds - l->seconds / 8;
	at = find(m, n, OPT_DNS, &len);
	for (; at && len >= 4 && l->nr_dns < 3; at += 4, len -= 4)
		memcpy(&l->dns[l->nr_dns++], at, 4);
	at = find(m, n, OPT_MTU, &len);
	if (at && len == 2)
		l->mtu = (unsigned)at[0] << 8 | at[1];
	at = find(m, n, OPT_DOMAIN, &len);
	if (at && len < sizeof(l->domain))
		memcpy(l->domain, at, len);
}

/* --- the device --- */

static void device_ioctl(int fd, unsigned long cmd, struct ifreq *r, int must)
{
	strlcpy(r->ifr_name, device, sizeof(r->ifr_name));
	if (ioctl(fd, cmd, r) && must)
		err(1, "%s", device);
}

static void set_addr(int fd, unsigned long cmd, uint32_t addr)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct ifreq r = { 0 };

	in.sin_addr.s_addr = addr;
	memcpy(&r.ifr_addr, &in, sizeof(in));
	device_ioctl(fd, cmd, &r, 0);
}

static void set_default_route(int fd, uint32_t router, int add)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct rtentry rt = { .rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = (char *)device };

	memcpy(&rt.rt_dst, &in, sizeof(in));
	memcpy(&rt.rt_genmask, &in, sizeof(in));
	in.sin_addr.s_addr = router;
	memcpy(&rt.rt_gateway, &in, sizeof(in));
	ioctl(fd, add ? SIOCADDRT : SIOCDELRT, &rt);
}

static void write_resolv_conf(const struct lease *l)
{
	FILE *f;

	if (!l->nr_dns)
		return;
	f = fopen("/etc/resolv.conf", "we");
	if (!f)
		return; /* a root that can't be written */
	if (l->domain[0])
		fprintf(f, "search %s\n", l->domain);
	for (unsigned i = 0; i < l->nr_dns; i++) {
		struct in_addr a = { l->dns[i] };
		char text[INET_ADDRSTRLEN];

		fprintf(f, "nameserver %s\n", inet_ntop(AF_INET, &a, text, sizeof(text)));
	}
	fclose(f);
}

static void configure(int fd, const struct lease *l)
{
	struct ifreq r = { 0 };

	set_addr(fd, SIOCSIFADDR, l->address);
	if (l->mask)
		set_addr(fd, SIOCSIFNETMASK, l->mask);
	if (l->broadcast)
		set_addr(fd, SIOCSIFBRDADDR, l->broadcast);
	if (l->mtu >= 576) {
		r.ifr_mtu = (int)l->mtu;
		device_ioctl(fd, SIOCSIFMTU, &r, 0);
	}
	if (l->router)
		set_default_route(fd, l->router, 1);
	write_resolv_conf(l);
}

static void deconfigure(int fd, const struct lease *l)
{
	if (l->router)
		set_default_route(fd, l->router, 0);
	set_addr(fd, SIOCSIFADDR, 0);
}

/* The first that is Ethernet; exits when there is none. */
static const char *first_device(int fd)
{
	static struct ifreq r;

	for (int i = 1; i < 64; i++) {
		r.ifr_ifindex = i;
		if (ioctl(fd, SIOCGIFNAME, &r) || ioctl(fd, SIOCGIFHWADDR, &r) ||
		    r.ifr_hwaddr.sa_family != 1)
			continue;
		return r.ifr_name;
	}
	errx(1, "there is no Ethernet device");
}

static int open_socket(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(CLIENT_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s", device);
	return fd;
}

static void bring_up(int fd)
{
	struct ifreq r = { 0 };

	device_ioctl(fd, SIOCGIFHWADDR, &r, 1);
	memcpy(mac, r.ifr_hwaddr.sa_data, sizeof(mac));
	device_ioctl(fd, SIOCGIFFLAGS, &r, 1);
	r.ifr_flags |= IFF_UP;
	device_ioctl(fd, SIOCSIFFLAGS, &r, 1);
}

/* --- the protocol: RFC 2131, figure 5 --- */

static uint32_t new_xid(void)
{
	uint32_t xid = 0;

	getrandom(&xid, sizeof(xid), 0);
	return xid;
}

/* DISCOVER to ACK. 0: there is a lease; -1: nobody answered in time. */
static int acquire(int fd, struct lease *l, unsigned patience)
{
	time_t begin = now();
	unsigned wait = 1;
	struct message m;
	uint8_t type;
	size_t n;

	for (;;) {
		uint32_t xid = new_xid();
		struct lease none = { 0 }, offer;

		if (patience && now() - begin >= (time_t)patience)
			return -1;
		send_message(fd, DISCOVER, xid, &none, 0, INADDR_BROADCAST,
			     (uint16_t)(now() - begin));
		do
			n = receive(fd, xid, now() + (time_t)wait, &m, &type);
		while (n && type != OFFER);
		wait = wait < 32 ? wait * 2 : 64;
		if (!n)
			continue;
		read_lease(&m, n, &offer);
		for (int tries = 0; tries < 3; tries++) {
			send_message(fd, REQUEST, xid, &offer, 0, INADDR_BROADCAST,
				     (uint16_t)(now() - begin));
			do
				n = receive(fd, xid, now() + 2 * (tries + 1), &m, &type);
			while (n && type != ACK && type != NAK);
			if (n)
				break;
		}
		if (n && type == ACK) {
			read_lease(&m, n, l);
			return 0;
		}
	}
}

/* T1: the server that gave it is asked for more; T2: any. 0: renewed; -1: the lease is over. */
static int renew(int fd, struct lease *l)
{
	time_t begin = now(), end;
	struct message m;
	uint8_t type;

	if (l->seconds == FOREVER)
		for (;;)
			pause();
	end = begin + (time_t)l->seconds;
	while (now() < begin + (time_t)l->t1)
		sleep((unsigned)(begin + (time_t)l->t1 - now()));
	while (now() < end) {
		int rebind = now() >= begin + (time_t)l->t2;
		time_t left = (rebind ? end : begin + (time_t)l->t2) - now();
		uint32_t xid = new_xid();
		size_t n;

		send_message(fd, REQUEST, xid, l, l->address,
			     rebind || !l->server ? INADDR_BROADCAST : l->server, 0);
		/* 4.4.5: half of what is left, and not more often than each minute. */
		n = receive(fd, xid,
			    now() + (left / 2 > 60 ? left / 2 :
				     left < 60	   ? left :
						     60),
			    &m, &type);
		if (n && type == NAK)
			return -1;
		if (n && type == ACK) {
			read_lease(&m, n, l);
			return 0;
		}
	}
	return -1;
}

static void tell(const struct lease *l)
{
	struct in_addr a = { l->address }, r = { l->router };
	char text[2][INET_ADDRSTRLEN];

	if (!quiet)
		printf("%s: %s, router %s, for %u s\n", device,
		       inet_ntop(AF_INET, &a, text[0], sizeof(text[0])),
		       l->router ? inet_ntop(AF_INET, &r, text[1], sizeof(text[1])) : "none",
		       l->seconds);
	fflush(stdout);
}

static void into_background(void)
{
	pid_t pid = fork();
	int null;

	if (pid < 0)
		err(1, "fork");
	if (pid)
		_exit(0);
	setsid();
	null = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
}

int main(int argc, char **argv)
{
	int once = 0, background = 0, opt, fd, control;
	unsigned patience = 30;
	struct lease l = { 0 };

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "fq1t:")) != -1) {
		switch (opt) {
		case 'f':
			verbose = 1;
			break;
		case 'q':
			quiet = 1;
			break;
		case '1':
			once = 1;
			break;
		case 't':
			patience = (unsigned)strtoul(optarg, NULL, 10);
			break;
		default:
			fputs(help, stderr);
			return 2;
		}
	}
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (control < 0)
		err(1, "socket");
	device = optind < argc ? argv[optind] : first_device(control);
	bring_up(control);
	fd = open_socket();
	for (;;) {
		if (acquire(fd, &l, patience))
			errx(1, "%s: no DHCP server answers", device);
		configure(control, &l);
		tell(&l);
		if (once)
			return 0;
		if (!verbose && !background)
			into_background();
		background = 1;
		patience = 0;
		while (!renew(fd, &l)) {
			configure(control, &l);
			if (verbose)
				tell(&l);
		}
		deconfigure(control, &l);
	}
}
