/*
 * tmpfs: files in memory only, with limits (tmpfs(5)). Directories and files are memfs's; this adds
 * the mount options and the accounting. A page is charged when it enters a file's page cache and
 * given back when it leaves (vmobject_ops.charge), so writes, allocations and faults all meet the
 * same limit.
 *
 * Locking: the counts are atomic; the limits are read any time, and changed by a remount, one at a
 * time. One that comes below what is used meanwhile leaves nothing but no room.
 */
#include "fs/tmpfs/tmpfs.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/statfs.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "fs/internal.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"

struct tmpfs {
	u64 max_pages; /* 0: no limit */
	u64 max_inodes; /* 0: no limit */
	u32 mode, uid, gid; /* [I] of the root */
	bool no_swap; /* [I] for /proc/mounts: there is no swap */
	bool inode32; /* the same: no number is longer */
	atomic_long_t pages; /* in use */
	atomic_long_t bytes; /* MEMFS_NAME of each inode and further name; attributes */
};

static struct tmpfs *tmpfs_of(const struct super *sb)
{
	return sb->priv;
}

/* Counts n more (or fewer); past the limit nothing is counted and it is false. */
static bool count(atomic_long_t *used, long n, u64 limit)
{
	long now = atomic_long_add_return(used, n);

	if (n <= 0 || !limit || (u64)now <= limit)
		return true;
	atomic_long_add_return(used, -n);
	return false;
}

static int tmpfs_charge(struct vmobject *obj, long n)
{
	struct tmpfs *t = tmpfs_of(((struct inode *)obj->owner)->sb);

	return count(&t->pages, n, READ_ONCE(t->max_pages)) ? 0 : -ENOSPC;
}

static const struct vmobject_ops tmpfs_vmobject_ops = {
	.charge = tmpfs_charge,
};

bool tmpfs_owns(const struct inode *i)
{
	return i->pages.ops == &tmpfs_vmobject_ops;
}

/* Names and attributes use memory too, as in Linux out of the room for inodes. */
static int tmpfs_charge_names(struct super *sb, long n)
{
	struct tmpfs *t = tmpfs_of(sb);

	return count(&t->bytes, n, READ_ONCE(t->max_inodes) * MEMFS_NAME) ? 0 : -ENOSPC;
}

static struct inode *tmpfs_new_inode(struct super *sb, u32 mode, u64 rdev, const char *target)
{
	struct inode *i;
	int err = tmpfs_charge_names(sb, MEMFS_NAME);

	if (err)
		return ERR_PTR(err);
	i = memfs_inode(sb, mode, rdev, target);
	if (IS_ERR(i)) {
		tmpfs_charge_names(sb, -MEMFS_NAME);
		return i;
	}
	if (S_ISREG(mode)) {
		i->pages.ops = &tmpfs_vmobject_ops;
		i->seals = F_SEAL_SEAL;
	}
	return i;
}

static void tmpfs_evict(struct inode *i)
{
	memfs_evict(i);
	tmpfs_charge_names(i->sb, -MEMFS_NAME);
}

static int tmpfs_statfs(struct super *sb, struct statfs *st)
{
	struct tmpfs *t = tmpfs_of(sb);
	u64 pages = (u64)atomic_long_read(&t->pages);
	u64 inodes = DIV_ROUND_UP((u64)atomic_long_read(&t->bytes), (u64)MEMFS_NAME);

	st->f_type = TMPFS_MAGIC;
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	if (t->max_pages) {
		st->f_blocks = (long)t->max_pages;
		st->f_bfree = (long)(t->max_pages - min(pages, t->max_pages));
		st->f_bavail = st->f_bfree;
	}
	if (t->max_inodes) {
		st->f_files = (long)t->max_inodes;
		st->f_ffree = (long)(t->max_inodes - min(inodes, t->max_inodes));
	}
	return 0;
}

static u64 default_limit(void)
{
	struct page_stats ram;

	page_stats(&ram);
	return ram.total / 2;
}

static int tmpfs_show_options(struct super *sb, char *buf, size_t n)
{
	const struct tmpfs *t = tmpfs_of(sb);
	u64 usual = default_limit();
	int at = 0;

	if (t->max_pages != usual)
		at += scnprintf(buf + at, n - (size_t)at, ",size=%luk",
				(unsigned long)(t->max_pages * (PAGE_SIZE / 1024)));
	if (t->max_inodes != usual)
		at += scnprintf(buf + at, n - (size_t)at, ",nr_inodes=%lu",
				(unsigned long)t->max_inodes);
	if (t->mode != 01777)
		at += scnprintf(buf + at, n - (size_t)at, ",mode=%03o", t->mode);
	if (t->uid)
		at += scnprintf(buf + at, n - (size_t)at, ",uid=%u", t->uid);
	if (t->gid)
		at += scnprintf(buf + at, n - (size_t)at, ",gid=%u", t->gid);
	return at + scnprintf(buf + at, n - (size_t)at, ",inode%s%s", t->inode32 ? "32" : "64",
			      t->no_swap ? ",noswap" : "");
}

static void tmpfs_unmount(struct super *sb)
{
	kfree(sb->priv);
}

/* "64m", or "50%" of RAM; in pages, rounded up. */
static int parse_pages(const char *s, u64 *pages)
{
	struct page_stats ram;
	size_t len = strlen(s);
	char num[24];
	u64 v;

	if (len && s[len - 1] == '%') {
		if (len >= sizeof(num))
			return -EINVAL;
		memcpy(num, s, len - 1);
		num[len - 1] = '\0';
		if (parse_u64(num, 10, &v) || v > 1000000)
			return -EINVAL;
		page_stats(&ram);
		*pages = DIV_ROUND_UP(ram.total * v, 100UL);
		return 0;
	}
	if (parse_size(s, &v))
		return -EINVAL;
	*pages = v / PAGE_SIZE + (v % PAGE_SIZE != 0);
	return 0;
}

static int parse_option(struct tmpfs *t, const char *key, const char *val)
{
	if (!val) {
		t->no_swap |= str_equal(key, "noswap");
		if (str_starts_with(key, "inode"))
			t->inode32 = str_equal(key, "inode32");
		return str_equal(key, "noswap") || str_equal(key, "inode32") ||
				       str_equal(key, "inode64") ?
			       0 :
			       -EINVAL;
	}
	if (str_equal(key, "size"))
		return parse_pages(val, &t->max_pages);
	if (str_equal(key, "nr_blocks"))
		return parse_size(val, &t->max_pages);
	if (str_equal(key, "nr_inodes"))
		return parse_size(val, &t->max_inodes);
	if (str_equal(key, "mode"))
		return parse_u32(val, 8, &t->mode);
	if (str_equal(key, "uid"))
		return parse_u32(val, 10, &t->uid) || t->uid == ~0U;
	if (str_equal(key, "gid"))
		return parse_u32(val, 10, &t->gid) || t->gid == ~0U;
	if (str_equal(key, "huge") || str_equal(key, "mpol"))
		return str_equal(val, "never") || str_equal(val, "default") ? 0 : -EINVAL;
	return -EINVAL;
}

/* fsconfig(2): would it do? */
static int tmpfs_option(const char *key, const char *val)
{
	static const char *const keys[] = { "size", "nr_blocks", "nr_inodes", "mode",
					    "uid",  "gid",	 "huge",      "mpol" };
	struct tmpfs t;

	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_equal(key, keys[i]))
			return parse_option(&t, key, val) ? -EINVAL : 0;
	if (str_equal(key, "inode32") || str_equal(key, "inode64") || str_equal(key, "noswap"))
		return val ? -EINVAL : 0;
	return -ENOPARAM;
}

static int parse_options(struct tmpfs *t, const char *data)
{
	char *copy, *rest, *opt;
	int err = 0;

	if (!data)
		return 0;
	copy = kstrdup(data);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!err && (opt = strsep(&rest, ","))) {
		char *val = strchr(opt, '=');

		if (!*opt)
			continue;
		if (val)
			*val++ = '\0';
		err = parse_option(t, opt, val) ? -EINVAL : 0;
	}
	kfree(copy);
	t->mode &= 07777;
	return err;
}

static int tmpfs_remount(struct super *sb, u64 flags __unused, const char *data)
{
	struct tmpfs *t = tmpfs_of(sb), next = *t;
	int err;

	next.no_swap = false;
	err = parse_options(&next, data);
	if (err)
		return err;
	/* What had no limit has not been counted against one; what is there must fit. */
	if (next.max_pages != t->max_pages && next.max_pages &&
	    (!t->max_pages || next.max_pages < (u64)atomic_long_read(&t->pages)))
		return -EINVAL;
	if (next.max_inodes != t->max_inodes && next.max_inodes &&
	    (!t->max_inodes || next.max_inodes * MEMFS_NAME < (u64)atomic_long_read(&t->bytes)))
		return -EINVAL;
	if (next.no_swap && !t->no_swap)
		return -EINVAL;
	WRITE_ONCE(t->max_pages, next.max_pages);
	WRITE_ONCE(t->max_inodes, next.max_inodes);
	t->inode32 = next.inode32;
	return 0;
}

static const struct super_ops tmpfs_super_ops = {
	.evict_inode = tmpfs_evict,
	.statfs = tmpfs_statfs,
	.show_options = tmpfs_show_options,
	.remount = tmpfs_remount,
	.unmount = tmpfs_unmount,
	.new_inode = tmpfs_new_inode,
	.charge_names = tmpfs_charge_names,
};

static struct super *tmpfs_mount(const struct file_system *fs, const char *source __unused,
				 u64 flags __unused, const char *data)
{
	struct tmpfs *t = kzalloc(sizeof(*t), 0);
	struct super *sb;
	struct inode *root;
	int err;

	if (!t)
		return ERR_PTR(-ENOMEM);
	t->max_pages = t->max_inodes = default_limit();
	t->mode = 01777;
	t->uid = current->cred->fsuid;
	t->gid = current->cred->fsgid;
	err = parse_options(t, data);
	sb = err ? NULL : super_alloc(fs, &tmpfs_super_ops, t);
	if (!sb) {
		kfree(t);
		return ERR_PTR(err ? err : -ENOMEM);
	}
	root = tmpfs_new_inode(sb, S_IFDIR | t->mode, 0, NULL);
	if (!IS_ERR(root)) {
		root->uid = t->uid;
		root->gid = t->gid;
		sb->root = d_alloc_root(sb, root);
	}
	if (!sb->root) {
		super_put(sb);
		return ERR_PTR(-ENOMEM);
	}
	return sb;
}

static const struct file_system tmpfs_type = {
	.name = "tmpfs",
	.flags = FS_NODEV | FS_USERNS | FS_HANDLES | FS_ATTRS,
	.mount = tmpfs_mount,
	.option = tmpfs_option,
};
FILE_SYSTEM(tmpfs_type);
