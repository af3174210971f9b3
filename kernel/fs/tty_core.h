/*
 * The inside of a terminal, for fs/tty*.c and the drivers' glue.
 *
 * Locks: tty->lock (RANK_TTY, irqsave) guards all but what bears another mark.
 * [r] written under it, single words of it read without. [o] open_mutex, [a] atomic,
 * [I] immutable, [t] proc_tree_lock. Received bytes come in by tty_receive from interrupts; output
 * goes to the out ring, and from there to the line as it has room.
 */
#ifndef FS_TTY_CORE_H
#define FS_TTY_CORE_H

#include <uapi/termios.h>
#include "core/wait.h"
#include "core/work.h"
#include "dev/chardev.h"
#include "fs/fs.h"
#include "fs/tty.h"
#include "lib/ring.h"

#define TTY_IN_SIZE  4096 /* one line of canonical input at most: termios(3) */
#define TTY_OUT_SIZE 4096

struct tty;

struct tty_line { /* what carries the bytes */
	/* bytes taken; any context, tty->lock held */
	size_t (*write)(struct tty *t, const void *p, size_t n);
	bool (*drained)(struct tty *t);
	int (*usable)(struct tty *t); /* may it be opened? 0 or -errno; may be NULL. [o] */
	void (*open)(struct tty *t, bool open); /* first open, last close; may be NULL; sleeps */
	void (*rx_room)(struct tty *t); /* there is room for input again; may be NULL */
	/* Packet mode: TIOCPKT_* happened, ioctl_tty(2). tty->lock held; may be NULL */
	void (*packet)(struct tty *t, u8 what);
	void (*free)(struct tty *t); /* the last reference went; NULL: it never does */
	bool pty; /* no wire, so nothing to wait for until output is sent */
};

struct tty {
	atomic_t refs; /* [a] */
	spinlock_t lock;
	const struct tty_line *line; /* [I] */
	void *driver; /* [I] */
	struct chardev cd; /* [I] */
	unsigned opens; /* [o] */
	struct mutex open_mutex;
	struct mutex write_mutex; /* one writer at a time */
	struct mutex read_mutex;

	struct termios tio; /* [r] */
	struct termios locked; /* a bit that is set can't be changed in tio: TIOCSLCKTRMIOS */
	u32 ispeed, ospeed; /* baud */
	struct winsize ws;
	struct pid *session; /* [t] whose controlling terminal it is */
	struct pid *pgrp; /* [t] foreground group */
	bool stopped; /* ^S */
	u64 hangups; /* [r] files opened before the last one are hung up: reads give the end */
	bool exclusive; /* [a] TIOCEXCL; cleared at the last close. Looked at by [o] */

	u8 in[TTY_IN_SIZE]; /* received; head - tail bytes */
	u64 ends[TTY_IN_SIZE / 64]; /* marks the last byte of each line (canonical) */
	u64 eofs[TTY_IN_SIZE / 64]; /* marks an end-of-file character, which is not read */
	u32 head, canon, tail; /* [r] in[tail, canon) is whole lines */
	bool literal; /* ^V: the next byte as it is */
	bool erasing; /* ECHOPRT: what is erased is being printed, behind a backslash */
	bool rx_full; /* the line was told to wait */
	unsigned column, canon_column; /* of the cursor; where the line being edited began */
	struct ring out;
	u8 out_buf[TTY_OUT_SIZE];
	struct waitq readers, writers;
	struct list_head asyncs; /* fs/async.c */
};

void tty_init(struct tty *t, const struct tty_line *line, void *driver);
/* Are lines edited here? With EXTPROC who has the other end does it (RFC 1116): as without ICANON. */
static inline bool tty_edits(const struct tty *t)
{
	return (READ_ONCE(t->tio.c_lflag) & (ICANON | EXTPROC)) == ICANON;
}
void tty_register(struct tty *t, const char *name, u64 dev, u32 mode);
/*
 * Input from the line: any context, no lock held. Returns bytes taken: fewer when the input is
 * full.
 */
size_t tty_receive(struct tty *t, const u8 *p, size_t n);
size_t tty_receive_room(struct tty *t);
void tty_tx_space(struct tty *t); /* the line has room (or drained): any context */
void tty_hangup(struct tty *t); /* the other side is gone, or vhangup(2). Task context */
static inline void tty_packet(struct tty *t, u8 what) /* tty->lock held */
{
	if (t->line->packet)
		t->line->packet(t, what);
}

/* fs/tty_ldisc.c: the line discipline. tty->lock held. */
struct tty_signals { /* what input asks for, sent once the lock is gone */
	int signo[4];
	unsigned n;
};
bool ldisc_input(struct tty *t, u8 c, struct tty_signals *sig); /* false: no room */
size_t ldisc_readable(struct tty *t);
/* Takes what one read may have, up to n bytes; *line_done: a line ended (or end of file). */
size_t ldisc_take(struct tty *t, u8 *to, size_t n, bool *line_done);
bool ldisc_output(struct tty *t, u8 c); /* false: no room; nothing was put */
void ldisc_set_termios(struct tty *t, const struct termios *tio);
void ldisc_flush_input(struct tty *t);
void ldisc_stop(struct tty *t, bool stop); /* ^S, ^Q */
void tty_push(struct tty *t); /* out ring -> line */
extern const struct termios tty_default_termios;
/* ^S at a pseudo-terminal: nothing is taken. Elsewhere the line's buffer takes what it can. */
static inline bool tty_held(const struct tty *t)
{
	return t->stopped && t->line->pty;
}

/* fs/tty_ioctl.c */
long tty_ioctl(struct file *f, unsigned cmd, unsigned long arg);
long tty_get_id(struct tty *t, u32 __user *to, bool session, bool master);
/* background process: 0, -EIO, -ERESTARTSYS after the signal */
int tty_check_change(struct tty *t, int signo);
/* until all output is sent, or f is hung up, or the deadline: 0 or -ERESTARTSYS */
int tty_drain(struct file *f, u64 deadline);
extern const struct file_ops tty_fops;
static inline struct tty *file_tty(const struct file *f)
{
	return f->priv;
}
/* A terminal has no position: there f keeps how often it was hung up before. */
static inline bool tty_hung_up(const struct file *f)
{
	return f->pos != READ_ONCE(file_tty(f)->hangups);
}
int tty_set_controlling(struct tty *t, bool steal);
void tty_detach(void); /* TIOCNOTTY of current */
#endif
