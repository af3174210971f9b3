/*
 * Process accounting: acct(2), acct(5). While it is on, each process that ends adds a record to a file.
 *
 * acct_mutex guards which file that is; whoever writes holds a reference. When the file system has
 * less than acct_suspend percent free nothing is written until it has acct_resume percent again; it is
 * asked every acct_interval seconds.
 */
#include "proc/acct.h"

#include <bitops.h>
#include <compiler.h>
#include <err.h>
#include <uapi/acct.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/resource.h>

#include "core/mutex.h"
#include "core/sched.h"
#include "core/task.h"
#include "fs/fs.h"
#include "fs/tty_core.h"
#include "lib/string.h"
#include "mm/vm.h"

#define TICK_NS (NSEC_PER_SEC / 100) /* times are in hundredths of a second */

int acct_resume = 4, acct_suspend = 2, acct_interval = 30;

static struct mutex acct_mutex = MUTEX_INIT(acct_mutex);
static struct file *acct_file; /* [acct_mutex] referenced; NULL: it is off. Peeked at */
static bool has_room; /* [acct_mutex] */
static u64 next_look; /* [acct_mutex] now_mono() */

static_assert(sizeof(struct acct_v3) == 64, "a record is 64 bytes");

static comp_t compress(u64 v)
{
	unsigned exp = 0;
	u64 rest = 0;

	while (v > 0x1fff) {
		rest = v & 4; /* rounds what is shifted out */
		v >>= 3;
		exp++;
	}
	if (rest && ++v > 0x1fff) {
		v >>= 3;
		exp++;
	}
	return exp > 7 ? 0xffff : (comp_t)(exp << 13 | v);
}

/* The bits of an IEEE single of that value, cut. */
static u32 to_float(u64 v)
{
	unsigned top;

	if (!v)
		return 0;
	top = 63 - clz64(v);
	v = top > 23 ? v >> (top - 23) : v << (23 - top);
	return (127 + top) << 23 | ((u32)v & 0x7fffff);
}

static void write_record(struct file *f, const struct acct_v3 *a)
{
	struct cred *own = current->cred;
	struct iter it;

	iter_kernel(&it, (void *)a, sizeof(*a));
	smp_store_release(&current->cred, f->cred); /* it is the file of who turned this on */
	file_write(f, &it, NULL);
	smp_store_release(&current->cred, own);
}

/* Of a process; ending: with what it used. */
static void fill(struct acct_v3 *a, struct proc *p, bool ending)
{
	const struct task *t = p->leader ? p->leader : current;
	const struct cred *c = current->cred;
	u64 utime, stime, elapsed = now_mono() - p->start_time;
	u64 minflt = p->min_flt, majflt = p->maj_flt;
	unsigned long irq;
	struct task *each;

	memset(a, 0, sizeof(*a));
	list_for_each_entry_rcu(each, &p->threads, thread_link) {
		minflt += each->min_flt;
		majflt += each->maj_flt;
	}
	proc_cputime(p, &utime, &stime);
	irq = spin_lock_irqsave(&proc_tree_lock);
	if (p->tty)
		a->ac_tty = (u16)dev_encode(p->tty->cd.dev);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	a->ac_version = 3;
	if (ending)
		a->ac_flag = (char)((t->flags & TF_FORKNOEXEC ? AFORK : 0) |
				    (p->group_code & 0x80 ? ACORE : 0) |
				    (p->group_code & 0x7f ? AXSIG : 0));
	a->ac_exitcode = ending ? (u32)p->group_code : 0;
	a->ac_uid = c->uid;
	a->ac_gid = c->gid;
	a->ac_pid = (u32)proc_pid(p);
	a->ac_ppid = (u32)proc_pid(p->parent);
	a->ac_btime = (u32)((now_real() - elapsed) / NSEC_PER_SEC);
	a->ac_etime = to_float(elapsed / TICK_NS);
	strscpy(a->ac_comm, t->comm, sizeof(a->ac_comm));
	if (!ending)
		return;
	a->ac_utime = compress(utime / TICK_NS);
	a->ac_stime = compress(stime / TICK_NS);
	a->ac_mem = compress(current->mm ? current->mm->total_pages * (PAGE_SIZE / 1024) : 0);
	a->ac_minflt = compress(minflt);
	a->ac_majflt = compress(majflt);
}

/* [acct_mutex] */
static bool room(const struct file *f)
{
	struct statfs st;
	u64 now = now_mono();

	if (now < next_look)
		return has_room;
	next_look = now + (u64)READ_ONCE(acct_interval) * NSEC_PER_SEC;
	if (!vfs_statfs(&f->path, &st) && st.f_blocks > 0) {
		u64 free = (u64)st.f_bavail * 100 / (u64)st.f_blocks;

		has_room = has_room ? free > (u64)READ_ONCE(acct_suspend) :
				      free >= (u64)READ_ONCE(acct_resume);
	}
	return has_room;
}

void acct_process(struct proc *p)
{
	struct file *f = NULL;
	struct acct_v3 a;

	if (likely(!READ_ONCE(acct_file)))
		return;
	mutex_lock(&acct_mutex);
	if (acct_file && room(acct_file))
		f = file_get(acct_file);
	mutex_unlock(&acct_mutex);
	if (!f)
		return;
	fill(&a, p, true);
	p->rlimits[RLIMIT_FSIZE].rlim_cur = RLIM_INFINITY; /* no limit of the dead one's binds it */
	write_record(f, &a);
	file_put(f);
}

int acct_start(const char *path)
{
	struct file *f = NULL, *old;
	struct acct_v3 a;

	if (path) {
		f = file_open(AT_FDCWD, path, O_WRONLY | O_APPEND | O_LARGEFILE, 0);
		if (IS_ERR(f))
			return (int)PTR_ERR(f);
		if (!S_ISREG(f->inode->mode)) {
			file_put(f);
			return -EACCES;
		}
	}
	mutex_lock(&acct_mutex);
	old = acct_file;
	WRITE_ONCE(acct_file, f);
	has_room = true;
	next_look = 0;
	mutex_unlock(&acct_mutex);
	if (old) {
		/* The last record is of who ends it. */
		fill(&a, current->proc, false);
		write_record(old, &a);
		file_put(old);
	}
	return 0;
}
