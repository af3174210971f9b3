/*
 * What programs ask of a terminal: ioctl_tty(2), termios(3).
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/ioctl.h>
#include <uapi/signal.h>

#include "core/pidns.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/tty_core.h"
#include "lib/string.h"
#include "mm/usercopy.h"

int tty_drain(struct file *f, u64 deadline)
{
	struct tty *t = file_tty(f);
	int err = 0;

	while (!err) {
		unsigned long flags;
		struct waiter w;
		bool done;

		waiter_init(&w);
		wait_prepare(&t->writers, &w, TASK_INTERRUPTIBLE);
		flags = spin_lock_irqsave(&t->lock);
		tty_push(t);
		done = t->line->pty || tty_hung_up(f) ||
		       (ring_empty(&t->out) && t->line->drained(t));
		spin_unlock_irqrestore(&t->lock, flags);
		if (!done)
			/* A line may have no interrupt for "all sent": look again soon. */
			err = wait_sleep(now_mono() + 2 * NSEC_PER_MSEC);
		wait_finish(&t->writers, &w);
		if (done || now_mono() >= deadline)
			return 0;
		if (err == -ETIMEDOUT)
			err = 0;
	}
	return err;
}

/* In which structure modes come and go: termios(3)'s, with speeds, or System V's. */
enum modes_kind { TERMIOS, TERMIOS2, TERMIO };

static long get_termios(struct tty *t, void __user *to, enum modes_kind kind)
{
	struct termios2 tio2 = { 0 };
	struct termio old = { 0 };
	struct termios tio;
	unsigned long flags = spin_lock_irqsave(&t->lock);

	tio = t->tio;
	tio2.c_ispeed = t->ispeed;
	tio2.c_ospeed = t->ospeed;
	spin_unlock_irqrestore(&t->lock, flags);
	if (kind == TERMIOS)
		return copy_to_user(to, &tio, sizeof(tio));
	if (kind == TERMIO) {
		old.c_iflag = (u16)tio.c_iflag;
		old.c_oflag = (u16)tio.c_oflag;
		old.c_cflag = (u16)tio.c_cflag;
		old.c_lflag = (u16)tio.c_lflag;
		old.c_line = tio.c_line;
		memcpy(old.c_cc, tio.c_cc, sizeof(old.c_cc));
		return copy_to_user(to, &old, sizeof(old));
	}
	memcpy(&tio2, &tio, offsetof(struct termios, c_cc) + sizeof(tio.c_cc));
	return copy_to_user(to, &tio2, sizeof(tio2));
}

/* A struct termio holds the lower halves: the upper ones stay as they are. */
static int import_termio(const struct tty *t, struct termios *tio, const void __user *from)
{
	struct termio old;

	if (copy_from_user(&old, from, sizeof(old)))
		return -EFAULT;
	*tio = t->tio;
	tio->c_iflag = (tio->c_iflag & 0xffff0000) | old.c_iflag;
	tio->c_oflag = (tio->c_oflag & 0xffff0000) | old.c_oflag;
	tio->c_cflag = (tio->c_cflag & 0xffff0000) | old.c_cflag;
	tio->c_lflag = (tio->c_lflag & 0xffff0000) | old.c_lflag;
	memcpy(tio->c_cc, old.c_cc, sizeof(old.c_cc));
	return 0;
}

/* The speed that a field of c_cflag names; `given` is for BOTHER. */
static u32 baud(u32 code, u32 given)
{
	static const u32 slow[] = { 0,	 50,   75,   110,  134,	 150,  200,   300,
				    600, 1200, 1800, 2400, 4800, 9600, 19200, 38400 };
	static const u32 fast[] = { 0,	     57600,   115200,  230400,	460800,	 500000,
				    576000,  921600,  1000000, 1152000, 1500000, 2000000,
				    2500000, 3000000, 3500000, 4000000 };

	if (code == BOTHER)
		return given;
	return code & CBAUDEX ? fast[code & 15] : slow[code & 15];
}

/* What TIOCSLCKTRMIOS has locked stays as it is. t->lock held. */
static void keep_locked(const struct tty *t, struct termios *tio)
{
	const struct termios *l = &t->locked, *now = &t->tio;

	tio->c_iflag = (now->c_iflag & l->c_iflag) | (tio->c_iflag & ~l->c_iflag);
	tio->c_oflag = (now->c_oflag & l->c_oflag) | (tio->c_oflag & ~l->c_oflag);
	tio->c_cflag = (now->c_cflag & l->c_cflag) | (tio->c_cflag & ~l->c_cflag);
	tio->c_lflag = (now->c_lflag & l->c_lflag) | (tio->c_lflag & ~l->c_lflag);
	for (unsigned k = 0; k < sizeof(tio->c_cc); k++)
		if (l->c_cc[k])
			tio->c_cc[k] = now->c_cc[k];
}

enum set_when { SET_NOW, SET_DRAIN, SET_FLUSH };

static long set_termios(struct file *f, const void __user *from, enum modes_kind kind,
			enum set_when when)
{
	struct tty *t = file_tty(f);
	struct termios2 tio2 = { .c_ispeed = t->ispeed, .c_ospeed = t->ospeed };
	struct termios tio;
	unsigned long flags;
	u32 in;
	int err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	if (kind == TERMIO) {
		if (import_termio(t, &tio, from))
			return -EFAULT;
	} else if (kind == TERMIOS2) {
		if (copy_from_user(&tio2, from, sizeof(tio2)))
			return -EFAULT;
		memcpy(&tio, &tio2, offsetof(struct termios, c_cc) + sizeof(tio.c_cc));
	} else if (copy_from_user(&tio, from, sizeof(tio))) {
		return -EFAULT;
	}
	if (when != SET_NOW) {
		err = tty_drain(f, WAIT_FOREVER);
		if (err)
			return err;
	}
	flags = spin_lock_irqsave(&t->lock);
	if (when == SET_FLUSH) {
		ldisc_flush_input(t);
		tty_packet(t, TIOCPKT_FLUSHREAD);
	}
	tio.c_line = t->tio.c_line;
	keep_locked(t, &tio);
	in = tio.c_cflag >> IBSHIFT & CBAUD; /* B0: as the other way */
	t->ospeed = baud(tio.c_cflag & CBAUD, tio2.c_ospeed);
	t->ispeed = in ? baud(in, tio2.c_ispeed) : t->ospeed;
	ldisc_set_termios(t, &tio);
	tty_push(t);
	spin_unlock_irqrestore(&t->lock, flags);
	wake_up_all(&t->readers);
	return 0;
}

/* TIOCSSOFTCAR: does the terminal do without a carrier? */
static long set_local(struct tty *t, const u32 __user *from)
{
	unsigned long flags;
	u32 on;

	if (get_user_u32(&on, from))
		return -EFAULT;
	flags = spin_lock_irqsave(&t->lock);
	t->tio.c_cflag = (t->tio.c_cflag & ~(u32)CLOCAL) | (on ? CLOCAL : 0);
	spin_unlock_irqrestore(&t->lock, flags);
	return 0;
}

static long lock_termios(struct tty *t, void __user *p, bool set)
{
	struct termios l;
	unsigned long flags;

	if (set && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (set && copy_from_user(&l, p, sizeof(l)))
		return -EFAULT;
	flags = spin_lock_irqsave(&t->lock);
	if (set)
		t->locked = l;
	l = t->locked;
	spin_unlock_irqrestore(&t->lock, flags);
	return set ? 0 : copy_to_user(p, &l, sizeof(l));
}

static long set_winsize(struct tty *t, const struct winsize __user *from)
{
	struct pid *pgrp = NULL;
	struct winsize ws;
	unsigned long flags;
	bool changed;

	if (copy_from_user(&ws, from, sizeof(ws)))
		return -EFAULT;
	flags = spin_lock_irqsave(&t->lock);
	changed = memcmp(&ws, &t->ws, sizeof(ws)) != 0;
	t->ws = ws;
	spin_unlock_irqrestore(&t->lock, flags);
	if (!changed)
		return 0;
	flags = spin_lock_irqsave(&proc_tree_lock);
	if (t->pgrp)
		pgrp = pid_get(t->pgrp);
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (pgrp) {
		siginfo_t si;

		siginfo_init(&si, SIGWINCH, SI_KERNEL);
		signal_send_pgrp(pgrp, &si);
		pid_put(pgrp);
	}
	return 0;
}

/* TIOCGPGRP and TIOCGSID, for the caller's own controlling terminal, or by a pty's master. */
long tty_get_id(struct tty *t, u32 __user *to, bool session, bool master)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	bool mine = master || current->proc->tty == t;
	int nr = 0;

	if (session)
		nr = t->session ? pid_here(t->session) : -1;
	else
		nr = t->pgrp ? pid_here(t->pgrp) : 0;
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (!mine || nr < 0)
		return -ENOTTY;
	return put_user_u32((u32)nr, to);
}

static long set_pgrp(struct tty *t, const u32 __user *from)
{
	struct proc *me = current->proc;
	struct pid *pid, *old = NULL;
	struct proc *p;
	unsigned long flags;
	int err;
	u32 nr;

	err = tty_check_change(t, SIGTTOU);
	if (err)
		return err;
	if (get_user_u32(&nr, from))
		return -EFAULT;
	if ((int)nr < 0)
		return -EINVAL;
	flags = spin_lock_irqsave(&proc_tree_lock);
	if (me->tty != t || t->session != me->session) {
		err = -ENOTTY;
		goto out;
	}
	pid = pid_find((int)nr);
	if (!pid || list_empty(&pid->members[PID_PGRP])) {
		err = -ESRCH;
		goto out;
	}
	p = list_first_entry(&pid->members[PID_PGRP], struct proc, pgrp_link);
	if (p->session != me->session) {
		err = -EPERM;
		goto out;
	}
	old = t->pgrp;
	t->pgrp = pid_get(pid);
out:
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (old)
		pid_put(old);
	return err;
}

static long flush(struct tty *t, unsigned long arg)
{
	unsigned long flags;
	int err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	if (arg != TCIFLUSH && arg != TCOFLUSH && arg != TCIOFLUSH)
		return -EINVAL;
	flags = spin_lock_irqsave(&t->lock);
	if (arg != TCOFLUSH) {
		ldisc_flush_input(t);
		tty_packet(t, TIOCPKT_FLUSHREAD);
	}
	if (arg != TCIFLUSH) {
		ring_reset(&t->out);
		tty_packet(t, TIOCPKT_FLUSHWRITE);
	}
	spin_unlock_irqrestore(&t->lock, flags);
	wake_up_all(&t->writers);
	return 0;
}

static long flow(struct tty *t, unsigned long arg)
{
	unsigned long flags;
	u8 c = 0;
	int err = tty_check_change(t, SIGTTOU);

	if (err)
		return err;
	flags = spin_lock_irqsave(&t->lock);
	switch (arg) {
	case TCOOFF:
		ldisc_stop(t, true);
		break;
	case TCOON:
		ldisc_stop(t, false);
		break;
	case TCIOFF:
		c = t->tio.c_cc[VSTOP];
		break;
	case TCION:
		c = t->tio.c_cc[VSTART];
		break;
	default:
		err = -EINVAL;
		break;
	}
	if (c)
		ring_put(&t->out, &c, 1);
	tty_push(t);
	spin_unlock_irqrestore(&t->lock, flags);
	return err;
}

int tty_legacy_tiocsti;

static long steal_input(struct tty *t, const u8 __user *from)
{
	u8 c;

	if (!READ_ONCE(tty_legacy_tiocsti) && !capable(CAP_SYS_ADMIN))
		return -EIO;
	if (current->proc->tty != t && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user_u8(&c, from))
		return -EFAULT;
	tty_receive(t, &c, 1);
	return 0;
}

long tty_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct tty *t = file_tty(f);
	void __user *p = (void __user *)arg;
	unsigned long flags;
	struct winsize ws;
	int err;

	if (tty_hung_up(f))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	switch (cmd) {
	case TCGETS:
		return get_termios(t, p, TERMIOS);
	case TCGETA:
		return get_termios(t, p, TERMIO);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return set_termios(f, p, TERMIO, (enum set_when)(cmd - TCSETA));
	case TCGETS2:
		return get_termios(t, p, TERMIOS2);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(f, p, TERMIOS, (enum set_when)(cmd - TCSETS));
	case TCSETS2:
		return set_termios(f, p, TERMIOS2, SET_NOW);
	case TCSETSW2:
		return set_termios(f, p, TERMIOS2, SET_DRAIN);
	case TCSETSF2:
		return set_termios(f, p, TERMIOS2, SET_FLUSH);
	case TIOCGWINSZ:
		flags = spin_lock_irqsave(&t->lock);
		ws = t->ws;
		spin_unlock_irqrestore(&t->lock, flags);
		return copy_to_user(p, &ws, sizeof(ws));
	case TIOCSWINSZ:
		return set_winsize(t, p);
	case TIOCGPGRP:
		return tty_get_id(t, p, false, false);
	case TIOCGSID:
		return tty_get_id(t, p, true, false);
	case TIOCSPGRP:
		return set_pgrp(t, p);
	case TIOCSCTTY:
		return tty_set_controlling(t, arg == 1);
	case TIOCNOTTY:
		if (current->proc->tty != t)
			return -ENOTTY;
		tty_detach();
		return 0;
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(t);
		return 0;
	case TIOCGDEV:
		return put_user_u32((u32)dev_encode(t->cd.dev), p);
	case TIOCOUTQ:
		return put_user_u32(t->line->pty ? 0 : ring_len(&t->out), p);
	case FIONREAD:
		return put_user_u32((u32)ldisc_readable(t), p);
	case TCSBRK:
	case TCSBRKP:
	case TIOCSBRK: /* a break itself is no line of ours' to send */
		err = tty_check_change(t, SIGTTOU);
		return err ? err : tty_drain(f, WAIT_FOREVER);
	case TIOCCBRK:
		return tty_check_change(t, SIGTTOU);
	case TIOCGSOFTCAR:
		return put_user_u32(!!(READ_ONCE(t->tio.c_cflag) & CLOCAL), p);
	case TIOCSSOFTCAR:
		return set_local(t, p);
	case TIOCGLCKTRMIOS:
	case TIOCSLCKTRMIOS:
		return lock_termios(t, p, cmd == TIOCSLCKTRMIOS);
	case TCXONC:
		return flow(t, arg);
	case TCFLSH:
		return flush(t, arg);
	case TIOCSTI:
		return steal_input(t, p);
	case TIOCEXCL:
		WRITE_ONCE(t->exclusive, true);
		return 0;
	case TIOCNXCL:
		WRITE_ONCE(t->exclusive, false);
		return 0;
	case TIOCGEXCL:
		return put_user_u32(READ_ONCE(t->exclusive), p);
	case TIOCGETD:
		return put_user_u32(N_TTY, p);
	case TIOCSETD: {
		u32 disc;

		if (get_user_u32(&disc, p))
			return -EFAULT;
		return disc == N_TTY ? 0 : -EINVAL;
	}
	default:
		return -ENOTTY;
	}
}
