/* open: flags, creation, errors. */
#include "abi.h"

static void as_user(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	R(open("secret", O_RDONLY));
	R(open("secret", O_WRONLY));
	R(open("readable", O_RDWR));
	R(open("closed/x", O_RDONLY));
	R(open("locked/new", O_CREAT | O_WRONLY, 0644));
	R(open("readable", O_RDONLY | O_NOATIME));
	R(open("readable", O_RDONLY | O_TRUNC));
	OK(open("mine", O_CREAT | O_RDWR, 0000));
	R(open("mine", O_RDONLY));
	struct stat st;
	MUST(stat("mine", &st));
	say("mine: uid %d gid %d mode %o\n", st.st_uid, st.st_gid, st.st_mode & 07777);
}

int main(void)
{
	struct stat st;
	char buf[16];
	int fd;

	chmod(".", 0777);
	umask(022);
	SECTION("creation");
	fd = MUST(open("a", O_CREAT | O_WRONLY, 0666));
	MUST(fstat(fd, &st));
	say("mode %o size %ld nlink %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
	R(write(fd, "hello", 5));
	R(read(fd, buf, 1));
	close(fd);
	R(open("a", O_CREAT | O_EXCL | O_WRONLY, 0666));
	fd = MUST(open("a", O_CREAT | O_RDONLY, 0));
	R(read(fd, buf, 16));
	R(write(fd, "x", 1));
	close(fd);
	fd = MUST(open("b", O_CREAT | O_RDWR, 07777));
	MUST(fstat(fd, &st));
	say("mode %o\n", st.st_mode);
	close(fd);
	fd = MUST(open("c", O_CREAT | O_RDWR, 0000));
	R(write(fd, "still writable", 14));
	close(fd);
	fd = MUST(open("a", O_WRONLY | O_TRUNC));
	MUST(fstat(fd, &st));
	say("after O_TRUNC %ld\n", (long)st.st_size);
	close(fd);
	SECTION("folders");
	R(mkdir("d", 0755));
	R(open("d", O_WRONLY));
	R(open("d", O_RDWR));
	R(open("d", O_RDONLY | O_TRUNC));
	R(open("d", O_CREAT | O_RDONLY, 0644));
	fd = MUST(open("d", O_RDONLY | O_DIRECTORY));
	R(read(fd, buf, 1));
	R(lseek(fd, 0, SEEK_SET));
	R(openat(fd, "x", O_CREAT | O_WRONLY, 0644) >= 0);
	R(openat(fd, "x", O_RDONLY | O_DIRECTORY));
	R(openat(fd, "/dev/null", O_RDONLY) >= 0);
	R(openat(99, "x", O_RDONLY));
	R(openat(-1, "/dev/null", O_RDONLY) >= 0);
	int file = MUST(openat(fd, "x", O_RDONLY));
	R(openat(file, "x", O_RDONLY));
	close(file);
	close(fd);
	R(open("a/", O_RDONLY));
	R(open("new/", O_CREAT | O_WRONLY, 0644));
	R(open("d/", O_CREAT | O_WRONLY, 0644));
	R(open(".", O_CREAT | O_RDWR, 0644));
	SECTION("links");
	R(symlink("a", "s"));
	R(symlink("nothing", "dangling"));
	R(symlink("d", "sd"));
	R(open("s", O_RDONLY | O_NOFOLLOW));
	R(open("dangling", O_RDONLY));
	R(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0644));
	R(open("dangling", O_CREAT | O_WRONLY, 0644) >= 0);
	R(stat("nothing", &st));
	R(open("sd", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
	R(open("sd/x", O_RDONLY | O_NOFOLLOW) >= 0);
	fd = MUST(open("s", O_PATH | O_NOFOLLOW));
	MUST(fstat(fd, &st));
	say("O_PATH of a link: link %d\n", S_ISLNK(st.st_mode));
	R(readlinkat(fd, "", buf, 16));
	close(fd);
	SECTION("unnamed");
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	say("O_TMPFILE %s\n", fd >= 0 ? "ok" : ename(errno));
	if (fd >= 0) {
		MUST(fstat(fd, &st));
		say("nlink %ld\n", (long)st.st_nlink);
		R(write(fd, "tmp", 3));
		char path[40];
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		R(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
		R(stat("named", &st));
	}
	SECTION("strange flags");
	R(open("a", 3) >= 0);
	R(open("a", O_RDONLY | O_LARGEFILE) >= 0);
	R(open("a", O_CREAT | O_DIRECTORY | O_RDONLY, 0644));
	R(open("d", O_CREAT | O_DIRECTORY | O_RDONLY, 0644));
	R(open("", O_RDONLY));
	R(open((char *)8, O_RDONLY));
	R(open("/dev/null", O_RDWR | O_TRUNC | O_CREAT | O_APPEND, 0644) >= 0);
	R(open("/dev/null/x", O_RDONLY));
	SECTION("as another user");
	put_file("secret", "s", 1, 0600);
	put_file("readable", "r", 1, 0644);
	mkdir("closed", 0700);
	put_file("closed/x", "x", 1, 0644);
	mkdir("locked", 0755);
	in_child("user 1000", as_user);
	SECTION("umask");
	umask(0777);
	fd = MUST(open("u", O_CREAT | O_RDWR, 0777));
	MUST(fstat(fd, &st));
	say("mode %o\n", st.st_mode & 07777);
	say("umask was %o\n", umask(022));
	return 0;
}
