/*
 * What a userfaultfd(2) context tells beside faults: UFFD_EVENT_FORK, _REMAP, _REMOVE, _UNMAP, where
 * UFFDIO_API asked for them. Who changes the space says so under mm->sem (ctx->changing: meanwhile
 * nobody fills pages, -EAGAIN), lets it go, and sleeps until the message is read, the descriptor is
 * closed, or it is killed.
 *
 * ctx->events is guarded by ctx->lock; an event is its sender's. While a reader makes the descriptor
 * that a fork's message names, the event is `busy`: nobody else reads it, and its sender stays.
 */
#include "mm/uffd.h"

#include "alloc/slab.h"
#include "core/signal.h"
#include "lib/string.h"
#include "mm/internal.h"

struct uffd_event {
	struct list_head link; /* [lock] in ctx->events; empty: it is not there any more */
	struct uffd *of; /* [I] whose; referenced */
	struct uffd *child; /* [I] FORK: the new one, whose only free reference passes to the file */
	struct uffd_msg msg; /* [I] */
	bool busy, told; /* [lock] */
};

static bool wants(const struct uffd *u, u64 feature)
{
	return u && (u->features & feature);
}

/* sem held: something of u's changes, and it is to be told once sem is not held. */
static struct uffd *changes(struct uffd *u)
{
	uffd_get(u);
	atomic_inc(&u->changing);
	return u;
}

/* The event takes over what changes() took. */
static void event_init(struct uffd_event *ev, struct uffd *u, u8 event)
{
	memset(ev, 0, sizeof(*ev));
	list_init(&ev->link);
	ev->of = u;
	ev->msg.event = event;
}

static void finish(struct uffd_event *ev)
{
	atomic_dec(&ev->of->changing);
	uffd_put(ev->of);
}

/* Is it over: told, or, if its sender gives up, not being told? Then it is off the list. */
static bool is_over(struct uffd_event *ev, bool give_up)
{
	struct uffd *u = ev->of;
	bool over;

	spin_lock(&u->lock);
	over = list_empty(&ev->link) || (give_up && !ev->busy);
	if (over)
		list_del_init(&ev->link);
	spin_unlock(&u->lock);
	return over;
}

static void send(struct uffd_event *ev)
{
	struct uffd *u = ev->of;
	struct waiter w;
	bool killed = false;

	spin_lock(&u->lock);
	if (!u->closed)
		list_add_tail(&ev->link, &u->events);
	spin_unlock(&u->lock);
	wake_up_all(&u->readers);
	waiter_init(&w);
	for (;;) {
		wait_prepare(&u->sleepers, &w, killed ? TASK_UNINTERRUPTIBLE : TASK_KILLABLE);
		if (is_over(ev, killed))
			break;
		killed |= wait_sleep(WAIT_FOREVER) != 0;
	}
	wait_finish(&u->sleepers, &w);
}

/* --- who reads --- */

struct uffd_event *uffd_event_take(struct uffd *u, struct uffd_msg *msg, struct uffd **child)
{
	struct uffd_event *ev, *found = NULL;

	spin_lock(&u->lock);
	list_for_each_entry(ev, &u->events, link) {
		if (ev->busy)
			continue;
		found = ev;
		found->busy = true;
		*msg = ev->msg;
		*child = ev->child;
		break;
	}
	spin_unlock(&u->lock);
	return found;
}

void uffd_event_told(struct uffd *u, struct uffd_event *ev, bool ok)
{
	spin_lock(&u->lock);
	ev->busy = false;
	ev->told = ok;
	if (ok)
		list_del_init(&ev->link);
	spin_unlock(&u->lock);
	wake_up_all(ok ? &u->sleepers : &u->readers);
}

bool uffd_event_waits(struct uffd *u)
{
	struct uffd_event *ev;
	bool any = false;

	if (list_empty(&u->events))
		return false;
	spin_lock(&u->lock);
	list_for_each_entry(ev, &u->events, link)
		any |= !ev->busy;
	spin_unlock(&u->lock);
	return any;
}

/* --- fork(2) --- */

int uffd_fork(struct area *b, const struct area *a, struct list_head *births)
{
	struct uffd_event *ev, *found = NULL;

	if (!wants(a->uffd, UFFD_FEATURE_EVENT_FORK))
		return 0;
	list_for_each_entry(ev, births, link)
		if (ev->of == a->uffd)
			found = ev;
	if (!found) {
		struct uffd *child = uffd_alloc(b->mm, a->uffd->flags);

		found = child ? kmalloc(sizeof(*found), 0) : NULL;
		if (!found) {
			uffd_put(child);
			return -ENOMEM;
		}
		child->features = a->uffd->features;
		event_init(found, changes(a->uffd), UFFD_EVENT_FORK);
		found->child = child;
		list_add_tail(&found->link, births);
	}
	uffd_get(found->child);
	b->uffd = found->child;
	b->uffd_mode = a->uffd_mode;
	b->flags |= VM_UFFD;
	return 0;
}

void uffd_fork_end(struct list_head *births, bool born)
{
	struct uffd_event *ev, *next;

	list_for_each_entry_safe(ev, next, births, link) {
		list_del_init(&ev->link);
		if (born)
			send(ev);
		/* Nobody will ever see the child's faults. */
		if (!ev->told)
			uffd_close(ev->child);
		finish(ev);
		kfree(ev);
	}
}

/* --- mremap(2), madvise(2) --- */

struct uffd *uffd_moves(struct area *a)
{
	struct uffd *u = a->uffd;

	if (!wants(u, UFFD_FEATURE_EVENT_REMAP)) {
		a->uffd = NULL;
		a->uffd_mode = 0;
		a->flags &= ~VM_UFFD;
		uffd_put(u);
		return NULL;
	}
	return changes(u);
}

void uffd_moved(struct uffd *u, u64 from, u64 to, u64 len)
{
	struct uffd_event ev;

	event_init(&ev, u, UFFD_EVENT_REMAP);
	ev.msg.arg.remap.from = from;
	ev.msg.arg.remap.to = to;
	ev.msg.arg.remap.len = len;
	send(&ev);
	finish(&ev);
}

struct uffd *uffd_removes(const struct area *a)
{
	return wants(a->uffd, UFFD_FEATURE_EVENT_REMOVE) ? changes(a->uffd) : NULL;
}

static void tell_range(struct uffd *u, u8 event, u64 start, u64 end)
{
	struct uffd_event ev;

	event_init(&ev, u, event);
	ev.msg.arg.remove.start = start;
	ev.msg.arg.remove.end = end;
	send(&ev);
	finish(&ev);
}

void uffd_removing(struct uffd *u, u64 start, u64 end)
{
	tell_range(u, UFFD_EVENT_REMOVE, start, end);
}

/* --- munmap(2), and what has its effect --- */

void uffd_unmapped(struct area *a, u64 start, u64 end, const struct list_head *dead)
{
	const struct area *d;

	if (!wants(a->uffd, UFFD_FEATURE_EVENT_UNMAP))
		return;
	/* The whole range is told of once. */
	list_for_each_entry(d, dead, dead)
		if (d->tells && d->uffd == a->uffd && d->start == start && d->end == end)
			return;
	changes(a->uffd);
	a->tells = true;
	a->start = start;
	a->end = end;
}

void uffd_unmap_end(const struct area *a)
{
	tell_range(a->uffd, UFFD_EVENT_UNMAP, a->start, a->end);
}
