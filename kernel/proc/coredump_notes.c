/*
 * Notes of core files: coredump_notes.h. The threads whose notes are made are current and such as
 * wait for it, so nothing of theirs changes.
 */
#include "proc/coredump_notes.h"

#include <uapi/elf.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/time.h"
#include "fs/files.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"

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
#define FP_NOTE_SIZE ALIGN_UP(sizeof(struct fpstate), 8)

/* Room for n more bytes, zeroed; NULL. */
static void *note_room(struct core_notes *d, size_t n)
{
	char *at;

	if (d->len + n > d->room) {
		size_t room = max(2 * d->room, d->len + n + PAGE_SIZE);
		char *more = kmalloc(room, 0);

		if (!more)
			return NULL;
		memcpy(more, d->data, d->len);
		kfree(d->data);
		d->data = more;
		d->room = room;
	}
	at = d->data + d->len;
	memset(at, 0, n);
	d->len += n;
	return at;
}

struct note_head {
	Elf64_Nhdr h;
	char name[8]; /* the owner's, filled up */
};

/* Bytes of a note with a descriptor of so many. */
static size_t note_size(size_t size)
{
	return sizeof(struct note_head) + ALIGN_UP(size, 4);
}

/* The descriptor of a new note, zeroed; its header stands before it. */
static void *note_add_of(struct core_notes *d, const char *owner, u32 type, size_t size)
{
	struct note_head *n = note_room(d, note_size(size));

	if (!n)
		return NULL;
	n->h = (Elf64_Nhdr){ .n_namesz = (u32)strlen(owner) + 1,
			     .n_descsz = (u32)size,
			     .n_type = type };
	strlcpy(n->name, owner, sizeof(n->name));
	return n + 1;
}

static void *note_add(struct core_notes *d, u32 type, size_t size)
{
	return note_add_of(d, "CORE", type, size);
}

static void set_time(u64 t[2], u64 ns)
{
	t[0] = ns / NSEC_PER_SEC;
	t[1] = ns % NSEC_PER_SEC / 1000;
}

struct ids {
	int ppid, pgrp, sid;
};

static void get_ids(struct ids *ids, struct proc *p)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	ids->ppid = p->parent ? pid_here(p->parent->pid) : 0;
	ids->pgrp = p->pgrp ? pid_here(p->pgrp) : 0;
	ids->sid = p->session ? pid_here(p->session) : 0;
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

static bool note_status(struct core_notes *d, struct task *t, int signo)
{
	struct prstatus *s = note_add(d, NT_PRSTATUS, sizeof(*s));
	struct proc *p = t->proc;
	struct usage own, children;
	struct ids ids;

	if (!s)
		return false;
	get_ids(&ids, p);
	s->signo = s->cursig = (s16)signo;
	s->sigpend = t->pending.set;
	s->sighold = t->blocked;
	s->pid = pid_here(t->pid);
	s->ppid = ids.ppid;
	s->pgrp = ids.pgrp;
	s->sid = ids.sid;
	/* The leader's tells of the whole process. */
	if (t == p->leader)
		usage_self(p, &own);
	else
		usage_thread(t, &own);
	usage_children(p, &children);
	set_time(s->times[0], own.utime);
	set_time(s->times[1], own.stime);
	set_time(s->times[2], children.utime);
	set_time(s->times[3], children.stime);
	memcpy(s->regs, &task_frame(t)->pc, sizeof(s->regs));
	s->fpvalid = 1;
	return true;
}

u32 task_flags(const struct task *t, const struct mm *mm)
{
	return (t->flags & TF_EXITING ? PF_EXITING : 0) |
	       (t->flags & TF_FORKNOEXEC ? PF_FORKNOEXEC : 0) |
	       (mm && vm_randomize ? PF_RANDOMIZE : 0);
}

/* The leader dumps, waits for who does, or ended before. */
static u32 dump_flags(const struct task *leader)
{
	if (leader == current)
		return PF_DUMPCORE | PF_SIGNALED;
	return PF_POSTCOREDUMP | (leader->flags & TF_EXITING ? 0 : PF_SIGNALED);
}

static bool note_process(struct core_notes *d)
{
	struct prpsinfo *i = note_add(d, NT_PRPSINFO, sizeof(*i));
	struct proc *p = current->proc;
	struct task *leader = p->leader; /* not reaped as long as current lives */
	struct mm *mm = current->mm;
	struct ids ids;
	size_t n;

	if (!i)
		return false;
	get_ids(&ids, p);
	/* As /proc/PID/stat has it, and for a leader that waits as for any sleep that nothing ends. */
	i->state = leader == current ? 0 : 2;
	i->sname = leader == current ? 'R' : 'D';
	i->nice = leader->se.nice;
	i->flags = task_flags(leader, mm) | dump_flags(leader);
	i->uid = leader->cred->uid;
	i->gid = leader->cred->gid;
	i->pid = pid_here(p->pid);
	i->ppid = ids.ppid;
	i->pgrp = ids.pgrp;
	i->sid = ids.sid;
	spin_lock(&leader->lock);
	strlcpy(i->fname, leader->comm, sizeof(i->fname));
	spin_unlock(&leader->lock);
	n = mm_copy_from(mm, i->args, mm->arg_start,
			 min(mm->arg_end - mm->arg_start, sizeof(i->args) - 1), true);
	for (size_t k = 0; k < n; k++)
		i->args[k] = i->args[k] ? i->args[k] : ' ';
	return true;
}

static bool note_copy(struct core_notes *d, u32 type, const void *data, size_t size)
{
	void *at = note_add(d, type, size);

	if (at)
		memcpy(at, data, size);
	return at;
}

/* Floating point, and vectors of a thread that used them. */
static bool note_registers(struct core_notes *d, struct task *t)
{
	struct trapframe *tf = task_frame(t);
	const struct vstate *v = t->thread.v;
	void *at = note_add(d, NT_PRFPREG, FP_NOTE_SIZE);

	if (!at)
		return false;
	if (t == current)
		fpu_save(&t->thread, tf);
	memcpy(at, &t->thread.fp, sizeof(struct fpstate));
	if (!v || !v_used(tf))
		return true;
	at = note_add_of(d, "LINUX", NT_RISCV_VECTOR, V_NOTE_HEAD + v_size());
	if (!at)
		return false;
	if (t == current)
		v_save(&t->thread, tf);
	memcpy(at, v, V_NOTE_HEAD);
	memcpy((u8 *)at + V_NOTE_HEAD, v->regs, v_size());
	return true;
}

/* NT_FILE: how many, the page size, from, to and page of each, then the names. [mm->sem, to read] */
static bool note_files(struct core_notes *d, struct mm *mm, char *page)
{
	size_t head = d->len, count = 0;
	u64 *fixed = note_add(d, NT_FILE, 2 * sizeof(u64));
	char *name;
	bool ok = fixed;

	for (struct area *a = area_first(mm); a && ok; a = area_next(a)) {
		u64 *row = area_of_file(a) ? note_room(d, 3 * sizeof(u64)) : NULL;

		if (!area_of_file(a))
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
		if (!area_of_file(a))
			continue;
		if (a->ops->name(a, page, PAGE_SIZE))
			page[0] = '\0';
		name = note_room(d, strlen(page) + 1);
		ok = name;
		if (ok)
			strlcpy(name, page, strlen(page) + 1);
	}
	if (!ok)
		return false;
	fixed = (u64 *)(d->data + head + sizeof(struct note_head));
	fixed[0] = count;
	fixed[1] = PAGE_SIZE;
	((Elf64_Nhdr *)(d->data + head))->n_descsz =
		(u32)(d->len - head - sizeof(struct note_head));
	return note_room(d, ALIGN_UP(d->len, 4) - d->len);
}

bool core_notes_make(struct core_notes *d, int signo, const siginfo_t *si, char *page)
{
	struct mm *mm = current->mm;
	bool ok;

	if (!note_status(d, current, signo) || !note_process(d) ||
	    !note_copy(d, NT_SIGINFO, si, sizeof(*si)) ||
	    !note_copy(d, NT_AUXV, mm->auxv, mm->auxv_words * sizeof(u64)))
		return false;
	rwsem_read_lock(&mm->sem);
	ok = note_files(d, mm, page);
	rwsem_read_unlock(&mm->sem);
	return ok && note_registers(d, current);
}

bool core_thread_notes(struct core_notes *d, struct task *t, int signo)
{
	d->len = 0;
	return note_status(d, t, signo) && note_registers(d, t);
}

size_t core_thread_size(struct task *t)
{
	size_t n = note_size(sizeof(struct prstatus)) + note_size(FP_NOTE_SIZE);

	if (t->thread.v && v_used(task_frame(t)))
		n += note_size(V_NOTE_HEAD + v_size());
	return n;
}
