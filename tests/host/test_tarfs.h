/*
 * Between test_tarfs.c and the fake kernel under it (test_tarfs_kernel.c).
 */
#ifndef TEST_TARFS_H
#define TEST_TARFS_H

#include "dev/block.h"
#include "test_tar.h"

#define PAGES 300 /* of fake RAM */

extern long live_inodes;
extern u64 initrd_start, initrd_size; /* what dt_initrd() says */
extern const u8 *disk_data; /* of the block device "vda" */
extern struct block_device disk;
extern u64 requests; /* submitted so far */
extern u64 fail_sector; /* requests that touch it fail; 0: none */

extern u64 dirty_page; /* of every file: written since it was read */

/* What another task does in between, once: before the before_which-th lock that is taken; when a request was read. */
extern void (*before_lock)(void);
extern unsigned before_which;
extern void (*after_read)(void);

void make_ram(void);

/* --- test_tarfs_races.c --- */

void test_races(void);

#endif
