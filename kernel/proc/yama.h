/* Who may trace whom, beyond what credentials say: yama.c. */
#ifndef PROC_YAMA_H
#define PROC_YAMA_H

#include <types.h>

struct task;

extern int ptrace_scope; /* 0 .. 3 */

/*
 * PR_SET_PTRACER of current's process: the process of this thread, or any, or neither. It counts as long as
 * that thread lives, and the first one of current's process. 0, -ENOMEM, -EINVAL: the thread has just ended.
 */
int yama_let_in(struct task *tracer, bool any);
/* t is found by nobody any more; proc_tree_lock may be held. */
void yama_forget(const struct task *t);
/* May current attach to t, which it may look into? Under RCU, or with proc_tree_lock held. */
bool yama_may_attach(const struct task *t);
bool yama_may_be_traced_by(const struct task *parent); /* current: PTRACE_TRACEME */
#endif
