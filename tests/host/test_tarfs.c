/*
 * The mounted tarfs on the host: its inode, directory and file operations and the
 * filling of pages, over a fake disk that completes requests late and out of
 * order. No dentry cache stands between: an inode nobody holds is gone, unless it
 * is pinned, so each look-up tests that nothing changed is forgotten.
 */
#include <err.h>
#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "dev/dt.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "sync/log.h"
#include "uapi/errno.h"
#include "uapi/fcntl.h"
#include "test_tarfs.h"

unsigned checks, failures;

void check_at(bool ok, const char *file, int line, const char *what)
{
	checks++;
	if (ok)
		return;
	failures++;
	printf("FAIL %s:%d: %s\n", file, line, what);
}

/* --- mounting --- */

extern const struct file_system *const __start_file_systems[];

static struct super *mount(const struct build *b, const char *options)
{
	const struct file_system *fs = __start_file_systems[0];

	disk_data = b->data;
	disk.sectors = b->len / SECTOR_SIZE;
	return fs->mount(fs, "/dev/vda", 0, options);
}

/* The inode at a path, referenced; NULL: none. */
static struct inode *get(struct super *sb, const char *path)
{
	struct inode *i = sb->root->inode;

	inode_get(i);
	while (*path) {
		struct dentry d = { .name = path, .len = (u32)strcspn(path, "/") };
		int err = i->ops->lookup(i, &d);

		if (err)
			abort();
		inode_put(i);
		if (!d.inode)
			return NULL;
		i = d.inode;
		path += d.len + (path[d.len] == '/');
	}
	return i;
}

static u64 inode_number(struct super *sb, const char *path)
{
	struct inode *i = get(sb, path);
	u64 ino = i ? i->ino : 0;

	if (i)
		inode_put(i);
	return ino;
}

/* Reads a file's pages [index, index + n) through the fill operation. */
static int fill(struct inode *i, u64 index, unsigned n)
{
	struct page *pages[PAGES];

	/* Every other pair of pages lies side by side. */
	for (unsigned k = 0; k < n; k++)
		pages[k] = &page_array[k % 4 == 3 ? n + k : k];
	memset(page_to_virt(&page_array[0]), 0xa5, PAGES * PAGE_SIZE);
	return i->pages.ops->fill(&i->pages, index, pages, n);
}

static bool filled(u64 index, unsigned n, const u8 *want, u64 size)
{
	for (unsigned k = 0; k < n; k++) {
		const u8 *p = page_to_virt(&page_array[k % 4 == 3 ? n + k : k]);

		for (u64 j = 0; j < PAGE_SIZE; j++) {
			u64 pos = (index + k) * PAGE_SIZE + j;

			if (p[j] != (pos < size ? want[pos] : 0)) {
				printf("byte %lu: %02x\n", pos, p[j]);
				return false;
			}
		}
	}
	return true;
}

#define BIG 200000u

/* The pages that lseek(2) calls data, as one bit each. */
static u64 data_pages(struct inode *i)
{
	struct file f = { .inode = i };
	u64 bits = 0, end = DIV_ROUND_UP(i->pages.size, PAGE_SIZE), at = 0;

	while (at < end) {
		u64 from = (u64)i->fops->llseek(&f, (s64)at, SEEK_DATA);

		if (from >= end)
			break;
		CHECK(from >= at);
		at = (u64)i->fops->llseek(&f, (s64)from, SEEK_HOLE);
		CHECK(at > from && at <= end);
		for (u64 k = from; k < at; k++)
			bits |= 1UL << k;
	}
	return bits;
}

static void test_fill(void)
{
	static const u64 map[][2] = {
		{ 100, 700 }, { 5000, 512 }, { 5512, 3 }, { 12288, 8192 }, { 40000, 5 }
	};
	static u8 want[BIG], sparse[50000];
	struct build b;
	struct super *sb;
	struct inode *i;
	u8 *h;
	u64 at_byte = 0;

	for (unsigned k = 0; k < BIG; k++)
		want[k] = (u8)(k * 7 + k / 251);
	build_start(&b);
	build_header(&b, &(struct hdr){ .name = "big", .size = BIG });
	build_bytes(&b, want, BIG);
	h = build_header(
		&b, &(struct hdr){ .name = "sparse", .type = 'S', .size = 9412, .magic = "gnu" });
	for (unsigned k = 0; k < 4; k++) {
		put_octal(h + 386 + 24 * k, 12, map[k][0]);
		put_octal(h + 398 + 24 * k, 12, map[k][1]);
	}
	h[482] = 1;
	put_octal(h + 483, 12, sizeof(sparse));
	build_sum(h, false);
	h = build_block(&b);
	put_octal(h, 12, map[4][0]);
	put_octal(h + 12, 12, map[4][1]);
	for (unsigned k = 0; k < ARRAY_SIZE(map); k++) {
		memcpy(sparse + map[k][0], want + at_byte, map[k][1]);
		at_byte += map[k][1];
	}
	build_bytes(&b, want, 9412);
	build_file(&b, "last", "the very last bytes of the disk");
	sb = mount(&b, NULL);
	CHECK(!IS_ERR(sb));
	i = get(sb, "big");
	for (u64 index = 0; index < 52; index++) {
		for (unsigned n = 1; n < 60; n += 13) {
			requests = 0;
			CHECK(!fill(i, index, n) && filled(index, n, want, BIG));
			/* Long requests, as far as max_segs lets: 4 pages take 2 segments. */
			CHECK(requests <= n / 6 + 2);
		}
	}
	fail_sector = 100;
	CHECK(fill(i, 10, 5) == -EIO && !fill(i, 30, 5));
	fail_sector = 0;
	/* Cut, and grown again: the archive's bytes stay away. */
	CHECK(!i->ops->setattr(i, &(struct attrs){ .valid = ATTR_SIZE, .size = 5000 }));
	CHECK(!i->ops->setattr(i, &(struct attrs){ .valid = ATTR_SIZE, .size = 90000 }));
	CHECK(!fill(i, 0, 20) && filled(0, 20, want, 5000));
	CHECK(data_pages(i) == 3);
	dirty_page = 7;
	CHECK(data_pages(i) == (1 << 7 | 3));
	dirty_page = 0;
	CHECK(data_pages(i) == 3);
	dirty_page = ~0UL;
	inode_put(i);
	i = get(sb, "big");
	CHECK(i->pages.size == 90000);
	inode_put(i);
	i = get(sb, "sparse");
	for (u64 index = 0; index < 13; index++)
		CHECK(!fill(i, index, 14) && filled(index, 14, sparse, sizeof(sparse)));
	CHECK(data_pages(i) == (1 << 9 | 1 << 4 | 1 << 3 | 1 << 1 | 1));
	dirty_page = 2;
	CHECK(data_pages(i) == (1 << 9 | 0x1f));
	dirty_page = ~0UL;
	inode_put(i);
	i = get(sb, "last");
	CHECK(!fill(i, 0, 2) && filled(0, 2, (const u8 *)"the very last bytes of the disk", 31));
	inode_put(i);
	super_put(sb);
	CHECK(live_inodes == 0 && alloc_live == 0);
	build_free(&b);
}

static void test_initrd(void)
{
	struct build b, over;
	struct super *sb;
	struct inode *i;

	build_start(&b);
	build_file(&b, "a", "disk");
	build_file(&b, "b", "disk");
	build_start(&over);
	build_file(&over, "b", "memory");
	initrd_start = (u64)over.data - DIRECT_BASE;
	initrd_size = over.len;
	sb = mount(&b, "initrd");
	CHECK(!IS_ERR(sb));
	i = get(sb, "b");
	CHECK(i && !fill(i, 0, 1) && filled(0, 1, (const u8 *)"memory", 6));
	inode_put(i);
	super_put(sb);
	sb = mount(&b, "");
	i = get(sb, "b");
	CHECK(i && !fill(i, 0, 1) && filled(0, 1, (const u8 *)"disk", 4));
	inode_put(i);
	super_put(sb);
	sb = __start_file_systems[0]->mount(__start_file_systems[0], NULL, 0, "initrd");
	CHECK(!IS_ERR(sb) && inode_number(sb, "b") && !inode_number(sb, "a"));
	super_put(sb);
	CHECK(mount(&b, "other") == ERR_PTR(-EINVAL));
	CHECK(__start_file_systems[0]->mount(__start_file_systems[0], "vdz", 0, NULL) ==
	      ERR_PTR(-ENOENT));
	initrd_size = 0;
	CHECK(__start_file_systems[0]->mount(__start_file_systems[0], NULL, 0, "initrd") ==
	      ERR_PTR(-ENODEV));
	b.data[0] ^= 1;
	CHECK(mount(&b, NULL) == ERR_PTR(-EINVAL));
	CHECK(live_inodes == 0 && alloc_live == 0);
	build_free(&b);
	build_free(&over);
}

/* --- a device that can't be written, whose index counts --- */

static u8 *image_bytes;

static int image_read(struct tar_disk *d __unused, u64 off, void *buf, size_t n)
{
	memcpy(buf, image_bytes + off, n);
	return 0;
}

static int image_write(struct tar_disk *d __unused, u64 off, const void *buf, size_t n)
{
	memcpy(image_bytes + off, buf, n);
	return 0;
}

static int image_flush(struct tar_disk *d __unused)
{
	return 0;
}

static void test_mount_index(void)
{
	struct tar_disk d = { image_read, image_write, image_flush, 2u << 20 };
	struct build b = { .len = 2u << 20 }, plain;
	struct tar_tree t;
	struct super *sb;
	struct inode *i;
	const char *why;
	u8 *header;

	build_start(&plain);
	build_file(&plain, "a", "data of a");
	build_file(&plain, "b", "data of b");
	build_end(&plain);
	b.data = image_bytes = calloc(1, b.len);
	memcpy(b.data, plain.data, plain.len);
	CHECK(!tar_tree_init(&t) && !store_open(&t, &d, NULL, STORE_MAKE, &why));
	CHECK(!store_ask_attrs(t.store, t.root, 0));
	store_changed(t.store, t.root, STORE_ATTR);
	CHECK(!store_finish(t.store) && !store_write_index(t.store));
	store_close(t.store);
	tar_tree_free(&t);
	/* What a header says is not looked at where the index has it. */
	for (header = b.data; header[0] != 'a' || header[1]; header += TAR_BLOCK)
		;
	header[0] = 'z';
	sb = mount(&b, NULL);
	CHECK(!IS_ERR(sb));
	i = IS_ERR(sb) ? NULL : get(sb, "b");
	CHECK(i && !fill(i, 0, 1) && filled(0, 1, (const u8 *)"data of b", 9));
	inode_put(i);
	CHECK(IS_ERR(sb) || (inode_number(sb, "a") && !inode_number(sb, "z")));
	if (!IS_ERR(sb))
		super_put(sb);
	/* Without it, it is: its sum is wrong now. */
	memset(b.data + b.len - 512, 0, 512);
	CHECK(mount(&b, NULL) == ERR_PTR(-EINVAL));
	CHECK(live_inodes == 0 && alloc_live == 0);
	free(b.data);
	build_free(&plain);
}

/* What was changed is found again; what was not comes from the node. */
static void test_attributes(void)
{
	struct inode *i, *root, *tmp;
	struct super *sb;
	struct build b;
	struct dentry d = { .name = "late", .len = 4 };

	build_start(&b);
	build_pax(&b, 'x', "SCHILY.xattr.user.x=value", NULL);
	build_file(&b, "f", "data");
	build_link(&b, '1', "g", "f");
	build_link(&b, '2', "s", "target");
	build_header(&b, &(struct hdr){ .name = "null", .type = '3', .mode = 0666 });
	sb = mount(&b, NULL);
	root = sb->root->inode;
	CHECK(inode_number(sb, "f") == inode_number(sb, "g") && inode_number(sb, "f"));
	i = get(sb, "f");
	CHECK(i->nlink == 2 && !memcmp(i->xattrs, "value", 5) && live_inodes == 2);
	inode_put(i);
	CHECK(live_inodes == 1);
	i = get(sb, "g");
	i->ops->setattr(i, &(struct attrs){ .valid = ATTR_MODE, .mode = 0600 });
	inode_put(i);
	CHECK(live_inodes == 2);
	i = get(sb, "f");
	CHECK((i->mode & 07777) == 0600);
	inode_put(i);
	i = get(sb, "s");
	CHECK(!strcmp(i->ops->get_link(i, NULL), "target") && i->pages.size == 6);
	inode_put(i);
	i = get(sb, "null");
	CHECK(S_ISCHR(i->mode) && i->fops == &no_open_fops);
	inode_put(i);
	/* An unnamed file that gets a name, and one that does not. */
	tmp = root->ops->tmpfile(root, 0600);
	CHECK(!IS_ERR(tmp) && tmp->nlink == 0);
	CHECK(!root->ops->link(root, &d, tmp) && d.inode == tmp && tmp->nlink == 1);
	inode_put(tmp);
	inode_put(d.inode);
	CHECK(inode_number(sb, "late"));
	tmp = root->ops->tmpfile(root, 0600);
	inode_put(tmp);
	tar_check_tree(&tarfs_of(sb)->tree);
	super_put(sb);
	CHECK(live_inodes == 0 && alloc_live == 0);
	build_free(&b);
}

/* --- many operations in random order --- */

static u64 seed = 88172645463325252UL;

static u64 below(u64 n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* A directory somewhere, referenced. */
static struct inode *some_dir(struct super *sb)
{
	struct inode *dir = sb->root->inode;

	inode_get(dir);
	while (below(3)) {
		struct dentry d = {
			.name = (const char *[]){ "a", "b", "c", "d", "e", "f" }[below(6)], .len = 1
		};

		dir->ops->lookup(dir, &d);
		if (!d.inode)
			continue;
		if (!S_ISDIR(d.inode->mode)) {
			inode_put(d.inode);
			continue;
		}
		inode_put(dir);
		dir = d.inode;
	}
	return dir;
}

static bool is_below(const struct inode *what, const struct inode *dir)
{
	const struct tar_node *n = tarfs_node(dir);

	while (n != tarfs_node(what) && n->dir.parent != n)
		n = n->dir.parent;
	return n == tarfs_node(what);
}

static void random_rename(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n)
{
	bool exchange = n->inode && below(2);
	bool o_dir = S_ISDIR(o->inode->mode), n_dir = n->inode && S_ISDIR(n->inode->mode);
	int err;

	/* What vfs_rename refuses. */
	if (o->inode == n->inode || (o_dir && is_below(o->inode, nd)) ||
	    (n_dir && is_below(n->inode, od)) || (n->inode && !exchange && o_dir != n_dir))
		return;
	err = od->ops->rename(od, o, nd, n, exchange ? RENAME_EXCHANGE : 0);
	CHECK(err == 0 || (err == -ENOTEMPTY && n_dir && !exchange));
}

static void random_operation(struct super *sb, struct inode **held)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct inode *dir = some_dir(sb), *other = some_dir(sb);
	struct dentry d = { .name = names[below(6)], .len = 1 };
	struct dentry e = { .name = names[below(6)], .len = 1 };
	int err = 0;

	/* A name that has no entry makes it, one that has changes or loses it. */
	dir->ops->lookup(dir, &d);
	other->ops->lookup(other, &e);
	if (!d.inode && dir->nlink) {
		switch (below(6)) {
		case 0:
		case 1:
			err = dir->ops->make(dir, &d, S_IFDIR | 0755, 0, NULL);
			break;
		case 2:
			err = dir->ops->make(dir, &d, S_IFLNK | 0777, 0, "somewhere");
			break;
		case 3:
			err = dir->ops->make(dir, &d, S_IFSOCK | 0600, 0, NULL);
			break;
		case 4:
			if (e.inode && !S_ISDIR(e.inode->mode)) {
				err = dir->ops->link(dir, &d, e.inode);
				break;
			}
			fallthrough;
		default:
			err = dir->ops->make(dir, &d, S_IFREG | 0644, 0, NULL);
			break;
		}
		CHECK(err == 0 && d.inode && tar_find(tarfs_node(dir), d.name, 1));
	} else if (d.inode) {
		struct inode **slot = &held[below(8)];

		switch (below(5)) {
		case 0:
			random_rename(dir, &d, other, &e);
			break;
		case 1:
			d.inode->ops->setattr(d.inode,
					      &(struct attrs){ .valid = ATTR_MODE, .mode = 0700 });
			break;
		case 2:
			if (*slot)
				inode_put(*slot);
			*slot = d.inode;
			inode_get(d.inode);
			break;
		default:
			if (S_ISDIR(d.inode->mode))
				err = dir->ops->rmdir(dir, &d);
			else
				err = dir->ops->unlink(dir, &d);
			CHECK(err == 0 || err == -ENOTEMPTY);
			break;
		}
	}
	if (d.inode)
		inode_put(d.inode);
	if (e.inode)
		inode_put(e.inode);
	inode_put(dir);
	inode_put(other);
}

static void test_random(void)
{
	struct inode *held[8] = { NULL };
	struct super *sb;
	struct build b;

	build_start(&b);
	build_dir(&b, "a");
	build_file(&b, "a/b", "1");
	build_file(&b, "a/c", "2");
	build_link(&b, '1', "d", "a/c");
	build_dir(&b, "b/c/d");
	build_file(&b, "b/c/e", "3");
	for (int round = 0; round < 60; round++) {
		sb = mount(&b, NULL);
		for (int k = 0; k < 1500; k++) {
			random_operation(sb, held);
			if (k % 100 == 99) {
				for (int h = 0; h < 8; h++) {
					if (held[h])
						inode_put(held[h]);
					held[h] = NULL;
				}
				tar_check_tree(&tarfs_of(sb)->tree);
			}
		}
		super_put(sb);
		CHECK(live_inodes == 0 && alloc_live == 0);
	}
	build_free(&b);
}

static u64 listed[64];
static unsigned nr_listed, room;

static bool emit(struct dir_context *dc __unused, const char *name __unused, size_t len __unused,
		 u64 ino, unsigned type __unused, u64 next __unused)
{
	if (!room--)
		return false;
	listed[nr_listed++] = ino;
	return true;
}

/* A listing in small pieces, with changes in between, shows each name that stays once. */
static void test_readdir(void)
{
	struct dir_context dc = { .emit = emit };
	struct super *sb;
	struct file f = { 0 };
	struct build b;
	char name[2] = "a";
	u64 sum = 0;

	build_start(&b);
	for (char c = 'a'; c <= 't'; c++) {
		name[0] = c;
		build_file(&b, name, "x");
	}
	sb = mount(&b, NULL);
	f.inode = sb->root->inode;
	for (char c = 'a'; nr_listed < 15 && c <= 't'; c++) {
		struct dentry d = { .name = name, .len = 1 };

		room = 1;
		f.inode->fops->readdir(&f, &dc);
		/* The one just listed goes. */
		name[0] = c;
		f.inode->ops->lookup(f.inode, &d);
		f.inode->ops->unlink(f.inode, &d);
		inode_put(d.inode);
	}
	room = 64;
	f.inode->fops->readdir(&f, &dc);
	for (unsigned k = 0; k < nr_listed; k++)
		sum += listed[k];
	CHECK(nr_listed == 20 && sum == 20 * 23 / 2);
	super_put(sb);
	CHECK(live_inodes == 0 && alloc_live == 0);
	build_free(&b);
}

static void put(struct dentry *d)
{
	if (d->inode)
		inode_put(d->inode);
	d->inode = NULL;
}

/* Each allocation fails once, from mounting to renaming: errors, and nothing half done or leaked. */
static void test_no_memory(void)
{
	struct build b;
	int failed = 0;

	build_start(&b);
	build_pax(&b, 'x', "SCHILY.xattr.user.x=value", NULL);
	build_file(&b, "f", "data");
	for (int n = 0; n < 60; n++) {
		struct dentry f = { .name = "f", .len = 1 }, dir = { .name = "dir", .len = 3 };
		struct dentry sym = { .name = "sym", .len = 3 },
			      hard = { .name = "hard", .len = 4 };
		struct dentry to = { .name = "to", .len = 2 };
		struct super *sb;
		struct inode *root;
		int err = 0;

		alloc_fail_at = n;
		sb = mount(&b, NULL);
		if (!IS_ERR(sb)) {
			root = sb->root->inode;
			err |= root->ops->lookup(root, &f);
			err |= root->ops->make(root, &dir, S_IFDIR | 0755, 0, NULL);
			err |= root->ops->make(root, &sym, S_IFLNK | 0777, 0, "target");
			if (f.inode)
				err |= root->ops->link(root, &hard, f.inode);
			if (f.inode)
				err |= root->ops->rename(root, &f, root, &to, 0);
			alloc_fail_at = -1;
			put(&f);
			put(&dir);
			put(&sym);
			put(&hard);
			tar_check_tree(&tarfs_of(sb)->tree);
			super_put(sb);
		}
		alloc_fail_at = -1;
		CHECK(err == 0 || err == -ENOMEM);
		failed += err || IS_ERR(sb);
		CHECK(live_inodes == 0 && alloc_live == 0);
	}
	CHECK(failed > 10 && failed < 60);
	build_free(&b);
}

int main(void)
{
	make_ram();
	test_fill();
	test_initrd();
	test_mount_index();
	test_attributes();
	test_readdir();
	test_no_memory();
	test_random();
	test_races();
	printf("test_tarfs: %u checks, %u failed\n", checks, failures);
	return failures != 0;
}
