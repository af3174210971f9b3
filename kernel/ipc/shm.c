/*
 * System V shared memory (ipc/shm.h). A segment's pages are those of a struct vmobject,
 * as all pages that mappings share; an attachment is an area of an address space whose owner is
 * the segment. So fork, mremap and munmap count attachments by the area's open and close.
 *
 * Locks: the object's lock [o] guards what changes, the table's mutex [T] who exists. A segment stays
 * while it is in the tables; it leaves them without attachments only.
 */
#include "ipc/shm.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/mman.h>
#include <uapi/resource.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/task.h"
#include "core/userns.h"
#include "lib/printf.h"
#include "mm/vm.h"
#include "mm/vmobject.h"

#define SHMMNI 4096
#define SHMMAX (~0UL - (1UL << 24))

struct shm {
	struct ipc_object o;
	struct ipc_ns *ns; /* [I] held while anybody is attached */
	struct vmobject *obj; /* [I] referenced */
	u64 size; /* [I] bytes */
	int name_key; /* [I] the key it was made with */
	u64 nattch; /* [o] areas, and who is about to attach */
	s64 atime, dtime, ctime; /* [o] */
	struct pid *cpid; /* [I] referenced */
	struct pid *lpid; /* [o] pid_note */
	u32 locker; /* [o] with SHM_LOCKED: whose RLIMIT_MEMLOCK it counts against */
	int creator; /* [I] the task, for shm_rmid_forced */
	u64 created; /* [I] now_mono() */
};

void shm_ns_init(struct ipc_ns *n)
{
	ipc_ids_init(&n->shm, SHMMNI);
	n->shm_max = n->shm_all = SHMMAX;
}

static struct shm *to_shm(struct ipc_object *o)
{
	return container_of(o, struct shm, o);
}

static u64 pages_of(const struct shm *s)
{
	return DIV_ROUND_UP(s->size, PAGE_SIZE);
}

static void shm_free(struct ipc_object *o)
{
	struct shm *s = to_shm(o);

	pid_put(s->cpid);
	pid_put(s->lpid);
	kfree(s);
}

/* ---- shmget ---- */

/* There are no huge pages set aside. */
static int refuse_huge(int flags)
{
	unsigned log = (unsigned)flags >> SHM_HUGE_SHIFT & SHM_HUGE_MASK;

	if (log && log != 21 && log != 30)
		return -EINVAL;
	return capable(CAP_IPC_LOCK) ? -ENOMEM : -EPERM;
}

static int check_size(u64 size, int flags)
{
	u64 pages = DIV_ROUND_UP(size, PAGE_SIZE);
	const struct ipc_ns *ns = ipc_ns();

	if (!size || size > READ_ONCE(ns->shm_max))
		return -EINVAL;
	if (pages << PAGE_SHIFT < size || pages > READ_ONCE(ns->shm_all) ||
	    ns->shm_pages > READ_ONCE(ns->shm_all) - pages)
		return -ENOSPC;
	if (flags & SHM_HUGETLB)
		return refuse_huge(flags);
	return size > (u64)S64_MAX ? -EINVAL : 0;
}

/* The segment's pages, all of them promised, as mmap(2) promises shared memory. NULL: no memory. */
static struct vmobject *create_pages(u64 size, int flags)
{
	bool promised = !(flags & SHM_NORESERVE) || READ_ONCE(vm_overcommit) == OVERCOMMIT_NEVER;
	struct vmobject *obj = vmobject_create_anon(size);

	if (obj && promised && vmobject_promise(obj)) {
		vmobject_put(obj);
		return NULL;
	}
	return obj;
}

static struct ipc_object *create(u64 size, int flags)
{
	int err = check_size(size, flags);
	struct shm *s;

	if (err)
		return ERR_PTR(err);
	s = kzalloc(sizeof(*s), 0);
	if (!s)
		return ERR_PTR(-ENOMEM);
	ipc_object_init(&s->o, shm_free);
	s->obj = create_pages(size, flags);
	if (!s->obj) {
		kfree(s);
		return ERR_PTR(-ENOMEM);
	}
	s->ns = ipc_ns();
	s->size = size;
	s->ctime = ipc_seconds();
	s->cpid = pid_get(current->proc->pid);
	s->creator = task_tid(current);
	s->created = now_mono();
	return &s->o;
}

static void entered(struct ipc_object *o)
{
	struct shm *s = to_shm(o);

	s->name_key = o->key;
	s->ns->shm_pages += pages_of(s);
}

static void abandon(struct ipc_object *o)
{
	vmobject_put(to_shm(o)->obj);
}

static int check(const struct ipc_object *o, u64 size)
{
	return size > container_of(o, struct shm, o)->size ? -EINVAL : 0;
}

long shm_get(int key, u64 size, int flags)
{
	static const struct ipc_get kind = {
		.create = create, .check = check, .entered = entered, .abandon = abandon
	};

	return ipc_get(&ipc_ns()->shm, key, size, flags, &kind);
}

/* ---- going ---- */

/* [o] Nobody is attached, and nobody shall come. */
static bool is_done(const struct shm *s)
{
	return !s->o.deleted && !s->nattch &&
	       ((s->o.mode & SHM_DEST) || READ_ONCE(s->ns->shm_rmid_forced));
}

/* [T][o], both dropped: s goes. */
static void destroy(struct shm *s)
{
	ipc_remove(&s->ns->shm, &s->o);
	s->ns->shm_pages -= pages_of(s);
	if (s->o.mode & SHM_LOCKED)
		user_uncharge_n(s->locker, USER_SHM_LOCKED, pages_of(s));
	ipc_control_unlock(&s->ns->shm, &s->o);
	vmobject_put(s->obj);
	ipc_object_put(&s->o);
}

/* An attachment ends. unmapped: shmdt(2) and its like, not a failed shmat(2). */
static void leave(struct shm *s, bool unmapped)
{
	struct ipc_ns *ns = s->ns;
	bool last, done;

	spin_lock(&s->o.lock);
	if (unmapped) {
		s->dtime = ipc_seconds();
		pid_note(&s->lpid, current->proc ? current->proc->pid : NULL);
	}
	last = !--s->nattch;
	done = is_done(s);
	if (done)
		ipc_object_hold(&s->o);
	spin_unlock(&s->o.lock);
	if (done) {
		mutex_lock(&ns->shm.mutex);
		spin_lock(&s->o.lock);
		if (is_done(s))
			destroy(s);
		else
			ipc_control_unlock(&ns->shm, &s->o);
		ipc_object_put(&s->o);
	}
	if (last && ns != &first_ipc)
		ns_put(&ns->ns);
}

/* [o] n more are attached. */
static void attach(struct shm *s, unsigned n)
{
	if (!s->nattch && n && s->ns != &first_ipc)
		ns_get(&s->ns->ns);
	s->nattch += n;
}

int shm_remove(int id)
{
	struct ipc_object *o = ipc_control_lock(&ipc_ns()->shm, id);

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	if (!to_shm(o)->nattch) {
		destroy(to_shm(o));
		return 0;
	}
	o->mode |= SHM_DEST;
	ipc_forget_key(&ipc_ns()->shm, o);
	ipc_control_unlock(&ipc_ns()->shm, o);
	return 0;
}

static bool creator_lives(const struct shm *s)
{
	struct task *t = pid_task_get(pid_find_in(NULL, s->creator));
	bool lives = t && t->start_time <= s->created;

	if (t)
		task_put(t);
	return lives;
}

/* Destroys what nobody is attached to and whose creator is t or, NULL, gone; or, `all`, whoever made it. */
static void sweep(struct ipc_ns *ns, const struct task *t, bool all)
{
	struct ipc_object *o;
	u64 index = 0;

	while ((o = ipc_next_lock(&ns->shm, &index))) {
		struct shm *s = to_shm(o);
		bool theirs = t ? s->creator == task_tid(t) && s->created >= t->start_time :
				  !creator_lives(s);

		index++;
		if (all || (theirs && is_done(s)))
			destroy(s);
		else
			ipc_next_unlock(&ns->shm, o);
	}
	ipc_next_unlock(&ns->shm, NULL);
}

void shm_ns_exit(struct ipc_ns *n)
{
	sweep(n, NULL, true);
}

void shm_force_rmid(bool on)
{
	WRITE_ONCE(ipc_ns()->shm_rmid_forced, on);
	if (on)
		sweep(ipc_ns(), NULL, false);
}

void shm_exit(struct task *t)
{
	if (unlikely(READ_ONCE(ipc_ns()->shm_rmid_forced)))
		sweep(ipc_ns(), t, false);
}

/* ---- attaching ---- */

/* An area more: fork, split, mremap; or the first, when an attachment is made. */
static void joined(struct shm *s, unsigned n)
{
	spin_lock(&s->o.lock);
	attach(s, n);
	s->atime = ipc_seconds();
	pid_note(&s->lpid, current->proc->pid);
	spin_unlock(&s->o.lock);
}

static void area_open(struct area *a)
{
	joined(a->owner, 1);
}

static void area_close(struct area *a)
{
	leave(a->owner, true);
}

static int area_name(struct area *a, char *buf, size_t n)
{
	const struct shm *s = a->owner;

	snprintf(buf, n, "/SYSV%08x (deleted)", (unsigned)s->name_key);
	return 0;
}

static const struct area_ops shm_area_ops = {
	.open = area_open,
	.close = area_close,
	.name = area_name,
	.counted = true,
};

int area_shm_id(const struct area *a)
{
	return a->ops == &shm_area_ops ? ((struct shm *)a->owner)->o.id : -1;
}

/* Where: -EINVAL, or 0 with addr and the flags of mmap(2). */
static int check_place(u64 *addr, int flags, int *map_flags)
{
	*map_flags = 0;
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (*addr & ~PAGE_MASK) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*addr &= PAGE_MASK;
		if (!*addr && (flags & SHM_REMAP))
			return -EINVAL;
	}
	*map_flags = flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	return 0;
}

long shm_attach(int id, u64 addr, int flags)
{
	u32 want = IPC_READ, vm = VM_SHARED | VM_READ | VM_MAYREAD | VM_MAYEXEC;
	struct ipc_object *o;
	struct shm *s;
	int map_flags;
	long at = check_place(&addr, flags, &map_flags);

	if (at)
		return at;
	if (!(flags & SHM_RDONLY)) {
		want |= IPC_WRITE;
		vm |= VM_WRITE | VM_MAYWRITE;
	}
	if (flags & SHM_EXEC) {
		want |= IPC_EXEC;
		vm |= VM_EXEC;
	}
	o = ipc_find_lock(&ipc_ns()->shm, id, want);
	if (IS_ERR(o))
		return PTR_ERR(o);
	s = to_shm(o);
	if (addr && !(flags & SHM_REMAP) && addr + s->size < addr) {
		spin_unlock(&o->lock);
		return -EINVAL;
	}
	attach(s, 1);
	ipc_object_hold(o);
	spin_unlock(&o->lock);
	at = vm_map(current->mm, addr, s->size, vm, map_flags, s->obj, 0, &shm_area_ops, s, NULL);
	if (at < 0)
		leave(s, false);
	else
		joined(s, 0);
	ipc_object_put(o);
	return at == -EEXIST ? -EINVAL : at;
}

int shm_detach(u64 addr)
{
	return addr & ~PAGE_MASK ? -EINVAL : vm_unmap_owned(current->mm, addr, &shm_area_ops);
}

/* ---- control ---- */

/* [o] */
static void fill(const struct shm *s, struct shmid64_ds *ds)
{
	*ds = (struct shmid64_ds){
		.shm_segsz = s->size,
		.shm_atime = s->atime,
		.shm_dtime = s->dtime,
		.shm_ctime = s->ctime,
		.shm_cpid = pid_noted(s->cpid),
		.shm_lpid = pid_noted(s->lpid),
		.shm_nattch = s->nattch,
	};
	ipc_fill_perm(&s->o, &ds->shm_perm);
}

long shm_stat(int id, int cmd, struct shmid64_ds *ds)
{
	struct ipc_object *o =
		ipc_stat_lock(&ipc_ns()->shm, id, cmd != IPC_STAT, cmd == SHM_STAT_ANY);

	if (IS_ERR(o))
		return PTR_ERR(o);
	fill(to_shm(o), ds);
	spin_unlock(&o->lock);
	return cmd == IPC_STAT ? 0 : o->id;
}

int shm_next(u64 *index, struct shmid64_ds *ds, u64 *rss)
{
	struct ipc_object *o = ipc_next_lock(&ipc_ns()->shm, index);
	int id = -1;

	if (o) {
		id = o->id;
		fill(to_shm(o), ds);
		*rss = READ_ONCE(to_shm(o)->obj->nr_pages) << PAGE_SHIFT;
	}
	ipc_next_unlock(&ipc_ns()->shm, o);
	return id;
}

int shm_set(int id, const struct shmid64_ds *ds)
{
	struct ipc_object *o = ipc_control_lock(&ipc_ns()->shm, id);
	int err;

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	err = ipc_set_perm(o, &ds->shm_perm);
	if (!err)
		to_shm(o)->ctime = ipc_seconds();
	ipc_control_unlock(&ipc_ns()->shm, o);
	return err;
}

/* [o] The pages have no other store than memory anyway; this counts them. */
static int set_locked(struct shm *s)
{
	u64 limit = rlimit_get(RLIMIT_MEMLOCK), room = limit;

	if (limit != RLIM_INFINITY)
		room >>= PAGE_SHIFT;
	if (capable(CAP_IPC_LOCK))
		room = RLIM_INFINITY;
	if (!user_charge_n(current->cred->uid, USER_SHM_LOCKED, pages_of(s), room))
		return -ENOMEM;
	s->locker = current->cred->uid;
	s->o.mode |= SHM_LOCKED;
	return 0;
}

int shm_lock(int id, bool lock)
{
	struct ipc_object *o = ipc_find(&ipc_ns()->shm, id);
	const struct cred *c = current->cred;
	struct shm *s;
	int err;

	if (IS_ERR(o))
		return (int)PTR_ERR(o);
	s = to_shm(o);
	err = ipc_lock(o);
	if (err)
		return err;
	if (!ns_capable(ipc_ns()->ns.owner, CAP_IPC_LOCK) &&
	    ((c->euid != o->uid && c->euid != o->cuid) || (lock && !rlimit_get(RLIMIT_MEMLOCK)))) {
		err = -EPERM;
	} else if (lock && !(o->mode & SHM_LOCKED)) {
		err = set_locked(s);
	} else if (!lock && (o->mode & SHM_LOCKED)) {
		o->mode &= ~(u32)SHM_LOCKED;
		user_uncharge_n(s->locker, USER_SHM_LOCKED, pages_of(s));
	}
	spin_unlock(&o->lock);
	return err;
}

int shm_limits(struct shminfo64 *info)
{
	int max;

	*info = (struct shminfo64){
		.shmmax = READ_ONCE(ipc_ns()->shm_max),
		.shmmin = 1,
		.shmmni = (unsigned long)READ_ONCE(ipc_ns()->shm.limit),
		.shmseg = (unsigned long)READ_ONCE(ipc_ns()->shm.limit),
		.shmall = READ_ONCE(ipc_ns()->shm_all),
	};
	mutex_lock(&ipc_ns()->shm.mutex);
	max = ipc_max_index(&ipc_ns()->shm);
	mutex_unlock(&ipc_ns()->shm.mutex);
	return max;
}

int shm_usage(struct shm_info *info)
{
	struct ipc_object *o;
	u64 index;
	int max;

	mutex_lock(&ipc_ns()->shm.mutex);
	*info = (struct shm_info){ .used_ids = ipc_ns()->shm.in_use,
				   .shm_tot = ipc_ns()->shm_pages };
	radix_for_each(o, &ipc_ns()->shm.by_index, index)
		info->shm_rss += READ_ONCE(to_shm(o)->obj->nr_pages);
	max = ipc_max_index(&ipc_ns()->shm);
	mutex_unlock(&ipc_ns()->shm.mutex);
	return max;
}
