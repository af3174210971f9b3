/*
 * Transparent 2 MiB pages: what madvise(2) and prctl(2) say about them, what smaps shows, and that memory
 * keeps its contents whatever is done to a part of it.
 *
 * How many there are at a time that the kernel may choose (behind fork, say) is not printed.
 */
#include "abi.h"
#include <linux/futex.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define BLOCK	 (2UL << 20)
#define BLOCKS	 4UL
#define LEN	 (BLOCKS * BLOCK)
#define ENABLED	 "/sys/kernel/mm/transparent_hugepage/enabled"
#define COLLAPSE 25

static void set_mode(const char *text)
{
	char buf[100];
	int fd = open(ENABLED, O_RDWR);
	ssize_t n = write(fd, text, strlen(text));

	say("write %.5s: %s", text, n < 0 ? ename(errno) : "done");
	n = pread(fd, buf, sizeof(buf) - 1, 0);
	buf[n < 0 ? 0 : n] = '\0';
	say(", now %s", buf);
	close(fd);
}

/* LEN bytes at a multiple of BLOCK, with room behind them. */
static char *map(void)
{
	char *p = mmap(NULL, LEN + 2 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *q = (char *)(((uintptr_t)p + BLOCK - 1) & -BLOCK);

	if (q > p)
		munmap(p, q - p);
	munmap(q + LEN, p + 2 * BLOCK - q);
	return q;
}

static void fill(char *p, size_t len, uint64_t salt)
{
	for (size_t at = 0; at < len; at += PAGE)
		*(volatile uint64_t *)(p + at + at / PAGE % 500 * 8) = salt + at;
}

/* How many pages of [from, to) do not hold what fill wrote. */
static int wrong(const char *p, size_t from, size_t to, uint64_t salt)
{
	int n = 0;

	for (size_t at = from; at < to; at += PAGE)
		n += *(volatile const uint64_t *)(p + at + at / PAGE % 500 * 8) != salt + at;
	return n;
}

static int not_zero(const char *p, size_t from, size_t to)
{
	int n = 0;

	for (size_t at = from; at < to; at++)
		n += p[at] != 0;
	return n;
}

/* A row of the area that holds p; -1: there is none. */
static long row(const char *p, const char *name)
{
	char line[300];
	int in = 0;
	long value = -1;
	FILE *f = fopen("/proc/self/smaps", "r");

	while (f && fgets(line, sizeof(line), f)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			in = start <= (unsigned long)p && (unsigned long)p < end;
		else if (in && !strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name) + 1, NULL, 10);
	}
	if (f)
		fclose(f);
	return value;
}

static void show(const char *what, const char *p)
{
	say("%s: %ld KiB, huge %ld, may %ld\n", what, row(p, "Rss"), row(p, "AnonHugePages"),
	    row(p, "THPeligible"));
}

static char *huge(void)
{
	char *p = map();

	madvise(p, LEN, MADV_HUGEPAGE);
	fill(p, LEN, 7);
	return p;
}

static void by_touch(void)
{
	struct rusage before, after;
	char *p = map();

	show("untouched", p);
	say("hugepage %d\n", madvise(p, LEN, MADV_HUGEPAGE));
	show("advised", p);
	getrusage(RUSAGE_SELF, &before);
	fill(p, LEN, 7);
	getrusage(RUSAGE_SELF, &after);
	say("few faults: %d\n", after.ru_minflt - before.ru_minflt < 50);
	show("touched", p);
	say("wrong %d\n", wrong(p, 0, LEN, 7));
	munmap(p, LEN);
	p = map();
	p[BLOCK] = 1;
	show("not asked for", p);
	munmap(p, LEN);
	p = map();
	madvise(p, LEN, MADV_HUGEPAGE);
	p[BLOCK + 5 * PAGE] = 1;
	show("a byte", p);
	say("not zero %d\n", not_zero(p, BLOCK, 2 * BLOCK));
	munmap(p, LEN);
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	show("a stack", p);
	munmap(p, LEN);
}

static void parts(void)
{
	char *p = huge(), zero[PAGE] = { 0 };

	munmap(p + BLOCK - PAGE, 2 * PAGE);
	show("below a hole", p);
	show("above a hole", p + BLOCK + PAGE);
	say("wrong %d %d\n", wrong(p, 0, BLOCK - PAGE, 7), wrong(p, BLOCK + PAGE, LEN, 7));
	munmap(p, LEN);

	p = huge();
	say("mprotect part %d\n", mprotect(p + BLOCK + 3 * PAGE, PAGE, PROT_READ));
	show("first", p);
	show("read-only", p + BLOCK + 3 * PAGE);
	show("rest", p + BLOCK + 4 * PAGE);
	say("read() into it: %s\n",
	    read(open("/dev/zero", O_RDONLY), p + BLOCK + 3 * PAGE, 8) < 0 ? ename(errno) : "done");
	say("back %d, wrong %d\n", mprotect(p, LEN, PROT_READ | PROT_WRITE), wrong(p, 0, LEN, 7));
	munmap(p, LEN);

	p = huge();
	mprotect(p, LEN, PROT_READ);
	show("all read-only", p);
	mprotect(p, LEN, PROT_NONE);
	show("all without access", p);
	mprotect(p, LEN, PROT_READ | PROT_WRITE);
	show("all writable", p);
	say("wrong %d\n", wrong(p, 0, LEN, 7));
	fill(p, LEN, 9);
	say("wrong %d\n", wrong(p, 0, LEN, 9));
	say("dontneed %d\n", madvise(p + 5 * PAGE, 7 * PAGE, MADV_DONTNEED));
	show("a part not needed", p);
	say("wrong %d %d, not zero %d\n", wrong(p, 0, 5 * PAGE, 9), wrong(p, 12 * PAGE, LEN, 9),
	    not_zero(p, 5 * PAGE, 12 * PAGE));
	say("dontneed %d\n", madvise(p + BLOCK, BLOCK, MADV_DONTNEED));
	show("a whole one", p);
	say("not zero %d, wrong %d\n", not_zero(p, BLOCK, 2 * BLOCK), wrong(p, 2 * BLOCK, LEN, 9));
	p[2 * BLOCK] = 1;
	say("free %d\n", madvise(p + 2 * BLOCK + 9 * PAGE, PAGE, MADV_FREE));
	memset(p + 2 * BLOCK + 9 * PAGE, 5, PAGE);
	say("kept after free: %d\n", p[2 * BLOCK + 9 * PAGE + 77] == 5);
	munmap(p, LEN);

	p = huge();
	say("dontfork %d\n", madvise(p + PAGE, PAGE, MADV_DONTFORK));
	show("a name for a part", p + 2 * PAGE);
	say("mlock %d\n", mlock(p, LEN));
	say("munlock %d\n", munlock(p + BLOCK + PAGE, PAGE));
	show("unlocked page", p + BLOCK + PAGE);
	say("locked %ld KiB\n", row(p + BLOCK + 2 * PAGE, "Locked"));
	say("wrong %d\n", wrong(p, 0, LEN, 7));
	munmap(p, LEN);
	(void)zero;
}

static void moved(void)
{
	char *p = huge(), *to = map(), *q;

	munmap(to, LEN);
	q = mremap(p, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	show("moved", q);
	say("there %d, wrong %d\n", q == to, wrong(q, 0, LEN, 7));
	q = mremap(to, LEN, LEN - BLOCK - PAGE, MREMAP_MAYMOVE);
	show("shrunk", q);
	say("wrong %d\n", wrong(q, 0, LEN - BLOCK - PAGE, 7));
	munmap(q, LEN);

	p = huge();
	q = mmap(NULL, LEN + BLOCK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	to = (char *)(((uintptr_t)q + BLOCK - 1) & -BLOCK) + PAGE;
	q = mremap(p, LEN - BLOCK, LEN - BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	show("moved by a page", q);
	say("there %d, wrong %d\n", q == to, wrong(q, 0, LEN - BLOCK, 7));
	show("what stayed", p + LEN - BLOCK);
	say("wrong %d\n", wrong(p, LEN - BLOCK, LEN, 7));
	munmap(q, LEN);
	munmap(p, LEN);

	p = huge();
	to = map();
	munmap(to, LEN);
	q = mremap(p + PAGE, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	say("a part from within: there %d", q == to);
	say(", wrong %d %d\n", wrong(p, 0, PAGE, 7), wrong(p, BLOCK + PAGE, LEN, 7));
	for (size_t at = 0; at < BLOCK; at += PAGE)
		if (*(uint64_t *)(q + at + (at / PAGE + 1) % 500 * 8) != 7 + at + PAGE)
			say("page %zu is wrong\n", at / PAGE);
	munmap(q, LEN);
	munmap(p, LEN);
}

static void forked(void)
{
	char *p = huge();

	for (int round = 0; round < 2; round++) {
		int up[2], down[2], status;
		char c;

		MUST(pipe(up));
		MUST(pipe(down));
		pid_t pid = MUST(fork());
		if (pid == 0) {
			say("child: wrong %d\n", wrong(p, 0, LEN, 7));
			fill(p, BLOCK + 3 * PAGE, 100);
			say("child wrote: wrong %d %d\n", wrong(p, 0, BLOCK + 3 * PAGE, 100),
			    wrong(p, BLOCK + 3 * PAGE, LEN, 7));
			write(up[1], "x", 1);
			read(down[0], &c, 1);
			say("parent wrote: wrong %d\n", wrong(p, 2 * BLOCK, LEN, 7));
			_exit(0);
		}
		read(up[0], &c, 1);
		say("parent: wrong %d\n", wrong(p, 0, LEN, 7));
		fill(p + 2 * BLOCK, BLOCK, 200);
		write(down[1], "x", 1);
		waitpid(pid, &status, 0);
		say("%s, wrong %d %d %d\n", wait_text(status), wrong(p, 0, 2 * BLOCK, 7),
		    wrong(p + 2 * BLOCK, 0, BLOCK, 200), wrong(p, 3 * BLOCK, LEN, 7));
		fill(p, LEN, 7);
		say("all again: wrong %d, %ld KiB\n", wrong(p, 0, LEN, 7), row(p, "Rss"));
	}
	munmap(p, LEN);
}

/* The kernel's own ways to it. */
static void from_inside(void)
{
	char *p = huge();
	unsigned char *vec = malloc(LEN / PAGE);
	unsigned long words[2] = { 0 }, v = 0;
	int out = 0, fd;

	say("mincore %d", mincore(p, LEN, vec));
	for (size_t i = 0; i < LEN / PAGE; i++)
		out += vec[i] != 1;
	say(", out %d\n", out);
	fd = open("/proc/self/pagemap", O_RDONLY);
	pread(fd, words, sizeof(words), ((uintptr_t)p + BLOCK) / PAGE * 8);
	say("pagemap %d %d\n", (int)(words[0] >> 63), (int)(words[1] >> 63));
	close(fd);
	struct iovec local = { &v, sizeof(v) }, remote = { p + BLOCK + PAGE + 513 % 500 * 8, sizeof(v) };
	ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	say("process_vm_readv %zd, right %d\n", n, v == 7 + BLOCK + PAGE);
	fd = open("/proc/self/mem", O_RDWR);
	v = 12345;
	n = pwrite(fd, &v, sizeof(v), (uintptr_t)p + BLOCK);
	say("mem %zd, right %d\n", n, *(unsigned long *)(p + BLOCK) == 12345);
	mprotect(p, LEN, PROT_READ);
	v = 54321;
	n = pwrite(fd, &v, sizeof(v), (uintptr_t)p + BLOCK);
	say("mem, read-only %zd, right %d\n", n, *(unsigned long *)(p + BLOCK) == 54321);
	mprotect(p, LEN, PROT_READ | PROT_WRITE);
	close(fd);
	fd = open("/dev/zero", O_RDWR);
	say("read %zd\n", read(fd, p + BLOCK - PAGE, 2 * PAGE));
	say("not zero %d\n", not_zero(p, BLOCK - PAGE, BLOCK + PAGE));
	say("write %zd\n", write(fd, p, LEN));
	close(fd);
	uint32_t *word = (uint32_t *)(p + 2 * BLOCK + 100);
	*word = 3;
	struct timespec soon = { 0, 1000 };
	long r = syscall(SYS_futex, word, FUTEX_WAIT, 3, &soon, NULL, 0);
	say("futex %s", r < 0 ? ename(errno) : "woken");
	r = syscall(SYS_futex, word, FUTEX_WAIT, 4, &soon, NULL, 0);
	say(" %s\n", r < 0 ? ename(errno) : "woken");
	free(vec);
	munmap(p, LEN);
}

static void collapse(const char *what, char *p, size_t len)
{
	int r = madvise(p, len, COLLAPSE);

	say("collapse %s: %s\n", what, r < 0 ? ename(errno) : "done");
}

static void collapsed(void)
{
	char *p = map();

	collapse("untouched", p, LEN);
	fill(p, LEN, 3);
	show("small", p);
	collapse("all", p, LEN);
	show("collapsed", p);
	say("wrong %d\n", wrong(p, 0, LEN, 3));
	collapse("once more", p, LEN);
	fill(p, LEN, 4);
	say("wrong %d\n", wrong(p, 0, LEN, 4));
	collapse("within a block", p + PAGE, PAGE);
	collapse("parts of two", p + PAGE, BLOCK);
	collapse("nothing", p, 0);
	collapse("unaligned", p + 1, BLOCK);
	munmap(p, LEN);

	p = map();
	p[BLOCK + 9 * PAGE] = 8;
	collapse("a page", p + BLOCK, BLOCK);
	show("of a page", p);
	say("right %d, not zero %d\n", p[BLOCK + 9 * PAGE] == 8, not_zero(p, BLOCK, 2 * BLOCK));
	collapse("some untouched", p, LEN);
	madvise(p, LEN, MADV_NOHUGEPAGE);
	collapse("against advice", p, LEN);
	show("against advice", p);
	munmap(p, LEN);

	p = map();
	fill(p, LEN, 3);
	mprotect(p, LEN, PROT_READ);
	collapse("read-only", p, LEN);
	munmap(p, LEN);
	p = mmap(NULL, BLOCK / 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fill(p, BLOCK / 2, 3);
	collapse("of a small area", p, BLOCK / 2);
	munmap(p, BLOCK / 2);

	/* Of pages that a child shares. */
	p = map();
	fill(p, LEN, 5);
	int up[2], down[2], status;
	char c;
	MUST(pipe(up));
	MUST(pipe(down));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		fill(p, PAGE, 6);
		write(up[1], "x", 1);
		read(down[0], &c, 1);
		say("child: wrong %d %d\n", wrong(p, 0, PAGE, 6), wrong(p, PAGE, LEN, 5));
		collapse("by the child", p, BLOCK);
		say("child: wrong %d %d\n", wrong(p, 0, PAGE, 6), wrong(p, PAGE, LEN, 5));
		_exit(0);
	}
	read(up[0], &c, 1);
	fill(p, PAGE, 5);
	collapse("of shared pages", p, BLOCK);
	say("wrong %d\n", wrong(p, 0, LEN, 5));
	fill(p + PAGE, BLOCK - PAGE, 50);
	write(down[1], "x", 1);
	waitpid(pid, &status, 0);
	say("%s, wrong %d %d %d\n", wait_text(status), wrong(p, 0, PAGE, 5),
	    wrong(p + PAGE, 0, BLOCK - PAGE, 50), wrong(p, BLOCK, LEN, 5));
	munmap(p, LEN);
}

static void disabled(void)
{
	char *p = map();

	madvise(p, LEN, MADV_HUGEPAGE);
	say("disable %d\n", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	fill(p, LEN, 1);
	show("disabled", p);
	collapse("while disabled", p, LEN);
	pid_t pid = MUST(fork());
	if (pid == 0) {
		say("child %d\n", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say("enable %d\n", prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
	collapse("while enabled", p, LEN);
	show("enabled", p);
	munmap(p, LEN);
}

/* Which pages of the blocks PAGEMAP_SCAN calls huge. */
static void scan(int fd, const char *what, const char *p)
{
	struct {
		uint64_t start, end, kinds;
	} found[16];
	struct {
		uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
		uint64_t inverted, mask, anyof, ret;
	} arg = { .size = sizeof(arg), .start = (uint64_t)p, .end = (uint64_t)p + LEN,
		  .vec = (uint64_t)found, .vec_len = ARRAY_SIZE(found), .mask = 64, .ret = 64 | 8 };
	long n = ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 'f', 16, sizeof(arg)), &arg);

	say("%s:", what);
	for (long i = 0; i < n; i++)
		say(" %ld-%ld=%lx", (long)(found[i].start - (uint64_t)p) / (long)PAGE,
		    (long)(found[i].end - (uint64_t)p) / (long)PAGE, (long)found[i].kinds);
	say("\n");
}

static void scanned(void)
{
	char *p = huge();
	int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
	uint64_t word = ~0UL;

	scan(fd, "scanned", p);
	pread(fd, &word, sizeof(word), (uintptr_t)p / PAGE * sizeof(word));
	say("bits 58 to 60 of its word: %lx\n", (unsigned long)(word >> 58 & 7));
	mprotect(p + BLOCK + 5 * PAGE, PAGE, PROT_READ);
	madvise(p + 3 * BLOCK, PAGE, MADV_DONTNEED);
	scan(fd, "in parts", p);
	close(fd);
	munmap(p, LEN);
}

int main(void)
{
	char *p;

	set_mode("madvise\n");
	set_mode("bogus");
	by_touch();
	parts();
	moved();
	forked();
	from_inside();
	collapsed();
	scanned();
	disabled();
	set_mode("never");
	p = huge();
	show("never", p);
	collapse("all the same", p, LEN);
	show("never", p);
	munmap(p, LEN);
	set_mode("always");
	p = map();
	show("always", p);
	madvise(p, LEN, MADV_POPULATE_WRITE);
	show("populated", p);
	munmap(p, LEN);
	set_mode("never\n");
	return 0;
}
