/*
 * UDP, sending (udp.h): one datagram a call, several calls' bytes in one (UDP_CORK, MSG_MORE), or one
 * call's bytes in many (UDP_SEGMENT).
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/in.h>

#include "alloc/slab.h"
#include "net/ipv4.h"
#include "net/mib.h"
#include "net/udp.h"
#include "net/wire/udp.h"

#define MAX_SEGMENTS 128

/* The header before the payload, which is all there; p goes. s->route is looked up. */
static int udp_push(struct udp_sock *u, const struct inet_send *s, struct packet *p)
{
	struct inet_socket *is = &u->d.is;
	struct udp_header *h = (struct udp_header *)p->data;
	u16 segment = s->has_segment ? s->segment : READ_ONCE(u->segment);
	bool v4 = addr_is_v4(&s->dst);
	bool sum = v4 ? !socket_option(&is->sk, OPT_NO_CHECK) : !READ_ONCE(u->no_check6_tx);
	u32 n = p->len, payload = n - (u32)sizeof(*h), mtu;
	struct ip_send ip;
	int err;

	dgram_ip_send(&u->d, s, n, &ip, &mtu);
	dgram_mark(&u->d, s, p);
	ip.proto = IPPROTO_UDP;
	if (segment && payload > segment) {
		u32 one = segment + (u32)sizeof(*h) + ip_header_len(&s->dst, s->options_len);

		if (one > mtu || payload > (u32)segment * MAX_SEGMENTS || !sum) {
			packet_free(p);
			return -EINVAL;
		}
		p->gso = GSO_UDP;
		p->gso_size = segment;
		p->gso_segs = (u16)DIV_ROUND_UP(payload, segment);
	} else if (ip.df && n + ip_header_len(&s->dst, s->options_len) > mtu) {
		packet_free(p);
		return dgram_too_long(&u->d, s, mtu);
	}
	h->src = cpu_to_be16(is->local_port);
	h->dst = cpu_to_be16(s->port);
	h->len = cpu_to_be16((u16)n);
	h->sum = (__force be16)0;
	if (sum) {
		h->sum = (__force be16)(u16)~csum_fold(
			ip_pseudo_sum(&s->src, &s->dst, IPPROTO_UDP, n));
		p->csum = CSUM_PARTIAL;
		p->csum_start = (u16)packet_headroom(p);
		p->csum_offset = offsetof(struct udp_header, sum);
	}
	err = ip_send(is->sk.net, p, &ip);
	if (!err)
		mib_count_udp(is->sk.net, UDP_OUT_DATAGRAMS, v4);
	return err;
}

/* --- corked datagrams --- */

static void drop_pending(struct udp_sock *u)
{
	packet_free(u->pending);
	u->pending = NULL;
	if (u->pending_to)
		dgram_send_end(u->pending_to);
	kfree(u->pending_to);
	u->pending_to = NULL;
}

void udp_flush(struct udp_sock *u)
{
	mutex_lock(&u->cork_mutex);
	drop_pending(u);
	mutex_unlock(&u->cork_mutex);
}

/* What is pending goes. cork_mutex is held. */
static int push_pending(struct udp_sock *u)
{
	struct packet *p = u->pending;
	int err;

	if (!p)
		return 0;
	u->pending = NULL;
	err = udp_push(u, u->pending_to, p);
	drop_pending(u);
	return err;
}

int udp_uncork(struct udp_sock *u)
{
	int err;

	mutex_lock(&u->cork_mutex);
	err = push_pending(u);
	mutex_unlock(&u->cork_mutex);
	net_run();
	return err;
}

static int begin(struct udp_sock *u, struct message *m, struct inet_send *s)
{
	int err = dgram_send_begin(&u->d, m, s);

	if (!err && !s->port)
		err = -EINVAL;
	if (!err)
		err = udp_autobind(u);
	return err ? err : dgram_route(&u->d, m, s);
}

/* More bytes for the datagram that is being put together. cork_mutex is held. */
static int append_pending(struct udp_sock *u, struct message *m, size_t n)
{
	struct packet *p = u->pending;
	int err;

	if (!p) {
		u->pending_to = kmalloc(sizeof(*u->pending_to), 0);
		if (!u->pending_to)
			return -ENOBUFS;
		err = begin(u, m, u->pending_to);
		if (err) {
			kfree(u->pending_to);
			u->pending_to = NULL;
			return err;
		}
		p = dgram_packet(&u->d, m, sizeof(struct udp_header), 0);
		if (IS_ERR(p)) {
			drop_pending(u);
			return (int)PTR_ERR(p);
		}
		u->pending = p;
	}
	if (p->len + n > 0xffff) {
		drop_pending(u);
		return -EMSGSIZE;
	}
	err = packet_append_iter(p, m->data, n);
	if (err)
		drop_pending(u);
	return err;
}

static ssize_t send_corked(struct udp_sock *u, struct message *m, size_t n)
{
	int err;

	mutex_lock(&u->cork_mutex);
	err = append_pending(u, m, n);
	if (!err && !(m->flags & MSG_MORE) && !READ_ONCE(u->cork))
		err = push_pending(u);
	mutex_unlock(&u->cork_mutex);
	net_run();
	return err ? err : (ssize_t)n;
}

ssize_t udp_sendmsg(struct socket *sk, struct message *m)
{
	struct udp_sock *u = udp_sk(sk);
	size_t n = m->data->count;
	struct inet_send s;
	struct packet *p;
	int err;

	if (n > 0xffff)
		return -EMSGSIZE;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (READ_ONCE(u->pending) || READ_ONCE(u->cork) || m->flags & MSG_MORE)
		return send_corked(u, m, n);
	err = begin(u, m, &s);
	if (err)
		return err;
	if (n + sizeof(struct udp_header) + ip_header_len(&s.dst, s.options_len) >
	    0xffffu + (addr_is_v4(&s.dst) ? 0 : 40)) {
		err = dgram_too_long(&u->d, &s, 0xffff);
		goto out;
	}
	p = dgram_packet(&u->d, m, sizeof(struct udp_header), n);
	err = IS_ERR(p) ? (int)PTR_ERR(p) : udp_push(u, &s, p);
out:
	if (err == -ENOBUFS || err == -EAGAIN)
		mib_count_udp(u->d.is.sk.net, UDP_SNDBUF_ERRORS, addr_is_v4(&s.dst));
	dgram_send_end(&s);
	net_run();
	return err ? err : (ssize_t)n;
}
