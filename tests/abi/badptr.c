/* Bad pointers and lengths, to every call that takes some. */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

#define KERNEL ((void *)0xffffffff80000000UL)
#define DIRECT ((void *)0xffffffd000000000UL)
#define WILD ((void *)0x7fffffff00000000UL)
#define NOTHING ((void *)8)

/* Each call with each pointer; `p` in the call stands for it. */
#define EACH(call)                                                                                 \
	do {                                                                                       \
		void *bad[] = { NOTHING, KERNEL, DIRECT, WILD, (void *)-1L, none };                \
		say("%s:", #call);                                                                 \
		for (unsigned each = 0; each < ARRAY_SIZE(bad); each++) {                          \
			void *p = bad[each];                                                       \
			long r = (errno = 0, (long)(call));                                        \
			say(" %s", r == -1 ? ename(errno) : "ok");                                 \
		}                                                                                  \
		say("\n");                                                                         \
	} while (0)

static char *none;

static void robust(void)
{
	EACH(syscall(SYS_set_robust_list, p, 24));
}

int main(void)
{
	char *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *edge = two + PAGE;
	char buf[64];
	int fd = MUST(open("f", O_CREAT | O_RDWR, 0644)), fds[2];
	int zero = MUST(open("/dev/zero", O_RDONLY)), null = MUST(open("/dev/null", O_WRONLY));

	none = edge;
	munmap(edge, PAGE);
	write(fd, "0123456789abcdef", 16);
	MUST(pipe2(fds, O_NONBLOCK));
	SECTION("pointers");
	EACH(pread(fd, p, 16, 0));
	EACH(pwrite(fd, p, 16, 100));
	EACH(read(zero, p, 16));
	EACH(write(null, p, 16) == 16 ? 0 : -1);
	EACH(write(fds[1], p, 16));
	EACH(syscall(SYS_openat, AT_FDCWD, p, O_RDONLY, 0));
	EACH(syscall(SYS_newfstatat, AT_FDCWD, "f", p, 0));
	EACH(syscall(SYS_fstat, fd, p));
	EACH(syscall(SYS_getcwd, p, 100));
	EACH(syscall(SYS_pipe2, p, 0));
	EACH(syscall(SYS_readv, fd, p, 1));
	EACH(syscall(SYS_uname, p));
	EACH(syscall(SYS_clock_gettime, CLOCK_REALTIME, p));
	EACH(syscall(SYS_nanosleep, p, NULL));
	EACH(syscall(SYS_rt_sigaction, SIGUSR1, p, NULL, 8));
	EACH(syscall(SYS_rt_sigaction, SIGUSR1, NULL, p, 8));
	EACH(syscall(SYS_rt_sigprocmask, SIG_BLOCK, p, NULL, 8));
	EACH(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, p, 8));
	EACH(syscall(SYS_sigaltstack, p, NULL));
	EACH(syscall(SYS_execve, p, NULL, NULL));
	EACH(syscall(SYS_getrandom, p, 16, 0));
	EACH(syscall(SYS_ppoll, p, 1, NULL, NULL, 8));
	EACH(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, p));
	EACH(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, p, NULL));
	EACH(syscall(SYS_sysinfo, p));
	EACH(syscall(SYS_times, p) > 0 ? 0 : -1);
	EACH(syscall(SYS_getrusage, RUSAGE_SELF, p));
	EACH(syscall(SYS_gettimeofday, p, NULL));
	EACH(syscall(SYS_futex, p, 0 /* WAIT */, 0, NULL, NULL, 0));
	EACH(syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", p, 100) > 0 ? 0 : -1);
	EACH(syscall(SYS_getdents64, open(".", O_RDONLY), p, 1000));
	EACH(syscall(SYS_getgroups, 0, p));
	EACH(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, p));
	EACH(syscall(SYS_sched_getaffinity, 0, 128, p) > 0 ? 0 : -1);
	in_child("set_robust_list takes any", robust);
	SECTION("half-mapped");
	memset(two, 'm', PAGE);
	R(pwrite(fd, edge - 5, 10, 0));
	R(pread(fd, edge - 5, 10, 0));
	R(read(zero, edge - 7, 100));
	R(write(fds[1], edge - 6, 100));
	R(read(fds[0], buf, 64));
	write(fds[1], "pipe data", 9);
	R(read(fds[0], edge - 4, 9));
	R(read(fds[0], buf, 64));
	struct iovec v[2] = { { edge - 3, 3 }, { edge, 5 } };
	R(pwritev(fd, v, 2, 0));
	R(preadv(fd, v, 2, 0));
	strcpy(edge - 2, "f");
	R(open(edge - 2, O_RDONLY) >= 0);
	edge[-1] = 'f';
	R(open(edge - 1, O_RDONLY));
	R(syscall(SYS_newfstatat, AT_FDCWD, "f", edge - 20, 0));
	R(syscall(SYS_clock_gettime, CLOCK_REALTIME, edge - 8));
	R(syscall(SYS_pipe2, edge - 4, 0));
	R(syscall(SYS_getrandom, edge - 9, 50, 0));
	SECTION("lengths");
	static const unsigned long lengths[] = { 1UL << 40, 1UL << 62, (1UL << 63) - 1, 1UL << 63, -1UL, -4096UL };
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		unsigned long n = lengths[i];
		say("%lx: ", n);
		R(syscall(SYS_pread64, fd, buf, n, 1000000));
		R(syscall(SYS_write, null, two, n));
		R(syscall(SYS_pwrite64, fd, KERNEL, n, 0));
		if (n >> 62) {
			R(syscall(SYS_munmap, two, n));
			R(syscall(SYS_mprotect, two, n, PROT_READ));
			R(syscall(SYS_madvise, two, n, MADV_DONTNEED));
		}
		R(syscall(SYS_getrandom, KERNEL, n, 0));
		R(syscall(SYS_readv, fd, &(struct iovec){ two, n }, 1));
	}
	SECTION("sizes of sets");
	R(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4));
	R(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 16));
	R(syscall(SYS_ppoll, NULL, 0, &(struct timespec){ 0, 0 }, buf, 7));
	R(syscall(SYS_sched_getaffinity, 0, 4, buf));
	R(syscall(SYS_set_robust_list, buf, 23));
	SECTION("numbers");
	R(syscall(9999));
	R(syscall(-1));
	R(syscall(1UL << 40));
	R(syscall(600));
	return 0;
}
