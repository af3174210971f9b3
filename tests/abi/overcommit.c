/* What is promised: Committed_AS to the page, and the three policies of vm.overcommit_memory. */
#include "overcommit.h"

enum { RW = PROT_READ | PROT_WRITE, PA = MAP_PRIVATE | MAP_ANONYMOUS, SA = MAP_SHARED | MAP_ANONYMOUS };

static void show(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	say("%s is %ld\n", name, row(path, ""));
}

/* KiB of the private mappings that this process may write to. */
static long writable(void)
{
	char line[300], perm[5];
	unsigned long lo, hi, all = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %4s", &lo, &hi, perm) == 3 && perm[1] == 'w' && perm[3] == 'p')
			all += hi - lo;
	fclose(f);
	return all / 1024;
}

static void count(void)
{
	int fd = MUST(memfd_create("x", 0)), st;
	char *p, *q;

	SECTION("what counts");
	mark();
	p = mmap(NULL, 16 * PAGE, RW, PA, -1, 0);
	since("private writable");
	munmap(p + 4 * PAGE, 4 * PAGE);
	since("a quarter unmapped");
	munmap(p, 16 * PAGE);
	since("unmapped");
	p = mmap(NULL, 16 * PAGE, RW, PA | MAP_NORESERVE, -1, 0);
	since("no reserve");
	mprotect(p, 16 * PAGE, PROT_READ);
	mprotect(p, 16 * PAGE, RW);
	since("made writable again");
	munmap(p, 16 * PAGE);
	p = mmap(NULL, 16 * PAGE, PROT_READ, PA, -1, 0);
	since("read-only");
	mprotect(p, 4 * PAGE, RW);
	since("a quarter writable");
	mprotect(p, 2 * PAGE, PROT_READ);
	since("an eighth read-only again, untouched");
	p[2 * PAGE] = 1;
	mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ);
	since("the other, touched");
	munmap(p, 16 * PAGE);
	since("gone");
	p = mmap(NULL, 16 * PAGE, RW, SA, -1, 0);
	since("shared");
	q = mremap(p, 0, 16 * PAGE, MREMAP_MAYMOVE);
	since("shown a second time");
	munmap(p, 16 * PAGE);
	since("the first unmapped");
	munmap(q, 16 * PAGE);
	since("the second");
	p = mmap(NULL, 16 * PAGE, RW, SA | MAP_NORESERVE, -1, 0);
	since("shared, no reserve");
	p[0] = p[PAGE] = 1;
	since("two pages of it written");
	munmap(p, 16 * PAGE);
	since("unmapped");
	ftruncate(fd, 8 * PAGE);
	since("a memfd");
	pwrite(fd, "x", 1, 0);
	since("a page of it");
	p = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE, fd, 0);
	since("private of it");
	p[5 * PAGE] = 1;
	munmap(p, 8 * PAGE);
	close(fd);
	since("all that gone");
	p = mmap(NULL, 16 * PAGE, RW, PA, -1, 0);
	mark();
	p = mremap(p, 16 * PAGE, 32 * PAGE, MREMAP_MAYMOVE);
	since("grown");
	p = mremap(p, 32 * PAGE, 8 * PAGE, 0);
	since("shrunk");
	q = mmap(NULL, 64 * PAGE, PROT_NONE, PA, -1, 0);
	p = mremap(p, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	since("moved");
	q = mremap(p, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	since("moved and left");
	munmap(p, 8 * PAGE);
	since("what was left");
	mmap(q, 8 * PAGE, RW, PA | MAP_FIXED, -1, 0);
	since("mapped over");
	sbrk(0);
	char *b = (char *)syscall(SYS_brk, 0);
	syscall(SYS_brk, b + 32 * PAGE);
	since("break up");
	syscall(SYS_brk, b);
	since("break down");
	if (!MUST(fork())) {
		long own = writable();

		/* and what was made read-only when it began (RELRO), which stays counted */
		long more = row("/proc/meminfo", "Committed_AS:") - before - own;

		say("a child: what it may write to %d\n", more >= 0 && more <= 64);
		mark();
		munmap(q, 8 * PAGE);
		since("which unmaps");
		_exit(0);
	}
	wait(&st);
	since("is gone");
	madvise(q, 8 * PAGE, MADV_DONTFORK);
	if (!MUST(fork())) {
		mark();
		_exit(0);
	}
	wait(&st);
	since("one without it");
	munmap(q, 8 * PAGE);
}

static void try(const char *what, size_t kb, int prot, int flags)
{
	void *p = mmap(NULL, kb << 10, prot, flags, -1, 0);

	say("%s: %s\n", what, p == MAP_FAILED ? ename(errno) : "ok");
	if (p != MAP_FAILED)
		munmap(p, kb << 10);
}

static void policies(void)
{
	long total = row("/proc/meminfo", "MemTotal:"), used;

	SECTION("policy 0");
	try("more than there is", total + 4096, RW, PA);
	try("shared", total + 4096, RW, SA);
	try("read-only", total + 4096, PROT_READ, PA);
	try("no reserve", total * 4, RW, PA | MAP_NORESERVE);
	try("shared, no reserve", total * 4, RW, SA | MAP_NORESERVE);
	try("most", total - 1024, RW, PA);
	SECTION("policy 1");
	set("overcommit_memory", "1");
	try("more than there is", total * 8, RW, PA);
	try("shared", total * 8, RW, SA);
	SECTION("policy 2");
	set("overcommit_memory", "3");
	set("overcommit_memory", "2");
	show("overcommit_memory");
	show("overcommit_ratio");
	say("limit is half: %d\n", labs(row("/proc/meminfo", "CommitLimit:") - total / 2) < 8);
	used = row("/proc/meminfo", "Committed_AS:");
	try("three quarters of the rest", (total / 2 - used) / 4 * 3, RW, PA);
	try("all and a bit", total / 2 - used + 64, RW, PA);
	try("no reserve", total, RW, PA | MAP_NORESERVE);
	try("read-only", total, PROT_READ, PA);
	try("shared", total / 2 + 64, RW, SA);
	void *p = mmap(NULL, total << 10, PROT_READ, PA, -1, 0);
	R(mprotect(p, total << 10, RW));
	R(mprotect(p, PAGE, RW));
	OK(mremap(p, PAGE, total << 10, MREMAP_MAYMOVE));
	munmap(p, total << 10);
	size_t big = (size_t)(total / 2 - used) / 4 * 3 << 10;
	p = mmap(NULL, big, RW, PA, -1, 0);
	int pid = fork();
	if (!pid)
		_exit(0);
	say("fork with that: %s\n", pid < 0 ? ename(errno) : "ok");
	if (pid > 0)
		wait(NULL);
	madvise(p, big, MADV_DONTFORK);
	pid = fork();
	if (!pid)
		_exit(0);
	say("and without: %s\n", pid < 0 ? ename(errno) : "ok");
	wait(NULL);
	munmap(p, big);
	set("overcommit_kbytes", "200000");
	show("overcommit_ratio");
	say("limit %ld\n", row("/proc/meminfo", "CommitLimit:"));
	try("that much", 200064, RW, PA);
	try("half", 100000, RW, PA);
	set("overcommit_ratio", "50");
	show("overcommit_kbytes");
	set("overcommit_ratio", "-1");
	set("overcommit_memory", "0");
	show("admin_reserve_kbytes");
	show("mmap_min_addr");
	show("max_map_count");
}

int main(void)
{
	count();
	policies();
	return 0;
}
