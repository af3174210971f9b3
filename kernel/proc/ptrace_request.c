/*
 * What a tracer asks of its tracee: the requests of ptrace(2) but for how tracing
 * begins (ptrace.c). A tracee is frozen while it is looked at: it stays in its
 * stop and off its hart, so that registers, memory and signals hold still.
 * Nothing is locked across a copy from or to the tracer's memory.
 */
#include "core/pidns.h"
#include "proc/ptrace.h"

#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/elf.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>
#include <uapi/seccomp.h>
#include <uapi/uio.h>

#include "arch/riscv/cpu.h"
#include "core/cred.h"
#include "core/sched.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/seccomp.h"

/* --- holding still ------------------------------------------------------------------------------ */

/* After an exec that it was not told of yet, the tracer may mean a thread that is no more. [g] */
static bool means_another(const struct task *t)
{
	return t->pt.code == (PTRACE_EVENT_EXEC << 8 | SIGTRAP) &&
	       t->pt.message != (u64)pid_here(t->pid);
}

/* 0 with t frozen (any: in whatever state it is, and not frozen), or -ESRCH. */
static int hold(struct task *t, bool any)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	int err = -ESRCH;

	if (t->pt.flags && t->pt.tracer == current) {
		spin_lock(&t->proc->sighand->lock);
		if (any) {
			err = 0;
		} else if (READ_ONCE(t->state) == TASK_TRACED && !(t->pt.job & JOB_LISTENING) &&
			   !means_another(t) && !fatal_signal_pending(t)) {
			t->pt.job |= JOB_FROZEN;
			err = 0;
		}
		spin_unlock(&t->proc->sighand->lock);
	}
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	/* It has stopped, or is about to leave its hart: then its registers are all in memory. */
	while (!err && !any && smp_load_acquire(&t->on_cpu))
		cpu_relax();
	return err;
}

static void release(struct task *t)
{
	unsigned long irq;
	struct sighand *sh = sighand_lock(t->proc, &irq);

	t->pt.job &= ~JOB_FROZEN;
	if (fatal_signal_pending(t))
		wake_task(t, TASK_TRACED);
	sighand_unlock(sh, irq);
}

/* --- memory ------------------------------------------------------------------------------------------ */

static long peek(struct task *t, u64 addr, u64 __user *to)
{
	struct mm *mm = task_mm_get(t);
	size_t got = 0;
	u64 word;

	if (mm) {
		got = mm_copy_from(mm, &word, addr, sizeof(word), true);
		mm_put(mm);
	}
	return got == sizeof(word) ? put_user_u64(word, to) : -EIO;
}

static long poke(struct task *t, u64 addr, u64 word)
{
	struct mm *mm = task_mm_get(t);
	size_t done = 0;

	if (mm) {
		done = ptrace_write_memory(mm, addr, &word, sizeof(word));
		mm_put(mm);
	}
	return done == sizeof(word) ? 0 : -EIO;
}

/* --- registers --------------------------------------------------------------------------------------- */

static_assert(offsetof(struct fpstate, fcsr) == offsetof(struct __riscv_d_ext_state, fcsr) &&
		      sizeof(struct fpstate) == sizeof(struct __riscv_d_ext_state),
	      "NT_PRFPREG");

#define V_NOTE_MAX (V_NOTE_HEAD + 32 * 8192) /* registers of 64 Kibit */

static long copy_regs(void *regs, void __user *user, size_t len, bool set)
{
	return set ? copy_from_user(regs, user, len) : copy_to_user(user, regs, len);
}

/* NT_RISCV_VECTOR: the words of struct vstate but for its pointer, then the registers. */
static long transfer_vectors(struct task *t, u8 __user *user, size_t len, bool set)
{
	struct vstate *v = t->thread.v, head;
	size_t n = min(len, V_NOTE_HEAD), rest = min(len - n, v_size());

	if (!v || !v_used(task_frame(t)))
		return -EINVAL;
	memcpy(&head, v, sizeof(head));
	if (copy_regs(&head, user, n, set))
		return -EFAULT;
	if (set && head.vlenb != v->vlenb)
		return -EINVAL;
	if (set)
		memcpy(v, &head, V_NOTE_HEAD);
	return copy_regs(v->regs, user + n, rest, set);
}

static long transfer_regs(struct task *t, u64 type, struct iovec __user *uiov, bool set)
{
	struct trapframe *tf = task_frame(t);
	struct iovec iov;
	size_t unit = type == NT_RISCV_VECTOR ? 4 : 8, size;
	long err;

	if (copy_from_user(&iov, uiov, sizeof(iov)))
		return -EFAULT;
	if (type == NT_PRSTATUS)
		size = sizeof(struct user_regs_struct);
	else if (type == NT_PRFPREG)
		size = sizeof(struct fpstate);
	else if (type == NT_RISCV_VECTOR)
		size = V_NOTE_MAX;
	else
		return -EINVAL;
	if (iov.iov_len % unit)
		return -EINVAL;
	iov.iov_len = min(iov.iov_len, size);
	if (type == NT_RISCV_VECTOR) {
		err = transfer_vectors(t, (u8 __user *)iov.iov_base, iov.iov_len, set);
		if (set && t->thread.v)
			v_restore(&t->thread, tf);
	} else {
		u64 buf[sizeof(struct fpstate) / 8];
		void *regs = type == NT_PRSTATUS ? (void *)tf : &t->thread.fp;

		err = copy_regs(set ? buf : regs, iov.iov_base, iov.iov_len, set);
		if (!err && set) {
			memcpy(regs, buf, iov.iov_len);
			t->thread.full_restore = 1;
			if (type == NT_PRFPREG)
				fpu_restore(&t->thread, tf);
		}
	}
	return err ? err : put_user_u64(iov.iov_len, (u64 __user *)&uiov->iov_len);
}

/* --- signals ------------------------------------------------------------------------------------------- */

static long get_siginfo(struct task *t, void __user *to)
{
	unsigned long irq;
	struct sighand *sh = sighand_lock(t->proc, &irq);
	siginfo_t si;
	bool have = t->pt.info;

	if (have)
		si = *t->pt.info;
	sighand_unlock(sh, irq);
	if (!have)
		return -EINVAL;
	return copy_to_user(to, &si, sizeof(si));
}

static long set_siginfo(struct task *t, const void __user *from)
{
	unsigned long irq;
	struct sighand *sh;
	siginfo_t si;
	bool have;

	if (copy_from_user(&si, from, sizeof(si)))
		return -EFAULT;
	sh = sighand_lock(t->proc, &irq);
	have = t->pt.info;
	if (have)
		*t->pt.info = si;
	sighand_unlock(sh, irq);
	return have ? 0 : -EINVAL;
}

/* The off-th entry of a queue. */
static bool queue_entry(struct task *t, bool shared, u64 off, siginfo_t *si)
{
	struct sigqueue *q;
	unsigned long irq;
	struct sighand *sh = sighand_lock(t->proc, &irq);
	bool found = false;

	list_for_each_entry(q, shared ? &t->proc->pending.queue : &t->pending.queue, link) {
		if (off--)
			continue;
		*si = q->info;
		found = true;
		break;
	}
	sighand_unlock(sh, irq);
	return found;
}

static long peek_siginfo(struct task *t, const void __user *uargs, siginfo_t __user *to)
{
	struct ptrace_peeksiginfo_args a;
	siginfo_t si;
	long n;

	if (copy_from_user(&a, uargs, sizeof(a)))
		return -EFAULT;
	if ((a.flags & ~(u32)PTRACE_PEEKSIGINFO_SHARED) || a.nr < 0)
		return -EINVAL;
	for (n = 0; n < a.nr; n++) {
		if (!queue_entry(t, a.flags & PTRACE_PEEKSIGINFO_SHARED, a.off + (u64)n, &si))
			break;
		if (copy_to_user(&to[n], &si, sizeof(si)))
			return n ? n : -EFAULT;
		if (signal_pending(current))
			return n + 1;
	}
	return n;
}

static long transfer_mask(struct task *t, u64 size, u64 __user *mask, bool set)
{
	unsigned long irq;
	struct sighand *sh;
	u64 v;

	if (size != sizeof(v))
		return -EINVAL;
	if (!set)
		return put_user_u64(t->restore_mask ? t->saved_mask : t->blocked, mask);
	if (get_user_u64(&v, mask))
		return -EFAULT;
	sh = sighand_lock(t->proc, &irq);
	t->blocked = v & ~SIG_UNBLOCKABLE;
	t->restore_mask = false;
	signal_recalc(t);
	sighand_unlock(sh, irq);
	return 0;
}

/* --- what it is doing --------------------------------------------------------------------------------- */

static void call_args(struct task *t, u64 *nr, u64 args[6])
{
	const struct trapframe *tf = task_frame(t);

	*nr = tf->a7;
	args[0] = tf->orig_a0;
	memcpy(args + 1, &tf->a1, 5 * sizeof(*args));
}

static long syscall_info(struct task *t, u64 size, void __user *to)
{
	const struct trapframe *tf = task_frame(t);
	struct ptrace_syscall_info info = {
		.arch = AUDIT_ARCH_RISCV64,
		.instruction_pointer = tf->pc,
		.stack_pointer = tf->sp,
	};
	size_t have = offsetof(struct ptrace_syscall_info, entry);
	int code = t->pt.info ? t->pt.info->si_code : 0;

	if (code == (SIGTRAP | 0x80) && t->pt.message == 1) {
		info.op = PTRACE_SYSCALL_INFO_ENTRY;
		call_args(t, &info.entry.nr, info.entry.args);
		have += sizeof(info.entry);
	} else if (code == (SIGTRAP | 0x80) && t->pt.message == 2) {
		info.op = PTRACE_SYSCALL_INFO_EXIT;
		info.exit.rval = (s64)tf->a0;
		info.exit.is_error = tf->a0 >= (u64)-4095;
		have = offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
	} else if (code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
		info.op = PTRACE_SYSCALL_INFO_SECCOMP;
		call_args(t, &info.seccomp.nr, info.seccomp.args);
		info.seccomp.ret_data = (u32)t->pt.message;
		have = offsetof(struct ptrace_syscall_info, seccomp.ret_data) + 4;
	}
	return copy_to_user(to, &info, min(size, have)) ? -EFAULT : (long)have;
}

static long rseq_configuration(struct task *t, u64 size, void __user *to)
{
	struct ptrace_rseq_configuration c = {
		.rseq_abi_pointer = (__force u64)t->rseq,
		.rseq_abi_size = t->rseq ? t->rseq_len : 0,
		.signature = t->rseq ? t->rseq_sig : 0,
	};

	return copy_to_user(to, &c, min(size, sizeof(c))) ? -EFAULT : (long)sizeof(c);
}

/* What prctl(2), PR_SET_SYSCALL_USER_DISPATCH, has set. */
static long user_dispatch(struct task *t, u64 size, void __user *user, bool set)
{
	struct ptrace_sud_config c = { 0 };

	if (size != sizeof(c))
		return -EINVAL;
	if (set) {
		if (copy_from_user(&c, user, sizeof(c)))
			return -EFAULT;
		return user_dispatch_set(t, c.mode, c.offset, c.len, (u8 __user *)c.selector);
	}
	if (READ_ONCE(t->thread.work) & WORK_DISPATCH)
		c.mode = PR_SYS_DISPATCH_ON;
	c.selector = (__force u64)t->dispatch.selector;
	c.offset = t->dispatch.start;
	c.len = t->dispatch.len;
	return copy_to_user(user, &c, sizeof(c));
}

/* The nth filter that was set, counted from 0. t is frozen: its chain may grow, but stays. */
static const struct seccomp_filter *nth_filter(struct task *t, u64 n)
{
	const struct seccomp_filter *f = READ_ONCE(t->seccomp);
	u64 count = 0;

	if (!capable(CAP_SYS_ADMIN) || current->seccomp_mode)
		return ERR_PTR(-EACCES);
	if (t->seccomp_mode != SECCOMP_MODE_FILTER)
		return ERR_PTR(-EINVAL);
	for (const struct seccomp_filter *i = f; i; i = i->prev)
		count++;
	if (n >= count)
		return ERR_PTR(-ENOENT);
	for (count -= n; count > 1; count--)
		f = f->prev;
	return f;
}

static long get_filter(struct task *t, u64 n, void __user *to)
{
	const struct seccomp_filter *f = nth_filter(t, n);

	if (IS_ERR(f))
		return PTR_ERR(f);
	if (to && copy_to_user(to, f->insns, f->len * sizeof(f->insns[0])))
		return -EFAULT;
	return f->len;
}

static long get_filter_flags(struct task *t, u64 size, void __user *user)
{
	u64 meta[2]; /* struct seccomp_metadata: which, and its SECCOMP_FILTER_FLAG_* */
	const struct seccomp_filter *f;

	size = min(size, sizeof(meta));
	if (size < sizeof(meta[0]))
		return -EINVAL;
	if (copy_from_user(meta, user, sizeof(meta[0])))
		return -EFAULT;
	f = nth_filter(t, meta[0]);
	if (IS_ERR(f))
		return PTR_ERR(f);
	meta[1] = f->log ? SECCOMP_FILTER_FLAG_LOG : 0;
	return copy_to_user(user, meta, size) ? -EFAULT : (long)size;
}

/* --- commands -------------------------------------------------------------------------------------------- */

int ptrace_check_options(u64 options)
{
	if (options & ~(u64)PTRACE_O_MASK)
		return -EINVAL;
	if ((options & PTRACE_O_SUSPEND_SECCOMP) &&
	    (!capable(CAP_SYS_ADMIN) || current->seccomp_mode ||
	     (current->pt.flags & PT_OPTION(PTRACE_O_SUSPEND_SECCOMP))))
		return -EPERM;
	return 0;
}

static long set_options(struct task *t, u64 options)
{
	int err = ptrace_check_options(options);
	unsigned long irq;
	struct sighand *sh;

	if (err)
		return err;
	sh = sighand_lock(t->proc, &irq);
	t->pt.flags = (t->pt.flags & (PT_TRACED | PT_SEIZED)) | PT_OPTION(options);
	sighand_unlock(sh, irq);
	return 0;
}

/* Frees t from its stop, which release() then finds over. */
static long go_on(struct task *t, long request, u64 signo)
{
	u32 *work = &t->thread.work;

	if (signo > _NSIG)
		return -EIO;
	__atomic_fetch_and(work, ~(WORK_PTRACE | WORK_EMU), __ATOMIC_SEQ_CST);
	if (request == PTRACE_SYSCALL)
		__atomic_fetch_or(work, WORK_PTRACE, __ATOMIC_SEQ_CST);
	else if (request == PTRACE_SYSEMU)
		__atomic_fetch_or(work, WORK_EMU, __ATOMIC_SEQ_CST);
	if (request == PTRACE_SINGLESTEP || request == PTRACE_SYSEMU_SINGLESTEP)
		return -EIO; /* the machine cannot: debuggers set breakpoints */
	ptrace_resume(t, (int)signo);
	return 0;
}

/* Wherever t is, it is to stop soon, in a stop that no signal makes. */
static long interrupt(struct task *t)
{
	unsigned long irq;
	struct sighand *sh;

	if (!(t->pt.flags & PT_SEIZED))
		return -EIO;
	sh = sighand_lock(t->proc, &irq);
	if (!(t->flags & TF_EXITING) && !fatal_signal_pending(t)) {
		t->pt.job |= JOB_TRAP_STOP;
		signal_wake_tracee(t, t->pt.job & JOB_LISTENING);
	}
	sighand_unlock(sh, irq);
	return 0;
}

static long listen(struct task *t)
{
	unsigned long irq;
	struct sighand *sh;
	long err = -EIO;

	if (!(t->pt.flags & PT_SEIZED))
		return err;
	sh = sighand_lock(t->proc, &irq);
	if (t->pt.info && t->pt.info->si_code >> 8 == PTRACE_EVENT_STOP) {
		err = 0;
		t->pt.job |= JOB_LISTENING;
		/* News came since the stop began: it stops anew. */
		if (t->pt.job & JOB_TRAP_NOTIFY) {
			t->pt.job &= ~JOB_FROZEN;
			signal_wake_tracee(t, true);
		}
	}
	sighand_unlock(sh, irq);
	return err;
}

static void kill(struct task *t)
{
	siginfo_t si;

	siginfo_user(&si, SIGKILL, SI_USER);
	signal_send_task(t, &si);
}

/* t is frozen. *gone: it is not any more. */
static long command(struct task *t, long request, u64 addr, u64 data, bool *gone)
{
	void __user *to = (void __user *)data;

	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return peek(t, addr, to);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return poke(t, addr, data);
	case PTRACE_GETREGSET:
	case PTRACE_SETREGSET:
		return transfer_regs(t, (u32)addr, to, request == PTRACE_SETREGSET);
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		return go_on(t, request, data);
	case PTRACE_DETACH:
		if (data > _NSIG)
			return -EIO;
		*gone = true;
		ptrace_detach(t, (int)data);
		return 0;
	case PTRACE_SETOPTIONS:
		return set_options(t, data);
	case PTRACE_GETEVENTMSG:
		return put_user_u64(t->pt.message, to);
	case PTRACE_GETSIGINFO:
		return get_siginfo(t, to);
	case PTRACE_SETSIGINFO:
		return set_siginfo(t, to);
	case PTRACE_PEEKSIGINFO:
		return peek_siginfo(t, (void __user *)addr, to);
	case PTRACE_GETSIGMASK:
	case PTRACE_SETSIGMASK:
		return transfer_mask(t, addr, to, request == PTRACE_SETSIGMASK);
	case PTRACE_LISTEN:
		return listen(t);
	case PTRACE_GET_SYSCALL_INFO:
		return syscall_info(t, addr, to);
	case PTRACE_GET_RSEQ_CONFIGURATION:
		return rseq_configuration(t, addr, to);
	case PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG:
	case PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG:
		return user_dispatch(t, addr, to,
				     request == PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG);
	case PTRACE_SECCOMP_GET_FILTER:
		return get_filter(t, addr, to);
	case PTRACE_SECCOMP_GET_METADATA:
		return get_filter_flags(t, addr, to);
	}
	return -EIO;
}

long ptrace_request(struct task *t, long request, u64 addr, u64 data)
{
	bool any = request == PTRACE_KILL || request == PTRACE_INTERRUPT, gone = false;
	long ret = t->proc ? hold(t, any) : -ESRCH;

	if (ret)
		return ret;
	if (request == PTRACE_KILL) {
		kill(t);
		return 0;
	}
	if (request == PTRACE_INTERRUPT)
		return interrupt(t);
	ret = command(t, request, addr, data, &gone);
	if (!gone)
		release(t);
	return ret;
}
