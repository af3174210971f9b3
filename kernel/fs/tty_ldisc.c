/*
 * The line discipline: termios(3). Turns received bytes into lines (canonical
 * mode) or a stream, echoes, edits, makes signals of ^C, ^\ and ^Z; and gives
 * output its carriage returns and tabs. tty->lock is held throughout.
 */
#include <compiler.h>
#include <uapi/signal.h>

#include "fs/tty_core.h"
#include "lib/string.h"

#define CTRL(c) ((c)&0x1f)

const struct termios tty_default_termios = {
	.c_iflag = ICRNL | IXON | IUTF8,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL | CLOCAL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_line = N_TTY,
	.c_cc = {
		[VINTR] = CTRL('C'), [VQUIT] = CTRL('\\'), [VERASE] = 0x7f, [VKILL] = CTRL('U'),
		[VEOF] = CTRL('D'), [VTIME] = 0, [VMIN] = 1, [VSTART] = CTRL('Q'), [VSTOP] = CTRL('S'),
		[VSUSP] = CTRL('Z'), [VREPRINT] = CTRL('R'), [VDISCARD] = CTRL('O'),
		[VWERASE] = CTRL('W'), [VLNEXT] = CTRL('V'),
	},
};

static bool lflag(const struct tty *t, tcflag_t f)
{
	return t->tio.c_lflag & f;
}

/* Is c the control character cc? 0 (_POSIX_VDISABLE) is none. */
static bool is_cc(const struct tty *t, u8 c, int cc)
{
	return c && c == t->tio.c_cc[cc];
}

static u32 at(u32 i)
{
	return i & (TTY_IN_SIZE - 1);
}

static void mark(u64 *map, u32 i, bool on)
{
	u64 bit = 1UL << (at(i) % 64);

	if (on)
		map[at(i) / 64] |= bit;
	else
		map[at(i) / 64] &= ~bit;
}

static bool marked(const u64 *map, u32 i)
{
	return map[at(i) / 64] >> (at(i) % 64) & 1;
}

/* --- output --- */

static bool put_raw(struct tty *t, const char *s, u32 n)
{
	if (ring_space(&t->out) < n)
		return false;
	ring_put(&t->out, s, n);
	return true;
}

bool ldisc_output(struct tty *t, u8 c)
{
	tcflag_t o = t->tio.c_oflag;
	unsigned spaces;

	if (!(o & OPOST))
		return put_raw(t, (char *)&c, 1);
	switch (c) {
	case '\n':
		if (o & ONLCR) {
			if (!put_raw(t, "\r\n", 2))
				return false;
			t->column = t->canon_column = 0;
			return true;
		}
		if (o & ONLRET)
			t->column = 0;
		break;
	case '\r':
		if ((o & ONOCR) && !t->column)
			return true;
		if (o & OCRNL) {
			c = '\n';
			if (o & ONLRET)
				t->column = t->canon_column = 0;
			break;
		}
		t->column = t->canon_column = 0;
		break;
	case '\t':
		spaces = 8 - (t->column & 7);
		if ((o & TABDLY) == XTABS) {
			if (!put_raw(t, "        ", spaces))
				return false;
			t->column += spaces;
			return true;
		}
		if (!put_raw(t, "\t", 1))
			return false;
		t->column += spaces;
		return true;
	case '\b':
		if (t->column)
			t->column--;
		break;
	default:
		if (o & OLCUC)
			c = (u8)toupper_(c);
		/* Bytes 10xxxxxx go on with a character of UTF-8: no column of their own. */
		if (c >= ' ' && c != 0x7f && !((t->tio.c_iflag & IUTF8) && (c & 0xc0) == 0x80))
			t->column++;
		break;
	}
	return put_raw(t, (char *)&c, 1);
}

void tty_push(struct tty *t)
{
	u8 buf[256];
	u32 n;

	if (t->stopped)
		return;
	while ((n = ring_peek(&t->out, buf, sizeof(buf)))) {
		u32 done = (u32)t->line->write(t, buf, n);

		ring_get(&t->out, buf, done);
		if (done < n)
			return;
	}
}

/* --- echo --- */

static void echo(struct tty *t, u8 c)
{
	if (!lflag(t, ECHO))
		return;
	if (lflag(t, ECHOCTL) && (c < ' ' || c == 0x7f) && c != '\t') {
		char s[2] = { '^', (char)(c ^ 0x40) };

		if (put_raw(t, s, 2))
			t->column += 2;
		return;
	}
	ldisc_output(t, c);
}

static void echo_str(struct tty *t, const char *s)
{
	while (*s)
		ldisc_output(t, (u8)*s++);
}

/* ECHOPRT: a slash ends what was printed as erased. */
static void end_erasing(struct tty *t)
{
	if (t->erasing)
		ldisc_output(t, '/');
	t->erasing = false;
}

/* Columns that in[from, to) takes on the screen when the cursor begins at column. */
static unsigned width(const struct tty *t, u32 from, u32 to, unsigned column)
{
	unsigned start = column;

	for (u32 i = from; i != to; i++) {
		u8 c = t->in[at(i)];

		if (c == '\t')
			column += 8 - (column & 7);
		else if (c < ' ' || c == 0x7f)
			column += lflag(t, ECHOCTL) ? 2 : 0;
		else if (!((t->tio.c_iflag & IUTF8) && (c & 0xc0) == 0x80))
			column++;
	}
	return column - start;
}

/* Takes the last character (all its bytes) off the line being edited. */
static void erase_one(struct tty *t)
{
	unsigned before, after;
	u32 end = t->head;

	before = width(t, t->canon, t->head, t->canon_column);
	do
		t->head--;
	while ((t->tio.c_iflag & IUTF8) && t->head != t->canon &&
	       (t->in[at(t->head)] & 0xc0) == 0x80);
	if (!lflag(t, ECHO))
		return;
	if (lflag(t, ECHOPRT)) {
		if (!t->erasing)
			ldisc_output(t, '\\');
		t->erasing = true;
		for (u32 i = t->head; i != end; i++)
			echo(t, t->in[at(i)]);
		return;
	}
	if (!lflag(t, ECHOE)) {
		echo(t, t->tio.c_cc[VERASE]);
		return;
	}
	after = width(t, t->canon, t->head, t->canon_column);
	for (; before > after; before--)
		echo_str(t, t->in[at(t->head)] == '\t' ? "\b" : "\b \b");
}

static bool is_word(u8 c)
{
	return isalnum_(c) || c == '_' || c >= 0x80;
}

static void erase_word(struct tty *t)
{
	while (t->head != t->canon && !is_word(t->in[at(t->head - 1)]))
		erase_one(t);
	while (t->head != t->canon && is_word(t->in[at(t->head - 1)]))
		erase_one(t);
}

static void kill_line(struct tty *t)
{
	if (lflag(t, ECHO) && lflag(t, ECHOE) && lflag(t, ECHOKE)) {
		while (t->head != t->canon)
			erase_one(t);
		return;
	}
	t->head = t->canon;
	end_erasing(t);
	echo(t, t->tio.c_cc[VKILL]);
	if (lflag(t, ECHOK) && lflag(t, ECHO))
		ldisc_output(t, '\n');
}

static void reprint(struct tty *t)
{
	echo(t, t->tio.c_cc[VREPRINT]);
	ldisc_output(t, '\n');
	for (u32 i = t->canon; i != t->head; i++)
		echo(t, t->in[at(i)]);
}

/* --- input --- */

void ldisc_stop(struct tty *t, bool stop)
{
	if (t->stopped == stop)
		return;
	tty_packet(t, stop ? TIOCPKT_STOP : TIOCPKT_START);
	t->stopped = stop;
	if (!stop && waitq_active(&t->writers))
		wake_up_all(&t->writers);
}

void ldisc_flush_input(struct tty *t)
{
	t->tail = t->canon = t->head;
	memset(t->ends, 0, sizeof(t->ends));
	memset(t->eofs, 0, sizeof(t->eofs));
	t->literal = false;
}

static bool store(struct tty *t, u8 c, bool end, bool eof)
{
	/* The last place is kept for the byte that ends a line: termios(3), canonical mode. */
	u32 room = TTY_IN_SIZE - (t->head - t->tail);

	if (!room || (tty_edits(t) && !end && room == 1))
		return false;
	t->in[at(t->head)] = c;
	mark(t->ends, t->head, end);
	mark(t->eofs, t->head, eof);
	t->head++;
	if (end || !tty_edits(t))
		t->canon = t->head;
	return true;
}

static bool signal_char(struct tty *t, u8 c, struct tty_signals *sig)
{
	int signo;

	if (is_cc(t, c, VINTR))
		signo = SIGINT;
	else if (is_cc(t, c, VQUIT))
		signo = SIGQUIT;
	else if (is_cc(t, c, VSUSP))
		signo = SIGTSTP;
	else
		return false;
	if (sig->n < ARRAY_SIZE(sig->signo))
		sig->signo[sig->n++] = signo;
	if (!lflag(t, NOFLSH)) {
		ldisc_flush_input(t);
		ring_reset(&t->out);
		tty_packet(t, TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE);
	}
	ldisc_stop(t, false);
	echo(t, c);
	return true;
}

static bool canon_char(struct tty *t, u8 c, bool *done)
{
	*done = true;
	if (is_cc(t, c, VERASE)) {
		if (t->head == t->canon)
			return true;
		erase_one(t);
		if (t->head == t->canon && lflag(t, ECHO))
			end_erasing(t);
		return true;
	}
	if (is_cc(t, c, VKILL)) {
		kill_line(t);
		return true;
	}
	if (lflag(t, IEXTEN) && is_cc(t, c, VWERASE)) {
		erase_word(t);
		return true;
	}
	if (lflag(t, IEXTEN) && is_cc(t, c, VREPRINT) && lflag(t, ECHO)) {
		reprint(t);
		return true;
	}
	if (lflag(t, IEXTEN) && is_cc(t, c, VLNEXT)) {
		t->literal = true;
		if (lflag(t, ECHO) && lflag(t, ECHOCTL))
			echo_str(t, "^\b");
		return true;
	}
	if (is_cc(t, c, VEOF))
		return store(t, 0, true, true);
	if (c == '\n' || is_cc(t, c, VEOL) || (lflag(t, IEXTEN) && is_cc(t, c, VEOL2))) {
		if (!store(t, c, true, false))
			return false;
		if (c != '\n')
			echo(t, c);
		else if (lflag(t, ECHO) || lflag(t, ECHONL))
			ldisc_output(t, c);
		return true;
	}
	*done = false;
	return true;
}

bool ldisc_input(struct tty *t, u8 c, struct tty_signals *sig)
{
	tcflag_t i = t->tio.c_iflag;
	bool done;

	if (i & ISTRIP)
		c &= 0x7f;
	if ((i & IUCLC) && lflag(t, IEXTEN))
		c = (u8)tolower_(c);
	if (lflag(t, EXTPROC))
		return store(t, c, false, false);
	if (t->literal) {
		t->literal = false;
		goto plain;
	}
	if (i & IXON) {
		if (is_cc(t, c, VSTOP)) {
			ldisc_stop(t, true);
			return true;
		}
		if (is_cc(t, c, VSTART)) {
			ldisc_stop(t, false);
			return true;
		}
		if (i & IXANY)
			ldisc_stop(t, false);
	}
	if (lflag(t, ISIG) && signal_char(t, c, sig))
		return true;
	if (c == '\r') {
		if (i & IGNCR)
			return true;
		if (i & ICRNL)
			c = '\n';
	} else if (c == '\n' && (i & INLCR)) {
		c = '\r';
	}
	if (lflag(t, ICANON)) {
		if (!canon_char(t, c, &done))
			return false;
		if (done)
			return true;
	}
plain:
	if (lflag(t, ICANON) && t->head == t->canon)
		t->canon_column = t->column;
	if (!store(t, c, false, false)) {
		if (!lflag(t, ICANON))
			return false; /* the line waits */
		if (i & IMAXBEL)
			put_raw(t, "\a", 1);
		return true; /* an over-long line loses what does not fit */
	}
	/* A byte that looks like the mark of an error is doubled. */
	if (c == 0xff && (i & PARMRK))
		store(t, c, false, false);
	if (lflag(t, ECHO))
		end_erasing(t);
	echo(t, c);
	return true;
}

size_t ldisc_readable(struct tty *t)
{
	return t->canon - t->tail;
}

size_t ldisc_take(struct tty *t, u8 *to, size_t n, bool *line_done)
{
	size_t got = 0;

	*line_done = false;
	while (t->tail != t->canon) {
		bool end = marked(t->ends, t->tail), eof = marked(t->eofs, t->tail);

		if (!eof) {
			if (got == n)
				break;
			to[got++] = t->in[at(t->tail)];
		}
		mark(t->ends, t->tail, false);
		mark(t->eofs, t->tail, false);
		t->tail++;
		if (end && tty_edits(t)) {
			*line_done = true;
			break;
		}
	}
	return got;
}

/* ^S and ^Q are what packet mode tells of, ioctl_tty(2). */
static bool usual_flow(const struct termios *tio)
{
	return (tio->c_iflag & IXON) && tio->c_cc[VSTOP] == CTRL('S') &&
	       tio->c_cc[VSTART] == CTRL('Q');
}

void ldisc_set_termios(struct tty *t, const struct termios *tio)
{
	bool was = tty_edits(t), flow = usual_flow(&t->tio);
	u8 told = (t->tio.c_lflag | tio->c_lflag) & EXTPROC ? TIOCPKT_IOCTL : 0;

	t->tio = *tio;
	if (was != tty_edits(t)) {
		/*
		 * A half-typed line can be read now; what is there when editing begins counts as one line: it ends with
		 * the last byte.
		 */
		memset(t->ends, 0, sizeof(t->ends));
		memset(t->eofs, 0, sizeof(t->eofs));
		t->canon = t->head;
		t->erasing = false;
		if (!was && t->head != t->tail)
			mark(t->ends, t->head - 1, true);
	}
	if (!(t->tio.c_iflag & IXON))
		ldisc_stop(t, false);
	if (usual_flow(&t->tio) != flow)
		told |= flow ? TIOCPKT_NOSTOP : TIOCPKT_DOSTOP;
	if (told)
		tty_packet(t, told);
}
