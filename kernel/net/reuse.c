/*
 * Groups of SO_REUSEPORT (reuse.h). A group grows by a larger copy; a member that leaves makes room for the last
 * one, as on Linux, so that programs which count members are right here, too.
 */
#include "net/reuse.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"

#define FIRST_ROOM 4u

bool reuse_by_hart;

static struct reuse_group *group_alloc(u32 room)
{
	struct reuse_group *g = kmalloc(sizeof(*g) + room * sizeof(g->member[0]), 0);

	if (g)
		*g = (struct reuse_group){ .room = room };
	return g;
}

static void group_free(struct rcu_head *h)
{
	kfree(container_of(h, struct reuse_group, rcu));
}

/* g with more room in the place of g; NULL: no memory. */
static struct reuse_group *grown(struct reuse_group *g)
{
	struct reuse_group *big = group_alloc(g->room * 2);

	if (!big)
		return NULL;
	big->n = g->n;
	big->program = g->program;
	for (u32 i = 0; i < g->n; i++)
		big->member[i] = g->member[i];
	for (u32 i = 0; i < g->n; i++)
		smp_store_release(&big->member[i]->reuse, big);
	call_rcu(&g->rcu, group_free);
	return big;
}

static void add(struct reuse_group *g, struct inet_socket *is)
{
	WRITE_ONCE(g->member[g->n], is);
	smp_store_release(&g->n, g->n + 1);
	smp_store_release(&is->reuse, g);
}

void reuse_join(struct inet_socket *is, struct inet_socket *other)
{
	struct reuse_group *g;

	if (!other) {
		/* It may have one, with its program. */
		g = is->reuse ? NULL : group_alloc(FIRST_ROOM);
		if (g)
			add(g, is);
		return;
	}
	if (!other->reuse)
		reuse_join(other, NULL);
	g = other->reuse;
	if (g && g->n == g->room)
		g = grown(g);
	if (!g)
		return;
	reuse_leave(is);
	add(g, is);
}

void reuse_leave(struct inet_socket *is)
{
	struct reuse_group *g = is->reuse;
	u32 i = 0;

	if (!g)
		return;
	while (g->member[i] != is)
		i++;
	/* A reader who saw the old number finds the last member twice. */
	WRITE_ONCE(g->member[i], g->member[g->n - 1]);
	smp_store_release(&g->n, g->n - 1);
	WRITE_ONCE(is->reuse, NULL);
	if (!g->n) {
		packet_filter_put(g->program);
		call_rcu(&g->rcu, group_free);
	}
}

bool reuse_wants_hart(const struct socket *sk)
{
	return READ_ONCE(reuse_by_hart) && READ_ONCE(sk->incoming_cpu) == (int)hart_id();
}

struct inet_socket *reuse_select(struct inet_socket *best, u32 flow, const struct packet *p,
				 int off)
{
	const struct reuse_group *g = smp_load_acquire(&best->reuse);
	const struct socket_filter *program;
	u32 n, at;

	if (!g)
		return best;
	n = smp_load_acquire(&g->n);
	if (n < 2)
		return best;
	program = smp_load_acquire(&g->program);
	if (program && p) {
		at = packet_filter_run(program, p, off);
		if (at < n)
			return READ_ONCE(g->member[at]);
	}
	at = (u32)((u64)flow * n >> 32);
	if (READ_ONCE(reuse_by_hart)) {
		for (u32 i = 0; i < n; i++) {
			struct inet_socket *is = READ_ONCE(g->member[(at + i) % n]);

			if (reuse_wants_hart(&is->sk))
				return is;
		}
	}
	return READ_ONCE(g->member[at]);
}

/* f (NULL: none) in the place of the group's program. */
static int replace(struct socket *sk, struct socket_filter *f)
{
	bool share = socket_option(sk, OPT_REUSEPORT), there = true;
	spinlock_t *lock = sk->ops->share_lock ? sk->ops->share_lock(sk, &there) : NULL;
	struct inet_socket *is = (struct inet_socket *)sk;
	struct socket_filter *old;
	int err = f || !share ? -EINVAL : -ENOENT;

	if (!lock)
		return err;
	spin_lock(lock);
	if (f && !is->reuse && !there && share) {
		reuse_join(is, NULL);
		err = -ENOMEM;
	}
	if (is->reuse && (f || is->reuse->program)) {
		old = is->reuse->program;
		smp_store_release(&is->reuse->program, f);
		packet_filter_put(old);
		err = 0;
	} else if (is->reuse && !f) {
		err = -ENOENT;
	}
	spin_unlock(lock);
	return err;
}

int reuse_attach(struct socket *sk, const void __user *val, int len)
{
	return socket_filter_set(sk, val, len, replace);
}

int reuse_detach(struct socket *sk)
{
	return replace(sk, NULL);
}
