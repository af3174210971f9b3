/*
 * What comes behind an archive: room, a journal, an index. Interface in write_tree.h.
 */
#include <errno.h>
#include "err.h"
#include "fs/tarfs/index.h"
#include "write_tree.h"

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
		store_close(t.store);
	}
	tar_tree_free(&t);
	/* Without one all goes on, slower. */
	return err == -ENOSPC ? 0 : err;
}

int finish_image(struct tar_image *m, u64 end, bool index)
{
	int err = super_make(m, end / STORE_SECTOR);

	if (!err && index)
		err = add_index(m);
	return err ? err : image_flush(m);
}
