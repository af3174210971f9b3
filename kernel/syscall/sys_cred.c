/*
 * User and group ids, supplementary groups, capabilities (credentials(7),
 * capabilities(7)). Each call changes a copy of the caller's credentials and
 * commits it (core/cred.h). They are the calling thread's alone, as on Linux: a C
 * library carries a change to the other threads.
 */
#include <syscalls.h>

#include <uapi/errno.h>
#include <uapi/limits.h>
#include <uapi/prctl.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/task.h"
#include "core/userns.h"
#include "lib/sort.h"
#include "mm/usercopy.h"

#define KEEP (~0U) /* -1: leave this id alone */

static struct cred *prepare(void)
{
	return cred_copy(current->cred, current->cred->ngroups);
}

/* From a number of the caller's to the kernel's, in place; KEEP stays. 0 or -EINVAL: nobody's. */
static int to_kuid(u32 *id)
{
	if (*id == KEEP)
		return 0;
	*id = kuid_of(current_user_ns(), *id);
	return *id == NO_ID ? -EINVAL : 0;
}

static int to_kgid(u32 *id)
{
	if (*id == KEEP)
		return 0;
	*id = kgid_of(current_user_ns(), *id);
	return *id == NO_ID ? -EINVAL : 0;
}

static u32 show_uid(u32 kuid)
{
	return uid_shown(current_user_ns(), kuid);
}

static u32 show_gid(u32 kgid)
{
	return gid_shown(current_user_ns(), kgid);
}

long sys_getuid(void)
{
	return show_uid(current->cred->uid);
}

long sys_geteuid(void)
{
	return show_uid(current->cred->euid);
}

long sys_getgid(void)
{
	return show_gid(current->cred->gid);
}

long sys_getegid(void)
{
	return show_gid(current->cred->egid);
}

static long put_three(u32 a, u32 b, u32 c, void __user *pa, void __user *pb, void __user *pc)
{
	if (put_user_u32(a, pa) || put_user_u32(b, pb) || put_user_u32(c, pc))
		return -EFAULT;
	return 0;
}

long sys_getresuid(void __user *ruid, void __user *euid, void __user *suid)
{
	const struct cred *c = current->cred;

	return put_three(show_uid(c->uid), show_uid(c->euid), show_uid(c->suid), ruid, euid, suid);
}

long sys_getresgid(void __user *rgid, void __user *egid, void __user *sgid)
{
	const struct cred *c = current->cred;

	return put_three(show_gid(c->gid), show_gid(c->egid), show_gid(c->sgid), rgid, egid, sgid);
}

/* ---- user ids ---- */

/* New real, effective and saved ids; the file-system id follows the effective one. */
static long commit_uids(u32 uid, u32 euid, u32 suid)
{
	const struct cred *old = current->cred;
	struct cred *c = prepare();

	if (!c)
		return -ENOMEM;
	c->uid = uid;
	c->euid = euid;
	c->suid = suid;
	c->fsuid = euid;
	cred_fixup_uid(c, old);
	/* Above RLIMIT_NPROC it succeeds; execve(2) fails then. Who changes nothing clears nothing. */
	if (uid != old->uid)
		current->nproc_exceeded = uid && user_count_read(uid, USER_NPROC) >
							 rlimit_get(RLIMIT_NPROC);
	cred_commit(c);
	return 0;
}

long sys_setuid(u32 uid)
{
	const struct cred *old = current->cred;

	if (to_kuid(&uid) || uid == KEEP)
		return -EINVAL;
	if (own_capable(CAP_SETUID))
		return commit_uids(uid, uid, uid);
	if (uid == old->uid || uid == old->suid)
		return commit_uids(old->uid, uid, old->suid);
	return -EPERM;
}

long sys_setreuid(u32 ruid, u32 euid)
{
	const struct cred *old = current->cred;
	bool any = own_capable(CAP_SETUID), save;
	u32 r, e;

	if (to_kuid(&ruid) || to_kuid(&euid))
		return -EINVAL;
	r = ruid == KEEP ? old->uid : ruid;
	e = euid == KEEP ? old->euid : euid;
	save = ruid != KEEP || (euid != KEEP && euid != old->uid);
	if (!any && r != old->uid && r != old->euid)
		return -EPERM;
	if (!any && e != old->uid && e != old->euid && e != old->suid)
		return -EPERM;
	return commit_uids(r, e, save ? e : old->suid);
}

static bool has_uid(const struct cred *c, u32 id)
{
	return id == KEEP || id == c->uid || id == c->euid || id == c->suid;
}

long sys_setresuid(u32 ruid, u32 euid, u32 suid)
{
	const struct cred *old = current->cred;

	if (to_kuid(&ruid) || to_kuid(&euid) || to_kuid(&suid))
		return -EINVAL;
	if (!own_capable(CAP_SETUID) &&
	    !(has_uid(old, ruid) && has_uid(old, euid) && has_uid(old, suid)))
		return -EPERM;
	if ((ruid == KEEP || ruid == old->uid) && (suid == KEEP || suid == old->suid) &&
	    (euid == KEEP || (euid == old->euid && euid == old->fsuid)))
		return 0; /* nothing changes, not what setfsuid(2) set either */
	return commit_uids(ruid == KEEP ? old->uid : ruid, euid == KEEP ? old->euid : euid,
			   suid == KEEP ? old->suid : suid);
}

/* setfsuid(2): the old id, changed or not. */
long sys_setfsuid(u32 uid)
{
	const struct cred *old = current->cred;
	u32 was = show_uid(old->fsuid);
	struct cred *c;

	if (to_kuid(&uid) || uid == KEEP || uid == old->fsuid)
		return was;
	if (!has_uid(old, uid) && !own_capable(CAP_SETUID))
		return was;
	c = prepare();
	if (!c)
		return was;
	c->fsuid = uid;
	cred_fixup_fsuid(c, old);
	cred_commit(c);
	return was;
}

/* ---- group ids: the same rules, without effect on capabilities ---- */

static long commit_gids(u32 gid, u32 egid, u32 sgid)
{
	struct cred *c = prepare();

	if (!c)
		return -ENOMEM;
	c->gid = gid;
	c->egid = egid;
	c->sgid = sgid;
	c->fsgid = egid;
	cred_commit(c);
	return 0;
}

long sys_setgid(u32 gid)
{
	const struct cred *old = current->cred;

	if (to_kgid(&gid) || gid == KEEP)
		return -EINVAL;
	if (own_capable(CAP_SETGID))
		return commit_gids(gid, gid, gid);
	if (gid == old->gid || gid == old->sgid)
		return commit_gids(old->gid, gid, old->sgid);
	return -EPERM;
}

long sys_setregid(u32 rgid, u32 egid)
{
	const struct cred *old = current->cred;
	bool any = own_capable(CAP_SETGID), save;
	u32 r, e;

	if (to_kgid(&rgid) || to_kgid(&egid))
		return -EINVAL;
	r = rgid == KEEP ? old->gid : rgid;
	e = egid == KEEP ? old->egid : egid;
	save = rgid != KEEP || (egid != KEEP && egid != old->gid);
	if (!any && r != old->gid && r != old->egid)
		return -EPERM;
	if (!any && e != old->gid && e != old->egid && e != old->sgid)
		return -EPERM;
	return commit_gids(r, e, save ? e : old->sgid);
}

static bool has_gid(const struct cred *c, u32 id)
{
	return id == KEEP || id == c->gid || id == c->egid || id == c->sgid;
}

long sys_setresgid(u32 rgid, u32 egid, u32 sgid)
{
	const struct cred *old = current->cred;

	if (to_kgid(&rgid) || to_kgid(&egid) || to_kgid(&sgid))
		return -EINVAL;
	if (!own_capable(CAP_SETGID) &&
	    !(has_gid(old, rgid) && has_gid(old, egid) && has_gid(old, sgid)))
		return -EPERM;
	if ((rgid == KEEP || rgid == old->gid) && (sgid == KEEP || sgid == old->sgid) &&
	    (egid == KEEP || (egid == old->egid && egid == old->fsgid)))
		return 0;
	return commit_gids(rgid == KEEP ? old->gid : rgid, egid == KEEP ? old->egid : egid,
			   sgid == KEEP ? old->sgid : sgid);
}

long sys_setfsgid(u32 gid)
{
	const struct cred *old = current->cred;
	u32 was = show_gid(old->fsgid);
	struct cred *c;

	if (to_kgid(&gid) || gid == KEEP || gid == old->fsgid)
		return was;
	if (!has_gid(old, gid) && !own_capable(CAP_SETGID))
		return was;
	c = prepare();
	if (!c)
		return was;
	c->fsgid = gid;
	cred_commit(c);
	return was;
}

/* ---- supplementary groups ---- */

long sys_getgroups(int size, void __user *list)
{
	const struct cred *c = current->cred;

	if (size < 0)
		return -EINVAL;
	if (size == 0)
		return c->ngroups;
	if ((u32)size < c->ngroups)
		return -EINVAL;
	for (u32 i = 0; i < c->ngroups; i++)
		if (put_user_u32(show_gid(c->groups[i]), (u32 __user *)list + i))
			return -EFAULT;
	return c->ngroups;
}

static int compare_ids(const void *a, const void *b, void *arg __unused)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

long sys_setgroups(int size, void __user *list)
{
	struct cred *c;

	if (!own_capable(CAP_SETGID) || !user_ns_may_setgroups(current_user_ns()))
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	c = cred_copy(current->cred, (u32)size);
	if (!c)
		return -ENOMEM;
	if (copy_from_user(c->groups, list, (size_t)size * sizeof(c->groups[0]))) {
		cred_put(c);
		return -EFAULT;
	}
	for (int i = 0; i < size; i++) {
		if (to_kgid(&c->groups[i]) || c->groups[i] == KEEP) {
			cred_put(c);
			return -EINVAL;
		}
	}
	sort(c->groups, (size_t)size, sizeof(c->groups[0]), compare_ids, NULL);
	cred_commit(c);
	return 0;
}

/* ---- capabilities ---- */

/*
 * Words of 32 capabilities that the header's version means; -EINVAL after storing the version
 * that is known.
 */
static int header_words(void __user *hdrp, struct __user_cap_header_struct *h)
{
	if (copy_from_user(h, hdrp, sizeof(*h)))
		return -EFAULT;
	switch (h->version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return _LINUX_CAPABILITY_U32S_3;
	default:
		return put_user_u32(_LINUX_CAPABILITY_VERSION_3, hdrp) ? -EFAULT : -EINVAL;
	}
}

long sys_capget(void __user *hdrp, void __user *datap)
{
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct h;
	const struct cred *c;
	struct task *t;
	int words = header_words(hdrp, &h);

	/* Without data it is a question for the version. */
	if (words < 0)
		return words == -EINVAL && !datap ? 0 : words;
	if (!datap)
		return 0;
	if (h.pid < 0)
		return -EINVAL;
	t = h.pid ? task_find_get(h.pid) : task_get(current);
	if (!t)
		return -ESRCH;
	c = smp_load_acquire(&t->cred);
	for (int i = 0; i < words; i++) {
		d[i].effective = (u32)(c->cap_effective >> (32 * i));
		d[i].permitted = (u32)(c->cap_permitted >> (32 * i));
		d[i].inheritable = (u32)(c->cap_inheritable >> (32 * i));
	}
	task_put(t);
	return copy_to_user(datap, d, (size_t)words * sizeof(d[0]));
}

/* capset(2)'s conditions on the new sets. */
static bool caps_allowed(const struct cred *old, u64 effective, u64 permitted, u64 inheritable)
{
	if (!(old->cap_effective >> CAP_SETPCAP & 1) &&
	    (inheritable & ~(old->cap_inheritable | old->cap_permitted)))
		return false;
	if (inheritable & ~(old->cap_inheritable | old->cap_bounding))
		return false;
	return !(permitted & ~old->cap_permitted) && !(effective & ~permitted);
}

long sys_capset(void __user *hdrp, void __user *datap)
{
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct __user_cap_header_struct h;
	u64 effective = 0, permitted = 0, inheritable = 0;
	struct cred *c;
	int words = header_words(hdrp, &h);

	if (words < 0)
		return words;
	if (h.pid != 0 && h.pid != current->pid->own)
		return -EPERM;
	if (copy_from_user(d, datap, (size_t)words * sizeof(d[0])))
		return -EFAULT;
	for (int i = 0; i < words; i++) {
		effective |= (u64)d[i].effective << (32 * i);
		permitted |= (u64)d[i].permitted << (32 * i);
		inheritable |= (u64)d[i].inheritable << (32 * i);
	}
	effective &= CAP_ALL;
	permitted &= CAP_ALL;
	inheritable &= CAP_ALL;
	if (!caps_allowed(current->cred, effective, permitted, inheritable))
		return -EPERM;
	c = prepare();
	if (!c)
		return -ENOMEM;
	c->cap_effective = effective;
	c->cap_permitted = permitted;
	c->cap_inheritable = inheritable;
	c->cap_ambient &= permitted & inheritable;
	cred_commit(c);
	return 0;
}
