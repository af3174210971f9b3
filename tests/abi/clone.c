/* clone, clone3, vfork: what is shared, what is copied, which flags go together. */
#include "abi.h"
#include <linux/sched.h>

static char stack[65536] __attribute__((aligned(16)));
static volatile int shared;
static int st;

static int child(void *arg)
{
	long what = (long)arg;

	shared = 1;
	if (what & 1)
		chdir("/");
	if (what & 2)
		close(10);
	if (what & 4)
		umask(0123);
	return 5;
}

static void run(const char *name, int flags)
{
	char cwd[100];

	shared = 0;
	dup2(1, 10);
	umask(022);
	chdir("/tmp/abi-clone");
	pid_t pid = clone(child, stack + sizeof(stack), flags | SIGCHLD, (void *)7L);
	if (pid < 0) {
		say("%s: %s\n", name, ename(errno));
		return;
	}
	waitpid(pid, &st, 0);
	say("%s: %s memory %d, fd closed %d, ", name, wait_text(st), shared, fcntl(10, F_GETFD) < 0);
	mode_t m = umask(022);
	say("cwd %s umask %o\n", getcwd(cwd, sizeof(cwd)), m);
}

static void ignore(int sig)
{
	(void)sig;
}

static void tls(void)
{
	/* tp of the child is what CLONE_SETTLS says */
	static long block[64];
	long tp;
	pid_t pid = syscall(SYS_clone, SIGCHLD | CLONE_SETTLS, 0, 0, block + 8, 0);

	if (!pid) {
		asm volatile("mv %0, tp" : "=r"(tp));
		long ok = tp == (long)(block + 8);
		register long a0 asm("a0") = ok ? 33 : 34;
		register long a7 asm("a7") = SYS_exit_group;
		asm volatile("ecall" ::"r"(a0), "r"(a7));
	}
	waitpid(pid, &st, 0);
	say("SETTLS: %s\n", wait_text(st));
}

int main(void)
{
	struct clone_args ca;
	int ptid = 0, pidfd = -1;

	SECTION("shared parts");
	run("nothing", 0);
	run("VM", CLONE_VM);
	run("FS", CLONE_FS);
	run("FILES", CLONE_FILES);
	run("all", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND);
	run("VFORK", CLONE_VM | CLONE_VFORK);
	SECTION("combinations refused");
	run("SIGHAND alone", CLONE_SIGHAND);
	run("THREAD alone", CLONE_THREAD);
	run("THREAD without VM", CLONE_THREAD | CLONE_SIGHAND);
	R(syscall(SYS_clone3, NULL, sizeof(ca)));
	memset(&ca, 0, sizeof(ca));
	R(syscall(SYS_clone3, &ca, 10));
	R(syscall(SYS_clone3, &ca, 5000));
	ca.exit_signal = 99;
	R(syscall(SYS_clone3, &ca, sizeof(ca)));
	memset(&ca, 0, sizeof(ca));
	ca.stack = 4096;
	R(syscall(SYS_clone3, &ca, sizeof(ca)));
	memset(&ca, 0, sizeof(ca));
	ca.flags = CLONE_SIGHAND;
	R(syscall(SYS_clone3, &ca, sizeof(ca)));
	ca.flags = CLONE_DETACHED;
	R(syscall(SYS_clone3, &ca, sizeof(ca)));
	SECTION("clone3");
	memset(&ca, 0, sizeof(ca));
	ca.flags = CLONE_PARENT_SETTID;
	ca.parent_tid = (long)&ptid;
	ca.exit_signal = SIGCHLD;
	pid_t pid = MUST(syscall(SYS_clone3, &ca, sizeof(ca)));
	if (!pid)
		_exit(8);
	waitpid(pid, &st, 0);
	say("%s, parent's id %d\n", wait_text(st), ptid == pid);
	memset(&ca, 0, sizeof(ca));
	ca.flags = CLONE_PIDFD;
	ca.pidfd = (long)&pidfd;
	ca.exit_signal = SIGCHLD;
	pid = syscall(SYS_clone3, &ca, sizeof(ca));
	if (!pid)
		_exit(9);
	say("pidfd %s\n", pid < 0 ? ename(errno) : pidfd >= 0 ? "ok" : "none");
	if (pid > 0) {
		siginfo_t si = { 0 };
		R(waitid(P_PIDFD, pidfd, &si, WEXITED));
		say("status %d\n", si.si_status);
		R(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	}
	ca.flags = CLONE_PIDFD | CLONE_PARENT_SETTID; /* both in one place */
	ca.parent_tid = ca.pidfd;
	pid = syscall(SYS_clone3, &ca, sizeof(ca));
	if (!pid)
		_exit(9);
	say("both in one place: %s\n", pid < 0 ? ename(errno) : "ok");
	SECTION("CLEAR_SIGHAND");
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, ignore);
	memset(&ca, 0, sizeof(ca));
	ca.flags = CLONE_CLEAR_SIGHAND;
	ca.exit_signal = SIGCHLD;
	pid = MUST(syscall(SYS_clone3, &ca, sizeof(ca)));
	if (!pid) {
		struct sigaction a, b;
		sigaction(SIGUSR1, NULL, &a);
		sigaction(SIGUSR2, NULL, &b);
		_exit((a.sa_handler == SIG_IGN) + 2 * (b.sa_handler == SIG_DFL));
	}
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
	SECTION("vfork");
	shared = 1;
	pid = vfork();
	if (!pid) {
		shared = 2;
		_exit(6);
	}
	say("the child went first, in the same memory: %d\n", shared);
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
	pid = vfork();
	if (!pid) {
		execl("/abi/exec", "other", NULL);
		_exit(7);
	}
	waitpid(pid, &st, 0);
	say("exec: %s\n", wait_text(st));
	SECTION("thread pointer");
	tls();
	return 0;
}
