/* Who may trace whom, beyond what credentials say: yama.c. */
#ifndef PROC_YAMA_H
#define PROC_YAMA_H

#include <types.h>

struct pid;
struct task;

extern int ptrace_scope; /* 0 .. 3 */

/* PR_SET_PTRACER of current's process: this process, or any, or neither. 0, -ENOMEM. */
int yama_let_in(struct pid *tracer, bool any);
/* May current attach to t, which it may look into? Under RCU, or with proc_tree_lock held. */
bool yama_may_attach(const struct task *t);
bool yama_may_be_traced_by(const struct task *parent); /* current: PTRACE_TRACEME */
#endif
