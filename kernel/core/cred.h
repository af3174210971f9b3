/*
 * Credentials: credentials(7). A change makes a copy, and the task's pointer is set to that; so
 * all is written by whoever made the copy, before others can see it ([i]), but for [a], which
 * is atomic. Others read a task's credentials under RCU.
 */
#ifndef CORE_CRED_H
#define CORE_CRED_H

#include <types.h>
#include <atomic.h>
#include <uapi/prctl.h> /* CAP_* */
#include "core/domain.h"
#include "core/rcu.h"

struct key;

/* May a process's memory be seen, as a core file or through ptrace(2)? PR_SET_DUMPABLE(2const). */
enum { DUMP_NOT, DUMP_USER, DUMP_ROOT /* a core that is root's */ };
/* What a process is whose ids changed, or that runs a set-user-ID program; [a] proc(5), suid_dumpable. */
extern int suid_dumpable;

/* The keyrings that somebody has: keyrings(7), keys/. */
enum { CRED_THREAD, CRED_PROCESS, CRED_SESSION, CRED_RINGS };
struct cred_keys { /* [i] */
	struct key *ring[CRED_RINGS]; /* referenced; NULL: none yet */
	u8 reqkey; /* KEY_REQKEY_DEFL_*: where request_key(2) puts what it makes */
};
/* Set by keys/: references to those that are there. put: any context. */
extern void (*cred_keys_get)(struct cred_keys *k);
extern void (*cred_keys_put)(struct cred_keys *k);
struct user_ns;

struct cred {
	atomic_t refs; /* [a] */
	u32 uid, euid, suid, fsuid; /* [i] */
	u32 gid, egid, sgid, fsgid; /* [i] */
	u64 cap_permitted, cap_effective, cap_inheritable; /* [i] */
	u64 cap_bounding, cap_ambient; /* [i] */
	u32 securebits; /* [i] SECBIT_* */
	u32 ngroups; /* [i] */
	struct cred_keys keys; /* [i] */
	struct domain *domain; /* [i] referenced; NULL: nothing restricts it */
	/* [i] Where they count, referenced; NULL: that of boot (core/userns.h). */
	struct user_ns *user;
	struct rcu_head rcu; /* the last holder's */
	u32 groups[]; /* [i] sorted */
};

struct cred *cred_get(struct cred *c);
void cred_put(struct cred *c); /* NULL allowed; frees after a grace period */
struct cred *cred_copy(const struct cred *c,
		       u32 ngroups); /* NULL without memory; groups copied up to ngroups */
bool cred_in_group(const struct cred *c, u32 gid); /* fsgid or a supplementary group */
extern struct cred init_cred;

/*
 * current's credentials become c (whose reference passes), the old ones are put. As Linux's
 * commit: a changed effective or file system id makes the process undumpable and forgets
 * pdeath_signal.
 */
void cred_commit(struct cred *c);
bool cred_gains(const struct cred *old, const struct cred *c); /* so much that commit does that */
/*
 * What capabilities(7) says happens to c's capabilities when its user ids (setfsuid: its fsuid)
 * were just changed from old's. c is not shared yet.
 */
void cred_fixup_uid(struct cred *c, const struct cred *old);
void cred_fixup_fsuid(struct cred *c, const struct cred *old);

/* securebits (capabilities(7)) */
#define SECBIT_NOROOT		      (1u << 0)
#define SECBIT_NOROOT_LOCKED	      (1u << 1)
#define SECBIT_NO_SETUID_FIXUP	      (1u << 2)
#define SECBIT_NO_SETUID_FIXUP_LOCKED (1u << 3)
#define SECBIT_KEEP_CAPS	      (1u << 4)
#define SECBIT_KEEP_CAPS_LOCKED	      (1u << 5)
#define SECBIT_NO_CAP_AMBIENT_RAISE   (1u << 6)

/* Does current hold the capability (uapi CAP_* number) over the machine? ns_capable: over less. */
bool capable(int cap);

#define CAP_LAST CAP_LAST_CAP
#define CAP_ALL	 ((1ULL << (CAP_LAST + 1)) - 1)
#endif
