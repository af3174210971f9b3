/*
 * Identifiers of IPv6 addresses that the machine makes itself: stable ones that tell nothing of the
 * card (RFC 7217), and temporary ones that change (RFC 8981). The one made of the card's address is
 * in ipv6.c (RFC 4291 A).
 *
 * Locks: net->mutex throughout.
 */
#include "net/ipv6_dev.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/rtnetlink.h>

#include "core/random.h"
#include "lib/siphash.h"
#include "net/neigh.h"

#define TRIES 8 /* to hit no identifier that RFC 5453 keeps for others */

static bool reserved(const u8 *id)
{
	static const u8 none[8], anycast[8] = { 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80 };
	static const u8 iana[5] = { 0x02, 0x00, 0x5e, 0xff, 0xfe };

	return !memcmp(id, none, 8) || !memcmp(id, iana, 5) ||
	       (!memcmp(id, anycast, 7) && id[7] >= anycast[7]);
}

/* --- RFC 7217 5: a hash of prefix, device and collisions so far, by a secret --- */

static bool stable(struct ip6_dev *i, struct in6_addr *addr, u32 retry)
{
	struct {
		u8 prefix[8], card[8];
		u32 retry;
	} of = { .retry = retry * TRIES };
	struct ip6_net *n6 = i->dev->net->ip6;
	const struct ip6_conf *c = i->conf.secret_set ? &i->conf : &n6->dflt;
	struct siphash_key key;
	u64 id;

	if (i->conf.addr_gen_mode == GEN_RANDOM && !i->conf.secret_set) {
		random_bytes(&i->conf.secret, sizeof(i->conf.secret));
		i->conf.secret_set = true;
		c = &i->conf;
	}
	if (!c->secret_set)
		return false;
	memcpy(&key, &c->secret, sizeof(key));
	memcpy(of.prefix, addr, 8);
	memcpy(of.card, i->dev->addr, i->dev->addr_len);
	for (unsigned n = 0; n < TRIES; n++, of.retry++) {
		id = siphash(&of, sizeof(of), &key);
		memcpy(&addr->s6_addr[8], &id, 8);
		if (!reserved(&addr->s6_addr[8]))
			return true;
	}
	return false;
}

bool ip6_gen_address(struct ip6_dev *i, struct in6_addr *addr, u32 retry, u32 *flags)
{
	if (i->conf.addr_gen_mode < GEN_STABLE) {
		memcpy(&addr->s6_addr[8], i->token, 8);
		return true;
	}
	*flags |= IFA_F_STABLE_PRIVACY;
	return stable(i, addr, retry);
}

int ip6_set_gen_mode(struct ip6_dev *i, int mode)
{
	if (mode < GEN_EUI64 || mode > GEN_RANDOM ||
	    (mode == GEN_STABLE && !i->conf.secret_set && !i->dev->net->ip6->dflt.secret_set))
		return -EINVAL;
	if (i->conf.addr_gen_mode == mode)
		return 0;
	WRITE_ONCE(i->conf.addr_gen_mode, mode);
	ip6_gen_mode(i);
	return 0;
}

void ip6_gen_again(struct ip6_addr *a)
{
	struct ip6_addr_config c = { .addr = a->addr,
				     .prefix_len = a->prefix_len,
				     .proto = a->proto,
				     .flags = a->flags & IFA_F_MANAGETEMPADDR,
				     .metric = a->metric,
				     .valid = a->valid,
				     .preferred = a->preferred,
				     .autoconf = a->autoconf,
				     .no_route = a->no_route,
				     .retry = a->retry + 1 };
	struct net *net = a->dev->dev->net;

	if (a->retry >= (u32)max(READ_ONCE(net->ip6->idgen_retries), 0) ||
	    !ip6_gen_address(a->dev, &c.addr, c.retry, &c.flags))
		return;
	ip6_addr_add(a->dev->dev, &c);
}

/* --- RFC 8981: temporary ones, each belonging to one that is not --- */

#define FOREVER ~0u

static u32 sum_of(u32 a, u32 b)
{
	return a == FOREVER || a + b < a ? FOREVER : a + b;
}

/* 3.8: how long before the preferred one ends its successor is made, seconds. */
static u32 advance_of(const struct ip6_dev *i)
{
	u32 tests = (u32)max(i->conf.regen_max_retry, 0) * (u32)max(i->conf.dad_transmits, 0);

	return (u32)max(i->conf.regen_min_advance, 0) + tests * READ_ONCE(i->neigh.retrans) / 1000;
}

static u32 age_of(u64 since)
{
	return (u32)((now_mono() - since) / NSEC_PER_SEC);
}

/* 3.4: one more; the device's own offset keeps machines from changing all at once. */
static void make_temporary(struct ip6_addr *pub)
{
	struct ip6_dev *i = pub->dev;
	const struct ip6_conf *conf = &i->conf;
	u32 age = age_of(pub->updated), desync = 0;
	struct ip6_addr_config c = { .addr = pub->addr,
				     .prefix_len = pub->prefix_len,
				     .proto = pub->proto,
				     .flags = IFA_F_TEMPORARY,
				     .no_route = true,
				     .of = pub->addr };
	struct ip6_addr *a;

	if (conf->use_tempaddr <= 0 || pub->prefix_len != 64 ||
	    pub->regenerated > (u32)max(conf->regen_max_retry, 0))
		return;
	if (conf->max_desync_factor > 0 && conf->temp_prefered_lft > 1)
		desync = (u32)random_u64() %
			 (u32)min(conf->max_desync_factor, conf->temp_prefered_lft / 2);
	do
		random_bytes(&c.addr.s6_addr[8], 8);
	while (reserved(&c.addr.s6_addr[8]));
	c.valid = min(pub->valid, sum_of((u32)conf->temp_valid_lft, age));
	c.preferred = min(pub->preferred, sum_of((u32)conf->temp_prefered_lft - desync, age));
	c.preferred = min(c.preferred, c.valid);
	if (c.preferred <= age + advance_of(i))
		return;
	pub->regenerated++;
	if (ip6_addr_add(i->dev, &c))
		return;
	a = ip6_addr_find(i->dev->net, &c.addr, i->dev->ifindex);
	if (a) /* its time runs with the other's */
		a->updated = pub->updated;
}

static bool is_of(const struct ip6_addr *t, const struct ip6_addr *pub)
{
	return (t->flags & IFA_F_TEMPORARY) && addr_equal(&t->of, &pub->addr);
}

void ip6_temp_manage(struct ip6_addr *pub, bool fresh)
{
	const struct ip6_conf *conf = &pub->dev->conf;
	struct ip6_addr *t, *next;
	bool any = false;

	list_for_each_entry_safe(t, next, &pub->dev->addrs, link) {
		struct ip6_addr_config c = { .addr = t->addr, .flags = IFA_F_TEMPORARY };
		u32 age;

		if (!is_of(t, pub))
			continue;
		any = true;
		/* 3.4: what the router says, within what is left of its own time. */
		age = age_of(t->created);
		c.valid = min(pub->valid,
			      (u32)conf->temp_valid_lft - min(age, (u32)conf->temp_valid_lft));
		c.preferred = min(pub->preferred, (u32)conf->temp_prefered_lft -
							  min(age, (u32)conf->temp_prefered_lft));
		c.preferred = min(c.preferred, c.valid);
		if (c.valid)
			ip6_addr_change(pub->dev->dev, &c);
		else
			ip6_addr_remove(t);
	}
	if (fresh)
		pub->regenerated = 0;
	if (fresh || !any)
		make_temporary(pub);
}

void ip6_temp_remove(struct ip6_addr *pub)
{
	struct ip6_addr *t, *next;

	list_for_each_entry_safe(t, next, &pub->dev->addrs, link)
		if (is_of(t, pub))
			ip6_addr_remove(t);
}

void ip6_temp_failed(struct ip6_addr *t)
{
	struct ip6_addr *pub = ip6_addr_find(t->dev->dev->net, &t->of, t->dev->dev->ifindex);

	ip6_addr_remove(t);
	if (pub)
		make_temporary(pub);
}

u64 ip6_temp_age(struct ip6_addr *t, u64 now)
{
	struct ip6_addr *pub;
	u64 due;

	if (!(t->flags & IFA_F_TEMPORARY) || (t->flags & IFA_F_TENTATIVE) || t->regenerated ||
	    t->preferred == FOREVER)
		return ~0UL;
	due = t->updated +
	      (u64)(t->preferred - min(t->preferred, advance_of(t->dev))) * NSEC_PER_SEC;
	if (now < due)
		return due;
	t->regenerated = 1;
	pub = ip6_addr_find(t->dev->dev->net, &t->of, t->dev->dev->ifindex);
	if (pub) {
		pub->regenerated = 0;
		make_temporary(pub);
	}
	return ~0UL;
}
