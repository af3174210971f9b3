/*
 * Calls that take a path beside kinds of paths: the empty one, ".", "..", "/", files, folders, links, dangling
 * links and loops, each with a slash or "/." behind it, what is not there, what one may not reach, mount points,
 * read-only mounts, names that are too long. And pairs of them for rename(2), renameat2(2) and link(2). A line a
 * call and a letter a path: as root, and then, where the answer is another, as an ordinary user.
 */
#include "mounts.h"
#include <grp.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

static char long_name[NAME_MAX + 1], too_long_name[NAME_MAX + 2], long_path[PATH_MAX], too_long_path[PATH_MAX + 1];

static const struct {
	const char *title, *path;
} paths[] = {
	{ "(empty)", "" },	{ ".", "." },		 { "..", ".." },	   { "/", "/" },
	{ "f", "f" },		{ "f/", "f/" },		 { "f/.", "f/." },	   { "d", "d" },
	{ "d/", "d/" },		{ "d/.", "d/." },	 { "d/..", "d/.." },	   { "full", "full" },
	{ "full/", "full/" },	{ "l", "l" },		 { "l/", "l/" },	   { "ld", "ld" },
	{ "ld/", "ld/" },	{ "ld/.", "ld/." },	 { "dang", "dang" },	   { "dang/", "dang/" },
	{ "loop", "loop" },	{ "loop/", "loop/" },	 { "none", "none" },	   { "none/", "none/" },
	{ "none/.", "none/." }, { "none/x", "none/x" },	 { "f/x", "f/x" },	   { "d/x", "d/x" },
	{ "full/x", "full/x" }, { "dang/x", "dang/x" },	 { "fifo", "fifo" },	   { "dev", "dev" },
	{ "sock", "sock" },	{ "priv/x", "priv/x" },	 { "priv/none", "priv/none" }, { "../ro/f", "../ro/f" },
	{ "../ro/none", "../ro/none" }, { "../ro/d", "../ro/d" }, { "../m", "../m" }, { "../m/", "../m/" },
	{ "../m/f", "../m/f" }, { "../m/..", "../m/.." }, { "stick/f", "stick/f" }, { "name of 255", long_name },
	{ "name of 256", too_long_name }, { "path of 4095", long_path }, { "path of 4096", too_long_path },
	{ "bound", "bound" },	{ "NULL", NULL },	{ "bad", (const char *)16 },
};

static unsigned made;
static int binds; /* "bound" is another file's mount */

/* A fresh folder with one of each kind; it is the working directory then. */
static void fresh(void)
{
	char name[20];
	int old = umask(0);

	MUST(chdir("/"));
	snprintf(name, sizeof(name), "w%u", made++);
	MUST(mkdir(name, 0777));
	MUST(chdir(name));
	put_file("f", "file", 4, 0666);
	MUST(mkdir("d", 0777));
	MUST(mkdir("full", 0777));
	put_file("full/x", "in", 2, 0666);
	MUST(symlink("f", "l"));
	MUST(symlink("d", "ld"));
	MUST(symlink("nowhere", "dang"));
	MUST(symlink("loop", "loop"));
	MUST(mkfifo("fifo", 0666));
	MUST(mknod("dev", S_IFCHR | 0666, 0x103));
	MUST(mknod("sock", S_IFSOCK | 0666, 0));
	MUST(mkdir("priv", 0700));
	put_file("priv/x", "", 0, 0666);
	MUST(mkdir("stick", 01777));
	put_file("stick/f", "", 0, 0644);
	put_file("bound", "", 0, 0666);
	if (binds)
		MUST(mount("../ro/f", "bound", NULL, MS_BIND, NULL));
	umask(old);
}

static struct open_how how_of(unsigned long flags, unsigned long resolve)
{
	return (struct open_how){ .flags = flags, .mode = flags & O_CREAT ? 0644 : 0, .resolve = resolve };
}

/* A descriptor is closed, and counts as 0. */
static long shut(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? fd : 0;
}

static char buf[8192];

#define CALL(id, expr)                   \
	static long id(const char *p)    \
	{                                \
		return (expr);           \
	}
#define OPEN(id, flags) CALL(id, shut(syscall(SYS_openat, AT_FDCWD, p, (flags), 0644)))
#define OPEN2(id, flags, resolve)                                                                         \
	static long id(const char *p)                                                                     \
	{                                                                                                 \
		struct open_how how = how_of((flags), (resolve));                                         \
		return shut(syscall(SYS_openat2, AT_FDCWD, p, &how, sizeof(how)));                        \
	}

OPEN(open_read, O_RDONLY | O_NONBLOCK)
OPEN(open_write, O_RDWR | O_NONBLOCK)
OPEN(open_trunc, O_WRONLY | O_TRUNC | O_NONBLOCK)
OPEN(open_creat, O_RDWR | O_CREAT | O_NONBLOCK)
OPEN(open_creat_ro, O_RDONLY | O_CREAT | O_NONBLOCK)
OPEN(open_excl, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK)
OPEN(open_creat_nofollow, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
OPEN(open_dir, O_RDONLY | O_DIRECTORY)
OPEN(open_dir_write, O_RDWR | O_DIRECTORY)
OPEN(open_dir_creat, O_RDONLY | O_DIRECTORY | O_CREAT)
OPEN(open_nofollow, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
OPEN(open_dir_nofollow, O_RDONLY | O_NOFOLLOW | O_DIRECTORY)
OPEN(open_path, O_PATH)
OPEN(open_path_nofollow, O_PATH | O_NOFOLLOW)
OPEN(open_path_dir, O_PATH | O_DIRECTORY)
OPEN(open_tmpfile, O_TMPFILE | O_RDWR)
OPEN(open_tmpfile_ro, O_TMPFILE | O_RDONLY)
OPEN(open_noatime, O_RDONLY | O_NOATIME | O_NONBLOCK)
OPEN(open_direct, O_RDONLY | O_DIRECT | O_NONBLOCK)
OPEN(open_mode3, 3 | O_NONBLOCK)
OPEN(open_path_all, O_PATH | O_CREAT | O_EXCL | O_TRUNC | O_RDWR | O_DIRECT)
OPEN(open_path_tmpfile, O_PATH | (O_TMPFILE & ~O_DIRECTORY) | O_RDWR)
OPEN(open_tmpfile_only, (O_TMPFILE & ~O_DIRECTORY) | O_RDWR)
OPEN(open_tmpfile_creat, O_TMPFILE | O_CREAT | O_RDWR)
OPEN(open_tmpfile_3, O_TMPFILE | 3)
OPEN2(open2_tmpfile, O_TMPFILE | O_RDWR, RESOLVE_BENEATH)
OPEN2(open2_tmpfile_root, O_TMPFILE | O_RDWR, RESOLVE_IN_ROOT)
OPEN2(open2_tmpfile_noxdev, O_TMPFILE | O_RDWR, RESOLVE_NO_XDEV)
OPEN2(open2_noxdev_creat, O_RDWR | O_CREAT | O_NONBLOCK, RESOLVE_NO_XDEV)
OPEN2(open2_nosymlinks_creat, O_RDWR | O_CREAT | O_NONBLOCK, RESOLVE_NO_SYMLINKS)
OPEN2(open2_excl_beneath, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, RESOLVE_BENEATH)
OPEN2(open2_dir_creat, O_RDONLY | O_CREAT | O_DIRECTORY, 0)
OPEN2(open2_path_excl, O_PATH | O_EXCL, 0)
OPEN2(open2_beneath, O_RDONLY | O_NONBLOCK, RESOLVE_BENEATH)
OPEN2(open2_root, O_RDONLY | O_NONBLOCK, RESOLVE_IN_ROOT)
OPEN2(open2_noxdev, O_RDONLY | O_NONBLOCK, RESOLVE_NO_XDEV)
OPEN2(open2_nosymlinks, O_RDONLY | O_NONBLOCK, RESOLVE_NO_SYMLINKS)
OPEN2(open2_nosymlinks_path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS)
OPEN2(open2_nomagic, O_RDONLY | O_NONBLOCK, RESOLVE_NO_MAGICLINKS)
OPEN2(open2_beneath_creat, O_RDWR | O_CREAT | O_NONBLOCK, RESOLVE_BENEATH)
CALL(c_mkdir, mkdir(p, 0755))
CALL(c_mknod_file, syscall(SYS_mknodat, AT_FDCWD, p, S_IFREG | 0644, 0))
CALL(c_mknod_zero, syscall(SYS_mknodat, AT_FDCWD, p, 0644, 0))
CALL(c_mknod_fifo, syscall(SYS_mknodat, AT_FDCWD, p, S_IFIFO | 0644, 0))
CALL(c_mknod_char, syscall(SYS_mknodat, AT_FDCWD, p, S_IFCHR | 0644, 0x103))
CALL(c_mknod_dir, syscall(SYS_mknodat, AT_FDCWD, p, S_IFDIR | 0644, 0))
CALL(c_mknod_link, syscall(SYS_mknodat, AT_FDCWD, p, S_IFLNK | 0644, 0))
CALL(c_unlink, unlink(p))
CALL(c_rmdir, rmdir(p))
CALL(c_unlinkat_flag, syscall(SYS_unlinkat, AT_FDCWD, p, AT_SYMLINK_FOLLOW))
CALL(c_symlink_at, symlink("target", p))
CALL(c_symlink_to, symlink(p, "new"))
CALL(c_link_from, link(p, "new"))
CALL(c_link_follow, linkat(AT_FDCWD, p, AT_FDCWD, "new", AT_SYMLINK_FOLLOW))
CALL(c_link_empty, linkat(AT_FDCWD, p, AT_FDCWD, "new", AT_EMPTY_PATH))
CALL(c_link_to, link("f", p))
CALL(c_readlink, readlink(p, buf, 16))
CALL(c_readlink_zero, readlink(p, buf, 0))
CALL(c_stat, syscall(SYS_newfstatat, AT_FDCWD, p, buf, 0))
CALL(c_lstat, syscall(SYS_newfstatat, AT_FDCWD, p, buf, AT_SYMLINK_NOFOLLOW))
CALL(c_stat_empty, syscall(SYS_newfstatat, AT_FDCWD, p, buf, AT_EMPTY_PATH))
CALL(c_statx, syscall(SYS_statx, AT_FDCWD, p, 0, STATX_BASIC_STATS, buf))
CALL(c_statx_dont, syscall(SYS_statx, AT_FDCWD, p, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, buf))
CALL(c_statfs, statfs(p, (struct statfs *)buf))
CALL(c_access, syscall(SYS_faccessat, AT_FDCWD, p, R_OK | W_OK))
CALL(c_access_x, syscall(SYS_faccessat, AT_FDCWD, p, X_OK))
CALL(c_access_f, syscall(SYS_faccessat, AT_FDCWD, p, F_OK))
CALL(c_access2_l, syscall(SYS_faccessat2, AT_FDCWD, p, R_OK, AT_SYMLINK_NOFOLLOW))
CALL(c_access2_e, syscall(SYS_faccessat2, AT_FDCWD, p, R_OK, AT_EMPTY_PATH | AT_EACCESS))
CALL(c_chmod, syscall(SYS_fchmodat, AT_FDCWD, p, 0700))
CALL(c_chmod2_l, syscall(452 /* fchmodat2 */, AT_FDCWD, p, 0700, AT_SYMLINK_NOFOLLOW))
CALL(c_chmod2_e, syscall(452 /* fchmodat2 */, AT_FDCWD, p, 0777, AT_EMPTY_PATH))
CALL(c_chown, syscall(SYS_fchownat, AT_FDCWD, p, 1000, 1000, 0))
CALL(c_lchown, syscall(SYS_fchownat, AT_FDCWD, p, 1000, -1, AT_SYMLINK_NOFOLLOW))
CALL(c_chown_none, syscall(SYS_fchownat, AT_FDCWD, p, -1, -1, AT_EMPTY_PATH))
CALL(c_truncate, truncate(p, 2))
CALL(c_truncate_neg, truncate(p, -1))
CALL(c_utimes, syscall(SYS_utimensat, AT_FDCWD, p, NULL, 0))
CALL(c_utimes_l, syscall(SYS_utimensat, AT_FDCWD, p, NULL, AT_SYMLINK_NOFOLLOW))
static const struct timespec some[2] = { { 5, 5 }, { 6, 6 } }, omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
CALL(c_utimes_set, syscall(SYS_utimensat, AT_FDCWD, p, some, 0))
CALL(c_utimes_omit, syscall(SYS_utimensat, AT_FDCWD, p, omit, 0))
CALL(c_getxattr, getxattr(p, "user.a", buf, 10))
CALL(c_lgetxattr, lgetxattr(p, "trusted.a", buf, 10))
CALL(c_setxattr, setxattr(p, "user.a", "v", 1, 0))
CALL(c_lsetxattr, lsetxattr(p, "user.a", "v", 1, 0))
CALL(c_lsetxattr_t, lsetxattr(p, "trusted.a", "v", 1, 0))
CALL(c_removexattr, removexattr(p, "user.a"))
CALL(c_listxattr, listxattr(p, buf, 100) < 0 ? -1 : 0)
CALL(c_chdir, chdir(p))
CALL(c_inotify, shut(({
	int in = inotify_init();
	long r = inotify_add_watch(in, p, IN_MODIFY);
	int e = errno;
	close(in);
	errno = e;
	r < 0 ? -1 : (r = open("f", O_RDONLY));
})))
CALL(c_open_tree, shut(syscall(SYS_open_tree, AT_FDCWD, p, 0)))
CALL(c_open_tree_clone, shut(syscall(SYS_open_tree, AT_FDCWD, p, 1)))
CALL(c_fspick, shut(syscall(SYS_fspick, AT_FDCWD, p, 0)))
CALL(c_mount_flags, mount(NULL, p, NULL, MS_REMOUNT | MS_BIND, NULL))
CALL(c_mount_private, mount(NULL, p, NULL, MS_PRIVATE, NULL))
CALL(c_umount, umount2(p, UMOUNT_NOFOLLOW | MNT_EXPIRE))

#define ROW(id) { #id, id }
static const struct {
	const char *name;
	long (*call)(const char *p);
} calls[] = {
	ROW(open_read), ROW(open_write), ROW(open_trunc), ROW(open_creat), ROW(open_creat_ro), ROW(open_excl),
	ROW(open_creat_nofollow), ROW(open_dir), ROW(open_dir_write), ROW(open_dir_creat), ROW(open_nofollow),
	ROW(open_dir_nofollow), ROW(open_path), ROW(open_path_nofollow), ROW(open_path_dir), ROW(open_tmpfile),
	ROW(open_tmpfile_ro), ROW(open_noatime), ROW(open_direct), ROW(open_mode3), ROW(open2_beneath),
	ROW(open2_root), ROW(open2_noxdev), ROW(open2_nosymlinks), ROW(open2_nosymlinks_path), ROW(open2_nomagic),
	ROW(open2_beneath_creat), ROW(open_path_all), ROW(open_path_tmpfile), ROW(open_tmpfile_only),
	ROW(open_tmpfile_creat), ROW(open_tmpfile_3), ROW(open2_tmpfile), ROW(open2_tmpfile_root),
	ROW(open2_tmpfile_noxdev), ROW(open2_noxdev_creat), ROW(open2_nosymlinks_creat), ROW(open2_excl_beneath),
	ROW(open2_dir_creat), ROW(open2_path_excl), ROW(c_mkdir), ROW(c_mknod_file), ROW(c_mknod_zero), ROW(c_mknod_fifo),
	ROW(c_mknod_char), ROW(c_mknod_dir), ROW(c_mknod_link), ROW(c_unlink), ROW(c_rmdir), ROW(c_unlinkat_flag),
	ROW(c_symlink_at), ROW(c_symlink_to), ROW(c_link_from), ROW(c_link_follow), ROW(c_link_empty), ROW(c_link_to),
	ROW(c_readlink), ROW(c_readlink_zero), ROW(c_stat), ROW(c_lstat), ROW(c_stat_empty), ROW(c_statx),
	ROW(c_statx_dont), ROW(c_statfs), ROW(c_access), ROW(c_access_x), ROW(c_access_f), ROW(c_access2_l),
	ROW(c_access2_e), ROW(c_chmod), ROW(c_chmod2_l), ROW(c_chmod2_e), ROW(c_chown), ROW(c_lchown),
	ROW(c_chown_none), ROW(c_truncate), ROW(c_truncate_neg), ROW(c_utimes), ROW(c_utimes_l), ROW(c_utimes_set),
	ROW(c_utimes_omit), ROW(c_getxattr), ROW(c_lgetxattr), ROW(c_setxattr), ROW(c_lsetxattr), ROW(c_lsetxattr_t),
	ROW(c_removexattr), ROW(c_listxattr), ROW(c_chdir), ROW(c_inotify), ROW(c_open_tree), ROW(c_open_tree_clone),
	ROW(c_fspick), ROW(c_mount_flags), ROW(c_mount_private), ROW(c_umount),
};

/* Does the call leave all as it was? Then one folder does for all paths. */
static int changes(const char *name)
{
	static const char *const words[] = { "creat", "excl", "trunc", "tmpfile", "mk", "link", "rmdir", "ch",
					     "utimes", "xattr" };

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(name, words[i]))
			return 1;
	return 0;
}

static long pair_rename(const char *a, const char *b)
{
	return rename(a, b);
}
static long pair_noreplace(const char *a, const char *b)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_NOREPLACE);
}
static long pair_exchange(const char *a, const char *b)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}
static long pair_whiteout(const char *a, const char *b)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, RENAME_WHITEOUT);
}
static long pair_link(const char *a, const char *b)
{
	return link(a, b);
}

static const struct {
	const char *name;
	long (*call)(const char *a, const char *b);
} kinds[] = { ROW(pair_rename), ROW(pair_noreplace), ROW(pair_exchange), ROW(pair_whiteout), ROW(pair_link) };
static const char *const names[] = { "",       "..",   "f",    "f/",  "d",	   "d/",   "full/x", "ld/",    "dang",
				     "none",   "none/", "f/x", "../ro/f", "../m", "../m/f", "priv/x", "stick/f" };

/* What is said of an error; "." is none, a digit what a call returned, blank the same as root. */
static const struct {
	int err;
	char letter;
} letters[] = {
	{ ENOENT, 'n' }, { ENOTDIR, 'd' }, { EISDIR, 'D' },	 { EEXIST, 'e' },    { ELOOP, 'l' },	 { EACCES, 'a' },
	{ EPERM, 'p' },	 { EROFS, 'r' },   { ENXIO, 'x' },	 { EINVAL, 'i' },    { EFAULT, 'f' },	 { ENAMETOOLONG, 't' },
	{ EBUSY, 'b' },	 { EXDEV, 'v' },   { ENOTEMPTY, 'E' },	 { EOPNOTSUPP, 's' }, { ENODATA, 'z' }, { EAGAIN, 'g' },
};

static char letter_of(long r, int err)
{
	if (r >= 0)
		return r > 9 ? '+' : r ? (char)('0' + r) : '.';
	for (unsigned i = 0; i < ARRAY_SIZE(letters); i++)
		if (letters[i].err == err)
			return letters[i].letter;
	return '?';
}

#define ROWS (ARRAY_SIZE(calls) + ARRAY_SIZE(kinds) * ARRAY_SIZE(names))

static int as_user;
static char (*by_root)[ARRAY_SIZE(paths)]; /* a line of answers each; shared by the children */
static unsigned rows;

/* One call, by whom it may concern. */
static char answer(long (*one)(const char *), long (*two)(const char *, const char *), const char *a, const char *b)
{
	long r;
	int err;

	if (as_user)
		MUST(seteuid(1000));
	errno = 0;
	r = one ? one(a) : two(a, b);
	err = errno;
	if (as_user)
		MUST(seteuid(0));
	return letter_of(r, err);
}

static void line_out(const char *name, const char *path, char *line, unsigned n)
{
	char *root = by_root[rows++];
	int other = 0;

	if (as_user) {
		for (unsigned i = 0; i < n; i++) {
			other |= line[i] != root[i];
			line[i] = line[i] == root[i] ? ' ' : line[i];
		}
	} else {
		memcpy(root, line, n);
		other = 1;
	}
	if (other)
		say("%-22s %-7s|%.*s|\n", name, path, (int)n, line);
}

/* One call with all paths. */
static void row(unsigned c)
{
	char line[ARRAY_SIZE(paths)];
	int many = changes(calls[c].name);

	binds = !!strstr(calls[c].name, "noxdev");
	fresh();
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		line[i] = answer(calls[c].call, NULL, paths[i].path, NULL);
		/* What fails leaves all as it was. */
		if (many && (line[i] == '.' || (line[i] >= '0' && line[i] <= '9')))
			fresh();
	}
	line_out(calls[c].name, "", line, ARRAY_SIZE(paths));
	binds = 0;
}

static void pairs(void)
{
	char line[ARRAY_SIZE(names)];

	fresh();
	for (unsigned k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
			for (unsigned j = 0; j < ARRAY_SIZE(names); j++) {
				line[j] = answer(NULL, kinds[k].call, names[i], names[j]);
				if (line[j] == '.')
					fresh();
			}
			line_out(kinds[k].name, names[i], line, ARRAY_SIZE(names));
		}
	}
}

/* Folders and mounts that all of the working directories share. */
static void shared(void)
{
	MUST(chmod(".", 0777));
	MUST(mkdir("ro", 0777));
	MUST(mount("ro", "ro", "tmpfs", 0, "mode=0777"));
	put_file("ro/f", "ro", 2, 0666);
	MUST(mkdir("ro/d", 0777));
	MUST(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	MUST(mkdir("m", 0777));
	MUST(mount("m", "m", "tmpfs", 0, "mode=0777"));
	put_file("m/f", "m", 1, 0666);
}

/* With a root and mounts of its own, for calls may change them. */
static void tables(void)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount("work", work, "tmpfs", 0, "mode=0755"));
	MUST(chdir(work));
	shared();
	MUST(chroot("."));
	for (unsigned c = 0; c < ARRAY_SIZE(calls); c++)
		row(c);
	pairs();
}

static void user_tables(void)
{
	MUST(setgroups(0, NULL));
	as_user = 1;
	tables();
}

/* linkat(2) of a descriptor itself: whose it must be. */
static void empty_link(void)
{
	int mine, theirs, place;

	MUST(unshare(CLONE_NEWNS));
	MUST(mount("work", work, "tmpfs", 0, "mode=0755"));
	MUST(chdir(work));
	shared();
	MUST(chroot("."));
	fresh();
	theirs = MUST(open("f", O_RDWR));
	MUST(setgroups(0, NULL));
	MUST(setgid(1000));
	MUST(setuid(1000));
	mine = MUST(open("f", O_RDWR));
	place = MUST(open("f", O_PATH));
	R(linkat(theirs, "", AT_FDCWD, "new1", AT_EMPTY_PATH));
	R(linkat(mine, "", AT_FDCWD, "new2", AT_EMPTY_PATH));
	R(linkat(place, "", AT_FDCWD, "new3", AT_EMPTY_PATH));
	R(linkat(mine, "", AT_FDCWD, "new4", 0));
	R(linkat(77, "", AT_FDCWD, "new5", AT_EMPTY_PATH));
	R(linkat(theirs, "d", AT_FDCWD, "new6", AT_EMPTY_PATH));
	R(linkat(AT_FDCWD, "f", AT_FDCWD, "new7", AT_EMPTY_PATH));
	R(linkat(mine, "", AT_FDCWD, "new2", AT_EMPTY_PATH));
	R(linkat(mine, "", mine, "new8", AT_EMPTY_PATH));
}

static void legend(void)
{
	SECTION("letters");
	say(".: 0\n");
	for (unsigned i = 0; i < ARRAY_SIZE(letters); i++)
		say("%c: %s\n", letters[i].letter, ename(letters[i].err));
	SECTION("columns");
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
		say("%u: %s\n", i + 1, paths[i].title);
	SECTION("columns of the pairs");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		say("%u: %s\n", i + 1, names[i]);
}

int main(void)
{
	memset(long_name, 'n', NAME_MAX);
	memset(too_long_name, 'n', NAME_MAX + 1);
	memset(long_path, '/', PATH_MAX - 1);
	memset(too_long_path, '/', PATH_MAX);
	long_path[PATH_MAX - 2] = too_long_path[PATH_MAX - 1] = 'f';
	umask(0);
	by_root = mmap(NULL, ROWS * sizeof(*by_root), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	legend();
	enter_own();
	SECTION("as root");
	in_child("root", tables);
	SECTION("as a user, where it differs");
	in_child("user", user_tables);
	SECTION("links of descriptors");
	in_child("links", empty_link);
	leave_own();
	return 0;
}
