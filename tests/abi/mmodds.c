/* Edges of memory calls that sequences of random calls found. */
#include "abi.h"
#include <sys/resource.h>

static long field(const char *at, const char *key)
{
	char line[300], word[40];
	unsigned long start, end, kb;
	int in = 0;
	FILE *f = fopen("/proc/self/smaps", "r");

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2 && strchr(line, '-') && strchr(line, 'p'))
			in = (unsigned long)at >= start && (unsigned long)at < end;
		else if (in && sscanf(line, "%39[^:]: %lu kB", word, &kb) == 2 && !strcmp(word, key)) {
			fclose(f);
			return (long)kb;
		}
	}
	fclose(f);
	return -1;
}

static void peek(const char *what, int prot, int kind)
{
	int fd = memfd_create("m", 0);

	ftruncate(fd, PAGE);
	char *p = kind == MAP_SHARED ? mmap(NULL, PAGE, prot, MAP_SHARED, fd, 0) :
				       mmap(NULL, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char c = 'x';
	struct iovec mine = { &c, 1 }, there = { p, 1 };
	long r = (errno = 0, process_vm_readv(getpid(), &mine, 1, &there, 1, 0));

	say("%s: %ld %s", what, r, r < 0 ? ename(errno) : "");
	if (prot & PROT_WRITE)
		*(volatile char *)p = 1;
	r = (errno = 0, process_vm_readv(getpid(), &mine, 1, &there, 1, 0));
	say(", used %ld %s", r, r < 0 ? ename(errno) : "");
	r = (errno = 0, process_vm_writev(getpid(), &mine, 1, &there, 1, 0));
	say(", written %ld %s\n", r, r < 0 ? ename(errno) : "");
	munmap(p, PAGE);
	close(fd);
}

static void locked(const char *what, int flags, int prot, int how)
{
	char *p = mmap(NULL, 8 * PAGE, prot, flags | MAP_ANONYMOUS, -1, 0);

	if (how >= 0)
		MUST(syscall(SYS_mlock2, p, 8 * PAGE, how));
	say("%s: %ld", what, field(p, "Rss"));
	mprotect(p + 2 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE);
	say(", writable %ld", field(p + 2 * PAGE, "Rss"));
	mprotect(p + 2 * PAGE, 4 * PAGE, PROT_READ);
	mprotect(p, 8 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	say(", all %ld\n", field(p, "Rss"));
	munmap(p, 8 * PAGE);
}

static void populated(const char *what, int prot)
{
	char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(p, PAGE, prot);
	munmap(p + 2 * PAGE, PAGE);
	say("%s:", what);
	for (int advice = MADV_POPULATE_READ; advice <= MADV_POPULATE_WRITE; advice++)
		for (unsigned long n = 1; n <= 3; n += 2) {
			errno = 0;
			madvise(p, n * PAGE, advice);
			say(" %s", errno ? ename(errno) : "ok");
		}
	say("\n");
}

static void may_not_lock(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 0, 0 }));
	MUST(setresuid(1000, 1000, 1000));
	R(mlock(p, PAGE));
	R(mlock(p, 0));
	R(mlock(p, -1UL));
	R(mlock((void *)-PAGE, 2 * PAGE));
	R(mlock2(p, 0, MLOCK_ONFAULT));
	R(munlock(p, 0));
	R(munlock(p, -1UL));
}

int main(void)
{
	SECTION("process_vm_readv of what is not to be read");
	peek("read", PROT_READ, MAP_PRIVATE);
	peek("write", PROT_WRITE, MAP_PRIVATE);
	peek("write, shared", PROT_WRITE, MAP_SHARED);
	peek("write and execute", PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
	peek("execute", PROT_EXEC, MAP_PRIVATE);
	peek("nothing", PROT_NONE, MAP_PRIVATE);

	SECTION("locked memory becomes writable");
	locked("none", MAP_PRIVATE, PROT_NONE, -1);
	locked("locked", MAP_PRIVATE | MAP_LOCKED, PROT_NONE, -1);
	locked("read-only", MAP_PRIVATE, PROT_READ, 0);
	locked("on fault", MAP_PRIVATE, PROT_NONE | PROT_READ, MLOCK_ONFAULT);
	locked("shared", MAP_SHARED | MAP_LOCKED, PROT_NONE, -1);

	SECTION("MREMAP_DONTUNMAP of the same length, to the byte");
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int d = -1; d < 2; d++) {
		char *q = (errno = 0, mremap(p, PAGE, PAGE + d, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));

		say("%d: %s\n", d, q == MAP_FAILED ? ename(errno) : "ok");
	}
	R((long)mremap(p, PAGE - 1, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	R((long)mremap(p, 0, 0, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));

	SECTION("populating");
	populated("none", PROT_NONE);
	populated("read", PROT_READ);
	populated("write", PROT_WRITE);
	populated("execute", PROT_EXEC);
	populated("write and execute", PROT_WRITE | PROT_EXEC);

	SECTION("no locks allowed");
	in_child("mlock", may_not_lock);
	return 0;
}
