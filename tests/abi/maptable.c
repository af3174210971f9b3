/* mmap(2) and mprotect(2) by table: many combinations of arguments, right and wrong, and what is answered. */
#include "table.h"
#include <limits.h>

#define ROOM (8 * PAGE)

static char *room; /* ROOM bytes: page 1 is mapped read-write, 3 read-only, the others are holes */

static void furnish(void)
{
	mmap(room, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	munmap(room, ROOM);
	MUST(mmap(room + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	MUST(mmap(room + 3 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static const struct {
	const char *name;
	unsigned long flags;
} kinds[] = {
	{ "0", 0 },
	{ "SHARED", MAP_SHARED },
	{ "PRIVATE", MAP_PRIVATE },
	{ "VALIDATE", MAP_SHARED_VALIDATE },
	{ "4", 4 },
}, others[] = {
	{ "", 0 },
	{ "FIXED", MAP_FIXED },
	{ "NOREPLACE", MAP_FIXED_NOREPLACE },
	{ "FIXED|NOREPLACE", MAP_FIXED | MAP_FIXED_NOREPLACE },
	{ "GROWSDOWN", MAP_GROWSDOWN },
	{ "NOREPLACE|GROWSDOWN", MAP_FIXED_NOREPLACE | MAP_GROWSDOWN },
	{ "SYNC", MAP_SYNC },
	{ "huge's size", 1UL << 30 },
	{ "unknown", 1UL << 31 },
	{ "25", 1UL << 25 },
};

static const struct {
	const char *name;
	long off, len;
} places[] = {
	{ "hole", 0, PAGE },	   { "mapped", PAGE, PAGE },	{ "both", 0, 2 * PAGE },
	{ "unaligned", 8, PAGE },  { "mapped+8", PAGE + 8, 16 }, { "nothing", 0, 0 },
	{ "mapped nothing", PAGE, 0 }, { "everything", 0, -1 },	{ "half", PAGE, 1L << 62 },
	{ "top", LONG_MIN, PAGE }, { "round", PAGE, -8L },
};

static const char *answer(void *got, void *asked, size_t len)
{
	static char text[32];

	if (got == MAP_FAILED)
		return ename(errno);
	munmap(got, len);
	snprintf(text, sizeof(text), "%s", got == asked ? "there" : "elsewhere");
	return text;
}

static void maps(const char *what, int fd, int prot)
{
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (size_t o = 0; o < ARRAY_SIZE(others); o++) {
			word("%s %s|%s:", what, kinds[k].name, others[o].name);
			for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
				char *addr = places[i].off == LONG_MIN ? (char *)-PAGE : room + places[i].off;
				unsigned long flags = kinds[k].flags | others[o].flags;
				char *got;

				furnish();
				errno = 0;
				got = (char *)syscall(SYS_mmap, addr, places[i].len, prot,
						      flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0L);
				word(" %s", answer(got, addr, places[i].len));
			}
			end_line();
		}
	}
}

static void files(void)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC, 0x100 };
	static const int types[] = { MAP_PRIVATE, MAP_SHARED, MAP_SHARED_VALIDATE, MAP_SHARED_VALIDATE | MAP_SYNC };
	static const long offsets[] = { 0, PAGE, 8, -PAGE, LONG_MAX & ~(PAGE - 1), 1L << 44 };
	int fd;

	close(MUST(open("file", O_CREAT | O_RDWR, 0600)));
	MUST(truncate("file", 3 * PAGE));
	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		fd = MUST(open("file", modes[m]));
		for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
			word("mode %d type %#x:", modes[m], types[t]);
			for (size_t p = 0; p < ARRAY_SIZE(prots); p++)
				word(" %s", answer((void *)syscall(SYS_mmap, 0, PAGE, prots[p], types[t], fd, 0), 0, PAGE));
			word(" at");
			for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
				word(" %s", answer((void *)syscall(SYS_mmap, 0, 2 * PAGE, PROT_READ, types[t], fd,
								  offsets[i]), 0, 2 * PAGE));
			end_line();
		}
		close(fd);
	}
	fd = MUST(open(".", O_RDONLY | O_DIRECTORY));
	word("directory %s", answer(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), 0, PAGE));
	word(" none %s", answer(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), 0, PAGE));
	word(" path %s", answer(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, MUST(open("file", O_PATH)), 0), 0, PAGE));
	word(" none anonymous %s", answer(mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, 99, 0), 0, PAGE));
	end_line();
}

/* What mprotect made of the pages: each one's access. */
static void accesses(void)
{
	char row[512], got[] = "--------";
	FILE *f = fopen("/proc/self/maps", "r");

	while (fgets(row, sizeof(row), f)) {
		unsigned long from, to, first = (unsigned long)room;
		char access[5];

		sscanf(row, "%lx-%lx %4s", &from, &to, access);
		for (int i = 0; i < 8; i++)
			if (first + i * PAGE >= from && first + i * PAGE < to)
				got[i] = access[0] == 'r' ? (access[1] == 'w' ? 'w' : 'r') : access[1] == 'w' ? 'W' : '0';
	}
	fclose(f);
	word(" %s", got);
	end_line();
}

static void protects(void)
{
	static const struct {
		const char *name;
		int prot;
	} prots[] = {
		{ "NONE", 0 },
		{ "READ", PROT_READ },
		{ "WRITE", PROT_WRITE },
		{ "16", PROT_READ | 16 },
		{ "GROWSDOWN", PROT_READ | PROT_WRITE | PROT_GROWSDOWN },
		{ "GROWSUP", PROT_READ | PROT_WRITE | PROT_GROWSUP },
		{ "GROWSDOWN|UP", PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP },
	};
	static const struct {
		long off, len;
	} at[] = { { 0, PAGE }, { PAGE, PAGE }, { PAGE, 1 }, { PAGE + 8, PAGE }, { PAGE, 0 }, { 0, 0 },
		   { 0, 2 * PAGE }, { PAGE, 2 * PAGE }, { 3 * PAGE, PAGE }, { 2 * PAGE, 2 * PAGE },
		   { PAGE, 3 * PAGE }, { PAGE, -PAGE }, { PAGE, -8L }, { 5 * PAGE, 2 * PAGE },
		   { 6 * PAGE, PAGE }, { 6 * PAGE, 2 * PAGE }, { 4 * PAGE, 2 * PAGE } };

	for (size_t p = 0; p < ARRAY_SIZE(prots); p++) {
		for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
			furnish();
			MUST(mmap(room + 5 * PAGE, 2 * PAGE, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0));
			word("%s [%ld,%ld): %s", prots[p].name, at[i].off, at[i].len,
			    syscall(SYS_mprotect, room + at[i].off, at[i].len, prots[p].prot) ? ename(errno) : "ok");
			accesses();
		}
	}
}

int main(void)
{
	room = mmap(NULL, ROOM + (64 << 20), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	munmap(room, ROOM + (64 << 20));
	room += 32 << 20;
	SECTION("anonymous");
	maps("none", -1, PROT_READ | PROT_WRITE);
	SECTION("a file");
	files();
	maps("file", MUST(open("file", O_RDWR)), PROT_READ);
	SECTION("mprotect");
	protects();
	return 0;
}
