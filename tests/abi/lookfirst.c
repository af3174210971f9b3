/*
 * What calls on names look at first: open(2)'s and mknod(2)'s flags before the name, a read-only mount before
 * what is missing there, the old name's faults before the new one's; openat2(2)'s RESOLVE_* with O_CREAT and
 * O_TMPFILE; mode 3 of open(2); whose descriptor linkat(2) takes.
 */
#include "mounts.h"
#include <grp.h>
#include <linux/fs.h>
#include <linux/openat2.h>

static const char *const bad = (const char *)16;

static long open2(const char *p, unsigned long flags, unsigned long resolve)
{
	struct open_how how = { .flags = flags, .mode = 0600, .resolve = resolve };
	long fd = syscall(SYS_openat2, AT_FDCWD, p, &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? fd : 0;
}

static void opening(void)
{
	SECTION("open");
	R(open("", O_DIRECTORY | O_CREAT, 0600));
	R(open(bad, O_DIRECTORY | O_CREAT, 0600));
	R(open(NULL, O_TMPFILE | O_RDONLY, 0600));
	R(open("", O_TMPFILE | O_RDONLY, 0600));
	OK(open(".", O_PATH | (O_TMPFILE & ~O_DIRECTORY)));
	OK(open("f", O_PATH | O_CREAT | O_EXCL | O_TRUNC));
	R(open("fifo", O_RDONLY | O_NONBLOCK | O_DIRECT));
	R(open("fifo", 3 | O_NONBLOCK));
	R(open("fifo", O_WRONLY | O_NONBLOCK)); /* neither left an end */
	OK(open("ro/f", 3));
	R(open("ro/f", O_RDWR));
	SECTION("openat2");
	R(open2("..", O_RDWR | O_CREAT, RESOLVE_BENEATH));
	R(open2("d/..", O_RDWR | O_CREAT, RESOLVE_BENEATH));
	R(open2("d/../..", O_RDWR | O_CREAT | O_EXCL, RESOLVE_BENEATH));
	R(open2("..", O_TMPFILE | O_RDWR, RESOLVE_BENEATH));
	R(open2("out", O_TMPFILE | O_RDWR, RESOLVE_BENEATH));
	R(open2("out", O_TMPFILE | O_RDWR, RESOLVE_NO_SYMLINKS));
	R(open2("m", O_TMPFILE | O_RDWR, RESOLVE_NO_XDEV));
	R(open2("d", O_TMPFILE | O_RDWR, RESOLVE_BENEATH));
	R(open2("bound", O_RDWR | O_CREAT, RESOLVE_NO_XDEV));
	R(open2("bound", O_RDWR | O_CREAT, 0));
	R(open2("m/f", O_RDWR | O_CREAT, RESOLVE_NO_XDEV));
}

static void names(void)
{
	SECTION("others");
	R(syscall(SYS_mknodat, AT_FDCWD, bad, S_IFDIR | 0600, 0));
	R(syscall(SYS_mknodat, AT_FDCWD, "", S_IFLNK | 0600, 0));
	R(syscall(SYS_mknodat, AT_FDCWD, bad, S_IFREG | 0600, 0));
	R(unlink("ro/none"));
	R(rmdir("ro/none"));
	R(unlink("ro/none/x"));
	R(unlink("ro/."));
	R(rename("f/x", ""));
	R(rename("f/x", bad));
	R(rename("none", ""));
	R(rename("f", bad));
	R(rename("", bad));
	R(rename("ro/f", "ro/f"));
	R(rename("ro/none", "ro/none"));
	R(syscall(SYS_renameat2, AT_FDCWD, "ro/f", AT_FDCWD, "ro/f", RENAME_NOREPLACE));
	R(link("f/x", ""));
	R(link("none", bad));
	R(link("f", ""));
}

static void user(void)
{
	struct stat st;
	int theirs = MUST(open("f", O_RDWR)), mine;

	MUST(setgroups(0, NULL));
	MUST(setgid(1000));
	MUST(setuid(1000));
	mine = MUST(open("f", O_RDWR));
	R(linkat(theirs, "", AT_FDCWD, "new1", AT_EMPTY_PATH));
	R(linkat(mine, "", AT_FDCWD, "new2", AT_EMPTY_PATH));
	R(linkat(77, "", AT_FDCWD, "new3", AT_EMPTY_PATH));
	R(linkat(theirs, "d", AT_FDCWD, "new4", AT_EMPTY_PATH));
	R(linkat(AT_FDCWD, "", AT_FDCWD, "new5", AT_EMPTY_PATH));
	R(linkat(AT_FDCWD, "f", AT_FDCWD, "new6", AT_EMPTY_PATH));
	R(syscall(SYS_renameat2, AT_FDCWD, "new2", AT_FDCWD, "new7", RENAME_WHITEOUT));
	R(stat("new2", &st));
	say("%o %lx\n", st.st_mode, (long)st.st_rdev);
}

int main(void)
{
	umask(0);
	enter_own();
	MUST(chmod(".", 0777));
	put_file("f", "file", 4, 0666);
	put_file("bound", "", 0, 0666);
	MUST(mkdir("d", 0777));
	MUST(mkdir("ro", 0777));
	MUST(mkdir("m", 0777));
	MUST(mkfifo("fifo", 0666));
	MUST(symlink("/", "out"));
	MUST(mount("m", "m", "tmpfs", 0, NULL));
	put_file("m/f", "", 0, 0666);
	MUST(mount("m/f", "bound", NULL, MS_BIND, NULL));
	MUST(mount("ro", "ro", "tmpfs", 0, NULL));
	put_file("ro/f", "", 0, 0666);
	MUST(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	opening();
	names();
	SECTION("user");
	in_child("user", user);
	leave_own();
	return 0;
}
