/* A disk in memory with a journal's place and a superblock, for the index's tests. */
#ifndef TEST_TAR_INDEX_H
#define TEST_TAR_INDEX_H

#include "fs/tarfs/index.h"
#include "test_tar.h"

struct mem_disk {
	struct tar_disk d;
	struct mem_source src; /* the same bytes */
	struct store_super sb;
	u8 *data;
};

/* size: whole sectors, room for the archive, an index and the least journal. */
void mem_disk_init(struct mem_disk *m, const void *archive, size_t n, size_t size);
void mem_disk_free(struct mem_disk *m);

#endif
