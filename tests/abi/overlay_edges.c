/*
 * Corners of overlay: options that are refused and what marks of others do, times and lengths at copy-up, who had a
 * file open before, names that change during a listing, temporary files.
 */
#include "overlay.h"
#include <sys/file.h>
#include <sys/inotify.h>

/* The folder that overlay makes in the one it is told to work in. */
#define WORK "ow/work"

/* Times as set below: is each still that? */
static const struct timespec set[2] = { { 1000000000, 123456789 }, { 1100000000, 987654321 } };
static void times(const char *path)
{
	struct stat st;

	if (lstat(path, &st)) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	say("%s: atime %s, mtime %s, mode %o, of %d:%d, links %d, size %ld\n", path,
	    st.st_atim.tv_sec == set[0].tv_sec && st.st_atim.tv_nsec == set[0].tv_nsec ? "kept" : "new",
	    st.st_mtim.tv_sec == set[1].tv_sec && st.st_mtim.tv_nsec == set[1].tv_nsec ? "kept" : "new",
	    st.st_mode, st.st_uid, st.st_gid, S_ISDIR(st.st_mode) ? 0 : (int)st.st_nlink,
	    S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
}

static void layers(void)
{
	static const char *const dirs[] = { "l1", "l2", "u", "w", "l1/dir", "l2/dir", "l2/deep", "l2/deep/er" };
	static const char *const names[] = { "l2/chmod", "l2/chown", "l2/utime", "l2/trunc", "l2/write", "l2/link1",
					     "l2/xattr", "l2/deep/er/f", "l2/open", "l2/setattr0", "l2/ro" };

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		put(names[i], "0123456789");
	MUST(link("l2/link1", "l2/link2"));
	MUST(link("l2/link1", "l2/deep/link3"));
	MUST(symlink("open", "l2/sym"));
	MUST(mknod("l2/dev", S_IFCHR | 0600, makedev(1, 3)));
	for (int i = 0; i < 20; i++) {
		char name[50];

		snprintf(name, sizeof(name), "l%d/dir/f%02d", 1 + i % 2, i);
		put(name, "x");
	}
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		MUST(utimensat(AT_FDCWD, names[i], set, 0));
	MUST(utimensat(AT_FDCWD, "l2/sym", set, AT_SYMLINK_NOFOLLOW));
	MUST(utimensat(AT_FDCWD, "l2/dev", set, 0));
	MUST(utimensat(AT_FDCWD, "l2/deep/er", set, 0));
	MUST(utimensat(AT_FDCWD, "l2/deep", set, 0));
}

static void mounts_line(void)
{
	char line[2000], *at;
	FILE *f = fopen("/proc/mounts", "r");

	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "o ", 2) && (at = strstr(line, "workdir=")) && strchr(at, ','))
			say("  %s", strchr(at, ','));
	fclose(f);
}

static void mount_it(void)
{
	MUST(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=u,workdir=w"));
}

static void copy_up(void)
{
	int fd;

	OK(chmod("m/chmod", 0600));
	times("m/chmod");
	times("u/chmod");
	OK(chown("m/chown", 3, 4));
	times("m/chown");
	times("u/chown");
	OK(utimensat(AT_FDCWD, "m/utime", NULL, 0));
	times("m/utime");
	OK(truncate("m/trunc", 3));
	times("m/trunc");
	get("m/trunc");
	get("l2/trunc");
	fd = MUST(open("m/write", O_WRONLY));
	times("m/write");
	times("u/write");
	MUST(write(fd, "ab", 2));
	times("m/write");
	close(fd);
	OK(setxattr("m/xattr", "user.a", "b", 1, 0));
	times("m/xattr");
	attr("m/xattr");
	attr("u/xattr");
	OK(lchown("m/sym", 5, 5));
	times("m/sym");
	times("u/sym");
	OK(chmod("m/dev", 0644));
	times("m/dev");
	times("u/dev");
	OK(chmod("m/deep/er/f", 0640));
	times("m/deep/er/f");
	times("m/deep/er");
	times("u/deep/er");
	times("m/deep");
	attr("u/deep");
	attr("u/deep/er");
	attr("u/dir");
	/* nothing is asked for */
	OK(chown("m/setattr0", -1, -1));
	times("u/setattr0");
	OK(chmod("m/ro", 0644));
	times("u/ro");
	OK(opens("m/open", O_RDONLY));
	times("u/open");
	OK(opens("m/open", O_RDWR | O_CREAT | O_EXCL));
	times("u/open");
	OK(access("m/open", W_OK));
	times("u/open");
	OK(removexattr("m/open", "user.none"));
	times("u/open");
}
static void hard_links(void)
{
	struct stat a, b;
	int fd = MUST(open("m/link1", O_RDWR)), ro = MUST(open("m/link2", O_RDONLY));
	char c[3] = "";

	MUST(write(fd, "XY", 2));
	get("m/link1");
	get("m/link2");
	get("m/deep/link3");
	MUST(stat("m/link1", &a));
	MUST(stat("m/link2", &b));
	say("links %d, %d; number %s\n", (int)a.st_nlink, (int)b.st_nlink, a.st_ino == b.st_ino ? "same" : "other");
	MUST(pread(ro, c, 2, 0));
	say("open before: %s\n", c);
	OK(link("m/link2", "m/link4"));
	MUST(stat("m/link2", &a));
	MUST(stat("m/link4", &b));
	say("links %d, %d; number %s\n", (int)a.st_nlink, (int)b.st_nlink, a.st_ino == b.st_ino ? "same" : "other");
	OK(unlink("m/link2"));
	MUST(stat("m/link4", &b));
	say("links %d\n", (int)b.st_nlink);
	MUST(fstat(ro, &a));
	say("open before: links %d\n", (int)a.st_nlink);
	MUST(fstat(fd, &a));
	OK(unlink("m/link1"));
	MUST(fstat(fd, &a));
	say("open: links %d\n", (int)a.st_nlink);
	OK(write(fd, "Z", 1));
	MUST(stat("m/deep/link3", &b));
	say("third: links %d\n", (int)b.st_nlink);
	close(fd);
	close(ro);
}

static void renames(void)
{
	OK(rename("m/dir", "m/dir2"));
	OK(rename("m/deep/er", "m/er"));
	OK(renameat2(AT_FDCWD, "m/dir", AT_FDCWD, "m/deep", RENAME_EXCHANGE));
	OK(mkdir("m/new", 0755));
	OK(mkdir("m/new/sub", 0755));
	OK(rename("m/new/sub", "m/sub"));
	OK(rename("m/sub", "m/deep/sub"));
	OK(rename("m/new", "m/deep/er"));
	OK(rename("m/new", "m/deep/er2"));
	OK(rename("m/deep/er2", "m/open"));
	OK(rename("m/open", "m/deep/er2"));
	OK(renameat2(AT_FDCWD, "m/deep/er2", AT_FDCWD, "m/open", RENAME_EXCHANGE));
	get("m/deep/er2");
	list("m/open");
	list("u");
	attr("u/open");
}

/* Names come and go while a folder is listed. */
static void listing(void)
{
	struct dirent *e;
	DIR *d = opendir("m/dir");
	long at[64];
	int n = 0;
	char name[64][20];

	while ((e = readdir(d))) {
		at[n] = e->d_off;
		snprintf(name[n++], 20, "%s", e->d_name);
	}
	say("%d names\n", n);
	int good = 1;
	for (int i = n - 2; i >= 0; i--) {
		seekdir(d, at[i]);
		e = readdir(d);
		if (!e || strcmp(e->d_name, name[i + 1]))
			good = 0;
	}
	say("found again by place: %d\n", good);
	put("m/dir/added", "x");
	MUST(unlink("m/dir/f03"));
	seekdir(d, at[n - 2]);
	e = readdir(d);
	say("as before: %d\n", e && !strcmp(e->d_name, name[n - 1]));
	rewinddir(d);
	int added = 0, gone = 1, count = 0;
	while ((e = readdir(d))) {
		count++;
		added |= !strcmp(e->d_name, "added");
		gone &= strcmp(e->d_name, "f03") != 0;
	}
	say("after rewind: %d names, new %d, gone %d\n", count, added, gone);
	closedir(d);
	/* all are removed as they are listed */
	d = opendir("m/dir");
	count = 0;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			char path[300];

			snprintf(path, sizeof(path), "m/dir/%s", e->d_name);
			count += unlink(path) == 0;
		}
	closedir(d);
	say("%d removed\n", count);
	OK(rmdir("m/dir"));
	struct stat st;
	say("whiteout: %d\n", !lstat("u/dir", &st) && S_ISCHR(st.st_mode));
	/* a folder is taken away under a reader */
	MUST(mkdir("m/dir", 0755));
	put("m/dir/one", "1");
	list("m/dir");
	attr("u/dir");
	d = opendir("m/dir");
	unlink("m/dir/one");
	rmdir("m/dir");
	for (count = 0; (e = readdir(d)); count++)
		;
	say("of a removed folder: %d names\n", count);
	closedir(d);
}

static void temporary(void)
{
	struct stat st, up;
	char path[64], buf[10];
	int fd = MUST(open("m/deep", O_TMPFILE | O_RDWR, 0640)), two;

	MUST(write(fd, "temporary", 9));
	MUST(fstat(fd, &st));
	say("links %d mode %o size %d\n", (int)st.st_nlink, st.st_mode, (int)st.st_size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	two = MUST(open(path, O_RDONLY));
	MUST(read(two, buf, 9));
	say("%.9s\n", buf);
	OK(linkat(AT_FDCWD, path, AT_FDCWD, "m/dir/x", AT_SYMLINK_FOLLOW));
	OK(linkat(AT_FDCWD, path, AT_FDCWD, "m/deep/x", AT_SYMLINK_FOLLOW));
	OK(linkat(AT_FDCWD, path, AT_FDCWD, "m/deep/y", AT_SYMLINK_FOLLOW));
	MUST(stat("m/deep/x", &st));
	MUST(stat("u/deep/x", &up));
	say("links %d, number %s\n", (int)st.st_nlink, st.st_ino == up.st_ino ? "same" : "other");
	close(fd);
	fd = MUST(open("m", O_TMPFILE | O_RDWR | O_EXCL, 0640));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(linkat(AT_FDCWD, path, AT_FDCWD, "m/excl", AT_SYMLINK_FOLLOW));
	OK(opens("m", O_TMPFILE | O_RDONLY));
	close(fd);
	close(two);
}

/* Open before the copy-up: reads, maps, locks, watches. */
static void opened_before(void)
{
	char c[12] = "";
	int a, b, fd, watch, n;
	char *map, ev[500];
	struct stat s1, s2;

	MUST(umount("m"));
	put("l2/before", "0123456789");
	mount_it();
	a = MUST(open("m/before", O_RDONLY));
	map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, a, 0);
	n = MUST(inotify_init1(IN_NONBLOCK));
	watch = MUST(inotify_add_watch(n, "m/before", IN_ALL_EVENTS));
	R(flock(a, LOCK_SH));
	MUST(read(a, c, 3));
	b = MUST(open("m/before", O_RDWR | O_APPEND));
	R(flock(b, LOCK_EX | LOCK_NB));
	struct flock fl = { .l_type = F_WRLCK };
	R(fcntl(b, F_SETLK, &fl));
	MUST(write(b, "more", 4));
	memset(c, 0, sizeof(c));
	MUST(read(a, c, 11));
	say("goes on: %s; mapped %.10s\n", c, map);
	MUST(fstat(a, &s1));
	MUST(fstat(b, &s2));
	say("number %s, device %s, size %ld %ld\n", s1.st_ino == s2.st_ino ? "same" : "other",
	    s1.st_dev == s2.st_dev ? "same" : "other", (long)s1.st_size, (long)s2.st_size);
	R(fsync(a));
	R(lseek(a, 0, SEEK_END));
	ssize_t len = read(n, ev, sizeof(ev));
	for (ssize_t at = 0; at < len;) {
		struct inotify_event *e = (void *)(ev + at);

		say("event %#x%s\n", e->mask, e->wd == watch ? "" : " of another");
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	R(fchmod(a, 0604));
	R(fchown(a, 7, 7));
	R(futimens(a, set));
	R(fsetxattr(a, "user.q", "1", 1, 0));
	munmap(map, PAGE);
	close(n);
	times("m/before");
	times("u/before");
	times("l2/before");
	close(a);
	close(b);
	/* by a descriptor alone, of a file never copied up */
	fd = MUST(open("m/ro", O_RDONLY));
	R(fchmod(fd, 0711));
	times("m/ro");
	MUST(fstat(fd, &s1));
	say("%o\n", s1.st_mode);
	R(unlink("m/ro"));
	R(fchmod(fd, 0755));
	MUST(fstat(fd, &s1));
	say("%o links %d\n", s1.st_mode, (int)s1.st_nlink);
	close(fd);
	put("l2/never", "x");
	fd = MUST(open("l2/never", O_RDONLY));
	close(fd);
	fd = MUST(open("m/setattr0", O_RDONLY));
	R(unlink("m/setattr0"));
	R(fchmod(fd, 0755));
	R(fchown(fd, 1, 1));
	MUST(fstat(fd, &s1));
	say("%o links %d\n", s1.st_mode, (int)s1.st_nlink);
	close(fd);
}

static void other_options(void)
{
	static const char *const all[] = {
		"redirect_dir=on",     "redirect_dir=off", "redirect_dir=follow", "redirect_dir=nofollow",
		"redirect_dir=maybe",  	   "metacopy=off",	  
		"index=off",	       	   "nfs_export=off",	  "xino=on",
		"xino=off",	       "xino=auto",	   "volatile",		  "userxattr",
		"default_permissions", "uuid=on",	   "uuid=off",		  "uuid=null",
		"uuid=auto",	       "verity=off",
		"metacopy=off,redirect_dir=off", "fsync=volatile", "fsync=auto", "fsync=strict", "fsync=ordered", "fsync=no", "userxattr,redirect_dir=follow", "userxattr,redirect_dir=nofollow", "userxattr,metacopy=on", "userxattr,redirect_dir=off", "userxattr,metacopy=off",
	};
	char opts[200];

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		char dirs[2][20];

		for (int k = 0; k < 2; k++) {
			snprintf(dirs[k], 20, "o%c%u", "uw"[k], i);
			MUST(mkdir(dirs[k], 0755));
		}
		snprintf(opts, sizeof(opts), "lowerdir=l1:l2,upperdir=%s,workdir=%s,%s", dirs[0], dirs[1], all[i]);
		int r = mount("o", "m", "overlay", 0, opts);
		say("%s: %s\n", all[i], r ? ename(errno) : "ok");
		if (!r) {
			mounts_line();
			MUST(umount("m"));
		}
		list(dirs[1]);
		snprintf(opts, sizeof(opts), "%s/work", dirs[1]);
		list(opts);
	}
	/* a mark of a union that was not synced, or of a feature that we don't know */
	MUST(mkdir("ou", 0755));
	MUST(mkdir("ow", 0755));
	MUST(mkdir(WORK, 0));
	MUST(mkdir(WORK "/incompat", 0));
	MUST(mkdir(WORK "/incompat/volatile", 0));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow"));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow,volatile"));
	MUST(rename(WORK "/incompat/volatile", WORK "/incompat/later"));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow"));
	MUST(rmdir(WORK "/incompat/later"));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow"));
	umount("m");
	list(WORK);
}

/* What somebody else left in a layer. */
static void marks(void)
{
	MUST(mkdir("l1/r", 0755));
	MUST(mkdir("l2/target", 0755));
	put("l2/target/t", "t");
	MUST(setxattr("l1/r", "trusted.overlay.redirect", "target", 6, 0));
	MUST(mkdir("l1/opq", 0755));
	MUST(mkdir("l2/opq", 0755));
	put("l1/opq/1", "1");
	put("l2/opq/2", "2");
	MUST(setxattr("l1/opq", "trusted.overlay.opaque", "y", 1, 0));
	MUST(mkdir("l1/opn", 0755));
	MUST(mkdir("l2/opn", 0755));
	put("l1/opn/1", "1");
	put("l2/opn/2", "2");
	MUST(setxattr("l1/opn", "trusted.overlay.opaque", "n", 1, 0));
	MUST(mkdir("l1/opx", 0755));
	MUST(mkdir("l2/opx", 0755));
	put("l2/opx/2", "2");
	put("l2/opx/1", "hidden");
	MUST(setxattr("l1/opx", "trusted.overlay.opaque", "x", 1, 0));
	put("l1/opx/1", "");
	MUST(setxattr("l1/opx/1", "trusted.overlay.whiteout", "", 0, 0));
	put("l1/empty", "");
	put("l2/empty", "below");
	MUST(setxattr("l1/empty", "trusted.overlay.whiteout", "", 0, 0));
	put("l1/meta", "");
	put("l2/meta", "the data");
	MUST(setxattr("l1/meta", "trusted.overlay.metacopy", "", 0, 0));
	MUST(mknod("l1/w1", S_IFCHR | 0666, 0));
	MUST(mknod("l1/w2", S_IFBLK | 0666, 0));
	put("l2/w1", "1");
	put("l2/w2", "2");
	mount_it();
	list("m/opq");
	list("m/opn");
	list("m/opx");
	get("m/opx/1");
	get("m/empty");
	get("m/w1");
	struct stat st;
	R(lstat("m/w2", &st));
	list("m/r");
	get("m/r/t");
	get("m/meta");
	OK(mknod("m/wh", S_IFCHR, 0));
	OK(mknod("m/w1", S_IFCHR, 0));
	OK(mknod("m/w1", S_IFCHR, makedev(1, 3)));
	attr("m/opq");
	OK(unlink("m/opx/1"));
	OK(unlink("m/opx/2"));
	MUST(umount("m"));
}

int main(void)
{
	load_module();
	MUST(mkdir("m", 0755));
	layers();
	SECTION("options");
	other_options();
	mount_it();
	SECTION("copy-up");
	copy_up();
	SECTION("hard links");
	hard_links();
	SECTION("renames");
	renames();
	SECTION("listing");
	listing();
	SECTION("temporary files");
	temporary();
	SECTION("opened before");
	opened_before();
	MUST(umount("m"));
	SECTION("marks of others");
	marks();
	return 0;
}
