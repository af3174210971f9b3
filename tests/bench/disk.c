/*
 * Rows of work on files that other programs do, and of what must come from the disk. Any row can be run in a folder
 * of the disk instead of tmpfs: `disk-NAME` is row NAME there (main.c).
 */
#include "bench.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define COLD	   (64UL << 20)
#define PIECE	   (128UL << 10)
#define TAR_FILES  10000
#define TAR_FOLDER 100
#define INSERTS	   64

static char buf[PIECE];
static int fd;

/* A program, which must end well; what it prints is nobody's. */
static void run(char *const argv[])
{
	pid_t pid = MUST(fork());

	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		execv(argv[0], argv);
		_exit(127);
	}
	wait_child(pid);
}

static void setup_cold(void)
{
	fd = MUST(open("cold", O_CREAT | O_RDWR, 0644));
	for (size_t at = 0; at < COLD; at += sizeof(buf))
		MUST(write(fd, buf, sizeof(buf)));
	MUST(fsync(fd));
}

/* 64 MiB that no cache has. */
static void op_cold(void)
{
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	for (size_t at = 0; at < COLD; at += sizeof(buf))
		if (pread(fd, buf, sizeof(buf), (off_t)at) != (ssize_t)sizeof(buf))
			give_up("pread");
}

/* 64 MiB written anew and made durable. */
static void op_write(void)
{
	for (size_t at = 0; at < COLD; at += sizeof(buf))
		if (pwrite(fd, buf, sizeof(buf), (off_t)at) != (ssize_t)sizeof(buf))
			give_up("pwrite");
	if (fsync(fd))
		give_up("fsync");
}

/* Each insert is a transaction of its own; what sqlite3 takes to start is in it, a 64th part each. */
static void setup_sqlite(void)
{
	int f = MUST(open("sql", O_CREAT | O_TRUNC | O_WRONLY, 0644));

	for (int i = 0; i < INSERTS; i++)
		dprintf(f, "insert into t(v) values('a row of some length %d');\n", i);
	close(f);
	run((char *[]){ "/usr/bin/sqlite3", "db", "create table t(n integer primary key, v text)",
			NULL });
}

static uint64_t row_sqlite(uint64_t n)
{
	uint64_t start = now();

	mark(1);
	for (uint64_t i = 0; i < n; i += INSERTS)
		run((char *[]){ "/usr/bin/sqlite3", "db", ".read sql", NULL });
	mark(2);
	return now() - start;
}

static void octal(char *at, int width, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*lo", width - 1, value);
	memcpy(at, text, (size_t)width - 1);
}

static void member(int f, char kind, const char *name, unsigned long size)
{
	char block[512] = { 0 };
	unsigned sum = 0;

	strcpy(block, name);
	octal(block + 100, 8, kind == '5' ? 0755 : 0644);
	octal(block + 108, 8, 0);
	octal(block + 116, 8, 0);
	octal(block + 124, 12, size);
	octal(block + 136, 12, 1700000000);
	memset(block + 148, ' ', 8);
	block[156] = kind;
	memcpy(block + 257, "ustar\00000", 8);
	for (unsigned i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	octal(block + 148, 7, sum);
	MUST(write(f, block, sizeof(block)));
	for (unsigned long at = 0; at < size; at += sizeof(block))
		MUST(write(f, buf, sizeof(block)));
}

/* Folders of a hundred files of 700 bytes. */
static void setup_untar(void)
{
	int f = MUST(open("files.tar", O_CREAT | O_TRUNC | O_WRONLY, 0644));
	char name[40];

	for (int i = 0; i < TAR_FILES; i++) {
		snprintf(name, sizeof(name), "files/d%d/", i / TAR_FOLDER);
		if (i % TAR_FOLDER == 0)
			member(f, '5', name, 0);
		snprintf(name, sizeof(name), "files/d%d/file%d", i / TAR_FOLDER, i);
		member(f, '0', name, 700);
	}
	MUST(write(f, buf, 1024));
	close(f);
}

static uint64_t row_untar(uint64_t n)
{
	uint64_t t = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t start = now();

		mark(1);
		run((char *[]){ "/bin/busybox", "tar", "xf", "files.tar", NULL });
		mark(2);
		t += now() - start;
		run((char *[]){ "/bin/busybox", "rm", "-r", "files", NULL });
	}
	return t;
}

static void setup_find(void)
{
	setup_untar();
	run((char *[]){ "/bin/busybox", "tar", "xf", "files.tar", NULL });
}

static uint64_t row_find(uint64_t n)
{
	uint64_t start = now();

	mark(1);
	for (uint64_t i = 0; i < n; i++)
		run((char *[]){ "/bin/busybox", "find", "files", "-size", "+9", NULL });
	mark(2);
	return now() - start;
}

const struct row disk_rows[] = {
	{ "read-cold", 2, 4, .op = op_cold, .setup = setup_cold },
	{ "write-64m", 2, 4, .op = op_write, .setup = setup_cold },
	{ "sqlite", 2 * INSERTS, 4 * INSERTS, .run = row_sqlite, .setup = setup_sqlite },
	{ "untar", 1, 1, .run = row_untar, .setup = setup_untar },
	{ "find", 2, 2, .run = row_find, .setup = setup_find },
	{ .name = NULL },
};
