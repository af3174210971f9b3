/*
 * AF_PACKET and AF_NETLINK in sock_diag(7): dumps alone, as on Linux. struct packet_diag_req and
 * struct netlink_diag_req ask.
 */
#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "net/diag.h"
#include "net/packet.h"

struct link_walk {
	struct nl_dump *d;
	struct nl_writer *w;
	u64 nr;
	int err;
};

static bool skip(struct link_walk *k)
{
	return k->err || k->nr++ < k->d->at[0];
}

static void put_packet(struct packet_sock *ps, void *arg)
{
	struct link_walk *k = arg;
	struct nl_dump *d = k->d;
	const struct packet_diag_req *req = (const void *)d->request;
	const struct file *f = READ_ONCE(ps->sk.file);
	struct packet_diag_info info = {
		.pdi_index = (u32)READ_ONCE(ps->ifindex),
		.pdi_version = (u32)READ_ONCE(ps->version),
		.pdi_reserve = READ_ONCE(ps->reserve),
		.pdi_flags = (ps->auxdata ? 2u : 0) | (ps->origdev ? 4u : 0),
	};
	struct packet_diag_msg *m;

	if (skip(k))
		return;
	m = nl_begin(k->w, SOCK_DIAG_BY_FAMILY, d->flags, d->seq, d->port, sizeof(*m));
	if (m) {
		m->pdiag_family = AF_PACKET;
		m->pdiag_type = (u8)ps->sk.type;
		m->pdiag_num = READ_ONCE(ps->protocol);
		m->pdiag_ino = f ? (u32)f->inode->ino : 0;
		diag_cookie(&ps->sk, m->pdiag_cookie);
	}
	if (req->pdiag_show & PACKET_SHOW_INFO) {
		nla_put(k->w, PACKET_DIAG_INFO, &info, sizeof(info));
		nla_put_u32(k->w, PACKET_DIAG_UID,
			    uid_shown(current_user_ns(), f ? f->inode->uid : 0));
	}
	if (req->pdiag_show & PACKET_SHOW_MEMINFO)
		diag_put_meminfo(k->w, PACKET_DIAG_MEMINFO, &ps->sk);
	k->err = nl_end(k->w);
	if (!k->err)
		d->at[0]++;
}

static int packet_part(struct nl_dump *d, struct nl_writer *w)
{
	struct link_walk k = { .d = d, .w = w };

	packet_for_each(d->net, put_packet, &k);
	return k.err;
}

int packet_diag(struct nl_request *rq)
{
	const struct packet_diag_req *req = nl_header(rq, sizeof(*req));

	if (!req || req->sdiag_protocol)
		return -EINVAL;
	if (!(rq->msg->nlmsg_flags & NLM_F_DUMP))
		return -EOPNOTSUPP;
	return nl_dump_start(rq, packet_part, NULL, NULL);
}

static void put_netlink(const struct netlink_row *r, void *arg)
{
	struct link_walk *k = arg;
	struct nl_dump *d = k->d;
	const struct netlink_diag_req *req = (const void *)d->request;
	struct netlink_diag_msg *m;
	u32 mem[SK_MEMINFO_VARS] = { [SK_MEMINFO_RMEM_ALLOC] = r->received };

	if ((req->sdiag_protocol != NDIAG_PROTO_ALL && req->sdiag_protocol != r->protocol) ||
	    skip(k))
		return;
	m = nl_begin(k->w, SOCK_DIAG_BY_FAMILY, d->flags, d->seq, d->port, sizeof(*m));
	if (m) {
		m->ndiag_family = AF_NETLINK;
		m->ndiag_type = r->sk ? (u8)r->sk->type : SOCK_RAW;
		m->ndiag_protocol = (u8)r->protocol;
		m->ndiag_state = 0;
		m->ndiag_portid = r->port;
		m->ndiag_ino = (u32)r->inode;
		if (r->sk)
			diag_cookie(r->sk, m->ndiag_cookie);
	}
	if (req->ndiag_show & NDIAG_SHOW_MEMINFO) {
		mem[SK_MEMINFO_RCVBUF] = r->sk ? READ_ONCE(r->sk->rcvbuf) : sock_rmem_default;
		mem[SK_MEMINFO_SNDBUF] = r->sk ? READ_ONCE(r->sk->sndbuf) : sock_wmem_default;
		mem[SK_MEMINFO_DROPS] = r->drops;
		nla_put(k->w, NETLINK_DIAG_MEMINFO, mem, sizeof(mem));
	}
	if (req->ndiag_show & NDIAG_SHOW_GROUPS)
		nla_put_u32(k->w, NETLINK_DIAG_GROUPS, r->groups);
	k->err = nl_end(k->w);
	if (!k->err)
		d->at[0]++;
}

static int netlink_part(struct nl_dump *d, struct nl_writer *w)
{
	struct link_walk k = { .d = d, .w = w };

	netlink_for_each(d->net, put_netlink, &k);
	return k.err;
}

int netlink_diag(struct nl_request *rq)
{
	const struct netlink_diag_req *req = nl_header(rq, sizeof(*req));

	if (!req)
		return -EINVAL;
	if (!(rq->msg->nlmsg_flags & NLM_F_DUMP))
		return -EOPNOTSUPP;
	return nl_dump_start(rq, netlink_part, NULL, NULL);
}
