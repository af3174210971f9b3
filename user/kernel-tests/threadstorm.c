/*
 * threadstorm.c - threads against each other in one address space: they clone, fault, unmap, protect,
 * signal, fork, exec and exit, on as many harts as there are; and bombs of processes and of threads
 * that go off at RLIMIT_NPROC.
 *
 * A page of the shared room holds 0 or its own mark: anything else is another page's memory. Who finds
 * a page gone maps it again from the handler of SIGSEGV and goes on.
 */
#include "tests.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096ul
#define ROOM	48ul /* pages */
#define PLACE	(64ul << 30) /* of them: far below what mmap chooses, so that no hole is taken */
#define WORKERS 8
#define STEPS	100 /* of a worker, before another takes its place */
#define LIVES	2 /* of each worker's place */

static char *room;
static struct thread workers[WORKERS];
static long born, ended, faults, signals; /* atomic */

static void count(long *what)
{
	__atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
}

static void map_again(int sig, siginfo_t *si, void *context)
{
	char *at = si->si_addr;
	int saved = errno;

	(void)sig;
	(void)context;
	if (at < room || at >= room + ROOM * PAGE)
		fail("a fault at %p", (void *)at);
	count(&faults);
	at -= (uintptr_t)at % PAGE;
	if (si->si_code == SEGV_ACCERR)
		mprotect(at, PAGE, PROT_READ | PROT_WRITE);
	else
		mmap(at, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	errno = saved;
}

static void on_signal(int sig)
{
	(void)sig;
	count(&signals);
}

static void touch(unsigned long i)
{
	volatile unsigned long *p = (volatile unsigned long *)(room + i % ROOM * PAGE);
	unsigned long seen = *p;

	if (seen && seen != i % ROOM + 1)
		fail("page %lu holds the mark of page %ld", i % ROOM, (long)seen - 1);
	*p = i % ROOM + 1;
}

static int short_life(void *arg)
{
	for (unsigned long i = 0; i < 4; i++)
		touch((unsigned long)arg + i * 5);
	count(&ended);
	return 0;
}

static void fork_one(unsigned int r)
{
	pid_t pid = spawn();

	if (!pid) {
		for (unsigned long i = 0; i < 8; i++)
			touch(r + i * 3);
		if (r % 4 == 0)
			execv("/proc/self/exe", (char *[]){ (char *)"usertests", (char *)"--exit",
							    (char *)"0", NULL });
		_exit(r % 4 == 0);
	}
	if (r % 4 == 1)
		kill(pid, SIGKILL);
	if (r % 4 == 1)
		wait_for(pid);
	else
		wait_ok(pid);
}

static void one_step(unsigned int *seed)
{
	unsigned int r = (unsigned int)rand_r(seed);
	char *page = room + r / 16 % ROOM * PAGE;
	struct thread t;
	int tid;

	switch (r % 16) {
	case 0:
	case 1:
		count(&born);
		thread_start(&t, short_life, (void *)(unsigned long)(r / 16));
		thread_join(&t);
		break;
	case 2:
		fork_one(r / 16);
		break;
	case 3:
	case 4:
		munmap(page, PAGE * (r / 1024 % 3 + 1) > ROOM * PAGE - (size_t)(page - room) ?
				     PAGE :
				     PAGE * (r / 1024 % 3 + 1));
		break;
	case 5:
		mprotect(page, PAGE, PROT_READ);
		break;
	case 6:
		madvise(page, PAGE, MADV_DONTNEED);
		break;
	case 7:
	case 8:
		tid = workers[r / 16 % WORKERS].tid;
		if (tid > 0 && tgkill(getpid(), tid, SIGUSR1))
			CHECK(errno == ESRCH);
		break;
	case 9:
		sched_yield();
		break;
	default:
		for (unsigned long i = 0; i < 4 * ROOM; i++)
			touch(r / 16 + i);
	}
}

static int work(void *arg)
{
	unsigned int seed = (unsigned int)(long)arg;

	for (int i = 0; i < STEPS; i++)
		one_step(&seed);
	count(&ended);
	return 0;
}

static int end_all(void *arg)
{
	sleep_ms((long)arg);
	exit(7);
}

static int exec_all(void *arg)
{
	sleep_ms((long)arg);
	execv("/proc/self/exe",
	      (char *[]){ (char *)"usertests", (char *)"--exit", (char *)"7", NULL });
	fail("exec: %m");
}

/* In a process of its own: workers and those who follow them. */
static void raise_storm(unsigned int seed)
{
	struct sigaction sa = { 0 };

	sa.sa_sigaction = map_again;
	sa.sa_flags = SA_SIGINFO | SA_NODEFER;
	CHECK(!sigaction(SIGSEGV, &sa, NULL));
	sa.sa_handler = on_signal;
	sa.sa_flags = 0; /* calls are interrupted */
	CHECK(!sigaction(SIGUSR1, &sa, NULL));
	room = wild_pointer(PLACE);
	CHECK(mmap(room, ROOM * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == room);
	for (int life = 0; life < LIVES; life++) {
		for (int w = 0; w < WORKERS; w++) {
			if (life)
				thread_join(&workers[w]);
			count(&born);
			thread_start(&workers[w], work, (void *)(long)(seed += 7));
		}
	}
	for (int w = 0; w < WORKERS; w++)
		thread_join(&workers[w]);
	if (born != ended)
		fail("%ld threads began, %ld ended", born, ended);
	if (!faults || !signals)
		fail("%ld faults, %ld signals", faults, signals);
}

/* The whole of it, to its end. */
static void thread_storm(void)
{
	raise_storm(1);
}

/* A storm that exit_group, exec in a thread, or a kill ends in its midst. */
static void cut_short(void)
{
	for (unsigned int round = 0; round < 9; round++) {
		long ms = 5 + round * 17;
		pid_t pid = spawn();
		int status;

		if (!pid) {
			struct thread t;

			if (round % 3 < 2)
				thread_start(&t, round % 3 ? exec_all : end_all, (void *)ms);
			for (;;)
				raise_storm(round);
		}
		if (round % 3 == 2) {
			sleep_ms(ms);
			kill(pid, SIGKILL);
		}
		status = wait_for(pid);
		if (status != (round % 3 == 2 ? SIGKILL : 7 << 8))
			fail("round %u: a storm ended with wait status %#x", round, status);
	}
}

/* ---- bombs ------------------------------------------------------------------------------------------- */

#define LIMIT 250

static volatile struct {
	int alive, refused, other; /* atomic */
} * seen;

/* Forks until the limit is reached, and so do its children. */
static _Noreturn void go_off(void)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			__atomic_fetch_add(&seen->alive, 1, __ATOMIC_SEQ_CST);
			continue;
		}
		if (pid > 0)
			continue;
		__atomic_fetch_add(errno == EAGAIN ? &seen->refused : &seen->other, 1,
				   __ATOMIC_SEQ_CST);
		for (;;)
			pause();
	}
}

static int wait_for_end(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

/* Of threads, by one process. */
static _Noreturn void threads_go_off(void)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	char *stacks = mmap(NULL, LIMIT * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	CHECK(stacks != MAP_FAILED);
	for (unsigned long i = 1; i <= LIMIT; i++) {
		if (clone(wait_for_end, stacks + i * PAGE, flags, NULL, NULL, NULL, NULL) >= 0) {
			__atomic_fetch_add(&seen->alive, 1, __ATOMIC_SEQ_CST);
			continue;
		}
		__atomic_fetch_add(errno == EAGAIN ? &seen->refused : &seen->other, 1,
				   __ATOMIC_SEQ_CST);
		break;
	}
	for (;;)
		pause();
}

static void limit_to(unsigned long n)
{
	struct rlimit lim = { n, n };

	CHECK(!setrlimit(RLIMIT_NPROC, &lim));
	become_user();
}

/* None of that user is left: one may make just one more. */
static void nobody_left(void)
{
	pid_t pid;

	limit_to(2);
	pid = spawn();
	if (!pid)
		_exit(fork() >= 0 || errno != EAGAIN);
	wait_ok(pid);
	pid = spawn();
	if (!pid)
		_exit(0);
	wait_ok(pid);
}

static void bomb(void (*fn)(void), int refused)
{
	pid_t pid;

	seen->alive = 1;
	seen->refused = seen->other = 0;
	pid = spawn();
	if (!pid) {
		setpgid(0, 0);
		limit_to(LIMIT);
		fn();
	}
	setpgid(pid, pid);
	for (int i = 0; i < 6000 && seen->refused < refused && !seen->other; i++)
		sleep_ms(5);
	if (seen->alive != LIMIT || seen->refused < refused || seen->other)
		fail("%d alive of %d, %d refused, %d failed otherwise", seen->alive, LIMIT,
		     seen->refused, seen->other);
	CHECK(!kill(-pid, SIGKILL));
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	CHECK(errno == ECHILD && status_in_child(nobody_left) == 0);
}

static void bombs(void)
{
	seen = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(seen != MAP_FAILED);
	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	bomb(go_off, LIMIT);
	bomb(threads_go_off, 1);
}

const struct test threadstorm_tests[] = {
	{ "storm-threads", thread_storm, 180 },
	{ "storm-cut-short", cut_short, 180 },
	{ "storm-bombs", bombs, 180 },
	{ NULL, NULL, 0 },
};
