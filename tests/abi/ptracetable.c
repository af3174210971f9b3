/* ptrace(2) by table: each request, with arguments that are right and wrong, of a tracee in each of the states that
 * it may be in. A line is a request; its words are the states. */
#include "table.h"
#include <elf.h>
#include <linux/ptrace.h>

long ptrace(int request, ...);

enum state { SELF, NOBODY, CHILD, ZOMBIE, RUNNING, STOPPED, SEIZED, SYSCALL, EXITING, GROUP, DEAD, STATES };

static const char *const states[] = { "self",	 "nobody",  "child",   "zombie", "running", "stopped",
				      "seized", "syscall", "exiting", "group",  "dead" };

static volatile int *go; /* the child's sign to end, in shared memory */
static char *area; /* a page, a page that may not be touched */
static pid_t tracee;

static void wait_stop(void)
{
	int st;

	MUST(waitpid(tracee, &st, __WALL));
	if (!WIFSTOPPED(st))
		say("no stop: %s\n", wait_text(st));
}

static void make(enum state s)
{
	siginfo_t si;

	tracee = s == SELF ? getpid() : 999999;
	if (s == SELF || s == NOBODY)
		return;
	*go = s == ZOMBIE;
	tracee = MUST(fork());
	if (!tracee) {
		if (s == DEAD)
			ptrace(PTRACE_TRACEME, 0, 0, 0);
		while (!*go && s != DEAD)
			syscall(SYS_sched_yield);
		_exit(3);
	}
	switch (s) {
	case ZOMBIE:
	case DEAD:
		MUST(waitid(P_PID, tracee, &si, WEXITED | WNOWAIT));
		break;
	case STOPPED:
		MUST(ptrace(PTRACE_ATTACH, tracee, 0, 0));
		wait_stop();
		break;
	case SYSCALL:
		MUST(ptrace(PTRACE_SEIZE, tracee, 0, PTRACE_O_TRACESYSGOOD));
		MUST(ptrace(PTRACE_INTERRUPT, tracee, 0, 0));
		wait_stop();
		MUST(ptrace(PTRACE_SYSCALL, tracee, 0, 0));
		wait_stop();
		break;
	case EXITING:
		MUST(ptrace(PTRACE_SEIZE, tracee, 0, PTRACE_O_TRACEEXIT));
		*go = 1;
		wait_stop();
		break;
	case GROUP:
		MUST(ptrace(PTRACE_SEIZE, tracee, 0, 0));
		kill(tracee, SIGSTOP);
		wait_stop();
		MUST(ptrace(PTRACE_CONT, tracee, 0, SIGSTOP));
		wait_stop();
		break;
	case SEIZED:
	case RUNNING:
		MUST(ptrace(PTRACE_SEIZE, tracee, 0, 0));
		if (s == SEIZED) {
			MUST(ptrace(PTRACE_INTERRUPT, tracee, 0, 0));
			wait_stop();
		}
		break;
	default:
		break;
	}
}

static void unmake(enum state s)
{
	int st;

	if (s == SELF || s == NOBODY)
		return;
	kill(tracee, SIGKILL);
	ptrace(PTRACE_CONT, tracee, 0, 0); /* who is stopped on its way out is not killed again */
	while (waitpid(tracee, &st, __WALL) == tracee && WIFSTOPPED(st))
		ptrace(PTRACE_CONT, tracee, 0, 0);
}

static unsigned char buf[4096];
static struct iovec iov;

#define BUF  ((unsigned long)buf)
#define IOV  ((unsigned long)&iov)
#define HERE 0x11111 /* the area's first word, its last, and one that crosses the end */
#define LAST 0x22222
#define OVER 0x33333

static const struct row {
	const char *name;
	long request;
	unsigned long addr, data;
	size_t len; /* of the vector */
	long word; /* what lies at the start of buf, and behind it */
	long second;
} rows[] = {
	{ "PEEKTEXT", PTRACE_PEEKTEXT, HERE, BUF, 0, 0, 0 },
	{ "PEEKDATA", PTRACE_PEEKDATA, HERE, BUF, 0, 0, 0 },
	{ "PEEKDATA odd", PTRACE_PEEKDATA, HERE + 1, BUF, 0, 0, 0 },
	{ "PEEKDATA last", PTRACE_PEEKDATA, LAST, BUF, 0, 0, 0 },
	{ "PEEKDATA over", PTRACE_PEEKDATA, OVER, BUF, 0, 0, 0 },
	{ "PEEKDATA 0", PTRACE_PEEKDATA, 0, BUF, 0, 0, 0 },
	{ "PEEKDATA kernel", PTRACE_PEEKDATA, -8UL, BUF, 0, 0, 0 },
	{ "PEEKDATA to 8", PTRACE_PEEKDATA, HERE, 8, 0, 0, 0 },
	{ "POKEDATA", PTRACE_POKEDATA, HERE, 5, 0, 0, 0 },
	{ "POKETEXT over", PTRACE_POKETEXT, OVER, 5, 0, 0, 0 },
	{ "POKEDATA 0", PTRACE_POKEDATA, 0, 5, 0, 0, 0 },
	{ "PEEKUSR", PTRACE_PEEKUSR, 0, BUF, 0, 0, 0 },
	{ "POKEUSR", PTRACE_POKEUSR, 0, BUF, 0, 0, 0 },
	{ "CONT", PTRACE_CONT, 0, 0, 0, 0, 0 },
	{ "CONT 1", PTRACE_CONT, 1, 0, 0, 0, 0 },
	{ "CONT USR1", PTRACE_CONT, 0, SIGUSR1, 0, 0, 0 },
	{ "CONT 64", PTRACE_CONT, 0, 64, 0, 0, 0 },
	{ "CONT 65", PTRACE_CONT, 0, 65, 0, 0, 0 },
	{ "CONT -1", PTRACE_CONT, 0, -1UL, 0, 0, 0 },
	{ "SYSCALL", PTRACE_SYSCALL, 0, 0, 0, 0, 0 },
	{ "SYSCALL 65", PTRACE_SYSCALL, 0, 65, 0, 0, 0 },
	{ "SINGLESTEP", PTRACE_SINGLESTEP, 0, 0, 0, 0, 0 },
	{ "SINGLESTEP 65", PTRACE_SINGLESTEP, 0, 65, 0, 0, 0 },
	{ "SINGLEBLOCK", 33, 0, 0, 0, 0, 0 },
	{ "SYSEMU", 31, 0, 0, 0, 0, 0 },
	{ "SYSEMU_SINGLESTEP", 32, 0, 0, 0, 0, 0 },
	{ "KILL", PTRACE_KILL, 0, 0, 0, 0, 0 },
	{ "ATTACH", PTRACE_ATTACH, 0, 0, 0, 0, 0 },
	{ "ATTACH 1 1", PTRACE_ATTACH, 1, 1, 0, 0, 0 },
	{ "SEIZE", PTRACE_SEIZE, 0, 0, 0, 0, 0 },
	{ "SEIZE addr", PTRACE_SEIZE, 8, 0, 0, 0, 0 },
	{ "SEIZE options", PTRACE_SEIZE, 0, 0x3000ff, 0, 0, 0 },
	{ "SEIZE 0x100", PTRACE_SEIZE, 0, 0x100, 0, 0, 0 },
	{ "SEIZE bit 31", PTRACE_SEIZE, 0, 1UL << 31, 0, 0, 0 },
	{ "DETACH", PTRACE_DETACH, 0, 0, 0, 0, 0 },
	{ "DETACH 64", PTRACE_DETACH, 0, 64, 0, 0, 0 },
	{ "DETACH 65", PTRACE_DETACH, 0, 65, 0, 0, 0 },
	{ "INTERRUPT", PTRACE_INTERRUPT, 0, 0, 0, 0, 0 },
	{ "INTERRUPT 1 1", PTRACE_INTERRUPT, 1, 1, 0, 0, 0 },
	{ "LISTEN", PTRACE_LISTEN, 0, 0, 0, 0, 0 },
	{ "SETOPTIONS 0", PTRACE_SETOPTIONS, 0, 0, 0, 0, 0 },
	{ "SETOPTIONS all", PTRACE_SETOPTIONS, 0, 0x1000ff, 0, 0, 0 },
	{ "SETOPTIONS 0x100", PTRACE_SETOPTIONS, 0, 0x100, 0, 0, 0 },
	{ "SETOPTIONS suspend", PTRACE_SETOPTIONS, 0, 0x200000, 0, 0, 0 },
	{ "SETOPTIONS -1", PTRACE_SETOPTIONS, 0, -1UL, 0, 0, 0 },
	{ "OLDSETOPTIONS", 21, 0, 1, 0, 0, 0 },
	{ "GETEVENTMSG", PTRACE_GETEVENTMSG, 0, BUF, 0, 0, 0 },
	{ "GETEVENTMSG to 8", PTRACE_GETEVENTMSG, 0, 8, 0, 0, 0 },
	{ "GETSIGINFO", PTRACE_GETSIGINFO, 0, BUF, 0, 0, 0 },
	{ "GETSIGINFO to 8", PTRACE_GETSIGINFO, 0, 8, 0, 0, 0 },
	{ "SETSIGINFO USR1", PTRACE_SETSIGINFO, 0, BUF, 0, SIGUSR1, 0 },
	{ "SETSIGINFO 65", PTRACE_SETSIGINFO, 0, BUF, 0, 65, 0 },
	{ "SETSIGINFO from 8", PTRACE_SETSIGINFO, 0, 8, 0, 0, 0 },
	{ "GETREGSET", PTRACE_GETREGSET, NT_PRSTATUS, IOV, 256, 0, 0 },
	{ "GETREGSET 0", PTRACE_GETREGSET, NT_PRSTATUS, IOV, 0, 0, 0 },
	{ "GETREGSET 8", PTRACE_GETREGSET, NT_PRSTATUS, IOV, 8, 0, 0 },
	{ "GETREGSET 255", PTRACE_GETREGSET, NT_PRSTATUS, IOV, 255, 0, 0 },
	{ "GETREGSET 4096", PTRACE_GETREGSET, NT_PRSTATUS, IOV, 4096, 0, 0 },
	{ "GETREGSET -8", PTRACE_GETREGSET, NT_PRSTATUS, IOV, -8UL, 0, 0 },
	{ "GETREGSET from 8", PTRACE_GETREGSET, NT_PRSTATUS, 8, 0, 0, 0 },
	{ "GETREGSET fp", PTRACE_GETREGSET, NT_PRFPREG, IOV, 4096, 0, 0 },
	{ "GETREGSET fp 8", PTRACE_GETREGSET, NT_PRFPREG, IOV, 8, 0, 0 },
	{ "GETREGSET fp 4", PTRACE_GETREGSET, NT_PRFPREG, IOV, 4, 0, 0 },
	{ "GETREGSET 0", PTRACE_GETREGSET, 0, IOV, 256, 0, 0 },
	{ "GETREGSET 1<<32|1", PTRACE_GETREGSET, 1UL << 32 | 1, IOV, 256, 0, 0 },
	{ "GETREGSET vector", PTRACE_GETREGSET, 0x900, IOV, 4096, 0, 0 },
	{ "GETREGSET auxv", PTRACE_GETREGSET, NT_AUXV, IOV, 4096, 0, 0 },
	{ "SETREGSET 0", PTRACE_SETREGSET, NT_PRSTATUS, IOV, 0, 0, 0 },
	{ "SETREGSET 4", PTRACE_SETREGSET, NT_PRSTATUS, IOV, 4, 0, 0 },
	{ "SETREGSET 2", PTRACE_SETREGSET, 2, IOV, 0, 0, 0 },
	{ "SETREGSET 77", PTRACE_SETREGSET, 77, IOV, 8, 0, 0 },
	{ "PEEKSIGINFO", PTRACE_PEEKSIGINFO, BUF, BUF + 256, 0, 0, 4L << 32 },
	{ "PEEKSIGINFO shared", PTRACE_PEEKSIGINFO, BUF, BUF + 256, 0, 0, 4L << 32 | 1 },
	{ "PEEKSIGINFO flags", PTRACE_PEEKSIGINFO, BUF, BUF + 256, 0, 0, 4L << 32 | 2 },
	{ "PEEKSIGINFO -1", PTRACE_PEEKSIGINFO, BUF, BUF + 256, 0, 0, (long)(-1UL << 32) },
	{ "PEEKSIGINFO off -1", PTRACE_PEEKSIGINFO, BUF, BUF + 256, 0, -1, 4L << 32 },
	{ "PEEKSIGINFO from 8", PTRACE_PEEKSIGINFO, 8, BUF + 256, 0, 0, 0 },
	{ "GETSIGMASK", PTRACE_GETSIGMASK, 8, BUF, 0, 0, 0 },
	{ "GETSIGMASK 4", PTRACE_GETSIGMASK, 4, BUF, 0, 0, 0 },
	{ "GETSIGMASK 16", PTRACE_GETSIGMASK, 16, BUF, 0, 0, 0 },
	{ "GETSIGMASK to 8", PTRACE_GETSIGMASK, 8, 8, 0, 0, 0 },
	{ "SETSIGMASK", PTRACE_SETSIGMASK, 8, BUF, 0, -1L, 0 },
	{ "SETSIGMASK 0", PTRACE_SETSIGMASK, 0, BUF, 0, 0, 0 },
	{ "SETSIGMASK from 8", PTRACE_SETSIGMASK, 8, 8, 0, 0, 0 },
	{ "SECCOMP_GET_FILTER", PTRACE_SECCOMP_GET_FILTER, 0, 0, 0, 0, 0 },
	{ "SECCOMP_GET_METADATA", PTRACE_SECCOMP_GET_METADATA, 16, BUF, 0, 0, 0 },
	{ "SECCOMP_GET_METADATA 7", PTRACE_SECCOMP_GET_METADATA, 7, BUF, 0, 0, 0 },
	{ "GET_SYSCALL_INFO", PTRACE_GET_SYSCALL_INFO, 88, BUF, 0, 0, 0 },
	{ "GET_SYSCALL_INFO 0", PTRACE_GET_SYSCALL_INFO, 0, BUF, 0, 0, 0 },
	{ "GET_SYSCALL_INFO 4096", PTRACE_GET_SYSCALL_INFO, 4096, BUF, 0, 0, 0 },
	{ "GET_SYSCALL_INFO to 8", PTRACE_GET_SYSCALL_INFO, 88, 8, 0, 0, 0 },
	{ "SET_SYSCALL_INFO", 0x4212, 88, BUF, 0, 0, 0 },
	{ "GET_RSEQ_CONFIGURATION", PTRACE_GET_RSEQ_CONFIGURATION, 24, BUF, 0, 0, 0 },
	{ "GET_RSEQ_CONFIGURATION 16", PTRACE_GET_RSEQ_CONFIGURATION, 16, BUF, 0, 0, 0 },
	{ "GETREGS", 12, 0, BUF, 0, 0, 0 },
	{ "SETFPREGS", 15, 0, BUF, 0, 0, 0 },
	{ "SET_SYSCALL_USER_DISPATCH", 0x4210, 32, BUF, 0, 0, 0 },
	{ "GET_SYSCALL_USER_DISPATCH", 0x4211, 32, BUF, 0, 0, 0 },
	{ "GET_SYSCALL_USER_DISPATCH 8", 0x4211, 8, BUF, 0, 0, 0 },
	{ "GETFDPIC", 33, 0, BUF, 0, 0, 0 },
	{ "unknown", 0x4300, 0, 0, 0, 0, 0 },
	{ "-1", -1, 0, 0, 0, 0, 0 },
	{ "1<<32|PEEKDATA", 1L << 32 | PTRACE_PEEKDATA, HERE, BUF, 0, 0, 0 },
};

/* Does it leave the tracee as it was? */
static int harmless(long request)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
	case PTRACE_GETEVENTMSG:
	case PTRACE_GETSIGINFO:
	case PTRACE_GETREGSET:
	case PTRACE_PEEKSIGINFO:
	case PTRACE_GETSIGMASK:
	case PTRACE_GET_SYSCALL_INFO:
	case PTRACE_GET_RSEQ_CONFIGURATION:
		return 1;
	default:
		return 0;
	}
}

static unsigned long real(unsigned long a)
{
	return a == HERE     ? (unsigned long)area :
	       a == HERE + 1 ? (unsigned long)area + 1 :
	       a == LAST     ? (unsigned long)area + PAGE - 8 :
	       a == OVER     ? (unsigned long)area + PAGE - 4 :
			       a;
}

static char answers[ARRAY_SIZE(rows)][STATES][32];

static void ask(size_t i, enum state s)
{
	const struct row *r = &rows[i];
	char *a = answers[i][s];
	siginfo_t *si = (siginfo_t *)buf;
	long got;

	memset(buf, 0, sizeof(buf));
	memcpy(buf, &r->word, 8);
	memcpy(buf + 8, &r->second, 8);
	if (r->request == PTRACE_SETSIGINFO)
		si->si_code = SI_QUEUE;
	iov = (struct iovec){ buf, r->len };
	errno = 0;
	got = syscall(SYS_ptrace, r->request, tracee, real(r->addr), r->data);
	snprintf(a, 32, "%s", outcome(got));
	a += strlen(a);
	if (got < 0)
		return;
	if (r->data == IOV)
		snprintf(a, 20, "(%zu)", iov.iov_len);
	else if (r->request == PTRACE_GETSIGINFO)
		snprintf(a, 20, "(%d,%x)", si->si_signo, si->si_code);
	else if (r->request == PTRACE_GETEVENTMSG)
		snprintf(a, 20, "(%lx)", *(long *)buf);
	else if (r->request == PTRACE_GET_SYSCALL_INFO)
		snprintf(a, 20, "(%d)", buf[0]);
	else if (r->request == PTRACE_GETSIGMASK)
		snprintf(a, 20, "(%lx)", *(long *)buf);
	if (!harmless(r->request)) {
		unmake(s);
		make(s);
	}
}

int main(void)
{
	go = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area + PAGE, PAGE);
	memset(area, 1, PAGE);
	for (enum state s = 0; s < STATES; s++) {
		make(s);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			ask(i, s);
		unmake(s);
		word(" %s", states[s]);
	}
	end_line();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		word("%s:", rows[i].name);
		for (enum state s = 0; s < STATES; s++)
			word(" %s", answers[i][s]);
		end_line();
	}
	return 0;
}
