/*
 * Unix sockets: messages, and what is sent. unix(7), send(2). Receiving is unix_recv.c.
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
	if (unix_wants_stamps(to))
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
