/*
 * The floating-point registers belong to the thread: on whatever hart it goes on, over system
 * calls, sleeps and other threads' use of them; fork(2) copies them, execve(2) clears them. No C
 * runs between setting and looking: that would be free to use them.
 */
#include "abi.h"
#include <pthread.h>

#define F_ALL(op, base)                                                                        \
	op(0, base) op(1, base) op(2, base) op(3, base) op(4, base) op(5, base) op(6, base)    \
		op(7, base) op(8, base) op(9, base) op(10, base) op(11, base) op(12, base)     \
			op(13, base) op(14, base) op(15, base) op(16, base) op(17, base)       \
				op(18, base) op(19, base) op(20, base) op(21, base)            \
					op(22, base) op(23, base) op(24, base) op(25, base)    \
						op(26, base) op(27, base) op(28, base)         \
							op(29, base) op(30, base) op(31, base)
#define LOAD(n, base)  "fld f" #n ", 8*" #n "(" base ")\n"
#define STORE(n, base) "fsd f" #n ", 8*" #n "(" base ")\n"

struct regs {
	uint64_t f[32];
	uint64_t fcsr;
};

static void pattern(struct regs *r, unsigned seed)
{
	for (unsigned i = 0; i < 32; i++)
		r->f[i] = 0x3ff0000000000000ULL + (uint64_t)seed * 1000 + i;
	r->fcsr = (seed % 4) << 5 | (seed & 31); /* rounding mode and flags */
}

/* Sets all registers, makes the call, and looks at them: the call's result. */
static long around(const struct regs *in, struct regs *out, long nr, long a, long b, long c)
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = 0;
	register long a4 __asm__("a4") = 0;

	__asm__ volatile(F_ALL(LOAD, "%[in]") "fscsr %[csr]\n"
					      "ecall\n" F_ALL(STORE, "%[out]") "frcsr t0\n"
									       "sd t0, 256(%[out])\n"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), [in] "r"(in->f),
			   [out] "r"(out->f), [csr] "r"(in->fcsr)
			 : "t0", "memory", "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9",
			   "f10", "f11", "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20",
			   "f21", "f22", "f23", "f24", "f25", "f26", "f27", "f28", "f29", "f30", "f31");
	return a0;
}

static unsigned differ(const struct regs *a, const struct regs *b)
{
	unsigned n = a->fcsr != b->fcsr;

	for (unsigned i = 0; i < 32; i++)
		n += a->f[i] != b->f[i];
	return n;
}

/* From hart to hart and back: what a hart still holds of the last visit is out of date. */
static void migration(void)
{
	cpu_set_t all, one;
	int cpus[64], n = 0;
	unsigned wrong = 0;
	struct regs in, out;

	MUST(sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < 64; cpu++)
		if (CPU_ISSET(cpu, &all))
			cpus[n++] = cpu;
	for (unsigned i = 0; i < 200; i++) {
		CPU_ZERO(&one);
		CPU_SET(cpus[i * i % 7 % (unsigned)n], &one);
		pattern(&in, i);
		if (around(&in, &out, SYS_sched_setaffinity, 0, sizeof(one), (long)&one))
			wrong++;
		wrong += differ(&in, &out);
	}
	MUST(sched_setaffinity(0, sizeof(all), &all));
	say("from hart to hart: %u registers changed\n", wrong);
}

static volatile int stop;

static void *disturb(void *arg)
{
	struct regs in, out;

	pattern(&in, 77 + (unsigned)(long)arg);
	for (unsigned long wrong = 0;; sched_yield()) {
		wrong += around(&in, &out, SYS_getppid, 0, 0, 0) < 0;
		wrong += differ(&in, &out);
		if (stop)
			return (void *)wrong;
	}
}

/* Sleeps, yields and other users of the registers on all harts. */
static void sharing(void)
{
	struct timespec ts = { 0, 200000 };
	pthread_t t[6];
	struct regs in, out;
	unsigned long wrong = 0;
	void *theirs;

	for (long i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, disturb, (void *)i);
	for (unsigned i = 0; i < 100; i++) {
		pattern(&in, i);
		around(&in, &out, SYS_nanosleep, (long)&ts, 0, 0);
		wrong += differ(&in, &out);
		around(&in, &out, SYS_sched_yield, 0, 0, 0);
		wrong += differ(&in, &out);
	}
	stop = 1;
	for (int i = 0; i < 6; i++) {
		pthread_join(t[i], &theirs);
		wrong += (unsigned long)theirs;
	}
	say("over sleeps and others: %lu registers changed\n", wrong);
}

/* The child has the parent's, wherever it starts. */
static void forks(void)
{
	unsigned wrong = 0;
	struct regs in, out;

	for (unsigned i = 0; i < 60; i++) {
		long pid;
		int status;

		pattern(&in, i);
		pid = around(&in, &out, SYS_clone, SIGCHLD, 0, 0);
		if (pid == 0)
			_exit(differ(&in, &out) != 0);
		wrong += differ(&in, &out);
		MUST(waitpid(pid, &status, 0));
		wrong += status != 0;
	}
	say("over fork: %u changed\n", wrong);
}

/* Run again with an argument: what it finds is the kernel's doing, but for what libc's start used. */
static int after_exec(void)
{
	uint64_t saved[12], csr;

	__asm__ volatile("fsd fs0, 0(%1)\nfsd fs1, 8(%1)\nfsd fs2, 16(%1)\nfsd fs3, 24(%1)\n"
			 "fsd fs4, 32(%1)\nfsd fs5, 40(%1)\nfsd fs6, 48(%1)\nfsd fs7, 56(%1)\n"
			 "fsd fs8, 64(%1)\nfsd fs9, 72(%1)\nfsd fs10, 80(%1)\nfsd fs11, 88(%1)\n"
			 "frcsr %0\n"
			 : "=r"(csr)
			 : "r"(saved)
			 : "memory");
	for (int i = 0; i < 12; i++)
		if (saved[i])
			return 1;
	return csr ? 2 : 0;
}

static void execs(void)
{
	char *argv[] = { "fpu", "again", NULL };
	struct regs in, out;
	int status;
	pid_t pid = MUST(fork());

	if (pid == 0) {
		pattern(&in, 31);
		around(&in, &out, SYS_execve, (long)"/proc/self/exe", (long)argv, 0);
		_exit(9);
	}
	MUST(waitpid(pid, &status, 0));
	say("after exec: %s\n", wait_text(status));
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return after_exec();
	migration();
	sharing();
	forks();
	execs();
	return 0;
}
