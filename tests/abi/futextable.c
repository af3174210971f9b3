/* futex(2), futex_waitv(2) and the calls of Linux 6.7 by table: every operation, right and wrong words and times. */
#include "table.h"
#include <linux/futex.h>

static char *room; /* a page read-write, a page read-only, a hole */

static const char *const names[] = {
	"WAIT", "WAKE", "FD", "REQUEUE", "CMP_REQUEUE", "WAKE_OP", "LOCK_PI", "UNLOCK_PI", "TRYLOCK_PI", "WAIT_BITSET",
	"WAKE_BITSET", "WAIT_REQUEUE_PI", "CMP_REQUEUE_PI", "LOCK_PI2", "14", "127",
};

static const struct {
	const char *name;
	long off;
} places[] = { { "word", 0 },	    { "odd", 1 },	  { "unaligned", 2 },	{ "read only", PAGE },
	       { "hole", 2 * PAGE }, { "null", -1 },	  { "kernel", -2 },	{ "end", PAGE - 2 } };

static const struct {
	const char *name;
	struct timespec ts;
} times[] = { { "none", { 0, 0 } },	 { "zero", { 0, 0 } },		{ "negative", { -1, 0 } },
	      { "nsec -1", { 0, -1 } },	 { "nsec 1e9", { 0, 1000000000 } }, { "bad", { 0, 0 } } };

static unsigned *place(size_t i)
{
	return (unsigned *)(places[i].off == -1 ? NULL : places[i].off == -2 ? (char *)-PAGE : room + places[i].off);
}

static const struct timespec *when(size_t i)
{
	return i == 0 ? NULL : i == ARRAY_SIZE(times) - 1 ? (void *)8 : &times[i].ts;
}

static long futex(unsigned *a, int op, unsigned val, const void *t, unsigned *b, unsigned val3)
{
	unsigned *w = (unsigned *)room;
	long r;

	w[0] = 1;
	w[1] = 1;
	errno = 0;
	r = syscall(SYS_futex, a, op, val, t, b, val3);
	return r;
}

static int waits(int op)
{
	return op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET || op == FUTEX_WAIT_REQUEUE_PI;
}

static int takes_time(int op)
{
	return waits(op) || op == FUTEX_LOCK_PI || op == FUTEX_LOCK_PI2;
}

static void operations(void)
{
	static const int flags[] = { 0, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME, FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, 512 };

	for (size_t o = 0; o < ARRAY_SIZE(names); o++) {
		int op = o == ARRAY_SIZE(names) - 1 ? 127 : (int)o;

		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			int all = op | flags[f];

			word("%s|%x:", names[o], flags[f]);
			for (size_t p = 0; p < ARRAY_SIZE(places); p++) /* the value is another, if it waits */
				word(" %s", outcome(futex(place(p), all, waits(op) ? 2 : 1, takes_time(op) ? &times[1].ts : (void *)1,
							  (unsigned *)(room + 4), op == FUTEX_CMP_REQUEUE ? 1 : -1)));
			end_line();
			word("  times:");
			for (size_t t = takes_time(op) && !waits(op) ? 1 : 0; t < ARRAY_SIZE(times); t++)
				word(" %s", outcome(futex((unsigned *)room, all, t || !waits(op) ? 1 : 2, when(t),
							  (unsigned *)(room + 4), -1)));
			end_line();
			word("  second:");
			for (size_t p = 0; p < ARRAY_SIZE(places); p++)
				word(" %s", outcome(futex((unsigned *)room, all, 1, takes_time(op) ? (void *)&times[1].ts : (void *)1,
							  place(p), op == FUTEX_CMP_REQUEUE || op == FUTEX_CMP_REQUEUE_PI ? 1 : -1)));
			word(" same: %s", outcome(futex((unsigned *)room, all, 1, takes_time(op) ? &times[1].ts : (void *)1,
							(unsigned *)room, 1)));
			end_line();
			word("  numbers:");
			for (int v = 0; v < 5; v++) {
				static const unsigned val3[] = { 0, 1, -1, 0x80000000, 0x7fffffff };
				static const int val[] = { 0, 1, 2, -1, INT32_MAX };

				word(" %s", outcome(futex((unsigned *)room, all, 1, takes_time(op) ? (void *)&times[1].ts : (void *)1,
							  (unsigned *)(room + 4), val3[v])));
				if (!waits(op))
					word("/%s/%s", outcome(futex((unsigned *)room, all, val[v], takes_time(op) ? (void *)&times[1].ts : (void *)1,
								   (unsigned *)(room + 4), 1)),
					     outcome(futex((unsigned *)room, all, 1, takes_time(op) ? (void *)&times[1].ts : (void *)(long)val[v],
							   (unsigned *)(room + 4), 1)));
			}
			end_line();
		}
	}
}

static void wake_ops(void)
{
	for (int op = 0; op < 16; op++) {
		word("WAKE_OP %d:", op);
		for (int cmp = 0; cmp < 16; cmp++) {
			unsigned *w = (unsigned *)room;
			long r = futex(w, FUTEX_WAKE_OP, 1, (void *)1, w + 1, FUTEX_OP(op, 3, cmp, 1));

			word(" %s", r < 0 ? ename(errno) + 1 : "");
			word("%x", w[1]);
		}
		word(" shift %s", outcome(futex((unsigned *)room, FUTEX_WAKE_OP, 1, (void *)1, (unsigned *)room + 1,
					       FUTEX_OP(8 | op, -1, 0, 1))));
		word(" %x", ((unsigned *)room)[1]);
		end_line();
	}
}

/* PI words that hold what they may not. */
static void pi_words(void)
{
	static const unsigned words[] = { 0, 1, FUTEX_WAITERS, FUTEX_OWNER_DIED, FUTEX_OWNER_DIED | FUTEX_WAITERS, 0x3fffffff,
					  0x3fffffff | FUTEX_WAITERS };
	static const int ops[] = { FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI };
	unsigned me = syscall(SYS_gettid);
	volatile unsigned *w = (unsigned *)room;

	for (size_t o = 0; o < ARRAY_SIZE(ops); o++) {
		word("%s:", names[ops[o]]);
		for (size_t i = 0; i < ARRAY_SIZE(words) + 3; i++) {
			unsigned was = i < ARRAY_SIZE(words) ? words[i] : me | (i == 7 ? 0 : i == 8 ? FUTEX_WAITERS : FUTEX_OWNER_DIED);
			long r;

			if (was == 1)
				was = getppid(); /* who lives, and doesn't hold it */
			*w = was;
			errno = 0;
			r = syscall(SYS_futex, w, ops[o], 0, &times[1].ts, NULL, 0);
			word(" %s", outcome(r));
			word(",%s%x", (*w & FUTEX_TID_MASK) == me ? "me|" : *w == was ? "same|" : "",
			     *w & ~FUTEX_TID_MASK);
			*w = 0;
		}
		end_line();
	}
}

static void vectors(void)
{
	struct futex_waitv v[130];
	struct timespec past = { 0, 0 }, wrong = { 0, -1 };

	static const struct {
		const char *name;
		unsigned val, flags, reserved;
		long off;
	} one[] = {
		{ "right", 2, FUTEX_32, 0, 0 },		  { "flags 0", 2, 0, 0, 0 },
		{ "private", 2, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0, 0 }, { "flags 1", 2, 1, 0, 0 },
		{ "flags 3", 2, 3, 0, 0 },		  { "flags 4", 2, 6, 0, 0 },
		{ "unknown", 2, FUTEX_32 | 256, 0, 0 },	  { "reserved", 2, FUTEX_32, 1, 0 },
		{ "odd", 2, FUTEX_32, 0, 1 },		  { "hole", 2, FUTEX_32, 0, 2 * PAGE },
		{ "read only", 2, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0, PAGE }, { "equal", 1, FUTEX_32, 0, 0 },
	};
	static const unsigned counts[] = { 0, 1, 2, 128, 129, -1 };
	static const int clocks[] = { 0, 1, 2, 7, 11, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(one); i++) {
		*(unsigned *)room = 1;
		memset(v, 0, sizeof(v));
		for (size_t k = 0; k < ARRAY_SIZE(v); k++)
			v[k] = (struct futex_waitv){ 1, (uintptr_t)room + 8, FUTEX_32, 0 };
		v[0] = (struct futex_waitv){ one[i].val, (uintptr_t)room + one[i].off, one[i].flags, one[i].reserved };
		word("waitv %s:", one[i].name);
		for (size_t c = 0; c < ARRAY_SIZE(counts); c++)
			word(" %s", outcome(syscall(SYS_futex_waitv, v, counts[c], 0, &past, CLOCK_MONOTONIC)));
		for (size_t c = 0; c < ARRAY_SIZE(clocks); c++)
			word(" %s/%s", outcome(syscall(SYS_futex_waitv, v, 1, 0, &past, clocks[c])),
			     outcome(syscall(SYS_futex_waitv, v, 1, 0, &wrong, clocks[c])));
		word(" flags %s list %s time %s", outcome(syscall(SYS_futex_waitv, v, 1, 1, &past, 1)),
		     outcome(syscall(SYS_futex_waitv, NULL, 1, 0, &past, 1)),
		     outcome(syscall(SYS_futex_waitv, v, 1, 0, (void *)8, 1)));
		end_line();
	}
}

/* futex_wake, futex_wait, futex_requeue: numbers 454 to 456. */
static void newer(void)
{
	static const unsigned flags[] = { 0, 1, 2, 3, 2 | 4, 2 | 8, 2 | 16, 2 | 128, 2 | 256, -1 };
	static const unsigned long masks[] = { 0, 1, 0xffffffff, 0x100000000, -1UL };
	struct timespec past = { 0, 0 }, wrong = { 0, 1000000000 };
	struct futex_waitv v[2];
	unsigned *w = (unsigned *)room;

	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		word("flags %x:", flags[f]);
		w[0] = w[1] = 1;
		for (size_t m = 0; m < ARRAY_SIZE(masks); m++)
			word(" %s/%s/%s", outcome(syscall(454, w, masks[m], 1, flags[f])),
			     outcome(syscall(455, w, 2L, masks[m], flags[f], &past, 1)),
			     outcome(syscall(455, w, 1L, masks[m], flags[f], &past, 1)));
		word(" nr %s/%s", outcome(syscall(454, w, 1, 0, flags[f])), outcome(syscall(454, w, 1, -1, flags[f])));
		word(" val %s time %s/%s clock %s/%s", outcome(syscall(455, w, 1L << 32 | 1, 1, flags[f], &past, 1)),
		     outcome(syscall(455, w, 1, 1, flags[f], &wrong, 1)), outcome(syscall(455, w, 1, 1, flags[f], 8, 1)),
		     outcome(syscall(455, w, 1, 1, flags[f], &past, 0)), outcome(syscall(455, w, 1, 1, flags[f], &past, 2)));
		for (size_t p = 1; p < ARRAY_SIZE(places); p++)
			word(" %s:%s/%s", places[p].name, outcome(syscall(454, place(p), 1, 1, flags[f])),
			     outcome(syscall(455, place(p), 2, 1, flags[f], &past, 1)));
		v[0] = (struct futex_waitv){ 1, (uintptr_t)w, flags[f], 0 };
		v[1] = (struct futex_waitv){ 1, (uintptr_t)(w + 1), flags[f], 0 };
		word(" requeue %s/%s/%s/%s", outcome(syscall(456, v, 0, 1, 1)), outcome(syscall(456, v, 1, 1, 1)),
		     outcome(syscall(456, v, 0, -1, 1)), outcome(syscall(456, v, 0, 1, -1)));
		v[0].val = 2;
		word("/%s", outcome(syscall(456, v, 0, 1, 1)));
		v[0].__reserved = 1;
		word("/%s/%s", outcome(syscall(456, v, 0, 1, 1)), outcome(syscall(456, 8, 0, 1, 1)));
		v[0].__reserved = 0;
		v[1].uaddr = v[0].uaddr;
		word("/%s", outcome(syscall(456, v, 0, 1, 1)));
		end_line();
	}
}

static void robust(void)
{
	static const long sizes[] = { 0, 8, 24, 23, 25, -1 };
	long head[3];

	word("set_robust_list:");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		word(" %s", outcome(syscall(SYS_set_robust_list, (void *)8, sizes[i])));
	word(" get: %s", outcome(syscall(SYS_get_robust_list, 0, &head[0], &head[1])));
	word(" %ld %s %s", head[1], outcome(syscall(SYS_get_robust_list, -1, &head[0], &head[1])),
	     outcome(syscall(SYS_get_robust_list, 99999, &head[0], &head[1])));
	word(" %s %s", outcome(syscall(SYS_get_robust_list, 0, (void *)8, &head[1])),
	     outcome(syscall(SYS_get_robust_list, 0, &head[0], (void *)8)));
	end_line();
	syscall(SYS_set_robust_list, NULL, 24);
}

int main(void)
{
	room = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*(unsigned *)(room + PAGE) = 1;
	mprotect(room + PAGE, PAGE, PROT_READ);
	munmap(room + 2 * PAGE, PAGE);
	operations();
	wake_ops();
	pi_words();
	vectors();
	newer();
	robust();
	return 0;
}
