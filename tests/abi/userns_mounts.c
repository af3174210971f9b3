/*
 * Which file systems may be mounted by who has only namespaces of his own: user_namespaces(7),
 * mount_namespaces(7). proc, sysfs and mqueue belong to a namespace each, whose owner may; proc and sysfs only
 * where one is to be seen whole already, and with the locks of that.
 */
#include "mounts.h"
#include <linux/mount.h>

static void put(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static void try_all(const char *what)
{
	static const char *const all[] = { "proc", "sysfs", "mqueue", "tmpfs", "devpts", "devtmpfs" };

	say("%s:\n", what);
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		int r = mount("m", "m", all[i], 0, NULL);

		say("  %s: %s\n", all[i], r ? ename(errno) : "mounted");
		if (!r)
			MUST(umount2("m", MNT_DETACH));
	}
}

/* A child in new namespaces of those kinds, and of users and mounts; root there. */
static int enter(int kinds)
{
	int status;
	pid_t pid;

	fflush(stdout);
	if (MUST(fork())) {
		MUST(wait(&status));
		return 0;
	}
	MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS | kinds));
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/gid_map", "0 0 1");
	if (kinds & CLONE_NEWPID) {
		pid = MUST(fork());
		if (pid) {
			MUST(waitpid(pid, &status, 0));
			_exit(0);
		}
	}
	return 1;
}

static void text(const char *path)
{
	char buf[200];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	buf[n < 0 ? 0 : n] = 0;
	say("%s: %s\n", path, n < 0 ? ename(errno) : buf);
	close(fd);
}

static void kinds(void)
{
	enter_own();
	MUST(mkdir("m", 0755));
	if (enter(0)) {
		try_all("users");
		_exit(0);
	}
	if (enter(CLONE_NEWNET | CLONE_NEWIPC)) {
		try_all("network and IPC");
		_exit(0);
	}
	if (enter(CLONE_NEWPID)) {
		struct stat st;

		try_all("pid");
		MUST(mount("p", "m", "proc", 0, NULL));
		show_mounts("with proc");
		text("m/self/task/../comm");
		R(access("m/1", F_OK));
		R(access("m/2", F_OK));
		R(open("m/sysrq-trigger", O_WRONLY));
		R(open("m/kmsg", O_RDONLY));
		R(open("m/sys/kernel/hostname", O_WRONLY));
		R(open("m/sys/vm/swappiness", O_WRONLY));
		MUST(stat("m", &st));
		say("of %d %d, %o\n", st.st_uid, st.st_gid, st.st_mode);
		R(mount("p", "m", "proc", MS_REMOUNT | MS_RDONLY, NULL));
		R(mount("p", "m", "proc", MS_REMOUNT | MS_NOEXEC, NULL));
		show_mounts("mounted again");
		R(umount("m"));
		R(umount("/proc"));
		R(umount2("/proc", MNT_DETACH));
		_exit(0);
	}
	leave_own();
}

/* What the mounter would see that he does not see now. */
static void hidden(void)
{
	int fd, m;
	char buf[100];
	ssize_t n;

	enter_own();
	MUST(mkdir("m", 0755));
	MUST(mount("none", "/proc/irq", "tmpfs", 0, NULL));
	MUST(mount("none", "/sys/kernel/mm", "tmpfs", 0, NULL));
	if (enter(CLONE_NEWPID | CLONE_NEWNET)) {
		try_all("something covered");
		fd = MUST(syscall(SYS_fsopen, "proc", 0));
		R(syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
		m = syscall(SYS_fsmount, fd, 0, 0);
		say("fsmount: %s\n", m < 0 ? ename(errno) : "made");
		n = read(fd, buf, sizeof(buf) - 1);
		buf[n < 0 ? 0 : n] = 0;
		say("%s", n < 0 ? "no message\n" : buf);
		close(m);
		_exit(0);
	}
	MUST(umount("/sys/kernel/mm"));
	MUST(umount("/proc/irq"));
	if (enter(CLONE_NEWPID | CLONE_NEWNET)) {
		MUST(mount("none", "/proc/irq", "tmpfs", 0, NULL));
		MUST(mount("none", "/sys/kernel/mm", "tmpfs", 0, NULL));
		try_all("covered by oneself");
		fd = MUST(syscall(SYS_fsopen, "proc", 0));
		R(syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
		m = syscall(SYS_fsmount, fd, 0, 0);
		say("fsmount: %d\n", m >= 0);
		R(syscall(SYS_move_mount, m, "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH));
		R(access("m/self/status", F_OK));
		_exit(0);
	}
	leave_own();
}

static void locks(void)
{
	enter_own();
	MUST(mkdir("m", 0755));
	MUST(mkdir("p", 0755));
	MUST(mount("/proc", "p", NULL, MS_BIND, NULL));
	MUST(mount(NULL, "p", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOATIME, NULL));
	MUST(mount("p", "/proc", NULL, MS_BIND, NULL));
	MUST(umount("p"));
	MUST(mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOATIME, NULL));
	/* The first /proc is below, and is covered as a whole. */
	if (!MUST(fork())) {
		MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID));
		if (!MUST(fork())) {
			R(mount("p", "m", "proc", 0, NULL));
			R(mount("p", "m", "proc", MS_RDONLY, NULL));
			R(mount("p", "m", "proc", MS_NOATIME, NULL));
			R(mount("p", "m", "proc", MS_RDONLY | MS_NOATIME, NULL));
			R(mount("p", "m", "proc", MS_REMOUNT | MS_NOATIME, NULL));
			R(mount("p", "m", "proc", MS_REMOUNT | MS_RDONLY, NULL));
			R(mount("p", "m", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOATIME | MS_NOSUID, NULL));
			show_mounts("locked");
			_exit(0);
		}
		wait(NULL);
		_exit(0);
	}
	wait(NULL);
	MUST(umount("/proc"));
	leave_own();
}

int main(void)
{
	in_child("kinds", kinds);
	in_child("hidden", hidden);
	in_child("locks", locks);
	return 0;
}
