/*
 * The masters of pseudo-terminals (fs/pty.h; pty(7), ioctl_tty(2)): reading what
 * the terminal puts out, typing, packet mode, and what a master's end means:
 * the terminal is hung up and loses its name. The terminal's lock guards the pair.
 */
#include "fs/pty.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/signal.h>
#include <uapi/termios.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/files.h"
#include "fs/poll.h"
#include "mm/usercopy.h"

static struct pty *pty_of(struct tty *t)
{
	return container_of(t, struct pty, tty);
}

/* --- the terminal's side --- */

static size_t pts_write(struct tty *t, const void *buf, size_t n)
{
	struct pty *p = pty_of(t);
	u32 put = ring_put(&p->line, buf, (u32)n);

	if (put)
		wake_up_key(&p->readers, EPOLLIN | EPOLLRDNORM);
	return put;
}

static bool pts_drained(struct tty *t __unused)
{
	return true;
}

static int pts_usable(struct tty *t)
{
	struct pty *p = pty_of(t);

	return p->gone || READ_ONCE(p->locked) ? -EIO : 0;
}

static void pts_open(struct tty *t, bool open)
{
	struct pty *p = pty_of(t);

	WRITE_ONCE(p->closed, !open);
	wake_up_all(&p->readers);
}

static void pts_rx_room(struct tty *t)
{
	wake_up_key(&pty_of(t)->writers, EPOLLOUT | EPOLLWRNORM);
}

static void pts_packet(struct tty *t, u8 what)
{
	struct pty *p = pty_of(t);

	if (!p->packet_mode)
		return;
	if (what & TIOCPKT_STOP)
		p->events &= (u8)~TIOCPKT_START;
	if (what & TIOCPKT_START)
		p->events &= (u8)~TIOCPKT_STOP;
	if (what & TIOCPKT_NOSTOP)
		p->events &= (u8)~TIOCPKT_DOSTOP;
	if (what & TIOCPKT_DOSTOP)
		p->events &= (u8)~TIOCPKT_NOSTOP;
	p->events |= what;
	wake_up_key(&p->readers, EPOLLPRI | EPOLLIN | EPOLLRDNORM);
}

static void pts_free(struct tty *t)
{
	kfree(pty_of(t));
}

static const struct tty_line pts_line = {
	.write = pts_write,
	.drained = pts_drained,
	.usable = pts_usable,
	.open = pts_open,
	.rx_room = pts_rx_room,
	.packet = pts_packet,
	.free = pts_free,
	.pty = true,
};

struct pty *pty_alloc(unsigned nr, struct super *sb)
{
	struct pty *p = kzalloc(sizeof(*p), 0);

	if (!p)
		return NULL;
	tty_init(&p->tty, &pts_line, p);
	p->tty.tio.c_iflag = ICRNL | IXON;
	p->tty.tio.c_cflag = B38400 | CS8 | CREAD;
	p->nr = nr;
	p->tty.cd.dev = MKDEV(136, nr);
	p->sb = sb;
	p->locked = true;
	ring_init(&p->line, p->line_buf, PTY_LINE_SIZE);
	waitq_init(&p->readers);
	waitq_init(&p->writers);
	return p;
}

/* --- the master's side --- */

/* What one read may have now, in packet mode behind its first byte. */
static size_t take(struct pty *p, u8 *buf, size_t n)
{
	unsigned long flags = spin_lock_irqsave(&p->tty.lock);
	size_t got = 0;

	if (p->packet_mode && p->events) {
		buf[0] = p->events;
		p->events = 0;
		got = 1;
	} else if (!ring_empty(&p->line)) {
		if (p->packet_mode)
			buf[got++] = TIOCPKT_DATA;
		got += ring_get(&p->line, buf + got, (u32)(n - got));
	}
	spin_unlock_irqrestore(&p->tty.lock, flags);
	if (got)
		tty_tx_space(&p->tty);
	return got;
}

static bool readable(void *arg)
{
	const struct pty *p = arg;

	return !ring_empty(&p->line) || READ_ONCE(p->events) || READ_ONCE(p->closed);
}

static ssize_t ptm_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct pty *p = f->priv;
	u8 buf[512];
	size_t n;
	int err;

	if (!it->count)
		return 0;
	while (!(n = take(p, buf, min(sizeof(buf), it->count)))) {
		if (READ_ONCE(p->closed))
			return -EIO;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_until(&p->readers, readable, p, TASK_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	return iter_copy_to(it, buf, n) == n ? (ssize_t)n : -EFAULT;
}

static bool writable(void *arg)
{
	struct pty *p = arg;

	return !READ_ONCE(p->tty.rx_full);
}

static ssize_t ptm_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct pty *p = f->priv;
	ssize_t done = 0;
	u8 buf[512];
	int err = 0;

	while (it->count && !err) {
		size_t n = iter_copy_from(it, buf, min(sizeof(buf), it->count)), at = 0;

		if (!n)
			err = -EFAULT;
		while (at < n && !err) {
			size_t took = tty_receive(&p->tty, buf + at, n - at);

			at += took;
			done += (ssize_t)took;
			if (at == n)
				break;
			if (f->flags & O_NONBLOCK)
				err = -EAGAIN;
			else
				err = wait_until(&p->writers, writable, p, TASK_INTERRUPTIBLE,
						 WAIT_FOREVER);
		}
	}
	return done ? done : err;
}

static u32 ptm_poll(struct file *f, struct poll_table *pt)
{
	struct pty *p = f->priv;
	unsigned long flags;
	u32 ev = 0;

	poll_wait(f, &p->readers, pt);
	poll_wait(f, &p->writers, pt);
	flags = spin_lock_irqsave(&p->tty.lock);
	if (!ring_empty(&p->line))
		ev |= EPOLLIN | EPOLLRDNORM;
	if (p->packet_mode && p->events)
		ev |= EPOLLPRI | EPOLLIN | EPOLLRDNORM;
	if (p->closed)
		ev |= EPOLLHUP;
	if (!p->tty.rx_full)
		ev |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock_irqrestore(&p->tty.lock, flags);
	return ev;
}

/* TIOCSIG: a signal as if it were typed. */
static long send_signal(struct pty *p, unsigned long signo)
{
	struct pid *pgrp;
	unsigned long flags;
	siginfo_t si;

	if (signo != SIGINT && signo != SIGQUIT && signo != SIGTSTP)
		return -EINVAL;
	flags = spin_lock_irqsave(&proc_tree_lock);
	pgrp = p->tty.pgrp ? pid_get(p->tty.pgrp) : NULL;
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (pgrp) {
		siginfo_init(&si, (int)signo, SI_KERNEL);
		signal_send_pgrp(pgrp, &si);
		pid_put(pgrp);
	}
	return 0;
}

static long set_flag(struct pty *p, bool *flag, const u32 __user *from)
{
	unsigned long flags;
	u32 on;

	if (get_user_u32(&on, from))
		return -EFAULT;
	flags = spin_lock_irqsave(&p->tty.lock);
	if (flag == &p->packet_mode && on && !*flag)
		p->events = 0;
	*flag = on;
	spin_unlock_irqrestore(&p->tty.lock, flags);
	return 0;
}

/* TCFLSH here means the other directions: what came out is input, what was typed is output. */
static long flush(struct pty *p, unsigned long arg)
{
	unsigned long flags;

	if (arg != TCIFLUSH && arg != TCOFLUSH && arg != TCIOFLUSH)
		return -EINVAL;
	flags = spin_lock_irqsave(&p->tty.lock);
	if (arg != TCOFLUSH)
		ring_reset(&p->line);
	if (arg != TCIFLUSH)
		ldisc_flush_input(&p->tty);
	spin_unlock_irqrestore(&p->tty.lock, flags);
	tty_tx_space(&p->tty);
	return 0;
}

static long ptm_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pty *p = f->priv;
	void __user *to = (void __user *)arg;
	struct file *peer;

	switch (cmd) {
	case TIOCGPTN:
		return put_user_u32(p->nr, to);
	case TIOCSPTLCK:
		return set_flag(p, &p->locked, to);
	case TIOCGPTLCK:
		return put_user_u32(READ_ONCE(p->locked), to);
	case TIOCPKT:
		return set_flag(p, &p->packet_mode, to);
	case TIOCGPKT:
		return put_user_u32(READ_ONCE(p->packet_mode), to);
	case TIOCSIG:
		return send_signal(p, arg);
	case TIOCGPTPEER:
		peer = devpts_open_peer(f, (int)arg);
		return IS_ERR(peer) ? PTR_ERR(peer) : fd_open_file(peer, (u32)arg & O_CLOEXEC);
	case FIONREAD:
		return put_user_u32(ring_len(&p->line), to);
	case TIOCOUTQ:
		return put_user_u32(0, to);
	case TCFLSH:
		return flush(p, arg);
	case TIOCGPGRP:
		return tty_get_id(&p->tty, to, false, true);
	case TIOCGSID:
		return tty_get_id(&p->tty, to, true, true);
	case TIOCSCTTY:
	case TIOCNOTTY:
	case TIOCSTI:
		return -ENOTTY; /* a master is nobody's controlling terminal */
	default:
		/* Modes, sizes and the like are the terminal's, which a master never sees hung up. */
		f->pos = READ_ONCE(p->tty.hangups);
		return tty_ioctl(f, cmd, arg);
	}
}

static void ptm_release(struct file *f)
{
	struct pty *p = f->priv;

	mutex_lock(&p->tty.open_mutex);
	p->gone = true;
	mutex_unlock(&p->tty.open_mutex);
	devpts_remove(p);
	tty_hangup(&p->tty);
	tty_put(&p->tty);
}

const struct file_ops ptm_fops = {
	.read = ptm_read,
	.write = ptm_write,
	.poll = ptm_poll,
	.ioctl = ptm_ioctl,
	.release = ptm_release,
};
