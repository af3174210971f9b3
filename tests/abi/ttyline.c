/*
 * The line discipline beside Linux: what is typed at the master of a pseudo-terminal, under many settings, and what
 * the slave reads and the master sees; what the slave writes; read(2) with MIN and TIME; the ioctls of terminals.
 */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <termios.h>

/* The kernel's structures, by names that no C library has. */
struct modes {
	uint32_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line, c_cc[19];
};
struct modes2 {
	uint32_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line, c_cc[19];
	uint32_t c_ispeed, c_ospeed;
};
struct short_modes {
	uint16_t c_iflag, c_oflag, c_cflag, c_lflag;
	uint8_t c_line, c_cc[8];
};
enum { GET2 = 0x802c542a, SET2 = 0x402c542b, SETW2, SETF2, SOME_SPEED = 0x1000 };

static int master, slave;

static void show(const char *what, const char *s, ssize_t n)
{
	say("%s", what);
	if (n < 0)
		say(" %s", ename(errno));
	else
		say(" %zd ", n);
	for (ssize_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\\' || c < 32 || c > 126)
			say("\\%02x", c);
		else
			say("%c", c);
	}
}

static void open_pair(void)
{
	char name[40];
	int zero = 0, nr;

	master = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK));
	MUST(ioctl(master, TIOCSPTLCK, &zero));
	MUST(ioctl(master, TIOCGPTN, &nr));
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
	slave = MUST(open(name, O_RDWR | O_NOCTTY | O_NONBLOCK));
}

static void close_pair(void)
{
	close(master);
	close(slave);
}

/* The slave's input is worked on behind the write: wait until nothing changes any more. */
static void settle(void)
{
	usleep(20000);
}

static void show_reads(void)
{
	char buf[600];
	ssize_t n;

	settle();
	for (int i = 0; i < 6; i++) {
		n = read(slave, buf, sizeof(buf));
		show(" | read", buf, n);
		if (n < 0)
			break;
	}
	n = read(master, buf, sizeof(buf));
	show(" | seen", buf, n);
	say("\n");
}

struct setting {
	const char *name;
	unsigned i_on, i_off, o_on, o_off, l_on, l_off, c_on, c_off;
	int cc, value; /* one character */
	const char *text;
	int n; /* bytes of it, 0: all up to the NUL */
};

static const struct setting settings[] = {
	{ .name = "as it is", .text = "one\ntwo\rthree" },
	{ .name = "erase", .text = "abc\177\177d\n" },
	{ .name = "erase at the start", .text = "\177\177a\n" },
	{ .name = "erase, no ECHOE", .l_off = ECHOE, .text = "abc\177d\n" },
	{ .name = "erase, ECHOPRT", .l_on = ECHOPRT, .text = "abc\177\177d\177\n" },
	{ .name = "erase a tab", .text = "a\tb\177\177c\n" },
	{ .name = "erase a control", .text = "a\001\002\177b\n" },
	{ .name = "erase a control, no ECHOCTL", .l_off = ECHOCTL, .text = "a\001\002\177b\n" },
	{ .name = "no ECHO", .l_off = ECHO, .text = "abc\177\n" },
	{ .name = "ECHONL", .l_off = ECHO, .l_on = ECHONL, .text = "ab\nc" },
	{ .name = "kill", .text = "abc\025d\n" },
	{ .name = "kill, no ECHOKE", .l_off = ECHOKE, .text = "abc\025d\n" },
	{ .name = "kill, no ECHOK", .l_off = ECHOKE | ECHOK, .text = "abc\025d\n" },
	{ .name = "word", .text = "one two  three\027x\n" },
	{ .name = "word, signs", .text = "a/b.c_d--\027x\n" },
	{ .name = "word, no IEXTEN", .l_off = IEXTEN, .text = "one two\027x\n" },
	{ .name = "next", .text = "a\026\003b\026\177\026\n\n" },
	{ .name = "next, no IEXTEN", .l_off = IEXTEN, .text = "a\026\026b\n" },
	{ .name = "reprint", .text = "abc\022d\n" },
	{ .name = "end of file", .text = "abc\004\004" },
	{ .name = "end of file at the start", .text = "\004abc\n\004x\n" },
	{ .name = "EOL", .cc = VEOL, .value = ':', .text = "ab:cd\n" },
	{ .name = "EOL2", .cc = VEOL2, .value = ';', .text = "ab;cd\n" },
	{ .name = "EOL2, no IEXTEN", .cc = VEOL2, .value = ';', .l_off = IEXTEN, .text = "ab;cd\n" },
	{ .name = "UTF-8", .i_on = IUTF8, .text = "a\303\244\342\202\254\177\177b\n" },
	{ .name = "no UTF-8", .i_off = IUTF8, .text = "a\303\244\177b\n" },
	{ .name = "INLCR", .i_on = INLCR, .text = "a\nb\r" },
	{ .name = "IGNCR", .i_on = IGNCR, .text = "a\rb\n" },
	{ .name = "no ICRNL", .i_off = ICRNL, .text = "a\rb\n" },
	{ .name = "ISTRIP", .i_on = ISTRIP, .text = "a\341\342\n" },
	{ .name = "IUCLC", .i_on = IUCLC, .text = "aBC\n" },
	{ .name = "IUCLC, no IEXTEN", .i_on = IUCLC, .l_off = IEXTEN, .text = "aBC\n" },
	{ .name = "PARMRK", .i_on = PARMRK, .text = "a\377b\n" },
	{ .name = "PARMRK, ISTRIP", .i_on = PARMRK | ISTRIP, .text = "a\377b\n" },
	{ .name = "a NUL", .text = "a\0b\n", .n = 4 },
	{ .name = "stop and start", .text = "ab\023cd\021e\n" },
	{ .name = "IXANY", .i_on = IXANY, .text = "ab\023cde\n" },
	{ .name = "no IXON", .i_off = IXON, .text = "a\023\021b\n" },
	{ .name = "signals without a session", .text = "abc\003def\034\032g\n" },
	{ .name = "NOFLSH", .l_on = NOFLSH, .text = "abc\003def\n" },
	{ .name = "no ISIG", .l_off = ISIG, .text = "a\003\034\032b\n" },
	{ .name = "no INTR", .cc = VINTR, .value = 0, .text = "a\003b\n" },
	{ .name = "another erase", .cc = VERASE, .value = '#', .text = "ab#c\n" },
	{ .name = "a backslash", .text = "a\\\177b\\\025c\n" },
	{ .name = "no ICANON", .l_off = ICANON, .text = "a\177\025\004\027b\n" },
	{ .name = "no ICANON, no ECHO", .l_off = ICANON | ECHO, .text = "ab\n" },
	{ .name = "raw", .i_off = ~0u, .o_off = ~0u, .l_off = ~0u, .text = "a\r\n\003\004\377\0b", .n = 8 },
	{ .name = "no ICANON, next", .l_off = ICANON, .text = "a\026\003b" },
	{ .name = "XCASE", .l_on = XCASE, .i_on = IUCLC, .o_on = OLCUC, .text = "ab\\cD\n" },
	{ .name = "no OPOST", .o_off = OPOST, .text = "a\nb\n" },
	{ .name = "OCRNL", .o_on = OCRNL, .i_off = ICRNL, .text = "a\rb\n" },
	{ .name = "FLUSHO", .text = "a\017b\n" },
	{ .name = "EXTPROC", .l_on = EXTPROC, .text = "a\177\003b\n" },
	{ .name = "bell", .text = "a\007b\n" },
	{ .name = "CREAD off", .c_off = CREAD, .text = "ab\n" },
	{ .name = "seven bits", .c_off = CSIZE, .c_on = CS7, .text = "a\341b\n" },
};

static void apply(const struct setting *s, struct modes2 *t)
{
	t->c_iflag = (t->c_iflag & ~s->i_off) | s->i_on;
	t->c_oflag = (t->c_oflag & ~s->o_off) | s->o_on;
	t->c_lflag = (t->c_lflag & ~s->l_off) | s->l_on;
	t->c_cflag = (t->c_cflag & ~s->c_off) | s->c_on;
	if (s->name[0] == 'E' || s->cc || strstr(s->name, "INTR"))
		if (s->cc || strstr(s->name, "INTR"))
			t->c_cc[s->cc] = (unsigned char)s->value;
}

static void input(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *s = &settings[i];
		struct modes2 t;

		open_pair();
		MUST(ioctl(slave, GET2, &t));
		apply(s, &t);
		MUST(ioctl(slave, SET2, &t));
		MUST(write(master, s->text, s->n ? (size_t)s->n : strlen(s->text)));
		say("%s:", s->name);
		show_reads();
		close_pair();
	}
}

/* What the slave writes, as the master sees it. */
static void output(void)
{
	static const struct {
		const char *name;
		unsigned on, off;
		const char *text;
	} rows[] = {
		{ "as it is", 0, 0, "a\nb\rc\td\be" },
		{ "no ONLCR", 0, ONLCR, "a\nb" },
		{ "OCRNL", OCRNL, 0, "a\rb" },
		{ "ONOCR", ONOCR, 0, "\ra\rb\n\r" },
		{ "ONLRET", ONLRET, 0, "a\rb\n\r" },
		{ "ONLRET, ONOCR", ONLRET | ONOCR, ONLCR, "a\n\rb\r" },
		{ "OLCUC", OLCUC, 0, "aBc" },
		{ "XTABS", XTABS, 0, "a\tbcdefgh\t\tx\n\ty" },
		{ "XTABS and backspace", XTABS, 0, "abc\b\b\tx" },
		{ "XTABS, UTF-8", XTABS, 0, "\303\244\tx" },
		{ "OFILL, delays", OFILL | NL1 | CR3 | TAB1 | BS1 | VT1 | FF1, 0, "a\n\r\t\b\v\fb" },
		{ "no OPOST", 0, OPOST, "a\n\tb" },
	};
	char buf[300];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct modes2 t;

		open_pair();
		MUST(ioctl(slave, GET2, &t));
		t.c_oflag = (t.c_oflag & ~rows[i].off) | rows[i].on;
		MUST(ioctl(slave, SET2, &t));
		say("%s: %zd", rows[i].name, write(slave, rows[i].text, strlen(rows[i].text)));
		settle();
		ssize_t n = read(master, buf, sizeof(buf));
		show(" | seen", buf, n);
		say("\n");
		close_pair();
	}
}

/* read(2) without ICANON: MIN and TIME (tenths of a second). */
static void min_time(void)
{
	static const struct {
		int min, time;
		const char *before;
		size_t ask;
	} rows[] = {
		{ 0, 0, "", 10 },    { 0, 0, "abc", 2 },  { 1, 0, "abc", 10 }, { 3, 0, "abcd", 2 }, { 3, 0, "abcd", 10 },
		{ 0, 1, "", 10 },    { 0, 1, "ab", 10 },  { 5, 1, "ab", 10 },  { 5, 1, "ab", 2 },   { 2, 1, "ab", 10 },
		{ 255, 1, "a", 10 },
	};
	char buf[30];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct modes2 t;
		struct pollfd p;

		open_pair();
		MUST(fcntl(slave, F_SETFL, 0));
		MUST(ioctl(slave, GET2, &t));
		t.c_lflag &= ~(unsigned)(ICANON | ECHO);
		t.c_cc[VMIN] = (unsigned char)rows[i].min;
		t.c_cc[VTIME] = (unsigned char)rows[i].time;
		MUST(ioctl(slave, SET2, &t));
		write(master, rows[i].before, strlen(rows[i].before));
		settle();
		p = (struct pollfd){ slave, POLLIN, 0 };
		say("MIN %d TIME %d, %zu there: poll %d", rows[i].min, rows[i].time, strlen(rows[i].before), poll(&p, 1, 0));
		ssize_t n = read(slave, buf, rows[i].ask);
		show(" | read", buf, n);
		say("\n");
		close_pair();
	}
}

/* Lines that are longer than there is room for; what is unread when ICANON changes. */
static void odds(void)
{
	static char big[6000], got[8000];
	struct modes2 t;
	ssize_t n;
	int left;

	open_pair();
	MUST(ioctl(slave, GET2, &t));
	t.c_lflag &= ~(unsigned)ECHO;
	MUST(ioctl(slave, SET2, &t));
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 3; i++)
		n = write(master, big, 2000);
	settle();
	write(master, "\n", 1);
	settle();
	n = read(slave, got, sizeof(got));
	say("a long line: %zd, ends with a newline %d\n", n, n > 0 && got[n - 1] == '\n');
	close_pair();

	open_pair();
	write(master, "abc\nde", 6);
	settle();
	R(ioctl(slave, FIONREAD, &left));
	say("%d\n", left);
	MUST(ioctl(slave, GET2, &t));
	t.c_lflag &= ~(unsigned)ICANON;
	MUST(ioctl(slave, SET2, &t));
	R(ioctl(slave, FIONREAD, &left));
	say("%d\n", left);
	n = read(slave, got, 2);
	show("a part", got, n);
	t.c_lflag |= ICANON;
	MUST(ioctl(slave, SET2, &t));
	n = read(slave, got, 20);
	show(" the rest", got, n);
	say("\n");
	write(master, "fg\n", 3);
	show_reads();
	/* a part of a line */
	write(master, "hello\nxy\n", 9);
	settle();
	n = read(slave, got, 3);
	show("three", got, n);
	n = read(slave, got, 20);
	show(" then", got, n);
	n = read(slave, got, 20);
	show(" then", got, n);
	say("\n");
	write(master, "lost\n", 5);
	settle();
	R(ioctl(slave, TCFLSH, TCIFLUSH));
	write(master, "kept\n", 5);
	show_reads();
	write(master, "flushed\n", 8);
	settle();
	MUST(ioctl(slave, GET2, &t));
	R(ioctl(slave, SETF2, &t));
	show_reads();
	write(slave, "out\n", 4);
	R(ioctl(slave, TCFLSH, TCOFLUSH));
	settle();
	read(master, got, sizeof(got)); /* as much as was on its way already */
	R(ioctl(slave, TCFLSH, 3));
	R(ioctl(slave, TCXONC, TCOOFF));
	n = write(slave, "held", 4);
	say("write %s\n", n < 0 ? ename(errno) : "ok");
	R(ioctl(slave, TCXONC, TCOON));
	n = read(master, got, sizeof(got));
	show("seen", got, n);
	say("\n");
	R(ioctl(slave, TCXONC, TCIOFF));
	R(ioctl(slave, TCXONC, TCION));
	settle();
	n = read(master, got, sizeof(got));
	show("seen", got, n);
	say("\n");
	R(ioctl(slave, TCXONC, 4));
	R(ioctl(slave, TCSBRK, 0));
	R(ioctl(slave, TCSBRK, 1));
	R(ioctl(slave, TCSBRKP, 0));
	close_pair();
}

static void ioctls(void)
{
	static const struct {
		const char *name;
		unsigned long nr;
	} rows[] = {
#define ROW(x) { #x, x }
		ROW(TCGETS), { "TCGETS2", 0x802c542a }, ROW(TCGETA), ROW(TIOCGWINSZ), ROW(TIOCGPGRP), ROW(TIOCGSID), ROW(TIOCOUTQ),
		ROW(FIONREAD), { "TIOCMGET", 0x5415 }, ROW(TIOCGSOFTCAR), ROW(TIOCGETD), { "TIOCGSERIAL", 0x541e }, { "TIOCGICOUNT", 0x545d },
		ROW(TIOCGPTN), ROW(TIOCGPTLCK), ROW(TIOCGPKT), ROW(TIOCGEXCL), { "TIOCGLCKTRMIOS", 0x5456 }, { "TIOCSBRK", 0x5427 },
		{ "TIOCCBRK", 0x5428 }, ROW(TIOCVHANGUP), { "FIOQSIZE", 0x5460 }, { "TIOCGRS485", 0x542e }, { "TIOCMIWAIT", 0x545c },
	};
	/* TIOCCONS and TIOCVHANGUP without the right; the latter would end the terminal */
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			unsigned char buf[256];
			int fd, used = 0;

			if (rows[i].nr == TIOCVHANGUP && side == 0)
				continue;
			open_pair();
			fd = side ? master : slave;
			memset(buf, 0xa5, sizeof(buf));
			errno = 0;
			int r = ioctl(fd, rows[i].nr, buf);
			for (int k = 0; k < 256; k++)
				if (buf[k] != 0xa5)
					used = k + 1;
			int varies = rows[i].nr == TIOCGPTN;
			say("%s %s: %s, %d bytes", side ? "master" : "slave", rows[i].name, r < 0 ? ename(errno) : "ok", varies ? 0 : used);
			for (int k = 0; k < used && !varies; k++)
				say(" %02x", buf[k]);
			say("\n");
			close_pair();
		}
	open_pair();
	int v = 1, zero = 0;
	struct modes2 t;
	R(ioctl(slave, TIOCSSOFTCAR, &zero));
	MUST(ioctl(slave, GET2, &t));
	say("CLOCAL %d\n", !!(t.c_cflag & CLOCAL));
	R(ioctl(slave, TIOCSSOFTCAR, &v));
	MUST(ioctl(slave, GET2, &t));
	say("CLOCAL %d\n", !!(t.c_cflag & CLOCAL));
	R(ioctl(slave, TIOCSETD, &zero));
	v = 99;
	R(ioctl(slave, TIOCSETD, &v));
	/* speeds */
	t.c_cflag = (t.c_cflag & ~(unsigned)CBAUD) | SOME_SPEED;
	t.c_ospeed = 12345;
	t.c_ispeed = 12345;
	R(ioctl(slave, SET2, &t));
	MUST(ioctl(slave, GET2, &t));
	say("speed %u %u, cflag %#x\n", t.c_ospeed, t.c_ispeed, t.c_cflag);
	t.c_cflag = (t.c_cflag & ~(unsigned)CBAUD) | B115200;
	R(ioctl(slave, SETW2, &t));
	MUST(ioctl(slave, GET2, &t));
	say("speed %u %u, cflag %#x\n", t.c_ospeed, t.c_ispeed, t.c_cflag);
	/* the old, short one */
	struct short_modes old;
	MUST(ioctl(slave, TCGETA, &old));
	say("termio %#x %#x %#x %#x line %d cc %d %d\n", old.c_iflag, old.c_oflag, old.c_cflag, old.c_lflag, old.c_line,
	    old.c_cc[0], old.c_cc[4]);
	old.c_lflag &= (unsigned short)~ECHO;
	R(ioctl(slave, TCSETA, &old));
	R(ioctl(slave, TCSETAW, &old));
	R(ioctl(slave, TCSETAF, &old));
	MUST(ioctl(slave, GET2, &t));
	say("lflag %#x\n", t.c_lflag);
	/* locked settings */
	struct modes lock = { 0 };
	lock.c_lflag = ECHO;
	R(ioctl(slave, 0x5457, &lock));
	t.c_lflag |= ECHO | ECHONL;
	R(ioctl(slave, SET2, &t));
	MUST(ioctl(slave, GET2, &t));
	say("lflag %#x\n", t.c_lflag);
	R(ioctl(slave, 0x5456, &lock));
	say("lock %#x\n", lock.c_lflag);
	close_pair();
}

int main(void)
{
	struct stat st;

	/* The reference Linux boots with an empty /dev. */
	mkdir("/dev/pts", 0755);
	if (stat("/dev/pts/ptmx", &st))
		MUST(mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666"));
	SECTION("input");
	input();
	SECTION("output");
	output();
	SECTION("MIN and TIME");
	min_time();
	SECTION("odds");
	odds();
	SECTION("ioctls");
	ioctls();
	return 0;
}
