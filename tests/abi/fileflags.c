/* Flags of files: FS_IOC_GETFLAGS and its kin, what they forbid, and what statx tells of them. */
#include "abi.h"
#include <grp.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/xattr.h>

static int set(const char *p, int flags)
{
	int fd = MUST(open(p, O_RDONLY));
	int r = ioctl(fd, FS_IOC_SETFLAGS, &flags);

	close(fd);
	return r;
}

static int get(const char *p)
{
	int fd = MUST(open(p, O_RDONLY)), flags = -1;

	MUST(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	close(fd);
	return flags;
}

static void show_statx(const char *p)
{
	unsigned bits = STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP;
	struct statx sx;

	MUST(statx(AT_FDCWD, p, 0, STATX_BASIC_STATS, &sx));
	say("statx %s: %llx of %llx\n", p, sx.stx_attributes & bits, sx.stx_attributes_mask & bits);
}

static void try_all(const char *p)
{
	struct timespec omit[2] = { { 5, 0 }, { 0, UTIME_OMIT } };
	char *map;
	int fd;

	say("-- %s: %x\n", p, get(p));
	show_statx(p);
	R(open(p, O_WRONLY));
	fd = open(p, O_WRONLY | O_APPEND);
	say("append: %s\n", fd < 0 ? ename(errno) : "ok");
	if (fd >= 0) {
		R(write(fd, "more", 4));
		R(fcntl(fd, F_SETFL, 0));
		R(ftruncate(fd, 1));
		R(fallocate(fd, 0, 0, 8192));
		R(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192));
		R(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4096));
		close(fd);
	}
	fd = open(p, O_RDWR | O_APPEND);
	if (fd >= 0) {
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		say("shared map: %s\n", map == MAP_FAILED ? ename(errno) : "ok");
		close(fd);
	}
	R(open(p, O_RDONLY | O_TRUNC));
	R(open(p, O_WRONLY | O_APPEND | O_TRUNC));
	R(truncate(p, 0));
	R(chmod(p, 0600));
	R(chown(p, 0, 0));
	R(utimensat(AT_FDCWD, p, omit, 0));
	R(utimensat(AT_FDCWD, p, NULL, 0));
	R(setxattr(p, "user.a", "b", 1, 0));
	R(removexattr(p, "user.a"));
	R(link(p, "other"));
	R(rename(p, "other"));
	R(unlink(p));
	R(access(p, W_OK));
}

static void in_folder(const char *what, int flags)
{
	int fd;

	say("-- folder, %s\n", what);
	R(set("d", flags));
	say("flags %x\n", get("d"));
	show_statx("d");
	fd = open("d/new", O_CREAT | O_WRONLY, 0644);
	say("create: %s\n", fd < 0 ? ename(errno) : "ok");
	if (fd >= 0)
		close(fd);
	R(mkdir("d/sub", 0755));
	R(unlink("d/old"));
	R(rename("d/old", "d/moved"));
	R(rename("f", "d/f"));
	R(rmdir("d/sub"));
	R(chmod("d", 0755));
	R(set("d", 0));
	rename("d/f", "f");
	unlink("d/new");
	rmdir("d/sub");
}

static void as_user(void)
{
	int flags = 0, fd;

	MUST(setgroups(0, NULL));
	MUST(setresgid(1000, 1000, 1000));
	MUST(setresuid(1000, 1000, 1000));
	fd = MUST(open("mine", O_RDONLY));
	R(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	flags = FS_NODUMP_FL;
	R(ioctl(fd, FS_IOC_SETFLAGS, &flags));
	flags = FS_IMMUTABLE_FL;
	R(ioctl(fd, FS_IOC_SETFLAGS, &flags));
	flags = FS_APPEND_FL | FS_NODUMP_FL;
	R(ioctl(fd, FS_IOC_SETFLAGS, &flags));
	close(fd);
	fd = MUST(open("f", O_RDONLY));
	flags = 0;
	R(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

int main(void)
{
	struct fsxattr fa;
	int fd, flags, pipes[2], status;
	struct stat a, b;
	char c;

	MUST(mkdir("m", 0755));
	MUST(mount("t", "m", "tmpfs", 0, ""));
	MUST(chdir("m"));
	fd = MUST(open("f", O_CREAT | O_RDWR, 0644));
	MUST(write(fd, "text", 4));
	close(fd);
	MUST(mkdir("d", 0755));
	close(MUST(open("d/old", O_CREAT | O_RDWR, 0644)));
	close(MUST(open("mine", O_CREAT | O_RDWR, 0644)));
	MUST(chown("mine", 1000, 1000));

	SECTION("numbers");
	say("%x\n", get("f"));
	R(set("f", FS_NODUMP_FL | FS_NOATIME_FL));
	say("%x\n", get("f"));
	R(set("f", FS_COMPR_FL));
	R(set("f", FS_SYNC_FL));
	R(set("f", FS_NODUMP_FL | 0x40000000));
	say("%x\n", get("f"));
	fd = MUST(open("f", O_RDONLY));
	R(ioctl(fd, FS_IOC_FSGETXATTR, &fa));
	say("x %x extent %u n %u project %u\n", fa.fsx_xflags, fa.fsx_extsize, fa.fsx_nextents,
	    fa.fsx_projid);
	fa.fsx_xflags = FS_XFLAG_NODUMP;
	R(ioctl(fd, FS_IOC_FSSETXATTR, &fa));
	say("%x\n", get("f"));
	fa.fsx_xflags = FS_XFLAG_REALTIME;
	R(ioctl(fd, FS_IOC_FSSETXATTR, &fa));
	fa.fsx_xflags = 0;
	fa.fsx_projid = 7;
	R(ioctl(fd, FS_IOC_FSSETXATTR, &fa));
	R(ioctl(fd, FS_IOC_GETFLAGS, (void *)8));
	R(ioctl(fd, FS_IOC_SETFLAGS, (void *)8));
	R(set("f", 0));
	close(fd);
	MUST(pipe(pipes));
	R(ioctl(pipes[0], FS_IOC_GETFLAGS, &flags));
	R(ioctl(pipes[0], FS_IOC_FSGETXATTR, &fa));

	SECTION("no access times");
	MUST(set("f", FS_NOATIME_FL));
	fd = MUST(open("f", O_RDONLY));
	MUST(fstat(fd, &a));
	usleep(20000);
	MUST(read(fd, &c, 1));
	MUST(fstat(fd, &b));
	say("%s\n", a.st_atim.tv_nsec == b.st_atim.tv_nsec ? "kept" : "new");
	MUST(set("f", 0));
	MUST(utimensat(AT_FDCWD, "f", (struct timespec[2]){ { 1, 0 }, { 2, 0 } }, 0));
	MUST(read(fd, &c, 1));
	MUST(fstat(fd, &b));
	say("%s\n", b.st_atim.tv_sec == 1 ? "kept" : "new");
	close(fd);

	MUST(set("f", FS_IMMUTABLE_FL));
	try_all("f");
	MUST(set("f", FS_APPEND_FL));
	try_all("f");
	MUST(set("f", 0));
	in_folder("append", FS_APPEND_FL);
	in_folder("fixed", FS_IMMUTABLE_FL);

	SECTION("another's");
	if (!fork()) {
		as_user();
		_exit(0);
	}
	wait(&status);
	SECTION("read-only");
	MUST(mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	R(set("f", FS_NODUMP_FL));
	return 0;
}
