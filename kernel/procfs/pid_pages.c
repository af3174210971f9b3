/*
 * Files of /proc/PID about its pages one by one: pagemap, clear_refs, numa_maps, and the folder
 * map_files with a link for each area that shows a file. proc(5). Areas are looked at with mm->sem
 * held for reading.
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>
#include <uapi/mempolicy.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/sched.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "mm/iter.h"
#include "mm/vm.h"

/* --- pagemap ------------------------------------------------------------------------------ */

#define WORDS 64

static ssize_t pagemap_read(struct file *f, struct iter *it, u64 *pos)
{
	u64 hide = PM_HUGE | (capable(CAP_SYS_ADMIN) ? 0 : PM_FRAME);
	struct mm *mm = f->priv;
	u64 word[WORDS], page = *pos / sizeof(u64);
	ssize_t done = 0, err = 0;

	if (!mm || !mm_get_live(mm))
		return 0;
	if (*pos % sizeof(u64) || it->count % sizeof(u64))
		err = -EINVAL;
	while (!err && it->count && page < USER_TOP >> PAGE_SHIFT) {
		unsigned n = (unsigned)min(min(it->count / sizeof(u64), (u64)WORDS),
					   (USER_TOP >> PAGE_SHIFT) - page);

		if (rwsem_read_lock_killable(&mm->sem)) {
			err = -EINTR;
			break;
		}
		vm_pagemap(mm, page << PAGE_SHIFT, word, n, hide);
		rwsem_read_unlock(&mm->sem);
		if (iter_copy_to(it, word, n * sizeof(u64)) < n * sizeof(u64)) {
			err = -EFAULT;
			break;
		}
		page += n;
		done += (ssize_t)(n * sizeof(u64));
		cond_resched();
	}
	mm_put(mm);
	*pos += (u64)done;
	return done ? done : err;
}

const struct file_ops pid_pagemap_fops = {
	.open = pid_mm_open,
	.read = pagemap_read,
	.ioctl = pid_pagemap_ioctl,
	.llseek = pid_mem_llseek,
	.release = pid_mm_release,
};

/* --- clear_refs ----------------------------------------------------------------------------- */

enum { CLEAR_ALL = 1, CLEAR_ANON, CLEAR_MAPPED, CLEAR_SOFT_DIRTY, CLEAR_HIWATER };

#define CLEAR_MAX 12 /* bytes of what is written that are read */

int pid_clear_refs_store(const struct subject *s, char *text, size_t n)
{
	int taken = (int)min(n, (size_t)CLEAR_MAX);
	int err;
	struct mm *mm;
	s64 what;

	err = text_number(text, CLEAR_MAX, 10, &what);
	if (err || what < S32_MIN || what > S32_MAX)
		return err ? err : -ERANGE;
	if (what < CLEAR_ALL || what > CLEAR_HIWATER)
		return -EINVAL;
	mm = task_mm_get(s->task);
	if (!mm)
		return taken;
	rwsem_write_lock(&mm->sem);
	if (what == CLEAR_HIWATER)
		mm->rss_max = mm_rss(mm);
	for (struct area *a = area_first(mm); a && what <= CLEAR_MAPPED; a = area_next(a))
		if (what == CLEAR_ALL || (what == CLEAR_ANON) == (!a->obj && !a->ops))
			area_forget_use(a);
	rwsem_write_unlock(&mm->sem);
	mm_put(mm);
	return taken;
}

/* --- map_files -------------------------------------------------------------------------------- */

/* The area of a file that begins at `start`, or (next) the first from there on; sem held. */
static struct area *file_area(struct mm *mm, u64 start, bool next)
{
	struct area *a = area_find(mm, start);

	while (next && a && (!area_of_file(a) || a->start < start))
		a = area_next(a);
	return a && a->start >= start && (next || a->start == start) && area_of_file(a) ? a : NULL;
}

static struct file *map_files_file(const struct subject *s)
{
	struct mm *mm = task_mm_get(s->task);
	struct file *f = NULL;
	struct area *a;

	if (!mm)
		return NULL;
	rwsem_read_lock(&mm->sem);
	a = file_area(mm, s->arg, false);
	if (a) {
		f = a->owner;
		file_get(f);
	}
	rwsem_read_unlock(&mm->sem);
	mm_put(mm);
	return f;
}

static int map_files_follow(const struct subject *s, struct path *out)
{
	struct file *f = map_files_file(s);

	if (!f)
		return -ENOENT;
	*out = f->path;
	path_get(out);
	file_put(f);
	return 0;
}

static const struct node map_files_link = {
	.name = "AREA",
	.flags = NODE_NOMOUNT,
	.mode = S_IFLNK | 0500,
	.may = pid_may,
	.link = pid_path_link,
	.follow = map_files_follow,
};

static void describe(const struct subject *s, const struct area *a, struct place *to)
{
	to->node = &map_files_link;
	to->pid = pid_get(s->thread ? s->task->pid : s->task->proc->pid);
	to->thread = s->thread;
	to->arg = a->start;
	to->mode = S_IFLNK | 0400 | (a->flags & VM_WRITE && a->flags & VM_SHARED ? 0200 : 0);
}

int pid_map_files_lookup(const struct subject *s, const char *name, struct place *to)
{
	char have[NAME_DYNAMIC_MAX];
	struct mm *mm;
	struct area *a = NULL;
	u64 start = 0;

	for (const char *c = name; *c && *c != '-'; c++) {
		if (!(*c >= '0' && *c <= '9') && !(*c >= 'a' && *c <= 'f'))
			return -ENOENT;
		start = start << 4 | (u64)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
	}
	if (!pid_may(s))
		return -EACCES;
	mm = task_mm_get(s->task);
	if (!mm)
		return -ENOENT;
	rwsem_read_lock(&mm->sem);
	a = file_area(mm, start, false);
	if (a) {
		snprintf(have, sizeof(have), "%lx-%lx", a->start, a->end);
		if (str_equal(have, name))
			describe(s, a, to);
		else
			a = NULL;
	}
	rwsem_read_unlock(&mm->sem);
	mm_put(mm);
	return a ? 0 : -ENOENT;
}

bool pid_map_files_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	struct mm *mm = pid_may(s) ? task_mm_get(s->task) : NULL;
	struct area *a;

	if (!mm)
		return false;
	rwsem_read_lock(&mm->sem);
	a = file_area(mm, *key, true);
	if (a) {
		*key = a->start;
		snprintf(name, NAME_DYNAMIC_MAX, "%lx-%lx", a->start, a->end);
		describe(s, a, to);
	}
	rwsem_read_unlock(&mm->sem);
	mm_put(mm);
	return a;
}

/* --- numa_maps -------------------------------------------------------------------------------- */

static void put_policy(struct text *out, u16 policy)
{
	static const char *const names[POLICIES] = { "default",
						     "prefer",
						     "bind",
						     "interleave",
						     "local",
						     "prefer (many)",
						     "weighted interleave" };
	unsigned mode = policy & ~(unsigned)MPOL_MODE_FLAGS;

	text_puts(out, names[mode]);
	if (policy & MPOL_F_STATIC_NODES)
		text_puts(out, "=static");
	else if (policy & MPOL_F_RELATIVE_NODES)
		text_puts(out, "=relative");
	if (mode != MPOL_DEFAULT && mode != MPOL_LOCAL)
		text_puts(out, ":0");
}

static void put_area(struct text *out, struct area *a, u16 policy, char *buf)
{
	struct area_usage u;
	u64 pages, anon, dirty;

	text_printf(out, "%08lx ", a->start);
	put_policy(out, a->policy ? a->policy : policy);
	if (area_of_file(a)) {
		text_puts(out, " file=");
		if (a->ops->name(a, buf, PATH_MAX) == 0)
			text_escape(out, buf, " \t\n");
	} else if (a->flags & (VM_HEAP | VM_STACK)) {
		text_puts(out, a->flags & VM_HEAP ? " heap" : " stack");
	}
	area_usage(a, &u);
	pages = u.rss >> PAGE_SHIFT;
	anon = u.anon >> PAGE_SHIFT;
	dirty = (u.private_dirty + u.shared_dirty) >> PAGE_SHIFT;
	if (pages && !(a->flags & VM_SPECIAL)) {
		if (anon)
			text_printf(out, " anon=%lu", anon);
		if (dirty)
			text_printf(out, " dirty=%lu", dirty);
		if (pages != anon && pages != dirty)
			text_printf(out, " mapped=%lu", pages);
		text_printf(out, " N0=%lu kernelpagesize_kB=4", pages);
	}
	text_puts(out, "\n");
}

int pid_numa_maps_show(struct text *out, const struct subject *s)
{
	struct mm *mm = s->mm;
	char *buf;

	if (!mm)
		return 0;
	buf = kmalloc(PATH_MAX, 0);
	if (!buf)
		return -ENOMEM;
	rwsem_read_lock(&mm->sem);
	for (struct area *a = area_find(mm, text_begin(out)); a; a = area_next(a)) {
		if (text_enough(out)) {
			out->next = a->start;
			break;
		}
		put_area(out, a, s->task->mempolicy, buf);
	}
	rwsem_read_unlock(&mm->sem);
	kfree(buf);
	return 0;
}
