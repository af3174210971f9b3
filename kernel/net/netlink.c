/*
 * Netlink sockets: their ports, groups and options. netlink(7); netlink_io.c moves the messages.
 *
 * All sockets of a net are in one list, which is read without a lock: there are few.
 */
#include "net/netlink_room.h"

#include <bitops.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/task.h"
#include "fs/poll.h"
#include "mm/usercopy.h"

static const struct nl_protocol usersock = {
	.number = NETLINK_USERSOCK,
	.groups = 32,
	.anybody_sends = true,
};
static const struct nl_protocol uevent = {
	.number = NETLINK_KOBJECT_UEVENT,
	.groups = 1,
	.anybody_listens = true,
};
static const struct nl_protocol *const protocols[] = {
	&rtnetlink_protocol,
	&usersock,
	&sock_diag_protocol,
	&uevent,
};

static const struct socket_ops netlink_ops;

int netlink_net_init(struct net *net)
{
	struct netlink_net *nn = kzalloc(sizeof(*nn), 0);

	if (!nn)
		return -ENOMEM;
	spin_init(&nn->lock, RANK_FS, "netlink sockets");
	list_init(&nn->sockets);
	nn->next_port = -4096;
	net->netlink = nn;
	return 0;
}

void netlink_net_destroy(struct net *net)
{
	kfree(net->netlink);
	net->netlink = NULL;
}

static struct socket *netlink_create(int type, int protocol)
{
	const struct nl_protocol *p = NULL;
	struct netlink_sock *n;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return ERR_PTR(-ESOCKTNOSUPPORT);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i]->number == protocol)
			p = protocols[i];
	if (!p)
		return ERR_PTR(-EPROTONOSUPPORT);
	n = kzalloc(sizeof(*n), 0);
	if (!n)
		return ERR_PTR(-ENOMEM);
	socket_init(&n->sk, current_net(), AF_NETLINK, type, protocol, &netlink_ops);
	n->protocol = p;
	n->cred = cred_get(current->cred);
	spin_init(&n->queue_lock, RANK_NETLINK, "netlink queue");
	list_init(&n->queue);
	mutex_init(&n->dump_mutex);
	spin_lock(&n->sk.net->netlink->lock);
	list_add_tail_rcu(&n->link, &n->sk.net->netlink->sockets);
	spin_unlock(&n->sk.net->netlink->lock);
	return &n->sk;
}

static void free_late(struct rcu_head *h)
{
	struct netlink_sock *n = container_of(h, struct netlink_sock, rcu);

	cred_put(n->cred);
	kfree(n);
}

static void netlink_free(struct socket *sk)
{
	struct netlink_sock *n = to_netlink(sk);

	netlink_drop_queue(n);
	call_rcu(&n->rcu, free_late);
}

static void netlink_release(struct socket *sk)
{
	struct netlink_sock *n = to_netlink(sk);

	spin_lock(&n->sk.net->netlink->lock);
	list_unlink_(&n->link);
	spin_unlock(&n->sk.net->netlink->lock);
	mutex_lock(&n->dump_mutex);
	netlink_end_dump(n);
	mutex_unlock(&n->dump_mutex);
	socket_wake_all(sk);
	socket_put(sk);
}

struct netlink_sock *netlink_find(struct net *net, int protocol, u32 port)
{
	struct netlink_sock *n;

	list_for_each_entry_rcu(n, &net->netlink->sockets, link)
		if (n->sk.protocol == protocol && READ_ONCE(n->port) == port)
			return n;
	return NULL;
}

/* --- ports and groups --- */

/* The port becomes the socket's. 0, -EADDRINUSE; -EBUSY: it has one already. */
static int take_port(struct netlink_sock *n, u32 port)
{
	struct netlink_net *nn = n->sk.net->netlink;
	int err = 0;

	spin_lock(&nn->lock);
	if (n->port)
		err = n->port == port ? 0 : -EBUSY;
	else if (netlink_find(n->sk.net, n->sk.protocol, port))
		err = -EADDRINUSE;
	else
		WRITE_ONCE(n->port, port);
	spin_unlock(&nn->lock);
	return err;
}

/* netlink(7): the first socket of a process gets the process's number, others one of nobody's. */
int netlink_autobind(struct netlink_sock *n)
{
	u32 port = (u32)current->proc->pid->own;
	int err;

	if (READ_ONCE(n->port))
		return 0;
	for (;;) {
		err = take_port(n, port);
		if (err == -EBUSY)
			return 0; /* another thread was first */
		if (err != -EADDRINUSE)
			return err;
		spin_lock(&n->sk.net->netlink->lock);
		if (n->sk.net->netlink->next_port > -4096)
			n->sk.net->netlink->next_port = -4096;
		port = (u32)n->sk.net->netlink->next_port--;
		spin_unlock(&n->sk.net->netlink->lock);
	}
}

static bool may_listen(const struct netlink_sock *n)
{
	return n->protocol->anybody_listens || net_capable(n->sk.net, CAP_NET_ADMIN);
}

static u64 all_groups(const struct netlink_sock *n)
{
	return U64_MAX >> (64 - n->protocol->groups);
}

static void set_groups(struct netlink_sock *n, u64 clear, u64 set)
{
	spin_lock(&n->sk.net->netlink->lock);
	WRITE_ONCE(n->groups,
		   ((n->groups & ~clear) | set) & (n->protocol->groups ? all_groups(n) : 0));
	spin_unlock(&n->sk.net->netlink->lock);
}

static int netlink_bind(struct socket *sk, const struct sockaddr_storage *addr, int len)
{
	const struct sockaddr_nl *a = (const struct sockaddr_nl *)addr;
	struct netlink_sock *n = to_netlink(sk);
	u32 port = READ_ONCE(n->port);
	int err;

	if (len < (int)sizeof(*a) || a->nl_family != AF_NETLINK)
		return -EINVAL;
	if (a->nl_groups && !may_listen(n))
		return -EPERM;
	if (port && a->nl_pid != port)
		return -EINVAL;
	err = a->nl_pid ? take_port(n, a->nl_pid) : netlink_autobind(n);
	if (err)
		return err == -EBUSY ? -EINVAL : err;
	set_groups(n, U32_MAX, a->nl_groups);
	return 0;
}

static int netlink_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
			   u64 deadline)
{
	const struct sockaddr_nl *a = (const struct sockaddr_nl *)addr;
	struct netlink_sock *n = to_netlink(sk);
	int err;

	(void)deadline;
	if (len < (int)sizeof(a->nl_family))
		return -EINVAL;
	if (a->nl_family == AF_UNSPEC) {
		WRITE_ONCE(n->peer, 0);
		WRITE_ONCE(n->peer_group, 0);
		return 0;
	}
	if (a->nl_family != AF_NETLINK || len < (int)sizeof(*a))
		return -EINVAL;
	if ((a->nl_groups || a->nl_pid) && !n->protocol->anybody_sends &&
	    !net_capable(n->sk.net, CAP_NET_ADMIN))
		return -EPERM;
	err = netlink_autobind(n);
	if (err)
		return err;
	WRITE_ONCE(n->peer, a->nl_pid);
	WRITE_ONCE(n->peer_group, ffs64(a->nl_groups));
	return 0;
}

static int netlink_getname(struct socket *sk, struct sockaddr_storage *addr, bool peer)
{
	const struct netlink_sock *n = to_netlink(sk);
	struct sockaddr_nl *a = (struct sockaddr_nl *)addr;
	u32 group = READ_ONCE(n->peer_group);

	*a = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	if (peer) {
		a->nl_pid = READ_ONCE(n->peer);
		a->nl_groups = group && group <= 32 ? 1u << (group - 1) : 0;
	} else {
		a->nl_pid = READ_ONCE(n->port);
		a->nl_groups = (u32)READ_ONCE(n->groups);
	}
	return sizeof(*a);
}

/* --- options: netlink(7), "Socket options" --- */

static const struct {
	int name;
	enum netlink_flag flag;
} switches[] = {
	{ NETLINK_PKTINFO, NETLINK_F_PKTINFO },
	{ NETLINK_BROADCAST_ERROR, NETLINK_F_BROADCAST_ERROR },
	{ NETLINK_NO_ENOBUFS, NETLINK_F_NO_ENOBUFS },
	{ NETLINK_LISTEN_ALL_NSID, NETLINK_F_ALL_NSID },
	{ NETLINK_CAP_ACK, NETLINK_F_CAP_ACK },
	{ NETLINK_EXT_ACK, NETLINK_F_EXT_ACK },
	{ NETLINK_GET_STRICT_CHK, NETLINK_F_STRICT },
};

static int switch_of(int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (switches[i].name == name)
			return (int)switches[i].flag;
	return -ENOPROTOOPT;
}

static int netlink_setsockopt(struct socket *sk, int level, int name, const void __user *val,
			      int len)
{
	struct netlink_sock *n = to_netlink(sk);
	u32 v = 0;
	int flag;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len >= (int)sizeof(v) && get_user_u32(&v, val))
		return -EFAULT;
	if (name == NETLINK_ADD_MEMBERSHIP || name == NETLINK_DROP_MEMBERSHIP) {
		if (!may_listen(n))
			return -EPERM;
		if (!v || v > n->protocol->groups)
			return -EINVAL;
		set_groups(n, 1UL << (v - 1), name == NETLINK_ADD_MEMBERSHIP ? 1UL << (v - 1) : 0);
		return 0;
	}
	flag = switch_of(name);
	if (flag < 0)
		return flag;
	if (name == NETLINK_LISTEN_ALL_NSID && !net_capable(n->sk.net, CAP_NET_BROADCAST))
		return -EPERM;
	if (v)
		__atomic_fetch_or(&n->flags, 1u << flag, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&n->flags, ~(1u << flag), __ATOMIC_RELAXED);
	if (name == NETLINK_NO_ENOBUFS && v) {
		spin_lock(&n->queue_lock);
		n->congested = false;
		spin_unlock(&n->queue_lock);
		wake_up_all(&sk->writers);
	}
	return 0;
}

/* Words of bits as many as there is room for; the length says how many there would be. */
static int list_memberships(const struct netlink_sock *n, void __user *val, int __user *ulen,
			    u32 len)
{
	u32 bytes = (n->protocol->groups + 31) / 32 * 4;
	u64 groups = READ_ONCE(n->groups);

	if (copy_to_user(val, &groups, min(len & ~3u, bytes)))
		return -EFAULT;
	return put_user_u32(bytes, (u32 __user *)ulen);
}

static int netlink_getsockopt(struct socket *sk, int level, int name, void __user *val,
			      int __user *ulen)
{
	struct netlink_sock *n = to_netlink(sk);
	int flag, on;
	u32 len;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	if (name == NETLINK_LIST_MEMBERSHIPS)
		return list_memberships(n, val, ulen, len);
	flag = switch_of(name);
	if (flag < 0)
		return flag;
	if (len < sizeof(on))
		return -EINVAL;
	on = netlink_flag(n, (enum netlink_flag)flag);
	return sockopt_put(val, ulen, &on, sizeof(on));
}

static u32 netlink_poll(struct socket *sk, struct file *f, struct poll_table *pt)
{
	const struct netlink_sock *n = to_netlink(sk);
	u32 ev = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

	(void)f;
	(void)pt;
	if (READ_ONCE(sk->err))
		ev |= EPOLLERR;
	if (!list_empty(&n->queue))
		ev |= EPOLLIN | EPOLLRDNORM;
	return ev;
}

static int netlink_shutdown(struct socket *sk, unsigned how)
{
	(void)sk;
	(void)how;
	return -EOPNOTSUPP;
}

/* --- what others ask --- */

struct socket *netlink_of_file(const struct file *f)
{
	struct socket *sk = file_socket(f);

	if (!sk)
		return ERR_PTR(-ENOTSOCK);
	return sk->family == AF_NETLINK ? socket_get(sk) : ERR_PTR(-EINVAL);
}

void netlink_for_each(struct net *net, void (*fn)(const struct netlink_row *r, void *arg),
		      void *arg)
{
	struct netlink_sock *n;

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i] != &usersock)
			fn(&(struct netlink_row){ .protocol = protocols[i]->number, .refs = 2 },
			   arg);
	spin_lock(&net->netlink->lock);
	list_for_each_entry(n, &net->netlink->sockets, link) {
		const struct file *f = READ_ONCE(n->sk.file);

		fn(&(struct netlink_row){ .protocol = n->sk.protocol,
					  .port = n->port,
					  .groups = (u32)n->groups,
					  .received = READ_ONCE(n->used),
					  .refs = (u32)atomic_read(&n->sk.refs) + 1,
					  .drops = READ_ONCE(n->drops),
					  .dumping = READ_ONCE(n->dump) != NULL,
					  .inode = f ? f->inode->ino : 0,
					  .sk = &n->sk },
		   arg);
	}
	spin_unlock(&net->netlink->lock);
}

static const struct socket_ops netlink_ops = {
	.release = netlink_release,
	.bind = netlink_bind,
	.connect = netlink_connect,
	.getname = netlink_getname,
	.sendmsg = netlink_sendmsg,
	.recvmsg = netlink_recvmsg,
	.poll = netlink_poll,
	.shutdown = netlink_shutdown,
	.setsockopt = netlink_setsockopt,
	.getsockopt = netlink_getsockopt,
	.free = netlink_free,
};

const struct socket_family netlink_family = {
	.family = AF_NETLINK,
	.create = netlink_create,
};
