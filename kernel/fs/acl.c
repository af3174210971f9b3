/*
 * Access control lists (acl.h), as POSIX 1003.1e draft 17 and acl(5) have them.
 */
#include "fs/acl.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "lib/string.h"

/* The attribute's form, linux/posix_acl_xattr.h: little endian, as we are. */
#define ACL_VERSION 2
struct raw_entry {
	u16 tag, perm;
	u32 id;
};
struct raw_acl {
	u32 version;
	struct raw_entry e[];
};

enum {
	ACL_USER_OBJ = 1,
	ACL_USER = 2,
	ACL_GROUP_OBJ = 4,
	ACL_GROUP = 8,
	ACL_MASK = 16,
	ACL_OTHER = 32
};

struct acl { /* [i] */
	struct rcu_head rcu;
	unsigned n;
	struct raw_entry e[];
};

/* Entries that name nobody have this. */
#define NOBODY 0xffffffffu

bool acl_is_name(const char *name)
{
	return str_equal(name, ACL_ACCESS) || str_equal(name, ACL_DEFAULT);
}

static bool names_one(unsigned tag)
{
	return tag == ACL_USER || tag == ACL_GROUP;
}

/* One owner, group and others, in that order; a mask where somebody is named. */
static bool valid(const struct acl *a)
{
	unsigned last = 0, seen = 0;

	for (unsigned i = 0; i < a->n; i++) {
		unsigned tag = a->e[i].tag;
		bool many = names_one(tag);

		if (a->e[i].perm & ~7u || tag > ACL_OTHER || !is_power_of_2(tag))
			return false;
		if (tag < last || (tag == last && !many))
			return false;
		last = tag;
		seen |= tag;
	}
	return (seen & (ACL_USER_OBJ | ACL_GROUP_OBJ | ACL_OTHER)) ==
		       (ACL_USER_OBJ | ACL_GROUP_OBJ | ACL_OTHER) &&
	       (!(seen & (ACL_USER | ACL_GROUP)) || (seen & ACL_MASK));
}

/* NULL: an empty one, which is none. ERR_PTR. */
static struct acl *parse(const void *v, size_t n)
{
	const struct raw_acl *raw = v;
	struct acl *a;
	size_t count;

	if (n < sizeof(*raw) || (n - sizeof(*raw)) % sizeof(raw->e[0]))
		return ERR_PTR(-EINVAL);
	if (raw->version != ACL_VERSION)
		return ERR_PTR(-EOPNOTSUPP);
	count = (n - sizeof(*raw)) / sizeof(raw->e[0]);
	if (!count)
		return NULL;
	a = kmalloc(sizeof(*a) + count * sizeof(a->e[0]), 0);
	if (!a)
		return ERR_PTR(-ENOMEM);
	a->n = (unsigned)count;
	memcpy(a->e, raw->e, count * sizeof(a->e[0]));
	for (size_t i = 0; i < count; i++)
		if (!names_one(a->e[i].tag))
			a->e[i].id = NOBODY;
	if (valid(a))
		return a;
	kfree(a);
	return ERR_PTR(-EINVAL);
}

/* The attribute of a, kmalloc'ed; NULL: no memory. */
static struct raw_acl *to_raw(const struct acl *a, size_t *n)
{
	struct raw_acl *raw;

	*n = sizeof(*raw) + a->n * sizeof(raw->e[0]);
	raw = kmalloc(*n, 0);
	if (!raw)
		return NULL;
	raw->version = ACL_VERSION;
	memcpy(raw->e, a->e, a->n * sizeof(a->e[0]));
	return raw;
}

static struct raw_entry *entry(struct acl *a, unsigned tag)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->e[i].tag == tag)
			return &a->e[i];
	return NULL;
}

/* What the group bits of the mode stand for. */
static struct raw_entry *group_class(struct acl *a)
{
	struct raw_entry *m = entry(a, ACL_MASK);

	return m ? m : entry(a, ACL_GROUP_OBJ);
}

/* --- asking --- */

bool acl_allows(const struct inode *i, int mask)
{
	struct acl *a = __atomic_load_n(&i->acl, __ATOMIC_ACQUIRE);
	const struct cred *c = current->cred;
	const struct raw_entry *m;
	unsigned want = (unsigned)mask & 7, most;
	bool in_group = false;

	if (!a)
		return !(want & ~(READ_ONCE(i->mode) >> (cred_in_group(c, i->gid) ? 3 : 0)));
	m = entry(a, ACL_MASK);
	most = m ? m->perm : 7;
	for (unsigned k = 0; k < a->n; k++) {
		const struct raw_entry *e = &a->e[k];

		if (e->tag == ACL_USER && e->id == c->fsuid)
			return !(want & ~(e->perm & most));
		if ((e->tag == ACL_GROUP_OBJ && cred_in_group(c, i->gid)) ||
		    (e->tag == ACL_GROUP && cred_in_group(c, e->id))) {
			in_group = true;
			if (!(want & ~(e->perm & most)))
				return true;
		}
		if (e->tag == ACL_OTHER)
			return !in_group && !(want & ~(unsigned)e->perm);
	}
	return false;
}

u32 mode_masked(const struct inode *dir, u32 mode)
{
	if (unlikely(READ_ONCE(dir->attr) & INODE_INHERITS))
		return mode;
	return current->fs ? mode & ~current->fs->umask : mode;
}

/* --- keeping --- */

static void free_rcu_acl(struct rcu_head *h)
{
	kfree(container_of(h, struct acl, rcu));
}

int acl_note(struct inode *i, const char *name, const void *v, size_t n)
{
	struct acl *a = v ? parse(v, n) : NULL, *old;

	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	if (str_equal(name, ACL_DEFAULT)) {
		WRITE_ONCE(i->attr, a ? i->attr | INODE_INHERITS : i->attr & ~INODE_INHERITS);
		kfree(a);
		return 0;
	}
	old = i->acl;
	smp_store_release(&i->acl, a);
	if (old)
		call_rcu(&old->rcu, free_rcu_acl);
	return 0;
}

void acl_free(struct inode *i)
{
	kfree(i->acl);
	i->acl = NULL;
}

/* The mode that a says; *plain: it says nothing that the mode does not. */
static u32 mode_of(struct acl *a, u32 mode, bool *plain)
{
	*plain = !entry(a, ACL_USER) && !entry(a, ACL_GROUP) && !entry(a, ACL_MASK);
	return (mode & ~0777u) | (u32)entry(a, ACL_USER_OBJ)->perm << 6 |
	       (u32)group_class(a)->perm << 3 | entry(a, ACL_OTHER)->perm;
}

void acl_show(void *v, size_t n)
{
	const struct user_ns *u = current->cred->user;
	struct raw_acl *raw = v;

	if (likely(!u))
		return;
	for (struct raw_entry *e = raw->e; (char *)(e + 1) <= (char *)v + n; e++)
		if (names_one(e->tag))
			e->id = id_map_up(u, e->tag == ACL_USER ? ID_USER : ID_GROUP, e->id);
}

/* The other way: 0, or -EINVAL: there is no such user or group in current's namespace. */
static int known_here(struct acl *a)
{
	const struct user_ns *u = current->cred->user;

	for (unsigned i = 0; i < a->n; i++) {
		struct raw_entry *e = &a->e[i];

		if (!names_one(e->tag))
			continue;
		e->id = e->tag == ACL_USER ? kuid_of(u, e->id) : kgid_of(u, e->id);
		if (e->id == NO_ID)
			return -EINVAL;
	}
	return 0;
}

static int set_mode(struct inode *i, u32 mode)
{
	struct attrs a = { .valid = ATTR_MODE | ATTR_CTIME,
			   .mode = mode & 07777,
			   .ctime = now_ktimespec() };

	if (!cred_in_group(current->cred, i->gid) && !capable(CAP_FSETID))
		a.mode &= ~(u32)S_ISGID;
	return i->ops->setattr ? i->ops->setattr(i, &a) : generic_setattr(i, &a);
}

/* i->rwsem held for writing. */
static int store(struct inode *i, const char *name, const void *v, size_t n)
{
	int err;

	if (v)
		return i->ops->setxattr(i, name, v, n, 0);
	err = i->ops->removexattr(i, name);
	return err == -ENODATA ? 0 : err;
}

int acl_set(const struct path *p, const char *name, const void *v, size_t n)
{
	bool access = str_equal(name, ACL_ACCESS), plain = false;
	struct inode *i = p->dentry->inode;
	struct raw_acl *raw = NULL;
	struct acl *a = NULL;
	int err = 0;

	if ((READ_ONCE(p->mnt->flags) | i->sb->flags) & MS_RDONLY)
		return -EROFS;
	if (n) {
		a = parse(v, n);
		if (IS_ERR(a))
			return (int)PTR_ERR(a);
	}
	if (a) {
		err = known_here(a);
		if (err)
			goto out;
		raw = to_raw(a, &n);
		if (!raw) {
			err = -ENOMEM;
			goto out;
		}
	}
	if (S_ISLNK(i->mode) || !i->ops->setxattr || !i->ops->removexattr)
		err = -EOPNOTSUPP;
	else if (inode_fixed(i) || !inode_owner_or_capable(i))
		err = -EPERM;
	else if (!access && !S_ISDIR(i->mode))
		err = a ? -EACCES : 0;
	if (err || (!access && !S_ISDIR(i->mode)))
		goto out;
	rwsem_write_lock(&i->rwsem);
	if (access && a)
		err = set_mode(i, mode_of(a, i->mode, &plain));
	if (!err)
		err = store(i, name, plain ? NULL : raw, n);
	if (!err)
		inode_touch(i, ATTR_CTIME);
	rwsem_write_unlock(&i->rwsem);
out:
	kfree(raw);
	kfree(a);
	return err;
}

void acl_chmod(struct inode *i)
{
	struct acl *a = i->acl;
	struct raw_acl *raw;
	size_t n, size = sizeof(*a) + a->n * sizeof(a->e[0]);

	a = kmalloc(size, 0);
	if (!a)
		return;
	memcpy(a, i->acl, size);
	entry(a, ACL_USER_OBJ)->perm = i->mode >> 6 & 7;
	group_class(a)->perm = i->mode >> 3 & 7;
	entry(a, ACL_OTHER)->perm = i->mode & 7;
	raw = to_raw(a, &n);
	if (raw)
		store(i, ACL_ACCESS, raw, n);
	kfree(raw);
	kfree(a);
}

/* What a new file asks for (mode) and what it is given meet: acl(5), "Object creation". */
static void intersect(struct acl *a, u32 *mode)
{
	struct raw_entry *u = entry(a, ACL_USER_OBJ), *g = group_class(a), *o = entry(a, ACL_OTHER);

	u->perm &= *mode >> 6 & 7;
	g->perm &= *mode >> 3 & 7;
	o->perm &= *mode & 7;
	*mode = (*mode & ~0777u) | (u32)u->perm << 6 | (u32)g->perm << 3 | o->perm;
}

void acl_inherit(struct inode *i, struct inode *dir)
{
	ssize_t n = memxattr_get(dir, ACL_DEFAULT, NULL, 0);
	void *v = n > 0 ? kmalloc((size_t)n, 0) : NULL;
	struct raw_acl *raw = NULL;
	struct acl *a = ERR_PTR(-ENOMEM);
	u32 mode = i->mode;
	bool plain, done = false;
	size_t size;

	if (v && memxattr_get(dir, ACL_DEFAULT, v, (size_t)n) == n)
		a = parse(v, (size_t)n);
	if (!IS_ERR_OR_NULL(a)) {
		intersect(a, &mode);
		mode_of(a, mode, &plain);
		raw = to_raw(a, &size);
		done = raw && (plain || !memxattr_set(i, ACL_ACCESS, raw, size, 0));
		if (done && S_ISDIR(mode))
			done = !memxattr_set(i, ACL_DEFAULT, v, (size_t)n, 0);
		kfree(a);
	}
	/* Without memory for what the list says: nobody but the owner. */
	i->mode = done ? mode : mode & ~077u;
	kfree(raw);
	kfree(v);
}
