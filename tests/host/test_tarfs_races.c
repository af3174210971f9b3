/*
 * Races of tarfs, made to happen: what another task does is done at one point of the first one's way, where the
 * locks let it. Part of test_tarfs; the disk is one that is written.
 */
#include <err.h>
#include "alloc/page.h"
#include "core/sched.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "test_tarfs.h"

#define DISK_SIZE (4u << 20)

extern const struct file_system *const __start_file_systems[];

static struct tarfs *fs; /* the one that is mounted */
static struct tar_node *node; /* its file "f" */

static struct super *begin(struct build *b)
{
	struct super *sb;
	u8 *data = calloc(1, DISK_SIZE);

	build_start(b);
	build_file(b, "other", "so that it is an archive");
	build_end(b);
	memcpy(data, b->data, b->len);
	build_free(b);
	disk_data = data;
	disk.sectors = DISK_SIZE / SECTOR_SIZE;
	disk.readonly = false;
	sb = __start_file_systems[0]->mount(__start_file_systems[0], "/dev/vda", 0, NULL);
	if (IS_ERR(sb))
		abort();
	fs = tarfs_of(sb);
	node = tar_node_new(&fs->tree, TAR_FILE);
	if (store_ask(fs->store, fs->tree.root, 1, NULL) ||
	    store_link(fs->store, fs->tree.root, "f", 1, node) ||
	    store_room(fs->store, node, PAGE_SIZE, PAGE_SIZE) ||
	    store_place(fs->store, node, PAGE_SIZE, NULL, 0))
		abort();
	return sb;
}

static void end(struct super *sb)
{
	super_put(sb);
	free((u8 *)disk_data);
	disk.readonly = true;
	CHECK(live_inodes == 0 && alloc_live == 0);
}

static void checkpoint(void)
{
	if (store_checkpoint(fs->store))
		abort();
}

/*
 * A page is read whose first sector waits in memory: the disk's old bytes are there, then a checkpoint brings the
 * image to its place, and it waits no more.
 */
static void reads_beside_a_checkpoint(void)
{
	struct page *page = &page_array[0];
	u8 sector[SECTOR_SIZE], *got = page_to_virt(page);
	struct build b;
	struct super *sb = begin(&b);
	struct inode *i;
	u64 at;

	memset(sector, 'n', sizeof(sector));
	store_run(fs->store, node, 0, SECTOR_SIZE, &at);
	if (store_image(fs->store, at, sector))
		abort();
	store_written(fs->store, node, PAGE_SIZE);
	if (store_commit(fs->store))
		abort();
	i = tarfs_iget(sb, node);
	memset(got, 0xa5, PAGE_SIZE);
	after_read = checkpoint;
	CHECK(!i->pages.ops->fill(&i->pages, 0, &page, 1));
	CHECK(!after_read);
	CHECK(got[0] == 'n' && got[SECTOR_SIZE - 1] == 'n' && !got[SECTOR_SIZE]);
	inode_put(i);
	end(sb);
}

static struct super *mounted;
static u32 mode;

/* Another one looks the file up, changes its mode and lets go of it. */
static void changes_mode(void)
{
	struct inode *i = tarfs_iget(mounted, node);

	if (i->ops->setattr(i, &(struct attrs){ .valid = ATTR_MODE, .mode = mode }))
		abort();
	inode_put(i);
}

static void found_while_changed(void)
{
	struct build b;

	mounted = begin(&b);
	store_written(fs->store, node, PAGE_SIZE);
	for (unsigned n = 1; n < 6; n++) {
		struct inode *i;

		mode = 0600 + n;
		before_which = n;
		before_lock = changes_mode;
		i = tarfs_iget(mounted, node);
		/* Who has it changes it at once for all. */
		if (before_lock)
			changes_mode();
		before_lock = NULL;
		CHECK((i->mode & 07777) == mode);
		inode_put(i);
	}
	end(mounted);
}

void test_races(void)
{
	reads_beside_a_checkpoint();
	found_while_changed();
}
