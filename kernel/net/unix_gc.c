/*
 * Unix sockets that are held by nothing but messages to each other: unix(7),
 * SCM_RIGHTS. A socket whose file has no reference but those of messages in flight
 * may be garbage; it is unless somebody who is not, directly or through others,
 * has it in his queue. So: count for each candidate the references that come out
 * of candidates' queues; who has others besides is reachable, and so is all in
 * the queues of the reachable. The queues of the rest are thrown away.
 *
 * unix_gc_mutex is held by who puts sockets into messages, takes them out, or
 * copies them: meanwhile no new reference to a candidate can come, since all there
 * are stand in messages.
 */
#include "net/unix.h"

#include "core/mutex.h"
#include "core/work.h"

static struct mutex gc_mutex = MUTEX_INIT(gc_mutex);
static LIST_HEAD(in_flight); /* [gc_mutex] sockets in messages */
static unsigned nr_in_flight; /* [gc_mutex] references; read at any time */
static struct work gc_work;

/* More of them than this in flight, and the next sender waits for a collection. */
#define MANY_IN_FLIGHT 16000

static struct unix_sock *unix_of(const struct file *f)
{
	struct socket *sk = file_socket(f);

	return sk && sk->family == AF_UNIX ? to_unix(sk) : NULL;
}

void unix_attach(struct unix_msg *msg)
{
	struct scm_files *files = msg->files;

	files->unix_sockets = 0;
	for (unsigned i = 0; i < files->n; i++)
		files->unix_sockets += unix_of(files->file[i]) != NULL;
	if (!files->unix_sockets)
		return;
	if (READ_ONCE(nr_in_flight) > MANY_IN_FLIGHT) {
		work_queue(&gc_work);
		work_flush();
	}
	mutex_lock(&gc_mutex);
	for (unsigned i = 0; i < files->n; i++) {
		struct unix_sock *u = unix_of(files->file[i]);

		if (u && !u->in_flight++)
			list_add_tail(&u->in_flight_link, &in_flight);
	}
	WRITE_ONCE(nr_in_flight, nr_in_flight + files->unix_sockets);
	mutex_unlock(&gc_mutex);
}

void unix_detach(struct unix_msg *msg)
{
	struct scm_files *files = msg->files;

	if (!files->unix_sockets)
		return;
	mutex_lock(&gc_mutex);
	for (unsigned i = 0; i < files->n; i++) {
		struct unix_sock *u = unix_of(files->file[i]);

		if (u && !--u->in_flight)
			list_del_init(&u->in_flight_link);
	}
	WRITE_ONCE(nr_in_flight, nr_in_flight - files->unix_sockets);
	mutex_unlock(&gc_mutex);
}

struct scm_files *unix_peek_files(const struct unix_msg *msg)
{
	struct scm_files *copy;

	mutex_lock(&gc_mutex);
	copy = scm_files_dup(msg->files);
	mutex_unlock(&gc_mutex);
	return copy;
}

/* Calls fn for each candidate in u's queue, once for each reference. */
static void for_children(struct unix_sock *u, void (*fn)(struct unix_sock *child, void *arg),
			 void *arg)
{
	const struct unix_msg *msg;

	spin_lock_nested(&u->sk.lock);
	list_for_each_entry(msg, &u->queue, link) {
		if (msg->embryo)
			for_children(msg->embryo, fn, arg);
		for (unsigned i = 0; msg->files && i < msg->files->n; i++) {
			struct unix_sock *child = unix_of(msg->files->file[i]);

			if (child && child->gc_candidate)
				fn(child, arg);
		}
	}
	spin_unlock(&u->sk.lock);
}

static void from_inside(struct unix_sock *child, void *arg)
{
	(void)arg;
	child->gc_refs--;
}

static void reached(struct unix_sock *child, void *arg)
{
	child->gc_candidate = false;
	list_add_tail(&child->gc_link, arg);
}

static void collect(struct work *w)
{
	LIST_HEAD(reachable);
	LIST_HEAD(garbage);
	struct unix_sock *u;

	(void)w;
	mutex_lock(&gc_mutex);
	list_for_each_entry(u, &in_flight, in_flight_link) {
		u->gc_candidate = (unsigned)atomic_read(&u->sk.file->refs) == u->in_flight;
		u->gc_refs = u->in_flight;
	}
	list_for_each_entry(u, &in_flight, in_flight_link)
		if (u->gc_candidate)
			for_children(u, from_inside, NULL);
	list_for_each_entry(u, &in_flight, in_flight_link)
		if (u->gc_candidate && u->gc_refs)
			reached(u, &reachable);
	while (!list_empty(&reachable)) {
		u = list_first_entry(&reachable, struct unix_sock, gc_link);
		list_del(&u->gc_link);
		for_children(u, reached, &reachable);
	}
	list_for_each_entry(u, &in_flight, in_flight_link) {
		if (!u->gc_candidate)
			continue;
		u->gc_candidate = false;
		spin_lock(&u->sk.lock);
		list_splice_tail_init(&u->queue, &garbage);
		u->queued = 0;
		u->queued_bytes = 0;
		u->oob = NULL;
		spin_unlock(&u->sk.lock);
	}
	mutex_unlock(&gc_mutex);
	unix_drop_queue(&garbage);
}

void unix_gc_kick(void)
{
	if (READ_ONCE(nr_in_flight))
		work_queue(&gc_work);
}

void unix_gc_init(void)
{
	work_init(&gc_work, collect);
}
