/*
 * PAGEMAP_SCAN: ioctl(2) on /proc/PID/pagemap (Linux's admin-guide, "pagemap"): runs of pages of the
 * kinds that the caller names. No page is write-protected for userfaultfd(2), and none is swapped out.
 * Areas are looked at with mm->sem held for reading, answers copied out without it.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/ioctl.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "mm/usercopy.h"
#include "mm/vm.h"

/* As in newer <linux/fs.h> than this kernel's headers are compared with. */
struct page_region {
	__u64 start, end, categories;
};

struct pm_scan_arg {
	__u64 size, flags, start, end, walk_end;
	__u64 vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN	      _IOWR('f', 16, struct pm_scan_arg)

#define PAGE_IS_WPALLOWED     (1UL << 0)
#define PAGE_IS_WRITTEN	      (1UL << 1)
#define PAGE_IS_FILE	      (1UL << 2)
#define PAGE_IS_PRESENT	      (1UL << 3)
#define PAGE_IS_SWAPPED	      (1UL << 4)
#define PAGE_IS_PFNZERO	      (1UL << 5)
#define PAGE_IS_HUGE	      (1UL << 6)
#define PAGE_IS_SOFT_DIRTY    (1UL << 7)
#define PM_SCAN_CATEGORIES    0xffUL

#define PM_SCAN_WP_MATCHING   (1UL << 0)
#define PM_SCAN_CHECK_WPASYNC (1UL << 1)
#define PM_SCAN_FLAGS	      (PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC)

#define WORDS		      64
#define REGIONS		      128 /* found before they are copied out */

struct scan {
	struct pm_scan_arg a;
	struct page_region *region;
	unsigned n, room;
	u64 found; /* pages, at most a.max_pages */
};

static bool is_wanted(const struct pm_scan_arg *a, u64 kinds)
{
	kinds ^= a->category_inverted;
	return (kinds & a->category_mask) == a->category_mask &&
	       (!a->category_anyof_mask || (kinds & a->category_anyof_mask));
}

/* -ENOSPC: the last page is at *end, not farther. */
static int put_pages(struct scan *s, u64 kinds, u64 start, u64 *end)
{
	struct page_region *last = s->n ? &s->region[s->n - 1] : NULL;
	u64 left = (s->a.max_pages - s->found) << PAGE_SHIFT;
	int err = 0;

	if (!s->room || !is_wanted(&s->a, kinds))
		return 0;
	if (s->a.max_pages - s->found < (*end - start) >> PAGE_SHIFT) {
		*end = start + left;
		err = -ENOSPC;
	}
	if (*end == start)
		return err;
	kinds &= s->a.return_mask;
	if (last && last->end == start && last->categories == kinds) {
		last->end = *end;
	} else if (s->n == s->room) {
		*end = start;
		return -ENOSPC;
	} else {
		s->region[s->n++] = (struct page_region){ start, *end, kinds };
	}
	s->found += (*end - start) >> PAGE_SHIFT;
	return err;
}

/* Pages with a page table; nothing but that is known of a page that is absent. */
static int scan_words(struct mm *mm, struct scan *s, u64 *at, u64 end)
{
	u64 word[WORDS], zero = vm_zero_page();
	unsigned n = (unsigned)min((end - *at) >> PAGE_SHIFT, (u64)WORDS);
	int err = 0;

	vm_pagemap(mm, *at, word, n, 0);
	for (unsigned i = 0; i < n && !err; i++) {
		u64 kinds = PAGE_IS_WRITTEN, next = *at + PAGE_SIZE;

		if (word[i] & PM_PRESENT)
			kinds |= PAGE_IS_PRESENT;
		if (word[i] & PM_HUGE)
			kinds |= PAGE_IS_HUGE;
		if (word[i] & PM_FILE)
			kinds |= PAGE_IS_FILE;
		if ((word[i] & PM_PRESENT) && (word[i] & PM_FRAME) == zero)
			kinds |= PAGE_IS_PFNZERO;
		err = put_pages(s, kinds, *at, &next);
		*at = next;
	}
	return err;
}

/* On to *at: 0 at the end; -ENOSPC: no room for what is there; -EPERM. mm->sem is held. */
static int scan_areas(struct mm *mm, struct scan *s, u64 *at)
{
	u64 end = s->a.end;
	int err = 0;

	for (struct area *a = area_find(mm, *at); a && a->start < end && !err; a = area_next(a)) {
		u64 stop = min(a->end, end);

		if (s->a.flags & PM_SCAN_CHECK_WPASYNC)
			return -EPERM;
		if ((s->a.flags & PM_SCAN_WP_MATCHING) || (a->flags & VM_SPECIAL) ||
		    ((s->a.category_mask & ~s->a.category_inverted) & PAGE_IS_WPALLOWED))
			continue;
		*at = max(*at, a->start);
		while (*at < stop && !err) {
			u64 next = vm_untouched(mm, *at, stop);

			if (next > *at) {
				err = put_pages(s, 0, *at, &next);
				*at = next;
			} else {
				err = scan_words(mm, s, at, stop);
			}
			if (fatal_signal_pending(current))
				err = -EINTR;
			cond_resched();
		}
	}
	if (!err)
		*at = end;
	return err;
}

static int check(struct pm_scan_arg *a)
{
	if (a->size != sizeof(*a) || (a->flags & ~PM_SCAN_FLAGS))
		return -EINVAL;
	if ((a->category_inverted | a->category_mask | a->category_anyof_mask | a->return_mask) &
	    ~PM_SCAN_CATEGORIES)
		return -EINVAL;
	if (a->start % PAGE_SIZE)
		return -EINVAL;
	if (!user_range_ok((const void __user *)a->start, a->end - a->start))
		return -EFAULT;
	if (!a->vec)
		return a->vec_len ? -EINVAL : 0;
	if (a->vec_len > USER_TOP ||
	    !user_range_ok((const void __user *)a->vec, a->vec_len * sizeof(struct page_region)))
		return -EFAULT;
	return 0;
}

static long copy_out(struct scan *s)
{
	unsigned n = s->n;

	if (copy_to_user((void __user *)s->a.vec, s->region, n * sizeof(*s->region)))
		return -EFAULT;
	s->a.vec += n * sizeof(*s->region);
	s->a.vec_len -= n;
	s->n = 0;
	return n;
}

long pid_pagemap_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pm_scan_arg __user *user = (struct pm_scan_arg __user *)arg;
	struct scan s = { .n = 0 };
	struct mm *mm = f->priv;
	long n = 0, done;
	u64 at;
	int err;

	if (cmd != PAGEMAP_SCAN)
		return -EINVAL;
	if (copy_from_user(&s.a, user, sizeof(s.a)))
		return -EFAULT;
	err = check(&s.a);
	if (err)
		return err;
	s.a.end = ALIGN_UP(s.a.end, PAGE_SIZE);
	if (!s.a.max_pages)
		s.a.max_pages = U64_MAX;
	at = s.a.start;
	if (s.a.vec_len) {
		s.region = kmalloc(REGIONS * sizeof(*s.region), 0);
		if (!s.region)
			return -ENOMEM;
	}
	if (mm && !mm_get_live(mm))
		mm = NULL;
	if (!mm)
		at = s.a.end;
	while (at < s.a.end) {
		s.room = (unsigned)min(s.a.vec_len, (u64)REGIONS);
		err = rwsem_read_lock_killable(&mm->sem);
		if (err)
			break;
		err = scan_areas(mm, &s, &at);
		rwsem_read_unlock(&mm->sem);
		done = copy_out(&s);
		if (done < 0)
			err = (int)done;
		else
			n += done;
		if (err != -ENOSPC || !s.a.vec_len || s.found == s.a.max_pages)
			break;
	}
	if (mm)
		mm_put(mm);
	kfree(s.region);
	if (err == -ENOSPC)
		err = 0;
	if (err)
		at = s.a.end;
	if (put_user_u64(at, &user->walk_end))
		return -EFAULT;
	return err ? err : n;
}
