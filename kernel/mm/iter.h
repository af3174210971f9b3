/*
 * struct iter: where bytes of a read or write go to or come from: user memory,
 * kernel memory, or pages. A file system writes one read and one write with it.
 */
#ifndef MM_ITER_H
#define MM_ITER_H

#include <types.h>
#include <uapi/uio.h>

struct page;

enum iter_kind { ITER_USER, ITER_KERNEL, ITER_PAGES };

struct iter {
	enum iter_kind kind;
	size_t count; /* bytes left */
	size_t seg_off; /* into the first segment */
	unsigned nr_segs; /* left */
	u32 rwf; /* RWF_* of preadv2(2) for this call; 0 from the functions below */
	union {
		const struct iovec *iov; /* user or kernel addresses */
		struct page **pages; /* seg_off counts from the first */
	};
	struct iovec one; /* the single-buffer case */
};

/* A single buffer: the iterator points into itself, so it must not be copied by assignment. */
static inline void iter_user(struct iter *it, const void __user *buf, size_t n)
{
	it->one.iov_base = (__force void __user *)buf;
	it->one.iov_len = n;
	it->kind = ITER_USER;
	it->count = n;
	it->seg_off = 0;
	it->nr_segs = 1;
	it->rwf = 0;
	it->iov = &it->one;
}
static inline void iter_kernel(struct iter *it, const void *buf, size_t n)
{
	iter_user(it, (__force const void __user *)buf, n);
	it->kind = ITER_KERNEL;
}
void iter_pages(struct iter *it, struct page **pages, size_t off, size_t n);
/*
 * Copies a user iovec array in: checks like Linux (n <= 1024 -EINVAL, each length and the sum
 * within SSIZE_MAX -EINVAL, clipped to MAX_RW_COUNT). *heap receives what to kfree (or NULL when
 * `fast` of 8 sufficed).
 */
int iter_import_iovec(struct iter *it, const struct iovec __user *uiov, u64 n, struct iovec fast[8],
		      struct iovec **heap);

/*
 * Move bytes and advance; return bytes done, short at a fault (or 0 with count > 0: -EFAULT is the
 * caller's).
 */
size_t iter_copy_to(struct iter *it, const void *src, size_t n); /* read direction */
size_t iter_copy_from(struct iter *it, void *dst, size_t n); /* write direction */
size_t iter_zero(struct iter *it, size_t n);
void iter_advance(struct iter *it, size_t n);

#define MAX_RW_COUNT 0x7ffff000UL
#endif
