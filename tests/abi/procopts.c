/*
 * proc(5), mount options: hidepid=, gid=, subset=: what mount(2), a remount and fsconfig(2) take, what
 * /proc/self/mountinfo tells of them, and what is seen of others' processes then.
 */
#include "mounts.h"
#include <dirent.h>
#include <grp.h>
#include <linux/mount.h>
#include <sys/prctl.h>

static pid_t other; /* of user 2000 */

/* The file system's options of what is mounted at the path. */
static void show_options(const char *what, const char *path)
{
	char line[1024], *p, place[256], here[256];
	FILE *f = fopen("/proc/self/mountinfo", "r");

	snprintf(place, sizeof(place), " %s/%s ", getcwd(here, sizeof(here)), path);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, place) && (p = strstr(line, " - ")))
			say("%s: %s", what, p + 3);
	fclose(f);
}

static void mounting(void)
{
	static const char *const options[] = {
		"",		 "hidepid=0",	     "hidepid=1",	  "hidepid=2",
		"hidepid=3",	 "hidepid=4",	     "hidepid=5",	  "hidepid=off",
		"hidepid=",	 "hidepid",	     "hidepid=noaccess",  "hidepid=invisible",
		"hidepid=x",	 "hidepid=0x2",	     "hidepid=ptraceable", "hidepid=-1",
		"hidepid= 2",	 "gid=0",	     "gid=5",		  "gid",
		"gid=x",	 "gid=-1",	     "gid=4294967295",	  "gid=0x10",
		"subset=pid",	 "subset=",	     "subset",		  "subset=pids",
		"nonesuch",	 "nonesuch=1",	     "hidepid=1,gid=7,subset=pid",
		"hidepid=2,hidepid=0", "hidepid=2,nonesuch", "gid=3,,hidepid=1",
	};
	char what[80];

	SECTION("mount");
	for (unsigned i = 0; i < ARRAY_SIZE(options); i++) {
		snprintf(what, sizeof(what), "[%s]", options[i]);
		show_ok(what, mount("p", "p", "proc", 0, options[i]));
		show_options(what, "p");
		umount2("p", MNT_DETACH);
	}
	SECTION("remount");
	MUST(mount("p", "p", "proc", 0, "hidepid=1,gid=9"));
	for (unsigned i = 0; i < ARRAY_SIZE(options); i++) {
		snprintf(what, sizeof(what), "[%s]", options[i]);
		show_ok(what, mount("p", "p", NULL, MS_REMOUNT, options[i]));
		show_options(what, "p");
	}
	MUST(umount("p"));
	SECTION("another's mount keeps its own");
	MUST(mount("p", "p", "proc", 0, "hidepid=2"));
	MUST(mount("q", "q", "proc", 0, ""));
	show_options("p", "p");
	show_options("q", "q");
	MUST(umount("p"));
	MUST(umount("q"));
}

static void configuring(void)
{
	static const char *const pairs[][2] = {
		{ "hidepid", "1" },	 { "hidepid", "3" },   { "hidepid", "ptraceable" },
		{ "hidepid", "" },	 { "gid", "12" },      { "gid", "x" },
		{ "subset", "pid" },	 { "subset", "all" },  { "nonesuch", "1" },
		{ "source", "a place" }, { "hidepid", NULL },  { "subset", NULL },
		{ "gid", NULL },	 { "nonesuch", NULL },
	};
	int fs = MUST(syscall(SYS_fsopen, "proc", 0));
	char buf[256];

	SECTION("fsconfig");
	for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
		const char *value = pairs[i][1];
		long r = syscall(SYS_fsconfig, fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
				 pairs[i][0], value, 0);

		snprintf(buf, sizeof(buf), "%s=%s", pairs[i][0], value ? value : "(flag)");
		show_ok(buf, r);
	}
	OK(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	int m = syscall(SYS_fsmount, fs, 0, 0);
	OK(m);
	OK(syscall(SYS_move_mount, m, "", AT_FDCWD, "p", 4 /* MOVE_MOUNT_F_EMPTY_PATH */));
	show_options("made", "p");
	close(m);
	close(fs);
	OK(umount("p"));
}

static int listed(const char *dir, const char *name)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d)))
		found |= !strcmp(e->d_name, name);
	if (d)
		closedir(d);
	return found;
}

/* What current sees of `pid` in the /proc at p. */
static void look(const char *who, pid_t pid)
{
	static const char *const files[] = { "",	"/stat", "/status", "/task", "/fd", "/exe",
					     "/cmdline", "/root", "/nonesuch" };
	char path[64], name[16];
	struct stat st;

	snprintf(name, sizeof(name), "%d", pid);
	say(" %s: listed %d", who, listed("p", name));
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		char link[100];
		int fd;

		snprintf(path, sizeof(path), "p/%d%s", pid, files[i]);
		say(", %s stat %s", *files[i] ? files[i] : "/", stat(path, &st) ? ename(errno) : "ok");
		fd = open(path, O_RDONLY);
		say(" open %s", fd < 0 ? ename(errno) : "ok");
		if (i == 5 || i == 7)
			say(" readlink %s", readlink(path, link, sizeof(link)) < 0 ? ename(errno) : "ok");
		close(fd);
	}
	snprintf(path, sizeof(path), "p/%d/task/%d/stat", pid, pid);
	say(", thread %s", access(path, R_OK) ? ename(errno) : "ok");
	snprintf(path, sizeof(path), "p/%d", pid);
	int fd = open(path, O_PATH);
	say(", O_PATH %s", fd < 0 ? ename(errno) : "ok");
	say(" fstat %s", fstat(fd, &st) ? ename(errno) : "ok");
	say(" at %s\n", faccessat(fd, "stat", R_OK, 0) ? ename(errno) : "ok");
	close(fd);
}

static void as_user(void)
{
	MUST(setgroups(0, NULL));
	MUST(setgid(1000));
	MUST(setuid(1000));
	MUST(prctl(PR_SET_DUMPABLE, 1));
	look("self", getpid());
	look("init", 1);
	look("other", other);
}

static void as_member(void)
{
	gid_t group = 77;

	MUST(setgroups(1, &group));
	MUST(setgid(1000));
	MUST(setuid(1000));
	MUST(prctl(PR_SET_DUMPABLE, 1));
	look("other", other);
}

static void as_root(void)
{
	look("other", other);
}

static void looking(void)
{
	static const char *const options[] = { "hidepid=0", "hidepid=1", "hidepid=2", "hidepid=4",
					       "hidepid=1,gid=77", "hidepid=2,gid=77",
					       "hidepid=4,gid=77" };

	for (unsigned i = 0; i < ARRAY_SIZE(options); i++) {
		SECTION(options[i]);
		MUST(mount("p", "p", "proc", 0, options[i]));
		in_child("user", as_user);
		in_child("member of 77", as_member);
		in_child("root", as_root);
		MUST(umount("p"));
	}
}

static void subset(void)
{
	static const char *const names[] = { "self",	"thread-self", "1",    "mounts",   "net",
					     "sys",	"cpuinfo",     "tty",  "version",  "1/net",
					     "self/net", "self/stat",   "self/net/dev", "sys/kernel",
					     "irq",     "nonesuch" };
	struct dirent *e;
	struct stat st;
	DIR *d;
	int numbers = 0, others = 0;

	SECTION("subset=pid");
	MUST(mount("p", "p", "proc", 0, "subset=pid"));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		char path[64];

		snprintf(path, sizeof(path), "p/%s", names[i]);
		say("%s: %s\n", names[i], lstat(path, &st) ? ename(errno) : "there");
	}
	d = opendir("p");
	while ((e = readdir(d))) {
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9') {
			numbers++;
		} else {
			say("entry %s\n", e->d_name);
			others++;
		}
	}
	closedir(d);
	say("numbers %d, others %d\n", numbers > 0, others);
	R(mkdir("p/x", 0755));
	R(mount(NULL, "p", NULL, MS_REMOUNT, "hidepid=2"));
	show_options("after", "p");
	R(access("p/cpuinfo", F_OK));
	MUST(umount("p"));
	MUST(mount("p", "p", "proc", 0, ""));
	R(mount(NULL, "p", NULL, MS_REMOUNT, "subset=pid"));
	show_options("later", "p");
	R(access("p/cpuinfo", F_OK));
	MUST(umount("p"));
}

int main(void)
{
	enter_own();
	MUST(mkdir("p", 0755));
	MUST(mkdir("q", 0755));
	chmod(".", 0755);
	other = MUST(fork());
	if (!other) {
		MUST(setgroups(0, NULL));
		MUST(setgid(2000));
		MUST(setuid(2000));
		MUST(prctl(PR_SET_DUMPABLE, 1));
		for (;;)
			pause();
	}
	while (sleep_ms(5), 1) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%d/stat", other);
		if (!stat(path, &st) && st.st_uid == 2000)
			break;
	}
	mounting();
	configuring();
	looking();
	subset();
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	leave_own();
	return 0;
}
