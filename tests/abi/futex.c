/* futex: wait, wake, requeue, bitsets, wake-op, time-outs, errors; robust lists; clear-tid. */
#include "abi.h"
#include <linux/futex.h>
#include <pthread.h>

static unsigned word __attribute__((aligned(8))), other;
static volatile int woken;

static long futex(void *u, int op, unsigned v, const void *timeout, void *u2, unsigned v3)
{
	return syscall(SYS_futex, u, op, v, timeout, u2, v3);
}

static void *sleeper(void *arg)
{
	unsigned bits = (unsigned long)arg;
	long r = bits ? futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, bits)
		      : futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);

	if (r == 0)
		__atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start(pthread_t *t, int n, unsigned bits)
{
	woken = 0;
	for (int i = 0; i < n; i++)
		pthread_create(&t[i], NULL, sleeper, (void *)(unsigned long)bits);
	sleep_ms(60);
}

static void finish(pthread_t *t, int n)
{
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

static void settle(int n)
{
	for (int i = 0; i < 1000 && woken < n; i++)
		sleep_ms(1);
	sleep_ms(20);
	say("woken %d\n", woken);
}

static pthread_mutex_t robust;

static void *dies(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&robust);
	return NULL;
}

int main(void)
{
	struct timespec ts;
	pthread_t t[8];

	SECTION("wait");
	word = 5;
	R(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0));
	ts = (struct timespec){ 0, 20000000 };
	long long before = now_ms();
	R(futex(&word, FUTEX_WAIT, 5, &ts, NULL, 0));
	say("took its time %d\n", now_ms() - before >= 19);
	ts = (struct timespec){ 0, 0 };
	R(futex(&word, FUTEX_WAIT, 5, &ts, NULL, 0));
	ts = (struct timespec){ 0, 1000000000 };
	R(futex(&word, FUTEX_WAIT, 5, &ts, NULL, 0));
	ts = (struct timespec){ -1, 0 };
	R(futex(&word, FUTEX_WAIT, 5, &ts, NULL, 0));
	R(futex((char *)&word + 1, FUTEX_WAIT, 5, NULL, NULL, 0));
	R(futex((char *)&word + 2, FUTEX_WAKE, 1, NULL, NULL, 0));
	R(futex(NULL, FUTEX_WAIT, 0, NULL, NULL, 0));
	R(futex(NULL, FUTEX_WAKE, 1, NULL, NULL, 0));
	R(futex(NULL, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	R(futex((void *)0xffffffff80000000UL, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	R(futex(&word, FUTEX_WAIT, 5, (void *)8, NULL, 0));
	R(futex(&word, 77, 5, NULL, NULL, 0));
	static const unsigned fixed = 9;
	R(futex((void *)&fixed, FUTEX_WAKE, 1, NULL, NULL, 0));
	R(futex((void *)&fixed, FUTEX_WAIT_PRIVATE, 8, NULL, NULL, 0));
	SECTION("absolute");
	clock_gettime(CLOCK_MONOTONIC, &ts);
	R(futex(&word, FUTEX_WAIT_BITSET, 5, &ts, NULL, FUTEX_BITSET_MATCH_ANY));
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	R(futex(&word, FUTEX_WAIT_BITSET, 5, &ts, NULL, FUTEX_BITSET_MATCH_ANY));
	clock_gettime(CLOCK_REALTIME, &ts);
	R(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &ts, NULL, FUTEX_BITSET_MATCH_ANY));
	R(futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0));
	R(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	R(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
	SECTION("wake");
	word = 0;
	R(futex(&word, FUTEX_WAKE, 10, NULL, NULL, 0));
	start(t, 5, 0);
	R(futex(&word, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0));
	settle(1);
	R(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	settle(2);
	R(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
	settle(5);
	finish(t, 5);
	start(t, 2, 0);
	R(futex(&word, FUTEX_WAKE, 100, NULL, NULL, 0));
	R(futex(&word, FUTEX_WAKE_PRIVATE, -1, NULL, NULL, 0));
	R(futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
	settle(2);
	finish(t, 2);
	SECTION("bitsets");
	woken = 0;
	pthread_create(&t[0], NULL, sleeper, (void *)1UL);
	pthread_create(&t[1], NULL, sleeper, (void *)2UL);
	pthread_create(&t[2], NULL, sleeper, (void *)6UL);
	sleep_ms(60);
	R(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 8));
	R(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 4));
	R(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 3));
	settle(3);
	finish(t, 3);
	SECTION("requeue");
	start(t, 6, 0);
	R(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)100L, &other, 1));
	R(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)3L, &other, 0));
	settle(1);
	R(futex(&other, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
	R(futex(&word, FUTEX_REQUEUE_PRIVATE, 0, (void *)100L, &other, 0));
	R(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
	R(futex(&other, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
	settle(6);
	finish(t, 6);
	R(futex(&word, FUTEX_REQUEUE_PRIVATE, -1, (void *)1L, &other, 0));
	SECTION("wake-op");
	start(t, 3, 0);
	other = 10;
	/* *other += 5; wake one on word; then, the old value having been > 9, one on other */
	R(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &other, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_GT, 9)));
	say("other %u\n", other);
	R(futex(&word, FUTEX_WAKE_OP_PRIVATE, 9, (void *)1L, &other, FUTEX_OP(FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_EQ, 0)));
	say("other %u\n", other);
	settle(3);
	finish(t, 3);
	R(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &other, FUTEX_OP(FUTEX_OP_XOR, 0xff, 15, 0)));
	SECTION("between processes");
	unsigned *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = MUST(fork());
	if (!pid) {
		long r = futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0);
		_exit(r == 0 ? 42 : 1);
	}
	long n = 0;
	for (int i = 0; i < 1000 && n == 0; i++) {
		sleep_ms(2);
		n = futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	int st;
	waitpid(pid, &st, 0);
	say("woke %ld, %s\n", n, wait_text(st));
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0644));
	ftruncate(fd, PAGE);
	unsigned *a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid = MUST(fork());
	if (!pid) {
		unsigned *b = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, open("f", O_RDWR), 0);
		_exit(futex(b, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 43 : 1);
	}
	for (int i = 0, k = 0; i < 1000 && !k; i++) {
		sleep_ms(2);
		k = futex(a, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
	waitpid(pid, &st, 0);
	say("by file, at another address: %s\n", wait_text(st));
	SECTION("robust");
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_create(&t[0], NULL, dies, NULL);
	pthread_join(t[0], NULL);
	say("lock of the dead: %s\n", ename(pthread_mutex_lock(&robust)));
	say("made consistent: %d\n", pthread_mutex_consistent(&robust));
	say("unlock %d, lock %d\n", pthread_mutex_unlock(&robust), pthread_mutex_lock(&robust));
	void *head;
	size_t len;
	R(syscall(SYS_get_robust_list, 0, &head, &len));
	say("length %zu\n", len);
	R(syscall(SYS_get_robust_list, 999999, &head, &len));
	SECTION("clear-tid");
	volatile int *tid = (int *)shared + 10;
	*tid = 99;
	pid = MUST(fork());
	if (!pid) {
		syscall(SYS_set_tid_address, tid);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	say("a process alone in its memory clears nothing: %d\n", *tid);
	pid = MUST(syscall(SYS_clone, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD, 0, 0, 0, tid));
	if (!pid)
		_exit(*tid == getpid() ? 0 : 1);
	waitpid(pid, &st, 0);
	say("child's id set for it: %s\n", wait_text(st));
	return 0;
}
