/*
 * userfaultfd(2)'s events: fork, mremap, madvise and munmap tell what they do to registered memory, and
 * wait until that was read; meanwhile nothing is filled. A child's context comes with the fork's message.
 */
#include "abi.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/shm.h>

#define FORK   UFFD_FEATURE_EVENT_FORK
#define REMAP  UFFD_FEATURE_EVENT_REMAP
#define REMOVE UFFD_FEATURE_EVENT_REMOVE
#define UNMAP  UFFD_FEATURE_EVENT_UNMAP

static int uffd;
static char *area, *other, *page;

static int make(int flags, uint64_t features)
{
	struct uffdio_api api = { UFFD_API, features, 0 };
	int fd = MUST(syscall(SYS_userfaultfd, flags));

	MUST(ioctl(fd, UFFDIO_API, &api));
	return fd;
}

static void reg(int fd, void *at, size_t len)
{
	struct uffdio_register r = { { (uint64_t)at, len }, UFFDIO_REGISTER_MODE_MISSING, 0 };

	MUST(ioctl(fd, UFFDIO_REGISTER, &r));
}

static char *anon(size_t pages)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Fills a page of whose space that is with c. */
static void fill(const char *what, int fd, char *at, char c)
{
	struct uffdio_copy r = { (uint64_t)at, (uint64_t)page, PAGE, 0, 99 };
	int err;

	memset(page, c, PAGE);
	err = ioctl(fd, UFFDIO_COPY, &r);
	say("%s: %s, %lld\n", what, err ? ename(errno) : "ok", (long long)r.copy);
}

/* An address of ours as a page of one of the areas. */
static const char *where(uint64_t a)
{
	static char buf[4][30];
	static int turn;
	char *b = buf[turn++ & 3];

	if (a >= (uint64_t)area && a <= (uint64_t)area + 16 * PAGE)
		snprintf(b, 30, "area+%ld", (long)(a - (uint64_t)area) / (long)PAGE);
	else if (a >= (uint64_t)other && a <= (uint64_t)other + 16 * PAGE)
		snprintf(b, 30, "other+%ld", (long)(a - (uint64_t)other) / (long)PAGE);
	else
		snprintf(b, 30, "elsewhere");
	return b;
}

/* Reads a message, or says why not; a child's descriptor is returned. */
static int message(int fd)
{
	struct uffd_msg m;
	ssize_t n = read(fd, &m, sizeof(m));

	if (n != sizeof(m)) {
		say("  read: %s\n", n < 0 ? ename(errno) : "short");
		return -1;
	}
	switch (m.event) {
	case UFFD_EVENT_PAGEFAULT:
		say("  fault at %s, flags %lld\n", where(m.arg.pagefault.address), (long long)m.arg.pagefault.flags);
		break;
	case UFFD_EVENT_FORK:
		say("  fork, descriptor %s, flags %x %x\n", (int)m.arg.fork.ufd > 2 ? "ok" : "odd",
		    fcntl((int)m.arg.fork.ufd, F_GETFD), fcntl((int)m.arg.fork.ufd, F_GETFL) & O_NONBLOCK);
		return (int)m.arg.fork.ufd;
	case UFFD_EVENT_REMAP:
		say("  remap from %s to %s, %lld pages\n", where(m.arg.remap.from), where(m.arg.remap.to),
		    (long long)m.arg.remap.len / (long)PAGE);
		break;
	case UFFD_EVENT_REMOVE:
	case UFFD_EVENT_UNMAP:
		say("  %s %s to %s\n", m.event == UFFD_EVENT_UNMAP ? "unmap" : "remove", where(m.arg.remove.start),
		    where(m.arg.remove.end));
		break;
	default:
		say("  event %x\n", m.event);
	}
	return -1;
}

static void wait_for_news(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	MUST(poll(&p, 1, 10000));
	if (p.revents != POLLIN) {
		say("  revents %x\n", p.revents);
		exit(1);
	}
}

/* A thread that does one thing; done once it is over. */
static struct op {
	long (*fn)(void);
	long result;
	int error, done;
	pthread_t thread;
} op;

static void *runs(void *arg)
{
	(void)arg;
	errno = 0;
	op.result = op.fn();
	op.error = errno;
	__atomic_store_n(&op.done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void begin(long (*fn)(void))
{
	op = (struct op){ .fn = fn };
	pthread_create(&op.thread, NULL, runs, NULL);
}

static void end(const char *what)
{
	pthread_join(op.thread, NULL);
	if (op.result == -1)
		say("%s: %s\n", what, ename(op.error));
	else
		say("%s: ok\n", what);
	message(uffd);
}

/* One event comes, and until it is read fn has not returned. */
static int told(const char *what, long (*fn)(void), int more)
{
	struct uffdio_zeropage zero = { { (uint64_t)area + 14 * PAGE, PAGE }, 0, 99 };
	int fd;

	begin(fn);
	wait_for_news(uffd);
	fill(what, uffd, area + 15 * PAGE, 'x');
	ioctl(uffd, UFFDIO_ZEROPAGE, &zero);
	if (zero.zeropage != -EAGAIN)
		say("zero page: %lld\n", (long long)zero.zeropage);
	say("  returned before: %d\n", __atomic_load_n(&op.done, __ATOMIC_SEQ_CST));
	fd = message(uffd);
	while (more--) {
		wait_for_news(uffd);
		message(uffd);
	}
	return fd;
}

static void fresh(uint64_t features)
{
	area = anon(16);
	other = anon(16);
	uffd = make(O_NONBLOCK | O_CLOEXEC, features);
	reg(uffd, area, 16 * PAGE);
}

static void stale(void)
{
	close(uffd);
	munmap(area, 16 * PAGE);
	munmap(other, 16 * PAGE);
}

/* --- the handshake --- */

static void unprivileged(void)
{
	struct uffdio_api api = { UFFD_API, FORK, 0 };
	int fd = MUST(syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY));

	MUST(setuid(1000));
	R(ioctl(fd, UFFDIO_API, &api));
	say("%llx\n", (long long)api.features);
	api = (struct uffdio_api){ UFFD_API, REMAP | REMOVE | UNMAP, 0 };
	R(ioctl(fd, UFFDIO_API, &api));
}

static void handshake(void)
{
	struct uffdio_api api = { UFFD_API, 0, 0 };

	SECTION("handshake");
	uffd = MUST(syscall(SYS_userfaultfd, 0));
	R(ioctl(uffd, UFFDIO_API, &api));
	say("%llx\n", (long long)api.features & (FORK | REMAP | REMOVE | UNMAP));
	close(uffd);
	in_child("unprivileged", unprivileged);
}

/* --- fork --- */

static pid_t child;

static long forks(void)
{
	child = fork();
	if (!child) {
		char sum = area[0] + area[PAGE];

		_exit(sum);
	}
	return child;
}

static void forked(void)
{
	int status, fd;

	SECTION("fork");
	fresh(FORK);
	fill("page 0", uffd, area, 3);
	fd = told("meanwhile", forks, 0);
	end("fork");
	wait_for_news(fd);
	message(fd);
	fill("the child's page 1", fd, area + PAGE, 4);
	MUST(waitpid(child, &status, 0));
	say("child: %s\n", wait_text(status));
	fill("the child's page 2", fd, area + 2 * PAGE, 4);
	message(fd);
	close(fd);
	fill("page 1", uffd, area + PAGE, 5);
	say("%d %d\n", area[0], area[PAGE]);
	stale();
}

static long forks_deep(void)
{
	child = fork();
	if (!child) {
		pid_t pid = fork();
		int status;

		if (!pid)
			_exit(area[0]);
		waitpid(pid, &status, 0);
		_exit(WEXITSTATUS(status) + area[PAGE]);
	}
	return child;
}

/* The child's context tells of the child's own forks. */
static void generations(void)
{
	int status, fd, fd2;

	SECTION("a child's fork");
	fresh(FORK);
	fd = told("meanwhile", forks_deep, 0);
	end("fork");
	wait_for_news(fd);
	fd2 = message(fd);
	wait_for_news(fd2);
	message(fd2);
	fill("grandchild's", fd2, area, 6);
	wait_for_news(fd);
	message(fd);
	fill("child's", fd, area + PAGE, 7);
	MUST(waitpid(child, &status, 0));
	say("child: %s\n", wait_text(status));
	close(fd2);
	close(fd);
	stale();
}

/* Two contexts: each has its child's, in the order of addresses. One without the feature has none. */
static void contexts(void)
{
	int status, second, third, fd, fd2;
	struct pollfd p;

	SECTION("contexts");
	fresh(FORK);
	second = make(O_NONBLOCK, FORK);
	third = make(O_NONBLOCK, 0);
	reg(second, other, PAGE);
	reg(third, other + PAGE, PAGE);
	begin(forks);
	wait_for_news(second);
	message(uffd);
	fd2 = message(second);
	wait_for_news(uffd);
	fd = message(uffd);
	p = (struct pollfd){ third, POLLIN, 0 };
	R(poll(&p, 1, 0));
	end("fork");
	wait_for_news(fd);
	message(fd);
	fill("page 0", fd, area, 1);
	wait_for_news(fd);
	message(fd);
	fill("page 1", fd, area + PAGE, 1);
	MUST(waitpid(child, &status, 0));
	say("child: %s\n", wait_text(status));
	fill("of another's context", fd2, area, 1);
	close(fd);
	close(fd2);
	close(second);
	close(third);
	stale();
}

static void no_descriptors(void)
{
	struct rlimit old, none;
	int status, fd;

	SECTION("no descriptor is free");
	fresh(FORK);
	MUST(getrlimit(RLIMIT_NOFILE, &old));
	none = (struct rlimit){ 3, old.rlim_max };
	begin(forks);
	wait_for_news(uffd);
	MUST(setrlimit(RLIMIT_NOFILE, &none));
	message(uffd);
	MUST(setrlimit(RLIMIT_NOFILE, &old));
	say("  returned before: %d\n", __atomic_load_n(&op.done, __ATOMIC_SEQ_CST));
	fd = message(uffd);
	end("fork");
	close(fd);
	MUST(waitpid(child, &status, 0));
	say("child: %s\n", wait_text(status));
	stale();
}

/* Killed while it waits: the event goes. */
static void killed(void)
{
	int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;
	pid_t pid;

	SECTION("killed");
	*shared = -1;
	pid = MUST(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		fresh(FORK);
		__atomic_store_n(shared, uffd, __ATOMIC_SEQ_CST);
		fork();
		_exit(1);
	}
	while (__atomic_load_n(shared, __ATOMIC_SEQ_CST) < 0)
		sched_yield();
	wait_for_news(*shared);
	MUST(kill(pid, SIGKILL));
	MUST(waitpid(pid, &status, 0));
	say("%s\n", wait_text(status));
	message(*shared);
	fill("gone", *shared, page, 1);
	close(*shared);
	munmap(shared, PAGE);
}

/* --- mremap --- */

static long remaps(void)
{
	return (long)mremap(area, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other);
}

static long remaps_part(void)
{
	return (long)mremap(area + 4 * PAGE, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other + 4 * PAGE);
}

static long keeps(void)
{
	return (long)mremap(area + 8 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED,
			    other + 8 * PAGE);
}

static long shrinks(void)
{
	return (long)mremap(area + 8 * PAGE, 4 * PAGE, PAGE, 0);
}

static long grows(void)
{
	return (long)mremap(area + 8 * PAGE, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
}

static long touches(void)
{
	return ((volatile char *)other)[PAGE];
}

static void touch(void)
{
	begin(touches);
	wait_for_news(uffd);
	message(uffd);
	fill("other+1", uffd, other + PAGE, 9);
	end("touched");
}

static void moved(void)
{
	SECTION("mremap");
	fresh(REMAP);
	fill("page 0", uffd, area, 3);
	told("meanwhile", remaps, 0);
	end("moved");
	say("%d\n", other[0]);
	touch();
	stale();

	fresh(REMAP | UNMAP);
	told("meanwhile", remaps, 1);
	end("moved, and unmapped");
	told("meanwhile", remaps_part, 2);
	end("shorter");
	told("meanwhile", keeps, 0);
	end("not unmapped");
	told("meanwhile", shrinks, 0);
	end("shrunk");
	stale();

	fresh(UNMAP);
	told("meanwhile", remaps, 0);
	end("without the feature");
	say("%d\n", other[PAGE]);
	stale();

	/* What another takes the place of is told of first. */
	fresh(REMAP | UNMAP);
	reg(uffd, other, 2 * PAGE);
	told("meanwhile", remaps, 2);
	end("over another");
	stale();

	/* Where it is: the more is registered, and nobody is told. */
	fresh(REMAP | UNMAP);
	munmap(other, 16 * PAGE);
	told("meanwhile", shrinks, 0);
	end("shrunk");
	begin(grows);
	pthread_join(op.thread, NULL);
	message(uffd);
	stale();
}

/* --- madvise --- */

static int advice;
static size_t from, pages;

static long advises(void)
{
	return madvise(area + from * PAGE, pages * PAGE, advice);
}

static void advised(const char *what, int how, size_t at, size_t n, int events)
{
	advice = how;
	from = at;
	pages = n;
	say("%s\n", what);
	if (events) {
		told("meanwhile", advises, events - 1);
	} else {
		begin(advises);
	}
	end(what);
}

static void removed(void)
{
	int fd;

	SECTION("madvise");
	fresh(REMOVE | UNMAP);
	fill("page 0", uffd, area, 3);
	advice = MADV_DONTNEED, from = 0, pages = 2;
	begin(advises);
	wait_for_news(uffd);
	say("%d\n", area[0]);
	message(uffd);
	end("MADV_DONTNEED");
	advised("MADV_FREE", MADV_FREE, 1, 2, 1);
	advised("MADV_COLD", MADV_COLD, 1, 2, 0);
	advised("MADV_WILLNEED", MADV_WILLNEED, 1, 2, 0);
	mlock2(area + 4 * PAGE, PAGE, 1);
	advised("locked", MADV_DONTNEED, 4, 1, 0);
	advised("locked, MADV_DONTNEED_LOCKED", 24, 4, 1, 1);
	munlock(area + 4 * PAGE, PAGE);
	mprotect(area + 6 * PAGE, PAGE, PROT_READ);
	advised("three areas", MADV_DONTNEED, 5, 3, 3);
	stale();

	fd = MUST(memfd_create("m", 0));
	MUST(ftruncate(fd, 16 * PAGE));
	other = anon(16);
	area = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(area, 5, 8 * PAGE);
	uffd = make(O_NONBLOCK | O_CLOEXEC, REMOVE | UFFD_FEATURE_MISSING_SHMEM);
	reg(uffd, area, 16 * PAGE);
	advised("MADV_REMOVE", MADV_REMOVE, 0, 2, 1);
	advised("MADV_DONTNEED of shared memory", MADV_DONTNEED, 2, 2, 1);
	fallocate(fd, 3, 3 * PAGE, PAGE); /* a hole by the file: nobody is told */
	message(uffd);
	say("%d\n", area[2 * PAGE]);
	close(fd);
	stale();
}

/* Unmapped while the event waits: it is gone when madvise looks again. */
static void removed_and_gone(void)
{
	fresh(REMOVE);
	advice = MADV_DONTNEED, from = 0, pages = 2;
	begin(advises);
	wait_for_news(uffd);
	munmap(area, PAGE);
	message(uffd);
	end("gone meanwhile");
	stale();
}

/* --- munmap --- */

static long unmaps(void)
{
	return munmap(area + from * PAGE, pages * PAGE);
}

static long maps_over(void)
{
	return (long)mmap(area + from * PAGE, pages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static long breaks(void)
{
	return brk(area) ? -1 : 0;
}

static void unmapped(void)
{
	struct uffdio_register segment;
	int id;

	SECTION("munmap");
	fresh(UNMAP);
	mprotect(area + PAGE, PAGE, PROT_READ);
	from = 1, pages = 2;
	told("meanwhile", unmaps, 0);
	end("two areas");
	from = 0, pages = 5;
	told("meanwhile", unmaps, 0);
	end("with a hole");
	from = 6, pages = 2;
	told("meanwhile", maps_over, 0);
	end("mapped over");
	from = 6, pages = 1;
	begin(unmaps);
	end("not registered");
	stale();

	id = MUST(shmget(IPC_PRIVATE, 16 * PAGE, IPC_CREAT | 0600));
	area = shmat(id, NULL, 0);
	other = anon(16);
	uffd = make(O_NONBLOCK, UNMAP);
	segment = (struct uffdio_register){ { (uint64_t)area, 16 * PAGE }, UFFDIO_REGISTER_MODE_MISSING, 0 };
	R(ioctl(uffd, UFFDIO_REGISTER, &segment));
	shmdt(area);
	shmctl(id, IPC_RMID, NULL);
	close(uffd);
	munmap(other, 16 * PAGE);

	other = anon(16);
	area = (char *)(((unsigned long)sbrk(0) + 2 * PAGE - 1) & ~(PAGE - 1));
	MUST(brk(area + 4 * PAGE));
	uffd = make(O_NONBLOCK, UNMAP);
	reg(uffd, area, 4 * PAGE);
	from = 0;
	begin(breaks);
	wait_for_news(uffd);
	message(uffd);
	end("brk");
	close(uffd);
	munmap(other, 16 * PAGE);
}

/* The descriptor is closed while munmap waits: it waits no more. */
static void closed(void)
{
	SECTION("the descriptor is closed");
	fresh(UNMAP);
	from = 0, pages = 2;
	begin(unmaps);
	wait_for_news(uffd);
	close(uffd);
	pthread_join(op.thread, NULL);
	say("%s\n", op.result ? ename(op.error) : "ok");
	munmap(area, 16 * PAGE);
	munmap(other, 16 * PAGE);
}

/* --- both kinds of messages --- */

static void *touches_first(void *arg)
{
	(void)arg;
	return ((volatile char *)area)[0] ? area : NULL;
}

static void order(void)
{
	pthread_t t;

	SECTION("faults come first");
	fresh(UNMAP);
	from = 4, pages = 1;
	begin(unmaps);
	wait_for_news(uffd);
	pthread_create(&t, NULL, touches_first, NULL);
	/* The fault is there when two messages are: no call tells, so it may come late. */
	sleep_ms(300);
	message(uffd);
	message(uffd);
	end("munmap");
	fill("page 0", uffd, area, 1);
	pthread_join(t, NULL);
	stale();
}

int main(void)
{
	page = anon(1);
	handshake();
	forked();
	generations();
	contexts();
	no_descriptors();
	killed();
	moved();
	removed();
	removed_and_gone();
	unmapped();
	closed();
	order();
	return 0;
}
