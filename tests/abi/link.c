/* rename, link, unlink, symlink, mkdir, rmdir and their edges. */
#include "abi.h"

#define RENAME_NOREPLACE_ 1
#define RENAME_EXCHANGE_ 2

static struct stat st;
static char buf[300];

static void nlink_of(const char *path)
{
	if (lstat(path, &st) < 0)
		say("%s: %s\n", path, ename(errno));
	else
		say("%s: nlink %ld%s\n", path, (long)st.st_nlink, S_ISDIR(st.st_mode) ? " folder" : "");
}

static void sticky(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	R(unlink("sticky/root"));
	R(rename("sticky/root", "sticky/other"));
	R(unlink("sticky/mine"));
	R(unlink("closed/x"));
	R(rename("closed/x", "y"));
	R(mkdir("closed/d", 0755));
	R(rmdir("closed/sub"));
	R(symlink("x", "closed/s"));
	R(link("closed/x", "hard"));
}

int main(void)
{
	SECTION("mkdir, rmdir");
	R(mkdir("d", 0777));
	R(mkdir("d", 0777));
	R(mkdir("d/", 0777));
	R(mkdir("new/", 0700));
	R(mkdir("none/x", 0777));
	R(mkdir("", 0777));
	R(mkdir(".", 0777));
	R(mkdir("..", 0777));
	R(mkdir("/", 0777));
	put_file("f", "abc", 3, 0644);
	R(mkdir("f/x", 0777));
	R(mkdir("f", 0777));
	R(mkdir("d/sub", 0777));
	R(rmdir("d"));
	R(rmdir("d/sub"));
	R(rmdir("d/."));
	R(rmdir("d/.."));
	R(rmdir("f"));
	R(rmdir("none"));
	R(rmdir("/"));
	R(rmdir("new/"));
	symlink("d", "sd");
	R(rmdir("sd"));
	R(rmdir("sd/"));
	R(unlink("d"));
	R(unlink("d/"));
	R(unlinkat(AT_FDCWD, "d", 0));
	R(unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
	R(unlinkat(AT_FDCWD, "f", 0x1));
	R(unlink("f/"));
	R(unlink("none"));
	R(unlink(""));
	R(unlink("."));
	SECTION("link");
	R(link("f", "g"));
	nlink_of("f");
	R(link("f", "g"));
	R(link("none", "x"));
	R(link("d", "x"));
	R(link("f", "d"));
	R(link("f", "none/x"));
	R(link("f", "x/"));
	R(symlink("f", "sf"));
	R(link("sf", "hardsf"));
	nlink_of("hardsf");
	R(linkat(AT_FDCWD, "sf", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
	nlink_of("f");
	R(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 0x1));
	R(unlink("f"));
	nlink_of("g");
	R(rename("g", "followed"));
	nlink_of("g");
	R(unlink("g"));
	nlink_of("followed");
	R(link("/proc/self/exe", "x"));
	SECTION("symlink");
	R(symlink("target", "s1"));
	R(readlink("s1", buf, 300));
	R(readlink("s1", buf, 3));
	say("%.3s\n", buf);
	R(readlink("s1", buf, 0));
	R(readlink("d", buf, 300));
	R(readlink("none", buf, 300));
	R(readlink("s1", (char *)8, 300));
	R(symlink("x", "s1"));
	R(symlink("x", "d"));
	R(symlink("x", "none/y"));
	R(symlink("x", "slash/"));
	R(symlink("", "empty"));
	lstat("s1", &st);
	say("mode %o size %ld\n", st.st_mode, (long)st.st_size);
	SECTION("rename");
	put_file("a", "a", 1, 0644);
	put_file("b", "bb", 2, 0644);
	R(rename("a", "b"));
	stat("b", &st);
	say("size %ld\n", (long)st.st_size);
	nlink_of("a");
	R(rename("b", "b"));
	R(rename("none", "x"));
	R(rename("b", "none/x"));
	R(rename("b", "d"));
	R(rename("d", "b"));
	R(rename("b", "x/"));
	R(rename("b/", "x"));
	R(rename("d", "moved/"));
	R(rename("moved", "d"));
	mkdir("d/sub", 0755);
	mkdir("e", 0755);
	R(rename("e", "d"));
	R(rename("d", "e"));
	nlink_of("d");
	nlink_of("e/sub");
	R(rename("e", "e/sub/x"));
	R(rename("e", "e/sub"));
	R(rename("e/sub", "e"));
	R(rename(".", "x"));
	R(rename("e/.", "x"));
	R(rename("e", ".."));
	R(rename("e", "/"));
	R(rename("s1", "s2"));
	R(readlink("s2", buf, 300));
	R(rename("sf", "b"));
	nlink_of("b");
	R(link("followed", "same"));
	R(rename("followed", "same"));
	nlink_of("followed");
	R(syscall(SYS_renameat2, AT_FDCWD, "same", AT_FDCWD, "e", RENAME_NOREPLACE_));
	R(syscall(SYS_renameat2, AT_FDCWD, "same", AT_FDCWD, "fresh", RENAME_NOREPLACE_));
	R(syscall(SYS_renameat2, AT_FDCWD, "fresh", AT_FDCWD, "e", RENAME_EXCHANGE_));
	nlink_of("fresh/sub");
	R(syscall(SYS_renameat2, AT_FDCWD, "fresh", AT_FDCWD, "none", RENAME_EXCHANGE_));
	R(syscall(SYS_renameat2, AT_FDCWD, "fresh", AT_FDCWD, "e", 3));
	R(syscall(SYS_renameat2, AT_FDCWD, "fresh", AT_FDCWD, "e", 0x100));
	SECTION("an open folder moved");
	mkdir("w", 0755);
	mkdir("w/in", 0755);
	int fd = MUST(open("w/in", O_RDONLY));
	R(rename("w/in", "out"));
	R(openat(fd, "x", O_CREAT | O_WRONLY, 0644) >= 0);
	nlink_of("out/x");
	R(faccessat(fd, "../w", F_OK, 0));
	SECTION("mknod");
	R(mknod("reg", S_IFREG | 0644, 0));
	R(mknod("reg", S_IFREG | 0644, 0));
	R(mknod("null", S_IFCHR | 0666, 0x103));
	fd = MUST(open("null", O_RDWR));
	R(write(fd, "x", 1));
	R(read(fd, buf, 1));
	R(mknod("dir", S_IFDIR | 0755, 0));
	R(mknod("bad", 0170000, 0));
	SECTION("permissions");
	chmod(".", 0777);
	mkdir("sticky", 0777);
	chmod("sticky", 01777);
	put_file("sticky/root", "", 0, 0666);
	put_file("sticky/mine", "", 0, 0666);
	chown("sticky/mine", 1000, 1000);
	mkdir("closed", 0755);
	mkdir("closed/sub", 0755);
	put_file("closed/x", "", 0, 0644);
	in_child("user", sticky);
	return 0;
}
