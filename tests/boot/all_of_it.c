/*
 * Takes all memory there is, a page at a time, until it is killed; says how many KiB it was. With a
 * number: first asks for so many names that are not there, which the kernel remembers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW (PROT_READ | PROT_WRITE)

static void ask_for_names(int n)
{
	char name[64];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "/a-name-that-is-not-there-%d", i);
		access(name, F_OK);
	}
}

int main(int argc, char **argv)
{
	size_t most = 1UL << 32;
	volatile size_t *pages = mmap(NULL, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int st;

	*pages = 0;
	ask_for_names(argc > 1 ? atoi(argv[1]) : 0);
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
