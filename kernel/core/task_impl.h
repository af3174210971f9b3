/*
 * Shared by core/task.c and the scheduler.
 */
#ifndef CORE_TASK_IMPL_H
#define CORE_TASK_IMPL_H

#include "core/task.h"

#define WAKE_GAP_UNKNOWN (200 * NSEC_PER_USEC) /* se.wake_gap of a task that woke nobody yet */

void task_init(void); /* sched_init */
void task_setup(struct task *t); /* what is not zero in a fresh task; the idle tasks are static */
#endif
