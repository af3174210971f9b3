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

void iter_pieces(struct iter *it, struct page_piece *pieces, unsigned nr, size_t n)
{
	it->kind = ITER_PIECES;
	it->count = n;
	it->seg_off = 0;
	it->nr_segs = nr;
	it->rwf = 0;
	it->pieces = pieces;
}

void iter_collect(struct iter *it, struct page_piece *pieces, unsigned room, size_t n)
{
	iter_pieces(it, pieces, 0, n);
	it->kind = ITER_COLLECT;
	it->room = room;
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
	err = -EINVAL;
	for (u64 i = 0; i < n; i++)
		if ((ssize_t)iov[i].iov_len < 0)
			goto out_free;
	if (n == 1) /* as for read(2): what is beyond is not looked at */
		iov->iov_len = min(iov->iov_len, MAX_RW_COUNT);
	err = -EFAULT;
	for (u64 i = 0; i < n; i++) {
		size_t len = iov[i].iov_len;

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
	if (it->kind == ITER_PIECES)
		return min(n, it->pieces->len - it->seg_off);
	return min(n, it->iov->iov_len - it->seg_off);
}

void iter_advance(struct iter *it, size_t n)
{
	n = min(n, it->count);
	it->count -= n;
	it->seg_off += n;
	if (it->kind == ITER_PIECES) {
		while (it->nr_segs > 1 && it->seg_off >= it->pieces->len) {
			it->seg_off -= it->pieces->len;
			it->pieces++;
			it->nr_segs--;
		}
		return;
	}
	/* The single buffer stays in place, so that a revert works even from its end. */
	while (it->nr_segs > 1 && it->seg_off >= it->iov->iov_len) {
		it->seg_off -= it->iov->iov_len;
		it->iov++;
		it->nr_segs--;
	}
}

static char *piece_at(const struct iter *it)
{
	return (char *)page_to_virt(it->pieces->page) + it->pieces->off + it->seg_off;
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
	mem = it->kind == ITER_PIECES ? piece_at(it) :
					(__force char *)it->iov->iov_base + it->seg_off;
	if (dir == TO_ITER)
		memcpy(mem, buf, k);
	else if (dir == FROM_ITER)
		memcpy(buf, mem, k);
	else
		memset(mem, 0, k);
	return k;
}

/* Bytes into pages of our own, zeros without buf. */
static size_t collect(struct iter *it, const char *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t k;
		struct page_piece *p;
		char *to;

		if (!it->seg_off) {
			struct page *page = NULL;

			if (it->nr_segs < it->room)
				page = page_alloc(0, PA_USER);
			if (!page)
				break;
			it->pieces[it->nr_segs++] = (struct page_piece){ page, 0, 0 };
			it->seg_off = PAGE_SIZE;
		}
		k = min(n - done, it->seg_off);
		p = &it->pieces[it->nr_segs - 1];
		to = (char *)page_to_virt(p->page) + p->len;
		if (buf)
			memcpy(to, buf + done, k);
		else
			memset(to, 0, k);
		p->len += (u32)k;
		it->seg_off -= k;
		done += k;
	}
	it->count -= done;
	return done;
}

static noinline size_t move_any(struct iter *it, char *buf, size_t n, enum direction dir)
{
	size_t done = 0;

	if (it->kind == ITER_COLLECT)
		return dir == FROM_ITER ? 0 : collect(it, buf, n);
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

size_t iter_give(struct iter *it, struct page *page, size_t off, size_t n)
{
	if (likely(it->kind != ITER_COLLECT))
		return move(it, (char *)page_to_virt(page) + off, n, TO_ITER);
	n = min(n, it->count);
	if (!n || it->nr_segs == it->room)
		return 0;
	page_get(page);
	it->pieces[it->nr_segs++] = (struct page_piece){ page, (u32)off, (u32)n };
	it->seg_off = 0;
	it->count = it->nr_segs < it->room ? it->count - n : 0;
	return n;
}

bool iter_pin(struct iter *it, size_t most, struct page_piece *piece)
{
	u64 at;

	if (it->kind != ITER_USER)
		return false;
	while (it->count && it->seg_off == it->iov->iov_len)
		iter_advance(it, 0);
	at = (__force u64)it->iov->iov_base + it->seg_off;
	piece->off = (u32)(at & (PAGE_SIZE - 1));
	most = min(most, min(it->iov->iov_len - it->seg_off, it->count));
	piece->len = (u32)min(most, PAGE_SIZE - piece->off);
	piece->page = piece->len ? user_page_get(at, false) : NULL;
	if (!piece->page)
		return false;
	iter_advance(it, piece->len);
	return true;
}
