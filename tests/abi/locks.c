/* Record locks, OFD locks, flock: conflicts, splitting, waiting, deadlock. */
#include "abi.h"
#include <sys/file.h>

static const char *tname(int t)
{
	return t == F_RDLCK ? "RD" : t == F_WRLCK ? "WR" : t == F_UNLCK ? "UN" : "??";
}

static int lk(int fd, int cmd, int type, int whence, long start, long len)
{
	struct flock fl = { .l_type = type, .l_whence = whence, .l_start = start, .l_len = len };
	return fcntl(fd, cmd, &fl);
}
static void show_lock(int fd, int cmd, int type, long start, long len)
{
	struct flock fl = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
	int r = fcntl(fd, cmd, &fl);
	if (r < 0)
		say("  getlk %s %ld+%ld: %s\n", tname(type), start, len, ename(errno));
	else if (fl.l_type == F_UNLCK)
		say("  getlk %s %ld+%ld: free\n", tname(type), start, len);
	else
		say("  getlk %s %ld+%ld: %s %ld+%ld whence %d pid %s\n", tname(type), start, len,
		    tname(fl.l_type), (long)fl.l_start, (long)fl.l_len, fl.l_whence,
		    fl.l_pid == -1	  ? "-1" :
		    fl.l_pid == getppid() ? "parent" :
					    "other");
}
static void probe(void)
{
	int fd = MUST(open("f", O_RDWR));
	for (long o = 0; o < 120; o += 10)
		show_lock(fd, F_GETLK, F_WRLCK, o, 10);
	show_lock(fd, F_GETLK, F_RDLCK, 0, 0);
}
static void try_sets(void)
{
	int fd = MUST(open("f", O_RDWR));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 10, 5));
	R(lk(fd, F_SETLK, F_RDLCK, SEEK_SET, 10, 5));
	R(lk(fd, F_SETLK, F_RDLCK, SEEK_SET, 40, 5));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 40, 5));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 200, 0));
	R(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
}
static void flocked(void)
{
	int fd = MUST(open("f", O_RDWR));
	R(flock(fd, LOCK_SH | LOCK_NB));
	R(flock(fd, LOCK_EX | LOCK_NB));
	R(flock(fd, LOCK_UN));
}
static void on_alarm(int s)
{
	(void)s;
}

int main(void)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0644)), rd = MUST(open("f", O_RDONLY)),
	    wr = MUST(open("f", O_WRONLY));
	int p[2], q[2], st;
	char c;

	MUST(ftruncate(fd, 100));
	SECTION("errors");
	R(lk(fd, F_SETLK, 7, SEEK_SET, 0, 0));
	R(lk(fd, F_SETLK, F_WRLCK, 9, 0, 0));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, -1, 1));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 5, -6));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 5, -5));
	R(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_END, 0x7fffffffffffffffL, 1));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0x7fffffffffffffffL, 2));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0x7fffffffffffffffL, 1));
	R(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	R(lk(rd, F_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	R(lk(wr, F_SETLK, F_RDLCK, SEEK_SET, 0, 0));
	R(lk(99, F_SETLK, F_RDLCK, SEEK_SET, 0, 0));
	R(fcntl(fd, F_SETLK, (void *)8));
	R(lk(fd, F_GETLK, F_UNLCK, SEEK_SET, 0, 0));
	R(flock(fd, 0));
	R(flock(fd, LOCK_SH | LOCK_EX));
	R(flock(99, LOCK_SH));
	R(flock(99, 77));
	SECTION("ranges");
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 10, 20));
	R(lk(fd, F_SETLK, F_RDLCK, SEEK_SET, 40, 20));
	R(lk(fd, F_SETLK, F_RDLCK, SEEK_END, -30, 10));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_END, 0, 0));
	in_child("probe", probe);
	in_child("sets", try_sets);
	R(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 15, 5));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 45, 5));
	in_child("split", probe);
	R(lk(fd, F_SETLK, F_RDLCK, SEEK_SET, 0, 0));
	in_child("one", probe);
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 50));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 50, 50));
	in_child("merged", probe);
	R(close(dup(fd)));
	in_child("dropped by close", probe);
	SECTION("ofd");
	int a = MUST(open("f", O_RDWR)), b = MUST(open("f", O_RDWR));
	R(lk(a, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 10));
	R(lk(b, F_OFD_SETLK, F_WRLCK, SEEK_SET, 5, 10));
	R(lk(b, F_OFD_SETLK, F_WRLCK, SEEK_SET, 10, 10));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 5));
	show_lock(b, F_OFD_GETLK, F_WRLCK, 0, 10);
	show_lock(fd, F_GETLK, F_WRLCK, 0, 10);
	struct flock bad = { .l_type = F_WRLCK, .l_pid = 5 };
	R(fcntl(a, F_OFD_SETLK, &bad));
	close(dup(a));
	show_lock(b, F_OFD_GETLK, F_WRLCK, 0, 10);
	close(a);
	show_lock(b, F_OFD_GETLK, F_WRLCK, 0, 10);
	close(b);
	SECTION("waiting");
	MUST(pipe(p));
	MUST(pipe(q));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 10));
	pid_t pid = MUST(fork());
	if (!pid) {
		MUST(write(q[1], "r", 1));
		R(lk(fd, F_SETLKW, F_WRLCK, SEEK_SET, 5, 1));
		say("child has it\n");
		_exit(0);
	}
	MUST(read(q[0], &c, 1));
	sleep_ms(100);
	say("parent lets go\n");
	MUST(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	waitpid(pid, &st, 0);
	say("child %s\n", wait_text(st));
	SECTION("signal");
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 10));
	pid = MUST(fork());
	if (!pid) {
		struct sigaction sa = { .sa_handler = on_alarm };
		sigaction(SIGALRM, &sa, NULL);
		struct itimerval it = { .it_value = { 0, 100000 } };
		setitimer(ITIMER_REAL, &it, NULL);
		R(lk(fd, F_SETLKW, F_WRLCK, SEEK_SET, 5, 1));
		_exit(0);
	}
	waitpid(pid, &st, 0);
	SECTION("deadlock");
	R(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 0, 10));
	pid = MUST(fork());
	if (!pid) {
		R(lk(fd, F_SETLK, F_WRLCK, SEEK_SET, 20, 10));
		MUST(write(q[1], "r", 1));
		int r = lk(fd, F_SETLKW, F_WRLCK, SEEK_SET, 0, 1);
		say("child: %d\n", r);
		_exit(0);
	}
	MUST(read(q[0], &c, 1));
	sleep_ms(150);
	R(lk(fd, F_SETLKW, F_WRLCK, SEEK_SET, 20, 1));
	MUST(lk(fd, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	waitpid(pid, &st, 0);
	SECTION("flock");
	R(flock(fd, LOCK_SH));
	in_child("shared", flocked);
	R(flock(fd, LOCK_EX));
	in_child("exclusive", flocked);
	R(flock(rd, LOCK_SH | LOCK_NB));
	R(flock(dup(fd), LOCK_SH | LOCK_NB));
	R(flock(rd, LOCK_SH | LOCK_NB));
	R(flock(fd, LOCK_EX | LOCK_NB));
	R(flock(fd, LOCK_UN));
	R(flock(rd, LOCK_UN));
	R(flock(rd, LOCK_EX | LOCK_NB));
	pid = MUST(fork());
	if (!pid) {
		int n = MUST(open("f", O_RDONLY));
		R(flock(n, LOCK_EX));
		_exit(0);
	}
	sleep_ms(100);
	say("closing\n");
	close(rd); /* the child's inherited rd still holds it */
	pid_t k = pid;
	sleep_ms(100);
	R(waitpid(k, &st, WNOHANG));
	kill(k, SIGKILL);
	waitpid(k, &st, 0);
	say("%s\n", wait_text(st));
	return 0;
}
