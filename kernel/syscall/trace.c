/*
 * The system-call tracer; see trace.h.
 */
#include "syscall/trace.h"

#include "core/task.h"
#include "sync/log.h"

bool trace_all;

bool trace_at_entry(unsigned long nr)
{
	return nr == __NR_execve || nr == __NR_execveat || nr == __NR_exit || nr == __NR_exit_group;
}

void trace_syscall(unsigned long nr, const u64 *args, long ret)
{
	const char *name = nr < NR_SYSCALLS ? trace_table[nr].name : NULL;

	pr_info("strace: [pid %d] %s(%#lx, %#lx, %#lx) = %ld\n", task_tid(current), name ? name : "?", args[0],
		args[1], args[2], ret);
}
