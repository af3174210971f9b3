/*
 * stty - a terminal's settings (XCU stty).
 */
#include "common/common.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const char help[] =
	"usage: stty [-F DEVICE] [-a | -g | size | speed]\n"
	"       stty [-F DEVICE] SETTING...\n"
	"Print what of the terminal on standard input is not usual, all (-a), or as a text to set it again (-g);\n"
	"or set it: NAME and -NAME of flags, NAME CHARACTER of keys (^C, undef), rows N, cols N, min N, time N,\n"
	"N (speed), sane, raw, -raw, cooked, cbreak, -cbreak, evenp, nl, ek, dec.\n";

enum where { IN, OUT, CONTROL, LOCAL };

static const struct flag {
	const char *name;
	enum where where;
	tcflag_t bit, mask; /* mask: of a field that the bit is a value of */
	bool sane; /* set in a sane terminal */
} flags[] = {
	{ "parenb", CONTROL, PARENB, 0, false }, { "parodd", CONTROL, PARODD, 0, false },
	{ "cs5", CONTROL, CS5, CSIZE, false },	 { "cs6", CONTROL, CS6, CSIZE, false },
	{ "cs7", CONTROL, CS7, CSIZE, false },	 { "cs8", CONTROL, CS8, CSIZE, true },
	{ "hupcl", CONTROL, HUPCL, 0, true },	 { "cstopb", CONTROL, CSTOPB, 0, false },
	{ "cread", CONTROL, CREAD, 0, true },	 { "clocal", CONTROL, CLOCAL, 0, false },
	{ "ignbrk", IN, IGNBRK, 0, false },	 { "brkint", IN, BRKINT, 0, true },
	{ "ignpar", IN, IGNPAR, 0, false },	 { "parmrk", IN, PARMRK, 0, false },
	{ "inpck", IN, INPCK, 0, false },	 { "istrip", IN, ISTRIP, 0, false },
	{ "inlcr", IN, INLCR, 0, false },	 { "igncr", IN, IGNCR, 0, false },
	{ "icrnl", IN, ICRNL, 0, true },	 { "ixon", IN, IXON, 0, true },
	{ "ixoff", IN, IXOFF, 0, false },	 { "ixany", IN, IXANY, 0, false },
	{ "imaxbel", IN, IMAXBEL, 0, true },	 { "iutf8", IN, IUTF8, 0, false },
	{ "opost", OUT, OPOST, 0, true },	 { "ocrnl", OUT, OCRNL, 0, false },
	{ "onocr", OUT, ONOCR, 0, false },	 { "onlret", OUT, ONLRET, 0, false },
	{ "onlcr", OUT, ONLCR, 0, true },	 { "isig", LOCAL, ISIG, 0, true },
	{ "icanon", LOCAL, ICANON, 0, true },	 { "iexten", LOCAL, IEXTEN, 0, true },
	{ "echo", LOCAL, ECHO, 0, true },	 { "echoe", LOCAL, ECHOE, 0, true },
	{ "echok", LOCAL, ECHOK, 0, true },	 { "echonl", LOCAL, ECHONL, 0, false },
	{ "noflsh", LOCAL, NOFLSH, 0, false },	 { "tostop", LOCAL, TOSTOP, 0, false },
	{ "echoctl", LOCAL, ECHOCTL, 0, true },	 { "echoke", LOCAL, ECHOKE, 0, true },
	{ "extproc", LOCAL, EXTPROC, 0, false },
};

static const struct key {
	const char *name;
	int index;
	cc_t sane;
} keys[] = {
	{ "intr", VINTR, 3 },	 { "quit", VQUIT, 28 },	      { "erase", VERASE, 127 },
	{ "kill", VKILL, 21 },	 { "eof", VEOF, 4 },	      { "eol", VEOL, 0 },
	{ "eol2", VEOL2, 0 },	 { "start", VSTART, 17 },     { "stop", VSTOP, 19 },
	{ "susp", VSUSP, 26 },	 { "rprnt", VREPRINT, 18 },   { "werase", VWERASE, 23 },
	{ "lnext", VLNEXT, 22 }, { "discard", VDISCARD, 15 },
};

static const struct {
	speed_t code;
	long bauds;
} speeds[] = { { B0, 0 },	  { B50, 50 },	     { B300, 300 },	  { B1200, 1200 },
	       { B2400, 2400 },	  { B4800, 4800 },   { B9600, 9600 },	  { B19200, 19200 },
	       { B38400, 38400 }, { B57600, 57600 }, { B115200, 115200 }, { B230400, 230400 } };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int fd;
static struct termios t;

static tcflag_t *field(enum where w)
{
	return w == IN	    ? &t.c_iflag :
	       w == OUT	    ? &t.c_oflag :
	       w == CONTROL ? &t.c_cflag :
			      &t.c_lflag;
}

static long bauds(void)
{
	for (size_t i = 0; i < COUNT(speeds); i++)
		if (speeds[i].code == cfgetospeed(&t))
			return speeds[i].bauds;
	return 0;
}

static const char *key_text(cc_t c)
{
	static char text[8];

	if (!c)
		return "<undef>";
	if (c < 32)
		snprintf(text, sizeof(text), "^%c", c + '@');
	else if (c == 127)
		strcpy(text, "^?");
	else
		snprintf(text, sizeof(text), c < 127 ? "%c" : "\\%o", c);
	return text;
}

static void show(bool all)
{
	struct winsize size = { 0 };
	enum where last = CONTROL;
	bool any = false;

	printf("speed %ld baud;", bauds());
	if (all) {
		ioctl(fd, TIOCGWINSZ, &size);
		printf(" rows %u; columns %u;", size.ws_row, size.ws_col);
	}
	printf(" line = %d;\n", t.c_line);
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!all && t.c_cc[keys[i].index] == keys[i].sane)
			continue;
		printf("%s%s = %s;", any ? " " : "", keys[i].name, key_text(t.c_cc[keys[i].index]));
		any = true;
	}
	if (all)
		printf(" min = %u; time = %u;", t.c_cc[VMIN], t.c_cc[VTIME]);
	if (any || all)
		putchar('\n');
	any = false;
	for (size_t i = 0; i < COUNT(flags); i++) {
		const struct flag *f = &flags[i];
		bool on = f->mask ? (*field(f->where) & f->mask) == f->bit :
				    (*field(f->where) & f->bit) != 0;

		if (f->mask ? !on || (!all && f->sane) : !all && on == f->sane)
			continue;
		if (any)
			putchar(f->where != last ? '\n' : ' ');
		printf("%s%s", on ? "" : "-", f->name);
		last = f->where;
		any = true;
	}
	if (any)
		putchar('\n');
}

static void set_flag(const struct flag *f, bool on)
{
	if (f->mask)
		*field(f->where) = (*field(f->where) & ~f->mask) | f->bit;
	else if (on)
		*field(f->where) |= f->bit;
	else
		*field(f->where) &= ~f->bit;
}

static void sane(void)
{
	for (size_t i = 0; i < COUNT(flags); i++)
		if (!flags[i].mask || flags[i].sane)
			set_flag(&flags[i], flags[i].sane);
	for (size_t i = 0; i < COUNT(keys); i++)
		t.c_cc[keys[i].index] = keys[i].sane;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
}

static void raw(bool on)
{
	if (on) {
		t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | ISTRIP |
					 INLCR | IGNCR | ICRNL | IXON | IXOFF | IXANY | IMAXBEL);
		t.c_oflag &= ~(tcflag_t)OPOST;
		t.c_lflag &= ~(tcflag_t)(ISIG | ICANON);
		t.c_cc[VMIN] = 1;
		t.c_cc[VTIME] = 0;
	} else {
		t.c_iflag |= BRKINT | IGNPAR | ICRNL | IXON;
		t.c_oflag |= OPOST;
		t.c_lflag |= ISIG | ICANON;
		t.c_cc[VEOF] = 4;
		t.c_cc[VEOL] = 0;
	}
}

static bool load(const char *text)
{
	unsigned long v[64];
	char *s = (char *)text;
	size_t n = 0;

	for (; n < 64; s++) {
		v[n++] = strtoul(s, &s, 16);
		if (*s != ':')
			break;
	}
	if (*s || n != 4 + NCCS)
		return false;
	t.c_iflag = (tcflag_t)v[0];
	t.c_oflag = (tcflag_t)v[1];
	t.c_cflag = (tcflag_t)v[2];
	t.c_lflag = (tcflag_t)v[3];
	for (size_t i = 0; i < NCCS; i++)
		t.c_cc[i] = (cc_t)v[4 + i];
	return true;
}

static cc_t key_of(const char *s)
{
	if (!strcmp(s, "undef") || !strcmp(s, "^-"))
		return 0;
	if (*s == '^' && s[1])
		return s[1] == '?' ? 127 : (cc_t)(s[1] & 31);
	return (cc_t)*s;
}

/* One setting; how many words it took. */
static int set(char **w)
{
	const char *name = w[0];
	bool on = *name != '-';
	struct winsize size;

	name += !on;
	if (!strcmp(name, "sane"))
		sane();
	else if (!strcmp(name, "raw"))
		raw(on);
	else if (!strcmp(name, "cooked"))
		raw(!on);
	else if (!strcmp(name, "cbreak"))
		t.c_lflag = on ? t.c_lflag & ~(tcflag_t)ICANON : t.c_lflag | ICANON;
	else if (!strcmp(name, "nl"))
		on ? (t.c_iflag &= ~(tcflag_t)ICRNL, t.c_oflag &= ~(tcflag_t)ONLCR) :
		     (t.c_iflag |= ICRNL, t.c_oflag |= ONLCR);
	else if (!strcmp(name, "ek"))
		t.c_cc[VERASE] = 127, t.c_cc[VKILL] = 21;
	else if (!strcmp(name, "evenp") || !strcmp(name, "parity"))
		t.c_cflag = on ? (t.c_cflag & ~(tcflag_t)CSIZE & ~(tcflag_t)PARODD) | PARENB | CS7 :
				 (t.c_cflag & ~(tcflag_t)CSIZE & ~(tcflag_t)PARENB) | CS8;
	else if (!strcmp(name, "crterase"))
		on ? (t.c_lflag |= ECHOE) : (t.c_lflag &= ~(tcflag_t)ECHOE);
	else if (!strcmp(name, "size") || !strcmp(name, "speed"))
		return 1;
	else if (w[1] &&
		 (!strcmp(name, "rows") || !strcmp(name, "cols") || !strcmp(name, "columns"))) {
		ioctl(fd, TIOCGWINSZ, &size);
		*(*name == 'r' ? &size.ws_row : &size.ws_col) =
			(unsigned short)number_arg(w[1], 0, 65535, false);
		if (ioctl(fd, TIOCSWINSZ, &size))
			err(1, "%s", name);
		return 2;
	} else if (w[1] && (!strcmp(name, "min") || !strcmp(name, "time"))) {
		t.c_cc[*name == 'm' ? VMIN : VTIME] = (cc_t)number_arg(w[1], 0, 255, false);
		return 2;
	} else if (w[1] && (!strcmp(name, "ispeed") || !strcmp(name, "ospeed"))) {
		return 1 + set(w + 1);
	} else if (strchr(name, ':') && load(name)) {
		return 1;
	} else {
		for (size_t i = 0; i < COUNT(flags); i++) {
			if (!strcmp(flags[i].name, name)) {
				set_flag(&flags[i], on);
				return 1;
			}
		}
		for (size_t i = 0; i < COUNT(keys); i++) {
			if (!strcmp(keys[i].name, name) && w[1]) {
				t.c_cc[keys[i].index] = key_of(w[1]);
				return 2;
			}
		}
		for (size_t i = 0; i < COUNT(speeds); i++) {
			if (*name >= '0' && *name <= '9' && speeds[i].bauds == atol(name)) {
				cfsetispeed(&t, speeds[i].code);
				cfsetospeed(&t, speeds[i].code);
				return 1;
			}
		}
		errx(1, "invalid argument '%s'", w[0]);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct winsize size;
	int i = 1;

	help_option(argc, argv, help);
	if (i + 1 < argc && !strcmp(argv[i], "-F")) {
		fd = open(argv[i + 1], O_RDWR | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			err(1, "%s", argv[i + 1]);
		i += 2;
	}
	if (tcgetattr(fd, &t))
		err(1, "standard input");
	if (i == argc || !strcmp(argv[i], "-a")) {
		show(i < argc);
		return finish(0);
	}
	if (!strcmp(argv[i], "-g")) {
		printf("%x:%x:%x:%x", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
		for (int k = 0; k < NCCS; k++)
			printf(":%x", t.c_cc[k]);
		putchar('\n');
		return finish(0);
	}
	for (int k = i; k < argc; k++) {
		if (!strcmp(argv[k], "size")) {
			if (ioctl(fd, TIOCGWINSZ, &size))
				err(1, "standard input");
			printf("%u %u\n", size.ws_row, size.ws_col);
		} else if (!strcmp(argv[k], "speed")) {
			printf("%ld\n", bauds());
		}
	}
	while (i < argc)
		i += set(argv + i);
	if (tcsetattr(fd, TCSADRAIN, &t))
		err(1, "standard input");
	return finish(0);
}
