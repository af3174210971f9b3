/*
 * Files of /proc/PID that show the memory of the process itself: cmdline,
 * environ, auxv, and mem, through which it is read and written (proc(5)). All
 * of it goes through mm_copy_*: nothing of the other process is trusted but
 * to be bytes.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/auxv.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "proc/yama.h"

/* --- what exec left --------------------------------------------------------------------- */

/* Appends a part of [start, end) of mm, up to the first byte that is not there. */
static void put_memory(struct text *out, struct mm *mm, u64 start, u64 end)
{
	u64 at = text_begin(out);

	while (start + at < end) {
		size_t n = min(end - start - at, PAGE_SIZE), got;
		char *room = text_room(out, n);

		if (!room)
			return;
		got = mm_copy_from(mm, room, start + at, n, true);
		out->len += got;
		at += got;
		if (got < n)
			return;
		if (text_enough(out)) {
			out->next = at;
			return;
		}
	}
}

/* Did the process leave its arguments as exec made them: with a NUL at their end? */
static bool args_end_in_nul(struct mm *mm)
{
	char last;

	return mm->arg_end == mm->arg_start ||
	       mm_copy_from(mm, &last, mm->arg_end - 1, 1, true) != 1 || !last;
}

/*
 * proc(5): a process may write over its arguments; when their last byte is no longer NUL, it has
 * made one long title of arguments and environment, which ends at the first NUL.
 */
int pid_cmdline_show(struct text *out, const struct subject *s)
{
	struct mm *mm = task_mm_get(s->task);
	const char *nul;

	if (!mm)
		return 0;
	if (mm->env_start != mm->arg_end || args_end_in_nul(mm)) {
		put_memory(out, mm, mm->arg_start, mm->arg_end);
	} else {
		put_memory(out, mm, mm->arg_start, mm->env_end);
		nul = out->len ? memchr(out->buf, '\0', out->len) : NULL;
		if (nul) {
			out->len = (size_t)(nul - out->buf) + 1;
			out->next = 0;
		}
	}
	mm_put(mm);
	return 0;
}

int pid_environ_show(struct text *out, const struct subject *s)
{
	if (s->mm)
		put_memory(out, s->mm, s->mm->env_start, s->mm->env_end);
	return 0;
}

int pid_auxv_show(struct text *out, const struct subject *s)
{
	const struct mm *mm = s->mm;
	unsigned n = 0;

	if (!mm)
		return 0;
	while (n + 2 <= mm->auxv_words && mm->auxv[n] != AT_NULL)
		n += 2;
	text_put(out, mm->auxv, n * sizeof(u64));
	text_put(out, (const u64[2]){ AT_NULL, 0 }, 2 * sizeof(u64));
	return 0;
}

/* --- mem ------------------------------------------------------------------------------------ */

struct mm *pid_space(const struct subject *s)
{
	struct mm *mm = ptrace_mm_get(s->task, false);

	if (IS_ERR(mm))
		return ERR_PTR(-EACCES);
	if (mm) {
		mm_hold(mm);
		mm_put(mm);
	}
	return mm;
}

/* The right is checked once; the file then holds the space, not its pages. */
int pid_mm_open(struct inode *i, struct file *f)
{
	struct subject s;
	struct mm *mm;
	int err = tree_subject(i, &s);

	if (err)
		return err;
	mm = f->ops != &pid_mem_fops || yama_may_attach(s.task) ? pid_space(&s) : ERR_PTR(-EACCES);
	subject_put(&s);
	if (IS_ERR(mm))
		return (int)PTR_ERR(mm);
	f->priv = mm;
	tree_file_opened(i, f);
	return 0;
}

void pid_mm_release(struct file *f)
{
	if (f->priv)
		mm_drop(f->priv);
}

/*
 * Through a page of the kernel's, so that neither space is touched with a lock of the other held.
 */
static ssize_t mem_transfer(struct file *f, struct iter *it, u64 *pos, bool write)
{
	struct mm *mm = f->priv;
	ssize_t done = 0, err = 0;
	char *page;

	if (!mm || !it->count || !mm_get_live(mm))
		return 0;
	page = kmalloc(PAGE_SIZE, 0);
	if (!page) {
		mm_put(mm);
		return -ENOMEM;
	}
	while (it->count) {
		size_t n = min(it->count, PAGE_SIZE - (*pos & (PAGE_SIZE - 1))), got;

		if (write) {
			got = iter_copy_from(it, page, n);
			err = got ? 0 : -EFAULT;
			got = got ? ptrace_write_memory(mm, *pos, page, got) : 0;
		} else {
			got = mm_copy_from(mm, page, *pos, n, true);
			if (got) {
				got = iter_copy_to(it, page, got);
				err = got ? 0 : -EFAULT;
			}
		}
		if (!got) {
			err = err ? err : -EIO;
			break;
		}
		done += (ssize_t)got;
		*pos += got;
	}
	kfree(page);
	mm_put(mm);
	return done ? done : err;
}

static ssize_t mem_read(struct file *f, struct iter *it, u64 *pos)
{
	return mem_transfer(f, it, pos, false);
}

static ssize_t mem_write(struct file *f, struct iter *it, u64 *pos)
{
	return mem_transfer(f, it, pos, true);
}

/* Addresses are positions, those that look negative too. */
s64 pid_mem_llseek(struct file *f, s64 off, int whence)
{
	if (whence == SEEK_CUR)
		off += (s64)f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	f->pos = (u64)off;
	return off;
}

const struct file_ops pid_mem_fops = {
	.open = pid_mm_open,
	.read = mem_read,
	.write = mem_write,
	.llseek = pid_mem_llseek,
	.release = pid_mm_release,
};
