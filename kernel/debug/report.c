/*
 * What a panic tells of the machine (panic_report, sync/log.h): where each hart was and for whom,
 * the locks that are held, and what happened last when the machine is traced. The panicking hart
 * alone runs; nothing here waits for a lock.
 */
#include <compiler.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/memlayout.h"
#include "arch/riscv/trap.h"
#include "core/lockup.h"
#include "core/task.h"
#include "debug/locks.h"
#include "debug/tracepoint.h"
#include "sync/log.h"
#include "sync/spinlock.h"
#include "sync/stack.h"

#define TRACE_RECORDS 16 /* of each hart */

static void print_lock(const struct held_lock *l, void *arg)
{
	size_t offset = 0;
	const char *slab = (u64)l->lock < KERNEL_BASE ? slab_place(l->lock, &offset) : NULL;

	++*(unsigned *)arg;
	printk(LOG_EMERG, "  %s at %p (%s+%#lx): task %d (%.*s)", l->kind, l->lock,
	       slab ? slab : "static", offset, task_tid(l->owner), TASK_COMM_LEN, l->owner->comm);
}

void panic_report(const struct trapframe *tf, u64 fp)
{
	unsigned held;

	for (unsigned i = 0; i < nr_harts; i++) {
		unsigned h = (hart_id() + i) % nr_harts; /* this one first */
		struct task *t = current;

		if (i > 0) {
			tf = NULL;
			fp = hart_halt_frame(h, &t);
		}
		if (!tf && !fp) {
			printk(LOG_EMERG, "hart %u: does not answer", h);
			continue;
		}
		hart_print_task(h, t);
		stack_print(tf, fp);
	}
	printk(LOG_EMERG, "locks held:");
	held = spin_held_print();
	locks_held(print_lock, &held);
	if (!held)
		printk(LOG_EMERG, "  none");
	tracepoint_dump(TRACE_RECORDS);
}
