/*
 * /proc/net/tcp and tcp6, and the counters of the protocols: snmp, netstat,
 * sockstat. Layouts are those of proc_net(5) and of Linux.
 */
#include "procfs/net.h"

#include "core/time.h"
#include "net/ipv4.h"
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
	u64 begin = text_begin(t->out);
	bool v6 = t->family == AF_INET6;

	if (r->family != t->family)
		return true;
	text_printf(t->out, "%4u:", t->n++);
	put_addr(t->out, &r->local, r->local_port, v6);
	put_addr(t->out, &r->remote, r->remote_port, v6);
	/* Times are in hundredths of seconds. */
	text_printf(t->out, " %02X %08X:%08X %02X:%08lX %08X %5u %8u %lu %u %016lx", r->state,
		    r->tx_queue, r->rx_queue, r->timer, r->timer_left / (10 * NSEC_PER_MSEC),
		    r->retransmits, r->uid, r->probes, r->inode, r->refs, 0UL);
	if (r->sk)
		text_printf(t->out, " %u %u %u %d %d", 20u, 4u, 0u, 10, -1);
	if (!v6)
		text_pad(t->out, begin, 149);
	text_puts(t->out, "\n");
	return true;
}

int net_tcp_show(struct text *out, const struct subject *s)
{
	struct tcp_rows t = { .out = out, .family = s->node->data ? AF_INET6 : AF_INET };
	u64 begin = text_begin(out);

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
	tcp_for_each(current_net(), tcp_row, &t);
	return 0;
}

/* --- counters --- */

struct counter {
	const char *name;
	int stat; /* enum tcp_stat; -1: not counted here, 0 */
};

static void put_counters(struct text *out, const char *of, const struct counter *c, size_t n)
{
	text_printf(out, "%s:", of);
	for (size_t i = 0; i < n; i++)
		text_printf(out, " %s", c[i].name);
	text_printf(out, "\n%s:", of);
	for (size_t i = 0; i < n; i++)
		text_printf(out, " %lu",
			    c[i].stat < 0 ? 0UL :
					    tcp_stat(current_net(), (enum tcp_stat)c[i].stat));
	text_puts(out, "\n");
}

int net_snmp_show(struct text *out, const struct subject *s __unused)
{
	static const struct counter tcp[] = {
		{ "ActiveOpens", TCPS_ACTIVE_OPENS },
		{ "PassiveOpens", TCPS_PASSIVE_OPENS },
		{ "AttemptFails", TCPS_ATTEMPT_FAILS },
		{ "EstabResets", TCPS_ESTAB_RESETS },
		{ "CurrEstab", -1 },
		{ "InSegs", TCPS_IN_SEGS },
		{ "OutSegs", TCPS_OUT_SEGS },
		{ "RetransSegs", TCPS_RETRANS_SEGS },
		{ "InErrs", TCPS_IN_ERRS },
		{ "OutRsts", TCPS_OUT_RSTS },
		{ "InCsumErrors", TCPS_IN_CSUM_ERRORS },
	};
	const struct ip4_net *i = current_net()->ip4;
	struct tcp_counts c;

	tcp_count(current_net(), &c);
	text_printf(out, "Ip: Forwarding DefaultTTL\nIp: %d %d\n", i->all.forwarding ? 1 : 2,
		    i->default_ttl);
	text_puts(out, "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn");
	for (size_t k = 0; k < ARRAY_SIZE(tcp); k++)
		text_printf(out, " %s", tcp[k].name);
	text_puts(out, "\nTcp: 1 200 120000 -1");
	for (size_t k = 0; k < ARRAY_SIZE(tcp); k++)
		text_printf(out, " %lu",
			    tcp[k].stat < 0 ? c.established :
					      tcp_stat(current_net(), (enum tcp_stat)tcp[k].stat));
	text_puts(out, "\n");
	return 0;
}

int net_netstat_show(struct text *out, const struct subject *s __unused)
{
	static const struct counter ext[] = {
		{ "SyncookiesSent", TCPS_SYNCOOKIES_SENT },
		{ "SyncookiesRecv", TCPS_SYNCOOKIES_RECV },
		{ "SyncookiesFailed", TCPS_SYNCOOKIES_FAILED },
		{ "TW", TCPS_TW },
		{ "TWRecycled", TCPS_TW_RECYCLED },
		{ "PAWSEstab", TCPS_PAWS_ESTAB },
		{ "DelayedACKs", TCPS_DELAYED_ACKS },
		{ "ListenOverflows", TCPS_LISTEN_OVERFLOWS },
		{ "ListenDrops", TCPS_LISTEN_DROPS },
		{ "TCPTimeouts", TCPS_TIMEOUTS },
		{ "TCPLossProbes", TCPS_LOSS_PROBES },
		{ "TCPFastRetrans", TCPS_FAST_RETRANS },
		{ "TCPSlowStartRetrans", TCPS_SLOW_START_RETRANS },
		{ "TCPRcvCollapsed", TCPS_RCV_COLLAPSED },
		{ "TCPBacklogDrop", TCPS_BACKLOG_DROP },
		{ "TCPAbortOnData", TCPS_ABORT_ON_DATA },
		{ "TCPAbortOnClose", TCPS_ABORT_ON_CLOSE },
		{ "TCPAbortOnMemory", TCPS_ABORT_ON_MEMORY },
		{ "TCPAbortOnTimeout", TCPS_ABORT_ON_TIMEOUT },
		{ "TCPAbortOnLinger", TCPS_ABORT_ON_LINGER },
		{ "TCPDSACKRecv", TCPS_DSACK_RECV },
		{ "TCPDSACKOldSent", TCPS_DSACK_SENT },
		{ "TCPChallengeACK", TCPS_CHALLENGE_ACK },
		{ "TCPOFOQueue", TCPS_OFO_QUEUE },
		{ "TCPOrigDataSent", TCPS_ORIG_DATA_SENT },
		{ "TCPFastOpenPassive", TCPS_FASTOPEN_PASSIVE },
		{ "TCPFastOpenActive", TCPS_FASTOPEN_ACTIVE },
		{ "TCPKeepAlive", TCPS_KEEPALIVE },
		{ "OutOfWindowIcmps", TCPS_OUT_OF_WINDOW_ICMPS },
	};

	put_counters(out, "TcpExt", ext, ARRAY_SIZE(ext));
	return 0;
}
