/*
 * membarrier: which commands there are, registration, what fork and exec keep of it. rseq: registering,
 * the ids, sections that are aborted by a signal, by giving way, by moving, by membarrier; bad ones.
 */
#include "abi.h"
#include <pthread.h>
#include <sys/auxv.h>

#define FLAG_CPU 1
#define SIGNATURE 0xf1401073U

struct rs {
	uint32_t cpu_id_start, cpu_id;
	uint64_t cs;
	uint32_t flags, node_id, mm_cid, pad;
} __attribute__((aligned(32)));
struct cs {
	uint32_t version, flags;
	uint64_t start, length, abort;
} __attribute__((aligned(32)));

static struct rs area, other;
static struct cs section;

static long membarrier(int cmd, unsigned flags, int cpu)
{
	return syscall(SYS_membarrier, cmd, flags, cpu);
}

static long rseq(void *p, unsigned len, int flags, unsigned sig)
{
	return syscall(SYS_rseq, p, len, flags, sig);
}

static void registered(void)
{
	R(membarrier(512, 0, 0));
}

static void barriers(void)
{
	SECTION("membarrier");
	R(membarrier(0, 0, 0));
	R(membarrier(0, 1, 0));
	R(membarrier(1, 0, 0));
	R(membarrier(2, 0, 0));
	R(membarrier(8, 0, 0));
	R(membarrier(32, 0, 0));
	R(membarrier(128, 0, 0));
	R(membarrier(128, FLAG_CPU, 0));
	R(membarrier(512, 0, 0));
	R(membarrier(4, 0, 0));
	R(membarrier(16, 0, 0));
	R(membarrier(64, 0, 0));
	R(membarrier(256, 0, 0));
	R(membarrier(256, FLAG_CPU, 0));
	R(membarrier(512, 0, 0));
	R(membarrier(8, 0, 0));
	R(membarrier(32, 0, 0));
	R(membarrier(128, 0, 0));
	R(membarrier(128, FLAG_CPU, 0));
	R(membarrier(128, FLAG_CPU, 99999));
	R(membarrier(128, FLAG_CPU, -1));
	R(membarrier(128, 2, 0));
	R(membarrier(8, FLAG_CPU, 0));
	R(membarrier(3, 0, 0));
	R(membarrier(1024, 0, 0));
	in_child("after fork", registered);
}

/*
 * Spins in a section until it is aborted or *stop is set: 1 or 0. The signature is before the abort
 * address.
 */
__attribute__((noinline)) static long in_section(struct rs *rs, struct cs *cs, volatile int *stop, volatile int *in)
{
	register long aborted = 0, word;

	__asm__ volatile(
		"	la	%1, 1f\n"
		"	sd	%1, 8(%3)\n"
		"	la	%1, 2f\n"
		"	la	%0, 1f\n"
		"	sub	%1, %1, %0\n"
		"	sd	%1, 16(%3)\n"
		"	la	%1, 4f\n"
		"	sd	%1, 24(%3)\n"
		"	li	%0, 0\n"
		"	sd	%3, 8(%2)\n"
		"	li	%1, 1\n"
		"1:	sw	%1, 0(%5)\n"
		"3:	lw	%1, 0(%4)\n"
		"	beqz	%1, 3b\n"
		"2:	sd	zero, 8(%2)\n"
		"	j	5f\n"
		"	.balign	4\n"
		"	.word	0xf1401073\n"
		"4:	li	%0, 1\n"
		"5:\n"
		: "=&r"(aborted), "=&r"(word)
		: "r"(rs), "r"(cs), "r"(stop), "r"(in)
		: "memory");
	return aborted;
}

static volatile int stop, in, moved;

static void handler(int sig)
{
	(void)sig;
	stop = 1;
}

struct other_thread {
	pthread_t thread;
	struct rs rs;
	struct cs cs;
	volatile int stop, in, ready;
	long aborted;
};

static void *spinner(void *arg)
{
	struct other_thread *o = arg;

	MUST(rseq(&o->rs, sizeof(o->rs), 0, SIGNATURE));
	o->aborted = in_section(&o->rs, &o->cs, &o->stop, &o->in);
	say("cs cleared %d\n", o->rs.cs == 0);
	MUST(rseq(&o->rs, sizeof(o->rs), 1, SIGNATURE));
	return NULL;
}

static void *switcher(void *arg)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(*(int *)arg, sizeof(set), &set);
	sched_setaffinity(0, sizeof(set), &set);
	/* Both want the same hart now: each takes it from the other. */
	while (!moved)
		sleep_ms(1);
	return NULL;
}

static void bad(void)
{
	/* The area is the program's: what it points to is checked on the way back. */
	section.start = 0x1000;
	section.length = 0x100;
	section.abort = 0x1010; /* inside */
	area.cs = (uintptr_t)&section;
	raise(SIGUSR2);
	say("lives\n");
}

static void bad_pointer(void)
{
	area.cs = 8;
	sched_yield();
	kill(getpid(), SIGUSR2);
	say("lives\n");
}

static void bad_signature(void)
{
	section = (struct cs){ .start = (uintptr_t)bad, .length = 4, .abort = (uintptr_t)in_section };
	area.cs = (uintptr_t)&section;
	kill(getpid(), SIGUSR2);
	say("lives\n");
}

static void sequences(void)
{
	cpu_set_t set;

	SECTION("rseq");
	R(getauxval(27) >= 28);
	R(getauxval(28));
	R(rseq(&area, 31, 0, SIGNATURE));
	R(rseq((char *)&area + 4, 32, 0, SIGNATURE));
	R(rseq(&area, 32, 2, SIGNATURE));
	R(rseq(&area, 32, 1, SIGNATURE));
	R(rseq((void *)0xffffffff80000000UL, 32, 0, SIGNATURE));
	area.cpu_id = -1;
	R(rseq(&area, 32, 0, SIGNATURE));
	say("ids agree %d, node %u, cid %u\n", area.cpu_id == area.cpu_id_start && area.cpu_id < 64, area.node_id, area.mm_cid);
	R(rseq(&area, 32, 0, SIGNATURE));
	R(rseq(&area, 32, 0, 1));
	R(rseq(&other, 32, 0, SIGNATURE));
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	say("on %u %u\n", area.cpu_id, area.cpu_id_start);
	SECTION("a signal aborts");
	struct sigaction sa = { .sa_handler = handler };
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	struct itimerval it = { { 0, 20000 }, { 0, 20000 } }, off = { 0 };
	long aborted;
	setitimer(ITIMER_REAL, &it, NULL);
	/* Where the host stopped us the signal came before the section: once more. */
	do {
		stop = in = 0;
		aborted = in_section(&area, &section, &stop, &in);
	} while (!aborted);
	say("aborted %ld, in %d, cs cleared %d\n", aborted, in, area.cs == 0);
	/* And where losing the hart came first: the signal is not for what follows. */
	while (!stop)
		sched_yield();
	setitimer(ITIMER_REAL, &off, NULL);
	stop = 1;
	say("aborted %ld\n", in_section(&area, &section, &stop, &in));
	SECTION("a child");
	pid_t pid = MUST(fork());
	if (!pid) {
		say("still %ld\n", rseq(&area, 32, 0, SIGNATURE) < 0 ? (long)errno : 0);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	SECTION("others take the hart");
	pthread_t t;
	int tid = (int)syscall(SYS_gettid);
	stop = in = moved = 0;
	pthread_create(&t, NULL, switcher, &tid);
	say("aborted %ld\n", in_section(&area, &section, &stop, &in));
	moved = 1;
	pthread_join(t, NULL);
	SECTION("membarrier aborts");
	struct other_thread o = { 0 };
	MUST(membarrier(256, 0, 0));
	pthread_create(&o.thread, NULL, spinner, &o);
	while (!o.in)
		sched_yield();
	MUST(membarrier(128, 0, 0));
	/* With one hart it was aborted by losing it. */
	pthread_join(o.thread, NULL);
	say("aborted %ld\n", o.aborted);
	SECTION("bad ones");
	sa.sa_handler = handler;
	sigaction(SIGUSR2, &sa, NULL);
	in_child("abort inside", bad);
	in_child("bad pointer", bad_pointer);
	in_child("bad signature", bad_signature);
	SECTION("unregister");
	R(rseq(&area, 32, 1, 5));
	R(rseq(&other, 32, 1, SIGNATURE));
	R(rseq(&area, 64, 1, SIGNATURE));
	R(rseq(&area, 32, 1, SIGNATURE));
	say("%d %u %u\n", (int)area.cpu_id, area.cpu_id_start, area.mm_cid);
	R(rseq(&area, 32, 1, SIGNATURE));
}

int main(int argc, char **argv)
{
	/* glibc registers an area of its own unless told not to. */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.pthread.rseq=0", 1);
		execv("/proc/self/exe", argv);
	}
	(void)argc;
	barriers();
	sequences();
	return 0;
}
