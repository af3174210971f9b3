/*
 * Address spaces. A struct mm is a tree of areas (struct area: a run of pages
 * with one protection and one source) and a page table. Private pages are
 * copy-on-write by page reference count.
 *
 * Locks: mm->sem (sleeping): areas are changed by its writer, looked up by its
 * readers (faults). The entries of a leaf page table: ptl of that table's
 * struct page. Table pages are freed after a grace period, so walkers need no
 * lock to reach a leaf table, only to trust an entry. Order: inode->rwsem, mm->sem,
 * PG_LOCKED, RANK_MM, RANK_PTL, RANK_VMOBJECT.
 */
#ifndef MM_VM_H
#define MM_VM_H

#include <types.h>
#include <uapi/mman.h>
#include "arch/riscv/pgtable.h"
#include "core/mutex.h"
#include "core/task.h"
#include "lib/interval.h"
#include "mm/vmobject.h"

struct file;
struct area;
struct uffd;

#define AUXV_WORDS 64 /* of mm->auxv */

/* area->flags */
#define VM_READ	      (1u << 0)
#define VM_WRITE      (1u << 1)
#define VM_EXEC	      (1u << 2)
#define VM_SHARED     (1u << 3)
#define VM_MAYREAD    (1u << 4) /* what mprotect may turn on */
#define VM_MAYWRITE   (1u << 5)
#define VM_MAYEXEC    (1u << 6)
#define VM_GROWSDOWN  (1u << 7) /* stack */
#define VM_LOCKED     (1u << 8)
#define VM_NORESERVE  (1u << 9)
#define VM_DONTFORK   (1u << 10)
#define VM_WIPEONFORK (1u << 11)
#define VM_DONTEXPAND (1u << 12)
#define VM_SPECIAL \
	(1u << 13) /* vDSO and its data: not split, not merged, not mremapped by fork rules */
#define VM_STACK       (1u << 14)
#define VM_SEQ_READ    (1u << 15)
#define VM_RAND_READ   (1u << 16)
#define VM_HEAP	       (1u << 17) /* brk */
#define VM_LOCKONFAULT (1u << 18) /* with VM_LOCKED: not populated */
#define VM_ACCOUNT     (1u << 19) /* its pages count as promised, mm/commit.c */
#define VM_DONTDUMP    (1u << 20)
#define VM_MERGEABLE   (1u << 21) /* kept for those who ask: pages are never merged */
#define VM_HUGEPAGE    (1u << 22) /* madvise(2) */
#define VM_NOHUGEPAGE  (1u << 23)
#define VM_SEALED      (1u << 24) /* mseal(2) */
#define VM_PFNMAP      (1u << 25) /* with VM_SPECIAL: not even MADV_DONTNEED */
#define VM_DROPPABLE   (1u << 26)
#define VM_UFFD	       (1u << 27) /* absent pages are userfaultfd(2)'s: area->uffd */
#define VM_POISON      (1u << 28) /* some of its pages may be poisoned: mm/uffd.c */

/* mm->dump_filter: what goes into a core file (core(5), coredump_filter). */
#define DUMP_ANON_PRIVATE BIT(0)
#define DUMP_ANON_SHARED  BIT(1)
#define DUMP_FILE_PRIVATE BIT(2)
#define DUMP_FILE_SHARED  BIT(3)
#define DUMP_ELF_HEADERS  BIT(4)
#define DUMP_ALL	  0x1ff
#define DUMP_DEFAULT	  0x33

/* What a source can do for its areas; mm never knows fs. NULL ops: anonymous memory. */
struct area_ops {
	/* The area was copied (fork, split): take a reference on owner. */
	void (*open)(struct area *a);
	void (*close)(struct area *a); /* area goes away; called with no mm lock held */
	/*
	 * The page for file page number index, referenced (default: vmobject_page(a->obj)).
	 * ERR_PTR.
	 */
	struct page *(*fault)(struct area *a, u64 index);
	/* First write to a shared file page: time stamps; may be NULL. 0 or -errno (SIGBUS). */
	int (*mkwrite)(struct area *a, struct page *p);
	/* For /proc/PID/maps: path into buf; may be NULL. */
	int (*name)(struct area *a, char *buf, size_t n);
	/* msync(2): writes bytes [from, to) of the source back. Called with no mm lock held. NULL: nothing to do. */
	int (*sync)(struct area *a, u64 from, u64 to);
	/* May current know which pages are cached (mincore(2))? NULL: no. */
	bool (*may_look)(struct area *a);
	bool anonymous; /* without an object: memory of nobody else's, though there is an owner */
	bool counted; /* programs see how many areas there are: neighbours are not joined */
};

/* A name that a program gave to anonymous memory (mm/name.c); never changes. */
struct area_name {
	atomic_t refs;
	char text[];
};

/*
 * [s] mm->sem: held for writing to change it, for reading to look. [o] obj->lock besides, where
 * there is an object: the reverse map looks with only that. [I] never changes once in the tree.
 */
struct area {
	struct rb_node node; /* [s] by start, augmented by the next three */
	u64 lo, hi; /* [s] lowest (guard gap included) and highest address of the subtree */
	u64 max_gap; /* [s] largest hole between areas of the subtree */
	u64 start, end; /* [s][o] page aligned */
	u32 flags; /* [s] VM_*; reclaim peeks at VM_LOCKED */
	bool has_anon; /* [s, also for reading] only ever set: private pages may exist */
	bool tells; /* [who removed it] its context is to be told of that: mm/uffd_event.c */
	u8 uffd_mode; /* [s] UFFDIO_REGISTER_MODE_* */
	u16 policy; /* [s] of mbind(2), mm/policy.c; it is kept, and there is one node */
	struct mm *mm; /* [I] */
	const struct area_ops *ops; /* [I] */
	struct vmobject *obj; /* [I] page cache it maps, referenced; NULL: anonymous */
	u64 pgoff; /* [s][o] file page number of start; unused without obj */
	void *owner; /* [I] the struct file, for ops */
	union {
		/* [obj->lock] its pages of the object, in obj->areas; a group is a space */
		struct interval in_obj;
		struct list_head dead; /* [who removed it] */
	};
	const char *label; /* [I] "[vdso]" and the like, or NULL */
	struct area_name *name; /* [s] that the program gave; referenced, or NULL */
	struct uffd *uffd; /* [s] with VM_UFFD; referenced */
};

/*
 * [s] sem: for writing to change it, for reading to look. [t] table_lock to write, any time to
 * read. [a] atomic. [I] immutable. [e] written by exec before the space has users, or copied by
 * fork; then immutable. [r] racy: a hint or a figure for people.
 */
struct mm {
	atomic_t users; /* [a] tasks in it; at 0 the areas go */
	atomic_t refs; /* [a] + harts lazily on it, /proc readers; at 0 the root goes */
	u64 id; /* [I] never 0, never used again; a copy's is greater */
	struct rwsem sem;
	struct rb_root areas; /* [s] */
	struct area *cached; /* [s, r among readers] last found */
	u64 nr_areas; /* [s] */
	paddr_t root; /* [I] physical address of the root table */
	pte_t *root_va; /* [I] */
	spinlock_t table_lock; /* RANK_MM: inner tables come to be under it */
	u64 loaded; /* [a] harts whose satp names it, idle ones too */
	u64 active; /* [a] of those, harts that run a task of it */
	u64 ran; /* [a] harts that may hold its translations */
	u64 stale; /* [a] harts that must flush before they run it again */
	u64 ctx; /* [asid.lock to write] ASID and its generation, mm/asid.c; 0 none yet */
	u64 brk_start; /* [e] */
	u64 brk; /* [s] */
	u64 mmap_top; /* [e] top-down search starts here */
	u64 stack_top; /* [e] */
	u64 total_max; /* [s] the most total_pages was */
	u64 total_pages, locked_pages, data_pages, stack_pages, exec_pages; /* [s] in areas */
	atomic_long_t rss_anon, rss_file, rss_shmem; /* [a] present pages */
	u64 rss_max; /* [r] the most mm_rss was when it last fell; more now, perhaps */
	u64 nr_tables; /* [t] page-table pages */
	struct list_head tables; /* [table_lock] them, but for the root */
	u64 arg_start, arg_end, env_start, env_end; /* [e], or [s] by PR_SET_MM */
	u64 code_start, code_end, data_start, data_end; /* the same */
	u64 auxv[AUXV_WORDS]; /* the same; for /proc/PID/auxv */
	unsigned auxv_words; /* the same */
	u64 vdso; /* [e] its address; 0 none */
	struct file *exe; /* [s] fs's reference, dropped through mm_exe_put */
	u32 flags; /* [a] MM_* */
	u32 def_flags; /* [s] mlockall: flags of areas to come */
	u32 dump_filter; /* [r] DUMP_* */
	void *aio; /* fs/aio.c's contexts */
	bool sealed; /* [s] there is an area with VM_SEALED */
	u64 cids; /* [a] concurrency ids of the threads that run: proc/rseq.c */
	struct rcu_head rcu; /* [I until refs is 0] */
};

/* mm->flags; they pass to a child and to the next program (prctl(2)). */
#define MM_THP_DISABLE	   (1u << 0)
#define MM_MERGE	   (1u << 1) /* PR_SET_MEMORY_MERGE: nothing merges pages here */
#define MM_MDWE		   (1u << 2) /* memory cannot come to be executable */
#define MM_MDWE_NO_INHERIT (1u << 3)
static inline u32 mm_flags_inherited(u32 flags)
{
	if (flags & MM_MDWE_NO_INHERIT)
		flags &= ~(u32)(MM_MDWE | MM_MDWE_NO_INHERIT);
	return flags;
}

void mm_init(void); /* boot: zero page, hooks */
struct mm *mm_create(void); /* empty; NULL when out of memory */
/* What is mapped at addr, of the kernel's own, is asked for anew. Sleeps. */
void vm_forget_special(struct mm *mm, u64 addr);
struct mm *mm_fork(struct mm *parent); /* copy-on-write copy; ERR_PTR(-ENOMEM, -EINTR: killed) */
void mm_get(struct mm *mm); /* users */
/* users, unless there are none left; the caller keeps *mm from being freed */
bool mm_get_live(struct mm *mm);
void mm_put(struct mm *mm); /* users; sleeps at the last one */
/* users; NULL for kernel threads and after exit (/proc, ptrace) */
struct mm *task_mm_get(struct task *t);
u64 mm_rss(const struct mm *mm); /* present pages, all kinds */
void mm_hold(struct mm *mm); /* refs only */
void mm_drop(struct mm *mm);
extern void (*mm_aio_gone)(void *aio); /* set by fs: nobody is in the space any more */
extern void (*mm_exe_put)(struct file *exe); /* set by fs */
extern void (*mm_exe_get)(struct file *exe); /* set by fs; fork copies mm->exe with it */
/*
 * current takes mm over now (exec; NULL: exit): sets current->mm, switches tables. The caller puts
 * the old one.
 */
void mm_activate(struct mm *mm);
/*
 * A full memory barrier in all tasks of mm, membarrier(2)'s private one: no other hart is disturbed than those that
 * run one of them now. It says nothing of what they fetch as instructions. Never sleeps.
 */
void mm_barrier(struct mm *mm);

/*
 * The error of a mapping that cannot be for the reason `why`, a negative errno: mmap(2) looks at a fixed
 * address (map_flags) before what else is wrong. Takes mm->sem.
 */
int vm_map_refused(struct mm *mm, u64 addr, u64 len, int map_flags, int why);
/*
 * Map len bytes (rounded up). addr: exact when MAP_FIXED(_NOREPLACE) is in map_flags, else a hint.
 * obj NULL: anonymous; else the area takes a reference of its own. vm_flags VM_*. owner gets
 * ops->open only for later copies: the caller's reference passes to the area on success. Returns
 * the address or -errno as mmap(2). Takes mm->sem. MAP_POPULATE, MAP_NONBLOCK, MAP_LOCKED,
 * MAP_NORESERVE in map_flags are honoured too.
 */
long vm_map(struct mm *mm, u64 addr, u64 len, u32 vm_flags, int map_flags, struct vmobject *obj,
	    u64 pgoff, const struct area_ops *ops, void *owner, const char *label);
int vm_unmap(struct mm *mm, u64 addr, u64 len); /* munmap(2) errnos */
/* shmdt(2): what is left of the map with these ops whose page 0 is or was at addr. 0 or -EINVAL. */
int vm_unmap_owned(struct mm *mm, u64 addr, const struct area_ops *ops);
int vm_protect(struct mm *mm, u64 addr, u64 len, int prot); /* mprotect(2) */
long vm_remap(struct mm *mm, u64 old, u64 old_len, u64 new_len, int flags, u64 new_addr);
/* remap_file_pages(2): a shared area's [start, start+len) shows what is at pgoff of its source. */
long vm_remap_pages(struct mm *mm, u64 start, u64 len, u64 pgoff, int flags);
int vm_advise(struct mm *mm, u64 addr, u64 len, int advice);
long vm_brk(struct mm *mm, u64 addr); /* brk(2): the new or the old break */
int vm_msync(struct mm *mm, u64 addr, u64 len, int flags);
int vm_mincore(struct mm *mm, u64 addr, u64 len, u8 __user *vec);
int vm_lock(struct mm *mm, u64 addr, u64 len, bool lock); /* mlock(2) */
int vm_lock_onfault(struct mm *mm, u64 addr, u64 len); /* mlock2(MLOCK_ONFAULT) */
/* PR_SET_VMA_ANON_NAME; n NULL: none. 0, -ENOMEM (holes, memory), -EBADF (a file), -EINVAL. */
int vm_set_name(struct mm *mm, u64 addr, u64 len, struct area_name *n);
struct area_name *area_name_new(const char *text); /* NULL without memory */
struct area_name *area_name_get(struct area_name *n);
void area_name_put(struct area_name *n);
/* Of one node, mm/policy.c. A policy is a word of uapi/mempolicy.h; [start, end) are whole pages. */
#define POLICY_WEIGHTED 6 /* MPOL_WEIGHTED_INTERLEAVE of newer headers: the last mode */
#define POLICIES	7
int vm_bind(struct mm *mm, u64 start, u64 end, u16 policy); /* 0, -EFAULT (holes), -ENOMEM */
int vm_policy(struct mm *mm, u64 addr); /* of the area there; -EFAULT */
int vm_home_node(struct mm *mm, u64 start, u64 end); /* set_mempolicy_home_node(2) */
int vm_page_node(struct mm *mm,
		 u64 addr); /* 0; -ENOENT: no page; -EFAULT: no area, or only zeros */
int vm_seal(struct mm *mm, u64 start, u64 len); /* mseal(2) */
int vm_lock_all(struct mm *mm, int flags); /* mlockall(2), MCL_*; 0: munlockall */
/*
 * A free range for a map of the caller's choice (vDSO, shmat): highest below mmap_top. Address or
 * -ENOMEM. sem held.
 */
long vm_find_gap(struct mm *mm, u64 hint, u64 len);
struct area *area_find(struct mm *mm, u64 addr); /* area with end > addr, lowest; NULL. sem held */
struct area *area_next(struct area *a);
struct area *area_first(struct mm *mm);
struct area_usage { /* bytes */
	u64 rss, pss, pss_dirty, pss_anon, pss_file, pss_shmem;
	u64 shared_clean, shared_dirty, private_clean, private_dirty;
	u64 referenced, anon, huge;
};
void area_usage(struct area *a, struct area_usage *u); /* sem held */
void area_forget_use(struct area *a); /* clears what `referenced` counts; sem held */
/* The words of /proc/PID/pagemap for n pages from addr on, all below USER_TOP, without the bits to hide. */
#define PM_FRAME     ((1UL << 55) - 1)
#define PM_EXCLUSIVE (1UL << 56)
#define PM_HUGE	     (1UL << 60) /* part of 2 MiB at once; users never see it */
#define PM_FILE	     (1UL << 61)
#define PM_PRESENT   (1UL << 63)
void vm_pagemap(struct mm *mm, u64 addr, u64 *word, unsigned n, u64 hide);
u64 vm_zero_page(void); /* number of the page that stands for memory only read */
/* From addr up to where (end at most) there is not even a page table? sem held. */
u64 vm_untouched(struct mm *mm, u64 addr, u64 end);

/*
 * Page fault of a user access at addr in current->mm: access is VM_READ, VM_WRITE or VM_EXEC.
 * 0: mapped, try again. Else the signal to raise in *signo and *code, and -EFAULT; or *signo 0 and
 * -EINTR: current is being killed. When memory is out the killer is asked. Sleeps; takes mm->sem
 * for reading. No lock may be held but sleeping ones above it.
 */
int vm_fault(struct mm *mm, u64 addr, u32 access, int *signo, int *code);
/* Faults pages in ahead (MAP_POPULATE, mlock). */
int vm_populate(struct mm *mm, u64 addr, u64 len);

/*
 * Unmaps file pages [index, index+n) of obj from every area, before truncation; private copies too
 * when even_private.
 */
void vm_unmap_object(struct vmobject *obj, u64 index, u64 n, bool even_private);
/*
 * Identity of the word at addr for futex keys: in a shared mapping the vmobject's id and the number
 * of its page; else these stay as they were. 0 or -EFAULT.
 */
int vm_futex_key(struct mm *mm, u64 addr, u64 *object, u64 *index);

/* 2 MiB at once (mm/huge.c): for no area, those with VM_HUGEPAGE, or all but those with VM_NOHUGEPAGE. */
enum huge_mode { HUGE_NEVER, HUGE_MADVISE, HUGE_ALWAYS };
extern enum huge_mode vm_huge_mode;
bool area_huge(const struct area *a); /* may it have some? (smaps, THPeligible) sem held */
enum huge_event { /* since boot: /proc/vmstat, thp_* */
		  HUGE_FAULT,
		  HUGE_FALLBACK, /* no memory for one */
		  HUGE_COLLAPSE,
		  HUGE_COLLAPSE_FAILED,
		  HUGE_SPLIT,
		  HUGE_EVENTS
};
u64 vm_huge_events(enum huge_event e);
u64 vm_huge_pages(void); /* pages that are mapped in this way now */

/*
 * Out of memory while current needed a user page: picks and kills a process; returns when it made
 * sense to retry.
 */
void oom_kill(void);
/* proc(5): kill who asks; panic instead; list the candidates. */
extern int oom_kill_asker, oom_panic, oom_dump_tasks;

/* For /proc/meminfo: committed memory, and what the page tables of all spaces take. */
u64 vm_committed_pages(void);
u64 vm_table_pages(void);
u64 vm_locked_pages(void); /* in locked areas */
u64 vm_faults(void);
u64 vm_major_faults(void); /* for which a store was read */
u64 oom_kills(void);
/* 2: all is placed at random; 1: all but the heap; 0, with norandmaps: nothing. */
extern int vm_randomize;
/* Pages of a mapping area's or a program's place that are random, as a power of two: vm.mmap_rnd_bits. */
extern int vm_mmap_random_bits;
extern int vm_max_map_count; /* areas of a space: proc(5) */
/* proc(5): overcommit_memory (0: no obvious excess; 1: anything; 2: up to the limit), _ratio, _kbytes. */
extern int vm_overcommit, vm_overcommit_ratio;
enum { OVERCOMMIT_GUESS, OVERCOMMIT_ALWAYS, OVERCOMMIT_NEVER }; /* vm_overcommit */
extern u64 vm_admin_reserve, vm_user_reserve; /* KiB */
extern u64 vm_overcommit_kbytes;
u64 vm_commit_limit(void); /* pages */
extern u64 vm_min_addr; /* proc(5), mmap_min_addr */
/* The lowest address chosen, and allowed without CAP_SYS_RAWIO. */
#define VM_MIN_ADDR max(READ_ONCE(vm_min_addr), (u64)PAGE_SIZE)
#endif
