/* PAGEMAP_SCAN on /proc/PID/pagemap: which pages are there, and of which kind. */
#include "abi.h"
#include <sys/ioctl.h>

struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, anyof, ret;
};
struct region {
	uint64_t start, end, kinds;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)

enum { WPALLOWED = 1, WRITTEN = 2, FROM_FILE = 4, PRESENT = 8, SWAPPED = 16, ZERO = 32, HUGE = 64, DIRTY = 128 };
#define KINDS (WPALLOWED | WRITTEN | FROM_FILE | PRESENT | SWAPPED | ZERO | HUGE)

static int fd;
static char *base;
static struct region found[64];

static struct scan all(int pages)
{
	return (struct scan){ .size = sizeof(struct scan), .start = (uint64_t)base,
			      .end = (uint64_t)base + pages * PAGE, .vec = (uint64_t)found,
			      .vec_len = 64, .mask = PRESENT, .ret = KINDS };
}

static void scan(const char *what, struct scan s)
{
	memset(found, 0xee, sizeof(found));
	long n = ioctl(fd, PAGEMAP_SCAN, &s);

	say("%s: ", what);
	if (n < 0) {
		say("%s", ename(errno));
		n = 0;
	} else {
		say("%ld", n);
	}
	say(", to %ld:", s.walk_end ? (long)((s.walk_end - (uint64_t)base) / PAGE) : -1);
	for (long i = 0; i < n && s.vec; i++)
		say(" %ld-%ld=%lx", (long)(found[i].start - (uint64_t)base) / (long)PAGE,
		    (long)(found[i].end - (uint64_t)base) / (long)PAGE, (long)found[i].kinds);
	if (n < 64 && s.vec && found[n].kinds != 0xeeeeeeeeeeeeeeee)
		say(" and more");
	say("\n");
}

static void refused(void)
{
	struct scan s = all(32);

	SECTION("refused");
	R(ioctl(fd, PAGEMAP_SCAN, 8));
	R(ioctl(fd, _IO('f', 17), 0));
	s.size--;
	scan("size", s);
	s = all(32), s.flags = 4;
	scan("flags", s);
	s = all(32), s.mask = 0x100;
	scan("mask", s);
	s = all(32), s.inverted = 0x100;
	scan("inverted", s);
	s = all(32), s.anyof = 0x100;
	scan("anyof", s);
	s = all(32), s.ret = 0x100;
	scan("return", s);
	s = all(32), s.start++;
	scan("start", s);
	s = all(32), s.end = s.start - PAGE;
	scan("end", s);
	s = all(32), s.end = (uint64_t)-PAGE;
	scan("far end", s);
	s = all(32), s.vec = 0;
	scan("no array", s);
	s = all(32), s.vec = (uint64_t)-64;
	scan("array", s);
	s = all(32), s.vec = 8;
	scan("absent array", s);
	s = all(32), s.flags = 2;
	scan("must be write-protectable", s);
	s = all(32), s.flags = 1;
	scan("write-protect", s);
	s = all(32), s.mask = WPALLOWED;
	scan("is write-protectable", s);
}

int main(void)
{
	struct scan s;

	base = mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(munmap(base, 64 * PAGE));
	/* 0-15 anonymous, 16-19 nothing, 20-27 a file shared, 28-31 the same, private. */
	int file = MUST(memfd_create("x", 0));
	MUST(ftruncate(file, 8 * PAGE));
	MUST((long)mmap(base, 16 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	MUST((long)mmap(base + 20 * PAGE, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
			0));
	MUST((long)mmap(base + 28 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file,
			4 * PAGE));
	base[1 * PAGE] = base[2 * PAGE] = base[9 * PAGE] = 1;
	(void)*(volatile char *)(base + 4 * PAGE);
	base[21 * PAGE] = base[22 * PAGE] = 1;
	base[29 * PAGE] = 1;
	fd = MUST(open("/proc/self/pagemap", O_RDONLY));

	SECTION("kinds");
	scan("present", all(32));
	s = all(32), s.mask = 0;
	scan("all", s);
	s = all(32), s.mask = PRESENT | ZERO;
	scan("zero", s);
	s = all(32), s.mask = FROM_FILE;
	scan("file", s);
	s = all(32), s.mask = 0, s.anyof = FROM_FILE | ZERO;
	scan("file or zero", s);
	s = all(32), s.mask = 0, s.anyof = SWAPPED | HUGE;
	scan("swapped or huge", s);
	s = all(32), s.inverted = PRESENT;
	scan("not present", s);
	s = all(32), s.mask = PRESENT | ZERO, s.inverted = ZERO;
	scan("present, not zero", s);
	s = all(32), s.mask = PRESENT | FROM_FILE, s.inverted = FROM_FILE;
	scan("present, no file's", s);
	s = all(32), s.ret = PRESENT;
	scan("they merge", s);
	s = all(32), s.ret = 0;
	scan("nothing told", s);
	s = all(32), s.mask = DIRTY;
	scan("dirty", s);
	SECTION("limits");
	s = all(32), s.end = s.start;
	scan("nothing", s);
	s = all(32), s.end -= PAGE - 1;
	scan("a byte", s);
	s = all(3);
	scan("three", s);
	for (unsigned n = 1; n < 4; n++) {
		s = all(32), s.vec_len = n;
		scan("array", s);
	}
	for (unsigned n = 1; n < 6; n++) {
		s = all(32), s.max_pages = n, s.ret = PRESENT;
		scan("pages", s);
	}
	s = all(32), s.max_pages = 3, s.ret = 0, s.mask = 0;
	scan("pages of a hole", s);
	s = all(32), s.vec_len = 0;
	scan("no room", s);
	s = all(32), s.vec_len = 0, s.vec = 0;
	scan("no array", s);
	refused();
	SECTION("another's");
	pid_t pid = MUST(fork());
	if (!pid) {
		pause();
		_exit(0);
	}
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	close(fd);
	fd = MUST(open(path, O_RDONLY));
	base[5 * PAGE] = 1;
	s = all(16);
	scan("its", s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	scan("a dead one's", s);
	return 0;
}
