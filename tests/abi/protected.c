/* Sticky directories: whose links, fifos and files are followed and opened; proc(5), /proc/sys/fs/protected_*. */
#include "abi.h"

#define FS "/proc/sys/fs/"

static int number(const char *name)
{
	char path[80], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), FS "%s", name);
	fd = MUST(open(path, O_RDONLY));
	MUST(read(fd, text, sizeof(text) - 1));
	close(fd);
	return atoi(text);
}

static void set(const char *name, int value)
{
	char path[80], text[16];
	int fd;

	snprintf(path, sizeof(path), FS "%s", name);
	snprintf(text, sizeof(text), "%d\n", value);
	fd = MUST(open(path, O_WRONLY));
	if (write(fd, text, strlen(text)) < 0)
		say("%s <- %d: %s\n", name, value, ename(errno));
	close(fd);
}

/* A directory of root's, with what uid 1000 put there; and one of 1000's. */
static void make(const char *dir, unsigned mode, int owner)
{
	char path[80];
	int fd;

	MUST(mkdir(dir, 0777));
	MUST(chown(dir, owner, 1000));
	MUST(chmod(dir, mode));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = MUST(open(path, O_CREAT | O_RDWR, 0666));
	MUST(fchmod(fd, 0666));
	MUST(fchown(fd, 1000, 1000));
	close(fd);
	snprintf(path, sizeof(path), "%s/fifo", dir);
	MUST(mkfifo(path, 0666));
	MUST(chmod(path, 0666));
	MUST(chown(path, 1000, 1000));
	snprintf(path, sizeof(path), "%s/link", dir);
	MUST(symlink("../target", path));
	MUST(lchown(path, 1000, 1000));
	snprintf(path, sizeof(path), "%s/way", dir);
	MUST(symlink("..", path));
	MUST(lchown(path, 1000, 1000));
}

static void try_open(const char *dir, const char *name, int flags, const char *what)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags, 0600);
	say("  %s %s: %s\n", name, what, fd < 0 ? ename(errno) : "ok");
	if (fd >= 0)
		close(fd);
}

static void look(const char *dir, const char *who)
{
	struct stat st;
	char path[80], text[80];

	say(" %s, %s\n", dir, who);
	try_open(dir, "file", O_RDWR, "open");
	try_open(dir, "file", O_RDWR | O_CREAT, "create");
	try_open(dir, "file", O_RDONLY | O_CREAT, "create, read");
	try_open(dir, "file", O_WRONLY | O_CREAT | O_EXCL, "exclusive");
	try_open(dir, "fifo", O_RDWR | O_NONBLOCK, "open");
	try_open(dir, "fifo", O_RDWR | O_NONBLOCK | O_CREAT, "create");
	try_open(dir, "link", O_RDONLY, "open");
	try_open(dir, "link", O_RDONLY | O_CREAT, "create");
	try_open(dir, "link", O_RDONLY | O_CREAT | O_NOFOLLOW, "create, no follow");
	try_open(dir, "way/target", O_RDONLY, "open");
	try_open(dir, "way/", O_RDONLY, "open");
	snprintf(path, sizeof(path), "%s/link", dir);
	OK(stat(path, &st));
	OK(lstat(path, &st));
	OK(readlink(path, text, sizeof(text)));
	OK(chmod(path, 0666));
	OK(access(path, R_OK));
	OK(truncate(path, 0));
}

static void all(void)
{
	static const char *const dirs[] = { "sticky", "group", "plain", "own" };

	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++) {
		pid_t pid;

		look(dirs[i], "root");
		pid = MUST(fork());
		if (!pid) {
			MUST(setgid(1000));
			MUST(setuid(2000));
			look(dirs[i], "another");
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		pid = MUST(fork());
		if (!pid) {
			MUST(setgid(1000));
			MUST(setuid(1000));
			look(dirs[i], "the owner");
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

int main(void)
{
	int links = number("protected_symlinks"), hard = number("protected_hardlinks");
	int fifos = number("protected_fifos"), files = number("protected_regular");
	int fd;

	umask(0);
	MUST(chmod(".", 0777));
	say("at boot: symlinks %d, hardlinks %d, fifos %d, regular %d\n", links, hard, fifos, files);
	fd = MUST(open("target", O_CREAT | O_RDWR, 0666));
	close(fd);
	make("sticky", 01777, 0);
	make("group", 01775, 0);
	make("plain", 0777, 0);
	make("own", 01777, 1000);
	for (int level = 0; level <= 2; level++) {
		say("-- level %d\n", level);
		set("protected_symlinks", level ? 1 : 0);
		set("protected_fifos", level);
		set("protected_regular", level);
		all();
	}
	set("protected_symlinks", 2);
	set("protected_fifos", 3);
	set("protected_regular", -1);
	set("protected_symlinks", links);
	set("protected_fifos", fifos);
	set("protected_regular", files);
	return 0;
}
