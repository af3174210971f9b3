/*
 * What tarfs needs of the kernel, for test_tarfs.c: inodes without a cache, locks
 * that notice misuse, and a disk that completes requests late and out of order.
 */
#include <err.h>
#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/psi.h"
#include "core/sched.h"
#include "dev/dt.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "sync/log.h"
#include "uapi/errno.h"
#include "uapi/fcntl.h"
#include "test_tarfs.h"

/* --- what tarfs needs of the kernel --- */

static int locks_held;
long live_inodes;
u64 initrd_start, initrd_size;
static struct task me;
struct task *shim_current = &me;

void spin_init(spinlock_t *l, enum lock_rank rank __unused, const char *name __unused)
{
	l->word = 0;
}

void (*before_lock)(void);
unsigned before_which;

void spin_lock(spinlock_t *l)
{
	if (before_lock && !--before_which) {
		void (*other)(void) = before_lock;

		before_lock = NULL;
		other();
	}
	if (l->word++)
		abort();
	locks_held++;
}

void spin_unlock(spinlock_t *l)
{
	if (--l->word)
		abort();
	locks_held--;
}

struct inode *inode_alloc(struct super *sb)
{
	struct inode *i = kzalloc(sizeof(*i), 0);

	if (!i)
		return NULL;
	atomic_set(&i->refs, 1);
	i->sb = sb;
	i->nlink = 1;
	list_init(&i->sb_link);
	i->pages.owner = i;
	live_inodes++;
	return i;
}

void inode_get(struct inode *i)
{
	atomic_inc(&i->refs);
}

void inode_put(struct inode *i)
{
	if (locks_held)
		abort();
	if (!i || !atomic_dec_and_test(&i->refs))
		return;
	i->sb->ops->evict_inode(i);
	kfree(i);
	live_inodes--;
}

void inode_init_owner(struct inode *i, const struct inode *dir __unused, u32 mode)
{
	i->mode = mode;
}

int generic_setattr(struct inode *i, const struct attrs *a)
{
	if (a->valid & ATTR_SIZE)
		i->pages.size = a->size;
	if (a->valid & ATTR_MODE)
		i->mode = (i->mode & S_IFMT) | a->mode;
	return 0;
}

void inode_touch(struct inode *i __unused, u32 which __unused)
{
	if (locks_held)
		abort();
}

ktimespec now_ktimespec(void)
{
	return (ktimespec){ .sec = 1, .nsec = 2 };
}

void d_instantiate(struct dentry *d, struct inode *i)
{
	d->inode = i;
}

struct dentry *d_alloc_root(struct super *sb, struct inode *root)
{
	struct dentry *d = kzalloc(sizeof(*d), 0);

	if (!d) {
		inode_put(root);
		return NULL;
	}
	d->sb = sb;
	d->inode = root;
	d->parent = d;
	return d;
}

struct super *super_alloc(const struct file_system *fs, const struct super_ops *ops, void *priv)
{
	struct super *sb = kzalloc(sizeof(*sb), 0);

	if (!sb)
		return NULL;
	sb->fs = fs;
	sb->ops = ops;
	sb->priv = priv;
	return sb;
}

void super_put(struct super *sb)
{
	if (sb->root) {
		inode_put(sb->root->inode);
		kfree(sb->root);
	}
	sb->ops->let_go(sb);
	sb->ops->unmount(sb);
	kfree(sb);
}

/* One attribute a file is enough here. */
int memxattr_set(struct inode *i, const char *name __unused, const void *v, size_t n,
		 int flags __unused)
{
	kfree(i->xattrs);
	i->xattrs = kmemdup(v, n);
	return i->xattrs ? 0 : -ENOMEM;
}

void memxattr_free(struct inode *i)
{
	kfree(i->xattrs);
}

ssize_t memxattr_get(struct inode *i __unused, const char *name __unused, void *buf __unused,
		     size_t n __unused)
{
	return -ENODATA;
}

ssize_t memxattr_list(struct inode *i __unused, char *buf __unused, size_t n __unused)
{
	return 0;
}

int memxattr_remove(struct inode *i __unused, const char *name __unused)
{
	return -ENODATA;
}

const struct file_ops no_open_fops;

void special_init(struct inode *i)
{
	i->fops = &no_open_fops;
}

bool dir_emit_dots(struct file *f __unused, struct dir_context *dc)
{
	if (dc->pos < 2)
		dc->pos = 2;
	return true;
}

unsigned mode_to_dtype(u32 mode)
{
	return (mode & S_IFMT) >> 12;
}

s64 dir_llseek(struct file *f __unused, s64 off, int whence __unused)
{
	return off;
}

s64 generic_llseek(struct file *f __unused, s64 off, int whence __unused)
{
	return off;
}

/* Pages in place of bytes. */
s64 seek_data_hole(struct file *f, s64 off, int whence,
		   u64 (*next)(struct inode *i, u64 index, u64 end, bool data))
{
	u64 end = DIV_ROUND_UP(inode_size(f->inode), PAGE_SIZE);

	return (s64)next(f->inode, (u64)off, end, whence == SEEK_DATA);
}

u64 dirty_page = ~0UL;

u64 vmobject_next(struct vmobject *obj __unused, u64 index, u64 end, bool data)
{
	if (data)
		return index <= dirty_page ? min(dirty_page, end) : end;
	return index == dirty_page ? index + 1 : index;
}

int noop_fsync(struct file *f __unused, u64 start __unused, u64 end __unused, bool data __unused)
{
	return 0;
}

ssize_t generic_file_read(struct file *f __unused, struct iter *it __unused, u64 *pos __unused)
{
	return 0;
}

ssize_t generic_file_write(struct file *f __unused, struct iter *it __unused, u64 *pos __unused)
{
	return 0;
}

int generic_file_mmap(struct file *f __unused, struct file_map *m __unused)
{
	return 0;
}

int generic_fallocate(struct file *f __unused, int mode __unused, u64 off __unused,
		      u64 len __unused)
{
	return 0;
}

void cond_resched(void)
{
}

void printk(int level __unused, const char *fmt __unused, ...)
{
}

void panic(const char *fmt, ...)
{
	printf("panic: %s\n", fmt);
	abort();
}

bool dt_initrd(u64 *start, u64 *size)
{
	*start = initrd_start;
	*size = initrd_size;
	return initrd_size != 0;
}

void page_stats(struct page_stats *s)
{
	*s = (struct page_stats){ .total = 1000, .free = 500 };
}

/* --- the disk --- */

static struct block_request *queue[64];
static unsigned queued;
u64 requests, fail_sector;
void (*after_read)(void);
const u8 *disk_data;

static void submit(struct block_device *bd __unused, struct block_request *rq)
{
	if (queued == ARRAY_SIZE(queue) || rq->nr_segs > bd->max_segs)
		abort();
	queue[queued++] = rq;
	requests++;
}

static const struct block_ops disk_ops = { .submit = submit };
/* But for test_tarfs_races.c it can't be written: what changes stays in memory; the store has tests of its own. */
struct block_device disk = { .name = "vda", .max_segs = 6, .ops = &disk_ops, .readonly = true };

struct block_device *block_find(const char *name)
{
	return !strcmp(name, "vda") ? &disk : NULL;
}

int block_read_bytes(struct block_device *bd, u64 off, void *buf, size_t n)
{
	if (off + n > bd->sectors * SECTOR_SIZE)
		abort();
	memcpy(buf, disk_data + off, n);
	return 0;
}

/* --- what only a device that is written needs --- */

int block_rw(struct block_device *bd, enum block_op op, u64 sector, void *buf, size_t n)
{
	if (bd->readonly || op != BLOCK_WRITE ||
	    sector * SECTOR_SIZE + n > bd->sectors * SECTOR_SIZE)
		abort();
	memcpy((u8 *)disk_data + sector * SECTOR_SIZE, buf, n);
	return 0;
}

int block_flush(struct block_device *bd __unused)
{
	return 0;
}

void mutex_init(struct mutex *m __unused)
{
}

void mutex_lock(struct mutex *m __unused)
{
}

void mutex_unlock(struct mutex *m __unused)
{
}

struct page *page_alloc(unsigned order __unused, unsigned flags __unused)
{
	abort();
}

void page_put(struct page *p __unused)
{
	abort();
}

void page_keep(struct page *p __unused)
{
	abort();
}

void page_mark_dirty(struct page *p __unused)
{
	abort();
}

struct page *vmobject_page(struct vmobject *obj __unused, u64 index __unused)
{
	abort();
}

void vmobject_unkeep(struct vmobject *obj __unused)
{
	abort();
}

bool vmobject_dirty(struct vmobject *obj __unused)
{
	return false;
}

int generic_getattr(struct inode *i, struct stat *st)
{
	*st = (struct stat){ .st_ino = i->ino, .st_mode = i->mode };
	return 0;
}

int vmobject_writeback(struct vmobject *obj __unused, u64 from __unused, u64 to __unused)
{
	abort();
}

void vmobject_failed(u32 *where __unused, int err __unused)
{
	abort();
}

int file_writeback(struct file *f __unused, struct vmobject *obj __unused, u64 start __unused,
		   u64 end __unused)
{
	abort();
}

void writeback_start(void)
{
}

void writeback_note(void)
{
}

void inode_dirtied(struct vmobject *obj __unused)
{
}

void inode_unhold(struct inode *i __unused)
{
}

int direct_check(const struct file *f __unused, const struct iter *it __unused, u64 pos __unused)
{
	return 0;
}

void waitq_init(struct waitq *q __unused)
{
}

void wake_up_all(struct waitq *q __unused)
{
}

/* Requests are done when somebody waits, the last one first. */
u8 psi_stall_begin(u8 why __unused)
{
	return 0;
}

void psi_stall_end(u8 before __unused)
{
}

int wait_until(struct waitq *q __unused, bool (*cond)(void *arg), void *arg, int state __unused,
	       u64 deadline __unused)
{
	while (queued) {
		struct block_request *rq = queue[--queued];
		u64 off = rq->sector * SECTOR_SIZE;

		for (unsigned i = 0; i < rq->nr_segs; i++) {
			if (off + rq->segs[i].len > disk.sectors * SECTOR_SIZE)
				abort();
			memcpy(rq->segs[i].addr, disk_data + off, rq->segs[i].len);
			off += rq->segs[i].len;
		}
		if (after_read) {
			void (*other)(void) = after_read;

			after_read = NULL;
			other();
		}
		rq->status = fail_sector && fail_sector >= rq->sector &&
					     fail_sector < off / SECTOR_SIZE ?
				     -EIO :
				     0;
		rq->done(rq);
	}
	if (!cond(arg))
		abort();
	return 0;
}

struct page *page_array;
paddr_t ram_base;
u64 ram_pages, page_origin;

void make_ram(void)
{
	static u8 ram[PAGES * PAGE_SIZE] __aligned(PAGE_SIZE);
	static struct page pages[PAGES];

	page_array = pages;
	ram_base = (u64)ram - DIRECT_BASE;
	ram_pages = PAGES;
	page_origin = (u64)pages - (ram_base >> PAGE_SHIFT) * sizeof(struct page);
}
