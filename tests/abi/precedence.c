/*
 * Which of two errors is told, what is left undone then, and other edges of calls that a comparison of
 * random arguments on both kernels found.
 */
#include "abi.h"
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>

#define BAD ((void *)0xfffffffffffff000)

static char *area;

/* The areas in the pages from `area` on, by number of page. */
static void areas(const char *what)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[300], prot[8];

	say("%s:", what);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %7s", &start, &end, prot) == 3 && start >= (unsigned long)area &&
		    end <= (unsigned long)area + 64 * PAGE)
			say(" %lu-%lu%s", (start - (unsigned long)area) / PAGE, (end - (unsigned long)area) / PAGE,
			    prot);
	}
	say("\n");
	fclose(f);
}

static void remaps(void)
{
	SECTION("mremap");
	area = mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area, 64 * PAGE);
	mmap(area + 8 * PAGE, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	/* nothing is at the old address: what lies at the new one stays */
	R((long)mremap(area, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 12 * PAGE));
	R((long)mremap(area, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 12 * PAGE));
	R((long)mremap(area + 6 * PAGE, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 12 * PAGE));
	R((long)mremap(area, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 12 * PAGE + 1));
	R((long)mremap((void *)0x7fffffffff000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	R((long)mremap(area, PAGE, 1UL << 47, MREMAP_MAYMOVE));
	R((long)mremap(area, PAGE, 0, MREMAP_MAYMOVE));
	areas("left");
}

static void locks(void)
{
	SECTION("areas that become alike again are one");
	R(mlock(area + 10 * PAGE, 2 * PAGE));
	areas("locked");
	R(munlockall());
	R(mlock(area + 10 * PAGE, 2 * PAGE));
	R(mlockall(MCL_CURRENT));
	areas("all locked");
	R(munlockall());
}

static void maps(void)
{
	SECTION("mmap beyond the last offset");
	void *p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, -(off_t)PAGE);
	say("%s\n", p == MAP_FAILED ? ename(errno) : "mapped");
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, -2 * (off_t)PAGE);
	say("%s\n", p == MAP_FAILED ? ename(errno) : "mapped");
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, -2 * (off_t)PAGE);
	say("%s\n", p == MAP_FAILED ? ename(errno) : "mapped");
	unsigned long nodes = 1;
	SECTION("mbind over holes");
	R(syscall(SYS_mbind, area, 64 * PAGE, 0, NULL, 0, 0));
	R(syscall(SYS_mbind, area, 64 * PAGE, 2, &nodes, 64, 0));
}

static void futexes(void)
{
	static struct {
		uint64_t val, addr;
		uint32_t flags, reserved;
	} v[2];
	static unsigned word;
	struct timespec soon = { 0, 1000 };
	unsigned *ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	SECTION("futex");
	v[0].addr = v[1].addr = (uint64_t)&word;
	v[0].flags = FUTEX_32 | FUTEX_PRIVATE_FLAG;
	v[1].flags = FUTEX_32;
	R(syscall(456, v, 0, 1, 1));
	v[1].flags = v[0].flags;
	R(syscall(456, v, 0, 1, 1));
	v[0].val = 7;
	R(syscall(449, v, 2, 0, NULL, CLOCK_MONOTONIC));
	v[1].addr = 1;
	R(syscall(449, v, 2, 0, NULL, CLOCK_MONOTONIC));
	v[1].addr = (uint64_t)BAD & ~3UL;
	R(syscall(449, v, 2, 0, NULL, CLOCK_MONOTONIC));
	/* nobody can ever wake who waits for a word of one's own that can't change */
	R(syscall(SYS_futex, ro, FUTEX_WAIT, 0, &soon));
	R(syscall(SYS_futex, ro, FUTEX_WAIT_PRIVATE, 0, &soon));
	R(syscall(SYS_futex, ro, FUTEX_WAKE, 1));
	/* but a file's word may */
	int fd = MUST(open("word", O_RDWR | O_CREAT, 0600));
	MUST(ftruncate(fd, PAGE));
	unsigned *own = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	unsigned *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t pid = MUST(fork());
	if (pid == 0) {
		struct timespec long_ = { 20, 0 };

		_exit(syscall(SYS_futex, own, FUTEX_WAIT, 0, &long_) ? 1 : 0);
	}
	int status, tries = 0;
	while (!waitpid(pid, &status, WNOHANG) && tries++ < 5000) {
		syscall(SYS_futex, shared, FUTEX_WAKE, 1);
		sleep_ms(2);
	}
	say("woken through the file: %s\n", wait_text(status));
}

static void ipc(void)
{
	struct sembuf one = { 0, 1, IPC_NOWAIT };
	struct timespec never = { -1, 0 };

	SECTION("semop");
	R(syscall(SYS_semop, -1, &one, 100000));
	R(syscall(SYS_semop, -1, BAD, 0));
	R(syscall(SYS_semop, -1, BAD, 1));
	R(syscall(SYS_semop, -1, &one, 1));
	R(syscall(SYS_semtimedop, 1, BAD, 1, &never));
	R(syscall(SYS_semtimedop, 1, &one, 1, &never));
	R(syscall(SYS_semtimedop, 1, &one, 100000, &never));
}

static void clocks(void)
{
	struct timespec t = { 0, 0 };
	int id, fdclock = -5, cpu = ~0xf | 2;

	SECTION("clocks");
	R(syscall(SYS_clock_settime, cpu, BAD));
	R(syscall(SYS_clock_settime, cpu, &t));
	R(syscall(SYS_clock_settime, fdclock, BAD));
	R(syscall(SYS_clock_settime, fdclock, &t));
	R(syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, BAD));
	R(syscall(SYS_clock_nanosleep, fdclock, 0, &t, NULL));
	R(syscall(SYS_timer_create, fdclock, NULL, &id));
	R(syscall(SYS_clock_gettime, fdclock, &t));
	static long timex[26];
	R(syscall(SYS_clock_adjtime, fdclock, timex));
	R(syscall(SYS_clock_adjtime, cpu, timex));
	R(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, timex));
	R(syscall(SYS_clock_adjtime, CLOCK_REALTIME_ALARM, timex));
	R(syscall(SYS_clock_adjtime, 100, timex));
}

static void unprivileged(void)
{
	MUST(setresuid(1000, 1000, 1000));
	R(prctl(PR_CAPBSET_DROP, 100));
	R(prctl(PR_CAPBSET_READ, 100));
	R(syscall(SYS_prlimit64, 1, 100, NULL, NULL));
	R(syscall(SYS_prlimit64, getppid(), 100, NULL, NULL));
}

static void limits(void)
{
	SECTION("prlimit");
	R(syscall(SYS_prlimit64, 0x3ffff0, 100, NULL, NULL));
	R(syscall(SYS_prlimit64, 0, 100, BAD, NULL));
	R(syscall(SYS_prlimit64, 0, 100, NULL, NULL));
	in_child("another's", unprivileged);
}

static void waits(void)
{
	int info[32];

	SECTION("waitid writes though there is nothing to tell");
	memset(info, 0x55, sizeof(info));
	R(syscall(SYS_waitid, P_ALL, 0, info, WEXITED | WNOHANG, NULL));
	say("%x %x %x %x %x %x %x %x\n", info[0], info[1], info[2], info[3], info[4], info[5], info[6], info[7]);
	memset(info, 0x55, sizeof(info));
	R(syscall(SYS_waitid, 9, 0, info, WEXITED, NULL));
	say("%x %x %x\n", info[0], info[2], info[4]);
	R(syscall(SYS_waitid, 9, 0, BAD, WEXITED, NULL));
	R(syscall(SYS_waitid, P_ALL, 0, BAD, 0, NULL));
	R(syscall(SYS_waitid, P_ALL, 0, BAD, WEXITED, NULL));
	R(syscall(SYS_waitid, P_ALL, 0, NULL, WEXITED, NULL));
}

static int seen[32];

static void handler(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)ctx;
	memcpy(seen, si, sizeof(seen));
}

/* A siginfo of this code whose end is not zero. */
static void queued(int sig, int code)
{
	int info[32];

	memset(info, 0x11, sizeof(info));
	info[2] = code;
	memset(seen, 0, sizeof(seen));
	int r = syscall(SYS_rt_sigqueueinfo, getpid(), sig, info);
	say("%s, code %d: %s %x %x\n", sname(sig), code, r ? ename(errno) : "sent", seen[11], seen[12]);
}

static void siginfos(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	static const int codes[] = { -61, -60, -8, -7, -1, 0, 1, 2, 5, 6, 7, 10, 11, 15, 16, 0x80, 0x81 };

	SECTION("a siginfo with more than is known");
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		queued(SIGUSR1, codes[i]);
		queued(SIGBUS, codes[i]);
		queued(SIGFPE, codes[i]);
	}
	R(syscall(SYS_rt_tgsigqueueinfo, 0, 0, 0, BAD));
	R(syscall(SYS_rt_sigqueueinfo, 0x3ffff0, 100, BAD));
}

static void vectors(void)
{
	char buf[8] = "eventfd";
	int fd = MUST(eventfd(0, EFD_NONBLOCK)), zero = MUST(open("/dev/zero", O_RDWR));
	struct iovec v[2] = { { buf, 1UL << 40 }, { buf, (size_t)-1 } };
	struct iovec near = { buf, 1UL << 62 };

	SECTION("vectors");
	R(syscall(SYS_writev, zero, v, 2));
	v[0].iov_base = BAD;
	R(syscall(SYS_writev, zero, v, 2));
	R(syscall(SYS_process_vm_readv, getpid(), v, 2, BAD, 1, 0));
	R(syscall(SYS_process_vm_readv, getpid(), &near, 1, BAD, -1UL, 0));
	static char big[16];
	R(write(fd, big, 16));
	R(write(fd, big, 7));
	R(write(fd, big, 8));
	close(fd);
	close(zero);
}

static long rseq_area[8] __attribute__((aligned(64)));

/* What is in the memory already is no section. */
static void *with_rseq(void *arg)
{
	(void)arg;
	rseq_area[1] = 0x1234567;
	R(syscall(SYS_rseq, rseq_area, 32, 0, 0x53053053));
	sched_yield();
	sleep_ms(2);
	say("section %lx\n", rseq_area[1]);
	R(syscall(SYS_rseq, rseq_area, 32, 1, 0x53053053));
	R(syscall(SYS_rseq, NULL, 32, 0, 0x53053053));
	area = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	R(syscall(SYS_rseq, area, 32, 0, 0x53053053));
	return NULL;
}

static char stack[65536] __attribute__((aligned(16)));

static int with_rseq_clone(void *arg)
{
	with_rseq(arg);
	return 0;
}

int main(void)
{
	int status;

	remaps();
	locks();
	maps();
	futexes();
	ipc();
	clocks();
	limits();
	waits();
	siginfos();
	vectors();
	SECTION("rseq");
	pid_t pid = MUST(clone(with_rseq_clone, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL));
	waitpid(pid, &status, 0);
	say("%s\n", wait_text(status));
	return 0;
}
