/*
 * ELF programs (elf(5), psABI): static and dynamic, fixed and position
 * independent, with the interpreter that PT_INTERP names. Everything in the
 * file is checked before the old program is given up, as far as Linux does
 * that too; what only shows when segments are mapped ends the process with
 * SIGSEGV. The space belongs to current alone: no locks.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/auxv.h>
#include <uapi/elf.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/limits.h>
#include <uapi/mman.h>
#include <uapi/rseq.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/vdso.h"
#include "core/random.h"
#include "core/time.h"
#include "core/timens.h"
#include "core/userns.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "proc/exec.h"
#include "proc/room.h"

#define PHDRS_MAX (PAGE_SIZE / sizeof(Elf64_Phdr))
#define DYN_BASE        \
	(USER_TOP / 3 * \
	 2) /* position-independent programs, and brk of an interpreter run by hand */
#define BRK_RANDOM  0x3ffffUL /* pages */
#define CLOCK_TICKS 100UL

struct image {
	struct file *file;
	Elf64_Ehdr eh;
	Elf64_Phdr *ph;
	u64 bias; /* added to the file's addresses */
	u64 code_start, code_end, data_start, data_end, brk;
};

/* --- reading ---------------------------------------------------------------------------------------- */

/* Whole structure or -EIO, as Linux: a short file is an input error here. */
static int read_exact(struct file *f, void *buf, size_t n, u64 pos)
{
	ssize_t got = kernel_read(f, buf, n, pos);

	if (got < 0)
		return (int)got;
	return (size_t)got == n ? 0 : -EIO;
}

static bool is_elf(const Elf64_Ehdr *eh)
{
	return memcmp(eh->e_ident, ELFMAG, SELFMAG) == 0;
}

static bool is_ours(const Elf64_Ehdr *eh)
{
	return eh->e_machine == EM_RISCV && eh->e_ident[EI_CLASS] == ELFCLASS64;
}

/* The program headers, kmalloc'ed. 0, -ENOMEM, or bad: of a wrong size, too many, unreadable. */
static int read_phdrs(struct image *im, int bad)
{
	const Elf64_Ehdr *eh = &im->eh;
	size_t n = eh->e_phnum * sizeof(Elf64_Phdr);
	int err;

	if (eh->e_phentsize != sizeof(Elf64_Phdr) || !eh->e_phnum || eh->e_phnum > PHDRS_MAX ||
	    eh->e_phoff > S64_MAX - n)
		return bad;
	im->ph = kmalloc(n, 0);
	if (!im->ph)
		return -ENOMEM;
	err = read_exact(im->file, im->ph, n, eh->e_phoff);
	return err && err != -ENOMEM ? bad : err;
}

static const Elf64_Phdr *find_phdr(const struct image *im, u32 type)
{
	for (unsigned i = 0; i < im->eh.e_phnum; i++)
		if (im->ph[i].p_type == type)
			return &im->ph[i];
	return NULL;
}

/* PT_INTERP's path, kmalloc'ed. -ENOEXEC when it is no string of a path's size. */
static char *read_interp(struct file *f, const Elf64_Phdr *ph)
{
	char *path;
	int err;

	if (ph->p_filesz > PATH_MAX || ph->p_filesz < 2)
		return ERR_PTR(-ENOEXEC);
	path = kmalloc(ph->p_filesz, 0);
	if (!path)
		return ERR_PTR(-ENOMEM);
	err = ph->p_offset > S64_MAX - PATH_MAX ? -EINVAL :
						  read_exact(f, path, ph->p_filesz, ph->p_offset);
	if (!err && path[ph->p_filesz - 1])
		err = -ENOEXEC;
	if (!err)
		return path;
	kfree(path);
	return ERR_PTR(err);
}

/* Opens and checks the interpreter. -ELIBBAD: it is no program of ours. */
static int open_interp(struct image *im, struct file *program, const Elf64_Phdr *ph)
{
	char *path = read_interp(program, ph);
	struct file *f;
	int err;

	if (IS_ERR(path))
		return (int)PTR_ERR(path);
	f = exec_open(AT_FDCWD, path, LOOKUP_FOLLOW);
	kfree(path);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	im->file = f;
	err = read_exact(f, &im->eh, sizeof(im->eh), 0);
	if (err)
		return err;
	if (!is_elf(&im->eh) || !is_ours(&im->eh) || !f->ops->mmap)
		return -ELIBBAD;
	return read_phdrs(im, -ELIBBAD);
}

static void image_release(struct image *im)
{
	kfree(im->ph);
	im->ph = NULL;
}

/* --- mapping ---------------------------------------------------------------------------------------- */

static u32 segment_flags(const Elf64_Phdr *ph)
{
	u32 f = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

	if (ph->p_flags & PF_R)
		f |= VM_READ;
	if (ph->p_flags & PF_W)
		f |= VM_WRITE;
	if (ph->p_flags & PF_X)
		f |= VM_EXEC;
	return f;
}

static int map_file(struct exec *x, struct file *f, u64 addr, u64 len, u64 off, u32 vm_flags)
{
	struct file_map m = { .pgoff = off >> PAGE_SHIFT, .len = len, .vm_flags = vm_flags };
	int err = f->ops->mmap(f, &m);
	long at;

	if (err)
		return err;
	file_get(f);
	at = vm_map(x->mm, addr, len, m.vm_flags, MAP_PRIVATE | MAP_FIXED, m.obj, m.pgoff,
		    m.ops ? m.ops : &file_area_ops, f, NULL);
	if (m.obj)
		vmobject_put(m.obj);
	if (at < 0)
		file_put(f);
	return at < 0 ? (int)at : 0;
}

static int map_anon(struct exec *x, u64 start, u64 end, u32 vm_flags)
{
	long at;

	if (start >= end)
		return 0;
	at = vm_map(x->mm, start, end - start, vm_flags, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    NULL, 0, NULL, NULL, NULL);
	return at < 0 ? (int)at : 0;
}

/* One PT_LOAD: its file part, zeros to the end of that page, zero pages. */
static int map_segment(struct exec *x, struct image *im, const Elf64_Phdr *ph)
{
	u64 addr = im->bias + ph->p_vaddr;
	u64 skew = ph->p_vaddr & ~PAGE_MASK;
	u64 file_end = addr + ph->p_filesz, file_pages = ALIGN_UP(file_end, PAGE_SIZE);
	u64 mem_end = ALIGN_UP(addr + ph->p_memsz, PAGE_SIZE);
	u32 flags = segment_flags(ph);
	int err;

	if (addr >= USER_TOP || ph->p_filesz > ph->p_memsz || ph->p_memsz > USER_TOP - addr)
		return -EINVAL;
	if (!ph->p_filesz)
		return map_anon(x, addr - skew, mem_end, flags);
	if (ph->p_offset < skew || ((ph->p_offset - skew) & ~PAGE_MASK) ||
	    ph->p_offset > S64_MAX - USER_TOP)
		return -EINVAL;
	err = map_file(x, im->file, addr - skew, file_pages - (addr - skew), ph->p_offset - skew,
		       flags);
	if (err)
		return err;
	if (ph->p_memsz == ph->p_filesz)
		return 0;
	if ((ph->p_flags & PF_W) && file_pages > file_end) {
		size_t n = file_pages - file_end;

		if (clear_user_partial((void __user *)file_end, n) != n)
			return -EFAULT;
	}
	return map_anon(x, file_pages, mem_end, flags);
}

static void note_segment(struct image *im, const Elf64_Phdr *ph)
{
	u64 start = im->bias + ph->p_vaddr;
	u64 file_end = start + ph->p_filesz;

	if (ph->p_flags & PF_X) {
		im->code_start = min(im->code_start, start);
		im->code_end = max(im->code_end, file_end);
	}
	im->data_start = max(im->data_start, start);
	im->data_end = max(im->data_end, file_end);
	im->brk = max(im->brk, start + ph->p_memsz);
}

/* The lowest and the highest page that segments touch, and the strictest alignment. -EINVAL: there is none, or wild. */
static int span(const struct image *im, u64 *low, u64 *high, u64 *align)
{
	*low = ~0UL;
	*high = 0;
	*align = PAGE_SIZE;
	for (unsigned i = 0; i < im->eh.e_phnum; i++) {
		const Elf64_Phdr *ph = &im->ph[i];

		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_vaddr >= USER_TOP || ph->p_memsz > USER_TOP - ph->p_vaddr)
			return -EINVAL;
		*low = min(*low, ph->p_vaddr & PAGE_MASK);
		*high = max(*high, ALIGN_UP(ph->p_vaddr + ph->p_memsz, PAGE_SIZE));
		if (is_power_of_2(ph->p_align))
			*align = max(*align, min(ph->p_align, USER_TOP));
	}
	return *low < *high ? 0 : -EINVAL;
}

#define ANYWHERE (~0UL)

/* Finds out whether len bytes fit at `at`, or where they do; an address or -errno. */
static long find_room(struct exec *x, u64 at, u64 len)
{
	int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	long got;
	int err;

	if (at == ANYWHERE)
		at = 0;
	else
		how |= MAP_FIXED_NOREPLACE;
	got = vm_map(x->mm, at, len, 0, how, NULL, 0, NULL, NULL, NULL);
	if (got < 0)
		return got;
	err = vm_unmap(x->mm, (u64)got, len);
	return err ? err : got;
}

/* Maps all of im; base: where a position-independent one is to begin, or ANYWHERE. */
static int map_image(struct exec *x, struct image *im, u64 base)
{
	u64 low, high, align;
	long at;
	int err = span(im, &low, &high, &align);

	if (err)
		return err;
	im->code_start = ~0UL;
	if (im->eh.e_type == ET_EXEC) {
		at = find_room(x, low, high - low);
		if (at < 0)
			return (int)at;
		im->bias = 0;
	} else if (im->eh.e_type == ET_DYN) {
		if (base != ANYWHERE) {
			at = find_room(x, ALIGN_DOWN(base, align), high - low);
		} else {
			at = find_room(x, ANYWHERE, high - low + align - PAGE_SIZE);
			if (at > 0)
				at = (long)ALIGN_UP((u64)at, align);
		}
		if (at < 0)
			return (int)at;
		im->bias = (u64)at - low;
	} else {
		return -EINVAL;
	}
	for (unsigned i = 0; i < im->eh.e_phnum; i++) {
		if (im->ph[i].p_type != PT_LOAD)
			continue;
		err = map_segment(x, im, &im->ph[i]);
		if (err)
			return err;
		note_segment(im, &im->ph[i]);
	}
	return 0;
}

/* --- the vDSO --------------------------------------------------------------------------------------- */

/* Page 0 is the data that the kernel keeps, then the code. */
static struct page *vdso_fault(struct area *a __unused, u64 index)
{
	const void *va = index == 0 ? timens_vdso_data() :
				      (const void *)(vdso_image + (index - 1) * PAGE_SIZE);
	struct page *p;

	if (index > VDSO_PAGES)
		return ERR_PTR(-EFAULT);
	p = virt_to_page(va);
	page_get(p);
	return p;
}

static const struct area_ops vdso_ops = { .fault = vdso_fault };

static int map_vdso(struct exec *x)
{
	u32 both = VM_READ | VM_MAYREAD | VM_SPECIAL | VM_DONTEXPAND, data = both | VM_PFNMAP;
	u32 code = both | VM_EXEC | VM_MAYEXEC | VM_MAYWRITE;
	long at = find_room(x, ANYWHERE, (1 + VDSO_PAGES) * PAGE_SIZE);
	long got;

	if (at < 0)
		return (int)at;
	got = vm_map(x->mm, (u64)at, PAGE_SIZE, data, MAP_PRIVATE | MAP_FIXED, NULL, 0, &vdso_ops,
		     NULL, "[vvar]");
	if (got < 0)
		return (int)got;
	got = vm_map(x->mm, (u64)at + PAGE_SIZE, VDSO_PAGES * PAGE_SIZE, code,
		     MAP_PRIVATE | MAP_FIXED, NULL, 1, &vdso_ops, NULL, "[vdso]");
	if (got < 0)
		return (int)got;
	x->mm->vdso = (u64)at + PAGE_SIZE;
	return 0;
}

/* --- putting it together ------------------------------------------------------------------------------- */

/* Where the file's program headers came to lie: in the segment that holds their place in the file. */
static u64 phdr_address(const struct image *im)
{
	u64 off = im->eh.e_phoff;

	for (unsigned i = 0; i < im->eh.e_phnum; i++) {
		const Elf64_Phdr *ph = &im->ph[i];

		if (ph->p_type == PT_LOAD && ph->p_offset <= off &&
		    off - ph->p_offset < ph->p_filesz)
			return im->bias + off - ph->p_offset + ph->p_vaddr;
	}
	return 0;
}

static void set_brk(struct exec *x, const struct image *im, bool by_hand)
{
	struct mm *mm = x->mm;
	u64 brk = ALIGN_UP(im->brk, PAGE_SIZE);

	/* A program without interpreter lies among the mmaps: its heap needs room of its own. */
	if (by_hand && im->eh.e_type == ET_DYN)
		brk = ALIGN_UP(DYN_BASE, PAGE_SIZE);
	if (x->randomize && vm_randomize > 1)
		brk += (random_u64() & BRK_RANDOM) << PAGE_SHIFT;
	mm->brk_start = mm->brk = brk;
	mm->code_start = im->code_start == ~0UL ? 0 : im->code_start;
	mm->code_end = im->code_end;
	mm->data_start = im->data_start;
	mm->data_end = im->data_end;
}

struct aux {
	u64 *words;
	unsigned n;
};

static void aux_add(struct aux *a, u64 type, u64 value)
{
	a->words[a->n++] = type;
	a->words[a->n++] = value;
}

/* getauxval(3), in Linux's order; caches of unknown geometry are all zero. */
static s64 write_stack(struct exec *x, const struct image *im, u64 base)
{
	struct mm *mm = x->mm;
	struct aux a = { .words = mm->auxv };
	u64 random = args_place_random(x);

	if (!random)
		return -EFAULT;
	aux_add(&a, AT_SYSINFO_EHDR, mm->vdso);
	for (u64 t = AT_L1I_CACHESIZE; t <= AT_L3_CACHEGEOMETRY; t++)
		aux_add(&a, t, 0);
	aux_add(&a, AT_MINSIGSTKSZ, sigframe_size(true));
	aux_add(&a, AT_HWCAP, cpu_features.hwcap);
	aux_add(&a, AT_PAGESZ, PAGE_SIZE);
	aux_add(&a, AT_CLKTCK, CLOCK_TICKS);
	aux_add(&a, AT_PHDR, phdr_address(im));
	aux_add(&a, AT_PHENT, sizeof(Elf64_Phdr));
	aux_add(&a, AT_PHNUM, im->eh.e_phnum);
	aux_add(&a, AT_BASE, base);
	aux_add(&a, AT_FLAGS, 0);
	aux_add(&a, AT_ENTRY, im->bias + im->eh.e_entry);
	aux_add(&a, AT_UID, uid_shown(current_user_ns(), current->cred->uid));
	aux_add(&a, AT_EUID, uid_shown(current_user_ns(), current->cred->euid));
	aux_add(&a, AT_GID, gid_shown(current_user_ns(), current->cred->gid));
	aux_add(&a, AT_EGID, gid_shown(current_user_ns(), current->cred->egid));
	aux_add(&a, AT_SECURE, x->secure);
	aux_add(&a, AT_RANDOM, random);
	aux_add(&a, AT_EXECFN, x->execfn);
	aux_add(&a, AT_RSEQ_FEATURE_SIZE, offsetof(struct rseq, pad_));
	aux_add(&a, AT_RSEQ_ALIGN, __alignof__(struct rseq));
	aux_add(&a, AT_NULL, 0);
	static_assert(ARRAY_SIZE(((struct mm *)0)->auxv) >= 2 * 29, "room for all of them");
	mm->auxv_words = a.n;
	return args_finish(x, random, mm->auxv, a.n);
}

static int set_stack_protection(struct exec *x, const struct image *im)
{
	const Elf64_Phdr *ph = find_phdr(im, PT_GNU_STACK);

	if (!ph || !(ph->p_flags & PF_X))
		return 0;
	return vm_protect(x->mm, x->stack_base, x->stack_top - x->stack_base,
			  PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* Past the point of no return: maps everything, writes the stack, sets the registers. */
static int start(struct exec *x, struct image *im, struct image *interp)
{
	struct trapframe *tf = task_frame(current);
	u64 base = ANYWHERE, entry;
	s64 sp;
	int err = set_stack_protection(x, im);

	if (err)
		return err;
	if (interp->file) {
		base = DYN_BASE;
		if (x->randomize)
			base += exec_mmap_random();
		base &= PAGE_MASK;
	}
	err = map_image(x, im, base);
	if (err)
		return err;
	set_brk(x, im, !interp->file);
	entry = im->bias + im->eh.e_entry;
	base = 0;
	if (interp->file) {
		err = map_image(x, interp, ANYWHERE);
		if (err)
			return err;
		base = interp->bias;
		entry = base + interp->eh.e_entry;
	}
	if (entry >= USER_TOP)
		return -EINVAL;
	err = map_vdso(x);
	if (err)
		return err;
	sp = write_stack(x, im, base);
	if (sp < 0)
		return (int)sp;
	frame_init_user(tf, entry, (u64)sp);
	fpu_reset(&current->thread, tf);
	v_forget();
	current->thread.full_restore = 1;
	return 0;
}

int elf_load(struct exec *x)
{
	struct image im = { .file = x->file }, interp = { .file = NULL };
	const Elf64_Phdr *ph;
	int err;

	memcpy(&im.eh, x->head, sizeof(im.eh));
	if (!is_elf(&im.eh) || (im.eh.e_type != ET_EXEC && im.eh.e_type != ET_DYN) ||
	    !is_ours(&im.eh) || !x->file->ops->mmap)
		return -ENOEXEC;
	err = read_phdrs(&im, -ENOEXEC);
	if (err)
		goto out;
	ph = find_phdr(&im, PT_INTERP);
	if (ph) {
		err = open_interp(&interp, x->file, ph);
		if (err)
			goto out;
	}
	err = exec_commit(x);
	if (!err)
		err = start(x, &im, &interp);
out:
	if (interp.file)
		exec_close(interp.file);
	image_release(&interp);
	image_release(&im);
	return err;
}
