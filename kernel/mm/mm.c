/*
 * Life and death of an address space, and fork.
 *
 * users counts tasks (and short visitors): when it falls to 0 the areas and pages
 * go. refs counts what may still look at the structure, all users together as one:
 * at 0, after a grace period, tables and root go. While a hart has the tables
 * loaded it holds a reference.
 */
#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/internal.h"
#include "mm/uffd.h"
#include "sync/cmdline.h"

static struct slab_cache *mm_cache;
struct page *zero_page;
int vm_randomize = 2;
int vm_mmap_random_bits = 18;
int vm_max_map_count = 65530;
u64 vm_min_addr = PAGE_SIZE;
atomic_t mm_going; /* [a] spaces that nobody has any more and that give up their pages now */
void (*mm_aio_gone)(void *aio);
void (*mm_exe_put)(struct file *exe);
void (*mm_exe_get)(struct file *exe);

void mm_init(void)
{
	mm_cache = slab_create("mm", sizeof(struct mm), 64);
	area_init();
	huge_init();
	zero_page = page_alloc(0, PA_ZERO);
	if (!zero_page)
		panic("no memory for the zero page");
	page_flag_set(zero_page, PG_RESERVED);
	vm_randomize = cmdline_flag("norandmaps") ? 0 : 2;
	asid_init();
	reclaim_init();
}

struct mm *mm_create(void)
{
	static u64 last_id; /* [a] */
	struct mm *mm = slab_zalloc(mm_cache);
	struct page *root;

	if (!mm)
		return NULL;
	root = user_page_alloc(PA_ZERO);
	if (!root) {
		slab_free(mm_cache, mm);
		return NULL;
	}
	mm->root = page_to_phys(root);
	mm->root_va = page_to_virt(root);
	memcpy(&mm->root_va[PT_ENTRIES / 2], &kernel_root[PT_ENTRIES / 2],
	       PT_ENTRIES / 2 * sizeof(pte_t));
	mm->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	mm->nr_tables = 1;
	list_init(&mm->tables);
	mm->dump_filter = current->mm ? current->mm->dump_filter : DUMP_DEFAULT;
	atomic_set(&mm->users, 1);
	atomic_set(&mm->refs, 1);
	rwsem_init(&mm->sem);
	spin_init(&mm->table_lock, RANK_MM, "mm tables");
	mm->mmap_top = USER_TOP;
	return mm;
}

u64 mm_rss(const struct mm *mm)
{
	s64 n = atomic_long_read(&mm->rss_anon) + atomic_long_read(&mm->rss_file) +
		atomic_long_read(&mm->rss_shmem);

	return n > 0 ? (u64)n : 0;
}

void mm_get(struct mm *mm)
{
	atomic_inc(&mm->users);
}

bool mm_get_live(struct mm *mm)
{
	return atomic_inc_not_zero(&mm->users);
}

void mm_hold(struct mm *mm)
{
	atomic_inc(&mm->refs);
}

static void mm_free(struct rcu_head *h)
{
	struct mm *mm = container_of(h, struct mm, rcu);

	pt_free_all(mm);
	page_free(phys_to_page(mm->root), 0);
	slab_free(mm_cache, mm);
}

void mm_drop(struct mm *mm)
{
	if (atomic_dec_and_test(&mm->refs))
		call_rcu(&mm->rcu, mm_free);
}

/* Everything mapped goes. No task runs the space any more, so no hart needs to be told. */
static void unmap_all(struct mm *mm)
{
	LIST_HEAD(dead);
	struct gather g;
	struct area *a;

	rwsem_write_lock(&mm->sem);
	atomic_inc(&mm_going); /* nothing waits for memory from here on */
	gather_init(&g, mm, true);
	while ((a = area_first(mm)) != NULL) {
		zap_range(&g, a->start, a->end, false);
		area_remove(a, &dead);
	}
	gather_flush(&g);
	atomic_dec(&mm_going);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
}

void mm_put(struct mm *mm)
{
	if (!mm || !atomic_dec_and_test(&mm->users))
		return;
	if (mm->aio)
		mm_aio_gone(mm->aio);
	unmap_all(mm);
	if (mm->exe && mm_exe_put)
		mm_exe_put(mm->exe);
	mm->exe = NULL;
	mm_drop(mm);
}

struct mm *task_mm_get(struct task *t)
{
	struct mm *mm;

	spin_lock(&t->lock);
	mm = t->mm;
	if (mm && !mm_get_live(mm))
		mm = NULL;
	spin_unlock(&t->lock);
	return mm;
}

/* [both ptls] Shares the pages of one leaf table's part; true when entries of src lost W. */
static bool share_entries(struct mm *child, pte_t *src, pte_t *dst, unsigned n)
{
	bool protected = false;
	long anon = 0;

	for (unsigned i = 0; i < n; i++) {
		pte_t e = src[i];
		struct page *p;

		if (!pte_used(e))
			continue;
		p = pte_page(e);
		if (page_flag(p, PG_FILE))
			continue; /* the cache has it: the child's fault finds it there */
		if (p != zero_page) {
			page_get(p);
			anon++;
		}
		if (e & PTE_W) {
			e &= ~PTE_W;
			WRITE_ONCE(src[i], e);
			protected = true;
		}
		WRITE_ONCE(dst[i], e);
	}
	rss_add(child, RSS_ANON, anon);
	return protected;
}

/* [both ptls] The same for [addr, end), which src and dst begin. */
static bool share_table(struct mm *child, struct mm *parent, u64 addr, u64 end, pte_t *src,
			pte_t *dst)
{
	if (folded_whole(src, addr, end) && folded_share(parent, child, addr, src, dst)) {
		rss_add(child, RSS_ANON, PT_ENTRIES);
		return true;
	}
	if (pte_folded(src))
		pt_unfold(parent, addr, src);
	return share_entries(child, src, dst, (unsigned)((end - addr) >> PAGE_SHIFT));
}

/* Gives the child what is private to the parent in a: shared, copied by whoever writes first. */
static int copy_pages(struct mm *child, struct area *a, bool *protected)
{
	u64 addr = a->start, end = a->end;

	while (addr < end) {
		u64 next;
		pte_t *src = pte_find_next(a->mm, addr, &next), *dst;

		if (!src) {
			addr = next;
			continue;
		}
		next = leaf_end(addr, end);
		dst = pte_make_tables(child, addr);
		if (!dst || (pte_folded(src) && !pt_make_folds(child, addr)))
			return -ENOMEM;
		spin_lock(pte_ptl(src));
		spin_lock_nested(pte_ptl(dst));
		*protected |= share_table(child, a->mm, addr, next, src, dst);
		spin_unlock(pte_ptl(dst));
		spin_unlock(pte_ptl(src));
		addr = next;
		cond_resched();
	}
	return 0;
}

static int copy_area(struct mm *child, struct area *a, bool *protected, struct list_head *births)
{
	struct area *b;
	int err = 0;

	if ((a->flags & VM_ACCOUNT) && !commit_allows(a->mm, (a->end - a->start) >> PAGE_SHIFT))
		return -ENOMEM;
	b = area_copy(a, child);
	if (IS_ERR(b))
		return (int)PTR_ERR(b);
	b->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (b->flags & VM_WIPEONFORK)
		b->has_anon = false;
	if (unlikely(a->uffd))
		err = uffd_fork(b, a, births);
	if (!err && area_is_private(a) && !(a->flags & VM_WIPEONFORK) && a->has_anon)
		err = copy_pages(child, a, protected);
	area_insert(b); /* now: whoever unmaps pages of a file meets it with all it has */
	return err;
}

static void copy_fields(struct mm *child, const struct mm *parent)
{
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->mmap_top = parent->mmap_top;
	child->stack_top = parent->stack_top;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	child->code_start = parent->code_start;
	child->code_end = parent->code_end;
	child->data_start = parent->data_start;
	child->data_end = parent->data_end;
	memcpy(child->auxv, parent->auxv, sizeof(child->auxv));
	child->auxv_words = parent->auxv_words;
	child->vdso = parent->vdso;
	child->flags = mm_flags_inherited(parent->flags);
	child->sealed = parent->sealed;
	if (parent->exe && mm_exe_get) {
		mm_exe_get(parent->exe);
		child->exe = parent->exe;
	}
}

struct mm *mm_fork(struct mm *parent)
{
	struct mm *child = mm_create();
	bool protected = false;
	LIST_HEAD(births);
	struct area *a;
	int err = 0;

	if (!child)
		return ERR_PTR(-ENOMEM);
	if (rwsem_write_lock_killable(&parent->sem)) {
		mm_put(child);
		return ERR_PTR(-EINTR);
	}
	copy_fields(child, parent);
	for (a = area_first(parent); a && !err; a = area_next(a))
		if (!(a->flags & VM_DONTFORK))
			err = copy_area(child, a, &protected, &births);
	if (protected)
		mm_flush(parent, 0, USER_TOP);
	rwsem_write_unlock(&parent->sem);
	uffd_fork_end(&births, !err);
	if (!err)
		return child;
	mm_put(child);
	return ERR_PTR(err);
}
