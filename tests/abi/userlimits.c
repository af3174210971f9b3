/* /proc/sys/user: how many namespaces, inotify instances and watches each user may have, namespace by namespace. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "abi.h"

#define USER "/proc/sys/user/"

static const struct {
	const char *name;
	int flag;
} kinds[] = {
	{ "max_ipc_namespaces", CLONE_NEWIPC },	  { "max_mnt_namespaces", CLONE_NEWNS },
	{ "max_net_namespaces", CLONE_NEWNET },	  { "max_pid_namespaces", CLONE_NEWPID },
	{ "max_time_namespaces", 0x80 },	  { "max_user_namespaces", CLONE_NEWUSER },
	{ "max_uts_namespaces", CLONE_NEWUTS },
};

static const char *where(const char *name)
{
	static char path[2][100];
	static int turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s%s", name[0] == '/' ? "" : USER, name);
	return path[turn];
}

static long get(const char *name)
{
	char text[40] = "";
	int fd = open(where(name), O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	close(fd);
	return atol(text);
}

/* 0 or -1 */
static int set(const char *name, long v)
{
	char text[40];
	int fd = open(where(name), O_WRONLY), n = snprintf(text, sizeof(text), "%ld\n", v), err;

	if (fd < 0)
		return -1;
	err = write(fd, text, (size_t)n) == n ? 0 : -1;
	close(fd);
	return err;
}

/* A child that does f, and, if that went well, stays until it is let go. */
static pid_t hold(int (*f)(void), int *result, int *gate)
{
	int told[2], wait[2], r[2];
	char c;
	pid_t pid;

	pipe(told);
	pipe(wait);
	pid = fork();
	if (!pid) {
		close(wait[1]);
		r[0] = f();
		r[1] = errno;
		write(told[1], r, sizeof(r));
		read(wait[0], &c, 1);
		_exit(0);
	}
	close(told[1]);
	close(wait[0]);
	read(told[0], r, sizeof(r));
	close(told[0]);
	*result = r[0];
	*gate = wait[1];
	errno = r[1];
	return pid;
}

static int new_uts(void)
{
	return unshare(CLONE_NEWUTS);
}

static int user_of_1000(void)
{
	setresgid(1000, 1000, 1000);
	setresuid(1000, 1000, 1000);
	return unshare(CLONE_NEWUSER);
}

static void end(pid_t pid, int gate)
{
	write(gate, "x", 1); /* others have this end too */
	close(gate);
	waitpid(pid, NULL, 0);
}

/* One more in a child, and done. */
static void once(const char *what, int (*f)(void))
{
	int r, gate;
	pid_t pid = hold(f, &r, &gate);
	int err = errno;

	end(pid, gate);
	say("%s: %s\n", what, r ? ename(err) : "ok");
}

static int which;

static int make_kind(void)
{
	return unshare(kinds[which].flag);
}

static void none_allowed(void)
{
	long threads = get("/proc/sys/kernel/threads-max");
	struct stat st;

	for (which = 0; which < (int)(ARRAY_SIZE(kinds)); which++) {
		const char *name = kinds[which].name;
		long was = get(name);

		stat(where(name), &st);
		say("%s: mode %o, %s\n", name, st.st_mode,
		       was == threads / 2 ? "half as many as threads" : "?");
		R(set(name, 0));
		once("  none allowed", make_kind);
		R(set(name, was));
		once("  as many as before", make_kind);
	}
	R(set("max_uts_namespaces", -1));
	R(set("max_uts_namespaces", 2147483648L));
	R(set("max_uts_namespaces", 2147483647));
	R(set("max_uts_namespaces", threads / 2));
}

static void counted(void)
{
	long was = get("max_uts_namespaces");
	int r, gate[2];
	pid_t pid[2];

	R(set("max_uts_namespaces", 2));
	pid[0] = hold(new_uts, &r, &gate[0]);
	R(r);
	pid[1] = hold(new_uts, &r, &gate[1]);
	R(r);
	once("a third", new_uts);
	once("again", new_uts);
	end(pid[0], gate[0]);
	once("when one has gone", new_uts);
	end(pid[1], gate[1]);
	R(set("max_uts_namespaces", was));

	was = get("max_user_namespaces");
	R(set("max_user_namespaces", 1));
	pid[0] = hold(user_of_1000, &r, &gate[0]);
	R(r);
	once("the same user", user_of_1000);
	R(set("max_user_namespaces", 2));
	once("one more allowed", user_of_1000);
	end(pid[0], gate[0]);
	R(set("max_user_namespaces", was));
}

static int uts_in_user(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWUTS);
}

/* What is made in a namespace below counts for who made that namespace. */
static void counted_above(void)
{
	long was = get("max_uts_namespaces");
	int r, gate;
	pid_t pid;

	R(set("max_uts_namespaces", 1));
	pid = hold(uts_in_user, &r, &gate);
	R(r);
	once("another beside it", uts_in_user);
	once("and above", new_uts);
	end(pid, gate);
	once("when it has gone", new_uts);
	R(set("max_uts_namespaces", was));
}

static int in_own(void)
{
	int a, b;

	R(unshare(CLONE_NEWUSER));
	R(get("max_uts_namespaces"));
	R(get("max_user_namespaces"));
	R(get("max_inotify_instances"));
	R(get("max_inotify_watches"));
	R(set("max_uts_namespaces", 1));
	R(set("max_inotify_instances", 1));
	R(set("max_inotify_watches", 1));
	R(set("/proc/sys/fs/inotify/max_user_instances", 5));
	R(unshare(CLONE_NEWUTS));
	once("a second", new_uts);
	R(a = inotify_init());
	R(inotify_init());
	R(inotify_add_watch(a, "/", IN_CREATE));
	R(inotify_add_watch(a, "/proc", IN_CREATE));
	R(set("max_inotify_watches", 2));
	R(inotify_add_watch(a, "/proc", IN_CREATE));
	close(a);
	R(b = inotify_init());
	R(unshare(CLONE_NEWUSER));
	R(get("max_uts_namespaces"));
	once("a second, further down", new_uts);
	R(inotify_init());
	return 0;
}

static int as_user(void)
{
	setresgid(1000, 1000, 1000);
	setresuid(1000, 1000, 1000);
	say("a user reads: %s\n", get("max_uts_namespaces") > 0 ? "ok" : "no");
	R(set("max_uts_namespaces", 5));
	R(access(USER "max_uts_namespaces", W_OK));
	R(access(USER "max_uts_namespaces", R_OK));

	return 0;
}

static void other_names(void)
{
	long was = get("max_inotify_instances");

	R(was == get("/proc/sys/fs/inotify/max_user_instances"));
	R(get("max_inotify_watches") == get("/proc/sys/fs/inotify/max_user_watches"));
	R(get("max_fanotify_groups") == get("/proc/sys/fs/fanotify/max_user_groups"));
	R(get("max_fanotify_marks") == get("/proc/sys/fs/fanotify/max_user_marks"));
	R(set("max_inotify_instances", 77));
	R(get("/proc/sys/fs/inotify/max_user_instances"));
	R(set("/proc/sys/fs/inotify/max_user_instances", was));
	R(was == get("max_inotify_instances"));
}

int main(void)
{
	long uts = get("max_uts_namespaces");
	int r, gate;

	none_allowed();
	counted();
	counted_above();
	other_names();
	end(hold(in_own, &r, &gate), gate);
	R(get("max_uts_namespaces") == uts);
	end(hold(as_user, &r, &gate), gate);
	return 0;
}
