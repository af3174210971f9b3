/* ptrace(2): stops at signals and at system calls, registers, memory, signals, and what is refused. */
#include "abi.h"
#include <elf.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/user.h>

#define REQUEST(req, pid, addr, data) syscall(SYS_ptrace, (long)(req), pid, (long)(addr), (long)(data))

struct regs {
	unsigned long pc, ra, sp, gp, tp, t0, t1, t2, s0, s1, a[8], s2[10], t3[4];
};

static const volatile long constant = 0x1122334455667788;
static volatile long variable = 5;

static int get_regs(pid_t pid, struct regs *r)
{
	struct iovec iov = { r, sizeof(*r) };

	return REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov);
}

static int set_regs(pid_t pid, struct regs *r)
{
	struct iovec iov = { r, sizeof(*r) };

	return REQUEST(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov);
}

/* Wait for the next news of pid. */
static int news(const char *what, pid_t pid)
{
	int status = 0;
	pid_t got = waitpid(pid, &status, __WALL);

	if (got != pid) {
		say("%s: %d %s\n", what, (int)got, ename(errno));
		return -1;
	}
	if (WIFSTOPPED(status))
		say("%s: stop %s%s event %d\n", what, sname(WSTOPSIG(status) & 0x7f),
		    WSTOPSIG(status) & 0x80 ? "|0x80" : "", status >> 16);
	else
		say("%s: %s\n", what, wait_text(status));
	return status;
}

static pid_t traced_child(void (*fn)(void))
{
	pid_t pid = MUST(fork());

	if (pid == 0) {
		MUST(REQUEST(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		fn();
		_exit(7);
	}
	news("start", pid);
	return pid;
}

static void nothing(void)
{
}

static void forever(void)
{
	for (;;)
		pause();
}

static void show_siginfo(pid_t pid)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	if (REQUEST(PTRACE_GETSIGINFO, pid, 0, &si)) {
		say("siginfo: %s\n", ename(errno));
		return;
	}
	say("siginfo: %s code 0x%x from %s\n", sname(si.si_signo), si.si_code,
	    si.si_pid == pid ? "itself" : si.si_pid == getpid() ? "me" : si.si_pid ? "other" : "0");
}

static volatile int handled;
static void handler(int sig)
{
	handled = sig;
}

static void signals(void)
{
	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	raise(SIGUSR1); /* goes through */
	say("handled %s\n", handled ? sname(handled) : "nothing");
	handled = 0;
	raise(SIGUSR1); /* taken away */
	say("handled %s\n", handled ? sname(handled) : "nothing");
	raise(SIGUSR2); /* ignored, but shown */
	raise(SIGCHLD);
	signal(SIGHUP, handler);
	raise(SIGUSR1); /* becomes SIGHUP */
	say("handled %s\n", handled ? sname(handled) : "nothing");
	raise(SIGTERM);
	say("not reached\n");
}

static void test_signals(void)
{
	SECTION("signals");
	pid_t pid = traced_child(signals);

	show_siginfo(pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	news("usr1", pid);
	show_siginfo(pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, SIGUSR1));
	news("usr1", pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	news("usr2", pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, SIGUSR2));
	news("chld", pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, SIGCHLD));
	news("usr1", pid);
	MUST(REQUEST(PTRACE_CONT, pid, 0, SIGHUP));
	news("term", pid);
	OK(REQUEST(PTRACE_CONT, pid, 0, 65));
	MUST(REQUEST(PTRACE_CONT, pid, 0, SIGTERM));
	news("end", pid);
}

static void test_regs(void)
{
	SECTION("registers and memory");
	pid_t pid = traced_child(nothing);
	struct regs r, s;
	char small[40];
	struct iovec iov = { &r, sizeof(r) + 64 };
	unsigned long fp[33];
	long word;

	memset(&r, 0, sizeof(r));
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	say("length %zu sp %d a7 %ld\n", iov.iov_len, r.sp != 0, (long)r.a[7]);
	s = r;
	s.s2[3] = 99;
	OK(set_regs(pid, &s));
	OK(get_regs(pid, &s));
	say("changed %lu\n", s.s2[3]);
	OK(set_regs(pid, &r));
	iov = (struct iovec){ small, 40 };
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	say("part %zu same %d\n", iov.iov_len, !memcmp(small, &r, 40));
	iov = (struct iovec){ small, 39 };
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	iov = (struct iovec){ fp, sizeof(fp) + 8 };
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
	say("length %zu\n", iov.iov_len);
	fp[8] = 0x4045000000000000;
	iov.iov_len = sizeof(fp);
	OK(REQUEST(PTRACE_SETREGSET, pid, NT_PRFPREG, &iov));
	fp[8] = 0;
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
	say("fs0 %lx\n", fp[8]);
	OK(REQUEST(PTRACE_GETREGSET, pid, 0x900, &iov));
	OK(REQUEST(PTRACE_GETREGSET, pid, 0x901, &iov));
	OK(REQUEST(PTRACE_GETREGSET, pid, 0x902, &iov));
	OK(REQUEST(PTRACE_GETREGSET, pid, 77, &iov));
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, 8));
	iov = (struct iovec){ (void *)8, 64 };
	OK(REQUEST(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	OK(REQUEST(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov));
	OK(REQUEST(PTRACE_GETREGS, pid, 0, &r));
	OK(REQUEST(PTRACE_PEEKUSER, pid, 0, &r));
	OK(REQUEST(PTRACE_POKEUSER, pid, 0, 0));
	OK(REQUEST(9, pid, 0, 0));
	OK(REQUEST(12345, pid, 0, 0));

	OK(REQUEST(PTRACE_PEEKDATA, pid, &constant, &word));
	say("constant %lx\n", word);
	OK(REQUEST(PTRACE_POKEDATA, pid, &constant, 0x77));
	OK(REQUEST(PTRACE_PEEKTEXT, pid, &constant, &word));
	say("constant there %lx here %lx\n", word, constant);
	OK(REQUEST(PTRACE_POKEDATA, pid, &variable, 6));
	OK(REQUEST(PTRACE_PEEKDATA, pid, &variable, &word));
	say("variable there %ld here %ld\n", word, variable);
	OK(REQUEST(PTRACE_PEEKDATA, pid, (long)&variable + 1, &word));
	say("odd %lx\n", word & 0xffff);
	OK(REQUEST(PTRACE_PEEKDATA, pid, 16, &word));
	OK(REQUEST(PTRACE_POKEDATA, pid, 16, 0));
	OK(REQUEST(PTRACE_PEEKDATA, pid, -8L, &word));
	OK(REQUEST(PTRACE_PEEKDATA, pid, &constant, 8));
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, &variable, NULL);
	say("libc's peek %ld %d\n", word, errno);

	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = MUST(open(path, O_RDWR));
	word = 0x31;
	R(pwrite(fd, &word, 8, (long)&constant));
	word = 0;
	R(pread(fd, &word, 8, (long)&constant));
	say("by mem %lx\n", word);
	R(pread(fd, &word, 8, 16));
	R(pwrite(fd, &word, 8, 16));
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *f = fopen(path, "r");
	char line[200];
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "State:", 6))
			say("%s", line);
		else if (sscanf(line, "TracerPid: %ld", &word) == 1)
			say("tracer is %s\n", word == getpid() ? "me" : "another");
	fclose(f);
	OK(REQUEST(PTRACE_KILL, pid, 0, 0));
	news("end", pid);
}

/* A breakpoint in code that cannot be written: the page is the tracee's own from then on. */
__attribute__((noinline)) static int answer(void)
{
	__asm__ volatile("");
	return 41;
}

static void call_answer(void)
{
	say("answer %d\n", answer());
}

static void test_breakpoint(void)
{
	SECTION("breakpoint");
	pid_t pid = traced_child(call_answer);
	struct regs r;
	long word;

	MUST(REQUEST(PTRACE_PEEKTEXT, pid, answer, &word));
	MUST(REQUEST(PTRACE_POKETEXT, pid, answer, (word & ~0xffffL) | 0x9002)); /* c.ebreak */
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	news("breakpoint", pid);
	show_siginfo(pid);
	MUST(get_regs(pid, &r));
	say("at answer %d\n", r.pc == (unsigned long)answer);
	MUST(REQUEST(PTRACE_POKETEXT, pid, answer, word));
	r.a[0] = 4242;
	r.pc = r.ra; /* returns at once */
	MUST(set_regs(pid, &r));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	news("end", pid);
	say("mine is %d\n", answer());
}

static void calls(void)
{
	char c;

	say("umask %o\n", (int)syscall(SYS_umask, 022, 2, 3, 4, 5, 6));
	say("close %ld %s\n", syscall(SYS_close, 1000), ename(errno));
	errno = 0;
	long r = syscall(SYS_getppid);
	say("getppid %ld %s\n", r, errno ? ename(errno) : "");
	say("getsid %ld\n", syscall(SYS_getsid, 0));
	r = syscall(SYS_getpgid, 99);
	say("lseek %ld %s\n", r, ename(errno));
	alarm(0);
	r = syscall(SYS_read, -1, &c, 1);
	say("read %ld %s\n", r, ename(errno));
}

static void show_info(pid_t pid)
{
	struct __ptrace_syscall_info info;
	struct regs r;

	memset(&info, 0x55, sizeof(info));
	long n = REQUEST(0x420e, pid, sizeof(info), &info);
	MUST(get_regs(pid, &r));
	say("info %ld op %d arch %x ip %d sp %d", n, info.op, info.arch,
	    info.instruction_pointer == r.pc, info.stack_pointer == r.sp);
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_umask)
		say(" nr %lld args %llx %llx %llx %llx %llx %llx a0 %ld", (long long)info.entry.nr,
		    (long long)info.entry.args[0], (long long)info.entry.args[1],
		    (long long)info.entry.args[2], (long long)info.entry.args[3],
		    (long long)info.entry.args[4], (long long)info.entry.args[5], (long)r.a[0]);
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		say(" nr %lld", (long long)info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		say(" rval %lld error %d", (long long)info.exit.rval, info.exit.is_error);
	say("\n");
}

/* To the next stop at call nr, before it. */
static void until(pid_t pid, long nr)
{
	struct regs r;
	int status;

	for (;;) {
		MUST(REQUEST(PTRACE_SYSCALL, pid, 0, 0));
		waitpid(pid, &status, __WALL);
		if (!WIFSTOPPED(status)) {
			say("lost: %s\n", wait_text(status));
			exit(1);
		}
		MUST(get_regs(pid, &r));
		if ((long)r.a[7] == nr)
			return;
		MUST(REQUEST(PTRACE_SYSCALL, pid, 0, 0));
		waitpid(pid, &status, __WALL);
	}
}

static void leave(pid_t pid)
{
	MUST(REQUEST(PTRACE_SYSCALL, pid, 0, 0));
	news("leave", pid);
}

static void test_calls(void)
{
	SECTION("system calls");
	pid_t pid = traced_child(calls);
	struct regs r;
	unsigned long msg = 99;

	show_info(pid);
	OK(REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	until(pid, SYS_umask);
	show_info(pid);
	show_siginfo(pid);
	OK(REQUEST(PTRACE_GETEVENTMSG, pid, 0, &msg));
	say("message %lu\n", msg);
	R(REQUEST(0x420e, pid, 10, &r));
	R(REQUEST(0x420e, pid, 10, 8));
	/* another first argument: a0 is not where it is taken from */
	MUST(get_regs(pid, &r));
	r.a[0] = 0777;
	MUST(set_regs(pid, &r));
	leave(pid);
	show_info(pid);
	OK(REQUEST(PTRACE_GETEVENTMSG, pid, 0, &msg));
	say("message %lu\n", msg);
	until(pid, SYS_close);
	leave(pid);
	show_info(pid);
	/* skipped, with a result of the tracer's */
	until(pid, SYS_getppid);
	MUST(get_regs(pid, &r));
	r.a[7] = -1;
	r.a[0] = 1234;
	MUST(set_regs(pid, &r));
	leave(pid);
	show_info(pid);
	/* skipped, result untouched */
	until(pid, SYS_getsid);
	MUST(get_regs(pid, &r));
	r.a[7] = -1;
	MUST(set_regs(pid, &r));
	leave(pid);
	show_info(pid);
	/* another call */
	until(pid, SYS_getpgid);
	MUST(get_regs(pid, &r));
	r.a[7] = SYS_lseek;
	MUST(set_regs(pid, &r));
	leave(pid);
	MUST(get_regs(pid, &r));
	say("a7 %ld\n", (long)r.a[7]);
	/* the result is changed behind the call */
	until(pid, SYS_read);
	leave(pid);
	MUST(get_regs(pid, &r));
	r.a[0] = 3;
	MUST(set_regs(pid, &r));
	/* a signal sent on from a stop at a call */
	until(pid, SYS_exit_group);
	OK(REQUEST(PTRACE_CONT, pid, 0, SIGKILL));
	news("end", pid);
}

static void test_masks(void)
{
	SECTION("signal masks and queues");
	pid_t pid = traced_child(forever);
	sigset_t set;
	uint64_t mask = 0;
	struct {
		uint64_t off;
		uint32_t flags;
		int32_t nr;
	} args = { 0, 0, 8 };
	siginfo_t si[8];

	sigemptyset(&set);
	OK(REQUEST(PTRACE_GETSIGMASK, pid, 8, &mask));
	say("mask %lx\n", mask);
	mask = ~0UL;
	OK(REQUEST(PTRACE_SETSIGMASK, pid, 8, &mask));
	OK(REQUEST(PTRACE_GETSIGMASK, pid, 8, &mask));
	say("mask %lx\n", mask);
	OK(REQUEST(PTRACE_GETSIGMASK, pid, 16, &mask));
	OK(REQUEST(PTRACE_SETSIGMASK, pid, 8, 8));
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, &args, si));
	union sigval v = { .sival_int = 5 };
	sigqueue(pid, SIGRTMIN, v);
	v.sival_int = 6;
	sigqueue(pid, SIGRTMIN, v);
	kill(pid, SIGUSR1);
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, &args, si));
	args.flags = PTRACE_PEEKSIGINFO_SHARED;
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, &args, si));
	say("%s %d, %s %d, %s\n", sname(si[0].si_signo), si[0].si_int, sname(si[1].si_signo),
	    si[1].si_int, sname(si[2].si_signo));
	args.off = 2;
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, &args, si));
	args.nr = -1;
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, &args, si));
	args.nr = 1;
	args.flags = 2;
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, &args, si));
	R(REQUEST(PTRACE_PEEKSIGINFO, pid, 8, si));

	memset(si, 0, sizeof(si));
	OK(REQUEST(PTRACE_GETSIGINFO, pid, 0, si));
	si[0].si_code = -60;
	OK(REQUEST(PTRACE_SETSIGINFO, pid, 0, si));
	OK(REQUEST(PTRACE_GETSIGINFO, pid, 0, si + 1));
	say("code %d\n", si[1].si_code);
	OK(REQUEST(PTRACE_SETSIGINFO, pid, 0, 8));
	OK(REQUEST(PTRACE_DETACH, pid, 0, 65));
	OK(REQUEST(PTRACE_DETACH, pid, 0, 0));
	OK(REQUEST(PTRACE_DETACH, pid, 0, 0));
	kill(pid, SIGKILL);
	news("end", pid);
}

static void test_refused(void)
{
	SECTION("refused");
	pid_t pid = traced_child(nothing);
	pid_t other = MUST(fork());

	if (other == 0) {
		pause();
		_exit(0);
	}
	OK(REQUEST(PTRACE_ATTACH, pid, 0, 0));
	OK(REQUEST(PTRACE_SEIZE, pid, 0, 0));
	OK(REQUEST(PTRACE_ATTACH, getpid(), 0, 0));
	OK(REQUEST(PTRACE_ATTACH, 999999, 0, 0));
	OK(REQUEST(PTRACE_CONT, other, 0, 0));
	OK(REQUEST(PTRACE_KILL, other, 0, 0));
	OK(REQUEST(PTRACE_SEIZE, other, 1, 0));
	OK(REQUEST(PTRACE_SEIZE, other, 0, 1 << 9));
	OK(REQUEST(PTRACE_INTERRUPT, pid, 0, 0));
	OK(REQUEST(PTRACE_LISTEN, pid, 0, 0));
	OK(REQUEST(PTRACE_SETOPTIONS, pid, 0, 1 << 9));
	OK(REQUEST(PTRACE_SETOPTIONS, pid, 0, -1L));
	OK(REQUEST(PTRACE_SETOPTIONS, pid, 0, 0x3000ff));
	OK(REQUEST(PTRACE_SETOPTIONS, pid, 0, 0));
	OK(REQUEST(0x420c, pid, 0, NULL));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	OK(REQUEST(PTRACE_CONT, pid, 0, 0) == -1 && errno == ESRCH ? 0 : -1);
	news("end", pid);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);

	/* an unprivileged tracer */
	other = MUST(fork());
	if (other == 0) {
		pause();
		_exit(0);
	}
	pid = MUST(fork());
	if (pid == 0) {
		MUST(setresuid(1000, 1000, 1000));
		OK(REQUEST(PTRACE_ATTACH, other, 0, 0));
		pid_t mine = MUST(fork());
		if (mine == 0) {
			prctl(PR_SET_DUMPABLE, 0);
			say("undumpable\n");
			pause();
		}
		sleep_ms(300);
		OK(REQUEST(PTRACE_ATTACH, mine, 0, 0));
		OK(REQUEST(PTRACE_SEIZE, mine, 0, PTRACE_O_SUSPEND_SECCOMP));
		kill(mine, SIGKILL);
		waitpid(mine, NULL, 0);
		_exit(0);
	}
	news("user", pid);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

int main(void)
{
	test_signals();
	test_regs();
	test_breakpoint();
	test_calls();
	test_masks();
	test_refused();
	return 0;
}
