/*
 * Work queues: long work out of interrupts, run in order by kernel threads.
 */
#ifndef CORE_WORK_H
#define CORE_WORK_H

#include <types.h>
#include "lib/list.h"

struct work {
	struct list_head link; /* [queue_lock] empty when not queued */
	void (*fn)(struct work *w); /* [i] since work_init */
};
void work_init(struct work *w, void (*fn)(struct work *));
bool work_queue(struct work *w); /* any context; false if it was queued already */
void work_flush(void); /* sleeps until all queued before has run */
void workqueue_init(void);
#endif
