/* SEEK_DATA and SEEK_HOLE on tmpfs and memfd: a page is data once it has been written or mapped. */
#include "abi.h"

static void map_out(const char *what, int fd)
{
	off_t end = lseek(fd, 0, SEEK_END), at = 0;

	say("%s, %ld bytes:", what, (long)end);
	for (int i = 0; i < 12; i++) {
		off_t data = lseek(fd, at, SEEK_DATA), hole;

		if (data < 0) {
			say(" %s", ename(errno));
			break;
		}
		hole = lseek(fd, data, SEEK_HOLE);
		say(" %ld..%ld", (long)data, (long)hole);
		at = hole;
	}
	say("\n");
}

static void blocks(const char *what, int fd)
{
	struct stat st;

	MUST(fstat(fd, &st));
	say("%s: %ld blocks\n", what, (long)st.st_blocks);
}

static void all(int fd)
{
	char buf[PAGE] = { 0 };
	char *p;

	map_out("empty", fd);
	R(lseek(fd, 0, SEEK_DATA));
	R(lseek(fd, 0, SEEK_HOLE));
	MUST(ftruncate(fd, 10 * PAGE + 100));
	map_out("nothing but a hole", fd);
	R(lseek(fd, 0, SEEK_HOLE));
	R(lseek(fd, 5000, SEEK_HOLE));
	R(lseek(fd, 10 * PAGE + 99, SEEK_HOLE));
	R(lseek(fd, 10 * PAGE + 100, SEEK_HOLE));
	R(lseek(fd, 10 * PAGE + 100, SEEK_DATA));
	R(lseek(fd, -1, SEEK_DATA));
	R(lseek(fd, -1, SEEK_HOLE));
	R(lseek(fd, 0x7fffffffffffffffL, SEEK_DATA));
	MUST(pwrite(fd, "x", 1, 2 * PAGE + 7));
	map_out("a byte in page 2", fd);
	R(lseek(fd, 2 * PAGE + 100, SEEK_DATA));
	R(lseek(fd, 2 * PAGE + 100, SEEK_HOLE));
	R(lseek(fd, 2 * PAGE - 1, SEEK_DATA));
	R(lseek(fd, 3 * PAGE, SEEK_HOLE));
	R(lseek(fd, 0, SEEK_CUR));
	MUST(pwrite(fd, buf, PAGE, 3 * PAGE));
	MUST(pwrite(fd, buf, 1, 10 * PAGE));
	map_out("zeros are data too, and the end", fd);
	blocks("written", fd);
	MUST(pread(fd, buf, PAGE, 5 * PAGE));
	MUST(pread(fd, buf, PAGE, 6 * PAGE + 17));
	say("all zeros: %d\n", !buf[0] && !memcmp(buf, buf + 1, PAGE - 1));
	map_out("holes that were read", fd);
	blocks("holes that were read", fd);
	R(fallocate(fd, 0, 7 * PAGE, PAGE));
	map_out("allocated", fd);
	blocks("allocated", fd);
	MUST(pread(fd, buf, PAGE, 7 * PAGE));
	say("all zeros: %d\n", !buf[0] && !memcmp(buf, buf + 1, PAGE - 1));
	map_out("allocated and read", fd);
	MUST(pwrite(fd, "y", 1, 7 * PAGE + 1));
	MUST(pread(fd, buf, 4, 7 * PAGE));
	say("%d %c %d %d\n", buf[0], buf[1], buf[2], buf[3]);
	map_out("allocated and written", fd);
	R(fallocate(fd, FALLOC_FL_KEEP_SIZE, 12 * PAGE, 2 * PAGE));
	map_out("allocated behind the end", fd);
	MUST(ftruncate(fd, 20 * PAGE));
	map_out("grown over it", fd);
	p = mmap(NULL, 20 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(p == MAP_FAILED ? -1 : 0);
	p[15 * PAGE] = 1;
	map_out("written through a mapping", fd);
	(void)*(volatile char *)(p + 17 * PAGE);
	(void)*(volatile char *)(p + 12 * PAGE);
	map_out("read through a mapping", fd);
	R(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * PAGE, PAGE));
	R(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3 * PAGE, PAGE - 1));
	map_out("punched", fd);
	R(fallocate(fd, 0, 12 * PAGE, 3 * PAGE));
	R(fallocate(fd, 0, 13 * PAGE, PAGE));
	map_out("allocated twice", fd);
	MUST(munmap(p, 20 * PAGE));
	MUST(ftruncate(fd, 2 * PAGE + 5));
	map_out("cut", fd);
	MUST(ftruncate(fd, 20 * PAGE));
	map_out("grown", fd);
	blocks("grown", fd);
	for (int i = 0; i < 20; i += 2)
		MUST(pwrite(fd, "z", 1, i * PAGE));
	map_out("each second", fd);
}

int main(void)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));

	SECTION("a file");
	all(fd);
	SECTION("memfd");
	all(MUST(memfd_create("m", 0)));
	SECTION("others");
	R(lseek(MUST(open(".", O_RDONLY)), 0, SEEK_DATA));
	R(lseek(MUST(open("/dev/null", O_RDONLY)), 5, SEEK_DATA));
	R(lseek(MUST(open("/dev/zero", O_RDONLY)), 5, SEEK_HOLE));
	int p[2];
	MUST(pipe(p));
	R(lseek(p[0], 0, SEEK_DATA));
	return 0;
}
