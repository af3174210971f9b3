/*
 * Mounts made one step at a time: fsopen(2), fsconfig(2) and the messages that are read from it,
 * fsmount(2), fspick(2), open_tree(2), move_mount(2), mount_setattr(2), statmount(2), listmount(2).
 */
#include "mounts.h"
#include <linux/mount.h>
#include <sys/statvfs.h>

#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x00000200
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#define SYS_listmount 458
#endif
#define SYS(name, ...) syscall(SYS_##name, __VA_ARGS__)
#define CONFIG(fd, cmd, key, value, aux) SYS(fsconfig, fd, cmd, key, value, aux)

static void messages(int fd)
{
	char buf[300];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		say("  said: %.*s", (int)n, buf);
	say("  read: %s\n", n ? ename(errno) : "end");
}

static void contexts(void)
{
	char small[3];
	int fd, m, other;

	enter_own();
	R(SYS(fsopen, "nonesuch", 0));
	R(SYS(fsopen, NULL, 0));
	R(SYS(fsopen, "tmpfs", 4));
	fd = MUST(SYS(fsopen, "tmpfs", FSOPEN_CLOEXEC));
	say("flags %x\n", fcntl(fd, F_GETFD));
	messages(fd);
	R(SYS(fsmount, fd, 0, 0));
	R(CONFIG(fd, FSCONFIG_SET_STRING, "nonesuch", "x", 0));
	messages(fd);
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "nonesuch", NULL, 0));
	R(read(fd, small, sizeof(small)));
	messages(fd);
	R(CONFIG(fd, FSCONFIG_SET_STRING, "size", "1x", 0));
	messages(fd);
	R(CONFIG(fd, FSCONFIG_SET_STRING, "", "1", 0));
	messages(fd);
	R(CONFIG(fd, FSCONFIG_SET_STRING, "size", "1m", 0));
	R(CONFIG(fd, FSCONFIG_SET_STRING, "mode", "0700", 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "ro", NULL, 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "rw", NULL, 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "sync", NULL, 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "source", NULL, 0));
	messages(fd);
	R(CONFIG(fd, FSCONFIG_SET_STRING, "source", "mine", 0));
	R(CONFIG(fd, FSCONFIG_SET_STRING, "source", "again", 0));
	messages(fd);
	R(CONFIG(fd, FSCONFIG_SET_STRING, "size", NULL, 0));
	R(CONFIG(fd, FSCONFIG_SET_STRING, NULL, "1m", 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "ro", "x", 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "ro", NULL, 1));
	R(CONFIG(fd, FSCONFIG_SET_BINARY, "size", "1m", 0));
	R(CONFIG(fd, FSCONFIG_SET_FD, "nonesuch", NULL, 999));
	R(CONFIG(fd, 99, "x", NULL, 0));
	R(CONFIG(-1, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	R(CONFIG(999, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	R(CONFIG(0, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	R(CONFIG(fd, FSCONFIG_CMD_CREATE, "x", NULL, 0));
	R(CONFIG(fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	R(CONFIG(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	R(CONFIG(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "ro", NULL, 0));
	R(SYS(fsmount, fd, 4, 0));
	R(SYS(fsmount, fd, 0, 0x400));
	R(SYS(fsmount, fd, 0, MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME));
	R(SYS(fsmount, 0, 0, 0));
	R(SYS(fsmount, 999, 0, 0));
	m = MUST(SYS(fsmount, fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME));
	R(SYS(fsmount, fd, 0, 0));
	R(openat(m, "x", O_CREAT | O_RDWR, 0644) >= 0);
	R(read(m, small, 1));
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	touch("file");
	R(SYS(move_mount, m, "", AT_FDCWD, "a", 0));
	R(SYS(move_mount, m, "", AT_FDCWD, "file", MOVE_MOUNT_F_EMPTY_PATH));
	R(SYS(move_mount, m, "x", AT_FDCWD, "file", 0));
	R(SYS(move_mount, m, "", AT_FDCWD, "a", MOVE_MOUNT_F_EMPTY_PATH));
	show_mounts("moved");
	R(access("a/x", F_OK));
	R(SYS(move_mount, m, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH));
	close(m);
	show_mounts("again");
	/* What was made can be made again with other options, by the same file or by another. */
	R(CONFIG(fd, FSCONFIG_SET_FLAG, "ro", NULL, 0));
	R(CONFIG(fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	show_mounts("read-only");
	other = MUST(SYS(fspick, AT_FDCWD, "b", FSPICK_CLOEXEC));
	R(SYS(fsmount, other, 0, 0));
	R(CONFIG(other, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	R(CONFIG(other, FSCONFIG_SET_FLAG, "rw", NULL, 0));
	R(CONFIG(other, FSCONFIG_SET_FLAG, "async", NULL, 0));
	R(CONFIG(other, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	show_mounts("writable");
	R(SYS(fspick, AT_FDCWD, "b/x", 0));
	R(SYS(fspick, AT_FDCWD, "b", 0x10));
	R(SYS(fspick, AT_FDCWD, "", 0));
	fd = MUST(SYS(fsopen, "tmpfs", 0));
	R(CONFIG(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	m = MUST(SYS(fsmount, fd, 0, 0));
	close(fd);
	fd = MUST(openat(m, "y", O_CREAT | O_RDWR, 0644));
	close(m);
	R(write(fd, "x", 1));
	R(SYS(move_mount, fd, "", AT_FDCWD, "a", MOVE_MOUNT_F_EMPTY_PATH));
	leave_own();
}

static void trees(void)
{
	int fd, all;

	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mkdir("c", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/sub", 0755));
	MUST(mount("u", "a/sub", "tmpfs", 0, "mode=0755"));
	touch("a/sub/in");
	fd = MUST(SYS(open_tree, AT_FDCWD, "a", 0));
	R(faccessat(fd, "sub/in", F_OK, 0));
	R(SYS(move_mount, fd, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH));
	show_mounts("moved as it is");
	close(fd);
	R(SYS(open_tree, AT_FDCWD, "a", AT_RECURSIVE));
	R(SYS(open_tree, AT_FDCWD, "a", 2));
	R(SYS(open_tree, AT_FDCWD, "", 0));
	R(SYS(open_tree, AT_FDCWD, "nowhere", OPEN_TREE_CLONE));
	fd = MUST(SYS(open_tree, AT_FDCWD, "b", OPEN_TREE_CLONE));
	all = MUST(SYS(open_tree, AT_FDCWD, "b", OPEN_TREE_CLONE | AT_RECURSIVE | OPEN_TREE_CLOEXEC));
	R(faccessat(fd, "sub/in", F_OK, 0));
	R(faccessat(all, "sub/in", F_OK, 0));
	R(SYS(open_tree, fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
	R(mount("t", "/proc/self/fd/3", "tmpfs", 0, NULL));
	R(umount2("/proc/self/fd/3", MNT_DETACH));
	R(SYS(move_mount, all, "sub", AT_FDCWD, "c", 0));
	R(SYS(move_mount, all, "", AT_FDCWD, "c", MOVE_MOUNT_F_EMPTY_PATH));
	R(SYS(move_mount, all, "", AT_FDCWD, "b/sub", MOVE_MOUNT_F_EMPTY_PATH));
	show_mounts("a copy of all");
	close(fd);
	close(all);
	R(SYS(move_mount, AT_FDCWD, "c/sub", AT_FDCWD, "a", 0));
	R(SYS(move_mount, AT_FDCWD, "c", AT_FDCWD, "a", 0x400));
	R(SYS(move_mount, AT_FDCWD, "c", AT_FDCWD, "a", MOVE_MOUNT_SET_GROUP | MOVE_MOUNT_BENEATH));
	R(SYS(move_mount, AT_FDCWD, "nowhere", AT_FDCWD, "a", 0));
	show_mounts("one of them");
	/* Of a tree that nobody has any more. */
	fd = MUST(SYS(open_tree, AT_FDCWD, "b", 0));
	MUST(umount2("b", MNT_DETACH));
	R(SYS(move_mount, fd, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH));
	R(SYS(open_tree, fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
	leave_own();
}

static void beneath(void)
{
	int fd;

	enter_own();
	MUST(mkdir("up", 0755));
	MUST(mount("up", "up", "tmpfs", 0, "mode=0755"));
	MUST(chdir("up"));
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mount("u", "b", "tmpfs", 0, "mode=0755"));
	touch("a/of-a");
	touch("b/of-b");
	fd = MUST(SYS(open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE));
	R(SYS(move_mount, fd, "", AT_FDCWD, "b/of-b", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_BENEATH));
	R(SYS(move_mount, fd, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_BENEATH));
	R(access("b/of-b", F_OK));
	show_mounts("beneath");
	R(umount2("b", 0));
	R(access("b/of-a", F_OK));
	show_mounts("now seen");
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_BENEATH));
	show_mounts("moved below");
	R(SYS(move_mount, AT_FDCWD, "b", AT_FDCWD, "/", MOVE_MOUNT_BENEATH));
	MUST(mount("v", "a", "tmpfs", 0, NULL));
	MUST(mount(NULL, "../up", NULL, MS_SHARED, NULL));
	fd = MUST(SYS(open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE));
	R(SYS(move_mount, fd, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_BENEATH));
	show_mounts("in a shared one");
	leave_own();
}

static void group(void)
{
	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mkdir("c", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/sub", 0755));
	MUST(mount("a", "b", NULL, MS_BIND, NULL));
	MUST(mount("a/sub", "c", NULL, MS_BIND, NULL));
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
	MUST(mount(NULL, "a", NULL, MS_SHARED, NULL));
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, "b", MOVE_MOUNT_SET_GROUP));
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, "c", MOVE_MOUNT_SET_GROUP));
	R(SYS(move_mount, AT_FDCWD, "a/sub", AT_FDCWD, "c", MOVE_MOUNT_SET_GROUP));
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, work, MOVE_MOUNT_SET_GROUP));
	show_mounts("peers");
	MUST(mount("n", "b/sub", "tmpfs", 0, NULL));
	show_mounts("and what comes");
	leave_own();
}

static void attr(const char *what, uint64_t set, uint64_t clr, uint64_t type, unsigned flags)
{
	struct mount_attr a = { .attr_set = set, .attr_clr = clr, .propagation = type };
	long r = SYS(mount_setattr, AT_FDCWD, what, flags, &a, sizeof(a));

	say("set %lx clear %lx type %lx of %s: %s\n", (long)set, (long)clr, (long)type, what,
	    r ? ename(errno) : "ok");
}

static void attributes(void)
{
	struct mount_attr a = { 0 };
	char big[5000] = { 0 };
	int fd;

	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/sub", 0755));
	MUST(mount("u", "a/sub", "tmpfs", MS_NOATIME, "mode=0755"));
	attr("a", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, 0, 0);
	attr("a", MOUNT_ATTR_NOATIME, 0, 0, 0);
	attr("a", MOUNT_ATTR_NOATIME, MOUNT_ATTR_NOATIME, 0, 0);
	attr("a", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0);
	attr("a", MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_RDONLY, 0, AT_RECURSIVE);
	show_mounts("set");
	attr("a", 0x400, 0, 0, 0);
	attr("a", 0, 0x400, 0, 0);
	attr("a", 0, 0, MS_SHARED | MS_PRIVATE, 0);
	attr("a", 0, 0, MS_REC, 0);
	attr("a/nowhere", MOUNT_ATTR_RDONLY, 0, 0, 0);
	attr("a/nowhere", 0, 0, 0, 0);
	attr("a/sub/..", MOUNT_ATTR_RDONLY, 0, 0, 0);
	attr("a", 0, MOUNT_ATTR_RDONLY, 0, 0);
	touch("a/f");
	attr("a/f", MOUNT_ATTR_RDONLY, 0, 0, 0);
	attr("a", 0, 0, 0, 0x10);
	fd = MUST(open("a/sub/f", O_CREAT | O_RDWR, 0644));
	attr("a", MOUNT_ATTR_RDONLY, 0, MS_SHARED, AT_RECURSIVE);
	show_mounts("none of it");
	close(fd);
	attr("a", MOUNT_ATTR_RDONLY, 0, MS_SHARED, AT_RECURSIVE);
	attr("a", 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW, MS_SLAVE, 0);
	show_mounts("all of it");
	R(SYS(mount_setattr, AT_FDCWD, "a", 0, &a, 31));
	R(SYS(mount_setattr, AT_FDCWD, "a", 0, big, 4096));
	R(SYS(mount_setattr, AT_FDCWD, "a", 0, big, 4097));
	big[100] = 1;
	R(SYS(mount_setattr, AT_FDCWD, "a", 0, big, 4096));
	R(SYS(mount_setattr, AT_FDCWD, "a", 0, NULL, 32));
	fd = MUST(SYS(open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE));
	a.attr_set = MOUNT_ATTR_NODEV;
	R(SYS(mount_setattr, fd, "", AT_EMPTY_PATH, &a, sizeof(a)));
	MUST(mkdir("b", 0755));
	R(SYS(move_mount, fd, "", AT_FDCWD, "b", MOVE_MOUNT_F_EMPTY_PATH));
	show_mounts("and a copy");
	leave_own();
}

/* --- statmount(2) --- */

struct req {
	uint32_t size, spare;
	uint64_t id, param, ns;
};
static struct {
	uint32_t size, opts;
	uint64_t mask;
	uint32_t major, minor;
	uint64_t magic;
	uint32_t sb_flags, type;
	uint64_t id, parent;
	uint32_t old, parent_old;
	uint64_t attr, propagation, group, master, from;
	uint32_t root, point;
	uint64_t ns, spare[49];
	char text[2000];
} st;

static uint64_t id_of(const char *name)
{
	struct statx sx;

	MUST(statx(AT_FDCWD, name, 0, 0x4000, &sx));
	return sx.stx_mnt_id;
}

static void stat_mount(const char *name)
{
	struct req r = { sizeof(r), 0, id_of(name), 0xff, 0 };

	memset(&st, 0, sizeof(st));
	say("%s: ", name);
	OK(SYS(statmount, &r, &st, sizeof(st), 0));
	say("  mask %lx magic %lx flags %x attr %lx propagation %lx group %d master %d from %d\n",
	    (long)st.mask, (long)st.magic, st.sb_flags, (long)st.attr, (long)st.propagation, !!st.group,
	    !!st.master, !!st.from);
	say("  type %s root %s point .%s\n", st.text + st.type, st.text + st.root,
	    st.text + st.point + strlen(work));
	say("  id %d parent %d size %d\n", st.id == id_of(name), st.parent > 0x80000000UL,
	    st.size >= 512 && st.size < 700);
}

static void looking(void)
{
	struct req r = { sizeof(r), 0, 0, 0, 0 };
	uint64_t ids[100], few[2];
	long n;

	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mount("t", "a", "tmpfs", MS_NODEV | MS_NOATIME, "mode=0755"));
	MUST(mkdir("a/sub", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount(NULL, "a", NULL, MS_SHARED, NULL));
	MUST(mount("a/sub", "b", NULL, MS_BIND, NULL));
	MUST(mount(NULL, "b", NULL, MS_SLAVE, NULL));
	MUST(mount("u", "a/sub", "tmpfs", 0, NULL));
	stat_mount("a");
	stat_mount("b");
	stat_mount("a/sub");
	r.id = id_of(work);
	n = SYS(listmount, &r, ids, 100, 0);
	say("listed %ld: %d %d\n", n, ids[0] == id_of("a"), n > 2 && ids[2] > ids[1]);
	n = SYS(listmount, &r, few, 2, 0);
	say("two: %ld\n", n);
	r.param = few[1];
	n = SYS(listmount, &r, few, 2, 0);
	say("the rest: %ld %d\n", n, few[0] == ids[2]);
	r.param = 0;
	n = SYS(listmount, &r, few, 2, 1);
	say("from behind: %ld %d\n", n, few[0] == ids[3] || few[0] == ids[2]);
	r.id = id_of("a/sub");
	R(SYS(listmount, &r, ids, 100, 0));
	r.id = 1;
	R(SYS(listmount, &r, ids, 100, 0));
	r.id = 0x7fffffffffffffff;
	R(SYS(listmount, &r, ids, 100, 0));
	R(SYS(statmount, &r, &st, sizeof(st), 0));
	r.id = id_of("a");
	R(SYS(listmount, &r, ids, 100, 2));
	R(SYS(statmount, &r, &st, sizeof(st), 1));
	r.param = 0x10;
	R(SYS(statmount, &r, &st, 512, 0));
	R(SYS(statmount, &r, NULL, 1000, 0));
	r.param = 2;
	R(SYS(statmount, &r, &st, 8, 0));
	R(SYS(statmount, &r, &st, 0, 0));
	r.size = 23;
	R(SYS(statmount, &r, &st, sizeof(st), 0));
	r.size = 24;
	R(SYS(statmount, &r, &st, sizeof(st), 0));
	r.size = 5000;
	R(SYS(statmount, &r, &st, sizeof(st), 0));
	r.size = sizeof(r);
	r.spare = 1;
	R(SYS(statmount, &r, &st, sizeof(st), 0));
	R(SYS(statmount, NULL, &st, sizeof(st), 0));
	r.spare = 0;
	r.ns = 77777777;
	R(SYS(statmount, &r, &st, sizeof(st), 0));
	r.ns = 0;
	r.id = -1;
	say("all: %d\n", SYS(listmount, &r, ids, 100, 0) > 3);
	leave_own();
}

static void nobody(void)
{
	enter_own();
	MUST(mkdir("a", 0755));
	MUST(setuid(1000));
	R(SYS(fsopen, "tmpfs", 0));
	R(SYS(fspick, AT_FDCWD, "a", 0));
	R(SYS(fsmount, 0, 0, 0));
	R(SYS(open_tree, AT_FDCWD, "a", 0) >= 0);
	R(SYS(open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE));
	R(SYS(move_mount, AT_FDCWD, "a", AT_FDCWD, "a", 0x1000));
	attr("a", MOUNT_ATTR_RDONLY, 0, 0, 0);
	R(SYS(pivot_root, "nowhere", "a"));
	R(unshare(CLONE_NEWNS));
}

int main(void)
{
	SECTION("contexts");
	in_child("contexts", contexts);
	SECTION("trees");
	in_child("trees", trees);
	SECTION("beneath");
	in_child("beneath", beneath);
	SECTION("groups");
	in_child("group", group);
	SECTION("attributes");
	in_child("attributes", attributes);
	SECTION("statmount");
	in_child("looking", looking);
	SECTION("without privilege");
	in_child("nobody", nobody);
	return 0;
}
