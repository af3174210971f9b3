/*
 * Core files (core(5)): what a process leaves behind that dies of a signal whose default action
 * is to dump core. An ELF file of type ET_CORE: notes with the registers, the siginfo, the
 * auxiliary vector and the mapped files, then the memory area by area, holes left out.
 *
 * core_dump() runs in the dying thread, once it is the only one of its process; the space may have
 * other users still, so the areas are noted down under mm->sem and copied without it.
 * core_pattern is guarded by core_lock.
 */
#include "proc/coredump.h"

#include <err.h>
#include <uapi/elf.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/time.h"
#include "core/work.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/nsfs.h"
#include "fs/pipe.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/uts.h"
#include "sync/log.h"
#include "sync/rank.h"

char core_pattern[CORE_NAME_MAX] = "core";
spinlock_t core_lock = SPINLOCK_INIT(RANK_FS, "core_pattern");
int core_uses_pid;

/* The descriptors of the notes, as gdb and Linux's <sys/procfs.h> have them. */
struct prstatus {
	int signo, code, error;
	s16 cursig;
	u64 sigpend, sighold;
	int pid, ppid, pgrp, sid;
	u64 times[4][2]; /* user, system, children's; s and us */
	u64 regs[32];
	int fpvalid;
};
struct prpsinfo {
	char state, sname, zombie, nice;
	u64 flags;
	u32 uid, gid;
	int pid, ppid, pgrp, sid;
	char fname[16], args[80];
};
static_assert(sizeof(struct prstatus) == 376, "prstatus");
static_assert(sizeof(struct prpsinfo) == 136, "prpsinfo");

struct range { /* an area: where it is and how much of it is written */
	u64 start, end, size;
	u32 flags;
	bool holes; /* pages that were never touched are left out */
	bool elf_only; /* written if it begins as an ELF file does */
};

struct dump {
	struct file *file;
	bool piped; /* it is a program's pipe: nothing can be left out */
	u64 pos, limit; /* bytes written, and RLIMIT_CORE */
	struct range *ranges;
	unsigned nr;
	char *page;
	char *notes; /* grows */
	size_t len, room;
};

/* --- the file's name ----------------------------------------------------------------------------- */

/*
 * core(5), "Naming of core dump files". False: no such name. *program: it is a program's and its
 * arguments, each with a 0 behind it and another behind the last.
 */
static bool core_name(char *out, size_t size, int signo, int tid, bool *program)
{
	char pattern[CORE_NAME_MAX];
	const struct cred *c = current->cred;
	struct proc *p = current->proc;
	bool has_pid = false;
	size_t n = 0;

	spin_lock(&core_lock);
	memcpy(pattern, core_pattern, sizeof(pattern));
	spin_unlock(&core_lock);
	*program = pattern[0] == '|';
	for (const char *s = pattern + *program; *s && n + 2 < size; s++) {
		char *at = out + n;
		size_t room = size - 1 - n;

		if (*program && isspace_(*s)) {
			if (n && out[n - 1])
				out[n++] = '\0';
			continue;
		}
		if (*s != '%') {
			out[n++] = *s;
			out[n] = '\0';
			continue;
		}
		*at = '\0';
		switch (*++s) {
		case '\0':
			s--;
			break;
		case '%':
			strlcpy(at, "%", room);
			break;
		case 'p':
			has_pid = true;
			snprintf(at, room, "%d", p->pid->own);
			break;
		case 'P':
			snprintf(at, room, "%d", proc_pid(p));
			break;
		case 'i':
		case 'I':
			snprintf(at, room, "%d", tid);
			break;
		case 'u':
			snprintf(at, room, "%u", c->uid);
			break;
		case 'g':
			snprintf(at, room, "%u", c->gid);
			break;
		case 'd':
			snprintf(at, room, "%d", p->dumpable);
			break;
		case 's':
			snprintf(at, room, "%d", signo);
			break;
		case 't':
			snprintf(at, room, "%lu", now_real() / NSEC_PER_SEC);
			break;
		case 'c':
			snprintf(at, room, "%lu", rlimit_get(RLIMIT_CORE));
			break;
		case 'h':
			spin_lock(&uts_lock);
			strlcpy(at, uts_name()->nodename, room);
			spin_unlock(&uts_lock);
			break;
		case 'e':
			strlcpy(at, current->comm, room);
			for (char *x = at; *x; x++)
				*x = *x == '/' ? '!' : *x;
			break;
		default:
			break;
		}
		n += strlen(at);
	}
	if (n && core_uses_pid && !has_pid && !*program)
		n += (size_t)snprintf(out + n, size - n, ".%d", proc_pid(p));
	if (!n || n + 1 >= size || !out[0])
		return false;
	out[n] = out[n + 1] = '\0';
	return true;
}

/* --- a program to read it -------------------------------------------------------------------------- */

#define CORE_ARGS 32

struct helper { /* on the stack of who dumps, who waits until it is told */
	struct work work;
	const char *argv[CORE_ARGS + 1];
	struct file *in; /* the pipe's end that the program reads; whose reference passes */
	struct waitq wait;
	int err;
	bool told; /* err is what came of execve(2); the last touch */
};

static void tell_helper(struct helper *h, int err)
{
	spin_lock(&core_lock);
	h->err = err;
	WRITE_ONCE(h->told, true);
	wake_up_all(&h->wait);
	spin_unlock(&core_lock);
}

static bool helper_told(void *h)
{
	return READ_ONCE(((struct helper *)h)->told);
}

/* The new process: root's, in / with an empty environment; the pipe is its descriptor 0. */
static void helper_main(void *arg)
{
	static const char *const no_env[] = { NULL };
	struct helper *h = arg;
	struct strings a = { .kernel = h->argv }, e = { .kernel = no_env };
	int err;

	/* Of its own core there is no other program to tell. */
	current->proc->rlimits[RLIMIT_CORE] = (struct rlimit){ 1, 1 };
	fd_open_file(h->in, 0);
	err = proc_exec(AT_FDCWD, h->argv[0], 0, &a, &e);
	tell_helper(h, err);
	if (err)
		group_exit(0);
}

/* In a kernel thread, so that the program is nobody's child. */
static void start_helper(struct work *w)
{
	struct helper *h = container_of(w, struct helper, work);
	struct clone_request req = { .fn = helper_main, .arg = h };
	long pid = proc_clone(&req);

	if (pid < 0) {
		file_put(h->in);
		tell_helper(h, (int)pid);
	}
}

/* The pipe's end to write to, once the program runs; NULL. */
static struct file *helper_open(char *words)
{
	struct helper h = { .argv = { NULL } };
	struct file *ends[2];
	unsigned n = 0;

	for (char *s = words; *s && n < CORE_ARGS; s += strlen(s) + 1)
		h.argv[n++] = s;
	if (pipe_create(ends, 0))
		return NULL;
	h.in = ends[0];
	waitq_init(&h.wait);
	work_init(&h.work, start_helper);
	work_queue(&h.work);
	wait_until(&h.wait, helper_told, &h, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
	/* It is told under the lock: after this nobody is at our stack any more. */
	spin_lock(&core_lock);
	spin_unlock(&core_lock);
	if (!h.err)
		return ends[1];
	pr_warn("core: %s: error %d", words, -h.err);
	file_put(ends[1]);
	return NULL;
}

/*
 * A new file of that name, or NULL; what had it is gone. DUMP_ROOT: root's, at a place that the process could not
 * choose, and what is there already stays.
 */
static struct file *core_open(const char *name, unsigned dumpable)
{
	struct cred *own = current->cred, *c;
	struct file *f;

	if (dumpable == DUMP_ROOT) {
		c = *name == '/' && !current_chrooted() ? cred_copy(own, 0) : NULL;
		if (!c)
			return NULL;
		c->fsuid = 0;
		current->cred = c;
	} else {
		vfs_unlink(AT_FDCWD, name);
	}
	f = file_open(AT_FDCWD, name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_LARGEFILE, 0600);
	if (current->cred != own) {
		cred_put(current->cred);
		current->cred = own;
	}
	return IS_ERR(f) ? NULL : f;
}

/* --- notes --------------------------------------------------------------------------------------- */

/* Room for n more bytes, zeroed; NULL. */
static void *note_room(struct dump *d, size_t n)
{
	char *at;

	if (d->len + n > d->room) {
		size_t room = max(2 * d->room, d->len + n + PAGE_SIZE);
		char *more = kmalloc(room, 0);

		if (!more)
			return NULL;
		memcpy(more, d->notes, d->len);
		kfree(d->notes);
		d->notes = more;
		d->room = room;
	}
	at = d->notes + d->len;
	memset(at, 0, n);
	d->len += n;
	return at;
}

/* The descriptor of a new note, zeroed; its header stands before it. */
static void *note_add_of(struct dump *d, const char *owner, u32 type, size_t size)
{
	struct {
		Elf64_Nhdr h;
		char name[8];
	} *n = note_room(d, sizeof(*n) + ALIGN_UP(size, 4));

	if (!n)
		return NULL;
	n->h = (Elf64_Nhdr){ .n_namesz = (u32)strlen(owner) + 1,
			     .n_descsz = (u32)size,
			     .n_type = type };
	strlcpy(n->name, owner, sizeof(n->name));
	return n + 1;
}

static void *note_add(struct dump *d, u32 type, size_t size)
{
	return note_add_of(d, "CORE", type, size);
}

static void set_time(u64 t[2], u64 ns)
{
	t[0] = ns / NSEC_PER_SEC;
	t[1] = ns % NSEC_PER_SEC / 1000;
}

struct ids {
	int pid, ppid, pgrp, sid;
};

static void note_ids(struct ids *ids, struct proc *p)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	ids->pid = p->pid->own;
	ids->ppid = p->parent ? pid_here(p->parent->pid) : 0;
	ids->pgrp = p->pgrp ? pid_here(p->pgrp) : 0;
	ids->sid = p->session ? pid_here(p->session) : 0;
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

static bool note_status(struct dump *d, int signo, const struct trapframe *tf,
			const struct ids *ids)
{
	struct prstatus *s = note_add(d, NT_PRSTATUS, sizeof(*s));
	struct task *t = current;
	struct usage self, children;

	if (!s)
		return false;
	s->signo = s->cursig = (s16)signo;
	s->sigpend = t->pending.set | t->proc->pending.set;
	s->sighold = t->blocked;
	s->pid = ids->pid;
	s->ppid = ids->ppid;
	s->pgrp = ids->pgrp;
	s->sid = ids->sid;
	usage_self(t->proc, &self);
	usage_children(t->proc, &children);
	set_time(s->times[0], self.utime);
	set_time(s->times[1], self.stime);
	set_time(s->times[2], children.utime);
	set_time(s->times[3], children.stime);
	memcpy(s->regs, &tf->pc, sizeof(s->regs));
	s->fpvalid = 1;
	return true;
}

static bool note_process(struct dump *d, const struct ids *ids)
{
	struct prpsinfo *i = note_add(d, NT_PRPSINFO, sizeof(*i));
	struct mm *mm = current->mm;
	size_t n;

	if (!i)
		return false;
	i->sname = 'R';
	i->uid = current->cred->uid;
	i->gid = current->cred->gid;
	i->pid = ids->pid;
	i->ppid = ids->ppid;
	i->pgrp = ids->pgrp;
	i->sid = ids->sid;
	strlcpy(i->fname, current->comm, sizeof(i->fname));
	n = mm_copy_from(mm, i->args, mm->arg_start,
			 min(mm->arg_end - mm->arg_start, sizeof(i->args) - 1), true);
	for (size_t k = 0; k < n; k++)
		i->args[k] = i->args[k] ? i->args[k] : ' ';
	return true;
}

/* NT_FILE: how many, the page size, from, to and page of each, then the names. [mm->sem] */
static bool note_files(struct dump *d, struct mm *mm)
{
	size_t head = d->len, count = 0;
	u64 *fixed = note_add(d, NT_FILE, 2 * sizeof(u64));
	char *name;
	bool ok = fixed;

	for (struct area *a = area_first(mm); a && ok; a = area_next(a)) {
		u64 *row = a->ops == &file_area_ops ? note_room(d, 3 * sizeof(u64)) : NULL;

		if (a->ops != &file_area_ops)
			continue;
		ok = row;
		if (!ok)
			break;
		row[0] = a->start;
		row[1] = a->end;
		row[2] = a->pgoff;
		count++;
	}
	for (struct area *a = area_first(mm); a && ok; a = area_next(a)) {
		if (a->ops != &file_area_ops)
			continue;
		if (a->ops->name(a, d->page, PAGE_SIZE))
			d->page[0] = '\0';
		name = note_room(d, strlen(d->page) + 1);
		ok = name;
		if (ok)
			strlcpy(name, d->page, strlen(d->page) + 1);
	}
	if (!ok)
		return false;
	fixed = (u64 *)(d->notes + head + sizeof(Elf64_Nhdr) + 8);
	fixed[0] = count;
	fixed[1] = PAGE_SIZE;
	((Elf64_Nhdr *)(d->notes + head))->n_descsz = (u32)(d->len - head - sizeof(Elf64_Nhdr) - 8);
	return note_room(d, ALIGN_UP(d->len, 4) - d->len);
}

static bool note_all(struct dump *d, int signo, const siginfo_t *si, struct trapframe *tf)
{
	const struct vstate *v = current->thread.v;
	struct mm *mm = current->mm;
	struct ids ids;
	void *at;

	note_ids(&ids, current->proc);
	if (!note_status(d, signo, tf, &ids) || !note_process(d, &ids))
		return false;
	at = note_add(d, NT_SIGINFO, sizeof(*si));
	if (!at)
		return false;
	memcpy(at, si, sizeof(*si));
	at = note_add(d, NT_AUXV, mm->auxv_words * sizeof(u64));
	if (!at)
		return false;
	memcpy(at, mm->auxv, mm->auxv_words * sizeof(u64));
	if (!note_files(d, mm))
		return false;
	at = note_add(d, NT_PRFPREG, ALIGN_UP(sizeof(struct fpstate), 8));
	if (!at)
		return false;
	fpu_save(&current->thread, tf);
	memcpy(at, &current->thread.fp, sizeof(struct fpstate));
	if (!v || !v_used(tf))
		return true;
	at = note_add_of(d, "LINUX", NT_RISCV_VECTOR, V_NOTE_HEAD + v_size());
	if (!at)
		return false;
	v_save(&current->thread, tf);
	memcpy(at, v, V_NOTE_HEAD);
	memcpy((u8 *)at + V_NOTE_HEAD, v->regs, v_size());
	return true;
}

/* --- memory -------------------------------------------------------------------------------------- */

/* How much of an area is written, by coredump_filter (core(5)). */
static u64 area_dumped(const struct area *a, bool *elf_only)
{
	u32 filter = a->mm->dump_filter;
	bool shared = a->flags & VM_SHARED, file = a->ops == &file_area_ops;
	u64 all = a->end - a->start;

	*elf_only = false;
	if (a->label)
		return all;
	if (a->flags & VM_DONTDUMP)
		return 0;
	if ((filter & (shared ? DUMP_ANON_SHARED : DUMP_ANON_PRIVATE)) &&
	    (!file || (a->has_anon && !shared)))
		return all;
	if (!file)
		return 0;
	if (filter & (shared ? DUMP_FILE_SHARED : DUMP_FILE_PRIVATE))
		return all;
	*elf_only = (filter & DUMP_ELF_HEADERS) && !a->pgoff && (a->flags & VM_READ);
	return *elf_only ? PAGE_SIZE : 0;
}

/* Notes down the areas, and which files they map. */
static bool gather(struct dump *d, int signo, const siginfo_t *si, struct trapframe *tf)
{
	struct mm *mm = current->mm;
	bool ok;

	rwsem_read_lock(&mm->sem);
	d->ranges = kzalloc(mm->nr_areas * sizeof(*d->ranges) + 1, 0);
	ok = d->ranges;
	for (struct area *a = area_first(mm); a && ok && d->nr < mm->nr_areas; a = area_next(a)) {
		struct range *r = &d->ranges[d->nr++];

		r->start = a->start;
		r->end = a->end;
		r->size = area_dumped(a, &r->elf_only);
		r->flags = a->flags;
		r->holes = !a->obj && !a->label;
	}
	ok = ok && note_all(d, signo, si, tf);
	rwsem_read_unlock(&mm->sem);
	/* Looking may fault the page in, which takes the lock again. */
	for (unsigned i = 0; ok && i < d->nr; i++) {
		struct range *r = &d->ranges[i];
		char magic[SELFMAG];

		if (r->elf_only && (mm_copy_from(mm, magic, r->start, SELFMAG, true) != SELFMAG ||
				    memcmp(magic, ELFMAG, SELFMAG) != 0))
			r->size = 0;
	}
	return ok;
}

/* --- the file ------------------------------------------------------------------------------------ */

static bool emit(struct dump *d, const void *data, size_t n)
{
	struct iter it;

	if (d->pos + n > d->limit || fatal_signal_pending(current))
		return false;
	while (n) {
		ssize_t done;

		iter_kernel(&it, data, n);
		done = file_write(d->file, &it, d->piped ? NULL : &d->pos);
		if (done <= 0)
			return false;
		d->pos += d->piped ? (u64)done : 0;
		data = (const char *)data + done;
		n -= (size_t)done;
	}
	return true;
}

/* n bytes, a page at most, that nobody wrote: a hole. */
static bool skip(struct dump *d, size_t n)
{
	if (d->piped) {
		memset(d->page, 0, n);
		return emit(d, d->page, n);
	}
	d->pos += n;
	return !fatal_signal_pending(current);
}

static bool emit_headers(struct dump *d)
{
	u64 off = sizeof(Elf64_Ehdr) + (1 + d->nr) * sizeof(Elf64_Phdr),
	    data = ALIGN_UP(off + d->len, PAGE_SIZE);
	Elf64_Ehdr e = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_RISCV,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(e),
		.e_flags = EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE,
		.e_ehsize = sizeof(e),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (u16)(1 + d->nr),
	};
	Elf64_Phdr ph = { .p_type = PT_NOTE, .p_offset = off, .p_filesz = d->len, .p_align = 4 };

	if (!emit(d, &e, sizeof(e)) || !emit(d, &ph, sizeof(ph)))
		return false;
	for (unsigned i = 0; i < d->nr; i++) {
		const struct range *r = &d->ranges[i];

		ph = (Elf64_Phdr){
			.p_type = PT_LOAD,
			.p_flags = (r->flags & VM_READ ? PF_R : 0) |
				   (r->flags & VM_WRITE ? PF_W : 0) |
				   (r->flags & VM_EXEC ? PF_X : 0),
			.p_offset = data,
			.p_vaddr = r->start,
			.p_filesz = r->size,
			.p_memsz = r->end - r->start,
			.p_align = PAGE_SIZE,
		};
		data += r->size;
		if (!emit(d, &ph, sizeof(ph)))
			return false;
	}
	return emit(d, d->notes, d->len) && skip(d, ALIGN_UP(d->pos, PAGE_SIZE) - d->pos);
}

static void emit_memory(struct dump *d)
{
	struct mm *mm = current->mm;
	u64 word = 0; /* of pagemap: 0 where no page is */

	for (unsigned i = 0; i < d->nr; i++) {
		const struct range *r = &d->ranges[i];

		for (u64 at = r->start; at < r->start + r->size; at += PAGE_SIZE) {
			bool there;

			if (r->holes)
				vm_pagemap(mm, at, &word, 1, PM_FRAME);
			there = (!r->holes || word) &&
				mm_copy_from(mm, d->page, at, PAGE_SIZE, true) == PAGE_SIZE;

			if (there ? !emit(d, d->page, PAGE_SIZE) : !skip(d, PAGE_SIZE))
				return;
			cond_resched();
		}
	}
	/* A hole at the end belongs to the file too. */
	if (!d->piped && d->pos <= d->limit)
		file_truncate(d->file, d->pos);
}

bool core_dump(int signo, const siginfo_t *si, struct trapframe *tf)
{
	struct dump d = { .limit = rlimit_get(RLIMIT_CORE) };
	int tid = task_tid(current);
	unsigned dumpable = current->proc->dumpable;
	char name[2 * CORE_NAME_MAX]; /* within which a program's words are */
	bool ok = false;

	if (dumpable == DUMP_NOT || !current->mm ||
	    !core_name(name, sizeof(name), signo, tid, &d.piped) ||
	    (d.piped ? d.limit == 1 : d.limit < PAGE_SIZE))
		return false;
	if (d.piped)
		d.limit = RLIM_INFINITY;
	WRITE_ONCE(current->proc->dumping, true); /* it ends, whatever comes of this */
	if (proc_kill_other_threads())
		return false;
	d.page = kmalloc(PAGE_SIZE, 0);
	if (d.page && gather(&d, signo, si, tf) && d.nr < PN_XNUM - 1) {
		d.file = d.piped ? helper_open(name) : core_open(name, dumpable);
		/* What RLIMIT_CORE cuts off is a core all the same. */
		ok = d.file;
		if (ok && emit_headers(&d))
			emit_memory(&d);
	}
	if (d.file)
		file_put(d.file);
	kfree(d.ranges);
	kfree(d.notes);
	kfree(d.page);
	return ok;
}
