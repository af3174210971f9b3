/* Private and shared maps of /dev/zero: what they are called, and what may be done with them. */
#include "abi.h"

#define LEN (4 * PAGE)

static int zero;

/* Lines of /proc/self/maps that begin within [p, p + len). */
static void lines(const char *what, const char *p, size_t len)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];

	say("%s:\n", what);
	while (fgets(line, sizeof(line), f)) {
		unsigned long from, to, off, ino;
		char mode[8], dev[16], name[256] = "";

		if (sscanf(line, "%lx-%lx %7s %lx %15s %lu %255[^\n]", &from, &to, mode, &off, dev, &ino, name) < 6)
			continue;
		if (from < (unsigned long)p || from >= (unsigned long)p + len)
			continue;
		say("  +%lu %lu pages %s off %lx inode %s '%s'\n", (from - (unsigned long)p) / PAGE,
		    (to - from) / PAGE, mode, off, ino ? "some" : "0", name);
	}
	fclose(f);
}

/* Room for a map with nothing beside it. */
static char *map(int flags, int off)
{
	char *room = mmap(NULL, LEN + 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(munmap(room, LEN + 8 * PAGE));
	return mmap(room + 4 * PAGE, LEN, PROT_READ | PROT_WRITE, flags | MAP_FIXED, zero, off * PAGE);
}

static void advise(const char *what, char *p)
{
	static const struct {
		const char *name;
		int advice;
	} all[] = { { "REMOVE", MADV_REMOVE },	   { "WIPEONFORK", MADV_WIPEONFORK },
		    { "KEEPONFORK", MADV_KEEPONFORK }, { "FREE", MADV_FREE },
		    { "DONTNEED", MADV_DONTNEED }, { "MERGEABLE", MADV_MERGEABLE },
		    { "HUGEPAGE", MADV_HUGEPAGE }, { "DONTDUMP", MADV_DONTDUMP },
		    { "DODUMP", MADV_DODUMP },	   { "COLD", MADV_COLD },
		    { "PAGEOUT", MADV_PAGEOUT },   { "POPULATE_WRITE", MADV_POPULATE_WRITE },
		    { "WILLNEED", MADV_WILLNEED } };

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		say("%s: %s: %s\n", what, all[i].name, madvise(p, PAGE, all[i].advice) ? ename(errno) : "ok");
	MUST(mprotect(p, PAGE, PROT_READ));
	say("%s: read only: REMOVE: %s\n", what, madvise(p, PAGE, MADV_REMOVE) ? ename(errno) : "ok");
	MUST(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
}

static char *p;

static void writes(void)
{
	say("child has %d\n", p[0]);
	p[0] = 9;
}

static void look(const char *what, int flags, int off)
{
	unsigned char vec[4];

	SECTION(what);
	p = map(flags, off);
	say("first %d\n", p[0]);
	p[0] = 5;
	p[PAGE] = 6;
	in_child("a child", writes);
	say("then %d\n", p[0]);
	lines("mapped", p, LEN);
	R(mincore(p, LEN, vec));
	say("in core %d %d %d %d\n", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	advise(what, p);
	R(msync(p, LEN, MS_SYNC));
	MUST(mprotect(p + PAGE, PAGE, PROT_READ));
	lines("a page protected", p, LEN);
	MUST(mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE));
	lines("and again not", p, LEN);
	/* Beside it: more of the same at its next offset, at another, and anonymous memory. */
	MUST(mmap(p + LEN, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, zero, 7 * PAGE));
	lines("longer", p, LEN + 3 * PAGE);
	MUST(mmap(p + LEN + PAGE, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, zero, 70 * PAGE));
	lines("longer by another place", p, LEN + 3 * PAGE);
	MUST(mmap(p + LEN + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	lines("beside", p, LEN + 3 * PAGE);
	p = map(flags, off);
	p[0] = 4;
	char *q = mremap(p, LEN, 2 * LEN, MREMAP_MAYMOVE);
	say("longer: %s\n", q == MAP_FAILED ? ename(errno) : "ok");
	if (q == MAP_FAILED)
		return;
	say("holds %d %d %d\n", q[0], q[PAGE], q[LEN - 1]);
	lines("remapped", q, 2 * LEN);
	char *copy = mremap(q, 0, PAGE, MREMAP_MAYMOVE);
	say("copied: %s\n", copy == MAP_FAILED ? ename(errno) : copy[0] == q[0] ? "shared" : "not shared");
	char *left = mremap(q, LEN, LEN, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	say("left: %s\n", left == MAP_FAILED ? ename(errno) : "ok");
	if (left != MAP_FAILED)
		say("old %d new %d\n", q[0], left[0]);
	lines("what was left", q, LEN);
}

static void other_descriptor(void)
{
	int other = MUST(open("/dev/zero", O_RDWR));

	p = map(MAP_PRIVATE, 0);
	MUST(mmap(p + LEN, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, other, 4 * PAGE));
	lines("two descriptors", p, LEN + PAGE);
	close(other);
	p[LEN] = 1;
	say("%d\n", p[LEN]);
}

int main(void)
{
	zero = MUST(open("/dev/zero", O_RDWR));
	look("private", MAP_PRIVATE, 3);
	look("shared", MAP_SHARED, 0); /* of as many bytes as are mapped */
	SECTION("descriptors");
	other_descriptor();
	return 0;
}
