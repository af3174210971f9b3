/*
 * Terminals: opening, reading, writing, polling, hang-up, and the session that
 * has one as its controlling terminal. The line discipline is tty_ldisc.c, the
 * calls on it tty_ioctl.c.
 */
#include "fs/tty_core.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/pgrp.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/async.h"
#include "fs/poll.h"
#include "lib/string.h"

void tty_init(struct tty *t, const struct tty_line *line, void *driver)
{
	memset(t, 0, sizeof(*t));
	atomic_set(&t->refs, 1);
	spin_init(&t->lock, RANK_TTY, "tty");
	t->line = line;
	t->driver = driver;
	mutex_init(&t->open_mutex);
	mutex_init(&t->write_mutex);
	mutex_init(&t->read_mutex);
	t->tio = tty_default_termios;
	t->ispeed = t->ospeed = 38400;
	ring_init(&t->out, t->out_buf, TTY_OUT_SIZE);
	waitq_init(&t->readers);
	waitq_init(&t->writers);
	list_init(&t->asyncs);
}

void tty_register(struct tty *t, const char *name, u64 dev, u32 mode)
{
	t->cd = (struct chardev){
		.name = name, .dev = dev, .mode = mode, .ops = &tty_fops, .private = t
	};
	chardev_register(&t->cd);
}

void tty_put(struct tty *t)
{
	/* Lines of devices stay: the first reference is the driver's. */
	if (t && atomic_dec_and_test(&t->refs))
		t->line->free(t);
}

struct tty *tty_inherit(struct tty *t)
{
	if (t)
		atomic_inc(&t->refs);
	return t;
}

/* --- from the line --- */

static void send_signals(struct tty *t, const struct tty_signals *sig)
{
	for (unsigned i = 0; i < sig->n; i++) {
		struct pid *pgrp;
		siginfo_t si;
		unsigned long flags = spin_lock_irqsave(&proc_tree_lock);

		pgrp = t->pgrp ? pid_get(t->pgrp) : NULL;
		spin_unlock_irqrestore(&proc_tree_lock, flags);
		if (!pgrp)
			continue;
		siginfo_init(&si, sig->signo[i], SI_KERNEL);
		signal_send_pgrp(pgrp, &si);
		pid_put(pgrp);
	}
}

size_t tty_receive_room(struct tty *t)
{
	size_t room = TTY_IN_SIZE - (READ_ONCE(t->head) - READ_ONCE(t->tail));

	/* A line too long loses its rest, termios(3); what ends it, and ^C, must still come in. */
	if (room < 2 && tty_edits(t) && READ_ONCE(t->canon) == READ_ONCE(t->tail))
		return 2;
	return room;
}

size_t tty_receive(struct tty *t, const u8 *p, size_t n)
{
	struct tty_signals sig = { .n = 0 };
	unsigned long flags = spin_lock_irqsave(&t->lock);
	u32 ready = t->canon;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!ldisc_input(t, p[i], &sig)) {
			t->rx_full = true;
			break;
		}
	}
	tty_push(t);
	ready = t->canon - ready;
	spin_unlock_irqrestore(&t->lock, flags);
	if (ready || sig.n)
		wake_up_key(&t->readers, EPOLLIN | EPOLLRDNORM);
	if (ready)
		async_tell(&t->asyncs, POLL_IN);
	send_signals(t, &sig);
	return i;
}

void tty_tx_space(struct tty *t)
{
	unsigned long flags = spin_lock_irqsave(&t->lock);
	bool room;

	tty_push(t);
	room = ring_space(&t->out) >= TTY_OUT_SIZE / 2;
	spin_unlock_irqrestore(&t->lock, flags);
	if (room)
		wake_up_key(&t->writers, EPOLLOUT | EPOLLWRNORM);
	if (waitq_active(&t->writers))
		wake_up_all(&t->writers);
}

static void send_pgrp(struct pid *pgrp, int signo)
{
	siginfo_t si;

	siginfo_init(&si, signo, SI_KERNEL);
	signal_send_pgrp(pgrp, &si);
}

static void detach_session(struct tty *t, unsigned *puts);

/*
 * The leader of the session hears of it, and its foreground group when the leader then exits:
 * `hup_pgrp` remembers it.
 */
void tty_hangup(struct tty *t)
{
	struct proc *leader = NULL;
	struct pid *old = NULL;
	unsigned puts = 0;
	unsigned long flags = spin_lock_irqsave(&t->lock);

	WRITE_ONCE(t->hangups, t->hangups + 1);
	ring_reset(&t->out);
	ldisc_flush_input(t);
	t->stopped = false;
	spin_unlock_irqrestore(&t->lock, flags);
	flags = spin_lock_irqsave(&proc_tree_lock);
	if (t->session) {
		if (t->session->proc && t->session->proc->tty == t) {
			leader = proc_get(t->session->proc);
			old = leader->hup_pgrp;
			leader->hup_pgrp = t->pgrp;
			t->pgrp = NULL;
		}
		detach_session(t, &puts);
	}
	if (t->pgrp)
		pid_put(t->pgrp);
	t->pgrp = NULL;
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	pid_put(old);
	if (leader) {
		siginfo_t si;

		siginfo_init(&si, SIGHUP, SI_KERNEL);
		signal_send_proc(leader, &si);
		siginfo_init(&si, SIGCONT, SI_KERNEL);
		signal_send_proc(leader, &si);
		proc_put(leader);
	}
	wake_up_all(&t->readers);
	wake_up_all(&t->writers);
	while (puts--)
		tty_put(t);
}

void tty_vhangup(void)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	struct tty *t = tty_inherit(current->proc->tty);

	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (t)
		tty_hangup(t);
	tty_put(t);
}

/* --- the session --- */

/*
 * Takes the terminal away from every member of its session; [t]. The references to put are counted
 * in *puts.
 */
static void detach_session(struct tty *t, unsigned *puts)
{
	struct proc *p;

	list_for_each_entry(p, &t->session->members[PID_SESSION], session_link) {
		if (p->tty == t) {
			p->tty = NULL;
			++*puts;
		}
	}
	pid_put(t->session);
	t->session = NULL;
}

void tty_session_end(struct proc *leader, bool exits)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	struct tty *t = leader->tty;
	struct pid *pgrp;
	unsigned puts = 0;

	if (t && t->session == leader->session) {
		pgrp = t->pgrp;
		t->pgrp = NULL;
		detach_session(t, &puts);
	} else {
		pgrp = leader->hup_pgrp;
		leader->hup_pgrp = NULL;
		exits = false;
	}
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (pgrp) {
		send_pgrp(pgrp, SIGHUP);
		if (!exits)
			send_pgrp(pgrp, SIGCONT);
		pid_put(pgrp);
	}
	while (puts--)
		tty_put(t);
}

int tty_set_controlling(struct tty *t, bool steal)
{
	struct proc *me = current->proc;
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	unsigned puts = 0;
	int err = 0;

	if (me->session_leader && t->session == me->session && me->tty == t)
		goto out;
	/* tty_ioctl(4), TIOCSCTTY: a session leader without one; stealing is for the privileged. */
	err = -EPERM;
	if (!me->session_leader || me->tty)
		goto out;
	if (t->session) {
		if (!steal || !capable(CAP_SYS_ADMIN))
			goto out;
		detach_session(t, &puts);
	}
	if (t->pgrp)
		pid_put(t->pgrp);
	t->session = pid_get(me->session);
	t->pgrp = pid_get(me->pgrp);
	me->tty = tty_inherit(t);
	err = 0;
out:
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	while (puts--)
		tty_put(t);
	return err;
}

void tty_detach(void)
{
	struct proc *me = current->proc;
	unsigned long flags;
	struct tty *t;

	if (me->session_leader) {
		tty_session_end(me, false);
		return;
	}
	flags = spin_lock_irqsave(&proc_tree_lock);
	t = me->tty;
	me->tty = NULL;
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	tty_put(t);
}

/*
 * Job control: a background process of the terminal's session gets signo (its whole group does) and
 * the call is to be restarted; where the signal is blocked or ignored, input fails and output goes
 * on.
 */
static int background(struct tty *t, int signo)
{
	struct proc *me = current->proc;
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	bool back = me && me->tty == t && t->pgrp && t->pgrp != me->pgrp;
	bool orphaned = back && pgrp_orphaned(me->pgrp, NULL);
	struct pid *pgrp = back ? pid_get(me->pgrp) : NULL;
	siginfo_t si;
	int err;

	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (!back)
		return 0;
	if ((current->blocked & sig_bit(signo)) || signal_ignored(me, signo)) {
		err = signo == SIGTTIN ? -EIO : 0;
	} else if (orphaned) {
		err = -EIO;
	} else {
		siginfo_init(&si, signo, SI_KERNEL);
		signal_send_pgrp(pgrp, &si);
		err = -ERESTARTSYS;
	}
	pid_put(pgrp);
	return err;
}

int tty_check_change(struct tty *t, int signo)
{
	return background(t, signo);
}

/* --- files --- */

static int open_tty(struct inode *i, struct file *f)
{
	struct tty *t = f->priv;
	int err = 0;

	mutex_lock(&t->open_mutex);
	if (READ_ONCE(t->exclusive) && t->opens && !capable(CAP_SYS_ADMIN))
		err = -EBUSY;
	else if (t->line->usable)
		err = t->line->usable(t);
	if (!err) {
		if (!t->opens++ && t->line->open)
			t->line->open(t, true);
		f->pos = READ_ONCE(t->hangups);
	}
	mutex_unlock(&t->open_mutex);
	if (err)
		return err;
	tty_inherit(t);
	f->mode |= FMODE_STREAM;
	/*
	 * open(2): without O_NOCTTY it becomes the controlling terminal of a leader that has none;
	 * but for /dev/console, and who may not read it.
	 */
	if (!(f->flags & O_NOCTTY) && (f->mode & FMODE_READ) && i->rdev != MKDEV(5, 1) &&
	    current->proc && current->proc->session_leader && !current->proc->tty)
		tty_set_controlling(t, false);
	return 0;
}

static void release_tty(struct file *f)
{
	struct tty *t = f->priv;

	mutex_lock(&t->open_mutex);
	if (!--t->opens) {
		WRITE_ONCE(t->exclusive, false);
		tty_drain(f, now_mono() + 30 * NSEC_PER_SEC); /* ^S holds a last close no longer */
		if (t->line->open)
			t->line->open(t, false);
	}
	mutex_unlock(&t->open_mutex);
	tty_put(t);
}

/* What VMIN and VTIME ask of a read in non-canonical mode: termios(3). */
struct raw_read {
	size_t min;
	u64 timeout; /* ns; 0: none */
	bool between; /* the timer runs from byte to byte, not from the call */
};

static ssize_t read_tty(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct tty *t = f->priv;
	struct raw_read raw = { .min = 1 };
	u64 deadline = WAIT_FOREVER;
	ssize_t done = 0;
	bool canon, line = false;
	u8 buf[512];
	int err;

	if (!it->count || tty_hung_up(f))
		return 0;
	err = background(t, SIGTTIN);
	if (err)
		return err;
	if (!(f->flags & O_NONBLOCK))
		err = mutex_lock_interruptible(&t->read_mutex);
	else if (!mutex_trylock(&t->read_mutex))
		err = -EAGAIN;
	if (err)
		return err;
	canon = tty_edits(t);
	if (!canon && (READ_ONCE(t->tio.c_lflag) & ICANON)) {
		raw.min = 1;
	} else if (!canon) {
		raw.min = READ_ONCE(t->tio.c_cc[VMIN]);
		raw.timeout = READ_ONCE(t->tio.c_cc[VTIME]) * (NSEC_PER_SEC / 10);
		raw.between = raw.min > 0;
		if (raw.timeout && !raw.between)
			deadline = now_mono() + raw.timeout;
	}
	for (;;) {
		unsigned long flags = spin_lock_irqsave(&t->lock);
		size_t n = ldisc_take(t, buf, min(sizeof(buf), it->count), &line);
		bool room = t->rx_full && TTY_IN_SIZE - (t->head - t->tail) >= TTY_IN_SIZE / 4;
		bool gone = tty_hung_up(f);
		struct waiter w;

		if (room)
			t->rx_full = false;
		spin_unlock_irqrestore(&t->lock, flags);
		if (room && t->line->rx_room)
			t->line->rx_room(t);
		if (n) {
			size_t copied = iter_copy_to(it, buf, n);

			done += (ssize_t)copied;
			if (copied < n) {
				err = -EFAULT;
				break;
			}
			if (raw.between && raw.timeout)
				deadline = now_mono() + raw.timeout;
		}
		if (line || !it->count || (gone && !n))
			break;
		if (n && (canon || (size_t)done < raw.min || ldisc_readable(t)))
			continue;
		if (!canon && (size_t)done >= raw.min && !(done == 0 && raw.timeout))
			break;
		if (f->flags & O_NONBLOCK) {
			err = -EAGAIN;
			break;
		}
		waiter_init(&w);
		wait_prepare(&t->readers, &w, TASK_INTERRUPTIBLE);
		if (!ldisc_readable(t) && !tty_hung_up(f))
			err = wait_sleep(deadline);
		wait_finish(&t->readers, &w);
		if (err)
			break;
		err = background(t, SIGTTIN);
		if (err)
			break;
	}
	mutex_unlock(&t->read_mutex);
	if (err == -ETIMEDOUT)
		err = 0;
	return done ? done : err;
}

/* Puts n bytes through the discipline; sleeps for room. Bytes taken, or -errno when none were. */
static ssize_t write_bytes(struct tty *t, struct file *f, const u8 *p, size_t n)
{
	size_t i = 0;
	int err = 0;

	while (i < n && !err) {
		unsigned long flags = spin_lock_irqsave(&t->lock);
		struct waiter w;

		if (tty_hung_up(f)) {
			spin_unlock_irqrestore(&t->lock, flags);
			err = -EIO;
			break;
		}
		while (i < n && !tty_held(t) && ldisc_output(t, p[i]))
			i++;
		tty_push(t);
		while (i < n && !tty_held(t) && ldisc_output(t, p[i]))
			i++;
		spin_unlock_irqrestore(&t->lock, flags);
		if (i == n)
			break;
		if (f->flags & O_NONBLOCK) {
			err = -EAGAIN;
			break;
		}
		waiter_init(&w);
		wait_prepare(&t->writers, &w, TASK_INTERRUPTIBLE);
		if ((ring_space(&t->out) < 8 || tty_held(t)) && !tty_hung_up(f))
			err = wait_sleep(WAIT_FOREVER);
		wait_finish(&t->writers, &w);
	}
	return i ? (ssize_t)i : err;
}

static ssize_t write_tty(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct tty *t = f->priv;
	ssize_t done = 0, n = 0;
	u8 buf[512];
	int err;

	if (tty_hung_up(f))
		return -EIO;
	if (READ_ONCE(t->tio.c_lflag) & TOSTOP) {
		err = background(t, SIGTTOU);
		if (err)
			return err;
	}
	err = mutex_lock_interruptible(&t->write_mutex);
	if (err)
		return err;
	while (it->count) {
		size_t want = min(it->count, sizeof(buf));
		size_t got = iter_copy_from(it, buf, want);

		if (!got) {
			n = -EFAULT;
			break;
		}
		n = write_bytes(t, f, buf, got);
		if (n < 0)
			break;
		done += n;
		if ((size_t)n < got)
			break;
	}
	mutex_unlock(&t->write_mutex);
	return done ? done : n;
}

static u32 poll_tty(struct file *f, struct poll_table *pt)
{
	struct tty *t = f->priv;
	unsigned long flags;
	size_t need;
	u32 ev = 0;

	poll_wait(f, &t->readers, pt);
	poll_wait(f, &t->writers, pt);
	flags = spin_lock_irqsave(&t->lock);
	need = (t->tio.c_lflag & ICANON) || t->tio.c_cc[VTIME] || !t->tio.c_cc[VMIN] ?
		       1 :
		       t->tio.c_cc[VMIN];
	if (ldisc_readable(t) >= need)
		ev |= EPOLLIN | EPOLLRDNORM;
	if (ring_space(&t->out) >= 256 && !tty_held(t))
		ev |= EPOLLOUT | EPOLLWRNORM;
	if (tty_hung_up(f))
		ev = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDNORM | EPOLLWRNORM;
	spin_unlock_irqrestore(&t->lock, flags);
	return ev;
}

static int fsync_tty(struct file *f __unused, u64 start __unused, u64 end __unused,
		     bool datasync __unused)
{
	return -EINVAL;
}

static struct list_head *tty_asyncs(struct file *f)
{
	return &file_tty(f)->asyncs;
}

const struct file_ops tty_fops = {
	.asyncs = tty_asyncs,
	.open = open_tty,
	.read = read_tty,
	.write = write_tty,
	.poll = poll_tty,
	.ioctl = tty_ioctl,
	.fsync = fsync_tty,
	.release = release_tty,
};
