/*
 * The life of struct task and struct proc (core/task.h): allocation, the last
 * put. What the parts mean to fork, exit and wait is proc/'s.
 */
#include "core/task.h"

#include <compiler.h>
#include <uapi/prctl.h>

#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "core/sched.h"
#include "core/task_impl.h"
#include "core/userns.h"
#include "lib/string.h"
#include "sync/log.h"

spinlock_t proc_tree_lock = SPINLOCK_INIT(RANK_PROC_TREE, "proc_tree");
struct list_head all_tasks = LIST_HEAD_INIT(all_tasks);
struct list_head all_procs = LIST_HEAD_INIT(all_procs);
struct proc *init_proc;

static struct slab_cache *task_cache, *proc_cache;
void task_init(void)
{
	task_cache = slab_create("task", sizeof(struct task), 64);
	proc_cache = slab_create("proc", sizeof(struct proc), 64);
}

static void sleep_timer_fired(struct timer *timer)
{
	struct task *t = container_of(timer, struct task, sleep_timer);

	wake_task(t, TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_KILLABLE);
}

/* t is all zeros. */
void task_setup(struct task *t)
{
	t->state = TASK_UNINTERRUPTIBLE;
	t->thread.hart = hart_id();
	t->cpus_allowed = ~0ULL;
	t->timer_slack = t->default_slack = 50 * NSEC_PER_USEC;
	t->mce_kill = PR_MCE_KILL_DEFAULT;
	t->loginuid = t->sessionid = U32_MAX;
	t->start_time = now_mono();
	t->acct_window = ACCT_FIRST;
	t->se.weight = 1024;
	t->se.wake_gap = WAKE_GAP_UNKNOWN;
	t->se.boost = PRIO_NONE;
	t->pi_held = (struct rb_root_cached)RB_ROOT_CACHED;
	rb_clear_node(&t->se.node);
	list_init(&t->se.rt_link);
	list_init(&t->thread_link);
	list_init(&t->all_link);
	list_init(&t->pt.tracees);
	list_init(&t->pt.link);
	atomic_set(&t->refs, 1);
	spin_init(&t->lock, RANK_FILES, "task");
	timer_init(&t->sleep_timer, sleep_timer_fired);
	sigpending_init(&t->pending);
	t->altstack.ss_flags = SS_DISABLE;
}

struct task *task_alloc(void)
{
	struct task *t = slab_zalloc(task_cache);

	if (!t)
		return NULL;
	t->kstack = kstack_alloc();
	if (!t->kstack) {
		slab_free(task_cache, t);
		return NULL;
	}
	t->thread.kstack_top = (u64)t->kstack + KSTACK_SIZE;
	memset(task_frame(t), 0, sizeof(struct trapframe));
	task_setup(t);
	return t;
}

static void task_free(struct rcu_head *h)
{
	struct task *t = container_of(h, struct task, rcu);

	timer_cancel_sync(&t->sleep_timer);
	sigpending_flush(&t->pending);
	kstack_free(t->kstack);
	cred_put(t->cred);
	pid_put(t->pid);
	if (t->proc)
		proc_put(t->proc);
	kfree(t->thread.v);
	sched_free(t);
	slab_free(task_cache, t);
}

void task_put(struct task *t)
{
	if (atomic_dec_and_test(&t->refs))
		call_rcu(&t->rcu, task_free);
}

struct proc *proc_alloc(void)
{
	struct proc *p = slab_zalloc(proc_cache);

	if (!p)
		return NULL;
	atomic_set(&p->refs, 1);
	list_init(&p->threads);
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->pgrp_link);
	list_init(&p->session_link);
	list_init(&p->births);
	radix_init(&p->posix_timers, &radix_rcu_ops);
	sigpending_init(&p->pending);
	waitq_init(&p->signalfd_wait);
	waitq_init(&p->child_wait);
	itimer_init(p);
	p->start_time = now_mono();
	return p;
}

static void proc_free(struct rcu_head *h)
{
	struct proc *p = container_of(h, struct proc, rcu);

	timer_cancel_sync(&p->real_timer);
	timer_cancel_sync(&p->limit_timer);
	for (unsigned i = 0; i < ARRAY_SIZE(p->cpu_itimers); i++)
		timer_cancel_sync(&p->cpu_itimers[i].timer);
	sigpending_flush(&p->pending);
	sighand_put(p->sighand);
	user_ns_put(p->exec_user);
	pid_put(p->pgrp);
	pid_put(p->session);
	pid_put(p->hup_pgrp);
	pid_put(p->pid);
	slab_free(proc_cache, p);
}

void proc_put(struct proc *p)
{
	if (p && atomic_dec_and_test(&p->refs))
		call_rcu(&p->rcu, proc_free);
}

void task_set_comm(struct task *t, const char *name)
{
	spin_lock(&t->lock);
	memset(t->comm, 0, sizeof(t->comm));
	strlcpy(t->comm, name, sizeof(t->comm));
	spin_unlock(&t->lock);
	if (t->pid)
		tracepoint_task(TP_NAME, t, 0);
}

u64 rlimit_get(int resource)
{
	const struct proc *p = current->proc;

	return p ? READ_ONCE(p->rlimits[resource].rlim_cur) : RLIM_INFINITY;
}
