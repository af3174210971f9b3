/*
 * Names of anonymous memory (PR_SET_VMA(2const)): "[anon:NAME]" in /proc/PID/maps. A name is shared
 * by the areas that were cut out of one; it never changes. Areas: mm->sem.
 */
#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/internal.h"

struct area_name *area_name_new(const char *text)
{
	size_t size = strlen(text) + 1;
	struct area_name *n = kmalloc(sizeof(*n) + size, 0);

	if (!n)
		return NULL;
	atomic_set(&n->refs, 1);
	memcpy(n->text, text, size);
	return n;
}

struct area_name *area_name_get(struct area_name *n)
{
	if (n)
		atomic_inc(&n->refs);
	return n;
}

void area_name_put(struct area_name *n)
{
	if (n && atomic_dec_and_test(&n->refs))
		kfree(n);
}

bool area_names_equal(const struct area_name *a, const struct area_name *b)
{
	return a == b || (a && b && str_equal(a->text, b->text));
}

/* sem held for writing. */
static int name_locked(struct mm *mm, u64 start, u64 end, struct area_name *n,
		       struct list_head *dead)
{
	int err = 0;

	for (struct area *a = area_find(mm, start); start < end; a = area_find(mm, start)) {
		if (!a || a->start >= end)
			return -ENOMEM;
		if (a->start > start) { /* a hole is told of, and does not stop the rest */
			err = -ENOMEM;
			start = a->start;
		}
		if (a->ops)
			return -EBADF;
		if (!area_names_equal(a->name, n)) {
			a = area_carve(a, start, min(end, a->end), a->flags);
			if (IS_ERR(a))
				return (int)PTR_ERR(a);
			area_name_put(a->name);
			a->name = area_name_get(n);
			a = area_merge(a, dead);
		}
		start = a->end;
	}
	return err;
}

int vm_set_name(struct mm *mm, u64 addr, u64 len, struct area_name *n)
{
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	LIST_HEAD(dead);
	int err;

	if (addr & ~PAGE_MASK || end < addr || (len && end == addr))
		return -EINVAL;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	err = name_locked(mm, addr, end, n, &dead);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	return err;
}
