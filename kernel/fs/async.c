/*
 * Signals when a descriptor becomes ready (fs/async.h; fcntl(2), "Managing
 * signals"). What a file has of it is made when it is first asked for; settings and
 * lists are guarded by async_lock, under which signals are sent, from interrupts too.
 */
#include "fs/async.h"

#include <compiler.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/signal.h"
#include "core/task.h"

static spinlock_t async_lock = SPINLOCK_INIT(RANK_ASYNC, "async");

struct file_async { /* [async_lock] */
	struct list_head link; /* on its object's list while O_ASYNC is set */
	struct file *file; /* [I] */
	struct pid *owner; /* referenced */
	int type; /* F_OWNER_* */
	u32 uid, euid; /* of who named the owner */
	int signo; /* F_SETSIG */
	int fd; /* by which O_ASYNC was set */
};

/* f's, made if needed; NULL: no memory. */
static struct file_async *async_of(struct file *f)
{
	struct file_async *a = READ_ONCE(f->async), *none = NULL;

	if (a)
		return a;
	a = kzalloc(sizeof(*a), 0);
	if (!a)
		return NULL;
	list_init(&a->link);
	a->file = f;
	if (__atomic_compare_exchange_n(&f->async, &none, a, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return a;
	kfree(a);
	return none;
}

/* pid (a reference that passes; NULL: nobody) owns f; keep: unless somebody does. 0, -ENOMEM. */
static int own(struct file *f, int type, struct pid *pid, bool keep)
{
	struct file_async *a = async_of(f);
	struct pid *old = pid;
	unsigned long flags;

	if (!a) {
		pid_put(pid);
		return -ENOMEM;
	}
	flags = spin_lock_irqsave(&async_lock);
	if (!keep || !a->owner) {
		old = a->owner;
		a->owner = pid;
		a->type = type;
		a->uid = current->cred->uid;
		a->euid = current->cred->euid;
	}
	spin_unlock_irqrestore(&async_lock, flags);
	pid_put(old);
	return 0;
}

int async_set_owner(struct file *f, int type, int nr)
{
	struct pid *pid = nr ? pid_find_get(nr) : NULL;

	return nr && !pid ? -ESRCH : own(f, type, pid, false);
}

int async_claim(struct file *f)
{
	return own(f, F_OWNER_PID, pid_get(current->proc->pid), true);
}

void async_disown(struct file *f)
{
	struct file_async *a = READ_ONCE(f->async);
	struct pid *old;
	unsigned long flags;

	if (!a)
		return;
	flags = spin_lock_irqsave(&async_lock);
	old = a->owner;
	a->owner = NULL;
	a->signo = 0;
	spin_unlock_irqrestore(&async_lock, flags);
	pid_put(old);
}

void async_get_uids(struct file *f, u32 uids[2])
{
	const struct file_async *a = READ_ONCE(f->async);
	unsigned long flags;

	uids[0] = uids[1] = 0;
	if (!a)
		return;
	flags = spin_lock_irqsave(&async_lock);
	uids[0] = a->uid;
	uids[1] = a->euid;
	spin_unlock_irqrestore(&async_lock, flags);
}

void async_get_owner(struct file *f, struct f_owner_ex *o)
{
	const struct file_async *a = READ_ONCE(f->async);
	unsigned long flags;

	*o = (struct f_owner_ex){ .type = F_OWNER_TID };
	if (!a)
		return;
	flags = spin_lock_irqsave(&async_lock);
	o->type = a->type;
	if (a->owner && (a->owner->task || a->owner->proc ||
			 (a->type == F_OWNER_PGRP && !list_empty(&a->owner->members[PID_PGRP]))))
		o->pid = pid_here(a->owner);
	spin_unlock_irqrestore(&async_lock, flags);
}

int async_set_signal(struct file *f, int signo)
{
	struct file_async *a = async_of(f);

	if (!a)
		return -ENOMEM;
	WRITE_ONCE(a->signo, signo);
	return 0;
}

int async_get_signal(struct file *f)
{
	const struct file_async *a = READ_ONCE(f->async);

	return a ? READ_ONCE(a->signo) : 0;
}

int async_turn(struct file *f, int fd, bool on)
{
	struct list_head *list = f->ops->asyncs ? f->ops->asyncs(f) : NULL;
	struct file_async *a;
	unsigned long flags;

	if (!list)
		return -ENOTTY;
	a = async_of(f);
	if (!a)
		return -ENOMEM;
	flags = spin_lock_irqsave(&async_lock);
	list_del_init(&a->link);
	a->fd = fd;
	if (on)
		list_add_tail(&a->link, list);
	spin_unlock_irqrestore(&async_lock, flags);
	spin_lock(&f->lock);
	WRITE_ONCE(f->flags, on ? f->flags | FASYNC : f->flags & ~(u32)FASYNC);
	spin_unlock(&f->lock);
	return 0;
}

void async_forget(struct file *f)
{
	struct file_async *a = f->async;
	unsigned long flags;

	flags = spin_lock_irqsave(&async_lock);
	list_del_init(&a->link);
	WRITE_ONCE(f->async, NULL);
	spin_unlock_irqrestore(&async_lock, flags);
	pid_put(a->owner);
	kfree(a);
}

/* May who named the owner signal it? kill(2)'s rule, but for capabilities. */
static bool permitted(const struct file_async *a, const struct proc *p)
{
	const struct task *leader = READ_ONCE(p->leader);
	const struct cred *c = leader ? smp_load_acquire(&leader->cred) : NULL;

	return c && (!a->euid || a->euid == c->suid || a->euid == c->uid || a->uid == c->suid ||
		     a->uid == c->uid);
}

/* To thread t, or to p when t is NULL. */
static void send(const struct file_async *a, struct proc *p, struct task *t, int fd, int code)
{
	static const u32 bands[] = {
		[POLL_IN] = EPOLLIN | EPOLLRDNORM,
		[POLL_MSG] = EPOLLIN | EPOLLRDNORM | EPOLLMSG,
		[POLL_OUT] = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND,
		[POLL_HUP] = EPOLLHUP | EPOLLERR,
	};
	siginfo_t si;

	if (!p || !permitted(a, p))
		return;
	if (code && a->signo) {
		siginfo_init(&si, a->signo, code);
		/* Of these the codes mean something else. */
		if (sig_bit(a->signo) & (SIG_FAULTS | sig_bit(SIGCHLD)))
			si.si_code = SI_SIGIO;
		si.si_band = bands[code];
		si.si_fd = fd;
		if (!(t ? signal_send_task(t, &si) : signal_send_proc(p, &si)))
			return;
	}
	siginfo_init(&si, code ? SIGIO : SIGURG, SI_KERNEL);
	if (t)
		signal_send_task(t, &si);
	else
		signal_send_proc(p, &si);
}

/* code 0: SIGURG */
static void tell(const struct file_async *a, int fd, int code)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	struct pid *pid = a->owner;
	struct proc *p;

	if (!pid) {
		/* Nobody asked to hear of it. */
	} else if (a->type == F_OWNER_TID) {
		if (pid->task)
			send(a, pid->task->proc, pid->task, fd, code);
	} else if (a->type == F_OWNER_PID) {
		send(a, pid->proc, NULL, fd, code);
	} else {
		list_for_each_entry(p, &pid->members[PID_PGRP], pgrp_link)
			send(a, p, NULL, fd, code);
	}
	spin_unlock_irqrestore(&proc_tree_lock, flags);
}

void async_tell(struct list_head *list, int code)
{
	struct file_async *a;
	unsigned long flags;

	if (likely(list_empty(list)))
		return;
	flags = spin_lock_irqsave(&async_lock);
	list_for_each_entry(a, list, link)
		if (a->file->mode & (code == POLL_OUT ? FMODE_WRITE : FMODE_READ))
			tell(a, a->fd, code);
	spin_unlock_irqrestore(&async_lock, flags);
}

void async_signal(struct file *f, int fd, int code)
{
	unsigned long flags;

	if (likely(!READ_ONCE(f->async)))
		return;
	flags = spin_lock_irqsave(&async_lock);
	if (f->async)
		tell(f->async, fd, code);
	spin_unlock_irqrestore(&async_lock, flags);
}

void async_urgent(struct file *f)
{
	async_signal(f, 0, 0);
}
