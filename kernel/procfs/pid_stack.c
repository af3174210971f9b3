/*
 * Where in the kernel a task is: /proc/PID/wchan and /proc/PID/stack, proc(5). A sleeping task's
 * stack is read without a lock: should it wake up meanwhile, what is told is stale or nonsense, but
 * nothing outside its stack is touched.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/vmap.h"
#include "arch/riscv/memlayout.h"
#include "core/cred.h"
#include "core/sched.h"
#include "sync/stack.h"

#define DEPTH 48

static unsigned trace(struct task *t, u64 *pcs)
{
	u64 top = t->thread.kstack_top, fp = READ_ONCE(t->thread.ctx.s[0]);
	int state = READ_ONCE(t->state);

	if (t == current)
		return stack_keep((u64)__builtin_frame_address(0), top, pcs, DEPTH);
	if (state == TASK_RUNNING || state == TASK_DEAD || READ_ONCE(t->on_cpu))
		return 0;
	vmap_sync(); /* its stack may be younger than what this hart remembers */
	return fp < top - KSTACK_SIZE + 16 ? 0 : stack_keep(fp, top, pcs, DEPTH);
}

int pid_stack_show(struct text *out, const struct subject *s)
{
	u64 pcs[DEPTH], offset, size;
	unsigned n;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	n = trace(s->task, pcs);
	for (unsigned i = 0; i < n; i++) {
		const char *name = stack_symbol(pcs[i] - 1, &offset, &size);

		if (name)
			text_printf(out, "[<0>] %s+%#lx/%#lx\n", name, offset + 1, size);
	}
	return 0;
}

/* The function that it sleeps in; 0: it does not, or that is not for current to know. */
int pid_wchan_show(struct text *out, const struct subject *s)
{
	u64 pcs[DEPTH], offset, size;
	unsigned n = s->task != current && pid_may(s) ? trace(s->task, pcs) : 0, i = 0;
	const char *name;

	while (i < n && stack_in_scheduler(pcs[i]))
		i++;
	name = i < n ? stack_symbol(pcs[i] - 1, &offset, &size) : NULL;
	text_puts(out, name ? name : "0");
	return 0;
}
