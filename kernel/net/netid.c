/*
 * The numbers of networks in others: net/netid.h.
 *
 * Locks: [i] ids_lock, for all networks: numbers come and go seldom.
 */
#include "net/netid.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "net/net.h"
#include "net/rtnetlink.h"

struct net_id {
	struct list_head link; /* [i] net->ids, by number */
	struct list_head of_link; /* [i] of->id_of */
	struct net *net, *of; /* [I] */
	int id; /* [I] */
};

static spinlock_t ids_lock = SPINLOCK_INIT(RANK_NET_TABLE, "numbers of networks");

/* [i] */
static struct net_id *entry_of(struct net *net, struct net *of)
{
	struct net_id *e;

	list_for_each_entry(e, &of->id_of, of_link)
		if (e->net == net)
			return e;
	return NULL;
}

int net_id_find(struct net *net, struct net *of)
{
	const struct net_id *e;
	int id;

	spin_lock(&ids_lock);
	e = entry_of(net, of);
	id = e ? e->id : NETNSA_NSID_NOT_ASSIGNED;
	spin_unlock(&ids_lock);
	return id;
}

/* Where in net's list a number, or the least free one, belongs: before that. NULL: it is taken. [i] */
static struct list_head *place_of(struct net *net, int *id)
{
	int want = *id == NET_ID_ANY ? 0 : *id;
	struct net_id *e;

	list_for_each_entry(e, &net->ids, link) {
		if (e->id > want)
			break;
		if (e->id == want && *id != NET_ID_ANY)
			return NULL;
		want += e->id == want;
	}
	*id = want;
	return &e->link;
}

/* Nobody holds it: what is made for it after net_ids_forget would stay. [i] */
static bool ended(const struct net *net)
{
	return net != &init_net && !atomic_read(&net->ns.refs);
}

int net_id_add(struct net *net, struct net *of, int id)
{
	struct net_id *e = kzalloc(sizeof(*e), 0);
	struct list_head *before;

	if (!e)
		return -ENOMEM;
	e->net = net;
	e->of = of;
	spin_lock(&ids_lock);
	before = place_of(net, &id);
	if (ended(net) || ended(of) || entry_of(net, of) || !before) {
		id = ended(net) || ended(of) ? -ENOENT : entry_of(net, of) ? -EEXIST : -ENOSPC;
		spin_unlock(&ids_lock);
		kfree(e);
		return id;
	}
	e->id = id;
	list_add_tail(&e->link, before);
	list_add_tail(&e->of_link, &of->id_of);
	spin_unlock(&ids_lock);
	return id;
}

int net_id_make(struct net *net, struct net *of)
{
	int id = net_id_find(net, of);

	if (id >= 0)
		return id;
	id = net_id_add(net, of, NET_ID_ANY);
	if (id >= 0)
		rtnl_netid_news(net, RTM_NEWNSID, id, NULL);
	return id == -EEXIST ? net_id_find(net, of) : max(id, NETNSA_NSID_NOT_ASSIGNED);
}

struct net *net_by_id_get(struct net *net, int id)
{
	struct net *found = NULL;
	struct net_id *e;

	spin_lock(&ids_lock);
	list_for_each_entry(e, &net->ids, link)
		if (e->id == id && (e->of == &init_net || atomic_inc_not_zero(&e->of->ns.refs)))
			found = e->of;
	spin_unlock(&ids_lock);
	return found;
}

int net_id_next(struct net *net, int from, struct net **of)
{
	struct net_id *e;
	int id = -1;

	spin_lock(&ids_lock);
	list_for_each_entry(e, &net->ids, link) {
		if (e->id < from)
			continue;
		id = e->id;
		*of = e->of;
		break;
	}
	spin_unlock(&ids_lock);
	return id;
}

/* One that is about net, unlinked; NULL: none is left. */
static struct net_id *take(struct net *net)
{
	struct net_id *e;

	spin_lock(&ids_lock);
	e = list_first_entry_or_null(&net->id_of, struct net_id, of_link);
	if (!e)
		e = list_first_entry_or_null(&net->ids, struct net_id, link);
	if (e) {
		list_del(&e->link);
		list_del(&e->of_link);
	}
	spin_unlock(&ids_lock);
	return e;
}

void net_ids_forget(struct net *net)
{
	struct net_id *e;

	while ((e = take(net))) {
		/* Networks are taken apart by one thread, this one: the other is still whole. */
		if (e->of == net && e->net != net)
			rtnl_netid_news(e->net, RTM_DELNSID, e->id, NULL);
		kfree(e);
	}
}
