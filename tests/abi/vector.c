/*
 * Vector state across calls, handlers, threads, fork and exec; its place in the signal frame; prctl.
 * On harts without vectors: how that is told.
 */
#include "abi.h"
#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <ucontext.h>

#ifndef PR_RISCV_V_SET_CONTROL
#define PR_RISCV_V_SET_CONTROL 69
#define PR_RISCV_V_GET_CONTROL 70
#endif
#define V_MAGIC 0x53465457

static unsigned char out[32 * 512], in[32 * 512];
static volatile sig_atomic_t hits;

static long vlenb(void)
{
	long n;

	__asm__ volatile(".option push\n.option arch, +v\ncsrr %0, vlenb\n.option pop" : "=r"(n));
	return n;
}

/* All 32 registers from memory, with length and type of our own. */
static void load(const void *p, long vl)
{
	__asm__ volatile(".option push\n.option arch, +v\n"
			 "vsetvli t0, zero, e8, m8, ta, ma\n"
			 "vle8.v v0, (%0)\nadd t1, %0, t0\nvle8.v v8, (t1)\nadd t1, t1, t0\n"
			 "vle8.v v16, (t1)\nadd t1, t1, t0\nvle8.v v24, (t1)\n"
			 "csrwi vcsr, 5\n"
			 "vsetvli zero, %1, e32, m2, ta, ma\n.option pop" ::"r"(p), "r"(vl)
			 : "t0", "t1", "memory");
}

static void store(void *p, long *vl, long *vtype, long *vcsr)
{
	__asm__ volatile(".option push\n.option arch, +v\n"
			 "csrr %0, vl\ncsrr %1, vtype\ncsrr %2, vcsr\n"
			 "vsetvli t0, zero, e8, m8, ta, ma\n"
			 "vse8.v v0, (%3)\nadd t1, %3, t0\nvse8.v v8, (t1)\nadd t1, t1, t0\n"
			 "vse8.v v16, (t1)\nadd t1, t1, t0\nvse8.v v24, (t1)\n"
			 "vsetvl zero, %0, %1\n.option pop"
			 : "=&r"(*vl), "=&r"(*vtype), "=&r"(*vcsr)
			 : "r"(p)
			 : "t0", "t1", "memory");
}

static void fill(unsigned char *p, int seed)
{
	for (long i = 0; i < 32 * vlenb(); i++)
		p[i] = (unsigned char)(i * 7 + seed);
}

static void check(const char *what)
{
	long vl, vtype, vcsr;

	store(in, &vl, &vtype, &vcsr);
	say("%s: registers %d vl %ld vtype %lx vcsr %ld\n", what, !memcmp(in, out, (size_t)(32 * vlenb())), vl,
	    vtype, vcsr);
}

static void handler(int sig, siginfo_t *si, void *uc_)
{
	ucontext_t *uc = uc_;
	uint32_t *hdr = (uint32_t *)((char *)&uc->uc_mcontext + 256 + 520), *end;
	long *state = (long *)(hdr + 2);

	(void)sig;
	(void)si;
	hits++;
	if (hits == 1) {
		say("magic %d size %u\n", hdr[0] == V_MAGIC, hdr[1]);
		say("vstart %ld vl %ld vtype %lx vcsr %ld vlenb %ld data behind %d same %d\n", state[0], state[1],
		    state[2], state[3], state[4], state[5] == (long)(state + 6),
		    !memcmp((void *)state[5], out, (size_t)(32 * vlenb())));
		end = (uint32_t *)((char *)hdr + hdr[1]);
		say("end %u %u\n", end[0], end[1]);
	}
	if (hits == 3) { /* the program changes what comes back */
		((unsigned char *)state[5])[5] ^= 0xff;
		out[5] ^= 0xff;
		state[1] = 2;
	}
	if (hits == 4)
		hdr[1] = 8;
	/* Clobber. */
	memset(in, 0x55, sizeof(in));
	load(in, 1);
}

static void spin(int seed)
{
	unsigned char mine[32 * 64], got[32 * 64];
	long vl, vtype, vcsr, bad = 0;

	for (long i = 0; i < 32 * vlenb(); i++)
		mine[i] = (unsigned char)(i * 3 + seed);
	for (int round = 0; round < 300; round++) {
		load(mine, 3);
		for (volatile int k = 0; k < 20000; k++)
			;
		store(got, &vl, &vtype, &vcsr);
		bad += memcmp(mine, got, (size_t)(32 * vlenb())) != 0 || vl != 3;
	}
	say("thread: %ld wrong\n", bad);
}

static void *thread(void *arg)
{
	spin((int)(long)arg);
	return NULL;
}

static void bad_frame(void)
{
	hits = 3;
	load(out, 4);
	raise(SIGUSR1);
}

static void without(void)
{
	R(prctl(PR_RISCV_V_GET_CONTROL));
	load(out, 4);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	pthread_t t[4];

	if (argc > 1) {
		R(prctl(PR_RISCV_V_GET_CONTROL));
		if (argv[1][0] == 'v')
			say("vlenb %ld\n", vlenb());
		return 0;
	}
	say("hwcap %d, frame %lu\n", (int)(getauxval(AT_HWCAP) >> ('v' - 'a') & 1), getauxval(AT_MINSIGSTKSZ));
	R(prctl(PR_RISCV_V_GET_CONTROL));
	R(prctl(PR_RISCV_V_SET_CONTROL, 2));
	if (!(getauxval(AT_HWCAP) >> ('v' - 'a') & 1))
		return 0;
	say("vlenb %ld\n", vlenb());
	MUST(sigaction(SIGUSR1, &sa, NULL));

	SECTION("handlers");
	fill(out, 1);
	/* A tight loop, for the signal must come between instructions and not in a call. */
	struct itimerval it = { .it_value.tv_usec = 20000 };
	sa.sa_flags |= SA_RESTART;
	MUST(sigaction(SIGALRM, &sa, NULL));
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	load(out, 4);
	while (!hits)
		;
	check("after a handler");
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	load(out, 5);
	while (hits < 2)
		;
	check("again");
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	load(out, 5);
	while (hits < 3)
		;
	check("changed");
	in_child("bad frame", bad_frame);

	SECTION("threads");
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, thread, (void *)(i * 11));
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);

	SECTION("prctl");
	R(prctl(PR_RISCV_V_SET_CONTROL, 1));
	R(prctl(PR_RISCV_V_SET_CONTROL, 3));
	R(prctl(PR_RISCV_V_SET_CONTROL, 0xc));
	R(prctl(PR_RISCV_V_SET_CONTROL, 0x20));
	R(prctl(PR_RISCV_V_SET_CONTROL, 2 | 1 << 2));
	R(prctl(PR_RISCV_V_GET_CONTROL));
	for (int k = 0; k < 2; k++) {
		pid_t pid = MUST(fork());
		int st;

		if (!pid) {
			if (k)
				R(prctl(PR_RISCV_V_SET_CONTROL, 2 | 1 << 2 | 1 << 4));
			execl("/proc/self/exe", "vector", k ? "c" : "v", NULL);
			_exit(1);
		}
		waitpid(pid, &st, 0);
		say("%s\n", wait_text(st));
	}
	R(prctl(PR_RISCV_V_SET_CONTROL, 0));
	R(prctl(PR_RISCV_V_GET_CONTROL));
	in_child("fork keeps it on", without);
	return 0;
}
