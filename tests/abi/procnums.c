/*
 * Numbers written to files of /proc: what is one, what is done with the rest of the text, and which error is told.
 * And what may be done to such files at all. Settings are put back.
 */
#include "abi.h"

static const struct {
	const char *text;
	size_t n;
} texts[] = {
	{ "1", 1 },	{ "1\n", 2 },	{ " 2", 2 },	 { "2 ", 2 },	 { "0x10", 4 },
	{ "010", 3 },	{ "08", 2 },	{ "0x", 2 },	 { "0b1", 3 },	 { "1 2", 3 },
	{ "1 x", 3 },	{ "1,2", 3 },	{ "1\t2\n", 4 }, { "", 0 },	 { "\n", 1 },
	{ " ", 1 },	{ "a", 1 },	{ "1a", 2 },	 { "-1", 2 },	 { "--1", 3 },
	{ "- 1", 3 },	{ "+1", 2 },	{ "1\0", 2 },	 { "1\0 2", 4 }, { "\v1", 2 },
	{ "1\v", 2 },	{ "1\r\n", 3 }, { "1000", 4 },	 { "-1001", 5 }, { "00000000000000000001", 20 },
	{ "000000000000000000001", 21 }, { "99999999999", 11 }, { "-99999999999", 12 },
	{ "18446744073709551615", 20 },	 { "18446744073709551616", 20 },
};

static void rest(const char *path, const char *old)
{
	put_text(path, old);
}

/* Each text; what the file says then. */
static void each(const char *path)
{
	char old[200] = "", now[200];
	int fd = open(path, O_RDONLY);

	if (fd >= 0) {
		ssize_t n = read(fd, old, sizeof(old) - 1);
		old[n > 0 ? n : 0] = 0;
		close(fd);
	}
	say("%s:", strrchr(path, '/') + 1);
	for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
		fd = MUST(open(path, O_WRONLY));
		errno = 0;
		ssize_t n = write(fd, texts[i].text, texts[i].n);
		if (n < 0)
			say(" %u:%s", i, ename(errno));
		else
			say(" %u:%zd", i, n);
		close(fd);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		n = read(fd, now, sizeof(now) - 1);
		close(fd);
		now[n > 0 ? n : 0] = 0;
		for (char *p = now; *p; p++)
			if (*p == '\n')
				*p = 0;
			else if (*p == '\t')
				*p = '_';
		if (n > 0)
			say("=%s", now);
	}
	say("\n");
	rest(path, old);
}

/* A long text, and one from the middle of the file. */
static void odd(const char *path)
{
	static char text[4000];
	char old[200] = "";
	int fd = MUST(open(path, O_RDWR));
	ssize_t n = read(fd, old, sizeof(old) - 1);

	old[n > 0 ? n : 0] = 0;
	say("%s:", strrchr(path, '/') + 1);
	lseek(fd, 0, SEEK_SET);
	memset(text, '1', sizeof(text));
	n = write(fd, text, sizeof(text));
	say(" digits %zd %s", n, n < 0 ? ename(errno) : "");
	lseek(fd, 0, SEEK_SET);
	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 1] = '1';
	n = write(fd, text, sizeof(text));
	say(" blanks %zd %s", n, n < 0 ? ename(errno) : "");
	n = write(fd, (void *)8, 1);
	say(" nothing %zd %s", n, n < 0 ? ename(errno) : "");
	n = pwrite(fd, "1", 1, 2);
	say(" behind %zd %s\n", n, n < 0 ? ename(errno) : "");
	close(fd);
	rest(path, old);
}

static void opened(const char *path, int flags, const char *how)
{
	int fd = (errno = 0, open(path, flags));

	say("%s %s: %s\n", path, how, fd < 0 ? ename(errno) : "ok");
	close(fd);
}

static void truncated(void)
{
	char self[200] = "";

	readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd = (errno = 0, open(self, O_RDONLY | O_TRUNC));

	say("a program that runs, cut as it is opened to be read: %s\n", fd < 0 ? ename(errno) : "ok");
	fd = (errno = 0, open("/proc/self/exe", O_RDONLY | O_TRUNC));
	say("by its link: %s\n", fd < 0 ? ename(errno) : "ok");
}

int main(void)
{
	static const char *const sys[] = {
		"/proc/sys/kernel/sem",		  "/proc/sys/kernel/msgmax",
		"/proc/sys/kernel/shmmax",	  "/proc/sys/kernel/core_uses_pid",
		"/proc/sys/kernel/printk",	  "/proc/sys/kernel/acct",
		"/proc/sys/kernel/dmesg_restrict", "/proc/sys/kernel/keys/maxkeys",
		"/proc/sys/vm/overcommit_kbytes", "/proc/sys/vm/dirty_background_bytes",
		"/proc/sys/vm/oom_dump_tasks",	  "/proc/sys/fs/aio-max-nr",
		"/proc/sys/fs/nr_open",		  "/proc/sys/fs/pipe-max-size",
		"/proc/sys/fs/lease-break-time",  "/proc/sys/net/core/somaxconn",
		"/proc/sys/vm/drop_caches",
	};
	static const char *const own[] = {
		"/proc/self/oom_score_adj", "/proc/self/oom_adj", "/proc/self/coredump_filter",
		"/proc/self/clear_refs",
	};
	int fd;

	SECTION("settings");
	put_text("/proc/sys/kernel/printk", "4 4 1 7");
	for (unsigned i = 0; i < ARRAY_SIZE(sys); i++)
		each(sys[i]);
	odd("/proc/sys/kernel/msgmax");
	SECTION("of a process");
	for (unsigned i = 0; i < ARRAY_SIZE(own); i++)
		each(own[i]);
	odd("/proc/self/oom_score_adj");
	each("/proc/self/timerslack_ns");

	SECTION("seccomp's actions");
	static const char *const lists[] = { "trap errno", " trap", "trap  errno", "trap allow", "trap\nx", "trap " };
	for (unsigned i = 0; i < ARRAY_SIZE(lists); i++) {
		char now[200] = "";
		long n = (errno = 0, put_text("/proc/sys/kernel/seccomp/actions_logged", lists[i]));
		int err = errno;

		fd = open("/proc/sys/kernel/seccomp/actions_logged", O_RDONLY);
		read(fd, now, sizeof(now) - 1);
		close(fd);
		say("%u: %ld %s: %s", i, n, n < 0 ? ename(err) : "", now);
	}
	put_text("/proc/sys/kernel/seccomp/actions_logged",
		 "kill_process kill_thread trap errno user_notif trace log");

	SECTION("a name without letters");
	fd = MUST(open("/proc/self/comm", O_RDWR));
	R(write(fd, "", 0));
	char name[20] = "?";
	R(pread(fd, name, sizeof(name), 0));
	close(fd);

	SECTION("files that are made up");
	opened("/proc/self/status", O_RDONLY | O_DIRECT, "O_DIRECT");
	opened("/proc/sys/kernel/msgmax", O_RDONLY | O_DIRECT, "O_DIRECT");
	opened("/proc/self/ns/mnt", O_RDONLY | O_DIRECT, "O_DIRECT");
	opened("/proc/version", O_RDONLY | O_DIRECT, "O_DIRECT");
	opened("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_DIRECT, "O_DIRECT");
	opened("/proc/self/ns/mnt", O_RDONLY | O_TRUNC, "O_TRUNC");
	R(truncate("/proc/self/ns/mnt", 0));
	R(chmod("/proc/self/ns/mnt", 0400));
	R(chown("/proc/self/ns/mnt", 0, 0));
	snprintf(name, sizeof(name), "/proc/%d", getpid());
	R(chown(name, 0, 0));
	R(utimensat(AT_FDCWD, name, NULL, 0));
	R(unlink("/proc/self/status"));
	truncated();
	return 0;
}
