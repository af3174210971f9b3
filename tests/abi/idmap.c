/* Mounts with other numbers of users, MOUNT_ATTR_IDMAP of mount_setattr(2): which requests are refused, and how. */
#include "mounts.h"
#include <limits.h>
#include <linux/mount.h>
#include <sys/socket.h>

static long set_attr(int dfd, const char *path, unsigned flags, unsigned long long set, unsigned long long clr, long long fd)
{
	struct mount_attr a = { .attr_set = set, .attr_clr = clr, .userns_fd = (unsigned long long)fd };

	return syscall(SYS_mount_setattr, dfd, path, flags, &a, sizeof(a));
}
#define IDMAP(path, fd) set_attr(AT_FDCWD, path, 0, MOUNT_ATTR_IDMAP, 0, fd)

static int go[2];

/* A child in a user namespace that has a map, which stays until `go` is shut: its file in /proc. */
static int other_users(int mapped)
{
	char path[60];
	int ready[2], pid, fd;
	char c;

	MUST(pipe(ready));
	pid = MUST(fork());
	if (!pid) {
		close(go[1]);
		MUST(unshare(CLONE_NEWUSER));
		MUST(write(ready[1], "x", 1));
		read(go[0], &c, 1);
		_exit(0);
	}
	MUST(read(ready[0], &c, 1));
	if (mapped) {
		snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
		MUST(put_text(path, "0 10000 1000"));
		snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
		MUST(put_text(path, "0 10000 1000"));
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = MUST(open(path, O_RDONLY));
	close(ready[0]);
	close(ready[1]);
	return fd;
}

int main(void)
{
	int users, file, sock, own, mnt, pair[2];

	enter_own();
	MUST(pipe(go));
	users = other_users(1);
	put_file("f", "", 0, 0644);
	file = MUST(open("f", O_RDONLY));
	sock = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	own = MUST(open("/proc/self/ns/user", O_RDONLY));
	mnt = MUST(open("/proc/self/ns/mnt", O_RDONLY));
	MUST(pipe(pair));
	SECTION("descriptors");
	OK(IDMAP(".", -1));
	OK(IDMAP(".", 77));
	OK(IDMAP(".", 1LL << 31));
	OK(IDMAP(".", LLONG_MAX));
	OK(IDMAP(".", file));
	OK(IDMAP(".", sock));
	OK(IDMAP(".", pair[0]));
	OK(IDMAP(".", own));
	OK(IDMAP(".", mnt));
	OK(IDMAP(".", MUST(open("/proc/self/ns/user", O_PATH))));
	OK(IDMAP("none", 77));
	OK(IDMAP("none", users));
	OK(IDMAP((char *)16, users));
	SECTION("mounts");
	OK(IDMAP(".", users));
	OK(IDMAP("f", users));
	OK(IDMAP("/proc", users));
	OK(IDMAP("/sys", users));
	OK(set_attr(AT_FDCWD, ".", 0, 0, MOUNT_ATTR_IDMAP, users));
	OK(set_attr(AT_FDCWD, ".", 0, MOUNT_ATTR_IDMAP, MOUNT_ATTR_IDMAP, users));
	OK(set_attr(AT_FDCWD, ".", 0, 0, MOUNT_ATTR_IDMAP, -1));
	OK(set_attr(AT_FDCWD, ".", 0, MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY, 0, users));
	show_mounts("unchanged");
	SECTION("copies of mounts");
	int tree = MUST(syscall(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE));
	OK(set_attr(tree, "", AT_EMPTY_PATH, MOUNT_ATTR_IDMAP, 0, users));
	OK(set_attr(tree, "", AT_EMPTY_PATH, MOUNT_ATTR_IDMAP, 0, own));
	OK(set_attr(tree, "", AT_EMPTY_PATH, MOUNT_ATTR_IDMAP, 0, file));
	OK(set_attr(tree, "", 0, MOUNT_ATTR_IDMAP, 0, users));
	SECTION("fsmount takes none");
	int fs = MUST(syscall(SYS_fsopen, "tmpfs", 0));
	MUST(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	OK(syscall(SYS_fsmount, fs, 0, MOUNT_ATTR_IDMAP));
	OK(syscall(SYS_fsmount, fs, 0, MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY));
	SECTION("of a namespace without a map");
	OK(IDMAP(".", other_users(0)));
	close(go[1]);
	leave_own();
	return 0;
}
