/*
 * overlay mounted by an ordinary user, who is root in a user namespace: what may be copied up, whose it is then,
 * whiteouts, folders over what was removed, with attributes "user.overlay." and without.
 */
#include "mounts.h"
#include <dirent.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static void map_file(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

/* root of a namespace, whom the kernel knows as 1000 */
static void become_root(void)
{
	MUST(setgroups(0, NULL));
	MUST(setgid(1000));
	MUST(setuid(1000));
	MUST(prctl(PR_SET_DUMPABLE, 1));
	MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	map_file("/proc/self/setgroups", "deny");
	map_file("/proc/self/uid_map", "0 1000 1");
	map_file("/proc/self/gid_map", "0 1000 1");
}

static void whose(const char *name)
{
	struct stat st;

	if (lstat(name, &st))
		say("%s: %s\n", name, ename(errno));
	else if (S_ISCHR(st.st_mode))
		say("%s: device %d:%d of %d\n", name, major(st.st_rdev), minor(st.st_rdev), st.st_uid);
	else
		say("%s: %o of %d:%d, %ld links\n", name, st.st_mode, st.st_uid, st.st_gid,
		    S_ISDIR(st.st_mode) ? 0L : (long)st.st_nlink);
}

static void append(const char *name)
{
	int fd = open(name, O_WRONLY | O_APPEND);

	say("append to %s: %s", name, fd < 0 ? ename(errno) : "ok");
	if (fd >= 0) {
		say(", %s", write(fd, "more", 4) == 4 ? "ok" : ename(errno));
		close(fd);
	}
	say("\n");
}

static void use(const char *more)
{
	char options[300];
	int fd;

	SECTION("mount");
	snprintf(options, sizeof(options), "lowerdir=lower,upperdir=up,workdir=wk%s", more);
	if (mount("over", "m", "overlay", 0, options)) {
		say("mount %s: %s\n", options, ename(errno));
		return;
	}
	whose("m");
	whose("m/mine");
	whose("m/roots");
	whose("m/suid");
	SECTION("copies");
	append("m/mine");
	append("m/roots");
	append("m/open");
	append("m/suid");
	OK(chmod("m/mine", 0600));
	OK(chmod("m/roots", 0600));
	OK(chown("m/mine", 0, 0));
	OK(chown("m/mine", 1, 1));
	OK(utimensat(AT_FDCWD, "m/open", NULL, 0));
	OK(rename("m/open", "m/open2"));
	OK(link("m/open", "m/hard"));
	OK(link("m/roots", "m/hard2"));
	OK(rename("m/mine", "m/mine2"));
	whose("m/mine2");
	whose("m/open");
	whose("m/suid");
	SECTION("names");
	OK(unlink("m/gone"));
	OK(mkdir("m/gone", 0755));
	whose("m/gone");
	fd = open("m/gone/new", O_CREAT | O_RDWR, 0644);
	say("new file: %s\n", fd < 0 ? ename(errno) : "ok");
	close(fd);
	whose("m/gone/new");
	OK(rename("m/dir", "m/dir2"));
	OK(unlink("m/dir/x"));
	OK(rmdir("m/dir"));
	OK(mkdir("m/dir", 0700));
	OK(unlink("m/rootdir/x"));
	OK(rmdir("m/rootdir"));
	OK(mknod("m/null", S_IFCHR | 0666, makedev(1, 3)));
	OK(mknod("m/white", S_IFCHR | 0666, makedev(0, 0)));
	OK(symlink("a", "m/sym"));
	OK(setxattr("m/sym", "user.a", "v", 1, 0));
	OK(setxattr("m/mine2", "user.a", "v", 1, 0));
	OK(setxattr("m/mine2", "trusted.a", "v", 1, 0));
	OK(open("m/roots", O_RDONLY));
	OK(open("m/secret", O_RDONLY));
	OK(umount("m"));
	SECTION("the upper layer");
	whose("up/mine");
	whose("up/mine2");
	whose("up/open");
	whose("up/roots");
	whose("up/suid");
	whose("up/gone");
	whose("up/dir");
	whose("up/rootdir");
	say("opaque: %zd, %zd\n", getxattr("up/dir", "user.overlay.opaque", options, 10),
	    getxattr("up/dir", "trusted.overlay.opaque", options, 10));
}

static void list(const char *name)
{
	DIR *d = opendir(name);
	struct dirent *e;

	say("list %s:", name);
	errno = 0;
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			say(" %s", e->d_name);
	say(" %s\n", errno ? ename(errno) : "");
	if (d)
		closedir(d);
}

static void plain(void)
{
	become_root();
	use("");
}

static void with_user_xattr(void)
{
	become_root();
	use(",userxattr");
}

static void other_options(void)
{
	static const char *const more[] = { ",redirect_dir=on", ",metacopy=on", ",volatile" };
	char options[300];

	become_root();
	for (unsigned i = 0; i < ARRAY_SIZE(more); i++) {
		snprintf(options, sizeof(options), "lowerdir=lower,upperdir=up2,workdir=wk2%s", more[i]);
		say("%s: %s\n", more[i] + 1, mount("over", "m", "overlay", 0, options) ? ename(errno) : "ok");
		umount("m");
	}
	say("two lower ones: %s\n", mount("over", "m", "overlay", 0, "lowerdir=lower:up2") ? ename(errno) : "ok");
	append("m/mine");
	umount("m");
	say("a folder of root's above: %s\n",
	    mount("over", "m", "overlay", 0, "lowerdir=lower,upperdir=rup,workdir=rwk") ? ename(errno) : "ok");
	append("m/mine");
	umount("m");
	say("a folder of root's above, mine to work in: %s\n",
	    mount("over", "m", "overlay", 0, "lowerdir=lower,upperdir=rup,workdir=wk3") ? ename(errno) : "ok");
	append("m/mine");
	append("m/dir/x");
	OK(unlink("m/mine"));
	OK(mkdir("m/new", 0755));
	whose("m/new");
	umount("m");
	whose("rup/dir");
	say("what is mine over what I can't read: %s\n",
	    mount("over", "m", "overlay", 0, "lowerdir=lower,upperdir=up,workdir=wk") ? ename(errno) : "ok");
	whose("m/hidden");
	whose("m/hidden/x");
	OK(open("m/hidden/x", O_RDONLY));
	list("m/hidden");
	whose("m/closed/x");
	list("m/closed");
	umount("m");
}

static void file(const char *name, uid_t who, mode_t mode)
{
	put_file(name, name, strlen(name), mode);
	MUST(chown(name, who, who));
	MUST(chmod(name, mode));
}

static void folder(const char *name, uid_t who, mode_t mode)
{
	MUST(mkdir(name, 0700));
	MUST(chown(name, who, who));
	MUST(chmod(name, mode));
}

static void furnish(void)
{
	folder("lower", 1000, 0755);
	folder("up", 1000, 0755);
	folder("wk", 1000, 0755);
	folder("up2", 1000, 0755);
	folder("wk2", 1000, 0755);
	folder("wk3", 1000, 0755);
	folder("rup", 0, 0755);
	folder("rwk", 0, 0755);
	folder("m", 1000, 0755);
	file("lower/mine", 1000, 0644);
	file("lower/roots", 0, 0644);
	file("lower/open", 0, 0666);
	file("lower/secret", 0, 0600);
	file("lower/suid", 1000, 04755);
	file("lower/gone", 1000, 0644);
	folder("lower/dir", 1000, 0755);
	file("lower/dir/x", 1000, 0644);
	folder("lower/rootdir", 0, 0777);
	file("lower/rootdir/x", 1000, 0644);
	folder("lower/hidden", 0, 0700);
	file("lower/hidden/x", 0, 0644);
	folder("up/hidden", 1000, 0755);
	folder("lower/closed", 0, 0711);
	file("lower/closed/x", 0, 0644);
	folder("up/closed", 1000, 0755);
}

int main(void)
{
	void (*const ways[])(void) = { plain, with_user_xattr, other_options };
	const char *const names[] = { "plain", "userxattr", "others" };

	int module = open("/modules/1-overlay.ko", O_RDONLY);

	if (module >= 0)
		syscall(SYS_finit_module, module, "", 0);
	umask(0);
	enter_own();
	MUST(chmod(".", 0755));
	for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
		MUST(mount("layers", work, "tmpfs", 0, "mode=0755"));
		MUST(chdir(work));
		furnish();
		in_child(names[i], ways[i]);
		MUST(chdir("/"));
		MUST(umount2(work, MNT_DETACH));
	}
	MUST(chdir(work));
	leave_own();
	return 0;
}
