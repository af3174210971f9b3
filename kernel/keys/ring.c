/*
 * Keyrings: links, and the search through them (room.h). A keyring has one link at most to a key of a
 * type and description: another displaces it.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "keys/room.h"
#include "lib/string.h"

#define LINK_QUOTA 4 /* bytes that a link costs its keyring's owner */
#define DEPTH_MAX  6 /* keyrings within keyrings that are searched */

static struct key **links(const struct key *ring)
{
	return ring->payload;
}

struct key **ring_find(struct key *ring, enum key_kind kind, const char *desc)
{
	for (size_t i = 0; i < ring->len; i++) {
		struct key *k = links(ring)[i];

		if (k->kind == kind && str_equal(k->desc, desc))
			return &links(ring)[i];
	}
	return NULL;
}

/* Is ring at k or below? -EDEADLK; -ELOOP: it would be too deep. */
static int check_cycle(const struct key *k, const struct key *ring, unsigned depth)
{
	int err = 0;

	if (k == ring)
		return -EDEADLK;
	if (k->kind != KIND_KEYRING)
		return 0;
	if (depth >= DEPTH_MAX)
		return -ELOOP;
	for (size_t i = 0; i < k->len && !err; i++)
		err = check_cycle(links(k)[i], ring, depth + 1);
	return err;
}

int ring_link(struct key *ring, struct key *k)
{
	struct key **at, **more, *old;
	size_t room;
	int err;

	if (ring->kind != KIND_KEYRING)
		return -ENOTDIR;
	if (ring->flags & KEY_REVOKED)
		return -EKEYREVOKED;
	if (ring->flags & KEY_NO_NEW_LINKS)
		return -EPERM;
	err = k->kind == KIND_KEYRING ? check_cycle(k, ring, 0) : 0;
	if (err)
		return err;
	at = ring_find(ring, k->kind, k->desc);
	if (at) {
		old = *at;
		*at = key_get(k);
		key_put(old);
		return 0;
	}
	if (ring->len == ring->room) {
		room = ring->room ? ring->room * 2 : 8;
		more = kmalloc(room * sizeof(*more), 0);
		if (!more)
			return -ENOMEM;
		if (ring->len)
			memcpy(more, links(ring), ring->len * sizeof(*more));
		kfree(ring->payload);
		ring->payload = more;
		ring->room = room;
	}
	err = key_reserve(ring, ring->quota + LINK_QUOTA);
	if (err)
		return err;
	links(ring)[ring->len++] = key_get(k);
	return 0;
}

int ring_unlink(struct key *ring, struct key *k)
{
	for (size_t i = 0; i < ring->len; i++) {
		if (links(ring)[i] != k)
			continue;
		ring->len--;
		memmove(links(ring) + i, links(ring) + i + 1, (ring->len - i) * sizeof(k));
		key_reserve(ring, ring->quota - LINK_QUOTA);
		key_put(k);
		return 0;
	}
	return -ENOENT;
}

void ring_clear(struct key *ring)
{
	for (size_t i = 0; i < ring->len; i++)
		key_put(links(ring)[i]);
	key_reserve(ring, ring->quota - ring->len * LINK_QUOTA);
	ring->len = 0;
}

/* Is k it? True: *found is the key, or why it does not do. */
static bool matches(struct key *k, bool possessed, const struct key_search *s, struct key **found)
{
	int err = 0;

	if (s->serial ? k->serial != s->serial : k->kind != s->kind || !str_equal(k->desc, s->desc))
		return false;
	if (!s->serial) {
		err = key_valid(k);
		if (err == -ENOKEY)
			err = -EKEYREVOKED;
	}
	if (!err)
		err = key_may(k, possessed, NEED_SEARCH);
	if (!err && !s->serial)
		err = k->error;
	*found = err ? ERR_PTR(err) : k;
	return true;
}

/* Below ring: what is in it first, then what is in its keyrings. *why: of the last that did not do. */
static struct key *descend(struct key *ring, bool possessed, const struct key_search *s,
			   unsigned depth, struct key **why)
{
	struct key *found;

	for (size_t i = 0; i < ring->len; i++) {
		if (!matches(links(ring)[i], possessed, s, &found))
			continue;
		if (!IS_ERR(found))
			return found;
		*why = found;
	}
	for (size_t i = 0; depth < DEPTH_MAX && i < ring->len; i++) {
		struct key *k = links(ring)[i];

		if (k->kind != KIND_KEYRING || (k->flags & (KEY_REVOKED | KEY_INVALID)) ||
		    key_may(k, possessed, NEED_SEARCH))
			continue;
		found = descend(k, possessed, s, depth + 1, why);
		if (found)
			return found;
	}
	return NULL;
}

struct key *ring_search(struct key *ring, bool possessed, const struct key_search *s)
{
	struct key *why = ERR_PTR(-EAGAIN), *found;
	int err;

	if (ring->kind != KIND_KEYRING)
		return ERR_PTR(-ENOTDIR);
	err = key_may(ring, possessed, NEED_SEARCH);
	if (err)
		return ERR_PTR(err);
	if (matches(ring, possessed, s, &found))
		return found;
	if (ring->flags & (KEY_REVOKED | KEY_INVALID))
		return why;
	found = descend(ring, possessed, s, 0, &why);
	return found ? found : why;
}

/* A key, else a negative one's answer, else that there is none, else what was in the way. */
struct key *process_search(const struct key_search *s)
{
	const struct cred_keys *c = &current->cred->keys;
	struct key *none = NULL, *why = ERR_PTR(-EAGAIN);

	for (unsigned i = 0; i < CRED_RINGS; i++) {
		struct key *ring = c->ring[i], *k;

		if (!ring && i == CRED_SESSION) {
			struct key_user *u = key_user_of(current->cred->uid);

			ring = IS_ERR(u) ? NULL : u->session;
		}
		if (!ring)
			continue;
		k = ring_search(ring, true, s);
		if (!IS_ERR(k))
			return k;
		if (PTR_ERR(k) == -ENOKEY || (PTR_ERR(k) == -EAGAIN && !none))
			none = k;
		else if (PTR_ERR(k) != -EAGAIN)
			why = k;
	}
	return none ? none : why;
}
