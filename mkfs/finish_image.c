/*
 * What comes behind an archive: room, a journal, an index. Interface in write_tree.h.
 */
#include <errno.h>
#include "err.h"
#include "fs/tarfs/index.h"
#include "write_tree.h"

/* What the store finds to be put right (the root's member comes last, say) is, as by a first write. */
static int settle(struct store *st, struct tar_tree *t)
{
	int err;

	store_changed(st, t->root, STORE_ATTR);
	err = store_sync(st);
	/* Twice more: what was freed, and room that files kept to grow. */
	for (int i = 0; i < 2 && !err; i++)
		err = store_checkpoint(st);
	return err ? err : store_write_index(st);
}

/* Opened as the kernel would, so that what the index says is what the store found. */
static int add_index(struct tar_image *m)
{
	const char *why = NULL;
	struct tar_tree t;
	int err = tar_tree_init(&t);

	if (err)
		return err;
	err = store_open(&t, &m->disk, NULL, 0, &why);
	if (!err) {
		err = store_write_index(t.store);
		if (err == -EBUSY)
			err = settle(t.store, &t);
		store_close(t.store);
	}
	tar_tree_free(&t);
	/* Without one all goes on, slower. */
	return err == -ENOSPC || err == -EBUSY || err == -EROFS ? 0 : err;
}

int finish_image(struct tar_image *m, u64 end, bool index)
{
	int err = super_make(m, end / STORE_SECTOR);

	if (!err && index)
		err = add_index(m);
	return err ? err : image_flush(m);
}
