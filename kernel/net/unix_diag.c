/*
 * AF_UNIX in sock_diag(7): struct unix_diag_req asks, struct unix_diag_msg and attributes answer.
 * The list of all sockets is walked under its lock, each looked at under its own.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/stat.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "net/diag.h"
#include "net/unix.h"

#define UNIX_DIAG_ROOM 512

static u8 state_of(const struct unix_sock *u)
{
	switch (u->state) {
	case UNIX_LISTENING:
		return DIAG_LISTEN;
	case UNIX_CONNECTED:
		return DIAG_ESTABLISHED;
	default:
		return DIAG_CLOSE;
	}
}

static u32 inode_of(const struct unix_sock *u)
{
	const struct file *f = READ_ONCE(u->sk.file);

	return f ? (u32)f->inode->ino : 0;
}

static void put_name(struct nl_writer *w, const struct unix_addr *a)
{
	size_t n = (size_t)a->len - offsetof(struct sockaddr_un, sun_path);

	nla_put(w, UNIX_DIAG_NAME, a->sun.sun_path, (u32)n);
}

/* [u->sk.lock] */
static void put_queues(struct nl_writer *w, const struct unix_sock *u)
{
	struct unix_diag_rqlen q = { u->queued_bytes, (u32)atomic_read(&u->wmem) };

	if (u->state == UNIX_LISTENING)
		q = (struct unix_diag_rqlen){ u->queued, (u32)u->backlog };
	nla_put(w, UNIX_DIAG_RQLEN, &q, sizeof(q));
}

/* [u->sk.lock] 0 or -EMSGSIZE. */
static int put_sock(struct nl_writer *w, struct unix_sock *u, u32 show, u16 flags, u32 seq,
		    u32 port)
{
	struct unix_diag_msg *m = nl_begin(w, SOCK_DIAG_BY_FAMILY, flags, seq, port, sizeof(*m));
	const struct file *f = READ_ONCE(u->sk.file);

	if (m) {
		m->udiag_family = AF_UNIX;
		m->udiag_type = (u8)u->sk.type;
		m->udiag_state = state_of(u);
		m->udiag_ino = inode_of(u);
		diag_cookie(&u->sk, m->udiag_cookie);
	}
	if ((show & UDIAG_SHOW_NAME) && u->addr)
		put_name(w, u->addr);
	if ((show & UDIAG_SHOW_VFS) && u->path.dentry) {
		const struct inode *i = u->path.dentry->inode;
		struct unix_diag_vfs v = { (u32)i->ino, (u32)i->sb->dev };

		nla_put(w, UNIX_DIAG_VFS, &v, sizeof(v));
	}
	if ((show & UDIAG_SHOW_PEER) && u->peer)
		nla_put_u32(w, UNIX_DIAG_PEER, inode_of(u->peer));
	if (show & UDIAG_SHOW_RQLEN)
		put_queues(w, u);
	if (show & UDIAG_SHOW_MEMINFO)
		diag_put_meminfo(w, UNIX_DIAG_MEMINFO, &u->sk);
	nla_put_u8(w, UNIX_DIAG_SHUTDOWN, (u8)u->sk.shutdown);
	if ((show & UDIAG_SHOW_UID) && f)
		nla_put_u32(w, UNIX_DIAG_UID, uid_shown(current_user_ns(), f->inode->uid));
	return nl_end(w);
}

struct unix_walk {
	struct nl_dump *d; /* NULL: one is looked for */
	struct nl_writer *w;
	struct nl_request *rq;
	const struct unix_diag_req *req;
	u64 nr;
	int err;
};

static void dump_one(const struct unix_sock *cu, void *arg)
{
	struct unix_sock *u = (struct unix_sock *)cu;
	struct unix_walk *k = arg;

	if (k->err || k->nr++ < k->d->at[0])
		return;
	spin_lock(&u->sk.lock);
	if (k->req->udiag_states >> state_of(u) & 1)
		k->err = put_sock(k->w, u, k->req->udiag_show, k->d->flags, k->d->seq, k->d->port);
	spin_unlock(&u->sk.lock);
	if (!k->err)
		k->d->at[0]++;
}

static int dump_part(struct nl_dump *d, struct nl_writer *w)
{
	struct unix_walk k = { .d = d, .w = w, .req = (const void *)d->request };

	unix_for_each(d->net, dump_one, &k);
	return k.err;
}

static void find_one(const struct unix_sock *cu, void *arg)
{
	struct unix_sock *u = (struct unix_sock *)cu;
	struct unix_walk *k = arg;

	if (k->err != -ENOENT || inode_of(u) != k->req->udiag_ino)
		return;
	if (!diag_cookie_is(&u->sk, k->req->udiag_cookie)) {
		k->err = -ESTALE;
		return;
	}
	spin_lock(&u->sk.lock);
	k->err = put_sock(k->w, u, k->req->udiag_show, 0, k->rq->msg->nlmsg_seq, nl_port(k->rq));
	spin_unlock(&u->sk.lock);
}

int unix_diag(struct nl_request *rq)
{
	struct unix_walk k = { .rq = rq, .req = nl_header(rq, sizeof(*k.req)), .err = -ENOENT };
	struct nl_writer w;

	if (!k.req)
		return -EINVAL;
	if (rq->msg->nlmsg_flags & NLM_F_DUMP)
		return nl_dump_start(rq, dump_part, NULL, NULL);
	if (!k.req->udiag_ino)
		return -EINVAL;
	if (!nl_writer_init(&w, UNIX_DIAG_ROOM))
		return -ENOMEM;
	k.w = &w;
	unix_for_each(rq->net, find_one, &k);
	if (!k.err)
		return nl_reply(rq, &w);
	kfree(w.buf);
	return k.err;
}
