/*
 * Memory policies (mbind(2)) of areas, and where pages are (move_pages(2)), on a machine with one
 * node. A policy is remembered and told, and changes nothing: all memory is on node 0.
 *
 * A policy is one word: its mode with the MPOL_F_* flags, 0 for the default. mm->sem guards those of
 * areas.
 */
#include <uapi/mempolicy.h>
#include "mm/internal.h"

/* [start, end) must be mapped without holes; sem held. */
static bool covered(struct mm *mm, u64 start, u64 end)
{
	return end <= USER_TOP && pages_mapped(mm, start, end, 0) << PAGE_SHIFT == end - start;
}

int vm_bind(struct mm *mm, u64 start, u64 end, u16 policy)
{
	LIST_HEAD(dead);
	int err = 0;

	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	if (policy && !covered(mm, start, end))
		err = -EFAULT;
	while (start < end && !err) {
		struct area *a = area_find(mm, start);
		u64 stop;

		if (!a || a->start >= end)
			break;
		start = max(start, a->start);
		stop = min(end, a->end);
		if (a->policy != policy && !(a->flags & VM_SPECIAL)) {
			err = area_cut(mm, start, stop);
			if (err)
				break;
			a = area_at(mm, start);
			a->policy = policy;
			area_merge(a, &dead);
		}
		start = stop;
	}
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	return err;
}

int vm_policy(struct mm *mm, u64 addr)
{
	struct area *a;
	int policy;

	if (rwsem_read_lock_killable(&mm->sem))
		return -EINTR;
	a = area_at(mm, addr);
	policy = a ? a->policy : -EFAULT;
	rwsem_read_unlock(&mm->sem);
	return policy;
}

int vm_home_node(struct mm *mm, u64 start, u64 end)
{
	int err = -ENOENT;

	if (rwsem_read_lock_killable(&mm->sem))
		return -EINTR;
	for (struct area *a = area_find(mm, start); a && a->start < end; a = area_next(a)) {
		int mode = a->policy & ~MPOL_MODE_FLAGS;

		if (!a->policy)
			continue;
		err = mode == MPOL_BIND || mode == MPOL_PREFERRED_MANY ? 0 : -EOPNOTSUPP;
		if (err)
			break;
	}
	rwsem_read_unlock(&mm->sem);
	return err;
}

int vm_page_node(struct mm *mm, u64 addr)
{
	pte_t *pte, e;
	int node = -EFAULT;

	if (rwsem_read_lock_killable(&mm->sem))
		return -EINTR;
	if (area_at(mm, addr)) {
		pte = pte_find(mm, addr);
		e = pte ? READ_ONCE(*pte) : 0;
		if (!pte_used(e))
			node = -ENOENT;
		else if (pte_page(e) != zero_page)
			node = 0;
	}
	rwsem_read_unlock(&mm->sem);
	return node;
}
