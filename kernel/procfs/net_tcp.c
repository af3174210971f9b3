/*
 * /proc/net/tcp and tcp6, as proc_net(5) and Linux lay them out.
 */
#include "procfs/net.h"

#include "core/time.h"
#include "core/userns.h"
#include "net/ip.h"
#include "net/tcp.h"

struct tcp_rows {
	struct text *out;
	u16 family;
	unsigned n;
};

static void put_addr(struct text *out, const struct in6_addr *a, u16 port, bool v6)
{
	if (!v6)
		text_printf(out, " %08X:%04X", a->s6_addr32[3], (unsigned)port);
	else if (addr_is_any(a))
		text_printf(out, " %032X:%04X", 0u, (unsigned)port);
	else
		text_printf(out, " %08X%08X%08X%08X:%04X", a->s6_addr32[0], a->s6_addr32[1],
			    a->s6_addr32[2], a->s6_addr32[3], (unsigned)port);
}

static bool tcp_row(const struct tcp_row *r, void *arg)
{
	struct tcp_rows *t = arg;
	size_t begin = t->out->len;
	bool v6 = t->family == AF_INET6;

	bool listening = r->state == TCP_LISTEN;
	struct tcp_info info;

	if (r->family != t->family)
		return true;
	text_printf(t->out, "%4u:", t->n++);
	put_addr(t->out, &r->local, r->local_port, v6);
	put_addr(t->out, &r->remote, r->remote_port, v6);
	/* Times are in hundredths of seconds. */
	text_printf(t->out, " %02X %08X:%08X %02X:%08lX %08X %5u %8u %lu %u %016lx", r->state,
		    listening ? 0 : r->tx_queue, r->rx_queue, r->timer,
		    r->timer_left / (10 * NSEC_PER_MSEC), r->retransmits,
		    uid_shown(current_user_ns(), r->uid), r->probes, r->inode, r->refs - listening,
		    0UL);
	if (r->sk) {
		tcp_get_info(r->sk, &info);
		text_printf(t->out, " %u %u %u %u %d", listening ? 100 : info.tcpi_rto / 10000,
			    info.tcpi_ato / 10000, 0u, info.tcpi_snd_cwnd,
			    listening				 ? 0 :
			    info.tcpi_snd_ssthresh >= 0x7fffffff ? -1 :
								   (int)info.tcpi_snd_ssthresh);
	}
	if (!v6)
		text_pad(t->out, begin, 149);
	text_puts(t->out, "\n");
	return true;
}

int net_tcp_show(struct text *out, const struct subject *s)
{
	struct tcp_rows t = { .out = out, .family = s->node->data ? AF_INET6 : AF_INET };
	size_t begin = out->len;

	if (t.family == AF_INET6) {
		text_puts(out, "  sl  local_address                         "
			       "remote_address                        st tx_queue rx_queue tr "
			       "tm->when retrnsmt   uid  timeout inode\n");
	} else {
		text_puts(out, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
			       "retrnsmt   uid  timeout inode");
		text_pad(out, begin, 149);
		text_puts(out, "\n");
	}
	tcp_for_each(net_of(s), tcp_row, &t);
	return 0;
}
