/*
 * Shared by core/task.c and the scheduler.
 */
#ifndef CORE_TASK_IMPL_H
#define CORE_TASK_IMPL_H

#include "core/task.h"

void task_init(void);			/* sched_init */
void task_setup(struct task *t);	/* what is not zero in a fresh task; the idle tasks are static */
#endif
