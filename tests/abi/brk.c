/* brk: growing, shrinking, zero pages, limits. */
#include "abi.h"
#include <sys/resource.h>

static char *kernel_brk(void *p)
{
	return (char *)syscall(SYS_brk, p);
}

int main(void)
{
	char *start = kernel_brk(NULL);

	say("page aligned or not, it stands: %d\n", kernel_brk(start) == start);
	char *base = (char *)(((unsigned long)start + PAGE - 1) & ~(PAGE - 1));
	R(kernel_brk(base + 4 * PAGE) == base + 4 * PAGE);
	int zero = 1;
	for (char *p = base; p < base + 4 * PAGE; p++) {
		zero &= *p == 0;
		*p = 'b';
	}
	say("zero %d\n", zero);
	R(kernel_brk(base + PAGE + 1) == base + PAGE + 1);
	say("kept %c\n", base[PAGE]);
	R(kernel_brk(base + 4 * PAGE) == base + 4 * PAGE);
	say("the page with the end keeps its bytes: %d, the next is new: %d\n", base[PAGE + 100], base[2 * PAGE]);
	R(kernel_brk((void *)PAGE) == base + 4 * PAGE);
	R(kernel_brk((void *)-1L) == base + 4 * PAGE);
	R(kernel_brk((void *)(1UL << 62)) == base + 4 * PAGE);
	/* a mapping in the way stops it */
	char *wall = mmap(base + 8 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	say("wall in place %d\n", wall == base + 8 * PAGE);
	R(kernel_brk(base + 9 * PAGE) == base + 4 * PAGE);
	munmap(wall, PAGE);
	struct rlimit rl = { 64 * PAGE, RLIM_INFINITY };
	R(setrlimit(RLIMIT_DATA, &rl));
	R(kernel_brk(base + 1024 * PAGE) == base + 4 * PAGE);
	rl.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_DATA, &rl);
	R(kernel_brk(base + 1024 * PAGE) == base + 1024 * PAGE);
	base[1024 * PAGE - 1] = 1;
	if (!MUST(fork())) {
		int same = kernel_brk(NULL) == base + 1024 * PAGE;
		base[0] = 'c';
		kernel_brk(base + PAGE);
		say("child: same %d\n", same);
		_exit(0);
	}
	wait(NULL);
	say("parent: %c, end kept %d\n", base[0], kernel_brk(NULL) == base + 1024 * PAGE);
	return 0;
}
