/*
 * Rows of memory: page faults of three kinds, a short-lived mapping, a cached file read through, and
 * how much memory there is for one process.
 *
 * A fault row times the touches alone, a page each, in mappings of a megabyte; what makes and removes
 * the mapping is outside. Huge pages are turned off, so that a page is a page on both systems.
 */
#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PAGES	    256UL
#define SHORT_PAGES 4UL
#define AREAS	    50000UL
#define SEQ_FILE    (4UL << 20)
#define SEQ_BUF	    (64UL << 10)

static void *map(size_t len, int prot, int flags, int fd)
{
	void *p = mmap(NULL, len, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		give_up("mmap");
	madvise(p, len, MADV_NOHUGEPAGE);
	return p;
}

/* The same loop over pages that are there already, to be taken off. */
static uint64_t touch(volatile char *p, int write)
{
	uint64_t start = now();

	for (size_t i = 0; i < PAGES; i++) {
		if (write)
			p[i * PAGE] = 1;
		else
			(void)p[i * PAGE];
	}
	return now() - start;
}

static uint64_t less(uint64_t all, uint64_t own)
{
	return all > own ? all - own : 0;
}

static uint64_t row_fault_anon(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i += PAGES) {
		char *p =
			map(PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		uint64_t all = touch(p, 1);

		sum += less(all, touch(p, 1));
		munmap(p, PAGES * PAGE);
	}
	return sum;
}

/* A file on tmpfs with so many bytes in it. */
static int make_file(size_t size)
{
	static char buf[SEQ_BUF];
	int fd = MUST(open("file", O_CREAT | O_TRUNC | O_RDWR, 0644));

	for (size_t at = 0; at < size; at += sizeof(buf))
		MUST(write(fd, buf, sizeof(buf)));
	return fd;
}

static uint64_t row_fault_file(uint64_t n)
{
	int fd = make_file(PAGES * PAGE);
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i += PAGES) {
		char *p = map(PAGES * PAGE, PROT_READ, MAP_SHARED, fd);
		uint64_t all = touch(p, 0);

		sum += less(all, touch(p, 0));
		munmap(p, PAGES * PAGE);
	}
	close(fd);
	return sum;
}

/* A child writes to pages that it shares with its parent. */
static uint64_t row_fault_cow(uint64_t n)
{
	char *p = map(PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint64_t *sum = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);

	for (uint64_t i = 0; i < n; i += PAGES) {
		touch(p, 1);
		pid_t pid = MUST(fork());
		if (pid == 0) {
			uint64_t all = touch(p, 1);

			*sum += less(all, touch(p, 1));
			_exit(0);
		}
		wait_child(pid);
	}
	uint64_t t = *sum;
	munmap(p, PAGES * PAGE);
	munmap(sum, PAGE);
	return t;
}

static void op_mmap(void)
{
	volatile char *p = mmap(NULL, SHORT_PAGES * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		give_up("mmap");
	for (size_t i = 0; i < SHORT_PAGES; i++)
		p[i * PAGE] = 1;
	munmap((void *)p, SHORT_PAGES * PAGE);
}

/* The same in a space that has 50,000 areas already. */
static void make_areas(void)
{
	char *p = map(AREAS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	for (size_t i = 0; i < AREAS; i += 2)
		MUST(mprotect(p + i * PAGE, PAGE, PROT_READ));
}

/* n is megabytes. */
static uint64_t row_seq_read(uint64_t n)
{
	static char buf[SEQ_BUF];
	int fd = make_file(SEQ_FILE);
	uint64_t start = now();

	for (uint64_t left = n << 20; left; left -= SEQ_BUF) {
		ssize_t r = read(fd, buf, SEQ_BUF);

		if (r == 0) {
			lseek(fd, 0, SEEK_SET);
			r = read(fd, buf, SEQ_BUF);
		}
		if (r != (ssize_t)SEQ_BUF)
			give_up("read");
	}
	uint64_t t = now() - start;
	close(fd);
	return t;
}

uint64_t touch_all(void)
{
	volatile uint64_t *touched =
		map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	pid_t pid = MUST(fork());

	if (pid == 0) {
		size_t len = 16UL << 30;
		int fd = open("/proc/self/oom_score_adj", O_WRONLY);

		if (fd >= 0 && write(fd, "1000", 4) == 4)
			close(fd);
		volatile char *p = map(len, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
		for (size_t at = 0; at < len; at += PAGE) {
			p[at] = 1;
			*touched = at + PAGE;
		}
		_exit(0);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return *touched;
}

const struct row memory_rows[] = {
	{ "fault-anon", 4096, 4096, .run = row_fault_anon },
	{ "fault-file", 16384, 16384, .run = row_fault_file },
	{ "fault-cow", 4096, 2048, .run = row_fault_cow },
	{ "mmap", 600, 1000, .op = op_mmap },
	{ "mmap-50000", 600, 1000, .op = op_mmap, .setup = make_areas },
	{ "seq-read", 32, 48, .run = row_seq_read },
	{ .name = NULL },
};
