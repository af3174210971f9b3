/*
 * prctl(2): attributes of the calling process and thread. What Linux offers
 * only on other machines, or not without a facility this kernel lacks, is
 * refused with EINVAL as Linux does. Credentials are copied to be changed; the
 * rest is current's own, but for pdeath_signal and child_subreaper, which the
 * tree reads as single words.
 */
#include <compiler.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>
#include <uapi/signal.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/pgtable.h"
#include "core/cred.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "core/userns.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/seccomp.h"
#include "proc/yama.h"
#include "syscall/prctl.h"

#define SECUREBITS_ALL	 0xffU
#define SECUREBITS_LOCKS 0xaaU

typedef void (*cred_change)(struct cred *c, u64 arg);

/* Applies one change to a copy of current's credentials. */
static long change_cred(cred_change fn, u64 arg)
{
	struct cred *c = cred_copy(current->cred, current->cred->ngroups);

	if (!c)
		return -ENOMEM;
	fn(c, arg);
	cred_commit(c);
	return 0;
}

static void drop_bounding(struct cred *c, u64 cap)
{
	c->cap_bounding &= ~(1UL << cap);
}

static void set_securebits(struct cred *c, u64 bits)
{
	c->securebits = (u32)bits;
}

static void set_ambient(struct cred *c, u64 caps)
{
	c->cap_ambient = caps;
}

static long capbset(int option, u64 cap)
{
	if (option == PR_CAPBSET_DROP && !own_capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST)
		return -EINVAL;
	if (option == PR_CAPBSET_READ)
		return current->cred->cap_bounding >> cap & 1;
	return change_cred(drop_bounding, cap);
}

/* capabilities(7), "The securebits flags": locks cannot be undone, locked bits not be changed. */
static long securebits(u64 bits)
{
	u32 old = current->cred->securebits;
	u32 locked = (old & SECUREBITS_LOCKS) >> 1;

	if ((locked & (old ^ (u32)bits)) || (old & SECUREBITS_LOCKS & ~(u32)bits) ||
	    (bits & ~(u64)SECUREBITS_ALL) || !own_capable(CAP_SETPCAP))
		return -EPERM;
	return change_cred(set_securebits, bits);
}

static long keepcaps(u64 on)
{
	u32 old = current->cred->securebits;

	if (on > 1)
		return -EINVAL;
	if (old & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	return change_cred(set_securebits, on ? old | SECBIT_KEEP_CAPS : old & ~SECBIT_KEEP_CAPS);
}

static long ambient(u64 op, u64 cap, u64 arg4, u64 arg5)
{
	const struct cred *c = current->cred;
	u64 bit;

	if (op == PR_CAP_AMBIENT_CLEAR_ALL)
		return cap || arg4 || arg5 ? -EINVAL : change_cred(set_ambient, 0);
	if (arg4 || arg5 || cap > CAP_LAST)
		return -EINVAL;
	bit = 1UL << cap;
	switch (op) {
	case PR_CAP_AMBIENT_IS_SET:
		return !!(c->cap_ambient & bit);
	case PR_CAP_AMBIENT_RAISE:
		if (!(c->cap_permitted & c->cap_inheritable & bit) ||
		    (c->securebits & SECBIT_NO_CAP_AMBIENT_RAISE))
			return -EPERM;
		return change_cred(set_ambient, c->cap_ambient | bit);
	case PR_CAP_AMBIENT_LOWER:
		return change_cred(set_ambient, c->cap_ambient & ~bit);
	default:
		return -EINVAL;
	}
}

static long set_comm(const char __user *name)
{
	char comm[TASK_COMM_LEN] = { 0 };
	ssize_t n = strncpy_from_user(comm, name, sizeof(comm));

	if (n == -EFAULT)
		return -EFAULT;
	comm[sizeof(comm) - 1] = 0;
	task_set_comm(current, comm);
	return 0;
}

static long get_comm(char __user *name)
{
	char comm[TASK_COMM_LEN];

	spin_lock(&current->lock);
	memcpy(comm, current->comm, sizeof(comm));
	spin_unlock(&current->lock);
	return copy_to_user(name, comm, sizeof(comm));
}

static long put_int(u64 uptr, int v)
{
	return put_user_u32((u32)v, (u32 __user *)uptr);
}

static long set_pdeath(u64 sig)
{
	if (sig > _NSIG)
		return -EINVAL;
	WRITE_ONCE(current->pdeath_signal, (int)sig);
	return 0;
}

static long set_no_new_privs(u64 on, u64 arg3, u64 arg4, u64 arg5)
{
	unsigned long irq;
	struct sighand *sh;

	if (on != 1 || arg3 || arg4 || arg5)
		return -EINVAL;
	sh = sighand_lock(current->proc, &irq);
	current->no_new_privs = true;
	sighand_unlock(sh, irq);
	return 0;
}

/* --- seccomp(2) ----------------------------------------------------------------------------------- */

static long action_avail(const void __user *arg)
{
	u32 action;

	if (get_user_u32(&action, arg))
		return -EFAULT;
	return seccomp_action_known(action);
}

static long notif_sizes(void __user *arg)
{
	static const struct seccomp_notif_sizes sizes = {
		sizeof(struct seccomp_notif),
		sizeof(struct seccomp_notif_resp),
		sizeof(struct seccomp_data),
	};

	return copy_to_user(arg, &sizes, sizeof(sizes));
}

long sys_seccomp(unsigned int op, unsigned long flags64, void __user *args)
{
	u32 flags = (u32)flags64;

	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || args ? -EINVAL : seccomp_set_strict();
	case SECCOMP_SET_MODE_FILTER:
		return seccomp_set_filter(flags, args);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_avail(args);
	case SECCOMP_GET_NOTIF_SIZES:
		return flags ? -EINVAL : notif_sizes(args);
	default:
		return -EINVAL;
	}
}

static long set_seccomp(u64 mode, u64 filter)
{
	switch (mode) {
	case SECCOMP_MODE_STRICT:
		return seccomp_set_strict();
	case SECCOMP_MODE_FILTER:
		return seccomp_set_filter(0, (const void __user *)filter);
	default:
		return -EINVAL;
	}
}

/* --- attributes of the process and the thread ------------------------------------------------------ */

static long set_dumpable(u64 v)
{
	if (v > DUMP_USER)
		return -EINVAL;
	current->proc->dumpable = (u8)v;
	return 0;
}

/* PR_RISCV_V_SET_CONTROL: vectors for the thread as it is, and for the program it may exec. */
static long set_vectors(u64 arg)
{
	u32 *control = &current->thread.v_control;
	u32 now = *control & PR_RISCV_V_VSTATE_CTRL_CUR_MASK, to = (u32)arg;
	u32 cur = to & PR_RISCV_V_VSTATE_CTRL_CUR_MASK;

	if (!v_size() || (arg & ~(u64)PR_RISCV_V_VSTATE_CTRL_MASK) ||
	    cur > PR_RISCV_V_VSTATE_CTRL_ON ||
	    (to >> 2 & PR_RISCV_V_VSTATE_CTRL_CUR_MASK) > PR_RISCV_V_VSTATE_CTRL_ON)
		return -EINVAL;
	if (cur == PR_RISCV_V_VSTATE_CTRL_OFF && now != PR_RISCV_V_VSTATE_CTRL_OFF)
		return -EPERM;
	*control = cur == PR_RISCV_V_VSTATE_CTRL_DEFAULT ? to | now : to;
	return 0;
}

/* What to do with a thread whose memory turns out to be broken. */
static long set_mce_kill(u64 op, u64 policy, u64 a4, u64 a5)
{
	if (a4 || a5 || op > PR_MCE_KILL_SET || policy > PR_MCE_KILL_DEFAULT ||
	    (op == PR_MCE_KILL_CLEAR && policy))
		return -EINVAL;
	current->mce_kill = op == PR_MCE_KILL_CLEAR ? PR_MCE_KILL_DEFAULT : (u8)policy;
	return 0;
}

static long io_flusher(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (a3 || a4 || a5 || (option == PR_GET_IO_FLUSHER ? a2 != 0 : a2 > 1))
		return -EINVAL;
	if (option == PR_GET_IO_FLUSHER)
		return current->io_flusher;
	current->io_flusher = a2;
	return 0;
}

/* Who may trace the process though no ancestor of it. */
static long set_ptracer(u64 pid)
{
	struct task *t;
	long err;

	if (!pid || pid == PR_SET_PTRACER_ANY)
		return yama_let_in(NULL, pid != 0);
	t = (int)pid > 0 ? task_find_get((int)pid) : NULL;
	if (!t)
		return -EINVAL;
	err = yama_let_in(t->proc ? t : NULL, false);
	task_put(t);
	return err;
}

/* riscv: with it on, a FENCE.I of the program's own counts on every hart it will run on. */
static long set_fencei(u64 ctx, u64 scope)
{
	struct sighand *sh;
	unsigned long irq;
	struct task *t;

	if (ctx > PR_RISCV_CTX_SW_FENCEI_OFF || scope > PR_RISCV_SCOPE_PER_THREAD)
		return -EINVAL;
	sh = sighand_lock(current->proc, &irq);
	list_for_each_entry(t, &current->proc->threads, thread_link)
		if (t == current || scope == PR_RISCV_SCOPE_PER_PROCESS)
			WRITE_ONCE(t->fencei, ctx == PR_RISCV_CTX_SW_FENCEI_ON);
	sighand_unlock(sh, irq);
	icache_flush(all_harts());
	return 0;
}

/* Attributes of the address space. */
static long prctl_space(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	switch (option) {
	case PR_SET_MM:
		return prctl_set_mm(a2, a3, a4, a5);
	case PR_SET_VMA:
		return prctl_set_vma(a2, a3, a4, (const char __user *)a5);
	case PR_GET_AUXV:
		return a4 || a5 ? -EINVAL : prctl_get_auxv((void __user *)a2, a3);
	case PR_SET_THP_DISABLE:
		return a3 || a4 || a5 ? -EINVAL : prctl_mm_flag(MM_THP_DISABLE, a2);
	case PR_GET_THP_DISABLE:
		return a2 || a3 || a4 || a5 ? -EINVAL : !!(current->mm->flags & MM_THP_DISABLE);
	case PR_SET_MEMORY_MERGE:
		return a3 || a4 || a5 ? -EINVAL : prctl_mm_flag(MM_MERGE, a2);
	case PR_GET_MEMORY_MERGE:
		return a2 || a3 || a4 || a5 ? -EINVAL : !!(current->mm->flags & MM_MERGE);
	case PR_SET_MDWE:
		return a3 || a4 || a5 ? -EINVAL : prctl_set_mdwe(a2);
	case PR_GET_MDWE:
		return a2 || a3 || a4 || a5 ? -EINVAL : prctl_get_mdwe();
	case PR_RISCV_SET_ICACHE_FLUSH_CTX:
		return set_fencei(a2, a3);
	default:
		return -EINVAL;
	}
}

/* Attributes of the process and the thread. */
static long prctl_self(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct task *t = current;
	struct proc *p = t->proc;

	switch (option) {
	case PR_SET_PDEATHSIG:
		return set_pdeath(a2);
	case PR_GET_PDEATHSIG:
		return put_int(a2, t->pdeath_signal);
	case PR_GET_DUMPABLE:
		return p->dumpable;
	case PR_SET_DUMPABLE:
		return set_dumpable(a2);
	case PR_SET_NAME:
		return set_comm((const char __user *)a2);
	case PR_GET_NAME:
		return get_comm((char __user *)a2);
	case PR_SET_TIMERSLACK:
		if (!t->se.rt_prio)
			t->timer_slack = a2 ? a2 : t->default_slack;
		return 0;
	case PR_GET_TIMERSLACK:
		return t->se.rt_prio ? 0 : (long)min(t->timer_slack, (u64)S64_MAX);
	case PR_SET_CHILD_SUBREAPER:
		WRITE_ONCE(p->child_subreaper, a2 != 0);
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_int(a2, p->child_subreaper);
	case PR_SET_NO_NEW_PRIVS:
		return set_no_new_privs(a2, a3, a4, a5);
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : t->no_new_privs;
	case PR_GET_TID_ADDRESS:
		return put_user_u64((__force u64)t->clear_child_tid, (u64 __user *)a2);
	case PR_GET_SECCOMP:
		return t->seccomp_mode;
	case PR_SET_SECCOMP:
		return set_seccomp(a2, a3);
	case PR_RISCV_V_SET_CONTROL:
		return set_vectors(a2);
	case PR_RISCV_V_GET_CONTROL:
		return v_size() ? (long)t->thread.v_control : -EINVAL;
	case PR_SET_SYSCALL_USER_DISPATCH:
		return user_dispatch_set(current, a2, a3, a4, (u8 __user *)a5);
	case PR_MCE_KILL:
		return set_mce_kill(a2, a3, a4, a5);
	case PR_MCE_KILL_GET:
		return a2 || a3 || a4 || a5 ? -EINVAL : t->mce_kill;
	case PR_SET_IO_FLUSHER:
	case PR_GET_IO_FLUSHER:
		return io_flusher(option, a2, a3, a4, a5);
	case PR_SET_PTRACER:
		return set_ptracer(a2);
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_SET_TIMING:
		return a2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_TASK_PERF_EVENTS_DISABLE:
	case PR_TASK_PERF_EVENTS_ENABLE:
		return 0; /* nobody has any */
	default:
		return prctl_space(option, a2, a3, a4, a5);
	}
}

long sys_prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4,
	       unsigned long arg5)
{
	switch (option) {
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
		return capbset(option, arg2);
	case PR_GET_SECUREBITS:
		return current->cred->securebits;
	case PR_SET_SECUREBITS:
		return securebits(arg2);
	case PR_GET_KEEPCAPS:
		return !!(current->cred->securebits & SECBIT_KEEP_CAPS);
	case PR_SET_KEEPCAPS:
		return keepcaps(arg2);
	case PR_CAP_AMBIENT:
		return ambient(arg2, arg3, arg4, arg5);
	default:
		return prctl_self(option, arg2, arg3, arg4, arg5);
	}
}
