/*
 * Rows of names and files: deep paths, files made and removed, folders listed and walked. They run on tmpfs, and
 * so say what the file layer costs when everything is cached.
 */
#include "bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DEPTH	    12
#define LISTED	    200
#define WALK_DIRS   20
#define WALK_FILES  20
#define BIG	    (64UL << 20)
#define BIG_PIECE   (128UL << 10)
#define SYNC_PIECES 256

static char deep[DEPTH * 8 + 8];
static char buf[BIG_PIECE];
static int fd;

static void touch(const char *name)
{
	close(MUST(open(name, O_CREAT | O_WRONLY, 0644)));
}

static void setup_deep(void)
{
	for (int i = 0; i < DEPTH; i++) {
		strcat(deep, i ? "/folder" : "folder");
		if (mkdir(deep, 0755) && errno != EEXIST)
			give_up("mkdir %s", deep);
	}
	strcat(deep, "/file");
	touch(deep);
}

static void op_deep(void)
{
	struct stat st;

	if (stat(deep, &st))
		give_up("stat");
}

static void op_missing(void)
{
	struct stat st;

	if (!stat("nothing", &st))
		give_up("stat");
}

static void op_create(void)
{
	int f = open("new", O_CREAT | O_EXCL | O_WRONLY, 0644);

	if (f < 0 || close(f) || unlink("new"))
		give_up("create");
}

static void op_mkdir(void)
{
	if (mkdir("new", 0755) || rmdir("new"))
		give_up("mkdir");
}

static void setup_rename(void)
{
	touch("one");
}

static void op_rename(void)
{
	if (rename("one", "two") || rename("two", "one"))
		give_up("rename");
}

static void op_read(void)
{
	if (pread(fd, buf, PAGE, 8192) != (ssize_t)PAGE)
		give_up("pread");
}

static void setup_read(void)
{
	fd = MUST(open("file", O_CREAT | O_TRUNC | O_RDWR, 0644));
	MUST(write(fd, buf, 64 << 10));
}

static void setup_list(void)
{
	char name[20];

	for (int i = 0; i < LISTED; i++) {
		snprintf(name, sizeof(name), "entry%d", i);
		touch(name);
	}
}

/* Opens, reads all, closes. */
static void op_list(void)
{
	DIR *d = opendir(".");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (n != LISTED + 2)
		give_up("readdir: %d", n);
	closedir(d);
}

static void setup_walk(void)
{
	char name[40];

	for (int i = 0; i < WALK_DIRS; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		mkdir(name, 0755);
		for (int k = 0; k < WALK_FILES; k++) {
			snprintf(name, sizeof(name), "d%d/f%d", i, k);
			touch(name);
		}
	}
}

/* As find(1) does with a test of each file. */
static int walk(int at, const char *name)
{
	int f = MUST(openat(at, name, O_RDONLY | O_DIRECTORY)), n = 0;
	DIR *d = fdopendir(f);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		MUST(fstatat(f, e->d_name, &st, AT_SYMLINK_NOFOLLOW));
		if (S_ISDIR(st.st_mode))
			n += walk(f, e->d_name);
	}
	closedir(d);
	return n;
}

static void op_walk(void)
{
	int n = walk(AT_FDCWD, ".");

	if (n != WALK_DIRS * (WALK_FILES + 1))
		give_up("walk: %d", n);
}

static void setup_big(void)
{
	fd = MUST(open("big", O_CREAT | O_RDWR, 0644));
	for (size_t at = 0; at < BIG; at += sizeof(buf))
		MUST(write(fd, buf, sizeof(buf)));
	MUST(fsync(fd)); /* or it is written behind the row's back */
}

/* 1 MiB of 64 in turn: more than a cache of the processor holds. */
static void op_big(void)
{
	static size_t at;

	for (size_t n = 0; n < (1UL << 20); n += sizeof(buf))
		if (pread(fd, buf, sizeof(buf), (off_t)(at + n)) != (ssize_t)sizeof(buf))
			give_up("pread");
	at = (at + (1UL << 20)) % BIG;
}

static void setup_sync(void)
{
	fd = MUST(open("log", O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0644));
}

static void op_sync(void)
{
	static unsigned appended;

	if (write(fd, buf, 100) != 100 || fsync(fd))
		give_up("fsync");
	if (++appended % SYNC_PIECES == 0)
		MUST(ftruncate(fd, 0));
}

const struct row file_rows[] = {
	{ "stat-deep", 1500, 1500, .op = op_deep, .setup = setup_deep },
	{ "stat-none", 2000, 2000, .op = op_missing },
	{ "create", 1000, 1000, .op = op_create },
	{ "mkdir", 1000, 1000, .op = op_mkdir },
	{ "rename", 1000, 1000, .op = op_rename, .setup = setup_rename },
	{ "pread-4k", 2000, 3000, .op = op_read, .setup = setup_read },
	{ "readdir", 50, 50, .op = op_list, .setup = setup_list },
	{ "walk", 20, 20, .op = op_walk, .setup = setup_walk },
	{ "read-64m", 32, 64, .op = op_big, .setup = setup_big },
	{ "fsync", 1000, 1000, .op = op_sync, .setup = setup_sync },
	{ .name = NULL },
};
