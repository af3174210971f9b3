/*
 * Pipes and fifos: pipe(7). The data is a ring of page-sized buffers; a write
 * fills the tail of the last one when it fits (but in packet mode), else takes
 * new ones. Writes of up to PIPE_BUF bytes are atomic.
 *
 * Locks: pipe->mutex guards the ring and the counts of ends. Readers and
 * writers sleep on their queues without it. A wake goes out only when the ring
 * stops being empty or full, since only then can somebody sleep.
 */
#include "fs/pipe.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/signal.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/async.h"
#include "fs/internal.h"
#include "fs/pipe_impl.h"
#include "fs/poll.h"
#include "lib/printf.h"
#include "mm/usercopy.h"
#include "sync/log.h"

#define PIPE_DEFAULT_SLOTS 16
#define PIPE_SMALL_SLOTS   2

unsigned pipe_max_size = 1024 * 1024;
u64 pipe_user_pages_soft = 16384, pipe_user_pages_hard;

static struct mount *pipe_mount;
static struct slab_cache *pipe_slab;
static const struct file_system pipe_fs = { .name = "pipefs", .flags = FS_NODEV };
static const struct file_ops pipe_fops;

void pipe_init(void)
{
	pipe_slab = slab_create("pipe", sizeof(struct pipe), 0);
	if (pseudo_mount(&pipe_fs, 0x50495045, &pipe_mount))
		panic("pipes: out of memory at boot");
}

/* Counts pages a pipe may come to hold against its user: pipe(7). limit: pages, 0: none. */
static bool charge(u32 uid, unsigned pages, u64 limit)
{
	bool free = !limit || capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN);

	return user_charge_n(uid, USER_PIPE_PAGES, pages, free ? U64_MAX : limit);
}

static bool charge_soft(u32 uid, unsigned pages)
{
	u64 soft = READ_ONCE(pipe_user_pages_soft), hard = READ_ONCE(pipe_user_pages_hard);

	return charge(uid, pages, soft && hard ? min(soft, hard) : max(soft, hard));
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *p = slab_zalloc(pipe_slab);

	if (!p)
		return NULL;
	p->uid = current->cred->uid;
	p->slots = PIPE_DEFAULT_SLOTS;
	if (READ_ONCE(pipe_max_size) < PIPE_DEFAULT_SLOTS * PAGE_SIZE && !capable(CAP_SYS_RESOURCE))
		p->slots = pipe_max_size / PAGE_SIZE;
	/* Who has too much in pipes already gets small ones, or none. */
	if (!charge_soft(p->uid, p->slots)) {
		p->slots = min(p->slots, (unsigned)PIPE_SMALL_SLOTS);
		if (!charge(p->uid, p->slots, READ_ONCE(pipe_user_pages_hard))) {
			slab_free(pipe_slab, p);
			return NULL;
		}
	}
	p->ring = kcalloc(p->slots, sizeof(*p->ring));
	if (!p->ring) {
		user_uncharge_n(p->uid, USER_PIPE_PAGES, p->slots);
		slab_free(pipe_slab, p);
		return NULL;
	}
	mutex_init(&p->mutex);
	waitq_init(&p->rd);
	waitq_init(&p->wr);
	list_init(&p->asyncs);
	return p;
}

struct pipe *file_pipe(const struct file *f)
{
	return f->ops == &pipe_fops ? f->priv : NULL;
}

void pipe_drop(struct pipe *p, struct pipe_buf *b)
{
	if (!p->spare && !b->given && atomic_read(&b->page->refs) == 1)
		p->spare = b->page;
	else
		page_put(b->page);
	b->page = NULL;
}

static void pipe_free_rcu(struct rcu_head *h)
{
	slab_free(pipe_slab, container_of(h, struct pipe, rcu));
}

/*
 * Who closed the other end a moment ago may still be unlocking or waking: the structure stays for a
 * grace period.
 */
static void pipe_free(struct pipe *p)
{
	while (!pipe_empty(p))
		page_put(pipe_slot(p, p->tail++)->page);
	if (p->spare)
		page_put(p->spare);
	user_uncharge_n(p->uid, USER_PIPE_PAGES, p->slots);
	kfree(p->ring);
	call_rcu(&p->rcu, pipe_free_rcu);
}

/*
 * Sleeps on q until woken; the mutex is given up meanwhile. *slept tells the caller to pass a wake
 * on.
 */
int pipe_sleep(struct pipe *p, struct waitq *q, bool *slept)
{
	struct waiter w;
	int err;

	*slept = true;
	waiter_init(&w);
	w.exclusive = true;
	wait_prepare(q, &w, TASK_INTERRUPTIBLE);
	mutex_unlock(&p->mutex);
	err = wait_sleep(WAIT_FOREVER);
	wait_finish(q, &w);
	mutex_lock(&p->mutex);
	return err;
}

void pipe_wake_readers(struct pipe *p)
{
	wake_up_key(&p->rd, EPOLLIN | EPOLLRDNORM);
	async_tell(&p->asyncs, POLL_IN);
}

void pipe_wake_writers(struct pipe *p)
{
	wake_up_key(&p->wr, EPOLLOUT | EPOLLWRNORM);
	async_tell(&p->asyncs, POLL_OUT);
}

static ssize_t pipe_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct pipe *p = f->priv;
	ssize_t done = 0;
	bool was_full = false, slept = false, more;
	int err = 0;

	if (!it->count)
		return 0;
	mutex_lock(&p->mutex);
	for (;;) {
		while (!p->draining && !pipe_empty(p) && it->count) {
			struct pipe_buf *b = pipe_slot(p, p->tail);
			bool packet = b->packet;
			size_t want = min((size_t)b->len, it->count);
			size_t n = iter_copy_to(it, (u8 *)page_to_virt(b->page) + b->off, want);

			/*
			 * What a fault cut short was not read: as Linux has it, the buffer stays
			 * whole.
			 */
			if (n < want) {
				err = -EFAULT;
				break;
			}
			was_full |= pipe_full(p);
			done += (ssize_t)n;
			b->off += (u32)n;
			b->len -= (u32)n;
			if (!b->len || packet) {
				pipe_drop(p, b);
				p->tail++;
			}
			if (packet)
				break;
		}
		if (done || err || (!p->writers && !p->draining))
			break;
		if (f->flags & O_NONBLOCK || it->rwf & RWF_NOWAIT) {
			err = -EAGAIN;
			break;
		}
		err = pipe_sleep(p, &p->rd, &slept);
		if (err)
			break;
	}
	more = slept && !pipe_empty(p);
	was_full |= p->polled;
	mutex_unlock(&p->mutex);
	if (was_full && done)
		wake_up_key(&p->wr, EPOLLOUT | EPOLLWRNORM);
	if (done > 0)
		async_tell(&p->asyncs, POLL_OUT);
	if (more) /* the wake was for one reader: pass it on */
		wake_up_key(&p->rd, EPOLLIN | EPOLLRDNORM);
	if (done > 0 && f->inode->sb != pipe_mount->sb)
		inode_accessed(f->path.mnt, f->inode);
	return done ? done : err;
}

int pipe_broken(void)
{
	siginfo_t si;

	siginfo_user(&si, SIGPIPE, SI_USER);
	signal_send_task(current, &si);
	return -EPIPE;
}

/* Appends to the last buffer what fits whole into it. */
static ssize_t merge(struct pipe *p, struct iter *it, size_t n)
{
	struct pipe_buf *b = pipe_slot(p, p->head - 1);
	size_t got;

	if (pipe_empty(p) || b->packet || b->given || b->off + b->len + n > PAGE_SIZE)
		return 0;
	got = iter_copy_from(it, (u8 *)page_to_virt(b->page) + b->off + b->len, n);
	if (got < n)
		return -EFAULT;
	b->len += (u32)got;
	return (ssize_t)got;
}

/* Puts up to a page into a new buffer. The ring is not full. */
static ssize_t append(struct pipe *p, struct iter *it, bool packet)
{
	struct pipe_buf *b = pipe_slot(p, p->head);
	size_t want = min(it->count, (size_t)PAGE_SIZE), n;
	struct page *page = p->spare;

	if (!page)
		page = page_alloc(0, PA_USER);
	if (!page)
		return -ENOMEM;
	p->spare = NULL;
	n = iter_copy_from(it, page_to_virt(page), want);
	if (n < want) {
		p->spare = page;
		return -EFAULT;
	}
	*b = (struct pipe_buf){ .page = page, .off = 0, .len = (u32)n, .packet = packet };
	p->head++;
	return (ssize_t)n;
}

static ssize_t pipe_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct pipe *p = f->priv;
	bool packet = f->flags & O_DIRECT, was_empty = false, slept = false, more;
	size_t total = it->count;
	ssize_t done = 0, n;
	int err = 0;

	if (!total)
		return 0;
	mutex_lock(&p->mutex);
	if (!p->readers) {
		err = pipe_broken();
		goto out;
	}
	was_empty = pipe_empty(p);
	/* The odd bytes first, so that whole pages stay whole pages. */
	if (!packet && total % PAGE_SIZE) {
		n = merge(p, it, total % PAGE_SIZE);
		if (n < 0) {
			err = (int)n;
			goto out;
		}
		done += n;
	}
	while (it->count) {
		if (!p->readers) {
			err = pipe_broken();
			break;
		}
		if (!pipe_full(p)) {
			n = append(p, it, packet);
			if (n < 0) {
				err = (int)n;
				break;
			}
			done += n;
			continue;
		}
		if (f->flags & O_NONBLOCK || it->rwf & RWF_NOWAIT) {
			err = -EAGAIN;
			break;
		}
		if (was_empty || waitq_active(&p->rd)) {
			wake_up_key(&p->rd, EPOLLIN | EPOLLRDNORM);
			was_empty = false;
		}
		err = pipe_sleep(p, &p->wr, &slept);
		if (err)
			break;
		was_empty = pipe_empty(p);
	}
out:
	more = slept && !pipe_full(p);
	was_empty |= p->polled;
	mutex_unlock(&p->mutex);
	if (was_empty && done)
		wake_up_key(&p->rd, EPOLLIN | EPOLLRDNORM);
	if (done > 0)
		async_tell(&p->asyncs, POLL_IN);
	if (more)
		wake_up_key(&p->wr, EPOLLOUT | EPOLLWRNORM);
	if (done > 0 && f->inode->sb != pipe_mount->sb)
		inode_touch(f->inode, ATTR_MTIME | ATTR_CTIME);
	return done ? done : err;
}

static u32 pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->priv;
	u32 ev = 0;

	if (f->mode & FMODE_READ)
		poll_wait(f, &p->rd, pt);
	if (f->mode & FMODE_WRITE)
		poll_wait(f, &p->wr, pt);
	mutex_lock(&p->mutex);
	p->polled |= pt && pt->queue;
	if (f->mode & FMODE_READ) {
		if (!pipe_empty(p))
			ev |= EPOLLIN | EPOLLRDNORM;
		if (!p->writers && p->w_opens != (unsigned)f->pos)
			ev |= EPOLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		if (!pipe_full(p))
			ev |= EPOLLOUT | EPOLLWRNORM;
		if (!p->readers)
			ev |= EPOLLERR;
	}
	mutex_unlock(&p->mutex);
	return ev;
}

static long pipe_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pipe *p = f->priv;
	u32 n = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->mutex);
	for (unsigned i = p->tail; i != p->head; i++)
		n += pipe_slot(p, i)->len;
	mutex_unlock(&p->mutex);
	return put_user_u32(n, (u32 __user *)arg);
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->priv;
	bool last;

	mutex_lock(&p->mutex);
	if (f->mode & FMODE_READ)
		p->readers--;
	if (f->mode & FMODE_WRITE)
		p->writers--;
	spin_lock(&f->inode->lock);
	last = --p->files == 0;
	if (last)
		f->inode->special = NULL;
	spin_unlock(&f->inode->lock);
	/* Under the mutex, while p cannot be freed by the other end. */
	wake_up_all(&p->rd);
	wake_up_all(&p->wr);
	async_tell(&p->asyncs, POLL_IN);
	async_tell(&p->asyncs, POLL_OUT);
	mutex_unlock(&p->mutex);
	if (last)
		pipe_free(p);
}

int pipe_create(struct file *ends[2], int flags)
{
	struct pipe *p = pipe_alloc();
	char name[32];
	struct inode *i;
	struct path place;

	if (!p)
		return -ENFILE;
	p->readers = p->writers = p->r_opens = p->w_opens = 1;
	p->files = 2;
	ends[0] = pseudo_file(pipe_mount, "pipe:", S_IFIFO | 0600, &pipe_fops, p,
			      O_RDONLY | (flags & O_NONBLOCK));
	if (IS_ERR(ends[0])) {
		pipe_free(p);
		return (int)PTR_ERR(ends[0]);
	}
	i = ends[0]->inode;
	i->special = p;
	i->fops = &fifo_fops; /* opened again through /proc/self/fd */
	snprintf(name, sizeof(name), "pipe:[%lu]", i->ino);
	d_rename_pseudo(ends[0]->path.dentry, name);
	place = ends[0]->path;
	ends[1] = file_alloc(&place, FMODE_WRITE, O_WRONLY | ((u32)flags & (O_NONBLOCK | O_DIRECT)),
			     &pipe_fops);
	if (IS_ERR(ends[1])) {
		int err = (int)PTR_ERR(ends[1]);

		p->files = 1;
		p->writers = 0;
		file_put(ends[0]);
		return err;
	}
	ends[1]->priv = p;
	ends[0]->mode |= FMODE_STREAM | FMODE_NOWAIT;
	ends[1]->mode |= FMODE_STREAM | FMODE_NOWAIT;
	return 0;
}

/* --- fifos --- */

/* The pipe behind a fifo's inode, with p->mutex held and one more file on it. */
static struct pipe *fifo_get(struct inode *i)
{
	struct pipe *fresh = NULL, *p;

	for (;;) {
		spin_lock(&i->lock);
		p = i->special;
		if (!p && fresh) {
			p = i->special = fresh;
			fresh = NULL;
		}
		if (p)
			p->files++;
		spin_unlock(&i->lock);
		if (p)
			break;
		fresh = pipe_alloc();
		if (!fresh)
			return NULL;
	}
	if (fresh)
		pipe_free(fresh);
	mutex_lock(&p->mutex);
	return p;
}

/* fifo(7): waits until the other side has been opened. */
static int wait_for_end(struct pipe *p, unsigned *opens, struct waitq *q)
{
	unsigned before = *opens;
	int err = 0;

	while (*opens == before && !err) {
		struct waiter w;

		waiter_init(&w);
		wait_prepare(q, &w, TASK_INTERRUPTIBLE);
		mutex_unlock(&p->mutex);
		err = wait_sleep(WAIT_FOREVER);
		wait_finish(q, &w);
		mutex_lock(&p->mutex);
	}
	return err;
}

static int fifo_open(struct inode *i, struct file *f)
{
	bool nameless = i->sb ==
			pipe_mount->sb; /* a pipe, through /proc/PID/fd: nobody is waited for */
	struct pipe *p = fifo_get(i);
	int err = 0;

	if (!p)
		return -ENOMEM;
	f->priv = p;
	f->ops = &pipe_fops;
	f->mode |= FMODE_STREAM;
	switch (f->mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		p->readers++;
		p->r_opens++;
		wake_up_all(&p->wr);
		if (p->writers || nameless)
			break;
		if (f->flags & O_NONBLOCK)
			f->pos = p->w_opens; /* no hang-up before the first writer came */
		else
			err = wait_for_end(p, &p->w_opens, &p->rd);
		break;
	case FMODE_WRITE:
		if (!p->readers && !nameless && (f->flags & O_NONBLOCK)) {
			p->writers++; /* release takes it back */
			err = -ENXIO;
			break;
		}
		p->writers++;
		p->w_opens++;
		wake_up_all(&p->rd);
		if (!p->readers && !nameless)
			err = wait_for_end(p, &p->r_opens, &p->wr);
		break;
	case FMODE_READ | FMODE_WRITE:
		p->readers++;
		p->writers++;
		p->r_opens++;
		p->w_opens++;
		wake_up_all(&p->rd);
		wake_up_all(&p->wr);
		break;
	default: /* for ioctl alone: it would be no end */
		err = -EINVAL;
		break;
	}
	mutex_unlock(&p->mutex);
	if (err)
		pipe_release(f);
	return err;
}

long pipe_get_size(struct file *f)
{
	struct pipe *p = f->priv;

	return f->ops == &pipe_fops ? (long)p->slots * (long)PAGE_SIZE : -EBADF;
}

long pipe_set_size(struct file *f, unsigned long size)
{
	struct pipe *p = f->priv;
	struct pipe_buf *ring;
	unsigned slots = 1, used;

	if (f->ops != &pipe_fops)
		return -EBADF;
	if (size > 1UL << 31)
		return -EINVAL;
	while ((unsigned long)slots * PAGE_SIZE < size)
		slots *= 2;
	if (slots * PAGE_SIZE > READ_ONCE(pipe_max_size) && slots > p->slots &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	ring = kcalloc(slots, sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	mutex_lock(&p->mutex);
	used = p->head - p->tail;
	if (pipe_used(p) > slots) {
		mutex_unlock(&p->mutex);
		kfree(ring);
		return -EBUSY;
	}
	if (slots > p->slots && !charge_soft(p->uid, slots - p->slots)) {
		mutex_unlock(&p->mutex);
		kfree(ring);
		return -EPERM;
	}
	if (slots < p->slots)
		user_uncharge_n(p->uid, USER_PIPE_PAGES, p->slots - slots);
	for (unsigned i = 0; i < used; i++)
		ring[i] = *pipe_slot(p, p->tail + i);
	kfree(p->ring);
	p->ring = ring;
	p->slots = slots;
	p->tail = 0;
	p->head = used;
	mutex_unlock(&p->mutex);
	wake_up_all(&p->wr);
	return (long)slots * (long)PAGE_SIZE;
}

int pipe_set_max_size(s64 size)
{
	u32 want = (u32)size, round = PAGE_SIZE; /* Linux too looks at the lower half */

	if (want > 1U << 31)
		return -EINVAL;
	while (round < want)
		round *= 2;
	WRITE_ONCE(pipe_max_size, (unsigned)round);
	return 0;
}

static struct list_head *pipe_asyncs(struct file *f)
{
	struct pipe *p = f->priv;

	return &p->asyncs;
}

static const struct file_ops pipe_fops = {
	.asyncs = pipe_asyncs,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};

const struct file_ops fifo_fops = {
	.open = fifo_open,
};
