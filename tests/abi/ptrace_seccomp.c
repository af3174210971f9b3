/* ptrace(2) and seccomp(2): SECCOMP_RET_TRACE, the order of stops and filters, reading filters, exec of a set-user-ID file. */
#include "abi.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <elf.h>

#define REQUEST(req, pid, addr, data) syscall(SYS_ptrace, (long)(req), pid, (long)(addr), (long)(data))

struct regs {
	unsigned long pc, ra, sp, gp, tp, t[3], s0, s1, a[8], s2[10], t3[4];
};

static struct sock_filter insns[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 77),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void filter(void)
{
	struct sock_fprog prog = { ARRAY_SIZE(insns), insns };

	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
}

static void regs_of(pid_t pid, struct regs *r, int set)
{
	struct iovec iov = { r, sizeof(*r) };

	MUST(REQUEST(set ? PTRACE_SETREGSET : PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
}

static void show_stop(pid_t pid, int status)
{
	struct __ptrace_syscall_info info;
	unsigned long msg = 0;

	memset(&info, 0, sizeof(info));
	long n = REQUEST(0x420e, pid, sizeof(info), &info);
	MUST(REQUEST(PTRACE_GETEVENTMSG, pid, 0, &msg));
	say("  event %d message %lu info %ld op %d", status >> 16, msg, n, info.op);
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
		say(" nr %lld data %u", (long long)info.seccomp.nr, info.seccomp.ret_data);
	else if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		say(" nr %lld", (long long)info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		say(" error %d", info.exit.is_error);
	say("\n");
}

static pid_t start(void)
{
	int status, maker = getpid();
	pid_t pid = MUST(fork());

	if (pid == 0) {
		MUST(REQUEST(PTRACE_TRACEME, 0, 0, 0));
		filter();
		raise(SIGSTOP);
		for (int i = 0; i < 3; i++) {
			errno = 0;
			long r = syscall(SYS_getppid);
			say("getppid %ld%s %s\n", r == getpid() ? 1 : r == maker ? 2 : r,
			    r == getpid() ? " my pid" : r == maker ? " the parent" : "",
			    errno ? ename(errno) : "");
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return pid;
}

static void test_event(void)
{
	SECTION("PTRACE_EVENT_SECCOMP");
	pid_t pid = start();
	struct regs r;
	int status;

	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD));
	for (int n = 0;; n++) {
		MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
		waitpid(pid, &status, __WALL);
		if (!WIFSTOPPED(status))
			break;
		show_stop(pid, status);
		regs_of(pid, &r, 0);
		say("  a0 %ld a7 %ld\n", (long)r.a[0], (long)r.a[7]);
		if (n == 0)
			r.a[7] = SYS_getpid;
		if (n == 1) {
			r.a[7] = -1;
			r.a[0] = 55;
		}
		if (n == 2)
			r.a[7] = SYS_getpgid; /* judged anew */
		regs_of(pid, &r, 1);
	}
	say("%s\n", wait_text(status));
}

static void test_order(void)
{
	SECTION("the tracer's stop comes first");
	pid_t pid = start();
	int status;

	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD));
	for (int n = 0; n < 3; n++) {
		MUST(REQUEST(PTRACE_SYSCALL, pid, 0, 0));
		waitpid(pid, &status, __WALL);
		show_stop(pid, status);
	}
	/* no event is asked for any more: the call fails */
	MUST(REQUEST(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_SUSPEND_SECCOMP));
	MUST(REQUEST(PTRACE_CONT, pid, 0, 0));
	waitpid(pid, &status, __WALL);
	say("%s\n", wait_text(status));
}

static void test_filters(void)
{
	SECTION("filters of a tracee");
	pid_t pid = start();
	struct sock_filter got[8];
	uint64_t meta[2] = { 0, 9 };
	int status;

	R(REQUEST(0x420c, pid, 0, NULL));
	memset(got, 0, sizeof(got));
	R(REQUEST(0x420c, pid, 0, got));
	say("same %d\n", !memcmp(got, insns, sizeof(insns)));
	R(REQUEST(0x420c, pid, 1, got));
	R(REQUEST(0x420c, pid, 0, 8));
	R(REQUEST(0x420d, pid, sizeof(meta), meta));
	say("flags %lu\n", meta[1]);
	R(REQUEST(0x420d, pid, 4, meta));
	meta[0] = 1;
	R(REQUEST(0x420d, pid, sizeof(meta), meta));
	R(REQUEST(0x420d, pid, sizeof(meta), 8));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	say("%s\n", wait_text(status));
}

/* A tracer without rights keeps a set-user-ID program from getting any. */
static void test_setuid(int traced)
{
	int status;
	pid_t pid = MUST(fork());

	if (pid == 0) {
		MUST(setresuid(1000, 1000, 1000));
		pid_t kid = MUST(fork());
		if (kid == 0) {
			char *argv[] = { "self", "ids", NULL };

			if (traced)
				MUST(REQUEST(PTRACE_TRACEME, 0, 0, 0));
			execv("setuid", argv);
			say("exec: %s\n", ename(errno));
			_exit(1);
		}
		while (waitpid(kid, &status, 0) == kid && WIFSTOPPED(status))
			REQUEST(PTRACE_CONT, kid, 0, 0);
		say("%s\n", wait_text(status));
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "ids")) {
		say("uid %d euid %d\n", getuid(), geteuid());
		return 0;
	}
	test_event();
	test_order();
	test_filters();
	SECTION("set-user-ID");
	char buf[4096];
	ssize_t n;
	int from = MUST(open("/proc/self/exe", O_RDONLY)), to = MUST(open("setuid", O_CREAT | O_WRONLY, 0755));
	while ((n = read(from, buf, sizeof(buf))) > 0)
		write(to, buf, n);
	close(to);
	MUST(chmod("setuid", 04755));
	test_setuid(0);
	test_setuid(1);
	return 0;
}
