/*
 * Event polling: epoll(7). An epoll file has a tree of items, one for each
 * (file, descriptor number) added, and a list of items that may be ready. An
 * item sits on its file's wait queues; a wake puts it on the ready list and
 * wakes who waits. Collecting asks each listed item's file again, so a stale
 * listing does no harm.
 *
 * A wake goes up through epoll files that watch epoll files, under the queues'
 * locks, along every path. So epoll_ctl(2) refuses what would make a ring or a
 * long chain (ELOOP), or many paths from one file up (EINVAL), as Linux does.
 *
 * Locks: ep->mutex guards the tree and collecting, taken from the watcher down to
 * the watched; ep->lock (irqsave, taken in wakes) the ready list. file->lock guards
 * file->epoll_links, taken from the watched up. nesting_mutex comes before the other
 * mutexes, where links between epoll files are made or an epoll file that is watched
 * gets another file: the checks see a graph that does not grow.
 * When a watched file goes away, its items are found through file->epoll_links.
 */
#include "fs/epoll.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "mm/usercopy.h"

/* epoll files that watch epoll files, one below the other: epoll_ctl(2), ELOOP */
#define MAX_NESTING 4

/*
 * Paths from one file up to epoll files that nobody watches, by the number of epoll files in
 * between; Linux's numbers. Any number may watch the file itself.
 */
static const unsigned path_limits[MAX_NESTING + 1] = { 0, 500, 100, 50, 10 };

struct epoll {
	struct mutex mutex;
	struct rb_root items; /* [mutex] by (file, fd) */
	spinlock_t lock; /* RANK_EPOLL, irqsave */
	struct list_head ready; /* [lock] items by ready_link */
	struct waitq waiters; /* in epoll_wait */
	struct waitq pollers; /* who polls this epoll file */
	atomic_t refs; /* [a] the file, and each item under removal by its file */
	u32 uid; /* [I] who made it: the items are counted for that user */
	/* [I] not referenced: stays while the file has items on it or above it */
	struct file *file;
	int levels; /* [nesting_mutex] below or above this one, as found in the walk `walked` */
	u64 walked; /* [nesting_mutex], downward [mutex] too: the last walk that came by */
};

/* One wait queue that an item sits on; most have one, a few files name two. */
struct epoll_hook {
	struct epoll_hook *next;
	struct waiter waiter;
	struct waitq *q;
};

struct epoll_item {
	struct rb_node node; /* [mutex] */
	struct list_head ready_link; /* [lock] */
	struct list_head file_link; /* [file->lock] in file->epoll_links */
	struct epoll *ep;
	struct file *file; /* not referenced: the file tells when it goes */
	int fd;
	struct epoll_event event; /* [mutex] */
	struct epoll_hook first;
	struct poll_table table;
	int error;
};

static struct mutex nesting_mutex;
u64 epoll_max_watches;
static u64 walk; /* [nesting_mutex] number of the last walk over the graph */
static struct slab_cache *item_slab;
static const struct file_ops epoll_fops;

void epoll_init(void)
{
	mutex_init(&nesting_mutex);
	item_slab = slab_create("epoll_item", sizeof(struct epoll_item), 0);
	/* As Linux has it: a user's may take a 25th of the memory. */
	epoll_max_watches = ram_pages / 25 * PAGE_SIZE / sizeof(struct epoll_item);
}

struct file *epoll_create_file(void)
{
	struct epoll *ep = kzalloc(sizeof(*ep), 0);
	struct file *f;

	if (!ep)
		return ERR_PTR(-ENOMEM);
	mutex_init(&ep->mutex);
	spin_init(&ep->lock, RANK_EPOLL, "epoll");
	list_init(&ep->ready);
	waitq_init(&ep->waiters);
	waitq_init(&ep->pollers);
	atomic_set(&ep->refs, 1);
	ep->uid = current->cred->uid;
	f = anon_file("anon_inode:[eventpoll]", &epoll_fops, ep, O_RDWR);
	if (IS_ERR(f))
		kfree(ep);
	else
		ep->file = f;
	return f;
}

static void ep_put(struct epoll *ep)
{
	if (atomic_dec_and_test(&ep->refs))
		kfree(ep);
}

/* Lists an item as perhaps ready, and tells. Did anybody wait for it? Any context. */
static bool make_ready(struct epoll_item *it)
{
	struct epoll *ep = it->ep;
	unsigned long flags = spin_lock_irqsave(&ep->lock);
	bool waited;

	if (list_empty(&it->ready_link))
		list_add_tail(&it->ready_link, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	smp_mb(); /* it waits, or sees the item: one of the two */
	waited = waitq_active(&ep->waiters);
	wake_up(&ep->waiters, 1);
	if (waitq_active(&ep->pollers))
		wake_up_key(&ep->pollers, EPOLLIN | EPOLLRDNORM);
	return waited;
}

/* Under the watched queue's lock. */
static bool item_wake(struct waiter *w, u32 key)
{
	struct epoll_item *it = w->arg;
	u32 events = READ_ONCE(it->event.events);

	if (!(events & ~(u32)(EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP)))
		return false; /* disarmed by EPOLLONESHOT */
	if (key && !(key & (events | EPOLLERR | EPOLLHUP)))
		return false;
	/* Where nobody waits now, the event is for another: epoll_ctl(2), EPOLLEXCLUSIVE. */
	return make_ready(it) && (events & EPOLLEXCLUSIVE);
}

static void item_queue(struct poll_table *pt, struct file *f __unused, struct waitq *q)
{
	struct epoll_item *it = container_of(pt, struct epoll_item, table);
	struct epoll_hook *h = &it->first;

	if (h->q) {
		h = kzalloc(sizeof(*h), 0);
		if (!h) {
			it->error = -ENOMEM;
			return;
		}
		h->next = it->first.next;
		it->first.next = h;
	}
	h->q = q;
	waiter_init_fn(&h->waiter, item_wake, it);
	h->waiter.exclusive = it->event.events & EPOLLEXCLUSIVE;
	waitq_add(q, &h->waiter);
}

static int compare(const struct file *f, int fd, const struct epoll_item *it)
{
	if (f != it->file)
		return f < it->file ? -1 : 1;
	return fd < it->fd ? -1 : fd > it->fd;
}

static struct epoll_item *find(struct epoll *ep, const struct file *f, int fd)
{
	struct rb_node *n = ep->items.node;

	while (n) {
		struct epoll_item *it = rb_entry(n, struct epoll_item, node);
		int c = compare(f, fd, it);

		if (!c)
			return it;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

static void insert(struct epoll *ep, struct epoll_item *it)
{
	struct rb_node **link = &ep->items.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = compare(it->file, it->fd, rb_entry(parent, struct epoll_item, node)) < 0 ?
			       &parent->left :
			       &parent->right;
	}
	rb_insert(&ep->items, &it->node, parent, link, NULL);
}

/* Takes an item off its wait queues. After this no wake finds it. */
static void unhook(struct epoll_item *it)
{
	struct epoll_hook *h = it->first.next, *next;

	if (it->first.q)
		waitq_remove(it->first.q, &it->first.waiter);
	for (; h; h = next) {
		next = h->next;
		waitq_remove(h->q, &h->waiter);
		kfree(h);
	}
	it->first.q = NULL;
	it->first.next = NULL;
}

/* Takes an item out for good; ep->mutex held, and the file alive or going in epoll_file_gone. */
static void remove_item(struct epoll *ep, struct epoll_item *it)
{
	unsigned long flags;

	unhook(it);
	spin_lock(&it->file->lock);
	list_del_init(&it->file_link);
	spin_unlock(&it->file->lock);
	flags = spin_lock_irqsave(&ep->lock);
	if (!list_empty(&it->ready_link))
		list_del_init(&it->ready_link);
	spin_unlock_irqrestore(&ep->lock, flags);
	rb_erase(&ep->items, &it->node, NULL);
	slab_free(item_slab, it);
	user_uncharge(ep->uid, USER_EPOLL_WATCHES);
}

static u32 ask(struct epoll_item *it, struct poll_table *pt)
{
	return file_poll(it->file, pt) & (it->event.events | EPOLLERR | EPOLLHUP);
}

static bool is_epoll(const struct file *f)
{
	return f->ops == &epoll_fops;
}

static bool is_watched(const struct file *f)
{
	return !list_empty(&f->epoll_links);
}

/* --- the graph of epoll files; all with nesting_mutex held --- */

/*
 * Levels of epoll files below `at`; -ELOOP when ep is among them. Each is looked at once a walk.
 * Those between are never deeper than MAX_NESTING, so the stack suffices.
 */
static int levels_below(const struct epoll *ep, struct epoll *at)
{
	struct rb_node *n;
	int most = 0;

	if (at == ep)
		return -ELOOP;
	if (at->walked == walk)
		return at->levels;
	mutex_lock(&at->mutex);
	at->walked = walk;
	for (n = rb_first(&at->items); n && most >= 0; n = rb_next(n)) {
		struct epoll_item *it = rb_entry(n, struct epoll_item, node);
		int levels;

		if (!is_epoll(it->file))
			continue;
		levels = levels_below(ep, it->file->priv);
		if (levels < 0)
			most = levels;
		else if (levels >= most)
			most = levels + 1;
	}
	at->levels = most;
	mutex_unlock(&at->mutex);
	return most;
}

/* Levels of epoll files that watch ep, another walk. */
static int levels_above(struct epoll *ep)
{
	struct epoll_item *it;
	int most = 0;

	if (ep->walked == walk)
		return ep->levels;
	spin_lock_nested(&ep->file->lock);
	list_for_each_entry(it, &ep->file->epoll_links, file_link)
		most = max(most, levels_above(it->ep) + 1);
	spin_unlock(&ep->file->lock);
	ep->walked = walk;
	ep->levels = most;
	return most;
}

/* Would watching `to` from ep make a loop, or a chain too long? */
static int check_nesting(struct epoll *ep, struct epoll *to)
{
	int below, above;

	walk++;
	below = levels_below(ep, to);
	if (below < 0)
		return below;
	walk++;
	above = levels_above(ep);
	return below + 1 + above > MAX_NESTING ? -ELOOP : 0;
}

/*
 * Counts the paths from f up, `depth` epoll files above where they began. 0 or -EINVAL: too many.
 */
static int count_paths(struct file *f, unsigned depth, unsigned *paths)
{
	struct epoll_item *it;
	int err = 0;

	if (depth > MAX_NESTING)
		return -EINVAL;
	spin_lock_nested(&f->lock);
	list_for_each_entry(it, &f->epoll_links, file_link) {
		if (is_watched(it->ep->file))
			err = count_paths(it->ep->file, depth + 1, paths);
		else if (depth && ++paths[depth] > path_limits[depth])
			err = -EINVAL;
		if (err)
			break;
	}
	spin_unlock(&f->lock);
	return err;
}

/* Has f, which is no epoll file, too many paths up? Each file is looked at once a walk. */
static int check_file(struct file *f)
{
	unsigned paths[MAX_NESTING + 1] = { 0 };

	if (f->epoll_walk == walk)
		return 0;
	f->epoll_walk = walk;
	return count_paths(f, 0, paths);
}

/* The same for all files that are watched at or below ep. */
static int check_files_below(struct epoll *ep)
{
	struct rb_node *n;
	int err = 0;

	if (ep->walked == walk)
		return 0;
	mutex_lock(&ep->mutex);
	ep->walked = walk;
	for (n = rb_first(&ep->items); n && !err; n = rb_next(n)) {
		struct file *f = rb_entry(n, struct epoll_item, node)->file;

		err = is_epoll(f) ? check_files_below(f->priv) : check_file(f);
		cond_resched();
	}
	mutex_unlock(&ep->mutex);
	return err;
}

/* After f has come to be watched: are the paths through the new link too many? */
static int check_paths(struct file *f)
{
	walk++;
	return is_epoll(f) ? check_files_below(f->priv) : check_file(f);
}

/* nested: nesting_mutex is held, and the paths are to be counted. */
static int add(struct epoll *ep, int fd, struct file *f, const struct epoll_event *ev, bool nested)
{
	struct epoll_item *it;

	if (!user_charge(ep->uid, USER_EPOLL_WATCHES, READ_ONCE(epoll_max_watches)))
		return -ENOSPC;
	it = slab_zalloc(item_slab);
	if (!it) {
		user_uncharge(ep->uid, USER_EPOLL_WATCHES);
		return -ENOMEM;
	}
	list_init(&it->ready_link);
	list_init(&it->file_link);
	it->ep = ep;
	it->file = f;
	it->fd = fd;
	it->event = *ev;
	it->table.queue = item_queue;
	it->table.events = ev->events;
	insert(ep, it);
	spin_lock(&f->lock);
	list_add_tail(&it->file_link, &f->epoll_links);
	spin_unlock(&f->lock);
	if (nested)
		it->error = check_paths(f);
	if (!it->error && ask(it, &it->table))
		make_ready(it);
	it->table.queue = NULL;
	if (it->error) {
		int err = it->error;

		remove_item(ep, it);
		return err;
	}
	return 0;
}

static int modify(struct epoll_item *it, const struct epoll_event *ev)
{
	if ((it->event.events | ev->events) & EPOLLEXCLUSIVE)
		return -EINVAL;
	it->event = *ev;
	__atomic_thread_fence(
		__ATOMIC_SEQ_CST); /* wakes look at events, we at the file: one sees the other */
	if (ask(it, NULL))
		make_ready(it);
	return 0;
}

const struct file *epoll_target(struct file *epf, int fd, unsigned nth)
{
	struct epoll *ep = epf->priv;
	const struct file *found = ERR_PTR(-ENOENT);

	if (!is_epoll(epf))
		return ERR_PTR(-EINVAL);
	mutex_lock(&ep->mutex);
	for (struct rb_node *n = rb_first(&ep->items); n; n = rb_next(n)) {
		const struct epoll_item *it = rb_entry(n, struct epoll_item, node);

		if (it->fd == fd && !nth--) {
			found = it->file;
			break;
		}
	}
	mutex_unlock(&ep->mutex);
	return found;
}

int epoll_control(struct file *epf, int op, int fd, struct file *f, const struct epoll_event *uev)
{
	struct epoll_event ev = *uev;
	struct epoll *ep = epf->priv;
	struct epoll_item *it;
	bool nested;
	int err = 0;

	if (!f->ops->poll)
		return -EPERM; /* regular files and directories: epoll_ctl(2) */
	if (f == epf || !is_epoll(epf))
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && (ev.events & EPOLLEXCLUSIVE)) {
		if (op == EPOLL_CTL_MOD || is_epoll(f) ||
		    (ev.events & ~(u32)(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP |
					EPOLLET | EPOLLEXCLUSIVE)))
			return -EINVAL;
	}
	ev.events |= op == EPOLL_CTL_DEL ? 0 : EPOLLERR | EPOLLHUP;
	mutex_lock(&ep->mutex);
	/* A walk that has been here did not see what comes now. */
	nested = op == EPOLL_CTL_ADD &&
		 (is_epoll(f) || is_watched(epf) || ep->walked == READ_ONCE(walk));
	if (nested) {
		mutex_unlock(&ep->mutex);
		mutex_lock(&nesting_mutex);
		err = is_epoll(f) ? check_nesting(ep, f->priv) : 0;
		if (err)
			goto out_nesting;
		mutex_lock(&ep->mutex);
	}
	it = find(ep, f, fd);
	switch (op) {
	case EPOLL_CTL_ADD:
		err = it ? -EEXIST : add(ep, fd, f, &ev, nested);
		break;
	case EPOLL_CTL_MOD:
		err = it ? modify(it, &ev) : -ENOENT;
		break;
	case EPOLL_CTL_DEL:
		if (it)
			remove_item(ep, it);
		else
			err = -ENOENT;
		break;
	default:
		err = -EINVAL;
		break;
	}
	mutex_unlock(&ep->mutex);
out_nesting:
	if (nested) {
		walk++;
		mutex_unlock(&nesting_mutex);
	}
	return err;
}

/* The last reference of a watched file went: its items go with it. */
void epoll_file_gone(struct file *f)
{
	for (;;) {
		struct epoll_item *it;
		struct epoll *ep;

		spin_lock(&f->lock);
		if (list_empty(&f->epoll_links)) {
			spin_unlock(&f->lock);
			return;
		}
		it = list_first_entry(&f->epoll_links, struct epoll_item, file_link);
		ep = it->ep;
		/*
		 * An epoll file that is going itself takes its items off under its mutex: wait for
		 * it there.
		 */
		atomic_inc(&ep->refs);
		spin_unlock(&f->lock);
		mutex_lock(&ep->mutex);
		spin_lock(&f->lock);
		if (!list_empty(&f->epoll_links) &&
		    list_first_entry(&f->epoll_links, struct epoll_item, file_link) == it &&
		    it->ep == ep) {
			spin_unlock(&f->lock);
			remove_item(ep, it);
		} else {
			spin_unlock(&f->lock);
		}
		mutex_unlock(&ep->mutex);
		ep_put(ep);
	}
}

/*
 * Moves what is ready to user memory: up to max events. Level-triggered items go to the end of the
 * list again. Returns the count, or -EFAULT when the first could not be stored.
 */
static int collect(struct epoll *ep, struct epoll_event __user *to, int max)
{
	struct list_head batch = LIST_HEAD_INIT(batch), again = LIST_HEAD_INIT(again);
	unsigned long flags;
	int n = 0, err = 0;

	mutex_lock(&ep->mutex);
	flags = spin_lock_irqsave(&ep->lock);
	list_splice_init(&ep->ready, &batch);
	while (n < max && !list_empty(&batch)) {
		struct epoll_item *it = list_first_entry(&batch, struct epoll_item, ready_link);
		struct epoll_event ev;

		list_del_init(&it->ready_link); /* a wake from here on lists it afresh */
		spin_unlock_irqrestore(&ep->lock, flags);
		ev.events = ask(it, NULL);
		ev.data = it->event.data;
		if (ev.events && copy_to_user(&to[n], &ev, sizeof(ev)))
			err = -EFAULT;
		flags = spin_lock_irqsave(&ep->lock);
		if (err) {
			if (list_empty(&it->ready_link))
				list_add(&it->ready_link, &batch);
			break;
		}
		if (!ev.events)
			continue;
		n++;
		if (it->event.events & EPOLLONESHOT)
			it->event.events &= EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP;
		else if (!(it->event.events & EPOLLET) && list_empty(&it->ready_link))
			list_add_tail(&it->ready_link, &again);
	}
	list_splice_init(&batch, &ep->ready); /* not looked at: in front */
	while (!list_empty(&again))
		list_move_tail(again.next, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	mutex_unlock(&ep->mutex);
	return n ? n : err;
}

int epoll_wait_file(struct file *f, void __user *events, int max, u64 deadline)
{
	struct epoll *ep = f->priv;
	int n, err = 0;

	if (!is_epoll(f))
		return -EINVAL;
	for (;;) {
		struct waiter w;

		n = list_empty(&ep->ready) ? 0 : collect(ep, events, max);
		if (n || err || deadline == 0)
			break;
		waiter_init(&w);
		w.exclusive = true;
		wait_prepare(&ep->waiters, &w, TASK_INTERRUPTIBLE);
		if (list_empty(&ep->ready))
			err = wait_sleep(deadline);
		wait_finish(&ep->waiters, &w);
		if (err == -ETIMEDOUT) {
			deadline = 0; /* one last look */
			err = 0;
		}
	}
	/* More is listed: another sleeper may take it. */
	if (n > 0 && !list_empty(&ep->ready) && waitq_active(&ep->waiters))
		wake_up(&ep->waiters, 1);
	return n ? n : err;
}

static u32 epoll_poll(struct file *f, struct poll_table *pt)
{
	struct epoll *ep = f->priv;
	struct epoll_item *it, *next;
	struct list_head batch = LIST_HEAD_INIT(batch);
	unsigned long flags;
	u32 ev = 0;

	poll_wait(f, &ep->pollers, pt);
	mutex_lock(&ep->mutex); /* what somebody is collecting now comes back to the list */
	flags = spin_lock_irqsave(&ep->lock);
	list_for_each_entry_safe(it, next, &ep->ready, ready_link)
		list_move_tail(&it->ready_link, &batch);
	while (!ev && !list_empty(&batch)) {
		it = list_first_entry(&batch, struct epoll_item, ready_link);
		list_del_init(&it->ready_link);
		spin_unlock_irqrestore(&ep->lock, flags);
		if (ask(it, NULL))
			ev = EPOLLIN | EPOLLRDNORM;
		flags = spin_lock_irqsave(&ep->lock);
		if (ev && list_empty(&it->ready_link))
			list_add(&it->ready_link, &batch);
	}
	list_splice_init(&batch, &ep->ready);
	spin_unlock_irqrestore(&ep->lock, flags);
	mutex_unlock(&ep->mutex);
	if (ev && waitq_active(&ep->waiters)) /* one may have looked while the list was empty */
		wake_up(&ep->waiters, 1);
	return ev;
}

static void epoll_release(struct file *f)
{
	struct epoll *ep = f->priv;
	struct rb_node *n;

	mutex_lock(&ep->mutex);
	while ((n = rb_first(&ep->items)))
		remove_item(ep, rb_entry(n, struct epoll_item, node));
	mutex_unlock(&ep->mutex);
	ep_put(ep);
}

static const struct file_ops epoll_fops = {
	.poll = epoll_poll,
	.release = epoll_release,
};
