/*
 * MAP_GROWSDOWN: how a map of a program's own grows at a touch below it, by whom it is touched, how far,
 * what stands in its way, and PROT_GROWSDOWN.
 */
#include "abi.h"
#include <sys/resource.h>

#define ROOM 2048UL /* pages, of which the last ones are mapped */
#define LEN  4UL

#ifndef PROT_GROWSDOWN
#define PROT_GROWSDOWN 0x01000000
#define PROT_GROWSUP   0x02000000
#endif

static char *room, *top; /* the map ends at top */

/* Nothing is below it for ROOM pages. */
static char *map(int prot)
{
	room = mmap(NULL, ROOM * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		_exit(97);
	MUST(munmap(room, ROOM * PAGE));
	top = room + ROOM * PAGE;
	if (mmap(top - LEN * PAGE, LEN * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		_exit(96);
	return top - LEN * PAGE;
}

/*
 * How many pages the map that ends at top has, and what may be done with it. Read without stdio: what malloc would map
 * could come to stand right in the way.
 */
static void size(const char *what)
{
	static char text[1 << 16];
	int fd = MUST(open("/proc/self/maps", O_RDONLY));
	unsigned long from, to, pages = 0;
	char mode[8] = "none";
	ssize_t n, len = 0;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	text[len] = 0;
	close(fd);
	for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char m[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, m) != 3)
			continue;
		if (to == (unsigned long)top) {
			pages = (to - from) / PAGE;
			strcpy(mode, m);
		}
	}
	say("%s: %lu pages %s\n", what, pages, mode);
}

static unsigned long below = 1;

static void touches(void)
{
	char *p = map(PROT_READ | PROT_WRITE);

	p[-(long)(below * PAGE)] = 1;
	size("grown");
	say("holds %d %d\n", p[-(long)(below * PAGE)], p[-(long)PAGE + 1]);
}

static void reads(void)
{
	volatile char *p = map(PROT_READ);

	say("zero: %d\n", p[-(long)PAGE]);
	size("grown");
}

static void kernel_touches(void)
{
	char *p = map(PROT_READ | PROT_WRITE);
	int fds[2];

	MUST(pipe(fds));
	MUST(write(fds[1], "words", 5));
	R(read(fds[0], p - 2 * PAGE, 5));
	size("read into it");
	R(write(fds[1], p - 10 * PAGE, 5));
	size("written from it");
	R(madvise(p - 20 * PAGE, PAGE, MADV_POPULATE_WRITE));
	size("populated");
}

static void neighbour(unsigned long gap, int prot)
{
	char *p = map(PROT_READ | PROT_WRITE);

	/* gap pages stay free between the two, once it has grown by one. */
	MUST(mmap(p - (gap + 2) * PAGE, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	p[-(long)PAGE] = 1;
	size("grown");
}

static void close_one(void)
{
	neighbour(255, PROT_READ | PROT_WRITE);
}

static void far_one(void)
{
	neighbour(256, PROT_READ | PROT_WRITE);
}

static void close_guard(void)
{
	neighbour(3, PROT_NONE);
}

static void limited(void)
{
	struct rlimit r = { 64 * PAGE, 64 * PAGE };
	char *p = map(PROT_READ | PROT_WRITE);

	MUST(setrlimit(RLIMIT_STACK, &r));
	p[-60L * (long)PAGE] = 1;
	size("to the limit");
	p[-61L * (long)PAGE] = 1;
	size("past the limit");
}

static void address_space(void)
{
	char *p = map(PROT_READ | PROT_WRITE);
	struct rlimit r = { PAGE, PAGE };

	MUST(setrlimit(RLIMIT_AS, &r));
	p[-(long)PAGE] = 1;
	say("lives\n");
}

static void no_access(void)
{
	volatile char *p = map(PROT_NONE);

	(void)p[-(long)PAGE];
	say("lives\n");
}

static void read_only(void)
{
	char *p = map(PROT_READ);

	p[-(long)PAGE] = 1;
	say("lives\n");
}

static void protects(void)
{
	char *p = map(PROT_READ | PROT_WRITE);

	p[-8L * (long)PAGE] = 1;
	size("grown");
	/* From here down to where it begins. */
	R(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_GROWSDOWN));
	size("protected");
	R(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP));
	R(mprotect(p, PAGE, PROT_READ | PROT_GROWSUP | PROT_GROWSDOWN));
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	R(mprotect(p + PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
}

static void forks(void)
{
	char *p = map(PROT_READ | PROT_WRITE);
	int status;
	pid_t pid;

	p[-(long)PAGE] = 1;
	pid = MUST(fork());
	if (!pid) {
		p[-5L * (long)PAGE] = 2;
		size("the child's");
		_exit(p[-(long)PAGE] == 1 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	say("child: %s\n", wait_text(status));
	size("the parent's");
}

static void locked(void)
{
	char *p = map(PROT_READ | PROT_WRITE);
	unsigned char vec[8];

	MUST(mlock(p, LEN * PAGE));
	p[-6L * (long)PAGE] = 1;
	size("grown");
	MUST(mincore(p - 6 * PAGE, 6 * PAGE, vec));
	say("there %d %d %d %d %d %d\n", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1, vec[4] & 1, vec[5] & 1);
}

static void moves(void)
{
	char *p = map(PROT_READ | PROT_WRITE), *q;

	p[0] = 7;
	q = mremap(p, LEN * PAGE, 2 * LEN * PAGE, MREMAP_MAYMOVE);
	say("longer: %s\n", q == MAP_FAILED ? ename(errno) : "ok");
	if (q != MAP_FAILED)
		say("holds %d\n", q[0]);
}

/* Nothing is placed right below it by itself. */
static void placed(void)
{
	char *p = map(PROT_READ | PROT_WRITE), *q;

	q = mmap(p - PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	say("a hint right below it: %s\n", q == p - PAGE ? "taken" : "elsewhere");
	q = mmap(p - PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	say("MAP_FIXED_NOREPLACE: %s\n", q == MAP_FAILED ? ename(errno) : "ok");
}

int main(void)
{
	SECTION("by a page");
	in_child("touches", touches);
	below = 300;
	in_child("far below", touches);
	in_child("reads", reads);
	SECTION("by the kernel");
	in_child("it reads and writes", kernel_touches);
	SECTION("neighbours");
	in_child("255 pages between", close_one);
	in_child("256 pages between", far_one);
	in_child("one that has no access", close_guard);
	SECTION("limits");
	in_child("RLIMIT_STACK", limited);
	in_child("RLIMIT_AS", address_space);
	in_child("PROT_NONE", no_access);
	in_child("a write to what is read only", read_only);
	SECTION("calls");
	in_child("mprotect", protects);
	in_child("fork", forks);
	in_child("mlock", locked);
	in_child("mremap", moves);
	in_child("placed", placed);
	return 0;
}
