/*
 * Many members, and a file that grows byte by byte: what each costs the disk does not depend on how many there are.
 * The disk is a file without a name, sparse as long as nothing is written, and counts what is asked of it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "uapi/errno.h"
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "test_store.h"
#include "../../mkfs/check.h"

#define FOLDER 1000 /* members in one */
#define SAMPLE 500 /* names made and removed at each size */

struct file_disk {
	struct tar_disk d;
	int fd;
	u64 reads, writes, sectors;
	u64 next; /* where the last read ended */
	u64 jumps; /* reads that did not begin there */
	u64 flushed, most; /* sectors at the last flush; the most that were written between two */
};

static struct file_disk *of(struct tar_disk *d)
{
	return container_of(d, struct file_disk, d);
}

static int file_read(struct tar_disk *d, u64 off, void *buf, size_t n)
{
	struct file_disk *f = of(d);

	f->reads++;
	f->jumps += off != f->next;
	f->next = off + n;
	return pread(f->fd, buf, n, (off_t)off) == (ssize_t)n ? 0 : -EIO;
}

static int file_write(struct tar_disk *d, u64 off, const void *buf, size_t n)
{
	struct file_disk *f = of(d);

	f->writes++;
	f->sectors += n / TAR_BLOCK;
	return pwrite(f->fd, buf, n, (off_t)off) == (ssize_t)n ? 0 : -EIO;
}

static int file_flush(struct tar_disk *d)
{
	struct file_disk *f = of(d);

	f->most = max(f->most, f->sectors - f->flushed);
	f->flushed = f->sectors;
	return 0;
}

static void check(int err, const char *what)
{
	if (!err)
		return;
	printf("FAIL large: %s (%d)\n", what, err);
	exit(1);
}

static void disk_make(struct file_disk *f, u64 size)
{
	char path[] = "test-store-XXXXXX";

	memset(f, 0, sizeof(*f));
	f->fd = mkstemp(path);
	check(f->fd < 0 || unlink(path) || ftruncate(f->fd, (off_t)size), "no file for a disk");
	f->d = (struct tar_disk){ file_read, file_write, file_flush, size };
}

static void open_it(struct file_disk *f, struct tar_tree *t)
{
	const char *why = "";

	check(tar_tree_init(t), "no memory");
	check(store_open(t, &f->d, NULL, STORE_MAKE, &why), why);
}

static void close_it(struct tar_tree *t)
{
	check(store_finish(t->store), "store_finish");
	check(store_write_index(t->store), "the index is not written");
	store_close(t->store);
	tar_tree_free(t);
}

static struct tar_node *make(struct tar_tree *t, struct tar_node *dir, const char *name, u8 type)
{
	struct tar_node *n = tar_node_new(t, type);

	check(store_ask(t->store, dir, strlen(name), NULL), "store_ask");
	check(store_link(t->store, dir, name, strlen(name), n), "store_link");
	store_changed(t->store, dir, STORE_ATTR);
	if (store_pressed(t->store))
		check(store_sync(t->store), "store_sync");
	return n;
}

/* Sectors written for SAMPLE names that come, are committed, and go. */
static u64 sample(struct file_disk *f, struct tar_tree *t, struct tar_node *dir)
{
	u64 before = f->sectors;
	char name[24];

	for (int i = 0; i < SAMPLE; i++) {
		snprintf(name, sizeof(name), "sample%d", i);
		make(t, dir, name, TAR_FILE);
		if (i % 10 == 0)
			check(store_commit(t->store), "store_commit");
	}
	check(store_sync(t->store), "store_sync");
	for (int i = 0; i < SAMPLE; i++) {
		struct tar_node *n;

		snprintf(name, sizeof(name), "sample%d", i);
		n = store_unlink(t->store, dir, tar_find(dir, name, strlen(name)));
		store_forget(t->store, n);
		tar_node_free(t, n);
	}
	check(store_sync(t->store), "store_sync");
	return f->sectors - before;
}

static void fill(struct tar_tree *t, u64 from, u64 to)
{
	struct tar_node *dir = NULL;
	char name[24];

	for (u64 i = from; i < to; i++) {
		snprintf(name, sizeof(name), "d%lu", i / FOLDER);
		if (i % FOLDER == 0 || !dir) {
			struct tar_name *e = tar_find(t->root, name, strlen(name));

			dir = e ? e->node : make(t, t->root, name, TAR_DIR);
		}
		snprintf(name, sizeof(name), "member%lu", i);
		make(t, dir, name, TAR_FILE);
	}
	check(store_sync(t->store), "store_sync");
}

static void members(u64 count)
{
	struct file_disk f;
	struct tar_tree t;
	u64 small, large, reads;

	disk_make(&f, (64u << 20) + count * 2048);
	open_it(&f, &t);
	fill(&t, 0, count / 20);
	sample(&f, &t, t.root); /* the archive's end has moved */
	small = sample(&f, &t, t.root);
	fill(&t, count / 20, count);
	sample(&f, &t, t.root);
	large = sample(&f, &t, t.root);
	close_it(&t);
	f.reads = f.jumps = 0;
	open_it(&f, &t);
	reads = f.reads;
	/* The superblock and the journal's two slots, twice; the index's head, the archive's end; then all in order. */
	if (t.nodes != count + count / FOLDER + 1 || f.jumps > 16 || large > small + small / 4) {
		printf("FAIL large: %lu files, %lu reads, %lu of them not in order; %lu and %lu sectors for %d names\n",
		       t.nodes, reads, f.jumps, small, large, SAMPLE);
		exit(1);
	}
	close_it(&t);
	close(f.fd);
	printf("ok %lu members: mounted with %lu reads, %d names cost %lu sectors among few and %lu among all\n",
	       count, reads, SAMPLE, small, large);
}

/* Room is asked for each byte, as many small writes would; the pages go to the disk when there is one. */
static void byte_by_byte(u64 end)
{
	static u8 page[4096];
	struct file_disk f;
	struct tar_tree t;
	struct tar_node *n;
	u64 moves = 0, place = 0, most = 4;

	disk_make(&f, 4 * end + (64u << 20));
	open_it(&f, &t);
	n = make(&t, t.root, "grows", TAR_FILE);
	make(&t, t.root, "behind", TAR_FILE);
	check(store_commit(t.store), "store_commit");
	for (u64 size = 1; size <= end; size++) {
		u64 at, pos = (size - 1) / sizeof(page) * sizeof(page), run;

		check(store_room(t.store, n, size, size), "store_room");
		if (size % sizeof(page))
			continue;
		check(store_place(t.store, n, size, NULL, 0), "store_place");
		moves += n->file.data != place;
		place = n->file.data;
		for (u64 done = 0; done < sizeof(page); done += run) {
			run = store_run(t.store, n, pos + done, sizeof(page) - done, &at);
			if (run)
				check(file_write(&f.d, at, page, run), "write");
			else
				check(store_image(t.store, at, page), "store_image");
			run = run ? run : TAR_BLOCK;
		}
		store_written(t.store, n, size);
		if (size % (16 * sizeof(page)) == 0)
			check(store_commit(t.store), "store_commit");
		if (size % (256 * sizeof(page)) == 0)
			check(store_checkpoint(t.store), "store_checkpoint");
	}
	for (u64 size = 4096; size < end; size *= 2)
		most += 2;
	if (moves > most || f.sectors > 8 * (end / TAR_BLOCK)) {
		printf("FAIL large: %lu bytes one by one: %lu moves, %lu sectors written\n", end,
		       moves, f.sectors);
		exit(1);
	}
	close_it(&t);
	close(f.fd);
	printf("ok %lu bytes one by one: %lu moves, %lu sectors written\n", end, moves, f.sectors);
}

/* --- gigabytes that become free at once --- */

struct file_source {
	struct tar_source src;
	struct file_disk *disk;
};

static int source_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct file_source *s = container_of(src, struct file_source, src);

	return file_read(&s->disk->d, off, buf, n);
}

static void at_fault(struct check *c, u64 offset, const char *what)
{
	(void)c;
	printf("FAIL large: sector %lu: %s\n", offset / TAR_BLOCK, what);
	exit(1);
}

static void at_note(struct check *c, u64 offset, const char *what, const char *name)
{
	(void)name;
	at_fault(c, offset, what);
}

/* A file of so many bytes; nothing is written to them. */
static struct tar_node *make_sized(struct tar_tree *t, const char *name, u64 size)
{
	struct tar_node *n = make(t, t->root, name, TAR_FILE);
	int err = store_room(t->store, n, size, size);

	/* What is at rest serves after a checkpoint. */
	if (err == -ENOSPC) {
		check(store_sync(t->store), "store_sync");
		err = store_room(t->store, n, size, size);
	}
	check(err, "store_room");
	check(store_place(t->store, n, size, NULL, 0), "store_place");
	store_written(t->store, n, size);
	check(store_sync(t->store), "store_sync");
	return n;
}

/* The disk has little room but for the file and the journal, so that a transaction has no other place. */
static void becomes_free(u64 bytes)
{
	struct file_source src = { .src.read = source_read };
	struct check c = { .src = &src.src, .fault = at_fault, .note = at_note };
	struct file_disk f;
	struct tar_tree t;
	struct tar_node *n;
	u64 before;

	disk_make(&f, bytes + (24u << 20) +
			      TAR_BLOCK * store_journal_size(bytes / TAR_BLOCK, bytes / TAR_BLOCK));
	open_it(&f, &t);
	make_sized(&t, "large", bytes);
	n = make_sized(&t, "behind", 4u << 20);
	before = n->file.data;
	close_it(&t);
	open_it(&f, &t);
	n = store_unlink(t.store, t.root, tar_find(t.root, "large", 5));
	check(n->file.data < before ? 0 : -EINVAL, "nothing stands behind");
	store_forget(t.store, n);
	tar_node_free(&t, n);
	check(store_commit(t.store), "store_commit");
	check(store_checkpoint(t.store), "store_checkpoint");
	c.limit = t.store->limit * TAR_BLOCK;
	f.most = 0;
	close_it(&t);
	check(f.most < 10000 ? 0 : -EINVAL, "free space went to rest all at once");
	src.src.size = f.d.size;
	src.disk = &f;
	check(check_members(&c), "the members can't be read");
	if (c.free_sectors < bytes / TAR_BLOCK) {
		printf("FAIL large: of %lu sectors %lu are free\n", bytes / TAR_BLOCK,
		       c.free_sectors);
		exit(1);
	}
	open_it(&f, &t);
	make_sized(&t, "again", bytes - (64u << 20));
	close_it(&t);
	close(f.fd);
	printf("ok %lu bytes became free, and were used again\n", bytes);
}

void work_large(u64 count, u64 bytes)
{
	becomes_free(18UL << 30);
	members(count);
	byte_by_byte(bytes);
}
