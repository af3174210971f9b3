/* Seccomp: modes, what is refused as a filter, every action, flags, inheritance. */
#include "seccomp.h"
#include <linux/audit.h>
#include <pthread.h>
#include <sys/resource.h>

static void status_lines(void)
{
	char line[200];
	FILE *s = fopen("/proc/thread-self/status", "r");

	while (fgets(line, sizeof(line), s))
		if (!strncmp(line, "NoNewPrivs", 10) || !strncmp(line, "Seccomp", 7))
			say("  %s", line);
	fclose(s);
}

/* --- arguments --- */

static void arguments(void)
{
	struct sock_filter ok[] = { RET(SECCOMP_RET_ALLOW) };
	struct sock_fprog none = { 0, ok }, bad = { 1, (void *)8 };
	unsigned action;
	struct seccomp_notif_sizes sizes;

	SECTION("arguments");
	R(seccomp(77, 0, NULL));
	R(seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL));
	R(seccomp(SECCOMP_SET_MODE_STRICT, 0, &none));
	R(seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL));
	R(seccomp(SECCOMP_SET_MODE_FILTER, 0, &none));
	R(seccomp(SECCOMP_SET_MODE_FILTER, 1 << 6, &none));
	R(seccomp(SECCOMP_SET_MODE_FILTER, 0, &bad));
	R(install(ok, 1, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER));
	R(install(ok, 1, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
	R(prctl(PR_SET_SECCOMP, 0, 0, 0, 0));
	R(prctl(PR_SET_SECCOMP, 3, 0, 0, 0));
	R(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0));
	R(prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	R(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, NULL));
	R(seccomp(SECCOMP_GET_ACTION_AVAIL, 1, &action));
	unsigned known[] = { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
			     SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE,
			     SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 0x12340000, 1 };
	for (unsigned i = 0; i < LEN(known); i++)
		R(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &known[i]));
	R(seccomp(SECCOMP_GET_NOTIF_SIZES, 1, &sizes));
	R(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, NULL));
	R(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
	say("sizes %d %d %d\n", sizes.seccomp_notif, sizes.seccomp_notif_resp, sizes.seccomp_data);
}

/* --- programs --- */

static void one(const char *what, struct sock_filter *f, unsigned n)
{
	int st;
	pid_t pid = MUST(fork());

	if (!pid) {
		long r = install(f, n, 0);
		_exit(r == 0 ? 0 : errno);
	}
	waitpid(pid, &st, 0);
	if (WIFEXITED(st))
		say("%s: %s\n", what, WEXITSTATUS(st) ? ename(WEXITSTATUS(st)) : "ok");
	else
		say("%s: %s\n", what, wait_text(st));
}
#define P(what, ...)                                   \
	({                                             \
		struct sock_filter f_[] = { __VA_ARGS__ }; \
		one(what, f_, LEN(f_));                \
	})
#define ALLOW RET(SECCOMP_RET_ALLOW)

static void programs(void)
{
	SECTION("programs");
	P("return A", BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_A, 0));
	P("no return", BPF_STMT(BPF_LD | BPF_IMM, 0));
	P("return X", BPF_STMT(BPF_RET | BPF_X, 0));
	P("word", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 60), ALLOW);
	P("word misaligned", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ALLOW);
	P("word beyond", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ALLOW);
	P("half word", BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), ALLOW);
	P("byte", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), ALLOW);
	P("indirect", BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), ALLOW);
	P("header length", BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), ALLOW);
	P("length", BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 64, 0, 1), ALLOW, RET(0));
	P("length in X", BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0),
	  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 64, 0, 1), ALLOW, RET(0));
	P("extension", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF), ALLOW);
	P("scratch", BPF_STMT(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_MEM, 15), ALLOW);
	P("scratch 16", BPF_STMT(BPF_ST, 16), ALLOW);
	P("scratch not set", BPF_STMT(BPF_LD | BPF_MEM, 1), ALLOW);
	P("scratch set on one path", LOAD_NR, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1), BPF_STMT(BPF_ST, 3),
	  BPF_STMT(BPF_LDX | BPF_MEM, 3), ALLOW);
	P("scratch set on both", LOAD_NR, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 2), BPF_STMT(BPF_ST, 3),
	  BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), BPF_STMT(BPF_STX, 3), BPF_STMT(BPF_LDX | BPF_MEM, 3), ALLOW);
	P("jump to the end", BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0), ALLOW);
	P("jump beyond", BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), ALLOW);
	P("jump far", BPF_JUMP(BPF_JMP | BPF_JA, 0xffffffff, 0, 0), ALLOW);
	P("jt beyond", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), ALLOW);
	P("jf beyond", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), ALLOW);
	P("jump last", ALLOW, BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0));
	P("divide by 0", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ALLOW);
	P("remainder", BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), ALLOW);
	P("shift 31", BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 31), ALLOW);
	P("shift 32", BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 32), ALLOW);
	P("divide by X = 0", BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), ALLOW);
	P("xor, neg", BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0xffffffff),
	  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), ALLOW, RET(0));
	P("unknown code", BPF_STMT(0xff, 0), ALLOW);
	static struct sock_filter big[4097];
	for (unsigned i = 0; i < 4097; i++)
		big[i] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	one("4096", big, 4096);
	one("4097", big, 4097);
}

static void path_limit(void)
{
	static struct sock_filter big[4096];
	int n = 0;

	for (unsigned i = 0; i < 4096; i++)
		big[i] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	while (!install(big, 4096, 0) && n < 20)
		n++;
	say("%d long filters, then %s\n", n, ename(errno));
}

/* --- actions --- */

static volatile int sigsys;
static siginfo_t sigsys_info;
static void on_sigsys(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	sigsys++;
	sigsys_info = *si;
}

static void with_errno(void)
{
	MUST(on_getppid(SECCOMP_RET_ERRNO | 13, 0));
	R(getppid());
	R(syscall(SYS_getpid) > 0);
	MUST(on_getppid(SECCOMP_RET_ERRNO | 5, 0));
	R(getppid()); /* the newest of equal rank */
	status_lines();
	R(prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	R(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
	pid_t pid = MUST(fork());
	if (!pid) {
		R(getppid());
		status_lines();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void errno_0(void)
{
	MUST(on_getppid(SECCOMP_RET_ERRNO | 0, 0));
	R(getppid());
}

static void errno_big(void)
{
	MUST(on_getppid(SECCOMP_RET_ERRNO | 0xffff, 0));
	R(syscall(SYS_getppid));
}

static void trap(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };

	MUST(sigaction(SIGSYS, &sa, NULL));
	MUST(on_getppid(SECCOMP_RET_TRAP | 42, 0));
	/* a0 keeps the argument */
	say("a0 %#lx\n", syscall(SYS_getppid, 0x1234));
	say("traps %d signo %s code %d errno %d nr %d arch %#x addr %d\n", sigsys, sname(sigsys_info.si_signo),
	    sigsys_info.si_code, sigsys_info.si_errno, sigsys_info.si_syscall == SYS_getppid, sigsys_info.si_arch,
	    sigsys_info.si_call_addr != NULL);
}

static void trap_default(void)
{
	MUST(on_getppid(SECCOMP_RET_TRAP, 0));
	getppid();
}

static void trap_blocked(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGSYS);
	sigprocmask(SIG_BLOCK, &s, NULL);
	MUST(sigaction(SIGSYS, &sa, NULL));
	MUST(on_getppid(SECCOMP_RET_TRAP, 0));
	getppid();
	say("not killed\n");
}

static void kill_process(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };

	MUST(sigaction(SIGSYS, &sa, NULL));
	MUST(on_getppid(SECCOMP_RET_KILL_PROCESS, 0));
	getppid();
	say("not killed\n");
}

static void kill_thread_alone(void)
{
	MUST(on_getppid(SECCOMP_RET_KILL_THREAD, 0));
	getppid();
	say("not killed\n");
}

static void unknown_action(void)
{
	MUST(on_getppid(0x12340000, 0));
	getppid();
	say("not killed\n");
}

static void *dies(void *arg)
{
	(void)arg;
	syscall(SYS_getppid);
	return (void *)1;
}

static void kill_thread(void)
{
	pthread_t t;

	MUST(on_getppid(SECCOMP_RET_KILL_THREAD, 0));
	pthread_create(&t, NULL, dies, NULL);
	pthread_join(t, NULL);
	say("the others live\n");
}

static void kill_all(void)
{
	pthread_t t;

	MUST(on_getppid(SECCOMP_RET_KILL_PROCESS, 0));
	pthread_create(&t, NULL, dies, NULL);
	pthread_join(t, NULL);
	say("not killed\n");
}

static void trace_without(void)
{
	MUST(on_getppid(SECCOMP_RET_TRACE | 7, 0));
	R(getppid());
}

static void log_it(void)
{
	MUST(on_getppid(SECCOMP_RET_LOG, SECCOMP_FILTER_FLAG_LOG));
	R(getppid() > 0);
}

static void order(void)
{
	/* whichever is older, the sterner verdict counts */
	MUST(on_getppid(SECCOMP_RET_ERRNO | 11, 0));
	MUST(on_getppid(SECCOMP_RET_LOG, 0));
	R(getppid());
	MUST(on_getppid(SECCOMP_RET_ALLOW, SECCOMP_FILTER_FLAG_SPEC_ALLOW));
	R(getppid());
	MUST(on_getppid(SECCOMP_RET_KILL_PROCESS, 0));
	getppid();
	say("not killed\n");
}

static void args_seen(void)
{
	/* arguments as two words each, the architecture, the number */
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_RISCV64, 0, 9),
		LOAD_NR,
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x9abcdef0, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]) + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x12345678, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
		RET(SECCOMP_RET_ERRNO | 99),
		ALLOW,
	};

	MUST(install(f, LEN(f), 0));
	R(syscall(SYS_getpriority, 7, 0, 0, 0, 0, 0x123456789abcdef0));
	R(syscall(SYS_getpriority, 7, 0, 0, 0, 0, 0x123456789abcdef1));
}

static void strict(void)
{
	char c;
	int p[2];

	MUST(pipe(p));
	MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
	write(p[1], "x", 1);
	read(p[0], &c, 1);
	write(1, "strict: write works\n", 20);
	syscall(SYS_exit, 5);
}

static void strict_killed(void)
{
	MUST(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
	syscall(SYS_getpid);
	write(1, "not killed\n", 11);
}

static void strict_exit_group(void)
{
	MUST(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
	syscall(SYS_exit_group, 3);
}

static void needs_nnp(void)
{
	MUST(setuid(1000));
	R(on_getppid(SECCOMP_RET_ALLOW, 0));
	nnp();
	R(on_getppid(SECCOMP_RET_ALLOW, 0));
	status_lines();
}

static void over_exec(void)
{
	nnp();
	MUST(on_getppid(SECCOMP_RET_ERRNO | 22, 0));
	execl("/proc/self/exe", "seccomp", "status", NULL);
}

/* --- threads --- */

static int gate[2], done[2];
static void *waits(void *arg)
{
	char c;

	(void)arg;
	read(gate[0], &c, 1);
	long r = syscall(SYS_getppid);
	say("thread: getppid %s, no_new_privs %d\n", r == -1 ? ename(errno) : "ok", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return NULL;
}

static void tsync(void)
{
	pthread_t t;

	MUST(pipe(gate));
	pthread_create(&t, NULL, waits, NULL);
	nnp();
	R(on_getppid(SECCOMP_RET_ERRNO | 1, SECCOMP_FILTER_FLAG_TSYNC));
	write(gate[1], "x", 1);
	pthread_join(t, NULL);
	say("main: %s\n", getppid() == -1 ? ename(errno) : "ok");
}

static void no_tsync(void)
{
	pthread_t t;

	MUST(pipe(gate));
	pthread_create(&t, NULL, waits, NULL);
	nnp();
	R(on_getppid(SECCOMP_RET_ERRNO | 1, 0));
	write(gate[1], "x", 1);
	pthread_join(t, NULL);
}

static pid_t odd_tid;
static void *odd(void *arg)
{
	char c;

	(void)arg;
	odd_tid = gettid();
	MUST(on_getppid(SECCOMP_RET_ERRNO | 2, 0));
	write(done[1], "x", 1);
	read(gate[0], &c, 1);
	say("odd thread: %s\n", syscall(SYS_getppid) == -1 ? ename(errno) : "ok");
	return NULL;
}

static void tsync_fails(void)
{
	pthread_t t;
	char c;

	MUST(pipe(gate));
	MUST(pipe(done));
	pthread_create(&t, NULL, odd, NULL);
	read(done[0], &c, 1);
	say("tsync names the thread %d\n", on_getppid(SECCOMP_RET_ERRNO | 1, SECCOMP_FILTER_FLAG_TSYNC) == odd_tid);
	R(on_getppid(SECCOMP_RET_ERRNO | 1, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH));
	say("main is as before %d\n", getppid() > 0);
	write(gate[1], "x", 1);
	pthread_join(t, NULL);
}

static void sysctls(void)
{
	char buf[200] = { 0 };
	static const char *const names[] = { "/proc/sys/kernel/seccomp/actions_avail",
					     "/proc/sys/kernel/seccomp/actions_logged" };

	for (unsigned i = 0; i < LEN(names); i++) {
		int fd = open(names[i], O_RDONLY);
		ssize_t n = read(fd, buf, sizeof(buf) - 1);
		buf[n > 0 ? n : 0] = 0;
		say("%s: %s", names[i], buf);
		close(fd);
	}
	int fd = open(names[1], O_RDWR);
	R(write(fd, "trap allow\n", 11));
	R(pwrite(fd, "nonsense\n", 9, 0));
	R(pwrite(fd, "trap errno\n", 11, 0));
	buf[pread(fd, buf, sizeof(buf) - 1, 0)] = 0;
	say("%s", buf);
	R(pwrite(fd, "kill_process kill_thread trap errno user_notif trace log\n", 57, 0));
	R(open(names[0], O_WRONLY));
}

int main(int argc, char **argv)
{
	struct rlimit none = { 0, 0 };

	if (argc > 1 && !strcmp(argv[1], "status")) {
		status_lines();
		R(getppid());
		return 0;
	}
	(void)argv;
	setrlimit(RLIMIT_CORE, &none);
	arguments();
	programs();
	in_child("path limit", path_limit);
	SECTION("actions");
	in_child("errno", with_errno);
	in_child("errno 0", errno_0);
	in_child("errno big", errno_big);
	in_child("trap", trap);
	in_child("trap default", trap_default);
	in_child("trap blocked", trap_blocked);
	in_child("kill process", kill_process);
	in_child("kill thread alone", kill_thread_alone);
	in_child("kill thread", kill_thread);
	in_child("kill process from a thread", kill_all);
	in_child("unknown action", unknown_action);
	in_child("trace", trace_without);
	in_child("log", log_it);
	in_child("order", order);
	in_child("arguments", args_seen);
	SECTION("strict");
	in_child("strict", strict);
	in_child("strict killed", strict_killed);
	in_child("strict exit_group", strict_exit_group);
	SECTION("inheritance");
	in_child("needs no_new_privs", needs_nnp);
	in_child("exec", over_exec);
	in_child("tsync", tsync);
	in_child("no tsync", no_tsync);
	in_child("tsync fails", tsync_fails);
	SECTION("sysctl");
	sysctls();
	return 0;
}
