/*
 * TCP of one network: its tables, counters and settings.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/random.h"
#include "lib/string.h"

struct tcp_sysctl tcp_sysctl = {
	.adv_win_scale = 1,
	.base_mss = 1024,
	.challenge_ack_limit = S32_MAX,
	.congestion = "cubic",
	.dsack = 1,
	.early_retrans = 3,
	.ecn = 2,
	.ecn_fallback = 1,
	.fastopen = 1,
	.fin_timeout = 60,
	.frto = 2,
	.invalid_ratelimit = 500,
	.keepalive_intvl = 75,
	.keepalive_probes = 9,
	.keepalive_time = 7200,
	.max_orphans = 8192,
	.max_reordering = 300,
	.max_syn_backlog = 512,
	.max_tw_buckets = 16384,
	.min_rtt_wlen = 300,
	.min_snd_mss = 48,
	.min_tso_segs = 2,
	.moderate_rcvbuf = 1,
	.mtu_probe_floor = 48,
	.mtu_probing = 1,
	.notsent_lowat = ~0U,
	.pacing_ca_ratio = 120,
	.pacing_ss_ratio = 200,
	.pingpong_thresh = 1,
	.probe_interval = 600,
	.probe_threshold = 8,
	.recovery = 1,
	.reordering = 3,
	.retries1 = 3,
	.retries2 = 15,
	.rmem = { 4096, 131072, 6291456 },
	.rto_max_ms = 120000,
	.rto_min_us = 200000,
	.sack = 1,
	.slow_start_after_idle = 1,
	.syn_linear_timeouts = 4,
	.syn_retries = 6,
	.synack_retries = 5,
	.syncookies = 1,
	.timestamps = 1,
	.tso_win_divisor = 3,
	.tw_reuse = 2,
	.window_scaling = 1,
	.wmem = { 4096, 16384, 4194304 },
};

static struct tcp_sysctl at_boot; /* [boot] */

struct tcp_sysctl *tcp_conf(struct net *net)
{
	return net->tcp->conf;
}

/* What Linux gives a new network: what is so at boot, but the first's buffers and algorithm. */
int tcp_conf_own(struct net *net)
{
	struct tcp_sysctl *c = kmemdup(&at_boot, sizeof(at_boot));

	if (!c)
		return -ENOMEM;
	memcpy(c->rmem, tcp_sysctl.rmem, sizeof(c->rmem));
	memcpy(c->wmem, tcp_sysctl.wmem, sizeof(c->wmem));
	c->congestion = READ_ONCE(tcp_sysctl.congestion);
	net->tcp->conf = c;
	return 0;
}

int tcp_net_init(struct net *net)
{
	struct tcp_net *tn = kzalloc(sizeof(*tn), 0);

	if (!tn)
		return -ENOMEM;
	tn->net = net;
	tn->ports = port_table_create();
	tn->listeners = tcp_listeners_alloc(TCP_LISTENERS);
	if (!tn->ports || !tn->listeners) {
		if (tn->ports)
			port_table_destroy(tn->ports);
		kfree(tn->listeners);
		kfree(tn);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < TCP_HASH_LOCKS; i++)
		spin_init(&tn->locks[i], RANK_NET_TABLE, "tcp bucket");
	spin_init(&tn->listen_lock, RANK_NET_TABLE, "tcp listeners");
	spin_init(&tn->all_lock, RANK_NET_TABLE, "tcp sockets");
	list_init(&tn->all);
	random_bytes(tn->secret, sizeof(tn->secret));
	random_bytes(tn->fastopen_keys.key[0], sizeof(tn->fastopen_keys.key[0]));
	tn->fastopen_keys.n = 1;
	tcp_slab_init();
	tcp_request_slab_init();
	tcp_tw_slab_init();
	if (!tcp_sysctl.mem[2]) {
		sock_mem_shares(tcp_sysctl.mem, 16);
		at_boot = tcp_sysctl;
	}
	tn->conf = &tcp_sysctl;
	net->tcp = tn;
	return 0;
}

void tcp_net_stop(struct net *net)
{
	struct tcp_net *tn = net->tcp;
	struct tcp_node *n;
	struct hlist_node *next;

	for (unsigned i = 0; tn && tn->table && i < 1 << TCP_HASH_BITS; i++)
		hlist_for_each_entry_safe(n, next, &tn->table[i], link)
			if (n->kind == TCP_KIND_TW)
				tcp_tw_kill(container_of(n, struct tcp_tw, node));
}

void tcp_net_destroy(struct net *net)
{
	struct tcp_net *tn = net->tcp;

	if (!tn)
		return;
	port_table_destroy(tn->ports);
	kfree(tn->table);
	kfree(tn->listeners);
	if (tn->conf != &tcp_sysctl)
		kfree(tn->conf);
	kfree(tn);
	net->tcp = NULL;
}

u64 tcp_stat(struct net *net, enum tcp_stat s)
{
	return READ_ONCE(net->tcp->stats[s]);
}

u32 tcp_sock_size(void)
{
	return sizeof(struct tcp_sock);
}

void tcp_count(struct net *net, struct tcp_counts *c)
{
	struct tcp_net *tn = net->tcp;

	*c = (struct tcp_counts){
		.inuse = (u64)atomic_read(&tn->nr_sockets),
		.alloc = (u64)atomic_read(&tn->nr_sockets),
		.orphans = (u64)atomic_read(&tcp_budget.orphans),
		.tw = (u64)atomic_read(&tn->nr_tw),
		.mem = (u64)atomic_long_read(&tcp_budget.bytes) / PAGE_SIZE,
		.established = (u64)atomic_read(&tn->nr_established),
	};
}
