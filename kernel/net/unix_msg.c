/*
 * Unix sockets: what is sent and received. unix(7), send(2), recv(2).
 *
 * A message waits in the receiver's queue and counts in its sender's buffer. A
 * stream is the bytes of its messages one after the other; what came with files
 * is never glued to what follows. Program memory is touched with no spinlock held:
 * the sender fills a message before it is queued, and receivers of one socket
 * take turns by reader_mutex.
 */
#include "net/unix.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/userns.h"
#include "fs/async.h"
#include "fs/pipe.h"
#include "fs/poll.h"
#include "lib/string.h"

/* Up to so many bytes stand in the message itself; more are in pages. */
#define SMALL_DATA   (2048 - sizeof(struct unix_msg))
#define STREAM_CHUNK (32 * 1024)
/* What Linux counts for one message besides its bytes: the sizes of its own structures. */
#define HEAD_CHARGE 256
#define TAIL_CHARGE 320

static u32 charge_for(size_t len)
{
	u32 n = 512;

	if (len > SMALL_DATA)
		return (u32)ALIGN_UP(len, PAGE_SIZE) + HEAD_CHARGE + TAIL_CHARGE;
	while (n < len + TAIL_CHARGE)
		n *= 2;
	return n + HEAD_CHARGE;
}

struct unix_msg *unix_msg_alloc(size_t len)
{
	unsigned nr_pages = len > SMALL_DATA ? (unsigned)(ALIGN_UP(len, PAGE_SIZE) / PAGE_SIZE) : 0;
	size_t body = nr_pages ? nr_pages * sizeof(struct page *) : len;
	struct unix_msg *msg = kmalloc(sizeof(*msg) + body, 0);

	if (!msg)
		return NULL;
	memset(msg, 0, sizeof(*msg));
	msg->len = (u32)len;
	for (; msg->nr_pages < nr_pages; msg->nr_pages++) {
		msg->pages[msg->nr_pages] = page_alloc(0, PA_USER);
		if (!msg->pages[msg->nr_pages]) {
			unix_msg_free(msg);
			return NULL;
		}
	}
	return msg;
}

bool unix_writable(const struct unix_sock *u)
{
	return (u64)atomic_read(&u->wmem) * 4 <= READ_ONCE(u->sk.sndbuf);
}

static void charge_to(struct unix_msg *msg, struct unix_sock *u)
{
	msg->owner = unix_get(u);
	msg->charge = charge_for(msg->len);
	atomic_add(&u->wmem, (int)msg->charge);
}

void unix_msg_free(struct unix_msg *msg)
{
	struct unix_sock *u = msg->owner;

	if (msg->files) {
		unix_detach(msg);
		scm_files_put(msg->files);
	}
	while (msg->nr_pages)
		page_put(msg->pages[--msg->nr_pages]);
	unix_addr_put(msg->from);
	pid_put(msg->pid);
	if (u) {
		atomic_sub(&u->wmem, (int)msg->charge);
		if (unix_writable(u))
			socket_wake_out(&u->sk);
		unix_put(u);
	}
	kfree(msg);
}

static bool fill(struct unix_msg *msg, struct iter *it)
{
	size_t done = 0;

	if (!msg->nr_pages)
		return iter_copy_from(it, msg->data, msg->len) == msg->len;
	for (unsigned i = 0; i < msg->nr_pages; i++) {
		size_t n = min(msg->len - done, (size_t)PAGE_SIZE);

		/* A whole page, out of a pipe or file: referred to. */
		if (it->kind == ITER_PIECES && !it->seg_off && !it->pieces->off &&
		    it->pieces->len == n) {
			page_put(msg->pages[i]);
			msg->pages[i] = it->pieces->page;
			page_get(msg->pages[i]);
			iter_advance(it, n);
		} else if (iter_copy_from(it, page_to_virt(msg->pages[i]), n) != n)
			return false;
		done += n;
	}
	return true;
}

size_t unix_msg_drain(const struct unix_msg *msg, size_t off, size_t n, struct iter *it)
{
	size_t done = 0;

	if (!msg->nr_pages)
		return iter_copy_to(it, msg->data + off, n);
	while (done < n) {
		size_t at = (off + done) % PAGE_SIZE, part = min(n - done, PAGE_SIZE - at), got;

		got = iter_give(it, msg->pages[(off + done) / PAGE_SIZE], at, part);
		done += got;
		if (got < part)
			break;
	}
	return done;
}

/* --- sending --- */

static bool may_send(void *sk)
{
	const struct unix_sock *u = to_unix(sk);

	return (u32)atomic_read(&u->wmem) < READ_ONCE(u->sk.sndbuf) || READ_ONCE(u->sk.err) ||
	       (READ_ONCE(u->sk.shutdown) & SHUT_SEND);
}

/* A message of u's with its bytes in it, as soon as the send buffer has room. ERR_PTR. */
static struct unix_msg *new_msg(struct unix_sock *u, struct message *m, size_t len)
{
	struct unix_msg *msg;
	int err;

	do {
		err = socket_take_error(&u->sk);
		if (!err && (READ_ONCE(u->sk.shutdown) & SHUT_SEND))
			err = -EPIPE;
		if (!err && (u32)atomic_read(&u->wmem) < READ_ONCE(u->sk.sndbuf))
			break;
		if (!err)
			err = socket_wait(&u->sk.writers, &u->sk, may_send, m->deadline);
	} while (!err);
	if (err)
		return ERR_PTR(err);
	msg = unix_msg_alloc(len);
	if (!msg)
		return ERR_PTR(-ENOBUFS);
	charge_to(msg, u);
	if (fill(msg, m->data))
		return msg;
	unix_msg_free(msg);
	return ERR_PTR(-EFAULT);
}

/* What goes with the bytes: the files once, who sent it when somebody wants to know, its name. */
static void add_scm(struct unix_msg *msg, struct unix_sock *u, struct unix_sock *to,
		    struct scm *scm)
{
	msg->files = scm->files;
	scm->files = NULL;
	if (msg->files)
		unix_attach(msg);
	if (scm->pid || unix_wants_sender(&u->sk) || unix_wants_sender(&to->sk) ||
	    !READ_ONCE(to->sk.file))
		msg->pid = pid_get(scm->pid ? scm->pid : current->proc->pid);
	msg->cred = scm->cred;
	msg->from = READ_ONCE(u->addr);
	if (msg->from)
		atomic_inc(&msg->from->refs);
}

/* [to->sk.lock] */
static void enqueue(struct unix_sock *to, struct unix_msg *msg)
{
	list_add_tail(&msg->link, &to->queue);
	WRITE_ONCE(to->queued, to->queued + 1);
	to->queued_bytes += msg->len;
}

static void tell_reader(struct unix_sock *to)
{
	socket_wake_in(&to->sk, EPOLLIN | EPOLLRDNORM | EPOLLRDBAND);
}

static void tell_of_urgent(struct unix_sock *to)
{
	struct file *f = READ_ONCE(to->sk.file); /* RCU keeps it meanwhile */

	if (f)
		async_urgent(f);
	wake_up_key(&to->sk.readers, EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND);
}

ssize_t unix_stream_sendmsg(struct socket *sk, struct message *m)
{
	struct unix_sock *u = to_unix(sk), *to;
	size_t sent = 0, total = m->data->count;
	/* The last byte goes alone if it is urgent. */
	size_t plain = m->flags & MSG_OOB && total ? total - 1 : total;
	struct unix_msg *msg;
	struct scm scm;
	int err = scm_import(m, &scm);

	if (err)
		return err;
	if ((m->flags & MSG_OOB) && !total)
		err = -EOPNOTSUPP;
	else if (m->name)
		err = READ_ONCE(u->state) == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	else if (__atomic_load_n(&u->state, __ATOMIC_ACQUIRE) != UNIX_CONNECTED)
		err = -ENOTCONN;
	else if (READ_ONCE(sk->shutdown) & SHUT_SEND)
		err = -EPIPE;
	to = u->peer;
	while (!err && sent < total) {
		size_t n = min((sent < plain ? plain : total) - sent,
			       (size_t)READ_ONCE(sk->sndbuf) / 2 - 64);
		bool urgent = sent == plain;

		msg = new_msg(u, m, min(n, (size_t)STREAM_CHUNK));
		if (IS_ERR(msg)) {
			err = (int)PTR_ERR(msg);
			break;
		}
		add_scm(msg, u, to, &scm);
		n = msg->len;
		spin_lock(&to->sk.lock);
		if (to->dead || (to->sk.shutdown & SHUT_RECEIVE))
			err = -EPIPE;
		else
			enqueue(to, msg);
		if (!err && urgent)
			WRITE_ONCE(to->oob, msg);
		spin_unlock(&to->sk.lock);
		if (err) {
			unix_msg_free(msg);
			break;
		}
		if (urgent)
			tell_of_urgent(to);
		else
			tell_reader(to);
		sent += n;
	}
	scm_drop(&scm);
	if (sent)
		return (ssize_t)sent;
	if (err == -EPIPE && !(m->flags & MSG_NOSIGNAL))
		pipe_broken();
	return err;
}

/* Where a datagram of u goes, referenced: the address given, or the peer. ERR_PTR. */
static struct unix_sock *destination(struct unix_sock *u, const struct message *m)
{
	struct unix_sock *to;

	if (m->name && u->sk.type == SOCK_DGRAM)
		return unix_find(m->name, m->name_len, SOCK_DGRAM);
	spin_lock(&u->sk.lock);
	to = u->peer ? unix_get(u->peer) : NULL;
	spin_unlock(&u->sk.lock);
	return to ? to : ERR_PTR(-ENOTCONN);
}

/* Waits till `to` has room for one of ours, or is in no state to get it. */
static int wait_for_room(struct unix_sock *u, struct unix_sock *to, u64 deadline)
{
	struct waiter w;
	int err = 0;

	if (!deadline) {
		/* Polling for it must find out when there is. */
		return unix_relay(u, to) ? 0 : -EAGAIN;
	}
	waiter_init(&w);
	w.exclusive = true;
	wait_prepare(&to->space, &w, TASK_INTERRUPTIBLE);
	if (unix_queue_full(u, to) && !READ_ONCE(to->dead) &&
	    !(READ_ONCE(to->sk.shutdown) & SHUT_RECEIVE))
		err = wait_sleep(deadline);
	wait_finish(&to->space, &w);
	if (err)
		wake_up(&to->space, 1);
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err && deadline != WAIT_FOREVER ? -EINTR : err;
}

/* [to->sk.lock] 0, -EAGAIN: full; or why it can't be sent. */
static int may_deliver(struct unix_sock *u, const struct unix_sock *to)
{
	if (to->peer && to->peer != u && u->sk.type == SOCK_DGRAM)
		return -EPERM;
	if (to->dead)
		return u->sk.type == SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
	if (to->sk.shutdown & SHUT_RECEIVE)
		return -EPIPE;
	return to != u && to->peer != u && to->queued > (unsigned)to->backlog ? -EAGAIN : 0;
}

static bool wants_stamps(const struct unix_sock *u)
{
	return socket_option(&u->sk, OPT_TIMESTAMP) || socket_option(&u->sk, OPT_TIMESTAMPNS);
}

static void read_msg(const void *from, u32 off, void *buf, u32 n)
{
	const struct unix_msg *msg = from;
	u8 *to = buf;

	if (!msg->nr_pages) {
		memcpy(buf, msg->data + off, n);
		return;
	}
	for (; n; n--, off++)
		*to++ = ((const u8 *)page_to_virt(msg->pages[off / PAGE_SIZE]))[off % PAGE_SIZE];
}

static int deliver(struct unix_sock *u, struct message *m, struct unix_msg *msg, struct scm *scm)
{
	struct unix_sock *to = destination(u, m);
	u32 kept;
	int err;

	if (IS_ERR(to))
		return (int)PTR_ERR(to);
	kept = socket_filter_read(&to->sk, msg->len, read_msg, msg);
	if (!kept) { /* the sender is not told */
		unix_msg_free(msg);
		unix_put(to);
		return 0;
	}
	msg->len = min(msg->len, kept);
	add_scm(msg, u, to, scm);
	if (wants_stamps(to))
		msg->stamp = now_real();
	for (;;) {
		spin_lock(&to->sk.lock);
		err = may_deliver(u, to);
		if (!err)
			enqueue(to, msg);
		spin_unlock(&to->sk.lock);
		if (err != -EAGAIN)
			break;
		err = wait_for_room(u, to, m->deadline);
		if (err)
			break;
	}
	if (!err)
		tell_reader(to);
	else if (err == -ECONNREFUSED && READ_ONCE(u->peer) == to)
		unix_set_peer(u, NULL);
	unix_put(to);
	return err;
}

ssize_t unix_packet_sendmsg(struct socket *sk, struct message *m)
{
	struct unix_sock *u = to_unix(sk);
	size_t len = m->data->count;
	struct unix_msg *msg;
	struct scm scm;
	int err = scm_import(m, &scm);

	if (err)
		return err;
	if (m->flags & MSG_OOB)
		err = -EOPNOTSUPP;
	else if (sk->type == SOCK_SEQPACKET && READ_ONCE(u->state) != UNIX_CONNECTED)
		err = READ_ONCE(sk->err) ? socket_take_error(sk) : -ENOTCONN;
	else if ((!m->name || sk->type == SOCK_SEQPACKET) && !READ_ONCE(u->peer))
		err = -ENOTCONN;
	else if (unix_wants_sender(sk) && !READ_ONCE(u->addr))
		err = unix_autobind(u);
	if (!err && len > READ_ONCE(sk->sndbuf) - 32)
		err = -EMSGSIZE;
	if (!err) {
		msg = new_msg(u, m, len);
		err = IS_ERR(msg) ? (int)PTR_ERR(msg) : deliver(u, m, msg, &scm);
		if (err && !IS_ERR(msg))
			unix_msg_free(msg);
	}
	scm_drop(&scm);
	return err ? err : (ssize_t)len;
}

/* --- receiving --- */

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
	if (!err && wants_stamps(u))
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
