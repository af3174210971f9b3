/* Faults as signals: number, code, address; what ends a process. */
#include "abi.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf jump;
static void *want;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	say("%s code %d address right %d pc sane %d\n", sname(sig), si->si_code, si->si_addr == want,
	    u->uc_mcontext.__gregs[0] != 0);
	siglongjmp(jump, 1);
}

#define TRY(what, address, code)                                                                   \
	do {                                                                                       \
		want = (void *)(address);                                                          \
		say("%s: ", what);                                                                 \
		if (!sigsetjmp(jump, 1)) {                                                         \
			code;                                                                      \
			say("went on\n");                                                          \
		}                                                                                  \
	} while (0)

static void die_null(void)
{
	*(volatile int *)16 = 1;
}

static void die_ill(void)
{
	asm volatile(".word 0");
}

static void die_blocked(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*(volatile int *)16 = 1;
}

static void die_ignored(void)
{
	signal(SIGSEGV, SIG_IGN);
	*(volatile int *)16 = 1;
}

static void skip(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)si;
	say("%s handled, going on behind it\n", sname(sig));
	u->uc_mcontext.__gregs[0] += 4;
	u->uc_mcontext.__gregs[10] = 77;
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	static const int all[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	volatile char *kernel = (void *)0xffffffff80000000UL, *hole = (void *)0x2000000000UL;

	in_child("null", die_null);
	in_child("illegal", die_ill);
	in_child("blocked", die_blocked);
	in_child("ignored", die_ignored);
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		sigaction(all[i], &sa, NULL);
	SECTION("memory");
	TRY("read null", 0, (void)*(volatile char *)0);
	TRY("write null", 0, *(volatile char *)0 = 1);
	TRY("read the kernel", kernel, (void)*kernel);
	TRY("write the kernel", kernel, *kernel = 1);
	TRY("read a wild address", 0xdeadbeef00000000UL, (void)*(volatile char *)0xdeadbeef00000000UL);
	TRY("read the hole", hole, (void)*hole);
	TRY("write the text", &main, *(volatile char *)&main = 1);
	static const char constant[] = "x";
	TRY("write rodata", constant, *(volatile char *)constant = 1);
	char *page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY("no access", page, (void)*(volatile char *)page);
	TRY("across into no access", page, (void)*(volatile long *)(page - 4));
	SECTION("execution");
	TRY("jump to null", 0, ((void (*)(void))0)());
	TRY("jump to the kernel", kernel, ((void (*)(void))kernel)());
	static char data[64] __attribute__((aligned(64)));
	TRY("jump to data", data, ((void (*)(void))data)());
	SECTION("instructions");
	char *pc;
	asm volatile("la %0, 1f" : "=r"(pc));
	want = pc;
	say("illegal: ");
	if (!sigsetjmp(jump, 1))
		asm volatile("1: .word 0xffffffff" ::: "memory");
	say("a CSR of the supervisor: ");
	asm volatile("la %0, 2f" : "=r"(pc));
	want = pc;
	if (!sigsetjmp(jump, 1))
		asm volatile("2: csrr t0, 0x100" ::: "memory", "t0");
	say("ebreak: ");
	asm volatile("la %0, 3f" : "=r"(pc));
	want = pc;
	if (!sigsetjmp(jump, 1))
		asm volatile("3: .option push\n.option norvc\nebreak\n.option pop" ::: "memory");
	say("division by zero gives %ld\n", ({ long q, z = 0; asm("div %0, %1, %1" : "=r"(q) : "r"(z)); q; }));
	SECTION("going on");
	sa.sa_sigaction = skip;
	sigaction(SIGILL, &sa, NULL);
	register long a0 asm("a0") = 5;
	asm volatile(".word 0xffffffff" : "+r"(a0)::"memory");
	say("a0 = %ld\n", a0);
	SECTION("raised by hand");
	sa.sa_sigaction = on_fault;
	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(jump, 1)) {
		say("kill: ");
		want = (void *)(long)(((long)getuid() << 32) | getpid());
		kill(getpid(), SIGSEGV);
	}
	SECTION("unaligned");
	static char room[32];
	volatile long *odd = (void *)(room + 3);
	*odd = 0x1122334455667788;
	say("%lx %x\n", *odd, room[3]);
	return 0;
}
