/*
 * Reading, writing and seeking through an open file description, and the
 * generic operations of files whose data is in the page cache.
 */
#include <bitops.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/mount.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/memfd.h"
#include "fs/notify.h"
#include "fs/poll.h"
#include "lib/string.h"

/* RLIMIT_FSIZE, setrlimit(2): SIGXFSZ and EFBIG for sizes beyond. */
int size_within_limit(u64 size)
{
	siginfo_t si;

	if (size > (u64)S64_MAX)
		return -EFBIG;
	if (likely(size <= rlimit_get(RLIMIT_FSIZE)))
		return 0;
	siginfo_user(&si, SIGXFSZ, SI_USER);
	signal_send_task(current, &si);
	return -EFBIG;
}

/*
 * Does f keep a position, and may others be using it now? Who has the only reference in a table of
 * its own (fd_borrow) need not ask for the mutex.
 */
static bool takes_turns(const struct file *f)
{
	return !(f->mode & FMODE_STREAM) && f->ops->llseek && atomic_read(&f->refs) > 1;
}

/* Read or write at *pos; without a pos at the file's own position. */
static ssize_t transfer(struct file *f, struct iter *it, u64 *pos,
			ssize_t (*move)(struct file *, struct iter *, u64 *))
{
	bool turns = false;
	ssize_t n;

	if (!pos) {
		pos = &f->pos;
		turns = takes_turns(f);
	} else if (!(f->mode & FMODE_PREAD)) {
		return -ESPIPE;
	}
	if (turns)
		mutex_lock(&f->pos_mutex);
	n = move(f, it, pos);
	if (turns)
		mutex_unlock(&f->pos_mutex);
	return n;
}

ssize_t file_read(struct file *f, struct iter *it, u64 *pos)
{
	ssize_t n;

	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (!f->ops->read)
		return S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	n = notify_ask(f, FAN_ACCESS_PERM);
	if (unlikely(n))
		return n;
	n = transfer(f, it, pos, f->ops->read);
	current->io.syscr++;
	if (n > 0) {
		current->io.rchar += (u64)n;
		notify_file(f, IN_ACCESS);
	}
	return n;
}

/* What write(2) owes to O_SYNC, O_DSYNC (RWF_SYNC, RWF_DSYNC) and O_DIRECT after n bytes went to end. */
static ssize_t after_write(struct file *f, ssize_t n, u64 end, u32 rwf)
{
	u32 mode = f->inode->mode;
	int err;

	if ((!S_ISREG(mode) && !S_ISBLK(mode)) || !f->ops->fsync)
		return n;
	if ((f->flags & O_DSYNC) || (rwf & (RWF_DSYNC | RWF_SYNC)))
		err = file_fsync(f, end - (u64)n, end, !(f->flags & __O_SYNC) && !(rwf & RWF_SYNC));
	else
		err = file_sync_range(f, end - (u64)n, end);
	return err ? err : n;
}

ssize_t file_write(struct file *f, struct iter *it, u64 *pos)
{
	ssize_t n;
	u32 owed;

	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	owed = (f->flags & (O_DSYNC | O_DIRECT)) | (it->rwf & (RWF_DSYNC | RWF_SYNC));
	n = transfer(f, it, pos, f->ops->write);
	current->io.syscw++;
	if (n > 0) {
		current->io.wchar += (u64)n;
		notify_file(f, IN_MODIFY);
		if (unlikely(owed))
			n = after_write(f, n, pos ? *pos : f->pos, it->rwf);
	}
	return n;
}

ssize_t kernel_read(struct file *f, void *buf, size_t n, u64 pos)
{
	struct iter it;

	iter_kernel(&it, buf, n);
	return file_read(f, &it, &pos);
}

s64 seek_data_hole(struct file *f, s64 off, int whence,
		   u64 (*next)(struct inode *i, u64 index, u64 end, bool data))
{
	u64 size = inode_size(f->inode), index = (u64)off >> PAGE_SHIFT, found;

	if (off < 0 || (u64)off >= size)
		return -ENXIO;
	found = next(f->inode, index, DIV_ROUND_UP(size, PAGE_SIZE), whence == SEEK_DATA);
	if (whence == SEEK_DATA && found << PAGE_SHIFT >= size)
		return -ENXIO;
	f->pos = found == index ? (u64)off : min(found << PAGE_SHIFT, size);
	return (s64)f->pos;
}

/* Where memory is the only store; elsewhere no holes are told, as lseek(2) allows. */
static u64 next_page(struct inode *i, u64 index, u64 end, bool data)
{
	if (!i->pages.pinned)
		return data ? index : end;
	return vmobject_next(&i->pages, index, end, data);
}

bool path_noexec(const struct path *p)
{
	return (p->mnt->flags & MS_NOEXEC) || (p->mnt->sb->fs->flags & FS_NOEXEC);
}

s64 generic_llseek(struct file *f, s64 off, int whence)
{
	u64 size = inode_size(f->inode);
	s64 base;

	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = (s64)f->pos;
		break;
	case SEEK_END:
		base = (s64)size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		return seek_data_hole(f, off, whence, next_page);
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, off, &base) || base < 0)
		return -EINVAL;
	f->pos = (u64)base;
	return base;
}

s64 dir_llseek(struct file *f, s64 off, int whence)
{
	if (whence == SEEK_CUR)
		off += (s64)f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0)
		return -EINVAL;
	f->pos = (u64)off;
	return off;
}

/* lseek(2) succeeds and moves nothing, as on Linux for counters, timers and signals. */
s64 noop_llseek(struct file *f, s64 off __unused, int whence __unused)
{
	return (s64)f->pos;
}

int noop_fsync(struct file *f __unused, u64 start __unused, u64 end __unused,
	       bool datasync __unused)
{
	return 0;
}

ssize_t generic_file_read(struct file *f, struct iter *it, u64 *pos)
{
	ssize_t n;

	if (!it->count)
		return 0;
	n = vmobject_read(&f->inode->pages, it, *pos);
	if (n > 0)
		*pos += (u64)n;
	if (!(f->flags & O_NOATIME) && n >= 0)
		inode_accessed(f->path.mnt, f->inode);
	return n;
}

static bool appends(const struct file *f, const struct iter *it)
{
	return (f->flags & O_APPEND && !(it->rwf & RWF_NOAPPEND)) || it->rwf & RWF_APPEND;
}

/* On a disk that is nearly full what fits is written: then *cut bytes are left out of it. i->rwsem held for writing. */
static int write_room(struct inode *i, u64 at, struct iter *it, size_t *cut)
{
	int err = i->ops->room(i, at, it->count);

	while (err == -ENOSPC && it->count > PAGE_SIZE) {
		size_t less = ALIGN_UP(it->count / 2, PAGE_SIZE);

		if (less == it->count)
			less -= PAGE_SIZE;
		*cut += it->count - less;
		it->count = less;
		err = i->ops->room(i, at, less);
	}
	return err;
}

ssize_t generic_file_write(struct file *f, struct iter *it, u64 *pos)
{
	struct inode *i = f->inode;
	u64 limit = rlimit_get(RLIMIT_FSIZE), at;
	size_t cut = 0;
	int err = 0, asked = 0;
	ssize_t n;

	if (!it->count)
		return 0;
	rwsem_write_lock(&i->rwsem);
	at = appends(f, it) ? inode_size(i) : *pos;
	if (at >= limit || at > (u64)S64_MAX - it->count)
		err = size_within_limit(at + it->count);
	if (err) {
		n = err;
		goto out;
	}
	if (it->count > limit - at) { /* what fits is written: write(2) */
		cut = it->count - (limit - at);
		it->count -= cut;
	}
	if (unlikely(i->seals & ~(unsigned)F_SEAL_SEAL)) {
		n = memfd_may_write(i, at, it->count);
		if (n)
			goto out;
	}
	if (i->ops->room) {
		n = write_room(i, at, it, &cut);
		if (n) {
			it->count += cut;
			goto out;
		}
		asked = (int)min(it->count / PAGE_SIZE + 1, (size_t)ram_pages);
		atomic_add(&i->pages.asking, asked);
	}
	inode_strip_setid(i);
	n = vmobject_write(&i->pages, it, at);
	it->count += cut;
	if (n > 0) {
		*pos = at + (u64)n;
		inode_touch(i, ATTR_MTIME | ATTR_CTIME);
	}
	if (asked)
		atomic_add(&i->pages.asking, -asked);
out:
	rwsem_write_unlock(&i->rwsem);
	if (i->pages.ops && i->pages.ops->write)
		dirty_throttle();
	return n;
}

int direct_check(const struct file *f, const struct iter *it, u64 pos)
{
	u64 all = pos;

	if (likely(!(f->flags & O_DIRECT)))
		return 0;
	for (unsigned i = 0; it->kind == ITER_USER && i < it->nr_segs; i++)
		all |= (__force u64)it->iov[i].iov_base | it->iov[i].iov_len;
	return (all | it->count) % SECTOR_SIZE ? -EINVAL : 0;
}

/*
 * Makes pages first..last present, so that later writes find room; all or none. i->rwsem held for
 * writing.
 * *made has a bit for each page that was not there before.
 */
static int make_pages(struct vmobject *obj, u64 first, u64 last, unsigned long *made)
{
	for (u64 n = first; n <= last; n++) {
		int is_new = vmobject_reserve(obj, n);

		if (is_new < 0)
			return is_new;
		if (is_new)
			__set_bit(n - first, made);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int allocate_pages(struct inode *i, u64 off, u64 end)
{
	u64 first = off >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	unsigned long *made;
	int err;

	if (!i->pages.pinned)
		return i->ops->room ? i->ops->room(i, off, end - off) : 0;
	if (last - first >= ram_pages)
		return -ENOSPC;
	made = kcalloc((last - first) / 64 + 1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = make_pages(&i->pages, first, last, made);
	for (u64 n = first; err && n <= last; n++)
		if (test_bit(n - first, made))
			vmobject_punch(&i->pages, n << PAGE_SHIFT, PAGE_SIZE);
	kfree(made);
	return err;
}

/* fallocate(2) on the page cache: checked arguments, off + len fits. */
int generic_fallocate(struct file *f, int mode, u64 off, u64 len)
{
	struct attrs a = { .valid = ATTR_SIZE | ATTR_FORCE, .size = off + len };
	struct inode *i = f->inode;
	bool punch = mode & FALLOC_FL_PUNCH_HOLE, grows;
	u64 end = off + len;
	int err = 0;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	rwsem_write_lock(&i->rwsem);
	grows = !(mode & FALLOC_FL_KEEP_SIZE) && end > inode_size(i);
	if (unlikely(i->seals))
		err = memfd_may_allocate(i, mode, end);
	if (!err && !punch && end > inode_size(i))
		err = size_within_limit(end);
	if (!err)
		err = punch ? vmobject_punch(&i->pages, off, len) : allocate_pages(i, off, end);
	if (!err && grows)
		err = i->ops->setattr ? i->ops->setattr(i, &a) : generic_setattr(i, &a);
	if (!err) {
		inode_strip_setid(i);
		inode_touch(i, ATTR_MTIME | ATTR_CTIME);
	}
	rwsem_write_unlock(&i->rwsem);
	return err;
}

static void area_open(struct area *a)
{
	file_get(a->owner);
}

static void area_close(struct area *a)
{
	file_put(a->owner);
}

static int area_mkwrite(struct area *a, struct page *p)
{
	struct inode *i = a->obj->owner; /* the file's, or what overlay has below */
	u64 pos = p->index << PAGE_SHIFT, size = inode_size(i);
	int err = 0;

	if (i->ops->room && pos < size)
		err = i->ops->room(i, pos, min(size - pos, (u64)PAGE_SIZE));

	if (!err)
		inode_touch(i, ATTR_MTIME | ATTR_CTIME);
	return err;
}

static int area_sync(struct area *a, u64 from, u64 to)
{
	struct file *f = a->owner;

	return f->ops->fsync ? file_fsync(f, from, to, false) : 0;
}

static bool area_may_look(struct area *a)
{
	struct file *f = a->owner;

	return inode_owner_or_capable(f->inode) ||
	       !inode_permission(f->path.mnt, f->inode, MAY_WRITE);
}

static int area_name(struct area *a, char *buf, size_t n)
{
	struct file *f = a->owner;
	struct path root;
	bool unreachable;
	char *s;

	fs_ctx_root(&root);
	s = d_path(&f->path, &root, buf, n, &unreachable);
	path_put(&root);
	if (IS_ERR(s))
		return (int)PTR_ERR(s);
	memmove(buf, s, strlen(s) + 1);
	return 0;
}

const struct area_ops file_area_ops = {
	.open = area_open,
	.close = area_close,
	.mkwrite = area_mkwrite,
	.name = area_name,
	.sync = area_sync,
	.may_look = area_may_look,
};

static bool zero_may_look(struct area *a __unused)
{
	return true;
}

const struct area_ops zero_area_ops = {
	.open = area_open,
	.close = area_close,
	.name = area_name,
	.may_look = zero_may_look,
	.anonymous = true,
};

bool area_of_file(const struct area *a)
{
	return a->ops == &file_area_ops || a->ops == &zero_area_ops;
}

int generic_file_mmap(struct file *f, struct file_map *m)
{
	int err = unlikely(f->inode->seals) ? memfd_may_map(f->inode, m) : 0;

	if (err)
		return err;
	vmobject_get(&f->inode->pages);
	m->obj = &f->inode->pages;
	m->ops = &file_area_ops;
	if (!(f->flags & O_NOATIME))
		inode_accessed(f->path.mnt, f->inode);
	return 0;
}

int file_truncate(struct file *f, u64 size)
{
	struct attrs a = { .valid = ATTR_SIZE | ATTR_FORCE, .size = size };
	int err;

	if (!S_ISREG(f->inode->mode) || !(f->mode & FMODE_WRITE))
		return -EINVAL;
	if (inode_appends_only(f->inode))
		return -EPERM;
	if (f->mode & FMODE_NO_TRUNCATE)
		return -EACCES;
	err = size_within_limit(size);
	return err ? err : inode_change(&f->path, &a);
}

u32 file_poll(struct file *f, struct poll_table *pt)
{
	return f->ops->poll ? f->ops->poll(f, pt) : EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
}
