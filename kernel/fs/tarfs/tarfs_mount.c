/*
 * Mounting tarfs: where the archives are, building the tree, statfs, and taking
 * it all down.
 *
 * Mount options: "initrd" lays the archive that the boot loader left in memory
 * over the one on the device; without a device it stands alone.
 *
 * Locking: a file system that is being mounted or unmounted has no other users.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/mount.h>
#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "dev/block.h"
#include "dev/dt.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"
#include "sync/log.h"

#define TARFS_MAGIC 0x74617266 /* "tarf" */
#define TOLD_MAX    8u /* members left out that are told one by one */

static void left_out(struct tar_tree *t, u64 offset, const char *name, const char *why)
{
	struct tarfs *fs = t->owner;

	if (fs->told++ < TOLD_MAX)
		pr_warn("tarfs: %s: byte %lu: %.200s: left out: %s", fs->name, offset, name, why);
}

static void breathe(struct tar_tree *t __unused)
{
	cond_resched();
}

static int add_archive(struct tarfs *fs, struct tarfs_source *s)
{
	int err = tar_tree_add(&fs->tree, &s->src);

	if (err)
		pr_err("tarfs: %s: byte %lu: %s (error %d)", s->bd ? s->bd->name : "initrd",
		       fs->tree.err.offset, fs->tree.err.why ? fs->tree.err.why : "refused", -err);
	return err;
}

static void tarfs_let_go(struct super *sb)
{
	struct tarfs *fs = tarfs_of(sb);

	for (;;) {
		struct inode *i = NULL;

		spin_lock(&fs->lock);
		if (!list_empty(&fs->pinned)) {
			i = list_first_entry(&fs->pinned, struct inode, sb_link);
			list_del_init(&i->sb_link);
		}
		spin_unlock(&fs->lock);
		if (!i)
			return;
		inode_put(i);
	}
}

static void tarfs_unmount(struct super *sb)
{
	struct tarfs *fs = tarfs_of(sb);

	tar_tree_free(&fs->tree);
	kfree(fs);
}

static int tarfs_statfs(struct super *sb, struct statfs *st)
{
	struct tarfs *fs = tarfs_of(sb);
	struct page_stats pages;

	/* The archive is full; what is written goes to memory. */
	page_stats(&pages);
	st->f_type = TARFS_MAGIC;
	st->f_bsize = PAGE_SIZE;
	st->f_frsize = PAGE_SIZE;
	st->f_blocks = (long)(DIV_ROUND_UP(fs->tree.bytes, PAGE_SIZE) + pages.total);
	st->f_bfree = (long)pages.free;
	st->f_bavail = (long)pages.free;
	st->f_files = (long)(fs->tree.nodes + pages.free);
	st->f_ffree = (long)pages.free;
	st->f_namelen = TAR_NAME_MAX;
	return 0;
}

static const struct super_ops tarfs_super_ops = {
	.evict_inode = tarfs_evict,
	.statfs = tarfs_statfs,
	.let_go = tarfs_let_go,
	.unmount = tarfs_unmount,
};

/* Options are a comma-separated list; "initrd" is the one there is. */
static int parse_options(const char *data, bool *initrd)
{
	*initrd = false;
	while (data && *data) {
		size_t len = (size_t)(strchrnul(data, ',') - data);

		if (len == 6 && !memcmp(data, "initrd", 6))
			*initrd = true;
		else if (len)
			return -EINVAL;
		data += len + (data[len] == ',');
	}
	return 0;
}

/* Finds the archives: 0, -ENOENT, -ENODEV. */
static int find_sources(struct tarfs *fs, const char *source, bool initrd)
{
	u64 start, size;

	if (source && *source) {
		const char *slash = strrchr(source, '/');
		struct block_device *bd = block_find(slash ? slash + 1 : source);

		if (!bd)
			return -ENOENT;
		tarfs_source_disk(&fs->disk, bd);
		strlcpy(fs->name, bd->name, sizeof(fs->name));
	}
	if (initrd && dt_initrd(&start, &size) && size) {
		tarfs_source_memory(&fs->initrd, phys_to_virt(start), size);
		if (!fs->disk.bd)
			strlcpy(fs->name, "initrd", sizeof(fs->name));
	}
	return fs->disk.bd || fs->initrd.memory ? 0 : -ENODEV;
}

static int build_tree(struct tarfs *fs)
{
	int err = tar_tree_init(&fs->tree);

	if (err)
		return err;
	fs->tree.owner = fs;
	fs->tree.warn = left_out;
	fs->tree.breathe = breathe;
	if (fs->disk.bd)
		err = add_archive(fs, &fs->disk);
	if (!err && fs->initrd.memory)
		err = add_archive(fs, &fs->initrd);
	if (err)
		tar_tree_free(&fs->tree);
	return err;
}

static struct super *tarfs_mount(const struct file_system *type, const char *source, u64 flags,
				 const char *data)
{
	struct page_stats ram;
	struct super *sb;
	struct tarfs *fs;
	struct inode *root;
	bool initrd;
	int err = parse_options(data, &initrd);

	if (err)
		return ERR_PTR(err);
	fs = kzalloc(sizeof(*fs), 0);
	if (!fs)
		return ERR_PTR(-ENOMEM);
	spin_init(&fs->lock, RANK_FS, "tarfs");
	list_init(&fs->pinned);
	err = find_sources(fs, source, initrd);
	if (!err)
		err = build_tree(fs);
	if (err) {
		kfree(fs);
		return ERR_PTR(err);
	}
	sb = super_alloc(type, &tarfs_super_ops, fs);
	if (!sb) {
		tar_tree_free(&fs->tree);
		kfree(fs);
		return ERR_PTR(-ENOMEM);
	}
	sb->flags = flags & MS_RDONLY;
	page_stats(&ram);
	fs->max_nodes = fs->tree.nodes + ram.total / 2;
	root = tarfs_iget(sb, fs->tree.root);
	if (!IS_ERR(root))
		sb->root = d_alloc_root(sb, root);
	if (IS_ERR(root) || !sb->root) {
		super_put(sb); /* unmount frees fs */
		return ERR_PTR(-ENOMEM);
	}
	pr_info("tarfs: %s: %lu members, %lu files%s", fs->name, fs->tree.members, fs->tree.nodes,
		fs->disk.bd && fs->initrd.memory ? ", initrd laid over" : "");
	if (fs->tree.skipped)
		pr_warn("tarfs: %s: %lu members left out", fs->name, fs->tree.skipped);
	return sb;
}

static const struct file_system tarfs_type = {
	.name = "tarfs",
	.flags = FS_HANDLES,
	.mount = tarfs_mount,
};
FILE_SYSTEM(tarfs_type);
