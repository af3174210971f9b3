/*
 * Where the two versions of IP meet the transports (ip.h): the table of protocols, sending, and the
 * way back of what we send to groups that we are in.
 */
#include <compiler.h>
#include <uapi/icmp.h>
#include <uapi/in.h>

#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/net.h"

static const struct ip_protocol *const protocols[] = {
	&icmp_protocol, &igmp_protocol, &icmp6_protocol, &tcp_protocol, &udp_protocol,
};

const struct ip_protocol *ip_protocol(u8 number)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i]->number == number)
			return protocols[i];
	return NULL;
}

int ip_send(struct net *net, struct packet *p, const struct ip_send *s)
{
	return addr_is_v4(&s->dst) ? ip4_send(net, p, s) : ip6_send(net, p, s);
}

u32 ip_pseudo_sum(const struct in6_addr *src, const struct in6_addr *dst, u8 proto, u32 len)
{
	u32 sum;

	if (addr_is_v4(dst))
		sum = csum_add(src->s6_addr32[3], dst->s6_addr32[3]);
	else
		sum = csum_bytes(src, 16, csum_bytes(dst, 16, 0));
	return csum_add(csum_add(sum, bswap32(len)), bswap16(proto));
}

void ip_unreachable_port(struct net *net, struct packet *p)
{
	if (addr_is_v4(&ip_received(p)->dst))
		icmp_send_error(net, p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	else
		icmp6_unreachable_port(net, p);
}

/* --- looped back --- */

static void loop_work(struct net_work *w)
{
	struct net *net = container_of(w, struct net, loop_work);
	struct packet *p;

	for (;;) {
		spin_lock(&net->loop_lock);
		p = list_first_entry_or_null(&net->looped, struct packet, link);
		if (p)
			list_del_init(&p->link);
		spin_unlock(&net->loop_lock);
		if (!p)
			return;
		net_receive(p);
	}
}

void ip_loop_init(struct net *net)
{
	spin_init(&net->loop_lock, RANK_NETDEV, "net loop");
	list_init(&net->looped);
	net_work_init(&net->loop_work, loop_work);
}

void ip_loop_back(struct net *net, struct packet *p)
{
	p->whom = FOR_OUTGOING;
	spin_lock(&net->loop_lock);
	list_add_tail(&p->link, &net->looped);
	spin_unlock(&net->loop_lock);
	net_work_queue(&net->loop_work);
}
