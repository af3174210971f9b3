/*
 * Descriptor tables and fs contexts. A reader finds a file under RCU and takes
 * a reference only if the count is not zero already; a table that grew is freed
 * after a grace period.
 */
#include "fs/files.h"

#include <bitops.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "fs/internal.h"
#include "fs/notify.h"
#include "lib/bitmap.h"
#include "lib/string.h"

#define MIN_FDS 64

int files_nr_open = 1024 * 1024;

static struct fdtable *table_alloc(unsigned max)
{
	struct fdtable *t = kzalloc(sizeof(*t), 0);

	if (!t)
		return NULL;
	t->max = max;
	t->fd = kcalloc(max, sizeof(struct file *));
	t->open = kcalloc(max / 64 * 2, sizeof(u64));
	if (!t->fd || !t->open) {
		kfree(t->fd);
		kfree(t->open);
		kfree(t);
		return NULL;
	}
	t->cloexec = t->open + max / 64;
	return t;
}

static void table_free(struct fdtable *t)
{
	kfree(t->fd);
	kfree(t->open);
	kfree(t);
}

static void table_free_rcu(struct rcu_head *h)
{
	table_free(container_of(h, struct fdtable, rcu));
}

static void table_copy(struct fdtable *to, const struct fdtable *from, unsigned n)
{
	memcpy(to->fd, from->fd, n * sizeof(from->fd[0]));
	memcpy(to->open, from->open, n / 8);
	memcpy(to->cloexec, from->cloexec, n / 8);
}

struct files *files_create(void)
{
	struct files *f = kzalloc(sizeof(*f), 0);

	if (!f)
		return NULL;
	f->table = table_alloc(MIN_FDS);
	if (!f->table) {
		kfree(f);
		return NULL;
	}
	atomic_set(&f->refs, 1);
	spin_init(&f->lock, RANK_FILES, "files");
	return f;
}

/* The number of table slots that reach past the highest open descriptor. */
static unsigned used_slots(const struct fdtable *t)
{
	unsigned n = t->max / 64;

	while (n > MIN_FDS / 64 && !t->open[n - 1])
		n--;
	return n * 64;
}

struct files *files_clone(struct files *old)
{
	struct files *f = files_create();
	unsigned n;

	if (!f)
		return ERR_PTR(-ENOMEM);
	spin_lock(&old->lock);
	while ((n = used_slots(old->table)) > f->table->max) {
		struct fdtable *bigger;

		spin_unlock(&old->lock);
		/* fs.nr_open fell below what is open. */
		if (n > 64 && n > ALIGN_UP((unsigned)READ_ONCE(files_nr_open), 64U)) {
			files_put(f);
			return ERR_PTR(-EMFILE);
		}
		bigger = table_alloc(n);
		if (!bigger) {
			files_put(f);
			return ERR_PTR(-ENOMEM);
		}
		table_free(f->table);
		f->table = bigger;
		spin_lock(&old->lock);
	}
	table_copy(f->table, old->table, n);
	f->next = old->next;
	for (unsigned i = 0; i < n; i++) {
		if (f->table->fd[i])
			file_get(f->table->fd[i]);
		else /* reserved by another thread in the middle of open */
			f->table->open[i / 64] &= ~(1UL << (i % 64));
	}
	spin_unlock(&old->lock);
	for (unsigned i = 0; i < n; i++) {
		if (!f->table->fd[i] && i < f->next)
			f->next = i;
	}
	return f;
}

void files_get(struct files *f)
{
	atomic_inc(&f->refs);
}

void files_put(struct files *f)
{
	struct fdtable *t;

	if (!atomic_dec_and_test(&f->refs))
		return;
	t = f->table;
	for (unsigned i = 0; i < t->max; i++) {
		struct file *file = t->fd[i];

		if (!file)
			continue;
		t->fd[i] = NULL;
		lock_release_owner(file, f);
		dnotify_close(file, f);
		if (file->ops->flush)
			file->ops->flush(file);
		file_put(file);
	}
	call_rcu(&t->rcu, table_free_rcu);
	kfree(f);
}

int files_unshare(void)
{
	struct files *f = current->files, *own;

	if (atomic_read(&f->refs) == 1)
		return 0;
	own = files_clone(f);
	if (IS_ERR(own))
		return (int)PTR_ERR(own);
	spin_lock(&current->lock);
	current->files = own;
	spin_unlock(&current->lock);
	files_put(f);
	return 0;
}

/* Grows the table to hold descriptor fd. files->lock held, dropped and taken again. */
static int grow(struct files *f, unsigned fd)
{
	unsigned max = MIN_FDS;
	struct fdtable *t, *old;

	if (fd >= (unsigned)READ_ONCE(files_nr_open))
		return -EMFILE;
	while (max <= fd)
		max *= 2;
	spin_unlock(&f->lock);
	t = table_alloc(max);
	spin_lock(&f->lock);
	if (!t)
		return -ENOMEM;
	old = f->table;
	if (old->max >= max) {
		table_free(t);
		return 0;
	}
	table_copy(t, old, old->max);
	__atomic_store_n(&f->table, t, __ATOMIC_RELEASE);
	call_rcu(&old->rcu, table_free_rcu);
	return 0;
}

int fd_reserve(unsigned from, u32 flags)
{
	struct files *f = current->files;
	u64 limit = rlimit_get(RLIMIT_NOFILE);
	struct fdtable *t;
	unsigned fd;
	int err;

	spin_lock(&f->lock);
	for (;;) {
		t = f->table;
		fd = max(from, f->next);
		fd = fd < t->max ? (unsigned)find_next_zero_bit(t->open, t->max, fd) : fd;
		if (fd >= limit) {
			spin_unlock(&f->lock);
			return from >= limit ? -EINVAL : -EMFILE;
		}
		if (fd < t->max)
			break;
		err = grow(f, fd);
		if (err) {
			spin_unlock(&f->lock);
			return err;
		}
	}
	t->open[fd / 64] |= 1UL << (fd % 64);
	if (flags & O_CLOEXEC)
		t->cloexec[fd / 64] |= 1UL << (fd % 64);
	else
		t->cloexec[fd / 64] &= ~(1UL << (fd % 64));
	if (from <= f->next)
		f->next = fd + 1;
	spin_unlock(&f->lock);
	return (int)fd;
}

void fd_install(int fd, struct file *file)
{
	struct files *f = current->files;

	spin_lock(&f->lock);
	__atomic_store_n(&f->table->fd[fd], file, __ATOMIC_RELEASE);
	spin_unlock(&f->lock);
}

/* files->lock held. */
static void clear_fd(struct files *f, unsigned fd)
{
	f->table->open[fd / 64] &= ~(1UL << (fd % 64));
	f->table->cloexec[fd / 64] &= ~(1UL << (fd % 64));
	if (fd < f->next)
		f->next = fd;
}

void fd_unreserve(int fd)
{
	struct files *f = current->files;

	spin_lock(&f->lock);
	clear_fd(f, (unsigned)fd);
	spin_unlock(&f->lock);
}

int fd_open_file(struct file *file, u32 flags)
{
	int fd = fd_reserve(0, flags);

	if (fd < 0)
		file_put(file);
	else
		fd_install(fd, file);
	return fd;
}

static struct file *lookup(struct files *f, unsigned fd)
{
	struct fdtable *t = __atomic_load_n(&f->table, __ATOMIC_ACQUIRE);

	return fd < t->max ? __atomic_load_n(&t->fd[fd], __ATOMIC_ACQUIRE) : NULL;
}

/* A reference to descriptor fd of f; RCU keeps the file's memory while the count is tried. */
static struct file *lookup_get(struct files *f, unsigned fd)
{
	struct file *file;

	do {
		file = lookup(f, fd);
		if (!file)
			return NULL;
	} while (!atomic_inc_not_zero(&file->refs));
	if (likely(lookup(f, fd) == file))
		return file;
	file_put(file); /* closed, and perhaps reused, in between */
	return lookup_get(f, fd);
}

struct file *fd_get_raw(int fd)
{
	return fd < 0 ? NULL : lookup_get(current->files, (unsigned)fd);
}

struct file *fd_get(int fd)
{
	struct file *f = fd_get_raw(fd);

	if (f && (f->mode & FMODE_PATH)) {
		file_put(f);
		return NULL;
	}
	return f;
}

/*
 * Another task's table, locked, or NULL: t->lock keeps t from giving it up, so that a visitor
 * takes no reference, which would make the owner believe the table is shared.
 */
static struct files *visit(struct task *t)
{
	struct files *f;

	spin_lock(&t->lock);
	f = t->files;
	if (f)
		spin_lock_nested(&f->lock);
	else
		spin_unlock(&t->lock);
	return f;
}

static void leave(struct task *t, struct files *f)
{
	spin_unlock(&f->lock);
	spin_unlock(&t->lock);
}

struct file *task_fd_get(struct task *t, int fd)
{
	struct file *file = NULL;
	struct files *f = visit(t);

	if (!f)
		return NULL;
	if (fd >= 0)
		file = lookup(f, (unsigned)fd);
	if (file)
		file_get(file);
	leave(t, f);
	return file;
}

int task_fd_next(struct task *t, int fd)
{
	struct files *f = visit(t);
	int found = -1;

	if (!f)
		return -1;
	for (unsigned i = (unsigned)fd; i < f->table->max; i++) {
		if (f->table->fd[i]) {
			found = (int)i;
			break;
		}
	}
	leave(t, f);
	return found;
}

u32 task_fd_count(struct task *t)
{
	struct files *f = visit(t);
	u32 n = 0;

	if (!f)
		return 0;
	for (unsigned i = 0; i < f->table->max; i++)
		n += f->table->fd[i] != NULL;
	leave(t, f);
	return n;
}

/* What close(2) owes to a file taken off the table. */
static int finish_close(struct file *file)
{
	int err = 0;

	lock_release_owner(file, current->files);
	dnotify_close(file, current->files);
	if (file->ops->flush)
		err = file->ops->flush(file);
	file_put(file);
	return err;
}

int fd_close(int fd)
{
	struct files *f = current->files;
	struct file *file;

	spin_lock(&f->lock);
	file = fd < 0 ? NULL : lookup(f, (unsigned)fd);
	if (file) {
		__atomic_store_n(&f->table->fd[fd], NULL, __ATOMIC_RELEASE);
		clear_fd(f, (unsigned)fd);
	}
	spin_unlock(&f->lock);
	return file ? finish_close(file) : -EBADF;
}

int fd_replace(struct file *file, int new, u32 flags)
{
	struct files *f = current->files;
	struct file *was;
	u64 limit = rlimit_get(RLIMIT_NOFILE);
	int err = 0;

	if (new < 0 || (u64) new >= limit)
		return -EBADF;
	file_get(file);
	spin_lock(&f->lock);
	while ((unsigned)new >= f->table->max && !err)
		err = grow(f, (unsigned)new);
	if (err) {
		spin_unlock(&f->lock);
		file_put(file);
		return err == -EMFILE ? -EBADF : err;
	}
	was = f->table->fd[new];
	if (!was && (f->table->open[new / 64] >> (new % 64) & 1)) {
		spin_unlock(&f->lock); /* another thread is opening it: dup2(2), EBUSY */
		file_put(file);
		return -EBUSY;
	}
	f->table->open[new / 64] |= 1UL << (new % 64);
	if (flags & O_CLOEXEC)
		f->table->cloexec[new / 64] |= 1UL << (new % 64);
	else
		f->table->cloexec[new / 64] &= ~(1UL << (new % 64));
	__atomic_store_n(&f->table->fd[new], file, __ATOMIC_RELEASE);
	spin_unlock(&f->lock);
	if (was)
		finish_close(was);
	return new;
}

int fd_dup2(int old, int new, u32 flags)
{
	struct file *file;
	int ret;

	if (new < 0 || (u64) new >= rlimit_get(RLIMIT_NOFILE))
		return -EBADF;
	file = fd_get_raw(old);
	if (!file)
		return -EBADF;
	ret = fd_replace(file, new, flags);
	file_put(file);
	return ret;
}

int fd_get_cloexec(int fd)
{
	struct files *f = current->files;
	int ret = -EBADF;

	spin_lock(&f->lock);
	if (fd >= 0 && lookup(f, (unsigned)fd))
		ret = f->table->cloexec[fd / 64] >> (fd % 64) & 1;
	spin_unlock(&f->lock);
	return ret;
}

int fd_set_cloexec(int fd, bool on)
{
	struct files *f = current->files;
	int ret = -EBADF;

	spin_lock(&f->lock);
	if (fd >= 0 && lookup(f, (unsigned)fd)) {
		if (on)
			f->table->cloexec[fd / 64] |= 1UL << (fd % 64);
		else
			f->table->cloexec[fd / 64] &= ~(1UL << (fd % 64));
		ret = 0;
	}
	spin_unlock(&f->lock);
	return ret;
}

void files_close_on_exec(void)
{
	struct files *f = current->files;

	for (unsigned i = 0; i < f->table->max; i += 64) {
		u64 bits;

		spin_lock(&f->lock);
		bits = f->table->cloexec[i / 64] & f->table->open[i / 64];
		spin_unlock(&f->lock);
		while (bits) {
			fd_close((int)(i + ctz64(bits)));
			bits &= bits - 1;
		}
	}
}

int files_close_range(unsigned first, unsigned last, unsigned flags)
{
	struct files *f;
	int err;

	if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		err = files_unshare();
		if (err)
			return err;
	}
	f = current->files;
	for (unsigned i = first; i <= last && i < READ_ONCE(f->table)->max; i++) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			fd_set_cloexec((int)i, true);
		else if (lookup(f, i))
			fd_close((int)i);
	}
	return 0;
}

/* --- fs contexts --- */

struct fs_ctx *fs_ctx_create(const struct path *root)
{
	struct fs_ctx *f = kzalloc(sizeof(*f), 0);

	if (!f)
		return NULL;
	atomic_set(&f->refs, 1);
	spin_init(&f->lock, RANK_FS, "fs context");
	f->root = *root;
	f->cwd = *root;
	path_get(root);
	path_get(root);
	f->umask = 022;
	return f;
}

struct fs_ctx *fs_ctx_clone(struct fs_ctx *old)
{
	struct fs_ctx *f = kzalloc(sizeof(*f), 0);

	if (!f)
		return ERR_PTR(-ENOMEM);
	atomic_set(&f->refs, 1);
	spin_init(&f->lock, RANK_FS, "fs context");
	spin_lock(&old->lock);
	f->root = old->root;
	f->cwd = old->cwd;
	f->umask = old->umask;
	path_get(&f->root);
	path_get(&f->cwd);
	spin_unlock(&old->lock);
	return f;
}

void fs_ctx_get(struct fs_ctx *f)
{
	atomic_inc(&f->refs);
}

void fs_ctx_put(struct fs_ctx *f)
{
	if (!atomic_dec_and_test(&f->refs))
		return;
	path_put(&f->root);
	path_put(&f->cwd);
	kfree(f);
}

void fs_ctx_root(struct path *out)
{
	struct fs_ctx *f = current->fs;

	spin_lock(&f->lock);
	*out = f->root;
	path_get(out);
	spin_unlock(&f->lock);
}

void fs_ctx_cwd(struct path *out)
{
	struct fs_ctx *f = current->fs;

	spin_lock(&f->lock);
	*out = f->cwd;
	path_get(out);
	spin_unlock(&f->lock);
}

/* Replaces root or cwd, taking over the reference on p. */
void fs_ctx_set(struct path *which, const struct path *p)
{
	struct fs_ctx *f = current->fs;
	struct path old;

	spin_lock(&f->lock);
	old = *which;
	*which = *p;
	spin_unlock(&f->lock);
	path_put(&old);
}

u32 fs_ctx_moves; /* [mount_mutex] */

static unsigned move(struct path *which, const struct path *from, const struct path *to)
{
	if (which->mnt != from->mnt || which->dentry != from->dentry)
		return 0;
	path_get(to);
	*which = *to;
	return 1;
}

void fs_ctx_move_all(const struct path *from, const struct path *to)
{
	struct task *t;
	unsigned n = 0;

	__atomic_store_n(&fs_ctx_moves, fs_ctx_moves + 1, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	list_for_each_entry_rcu(t, &all_tasks, all_link) {
		spin_lock(&t->lock);
		if (t->fs) {
			spin_lock(&t->fs->lock);
			n += move(&t->fs->root, from, to) + move(&t->fs->cwd, from, to);
			spin_unlock(&t->fs->lock);
		}
		spin_unlock(&t->lock);
	}
	__atomic_store_n(&fs_ctx_moves, fs_ctx_moves + 1, __ATOMIC_RELEASE);
	while (n--) /* never the last ones: the caller has his own */
		path_put(&(struct path){ from->mnt, from->dentry });
}
