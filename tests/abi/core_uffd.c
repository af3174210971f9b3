/* A core file of a process whose memory a userfaultfd(2) was to fill: nobody is waited for. */
#include "abi.h"
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

static int uffd;

static void *monitor(void *arg)
{
	struct uffd_msg m;

	while (read(uffd, &m, sizeof(m)) == sizeof(m)) {
		struct uffdio_zeropage z = { { m.arg.pagefault.address & -PAGE, PAGE }, 0, 0 };

		ioctl(uffd, UFFDIO_ZEROPAGE, &z);
	}
	return arg;
}

static void dies(int shared)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct uffdio_api api = { UFFD_API, 0, 0 };
	struct uffdio_register reg = { { 0, 16 * PAGE }, UFFDIO_REGISTER_MODE_MISSING, 0 };
	int fd = MUST(memfd_create("x", 0));
	volatile char *p;
	pthread_t t;

	MUST(setrlimit(RLIMIT_CORE, &all));
	MUST(ftruncate(fd, 16 * PAGE));
	p = shared ? mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) :
		     mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uffd = MUST(syscall(SYS_userfaultfd, 0));
	MUST(ioctl(uffd, UFFDIO_API, &api));
	reg.range.start = (uintptr_t)p;
	MUST(ioctl(uffd, UFFDIO_REGISTER, &reg));
	pthread_create(&t, NULL, monitor, NULL);
	(void)p[PAGE];
	abort();
}

int main(void)
{
	for (int shared = 0; shared < 2; shared++) {
		int status, pid = MUST(fork());

		if (!pid)
			dies(shared);
		MUST(waitpid(pid, &status, 0));
		say("%s: %s, core %d\n", shared ? "shared" : "private", wait_text(status), !!WCOREDUMP(status));
		unlink("core");
	}
	return 0;
}
