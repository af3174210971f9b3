/*
 * overlay: a union of folders (overlay.h): `mount -t overlay -o lowerdir=A:B,upperdir=U,workdir=W`.
 * This is the mounting: the options, the layers, the work folder.
 *
 * Taken are the options of Linux's but those that ask for an index or for copies without data.
 */
#include "fs/overlay/overlay.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "lib/printf.h"
#include "lib/string.h"

#define OVERLAYFS_MAGIC 0x794c7630
#define OPTIONS_ROOM	PAGE_SIZE

struct overlay_options {
	char *lower, *upper, *work; /* in a copy of the option string */
	enum overlay_redirect redirect;
	bool user_xattr, is_volatile, is_strict, permissions;
	bool redirect_given, all_numbers;
	const char *uuid; /* "off", "null" */
};

/* --- options --- */

/* Cuts the string at the first separator that no backslash stands before; the rest, or NULL. */
static char *cut(char *s, char separator)
{
	for (; *s; s++) {
		if (*s == '\\' && s[1])
			s++;
		else if (*s == separator) {
			*s = '\0';
			return s + 1;
		}
	}
	return NULL;
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && s[1])
			s++;
		*to++ = *s;
	}
	*to = '\0';
}

/* Of the options below the first two: who asks for them trusts what layers say of other files. */
#define ONLY_ADMIN 2

/* An option with one of its known values. */
static int note(struct overlay_options *opt, const char *key, const char *val)
{
	if (str_equal(key, "redirect_dir")) {
		opt->redirect_given = true;
		opt->redirect = str_equal(val, "on")	   ? REDIRECT_MADE :
				str_equal(val, "nofollow") ? REDIRECT_REFUSED :
							     REDIRECT_FOLLOWED;
	} else if (str_equal(key, "xino")) {
		opt->all_numbers = str_equal(val, "on");
	} else if (str_equal(key, "uuid")) {
		opt->uuid = str_equal(val, "off") ? "off" : str_equal(val, "null") ? "null" : NULL;
	} else if (str_equal(key, "fsync")) {
		opt->is_volatile = str_equal(val, "volatile");
		opt->is_strict = str_equal(val, "strict");
	}
	return 0;
}

static int parse_option(struct overlay_options *opt, const char *key, char *val)
{
	/* options that may be given with these values, which change nothing here */
	static const struct {
		const char *key, *values;
	} known[] = {
		{ "redirect_dir", " off follow nofollow on " },
		{ "metacopy", " off " },
		{ "index", " off " },
		{ "nfs_export", " off " },
		{ "xino", " off auto on " },
		{ "uuid", " off null auto on " },
		{ "verity", " off " },
		{ "fsync", " auto strict volatile " },
	};
	char word[16];

	if (!val) {
		opt->user_xattr |= str_equal(key, "userxattr");
		opt->is_volatile |= str_equal(key, "volatile");
		opt->permissions |= str_equal(key, "default_permissions");
		return str_equal(key, "userxattr") || str_equal(key, "volatile") ||
				       str_equal(key, "default_permissions") ?
			       0 :
			       -EINVAL;
	}
	if (str_equal(key, "lowerdir"))
		opt->lower = val;
	else if (str_equal(key, "upperdir"))
		opt->upper = val;
	else if (str_equal(key, "workdir"))
		opt->work = val;
	else {
		snprintf(word, sizeof(word), " %s ", val);
		for (unsigned k = 0; k < ARRAY_SIZE(known); k++)
			if (str_equal(key, known[k].key) && k < ONLY_ADMIN &&
			    str_equal(val, "on") && !capable(CAP_SYS_ADMIN))
				return -EPERM;
			else if (str_equal(key, known[k].key))
				return strstr(known[k].values, word) ? note(opt, key, val) :
								       -EINVAL;
		return -EINVAL;
	}
	return *val ? 0 : -EINVAL;
}

static int parse(struct overlay_options *opt, char *s)
{
	int err = 0;

	while (!err && s && *s) {
		char *next = cut(s, ','), *val = strchr(s, '=');

		if (val)
			*val++ = '\0';
		if (*s)
			err = parse_option(opt, s, val);
		s = next;
	}
	/* What anybody may write is not to lead to other folders. */
	if (!err && opt->user_xattr) {
		if (opt->redirect_given && opt->redirect != REDIRECT_REFUSED)
			err = -EINVAL;
		opt->redirect = REDIRECT_REFUSED;
	}
	return err;
}

/* Text for /proc/mounts: an option as it was given, what would end it there in octal. */
static void put_option(struct overlay *o, const char *key, const char *val)
{
	size_t at = strlen(o->options);

	at += (size_t)scnprintf(o->options + at, OPTIONS_ROOM - at, ",%s", key);
	for (const char *s = val; s && *s && at + 5 < OPTIONS_ROOM; s++) {
		if (strchr(", \t\n\\", *s))
			at += (size_t)snprintf(o->options + at, 5, "\\%03o", (u8)*s);
		else
			o->options[at++] = *s;
	}
	o->options[at] = '\0';
}

static void put_options(struct overlay *o, const struct overlay_options *opt)
{
	put_option(o, "lowerdir=", opt->lower);
	if (opt->upper) {
		put_option(o, "upperdir=", opt->upper);
		put_option(o, "workdir=", opt->work);
	}
	if (opt->permissions)
		put_option(o, "default_permissions", NULL);
	if (opt->redirect == REDIRECT_REFUSED)
		put_option(o, "redirect_dir=nofollow", NULL);
	else if (!opt->upper || opt->redirect == REDIRECT_MADE) /* without U all are followed */
		put_option(o, "redirect_dir=on", NULL);
	if (opt->upper)
		put_option(o, "uuid=", opt->uuid ? opt->uuid : "on");
	if (opt->is_volatile || opt->is_strict)
		put_option(o, "fsync=", opt->is_volatile ? "volatile" : "strict");
	if (opt->user_xattr)
		put_option(o, "userxattr", NULL);
}

/* --- layers --- */

static int find_folder(char *name, struct path *p)
{
	int err;

	unescape(name);
	err = path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW, p);
	if (err)
		return err;
	if (S_ISDIR(p->dentry->inode->mode))
		return 0;
	path_put(p);
	return -EINVAL;
}

/* How many unions are over one another below this folder, itself counted. */
static unsigned depth(const struct super *sb)
{
	const struct overlay *o = sb->priv;
	unsigned most = 0;

	if (!str_equal(sb->fs->name, "overlay"))
		return 0;
	for (unsigned k = 0; k < o->nr; k++)
		most = max(most, depth(o->layer[k].mnt->sb));
	return most + 1;
}

static int add_layer(struct overlay *o, const struct path *p)
{
	struct overlay_layer *l = &o->layer[o->nr];
	struct super *sb = p->mnt->sb;

	if (depth(sb) >= 2 || !p->dentry->inode->ops->lookup || p->dentry->inode->ops->revalidate)
		return -EINVAL;
	l->mnt = mount_alloc(sb, p->dentry, NULL, 0);
	if (!l->mnt)
		return -ENOMEM;
	o->nr++;
	l->dev = 0;
	for (unsigned k = 0; k + 1 < o->nr; k++)
		if (o->layer[k].mnt->sb == sb)
			l->dev = o->layer[k].dev;
	if (!l->dev)
		l->dev = dev_anonymous();
	o->same = o->same && sb == o->layer[0].mnt->sb;
	return 0;
}

static int add_lowers(struct overlay *o, char *names)
{
	unsigned found = 0;
	int err = 0;

	while (!err && names) {
		char *next = cut(names, ':');
		struct path p;

		if (!*names || found == OVERLAY_LAYERS)
			return -EINVAL;
		err = find_folder(names, &p);
		if (err)
			return err;
		found++;
		err = add_layer(o, &p);
		path_put(&p);
		names = next;
	}
	if (!err && found < 2 && !o->first_lower)
		err = -EINVAL;
	return err;
}

/*
 * -EINVAL: what lies in the work folder was left by a union with a feature that others must know of, such as
 * "volatile", which loses data.
 */
static int check_compatible(struct overlay *o, struct dentry *work)
{
	struct dentry *d = dir_lookup(work, "incompat", 8);
	int empty = 1;

	if (IS_ERR(d))
		return PTR_ERR(d) == -ENOENT || PTR_ERR(d) == -ENOTDIR ? 0 : (int)PTR_ERR(d);
	if (d->inode && S_ISDIR(d->inode->mode))
		empty = overlay_real_empty(o, d);
	d_put(d);
	return empty < 0 ? empty : empty ? 0 : -EINVAL;
}

/* Leaves word that this union is not synced. */
static int note_volatile(struct overlay *o)
{
	static const char *const names[] = { "incompat", "volatile", "dirty" };
	struct dentry *d = d_get(o->work);

	for (unsigned k = 0; k < ARRAY_SIZE(names) && !IS_ERR(d); k++) {
		bool last = k + 1 == ARRAY_SIZE(names);
		struct dentry *below =
			overlay_real_make(d, names[k], last ? S_IFREG : S_IFDIR, 0, NULL);

		d_put(d);
		d = below;
	}
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	d_put(d);
	return 0;
}

/* An empty folder "work" in the workdir. */
static int make_work(struct overlay *o, const struct path *at)
{
	struct dentry *d;
	int err = overlay_real_remove(at->dentry, "work");

	/* A union that ended without a warning left something there. */
	if (err == -ENOTEMPTY) {
		d = dir_lookup(at->dentry, "work", 4);
		if (IS_ERR(d))
			return (int)PTR_ERR(d);
		err = check_compatible(o, d);
		if (!err)
			err = overlay_clear_work(o, d);
		d_put(d);
		if (!err)
			err = overlay_real_remove(at->dentry, "work");
	}
	if (err)
		return err;
	d = overlay_real_make(at->dentry, "work", S_IFDIR, 0, NULL);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	o->work = d;
	return o->unsynced ? note_volatile(o) : 0;
}

static int add_upper(struct overlay *o, struct overlay_options *opt)
{
	struct path up, work;
	int err = opt->work ? find_folder(opt->upper, &up) : -EINVAL;

	if (err)
		return err;
	err = find_folder(opt->work, &work);
	if (err)
		goto out_up;
	/* one mount, two subtrees, and a file system that can do it */
	if (up.mnt != work.mnt || d_is_ancestor(up.dentry, work.dentry) ||
	    d_is_ancestor(work.dentry, up.dentry) || depth(up.mnt->sb) ||
	    !up.dentry->inode->ops->rename || !up.dentry->inode->ops->setxattr ||
	    ((up.mnt->flags | up.mnt->sb->flags) & MS_RDONLY))
		err = -EINVAL;
	if (!err)
		err = add_layer(o, &up);
	/* Where he can't work, a union for reading. */
	if (!err && !overlay_may(o, work.dentry->inode, MAY_WRITE | MAY_EXEC))
		err = make_work(o, &work);
	path_put(&work);
out_up:
	path_put(&up);
	return err;
}

/* The root's inode and dentry. */
static int make_root(struct super *sb)
{
	struct overlay *o = overlay_of(sb);
	unsigned nr = o->nr - o->first_lower;
	struct overlay_at *lower = kcalloc(nr, sizeof(*lower));
	struct dentry *up = o->first_lower ? d_get(o->layer[0].mnt->root) : NULL;
	struct inode *i;

	if (!lower) {
		d_put(up);
		return -ENOMEM;
	}
	for (unsigned k = 0; k < nr; k++)
		lower[k] = (struct overlay_at){ d_get(o->layer[o->first_lower + k].mnt->root),
						o->first_lower + k };
	i = overlay_iget(sb, NULL, up, lower, nr);
	kfree(lower);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	sb->root = d_alloc_root(sb, i);
	return sb->root ? 0 : -ENOMEM;
}

/* --- super --- */

static int overlay_statfs(struct super *sb, struct statfs *st)
{
	struct super *real = overlay_of(sb)->layer[0].mnt->sb;
	int err = real->ops->statfs ? real->ops->statfs(real, st) : -ENOSYS;

	st->f_type = OVERLAYFS_MAGIC;
	return err;
}

static int overlay_sync(struct super *sb)
{
	struct overlay *o = overlay_of(sb);
	struct super *real = o->layer[0].mnt->sb;

	return o->work && !o->unsynced && real->ops->sync ? real->ops->sync(real) : 0;
}

static int overlay_show_options(struct super *sb, char *buf, size_t n)
{
	return scnprintf(buf, n, "%s", overlay_of(sb)->options);
}

static void overlay_free(struct super *sb)
{
	struct overlay *o = overlay_of(sb);

	if (o->work)
		d_put(o->work);
	for (unsigned k = 0; k < o->nr; k++)
		mount_put(o->layer[k].mnt);
	cred_put((struct cred *)o->cred);
	kfree(o->options);
	kfree(o);
}

static const struct super_ops overlay_super_ops = {
	.evict_inode = overlay_evict,
	.statfs = overlay_statfs,
	.sync = overlay_sync,
	.show_options = overlay_show_options,
	.unmount = overlay_free,
};

static int fill_super(struct super *sb, struct overlay_options *opt)
{
	struct overlay *o = overlay_of(sb);
	int err;

	if (!opt->lower)
		return -EINVAL;
	o->marks = opt->user_xattr || !o->cred->user;
	o->prefix = opt->user_xattr ? "user.overlay." : "trusted.overlay.";
	o->first_lower = !!opt->upper;
	o->redirect = opt->redirect;
	o->unsynced = opt->is_volatile;
	put_options(o, opt);
	err = opt->upper ? add_upper(o, opt) : 0;
	if (!err)
		err = add_lowers(o, opt->lower);
	if (err)
		return err;
	if (opt->all_numbers && !o->same)
		return -EINVAL; /* numbers of several systems in one space: not done */
	if (!o->work)
		sb->flags |= MS_RDONLY;
	return make_root(sb);
}

static unsigned count_layers(const char *lower)
{
	unsigned n = 2; /* the last lower one, and an upper one */

	for (; lower && *lower; lower++)
		n += *lower == ':';
	return n;
}

static struct super *overlay_mount(const struct file_system *fs, const char *source __unused,
				   u64 flags __unused, const char *data)
{
	struct overlay_options opt = { 0 };
	char *copy = kstrdup(data ? data : "");
	struct super *sb = NULL;
	struct overlay *o = NULL;
	int err = copy ? parse(&opt, copy) : -ENOMEM;

	if (!err) {
		o = kzalloc(sizeof(*o) + count_layers(opt.lower) * sizeof(o->layer[0]), 0);
		sb = o ? super_alloc(fs, &overlay_super_ops, o) : NULL;
		err = sb ? 0 : -ENOMEM;
	}
	if (err) {
		kfree(o);
		kfree(copy);
		return ERR_PTR(err);
	}
	spin_init(&o->lock, RANK_FS, "overlay");
	o->cred = cred_get(current->cred);
	o->same = true;
	o->options = kzalloc(OPTIONS_ROOM, 0);
	err = o->options ? fill_super(sb, &opt) : -ENOMEM;
	kfree(copy);
	if (!err)
		return sb;
	super_put(sb);
	return ERR_PTR(err);
}

static const struct file_system overlay_type = {
	.name = "overlay",
	.flags = FS_NODEV | FS_USERNS | FS_ATTRS,
	.mount = overlay_mount,
};
FILE_SYSTEM(overlay_type);
