/*
 * Core dumps: core(5). A signal whose action is to dump leaves the memory of its
 * process in the file "core" of the working directory, an ELF file for debuggers:
 * notes with the registers, then what the areas hold that is no file's already.
 *
 * Runs in the dying thread, the only one left; sleeps. SIGKILL ends it early.
 */
#include "proc/coredump.h"

#include <compiler.h>
#include <err.h>
#include <uapi/elf.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/resource.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"

struct prstatus { /* Linux's struct elf_prstatus */
	s32 signo, code, error;
	s16 cursig;
	u64 sigpend, sighold;
	s32 pid, ppid, pgrp, sid;
	struct timeval utime, stime, cutime, cstime;
	u64 regs[32];
	s32 fpvalid;
};
static_assert(sizeof(struct prstatus) == 376, "ABI");

struct prpsinfo { /* Linux's struct elf_prpsinfo */
	char state, sname, zomb, nice;
	u64 flag;
	u32 uid, gid;
	s32 pid, ppid, pgrp, sid;
	char fname[16], psargs[80];
};
static_assert(sizeof(struct prpsinfo) == 136, "ABI");

struct fpregs {
	u64 f[32];
	u32 fcsr, pad;
};

#define NOTES	  5
#define NOTE_HEAD (sizeof(Elf64_Nhdr) + 8) /* with the name "CORE" */
#define NOTES_SIZE                                                               \
	(NOTES * NOTE_HEAD + sizeof(struct prstatus) + sizeof(struct prpsinfo) + \
	 sizeof(siginfo_t) + sizeof(((struct mm *)0)->auxv) + sizeof(struct fpregs))

struct dump {
	struct file *file;
	u64 pos, limit;
	u64 nr; /* of areas */
	struct segment {
		u64 start, end;
		u32 flags; /* PF_* */
		bool whole; /* its bytes are dumped */
	} seg[];
};

static int put(struct dump *d, const void *p, size_t n)
{
	struct iter it;
	ssize_t done;

	if (d->pos + n > d->limit)
		return -EFBIG;
	iter_kernel(&it, p, n);
	done = file_write(d->file, &it, &d->pos);
	if (done < 0)
		return (int)done;
	return (size_t)done == n ? 0 : -ENOSPC;
}

static int put_note(struct dump *d, u32 type, const void *p, size_t n)
{
	struct {
		Elf64_Nhdr h;
		char name[8];
	} head = { { 5, (u32)n, type }, "CORE" };
	int err = put(d, &head, sizeof(head));

	return err ? err : put(d, p, n);
}

static void fill_status(struct prstatus *s, const siginfo_t *si, const struct trapframe *tf)
{
	const struct proc *p = current->proc;

	*s = (struct prstatus){ .signo = si->si_signo,
				.code = si->si_code,
				.error = si->si_errno,
				.cursig = (s16)si->si_signo,
				.sigpend = current->pending.set,
				.sighold = current->blocked,
				.pid = task_tid(current),
				.ppid = proc_pid(p->parent),
				.pgrp = p->pgrp->nr,
				.sid = p->session->nr,
				.fpvalid = 1 };
	memcpy(s->regs, &tf->pc, sizeof(s->regs));
}

static int put_notes(struct dump *d, const siginfo_t *si, struct trapframe *tf)
{
	const struct proc *p = current->proc;
	struct prpsinfo info = { .sname = 'R',
				 .uid = current->cred->uid,
				 .gid = current->cred->gid,
				 .pid = proc_pid(p),
				 .ppid = proc_pid(p->parent),
				 .pgrp = p->pgrp->nr,
				 .sid = p->session->nr };
	struct prstatus status;
	struct fpregs fp = { .pad = 0 };
	int err;

	fill_status(&status, si, tf);
	strlcpy(info.fname, current->comm, sizeof(info.fname));
	strlcpy(info.psargs, current->comm, sizeof(info.psargs));
	fpu_save(&current->thread, tf);
	memcpy(fp.f, current->thread.fp.f, sizeof(fp.f));
	fp.fcsr = current->thread.fp.fcsr;
	err = put_note(d, NT_PRSTATUS, &status, sizeof(status));
	if (!err)
		err = put_note(d, NT_PRPSINFO, &info, sizeof(info));
	if (!err)
		err = put_note(d, NT_SIGINFO, si, sizeof(*si));
	if (!err)
		err = put_note(d, NT_AUXV, current->mm->auxv, sizeof(current->mm->auxv));
	if (!err)
		err = put_note(d, NT_PRFPREG, &fp, sizeof(fp));
	return err;
}

static int put_headers(struct dump *d, u64 data)
{
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_CORE,
			  .e_machine = EM_RISCV,
			  .e_version = EV_CURRENT,
			  .e_phoff = sizeof(eh),
			  .e_ehsize = sizeof(eh),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = (u16)(d->nr + 1) };
	Elf64_Phdr ph = { .p_type = PT_NOTE,
			  .p_offset = sizeof(eh) + (d->nr + 1) * sizeof(ph),
			  .p_filesz = NOTES_SIZE };
	int err = put(d, &eh, sizeof(eh));

	if (!err)
		err = put(d, &ph, sizeof(ph));
	for (u64 i = 0; i < d->nr && !err; i++) {
		const struct segment *s = &d->seg[i];

		ph = (Elf64_Phdr){ .p_type = PT_LOAD,
				   .p_flags = s->flags,
				   .p_offset = data,
				   .p_vaddr = s->start,
				   .p_filesz = s->whole ? s->end - s->start : 0,
				   .p_memsz = s->end - s->start,
				   .p_align = PAGE_SIZE };
		data += ph.p_filesz;
		err = put(d, &ph, sizeof(ph));
	}
	return err;
}

static int put_memory(struct dump *d, u64 data)
{
	u8 *page = kmalloc(PAGE_SIZE, 0);
	int err = page ? 0 : -ENOMEM;

	d->pos = data;
	for (u64 i = 0; i < d->nr && !err; i++) {
		const struct segment *s = &d->seg[i];

		for (u64 at = s->start; s->whole && at < s->end && !err; at += PAGE_SIZE) {
			if (copy_from_user(page, (const void __user *)at, PAGE_SIZE))
				memset(page, 0, PAGE_SIZE);
			err = fatal_signal_pending(current) ? -EINTR : put(d, page, PAGE_SIZE);
		}
	}
	kfree(page);
	return err;
}

/* The areas as they are now: nobody else is left who could change them. NULL: no memory. */
static struct dump *look_at_memory(struct mm *mm)
{
	struct dump *d;
	struct area *a;
	u64 n = mm->nr_areas;

	d = n < 0xfffe ? kzalloc(sizeof(*d) + n * sizeof(d->seg[0]), 0) : NULL;
	if (!d)
		return NULL;
	rwsem_read_lock(&mm->sem);
	for (a = area_find(mm, 0); a && d->nr < n; a = area_next(a)) {
		bool own = !a->obj || a->has_anon;

		d->seg[d->nr++] = (struct segment){
			.start = a->start,
			.end = a->end,
			.flags = (a->flags & VM_READ ? PF_R : 0) |
				 (a->flags & VM_WRITE ? PF_W : 0) | (a->flags & VM_EXEC ? PF_X : 0),
			.whole = own && (a->flags & VM_READ) && !(a->flags & VM_SHARED),
		};
	}
	rwsem_read_unlock(&mm->sem);
	return d;
}

bool coredump(const siginfo_t *si, struct trapframe *tf)
{
	struct dump *d;
	struct file *f;
	u64 data;
	int err;

	if (!coredump_wanted(current->proc) || proc_kill_other_threads())
		return false;
	d = look_at_memory(current->mm);
	if (!d)
		return false;
	f = file_open(AT_FDCWD, "core", O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE, 0600);
	if (IS_ERR(f)) {
		kfree(d);
		return false;
	}
	/* Not into what somebody else put there to be read, or to be overwritten. */
	err = S_ISREG(f->inode->mode) && f->inode->nlink == 1 &&
			      f->inode->uid == current->cred->fsuid ?
		      file_truncate(f, 0) :
		      -EPERM;
	d->file = f;
	d->limit = rlimit_get(RLIMIT_CORE);
	data = (sizeof(Elf64_Ehdr) + (d->nr + 1) * sizeof(Elf64_Phdr) + NOTES_SIZE + PAGE_SIZE -
		1) &
	       ~(PAGE_SIZE - 1);
	if (!err)
		err = put_headers(d, data);
	if (!err)
		err = put_notes(d, si, tf);
	if (!err)
		err = put_memory(d, data);
	file_put(f);
	kfree(d);
	/* One that the limit cut short is one too, core(5). */
	return !err || err == -EFBIG;
}
