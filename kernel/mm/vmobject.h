/*
 * The page cache: one struct vmobject per file (or tmpfs file, or shared
 * anonymous memory), holding its pages by index. read, write, mmap, exec and
 * sendfile all use this one copy.
 *
 * Locks: obj->lock guards the tree and the identity of its pages; a page's
 * contents are set up under PG_LOCKED. PG_LOCKED of several pages is taken in index order.
 */
#ifndef MM_VMOBJECT_H
#define MM_VMOBJECT_H

#include <types.h>
#include "alloc/page.h"
#include "lib/radix.h"
#include "lib/rbtree.h"
#include "sync/spinlock.h"

struct vmobject;
struct iter;

struct vmobject_ops {
	/*
	 * Fills n pages at consecutive indexes (locked, not up to date) from the store; parts
	 * past the end are zeroed. Sleeps. 0 or -errno for all (-EIO). NULL: pages start as zeros.
	 */
	int (*fill)(struct vmobject *obj, u64 index, struct page **pages, unsigned n);
	/*
	 * Brings n pages to the store: locked, in ascending order of page->index, as far as they lie before
	 * obj->size. Sleeps, with no lock held but theirs. 0 or -errno for all of them, which only after
	 * -ENOMEM is tried again. NULL: what is written stays in memory.
	 */
	int (*write)(struct vmobject *obj, struct page **pages, unsigned n);
	/* Where there is write: the first page becomes dirty. Called with obj->lock held. May be NULL. */
	void (*dirtied)(struct vmobject *obj);
	/*
	 * n pages come (1; -ENOSPC refuses) or went (-1): limits on memory, as tmpfs has. Called
	 * with obj->lock held. May be NULL.
	 */
	int (*charge)(struct vmobject *obj, long n);
	/* The object lost its last reference (anonymous shared objects); may be NULL. */
	void (*release)(struct vmobject *obj);
};

/* [l] lock. [a] atomic. [I] set before anybody else sees it. [r] racy: a hint. */
struct vmobject {
	atomic_t refs; /* [a] */
	spinlock_t lock;
	struct radix_tree pages; /* [l]; radix_get also under RCU */
	u64 nr_pages; /* [l] */
	u64 nr_unwritten; /* [l] of those with a store: dirty or under write-back, both counts twice; others peek */
	atomic_t asking; /* [a] pages that somebody asks room for, and then makes dirty */
	u64 promised; /* [I] pages that count as promised as a whole; 0: each as it comes */
	u64 size; /* bytes; [the owner's lock: inode->rwsem] to write, read any time (READ_ONCE) */
	const struct vmobject_ops *ops; /* [I] */
	void *owner; /* [I] the inode, or NULL */
	u64 id; /* [I] never 0, never used again: futexes compare it long after it may be gone */
	bool pinned; /* [I] memory is the only store: pages are never reclaimed */
	bool secret; /* [I] only who maps them gets at the pages: memfd_secret(2) */
	struct rb_root areas; /* [l] of area->in_obj: who maps which pages of it */
	u64 ra_next; /* [r] read-ahead: index after the last sequential read */
	u32 ra_window; /* [r] pages */
	u32 error; /* [a] of writing it back, and how often: vmobject_error_since */
};

void vmobject_init(struct vmobject *obj, const struct vmobject_ops *ops, void *owner, bool pinned);
/* For shared anonymous mappings: heap-allocated, one reference. NULL when out of memory. */
struct vmobject *vmobject_create_anon(u64 size);
/* Of a new one, whose size is set: all of it is promised at once. 0, -ENOMEM. */
int vmobject_promise(struct vmobject *obj);
void vmobject_get(struct vmobject *obj);
void vmobject_put(struct vmobject *obj); /* the last put drops all pages, calls ops->release */
/* Drops all pages (the owner goes away; no mapping may remain). */
void vmobject_destroy(struct vmobject *obj);

/*
 * The up-to-date page at index, referenced; filled (with read-ahead) when absent. Sleeps.
 * ERR_PTR(-ENOMEM | -EIO | -ERESTARTSYS when killed). Does not check size.
 */
struct page *vmobject_page(struct vmobject *obj, u64 index);
/* The same if it is there already and up to date, else NULL. Never sleeps. */
struct page *vmobject_page_cached(struct vmobject *obj, u64 index);
/*
 * Where memory is the only store: sees to it that a page is there, so that later writes find room. A new one is
 * not up to date, and so still a hole for those who read or ask (lseek(2), SEEK_HOLE); one that was got so before
 * becomes data, as in Linux. 1: it is new; 0; -ENOMEM, -ENOSPC.
 */
int vmobject_reserve(struct vmobject *obj, u64 index);
/*
 * The first index from `index` up to `end` that has, or has not, a page with data: one that was written or mapped
 * where memory is the only store, else one that is newer than the store. end: none. May reschedule.
 */
u64 vmobject_next(struct vmobject *obj, u64 index, u64 end, bool data);
/*
 * New size: drops pages beyond, unmaps them from all areas, zeroes the tail of the last one.
 * Owner's lock held.
 */
void vmobject_resize(struct vmobject *obj, u64 size);
/* Zeroes [off, off+len) within the size: pages become zeros. */
int vmobject_zero(struct vmobject *obj, u64 off, u64 len);
/*
 * Punches a hole: as vmobject_zero, but where memory is the only store whole pages are dropped,
 * also behind the size.
 */
int vmobject_punch(struct vmobject *obj, u64 off, u64 len);

/*
 * read/write through the cache: *pos-less; return bytes done (short at the end, at a fault after
 * some
 * progress) or -errno. Read stops at obj->size. Write extends obj->size as it goes and marks
 * pages dirty.
 * The owner's lock: read none (size is sampled), write held exclusively.
 */
ssize_t vmobject_read(struct vmobject *obj, struct iter *it, u64 pos);
ssize_t vmobject_write(struct vmobject *obj, struct iter *it, u64 pos);

void page_lock(struct page *p); /* PG_LOCKED; sleeps */
bool page_trylock(struct page *p);
void page_unlock(struct page *p);
/*
 * Also tags it OBJ_TAG_DIRTY in its object. After what is new was written to it, else write-back may come in
 * between and miss it.
 */
void page_mark_dirty(struct page *p);
#define OBJ_TAG_DIRTY	  0
#define OBJ_TAG_WRITEBACK 1

/* --- write-back (mm/writeback.c) --- */
/*
 * Brings the dirty pages of bytes [from, to) to the store, and waits for those that others are bringing there.
 * Sleeps; the owner sees to it that obj stays. 0 or -errno, which is noted in obj->error unless it is -ENOMEM.
 */
int vmobject_writeback(struct vmobject *obj, u64 from, u64 to);
bool vmobject_dirty(struct vmobject *obj); /* are there dirty pages? */
/* The page, locked or of a file that nobody writes back now, is the only copy: it is not reclaimed. */
void page_keep(struct page *p);
/* All that were kept are dirty instead: there is a store for them now. */
void vmobject_unkeep(struct vmobject *obj);
/* Drops the pages of [from, to) that are neither dirty, nor mapped, nor in use. */
void vmobject_forget(struct vmobject *obj, u64 from, u64 to);
/*
 * The store has other bytes now: drops all pages, those in use and mapped too, so that what is looked at next
 * is read anew. Who does it has brought dirty ones to the store before, and keeps write(2) away.
 */
void vmobject_reload(struct vmobject *obj);
/*
 * Errors of write-back are told once to each who asks (fsync(2), syncfs(2)): `where` holds the last one, `since` is
 * what the asker knows, at first from vmobject_error_now. err < 0.
 */
void vmobject_failed(u32 *where, int err);
u32 vmobject_error_now(const u32 *where);
int vmobject_error_since(u32 *where, u32 *since); /* 0, or the error that is new to the asker */
/*
 * proc(5), /proc/sys/vm: from the background limit on, writeback_wanted is called; whoever makes pages dirty waits
 * in dirty_throttle while there are more than dirty_limit. Ratios are percentages of the memory that files can have;
 * bytes, where not 0, count instead.
 */
extern int vm_dirty_ratio, vm_dirty_background_ratio;
extern u64 vm_dirty_bytes, vm_dirty_background_bytes;
u64 dirty_limit(void); /* pages */
u64 dirty_background_limit(void);
void dirty_throttle(void); /* no lock held; ends early for a fatal signal */
extern void (*writeback_wanted)(void); /* fs: wakes the thread that writes back; never sleeps */

/*
 * For each i < n the up-to-date page at index + i, referenced, or NULL. Never sleeps, reads
 * nothing.
 * Returns how many there are.
 */
unsigned vmobject_peek(struct vmobject *obj, u64 index, unsigned n, struct page **pages);
/* Starts having n pages from index on cached (MADV_WILLNEED, readahead(2)). Sleeps. */
void vmobject_readahead(struct vmobject *obj, u64 index, u64 n);

/* cachestat(2): pages [first, end) of obj that are cached, and of those newer than the store. */
void vmobject_count(struct vmobject *obj, u64 first, u64 end, u64 *nr_cached, u64 *nr_dirty);

/* Frees up to n clean, unused cache pages; returns how many. Task context. */
u64 reclaim_pages(u64 n);
/*
 * fs: frees up to n unused objects of its own (dentries) when memory is short; called from a
 * thread, no locks held.
 */
extern u64 (*reclaim_shrink)(u64 n);
u64 pagecache_pages(void); /* all cached pages, for /proc/meminfo */
u64 pagecache_pinned(void); /* of those, tmpfs and shared memory (Shmem) */
u64 pagecache_dirty(void); /* newer than their store, and will be written back */
u64 pagecache_writeback(void); /* being written back */
u64 pagecache_mapped(void); /* in page tables of programs */
#endif
