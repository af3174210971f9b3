/*
 * The kernel's keyrings: keyrings(7), add_key(2), request_key(2), keyctl(2). A key has a number, a
 * type, a description, an owner and rights; a keyring is a key that holds links to others. What a
 * thread, a process and a session have is in struct cred (core/cred.h).
 *
 * One mutex, keys_mutex, guards everything: the calls take it, and no memory of users is touched
 * under it. References are counted atomically, so that credentials may let go of theirs anywhere; the
 * last one leaves the freeing to a work queue.
 *
 * Names and payloads are kernel strings and buffers. All sleep. -errno as the manual pages say.
 */
#ifndef KEYS_KEYS_H
#define KEYS_KEYS_H

#include <types.h>
#include "core/cred.h"

struct task;

#define KEY_TYPE_MAX 32 /* bytes of a type's name, NUL included */
#define KEY_DESC_MAX 4096 /* of a description */

void keys_init(void);

/* --- what tasks do to their credentials --- */
struct cred *keys_clone_cred(struct cred *c, bool thread); /* for a new task; NULL: no memory */
void keys_exec_cred(struct cred *c); /* c, not shared yet, is for a new program */
void keys_take_offer(void); /* KEYCTL_SESSION_TO_PARENT: current is about to run its program */
void keys_exit(struct task *t); /* t has TF_EXITING */

/* --- the calls; ids are serials or KEY_SPEC_* --- */
long key_add(const char *type, const char *desc, const void *payload, size_t n, int ring);
long key_request(const char *type, const char *desc, bool callout, int dest);
long keyctl_get_keyring(int id, bool create);
long keyctl_join_session(const char *name); /* NULL: one without name */
long keyctl_update(int id, const void *payload, size_t n);
long keyctl_revoke(int id);
long keyctl_invalidate(int id);
long keyctl_chown(int id, u32 uid, u32 gid);
long keyctl_setperm(int id, u32 perm);
/* "type;uid;gid;perm;description" with its NUL, kmalloc'ed: its size. */
long keyctl_describe(int id, char **out);
long keyctl_clear(int ring);
long keyctl_link(int id, int ring);
long keyctl_unlink(int id, int ring);
long keyctl_move(int id, int from, int to, unsigned flags);
long keyctl_search(int ring, const char *type, const char *desc, int dest);
/* The payload, kmalloc'ed (NULL when it is empty): its size. */
long keyctl_read(int id, void **out);
long keyctl_set_reqkey(int where);
long keyctl_set_timeout(int id, unsigned seconds);
long keyctl_may_view(int id); /* KEYCTL_GET_SECURITY: 0 */
long keyctl_session_to_parent(void);
long keyctl_restrict(int ring, const char *type, bool restriction);

/* --- for /proc --- */
struct key_info {
	int serial;
	char flags[8]; /* as proc(5) has them */
	int usage;
	u32 perm, uid, gid;
	char timeout[8]; /* "perm", "expd", "12s" */
	const char *type;
	char *text; /* kmalloc'ed: description and size */
};
/* The first key with a serial >= from that current may view. False: none. */
bool key_next(int from, struct key_info *out);
struct key_user_info {
	u32 uid;
	int usage, keys, ready, quota_keys, max_keys;
	u64 quota_bytes, max_bytes;
};
bool key_user_next(u64 from, struct key_user_info *out); /* uid >= from */
extern int keys_max, keys_max_bytes, keys_root_max, keys_root_max_bytes, keys_gc_delay;
#endif
