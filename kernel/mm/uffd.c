/*
 * Contexts of userfaultfd(2): who waits for which page, and the calls that fill pages (uffd.h).
 *
 * No wake is lost: who will sleep puts itself on the list first and then looks at the page again with
 * mm->sem held. Who fills a page, or takes the registration away, does that before it looks at the
 * list.
 *
 * A poisoned page is an entry that refers to no page and is not zero. Areas that have some bear
 * VM_POISON.
 */
#include "mm/uffd.h"

#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/signal.h"
#include "lib/string.h"
#include "mm/internal.h"
#include "mm/usercopy.h"

struct uffd_wait {
	struct list_head link; /* [lock]; empty: woken */
	struct task *task;
	u64 addr; /* as the access had it */
	u64 flags; /* UFFD_PAGEFAULT_FLAG_* */
};

struct uffd *uffd_alloc(struct mm *mm, unsigned flags)
{
	struct uffd *u = kzalloc(sizeof(*u), 0);

	if (!u)
		return NULL;
	atomic_set(&u->refs, 1);
	u->mm = mm;
	mm_hold(u->mm);
	spin_init(&u->lock, RANK_MM, "userfaultfd");
	list_init(&u->unread);
	list_init(&u->waiting);
	list_init(&u->events);
	waitq_init(&u->readers);
	waitq_init(&u->sleepers);
	u->flags = flags;
	return u;
}

void uffd_get(struct uffd *u)
{
	atomic_inc(&u->refs);
}

void uffd_put(struct uffd *u)
{
	if (!u || !atomic_dec_and_test(&u->refs))
		return;
	mm_drop(u->mm);
	kfree(u);
}

/* --- those who wait --- */

bool uffd_has_news(struct uffd *u)
{
	return !list_empty(&u->unread) || uffd_event_waits(u);
}

bool uffd_take(struct uffd *u, struct uffd_msg *msg)
{
	struct uffd_wait *w = NULL;

	memset(msg, 0, sizeof(*msg));
	spin_lock(&u->lock);
	if (!list_empty(&u->unread)) {
		w = list_first_entry(&u->unread, struct uffd_wait, link);
		list_del(&w->link);
		list_add_tail(&w->link, &u->waiting);
		msg->event = UFFD_EVENT_PAGEFAULT;
		msg->arg.pagefault.flags = w->flags;
		msg->arg.pagefault.address = u->features & UFFD_FEATURE_EXACT_ADDRESS ?
						     w->addr :
						     ALIGN_DOWN(w->addr, PAGE_SIZE);
		if (u->features & UFFD_FEATURE_THREAD_ID)
			msg->arg.pagefault.feat.ptid = (u32)w->task->pid->own;
	}
	spin_unlock(&u->lock);
	return w;
}

static void wake_list(struct list_head *l, u64 start, u64 end)
{
	struct uffd_wait *w, *next;

	list_for_each_entry_safe(w, next, l, link)
		if (w->addr >= start && w->addr < end)
			list_del_init(&w->link);
}

void uffd_wake(struct uffd *u, u64 start, u64 len)
{
	spin_lock(&u->lock);
	wake_list(&u->unread, start, start + len);
	wake_list(&u->waiting, start, start + len);
	spin_unlock(&u->lock);
	wake_up_all(&u->sleepers);
}

/* --- faults --- */

/* A page that the area's source has already. */
static bool is_cached(struct area *a, u64 addr)
{
	struct page *p = vmobject_page_cached(a->obj, area_index(a, addr));

	if (p)
		page_put(p);
	return p;
}

enum uffd_verdict uffd_look(struct area *a, u64 addr, bool write, bool user, u64 *flags)
{
	const pte_t *pte = pte_find(a->mm, addr);
	pte_t e = pte ? READ_ONCE(*pte) : 0;

	if (pte_used(e))
		return UFFD_PASS;
	if (e)
		return UFFD_POISONED;
	if (!(a->flags & VM_UFFD))
		return UFFD_PASS;
	*flags = write ? UFFD_PAGEFAULT_FLAG_WRITE : 0;
	if (a->obj && is_cached(a, addr)) {
		if (!(a->uffd_mode & UFFDIO_REGISTER_MODE_MINOR))
			return UFFD_PASS;
		*flags |= UFFD_PAGEFAULT_FLAG_MINOR;
	} else if (!(a->uffd_mode & UFFDIO_REGISTER_MODE_MISSING)) {
		return UFFD_PASS;
	}
	if (READ_ONCE(a->uffd->closed))
		return UFFD_PASS;
	if ((a->uffd->features & UFFD_FEATURE_SIGBUS) ||
	    ((a->uffd->flags & UFFD_USER_MODE_ONLY) && !user))
		return UFFD_SIGBUS;
	return UFFD_WAIT;
}

static bool still_waits(struct uffd *u, struct mm *mm, u64 addr, bool write, bool user)
{
	struct area *a;
	u64 flags;
	bool yes;

	if (rwsem_read_lock_killable(&mm->sem))
		return false;
	a = area_at(mm, addr);
	yes = a && a->uffd == u && uffd_look(a, addr, write, user, &flags) == UFFD_WAIT;
	rwsem_read_unlock(&mm->sem);
	return yes;
}

int uffd_sleep(struct uffd *u, struct mm *mm, u64 addr, bool write, bool user)
{
	struct uffd_wait w = { .task = current, .addr = addr };
	struct waiter waiter;
	struct area *a;
	int err = 0;

	list_init(&w.link);
	if (!rwsem_read_lock_killable(&mm->sem)) {
		a = area_at(mm, addr);
		if (a && a->uffd == u)
			uffd_look(a, addr, write, user, &w.flags);
		rwsem_read_unlock(&mm->sem);
	}
	spin_lock(&u->lock);
	if (!u->closed)
		list_add_tail(&w.link, &u->unread);
	spin_unlock(&u->lock);
	if (still_waits(u, mm, addr, write, user)) {
		wake_up_all(&u->readers);
		waiter_init(&waiter);
		for (;;) {
			wait_prepare(&u->sleepers, &waiter,
				     user ? TASK_INTERRUPTIBLE : TASK_KILLABLE);
			if (list_empty(&w.link))
				break;
			err = wait_sleep(WAIT_FOREVER);
			if (err)
				break;
		}
		wait_finish(&u->sleepers, &waiter);
	}
	spin_lock(&u->lock);
	list_del_init(&w.link);
	spin_unlock(&u->lock);
	uffd_put(u);
	return err;
}

/* --- registering --- */

/* tmpfs's, memfd_create(2)'s, or shared without a file; segments of shmat(2) are not, as on Linux. */
static bool is_shmem(const struct area *a)
{
	return a->obj && a->obj->pinned && !(a->ops && (a->ops->fault || a->ops->counted));
}

static int may_register(const struct uffd *u, const struct area *a, u64 mode)
{
	if (!area_is_anon(a) && !is_shmem(a))
		return -EINVAL;
	if ((mode & UFFDIO_REGISTER_MODE_MINOR) && !(is_shmem(a) && (a->flags & VM_SHARED)))
		return -EINVAL;
	if (a->flags & VM_DROPPABLE)
		return -EINVAL;
	if (!(a->flags & VM_MAYWRITE))
		return -EPERM;
	return a->uffd && a->uffd != u ? -EBUSY : 0;
}

/* Registers the part of a with u, or (NULL) with nobody. sem held for writing. */
static int set_area(struct area *a, u64 start, u64 end, struct uffd *u, u64 mode,
		    struct list_head *dead)
{
	struct uffd *old;

	if (a->uffd == u && a->uffd_mode == mode)
		return 0;
	a = area_carve(a, start, end, u ? a->flags | VM_UFFD : a->flags & ~VM_UFFD);
	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	old = a->uffd;
	if (u)
		uffd_get(u);
	a->uffd = u;
	a->uffd_mode = (u8)mode;
	area_set_flags(a, u ? a->flags | VM_UFFD : a->flags & ~VM_UFFD);
	uffd_put(old);
	area_merge(a, dead);
	return 0;
}

/* Does fn to the parts of areas in [start, end) that can be registered. */
static int change_range(struct mm *mm, u64 start, u64 end, struct uffd *u, u64 mode,
			const struct uffd *only, struct list_head *dead)
{
	struct area *a;
	int err = 0;

	while (start < end && !err) {
		u64 stop;

		a = area_find(mm, start);
		if (!a || a->start >= end)
			break;
		start = max(start, a->start);
		stop = min(end, a->end);
		if (u || (a->uffd && (!only || a->uffd == only)))
			err = set_area(a, start, stop, u, mode, dead);
		start = stop;
	}
	return err;
}

/* Registers all of [start, start + len) with u, or, on false, with nobody; all of it must be able to. */
static int set_range(struct uffd *u, u64 start, u64 len, u64 mode, bool on)
{
	struct mm *mm = u->mm;
	LIST_HEAD(dead);
	struct area *a;
	int err = 0;

	if (!mm_get_live(mm))
		return -ENOMEM;
	if (rwsem_write_lock_killable(&mm->sem)) {
		mm_put(mm);
		return -EINTR;
	}
	a = area_find(mm, start);
	if (!a)
		err = -ENOMEM;
	else if (a->start >= start + len)
		err = -EINVAL;
	for (; !err && a && a->start < start + len; a = area_next(a)) {
		if (on)
			err = may_register(u, a, mode);
		else if (!area_is_anon(a) && !is_shmem(a))
			err = -EINVAL;
	}
	if (!err)
		err = change_range(mm, start, start + len, on ? u : NULL, mode, NULL, &dead);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	mm_put(mm);
	return err;
}

int uffd_register(struct uffd *u, u64 start, u64 len, u64 mode)
{
	return set_range(u, start, len, mode, true);
}

int uffd_unregister(struct uffd *u, u64 start, u64 len)
{
	int err = set_range(u, start, len, 0, false);

	if (!err)
		uffd_wake(u, start, len);
	return err;
}

void uffd_close(struct uffd *u)
{
	struct mm *mm = u->mm;
	LIST_HEAD(dead);

	spin_lock(&u->lock);
	u->closed = true;
	while (!list_empty(&u->events)) /* nobody reads, so none is busy */
		list_del_init(u->events.next);
	spin_unlock(&u->lock);
	if (mm_get_live(mm)) {
		rwsem_write_lock(&mm->sem);
		change_range(mm, 0, USER_TOP, NULL, 0, u, &dead);
		rwsem_write_unlock(&mm->sem);
		area_bury(&dead);
		mm_put(mm);
	}
	uffd_wake(u, 0, USER_TOP);
	wake_up_all(&u->readers);
	uffd_put(u);
}

/* --- filling --- */

/* The registered area that holds all of [dst, dst + len). sem held. ERR_PTR. */
static struct area *target(struct uffd *u, u64 dst, u64 len)
{
	struct area *a = area_at(u->mm, dst);

	if (!a || dst + len > a->end || !a->uffd)
		return ERR_PTR(-ENOENT);
	return a;
}

/* Sets the absent entry for addr. 0, -EEXIST, -ENOMEM. The page's reference passes on success. */
static int set_entry(struct area *a, u64 addr, pte_t e, struct page *p)
{
	pte_t *pte = pte_new_tables(a->mm, addr);
	int err = 0;

	if (!pte)
		return -ENOMEM;
	if (!pte_lock(pte))
		return -EAGAIN;
	if (p ? pte_used(*pte) : *pte) { /* a page may take the place of poison */
		err = -EEXIST;
	} else {
		if (p && page_flag(p, PG_FILE))
			mapped_add(page_mapped_once(p));
		WRITE_ONCE(*pte, e);
	}
	pte_unlock(pte);
	if (!err && p && p != zero_page)
		rss_add(a->mm, page_rss(p), 1);
	return err;
}

/* p becomes page number index of a's source. 0, -EEXIST, -ENOMEM, -ENOSPC, -EFAULT. */
static int give_source(struct area *a, u64 index, struct page *p)
{
	struct vmobject *obj = a->obj;
	int err;

	if (index >= DIV_ROUND_UP(READ_ONCE(obj->size), PAGE_SIZE))
		return -EFAULT;
	page_get(p);
	spin_lock(&obj->lock);
	err = radix_get(&obj->pages, index) ? -EEXIST : cache_insert(obj, p, index);
	if (!err)
		page_flag_set(p, PG_UPTODATE);
	spin_unlock(&obj->lock);
	if (err)
		page_put(p);
	else
		page_mark_dirty(p);
	return err;
}

static u64 bits_for(const struct area *a, bool writable)
{
	u64 bits = area_pte_bits(a->flags);

	return writable && (a->flags & VM_WRITE) ? bits | PTE_W | PTE_D : bits;
}

/* Maps p, which is new: of the source first where that is shared. */
static int map_new(struct area *a, u64 addr, struct page *p)
{
	bool shared = a->obj && (a->flags & VM_SHARED), synced = false;
	int err = shared ? give_source(a, area_index(a, addr), p) : 0;

	if (err)
		return err;
	if (a->flags & VM_EXEC)
		page_sync_icache(p, &synced);
	if (!shared)
		WRITE_ONCE(a->has_anon, true);
	err = set_entry(a, addr, pte_make(page_to_phys(p), bits_for(a, true)), p);
	return err;
}

/* Zeros: nobody's page, until it is written to; shared memory needs one of its own. */
static int map_zero(struct area *a, u64 addr)
{
	struct page *p;
	int err;

	if (!a->obj || !(a->flags & VM_SHARED)) {
		WRITE_ONCE(a->has_anon, true);
		return set_entry(a, addr, pte_make(page_to_phys(zero_page), bits_for(a, false)),
				 zero_page);
	}
	p = user_page_alloc(PA_ANON | PA_ZERO);
	if (!p)
		return -ENOMEM;
	err = map_new(a, addr, p);
	if (err)
		page_put(p);
	return err;
}

static int fill_one(struct uffd *u, enum uffd_fill what, u64 dst, u64 len, struct page *p)
{
	struct area *a = target(u, dst, len);
	struct page *cached;
	int err;

	if (atomic_read(&u->changing))
		return -EAGAIN;
	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	switch (what) {
	case UFFD_COPY:
		return map_new(a, dst, p);
	case UFFD_ZERO:
		return map_zero(a, dst);
	case UFFD_CONTINUE:
		if (!is_shmem(a) || !(a->flags & VM_SHARED))
			return -EINVAL;
		cached = vmobject_page_cached(a->obj, area_index(a, dst));
		if (!cached)
			return -EFAULT;
		err = set_entry(a, dst, pte_make(page_to_phys(cached), bits_for(a, true)), cached);
		if (err)
			page_put(cached);
		else
			page_mark_dirty(cached);
		return err;
	case UFFD_POISON:
		err = set_entry(a, dst, PTE_SW_POISON, NULL);
		if (!err && !(a->flags & VM_POISON))
			__atomic_fetch_or(&a->flags, VM_POISON, __ATOMIC_RELAXED);
		return err;
	}
	return -EINVAL;
}

s64 uffd_fill(struct uffd *u, enum uffd_fill what, u64 dst, u64 src, u64 len)
{
	struct page *p = NULL;
	u64 done = 0;
	int err = 0;

	if (!mm_get_live(u->mm))
		return -ESRCH;
	while (done < len && !err) {
		if (what == UFFD_COPY) {
			p = user_page_alloc(PA_ANON);
			if (!p) {
				err = -ENOMEM;
				break;
			}
		}
		if (what == UFFD_COPY &&
		    copy_from_user(page_to_virt(p), (void __user *)(src + done), PAGE_SIZE))
			err = -EFAULT;
		if (!err && rwsem_read_lock_killable(&u->mm->sem))
			err = -EINTR;
		else if (!err) {
			err = fill_one(u, what, dst + done, len - done, p);
			rwsem_read_unlock(&u->mm->sem);
		}
		if (p && err)
			page_put(p);
		p = NULL;
		if (!err)
			done += PAGE_SIZE;
		if (fatal_signal_pending(current))
			err = err ? err : -EINTR;
		cond_resched();
	}
	mm_put(u->mm);
	return done ? (s64)done : err;
}

/* --- moving --- */

static bool may_move(const struct area *a)
{
	return area_is_anon(a) && (a->flags & (VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* The page at src, which nobody else has, goes to dst. sem held for reading. */
static int move_one(struct area *from, struct area *to, u64 src, u64 dst, bool holes)
{
	pte_t *at = pte_find(from->mm, src), *there = pte_new_tables(to->mm, dst), e;
	struct page *p;
	int err;

	if (!there)
		return -ENOMEM;
	if (READ_ONCE(*there))
		return -EEXIST;
	if (!at || !pte_used(READ_ONCE(*at)))
		return holes ? 0 : -ENOENT;
	if (!pte_lock_change(from->mm, src, at))
		return -EAGAIN;
	e = *at;
	p = pte_used(e) ? pte_page(e) : NULL;
	if (!p || (p != zero_page && (page_rss(p) != RSS_ANON || anon_sharers(at, p) != 1))) {
		pte_unlock(at);
		return p ? -EBUSY : -EAGAIN;
	}
	WRITE_ONCE(*at, 0);
	mm_flush_one(from->mm, src);
	pte_unlock(at);
	if (p != zero_page)
		rss_add(from->mm, RSS_ANON, -1);
	WRITE_ONCE(to->has_anon, true);
	err = set_entry(to, dst, pte_make(page_to_phys(p), bits_for(to, p != zero_page)), p);
	/* Somebody was faster there: back, or it is gone as that which was written over. */
	if (err && set_entry(from, src, e, p) && p != zero_page)
		page_put(p);
	return err;
}

s64 uffd_move(struct uffd *u, u64 dst, u64 src, u64 len, bool holes)
{
	struct area *from, *to;
	u64 done = 0;
	int err = 0;

	if (u->mm != current->mm)
		return -EINVAL;
	while (done < len && !err) {
		if (rwsem_read_lock_killable(&u->mm->sem)) {
			err = -EINTR;
			break;
		}
		from = area_at(u->mm, src + done);
		to = area_at(u->mm, dst + done);
		if (atomic_read(&u->changing))
			err = -EAGAIN;
		else if (!from || !to || src + len > from->end || dst + len > to->end ||
			 to->uffd != u || !may_move(from) || !may_move(to) ||
			 ((from->flags ^ to->flags) & VM_LOCKED))
			err = -EINVAL;
		else
			err = move_one(from, to, src + done, dst + done, holes);
		rwsem_read_unlock(&u->mm->sem);
		if (!err)
			done += PAGE_SIZE;
		cond_resched();
	}
	return done ? (s64)done : err;
}
