/*
 * Packet sockets: options of SOL_PACKET (packet(7)), and what they ask of devices. Locks: net/packet.h.
 */
#include "net/packet.h"

#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/usercopy.h"

/* --- memberships (PACKET_ADD_MEMBERSHIP) --- */

/* Has what m asks for of its device, or no longer. [t] */
static int member(struct net *net, const struct packet_membership *m, int by)
{
	struct netdev *d = netdev_by_index(net, m->ifindex);

	if (!d)
		return 0;
	switch (m->type) {
	case PACKET_MR_MULTICAST:
		return netdev_multicast(d, m->addr, by);
	case PACKET_MR_PROMISC:
		netdev_promisc(d, by);
		return 0;
	case PACKET_MR_ALLMULTI:
		netdev_allmulti(d, by);
		return 0;
	default:
		return 0;
	}
}

static struct packet_membership *find_member(struct packet_sock *ps, const struct packet_mreq *r)
{
	struct packet_membership *m;

	list_for_each_entry(m, &ps->memberships, link)
		if (m->ifindex == r->mr_ifindex && m->type == r->mr_type && m->alen == r->mr_alen &&
		    !memcmp(m->addr, r->mr_address, r->mr_alen))
			return m;
	return NULL;
}

static int add_member(struct packet_sock *ps, const struct packet_mreq *r)
{
	struct netdev *d = netdev_by_index(ps->sk.net, r->mr_ifindex);
	struct packet_membership *m;
	int err;

	if (!d)
		return -ENODEV;
	if (r->mr_alen > d->addr_len || r->mr_type > PACKET_MR_UNICAST)
		return -EINVAL;
	m = find_member(ps, r);
	if (m) {
		m->count++;
		return 0;
	}
	m = kzalloc(sizeof(*m), 0);
	if (!m)
		return -ENOBUFS;
	m->ifindex = r->mr_ifindex;
	m->type = r->mr_type;
	m->alen = r->mr_alen;
	m->count = 1;
	memcpy(m->addr, r->mr_address, r->mr_alen);
	err = member(ps->sk.net, m, 1);
	if (err)
		kfree(m);
	else
		list_add_tail(&m->link, &ps->memberships);
	return err;
}

static int drop_member(struct packet_sock *ps, struct packet_membership *m, bool all)
{
	if (!m)
		return 0;
	if (--m->count && !all)
		return 0;
	member(ps->sk.net, m, -1);
	list_del(&m->link);
	kfree(m);
	return 0;
}

static int set_member(struct packet_sock *ps, int name, const void __user *val, int len)
{
	struct packet_mreq r = { 0 };
	int err;

	if (len < (int)sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	if (r.mr_alen > sizeof(r.mr_address))
		return -EINVAL;
	mutex_lock(&ps->sk.net->mutex);
	err = name == PACKET_ADD_MEMBERSHIP ? add_member(ps, &r) :
					      drop_member(ps, find_member(ps, &r), false);
	mutex_unlock(&ps->sk.net->mutex);
	return err;
}

void packet_drop_members(struct packet_sock *ps)
{
	struct packet_membership *m, *next;

	list_for_each_entry_safe(m, next, &ps->memberships, link)
		drop_member(ps, m, true);
}

/* --- options --- */

static int set_number(struct packet_sock *ps, int name, int v)
{
	switch (name) {
	case PACKET_AUXDATA:
		WRITE_ONCE(ps->auxdata, v != 0);
		return 0;
	case PACKET_ORIGDEV:
		WRITE_ONCE(ps->origdev, v != 0);
		return 0;
	case PACKET_IGNORE_OUTGOING:
		if (v < 0 || v > 1)
			return -EINVAL;
		WRITE_ONCE(ps->ignore_outgoing, v != 0);
		return 0;
	case PACKET_COPY_THRESH:
	case PACKET_TIMESTAMP:
		return 0;
	case PACKET_VERSION:
		if (v < TPACKET_V1 || v > TPACKET_V3)
			return -EINVAL;
		if (ps->ring || ps->sends)
			return -EBUSY;
		WRITE_ONCE(ps->version, v);
		return 0;
	case PACKET_VNET_HDR:
		if (ps->sk.type != SOCK_RAW)
			return -EINVAL;
		if (ps->ring || ps->sends)
			return -EBUSY;
		WRITE_ONCE(ps->vnet, v != 0);
		return 0;
	case PACKET_LOSS:
		if (ps->ring || ps->sends)
			return -EBUSY;
		WRITE_ONCE(ps->loss, v != 0);
		return 0;
	case PACKET_RESERVE:
		if (v < 0)
			return -EINVAL;
		if (ps->ring || ps->sends)
			return -EBUSY;
		WRITE_ONCE(ps->reserve, (u32)v);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int packet_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len)
{
	struct packet_sock *ps = packet_sk(sk);
	struct tpacket_req3 req = { 0 };
	u32 v;
	int err;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_ADD_MEMBERSHIP:
	case PACKET_DROP_MEMBERSHIP:
		return set_member(ps, name, val, len);
	case PACKET_FANOUT:
		return packet_fanout_join(ps, val, len);
	case PACKET_FANOUT_DATA:
		return packet_fanout_filter(ps, val, len);
	case PACKET_RX_RING:
	case PACKET_TX_RING:
		v = ps->version == TPACKET_V3 ? sizeof(req) : sizeof(struct tpacket_req);
		if (len < (int)v)
			return -EINVAL;
		if (copy_from_user(&req, val, v))
			return -EFAULT;
		mutex_lock(&ps->sk.net->mutex);
		err = packet_ring_set(ps, &req, name == PACKET_TX_RING);
		mutex_unlock(&ps->sk.net->mutex);
		return err;
	default:
		if (len < (int)sizeof(v))
			return -EINVAL;
		if (get_user_u32(&v, val))
			return -EFAULT;
		return set_number(ps, name, (int)v);
	}
}

static int get_statistics(struct packet_sock *ps, void __user *val, int __user *len)
{
	struct tpacket_stats_v3 stats;

	spin_lock(&ps->queue_lock);
	stats = (struct tpacket_stats_v3){ ps->stats.tp_packets + ps->stats.tp_drops,
					   ps->stats.tp_drops, ps->freezes };
	ps->stats = (struct tpacket_stats){ 0 };
	ps->freezes = 0;
	spin_unlock(&ps->queue_lock);
	return sockopt_put(val, len, &stats,
			   ps->version == TPACKET_V3 ? (int)sizeof(stats) :
						       (int)sizeof(struct tpacket_stats));
}

int packet_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len)
{
	struct packet_sock *ps = packet_sk(sk);
	struct tpacket_rollover_stats rolled;
	int v;

	if (level != SOL_PACKET)
		return -ENOPROTOOPT;
	switch (name) {
	case PACKET_STATISTICS:
		return get_statistics(ps, val, len);
	case PACKET_AUXDATA:
		v = ps->auxdata;
		break;
	case PACKET_ORIGDEV:
		v = ps->origdev;
		break;
	case PACKET_IGNORE_OUTGOING:
		v = ps->ignore_outgoing;
		break;
	case PACKET_VERSION:
		v = ps->version;
		break;
	case PACKET_VNET_HDR:
		v = ps->vnet;
		break;
	case PACKET_LOSS:
		v = ps->loss;
		break;
	case PACKET_RESERVE:
		v = (int)ps->reserve;
		break;
	case PACKET_HDRLEN: /* the length of the header of a version */
		if (get_user_u32((u32 *)&v, (const u32 __user *)val))
			return -EFAULT;
		if (v < TPACKET_V1 || v > TPACKET_V3)
			return -EINVAL;
		v = v == TPACKET_V3 ? sizeof(struct tpacket3_hdr) : sizeof(struct tpacket2_hdr);
		break;
	case PACKET_FANOUT:
		v = packet_fanout_get(ps);
		break;
	case PACKET_ROLLOVER_STATS:
		if (!ps->rolls)
			return -EINVAL;
		rolled = (struct tpacket_rollover_stats){ ps->rolled, 0, ps->roll_failed };
		return sockopt_put(val, len, &rolled, sizeof(rolled));
	default:
		return -ENOPROTOOPT;
	}
	return sockopt_put(val, len, &v, sizeof(v));
}
