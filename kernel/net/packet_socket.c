/*
 * AF_PACKET (packet(7)): the calls of packet sockets. Raw ones give and take whole frames, datagram
 * ones what follows the link header. See net/packet.h.
 */
#include "net/packet.h"

#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/ioctl.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "dev/vnet_header.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/inet.h"

static const struct socket_ops packet_ops;

static struct socket *packet_create(int type, int protocol)
{
	struct net *net = current_net();
	struct packet_sock *ps;

	if (!net_capable(net, CAP_NET_RAW))
		return ERR_PTR(-EPERM);
	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return ERR_PTR(-ESOCKTNOSUPPORT);
	ps = kzalloc(sizeof(*ps), 0);
	if (!ps)
		return ERR_PTR(-ENOMEM);
	socket_init(&ps->sk, net, AF_PACKET, type, 0,
		    &packet_ops); /* SO_PROTOCOL is 0, as Linux's */
	list_init(&ps->memberships);
	list_init(&ps->queue);
	spin_init(&ps->queue_lock, RANK_NETDEV, "packet socket");
	mutex_init(&ps->send_mutex);
	ps->protocol = be16_to_cpu((__force be16)(u16)protocol);
	if (ps->protocol) {
		mutex_lock(&net->mutex);
		packet_listen(ps, true);
		mutex_unlock(&net->mutex);
	}
	return &ps->sk;
}

/* --- life --- */

static void packet_release(struct socket *sk)
{
	struct packet_sock *ps = packet_sk(sk);

	mutex_lock(&ps->sk.net->mutex);
	packet_listen(ps, false);
	packet_fanout_leave(ps);
	packet_drop_members(ps);
	mutex_unlock(&ps->sk.net->mutex);
	synchronize_rcu(); /* nobody is about to give it a frame */
	packet_free_list(&ps->queue);
	packet_ring_free(ps->ring);
	packet_ring_put_sender(ps->sends);
	ps->ring = ps->sends = NULL;
	socket_put(sk);
}

static void free_socket(struct rcu_head *h)
{
	kfree(container_of(h, struct packet_sock, rcu));
}

static void packet_free_socket(struct socket *sk)
{
	call_rcu(&packet_sk(sk)->rcu, free_socket);
}

static int packet_bind(struct socket *sk, const struct sockaddr_storage *addr, int len)
{
	const struct sockaddr_ll *ll = (const struct sockaddr_ll *)addr;
	struct packet_sock *ps = packet_sk(sk);
	struct netdev *d = NULL;
	int err = 0;

	if (len < (int)sizeof(*ll) || ll->sll_family != AF_PACKET)
		return -EINVAL;
	mutex_lock(&ps->sk.net->mutex);
	if (ps->fanout) {
		mutex_unlock(&ps->sk.net->mutex);
		return -EINVAL;
	}
	if (ll->sll_ifindex) {
		d = netdev_by_index(ps->sk.net, ll->sll_ifindex);
		if (!d)
			err = -ENODEV;
	}
	if (!err) {
		packet_listen(ps, false);
		WRITE_ONCE(ps->ifindex, ll->sll_ifindex);
		if (ll->sll_protocol)
			WRITE_ONCE(ps->protocol, be16_to_cpu((__force be16)ll->sll_protocol));
	}
	mutex_unlock(&ps->sk.net->mutex);
	if (err)
		return err;
	synchronize_rcu(); /* its place in the list is free again */
	mutex_lock(&ps->sk.net->mutex);
	if (ps->protocol)
		packet_listen(ps, true);
	if (d && !(d->flags & IFF_UP))
		socket_set_error(sk, ENETDOWN);
	mutex_unlock(&ps->sk.net->mutex);
	return 0;
}

static int packet_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
			  u64 deadline)
{
	(void)sk;
	(void)addr;
	(void)len;
	(void)deadline;
	return -EOPNOTSUPP;
}

static int packet_shutdown(struct socket *sk, unsigned how)
{
	(void)sk;
	(void)how;
	return -EOPNOTSUPP;
}

static int packet_getname(struct socket *sk, struct sockaddr_storage *addr, bool peer)
{
	struct packet_sock *ps = packet_sk(sk);
	struct sockaddr_ll *ll = (struct sockaddr_ll *)addr;
	const struct netdev *d;

	if (peer)
		return -EOPNOTSUPP;
	memset(ll, 0, sizeof(*ll));
	ll->sll_family = AF_PACKET;
	ll->sll_ifindex = ps->ifindex;
	ll->sll_protocol = (__force u16)cpu_to_be16(ps->protocol);
	d = netdev_by_index(ps->sk.net, ps->ifindex);
	if (!d)
		return (int)offsetof(struct sockaddr_ll, sll_addr);
	ll->sll_hatype = d->type;
	ll->sll_halen = d->addr_len;
	memcpy(ll->sll_addr, d->addr, d->addr_len);
	return (int)offsetof(struct sockaddr_ll, sll_addr) + d->addr_len;
}

/* --- receiving --- */

static bool can_receive(void *arg)
{
	struct packet_sock *ps = packet_sk(arg);

	return !list_empty(&ps->queue) || READ_ONCE(ps->sk.err) || (ps->sk.shutdown & SHUT_RECEIVE);
}

/* A referenced look (MSG_PEEK: a clone) at the first packet, or NULL. */
static struct packet *take(struct packet_sock *ps, bool peek)
{
	struct packet *p;

	spin_lock(&ps->queue_lock);
	p = list_first_entry_or_null(&ps->queue, struct packet, link);
	if (p && peek) {
		struct packet *c = packet_clone(p);

		if (c)
			memcpy(c->cb, p->cb, sizeof(c->cb));
		p = c ? c : ERR_PTR(-ENOMEM);
	} else if (p) {
		list_del_init(&p->link);
		ps->queued -= p->charged;
	}
	spin_unlock(&ps->queue_lock);
	return p;
}

static ssize_t packet_recvmsg(struct socket *sk, struct message *m)
{
	struct packet_sock *ps = packet_sk(sk);
	struct packet_seen seen;
	struct packet *p;
	size_t n, vnet = 0;
	int err;

	if (m->flags & ~(unsigned)(MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC |
				   MSG_WAITFORONE | MSG_WAITALL | MSG_ERRQUEUE))
		return -EINVAL;
	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	do {
		err = socket_wait(&sk->readers, sk, can_receive, m->deadline);
		if (!err)
			err = socket_take_error(sk);
		if (err)
			return err;
		p = take(ps, m->flags & MSG_PEEK);
		if (IS_ERR(p))
			return PTR_ERR(p);
		if (!p && (sk->shutdown & SHUT_RECEIVE))
			return 0;
	} while (!p);
	memcpy(&seen, p->cb, sizeof(seen));
	if (READ_ONCE(ps->vnet)) {
		struct vnet_header h;

		vnet = PACKET_VNET_SIZE;
		vnet_header_of(p, false, &h);
		err = m->data->count < vnet		      ? -EINVAL :
		      iter_copy_to(m->data, &h, vnet) != vnet ? -EFAULT :
								0;
		if (err) {
			packet_free(p);
			return err;
		}
	}
	n = min((size_t)p->len, m->data->count);
	if (n < p->len)
		m->out_flags |= MSG_TRUNC;
	if (packet_copy_to_iter(p, 0, m->data, n) != n) {
		packet_free(p);
		return -EFAULT;
	}
	if (m->name) {
		memcpy(m->name, &seen.from, sizeof(seen.from));
		m->name_len = sizeof(seen.from);
	}
	sock_recv_stamps(sk, p->stamp, false, m);
	if (READ_ONCE(ps->auxdata)) {
		struct tpacket_auxdata aux = {
			.tp_status = seen.status,
			.tp_len = seen.len,
			.tp_snaplen = p->len,
			.tp_net = seen.net,
		};

		cmsg_put(m, SOL_PACKET, PACKET_AUXDATA, &aux, sizeof(aux));
	}
	if (m->flags & MSG_TRUNC)
		n = p->len;
	packet_free(p);
	return (ssize_t)(n + vnet);
}

static u32 packet_poll(struct socket *sk, struct file *f, struct poll_table *pt)
{
	struct packet_sock *ps = packet_sk(sk);
	u32 mask = 0;

	(void)f;
	(void)pt;
	spin_lock(&ps->queue_lock);
	if (!list_empty(&ps->queue) || (ps->ring && packet_ring_ready(ps->ring)))
		mask |= EPOLLIN | EPOLLRDNORM;
	spin_unlock(&ps->queue_lock);
	if (atomic_read(&ps->sent) < (int)READ_ONCE(sk->sndbuf))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return mask | (READ_ONCE(sk->err) ? EPOLLERR : 0);
}

static long packet_ioctl(struct socket *sk, unsigned cmd, unsigned long arg)
{
	struct packet_sock *ps = packet_sk(sk);
	struct packet *p;
	int n = 0;

	switch (cmd) {
	case TIOCOUTQ: /* SIOCOUTQ */
		n = atomic_read(&ps->sent);
		break;
	case FIONREAD: /* SIOCINQ */
		spin_lock(&ps->queue_lock);
		p = list_first_entry_or_null(&ps->queue, struct packet, link);
		n = p ? (int)p->len : 0;
		spin_unlock(&ps->queue_lock);
		break;
	default:
		return inet_ioctl(sk, cmd, arg);
	}
	return put_user_u32((u32)n, (u32 __user *)arg);
}

static int packet_mmap(struct socket *sk, struct file_map *m)
{
	struct packet_sock *ps = packet_sk(sk);
	int err;

	mutex_lock(&ps->sk.net->mutex);
	err = packet_ring_map(ps, m);
	mutex_unlock(&ps->sk.net->mutex);
	return err;
}

static void packet_memory(struct socket *sk, u32 *received, u32 *sent)
{
	struct packet_sock *ps = packet_sk(sk);

	*received = READ_ONCE(ps->queued);
	*sent = (u32)atomic_read(&ps->sent);
}

static const struct socket_ops packet_ops = {
	.release = packet_release,
	.bind = packet_bind,
	.connect = packet_connect,
	.shutdown = packet_shutdown,
	.getname = packet_getname,
	.memory = packet_memory,
	.sendmsg = packet_sendmsg,
	.recvmsg = packet_recvmsg,
	.poll = packet_poll,
	.ioctl = packet_ioctl,
	.setsockopt = packet_setsockopt,
	.getsockopt = packet_getsockopt,
	.mmap = packet_mmap,
	.free = packet_free_socket,
};

const struct socket_family packet_family = {
	.family = AF_PACKET,
	.create = packet_create,
};
