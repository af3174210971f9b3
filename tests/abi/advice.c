/* madvise(2) and mlock(2) as /proc shows them: VmFlags, Locked, VmLck; pagemap, clear_refs, mincore, map_files. */
#include "abi.h"
#include <dirent.h>
#include <sys/resource.h>

enum { RW = PROT_READ | PROT_WRITE, PA = MAP_PRIVATE | MAP_ANONYMOUS, SA = MAP_SHARED | MAP_ANONYMOUS };

static char text[300000];

static char *slurp(const char *path)
{
	int fd = MUST(open(path, O_RDONLY)), n = 0, k;

	while ((k = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += k;
	close(fd);
	text[n] = 0;
	return text;
}

/* A line of the area at p in smaps, without its name and blanks. */
static const char *smap(void *p, const char *name)
{
	static char line[200];
	char start[32], *at, *end;

	snprintf(start, sizeof(start), "%lx-", (long)p);
	at = strstr(slurp("/proc/self/smaps"), start);
	at = at ? strstr(at, name) : NULL;
	if (!at)
		return "none";
	at += strlen(name);
	at += strspn(at, " ");
	end = strchr(at, '\n');
	while (end[-1] == ' ')
		end--;
	*end = 0;
	snprintf(line, sizeof(line), "%s", at);
	return line;
}

static const char *flags(void *p)
{
	return smap(p, "VmFlags:");
}

static long status(const char *name)
{
	char *at = strstr(slurp("/proc/self/status"), name);

	return at ? atol(at + strlen(name)) : -1;
}

static char *map(size_t pages, int prot, int how)
{
	return (char *)MUST(mmap(NULL, pages * PAGE, prot, how, -1, 0));
}

static void advised(void)
{
	static const int all[] = { MADV_SEQUENTIAL, MADV_RANDOM, MADV_NORMAL, MADV_DONTFORK, MADV_DOFORK,
				   MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_DONTDUMP, MADV_DODUMP, MADV_HUGEPAGE,
				   MADV_NOHUGEPAGE, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_COLD, MADV_PAGEOUT, 24, 5, 99 };
	/* An area between others has no neighbour to join. */
	char *p = map(5, PROT_NONE, PA), *s = map(5, PROT_NONE, SA);

	SECTION("flags");
	mprotect(p + 2 * PAGE, PAGE, RW);
	say("private: %s\n", flags(p + 2 * PAGE));
	mprotect(s + 2 * PAGE, PAGE, RW);
	say("shared: %s\n", flags(s + 2 * PAGE));
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		int r = madvise(p + 2 * PAGE, PAGE, all[i]);
		say("%d: %s, %s;", all[i], r ? ename(errno) : "ok", flags(p + 2 * PAGE));
		r = madvise(s + 2 * PAGE, PAGE, all[i]);
		say(" %s, %s\n", r ? ename(errno) : "ok", flags(s + 2 * PAGE));
	}
	say("none: %s\n", flags(p));
	say("none, shared: %s\n", flags(s));
	p = mmap(NULL, 4 * PAGE, RW, PA | MAP_NORESERVE, -1, 0);
	say("no reserve: %s\n", flags(p));
	p = mmap(NULL, 4 * PAGE, RW, 0x28, -1, 0);
	say("droppable: %s\n", flags(p));
	R(mlock(p, PAGE));
	R(madvise(p, PAGE, MADV_KEEPONFORK));
	say("locked: %s\n", flags(p));
	int fd = MUST(open("/etc/passwd", O_RDONLY));
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	say("file, shared: %s\n", flags(p));
	R(mprotect(p, PAGE, RW));
	R(madvise(p, PAGE, MADV_REMOVE));
	R(madvise(p, PAGE, MADV_FREE));
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	say("file, private: %s\n", flags(p));
	R(madvise(p, PAGE, MADV_REMOVE));
	R(madvise(p, PAGE, MADV_WIPEONFORK));
	OK(mmap(NULL, PAGE, PROT_READ, 0x28, fd, 0));
	close(fd);
	char *at = strstr(slurp("/proc/self/maps"), "[vdso]");
	while (at[-1] != '\n')
		at--;
	p = (char *)strtoul(at, NULL, 16);
	say("vdso: %s\n", flags(p));
	R(madvise(p, PAGE, MADV_DONTNEED));
	R(madvise(p, PAGE, MADV_DOFORK));
	R(madvise(p, PAGE, MADV_DODUMP));
	R(madvise(p, PAGE, MADV_MERGEABLE));
	R(mlock(p, PAGE));
	say("vdso: %s\n", flags(p));
	at = strstr(slurp("/proc/self/maps"), "[vvar]");
	while (at[-1] != '\n')
		at--;
	p = (char *)strtoul(at, NULL, 16);
	say("vvar: %s\n", flags(p));
	R(madvise(p, PAGE, MADV_DONTNEED));
	R(madvise(p, PAGE, MADV_COLD));
	R(mincore(p, PAGE, (void *)text));
}

static void locked(void)
{
	struct rlimit none = { 0, 0 }, small = { 2 * PAGE + 100, 2 * PAGE + 100 };
	char *p = map(8, RW, PA), *hole = map(3, RW, PA);

	SECTION("mlock");
	R(mlock(p, 4 * PAGE));
	say("VmLck %ld, %s, %s, Rss %s\n", status("VmLck:"), flags(p), smap(p, "Locked:"), smap(p, "Rss:"));
	R(mlock(p + 2 * PAGE, 4 * PAGE));
	say("VmLck %ld\n", status("VmLck:"));
	R(munlock(p + PAGE, PAGE));
	say("VmLck %ld\n", status("VmLck:"));
	R(munlock(p, 8 * PAGE));
	say("VmLck %ld\n", status("VmLck:"));
	R(mlock2(p, 6 * PAGE, MLOCK_ONFAULT));
	say("VmLck %ld, %s\n", status("VmLck:"), flags(p));
	R(syscall(SYS_mlock2, p, PAGE, 2));
	R(madvise(p, PAGE, MADV_DONTNEED));
	R(madvise(p, PAGE, 24));
	R(madvise(p, PAGE, MADV_FREE));
	R(madvise(p, PAGE, MADV_PAGEOUT));
	R(msync(p, PAGE, MS_INVALIDATE));
	R(msync(p, PAGE, MS_SYNC | MS_ASYNC));
	R(msync(p, PAGE, 8));
	R(msync(p + 1, PAGE, MS_SYNC));
	munmap(hole + PAGE, PAGE);
	R(msync(hole, 3 * PAGE, MS_ASYNC));
	R(mlock(hole, 3 * PAGE));
	R(munlock(hole, 3 * PAGE));
	R(mlock(p, -1UL));
	R(mlock((void *)(-PAGE), PAGE));
	R(mlock(p, 0));
	p = mremap(p, 6 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
	say("grown: VmLck %ld\n", status("VmLck:"));
	munmap(p, 16 * PAGE);
	munlockall();
	say("VmLck %ld\n", status("VmLck:"));
	R(mlockall(0));
	R(mlockall(MCL_ONFAULT));
	R(mlockall(8));
	R(mlockall(MCL_FUTURE));
	p = map(4, RW, PA);
	say("VmLck %ld, %s\n", status("VmLck:"), flags(p));
	R(mlockall(MCL_FUTURE | MCL_ONFAULT));
	p = map(4, PROT_NONE, PA);
	say("%s\n", flags(p));
	R(munlockall());
	say("VmLck %ld\n", status("VmLck:"));
	if (!MUST(fork())) {
		p = map(8, RW, PA);
		setrlimit(RLIMIT_MEMLOCK, &small);
		setresuid(1000, 1000, 1000);
		R(mlock(p, 2 * PAGE));
		R(mlock(p, 2 * PAGE));
		R(mlock(p + 2 * PAGE, PAGE));
		OK(mmap(NULL, PAGE, RW, PA | MAP_LOCKED, -1, 0));
		OK(mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
		OK(mremap(p + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 6 * PAGE));
		say("VmLck %ld\n", status("VmLck:"));
		R(mlockall(MCL_CURRENT));
		R(mlockall(MCL_FUTURE));
		R(mlockall(MCL_FUTURE | MCL_CURRENT));
		R(munlockall());
		setrlimit(RLIMIT_MEMLOCK, &none);
		R(mlock(p, PAGE));
		R(mlockall(MCL_FUTURE));
		R(mlock2(p, PAGE, MLOCK_ONFAULT));
		OK(mmap(NULL, PAGE, RW, PA | MAP_LOCKED, -1, 0));
		R(munlock(p, PAGE));
		R(munlockall());
		_exit(0);
	}
	wait(NULL);
}

/* The bits of pagemap without the page's number. */
static void bits(int fd, char *p, int n)
{
	uint64_t w[8];

	if (pread(fd, w, n * 8, (long)p / PAGE * 8) != n * 8)
		say("pagemap: %s\n", ename(errno));
	for (int i = 0; i < n; i++)
		say(" %02x%s", (int)(w[i] >> 56), w[i] << 9 ? "+" : "");
	say("\n");
}

static void pages(void)
{
	char *p = map(4, RW, PA), *s = map(2, RW, SA);
	int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
	uint64_t w;

	SECTION("pagemap");
	bits(fd, p, 4);
	p[0] = 1;
	(void)*(volatile char *)(p + PAGE);
	p[2 * PAGE] = 1;
	mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
	bits(fd, p, 4);
	s[0] = 1;
	bits(fd, s, 2);
	if (!MUST(fork())) {
		p[3 * PAGE] = 1;
		s[0]++;
		bits(MUST(open("/proc/self/pagemap", O_RDONLY)), p, 4);
		bits(fd, s, 1);
		_exit(0);
	}
	wait(NULL);
	R(pread(fd, &w, 4, 0));
	R(pread(fd, &w, 8, 4));
	R(pread(fd, &w, 8, 1L << 50));
	R(write(fd, &w, 8));
	if (!MUST(fork())) {
		setresuid(1000, 1000, 1000);
		R(open("/proc/1/pagemap", O_RDONLY));
		R(open("/proc/1/smaps", O_RDONLY));
		R(open("/proc/kpagecount", O_RDONLY));
		_exit(0);
	}
	wait(NULL);
	SECTION("clear_refs");
	fd = MUST(open("/proc/self/clear_refs", O_WRONLY));
	for (int i = 0; i < 7; i++) {
		char c[3] = { '0' + i, '\n', 0 };
		long r = write(fd, c, 2);
		say("%d: %ld %s\n", i, r, r < 0 ? ename(errno) : "");
	}
	R(write(fd, "x", 1));
	p = map(5, PROT_NONE, PA) + PAGE;
	mprotect(p, 2 * PAGE, RW);
	p[0] = p[PAGE] = 1;
	say("referenced %s\n", smap(p, "Referenced:"));
	write(fd, "1", 1);
	say("referenced %s, dirty %s\n", smap(p, "Referenced:"), smap(p, "Private_Dirty:"));
	p[0] = 2;
	say("referenced %s\n", smap(p, "Referenced:"));
	SECTION("map_files");
	int mf = MUST(memfd_create("x", 0));
	ftruncate(mf, 3 * PAGE);
	p = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, mf, 0);
	char path[100], link[100];
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (long)p, (long)p + 3 * PAGE);
	long n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = 0;
	struct stat a, b;
	fstat(mf, &a);
	stat(path, &b);
	say("%s, the same %d\n", link, a.st_ino == b.st_ino);
	lstat(path, &b);
	say("mode %o\n", b.st_mode);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (long)p, (long)p + 2 * PAGE);
	R(readlink(path, link, sizeof(link)));
	R(readlink("/proc/self/map_files/x", link, sizeof(link)));
	SECTION("mincore");
	unsigned char v[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
	pwrite(mf, "x", 1, PAGE);
	R(mincore(p, 3 * PAGE, v));
	say("%d %d %d %d\n", v[0], v[1], v[2], v[3]);
	R(mincore(p + 1, PAGE, v));
	R(mincore(p, -1UL, v));
	R(mincore(p, PAGE, (void *)-8L));
	R(mincore(p, PAGE, NULL));
	R(mincore((void *)PAGE, PAGE, v));
	R(mincore(p, 0, v));
	if (!MUST(fork())) {
		int other = MUST(open("/etc/passwd", O_RDONLY));
		char *q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, other, 0);
		posix_fadvise(other, 0, 0, POSIX_FADV_DONTNEED);
		setresuid(1000, 1000, 1000);
		R(mincore(q, PAGE, v));
		say("a stranger's file seems to be there: %d\n", v[0]);
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	advised();
	locked();
	pages();
	return 0;
}
