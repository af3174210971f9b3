/*
 * Groups that sockets are in (mcast.h): RFC 3678, RFC 3376 3.1.
 */
#include "net/mcast.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/route.h"

u32 mcast_max_sources(const struct net *net, bool v6)
{
	return (u32)(v6 ? READ_ONCE(net->ip6->mld_max_msf) : READ_ONCE(net->ip4->igmp_max_msf));
}

static void filter_free(struct rcu_head *h)
{
	struct mcast_membership *m = container_of(h, struct mcast_membership, rcu);

	kfree(m->filter);
	kfree(m);
}

struct inet_options *inet_options(struct inet_socket *is)
{
	struct inet_options *o = __atomic_load_n(&is->opt, __ATOMIC_CONSUME), *none = NULL;

	if (o)
		return o;
	o = kzalloc(sizeof(*o), 0);
	if (!o)
		return NULL;
	list_init(&o->groups);
	if (__atomic_compare_exchange_n(&is->opt, &none, o, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return o;
	kfree(o);
	return none;
}

/* The version's own: the device is told. */
static int dev_join(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *f)
{
	return addr_is_v4(group) ? igmp_join(d, addr_v4(group), f) : mld_join(d, group, f);
}

static void dev_leave(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *f)
{
	if (addr_is_v4(group))
		igmp_leave(d, addr_v4(group), f);
	else
		mld_leave(d, group, f);
}

static int dev_change(struct netdev *d, const struct in6_addr *group,
		      const struct mcast_filter *was, const struct mcast_filter *now)
{
	return addr_is_v4(group) ? igmp_change(d, addr_v4(group), was, now) :
				   mld_change(d, group, was, now);
}

static struct mcast_membership *find(const struct inet_socket *is, const struct in6_addr *group,
				     int ifindex)
{
	struct mcast_membership *m;

	if (!is->opt)
		return NULL;
	list_for_each_entry(m, &is->opt->groups, link)
		if (addr_equal(&m->group, group) && (!ifindex || m->ifindex == ifindex))
			return m;
	return NULL;
}

/* The device a group is joined on if none is named: where packets to it would go. */
static struct netdev *device_for(struct net *net, const struct in6_addr *group, int ifindex)
{
	struct route_key key = { .dst = *group };
	struct netdev *d;
	struct route r;

	if (ifindex)
		return netdev_by_index(net, ifindex);
	key.src = addr_is_v4(group) ? addr_from_v4(0) : (struct in6_addr){ 0 };
	if (route_lookup(net, &key, &r))
		return NULL;
	d = r.dev; /* registered as long as net->mutex is held */
	route_put(&r);
	return d;
}

static int do_join(struct inet_socket *is, const struct in6_addr *group, int ifindex,
		   struct mcast_filter *f)
{
	struct inet_options *o = inet_options(is);
	struct netdev *d = device_for(is->sk.net, group, ifindex);
	struct mcast_membership *m;
	int err;

	if (!o)
		return -ENOMEM;
	if (!d)
		return -ENODEV;
	if (find(is, group, d->ifindex))
		return -EADDRINUSE;
	if (addr_is_v4(group) &&
	    o->nr_groups >= (unsigned)READ_ONCE(is->sk.net->ip4->igmp_max_memberships))
		return -ENOBUFS;
	m = kzalloc(sizeof(*m), 0);
	if (!m)
		return -ENOMEM;
	m->group = *group;
	m->ifindex = d->ifindex;
	m->filter = f;
	err = dev_join(d, group, f);
	if (err) {
		kfree(m);
		return err;
	}
	list_add_tail_rcu(&m->link, &o->groups);
	o->nr_groups++;
	return 0;
}

static void do_leave(struct inet_socket *is, struct mcast_membership *m)
{
	struct netdev *d = netdev_by_index(is->sk.net, m->ifindex);

	list_unlink_(&m->link);
	is->opt->nr_groups--;
	if (d)
		dev_leave(d, &m->group, m->filter);
	call_rcu(&m->rcu, filter_free);
}

static struct mcast_filter *filter_alloc(bool include, u32 nr)
{
	struct mcast_filter *f = kzalloc(sizeof(*f) + nr * sizeof(f->source[0]), 0);

	if (f) {
		f->include = include;
		f->nr = nr;
	}
	return f;
}

int mcast_join(struct inet_socket *is, const struct in6_addr *group, int ifindex)
{
	struct mcast_filter *f;
	int err;

	if (!addr_is_multicast(group))
		return -EINVAL;
	f = filter_alloc(false, 0);
	if (!f)
		return -ENOMEM;
	mutex_lock(&is->sk.net->mutex);
	err = do_join(is, group, ifindex, f);
	mutex_unlock(&is->sk.net->mutex);
	if (err)
		kfree(f);
	return err;
}

int mcast_leave(struct inet_socket *is, const struct in6_addr *group, int ifindex)
{
	struct mcast_membership *m;
	int err = -EADDRNOTAVAIL;

	mutex_lock(&is->sk.net->mutex);
	m = find(is, group, ifindex);
	if (m) {
		do_leave(is, m);
		err = 0;
	} else if (ifindex && !netdev_by_index(is->sk.net, ifindex)) {
		err = -ENODEV;
	}
	mutex_unlock(&is->sk.net->mutex);
	return err;
}

struct old_filter {
	struct rcu_head rcu;
	struct mcast_filter *f;
};

static void old_free(struct rcu_head *h)
{
	struct old_filter *o = container_of(h, struct old_filter, rcu);

	kfree(o->f);
	kfree(o);
}

/* m has another filter from now on; f is taken over if that goes well. */
static int change_filter(struct inet_socket *is, struct mcast_membership *m, struct mcast_filter *f)
{
	struct netdev *d = netdev_by_index(is->sk.net, m->ifindex);
	struct old_filter *old = kmalloc(sizeof(*old), 0);
	int err;

	if (!old)
		return -ENOMEM;
	err = d ? dev_change(d, &m->group, m->filter, f) : -ENODEV;
	if (err) {
		kfree(old);
		return err;
	}
	old->f = m->filter;
	__atomic_store_n(&m->filter, f, __ATOMIC_RELEASE);
	call_rcu(&old->rcu, old_free);
	return 0;
}

/* What m's filter becomes by one source more or less; ERR_PTR. */
static struct mcast_filter *filter_with(const struct inet_socket *is,
					const struct mcast_membership *m,
					const struct in6_addr *source, bool include, bool more)
{
	const struct mcast_filter *was = m->filter;
	struct mcast_filter *f;
	u32 at = 0, n = 0;

	/* A group joined as a whole and one joined by its sources don't go together. */
	if (was->include != include && was->nr)
		return ERR_PTR(-EINVAL);
	if (was->include != include && !more)
		return ERR_PTR(-EINVAL);
	if (was->include != include && !include)
		return ERR_PTR(-EINVAL);
	while (at < was->nr && !addr_equal(&was->source[at], source))
		at++;
	if (more ? at < was->nr : at == was->nr)
		return ERR_PTR(-EADDRNOTAVAIL);
	if (more && was->nr >= mcast_max_sources(is->sk.net, !addr_is_v4(source)))
		return ERR_PTR(-ENOBUFS);
	f = filter_alloc(include, more ? was->nr + 1 : was->nr - 1);
	if (!f)
		return ERR_PTR(-ENOMEM);
	for (u32 i = 0; i < was->nr; i++)
		if (more || i != at)
			f->source[n++] = was->source[i];
	if (more)
		f->source[n] = *source;
	return f;
}

/* With net->mutex held. */
static int do_source(struct inet_socket *is, const struct in6_addr *group,
		     const struct in6_addr *source, int ifindex, enum mcast_change how)
{
	bool include = how == MCAST_ADD || how == MCAST_DROP;
	struct mcast_membership *m = find(is, group, ifindex);
	struct mcast_filter *f;
	int err;

	if (!m) {
		if (how != MCAST_ADD)
			return -EINVAL;
		f = filter_alloc(true, 1);
		if (!f)
			return -ENOMEM;
		f->source[0] = *source;
		err = do_join(is, group, ifindex, f);
		if (err)
			kfree(f);
		return err;
	}
	if (how == MCAST_DROP && m->filter->include && m->filter->nr == 1 &&
	    addr_equal(&m->filter->source[0], source)) {
		do_leave(is, m);
		return 0;
	}
	f = filter_with(is, m, source, include, how == MCAST_ADD || how == MCAST_BLOCK);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	err = change_filter(is, m, f);
	if (err)
		kfree(f);
	return err;
}

int mcast_source(struct inet_socket *is, const struct in6_addr *group,
		 const struct in6_addr *source, int ifindex, enum mcast_change how)
{
	int err;

	if (!addr_is_multicast(group))
		return -EINVAL;
	mutex_lock(&is->sk.net->mutex);
	err = device_for(is->sk.net, group, ifindex) ? do_source(is, group, source, ifindex, how) :
						       -ENODEV;
	mutex_unlock(&is->sk.net->mutex);
	return err;
}

int mcast_set_filter(struct inet_socket *is, const struct in6_addr *group, int ifindex,
		     struct mcast_filter *f)
{
	struct mcast_membership *m;
	int err = -EINVAL;
	bool leave;

	mutex_lock(&is->sk.net->mutex);
	m = find(is, group, ifindex);
	leave = m && f->include && !f->nr;
	if (leave) {
		do_leave(is, m);
		err = 0;
	} else if (m) {
		err = change_filter(is, m, f);
	}
	mutex_unlock(&is->sk.net->mutex);
	if (err || leave)
		kfree(f);
	return err;
}

struct mcast_filter *mcast_get_filter(struct inet_socket *is, const struct in6_addr *group,
				      int ifindex)
{
	struct mcast_filter *f = ERR_PTR(-EADDRNOTAVAIL);
	struct mcast_membership *m;
	bool device;

	mutex_lock(&is->sk.net->mutex);
	device = device_for(is->sk.net, group, ifindex);
	m = find(is, group, ifindex);
	if (!device) {
		f = ERR_PTR(-ENODEV);
	} else if (m) {
		f = kmemdup(m->filter, sizeof(*f) + m->filter->nr * sizeof(m->filter->source[0]));
		if (!f)
			f = ERR_PTR(-ENOMEM);
	}
	mutex_unlock(&is->sk.net->mutex);
	return f;
}

void mcast_leave_all(struct inet_socket *is)
{
	if (!is->opt || list_empty(&is->opt->groups))
		return;
	mutex_lock(&is->sk.net->mutex);
	while (!list_empty(&is->opt->groups))
		do_leave(is, list_first_entry(&is->opt->groups, struct mcast_membership, link));
	mutex_unlock(&is->sk.net->mutex);
}

/* RCU: does one filter let src through? */
static bool mcast_filter_allows(const struct mcast_filter *f, const struct in6_addr *src)
{
	for (u32 i = 0; i < f->nr; i++)
		if (addr_equal(&f->source[i], src))
			return f->include;
	return !f->include;
}

bool mcast_wanted(const struct inet_socket *is, const struct in6_addr *group,
		  const struct in6_addr *src, int ifindex)
{
	const struct inet_options *o = __atomic_load_n(&is->opt, __ATOMIC_CONSUME);
	const struct mcast_membership *m;

	if (o)
		list_for_each_entry_rcu(m, &o->groups, link)
			if (addr_equal(&m->group, group) && m->ifindex == ifindex)
				return mcast_filter_allows(
					__atomic_load_n(&m->filter, __ATOMIC_CONSUME), src);
	return inet_flag(is, addr_is_v4(group) ? INET_MCAST_ALL : INET_MCAST6_ALL);
}

/* --- what a device's sockets want together --- */

static struct mcast_source *source_get(struct mcast_sum *m, const struct in6_addr *addr)
{
	struct mcast_source *s;

	list_for_each_entry(s, &m->sources, link)
		if (addr_equal(&s->addr, addr))
			return s;
	s = kzalloc(sizeof(*s), 0);
	if (!s)
		return NULL;
	s->addr = *addr;
	list_add_tail_rcu(&s->link, &m->sources);
	return s;
}

static void source_free(struct rcu_head *h)
{
	kfree(container_of(h, struct mcast_source, rcu));
}

int mcast_sum_count(struct mcast_sum *m, const struct mcast_filter *f, int by)
{
	struct mcast_source *s;

	if (!f || !f->include)
		WRITE_ONCE(m->exclude, m->exclude + (unsigned)by);
	for (u32 i = 0; f && i < f->nr; i++) {
		s = source_get(m, &f->source[i]);
		if (!s)
			return -ENOMEM;
		if (f->include)
			WRITE_ONCE(s->include, s->include + (unsigned)by);
		else
			WRITE_ONCE(s->exclude, s->exclude + (unsigned)by);
		if (!s->include && !s->exclude) {
			list_unlink_(&s->link);
			call_rcu(&s->rcu, source_free);
		}
	}
	return 0;
}

void mcast_sum_free(struct mcast_sum *m)
{
	struct mcast_source *s, *next;

	list_for_each_entry_safe(s, next, &m->sources, link)
		kfree(s);
}

bool mcast_sum_wants(const struct mcast_sum *m, const struct in6_addr *src)
{
	const struct mcast_source *s;

	list_for_each_entry_rcu(s, &m->sources, link)
		if (src && addr_equal(&s->addr, src))
			return READ_ONCE(s->include) ||
			       READ_ONCE(s->exclude) != READ_ONCE(m->exclude);
	return !src || READ_ONCE(m->exclude);
}

u32 mcast_sum_length(const struct mcast_sum *m, bool exclude)
{
	const struct mcast_source *s;
	u32 n = 0;

	list_for_each_entry_rcu(s, &m->sources, link)
		n += mcast_sum_lists(m, s, exclude);
	return n;
}
