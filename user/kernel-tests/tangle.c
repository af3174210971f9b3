/*
 * tangle.c - what is rare alone, and several of it at once: waiters that are moved to a lock while its
 * owners are killed and they themselves give up; exec beside AIO and keys of other threads; the killer's
 * victims at a bad moment; blocks of 2 MiB that are split, filled and taken back; groups that become
 * orphaned, with stopped members.
 */
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <uapi/aio_abi.h>
#include <uapi/futex.h>
#include <uapi/keyctl.h>
#include <uapi/userfaultfd.h>
#include <unistd.h>

#define PAGE 4096ul
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void spin(unsigned long n)
{
	for (volatile unsigned long i = 0; i < n; i++)
		;
}

static void *shared_page(void)
{
	void *p = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* ---- from a word to a lock whose owners are killed ------------------------------------------------ */

#define MOVERS 8
#define KILLS  60

struct listed {
	struct robust_list next;
	volatile unsigned int lock;
};
struct moving {
	struct listed lock;
	volatile unsigned int word, inside;
	volatile unsigned long held, moved;
	volatile int over;
};

static struct moving *m;

static long futex(volatile void *word, int op, unsigned int value, const void *timeout,
		  volatile void *word2)
{
	return syscall(__NR_futex, word, op, value, timeout, word2, 0);
}

/* A robust list with the lock in it: bit 0 says that it is one with inheritance. */
static void list_lock(struct robust_list_head *head)
{
	*head = (struct robust_list_head){ .futex_offset = offsetof(struct listed, lock) };
	head->list.next = (void *)((uintptr_t)&m->lock.next | 1);
	m->lock.next.next = &head->list;
	/* One process' list is another's bad address: its walk ends there, behind the lock. */
	CHECK(syscall(__NR_set_robust_list, head, sizeof(*head)) == 0);
}

static struct timespec from_now(clockid_t clock, unsigned int us)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ts.tv_nsec += us * 1000l;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

/* The lock is ours, whoever died with it; it may be that we do, too. */
static void hold(unsigned int *seed)
{
	unsigned int tid = (unsigned int)syscall(__NR_gettid);

	CHECK((m->lock.lock & FUTEX_TID_MASK) == tid);
	m->inside = tid;
	__atomic_fetch_add(&m->held, 1, __ATOMIC_RELAXED);
	for (unsigned int n = (unsigned int)rand_r(seed) % 4; n; n--)
		sched_yield();
	CHECK(m->inside == tid);
	if (rand_r(seed) % 16 == 0)
		_exit(0);
	/* What a dead owner left is taken away with the lock: a library would mend what it guards. */
	if (futex(&m->lock.lock, FUTEX_UNLOCK_PI, 0, NULL, NULL))
		fail("unlock: errno %d", errno);
}

static _Noreturn void mover(unsigned int seed)
{
	struct robust_list_head head;

	list_lock(&head);
	for (;;) {
		unsigned int us = (unsigned int)rand_r(&seed) % 800;
		struct timespec mono = from_now(CLOCK_MONOTONIC, us),
				real = from_now(CLOCK_REALTIME, us);
		long r;

		switch (rand_r(&seed) % 4) {
		case 0:
			r = futex(&m->lock.lock, FUTEX_LOCK_PI, 0, &real, NULL);
			break;
		case 1:
			r = futex(&m->word, FUTEX_CMP_REQUEUE_PI, 1,
				  (void *)(uintptr_t)(rand_r(&seed) % 5), &m->lock.lock);
			if (r > 0)
				__atomic_fetch_add(&m->moved, (unsigned long)r, __ATOMIC_RELAXED);
			if (r < 0 && errno != EAGAIN)
				fail("requeue: errno %d", errno);
			continue;
		default:
			r = futex(&m->word, FUTEX_WAIT_REQUEUE_PI, 0, &mono, &m->lock.lock);
		}
		if (r == 0)
			hold(&seed);
		else if (errno != ETIMEDOUT && errno != EAGAIN)
			fail("wait: errno %d", errno);
	}
}

static pid_t new_mover(unsigned int seed)
{
	pid_t pid = spawn();

	if (!pid)
		mover(seed);
	return pid;
}

/* Who dies with the lock leaves it to the next one, and in the end it can be had. */
static void requeue_killed(void)
{
	pid_t pids[MOVERS];
	unsigned int seed = 5;
	int status;

	m = shared_page();
	for (unsigned int i = 0; i < MOVERS; i++)
		pids[i] = new_mover(i + 1);
	/* On a busy machine it takes longer until somebody was moved. */
	for (unsigned int n = 0; n < KILLS || !m->held || !m->moved; n++) {
		unsigned int i = (unsigned int)rand_r(&seed) % MOVERS;

		sleep_ms(rand_r(&seed) % 3);
		if (rand_r(&seed) % 2)
			kill(pids[i], SIGKILL);
		else if (waitpid(pids[i], &status, WNOHANG) != pids[i])
			continue;
		else if (status)
			fail("a mover ended with wait status %#x", status);
		else
			pids[i] = 0;
		if (pids[i])
			waitpid(pids[i], &status, 0);
		pids[i] = new_mover(100 + n);
	}
	for (unsigned int i = 0; i < MOVERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	CHECK(futex(&m->lock.lock, FUTEX_LOCK_PI, 0, NULL, NULL) == 0);
	CHECK(futex(&m->lock.lock, FUTEX_UNLOCK_PI, 0, NULL, NULL) == 0);
	CHECK(!(m->lock.lock & FUTEX_TID_MASK));
	munmap((void *)m, PAGE);
}

/* ---- exec beside what the other threads have under way --------------------------------------------- */

#define EXECS 12

static int busy_fd;

/* Reads that wait for a pipe that stays empty, reads of a file, cancels, and rings that go. */
static int does_aio(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	static char buffer[4][PAGE];
	int p[2];

	CHECK(!pipe(p));
	for (;;) {
		unsigned long ring = 0;
		struct iocb cb[4], *list[4];
		struct io_event done[4];

		if (syscall(__NR_io_setup, 8, &ring)) {
			sched_yield();
			continue;
		}
		for (int i = 0; i < 4; i++) {
			cb[i] = (struct iocb){ .aio_lio_opcode = IOCB_CMD_PREAD,
					       .aio_fildes = (uint32_t)(i % 2 ? p[0] : busy_fd),
					       .aio_buf = (uintptr_t)buffer[i],
					       .aio_nbytes = PAGE };
			if (i % 2)
				cb[i].aio_lio_opcode = IOCB_CMD_POLL, cb[i].aio_buf = 1;
			list[i] = &cb[i];
		}
		syscall(__NR_io_submit, ring, 4, list);
		if (rand_r(&seed) % 2)
			syscall(__NR_io_getevents, ring, 1, 4, done, NULL);
		if (rand_r(&seed) % 2)
			syscall(__NR_io_cancel, ring, &cb[1], done);
		if (rand_r(&seed) % 32)
			syscall(__NR_io_destroy, ring);
	}
	return 0;
}

static int does_keys(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	for (;;) {
		long ring = rand_r(&seed) % 2 ? KEY_SPEC_PROCESS_KEYRING : KEY_SPEC_THREAD_KEYRING;

		syscall(__NR_add_key, "user", "one", "payload", 7, ring);
		if (rand_r(&seed) % 8 == 0)
			syscall(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0);
		if (rand_r(&seed) % 4 == 0)
			syscall(__NR_keyctl, KEYCTL_SESSION_TO_PARENT, 0, 0, 0, 0);
		syscall(__NR_keyctl, KEYCTL_CLEAR, ring, 0, 0, 0);
	}
	return 0;
}

static int does_exec(void *arg)
{
	char *const argv[] = { (char *)"usertests", (char *)"--exit", (char *)"0", NULL };

	spin(*(unsigned int *)arg % 40000);
	execv("/proc/self/exe", argv);
	_exit(9);
}

static _Noreturn void exec_busy(unsigned int seed)
{
	struct thread t[5];

	for (uintptr_t i = 0; i < 4; i++)
		thread_start(&t[i], i % 2 ? does_keys : does_aio, (void *)(seed + i));
	if (seed % 2)
		does_exec(&seed);
	thread_start(&t[4], does_exec, &seed);
	for (;;)
		pause();
}

static void exec_beside_aio_and_keys(void)
{
	make_file("read", "some words\n");
	busy_fd = open("read", O_RDONLY);
	CHECK(busy_fd >= 0);
	for (unsigned int i = 0; i < EXECS; i++) {
		pid_t pids[3];

		for (unsigned int k = 0; k < 3; k++) {
			pids[k] = spawn();
			if (!pids[k])
				exec_busy(i * 7919 + k * 31 + 1);
		}
		for (int k = 0; k < 3; k++)
			wait_ok(pids[k]);
	}
}

/* ---- the killer's victims -------------------------------------------------------------------------- */

static void set_adj(pid_t pid, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	fd = open(path, O_WRONLY);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
}

static long number(const char *path, const char *name)
{
	char *text = read_file(path), *at = strstr(text, name);
	long n;

	CHECK(at);
	n = strtol(at + strlen(name), NULL, 10);
	free(text);
	return n;
}

static int use_all(void *arg)
{
	(void)arg;
	for (;;) {
		char *p = mmap(NULL, 4 << 20, RW, ANON | MAP_POPULATE, -1, 0);

		if (p == MAP_FAILED)
			_exit(2);
	}
	return 0;
}

/* Holds its memory's lock as much as it can, for writing and for reading, while memory runs out. */
static int lock_memory(void *arg)
{
	(void)arg;
	for (;;) {
		char *p = mmap(NULL, 1 << 20, RW, ANON, -1, 0);

		if (p == MAP_FAILED)
			continue;
		madvise(p, 1 << 20, MADV_POPULATE_WRITE);
		mprotect(p, 512 << 10, PROT_READ);
		munmap(p, 1 << 20);
	}
	return 0;
}

static _Noreturn void in_many_threads(void)
{
	struct thread t[6];

	for (int i = 0; i < 6; i++)
		thread_start(&t[i], i < 2 ? use_all : lock_memory, NULL);
	for (;;)
		pause();
}

/* The parent waits in vfork(2) for a child that uses up the memory of both. */
static _Noreturn void in_vfork(void)
{
	if (!vfork())
		use_all(NULL);
	for (;;)
		pause();
}

/* It forks again and again meanwhile: each child takes copies of what it has. */
static _Noreturn void in_fork(void)
{
	const size_t len = 8 << 20;
	char *p = mmap(NULL, len, RW, ANON | MAP_POPULATE, -1, 0);
	struct thread t;

	CHECK(p != MAP_FAILED);
	thread_start(&t, use_all, NULL);
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			for (size_t i = 0; i < len; i += PAGE)
				p[i] = 1;
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

/* A thread of the victim is stopped by a tracer, who does nothing with it; a SIGKILL goes through that. */
static _Noreturn void is_traced(void)
{
	struct thread t;

	thread_start(&t, use_all, NULL);
	CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	raise(SIGSTOP);
	for (;;)
		pause();
}

static void busy_victims(void)
{
	/* On a host that has no time for it a victim may take longer to go than the killer waits for it. */
	set_adj(getpid(), "-1000");
	set_adj(getppid(), "-1000");
	static void (*const ways[])(void) = { in_many_threads, in_vfork, in_fork, is_traced };

	for (unsigned int i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		long kills = number("/proc/vmstat", "oom_kill ");
		pid_t pid = spawn();
		int status;

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
			set_adj(getpid(), "1000");
			ways[i]();
		}
		do
			status = wait_for(pid);
		while (WIFSTOPPED(status));
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			fail("way %u: wait status %#x", i, status);
		CHECK(number("/proc/vmstat", "oom_kill ") > kills);
		for (int n = 0; n < 1000 && number("/proc/meminfo", "AnonPages:") > 65536; n++)
			sleep_ms(10);
		CHECK(number("/proc/meminfo", "AnonPages:") <= 65536);
	}
	set_adj(getppid(), "0");
}

/* ---- large pages that are filled and split -------------------------------------------------------- */

#define BLOCK	(2ul << 20)
#define WRITERS 4
#define WORDS	(BLOCK / PAGE / WRITERS)

static char *block;
static int uffd;
static volatile int stop;

/* Each page has one writer: it reads what he wrote last, or zero. */
static int writes(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg, seed = me + 1, *was;
	unsigned int wrong = 0;

	was = calloc(WORDS, sizeof(*was));
	for (unsigned int n = 0; !stop; n++) {
		unsigned int i = (unsigned int)rand_r(&seed) % WORDS;
		char *page = block + (i * WRITERS + me) * PAGE;
		volatile unsigned int *w = (volatile unsigned int *)(void *)page;

		wrong += *w != was[i];
		if (rand_r(&seed) % 8 == 0) {
			if (!madvise(page, PAGE, MADV_DONTNEED))
				was[i] = 0;
		} else if (rand_r(&seed) % 16 == 0) {
			mprotect(page, PAGE, PROT_READ);
			wrong += *w != was[i];
			mprotect(page, PAGE, RW);
		} else {
			*w = was[i] = n | 1;
		}
	}
	free(was);
	if (wrong)
		fail("%u pages were others", wrong);
	return 0;
}

/* Fills what is missing with zeros. */
static int serves(void *arg)
{
	struct uffd_msg msg;

	(void)arg;
	while (!stop) {
		struct uffdio_zeropage zero = { .range.len = PAGE };

		if (read(uffd, &msg, sizeof(msg)) != sizeof(msg)) {
			sched_yield();
			continue;
		}
		zero.range.start = msg.arg.pagefault.address & -PAGE;
		ioctl(uffd, UFFDIO_ZEROPAGE, &zero);
	}
	return 0;
}

static int forks(void *arg)
{
	(void)arg;
	while (!stop) {
		pid_t pid = fork();

		if (!pid) {
			mprotect(block, BLOCK, RW); /* a writer may be reading */
			for (size_t at = 0; at < BLOCK; at += 3 * PAGE)
				block[at + 64]++;
			_exit(0);
		}
		if (pid > 0)
			wait_ok(pid);
	}
	return 0;
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	if (fd >= 0) {
		write(fd, "3", 1);
		close(fd);
	}
}

static void filled_and_split(void)
{
	struct uffdio_api api = { UFFD_API, 0, 0 };
	struct thread writer[WRITERS], server, forker;
	char *room = mmap(NULL, 2 * BLOCK, RW, ANON, -1, 0);
	unsigned int seed = 3;

	CHECK(room != MAP_FAILED);
	block = (char *)(((uintptr_t)room + BLOCK - 1) & -BLOCK);
	madvise(block, BLOCK, MADV_HUGEPAGE);
	uffd = (int)syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	CHECK(uffd >= 0 && !ioctl(uffd, UFFDIO_API, &api));
	stop = 0;
	thread_start(&server, serves, NULL);
	thread_start(&forker, forks, NULL);
	for (uintptr_t i = 0; i < WRITERS; i++)
		thread_start(&writer[i], writes, (void *)i);
	for (int n = 0; n < 20; n++) {
		uint64_t from = (uint64_t)block + (uint64_t)rand_r(&seed) % 256 * PAGE;
		struct uffdio_register r = { { from, BLOCK / 4 }, UFFDIO_REGISTER_MODE_MISSING, 0 };

		ioctl(uffd, UFFDIO_REGISTER, &r);
		sleep_ms(2);
		ioctl(uffd, UFFDIO_UNREGISTER, &r.range);
		if (n % 4 == 0)
			madvise(block, BLOCK, MADV_COLLAPSE);
		if (n == 8)
			drop_caches();
	}
	stop = 1;
	CHECK(!close(uffd));
	for (int i = 0; i < WRITERS; i++)
		thread_join(&writer[i]);
	thread_join(&forker);
	thread_join(&server);
	CHECK(!munmap(room, 2 * BLOCK));
}

/* ---- orphaned groups ------------------------------------------------------------------------------- */

#define SESSIONS 3
#define JOBS	 4
#define FAMILIES 12

static void hung_up(int sig)
{
	(void)sig;
	_exit(7);
}

/* A job: a group of its own, two members, both stopped before `ready` is written to. */
static void job(int ready)
{
	pid_t second, pid = spawn();

	if (pid)
		return;
	CHECK(!setpgid(0, 0));
	signal(SIGHUP, hung_up);
	second = spawn();
	if (!second) {
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	CHECK(waitpid(second, NULL, WUNTRACED) == second);
	CHECK(write(ready, "", 1) == 1);
	raise(SIGSTOP);
	for (;;)
		pause();
}

/* The shell of a session: when all its jobs are stopped it ends, and nobody is left who could continue them. */
static _Noreturn void shell(unsigned int seed)
{
	int ready[2];
	char c;

	CHECK(!setpgid(0, 0) && !pipe(ready));
	for (int i = 0; i < JOBS; i++)
		job(ready[1]);
	for (int i = 0; i < JOBS; i++)
		CHECK(read(ready[0], &c, 1) == 1);
	for (int i = 0; i < JOBS; i++)
		CHECK(waitpid(-1, NULL, WUNTRACED) > 0);
	spin(seed % 5000);
	_exit(0);
}

static _Noreturn void session(unsigned int seed)
{
	CHECK(setsid() > 0);
	for (unsigned int i = 0; i < FAMILIES / 2; i++) {
		pid_t pids[2];

		for (unsigned int k = 0; k < 2; k++) {
			pids[k] = spawn();
			if (!pids[k])
				shell(seed + i * 31 + k);
		}
		for (int k = 0; k < 2; k++)
			wait_ok(pids[k]);
	}
	_exit(0);
}

/* Each member hears SIGHUP once it goes on; none stays stopped. The orphans come to us, of another session. */
static void orphaned_stopped(void)
{
	int hung = 0, ended = 0;

	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	for (unsigned int i = 0; i < SESSIONS; i++)
		if (!spawn())
			session(i * 7919 + 1);
	for (;;) {
		int status;
		pid_t pid = wait(&status);

		if (pid < 0)
			break;
		CHECK(WIFEXITED(status));
		hung += WEXITSTATUS(status) == 7;
		ended += WEXITSTATUS(status) == 0;
	}
	CHECK(errno == ECHILD);
	CHECK(ended == SESSIONS && hung == SESSIONS * FAMILIES * JOBS * 2);
}

const struct test tangle_tests[] = {
	{ "race-requeue-killed", requeue_killed, 120 },
	{ "race-exec-aio-keys", exec_beside_aio_and_keys, 120 },
	{ "oom-busy-victims", busy_victims, 180 },
	{ "race-huge-filled", filled_and_split, 120 },
	{ "orphaned-stopped", orphaned_stopped, 120 },
	{ NULL, NULL, 0 },
};
