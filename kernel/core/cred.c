/*
 * Credentials (core/cred.h). Shared ones are immutable: a change copies, fills
 * in the copy and commits it. Others read them under RCU.
 */
#include "core/cred.h"

#include <compiler.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "lib/string.h"

void (*cred_keys_get)(struct cred_keys *k);
void (*cred_keys_put)(struct cred_keys *k);

struct cred init_cred = {
	.refs = ATOMIC_INIT(1),
	.cap_permitted = CAP_ALL,
	.cap_effective = CAP_ALL,
	.cap_bounding = CAP_ALL,
};

struct cred *cred_get(struct cred *c)
{
	atomic_inc(&c->refs);
	return c;
}

static bool has_keys(const struct cred *c)
{
	const struct cred_keys *k = &c->keys;

	return k->ring[CRED_THREAD] || k->ring[CRED_PROCESS] || k->ring[CRED_SESSION];
}

static void cred_free(struct rcu_head *h)
{
	struct cred *c = container_of(h, struct cred, rcu);

	if (unlikely(has_keys(c)))
		cred_keys_put(&c->keys);
	domain_put(c->domain);
	user_ns_put(c->user);
	kfree(c);
}

void cred_put(struct cred *c)
{
	if (c && atomic_dec_and_test(&c->refs))
		call_rcu(&c->rcu, cred_free);
}

struct cred *cred_copy(const struct cred *c, u32 ngroups)
{
	struct cred *n = kzalloc(sizeof(*n) + ngroups * sizeof(n->groups[0]), 0);
	u32 copied = min(ngroups, c->ngroups);

	if (!n)
		return NULL;
	memcpy(n, c, sizeof(*n));
	atomic_set(&n->refs, 1);
	user_ns_get(n->user);
	n->ngroups = ngroups;
	memcpy(n->groups, c->groups, copied * sizeof(n->groups[0]));
	if (unlikely(has_keys(n)))
		cred_keys_get(&n->keys);
	domain_get(n->domain);
	return n;
}

bool cred_in_group(const struct cred *c, u32 gid)
{
	u32 lo = 0, hi = c->ngroups;

	if (c->fsgid == gid)
		return true;
	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (c->groups[mid] == gid)
			return true;
		if (c->groups[mid] < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool capable(int cap)
{
	const struct cred *c = current->cred;

	return !c->user && (c->cap_effective & (1ULL << cap));
}

/* What a user namespace gives is nothing new to who owns it. */
static bool has_caps_of(const struct cred *old, const struct cred *c)
{
	if (old->user == c->user)
		return !(c->cap_permitted & ~old->cap_permitted);
	for (const struct user_ns *u = c->user; u; u = user_ns_parent(u))
		if (user_ns_parent(u) == old->user && u->uid == old->euid)
			return true;
	return false;
}

bool cred_gains(const struct cred *old, const struct cred *c)
{
	return old->euid != c->euid || old->egid != c->egid || old->fsuid != c->fsuid ||
	       old->fsgid != c->fsgid || !has_caps_of(old, c);
}

int suid_dumpable;

void cred_commit(struct cred *c)
{
	struct task *t = current;
	struct cred *old = t->cred;

	if (t->proc && cred_gains(old, c)) {
		t->proc->dumpable = (u8)READ_ONCE(suid_dumpable);
		t->pdeath_signal = 0;
	}
	if (t->proc && old->uid != c->uid) {
		user_charge(c->uid, USER_NPROC, RLIM_INFINITY);
		user_uncharge(old->uid, USER_NPROC);
	}
	smp_store_release(&t->cred, c);
	cred_put(old);
}

/* capabilities(7), "Effect of user ID changes on capabilities". */
void cred_fixup_uid(struct cred *c, const struct cred *old)
{
	u32 root = kuid_of(c->user, 0);
	bool had_root = old->uid == root || old->euid == root || old->suid == root;
	bool has_root = c->uid == root || c->euid == root || c->suid == root;

	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (had_root && !has_root) {
		if (!(c->securebits & SECBIT_KEEP_CAPS)) {
			c->cap_permitted = 0;
			c->cap_effective = 0;
		}
		c->cap_ambient = 0;
	}
	if (old->euid == root && c->euid != root)
		c->cap_effective = 0;
	else if (old->euid != root && c->euid == root)
		c->cap_effective = c->cap_permitted;
}

void cred_fixup_fsuid(struct cred *c, const struct cred *old)
{
	const u64 fs_caps = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE |
			    1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_FOWNER | 1ULL << CAP_FSETID |
			    1ULL << CAP_LINUX_IMMUTABLE | 1ULL << CAP_MKNOD |
			    1ULL << CAP_MAC_OVERRIDE;

	u32 root = kuid_of(c->user, 0);

	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (old->fsuid == root && c->fsuid != root)
		c->cap_effective &= ~fs_caps;
	else if (old->fsuid != root && c->fsuid == root)
		c->cap_effective |= c->cap_permitted & fs_caps;
}
