/*
 * Mounting tarfs: where the archives are, building the tree, statfs, and taking
 * it all down.
 *
 * On a device that can be written, changes are kept (tarfs_rw.c), if the archive ends in a
 * journal or has room for one; if not, the file system is read-only. On one that can't, changes stay in
 * memory.
 *
 * Mount options: "initrd" lays the archive that the boot loader left in memory
 * over the one on the device; without a device it stands alone. "volatile": changes stay in
 * memory, whatever the device.
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

static int add_archive(struct tarfs *fs, struct tar_source *src, const char *name)
{
	int err = tar_tree_add(&fs->tree, src);

	if (err)
		pr_err("tarfs: %s: byte %lu: %s (error %d)", name, fs->tree.err.offset,
		       fs->tree.err.why ? fs->tree.err.why : "refused", -err);
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

static void free_tarfs(struct tarfs *fs)
{
	if (fs->store)
		store_close(fs->store);
	if (fs->tree.root)
		tar_tree_free(&fs->tree);
	if (fs->replayed)
		store_overlay_free(fs->replayed);
	kfree(fs);
}

static void tarfs_unmount(struct super *sb)
{
	struct tarfs *fs = tarfs_of(sb);

	tarfs_finish(sb);
	free_tarfs(fs);
}

static void statfs_kept(struct tarfs *fs, struct statfs *st)
{
	struct store_space s;

	spin_lock(&fs->lock);
	store_space(fs->store, &s);
	st->f_files = (long)fs->tree.nodes;
	spin_unlock(&fs->lock);
	st->f_blocks = (long)(s.total * SECTOR_SIZE / PAGE_SIZE);
	st->f_bfree = st->f_bavail = (long)(s.free * SECTOR_SIZE / PAGE_SIZE);
	st->f_ffree = (long)(s.free / 4); /* a small file's sectors */
	st->f_files += st->f_ffree;
}

static int tarfs_statfs(struct super *sb, struct statfs *st)
{
	struct tarfs *fs = tarfs_of(sb);
	struct page_stats pages;

	st->f_type = TARFS_MAGIC;
	st->f_bsize = PAGE_SIZE;
	st->f_frsize = PAGE_SIZE;
	st->f_namelen = TAR_NAME_MAX;
	if (fs->store) {
		statfs_kept(fs, st);
		return 0;
	}
	/* The archive is full; what is written goes to memory. */
	page_stats(&pages);
	st->f_blocks = (long)(DIV_ROUND_UP(fs->tree.bytes, PAGE_SIZE) + pages.total);
	st->f_bfree = (long)pages.free;
	st->f_bavail = (long)pages.free;
	st->f_files = (long)(fs->tree.nodes + pages.free);
	st->f_ffree = (long)pages.free;
	return 0;
}

/* What the flags ask for is done by the caller; a device that can't be trusted stays as it is. */
static int tarfs_remount(struct super *sb, u64 flags, const char *data __unused)
{
	struct tarfs *fs = tarfs_of(sb);

	if (!(flags & MS_RDONLY) && (fs->fixed || (fs->store && store_error(fs->store))))
		return -EROFS;
	return 0;
}

static const struct super_ops tarfs_super_ops = {
	.evict_inode = tarfs_evict,
	.statfs = tarfs_statfs,
	.sync = tarfs_sync,
	.finish = tarfs_finish,
	.commit = tarfs_commit_due,
	.remount = tarfs_remount,
	.let_go = tarfs_let_go,
	.unmount = tarfs_unmount,
};

/* Options are a comma-separated list. */
static int parse_options(const char *data, bool *initrd, bool *in_memory)
{
	*initrd = *in_memory = false;
	while (data && *data) {
		size_t len = (size_t)(strchrnul(data, ',') - data);

		if (len == 6 && !memcmp(data, "initrd", 6))
			*initrd = true;
		else if (len == 8 && !memcmp(data, "volatile", 8))
			*in_memory = true;
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
		tarfs_device(fs);
		strlcpy(fs->name, bd->name, sizeof(fs->name));
	}
	if (initrd && dt_initrd(&start, &size) && size) {
		tarfs_source_memory(&fs->initrd, phys_to_virt(start), size);
		if (!fs->disk.bd)
			strlcpy(fs->name, "initrd", sizeof(fs->name));
	}
	return fs->disk.bd || fs->initrd.memory ? 0 : -ENODEV;
}

/* The device's archive with a store: 0; -EROFS: not with this one; others as add_archive. */
static int open_store(struct tarfs *fs, bool make)
{
	const char *why = NULL;
	int err = store_open(&fs->tree, &fs->device, &tarfs_store_ops, make ? STORE_MAKE : 0, &why);

	if (!err) {
		fs->store = fs->tree.store;
		return 0;
	}
	if (err == -EROFS)
		pr_warn("tarfs: %s: nothing can be written: %s", fs->name, why);
	else
		pr_err("tarfs: %s: byte %lu: %s (error %d)", fs->name, fs->tree.err.offset,
		       fs->tree.err.why ? fs->tree.err.why : why, -err);
	return err;
}

/* The device's archive without one, as the journal would leave it if it were replayed. */
static int add_device(struct tarfs *fs)
{
	struct tar_source *src = store_overlay(&fs->device);
	int err;

	if (IS_ERR(src))
		return (int)PTR_ERR(src);
	if (store_overlay_plain(src)) {
		fs->disk.src.size = src->size;
		err = store_overlay_index(src, &fs->disk.src, &fs->tree);
		store_overlay_free(src);
		/* The headers are read where no index tells what they say. */
		return err > 0 ? 0 : add_archive(fs, &fs->disk.src, fs->name);
	}
	fs->replayed = src;
	return add_archive(fs, src, fs->name);
}

static int build_tree(struct tarfs *fs, u64 flags, bool in_memory)
{
	int err = tar_tree_init(&fs->tree);

	if (err)
		return err;
	fs->tree.owner = fs;
	fs->tree.warn = left_out;
	fs->tree.breathe = breathe;
	if (fs->disk.bd && !fs->disk.bd->readonly && !in_memory) {
		err = open_store(fs, !(flags & MS_RDONLY));
		fs->fixed = err == -EROFS;
	}
	if (!err || err == -EROFS)
		err = fs->disk.bd && !fs->store ? add_device(fs) : 0;
	if (!err && fs->initrd.memory) {
		if (fs->store)
			fs->tree.overlay = (u8)(fs->tree.archives + 1);
		err = add_archive(fs, &fs->initrd.src, "initrd");
	}
	return err;
}

static struct super *tarfs_mount(const struct file_system *type, const char *source, u64 flags,
				 const char *data)
{
	struct page_stats ram;
	struct super *sb;
	struct tarfs *fs;
	struct inode *root;
	bool initrd, in_memory;
	int err = parse_options(data, &initrd, &in_memory);

	if (err)
		return ERR_PTR(err);
	fs = kzalloc(sizeof(*fs), 0);
	if (!fs)
		return ERR_PTR(-ENOMEM);
	spin_init(&fs->lock, RANK_TREE, "tarfs");
	mutex_init(&fs->commit);
	list_init(&fs->pinned);
	err = find_sources(fs, source, initrd);
	if (!err)
		err = build_tree(fs, flags, in_memory);
	if (err) {
		free_tarfs(fs);
		return ERR_PTR(err);
	}
	sb = super_alloc(type, &tarfs_super_ops, fs);
	if (!sb) {
		free_tarfs(fs);
		return ERR_PTR(-ENOMEM);
	}
	sb->flags = (flags & MS_RDONLY) | (fs->fixed ? MS_RDONLY : 0);
	fs->sb = sb;
	if (fs->disk.bd)
		sb->dev = fs->disk.bd->dev;
	if (fs->store) {
		store_set_owner(fs->store, fs);
		writeback_start();
	}
	page_stats(&ram);
	fs->max_nodes = fs->tree.nodes + ram.total / 2;
	root = tarfs_iget(sb, fs->tree.root);
	if (!IS_ERR(root))
		sb->root = d_alloc_root(sb, root);
	if (IS_ERR(root) || !sb->root) {
		super_put(sb); /* unmount frees fs */
		return ERR_PTR(-ENOMEM);
	}
	pr_info("tarfs: %s: %lu members, %lu files%s%s", fs->name, fs->tree.members, fs->tree.nodes,
		fs->store ? ", writable" : "",
		fs->disk.bd && fs->initrd.memory ? ", initrd laid over" : "");
	if (fs->tree.skipped)
		pr_warn("tarfs: %s: %lu members left out", fs->name, fs->tree.skipped);
	return sb;
}

static const struct file_system tarfs_type = {
	.name = "tarfs",
	.flags = FS_HANDLES | FS_ATTRS,
	.mount = tarfs_mount,
};
FILE_SYSTEM(tarfs_type);
