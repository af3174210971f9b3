/*
 * A program with a bug for the debugger to find: a name that is too long for its box runs over the word
 * behind it. That shows only later, when the boxes are checked.
 */
#include <stdio.h>
#include <stdlib.h>

#define MAGIC 0x600d600d600d600dUL

struct box {
	char name[16];
	unsigned long magic;
};

struct box boxes[4] = { { "", MAGIC }, { "", MAGIC }, { "", MAGIC }, { "", MAGIC } };

__attribute__((noinline)) void fill(struct box *b, const char *name)
{
	unsigned i = 0;

	do
		b->name[i] = name[i];
	while (name[i++]);
}

__attribute__((noinline)) void check(void)
{
	for (unsigned i = 0; i < 4; i++) {
		if (boxes[i].magic != MAGIC) {
			printf("box %u is bad: %lx\n", i, boxes[i].magic);
			fflush(stdout);
			abort();
		}
	}
}

int main(void)
{
	fill(&boxes[0], "one");
	check();
	fill(&boxes[1], "two");
	fill(&boxes[2], "a name of seventeen");
	fill(&boxes[3], "four");
	check();
	puts("all is well");
	return 0;
}
