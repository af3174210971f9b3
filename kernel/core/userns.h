/*
 * User namespaces: user_namespaces(7). The kernel's own numbers of users and groups (kuid, kgid: what
 * credentials and inodes hold) are those of the namespace of boot, which NULL stands for: there every
 * number is itself, and nobody pays for the others. In another a number is what its map says, if
 * anything. A capability in a credential counts in its namespace and in those below.
 *
 * Locks: a map is written once, under the mutex of userns.c, and published by its count; [i] as ever.
 */
#ifndef CORE_USERNS_H
#define CORE_USERNS_H

#include "core/cred.h"
#include "core/ns.h"

#define NO_ID		(~0u) /* no such user */
#define USER_NS_EXTENTS 340
#define USER_NS_MAX	33 /* levels below boot's */

/* Who has no number in a namespace is seen as; [a], /proc/sys/kernel/overflowuid and overflowgid. */
extern int overflow_uid, overflow_gid;

enum id_kind { ID_USER, ID_GROUP, ID_PROJECT, ID_KINDS };

struct id_extent {
	u32 first; /* of count numbers in the namespace */
	u32 lower; /* what they are to the kernel */
	u32 count;
};
struct id_map {
	struct id_extent *extents; /* [i] once n is set */
	u32 n; /* [a] 0: not written yet */
};

struct user_ns {
	struct ns ns; /* its owner is its parent */
	int level; /* [i] 1 below boot's */
	u32 uid, gid; /* [i] whose it is: who made it, as the kernel numbers them */
	bool may_setfcap; /* [i] its maker had CAP_SETFCAP above it */
	bool no_setgroups; /* [the mutex] "deny" */
	struct id_map map[ID_KINDS];
	int limits[USER_LIMITS]; /* [a] of what each user may have in it, and below */
	struct rcu_head rcu;
};

/* Those of the namespace of boot, and those of u. */
extern int user_limits_first[USER_LIMITS];
int *user_limits(struct user_ns *u);
/* namespaces: how many of each kind a user may have, in the namespace of boot. */
void user_limits_init(int namespaces);
/*
 * One of `what` more for user uid in u, and for whoever made u in its parent, and so on up to boot's: true,
 * or false, nothing counted: one of them would have more than the limit there, or memory is out. u stays
 * until it is given back. Any context.
 */
bool user_ns_charge(struct user_ns *u, u32 uid, enum user_count what);
void user_ns_uncharge(struct user_ns *u, u32 uid, enum user_count what);

static inline struct user_ns *user_ns_of(struct ns *n)
{
	return (struct user_ns *)n; /* its first member */
}
static inline struct user_ns *current_user_ns(void)
{
	return current->cred->user;
}
static inline struct user_ns *user_ns_get(struct user_ns *u)
{
	if (u)
		ns_get(&u->ns);
	return u;
}
static inline void user_ns_put(struct user_ns *u) /* does not sleep; freed after a grace period */
{
	if (u)
		ns_put(&u->ns);
}
static inline struct user_ns *user_ns_parent(const struct user_ns *u)
{
	return u->ns.owner;
}

/* Does c hold the capability over what belongs to u? */
bool cred_ns_capable(const struct cred *c, const struct user_ns *u, int cap);
/* Does current? */
bool ns_capable(const struct user_ns *u, int cap);
/* Over what is of its own namespace? */
static inline bool own_capable(int cap)
{
	return current->cred->cap_effective >> cap & 1;
}
/* Over t? */
static inline bool task_capable(const struct task *t, int cap)
{
	return ns_capable(smp_load_acquire(&t->cred)->user, cap);
}
bool user_ns_within(const struct user_ns *u, const struct user_ns *top); /* top, or below it */

/* The map itself; NO_ID: there is no such. */
u32 id_map_down(const struct user_ns *u, enum id_kind kind, u32 id);
u32 id_map_up(const struct user_ns *u, enum id_kind kind, u32 kid);

/* What the kernel calls the user `uid` of u; NO_ID: nobody. */
static inline u32 kuid_of(const struct user_ns *u, u32 uid)
{
	return likely(!u) ? uid : id_map_down(u, ID_USER, uid);
}
static inline u32 kgid_of(const struct user_ns *u, u32 gid)
{
	return likely(!u) ? gid : id_map_down(u, ID_GROUP, gid);
}
/* As one is shown there: nobody has the overflow number. */
static inline u32 uid_shown(const struct user_ns *u, u32 kuid)
{
	u32 id;

	if (likely(!u))
		return kuid;
	id = id_map_up(u, ID_USER, kuid);
	return id == NO_ID ? (u32)READ_ONCE(overflow_uid) : id;
}
static inline u32 gid_shown(const struct user_ns *u, u32 kgid)
{
	u32 id;

	if (likely(!u))
		return kgid;
	id = id_map_up(u, ID_GROUP, kgid);
	return id == NO_ID ? (u32)READ_ONCE(overflow_gid) : id;
}
/* Is the owner of an inode somebody in the namespace? */
static inline bool ids_known(const struct user_ns *u, u32 kuid, u32 kgid)
{
	return likely(!u) ||
	       (id_map_up(u, ID_USER, kuid) != NO_ID && id_map_up(u, ID_GROUP, kgid) != NO_ID);
}

/*
 * A namespace of current's making below its own, and the credentials in it, not yet anybody's: *out.
 * -ENOSPC: too deep; -EPERM: current is nobody in its own; -ENOMEM.
 */
int user_ns_make(struct cred **out);
/* current's credentials in u, for setns(2), likewise; u's reference stays the caller's. */
int user_ns_join(struct user_ns *u, struct cred **out);

/* The text of /proc/PID/uid_map and its like, by who opened the file. 0 or -errno. */
int id_map_write(struct user_ns *u, enum id_kind kind, const struct cred *opener, char *text);
bool user_ns_may_setgroups(const struct user_ns *u);
int user_ns_set_setgroups(struct user_ns *u, bool allow); /* 0 or -EPERM */
#endif
