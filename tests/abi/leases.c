/* Leases: F_SETLEASE and F_GETLEASE of fcntl(2), and who has to wait for them. */
#include "abi.h"

static volatile int got, got_fd, got_code, got_band;
static void on_sig(int s, siginfo_t *si, void *u)
{
	(void)u;
	got = s;
	got_fd = si->si_fd;
	got_code = si->si_code;
	got_band = (int)si->si_band;
}

static void heard(const char *what, int fd)
{
	if (got)
		say("%s: %s, its descriptor %d, code %d band %x\n", what, sname(got), got_fd == fd,
		    got_code, got_band);
	else
		say("%s: no signal\n", what);
	got = 0;
}

static void locks(const char *what)
{
	char line[256];
	FILE *f = fopen("/proc/locks", "r");

	say("%s:\n", what);
	while (fgets(line, sizeof(line), f)) {
		char *p = strstr(line, "LEASE");
		if (!p)
			continue;
		p[strcspn(p, "0123456789")] = 0;
		say("  %s|\n", p);
	}
	fclose(f);
}

static void granting(void)
{
	int r, w, rw, r2;

	SECTION("granting");
	put_file("f", "x", 1, 0644);
	r = open("f", O_RDONLY);
	R(fcntl(r, F_GETLEASE));
	R(fcntl(r, F_SETLEASE, F_UNLCK));
	R(fcntl(r, F_SETLEASE, 7));
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	R(fcntl(r, F_GETLEASE));
	R(fcntl(r, F_GETOWN) == getpid());
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	R(fcntl(r, F_GETLEASE));
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	locks("read lease");
	r2 = open("f", O_RDONLY);
	R(fcntl(r2, F_SETLEASE, F_RDLCK));
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	R(fcntl(r2, F_SETLEASE, F_UNLCK));
	R(fcntl(r2, F_GETOWN));
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	close(r2);
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	locks("write lease");
	R(fcntl(r, F_SETLEASE, F_UNLCK));
	close(r);
	w = open("f", O_WRONLY);
	R(fcntl(w, F_SETLEASE, F_RDLCK));
	R(fcntl(w, F_SETLEASE, F_WRLCK));
	R(fcntl(w, F_GETLEASE));
	close(w);
	rw = open("f", O_RDWR);
	R(fcntl(rw, F_SETLEASE, F_RDLCK));
	R(fcntl(rw, F_SETLEASE, F_WRLCK));
	R(fcntl(dup(rw), F_GETLEASE));
	close(rw);
	locks("one of two closed");
	close(rw + 1);
	locks("closed");
	r = open(".", O_RDONLY);
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	R(fcntl(r, F_SETLEASE, F_UNLCK));
	R(fcntl(r, F_GETLEASE));
	close(r);
	int p[2];
	R(pipe(p));
	R(fcntl(p[0], F_SETLEASE, F_RDLCK));
	close(p[0]);
	close(p[1]);
	r = open("f", O_PATH);
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	close(r);
	put_file("mine", "x", 1, 0666);
}

static void nobody(void)
{
	int r = open("f", O_RDONLY);

	R(setuid(1000));
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	R(fcntl(r, F_SETLEASE, F_UNLCK));
}

static void in_way(void)
{
	struct sigaction sa = { .sa_sigaction = on_sig, .sa_flags = SA_SIGINFO | SA_RESTART };
	int r, w;

	SECTION("in the way");
	sigaction(SIGIO, &sa, NULL);
	sigaction(SIGRTMIN + 1, &sa, NULL);
	r = open("f", O_RDONLY);
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	w = open("f", O_RDONLY | O_NONBLOCK);
	heard("open to read", r);
	close(w);
	R(open("f", O_WRONLY | O_NONBLOCK));
	heard("open to write", r);
	R(fcntl(r, F_GETLEASE));
	locks("breaking");
	R(open("f", O_WRONLY | O_NONBLOCK));
	heard("again", r);
	R(open("f", O_RDONLY | O_NONBLOCK));
	R(fcntl(r, F_SETLEASE, F_UNLCK));
	R(fcntl(r, F_GETLEASE));
	close(r);
	close(r + 1);

	r = open("f", O_RDONLY);
	R(fcntl(r, F_SETSIG, SIGRTMIN + 1));
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	R(open("f", O_RDONLY | O_NONBLOCK));
	heard("open to read", r);
	R(fcntl(r, F_GETLEASE));
	locks("to be a read lease");
	R(open("f", O_RDWR | O_NONBLOCK));
	heard("open to write", r);
	R(fcntl(r, F_GETLEASE));
	R(fcntl(r, F_GETSIG));
	R(fcntl(r, F_SETLEASE, F_UNLCK));
	R(fcntl(r, F_GETSIG));
	close(r);

	r = open("f", O_RDONLY);
	fcntl(r, F_SETSIG, SIGRTMIN + 1);
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	R(open("f", O_RDONLY | O_NONBLOCK));
	heard("open to read", r);
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	R(fcntl(r, F_GETLEASE));
	w = open("f", O_RDONLY | O_NONBLOCK);
	say("%s\n", w >= 0 ? "opened" : ename(errno));
	close(w);
	close(r);
}

/* A child opens, or truncates; we give way a little later. */
static void wait_for(const char *what, int type, int then, int (*fn)(void))
{
	int r = open("f", O_RDONLY), st;
	long long from;

	R(fcntl(r, F_SETLEASE, type));
	got = 0;
	fcntl(r, F_SETSIG, SIGRTMIN + 1);
	if (fork() == 0) {
		close(r);
		from = now_ms();
		int err = fn() < 0 ? errno : 0;
		_exit(err ? 2 : now_ms() - from < 80);
	}
	for (int i = 0; i < 1000 && !got; i++)
		sleep_ms(5);
	sleep_ms(100);
	heard(what, r);
	if (then >= 0)
		R(fcntl(r, F_SETLEASE, then));
	else
		close(r);
	wait(&st);
	say("%s: %s\n", what,
	    WEXITSTATUS(st) == 0 ? "ok, late" : WEXITSTATUS(st) == 1 ? "ok, at once" : "failed");
	if (then >= 0) {
		R(fcntl(r, F_GETLEASE));
		close(r);
	}
}

static int open_r(void)
{
	return open("f", O_RDONLY);
}
static int open_w(void)
{
	return open("f", O_WRONLY);
}
static int trunc_it(void)
{
	return truncate("f", 0);
}
static int open_trunc(void)
{
	return open("f", O_RDWR | O_TRUNC);
}

static void timeout(void)
{
	FILE *f = fopen("/proc/sys/fs/lease-break-time", "r+");
	char old[20];
	int r;

	SECTION("lease-break-time");
	fgets(old, sizeof(old), f);
	say("%s", old);
	rewind(f);
	fputs("1\n", f);
	fclose(f);
	r = open("f", O_RDONLY);
	R(fcntl(r, F_SETLEASE, F_WRLCK));
	long long from = now_ms();
	R(open("f", O_RDONLY));
	say("%s\n", now_ms() - from >= 900 ? "late" : "at once");
	heard("open to read", r);
	R(fcntl(r, F_GETLEASE));
	R(open("f", O_WRONLY));
	heard("open to write", r);
	R(fcntl(r, F_GETLEASE));
	locks("gone");
	f = fopen("/proc/sys/fs/lease-break-time", "w");
	fputs(old, f);
	fclose(f);
	f = fopen("/proc/sys/fs/leases-enable", "r+");
	fgets(old, sizeof(old), f);
	say("%s", old);
	rewind(f);
	fputs("0\n", f);
	fclose(f);
	put_file("g", "x", 1, 0644);
	r = open("g", O_RDONLY);
	R(fcntl(r, F_SETLEASE, F_RDLCK));
	f = fopen("/proc/sys/fs/leases-enable", "w");
	fputs("1\n", f);
	fclose(f);
	R(fcntl(r, F_SETLEASE, F_RDLCK));
}

int main(void)
{
	granting();
	in_child("another user", nobody);
	in_way();
	SECTION("waiting");
	wait_for("read, given up", F_WRLCK, F_UNLCK, open_r);
	wait_for("read, downgraded", F_WRLCK, F_RDLCK, open_r);
	wait_for("write, given up", F_RDLCK, F_UNLCK, open_w);
	wait_for("write, downgraded then closed", F_WRLCK, -1, open_w);
	wait_for("truncate", F_RDLCK, F_UNLCK, trunc_it);
	wait_for("O_TRUNC", F_RDLCK, F_UNLCK, open_trunc);
	timeout();
	return 0;
}
