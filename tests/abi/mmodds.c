/* Edges of memory calls that sequences of random calls found. */
#include "abi.h"

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
	return 0;
}
