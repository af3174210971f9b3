/*
 * What sockets have that needs no file: their common part, waiting, and how much memory their packets
 * take (socket.h). Host simulations use it as it is; socket.c makes files of sockets.
 */
#include "net/socket.h"

#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>

#include "alloc/page.h"
#include "core/sched.h"
#include "core/time.h"
#include "dev/netdev.h"
#include "dev/packet.h"
#include "fs/async.h"
#include "net/inet.h"

static atomic_long_t sock_mem; /* bytes charged */
struct sock_sysctl sock_sysctl;

void socket_init(struct socket *sk, struct net *net, u16 family, int type, int protocol,
		 const struct socket_ops *ops)
{
	atomic_set(&sk->refs, 1);
	sk->net = net_get(net);
	sk->family = family;
	sk->type = (u16)type;
	sk->protocol = protocol;
	sk->ops = ops;
	spin_init(&sk->lock, RANK_SOCKET, "socket");
	waitq_init(&sk->readers);
	waitq_init(&sk->writers);
	list_init(&sk->asyncs);
	sk->sndbuf = READ_ONCE(sock_wmem_default);
	sk->rcvbuf = READ_ONCE(sock_rmem_default);
	sk->rcvlowat = 1;
	sk->peek_off = -1;
	sk->incoming_cpu = -1;
	sk->max_pacing_rate = ~0ul;
	sk->last_stamp = STAMP_NONE;
}

void socket_put(struct socket *sk)
{
	struct net *net = sk->net;

	if (!atomic_dec_and_test(&sk->refs))
		return;
	socket_filter_free(sk);
	if (sk->stamping)
		__atomic_fetch_sub(&net_stamps, 1, __ATOMIC_RELAXED);
	sk->ops->free(sk);
	net_put(net);
}

int socket_wait(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline)
{
	struct waiter w;
	int err = 0;

	if (q == &sk->writers)
		WRITE_ONCE(sk->nospace, true);
	net_run(); /* what is asked of the loopback is answered before anybody waits for it */
	if (!deadline)
		return ready(sk) ? 0 : -EAGAIN;
	for (;;) {
		waiter_init(&w);
		w.exclusive = true;
		wait_prepare(q, &w, TASK_INTERRUPTIBLE);
		if (ready(sk))
			break;
		err = wait_sleep(deadline);
		if (err)
			break;
		wait_finish(q, &w);
	}
	wait_finish(q, &w);
	if (!err)
		return 0;
	wake_up(q, 1); /* a wake may have come for one who now leaves */
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return deadline == WAIT_FOREVER ? err : -EINTR;
}

int socket_take_error(struct socket *sk)
{
	return READ_ONCE(sk->err) ? -__atomic_exchange_n(&sk->err, 0, __ATOMIC_ACQ_REL) : 0;
}

void socket_wake_all(struct socket *sk)
{
	wake_up_all(&sk->readers);
	wake_up_all(&sk->writers);
}

void socket_wake_in(struct socket *sk, u32 key)
{
	wake_up_key(&sk->readers, key);
	async_tell(&sk->asyncs, POLL_IN);
}

void socket_wake_out(struct socket *sk)
{
	wake_up_key(&sk->writers, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	if (READ_ONCE(sk->nospace)) {
		WRITE_ONCE(sk->nospace, false);
		async_tell(&sk->asyncs, POLL_OUT);
	}
}

/* --- buffers --- */

void sock_mem_shares(int *mem, u32 part)
{
	int pages = (int)max(page_total() / part, 128UL);

	mem[0] = pages / 4 * 3;
	mem[1] = pages;
	mem[2] = mem[0] * 2;
}

u64 sock_memory(void)
{
	return ((u64)atomic_long_read(&sock_mem) + PAGE_SIZE - 1) / PAGE_SIZE;
}

static bool mem_charge(u32 n)
{
	u64 most = (u64)(u32)READ_ONCE(sock_sysctl.udp_mem[2]) * PAGE_SIZE;

	if ((u64)atomic_long_add_return(&sock_mem, n) <= most)
		return true;
	atomic_long_sub(&sock_mem, n);
	return false;
}

static void uncharge_receive(struct packet *p)
{
	atomic_sub(&p->sk->rmem, (int)p->charged);
	atomic_long_sub(&sock_mem, p->charged);
	p->sk = NULL;
	p->uncharge = NULL;
}

bool sock_charge_receive(struct socket *sk, struct packet *p)
{
	u32 n = packet_truesize(p);

	if (p->uncharge)
		p->uncharge(p);
	if ((u32)atomic_read(&sk->rmem) > READ_ONCE(sk->rcvbuf) || !mem_charge(n))
		return false;
	atomic_add(&sk->rmem, (int)n);
	p->sk = sk;
	p->charged = n;
	p->uncharge = uncharge_receive;
	return true;
}

bool sock_writable(const struct socket *sk)
{
	return sock_send_used(sk) < READ_ONCE(sk->sndbuf) / 2;
}

static void uncharge_send(struct packet *p)
{
	struct socket *sk = p->sk;

	atomic_sub(&sk->wmem, (int)p->charged);
	atomic_long_sub(&sock_mem, p->charged);
	p->sk = NULL;
	p->uncharge = NULL;
	if ((waitq_active(&sk->writers) || READ_ONCE(sk->nospace)) && sock_writable(sk))
		socket_wake_out(sk);
	socket_put(sk);
}

bool sock_charge_send(struct socket *sk, struct packet *p)
{
	u32 n = packet_truesize(p);

	if (sock_send_used(sk) >= READ_ONCE(sk->sndbuf) || !mem_charge(n))
		return false;
	atomic_add(&sk->wmem, (int)n);
	p->sk = socket_get(sk);
	p->charged = n;
	p->uncharge = uncharge_send;
	return true;
}

u32 sock_receive_used(const struct socket *sk)
{
	return (u32)atomic_read(&sk->rmem);
}

u32 sock_send_used(const struct socket *sk)
{
	return (u32)atomic_read(&sk->wmem);
}

void inet_memory(struct socket *sk, u32 *received, u32 *sent)
{
	*received = sock_receive_used(sk);
	*sent = sock_send_used(sk);
}
