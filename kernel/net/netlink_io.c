/*
 * Netlink messages on their way: from a program to the kernel or another program, answers and
 * dumps back, news to groups. netlink(7).
 *
 * A dump writes its first part when it is asked for, and the next ones as the reader takes them,
 * so that it needs one buffer however long it is.
 */
#include "net/netlink_room.h"

#include <bitops.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "fs/poll.h"
#include "lib/list.h"
#include "mm/iter.h"

/* Bytes of a dump's part: what a page and Linux's own bookkeeping leave, up to what 32 KiB leave. */
#define PART_LEAST (4096 - 320)
#define PART_MOST  (32768 - 320)

/* --- queues --- */

static void msg_free(struct netlink_msg *msg)
{
	kfree(msg->data);
	kfree(msg);
}

static struct netlink_msg *msg_make(const void *data, u32 len, u32 from, u32 group)
{
	struct netlink_msg *msg = kmalloc(sizeof(*msg), 0);

	if (!msg)
		return NULL;
	*msg = (struct netlink_msg){ .from = from, .group = group, .len = len };
	msg->data = kmemdup(data, len);
	if (msg->data)
		return msg;
	kfree(msg);
	return NULL;
}

void netlink_drop_queue(struct netlink_sock *n)
{
	struct netlink_msg *msg, *next;

	list_for_each_entry_safe(msg, next, &n->queue, link)
		msg_free(msg);
	list_init(&n->queue);
}

/* netlink(7): the reader is told once that it missed something. */
static void overrun(struct netlink_sock *n)
{
	spin_lock(&n->queue_lock);
	WRITE_ONCE(n->drops, n->drops + 1);
	if (!netlink_flag(n, NETLINK_F_NO_ENOBUFS) && !n->congested) {
		n->congested = true;
		socket_set_error(&n->sk, ENOBUFS);
	}
	spin_unlock(&n->queue_lock);
	wake_up_key(&n->sk.readers, EPOLLERR);
}

static void read_msg(const void *msg, u32 off, void *buf, u32 n)
{
	memcpy(buf, ((const struct netlink_msg *)msg)->data + off, n);
}

/* msg, which passes, goes into the queue, if the filter lets it. False: there is no room, and msg stays the caller's. */
static bool enqueue(struct netlink_sock *n, struct netlink_msg *msg)
{
	u32 kept = socket_filter_read(&n->sk, msg->len, read_msg, msg);
	bool room;

	if (!kept) {
		msg_free(msg);
		return true;
	}
	msg->len = min(msg->len, kept);
	spin_lock(&n->queue_lock);
	room = n->used <= READ_ONCE(n->sk.rcvbuf) && !n->congested;
	if (room) {
		list_add_tail(&msg->link, &n->queue);
		WRITE_ONCE(n->used, n->used + msg->len + NETLINK_CHARGE);
	}
	spin_unlock(&n->queue_lock);
	if (room)
		socket_wake_in(&n->sk, EPOLLIN | EPOLLRDNORM);
	return room;
}

static void deliver(struct netlink_sock *n, struct netlink_msg *msg)
{
	if (msg && enqueue(n, msg))
		return;
	if (msg)
		msg_free(msg);
	overrun(n);
}

void netlink_put(struct socket *sk)
{
	socket_put(sk);
}

void netlink_post(struct socket *sk, const void *data, u32 n)
{
	deliver(to_netlink(sk), msg_make(data, n, 0, 0));
}

static bool listens(const struct netlink_sock *n, int protocol, u32 group)
{
	return n->sk.protocol == protocol && (READ_ONCE(n->groups) >> (group - 1) & 1);
}

bool nl_listened(struct net *net, int protocol, u32 group)
{
	struct netlink_sock *n;

	if (net->netlink)
		list_for_each_entry_rcu(n, &net->netlink->sockets, link)
			if (listens(n, protocol, group))
				return true;
	return false;
}

/* To all of a group but the one with port `except`. */
static void broadcast(struct net *net, int protocol, u32 group, const void *data, u32 len,
		      const struct netlink_msg *head, u32 except)
{
	struct netlink_sock *n;

	list_for_each_entry_rcu(n, &net->netlink->sockets, link) {
		struct netlink_msg *msg;

		/* Who has no port is not found: as on Linux, where the kernel's is 0 too. */
		if (!listens(n, protocol, group) || READ_ONCE(n->port) == except)
			continue;
		msg = msg_make(data, len, head->from, group);
		if (msg)
			msg->cred = head->cred;
		deliver(n, msg);
	}
}

/* --- answers --- */

u32 nl_port(const struct nl_request *rq)
{
	return rq->sock->port;
}

bool nl_capable(const struct nl_request *rq, int cap)
{
	return nl_capable_in(rq, rq->net, cap);
}

bool nl_capable_in(const struct nl_request *rq, const struct net *net, int cap)
{
	return net_capable(net, cap) && cred_ns_capable(rq->sock->cred, net->ns.owner, cap);
}

int nl_reply(struct nl_request *rq, struct nl_writer *w)
{
	struct netlink_msg *msg = kzalloc(sizeof(*msg), 0);

	if (!msg || w->full) {
		kfree(msg);
		kfree(w->buf);
		return w->full ? -EMSGSIZE : -ENOBUFS;
	}
	msg->data = w->buf;
	msg->len = w->len;
	deliver(rq->sock, msg);
	return 0;
}

void nl_notify(struct net *net, int protocol, u32 group, struct nl_writer *w)
{
	const struct netlink_msg head = { 0 };

	if (!w->full && w->len)
		broadcast(net, protocol, group, w->buf, w->len, &head, 0);
	kfree(w->buf);
}

void nl_set_asking(struct net *net, struct nl_request *rq)
{
	net->netlink->asking = rq;
	WRITE_ONCE(net->netlink->asker, rq ? current : NULL);
}

struct nl_request *nl_asked(struct net *net)
{
	return net->netlink && READ_ONCE(net->netlink->asker) == current ? net->netlink->asking :
									   NULL;
}

void nl_notify_asked(struct nl_request *rq, u32 group, struct nl_writer *w)
{
	bool echo = rq->msg->nlmsg_flags & NLM_F_ECHO;
	const struct netlink_msg head = { 0 };

	if (w->full || !w->len) {
		kfree(w->buf);
		return;
	}
	w->msg->nlmsg_seq = rq->msg->nlmsg_seq;
	w->msg->nlmsg_pid = rq->sock->port;
	broadcast(rq->net, rq->sock->sk.protocol, group, w->buf, w->len, &head,
		  echo ? rq->sock->port : 0);
	if (echo)
		nl_reply(rq, w);
	else
		kfree(w->buf);
}

/* What the error is about, when the requester wants to know. */
static bool wants_words(const struct nl_request *rq, int err)
{
	return netlink_flag(rq->sock, NETLINK_F_EXT_ACK) && (rq->ext.text || (err && rq->ext.attr));
}

static void put_words(struct nl_writer *w, const struct nl_request *rq, int err)
{
	if (rq->ext.text)
		nla_put_string(w, NLMSGERR_ATTR_MSG, rq->ext.text);
	if (err && rq->ext.attr)
		nla_put_u32(w, NLMSGERR_ATTR_OFFS,
			    (u32)((const u8 *)rq->ext.attr - (const u8 *)rq->msg));
}

/* NLMSG_ERROR: 0 or why the request failed, and the request, whole when it did. */
static void acknowledge(struct nl_request *rq, int err)
{
	const struct nlmsghdr *msg = rq->msg;
	bool whole = err && !netlink_flag(rq->sock, NETLINK_F_CAP_ACK);
	bool ext = wants_words(rq, err);
	u32 echo = whole ? msg->nlmsg_len : (u32)sizeof(*msg);
	struct nl_writer w;
	struct nlmsgerr *e;

	if (!nl_writer_init(&w, echo + 256)) {
		socket_set_error(&rq->sock->sk, ENOBUFS);
		return;
	}
	e = nl_begin(&w, NLMSG_ERROR, (whole ? 0 : NLM_F_CAPPED) | (ext ? NLM_F_ACK_TLVS : 0),
		     msg->nlmsg_seq, rq->sock->port, (u32)sizeof(e->error) + echo);
	e->error = err;
	memcpy(&e->msg, msg, echo);
	if (ext)
		put_words(&w, rq, err);
	nl_end(&w);
	nl_reply(rq, &w);
}

/* --- dumps --- */

void netlink_end_dump(struct netlink_sock *n)
{
	struct nl_dump *d = n->dump;

	WRITE_ONCE(n->dump, NULL);
	if (d)
		kfree(d->data);
	kfree(d);
}

/* The end of a dump, with what it came to; false: does not fit any more. */
static bool put_done(struct nl_dump *d, struct nl_writer *w, int err)
{
	int *done = nl_begin(w, NLMSG_DONE, d->flags, d->seq, d->port, sizeof(*done));

	if (done)
		*done = err;
	return !nl_end(w);
}

/* [d] The next part. 0 or -errno. */
static int dump_part(struct netlink_sock *n)
{
	u32 size = min(max(READ_ONCE(n->longest_read), (u32)PART_LEAST), (u32)PART_MOST);
	struct nl_dump *d = n->dump;
	struct netlink_msg *msg = kzalloc(sizeof(*msg), 0);
	struct nl_writer w;
	int err;

	if (!msg || !nl_writer_init(&w, size)) {
		kfree(msg);
		return -ENOBUFS;
	}
	if (d->changes != READ_ONCE(d->net->changes))
		d->flags |= NLM_F_DUMP_INTR;
	err = d->part(d, &w);
	if (err == -EMSGSIZE && w.len)
		err = 1; /* there is more */
	else if (!put_done(d, &w, err))
		err = 1;
	else
		netlink_end_dump(n);
	msg->data = w.buf;
	msg->len = w.len;
	if (!enqueue(n, msg)) {
		msg_free(msg);
		overrun(n);
	}
	return 0;
}

int nl_dump_start(struct nl_request *rq, int (*part)(struct nl_dump *, struct nl_writer *),
		  const u32 filter[4], void *data)
{
	struct netlink_sock *n = rq->sock;
	struct nl_dump *d = kzalloc(sizeof(*d), 0);
	int err = -ENOBUFS;

	if (!d) {
		kfree(data);
		return err;
	}
	*d = (struct nl_dump){ .net = rq->net,
			       .seq = rq->msg->nlmsg_seq,
			       .port = n->port,
			       .flags = NLM_F_MULTI,
			       .changes = READ_ONCE(rq->net->changes),
			       .part = part,
			       .data = data };
	if (filter)
		memcpy(d->filter, filter, sizeof(d->filter));
	d->request_len = min(rq->msg->nlmsg_len - (u32)sizeof(*rq->msg), (u32)sizeof(d->request));
	memcpy(d->request, rq->msg + 1, d->request_len);
	mutex_lock(&n->dump_mutex);
	if (n->dump) {
		mutex_unlock(&n->dump_mutex);
		kfree(data);
		kfree(d);
		return -EBUSY;
	}
	WRITE_ONCE(n->dump, d);
	err = dump_part(n);
	if (err)
		netlink_end_dump(n);
	mutex_unlock(&n->dump_mutex);
	return err ? err : NL_DUMP_STARTED;
}

int nl_dump_fail(struct nl_request *rq, int err)
{
	bool ext = wants_words(rq, err);
	struct nl_writer w;
	int *done;

	if (!nl_writer_init(&w, 256))
		return -ENOBUFS;
	done = nl_begin(&w, NLMSG_DONE, NLM_F_MULTI | (ext ? NLM_F_ACK_TLVS : 0),
			rq->msg->nlmsg_seq, nl_port(rq), sizeof(*done));
	*done = err;
	if (ext)
		put_words(&w, rq, err);
	nl_end(&w);
	err = nl_reply(rq, &w);
	return err ? err : NL_DUMP_STARTED;
}

/* After a read: the reader has room for more of what it asked for. */
static void dump_more(struct netlink_sock *n)
{
	int err = 0;

	if (!READ_ONCE(n->dump) || READ_ONCE(n->used) > READ_ONCE(n->sk.rcvbuf) / 2)
		return;
	mutex_lock(&n->dump_mutex);
	if (n->dump)
		err = dump_part(n);
	mutex_unlock(&n->dump_mutex);
	if (err)
		socket_set_error(&n->sk, -err);
}

/* --- sending --- */

/* What a program sent to the kernel: one request after the other, each with its answer. */
static void handle_requests(struct netlink_sock *n, const u8 *data, u32 len)
{
	while (len >= sizeof(struct nlmsghdr)) {
		struct nl_request rq = { .sock = n,
					 .net = n->sk.net,
					 .msg = (const struct nlmsghdr *)data,
					 .strict = netlink_flag(n, NETLINK_F_STRICT) };
		u32 step;
		int err = 0;

		if (rq.msg->nlmsg_len < sizeof(*rq.msg) || rq.msg->nlmsg_len > len)
			return;
		if ((rq.msg->nlmsg_flags & NLM_F_REQUEST) && rq.msg->nlmsg_type >= NLMSG_MIN_TYPE)
			err = n->protocol->request(&rq);
		if (err != NL_DUMP_STARTED && (err || (rq.msg->nlmsg_flags & NLM_F_ACK)))
			acknowledge(&rq, err);
		step = min((rq.msg->nlmsg_len + 3) & ~3u, len);
		data += step;
		len -= step;
	}
}

static bool has_room(void *sk)
{
	const struct netlink_sock *n = to_netlink(sk);

	return (READ_ONCE(n->used) <= READ_ONCE(n->sk.rcvbuf) && !READ_ONCE(n->congested)) ||
	       list_empty(&n->queue);
}

/* To another program's socket; waits for room there. msg passes. */
static int send_to(struct netlink_sock *from, u32 port, struct netlink_msg *msg, u64 deadline)
{
	struct netlink_sock *n = netlink_find(from->sk.net, from->sk.protocol, port);
	int err = 0;

	if (n && !atomic_inc_not_zero(&n->sk.refs))
		n = NULL;
	if (!n || (READ_ONCE(n->peer) && n->peer != from->port)) {
		err = -ECONNREFUSED;
	} else {
		while (!err && !enqueue(n, msg))
			err = socket_wait(&n->sk.writers, &n->sk, has_room, deadline);
	}
	if (err)
		msg_free(msg);
	if (n)
		socket_put(&n->sk);
	return err;
}

/* Where it goes: the address given, or connect(2)'s. 0 or -errno. */
static int destination(struct netlink_sock *n, const struct message *m, u32 *port, u32 *group)
{
	const struct sockaddr_nl *a = (const struct sockaddr_nl *)m->name;

	*port = READ_ONCE(n->peer);
	*group = READ_ONCE(n->peer_group);
	if (!a)
		return 0;
	if (m->name_len < (int)sizeof(*a) || a->nl_family != AF_NETLINK)
		return -EINVAL;
	*port = a->nl_pid;
	*group = ffs64(a->nl_groups);
	return (*port || *group) && !n->protocol->anybody_sends &&
			       !net_capable(n->sk.net, CAP_NET_ADMIN) ?
		       -EPERM :
		       0;
}

static int send_msg(struct netlink_sock *n, struct netlink_msg *msg, u32 port, u32 group,
		    u64 deadline)
{
	if (group)
		broadcast(n->sk.net, n->sk.protocol, group, msg->data, msg->len, msg, n->port);
	if (port)
		return send_to(n, port, msg, deadline);
	if (!n->protocol->request) {
		msg_free(msg);
		return -ECONNREFUSED;
	}
	handle_requests(n, msg->data, msg->len);
	msg_free(msg);
	return 0;
}

ssize_t netlink_sendmsg(struct socket *sk, struct message *m)
{
	struct netlink_sock *n = to_netlink(sk);
	size_t len = m->data->count;
	struct netlink_msg *msg = NULL;
	u32 port, group;
	struct scm scm;
	int err;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!len)
		return -ENODATA;
	err = scm_import(m, &scm);
	if (err)
		return err;
	err = destination(n, m, &port, &group);
	if (!err)
		err = netlink_autobind(n);
	if (!err && len > READ_ONCE(sk->sndbuf) - 32)
		err = -EMSGSIZE;
	if (!err) {
		msg = kzalloc(sizeof(*msg), 0);
		if (msg)
			msg->data = kmalloc(len, 0);
		if (!msg || !msg->data)
			err = -ENOBUFS;
	}
	if (!err) {
		msg->len = (u32)len;
		msg->from = n->port;
		msg->group = group;
		msg->cred = scm.cred;
		if (iter_copy_from(m->data, msg->data, len) != len)
			err = -EFAULT;
	}
	scm_drop(&scm);
	if (err) {
		if (msg)
			msg_free(msg);
		return err;
	}
	err = send_msg(n, msg, port, group, m->deadline);
	net_run(); /* what was configured may have been told to the link */
	return err ? err : (ssize_t)len;
}

/* --- receiving --- */

static bool can_receive(void *sk)
{
	const struct netlink_sock *n = to_netlink(sk);

	return !list_empty(&n->queue) || READ_ONCE(n->sk.err);
}

/* The first message; out of the queue unless it is only looked at, then a copy. NULL: none. */
static struct netlink_msg *take(struct netlink_sock *n, bool peek)
{
	struct netlink_msg *msg = NULL, *first;

	spin_lock(&n->queue_lock);
	if (!list_empty(&n->queue)) {
		first = list_first_entry(&n->queue, struct netlink_msg, link);
		msg = first;
		if (peek) {
			msg = msg_make(first->data, first->len, first->from, first->group);
			if (msg)
				msg->cred = first->cred;
		} else {
			list_del(&msg->link);
			WRITE_ONCE(n->used, n->used - msg->len - NETLINK_CHARGE);
		}
	}
	if (list_empty(&n->queue))
		n->congested = false;
	spin_unlock(&n->queue_lock);
	if (msg && !peek && waitq_active(&n->sk.writers))
		wake_up_all(&n->sk.writers);
	return msg;
}

static void name_sender(const struct netlink_msg *msg, struct message *m)
{
	struct sockaddr_nl *a = (struct sockaddr_nl *)m->name;

	if (!a)
		return;
	*a = (struct sockaddr_nl){
		.nl_family = AF_NETLINK,
		.nl_pid = msg->from,
		.nl_groups = msg->group && msg->group <= 32 ? 1u << (msg->group - 1) : 0,
	};
	m->name_len = sizeof(*a);
}

ssize_t netlink_recvmsg(struct socket *sk, struct message *m)
{
	struct netlink_sock *n = to_netlink(sk);
	size_t room = m->data->count, fit;
	struct netlink_msg *msg;
	ssize_t ret = 0;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	for (;;) {
		ret = socket_take_error(sk);
		if (ret)
			return ret;
		msg = take(n, m->flags & MSG_PEEK);
		if (msg)
			break;
		ret = socket_wait(&sk->readers, sk, can_receive, m->deadline);
		if (ret)
			return ret;
	}
	if (room > n->longest_read)
		WRITE_ONCE(n->longest_read, (u32)min(room, (size_t)PART_MOST));
	fit = min((size_t)msg->len, room);
	if (fit < msg->len)
		m->out_flags |= MSG_TRUNC;
	if (iter_copy_to(m->data, msg->data, fit) != fit)
		ret = -EFAULT;
	name_sender(msg, m);
	if (!ret && netlink_flag(n, NETLINK_F_PKTINFO)) {
		struct nl_pktinfo info = { .group = msg->group };

		cmsg_put(m, SOL_NETLINK, NETLINK_PKTINFO, &info, sizeof(info));
	}
	if (!ret && socket_option(sk, OPT_PASSCRED))
		scm_put_cred(m, msg->cred);
	if (!ret)
		ret = (ssize_t)(m->flags & MSG_TRUNC ? msg->len : fit);
	msg_free(msg);
	dump_more(n);
	return ret;
}
