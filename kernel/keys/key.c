/*
 * Keys: their life, quotas and rights (room.h). A key is in a tree by its serial from birth until it
 * is freed; who has none but a serial finds nothing that has no reference any more.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/time.h"
#include "core/work.h"
#include "keys/room.h"
#include "lib/string.h"

int keys_max = 200, keys_max_bytes = 20000; /* Linux's */
int keys_root_max = 1000000, keys_root_max_bytes = 25000000;
int keys_gc_delay = 300; /* seconds that a dead key stays to be seen */

struct mutex keys_mutex = MUTEX_INIT(keys_mutex);
static struct rb_root all_keys; /* [keys_mutex] by serial */
static struct rb_root users; /* [keys_mutex] by uid */
static s64 next_sweep; /* [keys_mutex] */

static spinlock_t dead_lock = SPINLOCK_INIT(RANK_USER, "dead keys");
static struct key *dead; /* [dead_lock] by key->dead */
static struct work bury_work;

static const char *const type_names[] = {
	[KIND_KEYRING] = "keyring",
	[KIND_USER] = "user",
	[KIND_LOGON] = "logon",
};

const char *key_type_name(enum key_kind kind)
{
	return type_names[kind];
}

int key_type_find(const char *name, enum key_kind *kind)
{
	for (unsigned i = 0; i < ARRAY_SIZE(type_names); i++) {
		if (str_equal(name, type_names[i])) {
			*kind = (enum key_kind)i;
			return 0;
		}
	}
	return -ENOKEY;
}

s64 key_now(void)
{
	return (s64)(now_real() / NSEC_PER_SEC);
}

/* --- owners --- */

struct key_user *key_user_from(u64 uid)
{
	struct rb_node *n = users.node;
	struct key_user *best = NULL;

	while (n) {
		struct key_user *u = rb_entry(n, struct key_user, node);

		if (u->uid >= uid)
			best = u;
		n = u->uid >= uid ? n->left : n->right;
	}
	return best;
}

struct key_user *key_user_of(u32 uid)
{
	struct rb_node **link = &users.node, *parent = NULL;
	struct key_user *u = key_user_from(uid);

	if (u && u->uid == uid)
		return u;
	u = kzalloc(sizeof(*u), 0);
	if (!u)
		return ERR_PTR(-ENOMEM);
	u->uid = uid;
	while (*link) {
		parent = *link;
		link = uid < rb_entry(parent, struct key_user, node)->uid ? &parent->left :
									    &parent->right;
	}
	rb_insert(&users, &u->node, parent, link, NULL);
	return u;
}

static bool within_quota(const struct key_user *u, int more_keys, u64 more_bytes)
{
	int most = u->uid ? READ_ONCE(keys_max) : READ_ONCE(keys_root_max);
	int bytes = u->uid ? READ_ONCE(keys_max_bytes) : READ_ONCE(keys_root_max_bytes);

	return u->quota_keys + more_keys <= most && u->quota_bytes + more_bytes <= (u64)bytes;
}

int key_reserve(struct key *k, u64 quota)
{
	if (k->flags & KEY_IN_QUOTA) {
		if (quota > k->quota && !within_quota(k->user, 0, quota - k->quota))
			return -EDQUOT;
		k->user->quota_bytes += quota - k->quota;
	}
	k->quota = quota;
	return 0;
}

void key_give(struct key *k, u32 uid, u32 gid)
{
	struct key_user *to = key_user_of(uid);

	k->gid = gid;
	if (uid == k->uid || IS_ERR(to))
		return;
	k->user->keys--;
	to->keys++;
	if (k->flags & KEY_IN_QUOTA) {
		k->user->quota_keys--;
		k->user->quota_bytes -= k->quota;
		to->quota_keys++;
		to->quota_bytes += k->quota;
	}
	k->user = to;
	k->uid = uid;
}

/* --- life --- */

struct key *key_from(int serial)
{
	struct rb_node *n = all_keys.node;
	struct key *best = NULL;

	while (n) {
		struct key *k = rb_entry(n, struct key, node);

		if (k->serial >= serial)
			best = k;
		n = k->serial >= serial ? n->left : n->right;
	}
	return best;
}

struct key *key_find(int serial)
{
	struct key *k = key_from(serial);

	return k && k->serial == serial && atomic_read(&k->refs) ? k : NULL;
}

static void insert(struct key *k)
{
	struct rb_node **link = &all_keys.node, *parent = NULL;

	do { /* not to be guessed, and none of the small ones that some take for errors */
		k->serial = (int)(random_u64() >> 33);
	} while (k->serial < 3 ||
		 (key_from(k->serial) && key_from(k->serial)->serial == k->serial));
	while (*link) {
		parent = *link;
		link = k->serial < rb_entry(parent, struct key, node)->serial ? &parent->left :
										&parent->right;
	}
	rb_insert(&all_keys, &k->node, parent, link, NULL);
}

struct key *key_alloc(enum key_kind kind, const char *desc, u32 uid, u32 gid, u32 perm,
		      unsigned how)
{
	struct key_user *u = key_user_of(uid);
	size_t size = desc ? strlen(desc) + 1 : 0;
	struct key *k;

	if (size <= 1)
		return ERR_PTR(-EINVAL);
	/* A logon key's description has a service in front: "afs:..." */
	if (kind == KIND_LOGON && (!strchr(desc, ':') || desc[0] == ':'))
		return ERR_PTR(-EINVAL);
	if (IS_ERR(u))
		return ERR_CAST(u);
	if (how == ALLOC_QUOTA && !within_quota(u, 1, size))
		return ERR_PTR(-EDQUOT);
	k = kzalloc(sizeof(*k), 0);
	if (!k)
		return ERR_PTR(-ENOMEM);
	k->desc = kstrdup(desc);
	if (!k->desc) {
		kfree(k);
		return ERR_PTR(-ENOMEM);
	}
	atomic_set(&k->refs, 1);
	k->kind = kind;
	k->uid = uid;
	k->gid = gid;
	k->perm = perm;
	k->user = u;
	k->flags = KEY_IN_QUOTA;
	k->quota = size;
	u->keys++;
	u->quota_keys++;
	u->quota_bytes += size;
	insert(k);
	return k;
}

static void wipe(struct key *k)
{
	if (k->payload && k->kind != KIND_KEYRING)
		memzero_explicit(k->payload, k->len);
	kfree(k->payload);
	k->payload = NULL;
	k->len = 0;
}

int key_set_payload(struct key *k, const void *p, size_t n)
{
	void *copy = n ? kmalloc(n, 0) : NULL;
	int err;

	if (n && !copy)
		return -ENOMEM;
	err = key_reserve(k, k->quota - (k->error ? 0 : k->len) + n);
	if (err) {
		kfree(copy);
		return err;
	}
	if (n)
		memcpy(copy, p, n);
	wipe(k);
	k->payload = copy;
	k->len = n;
	k->error = 0;
	k->expires = 0;
	return 0;
}

static void bury(struct key *k)
{
	if (k->kind == KIND_KEYRING)
		ring_clear(k);
	wipe(k);
	rb_erase(&all_keys, &k->node, NULL);
	k->user->keys--;
	k->user->quota_keys--;
	k->user->quota_bytes -= k->quota;
	kfree(k->desc);
	kfree(k);
}

/* A keyring's end puts what it held, and so adds to the list: a deep one costs no stack. */
static void bury_all(struct work *w __unused)
{
	struct key *k;

	mutex_lock(&keys_mutex);
	for (;;) {
		unsigned long f = spin_lock_irqsave(&dead_lock);

		k = dead;
		if (k)
			dead = k->dead;
		spin_unlock_irqrestore(&dead_lock, f);
		if (!k)
			break;
		bury(k);
	}
	mutex_unlock(&keys_mutex);
}

void key_put(struct key *k)
{
	unsigned long f;

	if (!k || !atomic_dec_and_test(&k->refs))
		return;
	f = spin_lock_irqsave(&dead_lock);
	k->dead = dead;
	dead = k;
	spin_unlock_irqrestore(&dead_lock, f);
	work_queue(&bury_work);
}

/* --- rights and states --- */

int key_valid(const struct key *k)
{
	if (k->flags & KEY_INVALID)
		return -ENOKEY;
	if (k->flags & KEY_REVOKED)
		return -EKEYREVOKED;
	return k->expires && key_now() >= k->expires ? -EKEYEXPIRED : 0;
}

int key_ready(const struct key *k)
{
	return k->error ? k->error : key_valid(k);
}

int key_may(const struct key *k, bool possessed, u32 need)
{
	const struct cred *c = current->cred;
	u32 have = k->perm;

	if (k->uid == c->fsuid)
		have = k->perm >> 16;
	else if ((k->perm & NEED_ALL << 8) && k->gid != ~0u && cred_in_group(c, k->gid))
		have = k->perm >> 8;
	if (possessed)
		have |= k->perm >> 24;
	return need & ~have ? -EACCES : 0;
}

struct key *key_named_ring(const char *name)
{
	for (struct rb_node *n = rb_first(&all_keys); n; n = rb_next(n)) {
		struct key *k = rb_entry(n, struct key, node);

		if (k->kind == KIND_KEYRING && atomic_read(&k->refs) && !key_valid(k) &&
		    !(k->flags & KEY_UID_KEYRING) && str_equal(k->desc, name) &&
		    !key_may(k, false, NEED_SEARCH))
			return k;
	}
	return NULL;
}

void key_remove_links(struct key *k)
{
	for (struct rb_node *n = rb_first(&all_keys); n; n = rb_next(n)) {
		struct key *ring = rb_entry(n, struct key, node);

		if (ring->kind == KIND_KEYRING)
			ring_unlink(ring, k);
	}
}

void keys_sweep(void)
{
	s64 now = key_now();

	if (now < next_sweep)
		return;
	next_sweep = now + READ_ONCE(keys_gc_delay);
	for (struct rb_node *n = rb_first(&all_keys); n; n = rb_next(n)) {
		struct key *k = rb_entry(n, struct key, node);

		if (k->expires && k->expires + READ_ONCE(keys_gc_delay) <= now &&
		    atomic_read(&k->refs))
			key_remove_links(k);
	}
}

static void keys_get(struct cred_keys *c)
{
	for (unsigned i = 0; i < CRED_RINGS; i++)
		if (c->ring[i])
			key_get(c->ring[i]);
}

static void keys_put(struct cred_keys *c)
{
	for (unsigned i = 0; i < CRED_RINGS; i++)
		key_put(c->ring[i]);
}

void keys_init(void)
{
	work_init(&bury_work, bury_all);
	cred_keys_get = keys_get;
	cred_keys_put = keys_put;
}
