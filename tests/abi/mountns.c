/*
 * Namespaces of mounts: mount_namespaces(7), clone(2), unshare(2), setns(2), pivot_root(2), /proc/PID/ns/mnt
 * and what /proc/PID/mounts shows; names that are a mount's place elsewhere; file handles,
 * name_to_handle_at(2), open_by_handle_at(2).
 */
#include "mounts.h"
#include <linux/mount.h>
#include <sys/ioctl.h>

#define SYS(name, ...) syscall(SYS_##name, __VA_ARGS__)

static long ns_number(const char *path)
{
	struct stat st;

	MUST(stat(path, &st));
	return st.st_ino;
}

static int pipes[2][2];

static void tell(int i)
{
	write(pipes[i][1], "x", 1);
}

static void hear(int i)
{
	char c;

	read(pipes[i][0], &c, 1);
}

static int has_line(const char *file, const char *what)
{
	char line[1000];
	FILE *f = fopen(file, "r");
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, what) != NULL;
	if (f)
		fclose(f);
	return n;
}

static void two(void)
{
	char path[60];
	long mine;
	int fd, info;
	pid_t pid;

	enter_own();
	MUST(pipe(pipes[0]));
	MUST(pipe(pipes[1]));
	MUST(mkdir("a", 0755));
	MUST(mkdir("b", 0755));
	MUST(mkdir("f", 0755));
	mine = ns_number("/proc/self/ns/mnt");
	pid = SYS(clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		say("another: %d\n", ns_number("/proc/self/ns/mnt") != mine);
		MUST(mount("child", "a", "tmpfs", 0, "mode=0755"));
		MUST(mount("child", "f", "tmpfs", 0, "mode=0755"));
		touch("a/of-child");
		show_mounts("the child's");
		tell(0);
		hear(1);
		say("renamed: %d %d\n", access("b/of-child", F_OK), access("c/of-child", F_OK));
		say("removed: %d\n", access("f", F_OK));
		show_mounts("the child's, later");
		_exit(0);
	}
	hear(0);
	R(access("a/of-child", F_OK));
	show_mounts("the parent's");
	snprintf(path, sizeof(path), "/proc/%d/mounts", pid);
	say("of the child: %d here: %d\n", has_line(path, "child"), has_line("/proc/self/mounts", "child"));
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	info = MUST(open(path, O_RDONLY));
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	say("its number: %d\n", ns_number(path) != mine);
	fd = MUST(open(path, O_RDONLY));
	/* What only the child has mounted hinders nobody else. */
	R(rename("a", "c"));
	R(rmdir("f"));
	R(rmdir("b"));
	if (!fork()) {
		R(setns(fd, CLONE_NEWNS));
		R(chdir(work));
		say("in it: %d\n", access("c/of-child", F_OK));
		_exit(0);
	}
	waitpid(-1, NULL, 0);
	tell(1);
	waitpid(pid, NULL, 0);
	say("text of one that ended: %d\n", read(info, path, 10) > 0);
	close(fd);
	R(mount("/proc/self/ns/mnt", "c", NULL, MS_BIND, NULL));
	leave_own();
}

static void shared(void)
{
	enter_own();
	MUST(pipe(pipes[0]));
	MUST(pipe(pipes[1]));
	MUST(mkdir("a", 0755));
	MUST(mkdir("a/1", 0755));
	MUST(mkdir("a/2", 0755));
	MUST(mount(NULL, ".", NULL, MS_SHARED, NULL));
	if (!fork()) {
		MUST(unshare(CLONE_NEWNS));
		show_mounts("the child's");
		tell(0);
		hear(1);
		show_mounts("what came");
		MUST(mount("back", "a/2", "tmpfs", 0, NULL));
		MUST(umount2("a/1", 0));
		MUST(mount(NULL, ".", NULL, MS_SLAVE, NULL));
		show_mounts("a slave now");
		MUST(mkdir("a/2/x", 0755));
		MUST(mount("mine", "a/2/x", "tmpfs", 0, NULL));
		tell(0);
		_exit(0);
	}
	hear(0);
	MUST(mount("there", "a/1", "tmpfs", 0, NULL));
	tell(1);
	hear(0);
	wait(NULL);
	show_mounts("what came back");
	leave_own();
}

static void pivot(void)
{
	enter_own();
	MUST(mkdir("root", 0755));
	MUST(mkdir("other", 0755));
	R(SYS(pivot_root, "root", "root"));
	R(SYS(pivot_root, "nowhere", "root"));
	MUST(mount("root", "root", "tmpfs", 0, "mode=0755"));
	MUST(mkdir("root/old", 0755));
	MUST(mkdir("root/sub", 0755));
	touch("root/f");
	R(SYS(pivot_root, "root", "other"));
	R(SYS(pivot_root, "root", "root/f"));
	R(SYS(pivot_root, "root/sub", "root/sub"));
	MUST(chroot("."));
	R(SYS(pivot_root, "root", "/"));
	R(SYS(pivot_root, "/", "root/old"));
	R(SYS(pivot_root, "/", "/"));
	MUST(mount(NULL, "root", NULL, MS_SHARED, NULL));
	R(SYS(pivot_root, "root", "root/old"));
	MUST(mount(NULL, "root", NULL, MS_PRIVATE, NULL));
	R(SYS(pivot_root, "root", "root/old"));
	R(access("/f", F_OK));
	R(access("/old/root", F_OK));
	R(access("/old/other", F_OK));
	R(chdir("/old"));
	R(umount2("/old", 0));
	R(chdir("/"));
	R(umount2("/old", MNT_DETACH));
	R(access("/old/other", F_OK));
	/* The way of containers: onto itself. */
	MUST(mkdir("/n", 0755));
	MUST(mount("n", "/n", "tmpfs", 0, "mode=0755"));
	MUST(chdir("/n"));
	touch("inner");
	R(SYS(pivot_root, ".", "."));
	R(umount2(".", MNT_DETACH));
	R(chdir("/"));
	R(access("/inner", F_OK));
	R(access("/f", F_OK));
}

/* --- file handles --- */

struct handle {
	unsigned bytes;
	int type;
	unsigned char data[128];
};

static struct handle *handle_of(const char *name, int flags, int *id)
{
	static struct handle h;

	h.bytes = 128;
	MUST(SYS(name_to_handle_at, AT_FDCWD, name, &h, id, flags));
	return &h;
}

static void open_it(struct handle *h, int flags)
{
	char buf[20] = "";
	int at = MUST(open(".", O_RDONLY));
	int fd = SYS(open_by_handle_at, at, h, flags);

	if (fd < 0)
		say("  opened: %s\n", ename(errno));
	else
		say("  opened: %ld bytes\n", (long)read(fd, buf, sizeof(buf)));
	close(fd);
	close(at);
}

static void handles(void)
{
	struct handle h = { 0 }, dir;
	struct stat st, other;
	uint64_t big = 0;
	int id, fd, at;

	enter_own();
	put_file("f", "some text", 9, 0644);
	R(SYS(name_to_handle_at, AT_FDCWD, "f", &h, &id, 0));
	say("wanted %u type %d\n", h.bytes, h.type);
	R(SYS(name_to_handle_at, AT_FDCWD, "f", &h, &id, 0));
	say("got %u type %d\n", h.bytes, h.type);
	say("the mount: %d\n", has_line("/proc/self/mountinfo", work) == 1);
	R(SYS(name_to_handle_at, AT_FDCWD, "f", &h, &big, 1));
	say("long number: %d\n", big > 0x80000000UL);
	R(SYS(name_to_handle_at, AT_FDCWD, "f", &h, &id, 0x8000));
	R(SYS(name_to_handle_at, AT_FDCWD, "", &h, &id, 0));
	R(SYS(name_to_handle_at, AT_FDCWD, "", &h, &id, AT_EMPTY_PATH));
	R(SYS(name_to_handle_at, AT_FDCWD, "f", NULL, &id, 0));
	R(SYS(name_to_handle_at, AT_FDCWD, "f", &h, NULL, 0));
	h.bytes = 129;
	R(SYS(name_to_handle_at, AT_FDCWD, "f", &h, &id, 0));
	h = (struct handle){ .bytes = 128 };
	R(SYS(name_to_handle_at, AT_FDCWD, "/proc/self/status", &h, &id, 0));
	R(SYS(name_to_handle_at, AT_FDCWD, "/proc/self/status", &h, &id, 0x200));
	h = *handle_of("f", 0x200, &id);
	say("as an id: the same %d\n", !memcmp(&h, handle_of("f", 0, &id), 20));
	open_it(&h, O_RDONLY);
	open_it(&h, O_RDONLY | O_DIRECTORY);
	open_it(&h, O_WRONLY);
	MUST(rename("f", "g"));
	open_it(&h, O_RDONLY);
	MUST(link("g", "f2"));
	MUST(unlink("g"));
	open_it(&h, O_RDONLY);
	fd = MUST(open("f2", O_RDONLY));
	MUST(unlink("f2"));
	open_it(&h, O_RDONLY);
	close(fd);
	open_it(&h, O_RDONLY);
	h.type = 99;
	open_it(&h, O_RDONLY);
	h.type = 1;
	h.bytes = 4;
	open_it(&h, O_RDONLY);
	h.bytes = 0;
	open_it(&h, O_RDONLY);
	h.bytes = 200;
	open_it(&h, O_RDONLY);
	MUST(mkdir("d", 0755));
	MUST(mkdir("d/e", 0755));
	dir = *handle_of("d/e", 0, &id);
	put_file("d/e/in", "x", 1, 0644);
	at = MUST(open(work, O_RDONLY));
	fd = MUST(SYS(open_by_handle_at, at, &dir, O_RDONLY | O_DIRECTORY));
	MUST(fstat(fd, &st));
	MUST(stat("d/e", &other));
	say("the folder: %d\n", st.st_ino == other.st_ino);
	R(faccessat(fd, "in", F_OK, 0));
	R(unlinkat(fd, "in", 0));
	R(access("d/e/in", F_OK));
	MUST(rename("d/e", "moved"));
	R(faccessat(fd, "../moved", F_OK, 0));
	close(fd);
	MUST(rmdir("moved"));
	R(SYS(open_by_handle_at, at, &dir, O_RDONLY));
	MUST(symlink("nowhere", "link"));
	h = *handle_of("link", 0, &id);
	R(SYS(open_by_handle_at, at, &h, O_RDONLY));
	R(SYS(open_by_handle_at, at, &h, O_PATH) >= 0);
	R(SYS(open_by_handle_at, -1, &h, O_RDONLY));
	R(SYS(open_by_handle_at, at, NULL, O_RDONLY));
	at = MUST(open("/proc", O_RDONLY));
	R(SYS(open_by_handle_at, at, &h, O_RDONLY));
	MUST(setuid(1000));
	R(SYS(open_by_handle_at, at, &h, O_RDONLY));
	R(SYS(name_to_handle_at, AT_FDCWD, "link", &h, &id, 0));
}

int main(void)
{
	SECTION("two of them");
	in_child("two", two);
	SECTION("with peers");
	in_child("shared", shared);
	SECTION("pivot_root");
	in_child("pivot", pivot);
	SECTION("handles");
	in_child("handles", handles);
	return 0;
}
