/*
 * /proc/net: the sockets of the Internet's protocols, as proc_net(5) and Linux
 * lay them out.
 */
#include "procfs/net.h"

#include "core/userns.h"
#include "net/inet.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/raw.h"
#include "net/tcp.h"
#include "net/udp.h"

struct rows {
	struct text *out;
	bool v6;
	unsigned n;
};

static void put_addr(struct text *out, const struct in6_addr *a, u16 port, bool v6)
{
	if (v6)
		text_printf(out, " %08X%08X%08X%08X:%04X", a->s6_addr32[0], a->s6_addr32[1],
			    a->s6_addr32[2], a->s6_addr32[3], (unsigned)port);
	else
		text_printf(out, " %08X:%04X", a->s6_addr32[3], (unsigned)port);
}

/* Any of the version, where the socket has none. */
static struct in6_addr shown(const struct in6_addr *a, bool v6)
{
	return v6 && addr_is_any(a) ? in6addr_any : *a;
}

/* icmp's and raw's differ from udp's by a blank, raw's is not padded either. */
static void put_heading(struct text *out, bool v6, const char *before, size_t width)
{
	size_t begin = out->len;

	if (v6) {
		text_puts(out, "  sl  local_address                         "
			       "remote_address                        st tx_queue rx_queue tr "
			       "tm->when retrnsmt   uid  timeout inode ref pointer drops\n");
		return;
	}
	text_printf(out,
		    "%ssl  local_address rem_address   st tx_queue rx_queue tr tm->when "
		    "retrnsmt   uid  timeout inode ref pointer drops",
		    before);
	text_pad(out, begin, width);
	text_puts(out, "\n");
}

/* A socket whose messages are packets. nr: the number of the row or of the
 * protocol. */
static void put_dgram(struct rows *r, struct dgram_sock *d, unsigned nr, u16 port, u16 remote)
{
	const struct inet_socket *is = &d->is;
	const struct file *f = READ_ONCE(is->sk.file);
	struct in6_addr local = shown(&is->local, r->v6), peer = shown(&is->remote, r->v6);
	size_t begin = r->out->len;

	if ((is->sk.family == AF_INET6) != r->v6)
		return;
	text_printf(r->out, "%5u:", nr);
	put_addr(r->out, &local, port, r->v6);
	put_addr(r->out, &peer, remote, r->v6);
	text_printf(r->out, " %02X %08X:%08X %02X:%08lX %08X %5u %8d %lu %d %016lx %u",
		    addr_is_any(&is->remote) ? 7u : 1u, sock_send_used(&is->sk),
		    sock_receive_used(&is->sk), 0u, 0UL, 0u, uid_shown(current_user_ns(), is->uid),
		    0, f ? f->inode->ino : 0UL, atomic_read(&is->sk.refs) + 1, 0UL,
		    (unsigned)atomic_read(&is->sk.drops));
	if (!r->v6 && is->sk.type != SOCK_RAW)
		text_pad(r->out, begin, 127);
	text_puts(r->out, "\n");
	r->n++;
}

static void udp_row(struct udp_sock *u, void *arg)
{
	struct rows *r = arg;

	put_dgram(r, &u->d, u->d.is.local_port & 1023u, u->d.is.local_port, u->d.is.remote_port);
}

int net_udp_show(struct text *out, const struct subject *s)
{
	struct rows r = { .out = out, .v6 = s->node->data != NULL };

	put_heading(out, r.v6, "   ", 127);
	if (s->node->name[3] != 'l') /* UDP-Lite there is not */
		udp_for_each(net_of(s), udp_row, &r);
	return 0;
}

static void raw_row(struct raw_sock *w, void *arg)
{
	unsigned nr = (unsigned)w->d.is.sk.protocol;

	put_dgram(arg, &w->d, nr, (u16)nr, 0);
}

int net_raw_show(struct text *out, const struct subject *s)
{
	struct rows r = { .out = out, .v6 = s->node->data != NULL };

	put_heading(out, r.v6, "  ", 0);
	raw_for_each(net_of(s), false, raw_row, &r);
	return 0;
}

static void ping_row(struct raw_sock *w, void *arg)
{
	put_dgram(arg, &w->d, w->d.is.local_port & 63u, w->d.is.local_port, w->d.is.remote_port);
}

int net_icmp_show(struct text *out, const struct subject *s)
{
	struct rows r = { .out = out, .v6 = s->node->data != NULL };

	put_heading(out, r.v6, "  ", 127);
	raw_for_each(net_of(s), true, ping_row, &r);
	return 0;
}

/* --- how many --- */

struct tally {
	bool v6;
	unsigned n;
};

static void count_udp(struct udp_sock *u, void *arg)
{
	struct tally *t = arg;

	t->n += (u->d.is.sk.family == AF_INET6) == t->v6;
}

static bool count_tcp(const struct tcp_row *r, void *arg)
{
	struct tally *t = arg;

	t->n += r->sk && (r->family == AF_INET6) == t->v6;
	return true;
}

static void count_raw(struct raw_sock *r, void *arg)
{
	struct tally *t = arg;

	t->n += (r->d.is.sk.family == AF_INET6) == t->v6;
}

int net_sockstat_show(struct text *out, const struct subject *s)
{
	struct tally udp = { .v6 = s->node->data != NULL }, raw = udp, in = udp;
	struct net *net = net_of(s);
	struct tcp_counts tcp;
	const char *six = udp.v6 ? "6" : "";
	u32 memory;
	unsigned frags;

	tcp_for_each(net, count_tcp, &in);
	udp_for_each(net, count_udp, &udp);
	raw_for_each(net, false, count_raw, &raw);
	if (!udp.v6) {
		tcp_count(net, &tcp);
		memory = ip4_frag_memory(net, &frags);
		text_printf(out,
			    "sockets: used %d\nTCP: inuse %u orphan %lu tw %lu alloc %lu "
			    "mem %lu\nUDP: inuse %u mem %lu",
			    socket_count(), in.n, tcp.orphans, tcp.tw, tcp.alloc, tcp.mem, udp.n,
			    sock_memory());
	} else {
		memory = ip6_frag_memory(net, &frags);
		text_printf(out, "TCP6: inuse %u\nUDP6: inuse %u", in.n, udp.n);
	}
	text_printf(out,
		    "\nUDPLITE%s: inuse 0\nRAW%s: inuse %u\n"
		    "FRAG%s: inuse %u memory %u\n",
		    six, six, raw.n, six, frags, memory);
	return 0;
}
