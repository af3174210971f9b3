/*
 * The verbs on keys: add_key(2), request_key(2) and what keyctl(2) does with one key (keys.h).
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "keys/room.h"
#include "lib/printf.h"
#include "lib/string.h"

#define PAYLOAD_MAX  32767 /* of the types "user" and "logon" */
#define NEGATIVE_FOR 60 /* seconds that it is remembered that a key could not be made */

static void release(struct key_ref *r)
{
	key_put(r->key);
	mutex_unlock(&keys_mutex);
}

/* Locks, and looks up. On success the caller ends with release. */
static int begin(int id, unsigned how, u32 need, struct key_ref *out)
{
	int err;

	mutex_lock(&keys_mutex);
	err = key_lookup(id, how, need, out);
	if (err)
		mutex_unlock(&keys_mutex);
	return err;
}

static int check_payload(enum key_kind kind, size_t n)
{
	if (kind == KIND_KEYRING)
		return n ? -EINVAL : 0;
	return n && n <= PAYLOAD_MAX ? 0 : -EINVAL;
}

static u32 default_perm(enum key_kind kind)
{
	return POS(NEED_VIEW | NEED_SEARCH | NEED_LINK | NEED_SETATTR | NEED_WRITE) |
	       (kind == KIND_LOGON ? 0 : POS(NEED_READ)) | USR(NEED_VIEW);
}

/* A new key, linked into ring. */
static long make_key(struct key *ring, enum key_kind kind, const char *desc, const void *payload,
		     size_t n)
{
	const struct cred *c = current->cred;
	struct key *k = key_alloc(kind, desc, c->fsuid, c->fsgid, default_perm(kind), ALLOC_QUOTA);
	long ret;

	if (IS_ERR(k))
		return PTR_ERR(k);
	ret = n ? key_set_payload(k, payload, n) : 0;
	if (!ret)
		ret = ring_link(ring, k);
	if (!ret)
		ret = k->serial;
	key_put(k);
	return ret;
}

long key_add(const char *type, const char *desc, const void *payload, size_t n, int ring)
{
	struct key_ref r;
	enum key_kind kind;
	struct key **at = NULL;
	long ret = begin(ring, LOOKUP_CREATE, NEED_WRITE, &r);

	if (ret)
		return ret;
	keys_sweep();
	if (key_type_find(type, &kind))
		ret = -ENODEV;
	else if (r.key->kind != KIND_KEYRING)
		ret = -ENOTDIR;
	else
		ret = check_payload(kind, n);
	if (!ret && !desc)
		ret = -EINVAL;
	if (!ret && kind != KIND_KEYRING) {
		at = ring_find(r.key, kind, desc);
		if (at && ((*at)->flags & (KEY_REVOKED | KEY_INVALID)))
			at = NULL;
	}
	if (!ret && at) {
		ret = key_may(*at, r.possessed, NEED_WRITE);
		if (!ret)
			ret = key_set_payload(*at, payload, n);
		if (!ret)
			ret = (*at)->serial;
	} else if (!ret) {
		ret = make_key(r.key, kind, desc, payload, n);
	}
	release(&r);
	return ret;
}

/*
 * What is not there would be made by /sbin/request-key, which the kernel does not start: as where
 * there is no such program, and the key is negative for a while.
 */
static long make_negative(enum key_kind kind, const char *desc, int dest)
{
	const struct cred *c = current->cred;
	struct key *ring = request_ring(dest), *k;
	long ret = -ENOENT;
	int err;

	if (IS_ERR(ring))
		return PTR_ERR(ring);
	k = key_alloc(kind, desc, c->fsuid, c->fsgid, default_perm(kind), ALLOC_QUOTA);
	if (IS_ERR(k)) {
		ret = PTR_ERR(k);
	} else {
		k->error = -ENOKEY;
		k->expires = key_now() + NEGATIVE_FOR;
		err = ring_link(ring, k);
		if (err)
			ret = err;
		key_put(k);
	}
	key_put(ring);
	return ret;
}

/* Of a key that was found: links it into dest (0: nowhere), and says its serial. */
static long found(struct key *k, struct key *dest)
{
	int err = 0;

	if (dest) {
		err = key_may(k, true, NEED_LINK);
		if (!err)
			err = ring_link(dest, k);
	}
	return err ? err : k->serial;
}

long key_request(const char *type, const char *desc, bool callout, int dest)
{
	struct key_search s = { .desc = desc };
	struct key_ref to = { 0 };
	struct key *k;
	long ret = 0;

	mutex_lock(&keys_mutex);
	keys_sweep();
	if (dest)
		ret = key_lookup(dest, LOOKUP_CREATE, NEED_WRITE, &to);
	if (!ret)
		ret = key_type_find(type, &s.kind);
	if (!ret) {
		k = process_search(&s);
		if (!IS_ERR(k))
			ret = found(k, to.key);
		else if (PTR_ERR(k) != -EAGAIN)
			ret = PTR_ERR(k);
		else
			ret = callout ? make_negative(s.kind, desc, dest) : -ENOKEY;
	}
	key_put(to.key);
	mutex_unlock(&keys_mutex);
	return ret;
}

long keyctl_update(int id, const void *payload, size_t n)
{
	struct key_ref r;
	long ret = begin(id, 0, NEED_WRITE, &r);

	if (ret)
		return ret;
	ret = r.key->kind == KIND_KEYRING ? -EOPNOTSUPP : check_payload(r.key->kind, n);
	if (!ret)
		ret = key_set_payload(r.key, payload, n);
	release(&r);
	return ret;
}

long keyctl_revoke(int id)
{
	struct key_ref r;
	long ret = begin(id, 0, NEED_WRITE, &r);

	if (ret == -EACCES)
		ret = begin(id, 0, NEED_SETATTR, &r);
	if (ret)
		return ret;
	r.key->flags |= KEY_REVOKED;
	if (r.key->kind == KIND_KEYRING)
		ring_clear(r.key);
	r.key->expires = key_now();
	release(&r);
	return 0;
}

long keyctl_invalidate(int id)
{
	struct key_ref r;
	long ret = begin(id, 0, NEED_SEARCH, &r);

	if (ret)
		return ret;
	r.key->flags |= KEY_INVALID;
	key_remove_links(r.key);
	release(&r);
	return 0;
}

long keyctl_chown(int id, u32 uid, u32 gid)
{
	struct key_ref r;
	long ret;

	if (uid == ~0u && gid == ~0u)
		return 0;
	ret = begin(id, LOOKUP_CREATE | LOOKUP_PARTIAL, NEED_SETATTR, &r);
	if (ret)
		return ret;
	if (!capable(CAP_SYS_ADMIN) &&
	    ((uid != ~0u && uid != r.key->uid) ||
	     (gid != ~0u && gid != r.key->gid && !cred_in_group(current->cred, gid))))
		ret = -EACCES;
	else
		key_give(r.key, uid == ~0u ? r.key->uid : uid, gid == ~0u ? r.key->gid : gid);
	release(&r);
	return ret;
}

long keyctl_setperm(int id, u32 perm)
{
	struct key_ref r;
	long ret;

	if (perm & ~(NEED_ALL * 0x01010101u))
		return -EINVAL;
	ret = begin(id, LOOKUP_CREATE | LOOKUP_PARTIAL, NEED_SETATTR, &r);
	if (ret)
		return ret;
	if (r.key->uid == current->cred->fsuid || capable(CAP_SYS_ADMIN))
		r.key->perm = perm;
	else
		ret = -EACCES;
	release(&r);
	return ret;
}

/* A key that is no group's seems to be that of one which is nobody's. */
static u32 shown_gid(const struct key *k)
{
	return k->gid == ~0u ? (u32)overflow_gid : k->gid;
}

long keyctl_describe(int id, char **out)
{
	size_t room = KEY_TYPE_MAX + 64;
	struct key_ref r;
	long ret = begin(id, LOOKUP_PARTIAL, NEED_VIEW, &r);

	if (ret)
		return ret;
	room += strlen(r.key->desc);
	*out = kmalloc(room, 0);
	if (*out)
		ret = snprintf(*out, room, "%s;%d;%d;%08x;%s", key_type_name(r.key->kind),
			       (int)r.key->uid, (int)shown_gid(r.key), r.key->perm, r.key->desc) +
		      1;
	else
		ret = -ENOMEM;
	release(&r);
	return ret;
}

long keyctl_clear(int ring)
{
	struct key_ref r;
	long ret = begin(ring, LOOKUP_CREATE, NEED_WRITE, &r);

	if (ret)
		return ret;
	if (r.key->kind == KIND_KEYRING)
		ring_clear(r.key);
	else
		ret = -ENOTDIR;
	release(&r);
	return ret;
}

long keyctl_link(int id, int ring)
{
	struct key_ref r, k;
	long ret = begin(ring, LOOKUP_CREATE, NEED_WRITE, &r);

	if (ret)
		return ret;
	ret = key_lookup(id, LOOKUP_CREATE, NEED_LINK, &k);
	if (!ret) {
		ret = ring_link(r.key, k.key);
		key_put(k.key);
	}
	release(&r);
	return ret;
}

long keyctl_unlink(int id, int ring)
{
	struct key_ref r, k;
	long ret = begin(ring, 0, NEED_WRITE, &r);

	if (ret)
		return ret;
	ret = key_lookup(id, LOOKUP_PARTIAL, 0, &k);
	if (!ret) {
		ret = r.key->kind == KIND_KEYRING ? ring_unlink(r.key, k.key) : -ENOTDIR;
		key_put(k.key);
	}
	release(&r);
	return ret;
}

static long move(struct key *k, struct key *from, struct key *to, unsigned flags)
{
	struct key **at;
	int err;

	if (from == to)
		return 0;
	if (from->kind != KIND_KEYRING || to->kind != KIND_KEYRING)
		return -ENOTDIR;
	at = ring_find(from, k->kind, k->desc);
	if (!at || *at != k)
		return -ENOENT;
	if ((flags & KEYCTL_MOVE_EXCL) && ring_find(to, k->kind, k->desc))
		return -EEXIST;
	err = ring_link(to, k);
	return err ? err : ring_unlink(from, k);
}

long keyctl_move(int id, int from, int to, unsigned flags)
{
	struct key_ref r, f, t;
	long ret;

	if (flags & ~(unsigned)KEYCTL_MOVE_EXCL)
		return -EINVAL;
	ret = begin(id, LOOKUP_CREATE, NEED_LINK, &r);
	if (ret)
		return ret;
	ret = key_lookup(from, 0, NEED_WRITE, &f);
	if (!ret) {
		ret = key_lookup(to, LOOKUP_CREATE, NEED_WRITE, &t);
		if (!ret) {
			ret = move(r.key, f.key, t.key, flags);
			key_put(t.key);
		}
		key_put(f.key);
	}
	release(&r);
	return ret;
}

long keyctl_search(int ring, const char *type, const char *desc, int dest)
{
	struct key_search s = { .desc = desc };
	struct key_ref r, to = { 0 };
	struct key *k;
	long ret = begin(ring, 0, NEED_SEARCH, &r);

	if (ret)
		return ret;
	if (dest)
		ret = key_lookup(dest, LOOKUP_CREATE, NEED_WRITE, &to);
	if (!ret)
		ret = key_type_find(type, &s.kind);
	if (!ret) {
		k = ring_search(r.key, r.possessed, &s);
		if (!IS_ERR(k))
			ret = found(k, to.key);
		else
			ret = PTR_ERR(k) == -EAGAIN ? -ENOKEY : PTR_ERR(k);
	}
	key_put(to.key);
	release(&r);
	return ret;
}

/* A keyring reads as the serials in it. */
static long read_payload(const struct key *k, void **out)
{
	size_t n = k->kind == KIND_KEYRING ? k->len * sizeof(int) : k->len;

	*out = NULL;
	if (k->kind == KIND_LOGON)
		return -EOPNOTSUPP;
	if (!n)
		return 0;
	*out = kmalloc(n, 0);
	if (!*out)
		return -ENOMEM;
	if (k->kind != KIND_KEYRING)
		memcpy(*out, k->payload, n);
	for (size_t i = 0; k->kind == KIND_KEYRING && i < k->len; i++)
		((int *)*out)[i] = ((struct key *const *)k->payload)[i]->serial;
	return (long)n;
}

long keyctl_read(int id, void **out)
{
	struct key_ref r;
	long ret;

	mutex_lock(&keys_mutex);
	if (key_lookup(id, LOOKUP_PARTIAL, 0, &r)) {
		mutex_unlock(&keys_mutex);
		return -ENOKEY;
	}
	ret = r.key->error;
	/* Who finds it by a search may read it too. */
	if (!ret && key_may(r.key, r.possessed, NEED_READ) && !r.possessed)
		ret = -EACCES;
	if (!ret)
		ret = key_valid(r.key);
	if (!ret)
		ret = read_payload(r.key, out);
	release(&r);
	return ret;
}

long keyctl_set_timeout(int id, unsigned seconds)
{
	struct key_ref r;
	long ret = begin(id, LOOKUP_CREATE | LOOKUP_PARTIAL, NEED_SETATTR, &r);

	if (ret)
		return ret;
	r.key->expires = seconds ? key_now() + seconds : 0;
	release(&r);
	return 0;
}

long keyctl_may_view(int id)
{
	struct key_ref r;
	long ret = begin(id, LOOKUP_PARTIAL, NEED_VIEW, &r);

	if (!ret)
		release(&r);
	return ret;
}

long keyctl_restrict(int ring, const char *type, bool restriction)
{
	struct key_ref r;
	enum key_kind kind;
	long ret = begin(ring, 0, NEED_SETATTR, &r);

	if (ret)
		return ret;
	if (!type != !restriction)
		ret = -EINVAL;
	else if (type)
		ret = key_type_find(type, &kind) ? -ENOKEY : -ENOENT; /* none of them has one */
	else if (r.key->kind != KIND_KEYRING)
		ret = -ENOTDIR;
	else if (r.key->flags & KEY_NO_NEW_LINKS)
		ret = -EEXIST;
	else
		r.key->flags |= KEY_NO_NEW_LINKS;
	release(&r);
	return ret;
}

/* --- /proc/keys, /proc/key-users --- */

static void put_timeout(const struct key *k, char *out, size_t n)
{
	s64 left = k->expires - key_now();

	if (!k->expires)
		strlcpy(out, "perm", n);
	else if (left <= 0)
		strlcpy(out, "expd", n);
	else if (left < 60)
		snprintf(out, n, "%lds", left);
	else if (left < 60 * 60)
		snprintf(out, n, "%ldm", left / 60);
	else if (left < 60 * 60 * 24)
		snprintf(out, n, "%ldh", left / (60 * 60));
	else if (left < 60 * 60 * 24 * 7)
		snprintf(out, n, "%ldd", left / (60 * 60 * 24));
	else
		snprintf(out, n, "%ldw", left / (60 * 60 * 24 * 7));
}

static void tell(const struct key *k, struct key_info *o)
{
	size_t room = strlen(k->desc) + 32;

	o->serial = k->serial;
	o->usage = atomic_read(&k->refs);
	o->perm = k->perm;
	o->uid = k->uid;
	o->gid = shown_gid(k);
	o->type = key_type_name(k->kind);
	snprintf(o->flags, sizeof(o->flags), "I%c-%c-%c%c", k->flags & KEY_REVOKED ? 'R' : '-',
		 k->flags & KEY_IN_QUOTA ? 'Q' : '-', k->error ? 'N' : '-',
		 k->flags & KEY_INVALID ? 'i' : '-');
	put_timeout(k, o->timeout, sizeof(o->timeout));
	o->text = kmalloc(room, 0);
	if (!o->text)
		return;
	if (k->error)
		snprintf(o->text, room, "%s", k->desc);
	else if (k->kind == KIND_KEYRING && !k->len)
		snprintf(o->text, room, "%s: empty", k->desc);
	else
		snprintf(o->text, room, "%s: %zu", k->desc, k->len);
}

bool key_next(int from, struct key_info *out)
{
	struct key *k;
	bool more = false;

	mutex_lock(&keys_mutex);
	for (k = key_from(from); k && !more; k = key_from(k->serial + 1)) {
		const struct key_search s = { .serial = k->serial };

		if (!atomic_read(&k->refs) || key_may(k, !IS_ERR(process_search(&s)), NEED_VIEW))
			continue;
		tell(k, out);
		more = true;
	}
	mutex_unlock(&keys_mutex);
	return more;
}

bool key_user_next(u64 from, struct key_user_info *out)
{
	struct key_user *u;

	mutex_lock(&keys_mutex);
	u = key_user_from(from);
	if (u)
		*out = (struct key_user_info){
			.uid = u->uid,
			.usage = u->keys,
			.keys = u->keys,
			.ready = u->keys,
			.quota_keys = u->quota_keys,
			.max_keys = u->uid ? keys_max : keys_root_max,
			.quota_bytes = u->quota_bytes,
			.max_bytes = (u64)(u->uid ? keys_max_bytes : keys_root_max_bytes),
		};
	mutex_unlock(&keys_mutex);
	return u;
}
