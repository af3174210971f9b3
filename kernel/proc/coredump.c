/*
 * Core files (core(5)): what a process leaves behind that dies of a signal whose default action
 * is to dump core. An ELF file of type ET_CORE: notes (coredump_notes.c), then the memory
 * area by area, holes left out.
 *
 * core_dump() runs in the dying thread while the others wait (coredump_threads.c); other processes may
 * use the space too, so the areas are noted down under mm->sem and copied without it.
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
#include "proc/coredump_notes.h"
#include "proc/coredump_threads.h"
#include "proc/proc.h"
#include "proc/uts.h"
#include "sync/log.h"
#include "sync/rank.h"

char core_pattern[CORE_NAME_MAX] = "core";
spinlock_t core_lock = SPINLOCK_INIT(RANK_FS, "core_pattern");
int core_uses_pid;

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
	/* Of the process and its first thread; later those of one thread after another. */
	struct core_notes notes;
	size_t notes_size; /* bytes of all of them */
	struct core_threads threads;
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

/* --- memory -------------------------------------------------------------------------------------- */

/* How much of an area is written, by coredump_filter (core(5)). */
static u64 area_dumped(const struct area *a, bool *elf_only)
{
	u32 filter = a->mm->dump_filter;
	bool shared = a->flags & VM_SHARED, file = area_of_file(a);
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

/* Notes down the areas, and how much notes there will be. */
static bool gather(struct dump *d, int signo, const siginfo_t *si)
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
	rwsem_read_unlock(&mm->sem);
	ok = ok && core_notes_make(&d->notes, signo, si, d->page);
	d->notes_size = d->notes.len;
	for (struct core_thread *o = NULL; (o = core_thread_next(&d->threads, o));)
		d->notes_size += core_thread_size(o->task);
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

static bool emit_notes(struct dump *d, int signo)
{
	if (!emit(d, d->notes.data, d->notes.len))
		return false;
	for (struct core_thread *o = NULL; (o = core_thread_next(&d->threads, o));)
		if (!core_thread_notes(&d->notes, o->task, signo) ||
		    !emit(d, d->notes.data, d->notes.len))
			return false;
	return skip(d, ALIGN_UP(d->pos, PAGE_SIZE) - d->pos);
}

static bool emit_headers(struct dump *d)
{
	u64 off = sizeof(Elf64_Ehdr) + (1 + d->nr) * sizeof(Elf64_Phdr),
	    data = ALIGN_UP(off + d->notes_size, PAGE_SIZE);
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
	Elf64_Phdr ph = {
		.p_type = PT_NOTE, .p_offset = off, .p_filesz = d->notes_size, .p_align = 4
	};

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
	return true;
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

void core_dump(int signo, const siginfo_t *si)
{
	struct dump d = { .limit = rlimit_get(RLIMIT_CORE) };
	int tid = task_tid(current);
	unsigned dumpable = current->proc->dumpable;
	char name[2 * CORE_NAME_MAX]; /* within which a program's words are */
	bool ok = false;

	if (dumpable == DUMP_NOT || !current->mm ||
	    !core_name(name, sizeof(name), signo, tid, &d.piped) ||
	    (d.piped ? d.limit == 1 : d.limit < PAGE_SIZE) || !core_threads_stop(&d.threads, signo))
		return;
	if (d.piped)
		d.limit = RLIM_INFINITY;
	d.page = kmalloc(PAGE_SIZE, 0);
	if (d.page && gather(&d, signo, si) && d.nr < PN_XNUM - 1) {
		d.file = d.piped ? helper_open(name) : core_open(name, dumpable);
		/* What RLIMIT_CORE cuts off is a core all the same. */
		ok = d.file;
		if (ok && emit_headers(&d) && emit_notes(&d, signo))
			emit_memory(&d);
	}
	if (d.file)
		file_put(d.file);
	core_threads_release(&d.threads, ok);
	kfree(d.ranges);
	kfree(d.notes.data);
	kfree(d.page);
}
