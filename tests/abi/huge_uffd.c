/* 2 MiB pages where a userfaultfd(2) has poisoned pages, or has pages still to bring. */
#include "abi.h"
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <sys/ioctl.h>

struct poison_call {
	uint64_t start, len, mode;
	int64_t done;
};
#define POISON	  _IOWR(0xAA, 8, struct poison_call)
#define POISONS	  (1 << 14)
#define ENABLED	  "/sys/kernel/mm/transparent_hugepage/enabled"
#define BLOCK	  (2UL << 20)
#define COLLAPSES 25

static int uffd;
static sigjmp_buf back;

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

static void look(const char *what, volatile char *p)
{
	if (sigsetjmp(back, 1))
		say("%s: SIGBUS\n", what);
	else
		say("%s: %d\n", what, *p);
}

static void collapse(char *p)
{
	int r = madvise(p, BLOCK, COLLAPSES);

	say("collapse: %s\n", r ? ename(errno) : "ok");
}

/* A block that is registered: who touches a missing page gets SIGBUS. */
static char *registered(void)
{
	char *r = mmap(NULL, 2 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = (char *)(((uintptr_t)r + BLOCK - 1) & -BLOCK);
	struct uffdio_api api = { UFFD_API, POISONS | UFFD_FEATURE_SIGBUS, 0 };
	struct uffdio_register reg = { { (uintptr_t)p, BLOCK }, UFFDIO_REGISTER_MODE_MISSING, 0 };

	uffd = MUST(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
	MUST(ioctl(uffd, UFFDIO_API, &api));
	MUST(ioctl(uffd, UFFDIO_REGISTER, &reg));
	return p;
}

static void done(char *p)
{
	close(uffd);
	munmap(p, BLOCK);
}

/* One whose page 5 is poisoned, no longer registered. */
static char *poisoned(void)
{
	char *p = registered();
	struct poison_call bad = { (uintptr_t)p + 5 * PAGE, PAGE, 0, 0 };
	struct uffdio_range all = { (uintptr_t)p, BLOCK };

	MUST(ioctl(uffd, POISON, &bad));
	MUST(ioctl(uffd, UFFDIO_UNREGISTER, &all));
	return p;
}

static void bring(char *p)
{
	static char source[PAGE] __attribute__((aligned(4096)));
	struct uffdio_copy c = { (uintptr_t)p, (uintptr_t)source, PAGE, 0, 0 };

	MUST(ioctl(uffd, UFFDIO_COPY, &c));
}

int main(void)
{
	int fd = MUST(open(ENABLED, O_WRONLY));
	char *p;

	MUST(write(fd, "madvise", 7));
	signal(SIGBUS, on_bus);

	SECTION("a write beside a poisoned page");
	p = poisoned();
	look("before", p + 5 * PAGE);
	OK(madvise(p, BLOCK, MADV_HUGEPAGE));
	p[6 * PAGE] = 1;
	p[300 * PAGE] = 2;
	look("after", p + 5 * PAGE);
	look("the other", p + 6 * PAGE);
	done(p);
	SECTION("far from it");
	p = poisoned();
	OK(madvise(p, BLOCK, MADV_HUGEPAGE));
	p[300 * PAGE] = 2;
	look("after", p + 5 * PAGE);
	OK(madvise(p, BLOCK, MADV_POPULATE_WRITE));
	look("populated", p + 5 * PAGE);
	done(p);
	SECTION("poison, collapsed");
	p = poisoned();
	p[6 * PAGE] = 1;
	collapse(p);
	look("after", p + 5 * PAGE);
	look("the other", p + 6 * PAGE);
	OK(madvise(p + 5 * PAGE, PAGE, MADV_DONTNEED));
	collapse(p);
	look("wiped", p + 5 * PAGE);
	done(p);
	SECTION("missing pages, collapsed");
	p = registered();
	bring(p + PAGE);
	p[PAGE] = 2;
	collapse(p);
	look("missing", p + 9 * PAGE);
	look("brought", p + PAGE);
	bring(p);
	for (unsigned i = 2; i < 511; i++)
		bring(p + i * PAGE);
	collapse(p);
	bring(p + 511 * PAGE);
	collapse(p);
	look("brought", p + PAGE);
	done(p);
	MUST(write(fd, "never", 5));
	return 0;
}
