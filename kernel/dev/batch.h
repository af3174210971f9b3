/*
 * Transfers gathered into long requests: what follows what was added before joins its request, and several
 * requests are under way at once. One task's, from new to end.
 */
#ifndef DEV_BATCH_H
#define DEV_BATCH_H

#include "dev/block.h"

struct block_batch;

struct block_batch *block_batch_new(struct block_device *bd,
				    enum block_op op); /* NULL: no memory */
/*
 * len bytes (whole sectors, before the device's end) from `sector` on, to or from addr, which is the device's until
 * the end. Sleeps when there is much. 0 or -errno of what was done so far.
 */
int block_batch_add(struct block_batch *b, u64 sector, void *addr, u32 len);
/* Waits for what is under way, as end does: what was read may be looked at. */
int block_batch_wait(struct block_batch *b);
/* Does the rest, waits for all, and frees it. 0, or the error of any. */
int block_batch_end(struct block_batch *b);
#endif
