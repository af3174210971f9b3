/*
 * Inodes of overlay (overlay.h). One stands for a stack of real inodes: that of the upper layer, or
 * the highest of the lower ones, or of folders all down to an opaque one. It has a copy of the
 * attributes of the real one that counts, so that the walk needs nobody else.
 *
 * Files that are hard links of one real inode share the union's, except lower ones that a copy-up
 * would part: they are apart from the beginning, as on Linux.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/limits.h>

#include "alloc/slab.h"
#include "fs/overlay/overlay.h"
#include "lib/string.h"

static const struct inode_ops overlay_file_ops, overlay_symlink_ops;

/* The mark "origin": the head is Linux's (which takes one of another type for none), the rest ours. */
struct overlay_origin {
	u8 version, magic, len, flags, type;
	u8 uuid[16]; /* the file system: its number, from mount to mount another */
	u8 ino[8];
} __packed;
#define ORIGIN_MAGIC 0xfb
#define ORIGIN_TYPE  0xfe

struct overlay_at overlay_real(const struct inode *i)
{
	const struct overlay_inode *n = overlay_node(i);
	struct dentry *upper = overlay_upper(i);

	return upper ? (struct overlay_at){ upper, 0 } : n->lower[0];
}

bool overlay_origin(struct overlay *o, struct inode *real, u64 *ino, unsigned *layer)
{
	struct overlay_origin m;
	u64 dev;

	if (overlay_mark_get(o, real, "origin", &m, sizeof(m)) != sizeof(m) ||
	    m.magic != ORIGIN_MAGIC || m.type != ORIGIN_TYPE)
		return false;
	memcpy(&dev, m.uuid, sizeof(dev));
	memcpy(ino, m.ino, sizeof(*ino));
	for (unsigned k = o->first_lower; k < o->nr; k++) {
		if (o->layer[k].mnt->sb->dev == dev) {
			*layer = k;
			return true;
		}
	}
	return false;
}

static int set_origin(struct overlay *o, struct inode *copy, const struct inode *of)
{
	struct overlay_origin m = {
		.magic = ORIGIN_MAGIC,
		.len = sizeof(m),
		.type = ORIGIN_TYPE,
	};
	u64 dev = of->sb->dev, ino = of->ino;

	memcpy(m.uuid, &dev, sizeof(dev));
	memcpy(m.ino, &ino, sizeof(ino));
	return overlay_mark_set(o, copy, "origin", &m, sizeof(m));
}

int overlay_note_origin(struct inode *i, struct inode *copy)
{
	struct overlay_inode *n = overlay_node(i);
	const struct overlay_at *of = &n->lower[0];
	int err;

	if (!overlay_of(i->sb)->marks)
		return 0;
	/* the other links keep the number */
	if (!S_ISDIR(i->mode) && of->dentry->inode->nlink > 1)
		return 0;
	err = set_origin(overlay_of(i->sb), copy, of->dentry->inode);
	if (!err) {
		n->origin = of->dentry->inode->ino;
		n->origin_layer = of->layer;
	}
	return err;
}

static u64 overlay_ino(const struct inode *i)
{
	const struct overlay_inode *n = overlay_node(i);

	return n->origin ? n->origin : overlay_real_inode(i)->ino;
}

void overlay_refresh(struct inode *i)
{
	const struct inode *real = overlay_real_inode(i);

	spin_lock(&i->lock);
	WRITE_ONCE(i->mode, real->mode);
	i->uid = real->uid;
	i->gid = real->gid;
	i->nlink = real->nlink;
	i->atime = real->atime;
	i->mtime = real->mtime;
	i->ctime = real->ctime;
	WRITE_ONCE(i->pages.size, inode_size(real));
	spin_unlock(&i->lock);
}

static void put_stack(struct dentry *upper, const struct overlay_at *lower, unsigned nr)
{
	if (upper)
		d_put(upper);
	while (nr--)
		d_put(lower[nr].dentry);
}

/* --- which inode stands for a real one: overlay.lock held --- */

static struct overlay_inode *find_key(struct overlay *o, const struct inode *key,
				      struct rb_node **parent, struct rb_node ***link)
{
	*link = &o->inodes.node;
	*parent = NULL;
	while (**link) {
		struct overlay_inode *n = rb_entry(**link, struct overlay_inode, node);

		*parent = **link;
		if (n->key == key)
			return n;
		*link = key < n->key ? &(*parent)->left : &(*parent)->right;
	}
	return NULL;
}

static void forget_key(struct overlay *o, struct overlay_inode *n)
{
	if (n->key)
		rb_erase(&o->inodes, &n->node, NULL);
	n->key = NULL;
}

/* Makes i the one for key, unless there is one: then that, referenced. */
static struct inode *claim_key(struct overlay *o, const struct inode *key, struct inode *i)
{
	struct rb_node **link, *parent;
	struct overlay_inode *n;

	spin_lock(&o->lock);
	n = find_key(o, key, &parent, &link);
	if (n && atomic_inc_not_zero(&n->inode->refs)) {
		spin_unlock(&o->lock);
		return n->inode;
	}
	if (n) { /* on its way out */
		forget_key(o, n);
		find_key(o, key, &parent, &link);
	}
	n = overlay_node(i);
	n->key = key;
	rb_insert(&o->inodes, &n->node, parent, link, NULL);
	spin_unlock(&o->lock);
	return i;
}

void overlay_rekey(struct inode *i, const struct inode *copy)
{
	struct overlay *o = overlay_of(i->sb);
	struct inode *other;

	spin_lock(&o->lock);
	forget_key(o, overlay_node(i));
	spin_unlock(&o->lock);
	other = claim_key(o, copy, i);
	if (other != i)
		inode_put(other);
}

void overlay_evict(struct inode *i)
{
	struct overlay *o = overlay_of(i->sb);
	struct overlay_inode *n = overlay_node(i);

	if (!n)
		return;
	spin_lock(&o->lock);
	forget_key(o, n);
	spin_unlock(&o->lock);
	put_stack(n->upper, n->lower, n->nr_lower);
	inode_put(n->parent);
	kfree(n->name);
	kfree(n);
}

static void set_ops(struct inode *i)
{
	switch (i->mode & S_IFMT) {
	case S_IFDIR:
		i->ops = &overlay_dir_ops;
		i->fops = &overlay_dir_fops;
		break;
	case S_IFREG:
		i->ops = &overlay_file_ops;
		i->fops = &overlay_file_fops;
		break;
	case S_IFLNK:
		i->ops = &overlay_symlink_ops;
		i->fops = &no_open_fops;
		break;
	default:
		i->ops = &overlay_file_ops;
		special_init(i);
		break;
	}
}

/* What a fresh inode's node holds, but for the stack. */
static int fill(struct overlay *o, struct inode *i, struct inode *parent)
{
	struct overlay_inode *n = overlay_node(i);
	struct inode *real = overlay_real_inode(i);

	if (n->upper) {
		if (!overlay_origin(o, real, &n->origin, &n->origin_layer))
			n->origin = 0;
	} else if (parent && o->work) {
		n->parent = parent;
		inode_get(parent);
		n->name = kstrdup(n->lower[0].dentry->name);
		if (!n->name)
			return -ENOMEM;
	}
	/* A folder that is merged has the number of its highest lower one. */
	if (S_ISDIR(real->mode) && n->upper && n->nr_lower && !n->origin)
		n->origin = n->lower[0].dentry->inode->ino;
	i->rdev = real->rdev;
	i->btime = real->btime;
	overlay_refresh(i);
	if (o->same || !S_ISDIR(i->mode))
		i->ino = overlay_ino(i);
	set_ops(i);
	return 0;
}

struct inode *overlay_iget(struct super *sb, struct inode *parent, struct dentry *upper,
			   const struct overlay_at *lower, unsigned nr_lower)
{
	struct overlay *o = overlay_of(sb);
	struct inode *real = upper ? upper->inode : lower[0].dentry->inode, *i, *old;
	struct overlay_inode *n;
	int err;

	n = kzalloc(sizeof(*n) + nr_lower * sizeof(*lower), 0);
	i = n ? inode_alloc(sb) : NULL;
	if (!i) {
		kfree(n);
		put_stack(upper, lower, nr_lower);
		return ERR_PTR(-ENOMEM);
	}
	mutex_init(&n->copying);
	n->inode = i;
	n->upper = upper;
	n->nr_lower = nr_lower;
	if (nr_lower)
		memcpy(n->lower, lower, nr_lower * sizeof(*lower));
	i->priv = n;
	i->mode = real->mode & S_IFMT;
	err = fill(o, i, parent);
	if (err) {
		inode_put(i);
		return ERR_PTR(err);
	}
	if (!S_ISDIR(i->mode) && !upper && o->work && real->nlink > 1)
		return i;
	old = claim_key(o, real, i);
	if (old != i)
		inode_put(i);
	return old;
}

/* --- lookup --- */

/* The name in one folder of a layer: NULL when there is nothing. */
static struct dentry *real_lookup(struct dentry *dir, const char *name, size_t len)
{
	struct dentry *child = len > NAME_MAX ? ERR_PTR(-ENOENT) : dir_lookup(dir, name, len);

	if (IS_ERR(child))
		return PTR_ERR(child) == -ENOENT ? NULL : child;
	if (!child->inode) {
		d_put(child);
		return NULL;
	}
	return child;
}

/* What look-up has found so far of a name. */
struct search {
	struct overlay *o;
	const struct overlay_inode *dir;
	const struct dentry *name;
	char *redirect; /* how it is called in the layers to come; NULL: so */
	struct dentry *upper;
	struct overlay_at *lower;
	unsigned nr;
	bool done; /* what is below does not show */
};

/* Is nothing looked for below that layer? Then its marks tell of nothing. */
static bool is_last(const struct search *s, unsigned layer)
{
	unsigned n = s->dir->nr_lower;

	if (s->o->redirect == REDIRECT_REFUSED)
		return !n || s->dir->lower[n - 1].layer <= layer;
	return layer + 1 == s->o->nr;
}

/*
 * A child, whose reference goes over to the search, of that layer. 1: it belongs to the stack; 0; -EPERM: its data is
 * elsewhere, by a mark that we don't follow.
 */
static int take(struct search *s, struct dentry *child, unsigned layer)
{
	struct inode *i = child->inode;
	bool first = !s->upper && !s->nr, is_dir = S_ISDIR(i->mode);
	int err;

	if (overlay_is_whiteout(s->o, i) || (!is_dir && !first)) {
		d_put(child);
		s->done = true;
		return 0;
	}
	if (is_dir && is_last(s, layer)) {
		err = 0;
	} else if (is_dir) {
		s->done |= overlay_is_opaque(s->o, i);
		err = s->done ? 0 : overlay_redirect_follow(s->o, i, &s->redirect);
	} else {
		s->done = true;
		err = S_ISREG(i->mode) && overlay_mark_get(s->o, i, "metacopy", NULL, 0) >= 0 ?
			      -EPERM :
			      0;
	}
	if (!err)
		return 1;
	d_put(child);
	return err;
}

static struct dentry *look_in(struct search *s, struct dentry *dir)
{
	int err = overlay_may(s->o, dir->inode, MAY_EXEC);

	if (err)
		return ERR_PTR(err);
	return s->redirect ? real_lookup(dir, s->redirect, strlen(s->redirect)) :
			     real_lookup(dir, s->name->name, s->name->len);
}

/* The name in one lower layer: in the folder that `dir` is merged with there, or where a redirect leads. */
static struct dentry *look_below(struct search *s, unsigned layer)
{
	if (s->redirect && *s->redirect == '/')
		return overlay_redirect_lookup(s->o, layer, &s->redirect, &s->done);
	for (unsigned k = 0; k < s->dir->nr_lower; k++)
		if (s->dir->lower[k].layer == layer)
			return look_in(s, s->dir->lower[k].dentry);
	return NULL;
}

static int search_lower(struct search *s)
{
	s->lower = kcalloc(s->o->nr, sizeof(*s->lower));
	if (!s->lower)
		return -ENOMEM;
	for (unsigned layer = s->o->first_lower; !s->done && layer < s->o->nr; layer++) {
		struct dentry *child = look_below(s, layer);
		int taken;

		if (IS_ERR(child))
			return (int)PTR_ERR(child);
		taken = child ? take(s, child, layer) : 0;
		if (taken < 0)
			return taken;
		if (taken)
			s->lower[s->nr++] = (struct overlay_at){ child, layer };
		/* A mark matters once there is something that it leads to, or that bears it. */
		if (taken && s->redirect && s->o->redirect == REDIRECT_REFUSED)
			return -EPERM;
	}
	return 0;
}

int overlay_lookup(struct inode *dir, struct dentry *d)
{
	struct search s = { .o = overlay_of(dir->sb), .dir = overlay_node(dir), .name = d };
	struct dentry *child, *up = overlay_upper(dir);
	struct inode *i;
	int err = 0;

	if (up) {
		child = look_in(&s, up);
		if (IS_ERR(child))
			return (int)PTR_ERR(child);
		err = child ? take(&s, child, 0) : 0;
		if (err > 0)
			s.upper = child;
	}
	if (err >= 0 && !s.done && (s.dir->nr_lower || s.redirect))
		err = search_lower(&s);
	kfree(s.redirect);
	if (err >= 0 && (s.upper || s.nr)) {
		i = overlay_iget(dir->sb, dir, s.upper, s.lower, s.nr);
		err = PTR_ERR_OR_ZERO(i);
		if (!err)
			d_instantiate(d, i);
	} else {
		put_stack(s.upper, s.lower, s.nr);
	}
	kfree(s.lower);
	return err < 0 ? err : 0;
}

/* --- attributes --- */

static int overlay_getattr(struct inode *i, struct stat *st)
{
	struct overlay *o = overlay_of(i->sb);
	struct overlay_inode *n = overlay_node(i);
	struct overlay_at at = overlay_real(i);
	struct inode *real = at.dentry->inode;
	int err = real->ops->getattr ? real->ops->getattr(real, st) : generic_getattr(real, st);

	if (err)
		return err;
	if (o->same || S_ISDIR(i->mode)) {
		st->st_dev = dev_encode(i->sb->dev);
		st->st_ino = o->same ? overlay_ino(i) : i->ino;
	} else {
		st->st_dev = dev_encode(o->layer[n->origin ? n->origin_layer : at.layer].dev);
		st->st_ino = overlay_ino(i);
	}
	/* Nobody counts the subfolders of a merged one; 1 is what find(1) takes for "I don't know". */
	if (S_ISDIR(i->mode) && n->nr_lower + !!n->upper > 1)
		st->st_nlink = 1;
	return 0;
}

static int overlay_setattr(struct inode *i, const struct attrs *a)
{
	int err = overlay_copy_up(i, a->valid & ATTR_SIZE ? a->size : U64_MAX);

	if (!err)
		err = overlay_real_setattr(overlay_real_inode(i), a);
	overlay_refresh(i);
	return err;
}

static const char *overlay_get_link(struct inode *i, char *buf)
{
	struct inode *real = overlay_real_inode(i);

	return real->ops->get_link(real, buf);
}

/* --- extended attributes: ours don't show; a user's of such a name gets "overlay." once more --- */

#define ESCAPE "overlay."

/* The name that a real inode has it under, in buf of XATTR_NAME_MAX + 1. NULL: too long. */
static const char *real_name(struct overlay *o, const char *name, char *buf)
{
	size_t at = strlen(o->prefix);

	if (!str_starts_with(name, o->prefix))
		return name;
	if (strlen(name) + strlen(ESCAPE) > XATTR_NAME_MAX)
		return NULL;
	memcpy(buf, o->prefix, at);
	strlcpy(buf + at, ESCAPE, XATTR_NAME_MAX + 1 - at);
	strlcpy(buf + at + strlen(ESCAPE), name + at, XATTR_NAME_MAX + 1 - at - strlen(ESCAPE));
	return buf;
}

static ssize_t overlay_getxattr(struct inode *i, const char *name, void *buf, size_t n)
{
	struct inode *real = overlay_real_inode(i);
	char *room = kmalloc(XATTR_NAME_MAX + 1, 0);
	ssize_t ret = -EOPNOTSUPP;

	if (!room)
		return -ENOMEM;
	name = real_name(overlay_of(i->sb), name, room);
	if (name && real->ops->getxattr) {
		rwsem_read_lock(&real->rwsem);
		ret = real->ops->getxattr(real, name, buf, n);
		rwsem_read_unlock(&real->rwsem);
	}
	kfree(room);
	return ret;
}

/* Sets an attribute, or removes it. */
static int change_xattr(struct inode *i, const char *name, const void *v, size_t n, int flags,
			bool removing)
{
	/* what isn't there is no reason for a copy */
	ssize_t len = removing ? overlay_getxattr(i, name, NULL, 0) : 0;
	char *room = len < 0 ? NULL : kmalloc(XATTR_NAME_MAX + 1, 0);
	struct inode *real;
	int err;

	if (!room)
		return len < 0 ? (int)len : -ENOMEM;
	name = real_name(overlay_of(i->sb), name, room);
	err = name ? overlay_writable(i) : -EOPNOTSUPP;
	if (err)
		goto out;
	real = overlay_real_inode(i);
	rwsem_write_lock(&real->rwsem);
	if (removing)
		err = real->ops->removexattr ? real->ops->removexattr(real, name) : -EOPNOTSUPP;
	else
		err = real->ops->setxattr ? real->ops->setxattr(real, name, v, n, flags) :
					    -EOPNOTSUPP;
	if (!err)
		inode_touch(real, ATTR_CTIME);
	rwsem_write_unlock(&real->rwsem);
	overlay_refresh(i);
out:
	kfree(room);
	return err;
}

static int overlay_setxattr(struct inode *i, const char *name, const void *v, size_t n, int flags)
{
	return change_xattr(i, name, v, n, flags, false);
}

static int overlay_removexattr(struct inode *i, const char *name)
{
	return change_xattr(i, name, NULL, 0, 0, true);
}

static ssize_t overlay_listxattr(struct inode *i, char *buf, size_t n)
{
	struct overlay *o = overlay_of(i->sb);
	struct inode *real = overlay_real_inode(i);
	size_t prefix = strlen(o->prefix), used = 0;
	char *all = kmalloc(XATTR_LIST_MAX, 0);
	ssize_t len = 0;

	if (!all)
		return -ENOMEM;
	if (real->ops->listxattr) {
		rwsem_read_lock(&real->rwsem);
		len = real->ops->listxattr(real, all, XATTR_LIST_MAX);
		rwsem_read_unlock(&real->rwsem);
	}
	for (char *s = all; len > 0 && s < all + len;) {
		size_t k = strlen(s) + 1, skip = 0;
		bool ours = str_starts_with(s, o->prefix);

		if (ours && str_starts_with(s + prefix, ESCAPE))
			skip = strlen(ESCAPE);
		if (!ours || skip) {
			if (n && used + k - skip > n) {
				len = -ERANGE;
				break;
			}
			if (n && skip) {
				memcpy(buf + used, s, prefix);
				memcpy(buf + used + prefix, s + prefix + skip, k - prefix - skip);
			} else if (n) {
				memcpy(buf + used, s, k);
			}
			used += k - skip;
		}
		s += k;
	}
	kfree(all);
	return len < 0 ? len : (ssize_t)used;
}

const struct inode_ops overlay_dir_ops = {
	.lookup = overlay_lookup,
	.make = overlay_make,
	.link = overlay_link,
	.unlink = overlay_unlink,
	.rmdir = overlay_rmdir,
	.rename = overlay_rename,
	.tmpfile = overlay_tmpfile,
	.getattr = overlay_getattr,
	.setattr = overlay_setattr,
	.getxattr = overlay_getxattr,
	.setxattr = overlay_setxattr,
	.listxattr = overlay_listxattr,
	.removexattr = overlay_removexattr,
};

static const struct inode_ops overlay_file_ops = {
	.getattr = overlay_getattr,
	.setattr = overlay_setattr,
	.getxattr = overlay_getxattr,
	.setxattr = overlay_setxattr,
	.listxattr = overlay_listxattr,
	.removexattr = overlay_removexattr,
};

static const struct inode_ops overlay_symlink_ops = {
	.get_link = overlay_get_link,
	.getattr = overlay_getattr,
	.setattr = overlay_setattr,
	.getxattr = overlay_getxattr,
	.setxattr = overlay_setxattr,
	.listxattr = overlay_listxattr,
	.removexattr = overlay_removexattr,
};
