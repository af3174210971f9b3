/*
 * /proc/PID/maps, smaps and smaps_rollup: proc(5). The areas are walked with
 * mm->sem held for reading; no user memory is touched meanwhile.
 */
#include "procfs/procfs.h"

#include <uapi/errno.h>
#include <uapi/ioctl.h>
#include <uapi/limits.h>

#include "alloc/slab.h"
#include "ipc/shm.h"
#include "lib/printf.h"
#include "mm/usercopy.h"
#include "mm/vm.h"

#define NAME_COLUMN 73 /* where the name of an area begins */
#define ZERO_MINOR  1 /* the device that shared anonymous memory seems to be on */

struct maps {
	struct text *out;
	struct mm *mm;
	char *buf; /* PATH_MAX */
};

/* The area to go on with, when the one after the last shown began at `next`. */
static struct area *maps_first(struct maps *m)
{
	return area_find(m->mm, text_begin(m->out));
}

static struct area *maps_next(struct maps *m, struct area *a)
{
	a = area_next(a);
	if (!a || !text_enough(m->out))
		return a;
	m->out->next = a->start;
	return NULL;
}

/* 0, -EACCES to a zombie or kernel thread: nothing to show. */
static int maps_begin(struct maps *m, struct text *out, const struct subject *s)
{
	m->out = out;
	m->mm = s->mm;
	if (!m->mm)
		return -ESRCH;
	m->buf = kmalloc(PATH_MAX, 0);
	if (!m->buf)
		return -ENOMEM;
	rwsem_read_lock(&m->mm->sem);
	return 0;
}

static void maps_end(struct maps *m)
{
	rwsem_read_unlock(&m->mm->sem);
	kfree(m->buf);
}

static bool is_file(const struct area *a)
{
	return area_of_file(a);
}

static const char *area_text(struct maps *m, struct area *a)
{
	if (a->label)
		return a->label;
	if (a->name) {
		snprintf(m->buf, PATH_MAX, a->flags & VM_SHARED ? "[anon_shmem:%s]" : "[anon:%s]",
			 a->name->text);
		return m->buf;
	}
	if (a->ops)
		return a->ops->name && a->ops->name(a, m->buf, PATH_MAX) == 0 ? m->buf : NULL;
	if (a->obj)
		return "/dev/zero (deleted)";
	if (a->flags & VM_HEAP)
		return "[heap]";
	return a->flags & VM_STACK ? "[stack]" : NULL;
}

/* The file behind an area, or what stands for one. */
static void source_of(struct area *a, u64 *dev, u64 *ino)
{
	*dev = *ino = 0;
	if (is_file(a)) {
		const struct inode *i = ((struct file *)a->owner)->inode;

		*dev = i->sb->dev;
		*ino = i->ino;
	} else if (area_shm_id(a) >= 0) {
		*dev = MKDEV(0, ZERO_MINOR);
		*ino = (u64)area_shm_id(a);
	} else if (a->obj && !a->ops) {
		*dev = MKDEV(0, ZERO_MINOR);
		*ino = (u64)a->obj >> 6 & 0xffffffff;
	}
}

static void header(struct maps *m, u64 start, u64 end, struct area *a, const char *name)
{
	size_t line = m->out->len;
	u64 dev = 0, ino = 0, off = 0;

	if (a)
		source_of(a, &dev, &ino);
	if (a && (a->obj || is_file(a)))
		off = a->pgoff << PAGE_SHIFT;
	text_printf(m->out, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", start, end,
		    a && (a->flags & VM_READ) ? 'r' : '-', a && (a->flags & VM_WRITE) ? 'w' : '-',
		    a && (a->flags & VM_EXEC) ? 'x' : '-',
		    !a			 ? 'p' :
		    a->flags & VM_SHARED ? 's' :
					   'p',
		    off, DEV_MAJOR(dev), DEV_MINOR(dev), ino);
	if (name) {
		text_pad(m->out, line, NAME_COLUMN);
		for (const char *c = name; *c; c++) {
			if (*c == '\n')
				text_puts(m->out, "\\012");
			else
				text_put(m->out, c, 1);
		}
	}
	text_puts(m->out, "\n");
}

int pid_maps_show(struct text *out, const struct subject *s)
{
	struct maps m;
	int err = maps_begin(&m, out, s);

	if (err)
		return err == -ESRCH ? 0 : err;
	for (struct area *a = maps_first(&m); a; a = maps_next(&m, a))
		header(&m, a->start, a->end, a, area_text(&m, a));
	maps_end(&m);
	return 0;
}

/* --- PROCMAP_QUERY of linux/fs.h: one area as numbers ------------------------------- */

#define QUERY_PERMISSIONS 0x0fUL /* PROCMAP_QUERY_VMA_* */
#define QUERY_FLAGS	  0x3fUL

static u64 query_flags(const struct area *a)
{
	return (a->flags & VM_READ ? PROCMAP_QUERY_VMA_READABLE : 0) |
	       (a->flags & VM_WRITE ? PROCMAP_QUERY_VMA_WRITABLE : 0) |
	       (a->flags & VM_EXEC ? PROCMAP_QUERY_VMA_EXECUTABLE : 0) |
	       (a->flags & VM_SHARED ? PROCMAP_QUERY_VMA_SHARED : 0);
}

/* sem held. NULL: none. */
static struct area *query_find(struct mm *mm, const struct procmap_query *q)
{
	bool next = q->query_flags & PROCMAP_QUERY_COVERING_OR_NEXT_VMA;

	for (struct area *a = area_find(mm, q->query_addr); a; a = area_next(a)) {
		if ((!(q->query_flags & PROCMAP_QUERY_FILE_BACKED_VMA) || a->obj) &&
		    !(q->query_flags & QUERY_PERMISSIONS & ~query_flags(a)) &&
		    (next || a->start <= q->query_addr))
			return a;
		if (!next)
			break;
	}
	return NULL;
}

/* The answer into q, the name into m->buf: *name. */
static int query_fill(struct maps *m, struct procmap_query *q, const char **name)
{
	struct area *a = query_find(m->mm, q);
	u64 dev, ino;

	if (!a)
		return -ENOENT;
	source_of(a, &dev, &ino);
	q->vma_start = a->start;
	q->vma_end = a->end;
	q->vma_flags = query_flags(a);
	q->vma_page_size = PAGE_SIZE;
	q->vma_offset = a->obj ? a->pgoff << PAGE_SHIFT : 0;
	q->inode = ino;
	q->dev_major = DEV_MAJOR(dev);
	q->dev_minor = DEV_MINOR(dev);
	q->build_id_size = 0; /* as of a file that bears none */
	*name = q->vma_name_size ? area_text(m, a) : NULL;
	if (*name && strlen(*name) >= q->vma_name_size)
		return -ENAMETOOLONG;
	q->vma_name_size = *name ? (u32)strlen(*name) + 1 : 0;
	return 0;
}

long pid_maps_ioctl(struct mm *mm, unsigned cmd, void __user *arg)
{
	struct maps m = { .mm = mm };
	struct procmap_query q = { 0 };
	const char *name;
	char *copy = NULL;
	u64 size;
	long err;

	if (cmd != PROCMAP_QUERY)
		return -ENOTTY;
	if (get_user_u64(&size, arg))
		return -EFAULT;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < offsetof(struct procmap_query, vma_start))
		return -EINVAL;
	err = copy_struct_from_user(&q, sizeof(q), arg, size);
	if (err)
		return err;
	if ((q.query_flags & ~QUERY_FLAGS) || !q.vma_name_size != !q.vma_name_addr ||
	    !q.build_id_size != !q.build_id_addr)
		return -EINVAL;
	m.buf = kmalloc(PATH_MAX, 0);
	if (!m.buf)
		return -ENOMEM;
	rwsem_read_lock(&mm->sem);
	err = query_fill(&m, &q, &name);
	if (!err && name) {
		copy = kstrdup(name);
		err = copy ? 0 : -ENOMEM;
	}
	rwsem_read_unlock(&mm->sem);
	if (!err && copy && copy_to_user((void __user *)q.vma_name_addr, copy, q.vma_name_size))
		err = -EFAULT;
	if (!err && copy_to_user(arg, &q, min(size, (u64)sizeof(q))))
		err = -EFAULT;
	kfree(copy);
	kfree(m.buf);
	return err;
}

/* --- smaps -------------------------------------------------------------------------- */

static void kb(struct text *out, const char *label, u64 bytes)
{
	size_t start = out->len;

	text_puts(out, label);
	text_pad(out, start, 16);
	text_printf(out, "%8lu kB\n", bytes >> 10);
}

static void put_usage(struct text *out, const struct area_usage *u, u64 locked, bool rollup)
{
	kb(out, "Rss:", u->rss);
	kb(out, "Pss:", u->pss);
	kb(out, "Pss_Dirty:", u->pss_dirty);
	if (rollup) {
		kb(out, "Pss_Anon:", u->pss_anon);
		kb(out, "Pss_File:", u->pss_file);
		kb(out, "Pss_Shmem:", u->pss_shmem);
	}
	kb(out, "Shared_Clean:", u->shared_clean);
	kb(out, "Shared_Dirty:", u->shared_dirty);
	kb(out, "Private_Clean:", u->private_clean);
	kb(out, "Private_Dirty:", u->private_dirty);
	kb(out, "Referenced:", u->referenced);
	kb(out, "Anonymous:", u->anon);
	kb(out, "KSM:", 0);
	kb(out, "LazyFree:", 0);
	kb(out, "AnonHugePages:", u->huge);
	kb(out, "ShmemPmdMapped:", 0);
	kb(out, "FilePmdMapped:", 0);
	kb(out, "Shared_Hugetlb:", 0);
	kb(out, "Private_Hugetlb:", 0);
	kb(out, "Swap:", 0);
	kb(out, "SwapPss:", 0);
	kb(out, "Locked:", locked);
}

static void put_vm_flags(struct text *out, u32 flags)
{
	static const struct {
		u32 flag;
		char name[4];
	} names[] = {
		{ VM_READ, "rd" },	  { VM_WRITE, "wr" },	  { VM_EXEC, "ex" },
		{ VM_SHARED, "sh" },	  { VM_MAYREAD, "mr" },	  { VM_MAYWRITE, "mw" },
		{ VM_MAYEXEC, "me" },	  { VM_SHARED, "ms" },	  { VM_GROWSDOWN, "gd" },
		{ VM_PFNMAP, "pf" },	  { VM_LOCKED, "lo" },	  { VM_SEQ_READ, "sr" },
		{ VM_RAND_READ, "rr" },	  { VM_DONTFORK, "dc" },  { VM_DONTEXPAND, "de" },
		{ VM_LOCKONFAULT, "lf" }, { VM_ACCOUNT, "ac" },	  { VM_NORESERVE, "nr" },
		{ VM_WIPEONFORK, "wf" },  { VM_DONTDUMP, "dd" },  { VM_HUGEPAGE, "hg" },
		{ VM_NOHUGEPAGE, "nh" },  { VM_MERGEABLE, "mg" }, { VM_DROPPABLE, "dp" },
		{ VM_SEALED, "sl" },	  { VM_UFFD, "um" },
	};

	text_puts(out, "VmFlags: ");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		/* Linux keeps "shared" only where writing is possible: the rest "may be shared". */
		if ((flags & names[i].flag) &&
		    !(names[i].name[0] == 's' && names[i].name[1] == 'h' && !(flags & VM_MAYWRITE)))
			text_printf(out, "%s ", names[i].name);
	text_puts(out, "\n");
}

static void add_usage(struct area_usage *sum, const struct area_usage *u)
{
	u64 *to = (u64 *)sum;
	const u64 *from = (const u64 *)u;

	for (unsigned i = 0; i < sizeof(*sum) / sizeof(u64); i++)
		to[i] += from[i];
}

int pid_smaps_show(struct text *out, const struct subject *s)
{
	struct area_usage u;
	struct maps m;
	int err = maps_begin(&m, out, s);

	if (err)
		return err == -ESRCH ? 0 : err;
	for (struct area *a = maps_first(&m); a; a = maps_next(&m, a)) {
		header(&m, a->start, a->end, a, area_text(&m, a));
		area_usage(a, &u);
		kb(out, "Size:", a->end - a->start);
		kb(out, "KernelPageSize:", PAGE_SIZE);
		kb(out, "MMUPageSize:", PAGE_SIZE);
		put_usage(out, &u, a->flags & VM_LOCKED ? u.pss : 0, false);
		text_printf(out, "THPeligible:           %d\n", area_huge(a));
		put_vm_flags(out, a->flags);
	}
	maps_end(&m);
	return 0;
}

int pid_smaps_rollup_show(struct text *out, const struct subject *s)
{
	u64 start = 0, end = 0, locked = 0;
	struct area_usage sum = { 0 }, u;
	struct maps m;
	int err = maps_begin(&m, out, s);

	if (err)
		return err;
	for (struct area *a = area_first(m.mm); a; a = area_next(a)) {
		if (!end)
			start = a->start;
		end = a->end;
		area_usage(a, &u);
		add_usage(&sum, &u);
		locked += a->flags & VM_LOCKED ? u.pss : 0;
	}
	header(&m, start, end, NULL, "[rollup]");
	put_usage(out, &sum, locked, true);
	maps_end(&m);
	return 0;
}
