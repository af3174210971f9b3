/*
 * The only ways to touch user memory. Nothing sets sstatus.SUM: each page is
 * looked up under its leaf page-table lock (U, R/W, copy-on-write broken, A/D
 * set), copied through the direct map, unlocked; an absent page is faulted in
 * with no lock held and tried again. May sleep: no spinlock held, except for the _nofault forms.
 */
#ifndef MM_USERCOPY_H
#define MM_USERCOPY_H

#include <types.h>
#include <compiler.h>
#include "arch/riscv/memlayout.h"

struct mm;
struct page;

/* Whole copies: 0 or -EFAULT (how much was copied is unspecified). n == 0 is 0. */
int copy_from_user(void *dst, const void __user *src, size_t n);
int copy_to_user(void __user *dst, const void *src, size_t n);
/* Partial copies: bytes done, from the start, up to the first fault. */
size_t copy_from_user_partial(void *dst, const void __user *src, size_t n);
size_t copy_to_user_partial(void __user *dst, const void *src, size_t n);
size_t clear_user_partial(void __user *dst, size_t n);
/*
 * NUL-terminated string, at most max bytes with the NUL: its length without NUL; -EFAULT;
 * -ENAMETOOLONG when no NUL within max.
 */
ssize_t strncpy_from_user(char *dst, const char __user *src, size_t max);
/* Length with the NUL, at most max; > max when longer; -EFAULT. */
ssize_t strnlen_user(const char __user *s, size_t max);
/*
 * A struct that grows over time, of n bytes at src (clone3(2), openat2(2)): unknown bytes must be
 * zero, missing ones are. 0, -E2BIG, -EFAULT.
 */
int copy_struct_from_user(void *dst, size_t known, const void __user *src, size_t n);
/* A kmalloc'ed copy; n was checked by the caller. ERR_PTR. */
void *memdup_user(const void __user *src, size_t n);

/* One aligned naturally sized value: 0 or -EFAULT. */
int get_user_u8(u8 *v, const u8 __user *p);
int get_user_u32(u32 *v, const u32 __user *p);
int get_user_u64(u64 *v, const u64 __user *p);
int put_user_u32(u32 v, u32 __user *p);
int put_user_u64(u64 v, u64 __user *p);

/*
 * Atomic operations on an aligned user word (futex): old value in *old. 0, -EFAULT, -EINVAL if
 * misaligned.
 */
enum uatomic_op {
	UATOMIC_SET,
	UATOMIC_ADD,
	UATOMIC_OR,
	UATOMIC_ANDN,
	UATOMIC_XOR,
	UATOMIC_CMPXCHG
};
int user_atomic32(u32 __user *p, enum uatomic_op op, u32 arg, u32 expect, u32 *old);
/*
 * A load that never sleeps or faults, for use under a futex bucket lock: -EFAULT means:
 * unlock, fault in, retry.
 */
int user_load32_nofault(u32 *v, const u32 __user *p);
/* UATOMIC_CMPXCHG likewise; it was exchanged if *old == expect. */
int user_cmpxchg32_nofault(u32 __user *p, u32 expect, u32 new, u32 *old);
/* Makes [p, p+n) present for reading or writing: 0 or -EFAULT. */
int fault_in_user(const void __user *p, size_t n, bool write);

/*
 * The page at addr (below USER_TOP) of current's space, as it is read or, if write, written; with a
 * reference. NULL: not allowed, or memory that nobody but its owner may see.
 */
struct page *user_page_get(u64 addr, bool write);

/* Copies in another space (exec's new stack, /proc/PID/mem, ptrace): bytes done. */
size_t mm_copy_to(struct mm *mm, u64 dst, const void *src, size_t n, bool force);
size_t mm_copy_from(struct mm *mm, void *dst, u64 src, size_t n, bool force);

/* Is [p, p+n) inside user space at all (no overflow)? Linux's access_ok. */
static inline bool user_range_ok(const void __user *p, size_t n)
{
	return n <= USER_TOP && (__force u64)p <= USER_TOP - n;
}
#endif
