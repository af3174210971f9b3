/* prctl(2), option by option: what is kept, what is checked, what this hardware refuses. */
#include "abi.h"
#include <elf.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <signal.h>
#include <ucontext.h>

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif
#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
#ifndef PR_RISCV_SET_ICACHE_FLUSH_CTX
#define PR_RISCV_SET_ICACHE_FLUSH_CTX 71
#endif

#define P(...) syscall(SYS_prctl, __VA_ARGS__)

static void simple(void)
{
	int v = -1;
	unsigned long tid = 0;

	SECTION("simple");
	R(P(0, 0, 0, 0, 0));
	R(P(9999, 0, 0, 0, 0));
	R(P(PR_SET_PDEATHSIG, 65, 0, 0, 0));
	R(P(PR_SET_PDEATHSIG, -1L, 0, 0, 0));
	R(P(PR_SET_PDEATHSIG, 64, 0, 0, 0));
	R(P(PR_GET_PDEATHSIG, &v, 0, 0, 0));
	say("%d\n", v);
	R(P(PR_GET_PDEATHSIG, 8, 0, 0, 0));
	R(P(PR_SET_DUMPABLE, 2, 0, 0, 0));
	R(P(PR_SET_DUMPABLE, 0, 0, 0, 0));
	R(P(PR_GET_DUMPABLE, 0, 0, 0, 0));
	R(P(PR_SET_DUMPABLE, 1, 0, 0, 0));
	R(P(PR_SET_NAME, 8, 0, 0, 0));
	R(P(PR_SET_CHILD_SUBREAPER, 5, 1, 2, 3));
	R(P(PR_GET_CHILD_SUBREAPER, &v, 0, 0, 0));
	say("%d\n", v);
	R(P(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0));
	R(P(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	R(P(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
	R(P(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
	R(P(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	R(P(PR_GET_TID_ADDRESS, &tid, 0, 0, 0));
	say("tid address %d\n", tid != 0);
	R(P(PR_GET_TID_ADDRESS, 8, 0, 0, 0));
	SECTION("timing");
	R(P(PR_GET_TIMING, 0, 0, 0, 0));
	R(P(PR_SET_TIMING, 0, 0, 0, 0));
	R(P(PR_SET_TIMING, 1, 0, 0, 0));
	R(P(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0));
	R(P(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0));
	R(P(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	R(P(PR_SET_TIMERSLACK, 1000, 0, 0, 0));
	R(P(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	if (!MUST(fork())) {
		R(P(PR_SET_TIMERSLACK, 7, 0, 0, 0));
		R(P(PR_SET_TIMERSLACK, 0, 0, 0, 0));
		R(P(PR_GET_TIMERSLACK, 0, 0, 0, 0));
		_exit(0);
	}
	wait(NULL);
	R(P(PR_SET_TIMERSLACK, 0, 0, 0, 0));
	R(P(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	SECTION("broken memory");
	R(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	R(P(PR_MCE_KILL_GET, 1, 0, 0, 0));
	R(P(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	R(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	R(P(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0));
	R(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	R(P(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0));
	R(P(PR_MCE_KILL, 2, 0, 0, 0));
	R(P(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0));
	R(P(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 1, 0));
	R(P(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
	R(P(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SECTION("flusher");
	R(P(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
	R(P(PR_SET_IO_FLUSHER, 2, 0, 0, 0));
	R(P(PR_SET_IO_FLUSHER, 1, 1, 0, 0));
	R(P(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	R(P(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
	R(P(PR_GET_IO_FLUSHER, 1, 0, 0, 0));
	SECTION("pages");
	R(P(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	R(P(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	R(P(PR_SET_THP_DISABLE, 1, 1, 0, 0));
	R(P(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	R(P(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	if (!MUST(fork())) {
		R(P(PR_GET_THP_DISABLE, 0, 0, 0, 0));
		_exit(0);
	}
	wait(NULL);
	R(P(PR_SET_THP_DISABLE, 0, 0, 0, 0));
	R(P(PR_GET_MEMORY_MERGE, 0, 0, 0, 0));
	R(P(PR_SET_MEMORY_MERGE, 1, 1, 0, 0));
	R(P(PR_SET_MEMORY_MERGE, 1, 0, 0, 0));
	R(P(PR_GET_MEMORY_MERGE, 0, 0, 0, 0));
	R(P(PR_SET_MEMORY_MERGE, 0, 0, 0, 0));
	SECTION("not on this hardware");
	R(P(PR_GET_UNALIGN, &v, 0, 0, 0));
	R(P(PR_SET_UNALIGN, 1, 0, 0, 0));
	R(P(PR_GET_FPEMU, &v, 0, 0, 0));
	R(P(PR_GET_FPEXC, &v, 0, 0, 0));
	R(P(PR_GET_ENDIAN, &v, 0, 0, 0));
	R(P(PR_GET_TSC, &v, 0, 0, 0));
	R(P(PR_SET_TSC, 1, 0, 0, 0));
	R(P(PR_SET_FP_MODE, 0, 0, 0, 0));
	R(P(PR_GET_FP_MODE, 0, 0, 0, 0));
	R(P(PR_SVE_GET_VL, 0, 0, 0, 0));
	R(P(PR_GET_SPECULATION_CTRL, 0, 0, 0, 0));
	R(P(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0));
	R(P(PR_SET_SPECULATION_CTRL, 0, 0, 0, 0));
	R(P(PR_PAC_RESET_KEYS, 0, 0, 0, 0));
	R(P(PR_SET_TAGGED_ADDR_CTRL, 0, 0, 0, 0));
	R(P(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0));
	R(P(PR_SCHED_CORE, 0, 0, 0, 0));
	R(P(PR_MPX_ENABLE_MANAGEMENT, 0, 0, 0, 0));
	SECTION("riscv");
	R(P(PR_RISCV_SET_ICACHE_FLUSH_CTX, 2, 0, 0, 0));
	R(P(PR_RISCV_SET_ICACHE_FLUSH_CTX, 0, 2, 0, 0));
	R(P(PR_RISCV_SET_ICACHE_FLUSH_CTX, 0, 0, 0, 0));
	R(P(PR_RISCV_SET_ICACHE_FLUSH_CTX, 1, 0, 0, 0));
	R(P(PR_RISCV_SET_ICACHE_FLUSH_CTX, 0, 1, 0, 0));
}

static void unprivileged(void)
{
	MUST(setuid(1000));
	R(P(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	R(P(PR_GET_IO_FLUSHER, 0, 0, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_BRK, 0x10000, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_BRK, 0x10000, 1, 0));
	R(P(PR_CAPBSET_DROP, 1, 0, 0, 0));
	R(P(PR_SET_SECUREBITS, 0, 0, 0, 0));
	R(P(PR_SET_KEEPCAPS, 1, 0, 0, 0));
}

/* --- memory-deny-write-execute --- */

static void mdwe(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;

	R(P(PR_GET_MDWE, 0, 0, 0, 0));
	R(P(PR_GET_MDWE, 1, 0, 0, 0));
	R(P(PR_SET_MDWE, 4, 0, 0, 0));
	R(P(PR_SET_MDWE, 2, 0, 0, 0));
	R(P(PR_SET_MDWE, 1, 1, 0, 0));
	char *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, anon, -1, 0);
	char *w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, anon, -1, 0);
	R(P(PR_SET_MDWE, 1, 0, 0, 0));
	R(P(PR_GET_MDWE, 0, 0, 0, 0));
	R(P(PR_SET_MDWE, 0, 0, 0, 0));
	R(P(PR_SET_MDWE, 1, 0, 0, 0));
	R(P(PR_SET_MDWE, 3, 0, 0, 0));
	OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, anon, -1, 0));
	OK(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, anon, -1, 0));
	R(mprotect(x, PAGE, PROT_READ | PROT_EXEC));
	R(mprotect(x, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	R(mprotect(w, PAGE, PROT_READ | PROT_EXEC));
	R(mprotect(w, PAGE, PROT_READ));
	R(mprotect(x, PAGE, PROT_READ));
	R(mprotect(x, PAGE, PROT_READ | PROT_EXEC));
	if (!MUST(fork())) {
		R(P(PR_GET_MDWE, 0, 0, 0, 0));
		OK(mmap(NULL, PAGE, PROT_WRITE | PROT_EXEC, anon, -1, 0));
		_exit(0);
	}
	wait(NULL);
}

static void mdwe_alone(void)
{
	R(P(PR_SET_MDWE, 3, 0, 0, 0));
	R(P(PR_GET_MDWE, 0, 0, 0, 0));
	if (!MUST(fork())) {
		R(P(PR_GET_MDWE, 0, 0, 0, 0));
		_exit(0);
	}
	wait(NULL);
}

/* --- PR_SET_MM --- */

static void stat_fields(unsigned long *f)
{
	char buf[2000];
	int fd = open("/proc/self/stat", O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);
	char *p;

	close(fd);
	buf[n] = 0;
	p = strrchr(buf, ')') + 2;
	for (int i = 3; i <= 52 && p; i++) {
		f[i] = strtoul(p, &p, 10);
		if (i == 3)
			p++;
	}
}

static void set_mm(void)
{
	unsigned long f[60], auxv[100];
	unsigned size = 0;
	struct prctl_mm_map map;
	char *m = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	R(P(PR_SET_MM, 0, 0x20000, 0, 0));
	R(P(PR_SET_MM, 16, 0x20000, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_BRK, 0x20000, 1, 0));
	R(P(PR_SET_MM, PR_SET_MM_BRK, 0x20000, 0, 1));
	R(P(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_BRK, 1UL << 62, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0));
	say("size %u\n", size);
	R(P(PR_SET_MM, PR_SET_MM_MAP_SIZE, 8, 0, 0));
	stat_fields(f);
	R(P(PR_SET_MM, PR_SET_MM_START_CODE, f[27], 0, 0)); /* not before its end */
	R(P(PR_SET_MM, PR_SET_MM_START_CODE, f[26], 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_END_CODE, f[27] + 16, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_ARG_START, m, 0, 0)); /* after arg_end? */
	strcpy(m, "other");
	strcpy(m + 6, "arguments");
	if ((unsigned long)m < f[48])
		R(P(PR_SET_MM, PR_SET_MM_ARG_START, m, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_ARG_END, m + 16, 0, 0));
	char buf[64] = { 0 };
	int fd = open("/proc/self/cmdline", O_RDONLY);
	say("%zd bytes:", read(fd, buf, sizeof(buf)));
	close(fd);
	say(" %s %s\n", buf, buf + 6);
	R(P(PR_SET_MM, PR_SET_MM_ENV_START, 0x12000, 0, 0) == 0);
	stat_fields(f);
	R(P(PR_SET_MM, PR_SET_MM_START_BRK, f[47], 0, 0));
	long n = P(PR_GET_AUXV, auxv, sizeof(auxv), 0, 0);
	say("auxv %d\n", n > 300);
	R(P(PR_GET_AUXV, auxv, 16, 1, 0));
	R(P(PR_GET_AUXV, 8, 16, 0, 0));
	R(P(PR_SET_MM, PR_SET_MM_AUXV, 0, 16, 0));
	R(P(PR_SET_MM, PR_SET_MM_AUXV, auxv, 10000, 0));
	R(P(PR_SET_MM, PR_SET_MM_AUXV, 8, 16, 0));
	unsigned long mine[4] = { AT_PAGESZ, 4711, AT_NULL, 0 };
	R(P(PR_SET_MM, PR_SET_MM_AUXV, mine, sizeof(mine), 0));
	fd = open("/proc/self/auxv", O_RDONLY);
	say("%d", read(fd, auxv, sizeof(auxv)) >= 32);
	close(fd);
	say(" %lu %lu %lu\n", auxv[0], auxv[1], auxv[2]);
	R(P(PR_SET_MM, PR_SET_MM_EXE_FILE, 999, 0, 0));
	fd = open("/", O_RDONLY);
	R(P(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0));
	fd = open("/etc/passwd", O_RDONLY);
	R(P(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0));
	fd = open("/proc/self/exe", O_RDONLY);
	R(P(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0));
	memset(&map, 0, sizeof(map));
	R(P(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	R(P(PR_SET_MM, PR_SET_MM_MAP, &map, 8, 0));
	R(P(PR_SET_MM, PR_SET_MM_MAP, 8, sizeof(map), 0));
	map = (struct prctl_mm_map){ f[26], f[27], f[45], f[46], f[47], f[47] + PAGE, f[28], (unsigned long)m, (unsigned long)m + 6,
				     (unsigned long)m, (unsigned long)m, NULL, 0, -1 };
	R(P(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	map.exe_fd = 999;
	R(P(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	map.exe_fd = -1;
	map.auxv_size = 16;
	R(P(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	map.auxv = (void *)mine;
	R(P(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	fd = open("/proc/self/cmdline", O_RDONLY);
	memset(buf, 0, sizeof(buf));
	say("%zd bytes: %s\n", read(fd, buf, sizeof(buf)), buf);
	stat_fields(f);
	say("brk %d\n", (unsigned long)sbrk(0) != 0);
}

/* --- system-call user dispatch --- */

static volatile char selector;
static volatile int hits;
static siginfo_t info;
static void on_sys(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	selector = 0;
	hits++;
	info = *si;
	((ucontext_t *)uc)->uc_mcontext.__gregs[10] = 4321; /* a0 */
}

static void dispatch(void)
{
	struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };

	MUST(sigaction(SIGSYS, &sa, NULL));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 2, 0, 0, 0));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 0, 1, 0, 0));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, &selector));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 8, 0, 0));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 8, -1L, 0));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, -1L));
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector));
	R(getppid() > 0);
	selector = 1;
	long r = syscall(SYS_getppid);
	say("%ld, %d hit, code %d nr %d errno %d arch %#x\n", r, hits, info.si_code, info.si_syscall == SYS_getppid, info.si_errno, info.si_arch);
	if (!MUST(fork())) {
		selector = 1;
		syscall(SYS_getppid);
		selector = 0;
		say("child: %d\n", hits);
		_exit(0);
	}
	wait(NULL);
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	selector = 1;
	syscall(SYS_getppid);
	say("off: %d\n", hits);
	/* all code is in the range */
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 0x1000, 1UL << 37, &selector));
	syscall(SYS_getppid);
	say("in the range: %d\n", hits);
}

static void dispatch_bad(void)
{
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector));
	selector = 7;
	syscall(SYS_getppid);
}

static void dispatch_fault(void)
{
	R(P(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, 64));
	syscall(SYS_getppid);
}

int main(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	setvbuf(stdout, NULL, _IONBF, 0);
	simple();
	in_child("unprivileged", unprivileged);
	SECTION("mdwe");
	in_child("mdwe", mdwe);
	in_child("mdwe alone", mdwe_alone);
	SECTION("mm");
	in_child("mm", set_mm);
	SECTION("dispatch");
	in_child("dispatch", dispatch);
	in_child("bad selector", dispatch_bad);
	in_child("no selector", dispatch_fault);
	return 0;
}
