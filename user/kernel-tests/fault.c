/*
 * fault.c - accesses that must not work, and what signal each gives.
 */
#include "tests.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define RW   (PROT_READ | PROT_WRITE)

static sigjmp_buf back;
static volatile int seen_signal, seen_code;
static void *volatile seen_address;

static void on_fault(int sig, siginfo_t *si, void *context)
{
	(void)context;
	seen_signal = sig;
	seen_code = si->si_code;
	seen_address = si->si_addr;
	siglongjmp(back, 1);
}

static void catch (void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	CHECK(!sigaction(SIGSEGV, &act, NULL));
	CHECK(!sigaction(SIGBUS, &act, NULL));
	CHECK(!sigaction(SIGILL, &act, NULL));
	CHECK(!sigaction(SIGTRAP, &act, NULL));
	CHECK(!sigaction(SIGFPE, &act, NULL));
}

enum access { LOAD, STORE, JUMP };

/* Do it; the signal it gave, or 0. */
static int attempt(enum access what, volatile char *at)
{
	seen_signal = 0;
	if (sigsetjmp(back, 1))
		return seen_signal;
	if (what == LOAD)
		(void)*at;
	else if (what == STORE)
		*at = 1;
	else
		((void (*)(void))at)();
	return 0;
}

#define FAULTS(sig, code, what, at) expect(__LINE__, sig, code, what, (volatile char *)(at))

static void expect(int line, int sig, int code, enum access what, volatile char *at)
{
	int got = attempt(what, at);

	if (got != sig || (code && seen_code != code) || (code && seen_address != (void *)at))
		fail("line %d, address %p: signal %d code %d address %p, not signal %d code %d",
		     line, at, got, seen_code, seen_address, sig, code);
}

static void unmapped(void)
{
	char *p = guarded(PAGE);

	catch ();
	for (int what = LOAD; what <= STORE; what++) {
		FAULTS(SIGSEGV, SEGV_MAPERR, what, NULL);
		FAULTS(SIGSEGV, SEGV_MAPERR, what, 8);
		FAULTS(SIGSEGV, SEGV_MAPERR, what, p - 1);
		FAULTS(SIGSEGV, SEGV_MAPERR, what, p + PAGE);
	}
	FAULTS(SIGSEGV, SEGV_MAPERR, JUMP, p + PAGE);
	FAULTS(SIGSEGV, SEGV_MAPERR, JUMP, NULL);
}

/* Every 16th of the upper half, its edges, and the hole in the middle. */
static void kernel_addresses(void)
{
	static const uint64_t edges[] = {
		0x3ffffffff8ul,	      0x4000000000ul,	    0x7fffffffffful,
		0x8000000000000000ul, 0xffffffbffffffff8ul, 0xffffffc000000000ul,
		0xffffffd600000000ul, 0xffffffff80000000ul, 0xffffffff80200000ul,
		0xfffffffffffff000ul, 0xfffffffffffffff8ul,
	};

	catch ();
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		for (int what = LOAD; what <= STORE; what++) {
			int got = attempt(what, (char *)edges[i]);

			if (got != SIGSEGV)
				fail("address %#lx: signal %d", edges[i], got);
		}
	}
	for (uint64_t a = 0xffffffc000000000ul; a >= 0xffffffc000000000ul; a += 1ul << 30) {
		int got = attempt(LOAD, (char *)a);

		if (got != SIGSEGV)
			fail("address %#lx: signal %d", a, got);
	}
	CHECK(attempt(JUMP, (char *)0xffffffff80000000ul) == SIGSEGV);
}

static int function(void)
{
	return 17;
}

static const char constant[] = "read-only data";

static void protections(void)
{
	char *p = guarded(PAGE);
	uint32_t ret = 0x00008067;

	catch ();
	FAULTS(SIGSEGV, SEGV_ACCERR, STORE, function);
	FAULTS(SIGSEGV, SEGV_ACCERR, STORE, constant);
	memcpy(p, &ret, 4);
	FAULTS(SIGSEGV, SEGV_ACCERR, JUMP, p);
	CHECK(!mprotect(p, PAGE, PROT_READ));
	CHECK(attempt(LOAD, p) == 0);
	FAULTS(SIGSEGV, SEGV_ACCERR, STORE, p);
	CHECK(!mprotect(p, PAGE, PROT_NONE));
	FAULTS(SIGSEGV, SEGV_ACCERR, LOAD, p);
	CHECK(!mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	CHECK(attempt(JUMP, p) == 0);
	CHECK(!mprotect(p, PAGE, RW));
	CHECK(attempt(STORE, p) == 0 && p[0] == 1);
	CHECK(function() == 17);
}

/* A page that was touched, then protected, then touched: the TLB must not remember. */
static void stale_translations(void)
{
	char *p = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	catch ();
	for (int i = 0; i < 50; i++) {
		CHECK(!mprotect(p, PAGE, RW));
		p[0] = (char)i;
		CHECK(!mprotect(p, PAGE, PROT_READ));
		CHECK(attempt(STORE, p) == SIGSEGV && p[0] == (char)i);
		CHECK(!munmap(p, PAGE));
		CHECK(attempt(LOAD, p) == SIGSEGV);
		CHECK(mmap(p, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
		CHECK(!p[0]);
	}
}

static void beyond_file(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	char *p;

	catch ();
	CHECK(write(fd, "x", 1) == 1);
	p = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED && p[0] == 'x' && !p[PAGE - 1]);
	FAULTS(SIGBUS, BUS_ADRERR, LOAD, p + PAGE);
	FAULTS(SIGBUS, BUS_ADRERR, STORE, p + 2 * PAGE);
	CHECK(!ftruncate(fd, 2 * PAGE));
	CHECK(attempt(STORE, p + PAGE) == 0);
	/* Cut off again, the page goes away under the mapping. */
	CHECK(!ftruncate(fd, 1));
	FAULTS(SIGBUS, BUS_ADRERR, LOAD, p + PAGE);
	CHECK(!ftruncate(fd, 2 * PAGE));
	CHECK(!p[PAGE]);
}

static void bad_instructions(void)
{
	catch ();
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile(".word 0xffffffff");
	CHECK(seen_signal == SIGILL && seen_code == ILL_ILLOPC);
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("ebreak");
	CHECK(seen_signal == SIGTRAP && seen_code == TRAP_BRKPT);
	/* Supervisor registers and instructions are not for programs. */
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("csrr t0, sstatus" : : : "t0");
	CHECK(seen_signal == SIGILL);
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("sret");
	CHECK(seen_signal == SIGILL);
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("sfence.vma");
	CHECK(seen_signal == SIGILL);
}

/* Dividing by zero is defined on RISC-V, it is no fault. */
static void divide(void)
{
	volatile long zero = 0, one = 1;
	long q;

	__asm__ volatile("div %0, %1, %2" : "=r"(q) : "r"(one), "r"(zero));
	CHECK(q == -1);
}

static void misaligned(void)
{
	char *p = guarded(2 * PAGE);
	uint64_t v;

	memset(p, 0x11, 2 * PAGE);
	__asm__ volatile("ld %0, 0(%1)" : "=r"(v) : "r"(p + PAGE - 3));
	CHECK(v == 0x1111111111111111ul);
	__asm__ volatile("sd zero, 0(%0)" : : "r"(p + PAGE - 3) : "memory");
	CHECK(!p[PAGE - 3] && !p[PAGE + 4] && p[PAGE + 5] == 0x11);
}

static int __attribute__((noinline)) recurse(int depth)
{
	volatile char frame[1000];

	frame[0] = (char)depth;
	if (depth)
		return recurse(depth - 1) + frame[0];
	return frame[0];
}

static void stack_grows(void)
{
	recurse(4000); /* 4 MiB */
}

static void overflow(void)
{
	recurse(1 << 30);
}

static char other_stack[16384];

static void on_overflow(int sig, siginfo_t *si, void *context)
{
	(void)context;
	(void)si;
	_exit(sig == SIGSEGV ? 55 : 1);
}

static void overflow_caught(void)
{
	stack_t ss = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };
	struct sigaction act = { .sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	CHECK(!sigaltstack(&ss, NULL));
	CHECK(!sigaction(SIGSEGV, &act, NULL));
	recurse(1 << 30);
}

static void overflow_without_stack(void)
{
	catch (); /* the handler has no room on the stack that overflowed */
	recurse(1 << 30);
}

static void stack_overflow(void)
{
	struct rlimit lim = { 1 << 20, RLIM_INFINITY };

	CHECK(!setrlimit(RLIMIT_STACK, &lim));
	CHECK(WTERMSIG(status_in_child(overflow)) == SIGSEGV);
	CHECK(WTERMSIG(status_in_child(overflow_without_stack)) == SIGSEGV);
	CHECK(status_in_child(overflow_caught) == 55 << 8);
}

static void wild_stack(void)
{
	__asm__ volatile("li sp, 8; addi sp, sp, -16; sd ra, 0(sp)");
}

static void kernel_stack(void)
{
	catch ();
	__asm__ volatile("li sp, 0xffffffff80200000; sd ra, 0(sp)");
}

/* Pointers that the kernel relies on at a trap: wild ones may not harm it. */
static void wild_registers(void)
{
	CHECK(WTERMSIG(status_in_child(wild_stack)) == SIGSEGV);
	CHECK(WTERMSIG(status_in_child(kernel_stack)) == SIGSEGV);

	long tp, gp, sum = 0;

	__asm__ volatile("mv %0, tp; mv %1, gp" : "=r"(tp), "=r"(gp));
	for (int i = 0; i < 1000; i++) {
		register long a7 __asm__("a7") = 172;
		register long a0 __asm__("a0");

		__asm__ volatile("mv t3, tp; mv t4, gp; li tp, -1; li gp, 12; ecall;"
				 "mv t5, tp; mv t6, gp; mv tp, t3; mv gp, t4"
				 : "=r"(a0)
				 : "r"(a7)
				 : "memory", "t3", "t4", "t5", "t6");
		sum += a0;
	}
	CHECK(sum == 1000l * getpid());
}

const struct test fault_tests[] = {
	{ "fault-unmapped", unmapped, 0 },	 { "fault-kernel", kernel_addresses, 0 },
	{ "fault-protection", protections, 0 },	 { "fault-stale", stale_translations, 0 },
	{ "fault-beyond-file", beyond_file, 0 }, { "fault-instruction", bad_instructions, 0 },
	{ "fault-divide", divide, 0 },		 { "misaligned", misaligned, 0 },
	{ "stack-grows", stack_grows, 0 },	 { "stack-overflow", stack_overflow, 0 },
	{ "wild-registers", wild_registers, 0 }, { NULL, NULL, 0 },
};
