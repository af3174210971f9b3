/*
 * AF_INET and AF_INET6 in sock_diag(7): struct inet_diag_req_v2 asks for TCP,
 * UDP or raw sockets, struct inet_diag_msg and attributes answer. A filter
 * comes as byte code (INET_DIAG_REQ_BYTECODE): comparisons of ports, addresses
 * and devices with jumps forwards.
 */
#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/in.h>
#include <uapi/tcp.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/userns.h"
#include "net/diag.h"
#include "net/ipv6_dev.h"
#include "net/raw.h"
#include "net/tcp.h"
#include "net/udp.h"

#define FILTER_MOST    4096 /* bytes of byte code */
#define INET_DIAG_ROOM 1024

/* --- filters --- */

static u32 op_size(u8 code)
{
	switch (code) {
	case INET_DIAG_BC_S_COND:
	case INET_DIAG_BC_D_COND:
		return (u32)(sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond));
	case INET_DIAG_BC_DEV_COND:
		return (u32)sizeof(struct inet_diag_bc_op) + 4;
	case INET_DIAG_BC_MARK_COND:
		return (u32)(sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_markcond));
	case INET_DIAG_BC_S_GE:
	case INET_DIAG_BC_S_LE:
	case INET_DIAG_BC_D_GE:
	case INET_DIAG_BC_D_LE:
	case INET_DIAG_BC_S_EQ:
	case INET_DIAG_BC_D_EQ:
		return 2 * (u32)sizeof(struct inet_diag_bc_op);
	default:
		return (u32)sizeof(struct inet_diag_bc_op);
	}
}

/* Every operation is whole and known, and jumps lead forwards to one or to the
 * end. */
static bool filter_ok(const u8 *code, u32 n)
{
	u32 at = 0;

	while (at < n) {
		const struct inet_diag_bc_op *op = (const void *)(code + at);

		if (n - at < sizeof(*op) || n - at < op_size(op->code) ||
		    op->code > INET_DIAG_BC_D_EQ || op->yes < op_size(op->code) || op->yes % 4 ||
		    op->yes > n - at)
			return false;
		if (op->code != INET_DIAG_BC_NOP &&
		    (op->no < 4 || op->no % 4 || op->no > n - at + 4))
			return false;
		if (op->code == INET_DIAG_BC_S_COND || op->code == INET_DIAG_BC_D_COND) {
			const struct inet_diag_hostcond *c = (const void *)(op + 1);
			u32 bytes = c->family == AF_INET ? 4 : c->family == AF_INET6 ? 16 : 0;

			if (op->yes < op_size(op->code) + bytes || c->prefix_len > bytes * 8)
				return false;
		}
		at += op->yes;
	}
	return at == n;
}

static bool host_matches(const struct inet_diag_hostcond *c, const struct in6_addr *a, u16 port)
{
	struct in6_addr want = { 0 };
	unsigned bits = c->prefix_len;

	if (c->port != -1 && c->port != port)
		return false;
	if (c->family == AF_UNSPEC)
		return true;
	if (c->family == AF_INET) {
		if (!addr_is_v4(a) && !addr_is_any(a))
			return false;
		want = addr_from_v4((__force be32)c->addr[0]);
		bits += 96;
	} else {
		memcpy(&want, c->addr, 16);
	}
	return !c->prefix_len || ip6_prefix_match(a, &want, bits);
}

static bool op_matches(const struct inet_diag_bc_op *op, const struct tcp_row *r)
{
	const void *arg = op + 1;

	switch (op->code) {
	case INET_DIAG_BC_NOP:
		return true;
	case INET_DIAG_BC_S_GE:
		return r->local_port >= op[1].no;
	case INET_DIAG_BC_S_LE:
		return r->local_port <= op[1].no;
	case INET_DIAG_BC_D_GE:
		return r->remote_port >= op[1].no;
	case INET_DIAG_BC_D_LE:
		return r->remote_port <= op[1].no;
	case INET_DIAG_BC_S_EQ:
		return r->local_port == op[1].no;
	case INET_DIAG_BC_D_EQ:
		return r->remote_port == op[1].no;
	case INET_DIAG_BC_S_COND:
		return host_matches(arg, &r->local, r->local_port);
	case INET_DIAG_BC_D_COND:
		return host_matches(arg, &r->remote, r->remote_port);
	case INET_DIAG_BC_DEV_COND:
		return (u32)r->bound_dev == *(const u32 *)arg;
	case INET_DIAG_BC_MARK_COND:
		return r->sk &&
		       (READ_ONCE(r->sk->mark) & ((const u32 *)arg)[1]) == *(const u32 *)arg;
	default: /* a jump: never; an automatic port, a control group: not told apart
            */
		return false;
	}
}

static bool filter_run(const u8 *code, u32 n, const struct tcp_row *r)
{
	u32 at = 0;

	while (at < n) {
		const struct inet_diag_bc_op *op = (const void *)(code + at);

		at += op_matches(op, r) ? op->yes : op->no;
	}
	return at == n;
}

/* --- answers --- */

static void put_addr(u32 to[4], const struct in6_addr *a, u16 family)
{
	if (family == AF_INET)
		to[0] = a->s6_addr32[3];
	else if (!addr_is_any(a))
		memcpy(to, a, 16);
}

static void put_extensions(struct nl_writer *w, const struct tcp_row *r, u8 ext, u8 protocol)
{
	struct inet_socket *is = inet_sk(r->sk);
	struct inet_diag_meminfo mem = { 0 };
	struct tcp_info info;

	r->sk->ops->memory(r->sk, &mem.idiag_rmem, &mem.idiag_wmem);
	nla_put_u8(w, INET_DIAG_SHUTDOWN, (u8)READ_ONCE(r->sk->shutdown));
	if (ext >> (INET_DIAG_TOS - 1) & 1)
		nla_put_u8(w, INET_DIAG_TOS, is->tos);
	if (r->family == AF_INET6) {
		if (ext >> (INET_DIAG_TCLASS - 1) & 1)
			nla_put_u8(w, INET_DIAG_TCLASS, is->tos);
		if (r->state == DIAG_LISTEN || r->state == DIAG_CLOSE)
			nla_put_u8(w, INET_DIAG_SKV6ONLY, is->v6only);
	}
	if (READ_ONCE(r->sk->mark) && net_capable(r->sk->net, CAP_NET_ADMIN))
		nla_put_u32(w, INET_DIAG_MARK, r->sk->mark);
	if (ext >> (INET_DIAG_MEMINFO - 1) & 1)
		nla_put(w, INET_DIAG_MEMINFO, &mem, sizeof(mem));
	if (ext >> (INET_DIAG_SKMEMINFO - 1) & 1)
		diag_put_meminfo(w, INET_DIAG_SKMEMINFO, r->sk);
	if (protocol != IPPROTO_TCP)
		return;
	if (ext >> (INET_DIAG_CONG - 1) & 1)
		nla_put_string(w, INET_DIAG_CONG, tcp_get_congestion(r->sk));
	if (ext >> (INET_DIAG_INFO - 1) & 1) {
		tcp_get_info(r->sk, &info);
		nla_put(w, INET_DIAG_INFO, &info, sizeof(info));
	}
}

static int put_row(struct nl_writer *w, const struct tcp_row *r, const struct inet_diag_req_v2 *req,
		   u16 flags, u32 seq, u32 port)
{
	struct inet_diag_msg *m = nl_begin(w, SOCK_DIAG_BY_FAMILY, flags, seq, port, sizeof(*m));

	if (m) {
		m->idiag_family = (u8)r->family;
		m->idiag_state = r->state;
		m->idiag_timer = r->timer;
		m->idiag_retrans = r->timer == 2 || r->timer == 4 ? r->probes : r->retransmits;
		m->id.idiag_sport = bswap16(r->local_port);
		m->id.idiag_dport = bswap16(r->remote_port);
		put_addr(m->id.idiag_src, &r->local, r->family);
		put_addr(m->id.idiag_dst, &r->remote, r->family);
		m->id.idiag_if = (u32)r->bound_dev;
		if (r->sk)
			diag_cookie(r->sk, m->id.idiag_cookie);
		m->idiag_expires = (u32)(r->timer_left / NSEC_PER_MSEC);
		m->idiag_rqueue = r->rx_queue;
		m->idiag_wqueue = r->tx_queue;
		m->idiag_uid = uid_shown(current_user_ns(), r->uid);
		m->idiag_inode = (u32)r->inode;
	}
	if (r->sk)
		put_extensions(w, r, req->idiag_ext, req->sdiag_protocol);
	if (req->sdiag_protocol == IPPROTO_RAW && r->sk)
		nla_put_u8(w, INET_DIAG_PROTOCOL, (u8)r->sk->protocol);
	return nl_end(w);
}

/* --- walking --- */

struct diag_walk {
	const struct inet_diag_req_v2 *req;
	struct nl_dump *d; /* NULL: one is looked for */
	struct nl_request *rq;
	struct nl_writer *w;
	struct socket *found; /* SOCK_DESTROY: a reference */
	u64 nr;
	int err;
};

static bool same_id(const struct tcp_row *r, const struct inet_diag_sockid *id)
{
	u32 src[4] = { 0 }, dst[4] = { 0 };

	put_addr(src, &r->local, r->family);
	put_addr(dst, &r->remote, r->family);
	return bswap16(r->local_port) == id->idiag_sport &&
	       bswap16(r->remote_port) == id->idiag_dport && !memcmp(src, id->idiag_src, 16) &&
	       !memcmp(dst, id->idiag_dst, 16) &&
	       (r->sk ? diag_cookie_is(r->sk, id->idiag_cookie) : true);
}

/* True: go on. */
static bool visit(const struct tcp_row *r, void *arg)
{
	struct diag_walk *k = arg;

	if (r->family != k->req->sdiag_family)
		return true;
	if (!k->d) {
		if (!same_id(r, &k->req->id))
			return true;
		if (!k->w) {
			k->found = r->sk ? socket_get(r->sk) : NULL;
			return !k->found;
		}
		k->err = put_row(k->w, r, k->req, 0, k->rq->msg->nlmsg_seq, nl_port(k->rq));
		return false;
	}
	if (k->nr++ < k->d->at[0])
		return true;
	if ((k->req->idiag_states >> r->state & 1) &&
	    (!k->d->data || filter_run(k->d->data, k->d->filter[0], r)))
		k->err = put_row(k->w, r, k->req, k->d->flags, k->d->seq, k->d->port);
	if (!k->err)
		k->d->at[0]++;
	return !k->err;
}

static void visit_dgram(struct dgram_sock *d, struct diag_walk *k)
{
	const struct inet_socket *is = &d->is;
	const struct file *f = READ_ONCE(is->sk.file);
	struct tcp_row r = {
		.family = is->sk.family,
		.state = addr_is_any(&is->remote) ? DIAG_CLOSE : DIAG_ESTABLISHED,
		.local = is->local,
		.remote = is->remote,
		.local_port = is->sk.type == SOCK_RAW ? (u16)is->sk.protocol : is->local_port,
		.remote_port = is->remote_port,
		.bound_dev = is->sk.bound_dev,
		.rx_queue = sock_receive_used(&is->sk),
		.tx_queue = sock_send_used(&is->sk),
		.uid = is->uid,
		.inode = f ? f->inode->ino : 0,
		.sk = (struct socket *)&is->sk,
	};

	if (!k->found && (!k->err || (!k->d && k->err == -ENOENT)))
		visit(&r, k);
}

static void visit_udp(struct udp_sock *u, void *arg)
{
	visit_dgram(&u->d, arg);
}

static void visit_raw(struct raw_sock *r, void *arg)
{
	visit_dgram(&r->d, arg);
}

static void walk(struct net *net, struct diag_walk *k)
{
	switch (k->req->sdiag_protocol) {
	case IPPROTO_TCP:
		tcp_for_each(net, visit, k);
		break;
	case IPPROTO_UDP:
		udp_for_each(net, visit_udp, k);
		break;
	default:
		raw_for_each(net, false, visit_raw, k);
		break;
	}
}

static int dump_part(struct nl_dump *d, struct nl_writer *w)
{
	struct diag_walk k = { .req = (const void *)d->request, .d = d, .w = w };

	walk(d->net, &k);
	return k.err;
}

static int start_dump(struct nl_request *rq, const struct inet_diag_req_v2 *req)
{
	const struct nlattr *at[INET_DIAG_REQ_MAX + 1], *code;
	u32 filter[4] = { 0 };
	void *copy = NULL;
	int err = nl_parse(rq, sizeof(*req), NULL, INET_DIAG_REQ_MAX, at);

	if (err)
		return err;
	code = at[INET_DIAG_REQ_BYTECODE];
	if (code) {
		if (nla_len(code) > FILTER_MOST || !filter_ok(nla_data(code), nla_len(code)))
			return -EINVAL;
		filter[0] = nla_len(code);
		copy = kmemdup(nla_data(code), filter[0]);
		if (!copy)
			return -ENOMEM;
	}
	return nl_dump_start(rq, dump_part, filter, copy);
}

/* A socket is ended as by who has it: tcp_abort and udp_abort of Linux. */
static int destroy(struct nl_request *rq, struct diag_walk *k)
{
	if (!nl_capable(rq, CAP_NET_ADMIN))
		return -EPERM;
	walk(rq->net, k);
	if (!k->found)
		return -ENOENT;
	if (k->req->sdiag_protocol == IPPROTO_TCP) {
		tcp_destroy_socket(k->found, ECONNABORTED);
	} else if (k->req->sdiag_protocol == IPPROTO_UDP) {
		udp_abort(k->found, ECONNABORTED);
	} else {
		socket_set_error(k->found, ECONNABORTED);
		socket_wake_all(k->found);
	}
	socket_put(k->found);
	net_run();
	return 0;
}

int inet_diag(struct nl_request *rq)
{
	const struct inet_diag_req_v2 *req = nl_header(rq, sizeof(*req));
	struct diag_walk k = { .rq = rq, .req = req, .err = -ENOENT };
	struct nl_writer w;

	if (!req)
		return -EINVAL;
	if (req->sdiag_protocol != IPPROTO_TCP && req->sdiag_protocol != IPPROTO_UDP &&
	    req->sdiag_protocol != IPPROTO_RAW)
		return -ENOENT;
	if (rq->msg->nlmsg_type == SOCK_DESTROY)
		return destroy(rq, &k);
	if (rq->msg->nlmsg_flags & NLM_F_DUMP)
		return start_dump(rq, req);
	if (!nl_writer_init(&w, INET_DIAG_ROOM))
		return -ENOMEM;
	k.w = &w;
	walk(rq->net, &k);
	if (!k.err)
		return nl_reply(rq, &w);
	kfree(w.buf);
	return k.err;
}
