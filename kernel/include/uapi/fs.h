/*
 * uapi/fs.h - PAGEMAP_SCAN of ioctl(2).
 */
#ifndef UAPI_FS_H
#define UAPI_FS_H

#include <uapi/ioctl.h>

struct page_region {
	u64 start, end, categories;
};

struct pm_scan_arg {
	u64 size, flags, start, end, walk_end;
	u64 vec, vec_len, max_pages;
	u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)

#define PAGE_IS_WPALLOWED  (1UL << 0)
#define PAGE_IS_WRITTEN	   (1UL << 1)
#define PAGE_IS_FILE	   (1UL << 2)
#define PAGE_IS_PRESENT	   (1UL << 3)
#define PAGE_IS_SWAPPED	   (1UL << 4)
#define PAGE_IS_PFNZERO	   (1UL << 5)
#define PAGE_IS_HUGE	   (1UL << 6)
#define PAGE_IS_SOFT_DIRTY (1UL << 7)
#define PM_SCAN_CATEGORIES 0xffUL

#define PM_SCAN_WP_MATCHING   (1UL << 0)
#define PM_SCAN_CHECK_WPASYNC (1UL << 1)
#define PM_SCAN_FLAGS	      (PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC)
#endif
