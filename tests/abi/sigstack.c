/* sigaltstack, the frame on it, what a handler may change in its context, floating point kept. */
#include "abi.h"
#include <setjmp.h>
#include <ucontext.h>

static char room[65536] __attribute__((aligned(16)));
static int depth;

static int on_it(void)
{
	char here;

	return &here >= room && &here < room + sizeof(room);
}

static void handler(int sig)
{
	stack_t ss;

	sigaltstack(NULL, &ss);
	say("%s on it %d flags %d", sname(sig), on_it(), ss.ss_flags);
	say(" change refused: %s\n", sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL) ? ename(errno) : "no");
	if (depth++ < 1)
		raise(sig);
}

static void aligned(int sig, siginfo_t *si, void *uc)
{
	long sp;

	(void)sig;
	(void)si;
	asm volatile("mv %0, sp" : "=r"(sp));
	say("sp aligned %d, info and context on the stack %d\n", sp % 16 == 0,
	    (char *)si > room && (char *)uc > (char *)si && (char *)uc < room + sizeof(room));
}

static void change(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig;
	(void)si;
	sigaddset(&u->uc_sigmask, SIGWINCH);
	sigdelset(&u->uc_sigmask, SIGURG);
}

static void clobber_fp(int sig)
{
	(void)sig;
	asm volatile("fmv.d.x fs0, zero\nfmv.d.x fs5, zero\nfmv.d.x fa0, zero\nfmv.d.x ft3, zero\n"
		     "fsflags zero\nfsrm zero" ::: "fs0", "fs5", "fa0", "ft3");
}

static void overflow(void)
{
	/* a stack too small for the frame ends the process */
	stack_t ss = { .ss_sp = room, .ss_size = MINSIGSTKSZ };
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_ONSTACK | SA_NODEFER };

	char *hole = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ss.ss_sp = hole;
	ss.ss_size = 4 * PAGE;
	sigaltstack(&ss, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
}

int main(void)
{
	stack_t ss = { .ss_sp = room, .ss_size = sizeof(room) }, old;
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_ONSTACK | SA_NODEFER };
	sigset_t set;

	SECTION("sigaltstack");
	R(sigaltstack(NULL, &old));
	say("flags %d\n", old.ss_flags);
	R(sigaltstack(&ss, NULL));
	R(sigaltstack(NULL, &old));
	say("flags %d size %zu right %d\n", old.ss_flags, old.ss_size, old.ss_sp == room);
	ss.ss_size = 1000;
	R(sigaltstack(&ss, NULL));
	ss.ss_size = sizeof(room);
	ss.ss_flags = 0x55;
	R(sigaltstack(&ss, NULL));
	ss.ss_flags = SS_ONSTACK;
	R(sigaltstack(&ss, NULL));
	SECTION("on it, nested");
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	sa.sa_flags = 0;
	depth = 5;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	SECTION("the frame");
	sa.sa_sigaction = aligned;
	sa.sa_flags = SA_ONSTACK | SA_SIGINFO;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	SECTION("disabled");
	R(sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, &old));
	say("was flags %d\n", old.ss_flags);
	sa.sa_handler = handler;
	sa.sa_flags = SA_ONSTACK;
	depth = 5;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	SECTION("autodisarm");
	ss.ss_flags = 1U << 31;
	R(sigaltstack(&ss, NULL));
	depth = 5;
	raise(SIGUSR1);
	sigaltstack(NULL, &old);
	say("armed again %x size %zu\n", old.ss_flags, old.ss_size);
	SECTION("a handler changes the mask to return to");
	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sa.sa_sigaction = change;
	sa.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR2, &sa, NULL);
	raise(SIGUSR2);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say("WINCH %d URG %d\n", sigismember(&set, SIGWINCH), sigismember(&set, SIGURG));
	SECTION("floating point");
	sa.sa_handler = clobber_fp;
	sa.sa_flags = 0;
	sigaction(SIGUSR2, &sa, NULL);
	double a = 1.5, b = 2.25, c = 3.125, d = 4.0625;
	long pid = getpid(), tid = gettid(), nr = SYS_tgkill, sig = SIGUSR2, flags;
	asm volatile("fmv.d fs0, %[a]\nfmv.d fs5, %[b]\nfmv.d ft3, %[d]\nfmv.d fa0, %[c]\n"
		     "fsflags %[one]\n"
		     "mv a0, %[pid]\nmv a1, %[tid]\nmv a2, %[sig]\nmv a7, %[nr]\necall\n"
		     "fmv.d %[a], fs0\nfmv.d %[b], fs5\nfmv.d %[c], fa0\nfmv.d %[d], ft3\nfrflags %[flags]"
		     : [a] "+f"(a), [b] "+f"(b), [c] "+f"(c), [d] "+f"(d), [flags] "=&r"(flags)
		     : [pid] "r"(pid), [tid] "r"(tid), [sig] "r"(sig), [nr] "r"(nr), [one] "r"(17L)
		     : "a0", "a1", "a2", "a7", "fs0", "fs5", "fa0", "ft3", "memory");
	say("%g %g %g %g flags %ld\n", a, b, c, d, flags);
	SECTION("no room for a frame");
	in_child("stack without access", overflow);
	return 0;
}
