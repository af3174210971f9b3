/* Takes all memory there is, a page at a time, until it is killed; says how many KiB it was. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
	size_t most = 1UL << 32;
	volatile size_t *pages = mmap(NULL, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int st;

	*pages = 0;
	if (!fork()) {
		char *p = mmap(NULL, most, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		for (size_t at = 0; at < most; at += 4096) {
			p[at] = 1;
			++*pages;
		}
		_exit(0);
	}
	wait(&st);
	printf("%zu %d\n", *pages * 4, WIFSIGNALED(st) ? WTERMSIG(st) : -1);
	return 0;
}
