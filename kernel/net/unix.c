/*
 * Unix sockets: connections and their ends. unix(7), POSIX sockets.
 *
 * A connection is made whole by connect(2): both
 * ends are connected at once, and the new one waits in the listener's queue for
 * accept(2). The sender's end of a stream is never without its peer's structure,
 * which lives on, dead, after the peer is closed.
 */
#include "net/unix.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/async.h"
#include "fs/internal.h"
#include "fs/files.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/net.h"

int unix_max_dgram_qlen = 10;

static spinlock_t all_lock = SPINLOCK_INIT(RANK_FS, "unix sockets");
static LIST_HEAD(all_sockets); /* [all_lock] */
static struct slab_cache *unix_slab;
static const struct socket_ops stream_ops, seqpacket_ops, dgram_ops;

void unix_init(void)
{
	unix_slab = slab_create("unix", sizeof(struct unix_sock), 0);
	unix_gc_init();
}

static bool relay_wake(struct waiter *w, u32 key)
{
	struct unix_sock *u = w->arg;

	(void)key;
	wake_up_key(&u->sk.writers, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	return true;
}

static struct unix_sock *unix_alloc(int type)
{
	struct unix_sock *u = slab_zalloc(unix_slab);

	if (!u)
		return NULL;
	socket_init(&u->sk, current_net(), AF_UNIX, type, 0,
		    type == SOCK_STREAM	   ? &stream_ops :
		    type == SOCK_SEQPACKET ? &seqpacket_ops :
					     &dgram_ops);
	list_init(&u->queue);
	list_init(&u->in_flight_link);
	rb_clear_node(&u->name_link);
	mutex_init(&u->reader_mutex);
	waitq_init(&u->space);
	waiter_init_fn(&u->relay, relay_wake, u);
	u->backlog = READ_ONCE(unix_max_dgram_qlen);
	u->domain = domain_get(current->cred->domain);
	spin_lock(&all_lock);
	list_add_tail(&u->all_link, &all_sockets);
	spin_unlock(&all_lock);
	return u;
}

static struct socket *unix_create(int type, int protocol)
{
	struct unix_sock *u;

	if (protocol && protocol != AF_UNIX)
		return ERR_PTR(-EPROTONOSUPPORT);
	if (type == SOCK_RAW)
		type = SOCK_DGRAM; /* BSD's habit, which Linux keeps */
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return ERR_PTR(-ESOCKTNOSUPPORT);
	u = unix_alloc(type);
	return u ? &u->sk : ERR_PTR(-ENOMEM);
}

static void put_peer(struct unix_peer *p)
{
	cred_put(p->groups);
	pid_put(p->pid);
}

static void unix_free(struct socket *sk)
{
	struct unix_sock *u = to_unix(sk);

	spin_lock(&all_lock);
	list_del(&u->all_link);
	spin_unlock(&all_lock);
	unix_addr_put(u->addr);
	put_peer(&u->maker);
	domain_put(u->domain);
	slab_free(unix_slab, u);
}

void unix_for_each(const struct net *net, void (*fn)(const struct unix_sock *u, void *arg),
		   void *arg)
{
	const struct unix_sock *u;

	spin_lock(&all_lock);
	list_for_each_entry(u, &all_sockets, all_link)
		if (u->sk.net == net)
			fn(u, arg);
	spin_unlock(&all_lock);
}

/* --- two sockets --- */

static void lock_two(struct unix_sock *a, struct unix_sock *b)
{
	if (a > b) {
		struct unix_sock *c = a;

		a = b;
		b = c;
	}
	spin_lock(&a->sk.lock);
	if (a != b)
		spin_lock_nested(&b->sk.lock);
}

static void unlock_two(struct unix_sock *a, struct unix_sock *b)
{
	if (a != b)
		spin_unlock(&b->sk.lock);
	spin_unlock(&a->sk.lock);
}

bool unix_queue_full(struct unix_sock *from, struct unix_sock *to)
{
	return READ_ONCE(to->peer) != from && READ_ONCE(to->queued) > (unsigned)to->backlog;
}

/* [u->sk.lock] */
static void relay_remove(struct unix_sock *u)
{
	if (u->relayed)
		waitq_remove(&u->peer->space, &u->relay);
	u->relayed = false;
}

static void relay_off(struct unix_sock *u)
{
	spin_lock(&u->sk.lock);
	relay_remove(u);
	spin_unlock(&u->sk.lock);
}

bool unix_relay(struct unix_sock *u, struct unix_sock *peer)
{
	spin_lock(&u->sk.lock);
	if (u->peer == peer && !u->relayed) {
		u->relayed = true;
		waitq_add(&peer->space, &u->relay);
	}
	spin_unlock(&u->sk.lock);
	if (unix_queue_full(u, peer))
		return false;
	relay_off(u);
	return true;
}

void unix_set_peer(struct unix_sock *u, struct unix_sock *p)
{
	struct unix_sock *old;

	spin_lock(&u->sk.lock);
	relay_remove(u);
	old = u->peer;
	WRITE_ONCE(u->peer, p);
	WRITE_ONCE(u->state, p ? UNIX_CONNECTED : UNIX_CLOSED);
	spin_unlock(&u->sk.lock);
	if (!old)
		return;
	wake_up_all(&old->space); /* who was not its peer now is no longer let through */
	unix_put(old);
}

static int unix_getname(struct socket *sk, struct sockaddr_storage *addr, bool peer)
{
	struct unix_sock *u = to_unix(sk), *of = u;
	int len;

	if (peer) {
		spin_lock(&u->sk.lock);
		of = u->peer ? unix_get(u->peer) : NULL;
		spin_unlock(&u->sk.lock);
		if (!of)
			return -ENOTCONN;
	}
	spin_lock(&of->sk.lock);
	len = unix_copy_addr(of->addr, addr);
	spin_unlock(&of->sk.lock);
	if (peer)
		unix_put(of);
	return len;
}

/* --- connections --- */

static struct unix_peer me(void)
{
	return (struct unix_peer){ { (u32)proc_pid(current->proc), current->cred->euid,
				     current->cred->egid },
				   cred_get(current->cred),
				   pid_get(current->proc->pid) };
}

/* [u->sk.lock] What u's SO_PEERCRED will say; *p is what it said, for put_peer. */
static void set_maker(struct unix_sock *u, struct unix_peer *p)
{
	struct unix_peer old = u->maker;

	u->maker = *p;
	*p = old;
}

static int unix_listen(struct socket *sk, int backlog)
{
	struct unix_sock *u = to_unix(sk);
	struct unix_peer mine = me();
	int err = 0;

	spin_lock(&sk->lock);
	if (!u->addr || (u->state != UNIX_CLOSED && u->state != UNIX_LISTENING)) {
		err = -EINVAL;
	} else {
		u->backlog = backlog;
		WRITE_ONCE(u->state, UNIX_LISTENING);
		set_maker(u, &mine);
	}
	spin_unlock(&sk->lock);
	put_peer(&mine);
	wake_up_all(&u->space);
	return err;
}

static bool listener_has_room(void *sk)
{
	const struct unix_sock *l = to_unix(sk);

	return READ_ONCE(l->dead) || READ_ONCE(l->state) != UNIX_LISTENING ||
	       READ_ONCE(l->queued) <= (unsigned)READ_ONCE(l->backlog);
}

/* [both locks] May u connect to l now? -EAGAIN: l's queue is full. */
static int may_connect(const struct unix_sock *u, const struct unix_sock *l)
{
	if (l->dead || l->state != UNIX_LISTENING || (l->sk.shutdown & SHUT_RECEIVE))
		return -ECONNREFUSED;
	if (l->queued > (unsigned)l->backlog)
		return -EAGAIN;
	if (u->state == UNIX_CONNECTED)
		return -EISCONN;
	return u->state == UNIX_CLOSED && !u->dead ? 0 : -EINVAL;
}

/* [both locks] u and the new e are each other's, and e waits at l. */
static void make_connection(struct unix_sock *u, struct unix_sock *l, struct unix_sock *e,
			    struct unix_msg *msg, struct unix_peer *old)
{
	e->peer = unix_get(u);
	e->state = UNIX_CONNECTED;
	e->maker = me();
	e->addr = l->addr;
	atomic_inc(&e->addr->refs);
	if (l->path.dentry) {
		e->path = l->path;
		path_get(&e->path);
	}
	*old = (struct unix_peer){ l->maker.cred, cred_get(l->maker.groups),
				   pid_get(l->maker.pid) };
	set_maker(u, old);
	u->peer = unix_get(e);
	__atomic_store_n(&u->state, UNIX_CONNECTED, __ATOMIC_RELEASE);
	msg->embryo = e;
	list_add_tail(&msg->link, &l->queue);
	l->queued++;
}

static int unix_stream_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
			       u64 deadline)
{
	struct unix_sock *u = to_unix(sk), *l, *e = unix_alloc(sk->type);
	struct unix_msg *msg = unix_msg_alloc(0);
	struct unix_peer old = { .pid = NULL };
	int err = -ENOMEM;

	if (!e || !msg)
		goto out;
	if (unix_wants_sender(sk) && !READ_ONCE(u->addr)) {
		err = unix_autobind(u);
		if (err)
			goto out;
	}
	for (;;) {
		l = unix_find(addr, len, sk->type);
		if (IS_ERR(l)) {
			err = (int)PTR_ERR(l);
			goto out;
		}
		lock_two(u, l);
		err = may_connect(u, l);
		if (!err)
			make_connection(u, l, e, msg, &old);
		unlock_two(u, l);
		if (err != -EAGAIN)
			break;
		err = socket_wait(&l->space, &l->sk, listener_has_room, deadline);
		if (err)
			break;
		unix_put(l);
	}
	if (!err) {
		socket_wake_in(&l->sk, EPOLLIN | EPOLLRDNORM);
		socket_wake_all(sk);
		e = NULL;
		msg = NULL;
	}
	unix_put(l);
	put_peer(&old);
out:
	if (msg)
		unix_msg_free(msg);
	if (e)
		unix_put(e);
	return err;
}

static bool can_accept(void *sk)
{
	const struct unix_sock *u = to_unix(sk);

	return !list_empty(&u->queue) || READ_ONCE(u->state) != UNIX_LISTENING ||
	       (READ_ONCE(u->sk.shutdown) & SHUT_RECEIVE);
}

static struct socket *unix_accept(struct socket *sk, u64 deadline)
{
	struct unix_sock *u = to_unix(sk), *e = NULL;
	struct unix_msg *msg = NULL;
	int err = 0;

	for (;;) {
		spin_lock(&sk->lock);
		if (u->state != UNIX_LISTENING)
			err = -EINVAL;
		else if (!list_empty(&u->queue))
			msg = list_first_entry(&u->queue, struct unix_msg, link);
		else if (sk->shutdown & SHUT_RECEIVE)
			err = -EINVAL;
		if (msg) {
			list_del(&msg->link);
			u->queued--;
		}
		spin_unlock(&sk->lock);
		if (msg || err)
			break;
		err = socket_wait(&sk->readers, sk, can_accept, deadline);
		if (err)
			break;
	}
	if (err)
		return ERR_PTR(err);
	wake_up(&u->space, 1);
	e = msg->embryo;
	msg->embryo = NULL;
	unix_msg_free(msg);
	return &e->sk;
}

static int unix_dgram_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
			      u64 deadline)
{
	struct unix_sock *u = to_unix(sk), *peer;
	int err;

	(void)deadline;
	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	if (addr->ss_family == AF_UNSPEC) {
		unix_set_peer(u, NULL);
		return 0;
	}
	if (unix_wants_sender(sk) && !READ_ONCE(u->addr)) {
		err = unix_autobind(u);
		if (err)
			return err;
	}
	peer = unix_find(addr, len, sk->type);
	if (IS_ERR(peer))
		return (int)PTR_ERR(peer);
	spin_lock(&peer->sk.lock);
	err = peer->dead ? -ECONNREFUSED : peer->peer && peer->peer != u ? -EPERM : 0;
	spin_unlock(&peer->sk.lock);
	if (err) {
		unix_put(peer);
		return err;
	}
	unix_set_peer(u, peer);
	return 0;
}

static int unix_socketpair(struct socket *sa, struct socket *sb)
{
	struct unix_sock *a = to_unix(sa), *b = to_unix(sb);

	a->peer = unix_get(b);
	b->peer = unix_get(a);
	a->state = b->state = UNIX_CONNECTED;
	a->maker = me();
	b->maker = me();
	return 0;
}

/* --- ends --- */

/* The other end of a connection is told that u is gone, or sends or receives no more. */
static void shut_peer(struct unix_sock *peer, u32 how, bool reset)
{
	spin_lock(&peer->sk.lock);
	WRITE_ONCE(peer->sk.shutdown, peer->sk.shutdown | how);
	spin_unlock(&peer->sk.lock);
	if (reset)
		socket_set_error(&peer->sk, ECONNRESET);
	socket_wake_all(&peer->sk);
	async_tell(&peer->sk.asyncs, how == SHUT_BOTH ? POLL_HUP : POLL_IN);
}

static void release(struct unix_sock *u, bool embryo);

void unix_drop_queue(struct list_head *queue)
{
	struct unix_msg *msg, *n;

	list_for_each_entry_safe(msg, n, queue, link) {
		list_del(&msg->link);
		if (msg->embryo) {
			release(msg->embryo, true);
			msg->embryo = NULL;
		}
		unix_msg_free(msg);
	}
}

static void release(struct unix_sock *u, bool embryo)
{
	LIST_HEAD(queue);
	struct unix_sock *peer;
	bool unread, listening;

	unix_forget_name(u);
	spin_lock(&u->sk.lock);
	relay_remove(u);
	listening = u->state == UNIX_LISTENING;
	u->dead = true;
	WRITE_ONCE(u->state, UNIX_CLOSED);
	WRITE_ONCE(u->sk.shutdown, SHUT_BOTH);
	peer = u->peer;
	u->peer = NULL;
	unread = unix_unread(u);
	list_splice_init(&u->queue, &queue);
	u->queued = 0;
	u->queued_bytes = 0;
	u->oob = NULL;
	spin_unlock(&u->sk.lock);
	if (peer) {
		if (u->sk.type != SOCK_DGRAM)
			shut_peer(peer, SHUT_BOTH, (unread && !listening) || embryo);
		unix_put(peer);
	}
	socket_wake_all(&u->sk);
	wake_up_all(&u->space);
	unix_drop_queue(&queue);
	unix_put(u);
}

static void unix_release(struct socket *sk)
{
	release(to_unix(sk), false);
	unix_gc_kick();
}

static int unix_shutdown(struct socket *sk, unsigned how)
{
	struct unix_sock *u = to_unix(sk), *peer;

	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, sk->shutdown | how);
	peer = u->peer && sk->type != SOCK_DGRAM ? unix_get(u->peer) : NULL;
	spin_unlock(&sk->lock);
	if (peer) {
		shut_peer(peer,
			  (how & SHUT_SEND ? SHUT_RECEIVE : 0) |
				  (how & SHUT_RECEIVE ? SHUT_SEND : 0),
			  false);
		unix_put(peer);
	}
	socket_wake_all(sk);
	wake_up_all(&u->space);
	return 0;
}

/* --- tables --- */

/* What is the same for all three types. */
#define UNIX_OPS                                                                   \
	.release = unix_release, .bind = unix_bind, .socketpair = unix_socketpair, \
	.getname = unix_getname, .memory = unix_memory, .shutdown = unix_shutdown, \
	.ioctl = unix_ioctl, .getsockopt = unix_getsockopt, .free = unix_free

static const struct socket_ops stream_ops = {
	UNIX_OPS,
	.connect = unix_stream_connect,
	.listen = unix_listen,
	.accept = unix_accept,
	.sendmsg = unix_stream_sendmsg,
	.recvmsg = unix_stream_recvmsg,
	.poll = unix_stream_poll,
};

static const struct socket_ops seqpacket_ops = {
	UNIX_OPS,
	.connect = unix_stream_connect,
	.listen = unix_listen,
	.accept = unix_accept,
	.sendmsg = unix_packet_sendmsg,
	.recvmsg = unix_packet_recvmsg,
	.poll = unix_packet_poll,
};

static const struct socket_ops dgram_ops = {
	UNIX_OPS,
	.connect = unix_dgram_connect,
	.sendmsg = unix_packet_sendmsg,
	.recvmsg = unix_packet_recvmsg,
	.poll = unix_packet_poll,
};

const struct socket_family unix_family = {
	.family = AF_UNIX,
	.create = unix_create,
};
