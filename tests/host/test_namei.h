/* What test_namei.c knows of its stand-ins for the kernel, test_namei_kernel.c. */
#ifndef TESTS_HOST_TEST_NAMEI_H
#define TESTS_HOST_TEST_NAMEI_H

#include <types.h>

extern long live_allocations; /* kmalloc and slab objects not freed */
extern long fail_after; /* this many allocations succeed, then one fails; < 0: none does */
extern long live_pages_objects; /* vmobjects set up and not destroyed */

void kernel_start(void); /* a task, its credentials; vfs_init */
void become(u32 uid, u64 caps); /* current's ids and capabilities */
void rcu_run(void); /* a grace period passes */
int locks_held(void);

#endif
