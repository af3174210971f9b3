/*
 * Rulesets and domains of landlock(7), and what they allow (landlock.h).
 *
 * A rule names a file by its file system's device number and its inode number, neither of which is
 * given a second time, and so holds nothing. Paths are walked upwards under RCU: the kernel is not
 * preempted. set->mutex guards the rules of a ruleset; those of a domain never change.
 */
#include "fs/landlock.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "fs/files.h"
#include "fs/internal.h"

struct rule {
	u64 dev, ino; /* of a port: RULE_PORT and its number */
	u64 allowed;
};
#define RULE_PORT (~0UL)

struct rules {
	struct landlock_ruleset_attr handled;
	size_t n, room;
	struct rule *rule;
};

struct ruleset {
	struct mutex mutex;
	struct rules rules; /* [mutex] */
};

struct layer { /* [i] */
	struct domain d; /* first: freed as one */
	struct rules rules; /* rule: behind the layer */
};

static const struct file_ops ruleset_fops;

static const struct layer *layer_of(const struct domain *d)
{
	return (const struct layer *)d;
}

static struct rule *find_rule(const struct rules *r, u64 dev, u64 ino)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rule[i].ino == ino && r->rule[i].dev == dev)
			return &r->rule[i];
	return NULL;
}

/* --- what is allowed --- */

/* One step towards the root. False: there is none above. */
static bool go_up(struct mount **mnt, const struct dentry **d)
{
	while (*d == (*mnt)->root) {
		const struct dentry *at = __atomic_load_n(&(*mnt)->mountpoint, __ATOMIC_ACQUIRE);
		struct mount *parent = READ_ONCE((*mnt)->parent);

		if (parent == *mnt)
			return false;
		*mnt = parent;
		*d = at;
	}
	if (READ_ONCE((*d)->parent) == *d)
		return false;
	*d = READ_ONCE((*d)->parent);
	return true;
}

/* What a layer allows at a place, of what it handles. */
static u64 granted(const struct layer *l, struct mount *mnt, const struct dentry *d, u64 wanted)
{
	u64 got = 0;

	do {
		const struct inode *i = READ_ONCE(d->inode);
		const struct rule *r = i ? find_rule(&l->rules, i->sb->dev, i->ino) : NULL;

		if (r)
			got |= r->allowed & wanted;
	} while (got != wanted && go_up(&mnt, &d));
	return got;
}

/* Pipes, sockets, memfds: no path leads to them from a root. */
static bool is_internal(const struct mount *m)
{
	return READ_ONCE(m->flags) & MOUNT_INTERNAL;
}

u64 landlock_denied(const struct path *p, u64 access)
{
	u64 denied = 0;

	if (is_internal(p->mnt))
		return 0;
	for (const struct domain *d = current->cred->domain; d; d = d->parent) {
		const struct layer *l = layer_of(d);
		u64 asked = access & l->rules.handled.handled_access_fs;

		if (asked)
			denied |= asked & ~granted(l, p->mnt, p->dentry, asked);
	}
	return denied;
}

u64 landlock_make_access(u32 mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return LANDLOCK_ACCESS_FS_MAKE_DIR;
	case S_IFLNK:
		return LANDLOCK_ACCESS_FS_MAKE_SYM;
	case S_IFCHR:
		return LANDLOCK_ACCESS_FS_MAKE_CHAR;
	case S_IFBLK:
		return LANDLOCK_ACCESS_FS_MAKE_BLOCK;
	case S_IFIFO:
		return LANDLOCK_ACCESS_FS_MAKE_FIFO;
	case S_IFSOCK:
		return LANDLOCK_ACCESS_FS_MAKE_SOCK;
	default:
		return LANDLOCK_ACCESS_FS_MAKE_REG;
	}
}

int landlock_open(struct file *f, const struct path *at)
{
	u64 asked = 0, denied;

	if (!landlocked())
		return 0;
	if (f->mode & FMODE_READ)
		asked |= S_ISDIR(f->inode->mode) ? LANDLOCK_ACCESS_FS_READ_DIR :
						   LANDLOCK_ACCESS_FS_READ_FILE;
	if (f->mode & FMODE_WRITE)
		asked |= LANDLOCK_ACCESS_FS_WRITE_FILE;
	denied = landlock_denied(at, asked | LANDLOCK_ACCESS_FS_TRUNCATE |
					     LANDLOCK_ACCESS_FS_IOCTL_DEV);
	if (denied & asked)
		return -EACCES;
	if (denied & LANDLOCK_ACCESS_FS_TRUNCATE)
		f->mode |= FMODE_NO_TRUNCATE;
	if ((denied & LANDLOCK_ACCESS_FS_IOCTL_DEV) &&
	    (S_ISCHR(f->inode->mode) || S_ISBLK(f->inode->mode)))
		f->mode |= FMODE_NO_IOCTL;
	return 0;
}

/* Would d be allowed more in `to` than in `from`? */
static bool gains(const struct path *from, const struct dentry *d, const struct path *to)
{
	bool dir = d->inode && S_ISDIR(d->inode->mode);
	u64 all = dir ? LANDLOCK_FS_ALL : LANDLOCK_ACCESS_FILE;

	for (const struct domain *dom = current->cred->domain; dom; dom = dom->parent) {
		const struct layer *l = layer_of(dom);
		u64 asked = all & l->rules.handled.handled_access_fs;

		if (granted(l, to->mnt, to->dentry, asked) & ~granted(l, from->mnt, d, asked))
			return true;
	}
	return false;
}

static u64 remove_access(const struct dentry *d)
{
	return S_ISDIR(d->inode->mode) ? LANDLOCK_ACCESS_FS_REMOVE_DIR :
					 LANDLOCK_ACCESS_FS_REMOVE_FILE;
}

int landlock_refer(const struct path *from, const struct dentry *d, const struct path *to,
		   const struct dentry *other, bool removed, bool exchange)
{
	u64 there = landlock_make_access(d->inode->mode), here = removed ? remove_access(d) : 0;

	if (!landlocked())
		return 0;
	if (exchange)
		here |= landlock_make_access(other->inode->mode);
	if (removed && other && other->inode)
		there |= remove_access(other);
	if (from->dentry == to->dentry)
		return landlock_denied(to, there | here) ? -EACCES : 0;
	if (landlock_denied(from, here) || landlock_denied(to, there))
		return -EACCES;
	if (landlock_denied(from, LANDLOCK_ACCESS_FS_REFER) ||
	    landlock_denied(to, LANDLOCK_ACCESS_FS_REFER))
		return -EXDEV;
	if (gains(from, d, to) || (exchange && gains(to, other, from)))
		return -EXDEV;
	return 0;
}

int landlock_may_mount(void)
{
	for (const struct domain *d = current->cred->domain; d; d = d->parent)
		if (layer_of(d)->rules.handled.handled_access_fs & LANDLOCK_FS_ALL &
		    ~LANDLOCK_ACCESS_FS_REFER)
			return -EPERM;
	return 0;
}

int landlock_may_port(u64 access, u16 port)
{
	for (const struct domain *d = current->cred->domain; d; d = d->parent) {
		const struct rules *r = &layer_of(d)->rules;
		const struct rule *rule;

		if (!(access & r->handled.handled_access_net))
			continue;
		rule = find_rule(r, RULE_PORT, port);
		if (!rule || !(rule->allowed & access))
			return -EACCES;
	}
	return 0;
}

/* --- rulesets --- */

static ssize_t no_io(struct file *f __unused, struct iter *it __unused, u64 *pos __unused)
{
	return -EINVAL;
}

static void ruleset_release(struct file *f)
{
	struct ruleset *s = f->priv;

	kfree(s->rules.rule);
	kfree(s);
}

static const struct file_ops ruleset_fops = {
	.read = no_io,
	.write = no_io,
	.release = ruleset_release,
};

bool landlock_is_ruleset(const struct file *f)
{
	return f->ops == &ruleset_fops;
}

struct file *landlock_ruleset_file(const struct landlock_ruleset_attr *attr)
{
	struct ruleset *s = kzalloc(sizeof(*s), 0);
	struct file *f;

	if (!s)
		return ERR_PTR(-ENOMEM);
	mutex_init(&s->mutex);
	s->rules.handled = *attr;
	f = anon_file("anon_inode:[landlock-ruleset]", &ruleset_fops, s, O_RDWR);
	if (IS_ERR(f))
		kfree(s);
	return f;
}

static int add_rule(struct ruleset *s, u64 dev, u64 ino, u64 allowed)
{
	struct rules *r = &s->rules;
	struct rule *at;
	int err = 0;

	mutex_lock(&s->mutex);
	at = find_rule(r, dev, ino);
	if (at) {
		at->allowed |= allowed;
		goto out;
	}
	if (r->n == r->room) {
		size_t room = r->room ? r->room * 2 : 8;
		struct rule *more = kmalloc(room * sizeof(*more), 0);

		if (!more) {
			err = -ENOMEM;
			goto out;
		}
		for (size_t i = 0; i < r->n; i++)
			more[i] = r->rule[i];
		kfree(r->rule);
		r->rule = more;
		r->room = room;
	}
	r->rule[r->n++] = (struct rule){ dev, ino, allowed };
out:
	mutex_unlock(&s->mutex);
	return err;
}

int landlock_add_path(struct file *f, u64 access, int parent_fd)
{
	struct ruleset *s = f->priv;
	struct file *parent;
	struct inode *i;
	int err;

	if (!access)
		return -ENOMSG;
	if (access & ~s->rules.handled.handled_access_fs)
		return -EINVAL;
	parent = fd_get_raw(parent_fd);
	if (!parent)
		return -EBADF;
	i = parent->inode;
	if (is_internal(parent->path.mnt))
		err = -EBADFD;
	else if (!S_ISDIR(i->mode) && (access & ~LANDLOCK_ACCESS_FILE))
		err = -EINVAL;
	else
		err = add_rule(s, i->sb->dev, i->ino, access);
	file_put(parent);
	return err;
}

int landlock_add_port(struct file *f, u64 access, u64 port)
{
	struct ruleset *s = f->priv;

	if (!access)
		return -ENOMSG;
	if ((access & ~s->rules.handled.handled_access_net) || port > 65535)
		return -EINVAL;
	return add_rule(s, RULE_PORT, port, access);
}

/* A layer with the rules that s has now, on parent. NULL: no memory. */
static struct layer *make_layer(struct ruleset *s, struct domain *parent)
{
	struct layer *l;

	mutex_lock(&s->mutex);
	l = kzalloc(sizeof(*l) + s->rules.n * sizeof(struct rule), 0);
	if (l) {
		l->rules = s->rules;
		l->rules.rule = (struct rule *)(l + 1);
		for (size_t i = 0; i < s->rules.n; i++)
			l->rules.rule[i] = s->rules.rule[i];
	}
	mutex_unlock(&s->mutex);
	if (!l)
		return NULL;
	/* What moves or links a file across directories must be allowed by name. */
	if (l->rules.handled.handled_access_fs)
		l->rules.handled.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	atomic_set(&l->d.refs, 1);
	l->d.parent = domain_get(parent);
	l->d.depth = parent ? parent->depth + 1 : 1;
	l->d.scoped = (u32)l->rules.handled.scoped;
	return l;
}

int landlock_restrict(struct file *f)
{
	struct cred *c;
	struct layer *l;

	if (current->cred->domain && current->cred->domain->depth >= DOMAIN_LAYERS)
		return -E2BIG;
	c = cred_copy(current->cred, current->cred->ngroups);
	l = c ? make_layer(f->priv, c->domain) : NULL;
	if (!l) {
		cred_put(c);
		return -ENOMEM;
	}
	domain_put(c->domain);
	c->domain = &l->d;
	cred_commit(c);
	return 0;
}
