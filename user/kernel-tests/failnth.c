/*
 * failnth.c - memory that is out at the worst moment: each call is made with its first, second, ... Nth
 * allocation failing, until it needs no more of them (/proc/thread-self/fail-nth, which the debug
 * kernel has; elsewhere these tests have nothing to do).
 *
 * A call that fails says so with an errno of its manual page and leaves things as they were: made again,
 * it succeeds. What the failures cost is compared with what the slab caches held before.
 */
#include "failnth.h"
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <uapi/filter.h>
#include <uapi/futex.h>
#include <uapi/seccomp.h>
#include <unistd.h>

#define PAGE		4096l
#define MOST		5000 /* allocations of one call, at the very most */
#define IPC_RMID	0
#define SEM_UNDO	0x1000

#define CALL(name, ...) syscall(__NR_##name, __VA_ARGS__)

static int switch_fd = -1;

static void set_nth(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(switch_fd, text, (size_t)len, 0) != len)
		fail("fail-nth: %m");
}

static unsigned int get_nth(int fd)
{
	char text[16];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		fail("fail-nth: %m");
	text[n] = 0;
	return (unsigned int)strtol(text, NULL, 10);
}

static int no_switch(void)
{
	if (switch_fd >= 0)
		close(switch_fd);
	switch_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (switch_fd < 0)
		CHECK(errno == ENOENT);
	return switch_fd < 0;
}

/* ---- one call --------------------------------------------------------------------------------- */

struct result {
	long got;
	int error;
	unsigned int left;
};
static volatile struct result *shared;

static struct result with_failure(const struct work *w, unsigned int n)
{
	struct result r;

	set_nth(n);
	r.got = w->call();
	r.error = errno;
	r.left = get_nth(switch_fd);
	set_nth(0);
	return r;
}

static struct result one_call(const struct work *w, unsigned int n)
{
	struct result r;
	pid_t pid;

	if (!w->in_child) {
		if (w->before)
			w->before();
		r = with_failure(w, n);
		if (w->undo && (r.got >= 0 || w->before))
			w->undo(r.got);
		return r;
	}
	pid = spawn();
	if (!pid) {
		CHECK(!no_switch());
		if (w->before)
			w->before();
		*shared = with_failure(w, n);
		_exit(0);
	}
	wait_ok(pid);
	return *shared;
}

static int says_no_memory(int error)
{
	return error == ENOMEM || error == EAGAIN || error == ENFILE || error == ENOBUFS ||
	       error == ENOSPC;
}

/* Did the Nth allocation fail? */
static int try(const struct work *w, unsigned int n)
{
	struct result r = one_call(w, n);

	if (r.got < 0 && r.left)
		fail("%s: %s without a failed allocation", w->name, strerror(r.error));
	if (r.got < 0 && !says_no_memory(r.error))
		fail("%s: %s when allocation %u failed", w->name, strerror(r.error), n);
	if (r.got < 0) {
		struct result again = one_call(w, 0);

		if (again.got < 0)
			fail("%s: %s after allocation %u failed", w->name, strerror(again.error),
			     n);
	}
	return !r.left;
}

static void try_all(const struct work *w)
{
	unsigned int n = 1;

	while (try(w, n))
		if (++n > MOST)
			fail("%s: allocates without end", w->name);
}

/* ---- what is held ------------------------------------------------------------------------------ */

#define CACHES 128

struct held {
	int n;
	struct {
		char name[24];
		long used;
	} cache[CACHES];
};

static void look(struct held *h)
{
	char *text = read_file("/proc/slabinfo");

	h->n = 0;
	for (char *line = strchr(strchr(text, '\n') + 1, '\n'); line && line[1] && h->n < CACHES;
	     line = strchr(line + 1, '\n')) {
		size_t len = strcspn(line + 1, " ");

		if (len >= sizeof(h->cache[0].name))
			len = sizeof(h->cache[0].name) - 1;
		memcpy(h->cache[h->n].name, line + 1, len);
		h->cache[h->n].name[len] = 0;
		h->cache[h->n++].used = strtol(line + 1 + len, NULL, 10);
	}
	free(text);
}

/* A cache that holds more than before, once everything has settled; -1: none. */
static int grown(const struct held *before)
{
	struct held now;
	int which = -1;

	for (int wait = 0; wait < 10; wait++) {
		look(&now);
		which = -1;
		for (int i = 0; i < before->n && which < 0; i++)
			if (now.cache[i].used > before->cache[i].used)
				which = i;
		if (which < 0)
			return -1;
		sleep_ms(20);
	}
	return which;
}

/* Each round may not hold more than the one before it; the machine is not quiet, so try again. */
static void without_loss(const struct work *w)
{
	struct held before;
	int which = -1;

	try_all(w);
	for (int round = 0; round < 6; round++) {
		look(&before);
		try_all(w);
		which = grown(&before);
		if (which < 0)
			return;
	}
	fail("%s: %s grows with each round of failures", w->name, before.cache[which].name);
}

static void try_family(const struct work *w)
{
	if (no_switch())
		return;
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	*shared = (struct result){ 0 };
	for (; w->name; w++)
		without_loss(w);
}

static void close_it(long fd)
{
	close((int)fd);
}

/* ---- tasks --------------------------------------------------------------------------------------- */

static long call_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid;
}

static void undo_fork(long pid)
{
	wait_ok((pid_t)pid);
}

static char stack[65536] __attribute__((aligned(16)));
static int thread_id;

static int end_at_once(void *arg)
{
	(void)arg;
	return 0;
}

static long call_thread(void)
{
	return clone(end_at_once, stack + sizeof(stack),
		     CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			     CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		     NULL, &thread_id, NULL, &thread_id);
}

static void undo_thread(long tid)
{
	int now;

	(void)tid;
	while ((now = __atomic_load_n(&thread_id, __ATOMIC_ACQUIRE)))
		CALL(futex, &thread_id, FUTEX_WAIT, now, 0, 0, 0);
}

static long call_vfork(void)
{
	return clone(end_at_once, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL,
		     NULL, NULL, NULL);
}

/*
 * A child that goes on with our count once we watch it: 0 in the child; its number, and its switch in
 * *fd.
 */
static pid_t spawn_counted(int *fd)
{
	char path[40], byte;
	int gate[2];
	unsigned int n = get_nth(switch_fd);
	pid_t pid;

	set_nth(0);
	CHECK(!pipe(gate));
	pid = spawn();
	if (!pid) {
		close(gate[1]);
		CHECK(!no_switch() && read(gate[0], &byte, 1) == 0);
		set_nth(n);
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/fail-nth", pid);
	*fd = open(path, O_RDWR | O_CLOEXEC);
	CHECK(*fd >= 0 && !close(gate[0]) && !close(gate[1]));
	return pid;
}

/* The program that exec began goes on with the count, to its end and through its exit. */
static long call_exec(void)
{
	int status, fd;
	pid_t pid = spawn_counted(&fd);

	if (!pid) {
		execv("/proc/self/exe",
		      (char *[]){ (char *)"usertests", (char *)"--exit", (char *)"0", NULL });
		_exit(100 + errno);
	}
	status = wait_for(pid);
	set_nth(get_nth(fd));
	close(fd);
	if (!status)
		return 0;
	/* Past the point of no return there is nobody who could be told. */
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGSEGV))
		errno = ENOMEM;
	else if (WIFEXITED(status) && WEXITSTATUS(status) > 100)
		errno = WEXITSTATUS(status) - 100;
	else
		fail("exec: wait status %#x", status);
	return -1;
}

/* Whatever fails, exit ends the process. */
static long call_exit(void)
{
	int fd;
	pid_t pid = spawn_counted(&fd);

	if (!pid)
		_exit(0);
	wait_ok(pid);
	set_nth(get_nth(fd));
	close(fd);
	return 0;
}

static long call_seccomp(void)
{
	struct sock_filter f[] = { { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW } };
	struct sock_fprog prog = { 1, f };

	return CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

static long call_setgroups(void)
{
	static const unsigned int groups[40] = { 1, 2, 3 };

	return CALL(setgroups, 40, groups);
}

static long call_setuid(void)
{
	return CALL(setresuid, 5, 5, 0);
}

static long call_setsid(void)
{
	return setsid();
}

static long call_pidfd(void)
{
	return CALL(pidfd_open, getpid(), 0);
}

/* It needs no memory: a signal without a value is never lost. */
static long call_kill(void)
{
	signal(SIGUSR1, SIG_IGN);
	return kill(getpid(), SIGUSR1);
}

static long call_sigqueue(void)
{
	siginfo_t si = { 0 };
	sigset_t set;
	long got;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	si.si_signo = SIGRTMIN;
	si.si_code = SI_QUEUE;
	got = CALL(rt_sigqueueinfo, getpid(), SIGRTMIN, &si);
	return got;
}

static void undo_sigqueue(long got)
{
	struct timespec now = { 0 };
	sigset_t set;

	(void)got;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK(sigtimedwait(&set, NULL, &now) == SIGRTMIN);
}

static int timer_id;

static long call_timer(void)
{
	return CALL(timer_create, CLOCK_MONOTONIC, NULL, &timer_id);
}

static void undo_timer(long got)
{
	(void)got;
	CHECK(!CALL(timer_delete, timer_id));
}

static int futex_word;

static long call_futex(void)
{
	struct timespec t = { 0, 100000 };
	long got = CALL(futex, &futex_word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &t, 0, 0);

	return got < 0 && errno == ETIMEDOUT ? 0 : got;
}

static long call_futex_shared(void)
{
	struct timespec t = { 0, 100000 };
	long got = CALL(futex, (int *)shared + 64, FUTEX_WAIT, 0, &t, 0, 0);

	return got < 0 && errno == ETIMEDOUT ? 0 : got;
}

/* Held by a task that is not us: process 1's number, which never unlocks it. */
static int pi_word;

static long call_futex_pi(void)
{
	struct timespec t = { 1, 0 };
	long got;

	pi_word = 0;
	got = CALL(futex, &pi_word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, &t, 0, 0);
	return got ? got : CALL(futex, &pi_word, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, 0, 0, 0);
}

static const struct work tasks[] = {
	{ .name = "fork", .call = call_fork, .undo = undo_fork },
	{ .name = "clone of a thread", .call = call_thread, .undo = undo_thread },
	{ .name = "vfork", .call = call_vfork, .undo = undo_fork },
	{ .name = "execve", .call = call_exec },
	{ .name = "exit", .call = call_exit },
	{ .name = "seccomp", .call = call_seccomp, .in_child = 1 },
	{ .name = "setgroups", .call = call_setgroups, .in_child = 1 },
	{ .name = "setresuid", .call = call_setuid, .in_child = 1 },
	{ .name = "setsid", .call = call_setsid, .in_child = 1 },
	{ .name = "pidfd_open", .call = call_pidfd, .undo = close_it },
	{ .name = "kill", .call = call_kill },
	{ .name = "rt_sigqueueinfo", .call = call_sigqueue, .undo = undo_sigqueue },
	{ .name = "timer_create", .call = call_timer, .undo = undo_timer },
	{ .name = "futex wait", .call = call_futex },
	{ .name = "shared futex wait", .call = call_futex_shared },
	{ .name = "futex lock_pi", .call = call_futex_pi },
	{ .name = NULL },
};

static void of_tasks(void)
{
	try_family(tasks);
}

/* ---- memory --------------------------------------------------------------------------------------- */

#define PAGES 8

static char *area; /* PAGES of them, written */

static void before_memory(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
	memset(area, 1, PAGES * PAGE);
}

static long call_mmap(void)
{
	return (long)mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
}

static long call_mmap_shared(void)
{
	return (long)mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
}

static long call_mmap_populate(void)
{
	return (long)mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

static long call_mmap_over(void)
{
	return (long)mmap(area + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			  0);
}

static void undo_mmap(long at)
{
	munmap(wild_pointer((uintptr_t)at), PAGES * PAGE);
}

static void undo_area(long at)
{
	(void)at;
	munmap(area, PAGES * PAGE);
}

static long call_munmap(void)
{
	return munmap(area + PAGE, PAGE);
}

static long call_mprotect(void)
{
	return mprotect(area + PAGE, PAGE, PROT_READ);
}

static long call_madvise(void)
{
	return madvise(area + PAGE, PAGE, MADV_DONTFORK);
}

static long call_mlock(void)
{
	return CALL(mlock, area + PAGE, PAGE);
}

static long call_mremap(void)
{
	return (long)mremap(area, PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
}

static void undo_mremap(long at)
{
	munmap(wild_pointer((uintptr_t)at), 2 * PAGES * PAGE);
	munmap(area, PAGES * PAGE);
}

/* Its first page moves: the rest stays behind. */
static long call_mremap_middle(void)
{
	return (long)mremap(area + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
}

static void undo_mremap_middle(long at)
{
	munmap(wild_pointer((uintptr_t)at), 2 * PAGE);
	munmap(area, PAGES * PAGE);
}

static long call_brk(void)
{
	long now = CALL(brk, 0);

	if (CALL(brk, now + PAGES * PAGE) == now) {
		errno = ENOMEM;
		return -1;
	}
	CHECK(CALL(brk, now) == now);
	return 0;
}

/* A fault waits for memory: nobody is killed for one failure. */
static long call_fault(void)
{
	for (int i = 0; i < PAGES; i++)
		area[i * PAGE]++;
	return 0;
}

static void before_fault(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
}

static void before_fault_shared(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
}

static long call_memfd(void)
{
	return CALL(memfd_create, "fail", 0);
}

/* Blocks of 2 MiB, and tables for them, where memory for either may be missing (kernel/mm/huge.c). */
#define BLOCK	    (2ul << 20)
#define LARGE_PAGES "/sys/kernel/mm/transparent_hugepage/enabled"
static char *blocks, *blocks_map;
static const char *blocks_mode;

static void large_pages(const char *mode)
{
	int fd = open(LARGE_PAGES, O_WRONLY);

	CHECK(fd >= 0 && write(fd, mode, strlen(mode)) > 0);
	close(fd);
}

static void before_blocks(void)
{
	if (!blocks_mode) {
		char *text = read_file(LARGE_PAGES);

		blocks_mode = strstr(text, "[always]") ? "always" : "never";
		free(text);
	}
	large_pages("madvise");
	blocks_map =
		mmap(NULL, 4 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(blocks_map != MAP_FAILED);
	blocks = (char *)(((uintptr_t)blocks_map + BLOCK - 1) & -BLOCK);
	CHECK(!madvise(blocks, 2 * BLOCK, MADV_HUGEPAGE));
}

static void undo_blocks(long got)
{
	(void)got;
	CHECK(!munmap(blocks_map, 4 * BLOCK));
	large_pages(blocks_mode);
}

static long call_touch_blocks(void)
{
	blocks[0] = 1;
	blocks[BLOCK] = 1;
	return 0;
}

static void before_collapse(void)
{
	before_blocks();
	CHECK(!madvise(blocks, BLOCK, MADV_NOHUGEPAGE));
	blocks[PAGE] = 1;
	CHECK(!madvise(blocks, BLOCK, MADV_HUGEPAGE));
}

static long call_collapse(void)
{
	return madvise(blocks, BLOCK, MADV_COLLAPSE);
}

static void before_moved_blocks(void)
{
	before_blocks();
	call_touch_blocks();
}

static long call_cut_blocks(void)
{
	return mprotect(blocks + 5 * PAGE, PAGE, PROT_READ);
}

static long call_move_blocks(void)
{
	long at = (long)mremap(blocks, 2 * BLOCK, 3 * BLOCK, MREMAP_MAYMOVE);

	if (at != -1) {
		CHECK(*(char *)at == 1 && ((char *)at)[BLOCK] == 1);
		CHECK(!munmap((void *)at, 3 * BLOCK));
	}
	return at == -1 ? -1 : 0;
}

static const struct work memory[] = {
	{ "mmap", call_mmap, undo_mmap, NULL, 0 },
	{ "mmap shared", call_mmap_shared, undo_mmap, NULL, 0 },
	{ "mmap populated", call_mmap_populate, undo_mmap, NULL, 0 },
	{ "mmap fixed", call_mmap_over, undo_area, before_memory, 0 },
	{ "munmap", call_munmap, undo_area, before_memory, 0 },
	{ "mprotect", call_mprotect, undo_area, before_memory, 0 },
	{ "madvise", call_madvise, undo_area, before_memory, 0 },
	{ "mlock", call_mlock, undo_area, before_memory, 0 },
	{ "mremap", call_mremap, undo_mremap, before_memory, 0 },
	{ "mremap of a part", call_mremap_middle, undo_mremap_middle, before_memory, 0 },
	{ "brk", call_brk, NULL, NULL, 0 },
	{ "fault", call_fault, undo_area, before_fault, 0 },
	{ "fault on shared memory", call_fault, undo_area, before_fault_shared, 0 },
	{ "large pages", call_touch_blocks, undo_blocks, before_blocks, 0 },
	{ "collapse", call_collapse, undo_blocks, before_collapse, 0 },
	{ "a part of large pages", call_cut_blocks, undo_blocks, before_moved_blocks, 0 },
	{ "mremap of large pages", call_move_blocks, undo_blocks, before_moved_blocks, 0 },
	{ "memfd_create", call_memfd, close_it, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

static void of_memory(void)
{
	try_family(memory);
}

/* ---- descriptors ----------------------------------------------------------------------------------- */

static int fds[2];

static void undo_pair(long got)
{
	(void)got;
	close(fds[0]);
	close(fds[1]);
}

static long call_pipe(void)
{
	return pipe(fds);
}

static long call_socketpair(void)
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
}

static long call_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

static void before_pipe(void)
{
	CHECK(!pipe(fds));
}

static void before_socketpair(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static long call_pipe_write(void)
{
	static char some[3 * PAGE];

	/* A part may have gone through. */
	return write(fds[1], some, sizeof(some));
}

static long call_send(void)
{
	return send(fds[1], "hello", 5, 0);
}

static long call_send_fd(void)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	memset(&control, 0, sizeof(control));
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fds[0], sizeof(int));
	return sendmsg(fds[1], &m, 0);
}

static long call_create(void)
{
	return open("new", O_RDWR | O_CREAT, 0600);
}

static void undo_create(long fd)
{
	close((int)fd);
	CHECK(!unlink("new"));
}

static long call_open(void)
{
	return open("/proc/self/status", O_RDONLY);
}

static long call_opendir(void)
{
	char room[512];
	long got = open("/proc/self", O_RDONLY | O_DIRECTORY);

	if (got >= 0) {
		int fd = (int)got;

		got = CALL(getdents64, fd, room, sizeof(room));
		close(fd);
	}
	return got;
}

static long call_read_text(void)
{
	char room[512];
	int fd = open("/proc/self/maps", O_RDONLY);
	long got = fd < 0 ? -1 : read(fd, room, sizeof(room));

	if (fd >= 0)
		close(fd);
	return got;
}

static void before_write(void)
{
	fds[0] = open("new", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fds[0] >= 0);
}

static long call_write(void)
{
	static char some[2 * PAGE];

	return pwrite(fds[0], some, sizeof(some), 0);
}

static void undo_write(long got)
{
	(void)got;
	undo_create(fds[0]);
}

static long call_mkdir(void)
{
	return mkdir("folder", 0700);
}

static void undo_mkdir(long got)
{
	(void)got;
	CHECK(!rmdir("folder"));
}

static long call_rename(void)
{
	return rename("old", "new");
}

static void before_rename(void)
{
	make_file("old", "x");
	unlink("new");
}

static void undo_rename(long got)
{
	unlink(got < 0 ? "old" : "new");
}

static long call_symlink(void)
{
	return symlink("somewhere", "link");
}

static void undo_symlink(long got)
{
	(void)got;
	CHECK(!unlink("link"));
}

static long call_mount(void)
{
	return mount("tmpfs", "folder", "tmpfs", 0, NULL);
}

static void before_mount(void)
{
	CHECK(!mkdir("folder", 0700));
}

static void undo_mount(long got)
{
	CHECK(got < 0 || !umount("folder"));
	CHECK(!rmdir("folder"));
}

static void before_union(void)
{
	CHECK(!mkdir("folder", 0700) && !mkdir("l", 0700) && !mkdir("u", 0700) &&
	      !mkdir("w", 0700));
	CHECK(!mkdir("l/d", 0700));
	make_file("l/d/f", "x");
}

static void undo_union(long got)
{
	CHECK(got < 0 || !umount("folder"));
	rmdir("w/work");
	CHECK(!rmdir("u") && !rmdir("w") && !rmdir("folder"));
	CHECK(!unlink("l/d/f") && !rmdir("l/d") && !rmdir("l"));
}

static long call_union(void)
{
	return mount("o", "folder", "overlay", 0, "lowerdir=l,upperdir=u,workdir=w");
}

static void before_copy_up(void)
{
	before_union();
	CHECK(!call_union());
}

static long call_copy_up(void)
{
	return rename("folder/d/f", "folder/d/new");
}

static void undo_copy_up(long got)
{
	CHECK(!unlink(got < 0 ? "folder/d/f" : "folder/d/new") && !rmdir("folder/d"));
	CHECK(!umount("folder") && !unlink("u/d"));
	undo_union(-1);
}

static long call_dup(void)
{
	return dup2(0, 700);
}

static long call_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = epoll_create1(0);

	if (fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, fds[0], &ev)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void undo_epoll(long fd)
{
	close((int)fd);
	undo_pair(0);
}

static long call_eventfd(void)
{
	return eventfd(0, 0);
}

static long call_timerfd(void)
{
	return CALL(timerfd_create, CLOCK_MONOTONIC, 0);
}

static long call_signalfd(void)
{
	unsigned long mask = 1;

	return CALL(signalfd4, -1, &mask, sizeof(mask), 0);
}

static const struct work files[] = {
	{ "pipe", call_pipe, undo_pair, NULL, 0 },
	{ "socketpair", call_socketpair, undo_pair, NULL, 0 },
	{ "socket", call_socket, close_it, NULL, 0 },
	{ "send", call_send, undo_pair, before_socketpair, 0 },
	{ "sendmsg with a descriptor", call_send_fd, undo_pair, before_socketpair, 0 },
	{ "write to a pipe", call_pipe_write, undo_pair, before_pipe, 0 },
	{ "open of a new file", call_create, undo_create, NULL, 0 },
	{ "open", call_open, close_it, NULL, 0 },
	{ "getdents64", call_opendir, NULL, NULL, 0 },
	{ "read of /proc", call_read_text, NULL, NULL, 0 },
	{ "write to a file", call_write, undo_write, before_write, 0 },
	{ "mkdir", call_mkdir, undo_mkdir, NULL, 0 },
	{ "rename", call_rename, undo_rename, before_rename, 0 },
	{ "symlink", call_symlink, undo_symlink, NULL, 0 },
	{ "mount", call_mount, undo_mount, before_mount, 0 },
	{ "union", call_union, undo_union, before_union, 0 },
	{ "copy-up", call_copy_up, undo_copy_up, before_copy_up, 0 },
	{ "dup2", call_dup, close_it, NULL, 1 },
	{ "epoll_ctl", call_epoll, undo_epoll, before_pipe, 0 },
	{ "eventfd", call_eventfd, close_it, NULL, 0 },
	{ "timerfd_create", call_timerfd, close_it, NULL, 0 },
	{ "signalfd", call_signalfd, close_it, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

static void of_files(void)
{
	try_family(files);
}

/* ---- IPC ----------------------------------------------------------------------------------------------- */

static long id;

static long call_msgget(void)
{
	return CALL(msgget, 0, 0600);
}

static void undo_msgget(long got)
{
	CHECK(!CALL(msgctl, got, IPC_RMID, NULL));
}

static void before_msgsnd(void)
{
	id = CALL(msgget, 0, 0600);
	CHECK(id >= 0);
}

static long call_msgsnd(void)
{
	static struct {
		long type;
		char text[6000];
	} m = { .type = 1 };

	return CALL(msgsnd, id, &m, sizeof(m.text), 0);
}

static void undo_msgsnd(long got)
{
	(void)got;
	undo_msgget(id);
}

static long call_semget(void)
{
	return CALL(semget, 0, 4, 0600);
}

static void undo_semget(long got)
{
	CHECK(!CALL(semctl, got, 0, IPC_RMID, 0));
}

static void before_semop(void)
{
	id = CALL(semget, 0, 4, 0600);
	CHECK(id >= 0);
}

static long call_semop(void)
{
	struct {
		unsigned short num;
		short op, flags;
	} op = { 1, 1, SEM_UNDO };

	return CALL(semop, id, &op, 1);
}

static void undo_semop(long got)
{
	(void)got;
	undo_semget(id);
}

static long call_shmget(void)
{
	return CALL(shmget, 0, PAGES * PAGE, 0600);
}

static void undo_shmget(long got)
{
	CHECK(!CALL(shmctl, got, IPC_RMID, NULL));
}

static void before_shmat(void)
{
	id = CALL(shmget, 0, PAGES * PAGE, 0600);
	CHECK(id >= 0);
}

static long call_shmat(void)
{
	return CALL(shmat, id, NULL, 0);
}

static void undo_shmat(long at)
{
	CHECK(at < 0 || !CALL(shmdt, at));
	undo_shmget(id);
}

static long call_mq_open(void)
{
	return CALL(mq_open, "fail-nth", O_RDWR | O_CREAT, 0600, NULL);
}

static void undo_mq_open(long fd)
{
	close((int)fd);
	CHECK(!CALL(mq_unlink, "fail-nth"));
}

static const struct work ipc[] = {
	{ "msgget", call_msgget, undo_msgget, NULL, 0 },
	{ "msgsnd", call_msgsnd, undo_msgsnd, before_msgsnd, 0 },
	{ "semget", call_semget, undo_semget, NULL, 0 },
	{ "semop", call_semop, undo_semop, before_semop, 0 },
	{ "shmget", call_shmget, undo_shmget, NULL, 0 },
	{ "shmat", call_shmat, undo_shmat, before_shmat, 0 },
	{ "mq_open", call_mq_open, undo_mq_open, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};

static void of_ipc(void)
{
	try_family(ipc);
}

static void of_network(void)
{
	try_family(failnth_network);
}

/* ---- all of it, at random ------------------------------------------------------------------------------- */

#define PICKS 400

static const struct work *const families[] = { tasks, memory, files, ipc, failnth_network };

static void at_random(void)
{
	unsigned int seed = 20;

	if (no_switch())
		return;
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	for (int i = 0; i < PICKS; i++) {
		const struct work *w = families[rand_r(&seed) % 5];
		unsigned int n = 0;

		while (w[n].name)
			n++;
		try(&w[(unsigned int)rand_r(&seed) % n], (unsigned int)rand_r(&seed) % 40 + 1);
	}
}

const struct test failnth_tests[] = {
	{ "fail-nth-tasks", of_tasks, 120 },
	{ "fail-nth-memory", of_memory, 120 },
	{ "fail-nth-files", of_files, 120 },
	{ "fail-nth-ipc", of_ipc, 120 },
	{ "fail-nth-network", of_network, 120 },
	{ "fail-nth-at-random", at_random, 120 },
	{ NULL, NULL, 0 },
};
