/*
 * The search for held locks (debug/locks.h). A spinlock is recognised by its rank and
 * by a name in the read-only data; mutexes and semaphores by the spinlock of the wait
 * queue in them. Searched are the kernel's data, the slabs and the locks of page tables.
 */
#include "debug/locks.h"

#include <compiler.h>

#include "alloc/page.h"
#include "alloc/vmap.h"
#include "core/mutex.h"
#include "core/task.h"
#include "sync/spinlock.h"

#define NAME_LONGEST 32

extern const char __rodata_start[], __rodata_end[], __data_start[], __bss_pages[];

struct search {
	void (*fn)(const struct held_lock *l, void *arg);
	void *arg;
	const char *end; /* of the memory being searched */
};

/* A string literal that can be shown. */
static bool is_name(const char *s)
{
	const char *end = s + NAME_LONGEST;

	if (s < __rodata_start || end > __rodata_end || !*s)
		return false;
	while (s < end && *s >= ' ' && *s <= '~')
		s++;
	return s < end && !*s;
}

static bool is_lock(const spinlock_t *l)
{
	return l->word <= 1 && l->rank > RANK_NONE && l->rank <= RANK_CONSOLE &&
	       l->holder <= MAX_HARTS && is_name(l->name);
}

static bool is_task(const struct task *t)
{
	u64 a = (u64)t;

	return a % 64 == 0 && a >= DIRECT_BASE && a < DIRECT_BASE + DIRECT_SIZE &&
	       phys_is_ram(virt_to_phys(t)) && page_flag(virt_to_page(t), PG_SLAB) &&
	       t->thread.kstack_top > VMAP_BASE && t->thread.kstack_top < VMAP_BASE + VMAP_SIZE;
}

static void check_spinlock(const struct search *s, const spinlock_t *l)
{
	if (l->word)
		s->fn(&(struct held_lock){ .lock = l,
					   .kind = "spinlock",
					   .name = l->name,
					   .hart = l->holder },
		      s->arg);
}

/* l may be the lock of a mutex's wait queue, or of a rwsem's. */
static void check_sleeping(const struct search *s, const spinlock_t *l, const char *start)
{
	struct held_lock h = { .name = l->name };

	if (l->rank == RANK_WAITQ && (const char *)l - start >= (long)offsetof(struct mutex, q)) {
		const struct mutex *m = container_of(l, struct mutex, q.lock);
		int state = atomic_read(&m->state);

		if ((state != 1 && state != 2) || !is_task(m->owner))
			return;
		h.lock = m;
		h.kind = "mutex";
		h.owner = m->owner;
	} else if (l->rank == RANK_RWSEM) {
		const struct rwsem *r = container_of(l, struct rwsem, q.lock);

		if ((const char *)(r + 1) > s->end || r->count == 0)
			return;
		h.lock = r;
		h.kind = "rwsem";
		h.owner = r->count < 0 && is_task(r->owner) ? r->owner : NULL;
		h.readers = r->count > 0 ? (unsigned)r->count : 0;
	} else {
		return;
	}
	s->fn(&h, s->arg);
}

static void search(struct search *s, const char *start, size_t n)
{
	s->end = start + n;
	for (const char *p = start; p + sizeof(spinlock_t) <= s->end; p += 8) {
		const spinlock_t *l = (const spinlock_t *)p;

		if (!is_lock(l))
			continue;
		check_spinlock(s, l);
		check_sleeping(s, l, start);
	}
}

void locks_held(void (*fn)(const struct held_lock *l, void *arg), void *arg)
{
	struct search s = { .fn = fn, .arg = arg };

	search(&s, __data_start, (size_t)(__bss_pages - __data_start));
	for (u64 i = 0; i < ram_pages; i++) {
		const struct page *p = &page_array[i];

		if (page_flag(p, PG_SLAB))
			search(&s, page_to_virt(p), PAGE_SIZE);
		else if (page_flag(p, PG_TABLE) && is_lock(&p->ptl))
			check_spinlock(&s, &p->ptl);
	}
}
