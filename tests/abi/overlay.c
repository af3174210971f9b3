/* overlay: unions of folders: look-up, copy-up, whiteouts, opaque folders, numbers, attributes. */
#include "overlay.h"
#include <sys/file.h>
#include <sys/statfs.h>

#define OPTS "lowerdir=l1:l2,upperdir=u,workdir=w"

/* What an upper folder holds, raw. */
static void raw(const char *path)
{
	char v[20], line[100];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st)) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	n = lgetxattr(path, "trusted.overlay.opaque", v, sizeof(v));
	snprintf(line, sizeof(line), n < 0 ? "" : " opaque %.*s", (int)n, v);
	if (S_ISCHR(st.st_mode))
		say("%s: whiteout %d,%d mode %o%s\n", path, major(st.st_rdev), minor(st.st_rdev),
		    st.st_mode & 07777, line);
	else
		say("%s: mode %o uid %d gid %d nlink %d%s\n", path, st.st_mode, st.st_uid, st.st_gid,
		    S_ISDIR(st.st_mode) ? 0 : (int)st.st_nlink, line);
}

static void same(const char *a, const char *b)
{
	struct stat s, t;

	MUST(lstat(a, &s));
	MUST(lstat(b, &t));
	say("%s, %s: dev %s, ino %s\n", a, b, s.st_dev == t.st_dev ? "same" : "other",
	    s.st_ino == t.st_ino ? "same" : "other");
}

static void make_layers(void)
{
	mkdir("l1", 0755);
	mkdir("l2", 0755);
	mkdir("u", 0755);
	mkdir("w", 0755);
	mkdir("m", 0755);
	put("l1/top", "l1");
	put("l2/top", "l2");
	put("l2/low", "low");
	put("l2/gone", "gone");
	MUST(mknod("l1/gone", S_IFCHR, 0));
	mkdir("l1/d", 0750);
	mkdir("l2/d", 0711);
	put("l1/d/a", "a");
	put("l2/d/b", "b");
	put("l2/d/a", "hidden");
	mkdir("l1/opq", 0755);
	mkdir("l2/opq", 0755);
	put("l2/opq/below", "x");
	put("l1/opq/above", "x");
	MUST(setxattr("l1/opq", "trusted.overlay.opaque", "y", 1, 0));
	MUST(symlink("top", "l2/link"));
	MUST(mkfifo("l2/fifo", 0640));
	put("l2/hard1", "hard");
	MUST(link("l2/hard1", "l2/hard2"));
	mkdir("l2/only", 0755);
	put("l2/only/f", "f");
	mkdir("l2/only/sub", 0755);
	mkdir("l1/mix", 0755);
	put("l2/mix", "a file below a folder");
	put("l2/set", "set-id");
	MUST(chmod("l2/set", 06755));
	put("l2/x", "attributes");
	MUST(setxattr("l2/x", "user.one", "1", 1, 0));
	MUST(setxattr("l2/x", "trusted.two", "22", 2, 0));
	put("l2/big", "");
	MUST(truncate("l2/big", 1 << 20));
	int fd = MUST(open("l2/big", O_WRONLY));
	MUST(pwrite(fd, "data", 4, 500000));
	close(fd);
	MUST(chown("l2/low", 5, 6));
}

static void mounts_line(const char *end)
{
	char line[2000], cwd[300], *at;
	FILE *f = fopen("/proc/mounts", "r");

	getcwd(cwd, sizeof(cwd));
	while (fgets(line, sizeof(line), f)) {
		at = strstr(line, cwd);
		if (!at || strncmp(at + strlen(cwd), end, strlen(end)))
			continue;
		say("%.*s(here)%s", (int)(at - line), line, at + strlen(cwd));
	}
	fclose(f);
}

static void bad_options(void)
{
	static const char *const bad[] = {
		"", "lowerdir=l1", "lowerdir=l1:none", "lowerdir=l1:l1/top", "upperdir=u,workdir=w",
		"lowerdir=l1,upperdir=u", "lowerdir=l1,upperdir=u,workdir=u",
		"lowerdir=l1,upperdir=u,workdir=u/in", "lowerdir=l1,upperdir=none,workdir=w",
		"lowerdir=l1,upperdir=u,workdir=/proc", "lowerdir=l1::l2", "lowerdir=l1:l2:",
		"lowerdir=l1:l2,bogus", "lowerdir=l1:l2,bogus=1", "lowerdir=l1:l2,index=maybe",
		"lowerdir=l1,upperdir=,workdir=w", "lowerdir=l1,upperdir=u,workdir=w,xino=1",
	};
	mkdir("u/in", 0755);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int r = mount("o", "m", "overlay", 0, bad[i]);
		say("\"%s\": %s\n", bad[i], r ? ename(errno) : "mounted");
		if (!r)
			umount("m");
	}
	rmdir("u/in");
}

static void look(void)
{
	struct statfs s;
	struct stat st;

	MUST(mount("o", "m", "overlay", MS_NOSUID, OPTS));
	mounts_line("/m");
	MUST(statfs("m", &s));
	say("type %lx namelen %ld\n", (long)s.f_type, (long)s.f_namelen);
	names_of("m", true);
	names_of("m/d", true);
	names_of("m/opq", true);
	names_of("m/only", true);
	get("m/top");
	get("m/low");
	get("m/gone");
	get("m/d/a");
	get("m/link");
	R(opens("m/mix", O_RDONLY));
	MUST(stat("m/d", &st));
	say("d mode %o nlink %d\n", st.st_mode, (int)st.st_nlink);
	MUST(stat("m/low", &st));
	say("low uid %d gid %d\n", st.st_uid, st.st_gid);
	same("m/low", "l2/low");
	same("m/d", "l1/d");
	same("m", "m/d");
	same("m/hard1", "m/hard2");
	same("m/low", "m");
	raw("w/work");
}

static void copy_up(void)
{
	struct stat st, before;
	char v[20];
	ssize_t n;
	int fd, old, keep;
	char *map;

	stat("m/low", &before);
	old = MUST(open("m/low", O_RDONLY));
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, old, 0);
	fd = MUST(open("m/low", O_RDWR));
	raw("u/low");
	R(write(fd, "LOW", 3));
	stat("m/low", &st);
	say("ino %s dev %s uid %d gid %d size %d\n", st.st_ino == before.st_ino ? "same" : "other",
	    st.st_dev == before.st_dev ? "same" : "other", st.st_uid, st.st_gid, (int)st.st_size);
	fstat(old, &st);
	say("ino %s\n", st.st_ino == before.st_ino ? "same" : "other");
	n = pread(old, v, sizeof(v), 0);
	say("old descriptor: %.*s, mapping: %.3s\n", (int)n, v, map);
	munmap(map, 4096);
	close(old);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[0] = 'l';
	get("m/low");
	get("u/low");
	get("l2/low");
	munmap(map, 4096);
	close(fd);
	R(chmod("m/only/f", 0600));
	raw("u/only");
	raw("u/only/f");
	raw("l2/only/f");
	names_of("m/only", true);
	R(truncate("m/big", 600000));
	stat("u/big", &st);
	say("big %d, whole %d\n", (int)st.st_size, st.st_blocks * 512 >= st.st_size);
	fd = MUST(open("m/big", O_RDONLY));
	n = pread(fd, v, 4, 500000);
	say("%.4s data at %d\n", v, (int)lseek(fd, 0, SEEK_DATA) / 4096);
	close(fd);
	R(opens("m/set", O_WRONLY | O_TRUNC));
	raw("u/set");
	R(chown("m/hard1", 9, 9));
	raw("u/hard1");
	raw("m/hard1");
	raw("m/hard2");
	raw("u/hard2");
	R(chmod("m/fifo", 0600));
	raw("u/fifo");
	struct timespec t[2] = { { 100, 5 }, { 200, 6 } };
	R(utimensat(AT_FDCWD, "m/link", t, AT_SYMLINK_NOFOLLOW));
	raw("u/link");
	get("m/link");
	keep = MUST(open("m/top", O_RDONLY));
	R(unlink("m/top"));
	raw("u/top");
	n = read(keep, v, sizeof(v));
	say("removed, open: %.*s\n", (int)n, v);
	close(keep);
	get("m/top");
	names_of("u", true);
}

static void names(void)
{
	struct stat st;

	R(mkdir("m/top", 0755));
	raw("u/top");
	put("m/top/new", "new");
	R(rmdir("m/top"));
	R(unlink("m/top/new"));
	R(rmdir("m/top"));
	raw("u/top");
	put("m/top", "again");
	raw("u/top");
	R(unlink("m/top"));
	R(rmdir("m/d"));
	R(unlink("m/d/a"));
	R(unlink("m/d/b"));
	names_of("m/d", true);
	names_of("u/d", true);
	R(rmdir("m/d"));
	raw("u/d");
	R(mkdir("m/d", 0700));
	raw("u/d");
	names_of("m/d", true);
	R(mkdir("m/fresh", 0755));
	raw("u/fresh");
	put("m/fresh/f", "f");
	R(rename("m/fresh", "m/fresh2"));
	raw("u/fresh2");
	R(rename("m/fresh2/f", "m/f3"));
	R(rename("m/f3", "m/only/f"));
	get("m/only/f");
	R(rename("m/only", "m/else"));
	R(rename("m/only/sub", "m/sub"));
	R(renameat2(AT_FDCWD, "m/only", AT_FDCWD, "m/fresh2", RENAME_EXCHANGE));
	R(renameat2(AT_FDCWD, "m/x", AT_FDCWD, "m/low", RENAME_EXCHANGE));
	get("m/x");
	get("m/low");
	R(renameat2(AT_FDCWD, "m/x", AT_FDCWD, "m/low", RENAME_NOREPLACE));
	R(rename("m/x", "m/xx"));
	raw("u/x");
	get("m/x");
	R(renameat2(AT_FDCWD, "m/xx", AT_FDCWD, "m/x", RENAME_WHITEOUT));
	R(rename("m/xx", "m/x"));
	get("m/x");
	raw("u/xx");
	R(rename("m/fresh2", "m/opq"));
	R(unlink("m/opq/above"));
	R(rename("m/fresh2", "m/opq"));
	raw("u/opq");
	names_of("m/opq", true);
	R(link("m/mix/none", "m/l"));
	R(link("m/hard2", "m/hard3"));
	raw("m/hard3");
	same("m/hard2", "m/hard3");
	R(unlink("m/hard2"));
	raw("m/hard3");
	raw("u/hard2");
	R(mknod("m/wh", S_IFCHR, 0));
	R(mknod("m/null", S_IFCHR | 0666, makedev(1, 3)));
	R(symlink("a", "m/sym"));
	R(mkfifo("m/pipe", 0600));
	int fd = open("m", O_TMPFILE | O_RDWR, 0600);
	R(write(fd, "tmp", 3));
	char path[50];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	R(linkat(AT_FDCWD, path, AT_FDCWD, "m/tmp", AT_SYMLINK_FOLLOW));
	get("m/tmp");
	R(linkat(AT_FDCWD, path, AT_FDCWD, "m/x2", AT_SYMLINK_FOLLOW));
	fstat(fd, &st);
	say("nlink %d\n", (int)st.st_nlink);
	close(fd);
	names_of("m", true);
	names_of("u", true);
}

static void xattrs(void)
{
	char buf[300];
	ssize_t n;

	put("m/attr", "a");
	R(setxattr("m/attr", "user.a", "A", 1, 0));
	R(setxattr("m/attr", "trusted.overlay.opaque", "no", 2, 0));
	R(setxattr("m/attr", "trusted.t", "T", 1, 0));
	n = listxattr("m/attr", buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i += strlen(buf + i) + 1)
		say("%s\n", buf + i);
	n = listxattr("u/attr", buf, sizeof(buf));
	for (ssize_t i = 0; i < n; i += strlen(buf + i) + 1)
		say("real %s\n", buf + i);
	R(getxattr("m/attr", "trusted.overlay.opaque", buf, sizeof(buf)));
	R(getxattr("m/opq", "trusted.overlay.opaque", buf, sizeof(buf)));
	R(removexattr("m/attr", "trusted.overlay.opaque"));
	R(removexattr("m/attr", "trusted.overlay.opaque"));
	R(getxattr("m/x", "user.one", buf, sizeof(buf)));
	R(getxattr("m/low", "user.one", buf, sizeof(buf)));
	R(getxattr("u/low", "trusted.two", buf, sizeof(buf)));
}

static void locks_and_more(void)
{
	int a = MUST(open("m/set", O_RDWR)), b = MUST(open("m/set", O_RDWR | O_APPEND));
	char buf[20];
	ssize_t n;

	R(flock(a, LOCK_EX));
	R(flock(b, LOCK_EX | LOCK_NB));
	R(write(a, "one", 3));
	R(write(b, "two", 3));
	R(fcntl(a, F_SETFL, O_APPEND));
	R(write(a, "three", 5));
	n = pread(b, buf, sizeof(buf), 0);
	say("%.*s\n", (int)n, buf);
	R(fallocate(a, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 3));
	R(lseek(a, 0, SEEK_END));
	R(fsync(a));
	R(ftruncate(a, 2));
	R(lseek(b, 0, SEEK_END));
	close(a);
	close(b);
	R(umount("l1"));
	R(chdir("m/d"));
	R(umount("../../m"));
	R(chdir("../.."));
}

static void read_only(void)
{
	MUST(umount("m"));
	MUST(mkdir("l:3", 0755));
	put("l:3/third", "3");
	MUST(mount("none", "m", "overlay", 0, "lowerdir=u:l\\:3:l2"));
	mounts_line("/m");
	names_of("m", true);
	names_of("m/d", true);
	get("m/third");
	R(opens("m/third", O_WRONLY));
	R(mkdir("m/dir", 0755));
	R(unlink("m/third"));
	R(chmod("m/third", 0600));
	R(rename("m/third", "m/t"));
	R(access("m/third", W_OK));
	MUST(umount("m"));
}

/* Layers of two file systems. */
static void two_systems(void)
{
	struct stat st, up, root;

	mkdir("t", 0755);
	MUST(mount("t", "t", "tmpfs", 0, ""));
	mkdir("t/u", 0755);
	mkdir("t/w", 0755);
	MUST(mount("none", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=t/u,workdir=t/w"));
	put("m/new", "new");
	stat("m", &root);
	stat("m/new", &st);
	stat("t/u/new", &up);
	say("upper file: dev %s of the union, %s of the layer; ino %s\n",
	    st.st_dev == root.st_dev ? "that" : "not that", st.st_dev == up.st_dev ? "that" : "not that",
	    st.st_ino == up.st_ino ? "same" : "other");
	stat("m/x", &st);
	stat("l2/x", &up);
	say("lower file: dev %s of the union, %s of the layer; ino %s\n",
	    st.st_dev == root.st_dev ? "that" : "not that", st.st_dev == up.st_dev ? "that" : "not that",
	    st.st_ino == up.st_ino ? "same" : "other");
	chmod("m/x", 0600);
	struct stat now;
	stat("m/x", &now);
	say("copied: dev %s ino %s\n", now.st_dev == st.st_dev ? "same" : "other",
	    now.st_ino == st.st_ino ? "same" : "other");
	stat("m/only/sub", &now);
	say("folder: dev %s of the union\n", now.st_dev == root.st_dev ? "that" : "not that");
	/* the layers' mounts may go meanwhile */
	R(umount2("t", MNT_DETACH));
	get("m/new");
	MUST(umount("m"));
}

/* A union over a union, and one too many. */
static void nested(void)
{
	mkdir("m2", 0755);
	mkdir("m3", 0755);
	mkdir("u2", 0755);
	mkdir("w2", 0755);
	MUST(mount("none", "m", "overlay", 0, "lowerdir=l1:l2"));
	MUST(mount("none", "m2", "overlay", 0, "lowerdir=m,upperdir=u2,workdir=w2"));
	names_of("m2", true);
	R(unlink("m2/low"));
	get("m2/low");
	get("m/low");
	put("m2/top", "changed");
	get("m2/top");
	get("m/top");
	R(mount("none", "m3", "overlay", 0, "lowerdir=m2:l1"));
	MUST(umount("m2"));
	R(mount("none", "m2", "overlay", 0, "lowerdir=l1,upperdir=m/d,workdir=m/opq"));
	MUST(umount("m"));
	names_of("m", true);
}

int main(void)
{
	load_module();
	make_layers();
	SECTION("options");
	bad_options();
	SECTION("look");
	look();
	SECTION("copy-up");
	copy_up();
	SECTION("names");
	names();
	SECTION("attributes");
	xattrs();
	SECTION("open files");
	locks_and_more();
	SECTION("read-only");
	read_only();
	SECTION("two file systems");
	two_systems();
	SECTION("nested");
	nested();
	return 0;
}
