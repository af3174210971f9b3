/* tmpfs: every option, as /proc/mounts tells it; limits that a remount changes; what attributes cost. */
#include "abi.h"
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

static void line(void)
{
	char text[2000], cwd[300], *at;
	FILE *f = fopen("/proc/mounts", "r");

	getcwd(cwd, sizeof(cwd));
	strcat(cwd, "/m ");
	while (fgets(text, sizeof(text), f)) {
		at = strstr(text, cwd);
		if (at)
			say("  %s", at + strlen(cwd));
	}
	fclose(f);
}

static void counts(void)
{
	struct statfs s;

	MUST(statfs("m", &s));
	say("  blocks %ld free %ld files %ld ffree %ld\n", (long)s.f_blocks, (long)s.f_bfree,
	    (long)s.f_files, (long)s.f_ffree);
}

static void with(const char *options)
{
	int r = mount("t", "m", "tmpfs", 0, options);

	say("\"%s\": %s\n", options, r ? ename(errno) : "mounted");
	if (r)
		return;
	line();
	MUST(umount("m"));
}

static void again(const char *options)
{
	int r = mount("t", "m", "tmpfs", MS_REMOUNT, options);

	say("remount \"%s\": %s\n", options, r ? ename(errno) : "ok");
	line();
	counts();
}

static void options(void)
{
	static const char *const all[] = {
		"", "size=1m", "size=1M", "size=4097", "size=0", "size=1%x", "size=-1", "size=", "size",
		"nr_blocks=3", "nr_blocks=2k", "nr_inodes=10", "nr_inodes=0", "nr_inodes=1k",
		"nr_inodes=x", "mode=755", "mode=1777", "mode=0", "mode=7777", "mode=17777", "mode=888",
		"uid=5", "gid=6", "uid=0,gid=0", "uid=-1", "uid=x", "uid=4294967295", "huge=never",
		"huge=bogus", "huge", "mpol=default", "mpol=bogus", "inode32",
		"inode64", "noswap", "noswap=1", "size=8k,nr_inodes=9,mode=700,uid=1,gid=2,noswap",
		"size=1m,size=2m", ",,size=1m,", "quota", "bogus", "mode=",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		with(all[i]);
}

static void remounts(void)
{
	char buf[20000] = "";
	int fd;

	MUST(mount("t", "m", "tmpfs", 0, "size=64k,nr_inodes=10,mode=750,uid=7,gid=8"));
	counts();
	fd = MUST(open("m/f", O_CREAT | O_RDWR, 0644));
	R(write(fd, buf, sizeof(buf)));
	again("size=128k");
	again("size=16k");
	again("size=20k");
	R(pwrite(fd, buf, 4096, 20480));
	again("nr_inodes=2");
	again("nr_inodes=1");
	R(mkdir("m/d", 0755));
	again("nr_inodes=20");
	R(mkdir("m/d", 0755));
	again("mode=700,uid=1,gid=1");
	struct stat st;
	MUST(stat("m", &st));
	say("mode %o uid %d gid %d\n", st.st_mode, st.st_uid, st.st_gid);
	again("size=0");
	again("size=64k");
	again("nr_inodes=0");
	again("nr_inodes=20");
	again("noswap");
	again("bogus");
	again("inode32");
	again("");
	again("size=1m,inode64");
	again("inode64,inode32");
	again("inode32=1");
	again("");
	close(fd);
	MUST(umount("m"));
	MUST(mount("t", "m", "tmpfs", 0, "noswap,size=64k,nr_inodes=10"));
	again("size=32k");
	again("noswap");
	R(mount("t", "m", "tmpfs", MS_REMOUNT | MS_RDONLY, "size=48k"));
	line();
	R(mkdir("m/x", 0755));
	R(mount("t", "m", "tmpfs", MS_REMOUNT, NULL));
	line();
	R(mkdir("m/x", 0755));
	MUST(umount("m"));
}

static int many(const char *path, const char *prefix, size_t size)
{
	static char value[70000];
	char name[40];
	int n = 0;

	for (; n < 1000; n++) {
		snprintf(name, sizeof(name), "%s%03d", prefix, n);
		if (setxattr(path, name, value, size, 0))
			break;
	}
	say("%s of %d: %s after %d\n", prefix, (int)size, ename(errno), n);
	return n;
}

static void attributes(void)
{
	char v[10];

	MUST(mount("t", "m", "tmpfs", 0, "size=1m,nr_inodes=12"));
	close(MUST(open("m/f", O_CREAT | O_RDWR, 0644)));
	MUST(mkdir("m/d", 0755));
	counts();
	R(setxattr("m/f", "user.a", "1", 1, 0));
	counts();
	R(setxattr("m/f", "user.a", "22", 2, XATTR_CREATE));
	R(setxattr("m/f", "user.a", "22", 2, XATTR_REPLACE));
	R(setxattr("m/f", "trusted.a", "333", 3, 0));
	R(setxattr("m/f", "security.b", "333", 3, 0));
	R(setxattr("m/f", "system.b", "333", 3, 0));
	R(getxattr("m/f", "user.a", v, sizeof(v)));
	R(removexattr("m/f", "user.a"));
	counts();
	many("m/f", "user.", 500);
	counts();
	R(mkdir("m/e", 0755));
	many("m/d", "trusted.", 500);
	R(unlink("m/f"));
	counts();
	many("m/d", "user.x", 3000);
	many("m/d", "user.y", 65536);
	many("m/d", "user.z", 65537);
	counts();
	R(symlink("a", "m/link"));
	R(lsetxattr("m/link", "user.a", "1", 1, 0));
	R(lsetxattr("m/link", "trusted.a", "1", 1, 0));
	MUST(umount("m"));
	MUST(mount("t", "m", "tmpfs", 0, "nr_inodes=0"));
	say("without a limit: %d\n", many("m", "user.", 40000) > 900);
	MUST(umount("m"));
}

static void whiteout(void)
{
	struct stat st;

	MUST(mount("t", "m", "tmpfs", 0, "nr_inodes=5,size=1m"));
	close(MUST(open("m/a", O_CREAT | O_RDWR, 0644)));
	R(renameat2(AT_FDCWD, "m/a", AT_FDCWD, "m/b", RENAME_WHITEOUT | RENAME_EXCHANGE));
	R(renameat2(AT_FDCWD, "m/a", AT_FDCWD, "m/b", RENAME_WHITEOUT));
	MUST(stat("m/a", &st));
	say("mode %o dev %d nlink %d\n", st.st_mode, (int)st.st_rdev, (int)st.st_nlink);
	R(open("m/a", O_RDONLY));
	R(renameat2(AT_FDCWD, "m/b", AT_FDCWD, "m/a", RENAME_WHITEOUT | RENAME_NOREPLACE));
	R(renameat2(AT_FDCWD, "m/b", AT_FDCWD, "m/a", RENAME_WHITEOUT));
	counts();
	MUST(mkdir("m/d", 0755));
	R(renameat2(AT_FDCWD, "m/d", AT_FDCWD, "m/e", RENAME_WHITEOUT));
	MUST(stat("m", &st));
	say("nlink %d\n", (int)st.st_nlink);
	R(renameat2(AT_FDCWD, "m/e", AT_FDCWD, "m/f", RENAME_WHITEOUT));
	MUST(umount("m"));
}

int main(void)
{
	mkdir("m", 0755);
	SECTION("options");
	options();
	SECTION("remount");
	remounts();
	SECTION("attributes");
	attributes();
	SECTION("RENAME_WHITEOUT");
	whiteout();
	return 0;
}
