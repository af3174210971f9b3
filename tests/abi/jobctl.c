/*
 * Job control on a pseudo-terminal: controlling terminals, foreground groups, SIGTTIN and SIGTTOU,
 * ^C and ^Z, hang-ups, orphaned groups, vhangup, SIGWINCH.
 */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <termios.h>

static char name[64];
static int m;
static volatile sig_atomic_t got[65];

static void note(int sig)
{
	got[sig]++;
}

static void notes(const char *what)
{
	say("%s:", what);
	for (int i = 1; i < 32; i++)
		if (got[i])
			say(" %s", sname(i));
	say("\n");
	memset((void *)got, 0, sizeof(got));
}

static void watch(int sig)
{
	struct sigaction sa = { .sa_handler = note };

	sigaction(sig, &sa, NULL);
}

static void make_pair(void)
{
	int zero = 0, nr;

	m = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	MUST(ioctl(m, TIOCSPTLCK, &zero));
	MUST(ioctl(m, TIOCGPTN, &nr));
	snprintf(name, sizeof(name), "/dev/pts/%d", nr);
}

static pid_t child(void (*fn)(void))
{
	pid_t pid = MUST(fork());

	if (!pid) {
		fn();
		_exit(0);
	}
	return pid;
}

static void end(const char *what, pid_t pid, int options)
{
	int st;
	pid_t r = waitpid(pid, &st, options);

	say("%s: %s\n", what, r == pid ? wait_text(st) : "nobody");
}

static int s;

static void background_read(void)
{
	char c;

	R(read(s, &c, 1));
}

static void background_read_ignored(void)
{
	char c;

	signal(SIGTTIN, SIG_IGN);
	R(read(s, &c, 1));
}

static void background_write(void)
{
	R(write(s, "b", 1));
}

static void background_attr(void)
{
	struct termios t;

	MUST(tcgetattr(s, &t));
	R(tcsetattr(s, TCSANOW, &t));
}

static void background_attr_ignored(void)
{
	signal(SIGTTOU, SIG_IGN);
	background_attr();
}

static int ready[2]; /* a pipe */

static void waits(void)
{
	signal(SIGHUP, SIG_DFL);
	close(m);
	write(ready[1], "x", 1);
	for (;;)
		pause();
}

/* In a group of its own, in the background of our terminal. */
static pid_t in_background(void (*fn)(void))
{
	pid_t pid = MUST(fork());

	if (!pid) {
		setpgid(0, 0);
		fn();
		_exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

/* One that waits there for a signal, and has no master open. */
static pid_t waiter(void)
{
	pid_t pid = in_background(waits);
	char c;

	read(ready[0], &c, 1);
	return pid;
}

static void session(void)
{
	struct termios t;
	struct winsize ws = { 10, 20, 0, 0 };
	pid_t pid, sid = 0;
	int st;

	SECTION("controlling terminal");
	R(open("/dev/tty", O_RDWR));
	R(setsid() == getpid());
	s = MUST(open(name, O_RDWR | O_NOCTTY));
	R(tcgetpgrp(s));
	R(open("/dev/tty", O_RDWR));
	R(ioctl(s, TIOCSCTTY, 0));
	R(ioctl(s, TIOCSCTTY, 0));
	R(tcgetpgrp(s) == getpid());
	R(ioctl(s, TIOCGSID, &sid));
	say("%d\n", sid == getpid());
	int tty = MUST(open("/dev/tty", O_RDWR));
	R(write(tty, "t", 1));
	R(tcgetpgrp(tty) == getpid());
	R(tcgetpgrp(m) == getpid());
	R(tcsetpgrp(s, 999999));
	R(tcsetpgrp(s, 1));
	R(tcsetpgrp(s, getppid()));
	R(ioctl(s, TIOCSPGRP, &(int){ -1 }));

	SECTION("background");
	pid = in_background(background_read);
	end("read", pid, WUNTRACED);
	kill(pid, SIGKILL);
	end("then", pid, 0);
	end("read, SIGTTIN ignored", in_background(background_read_ignored), WUNTRACED);
	end("write", in_background(background_write), WUNTRACED);
	MUST(tcgetattr(s, &t));
	t.c_lflag |= TOSTOP;
	MUST(tcsetattr(s, TCSANOW, &t));
	pid = in_background(background_write);
	end("write, TOSTOP", pid, WUNTRACED);
	MUST(tcsetpgrp(s, pid));
	kill(pid, SIGCONT);
	end("continued in the foreground", pid, WUNTRACED);
	signal(SIGTTOU, SIG_IGN);
	MUST(tcsetpgrp(s, getpid()));
	signal(SIGTTOU, SIG_DFL);
	t.c_lflag &= ~(tcflag_t)TOSTOP;
	MUST(tcsetattr(s, TCSANOW, &t));
	pid = in_background(background_attr);
	end("tcsetattr", pid, WUNTRACED);
	kill(pid, SIGKILL);
	end("then", pid, 0);
	end("tcsetattr, SIGTTOU ignored", in_background(background_attr_ignored), WUNTRACED);

	SECTION("keys");
	pid = waiter();
	signal(SIGTTOU, SIG_IGN);
	MUST(tcsetpgrp(s, pid));
	R(write(m, "\x1a", 1));
	end("^Z", pid, WUNTRACED);
	kill(pid, SIGCONT);
	end("SIGCONT", pid, WCONTINUED);
	R(write(m, "\x03", 1));
	end("^C", pid, 0);
	MUST(tcsetpgrp(s, getpid()));
	pid = waiter();
	MUST(tcsetpgrp(s, pid));
	R(write(m, "\x1c", 1));
	end("^\\", pid, 0);
	MUST(tcsetpgrp(s, getpid()));
	watch(SIGWINCH);
	R(ioctl(m, TIOCSWINSZ, &ws));
	sleep_ms(20);
	notes("size");
	R(ioctl(m, TIOCSWINSZ, &ws));
	sleep_ms(20);
	notes("the same size");
	R(ioctl(m, TIOCSIG, SIGWINCH));
	watch(SIGINT);
	R(ioctl(m, TIOCSIG, SIGINT));
	sleep_ms(20);
	notes("TIOCSIG");

	SECTION("another session");
	pid = MUST(fork());
	if (!pid) {
		R(ioctl(s, TIOCSCTTY, 0));
		R(ioctl(s, TIOCNOTTY));
		R(tcgetpgrp(s));
		R(open("/dev/tty", O_RDWR));
		R(setsid() == getpid());
		R(ioctl(s, TIOCSCTTY, 0));
		R(tcsetpgrp(s, getpid()));
		R(ioctl(s, TIOCNOTTY));
		R(read(s, &st, 0));
		_exit(0);
	}
	end("it", pid, 0);
	fflush(stdout);

	SECTION("the leader gives it up");
	watch(SIGHUP);
	watch(SIGCONT);
	R(ioctl(s, TIOCNOTTY));
	sleep_ms(20);
	notes("got");
	R(tcgetpgrp(s));
	R(ioctl(s, TIOCSCTTY, 0));
	R(tcgetpgrp(s) == getpid());

	SECTION("vhangup");
	R(syscall(SYS_vhangup));
	sleep_ms(20);
	notes("got");
	char c;
	R(read(s, &c, 1));
	R(write(s, "x", 1));
	R(tcgetpgrp(s));
	R(open("/dev/tty", O_RDWR));
	close(s);
	s = MUST(open(name, O_RDWR));
	R(tcgetpgrp(s) == getpid());
	R(write(s, "y", 1));

	SECTION("the master closes");
	pid = waiter();
	MUST(tcsetpgrp(s, pid));
	close(m);
	sleep_ms(20);
	notes("got");
	R(read(s, &c, 1));
	R(tcgetpgrp(s));
	say("the foreground waits: %d\n", waitpid(pid, &st, WNOHANG) == 0);
	_exit(pid % 1 + 3);
}

static int told[2], go[2]; /* pipes */

/* Until somebody writes a byte, or nobody can any more. */
static void wait_for(const int p[2])
{
	char c;

	close(p[1]);
	read(p[0], &c, 1);
}

/* The leader ends: its foreground group hears of it. */
static void leader_exits(void)
{
	sigset_t hup, was;
	pid_t pid;

	R(setsid() == getpid());
	s = MUST(open(name, O_RDWR));
	R(tcgetpgrp(s) == getpid());
	watch(SIGHUP);
	watch(SIGCONT);
	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hup, &was);
	pid = MUST(fork());
	if (!pid) {
		int tty;

		setpgid(0, 0);
		write(told[1], "x", 1);
		while (!got[SIGHUP])
			sigsuspend(&was);
		/* The session's terminal goes last. */
		while ((tty = open("/dev/tty", O_RDWR)) >= 0) {
			close(tty);
			sleep_ms(1);
		}
		notes("foreground got");
		R(write(s, "z", 1));
		R(tcgetpgrp(s));
		R(open("/dev/tty", O_RDWR));
		_exit(0);
	}
	setpgid(pid, pid);
	signal(SIGTTOU, SIG_IGN);
	wait_for(told);
	MUST(tcsetpgrp(s, pid));
	_exit(4);
}

/* A stopped group that becomes an orphan is hung up and continued. */
static void orphan(void)
{
	pid_t pid;

	setpgid(0, 0);
	watch(SIGHUP);
	watch(SIGCONT);
	pid = MUST(fork());
	if (!pid) {
		setpgid(0, 0);
		raise(SIGTSTP);
		wait_for(go);
		notes("orphan got");
		/* An orphaned group does not stop. */
		raise(SIGTSTP);
		raise(SIGTTIN);
		say("goes on\n");
		_exit(0);
	}
	setpgid(pid, pid);
	int st;
	waitpid(pid, &st, WUNTRACED);
	say("child %s\n", wait_text(st));
	_exit(5);
}

int main(void)
{
	char buf[512];
	struct pollfd p;

	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "mode=0620,ptmxmode=0666");
	make_pair();
	MUST(pipe(ready));
	pid_t pid = child(session);
	close(m);
	end("session", pid, 0);

	SECTION("the leader exits");
	make_pair();
	MUST(pipe(told));
	pid = child(leader_exits);
	p = (struct pollfd){ m, POLLIN, 0 };
	while (poll(&p, 1, -1) > 0 && read(m, buf, sizeof(buf)) > 0)
		;
	end("leader", pid, 0);
	wait_for(told);
	close(m);

	SECTION("orphans");
	MUST(pipe(go));
	MUST(pipe(told));
	end("parent", child(orphan), 0);
	close(go[1]);
	wait_for(told);
	return 0;
}
