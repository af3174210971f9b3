/*
 * Unix sockets: what is received. unix(7), recv(2). How messages wait, and who may touch them, says unix_msg.c.
 */
#include "net/unix.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/sched.h"
#include "core/userns.h"
#include "fs/poll.h"

static bool can_receive(void *sk)
{
	const struct unix_sock *u = to_unix(sk);

	return READ_ONCE(u->queued) > READ_ONCE(u->passed) || READ_ONCE(u->sk.err) ||
	       (READ_ONCE(u->sk.shutdown) & SHUT_RECEIVE);
}

/* Will nothing more come? Then what was sent is seen in the queue by who looks there next. */
static bool all_sent(const struct unix_sock *u)
{
	bool all = READ_ONCE(u->sk.shutdown) & SHUT_RECEIVE;

	smp_rmb();
	return all;
}

/*
 * [reader_mutex, given up meanwhile] Waits for a message: 0; 1 no more will come, for `ended`, which
 * all_sent said before the queue was found empty; -EAGAIN or another -errno.
 */
static int wait_message(struct unix_sock *u, bool ended, u64 deadline)
{
	int err = socket_take_error(&u->sk);

	if (err)
		return err;
	if (ended)
		return 1;
	if (!deadline && !all_sent(u))
		return -EAGAIN;
	mutex_unlock(&u->reader_mutex);
	err = socket_wait(&u->sk.readers, &u->sk, can_receive, deadline);
	mutex_lock(&u->reader_mutex);
	return err;
}

/* Messages in order; only their receiver, who has reader_mutex, takes them out. NULL at the end. */
static struct unix_msg *next_message(struct unix_sock *u, struct unix_msg *msg)
{
	struct list_head *l;

	spin_lock(&u->sk.lock);
	l = msg ? msg->link.next : u->queue.next;
	if (l == &u->queue)
		l = NULL;
	spin_unlock(&u->sk.lock);
	return l ? list_entry(l, struct unix_msg, link) : NULL;
}

/* n more of its bytes were received, and the message with them. */
static void unqueue(struct unix_sock *u, struct unix_msg *msg, u32 n)
{
	spin_lock(&u->sk.lock);
	list_del(&msg->link);
	WRITE_ONCE(u->queued, u->queued - 1);
	WRITE_ONCE(u->passed, 0);
	u->queued_bytes -= n;
	spin_unlock(&u->sk.lock);
}

/* A consumed peek moves the peek offset back: socket(7), SO_PEEK_OFF. */
static void peek_moves(struct unix_sock *u, unsigned flags, size_t n)
{
	int off = READ_ONCE(u->sk.peek_off);

	if (off < 0)
		return;
	if (flags & MSG_PEEK)
		WRITE_ONCE(u->sk.peek_off, off + (int)n);
	else
		WRITE_ONCE(u->sk.peek_off, max(off - (int)n, 0));
}

static size_t peek_offset(const struct unix_sock *u, unsigned flags)
{
	int off = READ_ONCE(u->sk.peek_off);

	return (flags & MSG_PEEK) && off > 0 ? (size_t)off : 0;
}

static bool same_cred(const struct ucred *a, const struct ucred *b)
{
	return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

/* The message's files for its receiver: its own, or a copy for one who peeks. */
static struct scm_files *take_files(struct unix_msg *msg, unsigned flags)
{
	struct scm_files *files;

	if (!msg->files)
		return NULL;
	if (flags & MSG_PEEK)
		return unix_peek_files(msg);
	unix_detach(msg);
	files = msg->files;
	msg->files = NULL;
	return files;
}

static void name_of_sender(const struct unix_msg *msg, struct message *m)
{
	m->name_len = m->name && msg->from ? unix_copy_addr(msg->from, m->name) : 0;
}

/* Nobody said who it was. */
static struct ucred no_cred(void)
{
	return (struct ucred){ 0, (u32)overflow_uid, (u32)overflow_gid };
}

/* Who sent it, referenced, if u's SO_PASSPIDFD is on; or NULL. */
static struct pid *sender_pid(const struct unix_sock *u, const struct unix_msg *msg)
{
	return msg->pid && socket_option(&u->sk, OPT_PASSPIDFD) ? pid_get(msg->pid) : NULL;
}

/* Hands out what came with the bytes; puts the files and the pid, which may be NULL. */
static void give_scm(const struct unix_sock *u, struct message *m, const struct ucred *cred,
		     struct scm_files *files, struct pid *pid)
{
	if (socket_option(&u->sk, OPT_PASSCRED))
		scm_put_cred(m, *cred);
	if (files)
		scm_export_files(m, files);
	scm_files_put(files);
	if (pid)
		scm_put_pidfd(m, pid);
	pid_put(pid);
}

/* What a receiver of a stream has got so far. */
struct stream_read {
	size_t copied, target, skip;
	struct scm_files *files;
	struct ucred cred;
	struct pid *pid; /* referenced, as give_scm wants it */
	bool any; /* cred is of a message */
};

/*
 * [reader_mutex] Receives from msg what fits. True: go on with the next; false: that is all, or
 * *err.
 */
static bool read_stream_msg(struct unix_sock *u, struct unix_msg *msg, struct message *m,
			    struct stream_read *r, int *err)
{
	struct ucred cred = msg->pid ? msg->cred : no_cred();
	u32 left = msg->len - msg->off;
	size_t n, want;

	if (r->skip >= left && r->skip) {
		r->skip -= left;
		return true;
	}
	if (r->any && unix_wants_sender(&u->sk) && !same_cred(&cred, &r->cred))
		return false;
	if (!r->any) {
		name_of_sender(msg, m);
		r->pid = sender_pid(u, msg);
	}
	r->any = true;
	r->cred = cred;
	want = min(left - r->skip, m->data->count);
	n = unix_msg_drain(msg, msg->off + r->skip, want, m->data);
	if (n < want && !n) {
		*err = -EFAULT;
		return false;
	}
	r->copied += n;
	r->files = take_files(msg, m->flags);
	peek_moves(u, m->flags, n);
	if (m->flags & MSG_PEEK) {
		bool whole = r->skip + n == left;

		r->skip = 0;
		return whole && !r->files && m->data->count;
	}
	if (n < left) {
		msg->off += (u32)n;
		spin_lock(&u->sk.lock);
		u->queued_bytes -= (u32)n;
		spin_unlock(&u->sk.lock);
		return false;
	}
	unqueue(u, msg, left);
	unix_msg_free(msg);
	return !r->files && m->data->count;
}

/* Who peeks waits for more than there is: an urgent byte and a mark are nothing to him. */
static void pass_all(struct unix_sock *u)
{
	spin_lock(&u->sk.lock);
	WRITE_ONCE(u->passed, u->queued);
	spin_unlock(&u->sk.lock);
}

ssize_t unix_stream_recvmsg(struct socket *sk, struct message *m)
{
	struct unix_sock *u = to_unix(sk);
	struct stream_read r = { .skip = peek_offset(u, m->flags), .cred = no_cred() };
	size_t size = m->data->count, lowat = (size_t)READ_ONCE(sk->rcvlowat);
	struct unix_msg *msg = NULL;
	bool more = true;
	int err = 0;

	if (__atomic_load_n(&u->state, __ATOMIC_ACQUIRE) != UNIX_CONNECTED)
		return -EINVAL;
	if (m->flags & MSG_OOB)
		return unix_oob_recvmsg(u, m);
	r.target = max(m->flags & MSG_WAITALL ? size : min(lowat, size), (size_t)1);
	mutex_lock(&u->reader_mutex);
	while (more && !err) {
		bool ended = all_sent(u);

		/* Who peeks goes along the queue; who receives takes its head away. */
		msg = next_message(u, m->flags & MSG_PEEK ? msg : NULL);
		if (msg && (msg->off == msg->len || msg == READ_ONCE(u->oob))) {
			msg = unix_pass_oob(u, msg, m->flags, r.copied);
			if (!msg && r.copied)
				break;
		}
		if (msg) {
			more = read_stream_msg(u, msg, m, &r, &err);
			continue;
		}
		if (r.copied >= r.target || ((m->flags & MSG_PEEK) && r.any))
			break;
		if (m->flags & MSG_PEEK)
			pass_all(u);
		err = wait_message(u, ended, m->deadline);
		if (!r.any)
			r.skip = peek_offset(u, m->flags);
	}
	mutex_unlock(&u->reader_mutex);
	/* Others may be waiting for what is left; to who watches it is no news. */
	if (READ_ONCE(u->queued) && waitq_active(&sk->readers))
		wake_up_key(&sk->readers, POLL_NO_NEWS);
	if (err > 0 || r.copied)
		err = 0;
	if (err) {
		scm_files_put(r.files);
		pid_put(r.pid);
	} else {
		give_scm(u, m, &r.cred, r.files, r.pid);
	}
	return err ? err : (ssize_t)r.copied;
}

/* [reader_mutex] The message to receive, and from which of its bytes on. NULL: none there. */
static struct unix_msg *find_packet(struct unix_sock *u, unsigned flags, size_t *skip)
{
	struct unix_msg *msg = next_message(u, NULL);

	*skip = peek_offset(u, flags);
	while (msg && *skip && *skip >= msg->len) {
		*skip -= msg->len;
		msg = next_message(u, msg);
	}
	return msg;
}

ssize_t unix_packet_recvmsg(struct socket *sk, struct message *m)
{
	struct unix_sock *u = to_unix(sk);
	struct scm_files *files;
	struct unix_msg *msg;
	struct ucred cred;
	struct pid *pid;
	size_t skip, left, n;
	bool ended;
	int err = 0;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (sk->type == SOCK_SEQPACKET && READ_ONCE(u->state) != UNIX_CONNECTED)
		return -ENOTCONN;
	mutex_lock(&u->reader_mutex);
	do {
		ended = all_sent(u);
		msg = find_packet(u, m->flags, &skip);
		if (!msg)
			err = wait_message(u, ended, m->deadline);
	} while (!msg && !err);
	if (!msg) {
		mutex_unlock(&u->reader_mutex);
		/* A datagram socket that does not wait is not told of an end. */
		return err < 0 ? err : !m->deadline && sk->type == SOCK_DGRAM ? -EAGAIN : 0;
	}
	if (!(m->flags & MSG_PEEK))
		unqueue(u, msg, msg->len);
	left = msg->len - skip;
	n = min(left, m->data->count);
	if (n < left)
		m->out_flags |= MSG_TRUNC;
	name_of_sender(msg, m);
	cred = msg->pid ? msg->cred : no_cred();
	if (unix_msg_drain(msg, skip, n, m->data) < n)
		err = -EFAULT;
	if (!err && unix_wants_stamps(u))
		sock_recv_stamps(sk, msg->stamp, false, m);
	files = err ? NULL : take_files(msg, m->flags);
	pid = err ? NULL : sender_pid(u, msg);
	peek_moves(u, m->flags, m->flags & MSG_PEEK ? n : msg->len);
	mutex_unlock(&u->reader_mutex);
	if (!(m->flags & MSG_PEEK)) {
		wake_up_key(&u->space, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
		unix_msg_free(msg);
	}
	if (err)
		return err;
	give_scm(u, m, &cred, files, pid);
	return (ssize_t)(m->flags & MSG_TRUNC ? left : n);
}
