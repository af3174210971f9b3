/*
 * Write-back of the page cache, on a block device of its own whose sectors from 4 MiB on can't be written.
 * Prints a line for each thing that was seen; test_writeback.py knows which, and looks at the disk afterwards.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096
#define BAD  (4 << 20)

static char name[32];
static char buf[PAGE] __attribute__((aligned(PAGE)));

static void say(const char *what, long got)
{
	printf("%s %ld%s%s\n", what, got, got < 0 ? " " : "", got < 0 ? strerror(errno) : "");
	fflush(stdout);
}

/* The number behind a word of a file of /proc. */
static long number(const char *file, const char *word)
{
	char line[256];
	long n = -1;
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, word, strlen(word)))
			n = atol(line + strlen(word));
	if (f)
		fclose(f);
	return n;
}

static void set(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		say(file, -1);
	close(fd);
}

static int find(uint64_t wanted)
{
	for (char c = 'a'; c < 'd'; c++) {
		uint64_t size = 0;
		int fd;

		snprintf(name, sizeof(name), "/dev/vd%c", c);
		fd = open(name, O_RDWR);
		if (fd >= 0 && !ioctl(fd, BLKGETSIZE64, &size) && size == wanted)
			return fd;
		close(fd);
	}
	return -1;
}

static void put(int fd, int c, off_t at)
{
	memset(buf, c, PAGE);
	if (pwrite(fd, buf, PAGE, at) != PAGE)
		say("pwrite", -1);
}

int main(int argc, char **argv)
{
	int fd = find(argc > 1 ? strtoull(argv[1], NULL, 0) : 0), other, third;
	struct iovec iov = { buf, PAGE };
	char *map;
	long dirty;

	if (fd < 0)
		return 1;
	set("/proc/sys/vm/dirty_writeback_centisecs", "0"); /* only when asked for */

	/* What is written is dirty, and no longer after fsync. */
	put(fd, 'a', 0);
	dirty = number("/proc/meminfo", "Dirty:");
	say("dirty", dirty >= 4);
	say("fsync", fsync(fd));
	say("clean", number("/proc/meminfo", "Dirty:") <= dirty - 4);
	say("counted", number("/proc/self/io", "write_bytes:") >= PAGE);

	/* A store through a mapping: as dirty as a write, also after it was written back once. */
	map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[0] = 'b';
	say("msync", msync(map, PAGE, MS_SYNC));
	map[1] = 'c';
	say("again", number("/proc/meminfo", "Dirty:") >= 4);
	say("read", pread(fd, buf, 2, 0) == 2 && buf[0] == 'b' && buf[1] == 'c');
	say("fsync", fsync(fd));
	/* The kernel stores through a mapping, too. */
	other = open(name, O_RDONLY);
	say("into", pread(other, map + PAGE, PAGE, 0));
	say("sync_file_range",
	    sync_file_range(fd, 0, 2 * PAGE, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));

	/* Writes that are through when they return; the host looks at these. */
	third = open(name, O_RDWR | O_DSYNC);
	put(third, 'd', 2 * PAGE);
	close(third);
	memset(buf, 'e', PAGE);
	say("pwritev2", pwritev2(fd, &iov, 1, 3 * PAGE, RWF_DSYNC));
	third = open(name, O_RDWR | O_DIRECT);
	put(third, 'f', 4 * PAGE);
	say("direct", pwrite(third, buf, 100, 4 * PAGE));
	say("direct", pread(third, buf + 1, 512, 0));
	say("direct", pread(third, buf, 512, 512));
	put(fd, 'g', 5 * PAGE);
	say("flush", ioctl(fd, BLKFLSBUF, 0));

	/* An error is told once to each open file. */
	put(fd, 'x', BAD);
	say("bad fsync", fsync(fd));
	say("bad fsync", fsync(fd));
	say("bad other", fsync(other));
	say("bad other", fsync(other));
	say("bad late", fsync(third));
	close(third);
	third = open(name, O_RDWR | O_SYNC);
	say("good new", fsync(third));
	memset(buf, 'y', PAGE);
	say("bad write", pwrite(third, buf, PAGE, BAD + PAGE));
	say("good place", pwrite(third, buf, PAGE, 6 * PAGE));
	close(third);
	fsync(fd);

	/* More than may be dirty: who writes waits until there is less. */
	set("/proc/sys/vm/dirty_background_bytes", "262144");
	set("/proc/sys/vm/dirty_bytes", "524288");
	dirty = 0;
	for (int i = 0; i < 512; i++) {
		long now =
			number("/proc/meminfo", "Writeback:"); /* first, lest a page counts twice */

		now += number("/proc/meminfo", "Dirty:");
		put(fd, 'h', (1 << 20) + i * PAGE);
		dirty = now > dirty ? now : dirty;
	}
	say("limited", dirty <= 600);
	set("/proc/sys/vm/dirty_background_ratio", "10");
	set("/proc/sys/vm/dirty_ratio", "20");

	/* And what is only a few seconds old is written without being asked for. */
	put(fd, 'i', 7 * PAGE);
	set("/proc/sys/vm/dirty_expire_centisecs", "10");
	set("/proc/sys/vm/dirty_writeback_centisecs", "20");
	while (number("/proc/meminfo", "Dirty:") > 0)
		usleep(10000);
	say("flushed", 1);
	set("/proc/sys/vm/dirty_writeback_centisecs", "0");
	set("/proc/sys/vm/dirty_expire_centisecs", "3000");
	put(fd, 'j', 8 * PAGE);
	map[3 * PAGE + 1] = 'k'; /* power-off finds these */
	return 0;
}
