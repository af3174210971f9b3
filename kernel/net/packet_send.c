/*
 * Packet sockets: sending (packet(7)). A frame of the call's, or those of the mapped ring that the program
 * has marked (PACKET_TX_RING). See net/packet.h; locks: [s] ps->send_mutex, besides.
 */
#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>

#include "core/sched.h"
#include "dev/vnet_header.h"
#include "lib/string.h"
#include "net/packet_ring.h"

#define ETH_HLEN 14

static void uncharge(struct packet *p)
{
	struct packet_sock *ps = packet_sk(p->sk);

	__atomic_fetch_sub(&ps->sent.v, (int)p->charged, __ATOMIC_RELEASE);
	wake_up_key(&ps->sk.writers, EPOLLOUT | EPOLLWRNORM);
	socket_put(p->sk);
}

static bool can_send(void *arg)
{
	struct packet_sock *ps = packet_sk(arg);

	return atomic_read(&ps->sent) < (int)READ_ONCE(ps->sk.sndbuf) || READ_ONCE(ps->sk.err);
}

/* Where m is to go: its device, referenced, and its protocol. */
static struct netdev *target(struct packet_sock *ps, const struct message *m, u16 *protocol,
			     const u8 **to)
{
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)m->name;
	int ifindex = ps->ifindex;
	struct netdev *d;

	*protocol = ps->protocol;
	*to = NULL;
	if (ll) {
		if (m->name_len < (int)offsetof(struct sockaddr_ll, sll_addr) ||
		    m->name_len < (int)offsetof(struct sockaddr_ll, sll_addr) + ll->sll_halen ||
		    ll->sll_family != AF_PACKET)
			return ERR_PTR(-EINVAL);
		ifindex = ll->sll_ifindex;
		*protocol = be16_to_cpu((__force be16)ll->sll_protocol);
		*to = ll->sll_addr;
	}
	d = netdev_by_index(ps->sk.net, ifindex);
	if (!d)
		return ERR_PTR(-ENXIO);
	if (!(d->flags & IFF_UP))
		return ERR_PTR(-ENETDOWN);
	/* The whole address has to be there, whatever sll_halen says of it. */
	if (ll && ps->sk.type == SOCK_DGRAM &&
	    m->name_len < (int)offsetof(struct sockaddr_ll, sll_addr) + d->addr_len)
		return ERR_PTR(-EINVAL);
	return netdev_get(d);
}

static void put_link_header(const struct netdev *d, struct packet *p, const u8 *to, u16 protocol)
{
	u8 *h = packet_push(p, ETH_HLEN);

	memset(h, 0, 6);
	if (to)
		memcpy(h, to, 6);
	memcpy(h + 6, d->addr, 6);
	put_be16(h + 12, protocol);
}

/* The header before what is sent: -EINVAL, -EFAULT. */
static int take_vnet(struct message *m, struct vnet_header *h)
{
	*h = (struct vnet_header){ 0 };
	if (m->data->count < PACKET_VNET_SIZE)
		return -EINVAL;
	return iter_copy_from(m->data, h, PACKET_VNET_SIZE) == PACKET_VNET_SIZE ? 0 : -EFAULT;
}

/* Room in what the socket may have under way. 0 or -errno. */
static int wait_room(struct packet_sock *ps, u64 deadline)
{
	int err = socket_wait(&ps->sk.writers, &ps->sk, can_send, deadline);

	return err ? err : socket_take_error(&ps->sk);
}

/* May a frame of n bytes go? 0, -EMSGSIZE, -EINVAL. */
static int check_size(const struct packet_sock *ps, const struct netdev *d, u64 n, bool segments)
{
	u32 link = netdev_ethernet(d) ? ETH_HLEN : 0;
	bool raw = ps->sk.type == SOCK_RAW;

	if (n > d->mtu + (raw ? link : 0) && !segments)
		return -EMSGSIZE;
	return raw && n < link ? -EINVAL : 0;
}

/* p has what the program gave, and goes; it is gone in any case. vnet: NULL, or the header before it. */
static int transmit(struct packet_sock *ps, struct netdev *d, struct packet *p, const u8 *to,
		    u16 protocol, const struct vnet_header *vnet)
{
	u32 link = netdev_ethernet(d) ? ETH_HLEN : 0;
	bool raw = ps->sk.type == SOCK_RAW;

	if (!raw && link)
		put_link_header(d, p, to, protocol);
	p->protocol = raw && link ? get_be16(p->data + 12) : protocol;
	p->network = (u16)(packet_headroom(p) + link);
	p->priority = (u8)ps->sk.priority;
	p->mark = ps->sk.mark;
	if (vnet && !vnet_header_apply(p, vnet, link)) {
		packet_free(p);
		return -EINVAL;
	}
	p->sk = socket_get(&ps->sk);
	p->charged = packet_truesize(p);
	p->uncharge = uncharge;
	__atomic_fetch_add(&ps->sent.v, (int)p->charged, __ATOMIC_RELAXED);
	netdev_transmit(d, p);
	return 0;
}

static ssize_t send_one(struct packet_sock *ps, struct message *m, struct netdev *d, const u8 *to,
			u16 protocol)
{
	size_t n = m->data->count, whole = n;
	bool vnet = READ_ONCE(ps->vnet);
	struct vnet_header h = { 0 };
	struct packet *p;
	int err;

	if (vnet) {
		err = take_vnet(m, &h);
		if (err)
			return err;
		n -= PACKET_VNET_SIZE;
	}
	if (socket_option(&ps->sk, OPT_NOFCS)) /* a card makes the check sequence of each frame */
		return -EPROTONOSUPPORT;
	err = check_size(ps, d, n, vnet && h.gso_type);
	if (!err)
		err = wait_room(ps, m->deadline);
	if (err)
		return err;
	p = packet_alloc(64, (u32)n);
	if (!p)
		return -ENOBUFS;
	if (iter_copy_from(m->data, packet_put(p, (u32)n), n) != n) {
		packet_free(p);
		return -EFAULT;
	}
	err = transmit(ps, d, p, to, protocol, vnet ? &h : NULL);
	net_run();
	return err ? err : (ssize_t)whole;
}

/* --- the ring --- */

/* Where a frame's state, its length and its bytes are, by the version of the ring. */
static u32 *state_of(const struct packet_ring *r, u64 frame)
{
	return packet_ring_at(r, frame + (r->version == TPACKET_V3 ?
						  offsetof(struct tpacket3_hdr, tp_status) :
						  offsetof(struct tpacket2_hdr, tp_status)));
}

static u32 length_of(const struct packet_ring *r, u64 frame)
{
	static const size_t at[] = {
		[TPACKET_V1] = offsetof(struct tpacket_hdr, tp_len),
		[TPACKET_V2] = offsetof(struct tpacket2_hdr, tp_len),
		[TPACKET_V3] = offsetof(struct tpacket3_hdr, tp_len),
	};

	return READ_ONCE(*(u32 *)packet_ring_at(r, frame + at[r->version]));
}

static u32 data_offset(const struct packet_ring *r)
{
	return (u32)TPACKET_ALIGN(r->version == TPACKET_V3 ? sizeof(struct tpacket3_hdr) :
							     sizeof(struct tpacket2_hdr));
}

/*
 * One frame. Its bytes are copied, so it is the program's again at once. 0; -EINVAL, -EMSGSIZE: nobody
 * could send it; -ENOBUFS, or what wait_room says: it may be tried again.
 */
static int send_frame(struct packet_sock *ps, struct packet_ring *r, u64 frame, u32 n,
		      struct netdev *d, const u8 *to, u16 protocol, u64 deadline)
{
	u32 off = data_offset(r);
	struct vnet_header h = { 0 };
	struct packet *p;
	int err;

	if (n > r->frame_size - off)
		return -EMSGSIZE;
	if (r->version == TPACKET_V3 &&
	    READ_ONCE(*(u32 *)packet_ring_at(r, frame))) /* tp_next_offset */
		return -EINVAL;
	if (r->vnet) {
		if (n < PACKET_VNET_SIZE)
			return -EINVAL;
		packet_ring_read(r, frame + off, &h, PACKET_VNET_SIZE);
		off += PACKET_VNET_SIZE;
		n -= PACKET_VNET_SIZE;
	}
	err = check_size(ps, d, n, r->vnet && h.gso_type);
	if (!err)
		err = wait_room(ps, deadline);
	if (err)
		return err;
	p = packet_alloc(64, n);
	if (!p)
		return -ENOBUFS;
	packet_ring_read(r, frame + off, packet_put(p, n), n);
	return transmit(ps, d, p, to, protocol, r->vnet ? &h : NULL);
}

/* All frames from the next on that the program wants sent. Bytes, or -errno. */
static ssize_t send_ring(struct packet_sock *ps, struct packet_ring *r, struct netdev *d,
			 const u8 *to, u16 protocol, u64 deadline)
{
	ssize_t done = 0;
	int err = 0;

	mutex_lock(&ps->send_mutex);
	for (;;) {
		u64 frame = packet_ring_frame(r, r->head);
		u32 *state = state_of(r, frame), n;

		if (smp_load_acquire(state) != TP_STATUS_SEND_REQUEST)
			break;
		n = length_of(r, frame); /* what is looked at is what goes */
		err = send_frame(ps, r, frame, n, d, to, protocol, deadline);
		if (err == -EMSGSIZE || err == -EINVAL) {
			if (!READ_ONCE(ps->loss)) {
				smp_store_release(state, TP_STATUS_WRONG_FORMAT);
				done = 0;
				break;
			}
			err = 0;
		} else if (err) {
			break;
		} else {
			done += n;
		}
		smp_store_release(state, TP_STATUS_AVAILABLE);
		r->head = (r->head + 1) % r->frames;
		cond_resched();
	}
	mutex_unlock(&ps->send_mutex);
	net_run();
	return done ? done : err;
}

ssize_t packet_sendmsg(struct socket *sk, struct message *m)
{
	struct packet_sock *ps = packet_sk(sk);
	struct packet_ring *r;
	struct netdev *d;
	u16 protocol;
	const u8 *to;
	ssize_t ret;

	d = target(ps, m, &protocol, &to);
	if (IS_ERR(d))
		return PTR_ERR(d);
	spin_lock(&ps->queue_lock);
	r = ps->sends;
	if (r)
		atomic_inc(&r->users);
	spin_unlock(&ps->queue_lock);
	if (r)
		ret = send_ring(ps, r, d, to, protocol, m->deadline);
	else
		ret = send_one(ps, m, d, to, protocol);
	packet_ring_put_sender(r);
	netdev_put(d);
	return ret;
}
