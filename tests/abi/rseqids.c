/*
 * rseq(2)'s mm_cid: a number per thread that runs, below how many threads there are, whichever harts they
 * are kept to, and no two threads of one memory have the same at one time. And node_id.
 */
#include "abi.h"
#include <pthread.h>

#define SIGNATURE 0xf1401073 /* as glibc has it for riscv */
#define THREADS	  3
#define ROUNDS	  200000
#define MANY	  64

struct rs {
	volatile uint32_t cpu_id_start, cpu_id;
	volatile uint64_t cs;
	volatile uint32_t flags, node_id, mm_cid, pad;
} __attribute__((aligned(32)));

struct cs {
	uint32_t version, flags;
	uint64_t start, length, abort;
} __attribute__((aligned(32)));

struct one {
	pthread_t thread;
	struct rs rs;
	struct cs cs;
	int hart; /* it is kept to; -1: to none */
};

static struct one ones[MANY];
static volatile int stop;
static uint64_t counts[64]; /* by mm_cid */

static void enter(struct rs *rs)
{
	MUST(syscall(SYS_rseq, rs, 32, 0, SIGNATURE));
}

static void leave(struct rs *rs)
{
	MUST(syscall(SYS_rseq, rs, 32, 1, SIGNATURE));
}

/* The n-th hart from the end of those allowed, or the first. */
static int hart_from_end(int n)
{
	cpu_set_t set;
	int found = 0;

	sched_getaffinity(0, sizeof(set), &set);
	for (int h = CPU_SETSIZE - 1; h >= 0; h--) {
		if (!CPU_ISSET(h, &set))
			continue;
		found = h;
		if (!n--)
			break;
	}
	return found;
}

static void keep_to(int hart)
{
	cpu_set_t set;

	if (hart < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(hart, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
}

static void *spins(void *arg)
{
	struct one *o = arg;

	keep_to(o->hart);
	enter(&o->rs);
	while (!stop)
		sched_yield();
	leave(&o->rs);
	return NULL;
}

/* Adds 1 to the count of its mm_cid, once, with nothing atomic but the section. */
static void add(struct one *o)
{
	long a, b;

	__asm__ volatile(
		"	la	%0, 1f\n"
		"	sd	%0, 8(%3)\n"
		"	la	%1, 2f\n"
		"	sub	%1, %1, %0\n"
		"	sd	%1, 16(%3)\n"
		"	la	%1, 4f\n"
		"	sd	%1, 24(%3)\n"
		"3:	sd	%3, 8(%2)\n"
		"1:	lwu	%0, 24(%2)\n"
		"	slli	%0, %0, 3\n"
		"	add	%0, %0, %4\n"
		"	ld	%1, 0(%0)\n"
		"	addi	%1, %1, 1\n"
		"	sd	%1, 0(%0)\n"
		"2:	j	5f\n"
		"	.balign	4\n"
		"	.word	0xf1401073\n"
		"4:	j	3b\n"
		"5:	sd	zero, 8(%2)\n"
		: "=&r"(a), "=&r"(b)
		: "r"(&o->rs), "r"(&o->cs), "r"(counts)
		: "memory");
}

static void *adds(void *arg)
{
	struct one *o = arg;

	enter(&o->rs);
	for (int i = 0; i < ROUNDS; i++)
		add(o);
	leave(&o->rs);
	return NULL;
}

/* Do all of them come below n? */
static void come_below(const char *what, struct one *o, int threads, uint32_t n)
{
	for (int tries = 0; tries < 10000; tries++) {
		int good = 0;

		for (int i = 0; i < threads; i++)
			good += o[i].rs.mm_cid < n && o[i].rs.cpu_id < 64;
		if (good == threads) {
			say("%s: all below %u\n", what, n);
			return;
		}
		usleep(1000);
	}
	say("%s: not below %u\n", what, n);
}

static void begin(int threads, void *(*fn)(void *), int kept)
{
	stop = 0;
	for (int i = 0; i < threads; i++) {
		ones[i].rs = (struct rs){ .cpu_id = -1u };
		ones[i].hart = kept ? hart_from_end(i % 2) : -1;
		pthread_create(&ones[i].thread, NULL, fn, &ones[i]);
	}
}

static void end(int threads)
{
	stop = 1;
	for (int i = 0; i < threads; i++)
		pthread_join(ones[i].thread, NULL);
}

static struct rs mine;

static void alone(void)
{
	for (int tries = 0; tries < 10000 && mine.mm_cid; tries++)
		usleep(1000);
	say("mm_cid %u, node %u\n", mine.mm_cid, mine.node_id);
}

int main(int argc, char **argv)
{
	uint64_t sum = 0;

	/* glibc registers an area of its own unless told not to. */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.pthread.rseq=0", 1);
		execv("/proc/self/exe", argv);
	}
	(void)argc;
	SECTION("alone");
	mine.mm_cid = 99;
	enter(&mine);
	alone();
	keep_to(hart_from_end(0));
	alone();

	SECTION("two kept to the last harts");
	begin(2, spins, 1);
	come_below("two and main", ones, 2, 3);
	end(2);

	SECTION("many");
	begin(MANY, spins, 0);
	come_below("many", ones, MANY, 4); /* as many as there are harts here, at most */
	end(MANY);
	SECTION("alone again");
	alone();
	in_child("a child", alone);
	leave(&mine);
	say("left: cpu %d, mm_cid %u, node %u\n", (int)mine.cpu_id, mine.mm_cid, mine.node_id);

	SECTION("nobody else has it");
	begin(THREADS, adds, 0);
	end(THREADS);
	for (unsigned i = 0; i < ARRAY_SIZE(counts); i++)
		sum += counts[i];
	say("%lu of %lu\n", (unsigned long)sum, (unsigned long)THREADS * ROUNDS);
	return 0;
}
