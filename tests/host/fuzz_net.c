/*
 * libFuzzer over what a link can bring: frames into a machine that has sockets of all kinds, groups,
 * and forwards. `make fuzz-net` builds it; see host.mk.
 *
 * The first byte says how much of a frame is made right for it: addresses, IPv4's checksum and
 * length, so that the fuzzer gets further than the first look.
 */
#include "sim.h"

#include <uapi/icmp.h>
#include <uapi/in.h>

#include "net/ipv4.h"
#include "net/wire/eth.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void mend(u8 *f, size_t n, u8 how)
{
	struct ipv4_header *h = (struct ipv4_header *)(f + ETH_HLEN);
	u32 hlen;

	if (how & 1 && n >= ETH_HLEN) {
		memcpy(f, "\2\0\0\0\0\1", 6);
		put_be16(f + 12, how & 2 ? ETH_P_ARP : how & 4 ? ETH_P_IPV6 : ETH_P_IP);
	}
	if (!(how & 8) || n < ETH_HLEN + sizeof(*h))
		return;
	hlen = (h->version_ihl & 15) * 4u;
	if (hlen < sizeof(*h) || n < ETH_HLEN + hlen)
		return;
	h->version_ihl = (u8)(0x40 | hlen / 4);
	h->len = cpu_to_be16((u16)(n - ETH_HLEN));
	h->src = cpu_to_be32(0x0a000002);
	h->dst = cpu_to_be32(how & 16 ? 0x0a000001 : how & 32 ? 0xef010101 : 0x0a000102);
	h->sum = (__force be16)0;
	h->sum = (__force be16)ip4_header_sum(h, hlen);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ip_mreqn r = { .imr_multiaddr.s_addr = 0x010101ef };
	struct socket *sk[3];
	struct netdev *d;
	struct net *net;
	u8 frame[2048], buf[2048];

	if (size < 2)
		return 0;
	sim_begin(1);
	net = sim_net();
	d = sim_attach(net, sim_link(&(struct sim_link_config){ 0 }));
	sim_address(d, "10.0.0.1", 24);
	ip4_dev(d)->conf.forwarding = 1;
	net->ip4->ping_low = 0;
	sk[0] = sim_socket(net, AF_INET, SOCK_DGRAM, 0);
	sk[1] = sim_socket(net, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	sk[2] = sim_socket(net, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	sim_bind(sk[0], "0.0.0.0", 0x0909);
	sim_bind(sk[2], "0.0.0.0", 0x0909);
	r.imr_ifindex = d->ifindex;
	socket_setsockopt(sk[0], SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r));
	/* Frames of so many bytes each as a byte before them says. */
	while (size >= 2) {
		size_t n = data[1] * 4u + 2u;

		if (n > size - 2)
			n = size - 2;
		memcpy(frame, data + 2, n);
		mend(frame, n, data[0]);
		sim_inject(d, frame, n);
		data += n + 2;
		size -= n + 2;
	}
	sim_run(NSEC_PER_SEC, NULL, NULL);
	for (int i = 0; i < 3; i++) {
		while (sim_receive(sk[i], buf, sizeof(buf), 0) >= 0)
			;
		sim_close(sk[i]);
	}
	if (sim_end())
		__builtin_trap();
	return 0;
}
