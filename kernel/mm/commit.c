/*
 * What has been promised: memory that programs may come to use, whether they touched it yet or not
 * (Committed_AS), and the policy that refuses promises: proc(5), /proc/sys/vm/overcommit_*.
 *
 * Counted are private writable areas (VM_ACCOUNT, area.c), shared anonymous memory as a whole when
 * it is made, and pages of tmpfs one by one. The count is exact; two who ask at the same time may
 * both be let in where there was room for one.
 */
#include "mm/internal.h"

int vm_overcommit;
int vm_overcommit_ratio = 50;
u64 vm_admin_reserve = 8192, vm_user_reserve = 128 * 1024; /* KiB */
u64 vm_overcommit_kbytes; /* not 0: in place of the ratio */
static atomic_long_t committed;

#define KB_TO_PAGES(kb) ((u64)(kb) >> (PAGE_SHIFT - 10))

void commit_add(s64 pages)
{
	atomic_long_add(&committed, pages);
}

u64 vm_committed_pages(void)
{
	return (u64)atomic_long_read(&committed);
}

u64 vm_commit_limit(void)
{
	u64 kb = READ_ONCE(vm_overcommit_kbytes);

	return kb ? KB_TO_PAGES(kb) :
		    page_total() * (u64)max(READ_ONCE(vm_overcommit_ratio), 0) / 100;
}

bool commit_allows(const struct mm *mm, u64 pages)
{
	u64 limit, now, keep;

	if (READ_ONCE(vm_overcommit) == OVERCOMMIT_ALWAYS)
		return true;
	if (READ_ONCE(vm_overcommit) != OVERCOMMIT_NEVER)
		return pages <= page_total();
	limit = vm_commit_limit();
	keep = capable(CAP_SYS_ADMIN) ? 0 : KB_TO_PAGES(READ_ONCE(vm_admin_reserve));
	if (mm) /* so that somebody else can still log in and kill this one */
		keep += min(mm->total_pages / 32, KB_TO_PAGES(READ_ONCE(vm_user_reserve)));
	now = vm_committed_pages();
	return limit > keep && now < limit - keep && pages < limit - keep - now;
}
