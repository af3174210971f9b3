/* Copy-on-write after fork: every kind of memory, many generations, writes by the kernel. */
#include "abi.h"

enum { PAGES = 64 };

static char data[PAGES * 4096] = "initialised";
static char bss[PAGES * 4096];

static unsigned sum(const char *p)
{
	unsigned s = 0;

	for (unsigned i = 0; i < PAGES * PAGE; i++)
		s = s * 31 + (unsigned char)p[i];
	return s;
}

static void fill(char *p, int seed)
{
	for (unsigned i = 0; i < PAGES * PAGE; i += 64)
		p[i] = seed + i / 64;
}

int main(void)
{
	char *heap = malloc(PAGES * PAGE), *anon, stack[4 * 4096];
	char *areas[5];
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0644));

	anon = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ftruncate(fd, PAGES * PAGE);
	areas[0] = data;
	areas[1] = bss;
	areas[2] = heap;
	areas[3] = anon;
	areas[4] = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	for (int i = 0; i < 5; i++)
		fill(areas[i], i);
	memset(stack, 's', sizeof(stack));
	SECTION("parent and child apart");
	unsigned before[5], after;
	for (int i = 0; i < 5; i++)
		before[i] = sum(areas[i]);
	if (!MUST(fork())) {
		for (int i = 0; i < 5; i++) {
			say("child %d sees the parent's %d\n", i, sum(areas[i]) == before[i]);
			fill(areas[i], 100 + i);
		}
		stack[5000] = 'c';
		_exit(0);
	}
	wait(NULL);
	for (int i = 0; i < 5; i++) {
		after = sum(areas[i]);
		say("area %d unchanged %d\n", i, after == before[i]);
	}
	say("stack %c\n", stack[5000]);
	SECTION("the parent writes first");
	int p[2];
	MUST(pipe(p));
	pid_t pid = MUST(fork());
	if (!pid) {
		char c;
		read(p[0], &c, 1);
		_exit(sum(anon) == before[3] ? 0 : 1);
	}
	fill(anon, 77);
	write(p[1], "x", 1);
	int st;
	waitpid(pid, &st, 0);
	say("child still saw the old: %s\n", wait_text(st));
	SECTION("the kernel writes");
	fill(anon, 3);
	unsigned old = sum(anon);
	pid = MUST(fork());
	if (!pid) {
		int z = open("/dev/zero", O_RDONLY);
		read(z, anon, PAGES * PAGE);
		unsigned zero = 1;
		for (unsigned i = 0; i < PAGES * PAGE; i++)
			zero &= anon[i] == 0;
		_exit(!zero);
	}
	waitpid(pid, &st, 0);
	say("child zeroed its own: %s, parent's kept %d\n", wait_text(st), sum(anon) == old);
	SECTION("generations");
	pid = MUST(fork());
	if (!pid) {
		for (int g = 0; g < 20; g++) {
			anon[g * PAGE] = g;
			pid = MUST(fork());
			if (pid) {
				waitpid(pid, &st, 0);
				_exit(WEXITSTATUS(st));
			}
		}
		int good = 0;
		for (int k = 0; k < 20; k++)
			good += anon[k * PAGE] == k;
		_exit(good);
	}
	waitpid(pid, &st, 0);
	say("the last of 20 generations: %s\n", wait_text(st));
	SECTION("many at once");
	for (int i = 0; i < 16; i++)
		if (!MUST(fork())) {
			fill(anon, i);
			fill(bss, i);
			for (int k = 0; k < 5; k++) {
				unsigned a = sum(anon);
				sched_yield();
				if (sum(anon) != a)
					_exit(1);
			}
			_exit(0);
		}
	int bad = 0;
	while (wait(&st) > 0)
		bad += st != 0;
	say("bad %d, parent's kept %d\n", bad, sum(anon) == old);
	return 0;
}
