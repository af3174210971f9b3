/* MAP_POPULATE: which pages are there when mmap(2) returns, and that using them is no fault any more. */
#include "abi.h"
#include <sys/resource.h>

#define PAGES 8
#define LEN   (PAGES * PAGE)

static int file;

static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_minflt + u.ru_majflt;
}

/* Pages that /proc/self/pagemap knows. */
static int present(const char *p)
{
	uint64_t words[PAGES];
	int fd = MUST(open("/proc/self/pagemap", O_RDONLY)), n = 0;

	MUST(pread(fd, words, sizeof(words), (off_t)((unsigned long)p / PAGE * 8)));
	close(fd);
	for (int i = 0; i < PAGES; i++)
		n += words[i] >> 63;
	return n;
}

static void look(const char *what, int prot, int flags, int fd)
{
	static volatile char sum;
	char *p = mmap(NULL, LEN, prot, flags, fd, 0);
	int there;
	long before;

	if (p == MAP_FAILED) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	there = present(p);
	say("%s: %d there", what, there);
	before = faults();
	if (prot & PROT_READ)
		for (int i = 0; i < PAGES; i++)
			sum += p[i * PAGE];
	if (there == PAGES)
		say(", reading: %s", faults() == before ? "no fault" : "faults");
	before = faults();
	if (prot & PROT_WRITE)
		for (int i = 0; i < PAGES; i++)
			p[i * PAGE] = 1;
	/* Whose first write to a shared file is noted depends on the file system. */
	if (there == PAGES && (prot & PROT_WRITE) && (fd < 0 || !(flags & MAP_SHARED)))
		say(", writing: %s", faults() == before ? "no fault" : "faults");
	say("\n");
	munmap(p, LEN);
}

int main(void)
{
	char page[PAGE] = "words";
	const int rw = PROT_READ | PROT_WRITE, anon = MAP_ANONYMOUS | MAP_POPULATE;

	file = MUST(open("f", O_RDWR | O_CREAT, 0600));
	for (int i = 0; i < PAGES; i++)
		MUST(write(file, page, sizeof(page)));
	look("private", rw, MAP_PRIVATE | anon, -1);
	look("private, to read", PROT_READ, MAP_PRIVATE | anon, -1);
	look("private, to write", PROT_WRITE, MAP_PRIVATE | anon, -1);
	look("private, no access", PROT_NONE, MAP_PRIVATE | anon, -1);
	look("shared", rw, MAP_SHARED | anon, -1);
	look("shared, to read", PROT_READ, MAP_SHARED | anon, -1);
	look("with MAP_NONBLOCK", rw, MAP_PRIVATE | MAP_NONBLOCK | anon, -1);
	look("with MAP_NORESERVE", rw, MAP_PRIVATE | MAP_NORESERVE | anon, -1);
	look("locked", rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1);
	look("locked, no access", PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1);
	look("locked with MAP_NONBLOCK", rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_NONBLOCK, -1);
	look("a file, private", rw, MAP_PRIVATE | MAP_POPULATE, file);
	look("a file, private, to read", PROT_READ, MAP_PRIVATE | MAP_POPULATE, file);
	look("a file, shared", rw, MAP_SHARED | MAP_POPULATE, file);
	look("a file, shared, to read", PROT_READ, MAP_SHARED | MAP_POPULATE, file);
	SECTION("past its end");
	MUST(ftruncate(file, 3 * PAGE));
	{
		char *p = mmap(NULL, LEN, rw, MAP_SHARED | MAP_POPULATE, file, 0);

		say("%d there\n", present(p));
		munmap(p, LEN);
		p = mmap(NULL, LEN, rw, MAP_PRIVATE | MAP_POPULATE, file, 0);
		say("%d there\n", present(p));
	}
	return 0;
}
