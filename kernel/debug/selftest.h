/*
 * Tests that run inside the kernel, at boot, when the command line has
 * `selftest`; with selftest=exit the machine ends with status 0 (all passed) or 1.
 * A test is a function that returns NULL, or what went wrong in words:
 *
 *	KERNEL_TEST(pages_come_back) { ... return NULL; }
 *
 * It runs in task context with all harts up, before pid 1 exists.
 */
#ifndef DEBUG_SELFTEST_H
#define DEBUG_SELFTEST_H

#include <compiler.h>
#include "core/sched.h"

struct kernel_test {
	const char *name;
	const char *(*fn)(void);
};

#define KERNEL_TEST(id)                                                             \
	static const char *test_##id(void);                                         \
	static const struct kernel_test entry_##id __used __section("kernel_tests") \
		__aligned(8) = { .name = #id, .fn = test_##id };                    \
	static const char *test_##id(void)

void selftest_run(void);

static inline void set_policy(struct task *t, int policy, int rt_prio)
{
	sched_set_params(t, &(struct sched_params){
				    .policy = policy, .rt_prio = (u8)rt_prio, .nice = t->se.nice });
}
/* `provoke=NAME`: makes one of the mistakes of provoke.c. */
void provoke(void);
#endif
