/*
 * Page faults (vm_fault, mm/vm.h).
 *
 * With mm->sem held for reading the area says what belongs at an address; a page
 * is found or made with no spinlock held; then, under the leaf table's lock, the
 * entry is set if it is still what it was. Whoever loses such a race puts its
 * page and lets the access be tried again.
 *
 * A page of a file may be cut off by truncation at any time before that lock
 * is held: page->obj, read under the lock, tells. Truncation first clears it and
 * then takes every table's lock to unmap, so one of the two sees the other.
 *
 * TLB: an entry that was absent or only gains rights is not flushed; a hart that
 * remembers less faults once more, and the spurious fault flushes its own TLB.
 */
#include <uapi/signal.h>
#include "core/signal.h"
#include "mm/internal.h"
#include "mm/uffd.h"

#define AROUND 16 /* pages, a power of two: mapped together when cached */

struct fault {
	struct mm *mm;
	struct area *a;
	u64 addr; /* of the page */
	bool write;
	unsigned how; /* FAULT_* */
	bool major; /* a store was read */
	bool dirtied; /* a page of a file that is written back */
	int signo, code;
	struct uffd *uffd; /* FAULT_UFFD: who will tell; referenced */
};

enum outcome {
	FAULT_DONE,
	FAULT_SIGNAL, /* f->signo, f->code */
	FAULT_NOMEM,
	FAULT_GROW, /* below a stack: needs sem for writing */
	FAULT_UFFD, /* somebody else fills the page */
	FAULT_KILLED, /* a fatal signal ended a wait */
};

void page_sync_icache(struct page *p, bool *done)
{
	if (page_flag(p, PG_ICACHE))
		return;
	if (!*done)
		icache_flush(~0UL);
	*done = true;
	page_flag_set(p, PG_ICACHE);
}

static enum outcome raise(struct fault *f, int signo, int code)
{
	f->signo = signo;
	f->code = code;
	return FAULT_SIGNAL;
}

/* The bits for a page of f's area; W only where a write may go straight to the page. */
static u64 entry_bits(const struct fault *f, bool writable)
{
	u64 bits = area_pte_bits(f->a->flags);

	return writable && (f->a->flags & VM_WRITE) ? bits | PTE_W | PTE_D : bits;
}

/*
 * May an entry with W be set to p? A page that is written back only while it is dirty: write-back ends that, and
 * then takes W away under each table's lock. [ptl]
 */
static bool may_be_writable(const struct page *p)
{
	u32 flags = READ_ONCE(p->flags);

	return (flags & (1u << PG_FILE | 1u << PG_PINNED | 1u << PG_DIRTY)) != 1u << PG_FILE;
}

/* Sets an absent entry to p, whose reference it takes over. False: somebody was faster. */
static bool install(struct fault *f, pte_t *pte, struct page *p, u64 bits,
		    const struct page *source)
{
	bool ok;

	if (!pte_lock(pte))
		return false;
	ok = !pte_used(*pte) && (!source || READ_ONCE(source->obj) == f->a->obj) &&
	     (!(bits & PTE_W) || may_be_writable(p));
	if (ok) {
		if (page_flag(p, PG_FILE))
			mapped_add(page_mapped_once(p));
		WRITE_ONCE(*pte, pte_make(page_to_phys(p), bits));
	}
	pte_unlock(pte);
	if (ok && p != zero_page)
		rss_add(f->mm, page_rss(p), 1);
	return ok;
}

static enum outcome anon_fault(struct fault *f, pte_t *pte)
{
	struct page *p;

	/* Taking the page of zeros away again costs a shootdown where there are other threads. */
	if (!f->write && atomic_read(&f->mm->users) == 1) {
		install(f, pte, zero_page, entry_bits(f, false), NULL);
		return FAULT_DONE;
	}
	p = user_page_alloc(PA_ZERO | PA_ANON);
	if (!p)
		return FAULT_NOMEM;
	if (!f->a->has_anon)
		WRITE_ONCE(f->a->has_anon, true);
	if (!install(f, pte, p, entry_bits(f, true), NULL))
		page_put(p);
	return FAULT_DONE;
}

/* Maps what is cached around f->addr, as far as nothing is mapped there. Not the page itself. */
static void map_around(struct fault *f, pte_t *pte)
{
	struct area *a = f->a;
	u64 window = AROUND * PAGE_SIZE, first = max(ALIGN_DOWN(f->addr, window), a->start);
	u64 last = min(ALIGN_DOWN(f->addr, window) + window, a->end), index = area_index(a, first);
	u64 pages = DIV_ROUND_UP(READ_ONCE(a->obj->size), PAGE_SIZE);
	struct page *got[AROUND];
	unsigned n = (unsigned)((last - first) >> PAGE_SHIFT), mapped = 0;
	long once = 0;
	enum rss_kind kind = RSS_NONE;
	u64 bits = entry_bits(f, false);
	bool synced = false;

	if (index >= pages)
		return;
	n = (unsigned)min((u64)n, pages - index);
	if (n < 2 || !vmobject_peek(a->obj, index, n, got))
		return;
	if (a->flags & VM_EXEC)
		for (unsigned i = 0; i < n; i++)
			if (got[i])
				page_sync_icache(got[i], &synced);
	pte -= (f->addr - first) >> PAGE_SHIFT;
	if (!pte_lock(pte))
		goto out_put;
	for (unsigned i = 0; i < n; i++) {
		struct page *p = got[i];

		if (!p || pte_used(pte[i]) || READ_ONCE(p->obj) != a->obj)
			continue;
		once += page_mapped_once(p);
		WRITE_ONCE(pte[i], pte_make(page_to_phys(p), bits));
		kind = page_rss(p);
		mapped++;
		got[i] = NULL;
	}
	pte_unlock(pte);
	mapped_add(once);
	rss_add(f->mm, kind, mapped);
out_put:
	for (unsigned i = 0; i < n; i++)
		if (got[i])
			page_put(got[i]);
}

/* The page of the source, referenced; NULL with *out set. */
static struct page *source_page(struct fault *f, enum outcome *out)
{
	struct area *a = f->a;
	u64 index = area_index(a, f->addr);
	struct page *p;

	if (a->ops && a->ops->fault) {
		p = a->ops->fault(a, index);
	} else if (!a->obj || index >= DIV_ROUND_UP(READ_ONCE(a->obj->size), PAGE_SIZE)) {
		*out = raise(f, SIGBUS, BUS_ADRERR);
		return NULL;
	} else {
		p = vmobject_page_cached(a->obj, index);
		if (!p) {
			f->major = a->obj->ops && a->obj->ops->fill;
			p = vmobject_page(a->obj, index);
		}
	}
	if (!IS_ERR(p))
		return p;
	if (PTR_ERR(p) == -ENOMEM)
		*out = FAULT_NOMEM;
	else if (PTR_ERR(p) == -ERESTARTSYS)
		*out = FAULT_KILLED;
	else
		*out = raise(f, SIGBUS, BUS_ADRERR);
	return NULL;
}

/* A write to a shared page is about to be let through: the owner hears of it. */
static int note_write(struct fault *f, struct page *p)
{
	struct area *a = f->a;
	int err = 0;

	if (a->obj)
		atomic_inc(&a->obj->asking);
	if (a->ops && a->ops->mkwrite)
		err = a->ops->mkwrite(a, p);
	if (!err)
		page_mark_dirty(p);
	if (a->obj)
		atomic_dec(&a->obj->asking);
	f->dirtied = a->obj && a->obj->ops && a->obj->ops->write;
	return err;
}

static struct page *copy_of(struct page *p)
{
	struct page *q = user_page_alloc(PA_ANON);

	if (q)
		page_copy(q, p);
	return q;
}

static enum outcome source_fault(struct fault *f, pte_t *pte)
{
	struct area *a = f->a;
	enum outcome out = FAULT_DONE;
	bool shared = !area_is_private(a), writable, synced = false;
	struct page *p = source_page(f, &out), *q;
	const struct page *check;

	if (!p)
		return out;
	check = a->obj ? p : NULL;
	if (f->write && !shared) {
		q = copy_of(p);
		if (!q) {
			page_put(p);
			return FAULT_NOMEM;
		}
		WRITE_ONCE(a->has_anon, true);
		if (a->flags & VM_EXEC)
			page_sync_icache(q, &synced);
		if (!install(f, pte, q, entry_bits(f, true), check))
			page_put(q);
		page_put(p);
		return FAULT_DONE;
	}
	if (f->write && note_write(f, p)) {
		page_put(p);
		return raise(f, SIGBUS, BUS_ADRERR);
	}
	/* Memory that is its own store needs no notice of the first write. */
	writable = shared &&
		   (f->write || (page_flag(p, PG_PINNED) && !(a->ops && a->ops->mkwrite)));
	if (a->flags & VM_EXEC)
		page_sync_icache(p, &synced);
	if (!install(f, pte, p, entry_bits(f, writable), check))
		page_put(p);
	if (!f->write && a->obj && !(a->ops && a->ops->fault) &&
	    !(a->flags & (VM_UFFD | VM_POISON)))
		map_around(f, pte);
	return FAULT_DONE;
}

/* Makes the entry writable, if it is still e. Only gains rights: no flush. */
static void upgrade(struct fault *f, pte_t *pte, pte_t e)
{
	if (!pte_lock_change(f->mm, f->addr, pte))
		return;
	if (*pte == e && may_be_writable(pte_page(e)))
		WRITE_ONCE(*pte, pte_make(pte_phys(e), entry_bits(f, true)));
	pte_unlock(pte);
}

/*
 * Puts q, a copy, in the place of what e maps. Other threads must not go on reading the old page.
 */
static void replace(struct fault *f, pte_t *pte, pte_t e, struct page *old, struct page *q)
{
	bool synced = false;

	if (f->a->flags & VM_EXEC)
		page_sync_icache(q, &synced);
	if (!pte_lock_change(f->mm, f->addr, pte)) {
		page_put(q);
		return;
	}
	if (*pte != e) {
		pte_unlock(pte);
		page_put(q);
		return;
	}
	WRITE_ONCE(*pte, 0);
	mm_flush_one(f->mm, f->addr);
	WRITE_ONCE(*pte, pte_make(page_to_phys(q), entry_bits(f, true)));
	pte_unlock(pte);
	rss_add(f->mm, RSS_ANON, 1);
	if (old == zero_page)
		return;
	rss_add(f->mm, page_rss(old), -1);
	if (page_flag(old, PG_FILE))
		mapped_add(-page_unmapped_last(old));
	page_put(old);
}

/* [ptl] A write met a folded table without W. True: all of it may be written now. */
static bool write_folded(struct fault *f, pte_t *pte)
{
	u64 bits = entry_bits(f, true);

	if ((bits & PTE_W) && folded_sole(pte)) {
		pte = (pte_t *)ALIGN_DOWN((u64)pte, PAGE_SIZE);
		folded_change(f->mm, f->addr, pte, bits);
		return true;
	}
	pt_unfold(f->mm, f->addr, pte);
	return false;
}

/* A write met an entry without W. The leaf table is locked on entry, not on return. */
static enum outcome write_fault(struct fault *f, pte_t *pte, pte_t e)
{
	struct page *p = pte_page(e), *q;
	bool sole;
	int err;

	if (!area_is_private(f->a)) {
		page_get(p);
		pte_unlock(pte);
		err = note_write(f, p);
		if (!err)
			upgrade(f, pte, e);
		page_put(p);
		return err ? raise(f, SIGBUS, BUS_ADRERR) : FAULT_DONE;
	}
	if (pte_folded(pte) && write_folded(f, pte)) {
		pte_unlock(pte);
		return FAULT_DONE;
	}
	sole = p != zero_page && page_rss(p) == RSS_ANON && atomic_read(&p->refs) == 1;
	if (sole) {
		/* Takes it over. Under force the area itself may be read-only: then it stays so. */
		if (pte_present(e))
			WRITE_ONCE(*pte, pte_make(pte_phys(e), entry_bits(f, true)));
		if (unlikely(page_flag(table_page(pte), PG_WHOLE)) && (f->a->flags & VM_WRITE))
			pt_refold(f->a, f->addr, pte, entry_bits(f, true));
		pte_unlock(pte);
		return FAULT_DONE;
	}
	if (p != zero_page)
		page_get(p);
	pte_unlock(pte);
	q = p == zero_page ? user_page_alloc(PA_ZERO | PA_ANON) : copy_of(p);
	if (q) {
		WRITE_ONCE(f->a->has_anon, true);
		replace(f, pte, e, p, q);
	}
	if (p != zero_page)
		page_put(p);
	return q ? FAULT_DONE : FAULT_NOMEM;
}

/* The area permits the access: sees to the entry. sem held for reading. */
static enum outcome area_fault(struct fault *f)
{
	pte_t *pte = pte_find(f->mm, f->addr), e;
	bool whole = !pte;

	if (unlikely(!pte)) {
		if (f->write && area_is_anon(f->a) && f->a->end - f->a->start >= HUGE_SIZE &&
		    !(f->a->flags & VM_NOHUGEPAGE) &&
		    huge_fault(f->a, f->addr, NULL, f->how & FAULT_AHEAD))
			return FAULT_DONE;
		pte = pte_new_tables(f->mm, f->addr);
		if (!pte)
			return FAULT_NOMEM;
	}
	if (!pte_lock(pte))
		return FAULT_DONE;
	e = *pte;
	if (!pte_used(e)) {
		whole = !whole &&
			(page_flag(table_page(pte), PG_WHOLE) || (f->a->flags & VM_HUGEPAGE));
		pte_unlock(pte);
		if (unlikely(whole) && f->write &&
		    huge_fault(f->a, f->addr, pte, f->how & FAULT_AHEAD))
			return FAULT_DONE;
		return area_is_anon(f->a) ? anon_fault(f, pte) : source_fault(f, pte);
	}
	if (f->write && !(e & PTE_W))
		return write_fault(f, pte, e);
	/* It is there: another thread was faster, or the hart remembers less, or wants A or D. */
	if (pte_present(e))
		WRITE_ONCE(*pte, e | PTE_A | (f->write ? PTE_D : 0));
	pte_unlock(pte);
	if (f->mm == current->mm)
		mm_flush_local(f->mm, f->addr);
	return FAULT_DONE;
}

/* Does the area let this access through? */
static bool permitted(const struct area *a, u32 access, bool force)
{
	u32 have = a->flags;

	if (force && !(a->flags & VM_PFNMAP)) {
		if (access == VM_WRITE && !(have & VM_WRITE))
			return area_is_private(a) && (have & VM_MAYWRITE);
		return have & (VM_MAYREAD | VM_READ | VM_WRITE);
	}
	if (access == VM_READ)
		return have & (VM_READ | VM_WRITE);
	return have & access;
}

/* The area has pages that are another's to fill, or none at all. FAULT_DONE: not this one. */
static noinline enum outcome ask_uffd(struct fault *f)
{
	u64 flags;

	switch (uffd_look(f->a, f->addr, f->write, f->how & FAULT_USER, &flags)) {
	case UFFD_PASS:
		return FAULT_DONE;
	case UFFD_SIGBUS:
		return raise(f, SIGBUS, BUS_ADRERR);
	case UFFD_POISONED:
		return raise(f, SIGBUS, BUS_MCEERR_AR);
	case UFFD_WAIT:
		/* Who ends, or writes a core, waits for nobody: he may be the last who would come. */
		if ((current->flags & TF_EXITING) ||
		    (current->proc && READ_ONCE(current->proc->dumping)))
			return raise(f, SIGBUS, BUS_ADRERR);
		break;
	}
	f->uffd = f->a->uffd;
	uffd_get(f->uffd);
	return FAULT_UFFD;
}

static enum outcome try_fault(struct fault *f, u64 addr, u32 access)
{
	struct area *a = area_find(f->mm, addr);

	if (!a)
		return raise(f, SIGSEGV, SEGV_MAPERR);
	if (addr < a->start)
		return a->flags & VM_GROWSDOWN ? FAULT_GROW : raise(f, SIGSEGV, SEGV_MAPERR);
	if (!permitted(a, access, f->how & FAULT_FORCE))
		return raise(f, SIGSEGV, SEGV_ACCERR);
	f->a = a;
	if (unlikely(a->flags & (VM_UFFD | VM_POISON))) {
		enum outcome out = ask_uffd(f);

		if (out != FAULT_DONE)
			return out;
	}
	return area_fault(f);
}

/*
 * Extends the stack above addr down to it: FAULT_DONE, or why not. The limits are current's, also
 * where it reaches into another process through /proc/PID/mem: Linux has it so.
 */
static enum outcome grow_stack(struct mm *mm, u64 addr)
{
	u64 start = ALIGN_DOWN(addr, PAGE_SIZE), pages;
	struct area *a, *prev;
	enum outcome out = FAULT_SIGNAL;

	if (rwsem_write_lock_killable(&mm->sem))
		return FAULT_KILLED;
	a = area_find(mm, addr);
	if (!a || !(a->flags & VM_GROWSDOWN))
		goto out_unlock;
	if (a->start <= start) {
		out = FAULT_DONE; /* another thread did it */
		goto out_unlock;
	}
	prev = area_prev(a);
	if (start < VM_MIN_ADDR || a->end - start > rlimit_get(RLIMIT_STACK))
		goto out_unlock;
	if (prev && (prev->flags & VM_ACCESS) && !(prev->flags & VM_GROWSDOWN) &&
	    start - prev->end < STACK_GUARD)
		goto out_unlock;
	pages = (a->start - start) >> PAGE_SHIFT;
	if (!limit_as(mm, pages) || ((a->flags & VM_LOCKED) && limit_lock(mm, pages)) ||
	    ((a->flags & VM_ACCOUNT) && !commit_allows(mm, pages)))
		goto out_unlock;
	area_resize(a, start, a->end, a->obj ? a->pgoff - pages : 0);
	out = FAULT_DONE;
out_unlock:
	rwsem_write_unlock(&mm->sem);
	return out;
}

/* fault_in; *major: a store was read. */
static int resolve(struct mm *mm, u64 addr, u32 access, unsigned how, int *signo, int *code,
		   bool *major)
{
	struct fault f = { .mm = mm,
			   .addr = ALIGN_DOWN(addr, PAGE_SIZE),
			   .write = access == VM_WRITE,
			   .how = how };
	enum outcome out;

	*signo = SIGSEGV;
	*code = SEGV_MAPERR;
	if (addr >= USER_TOP)
		return -EFAULT;
	for (;;) {
		out = FAULT_KILLED;
		if (!rwsem_read_lock_killable(&mm->sem)) {
			out = try_fault(&f, addr, access);
			rwsem_read_unlock(&mm->sem);
		}
		*major = f.major;
		if (unlikely(f.dirtied))
			dirty_throttle();
		if (out == FAULT_DONE)
			return 0;
		if (unlikely(out == FAULT_UFFD)) {
			if (uffd_sleep(f.uffd, mm, addr, f.write, how & FAULT_USER) &&
			    (how & FAULT_USER))
				return 0; /* the signal first, then the access again */
			if (fatal_signal_pending(current)) {
				*signo = 0;
				return -EINTR;
			}
			continue;
		}
		if (out == FAULT_GROW) {
			out = grow_stack(mm, addr);
			f.signo = SIGSEGV;
			f.code = SEGV_MAPERR;
		}
		if (out == FAULT_NOMEM && !fatal_signal_pending(current))
			oom_kill();
		if (out == FAULT_SIGNAL) {
			*signo = f.signo;
			*code = f.code;
			return -EFAULT;
		}
		if (out != FAULT_DONE && fatal_signal_pending(current)) {
			*signo = 0;
			return -EINTR;
		}
	}
}

int fault_in(struct mm *mm, u64 addr, u32 access, unsigned how, int *signo, int *code)
{
	bool major;

	return resolve(mm, addr, access, how, signo, code, &major);
}

static struct {
	u64 minor, major;
} __aligned(64) faults[MAX_HARTS]; /* [that hart] */

u64 vm_major_faults(void)
{
	u64 n = 0;

	for (unsigned h = 0; h < MAX_HARTS; h++)
		n += READ_ONCE(faults[h].major);
	return n;
}

u64 vm_faults(void)
{
	u64 n = vm_major_faults();

	for (unsigned h = 0; h < MAX_HARTS; h++)
		n += READ_ONCE(faults[h].minor);
	return n;
}

int vm_fault(struct mm *mm, u64 addr, u32 access, int *signo, int *code)
{
	bool major = false;
	int err;

	if (access & VM_WRITE)
		access = VM_WRITE;
	else if (access & VM_EXEC)
		access = VM_EXEC;
	else
		access = VM_READ;
	tracepoint(TP_FAULT, addr, access);
	err = resolve(mm, addr, access, FAULT_USER, signo, code, &major);
	if (unlikely(major)) {
		current->maj_flt++;
		faults[hart_id()].major++;
	} else {
		current->min_flt++;
		faults[hart_id()].minor++;
	}
	tracepoint(TP_FAULT_END, addr, (u64)(s64)err);
	return err;
}

int vm_populate(struct mm *mm, u64 addr, u64 len)
{
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	int signo, code, err = 0;

	while (addr < end && !err) {
		struct area *a;
		u64 stop;
		u32 access;

		if (rwsem_read_lock_killable(&mm->sem))
			return -EINTR;
		a = area_find(mm, addr);
		if (!a || a->start >= end) {
			rwsem_read_unlock(&mm->sem);
			return -ENOMEM;
		}
		addr = max(addr, a->start);
		stop = min(a->end, end);
		/*
		 * Private writable memory gets its own pages at once; shared pages are not
		 * dirtied.
		 */
		access = (a->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ? VM_WRITE :
			 a->flags & (VM_READ | VM_WRITE)		 ? VM_READ :
									   a->flags & VM_EXEC;
		rwsem_read_unlock(&mm->sem);
		if (!access)
			return -ENOMEM;
		for (; addr < stop && !err; addr += PAGE_SIZE) {
			if (fatal_signal_pending(current))
				return -EINTR;
			pte_t *pte = pte_find(mm, addr);
			pte_t e = pte ? READ_ONCE(*pte) : 0;

			if (!pte_present(e) || (access == VM_WRITE && !(e & PTE_W)))
				err = fault_in(mm, addr, access, fault_ahead(addr, stop), &signo,
					       &code);
			else if (pte_folded(pte))
				addr = leaf_end(addr, stop) - PAGE_SIZE;
			cond_resched();
		}
	}
	return err;
}

int vm_futex_key(struct mm *mm, u64 addr, u64 *object, u64 *index)
{
	struct area *a;
	bool readonly;
	int err = 0;

	if (rwsem_read_lock_killable(&mm->sem))
		return -EFAULT;
	a = area_at(mm, addr);
	readonly = a && !(a->flags & VM_WRITE);
	if (!a || !(a->flags & (VM_READ | VM_WRITE)) ||
	    (a->obj && area_index(a, addr) >= DIV_ROUND_UP(READ_ONCE(a->obj->size), PAGE_SIZE))) {
		err = -EFAULT;
	} else if (a->obj && (!area_is_private(a) || (readonly && !a->has_anon))) {
		*object = a->obj->id;
		*index = area_index(a, addr);
	} else if (area_is_private(a) && readonly) {
		err = -EFAULT; /* nobody will ever change that word */
	}
	rwsem_read_unlock(&mm->sem);
	return err;
}
