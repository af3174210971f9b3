/*
 * The iterator over what a read or write moves (iter.h). Belongs to one task; no locks.
 */
#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/internal.h"
#include "mm/iter.h"
#include "mm/usercopy.h"

static void iter_iovec(struct iter *it, const struct iovec *iov, unsigned n, size_t total)
{
	it->kind = ITER_USER;
	it->count = total;
	it->seg_off = 0;
	it->nr_segs = n;
	it->rwf = 0;
	it->iov = iov;
}

void iter_pages(struct iter *it, struct page **pages, size_t off, size_t n)
{
	it->kind = ITER_PAGES;
	it->count = n;
	it->seg_off = off;
	it->nr_segs = (unsigned)DIV_ROUND_UP(off + n, PAGE_SIZE);
	it->rwf = 0;
	it->pages = pages;
}

int iter_import_iovec(struct iter *it, const struct iovec __user *uiov, u64 n, struct iovec fast[8],
		      struct iovec **heap)
{
	struct iovec *iov = fast;
	size_t total = 0;
	int err = -EFAULT;

	*heap = NULL;
	if (n > UIO_MAXIOV)
		return -EINVAL;
	if (n > UIO_FASTIOV) {
		iov = kmalloc(n * sizeof(*iov), 0);
		if (!iov)
			return -ENOMEM;
	}
	if (copy_from_user(iov, uiov, n * sizeof(*iov)))
		goto out_free;
	for (u64 i = 0; i < n; i++) {
		size_t len = iov[i].iov_len;

		err = -EINVAL;
		if ((ssize_t)len < 0)
			goto out_free;
		err = -EFAULT;
		if (!user_range_ok(iov[i].iov_base, len))
			goto out_free;
		iov[i].iov_len = min(len, MAX_RW_COUNT - total);
		total += iov[i].iov_len;
	}
	iter_iovec(it, iov, (unsigned)n, total);
	if (iov != fast)
		*heap = iov;
	return 0;

out_free:
	if (iov != fast)
		kfree(iov);
	return err;
}

/* Bytes left in the first segment, at most n. */
static size_t piece(const struct iter *it, size_t n)
{
	n = min(n, it->count);
	if (it->kind == ITER_PAGES)
		return min(n, PAGE_SIZE - (it->seg_off & (PAGE_SIZE - 1)));
	return min(n, it->iov->iov_len - it->seg_off);
}

void iter_advance(struct iter *it, size_t n)
{
	n = min(n, it->count);
	it->count -= n;
	it->seg_off += n;
	if (it->kind == ITER_PAGES) {
		it->pages += it->seg_off >> PAGE_SHIFT;
		it->nr_segs -= (unsigned)(it->seg_off >> PAGE_SHIFT);
		it->seg_off &= PAGE_SIZE - 1;
		return;
	}
	/* The single buffer stays in place, so that a revert works even from its end. */
	while (it->nr_segs > 1 && it->seg_off >= it->iov->iov_len) {
		it->seg_off -= it->iov->iov_len;
		it->iov++;
		it->nr_segs--;
	}
}

static char *page_at(const struct iter *it)
{
	return (char *)page_to_virt(it->pages[0]) + it->seg_off;
}

enum direction { TO_ITER, FROM_ITER, ZERO };

/* One piece of k bytes; bytes done. */
static inline size_t move_piece(struct iter *it, char *buf, size_t k, enum direction dir)
{
	char __user *user;
	char *mem;

	if (it->kind == ITER_USER) {
		user = (char __user *)it->iov->iov_base + it->seg_off;
		if (dir == TO_ITER)
			return copy_to_user_partial(user, buf, k);
		return dir == ZERO ? clear_user_partial(user, k) :
				     copy_from_user_partial(buf, user, k);
	}
	mem = it->kind == ITER_PAGES ? page_at(it) :
				       (__force char *)it->iov->iov_base + it->seg_off;
	if (dir == TO_ITER)
		memcpy(mem, buf, k);
	else if (dir == FROM_ITER)
		memcpy(buf, mem, k);
	else
		memset(mem, 0, k);
	return k;
}

static noinline size_t move_any(struct iter *it, char *buf, size_t n, enum direction dir)
{
	size_t done = 0;

	while (done < n) {
		size_t k, did;

		k = piece(it, n - done);
		if (!k) { /* an empty segment */
			iter_advance(it, 0);
			if (!piece(it, n - done))
				break;
			continue;
		}
		did = move_piece(it, buf ? buf + done : NULL, k, dir);
		iter_advance(it, did);
		done += did;
		if (did < k)
			break;
	}
	return done;
}

static inline size_t move(struct iter *it, char *buf, size_t n, enum direction dir)
{
	n = min(n, it->count);
	if (unlikely(it->kind != ITER_USER || it->nr_segs != 1))
		return move_any(it, buf, n, dir);
	n = move_piece(it, buf, n, dir); /* the last buffer has all that is left */
	it->count -= n;
	it->seg_off += n;
	return n;
}

size_t iter_copy_to(struct iter *it, const void *src, size_t n)
{
	return move(it, (char *)(u64)src, n, TO_ITER);
}

size_t iter_copy_from(struct iter *it, void *dst, size_t n)
{
	return move(it, dst, n, FROM_ITER);
}

size_t iter_zero(struct iter *it, size_t n)
{
	return move(it, NULL, n, ZERO);
}
