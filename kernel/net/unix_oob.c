/*
 * Unix sockets: urgent data, as Linux has it on streams (send(2) MSG_OOB, sockatmark(3)).
 *
 * The last byte of an urgent send is a message of its own, and the one sent last is u->oob. It is
 * received by MSG_OOB; then its message stays, with no byte left, as the mark, which a read stops
 * at. A read that begins at one not yet received throws it away, or with SO_OOBINLINE gets it as any
 * other byte. u->oob is guarded by u->sk.lock; who receives has reader_mutex.
 */
#include "net/unix.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

static u32 left_of(const struct unix_msg *msg)
{
	return msg->len - msg->off;
}

static struct unix_msg *after(struct unix_sock *u, struct unix_msg *msg)
{
	return msg->link.next == &u->queue ? NULL :
					     list_entry(msg->link.next, struct unix_msg, link);
}

/* [u->sk.lock] */
static void take_out(struct unix_sock *u, struct unix_msg *msg)
{
	list_del(&msg->link);
	WRITE_ONCE(u->queued, u->queued - 1);
	WRITE_ONCE(u->passed, 0);
	u->queued_bytes -= left_of(msg);
}

struct unix_msg *unix_pass_oob(struct unix_sock *u, struct unix_msg *msg, unsigned flags,
			       bool copied)
{
	struct unix_msg *mark = NULL, *urgent = NULL;
	bool inline_ = socket_option(&u->sk, OPT_OOBINLINE), peek = flags & MSG_PEEK;

	spin_lock(&u->sk.lock);
	if (!left_of(msg)) {
		if (copied && (!u->oob || msg == u->oob)) {
			spin_unlock(&u->sk.lock);
			return NULL;
		}
		mark = peek ? NULL : msg;
		msg = after(u, msg);
		if (mark)
			take_out(u, mark);
	}
	if (msg && msg == u->oob) {
		if (copied) {
			msg = NULL;
		} else if (!peek) {
			WRITE_ONCE(u->oob, NULL);
			if (!inline_) {
				urgent = msg;
				msg = after(u, msg);
				take_out(u, urgent);
			}
		} else if (!inline_) {
			msg = after(u, msg);
		}
	}
	spin_unlock(&u->sk.lock);
	if (mark)
		unix_msg_free(mark);
	if (urgent)
		unix_msg_free(urgent);
	return msg;
}

ssize_t unix_oob_recvmsg(struct unix_sock *u, struct message *m)
{
	bool peek = m->flags & MSG_PEEK;
	struct unix_msg *msg, *mark = NULL;
	ssize_t n;

	mutex_lock(&u->reader_mutex);
	spin_lock(&u->sk.lock);
	msg = socket_option(&u->sk, OPT_OOBINLINE) ? NULL : u->oob;
	if (msg && !peek) {
		WRITE_ONCE(u->oob, NULL);
		u->queued_bytes--;
		/* There is one mark at most. */
		if (msg->link.prev != &u->queue)
			mark = list_entry(msg->link.prev, struct unix_msg, link);
		if (mark && left_of(mark))
			mark = NULL;
		if (mark)
			take_out(u, mark);
	}
	spin_unlock(&u->sk.lock);
	if (!msg) {
		mutex_unlock(&u->reader_mutex);
		return -EINVAL;
	}
	n = !m->data->count || unix_msg_drain(msg, 0, 1, m->data) ? 1 : -EFAULT;
	if (!peek)
		msg->off = 1;
	mutex_unlock(&u->reader_mutex);
	if (mark)
		unix_msg_free(mark);
	m->out_flags |= MSG_OOB;
	return n;
}

bool unix_unread(const struct unix_sock *u)
{
	const struct list_head *first = u->queue.next;

	return first != &u->queue &&
	       (left_of(list_entry(first, struct unix_msg, link)) || first->next != &u->queue);
}

bool unix_at_mark(struct unix_sock *u)
{
	struct unix_msg *first;
	bool yes = false;

	mutex_lock(&u->reader_mutex);
	spin_lock(&u->sk.lock);
	if (!list_empty(&u->queue)) {
		first = list_first_entry(&u->queue, struct unix_msg, link);
		yes = first == u->oob ||
		      (!left_of(first) && (!u->oob || after(u, first) == u->oob));
	}
	spin_unlock(&u->sk.lock);
	mutex_unlock(&u->reader_mutex);
	return yes;
}
