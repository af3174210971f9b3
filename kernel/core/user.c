/*
 * Counts per user id (core/task.h: user_charge), in a small hash table; those with limits in each user
 * namespace (core/userns.h: user_ns_charge) per namespace and user. An entry exists while one of its counts
 * is not zero. user_lock guards them all.
 */
#include "core/userns.h"

#include "alloc/slab.h"
#include "lib/hash.h"
#include "lib/list.h"

#define USER_BITS 6

struct user {
	struct hlist_node link; /* [user_lock] */
	const struct user_ns *ns; /* [i] stays while it is counted for; NULL: of boot */
	u32 uid; /* [i] as the kernel numbers them */
	u64 count[USER_COUNTS]; /* [user_lock] */
};

static spinlock_t user_lock = SPINLOCK_INIT(RANK_USER, "user");
static struct hlist_head users[1 << USER_BITS]; /* [user_lock] */

int user_limits_first[USER_LIMITS] = {
	[USER_INOTIFY_INSTANCES] = 128,
	[USER_FANOTIFY_GROUPS] = 128,
};

static struct hlist_head *chain_of(const struct user_ns *ns, u32 uid)
{
	return &users[hash_index(hash_mix(hash_ptr(ns), uid), USER_BITS)];
}

static struct user *find(const struct user_ns *ns, u32 uid)
{
	struct user *u;

	hlist_for_each_entry(u, chain_of(ns, uid), link)
		if (u->uid == uid && u->ns == ns)
			return u;
	return NULL;
}

/* NULL: memory is out. */
static struct user *find_or_make(const struct user_ns *ns, u32 uid)
{
	struct user *u = find(ns, uid);

	if (u)
		return u;
	u = kzalloc(sizeof(*u), 0);
	if (u) {
		u->ns = ns;
		u->uid = uid;
		hlist_add_head(&u->link, chain_of(ns, uid));
	}
	return u;
}

static void free_unused(struct user *u)
{
	for (unsigned i = 0; i < USER_COUNTS; i++)
		if (u->count[i])
			return;
	hlist_del(&u->link);
	kfree(u);
}

u64 user_charge_n(u32 uid, enum user_count what, u64 n, u64 limit)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);
	struct user *u = find_or_make(NULL, uid);
	u64 count = 0;

	if (u && n <= limit && u->count[what] <= limit - n)
		count = u->count[what] += n;
	if (u && !count)
		free_unused(u);
	spin_unlock_irqrestore(&user_lock, flags);
	return count;
}

u64 user_charge(u32 uid, enum user_count what, u64 limit)
{
	return user_charge_n(uid, what, 1, limit);
}

void user_uncharge_n(u32 uid, enum user_count what, u64 n)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);
	struct user *u = find(NULL, uid);

	if (u) {
		u->count[what] -= min(u->count[what], n);
		free_unused(u);
	}
	spin_unlock_irqrestore(&user_lock, flags);
}

void user_uncharge(u32 uid, enum user_count what)
{
	user_uncharge_n(uid, what, 1);
}

u64 user_count_read(u32 uid, enum user_count what)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);
	const struct user *u = find(NULL, uid);
	u64 n = u ? u->count[what] : 0;

	spin_unlock_irqrestore(&user_lock, flags);
	return n;
}

/* --- with limits in each user namespace --- */

void user_limits_init(int namespaces)
{
	for (unsigned i = NS_MNT; i <= NS_TIME; i++)
		user_limits_first[USER_NAMESPACES + i] = namespaces;
}

int *user_limits(struct user_ns *u)
{
	return u ? u->limits : user_limits_first;
}

/* Gives back one of what from u up to `end`, which is left out. user_lock held. */
static void uncharge_up(struct user_ns *u, u32 uid, enum user_count what, const struct user *end)
{
	for (;;) {
		struct user *c = find(u, uid);

		if (!c || c == end)
			return;
		c->count[what]--;
		free_unused(c);
		if (!u)
			return;
		uid = u->uid;
		u = user_ns_parent(u);
	}
}

bool user_ns_charge(struct user_ns *u, u32 uid, enum user_count what)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);
	struct user_ns *at = u;
	u32 who = uid;
	bool ok;

	for (;;) {
		struct user *c = find_or_make(at, who);

		ok = c && (s64)c->count[what] < READ_ONCE(user_limits(at)[what]);
		if (!ok) {
			uncharge_up(u, uid, what, c);
			if (c)
				free_unused(c);
			break;
		}
		c->count[what]++;
		if (!at)
			break;
		who = at->uid;
		at = user_ns_parent(at);
	}
	spin_unlock_irqrestore(&user_lock, flags);
	return ok;
}

void user_ns_uncharge(struct user_ns *u, u32 uid, enum user_count what)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);

	uncharge_up(u, uid, what, NULL);
	spin_unlock_irqrestore(&user_lock, flags);
}
