/*
 * Packet sockets that many read: blocks of TPACKET_V3 (PACKET_RX_RING), and PACKET_FANOUT, over the
 * loopback: packet(7).
 */
#include "inet.h"
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define BLOCK 16384u
#define BLOCKS 4u

static int open_packet(int protocol, int bind_it)
{
	int s = MUST(socket(AF_PACKET, SOCK_RAW, 0)), one = 1;
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(protocol),
				 .sll_ifindex = if_nametoindex("lo") };

	MUST(setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)));
	if (bind_it)
		MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static void send_udp(int n, size_t size, int port)
{
	static char data[9000];
	struct sockaddr_in a = at("127.0.0.1", port);
	int s = bound("127.0.0.1", 0);

	for (int i = 0; i < n; i++)
		MUST(sendto(s, data, size, 0, (struct sockaddr *)&a, sizeof(a)));
	close(s);
}

static void version(int s, int v)
{
	MUST(setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
}

static void requests(void)
{
	int s = open_packet(ETH_P_IP, 0), v;
	socklen_t n;
	struct tpacket_req3 good = { BLOCK, BLOCKS, 2048, BLOCKS * BLOCK / 2048, 60, 0, 0 }, r;

	SECTION("requests");
	for (v = -1; v <= 3; v++)
		R(setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
	for (int i = 0; i <= 3; i++) {
		v = i;
		n = sizeof(v);
		R(getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &n));
		if (i)
			say("%d\n", v);
	}
	version(s, TPACKET_V3);
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &good, sizeof(struct tpacket_req)));
	r = good;
	r.tp_block_size = 3000;
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	r = good;
	r.tp_frame_nr--;
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	r = good;
	r.tp_frame_size = 64;
	r.tp_frame_nr = BLOCKS * BLOCK / 64;
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	r = good;
	r.tp_sizeof_priv = 3u << 30;
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	r = good;
	r.tp_sizeof_priv = BLOCK - 48 - 68;
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	memset(&r, 0, sizeof(r));
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &good, sizeof(good)));
	R(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &good, sizeof(good)));
	v = TPACKET_V2;
	R(setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof(v)));
	close(s);
}

/* What is in a block, and back it goes. */
static int show_block(char *ring, unsigned i, int s)
{
	struct tpacket_block_desc *d = (struct tpacket_block_desc *)(ring + i * BLOCK);
	struct tpacket3_hdr *h;
	unsigned at = d->hdr.bh1.offset_to_first_pkt, bytes = 0;

	for (int tries = 0; !(d->hdr.bh1.block_status & TP_STATUS_USER); tries++) {
		struct pollfd p = { s, POLLIN, 0 };

		if (tries == 50)
			return 0;
		poll(&p, 1, 20);
	}
	say("block %u: version %u private at %u status %#x packets %u first %u length %u number %llu\n",
	    i, d->version, d->offset_to_priv, d->hdr.bh1.block_status, d->hdr.bh1.num_pkts,
	    d->hdr.bh1.offset_to_first_pkt, d->hdr.bh1.blk_len,
	    (unsigned long long)d->hdr.bh1.seq_num);
	for (unsigned n = 0; n < d->hdr.bh1.num_pkts; n++) {
		struct sockaddr_ll *ll;

		h = (struct tpacket3_hdr *)((char *)d + at);
		ll = (struct sockaddr_ll *)((char *)h + TPACKET_ALIGN(sizeof(*h)));
		bytes += h->tp_snaplen;
		if (!n || n + 1 == d->hdr.bh1.num_pkts)
			say("  next %u length %u of %u mac %u net %u status %#x type %d hash %s time %s\n",
			    h->tp_next_offset, h->tp_snaplen, h->tp_len, h->tp_mac, h->tp_net,
			    h->tp_status & ~(TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID),
			    ll->sll_pkttype, h->hv1.tp_rxhash ? "yes" : "no",
			    h->tp_sec ? "yes" : "no");
		at += h->tp_next_offset;
	}
	say("  %u bytes\n", bytes);
	__atomic_store_n(&d->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	return 1;
}

static void stats(int s)
{
	struct tpacket_stats_v3 st = { 9, 9, 9 };
	socklen_t n = sizeof(st);

	MUST(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &st, &n));
	say("statistics: %u packets %u drops %u freezes, %u\n", st.tp_packets, st.tp_drops,
	    st.tp_freeze_q_cnt, n);
}

static void blocks(unsigned priv, unsigned features)
{
	int s = open_packet(ETH_P_IP, 0);
	struct tpacket_req3 r = { BLOCK, BLOCKS, 2048, BLOCKS * BLOCK / 2048, 200, priv, features };
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_IP),
				 .sll_ifindex = if_nametoindex("lo") };
	char *ring;
	unsigned i = 0;

	version(s, TPACKET_V3);
	MUST(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r)));
	ring = mmap(NULL, BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
	if (ring == MAP_FAILED) {
		say("mmap: %s\n", ename(errno));
		return;
	}
	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	say("poll %#x\n", revents(s) & POLLIN);
	send_udp(3, 100, 5301);
	i += show_block(ring, i, s); /* by the time that is over */
	send_udp(8, 4000, 5301);
	sleep_ms(20);
	say("poll %#x\n", revents(s) & POLLIN);
	while (show_block(ring, i % BLOCKS, s))
		i++;
	stats(s);
	/* more than there is room for */
	send_udp(40, 4000, 5301);
	stats(s);
	for (unsigned k = 0; k < BLOCKS; k++)
		i += show_block(ring, i % BLOCKS, s);
	send_udp(1, 10, 5301);
	show_block(ring, i % BLOCKS, s);
	stats(s);
	munmap(ring, BLOCK * BLOCKS);
	close(s);
}

static int drain(int s)
{
	char buf[100];
	int n = 0;

	while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

static int fan(int s, int id, int type)
{
	int v = id | type << 16;

	return setsockopt(s, SOL_PACKET, PACKET_FANOUT, &v, sizeof(v));
}

static unsigned fan_of(int s)
{
	unsigned v = 0;
	socklen_t n = sizeof(v);

	MUST(getsockopt(s, SOL_PACKET, PACKET_FANOUT, &v, &n));
	return v;
}

static void joining(void)
{
	int a = open_packet(ETH_P_IP, 1), b = open_packet(ETH_P_IP, 1), c = open_packet(ETH_P_ARP, 1),
	    d = open_packet(ETH_P_IP, 0), v;
	struct sockaddr_ll lo = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = if_nametoindex("lo") };
	struct tpacket_rollover_stats st;
	socklen_t n;

	SECTION("joining");
	say("%#x\n", fan_of(a));
	R(fan(a, 7, 8));
	R(fan(a, 7, PACKET_FANOUT_EBPF + 100));
	R(fan(a, 7, PACKET_FANOUT_ROLLOVER | PACKET_FANOUT_FLAG_ROLLOVER));
	R(fan(d, 7, PACKET_FANOUT_HASH));
	R(fan(a, 7, PACKET_FANOUT_HASH));
	say("%#x\n", fan_of(a));
	R(fan(a, 7, PACKET_FANOUT_HASH));
	R(fan(a, 8, PACKET_FANOUT_HASH));
	R(fan(b, 7, PACKET_FANOUT_LB));
	R(fan(b, 7, PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_ROLLOVER));
	R(fan(c, 7, PACKET_FANOUT_HASH));
	R(fan(b, 7, PACKET_FANOUT_HASH));
	R(bind(b, (struct sockaddr *)&lo, sizeof(lo)));
	n = sizeof(st);
	R(getsockopt(a, SOL_PACKET, PACKET_ROLLOVER_STATS, &st, &n));
	v = 0;
	R(setsockopt(a, SOL_PACKET, PACKET_FANOUT_DATA, &v, sizeof(v)));
	R(setsockopt(a, SOL_PACKET, PACKET_FANOUT, &v, 2));
	close(a);
	close(b);
	R(fan(c, 7, PACKET_FANOUT_LB | PACKET_FANOUT_FLAG_ROLLOVER));
	say("%#x\n", fan_of(c));
	n = sizeof(st);
	R(getsockopt(c, SOL_PACKET, PACKET_ROLLOVER_STATS, &st, &n));
	close(c);
	c = open_packet(ETH_P_IP, 1);
	R(fan(c, 1, PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID));
	R(fan(c, 0, PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID));
	a = open_packet(ETH_P_IP, 1);
	R(fan(a, 0, PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_UNIQUEID));
	say("%s ids\n", (fan_of(a) & 0xffff) == (fan_of(c) & 0xffff) ? "same" : "different");
	close(a);
	close(c);
	close(d);
}

static void group(int s[3], int id, int type)
{
	for (int i = 0; i < 3; i++) {
		s[i] = open_packet(ETH_P_IP, 1);
		MUST(fan(s[i], id, type));
	}
	for (int i = 0; i < 3; i++)
		drain(s[i]);
}

static void ungroup(int s[3])
{
	for (int i = 0; i < 3; i++)
		close(s[i]);
}

static void sharing(void)
{
	struct sock_filter second[] = { { BPF_RET | BPF_K, 0, 0, 4 } };
	struct sock_fprog prog = { 1, second };
	int s[3], n[3], used, fill = 4608;
	struct tpacket_rollover_stats st;
	socklen_t len = sizeof(st);

	SECTION("sharing");
	group(s, 21, PACKET_FANOUT_LB);
	send_udp(30, 100, 5302);
	say("in turn: %d %d %d\n", drain(s[0]), drain(s[1]), drain(s[2]));
	close(s[1]);
	send_udp(30, 100, 5302);
	say("without one: %d %d\n", drain(s[0]), drain(s[2]));
	close(s[0]);
	close(s[2]);

	group(s, 22, PACKET_FANOUT_HASH);
	send_udp(30, 100, 5302);
	used = 0;
	for (int i = 0; i < 3; i++)
		used += (n[i] = drain(s[i])) != 0;
	say("one flow: %d packets at %d\n", n[0] + n[1] + n[2], used);
	for (int i = 0; i < 60; i++)
		send_udp(1, 100, 5302);
	used = 0;
	for (int i = 0; i < 3; i++)
		used += (n[i] = drain(s[i])) != 0;
	say("many flows: %d packets at %d\n", n[0] + n[1] + n[2], used);
	ungroup(s);

	group(s, 23, PACKET_FANOUT_CPU);
	send_udp(30, 100, 5302);
	say("by processor: %d packets\n", drain(s[0]) + drain(s[1]) + drain(s[2]));
	ungroup(s);

	group(s, 24, PACKET_FANOUT_RND);
	send_udp(60, 100, 5302);
	for (int i = 0; i < 3; i++)
		n[i] = drain(s[i]);
	say("at random: %d packets, %s\n", n[0] + n[1] + n[2],
	    n[0] && n[1] && n[2] ? "all have some" : "somebody has none");
	ungroup(s);

	group(s, 25, PACKET_FANOUT_CBPF);
	send_udp(30, 100, 5302);
	say("no program: %d %d %d\n", drain(s[0]), drain(s[1]), drain(s[2]));
	R(setsockopt(s[0], SOL_PACKET, PACKET_FANOUT_DATA, &prog, sizeof(prog)));
	send_udp(30, 100, 5302);
	say("as the program says: %d %d %d\n", drain(s[0]), drain(s[1]), drain(s[2]));
	ungroup(s);

	group(s, 26, PACKET_FANOUT_ROLLOVER);
	for (int i = 0; i < 3; i++)
		MUST(setsockopt(s[i], SOL_SOCKET, SO_RCVBUF, &fill, sizeof(fill)));
	send_udp(100, 1000, 5302);
	for (int i = 0; i < 3; i++)
		n[i] = drain(s[i]);
	say("when full: %s\n", n[0] && n[1] && n[2] ? "all have some" : "somebody has none");
	len = sizeof(st);
	R(getsockopt(s[0], SOL_PACKET, PACKET_ROLLOVER_STATS, &st, &len));
	say("%d %d %d\n", st.tp_all > 0, st.tp_huge > 0, st.tp_failed > 0);
	ungroup(s);
}

int main(void)
{
	lo_up();
	/* Somebody takes them, so that ICMP says nothing. */
	bound("127.0.0.1", 5301);
	bound("127.0.0.1", 5302);
	requests();
	SECTION("blocks");
	blocks(0, 0);
	SECTION("blocks with private bytes and hashes");
	blocks(13, TP_FT_REQ_FILL_RXHASH);
	joining();
	sharing();
	return 0;
}
