/* The link, segments and figures of abuse.h. */
#include "abuse.h"

#include <linux/if_ether.h>

int wire, tap;

static const uint8_t far_mac[6] = { 2, 0, 0, 0, 9, 9 };
static uint8_t near_mac[6];

uint32_t rnd(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void put_u16(void *at, unsigned v)
{
	((uint8_t *)at)[0] = (uint8_t)(v >> 8);
	((uint8_t *)at)[1] = (uint8_t)v;
}

void put_u32(void *at, uint32_t v)
{
	put_u16(at, v >> 16);
	put_u16((uint8_t *)at + 2, v);
}

unsigned get_u16(const void *at)
{
	const uint8_t *b = at;

	return (unsigned)b[0] << 8 | b[1];
}

uint32_t get_u32(const void *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16((const uint8_t *)at + 2);
}

unsigned sum_of(const void *p, int n, unsigned sum)
{
	const uint8_t *b = p;

	for (; n > 1; n -= 2, b += 2)
		sum += get_u16(b);
	if (n)
		sum += (unsigned)*b << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

struct sockaddr_in at(uint32_t addr, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(addr) };
}

void link_up(int is_tap)
{
	struct ifreq r = { .ifr_flags = (short)((is_tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI) };
	struct in6_ifreq six = { .ifr6_prefixlen = 64 };
	struct sockaddr_in a = at(OURS, 0), mask = at(0xffff0000, 0);
	int s = (int)MUST(socket(AF_INET, SOCK_DGRAM, 0)),
	    s6 = (int)MUST(socket(AF_INET6, SOCK_DGRAM, 0));

	if (access("/proc/net", F_OK))
		MUST(mount("proc", "/proc", "proc", 0, NULL));
	tap = is_tap;
	wire = (int)MUST(open("/dev/net/tun", O_RDWR | O_NONBLOCK));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "abuse0");
	MUST(ioctl(wire, TUNSETIFF, &r));
	memcpy(&r.ifr_addr, &a, sizeof(a));
	MUST(ioctl(s, SIOCSIFADDR, &r));
	memcpy(&r.ifr_addr, &mask, sizeof(mask));
	MUST(ioctl(s, SIOCSIFNETMASK, &r));
	set("ipv6/conf/abuse0/accept_dad", "0");
	set("ipv6/conf/abuse0/dad_transmits", "0");
	MUST(ioctl(s, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	MUST(ioctl(s, SIOCSIFFLAGS, &r));
	if (tap) {
		MUST(ioctl(s, SIOCGIFHWADDR, &r));
		memcpy(near_mac, r.ifr_hwaddr.sa_data, 6);
	}
	MUST(ioctl(s, SIOCGIFINDEX, &r));
	six.ifr6_ifindex = r.ifr_ifindex;
	inet_pton(AF_INET6, "fd07::1", &six.ifr6_addr);
	MUST(ioctl(s6, SIOCSIFADDR, &six));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "lo");
	MUST(ioctl(s, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	MUST(ioctl(s, SIOCSIFFLAGS, &r));
	close(s);
	close(s6);
}

/* --- figures --- */

void set(const char *file, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", file);
	fd = (int)MUST(open(path, O_WRONLY));
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s", path);
	close(fd);
}

long figure(const char *file, const char *row, const char *name)
{
	char line[1024], *word, *save;
	FILE *f = fopen(file, "r");
	long found = -1;

	CHECK(f, "%s", file);
	while (found < 0 && fgets(line, sizeof(line), f)) {
		if (strncmp(line, row, strlen(row)))
			continue;
		word = strtok_r(line, " \t\n", &save);
		while (word && *name && strcmp(word, name))
			word = strtok_r(NULL, " \t\n", &save);
		if (word)
			found = atol(strtok_r(NULL, " \t\n", &save));
	}
	fclose(f);
	CHECK(found >= 0, "%s has no %s %s", file, row, name);
	return found;
}

long free_kib(void)
{
	return figure("/proc/meminfo", "MemFree:", "");
}

long counter(const char *name)
{
	char names[8192], values[8192], *n, *v, *ns, *vs;
	FILE *f = fopen("/proc/net/netstat", "r");
	long found = -1;

	CHECK(f && fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f), "netstat");
	fclose(f);
	n = strtok_r(names, " \n", &ns);
	for (v = strtok_r(values, " \n", &vs); n && v; v = strtok_r(NULL, " \n", &vs)) {
		if (!strcmp(n, name))
			found = atol(v);
		n = strtok_r(NULL, " \n", &ns);
	}
	return found;
}

void memory_is_back(long before, long margin)
{
	for (int i = 0; i < 50 && before - free_kib() > margin; i++)
		usleep(100000);
	CHECK(before - free_kib() <= margin, "%ld KiB less free memory than before",
	      before - free_kib());
}

void others_go_on(void)
{
	int status;
	pid_t pid = (pid_t)MUST(fork());

	if (!pid) {
		volatile char *p = malloc(4 << 20);

		for (int i = 0; p && i < 4 << 20; i += 4096)
			p[i] = 1;
		_exit(p ? 0 : 1);
	}
	MUST(waitpid(pid, &status, 0));
	CHECK(status == 0, "another program ended with status %#x", status);
}

/* --- onto the link --- */

void put_frame(int type, const uint8_t *packet, int n)
{
	uint8_t frame[4096];

	if (tap) {
		memcpy(frame, near_mac, 6);
		memcpy(frame + 6, far_mac, 6);
		put_u16(frame + 12, (unsigned)type);
		memcpy(frame + 14, packet, (size_t)n);
		packet = frame;
		n += 14;
	}
	while (write(wire, packet, (size_t)n) != n) {
		CHECK(errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM, "write to the link");
		sched_yield();
	}
}

void put_ip4(uint32_t src, uint32_t dst, int proto, unsigned id, unsigned frag, const void *data,
	     int n)
{
	uint8_t p[4000] = { 0x45 };

	put_u16(p + 2, (unsigned)n + 20);
	put_u16(p + 4, id);
	put_u16(p + 6, frag);
	p[8] = 64;
	p[9] = (uint8_t)proto;
	put_u32(p + 12, src);
	put_u32(p + 16, dst);
	put_u16(p + 10, ~sum_of(p, 20, 0) & 0xffff);
	memcpy(p + 20, data, (size_t)n);
	put_frame(ETH_P_IP, p, n + 20);
}

void put_ip6(const struct in6_addr *src, const struct in6_addr *dst, int next, const void *data,
	     int n)
{
	uint8_t p[4000] = { 0x60 };

	put_u16(p + 4, (unsigned)n);
	p[6] = (uint8_t)next;
	p[7] = 255;
	memcpy(p + 8, src, 16);
	memcpy(p + 24, dst, 16);
	memcpy(p + 40, data, (size_t)n);
	put_frame(ETH_P_IPV6, p, n + 40);
}

int make_udp(uint8_t *to, const void *pseudo, int pseudo_len, int sport, int dport,
	     const void *data, int n)
{
	unsigned sum;

	put_u16(to, (unsigned)sport);
	put_u16(to + 2, (unsigned)dport);
	put_u16(to + 4, (unsigned)n + 8);
	put_u16(to + 6, 0);
	memcpy(to + 8, data, (size_t)n);
	sum = sum_of(pseudo, pseudo_len, IPPROTO_UDP + (unsigned)n + 8);
	put_u16(to + 6, ~sum_of(to, n + 8, sum) & 0xffff);
	return n + 8;
}

/* --- TCP --- */

void put_tcp(const struct seg *s)
{
	uint8_t p[2200] = { 0 }, pseudo[8];
	int head = s->flags & SYN ? 24 : 20;
	unsigned sum;

	put_u16(p, (unsigned)s->sport);
	put_u16(p + 2, (unsigned)s->dport);
	put_u32(p + 4, s->seq);
	put_u32(p + 8, s->ack);
	p[12] = (uint8_t)(head << 2);
	p[13] = (uint8_t)s->flags;
	put_u16(p + 14, (unsigned)s->window);
	if (s->flags & SYN)
		memcpy(p + 20, "\2\4\5\264", 4); /* MSS 1460 */
	memcpy(p + head, s->data, (size_t)s->len);
	put_u32(pseudo, s->src);
	put_u32(pseudo + 4, s->dst);
	sum = sum_of(pseudo, 8, IPPROTO_TCP + (unsigned)(head + s->len));
	put_u16(p + 16, ~sum_of(p, head + s->len, sum) & 0xffff);
	put_ip4(s->src, s->dst, IPPROTO_TCP, rnd() & 0xffff, 0, p, head + s->len);
}

/* An ARP request is answered for whoever it asks for. */
void answer_arp(const uint8_t *frame)
{
	uint8_t a[28];

	if (get_u16(frame + 20) != 1)
		return;
	memcpy(a, frame + 14, 8);
	a[7] = 2;
	memcpy(a + 8, far_mac, 6);
	memcpy(a + 14, frame + 38, 4);
	memcpy(a + 18, frame + 22, 10);
	put_frame(ETH_P_ARP, a, 28);
}

int get_tcp(struct seg *s, int ms)
{
	static uint8_t buf[70000];
	double end = now() + ms / 1e3;
	uint8_t *p;
	int head;

	for (;;) {
		struct pollfd f = { wire, POLLIN, 0 };
		ssize_t n = read(wire, buf, sizeof(buf));

		if (n <= 0) {
			if (now() >= end)
				return 0;
			poll(&f, 1, (int)((end - now()) * 1000) + 1);
			continue;
		}
		p = buf;
		if (tap) {
			if (get_u16(buf + 12) == ETH_P_ARP)
				answer_arp(buf);
			if (get_u16(buf + 12) != ETH_P_IP)
				continue;
			p += 14;
		}
		if (p[0] != 0x45 || p[9] != IPPROTO_TCP)
			continue;
		s->src = get_u32(p + 12);
		s->dst = get_u32(p + 16);
		s->len = (int)get_u16(p + 2) - 20;
		p += 20;
		head = p[12] >> 2;
		s->sport = (int)get_u16(p);
		s->dport = (int)get_u16(p + 2);
		s->seq = get_u32(p + 4);
		s->ack = get_u32(p + 8);
		s->flags = p[13] & 63;
		s->window = (int)get_u16(p + 14);
		s->len -= head;
		memcpy(s->data, p + head, (size_t)(s->len < 2048 ? s->len : 2048));
		return 1;
	}
}

void rest(double seconds)
{
	double end = now() + seconds;
	struct seg s;

	while (now() < end)
		get_tcp(&s, (int)((end - now()) * 1000) + 1);
}

int peer_get(struct peer *p, struct seg *got, int ms)
{
	double end = now() + ms / 1e3;
	uint32_t end_seq;
	int left = ms;

	while (get_tcp(got, left)) {
		if (got->dst == p->s.src && got->dport == p->s.sport) {
			if (got->flags & ACK)
				p->s.seq = got->ack;
			end_seq = got->seq + (uint32_t)got->len + !!(got->flags & SYN) +
				  !!(got->flags & FIN);
			if (!(got->flags & RST) &&
			    ((got->flags & SYN) || (int)(end_seq - p->s.ack) > 0))
				p->s.ack = end_seq;
			return 1;
		}
		left = (int)((end - now()) * 1000);
		if (left < 0)
			left = 0;
	}
	return 0;
}

void peer_send(struct peer *p, int flags, const void *data, int n)
{
	p->s.flags = flags;
	p->s.len = n;
	if (n)
		memcpy(p->s.data, data, (size_t)n);
	put_tcp(&p->s);
}

int peer_connect(struct peer *p, uint32_t from, int sport, int window)
{
	struct seg got;

	*p = (struct peer){ .s = { .src = from,
				   .dst = OURS,
				   .sport = sport,
				   .dport = 80,
				   .seq = rnd(),
				   .window = window } };
	for (int i = 0; i < 3; i++) {
		peer_send(p, SYN, NULL, 0);
		if (peer_get(p, &got, 1000) && (got.flags & (SYN | ACK | RST)) == (SYN | ACK)) {
			p->up = 1;
			peer_send(p, ACK, NULL, 0);
			return 1;
		}
	}
	return 0;
}

int listener(uint32_t addr, int port, int backlog)
{
	struct sockaddr_in a = at(addr, port);
	int s = (int)MUST(socket(AF_INET, SOCK_STREAM, 0)), one = 1;

	MUST(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	MUST(listen(s, backlog));
	return s;
}
