/*
 * What comes behind an archive: room, a journal, an index. Interface in write_tree.h.
 */
#include <errno.h>
#include "err.h"
#include "fs/tarfs/index.h"
#include "write_tree.h"

/*
 * Opened as the kernel would: what the store finds to be put right is (the root's member comes last,
 * say), free space takes the form that all readers bear, and the index says what the store knows.
 */
int settle_image(struct tar_image *m, bool index)
{
	const char *why = NULL;
	struct tar_tree t;
	int err = tar_tree_init(&t);

	if (err)
		return err;
	err = store_open(&t, &m->disk, NULL, 0, &why);
	if (!err) {
		store_changed(t.store, t.root, STORE_ATTR);
		err = store_finish(t.store);
		if (!err && index) {
			err = store_write_index(t.store);
			/* Without one all goes on, slower. */
			err = err == -ENOSPC || err == -EBUSY ? 0 : err;
		}
		store_close(t.store);
	}
	tar_tree_free(&t);
	return err;
}

int finish_image(struct tar_image *m, u64 end, bool index)
{
	int err = super_make(m, end / STORE_SECTOR);

	if (!err)
		err = settle_image(m, index);
	return err ? err : image_flush(m);
}
