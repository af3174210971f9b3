/*
 * Seccomp: modes, filters and what they decide (seccomp.h, seccomp(2)). What a SECCOMP_RET_USER_NOTIF
 * leads to is seccomp_notify.c's. Locking: seccomp.h.
 */
#include "proc/seccomp.h"

#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <syscall_numbers.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/pidns.h"
#include "core/signal.h"
#include "core/userns.h"
#include "fs/files.h"
#include "lib/cbpf.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "proc/coredump.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "sync/log.h"

#define PATH_COST_MAX 32768 /* of a chain, each filter counted with PATH_PENALTY more */
#define PATH_PENALTY  4
#define ERRNO_MAX     4095
#define FLAGS_KNOWN                                                                             \
	(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW | \
	 SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC_ESRCH |                   \
	 SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)

static const u32 actions[SECCOMP_ACTIONS] = {
	SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
	SECCOMP_RET_USER_NOTIF,	  SECCOMP_RET_TRACE,	   SECCOMP_RET_LOG,  SECCOMP_RET_ALLOW,
};
const char *const seccomp_action_names[SECCOMP_ACTIONS] = {
	"kill_process", "kill_thread", "trap", "errno", "user_notif", "trace", "log", "allow",
};
u32 seccomp_logged = 0x7f; /* all but allow */

static int action_index(u32 action)
{
	for (int i = 0; i < SECCOMP_ACTIONS; i++)
		if (actions[i] == action)
			return i;
	return 0; /* what nobody knows kills */
}

int seccomp_action_known(u32 action)
{
	return actions[action_index(action)] == action ? 0 : -EOPNOTSUPP;
}

/* --- the call ------------------------------------------------------------------------------------ */

/* At most ten lines in five seconds: programs make them. */
static void log_call(u32 action, const struct seccomp_data *sd, int signo)
{
	static u64 since;
	static u32 lines;
	u64 now = now_mono();

	if (!(READ_ONCE(seccomp_logged) >> action_index(action) & 1))
		return;
	if (now - READ_ONCE(since) > 5 * NSEC_PER_SEC) {
		WRITE_ONCE(since, now);
		WRITE_ONCE(lines, 0);
	}
	if (__atomic_fetch_add(&lines, 1, __ATOMIC_RELAXED) >= 10)
		return;
	pr_info("seccomp: uid=%u gid=%u pid=%d comm=\"%s\" sig=%d arch=%x syscall=%d ip=%#lx code=%#x",
		current->cred->uid, current->cred->gid, task_tid(current), current->comm, signo,
		sd->arch, sd->nr, sd->instruction_pointer, action);
}

/* The verdict that comes first in order of action, and the filter that gave it. */
static u32 run_filters(const struct seccomp_data *sd, struct seccomp_filter **match)
{
	u32 verdict = SECCOMP_RET_ALLOW;

	*match = NULL;
	for (struct seccomp_filter *f = READ_ONCE(current->seccomp); f; f = f->prev) {
		u32 v = cbpf_run(f->insns, sd, sizeof(*sd));

		/* Signed: SECCOMP_RET_KILL_PROCESS is the lowest. */
		if ((s32)(v & SECCOMP_RET_ACTION_FULL) < (s32)(verdict & SECCOMP_RET_ACTION_FULL)) {
			verdict = v;
			*match = f;
		}
	}
	return verdict;
}

static void gather(struct seccomp_data *sd, const struct trapframe *tf)
{
	*sd = (struct seccomp_data){
		.nr = (int)tf->a7,
		.arch = AUDIT_ARCH_RISCV64,
		.instruction_pointer = tf->pc,
		.args = { tf->orig_a0, tf->a1, tf->a2, tf->a3, tf->a4, tf->a5 },
	};
}

static void fill_sigsys(siginfo_t *si, const struct seccomp_data *sd, u32 data)
{
	siginfo_init(si, SIGSYS, SYS_SECCOMP);
	si->si_errno = (int)data;
	si->si_call_addr = (void __user *)sd->instruction_pointer;
	si->si_syscall = sd->nr;
	si->si_arch = sd->arch;
}

static __noreturn void kill_by(u32 action, const struct seccomp_data *sd, u32 data,
			       struct trapframe *tf)
{
	struct task *t = current;
	siginfo_t si;

	log_call(action, sd, SIGSYS);
	/* The last thread's death is the process's: it is told of as a signal's. */
	if (action == SECCOMP_RET_KILL_THREAD && atomic_read(&t->proc->live) > 1)
		thread_exit(SIGSYS);
	fill_sigsys(&si, sd, data);
	tf->a0 = tf->orig_a0;
	core_dump(SIGSYS, &si);
	group_exit(SIGSYS);
}

/* again: the tracer has had its say. */
static bool filtered(struct trapframe *tf, bool again)
{
	struct seccomp_filter *match;
	struct seccomp_data sd;
	u32 verdict, action, data;
	siginfo_t si;

	gather(&sd, tf);
	verdict = run_filters(&sd, &match);
	action = verdict & SECCOMP_RET_ACTION_FULL;
	data = verdict & SECCOMP_RET_DATA;
	switch (action) {
	case SECCOMP_RET_ALLOW:
		return true;
	case SECCOMP_RET_LOG:
		log_call(action, &sd, 0);
		return true;
	case SECCOMP_RET_ERRNO:
		tf->a0 = (u64) - (s64)min(data, (u32)ERRNO_MAX);
		break;
	case SECCOMP_RET_TRAP:
		fill_sigsys(&si, &sd, data);
		signal_force_info(&si);
		tf->a0 = tf->orig_a0;
		tf->cause = ~0UL; /* a0 is the argument it was, not a result */
		break;
	case SECCOMP_RET_TRACE:
		if (again)
			return true;
		tf->a0 = (u64)-ENOSYS;
		if (!ptrace_event_on(PTRACE_EVENT_SECCOMP))
			break;
		ptrace_event(PTRACE_EVENT_SECCOMP, data);
		/* The tracer may have made another call of it, or none. */
		return !fatal_signal_pending(current) && (s32)tf->a7 >= 0 && filtered(tf, true);
	case SECCOMP_RET_USER_NOTIF:
		if (seccomp_ask(match, tf, &sd))
			return true;
		break;
	default:
		kill_by(action, &sd, data, tf);
	}
	if (match->log)
		log_call(action, &sd, 0);
	return false;
}

static bool strict_allows(u64 nr)
{
	return nr == __NR_read || nr == __NR_write || nr == __NR_exit || nr == __NR_rt_sigreturn;
}

bool seccomp_enter(struct trapframe *tf)
{
	struct seccomp_data sd;

	if (current->pt.flags & PT_OPTION(PTRACE_O_SUSPEND_SECCOMP))
		return true;
	if (current->seccomp_mode == SECCOMP_MODE_FILTER)
		return filtered(tf, false);
	if (strict_allows(tf->a7))
		return true;
	gather(&sd, tf);
	log_call(SECCOMP_RET_KILL_THREAD, &sd, SIGKILL);
	thread_exit(SIGKILL);
}

/* --- setting --------------------------------------------------------------------------------------- */

/* [g] */
static void set_mode(struct task *t, u8 mode)
{
	t->seccomp_mode = mode;
	__atomic_fetch_or(&t->thread.work, WORK_SECCOMP, __ATOMIC_RELEASE);
}

/* There is no way back, and none across. */
static bool may_set(u8 mode)
{
	return !current->seccomp_mode || current->seccomp_mode == mode;
}

long seccomp_set_strict(void)
{
	unsigned long irq;
	struct sighand *sh = sighand_lock(current->proc, &irq);
	bool may = may_set(SECCOMP_MODE_STRICT);

	if (may)
		set_mode(current, SECCOMP_MODE_STRICT);
	sighand_unlock(sh, irq);
	return may ? 0 : -EINVAL;
}

/* What the ABI's limit counts are the instructions of eBPF that Linux makes of the program. */
static unsigned cost_of(const struct seccomp_filter *f)
{
	unsigned cost = 3;

	for (unsigned n = 0; n < f->len; n++) {
		const struct sock_filter *i = &f->insns[n];
		unsigned op = BPF_OP(i->code);

		cost++;
		if (i->code == (BPF_RET | BPF_K))
			cost++;
		else if (i->code == (BPF_ALU | BPF_DIV | BPF_X))
			cost += 4;
		else if (BPF_CLASS(i->code) == BPF_JMP && op != BPF_JA)
			cost += (!BPF_SRC(i->code) && (s32)i->k < 0) +
				(i->jf && (i->jt || op == BPF_JSET));
	}
	return cost;
}

static int read_insns(struct seccomp_filter *f, const struct sock_filter __user *from)
{
	size_t bytes = f->len * sizeof(f->insns[0]);
	u16 *scratch;
	int err;

	if (copy_from_user(f->insns, from, bytes))
		return -EFAULT;
	scratch = kmalloc(f->len * sizeof(*scratch), 0);
	if (!scratch)
		return -ENOMEM;
	err = cbpf_check(f->insns, f->len, sizeof(struct seccomp_data), scratch);
	kfree(scratch);
	f->cost = cost_of(f);
	return err;
}

static struct seccomp_filter *read_filter(unsigned flags, const void __user *uprog)
{
	struct sock_fprog prog;
	struct seccomp_filter *f;
	int err;

	if (copy_from_user(&prog, uprog, sizeof(prog)))
		return ERR_PTR(-EFAULT);
	if (prog.len == 0 || prog.len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	if (!current->no_new_privs && !own_capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EACCES);
	f = kmalloc(sizeof(*f) + prog.len * sizeof(f->insns[0]), 0);
	if (!f)
		return ERR_PTR(-ENOMEM);
	memset(f, 0, sizeof(*f));
	f->len = prog.len;
	err = read_insns(f, prog.filter);
	if (err) {
		kfree(f);
		return ERR_PTR(err);
	}
	atomic_set(&f->refs, 1);
	atomic_set(&f->users, 1);
	mutex_init(&f->listener_mutex);
	waitq_init(&f->wait);
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	f->wait_killable = flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	return f;
}

static bool is_ancestor(const struct seccomp_filter *old, const struct seccomp_filter *f)
{
	if (!old)
		return true;
	while (f && f != old)
		f = f->prev;
	return f;
}

/* [g] The first thread that went another way; NULL: all can be given current's chain. */
static struct task *odd_thread(void)
{
	struct task *t;

	list_for_each_entry(t, &current->proc->threads, thread_link) {
		if (t == current || (READ_ONCE(t->flags) & TF_EXITING) || !t->seccomp_mode)
			continue;
		if (t->seccomp_mode != SECCOMP_MODE_FILTER ||
		    !is_ancestor(t->seccomp, current->seccomp))
			return t;
	}
	return NULL;
}

static void filter_get(struct seccomp_filter *f)
{
	if (f) {
		atomic_inc(&f->refs);
		atomic_inc(&f->users);
	}
}

void seccomp_filter_put(struct seccomp_filter *f)
{
	while (f && atomic_dec_and_test(&f->refs)) {
		struct seccomp_filter *prev = f->prev;

		kfree(f);
		f = prev;
	}
}

/* A task is through with the chain. A listener hears when it was the last. */
static void filter_release(struct seccomp_filter *f)
{
	for (struct seccomp_filter *i = f; i && atomic_dec_and_test(&i->users); i = i->prev)
		wake_up_all(&i->wait);
	seccomp_filter_put(f);
}

/* [g] The other threads get current's chain. Their old ones are part of it, so nothing is freed. */
static void synchronise(void)
{
	struct task *t;

	list_for_each_entry(t, &current->proc->threads, thread_link) {
		if (t == current || (READ_ONCE(t->flags) & TF_EXITING))
			continue;
		filter_get(current->seccomp);
		filter_release(t->seccomp);
		smp_store_release(&t->seccomp, current->seccomp);
		t->seccomp_filters = current->seccomp_filters;
		if (current->no_new_privs)
			t->no_new_privs = true;
		set_mode(t, SECCOMP_MODE_FILTER);
	}
}

/* [g] */
static long attach(struct seccomp_filter *f, unsigned flags)
{
	unsigned total = f->cost;
	struct task *odd;

	if (!may_set(SECCOMP_MODE_FILTER))
		return -EINVAL;
	for (const struct seccomp_filter *i = current->seccomp; i; i = i->prev) {
		if (f->listener && i->listener)
			return -EBUSY;
		total += i->cost + PATH_PENALTY;
	}
	if (total > PATH_COST_MAX)
		return -ENOMEM;
	if (flags & SECCOMP_FILTER_FLAG_TSYNC) {
		odd = odd_thread();
		if (odd)
			return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH :
									 pid_here(odd->pid);
	}
	f->prev = current->seccomp;
	smp_store_release(&current->seccomp, f);
	current->seccomp_filters++;
	set_mode(current, SECCOMP_MODE_FILTER);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		synchronise();
	return 0;
}

long seccomp_set_filter(unsigned flags, const void __user *uprog)
{
	struct seccomp_filter *f;
	struct file *file = NULL;
	struct sighand *sh;
	unsigned long irq;
	int fd = -1;
	long ret;

	if (flags & ~(u32)FLAGS_KNOWN)
		return -EINVAL;
	if ((flags & SECCOMP_FILTER_FLAG_TSYNC) && (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) &&
	    !(flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
		return -EINVAL;
	if ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) &&
	    !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return -EINVAL;
	f = read_filter(flags, uprog);
	if (IS_ERR(f))
		return PTR_ERR(f);
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		fd = seccomp_listener_prepare(f, &file);
		if (fd < 0) {
			seccomp_filter_put(f);
			return fd;
		}
	}
	sh = sighand_lock(current->proc, &irq);
	ret = attach(f, flags);
	sighand_unlock(sh, irq);
	if (ret && file) {
		fd_unreserve(fd);
		file_put(file);
	}
	if (ret) {
		seccomp_filter_put(f);
		return ret;
	}
	if (file)
		fd_install(fd, file);
	return file ? fd : 0;
}

/* --- birth and death --------------------------------------------------------------------------------- */

void seccomp_fork(struct task *t)
{
	const struct task *from = current;

	t->no_new_privs = from->no_new_privs;
	if (!from->seccomp_mode)
		return;
	filter_get(from->seccomp);
	t->seccomp = from->seccomp;
	t->seccomp_filters = from->seccomp_filters;
	set_mode(t, from->seccomp_mode);
}

void seccomp_exit(void)
{
	struct task *t = current;
	struct seccomp_filter *f;
	struct sighand *sh;
	unsigned long irq;

	if (!t->seccomp)
		return;
	sh = sighand_lock(t->proc, &irq);
	f = t->seccomp;
	t->seccomp = NULL;
	sighand_unlock(sh, irq);
	filter_release(f);
}
