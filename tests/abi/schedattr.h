/* sched_setattr(2)'s structure, as its manual page has it. */
#ifndef ABI_SCHEDATTR_H
#define ABI_SCHEDATTR_H

#include <stdint.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

#endif
