/*
 * Identifiers of System V IPC: what shared memory, semaphores and message queues
 * have in common. An object has an index in a table of its kind and a sequence
 * number; both together are the identifier that programs see (svipc(7)).
 *
 * Locks: [T] ids->mutex (sleeping): the tables, who comes and goes. [o] the
 * object's own spinlock (RANK_IPC), all that the calls on one object need. A look-up takes neither:
 * the tables are read under RCU, and `deleted` is asked once the object is locked.
 * Order: [T], [o]. An object is freed a grace period after its last reference.
 *
 * A namespace (ipc_namespaces(7)) has tables and limits of its own; calls look in current's.
 */
#ifndef IPC_IDS_H
#define IPC_IDS_H

#include <types.h>
#include <atomic.h>
#include <uapi/ipc.h>
#include "core/mutex.h"
#include "core/ns.h"
#include "core/rcu.h"
#include "core/wait.h"
#include "lib/radix.h"
#include "sync/spinlock.h"

#define IPC_MNI	      32768 /* indexes there can be of a kind */
#define IPC_SEQ_SHIFT 15
#define IPC_PERM_BITS 0777u
#define IPC_READ      0444u /* for anybody: what ipc_may is asked */
#define IPC_WRITE     0222u
#define IPC_EXEC      0111u

struct ipc_object {
	spinlock_t lock;
	bool deleted; /* [o] */
	atomic_t refs; /* [a] the table's, and those of who sleeps or waits for [T] */
	int id; /* [I] */
	unsigned short seq; /* [I] */
	int key; /* [T][o] IPC_PRIVATE: none */
	u32 uid, gid, mode; /* [o] */
	u32 cuid, cgid; /* [I] */
	struct rcu_head rcu;
	void (*free)(struct ipc_object *o); /* [I] memory only */
};

struct ipc_ids {
	struct mutex mutex;
	struct radix_tree by_index, by_key; /* [T]; read under RCU */
	int in_use; /* [T] */
	int last; /* [T] index given last; -1: none yet */
	int cursor; /* [T] where the search for a free one begins */
	unsigned seq; /* [T] */
	int next_id; /* [T] to take; sem_next_id and its like in /proc/sys/kernel, -1: any */
	int limit; /* objects that may be: shmmni and its like */
};

struct mount;

struct ipc_ns { /* numbers without a lock: /proc/sys/kernel and fs/mqueue, any time */
	struct ns ns;
	struct ipc_ids shm, sem, msg;
	u64 shm_max, shm_all; /* kernel.shmmax (bytes), kernel.shmall (pages) */
	u64 shm_pages; /* [T] in all segments */
	int shm_rmid_forced; /* written by shm_force_rmid */
	int sem_msl, sem_mns,
		sem_opm; /* kernel.sem: SEMMSL, SEMMNS, SEMOPM; its fourth is sem.limit */
	int sems_used; /* [T] in all sets */
	int msg_max, msg_mnb; /* kernel.msgmax, kernel.msgmnb */
	struct mount *mq_mount; /* [i] the file system of POSIX queues */
	int mq_queues_max, mq_msg_max, mq_msgsize_max, mq_msg_default, mq_msgsize_default;
};
extern struct ipc_ns first_ipc;
static inline struct ipc_ns *ipc_ns(void)
{
	struct ns *n = current->ns[NS_IPC];

	return n ? container_of(n, struct ipc_ns, ns) : &first_ipc;
}
void ipc_init(void); /* boot, behind vfs_init */
struct ns *ipc_unshare(struct user_ns *owner); /* an empty one; ERR_PTR(-ENOMEM) */
void ipc_ids_init(struct ipc_ids *ids, int limit);
/* What the rooms have in a namespace: at its birth, and, when nobody is in it any more, the end. */
void shm_ns_init(struct ipc_ns *n);
void shm_ns_exit(struct ipc_ns *n);
void sem_ns_init(struct ipc_ns *n);
void sem_ns_exit(struct ipc_ns *n);
void msg_ns_init(struct ipc_ns *n);
void msg_ns_exit(struct ipc_ns *n);
int mq_ns_init(struct ipc_ns *n); /* -ENOMEM */
void mq_ns_exit(struct ipc_ns *n);

/* What *get(2) of a kind does. Both are called with [T]. */
struct ipc_get {
	/* A new object, of which the key and mode are set here later; ERR_PTR. */
	struct ipc_object *(*create)(u64 size, int flags);
	int (*check)(const struct ipc_object *o, u64 size); /* an old one serves? 0 or -EINVAL */
	void (*entered)(struct ipc_object *o); /* it is in the tables: counted from now on */
	void (*abandon)(struct ipc_object *o); /* or not: gives up what it holds; may be NULL */
};
long ipc_get(struct ipc_ids *ids, int key, u64 size, int flags, const struct ipc_get *kind);

void ipc_object_init(struct ipc_object *o, void (*free)(struct ipc_object *o));
void ipc_object_put(struct ipc_object *o);
static inline void ipc_object_hold(struct ipc_object *o)
{
	atomic_inc(&o->refs);
}

/* RCU: the object of an identifier, valid until the caller sleeps. ERR_PTR(-EINVAL). */
struct ipc_object *ipc_find(struct ipc_ids *ids, int id);
/* Locks it: 0; -EIDRM, unlocked, when it was removed meanwhile. */
int ipc_lock(struct ipc_object *o);
/* ipc_find, permission for `want` (IPC_READ, IPC_WRITE), ipc_lock. ERR_PTR. */
struct ipc_object *ipc_find_lock(struct ipc_ids *ids, int id, u32 want);

/*
 * For *_STAT: id is an identifier or, by_index, an index; `any` asks for no permission. ERR_PTR.
 */
struct ipc_object *ipc_stat_lock(struct ipc_ids *ids, int id, bool by_index, bool any);
/* For IPC_SET, IPC_RMID: with permission, [T] and [o] held. ERR_PTR, nothing held. */
struct ipc_object *ipc_control_lock(struct ipc_ids *ids, int id);
void ipc_control_unlock(struct ipc_ids *ids, struct ipc_object *o);
/*
 * The first object at *index or above, *index made its index: [T] and [o] held; NULL, only [T]. To
 * be followed by ipc_next_unlock.
 */
struct ipc_object *ipc_next_lock(struct ipc_ids *ids, u64 *index);
void ipc_next_unlock(struct ipc_ids *ids, struct ipc_object *o);

int ipc_may(const struct ipc_object *o, u32 want); /* 0 or -EACCES */
int ipc_set_perm(struct ipc_object *o, const struct ipc64_perm *p); /* [o] 0 or -EINVAL */
void ipc_fill_perm(const struct ipc_object *o, struct ipc64_perm *p); /* [o] */
void ipc_forget_key(struct ipc_ids *ids, struct ipc_object *o); /* [T][o] it can't be found by it */
/* [T][o] Out of the tables, and deleted. The table's reference becomes the caller's. */
void ipc_remove(struct ipc_ids *ids, struct ipc_object *o);
int ipc_max_index(struct ipc_ids *ids); /* [T] of those there are; 0 without any */

/* Seconds since 1970, as *_ds have them. */
s64 ipc_seconds(void);

/*
 * Waiting for an object: whoever can do what the sleeper waits for does it, takes the sleeper out
 * of its queue and tells the outcome. The queue's lock guards `status` until it is no longer
 * IPC_ASLEEP; from then on it is the sleeper's, and nobody else looks at its stack.
 */
#define IPC_ASLEEP 1
struct ipc_sleeper {
	struct task *task; /* [I] */
	int status; /* IPC_ASLEEP, 0 or -errno */
};
void ipc_sleep_begin(struct ipc_sleeper *s); /* with the queue's lock, before that is dropped */
/*
 * Until somebody told (IPC_ASLEEP is not returned, then), a signal (-ERESTARTSYS) or the deadline
 * (-ETIMEDOUT); the last two are only hints until the queue's lock is held and status read again.
 */
int ipc_sleep(struct ipc_sleeper *s, u64 deadline, bool realtime);
/* [queue's lock] The task is woken by ipc_wake_all, once unlocked. */
void ipc_tell(struct ipc_sleeper *s, int status, struct wake_list *wakes);
void ipc_wake_all(struct wake_list *wakes);
#endif
