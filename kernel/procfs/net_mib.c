/*
 * /proc/net/snmp, netstat and snmp6: what the protocols count, in the rows and by the names of Linux,
 * for netstat -s and nstat. What has no counter here never happens here, and is 0.
 */
#include "procfs/net.h"

#include <uapi/errno.h>

#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/mib.h"
#include "net/tcp.h"

#define NONE (-1)

/* RFC 4293 and, behind it, IpExt: in the order of enum mib. */
static const char ip_names[] =
	"InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers "
	"OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs "
	"FragFails FragCreates OutTransmits";
static const char ip_ext_names[] =
	"InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets "
	"OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InCsumErrors "
	"InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps";
static const char *const udp_names[] = {
	"InDatagrams",	"NoPorts",	"InErrors",	"OutDatagrams", "RcvbufErrors",
	"SndbufErrors", "InCsumErrors", "IgnoredMulti", "MemErrors",
};

/* ICMP's messages, in the order of snmp. */
static const struct {
	const char *name;
	u8 type;
} icmp_types[] = {
	{ "DestUnreachs", 3 },	 { "TimeExcds", 11 }, { "ParmProbs", 12 },    { "SrcQuenchs", 4 },
	{ "Redirects", 5 },	 { "Echos", 8 },      { "EchoReps", 0 },      { "Timestamps", 13 },
	{ "TimestampReps", 14 }, { "AddrMasks", 17 }, { "AddrMaskReps", 18 },
};

struct counter {
	const char *name;
	int stat; /* enum tcp_stat, or NONE */
};

static u64 tcp_value(struct net *net, const struct counter *c)
{
	return c->stat == NONE ? 0 : tcp_stat(net, (enum tcp_stat)c->stat);
}

/* --- snmp --- */

static void put_range(struct text *out, const struct net *net, enum mib from, enum mib to)
{
	for (enum mib m = from; m <= to; m++)
		text_printf(out, " %lu", mib_get(net, m));
}

static void put_icmp(struct text *out, const struct net *net)
{
	bool any = false;

	text_puts(out, "\nIcmp: InMsgs InErrors InCsumErrors");
	for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
		text_printf(out, " In%s", icmp_types[i].name);
	text_puts(out, " OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost");
	for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
		text_printf(out, " Out%s", icmp_types[i].name);
	text_puts(out, "\nIcmp:");
	put_range(out, net, ICMP_IN_MSGS, ICMP_IN_CSUM_ERRORS);
	for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
		text_printf(out, " %lu", mib_get_icmp(net, false, icmp_types[i].type));
	put_range(out, net, ICMP_OUT_MSGS, ICMP_LIMIT_HOST);
	for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
		text_printf(out, " %lu", mib_get_icmp(net, true, icmp_types[i].type));
	text_puts(out, "\n");
	/* Those that there were, by number. */
	for (unsigned line = 0; line < 2; line++) {
		for (unsigned t = 0; t < 2 * ICMP_MIB_TYPES; t++) {
			u8 type = (u8)(t % ICMP_MIB_TYPES);
			u64 n = mib_get_icmp(net, t >= ICMP_MIB_TYPES, type);

			if (!n)
				continue;
			text_puts(out, any ? "" : "IcmpMsg:");
			any = true;
			if (line)
				text_printf(out, " %lu", n);
			else
				text_printf(out, " %sType%u", t < ICMP_MIB_TYPES ? "In" : "Out",
					    type);
		}
		text_puts(out, any ? "\n" : "");
		any = false;
	}
}

static void put_tcp(struct text *out, struct net *net)
{
	static const struct counter tcp[] = {
		{ "ActiveOpens", TCPS_ACTIVE_OPENS },
		{ "PassiveOpens", TCPS_PASSIVE_OPENS },
		{ "AttemptFails", TCPS_ATTEMPT_FAILS },
		{ "EstabResets", TCPS_ESTAB_RESETS },
		{ "CurrEstab", NONE },
		{ "InSegs", TCPS_IN_SEGS },
		{ "OutSegs", TCPS_OUT_SEGS },
		{ "RetransSegs", TCPS_RETRANS_SEGS },
		{ "InErrs", TCPS_IN_ERRS },
		{ "OutRsts", TCPS_OUT_RSTS },
		{ "InCsumErrors", TCPS_IN_CSUM_ERRORS },
	};
	struct tcp_counts c;

	tcp_count(net, &c);
	text_puts(out, "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn");
	for (size_t k = 0; k < ARRAY_SIZE(tcp); k++)
		text_printf(out, " %s", tcp[k].name);
	text_puts(out, "\nTcp: 1 200 120000 -1");
	for (size_t k = 0; k < ARRAY_SIZE(tcp); k++)
		text_printf(out, " %lu",
			    tcp[k].stat == NONE ? c.established : tcp_value(net, &tcp[k]));
	text_puts(out, "\n");
}

int net_snmp_show(struct text *out, const struct subject *s)
{
	struct net *net = net_of(s);
	const struct ip4_net *i = net->ip4;

	text_printf(out, "Ip: Forwarding DefaultTTL %s\nIp: %d %d", ip_names,
		    i->all.forwarding ? 1 : 2, i->default_ttl);
	put_range(out, net, IP4_IN_RECEIVES, IP4_OUT_TRANSMITS);
	put_icmp(out, net);
	put_tcp(out, net);
	for (unsigned lite = 0; lite < 2; lite++) {
		const char *name = lite ? "UdpLite" : "Udp";

		text_printf(out, "%s:", name);
		for (size_t k = 0; k < ARRAY_SIZE(udp_names); k++)
			text_printf(out, " %s", udp_names[k]);
		text_printf(out, "\n%s:", name);
		if (lite)
			text_puts(out, " 0 0 0 0 0 0 0 0 0");
		else
			put_range(out, net, UDP_IN_DATAGRAMS, UDP_MEM_ERRORS);
		text_puts(out, "\n");
	}
	return 0;
}

/* --- netstat --- */

int net_netstat_show(struct text *out, const struct subject *s)
{
	struct net *net = net_of(s);
	static const struct counter ext[] = {
		{ "SyncookiesSent", TCPS_SYNCOOKIES_SENT },
		{ "SyncookiesRecv", TCPS_SYNCOOKIES_RECV },
		{ "SyncookiesFailed", TCPS_SYNCOOKIES_FAILED },
		{ "EmbryonicRsts", NONE },
		{ "PruneCalled", NONE },
		{ "RcvPruned", TCPS_RCV_PRUNED },
		{ "OfoPruned", NONE },
		{ "OutOfWindowIcmps", TCPS_OUT_OF_WINDOW_ICMPS },
		{ "LockDroppedIcmps", NONE },
		{ "ArpFilter", NONE },
		{ "TW", TCPS_TW },
		{ "TWRecycled", TCPS_TW_RECYCLED },
		{ "TWKilled", NONE },
		{ "PAWSActive", NONE },
		{ "PAWSEstab", TCPS_PAWS_ESTAB },
		{ "DelayedACKs", TCPS_DELAYED_ACKS },
		{ "DelayedACKLocked", NONE },
		{ "DelayedACKLost", NONE },
		{ "ListenOverflows", TCPS_LISTEN_OVERFLOWS },
		{ "ListenDrops", TCPS_LISTEN_DROPS },
		{ "TCPHPHits", NONE },
		{ "TCPPureAcks", NONE },
		{ "TCPHPAcks", NONE },
		{ "TCPRenoRecovery", NONE },
		{ "TCPSackRecovery", NONE },
		{ "TCPSACKReneging", NONE },
		{ "TCPSACKReorder", NONE },
		{ "TCPRenoReorder", NONE },
		{ "TCPTSReorder", NONE },
		{ "TCPFullUndo", NONE },
		{ "TCPPartialUndo", NONE },
		{ "TCPDSACKUndo", NONE },
		{ "TCPLossUndo", NONE },
		{ "TCPLostRetransmit", NONE },
		{ "TCPRenoFailures", NONE },
		{ "TCPSackFailures", NONE },
		{ "TCPLossFailures", NONE },
		{ "TCPFastRetrans", TCPS_FAST_RETRANS },
		{ "TCPSlowStartRetrans", TCPS_SLOW_START_RETRANS },
		{ "TCPTimeouts", TCPS_TIMEOUTS },
		{ "TCPLossProbes", TCPS_LOSS_PROBES },
		{ "TCPLossProbeRecovery", NONE },
		{ "TCPRenoRecoveryFail", NONE },
		{ "TCPSackRecoveryFail", NONE },
		{ "TCPRcvCollapsed", TCPS_RCV_COLLAPSED },
		{ "TCPBacklogCoalesce", NONE },
		{ "TCPDSACKOldSent", TCPS_DSACK_SENT },
		{ "TCPDSACKOfoSent", NONE },
		{ "TCPDSACKRecv", TCPS_DSACK_RECV },
		{ "TCPDSACKOfoRecv", NONE },
		{ "TCPAbortOnData", TCPS_ABORT_ON_DATA },
		{ "TCPAbortOnClose", TCPS_ABORT_ON_CLOSE },
		{ "TCPAbortOnMemory", TCPS_ABORT_ON_MEMORY },
		{ "TCPAbortOnTimeout", TCPS_ABORT_ON_TIMEOUT },
		{ "TCPAbortOnLinger", TCPS_ABORT_ON_LINGER },
		{ "TCPAbortFailed", NONE },
		{ "TCPMemoryPressures", NONE },
		{ "TCPMemoryPressuresChrono", NONE },
		{ "TCPSACKDiscard", NONE },
		{ "TCPDSACKIgnoredOld", NONE },
		{ "TCPDSACKIgnoredNoUndo", NONE },
		{ "TCPSpuriousRTOs", NONE },
		{ "TCPMD5NotFound", NONE },
		{ "TCPMD5Unexpected", NONE },
		{ "TCPMD5Failure", NONE },
		{ "TCPSackShifted", NONE },
		{ "TCPSackMerged", NONE },
		{ "TCPSackShiftFallback", NONE },
		{ "TCPBacklogDrop", TCPS_BACKLOG_DROP },
		{ "PFMemallocDrop", NONE },
		{ "TCPMinTTLDrop", NONE },
		{ "TCPDeferAcceptDrop", NONE },
		{ "IPReversePathFilter", NONE },
		{ "TCPTimeWaitOverflow", NONE },
		{ "TCPReqQFullDoCookies", NONE },
		{ "TCPReqQFullDrop", TCPS_REQ_DROPPED },
		{ "TCPRetransFail", NONE },
		{ "TCPRcvCoalesce", NONE },
		{ "TCPOFOQueue", TCPS_OFO_QUEUE },
		{ "TCPOFODrop", NONE },
		{ "TCPOFOMerge", NONE },
		{ "TCPChallengeACK", TCPS_CHALLENGE_ACK },
		{ "TCPSYNChallenge", NONE },
		{ "TCPFastOpenActive", TCPS_FASTOPEN_ACTIVE },
		{ "TCPFastOpenActiveFail", NONE },
		{ "TCPFastOpenPassive", TCPS_FASTOPEN_PASSIVE },
		{ "TCPFastOpenPassiveFail", NONE },
		{ "TCPFastOpenListenOverflow", NONE },
		{ "TCPFastOpenCookieReqd", NONE },
		{ "TCPFastOpenBlackhole", NONE },
		{ "TCPSpuriousRtxHostQueues", NONE },
		{ "BusyPollRxPackets", NONE },
		{ "TCPAutoCorking", NONE },
		{ "TCPFromZeroWindowAdv", NONE },
		{ "TCPToZeroWindowAdv", NONE },
		{ "TCPWantZeroWindowAdv", NONE },
		{ "TCPSynRetrans", NONE },
		{ "TCPOrigDataSent", TCPS_ORIG_DATA_SENT },
		{ "TCPHystartTrainDetect", NONE },
		{ "TCPHystartTrainCwnd", NONE },
		{ "TCPHystartDelayDetect", NONE },
		{ "TCPHystartDelayCwnd", NONE },
		{ "TCPACKSkippedSynRecv", NONE },
		{ "TCPACKSkippedPAWS", NONE },
		{ "TCPACKSkippedSeq", NONE },
		{ "TCPACKSkippedFinWait2", NONE },
		{ "TCPACKSkippedTimeWait", NONE },
		{ "TCPACKSkippedChallenge", NONE },
		{ "TCPWinProbe", NONE },
		{ "TCPKeepAlive", TCPS_KEEPALIVE },
		{ "TCPMTUPFail", NONE },
		{ "TCPMTUPSuccess", NONE },
		{ "TCPDelivered", NONE },
		{ "TCPDeliveredCE", NONE },
		{ "TCPAckCompressed", NONE },
		{ "TCPZeroWindowDrop", NONE },
		{ "TCPRcvQDrop", NONE },
		{ "TCPWqueueTooBig", NONE },
		{ "TCPFastOpenPassiveAltKey", NONE },
		{ "TcpTimeoutRehash", NONE },
		{ "TcpDuplicateDataRehash", NONE },
		{ "TCPDSACKRecvSegs", NONE },
		{ "TCPDSACKIgnoredDubious", NONE },
		{ "TCPMigrateReqSuccess", NONE },
		{ "TCPMigrateReqFailure", NONE },
		{ "TCPPLBRehash", NONE },
		{ "TCPAORequired", NONE },
		{ "TCPAOBad", NONE },
		{ "TCPAOKeyNotFound", NONE },
		{ "TCPAOGood", NONE },
		{ "TCPAODroppedIcmps", NONE },
	};

	text_puts(out, "TcpExt:");
	for (size_t i = 0; i < ARRAY_SIZE(ext); i++)
		text_printf(out, " %s", ext[i].name);
	text_puts(out, "\nTcpExt:");
	for (size_t i = 0; i < ARRAY_SIZE(ext); i++)
		text_printf(out, " %lu", tcp_value(net, &ext[i]));
	text_printf(out, "\nIpExt: %s\nIpExt:", ip_ext_names);
	put_range(out, net, IP4_IN_NO_ROUTES, IP4_REASM_OVERLAPS);
	text_puts(out, "\n");
	return 0;
}

/* --- snmp6 --- */

static void put_row6(struct text *out, const char *prefix, const char *name, u64 n)
{
	size_t begin = out->len;

	text_printf(out, "%s%s", prefix, name);
	text_pad(out, begin, 32);
	text_printf(out, "\t%lu\n", n);
}

/* Of one device, or (i is NULL) of the network. */
static u64 value6(struct net *net, const struct ip6_dev *i, enum ip6_stat s)
{
	return i ? ip6_dev_stat(i, s) : ip6_stat(net, s);
}

static u64 messages6(struct net *net, const struct ip6_dev *i, bool way, u8 type)
{
	return i ? READ_ONCE(i->icmp_types[way][type]) : ip6_icmp_stat(net, way, type);
}

static void put_icmp6(struct text *out, struct net *net, const struct ip6_dev *dev)
{
	static const struct {
		const char *name;
		u8 type;
	} types[] = {
		{ "DestUnreachs", 1 },
		{ "PktTooBigs", 2 },
		{ "TimeExcds", 3 },
		{ "ParmProblems", 4 },
		{ "Echos", 128 },
		{ "EchoReplies", 129 },
		{ "GroupMembQueries", 130 },
		{ "GroupMembResponses", 131 },
		{ "GroupMembReductions", 132 },
		{ "RouterSolicits", 133 },
		{ "RouterAdvertisements", 134 },
		{ "NeighborSolicits", 135 },
		{ "NeighborAdvertisements", 136 },
		{ "Redirects", 137 },
		{ "MLDv2Reports", 143 },
	};
	char name[16];

	for (unsigned way = 0; way < 2; way++)
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			put_row6(out, way ? "Icmp6Out" : "Icmp6In", types[i].name,
				 messages6(net, dev, way, types[i].type));
	for (unsigned way = 0; way < 2; way++) {
		for (unsigned type = 0; type < 256; type++) {
			u64 n = messages6(net, dev, way, (u8)type);

			if (!n)
				continue;
			snprintf(name, sizeof(name), "Type%u", type);
			put_row6(out, way ? "Icmp6Out" : "Icmp6In", name, n);
		}
	}
}

static void put_ip6(struct text *out, struct net *net, const struct ip6_dev *dev)
{
	static const char *const names[IP6_STATS] = {
		[IP6_IN_RECEIVES] = "Ip6InReceives",
		[IP6_IN_HDR_ERRORS] = "Ip6InHdrErrors",
		[IP6_IN_TOO_BIG] = "Ip6InTooBigErrors",
		[IP6_IN_NO_ROUTES] = "Ip6InNoRoutes",
		[IP6_IN_ADDR_ERRORS] = "Ip6InAddrErrors",
		[IP6_IN_UNKNOWN_PROTOS] = "Ip6InUnknownProtos",
		[IP6_IN_TRUNCATED] = "Ip6InTruncatedPkts",
		[IP6_IN_DISCARDS] = "Ip6InDiscards",
		[IP6_IN_DELIVERS] = "Ip6InDelivers",
		[IP6_OUT_FORW] = "Ip6OutForwDatagrams",
		[IP6_OUT_REQUESTS] = "Ip6OutRequests",
		[IP6_OUT_DISCARDS] = "Ip6OutDiscards",
		[IP6_OUT_NO_ROUTES] = "Ip6OutNoRoutes",
		[IP6_REASM_TIMEOUT] = "Ip6ReasmTimeout",
		[IP6_REASM_REQDS] = "Ip6ReasmReqds",
		[IP6_REASM_OKS] = "Ip6ReasmOKs",
		[IP6_REASM_FAILS] = "Ip6ReasmFails",
		[IP6_FRAG_OKS] = "Ip6FragOKs",
		[IP6_FRAG_FAILS] = "Ip6FragFails",
		[IP6_FRAG_CREATES] = "Ip6FragCreates",
		[IP6_IN_MCAST_PKTS] = "Ip6InMcastPkts",
		[IP6_OUT_MCAST_PKTS] = "Ip6OutMcastPkts",
		[IP6_IN_OCTETS] = "Ip6InOctets",
		[IP6_OUT_OCTETS] = "Ip6OutOctets",
		[IP6_IN_MCAST_OCTETS] = "Ip6InMcastOctets",
		[IP6_OUT_MCAST_OCTETS] = "Ip6OutMcastOctets",
		[IP6_IN_NO_ECT] = "Ip6InNoECTPkts",
		[IP6_IN_ECT1] = "Ip6InECT1Pkts",
		[IP6_IN_ECT0] = "Ip6InECT0Pkts",
		[IP6_IN_CE] = "Ip6InCEPkts",
		[IP6_OUT_TRANSMITS] = "Ip6OutTransmits",
		[ICMP6_IN_MSGS] = "Icmp6InMsgs",
		[ICMP6_IN_ERRORS] = "Icmp6InErrors",
		[ICMP6_OUT_MSGS] = "Icmp6OutMsgs",
		[ICMP6_OUT_ERRORS] = "Icmp6OutErrors",
		[ICMP6_IN_CSUM_ERRORS] = "Icmp6InCsumErrors",
		[ICMP6_LIMIT_HOST] = "Icmp6OutRateLimitHost",
	};

	for (unsigned i = 0; i < IP6_STATS; i++) {
		put_row6(out, "", names[i], value6(net, dev, (enum ip6_stat)i));
		if (i == IP6_OUT_MCAST_OCTETS) { /* IPv6 has no broadcasts */
			put_row6(out, "", "Ip6InBcastOctets", 0);
			put_row6(out, "", "Ip6OutBcastOctets", 0);
		}
	}
	put_icmp6(out, net, dev);
}

int net_snmp6_show(struct text *out, const struct subject *s)
{
	struct net *net = net_of(s);

	put_ip6(out, net, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(udp_names); i++)
		put_row6(out, "Udp6", udp_names[i],
			 mib_get(net, (enum mib)(UDP6_IN_DATAGRAMS + i)));
	for (size_t i = 0; i < ARRAY_SIZE(udp_names); i++)
		if (udp_names[i][0] != 'I' || udp_names[i][1] != 'g')
			put_row6(out, "UdpLite6", udp_names[i], 0);
	return 0;
}

/* --- dev_snmp6: a file for each device --- */

static int dev_snmp6_show(struct text *out, const struct subject *s)
{
	struct net *net = net_of(s);
	const struct netdev *d = netdev_by_index(net, (int)s->arg);
	const struct ip6_dev *i = d ? ip6_dev(d) : NULL;

	if (!i)
		return -ENOENT;
	text_printf(out, "%-32s\t%u\n", "ifIndex", (unsigned)d->ifindex);
	put_ip6(out, net, i);
	return 0;
}

static const struct node dev_snmp6_node = {
	.name = "DEV", .mode = S_IFREG | 0444, .flags = NODE_ONE_TEXT, .show = dev_snmp6_show
};

int net_dev_snmp6_lookup(const struct subject *s, const char *name, struct place *to)
{
	const struct netdev *d = netdev_find(net_of(s), name);

	if (!d || !ip6_dev(d))
		return -ENOENT;
	to->node = &dev_snmp6_node;
	to->pid = pid_get(s->task->pid);
	to->arg = (u64)d->ifindex;
	return 0;
}

bool net_dev_snmp6_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	const struct netdev *d;

	list_for_each_entry_rcu(d, &net_of(s)->devices, link) {
		if ((u64)d->ifindex < *key || !ip6_dev(d))
			continue;
		*key = to->arg = (u64)d->ifindex;
		to->node = &dev_snmp6_node;
		strlcpy(name, d->name, NAME_DYNAMIC_MAX);
		return true;
	}
	return false;
}
