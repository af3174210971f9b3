/*
 * Copies between the kernel and user memory (usercopy.h). Every function is a
 * loop over pages: find the entry, take its table's lock, check it, touch the page
 * through the direct map, unlock. What is absent or not permitted goes through the
 * fault handler with nothing held, and is looked up again.
 */
#include "alloc/slab.h"
#include "core/signal.h"
#include "lib/string.h"
#include "mm/internal.h"
#include "mm/usercopy.h"

enum {
	COPY_WRITE = 1, /* user memory is written */
	COPY_NOFAULT = 2, /* neither fault anything in nor sleep */
	COPY_FORCE = 4, /* beyond protection, as ptrace may */
	COPY_OTHER = 8, /* for somebody, not by the map: no secret page */
};

/* Is e, which does not allow the access, good for it by force? */
static bool entry_forced(const pte_t *pte, pte_t e, unsigned how)
{
	struct page *p;

	if (!(how & COPY_FORCE) || !pte_used(e))
		return false;
	if (!(how & COPY_WRITE))
		return true;
	p = pte_page(e); /* a private page of this space alone, kept read-only by its area */
	return page_rss(p) == RSS_ANON && anon_sharers(pte, p) == 1;
}

/*
 * The kernel's address of user address addr, its table locked (*lock); NULL, unlocked: needs a
 * fault.
 */
static __always_inline void *lock_user(struct mm *mm, u64 addr, unsigned how, pte_t **lock)
{
	pte_t *pte = pte_find(mm, addr), e;
	u64 need = PTE_V | PTE_U | (how & COPY_WRITE ? PTE_W : PTE_R);
	u64 seen = PTE_A | (how & COPY_WRITE ? PTE_D : 0);

	if (!pte || !pte_lock(pte))
		return NULL;
	e = *pte;
	if (unlikely((e & need) != need) && !entry_forced(pte, e, how)) {
		pte_unlock(pte);
		return NULL;
	}
	if (unlikely(seen & ~e) && pte_present(e))
		WRITE_ONCE(*pte, e | seen);
	*lock = pte;
	return (char *)phys_to_virt(pte_phys(e)) + (addr & (PAGE_SIZE - 1));
}

/*
 * The same, faulting in as often as it takes. NULL: the access is not allowed, or must not sleep.
 */
static void *get_user_page(struct mm *mm, u64 addr, unsigned how, pte_t **lock)
{
	int signo, code;
	void *p;

	for (;;) {
		p = lock_user(mm, addr, how, lock);
		if (likely(p))
			return p;
		if (how & COPY_NOFAULT)
			return NULL;
		if (fault_in(mm, addr, how & COPY_WRITE ? VM_WRITE : VM_READ,
			     how & COPY_FORCE ? FAULT_FORCE : 0, &signo, &code))
			return NULL;
	}
}

/* n bytes between a locked page of a user and the kernel; kernel NULL: zeros are written. */
static __always_inline void move(void *page, void *kernel, size_t n, unsigned how)
{
	if (!(how & COPY_WRITE))
		memcpy(kernel, page, n);
	else if (kernel)
		memcpy(page, kernel, n);
	else
		memset(page, 0, n);
}

/*
 * Most copies are short, within one page that is there and was used before. True: this was one, and
 * it is done. False: nothing has been.
 */
static __always_inline bool copy_quick(u64 user, void *kernel, size_t n, bool write)
{
	u64 need = PTE_V | PTE_U | PTE_A | (write ? PTE_W | PTE_D : PTE_R);
	const struct mm *mm = current->mm;
	struct page *table;
	bool ok = false;
	pte_t *pte, e;
	void *p;

	if (!mm || user >= USER_TOP || n > PAGE_SIZE - (user & (PAGE_SIZE - 1)))
		return false;
	pte = pte_walk(mm, user);
	if (unlikely(!pte))
		return false;
	table = table_page(pte);
	spin_lock(&table->ptl);
	e = *pte;
	if (likely((e & need) == need && page_flag(table, PG_TABLE))) {
		p = (char *)phys_to_virt(pte_phys(e)) + (user & (PAGE_SIZE - 1));
		move(p, kernel, n, write ? COPY_WRITE : 0);
		ok = true;
	}
	spin_unlock(&table->ptl);
	return ok;
}

/* [its entry's table lock] */
static bool is_secret(const struct page *p)
{
	return page_flag(p, PG_FILE) && p->obj && p->obj->secret;
}

static noinline size_t copy_any(struct mm *mm, u64 user, void *kernel, size_t n, unsigned how)
{
	size_t done = 0;

	if (unlikely(!mm || user >= USER_TOP))
		return 0;
	n = min(n, USER_TOP - user);
	while (done < n) {
		u64 at = user + done;
		size_t k = min(n - done, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
		void *to = kernel ? (char *)kernel + done : NULL, *p;
		pte_t *lock;

		if (mm == current->mm && !(how & COPY_OTHER) &&
		    copy_quick(at, to, k, how & COPY_WRITE)) {
			done += k;
			continue;
		}
		p = get_user_page(mm, at, how, &lock);
		if (!p)
			break;
		if ((how & COPY_OTHER) && is_secret(pte_page(*lock))) {
			pte_unlock(lock);
			break;
		}
		move(p, to, k, how);
		pte_unlock(lock);
		done += k;
	}
	return done;
}

/*
 * copy_quick for what crosses from one page into the next, both under one leaf table, which is looked up and
 * locked once for the two: a page of a file, mostly, for a buffer that does not begin with one. Bytes done.
 */
static __always_inline size_t copy_two(u64 user, void *kernel, size_t n, bool write)
{
	u64 need = PTE_V | PTE_U | PTE_A | (write ? PTE_W | PTE_D : PTE_R);
	u64 in = user & (PAGE_SIZE - 1), k = PAGE_SIZE - in;
	const struct mm *mm = current->mm;
	struct page *table;
	size_t done = 0;
	pte_t *pte, e;

	if (!mm || user >= USER_TOP || n - k > PAGE_SIZE ||
	    pt_index(user, 0) == PAGE_SIZE / sizeof(*pte) - 1)
		return 0;
	pte = pte_walk(mm, user);
	if (unlikely(!pte))
		return 0;
	table = table_page(pte);
	spin_lock(&table->ptl);
	e = pte[0];
	if (likely((e & need) == need && page_flag(table, PG_TABLE))) {
		move((char *)phys_to_virt(pte_phys(e)) + in, kernel, k, write ? COPY_WRITE : 0);
		done = k;
		e = pte[1];
		if (likely((e & need) == need)) {
			move(phys_to_virt(pte_phys(e)), (char *)kernel + k, n - k,
			     write ? COPY_WRITE : 0);
			done = n;
		}
	}
	spin_unlock(&table->ptl);
	return done;
}

/* copy_any for more than is left of the first page. */
static size_t copy_across(u64 user, void *kernel, size_t n, bool write)
{
	size_t done = copy_two(user, kernel, n, write);

	if (likely(done == n))
		return n;
	return done + copy_any(current->mm, user + done, (char *)kernel + done, n - done,
			       write ? COPY_WRITE : 0);
}

struct page *user_page_get(u64 addr, bool write)
{
	struct mm *mm = current->mm;
	struct page *p = NULL;
	pte_t *lock;

	if (!mm || addr >= USER_TOP || !get_user_page(mm, addr, write ? COPY_WRITE : 0, &lock))
		return NULL;
	if (!is_secret(pte_page(*lock))) {
		p = pte_page(*lock);
		page_get(p);
	}
	pte_unlock(lock);
	return p;
}

size_t copy_from_user_partial(void *dst, const void __user *src, size_t n)
{
	assert_may_sleep("copy_from_user");
	if (n > PAGE_SIZE - ((__force u64)src & (PAGE_SIZE - 1)))
		return copy_across((__force u64)src, dst, n, false);
	if (likely(copy_quick((__force u64)src, dst, n, false)))
		return n;
	return copy_any(current->mm, (__force u64)src, dst, n, 0);
}

size_t copy_to_user_partial(void __user *dst, const void *src, size_t n)
{
	assert_may_sleep("copy_to_user");
	if (n > PAGE_SIZE - ((__force u64)dst & (PAGE_SIZE - 1)))
		return copy_across((__force u64)dst, (void *)(u64)src, n, true);
	if (likely(copy_quick((__force u64)dst, (void *)(u64)src, n, true)))
		return n;
	return copy_any(current->mm, (__force u64)dst, (void *)(u64)src, n, COPY_WRITE);
}

size_t clear_user_partial(void __user *dst, size_t n)
{
	if (likely(copy_quick((__force u64)dst, NULL, n, true)))
		return n;
	return copy_any(current->mm, (__force u64)dst, NULL, n, COPY_WRITE);
}

/* Not by way of the partial ones: what most calls do is worth as little as it can be. */
int copy_from_user(void *dst, const void __user *src, size_t n)
{
	assert_may_sleep("copy_from_user");
	if (likely(copy_quick((__force u64)src, dst, n, false)))
		return 0;
	return copy_any(current->mm, (__force u64)src, dst, n, 0) == n ? 0 : -EFAULT;
}

int copy_to_user(void __user *dst, const void *src, size_t n)
{
	assert_may_sleep("copy_to_user");
	if (likely(copy_quick((__force u64)dst, (void *)(u64)src, n, true)))
		return 0;
	return copy_any(current->mm, (__force u64)dst, (void *)(u64)src, n, COPY_WRITE) == n ?
		       0 :
		       -EFAULT;
}

/*
 * The part of the string at `user` that lies in its page, at most max bytes: where it is, locked (*lock),
 * with its length in *n and whether the last byte of it is the zero in *whole. NULL: nobody may read there.
 */
static __always_inline const char *string_part(u64 user, size_t max, size_t *n, bool *whole,
					       pte_t **lock)
{
	const char *p, *nul;

	*n = min(max, PAGE_SIZE - (user & (PAGE_SIZE - 1)));
	if (user >= USER_TOP || !current->mm)
		return NULL;
	p = get_user_page(current->mm, user, 0, lock);
	if (!p)
		return NULL;
	nul = memchr(p, 0, *n);
	*whole = nul;
	if (nul)
		*n = (size_t)(nul - p) + 1;
	return p;
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t max)
{
	size_t done = 0, n;
	pte_t *lock;
	bool whole;

	while (done < max) {
		const char *p = string_part((__force u64)src + done, max - done, &n, &whole, &lock);

		if (!p)
			return -EFAULT;
		memcpy(dst + done, p, n);
		pte_unlock(lock);
		done += n;
		/* The page may have been written since it was looked through: the copy alone counts. */
		if (whole) {
			dst[done - 1] = '\0';
			return (ssize_t)strlen(dst);
		}
	}
	return -ENAMETOOLONG;
}

ssize_t strnlen_user(const char __user *s, size_t max)
{
	size_t done = 0, n;
	pte_t *lock;
	bool whole;

	while (done < max) {
		if (!string_part((__force u64)s + done, max - done, &n, &whole, &lock))
			return -EFAULT;
		pte_unlock(lock);
		done += n;
		if (whole)
			return (ssize_t)done;
	}
	return (ssize_t)max + 1;
}

void *memdup_user(const void __user *src, size_t n)
{
	void *p = kmalloc(n, 0);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, n)) {
		kfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

int get_user_u8(u8 *v, const u8 __user *p)
{
	return copy_from_user(v, p, sizeof(*v));
}

int get_user_u32(u32 *v, const u32 __user *p)
{
	return copy_from_user(v, p, sizeof(*v));
}

int get_user_u64(u64 *v, const u64 __user *p)
{
	return copy_from_user(v, p, sizeof(*v));
}

int put_user_u32(u32 v, u32 __user *p)
{
	return copy_to_user(p, &v, sizeof(v));
}

int put_user_u64(u64 v, u64 __user *p)
{
	return copy_to_user(p, &v, sizeof(v));
}

static u32 apply(u32 *w, enum uatomic_op op, u32 arg, u32 expect)
{
	switch (op) {
	case UATOMIC_SET:
		return __atomic_exchange_n(w, arg, __ATOMIC_SEQ_CST);
	case UATOMIC_ADD:
		return __atomic_fetch_add(w, arg, __ATOMIC_SEQ_CST);
	case UATOMIC_OR:
		return __atomic_fetch_or(w, arg, __ATOMIC_SEQ_CST);
	case UATOMIC_ANDN:
		return __atomic_fetch_and(w, ~arg, __ATOMIC_SEQ_CST);
	case UATOMIC_XOR:
		return __atomic_fetch_xor(w, arg, __ATOMIC_SEQ_CST);
	case UATOMIC_CMPXCHG:
		return cmpxchg(w, expect, arg);
	}
	return 0;
}

static int atomic_op(u32 __user *p, enum uatomic_op op, u32 arg, u32 expect, u32 *old, unsigned how)
{
	u64 at = (__force u64)p;
	pte_t *lock;
	u32 *w;

	if (at & 3)
		return -EINVAL;
	if (at >= USER_TOP || !current->mm)
		return -EFAULT;
	w = get_user_page(current->mm, at, how | COPY_WRITE, &lock);
	if (!w)
		return -EFAULT;
	*old = apply(w, op, arg, expect);
	pte_unlock(lock);
	return 0;
}

int user_atomic32(u32 __user *p, enum uatomic_op op, u32 arg, u32 expect, u32 *old)
{
	return atomic_op(p, op, arg, expect, old, 0);
}

int user_load32_nofault(u32 *v, const u32 __user *p)
{
	u64 at = (__force u64)p;
	pte_t *lock;
	const u32 *w;

	if (at & 3)
		return -EINVAL;
	w = at < USER_TOP && current->mm ? lock_user(current->mm, at, COPY_NOFAULT, &lock) : NULL;
	if (!w)
		return -EFAULT;
	*v = READ_ONCE(*w);
	pte_unlock(lock);
	return 0;
}

int user_cmpxchg32_nofault(u32 __user *p, u32 expect, u32 new, u32 *old)
{
	return atomic_op(p, UATOMIC_CMPXCHG, new, expect, old, COPY_NOFAULT);
}

int copy_struct_from_user(void *dst, size_t known, const void __user *src, size_t n)
{
	u8 rest[64];

	memset(dst, 0, known);
	if (copy_from_user(dst, src, min(known, n)))
		return -EFAULT;
	for (size_t done = known; done < n; done += sizeof(rest)) {
		size_t part = min(n - done, sizeof(rest));

		if (copy_from_user(rest, (const u8 __user *)src + done, part))
			return -EFAULT;
		if (memchr_inv(rest, 0, part))
			return -E2BIG;
	}
	return 0;
}

int fault_in_user(const void __user *p, size_t n, bool write)
{
	u64 at = (__force u64)p, end = at + n;
	pte_t *lock;

	if (!user_range_ok(p, n) || !current->mm)
		return -EFAULT;
	for (; at < end; at = ALIGN_DOWN(at, PAGE_SIZE) + PAGE_SIZE) {
		if (!get_user_page(current->mm, at, write ? COPY_WRITE : 0, &lock))
			return -EFAULT;
		pte_unlock(lock);
	}
	return 0;
}

size_t mm_copy_to(struct mm *mm, u64 dst, const void *src, size_t n, bool force)
{
	return copy_any(mm, dst, (void *)(u64)src, n,
			COPY_WRITE | COPY_OTHER | (force ? COPY_FORCE : 0));
}

/* A page may be readable by hardware and yet not meant to be: what can only be written. */
static bool area_readable(struct mm *mm, u64 addr)
{
	const struct area *a;
	bool readable;

	rwsem_read_lock(&mm->sem);
	a = area_at(mm, addr);
	readable = a && (a->flags & VM_READ);
	rwsem_read_unlock(&mm->sem);
	return readable;
}

size_t mm_copy_from(struct mm *mm, void *dst, u64 src, size_t n, bool force)
{
	if (!force && !area_readable(mm, src))
		return 0;
	return copy_any(mm, src, dst, n, COPY_OTHER | (force ? COPY_FORCE : 0));
}
