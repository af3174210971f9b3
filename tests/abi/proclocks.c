/* /proc/locks and /proc/PID/io. */
#include "abi.h"
#include <sys/file.h>

static char buf[1 << 16];

static int lk(int fd, int cmd, int type, long start, long len)
{
	struct flock fl = { .l_type = type, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &fl);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines about this file, in order of their texts: numbers and pids differ from run to run. */
static void show_locks(const char *what, const char *name)
{
	char *line[64], *p, mine[64];
	int n = 0, fd = MUST(open("/proc/locks", O_RDONLY));
	ssize_t got = 0, r;
	struct stat st;

	MUST(stat(name, &st));
	snprintf(mine, sizeof(mine), ":%lu ", (unsigned long)st.st_ino);
	while ((r = read(fd, buf + got, sizeof(buf) - 1 - got)) > 0)
		got += r;
	buf[got] = 0;
	close(fd);
	for (p = strtok(buf, "\n"); p && n < 64; p = strtok(NULL, "\n"))
		if (strstr(p, mine) && strchr(p, ':'))
			line[n++] = strchr(p, ':');
	qsort(line, n, sizeof(line[0]), by_text);
	say("%s: %d lines\n", what, n);
	for (int i = 0; i < n; i++) {
		char kind[20], adv[20], type[20], place[40], start[30], end[30];
		int pid, wait = !strncmp(line[i], ": -> ", 5), at = 0, blanks = 0;

		if (sscanf(line[i] + (wait ? 5 : 2), "%19s %19s %19s %d %39s %29s %29s%n", kind, adv,
			   type, &pid, place, start, end, &at) != 7) {
			say("  ??? %s\n", line[i]);
			continue;
		}
		for (const char *c = line[i]; *c; c++)
			blanks += *c == ' ';
		say("  %s%s %s %s %s %s %s, %d blanks, %s\n", wait ? "-> " : "", kind, adv, type,
		    pid == -1	     ? "-1" :
		    pid == getpid()  ? "self" :
		    pid == getppid() ? "parent" :
				       "other",
		    start, end, blanks, line[i][(wait ? 5 : 2) + at] ? "more" : "no more");
	}
}

static long field(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p ? atol(p + strlen(key)) : -1;
}

static void show_io(const char *path)
{
	int fd = open(path, O_RDONLY);
	char *p = buf;
	ssize_t n;

	if (fd < 0) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = 0;
	say("%s:", path);
	while ((p = strtok(p, "\n"))) {
		say(" %.*s", (int)strcspn(p, ":"), p);
		p = NULL;
	}
	say("\n");
}

static long io(const char *key)
{
	static char text[512];
	int fd = MUST(open("/proc/self/io", O_RDONLY));
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n > 0 ? n : 0] = 0;
	return field(text, key);
}

static void other_user(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	say("another's io: ");
	int fd = open("/proc/1/io", O_RDONLY);
	if (fd < 0)
		say("open %s\n", ename(errno));
	else
		say("read %s\n", read(fd, buf, 10) < 0 ? ename(errno) : "ok");
	R(access("/proc/locks", R_OK));
}

int main(void)
{
	int fd, other, p[2];
	pid_t pid, waiter;
	struct stat st;

	mkdir("/proc", 0755);
	fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
	other = MUST(open("f", O_RDWR));
	MUST(pipe(p));
	SECTION("/proc/locks");
	MUST(stat("/proc/locks", &st));
	say("mode %o\n", st.st_mode);
	show_locks("none", "f");
	MUST(lk(fd, F_SETLK, F_WRLCK, 10, 5));
	show_locks("one", "f");
	MUST(lk(fd, F_SETLK, F_RDLCK, 100, 0));
	MUST(lk(other, F_OFD_SETLK, F_RDLCK, 0, 3));
	MUST(flock(other, LOCK_SH));
	show_locks("four", "f");
	MUST(lk(fd, F_SETLK, F_WRLCK, 12, 1));
	MUST(lk(fd, F_SETLK, F_RDLCK, 12, 1));
	show_locks("cut in three", "f");
	pid = MUST(fork());
	if (!pid) {
		MUST(lk(fd, F_SETLK, F_RDLCK, 50, 1));
		show_locks("a child", "f");
		write(p[1], "x", 1);
		sleep(100);
		_exit(0);
	}
	read(p[0], buf, 1);
	waiter = MUST(fork());
	if (!waiter) {
		lk(fd, F_SETLKW, F_WRLCK, 10, 1);
		_exit(0);
	}
	sleep_ms(200);
	show_locks("one waits", "f");
	kill(waiter, SIGKILL);
	kill(pid, SIGKILL);
	waitpid(waiter, NULL, 0);
	waitpid(pid, NULL, 0);
	MUST(flock(fd, LOCK_SH));
	waiter = MUST(fork());
	if (!waiter) {
		fd = MUST(open("f", O_RDWR));
		flock(fd, LOCK_EX);
		_exit(0);
	}
	sleep_ms(200);
	show_locks("one waits for flock", "f");
	kill(waiter, SIGKILL);
	waitpid(waiter, NULL, 0);
	MUST(flock(fd, LOCK_UN));
	close(other);
	show_locks("a close", "f");

	SECTION("/proc/PID/io");
	MUST(stat("/proc/self/io", &st));
	say("mode %o\n", st.st_mode);
	show_io("/proc/self/io");
	show_io("/proc/thread-self/io");
	int null = MUST(open("/dev/null", O_RDWR)), zero = MUST(open("/dev/zero", O_RDWR));
	long rc = io("rchar: "), wc = io("wchar: "), sr = io("syscr: "), sw = io("syscw: ");
	rc += 0;
	for (int i = 0; i < 10; i++) {
		read(zero, buf, 1000);
		write(null, buf, 100);
	}
	read(null, buf, 10);
	say("read 10 times 1000: %d\n", io("rchar: ") - rc >= 10000 && io("rchar: ") - rc < 13000);
	say("wrote %ld in %ld calls\n", io("wchar: ") - wc, io("syscw: ") - sw);
	say("calls to read: %d\n", (int)(io("syscr: ") - sr) >= 14);
	wc = io("wchar: "), sw = io("syscw: ");
	pid = MUST(fork());
	if (!pid) {
		say("a child begins with %ld\n", io("wchar: "));
		for (int i = 0; i < 5; i++)
			write(null, buf, 200);
		write(p[1], "x", 1);
		_exit(0);
	}
	read(p[0], buf, 1);
	say("not waited for: %ld\n", io("wchar: ") - wc);
	waitpid(pid, NULL, 0);
	say("waited for: %d\n", io("wchar: ") - wc >= 1000);
	write(null, buf, -1UL);
	write(99, buf, 5);
	sw = io("syscw: ");
	write(99, buf, 5);
	writev(null, &(struct iovec){ buf, 50 }, 1);
	pwrite(null, buf, 50, 0);
	say("calls: %ld\n", io("syscw: ") - sw);
	in_child("another user", other_user);
	return 0;
}
