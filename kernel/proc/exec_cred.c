/*
 * What a new program runs with: execve(2) about set-user-ID and set-group-ID files, capabilities(7),
 * "Transformation of capabilities during execve()", "File capabilities", "The securebits flags".
 * Credentials are built in a copy of current's, which nobody else sees until they are committed.
 */
#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/mount.h>
#include <uapi/personality.h>
#include <uapi/resource.h>
#include <uapi/stat.h>

#include "core/task.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/xattr.h"
#include "keys/keys.h"
#include "proc/exec.h"
#include "proc/ptrace.h"

#define STACK_DEFAULT (8UL << 20)
#define SETID_PERSONALITY \
	(READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT | MMAP_PAGE_ZERO)

struct file_caps {
	bool any; /* the file has some, if empty sets */
	bool effective; /* what is permitted is effective at once */
	u64 permitted, inheritable;
};

/* The file's capabilities. -EINVAL: what is stored there makes no sense. */
static int read_file_caps(const struct path *p, struct file_caps *fc)
{
	struct vfs_ns_cap_data d = { 0 };
	ssize_t n;
	unsigned words;
	u32 magic;

	*fc = (struct file_caps){ 0 };
	if (p->mnt->flags & MS_NOSUID)
		return 0;
	n = xattr_stored(p->dentry->inode, FILE_CAPS, &d, sizeof(d));
	if (n == -ENODATA || n == -EOPNOTSUPP)
		return 0;
	if (n < (ssize_t)sizeof(d.magic_etc))
		return n < 0 && n != -ERANGE ? (int)n : -EINVAL;
	magic = le32_to_cpu(d.magic_etc);
	words = (magic & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_1 ? 1 : 2;
	switch (magic & VFS_CAP_REVISION_MASK) {
	case VFS_CAP_REVISION_1:
		if (n != XATTR_CAPS_SZ_1)
			return -EINVAL;
		break;
	case VFS_CAP_REVISION_2:
		if (n != XATTR_CAPS_SZ_2)
			return -EINVAL;
		break;
	case VFS_CAP_REVISION_3:
		if (n != XATTR_CAPS_SZ_3)
			return -EINVAL;
		/* Those of another user namespace's root. */
		if (!xattr_root_of_ours(le32_to_cpu(d.rootid)))
			return 0;
		break;
	default:
		return -EINVAL;
	}
	for (unsigned i = 0; i < words; i++) {
		fc->permitted |= (u64)le32_to_cpu(d.data[i].permitted) << (32 * i);
		fc->inheritable |= (u64)le32_to_cpu(d.data[i].inheritable) << (32 * i);
	}
	fc->permitted &= CAP_ALL;
	fc->inheritable &= CAP_ALL;
	fc->effective = magic & VFS_CAP_FLAGS_EFFECTIVE;
	fc->any = true;
	return 0;
}

/* Do processes that are not current share its root and directory? Then no more rights for it. */
static bool fs_shared(void)
{
	struct proc *p = current->proc;
	unsigned long irq;
	struct sighand *sh = sighand_lock(p, &irq);
	int own = 0;
	struct task *t;

	list_for_each_entry(t, &p->threads, thread_link)
		own += t->fs == current->fs;
	sighand_unlock(sh, irq);
	return atomic_read(&current->fs->refs) > own;
}

/* The file's owner and group, where it has the set-id bits and they count. */
static bool set_ids(struct exec *x, struct cred *c)
{
	struct inode *i = x->file->inode;
	bool user, group, known;

	if ((x->file->path.mnt->flags & MS_NOSUID) || current->no_new_privs)
		return false;
	/* chown(2) changes the owner and takes the bits in one section. */
	spin_lock(&i->lock);
	user = i->mode & S_ISUID;
	group = (i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
	/* Who is nobody in the caller's namespace is not become. */
	known = ids_known(c->user, i->uid, i->gid);
	if (user && known)
		c->euid = i->uid;
	if (group && known)
		c->egid = i->gid;
	spin_unlock(&i->lock);
	return known && (user || group);
}

/* capabilities(7), "Capabilities and execution of programs by root". */
static void root_caps(struct cred *c, const struct cred *old, const struct file_caps *fc,
		      bool *effective)
{
	u32 root = kuid_of(c->user, 0);

	if (c->securebits & SECBIT_NOROOT)
		return;
	/* A set-user-ID-root file with capabilities gives those alone. */
	if (fc->any && c->uid != root && c->euid == root)
		return;
	if (c->euid == root || c->uid == root)
		c->cap_permitted = old->cap_bounding | old->cap_inheritable;
	if (c->euid == root)
		*effective = true;
}

int exec_prepare_cred(struct exec *x)
{
	const struct cred *old = current->cred;
	struct cred *c = cred_copy(old, old->ngroups);
	struct file_caps fc;
	bool effective, setid, gained;
	int err;

	if (!c)
		return -ENOMEM;
	x->cred = c;
	keys_exec_cred(c);
	x->clear_personality = set_ids(x, c);
	err = read_file_caps(&x->file->path, &fc);
	if (err)
		return err;
	c->cap_permitted = (c->cap_bounding & fc.permitted) | (c->cap_inheritable & fc.inheritable);
	effective = fc.effective;
	/* A program that knows nothing of capabilities must not run with some of what it needs. */
	if (effective && (fc.permitted & ~c->cap_permitted))
		return -EPERM;
	root_caps(c, old, &fc, &effective);

	gained = c->cap_permitted & ~old->cap_permitted;
	setid = c->euid != old->uid || c->egid != old->gid;
	if (gained)
		x->clear_personality = true;
	if ((setid || gained) && (current->no_new_privs || ptrace_unsafe() || fs_shared())) {
		if (!own_capable(CAP_SETUID) || current->no_new_privs) {
			c->euid = c->uid;
			c->egid = c->gid;
		}
		c->cap_permitted &= old->cap_permitted;
	}
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	if (fc.any || setid)
		c->cap_ambient = 0;
	c->cap_permitted |= c->cap_ambient;
	c->cap_effective = effective ? c->cap_permitted : c->cap_ambient;
	c->securebits &= ~SECBIT_KEEP_CAPS;
	x->secure = setid || (c->uid != kuid_of(c->user, 0) &&
			      (effective || (c->cap_permitted & ~c->cap_ambient)));
	return 0;
}

bool exec_hides(const struct exec *x)
{
	const struct cred *old = current->cred, *c = x->cred;

	return x->unreadable || old->euid != old->uid || old->egid != old->gid ||
	       cred_gains(old, c);
}

/* The program's memory is for its user namespace to look into; one above, if it may not be read. */
static void begin_in(struct proc *p, const struct exec *x)
{
	const struct inode *i = x->file->inode;
	struct user_ns *u = current_user_ns(), *old = p->exec_user;

	while (u && x->unreadable && !ids_known(u, i->uid, i->gid))
		u = user_ns_parent(u);
	if (u == old)
		return;
	smp_store_release(&p->exec_user, user_ns_get(u));
	user_ns_put(old);
}

void exec_take_cred(struct exec *x)
{
	struct proc *p = current->proc;
	bool hides = exec_hides(x);
	struct cred *c = x->cred;
	struct rlimit *stack = &p->rlimits[RLIMIT_STACK];
	unsigned long irq;

	x->cred = NULL;
	if (x->clear_personality) {
		p->personality &= ~SETID_PERSONALITY;
		x->randomize = vm_randomize;
	}
	if (x->secure) {
		current->pdeath_signal = 0;
		irq = spin_lock_irqsave(&p->sighand->lock);
		stack->rlim_cur = min(stack->rlim_cur, STACK_DEFAULT);
		spin_unlock_irqrestore(&p->sighand->lock, irq);
	}
	cred_commit(c);
	p->dumpable = hides ? (u8)READ_ONCE(suid_dumpable) : DUMP_USER;
	begin_in(p, x);
}
