/*
 * Rows of one call each: the way into the kernel and back, small reads and writes, paths.
 * Files are on tmpfs, on both systems; they are in memory all the time.
 */
#include "bench.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FILE_SIZE  (64UL << 10)
#define APPEND_MAX 256

static int fd;
static char buf[PAGE];

static void make_file(void)
{
	int f = MUST(open("file", O_CREAT | O_TRUNC | O_RDWR, 0644));

	for (size_t at = 0; at < FILE_SIZE; at += sizeof(buf))
		MUST(write(f, buf, sizeof(buf)));
	close(f);
}

/* Time op with fd open on that file. */
static uint64_t on_file(const char *path, int flags, void (*op)(void), uint64_t n)
{
	fd = MUST(open(path, flags, 0644));
	uint64_t t = time_calls(op, n);

	close(fd);
	return t;
}

/* personality(2) with this argument reads one word and changes nothing. */
static void op_null(void)
{
	syscall(SYS_personality, 0xffffffffUL);
}

static void op_getppid(void)
{
	syscall(SYS_getppid);
}

static void op_read(void)
{
	if (read(fd, buf, 1) != 1)
		give_up("read /dev/zero");
}

static uint64_t row_read(uint64_t n)
{
	return on_file("/dev/zero", O_RDONLY, op_read, n);
}

static void op_open(void)
{
	int f = open("file", O_RDONLY);

	if (f < 0 || close(f) < 0)
		give_up("open and close");
}

static void op_stat(void)
{
	struct stat st;

	if (stat("file", &st) < 0)
		give_up("stat");
}

static void op_pread(void)
{
	if (pread(fd, buf, 1024, 8192) != 1024)
		give_up("pread");
}

static uint64_t row_pread(uint64_t n)
{
	make_file();
	return on_file("file", O_RDONLY, op_pread, n);
}

static void op_pwrite(void)
{
	if (pwrite(fd, buf, sizeof(buf), 8192) != (ssize_t)sizeof(buf))
		give_up("pwrite");
}

static uint64_t row_pwrite(uint64_t n)
{
	make_file();
	return on_file("file", O_RDWR, op_pwrite, n);
}

/* The file grows to a megabyte and is emptied again: its pages come and go. */
static void op_append(void)
{
	static unsigned appended;

	if (write(fd, buf, sizeof(buf)) != (ssize_t)sizeof(buf))
		give_up("append");
	if (++appended % APPEND_MAX == 0 && ftruncate(fd, 0) < 0)
		give_up("ftruncate");
}

static uint64_t row_append(uint64_t n)
{
	return on_file("log", O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, op_append, n);
}

const struct row call_rows[] = {
	{ "null", 5000, 100000, .op = op_null },
	{ "getppid", 5000, 100000, .op = op_getppid },
	{ "read", 3000, 6000, .run = row_read },
	{ "open", 1500, 1500, .op = op_open, .setup = make_file },
	{ "stat", 2000, 2000, .op = op_stat, .setup = make_file },
	{ "pread", 2000, 5000, .run = row_pread },
	{ "pwrite", 2000, 2500, .run = row_pwrite },
	{ "append", 2304, 1536, .run = row_append },
	{ .name = NULL },
};
