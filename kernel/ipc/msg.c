/*
 * System V message queues (ipc/msg.h).
 *
 * Who sends looks for a sleeping receiver that wants the message first, and hands it over; so no
 * message lies in a queue that somebody waits for it at. Who receives makes room, and tells the
 * sleeping senders, in their order, for whom it suffices; those try again.
 *
 * Locks: all of a queue is guarded by its object's lock [o].
 */
#include "ipc/msg.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/task.h"
#include "ipc/message.h"

#define MSGMNI 32000
#define MSGMAX 8192
#define MSGMNB 16384
#define MSGSSZ 16
#define MSGSEG 0xffff

struct msg_queue {
	struct ipc_object o;
	s64 stime, rtime, ctime; /* [o] */
	u64 cbytes, qnum, qbytes; /* [o] */
	struct pid *lspid, *lrpid; /* [o] pid_note */
	struct list_head messages; /* [o] struct message */
	struct list_head senders, receivers; /* [o] by their link */
};

struct sender {
	struct ipc_sleeper sleep;
	struct list_head link;
	size_t size;
};

/* Which message a receiver wants. */
enum choice { ANY, EQUAL, NOT_EQUAL, LOWEST, NUMBERED };
struct receiver {
	struct ipc_sleeper sleep;
	struct list_head link;
	enum choice choice;
	long type;
	size_t max; /* bytes it can take; any with MSG_NOERROR */
	size_t room; /* bytes it has */
	struct message *got;
};

void msg_ns_init(struct ipc_ns *n)
{
	ipc_ids_init(&n->msg, MSGMNI);
	n->msg_max = MSGMAX;
	n->msg_mnb = MSGMNB;
}

static struct msg_queue *to_queue(struct ipc_object *o)
{
	return container_of(o, struct msg_queue, o);
}

static void queue_free(struct ipc_object *o)
{
	struct msg_queue *q = to_queue(o);

	pid_put(q->lspid);
	pid_put(q->lrpid);
	kfree(q);
}

static struct ipc_object *create(u64 size __unused, int flags __unused)
{
	struct msg_queue *q = kzalloc(sizeof(*q), 0);

	if (!q)
		return ERR_PTR(-ENOMEM);
	ipc_object_init(&q->o, queue_free);
	q->ctime = ipc_seconds();
	q->qbytes = (u64)READ_ONCE(ipc_ns()->msg_mnb);
	list_init(&q->messages);
	list_init(&q->senders);
	list_init(&q->receivers);
	return &q->o;
}

static void entered(struct ipc_object *o __unused)
{
}

long msg_get(int key, int flags)
{
	static const struct ipc_get kind = { .create = create, .entered = entered };

	return ipc_get(&ipc_ns()->msg, key, 0, flags, &kind);
}

/* ---- sending ---- */

static bool wants(const struct receiver *r, const struct message *m)
{
	switch (r->choice) {
	case EQUAL:
		return m->type == r->type;
	case NOT_EQUAL:
		return m->type != r->type;
	case LOWEST:
		return m->type <= r->type;
	default:
		return true;
	}
}

/* [o] Gives m to the first sleeper that wants it; those for whom it is too big are told so. */
static bool hand_over(struct msg_queue *q, struct message *m, struct wake_list *wakes)
{
	struct receiver *r, *next;

	list_for_each_entry_safe(r, next, &q->receivers, link) {
		if (!wants(r, m))
			continue;
		list_del(&r->link);
		if (m->size > r->max) {
			ipc_tell(&r->sleep, -E2BIG, wakes);
			continue;
		}
		pid_note(&q->lrpid, r->sleep.task->proc->pid);
		q->rtime = ipc_seconds();
		r->got = m;
		ipc_tell(&r->sleep, 0, wakes);
		return true;
	}
	return false;
}

static bool fits(const struct msg_queue *q, size_t size, size_t bytes, u64 messages)
{
	return size + q->cbytes + bytes <= q->qbytes && 1 + q->qnum + messages <= q->qbytes;
}

/* [o] Tells the senders whose messages all fit now. */
static void tell_senders(struct msg_queue *q, struct wake_list *wakes)
{
	struct sender *s, *next;
	size_t bytes = 0;
	u64 messages = 0;

	list_for_each_entry_safe(s, next, &q->senders, link) {
		if (!fits(q, s->size, bytes, messages))
			continue;
		bytes += s->size;
		messages++;
		list_del(&s->link);
		ipc_tell(&s->sleep, 0, wakes);
	}
}

/* [o], dropped meanwhile; q is held. 0: try again. */
static int wait_for_room(struct msg_queue *q, size_t size, bool again)
{
	struct sender s = { .size = size };
	int err;

	if (again)
		list_add(&s.link, &q->senders);
	else
		list_add_tail(&s.link, &q->senders);
	ipc_sleep_begin(&s.sleep);
	spin_unlock(&q->o.lock);
	err = ipc_sleep(&s.sleep, WAIT_FOREVER, false);
	spin_lock(&q->o.lock);
	if (s.sleep.status == IPC_ASLEEP)
		list_del(&s.link);
	else
		err = s.sleep.status;
	return err == -ERESTARTSYS ? -ERESTARTNOHAND : err;
}

/* [o], dropped when it sleeps; q is held. */
static int get_room(struct msg_queue *q, size_t size, int flags)
{
	bool again = false;
	int err;

	while (!fits(q, size, 0, 0)) {
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		err = wait_for_room(q, size, again);
		if (!err && q->o.deleted)
			err = -EIDRM;
		if (!err)
			err = ipc_may(&q->o, IPC_WRITE);
		if (err)
			return err;
		again = true;
	}
	return 0;
}

int msg_send(int id, struct message *m, int flags)
{
	struct ipc_object *o = ipc_find_lock(&ipc_ns()->msg, id, IPC_WRITE);
	struct wake_list wakes = { 0 };
	struct msg_queue *q;
	int err;

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	q = to_queue(o);
	ipc_object_hold(o);
	err = get_room(q, m->size, flags);
	if (err) {
		/* What it was told of is for the next one. */
		tell_senders(q, &wakes);
	} else {
		pid_note(&q->lspid, current->proc->pid);
		q->stime = ipc_seconds();
		if (!hand_over(q, m, &wakes)) {
			list_add_tail(&m->link, &q->messages);
			q->cbytes += m->size;
			q->qnum++;
		}
	}
	spin_unlock(&o->lock);
	ipc_wake_all(&wakes);
	ipc_object_put(o);
	return err;
}

/* ---- receiving ---- */

static void choose(struct receiver *r, long type, int flags)
{
	r->type = type;
	if (flags & MSG_COPY) {
		r->choice = NUMBERED;
	} else if (!type) {
		r->choice = ANY;
	} else if (type < 0) {
		r->choice = LOWEST;
		r->type = type == S64_MIN ? S64_MAX : -type;
	} else {
		r->choice = flags & MSG_EXCEPT ? NOT_EQUAL : EQUAL;
	}
}

/* [o] The message in the queue that r wants, or NULL. */
static struct message *look(const struct msg_queue *q, const struct receiver *r)
{
	struct message *m, *best = NULL;
	long number = 0;

	list_for_each_entry(m, &q->messages, link) {
		if (r->choice == NUMBERED ? number++ != r->type : !wants(r, m))
			continue;
		if (r->choice != LOWEST)
			return m;
		if (!best || m->type < best->type)
			best = m;
	}
	return best;
}

/* [o], dropped meanwhile; q is held. */
static int wait_for_message(struct msg_queue *q, struct receiver *r)
{
	int err;

	list_add_tail(&r->link, &q->receivers);
	ipc_sleep_begin(&r->sleep);
	spin_unlock(&q->o.lock);
	err = ipc_sleep(&r->sleep, WAIT_FOREVER, false);
	if (err) {
		spin_lock(&q->o.lock);
		if (r->sleep.status == IPC_ASLEEP)
			list_del(&r->link);
		spin_unlock(&q->o.lock);
	}
	if (r->sleep.status != IPC_ASLEEP)
		err = r->sleep.status;
	return err == -ERESTARTSYS ? -ERESTARTNOHAND : err;
}

/* [o], which is dropped. The queue has what r wants: it, or a copy. */
static struct message *take(struct msg_queue *q, struct receiver *r, struct message *m)
{
	struct wake_list wakes = { 0 };

	if (m->size > r->max) {
		m = ERR_PTR(-E2BIG);
	} else if (r->choice == NUMBERED) {
		m = m->size > r->room ? ERR_PTR(-EINVAL) : message_copy(m);
	} else {
		list_del(&m->link);
		q->qnum--;
		q->cbytes -= m->size;
		q->rtime = ipc_seconds();
		pid_note(&q->lrpid, current->proc->pid);
		if (unlikely(!list_empty(&q->senders)))
			tell_senders(q, &wakes);
	}
	spin_unlock(&q->o.lock);
	ipc_wake_all(&wakes);
	return m;
}

struct message *msg_receive(int id, size_t max, long type, int flags)
{
	struct receiver r = { .max = flags & MSG_NOERROR ? ~0UL : max, .room = max };
	struct ipc_object *o;
	struct message *m;
	int err;

	if ((flags & MSG_COPY) && ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT)))
		return ERR_PTR(-EINVAL);
	choose(&r, type, flags);
	o = ipc_find_lock(&ipc_ns()->msg, id, IPC_READ);
	if (IS_ERR(o))
		return ERR_CAST(o);
	ipc_object_hold(o);
	for (;;) {
		m = look(to_queue(o), &r);
		if (m) {
			m = take(to_queue(o), &r, m);
			break;
		}
		if (flags & IPC_NOWAIT) {
			spin_unlock(&o->lock);
			m = ERR_PTR(-ENOMSG);
			break;
		}
		err = wait_for_message(to_queue(o), &r);
		if (!err) {
			m = r.got;
			break;
		}
		/* IPC_SET: what is allowed may have changed. */
		if (err == -EAGAIN)
			err = ipc_may(o, IPC_READ);
		if (!err)
			err = ipc_lock(o);
		if (err) {
			m = ERR_PTR(err);
			break;
		}
	}
	ipc_object_put(o);
	return m;
}

/* ---- control ---- */

/* [o] All receivers look again, or learn that the queue is gone. */
static void tell_receivers(struct msg_queue *q, int status, struct wake_list *wakes)
{
	struct receiver *r, *next;

	list_for_each_entry_safe(r, next, &q->receivers, link) {
		list_del(&r->link);
		ipc_tell(&r->sleep, status, wakes);
	}
}

/* [o] */
static void fill(const struct msg_queue *q, struct msqid64_ds *ds)
{
	*ds = (struct msqid64_ds){
		.msg_stime = q->stime,
		.msg_rtime = q->rtime,
		.msg_ctime = q->ctime,
		.msg_cbytes = q->cbytes,
		.msg_qnum = q->qnum,
		.msg_qbytes = q->qbytes,
		.msg_lspid = pid_noted(q->lspid),
		.msg_lrpid = pid_noted(q->lrpid),
	};
	ipc_fill_perm(&q->o, &ds->msg_perm);
}

long msg_stat(int id, int cmd, struct msqid64_ds *ds)
{
	struct ipc_object *o =
		ipc_stat_lock(&ipc_ns()->msg, id, cmd != IPC_STAT, cmd == MSG_STAT_ANY);

	if (IS_ERR(o))
		return PTR_ERR(o);
	fill(to_queue(o), ds);
	spin_unlock(&o->lock);
	return cmd == IPC_STAT ? 0 : o->id;
}

int msg_next(u64 *index, struct msqid64_ds *ds)
{
	struct ipc_object *o = ipc_next_lock(&ipc_ns()->msg, index);
	int id = -1;

	if (o) {
		id = o->id;
		fill(to_queue(o), ds);
	}
	ipc_next_unlock(&ipc_ns()->msg, o);
	return id;
}

int msg_set(int id, const struct msqid64_ds *ds)
{
	struct ipc_object *o = ipc_control_lock(&ipc_ns()->msg, id);
	struct wake_list wakes = { 0 };
	struct msg_queue *q;
	int err;

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	q = to_queue(o);
	if (ds->msg_qbytes > (u64)READ_ONCE(ipc_ns()->msg_mnb) && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	else
		err = ipc_set_perm(o, &ds->msg_perm);
	if (!err) {
		q->qbytes = ds->msg_qbytes;
		q->ctime = ipc_seconds();
		tell_receivers(q, -EAGAIN, &wakes);
		tell_senders(q, &wakes);
	}
	ipc_control_unlock(&ipc_ns()->msg, o);
	ipc_wake_all(&wakes);
	return err;
}

/* [T][o], both dropped: the queue goes. */
static void destroy(struct ipc_ns *ns, struct ipc_object *o)
{
	struct msg_queue *q = to_queue(o);
	struct wake_list wakes = { 0 };
	struct message *m, *next;
	struct sender *s, *after;
	LIST_HEAD(messages);

	ipc_remove(&ns->msg, o);
	tell_receivers(q, -EIDRM, &wakes);
	list_for_each_entry_safe(s, after, &q->senders, link) {
		list_del(&s->link);
		ipc_tell(&s->sleep, -EIDRM, &wakes);
	}
	list_splice_init(&q->messages, &messages);
	ipc_control_unlock(&ns->msg, o);
	ipc_wake_all(&wakes);
	ipc_object_put(o);
	list_for_each_entry_safe(m, next, &messages, link)
		message_free(m);
}

int msg_remove(int id)
{
	struct ipc_object *o = ipc_control_lock(&ipc_ns()->msg, id);

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	destroy(ipc_ns(), o);
	return 0;
}

void msg_ns_exit(struct ipc_ns *n)
{
	struct ipc_object *o;

	for (u64 index = 0; (o = ipc_next_lock(&n->msg, &index));)
		destroy(n, o);
	ipc_next_unlock(&n->msg, NULL);
}

int msg_info(int cmd, struct msginfo *info)
{
	struct ipc_object *o;
	u64 index;
	int max;

	*info = (struct msginfo){
		.msgpool = MSGMNI * MSGMNB / 1024,
		.msgmap = MSGMNB,
		.msgmax = READ_ONCE(ipc_ns()->msg_max),
		.msgmnb = READ_ONCE(ipc_ns()->msg_mnb),
		.msgmni = READ_ONCE(ipc_ns()->msg.limit),
		.msgssz = MSGSSZ,
		.msgtql = MSGMNB,
		.msgseg = MSGSEG,
	};
	mutex_lock(&ipc_ns()->msg.mutex);
	max = ipc_max_index(&ipc_ns()->msg);
	if (cmd == MSG_INFO) {
		info->msgpool = ipc_ns()->msg.in_use;
		info->msgmap = info->msgtql = 0;
		radix_for_each(o, &ipc_ns()->msg.by_index, index) {
			spin_lock(&o->lock);
			info->msgmap += (int)to_queue(o)->qnum;
			info->msgtql += (int)to_queue(o)->cbytes;
			spin_unlock(&o->lock);
		}
	}
	mutex_unlock(&ipc_ns()->msg.mutex);
	return max;
}
