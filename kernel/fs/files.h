/*
 * Descriptor tables and the fs context (root, cwd, umask) of tasks.
 * Readers look a descriptor up under RCU and take a reference; writers hold files->lock.
 */
#ifndef FS_FILES_H
#define FS_FILES_H

#include "fs/fs.h"
#include "core/task.h"

extern int files_nr_open; /* fs.nr_open, proc(5): the most that RLIMIT_NOFILE may be */

struct fdtable { /* replaced as a whole when it grows; RCU */
	unsigned max;
	struct file **fd;
	u64 *open; /* bitmaps of max bits */
	u64 *cloexec;
	struct rcu_head rcu;
};

struct files {
	atomic_t refs;
	spinlock_t lock; /* RANK_FILES */
	struct fdtable *table; /* [lock] written; RCU read */
	unsigned next; /* [lock] lowest maybe-free descriptor */
};

struct fs_ctx {
	atomic_t refs;
	spinlock_t lock; /* RANK_FS */
	struct path root, cwd; /* [lock] referenced */
	u32 umask; /* [lock] */
};

struct file *fd_get(int fd); /* referenced, O_PATH files refused; NULL: -EBADF */
struct file *fd_get_raw(int fd); /* O_PATH allowed */
/*
 * Borrows without touching the count when files is not shared (single-threaded): pair with fd_drop.
 */
struct fdref {
	struct file *file;
	bool owned;
};
static inline struct fdref fd_borrow(int fd)
{
	const struct files *f = current->files;
	struct file *file = NULL;

	if (unlikely(atomic_read(&f->refs) != 1))
		return (struct fdref){ fd_get(fd), true };
	if (likely((unsigned)fd < f->table->max)) /* nobody else can close it while the call runs */
		file = f->table->fd[fd];
	if (file && unlikely(file->mode & FMODE_PATH))
		file = NULL;
	return (struct fdref){ file, false };
}
static inline void fd_drop(struct fdref r)
{
	if (r.owned)
		file_put(r.file);
}

int fd_reserve(unsigned from, u32 flags); /* lowest free >= from; O_CLOEXEC; -EMFILE, -ENOMEM */
void fd_install(int fd, struct file *f); /* takes over the reference */
void fd_unreserve(int fd);
int fd_open_file(struct file *f, u32 flags); /* reserve + install; on failure f is put */
int fd_close(int fd); /* 0, -EBADF, or flush's error */
int fd_dup2(int old, int new, u32 flags); /* dup3(2); old == new is the caller's */
int fd_replace(struct file *f, int new, u32 flags); /* the same for a file; takes a reference */
int fd_get_cloexec(int fd); /* 0, 1 or -EBADF */
int fd_set_cloexec(int fd, bool on); /* 0 or -EBADF */
struct file *task_fd_get(struct task *t, int fd); /* of another task; procfs, pidfd_getfd */
int task_fd_next(struct task *t, int fd); /* lowest open descriptor >= fd of t, or -1 */
u32 task_fd_count(struct task *t); /* how many are open; 0 after exit */

struct files *files_create(void);
struct files *files_clone(struct files *old); /* fork without CLONE_FILES; ERR_PTR */
void files_get(struct files *f);
void files_put(struct files *f); /* closes all at the last reference */
int files_unshare(void); /* current gets its own (exec, unshare) */
void files_close_on_exec(void);
int files_close_range(unsigned first, unsigned last, unsigned flags);

struct fs_ctx *fs_ctx_create(const struct path *root);
struct fs_ctx *fs_ctx_clone(struct fs_ctx *old);
void fs_ctx_get(struct fs_ctx *f);
void fs_ctx_put(struct fs_ctx *f);
void fs_ctx_root(struct path *out); /* current's, referenced */
void fs_ctx_cwd(struct path *out);
/* pivot_root(2): all who are at `from` are at `to` then. Counts moves; odd while one is made. */
void fs_ctx_move_all(const struct path *from, const struct path *to);
extern u32 fs_ctx_moves;
void fs_ctx_set(struct path *which,
		const struct path *p); /* &current->fs->cwd or ->root; takes over p */
#endif
