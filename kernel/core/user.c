/*
 * Counts per real user id (core/task.h: user_charge), in a small hash table. An
 * entry exists while one of its counts is not zero. user_lock guards them all.
 */
#include "core/task.h"

#include "alloc/slab.h"
#include "lib/hash.h"
#include "lib/list.h"

#define USER_BITS 6

struct user {
	struct hlist_node link; /* [user_lock] */
	u32 uid; /* [i] */
	u64 count[USER_COUNTS]; /* [user_lock] */
};

static spinlock_t user_lock = SPINLOCK_INIT(RANK_USER, "user");
static struct hlist_head users[1 << USER_BITS]; /* [user_lock] */

static struct hlist_head *chain_of(u32 uid)
{
	return &users[hash_index(hash64(uid), USER_BITS)];
}

static struct user *find(u32 uid)
{
	struct user *u;

	hlist_for_each_entry(u, chain_of(uid), link)
		if (u->uid == uid)
			return u;
	return NULL;
}

u64 user_charge_n(u32 uid, enum user_count what, u64 n, u64 limit)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);
	struct user *u = find(uid);
	u64 count = 0;

	if (!u && limit) {
		u = kzalloc(sizeof(*u), 0);
		if (u) {
			u->uid = uid;
			hlist_add_head(&u->link, chain_of(uid));
		}
	}
	if (u && n <= limit && u->count[what] <= limit - n)
		count = u->count[what] += n;
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
	struct user *u = find(uid);
	bool used = false;

	if (u)
		u->count[what] -= min(u->count[what], n);
	for (int i = 0; u && i < USER_COUNTS; i++)
		used |= u->count[i] != 0;
	if (u && !used)
		hlist_del(&u->link);
	else
		u = NULL;
	spin_unlock_irqrestore(&user_lock, flags);
	kfree(u);
}

void user_uncharge(u32 uid, enum user_count what)
{
	user_uncharge_n(uid, what, 1);
}

u64 user_count_read(u32 uid, enum user_count what)
{
	unsigned long flags = spin_lock_irqsave(&user_lock);
	struct user *u = find(uid);
	u64 n = u ? u->count[what] : 0;

	spin_unlock_irqrestore(&user_lock, flags);
	return n;
}
