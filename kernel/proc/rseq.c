/*
 * Restartable sequences (rseq(2)): a thread registers an area in its memory
 * where the kernel keeps the hart it runs on, and where it may point to the
 * critical section it is in. Whenever the thread was preempted or migrated, or
 * a handler is about to run, the ids are brought up to date and a section in
 * progress continues at its abort address. The scheduler asks with WORK_NOTIFY.
 * Only current's own state: no locks.
 *
 * A thread has its concurrency id (mm_cid) from its way to user mode until it loses
 * the hart: no two that run in one memory have the same, and as the lowest free one is
 * taken all are below the number of such threads, and of harts.
 */
#include <bitops.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/rseq.h>
#include <uapi/signal.h>

#include "arch/riscv/memlayout.h"
#include "core/sched.h"
#include "core/task.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"

/* cpu_id_start, cpu_id; node_id, mm_cid. */
static int write_ids(struct rseq __user *rs, u32 start, u32 cpu, u32 cid)
{
	u32 head[2] = { start, cpu };
	u32 tail[2] = { 0, cid };

	if (copy_to_user(&rs->cpu_id_start, head, sizeof(head)) ||
	    copy_to_user(&rs->node_id, tail, sizeof(tail)))
		return -EFAULT;
	return 0;
}

/* Is the section well formed, and does its abort address bear the signature? */
static int check_section(const struct rseq_cs *cs, u32 sig)
{
	u32 found;

	if (cs->version || cs->flags || cs->start_ip >= USER_TOP || cs->abort_ip >= USER_TOP ||
	    cs->abort_ip < sizeof(found) || cs->post_commit_offset > USER_TOP - cs->start_ip ||
	    cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (copy_from_user(&found, (const void __user *)(cs->abort_ip - sizeof(found)),
			   sizeof(found)))
		return -EFAULT;
	return found == sig ? 0 : -EINVAL;
}

/* Sends a thread inside its section to the abort address. */
static int fix_pc(struct task *t, struct trapframe *tf)
{
	struct rseq __user *rs = t->rseq;
	struct rseq_cs cs;
	u64 ptr;
	int err = get_user_u64(&ptr, (const u64 __user *)&rs->rseq_cs);

	if (err || !ptr)
		return err;
	if (ptr >= USER_TOP)
		return -EINVAL;
	if (copy_from_user(&cs, (const void __user *)ptr, sizeof(cs)))
		return -EFAULT;
	err = check_section(&cs, t->rseq_sig);
	if (err)
		return err;
	err = put_user_u64(0, (u64 __user *)&rs->rseq_cs);
	if (err)
		return err;
	if (tf->pc - cs.start_ip < cs.post_commit_offset)
		tf->pc = cs.abort_ip;
	return 0;
}

/* Each hart has one at most, so there is always a free one. Whoever had it before is done with what it guards. */
static u32 concurrency_id(struct task *t)
{
	u64 *cids = &t->mm->cids, old = READ_ONCE(*cids);

	if (!t->cids) {
		do
			t->cid_bit = ~old & (old + 1);
		while (!__atomic_compare_exchange_n(cids, &old, old | t->cid_bit, true,
						    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
		t->cids = cids;
	}
	return ctz64(t->cid_bit);
}

void rseq_resume(struct trapframe *tf)
{
	struct task *t = current;

	if (!t->rseq)
		return;
	if (fix_pc(t, tf) || write_ids(t->rseq, hart_id(), hart_id(), concurrency_id(t)))
		signal_force(SIGSEGV, SI_KERNEL, 0);
}

void rseq_signal(struct trapframe *tf)
{
	rseq_resume(tf);
}

int rseq_register(void __user *area, u32 len, u32 sig)
{
	struct task *t = current;
	const struct rseq __user *rs = area;
	u64 addr = (__force u64)area, section;

	if (t->rseq) {
		if (t->rseq != area || t->rseq_len != len)
			return -EINVAL;
		return t->rseq_sig == sig ? -EBUSY : -EPERM;
	}
	if (len < sizeof(struct rseq) || (addr & (__alignof__(struct rseq) - 1)))
		return -EINVAL;
	if (!user_range_ok(area, len))
		return -EFAULT;
	/* What an earlier owner of the memory left there is no section of this thread's. */
	if (get_user_u64(&section, (const u64 __user *)&rs->rseq_cs) ||
	    (section && put_user_u64(0, (u64 __user *)&rs->rseq_cs)))
		return -EFAULT;
	t->rseq = area;
	t->rseq_len = len;
	t->rseq_sig = sig;
	__atomic_fetch_or(&t->thread.work, WORK_NOTIFY, __ATOMIC_RELAXED);
	return 0;
}

void rseq_forget(struct task *t)
{
	t->rseq = NULL;
	if (t->cids)
		sched_drop_cid(t);
}

int rseq_unregister(void __user *area, u32 len, u32 sig)
{
	struct task *t = current;

	if (!t->rseq || t->rseq != area || t->rseq_len != len)
		return -EINVAL;
	if (t->rseq_sig != sig)
		return -EPERM;
	if (write_ids(t->rseq, 0, (u32)RSEQ_CPU_ID_UNINITIALIZED, 0))
		return -EFAULT;
	rseq_forget(t);
	t->rseq_len = 0;
	t->rseq_sig = 0;
	return 0;
}
