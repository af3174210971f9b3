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

/* personality(2) with this argument reads one word and changes nothing. */
static void op_null(void)
{
	syscall(SYS_personality, 0xffffffffUL);
}

static uint64_t row_null(uint64_t n)
{
	return time_calls(op_null, n);
}

static void op_getppid(void)
{
	syscall(SYS_getppid);
}

static uint64_t row_getppid(uint64_t n)
{
	return time_calls(op_getppid, n);
}

static void op_read(void)
{
	if (read(fd, buf, 1) != 1)
		give_up("read /dev/zero");
}

static uint64_t row_read(uint64_t n)
{
	fd = MUST(open("/dev/zero", O_RDONLY));
	uint64_t t = time_calls(op_read, n);

	close(fd);
	return t;
}

static void op_open(void)
{
	int f = open("file", O_RDONLY);

	if (f < 0 || close(f) < 0)
		give_up("open and close");
}

static uint64_t row_open(uint64_t n)
{
	make_file();
	return time_calls(op_open, n);
}

static void op_stat(void)
{
	struct stat st;

	if (stat("file", &st) < 0)
		give_up("stat");
}

static uint64_t row_stat(uint64_t n)
{
	make_file();
	return time_calls(op_stat, n);
}

static void op_pread(void)
{
	if (pread(fd, buf, 1024, 8192) != 1024)
		give_up("pread");
}

static uint64_t row_pread(uint64_t n)
{
	make_file();
	fd = MUST(open("file", O_RDONLY));
	uint64_t t = time_calls(op_pread, n);

	close(fd);
	return t;
}

static void op_pwrite(void)
{
	if (pwrite(fd, buf, sizeof(buf), 8192) != (ssize_t)sizeof(buf))
		give_up("pwrite");
}

static uint64_t row_pwrite(uint64_t n)
{
	make_file();
	fd = MUST(open("file", O_RDWR));
	uint64_t t = time_calls(op_pwrite, n);

	close(fd);
	return t;
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
	fd = MUST(open("log", O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0644));
	uint64_t t = time_calls(op_append, n);

	close(fd);
	return t;
}

const struct row call_rows[] = {
	{ "null", 5000, 100000, row_null },
	{ "getppid", 5000, 100000, row_getppid },
	{ "read", 3000, 6000, row_read },
	{ "open", 1500, 1500, row_open },
	{ "stat", 2000, 2000, row_stat },
	{ "pread", 2000, 5000, row_pread },
	{ "pwrite", 2000, 2500, row_pwrite },
	{ "append", 2304, 1536, row_append },
	{ NULL, 0, 0, NULL },
};
