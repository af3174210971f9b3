/*
 * Vector state across calls, handlers, threads, fork and exec; its place in the signal frame; prctl.
 * Seen and changed by a tracer, and in a core file. On harts without vectors: how that is told.
 */
#include "abi.h"
#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <ucontext.h>

#ifndef PR_RISCV_V_SET_CONTROL
#define PR_RISCV_V_SET_CONTROL 69
#define PR_RISCV_V_GET_CONTROL 70
#endif
#define V_MAGIC 0x53465457
#define NT_VECTOR 0x901
#define HEAD	  5 /* words before the registers: vstart, vl, vtype, vcsr, vlenb */

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

/* Where the next vector instruction begins, as after one that a fault interrupted. */
static void set_vstart(long n)
{
	__asm__ volatile(".option push\n.option arch, +v\ncsrw vstart, %0\n.option pop" ::"r"(n));
}

static long vstart(void)
{
	long n;

	__asm__ volatile(".option push\n.option arch, +v\ncsrr %0, vstart\n.option pop" : "=r"(n));
	return n;
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
	if (hits == 5)
		say("vstart %ld\n", state[0]);
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
		set_vstart(seed % 7);
		for (volatile int k = 0; k < 20000; k++)
			;
		bad += vstart() != seed % 7;
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

/* What a tracer reads; the words begin at its buffer. */
static long regset(int request, pid_t pid, void *buf, size_t len)
{
	struct iovec v = { buf, len };
	long r = ptrace(request, pid, NT_VECTOR, &v);

	say("%s %lu: ", request == PTRACE_GETREGSET ? "get" : "set", (unsigned long)len);
	if (r)
		say("%s\n", ename(errno));
	else
		say("ok, %lu\n", (unsigned long)v.iov_len);
	return r;
}

static void say_words(const long *w)
{
	say("vstart %ld vl %ld vtype %lx vcsr %ld vlenb %ld\n", w[0], w[1], w[2], w[3], w[4]);
}

static pid_t traced(int with)
{
	pid_t pid = MUST(fork());
	int st;

	if (!pid) {
		ptrace(PTRACE_TRACEME);
		if (with)
			load(out, 4);
		__asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" ::: "memory");
		out[7] ^= 0xff; /* as the tracer did */
		if (with)
			check("the tracee");
		_exit(0);
	}
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
	return pid;
}

static void tracing(int with)
{
	static long got[HEAD + 32 * 512 / 8 + 100000];
	elf_gregset_t regs;
	struct iovec v = { regs, sizeof(regs) };
	pid_t pid = traced(with);
	int st;

	memset(got, 0x11, sizeof(got));
	regset(PTRACE_GETREGSET, pid, got, 6);
	regset(PTRACE_GETREGSET, pid, got, 0);
	if (!regset(PTRACE_GETREGSET, pid, got, 12))
		say("%ld %x %x\n", got[0], (int)got[1], (int)(got[1] >> 32));
	regset(PTRACE_GETREGSET, pid, got, 40);
	if (with) {
		long size = HEAD * 8 + 32 * vlenb();

		say_words(got);
		say("not more: %d\n", got[HEAD] == 0x1111111111111111);
		regset(PTRACE_GETREGSET, pid, got, sizeof(got));
		say("registers: %d, not more: %d\n", !memcmp(got + HEAD, out, 32 * vlenb()),
		    got[size / 8] == 0x1111111111111111);
		got[4] *= 2;
		regset(PTRACE_SETREGSET, pid, got, size);
		got[4] /= 2;
		got[1] = 2;
		got[3] = 2;
		((unsigned char *)(got + HEAD))[7] ^= 0xff;
		out[7] ^= 0xff;
		regset(PTRACE_SETREGSET, pid, got, size);
		regset(PTRACE_GETREGSET, pid, got, size);
		say_words(got);
	} else {
		regset(PTRACE_SETREGSET, pid, got, 40);
	}
	MUST(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
	regs[0] += 4; /* pc */
	MUST(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
}

static void dies(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &all);
	load(out, 6);
	__asm__ volatile("ebreak" ::: "memory");
}

static void core_file(void)
{
	static char buf[1 << 16];
	int found = 0;

	in_child("dies", dies);
	int fd = MUST(open("core", O_RDONLY));
	read(fd, buf, sizeof(buf));
	Elf64_Phdr *ph = (Elf64_Phdr *)(buf + ((Elf64_Ehdr *)buf)->e_phoff);
	for (char *at = buf + ph->p_offset, *end = at + ph->p_filesz; at < end;) {
		Elf64_Nhdr *h = (Elf64_Nhdr *)at;
		char *data = at + sizeof(*h) + ((h->n_namesz + 3) & ~3u);

		if (h->n_type == NT_VECTOR) {
			long w[HEAD];

			memcpy(w, data, sizeof(w));
			say("note %s: size %d ", at + sizeof(*h), (int)h->n_descsz);
			say_words(w);
			say("registers: %d\n", !memcmp(data + sizeof(w), out, 32 * vlenb()));
			found++;
		}
		at = data + ((h->n_descsz + 3) & ~3u);
	}
	say("%d found\n", found);
	close(fd);
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
	tracing(0);
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
	hits = 4;
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	load(out, 5);
	set_vstart(3);
	while (hits < 5)
		;
	say("vstart %ld after a handler\n", vstart());

	SECTION("a tracer");
	tracing(1);
	SECTION("a core file");
	core_file();

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
