/*
 * overlay with redirect_dir=on: folders of lower layers that are renamed, layers in which renamed folders lie already,
 * marks that lead nowhere.
 */
#include "overlay.h"

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
	SECTION("renamed folders in lower layers");
	redirects_below();
	SECTION("marks at the end");
	marks_at_the_end();
	return 0;
}
