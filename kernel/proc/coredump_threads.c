/* Threads while their process leaves a core: coredump_threads.h. All under sighand->lock. */
#include "proc/coredump_threads.h"

#include <atomic.h>

#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"

/* [g] Until somebody wakes current and *what is so. */
static void sleep_for(struct sighand *sh, unsigned long *irq, bool (*so)(const void *),
		      const void *what)
{
	while (!so(what)) {
		WRITE_ONCE(current->state, TASK_IDLE);
		spin_unlock_irqrestore(&sh->lock, *irq);
		schedule();
		*irq = spin_lock_irqsave(&sh->lock);
	}
}

static bool all_wait(const void *c)
{
	return !((const struct core_threads *)c)->awaited;
}

static bool released(const void *w)
{
	return ((const struct core_thread *)w)->released;
}

bool core_threads_stop(struct core_threads *c, int signo)
{
	struct task *t = current, *o;
	struct proc *p = t->proc;
	struct sighand *sh = p->sighand;
	unsigned long irq = spin_lock_irqsave(&sh->lock);
	bool ends = p->group_exit || p->exec_task;

	if (!ends) {
		signal_group_exit(p, signo);
		c->writer = t;
		c->awaited = 0;
		list_init(&c->waiting);
		list_for_each_entry(o, &p->threads, thread_link)
			c->awaited += o != t && !(o->flags & TF_POSTCORE);
		p->core = c;
		WRITE_ONCE(p->dumping, true);
		/* Only SIGKILL shall disturb it from here on. */
		t->pending.set &= ~sig_bit(SIGKILL);
		__atomic_fetch_and(&t->thread.work, ~WORK_SIGNAL, __ATOMIC_SEQ_CST);
		sleep_for(sh, &irq, all_wait, c);
	}
	spin_unlock_irqrestore(&sh->lock, irq);
	return !ends;
}

struct core_thread *core_thread_next(const struct core_threads *c, const struct core_thread *prev)
{
	const struct list_head *next = prev ? prev->link.next : c->waiting.next;

	return next == &c->waiting ? NULL : list_entry(next, struct core_thread, link);
}

void core_threads_release(struct core_threads *c, bool whole)
{
	struct proc *p = current->proc;
	struct sighand *sh = p->sighand;
	struct core_thread *w, *next;
	unsigned long irq = spin_lock_irqsave(&sh->lock);

	if (whole && p->dumping)
		p->group_code |= 0x80;
	WRITE_ONCE(p->dumping, false);
	WRITE_ONCE(p->core, NULL);
	list_for_each_entry_safe(w, next, &c->waiting, link) {
		w->released = true;
		wake_task(w->task, TASK_IDLE);
	}
	spin_unlock_irqrestore(&sh->lock, irq);
}

void core_threads_join(struct task *t, struct proc *p)
{
	struct core_thread me = { .task = t };
	struct trapframe *tf = task_frame(t);
	struct core_threads *c;
	struct sighand *sh = p->sighand;
	unsigned long irq;

	/* The others were here before: none of them can begin a core. */
	if (atomic_read(&p->live) == 1)
		return;
	irq = spin_lock_irqsave(&sh->lock);
	t->flags |= TF_POSTCORE;
	c = p->core;
	if (c && c->writer != t) {
		fpu_save(&t->thread, tf);
		if (t->thread.v && v_used(tf))
			v_save(&t->thread, tf);
		t->pending.set &= ~sig_bit(SIGKILL); /* which brought it here */
		list_add_tail(&me.link, &c->waiting);
		if (--c->awaited == 0)
			wake_task(c->writer, TASK_IDLE);
		sleep_for(sh, &irq, released, &me);
	}
	spin_unlock_irqrestore(&sh->lock, irq);
}
