/*
 * The files of /proc about the machine's memory: meminfo, vmstat, zoneinfo, buddyinfo and the arrays
 * kpagecount, kpageflags and kpagecgroup. Formats: proc(5). There is one node with one zone, called
 * DMA32 as Linux calls memory below 4 GiB.
 *
 * The figures are read without a lock, each for itself.
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "core/sched.h"
#include "mm/iter.h"
#include "mm/vm.h"
#include "mm/vmobject.h"

struct figures { /* pages */
	struct page_stats mem;
	u64 cached, pinned, slab, reclaimable;
};

/* Slab memory that goes when memory is short: cached names and inodes. */
static void add_reclaimable(const char *name, size_t size, u64 used __unused, u64 total, void *arg)
{
	if (str_equal(name, "dentry") || str_equal(name, "inode"))
		*(u64 *)arg += total * size;
}

static void gather(struct figures *f)
{
	f->cached = pagecache_pages();
	f->pinned = min(pagecache_pinned(), f->cached);
	f->slab = slab_pages();
	f->reclaimable = 0;
	page_stats(&f->mem);
	slab_for_each(add_reclaimable, &f->reclaimable);
	f->reclaimable = min(f->reclaimable >> PAGE_SHIFT, f->slab);
}

/* --- meminfo ---------------------------------------------------------------------- */

static void kb(struct text *out, const char *label, u64 pages)
{
	size_t start = out->len;

	text_puts(out, label);
	text_pad(out, start, 16);
	text_printf(out, "%8lu kB\n", pages << (PAGE_SHIFT - 10));
}

int meminfo_show(struct text *out, const struct subject *s __unused)
{
	struct figures f;
	u64 available, anon;

	gather(&f);
	available = f.mem.free + (f.cached - f.pinned) + f.reclaimable / 2;
	available -= min(available, f.mem.reserve);
	anon = f.mem.anon + f.pinned;
	kb(out, "MemTotal:", f.mem.total);
	kb(out, "MemFree:", f.mem.free);
	kb(out, "MemAvailable:", available);
	kb(out, "Buffers:", 0);
	kb(out, "Cached:", f.cached);
	kb(out, "SwapCached:", 0);
	kb(out, "Active:", anon + f.cached - f.pinned);
	kb(out, "Inactive:", 0);
	kb(out, "Active(anon):", anon);
	kb(out, "Inactive(anon):", 0);
	kb(out, "Active(file):", f.cached - f.pinned);
	kb(out, "Inactive(file):", 0);
	kb(out, "Unevictable:", vm_locked_pages());
	kb(out, "Mlocked:", vm_locked_pages());
	kb(out, "SwapTotal:", 0);
	kb(out, "SwapFree:", 0);
	kb(out, "Zswap:", 0);
	kb(out, "Zswapped:", 0);
	kb(out, "Dirty:", pagecache_dirty());
	kb(out, "Writeback:", pagecache_writeback());
	kb(out, "AnonPages:", f.mem.anon);
	kb(out, "Mapped:", pagecache_mapped());
	kb(out, "Shmem:", f.pinned);
	kb(out, "KReclaimable:", f.reclaimable);
	kb(out, "Slab:", f.slab);
	kb(out, "SReclaimable:", f.reclaimable);
	kb(out, "SUnreclaim:", f.slab - f.reclaimable);
	kb(out, "KernelStack:", kstack_pages());
	kb(out, "PageTables:", vm_table_pages());
	kb(out, "SecPageTables:", 0);
	kb(out, "NFS_Unstable:", 0);
	kb(out, "Bounce:", 0);
	kb(out, "WritebackTmp:", 0);
	kb(out, "CommitLimit:", vm_commit_limit());
	kb(out, "Committed_AS:", vm_committed_pages());
	kb(out, "VmallocTotal:", VMAP_SIZE >> PAGE_SHIFT);
	kb(out, "VmallocUsed:", kstack_pages());
	kb(out, "VmallocChunk:", 0);
	kb(out, "Percpu:", 0);
	kb(out, "AnonHugePages:", vm_huge_pages());
	kb(out, "ShmemHugePages:", 0);
	kb(out, "ShmemPmdMapped:", 0);
	kb(out, "FileHugePages:", 0);
	kb(out, "FilePmdMapped:", 0);
	text_puts(out, "HugePages_Total:       0\nHugePages_Free:        0\n"
		       "HugePages_Rsvd:        0\nHugePages_Surp:        0\n");
	kb(out, "Hugepagesize:", pt_level_size(1) >> PAGE_SHIFT);
	kb(out, "Hugetlb:", 0);
	return 0;
}

/* --- vmstat, zoneinfo, buddyinfo ---------------------------------------------------- */

/* What vmstat says; zoneinfo has the first two parts. */
struct row {
	const char *name;
	u64 value;
};

static void put_rows(struct text *out, const char *indent, const struct row *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (*indent)
			text_printf(out, "%s%-12s %lu\n", indent, r[i].name, r[i].value);
		else
			text_printf(out, "%s %lu\n", r[i].name, r[i].value);
}

#define ZONE_ROWS 8
#define NODE_ROWS 17

static void zone_rows(const struct figures *f, struct row r[ZONE_ROWS])
{
	const struct row rows[ZONE_ROWS] = {
		{ "nr_free_pages", f->mem.free },
		{ "nr_zone_inactive_anon", 0 },
		{ "nr_zone_active_anon", f->mem.anon + f->pinned },
		{ "nr_zone_inactive_file", 0 },
		{ "nr_zone_active_file", f->cached - f->pinned },
		{ "nr_zone_unevictable", vm_locked_pages() },
		{ "nr_zone_write_pending", pagecache_dirty() + pagecache_writeback() },
		{ "nr_mlock", vm_locked_pages() },
	};

	memcpy(r, rows, sizeof(rows));
}

static void node_rows(const struct figures *f, struct row r[NODE_ROWS])
{
	const struct row rows[NODE_ROWS] = {
		{ "nr_inactive_anon", 0 },
		{ "nr_active_anon", f->mem.anon + f->pinned },
		{ "nr_inactive_file", 0 },
		{ "nr_active_file", f->cached - f->pinned },
		{ "nr_unevictable", vm_locked_pages() },
		{ "nr_slab_reclaimable", f->reclaimable },
		{ "nr_slab_unreclaimable", f->slab - f->reclaimable },
		{ "nr_anon_pages", f->mem.anon },
		{ "nr_mapped", pagecache_mapped() },
		{ "nr_file_pages", f->cached },
		{ "nr_dirty", pagecache_dirty() },
		{ "nr_writeback", pagecache_writeback() },
		{ "nr_shmem", f->pinned },
		{ "nr_anon_transparent_hugepages", vm_huge_pages() * PAGE_SIZE / pt_level_size(1) },
		{ "nr_kernel_stack", kstack_pages() << (PAGE_SHIFT - 10) },
		{ "nr_page_table_pages", vm_table_pages() },
		{ "nr_swapcached", 0 },
	};

	memcpy(r, rows, sizeof(rows));
}

static void gather_rows(struct figures *f, struct row zone[ZONE_ROWS], struct row node[NODE_ROWS])
{
	gather(f);
	zone_rows(f, zone);
	node_rows(f, node);
}

int vmstat_show(struct text *out, const struct subject *s __unused)
{
	struct row zone[ZONE_ROWS], node[NODE_ROWS];
	struct figures f;

	gather_rows(&f, zone, node);
	put_rows(out, "", zone, ZONE_ROWS);
	put_rows(out, "", node, NODE_ROWS);
	text_printf(out, "nr_dirty_threshold %lu\nnr_dirty_background_threshold %lu\n",
		    dirty_limit(), dirty_background_limit());
	text_printf(out, "pswpin 0\npswpout 0\npgfault %lu\npgmajfault %lu\noom_kill %lu\n",
		    vm_faults(), vm_major_faults(), oom_kills());
	text_printf(out,
		    "thp_fault_alloc %lu\nthp_fault_fallback %lu\nthp_collapse_alloc %lu\n"
		    "thp_collapse_alloc_failed %lu\nthp_split_pmd %lu\n",
		    vm_huge_events(HUGE_FAULT), vm_huge_events(HUGE_FALLBACK),
		    vm_huge_events(HUGE_COLLAPSE), vm_huge_events(HUGE_COLLAPSE_FAILED),
		    vm_huge_events(HUGE_SPLIT));
	return 0;
}

int zoneinfo_show(struct text *out, const struct subject *s __unused)
{
	struct row zone[ZONE_ROWS], node[NODE_ROWS];
	struct figures f;

	gather_rows(&f, zone, node);
	text_puts(out, "Node 0, zone    DMA32\n  per-node stats\n");
	put_rows(out, "      ", node, NODE_ROWS);
	text_printf(out, "  pages free     %lu\n        boost    0\n        min      %lu\n",
		    f.mem.free, f.mem.reserve);
	text_printf(out, "        low      %lu\n        high     %lu\n        promo    %lu\n",
		    f.mem.low, f.mem.low * 3 / 2, f.mem.low * 2);
	text_printf(out,
		    "        spanned  %lu\n        present  %lu\n        managed  %lu\n"
		    "        cma      0\n        protection: (0, 0, 0, 0)\n",
		    ram_pages, ram_pages, f.mem.total);
	put_rows(out, "      ", zone, ZONE_ROWS);
	text_printf(out, "  node_unreclaimable:  0\n  start_pfn:           %lu\n",
		    ram_base >> PAGE_SHIFT);
	return 0;
}

int buddyinfo_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, "Node 0, zone    DMA32 ");
	for (unsigned o = 0; o <= PAGE_MAX_ORDER; o++)
		text_printf(out, "%6lu ", page_blocks(o));
	text_puts(out, "\n");
	return 0;
}

/* --- a word for each page of memory, by its number ---------------------------------------- */

#define KPF_NOPAGE 20

static u64 page_count(const struct page *p)
{
	if (page_flag(p, PG_FILE))
		return (u64)atomic_read(&p->mapcount);
	return page_flag(p, PG_ANON) ? (u64)atomic_read(&p->refs) : 0;
}

/* As the kernel's page-flags.h numbers them. */
static u64 page_bits(const struct page *p)
{
	static const u8 bit[][2] = {
		{ PG_LOCKED, 0 }, { PG_ERROR, 1 },  { PG_REFERENCED, 2 }, { PG_UPTODATE, 3 },
		{ PG_DIRTY, 4 },  { PG_LRU, 5 },    { PG_SLAB, 7 },	  { PG_BUDDY, 10 },
		{ PG_ANON, 12 },  { PG_TABLE, 26 }, { PG_RESERVED, 32 },
	};
	u64 bits = page_count(p) ? 1UL << 11 : 0;

	for (unsigned i = 0; i < ARRAY_SIZE(bit); i++)
		bits |= (u64)page_flag(p, bit[i][0]) << bit[i][1];
	return bits;
}

static ssize_t words_read(struct file *f, struct iter *it, u64 *pos)
{
	const struct node *n = f->priv;
	u64 first = ram_base >> PAGE_SHIFT, end = first + ram_pages, at = *pos / sizeof(u64);
	ssize_t done = 0;

	if (*pos % sizeof(u64) || it->count % sizeof(u64))
		return -EINVAL;
	for (; it->count && at < end; at++) {
		u64 word = 0;

		if (str_equal(n->name, "kpagecount"))
			word = at < first ? 0 : page_count(&page_array[at - first]);
		else if (str_equal(n->name, "kpageflags"))
			word = at < first ? 1UL << KPF_NOPAGE : page_bits(&page_array[at - first]);
		if (iter_copy_to(it, &word, sizeof(word)) < sizeof(word))
			return done ? done : -EFAULT;
		done += (ssize_t)sizeof(word);
		cond_resched();
	}
	*pos += (u64)done;
	return done;
}

static int words_open(struct inode *i, struct file *f)
{
	struct subject s;
	int err = tree_subject(i, &s);

	if (!err)
		f->priv = (void *)s.node;
	subject_put(&s);
	return err;
}

const struct file_ops page_words_fops = {
	.open = words_open,
	.read = words_read,
	.llseek = pid_mem_llseek,
};
