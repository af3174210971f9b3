/* POSIX message queues: opening, priorities, waiting, notification, attributes, the file system. */
#include "abi.h"
#include <dirent.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statfs.h>

static int q;
static volatile int got_signal, got_code, got_value, got_pid, handled;

static void on_notify(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	got_signal = sig;
	got_code = si->si_code;
	got_value = si->si_value.sival_int;
	got_pid = si->si_pid;
}

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static long xopen(const char *name, int flags, int mode, struct mq_attr *attr)
{
	return syscall(SYS_mq_open, name, flags, mode, attr);
}

static long put(const char *text, unsigned prio)
{
	return syscall(SYS_mq_timedsend, q, text, strlen(text), prio, NULL);
}

static void get_after(long ms)
{
	char buf[256] = { 0 };
	unsigned prio = 77;
	long n = syscall(SYS_mq_timedreceive, q, buf, sizeof(buf), &prio, NULL);

	sleep_ms(ms);
	if (n < 0)
		say("get: %s\n", ename(errno));
	else
		say("get: %ld '%s' %u\n", n, buf, prio);
}

static void get(void)
{
	get_after(0);
}

static void attributes(void)
{
	struct mq_attr a;

	if (syscall(SYS_mq_getsetattr, q, NULL, &a))
		say("attr: %s\n", ename(errno));
	else
		say("attr: flags %lx maxmsg %ld msgsize %ld curmsgs %ld\n", a.mq_flags, a.mq_maxmsg,
		    a.mq_msgsize, a.mq_curmsgs);
}

static struct timespec soon(long ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static void text(void)
{
	char buf[128] = { 0 }, *p;

	lseek(q, 0, SEEK_SET);
	R(read(q, buf, sizeof(buf)) > 0);
	p = strstr(buf, "NOTIFY_PID:");
	if (p) {
		say("pid %d\n", atoi(p + 11) == 0 ? 0 : atoi(p + 11) == getpid() ? 1 : 2);
		*p = 0;
	}
	say("'%s'\n", buf);
	R(read(q, buf, sizeof(buf)));
}

static void ended(const char *what, pid_t pid)
{
	int st;

	MUST(waitpid(pid, &st, 0));
	say("%s: %s\n", what, wait_text(st));
}

static void as_user(void)
{
	struct mq_attr a = { .mq_maxmsg = 11, .mq_msgsize = 64 };

	setgid(1000);
	setuid(1000);
	R(xopen("q", O_RDONLY, 0, NULL));
	R(xopen("q", O_WRONLY, 0, NULL));
	R(xopen("q", O_RDWR, 0, NULL));
	R(syscall(SYS_mq_unlink, "q"));
	R(xopen("u", O_CREAT | O_RDWR, 0600, &a));
	a.mq_maxmsg = 10;
	a.mq_msgsize = 8193;
	R(xopen("u", O_CREAT | O_RDWR, 0600, &a));
	a.mq_msgsize = 64;
	OK(xopen("u", O_CREAT | O_RDWR, 0, &a));
	R(xopen("u", O_RDWR, 0, &a));
	R(syscall(SYS_mq_unlink, "u"));
}

static void limited(void)
{
	struct rlimit r = { 2000, 2000 };
	struct mq_attr a = { .mq_maxmsg = 10, .mq_msgsize = 64 };

	setrlimit(RLIMIT_MSGQUEUE, &r);
	setuid(1001);
	OK(xopen("l1", O_CREAT | O_RDWR, 0600, &a));
	R(xopen("l2", O_CREAT | O_RDWR, 0600, &a));
	R(syscall(SYS_mq_unlink, "l1"));
	R(xopen("l2", O_CREAT | O_RDWR, 0600, &a));
	R(close(3));
	R(close(4));
	OK(xopen("l2", O_CREAT | O_RDWR, 0600, &a));
	R(syscall(SYS_mq_unlink, "l2"));
}

int main(void)
{
	struct mq_attr a = { .mq_maxmsg = 3, .mq_msgsize = 20 };
	struct sigaction sa = { .sa_sigaction = on_notify, .sa_flags = SA_SIGINFO };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct pollfd p;
	struct timespec ts;
	struct statfs fs;
	struct stat st;
	char buf[256], name[300];
	pid_t pid;
	int fd;

	umask(022);
	SECTION("open");
	R(xopen("q", O_RDWR, 0, NULL));
	R(xopen("", O_RDWR | O_CREAT, 0600, NULL));
	R(xopen("/q", O_RDWR | O_CREAT, 0600, NULL));
	R(xopen("a/q", O_RDWR | O_CREAT, 0600, NULL));
	R(xopen(".", O_RDWR | O_CREAT, 0600, NULL));
	R(xopen("..", O_RDWR | O_CREAT, 0600, NULL));
	R(xopen((void *)8, O_RDWR | O_CREAT, 0600, NULL));
	R(xopen("q", O_RDWR | O_CREAT, 0600, (void *)8));
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	R(xopen(name, O_RDWR | O_CREAT, 0600, NULL));
	a.mq_maxmsg = 0;
	R(xopen("q", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 65537;
	R(xopen("q", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 65536;
	a.mq_msgsize = 16 << 20;
	R(xopen("q", O_RDWR | O_CREAT, 0600, &a));
	a.mq_maxmsg = 3;
	a.mq_msgsize = 20;
	q = MUST(xopen("q", O_RDWR | O_CREAT | O_EXCL, 0666, &a));
	R(xopen("q", O_RDWR | O_CREAT | O_EXCL, 0666, &a));
	R(xopen("q", 3, 0, NULL));
	MUST(fstat(q, &st));
	say("mode %o size %ld nlink %ld fl %o fd %d\n", st.st_mode, (long)st.st_size, (long)st.st_nlink,
	    fcntl(q, F_GETFL), fcntl(q, F_GETFD));
	attributes();
	SECTION("priorities");
	R(put("low", 1));
	R(put("high", 9));
	R(put("high too", 9));
	attributes();
	R(syscall(SYS_mq_timedreceive, q, buf, 19, NULL, NULL));
	get();
	get();
	get();
	R(put("x", 32768));
	R(put("x", 32767));
	R(put("123456789012345678901", 0));
	R(put("12345678901234567890", 0));
	R(put("", 0));
	get();
	get();
	get();
	SECTION("non-blocking and time");
	{
		struct mq_attr set = { .mq_flags = O_NONBLOCK, .mq_maxmsg = 99 }, old;

		R(syscall(SYS_mq_getsetattr, q, &set, &old));
		say("was %lx, %o\n", old.mq_flags, fcntl(q, F_GETFL));
		get();
		put("1", 0), put("2", 0), put("3", 0);
		R(put("4", 0));
		set.mq_flags = 1;
		R(syscall(SYS_mq_getsetattr, q, &set, &old));
		set.mq_flags = 0;
		R(syscall(SYS_mq_getsetattr, q, &set, NULL));
	}
	ts = soon(20);
	R(syscall(SYS_mq_timedsend, q, "4", 1, 0, &ts));
	ts.tv_sec = 0;
	R(syscall(SYS_mq_timedsend, q, "4", 1, 0, &ts));
	ts.tv_nsec = -1;
	R(syscall(SYS_mq_timedsend, q, "4", 1, 0, &ts));
	R(syscall(SYS_mq_timedsend, q, "4", 1, 0, (void *)8));
	get();
	get();
	get();
	ts = soon(20);
	R(syscall(SYS_mq_timedreceive, q, buf, 20, NULL, &ts));
	SECTION("waiting");
	pid = MUST(fork());
	if (!pid) {
		get_after(150); /* the parent has said what it did */
		_exit(0);
	}
	sleep_ms(60);
	R(put("for the child", 5));
	ended("child", pid);
	attributes();
	put("1", 1), put("2", 2), put("3", 3);
	pid = MUST(fork());
	if (!pid)
		_exit(put("4", 4) ? 1 : 0);
	sleep_ms(60);
	get();
	ended("child", pid);
	get();
	get();
	get();
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 50000 } }, NULL);
	get();
	say("handled %d\n", handled);
	SECTION("poll");
	p = (struct pollfd){ q, POLLIN | POLLOUT, 0 };
	R(poll(&p, 1, 0));
	say("%x\n", p.revents);
	put("1", 1), put("2", 2), put("3", 3);
	R(poll(&p, 1, 0));
	say("%x\n", p.revents);
	get();
	R(poll(&p, 1, 0));
	say("%x\n", p.revents);
	get();
	get();
	{
		struct epoll_event e = { .events = EPOLLIN };
		int ep = MUST(epoll_create1(0));

		R(epoll_ctl(ep, EPOLL_CTL_ADD, q, &e));
		pid = MUST(fork());
		if (!pid) {
			sleep_ms(40);
			put("wake", 1);
			_exit(0);
		}
		R(epoll_wait(ep, &e, 1, 5000));
		say("%x\n", e.events);
		ended("child", pid);
		get();
		close(ep);
	}
	SECTION("notify");
	sigaction(SIGUSR1, &sa, NULL);
	ev.sigev_value.sival_int = 4711;
	R(syscall(SYS_mq_notify, q, &ev));
	R(syscall(SYS_mq_notify, q, &ev));
	text();
	R(put("one", 1));
	say("signal %s code %d value %d pid %d\n", sname(got_signal), got_code, got_value, got_pid == getpid());
	text();
	R(syscall(SYS_mq_notify, q, &ev));
	got_signal = 0;
	R(put("two", 1));
	say("not empty: %d\n", got_signal);
	R(syscall(SYS_mq_notify, q, NULL));
	R(syscall(SYS_mq_notify, q, NULL));
	get();
	get();
	ev.sigev_notify = SIGEV_NONE;
	R(syscall(SYS_mq_notify, q, &ev));
	text();
	pid = MUST(fork());
	if (!pid) {
		R(syscall(SYS_mq_notify, q, &ev));
		R(syscall(SYS_mq_notify, q, NULL));
		R(close(q));
		_exit(0);
	}
	ended("child", pid);
	R(syscall(SYS_mq_notify, q, &ev));
	fd = dup(q);
	R(close(fd));
	ev.sigev_notify = SIGEV_SIGNAL;
	R(syscall(SYS_mq_notify, q, &ev));
	pid = MUST(fork());
	if (!pid) {
		get_after(150); /* the parent has said what it did */
		_exit(0);
	}
	sleep_ms(60);
	got_signal = 0;
	R(put("to the receiver", 1));
	ended("child", pid);
	say("waited for: %d\n", got_signal);
	R(put("to nobody", 1));
	say("signal %s\n", sname(got_signal));
	get();
	ev.sigev_signo = 65;
	R(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_notify = 5;
	R(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_notify = SIGEV_THREAD;
	ev.sigev_value.sival_ptr = buf;
	ev.sigev_signo = 99;
	R(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_signo = 1;
	R(syscall(SYS_mq_notify, q, &ev));
	ev.sigev_value.sival_ptr = (void *)8;
	R(syscall(SYS_mq_notify, q, &ev));
	R(syscall(SYS_mq_notify, q, (void *)8));
	SECTION("bad descriptors");
	R(syscall(SYS_mq_notify, 1, NULL));
	R(syscall(SYS_mq_notify, 99, NULL));
	R(syscall(SYS_mq_timedsend, 1, "x", 1, 0, NULL));
	R(syscall(SYS_mq_timedsend, 99, "x", 1, 0, NULL));
	R(syscall(SYS_mq_timedreceive, 1, buf, 20, NULL, NULL));
	R(syscall(SYS_mq_getsetattr, 1, NULL, &a));
	fd = MUST(xopen("q", O_RDONLY, 0, NULL));
	R(syscall(SYS_mq_timedsend, fd, "x", 1, 0, NULL));
	close(fd);
	fd = MUST(xopen("q", O_WRONLY | O_NONBLOCK, 0, NULL));
	R(syscall(SYS_mq_timedreceive, fd, buf, 20, NULL, NULL));
	say("%o\n", fcntl(fd, F_GETFL));
	close(fd);
	R(syscall(SYS_mq_timedsend, q, (void *)8, 5, 0, NULL));
	put("lost", 1);
	R(syscall(SYS_mq_timedreceive, q, (void *)8, 20, NULL, NULL));
	attributes();
	R(write(q, "x", 1));
	SECTION("file system");
	mkdir("mq", 0755);
	R(mount("none", "mq", "mqueue", 0, NULL));
	R(stat("mq", &st));
	say("%o %ld\n", st.st_mode, (long)st.st_size);
	R(statfs("mq", &fs));
	say("%lx\n", (long)fs.f_type);
	R(stat("mq/q", &st));
	say("%o %ld\n", st.st_mode, (long)st.st_size);
	R(mkdir("mq/d", 0700));
	R(symlink("q", "mq/s"));
	R(link("mq/q", "mq/l"));
	R(rename("mq/q", "mq/r"));
	R(mknod("mq/f", S_IFIFO | 0600, 0));
	OK(fd = open("mq/made", O_CREAT | O_RDWR, 0600));
	say("%d\n", (int)syscall(SYS_mq_getsetattr, fd, NULL, &a));
	say("maxmsg %ld msgsize %ld\n", a.mq_maxmsg, a.mq_msgsize);
	close(fd);
	{
		DIR *d = opendir("mq");
		int n = 0;

		while (readdir(d))
			n++;
		closedir(d);
		say("%d names\n", n);
	}
	R(unlink("mq/made"));
	R(chmod("mq/q", 0604));
	SECTION("permission");
	in_child("user", as_user);
	in_child("limit", limited);
	SECTION("unlink");
	R(syscall(SYS_mq_unlink, "q"));
	R(syscall(SYS_mq_unlink, "q"));
	R(syscall(SYS_mq_unlink, "no/q"));
	R(put("still", 1));
	get();
	R(umount("mq"));
	SECTION("glibc");
	{
		mqd_t m = mq_open("/glibc", O_CREAT | O_RDWR, 0600, NULL);
		struct mq_attr b;

		OK(m);
		R(mq_getattr(m, &b));
		say("%ld %ld\n", b.mq_maxmsg, b.mq_msgsize);
		R(mq_send(m, "abc", 3, 2));
		R(mq_close(m));
		R(mq_unlink("/glibc"));
		R(mq_open("none", O_RDWR));
		R(mq_open("/none", O_RDWR));
	}
	return 0;
}
