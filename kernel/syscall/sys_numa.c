/*
 * Memory policies: set_mempolicy(2), mbind(2), get_mempolicy(2), migrate_pages(2), move_pages(2). There
 * is one node, so what is checked is remembered (mm/policy.c) and nothing ever moves.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/mempolicy.h>

#include "core/cred.h"
#include "core/sched.h"
#include "core/task.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/room.h"

#define MAX_NODES 4UL /* of a mask; more bits must be 0 */
#define NODES	  1UL /* node 0 */

/* A mask of maxnode - 1 bits: *nodes, or -EFAULT, -EINVAL for bits that no node can have. */
static int get_nodes(u64 *nodes, const void __user *mask, u64 maxnode)
{
	const u8 __user *from = mask;
	u64 bits = maxnode - 1, word;

	*nodes = 0;
	if (!bits || !mask)
		return 0;
	if (bits > PAGE_SIZE * 8)
		return -EINVAL;
	for (u64 at = 0; at < bits; at += 64) {
		if (copy_from_user(&word, from + at / 8, sizeof(word)))
			return -EFAULT;
		if (bits - at < 64)
			word &= (1UL << (bits - at)) - 1;
		if (at ? word : word >> MAX_NODES)
			return -EINVAL;
		*nodes |= word;
	}
	return 0;
}

static int put_nodes(void __user *mask, u64 maxnode, u64 nodes)
{
	u64 bytes = ALIGN_UP(maxnode - 1, 64) / 8;

	if (bytes > sizeof(nodes)) {
		if (bytes > PAGE_SIZE)
			return -EINVAL;
		if (clear_user_partial((u8 __user *)mask + sizeof(nodes), bytes - sizeof(nodes)) !=
		    bytes - sizeof(nodes))
			return -EFAULT;
		bytes = sizeof(nodes);
	}
	return copy_to_user(mask, &nodes, bytes);
}

/* A policy's word from a mode and its nodes; -EINVAL. */
static int make_policy(int mode, u64 nodes)
{
	int flags = mode & MPOL_MODE_FLAGS, kind = mode & ~MPOL_MODE_FLAGS;
	int where = flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES);

	switch (kind) {
	case MPOL_DEFAULT:
		return nodes ? -EINVAL : 0;
	case MPOL_PREFERRED:
		if (!nodes)
			return where ? -EINVAL : MPOL_LOCAL;
		break;
	case MPOL_LOCAL:
		return nodes || where ? -EINVAL : mode;
	}
	/* Only node 0 can be had; numbered relatively, every one is it. */
	return (flags & MPOL_F_RELATIVE_NODES ? nodes : nodes & NODES) ? mode : -EINVAL;
}

static int policy_from_user(int mode, const void __user *mask, u64 maxnode)
{
	int flags = mode & MPOL_MODE_FLAGS, kind = mode & ~MPOL_MODE_FLAGS, err;
	const int both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
	u64 nodes;

	if ((unsigned)kind >= POLICIES || (flags & both) == both)
		return -EINVAL;
	if ((flags & MPOL_F_NUMA_BALANCING) && kind != MPOL_BIND && kind != MPOL_PREFERRED_MANY)
		return -EINVAL;
	err = get_nodes(&nodes, mask, maxnode);
	return err ? err : make_policy(mode, nodes);
}

long sys_set_mempolicy(int mode, void __user *nodemask, unsigned long maxnode)
{
	int policy = policy_from_user(mode, nodemask, maxnode);

	if (policy < 0)
		return policy;
	current->mempolicy = (u16)policy;
	return 0;
}

long sys_mbind(unsigned long addr, size_t len, int mode, void __user *nodemask,
	       unsigned long maxnode, unsigned long flags)
{
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	int policy = policy_from_user(mode, nodemask, maxnode);

	if (policy == -EFAULT)
		return policy;
	if (flags & ~(unsigned long)(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if ((flags & MPOL_MF_MOVE_ALL) && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (addr & ~PAGE_MASK || end < addr)
		return -EINVAL;
	if (end == addr)
		return policy < 0 && (unsigned)(mode & ~MPOL_MODE_FLAGS) >= POLICIES ? policy : 0;
	return policy < 0 ? policy : vm_bind(current->mm, addr, end, (u16)policy);
}

long sys_get_mempolicy(void __user *mode, void __user *nodemask, unsigned long maxnode,
		       unsigned long addr, unsigned long flags)
{
	int policy = current->mempolicy, kind, tell;
	u64 nodes;

	if (nodemask && maxnode < NODES)
		return -EINVAL;
	if (flags & ~(unsigned long)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
		return -EINVAL;
	if (flags & MPOL_F_MEMS_ALLOWED) {
		if (flags & (MPOL_F_NODE | MPOL_F_ADDR))
			return -EINVAL;
		tell = 0;
		nodes = NODES;
		goto out;
	}
	if (flags & MPOL_F_ADDR) {
		policy = vm_policy(current->mm, addr);
		if (policy < 0)
			return policy;
		if (!policy)
			policy = current->mempolicy;
	} else if (addr) {
		return -EINVAL;
	}
	kind = policy & ~MPOL_MODE_FLAGS;
	tell = policy;
	nodes = kind == MPOL_DEFAULT || kind == MPOL_LOCAL ? 0 : NODES;
	if (flags & MPOL_F_NODE) {
		tell = 0; /* the node of the page, or of the next one */
		if (flags & MPOL_F_ADDR) {
			if (fault_in_user((const void __user *)addr, 1, false))
				return -EFAULT;
		} else if (kind != MPOL_INTERLEAVE && kind != POLICY_WEIGHTED) {
			return -EINVAL;
		}
	}
out:
	if (mode && copy_to_user(mode, &tell, sizeof(tell)))
		return -EFAULT;
	return nodemask ? put_nodes(nodemask, maxnode, nodes) : 0;
}

long sys_set_mempolicy_home_node(unsigned long start, unsigned long len, unsigned long home_node,
				 unsigned long flags)
{
	u64 end = start + ALIGN_UP(len, PAGE_SIZE);

	if (start & ~PAGE_MASK || flags || home_node >= NODES || end < start)
		return -EINVAL;
	return end == start ? 0 : vm_home_node(current->mm, start, end);
}

/* The space of a process that current may move pages of, referenced; ERR_PTR. 0: current. */
static struct mm *mm_of(int pid)
{
	struct task *t;
	struct mm *mm;

	if (!pid) {
		mm_get(current->mm);
		return current->mm;
	}
	t = task_find_get(pid);
	if (!t)
		return ERR_PTR(-ESRCH);
	mm = ptrace_mm_get(t, true);
	task_put(t);
	return mm ? mm : ERR_PTR(-EINVAL);
}

long sys_migrate_pages(int pid, unsigned long maxnode, void __user *old_nodes,
		       void __user *new_nodes)
{
	u64 from, to;
	int err = get_nodes(&from, old_nodes, maxnode);
	struct mm *mm;

	if (!err)
		err = get_nodes(&to, new_nodes, maxnode);
	if (err)
		return err;
	mm = mm_of(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	mm_put(mm);
	if ((to & ~NODES) && !capable(CAP_SYS_NICE))
		return -EPERM;
	return to & NODES ? 0 : -EINVAL;
}

/* One page of move_pages: what its status is, or (*err) what ends the call. */
static int page_status(struct mm *mm, u64 i, const void __user *pages, const void __user *nodes,
		       int *err)
{
	u64 addr;
	int node = 0;

	if (copy_from_user(&addr, (const u64 __user *)pages + i, sizeof(addr)) ||
	    (nodes && copy_from_user(&node, (const int __user *)nodes + i, sizeof(node))))
		*err = -EFAULT;
	else if (node < 0 || (u64)node >= NODES)
		*err = -ENODEV;
	return *err ? 0 : vm_page_node(mm, addr);
}

long sys_move_pages(int pid, unsigned long count, void __user *pages, void __user *nodes,
		    void __user *status, unsigned long flags)
{
	struct mm *mm;
	int err = 0, st;

	if (flags & ~(unsigned long)(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if ((flags & MPOL_MF_MOVE_ALL) && !capable(CAP_SYS_NICE))
		return -EPERM;
	mm = mm_of(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	for (u64 i = 0; i < count && !err; i++) {
		st = page_status(mm, i, pages, nodes, &err);
		if (!err && copy_to_user((int __user *)status + i, &st, sizeof(st)))
			err = -EFAULT;
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	mm_put(mm);
	return err;
}
