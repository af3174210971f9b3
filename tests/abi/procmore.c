/* /proc: who logged in, a thread's children, how many descriptors there are, settings of 64 bits; and what a pidfd
 * is as a file. */
#include "abi.h"
#include <linux/fs.h>
#include <linux/stat.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/shm.h>

static char buf[4096];

static const char *get(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return ename(errno);
	buf[n] = 0;
	if (n && buf[n - 1] == '\n')
		buf[n - 1] = 0;
	return buf;
}

static void set(const char *path, const char *text)
{
	long n = put_text(path, text);

	say("%s < \"%s\" = ", path, text);
	if (n < 0)
		say("%s", ename(errno));
	else
		say("%ld", n);
	say(" -> %s\n", get(path));
}

/* ---- who logged in ---- */

static void logins(void)
{
	char path[64];
	pid_t pid;
	int st, fd;

	SECTION("loginuid");
	say("%s %s\n", get("/proc/self/loginuid"), "at first");
	set("/proc/self/loginuid", "1000");
	say("a session: %d\n", strtoul(get("/proc/self/sessionid"), NULL, 10) != UINT32_MAX);
	unsigned long first = strtoul(get("/proc/self/sessionid"), NULL, 10);
	set("/proc/self/loginuid", "1001\n");
	say("another: %d\n", strtoul(get("/proc/self/sessionid"), NULL, 10) == first + 1);
	set("/proc/self/loginuid", "x");
	set("/proc/self/loginuid", "");
	set("/proc/self/loginuid", "-1");
	set("/proc/self/loginuid", "4294967296");
	set("/proc/self/loginuid", "0x10");
	set("/proc/self/loginuid", " 5");
	set("/proc/self/loginuid", "+7");
	set("/proc/self/sessionid", "7");
	fd = open("/proc/self/loginuid", O_WRONLY);
	R(pwrite(fd, "5", 1, 3));
	close(fd);
	pid = MUST(fork());
	if (!pid) {
		say("inherited: %s\n", get("/proc/self/loginuid"));
		snprintf(path, sizeof(path), "/proc/%d/loginuid", getppid());
		say("another's: %s", get(path));
		say(" %s\n", put_text(path, "8") < 0 ? ename(errno) : "written");
		fd = open("/proc/self/loginuid", O_WRONLY);
		setresuid(1000, 1000, 1000);
		say("set, by a user: %s\n", write(fd, "9", 1) < 0 ? ename(errno) : "written");
		_exit(0);
	}
	waitpid(pid, &st, 0);
	set("/proc/self/loginuid", "4294967295");
	say("no session: %s\n", get("/proc/self/sessionid"));
	pid = MUST(fork());
	if (!pid) {
		fd = open("/proc/self/loginuid", O_WRONLY);
		setresuid(1000, 1000, 1000);
		say("unset, by a user: %s\n", write(fd, "9", 1) < 0 ? ename(errno) : "written");
		say("again: %s\n", pwrite(fd, "9", 1, 0) < 0 ? ename(errno) : "written");
		close(fd);
		_exit(0);
	}
	waitpid(pid, &st, 0);
}

/* ---- children ---- */

static pid_t kids[3];
static int made[2];

static pid_t kid(void)
{
	pid_t pid = MUST(fork());

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static void show_children(const char *who, int tid)
{
	char path[64], *p, *end;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", tid);
	say("%s:", who);
	p = (char *)get(path);
	for (; *p; p = end) {
		long pid = strtol(p, &end, 10);
		int is = -1;

		if (end == p) {
			say(" \"%s\"", p);
			break;
		}
		for (int i = 0; i < 3; i++)
			if (pid == kids[i])
				is = i;
		say(" %d%s", is, *end == ' ' ? "" : "?");
		end += *end == ' ';
	}
	say("\n");
}

static void *thread(void *arg)
{
	(void)arg;
	kids[2] = kid();
	show_children("thread", gettid());
	show_children("main, from the thread", getpid());
	write(made[1], "x", 1);
	return NULL;
}

static void children(void)
{
	pthread_t t;
	char c;

	SECTION("children");
	pipe(made);
	show_children("none", getpid());
	kids[0] = kid();
	kids[1] = kid();
	show_children("two", getpid());
	pthread_create(&t, NULL, thread, NULL);
	read(made[0], &c, 1);
	pthread_join(t, NULL);
	while (kill(getpid(), 0) == 0 && access("/proc/self/task", F_OK) == 0) {
		struct stat st;

		stat("/proc/self/task", &st);
		if (st.st_nlink == 3)
			break;
		sleep_ms(1);
	}
	show_children("the thread's too", getpid());
	kill(kids[0], SIGKILL);
	siginfo_t si;
	waitid(P_PID, kids[0], &si, WEXITED | WNOWAIT);
	show_children("one dead", getpid());
	waitpid(kids[0], NULL, 0);
	show_children("waited for", getpid());
	OK(access("/proc/self/children", F_OK));
	for (int i = 1; i < 3; i++) {
		kill(kids[i], SIGKILL);
		waitpid(kids[i], NULL, 0);
	}
}

/* ---- how many ---- */

static long size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

static void counts(void)
{
	long n = size_of("/proc/self/fd"), info;
	int fd;

	SECTION("how many descriptors");
	fd = open("/dev/null", O_RDONLY);
	say("fd: %ld more, ", size_of("/proc/self/fd") - n);
	dup2(fd, 60);
	say("%ld more, ", size_of("/proc/self/fd") - n);
	close(60);
	close(fd);
	say("%ld more\n", size_of("/proc/self/fd") - n);
	info = size_of("/proc/self/fdinfo");
	say("fdinfo %ld task %ld map_files %ld ns %ld\n", info, size_of("/proc/self/task"), size_of("/proc/self/map_files"),
	    size_of("/proc/self/ns"));
}

/* ---- settings of 64 bits ---- */

static void settings(void)
{
	static const char *const names[] = { "vm/admin_reserve_kbytes", "vm/mmap_min_addr",
					     "fs/pipe-user-pages-soft", "fs/pipe-user-pages-hard",
					     "kernel/seccomp/actions_logged" };
	static const char *const words[] = { "5000000000", "  77 88", "-1", "x", "", "0x20", "18446744073709551615",
					     "18446744073709551616", "12\n" };
	char path[100], old[100];

	SECTION("settings");
	for (size_t i = 0; i < ARRAY_SIZE(names) - 1; i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s", names[i]);
		snprintf(old, sizeof(old), "%s", get(path));
		for (size_t w = 0; w < ARRAY_SIZE(words); w++) {
			if (i == 1 && w == 6)
				continue; /* no stack could grow, init's neither */
			put_text(path, old);
			set(path, words[w]);
		}
		put_text(path, old);
	}
	for (size_t i = ARRAY_SIZE(names) - 1; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s", names[i]);
		snprintf(old, sizeof(old), "%s", get(path));
		set(path, "");
		set(path, "\n");
		set(path, "trap");
		set(path, "trap errno\n");
		set(path, "nothing");
		set(path, "allow");
		put_text(path, old);
	}
}

/* ---- a pidfd as a file ---- */

static void pidfds(void)
{
	struct statx sx;
	char path[64];
	int fd, again, flags = 0x1234;
	pid_t pid = kid();

	SECTION("a pidfd");
	fd = MUST(syscall(SYS_pidfd_open, pid, 0));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY);
	say("again: %s\n", again < 0 ? ename(errno) : "ok");
	if (again >= 0) {
		siginfo_t si = { 0 };

		R(syscall(SYS_pidfd_send_signal, again, 0, NULL, 0));
		say("flags %o\n", fcntl(again, F_GETFL));
		R(waitid(P_PIDFD, again, &si, WEXITED | WNOHANG));
		close(again);
	}
	again = open(path, O_RDWR);
	say("to write: %s\n", again < 0 ? ename(errno) : "ok");
	if (again >= 0)
		close(again);
	OK(open(path, O_PATH));
	R(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	R(ioctl(fd, FS_IOC_SETFLAGS, &flags));
	R(ioctl(fd, FIONREAD, &flags));
	R(ioctl(fd, 0x1234, &flags));
	R(ioctl(fd, 0x1234, 0));
	for (int i = 0; i < 12; i++) {
		int ns = i == 1 ? -2 : ioctl(fd, _IO(0xff, i), 0); /* not the one of cgroups */
		struct stat a, b;
		static const char *const names[] = { "", "", "ipc", "mnt", "net", "pid", "pid_for_children", "time",
						     "time_for_children", "user", "uts", "" };

		if (ns == -2)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, names[i]);
		say("namespace %d: %s", i, ns < 0 ? ename(errno) : "ok");
		if (ns >= 0)
			say(" %s", !fstat(ns, &a) && !stat(path, &b) && a.st_ino == b.st_ino ? "the same" : "another");
		say(" %x\n", ns < 0 ? 0 : fcntl(ns, F_GETFD));
		if (ns >= 0)
			close(ns);
	}
	R(ioctl(fd, _IO(0xff, 2), 1L));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	say("statx %s", statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &sx) ? ename(errno) : "ok");
	say(" mask %x attributes %llx of %llx mode %o size %lld\n", sx.stx_mask, (unsigned long long)sx.stx_attributes,
	    (unsigned long long)sx.stx_attributes_mask, sx.stx_mode, (long long)sx.stx_size);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	again = open(path, O_RDONLY);
	say("of a dead one: %s\n", again < 0 ? ename(errno) : "ok");
	R(ioctl(fd, _IO(0xff, 2), 0));
}

/* ---- which parts of a statx(2) are told ---- */

static void masks(void)
{
	static const char *const paths[] = { "file", ".", "link", "fifo", "/dev/null", "/proc", "/proc/self", "/proc/self/fd",
					     "/proc/version", "/proc/sys/kernel/ostype", "/sys", "/sys/kernel",
					     "/proc/self/ns/uts", "/" };
	static const unsigned ask[] = { 0, STATX_TYPE, STATX_BASIC_STATS, STATX_ALL, 0x7fffffff };
	struct statx sx;

	SECTION("statx's mask");
	put_file("file", "x", 1, 0644);
	symlink("file", "link");
	mkfifo("fifo", 0600);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		say("%s:", paths[i]);
		for (size_t a = 0; a < ARRAY_SIZE(ask); a++) {
			memset(&sx, 0, sizeof(sx));
			if (statx(AT_FDCWD, paths[i], AT_SYMLINK_NOFOLLOW, ask[a], &sx))
				say(" %s", ename(errno));
			else
				say(" %x", sx.stx_mask & ~(STATX_MNT_ID | 0x4000));
		}
		say(" attributes %llx\n", (unsigned long long)sx.stx_attributes_mask);
	}
	int p[2];

	pipe(p);
	memset(&sx, 0, sizeof(sx));
	R(statx(p[0], "", AT_EMPTY_PATH, STATX_ALL, &sx));
	say("pipe %x\n", sx.stx_mask & ~(STATX_MNT_ID | 0x4000));
}

/* ---- huge pages that can't be ---- */

static void huge(void)
{
	SECTION("huge pages");
	char *room = mmap(NULL, 8 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = (char *)(((uintptr_t)room + (2 << 20)) & ~((2UL << 20) - 1));

	OK((long)mmap(at + PAGE, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB, -1, 0));
	OK((long)mmap(at + PAGE, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_HUGETLB, -1, 0));
	OK((long)mmap(at, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB, -1, 0));
	OK((long)mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB, -1, 0));
	OK((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0));
	OK((long)mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 30 << 26, -1, 0));
	OK((long)mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 20 << 26, -1, 0));
	OK((long)mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << 26, -1, 0));
	OK(shmget(IPC_PRIVATE, 2 << 20, 0600 | IPC_CREAT | SHM_HUGETLB));
	OK(shmget(IPC_PRIVATE, 2 << 20, 0600 | IPC_CREAT | SHM_HUGETLB | 30 << 26));
	OK(shmget(IPC_PRIVATE, 2 << 20, 0600 | IPC_CREAT | SHM_HUGETLB | 20 << 26));
	OK(shmget(IPC_PRIVATE, 2 << 20, 0600 | IPC_CREAT | SHM_HUGETLB | 21 << 26));
}

int main(void)
{
	logins();
	children();
	counts();
	settings();
	pidfds();
	masks();
	huge();
	return 0;
}
