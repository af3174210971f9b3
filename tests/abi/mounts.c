/*
 * mount(2), umount(2) and mount_namespaces(7): binding, moving, flags of one mount and of the file system,
 * shared, slave, private and unbindable trees, what of it /proc/self/mountinfo tells, and poll(2) of that.
 */
#include "mounts.h"
#include <poll.h>
#include <sys/statvfs.h>

static void binding(void)
{
	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("a/sub", 0755));
	MUST(mkdir("b", 0755));
	MUST(mkdir("c", 0755));
	touch("file");
	touch("other");
	MUST(mount("t", "a/sub", "tmpfs", 0, NULL));
	touch("a/sub/in");
	R(mount("a", "b", NULL, MS_BIND, NULL));
	R(access("b/sub/in", F_OK));
	R(mount("a", "c", NULL, MS_BIND | MS_REC, NULL));
	R(access("c/sub/in", F_OK));
	R(mount("file", "other", NULL, MS_BIND, NULL));
	R(mount("file", "b", NULL, MS_BIND, NULL));
	R(mount("a", "file", NULL, MS_BIND, NULL));
	R(mount("none", "b", NULL, MS_BIND, NULL));
	R(mount(NULL, "b", NULL, MS_BIND, NULL));
	R(mount("", "b", NULL, MS_BIND, NULL));
	R(mount("a", "nowhere", NULL, MS_BIND, NULL));
	R(mount("t", "file", "tmpfs", 0, NULL));
	R(mount("t", "b", "nonesuch", 0, NULL));
	R(mount("t", "b", NULL, 0, NULL));
	show_mounts("bound");
	R(rmdir("a/sub"));
	R(rename("a/sub", "a/gone"));
	R(unlink("other"));
	R(umount2("a", 0));
	R(umount2("c", 0));
	R(umount2("c/sub", 0));
	R(umount2("c", 0));
	R(umount2("file", 0));
	R(umount2("b", MNT_EXPIRE));
	R(umount2("b", MNT_EXPIRE | MNT_DETACH));
	R(umount2("b", 0x100));
	R(umount2("b", MNT_EXPIRE));
	MUST(symlink("a/sub", "link"));
	R(umount2("link", UMOUNT_NOFOLLOW));
	R(umount2("link", 0));
	show_mounts("left");
	leave_own();
}

static void moving(void)
{
	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/sub", 0755));
	MUST(mount("u", "a/sub", "tmpfs", MS_NODEV, NULL));
	touch("a/sub/in");
	R(mount("a", "b", NULL, MS_MOVE, NULL));
	R(access("b/sub/in", F_OK));
	R(access("a/sub", F_OK));
	R(mount("b", "b/sub", NULL, MS_MOVE, NULL));
	R(mount("a", "b", NULL, MS_MOVE, NULL));
	touch("f");
	R(mount("b", "f", NULL, MS_MOVE, NULL));
	R(mount(NULL, "b", NULL, MS_MOVE, NULL));
	show_mounts("moved");
	/* Out of one that is shared nothing is moved, nor what must not be bound into one. */
	MUST(mount(NULL, "b", NULL, MS_SHARED, NULL));
	R(mount("b/sub", "a", NULL, MS_MOVE, NULL));
	MUST(mkdir("u", 0755));
	MUST(mount("v", "u", "tmpfs", 0, NULL));
	MUST(mount(NULL, "u", NULL, MS_UNBINDABLE, NULL));
	MUST(mkdir("b/here", 0755));
	R(mount("u", "b/here", NULL, MS_MOVE, NULL));
	R(mount("u", "a", NULL, MS_BIND, NULL));
	R(mount("u", "a", NULL, MS_MOVE, NULL));
	show_mounts("then");
	leave_own();
}

static void flags_of(const char *place)
{
	struct statvfs st;

	MUST(statvfs(place, &st));
	say("%s: flags %lx\n", place, st.f_flag & ~0x20UL);
}

static void flags(void)
{
	struct stat st;

	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount("t", "a", "tmpfs", MS_NOSUID | MS_NOATIME, NULL));
	MUST(mount("a", "b", NULL, MS_BIND | MS_RDONLY, NULL));
	flags_of("b");
	R(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	flags_of("b");
	R(open("b/x", O_CREAT | O_RDWR, 0644));
	R(mkdir("b/d", 0755));
	R(open("a/x", O_CREAT | O_RDWR, 0644) >= 0);
	R(open("b/x", O_RDWR));
	R(chmod("b/x", 0600));
	R(truncate("b/x", 0));
	R(access("b/x", W_OK));
	show_mounts("read-only");
	R(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	R(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	for (int i = 3; i < 20; i++)
		close(i);
	R(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	R(open("a/y", O_CREAT | O_RDWR, 0644));
	R(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND, NULL));
	R(open("b/y", O_CREAT | O_RDWR, 0644) >= 0);
	show_mounts("all read-only");
	R(mount(NULL, "a", NULL, MS_REMOUNT | MS_STRICTATIME | MS_NODIRATIME, NULL));
	R(mount(NULL, "a/x", NULL, MS_REMOUNT, NULL));
	R(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_NOSYMFOLLOW | MS_NOEXEC | MS_NODEV, NULL));
	show_mounts("others");
	flags_of("a");
	flags_of("b");
	MUST(symlink("x", "a/link"));
	R(stat("b/link", &st));
	R(lstat("b/link", &st));
	R(readlink("b/link", (char[10]){ 0 }, 10));
	R(stat("a/link", &st));
	MUST(mknod("a/null", S_IFCHR | 0666, 0x103));
	R(open("b/null", O_RDONLY));
	leave_own();
}

static void propagation(void)
{
	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mkdir("s", 0755));
	MUST(mkdir("d", 0755));
	MUST(mkdir("p", 0755));
	MUST(mkdir("t", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/1", 0755));
	MUST(mkdir("a/2", 0755));
	MUST(mkdir("a/2/deep", 0755));
	R(mount(NULL, "a", NULL, MS_SHARED | MS_PRIVATE, NULL));
	R(mount(NULL, "a/1", NULL, MS_SHARED, NULL));
	R(mount(NULL, "a", NULL, MS_SHARED, NULL));
	R(mount("a", "b", NULL, MS_BIND, NULL));
	R(mount("a", "s", NULL, MS_BIND, NULL));
	R(mount(NULL, "s", NULL, MS_SLAVE, NULL));
	R(mount("s", "t", NULL, MS_BIND, NULL));
	R(mount(NULL, "t", NULL, MS_SHARED, NULL));
	R(mount("a/2", "d", NULL, MS_BIND, NULL));
	R(mount("a", "p", NULL, MS_BIND, NULL));
	R(mount(NULL, "p", NULL, MS_PRIVATE, NULL));
	show_mounts("who is whose");
	R(mount("one", "a/1", "tmpfs", 0, NULL));
	show_mounts("one came");
	R(mount("two", "b/2/deep", "tmpfs", 0, NULL));
	show_mounts("two came");
	R(mount("three", "s/1", "tmpfs", 0, NULL));
	R(mount("four", "t/2", "tmpfs", 0, NULL));
	show_mounts("below the slaves");
	R(umount2("b/1", 0));
	show_mounts("one went");
	R(umount2("t/2", 0));
	R(umount2("d/deep", 0));
	show_mounts("two went");
	R(mount(NULL, "b", NULL, MS_PRIVATE, NULL));
	R(mount(NULL, "a", NULL, MS_SLAVE, NULL));
	show_mounts("changed");
	R(mount(NULL, "a", NULL, MS_PRIVATE, NULL));
	R(mount(NULL, "d", NULL, MS_UNBINDABLE, NULL));
	R(mount("d", "p", NULL, MS_BIND, NULL));
	show_mounts("at last");
	leave_own();
}

static void busy(void)
{
	int fd;

	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/1", 0755));
	MUST(mount(NULL, "a", NULL, MS_SHARED, NULL));
	MUST(mount("a", "b", NULL, MS_BIND, NULL));
	MUST(mount("one", "a/1", "tmpfs", 0, "mode=0755"));
	fd = MUST(open("b/1", O_RDONLY));
	R(umount2("a/1", 0));
	R(umount2("a/1", MNT_DETACH));
	show_mounts("lazily");
	R(openat(fd, "x", O_CREAT | O_RDWR, 0644) >= 0);
	R(openat(fd, "..", O_RDONLY) >= 0);
	close(fd);
	/* Something over what goes elsewhere stays, and takes its place. */
	MUST(mount("one", "a/1", "tmpfs", 0, "mode=0755"));
	MUST(mount(NULL, "b", NULL, MS_PRIVATE, NULL));
	MUST(mount("over", "b/1", "tmpfs", 0, NULL));
	show_mounts("over");
	R(umount2("a/1", 0));
	show_mounts("without");
	leave_own();
}

static void tucked(void)
{
	enter_own();
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mount("t", "a", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("a/1", 0755));
	MUST(mount(NULL, "a", NULL, MS_SHARED, NULL));
	MUST(mount("a", "b", NULL, MS_BIND, NULL));
	MUST(mount(NULL, "b", NULL, MS_SLAVE, NULL));
	MUST(mount("mine", "b/1", "tmpfs", 0, "mode=0755"));
	touch("b/1/mine");
	MUST(mount("theirs", "a/1", "tmpfs", 0, NULL));
	show_mounts("one below the other");
	R(access("b/1/mine", F_OK));
	R(umount2("b/1", 0));
	R(access("b/1/mine", F_OK));
	R(mount("mine", "b/1", "tmpfs", 0, NULL));
	R(umount2("a/1", 0));
	show_mounts("theirs went");
	leave_own();
}

static void polled(void)
{
	int fd = MUST(open("/proc/self/mounts", O_RDONLY)), info;
	struct pollfd p = { fd, POLLIN | POLLPRI, 0 };

	enter_own();
	R(poll(&p, 1, 0));
	info = MUST(open("/proc/self/mountinfo", O_RDONLY));
	p.fd = info;
	R(poll(&p, 1, 0));
	say("events %x\n", p.revents);
	MUST(mkdir("a", 0755));
	MUST(mount("t", "a", "tmpfs", 0, NULL));
	R(poll(&p, 1, 0));
	say("events %x\n", p.revents);
	R(poll(&p, 1, 0));
	say("events %x\n", p.revents);
	p.events = POLLPRI;
	R(poll(&p, 1, 0));
	MUST(umount2("a", 0));
	R(poll(&p, 1, -1));
	say("events %x\n", p.revents);
	leave_own();
}

static void refused(void)
{
	char path[60];
	int fd;

	enter_own();
	MUST(mkdir("a", 0755));
	touch("f");
	touch("g");
	fd = MUST(open("f", O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	R(mount("g", path, NULL, MS_BIND, NULL));
	fd = MUST(open(path, O_PATH | O_NOFOLLOW));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	R(mount("g", path, NULL, MS_BIND, NULL));
	fd = MUST(open("/proc/self/fdinfo/0", O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	R(mount("g", path, NULL, MS_BIND, NULL));
	R(mount("/proc/self/ns/mnt", "g", NULL, MS_BIND, NULL));
	R(mount("/proc/self/ns/uts", "g", NULL, MS_BIND, NULL));
	R(mount("t", work, "tmpfs", 0, NULL));
	R(mount("/proc", "a", NULL, MS_BIND, NULL));
	R(rmdir("a"));
	R(umount2("a", 0));
	R(umount2("nowhere", 0));
	R(umount2((char *)1, 0));
	MUST(seteuid(1000));
	R(mount("t", "a", "tmpfs", 0, NULL));
	R(umount2(work, 0));
	MUST(seteuid(0));
	leave_own();
}

int main(void)
{
	SECTION("binding");
	in_child("binding", binding);
	SECTION("moving");
	in_child("moving", moving);
	SECTION("flags");
	in_child("flags", flags);
	SECTION("propagation");
	in_child("propagation", propagation);
	SECTION("busy");
	in_child("busy", busy);
	SECTION("tucked");
	in_child("tucked", tucked);
	SECTION("poll");
	in_child("polled", polled);
	SECTION("refused");
	in_child("refused", refused);
	return 0;
}
