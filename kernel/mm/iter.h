/*
 * struct iter: where bytes of a read or write go to or come from: user memory, kernel memory, or
 * pieces of pages. A file system writes one read and one write with it. A read may also collect
 * pieces (splice(2)): what lies in a page is then given instead of copied (iter_give).
 */
#ifndef MM_ITER_H
#define MM_ITER_H

#include <types.h>
#include <uapi/uio.h>

struct page;

/* Bytes of a page, with a reference to it. */
struct page_piece {
	struct page *page;
	u32 off, len;
};

enum iter_kind { ITER_USER, ITER_KERNEL, ITER_PIECES, ITER_COLLECT };

#define RWF_MORE 0x80000000u /* in rwf, from the kernel alone: more follows at once (MSG_MORE) */

struct iter {
	enum iter_kind kind;
	unsigned room; /* ITER_COLLECT: pieces there may be */
	size_t count; /* bytes left */
	size_t seg_off; /* into the first segment; ITER_COLLECT: free in the last page, our own */
	unsigned nr_segs; /* left; ITER_COLLECT: pieces there are */
	u32 rwf; /* RWF_* of preadv2(2) for this call; 0 from the functions below */
	union {
		const struct iovec *iov; /* user or kernel addresses */
		struct page_piece *pieces;
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
/* From pieces that the caller holds; n bytes of them in all. */
void iter_pieces(struct iter *it, struct page_piece *pieces, unsigned nr, size_t n);
/* To so many pieces at most, of n bytes in all: nr_segs says how many there are. They are the caller's. */
void iter_collect(struct iter *it, struct page_piece *pieces, unsigned room, size_t n);
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
/*
 * As iter_copy_to, of n bytes at off of a page (or of those behind it, if they are one block), which
 * nobody may write to any more for its own ends. With the last piece count becomes 0.
 */
size_t iter_give(struct iter *it, struct page *page, size_t off, size_t n);
/* Of user memory: the page at its place, referenced, and how much of it (most at most); advances. */
bool iter_pin(struct iter *it, size_t most,
	      struct page_piece *piece); /* false: a fault, or the end */
void iter_advance(struct iter *it, size_t n);

#define MAX_RW_COUNT 0x7ffff000UL
#endif
