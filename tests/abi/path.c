/* path walk: links, dots, trailing slashes, lengths, loops. */
#include "abi.h"

static struct stat st;
static char big[9000];

static const char *kind(const char *path)
{
	if (stat(path, &st) < 0)
		return ename(errno);
	return S_ISDIR(st.st_mode) ? "folder" : S_ISREG(st.st_mode) ? "file" : "other";
}

static const char *lkind(const char *path)
{
	if (lstat(path, &st) < 0)
		return ename(errno);
	return S_ISLNK(st.st_mode) ? "link" : S_ISDIR(st.st_mode) ? "folder" : "file";
}

int main(void)
{
	static const char *paths[] = {
		"f", "f/", "f/.", "f/..", "d", "d/", "d/.", "d/..", "d//f", "./d/../f", "d/f/x", "none",
		"none/", "none/x", "", "/", "//", "/..", "/../..", "lf", "lf/", "ld", "ld/", "ld/f", "ld/..",
		"ldslash", "ldslash/f", "lfslash", "dangling", "dangling/", "loop", "loop/x", "selfdir/selfdir/f",
		"up/f", "labs", "d/lup", "d/lup/d/f", ". ", "...", "lempty",
	};
	char name[300], cwd[300];

	put_file("f", "x", 1, 0644);
	mkdir("d", 0755);
	put_file("d/f", "xy", 2, 0644);
	symlink("f", "lf");
	symlink("d", "ld");
	symlink("d/", "ldslash");
	symlink("f/", "lfslash");
	symlink("none", "dangling");
	symlink("loop", "loop");
	symlink(".", "selfdir");
	symlink("..", "d/lup");
	symlink("d/..", "up");
	symlink("/tmp/../tmp/./abi-path/f", "labs");
	SECTION("kinds");
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		say("[%s] %s", paths[i], kind(paths[i]));
		say(" / %s\n", lkind(paths[i]));
	}
	R(symlink("", "lempty"));
	SECTION("lengths");
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	R(open(name, O_CREAT | O_WRONLY, 0644));
	name[255] = 0;
	R(open(name, O_CREAT | O_WRONLY, 0644) >= 0);
	R(stat(name, &st));
	R(unlink(name));
	for (int i = 0; i < 4096; i += 2)
		memcpy(big + i, "./", 2);
	big[4096] = 0;
	R(stat(big, &st));
	big[4095] = 0;
	R(stat(big, &st));
	big[4094] = 'f';
	R(stat(big, &st));
	memset(big, '/', 4095);
	R(stat(big, &st));
	memset(big, 'x', 4095);
	R(stat(big, &st));
	R(symlink(big, "long"));
	char *tail = big + 4090;
	memset(big, '/', 4090);
	strcpy(tail, "tmp");
	R(symlink(big, "longlink"));
	say("%s\n", kind("longlink"));
	SECTION("chains of links");
	symlink("f", "c0");
	for (int i = 1; i < 50; i++) {
		char a[8], b[8];
		snprintf(a, 8, "c%d", i);
		snprintf(b, 8, "c%d", i - 1);
		symlink(b, a);
	}
	say("39: %s, ", kind("c38"));
	say("40: %s, ", kind("c39"));
	say("41: %s\n", kind("c40"));
	/* forty in all in one walk, however they are spread */
	big[0] = 0;
	for (int i = 0; i < 40; i++)
		strcat(big, "selfdir/");
	strcat(big, "f");
	say("40 in a row: %s\n", kind(big));
	strcpy(big, "selfdir/");
	for (int i = 0; i < 40; i++)
		strcat(big, "selfdir/");
	say("41 in a row: %s\n", kind(big));
	SECTION("cwd");
	R(chdir("f"));
	R(chdir("none"));
	R(chdir("loop"));
	R(chdir("ld"));
	say("%s\n", getcwd(cwd, sizeof(cwd)));
	R(chdir(".."));
	R(syscall(SYS_getcwd, cwd, 5));
	R(syscall(SYS_getcwd, cwd, 0));
	R(syscall(SYS_getcwd, cwd, 300));
	R(syscall(SYS_getcwd, (char *)8, 300));
	mkdir("gone", 0755);
	chdir("gone");
	rmdir("../gone");
	R(syscall(SYS_getcwd, cwd, 300));
	R(open("x", O_CREAT | O_WRONLY, 0644));
	R(mkdir("x", 0755));
	say(". %s", kind("."));
	say(" .. %s\n", kind(".."));
	R(chdir("/tmp/abi-path"));
	int fd = MUST(open("d", O_RDONLY));
	R(fchdir(fd));
	say("%s\n", getcwd(cwd, sizeof(cwd)));
	fd = MUST(open("f", O_RDONLY));
	R(fchdir(fd));
	R(fchdir(99));
	chdir("/tmp/abi-path");
	SECTION("at");
	fd = MUST(open("d", O_PATH));
	R(fstatat(fd, "f", &st, 0));
	R(fstatat(fd, "", &st, 0));
	R(fstatat(fd, "", &st, AT_EMPTY_PATH));
	R(fstatat(fd, "f", &st, 0x4));
	R(faccessat(fd, "f", R_OK, 0));
	R(fstatat(99, "f", &st, 0));
	R(fstatat(99, "/", &st, 0));
	SECTION("chroot");
	R(chroot("f"));
	R(chroot("none"));
	R(chroot("d"));
	say("/f %s,", kind("/f"));
	say(" /.. %s,", kind("/../f"));
	say(" /tmp %s\n", kind("/tmp"));
	return 0;
}
