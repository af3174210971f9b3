/*
 * The error queue of AF_INET and AF_INET6 sockets (recvmsg(2), MSG_ERRQUEUE): what ICMP said (IP_RECVERR
 * of ip(7)), when what was sent left (SO_TIMESTAMPING), and which pages that a program lent for sending
 * are its own again (MSG_ZEROCOPY).
 *
 * Locks: is->error_lock guards the queue. It ranks behind all sockets, since devices tell of what they
 * send under any of them.
 */
#include <compiler.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "net/inet.h"
#include "net/ipv4.h"

/* In the cb of a packet there. */
struct queued_error {
	struct sock_extended_err ee;
	struct in6_addr offender, dst;
	u16 port;
	bool stats; /* the bytes are SCM_TIMESTAMPING_OPT_STATS */
	int ifindex; /* a stamp, with the frame: by which device it went; 0: not known */
};

static struct queued_error *error_of(struct packet *p)
{
	static_assert(sizeof(struct queued_error) <= sizeof(p->cb), "cb is too small");
	return (struct queued_error *)p->cb;
}

static bool from_icmp(struct packet *p)
{
	u8 origin = error_of(p)->ee.ee_origin;

	return origin == SO_EE_ORIGIN_ICMP || origin == SO_EE_ORIGIN_ICMP6;
}

/* p, its cb filled in, is the last one. It goes when there is no room. */
static void queue(struct inet_socket *is, struct packet *p)
{
	if (!sock_charge_receive(&is->sk, p)) {
		packet_free(p);
		return;
	}
	spin_lock(&is->error_lock);
	list_add_tail(&p->link, &is->errors);
	spin_unlock(&is->error_lock);
	wake_up_key(&is->sk.readers, EPOLLERR);
}

void inet_queue_error(struct inet_socket *is, const struct ip_error *e, const struct in6_addr *dst,
		      u16 port, const void *data, u32 n)
{
	struct packet *p = packet_alloc(0, n);

	if (!p)
		return;
	if (n)
		memcpy(packet_put(p, n), data, n);
	*error_of(p) = (struct queued_error){
		.ee = { .ee_errno = (u32)e->err,
			.ee_origin = e->origin,
			.ee_type = e->type,
			.ee_code = e->code,
			.ee_info = e->info },
		.offender = e->offender,
		.dst = *dst,
		.port = port,
	};
	queue(is, p);
}

void inet_purge_errors(struct inet_socket *is)
{
	LIST_HEAD(gone);

	spin_lock(&is->error_lock);
	list_splice_init(&is->errors, &gone);
	spin_unlock(&is->error_lock);
	packet_free_list(&gone);
}

/* --- stamps of what is sent --- */

/* The frame p with its bytes, nobody else's any more; NULL. */
static struct packet *frame_of(const struct packet *p)
{
	struct packet *c = packet_clone(p);

	if (c && !packet_own(c)) {
		packet_free(c);
		c = NULL;
	}
	return c;
}

void inet_queue_stamp(struct inet_socket *is, const struct packet *sent, u32 key, u32 type, int ttl)
{
	u32 flags = READ_ONCE(is->sk.timestamping);
	const struct netdev *d = sent->dev;
	struct queued_error e = {
		.ee = { .ee_errno = ENOMSG,
			.ee_origin = SO_EE_ORIGIN_TIMESTAMPING,
			.ee_info = type },
	};
	struct packet *p;

	if (flags & SOF_TIMESTAMPING_OPT_ID)
		e.ee.ee_data = is->sk.protocol == IPPROTO_TCP ? key - READ_ONCE(is->sk.stamp_id) :
								key;
	if (!(flags & SOF_TIMESTAMPING_OPT_TSONLY)) {
		p = frame_of(sent);
		if (!p)
			return;
		packet_set_dev(p, NULL);
		if (d) {
			const u8 *ip = packet_network(p);

			e.ifindex = d->ifindex;
			e.offender = addr_from_v4((__force be32)0);
			e.dst = e.offender;
			if (ip[0] >> 4 == 4) {
				memcpy(&e.offender.s6_addr[12], ip + 12, 4);
				memcpy(&e.dst.s6_addr[12], ip + 16, 4);
			} else {
				memcpy(&e.offender, ip + 8, 16);
				memcpy(&e.dst, ip + 24, 16);
			}
		}
	} else {
		e.stats = flags & SOF_TIMESTAMPING_OPT_STATS && is->sk.ops->stamp_stats;
		p = packet_alloc(0, e.stats ? STAMP_STATS_MAX : 0);
		if (!p)
			return;
		if (e.stats) {
			u32 n = is->sk.ops->stamp_stats(&is->sk, p->data, ttl);

			packet_put(p, n);
		}
	}
	p->stamp = now_real();
	*error_of(p) = e;
	queue(is, p);
}

void net_stamp(struct packet *p, u8 which)
{
	p->stamps &= (u8)~which;
	if (p->sk)
		inet_queue_stamp(inet_sk(p->sk), p, p->stamp_key,
				 which == PACKET_STAMP_SCHED ? SCM_TSTAMP_SCHED : SCM_TSTAMP_SND,
				 -1);
}

/* --- pages that are lent --- */

struct inet_loan {
	struct packet_loan loan; /* first */
	struct inet_socket *is; /* referenced */
	u32 first, calls; /* [who sends] the calls whose pages they are: all next to each other */
	u32 uid; /* whose pages they count as */
	u64 pages; /* counted */
};

static struct inet_loan *inet_loan(struct packet_loan *l)
{
	return container_of(l, struct inet_loan, loan);
}

/* Joined to the news before, if these calls come right after those. */
static bool joined(struct inet_socket *is, const struct sock_extended_err *ee)
{
	struct sock_extended_err *last;
	bool done = false;

	spin_lock(&is->error_lock);
	if (!list_empty(&is->errors)) {
		last = &error_of(list_last_entry(&is->errors, struct packet, link))->ee;
		done = last->ee_origin == SO_EE_ORIGIN_ZEROCOPY && ee->ee_info == last->ee_data + 1;
		if (done)
			last->ee_data = ee->ee_data;
	}
	spin_unlock(&is->error_lock);
	if (done)
		wake_up_key(&is->sk.readers, EPOLLERR);
	return done;
}

static void loan_done(struct packet_loan *l)
{
	struct inet_loan *il = inet_loan(l);
	struct queued_error e = {
		.ee = { .ee_origin = SO_EE_ORIGIN_ZEROCOPY,
			.ee_code = l->copied ? SO_EE_CODE_ZEROCOPY_COPIED : 0,
			.ee_info = il->first,
			.ee_data = il->first + il->calls - 1 },
	};
	struct packet *p;

	user_uncharge_n(il->uid, USER_LENT_PAGES, il->pages);
	if (il->calls && READ_ONCE(il->is->sk.file) && !joined(il->is, &e.ee)) {
		p = packet_alloc(0, 0);
		if (p) {
			*error_of(p) = e;
			queue(il->is, p);
		}
	}
	socket_put(&il->is->sk);
	kfree(il);
}

/* Counts the pages that n bytes may lie in; RLIMIT_MEMLOCK holds for who is not privileged. */
static bool count_pages(struct inet_loan *il, size_t n)
{
	u64 pages = n / PAGE_SIZE + 2, limit = rlimit_get(RLIMIT_MEMLOCK);

	if (capable(CAP_IPC_LOCK) || !n)
		return true;
	if (!user_charge_n(il->uid, USER_LENT_PAGES, pages,
			   limit == RLIM_INFINITY ? U64_MAX : limit / PAGE_SIZE))
		return false;
	il->pages += pages;
	return true;
}

struct packet_loan *inet_lend(struct inet_socket *is, size_t n, struct packet_loan *before)
{
	struct inet_loan *il = before ? inet_loan(before) : NULL;

	if (il && il->first + il->calls == (u32)atomic_read(&is->sk.loans) &&
	    il->uid == current->cred->uid && count_pages(il, n)) {
		atomic_inc(&is->sk.loans);
		il->calls++;
		atomic_inc(&before->refs);
		return before;
	}
	il = kzalloc(sizeof(*il), 0);
	if (!il)
		return NULL;
	il->uid = current->cred->uid;
	if (!count_pages(il, n)) {
		kfree(il);
		return NULL;
	}
	il->is = is;
	socket_get(&is->sk);
	il->loan.done = loan_done;
	atomic_set(&il->loan.refs, 1);
	il->calls = 1;
	il->first = (u32)atomic_inc_return(&is->sk.loans) - 1;
	return &il->loan;
}

void inet_lend_end(struct packet_loan *l, bool used)
{
	if (l && !used) {
		inet_loan(l)->calls--;
		atomic_dec(&inet_loan(l)->is->sk.loans);
	}
	packet_loan_put(l);
}

/* --- reading --- */

/* Who told of it (of family 0: we ourselves). */
static int offender_of(struct inet_socket *is, const struct queued_error *q, struct packet *p,
		       struct sockaddr_storage *ss, struct message *m)
{
	bool v6 = is->sk.family == AF_INET6, v4 = addr_is_v4(&q->offender);
	struct in_pktinfo info = { .ipi_ifindex = q->ifindex };
	struct in6_pktinfo info6 = { q->dst, q->ifindex };

	if (from_icmp(p))
		return inet_addr_out(is, &q->offender, 0, is->sk.bound_dev, ss);
	/* A stamp: where the frame came from, and by which device it went. */
	if (!q->ifindex || (!v6 && !(READ_ONCE(is->sk.timestamping) & SOF_TIMESTAMPING_OPT_CMSG)))
		return v6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in);
	if (v4 && inet_flag(is, INET_PKTINFO)) {
		info.ipi_spec_dst.s_addr = (__force u32)addr_v4(&q->offender);
		info.ipi_addr.s_addr = (__force u32)addr_v4(&q->dst);
		cmsg_put(m, SOL_IP, IP_PKTINFO, &info, sizeof(info));
	}
	if (v6 && inet_flag(is, INET_PKTINFO6))
		cmsg_put(m, SOL_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	return inet_addr_out(is, &q->offender, 0, 0, ss);
}

/* IP_RECVERR's control data. */
static void put_error(struct inet_socket *is, struct packet *p, struct message *m)
{
	const struct queued_error *q = error_of(p);
	bool v6 = is->sk.family == AF_INET6;
	struct {
		struct sock_extended_err ee;
		struct sockaddr_storage offender;
	} data = { .ee = q->ee };
	int n = offender_of(is, q, p, &data.offender, m);

	cmsg_put(m, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &data,
		 sizeof(data.ee) + (size_t)n);
}

/* The first one; the next call tells of the next one, if it is ICMP's. */
static struct packet *take(struct inet_socket *is)
{
	struct packet *p, *next;

	spin_lock(&is->error_lock);
	p = list_first_entry_or_null(&is->errors, struct packet, link);
	if (p)
		list_del_init(&p->link);
	next = list_first_entry_or_null(&is->errors, struct packet, link);
	if (next && from_icmp(next))
		socket_set_error(&is->sk, (int)error_of(next)->ee.ee_errno);
	else if (p && (from_icmp(p) || error_of(p)->ee.ee_origin == SO_EE_ORIGIN_LOCAL))
		socket_set_error(&is->sk, 0);
	spin_unlock(&is->error_lock);
	return p;
}

ssize_t inet_recv_error(struct inet_socket *is, struct message *m)
{
	struct packet *p = take(is);
	struct queued_error *q;
	size_t n;
	ssize_t ret;

	if (!p)
		return -EAGAIN;
	q = error_of(p);
	n = min((size_t)p->len, m->data->count);
	if (n < p->len)
		m->out_flags |= MSG_TRUNC;
	ret = packet_copy_to_iter(p, 0, m->data, n) == n ? (ssize_t)n : -EFAULT;
	if (ret >= 0) {
		sock_recv_stamps(&is->sk, p->stamp, true, m);
		if (q->stats)
			cmsg_put(m, SOL_SOCKET, SCM_TIMESTAMPING_OPT_STATS, p->data,
				 packet_linear(p));
		if (m->name && (from_icmp(p) || q->port))
			m->name_len =
				inet_addr_out(is, &q->dst, q->port, is->sk.bound_dev, m->name);
		else
			m->name_len = 0;
		put_error(is, p, m);
		m->out_flags |= MSG_ERRQUEUE;
	}
	packet_free(p);
	return ret;
}
