/*
 * POSIX message queues: sending, receiving, notification, and the operations on descriptors
 * (ipc/mqueue.h). A message is handed straight to a sleeping receiver; room that a receiver
 * makes is filled with a sleeping sender's message at once. So whoever is woken is done.
 *
 * Locks: the queue's lock [q].
 */
#include "ipc/mqueue.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/signal.h"
#include "core/task.h"
#include "fs/poll.h"
#include "ipc/ids.h"
#include "ipc/message.h"
#include "ipc/mqueue_room.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "net/netlink_post.h"

struct mq_sleeper {
	struct ipc_sleeper sleep;
	struct list_head link; /* [q] */
	int urgency; /* [I] */
	struct message *m; /* to be sent, or received */
};

void mq_queue_init(struct mq_queue *q)
{
	spin_init(&q->lock, RANK_IPC, "mqueue");
	list_init(&q->senders);
	list_init(&q->receivers);
	waitq_init(&q->poll_wait);
}

static struct mq_queue *queue_of(const struct file *f)
{
	return f->ops == &mq_fops ? f->inode->priv : NULL;
}

/* ---- the messages ---- */

/* [q] Behind those of its priority. */
static void put_message(struct mq_queue *q, struct message *m)
{
	struct rb_node **link = &q->messages.root.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (m->type > rb_entry(parent, struct message, node)->type) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_insert_cached(&q->messages, &m->node, parent, link, first, NULL);
	q->curmsgs++;
	q->bytes += m->size;
}

/* [q] The oldest of the highest priority; there is one. */
static struct message *get_message(struct mq_queue *q)
{
	struct message *m = rb_entry(rb_first_cached(&q->messages), struct message, node);

	rb_erase_cached(&q->messages, &m->node, NULL);
	q->curmsgs--;
	q->bytes -= m->size;
	return m;
}

/* ---- notification ---- */

/* What the last byte of a cookie says: mq_notify(3). */
enum { COOKIE_WOKEN = 1, COOKIE_REMOVED };

/* [q] The thread that waits for a cookie is told, and the queue is nobody's. */
static void forget_owner(struct mq_queue *q, u8 why)
{
	if (q->notify.owner)
		pid_put(q->notify.owner);
	q->notify.owner = NULL;
	if (q->notify.sock) {
		q->notify.cookie[MQ_COOKIE_LEN - 1] = why;
		netlink_post(q->notify.sock, q->notify.cookie, MQ_COOKIE_LEN);
		netlink_put(q->notify.sock);
	}
	q->notify.sock = NULL;
}

void mq_queue_free(struct mq_queue *q)
{
	struct message *m, *next;

	forget_owner(q, COOKIE_REMOVED);
	rb_for_each_entry_postorder_safe(m, next, &q->messages.root, node)
		message_free(m);
	user_uncharge_n(q->uid, USER_MQ_BYTES, q->charge);
	kfree(q);
}

/* [q] A message came into the empty queue, and nobody waited for it: mq_notify(3), once. */
static void notify(struct mq_queue *q)
{
	struct proc *p;
	siginfo_t si;

	if (!q->notify.owner || q->curmsgs != 1)
		return;
	p = READ_ONCE(q->notify.owner->proc);
	if (p && q->notify.kind == SIGEV_SIGNAL && q->notify.signo) {
		siginfo_user(&si, q->notify.signo, SI_MESGQ);
		si.si_pid = pid_nr_in(current->proc->pid, p->pid->ns);
		si.si_value = q->notify.value;
		signal_send_proc(p, &si);
	}
	forget_owner(q, COOKIE_WOKEN);
}

int mq_notify_set(struct file *f, const sigevent_t *ev, struct socket *sock, const u8 *cookie)
{
	struct mq_queue *q = queue_of(f);
	struct pid *me = current->proc->pid;
	int err = 0;

	if (!q)
		return -EBADF;
	spin_lock(&q->lock);
	if (!ev) {
		if (q->notify.owner == me)
			forget_owner(q, COOKIE_REMOVED);
	} else if (q->notify.owner) {
		err = -EBUSY;
	} else {
		q->notify.owner = pid_get(me);
		q->notify.kind = ev->sigev_notify;
		q->notify.signo = ev->sigev_notify == SIGEV_SIGNAL ? ev->sigev_signo : 0;
		q->notify.value = ev->sigev_value;
		q->notify.sock = sock;
		if (sock)
			memcpy(q->notify.cookie, cookie, MQ_COOKIE_LEN);
	}
	spin_unlock(&q->lock);
	if (!err)
		inode_touch(f->inode, ATTR_ATIME | ATTR_CTIME);
	return err;
}

/* ---- sending and receiving ---- */

/* Real-time priorities above all others, then by niceness. */
static int urgency(void)
{
	const struct sched_entity *se = &current->se;

	return se->rt_prio ? 100 + se->rt_prio : -se->nice;
}

/* [q], dropped here. 0: what w wanted is done. */
static int sleep(struct mq_queue *q, struct list_head *queue, struct mq_sleeper *w, u64 deadline)
{
	struct mq_sleeper *before;
	int err;

	w->urgency = urgency();
	list_for_each_entry_reverse(before, queue, link)
		if (before->urgency >= w->urgency)
			break;
	list_add(&w->link, &before->link);
	ipc_sleep_begin(&w->sleep);
	spin_unlock(&q->lock);
	err = ipc_sleep(&w->sleep, deadline, true);
	if (!err)
		return 0;
	spin_lock(&q->lock);
	if (w->sleep.status == IPC_ASLEEP)
		list_del(&w->link);
	else
		err = 0;
	spin_unlock(&q->lock);
	return err;
}

/* [q] The first sleeper of a queue, taken out; NULL. */
static struct mq_sleeper *first_sleeper(struct list_head *queue)
{
	struct mq_sleeper *w = list_first_entry_or_null(queue, struct mq_sleeper, link);

	if (w)
		list_del(&w->link);
	return w;
}

static void touch(struct file *f)
{
	inode_touch(f->inode, ATTR_ATIME | ATTR_MTIME | ATTR_CTIME);
}

int mq_may_send(struct file *f, size_t n)
{
	struct mq_queue *q = queue_of(f);

	if (!q || !(f->mode & FMODE_WRITE))
		return -EBADF;
	return n > (size_t)q->msgsize ? -EMSGSIZE : 0;
}

int mq_send(struct file *f, struct message *m, u64 deadline)
{
	struct mq_queue *q = queue_of(f);
	struct wake_list wakes = { 0 };
	struct mq_sleeper *r, w = { .m = m };
	bool arrived = false;

	spin_lock(&q->lock);
	if (q->curmsgs == q->maxmsg) {
		if (!(READ_ONCE(f->flags) & O_NONBLOCK))
			return sleep(q, &q->senders, &w, deadline);
		spin_unlock(&q->lock);
		return -EAGAIN;
	}
	r = first_sleeper(&q->receivers);
	if (r) {
		r->m = m;
		ipc_tell(&r->sleep, 0, &wakes);
	} else {
		put_message(q, m);
		notify(q);
		arrived = true;
	}
	spin_unlock(&q->lock);
	ipc_wake_all(&wakes);
	if (arrived)
		wake_up_key(&q->poll_wait, EPOLLIN | EPOLLRDNORM);
	touch(f);
	return 0;
}

struct message *mq_receive(struct file *f, size_t max, u64 deadline)
{
	struct mq_queue *q = queue_of(f);
	struct wake_list wakes = { 0 };
	struct mq_sleeper *s, w = { 0 };
	struct message *m;
	int err;

	if (!q || !(f->mode & FMODE_READ))
		return ERR_PTR(-EBADF);
	if (max < (size_t)q->msgsize)
		return ERR_PTR(-EMSGSIZE);
	spin_lock(&q->lock);
	if (!q->curmsgs) {
		if (!(READ_ONCE(f->flags) & O_NONBLOCK)) {
			err = sleep(q, &q->receivers, &w, deadline);
			return err ? ERR_PTR(err) : w.m;
		}
		spin_unlock(&q->lock);
		return ERR_PTR(-EAGAIN);
	}
	m = get_message(q);
	s = first_sleeper(&q->senders);
	if (s) {
		put_message(q, s->m);
		ipc_tell(&s->sleep, 0, &wakes);
	}
	spin_unlock(&q->lock);
	ipc_wake_all(&wakes);
	if (!s)
		wake_up_key(&q->poll_wait, EPOLLOUT | EPOLLWRNORM);
	touch(f);
	return m;
}

int mq_attributes(struct file *f, const struct mq_attr *set, struct mq_attr *old)
{
	struct mq_queue *q = queue_of(f);

	if (!q)
		return -EBADF;
	spin_lock(&q->lock);
	*old = (struct mq_attr){ .mq_maxmsg = q->maxmsg,
				 .mq_msgsize = q->msgsize,
				 .mq_curmsgs = q->curmsgs };
	spin_unlock(&q->lock);
	spin_lock(&f->lock);
	old->mq_flags = f->flags & O_NONBLOCK;
	if (set)
		f->flags = (f->flags & ~(u32)O_NONBLOCK) | ((u32)set->mq_flags & O_NONBLOCK);
	spin_unlock(&f->lock);
	if (set)
		inode_touch(f->inode, ATTR_ATIME | ATTR_CTIME);
	return 0;
}

/* ---- as a file ---- */

/* What cat(1) shows of a queue: mq_overview(7). */
static ssize_t mq_read(struct file *f, struct iter *it, u64 *pos)
{
	struct mq_queue *q = f->inode->priv;
	char text[96];
	size_t n, len;

	spin_lock(&q->lock);
	len = (size_t)snprintf(text, sizeof(text),
			       "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", q->bytes,
			       q->notify.owner ? q->notify.kind : 0,
			       q->notify.owner ? q->notify.signo : 0,
			       q->notify.owner ? pid_here(q->notify.owner) : 0);
	spin_unlock(&q->lock);
	if (*pos >= len)
		return 0;
	n = iter_copy_to(it, text + *pos, min(len - *pos, it->count));
	if (!n && it->count)
		return -EFAULT;
	*pos += n;
	inode_touch(f->inode, ATTR_ATIME | ATTR_CTIME);
	return (ssize_t)n;
}

static u32 mq_poll(struct file *f, struct poll_table *pt)
{
	struct mq_queue *q = f->inode->priv;
	u32 ready = 0;

	poll_wait(f, &q->poll_wait, pt);
	spin_lock(&q->lock);
	if (q->curmsgs)
		ready |= EPOLLIN | EPOLLRDNORM;
	if (q->curmsgs < q->maxmsg)
		ready |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&q->lock);
	return ready;
}

/* mq_close(3): the process is not told any more, by whichever descriptor it asked. */
static int mq_flush(struct file *f)
{
	struct mq_queue *q = f->inode->priv;

	spin_lock(&q->lock);
	if (current->proc && q->notify.owner == current->proc->pid)
		forget_owner(q, COOKIE_REMOVED);
	spin_unlock(&q->lock);
	return 0;
}

const struct file_ops mq_fops = {
	.read = mq_read,
	.poll = mq_poll,
	.llseek = generic_llseek,
	.flush = mq_flush,
};
