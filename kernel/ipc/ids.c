/*
 * The tables of System V identifiers and who may use an object (ipc/ids.h).
 */
#include "ipc/ids.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/task.h"
#include "core/time.h"
#include "core/userns.h"

#define MIN_CYCLE 64 /* indexes that are used in turn before a low one is used again */
#define SEQ_MAX	  (S32_MAX >> IPC_SEQ_SHIFT)

void ipc_ids_init(struct ipc_ids *ids, int limit)
{
	mutex_init(&ids->mutex);
	radix_init(&ids->by_index, &radix_rcu_ops);
	radix_init(&ids->by_key, &radix_rcu_ops);
	ids->last = ids->next_id = -1;
	ids->limit = limit;
}

void ipc_object_init(struct ipc_object *o, void (*free)(struct ipc_object *o))
{
	const struct cred *c = current->cred;

	spin_init(&o->lock, RANK_IPC, "ipc object");
	atomic_set(&o->refs, 1);
	o->cuid = o->uid = c->euid;
	o->cgid = o->gid = c->egid;
	o->free = free;
}

static void free_rcu(struct rcu_head *h)
{
	struct ipc_object *o = container_of(h, struct ipc_object, rcu);

	o->free(o);
}

void ipc_object_put(struct ipc_object *o)
{
	if (atomic_dec_and_test(&o->refs))
		call_rcu(&o->rcu, free_rcu);
}

/* ---- look-up ---- */

static struct ipc_object *ipc_find_index(struct ipc_ids *ids, int index)
{
	struct ipc_object *o = radix_get(&ids->by_index, (u64)index);

	return o ? o : ERR_PTR(-EINVAL);
}

struct ipc_object *ipc_find(struct ipc_ids *ids, int id)
{
	struct ipc_object *o;

	if (id < 0)
		return ERR_PTR(-EINVAL);
	o = ipc_find_index(ids, id & (IPC_MNI - 1));
	return IS_ERR(o) || o->id == id ? o : ERR_PTR(-EINVAL);
}

int ipc_lock(struct ipc_object *o)
{
	spin_lock(&o->lock);
	if (likely(!o->deleted))
		return 0;
	spin_unlock(&o->lock);
	return -EIDRM;
}

struct ipc_object *ipc_find_lock(struct ipc_ids *ids, int id, u32 want)
{
	struct ipc_object *o = ipc_find(ids, id);
	int err;

	if (IS_ERR(o))
		return o;
	err = ipc_may(o, want);
	if (!err)
		err = ipc_lock(o);
	return err ? ERR_PTR(err) : o;
}

/* ---- permission ---- */

int ipc_may(const struct ipc_object *o, u32 want)
{
	const struct cred *c = current->cred;
	u32 granted = READ_ONCE(o->mode);

	want |= want >> 6 | want >> 3;
	if (c->euid == o->cuid || c->euid == o->uid)
		granted >>= 6;
	else if (cred_in_group(c, o->cgid) || cred_in_group(c, o->gid))
		granted >>= 3;
	return want & ~granted & 7 && !ns_capable(ipc_ns()->ns.owner, CAP_IPC_OWNER) ? -EACCES : 0;
}

/* IPC_SET, IPC_RMID. */
static int may_control(const struct ipc_object *o)
{
	const struct cred *c = current->cred;

	return c->euid == o->cuid || c->euid == o->uid ||
			       ns_capable(ipc_ns()->ns.owner, CAP_SYS_ADMIN) ?
		       0 :
		       -EPERM;
}

struct ipc_object *ipc_stat_lock(struct ipc_ids *ids, int id, bool by_index, bool any)
{
	struct ipc_object *o = by_index ? ipc_find_index(ids, id & (IPC_MNI - 1)) :
					  ipc_find(ids, id);
	int err;

	if (IS_ERR(o))
		return o;
	err = any ? 0 : ipc_may(o, IPC_READ);
	if (!err)
		err = ipc_lock(o);
	return err ? ERR_PTR(err) : o;
}

struct ipc_object *ipc_control_lock(struct ipc_ids *ids, int id)
{
	struct ipc_object *o;
	int err;

	mutex_lock(&ids->mutex);
	o = ipc_find(ids, id);
	err = IS_ERR(o) ? (int)PTR_ERR(o) : may_control(o);
	if (err) {
		mutex_unlock(&ids->mutex);
		return ERR_PTR(err);
	}
	spin_lock(&o->lock);
	return o;
}

void ipc_control_unlock(struct ipc_ids *ids, struct ipc_object *o)
{
	spin_unlock(&o->lock);
	mutex_unlock(&ids->mutex);
}

struct ipc_object *ipc_next_lock(struct ipc_ids *ids, u64 *index)
{
	struct ipc_object *o;

	mutex_lock(&ids->mutex);
	o = radix_next(&ids->by_index, index);
	if (o)
		spin_lock(&o->lock);
	return o;
}

void ipc_next_unlock(struct ipc_ids *ids, struct ipc_object *o)
{
	if (o)
		spin_unlock(&o->lock);
	mutex_unlock(&ids->mutex);
}

int ipc_set_perm(struct ipc_object *o, const struct ipc64_perm *p)
{
	u32 uid = kuid_of(current_user_ns(), p->uid), gid = kgid_of(current_user_ns(), p->gid);

	if (uid == NO_ID || gid == NO_ID)
		return -EINVAL;
	o->uid = uid;
	o->gid = gid;
	o->mode = (o->mode & ~IPC_PERM_BITS) | (p->mode & IPC_PERM_BITS);
	return 0;
}

void ipc_fill_perm(const struct ipc_object *o, struct ipc64_perm *p)
{
	const struct user_ns *u = current_user_ns();

	*p = (struct ipc64_perm){
		.key = o->key,
		.uid = uid_shown(u, o->uid),
		.gid = gid_shown(u, o->gid),
		.cuid = uid_shown(u, o->cuid),
		.cgid = gid_shown(u, o->cgid),
		.mode = o->mode,
		.seq = o->seq,
	};
}

s64 ipc_seconds(void)
{
	return (s64)(now_real() / NSEC_PER_SEC);
}

/* ---- coming and going ---- */

/* [T] The first free index in [from, to), or -1. */
static int free_index(struct ipc_ids *ids, int from, int to)
{
	u64 at = (u64)from, found = at;

	while (at < (u64)to && radix_next(&ids->by_index, &found) && found == at)
		found = ++at;
	return at < (u64)to ? (int)at : -1;
}

/*
 * [T] Chooses index and sequence number as Linux does: indexes go round in a range that is half
 * again as large as what is used, and the sequence rises each time round; so an identifier that is
 * gone is long not given again.
 */
static int choose_id(struct ipc_ids *ids, struct ipc_object *o)
{
	int range = min(max(ids->in_use * 3 / 2, MIN_CYCLE), IPC_MNI), index;

	if (ids->next_id >= 0) {
		index = free_index(ids, ids->next_id & (IPC_MNI - 1), IPC_MNI);
		o->seq = (unsigned short)(ids->next_id >> IPC_SEQ_SHIFT);
		ids->next_id = -1;
	} else {
		index = free_index(ids, ids->cursor, range);
		if (index < 0)
			index = free_index(ids, 0, range);
		if (index >= 0 && index <= ids->last && ++ids->seq >= SEQ_MAX)
			ids->seq = 0;
		ids->cursor = index + 1;
		ids->last = index;
		o->seq = (unsigned short)ids->seq;
	}
	if (index < 0)
		return -ENOSPC;
	o->id = (int)((unsigned)o->seq << IPC_SEQ_SHIFT) + index;
	return index;
}

/* [T] Into the tables; -errno leaves it to the caller. */
static int enter(struct ipc_ids *ids, struct ipc_object *o)
{
	int index;

	if (ids->in_use >= min(READ_ONCE(ids->limit), IPC_MNI))
		return -ENOSPC;
	if (o->key != IPC_PRIVATE && radix_set(&ids->by_key, (u32)o->key, o))
		return -ENOMEM;
	index = choose_id(ids, o);
	if (index >= 0 && radix_set(&ids->by_index, (u64)index, o))
		index = -ENOMEM;
	if (index < 0) {
		ipc_forget_key(ids, o);
		return index;
	}
	ids->in_use++;
	return 0;
}

static long make(struct ipc_ids *ids, int key, u64 size, int flags, const struct ipc_get *kind)
{
	struct ipc_object *o = kind->create(size, flags);
	int err;

	if (IS_ERR(o))
		return PTR_ERR(o);
	o->key = key;
	o->mode = (u32)flags & IPC_PERM_BITS;
	err = enter(ids, o);
	if (!err) {
		kind->entered(o);
		return o->id;
	}
	if (kind->abandon)
		kind->abandon(o);
	ipc_object_put(o);
	return err;
}

/* [T] An object of the key is there: may it be used as asked? */
static long take(struct ipc_object *o, u64 size, int flags, const struct ipc_get *kind)
{
	int err;

	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	err = kind->check ? kind->check(o, size) : 0;
	if (!err)
		err = ipc_may(o, (u32)flags);
	return err ? err : o->id;
}

long ipc_get(struct ipc_ids *ids, int key, u64 size, int flags, const struct ipc_get *kind)
{
	struct ipc_object *o;
	long ret;

	mutex_lock(&ids->mutex);
	o = key == IPC_PRIVATE ? NULL : radix_get(&ids->by_key, (u32)key);
	if (o)
		ret = take(o, size, flags, kind);
	else if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
		ret = -ENOENT;
	else
		ret = make(ids, key, size, flags, kind);
	mutex_unlock(&ids->mutex);
	return ret;
}

void ipc_forget_key(struct ipc_ids *ids, struct ipc_object *o)
{
	if (o->key != IPC_PRIVATE)
		radix_del(&ids->by_key, (u32)o->key);
	o->key = IPC_PRIVATE;
}

void ipc_remove(struct ipc_ids *ids, struct ipc_object *o)
{
	ipc_forget_key(ids, o);
	radix_del(&ids->by_index, (u64)(o->id & (IPC_MNI - 1)));
	ids->in_use--;
	o->deleted = true;
}

int ipc_max_index(struct ipc_ids *ids)
{
	u64 index = IPC_MNI;

	return radix_prev(&ids->by_index, &index) ? (int)index : 0;
}

/* ---- waiting ---- */

void ipc_sleep_begin(struct ipc_sleeper *s)
{
	s->task = current;
	s->status = IPC_ASLEEP;
	WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
}

/* A deadline on the real-time clock, by its present setting. */
static u64 mono_deadline(u64 when)
{
	u64 now = now_real(), mono = now_mono(), left = when > now ? when - now : 0;

	return left < TIME_FOREVER - 1 - mono ? mono + left : TIME_FOREVER - 1;
}

int ipc_sleep(struct ipc_sleeper *s, u64 deadline, bool realtime)
{
	struct waiter step;
	int err = 0;

	realtime = realtime && deadline != WAIT_FOREVER;
	/* A step of the clock wakes the sleeper, who then counts afresh. */
	if (realtime) {
		waiter_init(&step);
		waitq_add(&time_set_wait, &step);
	}
	for (;;) {
		smp_mb();
		if (READ_ONCE(s->status) != IPC_ASLEEP || err)
			break;
		err = wait_sleep(realtime ? mono_deadline(deadline) : deadline);
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
		if (realtime && !err)
			waitq_add(&time_set_wait, &step);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
	if (realtime)
		waitq_remove(&time_set_wait, &step);
	return smp_load_acquire(&s->status) == IPC_ASLEEP ? err : 0;
}

void ipc_tell(struct ipc_sleeper *s, int status, struct wake_list *wakes)
{
	struct task *t = s->task;

	smp_store_release(&s->status, status);
	wake_later(wakes, t, TASK_INTERRUPTIBLE);
}

void ipc_wake_all(struct wake_list *wakes)
{
	wake_list_run(wakes, TASK_INTERRUPTIBLE);
}
