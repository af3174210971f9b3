/* What the files of keys/ share. keys_mutex is held in all but key_get and key_put. */
#ifndef KEYS_ROOM_H
#define KEYS_ROOM_H

#include <uapi/keyctl.h>
#include "core/mutex.h"
#include "core/task.h"
#include "keys/keys.h"
#include "lib/list.h"
#include "lib/rbtree.h"

/* Rights, four times: of possessors (<< 24), of the owner (<< 16), of the group (<< 8), of others. */
#define NEED_VIEW    0x01u
#define NEED_READ    0x02u
#define NEED_WRITE   0x04u
#define NEED_SEARCH  0x08u
#define NEED_LINK    0x10u
#define NEED_SETATTR 0x20u
#define NEED_ALL     0x3fu
#define POS(need)    ((need) << 24)
#define USR(need)    ((need) << 16)

enum key_kind { KIND_KEYRING, KIND_USER, KIND_LOGON };

#define KEY_REVOKED	 (1u << 0)
#define KEY_INVALID	 (1u << 1)
#define KEY_IN_QUOTA	 (1u << 2)
#define KEY_UID_KEYRING	 (1u << 3) /* a user's own: found by name by its owner alone */
#define KEY_NO_NEW_LINKS (1u << 4) /* KEYCTL_RESTRICT_KEYRING */

struct key_user { /* stays once it is there */
	struct rb_node node; /* by uid */
	u32 uid;
	int keys, quota_keys;
	u64 quota_bytes;
	struct key *ring, *session; /* its keyrings; NULL: nobody asked for them yet */
};

struct key {
	atomic_t refs; /* [a] */
	int serial;
	enum key_kind kind;
	u32 uid, gid, perm, flags;
	int error; /* 0; what a negative key answers: -ENOKEY */
	s64 expires; /* seconds of now_real(); 0 never */
	struct key_user *user;
	u64 quota; /* bytes charged to user */
	char *desc;
	void *payload; /* bytes; or a keyring's links, each referenced */
	size_t len, room; /* bytes, or links and how many there is room for */
	struct rb_node node; /* by serial */
	struct key *dead; /* the next to be freed, once refs is 0 */
};

extern struct mutex keys_mutex;

static inline struct key *key_get(struct key *k)
{
	atomic_inc(&k->refs);
	return k;
}
void key_put(struct key *k); /* any context; NULL allowed */
const char *key_type_name(enum key_kind kind);
int key_type_find(const char *name, enum key_kind *kind); /* 0, -ENOKEY */
s64 key_now(void);

#define ALLOC_QUOTA   1u /* within the owner's quota: -EDQUOT */
#define ALLOC_OVERRUN 2u /* counted, but not refused */
/* A new one, referenced. ERR_PTR. */
struct key *key_alloc(enum key_kind kind, const char *desc, u32 uid, u32 gid, u32 perm,
		      unsigned how);
int key_set_payload(struct key *k, const void *p, size_t n); /* of no keyring; quota kept */
int key_reserve(struct key *k, u64 quota); /* charges it that much: 0, -EDQUOT */
int key_valid(const struct key *k); /* 0, -ENOKEY, -EKEYREVOKED, -EKEYEXPIRED */
int key_ready(const struct key *k); /* the same, and what a negative one answers */
int key_may(const struct key *k, bool possessed, u32 need); /* 0, -EACCES */
struct key *key_find(int serial); /* the key, no reference; NULL */
struct key *key_from(int serial); /* the first with that serial or more */
struct key_user *key_user_of(u32 uid); /* ERR_PTR */
struct key_user *key_user_from(u64 uid);
struct key *key_named_ring(const char *name); /* a keyring that current may join; NULL */
void key_give(struct key *k, u32 uid, u32 gid); /* another owner: quota moves along */
void key_remove_links(struct key *k); /* out of all keyrings */
void keys_sweep(void); /* what has been dead for long goes */

/* --- keyrings: ring.c --- */
struct key **ring_find(struct key *ring, enum key_kind kind,
		       const char *desc); /* NULL: not there */
int ring_link(struct key *ring, struct key *k); /* displaces one of its type and name; checks all */
int ring_unlink(struct key *ring, struct key *k); /* 0, -ENOENT */
void ring_clear(struct key *ring);

/* What is looked for: by number, or by type and description. */
struct key_search {
	int serial; /* not 0: this one, in whatever state */
	enum key_kind kind;
	const char *desc;
};
/* Below ring, which is possessed or not. The key, no reference; ERR_PTR(-EAGAIN: not there, ...). */
struct key *ring_search(struct key *ring, bool possessed, const struct key_search *s);
struct key *
process_search(const struct key_search *s); /* in all that current has: possessed then */

/* --- by what it is to current: process.c --- */
#define LOOKUP_CREATE  1u
#define LOOKUP_PARTIAL 2u /* a negative or dead one too */
struct key_ref {
	struct key *key; /* referenced */
	bool possessed;
};
/* need 0: no permission is asked for. */
int key_lookup(int id, unsigned how, u32 need, struct key_ref *out);
struct key *request_ring(int dest); /* where request_key puts it: referenced; NULL none; ERR_PTR */
#endif
