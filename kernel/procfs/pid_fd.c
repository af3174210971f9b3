/*
 * The links of a process to files: /proc/PID/fd with its folder of details,
 * exe, cwd and root. Following one leads to the very file, whatever its name is
 * by now: a pipe, a deleted file, one outside this process's root.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/pidns.h"
#include "fs/files.h"
#include "fs/nsfs.h"
#include "lib/printf.h"
#include "mm/vm.h"

static const struct node fd_link, fdinfo_file;

/* --- what paths a task has ----------------------------------------------------------- */

/* t->fs, referenced; NULL after exit. */
static struct fs_ctx *task_fs_get(struct task *t)
{
	struct fs_ctx *fs;

	spin_lock(&t->lock);
	fs = t->fs;
	if (fs)
		fs_ctx_get(fs);
	spin_unlock(&t->lock);
	return fs;
}

static int fs_path(struct task *t, size_t which, struct path *out)
{
	struct fs_ctx *fs = task_fs_get(t);

	if (!fs)
		return -ENOENT;
	spin_lock(&fs->lock);
	*out = *(struct path *)((char *)fs + which);
	path_get(out);
	spin_unlock(&fs->lock);
	fs_ctx_put(fs);
	return 0;
}

int task_root(struct task *t, struct path *out)
{
	return fs_path(t, offsetof(struct fs_ctx, root), out);
}

static int task_cwd(struct task *t, struct path *out)
{
	return fs_path(t, offsetof(struct fs_ctx, cwd), out);
}

int pid_root_follow(const struct subject *s, struct path *out)
{
	return task_root(s->task, out);
}

int pid_cwd_follow(const struct subject *s, struct path *out)
{
	return task_cwd(s->task, out);
}

int pid_exe_follow(const struct subject *s, struct path *out)
{
	struct mm *mm = task_mm_get(s->task);
	int err = -ENOENT;

	if (!mm)
		return err;
	rwsem_read_lock(&mm->sem); /* PR_SET_MM_EXE_FILE */
	if (mm->exe) {
		*out = mm->exe->path;
		path_get(out);
		err = 0;
	}
	rwsem_read_unlock(&mm->sem);
	mm_put(mm);
	return err;
}

int pid_ns_follow(const struct subject *s, struct path *out)
{
	struct ns *n = ns_of_get(s->task, *(const enum ns_type *)s->node->data);

	if (!n)
		return -ENOENT;
	/* Nobody has been born there yet. */
	if (n->type == NS_PID && pid_ns_of(n) && !READ_ONCE(pid_ns_of(n)->init)) {
		ns_put(n);
		return -ENOENT;
	}
	return ns_path(n, out);
}

static int fd_follow(const struct subject *s, struct path *out)
{
	struct file *f = task_fd_get(s->task, (int)s->arg);

	if (!f)
		return -ENOENT;
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

const char *pid_path_link(const struct subject *s, char *buf, size_t n)
{
	struct path place, root;
	bool unreachable;
	char *text;
	int err = s->node->follow(s, &place);

	if (err)
		return ERR_PTR(err);
	fs_ctx_root(&root);
	text = d_path(&place, &root, buf, n, &unreachable);
	path_put(&root);
	path_put(&place);
	return text;
}

/* --- descriptors ----------------------------------------------------------------------- */

/* proc(5): the permissions of a link say how the file is open. */
static u32 link_mode(const struct file *f)
{
	u32 mode = S_IFLNK;

	if (f->mode & FMODE_READ)
		mode |= S_IRUSR | S_IXUSR;
	if (f->mode & FMODE_WRITE)
		mode |= S_IWUSR | S_IXUSR;
	return mode;
}

static int find_fd(const struct subject *s, const char *name, const struct node *node,
		   struct place *to)
{
	s64 fd = name_to_number(name, (u64)S32_MAX);
	struct file *f = fd < 0 ? NULL : task_fd_get(s->task, (int)fd);

	if (!f)
		return -ENOENT;
	to->node = node;
	to->pid = pid_get(s->task->pid);
	to->arg = (u64)fd;
	if (node == &fd_link)
		to->mode = link_mode(f);
	file_put(f);
	return 0;
}

static bool next_fd(const struct subject *s, u64 *key, char *name, const struct node *node,
		    struct place *to)
{
	int fd = *key > (u64)S32_MAX ? -1 : task_fd_next(s->task, (int)*key);

	if (fd < 0)
		return false;
	*key = (u64)fd;
	snprintf(name, NAME_DYNAMIC_MAX, "%d", fd);
	to->node = node;
	to->pid = pid_get(s->task->pid);
	to->arg = (u64)fd;
	return true;
}

int pid_fd_lookup(const struct subject *s, const char *name, struct place *to)
{
	return find_fd(s, name, &fd_link, to);
}

bool pid_fd_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	return next_fd(s, key, name, &fd_link, to);
}

u32 pid_fd_count(const struct subject *s)
{
	return task_fd_count(s->task);
}

int pid_fdinfo_lookup(const struct subject *s, const char *name, struct place *to)
{
	return find_fd(s, name, &fdinfo_file, to);
}

bool pid_fdinfo_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	return next_fd(s, key, name, &fdinfo_file, to);
}

static bool is_cloexec(struct task *t, int fd)
{
	struct files *files;
	bool yes;

	spin_lock(&t->lock);
	files = t->files;
	if (files)
		files_get(files);
	spin_unlock(&t->lock);
	if (!files)
		return false;
	spin_lock(&files->lock);
	yes = (unsigned)fd < files->table->max && (files->table->cloexec[fd / 64] >> (fd % 64) & 1);
	spin_unlock(&files->lock);
	files_put(files);
	return yes;
}

#define FDINFO_MAX (1UL << 20)

/* What f's kind adds, in as much room as it takes. */
static void show_more(struct text *out, struct file *f)
{
	for (size_t room = PAGE_SIZE; room <= FDINFO_MAX; room *= 4) {
		char *to = text_room(out, room);
		int n = to ? f->ops->show_fdinfo(f, to, room) : 0;

		if (n < (int)room - 1 || room == FDINFO_MAX) {
			out->len += (size_t)max(n, 0);
			return;
		}
	}
}

static int fdinfo_show(struct text *out, const struct subject *s)
{
	struct file *f = task_fd_get(s->task, (int)s->arg);
	u32 flags;

	if (!f)
		return -ENOENT;
	flags = READ_ONCE(f->flags) | (is_cloexec(s->task, (int)s->arg) ? O_CLOEXEC : 0);
	text_printf(out, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n", READ_ONCE(f->pos),
		    flags, mount_id(f->path.mnt), f->inode->ino);
	file_locks_show(out, f, READ_ONCE(s->task->files)); /* compared, not looked into */
	if (f->ops->show_fdinfo)
		show_more(out, f);
	file_put(f);
	return 0;
}

static const struct node fd_link = {
	.name = "FD",
	.mode = S_IFLNK | 0700,
	.flags = NODE_NOMOUNT,
	.may = pid_may,
	.link = pid_path_link,
	.follow = fd_follow,
};

static const struct node fdinfo_file = {
	.name = "FD",
	.mode = S_IFREG | 0444,
	.flags = NODE_NOMOUNT,
	.may = pid_may,
	.show = fdinfo_show,
};
