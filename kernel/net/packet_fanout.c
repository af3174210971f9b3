/*
 * PACKET_FANOUT (packet(7)): sockets of one protocol and device share what comes. Each frame goes to
 * one of them: by its flow, in turn, by hart, at random, as a filter says; or to the next that has room.
 *
 * Locks: [t] the network's mutex. [a] atomic. Who hears a frame reads under RCU.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/random.h"
#include "dev/flow.h"
#include "mm/usercopy.h"
#include "net/packet.h"
#include "net/packet_ring.h"

#define MAX_MEMBERS 65536u
#define FEW_MEMBERS 256u /* for who does not say how many */

struct packet_fanout {
	struct list_head link; /* [t] */
	struct rcu_head rcu;
	u16 id, flags; /* [I] */
	u8 type; /* [I] */
	u16 protocol; /* [I] */
	int ifindex; /* [I] */
	u32 max; /* [I] */
	u32 n; /* [t] RCU: members */
	u32 turn; /* [a] whose it was last */
	struct socket_filter *filter; /* [t] RCU: says whose; NULL: the first one's */
	struct packet_sock *member[]; /* [t] RCU */
};

static struct packet_fanout *find(const struct net *net, u16 id)
{
	struct packet_fanout *f;

	list_for_each_entry(f, &net->packet->fanouts, link)
		if (f->id == id)
			return f;
	return NULL;
}

/* An id that nobody has. -ENOMEM: there is none. */
static int unused_id(const struct net *net)
{
	for (int i = 0; i <= 0xffff; i++)
		if (!find(net, (u16)i))
			return i;
	return -ENOMEM;
}

static int create(struct packet_sock *ps, const struct fanout_args *args,
		  struct packet_fanout **made)
{
	u32 max = args->max_num_members ? args->max_num_members : FEW_MEMBERS;
	struct packet_fanout *f;

	if (max > MAX_MEMBERS)
		return -EINVAL;
	f = kzalloc(sizeof(*f) + max * sizeof(f->member[0]), 0);
	if (!f)
		return -ENOMEM;
	f->id = args->id;
	f->type = (u8)args->type_flags;
	f->flags = args->type_flags & 0xff00 & ~PACKET_FANOUT_FLAG_UNIQUEID;
	f->protocol = ps->protocol;
	f->ifindex = ps->ifindex;
	f->max = max;
	list_add(&f->link, &ps->sk.net->packet->fanouts);
	*made = f;
	return 0;
}

static void free_fanout(struct rcu_head *h)
{
	struct packet_fanout *f = container_of(h, struct packet_fanout, rcu);

	packet_filter_put(f->filter);
	kfree(f);
}

static void drop_if_empty(struct packet_fanout *f)
{
	if (f->n)
		return;
	list_del(&f->link);
	call_rcu(&f->rcu, free_fanout);
}

static int join(struct packet_sock *ps, struct fanout_args *args)
{
	u8 type = (u8)args->type_flags;
	u16 flags = args->type_flags & 0xff00 & ~PACKET_FANOUT_FLAG_UNIQUEID;
	struct packet_fanout *f;
	int err = 0;

	if (ps->fanout)
		return -EALREADY;
	if (args->type_flags & PACKET_FANOUT_FLAG_UNIQUEID) {
		if (args->id)
			return -EINVAL;
		err = unused_id(ps->sk.net);
		if (err < 0)
			return err;
		args->id = (u16)err;
		err = 0;
	}
	f = find(ps->sk.net, args->id);
	if (f && (f->flags != flags || (args->max_num_members && args->max_num_members != f->max)))
		return -EINVAL;
	if (!f)
		err = create(ps, args, &f);
	if (err)
		return err;
	if (!ps->listed || f->type != type || f->protocol != ps->protocol ||
	    f->ifindex != ps->ifindex)
		err = -EINVAL;
	else if (f->n >= f->max)
		err = -ENOSPC;
	if (err) {
		drop_if_empty(f);
		return err;
	}
	f->member[f->n] = ps;
	smp_store_release(&f->n, f->n + 1);
	ps->rolls = type == PACKET_FANOUT_ROLLOVER || flags & PACKET_FANOUT_FLAG_ROLLOVER;
	smp_store_release(&ps->fanout, f);
	return 0;
}

int packet_fanout_join(struct packet_sock *ps, const void __user *val, int len)
{
	struct fanout_args args = { 0 };
	int err;

	if (len != (int)sizeof(u32) && len != (int)sizeof(args))
		return -EINVAL;
	if (copy_from_user(&args, val, (size_t)len))
		return -EFAULT;
	switch (args.type_flags & 0xff) {
	case PACKET_FANOUT_ROLLOVER:
		if (args.type_flags & PACKET_FANOUT_FLAG_ROLLOVER)
			return -EINVAL;
		break;
	case PACKET_FANOUT_HASH:
	case PACKET_FANOUT_LB:
	case PACKET_FANOUT_CPU:
	case PACKET_FANOUT_RND:
	case PACKET_FANOUT_QM:
	case PACKET_FANOUT_CBPF:
		break;
	default: /* PACKET_FANOUT_EBPF: there is no bpf(2) */
		return -EINVAL;
	}
	mutex_lock(&ps->sk.net->mutex);
	err = join(ps, &args);
	mutex_unlock(&ps->sk.net->mutex);
	return err;
}

void packet_fanout_leave(struct packet_sock *ps)
{
	struct packet_fanout *f = ps->fanout;
	u32 i = 0;

	if (!f)
		return;
	while (f->member[i] != ps)
		i++;
	WRITE_ONCE(f->member[i], f->member[f->n - 1]);
	smp_store_release(&f->n, f->n - 1);
	WRITE_ONCE(ps->fanout, NULL);
	drop_if_empty(f);
}

int packet_fanout_get(const struct packet_sock *ps)
{
	const struct packet_fanout *f = ps->fanout;

	return f ? (int)(f->id | (u32)f->type << 16 | (u32)f->flags >> 8 << 24) : 0;
}

/* 0 where a filter may say whose a frame is: net->mutex held, or for a first look. */
static int takes_filter(const struct packet_sock *ps)
{
	const struct packet_fanout *f = READ_ONCE(ps->fanout);

	if (!f || f->type != PACKET_FANOUT_CBPF)
		return -EINVAL;
	return ps->sk.filter_locked ? -EPERM : 0;
}

int packet_fanout_filter(struct packet_sock *ps, const void __user *val, int len)
{
	struct socket_filter *new;
	int err = takes_filter(ps);

	if (err)
		return err;
	new = packet_filter_load(val, len);
	if (IS_ERR(new))
		return (int)PTR_ERR(new);
	/* The device may have gone meanwhile, and the group with it. */
	mutex_lock(&ps->sk.net->mutex);
	err = takes_filter(ps);
	if (!err) {
		struct socket_filter *old = ps->fanout->filter;

		smp_store_release(&ps->fanout->filter, new);
		new = old;
	}
	mutex_unlock(&ps->sk.net->mutex);
	packet_filter_put(new);
	return err;
}

/* --- whose is it? --- */

static bool has_room(const struct packet_sock *ps)
{
	const struct packet_ring *r = READ_ONCE(ps->ring);

	if (r)
		return packet_ring_room(r);
	/* A quarter is free. */
	return READ_ONCE(ps->queued) < ps->sk.rcvbuf - ps->sk.rcvbuf / 4;
}

/* The one with room, from where it was found last; first, if there is one, is asked before. */
static u32 roll(struct packet_fanout *f, u32 first, bool try_first, u32 n)
{
	struct packet_sock *ps = READ_ONCE(f->member[first]);
	u32 from, i;

	if (try_first && has_room(ps))
		return first;
	from = min(READ_ONCE(ps->roll_to), n - 1);
	i = from;
	do {
		const struct packet_sock *next = READ_ONCE(f->member[i]);

		if ((!try_first || next != ps) && has_room(next)) {
			if (i != from)
				WRITE_ONCE(ps->roll_to, i);
			__atomic_fetch_add(&ps->rolled, 1, __ATOMIC_RELAXED);
			return i;
		}
		i = (i + 1) % n;
	} while (i != from);
	__atomic_fetch_add(&ps->roll_failed, 1, __ATOMIC_RELAXED);
	return first;
}

static u32 choose(struct packet_fanout *f, struct packet *p, u32 n)
{
	const struct socket_filter *filter;

	switch (f->type) {
	case PACKET_FANOUT_HASH:
		return (u32)((u64)packet_flow_network(p) * n >> 32);
	case PACKET_FANOUT_LB:
		return (__atomic_fetch_add(&f->turn, 1, __ATOMIC_RELAXED) + 1) % n;
	case PACKET_FANOUT_CPU:
		return hart_id() % n;
	case PACKET_FANOUT_RND:
		return (u32)(random_u64() % n);
	case PACKET_FANOUT_ROLLOVER:
		return roll(f, 0, false, n);
	case PACKET_FANOUT_CBPF:
		filter = smp_load_acquire(&f->filter);
		return filter ? packet_filter_run(filter, p,
						  (int)p->network - (int)packet_headroom(p)) %
					n :
				0;
	default: /* PACKET_FANOUT_QM: by receive queue, of which packets do not tell */
		return 0;
	}
}

struct packet_sock *packet_fanout_choose(struct packet_sock *ps, struct packet *p, bool outgoing)
{
	struct packet_fanout *f = smp_load_acquire(&ps->fanout);
	u32 n, i;

	if (likely(!f))
		return ps;
	n = smp_load_acquire(&f->n);
	/* It is heard once: when it is the first one's turn. */
	if (!n || READ_ONCE(f->member[0]) != ps ||
	    (outgoing && f->flags & PACKET_FANOUT_FLAG_IGNORE_OUTGOING))
		return NULL;
	i = choose(f, p, n);
	if (f->flags & PACKET_FANOUT_FLAG_ROLLOVER)
		i = roll(f, i, true, n);
	return READ_ONCE(f->member[i]);
}
