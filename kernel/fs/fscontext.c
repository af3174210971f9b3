/*
 * File system contexts: the files of fsopen(2) and fspick(2), which fsconfig(2) fills with options,
 * fsmount(2) makes a mount of, and read(2) reads messages from, one at a time ("e tmpfs: Unknown
 * parameter 'x'"). Options are gathered as the string that mount(2) takes.
 *
 * Locking: everything in a context is guarded by its mutex.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/landlock.h"
#include "fs/mount.h"
#include "lib/printf.h"
#include "lib/string.h"

#define MESSAGES 8 /* kept; the oldest go */
#define DATA_MAX (PAGE_SIZE - 2) /* as much as mount(2) takes */

enum phase { CREATE_PARAMS, AWAITING_MOUNT, AWAITING_RECONF, RECONF_PARAMS, FAILED };

struct fscontext {
	struct mutex lock;
	enum phase phase;
	const struct file_system *fs; /* [I] */
	struct super *sb; /* referenced; NULL: not made yet */
	char *source; /* NULL: none */
	u64 flags, mask; /* SUPER_FLAGS: what was asked for, and which were named */
	char *data; /* DATA_MAX + 1 bytes; NULL: no option yet */
	size_t len;
	char *message[MESSAGES];
	u8 head, tail; /* of the messages */
};

static const struct file_ops fscontext_fops;

static void say(struct fscontext *c, const char *fmt, ...) __printf(2, 3);
static void say(struct fscontext *c, const char *fmt, ...)
{
	char line[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if ((u8)(c->head - c->tail) == MESSAGES)
		kfree(c->message[c->tail++ % MESSAGES]);
	c->message[c->head++ % MESSAGES] = kstrdup(line);
}

/* What was given so far was for what is made now; more is for mounting it again. */
static void forget_params(struct fscontext *c)
{
	kfree(c->source);
	kfree(c->data);
	c->source = c->data = NULL;
	c->len = 0;
	c->flags = c->mask = 0;
	c->phase = AWAITING_RECONF;
}

static void context_free(struct fscontext *c)
{
	if (c->sb)
		super_put(c->sb);
	kfree(c->source);
	kfree(c->data);
	for (; c->tail != c->head; c->tail++)
		kfree(c->message[c->tail % MESSAGES]);
	kfree(c);
}

static struct file *open_context(const struct file_system *fs, struct super *sb, enum phase phase)
{
	struct fscontext *c = kzalloc(sizeof(*c), 0);
	struct file *f;

	if (!c)
		return ERR_PTR(-ENOMEM);
	mutex_init(&c->lock);
	c->fs = fs;
	c->phase = phase;
	if (sb) {
		atomic_inc(&sb->refs);
		c->sb = sb;
	}
	f = anon_file("anon_inode:[fscontext]", &fscontext_fops, c, O_RDWR);
	if (IS_ERR(f))
		context_free(c);
	else
		f->mode |= FMODE_STREAM;
	return f;
}

struct file *fscontext_open(const char *fstype)
{
	const struct file_system *fs = fs_find(fstype);

	return fs ? open_context(fs, NULL, CREATE_PARAMS) : ERR_PTR(-ENODEV);
}

struct file *fscontext_pick(const struct path *p)
{
	if (p->dentry != p->mnt->root)
		return ERR_PTR(-EINVAL);
	return open_context(p->mnt->sb->fs, p->mnt->sb, RECONF_PARAMS);
}

/* --- parameters --- */

/* Options that every file system has. False: it is none of them. */
static bool common_flag(struct fscontext *c, const char *key)
{
	static const struct {
		const char *name;
		u64 set, clear;
	} flags[] = {
		{ "ro", MS_RDONLY, 0 },	       { "rw", 0, MS_RDONLY },
		{ "sync", MS_SYNCHRONOUS, 0 }, { "async", 0, MS_SYNCHRONOUS },
		{ "dirsync", MS_DIRSYNC, 0 },  { "lazytime", MS_LAZYTIME, 0 },
		{ "mand", MS_MANDLOCK, 0 },    { "nolazytime", 0, MS_LAZYTIME },
		{ "nomand", 0, MS_MANDLOCK },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!str_equal(key, flags[i].name))
			continue;
		c->flags = (c->flags & ~flags[i].clear) | flags[i].set;
		c->mask |= flags[i].set | flags[i].clear;
		return true;
	}
	return false;
}

static int set_source(struct fscontext *c, const char *value)
{
	if (!value) {
		say(c, "e Non-string source\n");
		return -EINVAL;
	}
	if (c->source) {
		say(c, "e Multiple sources\n");
		return -EINVAL;
	}
	c->source = kstrdup(value);
	return c->source ? 0 : -ENOMEM;
}

static int add_option(struct fscontext *c, const char *key, const char *value)
{
	size_t room;

	if (!c->data) {
		c->data = kzalloc(DATA_MAX + 1, 0);
		if (!c->data)
			return -ENOMEM;
	}
	room = DATA_MAX + 1 - c->len;
	if (strlen(key) + (value ? strlen(value) : 0) + 3 > room) {
		say(c, "e VFS: Legacy: Cumulative options too large\n");
		return -EINVAL;
	}
	c->len += (size_t)snprintf(c->data + c->len, room, "%s%s%s%s", c->len ? "," : "", key,
				   value ? "=" : "", value ? value : "");
	return 0;
}

/* value NULL: given without one. */
static int set_param(struct fscontext *c, const char *key, const char *value)
{
	int err;

	if (common_flag(c, key))
		return 0;
	err = str_equal(key, "source") ? -ENOPARAM : c->fs->option ? c->fs->option(key, value) : 0;
	if (!err)
		return add_option(c, key, value);
	if (err == -ENOPARAM && str_equal(key, "source"))
		return set_source(c, value);
	if (err == -ENOPARAM)
		say(c, "e %s: Unknown parameter '%s'\n", c->fs->name, key);
	else
		say(c, "e %s: Bad value for '%s'\n", c->fs->name, key);
	return -EINVAL;
}

/* --- commands --- */

static int create(struct fscontext *c, bool exclusive)
{
	struct super *sb;

	if (c->phase != CREATE_PARAMS)
		return -EBUSY;
	if (!fs_may_mount(c->fs))
		return -EPERM;
	c->phase = FAILED;
	sb = super_get(c->fs, c->source, c->flags, c->data);
	if (IS_ERR(sb))
		return (int)PTR_ERR(sb);
	if (exclusive && (c->fs->flags & FS_SINGLE) && atomic_read(&sb->refs) > 1) {
		super_put(sb);
		say(c, "w %s: reusing existing filesystem not allowed\n", c->fs->name);
		return -EBUSY;
	}
	c->sb = sb;
	c->phase = AWAITING_MOUNT;
	return 0;
}

static int reconfigure(struct fscontext *c)
{
	int err;

	if (c->phase != RECONF_PARAMS)
		return -EBUSY;
	c->phase = FAILED;
	err = super_may_admin(c->sb) ? landlock_may_mount() : -EPERM;
	if (!err)
		err = super_remount(c->sb, (c->sb->flags & ~c->mask) | c->flags, c->data);
	if (!err)
		forget_params(c);
	return err;
}

static int set_typed(struct fscontext *c, unsigned cmd, const struct fsconfig_param *param)
{
	if (c->phase != CREATE_PARAMS && c->phase != RECONF_PARAMS)
		return -EBUSY;
	switch (cmd) {
	case FSCONFIG_SET_FLAG:
	case FSCONFIG_SET_STRING:
		return set_param(c, param->key, param->value);
	default: /* nobody takes a path, a file or bytes: only the name may be wrong */
		if (str_equal(param->key, "source"))
			return set_source(c, NULL);
		if (common_flag(c, param->key))
			return 0;
		if (c->fs->option && c->fs->option(param->key, "") == -ENOPARAM)
			return set_param(c, param->key, "");
		say(c, "e %s: Bad value for '%s'\n", c->fs->name, param->key);
		return -EINVAL;
	}
}

int fscontext_takes(struct file *f, unsigned cmd)
{
	const struct fscontext *c = f->priv;

	if (f->ops != &fscontext_fops)
		return -EINVAL;
	/* One that mount alone knows the options of is as those of before fsopen(2). */
	return !c->fs->option && (cmd == FSCONFIG_SET_BINARY || cmd == FSCONFIG_SET_PATH ||
				  cmd == FSCONFIG_SET_PATH_EMPTY || cmd == FSCONFIG_SET_FD ||
				  cmd == FSCONFIG_CMD_CREATE_EXCL) ?
		       -EOPNOTSUPP :
		       0;
}

int fscontext_config(struct file *f, unsigned cmd, const struct fsconfig_param *param)
{
	struct fscontext *c = f->priv;
	int err;

	err = mutex_lock_interruptible(&c->lock);
	if (err)
		return err;
	if (c->phase == AWAITING_RECONF)
		c->phase = RECONF_PARAMS;
	switch (cmd) {
	case FSCONFIG_CMD_CREATE:
	case FSCONFIG_CMD_CREATE_EXCL:
		err = create(c, cmd == FSCONFIG_CMD_CREATE_EXCL);
		break;
	case FSCONFIG_CMD_RECONFIGURE:
		err = reconfigure(c);
		break;
	default:
		err = set_typed(c, cmd, param);
		break;
	}
	mutex_unlock(&c->lock);
	return err;
}

struct file *fscontext_mount(struct file *f, u64 flags)
{
	struct fscontext *c = f->priv;
	struct mount *m = NULL;
	int err;

	if (f->ops != &fscontext_fops)
		return ERR_PTR(-EINVAL);
	err = mutex_lock_interruptible(&c->lock);
	if (err)
		return ERR_PTR(err);
	err = !c->sb ? -EINVAL : c->phase != AWAITING_MOUNT ? -EBUSY : 0;
	if (!err) {
		m = mount_alloc(c->sb, c->sb->root, c->source, flags);
		err = m ? mount_may_reveal(m) : -ENOMEM;
	}
	if (!err)
		forget_params(c);
	mutex_unlock(&c->lock);
	return err ? ERR_PTR(err) : mount_file(m);
}

/* --- messages --- */

static ssize_t fscontext_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct fscontext *c = f->priv;
	char *text = NULL;
	ssize_t n;
	int err = mutex_lock_interruptible(&c->lock);

	if (err)
		return err;
	n = -ENODATA;
	if (c->tail != c->head) {
		text = c->message[c->tail % MESSAGES];
		n = text ? (ssize_t)strlen(text) : -ENOMEM;
		if (n > 0 && (size_t)n > it->count) {
			n = -EMSGSIZE; /* it stays */
			text = NULL;
		} else {
			c->tail++;
		}
	}
	mutex_unlock(&c->lock);
	if (n > 0 && iter_copy_to(it, text, (size_t)n) != (size_t)n)
		n = -EFAULT;
	kfree(text);
	return n;
}

static void fscontext_release(struct file *f)
{
	context_free(f->priv);
}

static const struct file_ops fscontext_fops = {
	.read = fscontext_read,
	.llseek = noop_llseek,
	.release = fscontext_release,
};
