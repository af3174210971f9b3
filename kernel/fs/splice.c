/*
 * splice(2), tee(2), vmsplice(2), sendfile(2): what moves is a reference to the page that the bytes
 * lie in, from the page cache, a socket's packets or user memory into a pipe, and from there into
 * what takes pages (TCP's send queue); others copy.
 *
 * Locks: pipe_impl.h. Of two pipes the mutex of the one at the lower address is taken first.
 */
#include "fs/splice.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/pipe.h"
#include "fs/pipe_impl.h"
#include "mm/usercopy.h"

#define BATCH 16 /* pieces moved at a time */

static void put_pieces(struct page_piece *piece, unsigned n)
{
	while (n)
		page_put(piece[--n].page);
}

/* [mutex] Until there is something to read: 0, also at the end of a pipe without writers. */
static int wait_data(struct pipe *p, bool nonblock)
{
	bool slept;
	int err;

	while (p->draining || pipe_empty(p)) {
		if (!p->draining && !p->writers)
			return 0;
		if (nonblock)
			return -EAGAIN;
		err = pipe_sleep(p, &p->rd, &slept);
		if (err)
			return err;
	}
	return 0;
}

/* [mutex] Until there is a free slot. */
static int wait_room(struct pipe *p, bool nonblock)
{
	bool slept;
	int err;

	for (;;) {
		if (!p->readers)
			return pipe_broken();
		if (!pipe_full(p))
			return 0;
		if (nonblock)
			return -EAGAIN;
		err = pipe_sleep(p, &p->wr, &slept);
		if (err)
			return err;
	}
}

/* [mutex] n bytes of a page behind the others; the reference goes over. There is a slot. */
static void append_piece(struct pipe *p, const struct page_piece *from)
{
	*pipe_slot(p, p->head++) = (struct pipe_buf){
		.page = from->page, .off = from->off, .len = from->len, .given = true
	};
}

/* [mutex] Takes n bytes off the tail. */
static void consume(struct pipe *p, size_t n)
{
	while (n) {
		struct pipe_buf *b = pipe_slot(p, p->tail);
		u32 k = (u32)min(n, (size_t)b->len);

		b->off += k;
		b->len -= k;
		n -= k;
		if (!b->len) {
			pipe_drop(p, b);
			p->tail++;
		}
	}
}

/* [mutex] References to up to n bytes at the tail; how many bytes. */
static size_t look_at(struct pipe *p, struct page_piece *piece, unsigned *nr, size_t n)
{
	size_t total = 0;

	for (*nr = 0; *nr < BATCH && p->tail + *nr != p->head && total < n; ++*nr) {
		const struct pipe_buf *b = pipe_slot(p, p->tail + *nr);

		piece[*nr] =
			(struct page_piece){ b->page, b->off, (u32)min((size_t)b->len, n - total) };
		page_get(b->page);
		total += piece[*nr].len;
	}
	return total;
}

/* [mutex] What is at the tail goes to out; the mutex is given up meanwhile. Bytes or -errno. */
static ssize_t drain(struct pipe *p, struct file *out, u64 *pos, size_t n, unsigned flags)
{
	struct page_piece piece[BATCH];
	unsigned nr;
	size_t total = look_at(p, piece, &nr, n);
	bool more = flags & SPLICE_F_MORE || (total < n && p->tail + nr != p->head);
	struct iter it;
	ssize_t ret;
	bool was_full;

	p->draining = true;
	mutex_unlock(&p->mutex);
	iter_pieces(&it, piece, nr, total);
	it.rwf = more ? RWF_MORE : 0;
	ret = file_write(out, &it, pos);
	put_pieces(piece, nr);
	mutex_lock(&p->mutex);
	p->draining = false;
	was_full = pipe_full(p) || p->polled;
	if (ret > 0)
		consume(p, (size_t)ret);
	if (waitq_active(&p->rd))
		wake_up_all(&p->rd);
	if (ret > 0 && (was_full || waitq_active(&p->wr)))
		pipe_wake_writers(p);
	return ret;
}

static ssize_t pipe_to_file(struct pipe *p, struct file *out, u64 *pos, size_t n, unsigned flags)
{
	ssize_t done = 0, ret = 0;

	mutex_lock(&p->mutex);
	while (n) {
		if (!done)
			ret = wait_data(p, flags & SPLICE_F_NONBLOCK);
		if (ret < 0 || p->draining || pipe_empty(p))
			break;
		ret = drain(p, out, pos, n, flags);
		if (ret <= 0)
			break;
		done += ret;
		n -= (size_t)ret;
	}
	mutex_unlock(&p->mutex);
	return done ? done : ret;
}

/*
 * What has bytes, and not events or entries: those of anonymous inodes and directories refuse.
 * `not`: FMODE_NO_SPLICE or FMODE_NO_SPLICE_OUT.
 */
static bool spliceable(const struct file *f, u32 not )
{
	return (f->inode->mode & S_IFMT) && !S_ISDIR(f->inode->mode) && !(f->mode & not );
}

static ssize_t file_to_pipe(struct file *in, u64 *pos, struct pipe *p, size_t n, unsigned flags)
{
	struct page_piece *piece;
	unsigned room, nr = 0;
	struct iter it;
	bool was_empty;
	ssize_t ret;
	size_t left;

	mutex_lock(&p->mutex);
	ret = wait_room(p, flags & SPLICE_F_NONBLOCK);
	room = p->slots - pipe_used(p);
	if (!ret && n && (file_pipe(in) || !spliceable(in, FMODE_NO_SPLICE) || !in->ops->read))
		ret = -EINVAL;
	if (!ret && n)
		p->reserved += room;
	mutex_unlock(&p->mutex);
	if (ret || !n)
		return ret;
	piece = kmalloc(room * sizeof(*piece), 0);
	ret = -ENOMEM;
	if (piece) {
		iter_collect(&it, piece, room, min(n, room * PAGE_SIZE));
		ret = file_read(in, &it, pos);
		nr = it.nr_segs;
	}
	left = ret > 0 ? (size_t)ret : 0;
	mutex_lock(&p->mutex);
	p->reserved -= room;
	was_empty = pipe_empty(p) || p->polled;
	for (unsigned i = 0; i < nr; i++) {
		piece[i].len = (u32)min((size_t)piece[i].len, left);
		left -= piece[i].len;
		if (piece[i].len)
			append_piece(p, &piece[i]);
		else
			page_put(piece[i].page);
	}
	if (ret > 0 && was_empty)
		pipe_wake_readers(p);
	if (!pipe_full(p) && waitq_active(&p->wr))
		pipe_wake_writers(p);
	mutex_unlock(&p->mutex);
	kfree(piece);
	return ret;
}

static void lock_both(struct pipe *a, struct pipe *b)
{
	mutex_lock(a < b ? &a->mutex : &b->mutex);
	mutex_lock(a < b ? &b->mutex : &a->mutex);
}

static void unlock_both(struct pipe *a, struct pipe *b)
{
	mutex_unlock(&a->mutex);
	mutex_unlock(&b->mutex);
}

/* Until in has something and out has room, both locked then. Unlocked: 0 at in's end, -errno. 1: go on. */
static int wait_both(struct pipe *in, struct pipe *out, bool nonblock)
{
	int err;

	for (;;) {
		mutex_lock(&in->mutex);
		err = wait_data(in, nonblock);
		mutex_unlock(&in->mutex);
		if (err)
			return err;
		mutex_lock(&out->mutex);
		err = wait_room(out, nonblock);
		mutex_unlock(&out->mutex);
		if (err)
			return err;
		lock_both(in, out);
		if (!in->draining && !pipe_empty(in) && !pipe_full(out) && out->readers)
			return 1;
		err = !in->draining && pipe_empty(in) && !in->writers;
		unlock_both(in, out);
		if (err)
			return 0;
	}
}

/* Buffers from one pipe to another, which then has them instead (keep: too). */
static ssize_t pipe_to_pipe(struct pipe *in, struct pipe *out, size_t n, unsigned flags, bool keep)
{
	ssize_t done = wait_both(in, out, flags & SPLICE_F_NONBLOCK);
	bool was_full, was_empty;
	unsigned at;

	if (done <= 0)
		return done;
	done = 0;
	was_full = pipe_full(in) || in->polled;
	was_empty = pipe_empty(out) || out->polled;
	for (at = in->tail; at != in->head && n && !pipe_full(out); at++) {
		struct pipe_buf *b = pipe_slot(in, at), *to = pipe_slot(out, out->head++);

		*to = *b;
		to->len = (u32)min((size_t)b->len, n);
		done += to->len;
		n -= to->len;
		if (!keep && to->len == b->len) {
			b->page = NULL;
			in->tail++;
			continue;
		}
		page_get(b->page);
		b->given = to->given = true;
		if (!keep) {
			b->off += to->len;
			b->len -= to->len;
		}
	}
	if (was_empty)
		pipe_wake_readers(out);
	if (!keep && (was_full || waitq_active(&in->wr)))
		pipe_wake_writers(in);
	/* The wakes that brought us here were for one each. */
	if (!pipe_empty(in) && waitq_active(&in->rd))
		pipe_wake_readers(in);
	if (!pipe_full(out) && waitq_active(&out->wr))
		pipe_wake_writers(out);
	unlock_both(in, out);
	return done;
}

static unsigned with_nonblock(const struct file *f, unsigned flags)
{
	return f->flags & O_NONBLOCK ? flags | SPLICE_F_NONBLOCK : flags;
}

/* rw_verify_area's questions: a position that can't be, an end that does not fit. */
static int check_range(const struct file *f, const u64 *pos, size_t n)
{
	u64 at = f->mode & FMODE_STREAM ? 0 : pos ? *pos : f->pos;

	return (s64)at < 0 || (s64)n < 0 || n > (u64)S64_MAX - at ? -EINVAL : 0;
}

ssize_t vfs_splice(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n,
		   unsigned flags)
{
	struct pipe *from = file_pipe(in), *to = file_pipe(out);
	int err;

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (from && to) {
		if (from == to)
			return -EINVAL;
		return pipe_to_pipe(from, to, n, with_nonblock(in, with_nonblock(out, flags)),
				    false);
	}
	if (from) {
		if ((opos && (out->mode & (FMODE_PREAD | FMODE_NO_PWRITE)) != FMODE_PREAD) ||
		    out->flags & O_APPEND)
			return -EINVAL;
		err = check_range(out, opos, n);
		if (err)
			return err;
		if (!spliceable(out, FMODE_NO_SPLICE_OUT) || !out->ops->write)
			return -EINVAL;
		return pipe_to_file(from, out, opos, n, with_nonblock(in, flags));
	}
	if (!to || (ipos && !(in->mode & FMODE_PREAD)))
		return -EINVAL;
	err = check_range(in, ipos, n);
	if (err)
		return err;
	return file_to_pipe(in, ipos, to, n, with_nonblock(out, flags));
}

ssize_t vfs_tee(struct file *in, struct file *out, size_t n, unsigned flags)
{
	struct pipe *from = file_pipe(in), *to = file_pipe(out);

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (!from || !to || from == to)
		return -EINVAL;
	return pipe_to_pipe(from, to, n, with_nonblock(in, with_nonblock(out, flags)), true);
}

/* --- user memory --- */

ssize_t vfs_vmsplice(struct file *f, struct iter *it, unsigned flags)
{
	struct pipe *p = file_pipe(f);
	struct page_piece piece;
	ssize_t done = 0, ret;
	bool was_empty;

	if (!it->count)
		return 0;
	if (!p)
		return -EBADF;
	if (!(f->mode & FMODE_WRITE)) {
		it->rwf = flags & SPLICE_F_NONBLOCK ? RWF_NOWAIT : 0;
		return file_read(f, it, NULL);
	}
	mutex_lock(&p->mutex);
	ret = wait_room(p, flags & SPLICE_F_NONBLOCK);
	was_empty = pipe_empty(p) || p->polled;
	while (!ret && it->count && !pipe_full(p)) {
		if (!iter_pin(it, it->count, &piece)) {
			ret = -EFAULT;
			break;
		}
		append_piece(p, &piece);
		done += piece.len;
	}
	if (done && was_empty)
		pipe_wake_readers(p);
	mutex_unlock(&p->mutex);
	return done ? done : ret;
}

/* --- file to file --- */

/* Up to a batch of pages. Advances both positions. */
static ssize_t send_some(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n)
{
	struct page_piece piece[BATCH];
	ssize_t got, done;
	struct iter it;
	unsigned nr;

	iter_collect(&it, piece, BATCH, min(n, BATCH * PAGE_SIZE));
	got = file_read(in, &it, ipos);
	nr = it.nr_segs;
	done = got;
	if (got > 0) {
		iter_pieces(&it, piece, nr, (size_t)got);
		/* The last of it must not wait for more. */
		if ((size_t)got < n && S_ISREG(in->inode->mode) && *ipos < inode_size(in->inode))
			it.rwf = RWF_MORE;
		done = file_write(out, &it, opos);
		*ipos -= (u64)(got - max(done, (ssize_t)0));
	}
	put_pieces(piece, nr);
	return done;
}

ssize_t vfs_send(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n)
{
	struct pipe *p = file_pipe(out);
	ssize_t total = 0;

	if (p)
		return file_to_pipe(in, ipos, p, n, with_nonblock(out, 0));
	while (n) {
		ssize_t k = send_some(in, ipos, out, opos, n);

		if (k <= 0)
			return total ? total : k;
		total += k;
		n -= (size_t)k;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return total;
}
