/*
 * Signals as reads: signalfd(2). A descriptor is nothing but a mask: whoever reads
 * takes the signals of its own queues, and whoever polls asks about them. So one
 * that was inherited tells each process of its own signals.
 *
 * The mask is a word, stored and read whole. An epoll may go on watching the queue
 * of a process that is gone, so a descriptor holds every process that polled it
 * ([l]) as long as anything waits there.
 */
#include "fs/signalfd.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>
#include <uapi/uio.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/printf.h"

struct poller {
	struct list_head link; /* [l] */
	struct proc *proc; /* [I] referenced */
};

struct signalfd {
	spinlock_t lock; /* [l] RANK_FS */
	ksigset_t mask; /* [w] */
	struct list_head pollers; /* [l] */
};

static const struct file_ops signalfd_fops;

struct file *signalfd_create(ksigset_t mask, int flags)
{
	struct signalfd *s = kzalloc(sizeof(*s), 0);
	struct file *f;

	if (!s)
		return ERR_PTR(-ENOMEM);
	spin_init(&s->lock, RANK_FS, "signalfd");
	list_init(&s->pollers);
	s->mask = mask & ~SIG_UNBLOCKABLE;
	f = anon_file("anon_inode:[signalfd]", &signalfd_fops, s,
		      O_RDWR | (flags & SFD_NONBLOCK ? O_NONBLOCK : 0));
	if (IS_ERR(f))
		kfree(s);
	else
		f->mode |= FMODE_STREAM | FMODE_NOWAIT;
	return f;
}

int signalfd_set_mask(struct file *f, ksigset_t mask)
{
	struct signalfd *s = f->priv;

	if (f->ops != &signalfd_fops)
		return -EINVAL;
	WRITE_ONCE(s->mask, mask & ~SIG_UNBLOCKABLE);
	wake_up_all(&current->proc->signalfd_wait);
	return 0;
}

/* What of siginfo_t is there depends on where the signal came from: sigaction(2), "siginfo_t". */
static void from_siginfo(struct signalfd_siginfo *to, const siginfo_t *si)
{
	int signo = si->si_signo, code = si->si_code;
	bool kernel = code > SI_USER && code < SI_KERNEL;

	*to = (struct signalfd_siginfo){
		.ssi_signo = (u32)signo,
		.ssi_errno = si->si_errno,
		.ssi_code = code,
	};
	if (kernel && (sig_bit(signo) & SIG_FAULTS) && signo != SIGSYS) {
		to->ssi_addr = (__force u64)si->si_addr;
		if (signo == SIGBUS && code >= BUS_MCEERR_AR)
			to->ssi_addr_lsb = (u16)si->si_addr_lsb;
		return;
	}
	if (kernel && signo == SIGSYS && code <= 2) {
		to->ssi_call_addr = (__force u64)si->si_call_addr;
		to->ssi_syscall = si->si_syscall;
		to->ssi_arch = si->si_arch;
		return;
	}
	if ((kernel && code <= POLL_HUP && signo != SIGCHLD) || code == SI_SIGIO) {
		to->ssi_band = (u32)si->si_band;
		to->ssi_fd = si->si_fd;
		return;
	}
	if (code == SI_TIMER) {
		to->ssi_tid = (u32)si->si_tid;
		to->ssi_overrun = (u32)si->si_overrun;
	} else {
		to->ssi_pid = (u32)si->si_pid;
		to->ssi_uid = si->si_uid;
	}
	if (kernel && signo == SIGCHLD) {
		to->ssi_status = si->si_status;
		to->ssi_utime = (u64)si->si_utime;
		to->ssi_stime = (u64)si->si_stime;
	} else if (code < 0) {
		to->ssi_ptr = (__force u64)si->si_value.sival_ptr;
		to->ssi_int = si->si_value.sival_int;
	}
}

/* The next signal of the mask; sleeps for one if `wait`. Its number, 0, or -ERESTARTSYS. */
static int take(struct signalfd *s, bool wait, siginfo_t *si)
{
	struct waitq *q = &current->proc->signalfd_wait;
	struct waiter w;
	int signo, err = 0;

	waiter_init(&w);
	while (!(signo = signal_dequeue(~READ_ONCE(s->mask), si)) && wait && !err) {
		wait_prepare(q, &w, TASK_INTERRUPTIBLE);
		if (!signal_queued(READ_ONCE(s->mask)))
			err = wait_sleep(WAIT_FOREVER);
		wait_finish(q, &w);
	}
	return signo ? signo : err;
}

static ssize_t signalfd_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct signalfd *s = f->priv;
	struct signalfd_siginfo info;
	bool wait = !(f->flags & O_NONBLOCK) && !(it->rwf & RWF_NOWAIT);
	ssize_t done = 0;
	siginfo_t si;
	int signo;

	if (it->count < sizeof(info))
		return -EINVAL;
	do {
		signo = take(s, wait && !done, &si);
		if (signo <= 0)
			break;
		from_siginfo(&info, &si);
		if (iter_copy_to(it, &info, sizeof(info)) != sizeof(info)) {
			signo = -EFAULT;
			break;
		}
		done += (ssize_t)sizeof(info);
	} while (it->count >= sizeof(info));
	if (done)
		return done;
	return signo ? signo : -EAGAIN;
}

/*
 * current's process stays while somebody may wait on its queue; those that are gone are let go.
 * False: no memory.
 */
static bool keep_poller(struct signalfd *s)
{
	struct poller *p, *next, *new = NULL;
	bool known = false;
	LIST_HEAD(gone);

	for (;;) {
		spin_lock(&s->lock);
		list_for_each_entry_safe(p, next, &s->pollers, link) {
			if (p->proc == current->proc) {
				known = true;
			} else if (READ_ONCE(p->proc->zombie) &&
				   !waitq_active(&p->proc->signalfd_wait)) {
				list_del(&p->link);
				list_add(&p->link, &gone);
			}
		}
		if (!known && new) {
			list_add(&new->link, &s->pollers);
			known = true;
			new = NULL;
		}
		spin_unlock(&s->lock);
		if (known)
			break;
		new = kmalloc(sizeof(*new), 0);
		if (!new)
			break;
		new->proc = proc_get(current->proc);
	}
	if (new) {
		proc_put(new->proc);
		kfree(new);
	}
	list_for_each_entry_safe(p, next, &gone, link) {
		proc_put(p->proc);
		kfree(p);
	}
	return known;
}

static u32 signalfd_poll(struct file *f, struct poll_table *pt)
{
	struct signalfd *s = f->priv;

	if (pt && pt->queue && !keep_poller(s))
		return EPOLLERR;
	poll_wait(f, &current->proc->signalfd_wait, pt);
	return signal_queued(READ_ONCE(s->mask)) ? EPOLLIN : 0;
}

static void signalfd_release(struct file *f)
{
	struct signalfd *s = f->priv;
	struct poller *p, *next;

	list_for_each_entry_safe(p, next, &s->pollers, link) {
		proc_put(p->proc);
		kfree(p);
	}
	kfree(s);
}

static int signalfd_fdinfo(struct file *f, char *buf, size_t n)
{
	const struct signalfd *s = f->priv;

	return scnprintf(buf, n, "sigmask:\t%016lx\n", READ_ONCE(s->mask));
}

static const struct file_ops signalfd_fops = {
	.read = signalfd_read,
	.poll = signalfd_poll,
	.llseek = noop_llseek,
	.release = signalfd_release,
	.show_fdinfo = signalfd_fdinfo,
};
