/*
 * thread.c - threads by clone(2) and futex(2), as a thread library uses them.
 */
#include "tests.h"

#include <bits/tls.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <uapi/futex.h>
#include <unistd.h>

#define THREADS 8

static long futex(volatile void *word, int op, unsigned int value, const struct timespec *timeout)
{
	return syscall(__NR_futex, word, op | FUTEX_PRIVATE_FLAG, value, timeout, 0, 0);
}

/* ---- a mutex: 0 free, 1 taken, 2 taken and waited for ---------------------------------- */

static void lock(int *m)
{
	int seen = 0;

	if (__atomic_compare_exchange_n(m, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(m, 2, __ATOMIC_ACQUIRE))
		futex(m, FUTEX_WAIT, 2, NULL);
}

static void unlock(int *m)
{
	if (__atomic_exchange_n(m, 0, __ATOMIC_RELEASE) == 2)
		futex(m, FUTEX_WAKE, 1, NULL);
}

static int mutex;
static volatile long counter;

static int add_many(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		lock(&mutex);
		counter = counter + (long)arg;
		unlock(&mutex);
	}
	return 0;
}

static void mutual_exclusion(void)
{
	struct thread t[THREADS];

	for (int i = 0; i < THREADS; i++)
		thread_start(&t[i], add_many, (void *)(long)(i + 1));
	for (int i = 0; i < THREADS; i++)
		thread_join(&t[i]);
	CHECK(counter == 2000 * 36);
}

static int add_atomic(void *arg)
{
	for (int i = 0; i < 100000; i++)
		__atomic_fetch_add((long *)arg, 1, __ATOMIC_RELAXED);
	return 0;
}

static void atomics(void)
{
	struct thread t[4];
	long sum = 0;

	for (int i = 0; i < 4; i++)
		thread_start(&t[i], add_atomic, &sum);
	for (int i = 0; i < 4; i++)
		thread_join(&t[i]);
	CHECK(sum == 400000);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void create_and_join(void)
{
	for (int i = 0; i < 300; i++) {
		struct thread t;

		thread_start(&t, nothing, NULL);
		thread_join(&t);
	}
}

static int own_errno(void *arg)
{
	errno = (int)(long)arg;
	for (int i = 0; i < 100; i++) {
		sched_yield();
		if (errno != (int)(long)arg)
			fail("another thread's errno");
	}
	return 0;
}

static void local_storage(void)
{
	struct thread t[THREADS];

	errno = 99;
	for (int i = 0; i < THREADS; i++)
		thread_start(&t[i], own_errno, (void *)(long)(i + 1));
	for (int i = 0; i < THREADS; i++)
		thread_join(&t[i]);
}

static void futex_errors(void)
{
	struct timespec ts = { 0, 30000000 }, bad = { 0, -1 };
	int word = 5;
	long t;

	FAILS(EAGAIN, futex(&word, FUTEX_WAIT, 4, NULL));
	t = now_ms();
	FAILS(ETIMEDOUT, futex(&word, FUTEX_WAIT, 5, &ts));
	CHECK(now_ms() - t >= 29);
	FAILS(EINVAL, futex(&word, FUTEX_WAIT, 5, &bad));
	CHECK(futex(&word, FUTEX_WAKE, 1, NULL) == 0);
	FAILS(EINVAL, futex((char *)&word + 2, FUTEX_WAKE, 1, NULL));
	FAILS(ENOSYS, futex(&word, 77, 1, NULL));
	/* An absolute time that is past. */
	ts = (struct timespec){ 1, 0 };
	FAILS(ETIMEDOUT, syscall(__NR_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 5, &ts,
				 0, FUTEX_BITSET_MATCH_ANY));
	FAILS(EINVAL, syscall(__NR_futex, &word, FUTEX_WAIT_BITSET, 5, &ts, 0, 0));
}

static int gate, second_gate;
static volatile int through, waiting;

static int pass_gate(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&waiting, 1, __ATOMIC_SEQ_CST);
	while (futex(&gate, FUTEX_WAIT, 0, NULL) < 0 && errno == EINTR)
		continue;
	__atomic_fetch_add(&through, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static void await_count(volatile int *what, int n)
{
	for (int i = 0; i < 2000 && *what < n; i++)
		sleep_ms(2);
	CHECK(*what == n);
}

static void wake_and_requeue(void)
{
	struct thread t[6];
	long moved;

	for (int i = 0; i < 6; i++)
		thread_start(&t[i], pass_gate, NULL);
	await_count(&waiting, 6);
	sleep_ms(50);
	CHECK(futex(&gate, FUTEX_WAKE, 2, NULL) == 2);
	await_count(&through, 2);
	FAILS(EAGAIN, syscall(__NR_futex, &gate, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 10,
			      &second_gate, 1));
	moved = syscall(__NR_futex, &gate, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 10,
			&second_gate, 0);
	CHECK(moved == 4); /* one woken, three moved */
	await_count(&through, 3);
	CHECK(futex(&gate, FUTEX_WAKE, 10, NULL) == 0);
	CHECK(futex(&second_gate, FUTEX_WAKE, 10, NULL) == 3);
	for (int i = 0; i < 6; i++)
		thread_join(&t[i]);
	CHECK(through == 6);
}

/* A futex in shared memory, between processes. */
static void shared_futex(void)
{
	int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = spawn();

	if (!pid) {
		for (int turn = 1; turn < 200; turn += 2) {
			int now;

			while ((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != turn)
				syscall(__NR_futex, word, FUTEX_WAIT, now, 0, 0, 0);
			__atomic_store_n(word, turn + 1, __ATOMIC_RELEASE);
			syscall(__NR_futex, word, FUTEX_WAKE, 1, 0, 0, 0);
		}
		_exit(0);
	}
	for (int turn = 0; turn < 200; turn += 2) {
		int now;

		while ((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != turn)
			syscall(__NR_futex, word, FUTEX_WAIT, now, 0, 0, 0);
		__atomic_store_n(word, turn + 1, __ATOMIC_RELEASE);
		syscall(__NR_futex, word, FUTEX_WAKE, 1, 0, 0, 0);
	}
	wait_ok(pid);
	CHECK(*word == 200);
}

static int exit_whole(void *arg)
{
	(void)arg;
	sleep_ms(20);
	exit(33);
}

static int sleep_forever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

static int spin_forever(void *arg)
{
	(void)arg;
	for (;;)
		counter++;
	return 0;
}

/* Any thread's exit_group, or a signal, ends all: sleeping and running ones. */
static void group_exit(void)
{
	struct thread t[6];
	pid_t pid = spawn();

	if (!pid) {
		for (int i = 0; i < 5; i++)
			thread_start(&t[i], i % 2 ? sleep_forever : spin_forever, NULL);
		thread_start(&t[5], exit_whole, NULL);
		sleep_forever(NULL);
	}
	CHECK(wait_for(pid) == 33 << 8);
	pid = spawn();
	if (!pid) {
		for (int i = 0; i < 6; i++)
			thread_start(&t[i], i % 2 ? sleep_forever : spin_forever, NULL);
		sleep_forever(NULL);
	}
	sleep_ms(30);
	CHECK(!kill(pid, SIGKILL));
	CHECK(WTERMSIG(wait_for(pid)) == SIGKILL);
}

static int exec_whole(void *arg)
{
	char *argv[] = { (char *)"usertests", (char *)"--exit", (char *)"44", NULL };

	(void)arg;
	execv("/proc/self/exe", argv);
	fail("exec: %m");
}

/* exec in any thread: the others are gone, the process keeps its number. */
static void group_exec(void)
{
	for (int leader = 0; leader < 2; leader++) {
		pid_t pid = spawn();

		if (!pid) {
			struct thread t[4];

			for (int i = 0; i < 3; i++)
				thread_start(&t[i], i % 2 ? sleep_forever : spin_forever, NULL);
			if (leader)
				exec_whole(NULL);
			thread_start(&t[3], exec_whole, NULL);
			sleep_forever(NULL);
		}
		CHECK(wait_for(pid) == 44 << 8);
	}
}

static volatile int handled_by;

static void on_thread_signal(int sig)
{
	(void)sig;
	handled_by = gettid();
	syscall(__NR_futex, &handled_by, FUTEX_WAKE, 1, 0, 0, 0);
}

static void directed_signal(void)
{
	struct thread t[2];
	int want;

	signal(SIGUSR1, on_thread_signal);
	for (int i = 0; i < 2; i++)
		thread_start(&t[i], sleep_forever, NULL);
	for (int i = 0; i < 2; i++) {
		handled_by = 0;
		want = t[i].tid;
		CHECK(!tgkill(getpid(), want, SIGUSR1));
		for (int k = 0; k < 1000 && !handled_by; k++)
			sleep_ms(2);
		CHECK(handled_by == want);
	}
	FAILS(ESRCH, tgkill(getpid(), 999999, SIGUSR1));
	CHECK(gettid() == getpid() && want != getpid());
}

static int fork_in_thread(void *arg)
{
	pid_t pid = spawn();

	(void)arg;
	if (!pid) {
		if (getpid() != gettid())
			fail("the child of a thread's fork is no leader");
		_exit(0);
	}
	wait_ok(pid);
	return 0;
}

static void fork_from_threads(void)
{
	struct thread t[4];

	for (int i = 0; i < 4; i++)
		thread_start(&t[i], fork_in_thread, NULL);
	for (int i = 0; i < 4; i++)
		thread_join(&t[i]);
}

/* ---- translations that other harts hold ------------------------------------------------ */

static char *volatile shared_page;
static volatile int readers_stop;

/* Lets the kernel read the page: EFAULT when it is not there, never anything worse. */
static int look(void *arg)
{
	int fd = (int)(long)arg;

	while (!readers_stop)
		if (pwrite(fd, shared_page, 1, 0) < 0 && errno != EFAULT)
			fail("pwrite: %m");
	return 0;
}

static void unmap_while_used(void)
{
	int fd = open("scratch", O_RDWR | O_CREAT, 0600);
	struct thread t[3];
	char *p;

	CHECK(fd >= 0);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared_page = p;
	for (int i = 0; i < 3; i++)
		thread_start(&t[i], look, (void *)(long)fd);
	for (int i = 0; i < 80; i++) {
		p[0] = (char)i;
		CHECK(!munmap(p, 4096));
		if (i % 8 == 0)
			sched_yield();
		CHECK(mmap(p, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			   -1, 0) == p);
		CHECK(!p[0]);
	}
	readers_stop = 1;
	for (int i = 0; i < 3; i++)
		thread_join(&t[i]);
}

static int touch(void *arg)
{
	volatile char *p = arg;

	for (;;)
		p[0]++;
	return 0;
}

/* After mprotect or munmap has returned, no hart may still write: each loop is killed. */
static void shootdown(void)
{
	for (int how = 0; how < 6; how++) {
		pid_t pid = spawn();

		if (!pid) {
			struct thread t;
			char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			thread_start(&t, touch, p);
			sleep_ms(10);
			if (how % 2)
				mprotect(p, 4096, PROT_READ);
			else
				munmap(p, 4096);
			sleep_ms(2000);
			_exit(1);
		}
		CHECK(WTERMSIG(wait_for(pid)) == SIGSEGV);
	}
}

/* The robust list: the kernel marks the word of an owner that died. */
static int robust_word;
static struct {
	struct robust_list_head head;
	struct robust_list entry;
} robust;

static int die_with_lock(void *arg)
{
	(void)arg;
	robust.head.list.next = &robust.entry;
	robust.entry.next = &robust.head.list;
	robust.head.futex_offset = (char *)&robust_word - (char *)&robust.entry;
	CHECK(!syscall(__NR_set_robust_list, &robust.head, sizeof(robust.head)));
	robust_word = gettid();
	return 0;
}

static void robust_list(void)
{
	struct thread t;

	FAILS(EINVAL, syscall(__NR_set_robust_list, &robust.head, 7));
	thread_start(&t, die_with_lock, NULL);
	thread_join(&t);
	CHECK(robust_word & FUTEX_OWNER_DIED);
}

/* ---- membarrier(2) against nothing but the compiler's barrier ------------------------------- */

#define ROUNDS 1000000

static volatile int quick_wants, slow_wants, quick_done, both;
static volatile long quick_in;

/* Dekker's way in, a million times, without a fence: the other has one for both. */
static int quick(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		quick_wants = 1;
		__asm__ volatile("" ::: "memory");
		if (!slow_wants) {
			quick_in = i + 1;
			__asm__ volatile("" ::: "memory");
			quick_in = 0;
		}
		__atomic_store_n(&quick_wants, 0, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&quick_done, 1, __ATOMIC_RELEASE);
	return 0;
}

static void one_sided_fence(void)
{
	struct thread t;
	long rounds = 0;

	CHECK(!membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	thread_start(&t, quick, NULL);
	while (!__atomic_load_n(&quick_done, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&slow_wants, 1, __ATOMIC_RELAXED);
		CHECK(!membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
		/* Whoever does not want now sees that this one does. */
		if (!__atomic_load_n(&quick_wants, __ATOMIC_ACQUIRE))
			for (int i = 0; i < 100; i++)
				both |= quick_in != 0;
		rounds++;
		__atomic_store_n(&slow_wants, 0, __ATOMIC_RELEASE);
	}
	thread_join(&t);
	if (both)
		fail("both were inside, in one of %ld rounds", rounds);
}

const struct test thread_tests[] = {
	{ "thread-create", create_and_join, 0 },
	{ "thread-mutex", mutual_exclusion, 0 },
	{ "thread-atomics", atomics, 0 },
	{ "thread-local", local_storage, 0 },
	{ "thread-exit-group", group_exit, 0 },
	{ "thread-exec", group_exec, 0 },
	{ "thread-signal", directed_signal, 0 },
	{ "thread-fork", fork_from_threads, 0 },
	{ "thread-unmap", unmap_while_used, 60 },
	{ "thread-shootdown", shootdown, 0 },
	{ "thread-membarrier", one_sided_fence, 60 },
	{ "futex-errors", futex_errors, 0 },
	{ "futex-requeue", wake_and_requeue, 0 },
	{ "futex-shared", shared_futex, 0 },
	{ "robust-list", robust_list, 0 },
	{ NULL, NULL, 0 },
};
