/*
 * What holds pending signals (core/signal.h; signal(7)): the queues, who takes from them, and the sighand
 * whose lock guards them. signal.c puts signals in.
 */
#include "core/signal.h"

#include <atomic.h>
#include <bitops.h>
#include <compiler.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/task.h"

void (*signal_timer_dequeued)(siginfo_t *si);

struct sighand *sighand_alloc(void)
{
	struct sighand *s = kzalloc(sizeof(*s), 0);

	if (!s)
		return NULL;
	spin_init(&s->lock, RANK_SIGHAND, "sighand");
	atomic_set(&s->refs, 1);
	return s;
}

static void sighand_free(struct rcu_head *h)
{
	kfree(container_of(h, struct sighand, rcu));
}

void sighand_put(struct sighand *s)
{
	if (s && atomic_dec_and_test(&s->refs))
		call_rcu(&s->rcu, sighand_free);
}

struct sighand *sighand_lock(struct proc *p, unsigned long *flags)
{
	for (;;) {
		struct sighand *s = smp_load_acquire(&p->sighand);

		*flags = spin_lock_irqsave(&s->lock);
		if (likely(s == READ_ONCE(p->sighand)))
			return s;
		spin_unlock_irqrestore(&s->lock, *flags);
	}
}

/* ---- queues ---- */

void sigpending_init(struct sigpending *p)
{
	p->set = 0;
	list_init(&p->queue);
}

static void entry_free(struct sigqueue *q)
{
	if (q->timer) {
		list_init(&q->link);
		return;
	}
	user_uncharge(q->uid, USER_SIGPENDING);
	kfree(q);
}

/* Drops what the mask names. */
static void discard(struct sigpending *p, ksigset_t mask)
{
	struct sigqueue *q, *next;

	if (!(p->set & mask))
		return;
	p->set &= ~mask;
	list_for_each_entry_safe(q, next, &p->queue, link) {
		if (mask & sig_bit(q->info.si_signo)) {
			list_del(&q->link);
			/* A periodic timer waits for its signal to be taken. */
			if (q->timer)
				timer_start(q->timer, now_mono());
			entry_free(q);
		}
	}
}

void sigpending_flush(struct sigpending *p)
{
	discard(p, ~0ULL);
}

void signal_discard(struct proc *p, ksigset_t mask)
{
	struct task *t;

	discard(&p->pending, mask);
	list_for_each_entry(t, &p->threads, thread_link)
		discard(&t->pending, mask);
}

/*
 * Takes the first entry of signo; when there is none, a siginfo that says as much as is known.
 * True: it was a timer's.
 */
static bool take_entry(struct sigpending *p, int signo, siginfo_t *si)
{
	struct sigqueue *q, *found = NULL;
	bool timer = false;

	p->set &= ~sig_bit(signo);
	list_for_each_entry(q, &p->queue, link) {
		if (q->info.si_signo != signo)
			continue;
		if (found) {
			p->set |= sig_bit(signo);
			break;
		}
		found = q;
	}
	if (found) {
		*si = found->info;
		timer = found->timer;
		list_del(&found->link);
		entry_free(found);
	} else {
		siginfo_init(si, signo, SI_USER);
	}
	return timer;
}

void sigqueue_withdraw(struct sigpending *p, struct sigqueue *q)
{
	struct sigqueue *other;

	if (list_empty(&q->link))
		return;
	list_del_init(&q->link);
	list_for_each_entry(other, &p->queue, link)
		if (other->info.si_signo == q->info.si_signo)
			return;
	p->set &= ~sig_bit(q->info.si_signo);
}

void sigqueue_release(struct proc *p, struct sigqueue *q)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);

	q->timer = NULL;
	if (list_empty(&q->link))
		entry_free(q);
	sighand_unlock(s, flags);
}

/* Faults of the thread come first, then the lowest number. */
static int first_signal(ksigset_t set)
{
	if (set & SIG_FAULTS)
		set &= SIG_FAULTS;
	return set ? (int)ctz64(set) + 1 : 0;
}

int signal_dequeue(ksigset_t blocked, siginfo_t *si)
{
	struct proc *p = current->proc;
	struct sigpending *from = &current->pending;
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	int signo = first_signal(from->set & ~blocked);
	bool timer = false;

	if (!signo) {
		from = &p->pending;
		signo = first_signal(from->set & ~blocked);
	}
	if (signo)
		timer = take_entry(from, signo, si);
	if (signo && (sig_bit(signo) & SIG_STOPS))
		p->stop_armed = true;
	signal_recalc(current);
	sighand_unlock(s, flags);
	if (timer)
		signal_timer_dequeued(si);
	return signo;
}
