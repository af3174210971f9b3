/* prctl(2) by table: every option with arguments that are right, that nobody knows and that should be 0; and what
 * reads the same afterwards. Each call is of a child of its own, and what it answers is left in shared memory. */
#include "table.h"
#include <sys/prctl.h>

#define OUT	  0x7777 /* as an argument: where a number may be left */
#define UNTOUCHED 0x5555555555555555

struct answer {
	volatile int done, err;
	volatile long r;
	volatile unsigned long out;
};

static struct answer *box; /* a page of them */
static char *area; /* one page, read-write */

/* Asks one after another of a child, and of another one once a call was no error, for it may have changed something. */
static void ask_all(int option, const unsigned long (*args)[4], size_t n, int user)
{
	for (size_t i = 0; i < n;) {
		pid_t pid;
		int st;

		memset(box, 0, sizeof(*box) * (n + 1));
		pid = MUST(fork());
		if (!pid) {
			if (user)
				setresuid(1000, 1000, 1000);
			for (struct answer *b = box + i; b < box + n; b++) {
				unsigned long to[4];

				for (int k = 0; k < 4; k++)
					to[k] = args[b - box][k] == OUT ? (unsigned long)&b->out : args[b - box][k];
				b->out = UNTOUCHED;
				errno = 0;
				b->r = syscall(SYS_prctl, option, to[0], to[1], to[2], to[3]);
				b->err = errno;
				b->done = 1;
				if (b->r != -1)
					break;
			}
			_exit(0);
		}
		waitpid(pid, &st, 0);
		for (; i < n && box[i].done; i++) {
			errno = box[i].err;
			word(" %s", outcome(box[i].r));
			if (box[i].r >= 0 && box[i].out != UNTOUCHED)
				word("(%lx)", box[i].out);
		}
		if (st)
			word(" [%s]", wait_text(st));
		if (st && !box[i ? i - 1 : 0].done)
			i++;
	}
}

static void ask(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d, int user)
{
	const unsigned long args[1][4] = { { a, b, c, d } };

	ask_all(option, args, 1, user);
}

static void options(int user)
{
	static const unsigned long args[][4] = {
		{ 0, 0, 0, 0 },	     { 1, 0, 0, 0 },	  { 2, 0, 0, 0 },	{ 3, 0, 0, 0 },	       { 4, 0, 0, 0 },
		{ 64, 0, 0, 0 },     { 65, 0, 0, 0 },	  { -1UL, 0, 0, 0 },	{ 1UL << 32, 0, 0, 0 }, { OUT, 0, 0, 0 },
		{ 8, 0, 0, 0 },	     { 0, 1, 0, 0 },	  { 1, 1, 0, 0 },	{ 1, 0, 1, 0 },	       { 0, 0, 0, 1 },
		{ 1, 0, 0, 1 },	     { 2, 1, 0, 0 },	  { 2, 39, 0, 0 },	{ 2, 40, 0, 0 },	{ 2, 41, 0, 0 },
		{ OUT, 1, 0, 0 }, { 1, OUT, 8, 0 }, { 0, OUT, 8, 0 },
	};

	for (int option = -1; option < 80; option++) {
		if (option == PR_SET_MM || option == PR_GET_TID_ADDRESS)
			continue;
		word("%d:", option);
		ask_all(option, args, ARRAY_SIZE(args), user);
		end_line();
	}
}

static void memory_map(int user)
{
	static const unsigned long sizes[] = { 0, 8, 104, 103, 105 };

	for (int what = 0; what < 17; what++) {
		word("PR_SET_MM %d:", what);
		ask(PR_SET_MM, what, 0, 0, 0, user);
		ask(PR_SET_MM, what, 8, 0, 0, user);
		ask(PR_SET_MM, what, -4096UL, 0, 0, user);
		ask(PR_SET_MM, what, (unsigned long)area, 0, 1, user);
		ask(PR_SET_MM, what, (unsigned long)area + PAGE, 0, 0, user);
		ask(PR_SET_MM, what, (unsigned long)area, 0, 0, user);
		if (what == 14)
			for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
				ask(PR_SET_MM, what, (unsigned long)area, sizes[i], 0, user);
		if (what == 15) {
			ask(PR_SET_MM, what, OUT, 0, 0, user);
			ask(PR_SET_MM, what, OUT, 1, 0, user);
		}
		end_line();
	}
}

int main(void)
{
	box = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area + PAGE, PAGE);
	SECTION("by root");
	options(0);
	SECTION("by a user");
	options(1);
	SECTION("the map");
	memory_map(0);
	SECTION("the map, by a user");
	memory_map(1);
	return 0;
}
