/* Calls about memory that few programs make: policies, sealing, advice to others, swap, the page cache's state. */
#include "abi.h"
#include <linux/mempolicy.h>

#define S(nr, ...) syscall(nr, ##__VA_ARGS__)
enum { REMAP = 234, MBIND, GETPOL, SETPOL, MIGRATE, MOVE, MADVISE_OTHER = 440, HOME = 450, CACHESTAT, MSEAL = 462 };
enum { RW = PROT_READ | PROT_WRITE, PA = MAP_PRIVATE | MAP_ANONYMOUS, SA = MAP_SHARED | MAP_ANONYMOUS };

static char *map(size_t pages, int prot, int flags)
{
	return (char *)MUST(mmap(NULL, pages * PAGE, prot, flags, -1, 0));
}

static void policies(void)
{
	unsigned long one = 1, two = 2, big[4] = { 1, 1 }, mask = 9;
	char *p = map(4, RW, PA);
	int mode = -1, node = 0, st[3] = { 9, 9, 9 };
	void *pages[3] = { p, p + PAGE, (void *)PAGE };

	SECTION("policies");
	p[0] = 1;
	R(S(GETPOL, &mode, &mask, 1024, 0, 0));
	R(S(GETPOL, &mode, &mask, 64, 0, 0));
	say("%d %lx\n", mode, mask);
	R(S(GETPOL, &mode, &mask, 0, 0, 0));
	R(S(GETPOL, &mode, &mask, 64, p, 0));
	R(S(GETPOL, &mode, &mask, 64, 0, 8));
	R(S(GETPOL, &mode, &mask, 64, PAGE, MPOL_F_ADDR));
	R(S(GETPOL, &mode, NULL, 0, p, MPOL_F_ADDR | MPOL_F_NODE));
	R(S(GETPOL, &mode, NULL, 0, 0, MPOL_F_NODE));
	R(S(GETPOL, &mode, &mask, 64, 0, MPOL_F_MEMS_ALLOWED));
	say("%d %lx\n", mode, mask);
	R(S(GETPOL, 8, 0, 0, 0, 0));
	for (int m = -1; m < 8; m++) {
		say("mode %d:", m);
		for (int i = 0; i < 3; i++) {
			long r = S(SETPOL, m, i ? i == 1 ? &one : &two : NULL, i ? 64 : 0);
			say(" %s", r ? ename(errno) : "ok");
			S(GETPOL, &mode, &mask, 64, 0, 0);
			say(" (%d %lx)", mode, mask);
		}
		say("\n");
	}
	R(S(SETPOL, MPOL_BIND | MPOL_F_STATIC_NODES, &one, 64));
	R(S(SETPOL, MPOL_BIND | MPOL_F_RELATIVE_NODES, &two, 64));
	R(S(SETPOL, MPOL_BIND | 0xc000, &one, 64));
	R(S(SETPOL, MPOL_LOCAL | MPOL_F_STATIC_NODES, NULL, 0));
	R(S(SETPOL, MPOL_INTERLEAVE | (1 << 13), &one, 64));
	R(S(SETPOL, MPOL_BIND, &one, 1));
	R(S(SETPOL, MPOL_BIND, big, 128));
	R(S(SETPOL, MPOL_BIND, 8, 64));
	R(S(SETPOL, MPOL_DEFAULT, 0, 0));
	R(S(MBIND, p, PAGE, MPOL_BIND, &one, 64, 0));
	R(S(GETPOL, &mode, &mask, 64, p, MPOL_F_ADDR));
	say("%d %lx\n", mode, mask);
	R(S(GETPOL, &mode, &mask, 64, p + PAGE, MPOL_F_ADDR));
	say("%d %lx\n", mode, mask);
	R(S(MBIND, p, PAGE, MPOL_BIND, &two, 64, 0));
	R(S(MBIND, p + 1, PAGE, MPOL_BIND, &one, 64, 0));
	R(S(MBIND, p, 0, MPOL_BIND, &one, 64, 0));
	R(S(MBIND, p, PAGE, MPOL_BIND, &one, 64, 8));
	R(S(MBIND, PAGE, PAGE, MPOL_BIND, &one, 64, 0));
	R(S(MBIND, p, -PAGE, MPOL_BIND, &one, 64, 0));
	R(S(MBIND, p, PAGE, MPOL_PREFERRED, &one, 64, MPOL_MF_STRICT | MPOL_MF_MOVE));
	R(S(HOME, p, PAGE, 0, 0));
	R(S(MBIND, p, PAGE, MPOL_BIND, &one, 64, 0));
	R(S(HOME, p, PAGE, 0, 0));
	R(S(HOME, p, PAGE, 1, 0));
	R(S(HOME, p + 1, PAGE, 0, 0));
	R(S(HOME, p + PAGE, PAGE, 0, 0));
	R(S(MIGRATE, 0, 64, &one, &one));
	R(S(MIGRATE, 0, 64, &one, &two));
	R(S(MIGRATE, 0, 64, 8, &one));
	R(S(MIGRATE, 999999, 64, &one, &one));
	R(S(MOVE, 0, 3, pages, NULL, st, 0));
	say("%d %d %d\n", st[0], st[1], st[2]);
	R(S(MOVE, 0, 1, pages, &node, st, MPOL_MF_MOVE));
	say("%d\n", st[0]);
	node = 1;
	R(S(MOVE, 0, 1, pages, &node, st, MPOL_MF_MOVE));
	node = -1;
	R(S(MOVE, 0, 1, pages, &node, st, MPOL_MF_MOVE));
	R(S(MOVE, 0, 1, 8, NULL, st, 0));
	R(S(MOVE, 0, 1, pages, NULL, st, 8));
	R(S(MOVE, 999999, 1, pages, NULL, st, 0));
}

static void seals(void)
{
	char *p = map(4, RW, PA), *q = map(2, PROT_READ, PA);

	SECTION("mseal");
	p[0] = 'x';
	R(S(MSEAL, p, PAGE, 1));
	R(S(MSEAL, p + 1, PAGE, 0));
	R(S(MSEAL, p, -1UL, 0));
	R(S(MSEAL, p, 0, 0));
	R(S(MSEAL, PAGE, PAGE, 0));
	R(munmap(p + 3 * PAGE, PAGE));
	R(S(MSEAL, p, 4 * PAGE, 0));
	R(mprotect(p, PAGE, PROT_READ));
	R(mprotect(p, PAGE, RW));
	R(S(MSEAL, p + PAGE, PAGE, 0));
	R(S(MSEAL, p + PAGE, PAGE, 0));
	R(munmap(p + PAGE, PAGE));
	R(munmap(p, 3 * PAGE));
	R(munmap(p, PAGE));
	R(mprotect(p + PAGE, PAGE, PROT_READ));
	R(mprotect(p + PAGE, PAGE, RW));
	OK(mmap(p + PAGE, PAGE, RW, PA | MAP_FIXED, -1, 0));
	OK(mremap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	OK(mremap(p + 2 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE));
	R(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	R(madvise(p + PAGE, PAGE, MADV_WILLNEED));
	p[PAGE] = 1;
	R(S(MSEAL, q, PAGE, 0));
	R(madvise(q, PAGE, MADV_DONTNEED));
	R(madvise(q, PAGE, MADV_FREE));
	R(madvise(q, PAGE, MADV_DONTFORK));
	R(madvise(q, PAGE, MADV_SEQUENTIAL));
	R(mlock(q, PAGE));
	R(madvise(q + PAGE, PAGE, MADV_DONTNEED));
}

static void remapping(void)
{
	char *s = map(8, RW, SA), *p = map(4, RW, PA);

	SECTION("remap_file_pages");
	for (int i = 0; i < 8; i++)
		s[i * PAGE] = '0' + i;
	R(S(REMAP, s, PAGE, 0, 3, 0));
	R(S(REMAP, s + PAGE, 2 * PAGE, 0, 5, 0));
	R(S(REMAP, s + 3 * PAGE + 5, PAGE, 0, 0, 0));
	for (int i = 0; i < 8; i++)
		say("%c", s[i * PAGE]);
	s[0] = 'x';
	say(" and written %c\n", s[0]);
	R(S(REMAP, s, PAGE, RW, 0, 0));
	R(S(REMAP, s, 0, 0, 0, 0));
	R(S(REMAP, s, 9 * PAGE, 0, 0, 0));
	R(S(REMAP, s, PAGE, 0, -1UL, 0));
	R(S(REMAP, p, PAGE, 0, 0, 0));
	R(S(REMAP, PAGE, PAGE, 0, 0, 0));
}

static void to_others(void)
{
	char *p = map(4, RW, PA);
	struct iovec v[2] = { { p, PAGE }, { p + 2 * PAGE, PAGE } }, bad = { p + 1, PAGE };
	pid_t pid = MUST(fork());

	if (!pid) {
		pause();
		_exit(0);
	}
	SECTION("process_madvise");
	int self = MUST(syscall(SYS_pidfd_open, getpid(), 0)), fd = MUST(syscall(SYS_pidfd_open, pid, 0));
	for (int advice = 0; advice < 26; advice++) {
		long r = S(MADVISE_OTHER, advice & 1 ? self : fd, v, 2, advice, 0);
		if (advice != 25)
			say("%d: %ld %s\n", advice, r, r < 0 ? ename(errno) : "");
	}
	R(S(MADVISE_OTHER, self, v, 2, MADV_COLD, 1));
	R(S(MADVISE_OTHER, 99, v, 2, MADV_COLD, 0));
	R(S(MADVISE_OTHER, 1, v, 2, MADV_COLD, 0));
	R(S(MADVISE_OTHER, self, v, 2000, MADV_COLD, 0));
	R(S(MADVISE_OTHER, self, 8, 2, MADV_COLD, 0));
	R(S(MADVISE_OTHER, self, &bad, 1, MADV_COLD, 0));
	v[1].iov_base = (void *)PAGE;
	R(S(MADVISE_OTHER, self, v, 2, MADV_COLD, 0));
	R(S(MADVISE_OTHER, self, v + 1, 1, MADV_COLD, 0));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	R(S(MADVISE_OTHER, fd, v, 1, MADV_COLD, 0));
	pid = MUST(fork());
	if (!pid) {
		setresuid(1000, 1000, 1000);
		int init = syscall(SYS_pidfd_open, 1, 0);
		R(S(MADVISE_OTHER, init, v, 1, MADV_COLD, 0));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void cache(void)
{
	struct {
		uint64_t off, len;
	} range = { 0, 0 };
	struct {
		uint64_t cached, dirty, writeback, evicted, recent;
	} st;
	int fd = MUST(memfd_create("x", 0));
	char buf[PAGE];

	SECTION("cachestat");
	memset(buf, 1, sizeof(buf));
	for (int i = 0; i < 5; i++)
		pwrite(fd, buf, PAGE, i * 2 * PAGE);
	R(S(CACHESTAT, fd, &range, &st, 0));
	say("%d %d %d\n", (int)st.cached, (int)st.writeback, (int)st.evicted);
	range.off = PAGE;
	range.len = 2 * PAGE;
	R(S(CACHESTAT, fd, &range, &st, 0));
	say("%d\n", (int)st.cached);
	range.len = 1;
	R(S(CACHESTAT, fd, &range, &st, 0));
	say("%d\n", (int)st.cached);
	R(S(CACHESTAT, fd, &range, &st, 1));
	R(S(CACHESTAT, 99, &range, &st, 0));
	R(S(CACHESTAT, fd, NULL, &st, 0));
	R(S(CACHESTAT, fd, &range, NULL, 0));
}

static void swapping(void)
{
	enum { SWAPON = 224, SWAPOFF };

	SECTION("swap");
	close(MUST(open("/abi/empty", O_CREAT | O_RDWR, 0600)));
	R(S(SWAPON, "/abi/empty", 0));
	R(S(SWAPON, "/abi/none", 0));
	R(S(SWAPON, NULL, 0));
	R(S(SWAPON, "/abi/empty", -1));
	R(S(SWAPOFF, "/abi/empty"));
	R(S(SWAPOFF, "/abi/none"));
	R(S(SWAPOFF, NULL));
	unlink("/abi/empty");
	if (!MUST(fork())) {
		setresuid(1000, 1000, 1000);
		R(S(SWAPON, "/abi/none", 0));
		R(S(SWAPON, "/abi/none", -1));
		R(S(SWAPOFF, "/abi/none"));
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	policies();
	seals();
	remapping();
	to_others();
	cache();
	swapping();
	return 0;
}
