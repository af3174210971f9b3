/* clone(2) and clone3(2) by table: which flags go together, in which order arguments are judged. */
#include <linux/sched.h>
#include "table.h"

#define STACK 16384

static char stack[STACK] __attribute__((aligned(16)));
static int tid, tidfd;

/* The call; the new thread ends at once and uses no stack, so that any may be given. */
static long call(long number, long a, long b, long c, long d, long e)
{
	register long a0 asm("a0") = a;
	register long a1 asm("a1") = b;
	register long a2 asm("a2") = c;
	register long a3 asm("a3") = d;
	register long a4 asm("a4") = e;
	register long a7 asm("a7") = number;

	asm volatile("ecall\n\t"
		     "bnez a0, 1f\n\t"
		     "li a7, 93\n\t" /* exit: of a thread alone */
		     "ecall\n"
		     "1:"
		     : "+r"(a0), "+r"(a7)
		     : "r"(a1), "r"(a2), "r"(a3), "r"(a4)
		     : "memory");
	if (a0 < 0 && a0 > -4096) {
		errno = -a0;
		return -1;
	}
	return a0;
}

/* What became of it; whose child it is ends here too. */
static void told(long pid, int parent)
{
	const char *how = "ok";

	if (pid < 0) {
		word(" %s", ename(errno) + 1);
		return;
	}
	if (waitpid(pid, NULL, __WALL) < 0)
		how = parent ? "sibling" : "thread";
	word(" %s", how);
}

static const struct {
	const char *name;
	unsigned long flags;
} flags[] = {
	{ "0", 0 },
	{ "VM", CLONE_VM },
	{ "SIGHAND", CLONE_SIGHAND },
	{ "VM|SIGHAND", CLONE_VM | CLONE_SIGHAND },
	{ "THREAD", CLONE_THREAD },
	{ "VM|THREAD", CLONE_VM | CLONE_THREAD },
	{ "SIGHAND|THREAD", CLONE_SIGHAND | CLONE_THREAD },
	{ "VM|SIGHAND|THREAD", CLONE_VM | CLONE_SIGHAND | CLONE_THREAD },
	{ "VM|VFORK", CLONE_VM | CLONE_VFORK },
	{ "FS", CLONE_FS },
}, others[] = {
	{ "", 0 },
	{ "PARENT", CLONE_PARENT },
	{ "DETACHED", CLONE_DETACHED },
	{ "UNTRACED", CLONE_UNTRACED },
	{ "PTRACE", CLONE_PTRACE },
	{ "SYSVSEM", CLONE_SYSVSEM },
	{ "IO", CLONE_IO },
	{ "PIDFD", CLONE_PIDFD },
	{ "PIDFD|PARENT_SETTID", CLONE_PIDFD | CLONE_PARENT_SETTID },
	{ "PIDFD|DETACHED", CLONE_PIDFD | CLONE_DETACHED },
	{ "NEWNS", CLONE_NEWNS },
	{ "NEWUSER", CLONE_NEWUSER },
	{ "NEWUSER|FS", CLONE_NEWUSER | CLONE_FS },
	{ "NEWPID", CLONE_NEWPID },
	{ "NEWIPC", CLONE_NEWIPC },
	{ "NEWIPC|SYSVSEM", CLONE_NEWIPC | CLONE_SYSVSEM },
	{ "NEWUTS", CLONE_NEWUTS },
	{ "CLEAR_SIGHAND", CLONE_CLEAR_SIGHAND },
	{ "INTO_CGROUP", CLONE_INTO_CGROUP },
	{ "bit 34", 1UL << 34 },
	{ "bit 63", 1UL << 63 },
	{ "NEWTIME", CLONE_NEWTIME },
};

static void drop(void)
{
	if (tidfd > 2)
		close(tidfd);
	tidfd = -1;
}

static void old(void)
{
	static const int signals[] = { 0, SIGCHLD, SIGUSR1, 65, 255 };

	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		for (size_t o = 0; o < ARRAY_SIZE(others); o++) {
			unsigned long all = flags[f].flags | others[o].flags;

			word("clone %s|%s:", flags[f].name, others[o].name);
			for (size_t s = 0; s < ARRAY_SIZE(signals); s++) {
				tidfd = -1;
				told(call(SYS_clone, all | signals[s], (long)(stack + STACK), (long)&tidfd, 0, (long)&tid),
				     all & CLONE_PARENT);
				drop();
			}
			end_line();
		}
	}
}

static const struct {
	const char *name;
	size_t at; /* the member, eight bytes each */
	unsigned long value;
} members[] = {
	{ "nothing", 0, 0 },
	{ "signal SIGCHLD", 4, SIGCHLD },
	{ "signal 64", 4, 64 },
	{ "signal 65", 4, 65 },
	{ "signal 256", 4, 256 },
	{ "signal 1<<32", 4, 1UL << 32 },
	{ "stack alone", 5, PAGE },
	{ "stack's size alone", 6, PAGE },
	{ "set_tid alone", 8, PAGE },
	{ "set_tid's size alone", 9, 1 },
	{ "set_tid's size 33", 9, 33 },
	{ "cgroup 99", 10, 99 },
	{ "cgroup -1", 10, -1UL },
	{ "cgroup 1<<32", 10, 1UL << 32 },
	{ "beyond", 11, 1 },
	{ "pidfd bad", 1, 8 },
	{ "pidfd's place read only", 1, 4096 },
};

static void new(void)
{
	static const int sizes[] = { 0, 8, 63, 64, 65, 72, 80, 87, 88, 89, 96, PAGE, PAGE + 1 };
	static unsigned long room[1024];

	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		/* A process, a thread, and of what lies between just one. */
		if (f != 0 && f != 3 && f != 7)
			continue;
		for (size_t o = 0; o < ARRAY_SIZE(others); o++) {
			unsigned long all = flags[f].flags | others[o].flags;

			word("clone3 %s|%s:", flags[f].name, others[o].name);
			for (size_t m = 0; m < ARRAY_SIZE(members); m++) {
				memset(room, 0, sizeof(room));
				tidfd = -1;
				room[1] = (long)&tidfd;
				room[3] = (long)&tid;
				room[members[m].at] = members[m].value;
				room[0] = all;
				told(call(SYS_clone3, (long)room, m == 14 ? 96 : 88, 0, 0, 0), all & CLONE_PARENT);
				drop();
			}
			end_line();
		}
	}
	SECTION("clone3's size");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		word("%d:", sizes[i]);
		for (int dirty = 0; dirty < 3; dirty++) {
			memset(room, 0, sizeof(room));
			if (dirty)
				room[dirty == 1 ? 11 : 512] = 1;
			told(call(SYS_clone3, (long)room, sizes[i], 0, 0, 0), 0);
		}
		told(call(SYS_clone3, 8, sizes[i], 0, 0, 0), 0);
		end_line();
	}
	for (size_t i = 0; i < 16; i++) { /* of stacks */
		static const unsigned long at[] = { 0, 16384, -8192UL, 1UL << 38 }, len[] = { 0, 16384, 4096, -1UL };

		memset(room, 0, sizeof(room));
		room[5] = at[i / 4];
		room[6] = len[i % 4];
		word("stack %lx, %lx:", room[5], room[6]);
		told(call(SYS_clone3, (long)room, 88, 0, 0, 0), 0);
		end_line();
	}
}

static void unshares(void)
{
	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		for (size_t o = 0; o < ARRAY_SIZE(others); o++) {
			unsigned long all = flags[f].flags | others[o].flags;
			pid_t pid;
			int st;

			word("unshare %s|%s:", flags[f].name, others[o].name);
			pid = MUST(fork());
			if (!pid)
				_exit(unshare(all) ? errno : 0);
			waitpid(pid, &st, 0);
			word(" %s", WEXITSTATUS(st) ? ename(WEXITSTATUS(st)) + 1 : "ok");
			pid = MUST(fork());
			if (!pid) {
				setresuid(1000, 1000, 1000);
				_exit(unshare(all) ? errno : 0);
			}
			waitpid(pid, &st, 0);
			word(" %s", WEXITSTATUS(st) ? ename(WEXITSTATUS(st)) + 1 : "ok");
			end_line();
		}
	}
}

/* All in a child whose parent takes what CLONE_PARENT makes. */
static void watched(void (*what)(void))
{
	pid_t pid = MUST(fork()), got;
	int st;

	if (!pid) {
		signal(SIGUSR1, SIG_IGN);
		for (int s = 32; s <= 64; s++)
			syscall(SYS_rt_sigaction, s, &(struct { void *h; long f; long m; }){ SIG_IGN, 0, 0 }, NULL, 8);
		what();
		_exit(0);
	}
	while ((got = waitpid(-1, &st, __WALL)) != pid)
		if (got < 0 && errno != EINTR)
			break;
	say("%s\n", wait_text(st));
}

int main(void)
{
	signal(SIGUSR1, SIG_IGN);
	SECTION("clone: with signal 0, SIGCHLD, SIGUSR1, 65, 255");
	watched(old);
	SECTION("clone3");
	watched(new);
	SECTION("unshare: by root, by a user");
	watched(unshares);
	return 0;
}
