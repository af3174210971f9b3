/*
 * Between sim.c and kernel.c.
 */
#ifndef TESTS_HOST_NET_SIM_IMPL_H
#define TESTS_HOST_NET_SIM_IMPL_H

#include "sim.h"

extern long live; /* allocations and pages that are in use */
unsigned sim_locks_held(void);
void sim_grace_period(void);
/* sim_step, but the clock goes no further than the deadline. */
bool sim_step_until(u64 deadline);
#endif
