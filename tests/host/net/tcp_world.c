/*
 * The hosts and the network of tcp_world.h: what TCP knows of the network layer, in its simplest
 * form, and a link that is as bad as it is told to be.
 */
#include "tcp_world.h"

#include <err.h>
#include <uapi/epoll.h>
#include <uapi/in.h>

#include "core/random.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "sync/log.h"

#define MAX_HOSTS 4

void packet_init(void);

struct world_link world_link;
u64 world_frames, world_lost;
bool (*world_tap)(unsigned from, const struct tcp_header *h, u32 len);
int (*world_out)(struct net *net, struct packet *p, const struct ip_send *s);

u32 net_stamps;

void sock_mem_shares(int *mem, u32 part __unused)
{
	mem[0] = mem[1] = mem[2] = 1 << 14;
}

static struct net nets[MAX_HOSTS];
static struct ip4_net ip4 = { .local_port_low = 32768,
			      .local_port_high = 60999,
			      .min_adv_mss = 256 };
static struct ip6_net ip6 = { .min_adv_mss = 1220 };
static struct netdev devices[MAX_HOSTS];
static unsigned nr_hosts;
static bool version6;
static struct { /* what ICMP said of the path to a host */
	u32 mtu;
} paths[MAX_HOSTS][MAX_HOSTS + 1]; /* the last: to all others */
static u64 line_free; /* when the last frame has left */
static u32 on_line;

struct frame {
	struct list_head link; /* by time */
	u64 at;
	unsigned from, to;
	struct in6_addr src, dst;
	u8 tos, csum;
	struct packet *whole; /* instead of bytes */
	u32 len;
	u8 bytes[];
};
static LIST_HEAD(frames);

struct net *world_net(unsigned host)
{
	return &nets[host];
}

struct in6_addr world_addr(unsigned host)
{
	struct in6_addr a = { 0 };

	if (!version6)
		return addr_from_v4(cpu_to_be32(0x0a000001 + host));
	a.s6_addr[0] = 0xfd;
	a.s6_addr[15] = (u8)(host + 1);
	return a;
}

static int host_of(const struct in6_addr *a)
{
	for (unsigned i = 0; i < nr_hosts; i++) {
		struct in6_addr mine = world_addr(i);

		if (addr_equal(a, &mine))
			return (int)i;
	}
	return -1;
}

static unsigned host_of_net(const struct net *net)
{
	return (unsigned)(net - nets);
}

/* --- sockets --- */

void socket_init(struct socket *sk, struct net *net, u16 family, int type, int protocol,
		 const struct socket_ops *ops)
{
	atomic_set(&sk->refs, 1);
	sk->net = net;
	sk->family = family;
	sk->type = (u16)type;
	sk->protocol = protocol;
	sk->ops = ops;
	spin_init(&sk->lock, RANK_SOCKET, "socket");
	waitq_init(&sk->readers);
	waitq_init(&sk->writers);
	sk->rcvlowat = 1;
	sk->peek_off = -1;
}

void socket_put(struct socket *sk)
{
	int left = atomic_dec_return(&sk->refs);

	if (left < 0)
		panic("a socket is put once too often");
	if (!left)
		sk->ops->free(sk);
}

static int no_waiting(struct waitq *q __unused, struct socket *sk, bool (*ready)(void *sk),
		      u64 deadline __unused)
{
	return ready(sk) ? 0 : -EAGAIN;
}
int (*world_wait)(struct waitq *q, struct socket *sk, bool (*ready)(void *sk),
		  u64 deadline) = no_waiting;

int socket_wait(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline)
{
	return world_wait(q, sk, ready, deadline);
}

int socket_take_error(struct socket *sk)
{
	int err = -sk->err;

	sk->err = 0;
	return err;
}

bool sock_charge_receive(struct socket *sk __unused, struct packet *p __unused)
{
	return true;
}

void socket_wake_all(struct socket *sk)
{
	wake_up_all(&sk->readers);
	wake_up_all(&sk->writers);
}

void socket_wake_in(struct socket *sk, u32 key)
{
	wake_up_key(&sk->readers, key);
}

void socket_wake_out(struct socket *sk)
{
	sk->nospace = false;
	wake_up_key(&sk->writers, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
}

/* --- what is common to AF_INET and AF_INET6 --- */

void inet_init(struct inet_socket *is, struct net *net, u16 family, int type, int protocol,
	       const struct socket_ops *ops)
{
	socket_init(&is->sk, net, family, type, protocol, ops);
	is->ttl = -1;
	is->pmtudisc = IP_PMTUDISC_WANT;
	is->local = is->remote = family == AF_INET ? addr_from_v4(0) : (struct in6_addr){ 0 };
	list_init(&is->errors);
	list_init(&is->port_link);
}

void inet_destroy(struct inet_socket *is)
{
	route_put(&is->route);
	packet_free_list(&is->errors);
	if (is->port)
		panic("a socket goes with a port");
}

int inet_addr_in(const struct inet_socket *is __unused, const struct sockaddr_storage *ss,
		 int len __unused, struct in6_addr *addr, u16 *port, int *ifindex __unused)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;

	*port = bswap16(v4->sin_port);
	*addr = ss->ss_family == AF_INET ? addr_from_v4((__force be32)v4->sin_addr.s_addr) :
					   v6->sin6_addr;
	return 0;
}

int inet_addr_out(const struct inet_socket *is, const struct in6_addr *addr, u16 port,
		  int ifindex __unused, struct sockaddr_storage *ss)
{
	if (is->sk.family == AF_INET) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)ss;

		*v4 = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_port = bswap16(port),
					    .sin_addr.s_addr = (__force u32)addr_v4(addr) };
		return sizeof(*v4);
	}
	*(struct sockaddr_in6 *)ss = (struct sockaddr_in6){ .sin6_family = AF_INET6,
							    .sin6_port = bswap16(port),
							    .sin6_addr = *addr };
	return sizeof(struct sockaddr_in6);
}

int inet_bind_addr(struct inet_socket *is, const struct sockaddr_storage *ss, int len,
		   struct in6_addr *addr, u16 *port, int *ifindex)
{
	return inet_addr_in(is, ss, len, addr, port, ifindex);
}

bool inet6_auto_label(const struct inet_socket *is __unused)
{
	return false;
}

void inet_option_changed(struct socket *sk __unused, int name __unused)
{
}

struct netdev *netdev_find(struct net *net __unused, const char *name __unused)
{
	return NULL;
}

struct netdev *netdev_by_index(struct net *net __unused, int ifindex __unused)
{
	return NULL;
}

int inet_setsockopt(struct socket *sk __unused, int level __unused, int name __unused,
		    const void __user *val __unused, int len __unused)
{
	return -ENOPROTOOPT;
}

int inet_getsockopt(struct socket *sk __unused, int level __unused, int name __unused,
		    void __user *val __unused, int __user *len __unused)
{
	return -ENOPROTOOPT;
}

long inet_ioctl(struct socket *sk __unused, unsigned cmd __unused, unsigned long arg __unused)
{
	return -ENOTTY;
}

/* --- routes --- */

bool addr_is_loopback(const struct in6_addr *a __unused)
{
	return false;
}

bool addr_is_link_local(const struct in6_addr *a __unused)
{
	return false;
}

u32 ip_reply_mark(struct net *net __unused, const struct packet *p __unused, bool v6 __unused)
{
	return 0; /* nobody marks packets here */
}

int route_lookup(struct net *net, const struct route_key *key, struct route *r)
{
	unsigned me = host_of_net(net);
	int to = host_of(&key->dst);

	*r = (struct route){ .dev = &devices[me],
			     .dst = key->dst,
			     .src = addr_is_any(&key->src) ? world_addr(me) : key->src,
			     .hop = key->dst,
			     .generation = net->generation,
			     .mtu = world_link.mtu,
			     .link_mtu = world_link.mtu,
			     .advmss = world_link.advmss,
			     .initcwnd = world_link.initcwnd,
			     .type = ROUTE_UNICAST,
			     .hoplimit = 64 };
	if (paths[me][to < 0 ? MAX_HOSTS : to].mtu)
		r->mtu = min(r->mtu, paths[me][to < 0 ? MAX_HOSTS : to].mtu);
	return 0;
}

void route_put(struct route *r)
{
	*r = (struct route){ 0 };
}

void route_update_mtu(struct net *net, const struct in6_addr *dst, u32 mtu)
{
	int to = host_of(dst);

	paths[host_of_net(net)][to < 0 ? MAX_HOSTS : to].mtu = mtu;
	net->generation++;
}

int inet_route(struct inet_socket *is, const struct in6_addr *dst)
{
	struct route_key key = { .dst = *dst, .src = is->local };

	if (route_valid(&is->route, is->sk.net->generation) && addr_equal(&is->route.dst, dst))
		return 0;
	return route_lookup(is->sk.net, &key, &is->route);
}

u32 ip_pseudo_sum(const struct in6_addr *src, const struct in6_addr *dst, u8 proto, u32 len)
{
	u64 sum = (u64)bswap16((u16)len) + bswap16(proto);
	unsigned first = addr_is_v4(src) ? 6 : 0;

	for (unsigned i = first; i < 8; i++)
		sum += (u64)src->s6_addr16[i] + dst->s6_addr16[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u32)sum;
}

/* --- the link --- */

static void put_on_line(struct frame *f)
{
	u64 at = max(world_now, line_free);
	struct frame *o;

	if (world_link.per_byte) {
		at += world_link.per_byte * (f->len + 40);
		line_free = at;
	}
	f->at = at + world_link.delay + (world_link.jitter ? random_u64() % world_link.jitter : 0);
	if (world_chance(world_link.reorder))
		f->at += world_link.late ?:
				 world_link.delay / 2 + random_u64() % (world_link.delay + 1);
	list_for_each_entry_reverse(o, &frames, link)
		if (o->at <= f->at)
			break;
	list_add(&f->link, &o->link);
	on_line++;
}

static void drop(struct frame *f)
{
	world_lost++;
	packet_free(f->whole);
	free(f);
}

/* What the network does with a frame. */
static void judge(struct frame *f)
{
	static struct frame *again;

	world_frames++;
	if (f->from == f->to) { /* a host to itself: nothing happens to it */
		put_on_line(f);
		return;
	}
	if (!f->whole && world_tap &&
	    !world_tap(f->from, (const struct tcp_header *)f->bytes, f->len)) {
		drop(f);
		return;
	}
	if (world_chance(world_link.loss) || (world_link.queue && on_line >= world_link.queue)) {
		drop(f);
		return;
	}
	if (world_chance(world_link.mark)) {
		if (f->tos & 3) {
			f->tos |= 3;
		} else {
			drop(f);
			return;
		}
	}
	if (!f->whole && world_chance(world_link.dup)) {
		again = malloc(sizeof(*f) + f->len);
		memcpy(again, f, sizeof(*f) + f->len);
		put_on_line(again);
	}
	if (!f->whole && f->len && world_chance(world_link.corrupt))
		f->bytes[world_random(f->len)] ^= (u8)(1 << world_random(8));
	put_on_line(f);
}

static struct frame *new_frame(struct net *net, const struct ip_send *s, u32 len)
{
	struct frame *f = calloc(1, sizeof(*f) + len);

	*f = (struct frame){ .from = host_of_net(net),
			     .to = (unsigned)host_of(&s->dst),
			     .src = s->src,
			     .dst = s->dst,
			     .tos = s->tos,
			     .len = len };
	return f;
}

/* A segment of its own, with the checksum that it has on the wire. */
static void finish(struct frame *f)
{
	struct tcp_header *h = (struct tcp_header *)f->bytes;
	u32 sum = ip_pseudo_sum(&f->src, &f->dst, IPPROTO_TCP, f->len);

	h->check = 0;
	for (u32 i = 0; i + 1 < f->len; i += 2)
		sum += get_le16(f->bytes + i);
	if (f->len & 1)
		sum += f->bytes[f->len - 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	h->check = (__force be16)(u16)~sum;
}

int ip_send(struct net *net, struct packet *p, const struct ip_send *s)
{
	u32 header = (u32)(p->data[12] >> 4) * 4, payload = p->len - header, at = 0;
	u32 seq = get_be32(p->data + 4), step = p->gso ? p->gso_size : max(payload, 1U);
	u8 flags = p->data[13];

	if (world_out)
		return world_out(net, p, s);
	if (host_of(&s->dst) < 0) {
		packet_free(p);
		return 0;
	}
	if (world_link.whole) {
		struct frame *f = new_frame(net, s, 0);

		f->whole = p;
		p->csum = CSUM_VERIFIED;
		judge(f);
		return 0;
	}
	do {
		u32 n = min(step, payload - at);
		struct frame *f;
		struct tcp_header *h;

		if (header + n + ip_header_len(&s->dst, 0) > world_link.mtu) {
			if (!world_link.black_hole)
				panic("a segment of %u bytes for an MTU of %u", header + n,
				      world_link.mtu);
			world_lost++;
			at += n;
			continue;
		}
		f = new_frame(net, s, header + n);
		packet_read(p, 0, f->bytes, header);
		packet_read(p, header + at, f->bytes + header, n);
		h = (struct tcp_header *)f->bytes;
		h->seq = cpu_to_be32(seq + at);
		at += n;
		h->flags = at < payload ? flags & (u8) ~(TCP_PSH | TCP_FIN) : flags;
		if (at > n)
			h->flags &= (u8)~TCP_CWR;
		finish(f);
		judge(f);
	} while (at < payload);
	packet_free(p);
	return 0;
}

void world_in(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
	      const void *seg, u32 len, u8 tos, u8 csum, u16 gso_size)
{
	struct packet *p = packet_alloc(PACKET_HEADROOM, len);
	struct ip_received *ip;

	if (!p)
		return;
	memcpy(packet_put(p, len), seg, len);
	p->csum = csum;
	if (gso_size) {
		p->gso = addr_is_v4(src) ? GSO_TCP4 : GSO_TCP6;
		p->gso_size = gso_size;
	}
	p->network = p->transport = (u16)(p->data - p->head);
	ip = ip_received(p);
	*ip = (struct ip_received){ .src = *src,
				    .dst = *dst,
				    .ifindex = 1,
				    .proto = IPPROTO_TCP,
				    .ttl = 64,
				    .tos = tos,
				    .route_type = ROUTE_LOCAL };
	tcp_input(net, p);
}

static void arrive(struct frame *f)
{
	list_del(&f->link);
	on_line--;
	if (f->whole) {
		struct ip_received *ip = ip_received(f->whole);

		*ip = (struct ip_received){ .src = f->src,
					    .dst = f->dst,
					    .ifindex = 1,
					    .proto = IPPROTO_TCP,
					    .ttl = 64,
					    .tos = f->tos,
					    .route_type = ROUTE_LOCAL };
		tcp_input(&nets[f->to], f->whole);
	} else {
		world_in(&nets[f->to], &f->src, &f->dst, f->bytes, f->len, f->tos, CSUM_NONE, 0);
	}
	free(f);
}

/* --- running --- */

void net_run(void)
{
	/* What was sent is on the line; the world moves on between calls. */
}

void world_settle(void)
{
	world_grace();
}

bool world_step(u64 until)
{
	u64 timer = world_next_timer();
	u64 frame = list_empty(&frames) ? ~0UL : list_first_entry(&frames, struct frame, link)->at;
	u64 next = min(timer, frame);

	if (next == ~0UL || next > until) {
		world_now = max(world_now, until == ~0UL ? world_now : until);
		return false;
	}
	world_now = max(world_now, next);
	if (frame <= timer)
		arrive(list_first_entry(&frames, struct frame, link));
	else
		world_ring();
	world_settle();
	return true;
}

void world_start(u64 seed, unsigned hosts, bool v6)
{
	static bool once;

	if (!once)
		packet_init();
	once = true;
	world_seed(seed);
	world_now = 3600 * NSEC_PER_SEC + random_u64() % NSEC_PER_SEC;
	world_allocations = 0;
	world_fail_in = -1;
	world_frames = world_lost = line_free = 0;
	nr_hosts = hosts;
	version6 = v6;
	memset(paths, 0, sizeof(paths));
	memset(nets, 0, sizeof(nets));
	world_link = (struct world_link){ .mtu = 1500, .delay = NSEC_PER_MSEC };
	for (unsigned i = 0; i < hosts; i++) {
		devices[i].mtu = 65535;
		devices[i].features = NETDEV_SG;
		nets[i].ip4 = &ip4;
		nets[i].ip6 = &ip6;
		if (tcp_net_init(&nets[i]))
			panic("no memory");
	}
}

void world_end(void)
{
	while (!list_empty(&frames)) {
		struct frame *f = list_first_entry(&frames, struct frame, link);

		list_del(&f->link);
		on_line--;
		drop(f);
	}
	for (unsigned i = 0; i < nr_hosts; i++)
		tcp_net_destroy(&nets[i]);
	world_settle();
}

/* --- calls --- */

static int address(struct sockaddr_storage *ss, unsigned host, u16 port)
{
	struct in6_addr a = world_addr(host);
	struct inet_socket is = { .sk.family = version6 ? AF_INET6 : AF_INET };

	memset(ss, 0, sizeof(*ss));
	return inet_addr_out(&is, &a, port, 0, ss);
}

struct socket *world_socket(unsigned host)
{
	return tcp_create(&nets[host], version6 ? AF_INET6 : AF_INET, SOCK_STREAM, IPPROTO_TCP);
}

int world_bind(struct socket *sk, unsigned host, u16 port)
{
	struct sockaddr_storage ss;
	int len = address(&ss, host, port);

	return sk->ops->bind(sk, &ss, len);
}

int world_connect(struct socket *sk, unsigned host, u16 port)
{
	struct sockaddr_storage ss;
	int len = address(&ss, host, port), err = sk->ops->connect(sk, &ss, len, 0);

	world_settle();
	return err;
}

ssize_t world_send(struct socket *sk, const void *buf, size_t n, unsigned flags)
{
	struct iovec iov = { (__force void __user *)(unsigned long)buf, n };
	struct iter it = { .kind = ITER_KERNEL, .count = n, .nr_segs = 1, .iov = &iov };
	struct message m = { .data = &it, .flags = flags | MSG_NOSIGNAL };
	ssize_t ret = sk->ops->sendmsg(sk, &m);

	world_settle();
	return ret;
}

ssize_t world_recv(struct socket *sk, void *buf, size_t n, unsigned flags)
{
	struct iovec iov = { (__force void __user *)buf, n };
	struct iter it = { .kind = ITER_KERNEL, .count = n, .nr_segs = 1, .iov = &iov };
	struct message m = { .data = &it, .flags = flags };
	ssize_t ret = sk->ops->recvmsg(sk, &m);

	world_settle();
	return ret;
}

void world_close(struct socket *sk)
{
	sk->ops->release(sk);
	world_settle();
}
