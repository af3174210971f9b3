/* File mappings: shared, private, past the end, one page cache with read and write. */
#include "faults.h"
static void try_map(const char *what, int fd, int prot, int flags, off_t off)
{
	void *p = mmap(NULL, PAGE, prot, flags, fd, off);

	say("%s: %s\n", what, p == MAP_FAILED ? ename(errno) : "ok");
	if (p != MAP_FAILED)
		munmap(p, PAGE);
}

int main(void)
{
	enum { RW = PROT_READ | PROT_WRITE };
	char buf[64];
	int fd = MUST(open("f", O_CREAT | O_RDWR | O_TRUNC, 0644));

	catch_faults();
	for (int i = 0; i < 3; i++) {
		char page[PAGE];
		memset(page, 'a' + i, PAGE);
		write(fd, page, i < 2 ? PAGE : 100);
	}
	SECTION("shared");
	char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	say("%c %c %c, behind the end %d\n", s[0], s[PAGE], s[2 * PAGE], s[2 * PAGE + 100]);
	say("next page %s,", touch(s + 3 * PAGE, 0));
	say(" write %s\n", touch(s + 3 * PAGE, 1));
	s[0] = 'S';
	R(pread(fd, buf, 2, 0));
	say("read sees the store: %.2s\n", buf);
	R(pwrite(fd, "W", 1, 1));
	say("the mapping sees the write: %.3s\n", s);
	s[2 * PAGE + 200] = 'z';
	R(pread(fd, buf, 10, 2 * PAGE + 195));
	R(ftruncate(fd, 3 * PAGE));
	R(pread(fd, buf, 10, 2 * PAGE + 95));
	say("%c %d\n", buf[4], buf[5]);
	say("now the page is there: %s\n", touch(s + 2 * PAGE + 300, 0));
	SECTION("private");
	char *p = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);
	p[1] = 'P';
	R(pread(fd, buf, 3, 0));
	say("file %.3s private %.3s shared %.3s\n", buf, p, s);
	R(pwrite(fd, "Q", 1, 2));
	say("a copied page stays: %c\n", p[2]);
	R(pwrite(fd, "R", 1, PAGE));
	say("an untouched one follows: %c\n", p[PAGE]);
	R(madvise(p, PAGE, MADV_DONTNEED));
	say("dropped, it is the file's again: %.3s\n", p);
	SECTION("truncate below a mapping");
	R(ftruncate(fd, PAGE + 10));
	say("first %s,", touch(s + PAGE, 0));
	say(" gone %s\n", touch(s + 2 * PAGE, 0));
	say("private too: %s\n", touch(p + 2 * PAGE, 0));
	R(ftruncate(fd, 3 * PAGE));
	say("back as zero: %d\n", s[2 * PAGE]);
	say("tail of the cut page zero: %d\n", s[PAGE + 20]);
	SECTION("offset");
	char *o = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	say("%c\n", o[0]);
	try_map("odd offset", fd, PROT_READ, MAP_SHARED, 100);
	try_map("far offset", fd, PROT_READ, MAP_SHARED, 1L << 40);
	errno = 0;
	long r = syscall(SYS_mmap, NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0x7ffffffffffff000L);
	say("offset overflow: %s\n", r == -1 ? ename(errno) : "ok");
	r = syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_SHARED, fd, -4096L);
	say("negative offset: %s\n", r == -1 ? ename(errno) : "ok");
	SECTION("access modes");
	int ro = MUST(open("f", O_RDONLY)), wo = MUST(open("f", O_WRONLY)), dir = MUST(open(".", O_RDONLY));
	int path = MUST(open("f", O_PATH));
	try_map("ro, shared write", ro, RW, MAP_SHARED, 0);
	try_map("ro, private write", ro, RW, MAP_PRIVATE, 0);
	try_map("ro, shared read", ro, PROT_READ, MAP_SHARED, 0);
	try_map("wo, read", wo, PROT_READ, MAP_SHARED, 0);
	try_map("wo, write", wo, PROT_WRITE, MAP_SHARED, 0);
	try_map("folder", dir, PROT_READ, MAP_PRIVATE, 0);
	try_map("O_PATH", path, PROT_READ, MAP_PRIVATE, 0);
	try_map("no fd", 99, PROT_READ, MAP_PRIVATE, 0);
	int pp[2];
	MUST(pipe(pp));
	try_map("pipe", pp[0], PROT_READ, MAP_PRIVATE, 0);
	try_map("/dev/null", open("/dev/null", O_RDWR), PROT_READ, MAP_PRIVATE, 0);
	try_map("shared_validate, odd flag", fd, PROT_READ, MAP_SHARED_VALIDATE | 0x4000000, 0);
	char *z = mmap(NULL, PAGE, RW, MAP_PRIVATE, open("/dev/zero", O_RDWR), 0);
	say("/dev/zero %s\n", z == MAP_FAILED ? ename(errno) : touch(z, 1));
	char *m = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	R(mprotect(m, PAGE, RW));
	m = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ro, 0);
	R(mprotect(m, PAGE, RW));
	SECTION("descriptor closed, file unlinked");
	close(fd);
	unlink("f");
	say("%.1s\n", s);
	s[5] = 'U';
	say("%c\n", m[5]);
	R(msync(s, PAGE, MS_SYNC));
	SECTION("fork");
	if (!MUST(fork())) {
		s[6] = 'C';
		p[6] = 'D';
		_exit(0);
	}
	wait(NULL);
	say("shared %c, private is the child's own %d\n", s[6], p[6] != 'D');
	SECTION("read into, write from a mapping of the same file");
	fd = MUST(open("g", O_CREAT | O_RDWR, 0644));
	write(fd, "0123456789", 10);
	ftruncate(fd, PAGE);
	char *g = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	R(pwrite(fd, g, 5, 100));
	R(pread(fd, g + 200, 10, 0));
	say("%.5s %.10s\n", g + 100, g + 200);
	SECTION("memfd");
	fd = syscall(SYS_memfd_create, "name", 1);
	say("memfd %s\n", fd < 0 ? ename(errno) : "ok");
	if (fd >= 0) {
		ftruncate(fd, PAGE);
		g = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
		strcpy(g, "shared memory");
		R(pread(fd, buf, 14, 0));
		say("%s\n", buf);
	}
	return 0;
}
