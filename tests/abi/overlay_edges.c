/*
 * Corners of overlay: options that are refused and what marks of others do, times and lengths at copy-up, who had a
 * file open before, names that change during a listing, temporary files.
 */
#include "abi.h"
#include <dirent.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static void load_module(void)
{
	int fd = open("/modules/1-overlay.ko", O_RDONLY);

	if (fd >= 0)
		syscall(SYS_finit_module, fd, "", 0);
}

static void put(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static int opens(const char *path, int flags, ...)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static void get(const char *path)
{
	char buf[100];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0)
		say("%s: %s\n", path, ename(errno));
	else
		say("%s: \"%.*s\"\n", path, (int)n, buf);
	if (fd >= 0)
		close(fd);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
	char *names[200];
	int n = 0;
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	while ((e = readdir(d)) && n < 200)
		if (strcmp(e->d_name, "..") && strcmp(e->d_name, "."))
			names[n++] = strdup(e->d_name);
	closedir(d);
	qsort(names, n, sizeof(*names), by_text);
	say("%s:", path);
	for (int i = 0; i < n; i++)
		say(" %s", names[i]);
	say("\n");
}

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

static void attr(const char *path)
{
	char names[1000], v[100];
	ssize_t n = llistxattr(path, names, sizeof(names));

	say("%s:", path);
	if (n < 0)
		say(" %s", ename(errno));
	for (ssize_t i = 0; i < n; i += strlen(names + i) + 1) {
		ssize_t len = lgetxattr(path, names + i, v, sizeof(v));
		/* a handle of the file that was copied changes from run to run */
		if (len >= 0 && len < 4)
			say(" %s=%.*s", names + i, (int)len, v);
		else
			say(" %s", names + i);
	}
	say("\n");
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
	OK(opens("m/open", O_RDWR | O_CREAT | O_EXCL, 0600));
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
	OK(opens("m", O_TMPFILE | O_RDONLY, 0600));
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
	MUST(mkdir("ow/work", 0));
	MUST(mkdir("ow/work/incompat", 0));
	MUST(mkdir("ow/work/incompat/volatile", 0));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow"));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow,volatile"));
	MUST(rename("ow/work/incompat/volatile", "ow/work/incompat/later"));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow"));
	MUST(rmdir("ow/work/incompat/later"));
	R(mount("o", "m", "overlay", 0, "lowerdir=l1:l2,upperdir=ou,workdir=ow"));
	umount("m");
	list("ow/work");
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

static void mark(const char *path)
{
	char v[300];
	ssize_t n = lgetxattr(path, "trusted.overlay.redirect", v, sizeof(v));

	say("%s: redirect %.*s\n", path, n < 0 ? 4 : (int)n, n < 0 ? "none" : v);
}

/* Folders of lower layers are renamed. */
static void redirects(void)
{
	static const char *const dirs[] = { "r1",	"r1/a",	   "r1/a/b", "r2",     "r2/a",	  "r2/a/b", "r2/a/b/c",
					    "r2/other", "r2/over", "ru",     "rw",     "r2/long", "r2/x",   "r2/y" };
	const char *const opts = "lowerdir=r1:r2,upperdir=ru,workdir=rw,redirect_dir=on";
	char name[200], path[300];

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	put("r1/a/one", "1");
	put("r2/a/two", "2");
	put("r1/a/b/three", "3");
	put("r2/a/b/c/four", "4");
	put("r2/other/five", "5");
	put("r2/x/in", "x");
	put("r2/y/in", "y");
	MUST(mount("o", "m", "overlay", 0, opts));
	OK(rename("m/a", "m/A"));
	list("m");
	list("m/A");
	get("m/A/b/c/four");
	mark("ru/A");
	OK(rename("m/A/b", "m/B"));
	mark("ru/B");
	list("m/B");
	OK(rename("m/B/c", "m/B/C"));
	mark("ru/B/C");
	OK(rename("m/B/C", "m/other/C"));
	mark("ru/other/C");
	get("m/other/C/four");
	OK(rename("m/other", "m/over"));
	mark("ru/over");
	get("m/over/C/four");
	get("m/over/five");
	OK(renameat2(AT_FDCWD, "m/x", AT_FDCWD, "m/y", RENAME_EXCHANGE));
	get("m/x/in");
	get("m/y/in");
	mark("ru/x");
	OK(mkdir("m/a", 0755));
	list("m/a");
	put("m/a/new", "n");
	OK(rename("m/a", "m/long"));
	list("m/long");
	attr("ru/long");
	OK(chmod("m/over/C/four", 0600));
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	snprintf(path, sizeof(path), "m/%s", name);
	OK(mkdir(path, 0755));
	MUST(umount("m"));
	/* and again, by the marks alone */
	MUST(mount("o", "m", "overlay", 0, "lowerdir=r1:r2,upperdir=ru,workdir=rw"));
	list("m/A");
	list("m/B");
	get("m/over/C/four");
	get("m/over/five");
	get("m/x/in");
	get("m/y/in");
	list("m/long");
	OK(rename("m/A", "m/A2"));
	OK(unlink("m/A/one"));
	list("m/A");
	OK(unlink("m/A/two"));
	OK(rmdir("m/A"));
	OK(mkdir("m/A", 0700));
	list("m/A");
	MUST(umount("m"));
	/* below another */
	MUST(mkdir("ru2", 0755));
	MUST(mkdir("rw2", 0755));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=ru:r1:r2,upperdir=ru2,workdir=rw2,redirect_dir=on"));
	list("m/B");
	get("m/over/C/four");
	OK(rename("m/over", "m/B/over"));
	mark("ru2/B/over");
	get("m/B/over/C/four");
	get("m/B/over/five");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=ru2:ru:r1:r2"));
	get("m/B/over/C/four");
	get("m/B/over/five");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=ru2:ru:r1:r2,redirect_dir=nofollow"));
	list("m");
	get("m/x/in");
	struct stat st;
	R(lstat("m/B", &st));
	MUST(umount("m"));
	/* broken marks */
	static const char *const bad[] = { "", "a/b", "/a//b", "/", "/a/", "/none", "none", "/a/one", "one", "..", "/a/../a" };
	MUST(mkdir("r3", 0755));
	MUST(mkdir("r3/q", 0755));
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		MUST(setxattr("r3/q", "trusted.overlay.redirect", bad[i], strlen(bad[i]), 0));
		MUST(mount("o", "m", "overlay", 0, "lowerdir=r3:r1"));
		say("'%s' ", bad[i]);
		list("m/q");
		MUST(umount("m"));
	}
}

/* Layers in which renamed folders lie already: a path leads through them. */
static void redirects_below(void)
{
	static const char *const dirs[] = { "q", "q/a", "q/a/b", "q/a/b/c", "qu", "qw", "qu2", "qw2", "qu3", "qw3" };
	const char *const second = "lowerdir=qu:q,upperdir=qu2,workdir=qw2,redirect_dir=on";

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	put("q/a/b/deep", "deep");
	put("q/a/b/c/deeper", "deeper");
	MUST(mount("o", "m", "overlay", 0, "lowerdir=q,upperdir=qu,workdir=qw,redirect_dir=on"));
	OK(rename("m/a", "m/A"));
	mark("qu/A");
	/* what is called so from now on is another */
	MUST(mkdir("m/a", 0755));
	MUST(mkdir("m/a/b", 0755));
	put("m/a/b/stranger", "s");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, second));
	list("m/A/b");
	OK(rename("m/A/b", "m/B"));
	mark("qu2/B");
	OK(rename("m/B/c", "m/A/C"));
	mark("qu2/A/C");
	OK(rename("m/A/C", "m/A/C2"));
	mark("qu2/A/C2");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, second));
	list("m/A");
	list("m/B");
	get("m/B/deep");
	get("m/A/C2/deeper");
	list("m/a/b");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=qu2:qu:q,upperdir=qu3,workdir=qw3,redirect_dir=on"));
	list("m/B");
	OK(rename("m/B", "m/A/back"));
	mark("qu3/A/back");
	get("m/A/back/deep");
	OK(rename("m/A", "m/D"));
	mark("qu3/D");
	OK(rename("m/D/C2", "m/E"));
	mark("qu3/E");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=qu3:qu2:qu:q"));
	get("m/D/back/deep");
	get("m/E/deeper");
	MUST(umount("m"));
}

/* Marks with nothing below that they could lead to. */
static void marks_at_the_end(void)
{
	static const char *const dirs[] = { "n1", "n1/x", "n2", "nu", "nu/p", "nu/p/x", "nu/y", "nw" };
	char far[310] = "/";
	struct stat st;

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	put("n1/x/f", "f");
	MUST(setxattr("n1/x", "trusted.overlay.redirect", "/none", 5, 0));
	MUST(setxattr("nu/p/x", "trusted.overlay.redirect", "/none", 5, 0));
	MUST(setxattr("nu/y", "trusted.overlay.redirect", "/none", 5, 0));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=n2:n1,redirect_dir=nofollow"));
	get("m/x/f");
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=n1:n2,redirect_dir=nofollow"));
	R(lstat("m/x", &st));
	MUST(umount("m"));
	MUST(mount("o", "m", "overlay", 0, "lowerdir=n2:n1,upperdir=nu,workdir=nw,redirect_dir=nofollow"));
	R(lstat("m/p", &st));
	R(lstat("m/p/x", &st));
	R(lstat("m/y", &st));
	MUST(umount("m"));
	/* names that are too long for any file */
	memset(far + 1, 'l', 300);
	for (int i = 0; i < 2; i++) {
		if (i)
			strcpy(far + 301, "/x");
		MUST(setxattr("n1/x", "trusted.overlay.redirect", far + !i, strlen(far + !i), 0));
		MUST(mount("o", "m", "overlay", 0, "lowerdir=n1:n2"));
		list("m/x");
		MUST(umount("m"));
	}
}

int main(void)
{
	load_module();
	MUST(mkdir("m", 0755));
	SECTION("renamed folders");
	redirects();
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
	SECTION("renamed folders in lower layers");
	redirects_below();
	SECTION("marks at the end");
	marks_at_the_end();
	return 0;
}
