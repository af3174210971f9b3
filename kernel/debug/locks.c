/*
 * The search for held locks (debug/locks.h): a lock is a word that says "held", a pointer to a task
 * and a list of waiters, at the places that struct mutex and struct rwsem have them. Searched are
 * the kernel's data and the slabs.
 */
#include "debug/locks.h"

#include <compiler.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/task.h"
#include "lib/string.h"

extern const char __data_start[], __bss_pages[];

static bool in_direct_map(const void *p)
{
	u64 a = (u64)p;

	return a % 8 == 0 && a >= DIRECT_BASE && a < DIRECT_BASE + DIRECT_SIZE &&
	       phys_is_ram(virt_to_phys(p));
}

static bool is_task(const struct task *t)
{
	size_t offset;
	const char *slab = in_direct_map(t) ? slab_place(t, &offset) : NULL;

	return slab && offset == 0 && str_equal(slab, "task");
}

/* Waiters stand on kernel stacks, which may be gone: only what lies elsewhere is followed. */
static bool is_waitq(const struct waitq *q)
{
	const struct list_head *l = &q->waiters;

	if (q->lock.word > 1)
		return false;
	return l->next == l ? l->prev == l : (u64)l->next >= VMAP_BASE && (u64)l->prev >= VMAP_BASE;
}

static void search(const char *start, size_t n, void (*fn)(const struct held_lock *l, void *arg),
		   void *arg)
{
	struct held_lock h;

	for (const char *p = start; p + sizeof(struct mutex) <= start + n; p += 8) {
		const struct mutex *m = (const struct mutex *)p;
		const struct rwsem *s = (const struct rwsem *)p;
		int state = atomic_read(&m->state);

		h.lock = p;
		if ((state == 1 || state == 2) && is_task(m->owner) && is_waitq(&m->q)) {
			h.kind = "mutex";
			h.owner = m->owner;
		} else if ((const char *)(s + 1) <= start + n && s->count == -1 &&
			   is_task(s->owner) && is_waitq(&s->q)) {
			h.kind = "rwsem";
			h.owner = s->owner;
		} else {
			continue;
		}
		fn(&h, arg);
	}
}

void locks_held(void (*fn)(const struct held_lock *l, void *arg), void *arg)
{
	search(__data_start, (size_t)(__bss_pages - __data_start), fn, arg);
	for (u64 i = 0; i < ram_pages; i++) {
		const struct page *p = &page_array[i];

		if (page_flag(p, PG_SLAB))
			search(page_to_virt(p), PAGE_SIZE, fn, arg);
	}
}
