/*
 * Asynchronous I/O contexts and their rings: aio.h, io_getevents(2). A ring is memory that the program
 * has mapped and may write to, so of it only `head` is believed, modulo the size; what the kernel
 * needs it keeps itself. Reads, writes and syncs are done by io_submit(2) at once, as Linux does them
 * for whatever has a page cache; only waiting for readiness goes on after it (aio_poll.c).
 *
 * Locking: contexts_lock for the list of an address space (mm->aio); c->lock for the ring's tail and
 * the requests; c->reading, sleeping, by who takes events out.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/mman.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/aio_impl.h"
#include "fs/eventfd.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"

#define RING_HEAD  ((u32)sizeof(struct aio_ring))
#define EVENT	   ((u32)sizeof(struct io_event))
#define EVENTS_MAX (0x10000000U / EVENT)
#define NR_LEAST   32U

static spinlock_t contexts_lock = SPINLOCK_INIT(RANK_FS, "aio contexts");
static u64 in_use; /* [contexts_lock] events asked for */
u64 aio_max_nr = 0x10000;

u64 aio_nr(void)
{
	return READ_ONCE(in_use);
}

/* --- the ring --- */

static struct aio_ring *ring_of(const struct aio_ctx *c)
{
	return page_to_virt(c->pages[0]);
}

/* An event stands in one page: the size of it divides a page, and the head is as long as one. */
static struct io_event *event_at(const struct aio_ctx *c, u32 i)
{
	u64 at = RING_HEAD + (u64)i * EVENT;

	return (void *)((char *)page_to_virt(c->pages[at >> PAGE_SHIFT]) + at % PAGE_SIZE);
}

static u32 ring_head(const struct aio_ctx *c)
{
	return READ_ONCE(ring_of(c)->head) % c->nr;
}

/* Events that nobody took yet. */
static u32 ring_used(const struct aio_ctx *c)
{
	return (READ_ONCE(c->tail) + c->nr - ring_head(c)) % c->nr;
}

void aio_complete(struct aio_ctx *c, const struct aio_event *e, s64 res)
{
	struct io_event *ev;

	spin_lock(&c->lock);
	ev = event_at(c, c->tail);
	*ev = (struct io_event){ .data = e->data, .obj = e->user, .res = res };
	c->tail = (c->tail + 1) % c->nr;
	c->busy--;
	__atomic_store_n(&ring_of(c)->tail, c->tail, __ATOMIC_RELEASE);
	spin_unlock(&c->lock);
	if (e->eventfd)
		eventfd_signal(e->eventfd);
	wake_up_all(&c->wait);
}

/* --- life --- */

static const struct area_ops ring_ops = { .counted = true };

static void ctx_free(struct aio_ctx *c)
{
	for (u32 i = 0; c->pages && i < c->nr_pages; i++)
		if (c->pages[i])
			page_put(c->pages[i]);
	kfree(c->pages);
	if (c->ring)
		vmobject_put(c->ring);
	kfree(c);
}

void aio_put(struct aio_ctx *c)
{
	if (!atomic_dec_and_test(&c->refs))
		return;
	spin_lock(&contexts_lock);
	in_use -= c->asked;
	spin_unlock(&contexts_lock);
	ctx_free(c);
}

static struct aio_ctx *ctx_alloc(u32 asked, u32 nr)
{
	struct aio_ctx *c = kzalloc(sizeof(*c), 0);

	if (!c)
		return ERR_PTR(-ENOMEM);
	atomic_set(&c->refs, 1);
	spin_init(&c->lock, RANK_FS, "aio");
	mutex_init(&c->reading);
	waitq_init(&c->wait);
	list_init(&c->polls);
	c->asked = asked;
	c->nr_pages = DIV_ROUND_UP(RING_HEAD + nr * EVENT, (u32)PAGE_SIZE);
	c->nr = (c->nr_pages * (u32)PAGE_SIZE - RING_HEAD) / EVENT;
	c->pages = kcalloc(c->nr_pages, sizeof(*c->pages));
	c->ring = vmobject_create_anon((u64)c->nr_pages << PAGE_SHIFT);
	for (u32 i = 0; c->pages && c->ring && i < c->nr_pages; i++) {
		c->pages[i] = vmobject_page(c->ring, i);
		if (IS_ERR(c->pages[i])) {
			c->pages[i] = NULL;
			break;
		}
	}
	if (!c->pages || !c->ring || !c->pages[c->nr_pages - 1]) {
		ctx_free(c);
		return ERR_PTR(-ENOMEM);
	}
	*ring_of(c) = (struct aio_ring){ .nr = c->nr,
					 .magic = AIO_RING_MAGIC,
					 .compat_features = 1,
					 .header_length = RING_HEAD };
	return c;
}

int aio_setup(u32 asked, u64 *id)
{
	u32 nr = max(asked, NR_LEAST);
	struct aio_ctx *c;
	bool fits;
	long at;

	if (nr > EVENTS_MAX / 2)
		return -EINVAL;
	if (!asked || asked > READ_ONCE(aio_max_nr))
		return -EAGAIN;
	spin_lock(&contexts_lock);
	fits = in_use + asked <= READ_ONCE(aio_max_nr);
	if (fits)
		in_use += asked;
	spin_unlock(&contexts_lock);
	c = fits ? ctx_alloc(asked, 2 * nr + 2) : ERR_PTR(-EAGAIN);
	if (IS_ERR(c)) {
		spin_lock(&contexts_lock);
		in_use -= fits ? asked : 0;
		spin_unlock(&contexts_lock);
		return (int)PTR_ERR(c);
	}
	at = vm_map(current->mm, 0, (u64)c->nr_pages << PAGE_SHIFT,
		    VM_READ | VM_WRITE | VM_SHARED | VM_MAYREAD | VM_MAYWRITE, MAP_SHARED, c->ring,
		    0, &ring_ops, NULL, "/[aio] (deleted)");
	if (at < 0) {
		aio_put(c);
		return -ENOMEM;
	}
	c->id = (u64)at;
	spin_lock(&contexts_lock);
	c->next = current->mm->aio;
	current->mm->aio = c;
	spin_unlock(&contexts_lock);
	*id = c->id;
	return 0;
}

struct aio_ctx *aio_find(u64 id)
{
	struct aio_ctx *c;

	spin_lock(&contexts_lock);
	for (c = current->mm->aio; c && c->id != id; c = c->next)
		;
	if (c)
		atomic_inc(&c->refs);
	spin_unlock(&contexts_lock);
	return c;
}

/* Nobody finds it any more. */
static void ctx_end(struct aio_ctx *c)
{
	WRITE_ONCE(c->dead, true);
	aio_poll_drop_all(c);
	wake_up_all(&c->wait);
}

int aio_destroy(struct aio_ctx *c)
{
	struct mm *mm = current->mm;
	struct aio_ctx **at;

	spin_lock(&contexts_lock);
	for (at = (struct aio_ctx **)&mm->aio; *at && *at != c; at = &(*at)->next)
		;
	if (*at)
		*at = c->next;
	else
		at = NULL;
	spin_unlock(&contexts_lock);
	if (!at)
		return -EINVAL;
	vm_unmap(mm, c->id, (u64)c->nr_pages << PAGE_SHIFT);
	ctx_end(c);
	aio_put(c);
	return 0;
}

/* The address space goes, and who was in it. */
static void mm_gone(void *first)
{
	struct aio_ctx *c = first, *next;

	for (; c; c = next) {
		next = c->next;
		ctx_end(c);
		aio_put(c);
	}
}

void aio_init(void)
{
	mm_aio_gone = mm_gone;
}

u32 aio_room(const struct aio_ctx *c)
{
	return c->nr;
}

/* --- submitting --- */

/* Room for one more event: 0 or -EAGAIN. */
static int take_slot(struct aio_ctx *c)
{
	int err = 0;

	spin_lock(&c->lock);
	if (c->dead)
		err = -EINVAL;
	else if (c->busy + ring_used(c) >= c->nr - 1)
		err = -EAGAIN;
	else
		c->busy++;
	spin_unlock(&c->lock);
	return err;
}

static void give_slot(struct aio_ctx *c)
{
	spin_lock(&c->lock);
	c->busy--;
	spin_unlock(&c->lock);
}

/* What RWF_NOWAIT would have to wait for: -EAGAIN. */
static int check_nowait(struct file *f, const struct iocb *cb, bool writing)
{
	if (!(cb->aio_rw_flags & RWF_NOWAIT) || !f->ops->poll)
		return 0;
	return f->ops->poll(f, NULL) &
			       (writing ? EPOLLOUT | EPOLLERR : EPOLLIN | EPOLLHUP | EPOLLERR) ?
		       0 :
		       -EAGAIN;
}

static int transfer(struct aio_ctx *c, struct file *f, const struct iocb *cb, bool writing,
		    bool vector, const struct aio_event *e)
{
	const u32 known = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND;
	struct iovec fast[UIO_FASTIOV], *heap = NULL;
	u64 pos = (u64)cb->aio_offset, *at = f->mode & FMODE_PREAD ? &pos : NULL;
	struct iter it;
	ssize_t n;

	if (cb->aio_rw_flags & ~known)
		return -EOPNOTSUPP;
	if ((cb->aio_rw_flags & RWF_APPEND) && (cb->aio_rw_flags & RWF_NOAPPEND))
		return -EINVAL;
	if (!(f->mode & (writing ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	if (writing ? !f->ops->write : !f->ops->read)
		return -EINVAL;
	if (vector) {
		n = iter_import_iovec(&it, (const void __user *)cb->aio_buf, cb->aio_nbytes, fast,
				      &heap);
	} else {
		n = user_range_ok((void __user *)cb->aio_buf, cb->aio_nbytes) ? 0 : -EFAULT;
		iter_user(&it, (void __user *)cb->aio_buf, min(cb->aio_nbytes, (u64)MAX_RW_COUNT));
	}
	if (!n && at && ((s64)pos < 0 || it.count > (u64)S64_MAX - pos))
		n = -EINVAL;
	if (n)
		goto out;
	it.rwf = cb->aio_rw_flags & ~(u32)RWF_NOWAIT;
	n = check_nowait(f, cb, writing);
	if (!n)
		n = writing ? file_write(f, &it, at) : file_read(f, &it, at);
	if (n == -ERESTARTSYS || n == -ERESTARTNOHAND || n == -ERESTARTNOINTR)
		n = -EINTR;
	aio_complete(c, e, n);
	n = 0;
out:
	kfree(heap);
	return (int)n;
}

static int sync_file(struct aio_ctx *c, struct file *f, const struct iocb *cb, bool data_only,
		     const struct aio_event *e)
{
	int err;

	if (cb->aio_buf || cb->aio_offset || cb->aio_nbytes || cb->aio_rw_flags || !f->ops->fsync)
		return -EINVAL;
	err = f->ops->fsync(f, 0, ~0UL, data_only);
	aio_complete(c, e, err);
	return 0;
}

static int perform(struct aio_ctx *c, struct file *f, const struct iocb *cb, struct aio_event *e)
{
	switch (cb->aio_lio_opcode) {
	case IOCB_CMD_PREAD:
		return transfer(c, f, cb, false, false, e);
	case IOCB_CMD_PWRITE:
		return transfer(c, f, cb, true, false, e);
	case IOCB_CMD_PREADV:
		return transfer(c, f, cb, false, true, e);
	case IOCB_CMD_PWRITEV:
		return transfer(c, f, cb, true, true, e);
	case IOCB_CMD_FSYNC:
		return sync_file(c, f, cb, false, e);
	case IOCB_CMD_FDSYNC:
		return sync_file(c, f, cb, true, e);
	case IOCB_CMD_POLL:
		return aio_poll(c, f, cb, e);
	default:
		return -EINVAL;
	}
}

int aio_submit(struct aio_ctx *c, const struct iocb *cb, u64 user)
{
	struct aio_event e = { .data = cb->aio_data, .user = user };
	struct file *f;
	int err;

	if (cb->aio_reserved2 || (s64)cb->aio_nbytes < 0)
		return -EINVAL;
	err = take_slot(c);
	if (err)
		return err;
	f = fd_get((int)cb->aio_fildes);
	err = f ? 0 : -EBADF;
	if (!err && (cb->aio_flags & IOCB_FLAG_RESFD)) {
		e.eventfd = fd_get((int)cb->aio_resfd);
		err = !e.eventfd ? -EBADF : file_is_eventfd(e.eventfd) ? 0 : -EINVAL;
	}
	if (!err && put_user_u32(0, &((struct iocb __user *)user)->aio_key))
		err = -EFAULT;
	if (!err)
		err = perform(c, f, cb, &e);
	if (err)
		give_slot(c);
	if (e.eventfd)
		file_put(e.eventfd);
	if (f)
		file_put(f);
	return err;
}

/* --- taking events --- */

/* What there is, up to nr. [c->reading] */
static long take_events(struct aio_ctx *c, long nr, struct io_event __user *to)
{
	u32 head = ring_head(c), tail = __atomic_load_n(&c->tail, __ATOMIC_ACQUIRE);
	long done = 0;

	while (done < nr && head != tail) {
		struct io_event e = *event_at(c, head);

		if (copy_to_user(to + done, &e, sizeof(e)))
			return done ? done : -EFAULT;
		head = (head + 1) % c->nr;
		WRITE_ONCE(ring_of(c)->head, head);
		done++;
	}
	return done;
}

long aio_events(struct aio_ctx *c, long min, long nr, struct io_event __user *to, u64 deadline)
{
	long done = 0, n;
	struct waiter w;
	int err = 0;

	waiter_init(&w);
	for (;;) {
		mutex_lock(&c->reading);
		n = take_events(c, nr - done, to + done);
		mutex_unlock(&c->reading);
		if (n > 0)
			done += n;
		if (n < 0 || done >= min || !deadline || err)
			break;
		wait_prepare(&c->wait, &w, TASK_INTERRUPTIBLE);
		if (!ring_used(c) && !READ_ONCE(c->dead))
			err = wait_sleep(deadline);
		wait_finish(&c->wait, &w);
		if (READ_ONCE(c->dead)) {
			n = -EINVAL;
			break;
		}
	}
	if (done)
		return done;
	return n < 0 ? n : err == -ETIMEDOUT ? 0 : err ? -EINTR : 0;
}
