/* userfaultfd(2): the handshake, registering, and pages that the program itself fills. */
#include "abi.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/ioctl.h>

/* Newer than some headers. */
struct range_call {
	uint64_t start, len, mode;
	int64_t done;
};
struct move_call {
	uint64_t dst, src, len, mode;
	int64_t done;
};
#define CONTINUE _IOWR(0xAA, 7, struct range_call)
#define POISON	 _IOWR(0xAA, 8, struct range_call)
#define MOVE	 _IOWR(0xAA, 5, struct move_call)
enum { MINOR = 4, KNOWN = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 };

static int uffd;
static char *area, *source;
static sigjmp_buf back;
static int code;

static int make(int flags, uint64_t features)
{
	struct uffdio_api api = { UFFD_API, features, 0 };
	int fd = MUST(syscall(SYS_userfaultfd, flags));

	MUST(ioctl(fd, UFFDIO_API, &api));
	return fd;
}

static int reg(void *at, size_t len, uint64_t mode)
{
	struct uffdio_register r = { { (uint64_t)at, len }, mode, 0 };

	return ioctl(uffd, UFFDIO_REGISTER, &r);
}

static int unreg(void *at, size_t len)
{
	struct uffdio_range r = { (uint64_t)at, len };

	return ioctl(uffd, UFFDIO_UNREGISTER, &r);
}

static char *anon(size_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void copy(void *dst, void *src, size_t len)
{
	struct uffdio_copy c = { (uint64_t)dst, (uint64_t)src, len, 0, 0 };
	int r = ioctl(uffd, UFFDIO_COPY, &c);

	say("copy: %s, %lld\n", r ? ename(errno) : "ok", (long long)c.copy);
}

static void range(const char *what, unsigned long op, void *at, size_t len)
{
	struct range_call c = { (uint64_t)at, len, 0, 0 };
	int r = ioctl(uffd, op, &c);

	say("%s: %s, %lld\n", what, r ? ename(errno) : "ok", (long long)c.done);
}

static void move(void *dst, void *src, size_t len, uint64_t mode)
{
	struct move_call c = { (uint64_t)dst, (uint64_t)src, len, mode, 0 };
	int r = ioctl(uffd, MOVE, &c);

	say("move: %s, %lld\n", r ? ename(errno) : "ok", (long long)c.done);
}

static void on_bus(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)ctx;
	code = si->si_code;
	siglongjmp(back, 1);
}

/* The byte at p, or the code of the signal. */
static void look(const char *what, volatile char *p)
{
	if (sigsetjmp(back, 1))
		say("%s: SIGBUS %d\n", what, code);
	else
		say("%s: %d\n", what, *p);
}

static void shake(void)
{
	struct uffdio_api api = { 0xAB, 0, 0 };
	struct pollfd p;
	char b[100];

	SECTION("handshake");
	R(syscall(SYS_userfaultfd, 4) >= 0);
	uffd = MUST(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
	say("flags %x %x\n", fcntl(uffd, F_GETFD), fcntl(uffd, F_GETFL) & O_NONBLOCK);
	p = (struct pollfd){ uffd, POLLIN, 0 };
	R(poll(&p, 1, 0));
	say("%x\n", p.revents);
	R(read(uffd, b, 100));
	R(ioctl(uffd, UFFDIO_WAKE, b));
	R(ioctl(uffd, UFFDIO_API, &api));
	say("%llx\n", (long long)api.api);
	api.api = UFFD_API, api.features = 1ULL << 40;
	R(ioctl(uffd, UFFDIO_API, &api));
	api.api = UFFD_API, api.features = 0;
	R(ioctl(uffd, UFFDIO_API, &api));
	say("%llx %llx\n", (long long)api.features & (KNOWN | 1), (long long)api.ioctls);
	api.api = UFFD_API, api.features = 0;
	R(ioctl(uffd, UFFDIO_API, &api));
	R(poll(&p, 1, 0));
	R(read(uffd, b, 100));
	R(read(uffd, b, 10));
	R(write(uffd, b, 10));
	R(ioctl(uffd, 0x1234, b));
	close(uffd);
}

static void registering(void)
{
	struct uffdio_register r;
	char *ro, path[40];
	int other, mine;

	SECTION("registering");
	uffd = make(O_NONBLOCK, 0);
	R(reg(area, 0, 1));
	R(reg(area, 100, 1));
	R(reg(area + 1, PAGE, 1));
	R(reg(area, PAGE, 0));
	R(reg(area, PAGE, 16));
	R(reg(area, PAGE, MINOR));
	R(reg((void *)(1UL << 60), PAGE, 1));
	R(reg(area, ~0UL & ~(PAGE - 1), 1));
	r = (struct uffdio_register){ { (uint64_t)area, 8 * PAGE }, 1, 0 };
	R(ioctl(uffd, UFFDIO_REGISTER, &r));
	say("%llx\n", (long long)r.ioctls & 0x1bc);
	R(reg(area, 8 * PAGE, 1));
	mine = uffd;
	uffd = other = make(O_NONBLOCK, 0);
	R(reg(area, PAGE, 1));
	uffd = mine;
	close(other);
	other = MUST(memfd_create("ro", 0));
	MUST(ftruncate(other, PAGE));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", other);
	ro = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, MUST(open(path, O_RDONLY)), 0);
	R(reg(ro, PAGE, 1));
	R(unreg(ro, PAGE));
	R(unreg(area, 8 * PAGE));
	R(unreg(area, 8 * PAGE));
	close(uffd);
}

static void filling(void)
{
	char *hole;

	SECTION("filling ahead");
	uffd = make(O_NONBLOCK, 0);
	MUST(reg(area, 8 * PAGE, 1));
	memset(source, 'S', 8 * PAGE);
	copy(area, source, PAGE);
	copy(area, source, PAGE);
	copy(area + PAGE, source + 10, 2 * PAGE);
	copy(area + 2 * PAGE, source, 2 * PAGE);
	copy(area + 6 * PAGE, source, 4 * PAGE);
	copy(area + 3 * PAGE, (void *)8, PAGE);
	copy(area + 3 * PAGE, source, 100);
	copy(source, area, PAGE);
	range("zero", UFFDIO_ZEROPAGE, area + 3 * PAGE, PAGE);
	range("zero", UFFDIO_ZEROPAGE, area + 3 * PAGE, PAGE);
	range("continue", CONTINUE, area + 4 * PAGE, PAGE);
	range("poison", POISON, area + 4 * PAGE, PAGE);
	range("poison", POISON, area + 4 * PAGE, PAGE);
	copy(area + 4 * PAGE, source, PAGE);
	range("not there", POISON, source, PAGE);
	look("copied", area + 100);
	look("zero", area + 3 * PAGE);
	look("poisoned", area + 4 * PAGE);
	R(read(MUST(open("/dev/zero", O_RDONLY)), area + 4 * PAGE, 1));
	area[3 * PAGE] = 7;
	look("written", area + 3 * PAGE);
	move(area + 5 * PAGE, source, PAGE, 0);
	look("moved", area + 5 * PAGE);
	look("its place", source);
	move(area + 5 * PAGE, source + PAGE, PAGE, 0);
	hole = anon(2 * PAGE);
	hole[PAGE] = 'h';
	move(area + 6 * PAGE, hole, 2 * PAGE, 0);
	move(area + 6 * PAGE, hole, 2 * PAGE, 2);
	look("behind the hole", area + 7 * PAGE);
	move(source, area, PAGE, 0);
	close(uffd);
	look("poisoned", area + 4 * PAGE);
	look("once missing", area + 6 * PAGE);
	MUST(madvise(area, 8 * PAGE, MADV_DONTNEED));
	look("no longer poisoned", area + 4 * PAGE);
}

/* Answers n faults. */
static void *answer(void *arg)
{
	struct pollfd p = { uffd, POLLIN, 0 };
	struct uffd_msg m;
	char page[PAGE];

	for (long n = (long)arg; n > 0; n--) {
		struct uffdio_copy c = { 0, 0, PAGE, 0, 0 };

		MUST(poll(&p, 1, -1));
		MUST(read(uffd, &m, sizeof(m)));
		memset(page, 'A' + n, PAGE);
		c.dst = m.arg.pagefault.address & ~(PAGE - 1);
		c.src = (uint64_t)page;
		say("event %x flags %llx page %lld low %lld\n", m.event, (long long)m.arg.pagefault.flags,
		    (long long)(c.dst - (uint64_t)area) / 4096,
		    (long long)(m.arg.pagefault.address & (PAGE - 1)));
		MUST(ioctl(uffd, UFFDIO_COPY, &c));
	}
	return NULL;
}

static void faults(void)
{
	pthread_t t;
	int pipes[2], status;

	SECTION("faults");
	uffd = make(O_NONBLOCK, 1 << 11);
	MUST(reg(area, 8 * PAGE, 1));
	MUST(pipe(pipes));
	MUST(write(pipes[1], "piped", 5));
	pthread_create(&t, NULL, answer, (void *)4L);
	look("read", area + 5);
	area[PAGE + 9] = 'w';
	look("write", area + PAGE + 9);
	look("beside it", area + PAGE + 10);
	R(read(pipes[0], area + 2 * PAGE + 3, 5));
	look("by the kernel", area + 2 * PAGE + 4);
	R(write(pipes[1], area + 3 * PAGE, 2));
	pthread_join(t, NULL);
	if (!fork()) {
		look("the child's", area + 4 * PAGE);
		_exit(0);
	}
	wait(&status);
	close(uffd);
	MUST(madvise(area, 8 * PAGE, MADV_DONTNEED));

	SECTION("signals instead");
	uffd = make(0, 1 << 7);
	MUST(reg(area, 2 * PAGE, 1));
	look("read", area);
	R(read(pipes[0], area, 1));
	copy(area, source + PAGE, PAGE);
	look("read", area);
	close(uffd);
	uffd = make(1, 0);
	MUST(reg(area, 2 * PAGE, 1));
	R(read(pipes[0], area + PAGE, 1));
	close(uffd);
}

static void shared(void)
{
	int fd = MUST(memfd_create("m", 0));
	char *a, *b;

	SECTION("shared memory");
	MUST(ftruncate(fd, 3 * PAGE));
	a = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uffd = make(O_NONBLOCK, 1 << 7);
	R(reg(a, 4 * PAGE, 1 | MINOR));
	look("missing", a);
	look("the other's", b);
	look("minor", a);
	range("continue", CONTINUE, a, PAGE);
	range("continue", CONTINUE, a, PAGE);
	range("continue", CONTINUE, a + PAGE, PAGE);
	look("there", a);
	copy(a + PAGE, source + PAGE, PAGE);
	look("copied", b + PAGE);
	b[2 * PAGE] = 'b';
	copy(a + 2 * PAGE, source, PAGE);
	copy(a + 3 * PAGE, source, PAGE);
	range("zero", UFFDIO_ZEROPAGE, a + 2 * PAGE, PAGE);
	close(uffd);
	look("behind the end", a + 3 * PAGE);
}

static void remapped(void)
{
	char *to;

	SECTION("mremap");
	MUST(madvise(area, 8 * PAGE, MADV_DONTNEED));
	uffd = make(O_NONBLOCK, 1 << 7);
	MUST(reg(area, 2 * PAGE, 1));
	copy(area, source + PAGE, PAGE);
	to = mremap(area, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	look("moved", to);
	look("moved, not there", to + PAGE);
	look("the old place", area);
	MUST(munmap(area, 8 * PAGE));
	close(uffd);
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };
	int status;

	sigaction(SIGBUS, &sa, NULL);
	area = anon(8 * PAGE);
	source = anon(8 * PAGE);
	shake();
	registering();
	filling();
	faults();
	shared();
	remapped();
	SECTION("who may");
	if (!fork()) {
		MUST(setresuid(1000, 1000, 1000));
		R(syscall(SYS_userfaultfd, 0));
		OK(syscall(SYS_userfaultfd, 1));
		R(open("/dev/userfaultfd", O_RDWR));
		_exit(0);
	}
	wait(&status);
	return 0;
}
