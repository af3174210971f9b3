/*
 * What is seldom asked: requests of ptrace(2) that riscv64 has not, clone3 into a control group, whom Yama lets
 * trace, huge pages of a memfd, in which order clock_nanosleep(2) looks at its arguments, userfaultfd(2),
 * /proc/kmsg and /proc/kallsyms, a set-user-ID program while root and directory are shared.
 */
#include "abi.h"
#include <linux/sched.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB (21U << 26)
#endif
#define SYSEMU		  31
#define SYSEMU_SINGLESTEP 32

/* The tracee stands before a call: say which; put an answer; let it run. */
static void at_call(pid_t pid, long answer, int how)
{
	unsigned long regs[32];
	struct iovec v = { regs, sizeof(regs) };
	int st;

	waitpid(pid, &st, 0);
	MUST(ptrace(PTRACE_GETREGSET, pid, 1, &v));
	say("%s: call %ld, a0 %ld\n", wait_text(st), (long)regs[17], (long)regs[10]);
	if (answer) {
		regs[10] = (unsigned long)answer;
		MUST(ptrace(PTRACE_SETREGSET, pid, 1, &v));
	}
	MUST(ptrace(how, pid, 0, 0));
}

static void sysemu(void)
{
	int st;
	pid_t pid = MUST(fork());

	if (!pid) {
		ptrace(PTRACE_TRACEME);
		raise(SIGSTOP);
		syscall(SYS_getppid);
		long said = syscall(SYS_getppid);
		long mine = syscall(SYS_gettid);

		raise(SIGSTOP);
		syscall(SYS_getppid);
		say("%ld %ld\n", said, mine);
		_exit(3);
	}
	waitpid(pid, &st, 0);
	R(ptrace(SYSEMU_SINGLESTEP, pid, 0, 0));
	R(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
	R(ptrace(33, pid, 0, 0));
	R(ptrace(SYSEMU, 1, 0, 0));
	R(ptrace(SYSEMU, pid, 0, 0));
	/* Not done: answered by the tracer, or not at all; what it resumes with does not matter for this one. */
	at_call(pid, 0, SYSEMU);
	at_call(pid, 1234, SYSEMU);
	at_call(pid, 7, PTRACE_CONT);
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
	MUST(ptrace(SYSEMU, pid, 0, 0));
	at_call(pid, 0, PTRACE_SYSCALL);
	waitpid(pid, &st, 0);
	say("%s, behind it\n", wait_text(st));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
}

static long into(long fd, size_t size)
{
	struct clone_args a = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd };
	long pid = syscall(SYS_clone3, &a, size);

	if (!pid)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid;
}

static void cgroups(void)
{
	R(into(-1, sizeof(struct clone_args)));
	R(into(1L << 31, sizeof(struct clone_args)));
	R(into(999, sizeof(struct clone_args)));
	R(into(1, sizeof(struct clone_args)));
	R(into(open("/", O_RDONLY | O_DIRECTORY), sizeof(struct clone_args)));
	R(into(1, CLONE_ARGS_SIZE_VER1));
}

static void ptracer(void)
{
	R(prctl(PR_SET_PTRACER, 0, 0, 0, 0));
	R(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0));
	R(prctl(PR_SET_PTRACER, getppid(), 0, 0, 0));
	R(prctl(PR_SET_PTRACER, 99999, 0, 0, 0));
	R(prctl(PR_SET_PTRACER, -2, 0, 0, 0));
	R(prctl(PR_SET_PTRACER, getppid(), 1, 1, 1));
	char c = '?';

	R(read(open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY), &c, 1));
	say("scope %c\n", c);
}

#define CPU(pid) (clockid_t)(~(unsigned)(pid) << 3)

static void naps(void)
{
	struct timespec ok = { 0, 1000 }, bad = { 0, 1000000000 }, neg = { -1, 0 };
	struct timespec *null = (void *)8;
	clockid_t other = CPU(getppid()) | 2, mine = CPU(getpid()) | 6;

#define nap(c, f, t) syscall(SYS_clock_nanosleep, c, f, t, NULL)
	R(nap(99, 0, null));
	R(nap(CLOCK_MONOTONIC_RAW, 0, null));
	R(nap(CLOCK_REALTIME_COARSE, 0, &bad));
	R(nap(CLOCK_THREAD_CPUTIME_ID, 0, null));
	R(nap(CLOCK_THREAD_CPUTIME_ID, 0, &bad));
	R(nap(CLOCK_MONOTONIC, 0, null));
	R(nap(CLOCK_MONOTONIC, 0, &bad));
	R(nap(CLOCK_MONOTONIC, 0, &neg));
	R(nap(CLOCK_MONOTONIC, 2, &ok));
	R(nap(CLOCK_MONOTONIC, TIMER_ABSTIME, &neg));
	R(nap(CLOCK_REALTIME, TIMER_ABSTIME | 8, &ok));
	R(nap(CLOCK_BOOTTIME, 0, &ok));
	R(nap(CLOCK_TAI, TIMER_ABSTIME, &ok));
	R(nap(CLOCK_REALTIME_ALARM, 0, null));
	R(nap(CLOCK_BOOTTIME_ALARM, 0, &bad));
	R(nap(mine, 0, null));
	R(nap(mine, 0, &bad));
	R(nap(mine, 0, &ok));
	R(nap(CPU(99999) | 2, 0, null));
	R(nap(CPU(99999) | 2, 0, &ok));
	R(nap(CPU(99999) | 6, 0, &bad));
	R(nap(other, TIMER_ABSTIME, &ok));
	R(nap(-1, 0, &bad));
	R(nap(-1, 0, &ok));
}

static void memfds(void)
{
	/* Pages of a size that the machine does not set aside at all are refused. */
	R(memfd_create("x", MFD_HUGETLB | 0x40000000 | MFD_CLOEXEC));
	R(memfd_create("x", 0x40000000));
	R(memfd_create("x", MFD_HUGETLB | 0x20));
}

/* The program prints who it became. */
static void whoami(const char *how)
{
	say("%s: uid %d euid %d gid %d egid %d\n", how, getuid(), geteuid(), getgid(), getegid());
	_exit(0);
}

static int execs(void *how)
{
	char *argv[] = { "setid", how, NULL }, *envp[] = { NULL };

	setresgid(1000, 1000, 1000);
	setresuid(1000, 1000, 1000);
	execve("./setid", argv, envp);
	say("%s: %s\n", (char *)how, ename(errno));
	_exit(1);
}

static int waits(void *arg)
{
	char c;

	read(*(int *)arg, &c, 1);
	_exit(0);
}

/* One who shares its root and directory with a process that is not of its own gains nothing. */
static void setid(void)
{
	static char stack[3][32768] __attribute__((aligned(16)));
	static char buf[1 << 16];
	int in = MUST(open("/proc/self/exe", O_RDONLY)), out = MUST(open("setid", O_CREAT | O_WRONLY, 0755)), p[2];
	struct stat st;
	ssize_t n;
	pid_t pid, other;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		MUST(write(out, buf, (size_t)n));
	MUST(fchmod(out, 06755));
	MUST(fstat(out, &st));
	close(out);
	say("mode %o of %d:%d\n", st.st_mode, st.st_uid, st.st_gid);
	MUST(chmod(".", 0755));
	pid = MUST(clone(execs, stack[0] + sizeof(stack[0]), SIGCHLD, "alone"));
	waitpid(pid, NULL, 0);
	pid = MUST(clone(execs, stack[0] + sizeof(stack[0]), CLONE_FS | SIGCHLD, "with its parent"));
	waitpid(pid, NULL, 0);
	MUST(pipe(p));
	/* The other is gone when the program is begun. */
	other = MUST(clone(waits, stack[1] + sizeof(stack[1]), SIGCHLD, p));
	pid = MUST(clone(execs, stack[0] + sizeof(stack[0]), CLONE_VFORK | SIGCHLD, "in a vfork"));
	waitpid(pid, NULL, 0);
	write(p[1], "x", 1);
	waitpid(other, NULL, 0);
}

/* The log's one reader; the names of functions. */
static void log_and_names(void)
{
	static char buf[1 << 20];
	size_t have = 0;
	char type;
	struct pollfd p = { .events = POLLIN };
	int fd = MUST(open("/dev/kmsg", O_WRONLY));
	unsigned long addr, lines = 0, bad = 0, zero = 0;
	struct stat st;
	FILE *f;

	MUST(write(fd, "<3>a word of leftovers\n", 23));
	close(fd);
	fd = MUST(open("/proc/kmsg", O_RDONLY | O_NONBLOCK));
	MUST(fstat(fd, &st));
	say("mode %o\n", st.st_mode);
	p.fd = fd;
	R(poll(&p, 1, 0));
	for (ssize_t n; (n = read(fd, buf + have, sizeof(buf) - 1 - have)) > 0;)
		have += (size_t)n;
	say("%s\n", strstr(buf, "a word of leftovers\n") ? "it is there" : "it is not there");
	R(read(fd, buf, sizeof(buf)));
	R(poll(&p, 1, 0));
	if (!MUST(fork())) {
		sleep_ms(100);
		fd = MUST(open("/dev/kmsg", O_WRONLY));
		MUST(write(fd, "another\n", 8));
		_exit(0);
	}
	fcntl(fd, F_SETFL, 0);
	R(poll(&p, 1, 20000));
	R(read(fd, buf, sizeof(buf)) > 8);
	wait(NULL);
	close(fd);
	f = fopen("/proc/kallsyms", "r");
	for (; fgets(buf, sizeof(buf), f); lines++) {
		bad += sscanf(buf, "%16lx %c %200s", &addr, &type, buf + 300) != 3;
		zero += !addr;
	}
	fclose(f);
	say("many %d, bad %lu, all zero %d\n", lines > 1000, bad, zero == lines);
	MUST(setuid(1000));
	R(open("/proc/kmsg", O_RDONLY));
	f = fopen("/proc/kallsyms", "r");
	for (lines = zero = 0; fgets(buf, sizeof(buf), f) && lines < 100; lines++)
		zero += sscanf(buf, "%16lx", &addr) == 1 && !addr;
	say("a user's: all zero %d\n", zero == lines);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		whoami(argv[1]);
	SECTION("ptrace");
	in_child("sysemu", sysemu);
	SECTION("control groups");
	in_child("clone3", cgroups);
	SECTION("Yama");
	in_child("ptracer", ptracer);
	SECTION("sleeping");
	in_child("clock_nanosleep", naps);
	SECTION("memfd");
	in_child("memfd_create", memfds);
	SECTION("the log");
	in_child("kmsg", log_and_names);
	SECTION("set-user-ID");
	in_child("exec", setid);
	return 0;
}
