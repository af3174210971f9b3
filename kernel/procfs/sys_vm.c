/*
 * /proc/sys/vm: proc(5), "sysctl".
 */
#include "procfs/sysctl.h"

#include <uapi/errno.h>

#include "alloc/page.h"
#include "fs/memfd.h"
#include "fs/userfaultfd.h"
#include "mm/vm.h"
#include "mm/vmobject.h"

/* --- vm ------------------------------------------------------------------------------- */

/* proc(5): 1 page cache, 2 dentries and inodes, 4 only says: be silent. */
static int drop_caches_set(s64 what)
{
	if (what & 2)
		dcache_shrink(~0UL);
	/* A page that was used since the last look gets another round, a mapped one yet another. */
	for (unsigned round = 0; (what & 1) && round < 3; round++)
		reclaim_pages(pagecache_pages());
	return 0;
}

static const struct number drop_caches_number = { .set = drop_caches_set, .min = 1, .max = 4 };

static int swappiness = 60; /* there is nothing to swap to */

static s64 commit_ratio_get(void)
{
	return READ_ONCE(vm_overcommit_ratio);
}

/* Of ratio and kbytes the one that was written last counts; the other reads as 0. */
static int commit_ratio_set(s64 v)
{
	WRITE_ONCE(vm_overcommit_ratio, (int)v);
	WRITE_ONCE(vm_overcommit_kbytes, 0);
	return 0;
}

static s64 commit_kbytes_get(void)
{
	return (s64)READ_ONCE(vm_overcommit_kbytes);
}

static int commit_kbytes_set(s64 v)
{
	WRITE_ONCE(vm_overcommit_kbytes, (u64)v);
	WRITE_ONCE(vm_overcommit_ratio, 0);
	return 0;
}

static const struct number commit_ratio_number = {
	.get = commit_ratio_get, .set = commit_ratio_set, .min = S32_MIN, .max = S32_MAX
};
/* Of a ratio and its bytes, likewise, the one that was written last counts. */
static s64 dirty_ratio_get(void)
{
	return READ_ONCE(vm_dirty_ratio);
}

static int dirty_ratio_set(s64 v)
{
	WRITE_ONCE(vm_dirty_ratio, (int)v);
	WRITE_ONCE(vm_dirty_bytes, 0);
	return 0;
}

static s64 dirty_bytes_get(void)
{
	return (s64)READ_ONCE(vm_dirty_bytes);
}

static int dirty_bytes_set(s64 v)
{
	WRITE_ONCE(vm_dirty_bytes, (u64)v);
	WRITE_ONCE(vm_dirty_ratio, 0);
	return 0;
}

static s64 dirty_back_ratio_get(void)
{
	return READ_ONCE(vm_dirty_background_ratio);
}

static int dirty_back_ratio_set(s64 v)
{
	WRITE_ONCE(vm_dirty_background_ratio, (int)v);
	WRITE_ONCE(vm_dirty_background_bytes, 0);
	return 0;
}

static s64 dirty_back_bytes_get(void)
{
	return (s64)READ_ONCE(vm_dirty_background_bytes);
}

static int dirty_back_bytes_set(s64 v)
{
	WRITE_ONCE(vm_dirty_background_bytes, (u64)v);
	WRITE_ONCE(vm_dirty_background_ratio, 0);
	return 0;
}

static s64 dirty_writeback_get(void)
{
	return READ_ONCE(dirty_writeback_interval);
}

static int dirty_writeback_set(s64 v)
{
	WRITE_ONCE(dirty_writeback_interval, (int)v);
	writeback_retime();
	return 0;
}

static int dirtytime_expire = 43200; /* access times alone are written with the rest */

static const struct number dirty_ratio_number = { .get = dirty_ratio_get,
						  .set = dirty_ratio_set,
						  .max = 100 };
static const struct number dirty_bytes_number = {
	.get = dirty_bytes_get, .set = dirty_bytes_set, .min = 2 * PAGE_SIZE, .full = true
};
static const struct number dirty_back_ratio_number = { .get = dirty_back_ratio_get,
						       .set = dirty_back_ratio_set,
						       .max = 100 };
static const struct number dirty_back_bytes_number = {
	.get = dirty_back_bytes_get, .set = dirty_back_bytes_set, .min = 1, .full = true
};
static const struct number dirty_writeback_number = { .get = dirty_writeback_get,
						      .set = dirty_writeback_set,
						      .max = S32_MAX };
static const struct number commit_kbytes_number = { .get = commit_kbytes_get,
						    .set = commit_kbytes_set,
						    .full = true };

/* What is for the kernel alone; user memory ends above it. */
static s64 min_free_get(void)
{
	struct page_stats mem;

	page_stats(&mem);
	return (s64)(mem.reserve << (PAGE_SHIFT - 10));
}

static int min_free_set(s64 kbytes)
{
	page_set_reserve((u64)kbytes >> (PAGE_SHIFT - 10));
	return 0;
}

static const struct number mmap_bits_number = { .word = &vm_mmap_random_bits,
						.min = 18,
						.max = 24 };

static const struct number min_free_number = { .get = min_free_get,
					       .set = min_free_set,
					       .max = S32_MAX };

/* --- the table ------------------------------------------------------------------------------- */

/* Kept, and without effect: what they turn on Linux is not there, or is always as it should be. */
static int kept_layout, kept_cluster = 3, kept_unfairness = 5;
static int kept_stat = 1, kept_pressure = 100, kept_zones;

const struct node sys_vm_table[] = {
	NODE_WIDE("admin_reserve_kbytes", &vm_admin_reserve),
	NODE_NUMBER("dirty_background_bytes", 0644, &dirty_back_bytes_number),
	NODE_NUMBER("dirty_background_ratio", 0644, &dirty_back_ratio_number),
	NODE_NUMBER("dirty_bytes", 0644, &dirty_bytes_number),
	NODE_INT("dirty_expire_centisecs", &dirty_expire_interval, 0, S32_MAX),
	NODE_NUMBER("dirty_ratio", 0644, &dirty_ratio_number),
	NODE_NUMBER("dirty_writeback_centisecs", 0644, &dirty_writeback_number),
	NODE_INT("dirtytime_expire_seconds", &dirtytime_expire, 0, S32_MAX),
	{ .name = "drop_caches",
	  .mode = S_IFREG | 0200,
	  .flags = NODE_SYSCTL,
	  .store = number_store,
	  .data = &drop_caches_number },
	NODE_INT("legacy_va_layout", &kept_layout, 0, S32_MAX),
	NODE_INT("max_map_count", &vm_max_map_count, 0, S32_MAX),
	NODE_INT("memfd_noexec", &memfd_noexec, 0, MEMFD_NOEXEC_ENFORCED),
	NODE_NUMBER("min_free_kbytes", 0644, &min_free_number),
	NODE_WIDE("mmap_min_addr", &vm_min_addr),
	NODE_NUMBER("mmap_rnd_bits", 0600, &mmap_bits_number),
	NODE_CONST("nr_hugepages", "0\n"),
	NODE_CONST("nr_overcommit_hugepages", "0\n"),
	NODE_INT("oom_dump_tasks", &oom_dump_tasks, S32_MIN, S32_MAX),
	NODE_INT("oom_kill_allocating_task", &oom_kill_asker, 0, S32_MAX),
	NODE_NUMBER("overcommit_kbytes", 0644, &commit_kbytes_number),
	NODE_INT("overcommit_memory", &vm_overcommit, 0, 2),
	NODE_NUMBER("overcommit_ratio", 0644, &commit_ratio_number),
	NODE_INT("page-cluster", &kept_cluster, 0, 31),
	NODE_INT("panic_on_oom", &oom_panic, 0, 2),
	NODE_INT("page_lock_unfairness", &kept_unfairness, 0, S32_MAX),
	NODE_INT("stat_interval", &kept_stat, S32_MIN, S32_MAX),
	NODE_INT("swappiness", &swappiness, 0, 200),
	NODE_INT("unprivileged_userfaultfd", &userfaultfd_unprivileged, 0, 1),
	NODE_WIDE("user_reserve_kbytes", &vm_user_reserve),
	NODE_INT("vfs_cache_pressure", &kept_pressure, 0, S32_MAX),
	NODE_INT("zone_reclaim_mode", &kept_zones, 0, S32_MAX),
	{ .name = NULL },
};
