/*
 * Settings that root may write, and what they change: the numbers of who is nobody, what a set-user-ID program
 * leaves readable, who is told of Ctrl-Alt-Del, taints, the log's writers. All are put back.
 */
#include "setting.h"
#include <sys/prctl.h>
#include <sys/socket.h>

#define SYS "/proc/sys/"

static char *get(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), SYS "%s", name);
	return setting(path);
}

static void put(const char *name, const char *text)
{
	char path[100];
	long n;

	snprintf(path, sizeof(path), SYS "%s", name);
	n = put_text(path, text);
	say("  <- %.*s%s: %s", (int)strcspn(text, "\n"), text, strchr(text, '\n') ? " and a newline" : "", n < 0 ? ename(errno) : n == (long)strlen(text) ? "ok" : "short");
	say(", %s\n", get(name));
}

static void numbers(const char *name, const char *const *values)
{
	char path[100], old[128];
	struct stat st;

	snprintf(path, sizeof(path), SYS "%s", name);
	if (stat(path, &st)) {
		say("%s: %s\n", name, ename(errno));
		return;
	}
	strcpy(old, get(name));
	say("%s: mode %o\n", name, st.st_mode & 0777);
	for (; *values; values++)
		put(name, *values);
	strcat(old, "\n");
	put_text(path, old);
}

/* --- who is nobody --- */

static void seen(const char *what)
{
	struct stat st;
	int pair[2];
	siginfo_t si;
	sigset_t set;

	say("%s: ids %d %d", what, getuid(), getgid());
	MUST(stat("theirs", &st));
	say(", file of %d %d", st.st_uid, st.st_gid);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	sigwaitinfo(&set, &si);
	say(", signal of %d", si.si_uid);
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	struct ucred cred;
	socklen_t len = sizeof(cred);
	MUST(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &cred, &len));
	say(", peer %d %d\n", cred.uid, cred.gid);
}

static void nobodies(void)
{
	MUST(unshare(CLONE_NEWUSER));
	seen("in a namespace without a map");
}

/* --- set-user-ID --- */

static void dumpable(void)
{
	int fd;
	struct stat st;

	MUST(prctl(PR_SET_DUMPABLE, 1));
	MUST(setuid(1000));
	say("after setuid: %d", prctl(PR_GET_DUMPABLE));
	MUST(stat("/proc/self/status", &st));
	fd = open("/proc/self/environ", O_RDONLY);
	say(", /proc/self of %d, environ %s", st.st_uid, fd < 0 ? ename(errno) : "ok");
	say(", PR_SET_DUMPABLE 2: %s\n", prctl(PR_SET_DUMPABLE, 2) ? ename(errno) : "ok");
}

/* --- who may make a user namespace --- */

static void namespaces(void)
{
	MUST(setuid(1000));
	OK(unshare(CLONE_NEWUSER));
}

static void lines(const char *mode)
{
	int fd, again;

	fd = MUST(open("/dev/kmsg", O_RDWR | O_NONBLOCK));
	MUST(lseek(fd, 0, SEEK_END));
	put("kernel/printk_devkmsg", mode);
	say("open: %s\n", (again = open("/dev/kmsg", O_WRONLY)) < 0 ? ename(errno) : "ok");
	close(again);
	for (int i = 0; i < 12; i++) {
		char line[40];

		int n = snprintf(line, sizeof(line), "<7>line %d of the test\n", i);
		if (write(fd, line, n) != n)
			say("line %d: %s\n", i, ename(errno));
	}
	int found = 0;
	char record[2000];
	ssize_t n;

	while ((n = read(fd, record, sizeof(record) - 1)) > 0) {
		record[n] = 0;
		found += !!strstr(record, "of the test");
	}
	say("of 12 lines %d are in the log\n", found);
	close(fd);
}

int main(void)
{
	static const char *const ids[] = { "0", "1234", "65535", "65536", "-1", "x", NULL };
	static const char *const few[] = { "0", "1", "2", "3", "-1", "x", NULL };
	static const char *const seconds[] = { "0", "5", "-1", "x", NULL };
	static const char *const pids[] = { "0", "-1", "4194304", "x", "1", NULL };
	static const char *const kbytes[] = { "4096", "-1", "x", NULL };
	static const char *const modes[] = { "on\n", "of\n", "On\n", "on", "off", "onx", "offxy", "on\n\n", "ratelimit\n", NULL };
	char text[20];
	int old = umask(0);

	umask(old);
	MUST(chdir("/tmp"));
	put_file("theirs", "", 0, 0666);
	MUST(chown("theirs", 4321, 4321));
	SECTION("overflow ids");
	numbers("kernel/overflowuid", ids);
	numbers("kernel/overflowgid", ids);
	numbers("fs/overflowuid", ids);
	numbers("fs/overflowgid", ids);
	in_child("as it is", nobodies);
	put("kernel/overflowuid", "1234");
	put("kernel/overflowgid", "2345");
	put("fs/overflowuid", "3456");
	in_child("others", nobodies);
	put("kernel/overflowuid", "65534");
	put("kernel/overflowgid", "65534");
	put("fs/overflowuid", "65534");

	SECTION("suid_dumpable");
	numbers("fs/suid_dumpable", few);
	for (int v = 0; v < 3; v++) {
		snprintf(text, sizeof(text), "%d", v);
		put("fs/suid_dumpable", text);
		in_child(text, dumpable);
	}
	put("fs/suid_dumpable", "0");

	SECTION("unprivileged_userns_clone");
	numbers("kernel/unprivileged_userns_clone", few);
	put("kernel/unprivileged_userns_clone", "0");
	in_child("not allowed", namespaces);
	in_child("root", nobodies);
	put("kernel/unprivileged_userns_clone", "1");
	in_child("allowed", namespaces);

	SECTION("others");
	numbers("kernel/panic", seconds);
	numbers("kernel/cad_pid", pids);
	snprintf(text, sizeof(text), "%d", getpid());
	say("cad_pid of myself: %s\n", put_text(SYS "kernel/cad_pid", text) < 0 ? ename(errno) : "ok");
	say("is it? %d\n", atoi(get("kernel/cad_pid")) == getpid());
	put_text(SYS "kernel/cad_pid", "1");
	numbers("kernel/auto_msgmni", few);
	numbers("vm/min_free_kbytes", kbytes);
	numbers("kernel/random/write_wakeup_threshold", ids);
	numbers("kernel/random/urandom_min_reseed_secs", ids);
	say("modules_disabled <- 0: %s\n", put_text(SYS "kernel/modules_disabled", "0") < 0 ? ename(errno) : "ok");
	say("modules_disabled <- 2: %s\n", put_text(SYS "kernel/modules_disabled", "2") < 0 ? ename(errno) : "ok");

	SECTION("tainted");
	put_text(SYS "kernel/tainted", "64");
	say("by a user: %lld\n", atoll(get("kernel/tainted")) & 64);
	say("0: %s", put_text(SYS "kernel/tainted", "0") < 0 ? ename(errno) : "ok");
	say(", still %lld\n", atoll(get("kernel/tainted")) & 64);
	say("-1: %s", put_text(SYS "kernel/tainted", "-1") < 0 ? ename(errno) : "ok");
	say(", x: %s\n", put_text(SYS "kernel/tainted", "x") < 0 ? ename(errno) : "ok");

	SECTION("printk_devkmsg");
	numbers("kernel/printk_devkmsg", modes);
	lines("ratelimit\n");
	lines("off\n");
	put("kernel/printk_devkmsg", "on\n");
	lines("on\n");
	put("kernel/printk_devkmsg", "ratelimit\n");
	unlink("theirs");
	return 0;
}
