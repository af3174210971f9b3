/*
 * Trees of made-up files; see tree.h. Inodes are made at look-up. Those of a
 * process hold its struct pid, which keeps the number from being given to
 * another; their dentries are not cached, so a name is looked up each time and
 * a dead process is not found.
 */
#include "fs/tree/internal.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/boot.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/userns.h"
#include "fs/internal.h"
#include "fs/mount.h"

static const struct inode_ops plain_ops, guarded_ops, group_ops, process_ops, sysctl_ops, link_ops,
	magic_ops;
static const struct file_ops dir_fops;

/* --- subjects ------------------------------------------------------------- */

/* What n is among files of the kind `above`. */
static u32 kind_of(const struct node *n, u32 above)
{
	u32 own = n->flags & NODE_KINDS;

	return own ? own : above;
}

static int place_subject(const struct place *p, struct super *sb, struct subject *s)
{
	*s = (struct subject){
		.node = p->node, .pidns = p->pidns, .sb = sb, .thread = p->thread, .arg = p->arg
	};
	if (!p->pid)
		return 0;
	s->task = pid_task_get(p->pid);
	if (s->task && kind_of(p->node, p->kind) == NODE_OF_NET)
		s->net = ns_of_get(s->task, NS_NET);
	return s->task ? 0 : -ESRCH;
}

int tree_subject(const struct inode *i, struct subject *s)
{
	return place_subject(place_of(i), i->sb, s);
}

struct pid *tree_process(const struct file *f)
{
	const struct place *p = f->ops == &dir_fops ? place_of(f->inode) : NULL;

	return p && (p->node->flags & NODE_PROCESS) && !p->thread ? p->pid : NULL;
}

int tree_subject_checked(const struct inode *i, struct subject *s)
{
	int err = tree_subject(i, s);

	if (err)
		return err;
	if (s->node->may && !s->node->may(s)) {
		subject_put(s);
		return -EACCES;
	}
	return 0;
}

/* --- inodes ----------------------------------------------------------------- */

/*
 * The same for the same name of the same process, whenever it is looked up: the row's address tells
 * rows apart. Programs that keep 32 bits of it still tell processes apart.
 */
static u64 place_ino(const struct place *p)
{
	u64 row = ((u64)p->node - (u64)__kernel_start) >> 3 & 0xfffff;
	u64 pid = p->pid ? p->pid->ino : 0;

	return row << 44 | (p->arg & 0xfffff) << 24 | (u64)p->thread << 23 | (pid & 0x7fffff);
}

/* proc(5): files of a process are its effective user's; root's when it is not dumpable. */
static void place_owner(const struct place *p, u32 *uid, u32 *gid)
{
	struct task *t = pid_task_get(p->pid);

	*uid = *gid = 0;
	if (!t)
		return;
	if (t->proc->exec_user) { /* root's of where its program began */
		*uid = kuid_of(t->proc->exec_user, 0);
		*gid = kgid_of(t->proc->exec_user, 0);
		*uid = *uid == NO_ID ? 0 : *uid;
		*gid = *gid == NO_ID ? 0 : *gid;
	}
	if (READ_ONCE(t->proc->dumpable) == DUMP_USER || p->node->mode == (S_IFDIR | 0555)) {
		const struct cred *c = READ_ONCE(t->cred);

		*uid = c->euid;
		*gid = c->egid;
	}
	task_put(t);
}

static const struct inode_ops *node_iops(const struct node *n)
{
	if (S_ISLNK(n->mode))
		return n->follow ? &magic_ops : &link_ops;
	if (n->flags & NODE_SYSCTL)
		return &sysctl_ops;
	if (n->flags & NODE_PROCESS)
		return &process_ops;
	if (n->guard)
		return &guarded_ops;
	return n->flags & NODE_GROUP ? &group_ops : &plain_ops;
}

static u32 count_subdirs(const struct node *n)
{
	u32 count = 0;

	for (const struct node *c = n->sub; c && c->name; c++)
		count += S_ISDIR(c->mode);
	return count;
}

/* Takes over p->pid's reference, on failure too. ERR_PTR(-ENOMEM). */
static struct inode *make_inode(struct super *sb, const struct place *p)
{
	struct place *own = kmemdup(p, sizeof(*p));
	struct inode *i = own ? inode_alloc(sb) : NULL;

	if (!i) {
		kfree(own);
		pid_put(p->pid);
		return ERR_PTR(-ENOMEM);
	}
	i->priv = own;
	i->mode = p->mode ? p->mode : p->node->mode;
	if ((sb->fs->flags & FS_ATTR_FILES) && S_ISDIR(i->mode))
		i->mode |= S_IWUSR;
	i->ino = place_ino(p);
	if (p->node->flags & NODE_PROCESS)
		i->attr = FS_IMMUTABLE_FL; /* nobody owns it anew, or takes something out */
	i->nlink = S_ISDIR(i->mode) ? 2 + count_subdirs(p->node) : 1;
	i->ops = node_iops(p->node);
	place_owner(p, &i->uid, &i->gid);
	if (S_ISDIR(i->mode))
		i->fops = &dir_fops;
	else if (S_ISLNK(i->mode))
		i->fops = &no_open_fops;
	else
		i->fops = p->node->fops		       ? p->node->fops :
			  p->node->flags & NODE_MOUNTS ? &tree_mounts_fops :
							 &tree_text_fops;
	if (S_ISLNK(i->mode) && p->mode)
		i->pages.size = 64; /* what lstat says of descriptors */
	return i;
}

static void evict(struct inode *i)
{
	struct place *p = i->priv;

	if (!p)
		return;
	pid_put(p->pid);
	kfree(p);
}

static unsigned nr_rows(const struct subject *s)
{
	return s->node->rows ? s->node->rows(s) : ~0U;
}

static const struct node *find_row(const struct subject *s, const char *name)
{
	const struct node *n = s->node->sub;

	for (unsigned left = nr_rows(s); left && n && n->name; left--, n++)
		if (str_equal(n->name, name))
			return n;
	return NULL;
}

/* Is current kept from it? 0 or -errno. */
static int guarded(const struct inode *i, int mask)
{
	const struct node *node = place_of(i)->node;
	struct subject s;
	int err;

	if (!node->guard)
		return 0;
	err = tree_subject(i, &s);
	if (!err) {
		err = node->guard(&s, mask);
		subject_put(&s);
	}
	return err;
}

static u32 kind_below(const struct place *dir)
{
	return kind_of(dir->node, dir->kind);
}

static int tree_lookup(struct inode *dir, struct dentry *d)
{
	const struct place *here = place_of(dir);
	const struct node *row;
	struct place to = *here;
	struct subject s;
	struct inode *i;
	int err = tree_subject(dir, &s);

	if (err)
		return here->node->flags & NODE_GROUP ? -ENOENT : err;
	to.mode = 0;
	to.kind = kind_below(here);
	if (to.kind == NODE_OF_NET && !s.net) {
		subject_put(&s);
		return -ENOENT;
	}
	row = find_row(&s, d->name);
	if (row) {
		to.node = row;
		if (S_ISREG(row->mode))
			to.kind = kind_of(row, to.kind);
		to.pid = here->pid ? pid_get(here->pid) : NULL;
	} else {
		to.pid = NULL;
		err = here->node->lookup ? here->node->lookup(&s, d->name, &to) : -ENOENT;
	}
	subject_put(&s);
	if (err)
		return err;
	/* What goes with its process, or is another in another network. */
	if (to.pid || !row)
		d->flags |= D_NOCACHE;
	if (to.node->flags & NODE_NOMOUNT)
		d->flags |= D_NOMOUNT;
	i = make_inode(dir->sb, &to);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	d_instantiate(d, i);
	return 0;
}

/*
 * As on Linux: /proc/sys keeps its mode and owner, files of a process their mode. Sizes are
 * accepted for O_TRUNC's sake.
 */
static int tree_setattr(struct inode *i, const struct attrs *a)
{
	const struct place *p = place_of(i);
	struct attrs kept = *a;

	if ((a->valid & ATTR_MODE) && p->pid)
		return -EPERM;
	if ((a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID)) && (p->node->flags & NODE_SYSCTL))
		return -EPERM;
	if ((a->valid & ATTR_SIZE) && p->node->truncate)
		p->node->truncate();
	kept.valid &= ~ATTR_SIZE;
	return generic_setattr(i, &kept);
}

/* Nothing is stored: no blocks, though links have a length. */
static int tree_getattr(struct inode *i, struct stat *st)
{
	const struct node *node = place_of(i)->node;
	int err = guarded(i, 0);
	struct subject s;

	if (!err)
		err = generic_getattr(i, st);
	if (err)
		return err;
	st->st_blocks = 0;
	if ((i->sb->fs->flags & FS_ATTR_FILES) && S_ISREG(i->mode))
		st->st_size = PAGE_SIZE;
	if (node->count && !tree_subject(i, &s)) {
		if (node->flags & NODE_COUNTED)
			st->st_size = node->count(&s);
		else
			st->st_nlink += node->count(&s);
		subject_put(&s);
	}
	return 0;
}

static int guarded_permission(struct inode *i, int mask)
{
	int err = guarded(i, mask);

	return err ? err : generic_permission(i, mask);
}

static int group_permission(struct inode *i, int mask)
{
	struct subject s;
	bool own = false;

	if (!tree_subject(i, &s)) {
		own = s.task->proc == current->proc;
		subject_put(&s);
	}
	return own ? 0 : generic_permission(i, mask);
}

/* Whoever holds the folder of a dead one open does not keep the name: the number may be given again. */
static bool process_lives(struct dentry *d)
{
	return READ_ONCE(place_of(d->inode)->pid->task) != NULL;
}

static bool administers(const struct node *n)
{
	const struct ns *net = current->ns[NS_NET];

	return (n->flags & NODE_NETWORK) && net && ns_capable(net->owner, CAP_NET_ADMIN);
}

/* As Linux's sysctl_perm: the mode alone decides, for root too. */
static int sysctl_permission(struct inode *i, int mask)
{
	u32 bits = i->mode;

	if (place_of(i)->node->flags & NODE_USERS)
		bits >>= own_capable(CAP_SYS_RESOURCE) ? 6 : 0;
	else if (current->cred->euid == 0 || administers(place_of(i)->node))
		bits >>= 6;
	else if (cred_in_group(current->cred, 0))
		bits >>= 3;
	return (u32)mask & ~bits & 7 ? -EACCES : 0;
}

static const char *tree_get_link(struct inode *i, char *buf)
{
	struct subject s;
	const char *target;
	int err = tree_subject_checked(i, &s);

	if (err)
		return ERR_PTR(err);
	target = s.node->link(&s, buf, PATH_MAX);
	subject_put(&s);
	return target;
}

static int tree_follow(struct inode *i, struct path *out)
{
	struct subject s;
	int err = tree_subject_checked(i, &s);

	if (err)
		return err;
	err = s.node->follow(&s, out);
	/* Asked again: an execve(2) meanwhile made it another's. */
	if (!err && s.node->may && !s.node->may(&s)) {
		path_put(out);
		err = -EACCES;
	}
	subject_put(&s);
	return err;
}

/* --- directories -------------------------------------------------------------- */

/* Position of the first name that no table holds. */
static u64 dynamic_base(const struct node *dir)
{
	u64 base = 2;

	for (const struct node *n = dir->sub; n && n->name; n++)
		base++;
	return base;
}

static bool emit_place(struct dir_context *dc, const char *name, const struct place *p, u64 next)
{
	u32 mode = p->mode ? p->mode : p->node->mode;

	if (!dc->emit(dc, name, strlen(name), place_ino(p), mode_to_dtype(mode), next))
		return false;
	dc->pos = next;
	return true;
}

static void read_names(const struct place *here, const struct subject *s, struct dir_context *dc)
{
	u64 base = dynamic_base(here->node), rows = 2 + (u64)nr_rows(s);
	char name[NAME_DYNAMIC_MAX];
	struct place p = *here;

	p.mode = 0;
	while (dc->pos < min(base, rows)) {
		p.node = &here->node->sub[dc->pos - 2];
		if (!emit_place(dc, p.node->name, &p, dc->pos + 1))
			return;
	}
	dc->pos = max(dc->pos, base);
	while (here->node->next) {
		u64 key = dc->pos - base;
		bool ok;

		p = *here;
		p.mode = 0;
		p.pid = NULL;
		if (!here->node->next(s, &key, name, &p))
			return;
		ok = emit_place(dc, name, &p, base + key + 1);
		pid_put(p.pid);
		if (!ok)
			return;
		cond_resched();
	}
}

static int tree_readdir(struct file *f, struct dir_context *dc)
{
	struct subject s;

	if (tree_subject(f->inode, &s))
		return -ENOENT;
	if (kind_below(place_of(f->inode)) == NODE_OF_NET && !s.net) {
		subject_put(&s);
		return -EINVAL;
	}
	if (nr_rows(&s) != ~0U)
		dc->pos = max(dc->pos, 2UL);
	if (dir_emit_dots(f, dc))
		read_names(place_of(f->inode), &s, dc);
	subject_put(&s);
	return 0;
}

/* --- supers -------------------------------------------------------------------------- */

struct tree {
	u32 magic; /* [I] */
	struct pid_ns *pidns; /* [I] referenced, NULL: boot's */
	const struct tree_options *options; /* [I] or NULL */
	void *priv; /* [I] */
};

void *tree_priv(const struct super *sb)
{
	return ((const struct tree *)sb->priv)->priv;
}

static void tree_unmount(struct super *sb)
{
	struct tree *t = sb->priv;

	if (t->pidns)
		ns_put(&t->pidns->ns);
	kfree(t->priv);
	kfree(t);
}

static int tree_statfs(struct super *sb, struct statfs *st)
{
	st->f_type = ((const struct tree *)sb->priv)->magic;
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	return 0;
}

static int tree_show_options(struct super *sb, char *buf, size_t n)
{
	const struct tree *t = sb->priv;

	return t->options ? t->options->show(t->priv, buf, n) : 0;
}

static int tree_remount(struct super *sb, u64 flags __unused, const char *data)
{
	const struct tree *t = sb->priv;

	return t->options ? t->options->remount(t->priv, data) : 0;
}

static const struct super_ops tree_super_ops = {
	.show_options = tree_show_options,
	.remount = tree_remount,
	.evict_inode = evict,
	.statfs = tree_statfs,
	.unmount = tree_unmount,
};

struct super *tree_mount(const struct file_system *fs, const struct node *root, u32 magic,
			 struct pid_ns *pidns, const struct tree_options *options, void *priv)
{
	struct tree *t = kmalloc(sizeof(*t), 0);
	struct super *sb = t ? super_alloc(fs, &tree_super_ops, t) : NULL;
	struct place p = { .node = root, .pidns = pidns };
	struct inode *i;

	if (!sb) {
		kfree(t);
		return ERR_PTR(-ENOMEM);
	}
	*t = (struct tree){ .magic = magic, .pidns = pidns, .options = options };
	if (pidns)
		ns_get(&pidns->ns);
	i = make_inode(sb, &p);
	if (!IS_ERR(i)) {
		i->ino = 1;
		sb->root = d_alloc_root(sb, i);
	}
	if (!sb->root) {
		super_put(sb);
		return ERR_PTR(-ENOMEM);
	}
	t->priv = priv;
	return sb;
}

static const struct inode_ops guarded_ops = {
	.lookup = tree_lookup,
	.setattr = tree_setattr,
	.getattr = tree_getattr,
	.permission = guarded_permission,
};

static const struct inode_ops plain_ops = {
	.lookup = tree_lookup,
	.setattr = tree_setattr,
	.getattr = tree_getattr,
};

static const struct inode_ops group_ops = {
	.lookup = tree_lookup,
	.setattr = tree_setattr,
	.getattr = tree_getattr,
	.permission = group_permission,
};

static const struct inode_ops process_ops = {
	.lookup = tree_lookup,
	.setattr = tree_setattr,
	.getattr = tree_getattr,
	.permission = guarded_permission,
	.revalidate = process_lives,
};

static const struct inode_ops sysctl_ops = {
	.lookup = tree_lookup,
	.setattr = tree_setattr,
	.getattr = tree_getattr,
	.permission = sysctl_permission,
};

static const struct inode_ops link_ops = {
	.setattr = tree_setattr,
	.getattr = tree_getattr,
	.get_link = tree_get_link,
};

static const struct inode_ops magic_ops = {
	.setattr = tree_setattr,
	.getattr = tree_getattr,
	.get_link = tree_get_link,
	.follow = tree_follow,
};

static s64 dir_seek(struct file *f, s64 off, int whence)
{
	const struct place *p = place_of(f->inode);

	return kind_below(p) ? generic_llseek(f, off, whence) : dir_llseek(f, off, whence);
}

static const struct file_ops dir_fops = {
	.readdir = tree_readdir,
	.llseek = dir_seek,
};
