/*
 * Who may look into another process: ptrace(2), "Ptrace access mode checking".
 * Asked by /proc, pidfd_getfd(2), process_vm_readv(2) and the like. The other's
 * credentials are read under RCU; no lock.
 */
#include "proc/proc.h"

#include <atomic.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/cred.h"
#include "core/userns.h"
#include "mm/vm.h"

bool ptrace_may_access(const struct task *t, bool real_ids)
{
	const struct cred *me = current->cred, *c = smp_load_acquire(&t->cred);
	u32 uid = real_ids ? me->uid : me->fsuid, gid = real_ids ? me->gid : me->fsgid;
	u64 caps = real_ids ? me->cap_permitted : me->cap_effective;

	if (unlikely(me->domain) && !domain_within(me->domain, c->domain))
		return false;
	if (t->proc == current->proc)
		return true;
	/* What a program read before it entered a namespace is not that namespace's. */
	if (t->proc && t->proc->dumpable != DUMP_USER &&
	    !ns_capable(READ_ONCE(t->proc->exec_user), CAP_SYS_PTRACE))
		return false;
	if (ns_capable(c->user, CAP_SYS_PTRACE))
		return true;
	if (uid != c->euid || uid != c->suid || uid != c->uid || gid != c->egid || gid != c->sgid ||
	    gid != c->gid)
		return false;
	return t->proc && t->proc->dumpable == DUMP_USER && c->user == me->user &&
	       !(c->cap_permitted & ~caps);
}

struct mm *ptrace_mm_get(struct task *t, bool real_ids)
{
	for (;;) {
		struct mm *mm = task_mm_get(t);

		if (!ptrace_may_access(t, real_ids)) {
			if (mm)
				mm_put(mm);
			return ERR_PTR(-EPERM);
		}
		/* Whatever it was judged by belongs to this space: execve(2) changed nothing meanwhile. */
		if (!mm || smp_load_acquire(&t->mm) == mm)
			return mm;
		mm_put(mm);
	}
}
