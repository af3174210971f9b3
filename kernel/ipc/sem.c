/*
 * System V semaphores: the operations (ipc/sem.h).
 *
 * A call's operations happen all at once or not at all. When one of them can't be, the caller sleeps
 * in the queue of that semaphore, and only a change of it is a reason to try again. Whoever changes
 * values does the work of those sleepers who can go on, in order of arrival, those that
 * wait for zero first; their changes may let others go on. So a sleeper never competes once it
 * is woken.
 *
 * Locks: the set's object lock [o] for all.
 */
#include "ipc/sem.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/task.h"
#include "ipc/sem_room.h"

#define SEMMNI 32000
#define SEMMSL 32000
#define SEMMNS (SEMMNI * SEMMSL)
#define SEMOPM 500

struct sem_sleeper {
	struct ipc_sleeper sleep;
	struct list_head link; /* [o] in the queue of the semaphore that it waits for */
	u64 arrival; /* [o] */
	const struct sembuf *ops; /* [I] */
	unsigned n; /* [I] */
	unsigned at; /* [o] which of them can't be done yet */
	struct sem_undo *undo; /* [I] with SEM_UNDO */
	struct pid *pid; /* [I] of a process that waits */
};

void sem_ns_init(struct ipc_ns *n)
{
	ipc_ids_init(&n->sem, SEMMNI);
	n->sem_msl = SEMMSL;
	n->sem_mns = SEMMNS;
	n->sem_opm = SEMOPM;
}

static void set_free(struct ipc_object *o)
{
	struct sem_set *s = to_set(o);

	for (unsigned i = 0; i < s->n; i++)
		pid_put(s->sems[i].pid);
	kfree(s);
}

static struct ipc_object *create(u64 size, int flags __unused)
{
	unsigned n = (unsigned)size;
	struct sem_set *s;

	if (!n)
		return ERR_PTR(-EINVAL);
	if ((int)n > READ_ONCE(ipc_ns()->sem_mns) - ipc_ns()->sems_used)
		return ERR_PTR(-ENOSPC);
	s = kzalloc(sizeof(*s) + n * sizeof(s->sems[0]), 0);
	if (!s)
		return ERR_PTR(-ENOMEM);
	ipc_object_init(&s->o, set_free);
	s->ctime = ipc_seconds();
	s->n = n;
	list_init(&s->undos);
	for (unsigned i = 0; i < n; i++) {
		list_init(&s->sems[i].lower);
		list_init(&s->sems[i].zero);
	}
	return &s->o;
}

static void entered(struct ipc_object *o)
{
	ipc_ns()->sems_used += (int)to_set(o)->n;
}

static int check(const struct ipc_object *o, u64 size)
{
	return size > container_of(o, struct sem_set, o)->n ? -EINVAL : 0;
}

long sem_get(int key, int nsems, int flags)
{
	static const struct ipc_get kind = { .create = create, .check = check, .entered = entered };

	if (nsems < 0 || nsems > READ_ONCE(ipc_ns()->sem_msl))
		return -EINVAL;
	return ipc_get(&ipc_ns()->sem, key, (u64)nsems, flags, &kind);
}

/* ---- one call's operations ---- */

/* [o] Takes back the first n of w's operations. */
static void take_back(struct sem_set *s, const struct sem_sleeper *w, unsigned n)
{
	while (n--) {
		const struct sembuf *op = &w->ops[n];

		s->sems[op->sem_num].value -= op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			w->undo->adjust[op->sem_num] += op->sem_op;
	}
}

/* [o] 0: all are done. 1: w->at says which has to wait. Else -errno; then nothing is done. */
static int try(struct sem_set *s, struct sem_sleeper *w)
{
	int err = 0;
	unsigned i;

	for (i = 0; i < w->n; i++) {
		const struct sembuf *op = &w->ops[i];
		struct sem *sem = &s->sems[op->sem_num];
		int value = sem->value + op->sem_op, adjust;

		if (value < 0 || (!op->sem_op && value)) {
			err = op->sem_flg & IPC_NOWAIT ? -EAGAIN : 1;
			break;
		}
		if (value > SEMVMX) {
			err = -ERANGE;
			break;
		}
		if (op->sem_flg & SEM_UNDO) {
			adjust = w->undo->adjust[op->sem_num] - op->sem_op;
			if (adjust < -SEMAEM - 1 || adjust > SEMAEM) {
				err = -ERANGE;
				break;
			}
			w->undo->adjust[op->sem_num] = (s16)adjust;
		}
		sem->value = value;
	}
	if (err) {
		w->at = i;
		take_back(s, w, i);
		return err;
	}
	for (i = 0; i < w->n; i++) {
		struct sem *sem = &s->sems[w->ops[i].sem_num];

		pid_note(&sem->pid, w->pid);
		if (w->ops[i].sem_op)
			sem_mark_changed(s, sem);
	}
	return 0;
}

/* ---- sleepers ---- */

/* [o] w into the queue of what it waits for, by its arrival. */
static void enqueue(struct sem_set *s, struct sem_sleeper *w)
{
	const struct sembuf *op = &w->ops[w->at];
	struct sem *sem = &s->sems[op->sem_num];
	struct list_head *queue = op->sem_op ? &sem->lower : &sem->zero;
	struct sem_sleeper *before;

	list_for_each_entry_reverse(before, queue, link)
		if (before->arrival < w->arrival)
			break;
	list_add(&w->link, &before->link);
}

/* [o] w does not sleep any more. */
static void unqueue(struct sem_set *s, struct sem_sleeper *w)
{
	list_del(&w->link);
	s->complex -= w->n > 1;
}

/* [o] Those of a queue who can go on do; who has to wait for something else now goes there. */
static void retry(struct sem_set *s, struct sem *sem, struct list_head *queue,
		  struct wake_list *wakes)
{
	struct sem_sleeper *w, *next;
	int err;

	list_for_each_entry_safe(w, next, queue, link) {
		const struct sembuf *op;

		/* Nothing more to be had here, but by a call that adds before it takes. */
		if (!s->complex && (queue == &sem->zero) == !!sem->value)
			break;
		err = try(s, w);
		if (err <= 0) {
			unqueue(s, w);
			if (!err)
				s->otime = ipc_seconds();
			ipc_tell(&w->sleep, err, wakes);
			continue;
		}
		op = &w->ops[w->at];
		if (&s->sems[op->sem_num] != sem ||
		    (op->sem_op ? &sem->lower : &sem->zero) != queue) {
			list_del(&w->link);
			enqueue(s, w);
		}
	}
}

void sem_wake(struct sem_set *s, struct wake_list *wakes)
{
	struct sem *sem;

	while ((sem = s->changed)) {
		s->changed = sem->next_changed;
		sem->changed = false;
		retry(s, sem, &sem->zero, wakes);
		retry(s, sem, &sem->lower, wakes);
	}
}

/* [o], dropped here. */
static int sleep(struct sem_set *s, struct sem_sleeper *w, u64 deadline)
{
	int err;

	w->arrival = s->arrivals++;
	s->complex += w->n > 1;
	enqueue(s, w);
	ipc_sleep_begin(&w->sleep);
	ipc_object_hold(&s->o);
	spin_unlock(&s->o.lock);
	err = ipc_sleep(&w->sleep, deadline, false);
	if (err) {
		spin_lock(&s->o.lock);
		if (w->sleep.status == IPC_ASLEEP)
			unqueue(s, w);
		spin_unlock(&s->o.lock);
	}
	ipc_object_put(&s->o);
	if (w->sleep.status != IPC_ASLEEP)
		return w->sleep.status;
	return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

/* With SEM_UNDO: w->undo. It stays as long as the set does. */
static int note_undo(struct sem_set *s, struct sem_sleeper *w)
{
	int err = ipc_lock(&s->o);

	if (err)
		return err;
	w->undo = sem_undo_of(s);
	spin_unlock(&s->o.lock);
	return w->undo ? 0 : -ENOMEM;
}

int sem_op(int id, const struct sembuf *ops, unsigned n, u64 deadline)
{
	struct sem_sleeper w = { .ops = ops, .n = n, .pid = current->proc->pid };
	struct ipc_object *o = ipc_find(&ipc_ns()->sem, id);
	struct wake_list wakes = { 0 };
	bool alters = false, undoes = false;
	unsigned highest = 0;
	struct sem_set *s;
	int err;

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	s = to_set(o);
	for (unsigned i = 0; i < n; i++) {
		highest = max(highest, (unsigned)ops[i].sem_num);
		alters |= ops[i].sem_op != 0;
		undoes |= ops[i].sem_flg & SEM_UNDO;
	}
	if (undoes) {
		/* What will be undone is noted first, and stays though the call fails: exit counts as an operation. */
		err = note_undo(s, &w);
		if (err)
			return err;
	}
	if (highest >= s->n)
		return -EFBIG;
	err = ipc_may(o, alters ? IPC_WRITE : IPC_READ);
	if (!err)
		err = ipc_lock(o);
	if (err)
		return err;
	err = try(s, &w);
	if (err > 0)
		return sleep(s, &w, deadline);
	if (!err) {
		s->otime = ipc_seconds();
		sem_wake(s, &wakes);
	}
	spin_unlock(&o->lock);
	ipc_wake_all(&wakes);
	return err;
}

/* ---- control ---- */

long sem_ask(int id, int num, int cmd)
{
	struct ipc_object *o = ipc_find_lock(&ipc_ns()->sem, id, IPC_READ);
	struct list_head *queue, *w;
	struct sem *sem;
	long answer = 0;

	if (IS_ERR(o))
		return PTR_ERR(o);
	if (num < 0 || (unsigned)num >= to_set(o)->n) {
		spin_unlock(&o->lock);
		return -EINVAL;
	}
	sem = &to_set(o)->sems[num];
	switch (cmd) {
	case GETVAL:
		answer = sem->value;
		break;
	case GETPID:
		answer = pid_noted(sem->pid);
		break;
	default:
		queue = cmd == GETNCNT ? &sem->lower : &sem->zero;
		list_for_each(w, queue)
			answer++;
		break;
	}
	spin_unlock(&o->lock);
	return answer;
}

/* [o] A new value, by no operation: what was to be undone is forgotten. */
static void set_value(struct sem_set *s, unsigned num, int value)
{
	struct sem_undo *u;

	list_for_each_entry(u, &s->undos, set_link)
		u->adjust[num] = 0;
	s->sems[num].value = value;
	pid_note(&s->sems[num].pid, current->proc->pid);
	sem_mark_changed(s, &s->sems[num]);
}

/* [o], dropped here. */
static void values_set(struct sem_set *s)
{
	struct wake_list wakes = { 0 };

	s->ctime = ipc_seconds();
	sem_wake(s, &wakes);
	spin_unlock(&s->o.lock);
	ipc_wake_all(&wakes);
}

int sem_set_value(int id, int num, int value)
{
	struct ipc_object *o;
	int err;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	o = ipc_find(&ipc_ns()->sem, id);
	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	if (num < 0 || (unsigned)num >= to_set(o)->n)
		return -EINVAL;
	err = ipc_may(o, IPC_WRITE);
	if (!err)
		err = ipc_lock(o);
	if (err)
		return err;
	set_value(to_set(o), (unsigned)num, value);
	values_set(to_set(o));
	return 0;
}

int sem_count(int id, u32 want)
{
	struct ipc_object *o = ipc_find(&ipc_ns()->sem, id);
	int err = IS_ERR(o) ? (int)PTR_ERR(o) : ipc_may(o, want);

	return err ? err : (int)to_set(o)->n;
}

/* As ipc_find_lock; a set of other size is another one than was counted. */
static struct ipc_object *find_counted(int id, u32 want, unsigned n)
{
	struct ipc_object *o = ipc_find_lock(&ipc_ns()->sem, id, want);

	if (!IS_ERR(o) && to_set(o)->n != n) {
		spin_unlock(&o->lock);
		o = ERR_PTR(-EIDRM);
	}
	return o == ERR_PTR(-EINVAL) ? ERR_PTR(-EIDRM) : o;
}

int sem_get_all(int id, u16 *values, unsigned n)
{
	struct ipc_object *o = find_counted(id, IPC_READ, n);

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	for (unsigned i = 0; i < n; i++)
		values[i] = (u16)to_set(o)->sems[i].value;
	spin_unlock(&o->lock);
	return 0;
}

int sem_set_all(int id, const u16 *values, unsigned n)
{
	struct ipc_object *o;

	for (unsigned i = 0; i < n; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	o = find_counted(id, IPC_WRITE, n);
	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	for (unsigned i = 0; i < n; i++)
		set_value(to_set(o), i, values[i]);
	values_set(to_set(o));
	return 0;
}

/* [o] */
static void fill(const struct sem_set *s, struct semid64_ds *ds)
{
	*ds = (struct semid64_ds){
		.sem_otime = s->otime,
		.sem_ctime = s->ctime,
		.sem_nsems = s->n,
	};
	ipc_fill_perm(&s->o, &ds->sem_perm);
}

long sem_stat(int id, int cmd, struct semid64_ds *ds)
{
	struct ipc_object *o =
		ipc_stat_lock(&ipc_ns()->sem, id, cmd != IPC_STAT, cmd == SEM_STAT_ANY);

	if (IS_ERR(o))
		return PTR_ERR(o);
	fill(to_set(o), ds);
	spin_unlock(&o->lock);
	return cmd == IPC_STAT ? 0 : o->id;
}

int sem_next(u64 *index, struct semid64_ds *ds)
{
	struct ipc_object *o = ipc_next_lock(&ipc_ns()->sem, index);
	int id = -1;

	if (o) {
		id = o->id;
		fill(to_set(o), ds);
	}
	ipc_next_unlock(&ipc_ns()->sem, o);
	return id;
}

int sem_set(int id, const struct semid64_ds *ds)
{
	struct ipc_object *o = ipc_control_lock(&ipc_ns()->sem, id);
	int err;

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	err = ipc_set_perm(o, &ds->sem_perm);
	if (!err)
		to_set(o)->ctime = ipc_seconds();
	ipc_control_unlock(&ipc_ns()->sem, o);
	return err;
}

/* [o] */
static void tell_removed(struct sem_set *s, struct list_head *queue, struct wake_list *wakes)
{
	struct sem_sleeper *w, *next;

	list_for_each_entry_safe(w, next, queue, link) {
		unqueue(s, w);
		ipc_tell(&w->sleep, -EIDRM, wakes);
	}
}

/* [T][o], both dropped: the set goes. */
static void destroy(struct ipc_ns *ns, struct ipc_object *o)
{
	struct wake_list wakes = { 0 };
	struct sem_set *s = to_set(o);

	ipc_remove(&ns->sem, o);
	ns->sems_used -= (int)s->n;
	sem_undo_free_set(s);
	for (unsigned i = 0; i < s->n; i++) {
		tell_removed(s, &s->sems[i].lower, &wakes);
		tell_removed(s, &s->sems[i].zero, &wakes);
	}
	ipc_control_unlock(&ns->sem, o);
	ipc_wake_all(&wakes);
	ipc_object_put(o);
}

int sem_remove(int id)
{
	struct ipc_object *o = ipc_control_lock(&ipc_ns()->sem, id);

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	destroy(ipc_ns(), o);
	return 0;
}

void sem_ns_exit(struct ipc_ns *n)
{
	struct ipc_object *o;

	for (u64 index = 0; (o = ipc_next_lock(&n->sem, &index));)
		destroy(n, o);
	ipc_next_unlock(&n->sem, NULL);
}

int sem_info(int cmd, struct seminfo *info)
{
	int max;

	mutex_lock(&ipc_ns()->sem.mutex);
	*info = (struct seminfo){
		.semmap = SEMMNS,
		.semmni = READ_ONCE(ipc_ns()->sem.limit),
		.semmns = READ_ONCE(ipc_ns()->sem_mns),
		.semmnu = SEMMNS,
		.semmsl = READ_ONCE(ipc_ns()->sem_msl),
		.semopm = READ_ONCE(ipc_ns()->sem_opm),
		.semume = SEMOPM,
		.semusz = cmd == SEM_INFO ? ipc_ns()->sem.in_use : 20,
		.semvmx = SEMVMX,
		.semaem = cmd == SEM_INFO ? ipc_ns()->sems_used : SEMAEM,
	};
	max = ipc_max_index(&ipc_ns()->sem);
	mutex_unlock(&ipc_ns()->sem.mutex);
	return max;
}
