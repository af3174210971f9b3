/*
 * What a panic tells of the machine (panic_report, sync/log.h): where each hart was and for whom, and
 * the locks that are held. The panicking hart alone runs; nothing here waits for a lock.
 */
#include <compiler.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/trap.h"
#include "core/task.h"
#include "debug/locks.h"
#include "sync/log.h"
#include "sync/stack.h"

static void print_task(unsigned hart, const struct task *t)
{
	if (t->flags & TF_IDLE)
		printk(LOG_EMERG, "hart %u: idle", hart);
	else
		printk(LOG_EMERG, "hart %u: task %d (%.*s)%s", hart, task_tid(t), TASK_COMM_LEN,
		       t->comm, t->flags & TF_KTHREAD ? ", of the kernel" : "");
}

static void print_lock(const struct held_lock *l, void *arg)
{
	bool *any = arg;

	*any = true;
	if (l->owner)
		printk(LOG_EMERG, "  %s %s at %p: task %d (%.*s)", l->kind, l->name, l->lock,
		       task_tid(l->owner), TASK_COMM_LEN, l->owner->comm);
	else if (l->hart)
		printk(LOG_EMERG, "  %s %s at %p: hart %u", l->kind, l->name, l->lock, l->hart - 1);
	else if (l->readers)
		printk(LOG_EMERG, "  %s %s at %p: readers %u", l->kind, l->name, l->lock,
		       l->readers);
	else
		printk(LOG_EMERG, "  %s %s at %p: a DEBUG=1 kernel knows by whom", l->kind,
		       l->name, l->lock);
}

void panic_report(const struct trapframe *tf, u64 fp)
{
	bool any = false;

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
		print_task(h, t);
		stack_print(tf, fp);
	}
	printk(LOG_EMERG, "locks held:");
	locks_held(print_lock, &any);
	if (!any)
		printk(LOG_EMERG, "  none");
}
